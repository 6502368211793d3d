# SPDX-License-Identifier: MIT
"""The harness itself: every way in which a run can end has its own words, the log's tail, and is no success."""

import os
import pathlib
import signal
import subprocess
import sys

import pytest

from harness import (CutLog, GuestFailed, Hang, KernelPanic, PoweredOff, QemuFailed, QemuKilled, QemuMissing,
                     TripleFault)
from harness.images import ROOT

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


def run_suite(tmp_path, text):
    """pytest on a test file of its own, with this project's conftest."""
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "test_it.py").write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-c", "/dev/null", "--rootdir",
                           folder, "--confcutdir", ROOT, "-p", "conftest", folder], cwd=ROOT, capture_output=True,
                          text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "tests"),
                                                       "BUILD": str(tmp_path / "build")})


def test_zero_tests_are_a_failure(tmp_path):
    done = run_suite(tmp_path, "")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-2:] == ["zero tests ran", "0 passed, 1 failed"]


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
