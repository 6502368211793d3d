// SPDX-License-Identifier: MIT
#include "tests/cases/frames.h"

#include "interfaces/testd.h"
#include "libsys/slots.h"
#include "tests/cases/case.h"

#define PIECES 64

static cap_t lent;
static struct run_info whole;
static struct piece {
    cap_t cap;
    struct run_info info;
} pieces[PIECES];
static uint32_t piece_count;

void frames_note(cap_t run)
{
    lent = run;
    CHECK_EQ(memory_info(run, &whole), OK);
}

static bool is_of_type(cap_t cap, enum object_type type)
{
    struct cap_info info;
    return cap_info(cap, &info) == OK && info.type == type && (info.rights & RIGHT_MANAGE) != 0;
}

// Its runs come back into slots of this table, where they are found like all the others.
void frames_end_process(cap_t process)
{
    err_t err = ERR_AGAIN;
    while (err == ERR_AGAIN) {
        uint64_t pages = 0;
        err = process_destroy(process, case_slot(), &pages);
    }
    CHECK(err == OK || err == ERR_SELF); // another capability to the case's own process is none of its children
}

static void end_processes(void)
{
    cap_t own = cap_named("process");
    for (cap_t cap = {1}; cap.slot < start_page()->slot_count; cap.slot++)
        if (cap.slot != own.slot && is_of_type(cap, TYPE_PROCESS)) frames_end_process(cap);
}

cap_t case_cut(uint32_t pages)
{
    static cap_t rest;
    struct run_info info;
    if (rest.slot == 0) rest = case_frames();
    cap_t piece = case_slot();
    CHECK_EQ(memory_info(rest, &info), OK);
    CHECK(pages < info.pages); // otherwise the case must ask for more .pages
    CHECK_EQ(memory_split(rest, info.pages - pages, piece), OK);
    return piece;
}

// Sorted by address; a second capability to a piece is left out.
static void add(cap_t cap)
{
    struct piece new = {.cap = cap};
    uint32_t at = piece_count;
    if (memory_info(cap, &new.info) != OK || piece_count == PIECES) return;
    while (at > 0 && pieces[at - 1].info.address.raw > new.info.address.raw)
        at--;
    if (at > 0 && pieces[at - 1].info.address.raw == new.info.address.raw) return;
    for (uint32_t i = piece_count++; i > at; i--)
        pieces[i] = pieces[i - 1];
    pieces[at] = new;
}

void frames_return(void)
{
    cap_t own = cap_named("process");
    if (lent.slot == 0) return;
    end_processes();
    if (is_of_type(own, TYPE_PROCESS)) CHECK_EQ(process_unmap(own, (vaddr_t){CASE_PLACE}, whole.pages), OK);
    for (cap_t cap = {1}; cap.slot < start_page()->slot_count; cap.slot++)
        if (is_of_type(cap, TYPE_MEMORY)) add(cap);
    uint64_t pages = piece_count > 0 ? pieces[0].info.pages : 0;
    for (uint32_t i = 1; i < piece_count; i++)
        if (memory_join(pieces[0].cap, pieces[i].cap) == OK) pages += pieces[i].info.pages;
    if (pages != whole.pages)
        case_failed(__FILE__, __LINE__, "%lu of the %lu frames lent did not come back", whole.pages - pages,
                    whole.pages);
    CHECK_EQ(testd_frames_back(cap_named("testd"), pieces[0].cap), OK);
}
