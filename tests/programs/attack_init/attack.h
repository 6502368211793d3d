// SPDX-License-Identifier: MIT
// A boot module that stands where init does, with every capability that there is, and attacks the kernel with them.
// Each attack prints `ok NAME`, or `bad NAME` with the line, what was expected and what came.
#pragma once

#include "abi/fault.h"
#include "libsys/ipc.h"
#include "libsys/start.h"

#define SELF ((cap_t){BOOT_SLOT_SELF})
#define ENDPOINT ((cap_t){BOOT_SLOT_ENDPOINT})
#define ALL RIGHTS_ALL
#define RW (ACCESS_READ | ACCESS_WRITE)
#define MS 1000000ull
#define PLACE 0x0000200000000000 // where attacks map what they look at

// --- attack.c

struct attack {
    const char *name;
    void (*run)(void);
};
#define ATTACK(NAME) \
    { \
#NAME, NAME \
    }
// NULL ends each.
extern const struct attack object_attacks[], book_attacks[], thread_attacks[], call_attacks[], fault_attacks[];
extern const struct attack storm_attacks[], chain_attacks[], mapping_attacks[], pager_attacks[];
extern const struct attack short_way_attacks[], page_attacks[], stopped_attacks[], debugger_attacks[], tls_attacks[],
    exception_attacks[];
extern const struct attack hostile_attacks[], resource_attacks[], stress_attacks[], revoke_attacks[];

// Compares; the first difference of an attack is told.
void expect_at(int line, uint64_t expected, uint64_t got);
#define EXPECT(EXPECTED, GOT) expect_at(__LINE__, (uint64_t)(EXPECTED), (uint64_t)(GOT))

// What stands between the two is told as one attack.
void attack_begin(const char *name);
void attack_end(void);

cap_t carve(uint32_t pages); // a run of memory of its own
cap_t empty_slot(void);
void rest(uint64_t ms); // everybody else runs
uint64_t now(void);

// --- storms.c: the real-time clock, whose interrupt needs nobody outside

#define CLOCK_LINE 8
#define REGISTER_C 0x0c // reading it lets the next one come
uint32_t rtc_read(uint8_t number);
void rtc_periodic(bool on);

// --- shows.c

// Does not return if there is something to show of that name.
void show(const char *name);

// --- equivalence.c

void equivalence_run(const struct boot_module *request);

// --- child.c: processes that run functions of this image, without its data

#define CHILD_FRAMES 4 // stack, message page, and two for the attack
#define CHILD_STACK (USER_STACK_TOP - PAGE_SIZE)
#define SHARED 0x0000300000000000 // the same page in all of them and here

// Slots of a child's table.
enum child_slot { CHILD_CLOCK = 1, CHILD_CALLS, CHILD_OWN, CHILD_IRQ, CHILD_FREE };

struct child {
    cap_t process, thread, frames, endpoint, pool_run;
    uint32_t pages; // of the process's run, 128 slots each but for two; 0: as few as do
};

// What children and attacks tell each other.
struct shared {
    volatile uint64_t count[8], word[8];
};
#define shared ((struct shared *)SHARED)

// The file of this image as a boot module, and its pages.
cap_t child_module(uint64_t *pages);
void child_start(void); // maps this image's file and the shared page
void child_make(struct child *c, uint32_t priority, cap_t pager, cap_t supervisor);
void child_calls(struct child *c, cap_t endpoint); // puts it into CHILD_CALLS
void child_run(struct child *c, void (*function)(uint64_t), uint64_t argument);
// One more thread, on frame 2 and without a message page.
cap_t child_thread(struct child *c, uint32_t number, uint32_t priority);
// Destroys it; child_make gives it another life in the same frames.
void child_end(struct child *c);

// One operation without libsys's data: for children.
static force_inline uint32_t op(uint64_t tag, uint32_t slot, struct message *m)
{
    m->tag = tag;
    return trap((cap_t){slot}, m);
}

static force_inline uint64_t child_now(void)
{
    struct message m = {0};
    op(SYS_clock_read, CHILD_CLOCK, &m);
    return m.words[0];
}

// Functions of children that several attacks use.
void run_for_ever(uint64_t index);   // counts
void serve_for_ever(uint64_t index); // answers what comes to CHILD_OWN and counts
void receive_once(uint64_t index);   // receives, leaves word, token and bits in word[index] and behind, exits
void call_once(uint64_t word);       // calls with a word; what came back is in word[6], the result in word[7]
