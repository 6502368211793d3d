// SPDX-License-Identifier: MIT
// A free frame of a pool is full of one byte, or clear when it comes straight from its donor: whoever writes to what he
// has given back is found.
#include "common/mem.h"
#include "kernel/debug/census.h"
#include "kernel/x86/cpu.h"

#define POISON 0xa5
#define POISON_WORD 0xa5a5a5a5a5a5a5a5ull

bool poison_is_intact(const struct frame *f)
{
    const uint64_t *words = frame_object(f);
    if (words[0] != 0 && words[0] != POISON_WORD) return false;
    for (uint64_t i = 1; i < PAGE_SIZE / 8; i++)
        if (words[i] != words[0]) return false;
    return true;
}

err_t __real_pool_take(struct process *p, enum object_type type, struct frame **out);
err_t __wrap_pool_take(struct process *p, enum object_type type, struct frame **out);
void __real_pool_return(struct process *p, struct frame *f);
void __wrap_pool_return(struct process *p, struct frame *f);

err_t __wrap_pool_take(struct process *p, enum object_type type, struct frame **out)
{
    err_t err = __real_pool_take(p, type, out);
    if (err) return err;
    if (!poison_is_intact(*out)) violated("I12", "free frame %#x was written to", frame_number(*out));
    clear_words(frame_object(*out), PAGE_SIZE / 8);
    return OK;
}

void __wrap_pool_return(struct process *p, struct frame *f)
{
    __real_pool_return(p, f);
    memset(frame_object(f), POISON, PAGE_SIZE);
}

// Free frames of a process that is being destroyed leave the kernel: as it hands them on, they are clear.
void poison_lift(struct process *p)
{
    for (uint32_t n = p->first_run, i = 0; n && i < FRAMES[n].run_pages; i++) {
        const struct frame *f = FRAMES + n + i;
        if (frame_type(f) != TYPE_POOL || *(const uint64_t *)frame_object(f) == 0) continue;
        if (!poison_is_intact(f)) violated("I12", "free frame %#x was written to", frame_number(f));
        clear_words(frame_object(f), PAGE_SIZE / 8);
    }
}
