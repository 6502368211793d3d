# SPDX-License-Identifier: MIT
"""The kernel seen from outside: QEMU's monitor, its page tables as they lie in memory, and gdb for faults that the shipped
kernel must never make by itself."""

import json
import re
import subprocess

import session
from harness.gdb import Debugger, symbols
from harness.images import build_folder

CR0_WP, CR0_EM = 1 << 16, 1 << 2
CR4_UMIP, CR4_FSGSBASE, CR4_SMEP, CR4_SMAP = 1 << 11, 1 << 16, 1 << 20, 1 << 21
EFER_SCE, EFER_NXE = 1 << 0, 1 << 11
PRESENT, WRITE, USER, LARGE, NX = 1 << 0, 1 << 1, 1 << 2, 1 << 7, 1 << 63
ADDRESS = ((1 << 52) - 1) & ~0xFFF
MASK = (1 << 64) - 1
PHYSMAP, KERNEL = 0xFFFF800000000000, 0xFFFFFFFF80000000


def register(machine, name):
    return int(re.search(rf"\b{name}\s*=\s*([0-9a-f]+)", machine.monitor("info registers"))[1], 16)


def pages(machine, root):
    """Every mapping under a top table, read from physical memory: (address, physical, size, rights of all levels)."""
    def table(at):
        memory = machine.physical(at, 4096)
        return [int.from_bytes(memory[i:i + 8], "little") for i in range(0, 4096, 8)]

    def walk(at, level, base, rights):
        for index, entry in enumerate(table(at)):
            if not entry & PRESENT:
                continue
            address = base + (index << (12 + 9 * level))
            mine = (rights & entry & (WRITE | USER)) | ((rights | entry) & NX)
            if level == 0 or entry & LARGE:
                yield address, entry & ADDRESS & ~((1 << (12 + 9 * level)) - 1), 1 << (12 + 9 * level), mine
            else:
                yield from walk(entry & ADDRESS, level - 1, address, mine)

    for index, entry in enumerate(table(root)):
        if entry & PRESENT:
            base = index << 39 | (MASK << 48 & MASK if index >= 256 else 0)
            yield from walk(entry & ADDRESS, 2, base, (entry & (WRITE | USER)) | (entry & NX))


def at_prompt(boot, **options):
    machine = boot(**options)
    machine.wait_screen("annulet> ")
    return machine


def test_the_protections_of_the_processor_are_switched_on(boot):
    machine = at_prompt(boot)
    cr0, cr4, efer = (register(machine, name) for name in ("CR0", "CR4", "EFER"))
    assert cr0 & CR0_WP and not cr0 & CR0_EM
    assert cr4 & CR4_SMEP and cr4 & CR4_SMAP and cr4 & CR4_UMIP and not cr4 & CR4_FSGSBASE
    assert efer & EFER_NXE and efer & EFER_SCE
    assert register(machine, "DR7") == 0x400


def test_no_page_is_writable_and_executable_and_kernel_text_is_read_only_through_every_alias(boot):
    machine = at_prompt(boot)
    known = symbols(machine.symbols_file)
    text, rodata, data, end = (known[f"kernel_{part}"] - KERNEL for part in ("text", "rodata", "data", "end"))
    seen = {}
    for address, physical, size, rights in pages(machine, register(machine, "CR3") & ADDRESS):
        assert not (rights & WRITE and not rights & NX), f"{address:#x} is writable and executable"
        if address < 1 << 47:
            assert rights & USER
            continue
        assert not rights & USER, f"{address:#x} of the kernel half is open to ring 3"
        for page in range(physical, physical + size, 4096):
            if text <= page < end:
                seen.setdefault(page, []).append((address + page - physical, rights))
    for page in range(text, data, 4096):
        views = seen.pop(page)
        assert len(views) == 2, f"{page:#x}: kernel image and physical map"
        for address, rights in views:
            assert not rights & WRITE, f"{address:#x} is a writable view of {page:#x}"
            assert bool(rights & NX) == (address < KERNEL or page >= rodata)
    guard = known["kernel_stack_guard"]
    assert all(address & ~0xFFF != guard for views in seen.values() for address, _ in views), "the guard page is mapped"


