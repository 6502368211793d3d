# SPDX-License-Identifier: MIT
"""echo, called from outside: texts of all kinds, messages that break the rules, and deaths of the server in flight."""

import time

import bridged
import pytest
from bridge import KernelRefused, NoService, ServerDied
from bridged import refusal

TEXT = 1  # method numbers
NO_METHOD, BAD_MESSAGE = 128, 74


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-echo") as connected:
        yield connected


def raw(system, method, words=(), body=b""):
    """The error that a raw message gets."""
    words = list(words) + [0] * (6 - len(words))
    return system.call("echo", method, words, body, ())[0]


def test_a_text_comes_back(system):
    assert system.echo.say("hello").text == "hello"


def test_an_empty_text_comes_back(system):
    assert system.echo.say("").text == ""


def test_a_text_that_just_fits_the_registers_comes_back(system):
    assert [system.echo.say("x" * n).text for n in (38, 39, 40, 41)] == ["x" * n for n in (38, 39, 40, 41)]


def test_the_longest_text_comes_back(system):
    assert system.echo.say("z" * 4000).text == "z" * 4000


def test_one_byte_more_is_refused_before_it_is_sent(system):
    with pytest.raises(ValueError):
        system.echo.say("z" * 4001)


def test_all_of_unicode_comes_back(system):
    assert system.echo.say("ö € \N{SNOWMAN} \U0001F600").text == "ö € \N{SNOWMAN} \U0001F600"


def test_bytes_that_mean_something_on_the_line_come_back(system):
    assert system.echo.say("~}~~}}\x5d\x5e").text == "~}~~}}\x5d\x5e"


def test_a_text_with_a_nul_inside_is_refused_before_it_is_sent(system):
    with pytest.raises(ValueError):
        system.echo.say("a\0b")


def test_an_unknown_method_is_answered_with_an_error(system):
    assert raw(system, 99) == NO_METHOD


def test_method_0_is_none(system):
    assert raw(system, 0) == NO_METHOD


def test_a_length_that_promises_more_than_came_is_refused(system):
    assert raw(system, TEXT, [100]) == BAD_MESSAGE


def test_a_length_above_the_limit_is_refused(system):
    assert raw(system, TEXT, [4001], b"x" * 4002) == BAD_MESSAGE


def test_a_text_without_its_nul_is_refused(system):
    assert raw(system, TEXT, [60], b"x" * 61) == BAD_MESSAGE


def test_a_nul_inside_is_refused_by_the_server_too(system):
    assert raw(system, TEXT, [60], b"x" * 30 + b"\0" * 31) == BAD_MESSAGE


def test_a_body_longer_than_its_fields_is_refused(system):
    assert raw(system, TEXT, [60], b"x" * 60 + b"\0" * 8) == BAD_MESSAGE


def test_a_second_length_where_there_is_one_field_is_refused(system):
    assert raw(system, TEXT, [2 | 1 << 16, 0x6968]) == BAD_MESSAGE


def test_the_server_answers_after_all_that(system):
    assert system.echo.say("still here").text == "still here"


def test_the_badge_is_the_number_of_the_process_that_calls(system):
    names = {bridged.processes(system)["hand"].name}
    assert names == {"hand"} and system.echo.badge().badge == system.echo.badge().badge > 0


def test_a_later_reply_comes_later(system):
    start = time.monotonic()
    assert system.echo.later(300, "waited").text == "waited"
    assert time.monotonic() - start >= 0.25


def test_later_replies_come_in_the_order_of_their_times(system):
    ended = []

    def call(milliseconds):
        system.echo.later(milliseconds, str(milliseconds))
        ended.append(milliseconds)

    calls = [system.background(call, milliseconds) for milliseconds in (1500, 800, 100)]
    for one in calls:
        one.result()
    assert ended == [100, 800, 1500]


def test_meanwhile_others_are_answered(system):
    slow = system.background(system.echo.later, 1000, "slow")
    assert system.echo.say("fast").text == "fast" and slow.is_alive()
    assert slow.result().text == "slow"


def test_a_deferred_text_has_its_own_limit(system):
    assert system.echo.later(0, "x" * 200).text == "x" * 200
    with pytest.raises(ValueError):
        system.echo.later(0, "x" * 201)


def test_a_service_that_the_hands_may_not_call_is_named(system):
    with pytest.raises(NoService, match="echo"):
        system.call("nobody", 1, [0] * 6, b"", ())


def after_those_before(system):
    """Requests go over one line, and their hands run in its order: when this is answered, echo has got the earlier ones."""
    assert system.echo.say("now").text == "now"


def test_a_caller_in_flight_sees_the_servers_death_as_an_exception_of_its_own(system):
    waiting = system.background(system.echo.later, 60000, "never")
    after_those_before(system)
    system.init.kill(0, "echo")
    with pytest.raises(ServerDied):
        waiting.result()


def test_two_callers_in_flight_see_it_both(system):
    waiting = [system.background(system.echo.later, 60000, "never") for _ in range(2)]
    after_those_before(system)
    system.init.kill(0, "echo")
    for one in waiting:
        with pytest.raises(ServerDied):
            one.result()


def test_its_successor_answers(system):
    assert system.echo.say("again").text == "again"
    assert bridged.processes(system)["echo"].generation == 3


def test_the_kernels_errors_are_told_from_the_servers(system):
    assert issubclass(ServerDied, KernelRefused)
    refusal("ERR_NOT_FOUND", system.init.wait, 1 << 60)
