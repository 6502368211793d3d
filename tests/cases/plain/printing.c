// SPDX-License-Identifier: MIT
// The screen under several writers: what the tutorials need locks and disabled interrupts for.
#include "common/mem.h"
#include "interfaces/vga.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "tests/cases/case.h"

#define ROWS 25u
#define COLUMNS 80u
#define SECOND (1000 * NS_PER_MS)

static cap_t vga(void) { return cap_named("vga"); }

// The screen's characters, row by row.
static const char *screen(void)
{
    static char text[ROWS * COLUMNS];
    struct vga_read_cells_reply reply;
    CHECK_EQ(vga_read_cells(vga(), 0, 0, ROWS * COLUMNS, &reply), OK);
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        text[i] = (char)reply.cells[2 * i];
    return text;
}

// How many rows are this text and nothing else.
static unsigned rows_that_say(const char *line)
{
    const char *text = screen();
    size_t length = strlen(line);
    unsigned found = 0;
    for (unsigned row = 0; row < ROWS; row++) {
        const char *at = text + row * (size_t)COLUMNS;
        bool same = memcmp(at, line, length) == 0;
        for (size_t i = length; i < COLUMNS; i++)
            same = same && at[i] == ' ';
        found += same;
    }
    return found;
}

PEER(dots)(uint64_t ns)
{
    for (uint64_t next = clock_now();;) {
        next += ns;
        CHECK_EQ(sleep_until(next), OK);
        CHECK_EQ(vga_write(vga(), ".", 1), OK);
    }
}

// In the tutorial a dot of the timer's came between line and look about once in a hundred runs.
TEST(println_output_a_thousand_times_under_a_storm_of_dots, .calls = "vga", .milliseconds = 60000)
{
    struct peer peer = peer_start(dots, 20 * NS_PER_US);
    unsigned beside_dots = 0;
    for (unsigned i = 0; i < 1000; i++) {
        char line[64], whole[66];
        snprintf(line, sizeof line, "Some test string that fits on a single line %u", i);
        snprintf(whole, sizeof whole, "\n%s\n", line);
        CHECK_EQ(vga_write(vga(), whole, strlen(whole)), OK);
        CHECK_EQ(sleep_for(30 * NS_PER_US), OK); // dots come here
        CHECK_EQ(rows_that_say(line), 1);
        beside_dots += memchr(screen(), '.', ROWS * COLUMNS) != NULL;
    }
    CHECK(beside_dots > 900);
    peer_kill(peer);
}

// Writes, and tells the case of each.
PEER(hyphens_and_dots)(uint64_t word)
{
    const char mark = (char)word;
    const uint64_t period = mark == '-' ? NS_PER_MS : 10 * NS_PER_MS;
    for (uint64_t next = clock_now();;) {
        next += period;
        CHECK_EQ(sleep_until(next), OK);
        CHECK_EQ(vga_write(vga(), &mark, 1), OK);
        CHECK_EQ(ipc_send(case_endpoint(), &(struct message){.words = {word}}), OK);
    }
}

// Where a handler of interrupts waits for the lock that the program holds which it interrupted, nothing advances.
TEST(a_writer_of_hyphens_and_a_writer_of_dots_both_go_on_for_ten_seconds, .calls = "vga", .milliseconds = 20000)
{
    struct peer first = peer_start(hyphens_and_dots, '-'), second = peer_start(hyphens_and_dots, '.');
    uint64_t start = clock_now();
    for (unsigned second_number = 1; second_number <= 10; second_number++) {
        unsigned count['.' + 1] = {0};
        struct message m;
        while (ipc_recv(case_self(), start + second_number * SECOND, &m) == OK)
            count[m.words[0] % sizeof count]++;
        CHECK(count['-'] >= 900 && count['-'] <= 1100);
        CHECK(count['.'] >= 90 && count['.'] <= 110);
    }
    peer_kill(first);
    peer_kill(second);
}

static int inner(void)
{
    printf("inner\n");
    return 7;
}

TEST(an_argument_that_prints_prints_first, .calls = "vga")
{
    CHECK_EQ(vga_clear(vga()), OK);
    printf("outer %d\n", inner());
    const char *text = screen();
    CHECK(memcmp(text + 22 * (size_t)COLUMNS, "inner   ", 8) == 0);
    CHECK(memcmp(text + 23 * (size_t)COLUMNS, "outer 7   ", 10) == 0);
}

TEST(clear_blanks_everything_in_the_callers_colour, .calls = "vga")
{
    struct vga_read_cells_reply reply;
    printf("something\n");
    CHECK_EQ(vga_set_color(vga(), 0x1e), OK);
    CHECK_EQ(vga_clear(vga()), OK);
    CHECK_EQ(vga_read_cells(vga(), 0, 0, ROWS * COLUMNS, &reply), OK);
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        CHECK_EQ(reply.cells[2 * i] << 8 | reply.cells[2 * i + 1], ' ' << 8 | 0x1e);
    CHECK_EQ(vga_set_color(vga(), 0x07), OK);
    CHECK_EQ(vga_clear(vga()), OK);
}

TEST(a_program_without_the_screen_prints_to_the_log)
{
    CHECK_EQ(printf("two\nlines\n"), 10);
    EXPECT_DENIED(vga_write(vga(), "x", 1));
}

TEST(two_hundred_lines_are_two_hundred_replies, .calls = "vga")
{
    for (int i = 0; i < 200; i++)
        CHECK_EQ(printf("test_println_many output\n"), 25);
    CHECK_EQ(rows_that_say("test_println_many output"), 24);
}

TEST(a_colour_is_its_writers_alone, .calls = "vga")
{
    struct vga_cursor_reply at = {0};
    struct vga_read_cells_reply reply;
    CHECK_EQ(vga_set_color(vga(), 0x4f), OK);
    CHECK_EQ(vga_write(vga(), "\n", 1), OK);
    struct peer peer = peer_start(dots, NS_PER_MS);
    CHECK_EQ(sleep_for(3 * NS_PER_MS), OK);
    peer_kill(peer);
    CHECK_EQ(vga_write(vga(), "x", 1), OK);
    CHECK_EQ(vga_cursor(vga(), &at), OK);
    CHECK(at.column > 1);
    CHECK_EQ(vga_read_cells(vga(), at.row, 0, at.column, &reply), OK);
    CHECK_EQ(reply.cells[0] << 8 | reply.cells[1], '.' << 8 | 0x07);
    CHECK_EQ(reply.cells[2 * at.column - 2] << 8 | reply.cells[2 * at.column - 1], 'x' << 8 | 0x4f);
}
