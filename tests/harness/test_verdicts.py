# SPDX-License-Identifier: MIT
"""The harness itself: every way in which a run can end has its own words, the log's tail, and is no success."""

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from harness import (CutLog, GuestFailed, Hang, KernelPanic, PoweredOff, QemuFailed, QemuKilled, QemuMissing,
                     TripleFault, patience)
from harness.child import die_with_parent
from harness.images import ROOT, build_folder

GUEST = pathlib.Path(__file__).with_name("guest.asm")


@pytest.fixture
def guest(boot, tmp_path):
    """guest(end, says, ...) boots the small guest."""

    def start(end, says="'the guest runs',10", **options):
        image = tmp_path / f"{end}.bin"
        subprocess.run(["nasm", "-f", "bin", f"-DEND={end}", f"-DSAYS={says}", "-o", image, GUEST], check=True)
        options.setdefault("budget", 30)
        options.setdefault("exit_device", True)
        return boot(boot="none", extra=["-kernel", image, *options.pop("extra", [])], **options)

    return start


def words(caught):
    return str(caught.value)


def test_a_guest_that_says_passed_has_passed(guest):
    guest("pass").run_to_verdict()


def test_a_guest_that_says_failed_has_failed(guest):
    with pytest.raises(GuestFailed, match="exit code 35") as caught:
        guest("fail").run_to_verdict()
    assert "the guest runs" in words(caught)


def test_an_exit_code_that_means_nothing_is_a_failure(guest):
    with pytest.raises(GuestFailed, match="exit code 1 means nothing"):
        guest("nonsense").run_to_verdict()


def test_a_triple_fault_is_called_a_triple_fault_although_qemu_exits_with_0(guest):
    machine = guest("triple")
    with pytest.raises(TripleFault, match="triple fault") as caught:
        machine.run_to_verdict()
    assert machine.process.returncode == 0
    assert "the guest runs" in words(caught)


def test_a_triple_fault_is_found_while_waiting_for_something_else(guest):
    with pytest.raises(TripleFault):
        guest("triple").wait_log("never said")


def test_a_hang_is_named_after_its_time_with_the_tail_of_the_log(guest):
    with pytest.raises(Hang, match="waited for /never said/") as caught:
        guest("hang").wait_log("never said", timeout=1)
    assert "the guest runs" in words(caught)


def test_what_qemu_waits_for_a_processor_is_not_the_guests_fault(guest, monkeypatch):
    machine = guest("hang", budget=20)
    start = time.monotonic()
    monkeypatch.setattr(patience, "delay_of", lambda pid: min(time.monotonic() - start, 2))
    with pytest.raises(Hang):
        machine.wait_log("never said", timeout=1)
    assert 3 <= time.monotonic() - start < 15


def test_a_hang_is_found_on_a_host_that_is_busy_for_ever(guest, monkeypatch):
    monkeypatch.setattr(patience, "delay_of", lambda pid: 1000 * time.monotonic())
    machine = guest("hang", budget=20)
    start = time.monotonic()
    with pytest.raises(Hang):
        machine.wait_log("never said", timeout=0.5)
    assert 0.5 * (1 + patience.MOST) <= time.monotonic() - start < 15


def test_the_wait_for_a_processor_is_measured():
    """Two that want the same processor: each waits about half of the time."""
    first = min(os.sched_getaffinity(0))
    spin = [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, {{{first}}})\nwhile True: pass"]
    spinners = [subprocess.Popen(spin, preexec_fn=die_with_parent) for _ in range(2)]
    try:
        limit = time.monotonic() + 60
        while min(patience.delay_of(one.pid) for one in spinners) < 0.2 and time.monotonic() < limit:
            time.sleep(0.05)
        assert min(patience.delay_of(one.pid) for one in spinners) >= 0.2
    finally:
        for one in spinners:
            one.kill()
            one.wait()
    assert patience.delay_of(spinners[0].pid) == 0  # of whom there is no more


def test_a_guest_without_a_verdict_is_a_hang_when_the_budget_is_used_up(guest):
    with pytest.raises(Hang, match="no verdict"):
        guest("hang", budget=2).run_to_verdict()


def test_a_kernel_panic_is_found_while_waiting_for_something_else(guest):
    with pytest.raises(KernelPanic, match="only a test"):
        guest("hang", says="'kernel: KERNEL PANIC',10,'kernel: only a test',10").wait_log("never said")


def test_a_kernel_panic_that_nobody_waited_for_is_a_failure_at_the_end(guest):
    machine = guest("hang", says="'kernel: KERNEL PANIC',10,'kernel: only a test',10,'done',10")
    while "done" not in machine.log():
        pass
    with pytest.raises(KernelPanic):
        machine.quit()


def test_a_panic_that_the_test_wants_is_no_failure(guest):
    machine = guest("hang", says="'kernel: KERNEL PANIC',10,'kernel: only a test',10", expect_panic=True)
    machine.wait_log("only a test")
    machine.quit()


def test_a_log_that_ends_within_a_line_is_cut(guest):
    with pytest.raises(CutLog, match="half a li"):
        guest("off", says="'whole',10,'half a li'").wait_exit()


def test_a_machine_that_switches_itself_off_says_so(guest):
    assert guest("off").wait_exit() == "guest-shutdown"


def test_a_restart_is_no_triple_fault(guest):
    assert guest("reset").wait_exit() == "guest-reset"


def test_going_off_too_early_is_a_failure(guest):
    with pytest.raises(PoweredOff, match="guest-shutdown"):
        guest("off").wait_log("never said")


def test_going_off_is_no_verdict(guest):
    with pytest.raises(PoweredOff):
        guest("off").run_to_verdict()


