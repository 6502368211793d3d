# SPDX-License-Identifier: MIT
"""The debug kernel audits itself: a census finds nothing in a system that works, and names the first thing that is wrong
where gdb has put a wrong value into it."""

import re
import shutil
import subprocess

import pytest
import session
from harness.census import census
from harness.gdb import Debugger
from harness.images import ROOT, build_folder, make

PHYSMAP = 0xFFFF800000000000
ADDRESS = "0x000ffffffffff000"
MESSAGE_PAGE = 0x7FFFF0010000  # of init's first thread: abi/layout.h


@pytest.fixture(scope="module", autouse=True)
def debug_kernel():
    made = make("all", "debug-kernel")
    assert made.returncode == 0, made.stdout + made.stderr


def walk(variable, root, address):
    """gdb's commands that make $variable the leaf table of an address."""
    commands = [f"set ${variable} = (unsigned long *)({PHYSMAP:#x} + {root})"]
    for level in (3, 2, 1):
        index = address >> (12 + 9 * level) & 511
        commands.append(f"set ${variable} = (unsigned long *)({PHYSMAP:#x} + (${variable}[{index}] & {ADDRESS}))")
    return commands


LEAF = [*walk("leaf", "init_process->page_table.raw", MESSAGE_PAGE), "set $entry = &$leaf[16]",
        f"set $frame = &((struct frame *)0xffffff0000000000)[(*$entry & {ADDRESS}) >> 12]"]
KERNEL_TEXT = [*walk("leaf", "kernel_page_table.raw", 0xFFFFFFFF80100000),
               "set $entry = &$leaf[((unsigned long)&kernel_text >> 12) & 511]"]
ALIAS = [*walk("leaf", "kernel_page_table.raw", PHYSMAP + 0x100000),
         "set $entry = &$leaf[((unsigned long)&kernel_text >> 12) & 511]"]
THREAD = ["set $t = (struct thread *)((char *)init_process->threads.next - (long)&((struct thread *)0)->in_process)",
          "set $u = (struct thread *)((char *)init_process->threads.next->next - (long)&((struct thread *)0)->in_process)",
          "set $e = (struct endpoint *)((long)$t->endpoint << 7)"]

