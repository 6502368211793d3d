// SPDX-License-Identifier: MIT
#include "servers/init/sentence.h"

#include "common/exception_text.h"
#include "common/format.h"

#define KERNEL_HALF (1ull << 63)

static size_t limited(size_t length) { return length < SENTENCE_MAX ? length : SENTENCE_MAX - 1; }

static const char *what_was_done(uint64_t code)
{
    return code & PF_FETCH ? "jump to" : code & PF_WRITE ? "write to" : "read from";
}

static const char *why_not(const struct death *d)
{
    uint64_t address = d->words[FAULT_ADDRESS], code = d->words[FAULT_CODE];
    if (code & PF_RESERVED) return "a broken page table entry";
    if (address & KERNEL_HALF) return "the kernel's half";
    if (code & PF_PRESENT) return code & PF_FETCH ? "not executable" : code & PF_WRITE ? "read-only" : "not accessible";
    return d->stack_bottom && d->stack_bottom - address - 1 < PAGE_SIZE ? "stack overflow" : "not mapped";
}

static size_t put_cause(char out[SENTENCE_MAX], const struct death *d)
{
    uint64_t cause = d->words[FAULT_CAUSE], code = d->words[FAULT_CODE];
    const char *words = exception_text(cause);
    if (cause == 14)
        return format(out, SENTENCE_MAX, "%s: %s: %s 0x%lx, %s,", d->name, words, what_was_done(code),
                      d->words[FAULT_ADDRESS], why_not(d));
    if (code) return format(out, SENTENCE_MAX, "%s: %s: error code 0x%lx", d->name, words, code);
    return format(out, SENTENCE_MAX, "%s: %s", d->name, words);
}

static size_t put_place(char *out, size_t size, uint64_t address, const char *symbol, uint64_t offset)
{
    if (!symbol) return format(out, size, " at 0x%lx", address);
    return format(out, size, " at 0x%lx %.*s+0x%lx", address, SYMBOL_SHOWN, symbol, offset);
}

void death_sentence(char out[SENTENCE_MAX], const struct death *d)
{
    switch (d->words[FAULT_CAUSE]) {
    case FAULT_EXIT:
        format(out, SENTENCE_MAX, "%s: ended with exit code %ld", d->name, (long)d->words[FAULT_CODE]);
        return;
    case FAULT_PANIC:
        format(out, SENTENCE_MAX, "%s: %.*s", d->name, (int)d->text_length, d->text);
        return;
    case FAULT_KILLED:
        format(out, SENTENCE_MAX, "%s: killed", d->name);
        return;
    case FAULT_HUNG:
        format(out, SENTENCE_MAX, "%s: hangs: no answer to its heartbeat in %lu ms", d->name, d->words[FAULT_CODE]);
        return;
    default: // an exception's vector
        break;
    }
    size_t length = limited(put_cause(out, d));
    put_place(out + length, SENTENCE_MAX - length, d->words[FAULT_RIP], d->symbol, d->offset);
}

void death_bits(char out[SENTENCE_MAX], uint64_t code)
{
    static const struct {
        const char *name;
        uint32_t bit;
    } bits[] = {{"P", PF_PRESENT}, {"W", PF_WRITE}, {"U", PF_USER}, {"RSVD", PF_RESERVED}, {"I", PF_FETCH}};
    size_t length = 0;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        length += format(out + length, SENTENCE_MAX - length, "%s%s=%d", i ? " " : "", bits[i].name,
                         (code & bits[i].bit) != 0);
}

void death_place(char out[SENTENCE_MAX], uint64_t address, const char *symbol, uint64_t offset)
{
    put_place(out, SENTENCE_MAX, address, symbol, offset);
}
