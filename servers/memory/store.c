// SPDX-License-Identifier: MIT
#include "servers/memory/store.h"

#include "libsys/ipc.h"
#include "libsys/panic.h"
#include "libsys/slots.h"

// Where the links of all frames lie in memory's own address space: 8 bytes for each frame of the machine. On a large
// machine, where the links of a window fill pages, those of a window are made when its first piece is.
#define BOOKS 0x0000200000000000
#define LINKS_PER_PAGE (PAGE_SIZE / sizeof(struct frame_link))

static struct extents extents;
static struct frames frames;
static struct store_figures figures;
static cap_t lent_last, own_process;
static bool has_books[PIECES]; // by window

static err_t kernel_split(uint32_t slot, uint32_t keep, uint32_t rest)
{
    return memory_split((cap_t){slot}, keep, (cap_t){rest});
}

static err_t kernel_join(uint32_t lower, uint32_t upper) { return memory_join((cap_t){lower}, (cap_t){upper}); }

static uint32_t slot_take(void) { return slot_alloc().slot; }

static void slot_give(uint32_t slot) { slot_free((cap_t){slot}); }

static const struct extent_operations operations = {kernel_split, kernel_join, slot_take, slot_give};

static uint32_t frame_number(paddr_t address) { return (uint32_t)(address.raw >> PAGE_SHIFT); }

// Books are cut from the RAM itself.
static err_t make_books(uint64_t first_page, uint32_t pages)
{
    struct extent run;
    err_t err = extents_take(&extents, pages, &run);
    if (err != OK) return err;
    vaddr_t at = {BOOKS + first_page * PAGE_SIZE};
    err = memory_map((cap_t){run.slot}, own_process, at, 0, pages, ACCESS_READ | ACCESS_WRITE | ACCESS_CLEAR);
    if (err == OK) {
        figures.books += pages;
        return OK;
    }
    if (process_unmap(own_process, at, pages) != OK || extents_give(&extents, run) != OK) panic("lost %u pages", pages);
    return err;
}

static err_t make_books_of_window(uint32_t window)
{
    uint32_t pages = (uint32_t)((1u << frames.shift) / LINKS_PER_PAGE); // 0: all books were made at the start
    if (pages == 0 || has_books[window]) return OK;
    err_t err = make_books((uint64_t)window * pages, pages);
    has_books[window] = err == OK;
    return err;
}

static void start_books(uint32_t machine_frames)
{
    frames_start(&frames, (struct frame_link *)BOOKS, machine_frames);
    if (1u << frames.shift >= LINKS_PER_PAGE) return;
    err_t err = make_books(0, (uint32_t)(machine_frames / LINKS_PER_PAGE + 1));
    if (err != OK) panic("no room for the books of %u frames: error %d", machine_frames, err);
}

void store_start(const struct client_page *page, cap_t self)
{
    extents.operations = &operations;
    own_process = self;
    uint32_t machine_frames = 0;
    for (uint32_t i = 0; i < page->run_count; i++) {
        cap_t run = {page->run_slot + i};
        struct run_info info;
        if (memory_info(run, &info) != OK || info.type != TYPE_MEMORY || info.mapped) continue;
        uint32_t first = frame_number(info.address);
        if (extents_give(&extents, (struct extent){first, (uint32_t)info.pages, run.slot}) != OK) continue;
        figures.total += info.pages;
        if (first + info.pages > machine_frames) machine_frames = first + (uint32_t)info.pages;
    }
    start_books(machine_frames);
}

static bool window_is_busy(uint32_t window) { return frames.pieces[window].slot != 0; }

static bool add_piece(void)
{
    struct extent piece;
    if (extents_take_window(&extents, frames.shift, window_is_busy, &piece) != OK) return false;
    if (make_books_of_window(piece.first >> frames.shift) != OK) {
        if (extents_give(&extents, piece) != OK) panic("lost %u frames", piece.pages);
        return false;
    }
    frames_add(&frames, piece.slot, piece.first, piece.pages);
    return true;
}

void store_give(uint32_t *list, uint32_t frame)
{
    struct piece *piece = frames_give(&frames, list, frame);
    // The last free piece stays: otherwise a client at the edge would have it cut and joined again and again.
    if (piece->used > 0 || frames.free == piece->pages) return;
    struct extent run = {piece->first, piece->pages, piece->slot};
    if (extents_give(&extents, run) == OK) frames_remove(&frames, piece);
}

#define CLEAR_PAGE (ACCESS_READ | ACCESS_WRITE | ACCESS_CLEAR)

static never_inline err_t map_from_new_piece(uint32_t *list, cap_t process, vaddr_t at)
{
    return add_piece() ? store_try_to_map(list, process, at) : ERR_NO_MEMORY;
}

// memory_map is for runs of any length: here it is the operation itself, for one page.
err_t store_try_to_map(uint32_t *list, cap_t process, vaddr_t at)
{
    uint32_t frame = frames_take(&frames, list);
    if (frame == NO_FRAME) return map_from_new_piece(list, process, at);
    const struct piece *piece = frames_piece(&frames, frame);
    struct message m = {.tag = SYS_memory_map, .words = {process.slot, at.raw, frame - piece->first, 1, CLEAR_PAGE}};
    return (err_t)trap((cap_t){piece->slot}, &m);
}

err_t store_map_again(uint32_t *list, cap_t process, vaddr_t at, err_t err)
{
    if (err == ERR_NO_MEMORY) return err;
    uint32_t frame = *list;
    const struct piece *piece = frames_piece(&frames, frame);
    if (err == ERR_AGAIN) err = memory_map((cap_t){piece->slot}, process, at, frame - piece->first, 1, CLEAR_PAGE);
    if (err != OK) store_give(list, frame);
    return err;
}

// Pieces without a used frame go back to the runs: lending wants frames that lie side by side.
static void gather(void)
{
    for (uint32_t i = 0; i < PIECES; i++) {
        struct piece *piece = &frames.pieces[i];
        if (piece->slot && piece->used == 0 &&
            extents_give(&extents, (struct extent){piece->first, piece->pages, piece->slot}) == OK)
            frames_remove(&frames, piece);
    }
}

err_t store_lend(uint32_t pages, cap_t *run)
{
    if (pages == 0) return ERR_BAD_LENGTH;
    if (lent_last.slot) cap_discard(lent_last);
    lent_last = NO_CAP;
    struct extent taken;
    err_t err = extents_take(&extents, pages, &taken);
    if (err == ERR_NO_MEMORY) {
        gather();
        err = extents_take(&extents, pages, &taken);
    }
    if (err != OK) return err;
    figures.lent += pages;
    *run = lent_last = (cap_t){taken.slot};
    return OK;
}

err_t store_accept(cap_t run)
{
    struct run_info info;
    err_t err = memory_info(run, &info);
    if (err != OK) return err;
    if (info.type != TYPE_MEMORY) return ERR_WRONG_TYPE;
    if (info.mapped || info.pages > figures.lent) return ERR_BAD_ARGUMENT;
    // The same run may come back uncut: then the copy that was sent is still here, and only one may be on the books.
    if (lent_last.slot) cap_discard(lent_last);
    lent_last = NO_CAP;
    err = extents_give(&extents, (struct extent){frame_number(info.address), (uint32_t)info.pages, run.slot});
    if (err == OK) figures.lent -= info.pages;
    return err;
}

uint64_t store_free(void) { return extents.free + frames.free; }

const struct store_figures *store_figures(void) { return &figures; }
