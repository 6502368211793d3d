# SPDX-License-Identifier: MIT
"""`make toolchain`: binutils and GCC (C only) for x86_64-elf, from the source archives that Debian's packages
binutils-source and gcc-12-source install. A true cross compiler knows no host: no default PIE, no stack protector, no
headers of a libc. Takes a quarter of an hour on two processors, and 62 MB when installed."""

import argparse
import glob
import os
import pathlib
import shutil
import subprocess
import sys

TARGET = "x86_64-elf"
SOURCES = {"binutils": "/usr/src/binutils/binutils-*.tar.*", "gcc": "/usr/src/gcc-12/gcc-12*.tar.*"}
CONFIGURE = {
    "binutils": ["--disable-nls", "--disable-werror", "--disable-gdb", "--disable-gdbserver", "--disable-sim",
                 "--disable-gprof", "--disable-gprofng", "--disable-gold", "--disable-plugins", "--disable-readline"],
    "gcc": ["--disable-nls", "--enable-languages=c", "--without-headers", "--disable-shared", "--disable-threads",
            "--disable-multilib", "--disable-libssp", "--disable-libquadmath", "--disable-libgomp", "--disable-libatomic",
            "--disable-lto", "--disable-plugin", "--disable-bootstrap", "--disable-gcov", "--with-system-zlib"],
}
GOALS = {"binutils": [["all"], ["install-strip"]], "gcc": [["all-gcc"], ["install-strip-gcc"]]}


def fail(sentence):
    sys.exit(f"toolchain: {sentence}")


def unpack(name, work):
    found = sorted(glob.glob(SOURCES[name]))
    if not found:
        fail(f"no source archive {SOURCES[name]}; Debian's {'binutils-source' if name == 'binutils' else 'gcc-12-source'} "
             "installs it")
    if subprocess.run(["tar", "-xf", found[-1], "-C", work], check=False).returncode:
        fail(f"{found[-1]} does not unpack")
    return next(path.parent for path in sorted(work.glob("*/configure")) if path.parent.name.startswith(name))


def run(command, folder, environment, log):
    with open(log, "ab") as file:
        if subprocess.run(command, cwd=folder, env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL,
                          check=False).returncode:
            tail = pathlib.Path(log).read_text("utf-8", "replace").splitlines()[-20:]
            fail(f"this failed: {' '.join(map(str, command))}\n" + "\n".join(tail) + f"\nthe whole log: {log}")


def build(name, work, prefix, log):
    print(f"  {name}: unpack", flush=True)
    source = unpack(name, work)
    folder = work / f"build-{name}"
    folder.mkdir()
    environment = {**os.environ, "MAKEINFO": "true", "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}", "LC_ALL": "C",
                   "CFLAGS": "-O1", "CXXFLAGS": "-O1"}
    for variable in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        environment.pop(variable, None)
    print(f"  {name}: configure", flush=True)
    run([source / "configure", f"--target={TARGET}", f"--prefix={prefix}", *CONFIGURE[name]], folder, environment, log)
    for goals in GOALS[name]:
        print(f"  {name}: make {' '.join(goals)}", flush=True)
        if name == "gcc" and goals[0].startswith("install"):
            # Without makeinfo this file is never made, and its rule would stop the installation.
            (folder / "gcc").mkdir(exist_ok=True)
            (folder / "gcc/s-tm-texi").touch()
        run(["make", f"-j{os.cpu_count() or 1}", "MAKEINFO=true", *goals], folder, environment, log)
    shutil.rmtree(source)
    shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, required=True)
    prefix = parser.parse_args().output.resolve()
    compiler = prefix / "bin" / f"{TARGET}-gcc"
    if compiler.exists():
        print(f"{compiler} is there already; remove {prefix} to build it again")
        return
    work = prefix.with_name("toolchain-work")
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(prefix, ignore_errors=True)
    work.mkdir(parents=True)
    for name in ("binutils", "gcc"):
        build(name, work, prefix, work / f"{name}.log")
    probe = subprocess.run([compiler, "-ffreestanding", "-O2", "-S", "-o", "-", "-x", "c", "-"], input="int one(void) { return 1; }",
                           capture_output=True, text=True, check=False)
    if "one:" not in probe.stdout:
        compiler.unlink(missing_ok=True)
        fail(f"the new compiler does not compile: {probe.stderr}")
    shutil.rmtree(work)
    print(f"{compiler} is ready; the build uses it from now on")


main()
