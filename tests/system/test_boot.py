# SPDX-License-Identifier: MIT
"""From the boot loader's data to the prompt: what a machine must have, what the loader must say, and what a person reads
when something is missing."""

import re
import subprocess

import pytest

from harness.images import ROOT, BootList, build_folder, kernel_image

REFUSALS = [
    # name, options of Machine, sentence
    ("no_multiboot2", {"append": "forge=magic"}, "it was not loaded by a multiboot2 boot loader."),
    ("no_long_mode", {"cpu": "qemu32", "boot": "iso"}, "this processor has no long mode (64 bit)."),
    ("no_nx", {"cpu": "max,-nx"}, "this processor has no no-execute pages (NX)."),
    ("too_little_ram", {"memory": "3M", "boot": "iso"}, "too little RAM"),
    ("no_modules", {"append": "forge=no-modules"}, "the boot loader loaded no usable module named init."),
    ("no_memory_map", {"append": "forge=map-none"}, "the boot loader gave no memory map."),
    ("an_empty_memory_map", {"append": "forge=map-empty"}, "too little RAM"),
    ("truncated_data", {"append": "forge=truncated"}, "boot information:"),
    ("a_tag_of_size_0", {"append": "forge=tag-zero"}, "boot information:"),
    ("a_tag_past_the_end", {"append": "forge=tag-long"}, "boot information:"),
    ("entries_of_size_0", {"append": "forge=map-entry-0"}, "boot information:"),
]

UEFI = "/usr/share/ovmf/OVMF.fd"

# What the last module may pretend to be: it is named and left out, and the system starts all the same.
BAD_MODULES = ["module-backwards", "module-empty", "module-beyond", "module-kernel", "module-info", "modules-overlap",
               "module-misaligned"]


