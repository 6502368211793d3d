// SPDX-License-Identifier: MIT
// Text and bytes: memcpy, memmove, memset, memcmp (common/mem.h); strlen, strnlen, strcmp, strncmp, strchr, strrchr,
// copy_text (common/string.h); and the rest. Bytes compare as unsigned. Nothing here keeps a pointer.
#pragma once

#include "common/mem.h"
#include "common/string.h"

// The first byte of that value among count, or NULL.
void *memchr(const void *bytes, int value, size_t count);
// The first place of wanted in text, or NULL; an empty wanted is found at once.
char *strstr(const char *text, const char *wanted);
// How many bytes at the start are all / none of the set.
size_t strspn(const char *text, const char *set);
size_t strcspn(const char *text, const char *set);
// The first byte that is in the set, or NULL.
char *strpbrk(const char *text, const char *set);
// Cuts the next word out of a text, in place: first call with text, later ones with NULL; *rest is the caller's memory
// of the place. NULL: no word is left.
char *strtok_r(char *text, const char *separators, char **rest);
// Appends what fits into size bytes, always closed with a NUL. Returns the length that the whole would have had.
size_t append_text(char *out, size_t size, const char *more);
// Copies for free() (libsys/stdlib.h); NULL: no memory.
char *strdup(const char *text);
char *strndup(const char *text, size_t limit);
