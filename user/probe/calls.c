// SPDX-License-Identifier: MIT
// What the kernel must refuse: each probe counts the refusals and names whatever got through.
#include "abi/layout.h"
#include "abi/object.h"
#include "common/error_text.h"
#include "interfaces/init.h"
#include "libsys/ipc.h"
#include "libsys/start.h"
#include "user/probe/probe.h"

// One operation, with the same value in all words. The result is the kernel's part of the tag.
static uint32_t ask(uint32_t operation, cap_t capability, uint64_t word)
{
    struct message m = {.tag = TAG(operation, 0, 0, 0)};
    for (int i = 0; i < MESSAGE_WORDS; i++)
        m.words[i] = word;
    return trap(capability, &m);
}

static const char *operation_name(uint32_t operation)
{
#define OPERATION_CASE(NAME, NUMBER, TEXT) \
    case SYS_##NAME: \
        return #NAME;
    switch ((enum syscall)operation) {
        SYSCALLS(OPERATION_CASE)
    case SYSCALL_COUNT:
        break;
    }
#undef OPERATION_CASE
    return NULL;
}

// These need no capability, do not return, or sleep: they are left out where all operations are tried.
static bool is_free(uint32_t operation)
{
    return operation == SYS_null || operation == SYS_exit || operation == SYS_yield || operation == SYS_cap_drop ||
           operation == SYS_reply || operation == SYS_reply_recv;
}

// Which of several wrongs in a call is named first is the kernel's affair; that something was done is not.
static bool is_refusal(uint32_t error) { return error >= ERR_NO_CAP && error != ERR_AGAIN; }

static void bad_syscall(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    unsigned refused = 0;
    for (uint32_t operation = 0; operation < 256; operation++) {
        if (operation_name(operation)) continue;
        uint32_t error = ask(operation, NO_CAP, 0);
        if (error == ERR_BAD_SYSCALL)
            refused++;
        else
            probe_say("FORBIDDEN THING WORKED: operation %u gave %s", operation, error_name((err_t)error));
    }
    probe_say("%u operations that do not exist: refused, %s", refused, error_name(ERR_BAD_SYSCALL));
}

static unsigned refused_with(cap_t capability)
{
    unsigned refused = 0;
    for (uint32_t operation = 0; operation < SYSCALL_COUNT; operation++) {
        if (!operation_name(operation) || is_free(operation)) continue;
        uint32_t error = ask(operation, capability, 0);
        if (is_refusal(error))
            refused++;
        else
            probe_say("FORBIDDEN THING WORKED: %s on slot %u gave %s", operation_name(operation), capability.slot,
                      error_name((err_t)error));
    }
    return refused;
}

static void bad_cap(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const uint32_t slots[] = {
        0,         start_page()->first_free_slot, start_page()->slot_count - 1, start_page()->slot_count, 0x7ffffff,
        0xffffffff};
    unsigned refused = 0;
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++)
        refused += refused_with((cap_t){slots[i]});
    probe_say("%u operations on slots that hold nothing: refused, %s", refused, error_name(ERR_NO_CAP));
}

// Every operation on a capability that the program does hold, but of another type.
static void wrong_type(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cap_t clock = cap_named("clock");
    unsigned refused = 0;
    for (uint32_t operation = 0; operation < SYSCALL_COUNT; operation++) {
        if (!operation_name(operation) || is_free(operation) || operation == SYS_clock_read ||
            operation == SYS_cap_copy || operation == SYS_cap_mint || operation == SYS_cap_move ||
            operation == SYS_cap_info)
            continue;
        uint32_t error = ask(operation, clock, 0);
        if (is_refusal(error))
            refused++;
        else
            probe_say("FORBIDDEN THING WORKED: %s on the clock gave %s", operation_name(operation),
                      error_name((err_t)error));
    }
    probe_say("%u operations on the clock: refused, %s", refused, error_name(ERR_WRONG_TYPE));
}

// Numbers that a careless kernel would take for addresses, in every word of every operation on every capability held.
// None of them is one: no operation takes a user's pointer.
static void bad_pointer(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const uint64_t numbers[] = {KERNEL_BASE, PHYSMAP_BASE, FRAMES_BASE, USER_TOP, 0x0000800000000000, ~0ull - 7, 1};
    unsigned tried = 0;
    for (uint32_t operation = 0; operation < SYSCALL_COUNT; operation++) {
        // Operations that wait, move or drop what the program needs are left out, and so are messages to servers.
        if (!operation_name(operation) || is_free(operation) || operation <= SYS_recv || operation == SYS_cap_copy ||
            operation == SYS_cap_mint || operation == SYS_cap_move)
            continue;
        for (uint32_t slot = 0; slot < start_page()->first_free_slot; slot++)
            for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++, tried++)
                (void)ask(operation, (cap_t){slot}, numbers[i]);
    }
    probe_say("%u operations with wild numbers: nothing followed", tried);
}

