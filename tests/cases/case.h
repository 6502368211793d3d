// SPDX-License-Identifier: MIT
// Test cases that run inside the system (docs/testing.md, "Write a case"). Each is a process of its own:
//
//     TEST(a_block_is_aligned) { CHECK_EQ((uint64_t)malloc(1) % 16, 0); }
//     TEST(the_screen_answers, .calls = "vga") { CHECK_EQ(vga_write(cap_named("vga"), "x", 1), OK); }
//
// A case holds what every program holds, memory for its pages, and what it asks for by one of the members of
// struct case_entry; everything else is taken away before it begins. Its first check that fails ends it. What it leaves
// behind is a failure too: frames, processes, a server in another life than before.
#pragma once

#include "abi/fault.h"
#include "libsys/ipc.h"
#include "libsys/start.h"
#include "libsys/time.h"

struct case_entry {
    const char *name;
    const char *file;
    void (*run)(void);           // a case
    void (*peer)(uint64_t word); // or what a peer runs
    // what the case asks for
    const char *calls;     // services, with spaces between: .calls = "vga echo"
    const char *kills;     // a server that may die meanwhile: .kills = "fragile"; case_kill ends it
    uint32_t milliseconds; // of virtual time that it may take (500)
    uint32_t pages;        // frames: case_frames gives the run
    bool process;          // its own process, cap_named("process"): to map into it, to make threads
};

// GCC would turn the order round.
#if __has_attribute(no_reorder)
#define CASE_ORDER no_reorder
#else
#define CASE_ORDER
#endif

#define CASE_ENTRY(NAME, ...) \
    static const struct case_entry NAME##_entry __attribute__((used, CASE_ORDER, section(".cases"), aligned(8))) = { \
        .name = #NAME, .file = __FILE__, __VA_ARGS__}

#define TEST(NAME, ...) \
    static void NAME(void); \
    CASE_ENTRY(NAME, .run = NAME, __VA_ARGS__); \
    static void NAME(void)

// A function that another process of the same program runs, PEER(name)(uint64_t word) { … }; it holds what the case
// holds, but for the frames.
#define PEER(NAME) \
    static void NAME(uint64_t word); \
    CASE_ENTRY(NAME, .peer = NAME); \
    static void NAME

// --- checks

#define CHECK(CONDITION) ((CONDITION) ? (void)0 : case_failed(__FILE__, __LINE__, "%s is not so", #CONDITION))

// Numbers, errors, pointers: what was seen, then what was wanted. Both are shown.
#define CHECK_EQ(SAW, WANTED) case_equal(__FILE__, __LINE__, #SAW, (uint64_t)(SAW), #WANTED, (uint64_t)(WANTED))

#define CHECK_TEXT(SAW, WANTED) case_same_text(__FILE__, __LINE__, #SAW, SAW, WANTED)

// Refused for want of authority: no capability, no right, not the receiver, or the server's own refusal.
#define EXPECT_DENIED(EXPRESSION) case_denied(__FILE__, __LINE__, #EXPRESSION, EXPRESSION)

// Ends with ERR_TIMEOUT at its time and not before; the expression uses `deadline`.
//     EXPECT_TIMEOUT(20 * NS_PER_MS, ipc_recv(self, deadline, &m));
#define EXPECT_TIMEOUT(NS, EXPRESSION) \
    do { \
        const uint64_t deadline = deadline_in(NS); \
        case_timeout(__FILE__, __LINE__, #EXPRESSION, EXPRESSION, deadline); \
    } while (0)

// The statement ends the process by an exception: DE, BP, UD, GP, PF … of abi/fault.h. Any number of them in a case:
// what stands before is done again, in a new process, for each.
#define EXPECT_FAULT(KIND, ...) CASE_ENDS(((struct case_end){.cause = EXCEPTION_##KIND}), __VA_ARGS__)
// A page fault at this address.
#define EXPECT_FAULT_AT(ADDRESS, ...) \
    CASE_ENDS(((struct case_end){.cause = EXCEPTION_PF, .has_address = true, .address = (uint64_t)(ADDRESS)}), \
              __VA_ARGS__)
// exit with this code; a panic or a failed assert.
#define EXPECT_EXIT(CODE, ...) \
    CASE_ENDS(((struct case_end){.cause = FAULT_EXIT, .has_code = true, .code = (CODE)}), __VA_ARGS__)
#define EXPECT_PANIC(...) CASE_ENDS(((struct case_end){.cause = FAULT_PANIC}), __VA_ARGS__)

// How a process ended, as init tells it (abi/fault.h).
struct case_end {
    uint32_t cause;
    bool has_code, has_address; // in what is expected: these count
    uint64_t code, address;
};

#define CASE_ENDS(END, ...) \
    do { \
        if (case_ends_now(__FILE__, __LINE__, END)) { \
            __VA_ARGS__; \
            case_failed(__FILE__, __LINE__, "%s did not end the process", #__VA_ARGS__); \
        } \
    } while (0)

// --- what a case may ask for

// The run of .pages frames. What the case made of it must be undone at its end, as far as case_frames_back can: that
// joins the pieces which it still holds.
cap_t case_frames(void);

// A piece of that run, from its end, for cases that need several; case_frames is not called then.
cap_t case_cut(uint32_t pages);

// Ends a server; its next life answers.
void case_kill(const char *server);

struct peer {
    uint64_t id;
    cap_t endpoint; // to send to it, with all rights
};

// A second process, which runs a PEER; it has begun when this returns, and ends with the case at the latest.
#define peer_start(FUNCTION, WORD) case_peer(&FUNCTION##_entry, WORD)
struct peer case_peer(const struct case_entry *entry, uint64_t word);
// Waits for its end. peer_kill ends it first.
struct case_end peer_wait(struct peer peer);
struct case_end peer_kill(struct peer peer);
// In a peer: the endpoint of the case, with all rights.
cap_t case_endpoint(void);

// The process's own endpoint, and an empty slot for a capability.
cap_t case_self(void);
cap_t case_slot(void);

// --- behind the macros

noreturn void case_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(__printf__, 3, 4)));
void case_equal(const char *file, int line, const char *saw_text, uint64_t saw, const char *wanted_text,
                uint64_t wanted);
void case_same_text(const char *file, int line, const char *saw_text, const char *saw, const char *wanted);
void case_denied(const char *file, int line, const char *text, err_t err);
void case_timeout(const char *file, int line, const char *text, err_t err, uint64_t deadline);
bool case_ends_now(const char *file, int line, struct case_end end);
