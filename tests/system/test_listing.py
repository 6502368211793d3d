# SPDX-License-Identifier: MIT
"""The listings of the fast path in docs/performance.md are the code of the shipped kernel."""

import re
import subprocess

import pytest
from harness.images import ROOT, build_folder

PAGE = ROOT / "docs" / "performance.md"
SYMBOLS = ("current", "ready_bitmap", "nobody", "syscall_slow", "extras_loaded")
BEHIND = {  # other ways, which the page tells in words
    "syscall_entry": (".fpu_call", ".fpu_reply", ".not_ipc"),
    "syscall_entry.body": (".body_not_call", ".same_fpu"),
}


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout


def listings():
    """{symbol at which it begins: listing}"""
    texts = re.findall(r"^```nasm\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    return dict(zip(BEHIND, texts, strict=True))


def instructions(text, start, names):
    """Of objdump's output: without addresses, symbols by name, jumps inside by their distance from the start."""
    found = []
    for line in text.splitlines():
        if match := re.match(r"\s*([0-9a-f]+):\s+(\S+)\s*(.*)$", line):
            if match[2].startswith("R_X86_64"):  # of an object: what the instruction above refers to
                symbol = re.match(r"\w+", match[3])[0]
                found[-1] = re.sub(r"0x0\(%rip\)|\$0x0|(?<=^j)(\w+ ).*", lambda old, to=symbol: (old[1] or "") + to, found[-1])
                continue
            operands = match[3].partition("#")[0].strip()
            if inside := re.match(r"([0-9a-f]+) <(\S+)>", operands):
                operands = inside[2] if inside[2] in SYMBOLS else f"+{int(inside[1], 16) - start:#x}"
            if names and (far := re.search(r"# ([0-9a-f]+) <(\S+)>", match[3])):
                operands = re.sub(r"-?0x[0-9a-f]+\(%rip\)", names.get(int(far[1], 16), "?"), operands)
            operands = re.sub(r"\$0x(f{8}[0-9a-f]{8})", lambda old: names.get(int(old[1], 16), "?"), operands)
            found.append(f"{match[2]} {operands}".strip())
    return found


def shipped(first):
    """The instructions from a symbol of the fast path on, until the end of its file."""
    kernel = build_folder() / "kernel.debug"
    symbols = [words for words in map(str.split, run("nm", kernel).splitlines()) if len(words) == 3]
    names = {int(address, 16): name for address, _, name in symbols if name in SYMBOLS}
    begin = next(int(address, 16) for address, _, name in symbols if name == first)
    link_map = (build_folder() / "kernel.debug.map").read_text(encoding="utf-8")
    start, size = (int(word, 16) for word in
                   re.search(r"^ \.text +0x(\w+) +0x(\w+) \S+x86/fastpath\.asm\.o$", link_map, re.M).groups())
    return instructions(run("objdump", "-d", "--no-show-raw-insn", f"--start-address={begin:#x}",
                            f"--stop-address={start + size:#x}", kernel), begin, names)


def assembled(text, folder):
    """The same of a listing."""
    source, output = folder / "listing.asm", folder / "listing.o"
    source.write_text(f'%include "{build_folder()}/gen/offsets.inc"\nbits 64\nsection .text\n'
                      f"extern {', '.join(SYMBOLS)}\n{text}", encoding="utf-8")
    run("nasm", "-f", "elf64", "-o", output, source)
    return instructions(run("objdump", "-dr", "--no-show-raw-insn", output), 0, {})


def same(first, text, folder):
    """Whether a listing is what the shipped kernel has from a symbol on. What it jumps to behind its end is not compared."""
    above = "" if text.startswith("syscall_entry:") else "syscall_entry:\n"  # whose local labels these are
    far = ".end:\n    times 1024 nop\n" + "".join(f"{label}:\n" for label in BEHIND[first])  # long jumps, as in the kernel
    wanted, real = assembled(above + text + far, folder), shipped(first)
    end = int(re.search(r"^(\w+) . syscall_entry\.end$", run("nm", folder / "listing.o"), re.M)[1], 16)
    wanted = wanted[:-1024]

    def inside(line):
        jump = re.search(r"\+0x(\w+)$", line)
        return line if not jump or int(jump[1], 16) < end else line[:jump.start()] + "behind"

    return [inside(line) for line in wanted] == [inside(line) for line in real[:len(wanted)]]


@pytest.mark.parametrize("first", BEHIND)
def test_the_listing_of_the_fast_path_is_the_shipped_kernels(first, tmp_path):
    assert same(first, listings()[first], tmp_path)


def test_a_listing_that_differs_by_one_instruction_or_field_is_noticed(tmp_path):
    text = listings()["syscall_entry"]
    for line, other in (("    xor r15d, r15d", "    xor r14d, r14d"), ("[r11 + THREAD_RSP]", "[r11 + THREAD_RBP]"),
                        ("ENDPOINT_WAITER], nobody", "ENDPOINT_WAITER], current"), ("    jae .fpu_call", "    jae .not_call"),
                        ("[rel ready_bitmap]", "[rel current]"), ("    shl r13, 7", "    nop\n    shl r13, 7")):
        assert line in text
        assert not same("syscall_entry", text.replace(line, other, 1), tmp_path), line
    text = listings()["syscall_entry.body"]
    for line, other in (("THREAD_BODY_LIMIT", "THREAD_LIMIT"), ("LENGTH_AT + 3", "LENGTH_AT + 2"), ("rep movsb", "rep movsw")):
        assert line in text
        assert not same("syscall_entry.body", text.replace(line, other, 1), tmp_path), line


def test_every_line_of_a_listing_says_why_it_is_there():
    for line in "".join(listings().values()).splitlines():
        assert line.endswith(":") or re.search(r";  ?[fcsl]\b", line), line
