# SPDX-License-Identifier: MIT
"""What clangd, and so an editor, says about each C file and header of the system: no error, and no warning either. With
the flags of compile_commands.json, as .clangd adapts them."""

import re
import shutil

# clangd's own complaints about a file; "I[time] …" is progress
COMPLAINT = re.compile(r"^E\[[\d:.]+\] (\[[\w.-]+\] Line \d+: .*)$", re.MULTILINE)


def command(tree, name):
    return ["clangd", f"--check={name}", f"--compile-commands-dir={tree.build}", "--check-lines=1-1",
            "--background-index=0", "--log=error"]


def looked_at(tree):
    """Every C file that is compiled, and every header of the layers. offsets.c is only ever compiled to assembly."""
    listed = [name for name in tree.commands if name != "kernel/offsets.c"]
    return sorted({*listed, *tree.sources(".h", folders=("abi", "common", "kernel", "libsys", "servers", "user"))})


def check(tree):
    if not shutil.which("clangd"):
        return "", ["clangd is missing"]
    names, problems = looked_at(tree), []
    for name, result in tree.run_each({name: command(tree, name) for name in names}):
        found = list(dict.fromkeys(COMPLAINT.findall(result.stderr)))
        problems += [f"{name}: {complaint}" for complaint in found]
        if result.returncode and not found:
            problems.append(f"{name}: clangd ended with {result.returncode}: {result.stderr.strip()[-300:]}")
    return f"{len(names)} files, 0 errors", problems
