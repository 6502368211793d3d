# SPDX-License-Identifier: MIT
"""The ISO: made by grub-mkrescue from what boot/system.toml says; boots; and what comes out of COM1. (As a USB stick:
tests/system/test_boot.py.)"""

import re
import subprocess
import sys

import pytest

from harness.images import ROOT, build_folder

sys.path.insert(0, str(ROOT / "tests" / "system"))
import session  # noqa: E402

ISO = build_folder() / "annulet.iso"


@pytest.fixture(scope="module")
def shell():
    with session.start("iso", boot="iso") as started:
        yield started


def test_grub_waits_for_nobody_and_loads_the_kernel_and_a_module_for_each_entry(tmp_path):
    out = tmp_path / "grub.cfg"
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", ISO, "-extract", "/boot/grub/grub.cfg", out], check=True,
                   capture_output=True)
    text = out.read_text(encoding="utf-8")
    assert text == (build_folder() / "grub.cfg").read_text(encoding="utf-8")
    assert re.search(r"^set timeout=0$", text, re.MULTILINE)
    assert re.findall(r"^ *multiboot2 (\S+)$", text, re.MULTILINE) == ["/boot/kernel.elf"]
    system = (ROOT / "boot" / "system.toml").read_text(encoding="utf-8")
    entries = re.findall(r"^\[(?:server|program)\.([\w-]+)\]$", system, re.MULTILINE)
    loaded = re.findall(r"^ *module2 \S+ (\S+)$", text, re.MULTILINE)
    assert sorted(loaded) == sorted(["manifest", "init", *entries])


def test_the_iso_boots_to_the_prompt_as_a_cd(shell):
    assert shell.run("echo from a CD") == ["from a CD"]
    assert "kernel: loaded by GRUB" in shell.machine.log()


def test_the_serial_line_carries_the_log_byte_for_byte(shell):
    rows = shell.run("log 12")
    sent = shell.machine.log_bytes()
    assert sent.isascii() and b"\r" not in sent and b"\0" not in sent
    text = "".join(row if len(row) == 80 else row + "\n" for row in rows)
    assert text.count("\n") >= 12 and text in sent.decode(), "what the kernel kept is what came out of COM1"


def extracted(iso, folder):
    """{path in the ISO's /boot: its bytes}"""
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/boot", folder], check=True, capture_output=True)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.elf")}


def test_the_test_systems_iso_holds_the_products_kernel_servers_and_programs_byte_for_byte(tmp_path):
    product = extracted(ISO, tmp_path / "product")
    tests = extracted(build_folder() / "tests" / "annulet.iso", tmp_path / "tests")
    assert product and {path: tests.get(path) for path in product} == product
    more = {path for path in tests if path not in product}
    assert more and not [path for path in more if path.startswith("user/")]


def test_the_products_iso_has_nothing_of_the_test_system(tmp_path):
    product = extracted(ISO, tmp_path / "product")
    assert not [path for path in product if path.startswith("tests/") or path in ("servers/bridge.elf", "servers/testd.elf")]
