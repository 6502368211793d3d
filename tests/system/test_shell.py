# SPDX-License-Identifier: MIT
"""The shell as a person meets it: typed at with the PC keyboard, read off the screen."""

import re
import time

import pytest

import session
from harness.images import ROOT
from harness.verdict import PoweredOff

PROMPT = session.PROMPT
COMMANDS = ["help", "echo", "clear", "run", "debug", "kill", "ps", "mem", "vmap", "caps", "log", "tasks", "uptime", "reboot", "poweroff"]


@pytest.fixture(scope="module")
def shell():
    with session.start("shell", budget=240.0) as started:
        yield started


def start_in_background(shell, line, output):
    """Starts a program and waits for its first output, which comes behind the prompt; returns its number."""
    shell.enter(f"{line} &")
    number = shell.wait_row(rf"^\[(\d+)\] {line.split()[0]}$")[1]
    shell.wait_row(output)
    return number


def test_echo_prints_its_words(shell):
    assert shell.run("echo hello there") == ["hello there"]


def test_quotes_keep_blanks_and_the_ampersand(shell):
    assert shell.run("echo 'a  b' \"c & d\" e\\ f") == ["a  b c & d e f"]


def test_an_open_quote_is_named(shell):
    assert shell.run("echo 'a") == ["a quote is not closed"]


def test_help_lists_every_command_and_every_program(shell):
    rows = shell.run("help")
    assert [row.split()[0] for row in rows[:len(COMMANDS)]] == COMMANDS
    programs = rows[-1].split()
    assert programs[0] == "programs:"
    assert {"hello", "counter", "say", "probe"} <= set(programs)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_explains_each_command(shell, command):
    rows = shell.run(f"help {command}")
    assert rows[0].startswith(command) and len(rows) >= 2


def test_help_explains_a_program_as_system_toml_does(shell):
    assert shell.run("help hello") == ["hello [WORD]... [&]", "  a program: prints a greeting: the program to copy"]
    assert shell.run("help helo") == ["helo: no such command or program. Did you mean help?"]


def test_an_unknown_command_says_so_and_suggests_the_nearest(shell):
    assert shell.run("ehco hello") == ["ehco: no such command or program. Did you mean echo?"]
    assert shell.run("helo") == ["helo: no such command or program. Did you mean help?"]
    assert shell.run("conuter") == ["conuter: no such command or program. Did you mean counter?"]
    assert shell.run("xyzzy") == ["xyzzy: no such command or program. Type help for a list."]
    assert shell.run("run probbe") == ["probbe: no such command or program. Did you mean probe?"]


def test_an_empty_line_does_nothing(shell):
    shell.clear()
    shell.press("ret")
    shell.machine.wait(lambda: shell.rows()[23:] == [PROMPT.rstrip()] * 2, "two prompts", 5)


def test_hello_prints_in_light_cyan(shell):
    assert shell.run("hello") == ["Hello World!"]
    cells = shell.machine.cells()
    row = next(r for r in range(25) if cells.row(r) == "Hello World!")
    memory = cells.memory[row * 160:row * 160 + 24]
    assert memory[:4] == bytes([0x48, 0x0B, 0x65, 0x0B])
    assert memory == b"".join(bytes([ord(c), 0x0B]) for c in "Hello World!")
    assert cells.attributes(24)[:8] == bytes([0x07]) * 8, "the colour stays with the program that set it"


def test_run_starts_a_program_by_name(shell):
    assert shell.run("run hello") == ["Hello World!"]


def test_a_program_gets_its_arguments(shell):
    assert shell.run("say one 'two three'") == ["one two three"]
    assert shell.run("run say four") == ["four"]


def test_exit_codes_are_told_but_for_zero(shell):
    assert shell.run("probe exit 7")[-1] == "probe: exit code 7"
    assert not any("exit code" in row for row in shell.run("probe exit 0")[1:])


def test_ctrl_c_ends_a_program_that_loops(shell):
    shell.enter("counter 20")
    shell.wait_row(r"^5$")
    shell.press("ctrl", "c")
    shell.wait_row(r"^counter: killed$")
    shell.wait_prompt()
    assert not any(" counter " in row for row in shell.run("ps"))


def test_ctrl_c_ends_a_program_that_never_calls_the_kernel(shell):
    shell.enter("probe spin")
    shell.wait_row(r"goes on until killed")
    time.sleep(0.2)
    shell.press("ctrl", "c")
    shell.wait_row(r"^probe: killed$")
    shell.wait_prompt()


def test_an_ampersand_leaves_the_prompt_and_kill_ends_the_program(shell):
    number = start_in_background(shell, "probe sleep", "returns")
    rows = shell.run("ps")
    assert any(re.match(rf" *{number} probe +program +running", row) for row in rows), rows
    shell.enter(f"kill {number}")
    shell.wait_row(rf"^\[{number}\] probe: killed$")
    shell.wait_prompt()
    assert shell.run(f"kill {number}") == [f"{number}: nothing has that name or number"]


