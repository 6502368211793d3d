// SPDX-License-Identifier: MIT
// One run over the chosen cases: which process runs, what it has said, what it must end with.
#pragma once

#include "interfaces/testd.h"

extern uint64_t run_deadline; // of the server's loop

// Begins. token: whom the end of the run is answered to, 0: nobody. ERR_BUSY: one goes on already.
must_use err_t run_start(const char *words, size_t length, bool exit_at_end, uint64_t token);

void run_notified(void); // some process has ended
void run_timeout(void);  // run_deadline has passed

// Calls of the cases and their peers (interface.toml).
err_t run_declare(struct caller *from, const struct testd_declare *in);
err_t run_failed(struct caller *from, const struct testd_failed *in);
err_t run_expect(struct caller *from, const struct testd_expect *in);
err_t run_done(struct caller *from);
err_t run_frames(struct caller *from, struct testd_frames_reply *out);
err_t run_frames_back(struct caller *from);
err_t run_peer(struct caller *from, const struct testd_peer *in, struct testd_peer_reply *out);
err_t run_peer_end(struct caller *from, const struct testd_peer_end *in, struct testd_peer_end_reply *out);
err_t run_kill_server(struct caller *from, const struct testd_kill_server *in);
