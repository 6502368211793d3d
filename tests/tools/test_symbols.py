# SPDX-License-Identifier: MIT
"""The kernel's table of its own symbols."""

import subprocess
import sys

from harness.images import ROOT, build_folder

NM = """0000000000100020 T boot_entry
ffffffff80101000 T kernel_text
ffffffff80101010 t walk
ffffffff80101020 t entry.loop
ffffffff80102000 R table
ffffffff80103000 B current
                 U nothing
"""


def symbols(*arguments, given=""):
    return subprocess.run([sys.executable, ROOT / "tools/symbols.py", *arguments], input=given, capture_output=True,
                          text=True, check=False)


def test_the_table_holds_functions_in_order_and_nothing_else():
    text = symbols(given=NM).stdout
    assert "kernel_symbols_count: dq 3" in text
    assert [line.split("'")[1] for line in text.splitlines() if ": db '" in line] == ["boot_entry", "kernel_text", "walk"]


def test_a_function_that_moved_in_the_second_link_stops_the_build(tmp_path):
    table = tmp_path / "table.asm"
    table.write_text(symbols(given=NM).stdout, encoding="utf-8")
    assert symbols("--compare", table, given=NM).returncode == 0
    moved = symbols("--compare", table, given=NM.replace("80101010", "80101018"))
    assert moved.returncode != 0 and "moved" in moved.stderr


def test_the_kernel_carries_the_names_of_its_functions():
    image = (build_folder() / "kernel.elf").read_bytes()
    for name in (b"kernel_main\0", b"panic\0"):
        assert image.count(name) >= 2  # once in .symtab for debuggers, once in the table that panic reads
