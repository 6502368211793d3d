# SPDX-License-Identifier: MIT
"""Printing from every server, in whatever order they start: what cannot go to the screen goes to the kernel's log, which the
shell shows later, and no line is lost or told twice."""

import re
import subprocess
import sys
import time

import pytest

import bridged
import session
from harness.images import ROOT, BootList, build_folder

SERVERS = {"vga": "text screen of 80 by 25 cells", "kbd": "PS/2 keyboard", "serial": "COM2"}
# The order in boot/system.toml, the priorities of vga, kbd and serial (higher starts first), and whether herald, the
# server that prints when it starts, may call vga; if so it comes behind vga.
ORDERS = [
    (("vga", "kbd", "tasks", "shell"), (19, 18, 17), True),
    (("shell", "tasks", "kbd", "vga"), (13, 18, 19), False),
    (("kbd", "vga", "shell", "tasks"), (16, 16, 16), False),
    (("tasks", "shell", "vga", "kbd"), (16, 16, 16), True),
    (("shell", "vga", "tasks", "kbd"), (14, 13, 15), False),
    (("kbd", "shell", "tasks", "vga"), (18, 19, 14), True),
]
HERALD = """
[server.herald]
about = "prints when it starts"
image = "tests/programs/herald.elf"
priority = {priority}
calls = {calls}
grants = ["log"]
quota = 0
"""


def permuted(order, priorities):
    """boot/system.toml with these sections in that order, each where one of them stood before."""
    text = (ROOT / "boot/system.toml").read_text(encoding="utf-8")
    sections = re.split(r"(?m)^(?=\[)", text)
    name_of = {i: m[1] for i, section in enumerate(sections) if (m := re.match(r"\[\w+\.(\w+)\]", section))}
    places = [i for i, name in name_of.items() if name in order]
    by_name = {name_of[i]: sections[i] for i in places}
    for name, priority in zip(SERVERS, priorities):
        if name in by_name:
            by_name[name] = re.sub(r"priority = \d+", f"priority = {priority}", by_name[name])
    for place, name in zip(places, order):
        sections[place] = by_name[name]
    return "".join(sections)


def build(folder, order, priorities, calls_vga):
    """The modules of such a system."""
    toml, on_top = folder / "system.toml", folder / "herald.toml"
    toml.write_text(permuted(order, priorities), encoding="utf-8")
    on_top.write_text(HERALD.format(priority=10 if calls_vga else 19, calls='["vga"]' if calls_vga else "[]"),
                      encoding="utf-8")
    done = subprocess.run([sys.executable, "tools/system/build.py", "--out", folder, "--on-top", on_top, toml], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = re.findall(r"module2 /boot/(\S+) (\S+)", (folder / "grub.cfg").read_text(encoding="utf-8"))
    return [(folder / file if name == "manifest" else build_folder() / file, name) for file, name in listed]


@pytest.mark.parametrize("order, priorities, calls_vga", ORDERS, ids=["-".join(row[0]) for row in ORDERS])
def test_no_line_is_lost_in_whatever_order_servers_start(tmp_path, order, priorities, calls_vga):
    session.test_system()
    modules = build(tmp_path, order, priorities, calls_vga)
    with session.start("order-" + "-".join(order), modules=modules, kernel=BootList(build_folder()).kernel[0]) as shell:
        screen = shell.machine.screen_text()
        shell.machine.wait(lambda: all(line in shell.machine.log() for line in SERVERS.values()), "every server", 10)
        log = shell.machine.log()
        for name, line in SERVERS.items():
            assert len(re.findall(rf"^{name}: {re.escape(line)}", log, re.MULTILINE)) == 1
        shown = shell.run("log 40")
        for line in ("herald line 1", "herald line 2", "herald line 3 of herald"):
            on_screen = re.findall(rf"^{line}$", screen, re.MULTILINE)
            on_log = re.findall(rf"^herald: {line}$", log, re.MULTILINE)
            assert (len(on_screen), len(on_log)) == ((1, 0) if calls_vga else (0, 1)), line
            assert calls_vga or f"herald: {line}" in shown, "the log shows it later"
        text = screen if calls_vga else log
        assert text.index("herald line 1") < text.index("herald line 2") < text.index("herald line 3"), "in order"


def test_what_is_printed_while_the_screen_is_away_is_on_the_log():
    with bridged.connected("order-death") as system:
        system.init.spawn("lines", "numbered\0")
        for _ in range(4):
            time.sleep(0.15)
            system.init.kill(0, "vga")
        machine = system.machine
        machine.wait(lambda: "numbered line 12." in machine.screen_text() + machine.log(), "the last line", 10)
        text = machine.screen_text() + machine.log()
        assert machine.log().count("vga: text screen") == 5
        missing = [number for number in range(1, 13) if f"numbered line {number}." not in text]
        assert not missing, "each on the screen, or, where vga died over it, on the log"
