# SPDX-License-Identifier: MIT
"""What a process has mapped, as the shell shows it: the kernel tells init, init tells the shell."""

import re
import subprocess

import pytest
import session
from harness.images import build_folder

HEAD = "FROM           TO              PAGES RIGHTS WHAT"
ROW = re.compile(r"^(0x[0-9a-f]+) +(0x[0-9a-f]+) +(\d+) ([r-][w-][x-][u-])   (.*)$")
LOAD = re.compile(r"^ +LOAD +\S+ (0x\w+) \S+ \S+ (0x\w+) ([R ][W ][E ])", re.MULTILINE)


@pytest.fixture(scope="module")
def shell():
    with session.start("vmap", system=session.test_system()) as started:
        yield started


def row(first, end, rights, what):
    return f"{first:#x}".ljust(15) + f"{end:#x}".ljust(15) + f"{(end - first) >> 12:6} {rights}   {what}"


def image(name):
    """The rows that a server's own file asks for."""
    headers = subprocess.run(["readelf", "-lW", build_folder() / f"servers/{name}.elf"], capture_output=True, text=True,
                             check=True).stdout
    for address, size, access in LOAD.findall(headers):
        first, end = int(address, 16), int(address, 16) + int(size, 16)
        yield row(first, (end + 0xFFF) & ~0xFFF, access.lower().replace("e", "x").replace(" ", "-") + "-", "image")


def test_vga_has_its_text_constants_data_stack_and_the_screen_and_nothing_else(shell):
    assert shell.run("vmap vga") == [
        HEAD,
        *image("vga"),
        row(0x7FFFC0000000, 0x7FFFC0008000, "rw-u", "device at 0xb8000"),
        row(0x7FFFD0000000, 0x7FFFD0003000, "rw--", "keep region"),
        row(0x7FFFDFFF0000, 0x7FFFE0000000, "rw--", "stack"),
        row(0x7FFFF0000000, 0x7FFFF0001000, "r---", "start page"),
        row(0x7FFFF0010000, 0x7FFFF0011000, "rw--", "message page"),
    ]


@pytest.mark.parametrize("name", ["init", "memory", "kbd", "serial", "echo", "tasks", "shell"])
def test_of_every_process_no_page_is_writable_and_executable_and_ps_counts_the_same_pages(shell, name):
    known = next(line.split() for line in shell.run("ps") if line.split()[1] == name)
    rows = [ROW.match(line) for line in shell.run(f"vmap {known[0]}")[1:]]
    assert all(rows)
    assert all(not ("w" in match[4] and "x" in match[4]) for match in rows)
    assert all(int(match[2], 16) - int(match[1], 16) == int(match[3]) * 4096 for match in rows)
    assert int(known[5]) == sum(int(match[3]) for match in rows)
    places = [(int(match[1], 16), int(match[2], 16)) for match in rows]
    assert all(end <= first for (_, end), (first, _) in zip(places, places[1:]))


def test_who_is_not_there_has_nothing_mapped(shell):
    assert shell.run("vmap nobody") == ["nobody: nothing has that name or number"]
    assert shell.run("vmap 99999") == ["99999: nothing has that name or number"]
    assert shell.run("vmap 0") == ["0: nothing has that name or number"]
    assert shell.run("vmap")[0] == "vmap NAME|ID"


def test_a_heap_shows_when_it_is_touched(shell):
    shell.enter("counter 60000 &")  # silent for a minute
    number = shell.wait_row(r"^\[(\d+)\] counter")[1]
    rows = shell.run(f"vmap {number}")
    assert any(line.endswith("stack") for line in rows)
    shell.run(f"kill {number}")
    assert shell.run(f"vmap {number}") == [f"{number}: nothing has that name or number"]