def test_programs_in_the_background_leave_a_place_for_one_in_front(shell):
    numbers = []
    for _ in range(15):
        shell.enter("probe sleep 100 &")
        numbers.append(shell.wait_row(r"^\[(\d+)\] probe$")[1])
        shell.wait_row("returns")
    assert shell.run("hello &") == ["15 programs run in the background already: kill one first"]
    assert shell.run("hello") == ["Hello World!"]
    shell.enter("kill " + " ".join(numbers))
    shell.wait_row(rf"^\[{numbers[-1]}\] probe: killed$")
    shell.wait_prompt()


def test_eight_programs_that_compute_without_end_leave_the_shell_its_turns(shell):
    numbers = []
    for _ in range(8):
        shell.enter("probe spin &")
        numbers.append(shell.wait_row(r"^\[(\d+)\] probe$")[1])
        shell.wait_row("until killed")
    for turn in range(3):
        assert shell.run(f"echo turn {turn}") == [f"turn {turn}"]
    shell.enter("kill " + " ".join(numbers))
    shell.wait_row(rf"^\[{numbers[-1]}\] probe: killed$")
    shell.wait_prompt()


def test_kill_takes_a_name(shell):
    start_in_background(shell, "counter 60000", "1$")
    shell.enter("kill counter")
    shell.wait_row(r"\] counter: killed$")
    shell.wait_prompt()


def test_kill_refuses_what_is_not_there_and_what_holds_the_rest(shell):
    assert shell.run("kill nobody") == ["nobody: nothing has that name or number"]
    assert shell.run("kill 0") == ["0: nothing has that name or number"]
    assert shell.run("kill init") == ["init: the caller may not do that"]
    assert shell.run("kill memory") == ["memory: the caller may not do that"]


def test_a_background_program_ends_while_a_line_is_typed(shell):
    start_in_background(shell, "probe sleep 2", "returns")
    shell.clear()
    shell.type("echo half")
    shell.wait_row(r"\] probe: done$")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "echo half", "the line again", 5)
    shell.type(" whole")
    shell.press("ret")
    shell.wait_row(r"^half whole$")
    shell.wait_prompt()


def test_what_is_typed_while_a_program_runs_comes_after_it(shell):
    shell.enter("probe sleep 1")
    shell.wait_row("returns")
    shell.feed("echo later\n", pause=0.02)
    shell.wait_row(r"^later$")
    shell.wait_prompt()


def test_ps_lists_servers_and_programs(shell):
    rows = shell.run("ps")
    assert rows[0].split()[:2] == ["ID", "NAME"]
    listed = {row.split()[1]: row for row in rows[1:]}
    for name in ("init", "memory", "vga", "kbd", "echo"):
        assert "server" in listed[name] and "running" in listed[name], rows
    assert "running" in listed["shell"]


def test_mem_adds_up(shell):
    rows = shell.run("mem")
    figures = {row.split()[0]: int(row.split()[1]) for row in rows[:5]}
    assert figures["total"] == sum(figures[part] for part in ("free", "processes", "init", "books"))
    assert 20000 < figures["free"] < 32768
    assert any(" shell " in row for row in rows)


def test_nothing_is_lost_when_programs_come_and_go(shell):
    def free():
        return int(next(row for row in shell.run("mem") if row.startswith("free")).split()[1])

    shell.run("hello")
    before = free()
    for _ in range(3):
        shell.run("hello")
        shell.run("probe null-write")
        shell.run("probe hog", timeout=30)
    assert free() == before


def test_caps_names_what_the_shell_holds(shell):
    rows = shell.run("caps")
    table = {row.split()[1]: row for row in rows if re.match(r" *\d+ \w", row)}
    assert {"vga", "kbd", "memory", "init", "self", "clock", "log", "power"} <= set(table)
    assert "endpoint" in table["vga"] and " s" in table["vga"]


def test_log_shows_the_kernels_last_lines(shell):
    shell.run("probe bad-syscall")
    rows = shell.run("log 3")
    assert any(row.startswith("probe: ") for row in rows), rows
    assert len(rows) >= 3
    assert shell.run("log many") == ["log: many is not a number of lines"]


def test_uptime_goes_on(shell):
    def seconds():
        found = re.fullmatch(r"up (\d+) h (\d\d) min (\d\d\.\d\d\d) s", shell.run("uptime")[0])
        return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])

    first = seconds()
    time.sleep(0.3)
    assert 0 < seconds() - first < 30


def test_the_line_editor_works_on_the_screen(shell):
    shell.clear()
    shell.type("ecko hallo")
    shell.tap("left", times=8)
    shell.tap("backspace", "delete", "c", "h", "end", "backspace", "backspace")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "echo hal", "the edited line", 5)
    shell.press("ctrl", "a")
    shell.tap("delete", "e")
    shell.press("ctrl", "e")
    shell.tap("x", "ret")
    shell.wait_row(r"^halx$")
    shell.wait_prompt()


