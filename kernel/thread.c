// SPDX-License-Identifier: MIT
#include "kernel/thread.h"

#include "common/mem.h"
#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/ipc.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/paging.h"

// Where the token of the next thread starts: above every token that a thread had that is gone, so that not even the next
// life of a frame has a token of an earlier one.
static uint64_t next_token;

struct thread *thread_make(struct process *p, struct frame *f, uint64_t priority)
{
    struct thread *t = frame_object(f);
    t->process = p;
    t->cr3 = p->page_table.raw;
    t->table = p->table;
    t->priority = priority;
    t->token = next_token | frame_number(f);
    t->client = &nobody;
    t->server = &nobody;
    t->endpoint = &nobody_frame;
    t->alarm.deadline = FOREVER;
    thread_choose_path(t);
    t->number = p->next_thread++;
    list_init(&t->link);
    list_insert_before(&p->threads, &t->in_process);
    p->thread_count++;
    for (enum handler h = 0; h < HANDLERS; h++)
        capability_clear(&t->handlers[h]);
    return t;
}

uint32_t extras_loaded;

void thread_load_extras(struct thread *t)
{
    uint32_t concerned = t->extras | extras_loaded;
    // Not only where it differs: `mov fs, …` in ring 3 changes the base and tells nobody.
    if (concerned & THREAD_TLS) msr_write(MSR_FS_BASE, t->tls);
    if (concerned & THREAD_FPU) fpu_prepare(t);
    extras_loaded = t->extras;
    if (t->extras & THREAD_STEPPED && !t->full) {
        // sysret would lose the trap flag: it goes on by iretq, one instruction further.
        struct registers r;
        thread_get_registers(t, &r);
        r.rflags |= RFLAGS_TF;
        (void)thread_set_registers(t, &r);
    }
}

static inline bool is_plain(const struct thread *t) { return t->extras == 0; }

static inline bool is_fast(const struct thread *t) { return is_plain(t) || (t->extras == THREAD_FPU && fpu_is_fast); }

void thread_choose_limits(struct thread *t)
{
    uint64_t limit = t->flags == 0 && t->alarm.deadline == FOREVER ? (2ull << t->priority) - 1 : 0;
    t->limit = is_plain(t) ? limit : 0;
    t->fpu_limit = is_fast(t) ? limit : 0;
    t->body_limit = t->page ? t->fpu_limit : 0;
}

void thread_choose_path(struct thread *t)
{
    uint64_t table_limit = t->process->slots * sizeof(struct capability);
    thread_choose_limits(t);
    t->table_limit = is_plain(t) ? table_limit : 0;
    t->fast_stamp = is_plain(t) ? t->endpoint_stamp : 0;
    t->fpu_table_limit = is_fast(t) ? table_limit : 0;
    t->fpu_stamp = is_fast(t) ? t->endpoint_stamp : 0;
}

err_t thread_find_page(struct process *p, vaddr_t at, struct frame **out)
{
    if (at.raw < USER_BASE || at.raw >= USER_TOP || at.raw % PAGE_SIZE != 0) return ERR_BAD_ADDRESS;
    uint64_t entry = paging_entry(p, at);
    if (!(entry_access(entry) & ACCESS_WRITE)) return ERR_NOT_MAPPED;
    *out = frame_of(entry_address(entry));
    return frame_type((*out)->head) != TYPE_MEMORY || (*out)->pins != 0 ? ERR_BUSY : OK;
}

void thread_bind_page(struct thread *t, struct frame *f)
{
    f->pins++;
    f->head->run_maps++;
    t->page_frame = f;
    t->page = frame_object(f);
    thread_choose_limits(t);
}

void thread_prepare(struct thread *t, uint64_t rip, uint64_t rsp, uint64_t argument)
{
    t->rip = rip;
    t->rsp = rsp;
    t->rdi = argument;
    t->rflags = RFLAGS_IF | RFLAGS_FIXED;
    t->full = true;
}

static void leave_conversations(struct thread *t)
{
    switch ((enum thread_state)t->state) {
    case THREAD_READY:
        scheduler_remove(t);
        break;
    case THREAD_RECEIVING:
        endpoint_remove(frame_object(t->endpoint), t); // it lives: its end would have woken t
        break;
    case THREAD_SENDING:
        endpoint_remove(t->endpoint_waiting, t);
        break;
    case THREAD_CALLING:
        ipc_end_call(t);
        break;
    case THREAD_ORPHANED:
        list_remove(&t->link);
        break;
    case THREAD_NEW:
        break;
    }
}

void thread_end(struct thread *t)
{
    leave_conversations(t);
    clock_disarm(t);
    if (t->token >= next_token) next_token = (t->token & ~(TOKEN_STEP - 1)) + TOKEN_STEP;
    if (t->client != &nobody) ipc_fail(t->client, ERR_SERVER_DIED);
    if (t->page_frame) {
        t->page_frame->pins--;
        t->page_frame->head->run_maps--;
    }
    fpu_forget(t);
    t->process->thread_count--;
    list_remove(&t->in_process);
    pool_return(t->process, object_frame(t));
}

// --- operations

