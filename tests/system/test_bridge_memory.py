# SPDX-License-Identifier: MIT
"""memory, called from outside. The hand that makes the calls is the client: spans and blocks are in its address space."""

import bridged
import pytest
from bridged import refusal

PAGE = 4096
HEAP = 0x444444440000


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-memory") as connected:
        connected.me = connected.echo.badge().badge
        yield connected


def test_the_figures_add_up(system):
    f = system.memory.figures()
    assert f.total == f.free + f.books + f.lent + f.clients


def test_a_span_begins_in_the_heap_window(system):
    address = system.memory.span(2).address
    assert HEAP <= address < HEAP + (1 << 32) and address % PAGE == 0


def test_two_spans_do_not_overlap(system):
    first, second = system.memory.span(3).address, system.memory.span(3).address
    assert abs(first - second) >= 3 * PAGE


def test_a_span_counts_against_the_quota_before_it_is_touched(system):
    before = system.memory.client(system.me)
    system.memory.span(5)
    after = system.memory.client(system.me)
    assert (after.reserved, after.pages) == (before.reserved + 5, before.pages)


def test_a_released_span_counts_no_more(system):
    before = system.memory.client(system.me).reserved
    system.memory.release(system.memory.span(7).address, 7)
    assert system.memory.client(system.me).reserved == before


def test_half_of_a_span_can_be_released(system):
    before = system.memory.client(system.me).reserved
    address = system.memory.span(4).address
    system.memory.release(address + 2 * PAGE, 2)
    assert system.memory.client(system.me).reserved == before + 2


def test_no_page_is_no_span(system):
    refusal("ERR_BAD_LENGTH", system.memory.span, 0)


def test_a_span_beyond_the_quota_is_refused_and_takes_nothing(system):
    before = system.memory.client(system.me)
    refusal("ERR_QUOTA", system.memory.span, before.quota - before.reserved + 1)
    assert system.memory.client(system.me) == before


def test_what_is_left_of_the_quota_can_be_had_whole(system):
    client = system.memory.client(system.me)
    left = client.quota - client.reserved
    system.memory.release(system.memory.span(left).address, left)
    assert system.memory.client(system.me) == client


def test_a_crooked_address_is_not_released(system):
    address = system.memory.span(1).address
    refusal("ERR_BAD_ADDRESS", system.memory.release, address + 1, 1)


def test_what_was_never_given_is_not_released(system):
    refusal("ERR_BAD_ADDRESS", system.memory.release, 0x400000, 1)


def test_a_block_is_a_multiple_of_16(system):
    assert all(system.memory.block_alloc(size).address % 16 == 0 for size in (1, 15, 16, 17, 100))


def test_blocks_do_not_overlap(system):
    addresses = sorted(system.memory.block_alloc(48).address for _ in range(20))
    assert all(second - first >= 48 for first, second in zip(addresses, addresses[1:]))


def test_blocks_are_counted(system):
    before = system.memory.client(system.me).blocks
    addresses = [system.memory.block_alloc(32).address for _ in range(10)]
    assert system.memory.client(system.me).blocks == before + 10
    for address in addresses:
        system.memory.block_free(address)
    assert system.memory.client(system.me).blocks == before


def test_a_freed_block_is_not_freed_again(system):
    address = system.memory.block_alloc(64).address
    system.memory.block_free(address)
    refusal("ERR_BAD_ADDRESS", system.memory.block_free, address)


def test_the_middle_of_a_block_is_not_freed(system):
    address = system.memory.block_alloc(64).address
    refusal("ERR_BAD_ADDRESS", system.memory.block_free, address + 16)
    system.memory.block_free(address)


def test_no_byte_is_no_block(system):
    refusal("ERR_BAD_LENGTH", system.memory.block_alloc, 0)


def test_a_block_that_no_heap_can_hold_is_refused(system):
    refusal("ERR_BAD_LENGTH", system.memory.block_alloc, 1 << 40)


def test_a_thousand_blocks_by_message_leave_nothing_behind(system):
    before = system.memory.client(system.me).blocks
    for _ in range(1000):
        system.memory.block_free(system.memory.block_alloc(8).address)
    assert system.memory.client(system.me).blocks == before


def test_an_unknown_client_is_not_found(system):
    refusal("ERR_NOT_FOUND", system.memory.client, 1 << 50)


def test_only_init_detaches(system):
    refusal("ERR_DENIED", system.memory.detach, system.me)


def test_only_init_borrows_runs(system):
    refusal("ERR_DENIED", system.memory.take_run, 1)


def test_only_init_gives_runs_back(system):
    refusal("ERR_DENIED", system.memory.give_run)


def test_a_program_that_ends_leaves_the_figures_as_they_were(system):
    before = system.memory.figures()
    ended = system.notification()
    system.init.spawn("hello", ended=ended)
    assert ended.wait(10)
    system.machine.wait(lambda: system.memory.figures()[:5] == before[:5], "the frames", 5)