static void port_call(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (uint32_t slot = 0; slot < start_page()->first_free_slot; slot++) {
        uint32_t value;
        if (ports_in((cap_t){slot}, 0x60, 1, &value) == OK) probe_worked("reading port 0x60 through a slot");
        if (ports_out((cap_t){slot}, 0x64, 1, 0xfe) == OK) probe_worked("writing port 0x64 through a slot");
    }
    probe_refused("port 0x60", ports_out(cap_named("ports60"), 0x60, 1, 0));
}

// A capability that may be copied cannot be given more rights or another badge on the way.
static void more_rights(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    uint32_t slot = start_page()->slot_count - 1;
    for (uint32_t i = 0; i < start_page()->cap_count; i++) {
        cap_t held = {start_page()->caps[i].slot};
        struct cap_info before, after;
        if (cap_info(held, &before) != OK || cap_copy(held, NO_CAP, slot, RIGHTS_ALL) != OK) continue;
        if (cap_info((cap_t){slot}, &after) == OK && (after.rights & ~before.rights || after.badge != before.badge))
            probe_worked("a copy with more rights");
        cap_drop((cap_t){slot});
        if (before.badge != 0 && cap_mint(held, NO_CAP, slot, RIGHTS_ALL, 1) == OK) probe_worked("a second badge");
        cap_drop((cap_t){slot});
    }
    probe_refused("badging vga anew", cap_mint(cap_named("vga"), NO_CAP, slot, RIGHTS_ALL, 1));
}

// The kernel has its own stack and never looks at the program's. Of a program's registers only rsp and rbp survive a
// call, and the compiler needs both: so the true stack waits in memory.
static void wild_stack(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    static const uint64_t stacks[] = {0, 1, 0x0000800000000000, PHYSMAP_BASE, KERNEL_BASE + KERNEL_PHYS, ~0ull};
    static uint64_t true_stack;
    for (size_t i = 0; i < sizeof stacks / sizeof stacks[0]; i++) {
        uint64_t tag = SYS_null, wild = stacks[i];
        __asm__ volatile("movq %%rsp, %2\n\tmovq %1, %%rsp\n\tsyscall\n\tmovq %2, %%rsp"
                         : "+a"(tag), "+D"(wild), "+m"(true_stack)
                         :
                         : "rsi", "rdx", "r8", "r9", "r10", "r12", "rbx", "rcx", "r11", "r13", "r14", "r15", "cc",
                           "memory");
    }
    probe_say("null call on %u wild stacks", (unsigned)(sizeof stacks / sizeof stacks[0]));
}

static void wild_length(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    static const uint16_t lengths[] = {MESSAGE_MAX + 1, 4096, 0x7fff, 0xffff};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct message m = {.tag = TAG(SYS_call, 1, lengths[i], 0)};
        uint32_t error = trap(cap_named("vga"), &m);
        if (error < 64)
            probe_worked("a message longer than its page");
        else
            probe_refused("a message longer than its page", error);
    }
    struct message m = {.tag = TAG(SYS_call, 1, 0, MESSAGE_CAPS + 1)};
    probe_refused("a message with five capabilities", trap(cap_named("vga"), &m));
}

// Killing takes init's capability, which boot/system.toml gives to the shell only.
static void kill_init(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    err_t error = init_kill(cap_named("init"), 0, "vga");
    if (error == OK) probe_worked("a program killed a server");
    probe_refused("killing vga", error);
}

// clang-format off
const struct probe call_probes[] = {
    {"bad-syscall", "asks for operations that do not exist",       "bad operation", bad_syscall, REFUSED},
    {"bad-cap",     "every operation on empty and absent slots",   "no capability", bad_cap, REFUSED},
    {"wrong-type",  "every operation on the clock",                "wrong type", wrong_type, REFUSED},
    {"bad-pointer", "passes kernel addresses in every word",       "nothing follows them", bad_pointer, REFUSED},
    {"port-call",   "asks for ports it has no capability for",     "no capability", port_call, REFUSED},
    {"more-rights", "copies capabilities with more rights, badges","no more than before", more_rights, REFUSED},
    {"wild-stack",  "calls the kernel on stacks that are none",    "the kernel never looks", wild_stack, SURVIVES},
    {"wild-length", "sends messages longer than they can be",      "bad length", wild_length, REFUSED},
    {"kill-server", "kills vga",                                   "no capability", kill_init, REFUSED},
    {NULL, NULL, NULL, NULL, DIES},
};