@pytest.mark.parametrize("options, sentence", [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_machine_or_loader_that_cannot_be_used_gets_a_sentence_on_screen_and_log(boot, options, sentence):
    machine = boot(**options)
    machine.wait_log(r"^(kernel: )?Annulet cannot start: .*\n", timeout=20)
    line = re.search(r"Annulet cannot start: (.*)", machine.log())[1]
    assert sentence in line
    cells = machine.cells()
    assert line[:40] in cells.row(0)
    assert cells.at(0, 0)[1] == 0x4F, "white on red"
    machine.wait(lambda: "HLT=1" in machine.monitor("info registers"), "the processor to halt", timeout=5)


@pytest.mark.parametrize("forgery", BAD_MODULES)
def test_a_module_that_lies_where_it_cannot_is_named_and_the_others_start(boot, forgery):
    last = BootList(build_folder()).modules[-1][1]
    machine = boot(append=f"forge={forgery}")
    machine.wait_log(rf"^kernel: module {last} is not used: \S.*$")
    machine.wait_screen("annulet> ")
    machine.wait_log(rf"^init: {last}: .*$")


def test_a_boot_map_of_thousands_of_entries_starts_the_system(boot):
    boot(append="forge=map-many").wait_screen("annulet> ")


def test_a_thousand_modules_are_more_than_there_is_room_for_and_no_reason_to_stop(boot):
    machine = boot(append="forge=modules-many")
    room = re.search(r"#define BOOT_MODULES (\d+)", (ROOT / "abi/boot.h").read_text(encoding="utf-8"))[1]
    machine.wait_log(rf"^kernel: module x: there is room for {room} modules only$")
    machine.wait_screen("annulet> ")


def without(name):
    return [module for module in BootList(build_folder()).modules if module[1] != name]


def test_without_the_memory_server_the_system_stops_and_says_so(boot):
    machine = boot(modules=without("memory"))
    machine.wait_log(r"memory: the module is missing.*\n")
    assert "memory: the module is missing" in machine.screen_text()


def test_without_the_echo_server_everything_else_starts_and_it_is_named_as_missing(boot):
    machine = boot(modules=without("echo"))
    machine.wait_log(r"^init: echo: .*$")
    machine.wait_screen("annulet> ")
    machine.type_text("run hello\n")
    machine.wait_screen("Hello World!")


def test_a_truncated_module_is_named_and_the_others_start(boot, tmp_path):
    modules = []
    for path, name in BootList(build_folder()).modules:
        if name == "hello":
            cut = tmp_path / "hello.elf"
            cut.write_bytes(open(path, "rb").read()[:300])
            path = cut
        modules.append((path, name))
    machine = boot(modules=modules)
    machine.wait_log(r"^init: hello: .*$")
    machine.wait_screen("annulet> ")
    machine.type_text("run hello\n")
    machine.wait_screen(re.compile(r"hello: (?!.*World)"))


def areas(log):
    return [(int(start, 16), int(size, 16))
            for start, size in re.findall(r"^kernel: memory: (\S+) \+ (\S+) usable$", log, re.MULTILINE)]


@pytest.mark.parametrize("memory, high", [("128M", [(0x100000, 0x7EE0000)]), ("500M", [(0x100000, 0x1F2E0000)]),
                                          ("5G", [(0x100000, 0xBFEE0000), (0x100000000, 0x80000000)])])
def test_the_boot_report_names_the_memory_areas_kernel_and_modules_and_the_counts_add_up(boot, memory, high):
    machine = boot(memory=memory)
    report = machine.wait_log(r"^kernel: init starts: (\d+) KiB of RAM, (\d+) KiB of them kernel, modules and init$",
                              timeout=30)
    log = machine.log()
    found = areas(log)
    assert found[0][0] == 0 and 0x9C000 <= found[0][1] <= 0xA0000
    assert found[1:] == high
    assert int(report[1]) * 1024 == sum(size for _, size in found)
    assert int(report[2]) < int(report[1])
    kernel = re.search(r"^kernel: kernel: 0x100000 to (\S+), boot information: (\S+) \+ (\S+)$", log, re.MULTILINE)
    assert int(kernel[1], 16) > 0x100000
    names = [name for _, name in BootList(build_folder()).modules]
    spans = [(name, int(start, 16), int(size, 16)) for name, start, size in
             re.findall(r"^kernel: module (\S+): (\S+) \+ (\S+)$", log, re.MULTILINE)]
    assert [name for name, _, _ in spans] == names
    ends = sorted((start, start + size) for _, start, size in spans)
    assert all(end <= start for (_, end), (start, _) in zip(ends, ends[1:])), "no two modules overlap"
    machine.wait_screen("annulet> ", timeout=30)


def test_the_boot_report_names_the_sections_of_the_kernels_file_with_their_rights(boot):
    machine = boot()
    machine.wait_log(r"^kernel: init starts")
    told = [(name, int(start, 16), int(end, 16), rights) for name, start, end, rights in
            re.findall(r"^kernel: section (\S+): (\S+) to (\S+), (.*)$", machine.log(), re.MULTILINE)]
    listed = subprocess.run(["readelf", "-SW", str(kernel_image())], capture_output=True, text=True,
                            check=True).stdout
    wanted = []
    for name, address, size, flags in re.findall(r"^ +\[ *\d+\] (\S+) +\w+ +(\w{16}) \w+ (\w+) \w\w +(\w+) ", listed, re.MULTILINE):
        if "A" not in flags:
            continue
        start = int(address, 16)
        rights = ["read"] + ["write"] * ("W" in flags) + ["execute"] * ("X" in flags)
        wanted.append((name, start & ~0xFFF, (start + int(size, 16) + 0xFFF) & ~0xFFF, ", ".join(rights)))
    assert len(wanted) == 6
    assert told == wanted, "as the pages are mapped: whole ones"


def test_the_first_sign_of_life_is_on_the_log_before_anything_can_go_wrong(boot):
    # Whatever the loader did: the line comes before its data is looked at, and what is wrong with that comes after.
    machine = boot(append="forge=truncated")
    machine.wait_log(r"^kernel: Annulet cannot start: .*\n")
    assert machine.log().splitlines()[0] == "kernel: Annulet starts"


@pytest.mark.parametrize("cpu", ["qemu64", "Nehalem", "EPYC", "max,-smap,-smep,-umip"])
def test_processors_without_the_optional_protections_start_the_system_too(boot, cpu):
    machine = boot(cpu=cpu)
    machine.wait_screen("annulet> ")
    machine.type_text("run hello\n")
    machine.wait_screen("Hello World!")


@pytest.mark.parametrize("way", ["iso", "usb"])
def test_the_iso_boots_as_cd_and_as_usb_stick(boot, way):
    boot(boot=way).wait_screen("annulet> ", timeout=40)


@pytest.mark.parametrize("way", ["iso", "usb"])
def test_uefi_firmware_has_no_text_screen_and_that_is_said_on_its_screen_and_on_the_log(boot, way):
    machine = boot(boot=way, extra=["-bios", UEFI])
    # the firmware repeats on COM1 what it shows
    machine.wait_log("Annulet has no text screen under UEFI firmware: all that it says stands on the first serial line", 40)
    machine.wait_log("^kernel: .*no EGA text screen: what is printed stands on this log only", 20)
    machine.wait_log("^kbd: PS/2 keyboard", 20)


def test_a_loader_that_leaves_a_graphics_screen_is_reported_on_the_log(boot):
    machine = boot(append="forge=graphics")
    machine.wait_log("no EGA text screen: what is printed stands on this log only")
