# SPDX-License-Identifier: MIT
"""One system on top of another: tests/system.toml on boot/system.toml.

An entry that the system below does not have is added. Of one that it has, only lists can be made longer: so what the
test system adds is seen at a glance, and what it shares with the product is the product's.
"""


def put(base, extra):
    """Adds what the Table `extra` says to the Table `base`."""
    for key in ("system", "init", "server", "program"):
        group = extra.table(key, None)
        if group is None:
            continue
        below = base.values.setdefault(key, {})
        if key in ("system", "init"):
            lengthen(below, group)
            continue
        for name, values in group.values.items():
            if name in below:
                lengthen(below[name], group.table(name))
            else:
                below[name] = values
    extra.close()


def lengthen(below, table):
    for key, values in table.values.items():
        if not isinstance(values, list) or not isinstance(below.get(key, []), list):
            raise table.wrong(key, "the system below has this entry: only its lists can be made longer")
        for i, value in enumerate(values):
            if value in below.get(key, []):
                raise table.wrong(f"{key}[{i}]", f'"{value}" is in the system below already')
        below[key] = below.get(key, []) + values
