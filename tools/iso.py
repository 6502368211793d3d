# SPDX-License-Identifier: MIT
"""iso.py BUILD OUTPUT: a small GRUB ISO for BIOS machines (CD and USB stick) with what BUILD/grub.cfg boots.

Each file that grub.cfg names is looked up in the build by its name; one that is not there is refused."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

# Only what grub.cfg uses: 0.8 MB instead of 10.
MODULES = "multiboot2 iso9660 normal"
PLATFORM = "/usr/lib/grub/i386-pc"
TIME = "1767225600"  # all files' time and the volume's, so that the same files give the same ISO


def named_files(text):
    """The paths that multiboot2 and module2 lines of a grub.cfg name, in order."""
    return re.findall(r"^\s*(?:multiboot2|module2)\s+(?:--\S+\s+)*(/\S+)", text, re.MULTILINE)


def boot_modules(text):
    """(path, text behind it) for each module2 line; the kernel's own line comes first."""
    return re.findall(r"^\s*(?:multiboot2|module2)\s+(?:--\S+\s+)*(/\S+)[ \t]*(.*?)\s*$", text, re.MULTILINE)


def in_build(build, path):
    """Where the build keeps the file that the ISO calls /boot/FOLDER/NAME or /boot/NAME."""
    inside = pathlib.PurePosixPath(path).relative_to("/boot")
    for candidate in (build / inside, build / "servers" / inside.name, build / "user" / inside.name):
        if candidate.is_file():
            return candidate
    sys.exit(f"{build}/grub.cfg names {path}, but the build made no {inside}")


def main():
    build, output = map(pathlib.Path, sys.argv[1:])
    text = (build / "grub.cfg").read_text(encoding="utf-8")
    if not named_files(text):
        sys.exit(f"{build}/grub.cfg boots nothing: no multiboot2 line")
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        (tree / "boot/grub").mkdir(parents=True)
        (tree / "boot/grub/grub.cfg").write_text(text, encoding="utf-8")
        for path in named_files(text):
            target = tree / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(in_build(build, path), target)
        for path in [tree, *tree.rglob("*")]:
            os.utime(path, (int(TIME), int(TIME)))
        command = ["grub-mkrescue", "-d", PLATFORM, f"--install-modules={MODULES}", "--locales=", "--themes=", "--fonts=",
                   "-o", str(output), str(tree)]
        made = subprocess.run(command, capture_output=True, text=True, check=False,
                              env={**os.environ, "SOURCE_DATE_EPOCH": TIME})
    if made.returncode or not output.is_file():
        output.unlink(missing_ok=True)
        sys.exit(f"grub-mkrescue failed:\n{made.stdout}{made.stderr}")


if __name__ == "__main__":
    main()
