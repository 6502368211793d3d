# SPDX-License-Identifier: MIT
"""The gates of `make check` turn red: each is shown what it must refuse."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from harness.images import ROOT

sys.path.insert(0, str(ROOT / "tools/check"))
import behaviours  # noqa: E402
import canonical  # noqa: E402
import editor  # noqa: E402
import images  # noqa: E402
import layers  # noqa: E402
import machine_code  # noqa: E402
import matrix  # noqa: E402
import mutants  # noqa: E402
import paths  # noqa: E402
import size  # noqa: E402
import spdx  # noqa: E402
import stack  # noqa: E402
import threats  # noqa: E402
import tree as trees  # noqa: E402


class Small(trees.Tree):
    """A tree of a few files in a folder of its own."""

    def __init__(self, folder, files):
        super().__init__(folder / "build")
        self.root, self.listed, self.objdump = folder, files, ""
        self.build.mkdir()

    @property
    def files(self):
        return sorted(self.listed)

    def text(self, name):
        return self.listed[name]

    def run(self, *command, **options):
        if command[0] == "objdump":
            return SimpleNamespace(stdout=self.objdump, returncode=0)
        return super().run(*command, **options)


@pytest.fixture
def small(tmp_path):
    return lambda **files: Small(tmp_path, {name.replace("__", "/").replace("_dot_", "."): text
                                            for name, text in files.items()})


@pytest.mark.parametrize("name, target, good", [
    ("kernel/ipc.c", "common/mem.h", True), ("kernel/ipc.c", "libsys/ipc.h", False),
    ("common/elf.c", "kernel/frame.h", False), ("common/elf.c", "common/elf.h", True), ("abi/boot.h", "common/mem.h", False),
    ("servers/vga/grid.c", "servers/vga/grid.h", True), ("servers/vga/grid.c", "servers/kbd/keys.h", False),
    ("servers/vga/grid.c", "interfaces/kbd.h", True), ("user/shell/line.c", "user/hello/hello.h", False),
    ("user/shell/line.c", "tools/shim/shim.h", False), ("user/shell/line.c", "line.h", False),
    ("libsys/malloc.c", "tests/host/test.h", False)])
def test_an_include_reaches_only_the_layers_that_it_may(name, target, good):
    assert (layers.wrong(name, '"', target) is None) is good


def test_headers_of_the_host_are_refused():
    assert layers.wrong("kernel/ipc.c", "<", "stdio.h") and not layers.wrong("kernel/ipc.c", "<", "stdint.h")


def test_a_cycle_of_headers_is_found():
    assert layers.cycles({"a.h": ["b.h"], "b.h": ["c.h"], "c.h": ["a.h"], "d.h": ["a.h"]}) == ["a.h → b.h → c.h → a.h"]
    assert layers.cycles({"a.h": ["b.h", "c.h"], "b.h": ["c.h"], "c.h": []}) == []


@pytest.mark.parametrize("instruction, reason", [
    ("movaps %xmm0,(%rdi)", "vector"), ("fld %st(0)", "vector"), ("vpxor %ymm1,%ymm1,%ymm1", "vector"),
    ("mov %rax,-0x8(%rsp)", "below"), ("mov %rax,0x8(%rsp)", None), ("lea -0x8(%rsp),%rsp", None),
    ("mov -0x8(%rbp),%rax", None), ("push %rbp", None)])
def test_vector_registers_and_the_red_zone_are_found_in_the_kernel(small, instruction, reason):
    tree = small()
    tree.objdump = f"ffffffff80100000 <here>:\nffffffff80100000:\t{instruction}\n"
    _, problems = machine_code.check(tree)
    assert [problem for problem in problems if reason and reason in problem] == problems and bool(problems) is bool(reason)


@pytest.mark.parametrize("instruction", ["swapgs", "rdgsbase %rax", "mov %gs:0x10,%rax"])
def test_gs_is_found_in_the_kernel(small, instruction):
    tree = small()
    tree.objdump = f"ffffffff80100000 <here>:\nffffffff80100000:\t{instruction}\n"
    assert machine_code.check(tree)[1] == [f"here: GS: {instruction}"]


def listing(**bodies):
    return "".join(f"ffffffff80100000 <{name}>:\n" + "".join(f"ffffffff80100000:\t{line}\n" for line in body)
                   for name, body in bodies.items())


def test_the_stack_is_the_sum_of_the_deepest_chain():
    functions, indirect = stack.read(listing(
        top=["push %rbp", "sub    $0x100,%rsp", "call   ffffffff80100000 <middle>", "sub    $0xffffffffffffff80,%rsp"],
        middle=["add    $0xffffffffffffff80,%rsp", "jmp    ffffffff80100000 <leaf>", "ja     ffffffff80100000 <middle+0x3>"],
        leaf=["ret"]))
    assert not indirect
    assert stack.depths(functions)["top"] == (8 + 8 + 256 + 8 + 128 + 8, ["top", "middle", "leaf"])


def test_recursion_and_unknown_calls_are_named():
    functions, indirect = stack.read(listing(a=["call   ffffffff80100000 <b>"], b=["call   ffffffff80100000 <a>"],
                                             c=["call   *%rax"]))
    assert list(stack.resolve(functions, indirect)) == ["c: calls through a register; whom?"]
    with pytest.raises(RecursionError, match="a → b → a"):
        stack.depths(functions)


GUARD = ["movabs $0x7fffffffefff,%rax", "cmp    %rax,(%rsi)", "ja     ffffffff80100000 <thread_set_registers+0x40>"]


@pytest.mark.parametrize("body, good", [(GUARD, True), (GUARD[:2], False), (GUARD[1:], False), (["ret"], False)])
def test_a_guard_of_instruction_pointers_that_is_removed_is_noticed(small, body, good):
    tree = small()
    tree.objdump = listing(thread_set_registers=body, sys_thread_start=GUARD, memory_check_range=GUARD)
    problems = [problem for problem in canonical.check(tree)[1] if problem.startswith("thread_set_registers")]
    assert bool(problems) is not good


def test_a_new_place_that_sets_an_instruction_pointer_is_noticed(small):
    tree = small(kernel__new_dot_c="void f(struct thread *t)\n{\n    t->rip = 5;\n}\n")
    assert "kernel/new.c: sets an instruction pointer 1 times, 0 are known" in canonical.check(tree)[1]


def test_an_empty_listing_is_no_proof(small):
    assert machine_code.check(small())[1] == ["objdump shows no instruction"]


def link(tmp_path, text, *flags):
    source, image = tmp_path / "a.asm", tmp_path / "build/servers/a.elf"
    image.parent.mkdir(parents=True)
    source.write_text(text, encoding="utf-8")
    subprocess.run(["nasm", "-f", "elf64", "-o", tmp_path / "a.o", source], check=True)
    subprocess.run(["ld", "-o", image, tmp_path / "a.o", *flags], check=True, capture_output=True)
    return image


@pytest.mark.parametrize("text, flags, words", [
    ("global _start\nsection .text\n_start: ret\n", [], None),
    ("global _start\nsection .text exec write\n_start: ret\n", ["-N"], "writable and executable"),
    ("global _start\nextern gone\nsection .text\n_start: call gone\n", ["-r"], "undefined"),
    ("global _start\nsection .text\n_start: ret\n", ["-pie", "--dynamic-linker=/lib/ld.so"], "PT_DYNAMIC"),
    ("global _start\nsection .text\n_start: ret\nsection .eh_frame alloc\ndd 0\n", [], "eh_frame"),
    ("global _start\nsection .text\n_start: ret\nsection .debug_info\ndd 0\n", [], "debug_info")])
def test_an_image_that_is_not_freestanding_is_named(small, tmp_path, text, flags, words):
    tree = small()
    problems = list(images.look_at(tree, link(tmp_path, text, *flags)))
    assert (any(words in problem for problem in problems) if words else not problems)


def test_lines_of_code_are_those_that_are_neither_blank_nor_comment():
    assert trees.code_lines('int a; // one\n\n/* none\n none */\n"/* text */";\n// none\nint b; /* two\n*/ int c;\n') == 4
    assert trees.assembly_lines("; none\n\n  mov eax, 1 ; one\nlabel:\n") == 2


def test_a_file_of_401_lines_is_too_long(small):
    problems = size.check(small(user__a_dot_c="int a;\n" * 400, user__b_dot_c="int a;\n" * 401))[1]
    assert [problem for problem in problems if "401 lines" in problem and "user/b.c" in problem]
    assert not [problem for problem in problems if "user/a.c" in problem]


def test_a_file_without_its_licence_is_named(small):
    tree = small(user__a_dot_c="// SPDX-License-Identifier: MIT\n", user__b_dot_c="int b;\n")
    assert spdx.check(tree)[1] == ["user/b.c: no SPDX line"]


def test_a_place_of_one_machine_is_named(small):
    tree = small(a="see /" + "home/somebody/annulet", b="the build/ folder and /boot/kernel.elf")
    assert [problem.split(":")[0] for problem in paths.check(tree)[1]] == ["a"]


PAGE = """| id | test | what turns it red |
|---|---|---|
| 1.1 | `tests/a.py::test_good` | reason |
| 1.2 | `tests/a.py::test_gone` | reason |
| 1.3 | `tests/a.py::test_skipped` | reason |
| 1.4 | nothing | reason |
| 1.5 | `tests/a.py::test_good` | |
| 9.9 | `tests/a.py::test_good` | reason |
"""
IDS = "# a comment\n1.1 now x\n1.2 now x\n1.3 now x\n1.4 now x\n1.5 later x\n1.6 now x\n1.7 later x\n"


def test_a_row_must_name_a_known_behaviour_and_a_test_that_runs(small, monkeypatch):
    tree = small(docs__behaviours_dot_md=PAGE)
    tree.listed["docs/behaviour-ids.txt"] = IDS
    tree.listed["tests/a.py"] = "@pytest.mark.skip\ndef test_skipped():\n    pass\n\ndef test_good():\n    pass\n"
    monkeypatch.setattr(behaviours, "collected", lambda _: {"tests/a.py::test_good", "tests/a.py::test_skipped"})
    problems = "\n".join(behaviours.check(tree)[1])
    for words in ("row 1.2: there is no test", "row 1.3: tests/a.py::test_skipped is skipped", "row 1.4: names no test",
                  "row 1.5: does not say", "row 9.9: no such behaviour", "no row for 1.6"):
        assert words in problems
    assert "1.1" not in problems and "1.7" not in problems


def test_an_error_without_its_cell_in_the_matrix_is_named(small):
    tree = small(docs__syscalls_dot_md="### lift (9)\n\nLift.\n\n| error | when |\n|---|---|\n| `ERR_MAPPED` | x |\n")
    tree.listed["kernel/lift.c"] = ("err_t capability_find(int a)\n{\n    return a ? ERR_NO_CAP : ERR_NO_RIGHT;\n}\n\n"
                                    "err_t sys_lift(struct thread *t)\n{\n    return capability_find(1);\n}\n")
    rows = [f"    CELL({cell}, RUN, 1)\n" for cell in (
        "any, ERR_BAD_SYSCALL", "lift, ERR_MAPPED", "lift,   ERR_NO_CAP", "lift, ERR_NO_RIGHT")]
    table = f"{matrix.FOLDER}_lift.c"
    rights = "    ARGUMENT(lift, REGISTER, ANY, 0, OK, 0, 0, 0, 0)\n"
    tree.listed[table] = "".join(rows) + rights
    assert matrix.check(tree)[1] == []
    for row, name in zip(rows[1:] + [rights], ("lift/ERR_MAPPED", "lift/ERR_NO_CAP", "lift/ERR_NO_RIGHT", "rights_of_lift")):
        tree.listed[table] = ("".join(rows) + rights).replace(row, "")
        assert [problem.startswith(name) for problem in matrix.check(tree)[1]] == [True]
    tree.listed[table] += "    CELL(lift, ERR_WX, RUN, 1)\n"
    assert any(problem.startswith("lift/ERR_WX") for problem in matrix.check(tree)[1])


@pytest.mark.parametrize("text, complaint", [
    ("int one(void);\nint one(void) { return 1; }\n", None),
    ("int one(void);\nint one(void) { return two; }\n", "use of undeclared identifier 'two'"),
    ("#include \"gone.h\"\n", "'gone.h' file not found"), ("int one(void) { return 1; }\n", "no previous prototype")])
def test_an_error_that_an_editor_would_show_is_found(tmp_path, monkeypatch, text, complaint):
    tree = trees.Tree(tmp_path)
    (tmp_path / "one.c").write_text(text, encoding="utf-8")
    entry = {"directory": str(tmp_path), "file": "one.c", "command": "gcc -Wmissing-prototypes -Werror -c one.c"}
    (tmp_path / "compile_commands.json").write_text(json.dumps([entry]), encoding="utf-8")
    monkeypatch.setattr(editor, "looked_at", lambda _: [str(tmp_path / "one.c")])
    problems = editor.check(tree)[1]
    assert any(complaint in problem for problem in problems) if complaint else problems == []


def test_a_threat_must_name_a_test_an_attack_or_a_cell_that_exists(small, monkeypatch):
    rows = [f"| {number} | tried | closed | `attack a_good_one` | red |" for number in range(5, threats.LAST + 1)]
    tree = small(docs__threats_dot_md="\n".join(rows + [
        "| 1 | tried | closed | `cell lift/ERR_MAPPED`, `tests/a.py::test_good` | red |",
        "| 2 | tried | closed | `attack a_gone_one`, `cell lift/ERR_WX`, `tests/a.py::test_gone` | red |",
        "| 3 | tried | closed | thought about | |", "| 3 | tried | closed | `attack a_good_one` | red |"]))
    tree.listed["tests/programs/attack_init/a.c"] = "    CELL(lift, ERR_MAPPED, RUN)\n    ATTACK(one), ATTACK(a_good_one),\n"
    monkeypatch.setattr(behaviours, "collected", lambda _: {"tests/a.py::test_good"})
    tree.listed["tests/a.py"] = "def test_good():\n    pass\n"
    assert sorted(threats.check(tree)[1]) == [f"{threats.PAGE}: {words}" for words in (
        "0 rows for 4", "2 rows for 3", "row 2: there is no attack a_gone_one", "row 2: there is no cell lift/ERR_WX",
        "row 2: there is no test tests/a.py::test_gone", "row 3: does not say what would turn it red",
        "row 3: names no test")]


def test_a_mutant_whose_line_is_not_in_the_kernel_any_more_is_named(small, monkeypatch):
    monkeypatch.setattr(mutants, "LEAST", 2)
    monkeypatch.setattr(mutants, "NAMED", ("stamp", "EOI"))
    line = '[[mutant]]\nkind = "stamp"\nname = "{}"\nfile = "kernel/a.c"\nfind = "{}"\n'
    tree = small(kernel__a_dot_c="one(); two(); two();\n", tests__mutants_dot_toml=line.format("a", "one();"))
    problems = "\n".join(mutants.check(tree)[1])
    assert "at least 2 are due" in problems and "none is about: EOI" in problems
    for find, words in (("three();", "0 times"), ("two();", "2 times")):
        tree.listed["tests/mutants.toml"] = line.format("a", "one();") + line.format("EOI", find)
        assert any(words in problem for problem in mutants.check(tree)[1])
    tree.listed["tests/mutants.toml"] = line.format("a", "one();") + line.format("EOI", "one(); t")
    assert mutants.check(tree)[1] == []
