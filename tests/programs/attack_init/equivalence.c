// SPDX-License-Identifier: MIT
// The director: makes the world of three processes once, and for each situation its endpoints and capabilities; starts the
// actors, waits until nobody can go on, and brings everybody home. Whoever does not come home is stuck or dead: its
// process is made anew. The director has the highest priority; a thread of the lowest rings when all others wait.
#include "tests/programs/attack_init/equivalence.h"

#include "common/mem.h"
#include "libsys/log.h"
#include "libsys/slots.h"

#define REQUEST 0x0000350000000000
#define RESULTS 0x0000360000000000
#define SOON 3000000 // ns, from a situation's begin to the deadlines that pass: longer than anything else in it takes

static struct crowd crowds[PROCESSES];
static bool alive[PROCESSES];
static cap_t stage_run, ring, bell, faults[PROCESSES], homes[ACTORS], threads[ACTORS], endpoints[ENDPOINTS];
static struct situation situation;
static uint64_t sum; // of the situation

static void fold(uint64_t word) { sum = MIX(sum, word); }

// --- time and turns

static void nap(uint64_t until)
{
    struct message m = {.words = {until}};
    op(SYS_recv, BOOT_SLOT_ENDPOINT, &m);
}

// A turn lasts 10 ms: behind a tick, none falls into a situation unless the situation asks for it. What timers the last
// one has left are forgotten, too. Up to a place where all wheels of the kernel's clock turn (kernel/wheel.c), so that it
// is one tick and never two.
static void tick_now(void) { nap((now() + 5000) | 0xffff); }

static void wait_until_quiet(void)
{
    EXPECT(OK, notify(bell, 1));
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, ring.slot, &m);
        if (m.bits & RING_TICK) {
            tick_now();
            stage->ticked = 1;
        }
        if (m.bits & RING_QUIET) return;
    }
}

// Runs only while everybody waits.
static void ring_when_quiet(uint64_t unused)
{
    (void)unused;
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, bell.slot, &m);
        m.words[0] = RING_QUIET;
        op(SYS_notify, ring.slot, &m);
    }
}

static void tell(uint32_t actors, enum command command)
{
    for (uint32_t i = 0; i < ACTORS; i++) {
        if (!(actors & BIT_OF(i)) || !alive[i / ACTORS_EACH]) continue;
        stage->actors[i].command = command;
        EXPECT(OK, notify(homes[i], 1));
    }
    wait_until_quiet();
}

static uint32_t absent(uint32_t actors)
{
    for (uint32_t i = 0; i < ACTORS; i++)
        if (stage->actors[i].home) actors &= ~BIT_OF(i);
    return actors;
}

// Said to be home, and dead or stopped by a fault on its last steps.
static uint32_t lost(void)
{
    uint32_t actors = 0;
    for (uint32_t i = 0; i < ACTORS; i++) {
        struct thread_info info;
        if (thread_info(threads[i], &info) || info.state != THREAD_RECEIVING || info.held) actors |= BIT_OF(i);
    }
    return actors;
}

// --- the world

static vaddr_t page_of(uint32_t actor) { return (vaddr_t){ACTOR_PAGES + actor % ACTORS_EACH * PAGE_SIZE}; }

static void make_actor(uint32_t i)
{
    struct crowd *c = &crowds[i / ACTORS_EACH];
    uint32_t place = i % ACTORS_EACH;
    EXPECT(OK, endpoint_create(SELF, homes[i], c->child.process));
    EXPECT(OK, cap_copy(homes[i], c->child.process, SLOT_HOME + place, ALL));
    stage->actors[i].home = 0;
    // Every second one has nobody who would hear of its end.
    cap_t supervisor = place % 2 ? faults[i / ACTORS_EACH] : NO_CAP;
    EXPECT(OK, thread_create(c->child.process, threads[i], actor_has_page(i) ? page_of(i) : (vaddr_t){0}, NO_CAP,
                             supervisor, actor_priority(i)));
    crowd_run(threads[i], place, actor_main, i);
}

static cap_t handled_by(uint32_t p) { return faults[(p + PROCESSES - 1) % PROCESSES]; }

static void people(uint32_t p)
{
    cap_t process = crowds[p].child.process;
    EXPECT(OK, memory_map(stage_run, process, (vaddr_t){STAGE}, 0, STAGE_PAGES, RW));
    EXPECT(OK, cap_mint(ring, process, SLOT_RING, RIGHT_NOTIFY, RING_TICK));
    EXPECT(OK, cap_copy(handled_by(p), process, SLOT_FAULTS, ALL));
    alive[p] = true;
    for (uint32_t i = 0; i < ACTORS_EACH; i++)
        make_actor(p * ACTORS_EACH + i);
    wait_until_quiet();
}

