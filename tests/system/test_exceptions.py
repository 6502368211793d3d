# SPDX-License-Identifier: MIT
"""What ring 3 may not do, done by `probe`, one thing at a time: only the offender is stopped, and people read why."""

import re
import time

import pytest

import session

GP = r"GENERAL PROTECTION FAULT"


def page_fault(how, address, why):
    return rf"PAGE FAULT: {how} {address}, {why}"


NULL = "0x0"
KERNEL = "the kernel's half"
IMAGE = "0xffffffff80100000"
PHYSMAP = "0xffff800000100000"

# name: what init says of the death
MEMORY = {
    "null-read": page_fault("read from", NULL, "not mapped") + r", at 0x\w+ null_read\+",
    "null-write": page_fault("write to", NULL, "not mapped") + r", at 0x\w+ null_write\+",
    "null-call": page_fault("jump to", NULL, "not mapped"),
    "unmapped-write": page_fault("write to", "0xdeadbeaf", "not mapped") + r", at 0x\w+ unmapped_write\+",
    "kernel-read": page_fault("read from", IMAGE, KERNEL),
    "kernel-write": page_fault("write to", IMAGE, KERNEL),
    "kernel-call": page_fault("jump to", IMAGE, KERNEL),
    "physmap-read": page_fault("read from", PHYSMAP, KERNEL),
    "physmap-write": page_fault("write to", PHYSMAP, KERNEL),
    "frames-write": page_fault("write to", "0xffffff0000000000", KERNEL),
    "screen-write": page_fault("write to", "0xb8000", "not mapped"),
    "screen-alias": page_fault("write to", "0xffff8000000b8000", KERNEL),
    "neighbour-read": page_fault("read from", "0x[0-9a-f]+", "not mapped"),
    "neighbour-write": page_fault("write to", "0x[0-9a-f]+", "not mapped"),
    "text-write": page_fault("write to", "0x[0-9a-f]+", "read-only"),
    "rodata-write": page_fault("write to", "0x[0-9a-f]+", "read-only"),
    "start-write": page_fault("write to", "0x7ffff0000000", "read-only"),
    "data-exec": page_fault("jump to", "0x[0-9a-f]+", "not executable"),
    "stack-exec": page_fault("jump to", "0x7fffdfff[0-9a-f]+", "not executable"),
    "message-exec": page_fault("jump to", "0x7ffff0010020", "not executable"),
    "stack-overflow": page_fault("write to", "0x7fffdffef[0-9a-f]+", "stack overflow") + r", at 0x\w+ recurse\+",
    "big-frame": page_fault(r"(?:read from|write to)", "0x7fffdffef[0-9a-f]+", "stack overflow")
                 + r", at 0x\w+ big_frame\+",
    "last-page": page_fault("jump to", "0x7ffffffff000", "not mapped"),
    "noncanonical": GP + r" at 0x\w+ noncanonical\+",
}

PRIVILEGED = {
    "cli": "do_cli", "sti": "do_sti", "hlt": "do_hlt", "port-in": "port_in", "port-out": "port_out",
    "port-string": "port_string", "read-cr0": "read_cr0", "read-cr3": "read_cr3", "mov-cr0": "write_cr0",
    "mov-cr3": "write_cr3", "mov-cr4": "write_cr4", "mov-dr7": "write_dr7", "rdmsr": "do_rdmsr", "wrmsr": "do_wrmsr",
    "rdpmc": "do_rdpmc", "lgdt": "do_lgdt", "lidt": "do_lidt", "lldt": "do_lldt", "ltr": "do_ltr", "sgdt": "do_sgdt",
    "sidt": "do_sidt", "smsw": "do_smsw", "invlpg": "do_invlpg", "wbinvd": "do_wbinvd", "clts": "do_clts",
    "swapgs": "do_swapgs", "sysret": "do_sysret", "xsetbv": "do_xsetbv",
}
UNKNOWN = {"stac": "do_stac", "wrfsbase": "do_wrfsbase", "wrgsbase": "do_wrgsbase", "ud2": "do_ud2"}

OTHERS = {
    "kernel-segment": GP + r": error code 0x10 at 0x\w+ kernel_segment\+",
    # QEMU reads the frame of a far return as ring 0 would, and SMAP refuses that before the segment is looked at.
    "kernel-code": rf"(?:{GP}: error code 0x8|PAGE FAULT: read from 0x7fffdfff\w+, not accessible)",
    "ring0-iret": rf"(?:{GP}: error code 0x8|PAGE FAULT: read from 0x7fffdfff\w+, not accessible)",
    "int": GP + r": error code 0x(?:402|802) at 0x\w+ stubs\+0x200",  # see idt_error
    "div-zero": r"DIVIDE BY ZERO at 0x\w+ div_zero\+",
    "icebp": r"(?:DEBUG|INVALID OPCODE) at 0x\w+ do_icebp\+",
    "single-step": r"DEBUG at 0x\w+ ",
    "stack-segment": rf"(?:STACK SEGMENT FAULT|{GP}) at 0x\w+ stack_segment\+",
    "x87": r"X87 FLOATING POINT at 0x\w+ x87_error\+",
}

