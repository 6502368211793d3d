# SPDX-License-Identifier: MIT
"""init: starts the system from its manifest, says how things ended, brings servers back, refuses what it must."""

import pathlib
import re
import subprocess
import sys

import pytest

import session
from harness import Machine
from harness.images import ROOT, BootList, build_folder

PLACE = r"at 0x\w+ [\w.]+\+0x\w+"


@pytest.fixture(scope="module")
def shell():
    with session.start("init", system=session.test_system(), budget=240.0) as started:
        yield started


def joined(rows):
    """Screen rows as one text: a sentence may go on in the next row."""
    return "".join(row.ljust(80) if len(row) > 76 else row + "\n" for row in rows)


# --- what dies is told of and comes back ---

@pytest.mark.parametrize("deed, sentence, traced", [
    ("panic", r"asked to panic in life \d+ at tests/programs/fragile/fragile.c:\d+", "panic_at"),
    ("write", rf"PAGE FAULT: write to 0xdeadbea8, not mapped, {PLACE}", "start_main"),
    ("overflow", r"PAGE FAULT: write to 0x7fffdffef\w+, stack overflow, at 0x\w+", "recurse"),
    ("opcode", rf"INVALID OPCODE {PLACE}", "start_main"),
    ("divide", rf"DIVIDE BY ZERO {PLACE}", "start_main"),
    ("exit", "ended with exit code 7", "exit"),
])
def test_a_server_that_dies_is_named_its_client_sees_an_error_and_its_successor_answers(shell, deed, sentence, traced):
    life = int(re.search(r"answer: life (\d+)", joined(shell.run("poke answer")))[1])
    mark = shell.log_mark()
    rows = shell.run(f"poke {deed} answer")
    assert re.search(rf"^fragile: {sentence}", joined(rows), re.M), "the screen"
    assert f"{deed}: the server died before it answered" in rows
    assert f"answer: life {life + 1}" in rows
    shell.told(mark, rf"^init: fragile: {sentence}")
    shell.told(mark, rf"^init: fragile: at 0x\w+ {traced}[\w.]*\+0x")
    assert "cannot" not in shell.log_since(mark)


def test_others_go_on_while_a_server_panics(shell):
    shell.run("poke panic")
    assert shell.run("say still here")[-1].endswith("still here")


def test_a_restarted_server_has_a_new_number_and_ps_counts_its_lives(shell):
    def line():
        return next(row.split() for row in shell.run("ps") if " fragile " in row)

    shell.run("poke answer")
    before = line()
    shell.run("poke exit answer")  # the answer comes when the next life has begun
    after = line()
    assert int(after[0]) > int(before[0])
    assert int(after[7]) == (int(before[7]) if len(before) > 7 else 0) + 1


def test_the_shell_itself_comes_back(shell):
    shell.enter("kill shell")
    shell.machine.wait(lambda: "init: shell: killed" in shell.machine.log(), "the sentence", 10)
    shell.wait_prompt()
    assert shell.run("echo again") == ["again"]


# --- programs ---

def test_what_init_must_refuse_is_refused_and_ends_are_told(shell):
    rows = shell.run("spawner checks")
    assert len(rows) > 20
    assert not [row for row in rows if "WRONG" in row or row.startswith("told: no")]


def test_a_hundred_programs_later_all_frames_are_free_again(shell):
    assert "100 lives, frames lost: 0" in shell.run("spawner many 100")


def test_programs_that_die_of_faults_leave_no_frame_behind_either(shell):
    def free():
        return next(row.split()[1] for row in shell.run("mem") if row.startswith("free"))

    before = free()
    for deed in ("null-write", "stack-overflow", "panic", "hog"):
        shell.run(f"probe {deed}")
    assert free() == before


# --- a system that is not whole ---

def boot_with(name, change, **options):
    """Boots the product with its list of modules changed: change([(path, text), ...])."""
    modules = BootList(build_folder()).modules
    return Machine(name=name, modules=change(modules), budget=60.0, **options)


def without(name):
    return lambda modules: [(path, text) for path, text in modules if text != name]


def replaced(name, path):
    return lambda modules: [(path if text == name else old, text) for old, text in modules]


@pytest.fixture
def damaged(tmp_path):
    """damaged(name, edit): the path of a module's file, edited."""
    def make(name, edit):
        path = dict((text, path) for path, text in BootList(build_folder()).modules)[name]
        copy = tmp_path / f"{name}.bin"
        copy.write_bytes(edit(pathlib.Path(path).read_bytes()))
        return copy

    return make


def expect_prompt(machine, sentence):
    with machine:
        machine.wait(lambda: machine.cells().row(24) == session.PROMPT.rstrip(), "a prompt", 30)
        assert sentence in machine.screen_text()
        assert f"init: {sentence}" in machine.log()
        machine.quit()


