# SPDX-License-Identifier: MIT
"""The Debian packages that the project needs, by what they are for. The one list of them."""

GROUPS = {
    # compile, link, make the ISO, draw who may call whom
    "build": ["gcc", "binutils", "nasm", "make", "python3", "grub-common", "grub-pc-bin", "grub-efi-amd64-bin", "mtools",
              "xorriso", "graphviz"],
    # boot it in a window or in the terminal (the curses display is a part of qemu-system-common)
    "run": ["qemu-system-x86", "qemu-system-common"],
    # host tests with sanitizers and fuzzers, whole boots (also with UEFI firmware)
    "test": ["python3-pytest", "python3-pytest-xdist", "libcmocka-dev", "libc6-dev", "clang", "libclang-rt-14-dev", "llvm", "gdb", "git",
             "ovmf"],
    # make check
    "check": ["clang-format", "clang-tidy", "clangd", "cppcheck"],
    # make debug
    "debug": ["gdb"],
    # make toolchain
    "toolchain": ["gcc-12-source", "binutils-source", "g++", "libgmp-dev", "libmpfr-dev", "libmpc-dev", "flex", "bison",
                  "xz-utils", "bzip2", "zlib1g-dev"],
}

# What helps without being needed: a window for `make run` where there is a DISPLAY.
WINDOW = "qemu-system-gui"


def packages(groups):
    """All packages of the groups, each once, in the order of the list."""
    return list(dict.fromkeys(package for group in groups for package in GROUPS[group]))
