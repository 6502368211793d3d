#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The interface compiler: servers/X/interface.toml in, X.h, X_client.c, X_server.c, interfaces/X.py and X.md out.

    idl.py --out FOLDER [--python FOLDER] [--docs FOLDER] servers/X/interface.toml …

All files are read and checked before the first is written (docs/interfaces.md describes the format).
"""

import argparse
from pathlib import Path

import checked
import emit_c
import emit_page
import emit_python
import model

HERE = Path(__file__).resolve().parent


def read_all(paths):
    interfaces = {}
    for path in paths:
        root = checked.load(path)
        interface = model.read_interface(root)
        if interface.name in interfaces:
            raise root.wrong("interface.name", f'"{interface.name}" is also the name in {interfaces[interface.name].file}')
        folder = Path(path).resolve().parent.name
        if Path(path).name == "interface.toml" and folder != interface.name:
            raise root.wrong("interface.name", f'"{interface.name}" must be the folder\'s name, "{folder}"')
        interfaces[interface.name] = interface
    return list(interfaces.values())


def outputs(interfaces, out, python, docs):
    """{path: content} of all that is generated."""
    files = {f"{out}/wire.h": (HERE / "wire.h").read_text(encoding="utf-8")}
    if python:
        package = f"{python}/interfaces"
        files[f"{package}/__init__.py"] = emit_python.package(interfaces)
        files[f"{package}/wire.py"] = (HERE / "wire.py").read_text(encoding="utf-8")
        files[f"{package}/errors.py"] = emit_python.errors()
    for interface in interfaces:
        files[f"{out}/{interface.name}.h"] = emit_c.header(interface)
        files[f"{out}/{interface.name}_client.c"] = emit_c.client(interface)
        files[f"{out}/{interface.name}_server.c"] = emit_c.server(interface)
        if python:
            files[f"{python}/interfaces/{interface.name}.py"] = emit_python.client(interface)
        if docs:
            files[f"{docs}/{interface.name}.md"] = emit_page.page(interface)
    return files


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True, help="folder for the C files")
    parser.add_argument("--python", help="folder that gets the Python package interfaces")
    parser.add_argument("--docs", help="folder for the reference pages")
    parser.add_argument("files", nargs="+", metavar="interface.toml")
    arguments = parser.parse_args()
    interfaces = read_all(arguments.files)
    checked.write_files(outputs(interfaces, arguments.out, arguments.python, arguments.docs))


if __name__ == "__main__":
    checked.run(main)
