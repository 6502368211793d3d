# SPDX-License-Identifier: MIT
"""The folders are the architecture: who may include what (a line of #include names the layer that it reaches)."""

import re

# folder: what it may include besides itself
MAY_REACH = {
    "abi": [],
    "common": ["abi"],
    "kernel": ["abi", "common"],
    "libsys": ["abi", "common", "interfaces"],
    "boot": ["abi", "kernel"],
    "servers": ["abi", "common", "libsys", "interfaces"],
    "user": ["abi", "common", "libsys", "interfaces"],
}
# The compiler's own headers: freestanding C17.
STANDARD = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h", "stdatomic.h", "stdalign.h", "float.h"}
GENERATED_ASSEMBLY = "offsets.inc"
INCLUDE = re.compile(r'^\s*[#%]\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def component(name):
    """The folder whose parts may include each other: servers/vga, but user/shell too."""
    parts = name.split("/")
    return "/".join(parts[:2]) if parts[0] in ("servers", "user") else parts[0]


def wrong(name, quote, target):
    top, layer = name.split("/")[0], target.split("/")[0]
    if quote == "<":
        return None if target in STANDARD else f"<{target}>: only the compiler's own headers"
    if target == GENERATED_ASSEMBLY or target.endswith("/" + GENERATED_ASSEMBLY):
        return None if name.endswith(".asm") else f'"{target}" is for assembly'
    if "/" not in target:
        return f'"{target}": paths start at the root'
    if target.startswith(component(name) + "/") or layer in MAY_REACH[top]:
        return None
    return f'"{target}": {component(name)}/ may include {", ".join(MAY_REACH[top] + [component(name)])}'


def cycles(graph):
    """Each header from which an #include chain leads back to itself, once per cycle."""
    found, done = [], set()

    def walk(name, path):
        if name in path:
            found.append(" → ".join([*path[path.index(name):], name]))
        elif name not in done:
            for target in graph.get(name, []):
                walk(target, [*path, name])
            done.add(name)

    for name in graph:
        walk(name, [])
    return found


def headers_alone(tree, headers):
    flags = tree.commands
    kernel, user = flags.get("kernel/panic.c"), next((flags[name] for name in flags if name.startswith("libsys/")), None)
    commands = {}
    for header in headers:
        chosen = kernel if header.startswith("kernel/") else user
        if chosen:
            commands[header] = ["gcc", *chosen, "-Wno-unused", "-fsyntax-only", "-x", "c", header]
    for header, result in tree.run_each(commands):
        if result.returncode and "#pragma once in main file" in result.stderr:
            errors = [line for line in result.stderr.splitlines() if "error:" in line and "pragma once" not in line]
        else:
            errors = result.stderr.splitlines() if result.returncode else []
        if errors:
            yield f"{header} does not compile alone: {errors[0]}"


def check(tree):
    names = tree.sources(".c", ".h", ".asm", ".ld", folders=MAY_REACH)
    problems, graph = [], {}
    for name in names:
        found = INCLUDE.findall(tree.text(name))
        graph[name] = [target for quote, target in found if quote == '"']
        problems += [f"{name}: {reason}" for quote, target in found if (reason := wrong(name, quote, target))]
    problems += [f"a cycle of includes: {cycle}" for cycle in cycles(graph)]
    headers = [name for name in names if name.endswith(".h")]
    problems += headers_alone(tree, headers)
    return f"{len(names)} files, {len(headers)} headers compile alone", problems
