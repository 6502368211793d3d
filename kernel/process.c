// SPDX-License-Identifier: MIT
#include "kernel/process.h"

#include "common/mem.h"
#include "kernel/endpoint.h"
#include "kernel/ipc.h"
#include "kernel/memory.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

#define FRAMES_MIN 3   // process, top page table, one frame of capabilities
#define FRAMES_MAX 514 // 65,536 capabilities

// Units of work that fit into one kernel entry.
#define THREADS_AT_ONCE 4
#define UNMAP_AT_ONCE 64
#define SKIP_AT_ONCE 16 // empty ranges before them

static void push(struct process *p, struct frame *f)
{
    frame_retype(f, TYPE_POOL);
    f->process = p;
    f->next = p->free;
    p->free = f;
    p->free_frames++;
}

err_t pool_take(struct process *p, enum object_type type, struct frame **out)
{
    struct frame *f = p->free;
    if (!f) return ERR_POOL_EMPTY;
    p->free = f->next;
    p->free_frames--;
    frame_retype(f, type);
    f->process = p;
    *out = f;
    return OK;
}

void pool_return(struct process *p, struct frame *f)
{
    // An empty page table is clear already.
    if (frame_type(f) != TYPE_PAGE_TABLE) clear_words(frame_object(f), PAGE_SIZE / 8);
    push(p, f);
}

struct process *process_make(struct frame *run)
{
    uint32_t pages = run->pages;
    struct process *p = frame_object(run);
    frame_retype(run, TYPE_PROCESS);
    run->process = p;
    run->run_pages = pages;
    for (struct frame *f = run + 1; f < run + pages; f++)
        frame_retype(f, TYPE_KERNEL);
    list_init(&p->threads);
    list_init(&p->owed);
    p->page_table = frame_address(run + 1);
    p->table = frame_object(run + 2);
    p->slots = (pages - 2) * CAPS_PER_FRAME;
    for (uint64_t i = 0; i < p->slots; i++)
        p->table[i].object = &nobody_frame;
    paging_init_top(p->page_table);
    return p;
}

void process_add_run(struct process *p, struct frame *run)
{
    uint32_t pages = run->pages;
    for (struct frame *f = run + pages; f-- > run;) {
        f->run_pages = 0;
        push(p, f);
    }
    run->run_pages = pages;
    run->run_next = p->first_run;
    p->first_run = frame_number(run);
    p->pool_frames += pages;
}

// Brings a run on its way from memory to kernel: OK when it is clear. Its stamp changes first, so no other capability
// reaches it any more; the slot it was called through goes on with the right to finish.
static err_t run_claim(struct thread *t, uint64_t slot, uint32_t least, uint32_t most, struct capability **out)
{
    TRY(capability_find(t->process, slot, TYPE_NONE, RIGHT_MANAGE, out));
    struct capability *c = *out;
    struct frame *f = c->object;
    if (frame_type(f) != TYPE_MEMORY && frame_type(f) != TYPE_CLEARING) return ERR_WRONG_TYPE;
    if (f->pages < least || f->pages > most) return ERR_BAD_LENGTH;
    if (frame_type(f) == TYPE_MEMORY) {
        if (f->run_maps != 0) return ERR_MAPPED;
        if (!frames_ready(f, f->pages)) return ERR_AGAIN;
        capability_become(c, TYPE_CLEARING);
    }
    return run_clear_some(f) ? OK : ERR_AGAIN;
}

err_t sys_process_create(struct thread *t)
{
    struct capability *c;
    TRY(run_claim(t, t->slot, FRAMES_MIN, FRAMES_MAX, &c));
    process_make(c->object);
    capability_set(c, c->object, PROCESS_RIGHTS, 0);
    return OK;
}

err_t sys_process_donate(struct thread *t)
{
    struct capability *process, *run;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &process));
    TRY(run_claim(t, t->words[0], 1, UINT16_MAX, &run));
    process_add_run(frame_object(process->object), run->object);
    capability_clear(run);
    return OK;
}

// --- the end of a process

