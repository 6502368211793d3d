# SPDX-License-Identifier: MIT
"""`make test-long`, last step: what tests/system/test_lives.py measured, as the page docs/results/lives.md."""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "results" / "lives.md"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    record = parser.parse_args().build / "log" / "lives.jsonl"
    if not record.is_file():
        sys.exit(f"{record}: nothing was measured")
    latest = {row["what"]: row for row in map(json.loads, record.read_text(encoding="utf-8").splitlines())}
    record.unlink()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    lines = ["# Lives and deaths", "", "Free frames before and after, on the shipped kernel, in virtual time: the last part of "
             "`make test-long`.", f"Made from commit {commit.strip()}.", "", "| what | times | frames lost |", "|---|---:|---:|"]
    lines += [f"| `{row['what']}` | {row['times']:,} | {row['lost']} |" for row in latest.values()]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"-> {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
