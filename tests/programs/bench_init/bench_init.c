// SPDX-License-Identifier: MIT
// A boot module that stands where init does, with every capability that there is, and measures what only its holder may
// do: mappings, processes, threads; and many clients at once. A line `bench NAME VALUE` for each on the log, as user/bench prints them.
#include "common/elf.h"
#include "common/string.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/syscall.h"
#include "user/bench/measure.h"

#define SELF ((cap_t){BOOT_SLOT_SELF})
#define ENDPOINT ((cap_t){BOOT_SLOT_ENDPOINT})
#define PLACE 0x0000200000000000ull
#define MOST_PAGES 256u
#define RW (ACCESS_READ | ACCESS_WRITE)
#define PROCESS_PAGES 3u
#define POOL_PAGES 8u

static struct boot_run ram;

static void must(err_t error)
{
    if (error != OK) panic("the kernel refuses: %u", (unsigned)error);
}

static cap_t carve(uint32_t pages)
{
    cap_t run = slot_alloc();
    ram.pages -= pages;
    must(memory_split((cap_t){ram.slot}, ram.pages, run));
    return run;
}

static vaddr_t place(uint64_t page) { return (vaddr_t){PLACE + page * PAGE_SIZE}; }

static void tell(const char *name, uint64_t value) { log_printf("bench %s %llu", name, (unsigned long long)value); }

static void tell_at(const char *what, unsigned pages, uint64_t taken)
{
    log_printf("bench %s_%u %llu", what, pages, (unsigned long long)taken);
}

// Of a run whose neighbours in the same page table are mapped already: no table comes or goes.
static void pages(unsigned count, cap_t run)
{
    uint64_t map = ~0ull, protect = ~0ull, unmap = ~0ull;
    for (unsigned i = 0; i < TIMES; i++) {
        uint64_t start = instructions();
        must(memory_map(run, SELF, place(0), 0, count, RW));
        uint64_t mapped = instructions();
        must(process_protect(SELF, place(0), count, ACCESS_READ));
        uint64_t protected = instructions();
        must(process_unmap(SELF, place(0), count));
        uint64_t end = instructions();
        least(&map, mapped - start);
        least(&protect, protected - mapped);
        least(&unmap, end - protected);
    }
    tell_at("map", count, map);
    tell_at("protect", count, protect);
    tell_at("unmap", count, unmap);
}

// With nothing in it but a pool; its runs come back one by one.
static void processes(void)
{
    cap_t process = carve(PROCESS_PAGES), pool = carve(POOL_PAGES), thread = slot_alloc(), into = slot_alloc();
    uint64_t create = ~0ull, destroy = ~0ull, begin = ~0ull, end = ~0ull;
    for (unsigned i = 0; i < TIMES; i++) {
        uint64_t start = instructions(), count;
        must(process_create(process));
        must(process_donate(process, pool));
        uint64_t created = instructions();
        must(thread_create(process, thread, (vaddr_t){0}, ENDPOINT, ENDPOINT, 1));
        uint64_t begun = instructions();
        must(thread_destroy(thread));
        uint64_t ended = instructions();
        (void)cap_drop(thread);
        uint64_t again = instructions();
        err_t error = process_destroy(process, into, &count);
        while (error == ERR_AGAIN) {
            must(cap_move(into, NO_CAP, count == POOL_PAGES ? pool.slot : process.slot));
            error = process_destroy(process, into, &count);
        }
        must(error);
        uint64_t destroyed = instructions();
        (void)cap_drop(process);
        must(cap_move(into, NO_CAP, process.slot));
        least(&create, created - start);
        least(&begin, begun - created);
        least(&end, ended - begun);
        least(&destroy, destroyed - again);
    }
    tell("process_create", create);
    tell("process_destroy", destroy);
    tell("thread_create", begin);
    tell("thread_destroy", end);
}

// --- clients of one server, each a process of its own that has this image's code and a stack, and nothing else

