// SPDX-License-Identifier: MIT
// What the loader owes a program: .bss is zero, .data and .rodata hold what the file says, the stack has its size.
#include "libsys/start.h"
#include "libsys/stdio.h"

#define BSS_BYTES 20000 // several pages, of which the file holds nothing

static volatile uint8_t zeros[BSS_BYTES];
static volatile uint32_t numbers[3] = {0x11111111, 0xdeadbeef, 0x33333333};
static const volatile uint32_t constants[3] = {1, 22, 333};

// The pages below the first are mapped when they are touched; how deep, the start page says.
static bool stack_is_there(void)
{
    uint64_t top = start_page()->stack_top, bottom = start_page()->stack_bottom;
    for (uint64_t page = top - PAGE_SIZE; page >= bottom; page -= PAGE_SIZE) {
        volatile uint64_t *word = (volatile uint64_t *)page;
        if (page < (uint64_t)__builtin_frame_address(0) - PAGE_SIZE) *word = page;
    }
    return top % 16 == 0 && top - bottom >= PAGE_SIZE;
}

int main(int argc, char **argv)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < BSS_BYTES; i++)
        wrong += zeros[i] != 0;
    printf(".bss: %u of %u bytes are not zero\n", wrong, BSS_BYTES);
    bool data = numbers[0] == 0x11111111 && numbers[1] == 0xdeadbeef && numbers[2] == 0x33333333;
    bool rodata = constants[0] == 1 && constants[1] == 22 && constants[2] == 333;
    printf(".data: %s, .rodata: %s\n", data ? "right" : "wrong", rodata ? "right" : "wrong");
    printf("stack: %s, %u KiB\n", stack_is_there() ? "right" : "wrong",
           (unsigned)((start_page()->stack_top - start_page()->stack_bottom) / 1024));
    printf("arguments: %d, the last is %s\n", argc, argv[argc - 1]);
    return wrong > 0 || !data || !rodata || argv[argc] != NULL;
}
