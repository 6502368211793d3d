# SPDX-License-Identifier: MIT
"""`make bench`, `make bench-compare` and `make bench-accept`: the figures, and that none of them gets worse unseen."""

import copy
import json
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from harness.images import ROOT, build_folder, make

sys.path.insert(0, str(ROOT / "tools"))
import bench_compare  # noqa: E402
import bench_plots  # noqa: E402

OTHERS = (10, 100, 1000, 10_000)
DUE = {"null_syscall", "stub_round_trip", *(f"{row}_others_{count}" for row in ("ipc_round_trip", "notify_wake") for count in OTHERS),
       "ipc_call", "ipc_reply_recv", "ipc_round_trip", "ipc_round_trip_c", "first_touch", "notify_wake",
       "key_to_cell", "boot_to_prompt", "recovery_vga", "recovery_kbd", "task_switch", "kernel_text_bytes", "iso_bytes",
       "destroy_1_copy", "destroy_10000_copies", "longest_kernel_entry",
       "screen_scroll", "process_create", "process_destroy", "thread_create", "thread_destroy",
       *(f"{row}_{size}" for row in ("message_call", "message_reply") for size in (0, 8, 64, 512, 2048, 4064)),
       *(f"{row}_{pages}" for row in ("map", "protect", "unmap") for pages in (1, 4, 16, 64, 256)),
       *(f"{row}_{size}" for row in ("malloc", "free") for size in (16, 256, 4096)),
       *(f"clients_{count}" for count in (1, 2, 4, 8, 16, 32, 64)),
       *(f"boot_{part}" for part in ("kernel", "init", "memory", "vga", "kbd", "serial", "echo", "tasks", "shell"))}


def tool(name, *arguments):
    return subprocess.run([sys.executable, ROOT / "tools" / name, *arguments], cwd=ROOT, capture_output=True, text=True,
                          check=False, timeout=400)