// Ends threads first: then nothing runs in what is half destroyed, and no message page is pinned.
static bool end_threads(struct process *p)
{
    for (int i = 0; i < THREADS_AT_ONCE && !list_empty(&p->threads); i++)
        thread_end(container_of(p->threads.next, struct thread, in_process));
    return list_empty(&p->threads) && ipc_release_owed(p);
}

// Removes mappings from the cursor on, of one page table at most, and the table itself when it becomes empty.
static bool unmap_some(struct process *p)
{
    vaddr_t first = {p->unmap_cursor};
    struct leaf leaf = paging_leaf(p, first);
    for (int i = 0; !leaf.entries && i < SKIP_AT_ONCE; i++) {
        first = paging_skip(leaf, first);
        if (first.raw >= USER_TOP) return true;
        leaf = paging_leaf(p, first);
    }
    vaddr_t at = first;
    for (int i = 0; leaf.entries && leaf.frame->entries != 0 && i < UNMAP_AT_ONCE; i++, at.raw += PAGE_SIZE)
        if (leaf.entries[leaf_index(at)] != 0) memory_unmap_page(p, leaf, at);
    if (!leaf.entries || leaf.frame->entries == 0) {
        paging_trim(p, first);
        at = paging_skip(leaf, first);
    }
    p->unmap_cursor = at.raw;
    return at.raw >= USER_TOP;
}

// Turns the pool's next run back into memory. Endpoints and ports in it end here, and nothing of theirs stays behind.
static uint32_t release_run(struct process *p, struct capability *to)
{
    struct frame *run = FRAMES + p->first_run;
    uint32_t pages = run->run_pages;
    p->first_run = run->run_next;
    for (struct frame *f = run; f < run + pages; f++) {
        while (frame_type(f) == TYPE_ENDPOINT && !endpoint_release(frame_object(f)))
            continue;
        if (frame_type(f) != TYPE_POOL) clear_words(frame_object(f), PAGE_SIZE / 8);
    }
    run_make(run, pages, TYPE_MEMORY);
    capability_set(to, run, MEMORY_RIGHTS, 0);
    return pages;
}

static err_t destroy_step(struct thread *t, struct capability *c, struct capability *to)
{
    struct frame *run = c->object;
    struct process *p = frame_object(run);
    switch (frame_type(run)) {
    case TYPE_PROCESS:
        if (p == t->process) return ERR_SELF;
        capability_become(c, TYPE_DYING);
        paging_unhook(p);
        p->unmap_cursor = USER_BASE;
        (void)!end_threads(p); // at once: a successor may be bound to its endpoints from here on
        return ERR_AGAIN;
    case TYPE_DYING:
        if (!end_threads(p) || (p->unmap_cursor < USER_TOP && !unmap_some(p))) return ERR_AGAIN;
        if (p->first_run != 0) {
            t->words[0] = release_run(p, to);
        } else { // the process itself goes last, as memory that is being cleared
            run->pages = run->run_pages;
            run->run_maps = 0;
            capability_become(c, TYPE_CLEARING);
        }
        return ERR_AGAIN;
    case TYPE_CLEARING:
        if (!run_clear_some(run)) return ERR_AGAIN;
        t->words[0] = run->pages;
        run_make(run, run->pages, TYPE_MEMORY);
        capability_clear(c);
        capability_set(to, run, MEMORY_RIGHTS, 0);
        return OK;
    default:
        return ERR_WRONG_TYPE;
    }
}

err_t sys_process_destroy(struct thread *t)
{
    struct capability *c, *to;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, RIGHT_MANAGE, &c));
    TRY(capability_find_empty(t->process, t->words[0], &to));
    t->words[0] = 0;
    return destroy_step(t, c, to);
}

err_t sys_process_info(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, 0, &c));
    struct process *p = frame_object(c->object);
    const uint64_t words[] = {p->free_frames, p->pool_frames, p->mapped_pages, p->thread_count, p->slots, p->time};
    memcpy(t->words, words, sizeof words);
    return OK;
}
