// SPDX-License-Identifier: MIT
#include "kernel/process.h"

#include "common/mem.h"
#include "kernel/endpoint.h"
#include "kernel/ipc.h"
#include "kernel/memory.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

#define TABLE_FIRST 2  // frame of the capability table in a process's run
#define FRAMES_MIN 3   // process, top page table, one frame of capabilities
#define FRAMES_MAX 514 // 65,536 capabilities

// Units of work that fit into one kernel entry.
#define THREADS_AT_ONCE 4
#define SKIP_AT_ONCE 16     // empty ranges before them
#define FILL_AT_ONCE 8      // frames of a capability table
#define RELEASE_AT_ONCE 128 // free frames of a pool,
#define OBJECT_WEIGHT 40    // among them what must be cleared
#define ENDPOINT_WEIGHT 100 // or has callers

err_t pool_take(struct process *p, enum object_type type, struct frame **out)
{
    if (p->free_frames == 0) return ERR_POOL_EMPTY;
    struct frame *f = p->free, *run = FRAMES + p->fresh_run;
    if (f) {
        p->free = f->next;
    } else {
        f = run + p->fresh_used++;
        if (p->fresh_used == run->run_pages) {
            p->fresh_run = run->run_next;
            p->fresh_used = 0;
        }
    }
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
    frame_retype(f, TYPE_POOL);
    f->next = p->free;
    p->free = f;
    p->free_frames++;
}

bool table_fill_some(struct frame *run)
{
    if (run->run_maps < TABLE_FIRST) run->run_maps = TABLE_FIRST;
    uint32_t left = run->pages - run->run_maps, now = left < FILL_AT_ONCE ? left : FILL_AT_ONCE;
    struct capability *c = frame_object(run + run->run_maps);
    for (struct capability *end = c + now * CAPS_PER_FRAME; c < end; c++)
        c->object = &nobody_frame;
    run->run_maps += now;
    return now == left;
}

struct process *process_make(struct frame *run)
{
    struct process *p = frame_object(run);
    frame_retype(run, TYPE_PROCESS);
    run->process = p;
    list_init(&p->threads);
    list_init(&p->owed);
    p->page_table = frame_address(run + 1);
    p->table = frame_object(run + TABLE_FIRST);
    p->slots = (run->pages - TABLE_FIRST) * CAPS_PER_FRAME;
    paging_init_top(p);
    return p;
}

void process_add_run(struct process *p, struct frame *run)
{
    uint32_t number = frame_number(run);
    frame_retype(run, TYPE_POOL);
    run->run_pages = run->pages;
    run->run_next = 0;
    *(p->last_run ? &FRAMES[p->last_run].run_next : &p->first_run) = number;
    p->last_run = number;
    if (p->fresh_run == 0) p->fresh_run = number;
    p->free_frames += run->run_pages;
    p->pool_frames += run->run_pages;
}

// Brings a run on its way from memory to kernel: OK when it is clear. Its stamp changes first, so no other capability
// reaches it any more; the slot it was called through goes on with the right to finish.
static err_t run_claim(struct capability *c, uint32_t least, uint32_t most)
{
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
    TRY(capability_find(t->process, t->slot, TYPE_NONE, RIGHT_MANAGE, &c));
    if (frame_type(c->object) != TYPE_MAKING) {
        TRY(run_claim(c, FRAMES_MIN, FRAMES_MAX));
        c->object->run_maps = 0;
        capability_become(c, TYPE_MAKING);
        return ERR_AGAIN;
    }
    if (!table_fill_some(c->object)) return ERR_AGAIN;
    process_make(c->object);
    capability_set(c, c->object, PROCESS_RIGHTS, 0);
    return OK;
}

err_t sys_process_donate(struct thread *t)
{
    struct capability *process, *run;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &process));
    TRY(capability_find(t->process, t->words[0], TYPE_NONE, RIGHT_MANAGE, &run));
    TRY(run_claim(run, 1, UINT16_MAX));
    process_add_run(frame_object(process->object), run->object);
    capability_clear(run);
    return OK;
}

// --- the end of a process

// Ends threads, and then the calls that the process owed an answer. True: none is left.
static bool end_threads(struct process *p)
{
    if (list_empty(&p->threads) && list_empty(&p->owed)) return true;
    if (list_empty(&p->threads)) ipc_release_owed(p);
    for (int i = 0; i < THREADS_AT_ONCE && !list_empty(&p->threads); i++)
        thread_end(container_of(p->threads.next, struct thread, in_process));
    return false;
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
    if (leaf.entries) at.raw += PAGE_SIZE * memory_unmap_some(p, leaf, first, PAGES_PER_TABLE - leaf_index(first));
    if (!leaf.entries || object_frame(leaf.entries)->entries == 0) {
        paging_trim(p, first);
        at = paging_skip(leaf, first);
    }
    p->unmap_cursor = at.raw;
    return at.raw >= USER_TOP;
}

static int release_weight(enum object_type type)
{
    if (type == TYPE_ENDPOINT || type == TYPE_ENDING) return ENDPOINT_WEIGHT;
    return type == TYPE_POOL ? 1 : OBJECT_WEIGHT;
}

// Takes what stands in a frame of a pool away. false: callers wait for the endpoint there, and are being told.
static bool release_frame(struct frame *f)
{
    if (frame_type(f) == TYPE_ENDPOINT) frame_retype(f, TYPE_ENDING);
    if (frame_type(f) == TYPE_ENDING && !endpoint_release(frame_object(f))) return false;
    if (frame_type(f) != TYPE_POOL) clear_words(frame_object(f), PAGE_SIZE / 8);
    frame_retype(f, TYPE_INNER);
    return true;
}

// Makes the pool's first run memory again; true: all of it is. Frames that were never taken from it need nothing.
static bool release_some(struct process *p)
{
    struct frame *run = FRAMES + p->first_run;
    uint32_t used = p->first_run == p->fresh_run ? p->fresh_used : run->run_pages;
    for (int left = RELEASE_AT_ONCE; p->release_cursor < used; p->release_cursor++) {
        struct frame *f = run + p->release_cursor;
        left -= release_weight(frame_type(f));
        if (left < 0 || !release_frame(f)) return false;
    }
    return true;
}

static uint32_t take_run(struct process *p, struct capability *to)
{
    struct frame *run = FRAMES + p->first_run;
    uint32_t pages = run->run_pages;
    if (p->fresh_run == p->first_run) {
        p->fresh_run = run->run_next;
        p->fresh_used = 0;
    }
    p->first_run = run->run_next;
    p->release_cursor = 0;
    run_begin(run, pages, TYPE_MEMORY);
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
        end_threads(p);
        return ERR_AGAIN;
    case TYPE_DYING:
        if (!end_threads(p) || (p->unmap_cursor < USER_TOP && !unmap_some(p))) return ERR_AGAIN;
        if (p->first_run != 0) {
            if (release_some(p)) t->words[0] = take_run(p, to);
            return ERR_AGAIN;
        }
        __attribute__((fallthrough));
    case TYPE_MAKING: // the process itself goes last, as memory that is being cleared
        run->run_maps = 0;
        capability_become(c, TYPE_CLEARING);
        return ERR_AGAIN;
    case TYPE_CLEARING:
        if (!run_clear_some(run)) return ERR_AGAIN;
        t->words[0] = run->pages;
        run_begin(run, run->pages, TYPE_MEMORY);
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
