// SPDX-License-Identifier: MIT
// A breakpoint here is an address that is compared after each single step. int3 cannot be written into a program: its text
// is mapped from the module itself, for all processes of that image, and the kernel has no memory that is writable and
// executable, not even in two mappings.
#include "user/debug/target.h"

#include "abi/object.h"
#include "common/exception_text.h"
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "libsys/error.h"
#include "libsys/ipc.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"
#include "user/debug/keys.h"

#define FLAG_TRAP 0x100u // rflags: an exception after the next instruction (SDM vol. 3, "Single-Step Exception")
#define LOOK_NS (100 * NS_PER_MS)
#define BUSY_NS (5 * NS_PER_MS)

struct target target;

static uint64_t token; // of the fault that waits for an answer

static cap_t thread(void)
{
    static cap_t found;
    if (!found.slot) found = cap_named("thread");
    return found;
}

static bool is_alive(void)
{
    struct cap_info info;
    return cap_info(thread(), &info) == OK;
}

static void set_gone(void)
{
    target.state = TARGET_GONE;
    printf("%s has ended\n", target.name);
}

void target_print_place(uint64_t address, bool is_return)
{
    struct init_symbol_reply symbol;
    if (init_symbol(cap_named("debuggee"), address, is_return, &symbol) == OK) {
        char name[INIT_SYMBOL_REPLY_NAME_MAX + 1]; // printing overwrites the message page
        copy_text(name, sizeof name, symbol.name);
        printf("0x%lx %s+0x%lx\n", address, name, symbol.offset);
    } else {
        printf("0x%lx\n", address);
    }
}

// --- stopping

static bool is_at_breakpoint(void)
{
    for (unsigned i = 0; i < target.breakpoint_count; i++)
        if (target.breakpoints[i] == target.registers.rip) return true;
    return false;
}

static void take_fault(const struct message *m)
{
    const struct fault *body = (const struct fault *)message_page()->body;
    target.state = TARGET_FAULTED;
    target.registers = body->registers;
    target.changed = false;
    token = m->token;
    memcpy(target.words, m->words, sizeof target.words);
    target.trace_length = body->backtrace_length < FAULT_BACKTRACE ? body->backtrace_length : FAULT_BACKTRACE;
    memcpy(target.trace, body->backtrace, sizeof target.trace);
    size_t length = body->text_length < LOG_LINE_MAX ? body->text_length : LOG_LINE_MAX;
    memcpy(target.text, body + 1, length);
    target.text[length] = '\0';
}

// Only the kernel sends here: nobody else has been given the right.
static bool is_fault(err_t error, const struct message *m)
{
    return error == OK && TAG_OPERATION(m->tag) == KIND_FAULT;
}

// It may have faulted just before: then that is why it stands.
static err_t hold(void)
{
    struct message m;
    err_t error = thread_suspend(thread());
    if (error != OK) return error;
    error = keys_receive(0, &m);
    if (is_fault(error, &m)) {
        take_fault(&m);
        return thread_resume(thread());
    }
    target.state = TARGET_HELD;
    target.changed = false;
    return thread_read(thread(), &target.registers);
}

err_t target_attach(void)
{
    struct thread_info info;
    err_t error = thread_info(thread(), &info);
    if (error == OK) error = thread_debug(thread(), cap_named("self"));
    if (error != OK) return error;
    if (!(info.held & THREAD_IS_SUSPENDED)) return hold();
    target.state = TARGET_HELD;
    return thread_read(thread(), &target.registers);
}

// --- going on

err_t target_write_registers(void)
{
    err_t error = thread_write(thread(), &target.registers);
    target.changed |= error == OK;
    return error;
}

// A thread that waits in an operation takes no registers. What it waits for reaches it although it is held; Ctrl-C ends
// our waiting for that.
static err_t set_trap(bool steps)
{
    struct registers *r = &target.registers;
    for (;;) {
        err_t error = thread_read(thread(), r);
        uint64_t flags = steps ? r->rflags | FLAG_TRAP : r->rflags & ~(uint64_t)FLAG_TRAP;
        if (error != OK || flags == r->rflags) return error;
        r->rflags = flags;
        error = thread_write(thread(), r);
        if (error != ERR_BUSY) return error;
        if (keys_were_interrupted()) return ERR_BUSY;
        struct message m;
        (void)keys_receive(BUSY_NS, &m);
    }
}

// What faulted is tried once more if something was changed, and is otherwise the supervisor's, as without a debugger. A
// trap has been left behind already.
static err_t let_go(void)
{
    if (target.state == TARGET_HELD) return thread_resume(thread());
    bool ends = !FAULT_IS_TRAP(target.words[FAULT_CAUSE]) && !target.changed;
    return ipc_reply(&(struct message){.tag = TAG(0, ends ? ERR_DENIED : OK, 0, 0), .token = token});
}

static void print_stop(const char *why)
{
    printf("%s: ", why);
    target_print_place(target.registers.rip, false);
}

// False: it was a step, and there are more to come.
static bool tell_fault(uint64_t *steps, bool is_stepped)
{
    uint64_t cause = target.words[FAULT_CAUSE];
    if (cause == FAULT_PANIC) {
        printf("%s panics: %s\n", target.name, target.text);
    } else if (cause == EXCEPTION_DB && is_stepped) {
        if (is_at_breakpoint())
            print_stop("breakpoint");
        else if (*steps == 0 || --*steps > 0)
            return false;
        else
            print_stop("stopped");
    } else if (cause == EXCEPTION_PF) {
        printf("PAGE FAULT at address 0x%lx, error 0x%lx: ", target.words[FAULT_ADDRESS], target.words[FAULT_CODE]);
        target_print_place(target.registers.rip, false);
    } else {
        print_stop(exception_text(cause));
    }
    return true;
}

// Until it stands still or is gone. True: by a fault.
static bool wait_for_stop(void)
{
    for (;;) {
        struct message m;
        if (is_fault(keys_receive(LOOK_NS, &m), &m)) {
            take_fault(&m);
            return true;
        }
        if (!is_alive()) {
            set_gone();
            return false;
        }
        if (!keys_were_interrupted()) continue;
        if (hold() != OK) continue;
        if (target.state == TARGET_FAULTED) return true;
        print_stop("held");
        return false;
    }
}

// There is nothing more to do about an exit: it is answered at once.
static void tell_exit(void)
{
    printf("%s exits with code %d\n", target.name, (int)target.words[FAULT_CODE]);
    (void)let_go();
    target.state = TARGET_GONE;
}

void target_run(uint64_t steps)
{
    bool is_stepped = steps > 0 || target.breakpoint_count > 0;
    for (;;) {
        err_t error = set_trap(is_stepped);
        if (error == ERR_BUSY) {
            printf("%s still waits in an operation: nothing was changed\n", target.name);
            return;
        }
        if (error == OK) error = let_go();
        if (error != OK) {
            print_error(target.name, error);
            if (!is_alive()) set_gone();
            return;
        }
        if (!wait_for_stop()) return;
        if (target.words[FAULT_CAUSE] == FAULT_EXIT) {
            tell_exit();
            return;
        }
        if (keys_were_interrupted()) steps = 1; // this is where it stops
        if (tell_fault(&steps, is_stepped)) return;
    }
}

err_t target_detach(void)
{
    err_t error = set_trap(false);
    if (error == OK) error = thread_debug(thread(), NO_CAP);
    return error == OK ? let_go() : error;
}
