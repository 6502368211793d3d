// SPDX-License-Identifier: MIT
#include "servers/vga/colors.h"

void colors_start(struct colors *colors) { *colors = (struct colors){.last_color = COLOR_DEFAULT}; }

// The client's entry, or `count`.
static uint32_t find(const struct colors *colors, uint64_t client)
{
    uint32_t i = 0;
    while (i < colors->count && colors->client[i] != client)
        i++;
    return i;
}

static uint32_t oldest(const struct colors *colors)
{
    uint32_t found = 0;
    for (uint32_t i = 1; i < colors->count; i++)
        if (colors->used[i] < colors->used[found]) found = i;
    return found;
}

static void forget(struct colors *colors, uint32_t i)
{
    uint32_t last = --colors->count;
    colors->client[i] = colors->client[last];
    colors->color[i] = colors->color[last];
    colors->used[i] = colors->used[last];
}

// Makes the client the last one; when another was it until now, that one's time is noted.
static void turn_to(struct colors *colors, uint64_t client, uint8_t color)
{
    uint32_t previous = find(colors, colors->last_client);
    if (previous < colors->count) colors->used[previous] = colors->now++;
    colors->last_client = client;
    colors->last_color = color;
}

uint8_t colors_get(struct colors *colors, uint64_t client)
{
    if (client != colors->last_client) {
        uint32_t i = find(colors, client);
        turn_to(colors, client, i < colors->count ? colors->color[i] : COLOR_DEFAULT);
    }
    return colors->last_color;
}

void colors_set(struct colors *colors, uint64_t client, uint8_t color)
{
    turn_to(colors, client, color);
    uint32_t i = find(colors, client);
    if (color == COLOR_DEFAULT) {
        if (i < colors->count) forget(colors, i);
        return;
    }
    if (i == colors->count) {
        if (colors->count == COLOR_CLIENTS) forget(colors, oldest(colors));
        i = colors->count++;
    }
    colors->client[i] = client;
    colors->color[i] = color;
    colors->used[i] = colors->now++;
}
