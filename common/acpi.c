// SPDX-License-Identifier: MIT
// The way: root pointer (ACPI 6.5, section 5.2.5) → RSDT or XSDT → FADT → DSDT. A table is its bytes, its size stands
// in its header; fields are loaded byte by byte, since tables need not be aligned.
#include "common/acpi.h"

#include "common/mem.h"

#define TABLE_HEADER 36u // signature, u32 size, revision, checksum, … (section 5.2.6)
#define FADT_DSDT 40u    // u32 (section 5.2.9)
#define FADT_PM1A 64u    // u32 each
#define FADT_PM1B 68u
#define FADT_NEEDED 72u
#define FADT_DSDT_64 140u    // u64, in tables long enough
#define SLEEP_ENABLE BIT(13) // PM1 control register (section 4.8.3.2)
#define SLEEP_TYPE(N) ((uint64_t)((N)&7) << 10)

static uint64_t load(const void *at, size_t bytes)
{
    uint64_t value = 0;
    memcpy(&value, at, bytes);
    return value;
}

static size_t size_of(const unsigned char *table) { return load(table + 4, 4); }

static bool sums_to_zero(const unsigned char *bytes, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += bytes[i];
    return sum % 256 == 0;
}

// NULL: there is no sound table.
static const unsigned char *read_table(const struct acpi_reader *reader, uint64_t physical, const char *signature)
{
    const unsigned char *table = physical == 0 ? NULL : reader->at(physical, TABLE_HEADER, reader->context);
    if (table == NULL || load(table, 4) != load(signature, 4)) return NULL;
    size_t size = size_of(table);
    if (size < TABLE_HEADER || size > ACPI_TABLE_MAX) return NULL;
    table = reader->at(physical, size, reader->context);
    return table != NULL && sums_to_zero(table, size) ? table : NULL;
}

static const unsigned char *find_fadt(const struct acpi_reader *reader, uint64_t physical, bool wide)
{
    const unsigned char *root = read_table(reader, physical, wide ? "XSDT" : "RSDT");
    const size_t entry_size = wide ? 8 : 4;
    for (size_t at = TABLE_HEADER; root != NULL && size_of(root) - at >= entry_size; at += entry_size) {
        const unsigned char *fadt = read_table(reader, load(root + at, entry_size), "FACP");
        if (fadt != NULL && size_of(fadt) >= FADT_NEEDED) return fadt;
    }
    return NULL;
}

// An integer constant of AML (section 20.2.3): Zero, One, Ones, or 1, 2 or 4 bytes behind a prefix. *at goes behind it.
static bool read_constant(const unsigned char **at, const unsigned char *end, uint64_t *value)
{
    if (*at == end) return false;
    *value = *(*at)++;
    if (*value == 0x00 || *value == 0x01 || *value == 0xff) return true;
    size_t bytes = 0x0a <= *value && *value <= 0x0c ? 1u << (*value - 0x0a) : 0;
    if (bytes == 0 || (size_t)(end - *at) < bytes) return false;
    *value = load(*at, bytes);
    *at += bytes;
    return true;
}

// Name (_S5_, Package {type for PM1a, type for PM1b, …}) is 08 [5c] "_S5_" 12 length count constants (sections 7.4.2 and
// 20.2). `at` is where its name may stand.
static bool read_s5(const unsigned char *at, const unsigned char *end, uint64_t types[2])
{
    if (end - at < 7 || load(at, 5) != load("_S5_\x12", 5)) return false;
    if (at[-1] != 0x08 && (at[-1] != '\\' || at[-2] != 0x08)) return false;
    size_t length_bytes = 1u + (at[5] >> 6); // the top two bits count what follows the first byte
    if ((size_t)(end - at) <= 5 + length_bytes) return false;
    at += 5 + length_bytes;
    uint8_t elements = *at++;
    return elements >= 1 && read_constant(&at, end, &types[0]) && (elements == 1 || read_constant(&at, end, &types[1]));
}

// NULL, or what is wrong.
static const char *find_power(struct acpi_power *power, const unsigned char *rsdp, size_t size,
                              const struct acpi_reader *reader)
{
    if (size < 20 || load(rsdp, 8) != load("RSD PTR ", 8) || !sums_to_zero(rsdp, 20))
        return "ACPI's root pointer is broken";
    const unsigned char *fadt = NULL;
    if (size >= 36 && rsdp[15] >= 2 && sums_to_zero(rsdp, 36)) fadt = find_fadt(reader, load(rsdp + 24, 8), true);
    if (fadt == NULL) fadt = find_fadt(reader, load(rsdp + 16, 4), false);
    if (fadt == NULL) return "ACPI has no sound FADT";
    uint64_t pm1a = load(fadt + FADT_PM1A, 4), pm1b = load(fadt + FADT_PM1B, 4), place = load(fadt + FADT_DSDT, 4);
    if (pm1a == 0 || pm1a > 0xfffe || pm1b > 0xfffe) return "ACPI's FADT names no PM1 control port";
    if (place == 0 && size_of(fadt) >= FADT_DSDT_64 + 8) place = load(fadt + FADT_DSDT_64, 8);
    const unsigned char *dsdt = read_table(reader, place, "DSDT");
    if (dsdt == NULL) return "ACPI has no sound DSDT";
    const unsigned char *end = dsdt + size_of(dsdt), *at = dsdt + TABLE_HEADER;
    uint64_t types[2] = {0, 0};
    while (at < end && !read_s5(at, end, types))
        at++;
    if (at >= end) return "ACPI's DSDT has no plain \\_S5 package";
    *power = (struct acpi_power){.pm1a = (uint16_t)pm1a,
                                 .pm1b = (uint16_t)pm1b,
                                 .value_a = (uint16_t)(SLEEP_TYPE(types[0]) | SLEEP_ENABLE),
                                 .value_b = (uint16_t)(SLEEP_TYPE(types[1]) | SLEEP_ENABLE)};
    return NULL;
}

err_t acpi_find_power(struct acpi_power *power, const void *rsdp, size_t rsdp_size, const struct acpi_reader *reader)
{
    *power = (struct acpi_power){0};
    power->reason = find_power(power, rsdp, rsdp_size, reader);
    return power->reason == NULL ? OK : ERR_BROKEN;
}
