// SPDX-License-Identifier: MIT
// What a freestanding program must bring itself, and the last words of the shim on COM1.
#include "tools/shim/shim.h"

#define COM1 0x3f8
#define COM1_STATUS (COM1 + 5)
#define STATUS_CAN_SEND 0x20

static void out(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static uint8_t in(uint16_t port)
{
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static void say(const char *text)
{
    for (; *text; text++) {
        while (!(in(COM1_STATUS)&STATUS_CAN_SEND))
            ;
        out(COM1, (uint8_t)*text);
    }
}

_Noreturn void fail(const char *sentence)
{
    say("shim: ");
    say(sentence);
    say("\r\n");
    for (;;)
        __asm__ volatile("cli; hlt");
}

// Modules are megabytes: the string instructions move four bytes at a time.
static void *copy_up(void *to, const void *from, size_t size)
{
    void *d = to;
    size_t words = size / 4, rest = size % 4;
    __asm__ volatile("rep movsl; mov %3, %2; rep movsb" : "+D"(d), "+S"(from), "+c"(words) : "r"(rest) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t size) { return copy_up(to, from, size); }

void *memmove(void *to, const void *from, size_t size)
{
    if ((uintptr_t)to <= (uintptr_t)from || (uintptr_t)from + size <= (uintptr_t)to) return copy_up(to, from, size);
    volatile unsigned char *d = to;
    const unsigned char *s = from;
    for (size_t i = size; i > 0; i--)
        d[i - 1] = s[i - 1];
    return to;
}

void *memset(void *to, int byte, size_t size)
{
    void *d = to;
    __asm__ volatile("rep stosb" : "+D"(d), "+c"(size) : "a"(byte) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < size; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}
