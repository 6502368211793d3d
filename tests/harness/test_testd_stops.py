# SPDX-License-Identifier: MIT
"""Runs of cases that end otherwise than testd wants: a machine that stops in the middle of a case, and a runner that
says something wrong. Each has its own verdict, and what could run has run."""

import os
import signal
import subprocess

import pytest

from harness import Machine, QemuMissing, cases
from harness.images import build_folder, make

CHOICE = ["program=bad-cases", "file=stop.c"]
BEFORE, STOPPED, BEHIND, LAST = ("good_before_the_stop", "here_the_machine_is_stopped", "good_behind_the_stop",
                                 "another_behind_the_stop")


@pytest.fixture(scope="module", autouse=True)
def built():
    made = make("all", "test-system")
    assert made.returncode == 0, made.stdout + made.stderr


def reached(machine):
    machine.wait_log(f"^testd: run {STOPPED}$", timeout=60)


def stopped(name, how, **options):
    """The Report of a boot in which how(machine) was called while the case ran."""
    def meanwhile(machine):
        reached(machine)
        how(machine)

    report = cases.run(name, CHOICE, meanwhile=meanwhile, **options)
    assert report.verdicts == {BEFORE: ""} and report.running == STOPPED and report.count is None
    return report.problem


# --- the machine stops

def gdb(socket, *commands):
    words = ["set confirm off", "set pagination off", "set architecture i386:x86-64", f"target remote {socket}",
             *commands, "detach"]
    command = ["gdb", "-q", "-nx", "-batch", str(build_folder() / "kernel.debug")]
    for word in words:
        command += ["-ex", word]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def with_gdb(tmp_path, *commands):
    """how() and options of a machine in whose processor gdb does something while the case runs."""
    socket = tmp_path / "gdb"
    extra = ["-rtc", "clock=vm", "-gdb", f"unix:{socket},server=on,wait=off"]
    return lambda machine: gdb(socket, *commands), {"extra": extra}


def without_handlers(tmp_path, *commands):
    """What empties the interrupt table: every exception and interrupt then has no handler."""
    empty = tmp_path / "empty"
    empty.write_bytes(bytes(4096))
    return with_gdb(tmp_path, f"restore {empty} binary (long)&idt", *commands)


def test_a_kernel_panic_in_a_case_names_the_case_and_the_panic():
    problem = stopped("stop-panic", lambda machine: machine.monitor("mce 0 0 0xbd00000000000005 5 0x1234 0x8c"))
    assert problem.startswith("kernel panic: ") and "machine check" in problem.lower()


def test_a_kernel_that_hangs_in_a_case_is_a_hang(tmp_path):
    # hlt with interrupts off, out of the timer's handler
    how, options = with_gdb(tmp_path, "hbreak trap_32", "continue", "delete", "set $eflags = 2",
                            "set $rip = (long)&idle_halt - 1")
    assert stopped("stop-hang", how, budget=15, **options).startswith("hang: ")


def test_a_triple_fault_in_a_case_is_called_that(tmp_path):
    how, options = without_handlers(tmp_path)
    assert stopped("stop-triple", how, **options).startswith("triple fault: ")


def test_a_qemu_that_is_killed_in_a_case_was_killed():
    problem = stopped("stop-kill", lambda machine: os.kill(machine.process.pid, signal.SIGKILL))
    assert problem.startswith("QEMU was killed: by signal 9")


def test_a_qemu_that_is_missing_is_the_reason_of_every_case(monkeypatch):
    def missing(*arguments, **options):
        return Machine(*arguments, **options, qemu="qemu-system-nowhere")

    monkeypatch.setattr(cases, "Machine", missing)
    with pytest.raises(QemuMissing):
        missing()
    verdicts = cases.run_all("stop-missing", "bad-cases", "stop.c", [BEFORE, STOPPED])
    assert all(reason.startswith("QEMU is missing") for reason in verdicts.values()) and len(verdicts) == 2


def test_what_is_behind_a_case_that_stops_the_machine_runs_in_another_boot(monkeypatch):
    boots = []
    run_once = cases.run

    def run(name, words, **options):
        def meanwhile(machine):
            reached(machine)
            os.kill(machine.process.pid, signal.SIGKILL)

        boots.append(words)
        return run_once(name, words, meanwhile=meanwhile if len(boots) == 1 else None, **options)

    monkeypatch.setattr(cases, "run", run)
    verdicts = cases.run_all("stop-and-go", "bad-cases", "stop.c", [BEFORE, STOPPED, BEHIND, LAST])
    assert verdicts.pop(STOPPED).startswith("QEMU was killed")
    assert verdicts == {BEFORE: "", BEHIND: "", LAST: ""}
    assert len(boots) == 2 and boots[1][-1] == f"after={STOPPED}"


