// SPDX-License-Identifier: MIT
// A server that prints when it starts, whoever runs by then: with a screen, before there is one, or without.
#include "libsys/ipc.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

int main(void)
{
    printf("herald line 1\nherald line 2\n");
    printf("herald line %d of %s\n", 3, process_name());
    for (;;) {
        struct message m;
        if (ipc_recv(cap_named("self"), FOREVER, &m) != OK) return 1;
    }
}
