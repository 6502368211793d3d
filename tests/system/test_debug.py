# SPDX-License-Identifier: MIT
"""`make debug`, `make gdb` and `make doctor`: the tools that a developer uses every day."""

import os
import pathlib
import pty
import re
import select
import shlex
import subprocess
import sys
import time

import pytest
from harness.images import ROOT, build_folder

sys.path.insert(0, str(ROOT / "tools"))
import debug  # noqa: E402


def tool(name, *arguments, timeout=200):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run([sys.executable, ROOT / "tools" / name, *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False, timeout=timeout, env=environment)


def test_gdb_stops_in_the_kernel_and_in_a_server_and_shows_a_local():
    done = tool("debug.py", "--build", build_folder(), "--batch", "hbreak kernel_main", "continue", "delete",
                "hbreak kbd_serve", "continue", "up", "info source", "info locals", timeout=60)
    assert "kernel/main.c" in done.stdout, done.stdout + done.stderr
    assert "servers/kbd/main.c" in done.stdout.partition("kbd_serve (")[2], done.stdout + done.stderr


def gdb(target, *commands, **options):
    """`make gdb T=…` in batch mode; what it says."""
    words = " ".join(shlex.quote(command) for command in commands)
    at = [f"AT={options['at']}"] if "at" in options else []
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "MAKEFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "-s", "-f", "make/main.mk", "gdb", f"BUILD={os.environ.get('BUILD', 'build')}", f"T={target}",
                           *at, f"GDB_ARGUMENTS=--batch {words}"], cwd=ROOT, capture_output=True, text=True, check=False,
                          timeout=120, env=environment, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


def test_make_gdb_stops_in_kbd_and_prints_a_local():
    said = gdb("kbd", "info source", "next", "next", "print self", "print server.notified")
    assert "servers/kbd/main.c" in said.partition("Temporary breakpoint 1, main ()")[2], said
    assert re.search(r"^\$1 = .*\{slot = [1-9]\d*\}$", said, re.MULTILINE), said
    assert re.search(r"^\$2 = .* <notified>$", said, re.MULTILINE), said


@pytest.mark.parametrize("target, at, place", [
    ("kernel", None, "kernel_main (loaded=..., entry_tsc="), ("init", None, "main () at servers/init/main.c"),
    ("bridge", None, "main () at servers/bridge/"), ("vga", "do_write", "do_write (from=")],
    ids=["kernel", "init", "a server of the test system", "another function"])
def test_make_gdb_stops_in(target, at, place):
    said = gdb(target, "info args", **({"at": at} if at else {}))
    assert place in said.partition("Temporary breakpoint 1, ")[2], said


def test_every_image_of_the_system_can_be_stopped_in():
    found = debug.images(build_folder())
    assert {"kernel", "init", "kbd", "bridge", "shell", "hello", "spawner"} <= set(found)
    for name, image in found.items():
        file = debug.place(image, "kernel_main" if name == "kernel" else "main").split()[1]
        assert f"/{name}/" in file or name == "kernel", f"{name}: {file}"


def test_make_gdb_names_what_there_is():
    assert re.search(r"there is no kbdd; T may be one of: .*\bkbd\b", gdb("kbdd"))
    assert re.search(r"kbd has no function nowhere; it has: .*\bmain\b", gdb("kbd", at="nowhere"))


def test_gdb_stops_in_a_program_when_somebody_starts_it(boot, tmp_path):
    socket = tmp_path / "gdb"
    machine = boot(extra=["-gdb", f"unix:{socket},server=on,wait=off"])
    machine.wait_screen("annulet> ")
    command = [sys.executable, ROOT / "tools/debug.py", "--build", build_folder(), "--attach", socket, "--target", "hello",
               "--batch", "backtrace", "kill"]
    with subprocess.Popen(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as debugger:
        try:
            said = ""
            while "Hardware assisted breakpoint" not in said:
                line = debugger.stdout.readline()
                assert line, said
                said += line
            machine.wait(lambda: "running" in machine.monitor("info status"), "gdb to let the machine go on")
            for key in ("h", "e", "l", "l", "o", "ret"):
                machine.monitor(f"sendkey {key}")
            said += debugger.communicate(timeout=60)[0]
        finally:
            debugger.terminate()
    machine.process.wait(10)
    machine.close()
    assert re.search(r"^#0 +main .* at user/hello/hello.c:\d+$", said, re.MULTILINE), said


class Terminal:
    """A program at a terminal of its own, which is closed at the end."""

    def __init__(self, *command):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(ROOT)
            os.execvp(command[0], command)
        self.said = ""

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self, pattern, timeout=30):
        """Until what was said since the last wait has a match; returns it."""
        limit = time.monotonic() + timeout
        while not (match := re.search(pattern, self.said)):
            ready, _, _ = select.select([self.terminal], [], [], max(0, limit - time.monotonic()))
            assert ready, f"no /{pattern}/ in {self.said!r}"
            self.said += os.read(self.terminal, 4096).decode("utf-8", "replace")
        self.said = self.said[match.end():]
        return match

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


def is_alive(process):
    """Neither gone nor a zombie that nobody has asked for yet."""
    stat = pathlib.Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0] != "Z"


def test_ctrl_c_stops_the_machine_under_gdb_and_a_closed_terminal_ends_it():
    terminal = Terminal(sys.executable, str(ROOT / "tools/debug.py"), "--build", str(build_folder()), "--display", "none")
    terminal.wait(r"\(gdb\) ")
    log = build_folder() / "log/debug.log"
    terminal.type("continue\n")
    terminal.wait("Continuing")
    while "init starts" not in log.read_text(encoding="utf-8", errors="replace"):
        time.sleep(0.05)
    terminal.type("\x03")
    terminal.wait(r"SIGINT[\s\S]*\(gdb\) ")
    children = pathlib.Path(f"/proc/{terminal.process}/task/{terminal.process}/children").read_text(encoding="ascii").split()
    assert len(children) == 2, "QEMU and gdb"
    terminal.close()
    limit = time.monotonic() + 10
    while any(map(is_alive, children)) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not any(map(is_alive, children))


def test_the_doctor_looks_at_everything_and_gives_advice():
    done = tool("doctor.py")
    for heading in ("Tools", "Packages", "Machine", "Terminal"):
        assert f"{heading}\n" in done.stdout
    lines = done.stdout.splitlines()
    assert (done.returncode == 0) == (lines[-1] == "This workplace is fine.")
    for line, following in zip(lines, lines[1:]):
        if line.strip().startswith("BAD"):
            assert following.startswith("       "), f"no advice for {line}"


def test_the_doctor_names_what_is_missing(tmp_path):
    for name in ("dpkg-query", "make"):
        os.symlink(f"/usr/bin/{name}", tmp_path / name)
    done = subprocess.run([sys.executable, ROOT / "tools/doctor.py"], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={"PATH": str(tmp_path)})
    assert done.returncode == 1 and "BAD  nasm is missing" in done.stdout and "to mend" in done.stdout
