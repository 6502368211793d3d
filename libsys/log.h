// SPDX-License-Identifier: MIT
// Lines in the kernel's log. The kernel puts the process's name before each. These functions leave the message page as
// they found it: a handler may still read its request from there afterwards. Without a "log" capability: ERR_NO_CAP.
#pragma once

#include <stdarg.h>

#include "libsys/syscall.h"

// One line of text, without the closing newline. More than LOG_LINE_MAX bytes become several lines.
err_t log_line(const char *text);

// The same from a pointer and a number of bytes.
err_t log_bytes(const char *text, size_t length);

// One line, formatted, of at most LOG_LINE_MAX bytes; what is longer is cut.
err_t log_printf(const char *format, ...) __attribute__((format(__printf__, 1, 2)));
