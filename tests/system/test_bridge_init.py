# SPDX-License-Identifier: MIT
"""init, called from outside: programs are started, awaited, listed and ended."""

import bridged
import pytest
from bridged import processes, refusal

PAGE_FAULT, EXIT, KILLED = 14, 32, 34
RUNNING = 1


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-init") as connected:
        yield connected


def names(system):
    from interfaces.wire import ServerError
    found = []
    try:
        while True:
            found.append(system.init.program(len(found)).name)
    except ServerError as error:
        assert error.name == "ERR_NOT_FOUND"
        return found


def test_a_program_is_started_and_its_end_is_told(system):
    ended = system.notification()
    started = system.init.spawn("hello", ended=ended)
    assert ended.wait(10) and system.init.wait(started.id) == (EXIT, 0, 0)


def test_a_program_gets_its_arguments(system):
    system.init.wait(system.init.spawn("say", b"typed\0call\0").id)
    assert "typed call" in system.machine.screen_text()


def test_a_wait_that_begins_before_the_end_is_answered_at_it(system):
    started = system.init.spawn("counter").id
    wait = system.background(system.init.wait, started)
    wait.join(0.3)
    assert wait.is_alive()
    system.init.kill(started)
    assert wait.result().cause == KILLED


def test_two_may_wait_for_the_same_end(system):
    started = system.init.spawn("counter").id
    waits = [system.background(system.init.wait, started) for _ in range(2)]
    waits[0].join(0.3)
    system.init.kill(started)
    assert [wait.result().cause for wait in waits] == [KILLED, KILLED]


def test_a_fault_is_told_with_its_vector(system):
    assert system.init.wait(system.init.spawn("probe", b"null-write\0").id).cause == PAGE_FAULT


def test_every_process_has_another_number(system):
    started = [system.init.spawn("hello").id for _ in range(3)]
    assert len(set(started)) == 3 and started == sorted(started)


def test_the_same_program_can_run_twice(system):
    started = [system.init.spawn("counter").id for _ in range(2)]
    for one in started:
        system.init.kill(one)
        assert system.init.wait(one).cause == KILLED


def test_by_name_the_youngest_is_ended(system):
    first, second = (system.init.spawn("counter").id for _ in range(2))
    system.init.kill(0, "counter")
    assert system.init.wait(second).cause == KILLED
    system.init.kill(first)


def test_an_unknown_name_is_not_started(system):
    refusal("ERR_NOT_FOUND", system.init.spawn, "nobody")


def test_a_server_is_not_started_as_a_program(system):
    refusal("ERR_NOT_FOUND", system.init.spawn, "echo")


def test_an_empty_name_is_not_started(system):
    refusal("ERR_NOT_FOUND", system.init.spawn, "")


def test_a_name_that_is_too_long_is_refused_before_it_is_sent(system):
    with pytest.raises(ValueError):
        system.init.spawn("n" * 24)


def test_an_argument_without_its_nul_is_refused(system):
    refusal("ERR_BAD_MESSAGE", system.init.spawn, "hello", b"open")


def test_nobody_ends_init_or_memory(system):
    refusal("ERR_DENIED", system.init.kill, 0, "init")
    refusal("ERR_DENIED", system.init.kill, 0, "memory")


def test_a_process_that_is_not_there_is_not_ended(system):
    refusal("ERR_NOT_FOUND", system.init.kill, 1 << 40)
    refusal("ERR_NOT_FOUND", system.init.kill, 0, "nobody")


def test_a_process_that_was_never_there_is_not_awaited(system):
    refusal("ERR_NOT_FOUND", system.init.wait, 1 << 40)


def test_the_first_process_is_init_itself(system):
    assert system.init.process(0).name == "init"


def test_every_server_of_the_product_runs(system):
    living = processes(system)
    assert {"memory", "vga", "kbd", "serial", "echo"} <= set(living)
    assert all(living[name].server and living[name].generation >= 1 for name in ("vga", "kbd", "serial", "echo"))


def test_the_list_of_processes_has_an_end(system):
    refusal("ERR_NOT_FOUND", system.init.process, 100000)


def test_programs_are_listed_by_name(system):
    listed = names(system)
    assert {"hello", "counter", "probe", "hand"} <= set(listed) and "vga" not in listed


def test_a_server_that_is_ended_comes_back_with_the_next_generation(system):
    before = processes(system)["echo"]
    system.init.kill(before.id)
    assert system.init.wait(before.id).cause == KILLED
    system.echo.say("served by the successor")
    after = processes(system)["echo"]
    assert (after.generation, after.restarts, after.cause) == (before.generation + 1, before.restarts + 1, KILLED)
    assert after.id != before.id and after.state == RUNNING
