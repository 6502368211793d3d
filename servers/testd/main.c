// SPDX-License-Identifier: MIT
// testd runs the test cases that tests/cases declares, each as a process of its own that init builds, and says on the
// log how each ended:
//
//     testd: run NAME                          it begins
//     testd: ok NAME 1234 us                   or
//     testd: bad NAME 1234 us: the reason
//     testd: end: 3 passed, 1 failed           behind the last one
//
// With `run` among its arguments (system.toml) it begins by itself and ends QEMU with 33 or 35; the further arguments
// are the choice. Otherwise it waits for its method `run`. It has a priority above all cases: one that spins cannot keep
// it from ending it.
#include "common/string.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "servers/testd/frames.h"
#include "servers/testd/peers.h"
#include "servers/testd/run.h"

static err_t run(struct caller *from, const struct testd_run *in, struct testd_run_reply *out)
{
    (void)out;
    if (in->words_length > 0 && in->words[in->words_length - 1] != '\0') return ERR_BAD_MESSAGE;
    err_t err = run_start((const char *)in->words, in->words_length, false, from->token);
    return err == OK ? DEFERRED : err;
}

static void notified(uint64_t bits)
{
    (void)bits;
    run_notified();
}

static err_t start_by_arguments(int argc, char **argv)
{
    char words[START_ARGUMENTS];
    size_t length = 0;
    if (argc < 2 || strcmp(argv[1], "run") != 0) return OK;
    for (int i = 2; i < argc; i++)
        length += copy_text(words + length, sizeof words - length, argv[i]) + 1;
    return length <= sizeof words ? run_start(words, length, true, 0) : ERR_TOO_LONG;
}

int main(int argc, char **argv)
{
    static const struct testd_server server = {
        .run = run,
        .declare = run_declare,
        .failed = run_failed,
        .expect = run_expect,
        .done = run_done,
        .frames = run_frames,
        .frames_back = run_frames_back,
        .peer = run_peer,
        .meet = peers_meet,
        .peer_end = run_peer_end,
        .kill_server = run_kill_server,
        .notified = notified,
        .timeout = run_timeout,
        .deadline = &run_deadline,
    };
    frames_start(cap_named("run"));
    err_t err = start_by_arguments(argc, argv);
    if (err == OK) err = testd_serve(cap_named("self"), &server);
    panic("testd cannot serve: error %u", (unsigned)err);
}
