// SPDX-License-Identifier: MIT
// I3: the sum of mappings is the map count of each frame. I4: each frame of RAM is the kernel's own since boot, or in one
// run: memory, a process, or a pool; and each pool's free list and counts are right.
#include "common/memory_map.h"
#include "kernel/debug/census.h"
#include "kernel/init.h"
#include "kernel/x86/cpu.h"

struct tally *tallies;
struct frame_sums frame_sums;

bool tallies_make(const struct memory_map *ram, struct memory_map *free)
{
    uint64_t pages = (frame_count * sizeof(struct tally) + PAGE_SIZE - 1) >> PAGE_SHIFT, first;
    if (!memory_map_take(free, pages, FIRST_TAKEN, &first)) return false;
    tallies = phys_ptr((paddr_t){first << PAGE_SHIFT});
    clear_words(tallies, pages * PAGE_SIZE / 8);
    for (size_t i = 0; i < ram->count; i++)
        for (uint64_t n = ram->areas[i].first; n < ram->areas[i].end; n++)
            tallies[n].marks = MARK_RAM;
    return true;
}

// How many frames belong to what begins at f; 1 for what stands alone.
static uint64_t length_of(const struct frame *f)
{
    switch (frame_type(f)) {
    case TYPE_MEMORY:
    case TYPE_DEVICE:
    case TYPE_CLEARING:
    case TYPE_MAKING:
    case TYPE_PROCESS:
    case TYPE_DYING:
        return f->pages;
    default:
        return 1;
    }
}

static const struct frame *next_run(const struct frame *f)
{
    if (!is_frame(f)) violated("I4", "frame %#x is in no run", frame_number(f));
    uint64_t pages = length_of(f);
    if (pages == 0 || pages > (uint64_t)(FRAMES + frame_count - f))
        violated("I4", "the run at frame %#x has %lu pages", frame_number(f), pages);
    return f + pages;
}

void tallies_begin(void)
{
    for (const struct frame *f = FRAMES; f < FRAMES + frame_count; f = next_run(f))
        if (frame_type(f) == TYPE_NONE) tally_of(f)->marks |= MARK_BOOT;
    for (struct frame *run = FRAMES + init_process->first_run, *f = run; f < run + run->run_pages; f++)
        tally_of(f)->marks &= (uint16_t)~MARK_BOOT; // those that were never taken
}

void census_find_processes(void)
{
    census_process_count = 0;
    for (const struct frame *f = FRAMES; f < FRAMES + frame_count; f = next_run(f)) {
        if (frame_type(f) != TYPE_PROCESS && frame_type(f) != TYPE_DYING) continue;
        if (census_process_count == PROCESSES) violated("I4", "more than %d processes", PROCESSES);
        census_processes[census_process_count++] = frame_object(f);
    }
    for (uint64_t n = 0; n < frame_count; n++)
        if (frame_is_ready(FRAMES + n)) tallies[n] = (struct tally){.marks = tallies[n].marks & MARKS_KEPT};
    frame_sums = (struct frame_sums){0};
}

// --- pools

static void count_pool_frame(struct process *p, struct frame *f, uint64_t *free, uint64_t *threads)
{
    struct tally *t = tally_of(f);
    if (t->marks & MARK_POOL) violated("I4", "frame %#x is in two pools", frame_number(f));
    t->marks |= MARK_POOL;
    if (f->process != p) violated("I4", "frame %#x of a pool names another process", frame_number(f));
    switch (frame_type(f)) {
    case TYPE_POOL:
        ++*free;
        if (!poison_is_intact(f)) violated("I12", "free frame %#x was written to", frame_number(f));
        break;
    case TYPE_THREAD:
        ++*threads;
        break;
    case TYPE_PAGE_TABLE:
    case TYPE_ENDPOINT:
    case TYPE_ENDING:
    case TYPE_PORTS:
        break;
    default:
        violated("I4", "frame %#x of a pool has type %d", frame_number(f), frame_type(f));
    }
}

// Never taken from its run, or (of a process that is being destroyed) no part of the pool any more.
static void count_unused_frame(const struct frame *run, const struct frame *f)
{
    struct tally *t = tally_of(f);
    if (t->marks & MARK_POOL) violated("I4", "frame %#x is in two pools", frame_number(f));
    t->marks |= MARK_POOL;
    if (frame_type(f) != TYPE_INNER && frame_type(f) != (f == run ? TYPE_POOL : TYPE_NONE))
        violated("I4", "frame %#x was never taken from its pool and has type %d", frame_number(f), frame_type(f));
    if (!poison_is_intact(f) || *(const uint64_t *)frame_object(f) != 0)
        violated("I12", "free frame %#x was written to", frame_number(f));
}

static void check_free_list(struct process *p, uint64_t free, uint64_t fresh_frames)
{
    uint64_t length = 0;
    for (struct frame *f = p->free; f; f = f->next, length++) {
        if (!is_frame(f) || frame_type(f) != TYPE_POOL || f->process != p || tally_of(f)->marks & MARK_FREE)
            violated("I4", "the free list of process %#lx leads to %#lx", (uint64_t)p, (uint64_t)f);
        tally_of(f)->marks |= MARK_FREE;
    }
    if (length != free || free + fresh_frames != p->free_frames)
        violated("I4", "process %#lx: %lu free frames, %lu on its list, %u in its count", (uint64_t)p, free, length,
                 p->free_frames);
}

