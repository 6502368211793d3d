// SPDX-License-Identifier: MIT
#include "kernel/thread.h"
#include "common/try.h"
#include "kernel/syscall.h"

#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/ipc.h"
#include "kernel/scheduler.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/paging.h"

struct thread *thread_make(struct process *p, struct frame *f, uint64_t priority)
{
    struct thread *t = frame_object(f);
    t->process = p;
    t->cr3 = p->page_table.raw;
    t->table = p->table;
    t->table_limit = p->slots * sizeof(struct capability);
    t->priority = priority;
    t->limit = (2ull << priority) - 1;
    t->token = frame_number(f);
    t->client = &nobody;
    t->server = &nobody;
    t->deadline = FOREVER;
    t->number = p->next_thread++;
    list_init(&t->link);
    list_init(&t->deadline_link);
    list_append(&p->threads, &t->in_process);
    p->thread_count++;
    capability_clear(&t->pager);
    capability_clear(&t->supervisor);
    return t;
}

err_t thread_bind_page(struct thread *t, vaddr_t at)
{
    if (at.raw < USER_BASE || at.raw >= USER_TOP || at.raw % PAGE_SIZE != 0) return ERR_BAD_ADDRESS;
    struct leaf leaf = paging_leaf(t->process, at);
    uint64_t entry = leaf.entries ? leaf.entries[leaf_index(at)] : 0;
    if (!(entry_access(entry) & ACCESS_WRITE)) return ERR_NOT_MAPPED;
    struct frame *f = frame_of(entry_address(entry));
    if (frame_type(f->head) != TYPE_MEMORY || f->pins != 0) return ERR_BUSY;
    f->pins++;
    f->head->run_maps++;
    t->page_frame = f;
    t->page = frame_object(f);
    return OK;
}

void thread_prepare(struct thread *t, uint64_t rip, uint64_t rsp, uint64_t argument)
{
    t->rip = rip;
    t->rsp = rsp;
    t->rdi = argument;
    t->rflags = RFLAGS_IF | RFLAGS_FIXED;
    t->flags = THREAD_FULL;
}

static void leave_conversations(struct thread *t)
{
    struct endpoint *e = t->endpoint;
    switch ((enum thread_state)t->state) {
    case THREAD_READY:
        scheduler_remove(t);
        break;
    case THREAD_RECEIVING:
        if (object_frame(e)->stamp == t->endpoint_stamp) endpoint_remove(e, t);
        break;
    case THREAD_SENDING:
        endpoint_remove(t->endpoint_waiting, t);
        break;
    case THREAD_CALLING:
        ipc_end_call(t);
        break;
    case THREAD_NEW:
    case THREAD_DEAD:
        break;
    }
}

void thread_end(struct thread *t)
{
    leave_conversations(t);
    clock_disarm(t);
    t->state = THREAD_DEAD;
    if (t->client != &nobody) ipc_fail(t->client, ERR_SERVER_DIED);
    if (t->page_frame) {
        t->page_frame->pins--;
        t->page_frame->head->run_maps--;
        t->page_frame = NULL;
        t->page = NULL;
    }
    fpu_forget(t);
    t->process->thread_count--;
}

// --- operations

static err_t copy_endpoint(struct process *p, uint64_t slot, struct capability *to)
{
    if (slot == 0) return OK;
    struct capability *c;
    err_t err = capability_find(p, slot, TYPE_ENDPOINT, RIGHT_SEND, &c);
    if (!err) *to = *c;
    return err;
}

err_t sys_thread_create(struct thread *t)
{
    struct capability *process, *to, pager, supervisor;
    capability_clear(&pager);
    capability_clear(&supervisor);
    uint64_t priority = t->words[4];
    err_t err = capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &process);
    if (!err) err = capability_find_empty(t->process, t->words[0], &to);
    if (!err) err = copy_endpoint(t->process, t->words[2], &pager);
    if (!err) err = copy_endpoint(t->process, t->words[3], &supervisor);
    if (!err && (priority == 0 || priority >= PRIORITIES - 1)) err = ERR_BAD_ARGUMENT;
    struct process *p = err ? NULL : frame_object(process->object);
    struct frame *f;
    if (!err) err = pool_take(p, TYPE_THREAD, &f);
    if (err) return err;
    struct thread *new = thread_make(p, f, priority);
    new->pager = pager;
    new->supervisor = supervisor;
    err = t->words[1] ? thread_bind_page(new, (vaddr_t){t->words[1]}) : OK;
    if (err) {
        list_remove(&new->in_process);
        p->thread_count--;
        pool_return(p, f);
        return err;
    }
    capability_set(to, f, THREAD_RIGHTS, 0);
    return OK;
}

static err_t find_thread(struct thread *t, uint8_t rights, struct capability **c, struct thread **out)
{
    err_t err = capability_find(t->process, t->slot, TYPE_THREAD, rights, c);
    if (!err) *out = frame_object((*c)->object);
    return err;
}

err_t sys_thread_start(struct thread *t)
{
    struct capability *c;
    struct thread *new;
    TRY(find_thread(t, RIGHT_MANAGE, &c, &new));
    if (new->state != THREAD_NEW) return ERR_BAD_STATE;
    // A return address outside the user half must not exist anywhere: sysretq to one faults in ring 0 on some processors.
    if (t->words[0] < USER_BASE || t->words[0] >= USER_TOP) return ERR_BAD_ADDRESS;
    thread_prepare(new, t->words[0], t->words[1], t->words[2]);
    scheduler_ready(new);
    return OK;
}

err_t sys_thread_destroy(struct thread *t)
{
    struct capability *c;
    struct thread *old;
    TRY(find_thread(t, RIGHT_MANAGE, &c, &old));
    if (old == t) return ERR_SELF;
    thread_end(old);
    list_remove(&old->in_process);
    pool_return(old->process, c->object);
    capability_clear(c);
    return OK;
}

err_t sys_thread_info(struct thread *t)
{
    struct capability *c;
    struct thread *other;
    TRY(find_thread(t, 0, &c, &other));
    t->words[0] = other->state;
    t->words[1] = other->priority;
    t->words[2] = other->time;
    return OK;
}

err_t sys_yield(struct thread *t)
{
    (void)t;
    scheduler_yield();
    return OK;
}
