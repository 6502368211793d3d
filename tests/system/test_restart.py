# SPDX-License-Identifier: MIT
"""Restarts that lose nothing: same endpoint, keep regions, repeated calls, heartbeats; deaths explained."""

import random
import re
import string
import subprocess
import sys
import threading
import time
import zlib

import pytest

import session
from harness.gdb import Debugger
from harness.images import ROOT, BootList, build_folder
from harness.keys import keys_of


USER_KEEP = 0x7FFFD0000000  # abi/layout.h


@pytest.fixture(scope="module")
def shell():
    with session.start("restart", system=session.test_system(), budget=300.0) as started:
        yield started


def ps(shell, name):
    return next(row.split() for row in shell.run("ps") if f" {name} " in row)


# --- nothing that was typed is lost ---

SENTENCES = {"kbd: killed", "vga: killed"}


def shown(shell):
    """The screen as one text, without the sentences that init put between: each is a row of its own."""
    return "".join(row.rstrip() for row in shell.rows() if row.rstrip() not in SENTENCES)


def type_on(shell, text):
    """Types like somebody quick, at most three keys ahead of the screen: the PS/2 queue of 16 bytes has to hold what comes
    while nobody reads it."""
    for at, character in enumerate(text):
        time.sleep(0.015)
        shell.machine.send_key(*keys_of(character))
        wanted = text[:max(0, at - 1)].rstrip()
        shell.machine.wait(lambda: wanted in shown(shell), f"the echo of {wanted!r}", 20)


def test_three_hundred_characters_typed_while_kbd_and_vga_are_killed_arrive_whole(shell):
    letters = random.Random(3).choices(string.ascii_letters + string.digits, k=300)
    halves = "".join(letters[:150]), "".join(letters[150:])
    shell.clear()
    mark = shell.log_mark()
    for half in halves:
        shell.enter("spawner storm 3 &")
        before = shell.machine.log().count(": killed")
        type_on(shell, "echo " + half)
        assert shell.machine.log().count(": killed") >= before + 2, "they were to die meanwhile"
        shell.press("ret")
        shell.machine.wait(lambda half=half: shown(shell).count(half) == 2, "what was typed, and its echo", 20)
        shell.wait_row("spawner: done", 20)  # before the screen is cleared, or it would come after
    log = shell.log_since(mark)
    assert log.count("init: kbd: killed") == 6 and log.count("init: vga: killed") == 6
    assert "thrown away" not in log and "cannot" not in log
    shell.settle(10.5)  # a life of ten seconds forgives the deaths before: the next restart is immediate again


def test_caps_lock_outlives_the_keyboards_server(shell):
    shell.clear()
    shell.press("caps_lock")
    shell.feed("KILL KBD", 0.05)  # with Shift, which turns Caps Lock around: small letters
    shell.machine.wait(lambda: "kill kbd" in shown(shell), "the line", 5)
    shell.press("ret")
    shell.machine.wait(lambda: shell.machine.cells().row(24) == session.PROMPT.rstrip(), "a prompt", 10)
    shell.machine.send_key("x")
    shell.machine.wait(lambda: shell.last_row() == session.PROMPT + "X", "a capital letter", 5)
    shell.press("caps_lock")
    shell.press("backspace")
    shell.wait_prompt()


def test_a_read_that_waits_while_its_server_dies_is_asked_again_by_the_stub(shell):
    mark = shell.log_mark()
    shell.enter("spawner storm 1 &")
    shell.wait_prompt()
    shell.type("keys events")
    shell.press("ret")
    shell.machine.wait(lambda: "the storm is over" in shell.log_since(mark), "both deaths", 10)
    shell.machine.wait(lambda: shell.log_since(mark).count("kbd: PS/2 keyboard") == 1, "the successor", 10)
    shell.press("q")
    shell.press("esc")
    shell.machine.wait(lambda: "010+71/" in shown(shell) and " end" in shown(shell), "the events", 10)
    shell.wait_prompt()


def test_a_caller_that_comes_while_the_server_is_away_is_served_by_the_successor(shell):
    born = int(re.search(r"life (\d+)", shell.run("poke answer")[0])[1])
    rows = shell.run("poke exit exit answer")  # the second restart in a row is not immediate
    assert rows[-1] == f"answer: life {born + 2}"


