# SPDX-License-Identifier: MIT
"""`make doctor`: looks at the workplace and says what is good, what is not, and what to do about it."""

import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packages import GROUPS  # noqa: E402
from setup import missing  # noqa: E402

# (program, arguments that show its version, oldest that is known to work, what for)
TOOLS = [
    ("make", ["--version"], (4, 3), "the build"),
    ("gcc", ["--version"], (12,), "kernel, servers, programs"),
    ("ld", ["--version"], (2, 40), "linking"),
    ("nasm", ["--version"], (2, 15), "assembly"),
    ("grub-mkrescue", ["--version"], (2, 6), "the ISO"),
    ("xorriso", ["--version"], (1, 5), "the ISO"),
    ("qemu-system-x86_64", ["--version"], (7, 2), "running and testing"),
    ("clang", ["--version"], (14,), "fuzzers, the second compiler"),
    ("gdb", ["--version"], (13,), "make debug"),
    ("clang-format", ["--version"], (14,), "make check"),
    ("cppcheck", ["--version"], (2, 10), "make check"),
]
SPACE_MIB = 500
problems = 0


def report(good, what, advice=""):
    global problems
    problems += not good
    print(f"  {'ok ' if good else 'BAD'}  {what}" + (f"\n       {advice}" if advice and not good else ""))


def version(program, arguments):
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"(\d+)\.(\d+)", done.stdout + done.stderr)
    return tuple(int(number) for number in found.groups()) if found else None


def look_at_tools():
    print("Tools")
    report(sys.version_info >= (3, 11), f"python3 {sys.version.split()[0]} (tools and tests)",
           "needs 3.11 or newer, for tomllib; Debian 12 has it as /usr/bin/python3")
    for program, arguments, oldest, purpose in TOOLS:
        found = version(program, arguments) if shutil.which(program) else None
        text = f"{program} {'.'.join(map(str, found))}" if found else f"{program} is missing"
        need = ".".join(map(str, oldest))
        report(bool(found) and found >= oldest, f"{text} ({purpose})",
               f"needs {need} or newer; `make` and `make check` install Debian's packages")
    for folder, firmware, package in (("i386-pc", "BIOS", "grub-pc-bin"), ("x86_64-efi", "UEFI", "grub-efi-amd64-bin")):
        report(os.path.isdir(f"/usr/lib/grub/{folder}"), f"GRUB's {firmware} modules (/usr/lib/grub/{folder})",
               f"apt-get install {package}")
    cross = os.path.exists("build/toolchain/bin/x86_64-elf-gcc")
    report(True, "cross compiler x86_64-elf-gcc: " + ("used" if cross else "not built, the native one is used "
                                                      "(`make toolchain` builds it)"))


def look_at_packages():
    print("Packages")
    if not shutil.which("dpkg-query"):
        report(True, "not a Debian system: the set-up step installs nothing here; needed are the equivalents of "
               + " ".join(package for group in ("build", "run", "test", "check") for package in GROUPS[group]))
        return
    for group, goals in (("build", "make"), ("run", "make run"), ("test", "make test"), ("check", "make check")):
        absent = missing(GROUPS[group])
        report(not absent, f"for `{goals}`: " + ("all there" if not absent else " ".join(absent) + " missing"),
               f"`{goals}` installs them, as root or through sudo")
    root = os.geteuid() == 0
    report(root or bool(shutil.which("sudo")), "packages can be installed: " + ("root" if root else "through sudo"),
           "neither root nor sudo: somebody else must install what is missing")


def look_at_machine():
    print("Machine")
    free = shutil.disk_usage(".").free // (1 << 20)
    report(free >= SPACE_MIB, f"{free} MiB free here", f"a build with tests takes up to {SPACE_MIB} MiB")
    report(os.access(".", os.W_OK), "this folder can be written", "build/ is made here")
    report(True, f"{os.cpu_count()} processors; KVM is not needed (QEMU translates, so that runs can be repeated)")
    report(os.path.abspath(".").find(" ") < 0, "no blank in the path of this folder",
           "make cannot name such files: move the folder")


def look_at_terminal():
    print("Terminal")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        answer = subprocess.run(["qemu-system-x86_64", "-display", "help"], capture_output=True, text=True,
                                check=False).stdout.split() if shutil.which("qemu-system-x86_64") else []
        report(bool({"gtk", "sdl"} & set(answer)), "DISPLAY is set: make run opens a window",
               "apt-get install qemu-system-gui")
        return
    if not sys.stdout.isatty():
        report(True, "no terminal here: make test works, make run needs a terminal or a DISPLAY")
        return
    size = shutil.get_terminal_size()
    report(size.columns >= 80 and size.lines >= 25, f"{size.columns} × {size.lines} characters for make run",
           "the screen has 80 × 25: make the window larger")
    report(os.environ.get("TERM", "dumb") != "dumb", f"TERM={os.environ.get('TERM', '')}",
           "curses needs to know the terminal: export TERM=xterm-256color")
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    report("utf" in locale.lower(), f"locale {locale or 'C'} (frames and umlauts)",
           "export LC_ALL=C.UTF-8 shows characters beyond ASCII; everything works without")


def main():
    for look in (look_at_tools, look_at_packages, look_at_machine, look_at_terminal):
        look()
    print(f"{problems} to mend" if problems else "This workplace is fine.")
    sys.exit(1 if problems else 0)


main()
