// SPDX-License-Identifier: MIT
// The main program of all cases: `cases list` names them to testd, `cases NAME SKIP` runs one, `cases peer NAME` is a
// peer of the one that runs.
#include "tests/cases/case.h"

#include <stdarg.h>

#include "common/format.h"
#include "common/mem.h"
#include "interfaces/testd.h"
#include "libsys/slots.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "tests/cases/frames.h"

#define LATE (5 * NS_PER_MS) // after its deadline, for a receive that timed out: others may run first

extern const struct case_entry cases_begin[], cases_end[];

static const struct case_entry *running;
static uint64_t skip;  // ends that earlier processes of this case have seen
static cap_t the_case; // in a peer

static cap_t testd(void) { return cap_named("testd"); }

cap_t case_self(void) { return cap_named("self"); }

cap_t case_slot(void)
{
    cap_t slot = slot_alloc();
    if (slot.slot == 0) case_failed(__FILE__, __LINE__, "no empty slot");
    return slot;
}

// --- checks

noreturn void case_failed(const char *file, int line, const char *form, ...)
{
    char text[TESTD_FAILED_TEXT_MAX + 1];
    va_list arguments;
    size_t length = format(text, sizeof text, "%s%s%s:%d: ", running->peer != NULL ? running->name : "",
                           running->peer != NULL ? ": " : "", file, line);
    va_start(arguments, form);
    format_list(text + length, sizeof text - length, form, arguments);
    va_end(arguments);
    (void)!testd_failed(testd(), text);
    exit(1);
}

void case_equal(const char *file, int line, const char *saw_text, uint64_t saw, const char *wanted_text,
                uint64_t wanted)
{
    if (saw != wanted)
        case_failed(file, line, "%s is %lu (%#lx), not %s: %lu (%#lx)", saw_text, saw, saw, wanted_text, wanted,
                    wanted);
}

void case_same_text(const char *file, int line, const char *saw_text, const char *saw, const char *wanted)
{
    if (strcmp(saw, wanted) != 0) case_failed(file, line, "%s is \"%s\", not \"%s\"", saw_text, saw, wanted);
}

void case_denied(const char *file, int line, const char *text, err_t err)
{
    if (err != ERR_NO_CAP && err != ERR_NO_RIGHT && err != ERR_NOT_RECEIVER && err != ERR_DENIED)
        case_failed(file, line, "%s is not denied, but ends with %u", text, err);
}

void case_timeout(const char *file, int line, const char *text, err_t err, uint64_t deadline)
{
    uint64_t now = clock_now();
    if (err != ERR_TIMEOUT) case_failed(file, line, "%s does not end by its deadline, but with %u", text, err);
    if (now < deadline) case_failed(file, line, "%s ended %lu ns before its deadline", text, deadline - now);
    if (now > deadline + LATE) case_failed(file, line, "%s ended %lu ns after its deadline", text, now - deadline);
}

bool case_ends_now(const char *file, int line, struct case_end end)
{
    char place[TESTD_EXPECT_PLACE_MAX + 1];
    if (skip > 0) {
        skip--;
        return false;
    }
    format(place, sizeof place, "%s:%d", file, line);
    err_t err = testd_expect(testd(), end.cause, end.has_code, end.has_address, end.code, end.address, place);
    if (err != OK) case_failed(file, line, "testd does not expect an end: %u", err);
    return true;
}

// --- what a case may ask for

cap_t case_frames(void)
{
    struct testd_frames_reply reply;
    err_t err = testd_frames(testd(), &reply);
    if (err != OK) case_failed(__FILE__, __LINE__, "no frames: %u (did the case ask for .pages?)", err);
    frames_note(reply.run);
    return reply.run;
}

void case_kill(const char *server)
{
    err_t err = testd_kill_server(testd(), server);
    if (err != OK) case_failed(__FILE__, __LINE__, "%s cannot be killed: %u", server, err);
}

struct peer case_peer(const struct case_entry *entry, uint64_t word)
{
    struct testd_peer_reply reply;
    err_t err = testd_peer(testd(), word, entry->name, case_self(), &reply);
    if (err != OK) case_failed(__FILE__, __LINE__, "%s cannot be started: %u", entry->name, err);
    return (struct peer){reply.id, reply.peer_endpoint};
}

static struct case_end end_of(struct peer peer, bool kill)
{
    struct testd_peer_end_reply reply;
    err_t err = testd_peer_end(testd(), peer.id, kill, &reply);
    if (err != OK) case_failed(__FILE__, __LINE__, "the peer's end is not known: %u", err);
    return (struct case_end){.cause = reply.cause, .code = reply.code, .address = reply.address};
}

struct case_end peer_wait(struct peer peer) { return end_of(peer, false); }

struct case_end peer_kill(struct peer peer) { return end_of(peer, true); }

cap_t case_endpoint(void) { return the_case; }

// --- the process

static bool is_word_of(const char *name, const char *words)
{
    size_t length = strlen(name);
    for (const char *at = words; at != NULL && *at != '\0'; at += strspn(at, " ")) {
        if (strcspn(at, " ") == length && memcmp(at, name, length) == 0) return true;
        at += strcspn(at, " ");
    }
    return false;
}

static bool is_everybodys(const char *name) { return is_word_of(name, "self clock log testd memory"); }

// All cases share an entry of system.toml: what this one did not ask for goes before it begins.
static void drop_the_rest(const struct case_entry *entry)
{
    for (uint32_t i = 0; i < start_page()->cap_count; i++) {
        const struct start_cap *cap = &start_page()->caps[i];
        if (is_everybodys(cap->name) || is_word_of(cap->name, entry->calls)) continue;
        if (entry->process && strcmp(cap->name, "process") == 0) continue;
        cap_drop((cap_t){cap->slot});
    }
}

static const struct case_entry *find(const char *name, bool is_peer)
{
    for (const struct case_entry *entry = cases_begin; entry < cases_end; entry++)
        if (strcmp(entry->name, name) == 0 && (entry->peer != NULL) == is_peer) return entry;
    return NULL;
}

static int list(void)
{
    for (const struct case_entry *entry = cases_begin; entry < cases_end; entry++) {
        if (entry->run == NULL) continue;
        err_t err = testd_declare(testd(), entry->milliseconds, entry->pages, entry->name, entry->file,
                                  entry->kills != NULL ? entry->kills : "");
        if (err != OK) return (int)err;
    }
    return 0;
}

static int run_peer(const char *name, const char *case_name)
{
    struct testd_meet_reply reply;
    running = find(name, true);
    const struct case_entry *entry = find(case_name, false);
    if (running == NULL || entry == NULL) return 1;
    if (testd_meet(testd(), case_self(), &reply) != OK) return 1;
    drop_the_rest(entry);
    the_case = reply.case_endpoint;
    running->peer(reply.word);
    return 0;
}

static int run_case(const char *name, const char *skipped)
{
    running = find(name, false);
    if (running == NULL) return 1;
    skip = strtoul(skipped, NULL, 10);
    drop_the_rest(running);
    running->run();
    frames_return();
    return testd_done(testd()) == OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "list") == 0) return list();
    if (argc == 4 && strcmp(argv[1], "peer") == 0) return run_peer(argv[2], argv[3]);
    if (argc == 3) return run_case(argv[1], argv[2]);
    return 2;
}
