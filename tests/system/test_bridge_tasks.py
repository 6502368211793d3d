# SPDX-License-Identifier: MIT
"""tasks, called from outside: what its methods promise, and what they refuse."""

import time

import bridged
import pytest
from bridged import refusal

READY, RUNNING, WAITING, DONE, CANCELLED = range(1, 6)
PLACES = 32


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-tasks") as connected:
        yield connected


def find(system, number):
    """What stands in the place of the task with this number."""
    return system.tasks.task(number % 256 - 1)


def test_a_task_gives_its_result_to_who_waits(system):
    ended = system.tasks.join(system.tasks.spawn("primes", "1000").id)
    assert (ended.cancelled, ended.value) == (False, 168)


def test_a_join_after_the_end_is_answered_at_once(system):
    number = system.tasks.spawn("nap", "0").id
    assert system.tasks.join(number) == system.tasks.join(number)


def test_a_join_waits_while_the_task_does(system):
    started = time.monotonic()
    system.tasks.join(system.tasks.spawn("nap", "700").id)
    assert time.monotonic() - started > 0.5


def test_a_waiting_task_has_been_polled_once(system):
    number = system.tasks.spawn("nap", "1000000").id
    system.machine.wait(lambda: find(system, number).state == WAITING, "the task to wait", 5)
    seen = find(system, number)
    assert (seen.id, seen.name, seen.state, seen.polls) == (number, "nap", WAITING, 1)
    system.tasks.cancel(number)
    assert find(system, number).state == CANCELLED
    assert system.tasks.join(number).cancelled


def test_a_task_cannot_be_cancelled_twice(system):
    number = system.tasks.spawn("nap", "1000000").id
    system.tasks.cancel(number)
    refusal("ERR_NOT_FOUND", system.tasks.cancel, number)


def test_numbers_that_name_no_task_are_refused(system):
    for number in (0, 1, 255, 256, 2**63, 2**64 - 1):
        refusal("ERR_NOT_FOUND", system.tasks.join, number)
        refusal("ERR_NOT_FOUND", system.tasks.cancel, number)


def test_names_and_arguments_that_mean_nothing_are_refused(system):
    refusal("ERR_NOT_FOUND", system.tasks.spawn, "nobody", "")
    refusal("ERR_NOT_FOUND", system.tasks.spawn, "", "")
    refusal("ERR_RANGE", system.tasks.spawn, "nap", "soon")


def test_the_table_ends_where_it_ends(system):
    refusal("ERR_NOT_FOUND", system.tasks.task, PLACES)
    refusal("ERR_NOT_FOUND", system.tasks.task, 2**32 - 1)


def test_every_kind_that_is_listed_has_a_name_and_a_purpose(system):
    kinds = [system.tasks.kind(index) for index in range(7)]
    refusal("ERR_NOT_FOUND", system.tasks.kind, len(kinds))
    assert {"example", "keys", "dots", "nap", "clock", "primes", "spin"} == {kind.name for kind in kinds}
    assert all(kind.about for kind in kinds)


def test_a_full_table_refuses_one_more_and_has_room_when_one_ends(system):
    before = system.tasks.figures()
    numbers = [system.tasks.spawn("nap", "1000000").id for _ in range(PLACES - before.alive)]
    refusal("ERR_FULL", system.tasks.spawn, "nap", "0")
    system.tasks.cancel(numbers.pop())
    numbers.append(system.tasks.spawn("nap", "1000000").id)
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        system.tasks.cancel(number)
    after = system.tasks.figures()
    assert after.alive == before.alive
    assert after.spawned - before.spawned == after.ended - before.ended == PLACES - before.alive + 1


def test_a_number_stays_of_the_dead_when_its_place_is_used_again(system):
    number = system.tasks.spawn("nap", "0").id
    for _ in range(PLACES + 1):
        system.tasks.join(system.tasks.spawn("nap", "0").id)
    refusal("ERR_NOT_FOUND", system.tasks.join, number)
    assert find(system, number).id > number
