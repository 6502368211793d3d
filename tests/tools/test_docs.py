# SPDX-License-Identifier: MIT
"""The samples of docs/interfaces.md and docs/system.md are compiled, and their tables compared with the compilers."""

import os
import re
import struct
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from toolkit import ROOT, run  # noqa: E402

INTERFACES = (ROOT / "docs/interfaces.md").read_text(encoding="utf-8")
SYSTEM = (ROOT / "docs/system.md").read_text(encoding="utf-8")
FLAGS = ("-std=c17 -ffreestanding -mgeneral-regs-only -O2 -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes "
         "-Wmissing-prototypes -Wundef -Wvla -Werror").split()


def sample(page, label):
    found = re.findall(rf"^```{re.escape(label)}\n(.*?)^```$", page, re.M | re.S)
    assert len(found) == 1, f"{len(found)} samples are labelled {label}"
    return found[0]


@pytest.fixture(scope="module")
def thermometer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    path = folder / "thermometer/interface.toml"
    path.parent.mkdir()
    path.write_text(sample(INTERFACES, "toml interface=thermometer"), encoding="utf-8")
    done = run("idl/idl.py", "--out", folder / "interfaces", "--python", folder, path,
               *sorted(ROOT.glob("servers/*/interface.toml")))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("label", ["c server=thermometer", "c client=thermometer"])
def test_the_samples_in_c_compile_against_the_sample_interface(thermometer, label):
    done = subprocess.run(["gcc", *FLAGS, "-I", ROOT, "-I", thermometer, "-x", "c", "-c", "-o", "/dev/null", "-"],
                          input=sample(INTERFACES, label), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_sample_in_python_sends_the_message_that_the_page_shows(thermometer):
    script = f"""
import sys
sys.path.insert(0, {str(thermometer)!r})
from interfaces.thermometer import Thermometer

class Transport:
    def call(self, method, words, body, caps):
        print(method, *words, body, caps)
        return 0, [7, 0, 0, 0, 0, 0], b"", ()

print(Thermometer(Transport()).note(False, "hi").notes)
"""
    done = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split("\n")[:2] == ["2 0 2 26984 0 0 0 b'' ()", "7"], done.stderr
    assert "method 2 with the words 0, 2, 0x6968 (the `h` lowest), 0, 0, 0, and no body" in INTERFACES
    assert struct.pack("<Q", 0x6968) == b"hi" + bytes(6)


def test_the_sample_system_builds(tmp_path):
    path = tmp_path / "system.toml"
    path.write_text(sample(SYSTEM, "toml system"), encoding="utf-8")
    done = run("system/build.py", "--out", tmp_path, path)
    assert done.returncode == 0, done.stderr


def asked_keys(*files):
    """The keys that the builder asks a table for, as its source says."""
    text = "".join((ROOT / "tools/system" / name).read_text(encoding="utf-8") for name in files)
    return set(re.findall(r"\b(?:machine|head|table)\.(?:get|text|texts|number|numbers|choice|tables)\(\"(\w+)\"", text))


def test_every_key_of_system_toml_is_on_its_page():
    documented = set(re.findall(r"^\| `(\w+)` \|", SYSTEM, re.M))
    assert asked_keys("system_file.py") == documented


def test_the_ports_that_the_page_lists_are_those_that_are_refused():
    source = (ROOT / "tools/system/hardware.py").read_text(encoding="utf-8")
    kernel = re.findall(r"\(0x(\w+), 0x(\w+), ", source)
    listed = re.findall(r"0x([0-9a-f]+)(?:–0x([0-9a-f]+))?", SYSTEM[SYSTEM.index("| never given"):SYSTEM.index("**Names**")])
    ranges = {(int(a, 16), int(b or a, 16)) for a, b in listed} - {(0xFE, 0xFE), (0xD1, 0xD1)}
    assert ranges == {(int(a, 16), int(b, 16)) for a, b in kernel}
