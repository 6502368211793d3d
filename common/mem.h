// SPDX-License-Identifier: MIT
// The four functions that the compiler itself calls. They may be called with any alignment and with a count of 0.
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);
