# SPDX-License-Identifier: MIT
"""`make check`: every gate of this folder, one line each; ends in `N passed, N failed`.

A gate is a file with check(tree), which returns (what was looked at, problems): a line for the good case, and a list of
sentences, each of which makes the gate fail. `run.py GATE...` runs only those."""

import argparse
import importlib
import pathlib
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from tree import Tree  # noqa: E402

NO_GATES = {"run", "tree"}
SHOWN = 30


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("gates", nargs="*")
    options = parser.parse_args()
    names = options.gates or sorted(path.stem for path in HERE.glob("*.py") if path.stem not in NO_GATES)
    tree = Tree(options.build)
    failed = 0
    for name in names:
        start = time.monotonic()
        try:
            looked_at, problems = importlib.import_module(name).check(tree)
        except Exception as error:  # a gate that breaks must not pass, nor hide the others
            looked_at, problems = "", [f"the gate itself broke: {type(error).__name__}: {error}"]
        failed += bool(problems)
        words = f"{len(problems)} problems" if problems else looked_at
        print(f"  {'BAD' if problems else 'ok '}  {name:<12} {words} ({time.monotonic() - start:.1f} s)", flush=True)
        for problem in problems[:SHOWN]:
            print(f"       {problem}")
        if len(problems) > SHOWN:
            print(f"       … and {len(problems) - SHOWN} more")
    print(f"{len(names) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not names else 0)


main()
