# SPDX-License-Identifier: MIT
"""A compiler may turn a copying loop into a call of memcpy, inside memcpy too. Seen in the disassembly: no function of
SOURCES can come back to itself, at any level of optimisation, for kernel and programs."""

import json
import re
import shlex
import shutil
import subprocess

import pytest

from harness.images import ROOT, build_folder, make

SOURCES = ("common/mem.c", "common/memcmp.c", "common/string.c", "common/string_more.c")
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
TARGET = {"gcc": [], "clang": ["--target=x86_64-unknown-none-elf"]}
FUNCTION = re.compile(r"^[0-9a-f]+ <(\w+)>:$")
BRANCH = re.compile(r"\b(?:call|jmp)\w*\s+[0-9a-f]+ <(\w+)(?:\+0x[0-9a-f]+)?>$")
RELOCATION = re.compile(r"R_X86_64_(?:PLT32|PC32|32S?|64)\s+(\w+)")


def ordinary_flags(source):
    """What the build compiles this file with, without the compiler, the level, and what only one compiler knows."""
    assert make("@/compile_commands.json").returncode == 0
    entries = json.loads((build_folder() / "compile_commands.json").read_text(encoding="utf-8"))
    command = next(entry["command"] for entry in entries if entry["file"] == source)
    words = shlex.split(command)[1:]
    return [word for word in words if not re.match(r"-O|-g$|--target=|-fno-code-hoisting|-ffile-prefix-map", word)]


def calls_in(object_file):
    """{function: the functions that it calls or jumps to}"""
    listing = subprocess.run(["objdump", "-dr", "--no-show-raw-insn", object_file], check=True, capture_output=True,
                             text=True).stdout
    calls, current = {}, None
    for line in listing.splitlines():
        if function := FUNCTION.match(line):
            current = function[1]
            calls[current] = set()
        elif target := RELOCATION.search(line):
            calls[current].add(target[1])
        elif (target := BRANCH.search(line)) and target[1] != current:
            calls[current].add(target[1])
        elif re.search(rf"\bcall\w*\s+[0-9a-f]+ <{current}>$", line):
            calls[current].add(current)  # a jump to one's own beginning is a loop, a call of it is not
    return calls


def reachable(calls, start):
    seen, todo = set(), list(calls[start])
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(calls.get(name, ()))
    return seen


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("level", ["-O0", "-O1", "-O2", "-O3", "-Os"])
def test_no_memory_or_text_function_comes_back_to_itself(compiler, level, tmp_path):
    calls = {}
    for source in SOURCES:
        flags = [word for word in ordinary_flags(source) if compiler == "gcc" or word != "-fstack-clash-protection"]
        made = tmp_path / "out.o"
        subprocess.run([compiler, *TARGET[compiler], *flags, level, "-o", made], cwd=ROOT, check=True)
        calls |= calls_in(made)
    assert {"memcpy", "memmove", "memset", "memcmp", "strlen", "strnlen", "strcmp"} <= set(calls)
    circles = {name for name in calls if name in reachable(calls, name)}
    assert not circles, f"{compiler} {level}: these come back to themselves: {', '.join(sorted(circles))}"
    strangers = {target for targets in calls.values() for target in targets} - set(calls)
    assert not strangers, f"{compiler} {level}: these are called and are not here: {', '.join(sorted(strangers))}"
