# SPDX-License-Identifier: MIT
"""boot/system.toml, each entry read and checked by itself. What must hold between entries: rules.py."""

import re
from dataclasses import dataclass, field

import hardware
import header

LIMITS = header.constants("manifest.h", "start.h", "boot.h", "layout.h", "syscall.h", "types.h")
NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
RESERVED = ("kernel", "manifest", "self", "process", "run", "clock", "log", "power", "shim")
GRANTS = {"log": "MANIFEST_LOG_WRITE", "log-read": "MANIFEST_LOG_READ", "power": "MANIFEST_POWER",
          "process": "MANIFEST_PROCESS", "threads": "MANIFEST_THREADS"}
KINDS = {"init": "MANIFEST_INIT", "server": "MANIFEST_SERVER", "program": "MANIFEST_PROGRAM"}


@dataclass
class Ports:
    first: int
    count: int
    access: str
    values: list  # None: any value


@dataclass
class Device:
    name: str
    address: int
    size: int
    access: str


@dataclass
class Entry:
    kind: str
    name: str
    table: object  # where it stands in the file
    about: str = ""
    image: str = ""
    priority: int = 0
    stack: int = 0
    quota: int = 0
    slots: int = 0
    pool: int = 0
    backoff: int = 0
    lives: int = 0
    heartbeat: int = 0
    keep: int = 0
    run: int = 0
    fpu: bool = False
    restart: bool = False
    start: bool = False
    irqs: list = field(default_factory=list)
    ports: list = field(default_factory=list)
    devices: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    grants: list = field(default_factory=list)
    arguments: list = field(default_factory=list)


@dataclass
class System:
    file: str
    entries: list  # init first
    reserve: int
    supervisor: int
    spawners: list
    ram: int  # MiB


def read_system(root):
    """The System in a Table of the whole file."""
    machine = root.table("system", {"ram": 128})
    ram = machine.number("ram", 32, 1 << 20, 128)
    without = machine.texts("without", [])
    machine.close()
    head = root.table("init")
    entries = [read_init(head)]
    for kind in ("server", "program"):
        group = root.table(kind, {})
        for name in group.values:
            entries.append(read_entry(group.table(name), kind, name, ram))
    root.close()
    entries = leave_out(root, entries, without)
    system = System(root.file, entries, head.number("reserve", 64, ram * 256, 1024),
                    head.number("supervisor", 1, LIMITS["MANIFEST_PRIORITY_MAX"]),
                    head.texts("spawners", []), ram)
    read_start(head, system, without)
    head.close()
    if len(entries) > LIMITS["MANIFEST_ENTRIES"]:
        raise root.wrong("", f"{len(entries)} servers and programs are more than {LIMITS['MANIFEST_ENTRIES']}")
    return system


def put_in_order(system):
    """From the file's order to the manifest's. Calls go up, so the highest server starts first."""
    kinds = list(KINDS)
    system.entries.sort(key=lambda e: (kinds.index(e.kind), -e.priority if e.kind == "server" else 0))


def read_start(head, system, without):
    """Who is started at boot, and who may start others."""
    for key, names in (("start", head.texts("start", [])), ("spawners", system.spawners)):
        for i, name in enumerate(names):
            if name in without:
                continue
            entry = find(system.entries, name)
            if entry is None or entry.kind == "init":
                raise head.wrong(f"{key}[{i}]", f'nothing is named "{name}"')
            if key == "spawners":
                entry.calls.append("init")
            elif entry.kind == "server":
                raise head.wrong(f"{key}[{i}]", f'"{name}" is a server: all servers are started at boot')
            else:
                entry.start = True
    system.spawners = [name for name in system.spawners if name not in without]


def find(entries, name):
    return next((e for e in entries if e.name == name), None)


def leave_out(root, entries, without):
    """The entries but those of system.without; nobody calls those any more."""
    for i, name in enumerate(without):
        if find(entries, name) is None:
            raise root.wrong(f"system.without[{i}]", f'nothing is named "{name}"')
        if name in ("init", "memory"):
            raise root.wrong(f"system.without[{i}]", f"nothing runs without {name}")
    for entry in entries:
        entry.calls = [name for name in entry.calls if name not in without]
    return [e for e in entries if e.name not in without]