def expect_stop(machine, sentence):
    """The sentence is on log and screen, and the machine stands still."""
    with machine:
        machine.wait(lambda: "The machine stops." in machine.log(), "the end", 30)
        wanted = f"init died: {sentence}"
        assert re.search(f"kernel: {wanted}", machine.log())
        assert re.search(wanted, "".join(row.ljust(80) for row in machine.screen_text().split("\n")))
        machine.quit()


@pytest.mark.parametrize("name", ["echo", "hello"])
def test_a_missing_module_is_named_and_the_rest_starts(name):
    expect_prompt(boot_with(f"without-{name}", without(name)), f"{name}: the module is missing")


def test_a_truncated_module_is_named_and_the_rest_starts(damaged):
    short = damaged("echo", lambda data: data[:len(data) // 2])
    expect_prompt(boot_with("truncated-echo", replaced("echo", short)), "echo: the module ")


def test_a_corrupt_module_is_named_and_the_rest_starts(damaged):
    corrupt = damaged("probe", lambda data: b"\x7fELK" + data[4:])
    expect_prompt(boot_with("corrupt-probe", replaced("probe", corrupt)), "probe: the module ")


def test_without_a_screen_server_init_itself_names_it_on_the_screen():
    with boot_with("without-vga", without("vga")) as machine:
        machine.wait(lambda: "kbd: PS/2" in machine.log(), "the keyboard's server", 30)
        machine.wait_screen("vga: the module is missing")
        assert "init: vga: the module is missing" in machine.log()
        machine.quit()


def test_without_memory_the_system_stops_with_that_sentence():
    expect_stop(boot_with("without-memory", without("memory")), "memory: the module is missing.")


def test_a_corrupt_memory_stops_the_system_with_a_sentence(damaged):
    short = damaged("memory", lambda data: data[:1000])
    expect_stop(boot_with("short-memory", replaced("memory", short)), "memory: the module ")


def test_without_a_manifest_the_system_stops_with_that_sentence():
    expect_stop(boot_with("without-manifest", without("manifest")), "the manifest is missing.")


def test_an_altered_manifest_stops_the_system_with_a_sentence(damaged):
    altered = damaged("manifest", lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:])
    expect_stop(boot_with("altered-manifest", replaced("manifest", altered)), "the manifest is corrupt.")


def test_the_death_of_memory_stops_the_system_with_a_sentence():
    session.test_system()
    impostor = build_folder() / "tests" / "programs" / "stillborn.elf"
    expect_stop(boot_with("memory-dies", replaced("memory", impostor)),
                r"memory: life 1 was short at tests/programs/stillborn/stillborn.c:\d+\. "
                "Without memory nothing goes on.")


# --- a server that cannot live ---

STILLBORN = """
[server.stillborn]
about = "dies at its start"
image = "tests/programs/stillborn.elf"
priority = 10
quota = 64
lives = 4
backoff = 50
"""


def test_a_server_that_dies_at_each_start_is_given_up_on_loudly_and_the_rest_lives():
    session.test_system()
    folder = build_folder() / "stillborn"
    folder.mkdir(exist_ok=True)
    (folder / "system.toml").write_text((ROOT / "boot" / "system.toml").read_text(encoding="utf-8") + STILLBORN,
                                        encoding="utf-8")
    subprocess.run([sys.executable, "tools/system/build.py", "--out", folder, "--images", build_folder(),
                    folder / "system.toml"], cwd=ROOT, check=True)
    with session.start("stillborn", system="stillborn", quiet=False) as shell:
        shell.wait_row("stillborn: died too often and is given up on", 20)
        shell.press("ret")
        shell.wait_prompt()
        shell.machine.wait_log(r"^init: stillborn: given up after 4 deaths in a row$", 20)  # the line is slower than the screen
        lives = re.findall(r"init: stillborn: life (\d) was short", shell.machine.log())
        assert [int(life) for life in lives] == [1, 2, 3, 4]
        assert any(re.search(r"stillborn +server +given up", row) for row in shell.run("ps"))
        assert shell.run("echo alive") == ["alive"]
        shell.machine.quit()


def test_a_screen_server_that_cannot_live_holds_nobody_up_and_init_says_so_on_the_screen_itself():
    session.test_system()
    impostor = build_folder() / "tests" / "programs" / "stillborn.elf"
    with boot_with("vga-stillborn", replaced("vga", impostor), icount=True) as machine:
        machine.wait(lambda: "vga: given up after 10 deaths in a row" in machine.log(), "the end of its restarts", 40)
        machine.wait_screen("vga: died too often and is given up on")
        machine.wait(lambda: "init: vga: at 0x" in machine.log(), "a backtrace", 10)
        machine.quit()