def test_a_missing_qemu_is_named(guest):
    with pytest.raises(QemuMissing, match="make doctor"):
        guest("hang", qemu="qemu-system-nowhere")


def test_a_killed_qemu_is_told_apart_from_a_crash_of_the_guest(guest):
    machine = guest("hang")
    machine.wait_log("the guest runs")
    os.kill(machine.process.pid, signal.SIGKILL)
    with pytest.raises(QemuKilled, match="SIGKILL") as caught:
        machine.wait_log("never said")
    assert "the guest runs" in words(caught)


def test_a_qemu_that_was_asked_to_end_by_somebody_else_was_killed_too(guest):
    machine = guest("hang")
    machine.wait_log("the guest runs")
    machine.process.terminate()
    with pytest.raises(QemuKilled):
        machine.wait_log("never said")


def test_a_qemu_that_does_not_start_shows_its_own_words(guest):
    with pytest.raises(QemuFailed, match="no-such-device"):
        guest("hang", extra=["-device", "no-such-device"])


def test_a_test_run_that_is_killed_leaves_no_file_and_no_machine(tmp_path):
    """Not even by the signal that nobody can answer."""
    code = ("from harness import Machine; m = Machine(name='killed', boot='none', extra=['-S']); m.physical(0, 64); "
            "print(m.process.pid, flush=True); input()")
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), "TMPDIR": str(tmp_path)}) as run:
        qemu = int(run.stdout.readline())
        run.kill()
    limit = time.monotonic() + 10
    while (status := pathlib.Path(f"/proc/{qemu}/stat")).exists() and time.monotonic() < limit:
        if status.read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z":
            break  # dead; whoever adopted it has not asked yet
        time.sleep(0.02)
    else:
        assert not status.exists(), "QEMU lives on"
    assert list(tmp_path.iterdir()) == []


def test_a_key_for_a_machine_that_gdb_has_stopped_waits_until_it_goes_on(boot, tmp_path):
    machine = boot(extra=["-gdb", f"unix:{tmp_path}/gdb,server=on,wait=off"])
    machine.wait_screen("annulet> ")
    with subprocess.Popen(["gdb", "-q", "-nx", "-batch", "-ex", f"target remote {tmp_path}/gdb", "-ex", "echo stopped\\n",
                           "-ex", "shell sleep 1", "-ex", "detach"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as gdb:
        while "stopped" not in gdb.stdout.readline():
            assert gdb.poll() is None
        machine.send_key("x")
        machine.wait_screen("annulet> x")


def run_suite(tmp_path, text, *more):
    """pytest on a test file of its own, with this project's conftest."""
    folder = tmp_path / "suite"
    folder.mkdir(exist_ok=True)
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-c", "/dev/null", "--rootdir",
                           folder, "--confcutdir", ROOT, "-p", "conftest", folder, *more], cwd=ROOT, capture_output=True,
                          text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "tests"),
                                                       "BUILD": str(tmp_path / "build")})


def test_zero_tests_are_a_failure(tmp_path):
    done = run_suite(tmp_path, "")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-2:] == ["zero tests ran", "0 passed, 1 failed"]


def test_a_choice_that_matches_no_test_says_so(tmp_path):
    done = run_suite(tmp_path, "def test_good(): pass\n", "-k", "nothing_like_this")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-2:] == ["no test's name matches nothing_like_this", "0 passed, 1 failed"]


@pytest.mark.parametrize("only, count", [
    ("uefi_firmware", "1 passed, 0 failed"), ("uefi_firmware what_a_loader_does_not_say", "2 passed, 0 failed"),
    ("tests/host/test_multiboot2.c::uefi_firmware_has_no_text_screen", "1 passed, 0 failed"),
    ("tests/host/nowhere.c", "0 passed, 1 failed")])
def test_make_test_runs_what_only_chooses(tmp_path, only, count):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "-s", "host", f"ONLY={only}", f"BUILD={build_folder()}"], cwd=ROOT, capture_output=True,
                          text=True, check=False, env={**environment, "TEST_RESULTS": str(tmp_path)})
    assert done.stdout.splitlines()[-1] == count, done.stdout


def test_two_runs_with_different_results_are_told_apart(tmp_path):
    def compare():
        return subprocess.run([sys.executable, ROOT / "tools/compare_runs.py", "--build", tmp_path / "build"],
                              capture_output=True, text=True, check=False)

    good = "import os\ndef test_one(): pass\ndef test_two(): assert 'BAD' not in os.environ\n"
    run_suite(tmp_path, good)
    run_suite(tmp_path, good)
    assert (compare().returncode, compare().stdout) == (0, "the same 2 results\n")
    run_suite(tmp_path, good.replace("not in", "in"))
    assert (compare().returncode, compare().stdout) == (
        1, "passed, then failed: test_it.py::test_two\n1 differences\n")
    run_suite(tmp_path, "def test_one(): pass\n")
    assert compare().stdout.startswith("only in the first run: ")


def test_a_run_ends_in_its_count_alone_on_a_line(tmp_path):
    done = run_suite(tmp_path, "def test_good(): pass\n")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 passed, 0 failed")


def test_errors_outside_of_a_test_count_as_failures(tmp_path):
    done = run_suite(tmp_path, "import pytest\n@pytest.fixture\ndef broken(): raise OSError\n"
                               "def test_good(): pass\ndef test_bad(broken): pass\n")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == "1 passed, 1 failed"


def test_a_file_that_does_not_load_counts_as_a_failure(tmp_path):
    done = run_suite(tmp_path, "import no_such_module\n")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-1] == "0 passed, 1 failed"
