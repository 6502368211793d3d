// SPDX-License-Identifier: MIT
// What a program gets that may not call memory: NULL, and the log says who asked.
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

static never_inline void *make_box(void)
{
    void *box = malloc(4);
    return box != NULL ? box : calloc(10, 10); // a second failure is not told
}

int main(void)
{
    printf("malloc: %p\n", make_box());
    free(NULL);
    return 0;
}
