# SPDX-License-Identifier: MIT
"""One system on top of another: boot/system.toml and the test system's entries."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from test_system import GOOD, build  # noqa: E402
from toolkit import refused  # noqa: E402

ON_TOP = """
[init]
spawners = ["extra"]

[server.low]
irqs = [5]

[program.extra]
about = "only in the second system"
calls = ["memory"]
"""


def on_top(folder, text):
    path = folder / "extra.toml"
    path.write_text(text, encoding="utf-8")
    return build(folder, GOOD, "--on-top", path)[0]


def test_a_second_file_adds_entries_and_makes_lists_longer(tmp_path):
    assert on_top(tmp_path, ON_TOP).returncode == 0
    system = json.loads((tmp_path / "out/system.json").read_text())
    entries = {entry["name"]: entry for entry in system["entries"]}
    assert system["spawners"] == ["shell", "extra"]
    assert entries["low"]["irqs"] == [3, 5] and entries["low"]["calls"] == ["high", "memory"]
    assert entries["extra"]["calls"] == ["memory", "init"]


def test_each_further_file_adds_to_those_before_it_and_may_leave_entries_out(tmp_path):
    paths = [tmp_path / "one.toml", tmp_path / "two.toml"]
    paths[0].write_text(ON_TOP, encoding="utf-8")
    paths[1].write_text('[system]\nwithout = ["low"]\n[server.high]\narguments = ["x"]\n', encoding="utf-8")
    assert build(tmp_path, GOOD, "--on-top", paths[0], "--on-top", paths[1])[0].returncode == 0
    entries = {entry["name"]: entry for entry in json.loads((tmp_path / "out/system.json").read_text())["entries"]}
    assert "low" not in entries and entries["high"]["arguments"] == ["x"] and entries["extra"]["calls"] == ["memory", "init"]


def test_a_second_file_changes_nothing_of_the_entries_below_it(tmp_path):
    path = tmp_path / "extra.toml"
    refused(on_top(tmp_path, ON_TOP.replace("irqs = [5]", "priority = 15")), path, "server.low.priority",
            "only its lists can be made longer")
    refused(on_top(tmp_path, ON_TOP.replace("irqs = [5]", "irqs = [3]")), path, "server.low.irqs[0]", "already")
    refused(on_top(tmp_path, ON_TOP + "[system]\nram = 64\n"), path, "system.ram", "only its lists can be made longer")
    assert not (tmp_path / "out").exists()