static void check_pool(struct process *p)
{
    uint64_t pages = 0, free = 0, fresh_frames = 0, threads = 0;
    bool all_used = true;
    for (uint32_t n = p->first_run; n; n = FRAMES[n].run_next) {
        struct frame *run = FRAMES + n;
        if (!is_frame(run) || run->run_pages == 0 || run->run_pages > frame_count - n)
            violated("I4", "process %#lx has no run at frame %#x", (uint64_t)p, n);
        uint32_t used = n == p->fresh_run ? p->fresh_used : all_used ? run->run_pages : 0;
        uint32_t gone = n == p->first_run ? p->release_cursor : 0;
        all_used = all_used && n != p->fresh_run;
        for (uint32_t i = 0; i < run->run_pages; i++) {
            if (i >= gone && i < used)
                count_pool_frame(p, run + i, &free, &threads);
            else
                count_unused_frame(run, run + i);
        }
        fresh_frames += run->run_pages - used;
        pages += run->run_pages;
    }
    if (threads != p->thread_count)
        violated("I6", "process %#lx has %lu threads and counts %u", (uint64_t)p, threads, p->thread_count);
    frame_sums.pool_free += free + fresh_frames;
    // Of one that is being destroyed, some runs are gone.
    if (is_dying(p)) return;
    if (pages != p->pool_frames)
        violated("I4", "process %#lx: %lu frames in its runs, %u in its count", (uint64_t)p, pages, p->pool_frames);
    check_free_list(p, free, fresh_frames);
}

void census_pools(void)
{
    for (uint32_t i = 0; i < census_process_count; i++)
        check_pool(census_processes[i]);
}

// --- all frames

static uint64_t check_books(const struct frame *head, const struct frame *f)
{
    const struct tally *t = tally_of(f);
    if (f->maps != t->maps)
        violated("I3", "frame %#x has %u mappings and counts %u", frame_number(f), t->maps, f->maps);
    if (f->pins != t->pins) violated("I3", "frame %#x has %u pins and counts %u", frame_number(f), t->pins, f->pins);
    bool writable = t->marks & MARK_WRITABLE, executable = t->marks & MARK_EXECUTABLE;
    if (writable && executable) violated("I2", "frame %#x is writable and executable", frame_number(f));
    if ((f->writers > 0) != writable || (f->writers < 0) != executable)
        violated("I3", "frame %#x counts %d writable mappings", frame_number(f), f->writers);
    if (t->maps + t->pins != 0 && f->head != head) violated("I4", "frame %#x does not name its run", frame_number(f));
    return t->maps + t->pins;
}

static void check_run(const struct frame *head, const struct frame *end)
{
    uint64_t books = 0;
    enum object_type type = frame_type(head);
    for (const struct frame *f = head; f < end; f++) {
        if (!frame_is_ready(f)) continue;
        if (tally_of(f)->marks & (MARK_POOL | MARK_BOOT | MARK_TABLE))
            violated("I4", "frame %#x is in a run and something else", frame_number(f));
        enum object_type inner = frame_type(f);
        if (f != head && inner != TYPE_INNER && inner != TYPE_NONE)
            violated("I4", "frame %#x inside a run has type %d", frame_number(f), inner);
        books += check_books(head, f);
    }
    if ((type == TYPE_MEMORY || type == TYPE_DEVICE) && head->run_maps != books)
        violated("I3", "the run at frame %#x has %lu mappings and pins and counts %u", frame_number(head), books,
                 head->run_maps);
    frame_sums.mapped += books;
}

void census_frames(void)
{
    struct frame_sums *s = &frame_sums;
    const struct frame *end;
    for (const struct frame *f = FRAMES; f < FRAMES + frame_count; f = end) {
        end = next_run(f);
        uint16_t marks = tally_of(f)->marks;
        uint64_t pages = marks & MARK_RAM ? (uint64_t)(end - f) : 0;
        s->ram += pages;
        switch (frame_type(f)) {
        case TYPE_NONE:
            if (!(marks & (MARK_BOOT | MARK_POOL))) violated("I4", "frame %#x belongs to nobody", frame_number(f));
            *(marks & MARK_POOL ? &s->pools : &s->boot) += pages;
            break;
        case TYPE_MEMORY:
        case TYPE_DEVICE:
        case TYPE_CLEARING:
            check_run(f, end);
            s->memory += pages;
            break;
        case TYPE_MAKING:
        case TYPE_PROCESS:
        case TYPE_DYING:
            check_run(f, end);
            s->processes += pages;
            break;
        default:
            if (!(marks & MARK_POOL))
                violated("I4", "frame %#x of type %d is in no run", frame_number(f), frame_type(f));
            s->pools += pages;
            bool is_table = frame_type(f) == TYPE_PAGE_TABLE;
            if (is_table != (marks & MARK_TABLE ? true : false))
                violated("I1", "page table %#x is not used as one", frame_number(f));
        }
    }
}