// Each process has a capability for everybody's thread.
static void introduce(void)
{
    for (uint32_t p = 0; p < PROCESSES; p++)
        for (uint32_t i = 0; i < ACTORS; i++) {
            err_t err = cap_copy(threads[i], crowds[p].child.process, SLOT_THREADS + i, ALL);
            EXPECT(true, err == OK || err == ERR_SLOT_USED);
        }
}

static void make_process(uint32_t p)
{
    crowd_make(&crowds[p], ACTORS_EACH);
    EXPECT(OK, endpoint_bind(handled_by(p), crowds[p].child.process));
    people(p);
}

static void end_process(uint32_t p)
{
    if (!alive[p]) return;
    alive[p] = false;
    crowd_end(&crowds[p]);
    for (uint32_t i = 0; i < ACTORS_EACH; i++) {
        EXPECT(OK, endpoint_destroy(homes[p * ACTORS_EACH + i]));
        stage->actors[p * ACTORS_EACH + i].home = 0;
    }
    wait_until_quiet();
}

static void make_bell(void)
{
    static uint8_t stack[PAGE_SIZE] __attribute__((aligned(16)));
    cap_t thread = empty_slot();
    ring = empty_slot();
    bell = empty_slot();
    EXPECT(OK, endpoint_create(SELF, ring, SELF));
    EXPECT(OK, endpoint_create(SELF, bell, SELF));
    EXPECT(OK, thread_create(SELF, thread, (vaddr_t){0}, NO_CAP, NO_CAP, 1));
    EXPECT(OK, thread_start(thread, (vaddr_t){(uint64_t)ring_when_quiet},
                            (vaddr_t){(uint64_t)(stack + sizeof stack) - 8}, 0));
}

static void make_world(void)
{
    stage_run = carve(STAGE_PAGES);
    EXPECT(OK, memory_map(stage_run, SELF, (vaddr_t){STAGE}, 0, STAGE_PAGES, RW | ACCESS_CLEAR));
    uint32_t states, high;
    __asm__ volatile("xgetbv" : "=a"(states), "=d"(high) : "c"(0));
    EXPECT(7, states); // x87, SSE and AVX: of this processor, the fast path must know all
    stage->fpu_states = states;
    make_bell();
    for (uint32_t i = 0; i < ACTORS; i++) {
        homes[i] = empty_slot();
        threads[i] = empty_slot();
    }
    for (uint32_t e = 0; e < ENDPOINTS; e++)
        endpoints[e] = empty_slot();
    for (uint32_t p = 0; p < PROCESSES; p++) {
        faults[p] = empty_slot();
        crowd_make(&crowds[p], ACTORS_EACH);
    }
    for (uint32_t p = 0; p < PROCESSES; p++)
        EXPECT(OK, endpoint_create(SELF, faults[p], crowds[(p + 1) % PROCESSES].child.process));
    for (uint32_t p = 0; p < PROCESSES; p++)
        people(p);
    introduce();
}

// --- one situation

static void give_capabilities(uint32_t p)
{
    cap_t process = crowds[p].child.process;
    for (uint32_t e = 0; e < ENDPOINTS; e++) {
        EXPECT(OK, cap_mint(endpoints[e], process, SLOT_SEND + e, situation.rights[p][e], situation.badge[p][e]));
        EXPECT(OK, cap_copy(endpoints[e], process, SLOT_FULL + e, ALL));
    }
}

static void set_scene(void)
{
    for (uint32_t e = 0; e < ENDPOINTS; e++)
        EXPECT(OK, endpoint_create(SELF, endpoints[e], crowds[situation.receiver_of[e]].child.process));
    for (uint32_t p = 0; p < PROCESSES; p++)
        give_capabilities(p);
    stage->over = stage->begun = stage->record_count = 0;
    for (uint32_t i = 0; i < ACTORS; i++)
        stage->actors[i].command = COMMAND_PLAY;
}

static void do_deed(uint32_t number, uint64_t soon)
{
    uint32_t of = situation.stages[number].of;
    cap_t process = crowds[of / ACTORS_EACH % PROCESSES].child.process; // where `of` is an actor
    switch (situation.stages[number].deed) {
    case DEED_NONE:
        return;
    case DEED_SUSPEND:
        fold(thread_suspend(threads[of]));
        break;
    case DEED_RESUME:
        fold(thread_resume(threads[of]));
        break;
    case DEED_UNMAP:
        fold(process_unmap(process, page_of(of), 1));
        break;
    case DEED_PROTECT:
        fold(process_protect(process, page_of(of), 1, ACCESS_READ));
        break;
    case DEED_REST:
        nap(soon + 50000);
        break;
    case DEED_KILL:
        end_process(of);
        break;
    case DEED_DESTROY:
        fold(endpoint_destroy(endpoints[of]));
        break;
    case DEED_NOTIFY:
        fold(notify(endpoints[of], situation.stages[number].bits));
        break;
    case DEED_BIND:
        fold(endpoint_bind(endpoints[of], crowds[situation.stages[number].bits % PROCESSES].child.process));
        break;
    }
    wait_until_quiet();
}

