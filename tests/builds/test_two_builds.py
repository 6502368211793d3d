# SPDX-License-Identifier: MIT
"""Clean builds of fresh copies of the tree, in folders of different names: the same bytes, one command that runs them, and
a smaller system by one edit."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from harness import Machine
from harness.images import ROOT, BootList

sys.path.insert(0, str(ROOT / "tests" / "system"))
import session  # noqa: E402

NOT_BUILT = ("docs/", "tests/")
LEFT_OUT = ["echo", "counter", "probe", "say", "bench"]


def copy_tree(to):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True, capture_output=True,
                            check=True).stdout.splitlines()
    for name in listed:
        if not name.startswith(NOT_BUILT) and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).write_bytes((ROOT / name).read_bytes())
    if (ROOT / "build/toolchain").is_dir():  # where the cross compiler was built, it builds the copies too
        (to / "build").mkdir()
        (to / "build/toolchain").symlink_to(ROOT / "build/toolchain")
    return to


def make(tree, *goals):
    environment = {name: value for name, value in os.environ.items() if name not in ("BUILD", "MAKEFLAGS", "MAKELEVEL")}
    made = subprocess.run(["make", "-s", "-j2", *goals], cwd=tree, text=True, capture_output=True, check=False,
                          env=environment)
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    tree = copy_tree(tmp_path_factory.mktemp("one"))
    make(tree, "-f", "make/main.mk", "all", "iso")
    return tree


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    tree = copy_tree(tmp_path_factory.mktemp("quite_another") / "and deeper".replace(" ", "_"))
    make(tree, "-f", "make/main.mk", "all", "iso")
    return tree


def sums(tree):
    """{name: SHA-256} of what is shipped."""
    build = tree / "build"
    shipped = [build / "annulet.iso", build / "shim.elf", BootList(build).kernel[0], *(path for path, _ in BootList(build).modules)]
    return {str(path.relative_to(build)): hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped}


def test_two_clean_builds_are_the_same_bytes(one, other):
    assert len(sums(one)) > 10
    assert sums(one) == sums(other)


def test_make_run_boots_a_fresh_copy(one):
    """One command, from the set-up step to a machine that has loaded everything. tests/fresh-machine goes on to the prompt."""
    environment = {name: value for name, value in os.environ.items() if name not in ("BUILD", "MAKEFLAGS", "MAKELEVEL")}
    log = one / "build" / "log" / "run.log"
    running = subprocess.Popen(["make", "run"], cwd=one, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env={**environment, "QEMU_DISPLAY": "none"},
                               start_new_session=True)
    try:
        limit = time.monotonic() + 60
        while time.monotonic() < limit and running.poll() is None:
            if log.is_file() and "kbd: PS/2 keyboard" in log.read_text(encoding="utf-8", errors="replace"):
                break
            time.sleep(0.05)
        else:
            said = "" if running.poll() is None else running.stdout.read()
            pytest.fail(f"make run did not boot:\n{said}")
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        said = running.communicate()[0]
    assert "To leave:" in said


def test_without_a_display_and_a_terminal_make_run_says_so():
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QEMU_DISPLAY")}
    asked = subprocess.run([sys.executable, "tools/run.py"], cwd=ROOT, text=True, capture_output=True, check=False,
                           stdin=subprocess.DEVNULL, env=bare)
    assert asked.returncode != 0 and "no DISPLAY and no terminal" in asked.stderr


def test_a_smaller_system_is_one_edit(other):
    page = other / "boot" / "system.toml"
    text = page.read_text(encoding="utf-8")
    edited, found = re.subn(r"^without = \[\]", f"without = {LEFT_OUT}".replace("'", '"'), text, flags=re.MULTILINE)
    assert found == 1
    page.write_text(edited, encoding="utf-8")
    make(other, "-f", "make/main.mk", "all", "iso")
    with session.start("smaller", boot="iso", build=other / "build") as shell:
        listed = {row.split()[1] for row in shell.run("ps")[1:]}
        assert "shell" in listed and "echo" not in listed
        programs = set(shell.run("help")[-1].removeprefix("programs:").split())
        assert "hello" in programs and not programs & set(LEFT_OUT)
        assert shell.run("hello") == ["Hello World!"]


def test_the_harness_needs_no_display():
    with Machine(name="no-display") as machine:
        assert machine.arguments[machine.arguments.index("-display") + 1] == "none"
        machine.wait_screen(session.PROMPT)