def test_the_low_map_of_the_boot_is_gone(boot):
    machine = at_prompt(boot)
    root = symbols(machine.symbols_file)["kernel_page_table"] - KERNEL
    top = int.from_bytes(machine.physical(root, 8), "little")
    assert all(address >= 1 << 47 for address, _, _, _ in pages(machine, top))


def test_the_pics_deliver_at_vectors_32_to_47_and_lines_without_an_owner_are_masked(boot):
    machine = at_prompt(boot)
    pics = {int(which): dict(re.findall(r"(\w+)=([0-9a-f]+)", line))
            for which, line in re.findall(r"^pic(\d): (.*)$", machine.monitor("info pic").replace("\r", ""), re.MULTILINE)}
    assert [int(pics[i]["irq_base"], 16) for i in (0, 1)] == [0x20, 0x28]
    # Open: 0 the clock, 2 the second PIC, 4 the log's UART, and the lines that a driver has.
    system = json.loads((build_folder() / "system.json").read_text(encoding="utf-8"))
    owned = {0, 2, 4}.union(*(entry["irqs"] for entry in system["entries"]))
    masked = sum(1 << line for line in range(16) if line not in owned)
    assert [int(pics[i]["imr"], 16) for i in (0, 1)] == [masked & 0xFF, masked >> 8]
    assert [int(pics[i]["isr"], 16) for i in (0, 1)] == [0, 0], "every interrupt was ended"


def test_an_interrupt_that_went_away_is_recognised_as_spurious(boot, tmp_path):
    debugger = Debugger(boot, tmp_path)
    known = symbols(debugger.machine.symbols_file)
    frame = {0: "(long)&idle_halt", 8: "0x08", 16: "0x202", 24: "(long)&kernel_stack_top", 32: "0x10"}
    for line in (7, 15):
        # What the processor does on that line's vector in the idle loop, while the PIC has nothing in service.
        debugger.run("hbreak idle_loop", "continue", "delete", "set $rsp = (long)&kernel_stack_top - 40",
                     *[f"set *(long *)($rsp + {at}) = {value}" for at, value in frame.items()], "set $eflags = 2",
                     f"set $rip = {known[f'trap_{32 + line}']:#x}")
        debugger.machine.wait_log(rf"^kernel: interrupt line {line}: spurious$", timeout=10)
    debugger.machine.wait_screen("annulet> ")
    debugger.machine.type_text("echo alive\n")
    debugger.machine.wait_screen(re.compile(r"^alive$", re.MULTILINE))


def uptime(shell):
    """Seconds of virtual time, as the shell tells them."""
    hours, minutes, seconds = re.fullmatch(r"up (\d+) h (\d+) min ([\d.]+) s", shell.run("uptime")[0]).groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def test_an_idle_minute_executes_no_more_than_a_ten_thousandth_of_its_time():
    plugin, figures = build_folder() / "meter.so", build_folder() / "log" / "idle.figures"
    extra = ["-plugin", f"{plugin},out={figures},start=0x100020"]
    with session.start("idle", icount=True, extra=extra) as shell:
        started, before = uptime(shell), int.from_bytes(figures.read_bytes()[:8], "little")
        now = started
        # While the processor is halted, virtual time runs as fast as the host can skip it.
        while now < started + 60:
            shell.settle(1)
            now = uptime(shell)
        executed = int.from_bytes(figures.read_bytes()[:8], "little") - before
    assert 0 < executed <= (now - started) * 1e9 / 10_000, f"{executed} instructions in {now - started:.1f} s"


