// SPDX-License-Identifier: MIT
// Answers calls of `fpu call`, and keeps patterns of its own in all FPU registers while it waits for the next.
#include "libsys/panic.h"
#include "libsys/start.h"
#include "tests/programs/fpu/fpu.h"

int main(void)
{
    static struct fpu_state in, out;
    uint64_t seed = 99;
    struct message m = {.tag = SYS_recv, .words = {FOREVER}};
    fpu_find_avx();
    for (;;) {
        fpu_fill(&in, &seed);
        fpu_trap(&in, &out, cap_named("self").slot, &m);
        const char *differs = fpu_differs(&in, &out);
        if (differs) panic("the partner's state CHANGED: %s", differs);
        m = (struct message){.tag = SYS_reply_recv, .words = {m.words[0] + 1}, .token = m.token};
    }
}
