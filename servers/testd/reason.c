// SPDX-License-Identifier: MIT
#include "servers/testd/reason.h"

#include "abi/fault.h"
#include "common/exception_text.h"
#include "common/format.h"

// "page fault at 0xdeadbea8", "exit 3".
static void describe(char *text, uint32_t cause, uint64_t code, uint64_t address)
{
    switch (cause) {
    case FAULT_EXIT:
        format(text, REASON_MAX, "exit %lu", code);
        break;
    case FAULT_PANIC:
        format(text, REASON_MAX, "a panic (the log says which)");
        break;
    case FAULT_KILLED:
        format(text, REASON_MAX, "it was killed");
        break;
    case EXCEPTION_PF:
        format(text, REASON_MAX, "%s at %#lx", exception_text((uint8_t)cause), address);
        break;
    default:
        format(text, REASON_MAX, "%s, code %lu", exception_text((uint8_t)cause), code);
        break;
    }
}

void reason_of_end(const struct init_wait_reply *how, bool is_done, char *text)
{
    char end[REASON_MAX];
    describe(end, how->cause, how->code, how->address);
    format(text, REASON_MAX, "it ended %s its end: %s", is_done ? "behind" : "before", end);
}

bool reason_of_unexpected(const struct expected_end *expected, const struct init_wait_reply *how, char *text)
{
    if (how->cause == expected->cause && (!expected->has_code || how->code == expected->code) &&
        (!expected->has_address || how->address == expected->address))
        return false;
    char wanted[REASON_MAX], saw[REASON_MAX];
    describe(wanted, expected->cause, expected->code, expected->address);
    describe(saw, how->cause, how->code, how->address);
    format(text, REASON_MAX, "%s: expected %s; saw %s", expected->place, wanted, saw);
    return true;
}
