# SPDX-License-Identifier: MIT
"""Generated clients against generated servers: C against C under sanitizers, Python against C, and the kernel's flags."""

import os
import re
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from toolkit import HERE, ROOT, run  # noqa: E402

FAKE = HERE / "fake"
CASES = [name for part in ("values", "refusals")
         for name in re.findall(r"CHECK\((\w+)\),", (FAKE / f"roundtrip_{part}.c").read_text(encoding="utf-8"))]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
WARNINGS = ("-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla -Werror "
            "-Wframe-larger-than=1024").split()
USER = [*"-std=c17 -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only -O2".split(), *WARNINGS]


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    folder = tmp_path_factory.mktemp("idl")
    done = run("idl/idl.py", "--out", folder / "interfaces", "--python", folder / "python", "--docs", folder / "docs",
               *sorted(HERE.glob("interfaces/*/interface.toml")), *sorted(ROOT.glob("servers/*/interface.toml")))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def program(generated):
    """The C client and server of interfaces/sample in one program."""
    path = generated / "roundtrip"
    sources = [*FAKE.glob("*.c"), *generated.glob("interfaces/sample_*.c"), ROOT / "common/utf8.c"]
    done = subprocess.run(["gcc", "-std=gnu17", "-g", "-O1", *SANITIZE, "-Wall", "-Wextra", "-Werror", "-I", FAKE, "-I", ROOT,
                           "-I", generated, "-o", path, *sources, "-lcmocka"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def results(program):
    done = subprocess.run([program], capture_output=True, text=True, check=False, timeout=120,
                          env={**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"})
    found = re.findall(r"^((?:not )?ok) \d+ - (\w+)", done.stdout, re.M)
    return done.stdout + done.stderr, {name: outcome for outcome, name in found}


@pytest.mark.parametrize("name", CASES)
def test_generated_c(results, name):
    output, outcomes = results
    assert outcomes.get(name) == "ok", output


@pytest.mark.parametrize("compiler", ["gcc", "clang --target=x86_64-unknown-none-elf"])
def test_what_is_generated_compiles_with_all_warnings_as_errors(generated, compiler):
    for source in sorted(generated.glob("interfaces/*.c")):
        done = subprocess.run([*compiler.split(), *USER, "-I", ROOT, "-I", generated, "-c", "-o", "/dev/null", source],
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_generated_header_compiles_alone(generated):
    for header in sorted(generated.glob("interfaces/*.h")):
        done = subprocess.run(["gcc", *USER, "-I", ROOT, "-I", generated, "-x", "c", "-c", "-o", "/dev/null", "-"],
                              input=f'#include "{header}"\n', capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_letter_for_vga_takes_few_instructions_to_send(generated):
    """No call but what looks at an error, and those that move what is longer than 16 bytes;
    130 instructions for all sizes together, the call itself included."""
    obj = generated / "vga_client.o"
    subprocess.run(["gcc", *USER, "-I", ROOT, "-I", generated, "-c", "-o", obj, generated / "interfaces/vga_client.c"],
                   check=True)
    listing = subprocess.run(["objdump", "-dr", "--disassemble=vga_write", obj], capture_output=True, text=True,
                             check=True).stdout
    assert set(re.findall(r"R_X86_64_(?:PLT|PC)32\s+(\w+)", listing)) <= {"ipc_other_end", "memmove", "memcpy"}
    assert len(re.findall(r"^\s+[0-9a-f]+:\t", listing, re.M)) <= 130


class Pipe:
    """The transport of a Python client: the generated C server behind a pipe."""

    def __init__(self, path):
        self.process = subprocess.Popen([path, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, method, words, body, caps):
        assert caps == ()
        line = f"{method} {' '.join(f'{w:x}' for w in words)} {body.hex() or '-'}\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        error, *words, body = self.process.stdout.readline().split()
        return int(error), [int(w, 16) for w in words], bytes.fromhex(body[1:]), ()


@pytest.fixture(scope="module")
def python(generated):
    """The generated package, imported under its own name."""
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "interfaces"}
    sys.path.insert(0, str(generated / "python"))
    import interfaces.sample
    import interfaces.wire

    yield interfaces
    sys.path.remove(str(generated / "python"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "interfaces"]:
        del sys.modules[name]
    sys.modules.update(kept)  # the build's own, which other tests use


@pytest.fixture
def sample(python, program):
    pipe = Pipe(program)
    yield python.sample.Sample(pipe)
    pipe.process.stdin.close()
    assert pipe.process.wait(10) == 0


def test_python_and_c_agree_on_numbers(sample):
    assert sample.scalars(255, -32768, 2**32 - 1, -(2**63), True, -128) == (255, -32768, 2**32 - 1, -(2**63), True, -128)
    reply = sample.spilled(2**64 - 1, -5, 65535, 7, 8, -(2**31), True, "text")
    assert reply._asdict() == {"text": "text", "a": 2**64 - 1, "b": -5, "c": 65535, "d": 7, "e": 8, "f": -(2**31),
                               "g": True}


def test_python_and_c_agree_on_texts_and_bytes_of_all_sizes(sample):
    for length in (0, 1, 31, 32, 39, 40, 41, 4062, 4063):
        assert sample.text("ä"[: length % 2] + "x" * (length - 2 * (length % 2))).text.endswith("x" * (length // 2))
        data = bytes(i % 256 for i in range(length))
        assert sample.bytes(data) == (sum(data), data)
    assert sample.text("caf\udce9").text == "caf\udce9", "a byte that is no UTF-8 survives"
    assert sample.unicode("grüß").characters == 4


def test_python_and_c_agree_on_structs_and_lists(sample):
    point, gappy = {"x": -1, "y": 2}, {"flag": True, "wide": 2**64 - 1, "small": -7}
    assert sample.structs(point, gappy) == (gappy, point)
    reply = sample.lists([1, 2, 3], [2**32 - 1], [True, False], [gappy] * 3, [point] * 20)
    assert reply._asdict() == {"points": [point] * 20, "bytes": [1, 2, 3], "gaps": [gappy] * 3,
                               "numbers": [2**32 - 1], "flags": [True, False]}
    assert sample.lists([], [], [], [], []) == ([], [], [], [], [])
    assert sample.pair("left", "right") == ("right", "left")


def test_python_names_the_error_that_comes_back(python, sample):
    assert sample.nothing() is None
    with pytest.raises(python.wire.ServerError, match="missing: ERR_NO_METHOD, the server has no such method") as caught:
        sample.missing()
    assert caught.value.code == 128
    with pytest.raises(python.wire.ServerError, match="ERR_TOO_LONG"):
        sample.failing(0)


@pytest.mark.parametrize("arguments", [(256, 0, 0, 0, False, 0), (-1, 0, 0, 0, False, 0), (0, 0, 0, 0, 2, 0), ("a",) * 6])
def test_python_refuses_numbers_out_of_range_before_sending(sample, arguments):
    with pytest.raises(ValueError):
        sample.scalars(*arguments)


def test_python_refuses_texts_that_do_not_fit_before_sending(sample):
    for text in ("x" * 4064, "nul\0inside"):
        with pytest.raises(ValueError, match="text: "):
            sample.text(text)


def test_python_refuses_a_bad_reply(python):
    class Liar:
        def call(self, method, words, body, caps):
            return self.reply

    liar = Liar()
    sample = python.sample.Sample(liar)
    zeros = [0] * 6
    for call, reply in (
        (lambda: sample.text("a"), (0, [5, *zeros[1:]], b"abc\0", ())),
        (lambda: sample.text("a"), (0, [4064, *zeros[1:]], b"", ())),
        (lambda: sample.text("a"), (0, [1 << 16, *zeros[1:]], b"", ())),
        (lambda: sample.text("a"), (0, [3, 0x41004141, *zeros[2:]], b"", ())),
        (lambda: sample.scalars(0, 0, 0, 0, 0, 0), (0, [256, *zeros[1:]], b"", ())),
        (lambda: sample.scalars(0, 0, 0, 0, 0, 0), (0, zeros, b"more", ())),
        (lambda: sample.nothing(), (0, zeros, b"", ("a capability",))),
    ):
        liar.reply = reply
        with pytest.raises(python.wire.BadMessage):
            call()
