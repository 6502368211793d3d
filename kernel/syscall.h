// SPDX-License-Identifier: MIT
// The operations behind the trap: sys_NAME for each line of abi/syscall.h, defined in the file of its object. Arguments
// are in t->slot and t->words; results go to t->words, the error is returned. An error leaves everything as it was.
#pragma once

#include "abi/errors.h"
#include "abi/syscall.h"

struct thread;

#define DECLARE(NAME, NUMBER, TEXT) err_t sys_##NAME(struct thread *t);
SYSCALLS(DECLARE)
#undef DECLARE
