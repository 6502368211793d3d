// SPDX-License-Identifier: MIT
#include "libsys/thread.h"

extern char thread_begin[]; // libsys/start.asm

err_t thread_launch(cap_t thread, uint32_t number, void (*function)(void *), void *argument)
{
    if (number == 0 || number > (USER_STACK_TOP - USER_KEEP) / USER_STACK_STRIDE - 1) return ERR_RANGE;
    uint64_t *stack = (uint64_t *)thread_stack_top(number).raw - 2;
    stack[0] = (uint64_t)function;
    stack[1] = (uint64_t)argument;
    return thread_start(thread, (vaddr_t){(uint64_t)thread_begin}, (vaddr_t){(uint64_t)stack}, 0);
}