@pytest.fixture(scope="module")
def measured():
    """What `make bench` wrote."""
    made = make("all", "iso", "test-system", "plugins")
    assert made.returncode == 0, made.stdout + made.stderr
    done = tool("bench.py", "--build", build_folder())
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((build_folder() / "bench/bench.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(measured):
    return bench_compare.values(measured)


@pytest.fixture(scope="module")
def baseline():
    return bench_compare.read(bench_compare.BASELINE)


def test_every_figure_that_is_due_is_measured(measured, rows):
    assert all(set(row) == {"name", "value", "unit", "what"} for row in measured["rows"])
    assert len(rows) == len(measured["rows"]), "a name twice"
    assert DUE <= set(rows)
    assert all(isinstance(value, int) and value > 0 for value in rows.values())


@pytest.mark.parametrize("name, most", [
    ("ipc_call", 44), ("ipc_reply_recv", 44), ("ipc_round_trip", 88), ("ipc_round_trip_c", 400), ("task_switch", 100),
    ("stub_round_trip", 170), ("boot_to_prompt", 10_000_000), ("recovery_vga", 500_000), ("recovery_kbd", 500_000),
    ("longest_kernel_entry", 5000)])
def test_a_figure_stays_below_what_is_allowed(rows, name, most):
    assert rows[name] <= most


def test_ten_thousand_copies_die_as_fast_as_one(rows):
    assert rows["destroy_10000_copies"] == rows["destroy_1_copy"]


def test_no_figure_is_worse_than_its_baseline(measured, baseline):
    assert list(bench_compare.complaints(measured, baseline)) == []


def test_the_baseline_says_why_and_with_which_tools_it_was_made(baseline):
    assert baseline["reason"] and set(baseline["versions"]) == {"gcc", "nasm", "qemu"}


def test_a_body_costs_one_instruction_for_eight_bytes(rows):
    for row in ("message_call", "message_reply"):
        for size in (64, 512, 2048, 4064):
            assert rows[f"{row}_{size}"] - rows[f"{row}_8"] <= size / 8 + 20, f"{row}_{size}"


def test_a_clients_part_does_not_grow_with_their_number(rows):
    assert rows["clients_64"] <= rows["clients_1"] * 1.02


def test_it_does_not_matter_how_many_others_live(rows):
    for count in OTHERS:
        assert rows[f"ipc_round_trip_others_{count}"] == rows["ipc_round_trip"]
        assert rows[f"notify_wake_others_{count}"] == rows["notify_wake_others_10"]


def test_every_figure_with_a_ceiling_is_measured(rows):
    assert bench_compare.CEILINGS.keys() <= rows.keys()


def test_pages_cost_no_more_when_there_are_many(rows):
    for row in ("map", "protect", "unmap"):
        assert rows[f"{row}_256"] / 256 <= rows[f"{row}_16"] / 16, row


# --- the comparison itself ---

def bench(**rows):
    return {"reason": "a test", "versions": {}, "rows": [{"name": name, "value": value, "unit": "instructions", "what": ""}
                                                         for name, value in rows.items()]}


@pytest.mark.parametrize("before, now, complaint", [
    ({"echo_call": 1000}, {"echo_call": 1020}, None),
    ({"echo_call": 1000}, {"echo_call": 1021}, "echo_call: 1021 instructions, 2.1 % above the baseline of 1000"),
    ({"echo_call": 1000}, {"echo_call": 900}, None),
    ({"ipc_call": 39}, {"ipc_call": 41}, "ipc_call: 41 instructions, 5.1 % above the baseline of 39"),  # two nops
    ({"task_switch": 99}, {"task_switch": 100}, None),
    ({"task_switch": 100}, {"task_switch": 101}, "task_switch: 101 instructions, above its ceiling of 100, which had been reached"),
    ({"null_syscall": 71}, {"null_syscall": 72}, None),  # above its ceiling, which it has never reached
    ({"recovery_vga": 300_000}, {"recovery_vga": 320_000}, None),
    ({"recovery_vga": 300_000}, {"recovery_vga": 330_000}, "recovery_vga: 330000 instructions, 10.0 % above"),
    ({"echo_call": 1000}, {}, "echo_call: is not measured any more"),
    ({}, {"echo_call": 1000}, "echo_call: 1000, and the baseline has no such row")])
def test_what_is_worse_is_named_with_both_figures(before, now, complaint):
    found = list(bench_compare.complaints(bench(**now), bench(**before)))
    assert [line.startswith(complaint) for line in found] == [True] if complaint else found == []


def test_sizes_are_shown_and_not_refused():
    larger = bench(iso_bytes=2_000_000)
    larger["rows"][0]["unit"] = "bytes"
    assert list(bench_compare.complaints(larger, bench(iso_bytes=1_000_000))) == []
    assert "+100.0 %" in "\n".join(bench_compare.table(larger, bench(iso_bytes=1_000_000)))


def test_a_new_baseline_needs_a_reason_and_keeps_it_with_the_versions(tmp_path, measured):
    kept = tmp_path / "baseline.json"
    words = ["--build", build_folder(), "--baseline", kept]
    refused = tool("bench_compare.py", *words, "--accept", " ")
    assert refused.returncode != 0 and "why?" in refused.stderr and not kept.exists()
    assert tool("bench_compare.py", *words, "--accept", "the path is shorter").returncode == 0
    baseline = json.loads(kept.read_text(encoding="utf-8"))
    assert baseline["reason"] == "the path is shorter" and baseline["versions"] == bench_compare.versions()
    assert bench_compare.values(baseline) == bench_compare.values(measured)
    compared = tool("bench_compare.py", *words)
    assert compared.returncode == 0 and "baseline: the path is shorter" in compared.stdout


def test_a_worse_figure_fails_the_comparison_and_other_tools_are_named(tmp_path, measured):
    better = copy.deepcopy(measured)
    for row in better["rows"]:
        row["value"] = row["value"] * 9 // 10
    kept = tmp_path / "baseline.json"
    kept.write_text(json.dumps({**better, "reason": "x", "versions": {"gcc": "11.0"}}), encoding="utf-8")
    done = tool("bench_compare.py", "--build", build_folder(), "--baseline", kept)
    assert done.returncode == 1 and "BAD  ipc_call: " in done.stdout and "made with other tools: gcc" in done.stdout


def test_the_pictures_are_sound_and_show_every_point(measured, tmp_path):
    made = bench_plots.draw(measured["rows"], tmp_path)
    assert {"figures", "message", "pages", "others", "clients", "boot"} <= set(made)
    for name in made:
        xml.etree.ElementTree.parse(tmp_path / f"{name}.svg")
    assert (tmp_path / "message.svg").read_text(encoding="utf-8").count("<circle") == len(
        [row for row in measured["rows"] if row["name"].startswith("message_")])
    figures = (tmp_path / "figures.svg").read_text(encoding="utf-8")
    assert all(row["name"] in figures for row in measured["rows"] if row["name"] in bench_compare.CEILINGS)