def test_ctrl_u_and_ctrl_k_cut(shell):
    shell.clear()
    shell.type("wrong echo right left")
    shell.tap("left", times=5)
    shell.press("ctrl", "k")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "wrong echo right", "the end cut off", 5)
    shell.tap("left", times=10)
    shell.press("ctrl", "u")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "echo right", "the start cut off", 5)
    shell.press("ret")
    shell.wait_row(r"^right$")
    shell.wait_prompt()


def test_arrows_bring_back_earlier_lines(shell):
    shell.run("echo first")
    shell.run("echo second")
    shell.press("up")
    shell.press("up")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "echo first", "the line before the last", 5)
    shell.press("down")
    shell.machine.wait(lambda: shell.last_row() == PROMPT + "echo second", "the last line", 5)
    shell.press("down")
    shell.machine.wait(lambda: shell.last_row() == PROMPT.rstrip(), "the empty line", 5)


def test_a_line_longer_than_a_row_can_be_edited(shell):
    shell.clear()
    text = "echo " + "abcdefghij" * 8
    shell.feed(text, pause=0.01)
    whole = PROMPT + text
    shell.machine.wait(lambda: shell.rows()[23:] == [whole[:80], whole[80:]], "two rows", 5)
    shell.press("home")
    shell.tap("delete", times=5)
    shell.feed("echo x\n", pause=0.02)
    shell.machine.wait(lambda: ("x" + "abcdefghij" * 8)[:80] in shell.rows(), "the line, edited at its start", 5)
    shell.wait_prompt()


def test_ctrl_c_forgets_a_line(shell):
    shell.clear()
    shell.type("echo never")
    shell.press("ctrl", "c")
    shell.wait_prompt()
    assert "never" not in shell.rows()
    assert PROMPT + "echo never^C" in shell.rows()


def test_clear_leaves_the_prompt_alone_on_the_screen(shell):
    shell.run("echo something")
    shell.enter("clear")
    shell.machine.wait(lambda: shell.machine.screen_text().strip() == PROMPT.rstrip(), "an empty screen", 5)


def test_a_panic_ends_only_its_program(shell):
    rows = shell.run("probe panic 'out of tea'")
    assert any(re.search(r"probe: .*out of tea at user/probe/endings\.c:\d+", row) for row in rows), rows
    assert shell.run("say ping") == ["ping"]
    rows = shell.run("probe assert")
    assert any("assertion failed: argc > 100" in row for row in rows), rows
    assert shell.run("say ping") == ["ping"]


@pytest.mark.parametrize("server", ["vga", "kbd", "echo"])
def test_the_shell_goes_on_when_a_server_is_killed(shell, server):
    shell.enter(f"kill {server}")
    shell.machine.wait_log(rf"{server}: killed", 10)
    shell.wait_prompt()
    # What is typed a moment later arrives: the shell has found the new life of whatever it was.
    time.sleep(0.6)
    assert shell.run("say still here") == ["still here"]
    rows = shell.run("ps")
    assert any(re.match(rf" *\d+ {server} +server +running +\d+ +\d+ +\d+ +[1-9]", row) for row in rows), rows


@pytest.mark.parametrize("server", ["vga", "echo"])
def test_a_server_that_is_killed_a_dozen_times_in_a_row_is_back_at_once_each_time(shell, server):
    for _ in range(12):
        mark = shell.log_mark()
        shell.enter(f"kill {server}")
        shell.machine.wait(lambda: f"{server}: killed" in shell.log_since(mark), "the sentence", 10)
        shell.wait_prompt(2)
    assert shell.run("say still here") == ["still here"]


def documented_session():
    """(line, rows below it) of the session that opens docs/shell.md."""
    page = (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
    block = re.search(r"(?:^    .*\n)+", page, re.MULTILINE)[0]
    rows = [row[4:] for row in block.splitlines()]
    starts = [i for i, row in enumerate(rows) if row.startswith(PROMPT)]
    return [(rows[i][len(PROMPT):], rows[i + 1:j]) for i, j in zip(starts, [*starts[1:], len(rows)])]


@pytest.mark.parametrize("line, rows", documented_session())
def test_the_page_about_the_shell_shows_what_happens(shell, line, rows):
    assert shell.run(line) == rows


def test_reboot_and_poweroff_reach_the_machine():
    for command, reason in (("reboot", "guest-reset"), ("poweroff", "guest-shutdown")):
        with session.start(f"shell-{command}", budget=60.0) as started:
            try:
                started.enter(command)
            except PoweredOff:
                pass  # it was off before QEMU had answered that the key was pressed
            assert started.machine.wait_exit(10) == reason
