# SPDX-License-Identifier: MIT
"""One SPDX line is the licence of a file: the first, or the second behind #! or what a document begins with."""

ENDINGS = (".c", ".h", ".asm", ".inc", ".ld", ".py", ".mk", ".toml", ".sh", "Makefile")
LINE = "SPDX-License-Identifier: MIT"


def check(tree):
    names = [name for name in tree.files if name.endswith(ENDINGS) or tree.text_or_empty(name).startswith("#!")]
    problems = [f"{name}: no SPDX line" for name in names
                if not any(LINE in line for line in tree.text_or_empty(name).splitlines()[:2]) and tree.text_or_empty(name)]
    return f"{len(names)} files", problems
