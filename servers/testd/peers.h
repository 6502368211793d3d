// SPDX-License-Identifier: MIT
// Peers: further processes of the case that runs.
#pragma once

#include "interfaces/testd.h"

bool peers_have(uint64_t id);

// From the case; peers_meet answers it when the peer has come.
err_t peers_start(struct caller *from, const struct testd_peer *in, const char *program, const char *case_name);
err_t peers_meet(struct caller *from, struct testd_meet_reply *out);
err_t peers_end(struct caller *from, const struct testd_peer_end *in, struct testd_peer_end_reply *out);

// Looks who has ended, and tells the case that waits for it. A peer that ended before it said that it was there is an
// error of the call that started it.
void peers_look(void);

// Ends them all, and returns when they are gone.
void peers_clear(void);
