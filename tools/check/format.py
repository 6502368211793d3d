# SPDX-License-Identifier: MIT
"""clang-format has nothing to say (`make format` does what it would say)."""


def check(tree):
    names = tree.sources(".c", ".h")
    result = tree.run("clang-format", "--dry-run", "-Werror", *names)
    wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "clang-format-violations" in line})
    problems = [f"{name}: `make format` would change it" for name in wrong]
    if result.returncode and not wrong:
        problems = [result.stderr.strip() or "clang-format failed"]
    return f"{len(names)} files", problems
