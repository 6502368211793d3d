; SPDX-License-Identifier: MIT
; Where `qemu -kernel` enters the shim, and where the shim enters the kernel: both in 32-bit protected mode, paging and
; interrupts off (Multiboot specification 0.6.96, section 3.2; Multiboot2 specification 2.0, section 3.5).

MULTIBOOT1_MAGIC equ 0x1badb002
MULTIBOOT1_FLAGS equ 0x3                ; modules on page boundaries, memory map wanted

section .header progbits alloc noexec nowrite align=4
    dd MULTIBOOT1_MAGIC
    dd MULTIBOOT1_FLAGS
    dd -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)

section .text
extern shim_main
global shim_entry
shim_entry:
    mov   esp, stack_top
    push  ebx                           ; the multiboot1 information
    push  eax                           ; its magic
    call  shim_main                     ; never returns

; in: (entry, eax, ebx) on the stack      out: does not return
global enter_kernel
enter_kernel:
    cli
    mov   ecx, [esp + 4]
    mov   eax, [esp + 8]
    mov   ebx, [esp + 12]
    jmp   ecx

section .bss nobits alloc noexec write align=16
    resb  16384
stack_top:

section .note.GNU-stack noalloc noexec nowrite progbits
