# SPDX-License-Identifier: MIT
"""Which files a boot consists of: those that the build's grub.cfg names, or those that a test chooses."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from iso import boot_modules, in_build  # noqa: E402


def build_folder():
    return (ROOT / os.environ.get("BUILD", "build")).resolve()


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
