// SPDX-License-Identifier: MIT
// One function for each operation of the kernel that is not IPC (libsys/ipc.h). Numbers and registers: abi/syscall.h.
//
// Every function returns OK or one of the kernel's errors; on an error nothing has changed unless it says otherwise.
// Results come back through pointers and are written only on OK. Any capability argument may give ERR_BAD_SLOT (no
// such slot), ERR_NO_CAP (nothing there, as in NO_CAP's, or its object is gone), ERR_WRONG_TYPE or ERR_NO_RIGHT. A cap_t
// is a slot of one's own table; a plain uint32_t slot may lie in the table of another process. What the kernel does in
// steps (ERR_AGAIN) is done here to its end.
#pragma once

#include "abi/fault.h"
#include "abi/object.h"
#include "libsys/page.h"
#include "libsys/trap.h"

// Enters and leaves the kernel: its cost is what a benchmark wants.
err_t null_syscall(void);

// Ends the calling thread, for a process's first thread the process; its supervisor learns the code. exit_text sends a
// text along, as panic does: length bytes, at most PANIC_MAX, the rest is cut.
#define PANIC_MAX LOG_LINE_MAX
noreturn void exit(int code);
noreturn void exit_text(int code, const char *text, size_t length);

// Lets other threads of the same priority run.
void yield(void);

// --- capabilities

struct cap_info {
    enum object_type type;
    uint64_t rights; // RIGHT_*
    uint64_t badge;
};

// Copies a capability into an empty slot of a process that one manages (process NO_CAP: of one's own), with the rights
// that both it and the mask have. ERR_SLOT_USED, ERR_BAD_SLOT.
must_use err_t cap_copy(cap_t source, cap_t process, uint32_t slot, uint32_t rights);
// The same, and the copy gets a badge; the source must be unbadged (ERR_BADGED) and carry RIGHT_MANAGE.
must_use err_t cap_mint(cap_t source, cap_t process, uint32_t slot, uint32_t rights, uint64_t badge);
// Moves it: the source slot is empty afterwards.
must_use err_t cap_move(cap_t source, cap_t process, uint32_t slot);
// Empties a slot; an empty one stays empty, without an error. The object lives on.
err_t cap_drop(cap_t capability);
// What a slot holds. ERR_NO_CAP: nothing, or its object is gone.
must_use err_t cap_info(cap_t capability, struct cap_info *info);

// --- memory

struct run_info {
    uint64_t pages;
    paddr_t address;
    uint64_t mapped; // pages mapped now
    enum object_type type;
};

// Cuts an unmapped run: its slot then holds the first pages, the empty slot rest the others. Copies of the old
// capability are dead. ERR_MAPPED, ERR_BAD_LENGTH.
must_use err_t memory_split(cap_t run, uint64_t pages, cap_t rest);
// Joins two unmapped runs that touch; upper's slot is empty afterwards. ERR_NOT_NEIGHBOUR, ERR_MAPPED.
must_use err_t memory_join(cap_t lower, cap_t upper);
// Maps pages first … first + pages − 1 of a run at an address of a process (right RIGHT_MAP on it). access: ACCESS_*.
// ERR_BAD_ADDRESS, ERR_WX, ERR_POOL_EMPTY, ERR_MAPPED (something is there). On an error the pages before the one that
// failed may be mapped: process_unmap takes them away.
must_use err_t memory_map(cap_t run, cap_t process, vaddr_t at, uint64_t first, uint64_t pages, uint32_t access);
must_use err_t memory_info(cap_t run, struct run_info *info);

// --- processes

struct process_info {
    uint64_t pool_free;  // frames
    uint64_t pool_total; // frames
    uint64_t mapped;     // pages
    uint64_t threads;
    uint64_t slots; // of its capability table
    uint64_t time;  // nanoseconds of processor time
};

struct mapping_info {
    paddr_t address;
    uint64_t access; // ACCESS_*; ACCESS_KERNEL: out of ring 3's reach
    uint64_t size;   // bytes of the page
};

// Turns a whole, unmapped run of at least 3 pages into a process; the slot then holds it, with all rights. Its table
// has (pages − 2) × 128 slots.
must_use err_t process_create(cap_t run);
// Gives a whole, unmapped run to a process's pool; the run's slot is empty afterwards.
must_use err_t process_donate(cap_t process, cap_t run);
// Ends a process and returns its runs one by one, each in the slot into, which must be empty. ERR_AGAIN: the slot holds
// a run of *pages pages; take it out and call again. OK: it is over, and the slot holds the process's own run. *pages is
// written in both cases.
must_use err_t process_destroy(cap_t process, cap_t into, uint64_t *pages);
// Removes mappings; pages where nothing is mapped are skipped.
must_use err_t process_unmap(cap_t process, vaddr_t at, uint64_t pages);
// Takes rights away: access (ACCESS_READ, and no more than each page has now) is what is left. ERR_NOT_MAPPED, ERR_NO_RIGHT;
// ERR_MAPPED: a thread's message page, which stays writable. On an error the pages before may have changed.
must_use err_t process_protect(cap_t process, vaddr_t at, uint64_t pages, uint32_t access);
// What is mapped at an address of either half. ERR_NOT_MAPPED: nothing, and info->size is that of the smallest aligned piece
// around it in which nothing is.
must_use err_t process_query(cap_t process, vaddr_t at, struct mapping_info *info);
must_use err_t process_info(cap_t process, struct process_info *info);

