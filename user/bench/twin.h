// SPDX-License-Identifier: MIT
// What is measured, and its twin: the same code with the syscall instruction left out. Under QEMU's instruction counter
// rdtsc counts instructions, so the difference of the two is what the kernel executes, exactly.
#pragma once

#include "libsys/trap.h"

// trap() of libsys/trap.h but for the instruction: loads and stores the same operands.
static force_inline uint32_t no_trap(cap_t capability, struct message *m)
{
    uint64_t tag = m->tag, badge = (uint64_t)capability.slot << 5, token = m->token, bits;
    uint64_t word0 = m->words[0], word1 = m->words[1];
    register uint64_t word2 __asm__("r8") = m->words[2];
    register uint64_t word3 __asm__("r9") = m->words[3];
    register uint64_t word4 __asm__("r10") = m->words[4];
    register uint64_t word5 __asm__("r12") = m->words[5];
    register uint64_t out13 __asm__("r13");
    __asm__ volatile(""
                     : "+a"(tag), "+D"(badge), "+S"(word0), "+d"(word1), "+r"(word2), "+r"(word3), "+r"(word4),
                       "+r"(word5), "+b"(token), "=r"(out13)
                     :
                     : "rcx", "r11", "r14", "r15", "cc", "memory");
    bits = out13;
    *m = (struct message){tag, badge, {word0, word1, word2, word3, word4, word5}, token, bits};
    return (uint8_t)tag;
}

static force_inline uint64_t instructions(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

// A trap with the instruction count right before and behind it. One function for all who measure, so that what it takes
// besides the syscall is the same on both sides of a message, and is what its twin takes.
struct times {
    uint64_t before, after;
};

#define TIMED(NAME, TRAP) \
    static __attribute__((noinline, unused)) void NAME(cap_t capability, struct message *m, struct times *times) \
    { \
        times->before = instructions(); \
        TRAP(capability, m); \
        times->after = instructions(); \
    }
TIMED(timed_trap, trap)
TIMED(timed_no_trap, no_trap)

// What the twin takes: to be taken off each measurement.
static inline uint64_t time_of_twin(void)
{
    struct message m = {0};
    struct times times;
    timed_no_trap(NO_CAP, &m, &times);
    return times.after - times.before;
}
