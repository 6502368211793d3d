# SPDX-License-Identifier: MIT
"""The debugger that runs inside the system: typed at as a person does, and what its capabilities let it do."""

import re
import subprocess
import time

import bridged
import pytest
import session
from bridged import processes, refusal
from harness.images import build_folder

DEBUG, KILLED, EXIT = 1, 34, 32


def instructions(name, function):
    """[(address, text)] of a function of a program."""
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={function}",
                              build_folder() / f"user/{name}.debug"], capture_output=True, text=True, check=True).stdout
    return [(int(address, 16), text) for address, text in re.findall(r"^\s*([0-9a-f]+):\t(.*)$", listing, re.MULTILINE)]


@pytest.fixture(scope="module")
def shell():
    with session.start("debugger", system=session.test_system(), budget=240.0) as started:
        yield started


def start(shell, line, place):
    """`debug …` up to its first prompt."""
    if shell.last_row() == "debug>":  # what a test before left behind
        ask(shell, "kill", "annulet>")
    shell.enter(f"debug {line}")
    shell.wait_row(place)
    shell.machine.wait(lambda: shell.last_row() == "debug>", "the debugger's prompt", 10)


def ask(shell, line, end="debug>"):
    """Types a line at the debugger's prompt; returns the rows between it and the next prompt."""
    typed = f"debug> {line}"
    shell.feed(line)
    shell.machine.wait(lambda: shell.last_row() == typed, f"the line {line!r}", 10)
    shell.press("ret")
    shell.machine.wait(lambda: shell.last_row() == end, f"the prompt behind {line!r}", 20)
    rows = [row for row in shell.rows() if row]
    at = max(index for index, row in enumerate(rows) if row == typed)
    return rows[at + 1:-1]


def registers(shell):
    return {name: int(value, 16) for row in ask(shell, "registers") for name, value in re.findall(r"(\w+) +([0-9a-f]{16})", row)}


# --- from the first instruction to the last

def test_steps_show_every_instruction_and_its_registers(shell):
    start(shell, "hello", r"^hello stands at 0x")
    code = instructions("hello", "_start")
    before = registers(shell)
    assert (before["rip"], before["rsp"]) == (code[0][0], 0x7FFFE0000000)
    assert ask(shell, "step") == [f"stopped: {code[1][0]:#x} _start+{code[1][0] - code[0][0]:#x}"]
    assert registers(shell)["rip"] == code[1][0]
    place = next(index for index, (_, text) in enumerate(code) if text.startswith("call"))
    assert ask(shell, f"step {place - 1}")[0].startswith(f"stopped: {code[place][0]:#x} _start+")
    before = registers(shell)
    assert before["rsp"] % 16 == 0
    callee = int(code[place][1].split()[1], 16)
    assert ask(shell, "step") == [f"stopped: {callee:#x} start_main+0x0"]
    assert registers(shell)["rsp"] == before["rsp"] - 8
    stack = ask(shell, f"read {before['rsp'] - 8:#x} 8")
    assert bytes.fromhex("".join(stack[0].split()[1:9]))[::-1].hex() == f"{code[place + 1][0]:016x}"  # where it returns to
    assert ask(shell, "continue", "annulet>") == ["Hello World!", "hello exits with code 0"]


def test_a_register_that_is_changed_changes_what_the_program_does(shell):
    start(shell, "hello", r"^hello stands at 0x")
    end = next(address for address, text in instructions("hello", "main") if text.startswith("ret"))
    main = instructions("hello", "main")[0][0]
    assert ask(shell, f"break {end:#x}") == []
    assert ask(shell, f"break {end:#x}") == [f"{end:#x} is a breakpoint already"]
    assert ask(shell, "break") == [f"{end:#x} main+{end - main:#x}"]
    assert ask(shell, "continue") == ["Hello World!", f"breakpoint: {end:#x} main+{end - main:#x}"]
    assert registers(shell)["rax"] == 0
    assert ask(shell, "set rax 41") == [] and registers(shell)["rax"] == 41
    assert ask(shell, f"delete {end}") == [] and ask(shell, "break") == ["no breakpoint"]
    assert ask(shell, "continue", "annulet>") == ["hello exits with code 41"]


def test_a_backtrace_names_who_called(shell):
    start(shell, "hello", r"^hello stands at 0x")
    code = instructions("hello", "printf")
    ask(shell, f"break {code[0][0]:#x}")
    assert ask(shell, "continue")[0].endswith(" printf+0x0")
    ask(shell, f"step {1 + next(index for index, (_, text) in enumerate(code) if re.search('mov +%rsp,%rbp', text))}")
    assert [row.split()[1].split("+")[0] for row in ask(shell, "backtrace")] == ["printf", "main", "start_main", "_start"]
    ask(shell, "kill", "annulet>")