// --- threads

// Makes a thread of a process that one manages, from its pool; into is an empty slot. message_page: its address in that
// process, mapped and writable (0: none). pager, supervisor: endpoints for its faults (NO_CAP: one's own, for a thread of
// one's own process; none for any other). priority: from 1 to one's own.
must_use err_t thread_create(cap_t process, cap_t into, vaddr_t message_page, cap_t pager, cap_t supervisor,
                             uint32_t priority);
// The same with thread-local storage: tls is its FS base, in the user half.
must_use err_t thread_create_tls(cap_t process, cap_t into, vaddr_t message_page, cap_t pager, cap_t supervisor,
                                 uint32_t priority, vaddr_t tls);
// Lets a new thread run, at rip, with the stack pointer rsp and argument in rdi.
must_use err_t thread_start(cap_t thread, vaddr_t rip, vaddr_t rsp, uint64_t argument);

// A suspended thread does not run; messages, replies and deadlines reach it all the same. ERR_BAD_STATE: it is suspended
// already, or was not.
must_use err_t thread_suspend(cap_t thread);
must_use err_t thread_resume(cap_t thread);
// The registers of a thread that is suspended or stopped by a fault (otherwise ERR_BAD_STATE), but those of the FPU. They
// travel in one's own message page. Of those written, bits that ring 3 may not choose are ignored. ERR_BAD_ADDRESS: the
// instruction pointer is not in the user half; ERR_BUSY: it waits in an operation, whose end would overwrite them.
must_use err_t thread_read(cap_t thread, struct registers *registers);
must_use err_t thread_write(cap_t thread, const struct registers *registers);
// At most one's own.
must_use err_t thread_priority(cap_t thread, uint32_t priority);
// The endpoint is asked about the thread's faults before its supervisor (after its pager); NO_CAP: nobody any more.
must_use err_t thread_debug(cap_t thread, cap_t debugger);

struct thread_info {
    enum thread_state state;
    uint64_t held; // THREAD_IS_SUSPENDED, THREAD_HAS_FAULTED
    uint32_t priority;
    uint64_t number; // in its process
    uint64_t time;   // nanoseconds of processor time
    vaddr_t tls;
};
must_use err_t thread_info(cap_t thread, struct thread_info *info);
// Ends a thread at once; its caller gets ERR_SERVER_DIED, its supervisor is not told. ERR_SELF: it is one's own.
must_use err_t thread_destroy(cap_t thread);

// --- endpoints

// Makes an endpoint from the pool of the process pays; receiver is the process that may receive from it.
must_use err_t endpoint_create(cap_t pays, cap_t into, cap_t receiver);
// Names another receiver. ERR_BAD_STATE while the old one is alive.
must_use err_t endpoint_bind(cap_t endpoint, cap_t receiver);
must_use err_t endpoint_destroy(cap_t endpoint);

// --- devices

// The line sets bits on an endpoint (right to notify) whenever it fires; it is then masked until irq_ack.
must_use err_t irq_bind(cap_t irq, cap_t endpoint, uint64_t bits);
err_t irq_ack(cap_t irq);
// Makes a capability for count ports from first, directions PORT_*; values: 32 bytes, a bit for each byte that may be
// written, or NULL for all. Paid by one's own pool. Overwrites the first 32 bytes of the message body.
must_use err_t ports_create(cap_t root, cap_t into, uint16_t first, uint16_t count, uint32_t directions,
                            const uint8_t *values);
// width: 1, 2 or 4 bytes. ERR_PORT, ERR_PORT_VALUE.
must_use static inline err_t ports_in(cap_t ports, uint16_t port, uint32_t width, uint32_t *value)
{
    struct message m = {.tag = SYS_ports_in, .words = {port, width}};
    err_t error = (err_t)trap(ports, &m);
    if (error == OK) *value = (uint32_t)m.words[0];
    return error;
}
static inline err_t ports_out(cap_t ports, uint16_t port, uint32_t width, uint32_t value)
{
    struct message m = {.tag = SYS_ports_out, .words = {port, width, value}};
    return (err_t)trap(ports, &m);
}

// --- clock, log, power: the capability is the process's own "clock" or "log"

// Nanoseconds since boot.
err_t clock_read(uint64_t *ns);
// Reads what the log holds from *position on (0: its oldest byte) into bytes and moves *position behind it. size: at
// most MESSAGE_MAX. *length bytes were read; ERR_EMPTY at the end. Overwrites the message body.
must_use err_t log_read(cap_t log, uint64_t *position, char *bytes, size_t size, size_t *length);
// action: POWER_OFF, POWER_REBOOT. Returns only on an error.
err_t power(cap_t power, uint32_t action);
// What POWER_OFF writes, 16 bits wide: value to port, then second_value to second_port if that is not 0. Needs the right
// to manage.
must_use err_t power_method(cap_t power, uint16_t port, uint16_t value, uint16_t second_port, uint16_t second_value);
