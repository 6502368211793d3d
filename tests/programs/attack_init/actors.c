// SPDX-License-Identifier: MIT
// The threads of a situation: they have no data but the stage and their stacks.
#include "tests/programs/attack_init/equivalence.h"

#include "common/mem.h"

#define FPU_BYTES 832
#define FPU_FIRST_REGISTER 160
#define FPU_HEADER 512
#define FPU_UPPER_HALVES 576 // CPUID leaf 0xd, subleaf 2

// One system call with every register as given, and every register behind it. The flags come last: TF must not stop the
// instructions in between.
static void actor_trap(const uint64_t *in, uint64_t *out)
{
    __asm__ volatile("leaq -128(%%rsp), %%rsp\n\t" // the red zone
                     "pushq %%rbp; pushq %%rsi; pushq 13*8(%%rdi)\n\t"
                     "movq 0*8(%%rdi), %%rax; movq 2*8(%%rdi), %%rsi; movq 3*8(%%rdi), %%rdx\n\t"
                     "movq 4*8(%%rdi), %%r8; movq 5*8(%%rdi), %%r9; movq 6*8(%%rdi), %%r10\n\t"
                     "movq 7*8(%%rdi), %%r12; movq 8*8(%%rdi), %%rbx; movq 9*8(%%rdi), %%r13\n\t"
                     "movq 10*8(%%rdi), %%r14; movq 11*8(%%rdi), %%r15; movq 12*8(%%rdi), %%rbp\n\t"
                     "movq 1*8(%%rdi), %%rdi\n\t"
                     "popfq\n\t"
                     "syscall\n\t"
                     "pushq %%rsp; pushfq; pushq %%r11; pushq %%rcx; pushq %%rbp; pushq %%r15; pushq %%r14\n\t"
                     "pushq %%r13; pushq %%rbx; pushq %%r12; pushq %%r10; pushq %%r9; pushq %%r8; pushq %%rdx\n\t"
                     "pushq %%rsi; pushq %%rdi; pushq %%rax; cld\n\t"
                     "movq %%rsp, %%rsi; movl %2, %%ecx; movq 8*%c2(%%rsp), %%rdi; rep movsq\n\t"
                     "movq %%rsi, %%rsp; popq %%rsi; popq %%rbp; leaq 128(%%rsp), %%rsp"
                     : "+D"(in), "+S"(out)
                     : "i"(REGS_OUT)
                     : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "cc",
                       "memory");
}
_Static_assert(REG_RFLAGS == 13 && REG_RBX == 8 && REG_RBP == 12 && REGS_OUT == 17, "actor_trap counts so");

// In the form of XSAVE (SDM vol. 1, "XSAVE Area"): the header, which begins with the states that are there, and the upper
// halves of AVX's registers.
static void fpu_save(uint8_t *area)
{
    memset(area, 0, FPU_BYTES);
    // Where CR0.TS is set this traps; XSAVE alone would not in QEMU 7.2, although it should (SDM vol. 2, "XSAVE").
    __asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
    __asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(stage->fpu_states), "d"(0) : "memory");
}

static void fpu_fill(uint8_t *area, uint64_t seed)
{
    fpu_save(area);
    for (uint32_t i = 0; i < 256; i += 8) {
        *(uint64_t *)(void *)(area + FPU_FIRST_REGISTER + i) = seed += 0x0102030405060708;
        *(uint64_t *)(void *)(area + FPU_UPPER_HALVES + i) = ~seed;
    }
    *(uint64_t *)(void *)(area + FPU_HEADER) = stage->fpu_states;
    __asm__ volatile("xrstor64 (%0)" : : "r"(area), "a"(stage->fpu_states), "d"(0) : "memory");
}

