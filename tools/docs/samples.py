#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The book's samples: takes them out of the pages, puts them into a copy of the tree and builds that. The first line of a
fenced block says what it is:

    ```c program=NAME         a program's only source; its entry in system.toml is made if no page shows one
    ```c server=NAME          a server's main.c; its entry too
    ```c client=NAME          a program, NAME-client, that calls that server
    ```toml interface=NAME    a server's interface.toml
    ```toml system            goes to the end of boot/system.toml; with [init] in it: a whole system, which is only checked
    ```text output=NAME       what the program prints when it is run without arguments
    ```text                   when it begins with a prompt, a dialogue: what is typed, below it what the screen shows then
    ```c from=PATH            an excerpt: these lines stand in that file of the tree, in one piece

An indented block that begins with a prompt is a dialogue too. Blocks without a second word are no samples otherwise.

    samples.py [--build FOLDER]    lists what the pages hold and builds it in FOLDER/samples
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
PROMPT = "annulet>"
INDENTED = re.compile(rf"^(?:    {PROMPT}.*\n)(?:    .*\n)*", re.MULTILINE)
COPIED = ("abi", "boot", "common", "kernel", "libsys", "make", "servers", "tools", "user", "Makefile")
NAME = r"([a-z][a-z0-9_-]*)"


class BadSample(Exception):
    """A page says something that cannot be."""


@dataclass
class Step:
    """A line typed at the prompt, and the rows that the screen shows then."""
    page: str
    typed: str
    rows: list


@dataclass
class Samples:
    programs: dict = field(default_factory=dict)  # name: page
    servers: dict = field(default_factory=dict)
    clients: dict = field(default_factory=dict)  # program: the server that it calls
    files: dict = field(default_factory=dict)  # path in the tree: text
    system: list = field(default_factory=list)  # (page, text)
    whole_systems: list = field(default_factory=list)  # (page, text)
    outputs: dict = field(default_factory=dict)  # program: Step
    dialogues: list = field(default_factory=list)  # lists of Step
    excerpts: list = field(default_factory=list)  # (page, path, text)

    def run_alone(self):
        """Programs that no dialogue runs, or whose output is shown."""
        typed = {step.typed.split()[0] for dialogue in self.dialogues for step in dialogue}
        return [name for name in self.programs if name in self.outputs or name not in typed]


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def rows_of(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def steps(page, text):
    """A dialogue's steps."""
    found = []
    for line in rows_of(text):
        if line.startswith(PROMPT):
            found.append(Step(page, line[len(PROMPT):].strip(), []))
        elif found:
            found[-1].rows.append(line)
        else:
            raise BadSample(f"{page}: a dialogue begins with a prompt, not with {line!r}")
    return found


def take(samples, page, language, words, text):
    """One block. Words that mean nothing here are refused: a slip must not make a sample invisible."""
    def add(path):
        if path in samples.files:
            raise BadSample(f"{page}: {path} is there twice")
        samples.files[path] = text

    kind = f"{language} {words}".strip()
    if kind == "text" and text.startswith(PROMPT):
        samples.dialogues.append(steps(page, text))
    elif not words:
        return
    elif match := re.fullmatch(rf"c (program|client)={NAME}", kind):
        name = match[2] if match[1] == "program" else f"{match[2]}-client"
        add(f"user/{name}/{name}.c")
        samples.programs[name] = page
        if match[1] == "client":
            samples.clients[name] = match[2]
    elif match := re.fullmatch(rf"c server={NAME}", kind):
        add(f"servers/{match[1]}/main.c")
        samples.servers[match[1]] = page
    elif match := re.fullmatch(rf"toml interface={NAME}", kind):
        add(f"servers/{match[1]}/interface.toml")
    elif kind == "toml system":
        whole = re.search(r"^\[init\]", text, re.MULTILINE)
        (samples.whole_systems if whole else samples.system).append((page, text))
    elif match := re.fullmatch(rf"text output={NAME}", kind):
        samples.outputs[match[1]] = Step(page, match[1], rows_of(text))
    elif match := re.fullmatch(r"\w+ from=(\S+)", kind):
        samples.excerpts.append((page, match[1], text))
    else:
        raise BadSample(f"{page}: a block that is called {kind!r}")


def read(files=None):
    """The Samples of the pages."""
    samples = Samples()
    for path in files or pages():
        page, whole = path.name, path.read_text(encoding="utf-8")
        samples.dialogues += [steps(page, textwrap.dedent(text)) for text in INDENTED.findall(whole)]
        for indent, language, words, text in FENCE.findall(whole):
            take(samples, page, language, words.strip(), "".join(line.removeprefix(indent) for line in text.splitlines(True)))
    for name, step in samples.outputs.items():
        if name not in samples.programs:
            raise BadSample(f"{step.page}: the output of {name}, which no page shows")
    return samples


def system_text(samples):
    """boot/system.toml with the samples' entries."""
    text = (ROOT / "boot/system.toml").read_text(encoding="utf-8")
    text += "".join(f"\n# {page}\n{entry}" for page, entry in samples.system)

    def add(kind, name, page, keys):
        nonlocal text
        if f"\n[{kind}.{name}]\n" not in text:
            text += f'\n[{kind}.{name}]\nabout = "a sample of {page}"\n{keys}\n'

    for name, page in samples.servers.items():
        add("server", name, page, "priority = 10\nquota = 64")
    for name, page in samples.programs.items():
        calls = ["vga", "memory", *filter(None, [samples.clients.get(name)])]
        add("program", name, page, f"calls = {json.dumps(calls)}")
    return text


def wanted_files(samples):
    """{path in the copy: bytes}"""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "--", *COPIED], cwd=ROOT, text=True,
                            capture_output=True, check=True).stdout.splitlines()
    wanted = {name: (ROOT / name).read_bytes() for name in listed if (ROOT / name).is_file()}
    for path, text in samples.files.items():
        if path in wanted:
            raise BadSample(f"{path} of a page is in the tree already")
        wanted[path] = text.encode()
    wanted["boot/system.toml"] = system_text(samples).encode()
    return wanted


