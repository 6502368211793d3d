// SPDX-License-Identifier: MIT
// Numbers, sorting and the heap. The heap (libsys/heap.h) grows by spans from the memory service; it belongs to the
// process's first thread. A double free, a pointer that malloc did not return, and a write behind a block's end are
// found at the next free or realloc of it and panic with their name.
#pragma once

#include <stddef.h>

#include "libsys/heap.h"
#include "libsys/syscall.h"

// A block of size bytes, aligned to 16, contents undefined; the caller's until free. NULL: no memory, or no "memory"
// capability. A size of 0 gives a block of its own too. Growing the heap does not touch the message page.
void *malloc(size_t size);
// count × size bytes of zeroes. NULL also when the product overflows.
void *calloc(size_t count, size_t size);
// Resizes a block, moving it if need be; the contents up to the smaller size are kept. NULL: no memory, and the old
// block is as it was. From NULL it is malloc.
void *realloc(void *block, size_t size);
// alignment: a power of two, otherwise NULL.
void *aligned_alloc(size_t alignment, size_t size);
// Gives a block back; NULL is allowed.
void free(void *block);
struct heap_figures heap_figures(void);

// Numbers as in C: leading spaces, a sign, base 2–36 or 0 (0x… is 16, 0… is 8); *end (may be NULL) is the first byte
// that was not used, text itself if there is no number. What does not fit gives the largest or smallest value.
long strtol(const char *text, char **end, int base);
unsigned long strtoul(const char *text, char **end, int base);
long long strtoll(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);
int atoi(const char *text);
long atol(const char *text);

// Without its sign; the smallest value, which has no counterpart, must not be given.
int abs(int value);
long labs(long value);

// Sorts count elements of size bytes. Never recurses, takes no memory, O(n log n) always; not stable.
void qsort(void *array, size_t count, size_t size, int (*compare)(const void *, const void *));
// An element of a sorted array that compares equal to key, or NULL.
void *bsearch(const void *key, const void *array, size_t count, size_t size,
              int (*compare)(const void *, const void *));