def test_memory_is_shown_and_changed_where_the_program_may_write(shell):
    start(shell, "say one", r"^say stands at 0x")
    assert ask(shell, "read 0x7ffff0000000 4") == ["0x7ffff0000000  41 6e 6e 75" + " " * 38 + "Annu"]
    assert ask(shell, "write 0x7ffff0000000 1") == ["0x7ffff0000000: the program itself may not write there"]
    code = instructions("say", "_start")[0][0]
    assert ask(shell, f"write {code} 0xcc") == [f"{code:#x}: the program itself may not write there"]
    top = registers(shell)["rsp"] - 16
    assert ask(shell, f"write {top:#x} 104 105") == []
    assert ask(shell, f"read {top:#x} 2")[0].endswith("hi")
    assert ask(shell, "continue", "annulet>") == ["one", "say exits with code 0"]


def test_what_it_does_not_understand_it_says(shell):
    start(shell, "hello", r"^hello stands at 0x")
    for line, answer in {"nonsense": "nonsense: no such command. Type help for a list.", "s": "s may be step or set",
                         "step x": "x is not a number: 0x401000 or 4198400", "step 0": "0 steps are none",
                         "set": "usage: set REGISTER VALUE", "set eax 1": "eax is no register: `registers` lists them",
                         "set rip 0x800000000000": "rip: the address is outside the user half, unaligned or wraps around",
                         "break 8": "0x8: nothing is mapped there", "delete 8": "8 is no breakpoint",
                         "read 0xffffffff80000000": "0xffffffff80000000: that does not lie in one page of the user half",
                         "write 4096 256": "256 is more than a byte holds", "read 1 2 3": "usage: read ADDRESS [COUNT]"}.items():
        assert ask(shell, line) == [answer], line
    assert [row.split()[0] for row in ask(shell, "help")] == ["step", "continue", "break", "delete", "registers", "set", "read",
                                                               "write", "backtrace", "kill", "quit", "help"]
    assert ask(shell, "kill", "annulet>") == []
    assert not any(" hello" in row for row in shell.run("ps"))


# --- faults

def test_a_fault_is_the_debuggers_first_and_then_the_supervisors(shell):
    start(shell, "probe null-write", r"^probe stands at 0x")
    answer = ask(shell, "continue")
    assert re.match(r"PAGE FAULT at address 0x0, error 0x6: 0x[0-9a-f]+ \w+\+0x", answer[-1])
    assert any(" start_main+" in row for row in ask(shell, "backtrace"))
    answer = ask(shell, "continue", "annulet>")
    assert answer[0].startswith("probe: PAGE FAULT: write to 0x0, not mapped") and answer[1] == "probe has ended"


def test_a_fault_that_was_mended_does_not_come_again(shell):
    start(shell, "probe null-write", r"^probe stands at 0x")
    place = int(re.search(r": (0x[0-9a-f]+) ", ask(shell, "continue")[-1])[1], 16)
    code = [address for address, _ in instructions("probe", re.search(r" (\w+)\+", ask(shell, "backtrace")[0])[1])]
    ask(shell, f"set rip {code[code.index(place) + 1]:#x}")
    # As though the store had succeeded.
    assert ask(shell, "continue", "annulet>") == ["FORBIDDEN THING WORKED: null-write", "probe exits with code 0"]


def test_a_panic_stops_before_it_ends(shell):
    start(shell, "probe panic", r"^probe stands at 0x")
    assert ask(shell, "continue")[-1].startswith("probe panics: ")
    assert any(" start_main+" in row for row in ask(shell, "backtrace"))
    assert any(row.startswith("probe: ") for row in ask(shell, "continue", "annulet>"))


# --- a program that runs

def test_a_running_program_is_attached_held_let_go_and_goes_on(shell):
    shell.enter("counter 50 &")
    number = shell.wait_row(r"^\[(\d+)\] counter$")[1]
    shell.wait_row(r"^3$")
    shell.press("ret")
    shell.clear()
    shell.feed(f"debug {number}\n")
    shell.wait_row(r"^counter stands at 0x")
    shell.machine.wait(lambda: shell.last_row() == "debug>", "the debugger's prompt", 10)
    assert any(" start_main+" in row for row in ask(shell, "backtrace"))
    stands = shell.rows()
    time.sleep(0.4)
    assert shell.rows() == stands  # it counts no further
    assert ask(shell, "step")[-1].startswith("stopped: 0x")  # out of its sleep, which its deadline ended
    shell.feed("continue\n")
    shell.wait_row(r"^6$")
    shell.press("ctrl", "c")
    shell.wait_row(r"^held: 0x")
    shell.machine.wait(lambda: shell.last_row() == "debug>", "the debugger's prompt", 10)
    last = max(int(row) for row in shell.rows() if row.isdigit())
    shell.feed("quit\n")
    shell.wait_row(rf"^{last + 2}$")
    shell.press("ctrl", "c")
    shell.machine.wait(lambda: any(row.startswith("annulet>") for row in shell.rows()), "the shell", 10)
    shell.feed(f"kill {number}\n")
    shell.wait_row(rf"^\[{number}\] counter: killed$")


