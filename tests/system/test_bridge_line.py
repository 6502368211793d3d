# SPDX-License-Identifier: MIT
"""The bridge itself: what comes over the line and is no frame, calls that nobody answers, deaths of all that is between."""

import zlib

import bridged
import pytest
from bridge import BridgeDied, Busy, CallEnded, NoAnswer, frames

SHORT, LENGTH, CRC, TOO_BIG, VERSION, KIND, CONTENT, NO_CALL = range(1, 9)


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-line") as connected:
        yield connected


def refused(system, data, *reasons):
    """Sends bytes; asserts that the bridge refuses them for these reasons and then answers a good call."""
    system.refusals.clear()
    system.send(data)
    assert system.echo.say("good").text == "good"
    assert [reason for _, reason in system.refusals] == list(reasons)


def test_it_says_who_can_be_called(system):
    assert {"init", "memory", "vga", "kbd", "serial", "echo"} <= set(system.services) and system.hands == 4


def test_noise_is_refused(system):
    refused(system, b"noise", SHORT)


def test_a_line_that_only_repeats_flags_is_nothing(system):
    refused(system, b"~" * 100)


def test_a_frame_with_a_wrong_checksum_is_refused(system):
    refused(system, frames.encode(frames.HELLO, 7, crc=12345), CRC)


def test_a_frame_with_a_wrong_length_is_refused(system):
    refused(system, frames.encode(frames.HELLO, 7, b"abc", length=2), LENGTH)


def test_a_frame_that_was_cut_is_refused(system):
    refused(system, frames.encode(frames.CALL, 7, bytes(80))[:40], LENGTH)


def test_a_frame_that_is_too_big_is_refused_once(system):
    refused(system, frames.encode(frames.CALL, 7, bytes(6000)), TOO_BIG)


def test_a_frame_of_another_version_is_refused(system):
    refused(system, frames.encode(frames.HELLO, 7, version=2), VERSION)


def test_a_request_that_does_not_exist_is_refused(system):
    refused(system, frames.encode(77, 7), KIND)


def test_a_call_without_its_words_is_refused(system):
    refused(system, frames.encode(frames.CALL, 7, bytes(79)), CONTENT)


def test_a_name_without_an_end_is_refused(system):
    refused(system, frames.encode(frames.CALL, 7, b"x" * 80), CONTENT)


def test_a_notification_that_does_not_exist_is_refused(system):
    refused(system, frames.encode(frames.CALL, 7, b"echo".ljust(24, b"\0") + b"\x02\0\x10" + bytes(53)), CONTENT)


def test_ten_thousand_bytes_of_noise_do_not_hide_the_next_call(system):
    noise = b"".join(zlib.crc32(i.to_bytes(4, "little")).to_bytes(4, "little") for i in range(2500))
    system.send(noise + b"~")
    assert system.echo.say("good").text == "good"


def test_many_calls_in_one_piece_are_all_answered(system):
    calls = [system.background(system.echo.say, str(i)) for i in range(4)]
    assert [call.result().text for call in calls] == ["0", "1", "2", "3"]


def test_the_longest_message_passes_in_both_directions(system):
    assert system.echo.say("~" * 4000).text == "~" * 4000


def test_calls_that_nobody_answers_occupy_hands_and_not_the_bridge(system):
    stuck = [system.background(system.echo.later, 3600000, "") for _ in range(3)]
    stuck[0].join(0.3)
    assert system.echo.say("a hand is left").text == "a hand is left"
    system.cancel_all()
    for call in stuck:
        with pytest.raises(CallEnded):
            call.result()


def test_when_all_hands_are_busy_it_says_so_at_once(system):
    system.machine.wait(lambda: bridged.processes(system)["hand"], "hands", 5)
    stuck = [system.background(system.echo.later, 3600000, "") for _ in range(4)]
    stuck[0].join(0.5)
    with pytest.raises(Busy):
        system.echo.say("too many")
    system.connect(5)  # the bridge itself answers
    system.cancel_all()
    for call in stuck:
        with pytest.raises(CallEnded):
            call.result()


def test_ended_hands_are_replaced(system):
    system.machine.wait(lambda: all_four(system), "four calls at a time", 10)


def all_four(system):
    calls = [system.background(system.echo.later, 50, "x") for _ in range(4)]
    try:
        return [call.result().text for call in calls] == ["x"] * 4
    except Busy:
        return False


def test_a_call_that_was_never_made_cannot_be_ended(system):
    refused(system, frames.encode(frames.CANCEL, 4242), NO_CALL)


def test_who_waits_too_long_gives_up_alone(system):
    patience, system.timeout = system.timeout, 0.2
    try:
        with pytest.raises(NoAnswer):
            system.echo.later(700, "late")
    finally:
        system.timeout = patience
    assert system.echo.say("on time").text == "on time"


def test_a_notification_comes_once(system):
    ended = system.notification()
    system.init.spawn("hello", ended=ended)
    assert ended.wait(10) and not ended.wait(0.2)


def test_two_notifications_are_told_apart(system):
    first, second = system.notification(), system.notification()
    system.init.spawn("hello", ended=second)
    assert second.wait(10) and not first.wait(0.1)


def test_what_a_program_writes_to_the_port_is_noise_to_the_host(system):
    bad = system.decoder.bad
    system.serial.write(b"\x7enoise of a program\x7e")
    assert system.decoder.bad == bad + 1
    assert system.echo.say("good").text == "good"


def test_the_ports_own_counts_are_those_of_the_line(system):
    before = system.serial.state()
    system.echo.say("x" * 500)
    after = system.serial.state()
    assert after.received >= before.received + 500 and after.sent >= before.sent + 500
    assert (after.present, after.held, after.overruns, after.garbled) == (True, False, 0, 0)


def test_a_port_with_nothing_to_read_says_so(system):
    bridged.refusal("ERR_EMPTY", system.serial.poll)


def test_an_empty_write_is_done(system):
    assert system.serial.write(b"") is None


def test_the_death_of_serial_costs_no_answer(system):
    before = bridged.processes(system)["serial"]
    system.init.kill(before.id)
    assert system.echo.say("through the successor").text == "through the successor"
    assert bridged.processes(system)["serial"].generation == before.generation + 1


def test_the_death_of_a_hand_ends_its_call_and_no_other(system):
    mine = system.echo.badge().badge
    stuck = system.background(system.echo.later, 2000, "survives")
    system.machine.wait(lambda: system.echo.badge().badge != mine, "another hand", 5)
    other = system.background(lambda: system.init.kill(system.echo.badge().badge))
    assert stuck.result().text == "survives"
    other.join(5)
    assert system.echo.say("good").text == "good"


def test_the_death_of_the_bridge_is_an_exception_of_its_own(system):
    generation = system.generation
    stuck = system.background(system.echo.later, 3600000, "")
    stuck.join(0.3)
    with pytest.raises((BridgeDied, CallEnded)):
        system.init.kill(0, "bridge")
    with pytest.raises((BridgeDied, CallEnded)):
        stuck.result(20)
    system.connect(20)
    assert system.generation == generation + 1 and system.echo.say("good").text == "good"