static uint64_t fpu_sum(uint8_t *area)
{
    uint64_t sum = 0;
    fpu_save(area);
    for (uint32_t i = 0; i < FPU_FIRST_REGISTER + 256; i += 8)
        sum = MIX(sum, *(uint64_t *)(void *)(area + i));
    for (uint32_t i = 0; i < 256; i += 8)
        sum = MIX(sum, *(uint64_t *)(void *)(area + FPU_UPPER_HALVES + i));
    return sum;
}

static struct message_page *page_of(uint64_t number)
{
    return (struct message_page *)(ACTOR_PAGES + number % ACTORS_EACH * PAGE_SIZE);
}

// Of a message that came, with the bytes behind it, which stay what they were.
static uint64_t body_sum(uint64_t number, uint32_t length)
{
    const uint64_t *body = (const uint64_t *)(const void *)page_of(number)->body;
    uint64_t sum = 0;
    for (uint32_t i = 0; length && i < MESSAGE_MAX / 8 && i < length / 8 + 2; i++)
        sum = MIX(sum, body[i]);
    return sum;
}

// --- a step

static uint64_t token_of(const struct actor *a, const struct step *s)
{
    uint64_t first = a->token_count ? a->tokens[0] : s->in[REG_RBX];
    uint64_t last = a->token_count ? a->tokens[(a->token_count - 1) % TOKENS] : s->in[REG_RBX];
    switch ((enum step_token)s->token) {
    case TOKEN_GIVEN:
        break;
    case TOKEN_LAST:
        return last;
    case TOKEN_FIRST:
        return first;
    case TOKEN_STALE:
        return last - (1ull << 32);
    case TOKEN_NEXT:
        return last + (1ull << 32);
    case TOKEN_OF_PEER: {
        const struct actor *peer = &stage->actors[s->in[REG_RBX] % ACTORS];
        return peer->token_count ? peer->tokens[0] : last;
    }
    }
    return s->in[REG_RBX];
}

static void note(struct record *r, uint64_t who)
{
    uint64_t at = stage->record_count++;
    r->who |= who;
    if (at < RECORDS) stage->records[at] = *r;
}

static void trap_step(struct actor *a, uint64_t number, struct step *s, uint32_t i)
{
    _Alignas(64) uint8_t area[FPU_BYTES];
    struct record r = {.who = number << 32 | (uint64_t)i << 16 | stage->begun++};
    s->in[REG_RBX] = token_of(a, s);
    if (a->fpu) fpu_fill(area, a->fpu + i);
    actor_trap(s->in, r.out);
    if (a->fpu) r.fpu = fpu_sum(area);
    if (s->is_deadline && r.out[REG_WORDS] == s->in[REG_WORDS]) r.out[REG_WORDS] = 0; // not the same in every run
    uint8_t kind = (uint8_t)r.out[REG_RAX];
    if (kind <= KIND_REPLY) r.body = body_sum(number, TAG_LENGTH(r.out[REG_RAX]));
    if (kind == KIND_CALL || kind == KIND_FAULT) a->tokens[a->token_count++ % TOKENS] = r.out[REG_RBX];
    note(&r, 0);
}

// Its time slice may run out here: until the director has slept and woken, which is a tick.
static void tick_step(void)
{
    struct message m = {.words = {RING_TICK}};
    stage->ticked = 0;
    op(SYS_notify, SLOT_RING, &m);
    while (!stage->ticked)
        __asm__ volatile("pause");
}

static void fault_step(uint64_t number, struct step *s, uint32_t i)
{
    struct record r = {.who = number << 32 | (uint64_t)i << 16 | stage->begun++};
    if (s->kind == STEP_BREAKPOINT)
        __asm__ volatile("int3");
    else if (s->kind == STEP_UNDEFINED)
        __asm__ volatile("ud2");
    else
        __asm__ volatile("movq %0, (%1)" : : "r"(number), "r"(s->in[REG_WORDS]) : "memory");
    note(&r, 1ull << 63);
}

