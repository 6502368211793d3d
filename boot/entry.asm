; SPDX-License-Identifier: MIT
; From GRUB to C: the multiboot2 header, the checks that must come before 64-bit code can run, the first page tables,
; long mode, and the jump to kernel_main in the higher half.
;
; State at boot_entry (Multiboot2 specification, "Machine state"): 32-bit protected mode, paging off, interrupts off,
; eax = 0x36d76289, ebx = physical address of the boot information.

%include "build/gen/offsets.inc"

MULTIBOOT2_MAGIC    equ 0xe85250d6
MULTIBOOT2_LOADED   equ 0x36d76289
PAGE_TABLE          equ 0x003               ; present, writable
LARGE_PAGE          equ 0x083               ; present, writable, 2 MiB
LARGE_PAGE_SIZE     equ 0x200000
PHYSMAP_SLOT        equ (PHYSMAP_BASE >> 39) & 511
KERNEL_SLOT         equ (KERNEL_BASE >> 39) & 511
KERNEL_PDPT_SLOT    equ (KERNEL_BASE >> 30) & 511
COM1                equ 0x3f8

section .boot.header align=8
header:
    dd MULTIBOOT2_MAGIC, 0, header_end - header, -(MULTIBOOT2_MAGIC + (header_end - header))
    dd 6, 8                                 ; modules start on page boundaries
    dd 0, 8                                 ; end
header_end:

bits 32
section .boot.text progbits alloc exec nowrite align=16
global boot_entry
extern kernel_stack_guard_physical          ; boot/kernel.ld
boot_entry:
    cli
    cld
    mov esp, boot_stack_top
    mov edi, ebx                            ; boot information, for kernel_main
    mov ebp, eax
    mov esi, no_multiboot
    cmp ebp, MULTIBOOT2_LOADED
    jne boot_fail

    ; A processor has CPUID if EFLAGS.ID can be flipped (SDM vol. 1, "CPUID—CPU Identification").
    mov esi, no_cpuid
    pushfd
    pop eax
    mov ecx, eax
    xor eax, 1 << 21
    push eax
    popfd
    pushfd
    pop eax
    xor eax, ecx
    test eax, 1 << 21
    jz boot_fail

    rdtsc                                   ; TSC: CPUID leaf 1; every 64-bit processor has it
    mov [boot_tsc], eax
    mov [boot_tsc + 4], edx

    mov esi, no_long_mode
    mov eax, 0x80000000
    cpuid
    cmp eax, 0x80000001
    jb boot_fail
    mov eax, 0x80000001
    cpuid
    test edx, 1 << 29                       ; LM
    jz boot_fail
    mov esi, no_nx
    test edx, 1 << 20                       ; NX
    jz boot_fail

    ; Four page directories of 2 MiB pages show the first 4 GiB at three places: at 0 (for the next lines), at
    ; PHYSMAP_BASE and (the first GiB) at KERNEL_BASE. kernel_main replaces them by tables with exact rights.
    mov ecx, 0
.directories:
    mov eax, ecx
    shl eax, 21
    or eax, LARGE_PAGE
    mov [boot_pd + ecx * 8], eax
    mov dword [boot_pd + ecx * 8 + 4], 0
    inc ecx
    cmp ecx, 4 * 512
    jne .directories
    ; The block of the kernel's stack in pages of 4 KiB, without its guard page: an overflow shall be noticed from the
    ; first line of C on.
    mov ebx, kernel_stack_guard_physical
    and ebx, -LARGE_PAGE_SIZE
    xor ecx, ecx
.pages:
    mov eax, ecx
    shl eax, 12
    lea eax, [eax + ebx + PAGE_TABLE]
    mov [boot_pt + ecx * 8], eax
    mov dword [boot_pt + ecx * 8 + 4], 0
    inc ecx
    cmp ecx, 512
    jne .pages
    mov eax, kernel_stack_guard_physical
    sub eax, ebx
    shr eax, 12
    mov dword [boot_pt + eax * 8], 0
    shr ebx, 21
    mov dword [boot_pd + ebx * 8], boot_pt + PAGE_TABLE
%assign i 0
%rep 4
    mov dword [boot_pdpt + i * 8], boot_pd + i * 4096 + PAGE_TABLE
