// SPDX-License-Identifier: MIT
// A plugin's figures are a file that is mapped: whoever reads it sees them while the machine runs.
#pragma once

#include <fcntl.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

// Makes the file `size` bytes long and maps it; NULL if that fails.
static inline void *map_figures(const char *path, size_t size)
{
    int file = open(path, O_RDWR | O_CREAT, 0600);
    if (file < 0 || ftruncate(file, (off_t)size) != 0) return NULL;
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return mapped == MAP_FAILED ? NULL : mapped;
}
