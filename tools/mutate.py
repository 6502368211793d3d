# SPDX-License-Identifier: MIT
"""`make mutate`: takes one check of the kernel away at a time (tests/mutants.toml) and looks whether the tests notice.

Each mutant is built in a copy of the tree with a build folder of its own. What noticed it the last time, says
docs/results/mutate.md, is tried first; then the tests run in STAGES, the nearest first; the first red one ends the
mutant. A mutant that no test notices has survived: a test is missing. A line of the list that does not stand in its file
exactly once is an error, so the list cannot grow stale in silence.

    tools/mutate.py                      all; writes docs/results/mutate.md when the tree is committed
    tools/mutate.py --survivors          those that survived the last time, with the same kernel; into the same page
    tools/mutate.py --only stamp         those of one kind, or with these words in their name; writes nothing
    tools/mutate.py --stages 0           does each mutant build?
    tools/mutate.py --stages 1           only the nearest tests: quicker, and who survives may still be noticed by others
    tools/mutate.py --list               checks the list and shows it
"""

import argparse
import concurrent.futures
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]
LIST = "tests/mutants.toml"
RESULTS = "docs/results/mutate.md"
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
NEAR, ALL = ("all", "test-system"), ("all", "iso", "test-iso", "plugins")  # what the first stage needs, and the others
# What is run one after the other, with the seconds that it may take: a mutant that hangs is noticed too.
STAGES = [
    (["tests/system/test_kernel_matrix.py", "tests/system/test_kernel_attacks.py"], 300),
    (["tests/system/test_kernel.py", "tests/system/test_kernel_entries.py", "tests/builds/test_vectors.py",
      "tests/system/test_exceptions.py", "tests/system/test_programs.py"], 900),
    (["tests/system", "tests/builds/test_images.py", "tests/docs"], 3600),
]
# Of RESULTS: a mutant, what noticed it and how, or nothing; and the commit.
ROW = re.compile(r"^\| (.+?) \| `[^`]+` \| (?:`([^`]+)` \| (.+?) \||\*\*none\*\* \| \|)$", re.MULTILINE)
COMMIT = re.compile(r"^Made from commit `(\w+)`", re.MULTILINE)
# The first red test: in the summary with its reason, or, where a fixture's end fails too and there is none, in the list.
RED = re.compile(r"^(?:FAILED|ERROR) (\S+)(?: - (.*))?$", re.MULTILINE)
RED_IN_LIST = re.compile(r"^(\S+::\S.*?) (?:FAILED|ERROR)\b()", re.MULTILINE)
FEW = 3000  # situations before all others are played: what these show, all would show too
NO_SUCH_TEST = 4  # pytest's word for a name that it does not know
# How a machine ended, in the harness's words (tests/harness/verdict.py); otherwise it was a comparison.
ENDS = re.compile(r"\b(hang|triple fault|kernel panic|the machine went off|the guest reports failure)\b")


class Broken(Exception):
    """The list or the tree is wrong: nothing can be said about the tests."""


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def mutants(text=text_of):
    """[{kind, name, file, find, replace}] of the list, each checked against the tree."""
    found, problems = [], []
    for mutant in tomllib.loads(text(LIST))["mutant"]:
        mutant.setdefault("replace", "")
        count = text(mutant["file"]).count(mutant["find"])
        if count != 1:
            problems.append(f"{LIST}: {mutant['name']}: {mutant['file']} has {mutant['find']!r} {count} times, not once")
        found.append(mutant)
    names = [mutant["name"] for mutant in found]
    problems += [f"{LIST}: two mutants are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    if problems:
        raise Broken("\n".join(problems))
    return found


def remembered():
    """{mutant: (the test that noticed it the last time, how) or None}"""
    text = text_of(RESULTS) if (ROOT / RESULTS).exists() else ""
    return {name: (test, how) if test else None for name, test, how in ROW.findall(text)}


def earlier(listed):
    """({mutant: what noticed it} of the last whole run, its commit), as long as it speaks of this kernel and these mutants."""
    last = remembered()
    made = COMMIT.search(text_of(RESULTS)) if last else None
    if not made or last.keys() != {mutant["name"] for mutant in listed}:
        raise Broken(f"{RESULTS} does not speak of the mutants of {LIST}: run all of them")
    if git("diff", "--name-only", made[1], "--", "kernel", "abi", "common", "boot"):
        raise Broken(f"the kernel is not that of {made[1]} any more: run all mutants")
    return last, made[1]


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


class Copy:
    """A copy of the tree in which one mutant after the other is built and tested."""

    def __init__(self, folder):
        self.folder = folder
        names = {name for name in git("ls-files", "-co", "--exclude-standard").splitlines() if (ROOT / name).is_file()}
        for path in [path for path in folder.rglob("*") if path.is_file() and folder / "build" not in path.parents]:
            if str(path.relative_to(folder)) not in names:
                path.unlink()
        for name in names:  # those of the last time stay as they are, so that only what is new is built
            old, new = folder / name, ROOT / name
            if not old.is_file() or old.read_bytes() != new.read_bytes():
                old.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(new, old)
        self.build(*ALL)

    def run(self, command, seconds):
        """(output, exit code); the code is None when the time is over."""
        environment = {**os.environ, "BUILD": "build", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "1000"}
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
            environment.pop(name, None)
        with subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True) as process:
            try:
                return process.communicate(timeout=seconds)[0], process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                return process.communicate()[0], None

    def build(self, *goals):
        output, code = self.run(["make", "-s", "-j2", "-f", "make/main.mk", *goals], 900)
        if code != 0:
            raise Broken(f"it does not build:\n{output}")

    def tests(self, paths, seconds, situations=None):
        """The first red test and how it ended, or None. `situations`: so many of those of tests/system/test_fastpath.py."""
        command = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-v", "-x", "--tb=no", *paths]
        output, code = self.run(["env", f"SITUATIONS={situations}", *command] if situations else command, seconds)
        if code == NO_SUCH_TEST and "::" in paths[0]:
            return None
        if code is None:
            return f"the time limit of {seconds} s", "hang"
        red = RED.search(output) or RED_IN_LIST.search(output)
        if code and not red:
            raise Broken(f"pytest ended with {code}:\n{output}")
        if not red:
            return None
        end = ENDS.search(red[2] or "")
        return red[1], end[0] if end else "compares"

    def judge(self, mutant, stages, last):
        """What noticed the mutant: a test and how it ended, or None. `last`: what did the last time, or None."""
        path = self.folder / mutant["file"]
        original = path.read_text(encoding="utf-8")
        path.write_text(original.replace(mutant["find"], mutant["replace"]), encoding="utf-8")
        try:
            if not stages:
                self.build("build/kernel.elf")
                return None
            near = STAGES[0][0]
            first = [([test], 300, FEW) for test in (last, mutant.get("first")) if test]
            for paths, seconds, situations in first + [(*stage, None) for stage in STAGES[:stages]]:
                self.build(*(NEAR if paths[0].split("::")[0] in near else ALL))
                red = self.tests(paths, seconds, situations)
                if red:
                    return red
            return None
        finally:
            path.write_text(original, encoding="utf-8")


