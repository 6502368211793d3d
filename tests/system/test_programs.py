# SPDX-License-Identifier: MIT
"""Programs of tests/programs, started from the shell of the test system; and a program that somebody adds."""

import pathlib
import re
import shutil
import subprocess

import pytest

import session
from harness.images import ROOT, build_folder, kernel_image


@pytest.fixture(scope="module")
def shell():
    with session.start("programs", system=session.test_system(), icount=True, budget=280.0) as started:
        yield started


def wait_rows(shell, *patterns, timeout):
    """Until each pattern has a row of its own; returns the matches."""
    return [shell.wait_row(pattern, timeout) for pattern in patterns]


def test_the_loader_makes_what_the_image_says(shell):
    rows = shell.run("sections one 'two three'")
    assert rows == [".bss: 0 of 20000 bytes are not zero", ".data: right, .rodata: right", "stack: right, 64 KiB",
                    "arguments: 3, the last is two three"]


def test_each_thread_has_variables_of_its_own(shell):
    total = 1000 - 1 + sum((n << 32) + 999 for n in (1, 2, 3, 4, 1))
    assert shell.run("threads tls", timeout=60) == [f"5 threads, each its own variables: sum {total:x}"]


def test_two_threads_take_turns_a_million_times_and_stay_what_they_are(shell):
    assert shell.run("threads switch", timeout=200) == ["1000000 switches"]


def test_two_hundred_lines_get_two_hundred_replies(shell):
    rows = shell.run("lines")
    assert "println_many: 200 replies" in rows
    assert "test_println_many [ok]" in rows


def test_a_printed_line_reads_back_the_same_from_inside_and_outside(shell):
    rows = shell.run("lines")
    assert rows[-1] == "test_println_output [ok]", "inside: vga's read_cells"
    assert rows[-2] == "Some test string that fits on a single line", "outside: the screen's memory"


@pytest.mark.parametrize("allocator, window", [("malloc", "0x44444444"), ("ipc", "0x4")])
def test_heap_tests_of_the_tutorial_pass(shell, allocator, window):
    rows = shell.run(f"heap {allocator}", timeout=120)
    for name in ("box_vec_rc", "simple_allocation", "large_vec", "many_boxes", "many_boxes_long_lived"):
        assert f"heap {allocator}: {name} [ok]" in rows
    assert rows[0].startswith(f"heap_value at {window}")
    assert "current reference count is 2" in rows and "reference count is 1 now" in rows
    rate = next(re.search(r"many_boxes 102400 rounds in (\d+) us", row) for row in rows if "rounds" in row)
    assert int(rate[1]) > 0


def test_a_buffer_that_two_tasks_share_is_freed_by_the_last(shell):
    rows = shell.run("heap shared")
    assert rows[1:3] == ["a holds it: reference count is 1", "b holds it: reference count is 2"]
    assert rows[3:5] == ["a lets go: reference count is 1", "b lets go: reference count is 0"]
    assert re.fullmatch(r"in use: 50\d\d bytes more", rows[0])
    assert rows[5] == "in use: 0 bytes more, 0 bytes of spans more"


def test_without_memory_malloc_says_null_and_the_log_names_who_asked(shell):
    mark = shell.log_mark()
    assert shell.run("heapless") == ["malloc: 0x0"]
    told = shell.told(mark, r"^heapless: allocation error: size 4, align 16, asked for at 0x(\w+): no capability in that slot.*$")
    assert shell.log_since(mark).count("allocation error") == 1
    place = subprocess.run(["addr2line", "-f", "-e", str(build_folder() / "tests/programs/heapless.debug"), told[1]],
                           capture_output=True, text=True, check=True).stdout
    assert place.split()[0] == "make_box", place


def test_two_singers_of_a_thousand_lines_tear_none(shell):
    shell.enter("chorus A 1000 &")
    shell.machine.wait(lambda: "<A " in shell.machine.screen_text(), "the first singer", 10)
    shell.feed("chorus B 1000\n", pause=0.01)
    for letter in "AB":  # on the log: the other's lines may push it off the screen
        shell.machine.wait_log(rf"^chorus: {letter}: 1000 lines, 0 refused, 0 torn, others seen: yes$", 60)


def test_registers_and_red_zone_survive_a_hundred_thousand_timer_interrupts(shell):
    """Two canaries with different patterns take turns, and a ticker above them interrupts every ten microseconds."""
    shell.clear()
    shell.feed("canary 1 4000 &\ncanary 2 4000 &\nticker 100000 10\n", pause=0.01)
    wait_rows(shell, r"ticker: 100000 deadlines$", timeout=120)
    assert "canary 1:" not in shell.machine.screen_text(), "the canaries were there all the time"
    wait_rows(shell, r"canary 1: \d{4,} rounds, nothing changed$", r"canary 2: \d{4,} rounds, nothing changed$",
              timeout=120)


def test_registers_survive_a_breakpoint(shell):
    mark = shell.log_mark()
    rows = shell.run("canary 5 1")
    assert re.fullmatch(r"canary 5: \d+ rounds, nothing changed", rows[-1])
    shell.machine.wait(lambda: shell.log_since(mark).count("canary: BREAKPOINT") == 3, "three breakpoints", 5)


def test_bench_measures_what_is_promised(shell):
    mark = shell.log_mark()
    shell.run("bench")
    shell.machine.wait(lambda: "bench end" in shell.log_since(mark), "the end of the benchmark", 10)
    figures = dict(re.findall(r"bench: bench (\w+) (\d+)$", shell.log_since(mark), re.MULTILINE))
    assert {"null_syscall", "message_call_0", "message_reply_0", "first_touch", "notify_wake", "echo_call", "task_switch"} <= set(figures)
    assert 0 < int(figures["null_syscall"]) < int(figures["notify_wake"])


PROGRAM = """// SPDX-License-Identifier: MIT
#include "libsys/stdio.h"

int main(int argc, char **argv)
{
    printf("mine has %d words, the last is %s\\n", argc, argv[argc - 1]);
    return 0;
}
"""
ENTRY = """
[program.mine]
about = "somebody's own"
calls = ["vga"]
"""


def copy_tree(to):
    """What a fresh clone holds, with what was changed since."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source = ROOT / name
        if source.is_file():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def test_a_program_of_ones_own_is_a_folder_and_one_entry(tmp_path):
    tree = tmp_path / "tree"
    copy_tree(tree)
    (tree / "user" / "mine").mkdir()
    (tree / "user" / "mine" / "mine.c").write_text(PROGRAM, encoding="utf-8")
    with open(tree / "boot" / "system.toml", "a", encoding="utf-8") as system:
        system.write(ENTRY)
    built = subprocess.run(["make", "-s", "-j2", "-f", "make/main.mk", "BUILD=build", "all", "build/shim.elf", f"build/{kernel_image().name}"], cwd=tree,
                           capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    with session.start("mine", build=pathlib.Path(tree) / "build", budget=60.0) as shell:
        assert shell.run("mine a 'b c'") == ["mine has 3 words, the last is b c"]
        assert "mine" in shell.run("help")[-1].split()
