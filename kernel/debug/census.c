// SPDX-License-Identifier: MIT
#include "kernel/debug/census.h"

#include <stdarg.h>

#include "common/format.h"
#include "kernel/log.h"
#include "kernel/panic.h"

struct process *census_processes[PROCESSES];
uint32_t census_process_count;

noreturn void violated(const char *invariant, const char *sentence, ...)
{
    char text[120];
    va_list arguments;
    va_start(arguments, sentence);
    (void)format_list(text, sizeof text, sentence, arguments);
    va_end(arguments);
    panic("census: %s: %s", invariant, text);
}

bool is_frame(const struct frame *f)
{
    return f >= FRAMES && f < FRAMES + frame_count && (uint64_t)f % sizeof *f == 0 && frame_is_ready(f);
}

bool is_object(const void *object, enum object_type type)
{
    const struct frame *f = object_frame(object);
    return (uint64_t)object % PAGE_SIZE == 0 && is_frame(f) && frame_object(f) == object && frame_type(f) == type;
}

void census(bool tells)
{
    static uint64_t count;
    count++;
    census_find_processes();
    census_pools();
    census_tables();
    census_capabilities();
    census_threads();
    census_frames();
    census_machine();
    const struct frame_sums *s = &frame_sums;
    if (tells)
        log_line(
            "census %lu: good; frames: %lu = kernel %lu + memory %lu + processes %lu + pools %lu; free in pools %lu, "
            "mappings %lu, processes %u, stack %lu bytes",
            count, s->ram, s->boot, s->memory, s->processes, s->pools, s->pool_free, s->mapped, census_process_count,
            stack_high_water());
}
