# SPDX-License-Identifier: MIT
"""What the linker made: every image is freestanding and static, keeps W^X, and carries nothing that it does not need."""

import re
import subprocess

import pytest

from harness.images import ROOT, BootList, build_folder

BOOTED = BootList(build_folder())
IMAGES = [BOOTED.kernel[0], *(path for path, name in BOOTED.modules if name != "manifest")]
MULTIBOOT2 = (0xE85250D6).to_bytes(4, "little")
HEADER_WITHIN = 32768


def tool(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


def segments(image):
    """[(type, address, flags)]"""
    rows = re.findall(r"^ +([A-Z_0-9]+) +0x\w+ (0x\w+) 0x\w+ 0x\w+ 0x\w+ ([RWE ]{3})", tool("readelf", "-lW", image), re.M)
    return [(kind, int(address, 16), flags.replace(" ", "")) for kind, address, flags in rows]


def loaded_sections(image):
    """{name: flags} of the sections that lie in memory"""
    rows = re.findall(r"^ *\[ *\d+\] (\S+) +\S+ +\w+ \w+ \w+ \w+ +([A-Zlxop]*) ", tool("readelf", "-SW", image), re.M)
    return {name: flags for name, flags in rows if "A" in flags}


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.stem)
def test_an_image_needs_nobody(image):
    assert tool("nm", "-u", image) == "", "no symbol is left for somebody else to define"
    assert not {kind for kind, _, _ in segments(image)} & {"INTERP", "DYNAMIC", "TLS"}
    symbols = tool("nm", image)
    assert re.search(r" [TtR] (_start|boot_entry)$", symbols, re.MULTILINE), "an entry of its own"
    assert not re.search(r" \w (__libc_start_main|_init|_fini|__gmon_start__)$", symbols, re.MULTILINE)


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.stem)
def test_an_image_has_no_unwind_tables(image):
    assert not [name for name in loaded_sections(image) if name.startswith((".eh_frame", ".gcc_except"))]


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.stem)
def test_no_segment_is_writable_and_executable(image):
    loaded = [(address, flags) for kind, address, flags in segments(image) if kind == "LOAD"]
    assert loaded and not [address for address, flags in loaded if "W" in flags and "E" in flags]
    assert {flags for _, flags in loaded} >= {"RE", "R"}


@pytest.mark.parametrize("image", IMAGES[1:], ids=lambda path: path.stem)
def test_every_c_function_keeps_a_frame_pointer_for_backtraces(image):
    """Functions that call others: those that do not are left before a backtrace could begin in them."""
    listing = tool("objdump", "-d", "--no-show-raw-insn", image)
    bodies = re.findall(r"^[0-9a-f]+ <(main|panic_at|printf|vprintf|serve)>:\n((?:.+\n)+)", listing, re.MULTILINE)
    assert bodies
    for name, body in bodies:
        assert "push   %rbp" in body and re.search(r"mov +%rsp,%rbp", body), name


def test_the_kernels_header_is_kept_in_the_first_32_kib_though_nothing_refers_to_it():
    image = BOOTED.kernel[0]
    place = image.read_bytes()[:HEADER_WITHIN].find(MULTIBOOT2)
    assert place >= 0 and place % 8 == 0
    magic, kind, length, checksum = (int.from_bytes(image.read_bytes()[place + i:place + i + 4], "little")
                                     for i in (0, 4, 8, 12))
    end = image.read_bytes()[place + length - 8:place + length]
    assert end == bytes((0, 0, 0, 0, 8, 0, 0, 0)), "the end tag"
    assert kind == 0 and (magic + kind + length + checksum) % (1 << 32) == 0
    assert subprocess.run(["grub-file", "--is-x86-multiboot2", image], check=False).returncode == 0


def test_a_kernel_without_the_header_is_noticed(tmp_path):
    """The check that follows each link (make/kernel.mk), with the header spoilt."""
    spoilt = tmp_path / "kernel.elf"
    spoilt.write_bytes(BOOTED.kernel[0].read_bytes().replace(MULTIBOOT2, b"\0\0\0\0"))
    assert subprocess.run(["grub-file", "--is-x86-multiboot2", spoilt], check=False).returncode != 0
    assert re.search(r"^\t.*grub-file --is-x86-multiboot2 \$@ \|\|.*exit 1", (ROOT / "make/kernel.mk").read_text(), re.M)