# name, gdb's commands, the invariant that the census names
WRONG = [
    ("a_user_mapping_of_a_kernel_frame", [*LEAF, f"set *$entry = (*$entry & ~{ADDRESS}) | 0x100000"], "I1"),
    ("a_kernel_page_that_ring_3_may_touch", [*KERNEL_TEXT, "set *$entry |= 4"], "I1"),
    ("a_page_table_that_is_no_page_table", [f"set $top = (unsigned long *)({PHYSMAP:#x} + init_process->page_table.raw)",
                                            f"set $top[255] = ($top[255] & ~{ADDRESS}) | 0x100000"], "I1"),
    ("a_page_table_with_a_wrong_count", [f"set $top = (unsigned long *)({PHYSMAP:#x} + init_process->page_table.raw)",
                                         f"set ((struct frame *)0xffffff0000000000)[($top[255] & {ADDRESS}) >> 12].entries = 77"],
     "I1"),
    ("a_writable_page_that_is_executable", [*LEAF, "set *$entry &= ~(1ul << 63)"], "I2"),
    ("kernel_text_that_is_writable", [*KERNEL_TEXT, "set *$entry |= 2"], "I2"),
    ("kernel_text_that_is_writable_through_the_physical_map", [*ALIAS, "set *$entry |= 2"], "I2"),
    ("kernel_data_that_is_executable", [*ALIAS, "set *$entry &= ~(1ul << 63)"], "I2"),
    ("a_map_count", [*LEAF, "set $frame->maps = 5"], "I3"),
    ("a_pin_that_is_lost", [*LEAF, "set $frame->pins = 0"], "I3"),
    ("a_run_that_counts_a_mapping_too_many", [*LEAF, "set $frame->head->run_maps += 1"], "I3"),
    ("a_process_that_counts_a_mapping_too_few", ["set init_process->mapped_pages -= 1"], "I3"),
    ("a_frame_that_loses_its_books_of_writing", [*LEAF, "set $frame->writers = 0"], "I3"),
    ("a_pool_that_counts_a_frame_too_many", ["set init_process->free_frames += 1"], "I4"),
    ("a_free_list_that_loses_a_frame", ["set init_process->free = init_process->free->next"], "I4"),
    ("a_free_list_that_goes_in_a_circle", ["set init_process->free->next->next = init_process->free"], "I4"),
    ("a_frame_of_the_kernel_that_becomes_memory", ["set ((struct frame *)0xffffff0000000000)[0x101].stamp = 0x10100"], "I4"),
    ("a_pool_frame_that_becomes_nothing", ["set init_process->free->stamp = 0x10000"], "I4"),
    ("a_capability_with_a_stamp_from_nowhere", ["set init_process->table[2].stamp += 0x50000"], "I5"),
    ("a_capability_that_names_no_frame", ["set init_process->table[2].object = (struct frame *)((long)current + 64)"], "I5"),
    ("a_dead_capability_that_may_send", ["set init_process->table[9].send_stamp = nobody_frame.stamp"], "I5"),
    ("a_thread_in_a_state_that_it_is_not_in", [*THREAD, "set $t->state = THREAD_READY"], "I6"),
    ("a_thread_that_is_not_counted", ["set init_process->thread_count -= 1"], "I6"),
    ("a_ready_bit_without_a_thread", ["set ready_bitmap |= 1 << 3"], "I6"),
    ("an_endpoint_that_forgets_who_waits", [*THREAD, "set $e->waiter = &nobody"], "I6"),
    ("bits_that_nobody_is_told_of", [*THREAD, "set ((struct endpoint *)((long)$u->endpoint << 7))->bits = 8"], "I6"),
    ("a_reply_that_nobody_waits_for", [*THREAD, "set $t->client = $u"], "I7"),
    ("a_caller_whom_nobody_will_answer", [*THREAD, "set $t->state = THREAD_CALLING", "set $t->server = $u"], "I7"),
    ("calls_in_a_circle", [*THREAD, "set $t->state = THREAD_CALLING", "set $u->state = THREAD_CALLING", "set $t->server = $u",
                           "set $u->server = $t", "set $u->client = $t", "set $t->client = $u"], "I8"),
    ("smep_off", ["set $cr4 = $cr4 & ~(1 << 20)"], "I10"),
    ("a_gate_that_ring_3_may_use", ["set idt[14].type |= 0x60"], "I10"),
    ("a_stack_of_the_tss", ["set task_state.ist[2] = 0"], "I10"),
    ("a_segment", ["set gdt[0] = 1"], "I10"),
    ("kernel_text_that_changed", ["set *(char *)((long)&kernel_rodata - 1) ^= 1"], "I11"),
    ("a_constant_that_changed", ["set *(char *)&kernel_symbols_count ^= 1"], "I11"),
    ("a_write_to_a_free_frame", ["set *(char *)(((unsigned long)init_process->free << 7) + 2048) ^= 1"], "I12"),
    ("a_stack_that_was_used_to_its_end", ["set *(long *)((long)&kernel_stack_guard + 4096) = 0"], "I12"),
    ("a_stack_of_exceptions_that_was_used_to_its_end", ["set *(long *)((long)&ist_stacks + 4096) = 0"], "I12"),
]


