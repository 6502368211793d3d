# SPDX-License-Identifier: MIT
"""common/ keeps no state: kernel, libsys and tests share its code, never its data. Nothing there is writable."""

import re

WRITABLE = re.compile(r"^[0-9a-f]+ ([bBdDcCsS]) (\S+)$")


def check(tree):
    objects = sorted((tree.build / "obj/user/common").glob("*.o"))
    problems = []
    for path in objects:
        for line in tree.run("nm", path).stdout.splitlines():
            if match := WRITABLE.match(line):
                problems.append(f"common/{path.name.removesuffix('.o')}: {match[2]} can be written")
    if not objects:
        problems.append("nothing of common/ was built")
    return f"{len(objects)} objects of common/", problems
