# SPDX-License-Identifier: MIT
"""cppcheck finds nothing in the C of the system."""

import os
import re

FOLDERS = {"kernel", "common", "libsys", "servers", "user"}
# Raised against what is meant: addresses made of numbers, handlers with one signature, registers named in declarations.
QUIET = ["unusedFunction", "missingInclude", "missingIncludeSystem", "unmatchedSuppression", "unusedStructMember", "constStatement",
         "constParameter", "constParameterCallback", "constVariable", "variableScope", "checkersReport",
         "comparePointers", "intToPointerCast", "normalCheckLevelMaxBranches", "staticFunction"]


def check(tree):
    names = tree.sources(".c", folders=FOLDERS)
    command = ["cppcheck", "--quiet", "--std=c11", "--platform=unix64", "--enable=warning,performance,portability",
               "--inline-suppr", f"-j{os.cpu_count() or 1}", "--error-exitcode=2", "-I.", f"-I{tree.build / 'gen'}",
               "--template={file}:{line}: {message} [{id}]", *[f"--suppress={name}" for name in QUIET], *names]
    result = tree.run(*command)
    problems = [line for line in result.stderr.splitlines() if re.match(r"\S+:\d+: ", line)]
    if result.returncode and not problems:
        problems = [f"cppcheck ended with {result.returncode}: {result.stderr.strip()[:300]}"]
    return f"{len(names)} files", problems
