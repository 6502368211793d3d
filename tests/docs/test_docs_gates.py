# SPDX-License-Identifier: MIT
"""The gates of the book find what they are for: a page that is right passes, and each slip is named."""

import pathlib
import sys

import pytest

from harness.images import ROOT

sys.path[:0] = [str(ROOT / "tools" / "docs")]
import goals  # noqa: E402
import links  # noqa: E402
import syscalls  # noqa: E402

ABI = '''#define SYSCALLS(S) \\
    S(null, 0, "do nothing") \\
    S(take, 7, "take a thing")
'''
ERRORS = 'E(OK, 0, "") E(ERR_BUSY, 64, "") E(ERR_GONE, 65, "")'
KERNEL = '''
static err_t look(struct thread *t) { return t->busy ? ERR_BUSY : OK; }

err_t sys_null(struct thread *t)
{
    (void)t;
    return OK;
}

err_t sys_take(struct thread *t)
{
    err_t err = look(t);
    return err;
}
'''
PAGE = '''# Operations

### null (0)

Do nothing: what it costs.

### take (7)

Take a thing.

| error | when |
|---|---|
| `ERR_BUSY` | in use |
'''


class Tree:
    """A tree in a temporary folder, as tools/check/tree.py shows the true one."""

    def __init__(self, root, **files):
        self.root = pathlib.Path(root)
        self.build = self.root / "build"
        self.files = sorted(name.replace("__", "/").replace("_dot_", ".") for name in files)
        for name, text in zip(sorted(files), (files[name] for name in sorted(files))):
            path = self.root / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def sources(self, *endings, folders=None):
        return [name for name in self.files if name.endswith(endings) and name.split("/")[0] in folders]


def operations(tmp_path, page=PAGE, kernel=KERNEL):
    tree = Tree(tmp_path, abi__syscall_dot_h=ABI, abi__errors_dot_h=ERRORS, kernel__take_dot_c=kernel,
                docs__syscalls_dot_md=page)
    return syscalls.check(tree)[1]


def test_a_page_that_says_what_the_code_does_passes(tmp_path):
    assert operations(tmp_path) == []


@pytest.mark.parametrize("old, new, said", [
    ("### take (7)", "### take (8)", "take is operation 7, not 8"),
    ("### take (7)", "### took (7)", "no section for take"),
    ("Take a thing.", "Grab a thing.", "does not begin with the words"),
    ("| `ERR_BUSY` | in use |\n", "", "can return ERR_BUSY, which is not listed"),
    ("| `ERR_BUSY` | in use |", "| `ERR_BUSY`, `ERR_GONE` | in use |", "ERR_GONE is listed, but no code"),
    ("in use", "in use, or ERR_MADE_UP", "ERR_MADE_UP is no error"),
])
def test_a_page_of_operations_that_is_not_in_step_is_named(tmp_path, old, new, said):
    assert any(said in problem for problem in operations(tmp_path, PAGE.replace(old, new)))


def test_an_error_that_the_code_gives_newly_is_missed_on_the_page(tmp_path):
    changed = KERNEL.replace("return err;", "return err ? err : ERR_GONE;").replace("ERR_GONE", "ERR_NEW")
    assert any("can return ERR_NEW" in problem for problem in operations(tmp_path, kernel=changed))


@pytest.mark.parametrize("text, said", [
    ("[a](there.md)", None),
    ("[a](there.md#a-heading)", None),
    ("[a](nowhere.md)", "leads nowhere"),
    ("[a](there.md#no-heading)", "no such heading"),
    ("`kernel/there.c`", None),
    ("`kernel/there`", None),
    ("`servers/X/interface.toml`", "does not exist"),
    ("`kernel/nowhere.c`", "does not exist"),
    ("```\n[a](nowhere.md)\n```", None),
    ("```c program=mine\n```\n`user/mine`", None),
    ("`there_is`", None),
    ("`THERE_IS`", "nothing is called THERE_IS"),
    ("`not_there()`", "nothing is called not_there"),
    ("```c program=mine\nint of_mine;\n```\n`of_mine`", None),
])
def test_links_and_names_of_files_are_followed(tmp_path, text, said):
    tree = Tree(tmp_path, README_dot_md="[p](docs/page.md) [t](docs/there.md)", docs__page_dot_md=text,
                docs__there_dot_md="# A heading\n", kernel__there_dot_c="int there_is;")
    problems = links.check(tree)[1]
    assert (problems == []) if said is None else (len(problems) == 1 and said in problems[0])


@pytest.mark.parametrize("text, said", [
    ("`make there`, make them known", None),
    ("    make there   what it does", None),
    ("`make build/there.elf`", None),
    ("`make gone`", "docs/page.md: make has no goal gone"),
    ("    make -j2 gone   what it did", "docs/page.md: make has no goal gone"),
    ("`make silent`", "make has no goal silent"),
])
def test_a_goal_that_make_does_not_have_is_named(tmp_path, text, said):
    tree = Tree(tmp_path, README_dot_md="", docs__page_dot_md=text, Makefile="GOALS := there\n",
                make__main_dot_mk="there: ## does it\nsilent:\n")
    problems = goals.check(tree)[1]
    assert (problems == []) if said is None else (len(problems) == 1 and said in problems[0])


def test_a_goal_of_the_front_door_that_nobody_has_is_named(tmp_path):
    tree = Tree(tmp_path, README_dot_md="", Makefile="GOALS := gone\n")
    assert goals.check(tree)[1] == ["Makefile: make has no goal gone that says in make help what it does"]


def test_a_page_to_which_nothing_leads_is_named(tmp_path):
    tree = Tree(tmp_path, README_dot_md="nothing", docs__lost_dot_md="# Lost\n")
    assert links.check(tree)[1] == ["README.md does not lead to docs/lost.md"]
