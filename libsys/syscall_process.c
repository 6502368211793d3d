// SPDX-License-Identifier: MIT
// Operations on processes, threads and endpoints.
#include "common/mem.h"
#include "libsys/syscall.h"

err_t process_create(cap_t run)
{
    for (;;) {
        struct message m = {.tag = SYS_process_create};
        err_t error = (err_t)trap(run, &m);
        if (error != ERR_AGAIN) return error;
    }
}

err_t process_donate(cap_t process, cap_t run)
{
    for (;;) {
        struct message m = {.tag = SYS_process_donate, .words = {run.slot}};
        err_t error = (err_t)trap(process, &m);
        if (error != ERR_AGAIN) return error;
    }
}

err_t process_destroy(cap_t process, cap_t into, uint64_t *pages)
{
    for (;;) {
        struct message m = {.tag = SYS_process_destroy, .words = {into.slot}};
        err_t error = (err_t)trap(process, &m);
        *pages = error == OK || error == ERR_AGAIN ? m.words[0] : 0;
        if (error != ERR_AGAIN || *pages > 0) return error;
    }
}

err_t process_info(cap_t process, struct process_info *info)
{
    struct message m = {.tag = SYS_process_info};
    err_t error = (err_t)trap(process, &m);
    if (error == OK)
        *info = (struct process_info){m.words[0], m.words[1], m.words[2], m.words[3], m.words[4], m.words[5]};
    return error;
}

err_t thread_create(cap_t process, cap_t into, vaddr_t message_page, cap_t pager, cap_t supervisor, uint32_t priority)
{
    return thread_create_tls(process, into, message_page, pager, supervisor, priority, (vaddr_t){0});
}

err_t thread_create_tls(cap_t process, cap_t into, vaddr_t message_page, cap_t pager, cap_t supervisor,
                        uint32_t priority, vaddr_t tls)
{
    struct message m = {
        .tag = SYS_thread_create,
        .words = {into.slot, message_page.raw, pager.slot, supervisor.slot, priority, tls.raw},
    };
    return (err_t)trap(process, &m);
}

err_t thread_start(cap_t thread, vaddr_t rip, vaddr_t rsp, uint64_t argument)
{
    struct message m = {.tag = SYS_thread_start, .words = {rip.raw, rsp.raw, argument}};
    return (err_t)trap(thread, &m);
}

err_t thread_suspend(cap_t thread)
{
    struct message m = {.tag = SYS_thread_suspend};
    return (err_t)trap(thread, &m);
}

err_t thread_resume(cap_t thread)
{
    struct message m = {.tag = SYS_thread_resume};
    return (err_t)trap(thread, &m);
}

err_t thread_read(cap_t thread, struct registers *registers)
{
    struct message m = {.tag = SYS_thread_read};
    err_t error = (err_t)trap(thread, &m);
    if (error == OK) memcpy(registers, message_page()->body, sizeof *registers);
    return error;
}

err_t thread_write(cap_t thread, const struct registers *registers)
{
    memcpy(message_page()->body, registers, sizeof *registers);
    struct message m = {.tag = SYS_thread_write};
    return (err_t)trap(thread, &m);
}

err_t thread_priority(cap_t thread, uint32_t priority)
{
    struct message m = {.tag = SYS_thread_priority, .words = {priority}};
    return (err_t)trap(thread, &m);
}

err_t thread_debug(cap_t thread, cap_t debugger)
{
    struct message m = {.tag = SYS_thread_debug, .words = {debugger.slot}};
    return (err_t)trap(thread, &m);
}

err_t thread_info(cap_t thread, struct thread_info *info)
{
    struct message m = {.tag = SYS_thread_info};
    err_t error = (err_t)trap(thread, &m);
    if (error == OK)
        *info = (struct thread_info){
            (enum thread_state)m.words[0], m.words[1], (uint32_t)m.words[2], m.words[3], m.words[4], {m.words[5]}};
    return error;
}

err_t thread_destroy(cap_t thread)
{
    struct message m = {.tag = SYS_thread_destroy};
    return (err_t)trap(thread, &m);
}

err_t endpoint_create(cap_t pays, cap_t into, cap_t receiver)
{
    struct message m = {.tag = SYS_endpoint_create, .words = {into.slot, receiver.slot}};
    return (err_t)trap(pays, &m);
}

err_t endpoint_bind(cap_t endpoint, cap_t receiver)
{
    struct message m = {.tag = SYS_endpoint_bind, .words = {receiver.slot}};
    return (err_t)trap(endpoint, &m);
}

err_t endpoint_destroy(cap_t endpoint)
{
    for (;;) {
        struct message m = {.tag = SYS_endpoint_destroy};
        err_t error = (err_t)trap(endpoint, &m);
        if (error != ERR_AGAIN) return error;
    }
}
