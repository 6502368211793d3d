// SPDX-License-Identifier: MIT
// What the test server `fragile` does when its client `poke` asks it to: the method is one of these.
#pragma once

#include "libsys/ipc.h"

#define FRAGILE_METHODS(M) \
    M(ANSWER, "answer") \
    M(PANIC, "panic") \
    M(WRITE, "write") \
    M(OVERFLOW, "overflow") \
    M(EXIT, "exit") \
    M(OPCODE, "opcode") \
    M(DIVIDE, "divide") \
    M(SPIN, "spin") \
    M(KEEP, "keep") \
    M(TEAR, "tear") \
    M(SCRIBBLE, "scribble") \
    M(KEPT, "kept")

#define FRAGILE_ENUM(NAME, TEXT) FRAGILE_##NAME,
enum fragile_method { FRAGILE_METHODS(FRAGILE_ENUM) FRAGILE_COUNT };
#undef FRAGILE_ENUM