// A fault handler that the caller names; slot 0: the caller's own for a thread beside it, none for any other.
static err_t find_handler(struct thread *t, const struct process *p, uint64_t slot, enum handler h,
                          struct capability *out)
{
    struct capability *c;
    *out = t->handlers[h];
    if (p != t->process) capability_clear(out);
    if (slot == 0) return OK;
    TRY(capability_find(t->process, slot, TYPE_ENDPOINT, RIGHT_SEND, &c));
    *out = *c;
    return OK;
}

// Nobody gives more than he has: who creates a thread cannot make it preempt those who preempt him.
static err_t check_priority(const struct thread *t, uint64_t priority)
{
    return priority == 0 || priority > t->priority ? ERR_BAD_ARGUMENT : OK;
}

static err_t find_thread(struct thread *t, struct thread **out)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_THREAD, RIGHT_MANAGE, &c));
    *out = frame_object(c->object);
    return OK;
}

err_t sys_thread_create(struct thread *t)
{
    struct capability *process, *to, pager, supervisor;
    struct frame *page = NULL, *f;
    uint64_t at = t->words[1], priority = t->words[4], tls = t->words[5];
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &process));
    struct process *p = frame_object(process->object);
    TRY(capability_find_empty(t->process, t->words[0], &to));
    TRY(find_handler(t, p, t->words[2], HANDLER_PAGER, &pager));
    TRY(find_handler(t, p, t->words[3], HANDLER_SUPERVISOR, &supervisor));
    TRY(check_priority(t, priority));
    if (tls >= USER_TOP) return ERR_BAD_ADDRESS; // the MSR would refuse some of them with an exception in ring 0
    if (at != 0) TRY(thread_find_page(p, (vaddr_t){at}, &page));
    TRY(pool_take(p, TYPE_THREAD, &f));
    // --- nothing below can fail ---
    struct thread *new = thread_make(p, f, priority);
    new->handlers[HANDLER_PAGER] = pager;
    new->handlers[HANDLER_SUPERVISOR] = supervisor;
    new->tls = tls;
    if (tls) thread_set_extra(new, THREAD_TLS, true);
    if (page) thread_bind_page(new, page);
    capability_set(to, f, THREAD_RIGHTS, 0);
    return OK;
}

err_t sys_thread_start(struct thread *t)
{
    struct thread *new;
    TRY(find_thread(t, &new));
    if (new->state != THREAD_NEW) return ERR_BAD_STATE;
    // A return address outside the user half must not exist anywhere: sysretq to one faults in ring 0 on some processors.
    if (t->words[0] < USER_BASE || t->words[0] >= USER_TOP) return ERR_BAD_ADDRESS;
    thread_prepare(new, t->words[0], t->words[1], t->words[2]);
    scheduler_ready(new);
    return OK;
}

// Suspended, a thread does not run, and nothing else changes: what it waits for may arrive meanwhile.
err_t sys_thread_suspend(struct thread *t)
{
    struct thread *of;
    TRY(find_thread(t, &of));
    if (of->flags & THREAD_SUSPENDED) return ERR_BAD_STATE;
    thread_set_flag(of, THREAD_SUSPENDED, true);
    if (of->state == THREAD_READY) scheduler_remove(of);
    return OK;
}

err_t sys_thread_resume(struct thread *t)
{
    struct thread *of;
    TRY(find_thread(t, &of));
    if (!(of->flags & THREAD_SUSPENDED)) return ERR_BAD_STATE;
    thread_set_flag(of, THREAD_SUSPENDED, false);
    if (of->state == THREAD_READY) scheduler_ready(of);
    return OK;
}

err_t sys_thread_priority(struct thread *t)
{
    struct thread *of;
    TRY(find_thread(t, &of));
    TRY(check_priority(t, t->words[0]));
    bool is_ready = of->state == THREAD_READY;
    if (is_ready) scheduler_remove(of); // out of the queue of its old priority, into that of its new one
    of->priority = t->words[0];
    thread_choose_path(of);
    if (is_ready) scheduler_ready(of);
    return OK;
}

err_t sys_thread_debug(struct thread *t)
{
    struct thread *of;
    struct capability debugger;
    TRY(find_thread(t, &of));
    TRY(find_handler(t, NULL, t->words[0], HANDLER_DEBUGGER, &debugger));
    of->handlers[HANDLER_DEBUGGER] = debugger;
    return OK;
}

err_t sys_thread_info(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_THREAD, 0, &c));
    const struct thread *of = frame_object(c->object);
    const uint64_t held = (of->flags & THREAD_SUSPENDED ? THREAD_IS_SUSPENDED : 0) |
                          (of->flags & THREAD_FAULTED ? THREAD_HAS_FAULTED : 0);
    const uint64_t words[] = {of->state, held, of->priority, of->number, of->time, of->tls};
    memcpy(t->words, words, sizeof words);
    return OK;
}

err_t sys_thread_destroy(struct thread *t)
{
    struct thread *of;
    TRY(find_thread(t, &of));
    if (of == t) return ERR_SELF; // exit is for that, and tells the supervisor
    thread_end(of);
    return OK;
}
