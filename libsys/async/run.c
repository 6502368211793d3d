// SPDX-License-Identifier: MIT
#include "libsys/async/run.h"

#include "libsys/ipc.h"

// OK also when nothing came until the deadline.
static err_t receive(struct executor *e, cap_t self, uint64_t deadline)
{
    struct message m;
    err_t error = ipc_recv(self, deadline, &m);
    if (error == ERR_TIMEOUT) return OK;
    if (error != OK) return error;
    if (m.token != 0) ipc_reply(&(struct message){.tag = TAG(0, ERR_NO_METHOD, 0, 0), .token = m.token});
    if (m.bits != 0) executor_notified(e, m.bits);
    return OK;
}

err_t async_run(struct executor *e, cap_t self)
{
    while (e->alive > 0) {
        err_t error = receive(e, self, e->deadline);
        if (error != OK) return error;
        executor_turn(e);
    }
    return OK;
}

err_t async_run_simple(struct executor *e, cap_t self, uint64_t turns)
{
    for (; e->alive > 0 && turns > 0; turns--) {
        for (uint32_t i = 0; i < e->places; i++)
            executor_wake(e, e->tasks[i].id);
        err_t error = receive(e, self, 0);
        if (error != OK) return error;
        executor_turn(e);
    }
    return OK;
}
