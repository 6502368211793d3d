# SPDX-License-Identifier: MIT
"""GCC's own analyser (-fanalyzer) finds nothing in the pure C that kernel, libsys and servers share."""

FOLDERS = ("common/", "libsys/", "servers/", "kernel/")
# Not for C that runs without the libc that the analyser imagines: it takes addresses made of numbers for bugs.
QUIET = ["-Wno-analyzer-use-of-uninitialized-value", "-Wno-analyzer-null-dereference",
         "-Wno-analyzer-possible-null-dereference", "-Wno-analyzer-malloc-leak"]


def check(tree):
    commands = {name: ["gcc", *flags, "-Wno-error", "-fanalyzer", *QUIET, "-c", "-o", "/dev/null", name]
                for name, flags in tree.commands.items() if name.startswith(FOLDERS) and name != "kernel/offsets.c"}
    problems = []
    for name, result in tree.run_each(commands):
        problems += [line for line in result.stderr.splitlines() if "warning:" in line or "error:" in line]
        if result.returncode and "error:" not in result.stderr:
            problems.append(f"{name}: gcc ended with {result.returncode}")
    return f"{len(commands)} files", problems
