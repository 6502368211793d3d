// SPDX-License-Identifier: MIT
// The one place that executes syscall. Registers as in abi/syscall.h.
#pragma once

#include "abi/message.h"

struct message {
    uint64_t tag;
    uint64_t badge; // out
    uint64_t words[MESSAGE_WORDS];
    uint64_t token; // in: whom a reply answers; out: who waits for one
    uint64_t bits;  // out: notification bits
};

// Every operation of the kernel. The capability and the words of *m go in; everything of *m comes back, unless the result
// is `keep`: then *m is still what went in. Returns the low byte of the result's tag: OK, an error of the kernel or a kind
// of message. A pointer in *m is not followed.
static force_inline uint32_t trap_keeping(cap_t capability, struct message *m, uint32_t keep)
{
    uint64_t tag = m->tag, badge = (uint64_t)capability.slot << 5, token = m->token, bits;
    uint64_t word0 = m->words[0], word1 = m->words[1];
    register uint64_t word2 __asm__("r8") = m->words[2];
    register uint64_t word3 __asm__("r9") = m->words[3];
    register uint64_t word4 __asm__("r10") = m->words[4];
    register uint64_t word5 __asm__("r12") = m->words[5];
    register uint64_t out13 __asm__("r13");
    __asm__ volatile("syscall"
                     : "+a"(tag), "+D"(badge), "+S"(word0), "+d"(word1), "+r"(word2), "+r"(word3), "+r"(word4),
                       "+r"(word5), "+b"(token), "=r"(out13)
                     :
                     : "rcx", "r11", "r14", "r15", "cc", "memory");
    bits = out13;
    if ((uint8_t)tag != keep)
        *m = (struct message){tag, badge, {word0, word1, word2, word3, word4, word5}, token, bits};
    return (uint8_t)tag;
}

#define KEEP_NEVER (~0u) // no result is that

static force_inline uint32_t trap(cap_t capability, struct message *m)
{
    return trap_keeping(capability, m, KEEP_NEVER);
}
