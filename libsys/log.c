// SPDX-License-Identifier: MIT
#include "libsys/log.h"

#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "libsys/start.h"

static err_t write_line(cap_t log, const char *text, size_t length)
{
    uint8_t *body = message_page()->body;
    uint8_t saved[LOG_LINE_MAX];
    memcpy(saved, body, length);
    memmove(body, text, length); // the text may itself lie in the message page
    struct message m = {.tag = TAG(SYS_log_write, 0, length, 0)};
    err_t error = (err_t)trap(log, &m);
    memcpy(body, saved, length);
    return error;
}

err_t log_bytes(const char *text, size_t length)
{
    cap_t log = cap_named("log");
    err_t error = OK;
    do {
        size_t part = length < LOG_LINE_MAX ? length : LOG_LINE_MAX;
        error = write_line(log, text, part);
        text += part;
        length -= part;
    } while (length > 0 && error == OK);
    return error;
}

err_t log_line(const char *text) { return log_bytes(text, strlen(text)); }

err_t log_printf(const char *fmt, ...)
{
    char text[LOG_LINE_MAX + 1];
    va_list arguments;
    va_start(arguments, fmt);
    size_t length = format_list(text, sizeof text, fmt, arguments);
    va_end(arguments);
    return log_bytes(text, length < LOG_LINE_MAX ? length : LOG_LINE_MAX);
}
