# SPDX-License-Identifier: MIT
"""Whether two runs of `make test` gave the same list of results: `compare_runs.py [BEFORE AFTER]`.

Each run leaves its list, {test: outcome}, in build/log/tests.json, and the one before it in tests-before.json. Says each
test that only one run has and each whose outcome changed; exits with 0 when there is none."""

import argparse
import json
import pathlib
import sys


def read(path):
    try:
        outcomes = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: {error}")
    if not outcomes:
        sys.exit(f"{path}: no test ran")
    return outcomes


def differences(before, after):
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"only in the first run: {name} ({before[name]})"
        elif name not in before:
            yield f"only in the second run: {name} ({after[name]})"
        elif before[name] != after[name]:
            yield f"{before[name]}, then {after[name]}: {name}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("lists", nargs="*", type=pathlib.Path, metavar="LIST")
    options = parser.parse_args()
    paths = options.lists or [options.build / "log/tests-before.json", options.build / "log/tests.json"]
    if len(paths) != 2:
        parser.error("two lists, or none")
    before, after = map(read, paths)
    found = list(differences(before, after))
    for line in found:
        print(line)
    print(f"{len(found)} differences" if found else f"the same {len(after)} results")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
