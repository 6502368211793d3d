// SPDX-License-Identifier: MIT
// Whom the kernel charges for time: of two programs of one priority, each gets half, whoever else works for them.
#include "interfaces/vga.h"
#include "tests/cases/case.h"

#define ALONE 120    // ms
#define TOGETHER 600 // ms: 30 turns each

enum work { COMPUTES, KEEPS_VGA_BUSY };

// When it begins, for how long, and what it does.
static uint64_t order_of(uint64_t begin_ms, uint64_t ms, enum work work) { return begin_ms << 16 | ms << 1 | work; }

// How often it came round in its time.
PEER(works)(uint64_t order)
{
    const uint64_t begin = (order >> 16) * NS_PER_MS, end = begin + (order >> 1 & 0x7fff) * NS_PER_MS;
    struct vga_read_cells_reply cells;
    struct message m = {0};
    CHECK_EQ(sleep_until(begin), OK);
    for (; clock_now() < end; m.words[1]++) {
        if ((order & 1) == KEEPS_VGA_BUSY) CHECK_EQ(vga_read_cells(cap_named("vga"), 0, 0, 2000, &cells), OK);
        if ((order & 1) == COMPUTES)
            for (volatile int i = 0; i < 1000; i++)
                continue;
    }
    m.words[0] = order & 1;
    CHECK_EQ(ipc_call(case_endpoint(), &m), OK);
}

static uint64_t begin_soon(void) { return clock_now() / NS_PER_MS + 20; }

static void wait_for(uint32_t peers, uint64_t *rounds)
{
    for (uint32_t i = 0; i < peers; i++) {
        struct message m;
        CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
        rounds[m.words[0]] = m.words[1];
        m.tag = TAG(0, OK, 0, 0);
        CHECK_EQ(ipc_reply(&m), OK);
    }
}

static void expect_half(uint64_t alone, uint64_t together)
{
    const uint64_t half = alone * TOGETHER / ALONE / 2;
    CHECK(together > half - half / 20);
    CHECK(together < half + half / 20);
}

TEST(a_program_that_keeps_a_server_busy_pays_for_the_servers_time, .calls = "vga", .milliseconds = 3000)
{
    uint64_t alone[2], together[2];
    for (enum work work = COMPUTES; work <= KEEPS_VGA_BUSY; work++) {
        struct peer peer = peer_start(works, order_of(begin_soon(), ALONE, work));
        wait_for(1, alone);
        (void)peer_wait(peer);
    }
    uint64_t begin = begin_soon();
    struct peer computer = peer_start(works, order_of(begin, TOGETHER, COMPUTES));
    struct peer asker = peer_start(works, order_of(begin, TOGETHER, KEEPS_VGA_BUSY));
    wait_for(2, together);
    (void)peer_wait(computer);
    (void)peer_wait(asker);
    // Charged instead, vga would never use up a turn, and the asker would keep the processor as long as it asks.
    expect_half(alone[COMPUTES], together[COMPUTES]);
    expect_half(alone[KEEPS_VGA_BUSY], together[KEEPS_VGA_BUSY]);
}
