; SPDX-License-Identifier: MIT
; A guest of a few instructions, to try the harness's verdicts on: says `SAYS` on COM1, then ends as END says. A flat
; multiboot1 image, which qemu -kernel loads (specification 0.6.96, section 3.1.3).
;   nasm -f bin -D SAYS="'hello',10" -D END=hang

bits 32
org 0x100000
MAGIC equ 0x1badb002
FLAGS equ 0x10000               ; the addresses below are valid

header:
    dd MAGIC, FLAGS, -(MAGIC + FLAGS)
    dd header, header, 0, 0, start

start:
    mov   esi, text
    mov   dx, 0x3f8
.next:
    lodsb
    test  al, al
    jz    END
    out   dx, al
    jmp   .next

hang:
    hlt
    jmp   hang

triple:                         ; no IDT: an exception cannot be delivered, nor the double fault that follows
    lidt  [nothing]
    ud2

off:                            ; ACPI's soft-off of QEMU's pc (PM1a control at 0x604)
    mov   dx, 0x604
    mov   ax, 0x2000
    out   dx, ax
    jmp   hang

reset:                          ; the keyboard controller pulls the processor's reset line
    mov   al, 0xfe
    out   0x64, al
    jmp   hang

pass:
    mov   eax, 0x10
    jmp   leave_with
fail:
    mov   eax, 0x11
    jmp   leave_with
nonsense:
    mov   eax, 0
leave_with:
    out   0xf4, eax
    jmp   hang

nothing: dw 0, 0, 0
text: db SAYS, 0
