// SPDX-License-Identifier: MIT
#include "libsys/start.h"

#include "common/format.h"
#include "common/string.h"
#include "libsys/syscall.h"
#include "libsys/tls.h"

int main(int argc, char **argv);
noreturn void start_main(void); // called by libsys/start.asm

const struct boot_info *boot_info(void)
{
    const struct boot_info *info = (const struct boot_info *)USER_START_PAGE;
    return info->magic == BOOT_MAGIC ? info : NULL;
}

// A program that was built for another kernel must not guess: it ends, and says why.
static void check_page(const char *page, uint64_t version, uint64_t expected)
{
    if (version == expected) return;
    char text[96];
    size_t length = format(text, sizeof text, "%s: version %lu, but this program was built for version %lu", page,
                           version, expected);
    exit_text(1, text, length);
}

static void check_start(void)
{
    if (boot_info() != NULL) {
        check_page("boot information", boot_info()->version, BOOT_VERSION);
        return;
    }
    if (start_page()->magic != START_MAGIC) {
        char text[64];
        size_t length = format(text, sizeof text, "start page: magic %#lx is not Annulet's", start_page()->magic);
        exit_text(1, text, length);
    }
    check_page("start page", start_page()->version, START_VERSION);
}

// The page comes from init, but what reads past it would be hard to find: the limits are checked here.
static const char *next_argument(const char *argument)
{
    const char *end = start_page()->arguments + START_ARGUMENTS;
    argument += strnlen(argument, (size_t)(end - argument)) + 1;
    return argument < end && *argument != '\0' ? argument : NULL;
}

static const char *first_argument(void)
{
    return boot_info() == NULL && start_page()->arguments[0] != '\0' ? start_page()->arguments : NULL;
}

noreturn void start_main(void)
{
    check_start();
    tls_fill(thread_stack_top(0));
    uint32_t count = 0;
    for (const char *a = first_argument(); a != NULL; a = next_argument(a))
        count++;
    char **arguments = __builtin_alloca((count + 1) * sizeof *arguments);
    char **next = arguments;
    for (const char *a = first_argument(); a != NULL; a = next_argument(a))
        *next++ = (char *)(uintptr_t)a;
    *next = NULL;
    exit(main((int)count, arguments));
}