def read_init(head):
    entry = Entry("init", "init", head, image=head.text("image", "servers/init.elf"), start=True)
    entry.about = read_about(head)
    entry.priority = head.number("builder", 1, LIMITS["MANIFEST_PRIORITY_MAX"])
    entry.calls = head.texts("calls", [])
    entry.grants = list(GRANTS)
    entry.stack = LIMITS["USER_STACK_PAGES"]
    return entry


def read_about(table):
    about = " ".join(table.get("about", str).split())
    limit = LIMITS["MANIFEST_ABOUT"] - 1
    if not about or any(ord(c) < 32 or ord(c) == 127 for c in about):
        raise table.wrong("about", "must be one line of text")
    if len(about.encode()) > limit:
        raise table.wrong("about", f"{len(about.encode())} bytes are more than {limit}")
    return about


def read_entry(table, kind, name, ram):
    check_name(table, name)
    server = kind == "server"
    entry = Entry(kind, name, table, start=server)
    entry.about = read_about(table)
    folder = "servers" if server else "user"
    entry.image = table.text("image", f"{folder}/{name}.elf")
    if not re.fullmatch(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*\.elf", entry.image):
        raise table.wrong("image", f'"{entry.image}" is no path of an .elf file inside the build folder')
    entry.priority = table.number("priority", 1, LIMITS["MANIFEST_PRIORITY_MAX"], ... if server else 2)
    entry.stack = table.number("stack", 1, LIMITS["MANIFEST_STACK_MAX"], LIMITS["USER_STACK_PAGES"])
    entry.quota = table.number("quota", 0, 1 << 40, 1024)
    if entry.quota > ram * 256:
        raise table.wrong("quota", f"{entry.quota} pages are more than the {ram * 256} of {ram} MiB (system.ram)")
    entry.slots = table.number("slots", 128, LIMITS["MANIFEST_SLOTS_MAX"], 128)
    if entry.slots % 128:
        raise table.wrong("slots", f"{entry.slots} is no multiple of 128")
    entry.pool = table.number("pool", 8, LIMITS["MANIFEST_POOL_MAX"], 32)
    entry.fpu = table.get("fpu", bool, False)
    entry.restart = table.choice("restart", ("always", "never"), "always" if server else "never") == "always"
    entry.backoff = table.number("backoff", 0, LIMITS["MANIFEST_BACKOFF_MAX"], 100)
    entry.lives = table.number("lives", 0, LIMITS["MANIFEST_LIVES_MAX"], 10)
    entry.heartbeat = table.number("heartbeat", 0, LIMITS["MANIFEST_BACKOFF_MAX"], 0)
    entry.keep = table.number("keep", 0, LIMITS["MANIFEST_KEEP_MAX"], 0)
    entry.run = table.number("run", 0, LIMITS["MANIFEST_RUN_MAX"], 0)
    if entry.run and server and entry.restart:
        raise table.wrong("run", f'{name} is restarted: what it made of its run would be lost; restart = "never"')
    entry.arguments = read_arguments(table)
    if not server:
        for key, value, why in (("heartbeat", entry.heartbeat, "only the loop of a server answers"),
                                ("keep", entry.keep, "only a server has a successor that finds it"),
                                ("run", entry.run, "only a server is given RAM at boot"),
                                ("arguments", entry.arguments, "who starts it says them")):
            if value:
                raise table.wrong(key, f"{name} is a program: {why}")
    if name == "memory" and entry.keep:
        raise table.wrong("keep", "memory has no successor: its death stops the system")
    entry.calls = table.texts("calls", [])
    entry.grants = table.texts("grants", ["log"])
    for i, grant in enumerate(entry.grants):
        if grant not in GRANTS:
            raise table.wrong(f"grants[{i}]", f'"{grant}" is none of {", ".join(GRANTS)}')
    read_hardware(table, entry)
    table.close()
    return entry


def read_arguments(table):
    arguments = table.texts("arguments", [])
    for i, text in enumerate(arguments):
        if not text or "\0" in text:
            raise table.wrong(f"arguments[{i}]", "is empty or has a NUL in it")
    size = sum(len(text.encode()) + 1 for text in arguments)
    limit = LIMITS["MANIFEST_ARGUMENTS"] - 1
    if size > limit:
        raise table.wrong("arguments", f"{size} bytes with their NULs are more than {limit}")
    return arguments


def check_name(table, name):
    limit = LIMITS["NAME_SIZE"] - 1
    if len(name) > limit:
        raise table.wrong("", f"the name has {len(name)} characters; {limit} is the most")
    if not NAME.fullmatch(name):
        raise table.wrong("", "a name is lower-case letters, digits, - and _, and starts with a letter")
    if name in RESERVED or name == "init" or re.fullmatch(r"irq\d+|ports[0-9a-f]+", name):
        raise table.wrong("", f'"{name}" is a reserved name')


def read_hardware(table, entry):
    entry.irqs = table.numbers("irqs", 0, hardware.IRQS - 1, [])
    for i, irq in enumerate(entry.irqs):
        if irq in hardware.KERNEL_IRQS:
            raise table.wrong(f"irqs[{i}]", f"line {irq} cannot be given away: {hardware.KERNEL_IRQS[irq]}")
    for item in table.tables("ports", []):
        entry.ports.append(read_ports(item))
    if len(entry.ports) > LIMITS["MANIFEST_PORTS"]:
        raise table.wrong("ports", f"{len(entry.ports)} ranges are more than {LIMITS['MANIFEST_PORTS']}")
    for item in table.tables("devices", []):
        device = read_device(item)
        if any(d.name == device.name for d in entry.devices):
            raise item.wrong("name", f'"{device.name}" is there twice')
        entry.devices.append(device)
    if len(entry.devices) > LIMITS["MANIFEST_DEVICES"]:
        raise table.wrong("devices", f"{len(entry.devices)} devices are more than {LIMITS['MANIFEST_DEVICES']}")


def read_ports(item):
    first = item.number("at", 0, 0xFFFF)
    count = item.number("count", 1, 0x10000, 1)
    if first + count > 0x10000:
        raise item.wrong("count", f"{count} ports from {first:#x} go beyond 0xffff")
    may = item.choice("may", ("r", "w", "rw"))
    values = item.numbers("writes", 0, 0xFF) if "writes" in item.values else None
    taken = hardware.hit(hardware.KERNEL_PORTS, first, count)
    if taken:
        raise item.wrong("at", f"port {taken[0]:#x} cannot be given away: {taken[1]}")
    if values is not None and "w" not in may:
        raise item.wrong("writes", 'values are listed, but may = "r" allows no write')
    harmful = hardware.hit(hardware.VALUED_PORTS, first, count)
    if harmful and "w" in may and values is None:
        raise item.wrong("writes", f"port {harmful[0]:#x} needs a list of the values that may be written: {harmful[1]}")
    for i, value in enumerate(values or []):
        why = next((bad[value] for port, bad in hardware.FORBIDDEN_VALUES.items()
                    if first <= port < first + count and value in bad), None)
        if why:
            raise item.wrong(f"writes[{i}]", f"{value:#x} {why}")
    item.close()
    return Ports(first, count, may, values)


def read_device(item):
    name = item.text("name", limit=LIMITS["NAME_SIZE"] - 1)
    if not NAME.fullmatch(name):
        raise item.wrong("name", "a name is lower-case letters, digits, - and _, and starts with a letter")
    address = item.number("at", 0, 1 << 47)
    size = item.number("size", 1, 1 << 47)
    for key, value in (("at", address), ("size", size)):
        if value % 4096:
            raise item.wrong(key, f"{value:#x} is not whole pages of 4096 bytes")
    if address < hardware.DEVICE_FIRST or address + size > hardware.DEVICE_END:
        raise item.wrong("at", f"{address:#x} to {address + size - 1:#x} is not inside the device memory that init "
                         f"holds, {hardware.DEVICE_FIRST:#x} to {hardware.DEVICE_END - 1:#x}")
    may = item.choice("may", ("r", "rw"))
    item.close()
    return Device(name, address, size, may)
