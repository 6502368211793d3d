# SPDX-License-Identifier: MIT
"""iso.py BUILD GRUB_CFG OUTPUT: a small GRUB ISO (CD and USB stick, BIOS and UEFI) with what GRUB_CFG boots.

Each file that it names is looked up next to it and in the build; one that is not there is refused. UEFI firmware gets a
GRUB of its own in a small FAT image: it says that there will be no text screen, then boots the same."""

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
UEFI = "x86_64-efi"
UEFI_MODULES = f"{MODULES} search_fs_file echo"
UEFI_WORDS = ["Annulet has no text screen under UEFI firmware: all that it says stands on the first serial line (COM1).",
              "To see it on a screen, let the firmware boot in BIOS mode (legacy boot, CSM)."]
UEFI_SERIAL = "416e6e75"  # the FAT image's number, otherwise made from the clock
EFI_IMAGE = "boot/uefi.img"
KIB = 1024
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


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False,
                          env={**os.environ, "SOURCE_DATE_EPOCH": TIME})
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def uefi_start(text):
    """What the GRUB for UEFI does at once, so that its words stay on the screen: no menu, which would clear it."""
    loads = re.findall(r"^\s*((?:multiboot2|module2)\s.*)$", text, re.MULTILINE)
    return "\n".join([f"search.file {named_files(text)[0]} root", *loads, *(f'echo "{words}"' for words in UEFI_WORDS),
                      "boot", ""])


def make_uefi_image(image, text, folder):
    """A FAT file system with GRUB where UEFI firmware looks for a removable medium's boot program."""
    start, program = folder / "start.cfg", folder / "BOOTX64.EFI"
    start.write_text(uefi_start(text), encoding="utf-8")
    run("grub-mkimage", "-O", UEFI, "-p", "/boot/grub", "-c", start, "-o", program, *UEFI_MODULES.split())
    size = program.stat().st_size // KIB + 64  # its tables and folders
    image.write_bytes(bytes(size * KIB))
    os.utime(program, (int(TIME), int(TIME)))
    run("mformat", "-i", image, "-T", 2 * size, "-h", 1, "-s", 1, "-N", UEFI_SERIAL, "::")
    run("mmd", "-i", image, "::/EFI", "::/EFI/BOOT")
    run("mcopy", "-m", "-i", image, program, "::/EFI/BOOT/BOOTX64.EFI")


def main():
    build, grub_cfg, output = map(pathlib.Path, sys.argv[1:])
    text = grub_cfg.read_text(encoding="utf-8")
    if not named_files(text):
        sys.exit(f"{grub_cfg} boots nothing: no multiboot2 line")
    with tempfile.TemporaryDirectory() as folder:
        tree, work = pathlib.Path(folder, "tree"), pathlib.Path(folder, "work")
        (tree / "boot/grub").mkdir(parents=True)
        work.mkdir()
        (tree / "boot/grub/grub.cfg").write_text(text, encoding="utf-8")
        for path in named_files(text):
            target = tree / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(in_build(build, grub_cfg, path), target)
        make_uefi_image(tree / EFI_IMAGE, text, work)
        for path in [tree, *tree.rglob("*")]:
            os.utime(path, (int(TIME), int(TIME)))
        output.unlink(missing_ok=True)
        run("grub-mkrescue", "-d", PLATFORM, f"--install-modules={MODULES}", "--locales=", "--themes=", "--fonts=",
            "-o", output, tree, f"--modification-date={DATE}", "--set_all_file_dates", DATE,
            # El Torito's second entry, for a CD, and a partition of that kind, for a stick
            "-eltorito-alt-boot", "-e", EFI_IMAGE, "-no-emul-boot", "-isohybrid-gpt-basdat")
    if not output.is_file():
        sys.exit(f"grub-mkrescue made no {output}")


if __name__ == "__main__":
    main()
