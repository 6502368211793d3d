// SPDX-License-Identifier: MIT
// share compute: keeps the processor busy. share screen: keeps vga busy, which works for it. Both for ever.
#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/start.h"

int main(int argc, char **argv)
{
    struct vga_read_cells_reply cells;
    if (argc > 1 && strcmp(argv[1], "screen") == 0)
        while (vga_read_cells(cap_named("vga"), 0, 0, 2000, &cells) == OK)
            continue;
    for (;;)
        __asm__ volatile("");
}
