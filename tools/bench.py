# SPDX-License-Identifier: MIT
"""`make bench`: what the system costs, into build/bench/bench.json: {"rows": [{"name", "value", "unit", "what"}]}.

Instructions are counted under `-icount shift=0,sleep=off`, on the shipped kernel: by the program user/bench from inside
(the time-stamp counter advances by one an instruction there), and by the plugin tools/plugins/meter.c from outside."""

import argparse
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tools")]
import bench_compare  # noqa: E402
import bench_plots  # noqa: E402
from harness import Machine, Verdict  # noqa: E402
from harness.entries import recorded  # noqa: E402

PROMPT = "annulet> "
FIGURES = ("instructions", "start_events", "start_at", "store_events", "store_at", "first_store_at", "begin_at",
           "halts_since", "store_halts", "first_store_halts")
KEYBOARD_VECTOR = 33
GATE = 16  # bytes of a gate of the IDT
LETTERS = "abcdefghij" * 4  # on a busy host most of them meet a tick on their way
SCREEN = (0xB8000, 0xB8000 + 80 * 25 * 2)
INSIDE = {
    "null_syscall": "an empty system call from ring 3 and back, through libsys's stub",
    "first_touch": "a store to a page without a frame: fault, memory server, mapping; the median of many",
    "notify_wake": "from notify in one process until recv has returned in another of higher priority",
    "task_switch": "from one cooperative task to the next of the same thread, through the executor of libsys/async",
    "stub_round_trip": "from before a generated stub until it has returned, six random words there and six back, checked, through the "
                       "server's ordinary loop and a handler, in two address spaces, a third thread ready below; nothing is "
                       "subtracted but the two rdtsc",
    "echo_call": "a call as programs make it: generated stubs on both sides, the server's loop, the kernel twice",
}


PART = {
    "kernel": "from the kernel's first instruction to init's",
    "init": "from there until init waits for what happens, the parts of all that it starts and that are more urgent included",
    "shell": "from the shell's first instruction to the prompt's last cell",
}


class Meter:
    """The plugin's figures, read while the machine runs."""

    def __init__(self, build, folder, *starts, marks=()):
        self.path = pathlib.Path(folder) / "figures"
        arguments = [f"{build / 'meter.so'}", f"out={self.path}", f"low={SCREEN[0]:#x}", f"high={SCREEN[1]:#x}"]
        self.option = ["-plugin", ",".join(arguments + [f"start={start:#x}" for start in starts]
                                           + [f"mark={mark:#x}" for mark in marks])]
        self.mark_count = len(marks)

    def read(self):
        words = struct.unpack_from(f"<{len(FIGURES) + self.mark_count}Q", self.path.read_bytes())
        return dict(zip(FIGURES, words)) | {"marks": words[len(FIGURES):]}

    def settle(self, machine, seconds=0.3):
        """Waits until the screen stays as it is for so long; returns the figures."""
        while True:
            before = self.read()["store_events"]
            time.sleep(seconds)
            machine.check()
            if self.read()["store_events"] == before:
                return self.read()


def symbol(build, name, image="kernel"):
    for line in subprocess.run(["nm", build / f"{image}.debug"], capture_output=True, text=True, check=True).stdout.splitlines():
        address, _, found = line.split()[-3:]
        if found == name:
            return int(address, 16)
    sys.exit(f"{image} has no {name}")


def keyboard_stub(build):
    """The address of the first instruction behind vector 33, read from the IDT of a running system."""
    with Machine(name="bench-idt", build=build) as machine:
        machine.wait_screen(PROMPT)
        base = int(re.search(r"IDT=\s*([0-9a-f]+)", machine.monitor("info registers"))[1], 16)
        text = machine.monitor(f"x /2gx {base + KEYBOARD_VECTOR * GATE:#x}")
        low, high = (int(word, 16) for word in re.findall(r"0x([0-9a-f]{16})", text.partition(":")[2]))
        return (low & 0xFFFF) | (low >> 48) << 16 | (high & 0xFFFFFFFF) << 32


def halted(times):
    """Halted time executes nothing; where there is any, the figure is less than the time it took."""
    if times == 0:
        return "the processor never halts on the way: halted time included it is the same"
    return f"the processor halts {times} times on the way, which is not counted"


