# SPDX-License-Identifier: MIT
"""`make bench-compare`: build/bench/bench.json against tests/bench/baseline.json. `make bench-accept REASON=…`: makes the one
the other, with the reason and the versions of the tools that built and measured.

A figure is refused when it is more than 2 % above its baseline, and when it is above its ceiling although the baseline
has reached that already. Instructions only: what has another unit is shown."""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BASELINE = ROOT / "tests/bench/baseline.json"
UNIT = "instructions"
ALLOWED = 2  # percent
# What depends on the instant at which a key or gdb comes from outside, or on which tests ran before.
UNSTEADY = {"key_to_cell": 4, "recovery_vga": 8, "recovery_kbd": 8, "longest_kernel_entry": 9}
# What is to be reached (and then to be kept).
CEILINGS = {
    "ipc_call": 44, "ipc_reply_recv": 44, "ipc_round_trip": 88, "ipc_round_trip_c": 400, "notify_wake": 150,
    "notify_no_switch": 80, "fault_round_trip": 400, "first_touch": 1300, "map_page": 130, "irq_to_driver": 160,
    "ipc_round_trip_fpu": 150, "stub_round_trip": 170, "yield_other_space": 100, "null_syscall": 30, "key_to_cell": 2000,
    "ipc_call_medium": 184, "ipc_reply_medium": 184,
    "longest_kernel_entry": 5000, "boot_to_prompt": 5_000_000, "task_switch": 100, "recovery_vga": 500_000, "recovery_kbd": 500_000,
}
VERSIONS = {"gcc": "gcc", "nasm": "nasm", "qemu": "qemu-system-x86_64"}


def read(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        sys.exit(f"{path}: {error}")


def values(measured):
    return {row["name"]: row["value"] for row in measured["rows"]}


def versions():
    """{tool: its version}"""
    found = {}
    for name, program in VERSIONS.items():
        try:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
        except OSError:
            said = ""
        number = re.search(r"\d+\.\d+(?:\.\d+)?", re.sub(r"\([^)]*\)", "", said))
        found[name] = number[0] if number else "missing"
    return found


def most_for(name, before):
    """The highest value that is no worse than the baseline's."""
    return before * (100 + UNSTEADY.get(name, ALLOWED)) / 100


def complaints(measured, baseline):
    """A sentence for each figure that is worse than it may be."""
    now, before = values(measured), values(baseline)
    units = {row["name"]: row["unit"] for row in measured["rows"]}
    for name in sorted(before.keys() | now.keys()):
        if name not in now:
            yield f"{name}: is not measured any more; the baseline has {before[name]}"
        elif name not in before:
            yield f"{name}: {now[name]}, and the baseline has no such row (make bench-accept REASON=…)"
        elif units[name] == UNIT and now[name] > most_for(name, before[name]):
            yield (f"{name}: {now[name]} {UNIT}, {100 * (now[name] / before[name] - 1):.1f} % above the baseline of "
                   f"{before[name]}; {UNSTEADY.get(name, ALLOWED)} % are allowed")
        elif name in CEILINGS and before[name] <= CEILINGS[name] < now[name]:
            yield f"{name}: {now[name]} {UNIT}, above its ceiling of {CEILINGS[name]}, which had been reached ({before[name]})"


def table(measured, baseline):
    before = values(baseline) if baseline else {}
    yield f"  {'row':<26} {'value':>9}  {'baseline':>9} {'change':>8}  {'ceiling':>8}"
    for row in measured["rows"]:
        name, value = row["name"], row["value"]
        old = before.get(name)
        change = f"{100 * (value / old - 1):+.1f} %" if old else ""
        ceiling = CEILINGS.get(name)
        mark = "" if ceiling is None else " reached" if value <= ceiling else " not yet"
        yield (f"  {name:<26} {value:>9}  {'' if old is None else old:>9} {change:>8}  "
               f"{'' if ceiling is None else ceiling:>8}{mark}").rstrip()


def accept(measured, reason, path):
    if not reason.strip():
        sys.exit('why? make bench-accept REASON="…"')
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{key: row[key] for key in ("name", "value", "unit")} for row in measured["rows"]]
    lines = ",\n  ".join(json.dumps(row) for row in rows)  # a row a line: so a change shows which
    head = json.dumps({"reason": reason.strip(), "versions": versions()}, indent=1, ensure_ascii=False)
    path.write_text(f'{head[:-2]},\n "rows": [\n  {lines}\n ]\n}}\n', encoding="utf-8")
    print(f"{len(rows)} rows are the baseline from now on")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--baseline", type=pathlib.Path, default=BASELINE)
    parser.add_argument("--accept", metavar="REASON")
    options = parser.parse_args()
    measured = read(options.build / "bench/bench.json")
    if options.accept is not None:
        accept(measured, options.accept, options.baseline)
        return
    baseline = read(options.baseline)
    print("\n".join(table(measured, baseline)))
    print(f"  baseline: {baseline['reason']}")
    found = list(complaints(measured, baseline))
    mine = versions()
    different = [f"{name} {mine[name]} instead of {version}" for name, version in baseline["versions"].items()
                 if mine.get(name) != version]
    if different:
        print(f"  the baseline was made with other tools: {', '.join(different)}")
    for complaint in found:
        print(f"  BAD  {complaint}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
