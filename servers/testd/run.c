// SPDX-License-Identifier: MIT
#include "servers/testd/run.h"

#include "abi/fault.h"
#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "libsys/log.h"
#include "libsys/start.h"
#include "libsys/time.h"
#include "servers/testd/cases.h"
#include "servers/testd/figures.h"
#include "servers/testd/frames.h"
#include "servers/testd/peers.h"
#include "servers/testd/processes.h"
#include "servers/testd/reason.h"

#define EXIT_PORT 0xf4 // QEMU's isa-debug-exit ends it with (value << 1) | 1
#define EXIT_PASSED 0x10
#define EXIT_FAILED 0x11
#define LOG_TIME (3000 * NS_PER_MS)  // in which the kernel sends the rest of the log: 32 KiB take 2.8 s
#define LIST_TIME (1000 * NS_PER_MS) // for a program to name its cases
#define SETTLE_TIME (20 * NS_PER_MS) // between two looks at the figures
#define SETTLE_LOOKS 50
#define ENDS_MAX 100 // expected ends of one case

uint64_t run_deadline = FOREVER;

static enum { IDLE, SETTLING, LISTING, RUNNING, LEAVING } state;

static struct {
    char words[TESTD_RUN_WORDS_MAX];
    size_t length;
    bool exit_at_end;
    uint64_t token;
    uint32_t next_program; // of init's list
    uint32_t case_number;
    uint32_t passed, failed;
    uint64_t list_id; // the process that names its cases
} run;

// What the running case's process is and has said.
static struct {
    uint64_t id;
    uint64_t began;
    uint32_t ends_seen; // expected ones, of its earlier processes
    bool is_done, is_late;
    struct expected_end expected;
    char failure[REASON_MAX];
} now;

static struct figures before, after;
static uint32_t settle_looks;

static cap_t init(void) { return cap_named("init"); }
static cap_t memory(void) { return cap_named("memory"); }
static const struct test_case *current(void) { return cases_at(run.case_number); }

// --- the end of a run

static void leave(void)
{
    state = IDLE;
    run_deadline = FOREVER;
    bool is_good = run.failed == 0 && run.passed > 0;
    if (run.exit_at_end) ports_out(cap_named("portsf4"), EXIT_PORT, 1, is_good ? EXIT_PASSED : EXIT_FAILED);
    if (run.token != 0)
        testd_run_answer(run.token, OK, &(struct testd_run_reply){.passed = run.passed, .failed = run.failed});
}

static void end_run(void)
{
    log_printf("end: %u passed, %u failed", run.passed, run.failed);
    state = LEAVING;
    run_deadline = deadline_in(LOG_TIME);
}

// --- one case

// For a process of the case: a fresh one after each end that was expected.
static err_t start_process(void)
{
    char skip[12];
    now.is_done = now.is_late = false;
    now.expected = (struct expected_end){0};
    now.failure[0] = '\0';
    format(skip, sizeof skip, "%u", now.ends_seen);
    run_deadline = deadline_in(current()->milliseconds * NS_PER_MS);
    return process_start(cases_program(current()->program), (const char *[START_WORDS]){current()->name, skip},
                         &now.id);
}

static void next_case(void);

static void report(const char *failure)
{
    uint64_t microseconds = (clock_now() - now.began) / NS_PER_US;
    if (failure != NULL)
        run.failed++;
    else
        run.passed++;
    if (failure != NULL)
        log_printf("bad %s %lu us: %s", current()->name, microseconds, failure);
    else
        log_printf("ok %s %lu us", current()->name, microseconds);
    run.case_number++;
}

static void start_case(void)
{
    now.ends_seen = 0;
    now.began = clock_now();
    figures_take(init(), memory(), &before);
    log_printf("run %s", current()->name);
    err_t err = start_process();
    state = RUNNING;
    if (err == OK) return;
    char text[REASON_MAX];
    format(text, sizeof text, "its process cannot be started: error %u", err);
    report(text);
    next_case();
}

static void next_case(void)
{
    while (run.case_number < cases_count() && !cases_chosen(run.case_number, run.words, run.length))
        run.case_number++;
    if (run.case_number < cases_count())
        start_case();
    else
        end_run();
}

// What is wrong with how it ended, in *text; false: nothing. An end that was expected is none at all.
static bool is_bad_end(const struct init_wait_reply *how, char *text)
{
    if (now.failure[0] != '\0') {
        copy_text(text, REASON_MAX, now.failure);
        return true;
    }
    if (now.is_late) {
        format(text, REASON_MAX, "its limit of %u ms is used up", current()->milliseconds);
        return true;
    }
    if (now.expected.is_set) return reason_of_unexpected(&now.expected, how, text);
    if (now.is_done && how->cause == FAULT_EXIT && how->code == 0) return false;
    reason_of_end(how, now.is_done, text);
    return true;
}

static bool left_something(char *text)
{
    uint32_t lost = frames_settle();
    figures_take(init(), memory(), &after);
    if (lost != 0) {
        format(text, REASON_MAX, "%u frames that it was lent did not come back", lost);
        return true;
    }
    char difference[FIGURES_TEXT];
    if (!figures_differ(&before, &after, current()->kills, difference)) return false;
    format(text, REASON_MAX, "it leaves something behind: %s", difference);
    return true;
}

