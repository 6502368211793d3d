# SPDX-License-Identifier: MIT
"""Cooperative tasks: in the server tasks, and in a program that is linked with libsys/async."""

import re

import pytest
import session
from harness.images import build_folder


@pytest.fixture(scope="module")
def shell():
    with session.start("tasks") as running:
        yield running


def table(shell):
    """{id: (name, state, polls, value)} of the command `tasks`."""
    rows = [row.split() for row in shell.run("tasks")[1:]]
    return {int(row[0]): (row[1], row[2], int(row[3]), int(row[4])) for row in rows}


def spawned(shell, text):
    return int(re.fullmatch(r"task (\d+): \w+", shell.run(f"tasks spawn {text}")[0])[1])


def figures(shell):
    found = re.findall(r"(\d+) (\w+)", shell.run("tasks figures")[0])
    return {name: int(number) for number, name in found}


def test_the_example_gives_its_number_and_does_not_crash(shell):
    rows = shell.run("tasks run example")
    assert rows[:2] == ["async number: 42", "It did not crash!"]
    assert re.fullmatch(r"task \d+: done, 0", rows[2])


def test_the_same_tasks_run_in_a_program(shell):
    assert shell.run("async example")[:2] == ["async number: 42", "It did not crash!"]
    assert "primes: 25 up to 100" in shell.run("async primes=100")


def test_a_task_is_listed_while_it_waits_and_ends_when_cancelled(shell):
    number = spawned(shell, "nap 1000000")
    assert table(shell)[number] == ("nap", "waiting", 1, 0)
    assert figures(shell)["alive"] == 1
    assert shell.run(f"tasks cancel {number}") == []
    assert table(shell)[number] == ("nap", "cancelled", 1, 0)
    assert figures(shell)["alive"] == 0
    assert shell.run(f"tasks join {number}") == [f"task {number}: cancelled, 0"]
    assert shell.run(f"tasks cancel {number}") == [f"tasks: {number}: nothing has that name or number"]


def test_join_waits_for_the_end_and_gives_the_result(shell):
    number = spawned(shell, "nap 3000")
    assert table(shell)[number][1] == "waiting"
    assert shell.run(f"tasks join {number}") == [f"task {number}: done, 0"]
    rows = shell.run("tasks run primes 3000")
    assert rows[0] == "primes: 430 up to 3000"
    number = int(re.fullmatch(r"task (\d+): done, 430", rows[1])[1])
    assert table(shell)[number] == ("primes", "done", 3002, 430), "it yields after each candidate"


def test_what_tasks_must_refuse_is_refused(shell):
    assert shell.run("tasks spawn nobody") == ["tasks: nobody: nothing has that name or number"]
    assert shell.run("tasks spawn dots many") == ["tasks: dots: a number is outside its range"]
    assert shell.run("tasks join 99999") == ["tasks: join: nothing has that name or number"]
    assert shell.run("tasks dance")[0].startswith("tasks [list")


def test_a_place_that_is_used_again_has_another_number(shell):
    seen = {spawned(shell, "nap 0") for _ in range(3)}
    before = figures(shell)
    shell.run("async nap=0 nap=0 nap=0")
    assert figures(shell)["spawned"] == before["spawned"], "a program has an executor of its own"
    assert len(seen) == 3 and seen <= set(table(shell))


def type_between_dots(shell, text):
    """Each character when a dot has come since the last one."""
    def dots():
        return sum(row.count(".") for row in shell.rows())

    for character in text:
        before = dots()
        shell.machine.wait(lambda: dots() > before, "a dot", 10)
        shell.feed(character)


def test_keys_and_dots_run_side_by_side_and_the_keys_keep_their_order(shell):
    shell.clear()
    # The dots come between the characters of the second line: nobody can look for its echo.
    shell.feed("tasks spawn dots 70\ntasks run keys\n", pause=0.03)
    type_between_dots(shell, "Hello\n")
    shell.wait_row(r"task \d+: done, 0")
    text = "".join(row for row in shell.rows() if row.startswith("."))
    assert re.search(r"H\.+e\.+l\.+l\.+o", text), text
    shell.machine.wait(lambda: sum(row.count(".") for row in shell.rows()) >= 70, "all dots", 10)
    shell.press("ret")
    shell.wait_prompt()


