# SPDX-License-Identifier: MIT
"""`make debug-int`: a machine that restarts without a word is looked into."""

import re
import struct
import subprocess
import sys

from harness.gdb import symbols
from harness.images import ROOT, build_folder

UD2 = b"\x0f\x0b"


def with_instruction(image, address, code):
    """The file with other bytes at an address (ELF64: e_phoff, e_phentsize, e_phnum; p_offset, p_vaddr, p_filesz)."""
    data = bytearray(image.read_bytes())
    offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, start, virtual, _, length = struct.unpack_from("<IIQQQQ", data, offset + i * size)
        if kind == 1 and virtual <= address < virtual + length:
            at = start + address - virtual
            data[at:at + len(code)] = code
            return bytes(data)
    raise AssertionError(f"{address:#x} is not in {image}")


def debug_int(*arguments):
    return subprocess.run([sys.executable, ROOT / "tools/debug_int.py", "--build", build_folder(), *arguments], cwd=ROOT,
                          capture_output=True, text=True, check=False, timeout=60)


def test_a_boot_loop_is_explained_by_the_function_and_line_of_its_first_exception(tmp_path):
    """A kernel that stops on its way, before it has an IDT: the same as a mapping that was forgotten."""
    broken = tmp_path / "kernel.elf"
    broken.write_bytes(with_instruction(build_folder() / "kernel.elf", symbols(build_folder() / "kernel.debug")["segments_init"], UD2))
    done = debug_int("--kernel", broken)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "then a triple fault: the processor reset itself"
    first = next(i for i, line in enumerate(lines) if "#UD INVALID OPCODE, error 0x0, ring 0" in line)
    assert re.fullmatch(r" +at 0xffffffff80\w+ segments_init at kernel/x86/segments\.c:\d+", lines[first + 1])


def test_a_system_that_works_has_no_triple_fault():
    done = debug_int("--kernel", build_folder() / "kernel.elf", "--seconds", "4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "no triple fault"
