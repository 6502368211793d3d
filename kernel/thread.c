// SPDX-License-Identifier: MIT
#include "kernel/thread.h"

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
    capability_clear(&t->pager);
    capability_clear(&t->supervisor);
    return t;
}

void thread_choose_path(struct thread *t)
{
    bool partner = !(t->flags & (THREAD_FPU | THREAD_FAULTED | THREAD_EXPIRED)) && t->alarm.deadline == FOREVER;
    bool sender = !(t->flags & THREAD_FPU);
    t->limit = partner ? (2ull << t->priority) - 1 : 0;
    t->table_limit = sender ? t->process->slots * sizeof(struct capability) : 0;
    t->fast_stamp = sender ? t->endpoint_stamp : 0;
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
        if (t->endpoint->stamp == t->endpoint_stamp) endpoint_remove(frame_object(t->endpoint), t);
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

// A fault handler that the caller names; slot 0: none.
static err_t find_handler(struct thread *t, uint64_t slot, struct capability *out)
{
    struct capability *c;
    capability_clear(out);
    if (slot == 0) return OK;
    TRY(capability_find(t->process, slot, TYPE_ENDPOINT, RIGHT_SEND, &c));
    *out = *c;
    return OK;
}

err_t sys_thread_create(struct thread *t)
{
    struct capability *process, *to, pager, supervisor;
    struct frame *page = NULL, *f;
    uint64_t at = t->words[1], priority = t->words[4];
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &process));
    TRY(capability_find_empty(t->process, t->words[0], &to));
    TRY(find_handler(t, t->words[2], &pager));
    TRY(find_handler(t, t->words[3], &supervisor));
    if (priority == 0 || priority >= PRIORITIES - 1) return ERR_BAD_ARGUMENT;
    struct process *p = frame_object(process->object);
    if (at != 0) TRY(thread_find_page(p, (vaddr_t){at}, &page));
    TRY(pool_take(p, TYPE_THREAD, &f));
    // --- nothing below can fail ---
    struct thread *new = thread_make(p, f, priority);
    new->pager = pager;
    new->supervisor = supervisor;
    if (page) thread_bind_page(new, page);
    capability_set(to, f, THREAD_RIGHTS, 0);
    return OK;
}

err_t sys_thread_start(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_THREAD, RIGHT_MANAGE, &c));
    struct thread *new = frame_object(c->object);
    if (new->state != THREAD_NEW) return ERR_BAD_STATE;
    // A return address outside the user half must not exist anywhere: sysretq to one faults in ring 0 on some processors.
    if (t->words[0] < USER_BASE || t->words[0] >= USER_TOP) return ERR_BAD_ADDRESS;
    thread_prepare(new, t->words[0], t->words[1], t->words[2]);
    scheduler_ready(new);
    return OK;
}

err_t sys_yield(struct thread *t)
{
    (void)t;
    scheduler_yield();
    return OK;
}
