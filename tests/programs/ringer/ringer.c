// SPDX-License-Identifier: MIT
// Notifies whoever asked at the instant that it was asked for. One caller at a time: a call with a capability to notify
// and, in the first word, a time since boot. Raw messages: no interface of the product is needed.
#include "libsys/ipc.h"
#include "libsys/panic.h"
#include "libsys/start.h"

int main(void)
{
    uint64_t at = FOREVER;
    cap_t bell = NO_CAP;
    for (;;) {
        struct message m;
        if (ipc_ready_slots() != OK) panic("ringer has no slots");
        err_t error = ipc_recv(cap_named("self"), at, &m);
        if (error == ERR_TIMEOUT) {
            notify(bell, ~0ull);
            at = FOREVER;
        } else if (error != OK) {
            panic("ringer cannot receive: error %u", (unsigned)error);
        } else if (TAG_OPERATION(m.tag) == KIND_CALL) {
            cap_discard(bell);
            bell = TAG_CAPS(m.tag) == 1 ? ipc_take_cap(0) : NO_CAP;
            at = m.words[0];
            ipc_reply(&(struct message){.token = m.token});
        }
    }
}
