// SPDX-License-Identifier: MIT
// I1: no user mapping of a kernel frame. I2: nothing is writable and executable, through every alias. Page tables are
// looked at as the processor sees them.
#include "kernel/debug/census.h"
#include "kernel/memory.h"
#include "kernel/x86/cpu.h"

#define PRESENT BIT(0)
#define WRITE BIT(1)
#define USER BIT(2)
#define CACHE (BIT(3) | BIT(4))
#define NOTED (BIT(5) | BIT(6)) // accessed, dirty: the processor's
#define LARGE BIT(7)
#define GLOBAL BIT(8)
#define NX BIT(63)
#define ADDRESS BITS(51, 12)

#define TOP 3
#define HALF (PAGES_PER_TABLE / 2)
#define SHIFT(LEVEL) (PAGE_SHIFT + 9 * (LEVEL))

extern char kernel_start[], kernel_text[], kernel_rodata[], kernel_data[], kernel_end[];

struct walk {
    struct process *process; // NULL: the kernel's half
    uint64_t *table[TOP + 1];
    uint32_t index[TOP + 1], used[TOP + 1];
    uint64_t pages; // leaves
    bool met_remembered;
};

// Sign-extended from bit 47.
static uint64_t address_of(const struct walk *w, int level)
{
    uint64_t at = 0;
    for (int l = TOP; l >= level; l--)
        at |= (uint64_t)w->index[l] << SHIFT(l);
    return (uint64_t)((int64_t)(at << 16) >> 16);
}

// --- leaves

static void look_at_user_page(struct process *p, uint64_t at, uint64_t entry)
{
    if ((entry & ~(PRESENT | WRITE | USER | CACHE | NOTED | NX | ADDRESS)) || !(entry & USER))
        violated("I1", "entry %#lx of %#lx in process %#lx", entry, at, (uint64_t)p);
    if (entry & WRITE && !(entry & NX))
        violated("I2", "%#lx of process %#lx is writable and executable", at, (uint64_t)p);
    if (at < USER_BASE || at >= USER_TOP) violated("I1", "process %#lx maps %#lx", (uint64_t)p, at);
    const struct frame *f = FRAMES + (entry_address(entry).raw >> PAGE_SHIFT);
    if (!is_frame(f) || !is_frame(f->head)) violated("I1", "%#lx of process %#lx shows no frame", at, (uint64_t)p);
    enum object_type type = frame_type(f->head);
    if ((type != TYPE_MEMORY && type != TYPE_DEVICE) || f < f->head || f >= f->head + f->head->pages)
        violated("I1", "%#lx of process %#lx shows frame %#x, which is no memory", at, (uint64_t)p, frame_number(f));
    struct tally *t = tally_of(f);
    t->maps++;
    t->marks |= entry & WRITE ? MARK_WRITABLE : 0;
    t->marks |= entry & NX ? 0 : MARK_EXECUTABLE;
}

// The kernel's code is the only thing that is executable in the upper half, and is writable nowhere.
static void look_at_kernel_page(uint64_t at, uint64_t entry, int level)
{
    uint64_t size = 1ull << SHIFT(level), physical = entry & ADDRESS & ~(size - 1);
    uint64_t text = (uint64_t)kernel_text - KERNEL_BASE, data = (uint64_t)kernel_data - KERNEL_BASE;
    if (entry & USER) violated("I1", "%#lx of the kernel's half is open to ring 3", at);
    if (!(entry & NX) && (at < (uint64_t)kernel_text || at >= (uint64_t)kernel_rodata || level > 0))
        violated("I2", "%#lx of the kernel's half is executable", at);
    if (entry & WRITE && physical < data && physical + size > text)
        violated("I2", "%#lx is a writable view of the kernel's code or constants", at);
}

// --- tables

