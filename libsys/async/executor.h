// SPDX-License-Identifier: MIT
// Cooperative tasks: many things that wait, in one thread, on one stack. A task is a function that is called again and
// again, runs until it must wait, and returns; what it has to remember lies in struct task, not on the stack. Written
// with the macros of libsys/async/task.h it reads from top to bottom all the same. docs/write-a-task.md shows how.
//
// Nothing here allocates: a task's place, its links and its timer are parts of struct task, so that a wake-up cannot
// fail. A task that is ready or running is registered nowhere; one that waits is in at most one queue and has at most one
// time. Whoever wakes it takes it out of both. A wake-up says only "look again": a task that was woken for nothing waits
// again.
//
// Why no wake-up is lost: everything that wakes a task happens in the thread of its executor. What comes from outside is
// a notification bit of the endpoint, which the kernel keeps until the next receive; and to receive with nothing there
// and to fall asleep is one step of the kernel's.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define TASKS_MAX 64       // places an executor may have
#define TASK_OWN 96        // bytes for a task's own variables
#define POLLS_PER_TURN 64u // then messages and timers have their turn again
#define TASK_NAME 16       // bytes, the NUL included

enum poll {
    POLL_DONE,    // it has ended; t->value is its result
    POLL_PENDING, // it has registered where it will be woken
    POLL_AGAIN,   // it wants to go on, after the others
};

enum task_state {
    TASK_FREE, // never used
    TASK_READY,
    TASK_RUNNING,
    TASK_WAITING,
    TASK_DONE, // these two: until the place is used again, oldest first
    TASK_CANCELLED,
};

struct task;

// What kind of task it is; lives as long as the executor.
struct task_kind {
    const char *name;
    enum poll (*poll)(struct task *t);
    void (*ended)(struct task *t); // gives back what the task held, however it ended; NULL: nothing
};

// Tasks in the order in which they came.
struct task_queue {
    struct task *first, *last;
};

struct task_result {
    err_t error; // OK; ERR_GONE: it was cancelled; ERR_NOT_FOUND: no such task (any more); ERR_SELF
    uint64_t value;
};

struct task {
    // set when it is spawned
    uint64_t id; // generation × 256 + place + 1: not used again in the life of the executor
    const struct task_kind *kind;
    struct executor *executor;
    // the task's
    uint32_t step;  // where poll goes on (libsys/async/task.h)
    uint64_t value; // its result
    uint64_t until; // of TASK_SLEEP
    uint64_t own[TASK_OWN / 8];
    // the executor's
    enum task_state state;
    bool woken;     // while it was running
    bool cancelled; // while it was running
    uint64_t polls;
    uint64_t deadline; // FOREVER: it has no time
    struct task_queue *queue;
    struct task *next, *previous;
    struct task *sooner, *later; // the timers, in their order
    struct task_queue joiners;   // who waits for its end
    uint64_t joined;             // whose end it was told; 0: nobody's
    struct task_result result;   // of that task
};

struct executor {
    // set by executor_start
    struct task *tasks;
    uint32_t places;
    uint64_t (*now)(void);
    // may be set by the owner
    void (*on_end)(struct task *t); // called when a task has ended, whose place is still its own
    uint64_t pause;                 // ns left to others after a turn that used up its polls
    // when the owner must call executor_turn: 0 at once, or a time, or FOREVER
    uint64_t deadline;
    // the executor's
    struct task_queue ready, free, on_bits;
    struct task *timers;
    struct task *running;
    uint64_t bits; // that came and that nobody has taken
    // figures
    uint32_t alive;
    uint64_t spawned, ended, polls, wakes;
};

// places ≤ TASKS_MAX. The tasks' memory is cleared; now gives nanoseconds since boot.
void executor_start(struct executor *e, struct task *tasks, uint32_t places, uint64_t (*now)(void));

// Takes over the tasks of a process that died, from memory that outlived it (a keep region), and starts with them. Their
// kinds lie where they lay, because it is the same image. All links are made anew, and every task is woken, so it
// registers again where it waits. The task that ran when the process died is ended: it can be continued nowhere. *culprit
// is its number, 0 when none ran. is_known: whether it is the address of a task kind. False: this is no executor with
// these tasks; nothing has been changed.
bool executor_resume(struct executor *e, struct task *tasks, uint32_t places, uint64_t (*now)(void),
                     bool (*is_known)(const struct task_kind *kind), uint64_t *culprit);

// Starts a task with a copy of its own variables (the rest of t->own is 0); it is polled in the next turn. May be called
// by a task. id may be NULL. ERR_FULL: no place is free. ERR_TOO_LONG: size > TASK_OWN.
err_t executor_spawn(struct executor *e, const struct task_kind *kind, const void *own, size_t size, uint64_t *id);

// Ends a task; its joiners see ERR_GONE. A running task may cancel itself: it ends when it returns. ERR_NOT_FOUND: no
// such task, or it has ended.
err_t executor_cancel(struct executor *e, uint64_t id);

// The task that has the number, also when it has ended; NULL: its place has been used again, or there never was one.
struct task *executor_find(struct executor *e, uint64_t id);

// Wakes those whose time has come and polls what is ready, at most POLLS_PER_TURN times. Sets e->deadline.
void executor_turn(struct executor *e);

// Notification bits have arrived.
void executor_notified(struct executor *e, uint64_t bits);

// The waker: a number is enough. What has ended, or is awake already, is left alone. Never allocates, never fails.
void executor_wake(struct executor *e, uint64_t id);

// --- for what can be waited for: each of these is called by the running task, or wakes others

// The task wants to be woken with this queue. A second queue besides makes it be polled again at once: late is wrong,
// early is not.
void task_wait_in(struct task *t, struct task_queue *queue);

// Takes the task out of the queue and the timers.
void task_forget(struct task *t);

void task_wake_all(struct task_queue *queue);

// True when the time has come; otherwise the task will be woken then.
bool task_time(struct task *t, uint64_t deadline);

// True when one of the bits has come; *got are those that did, and they are taken. Otherwise the task will be woken.
bool task_bits(struct task *t, uint64_t mask, uint64_t *got);

// True when the other task has ended, or there is none; otherwise the task will be woken then. *result: how it ended.
bool task_joined(struct task *t, uint64_t id, struct task_result *result);
