// SPDX-License-Identifier: MIT
// `probe NAME` does one forbidden thing and says beforehand how it must end; `probe` lists what there is. The examples
// of docs/ and the tests of the protection boundary are made of these.
#include "user/probe/probe.h"

#include <stdarg.h>

#include "common/error_text.h"
#include "common/string.h"
#include "libsys/log.h"
#include "libsys/stdio.h"

static const struct probe *const tables[] = {memory_probes, instruction_probes, call_probes, ending_probes};
#define TABLES (sizeof tables / sizeof tables[0])

void probe_say(const char *text, ...)
{
    static char line[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, text);
    vsnprintf(line, sizeof line, text, arguments);
    va_end(arguments);
    log_line(line);
    printf("%s\n", line);
}

void probe_worked(const char *what) { probe_say("FORBIDDEN THING WORKED: %s", what); }

void probe_refused(const char *what, uint32_t error) { probe_say("%s: refused, %s", what, error_name((err_t)error)); }

static void list(void)
{
    // Names alone: the list fits a screen.
    unsigned column = 0;
    for (unsigned t = 0; t < TABLES; t++) {
        for (const struct probe *p = tables[t]; p->name; p++) {
            printf("%-19s%s", p->name, ++column % 4 == 0 ? "\n" : " ");
        }
    }
    printf("%sprobe NAME does it; probe NAME ? says what it is.\n", column % 4 == 0 ? "" : "\n");
}

static const struct probe *find(const char *name)
{
    for (unsigned t = 0; t < TABLES; t++)
        for (const struct probe *p = tables[t]; p->name; p++)
            if (strcmp(p->name, name) == 0) return p;
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        list();
        return 0;
    }
    const struct probe *probe = find(argv[1]);
    if (probe == NULL) {
        printf("probe: there is no %s\n", argv[1]);
        return 1;
    }
    probe_say("probe %s: %s; expected: %s", probe->name, probe->what, probe->expected);
    if (argc > 2 && strcmp(argv[2], "?") == 0) return 0;
    probe->run(argc - 2, argv + 2);
    if (probe->expectation == DIES || probe->expectation == NEVER)
        probe_worked(probe->name);
    else
        probe_say("It did not crash!");
    return 0;
}
