# SPDX-License-Identifier: MIT
"""kbd, called from outside, in a system without the shell, which would take the keys."""

import time

import bridged
import pytest
from bridge import ServerDied
from bridged import refusal

SHIFT, QUEUE = 1, 100


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-kbd", without=("shell",)) as connected:
        yield connected


@pytest.fixture(autouse=True)
def empty_queue(system):
    drain(system)


def drain(system):
    """All events that are queued."""
    from interfaces.wire import ServerError
    events = []
    while True:
        try:
            events.append(system.kbd.poll().event)
        except ServerError as error:
            assert error.name == "ERR_EMPTY"
            return events


def press(system, *keys):
    """Presses keys and waits until kbd has their events (those that make one: two each)."""
    before = system.kbd.state().events
    system.machine.send_key(*keys)
    system.machine.wait(lambda: system.kbd.state().events >= before + 2 * len(keys), "the keys' events", 5)


def test_there_is_a_keyboard(system):
    assert system.kbd.state().present


def test_no_key_is_no_event(system):
    refusal("ERR_EMPTY", system.kbd.poll)


def test_a_key_is_pressed_and_let_go(system):
    press(system, "a")
    assert [(event["character"], event["down"]) for event in drain(system)] == [(ord("a"), True), (0, False)]


def test_a_reader_waits_for_the_key(system):
    reader = system.background(system.kbd.read)
    system.machine.wait(lambda: system.kbd.state().waiting == 1, "the reader", 5)
    system.machine.send_key("k")
    assert reader.result().event["character"] == ord("k")


def test_an_event_that_was_queued_is_read_at_once(system):
    press(system, "q")
    assert system.kbd.read().event["character"] == ord("q")


def test_an_event_goes_to_one_reader_only(system):
    readers = [system.background(system.kbd.read) for _ in range(2)]
    system.machine.wait(lambda: system.kbd.state().waiting == 2, "both readers", 5)
    system.machine.send_key("z")
    assert sorted(reader.result().event["down"] for reader in readers) == [False, True]


def test_shift_makes_a_capital_and_shows_in_the_modifiers(system):
    press(system, "shift", "h")
    capital = next(event for event in drain(system) if event["character"] == ord("H") and event["down"])
    assert capital["modifiers"] & SHIFT


def test_the_modifiers_are_off_when_the_keys_are_up(system):
    press(system, "shift", "h")
    assert system.kbd.state().modifiers & SHIFT == 0


def test_digits_have_the_scancodes_of_the_first_set(system):
    for key in "123":
        press(system, key)
    codes = [event["scancode"] & 0x7F for event in drain(system) if event["down"]]
    assert codes == [0x02, 0x03, 0x04]


def test_the_raw_bytes_are_those_of_the_keyboard(system):
    position = system.kbd.state().bytes
    for key in "123":
        press(system, key)
    assert system.kbd.raw(position).bytes == bytes([0x02, 0x82, 0x03, 0x83, 0x04, 0x84])


def test_raw_bytes_of_the_future_are_refused(system):
    refusal("ERR_RANGE", system.kbd.raw, system.kbd.state().bytes + 1)


def test_reading_raw_bytes_takes_none_away(system):
    press(system, "x")
    position = system.kbd.state().bytes - 2
    assert system.kbd.raw(position).bytes == system.kbd.raw(position).bytes == b"\x2d\xad"


def test_a_subscriber_is_notified_when_a_key_comes(system):
    notification = system.notification()
    system.kbd.subscribe(notification)
    assert not notification.wait(0.3)
    press(system, "n")
    assert notification.wait(5)


def test_a_subscription_without_a_capability_is_refused(system):
    refusal("ERR_BAD_MESSAGE", system.kbd.subscribe)


def test_the_101st_unread_event_is_dropped_and_counted(system):
    before = system.kbd.state()
    for _ in range(QUEUE // 2):
        press(system, "d")
    assert system.kbd.state().queued == QUEUE
    system.machine.send_key("e")
    system.machine.wait(lambda: system.kbd.state().dropped == before.dropped + 2, "the drop", 5)
    system.machine.wait_log("WARNING: scancode queue full; dropping keyboard input", 5)
    assert len(drain(system)) == QUEUE


def test_a_reader_in_flight_sees_the_drivers_death(system):
    reader = system.background(system.kbd.read)
    system.machine.wait(lambda: system.kbd.state().waiting == 1, "the reader", 5)
    system.init.kill(0, "kbd")
    with pytest.raises(ServerDied):
        reader.result()


def test_the_next_driver_reads_keys(system):
    system.machine.wait(lambda: system.kbd.state().present and system.kbd.state().leds != 0xFF, "a driver", 10)
    time.sleep(0.1)
    press(system, "b")
    assert ord("b") in [event["character"] for event in drain(system)]


def test_an_event_with_a_receipt_comes_once_although_kbd_dies_before_or_behind_it(system):
    press(system, "a")
    down = system.kbd.next(0)
    assert (down.character, down.down) == (ord("a"), True)
    assert system.kbd.next(0) == down, "nobody has said that it came"
    system.init.kill(0, "kbd")
    assert system.kbd.next(0) == down, "nor to the successor"
    up = system.kbd.next(down.number)
    assert (up.number, up.code, up.down) == (down.number + 1, down.code, False)
    assert system.kbd.state().queued == 0, "it is given, though not receipted"
    system.init.kill(0, "kbd")
    refusal("ERR_EMPTY", system.kbd.next, up.number)


def test_what_one_client_was_given_no_other_way_of_asking_gives_again(system):
    press(system, "b")
    down = system.kbd.next(0)
    assert system.kbd.poll().event["down"] is False
    refusal("ERR_EMPTY", system.kbd.next, down.number)
