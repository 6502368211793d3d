# SPDX-License-Identifier: MIT
"""iso.py BUILD GRUB_CFG OUTPUT: a small GRUB ISO for BIOS machines (CD and USB stick) with what GRUB_CFG boots.

Each file that it names is looked up next to it and in the build; one that is not there is refused."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

# Only what grub.cfg uses, and the readers of partition tables that grub-mkrescue's own start file asks for (without them
# GRUB shows a screen of errors): 1 MB instead of 10.
MODULES = "multiboot2 iso9660 normal " + " ".join(
    f"part_{kind}" for kind in "acorn amiga apple bsd dfly dvh gpt msdos plan sun sunpc".split())
PLATFORM = "/usr/lib/grub/i386-pc"
TIME = "1767225600"  # all files' time and the volume's, so that the same files give the same ISO
DATE = "2026010100000000"  # the same as xorriso wants it, which takes SOURCE_DATE_EPOCH for some of its dates only


def named_files(text):
    """The paths that multiboot2 and module2 lines of a grub.cfg name, in order."""
    return re.findall(r"^\s*(?:multiboot2|module2)\s+(?:--\S+\s+)*(/\S+)", text, re.MULTILINE)


def boot_modules(text):
    """(path, text behind it) for each module2 line; the kernel's own line comes first."""
    return re.findall(r"^\s*(?:multiboot2|module2)\s+(?:--\S+\s+)*(/\S+)[ \t]*(.*?)\s*$", text, re.MULTILINE)


def in_build(build, grub_cfg, path):
    """The file that a grub.cfg calls /boot/FOLDER/NAME: what the system builder made lies next to grub.cfg."""
    inside = pathlib.PurePosixPath(path).relative_to("/boot")
    for candidate in (grub_cfg.parent / inside, build / inside):
        if candidate.is_file():
            return candidate
    sys.exit(f"{grub_cfg} names {path}, but the build made no {inside}")


def main():
    build, grub_cfg, output = map(pathlib.Path, sys.argv[1:])
    text = grub_cfg.read_text(encoding="utf-8")
    if not named_files(text):
        sys.exit(f"{grub_cfg} boots nothing: no multiboot2 line")
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "boot/grub").mkdir(parents=True)
        (tree / "boot/grub/grub.cfg").write_text(text, encoding="utf-8")
        for path in named_files(text):
            target = tree / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(in_build(build, grub_cfg, path), target)
        for path in [tree, *tree.rglob("*")]:
            os.utime(path, (int(TIME), int(TIME)))
        command = ["grub-mkrescue", "-d", PLATFORM, f"--install-modules={MODULES}", "--locales=", "--themes=", "--fonts=",
                   "-o", str(output), str(tree), f"--modification-date={DATE}", "--set_all_file_dates", DATE]
        made = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, "SOURCE_DATE_EPOCH": TIME})
    if made.returncode or not output.is_file():
        output.unlink(missing_ok=True)
        sys.exit(f"grub-mkrescue failed:\n{made.stdout}{made.stderr}")


if __name__ == "__main__":
    main()
