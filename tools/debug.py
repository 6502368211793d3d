# SPDX-License-Identifier: MIT
"""`make debug`: the system in QEMU, stopped before its first instruction, and gdb with the symbols of the kernel and of
every server and program (each is linked at an address of its own, so one gdb knows them all).

`make gdb T=kbd` goes on from there to the first line of that server's main; T may be any server or program, or kernel.
`AT=take` stops in another function of it. --batch runs gdb's commands from the arguments and ends; --attach debugs a
machine that runs already, behind the socket of its -gdb option."""

import argparse
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402

WORDS = """Annulet {where}. Try:
  thbreak kernel_main     continue     bt     info locals     info registers
  monitor sendkey h       a key, where there is no window to type in
The kernel's log: {log}. Ctrl+C stops the machine. To leave: quit"""


def images(build):
    """{name: its file with debug information}: kernel, servers, programs, and the test system's programs where they are
    built."""
    found = {"kernel": build / "kernel.debug"}
    for folder in ("servers", "user", "tests/programs"):
        found.update((path.stem, path) for path in sorted(build.glob(f"{folder}/*.debug")))
    return found


def place(image, function):
    """Where gdb shall stop: file and function, because every component has a main."""
    listing = subprocess.run(["nm", "-l", image], capture_output=True, text=True, check=True).stdout
    found = re.search(rf"^\w+ [Tt] {re.escape(function)}\t(.+):\d+$", listing, re.MULTILINE)
    if not found:
        functions = sorted(re.findall(r"^\w+ [Tt] (\w+)\t", listing, re.MULTILINE))
        sys.exit(f"{image.stem} has no function {function}; it has: {' '.join(functions)}")
    return f"-source {found[1]} -function {function}"


def script(build, socket, target=None, at=None):
    """gdb's start: symbols first, then the connection, then the way to the target. Breakpoints are in hardware: nothing
    is loaded yet that a breakpoint in memory would not be lost with."""
    known = images(build)
    if target is not None and target not in known:
        sys.exit(f"there is no {target}; T may be one of: {' '.join(known)}")
    lines = ["set confirm off", "set pagination off", "set architecture i386:x86-64", f"file {known.pop('kernel')}"]
    lines += [f"add-symbol-file {image}" for image in known.values()]
    lines += [f"target remote {socket}"]
    if target is not None:
        function = at or ("kernel_main" if target == "kernel" else "main")
        lines += [f"thbreak {place(images(build)[target], function)}", "continue"]
    return "\n".join(lines) + "\n"


def leave_signals_to_gdb():
    """Ctrl-C stops the guest: that is gdb's business, and we go on waiting for gdb. A terminal that is closed ends us the
    ordinary way, and so QEMU too."""
    signal.signal(signal.SIGINT, lambda *_: None)
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit(1))


def system_with(build, target):
    """The product, unless only the test system has the target."""
    entries = re.findall(r"^\s*module2 \S+ (\S+)", (build / "grub.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    return "." if target in (None, "kernel", *entries) else "tests"


def start_machine(options, socket):
    window = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    display = options.display or (run.choose_display(None) if window and options.batch is None else "none")
    log = options.build / "log" / "debug.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if options.batch is None:
        print(WORDS.format(where=f"goes on to {options.target}" if options.target else "stands before its first instruction",
                           log=log), flush=True)
    arguments = [*run.command(options.build, display, log, system_with(options.build, options.target)), "-S", "-gdb", f"unix:{socket},server=on,wait=off"]
    return subprocess.Popen(arguments, stdin=subprocess.DEVNULL, process_group=0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--batch", nargs="*", metavar="COMMAND")
    parser.add_argument("--display", default=os.environ.get("QEMU_DISPLAY"))
    parser.add_argument("--target", metavar="NAME", help="kernel, a server or a program: stop in it")
    parser.add_argument("--at", metavar="FUNCTION", help="of the target; its main otherwise")
    parser.add_argument("--attach", metavar="SOCKET", type=pathlib.Path)
    options = parser.parse_args()
    for program in ("gdb", "qemu-system-x86_64"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing; `make doctor` says how to get it")
    with tempfile.TemporaryDirectory() as folder:
        socket = options.attach or pathlib.Path(folder, "gdb")
        start = pathlib.Path(folder, "start.gdb")
        start.write_text(script(options.build.resolve(), socket, options.target, options.at), encoding="utf-8")
        command = ["gdb", "-q", "-x", str(start)]
        if options.batch is not None:
            command += ["-batch"] + [word for line in options.batch for word in ("-ex", line)]
        leave_signals_to_gdb()
        if options.attach:
            sys.exit(subprocess.run(command, check=False).returncode)
        with start_machine(options, socket) as qemu:
            try:
                while not socket.exists() and qemu.poll() is None:
                    time.sleep(0.01)
                ended = subprocess.run(command, check=False).returncode
            finally:
                qemu.terminate()
    sys.exit(ended)


if __name__ == "__main__":
    main()
