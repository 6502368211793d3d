# SPDX-License-Identifier: MIT
"""Which files a boot consists of: those that the build's grub.cfg names, or those that a test chooses."""

import fcntl
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from iso import boot_modules, in_build  # noqa: E402


def build_folder():
    return (ROOT / os.environ.get("BUILD", "build")).resolve()


def kernel_image():
    """What a machine boots that names no kernel: KERNEL=debug in the environment means the debug kernel."""
    return build_folder() / ("kernel-debug.elf" if os.environ.get("KERNEL") == "debug" else "kernel.elf")


def make(*goals):
    """Makes goals in the build folder, one builder at a time; a goal in the folder is given as @/NAME."""
    folder = build_folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder
    with open(folder / "tests.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run(["make", "-s", "-j2", "-f", "make/main.mk", f"BUILD={name}",
                               *(goal.replace("@", str(name), 1) if goal.startswith("@/") else goal for goal in goals)],
                              cwd=ROOT, text=True, capture_output=True, check=False)


class BootList:
    """kernel: (path, command line); modules: [(path, text)], as in grub.cfg."""

    def __init__(self, build, system="."):
        grub_cfg = build / system / "grub.cfg"
        entries = [(in_build(build, grub_cfg, path), words)
                   for path, words in boot_modules(grub_cfg.read_text(encoding="utf-8"))]
        self.kernel, self.modules = entries[0], entries[1:]


def initrd(kernel, modules):
    """QEMU's -initrd for the shim: files and their texts, commas doubled."""
    entries = [(kernel, "kernel"), *modules]
    return ",".join(f"{path} {words}".strip().replace(",", ",,") for path, words in entries)