def address_of(image, function):
    table = subprocess.run(["nm", build_folder() / f"{image}.debug"], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^(\w+) [Tt] {function}$", table, re.M)[1], 16)


@pytest.mark.parametrize("step", ["notified", "i8042_read", "subscribers_notify", "irq_ack"])
def test_a_key_arrives_once_whether_kbd_dies_before_it_reads_the_byte_or_after_it_committed_it(boot, tmp_path, step):
    """gdb lets kbd jump to nowhere at a step of its interrupt: the line is masked, the byte in the controller or done."""
    debugger = Debugger(boot, tmp_path, name=f"kbd-dies-at-{step}", budget=90.0)
    debugger.run("continue&")
    shell = session.Session(debugger.machine)
    shell.wait_prompt(60)
    gdb = threading.Thread(target=debugger.run, args=(f"hbreak *{address_of('servers/kbd', step):#x}", "continue",
                                                      "delete", "set $rip = 0"))
    gdb.start()
    sent = 0
    while gdb.is_alive() and sent < 30:  # the first ones may come before gdb does
        shell.press("x")
        sent += 1
        gdb.join(0.5)
    gdb.join()
    shell.machine.wait(lambda: "kbd: goes on with" in shell.machine.log(), "the successor", 10)
    shell.press("y")
    shell.machine.wait(lambda: "y" in shell.last_row(), "the key behind", 10)
    typed = re.sub(r"kbd: PAGE FAULT.*", "", "\n".join(shell.rows())).split("annulet>")[-1]
    assert "".join(typed.split()) == "x" * sent + "y"
    shell.machine.wait_log("init: kbd: PAGE FAULT: jump to 0x0", 5)
    shell.machine.quit()


# --- keep regions ---

def test_a_successor_finds_what_was_committed_and_nothing_that_was_not(shell):
    rows = shell.run("poke exit keep exit kept tear exit kept")
    committed = next(row for row in rows if row.startswith("keep: "))[6:]
    assert [row[6:] for row in rows if row.startswith("kept: ")] == [committed, committed]


def test_what_was_scribbled_over_is_thrown_away_and_the_log_says_so(shell):
    mark = shell.log_mark()
    assert "kept: life 0" in shell.run("poke keep scribble exit kept")
    shell.machine.wait(lambda: "fragile: what the last life left is thrown away: wrong magic" in shell.log_since(mark),
                       "the reason", 5)


@pytest.fixture(scope="module")
def line():
    """The test system without the bridge: what arrives on COM2 waits in serial."""
    listed = BootList(build_folder(), session.test_system()).modules
    with session.start("serial-kept", system="tests", modules=[module for module in listed if module[1] != "bridge"],
                       budget=120.0) as started:
        yield started


def waiting(shell):
    return int(re.fullmatch(r"(\d+) bytes wait", shell.run("com2 queued")[-1])[1])


def read_back(shell, data):
    assert shell.run(f"com2 read {len(data)}")[-1] == f"{len(data)} bytes, checksum {zlib.crc32(data):08x}"
    assert waiting(shell) == 0


def test_what_serial_has_received_is_there_when_its_successor_is_asked(line):
    data = random.Random(4).randbytes(3000)
    line.machine.com2_send(data)
    line.machine.wait(lambda: waiting(line) == len(data), "all bytes", 20)
    mark = line.log_mark()
    line.run("kill serial")
    line.told(mark, f"^serial: goes on with {len(data)} unread bytes$")
    read_back(line, data)


def test_bytes_that_arrive_while_serial_dies_and_while_it_is_away_are_all_there(line):
    data = random.Random(5).randbytes(6000)
    sender = threading.Thread(target=line.machine.com2_send, args=(data,))
    line.enter("spawner wear serial 5")
    sender.start()
    line.wait_prompt(30)
    sender.join()
    line.machine.wait(lambda: waiting(line) == len(data), "all bytes", 20)
    read_back(line, data)


def test_a_broken_queue_is_thrown_away_by_serial_and_the_log_says_so(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, name="keep-serial", budget=90.0)
    magic = int.from_bytes(b"serialke"[::-1], "big")
    debugger.run(f"hbreak *{address_of('servers/serial', 'kept_input'):#x}", "continue",
                 f"set {{unsigned long}}{USER_KEEP:#x} = {magic:#x}")
    shell = session.Session(debugger.machine)
    shell.wait_prompt(60)
    shell.machine.wait_log("^serial: what the last life left is thrown away: wrong version$", 5)
    shell.machine.wait_log("^serial: COM2, 16550A", 5)
    shell.machine.quit()


@pytest.mark.parametrize("name", ["vga", "kbd"])
def test_a_driver_checks_what_it_finds_says_so_and_goes_on_without(boot, tmp_path, name):
    """gdb writes the head of a state into the keep region before the server has looked: magic and version, no checksum."""
    debugger = Debugger(boot, tmp_path, name=f"keep-{name}", budget=90.0)
    look = address_of(f"servers/{name}", "keep_open")
    magic = int.from_bytes(f"{name}-keep".encode(), "little")
    debugger.run(f"hbreak *{look:#x}", "continue", f"set {{unsigned long}}{USER_KEEP:#x} = {magic:#x}",
                 f"set {{unsigned int}}{USER_KEEP + 8:#x} = 1")
    shell = session.Session(debugger.machine)
    shell.wait_prompt(60)
    shell.machine.wait_log(f"{name}: what the last life left is thrown away: wrong checksum", 5)
    shell.run(f"kill {name}")
    assert shell.run("echo still here") == ["still here"]
    assert shell.machine.log().count("thrown away") == 1
    shell.machine.quit()


# --- heartbeats ---

def test_a_server_that_spins_is_found_and_restarted(shell):
    born = int(re.search(r"life (\d+)", shell.run("poke answer")[0])[1])
    mark = shell.log_mark()
    rows = shell.run("poke spin answer")
    assert "fragile: hangs: no answer to its heartbeat in 200 ms" in rows
    assert rows[-2:] == ["spin: the server died before it answered", f"answer: life {born + 1}"]
    shell.machine.wait(lambda: "init: fragile: hangs: no answer" in shell.log_since(mark), "the sentence", 5)
    assert ps(shell, "fragile")[7:] == [str(born), str(born + 1), "hung"], "restarts, life, last end"


def test_nobody_who_answers_is_suspected():
    """Where only instructions take time, hours pass in seconds when nothing happens; each has 7,200 heartbeats."""
    with session.start("heartbeats", icount=True) as shell:
        shell.settle(5)
        assert "hangs" not in shell.machine.log()
        assert shell.run("echo all well") == ["all well"]
        shell.machine.quit()


# --- a death explained ---

def whole_log_since(shell, mark):
    """With the last line of a death: the log leaves the machine by interrupts, later than the sentence is shown."""
    shell.machine.wait(lambda: re.search(r"rflags=\w+\n", shell.log_since(mark)), "the registers", 5)
    return shell.log_since(mark)


def explained(log):
    """What the host tool makes of a log: its lines."""
    done = subprocess.run([sys.executable, ROOT / "tools/explain.py", "--build", build_folder()], input=log, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_log_tells_generation_number_backtrace_and_registers_and_the_host_tool_the_lines(shell):
    mark = shell.log_mark()
    rows = shell.run("poke panic")
    log = whole_log_since(shell, mark)
    place = re.search(r"asked to panic in life (\d+) at (tests/programs/fragile/fragile.c:\d+)", "".join(rows))
    assert place and f"init: fragile: that was life {place[1]}, process " in log
    for register in ("rip", "rsp", "rbp", "rax", "r15", "rflags"):
        assert re.search(rf"^init: fragile:.* {register}=[0-9a-f]{{16}}", log, re.M)
    assert not [row for row in rows if "rip=" in row or "start_main" in row], "the screen has the sentence alone"
    lines = explained(log)
    called = next(i for i, line in enumerate(lines) if re.match(r"init: fragile: at 0x\w+ panic_at", line))
    assert lines[called + 1].startswith("    panic_at at libsys/panic.c:")
    assert f"    obey at {place[2]}" in lines
    assert any(re.match(r"    main at tests/programs/fragile/fragile.c:\d+", line) for line in lines)
    assert set(log.splitlines()) <= set(lines), "the log itself is all there"


def test_the_host_tool_explains_a_fault_and_a_kernel_panic_too(shell):
    mark = shell.log_mark()
    shell.run("poke write")
    said = "kernel: KERNEL PANIC\nkernel:   {:#x} x+0x1\n"
    lines = explained(whole_log_since(shell, mark) + said.format(address_of("kernel", "panic")))
    fault = next(i for i, line in enumerate(lines) if "PAGE FAULT: write" in line)
    assert re.match(r"    \w+ at tests/programs/fragile/fragile.c:\d+", lines[fault + 1])
    assert re.match(r"    panic at kernel/panic.c:\d+", lines[-1])
