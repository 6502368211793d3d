// SPDX-License-Identifier: MIT
// Cooperative tasks as a server: the executor of libsys/async inside the loop of every server. The loop's one receive
// waits until a message, a notification or the time of the next task comes.
//
// One thread cannot watch itself. A task that never yields keeps the loop from answering its heartbeat; the supervisor
// ends the process, as it ends any server that hangs, and the next life finds in the keep region which task was running:
// that one is named and ended, the others go on where they were.
#include "interfaces/tasks.h"
#include "libsys/async/builtin.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"
#include "servers/tasks/joins.h"

#define KEEP_MAGIC 0x736b736174ull // "tasks"
#define KEEP_VERSION 1u
#define PLACES 32u
// Programs have lower priorities: tasks that always have something to compute must leave them some time.
#define PAUSE_NS NS_PER_MS

// What the next life finds.
struct kept {
    uint64_t magic;
    uint32_t version, size;
    struct executor executor;
    struct task tasks[PLACES];
};

static struct kept *kept;
static struct joins joins;

// The first caller may have died meanwhile; that is no error here.
static void answer_joins(struct task *t)
{
    const struct tasks_join_reply reply = {.cancelled = t->state == TASK_CANCELLED, .value = t->value};
    for (uint64_t token; (token = joins_take(&joins, t->id)) != 0;)
        tasks_join_answer(token, OK, &reply);
}

static err_t spawn(struct caller *from, const struct tasks_spawn *in, struct tasks_spawn_reply *out)
{
    (void)from;
    return builtin_spawn(&kept->executor, in->name, in->argument, &out->id);
}

static err_t task(struct caller *from, const struct tasks_task *in, struct tasks_task_reply *out)
{
    (void)from;
    if (in->place >= PLACES) return ERR_NOT_FOUND;
    const struct task *t = &kept->tasks[in->place];
    if (t->state == TASK_FREE) return ERR_EMPTY;
    *out = (struct tasks_task_reply){
        .id = t->id, .state = (uint8_t)t->state, .polls = t->polls, .value = t->value, .name = t->kind->name};
    return OK;
}

static err_t join(struct caller *from, const struct tasks_join *in, struct tasks_join_reply *out)
{
    const struct task *t = executor_find(&kept->executor, in->id);
    if (t == NULL) return ERR_NOT_FOUND;
    if (t->state == TASK_DONE || t->state == TASK_CANCELLED) {
        *out = (struct tasks_join_reply){.cancelled = t->state == TASK_CANCELLED, .value = t->value};
        return OK;
    }
    if (from->token == 0) return OK; // sent, not called: nobody waits
    return joins_put(&joins, from->token, in->id) ? DEFERRED : ERR_FULL;
}

static err_t cancel(struct caller *from, const struct tasks_cancel *in)
{
    (void)from;
    return executor_cancel(&kept->executor, in->id);
}

static err_t kind(struct caller *from, const struct tasks_kind *in, struct tasks_kind_reply *out)
{
    (void)from;
    if (in->index >= builtin_count) return ERR_NOT_FOUND;
    *out = (struct tasks_kind_reply){.name = builtins[in->index].kind.name, .about = builtins[in->index].about};
    return OK;
}

static err_t figures(struct caller *from, struct tasks_figures_reply *out)
{
    (void)from;
    const struct executor *e = &kept->executor;
    *out = (struct tasks_figures_reply){.alive = e->alive,
                                        .joins = joins.count,
                                        .spawned = e->spawned,
                                        .ended = e->ended,
                                        .polls = e->polls,
                                        .wakes = e->wakes};
    return OK;
}

static void notified(uint64_t bits) { executor_notified(&kept->executor, bits); }

static void turn(void) { executor_turn(&kept->executor); }

static void tell(const char *what, uint64_t id)
{
    const struct task *t = executor_find(&kept->executor, id);
    log_printf("task %s (%llu) %s", t->kind->name, (unsigned long long)id, what);
    printf("tasks: task %s (%llu) %s\n", t->kind->name, (unsigned long long)id, what);
}

static bool was_left_by_us(uint64_t size)
{
    return size >= sizeof *kept && kept->magic == KEEP_MAGIC && kept->version == KEEP_VERSION &&
           kept->size == sizeof *kept;
}

static void start(void)
{
    static struct kept here; // where there is no keep region nothing outlives the process
    uint64_t size = 0, culprit;
    kept = region_named("keep", &size);
    if (kept == NULL || size < sizeof *kept) kept = &here;
    if (was_left_by_us(size) &&
        executor_resume(&kept->executor, kept->tasks, PLACES, clock_now, builtin_is, &culprit)) {
        log_printf("tasks that go on: %u", kept->executor.alive);
        if (culprit != 0) tell("was running when its server died, and is ended", culprit);
    } else {
        if (start_page()->generation > 1) log_line("the tasks of the life before are lost");
        executor_start(&kept->executor, kept->tasks, PLACES, clock_now);
    }
    kept->magic = KEEP_MAGIC;
    kept->version = KEEP_VERSION;
    kept->size = sizeof *kept;
    kept->executor.on_end = answer_joins;
    kept->executor.pause = PAUSE_NS;
}

int main(void)
{
    start();
    const struct tasks_server server = {
        .spawn = spawn,
        .task = task,
        .join = join,
        .cancel = cancel,
        .kind = kind,
        .figures = figures,
        .notified = notified,
        .timeout = turn,
        .deadline = &kept->executor.deadline,
    };
    err_t error = tasks_serve(cap_named("self"), &server);
    panic("tasks cannot receive: error %u", (unsigned)error);
}
