# SPDX-License-Identifier: MIT
"""The fast path does what the C path does: random situations of messages (tests/programs/attack_init/situations.c) are
played twice by the shipped kernel, with the option fastpath=off and without, and what anybody could see is compared."""

import concurrent.futures
import json
import os
import re
import struct
import subprocess

import pytest
import session
from harness import Machine
from harness.images import ROOT, build_folder, kernel_image

COUNT = int(os.environ.get("SITUATIONS", "20_000"))
SEED = int(os.environ.get("SEED", "1"))  # make test ONLY=situations SEED=7: others
RECORDS, RECORD = 256, struct.Struct("<20Q")
NAMES = ("began", "rax", "rdi", "rsi", "rdx", "r8", "r9", "r10", "r12", "rbx", "r13", "r14", "r15", "rbp", "rcx", "r11",
         "rflags", "rsp", "fpu", "body")
PLACES = 8  # of the plugin


def kernel():
    """The image that is played on, with its symbols."""
    return kernel_image().with_suffix(".debug")


def symbols(file):
    listing = subprocess.run(["nm", file], capture_output=True, text=True, check=True).stdout
    return {words[-1]: int(words[0], 16) for words in map(str.split, listing.splitlines()) if len(words) == 3}


def exits():
    """Addresses of the instructions by which the fast path returns to ring 3."""
    link_map = kernel().with_name(f"{kernel().name}.map").read_text(encoding="utf-8")
    start, size = (int(word, 16) for word in re.search(r"^ \.text +0x(\w+) +0x(\w+) \S+x86/fastpath\.asm\.o$", link_map, re.M).groups())
    listing = subprocess.run(["objdump", "-d", f"--start-address={start:#x}", f"--stop-address={start + size:#x}",
                              kernel()], capture_output=True, text=True, check=True).stdout
    return [int(address, 16) for address in re.findall(r"^\s*(\w+):.*\bsysretq?\b", listing, re.M)]


class Play:
    """One boot that plays situations. sums: one number each; taken: for each, how often each exit was used; records:
    what the threads of the last one saw, in the order in which they saw it. lengths: of each exit, where that is asked for,
    the instructions from the system call to it, both included."""

    def __init__(self, folder, fast, first, count, measured=False):
        request, figures = folder / f"request-{fast}-{first}-{count}", folder / f"figures-{fast}-{first}-{count}"
        request.write_bytes(struct.pack("<3Q", SEED, first, count))
        image = symbols(build_folder() / "tests/programs/attack_init.debug")
        plugin = [f"{build_folder() / 'paths.so'}", f"out={figures}", f"begin={image['situation_begins']:#x}",
                  f"end={image['situation_ends']:#x}", *(f"at={address:#x}" for address in exits())]
        if measured:
            plugin.append(f"from={symbols(kernel())['syscall_entry']:#x}")
        limit = max(40, count * 230 // 20_000)  # seconds, on a busy host
        with Machine(name=f"fastpath-{'on' if fast else 'off'}", kernel=build_folder() / "kernel.elf", icount=True, budget=limit + 10,
                     modules=[(build_folder() / "tests/programs/attack_init.elf", "init"), (request, "situations")],
                     append="" if fast else "fastpath=off",
                     extra=["-rtc", "clock=vm", "-plugin", ",".join(plugin)]) as machine:
            found = machine.wait_log(r"^: (ok equivalence|bad .*)\n.*results at (\w+), stage at (\w+), records at (\w+)", limit)
            assert found[1] == "ok equivalence"
            results, stage, records = (int(word, 16) for word in found.groups()[1:])
            self.sums = struct.unpack(f"<{count}Q", machine.physical(results, 8 * count))
            seen = min(struct.unpack("<4Q", machine.physical(stage, 32))[3], RECORDS)
            self.records = list(RECORD.iter_unpack(machine.physical(stage + records, RECORD.size * seen)))
        data = figures.read_bytes()
        rounds, *longest = struct.unpack_from(f"<{1 + PLACES}Q", data)
        assert rounds == count
        self.lengths = [1 + length for length in longest]  # and the syscall instruction
        start = 8 * (1 + PLACES)
        self.taken = [data[start + PLACES * i:start + PLACES * (i + 1)] for i in range(count)]
        figures.unlink()


def told(record):
    """A record in words: actor, step, and the registers after it."""
    who = f"actor {record[0] >> 32 & 0xff}, step {record[0] >> 16 & 0xffff}"
    return who + ": " + " ".join(f"{name}={word:x}" for name, word in zip(NAMES[1:], record[1:]))


def difference(folder, number, first):
    """What was seen first that differs, in a situation that is played once more as the last one of [first, number]."""
    fast, slow = (Play(folder, way, first, number - first + 1) for way in (True, False))
    if fast.sums[-1] == slow.sums[-1]:
        return ""
    for seen, wanted in zip(fast.records, slow.records):
        if seen != wanted:
            return f"fast path: {told(seen)}\nC path:    {told(wanted)}"
    return f"{len(fast.records)} records on the fast path, {len(slow.records)} on the C path, or another table, page or book"


@pytest.fixture(scope="module")
def plays(tmp_path_factory):
    """(with the fast path, without)"""
    session.test_system()
    folder = tmp_path_factory.mktemp("plays")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return tuple(pool.map(lambda fast: Play(folder, fast, 0, COUNT), (True, False)))


def test_the_fast_path_is_not_to_be_told_from_the_c_path_in_20_000_situations(plays, tmp_path):
    fast, slow = plays
    first = next((i for i in range(COUNT) if fast.sums[i] != slow.sums[i]), None)
    if first is None:
        return
    alone = difference(tmp_path, first, first)
    why = alone or "played alone it does not differ; after those before it:\n" + difference(tmp_path, first, 0)
    pytest.fail(f"situation {first} of seed {SEED} differs (and {sum(a != b for a, b in zip(fast.sums, slow.sums)) - 1} others)\n{why}",
                pytrace=False)


def test_three_of_five_situations_are_really_on_the_fast_path(plays):
    """With a message: an exit is not counted that notifications take, and the empty operation."""
    fast, _ = plays
    empty = symbols(kernel())["syscall_entry.empty"]
    no_message = next(place for place, address in enumerate(exits()) if address >= empty)
    assert sum(any(count for place, count in enumerate(taken) if place != no_message) for taken in fast.taken) >= 0.6 * COUNT


def test_every_way_through_the_fast_path_is_taken_often(plays):
    fast, _ = plays
    for place in range(len(exits())):
        assert sum(taken[place] > 0 for taken in fast.taken) >= 0.01 * COUNT, f"exit {place}"


def test_the_option_switches_the_fast_path_off(plays):
    _, slow = plays
    assert not any(map(any, slow.taken))


def test_no_situation_is_like_another(plays):
    _, slow = plays
    assert len(set(slow.sums)) == COUNT


def test_counted_from_outside_a_message_takes_what_the_benchmark_says(tmp_path):
    """The first exit of the file is call's, the next one that of reply_recv, between two address spaces."""
    rows = json.loads((ROOT / "tests/bench/baseline.json").read_text(encoding="utf-8"))["rows"]
    values = {row["name"]: row["value"] for row in rows}
    lengths = Play(tmp_path, True, 0, 300, measured=True).lengths
    for name, length in zip(("ipc_call", "ipc_reply_recv"), lengths):
        assert abs(length - values[name]) <= 0.05 * values[name], f"{name}: {length} instructions from outside, {values[name]} from inside"
