// SPDX-License-Identifier: MIT
// `poke METHOD…`: makes the server fragile do these things, one call each, and says what came of each call.
#include "common/string.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "tests/programs/fragile/fragile.h"

#define FRAGILE_TEXT(NAME, TEXT) TEXT,
static const char *const names[] = {FRAGILE_METHODS(FRAGILE_TEXT)};
#undef FRAGILE_TEXT

static void poke(uint32_t method)
{
    struct message m = {.tag = TAG(0, method, 0, 0)};
    err_t error = ipc_call(cap_named("fragile"), &m);
    if (error == OK)
        printf("%s: life %llu\n", names[method], (unsigned long long)m.words[0]);
    else
        print_error(names[method], error);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        for (uint32_t method = 0; method < FRAGILE_COUNT; method++)
            if (strcmp(argv[i], names[method]) == 0) poke(method);
    return 0;
}
