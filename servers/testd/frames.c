// SPDX-License-Identifier: MIT
#include "servers/testd/frames.h"

#include "libsys/ipc.h"
#include "libsys/slots.h"

static cap_t all;         // what is left of the run
static uint32_t all_left; // pages
static cap_t lent;        // NO_CAP: nothing is out
static struct run_info lent_info;

void frames_start(cap_t run)
{
    struct run_info info;
    if (memory_info(run, &info) != OK) return;
    all = run;
    all_left = (uint32_t)info.pages;
}

err_t frames_lend(uint32_t pages, cap_t *run)
{
    if (lent.slot != 0) return ERR_BUSY;
    if (pages == 0 || pages >= all_left) return ERR_NO_MEMORY;
    lent = slot_alloc();
    err_t err = memory_split(all, all_left - pages, lent);
    if (err == OK) err = memory_info(lent, &lent_info);
    if (err != OK) {
        slot_free(lent);
        lent = NO_CAP;
        return err;
    }
    all_left -= pages;
    *run = lent;
    return OK;
}

static bool is_whole(cap_t run)
{
    struct run_info info;
    return memory_info(run, &info) == OK && info.type == TYPE_MEMORY && info.pages == lent_info.pages &&
           info.address.raw == lent_info.address.raw;
}

err_t frames_take_back(cap_t run)
{
    if (lent.slot == 0 || !is_whole(run)) return ERR_BAD_LENGTH;
    cap_discard(lent); // dead: the case has cut the run
    lent = run;
    return OK;
}

uint32_t frames_settle(void)
{
    if (lent.slot == 0) return 0;
    uint32_t pages = (uint32_t)lent_info.pages;
    bool is_back = is_whole(lent) && memory_join(all, lent) == OK;
    if (is_back) all_left += pages;
    cap_discard(lent);
    lent = NO_CAP;
    return is_back ? 0 : pages;
}
