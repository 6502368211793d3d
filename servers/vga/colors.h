// SPDX-License-Identifier: MIT
// Which colour each client writes in. A client is its badge: a process's number, never given twice, so an entry of a dead
// process is never mistaken for another's and needs no cleaning up; it is simply the one silent longest, some day.
#pragma once

#include <stdint.h>

#define COLOR_DEFAULT 0x07 // light grey on black
#define COLOR_CLIENTS 32

struct colors {
    // set at each write: who wrote last pays no search for writing again
    uint64_t last_client;
    uint8_t last_color;
    // the clients whose colour is not the default, in no order
    uint8_t count;
    uint8_t color[COLOR_CLIENTS];
    uint64_t client[COLOR_CLIENTS];
    uint64_t used[COLOR_CLIENTS]; // `now` of the last lookup that searched
    uint64_t now;
};

void colors_start(struct colors *colors);

uint8_t colors_get(struct colors *colors, uint64_t client);

// COLOR_DEFAULT forgets the client. A full table forgets the one that was looked up longest ago.
void colors_set(struct colors *colors, uint64_t client, uint8_t color);
