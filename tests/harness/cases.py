# SPDX-License-Identifier: MIT
"""Test cases inside the system (tests/cases, docs/testing.md) as pytest's tests: one boot for each file, in virtual
time. testd says on the log how each ended and ends QEMU; whoever did not get that far is named with what stopped the
machine, and the rest runs in another boot. All of it runs twice: on the shipped kernel, and as CASE[census] on the debug
kernel, which looks at all its books after each case; what uses the FPU once more, as CASE[qemu64], on a processor without
XSAVE."""

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .images import ROOT, BootList, build_folder, make
from .machine import Machine
from .verdict import Verdict

DECLARED = re.compile(r"^TEST\((\w+)", re.MULTILINE)
LINE = re.compile(r"^testd: (run|ok|bad|end:|cases:) ?(.*)$", re.MULTILINE)
WORDS_MAX = 200  # bytes of testd's arguments
WITHOUT = ["shell", "bridge", "hand"]  # cases need none of them, and they need time to start
BUDGET = 120
RUNS = {"": {"kernel": "kernel.elf"}, "[census]": {"kernel": "kernel-debug.elf"}}  # by what a case's name ends in
FPU_RUNS = {"[qemu64]": {"kernel": "kernel.elf", "cpu": "qemu64"}}
BOOTS = 12  # of one file: one more for each case that stops the machine


class Failed(Exception):
    """What a case has to say."""


@dataclass
class Report:
    """What one run of testd said."""
    verdicts: dict = field(default_factory=dict)  # case: "" or why it failed
    running: str = ""  # the case that had begun and not ended
    count: tuple = None  # passed, failed: the last line
    log: str = ""
    problem: str = ""  # what stopped the machine


def read(log):
    report = Report(log=log)
    for kind, rest in LINE.findall(log):
        name, _, more = rest.partition(" ")
        if kind == "run":
            report.running = name
        elif kind in ("ok", "bad"):
            report.verdicts[name.rstrip(":")] = "" if kind == "ok" else more.partition(": ")[2] or more
            report.running = ""
        elif kind == "end:":
            report.count = tuple(map(int, re.findall(r"\d+", rest)))
    return report


def judge(report, exit_code):
    """What is wrong with the whole run, besides cases that failed: "" for nothing."""
    if report.count is None:
        return "cut output: testd did not say its last line"
    passed = sum(not reason for reason in report.verdicts.values())
    if report.count != (passed, len(report.verdicts) - passed):
        return f"cut output: testd counted {report.count}, but told of {passed} and {len(report.verdicts) - passed}"
    if not report.verdicts:
        return "zero cases ran"
    wanted = 33 if passed == len(report.verdicts) else 35
    if exit_code != wanted:
        return f"exit code {exit_code}, but {wanted} is what the log says"
    return ""


