// SPDX-License-Identifier: MIT
// Addresses that are not the program's own, or not for that use.
#include "abi/layout.h"
#include "libsys/page.h"
#include "libsys/stdio.h"
#include "user/probe/probe.h"

#define WRITTEN 0xdeadbeafu

static const char constant[] = "read-only";
static uint8_t ret_in_data[16] = {0xc3}; // ret
static uint8_t *volatile nowhere = NULL; // volatile: the compiler must not see what is done with a null pointer

// Reads and writes of a byte at a number: what the compiler must neither see through nor leave out.
static void write_at(uint64_t address) { *(volatile uint32_t *)address = WRITTEN; }

static void read_at(uint64_t address)
{
    uint8_t value = *(volatile const uint8_t *)address;
    probe_say("read %#x at %#llx", value, (unsigned long long)address);
}

static void call_at(uint64_t address) { ((void (*)(void))address)(); }

// Every program is linked at 4 MiB × a number of its own, so that is where a neighbour lies in its own space.
static uint64_t neighbour(void)
{
    uint64_t own = (uint64_t)constant & ~(uint64_t)0x3fffff;
    return own > USER_BASE ? own - 0x400000 : own + 0x400000;
}

PROBE(null_read, read_at((uint64_t)nowhere))
PROBE(null_write, write_at((uint64_t)nowhere))
PROBE(null_call, call_at((uint64_t)nowhere))
PROBE(unmapped_write, write_at(0xdeadbeaf))
PROBE(kernel_read, read_at(KERNEL_BASE + KERNEL_PHYS))
PROBE(kernel_write, write_at(KERNEL_BASE + KERNEL_PHYS))
PROBE(kernel_call, call_at(KERNEL_BASE + KERNEL_PHYS))
PROBE(physmap_read, read_at(PHYSMAP_BASE + KERNEL_PHYS))
PROBE(physmap_write, write_at(PHYSMAP_BASE + KERNEL_PHYS))
PROBE(frames_write, write_at(FRAMES_BASE))
PROBE(screen_write, write_at(0xb8000))
PROBE(screen_alias, write_at(PHYSMAP_BASE + 0xb8000))
PROBE(neighbour_read, read_at(neighbour()))
PROBE(neighbour_write, write_at(neighbour()))
PROBE(text_write, write_at((uint64_t)&probe_say))
PROBE(rodata_write, write_at((uint64_t)constant))
PROBE(start_write, write_at(USER_START_PAGE))
PROBE(data_exec, call_at((uint64_t)ret_in_data))
PROBE(message_exec, message_page()->body[0] = 0xc3; call_at((uint64_t)message_page()->body))
PROBE(last_page, call_at(USER_TOP))
PROBE(noncanonical, read_at(0x0000800000000000))

static void stack_exec(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    volatile uint8_t code[16] = {0xc3};
    call_at((uint64_t)code);
}

// The compiler must not turn the recursion into a loop: hence the work behind the call.
// NOLINTNEXTLINE(misc-no-recursion)
static uint64_t never_inline recurse(uint64_t depth)
{
    volatile uint64_t frame[32];
    frame[depth % 32] = depth;
    return depth == ~0ull ? 0 : recurse(depth + 1) + frame[depth % 32];
}
PROBE(stack_overflow, probe_say("%llu", (unsigned long long)recurse(1)))

// A frame that is larger than the guard page, so that its first write would jump it were the stack not probed.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wframe-larger-than="
static void never_inline big_frame(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    volatile uint8_t local[99999];
    local[0] = 1;
    probe_say("the frame lies at %p: %u", (const void *)local, local[0]);
}
#pragma GCC diagnostic pop

// clang-format off
const struct probe memory_probes[] = {
    {"null-read",       "reads at address 0",                     "page fault: read, not present", null_read, DIES},
    {"null-write",      "writes at address 0",                    "page fault: write, not present", null_write, DIES},
    {"null-call",       "calls address 0",                        "page fault: fetch, not present", null_call, DIES},
    {"unmapped-write",  "writes at 0xdeadbeaf",                   "page fault: write, not present", unmapped_write, DIES},
    {"kernel-read",     "reads the kernel's image",               "page fault: read, protection", kernel_read, DIES},
    {"kernel-write",    "writes the kernel's image",              "page fault: write, protection", kernel_write, DIES},
    {"kernel-call",     "calls the kernel's image",               "page fault: fetch, protection", kernel_call, DIES},
    {"physmap-read",    "reads the kernel's view of all RAM",     "page fault: read, protection", physmap_read, DIES},
    {"physmap-write",   "writes the kernel's view of all RAM",    "page fault: write, protection", physmap_write, DIES},
    {"frames-write",    "writes the frame table",                 "page fault: write", frames_write, DIES},
    {"screen-write",    "writes at 0xb8000, the screen's memory", "page fault: write, not present", screen_write, DIES},
    {"screen-alias",    "writes the screen through the kernel's view", "page fault: write", screen_alias, DIES},
    {"neighbour-read",  "reads where a neighbour's image lies",   "page fault: read, not present", neighbour_read, DIES},
    {"neighbour-write", "writes where a neighbour's image lies",  "page fault: write, not present", neighbour_write, DIES},
    {"text-write",      "writes its own code",                    "page fault: write, protection", text_write, DIES},
    {"rodata-write",    "writes a constant",                      "page fault: write, protection", rodata_write, DIES},
    {"start-write",     "writes its start page",                  "page fault: write, protection", start_write, DIES},
    {"data-exec",       "runs code in its data",                  "page fault: fetch, protection", data_exec, DIES},
    {"stack-exec",      "runs code on its stack",                 "page fault: fetch, protection", stack_exec, DIES},
    {"message-exec",    "runs code in its message page",          "page fault: fetch, protection", message_exec, DIES},
    {"stack-overflow",  "recurses without end",                   "page fault: write, not present", stack_overflow, DIES},
    {"big-frame",       "has a local larger than its stack",      "page fault: not present", big_frame, DIES},
    {"last-page",       "calls the last page of the user half",   "page fault: fetch, not present", last_page, DIES},
    {"noncanonical",    "reads an address that is none",          "general protection", noncanonical, DIES},
    {NULL, NULL, NULL, NULL, DIES},
};