def parts_of_the_boot(build):
    """[(part, where it begins, where it ends)]. A server's own part: from its main until it serves, others that are more
    urgent included. The servers in the order of boot/system.toml."""
    listed = re.findall(r"^\s*module2 /boot/servers/(\S+)\.elf", (build / "grub.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    parts = [("kernel", symbol(build, "boot_entry"), symbol(build, "main", "servers/init")),
             ("init", symbol(build, "main", "servers/init"), symbol(build, "supervise", "servers/init"))]
    parts += [(name, symbol(build, "main", f"servers/{name}"), symbol(build, f"{name}_serve", f"servers/{name}"))
              for name in listed if name != "init"]
    return parts + [("shell", symbol(build, "main", "user/shell"), None)]


def boot_and_keys(build, folder):
    parts = parts_of_the_boot(build)
    meter = Meter(build, folder, symbol(build, "boot_entry"), marks=[place for part in parts for place in part[1:] if place])
    with Machine(name="bench-boot", boot="iso", build=build, icount=True, log_file=True, extra=meter.option, budget=180) as machine:
        machine.wait_screen(PROMPT)
        seen = meter.settle(machine)
        boot = seen["store_at"] - seen["begin_at"]
        halts = seen["store_halts"]
        marks = [*seen["marks"], seen["store_at"]]

    meter = Meter(build, folder, keyboard_stub(build))
    meter.path.unlink()
    with Machine(name="bench-key", build=build, icount=True, log_file=True, extra=meter.option, budget=180) as machine:
        machine.wait_screen(PROMPT)
        costs, key_halts = [], 0
        for letter in LETTERS:
            before = meter.settle(machine, 0.1)["store_events"]
            machine.key_down(letter)
            machine.wait(lambda: meter.read()["store_events"] > before, f"the key {letter} on the screen", 20)
            seen = meter.settle(machine, 0.1)
            costs.append(seen["first_store_at"] - seen["start_at"])
            key_halts += seen["first_store_halts"]
            machine.key_up(letter)
        costs.sort()
    yield ("boot_to_prompt", boot, "instructions",
           f"from the kernel's first instruction to the prompt's last cell; {halted(halts)}")
    for (name, *_), begin, end in zip(parts, marks[::2], marks[1::2]):
        if not seen["begin_at"] <= begin < end:
            sys.exit(f"{name} was not seen to start")
        yield (f"boot_{name}", end - begin, "instructions", PART.get(name, f"from {name}'s first instruction until it serves"))
    yield ("key_to_cell", costs[0], "instructions",
           "from the first instruction of the keyboard's interrupt stub to the store of the character to 0xb8000, through "
           f"kbd, shell and vga; the least of {len(costs)} keys: others meet a tick of the clock, or the shell's, on their way "
           f"(the median is {costs[len(costs) // 2]}); {halted(key_halts)}")


SERIES = {
    "message_call": "call with six words and a body of so many bytes, as ipc_call",
    "message_reply": "reply_recv with the same",
    "map": "mapping so many pages of a run, its rights checked; page tables are there",
    "protect": "taking away the right to write from so many pages",
    "unmap": "removing so many pages",
    "malloc": "malloc of so many bytes, from a heap that has some",
    "free": "giving such a block back",
    "clients": "one client's part in a round in which so many processes call one server, which answers when all have come",
    "ipc_round_trip_others": "as ipc_round_trip, while so many other threads live, each with an endpoint: one of ten is ready "
                             "below, nine wait; caller and partner hold a capability for every endpoint",
    "notify_wake_others": "a notification that wakes a thread of higher priority in another address space, among as many others",
}
OPERATIONS = {
    "process_create": "making a process of a run of three pages and giving it a pool of eight",
    "process_destroy": "ending such a process; its runs come back, cleared",
    "thread_create": "making a thread of it",
    "thread_destroy": "ending that thread",
    "screen_scroll": "a write to vga that moves all rows up: the call, the grid, the cells that change, the keep region",
}


def what_of(name):
    return OPERATIONS.get(name) or SERIES[name.rpartition("_")[0]]


def in_inits_place(build):
    """What only somebody with all capabilities can do: tests/programs/bench_init, booted as the module init."""
    with Machine(name="bench-init", build=build, kernel=build / "kernel.elf", icount=True, log_file=True, budget=120,
                 modules=[(build / "tests/programs/bench_init.elf", "init")]) as machine:
        machine.wait_log(r"bench end \d+")
        for name, value in re.findall(r"bench (\w+) (\d+)", machine.log()):
            if name != "end":
                yield name, int(value), "instructions", what_of(name)


ALONE = {
    "ipc_call": "call with six random words, checked, between two processes, a third thread ready below: from before the client's syscall until behind the server's",
    "ipc_reply_recv": "reply_recv with six words, back to the client in the same way",
    "ipc_round_trip": "the sum of the two",
    "ipc_round_trip_fpu": "as ipc_round_trip, where both sides use SSE",
    "ipc_call_fpu_client": "as ipc_call, where only the client does",
    "ipc_call_fpu_server": "as ipc_call, where only the server does",
    "ipc_call_medium": "call with ten words, four of them in the message page",
    "ipc_reply_medium": "reply_recv with the same",
    "notify_no_switch": "a notification at whose endpoint nobody waits",
    "notify_wake_lower": "a notification that wakes a thread of lower priority",
    "yield_other_space": "yield to another thread of the same priority, in another address space",
    "fault_round_trip": "from a pager's answer to a page fault until it has the next one: nothing is mapped, the page is touched again",
    "map_page": "mapping one page of a run, its rights checked; the page tables are there",
    "irq_to_driver": "from a thread's last look at the clock before the interrupt, at most eight instructions, until behind the "
                     "driver's recv",
}


def measured_alone(build, options="", request="measure", memory="128M"):
    """{row: figure} of tests/programs/attack_init in init's place, asked by a second module to measure."""
    program = build / "tests/programs/attack_init.elf"
    with Machine(name="bench-alone", build=build, kernel=build / "kernel.elf", icount=True, log_file=True, budget=120,
                 memory=memory, append=options, extra=["-rtc", "clock=vm"],
                 modules=[(program, "init"), (program, request)]) as machine:
        machine.wait_log(r"all is measured")
        log = machine.log()
    if bad := re.search(r"^: bad .*$", log, re.MULTILINE):
        sys.exit(bad[0])
    return {name: int(value) for name, value in re.findall(r"bench (\w+) (\d+)", log)}


def where_nothing_else_runs(build):
    found = measured_alone(build)
    for name, what in ALONE.items():
        yield name, found[name], "instructions", what
    yield ("ipc_round_trip_c", measured_alone(build, "fastpath=off")["ipc_round_trip"], "instructions",
           "ipc_round_trip with the fast path switched off")
    for name, value in sorted(measured_alone(build, request="measure-others", memory="512M").items()):
        yield name, value, "instructions", what_of(name)


HLT = b"\xf4"  # which ring 3 may not execute: a general protection fault, and nothing else here makes one


def forbidden_place(build, image):
    """An address in the image's code where a processor that jumps there meets `hlt`."""
    listing = subprocess.run(["readelf", "-SW", build / f"{image}.elf"], capture_output=True, text=True, check=True).stdout
    address, offset, size = (int(word, 16) for word in re.search(r" \.text +PROGBITS +(\w+) (\w+) (\w+)", listing).groups())
    at = (build / f"{image}.elf").read_bytes()[offset:offset + size].find(HLT)
    return address + at if at >= 0 else sys.exit(f"{image} has no byte {HLT.hex()} in its code")


def recovery(build, folder, server, handler):
    """See below. A run in which gdb came between says so by its events, and is made again."""
    for _ in range(3):
        events, taken = one_recovery(build, folder, server, handler)
        if events == 2:
            return taken
    sys.exit(f"{events} events instead of a fault and a recovery of {server}")


def one_recovery(build, folder, server, handler):
    """The instructions from the kernel's first of the fault's until a client has the answer of the next life. gdb lets the
    server jump to what it may not execute, in a handler that only this client calls. (The machine stands still while gdb
    looks, which is no instruction, but is time: so this is counted from outside.)"""
    image, socket = f"servers/{server}", pathlib.Path(folder, "gdb")
    socket.unlink(missing_ok=True)
    meter = Meter(build, folder, symbol(build, "trap_13"), symbol(build, "recovered", "tests/programs/spawner"))
    with Machine(name=f"bench-recovery-{server}", system="tests", build=build, icount=True, log_file=True, budget=180,
                 extra=[*meter.option, "-gdb", f"unix:{socket},server=on,wait=off"]) as machine:
        machine.wait_screen(PROMPT)
        lines = ["set confirm off", "set pagination off", "set architecture i386:x86-64", f"target remote {socket}",
                 f"thbreak *{symbol(build, handler, image)}", "continue", f"set $rip = {forbidden_place(build, image)}", "detach"]
        with subprocess.Popen(["gdb", "-q", "-nx", "-batch", *(word for line in lines for word in ("-ex", line))], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as debugger:
            try:
                for line in debugger.stdout:
                    if "breakpoint 1 at" in line:
                        break
                machine.wait(lambda: "running" in machine.monitor("info status"), "gdb to let the machine go on", 20)
                machine.type_text(f"spawner recovery {server}\n")
                machine.wait_log(f"^spawner: {server} has recovered", 20)
            finally:
                debugger.terminate()
        machine.wait_log(f"^init: {server}: GENERAL PROTECTION FAULT", 5)
        seen = meter.read()
    meter.path.unlink()
    return seen["start_events"], seen["start_at"] - seen["begin_at"]


def recoveries(build, folder):
    for server, handler in (("vga", "do_read_cells"), ("kbd", "do_state")):
        yield (f"recovery_{server}", recovery(build, folder, server, handler), "instructions",
               f"from a fault in {server}, in ring 3, until a client has the answer of the next life; the sentence on the "
               "screen included, and the log as far as it gets meanwhile")


def from_inside(build):
    with Machine(name="bench-inside", system="tests", build=build, icount=True, log_file=True, budget=180) as machine:
        machine.wait_screen(PROMPT)
        machine.type_text("bench\n")
        machine.wait_log(r"bench end \d+")
        found = dict(re.findall(r"bench (\w+) (\d+)", machine.log()))
    for name, what in INSIDE.items():
        if name not in found:
            sys.exit(f"user/bench did not measure {name}; its log: {build}/log/bench-inside.log")
        yield name, int(found.pop(name)), "instructions", what
    for name, value in found.items():
        if name != "end":
            yield name, int(value), "instructions", what_of(name)



def kernel_alone(build):
    """From a module in init's place (tests/programs/attack_init), which asks the kernel for its longest work."""
    attacker = build / "tests" / "programs" / "attack_init.elf"
    with Machine(name="bench-stress", build=build, kernel=build / "kernel.elf", memory="2G", icount=True, budget=180,
                 modules=[(attacker, "init"), (attacker, "stress")], extra=["-rtc", "clock=vm"]) as machine:
        machine.wait_log(r"^: all attacks are over$")
        found = dict(re.findall(r"bench (\w+) (\d+)", machine.log()))
        longest = {name: (value, machine.name) for name, value in machine.entries.read().items()}
    for name, copies in (("destroy_1_copy", "one other capability"), ("destroy_10000_copies", "10,000 others in 100 processes")):
        if name not in found:
            sys.exit(f"the stress did not measure {name}; its log: {build}/log/bench-stress.log")
        yield name, int(found[name]), "instructions", f"an endpoint's end while {copies} lead to it, all of them dead at once"
    for name, (value, where) in recorded(build, build / "kernel.elf").items():
        longest[name] = max(longest.get(name, (0, "")), (value, where))
    (value, where), name = max((place, name) for name, place in longest.items())
    yield ("longest_kernel_entry", value, "instructions",
           f"the longest that the kernel executes between a way in and the way out, in all boots of this kernel until now: {name}, "
           f"in the machine {where}; what is asked on purpose in tests/programs/attack_init/stress.c is among them")


def sizes(build):
    listing = subprocess.run(["readelf", "-SW", build / "kernel.elf"], capture_output=True, text=True, check=True).stdout
    text = sum(int(size, 16) for size in re.findall(r"\]\s+\.(?:boot\.)?text\s+\w+\s+\w+\s+\w+\s+(\w+)", listing))
    yield "kernel_text_bytes", text, "bytes", "machine code of the kernel (.text and .boot.text)"
    yield "iso_bytes", (build / "annulet.iso").stat().st_size, "bytes", "annulet.iso"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    build = parser.parse_args().build.resolve()
    with tempfile.TemporaryDirectory() as folder:
        try:
            rows = [*from_inside(build), *where_nothing_else_runs(build), *in_inits_place(build), *recoveries(build, folder),
                    *boot_and_keys(build, folder), *kernel_alone(build), *sizes(build)]
        except Verdict as verdict:
            sys.exit(str(verdict))
    output = build / "bench" / "bench.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    named = [dict(zip(("name", "value", "unit", "what"), row)) for row in rows]
    output.write_text(json.dumps({"rows": named}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    baseline = bench_compare.read(bench_compare.BASELINE) if bench_compare.BASELINE.exists() else None
    print("\n".join(bench_compare.table({"rows": named}, baseline)))
    pictures = bench_plots.draw(named, output.parent)
    shown = output.relative_to(ROOT) if output.is_relative_to(ROOT) else output
    print(f"  -> {shown}; pictures beside it: {', '.join(pictures)}")


if __name__ == "__main__":
    main()
