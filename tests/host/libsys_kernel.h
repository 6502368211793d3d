// SPDX-License-Identifier: MIT
// For tests of libsys on the host: the trap, the start page and the message page are the test's. A test includes this
// and then the .c files that it tests, and defines scripted_trap, which plays the kernel.
#pragma once

#include "tests/host/test.h"

#include "abi/boot.h"
#include "libsys/trap.h"

static struct message_page test_page;
static struct start_page test_start;

static uint32_t scripted_trap(cap_t capability, struct message *m);

static inline uint32_t scripted_trap_keeping(cap_t capability, struct message *m, uint32_t keep)
{
    struct message sent = *m;
    uint32_t result = scripted_trap(capability, m);
    if (result == keep) *m = sent;
    return result;
}

#define trap scripted_trap
#define trap_keeping scripted_trap_keeping

#include "libsys/page.h"
#define message_page() (&test_page)

#include "libsys/start.h"
#define start_page() (&test_start)

const struct boot_info *boot_info(void) { return NULL; }

// The start page of a process "test" that holds these capabilities, in slots 1, 2, …, and has free slots up to a limit.
static inline void test_begin(const char *const *names, uint32_t slot_count)
{
    memset(&test_page, 0, sizeof test_page);
    test_start = (struct start_page){.magic = START_MAGIC, .name = "test", .slot_count = slot_count};
    uint32_t count = 0;
    for (; names[count] != NULL; count++) {
        test_start.caps[count].slot = count + 1;
        strncpy(test_start.caps[count].name, names[count], NAME_SIZE - 1);
    }
    test_start.cap_count = count;
    test_start.first_free_slot = count + 1;
}