#define CLIENTS_MOST 64u
#define ROUNDS 20u
#define FIRST 4u // rounds until nobody starts any more
#define IMAGE 0x0000310000000000ull
#define CLIENT_STACK (USER_STACK_TOP - PAGE_SIZE)
#define CLIENT_SERVER ((cap_t){1})

static struct elf elf;
static cap_t module;

static void open_image(const struct boot_info *info)
{
    for (uint32_t i = 0; i < info->module_count; i++) {
        const struct boot_module *m = &info->modules[i];
        if (strcmp(m->name, "init") != 0) continue;
        module = (cap_t){m->slot};
        must(memory_map(module, SELF, (vaddr_t){IMAGE}, 0, (m->size + PAGE_SIZE - 1) / PAGE_SIZE, ACCESS_READ));
        must(elf_open(&elf, (const void *)IMAGE, m->size));
    }
}

// Without data of its own: it may touch its stack only.
static void client(uint64_t unused)
{
    (void)unused;
    for (;;) {
        struct message m = {.tag = SYS_call};
        trap(CLIENT_SERVER, &m);
    }
}

static void add_client(void)
{
    cap_t process = carve(4), stack = carve(1), thread = slot_alloc();
    must(process_create(process));
    must(process_donate(process, carve(POOL_PAGES + 8)));
    for (uint32_t i = 0; i < elf.segment_count; i++) {
        const struct elf_segment *s = &elf.segments[i];
        if ((s->access & ACCESS_WRITE) == 0)
            must(memory_map(module, process, (vaddr_t){s->vaddr}, s->offset / PAGE_SIZE,
                            (s->filesz + PAGE_SIZE - 1) / PAGE_SIZE, s->access));
    }
    must(memory_map(stack, process, (vaddr_t){CLIENT_STACK}, 0, 1, RW | ACCESS_CLEAR));
    must(cap_copy(ENDPOINT, process, CLIENT_SERVER.slot, RIGHT_SEND));
    must(thread_create(process, thread, (vaddr_t){0}, ENDPOINT, ENDPOINT, 1));
    must(thread_start(thread, (vaddr_t){(uintptr_t)client}, (vaddr_t){USER_STACK_TOP - 8}, 0));
}

// All of them call, and when the last has come all are answered.
static void meet(unsigned count)
{
    static struct message m[CLIENTS_MOST];
    for (unsigned i = 0; i < count; i++) {
        must(ipc_recv(ENDPOINT, FOREVER, &m[i]));
        if (TAG_OPERATION(m[i].tag) != KIND_CALL) panic("a client faults: %llu", (unsigned long long)m[i].words[0]);
    }
    for (unsigned i = 0; i < count; i++) {
        m[i] = (struct message){.token = m[i].token};
        must(ipc_reply(&m[i]));
    }
}

static void clients(void)
{
    unsigned alive = 0;
    for (unsigned count = 1; count <= CLIENTS_MOST; count *= 2) {
        for (; alive < count; alive++)
            add_client();
        for (unsigned round = 0; round < FIRST; round++)
            meet(count);
        uint64_t start = instructions();
        for (unsigned round = 0; round < ROUNDS; round++)
            meet(count);
        tell_at("clients", count, (instructions() - start) / (ROUNDS * count));
    }
}

int main(void)
{
    const struct boot_info *info = boot_info();
    for (uint32_t i = 0; i < info->run_count; i++)
        if (info->runs[i].pages > ram.pages) ram = info->runs[i];
    if (slot_reserve(0, info->first_free_slot) != OK) return 1;
    cap_t run = carve(MOST_PAGES + 1);
    must(memory_map(run, SELF, place(MOST_PAGES), MOST_PAGES, 1, RW)); // keeps the tables
    for (unsigned count = 1; count <= MOST_PAGES; count *= 4)
        pages(count, run);
    processes();
    open_image(info);
    clients();
    tell("end", 0);
    struct message m;
    for (;;)
        (void)!ipc_recv(ENDPOINT, FOREVER, &m);
}
