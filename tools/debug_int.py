# SPDX-License-Identifier: MIT
"""`make debug-int`: boots the system with QEMU's log of interrupts and exceptions (-d int,cpu_reset) and without restarts,
until it resets itself, goes off, SECONDS are over or Ctrl+C; then shows the last exceptions, each with the function and the
line that it happened in. For a machine that restarts without a word: the last ones before the triple fault say why.

--kernel boots another kernel file through the shim, with the modules of the product. The whole log stays in
build/log/int.log."""

import argparse
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests")]
import explain  # noqa: E402
from harness.images import BootList, initrd  # noqa: E402

EVENT = re.compile(r"^ *\d+: v=([0-9a-f]+) e=([0-9a-f]+) i=(\d) cpl=(\d) IP=[0-9a-f]+:([0-9a-f]+) .*?(?:CR2=([0-9a-f]+))?$", re.MULTILINE)
NAME = re.compile(r'^ +V\( *(\d+), *"?(\w+)"?, +"([^"]+)"\)', re.MULTILINE)
FIRST_IRQ = 32
PAGE_FAULT = 14


def names():
    return {int(number): f"#{short} {words}" for number, short, words in
            NAME.findall((ROOT / "abi/fault.h").read_text(encoding="utf-8"))}


def command(build, kernel):
    start = ["qemu-system-x86_64", "-M", "pc", "-cpu", "max", "-m", "128M", "-nodefaults", "-vga", "std", "-display", "none",
             "-accel", "tcg", "-no-reboot", "-d", "int,cpu_reset", "-D", str(build / "log/int.log"),
             "-serial", f"file:{build / 'log/int.com1'}"]
    if kernel is None:
        return [*start, "-cdrom", str(build / "annulet.iso")]
    listed = BootList(build.resolve())
    return [*start, "-kernel", str(build / "shim.elf"), "-initrd", initrd(kernel, listed.modules), "-append", listed.kernel[1]]


def place(images, address):
    """Function and line of a code address, as far as anybody's file knows it."""
    image = next((image for image in images if image.has(address)), None)
    return " ← ".join(image.places(address)) if image else "in no file of the build"


def show(build, trace, last):
    known, images = names(), explain.Explainer(build).images
    events = [(int(v, 16), int(e, 16), software, ring, int(ip, 16), cr2) for v, e, software, ring, ip, cr2 in EVENT.findall(trace)]
    exceptions = [event for event in events if event[0] < FIRST_IRQ and event[2] == "0"]
    print(f"{len(events)} interrupts and exceptions; the last exceptions:")
    for vector, error, _, ring, address, cr2 in exceptions[-last:]:
        touched = f", touched {cr2}" if vector == PAGE_FAULT and cr2 else ""
        print(f"  {known.get(vector, f'vector {vector}')}, error {error:#x}, ring {ring}{touched}\n"
              f"    at {address:#x} {place(images, address)}")
    print("then a triple fault: the processor reset itself" if "Triple fault" in trace else "no triple fault")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--kernel", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--last", type=int, default=5)
    options = parser.parse_args()
    (options.build / "log").mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(command(options.build, options.kernel), stdin=subprocess.DEVNULL, process_group=0) as qemu:
        try:
            qemu.wait(options.seconds)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            qemu.terminate()
    show(options.build, (options.build / "log/int.log").read_text(encoding="utf-8", errors="replace"), options.last)


if __name__ == "__main__":
    main()
