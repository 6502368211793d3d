// SPDX-License-Identifier: MIT
#include "common/manifest.h"

#include "abi/syscall.h"
#include "common/crc32.h"
#include "common/string.h"
#include "common/utf8.h"

static bool is_zero(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0) return false;
    return true;
}

// A text that is not empty, closed, and followed by nothing but zeros.
static bool is_text(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    return length > 0 && length < size && is_zero(text + length, size - length);
}

static bool is_name(const char *name)
{
    if (!is_text(name, NAME_SIZE) || name[0] < 'a' || name[0] > 'z') return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-' || *c == '_')) return false;
    return true;
}

static bool ports_are_good(const struct manifest_ports *ports)
{
    if (ports->count == 0 || ports->first + ports->count > 0x10000) return false;
    if (ports->access == 0 || (ports->access & ~(PORT_READ | PORT_WRITE)) != 0) return false;
    if (ports->valued) return ports->valued == 1 && (ports->access & PORT_WRITE) != 0;
    return is_zero(ports->values, sizeof ports->values);
}

static bool device_is_good(const struct manifest_device *device)
{
    if (!is_name(device->name) || device->size == 0 || (device->address | device->size) % PAGE_SIZE != 0) return false;
    if (device->address >= BIT(52) || device->size > BIT(52) - device->address) return false;
    return device->access == ACCESS_READ || device->access == (ACCESS_READ | ACCESS_WRITE);
}

static bool hardware_is_good(const struct manifest_entry *entry)
{
    if (entry->irqs >> 16 != 0 || (entry->irqs & MANIFEST_KERNEL_IRQS) != 0) return false;
    if (entry->port_count > MANIFEST_PORTS || entry->device_count > MANIFEST_DEVICES) return false;
    for (uint32_t i = 0; i < entry->port_count; i++)
        if (!ports_are_good(&entry->ports[i])) return false;
    for (uint32_t i = 0; i < entry->device_count; i++)
        if (!device_is_good(&entry->devices[i])) return false;
    const struct manifest_ports *unused_ports = entry->ports + entry->port_count;
    const struct manifest_device *unused_devices = entry->devices + entry->device_count;
    return is_zero(unused_ports, (MANIFEST_PORTS - entry->port_count) * sizeof *unused_ports) &&
           is_zero(unused_devices, (MANIFEST_DEVICES - entry->device_count) * sizeof *unused_devices);
}

static bool figures_are_good(const struct manifest_entry *entry)
{
    return entry->priority >= 1 && entry->priority <= MANIFEST_PRIORITY_MAX && (entry->flags & ~MANIFEST_FLAGS) == 0 &&
           (entry->grants & ~MANIFEST_GRANTS) == 0 && entry->stack_pages <= MANIFEST_STACK_MAX &&
           entry->table_slots <= MANIFEST_SLOTS_MAX && entry->table_slots % 128 == 0 &&
           entry->pool_frames <= MANIFEST_POOL_MAX && entry->backoff_ms <= MANIFEST_BACKOFF_MAX &&
           entry->heartbeat_ms <= MANIFEST_BACKOFF_MAX && entry->lives <= MANIFEST_LIVES_MAX &&
           entry->keep_pages <= MANIFEST_KEEP_MAX && entry->run_pages <= MANIFEST_RUN_MAX;
}

size_t manifest_arguments_length(const struct manifest_entry *entry)
{
    size_t length = 0;
    while (length < MANIFEST_ARGUMENTS && entry->arguments[length] != '\0')
        length += strnlen(entry->arguments + length, MANIFEST_ARGUMENTS - length) + 1;
    return length;
}

// Only who is started at boot finds them; others get theirs from whoever starts them.
static bool arguments_are_good(const struct manifest_entry *entry)
{
    size_t length = manifest_arguments_length(entry);
    return (length == 0 || entry->kind == MANIFEST_SERVER) && length < MANIFEST_ARGUMENTS &&
           is_zero(entry->arguments + length, MANIFEST_ARGUMENTS - length);
}

