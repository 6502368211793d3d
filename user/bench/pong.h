// SPDX-License-Identifier: MIT
// The partner of the benchmark, at a higher priority: tests/programs/pong. Its messages are raw: a generated stub would
// be measured along. Words as said; the rest is 0.
#pragma once

enum pong_method {
    PONG_ROUND,  // answered at once; only between PONG_ROUNDS and the end of their number
    PONG_ROUNDS, // in: how many PONG_ROUND follow
    PONG_TWIN,   // out: instructions that one turn of the loop for PONG_ROUND takes without its syscall
    PONG_BELL,   // out: a capability that notifies pong
    PONG_WOKEN,  // out: the instruction count at which pong last woke by a notification
};
