# SPDX-License-Identifier: MIT
"""Ways into the kernel at their worst: on a bad stack, in the middle of the entry, on top of each other. All from outside,
by gdb and QEMU's monitor: the shipped kernel has no hook for it."""

import pathlib
import re
import shutil
import subprocess

import pytest
from harness.gdb import Debugger, symbols
from harness.images import ROOT, build_folder, kernel_image, make
from harness.verdict import TripleFault

DIVIDE, PAGE_FAULT, DOUBLE_FAULT = 0, 14, 8
IST_DOUBLE_FAULT = 3
NO_STACK = "(long)&kernel_stack_guard + 4096"  # the next push meets the guard page


def stopped_in_a_call(debugger, *commands):
    debugger.run("hbreak sys_clock_read", "continue", "delete", *commands)
    return debugger.machine


def test_a_page_fault_on_delivering_a_division_error_is_a_page_fault(boot, tmp_path):
    # A division error, then a page fault: the second is delivered (SDM vol. 3, table 6-5). It has a stack here that works.
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(kernel_image().with_suffix(".debug"))],
                          capture_output=True, text=True, check=True).stdout
    place = re.search(r"^([0-9a-f]+):\s+div +%r\w+", code, re.MULTILINE)
    registers = [f"set $r{name} = 0" for name in ("ax", "bx", "cx", "dx", "si", "di", "bp", 8, 9, 10, 11, 12, 13, 14, 15)]
    assert place, "the kernel divides nowhere"
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    machine = stopped_in_a_call(debugger, f"set idt[{PAGE_FAULT}].ist = {IST_DOUBLE_FAULT}", *registers,
                                f"set $rsp = {NO_STACK}", f"set $rip = 0x{place[1]}")
    machine.wait_log(r"^kernel: EXCEPTION: PAGE FAULT \(vector 14, error 0x2\)$", timeout=10)


def test_a_page_fault_on_delivering_a_page_fault_is_a_double_fault(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    machine = stopped_in_a_call(debugger, f"set $rsp = {NO_STACK}")
    machine.wait_log(r"^kernel: EXCEPTION: DOUBLE FAULT \(vector 8, error 0\)$", timeout=10)


def test_without_a_stack_of_its_own_the_double_fault_is_a_triple_fault(boot, tmp_path):
    debugger = Debugger(boot, tmp_path)
    machine = stopped_in_a_call(debugger, f"set idt[{DOUBLE_FAULT}].ist = 0", f"set $rsp = {NO_STACK}")
    with pytest.raises(TripleFault):
        machine.wait_log(r"^kernel: KERNEL PANIC$", timeout=10)


CLOCK_READ = re.search(r"S\(clock_read, +(\d+),", (ROOT / "abi/syscall.h").read_text(encoding="utf-8"))[1]
STEPS = f"""
maintenance packet Qqemu.sstep=0x1
hbreak syscall_entry if $eax == {CLOCK_READ}
continue
delete
set $n = 0
while $n < 150
  set $at = $rip
  monitor nmi
  stepi
  printf "at %lx taken %lx\\n", $at, $rip
  hbreak *$at
  continue
  delete
  printf "back %lx\\n", $rip
  stepi
  set $n = $n + 1
end
"""


def test_an_nmi_at_every_instruction_of_a_system_calls_way_in_and_out_does_no_harm(boot, tmp_path):
    # Before each instruction an NMI comes, its handler runs and returns there; then that instruction is executed.
    script = tmp_path / "steps.gdb"
    script.write_text(STEPS, encoding="utf-8")
    # A copy, so that this boot is not measured: with the NMIs in it the entry is a long one.
    kernel = pathlib.Path(shutil.copy(build_folder() / "kernel.elf", tmp_path))
    debugger = Debugger(boot, tmp_path, kernel=kernel)
    debugger.run()
    machine = debugger.machine
    machine.wait_screen("annulet> ")
    said = debugger.run(f"source {script}", timeout=100)
    known = symbols(machine.symbols_file)
    steps = [[int(word, 16) for word in row] for row in re.findall(r"^at (\w+) taken (\w+)$.*?^back (\w+)$", said,
                                                                   re.MULTILINE | re.DOTALL)]
    assert len(steps) == 150, said[-2000:]
    # A string instruction is interrupted after a round, and stands where it stood.
    wrong = [(hex(at), hex(taken), hex(back)) for at, taken, back in steps
             if taken not in (known["trap_2"], at) or at != back]
    assert not wrong
    assert sum(taken == known["trap_2"] for _, taken, _ in steps) > 140
    places = {at for at, _, _ in steps}
    assert known["syscall_entry"] in places, "the way in"
    assert any(at < 1 << 47 for at in places), "and out"
    machine.type_text("echo alive\n")
    machine.wait_screen(re.compile(r"^alive$", re.MULTILINE))
    machine.wait_log(r"^kernel: NMI: \d{3} so far$", timeout=10)


@pytest.mark.parametrize("entry", ["irq_handle", "irq_while_idle"])
def test_every_entry_of_the_debug_kernel_looks_at_its_stacks_alignment(boot, tmp_path, entry):
    made = make("all", "debug-kernel")
    assert made.returncode == 0, made.stdout + made.stderr
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run(f"hbreak __wrap_{entry}", "continue", "delete", "set *(long *)($rsp - 8) = *(long *)$rsp", "set $rsp = $rsp - 8")
    debugger.machine.wait_log(r"^kernel: census: I12: an entry's stack is not aligned$", timeout=10)


def test_an_entry_out_of_the_kernel_itself_looks_at_its_stacks_alignment_too(boot, tmp_path):
    # An NMI in the middle of a system call, on the processor's own stack for it.
    made = make("all", "debug-kernel")
    assert made.returncode == 0, made.stdout + made.stderr
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run("hbreak sys_clock_read", "continue", "delete", "hbreak __wrap_trap_from_kernel", "monitor nmi", "continue",
                 "delete", "set *(long *)($rsp - 8) = *(long *)$rsp", "set $rsp = $rsp - 8")
    debugger.machine.wait_log(r"^kernel: census: I12: an entry's stack is not aligned$", timeout=10)
