// SPDX-License-Identifier: MIT
// The servers as a client meets them.
#include "common/mem.h"
#include "interfaces/echo.h"
#include "interfaces/memory.h"
#include "interfaces/vga.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "tests/cases/case.h"
#include "tests/programs/fragile/fragile.h"

TEST(echo_tells_each_client_its_own_number, .calls = "echo")
{
    struct echo_badge_reply reply = {0};
    CHECK_EQ(echo_badge(cap_named("echo"), &reply), OK);
    CHECK_EQ(reply.badge, start_page()->id);
}

TEST(a_reply_that_comes_later_comes_in_time, .calls = "echo")
{
    struct echo_later_reply reply;
    uint64_t start = clock_now();
    CHECK_EQ(echo_later(cap_named("echo"), 30, "patience", &reply), OK);
    CHECK_TEXT(reply.text, "patience");
    CHECK(clock_now() - start >= 30 * NS_PER_MS);
    CHECK(clock_now() - start < 35 * NS_PER_MS);
}

PEER(asks_later)(uint64_t milliseconds)
{
    struct echo_later_reply reply;
    CHECK_EQ(echo_later(cap_named("echo"), (uint32_t)milliseconds, "x", &reply), OK);
    struct message m = {.words = {milliseconds}};
    CHECK_EQ(ipc_send(case_endpoint(), &m), OK);
}

TEST(who_waits_long_does_not_keep_others_waiting, .calls = "echo")
{
    static const uint64_t times[] = {40, 10, 25};
    for (size_t i = 0; i < 3; i++)
        peer_start(asks_later, times[i]);
    uint64_t last = 0;
    for (size_t i = 0; i < 3; i++) {
        struct message m;
        CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
        CHECK(m.words[0] > last);
        last = m.words[0];
    }
}

TEST(an_unknown_method_is_answered, .calls = "echo vga memory")
{
    static const char *const names[] = {"echo", "vga", "memory"};
    for (size_t i = 0; i < 3; i++) {
        struct message m = {.tag = TAG(0, 4711, 0, 0)};
        CHECK_EQ(ipc_call(cap_named(names[i]), &m), ERR_NO_METHOD);
    }
}

TEST(a_message_that_does_not_fit_its_method_is_refused, .calls = "echo")
{
    struct message m = {.tag = TAG(0, ECHO_METHOD_SAY, 0, 0), .words = {UINT64_MAX}};
    CHECK_EQ(ipc_call(cap_named("echo"), &m), ERR_BAD_MESSAGE);
    struct echo_say_reply reply;
    CHECK_EQ(echo_say(cap_named("echo"), "still there", &reply), OK);
    CHECK_TEXT(reply.text, "still there");
}

TEST(two_hundred_texts_get_two_hundred_answers, .calls = "echo")
{
    struct echo_say_reply reply;
    for (int i = 0; i < 200; i++) {
        char text[32];
        snprintf(text, sizeof text, "text number %d", i);
        CHECK_EQ(echo_say(cap_named("echo"), text, &reply), OK);
        snprintf(text, sizeof text, "text number %d", i);
        CHECK_TEXT(reply.text, text);
    }
}

TEST(a_printed_line_stands_on_the_screen, .calls = "vga")
{
    struct vga_cursor_reply cursor = {0};
    struct vga_read_cells_reply cells;
    cap_t vga = cap_named("vga");
    CHECK_EQ(vga_clear(vga), OK);
    printf("Some test string that fits on a single line\n");
    CHECK_EQ(vga_cursor(vga, &cursor), OK);
    CHECK_EQ(cursor.column, 0);
    CHECK_EQ(vga_read_cells(vga, (uint8_t)(cursor.row - 1), 0, 4, &cells), OK);
    CHECK_EQ(cells.cells_length, 8);
    CHECK(cells.cells[0] == 'S' && cells.cells[2] == 'o' && cells.cells[4] == 'm' && cells.cells[6] == 'e');
}

TEST(cells_outside_of_the_screen_are_refused, .calls = "vga")
{
    struct vga_read_cells_reply cells;
    cap_t vga = cap_named("vga");
    CHECK_EQ(vga_read_cells(vga, 25, 0, 1, &cells), ERR_RANGE);
    CHECK_EQ(vga_read_cells(vga, 0, 80, 1, &cells), ERR_RANGE);
    CHECK_EQ(vga_read_cells(vga, 24, 79, 2, &cells), ERR_RANGE);
    CHECK_EQ(vga_move(vga, 25, 0), ERR_RANGE);
    CHECK_EQ(vga_read_cells(vga, 24, 79, 1, &cells), OK);
}

TEST(memorys_frames_add_up, .calls = "memory")
{
    struct memory_figures_reply f = {0};
    CHECK_EQ(memory_figures(cap_named("memory"), &f), OK);
    CHECK_EQ(f.free + f.books + f.lent + f.clients, f.total);
    CHECK(f.free > 1000);
}

static uint64_t life_of(cap_t fragile, enum fragile_method method)
{
    struct message m = {.tag = TAG(0, method, 0, 0)};
    return ipc_call(fragile, &m) == OK ? m.words[0] : 0;
}

TEST(the_next_life_of_a_server_answers_on_the_same_capability, .calls = "fragile", .kills = "fragile")
{
    struct message m = {.tag = TAG(0, FRAGILE_WRITE, 0, 0)};
    cap_t fragile = cap_named("fragile");
    uint64_t life = life_of(fragile, FRAGILE_ANSWER);
    CHECK(life != 0);
    CHECK_EQ(ipc_call(fragile, &m), ERR_SERVER_DIED);
    CHECK_EQ(life_of(fragile, FRAGILE_ANSWER), life + 1);
}

TEST(what_a_server_kept_its_next_life_finds, .calls = "fragile", .kills = "fragile")
{
    struct message m = {.tag = TAG(0, FRAGILE_EXIT, 0, 0)};
    cap_t fragile = cap_named("fragile");
    uint64_t life = life_of(fragile, FRAGILE_KEEP);
    CHECK_EQ(ipc_call(fragile, &m), ERR_SERVER_DIED);
    CHECK_EQ(life_of(fragile, FRAGILE_KEPT), life);
}
