# SPDX-License-Identifier: MIT
"""One machine under test: QEMU with its log (COM1), its test line (COM2), its monitor (QMP), and one wall-clock budget
for the whole run.

    with Machine(name="hello") as machine:
        machine.wait_screen("annulet> ")
        machine.type_text("echo hello\\n")
        machine.wait_screen("hello")
"""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

from .capture import Capture
from .child import die_with_parent
from .entries import FILES, Entries
from .images import BootList, build_folder, initrd
from .keys import key_event, keys_of
from .patience import Patience
from .qmp import Qmp, QmpClosed, QmpError
from .screen import ADDRESS, SIZE, Cells
from .verdict import (CutLog, GuestFailed, Hang, KernelPanic, LongEntry, PoweredOff, QemuFailed, QemuKilled,
                      QemuMissing, TripleFault)

PANIC = re.compile(r"KERNEL PANIC[^\n]*(\n[^\n]+)?")
EXIT_PASS, EXIT_FAIL = 33, 35  # isa-debug-exit: (v << 1) | 1 for v = 0x10, 0x11
POLL = 0.01
ANSWER = 30  # seconds in which QEMU answers, however busy guest and host are


class Machine:
    """name: of the log files in build/log. boot: "shim" (fast) or "iso" or "usb" (the product's way) or "none".
    system: "." is the product (build/grub.cfg), "tests" the test system with tests/programs (build/tests/grub.cfg).
    modules: [(path, text)] and kernel: path, where other files than grub.cfg's shall boot (shim only), or "debug", which
    is also what KERNEL=debug in the environment means for who names none; append: more of
    the kernel's command line (shim only); icount: virtual time, the same in every run; exit_device: isa-debug-exit at
    0xf4; extra: further arguments of QEMU; expect_panic: a panic is what the test wants; log_file: COM1 goes to a file,
    which takes all at once. A socket that nobody empties is full after 300 bytes, and in virtual time the guest may have
    left before it is read."""

    def __init__(self, name="machine", boot="shim", system=".", modules=None, kernel=None, append="", memory="128M", cpu="max",
                 icount=False, budget=60.0, extra=(), exit_device=False, expect_panic=False, build=None, iso=None,
                 log_file=False, qemu="qemu-system-x86_64"):
        self.build = pathlib.Path(build) if build else build_folder()
        self.name = re.sub(r"[^A-Za-z0-9_.-]+", "-", name)
        self.budget = budget
        self.expect_panic = expect_panic
        self.started = False
        self.process = None
        self.qmp = None
        self.verdict = None
        self._log, self._com2 = Capture(), Capture()
        self._files = {name: os.memfd_create(name) for name in ("trace", "errors", "memory", *FILES)}
        self.log_path = self.build / "log" / f"{self.name}.log"
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self.log_path.unlink(missing_ok=True)
        shipped = self.build / "kernel.elf"
        if kernel == "debug" or (boot == "shim" and kernel in (None, shipped) and os.environ.get("KERNEL") == "debug"):
            kernel = self.build / "kernel-debug.elf"
        # With its symbols; a copy of a kernel has those of what it was copied from.
        self.symbols_file = self.build / f"{pathlib.Path(kernel or shipped).stem}.debug"
        self.entries = Entries(self.build, self._files, None if boot == "none" else kernel or self.build / "kernel.elf")
        try:
            self._start(qemu, boot, system, modules, kernel, append, memory, cpu, icount, exit_device, log_file, iso, extra)
        except BaseException:
            self.close()
            raise

    # --- starting ---

    def _boot_arguments(self, boot, system, modules, kernel, append, iso):
        if boot == "none":
            return []
        if boot in ("iso", "usb"):
            image = str(iso or self.build / system / "annulet.iso")
            if boot == "iso":
                return ["-cdrom", image]
            return ["-drive", f"if=none,id=stick,format=raw,readonly=on,file={image}", "-device", "qemu-xhci",
                    "-device", "usb-storage,drive=stick,bootindex=0"]
        words = append
        if kernel is None or modules is None:
            listed = BootList(self.build, system)
            words = f"{listed.kernel[1]} {append}".strip()
            kernel = kernel or listed.kernel[0]
            modules = listed.modules if modules is None else modules
        return ["-kernel", str(self.build / "shim.elf"), "-initrd", initrd(kernel, modules), "-append", words]

    def _start(self, qemu, boot, system, modules, kernel, append, memory, cpu, icount, exit_device, log_file, iso, extra):
        if not shutil.which(qemu):
            raise QemuMissing(f"no {qemu} on this machine; `make doctor` says how to get it")
        pairs = {line: socket.socketpair() for line in ("qmp", "com2", *([] if log_file else ["com1"]))}
        arguments = [qemu, "-M", "pc", "-cpu", cpu, "-m", str(memory), "-nodefaults", "-vga", "std", "-display", "none",
                     "-accel", "tcg", "-no-reboot", "-d", "cpu_reset", "-D", self._path("trace")]
        for line, (_, theirs) in pairs.items():
            arguments += ["-chardev", f"socket,id={line},fd={theirs.fileno()}"]
        if log_file:
            arguments += ["-chardev", f"file,id=com1,path={self.log_path}"]
        arguments += ["-mon", "chardev=qmp,mode=control", "-serial", "chardev:com1", "-serial", "chardev:com2"]
        if icount:
            arguments += ["-icount", "shift=0,sleep=off"]
        if exit_device:
            arguments += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        arguments += self._boot_arguments(boot, system, modules, kernel, append, iso) + self.entries.options
        arguments += [str(word) for word in extra]
        self.arguments = arguments
        errors = self._files["errors"]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                                        preexec_fn=die_with_parent,
                                        pass_fds=[*(theirs.fileno() for _, theirs in pairs.values()),
                                                  *self._files.values()])
        self.whole = Patience(self.process.pid, self.budget)
        for _, theirs in pairs.values():
            theirs.close()
        self._sockets = {line: ours for line, (ours, _) in pairs.items()}
        if log_file:
            self._log.from_file(self.log_path, self.process)
        else:
            self._log.from_socket(self._sockets["com1"], self.log_path)
        self._com2.from_socket(self._sockets["com2"], os.devnull)
        self.qmp = Qmp(self._sockets["qmp"])
        try:
            self.qmp.greet(time.monotonic() + ANSWER)
            self.started = True
        except QmpClosed:
            self._ended()

    # --- files between QEMU and us: in memory, so that a run which is killed leaves nothing behind ---

    def _path(self, name):
        """What QEMU calls the file."""
        return f"/proc/self/fd/{self._files[name]}"

    def _read(self, name):
        return os.pread(self._files[name], os.fstat(self._files[name]).st_size, 0)

    # --- looking ---

    def log(self):
        """All of COM1 until now, as text with \\n line ends."""
        return self._log.bytes().decode("utf-8", "replace").replace("\r\n", "\n")

    def log_bytes(self):
        return self._log.bytes()

    def com2_bytes(self):
        return self._com2.bytes()

    def com2_wait(self, position, seconds):
        """What came on COM2 behind a position; waits until there is something, b"" if there was nothing in time."""
        return self._com2.wait(position, seconds)

    def com2_send(self, data):
        self._sockets["com2"].sendall(data)

    def physical(self, address, size):
        """Physical memory, read from outside."""
        self.command("pmemsave", {"val": address, "size": size, "filename": self._path("memory")})
        return self._read("memory")

    def cells(self):
        return Cells(self.physical(ADDRESS, SIZE))

    def screen_text(self):
        return self.cells().text()

    def screendump(self, path):
        self.command("screendump", {"filename": str(path), "format": "png"})

    def monitor(self, line):
        """A command of QEMU's human monitor, and its answer."""
        return self.command("human-monitor-command", {"command-line": line})

    def command(self, name, arguments=None):
        """A QMP command; if QEMU is gone or going, the verdict says why."""
        try:
            return self.qmp.command(name, arguments, deadline=time.monotonic() + ANSWER)
        except QmpClosed:
            self._ended()
        except QmpError as error:
            if "not running" not in str(error):
                raise
            if not self._held_by_gdb():
                self._ended()
        self.wait(lambda: not self._held_by_gdb(), "gdb to let the machine go on", 20)
        return self.command(name, arguments)

    def _held_by_gdb(self):
        """Whether a debugger has stopped the machine, which goes on some time."""
        if self.process.poll() is not None or self.qmp.shut_down():
            return False
        try:
            return self.qmp.command("query-status", deadline=time.monotonic() + ANSWER)["status"] in ("debug", "paused")
        except QmpClosed:
            return False

    # --- doing ---

    def send_key(self, *names):
        """Presses keys together, by QEMU's names: send_key("ctrl", "c")."""
        self.command("input-send-event", {"events": [key_event(name, True) for name in names]
                                          + [key_event(name, False) for name in reversed(names)]})

    def key_down(self, name):
        self.command("input-send-event", {"events": [key_event(name, True)]})

    def key_up(self, name):
        self.command("input-send-event", {"events": [key_event(name, False)]})

    def type_text(self, text, patience=1.0):
        """Types characters one by one. The PS/2 queue holds 16 bytes: after each, waits until the screen has changed,
        at most `patience` seconds (some keys show nothing)."""
        for character in text:
            before = self.physical(ADDRESS, SIZE)
            self.send_key(*keys_of(character))
            limit = Patience(self.process.pid, patience)
            while not limit.is_over() and self.process.poll() is None:
                try:
                    if self.physical(ADDRESS, SIZE) != before:
                        break
                except PoweredOff:
                    if character == text[-1]:
                        return  # the last key switched it off: whoever asked for that waits for the end
                    raise
                time.sleep(POLL)

    # --- waiting ---

    def wait(self, condition, what, timeout=None):
        """Until condition() is true. Fails early when the machine has ended or panicked."""
        is_late = self.whole.part(timeout)
        while True:
            result = condition()
            if result:
                return result
            self.check()
            if is_late():
                result = condition()
                if result:
                    return result
                self._fail(Hang, f"waited for {what}" + (f" for {timeout:g} s" if timeout is not None else
                                                         f"; the budget of {self.budget:g} s is used up"))
            time.sleep(POLL)

    def wait_log(self, pattern, timeout=None):
        """Until the log has a match of the regular expression (re.MULTILINE); returns the match."""
        return self.wait(lambda: re.search(pattern, self.log(), re.MULTILINE), f"/{pattern}/ in the log", timeout)

    def wait_screen(self, text, timeout=None):
        """Until the text stands on the screen (a compiled pattern is searched in all of it)."""
        if isinstance(text, re.Pattern):
            return self.wait(lambda: text.search(self.screen_text()), f"/{text.pattern}/ on the screen", timeout)
        return self.wait(lambda: self.cells().shows(text), f"{text!r} on the screen", timeout)

    def wait_exit(self, timeout=None):
        """Until QEMU ends because the guest switched itself off or restarted; returns the reason that QEMU gives:
        "guest-shutdown" or "guest-reset". A triple fault is none of these."""
        is_late = self.whole.part(timeout)
        while self.process.poll() is None and not self.qmp.shut_down():
            self.qmp.drain(0.02)
            if is_late():
                self._fail(Hang, "waited for the machine to go off")
        try:
            self._ended()
        except PoweredOff as verdict:
            self.verdict = None
            return verdict.reason

    def run_to_verdict(self, timeout=None):
        """Until the guest says through the exit device whether it passed. 33 is the only good number."""
        is_late = self.whole.part(timeout)
        while self.process.poll() is None:
            if is_late():
                self._fail(Hang, "no verdict came through the exit device")
            self._panicked()
            time.sleep(POLL)
        if self.process.returncode == EXIT_PASS:
            self._join()
            self._whole_log()
            return
        self._ended()

    def check(self):
        """Raises the verdict if the machine has ended or panicked."""
        if self.process.poll() is not None:
            self._ended()
        self._panicked()

    def _panicked(self):
        panic = None if self.expect_panic else PANIC.search(self.log())
        if panic:
            time.sleep(0.1)  # the rest of the report
            self._fail(KernelPanic, PANIC.search(self.log())[0].replace("\n", "; "))

    # --- the end ---

    def _screen_or_nothing(self):
        """The screen only illustrates another failure: it may not fail itself, nor take long."""
        try:
            self.qmp.command("pmemsave", {"val": ADDRESS, "size": SIZE, "filename": self._path("memory")},
                             time.monotonic() + 2)
            return Cells(self._read("memory")).text()
        except (QmpClosed, QmpError, OSError):
            return ""

    def _fail(self, kind, reason):
        screen = self._screen_or_nothing() if self.process.poll() is None else ""
        self.verdict = kind(reason, self.log(), screen)
        raise self.verdict

    def _join(self):
        self._log.join()
        self._com2.join()

    def _whole_log(self):
        log = self.log()
        if log and not log.endswith("\n"):
            self._fail(CutLog, f"the last line has no end: {log.splitlines()[-1]!r}")

    def _ended(self):
        """QEMU is gone: says why."""
        try:
            code = self.process.wait(5 if not self.qmp.shut_down() else 1)
        except subprocess.TimeoutExpired:
            if not self.qmp.shut_down():
                self._fail(QemuFailed, "it does not answer any more")
            self.process.kill()  # the guest is off, QEMU has said so, and sticks (qmp.py)
            self.process.wait()
            code = 0
        self._join()
        self.qmp.drain()
        if code < 0:
            self._fail(QemuKilled, f"by signal {-code} ({signal.Signals(-code).name})")
        trace = self._read("trace").decode("utf-8", "replace")
        if "Triple fault" in trace:
            place = re.search(r"R?E?IP=([0-9a-f]+)", trace.split("Triple fault", 1)[1])
            self._fail(TripleFault, "the processor reset itself and QEMU exited with 0, as if all were well"
                       + (f"; at {place[1]}" if place else ""))
        if code == EXIT_FAIL:
            self._fail(GuestFailed, "exit code 35")
        if code == EXIT_PASS:
            self._fail(PoweredOff, "exit-device")
        if code == 1 and not self.started:
            self._fail(QemuFailed, self._read("errors").decode("utf-8", "replace").strip() or "exit code 1")
        if code != 0:
            self._fail(GuestFailed, f"exit code {code} means nothing (33: passed, 35: failed)")
        self._panicked()
        self._whole_log()
        reason = self.qmp.shut_down()
        if reason == "host-signal":
            self._fail(QemuKilled, "by a signal that let it shut down")
        self._fail(PoweredOff, reason or "QEMU said no reason")

    def quit(self):
        """Ends the run. A panic in the log that nobody waited for is a failure all the same."""
        if self.process and self.process.poll() is None:
            self.check()
            try:
                self.qmp.command("quit", deadline=time.monotonic() + 5)
            except QmpClosed:
                pass
            self.process.wait(10)
            self._join()
            self._panicked()
        if self.entries.too_long():
            self._fail(LongEntry, self.entries.too_long())

    def close(self):
        """Leaves nothing behind, whatever happened."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._join()
        for ours in getattr(self, "_sockets", {}).values():
            ours.close()
        if self._files:
            self.entries.record(self.name)
        for name in list(self._files):
            os.close(self._files.pop(name))

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None and self.verdict is None:
                self.quit()
        finally:
            self.close()