def test_a_kernel_that_overflows_its_stack_says_so_on_a_stack_of_its_own(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    debugger.run("hbreak sys_clock_read", "continue", "delete", "set $rsp = (long)&kernel_stack_guard + 4096")
    machine = debugger.machine
    machine.wait_log(r"^kernel: kernel stack overflow in sys_clock_read$", timeout=10)
    machine.wait_log(r"^kernel: EXCEPTION: DOUBLE FAULT \(vector 8, error 0\)$")
    machine.wait_log(r"^kernel: at 0x\S+ sys_clock_read\+\S+$")
    assert machine.cells().row(0) == "KERNEL PANIC"
    machine.wait(lambda: "HLT=1" in machine.monitor("info registers"), "the processor to stop", timeout=5)


def poke_with(debugger, destination):
    """Lets the kernel's own `rep stosq` write one word to a place of our choice."""
    code = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(debugger.machine.symbols_file)],
                          capture_output=True, text=True, check=True).stdout
    place = re.search(r"^([0-9a-f]+):\s+rep stos %rax", code, re.MULTILINE)[1]
    debugger.run("hbreak sys_clock_read", "continue", "delete",
                 "hbreak capability_find", "continue", "delete",  # which it calls: so there is a frame to trace back
                 f"set $rdi = {destination}", "set $rcx = 1", "set $rax = 0",
                 f"set $rip = 0x{place}")


def test_a_kernel_that_writes_to_its_read_only_data_panics_with_a_symbolised_backtrace(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    poke_with(debugger, "(long)&kernel_rodata")
    log = debugger.machine
    log.wait_log(r"^kernel: KERNEL PANIC$", timeout=10)
    log.wait_log(r"^kernel: EXCEPTION: PAGE FAULT \(vector 14, error 0x3\)$")
    log.wait_log(r"^kernel: backtrace:$")
    log.wait_log(r"^kernel:   0x\S+ syscall_slow\+0x\S+$")
    assert "EXCEPTION: PAGE FAULT" in log.screen_text() and "backtrace:" in log.screen_text()
    assert log.cells().at(0, 0) == (ord("K"), 0x4F)


def test_a_kernel_that_writes_to_its_text_through_the_physical_map_panics(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    poke_with(debugger, f"(long)&kernel_text - {KERNEL:#x} + {PHYSMAP:#x}")
    debugger.machine.wait_log(r"^kernel: EXCEPTION: PAGE FAULT \(vector 14, error 0x3\)$", timeout=10)


def test_a_kernel_that_touches_a_page_of_ring_3_panics(boot, tmp_path):
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    poke_with(debugger, "0x7ffff0010000")
    debugger.machine.wait_log(r"^kernel: EXCEPTION: PAGE FAULT \(vector 14, error 0x3\)$", timeout=10)


def test_an_nmi_is_counted_and_the_system_goes_on(boot):
    machine = at_prompt(boot)
    machine.monitor("nmi")
    machine.wait_log(r"^kernel: NMI: 1 so far$", timeout=10)
    machine.type_text("echo alive\n")
    machine.wait_screen(re.compile(r"^alive$", re.MULTILINE))


def test_the_kernels_stack_has_its_guard_page_from_the_first_line_of_c_on(boot, tmp_path):
    """In the boot's own page tables, before the kernel makes its own."""
    debugger = Debugger(boot, tmp_path, expect_panic=True)
    debugger.run("hbreak multiboot2_open", "continue", "delete", "set $rsp = (long)&kernel_stack_guard + 4096")
    debugger.machine.wait_log(r"^kernel: kernel stack overflow in multiboot2_open$", timeout=10)
    debugger.machine.wait_log(r"^kernel: EXCEPTION: DOUBLE FAULT")


def test_boot_information_of_another_version_is_refused_with_a_message(boot, tmp_path):
    """As an init that was built for another kernel meets it."""
    debugger = Debugger(boot, tmp_path)
    table = [f"set $table = (unsigned long *)({PHYSMAP:#x} + init_process->page_table.raw)"]
    for level in (3, 2, 1):
        index = 0x7FFFF0000000 >> (12 + 9 * level) & 511  # USER_START_PAGE
        table.append(f"set $table = (unsigned long *)({PHYSMAP:#x} + ($table[{index}] & 0x000ffffffffff000))")
    page = f"({PHYSMAP:#x} + ($table[0] & 0x000ffffffffff000))"
    debugger.run("hbreak thread_start_first", "continue", "delete", *table, f"set *(unsigned *)({page} + 8) = 99")
    sentence = "boot information: version 99, but this program was built for version 1"
    debugger.machine.wait_log(rf"^kernel: init died: {sentence} The machine stops\.$", timeout=10)
    assert f"init died: {sentence}" in debugger.machine.screen_text().replace("\n", " ")
