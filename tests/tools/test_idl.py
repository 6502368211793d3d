# SPDX-License-Identifier: MIT
"""The interface compiler: what it refuses, and that it writes all or nothing."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from toolkit import HERE, ROOT, refused, run, tree  # noqa: E402

INTERFACES = HERE / "interfaces"
GOOD = """
[interface]
name = "lamp"
doc = "A lamp"
[types.colour]
doc = "What it shines in"
fields = [{ name = "kelvin", type = "u16", doc = "temperature" }]
[methods.dim]
number = 1
doc = "Sets the brightness."
idempotent = true
in = [{ name = "percent", type = "u8", doc = "0 to 100" }]
out = [{ name = "before", type = "u8", doc = "what it was" }]
"""


def compile_text(folder, text, name="lamp"):
    """Run the compiler over one file; (finished process, the file's path)."""
    path = folder / name / "interface.toml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    out = folder / "out"
    return run("idl/idl.py", "--out", out / "c", "--python", out / "python", "--docs", out / "docs", path), path


def method(fields="", name="on", number=2, more=""):
    return GOOD + f'[methods.{name}]\nnumber = {number}\ndoc = "x"\nidempotent = true\nin = [{fields}]\n{more}\n'


def field(name="x", kind="u8", more=""):
    return f'{{ name = "{name}", type = "{kind}", doc = "x"{more} }}'


REFUSALS = {
    "two methods of one name are refused": (method(name="dim"), "", "not TOML: Cannot declare"),
    "two methods of one number are refused": (method(number=1), "methods.on.number", "1 is already the number of dim"),
    "two fields of one name are refused": (
        method(field("a") + "," + field("a")), "methods.on.in[1].name", '"a" is there twice'),
    "a field named like another's length is refused": (
        method(field("a_length") + "," + field("a", "string", ", max = 5")), "methods.on.in[1].name",
        '"a_length" is there twice'),
    "a capability named like a field is refused": (
        method(field("a"), more='in_caps = ["a"]'), "methods.on.in_caps[0]", '"a" is there twice'),
    "two capabilities of one name are refused": (
        method(more='in_caps = ["a", "a"]'), "methods.on.in_caps[1]", '"a" is there twice'),
    "two fields of one name in a type are refused": (
        GOOD.replace('doc = "temperature" }', 'doc = "x" }, ' + field("kelvin")), "types.colour.fields[1].name",
        '"kelvin" is there twice'),
    "an unknown type is refused": (method(field(kind="float")), "methods.on.in[0].type", 'unknown type "float"'),
    "a list of an unknown type is refused": (
        method(field(kind="list", more=', of = "hue", max = 3')), "methods.on.in[0].of", 'unknown type "hue"'),
    "a type that contains a text is refused": (
        GOOD.replace('"u16"', '"string"'), "types.colour.fields[0].type", '"string" is not a number or bool'),
    "a type named like a built-in one is refused": (
        GOOD.replace("types.colour", "types.u8"), "types.u8", '"u8" is a built-in type'),
    "an unknown key of a method is refused": (method(more="inn = []"), "methods.on.inn", "unknown key"),
    "an unknown key of a field is refused": (method(field(more=", min = 1")), "methods.on.in[0].min", "unknown key"),
    "an unknown key of the interface is refused": (
        GOOD.replace('doc = "A lamp"', 'doc = "A lamp"\nversion = 1'), "interface.version", "unknown key"),
    "an unknown table is refused": (GOOD + "[method.x]\n", "method", "unknown key"),
    "max on a number is refused": (method(field(more=", max = 3")), "methods.on.in[0].max", "unknown key"),
    "a C keyword is refused as a method": (method(name="switch"), "methods.on".replace("on", "switch"), "keyword of C"),
    "a C keyword is refused as a field": (method(field("register")), "methods.on.in[0].name", "keyword of C"),
    "a Python keyword is refused as a field": (method(field("from")), "methods.on.in[0].name", "keyword of Python"),
    "a name ending in _t is refused": (method(field("size_t")), "methods.on.in[0].name", "reserved"),
    "a name with capitals is refused": (method(field("Size")), "methods.on.in[0].name", "lower-case"),
    "a name of 41 characters is refused": (method(field("a" * 41)), "methods.on.in[0].name", "at most 40"),
    "a method named like the loop is refused": (method(name="serve"), "methods.serve", "the server's loop"),
    "a method named like a member of the server is refused": (
        method(name="timeout"), "methods.timeout", "member of struct lamp_server"),
    "a method named like a member of the Python client is refused": (
        method(name="call"), "methods.call", "member of every Python client"),
    "an interface named like a shared file is refused": (
        GOOD.replace('"lamp"', '"wire"'), "interface.name", "that all interfaces share"),
    "a method named like another's reply is refused": (
        method(name="dim_reply"), "methods.dim_reply", "is already the reply of dim"),
    "a method named like another's deferred answer is refused": (
        method(name="dim_answer"), "methods.dim_answer", "is already the deferred answer of dim"),
    "a method named like a type is refused": (method(name="colour"), "methods.colour", "is already the type colour"),
    "a field named like the interface is refused": (
        method(field("lamp")), "methods.on.in[0].name", "clashes with a parameter of the stub"),
    "a field named reply is refused": (
        method(field("reply")), "methods.on.in[0].name", "clashes with a parameter of the stub"),
    "a text longer than a message is refused": (
        method(field("a", "string", ", max = 4064")), "methods.on.in", "up to 4065 bytes are more than the 4064"),
    "bytes longer than a message are refused": (
        method(field("a", "bytes", ", max = 4065")), "methods.on.in[0].max", "4065 is outside 1 to 4064"),
    "fields that together are longer than a message are refused": (
        method(field("a", "bytes", ", max = 2000") + "," + field("b", "bytes", ", max = 2065")), "methods.on.in",
        "up to 4065 bytes"),
    "a list longer than a message is refused": (
        method(field("a", "list", ', of = "u64", max = 509')), "methods.on.in", "up to 4072 bytes"),
    "more numbers than a message holds are refused": (
        method(",".join(field(f"a{i}", "u64") for i in range(515))), "methods.on.in", "up to 4072 bytes"),
    "a text without a limit is refused": (method(field("a", "string")), "methods.on.in[0].max", "is missing"),
    "five capabilities are refused": (
        method(more='in_caps = ["a", "b", "c", "d", "e"]'), "methods.on.in_caps", "5 capabilities are more than the 4"),
    "method number 0 is refused": (method(number=0), "methods.on.number", "0 is outside 1 to 65535"),
    "method number 65536 is refused": (method(number=65536), "methods.on.number", "65536 is outside 1 to 65535"),
    "a number that is a text is refused": (method(number='"2"'), "methods.on.number", "must be a whole number"),
    "a number that is true is refused": (method(number="true"), "methods.on.number", "must be a whole number"),
    "a field that is no table is refused": (method('"a"'), "methods.on.in[0]", "must be a table"),
    "an error that does not exist is refused": (
        method(more='errors = ["ERR_LOST"]'), "methods.on.errors[0]", "no error of abi/errors.h"),
    "OK is refused as an error": (method(more='errors = ["OK"]'), "methods.on.errors[0]", "no error of abi/errors.h"),
    "a missing doc is refused": (GOOD.replace('doc = "A lamp"', ""), "interface.doc", "is missing"),
    "an empty doc is refused": (GOOD.replace('"A lamp"', '" "'), "interface.doc", "is empty"),
    "an interface without methods is refused": (GOOD[:GOOD.index("[methods.dim]")], "methods", "is missing"),
    "an interface with a name of 24 characters is refused": (
        GOOD.replace('"lamp"', '"' + "l" * 24 + '"'), "interface.name", "at most 23"),
    "an interface not named like its folder is refused": (
        GOOD.replace('"lamp"', '"lantern"'), "interface.name", 'must be the folder\'s name, "lamp"'),
    "bad UTF-8 is refused with its line": (GOOD.encode() + b'# caf\xe9\n', "line 14", "byte 0xe9 is not UTF-8"),
    "what is not TOML is refused": (GOOD + "[methods\n", "", "not TOML"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(tmp_path, name):
    text, key, reason = REFUSALS[name]
    done, path = compile_text(tmp_path, text)
    refused(done, path, key, reason)
    assert not (tmp_path / "out").exists(), "something was written"


def test_the_good_file_behind_the_refusals_compiles(tmp_path):
    done, _ = compile_text(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""


def test_a_method_that_libsys_already_defines_is_refused(tmp_path):
    text = GOOD.replace('"lamp"', '"memory"').replace("methods.dim", "methods.map")
    done, path = compile_text(tmp_path, text, "memory")
    refused(done, path, "methods.map", '"memory_map", the method map, is already a function of libsys')


def test_a_missing_file_is_refused_by_name(tmp_path):
    done = run("idl/idl.py", "--out", tmp_path / "out", tmp_path / "none.toml")
    refused(done, tmp_path / "none.toml", "", "No such file")


def test_two_files_with_one_interface_are_refused(tmp_path):
    paths = []
    for folder in ("a", "b"):
        paths.append(tmp_path / folder / "lamp" / "interface.toml")
        paths[-1].parent.mkdir(parents=True)
        paths[-1].write_text(GOOD)
    done = run("idl/idl.py", "--out", tmp_path / "out", *paths)
    refused(done, paths[1], "interface.name", f'"lamp" is also the name in {paths[0]}')


def test_one_bad_file_among_good_ones_writes_nothing(tmp_path):
    compile_text(tmp_path, GOOD.replace("u16", "u17"), "lamp")
    done = run("idl/idl.py", "--out", tmp_path / "out", INTERFACES / "sample/interface.toml",
               tmp_path / "lamp/interface.toml")
    assert done.returncode == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_leaves_the_old_files_whole(tmp_path):
    done, path = compile_text(tmp_path, GOOD)
    assert done.returncode == 0, done.stderr
    before = tree(tmp_path / "out/c")
    path.write_text(GOOD.replace("percent", "share"))
    (tmp_path / "in-the-way").write_text("a file, not a folder")
    done = run("idl/idl.py", "--out", tmp_path / "out/c", "--docs", tmp_path / "in-the-way/docs", path)
    assert done.returncode == 1
    assert "in-the-way" in done.stderr and done.stderr.count("\n") == 1
    assert tree(tmp_path / "out/c") == before


def test_two_runs_give_the_same_bytes(tmp_path):
    files = [INTERFACES / "sample/interface.toml", *sorted(ROOT.glob("servers/*/interface.toml"))]
    for out, seed in (("one", "1"), ("two", "2")):
        done = run("idl/idl.py", "--out", tmp_path / out, "--python", tmp_path / out, "--docs", tmp_path / out, *files,
                   PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_second_run_leaves_unchanged_files_alone(tmp_path):
    compile_text(tmp_path, GOOD)
    header = tmp_path / "out/c/lamp.h"
    client = tmp_path / "out/c/lamp_client.c"
    for path in (header, client):
        os.utime(path, (1, 1))
    done, _ = compile_text(tmp_path, GOOD.replace('"A lamp"', '"A small lamp"'))
    assert done.returncode == 0, done.stderr
    assert header.stat().st_mtime != 1, "its comment has changed"
    assert client.stat().st_mtime == 1, "nothing in it has changed"


def test_the_outputs_for_a_small_interface_are_the_golden_ones(tmp_path):
    """After an intended change: tools/idl/idl.py --out F --python F --docs F tests/tools/interfaces/lamp/interface.toml,
    and copy the five files that the golden folder has (with .golden, so that `make format` leaves them alone)."""
    done = run("idl/idl.py", "--out", tmp_path, "--python", tmp_path, "--docs", tmp_path,
               INTERFACES / "lamp/interface.toml")
    assert done.returncode == 0, done.stderr
    made = tree(tmp_path)
    for name, content in tree(HERE / "golden").items():
        name = name.removesuffix(".golden")
        assert made[name].decode() == content.decode(), name


def test_no_file_of_the_compilers_is_longer_than_400_lines():
    for path in [*ROOT.glob("tools/idl/*"), *ROOT.glob("tools/system/*")]:
        if path.is_file():
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
