// SPDX-License-Identifier: MIT
// The smallest program: two messages to the screen's server. Copy this folder to begin one of your own.
#include "interfaces/vga.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

#define LIGHT_CYAN 0x0b

int main(void)
{
    // The colour belongs to this process: nobody else's text changes.
    err_t error = vga_set_color(cap_named("vga"), LIGHT_CYAN);
    if (error != OK) print_error("hello", error);
    printf("Hello World!\n");
    return error == OK ? 0 : 1;
}
