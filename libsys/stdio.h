// SPDX-License-Identifier: MIT
// Formatted output: to the screen when the process holds "vga", otherwise, and when vga does not answer, to the kernel's
// log. Conversions: common/format.h. %f needs `fpu = true` in the program's entry of boot/system.toml.
//
// The text is complete before the first byte is sent, and goes in one message, so lines of several programs do not mix
// (more than 4,000 bytes go in several). Printing is IPC: what a handler has in its message page is gone afterwards.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "abi/errors.h"

#define PRINT_MAX 32768 // bytes of one printf; the rest is cut

// Each returns the number of bytes of the text, or −1 when nothing could print it.
int printf(const char *format, ...) __attribute__((format(__printf__, 1, 2)));
int vprintf(const char *format, va_list arguments);
int puts(const char *text); // and a newline
int putchar(int byte);

// The length of the whole text, as C has it; out is closed with a NUL if size > 0. Nothing is sent.
int snprintf(char *out, size_t size, const char *format, ...) __attribute__((format(__printf__, 3, 4)));
int vsnprintf(char *out, size_t size, const char *format, va_list arguments);

// Prints "what: the error in words".
void print_error(const char *what, err_t error);
