// SPDX-License-Identifier: MIT
// What changes in the rest of libsys when a process has a second thread (libsys/threads.c). All NULL before: nothing of
// threads.c is linked into a program with one thread; there the usual malloc and free do not even look here.
#pragma once

#include "abi/types.h"

struct thread_hooks {
    void (*enter_heap)(void);
    void (*leave_heap)(void);
    cap_t (*sleep_endpoint)(void); // the endpoint on which the calling thread sleeps
};

extern struct thread_hooks thread_hooks; // libsys/time.c

// malloc and free of a program with several threads (libsys/malloc.c). caller: whom a refusal is told of.
void *malloc_among_many(size_t size, const void *caller);
void free_among_many(void *block);
