# SPDX-License-Identifier: MIT
"""`make run`: boots the ISO in QEMU, in a window where there is a DISPLAY, otherwise in this terminal. `make run-tests`: the
test system's, with its COM2 as the socket that tools/call talks to."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

LEAVE = {
    "gtk": "To leave: type `poweroff` at the prompt, or close the window. Ctrl+Alt+G lets the mouse go.",
    "sdl": "To leave: type `poweroff` at the prompt, or close the window. Ctrl+Alt+G lets the mouse go.",
    "curses": "To leave: type `poweroff` at the prompt; or Alt+2, then `quit` and Enter (Alt+1 goes back). "
              "Where Alt does not arrive: Esc, then 2.",
    "none": "To leave: Ctrl+C.",
}


def has_display(name):
    answer = subprocess.run(["qemu-system-x86_64", "-display", "help"], capture_output=True, text=True, check=False)
    return name in answer.stdout.split()


def choose_display(wanted):
    if wanted:
        return wanted
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        for name in ("gtk", "sdl"):
            if has_display(name):
                return name
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        sys.exit("no DISPLAY and no terminal: nobody could see the screen or type. `make test` needs neither.")
    if not has_display("curses"):
        sys.exit("this QEMU has no curses display; on Debian it is in qemu-system-common")
    return "curses"


def wait_for_room():
    """The prompt is on the 25th row: a terminal of 24 would hide it. Gives time to read how to leave, too."""
    try:
        input("Press Enter to start. ")
        while (size := os.get_terminal_size()).columns < 80 or size.lines < 25:
            input(f"This terminal shows {size.columns} × {size.lines} characters; Annulet needs 80 × 25. "
                  "Enlarge it, then press Enter. ")
    except (EOFError, KeyboardInterrupt):
        sys.exit("\nnot started")


def command(build, display, log, system="."):
    com2 = ["-chardev", f"socket,id=com2,path={build / system / 'com2.sock'},server=on,wait=off", "-serial", "chardev:com2"]
    return ["qemu-system-x86_64", "-M", "pc", "-cpu", "max", "-m", "128M", "-nodefaults", "-vga", "std",
            "-accel", "tcg", "-display", display, "-chardev", f"file,id=log,path={log}", "-serial", "chardev:log",
            *(com2 if system == "tests" else ["-serial", "null"]), "-monitor", "vc",
            "-cdrom", str(build / system / "annulet.iso")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--display", default=os.environ.get("QEMU_DISPLAY"), help="gtk, sdl, curses or none")
    parser.add_argument("--system", choices=(".", "tests"), default=".", help="the product or the test system")
    options = parser.parse_args()
    if not shutil.which("qemu-system-x86_64"):
        sys.exit("QEMU is missing; `make doctor` says how to get it")
    display = choose_display(options.display)
    log = options.build / "log" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"Annulet in QEMU ({display}). The kernel's log: {log}\n{LEAVE.get(display, LEAVE['none'])}", flush=True)
    if options.system == "tests":
        print("Its servers can be called from another terminal: tools/call vga.write hello", flush=True)
    if display == "curses":
        wait_for_room()
    arguments = command(options.build, display, log, options.system)
    if display == "curses":
        arguments[arguments.index("curses")] = "curses,charset=CP437"
    ended = subprocess.run(arguments, check=False).returncode
    if ended:
        sys.exit(f"QEMU ended with {ended}; the log is in {log}")


if __name__ == "__main__":
    main()