STORE = ("set $rax = 0xdeadbeef", "set {short}$rip = 0x0088")  # mov [rax], al: where the case spins


def test_a_store_to_0xdeadbeef_ends_the_case_alone(tmp_path):
    how, options = with_gdb(tmp_path, *STORE)
    report = cases.run("stop-store", CHOICE, meanwhile=lambda machine: (reached(machine), how(machine)), **options)
    assert "PAGE FAULT at 0xdeadbeef" in report.verdicts[STOPPED] and report.verdicts[LAST] == ""


def test_without_handlers_a_store_to_0xdeadbeef_restarts_the_machine(tmp_path):
    """The tutorial's first exception, with nobody to take it, nor the double fault that follows."""
    how, options = without_handlers(tmp_path, *STORE)
    options["extra"] += ["-d", "int,cpu_reset"]
    traces = []

    def store(machine):
        how(machine)
        try:
            machine.wait_log("^never$")
        finally:
            traces.append(machine._read("trace").decode())

    assert stopped("stop-no-handler", store, **options).startswith("triple fault: ")
    faults = traces[0][traces[0].rindex("CR2=00000000deadbeef"):]
    assert "old: 0x8" in faults and faults.rstrip().endswith("Triple fault"), faults  # behind a double fault


# --- the runner says something wrong

def said(name, *words, **options):
    report = cases.run(f"stand-in-{name}", words, stand_in=build_folder() / "tests/programs/stand_in.elf",
                       budget=options.pop("budget", 30), **options)
    return report


def test_the_verdict_of_a_module_in_testds_place_is_what_counts():
    report = said("good", "run a", "ok a 1 us", "end: 1 passed, 0 failed", "exit=16")
    assert (report.problem, report.verdicts, report.count) == ("", {"a": ""}, (1, 0))
    report = said("bad", "run a", "bad a 1 us: no", "end: 0 passed, 1 failed", "exit=17")
    assert (report.problem, report.verdicts, report.count) == ("", {"a": "no"}, (0, 1))


def test_an_exit_code_that_contradicts_the_log_is_a_failure():
    good, bad = ("ok a 1 us", "end: 1 passed, 0 failed"), ("bad a 1 us: no", "end: 0 passed, 1 failed")
    assert said("code-35", *good, "exit=17").problem == "exit code 35, but 33 is what the log says"
    assert said("code-33", *bad, "exit=16").problem == "exit code 33, but 35 is what the log says"


def test_an_exit_code_of_nothing_is_a_failure():
    problem = said("code-1", "ok a 1 us", "end: 1 passed, 0 failed", "exit=0").problem
    assert problem.startswith("the guest reports failure: exit code 1 means nothing")


def test_a_log_without_its_last_line_is_cut():
    report = said("cut", "run a", "ok a 1 us", "run b", "exit=16")
    assert report.problem == "cut output: testd did not say its last line" and report.running == "b"


def test_a_log_that_lost_a_line_in_between_is_cut():
    assert said("lost", "ok a 1 us", "end: 2 passed, 0 failed", "exit=16").problem.startswith("cut output: testd counted")


def test_zero_cases_are_a_failure_whatever_the_exit_code():
    assert said("zero", "end: 0 passed, 0 failed", "exit=16").problem == "zero cases ran"
    assert said("nothing", "exit=16").problem.startswith("cut output")


def test_testd_itself_calls_a_choice_of_nothing_a_failure():
    report = cases.run("choice-of-nothing", ["program=cases", "no_such_case"])
    assert (report.count, report.problem) == ((0, 0), "zero cases ran")


def test_a_runner_that_says_nothing_is_a_hang():
    assert said("silent", "run a", budget=8).problem.startswith("hang: no verdict")


def test_a_case_that_is_declared_and_not_told_has_not_run():
    verdicts = cases.run_all("not-told", "bad-cases", "stop.c", [BEFORE, "a_case_that_there_is_not"])
    assert verdicts[BEFORE] == "" and verdicts["a_case_that_there_is_not"].startswith("it did not run")


# --- a test image of its own

def test_basic_boot_is_the_kernel_and_chosen_modules(boot, tmp_path):
    wanted = ["manifest", "init", "memory", "vga", "testd"]
    without = [text for _, text in cases.BootList(build_folder(), "tests").modules if text not in wanted]
    modules = cases.boot_modules(tmp_path, [], build_folder() / "tests/programs/basic_boot.elf", without=without,
                                 calls=["vga"])
    assert sorted(text for _, text in modules) == sorted(wanted)
    machine = boot(modules=modules, kernel=build_folder() / "kernel.elf", exit_device=True, log_file=True)
    machine.run_to_verdict()
    assert "testd: test_println... [ok]" in machine.log()
