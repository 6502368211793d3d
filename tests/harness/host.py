# SPDX-License-Identifier: MIT
"""C programs on this machine as tests: each cmocka test of tests/host/test_*.c is one, each fuzzer of tests/fuzz/ is
one. The program runs once; every test then reads its own result from what cmocka says (TAP)."""

import os
import re
import subprocess
import sys
import tempfile

import pytest

from .images import ROOT, build_folder, make

FUZZ_RUNS = 20000
PROGRAM_SECONDS = 120
DECLARED = re.compile(r"\bcmocka_unit_test(?:_setup|_teardown|_setup_teardown|_prestate|_prestate_setup_teardown)?"
                      r"\(\s*(\w+)")
EXPANDED = re.compile(r'\{\s*"(\w+)",\s*\1\s*,')  # what cmocka_unit_test(f) becomes
RESULT = re.compile(r"^(ok|not ok) \d+ - (\w+)", re.MULTILINE)
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}


class Failed(Exception):
    """What a C program has to say."""


def built(kind, name):
    """Builds build/KIND/NAME and returns its path."""
    target = build_folder() / kind / name
    made = make(f"@/{kind}/{name}")
    if made.returncode:
        raise Failed(f"{name} does not build:\n{made.stdout}{made.stderr}")
    return target


def run(command, **environment):
    try:
        return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False,
                              errors="replace", timeout=PROGRAM_SECONDS,
                              env={**os.environ, **ENVIRONMENT, **environment})
    except subprocess.TimeoutExpired as error:
        raise Failed(f"hang: {command[0]} was still running after {PROGRAM_SECONDS} s") from error


def declared(path):
    """The names of the cmocka tests of a file. Where it declares them by a list and a macro, the preprocessor says."""
    names = DECLARED.findall(path.read_text(encoding="utf-8"))
    if not any(name.isupper() for name in names):
        return names
    done = subprocess.run(["gcc", "-E", "-P", "-I.", f"-I{build_folder() / 'gen'}", str(path)], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    return EXPANDED.findall(done.stdout)


class Program(pytest.File):
    """A C file of cmocka tests."""

    def collect(self):
        names = declared(self.path)
        if not names:
            raise self.CollectError(f"{self.path.name} declares no cmocka test")
        for name in dict.fromkeys(names):
            yield Test.from_parent(self, name=name)

    def results(self):
        """(output, exit code, {test: passed}) of the one run; the reason if there was none."""
        if not hasattr(self, "kept"):
            try:
                program = built("host", self.path.stem)
                done = run([program], CMOCKA_MESSAGE_OUTPUT="TAP")
                output = done.stdout + done.stderr
                self.kept = (output, done.returncode, {name: ok == "ok" for ok, name in RESULT.findall(output)})
            except Failed as reason:
                self.kept = reason
        return self.kept


class Item(pytest.Item):
    def repr_failure(self, excinfo):
        return str(excinfo.value) if isinstance(excinfo.value, Failed) else super().repr_failure(excinfo)

    def reportinfo(self):
        return self.path, None, self.name


class Test(Item):
    def runtest(self):
        results = self.parent.results()
        if isinstance(results, Failed):
            raise results
        output, code, passed = results
        if self.name not in passed:
            raise Failed(f"{self.name} did not run (the program ended with {code}):\n{output}")
        if not passed[self.name]:
            raise Failed(output)
        if code and all(passed.values()):
            raise Failed(f"all tests passed, but the program ended with {code}:\n{output}")


class Fuzzer(pytest.File):
    def collect(self):
        yield Fuzz.from_parent(self, name=f"{FUZZ_RUNS}_runs_find_nothing")


class Fuzz(Item):
    def runtest(self):
        program = built("fuzz", self.path.stem)
        run([sys.executable, self.path.parent / "seeds.py", program.parent / "seeds"])
        seeds = program.parent / "seeds" / self.path.stem.removeprefix("fuzz_")
        with tempfile.TemporaryDirectory() as found:  # what the fuzzer finds goes into the first folder
            done = run([program, f"-runs={FUZZ_RUNS}", "-seed=1", "-timeout=10", f"-artifact_prefix={program.parent}/",
                        found, *([seeds] if seeds.is_dir() else [])])
        if done.returncode or "Done" not in done.stderr:
            raise Failed(f"{self.path.name} ended with {done.returncode}:\n{done.stderr[-6000:]}")


def collect_program(parent, path):
    kind = {"test": Program, "fuzz": Fuzzer}[path.name.split("_")[0]]
    return kind.from_parent(parent, path=path)
