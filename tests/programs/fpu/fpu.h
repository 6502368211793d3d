// SPDX-License-Identifier: MIT
// Everything that FPU, SSE and AVX hold for a thread, in the form of FXSAVE (SDM vol. 1, "FXSAVE Area"), and the upper
// halves of the AVX registers.
#pragma once

#include "libsys/random.h"
#include "libsys/string.h"
#include "libsys/trap.h"

#define CPUID_ECX_OSXSAVE BIT(27)
#define CPUID_ECX_AVX BIT(28)
#define CONTROL_INITIAL 0x37f
#define CONTROL_KEPT 0xf00 // precision and rounding; the exceptions stay masked
#define MXCSR_INITIAL 0x1f80
#define MXCSR_KEPT 0xe07f // flags, DAZ, rounding, FZ

struct fpu_state {
    _Alignas(64) uint16_t control;
    uint16_t status;
    uint8_t tags, reserved; // tags: bit n: register n of the stack is in use
    uint16_t opcode;
    uint64_t instruction, data; // of the last x87 instruction: the emulator does not keep them
    uint32_t mxcsr, mxcsr_mask;
    struct {
        uint8_t bytes[10], unused[6];
    } x87[8];
    uint64_t xmm[16][2];
    uint8_t rest[96];
    uint64_t ymm[16][2]; // upper halves
};
_Static_assert(sizeof(struct fpu_state) == 768, "512 bytes of FXSAVE, and 16 upper halves");

// tests/programs/fpu/state.asm. fpu_has_avx: 1 if the upper halves are there.
extern uint64_t fpu_has_avx;
void fpu_look(struct fpu_state *out);
// Loads *in, lets time pass, stores *out.
void fpu_spin(const struct fpu_state *in, struct fpu_state *out, uint64_t rounds);
// Loads *in, executes syscall with the registers of *m, stores *out.
void fpu_trap(const struct fpu_state *in, struct fpu_state *out, uint64_t slot, struct message *m);

// XCR0, 0 where there is none; and sets fpu_has_avx.
static inline uint64_t fpu_find_avx(void)
{
    uint32_t a = 1, b, c = 0, d;
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(c & CPUID_ECX_OSXSAVE) || !(c & CPUID_ECX_AVX)) return 0;
    __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    fpu_has_avx = (a & 4) != 0;
    return a | (uint64_t)d << 32;
}

// A pattern that the processor can hold: no exception waits, and all are masked.
static inline void fpu_fill(struct fpu_state *s, uint64_t *seed)
{
    uint64_t *words = (uint64_t *)s;
    for (size_t i = 0; i < sizeof *s / sizeof *words; i++)
        words[i] = random_next(seed);
    s->control = (uint16_t)(CONTROL_INITIAL & ~CONTROL_KEPT) | (s->control & CONTROL_KEPT);
    s->status &= 0x7f00 & ~0x8080; // condition codes and the top of the stack: no exception waits
    s->mxcsr = MXCSR_INITIAL | (s->mxcsr & MXCSR_KEPT);
    s->mxcsr_mask = 0;
}

// What differs between two states; NULL: nothing.
static inline const char *fpu_differs(const struct fpu_state *a, const struct fpu_state *b)
{
    if (a->control != b->control) return "the x87 control word";
    if (a->status != b->status || a->tags != b->tags) return "the x87 status";
    for (int i = 0; i < 8; i++)
        if (memcmp(a->x87[i].bytes, b->x87[i].bytes, sizeof a->x87[i].bytes) != 0) return "an x87 register";
    if (a->mxcsr != b->mxcsr) return "MXCSR";
    if (memcmp(a->xmm, b->xmm, sizeof a->xmm) != 0) return "an SSE register";
    if (fpu_has_avx && memcmp(a->ymm, b->ymm, sizeof a->ymm) != 0) return "the upper half of an AVX register";
    return NULL;
}
