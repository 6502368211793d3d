// SPDX-License-Identifier: MIT
// What the host looks at from outside, each in a boot of its own: which one is the name of the second module.
#include "common/string.h"
#include "libsys/log.h"
#include "tests/programs/attack_init/attack.h"

static noreturn void stay(void)
{
    for (;;)
        rest(1000);
}

// --- bits: one page for each kind of mapping; the host reads the entries

static void show_bits(void)
{
    cap_t run = carve(4);
    const uint32_t kinds[] = {ACCESS_READ, RW, ACCESS_READ | ACCESS_EXECUTE, RW};
    for (uint64_t i = 0; i < 4; i++)
        EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE + i * PAGE_SIZE}, i, 1, kinds[i]));
    EXPECT(OK, memory_map((cap_t){BOOT_SLOT_SCREEN}, SELF, (vaddr_t){PLACE + 4 * PAGE_SIZE}, 0x18, 1,
                          RW | ACCESS_UNCACHED));
    // 0 is read, 1 written, 2 and 3 left alone, the screen read.
    (void)*(volatile uint8_t *)PLACE;
    *(volatile uint8_t *)(PLACE + PAGE_SIZE) = 1;
    (void)*(volatile uint8_t *)(PLACE + 4 * PAGE_SIZE);
    log_line("look at the bits");
    stay();
}

// --- new: a program maps the screen's memory, where it likes, because it may

#define ANYWHERE 0x0000123456789000

static void map_the_screen(uint64_t result)
{
    struct message m = {.words = {CHILD_FREE, ANYWHERE, 0x18, 1, RW | ACCESS_UNCACHED}};
    shared->word[result] = op(SYS_memory_map, CHILD_FREE + 1, &m);
    if (shared->word[result] == OK) ((volatile uint64_t *)ANYWHERE)[400] = 0xf021f077f065f04e; // New! on white
    run_for_ever(7);
}

static struct child with, without_device, without_map;

static void show_new(void)
{
    child_make(&without_device, 5, NO_CAP, NO_CAP);
    EXPECT(OK, cap_copy(without_device.process, without_device.process, CHILD_FREE, RIGHT_MAP));
    child_run(&without_device, map_the_screen, 1);
    rest(5);
    log_printf("without the device memory: %lu", shared->word[1]);
    child_end(&without_device);
    child_make(&without_map, 5, NO_CAP, NO_CAP);
    EXPECT(OK, cap_copy(without_map.process, without_map.process, CHILD_FREE, RIGHTS_ALL & ~RIGHT_MAP));
    EXPECT(OK, cap_copy((cap_t){BOOT_SLOT_SCREEN}, without_map.process, CHILD_FREE + 1, RIGHT_READ | RIGHT_WRITE));
    child_run(&without_map, map_the_screen, 2);
    rest(5);
    log_printf("without the right to map: %lu", shared->word[2]);
    child_end(&without_map);
    log_line("look at the screen before");
    rest(500);
    child_make(&with, 5, NO_CAP, NO_CAP);
    EXPECT(OK, cap_copy(with.process, with.process, CHILD_FREE, RIGHT_MAP));
    EXPECT(OK, cap_copy((cap_t){BOOT_SLOT_SCREEN}, with.process, CHILD_FREE + 1, RIGHT_READ | RIGHT_WRITE));
    child_run(&with, map_the_screen, 0);
    rest(5);
    log_printf("with both: %lu", shared->word[0]);
    child_end(&with);
    log_line("look at the screen");
    stay();
}

// --- line: the keyboard's interrupt, and a server that does only half of its work

#define LINE ((cap_t){BOOT_SLOT_IRQ0 + 1})
#define STATUS 0x64
#define DATA 0x60

static cap_t status_port, data_port;
static uint64_t interrupts, dots;

static bool read_byte(void)
{
    uint32_t status = 0, byte;
    EXPECT(OK, ports_in(status_port, STATUS, 1, &status));
    if (status & 1) EXPECT(OK, ports_in(data_port, DATA, 1, &byte));
    return status & 1;
}

// What was held back.
static void read_all(void)
{
    struct message m;
    do {
        while (read_byte())
            ;
        irq_ack(LINE);
    } while (ipc_recv(ENDPOINT, now() + 20 * MS, &m) == OK);
}

// Receives for a while: a dot for each deadline, and for each interrupt what the case says.
static void listen(const char *name, uint64_t ms, bool reads, bool acknowledges)
{
    const uint64_t dot_ns = 50 * MS;
    interrupts = dots = 0;
    log_printf("press keys: %s", name);
    const uint64_t end = now() + ms * MS;
    for (uint64_t next = now() + dot_ns; now() < end;) {
        struct message m;
        err_t error = ipc_recv(ENDPOINT, next, &m);
        if (error == ERR_TIMEOUT) {
            dots++;
            next += dot_ns;
            continue;
        }
        interrupts++;
        if (reads) (void)read_byte();
        if (acknowledges) irq_ack(LINE);
    }
    log_printf("%s: %lu interrupts, %lu dots", name, interrupts, dots);
    read_all();
}

static void show_line(void)
{
    status_port = empty_slot();
    data_port = empty_slot();
    EXPECT(OK, ports_create((cap_t){BOOT_SLOT_PORTS}, status_port, STATUS, 1, PORT_READ, NULL));
    EXPECT(OK, ports_create((cap_t){BOOT_SLOT_PORTS}, data_port, DATA, 1, PORT_READ, NULL));
    EXPECT(OK, irq_bind(LINE, ENDPOINT, 1));
    read_all();
    listen("reads and acknowledges", 2000, true, true);
    listen("reads, does not acknowledge", 2000, true, false);
    listen("acknowledges, does not read", 2000, false, true);
    listen("reads and acknowledges again", 2000, true, true);
    log_line("the line is closed");
    stay();
}

void show(const char *name)
{
    if (strcmp(name, "bits") == 0) show_bits();
    if (strcmp(name, "new") == 0) show_new();
    if (strcmp(name, "line") == 0) show_line();
}
