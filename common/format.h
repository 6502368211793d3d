// SPDX-License-Identifier: MIT
// printf's formatting. %d %i %u %x %X %o %c %s %p %% with hh h l ll z t j, width, precision, `*` and the flags - 0 + #
// and space mean what C17 (7.21.6.1) says; %f and %F too where the code is built with SSE (common/format_float.c).
// A null %s is "(null)", a null %p is "0x0". Any other conversion is printed as it stands and takes no argument; so is
// %n, which could write.
#pragma once

#include <stdarg.h>
#include <stddef.h>

// Writes at most size bytes, the closing NUL included. Returns the length that the whole text would have had.
size_t format_list(char *out, size_t size, const char *fmt, va_list arguments);
size_t format(char *out, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
