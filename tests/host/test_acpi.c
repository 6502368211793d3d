// SPDX-License-Identifier: MIT
// sources: common/acpi.c
// A little physical memory with ACPI tables in it, as QEMU's firmware would write them, then spoilt in each place.
#include "tests/host/test.h"

#include "common/acpi.h"

#define BASE 0x7fe0000u
#define RSDT 0x100u // offsets of the tables
#define XSDT 0x180u
#define FADT 0x200u
#define DSDT 0x400u
#define OTHER 0x600u

static unsigned char memory[0x1000];
static unsigned char rsdp[36];
static void *shown[64]; // what was read since the last find(): only that may be used
static size_t shown_count;

static const void *at(uint64_t physical, size_t length, void *context)
{
    assert_ptr_equal(context, memory);
    if (physical < BASE || physical - BASE > sizeof memory || length > sizeof memory - (physical - BASE)) return NULL;
    assert_true(shown_count < COUNT(shown));
    void *block = shown[shown_count++] = malloc(length);
    return memcpy(block, memory + (physical - BASE), length);
}

static const struct acpi_reader reader = {at, memory};

static void forget_shown(void)
{
    while (shown_count > 0)
        free(shown[--shown_count]);
}

static void put(unsigned char *where, uint64_t value, size_t bytes) { memcpy(where, &value, bytes); }

static void close_sum(unsigned char *bytes, size_t size, size_t sum_at)
{
    bytes[sum_at] = 0;
    for (size_t i = 0; i < size; i++)
        if (i != sum_at) bytes[sum_at] = (unsigned char)(bytes[sum_at] - bytes[i]);
}

static void seal(size_t table)
{
    uint32_t size;
    memcpy(&size, memory + table + 4, 4);
    close_sum(memory + table, size, 9);
}

static void make_table(size_t table, const char *signature, size_t size)
{
    memset(memory + table, 0, size);
    memcpy(memory + table, signature, 4);
    put(memory + table + 4, size, 4);
}

static void seal_rsdp(void)
{
    close_sum(rsdp, 20, 8);
    close_sum(rsdp, 36, 32);
}

static void set_aml(const char *aml, size_t size)
{
    make_table(DSDT, "DSDT", 36 + 9 + size);
    memcpy(memory + DSDT + 36, "\x10\x0aSCOPESB", 9);
    memcpy(memory + DSDT + 45, aml, size);
    seal(DSDT);
}

#define S5_ZEROS "\x08_S5_\x12\x06\x04\x00\x00\x00\x00" // what QEMU's pc machine has

static void make_acpi(void)
{
    memset(memory, 0xcc, sizeof memory);
    memset(rsdp, 0, sizeof rsdp);
    memcpy(rsdp, "RSD PTR ", 8);
    put(rsdp + 16, BASE + RSDT, 4);
    seal_rsdp();
    make_table(OTHER, "APIC", 44);
    seal(OTHER);
    make_table(RSDT, "RSDT", 36 + 8);
    put(memory + RSDT + 36, BASE + OTHER, 4);
    put(memory + RSDT + 40, BASE + FADT, 4);
    seal(RSDT);
    make_table(FADT, "FACP", 116);
    put(memory + FADT + 40, BASE + DSDT, 4);
    put(memory + FADT + 64, 0x604, 4);
    seal(FADT);
    set_aml(S5_ZEROS, sizeof S5_ZEROS - 1);
}

static struct acpi_power find(err_t wanted)
{
    struct acpi_power power;
    unsigned char *copy = malloc(sizeof rsdp);
    memcpy(copy, rsdp, sizeof rsdp);
    assert_int_equal(acpi_find_power(&power, copy, rsdp[15] >= 2 ? 36 : 20, &reader), wanted);
    assert_int_equal(power.reason == NULL, wanted == OK);
    free(copy);
    forget_shown();
    return power;
}

TEST(qemus_pc_machine_switches_off_through_port_604)
{
    make_acpi();
    struct acpi_power power = find(OK);
    assert_int_equal(power.pm1a, 0x604);
    assert_int_equal(power.value_a, 0x2000);
    assert_int_equal(power.pm1b, 0);
}

