# SPDX-License-Identifier: MIT
"""Installs the packages that are missing: `setup.py GROUP...` (groups as in packages.py).

Says what is missing, then installs it as root, or after asking through sudo. Without a terminal and without root it
fails with the list; on another system than Debian it says what to install. Quick when nothing is missing: the answer of
dpkg-query is remembered until the list or dpkg's own database changes."""

import hashlib
import os
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from packages import GROUPS, WINDOW, packages  # noqa: E402

DPKG_STATUS = "/var/lib/dpkg/status"


def missing(wanted):
    """Those of the packages that dpkg does not know as installed."""
    answer = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *wanted],
                            capture_output=True, text=True, check=False)
    installed = {line.split()[0] for line in answer.stdout.splitlines() if line.split()[1:2] == ["ii"]}
    return [package for package in wanted if package not in installed]


def wanted_packages(groups):
    wanted = packages(groups)
    if "run" in groups and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        wanted.append(WINDOW)
    return wanted


def stamp_path():
    return os.path.join(os.environ.get("BUILD") or "build", "stamps", "packages")


def stamp_text(wanted):
    state = os.stat(DPKG_STATUS)
    return hashlib.sha256(f"{sorted(wanted)} {state.st_mtime_ns} {state.st_size}".encode()).hexdigest()


def remembered(wanted):
    try:
        with open(stamp_path(), encoding="ascii") as file:
            return stamp_text(wanted) in file.read().split()
    except OSError:
        return False


def remember(wanted):
    """Several groups of goals are remembered side by side; the newest eight."""
    known = []
    if os.path.exists(stamp_path()):
        with open(stamp_path(), encoding="ascii") as file:
            known = file.read().split()
    try:
        os.makedirs(os.path.dirname(stamp_path()), exist_ok=True)
        with open(stamp_path(), "w", encoding="ascii") as file:
            file.write("\n".join((known + [stamp_text(wanted)])[-8:]) + "\n")
    except OSError as error:
        fail(f"{error.filename} cannot be written: {error.strerror}")


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def agrees(question):
    """Ctrl+C and Ctrl+D are a no."""
    try:
        return input(question).strip().lower() in ("", "y", "yes")
    except (EOFError, KeyboardInterrupt):
        print()
        return False


def install(packages_missing):
    """Installs, or ends with a sentence that says why it cannot."""
    names = " ".join(packages_missing)
    print(f"missing packages: {names}", flush=True)
    prefix = []
    if os.geteuid() != 0:
        by_hand = f"install them: apt-get install {names}"
        if not sys.stdin.isatty():
            fail(f"not root, and no terminal to ask for a password at; {by_hand}")
        if not shutil.which("sudo"):
            fail(f"not root, and there is no sudo; as root, {by_hand}")
        if not agrees("install them with sudo apt-get? [Y/n] "):
            fail(f"nothing installed; {by_hand}")
        prefix = ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = prefix + ["apt-get", "-q", "-o", "Dpkg::Use-Pty=0"]
    for command in (apt + ["update"], apt + ["install", "-y", "--no-install-recommends", *packages_missing]):
        if subprocess.run(command, env=environment, stdin=None if prefix else subprocess.DEVNULL, check=False).returncode:
            fail(f"this failed: {' '.join(command)}")


def main():
    groups = sys.argv[1:]
    unknown = [group for group in groups if group not in GROUPS]
    if unknown or not groups:
        fail(f"usage: setup.py GROUP...; groups: {', '.join(GROUPS)}" + "".join(f"; no group {g}" for g in unknown))
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or later is needed, for tomllib; {sys.executable} is {sys.version.split()[0]}")
    wanted = wanted_packages(groups)
    if not shutil.which("dpkg-query") or not shutil.which("apt-get"):
        if not shutil.which("nasm") or not shutil.which("qemu-system-x86_64"):
            print("This system is not Debian: its packages have other names. Needed are the equivalents of\n  "
                  + " ".join(wanted), file=sys.stderr)
            sys.exit(1)
        return
    if remembered(wanted):
        return
    absent = missing(wanted)
    if absent:
        install(absent)
        absent = missing(wanted)
        if absent:
            fail(f"still missing after the installation: {' '.join(absent)}")
    remember(wanted)


if __name__ == "__main__":
    main()