static void fpu_step(uint64_t number, uint32_t i)
{
    _Alignas(64) uint8_t area[FPU_BYTES];
    struct record r = {.who = number << 32 | (uint64_t)i << 16 | stage->begun++};
    r.fpu = fpu_sum(area);
    note(&r, 1ull << 62);
}

// A word of its registers may be a deadline, which is not the same in every run: what is sure is compared.
static void trap_flag_step(uint64_t number, struct step *s, uint32_t i)
{
    struct record r = {.who = number << 32 | (uint64_t)i << 16 | stage->begun++};
    struct registers *registers = (struct registers *)(void *)page_of(number)->body;
    struct message m = {0};
    r.out[0] = op(SYS_thread_read, (uint32_t)s->in[REG_RDI], &m);
    r.out[1] = registers->rip;
    r.out[2] = registers->rsp;
    r.out[3] = registers->rflags;
    registers->rflags |= 1 << 8;
    if (r.out[0] == OK) r.out[4] = op(SYS_thread_write, (uint32_t)s->in[REG_RDI], &m);
    memset(registers, 0, sizeof *registers);
    note(&r, 1ull << 61);
}

static void play(struct actor *a, uint64_t number)
{
    struct message_page *page = page_of(number);
    for (int i = 0; i < MESSAGE_CAPS; i++) {
        page->send_slots[i] = a->send_slots[i];
        page->receive_slots[i] = a->receive_slots[i];
    }
    uint64_t *body = (uint64_t *)(void *)page->body;
    for (uint64_t i = 0; i < MESSAGE_MAX / 8; i++)
        body[i] = a->fill + i;
    for (uint32_t i = 0; i < a->step_count && !stage->over; i++) {
        struct step *s = &a->steps[i];
        if (s->kind == STEP_TRAP)
            trap_step(a, number, s, i);
        else if (s->kind == STEP_TICK)
            tick_step();
        else if (s->kind == STEP_FPU)
            fpu_step(number, i);
        else if (s->kind == STEP_TRAP_FLAG)
            trap_flag_step(number, s, i);
        else
            fault_step(number, s, i);
    }
}

// --- the end of a situation: whoever waits for this one's answer gets it, and this one says what it sees

static uint64_t table_sum(void)
{
    uint64_t sum = 0;
    for (uint32_t slot = SLOT_SEND; slot < SLOT_END; slot++) {
        struct message m = {0};
        sum = MIX(sum, op(SYS_cap_info, slot, &m));
        for (int i = 0; i < 3; i++)
            sum = MIX(sum, m.words[i]);
    }
    return sum;
}

static void clean(struct actor *a, uint64_t number)
{
    const uint64_t *page = (const uint64_t *)page_of(number);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < PAGE_SIZE / 8; i++)
        sum = MIX(sum, page[i]);
    a->page_sum = sum;
    uint32_t count = a->token_count < TOKENS ? a->token_count : TOKENS;
    for (uint32_t i = 0; i < count; i++) {
        struct step s = {.in = {[REG_RAX] = SYS_reply, [REG_RBX] = a->tokens[i], [REG_RFLAGS] = 2}};
        trap_step(a, number, &s, STEPS + i);
    }
    for (uint32_t slot = SLOT_SEND; slot < SLOT_END; slot++) {
        struct message m = {0};
        op(SYS_cap_drop, slot, &m);
    }
}

void actor_main(uint64_t number)
{
    struct actor *a = &stage->actors[number];
    for (;;) {
        struct message m = {.words = {FOREVER}};
        a->home = 1;
        op(SYS_recv, (uint32_t)(SLOT_HOME + number % ACTORS_EACH), &m);
        a->home = 0;
        switch ((enum command)a->command) {
        case COMMAND_PLAY:
            play(a, number);
            break;
        case COMMAND_LOOK:
            a->table_sum = table_sum();
            break;
        case COMMAND_CLEAN:
            clean(a, number);
            break;
        }
    }
}
