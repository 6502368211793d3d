# SPDX-License-Identifier: MIT
"""clang-tidy finds nothing (.clang-tidy says what it looks for)."""

import re

# Of the compiler's flags those that clang knows and that change what the code means.
KEPT = re.compile(r"-(?:std|I|isystem|D|ffreestanding|fno-pic|m)")


def arguments(flags):
    kept, following = [], False
    for flag in flags:
        if following or KEPT.match(flag):
            following = flag == "-isystem"
            kept.append(flag)
    return [flag for flag in kept if flag != "-isystem" and not flag.startswith("/usr/lib/gcc")]


def check(tree):
    commands = {name: ["clang-tidy", "--quiet", name, "--", "--target=x86_64-unknown-none-elf", *arguments(flags)]
                for name, flags in tree.commands.items() if name != "kernel/offsets.c" and not name.startswith("tests/")}
    problems = []
    for name, result in tree.run_each(commands):
        lines = [line for line in result.stdout.splitlines() if re.search(r": (?:error|warning): ", line)]
        problems += [line.replace(f"{tree.root}/", "") for line in dict.fromkeys(lines)]
        if result.returncode and not lines:
            problems.append(f"{name}: clang-tidy ended with {result.returncode}: {result.stderr.strip()[-200:]}")
    return f"{len(commands)} files", problems