%assign i i + 1
%endrep
    mov dword [boot_pdpt_high + KERNEL_PDPT_SLOT * 8], boot_pd + PAGE_TABLE
    mov dword [boot_pml4], boot_pdpt + PAGE_TABLE
    mov dword [boot_pml4 + PHYSMAP_SLOT * 8], boot_pdpt + PAGE_TABLE
    mov dword [boot_pml4 + KERNEL_SLOT * 8], boot_pdpt_high + PAGE_TABLE

    mov eax, CR4_PAE | CR4_PGE
    mov cr4, eax
    mov eax, boot_pml4
    mov cr3, eax
    mov ecx, MSR_EFER
    rdmsr
    or eax, EFER_SCE | EFER_LME | EFER_NXE
    wrmsr
    mov eax, CR0_PE | CR0_MP | CR0_NE | CR0_WP | CR0_PG | CR0_TS
    mov cr0, eax
    lgdt [boot_gdt_pointer]
    jmp 8:boot_long

; in: esi = sentence, NUL-terminated       out: does not return
boot_fail:
    mov ebx, boot_uart
.program:
    movzx edx, byte [ebx]
    add edx, COM1
    mov al, [ebx + 1]
    out dx, al
    add ebx, 2
    cmp ebx, boot_uart_end
    jne .program
    mov edi, 0xb8000
    mov ecx, 80 * 25
    mov eax, 0x4f20                         ; a blank, white on red
    rep stosw
    mov edi, 0xb8000
.next:
    lodsb
    test al, al
    jz .newline
    mov ah, 0x4f
    stosw
    call boot_serial
    jmp .next
.newline:
    mov al, 10
    call boot_serial
.halt:
    cli
    hlt
    jmp .halt

; in: al = character       changes: bl, ecx, edx
boot_serial:
    mov bl, al
    mov ecx, 100000                         ; a UART that never gets ready does not stop us
    mov edx, COM1 + 5
.wait:
    in al, dx
    test al, 0x20                           ; transmitter holding register empty
    loopz .wait
    mov edx, COM1
    mov al, bl
    out dx, al
    ret

bits 64
boot_long:
    xor eax, eax
    mov ds, eax
    mov es, eax
    mov ss, eax
    mov fs, eax
    mov gs, eax
    mov edi, edi                            ; upper half of rdi is undefined after the mode switch
    mov rsi, [boot_tsc]
    mov rsp, kernel_stack_top
    xor ebp, ebp                            ; the end of every backtrace
    mov rax, kernel_main
    call rax
    ud2

section .boot.data
no_multiboot:   db "Annulet cannot start: it was not loaded by a multiboot2 boot loader.", 0
no_cpuid:       db "Annulet cannot start: this processor has no CPUID instruction.", 0
no_long_mode:   db "Annulet cannot start: this processor has no long mode (64 bit).", 0
no_nx:          db "Annulet cannot start: this processor has no no-execute pages (NX).", 0
; Register and value: no interrupts; a divisor follows; 115200 baud; 8N1.
boot_uart:      db 1, 0, 3, 0x80, 0, 1, 1, 0, 3, 3
boot_uart_end:
align 8
boot_gdt:       dq 0, 0x00af9a000000ffff
boot_gdt_pointer:
    dw $ - boot_gdt - 1
    dd boot_gdt
align 8
boot_tsc:       dq 0

section .boot.bss nobits alloc write align=4096
boot_pml4:      resb 4096
boot_pdpt:      resb 4096
boot_pdpt_high: resb 4096
boot_pd:        resb 4 * 4096
boot_pt:        resb 4096
boot_stack:     resb 4096
boot_stack_top:

; The stacks of ring 0. Below each lies a page that paging_start never maps.
section .stacks nobits alloc write align=4096
global kernel_stack_top, kernel_stack_guard, ist_stacks
extern kernel_main
kernel_stack_guard: resb 4096
                resb KERNEL_STACK_SIZE
kernel_stack_top:
ist_stacks:     resb IST_COUNT * (4096 + IST_STACK_SIZE) ; each: a guard page, then the stack

section .note.GNU-stack noalloc noexec nowrite progbits
