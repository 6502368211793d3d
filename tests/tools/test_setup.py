# SPDX-License-Identifier: MIT
"""The set-up step: what it says and does when packages are missing, for root, with sudo, without a terminal, elsewhere."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from harness.images import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import packages  # noqa: E402
import setup  # noqa: E402


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A Debian on which nasm and xorriso are missing until they are installed."""
    state = SimpleNamespace(absent=["nasm", "xorriso"], commands=[], root=True, terminal=False, answer="", breaks=None,
                            programs={"dpkg-query", "apt-get", "sudo"})

    def run(command, **_):
        state.commands.append(command)
        if "install" in command and not state.breaks:
            state.absent = []
        return SimpleNamespace(returncode=1 if state.breaks and state.breaks in command else 0)

    def ask(question):
        state.asked = question
        return state.answer

    monkeypatch.setenv("BUILD", str(tmp_path))
    monkeypatch.setattr(setup, "missing", lambda wanted: [name for name in wanted if name in state.absent])
    monkeypatch.setattr(setup.subprocess, "run", run)
    monkeypatch.setattr(setup.shutil, "which", lambda name: name if name in state.programs else None)
    monkeypatch.setattr(setup.os, "geteuid", lambda: 0 if state.root else 1000)
    monkeypatch.setattr(setup.sys, "stdin", SimpleNamespace(isatty=lambda: state.terminal))
    monkeypatch.setattr("builtins.input", ask)
    monkeypatch.setattr(setup.sys, "argv", ["setup.py", "build"])
    return state


def test_root_is_told_what_is_missing_and_gets_it(machine, capsys):
    setup.main()
    assert capsys.readouterr().out == "missing packages: nasm xorriso\n"
    assert machine.commands[0][-1] == "update"
    assert machine.commands[1][:1] == ["apt-get"] and machine.commands[1][-2:] == ["nasm", "xorriso"]


def test_without_root_and_without_a_terminal_it_fails_with_the_list(machine, capsys):
    machine.root = False
    with pytest.raises(SystemExit) as ended:
        setup.main()
    said = capsys.readouterr()
    assert ended.value.code == 1 and machine.commands == []
    assert "missing packages: nasm xorriso" in said.out and "apt-get install nasm xorriso" in said.err


def test_with_a_terminal_it_asks_and_uses_sudo(machine):
    machine.root, machine.terminal = False, True
    setup.main()
    assert "sudo" in machine.asked and all(command[0] == "sudo" for command in machine.commands)


def test_who_says_no_gets_nothing_installed(machine, capsys):
    machine.root, machine.terminal, machine.answer = False, True, "n"
    with pytest.raises(SystemExit):
        setup.main()
    assert machine.commands == [] and "nothing installed" in capsys.readouterr().err


def test_an_installation_that_fails_is_named(machine, capsys):
    machine.breaks = "install"
    with pytest.raises(SystemExit):
        setup.main()
    assert "this failed: apt-get" in capsys.readouterr().err


def test_another_system_gets_the_list_and_no_apt(machine, capsys):
    machine.programs = set()
    with pytest.raises(SystemExit) as ended:
        setup.main()
    said = capsys.readouterr().err
    assert ended.value.code == 1 and machine.commands == []
    assert "not Debian" in said and all(name in said for name in packages.packages(["build"]))


def test_nothing_is_said_or_done_when_nothing_is_missing(machine, capsys):
    machine.absent = []
    setup.main()
    assert capsys.readouterr() == ("", "") and machine.commands == []


def test_who_ends_the_question_gets_nothing_installed(machine, monkeypatch, capsys):
    machine.root, machine.terminal = False, True
    for ending in (EOFError, KeyboardInterrupt):
        def ask(_, ending=ending):
            raise ending
        monkeypatch.setattr("builtins.input", ask)
        with pytest.raises(SystemExit):
            setup.main()
    assert machine.commands == [] and "nothing installed" in capsys.readouterr().err


def test_a_python_that_is_too_old_is_named(machine, monkeypatch, capsys):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit):
        setup.main()
    assert "Python 3.11 or later is needed" in capsys.readouterr().err and machine.commands == []


def test_a_folder_that_cannot_be_written_is_named(machine, monkeypatch, tmp_path, capsys):
    machine.absent = []
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BUILD", str(tmp_path / "file"))
    with pytest.raises(SystemExit):
        setup.main()
    assert f"{tmp_path / 'file'}/stamps cannot be written" in capsys.readouterr().err


def test_a_group_that_does_not_exist_is_refused(machine, capsys):
    setup.sys.argv = ["setup.py", "kitchen"]
    with pytest.raises(SystemExit):
        setup.main()
    assert "no group kitchen" in capsys.readouterr().err


def test_the_curses_display_comes_with_what_make_run_installs():
    assert "qemu-system-common" in packages.packages(["run"])
    owner = subprocess.run(["dpkg-query", "-S", "*/qemu/ui-curses.so"], capture_output=True, text=True, check=False)
    if owner.returncode == 0:
        assert owner.stdout.split(":")[0] == "qemu-system-common"


def test_it_needs_no_more_than_a_bare_python():
    done = subprocess.run(["/usr/bin/python3", "-I", "-S", str(ROOT / "tools/setup.py")], cwd=ROOT, capture_output=True,
                          text=True, check=False, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 1 and "usage: setup.py GROUP" in done.stderr