def copy_tree(samples, folder):
    """Makes the copy what it should be. What is right stays untouched, so that make builds only what has changed."""
    wanted = wanted_files(samples)
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] != "build" and str(name) not in wanted:
            path.unlink()
    for name, contents in wanted.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != contents:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(contents)


def build(samples, build_folder):
    """Builds the samples; returns the folder that Machine(build=…) wants."""
    folder = pathlib.Path(build_folder).resolve() / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    copy_tree(samples, folder)
    made = subprocess.run(["make", "-s", "-j2", "-f", "make/main.mk", "BUILD=build", "all"], cwd=folder, text=True,
                          capture_output=True, check=False)
    if made.returncode:
        raise BadSample(f"the samples do not build:\n{made.stderr}")
    return folder / "build"


def refused_systems(samples, folder):
    """What the system builder says against a page's whole system; it writes into folder."""
    for page, text in samples.whole_systems:
        file = pathlib.Path(folder) / "system.toml"
        file.write_text(text, encoding="utf-8")
        made = subprocess.run([sys.executable, ROOT / "tools/system/build.py", "--out", folder, file], text=True,
                              capture_output=True, check=False)
        if made.returncode:
            yield f"{page}: {made.stdout}{made.stderr}".strip()


def missing_excerpts(samples):
    """Excerpts that are not in their files any more. A line with … stands for any lines."""
    for page, path, text in samples.excerpts:
        if not (ROOT / path).is_file():
            yield f"{page}: an excerpt of {path}, which does not exist"
            continue
        parts = [part.strip("\n") for part in re.split(r"^ *(?://|;)? *…\n", text, flags=re.MULTILINE)]
        pattern = r"\n(?:.*\n)*?".join(re.escape(part) for part in parts)
        if not re.search(pattern, (ROOT / path).read_text(encoding="utf-8")):
            yield f"{page}: {path} does not have these lines: {parts[0].splitlines()[0]} …"


def check(tree):
    """For `make check`: the pages can be read, and their excerpts still stand in their files."""
    try:
        samples = read()
    except BadSample as bad:
        return "", [str(bad)]
    return f"{len(samples.programs)} sample programs", list(missing_excerpts(samples))


def main():
    parser = argparse.ArgumentParser(description="The book's samples")
    parser.add_argument("--build", default=ROOT / "build")
    options = parser.parse_args()
    try:
        samples = read()
        for name, page in samples.programs.items():
            print(f"  {page}: {name}")
        print(f"  {len(samples.dialogues)} dialogues, {len(samples.outputs)} outputs, {len(samples.excerpts)} excerpts")
        problems = list(missing_excerpts(samples))
        print(build(samples, options.build))
    except BadSample as bad:
        sys.exit(str(bad))
    sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
