// SPDX-License-Identifier: MIT
// NUL-terminated text. Bytes compare as unsigned.
#pragma once

#include <stddef.h>

size_t strlen(const char *text);
size_t strnlen(const char *text, size_t limit);
int strcmp(const char *left, const char *right);
int strncmp(const char *left, const char *right, size_t limit);
char *strchr(const char *text, int wanted);
char *strrchr(const char *text, int wanted);

// Copies what fits and always closes with a NUL (size 0: writes nothing). Returns strlen(in): the copy is whole when
// that is less than size.
size_t copy_text(char *out, size_t size, const char *in);
