// SPDX-License-Identifier: MIT
// Apart from the other operations: every program ends, few read the log.
#include "common/mem.h"
#include "libsys/syscall.h"

noreturn void exit_text(int code, const char *text, size_t length)
{
    uint16_t sent = (uint16_t)(length < PANIC_MAX ? length : PANIC_MAX);
    memmove(message_page()->body, text, sent);
    struct message m = {.tag = TAG(SYS_exit, 0, sent, 0), .words = {(uint64_t)code}};
    for (;;) // a thread cannot outlive its exit; if the kernel refused the text, it goes without
    {
        trap(NO_CAP, &m);
        m = (struct message){.tag = SYS_exit, .words = {(uint64_t)code}};
    }
}

noreturn void exit(int code) { exit_text(code, "", 0); }
