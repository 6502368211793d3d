# SPDX-License-Identifier: MIT
"""What of the machine may be given to a server, and what stays the kernel's."""

# first port, last port, why nobody gets it
KERNEL_PORTS = (
    (0x000, 0x00F, "the DMA controller writes to any memory"),
    (0x020, 0x021, "the interrupt controller is the kernel's"),
    (0x040, 0x043, "the timer is the kernel's"),
    (0x061, 0x061, "it gates the timer and masks the NMI's sources"),
    (0x080, 0x08F, "the DMA controller's pages reach any memory"),
    (0x092, 0x092, "it resets the machine and switches A20"),
    (0x0A0, 0x0A1, "the interrupt controller is the kernel's"),
    (0x0C0, 0x0DF, "the DMA controller writes to any memory"),
    (0x3F8, 0x3FF, "COM1 is the kernel's log"),
    (0x4D0, 0x4D1, "it says how the interrupt lines trigger"),
    (0x510, 0x51B, "QEMU's fw_cfg writes to any memory"),
    (0xCF8, 0xCFF, "PCI configuration moves devices; 0xcf9 resets the machine"),
)

# ports where a byte can harm: writable only with a list of values
VALUED_PORTS = (
    (0x064, 0x064, "0xfe resets the machine"),
    (0x070, 0x071, "bit 7 of 0x70 masks the NMI"),
)
# values that no list may hold
FORBIDDEN_VALUES = {0x64: {0xFE: "resets the machine", 0xD1: "switches A20", 0xF0: "pulses the reset line"}}

KERNEL_IRQS = {0: "the timer is the kernel's", 2: "it joins the two interrupt controllers", 4: "COM1 is the kernel's log"}
IRQS = 16

# device memory that init holds (BOOT_SLOT_SCREEN in abi/boot.h)
DEVICE_FIRST, DEVICE_END = 0xA0000, 0xC0000


def hit(ranges, first, count):
    """(port, why) of the first port that lies in one of the ranges, or None."""
    for low, high, why in ranges:
        if first <= high and first + count > low:
            return max(first, low), why
    return None
