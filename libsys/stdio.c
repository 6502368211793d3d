// SPDX-License-Identifier: MIT
#include "libsys/stdio.h"

#include "common/format.h"
#include "interfaces/vga.h"
#include "libsys/error.h"
#include "libsys/log.h"
#include "libsys/start.h"
#include "libsys/string.h"

#define CHUNK_MAX 4000u // what vga takes in one write
#define SHORT_TEXT 256u // formatted without measuring first

// Cuts before the character that would be torn, never inside it (UTF-8: bytes 10xxxxxx continue one).
static size_t chunk_of(const char *text, size_t length)
{
    if (length <= CHUNK_MAX) return length;
    size_t chunk = CHUNK_MAX;
    for (int i = 0; i < 3 && (text[chunk] & 0xc0) == 0x80; i++)
        chunk--;
    return chunk;
}

static err_t to_screen(cap_t vga, const char *text, size_t length, size_t *written)
{
    err_t error = OK;
    while (*written < length && error == OK) {
        size_t chunk = chunk_of(text + *written, length - *written);
        error = vga_write(vga, text + *written, chunk);
        if (error == OK) *written += chunk;
    }
    return error;
}

// The log has lines: one for each in the text, without an empty one behind the last newline.
static err_t to_log(const char *text, size_t length)
{
    err_t error = OK;
    while (length > 0 && error == OK) {
        const char *newline = memchr(text, '\n', length);
        size_t line = newline != NULL ? (size_t)(newline - text) : length;
        error = log_bytes(text, line);
        size_t used = newline != NULL ? line + 1 : line;
        text += used;
        length -= used;
    }
    return error;
}

static int print(const char *text, size_t length)
{
    cap_t vga = cap_named("vga");
    size_t written = 0;
    err_t error = vga.slot != 0 ? to_screen(vga, text, length, &written) : ERR_NO_CAP;
    if (error != OK) error = to_log(text + written, length - written);
    return error == OK ? (int)length : -1;
}

// A function of its own, so that only long texts pay for the stack that they need.
static never_inline int print_long(size_t length, const char *fmt, va_list arguments)
{
    if (length > PRINT_MAX) length = PRINT_MAX;
    char *text = __builtin_alloca(length + 1);
    format_list(text, length + 1, fmt, arguments);
    return print(text, length);
}

int vprintf(const char *fmt, va_list arguments)
{
    char text[SHORT_TEXT];
    va_list again;
    va_copy(again, arguments);
    size_t length = format_list(text, sizeof text, fmt, arguments);
    int printed = length < sizeof text ? print(text, length) : print_long(length, fmt, again);
    va_end(again);
    return printed;
}

int printf(const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    int printed = vprintf(fmt, arguments);
    va_end(arguments);
    return printed;
}

int puts(const char *text) { return printf("%s\n", text); }

int putchar(int byte)
{
    char c = (char)byte;
    return print(&c, 1) < 0 ? -1 : (unsigned char)byte;
}

void print_error(const char *what, err_t error) { printf("%s: %s\n", what, error_text(error)); }
