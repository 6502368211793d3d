#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the libFuzzer targets in this folder and lets each run for a while, from the seeds that seeds.py makes.

usage: run.py [--seconds N] [--build FOLDER] [TARGET…]     (without a name: all)

Needs clang and libfuzzer. What the fuzzer finds is kept under FOLDER/corpus for the next run; an input that breaks a
target is written to FOLDER/findings, its path printed, and the exit status is 1.
"""
import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FLAGS = ["-std=c17", "-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", "-I."]
OPTIONS = {"acpi": ["-use_value_profile=1"], "format": ["-max_len=200"], "elf": ["-max_len=8192"]}


def sources(target):
    for line in target.read_text().splitlines():
        if line.startswith("// sources:"):
            return line.removeprefix("// sources:").split()
    sys.exit(f"{target}: no line '// sources: …'")


def run(name, seconds, build):
    target = HERE / f"fuzz_{name}.c"
    binary, corpus, findings = build / f"fuzz_{name}", build / "corpus" / name, build / "findings"
    for folder in (corpus, findings, build / "seeds" / name):  # a target may come without seeds
        folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["clang", *FLAGS, "-o", binary, target, *sources(target)], cwd=ROOT, check=True)
    log = build / f"{name}.log"
    with log.open("w") as out:
        done = subprocess.run([binary, f"-max_total_time={seconds}", "-timeout=10", "-print_final_stats=1",
                               f"-artifact_prefix={findings}/{name}-", *OPTIONS.get(name, []), corpus,
                               build / "seeds" / name], stdout=out, stderr=subprocess.STDOUT, cwd=ROOT)
    lines = log.read_text(errors="replace").splitlines()
    runs = next((line.split()[-1] for line in lines if line.startswith("stat::number_of_executed_units")), "?")
    print(f"{name}: {'sound' if done.returncode == 0 else 'BROKEN'} after {runs} runs", flush=True)
    if done.returncode != 0:
        print("\n".join(lines[-30:]))
    return done.returncode == 0


def main():
    targets = sorted(path.stem.removeprefix("fuzz_") for path in HERE.glob("fuzz_*.c"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    args = parser.parse_args()
    unknown = set(args.targets) - set(targets)
    if unknown:
        sys.exit(f"run.py: no such target: {', '.join(sorted(unknown))}; there are: {' '.join(targets)}")
    build = args.build.resolve()
    subprocess.run([sys.executable, HERE / "seeds.py", build / "seeds"], check=True)
    results = [run(name, args.seconds, build) for name in args.targets or targets]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
