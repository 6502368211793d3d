; SPDX-License-Identifier: MIT
; The whole state of FPU, SSE and AVX into the processor and out of it. Nothing in between touches it: the C around is
; built for general registers only. Declarations: fpu.h.

bits 64
default rel

UPPER   equ 512
; struct message (libsys/trap.h)
M_TAG   equ 0
M_BADGE equ 8
M_WORD  equ 16
M_TOKEN equ 64
M_BITS  equ 72

%macro load_state 1                         ; %1: struct fpu_state
    fxrstor64 [%1]
    cmp     qword [fpu_has_avx], 0
    je      %%done
%assign n 0
%rep 16
    vinsertf128 ymm %+ n, ymm %+ n, [%1 + UPPER + n * 16], 1
%assign n n + 1
%endrep
%%done:
%endmacro

%macro store_state 1
    fxsave64 [%1]
    cmp     qword [fpu_has_avx], 0
    je      %%done
%assign n 0
%rep 16
    vextractf128 [%1 + UPPER + n * 16], ymm %+ n, 1
%assign n n + 1
%endrep
%%done:
%endmacro

section .text
; in: rdi = struct fpu_state *
global fpu_look
fpu_look:
    store_state rdi
    ret

; in: rdi = const struct fpu_state *, rsi = struct fpu_state *, rdx = rounds
global fpu_spin
fpu_spin:
    load_state rdi
.again:
    dec     rdx
    jnz     .again
    store_state rsi
    ret

; in: rdi = const struct fpu_state *, rsi = struct fpu_state *, rdx = slot, rcx = struct message *
global fpu_trap
fpu_trap:
    push    rbx
    push    rbp
    push    r12
    push    r13
    push    r14
    push    r15
    push    rsi
    push    rcx
    load_state rdi
    mov     rdi, rdx
    shl     rdi, 5
    mov     rbp, rcx
    mov     rax, [rbp + M_TAG]
    mov     rsi, [rbp + M_WORD + 0]
    mov     rdx, [rbp + M_WORD + 8]
    mov     r8, [rbp + M_WORD + 16]
    mov     r9, [rbp + M_WORD + 24]
    mov     r10, [rbp + M_WORD + 32]
    mov     r12, [rbp + M_WORD + 40]
    mov     rbx, [rbp + M_TOKEN]
    syscall
    pop     rcx
    pop     r14
    store_state r14
    mov     [rcx + M_TAG], rax
    mov     [rcx + M_BADGE], rdi
    mov     [rcx + M_WORD + 0], rsi
    mov     [rcx + M_WORD + 8], rdx
    mov     [rcx + M_WORD + 16], r8
    mov     [rcx + M_WORD + 24], r9
    mov     [rcx + M_WORD + 32], r10
    mov     [rcx + M_WORD + 40], r12
    mov     [rcx + M_TOKEN], rbx
    mov     [rcx + M_BITS], r13
    pop     r15
    pop     r14
    pop     r13
    pop     r12
    pop     rbp
    pop     rbx
    ret

section .data
global fpu_has_avx
fpu_has_avx: dq 0

section .note.GNU-stack noalloc noexec nowrite progbits
