# SPDX-License-Identifier: MIT
"""`make bench`: what things cost, in instructions, under QEMU's instruction counter -> build/bench/bench.json. The same on
every machine. Instructions that are executed count; time in which the processor is halted does not."""

import argparse
import json
import os
import pathlib
import re
import statistics
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "system")]
import session  # noqa: E402
from harness import Verdict  # noqa: E402
from harness.gdb import symbols  # noqa: E402
from harness.screen import ADDRESS, SIZE  # noqa: E402

FIGURES = ("instructions", "start_events", "start_at", "store_events", "store_at", "first_store_at", "begin_at")
KEYBOARD_VECTOR = 33
KEYS = "abcdefghijklmnopqrst"

INSIDE = {
    "null_syscall": "enter the kernel, do nothing, leave: less the same code with the syscall left out",
    "ipc_round_trip_c": "call and reply_recv between two processes, six words each way, on the C path: both kernel entries and "
                        "exits, less the stubs' own loading and storing",
    "first_touch": "a store to a page of the heap that has no frame yet: fault, the memory server's answer, mapping, and back; "
                   "the median of 100",
    "notify_wake": "from a notify until the receive of a process of higher priority has returned with the bit",
    "echo_call": "a call of the echo server as a program sees it: stubs, dispatch, handler, kernel twice",
}
LIMITS = {"ipc_round_trip_c": 600, "boot_to_prompt": 10_000_000}


def meter(build, figures, *starts):
    """Arguments of QEMU for the counting plugin (tools/plugins/meter.c)."""
    figures.unlink(missing_ok=True)
    words = [f"{build / 'meter.so'}", f"out={figures}", f"low={ADDRESS:#x}", f"high={ADDRESS + SIZE:#x}",
             *(f"start={start:#x}" for start in starts)]
    return ["-plugin", ",".join(words)]


def read(figures):
    return dict(zip(FIGURES, struct.unpack(f"<{len(FIGURES)}Q", figures.read_bytes()[:8 * len(FIGURES)])))


def inside():
    """What user/bench measures, in the test system: its partner is there."""
    with session.start("bench-inside", system=session.test_system(), icount=True) as shell:
        mark = shell.log_mark()
        shell.run("bench", timeout=60)
        shell.machine.wait(lambda: "bench end" in shell.log_since(mark), "the end of the benchmark", 10)
        return {name: int(value) for name, value in re.findall(r"bench: bench (\w+) (\d+)$", shell.log_since(mark), re.MULTILINE)}


def settled(shell, figures):
    """The figures, once the machine has nothing more to do with the screen."""
    last = None
    while last != (last := read(figures)["store_events"]):
        shell.settle(0.2)
    return read(figures)


def boot(build, kernel):
    """Kernel entry to the last character of the prompt, in the product."""
    figures = build / "bench" / "boot.figures"
    with session.start("bench-boot", icount=True, extra=meter(build, figures, kernel["boot_entry"])) as shell:
        seen = settled(shell, figures)
    return seen["store_at"] - seen["begin_at"]


def keys(build, kernel):
    """First instruction of the keyboard's interrupt to the store of its character, through the ordinary shell."""
    figures = build / "bench" / "keys.figures"
    costs = []
    with session.start("bench-keys", icount=True, extra=meter(build, figures, kernel[f"trap_{KEYBOARD_VECTOR}"])) as shell:
        for key in KEYS:
            before = settled(shell, figures)
            shell.machine.key_down(key)
            shell.machine.wait(lambda: read(figures)["store_events"] > before["store_events"], "the character", 10)
            seen = settled(shell, figures)
            if seen["start_events"] == before["start_events"] + 1:
                costs.append(seen["first_store_at"] - seen["start_at"])
            shell.machine.key_up(key)
    if len(costs) < len(KEYS) // 2:
        sys.exit("bench: the keys came two at a time")
    return costs


def text_bytes(build):
    listed = subprocess.run(["size", "-A", build / "kernel.elf"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"^\.text\s+(\d+)", listed, re.MULTILINE)[1])


def rows(build):
    kernel = symbols(build)
    for name, value in inside().items():
        if name in INSIDE:
            yield name, value, "instructions", INSIDE[name]
    costs = keys(build, kernel)
    yield ("key_to_cell", int(statistics.median(costs)), "instructions",
           f"from the first instruction of the keyboard's interrupt stub to the store of the character to 0xb8000, at the shell's "
           f"prompt: the median of {len(costs)} keys, {min(costs)} to {max(costs)}")
    yield ("boot_to_prompt", boot(build, kernel), "instructions",
           "from the kernel's first instruction to the last character of the prompt; halted time not counted")
    yield "kernel_text_bytes", text_bytes(build), "bytes", ".text of kernel.elf"
    yield "iso_bytes", (build / "annulet.iso").stat().st_size, "bytes", "annulet.iso, GRUB included"


def main():
    parser = argparse.ArgumentParser(description="Figures, in instructions")
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    options = parser.parse_args()
    os.environ["BUILD"] = str(options.build)
    build = (ROOT / options.build).resolve()
    output = build / "bench" / "bench.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    found = []
    try:
        for name, value, unit, what in rows(build):
            found.append({"name": name, "value": value, "unit": unit, "what": what})
            print(f"  {name:<18}{value:>12,} {unit}", flush=True)
    except Verdict as verdict:
        sys.exit(str(verdict))
    output.write_text(json.dumps({"rows": found}, indent=2) + "\n", encoding="utf-8")
    print(f"  BENCH   {output.relative_to(ROOT) if output.is_relative_to(ROOT) else output}")
    missing = {*INSIDE, *LIMITS} - {row["name"] for row in found}
    over = [f"{row['name']}: {row['value']:,} is above {LIMITS[row['name']]:,}" for row in found
            if row["value"] > LIMITS.get(row["name"], row["value"])]
    sys.exit("\n".join([*(f"{name} was not measured" for name in sorted(missing)), *over]) or 0)


main()
