// SPDX-License-Identifier: MIT
#include "libsys/async/executor.h"

#include "abi/message.h"
#include "common/mem.h"

// --- queues

static void append(struct task_queue *queue, struct task *t)
{
    t->queue = queue;
    t->next = NULL;
    t->previous = queue->last;
    if (queue->last != NULL)
        queue->last->next = t;
    else
        queue->first = t;
    queue->last = t;
}

static void unlink_task(struct task *t)
{
    struct task_queue *queue = t->queue;
    if (t->previous != NULL)
        t->previous->next = t->next;
    else
        queue->first = t->next;
    if (t->next != NULL)
        t->next->previous = t->previous;
    else
        queue->last = t->previous;
    t->queue = NULL;
}

// --- timers: a list, the soonest first; there are at most as many as places

static void drop_timer(struct task *t)
{
    if (t->sooner != NULL)
        t->sooner->later = t->later;
    else
        t->executor->timers = t->later;
    if (t->later != NULL) t->later->sooner = t->sooner;
    t->sooner = t->later = NULL;
    t->deadline = FOREVER;
}

static void add_timer(struct task *t, uint64_t deadline)
{
    struct task *sooner = NULL, *later = t->executor->timers;
    while (later != NULL && later->deadline <= deadline) {
        sooner = later;
        later = later->later;
    }
    t->deadline = deadline;
    t->sooner = sooner;
    t->later = later;
    if (sooner != NULL)
        sooner->later = t;
    else
        t->executor->timers = t;
    if (later != NULL) later->sooner = t;
}

// --- waking

void task_forget(struct task *t)
{
    if (t->queue != NULL) unlink_task(t);
    if (t->deadline != FOREVER) drop_timer(t);
}

static void make_ready(struct task *t)
{
    t->state = TASK_READY;
    append(&t->executor->ready, t);
    t->executor->deadline = 0;
}

static void wake(struct task *t)
{
    if (t->state != TASK_WAITING && t->state != TASK_RUNNING) return;
    t->executor->wakes++;
    task_forget(t);
    if (t->state == TASK_RUNNING)
        t->woken = true; // it may be about to wait: it is polled once more
    else
        make_ready(t);
}

void task_wake_all(struct task_queue *queue)
{
    while (queue->first != NULL)
        wake(queue->first);
}

void executor_wake(struct executor *e, uint64_t id)
{
    struct task *t = executor_find(e, id);
    if (t != NULL) wake(t);
}

void executor_notified(struct executor *e, uint64_t bits)
{
    e->bits |= bits;
    task_wake_all(&e->on_bits);
}

// --- waiting

void task_wait_in(struct task *t, struct task_queue *queue)
{
    if (t->queue == queue) return;
    if (t->queue != NULL)
        t->woken = true;
    else
        append(queue, t);
}

bool task_time(struct task *t, uint64_t deadline)
{
    if (t->executor->now() >= deadline) return true;
    if (deadline < t->deadline) {
        if (t->deadline != FOREVER) drop_timer(t);
        add_timer(t, deadline);
    }
    return false;
}

bool task_bits(struct task *t, uint64_t mask, uint64_t *got)
{
    struct executor *e = t->executor;
    *got = e->bits & mask;
    e->bits &= ~mask;
    if (*got == 0) task_wait_in(t, &e->on_bits);
    return *got != 0;
}

static bool is_alive(const struct task *t)
{
    return t->state == TASK_READY || t->state == TASK_RUNNING || t->state == TASK_WAITING;
}

static struct task_result result_of(const struct task *t)
{
    return (struct task_result){t->state == TASK_DONE ? OK : ERR_GONE, t->value};
}

bool task_joined(struct task *t, uint64_t id, struct task_result *result)
{
    struct task *other = executor_find(t->executor, id);
    if (t->joined == id)
        *result = t->result; // its place may have been used again by now
    else if (other == NULL || other == t)
        *result = (struct task_result){other == t ? ERR_SELF : ERR_NOT_FOUND, 0};
    else if (!is_alive(other))
        *result = result_of(other);
    else
        task_wait_in(t, &other->joiners);
    return t->joined == id || other == NULL || other == t || !is_alive(other);
}

// --- life and death

struct task *executor_find(struct executor *e, uint64_t id)
{
    uint64_t place = (id & 0xff) - 1;
    if (place >= e->places || e->tasks[place].id != id || e->tasks[place].state == TASK_FREE) return NULL;
    return &e->tasks[place];
}

void executor_start(struct executor *e, struct task *tasks, uint32_t places, uint64_t (*now)(void))
{
    *e = (struct executor){.tasks = tasks, .places = places, .now = now, .deadline = FOREVER};
    for (uint32_t i = 0; i < places; i++) {
        tasks[i] = (struct task){.id = i + 1, .executor = e, .deadline = FOREVER};
        append(&e->free, &tasks[i]);
    }
}

