// SPDX-License-Identifier: MIT
// Where a thread finds its own message page and stack. Threads of a process are numbered; number n has its stack below
// USER_STACK_TOP − n × USER_STACK_STRIDE and its message page at USER_MESSAGE_PAGE + n × USER_MESSAGE_STRIDE. So the
// stack pointer tells a thread which page is its own: no thread-local storage, and none of its cost at each switch.
#pragma once

#include "abi/layout.h"
#include "abi/message.h"

static inline vaddr_t thread_stack_top(uint32_t number)
{
    return (vaddr_t){USER_STACK_TOP - number * (uint64_t)USER_STACK_STRIDE};
}

static inline vaddr_t thread_message_page(uint32_t number)
{
    return (vaddr_t){USER_MESSAGE_PAGE + number * (uint64_t)USER_MESSAGE_STRIDE};
}

// The calling thread's message page. Code that runs on a stack outside the window (a coroutine's, on the heap) gets the
// first thread's.
static inline struct message_page *message_page(void)
{
    uint64_t below = USER_STACK_TOP - 1 - (uint64_t)__builtin_frame_address(0);
    uint64_t number = below < USER_STACK_TOP - USER_KEEP ? below / USER_STACK_STRIDE : 0;
    return (struct message_page *)(USER_MESSAGE_PAGE + number * USER_MESSAGE_STRIDE);
}
