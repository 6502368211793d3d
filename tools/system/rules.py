# SPDX-License-Identifier: MIT
"""The rules between entries: unique names, calls that only go up, hardware that is given once."""

from system_file import find


def check_system(root, system):
    """A Problem for the first rule that is broken; root is the Table of the whole file."""
    check_names(root, system.entries)
    check_calls(root.table("init"), system)
    check_hardware(system.entries)


def check_names(root, entries):
    seen, images = {}, {}
    for entry in entries:
        if entry.name in seen:
            raise entry.table.wrong("", f'"{entry.name}" is also the name of a {seen[entry.name].kind}')
        if entry.image in images:
            raise entry.table.wrong("image", f'"{entry.image}" is also the image of {images[entry.image]}')
        seen[entry.name], images[entry.image] = entry, entry.name
    if "memory" not in seen or seen["memory"].kind != "server":
        raise root.wrong("server.memory", "is missing: nothing runs without it")


def check_calls(head, system):
    """Calls and page faults go up in priority, so nobody can wait for somebody who waits for him."""
    entries = system.entries
    for entry in entries:
        for i, name in enumerate(entry.calls):
            check_call(entry, i, name, find(entries, name))
    cycle = find_cycle(entries)
    if cycle:
        table = find(entries, cycle[0]).table
        raise table.wrong("calls", f"{' calls '.join(cycle)}: a cycle can wait for itself for ever")
    for entry in entries:
        for i, name in enumerate(entry.calls):
            callee = find(entries, name)
            if name == "init" and callee.priority <= entry.priority:
                raise head.wrong("spawners", f"{entry.name} (priority {entry.priority}) is not below init's builder "
                                 f"(priority {callee.priority}): calls go up in priority only")
            if callee.priority <= entry.priority:
                raise entry.table.wrong(f"calls[{i}]", f"{entry.name} (priority {entry.priority}) calls {name} "
                                        f"(priority {callee.priority}): calls go up in priority only")
    memory = find(entries, "memory")
    for entry in entries:
        if entry is not memory and entry.priority >= memory.priority:
            key = "builder" if entry.kind == "init" else "priority"
            raise entry.table.wrong(key, f"{entry.priority} is not below memory's {memory.priority}: page faults are "
                                    "calls of memory, and calls go up")
    if system.supervisor <= memory.priority:
        raise head.wrong("supervisor", f"{system.supervisor} is not above memory's {memory.priority}: faults and exits "
                         "are calls of the supervisor, and calls go up")


def check_call(entry, i, name, callee):
    key = f"calls[{i}]"
    if name == "init" and "init" in entry.table.values.get("calls", []):
        raise entry.table.wrong(key, "who may call init is said in init.spawners")
    if name == "init" and entry.kind != "init":
        return
    if callee is None:
        raise entry.table.wrong(key, f'nothing is named "{name}"')
    if callee is entry:
        raise entry.table.wrong(key, f"{name} cannot call itself")
    if callee.kind == "program":
        raise entry.table.wrong(key, f'"{name}" is a program: only servers are called')


def find_cycle(entries):
    """The names of a cycle of calls, the first repeated at the end, or None."""
    done = set()

    def visit(name, path):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        for callee in find(entries, name).calls:
            cycle = visit(callee, [*path, name])
            if cycle:
                return cycle
        done.add(name)
        return None

    for entry in entries:
        cycle = visit(entry.name, [])
        if cycle:
            return cycle
    return None


def check_hardware(entries):
    lines, ranges, devices = {}, [], []
    for entry in entries:
        for i, irq in enumerate(entry.irqs):
            if irq in lines:
                raise entry.table.wrong(f"irqs[{i}]", f"line {irq} is already {lines[irq]}'s")
            lines[irq] = entry.name
        for i, ports in enumerate(entry.ports):
            for other, owner in ranges:
                if ports.first < other.first + other.count and other.first < ports.first + ports.count:
                    port = max(ports.first, other.first)
                    raise entry.table.wrong(f"ports[{i}].at", f"port {port:#x} is already {owner}'s")
            ranges.append((ports, entry.name))
        for i, device in enumerate(entry.devices):
            for other, owner in devices:
                if device.address < other.address + other.size and other.address < device.address + device.size:
                    address = max(device.address, other.address)
                    raise entry.table.wrong(f"devices[{i}].at", f"{address:#x} is already {owner}'s")
            devices.append((device, entry.name))
        if (entry.irqs or entry.ports or entry.devices) and entry.kind == "program":
            raise entry.table.wrong("", "a program holds no hardware: make it a server")
