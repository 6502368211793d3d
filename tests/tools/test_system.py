# SPDX-License-Identifier: MIT
"""The system builder: what it refuses, and that what it writes is what init reads."""

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from toolkit import HERE, ROOT, refused, run, tree  # noqa: E402

PRODUCT = ROOT / "boot/system.toml"
GOOD = """
[init]
about = "starts everything"
supervisor = 24
builder = 12
calls = ["memory"]
start = ["shell"]
spawners = ["shell"]

[server.memory]
about = "hands out memory"
priority = 20

[server.low]
about = "a server below"
priority = 14
calls = ["high", "memory"]
irqs = [3]
ports = [{ at = 0x300, count = 8, may = "rw" }]
devices = [{ name = "screen", at = 0xb8000, size = 0x1000, may = "rw" }]

[server.high]
about = "a server above"
priority = 16

[program.shell]
about = "the prompt"
priority = 4
calls = ["low", "memory"]
"""


def build(folder, text, *more, name="system.toml"):
    """Run the builder over a text; (finished process, the file's path)."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return run("system/build.py", "--out", folder / "out", *more, path), path


def with_server(lines="", priority=16):
    return GOOD + f'[server.new]\nabout = "new"\npriority = {priority}\n{lines}\n'


def with_program(lines="", name="new"):
    return GOOD + f'[program.{name}]\nabout = "new"\n{lines}\n'


def with_port(at, more='may = "rw"'):
    return with_server(f"ports = [{{ at = {at:#x}, {more} }}]")


def with_device(at=0xC0000 - 0x1000, size=0x1000, name="other", may="r"):
    return with_server(f'devices = [{{ name = "{name}", at = {at:#x}, size = {size:#x}, may = "{may}" }}]')


GIVEN = with_server('run = 100\nrestart = "never"\narguments = ["one", "two words"]\ngrants = ["process"]')
KERNEL_PORTS = {
    0x00: "DMA", 0x0F: "DMA", 0x20: "interrupt controller", 0x21: "interrupt controller", 0x40: "timer", 0x43: "timer", 0x61: "timer",
    0x80: "DMA", 0x8F: "DMA", 0x92: "resets the machine", 0xA0: "interrupt controller", 0xA1: "interrupt controller",
    0xC0: "DMA", 0xDF: "DMA", 0x3F8: "COM1", 0x3FF: "COM1", 0x4D0: "trigger", 0x4D1: "trigger",
    0x510: "fw_cfg", 0x51B: "fw_cfg", 0xCF8: "PCI", 0xCF9: "PCI", 0xCFF: "PCI",
}
REFUSALS = {
    "an unknown key of a server is refused": (with_server("colour = 3"), "server.new.colour", "unknown key"),
    "an unknown key of init is refused": (GOOD.replace("[init]", "[init]\nend = 1"), "init.end", "unknown key"),
    "an unknown key of a port is refused": (with_port(0x300, 'may = "r", size = 1'), "server.new.ports[0].size", "unknown key"),
    "an unknown table is refused": (GOOD + "[servers.x]\n", "servers", "unknown key"),
    "a call of nobody is refused": (with_server('calls = ["tape"]'), "server.new.calls[0]", 'nothing is named "tape"'),
    "a start of nobody is refused": (GOOD.replace('["shell"]', '["shel"]', 1), "init.start[0]", 'nothing is named "shel"'),
    "a spawner that is nobody is refused": (
        GOOD.replace('spawners = ["shell"]', 'spawners = ["x"]'), "init.spawners[0]", 'nothing is named "x"'),
    "a server in init.start is refused": (
        GOOD.replace('["shell"]', '["shell", "low"]', 1), "init.start[1]", "all servers are started at boot"),
    "a grant of something unknown is refused": (with_server('grants = ["spawn"]'), "server.new.grants[0]", "none of log"),
    "a cycle of calls is refused with its members": (
        GOOD.replace('about = "a server above"', 'about = "x"\ncalls = ["low"]'), "server.low.calls",
        "low calls high calls low: a cycle"),
    "a cycle of three is refused with its members": (
        with_server('calls = ["low"]').replace('about = "a server above"', 'about = "x"\ncalls = ["new"]'),
        "server.low.calls", "low calls high calls new calls low: a cycle"),
    "a call of oneself is refused": (with_server('calls = ["new"]'), "server.new.calls[0]", "new cannot call itself"),
    "a call downwards is refused": (
        with_server('calls = ["low"]'), "server.new.calls[0]",
        "new (priority 16) calls low (priority 14): calls go up in priority only"),
    "a call sideways is refused": (
        with_server('calls = ["high"]'), "server.new.calls[0]", "new (priority 16) calls high (priority 16)"),
    "a call of a program is refused": (with_program('calls = ["shell"]'), "program.new.calls[0]", '"shell" is a program'),
    "a call of init that init does not know is refused": (
        with_program('calls = ["init"]'), "program.new.calls[0]", "said in init.spawners"),
    "a spawner above init's builder is refused": (
        GOOD.replace('spawners = ["shell"]', 'spawners = ["high"]'), "init.spawners", "not below init's builder"),
    "a builder that calls downwards is refused": (
        GOOD.replace("builder = 12", "builder = 14").replace('calls = ["memory"]\nstart', 'calls = ["low"]\nstart'),
        "init.calls[0]", "init (priority 14) calls low (priority 14)"),
    "a server above memory is refused": (with_server(priority=20), "server.new.priority", "not below memory's 20"),
    "a builder above memory is refused": (
        GOOD.replace("builder = 12", "builder = 21").replace('calls = ["memory"]\nstart', "calls = []\nstart"),
        "init.builder", "not below memory's 20"),
    "a supervisor below memory is refused": (
        GOOD.replace("supervisor = 24", "supervisor = 20"), "init.supervisor", "not above memory's 20"),
    "a priority of 31 is refused": (with_server(priority=31), "server.new.priority", "31 is outside 1 to 30"),
    "a server without a priority is refused": (
        GOOD.replace("priority = 16", ""), "server.high.priority", "is missing"),
    "a line given twice is refused": (with_server("irqs = [3]"), "server.new.irqs[0]", "line 3 is already low's"),
    "a line given twice to one server is refused": (with_server("irqs = [5, 5]"), "server.new.irqs[1]", "5 is there twice"),
    "line 16 is refused": (with_server("irqs = [16]"), "server.new.irqs[0]", "16 is outside 0 to 15"),
    "the timer's line is refused": (with_server("irqs = [0]"), "server.new.irqs[0]", "the timer is the kernel's"),
    "the cascade's line is refused": (with_server("irqs = [2]"), "server.new.irqs[0]", "joins the two interrupt"),
    "COM1's line is refused": (with_server("irqs = [4]"), "server.new.irqs[0]", "COM1 is the kernel's log"),
    "a port given twice is refused": (with_port(0x307), "server.new.ports[0].at", "port 0x307 is already low's"),
    "a range that straddles another's is refused": (
        with_port(0x2FF, 'count = 2, may = "r"'), "server.new.ports[0].at", "port 0x300 is already low's"),
    "a range that reaches a kernel port is refused": (
        with_port(0x3F0, 'count = 9, may = "r"'), "server.new.ports[0].at", "port 0x3f8 cannot be given away"),
    "a range around all kernel ports is refused": (
        with_port(0, 'count = 65536, may = "r"'), "server.new.ports[0].at", "port 0x0 cannot be given away"),
    "a range beyond the last port is refused": (
        with_port(0xFFFF, 'count = 2, may = "r"'), "server.new.ports[0].count", "beyond 0xffff"),
    "the keyboard's command port without values is refused": (
        with_port(0x64), "server.new.ports[0].writes", "0xfe resets the machine"),
    "the reset value among the values is refused": (
        with_port(0x64, 'may = "rw", writes = [0x20, 0xfe]'), "server.new.ports[0].writes[1]", "0xfe resets the machine"),
    "the A20 value among the values is refused": (
        with_port(0x62, 'count = 3, may = "w", writes = [0xd1]'), "server.new.ports[0].writes[0]", "0xd1 switches A20"),
    "the clock's ports without values are refused": (
        with_port(0x71, 'may = "w"'), "server.new.ports[0].writes", "port 0x71 needs a list"),
    "a value above a byte is refused": (
        with_port(0x64, 'may = "rw", writes = [256]'), "server.new.ports[0].writes[0]", "256 is outside 0 to 255"),
    "values of a port that may only be read are refused": (
        with_port(0x64, 'may = "r", writes = [1]'), "server.new.ports[0].writes", "allows no write"),
    "a port that may be executed is refused": (with_port(0x310, 'may = "x"'), "server.new.ports[0].may", "none of r, w, rw"),
    "a program that holds hardware is refused": (with_program("irqs = [5]"), "program.new", "a program holds no hardware"),
    "a device outside init's device memory is refused": (
        with_device(0x9F000), "server.new.devices[0].at", "not inside the device memory"),
    "a device that reaches beyond it is refused": (
        with_device(0xBF000, 0x2000), "server.new.devices[0].at", "not inside the device memory"),
    "a device of half a page is refused": (with_device(size=0x800), "server.new.devices[0].size", "not whole pages"),
    "a device given twice is refused": (with_device(0xB8000), "server.new.devices[0].at", "0xb8000 is already low's"),
    "a device that may only be written is refused": (with_device(may="w"), "server.new.devices[0].may", "none of r, rw"),
    "two things of one kind and name are refused": (with_server().replace("server.new", "server.low"), "", "not TOML"),
    "a program named like a server is refused": (
        with_program(name="low"), "program.low", '"low" is also the name of a server'),
    "two entries with one image are refused": (
        with_program('image = "user/shell.elf"'), "program.new.image", "also the image of shell"),
    "an image outside the build folder is refused": (
        with_program('image = "../x.elf"'), "program.new.image", "inside the build folder"),
    "a name of 24 characters is refused": (with_program(name="n" * 24), f"program.{'n' * 24}", "23 is the most"),
    "a name with capitals is refused": (with_program(name="New"), "program.New", "lower-case"),
    "a reserved name is refused": (with_program(name="clock"), "program.clock", "reserved"),
    "a name like a capability's is refused": (with_program(name="irq5"), "program.irq5", "reserved"),
    "a second init is refused": (with_program(name="init"), "program.init", "reserved"),
    "a system without memory is refused": (
        GOOD.replace("server.memory", "server.men").replace('"memory"', '"men"'), "server.memory", "is missing"),
    "a quota above RAM is refused": (
        with_program("quota = 32769"), "program.new.quota", "32769 pages are more than the 32768 of 128 MiB"),
    "a reserve above RAM is refused": (
        GOOD.replace("[init]", "[init]\nreserve = 32769"), "init.reserve", "32769 is outside 64 to 32768"),
    "a stack of 257 pages is refused": (with_program("stack = 257"), "program.new.stack", "257 is outside 1 to 256"),
    "a table of 100 slots is refused": (with_program("slots = 100"), "program.new.slots", "100 is outside 128 to 4096"),
    "a table of 200 slots is refused": (with_program("slots = 200"), "program.new.slots", "no multiple of 128"),
    "an unknown restart policy is refused": (
        with_program('restart = "maybe"'), "program.new.restart", "none of always, never"),
    "a text for a number is refused": (with_program('stack = "16"'), "program.new.stack", "must be a whole number"),
    "a missing description is refused": (GOOD.replace('about = "the prompt"', ""), "program.shell.about", "is missing"),
    "a description of 120 bytes is refused": (
        GOOD.replace("the prompt", "x" * 120), "program.shell.about", "120 bytes are more than 119"),
    "a run for a server that lives again is refused": (with_server("run = 1"), "server.new.run", "would be lost"),
    "a run for a program is refused": (with_program("run = 1"), "program.new.run", "only a server is given RAM at boot"),
    "too large a run is refused": (
        with_server('run = 16385\nrestart = "never"'), "server.new.run", "16385 is outside 0 to 16384"),
    "arguments of a program are refused": (
        with_program('arguments = ["x"]'), "program.new.arguments", "who starts it says them"),
    "an empty argument is refused": (with_server('arguments = ["x", ""]'), "server.new.arguments[1]", "is empty"),
    "arguments of 256 bytes are refused": (
        with_server(f'arguments = ["x", "{"y" * 253}"]'), "server.new.arguments", "256 bytes with their NULs are more than 255"),
    "leaving out nobody is refused": (
        '[system]\nwithout = ["tape"]\n' + GOOD, "system.without[0]", 'nothing is named "tape"'),
    "leaving out memory is refused": (
        '[system]\nwithout = ["memory"]\n' + GOOD, "system.without[0]", "nothing runs without memory"),
    "32 entries are refused": (
        GOOD + "".join(f'[program.p{i}]\nabout = "x"\n' for i in range(43)), "", "48 servers and programs are more than 47"),
    "what is not TOML is refused": (GOOD + "[x", "", "not TOML"),
    **{f"port {port:#x} is refused": (with_port(port, 'may = "r"'), "server.new.ports[0].at",
                                     f"port {port:#x} cannot be given away") for port in KERNEL_PORTS},
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(tmp_path, name):
    text, key, reason = REFUSALS[name]
    done, path = build(tmp_path, text)
    refused(done, path, key, reason)
    assert not (tmp_path / "out").exists(), "something was written"


@pytest.mark.parametrize("port", KERNEL_PORTS)
def test_the_reason_why_a_port_is_the_kernels_is_given(tmp_path, port):
    done, _ = build(tmp_path, with_port(port, 'may = "r"'))
    assert KERNEL_PORTS[port] in done.stderr


def test_the_kernel_keeps_the_same_ports():
    """What the builder lets through and the kernel refuses would be found only when the system boots."""
    kernel = (ROOT / "kernel/ports.c").read_text(encoding="utf-8")
    kept = kernel[kernel.index("kept[] = {"):kernel.index("static const uint16_t risky")]
    risky = kernel[kernel.index("risky[] = {"):].partition(";")[0]
    builder = (ROOT / "tools/system/hardware.py").read_text(encoding="utf-8")
    here, _, valued = builder.partition("VALUED_PORTS")
    pairs = [tuple(int(n, 16) for n in pair) for pair in re.findall(r"\((0x\w+), (0x\w+), ", here)]
    assert [tuple(int(n, 16) for n in pair) for pair in re.findall(r"\{(0x\w+), (0x\w+)\}", kept)] == pairs
    listed = [range(int(a, 16), int(b, 16) + 1) for a, b in re.findall(r"\((0x\w+), (0x\w+), ", valued)]
    assert {int(n, 16) for n in re.findall(r"0x\w+", risky)} == {port for ports in listed for port in ports}


def test_the_good_file_behind_the_refusals_builds(tmp_path):
    done, _ = build(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""


def test_bad_utf8_is_refused_with_its_line(tmp_path):
    path = tmp_path / "system.toml"
    path.write_bytes(GOOD.encode() + b"# caf\xe9\n")
    refused(run("system/build.py", "--out", tmp_path / "out", path), path, f"line {GOOD.count(chr(10)) + 1}", "0xe9 is not UTF-8")


def test_an_image_that_does_not_exist_is_refused_when_asked_to_look(tmp_path):
    for name in ("servers/init", "servers/memory", "servers/low", "user/shell"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.elf").write_bytes(b"")
    done, path = build(tmp_path, GOOD, "--images", tmp_path)
    refused(done, path, "server.high.image", f"{tmp_path}/servers/high.elf does not exist")
    (tmp_path / "servers/high.elf").write_bytes(b"")
    assert build(tmp_path, GOOD, "--images", tmp_path)[0].returncode == 0


def test_grub_loads_the_kernel_the_manifest_and_each_image_by_its_name(tmp_path):
    assert build(tmp_path, GOOD)[0].returncode == 0
    lines = [line.split() for line in (tmp_path / "out/grub.cfg").read_text().splitlines()]
    assert ["set", "timeout=0"] in lines
    assert ["multiboot2", "/boot/kernel.elf"] in lines
    modules = [line[1:] for line in lines if line and line[0] == "module2"]
    assert modules == [["/boot/manifest.bin", "manifest"], ["/boot/servers/init.elf", "init"],
                       ["/boot/servers/memory.elf", "memory"], ["/boot/servers/high.elf", "high"],
                       ["/boot/servers/low.elf", "low"], ["/boot/user/shell.elf", "shell"]]


def test_the_json_lists_the_same_modules_as_grub(tmp_path):
    assert build(tmp_path, GOOD)[0].returncode == 0
    listed = json.loads((tmp_path / "out/system.json").read_text(encoding="utf-8"))
    grub = (tmp_path / "out/grub.cfg").read_text()
    assert [f"module2 /boot/{m['file']} {m['name']}" for m in listed["modules"]] == [
        line.strip() for line in grub.splitlines() if "module2" in line]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    """common/manifest.c as a program: a manifest in, JSON out."""
    path = tmp_path_factory.mktemp("reader") / "manifest_json"
    done = subprocess.run(["gcc", "-std=gnu17", "-O1", "-g", "-fsanitize=address,undefined", "-Wall", "-Wextra", "-Werror", "-I", ROOT,
                           "-o", path, HERE / "manifest_json.c", *(ROOT / f"common/{n}.c" for n in ("manifest", "crc32", "utf8"))],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return lambda raw: json.loads(subprocess.run([path], input=raw, capture_output=True, check=False).stdout)


@pytest.mark.parametrize("text", [GOOD, PRODUCT.read_text(encoding="utf-8"), GIVEN], ids=["small", "product", "given"])
def test_init_reads_what_was_written(tmp_path, reader, text):
    done, _ = build(tmp_path, text)
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "out/system.json").read_text(encoding="utf-8"))
    read = reader((tmp_path / "out/manifest.bin").read_bytes())
    assert (read["reserve"], read["supervisor"]) == (said["reserve"], said["supervisor"])
    names = [entry["name"] for entry in said["entries"]]
    assert [entry["name"] for entry in read["entries"]] == names
    for entry, want in zip(read["entries"], said["entries"]):
        for key in ("about", "priority", "stack", "quota", "slots", "pool", "backoff", "lives", "heartbeat", "keep", "run", "arguments"):
            assert entry[key] == want[key], (want["name"], key)
        assert entry["kind"] == {"init": 1, "server": 2, "program": 3}[want["kind"]]
        assert entry["flags"] == want["start"] + 2 * want["restart"] + 4 * want["fpu"]
        assert entry["grants"] == sum({"log": 1, "log-read": 2, "power": 4, "process": 8, "threads": 16}[g] for g in want["grants"])
        assert entry["irqs"] == sum(1 << irq for irq in want["irqs"])
        assert entry["calls"] == sum(1 << names.index(name) for name in want["calls"])
        assert entry["ports"] == [[p["first"], p["count"], {"r": 1, "w": 2, "rw": 3}[p["access"]], p["values"] is not None,
                                   sorted(p["values"] or [])] for p in want["ports"]]
        assert entry["devices"] == [[d["name"], d["address"], d["size"], {"r": 1, "rw": 3}[d["access"]]] for d in want["devices"]]


def test_any_byte_of_the_manifest_that_is_changed_is_noticed(tmp_path, reader):
    assert build(tmp_path, GOOD)[0].returncode == 0
    raw = (tmp_path / "out/manifest.bin").read_bytes()
    for at in [*range(0, 48), *range(48, len(raw), 97), len(raw) - 1]:
        assert reader(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]) == {"error": 138}, f"byte {at}"
    assert reader(raw[:-1]) == {"error": 138}
    assert "error" not in reader(raw + bytes(100)), "a module may be longer than the manifest"


def test_in_the_product_only_the_shell_may_call_init(tmp_path):
    assert build(tmp_path, PRODUCT.read_text(encoding="utf-8"))[0].returncode == 0
    entries = json.loads((tmp_path / "out/system.json").read_text(encoding="utf-8"))["entries"]
    assert [e["name"] for e in entries if "init" in e["calls"]] == ["shell"]
    assert [e["name"] for e in entries if e["start"] and e["kind"] == "program"] == ["shell"]


def test_a_server_is_left_out_by_one_edit(tmp_path):
    text = PRODUCT.read_text(encoding="utf-8").replace("without = []", 'without = ["echo", "kbd"]')
    done, _ = build(tmp_path, text)
    assert done.returncode == 0, done.stderr
    whole = (tmp_path / "out/system.json").read_text(encoding="utf-8")
    assert '"echo"' not in whole and '"kbd"' not in whole


def test_the_drawing_shows_every_entry_every_call_and_the_legend(tmp_path):
    assert build(tmp_path, GOOD)[0].returncode == 0
    text = (tmp_path / "out/docs/system.svg").read_text(encoding="utf-8")
    xml.etree.ElementTree.fromstring(text)
    for wanted in ("shell", "init: supervisor", "init: builder", "priority 14", "IRQ 3", "ports 0x300–0x307", "An arrow: may call"):
        assert wanted in text, wanted
    for edge in ("shell&#45;&gt;low", "low&#45;&gt;high", "shell&#45;&gt;init", "init&#45;&gt;memory"):
        assert f"<title>{edge}</title>" in text, edge


def test_two_runs_give_the_same_bytes(tmp_path):
    for out, seed in (("one", "1"), ("two", "2")):
        done = run("system/build.py", "--out", tmp_path / out, PRODUCT, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_second_run_leaves_unchanged_files_alone(tmp_path):
    assert build(tmp_path, GOOD)[0].returncode == 0
    for name in ("grub.cfg", "manifest.bin", "system.json", "docs/system.svg"):
        os.utime(tmp_path / "out" / name, (1, 1))
    assert build(tmp_path, "# a comment more\n" + GOOD)[0].returncode == 0
    assert all((tmp_path / "out" / n).stat().st_mtime == 1 for n in ("grub.cfg", "manifest.bin", "system.json"))


def test_a_folder_that_cannot_be_written_leaves_the_old_files_whole(tmp_path):
    assert build(tmp_path, GOOD)[0].returncode == 0
    before = tree(tmp_path / "out")
    (tmp_path / "out/docs/system.svg").unlink()
    (tmp_path / "out/docs").rmdir()
    (tmp_path / "out/docs").write_text("a file, not a folder")
    done, _ = build(tmp_path, GOOD.replace("priority = 4", "priority = 5"))
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    for name in ("grub.cfg", "manifest.bin", "system.json"):
        assert (tmp_path / "out" / name).read_bytes() == before[name]
