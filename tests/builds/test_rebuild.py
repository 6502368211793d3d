# SPDX-License-Identifier: MIT
"""What changes is built again, and nothing else: headers, flags, files that come and go. On a small tree: libsys and one
program."""

import json
import os
import shutil
import subprocess

import pytest

from harness.images import ROOT

PARTS = ["make", "abi", "common", "libsys", "tools/idl", "tools/symbols.py", "tools/components.py", "boot/user.ld",
         "user/hello"]


class SmallTree:
    def __init__(self, folder):
        self.folder = folder
        for part in PARTS:
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copyfile
            copy(ROOT / part, folder / part)
        for interface in ROOT.glob("servers/*/interface.toml"):
            target = folder / interface.relative_to(ROOT)
            target.parent.mkdir(parents=True)
            shutil.copyfile(interface, target)

    def make(self, *words, good=True):
        """Builds the program; returns make's lines."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "BUILD"))}
        done = subprocess.run(["make", "-j2", "-f", "make/main.mk", "build/user/hello.elf", *words], cwd=self.folder,
                              capture_output=True, text=True, check=False, env=environment)
        assert (done.returncode == 0) is good, done.stdout + done.stderr
        return [line.strip() for line in done.stdout.splitlines() if not line.startswith("make")] if good else done.stderr

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def append(self, name, text):
        self.write(name, (self.folder / name).read_text(encoding="utf-8") + text)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    small = SmallTree(tmp_path_factory.mktemp("tree"))
    small.make()
    return small


def compiled(lines):
    return [line for line in lines if line.startswith("CC")]


def test_nothing_is_done_twice(tree):
    assert tree.make() == []


def test_a_changed_header_rebuilds_who_includes_it(tree):
    header = next(name for name in ("libsys/stdio.h", "libsys/start.h") if name in
                  (tree.folder / "user/hello/hello.c").read_text(encoding="utf-8"))
    tree.append(header, "// changed\n")
    lines = tree.make()
    assert "CC      user/hello/hello.c" in lines and not any("common/crc32.c" in line for line in lines)


def test_a_changed_flag_rebuilds_everything(tree):
    assert len(compiled(tree.make("OPTIMISE=-O1"))) > 10
    assert len(compiled(tree.make())) > 10


def test_a_new_file_is_built_and_linked_and_a_removed_one_is_linked_no_more(tree):
    symbols = ["nm", tree.folder / "build/user/hello.elf"]
    tree.write("user/hello/more.c", "// SPDX-License-Identifier: MIT\nint more_to_say;\n")
    assert "CC      user/hello/more.c" in tree.make()
    assert "more_to_say" in subprocess.run(symbols, capture_output=True, text=True, check=True).stdout
    (tree.folder / "user/hello/more.c").unlink()
    lines = tree.make()
    assert any(line.startswith("LD") for line in lines) and not compiled(lines)
    assert "more_to_say" not in subprocess.run(symbols, capture_output=True, text=True, check=True).stdout


def test_a_changed_interface_is_generated_and_compiled_again(tree):
    name = "servers/vga/interface.toml"
    text = (tree.folder / name).read_text(encoding="utf-8")
    tree.write(name, text.replace('name = "vga"', 'name = "vga" # again', 1))
    assert any(line.startswith("IDL") for line in tree.make())
    assert tree.make() == []


def test_an_error_leaves_no_half_made_file(tree):
    tree.write("user/hello/more.c", "// SPDX-License-Identifier: MIT\nint more(void) { return gone; }\n")
    assert "gone" in tree.make(good=False)
    (tree.folder / "user/hello/more.c").unlink()
    tree.make()
    assert tree.make() == []


def test_v_1_shows_the_commands(tree):
    tree.append("user/hello/hello.c", "// again\n")
    assert any(line.startswith("gcc") or "-gcc " in line for line in tree.make("V=1"))


def test_editors_find_every_file_and_its_flags(tree):

    tree.make("build/compile_commands.json")
    entries = json.loads((tree.folder / "build/compile_commands.json").read_text(encoding="utf-8"))
    assert {"user/hello/hello.c", "common/mem.c"} <= {entry["file"] for entry in entries}
