# SPDX-License-Identifier: MIT
"""What the gates share: the files of the tree, what was built from them, and programs run side by side."""

import concurrent.futures
import functools
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM_FOLDERS = ("abi", "common", "boot", "kernel", "libsys", "servers", "user")


class Tree:
    def __init__(self, build):
        self.root = ROOT
        self.build = (ROOT / build).resolve()
        self.build_name = build

    @functools.cached_property
    def files(self):
        """All files of the tree as paths from the root: those that git knows, and new ones that it does not ignore."""
        listed = self.run("git", "ls-files", "-co", "--exclude-standard")
        names = listed.stdout.splitlines() if listed.returncode == 0 else [
            str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file() and ".git" not in path.parts
            and not path.is_relative_to(self.build)]
        return sorted({name for name in names if (ROOT / name).is_file()})

    def sources(self, *endings, folders=None):
        """Files with one of the endings, in the given top folders (all if None)."""
        return [name for name in self.files if name.endswith(endings) and (folders is None or name.split("/")[0] in folders)]

    def text(self, name):
        return (ROOT / name).read_text(encoding="utf-8")

    @functools.cache
    def text_or_empty(self, name):
        """Nothing for what is no text: pictures, corpora."""
        try:
            return self.text(name)
        except UnicodeDecodeError:
            return ""

    @functools.cached_property
    def images(self):
        """All ELF images of the system, kernel first."""
        return [self.build / "kernel.elf", *sorted([*self.build.glob("servers/*.elf"), *self.build.glob("user/*.elf")])]

    @functools.cached_property
    def commands(self):
        """{file: compiler arguments without the compiler and -c FILE} of every C file of the system."""
        entries = json.loads((self.build / "compile_commands.json").read_text(encoding="utf-8"))
        return {entry["file"]: entry["command"].split()[1:-2] for entry in entries if entry}

    def run(self, *command, **options):
        return subprocess.run([str(word) for word in command], cwd=ROOT, capture_output=True, text=True, check=False,
                              errors="replace", **options)

    def run_each(self, commands):
        """Runs several commands, two at a time; yields (key, result) of {key: command}."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            started = {key: pool.submit(self.run, *command) for key, command in commands.items()}
            for key, future in started.items():
                yield key, future.result()


def code_lines(text):
    """Lines of C that are neither blank nor only comment."""
    text = re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"',
                  lambda m: m[0] if m[0].startswith('"') else re.sub(r"[^\n]", "", m[0]), text, flags=re.DOTALL)
    return sum(1 for line in text.splitlines() if line.strip())


def assembly_lines(text):
    """Lines of NASM that are neither blank nor only comment."""
    return sum(1 for line in text.splitlines() if line.split(";")[0].strip())