static bool entry_is_good(const struct manifest *manifest, uint32_t place)
{
    const struct manifest_entry *entry = &manifest->entries[place];
    if (!is_name(entry->name) || !is_text(entry->about, MANIFEST_ABOUT)) return false;
    if (!utf8_is_valid(entry->about, strlen(entry->about))) return false;
    if (place == 0 ? entry->kind != MANIFEST_INIT : entry->kind != MANIFEST_SERVER && entry->kind != MANIFEST_PROGRAM)
        return false;
    // init is built by the kernel, the others by init from these figures
    if (place > 0 && (entry->stack_pages == 0 || entry->table_slots == 0 || entry->pool_frames == 0)) return false;
    // only a server's loop answers heartbeats, and only what is started again by init finds its keep region again
    if (entry->kind != MANIFEST_SERVER && (entry->heartbeat_ms != 0 || entry->keep_pages != 0)) return false;
    // a run can be given once: what was made of it goes with whoever made it
    if (entry->run_pages != 0 && (entry->kind != MANIFEST_SERVER || entry->flags & MANIFEST_RESTART)) return false;
    return figures_are_good(entry) && hardware_is_good(entry) && arguments_are_good(entry);
}

static bool calls_go_up(const struct manifest *manifest, const struct manifest_entry *entry)
{
    for (uint32_t i = 0; i < 64; i++) {
        if ((entry->calls & BIT(i)) == 0) continue;
        if (i >= manifest->entry_count || manifest->entries[i].kind == MANIFEST_PROGRAM ||
            manifest->entries[i].priority <= entry->priority)
            return false;
    }
    return true;
}

// What must hold between entries: names and hardware are there once, calls go up.
static bool entries_agree(const struct manifest *manifest)
{
    uint32_t irqs = 0;
    for (uint32_t i = 0; i < manifest->entry_count; i++) {
        const struct manifest_entry *entry = &manifest->entries[i];
        if ((irqs & entry->irqs) != 0 || !calls_go_up(manifest, entry)) return false;
        if (manifest_find(manifest, entry->name) != (int)i) return false;
        irqs |= entry->irqs;
    }
    return true;
}

static bool is_whole(const struct manifest *manifest, size_t size)
{
    if (size < sizeof *manifest || manifest->magic != MANIFEST_MAGIC || manifest->version != MANIFEST_VERSION)
        return false;
    if (manifest->entry_count < 1 || manifest->entry_count > MANIFEST_ENTRIES ||
        manifest->entry_size != sizeof(struct manifest_entry))
        return false;
    if (manifest->size > size ||
        manifest->size != sizeof *manifest + manifest->entry_count * sizeof(struct manifest_entry))
        return false;
    const uint8_t *checked = (const uint8_t *)(&manifest->crc + 1);
    return crc32(0, checked, manifest->size - (size_t)(checked - (const uint8_t *)manifest)) == manifest->crc;
}

err_t manifest_open(const void *data, size_t size, const struct manifest **manifest)
{
    const struct manifest *m = data;
    if ((uintptr_t)data % _Alignof(struct manifest) != 0 || !is_whole(m, size)) return ERR_BROKEN;
    if (m->reserved != 0 || m->supervisor_priority < 1 || m->supervisor_priority > MANIFEST_PRIORITY_MAX)
        return ERR_BROKEN;
    for (uint32_t i = 0; i < m->entry_count; i++)
        if (!entry_is_good(m, i)) return ERR_BROKEN;
    if (!entries_agree(m)) return ERR_BROKEN;
    *manifest = m;
    return OK;
}

int manifest_find(const struct manifest *manifest, const char *name)
{
    for (uint32_t i = 0; i < manifest->entry_count; i++)
        if (strcmp(manifest->entries[i].name, name) == 0) return (int)i;
    return -1;
}
