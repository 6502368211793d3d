# SPDX-License-Identifier: MIT
"""`make test`: builds, then runs pytest. The last line is always `N passed, N failed`, also when nothing could run.

--only WORDS chooses: files and tests by path (`tests/system/test_kbd.py::test_name`), or by name as pytest's -k does, in
which a name is a part of a test's or file's name: `kbd`, `kbd or vga`, `restart and not 300`. `kbd vga` is either."""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--make", default="make -f make/main.mk")
    parser.add_argument("--goals", default="all")
    parser.add_argument("--only", default="")
    options, arguments = parser.parse_known_args()
    chosen = options.only.split()
    by_path = bool(chosen) and all("/" in word for word in chosen)
    for word in chosen if by_path else []:
        if not (ROOT / word.split("::")[0]).exists():
            print(f"ONLY={options.only}: there is no {word.split('::')[0]}\n0 passed, 1 failed")
            return 1
    environment = {**os.environ, "BUILD": options.build, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("MAKEFLAGS", None)
    environment.pop("MAKELEVEL", None)
    jobs = f"-j{os.cpu_count() or 1}"
    built = subprocess.run([*shlex.split(options.make), jobs, *options.goals.split()], cwd=ROOT, env=environment,
                           check=False)
    if built.returncode:
        print("the build failed, so no test ran\n0 passed, 1 failed")
        return 1
    # Folders of tests that do not exist (yet) are left out; what the caller adds is pytest's business.
    paths = [argument for argument in arguments if not argument.startswith("tests") or "::" in argument
             or (ROOT / argument).exists()]
    if by_path:
        paths = [argument for argument in paths if not argument.startswith("tests")] + chosen
    elif chosen:
        operators = {"and", "or", "not"}.intersection(chosen) or "(" in options.only
        paths += ["-k", options.only if operators else " or ".join(chosen)]
    command = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--rootdir", str(ROOT), *paths]
    if subprocess.run([PYTHON, "-c", "import xdist"], capture_output=True, check=False).returncode == 0:
        command += ["-n", "2", "--dist", "loadfile"]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


sys.exit(main())
