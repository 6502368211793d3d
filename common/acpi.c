// SPDX-License-Identifier: MIT
// The way: root pointer (ACPI 6.5, section 5.2.5) → RSDT or XSDT → FADT → DSDT. Fields are loaded byte by byte: tables
// need not be aligned.
#include "common/acpi.h"

#include "common/mem.h"

#define TABLE_HEADER 36u // signature, u32 length, revision, checksum, … (section 5.2.6)
#define FADT_DSDT 40u    // u32 (section 5.2.9)
#define FADT_PM1A 64u    // u32 each
#define FADT_PM1B 68u
#define FADT_NEEDED 72u
#define FADT_DSDT_64 140u    // u64, in tables long enough
#define SLEEP_ENABLE BIT(13) // PM1 control register (section 4.8.3.2)
#define SLEEP_TYPE(N) ((uint64_t)((N)&7) << 10)

struct table {
    const unsigned char *bytes;
    size_t size;
};

static uint64_t load(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static bool sums_to_zero(const unsigned char *bytes, size_t size)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (unsigned char)(sum + bytes[i]);
    return sum == 0;
}

static bool read_table(const struct acpi_reader *reader, uint64_t physical, const char *signature, struct table *table)
{
    const unsigned char *bytes = physical == 0 ? NULL : reader->at(physical, TABLE_HEADER, reader->context);
    if (bytes == NULL || memcmp(bytes, signature, 4) != 0) return false;
    size_t size = load(bytes + 4, 4);
    if (size < TABLE_HEADER || size > ACPI_TABLE_MAX) return false;
    bytes = reader->at(physical, size, reader->context);
    // The reader may show memory that has changed in between: the header counts as it stands now.
    if (bytes == NULL || load(bytes + 4, 4) != size || !sums_to_zero(bytes, size)) return false;
    *table = (struct table){bytes, size};
    return true;
}

// Looks through a root table for the FADT, whose signature is "FACP". The root is read again for each entry, since
// reading a table ends the stay of the one before.
static bool find_fadt(const struct acpi_reader *reader, uint64_t root, bool wide, struct table *fadt)
{
    const size_t entry_size = wide ? 8 : 4;
    for (size_t at = TABLE_HEADER;; at += entry_size) {
        struct table table;
        if (!read_table(reader, root, wide ? "XSDT" : "RSDT", &table) || table.size - at < entry_size) return false;
        if (read_table(reader, load(table.bytes + at, entry_size), "FACP", fadt)) return fadt->size >= FADT_NEEDED;
    }
}

// An integer constant of AML (section 20.2.3). Moves *at behind it.
static bool read_constant(const struct table *dsdt, size_t *at, uint64_t *value)
{
    if (*at >= dsdt->size) return false;
    unsigned char opcode = dsdt->bytes[(*at)++];
    size_t bytes = opcode == 0x0a ? 1 : opcode == 0x0b ? 2 : opcode == 0x0c ? 4 : 0;
    if (opcode == 0x00 || opcode == 0x01 || opcode == 0xff) { // Zero, One, Ones
        *value = opcode;
        return true;
    }
    if (bytes == 0 || dsdt->size - *at < bytes) return false;
    *value = load(dsdt->bytes + *at, bytes);
    *at += bytes;
    return true;
}

// Name (_S5_, Package {type for PM1a, type for PM1b, …}) is 08 [5c] "_S5_" 12 length count constants (sections 7.4.2 and
// 20.2).
static bool read_s5(const struct table *dsdt, size_t at, uint64_t types[2])
{
    if (dsdt->size - at < 7 || memcmp(dsdt->bytes + at, "_S5_\x12", 5) != 0) return false;
    bool named = dsdt->bytes[at - 1] == 0x08 || (dsdt->bytes[at - 1] == '\\' && dsdt->bytes[at - 2] == 0x08);
    at += 5;
    size_t length_bytes = 1u + (dsdt->bytes[at] >> 6); // the top two bits count what follows the first byte
    if (!named || dsdt->size - at <= length_bytes) return false;
    at += length_bytes;
    uint8_t elements = dsdt->bytes[at++];
    types[1] = 0;
    return elements >= 1 && read_constant(dsdt, &at, &types[0]) &&
           (elements == 1 || read_constant(dsdt, &at, &types[1]));
}

static const char *find_power(struct acpi_power *power, const unsigned char *rsdp, size_t size,
                              const struct acpi_reader *reader)
{
    if (size < 20 || memcmp(rsdp, "RSD PTR ", 8) != 0 || !sums_to_zero(rsdp, 20))
        return "ACPI's root pointer is broken";
    bool wide = size >= 36 && rsdp[15] >= 2 && sums_to_zero(rsdp, 36) && load(rsdp + 24, 8) != 0;
    struct table fadt, dsdt;
    if (!(wide && find_fadt(reader, load(rsdp + 24, 8), true, &fadt)) &&
        !find_fadt(reader, load(rsdp + 16, 4), false, &fadt))
        return "ACPI has no sound FADT";
    uint64_t pm1a = load(fadt.bytes + FADT_PM1A, 4), pm1b = load(fadt.bytes + FADT_PM1B, 4);
    uint64_t dsdt_address = load(fadt.bytes + FADT_DSDT, 4);
    if (dsdt_address == 0 && fadt.size >= FADT_DSDT_64 + 8) dsdt_address = load(fadt.bytes + FADT_DSDT_64, 8);
    if (pm1a == 0 || pm1a > 0xfffe || pm1b > 0xfffe) return "ACPI's FADT names no PM1 control port";
    if (!read_table(reader, dsdt_address, "DSDT", &dsdt)) return "ACPI has no sound DSDT";
    for (size_t at = TABLE_HEADER + 1; at < dsdt.size; at++) {
        uint64_t types[2];
        if (!read_s5(&dsdt, at, types)) continue;
        power->pm1a = (uint16_t)pm1a;
        power->pm1b = (uint16_t)pm1b;
        power->value_a = (uint16_t)(SLEEP_TYPE(types[0]) | SLEEP_ENABLE);
        power->value_b = (uint16_t)(SLEEP_TYPE(types[1]) | SLEEP_ENABLE);
        return NULL;
    }
    return "ACPI's DSDT has no plain \\_S5 package";
}

err_t acpi_find_power(struct acpi_power *power, const void *rsdp, size_t rsdp_size, const struct acpi_reader *reader)
{
    *power = (struct acpi_power){0};
    power->reason = find_power(power, rsdp, rsdp_size, reader);
    return power->reason == NULL ? OK : ERR_BROKEN;
}
