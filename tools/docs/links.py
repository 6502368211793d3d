# SPDX-License-Identifier: MIT
"""The book's links lead somewhere, and the files, functions and constants of the tree that it names are there."""

import pathlib
import re

LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
# `kernel/ipc.c`, `servers/X/interface.toml`: a path that begins with a folder of the tree. X, Y, NAME and * stand for any.
NAMED = re.compile(r"`((?:abi|boot|common|docs|kernel|libsys|make|servers|tests|tools|user)/[\w./*-]*)`")
PATTERN = re.compile(r"\b(?:X|Y|NAME)\b|\*")
WORD = re.compile(r"`((?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:_[A-Za-z0-9]+)+)(?:\(\))?`")
SOURCES = (".c", ".h", ".asm", ".ld", ".mk", ".py", ".toml")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


def pages(tree):
    return [name for name in tree.files if name == "README.md" or re.fullmatch(r"docs/[\w-]+\.md", name)]


def anchors(text):
    """GitHub's names of a page's headings."""
    return {re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", FENCE.sub("", text), re.MULTILINE)}


def exists(tree, path, made):
    pattern = PATTERN.sub("*", path.rstrip("/"))
    if "*" in pattern:
        return any(tree.root.glob(pattern)) or pattern in made
    # A component of several files is also named without their endings.
    return (tree.root / pattern).exists() or any((tree.root / pattern).parent.glob(pathlib.Path(pattern).name + ".*")) \
        or pattern in made


def made_by_samples(text):
    """Files and folders that a page tells its reader to create."""
    folders = {"program": "user", "server": "servers", "interface": "servers"}
    for kind, name in re.findall(r"^```\w+ (program|server|interface)=([\w-]+)", text, re.MULTILINE):
        folder = f"{folders[kind]}/{name}"
        yield from (folder, f"{folder}/interface.toml", f"{folder}/main.c", f"{folder}/{name}.c")


def words_of(tree):
    """Every identifier of the tree's sources and of the C that is generated from interfaces, and every figure's name."""
    texts = [tree.text(name) for name in tree.files if name.endswith(SOURCES)]
    texts += [path.read_text(encoding="utf-8") for path in tree.build.glob("gen/interfaces/*.[ch]")]
    known = {word for text in texts for word in re.findall(r"\w+", text)}
    figures = tree.root / "tests/bench/baseline.json"
    return known | (set(re.findall(r'"name": "(\w+)"', figures.read_text(encoding="utf-8"))) if figures.exists() else set())


def check_page(tree, page, known):
    text = tree.text(page)
    made = set(made_by_samples(text))
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (tree.root / page).parent / path if path else tree.root / page
        if not file.exists():
            yield f"{page}: {target} leads nowhere"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
            yield f"{page}: {target}: there is no such heading"
    mine = set(re.findall(r"\w+", "".join(FENCE.findall(text))))
    for word in sorted(set(WORD.findall(FENCE.sub("", text))) - known - mine):
        if not re.match(r"X_|NAME_", word):
            yield f"{page}: nothing is called {word}"
    for path in NAMED.findall(text):
        if not path.endswith(".elf") and not exists(tree, path, made):
            yield f"{page}: {path} does not exist"


def check(tree):
    listed, known = pages(tree), words_of(tree)
    reachable = set(LINK.findall(tree.text("README.md")))
    problems = [problem for page in listed for problem in check_page(tree, page, known)]
    problems += [f"README.md does not lead to {page}" for page in listed if page != "README.md" and page not in reachable]
    return f"{len(listed)} pages", problems
