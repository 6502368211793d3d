// SPDX-License-Identifier: MIT
// The fast path against the C path. A situation is a handful of threads in three processes, each with a short list of
// steps (mostly messages), started in stages, with something that happens between the stages. It is made from a number
// and nothing else, so that two boots, with the fast path and without, play the same ones; what each thread sees in all
// its registers, who runs in which order, message pages, capability tables and books are folded into one number a
// situation, and tests/system/test_fastpath.py compares.
//
// A boot module named `situations` beside this one (struct request) asks for it.
#pragma once

#include "tests/programs/attack_init/crowd.h"

#define PROCESSES 3
#define ACTORS_EACH 5
#define ACTORS (PROCESSES * ACTORS_EACH)
#define STEPS 8
#define TOKENS 8
#define RECORDS 256
#define ENDPOINTS 3 // fresh in each situation
#define STAGES 3
#define BIT_OF(N) (1u << (N))
#define NO_ACTOR (~0u)

// In memory, little-endian, as Python wrote it.
struct request {
    uint64_t seed, first, count;
};

// The slots of each process's table. A situation's own lie from SLOT_SEND on and die with its endpoints.
enum actor_slot {
    SLOT_RING = CHILD_FREE,               // to the director: bits
    SLOT_FAULTS,                          // where the faults of the process before this one arrive
    SLOT_DROPPED,                         // always empty
    SLOT_HOME = 16,                       // + place of the actor in its process
    SLOT_SEND = 32,                       // + endpoint: badge and rights of the situation's choice
    SLOT_FULL = SLOT_SEND + ENDPOINTS,    // + endpoint: all rights, no badge
    SLOT_ARRIVES = SLOT_FULL + ENDPOINTS, // where capabilities in messages land
    SLOT_END = SLOT_ARRIVES + 4,
    SLOT_THREADS = 48, // + actor
};

// What actors ask of the director.
enum ring { RING_QUIET = 1, RING_TICK = 2 };

// STEP_FPU: looks at the FPU's registers, as one that does not use it otherwise. STEP_TRAP_FLAG: another thread, whose
// capability is in rdi, goes on in single steps.
enum step_kind { STEP_TRAP, STEP_TICK, STEP_BREAKPOINT, STEP_UNDEFINED, STEP_TOUCH, STEP_FPU, STEP_TRAP_FLAG };

// Which token goes into rbx.
enum step_token { TOKEN_GIVEN, TOKEN_LAST, TOKEN_FIRST, TOKEN_STALE, TOKEN_NEXT, TOKEN_OF_PEER };

// All registers: in as the step wants them, out as the kernel left them. The order is that of actor_trap.
enum {
    REG_RAX,
    REG_RDI,
    REG_WORDS, // rsi rdx r8 r9 r10 r12
    REG_RBX = REG_WORDS + MESSAGE_WORDS,
    REG_R13,
    REG_R14,
    REG_R15,
    REG_RBP,
    REGS_IN_ORDER,
    REG_RFLAGS = REGS_IN_ORDER,
    REGS_IN,
    REG_RCX = REGS_IN_ORDER, // only out
    REG_R11,
    REG_RFLAGS_OUT,
    REG_RSP,
    REGS_OUT,
};

struct step {
    uint64_t in[REGS_IN];
    uint32_t kind, token;
    bool is_deadline; // word 0
};

struct record {
    uint64_t who; // actor << 32 | step << 16 | when it began, counted over all
    uint64_t out[REGS_OUT];
    uint64_t fpu;  // of its registers, where it uses them
    uint64_t body; // of what came in the message page, and of a word behind it
};

struct actor {
    volatile uint32_t home, command;
    uint32_t step_count, token_count;
    uint64_t fpu;  // fills the registers of the FPU with it before each step; 0: leaves them alone
    uint64_t fill; // what is in its message page
    uint32_t send_slots[MESSAGE_CAPS], receive_slots[MESSAGE_CAPS];
    struct step steps[STEPS];
    uint64_t tokens[TOKENS];
    uint64_t page_sum, table_sum; // what it saw at the end
};

enum command { COMMAND_PLAY, COMMAND_LOOK, COMMAND_CLEAN };

// One memory of actors and director.
struct scene {
    volatile uint64_t over, ticked, begun, record_count;
    uint64_t fpu_states; // of XCR0
    struct actor actors[ACTORS];
    struct record records[RECORDS];
};
#define STAGE 0x0000340000000000
#define stage ((struct scene *)STAGE)
#define STAGE_PAGES ((sizeof(struct scene) + PAGE_SIZE - 1) / PAGE_SIZE)

// --- situations.c

enum deed {
    DEED_NONE,
    DEED_REST,
    DEED_KILL,
    DEED_DESTROY,
    DEED_NOTIFY,
    DEED_BIND,
    DEED_SUSPEND, // these four: of an actor
    DEED_RESUME,
    DEED_UNMAP, // its message page: it is pinned
    DEED_PROTECT,
};

struct situation {
    uint32_t cast; // actors, as bits
    struct {
        uint32_t starts;
        enum deed deed; // afterwards, when nobody can go on
        uint32_t of;
        uint64_t bits;
    } stages[STAGES];
    uint32_t receiver_of[ENDPOINTS]; // process
    uint64_t badge[PROCESSES][ENDPOINTS];
    uint8_t rights[PROCESSES][ENDPOINTS];
};

// Writes the steps to the stage. soon: a deadline that passes while the director rests, in nanoseconds since boot.
void situation_make(struct situation *s, uint64_t seed, uint64_t number, uint64_t soon);
uint32_t actor_priority(uint32_t actor);
bool actor_uses_fpu(uint32_t actor);
bool actor_has_page(uint32_t actor);

// --- actors.c

void actor_main(uint64_t actor);
#define MIX(SUM, WORD) (((SUM) ^ (WORD)) * 0x9e3779b97f4a7c15 ^ (SUM) >> 29)
#define ACTOR_PAGES 0x0000330000000000 // message pages of a crowd