static void enter(struct walk *w, int level, uint64_t entry)
{
    struct process *p = w->process;
    w->table[level - 1] = phys_ptr(entry_address(entry));
    w->index[level - 1] = w->used[level - 1] = 0;
    if (!p) return;
    const struct frame *f = FRAMES + (entry_address(entry).raw >> PAGE_SHIFT);
    uint64_t at = address_of(w, level);
    if ((entry & ~(ADDRESS | NOTED)) != (PRESENT | WRITE | USER))
        violated("I1", "entry %#lx of a table for %#lx in process %#lx", entry, at, (uint64_t)p);
    if (!is_frame(f) || frame_type(f) != TYPE_PAGE_TABLE || f->process != p)
        violated("I1", "the table for %#lx in process %#lx is frame %#x", at, (uint64_t)p, frame_number(f));
    struct tally *t = tally_of(f);
    if (t->marks & MARK_TABLE) violated("I1", "page table %#x is used twice", frame_number(f));
    t->marks |= MARK_TABLE;
    if (level > 1 || at != p->leaf_at) return;
    if (p->leaf != w->table[0] || p->leaf_frame != f || at + LEAF_SIZE > USER_TOP)
        violated("I1", "process %#lx remembers frame %#x as the table for %#lx", (uint64_t)p,
                 frame_number(p->leaf_frame), at);
    w->met_remembered = true;
}

static void leave(struct walk *w, int level)
{
    const struct frame *f = object_frame(w->table[level]);
    if (w->process && f->entries != w->used[level])
        violated("I1", "page table %#x has %u entries and counts %lu", frame_number(f), w->used[level], f->entries);
}

// Every entry below [first, end) of a top table; returns how many pages they map.
static uint64_t walk(struct process *p, uint64_t *top, uint32_t first, uint32_t end)
{
    struct walk w = {.process = p, .table[TOP] = top, .index[TOP] = first};
    for (int level = TOP; level < TOP || w.index[TOP] < end;) {
        if (w.index[level] == PAGES_PER_TABLE) {
            leave(&w, level++);
            w.index[level]++;
            continue;
        }
        uint64_t entry = w.table[level][w.index[level]];
        if (entry == 0) {
            w.index[level]++;
            continue;
        }
        if (!(entry & PRESENT)) violated("I1", "entry %#lx of %#lx is not present", entry, address_of(&w, level));
        w.used[level]++;
        if (level > 0 && !(entry & LARGE)) {
            enter(&w, level, entry);
            level--;
            continue;
        }
        w.pages++;
        if (p)
            look_at_user_page(p, address_of(&w, level), entry);
        else
            look_at_kernel_page(address_of(&w, level), entry, level);
        w.index[level]++;
    }
    if (p && !w.met_remembered && (p->leaf != no_leaf || p->leaf_at != LEAF_NOWHERE))
        violated("I1", "process %#lx remembers a table for %#lx that it has not", (uint64_t)p, p->leaf_at);
    return w.pages;
}

static void look_at_process(struct process *p)
{
    uint64_t *user = phys_ptr(p->page_table), *top = (uint64_t *)frame_object(object_frame(p) + 1);
    const uint64_t *kernel = phys_ptr(kernel_page_table);
    for (uint32_t i = HALF; i < PAGES_PER_TABLE; i++)
        if (top[i] != kernel[i]) violated("I1", "entry %u of the top table of process %#lx", i, (uint64_t)p);
    if (!is_dying(p) && user != top) violated("I1", "process %#lx has another top table", (uint64_t)p);
    uint64_t pages = walk(p, user, 0, HALF);
    if (pages != p->mapped_pages)
        violated("I3", "process %#lx has %lu mappings and counts %lu", (uint64_t)p, pages, p->mapped_pages);
}

void census_tables(void)
{
    for (uint32_t i = 0; i < census_process_count; i++)
        look_at_process(census_processes[i]);
    (void)walk(NULL, phys_ptr(kernel_page_table), HALF, PAGES_PER_TABLE);
}