@pytest.mark.parametrize("pokes, invariant", [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_the_census_names_what_is_wrong(boot, tmp_path, pokes, invariant):
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run()
    machine = debugger.machine
    machine.wait_screen("annulet> ")
    said = debugger.run(*pokes, "set asked = 1")
    assert "No symbol" not in said and "Cannot access" not in said and "syntax error" not in said, said
    machine.wait_log(r"^kernel: KERNEL PANIC$", timeout=10)
    told = machine.wait_log(r"^kernel: census: (I\d+): (.*)$", timeout=5)
    assert told[1] == invariant, told[0]
    assert machine.cells().row(1).startswith(f"census: {invariant}: ")


def test_the_census_names_a_line_that_somebody_else_unmasked(boot):
    machine = boot(kernel="debug", expect_panic=True)
    machine.wait_screen("annulet> ")
    machine.monitor("o /b 0xa1 0")
    machine.monitor("nmi")
    machine.wait_log(r"^kernel: census: I9: the lines masked are 0x.*$", timeout=10)


@pytest.mark.parametrize("cpu", ["max", "qemu64"])
def test_a_system_that_works_passes_every_census_and_no_frame_gets_lost(boot, cpu):
    shell = session.Session(boot(kernel="debug", cpu=cpu, budget=120))
    with shell:
        shell.wait_prompt(60)
        shell.run("run hello")
        first = census(shell.machine)
        assert first["ram"] == sum(first[part] for part in ("kernel", "memory", "in processes", "pools"))
        for _ in range(5):
            shell.run("run hello")
            shell.run("probe null-write")
        for server in ("vga", "kbd", "serial", "echo", "tasks"):
            shell.run(f"kill {server}")
            census(shell.machine)
        shell.run("run hello")
        last = census(shell.machine)
        assert last["number"] >= first["number"] + 21, "one at the end of each process, one for each time that it is asked for"
        for figure in ("ram", "kernel", "memory", "in processes", "pools", "free in pools", "mappings", "processes"):
            assert last[figure] == first[figure], figure
        assert last["stack"] < 12 * 1024
    assert not re.search(r"census: I\d+", shell.machine.log())


TWICE = ["scheduler_init", "segments_init", "features_init", "irq_init", "clock_init", "paging_start", "init_start"]


@pytest.mark.parametrize("function", TWICE)
def test_what_is_initialised_a_second_time_panics(boot, tmp_path, function):
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run("hbreak sys_clock_read", "continue", "delete", f"set $rip = __wrap_{function}")
    debugger.machine.wait_log(rf"^kernel: {function}: called a second time$", timeout=10)


def test_an_index_out_of_bounds_traps_in_the_debug_kernel(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run("hbreak scheduler_tick if current != &idle", "continue", "delete", "set current->priority = 200")
    debugger.machine.wait_log(r"^kernel: EXCEPTION: INVALID OPCODE", timeout=10)
    debugger.machine.wait_log(r"^kernel: at 0x\S+ (take_best|enqueue|dequeue|make_ready|scheduler_\w+)\+")


def test_an_overwritten_canary_is_noticed(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, kernel="debug", expect_panic=True)
    debugger.run("hbreak format_list", "continue", "delete", "set __stack_chk_guard = 1")  # on behalf of log_line
    debugger.machine.wait_log(r"^kernel: census: I12: a function has overwritten the end of its frame$", timeout=10)


def test_the_shipped_kernel_is_the_same_bytes_without_the_debug_kernel(tmp_path):
    """Built in a copy of the tree that has no kernel/debug."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if name.startswith("kernel/debug/") or not (ROOT / name).is_file():
            continue
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    if (ROOT / "build/toolchain").exists():
        (tmp_path / "build").mkdir()
        (tmp_path / "build/toolchain").symlink_to(ROOT / "build/toolchain")
    made = subprocess.run(["make", "-s", "-f", "make/main.mk", "BUILD=build", "build/kernel.elf"], cwd=tmp_path,
                          capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert (tmp_path / "build/kernel.elf").read_bytes() == (build_folder() / "kernel.elf").read_bytes()
    names = subprocess.run(["nm", build_folder() / "kernel.debug"], capture_output=True, text=True, check=True).stdout
    assert "census" not in names and "__wrap_" not in names