// Whether what lies in a place can have been left there by an executor.
static bool is_sound(const struct task *t, uint32_t place, bool (*is_known)(const struct task_kind *))
{
    if ((t->id & 0xff) != place + 1 || (uint32_t)t->state > TASK_CANCELLED) return false;
    return t->state == TASK_FREE || is_known(t->kind);
}

static struct task without_links(const struct task *t, struct executor *e)
{
    struct task clean = *t;
    clean.executor = e;
    clean.queue = NULL;
    clean.next = clean.previous = clean.sooner = clean.later = NULL;
    clean.joiners = (struct task_queue){NULL, NULL};
    clean.deadline = FOREVER;
    clean.woken = clean.cancelled = false;
    return clean;
}

bool executor_resume(struct executor *e, struct task *tasks, uint32_t places, uint64_t (*now)(void),
                     bool (*is_known)(const struct task_kind *), uint64_t *culprit)
{
    if (e->tasks != tasks || e->places != places) return false;
    for (uint32_t i = 0; i < places; i++)
        if (!is_sound(&tasks[i], i, is_known)) return false;
    struct executor former = *e;
    *e = (struct executor){.tasks = tasks, .places = places, .now = now, .deadline = FOREVER};
    e->spawned = former.spawned;
    e->ended = former.ended;
    e->polls = former.polls;
    e->wakes = former.wakes;
    *culprit = 0;
    for (uint32_t i = 0; i < places; i++) {
        struct task *t = &tasks[i];
        *t = without_links(t, e);
        if (t->state == TASK_RUNNING) {
            *culprit = t->id;
            t->state = TASK_CANCELLED;
            e->ended++;
        }
        if (is_alive(t)) {
            e->alive++;
            make_ready(t);
        }
        if (t->state == TASK_FREE) append(&e->free, t);
    }
    for (uint32_t i = 0; i < places; i++) // results are kept as long as there are other places
        if (!is_alive(&tasks[i]) && tasks[i].queue == NULL) append(&e->free, &tasks[i]);
    return true;
}

err_t executor_spawn(struct executor *e, const struct task_kind *kind, const void *own, size_t size, uint64_t *id)
{
    struct task *t = e->free.first;
    if (size > TASK_OWN) return ERR_TOO_LONG;
    if (t == NULL) return ERR_FULL;
    unlink_task(t);
    *t = (struct task){.id = t->id + 0x100, .kind = kind, .executor = e, .deadline = FOREVER};
    if (size > 0) memcpy(t->own, own, size);
    e->alive++;
    e->spawned++;
    if (id != NULL) *id = t->id;
    make_ready(t);
    return OK;
}

static void tell_joiners(struct task *t)
{
    for (struct task *joiner; (joiner = t->joiners.first) != NULL;) {
        joiner->joined = t->id;
        joiner->result = result_of(t);
        wake(joiner);
    }
}

// Its place goes to the end of the line: how it ended can be asked for as long as possible.
static void finish(struct task *t, enum task_state how)
{
    struct executor *e = t->executor;
    task_forget(t);
    t->state = how;
    e->alive--;
    e->ended++;
    if (t->kind->ended != NULL) t->kind->ended(t);
    tell_joiners(t);
    if (e->on_end != NULL) e->on_end(t);
    append(&e->free, t);
}

err_t executor_cancel(struct executor *e, uint64_t id)
{
    struct task *t = executor_find(e, id);
    if (t == NULL || !is_alive(t)) return ERR_NOT_FOUND;
    if (t->state == TASK_RUNNING)
        t->cancelled = true;
    else
        finish(t, TASK_CANCELLED);
    return OK;
}

// --- running

static void poll_first(struct executor *e)
{
    struct task *t = e->ready.first;
    unlink_task(t);
    t->state = TASK_RUNNING;
    t->woken = false;
    t->polls++;
    e->polls++;
    e->running = t;
    enum poll result = t->kind->poll(t);
    e->running = NULL;
    if (result == POLL_DONE || t->cancelled) {
        finish(t, t->cancelled ? TASK_CANCELLED : TASK_DONE);
    } else if (result == POLL_AGAIN || t->woken) {
        task_forget(t);
        make_ready(t);
    } else {
        t->state = TASK_WAITING;
    }
}

static void wake_those_due(struct executor *e)
{
    const uint64_t now = e->now();
    while (e->timers != NULL && e->timers->deadline <= now)
        wake(e->timers);
}

void executor_turn(struct executor *e)
{
    if (e->timers != NULL) wake_those_due(e);
    for (uint32_t left = POLLS_PER_TURN; left > 0 && e->ready.first != NULL; left--)
        poll_first(e);
    if (e->ready.first != NULL)
        e->deadline = e->pause == 0 ? 0 : e->now() + e->pause;
    else
        e->deadline = e->timers != NULL ? e->timers->deadline : FOREVER;
}