def judge_all(chosen, jobs, stages, folder):
    """Yields (mutant, what noticed it, seconds) as they are done."""
    copies = queue.SimpleQueue()
    for number in range(jobs):
        copies.put(Copy(folder / f"tree{number}"))

    last = {name: red[0] for name, red in remembered().items() if red and "::" in red[0]}

    def one(mutant):
        copy, start = copies.get(), time.monotonic()
        try:
            return mutant, copy.judge(mutant, stages, last.get(mutant["name"])), time.monotonic() - start
        except Broken as error:
            print(f"{mutant['name']}: {error}", flush=True)
            return mutant, None, time.monotonic() - start
        finally:
            copies.put(copy)

    whole = copies.get()
    red = whole.tests(*STAGES[0]) if stages else None
    copies.put(whole)
    if red:
        raise Broken(f"{red[0]} is red without any mutant: {red[1]}")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        started = [pool.submit(one, mutant) for mutant in chosen]
        try:
            for future in concurrent.futures.as_completed(started):
                yield future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def page(rows, commit, again=""):
    """docs/results/mutate.md: rows are (mutant, what noticed it). `again`: of which commit the survivors were tried again."""
    lines = ["# Mutants", "",
             "What `make mutate` found: each line is a check of the kernel that was taken away, and the first test that turned",
             f"red. The list is `{LIST}`, the tool `tools/mutate.py`.", "",
             f"Made from commit `{commit}`: {len(rows)} mutants, {sum(1 for _, red in rows if red)} noticed, "
             f"{sum(1 for _, red in rows if not red)} survived."
             + (f" What had survived there was tried again from `{again}`, with the same kernel." if again else ""), ""]
    for kind in dict.fromkeys(mutant["kind"] for mutant, _ in rows):
        lines += [f"## {kind[0].upper() + kind[1:]}", "", "| taken away | file | first red test | how |", "|---|---|---|---|"]
        lines += [f"| {mutant['name']} | `{mutant['file']}` | " + (f"`{red[0]}` | {red[1]} |" if red else "**none** | |")
                  for mutant, red in rows if mutant["kind"] == kind]
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--only", default="", help="a kind, or words of a name")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--stages", type=int, default=len(STAGES))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--survivors", action="store_true")
    options = parser.parse_args()
    listed = mutants()
    chosen = [mutant for mutant in listed if options.only in mutant["kind"] or options.only in mutant["name"]]
    found, made_from = earlier(listed) if options.survivors else ({}, None)
    if options.survivors:
        chosen = [mutant for mutant in chosen if not found[mutant["name"]]]
    if options.list:
        for mutant in chosen:
            print(f"{mutant['kind']:<10} {mutant['name']:<60} {mutant['file']}")
    elif not chosen:
        raise Broken("no mutant survived" if options.survivors else f"no mutant is called {options.only!r}")
    else:
        commit, dirty = git("rev-parse", "--short=12", "HEAD").strip(), git("status", "--porcelain", "--", ".", f":!{RESULTS}").strip()
        folder = ROOT / options.build / "mutate"
        for mutant, red, seconds in judge_all(chosen, max(1, options.jobs), options.stages, folder):
            found[mutant["name"]] = red
            words = ", ".join(red) if red else "no test noticed"
            print(f"  {'ok ' if red else 'BAD'}  {mutant['name']}: {words} ({seconds:.0f} s)", flush=True)
        if len(found) == len(listed) and options.stages == len(STAGES) and not dirty:
            text = page([(mutant, found[mutant["name"]]) for mutant in listed], made_from or commit, commit if made_from else "")
            (ROOT / RESULTS).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / RESULTS).write_text(text, encoding="utf-8")
        survived = sum(1 for mutant in chosen if not found[mutant["name"]])
        print(f"{len(chosen) - survived} passed, {survived} failed")
        return 1 if survived else 0
    print(f"{len(chosen)} mutants")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as error:
        print(error)
        print("0 passed, 1 failed")
        sys.exit(1)
