# SPDX-License-Identifier: MIT
"""GRUB finds the kernel's multiboot2 header, in the file that is shipped."""


def check(tree):
    kernel = tree.build / "kernel.elf"
    good = tree.run("grub-file", "--is-x86-multiboot2", kernel).returncode == 0
    return "kernel.elf is a multiboot2 image", [] if good else [f"{kernel}: no multiboot2 header in the first 32 KiB"]