DEATHS = {
    **MEMORY,
    **{name: rf"{GP} at 0x\w+ {symbol}\+" for name, symbol in PRIVILEGED.items()},
    **{name: rf"INVALID OPCODE at 0x\w+ {symbol}\+" for name, symbol in UNKNOWN.items()},
    **OTHERS,
}

# name: what the probe itself says
REFUSALS = {
    "bad-syscall": r"2\d\d operations that do not exist: refused, ERR_BAD_SYSCALL",
    "bad-cap": r"\d+ operations on slots that hold nothing: refused, ERR_NO_CAP",
    "wrong-type": r"\d+ operations on the clock: refused, ERR_WRONG_TYPE",
    "bad-pointer": r"\d{4} operations with wild numbers: nothing followed",
    "port-call": r"port 0x60: refused, ERR_",
    "more-rights": r"badging vga anew: refused, ERR_NO_RIGHT",
    "wild-stack": r"null call on 6 wild stacks",
    "wild-length": r"a message with five capabilities: refused, ERR_BAD_MESSAGE",
    "kill-server": r"killing vga: refused, ERR_",
    "int3": r"It did not crash!",
    "popf": r"It did not crash!",
    "misaligned": r"misaligned read with the alignment flag set: 0x11223344556677",
    "hog": r"memory refused after [1-9]\d* blocks",
}

ELSEWHERE = {"exit", "panic", "assert", "spin", "sleep"}  # tests/system/test_shell.py
EMULATOR = {"sse"}  # QEMU raises no SSE exceptions: nothing to see


@pytest.fixture(scope="module")
def shell():
    with session.start("exceptions", budget=240.0) as started:
        yield started
        assert "FORBIDDEN THING WORKED" not in started.machine.log()


def idt_error(number):
    """The error code names a gate of the IDT: number × 8 + 2 (SDM vol. 3, 6.13). QEMU multiplies by 16 in long mode."""
    return f"{number * 8 + 2:#x}|{number * 16 + 2:#x}"


def test_every_probe_has_its_test(shell):
    rows = shell.run("probe")
    listed = {word for row in rows[:-1] for word in row.split()}
    assert listed == DEATHS.keys() | REFUSALS.keys() | ELSEWHERE | EMULATOR | {"double-free"}


@pytest.mark.parametrize("name", DEATHS)
def test_the_offender_alone_dies(shell, name):
    mark = shell.log_mark()
    rows = shell.run(f"probe {name}")
    sentence = shell.told(mark, rf"^init: (probe: {DEATHS[name]}.*)$")[1]
    assert sentence in "".join(row.ljust(80) for row in rows), "the sentence is on the screen too"
    assert "FORBIDDEN THING WORKED" not in shell.log_since(mark)


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_changes_nothing(shell, name):
    mark = shell.log_mark()
    shell.run(f"probe {name}", timeout=30)
    shell.told(mark, rf"^probe: {REFUSALS[name]}")
    shell.told(mark, r"^probe: It did not crash!$")
    assert "FORBIDDEN THING WORKED" not in shell.log_since(mark)


def test_a_breakpoint_is_reported_behind_its_instruction_and_the_next_line_runs(shell):
    mark = shell.log_mark()
    rows = shell.run("probe int3")
    assert rows[-1] == "It did not crash!"
    shell.told(mark, r"^init: probe: BREAKPOINT at 0x[0-9a-f]+ do_int3\+0x1$")


def test_a_block_freed_twice_is_named(shell):
    mark = shell.log_mark()
    shell.run("probe double-free")
    shell.told(mark, r"^init: probe: .*free")


def test_a_report_has_a_backtrace_with_symbols(shell):
    mark = shell.log_mark()
    shell.run("probe stack-overflow")
    shell.told(mark, r"^init: probe: at 0x[0-9a-f]+ recurse\+0x[0-9a-f]+$")
    shell.run("probe null-write")
    shell.told(mark, r"PAGE FAULT: write to 0x0.*\n(?:init: probe: at .*\n)*init: probe: at 0x[0-9a-f]+ _start\+")


def interrupt(shell, number):
    """One `probe int`, typed without looking; once more where a busy host is late."""
    wanted = re.compile(rf"^init: probe: {GP}: error code (?:{idt_error(number)}) at ", re.MULTILINE)
    for _ in range(3):
        mark = shell.log_mark()
        shell.feed(f"probe int {number}\n")
        limit = time.monotonic() + 2
        while time.monotonic() < limit:
            if wanted.search(shell.log_since(mark)):
                return True
            time.sleep(0.002)
        shell.press("ctrl", "c")
        shell.wait_prompt()
    return False


def test_every_software_interrupt_but_the_breakpoint_is_refused(shell):
    assert [number for number in range(256) if number != 3 and not interrupt(shell, number)] == []
    shell.wait_prompt()


def test_afterwards_everybody_else_goes_on(shell):
    assert shell.run("say ping") == ["ping"]
    rows = shell.run("ps")
    for name in ("init", "memory", "vga", "kbd", "echo"):
        assert any(re.match(rf" *\d+ {name} +server +running", row) and not re.search(r"\d+ \d+ [A-Za-z]", row)
                   for row in rows), rows
