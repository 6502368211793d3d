# SPDX-License-Identifier: MIT
"""Every sample of the book is built into a copy of the tree, booted and run; the screen shows what its page says. One
boot for all of them. To add a program is a folder and an entry in system.toml: nothing else is done here either."""

import re
import sys

import pytest

from harness.images import ROOT, build_folder

sys.path[:0] = [str(ROOT / "tools" / "docs"), str(ROOT / "tests" / "system")]
import samples as book  # noqa: E402
import session  # noqa: E402

SAMPLES = book.read()
DIALOGUES = [pytest.param(steps, id=f"{steps[0].page}-{steps[0].typed}") for steps in SAMPLES.dialogues]


@pytest.fixture(scope="module")
def shell():
    built = book.build(SAMPLES, build_folder())
    with session.start("samples", build=built, budget=240.0) as started:
        yield started


def shows(step, rows):
    assert rows == step.rows, f"{step.page}: `{step.typed}` should show\n{step.rows}\nand shows\n{rows}"


@pytest.mark.parametrize("name", SAMPLES.run_alone())
def test_a_sample_prints_what_its_page_says(shell, name):
    mark = shell.log_mark()
    rows = shell.run(name)
    if name in SAMPLES.outputs:
        shows(SAMPLES.outputs[name], rows)
    told = re.search(rf"^init: {name}: .*", shell.log_since(mark), re.MULTILINE)
    assert not told, told[0]
    assert not any(row.startswith(f"{name}: exit code") for row in rows), rows


@pytest.mark.parametrize("steps", DIALOGUES)
def test_a_dialogue_goes_as_its_page_says(shell, steps):
    for step in steps:
        shows(step, shell.run(step.typed))


def test_excerpts_stand_in_the_files_that_they_name():
    assert not list(book.missing_excerpts(SAMPLES))


def test_a_whole_system_is_one_that_the_builder_takes(tmp_path):
    assert SAMPLES.whole_systems and not list(book.refused_systems(SAMPLES, tmp_path))


def test_the_pages_that_teach_have_samples():
    for page in ("write-a-program.md", "write-a-server.md", "write-a-task.md"):
        assert any(steps[0].page == page for steps in SAMPLES.dialogues), f"{page} shows nothing that can be typed"
    assert {"write-a-program.md", "write-a-server.md", "write-a-task.md"} <= set(SAMPLES.programs.values())


def write(folder, text):
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return [page]


def test_a_block_that_nobody_understands_is_refused(tmp_path):
    with pytest.raises(book.BadSample, match="progam=x"):
        book.read(write(tmp_path, "```c progam=x\nint main(void) { return 0; }\n```\n"))


def test_an_output_without_its_program_is_refused(tmp_path):
    with pytest.raises(book.BadSample, match="no page shows"):
        book.read(write(tmp_path, "```text output=x\nhello\n```\n"))


def test_a_changed_excerpt_is_found(tmp_path):
    text = "```c from=abi/types.h\n#define PAGE_SIZE 8192\n```\n```c from=abi/types.h\n#define PAGE_SIZE 4096ull\n```\n"
    assert len(list(book.missing_excerpts(book.read(write(tmp_path, text))))) == 1
