; SPDX-License-Identifier: MIT
; Functions of children that raise one exception each, with something known in every register: register number n (in the
; order rax rbx rcx rdx rsi rdi rbp r8 … r15, from 1) holds 0xc0de0000 + n. raise_NAME_at is where the instruction
; pointer must stand in the message.

bits 64
default rel

%macro FILL 0
    mov eax, 0xc0de0001
    mov ebx, 0xc0de0002
    mov ecx, 0xc0de0003
    mov edx, 0xc0de0004
    mov esi, 0xc0de0005
    mov edi, 0xc0de0006
    mov ebp, 0xc0de0007
    mov r8d, 0xc0de0008
    mov r9d, 0xc0de0009
    mov r10d, 0xc0de000a
    mov r11d, 0xc0de000b
    mov r12d, 0xc0de000c
    mov r13d, 0xc0de000d
    mov r14d, 0xc0de000e
    mov r15d, 0xc0de000f
%endmacro

%macro RAISE 1
align 16
global raise_%1, raise_%1_at
raise_%1:
    FILL
%endmacro

%macro FOR_EVER 0
%%here:
    jmp     %%here
%endmacro

section .text

RAISE divide
raise_divide_at:
    div     rcx                             ; edx is larger than ecx: the quotient does not fit
    FOR_EVER
RAISE step
    pushfq
    or      qword [rsp], 0x100
    popfq
    nop                                     ; the trap comes behind the instruction that follows
raise_step_at:
    FOR_EVER
RAISE breakpoint
    int3
raise_breakpoint_at:
    FOR_EVER
RAISE breakpoint_long
    db      0xcd, 3
raise_breakpoint_long_at:
    FOR_EVER
RAISE overflow
raise_overflow_at:
    int     4
    FOR_EVER
RAISE into
raise_into_at:
    db      0xce                            ; INTO, no instruction in 64-bit mode
    FOR_EVER
RAISE bound
raise_bound_at:
    db      0x62, 0x04, 0x24, 0x90          ; BOUND, no instruction in 64-bit mode
    FOR_EVER
RAISE undefined
raise_undefined_at:
    ud2
    FOR_EVER
RAISE fpu
    fninit                                  ; the first use: the kernel's affair, nobody hears of it
    int3
raise_fpu_at:
    FOR_EVER
RAISE stack
    mov     rbp, rsp
    mov     rsp, 0x0000900000000000
raise_stack_at:
    push    rax
    FOR_EVER
RAISE halt
raise_halt_at:
    hlt
    FOR_EVER
RAISE segment
    mov     eax, 0x10
raise_segment_at:
    mov     ds, ax
    FOR_EVER
RAISE noncanonical
    mov     rax, 0x0000900000000000
raise_noncanonical_at:
    mov     rax, [rax]
    FOR_EVER
RAISE read
    mov     rax, 0x123456789000
raise_read_at:
    mov     rax, [rax + 8]
    FOR_EVER
RAISE write
    mov     rax, 0x123456789000
raise_write_at:
    mov     [rax + 16], rax
    FOR_EVER
RAISE fetch
    mov     rax, 0x123456789000
    jmp     rax
RAISE write_text
    lea     rax, [raise_write_text_at]
raise_write_text_at:
    mov     [rax], al
    FOR_EVER
RAISE run_data
    lea     rax, [rsp - 64]
    and     rax, -16
    jmp     rax
RAISE kernel
    mov     rax, 0xffffffff8010c000
raise_kernel_at:
    mov     rax, [rax]
    FOR_EVER
RAISE x87
    sub     rsp, 16
    mov     word [rsp], 0x037b              ; division by zero is not masked
    fninit
    fldcw   [rsp]
    fld1
    fldz
    fdivp
raise_x87_at:
    fwait                                   ; here the error comes out
    FOR_EVER
RAISE simd
    sub     rsp, 16
    mov     dword [rsp], 0x1d80             ; division by zero is not masked
    ldmxcsr [rsp]
    mov     dword [rsp], 0x3f800000
    movss   xmm0, [rsp]
    xorps   xmm1, xmm1
    divss   xmm0, xmm1
    int3                                    ; QEMU raises no SIMD exceptions
raise_simd_at:
    FOR_EVER
RAISE alignment
    pushfq
    or      qword [rsp], 0x40000
    popfq
    mov     rax, [rsp - 15]                 ; alignment is not checked: CR0.AM is 0
    int3
raise_alignment_at:
    FOR_EVER
; The second time that it stops, `mov ss` has held the first exception back until behind the next instruction.
RAISE held
    mov     eax, ss
    mov     ss, eax
    int3
raise_held_at:
    FOR_EVER

; CVE-2018-8897: the trap of the trap flag is held back by `mov ss` until syscall has left ring 3.
global step_into_kernel
step_into_kernel:
    push    rbx
    push    r12
    push    r13
    push    r14
    push    r15
    mov     ecx, ss
    pushfq
    or      qword [rsp], 0x100
    xor     eax, eax
    popfq
    mov     ss, ecx
    syscall
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbx
    ret

; int n for every n: 4 bytes each
align 16
global raise_int
raise_int:
%assign n 0
%rep 256
    db      0xcd, n
    jmp     short $
%assign n n + 1
%endrep

; void flags_through(uint64_t flags, uint64_t how, uint64_t *before, uint64_t *after)
; Loads the flags, notes what ring 3 then sees, goes through the kernel (how 0: null operation, 1: int3, 2: ud2, which
; somebody must step over), and notes what is left.
global flags_through
flags_through:
    push    rbx
    push    r12
    push    r13
    push    r14
    push    r15
    push    rdx
    push    rcx
    cmp     rsi, 1
    push    rdi
    jb      .call
    je      .break
    popfq
    pushfq
    pop     qword [rdx]
    push    qword [rdx]
    popfq
    ud2
    jmp     .done
.break:
    popfq
    pushfq
    pop     qword [rdx]
    push    qword [rdx]
    popfq
    int3
    jmp     .done
.call:
    mov     eax, 0
    popfq
    pushfq
    pop     qword [rdx]
    push    qword [rdx]
    popfq
    syscall
.done:
    pushfq
    pop     rax
    push    2
    popfq
    pop     rcx
    pop     rdx
    mov     [rcx], rax
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbx
    ret

; void note_flags(uint64_t *notes), break_and_note: flags, cs, ss and how often, for ever. No flag changes on the way.
%macro NOTE 0
    pushfq
    pop     rax
    mov     [rdi], rax
    mov     eax, cs
    mov     [rdi + 8], rax
    mov     eax, ss
    mov     [rdi + 16], rax
    mov     rax, [rdi + 24]
    lea     rax, [rax + 1]
    mov     [rdi + 24], rax
%endmacro
global note_flags, break_and_note
note_flags:
    NOTE
    jmp     note_flags
break_and_note:
    int3
    NOTE
    jmp     break_and_note

section .note.GNU-stack noalloc noexec nowrite progbits
