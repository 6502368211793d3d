// SPDX-License-Identifier: MIT
#include "servers/testd/figures.h"

#include "common/format.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "interfaces/memory.h"

void figures_take(cap_t init, cap_t memory, struct figures *out)
{
    struct memory_figures_reply frames;
    struct init_process_reply process;
    *out = (struct figures){0};
    if (memory_figures(memory, &frames) == OK) {
        out->free = frames.free;
        out->lent = frames.lent;
        out->clients = frames.clients;
    }
    for (uint32_t i = 0; init_process(init, i, &process) == OK; i++) {
        out->processes++;
        if (!process.server || out->server_count == FIGURES_SERVERS) continue;
        copy_text(out->servers[out->server_count].name, NAME_SIZE, process.name);
        out->servers[out->server_count].generation = process.generation;
        out->servers[out->server_count++].pages = process.pages;
    }
}

static bool differs(const char *what, uint64_t before, uint64_t after, char *text)
{
    if (before == after) return false;
    format(text, FIGURES_TEXT, "%s: %lu before, %lu after", what, before, after);
    return true;
}

bool figures_differ(const struct figures *before, const struct figures *after, const char *kills, char *text)
{
    for (uint32_t i = 0; i < before->server_count && i < after->server_count; i++) {
        const char *name = before->servers[i].name;
        char what[FIGURES_TEXT];
        format(what, sizeof what, "life of %s", name);
        if (strcmp(name, kills) == 0) continue;
        if (differs(what, before->servers[i].generation, after->servers[i].generation, text)) return true;
        format(what, sizeof what, "pages of %s", name);
        if (differs(what, before->servers[i].pages, after->servers[i].pages, text)) return true;
    }
    return differs("servers", before->server_count, after->server_count, text) ||
           differs("processes", before->processes, after->processes, text) ||
           differs("frames of the clients", before->clients, after->clients, text) ||
           differs("frames lent to init", before->lent, after->lent, text) ||
           differs("free frames", before->free, after->free, text);
}
