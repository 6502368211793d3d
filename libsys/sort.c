// SPDX-License-Identifier: MIT
// Heapsort: O(n log n) for every input, in place, without recursion, so no input makes a program slow or overflow its
// stack.
#include "libsys/stdlib.h"

struct array {
    char *first;
    size_t size; // of an element
    int (*compare)(const void *, const void *);
};

static void swap(const struct array *array, size_t i, size_t j)
{
    char *left = array->first + i * array->size, *right = array->first + j * array->size;
    for (size_t n = array->size; n > 0; n--, left++, right++) {
        char byte = *left;
        *left = *right;
        *right = byte;
    }
}

static bool is_less(const struct array *array, size_t i, size_t j)
{
    return array->compare(array->first + i * array->size, array->first + j * array->size) < 0;
}

// Lets the element at `root` sink until no child is larger.
static void sink(const struct array *array, size_t root, size_t count)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && is_less(array, child, child + 1)) child++;
        if (!is_less(array, root, child)) return;
        swap(array, root, child);
    }
}

void qsort(void *first, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const struct array array = {first, size, compare};
    for (size_t root = count / 2; root-- > 0;)
        sink(&array, root, count);
    for (size_t left = count; left-- > 1;) {
        swap(&array, 0, left);
        sink(&array, 0, left);
    }
}

void *bsearch(const void *key, const void *first, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    const char *low = first;
    while (count > 0) {
        const char *middle = low + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0) return (void *)(uintptr_t)middle;
        if (order > 0) {
            low = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
