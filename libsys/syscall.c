// SPDX-License-Identifier: MIT
// Operations on the clock, the log and the power switch, and the two that do next to nothing.
#include "libsys/syscall.h"

#include "common/mem.h"
#include "libsys/start.h"

err_t null_syscall(void)
{
    struct message m = {.tag = SYS_null};
    return (err_t)trap(NO_CAP, &m);
}

void yield(void)
{
    struct message m = {.tag = SYS_yield};
    trap(NO_CAP, &m);
}

err_t clock_read(uint64_t *ns)
{
    struct message m = {.tag = SYS_clock_read};
    err_t error = (err_t)trap(cap_named("clock"), &m);
    if (error == OK) *ns = m.words[0];
    return error;
}

err_t log_read(cap_t log, uint64_t *position, char *bytes, size_t size, size_t *length)
{
    struct message m = {.tag = SYS_log_read, .words = {*position}};
    err_t error = (err_t)trap(log, &m);
    if (error != OK) return error;
    // What does not fit is left for the next read.
    size_t arrived = TAG_LENGTH(m.tag);
    size_t taken = arrived < size ? arrived : size;
    memcpy(bytes, message_page()->body, taken);
    *position = m.words[0] - (arrived - taken);
    *length = taken;
    return OK;
}

err_t power(cap_t power, uint32_t action)
{
    struct message m = {.tag = SYS_power, .words = {action}};
    return (err_t)trap(power, &m);
}

err_t power_method(cap_t power, uint16_t port, uint16_t value, uint16_t second_port, uint16_t second_value)
{
    struct message m = {.tag = SYS_power, .words = {POWER_METHOD, port, value, second_port, second_value}};
    return (err_t)trap(power, &m);
}