static void process_ended(const struct init_wait_reply *how)
{
    char text[REASON_MAX], left[REASON_MAX];
    now.id = 0;
    peers_clear();
    bool is_bad = is_bad_end(how, text), has_left = left_something(left);
    if (!is_bad && !has_left && now.expected.is_set && ++now.ends_seen < ENDS_MAX && start_process() == OK) return;
    if (!is_bad && now.expected.is_set && !has_left) {
        is_bad = true;
        copy_text(text, sizeof text, "it cannot be started again");
    }
    report(is_bad ? text : has_left ? left : NULL);
    next_case();
}

// --- the beginning

static void next_program(void)
{
    while (cases_next_program(init(), run.words, run.length, &run.next_program)) {
        const char *program = cases_newest_program();
        if (process_start(program, (const char *[START_WORDS]){"list"}, &run.list_id) == OK) {
            run_deadline = deadline_in(LIST_TIME);
            return;
        }
        log_printf("bad %s: it cannot be started", program);
        run.failed++;
    }
    log_printf("cases: %u", cases_count());
    run.case_number = 0;
    next_case();
}

static void list_ended(const struct init_wait_reply *how)
{
    run.list_id = 0;
    if (how->cause != FAULT_EXIT || how->code != 0) {
        log_printf("bad %s: it does not name its cases", cases_newest_program());
        run.failed++;
    }
    next_program();
}

// Others may still be starting: what they take must not be laid to the first case's charge.
static void settle(void)
{
    char difference[FIGURES_TEXT];
    before = after;
    figures_take(init(), memory(), &after);
    if (figures_differ(&before, &after, "", difference) && ++settle_looks < SETTLE_LOOKS) {
        run_deadline = deadline_in(SETTLE_TIME);
        return;
    }
    state = LISTING;
    next_program();
}

err_t run_start(const char *words, size_t length, bool exit_at_end, uint64_t token)
{
    if (state != IDLE) return ERR_BUSY;
    if (length > sizeof run.words) return ERR_TOO_LONG;
    memset(&run, 0, sizeof run);
    memset(&after, 0, sizeof after);
    memcpy(run.words, words, length);
    run.length = length;
    run.exit_at_end = exit_at_end;
    run.token = token;
    settle_looks = 0;
    cases_forget();
    state = SETTLING;
    run_deadline = 0;
    return OK;
}

void run_notified(void)
{
    struct init_wait_reply how;
    peers_look();
    if (state == LISTING && run.list_id != 0 && process_has_ended(run.list_id, &how))
        list_ended(&how);
    else if (state == RUNNING && now.id != 0 && process_has_ended(now.id, &how))
        process_ended(&how);
}

void run_timeout(void)
{
    struct init_wait_reply how;
    uint64_t id = now.id;
    switch (state) {
    case IDLE:
        run_deadline = FOREVER;
        break;
    case SETTLING:
        settle();
        break;
    case LISTING:
        process_end(run.list_id, &how);
        list_ended(&how);
        break;
    case RUNNING:
        now.is_late = true;
        process_end(id, &how);
        process_ended(&how);
        break;
    case LEAVING:
        leave();
        break;
    }
}

// --- what cases and peers say

static bool is_of_the_case(const struct caller *from)
{
    return state == RUNNING && (from->badge == now.id || peers_have(from->badge));
}

static bool is_the_case(const struct caller *from) { return state == RUNNING && from->badge == now.id; }

err_t run_declare(struct caller *from, const struct testd_declare *in)
{
    return state == LISTING && from->badge == run.list_id ? cases_add(in) : ERR_DENIED;
}

err_t run_failed(struct caller *from, const struct testd_failed *in)
{
    if (!is_of_the_case(from)) return ERR_DENIED;
    if (now.failure[0] == '\0') copy_text(now.failure, sizeof now.failure, in->text);
    return OK;
}

err_t run_expect(struct caller *from, const struct testd_expect *in)
{
    if (!is_the_case(from)) return ERR_DENIED;
    now.expected = (struct expected_end){.is_set = true,
                                         .cause = in->cause,
                                         .has_code = in->has_code,
                                         .has_address = in->has_address,
                                         .code = in->code,
                                         .address = in->address};
    copy_text(now.expected.place, sizeof now.expected.place, in->place);
    return OK;
}

err_t run_done(struct caller *from)
{
    if (!is_the_case(from)) return ERR_DENIED;
    now.is_done = true;
    return OK;
}

err_t run_frames(struct caller *from, struct testd_frames_reply *out)
{
    return is_the_case(from) ? frames_lend(current()->pages, &out->run) : ERR_DENIED;
}

err_t run_frames_back(struct caller *from)
{
    if (!is_the_case(from)) return ERR_DENIED;
    if (from->cap_count != 1) return ERR_BAD_MESSAGE;
    cap_t run_back = caller_keep(from, TESTD_FRAMES_BACK_RUN);
    err_t err = frames_take_back(run_back);
    if (err != OK) cap_discard(run_back);
    return err;
}

err_t run_kill_server(struct caller *from, const struct testd_kill_server *in)
{
    char name[NAME_SIZE];
    if (!is_of_the_case(from) || current()->kills[0] == '\0' || strcmp(in->name, current()->kills) != 0)
        return ERR_DENIED;
    copy_text(name, sizeof name, in->name);
    return init_kill(init(), 0, name);
}

err_t run_peer(struct caller *from, const struct testd_peer *in, struct testd_peer_reply *out)
{
    (void)out;
    if (!is_the_case(from)) return ERR_DENIED;
    return peers_start(from, in, cases_program(current()->program), current()->name);
}

err_t run_peer_end(struct caller *from, const struct testd_peer_end *in, struct testd_peer_end_reply *out)
{
    return is_the_case(from) ? peers_end(from, in, out) : ERR_DENIED;
}
