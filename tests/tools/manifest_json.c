// SPDX-License-Identifier: MIT
// Reads a manifest from standard input as init does and prints it as JSON, for tests/tools/test_system.py.
#include "common/manifest.h"

#include <stdio.h>
#include <string.h>

static void ports(const struct manifest_entry *e)
{
    printf("\"ports\": [");
    for (uint32_t i = 0; i < e->port_count; i++) {
        const struct manifest_ports *p = &e->ports[i];
        printf("%s[%u, %u, %u, %u, [", i ? ", " : "", p->first, p->count, p->access, p->valued);
        const char *comma = "";
        for (unsigned v = 0; v < 256; v++)
            if (p->values[v / 8] & 1 << v % 8) {
                printf("%s%u", comma, v);
                comma = ", ";
            }
        printf("]]");
    }
    printf("], \"devices\": [");
    for (uint32_t i = 0; i < e->device_count; i++) {
        const struct manifest_device *d = &e->devices[i];
        printf("%s[\"%s\", %lu, %lu, %lu]", i ? ", " : "", d->name, d->address, d->size, d->access);
    }
    printf("]");
}

int main(void)
{
    static _Alignas(8) char bytes[1 << 16];
    const struct manifest *m;
    size_t size = fread(bytes, 1, sizeof bytes, stdin);
    err_t error = manifest_open(bytes, size, &m);
    if (error != OK) {
        printf("{\"error\": %d}\n", error);
        return 1;
    }
    printf("{\"reserve\": %u, \"supervisor\": %u, \"entries\": [", m->reserve_pages, m->supervisor_priority);
    for (uint32_t i = 0; i < m->entry_count; i++) {
        const struct manifest_entry *e = &m->entries[i];
        printf("%s{\"name\": \"%s\", \"about\": \"%s\", \"kind\": %u, \"flags\": %u, \"grants\": %u, ", i ? ", " : "",
               e->name, e->about, e->kind, e->flags, e->grants);
        printf("\"priority\": %u, \"stack\": %u, \"quota\": %u, \"slots\": %u, \"pool\": %u, ", e->priority,
               e->stack_pages, e->quota_pages, e->table_slots, e->pool_frames);
        printf("\"run\": %u, \"arguments\": [", e->run_pages);
        for (const char *a = e->arguments; *a; a += strlen(a) + 1)
            printf("%s\"%s\"", a == e->arguments ? "" : ", ", a);
        printf("], \"backoff\": %u, \"lives\": %u, \"heartbeat\": %u, \"keep\": %u, \"irqs\": %u, \"calls\": %lu, ",
               e->backoff_ms, e->lives, e->heartbeat_ms, e->keep_pages, e->irqs, e->calls);
        ports(e);
        printf("}");
    }
    printf("]}\n");
    return 0;
}