def manifest(folder, words, without=WITHOUT, calls=()):
    """The test system's manifest with testd told what to run. calls: of testd, besides."""
    path = Path(folder) / "run.toml"
    lines = ["[system]", f"without = {json.dumps(list(without))}", "[server.testd]",
             f"arguments = {json.dumps(['run', *words])}", f"calls = {json.dumps(list(calls))}", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run([sys.executable, "tools/system/build.py", "--out", folder, "--on-top", "tests/system.toml",
                           "--on-top", path, "boot/system.toml"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"no manifest for {words}: {done.stdout}{done.stderr}")
    return Path(folder) / "manifest.bin"


def boot_modules(folder, words, stand_in=None, **system):
    """The modules of a boot with another manifest, and perhaps with another program in testd's place."""
    system.setdefault("without", WITHOUT)
    made = {"manifest": manifest(folder, words, **system)} | ({"testd": stand_in} if stand_in else {})
    return [(made.get(text, path), text) for path, text in BootList(build_folder(), "tests").modules
            if text not in system["without"]]


def run(name, words, stand_in=None, meanwhile=None, **options):
    """One boot; the Report. stand_in: an image instead of testd's. meanwhile(machine) is called when it has started.
    options: Machine's."""
    with tempfile.TemporaryDirectory() as folder:
        modules = boot_modules(folder, words, stand_in)
        options = {"icount": True, "extra": ["-rtc", "clock=vm"], "budget": BUDGET, "modules": modules, "exit_device": True,
                   "log_file": True, "kernel": build_folder() / "kernel.elf", **options}
        machine = None
        try:
            machine = Machine(name=name, **options)
            if meanwhile:
                meanwhile(machine)
            machine.run_to_verdict()
            report = read(machine.log())
            report.problem = judge(report, 33)
        except Verdict as verdict:
            report = read(machine.log() if machine else "")
            code = machine.process.returncode if machine and machine.process else None
            report.problem = judge(report, code) if code in (33, 35) else str(verdict)
        finally:
            if machine:
                machine.close()
    return report


def run_all(name, program, file, chosen, **options):
    """{case: "" or the reason} of the chosen cases of a file: in one boot, or in more when cases stop the machine."""
    verdicts, words, boots = {}, [f"program={program}", *chosen], 0
    if sum(len(word) + 1 for word in words) > WORDS_MAX:
        words = [f"program={program}", f"file={file}"]
    report = Report()
    while boots < BOOTS and not set(chosen) <= set(verdicts):
        boots += 1
        report = run(f"{name}-{boots}" if boots > 1 else name, words, **options)
        verdicts.update(report.verdicts)
        if not report.problem:
            break
        if not report.running:
            return {**dict.fromkeys(chosen, report.problem), **verdicts}
        verdicts[report.running] = report.problem
        words = [f"program={program}", f"file={file}", f"after={report.running}"]
    return {**dict.fromkeys(chosen, f"it did not run\n{report.log}"), **verdicts}


class CaseFile(pytest.File):
    """A C file of cases: tests/cases/FOLDER/FILE.c is linked into tests/cases/FOLDER.elf."""

    def collect(self):
        names = DECLARED.findall(self.path.read_text(encoding="utf-8"))
        if not names:
            raise self.CollectError(f"{self.path.name} declares no case")
        self.kept = {}
        for kind in self.runs():
            for name in names:
                yield Case.from_parent(self, name=name + kind, case=name, kind=kind)

    def runs(self):
        return RUNS | FPU_RUNS if self.path.parent.name == "fpu" else RUNS

    def verdicts(self, kind):
        if kind not in self.kept:
            made = make("all", "test-system", "debug-kernel")
            chosen = [item.case for item in self.session.items if item.parent is self and item.kind == kind]
            if made.returncode:
                self.kept[kind] = dict.fromkeys(chosen, f"the build failed:\n{made.stdout}{made.stderr}")
            else:
                options = dict(self.runs()[kind])
                self.kept[kind] = run_all(f"cases-{self.path.stem}{kind}", program_of(self.path), self.path.name, chosen,
                                          kernel=build_folder() / options.pop("kernel"), **options)
        return self.kept[kind]


def program_of(path):
    """The entry of tests/system.toml whose image is the file's folder."""
    import tomllib
    image = f"tests/cases/{path.parent.name}.elf"
    entries = tomllib.loads((ROOT / "tests/system.toml").read_text(encoding="utf-8"))["program"]
    found = [name for name, entry in entries.items() if entry.get("image") == image]
    if not found:
        raise Failed(f"no program in tests/system.toml has the image {image}")
    return found[0]


class Case(pytest.Item):
    def __init__(self, *, case, kind, **options):
        super().__init__(**options)
        self.case, self.kind = case, kind

    def runtest(self):
        reason = self.parent.verdicts(self.kind)[self.case]
        if reason:
            raise Failed(reason)

    def repr_failure(self, excinfo):
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


def collect_cases(parent, path):
    """The cases of a file; None if it has none, or if they are meant to fail (tests/harness/test_testd.py)."""
    if path.parent.parent.name == "cases" and path.parent.name != "bad" and path.suffix == ".c":
        return CaseFile.from_parent(parent, path=path)
    return None