def test_keys_and_dots_run_side_by_side_in_a_program_too(shell):
    shell.enter("async dots=30 keys")
    type_between_dots(shell, "Hello\n")
    shell.wait_row(r"async: 2 tasks", timeout=15)
    text = "".join(row for row in shell.rows() if "." in row and "async" not in row)
    assert re.sub(r"\.", "", text) == "Hello", text
    shell.wait_prompt()


def test_the_keyboard_has_one_reader_among_the_tasks(shell):
    shell.enter("async keys keys")
    shell.wait_row(r"^keys: in use$")
    shell.press("ret")
    shell.wait_row(r"async: 2 tasks")
    shell.wait_prompt()


def test_an_executor_that_only_polls_does_so_while_nothing_happens(shell):
    def polls(text):
        return int(re.search(r"(\d+) polls", shell.run(text)[-1])[1])

    sleeping, polling = polls("async dots=3"), polls("async -p dots=3")
    assert sleeping == 4
    assert polling > 100 * sleeping


def test_a_task_that_never_yields_is_named_and_ended_and_the_others_go_on(shell):
    nap = spawned(shell, "nap 1000000")
    done = int(re.fullmatch(r"task (\d+): done, 25", shell.run("tasks run primes 100")[1])[1])
    mark = shell.log_mark()
    shell.enter("tasks spawn spin 1000000")
    spin = int(shell.wait_row(r"^task (\d+): spin$")[1])
    # Programs have lower priorities and wait; the keyboard's server does not, and keeps what is typed.
    shell.feed("echo still here\n", pause=0.05)
    shell.wait_row(rf"^tasks: task spin \({spin}\) was running when its server died, and is ended$", timeout=20)
    shell.wait_row(r"^still here$")
    assert f"tasks: task spin ({spin}) was running when its server died, and is ended" in shell.log_since(mark)
    left = table(shell)
    assert left[spin][:2] == ("spin", "cancelled")
    assert left[nap][:2] == ("nap", "waiting"), "it waits on in the next life"
    assert left[done][1:] == ("done", 102, 25)
    assert shell.run(f"tasks join {spin}") == [f"task {spin}: cancelled, 0"]
    assert shell.run(f"tasks cancel {nap}") == []


def test_tasks_live_on_when_their_server_is_killed(shell):
    number = spawned(shell, "nap 6000")
    shell.run("kill tasks")
    assert table(shell)[number][:2] == ("nap", "waiting")
    assert shell.run(f"tasks join {number}") == [f"task {number}: done, 0"]


def test_a_wake_up_at_every_instant_before_and_after_falling_asleep_is_seen():
    """Another process notifies by the timer's interrupt, a nanosecond, which is an instruction, later each time."""
    with session.start("sweep", system=session.test_system(), icount=True, budget=180) as shell:
        assert shell.run("sweep 6000", timeout=120) == ["sweep: 6000 of 6000 rung, 6000 slept"]


def test_tasks_that_wait_leave_the_processor_idle():
    plugin, counted = build_folder() / "meter.so", build_folder() / "log" / "tasks-idle.figures"
    extra = ["-plugin", f"{plugin},out={counted},start=0x100020"]

    def executed():
        return int.from_bytes(counted.read_bytes()[:8], "little")

    def seconds(shell):
        found = [int(n) for row in shell.rows() for n in re.findall(r"^clock: (\d+) s$", row)]
        return max(found, default=0)

    with session.start("tasks-idle", icount=True, extra=extra) as shell:
        shell.enter("tasks run clock 100000")
        shell.machine.wait(lambda: seconds(shell) > 0, "the first second", 10)
        first, before = seconds(shell), executed()
        shell.machine.wait(lambda: seconds(shell) > first + 60, "a minute", 60)
        used, passed = executed() - before, seconds(shell) - first
    # Each second one line is printed, which scrolls the whole screen; that is all.
    assert 0 < used <= passed * 1e9 / 1000, f"{used} instructions in {passed} s"