def test_a_server_is_not_debugged_nor_what_is_not_there(shell):
    kbd = next(row.split()[0] for row in shell.run("ps") if " kbd " in row)
    assert shell.run(f"debug {kbd}") == [f"{kbd} cannot be debugged: the caller may not do that"]
    assert shell.run("debug kbd")[0].startswith("kbd: no such command or program.")
    assert shell.run("debug 999999")[0].startswith("999999: no such command or program.")
    assert shell.run("debug")[0].startswith("debug NAME [WORD]...|ID")
    assert shell.run("run debug hello")[0].startswith("There is nothing to debug.")


# --- what it may, and what is left when it is gone

@pytest.fixture(scope="module")
def system():
    with bridged.connected("debugger-bridge") as connected:
        yield connected


def free(system):
    """Frames that nobody uses, when they have come to rest."""
    system.machine.wait(lambda: not {"hello", "debug", "nosy", "counter"} & set(processes(system)), "the programs' ends", 20)
    return system.memory.figures().free


def typed(system, line):
    shell = session.Session(system.machine)
    shell.feed(line + "\n")
    return shell


def test_nobody_but_a_debugger_looks_into_a_process(system):
    refusal("ERR_DENIED", system.init.look, 0x7FFFF0000000, 8)
    refusal("ERR_DENIED", system.init.change, 0x7FFFDFFFFFF8, b"x")
    refusal("ERR_DENIED", system.init.symbol, 0x401000, False)
    refusal("ERR_DENIED", system.init.finish)


def test_a_debugger_may_nothing_but_what_is_its_debuggees(system):
    before = free(system)
    started = system.init.debug("nosy", 0, "hello")
    assert system.init.wait(started.id).cause == EXIT
    rows = [row for row in system.machine.screen_text().split("\n") if ": " in row]
    assert "its thread: ERR_NO_CAP" in rows and len(rows) >= 22 and not any("WRONG" in row for row in rows)
    assert system.init.wait(started.debuggee).cause == KILLED
    assert free(system) == before


def test_a_program_has_one_debugger(system):
    counter = system.init.spawn("counter").id
    debugger = system.init.debug("debug", counter).id
    refusal("ERR_BUSY", system.init.debug, "debug", counter)
    refusal("ERR_NOT_FOUND", system.init.debug, "nobody", counter)
    refusal("ERR_NOT_FOUND", system.init.debug, "debug", 0, "nobody")
    refusal("ERR_BAD_MESSAGE", system.init.debug, "debug", 0, "hello", b"open")
    system.init.kill(debugger)
    assert system.init.wait(debugger).cause == KILLED
    again = system.init.debug("debug", counter).id
    for one in (again, counter):
        system.init.kill(one)
        assert system.init.wait(one).cause == KILLED


def test_when_the_debugger_is_killed_a_fault_that_it_holds_is_the_supervisors_and_no_frame_is_lost(system):
    before = free(system)
    started = system.init.debug("debug", 0, "hello")
    shell = typed(system, "step 3")
    shell.wait_row(r"^stopped: 0x")  # it stands in a fault: a single step
    system.init.kill(started.id)
    assert system.init.wait(started.debuggee).cause == DEBUG
    shell.wait_row(r"^hello: DEBUG at 0x[0-9a-f]+ _start\+")
    assert free(system) == before


def test_when_the_debugger_is_killed_what_it_held_goes_on(system):
    before = free(system)
    started = system.init.debug("debug", 0, "hello")
    shell = session.Session(system.machine)
    shell.wait_row(r"^hello stands at 0x")
    system.init.kill(started.id)
    assert system.init.wait(started.debuggee) == (EXIT, 0, 0)
    shell.wait_row("Hello World!$")
    assert free(system) == before


def test_what_is_killed_under_the_debugger_ends_it(system):
    before = free(system)
    started = system.init.debug("debug", 0, "counter")
    shell = typed(system, "continue")
    shell.wait_row("^2$")
    system.init.kill(started.debuggee)
    assert system.init.wait(started.id) == (EXIT, 0, 0)
    shell.wait_row("^counter has ended$")
    assert free(system) == before