TEST(all_constants_of_a_package_and_both_registers_are_understood)
{
    static const struct {
        const char *aml;
        size_t size;
        uint16_t a, b;
    } cases[] = {
        {"\x08_S5_\x12\x06\x02\x0a\x05\x0a\x07", 12, 5, 7},
        {"\x08\\_S5_\x12\x04\x02\x01\x00", 11, 1, 0},
        {"\x08_S5_\x12\x08\x02\x0b\x03\x00\x01", 12, 3, 1},
        {"\x08_S5_\x12\x40\x06\x02\x0c\x06\x00\x00\x00\x01", 15, 6, 1},
        {"\x08_S5_\x12\x03\x01\x0a\x05", 10, 5, 0},
        {"_S5_ \x08_S5_\x12\x06\x04\x01\x01\x00\x00", 17, 1, 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_acpi();
        put(memory + FADT + 68, 0x704, 4);
        seal(FADT);
        set_aml(cases[i].aml, cases[i].size);
        struct acpi_power power = find(OK);
        assert_int_equal(power.pm1b, 0x704);
        assert_int_equal(power.value_a, cases[i].a << 10 | 0x2000);
        assert_int_equal(power.value_b, cases[i].b << 10 | 0x2000);
    }
}

TEST(the_wide_root_table_is_preferred_and_the_old_one_is_the_way_out)
{
    make_acpi();
    rsdp[15] = 2;
    put(rsdp + 24, BASE + XSDT, 8);
    seal_rsdp();
    make_table(XSDT, "XSDT", 36 + 16);
    put(memory + XSDT + 36, BASE + OTHER, 8);
    put(memory + XSDT + 44, BASE + FADT, 8);
    seal(XSDT);
    memory[RSDT] = 'x';
    find(OK);
    memory[XSDT] = 'y';
    assert_string_equal(find(ERR_BROKEN).reason, "ACPI has no sound FADT");
    memory[RSDT] = 'R';
    find(OK);
}

static void expect_reason(const char *reason) { assert_string_equal(find(ERR_BROKEN).reason, reason); }

TEST(each_broken_part_has_its_sentence)
{
    make_acpi();
    rsdp[0] = 'r';
    seal_rsdp();
    expect_reason("ACPI's root pointer is broken");
    make_acpi();
    rsdp[9]++;
    expect_reason("ACPI's root pointer is broken");
    make_acpi();
    memory[FADT + 70]++; // checksum
    expect_reason("ACPI has no sound FADT");
    make_acpi();
    make_table(FADT, "FACP", 71);
    seal(FADT);
    expect_reason("ACPI has no sound FADT");
    static const uint64_t ports[] = {0, 0xffff, 0x10604};
    for (size_t i = 0; i < COUNT(ports); i++) {
        make_acpi();
        put(memory + FADT + 64, ports[i], 4);
        seal(FADT);
        expect_reason("ACPI's FADT names no PM1 control port");
    }
    static const uint64_t sizes[] = {0, 35, sizeof memory, 0xffffffff};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        make_acpi();
        put(memory + DSDT + 4, sizes[i], 4);
        expect_reason("ACPI has no sound DSDT");
    }
    make_acpi();
    put(memory + FADT + 40, 0, 4);
    seal(FADT);
    expect_reason("ACPI has no sound DSDT");
}

TEST(a_package_that_is_cut_short_or_not_constant_is_not_read)
{
    static const struct {
        const char *aml;
        size_t size;
    } cases[] = {
        {"\x08_S4_\x12\x06\x04\x00\x00\x00\x00", 12}, {"\x09_S5_\x12\x06\x04\x00\x00\x00\x00", 12},
        {"\x08_S5_\x13\x06\x04\x00\x00\x00\x00", 12}, {"\x08_S5_\x12\x06\x00\x00\x00", 9},
        {"\x08_S5_\x12\x06\x04\x0d\x00\x00\x00", 12}, {"\x08_S5_\x12\xc0\x06\x00\x00", 10},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        make_acpi();
        set_aml(cases[i].aml, cases[i].size);
        expect_reason("ACPI's DSDT has no plain \\_S5 package");
    }
    for (size_t size = 0; size < sizeof S5_ZEROS - 1 - 2; size++) { // the last two elements are never looked at
        make_acpi();
        set_aml(S5_ZEROS, size);
        expect_reason("ACPI's DSDT has no plain \\_S5 package");
    }
}

TEST(random_damage_never_reads_what_was_not_shown)
{
    for (int round = 0; round < 50000; round++) {
        make_acpi();
        for (uint64_t n = random_below(4) + 1; n > 0; n--)
            memory[random_below(0x600)] = (unsigned char)random_number();
        static const size_t tables[] = {RSDT, FADT, DSDT};
        for (size_t i = 0; i < COUNT(tables); i++) {
            uint32_t size;
            memcpy(&size, memory + tables[i] + 4, 4);
            if (size >= 36 && size <= sizeof memory - tables[i])
                seal(tables[i]); // or the checksum would stop everything
        }
        struct acpi_power power;
        err_t err = acpi_find_power(&power, rsdp, 20, &reader);
        assert_int_equal(power.reason == NULL, err == OK);
        forget_shown();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qemus_pc_machine_switches_off_through_port_604),
        cmocka_unit_test(all_constants_of_a_package_and_both_registers_are_understood),
        cmocka_unit_test(the_wide_root_table_is_preferred_and_the_old_one_is_the_way_out),
        cmocka_unit_test(each_broken_part_has_its_sentence),
        cmocka_unit_test(a_package_that_is_cut_short_or_not_constant_is_not_read),
        cmocka_unit_test(random_damage_never_reads_what_was_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
