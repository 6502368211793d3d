// SPDX-License-Identifier: MIT
#include "kernel/fault.h"

#include "common/exception_text.h"
#include "common/mem.h"
#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/init.h"
#include "kernel/ipc.h"
#include "kernel/log.h"
#include "kernel/memory.h"
#include "kernel/panic.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

// The two words that a frame pointer points at, through the physical map: NULL where nothing is mapped. They lie in one
// page, since a frame pointer is a multiple of 16 (System V ABI, "The Stack Frame").
static const uint64_t *peek(struct process *p, uint64_t address)
{
    if (address % 16 != 0 || address < USER_BASE || address >= USER_TOP) return NULL;
    uint64_t entry = paging_entry(p, (vaddr_t){address});
    if (entry == 0 || entry_access(entry) & ACCESS_UNCACHED) return NULL;
    return phys_ptr((paddr_t){entry_address(entry).raw + address % PAGE_SIZE});
}

static uint64_t backtrace(struct thread *t, uint64_t *out)
{
    uint64_t length = 0, rbp = t->rbp;
    const uint64_t *frame;
    while (length < FAULT_BACKTRACE && (frame = peek(t->process, rbp)) && frame[1] != 0) {
        out[length++] = frame[1];
        if (frame[0] <= rbp) break;
        rbp = frame[0];
    }
    return length;
}

uint64_t fault_deliver(struct thread *from, struct thread *to)
{
    if (from->fault_handler == HANDLER_PAGER || !to->page) return TAG(KIND_FAULT, 0, 0, 0);
    struct fault *body = (struct fault *)to->page->body;
    *body = (struct fault){.text_length = from->fault_text};
    thread_get_registers(from, &body->registers);
    body->backtrace_length = backtrace(from, body->backtrace);
    if (from->fault_text) memcpy(body + 1, from->page->body, from->fault_text);
    return TAG(KIND_FAULT, 0, sizeof *body + from->fault_text, 0);
}

// init's own last words, where it has any, say more than its registers do.
static noreturn void stop_without_init(const struct thread *t)
{
    uint64_t cause = t->fault_words[FAULT_CAUSE];
    if (t->fault_text)
        stop_machine("init died: %.*s The machine stops.", (int)t->fault_text, (const char *)t->page->body);
    stop_machine("init died: %s, code %#lx, address %#lx, at %#lx. The machine stops.",
                 cause == FAULT_EXIT ? "EXIT" : exception_text(cause), t->fault_words[FAULT_CODE],
                 t->fault_words[FAULT_ADDRESS], t->fault_words[FAULT_RIP]);
}

static void die(struct thread *t)
{
    if (t->process == init_process) stop_without_init(t);
    thread_end(t);
}

// Asks that handler, or the next one where it is gone; without any, the thread is dead.
static void ask(struct thread *t, enum handler first)
{
    for (enum handler h = first; h < HANDLERS; h++) {
        const struct capability *c = &t->handlers[h];
        if (!capability_alive(c)) continue;
        t->fault_handler = h;
        t->send_badge = c->badge;
        if (!ipc_send(t, frame_object(c->object), true)) return;
    }
    die(t);
}

// The words of a fault's message, in the thread or at once in its pager's registers.
static inline void set_words(uint64_t *words, const struct thread *t, uint64_t cause, uint64_t code, uint64_t address)
{
    words[FAULT_CAUSE] = cause;
    words[FAULT_CODE] = code;
    words[FAULT_ADDRESS] = address;
    words[FAULT_RIP] = t->rip;
    words[FAULT_RSP] = t->rsp;
    words[FAULT_THREAD] = t->number;
}
_Static_assert(MESSAGE_WORDS == FAULT_THREAD + 1, "a fault sets all words");

// What ask would do, where the pager waits and may run at once. NULL: that is not so.
static inline struct thread *take_pager(struct thread *t)
{
    const struct capability *c = &t->handlers[HANDLER_PAGER];
    if (!capability_alive(c)) return NULL;
    struct endpoint *e = frame_object(c->object);
    struct thread *to = e->waiter;
    if (ready_bitmap > to->fpu_limit) return NULL; // 0: nobody waits, or there is more to know about who does
    e->waiter = &nobody;
    t->fault_handler = HANDLER_PAGER;
    to->rdi = c->badge;
    return to;
}

static never_inline void stop_with_process(struct thread *t)
{
    scheduler_remove(t);
    t->state = THREAD_NEW;
}

void fault_raise(struct thread *t, uint64_t cause, uint64_t code, uint64_t address)
{
    set_words(t->fault_words, t, cause, code, address);
    if (frame_type(object_frame(t->process)) == TYPE_DYING) { // paging_unhook stopped it: it ends with its process
        stop_with_process(t);
        return;
    }
    t->flags |= THREAD_FAULTED;
    t->limit = t->fpu_limit = t->body_limit = 0;
    if (cause != VECTOR_PAGE_FAULT) {
        ask(t, HANDLER_DEBUGGER);
        return;
    }
    struct thread *pager = take_pager(t);
    if (!pager) {
        ask(t, HANDLER_PAGER);
        return;
    }
    set_words(pager->words, t, cause, code, address);
    pager->rax = TAG(KIND_FAULT, 0, 0, 0);
    pager->rbx = t->token;
    pager->r13 = 0;
    ipc_begin_call(t, pager);
    pager->state = THREAD_READY;
    current = pager;
}

static void ask_next(struct thread *t) { ask(t, t->fault_handler + 1); }

static struct link orphans = {&orphans, &orphans};

void fault_orphan(struct thread *t)
{
    t->state = THREAD_ORPHANED;
    list_insert_before(&orphans, &t->link);
    clock_soon();
}

bool fault_next_orphan(void)
{
    if (list_empty(&orphans)) return false;
    struct thread *t = container_of(orphans.next, struct thread, link);
    list_remove(&t->link);
    ask_next(t);
    return !list_empty(&orphans);
}

bool fault_replied(struct thread *t, const struct thread *handler)
{
    err_t verdict = (err_t)TAG_METHOD(handler->rax);
    uint64_t cause = t->fault_words[FAULT_CAUSE];
    bool ended = verdict != OK || cause == FAULT_EXIT || cause == FAULT_PANIC;
    if (!ended && TAG_LENGTH(handler->rax) == sizeof(struct registers))
        ended = !thread_set_registers(t, (const struct registers *)handler->page->body);
    if (ended) {
        ask_next(t);
        return false;
    }
    thread_set_flag(t, THREAD_FAULTED, false);
    return true;
}

err_t sys_exit(struct thread *t)
{
    uint64_t length = TAG_LENGTH(t->rax);
    if (!t->page || length > LOG_LINE_MAX) length = 0;
    t->fault_text = length;
    fault_raise(t, length ? FAULT_PANIC : FAULT_EXIT, t->words[0], 0);
    return REGISTERS_ARE_SET;
}