// The plugin tools/plugins/paths.c counts what is between the two.
never_inline void situation_begins(void);
never_inline void situation_ends(void);
void situation_begins(void) { __asm__ volatile(""); }
void situation_ends(void) { __asm__ volatile(""); }

static void look_at_books(void)
{
    for (uint32_t p = 0; p < PROCESSES; p++) {
        struct process_info info = {0};
        fold(process_info(crowds[p].child.process, &info));
        fold(info.pool_free);
        fold(info.pool_total);
        fold(info.mapped);
        fold(info.threads);
    }
    struct process_info info = {0};
    EXPECT(OK, process_info(SELF, &info));
    fold(info.pool_free);
}

// Of each process, one actor that is at home says what is in its table.
static void look_at_tables(void)
{
    uint32_t at_home = ~absent((1u << ACTORS) - 1), one_each = 0;
    for (uint32_t p = 0; p < PROCESSES; p++) {
        uint32_t of_this = at_home & ((1u << ACTORS_EACH) - 1) << p * ACTORS_EACH;
        one_each |= of_this & -of_this;
    }
    tell(one_each, COMMAND_LOOK);
}

static void fold_records(void)
{
    fold(stage->record_count);
    for (uint64_t i = 0; i < stage->record_count && i < RECORDS; i++) {
        const uint64_t *words = (const uint64_t *)&stage->records[i];
        for (uint64_t w = 0; w < sizeof(struct record) / 8; w++)
            fold(words[w]);
    }
    for (uint32_t i = 0; i < ACTORS; i++) {
        fold(stage->actors[i].page_sum);
        fold(stage->actors[i].table_sum);
    }
}

static void bring_home(void)
{
    stage->over = 1;
    for (uint32_t i = 0; i < ACTORS; i++)
        fold(thread_resume(threads[i]));
    for (uint32_t e = 0; e < ENDPOINTS; e++)
        fold(endpoint_destroy(endpoints[e]));
    wait_until_quiet();
    tick_now();
    tell(situation.cast, COMMAND_CLEAN);
    for (uint32_t p = 0; absent(situation.cast) && p < PROCESSES; p++)
        EXPECT(OK, notify(faults[p], 1)); // a handler that still waits there
    wait_until_quiet();
    uint32_t missing = absent((1u << ACTORS) - 1) | lost();
    bool remade = false;
    fold(missing);
    for (uint32_t p = 0; p < PROCESSES; p++) {
        if (alive[p] && !(missing & ((1u << ACTORS_EACH) - 1) << p * ACTORS_EACH)) continue;
        end_process(p);
        make_process(p);
        remade = true;
    }
    if (remade) introduce();
    EXPECT(0, absent((1u << ACTORS) - 1));
}

static uint64_t play_situation(uint64_t seed, uint64_t number)
{
    tick_now();
    uint64_t soon = now() + SOON;
    sum = number;
    situation_make(&situation, seed, number, soon);
    set_scene();
    situation_begins();
    for (uint32_t i = 0; i < STAGES; i++) {
        if (situation.stages[i].starts) tell(situation.stages[i].starts, COMMAND_PLAY);
        do_deed(i, soon);
    }
    situation_ends();
    look_at_books();
    look_at_tables();
    bring_home();
    fold_records();
    return sum;
}

void equivalence_run(const struct boot_module *module)
{
    const struct request *request = (const struct request *)REQUEST;
    EXPECT(OK, memory_map((cap_t){module->slot}, SELF, (vaddr_t){REQUEST}, 0, 1, ACCESS_READ));
    uint32_t pages = (uint32_t)(request->count * 8 / PAGE_SIZE + 1);
    cap_t run = carve(pages);
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){RESULTS}, 0, pages, RW | ACCESS_CLEAR));
    struct run_info results = {0}, scene = {0};
    attack_begin("equivalence");
    make_world();
    EXPECT(OK, memory_info(run, &results));
    EXPECT(OK, memory_info(stage_run, &scene));
    for (uint64_t i = 0; i < request->count; i++)
        ((uint64_t *)RESULTS)[i] = play_situation(request->seed, request->first + i);
    attack_end();
    log_printf("situations: results at %lx, stage at %lx, records at %lx", results.address.raw, scene.address.raw,
               (uint64_t)stage->records - STAGE);
}
