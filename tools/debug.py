# SPDX-License-Identifier: MIT
"""`make debug`: the system in QEMU, stopped before its first instruction, and gdb with the symbols of the kernel and of
every server and program (each is linked at an address of its own, so one gdb knows them all).

--batch runs gdb's commands from the arguments and ends: for tests."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import run  # noqa: E402


def script(build, socket):
    """gdb's start: symbols first, then the connection. Breakpoints before long mode must be in hardware: the code that
    they would overwrite is not loaded yet."""
    lines = ["set confirm off", "set pagination off", "set architecture i386:x86-64",
             f"file {build / 'kernel.debug'}"]
    lines += [f"add-symbol-file {image}" for image in sorted([*build.glob("servers/*.debug"), *build.glob("user/*.debug")])]
    lines += [f"target remote {socket}"]
    return "\n".join(lines) + "\n"


def leave_signals_to_gdb():
    """Ctrl-C stops the guest: that is gdb's business, and we go on waiting for gdb. A terminal that is closed ends us the
    ordinary way, and so QEMU too."""
    signal.signal(signal.SIGINT, lambda *_: None)
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda *_: sys.exit(1))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--batch", nargs="*", metavar="COMMAND")
    parser.add_argument("--display", default=os.environ.get("QEMU_DISPLAY"))
    options = parser.parse_args()
    for program in ("gdb", "qemu-system-x86_64"):
        if not shutil.which(program):
            sys.exit(f"{program} is missing; `make doctor` says how to get it")
    window = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    display = options.display or (run.choose_display(None) if window and options.batch is None else "none")
    log = options.build / "log" / "debug.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/gdb"
        start = pathlib.Path(folder, "start.gdb")
        start.write_text(script(options.build.resolve(), socket), encoding="utf-8")
        arguments = [*run.command(options.build, display, log), "-S", "-gdb", f"unix:{socket},server=on,wait=off"]
        leave_signals_to_gdb()
        with subprocess.Popen(arguments, stdin=subprocess.DEVNULL, process_group=0) as qemu:
            try:
                command = ["gdb", "-q", "-x", str(start)]
                if options.batch is None:
                    print("Annulet stands before its first instruction. Try:\n"
                          "  hbreak kernel_main     continue     bt     info registers\n"
                          f"The kernel's log: {log}. Ctrl+C stops the machine. To leave: quit", flush=True)
                else:
                    command += ["-batch"] + [word for line in options.batch for word in ("-ex", line)]
                while not os.path.exists(socket) and qemu.poll() is None:
                    time.sleep(0.01)
                ended = subprocess.run(command, check=False).returncode
            finally:
                qemu.terminate()
    sys.exit(ended)


main()
