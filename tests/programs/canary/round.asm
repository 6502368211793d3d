; SPDX-License-Identifier: MIT
; One round of the canary: fills every register, the flags and the red zone, lets something happen, and looks again.
; void canary_nops(void), void canary_breakpoint(void)
;   in: canary_in      out: canary_out (struct canary, canary.h)
;   The red zone is the 128 bytes below rsp that a leaf function may use without moving it: so nothing is pushed between
;   filling and looking.

global canary_nops
global canary_breakpoint
extern canary_in
extern canary_out

%define GPR(n)      (n) * 8
%define FLAGS       16 * 8
%define XMM(n)      17 * 8 + (n) * 16
%define ZONE(n)     17 * 8 + 256 + (n) * 8

%macro each_register 1                  ; all but rsp, which is number 15
        %1      0, rax
        %1      1, rbx
        %1      2, rcx
        %1      3, rdx
        %1      4, rsi
        %1      5, rdi
        %1      6, rbp
        %1      7, r8
        %1      8, r9
        %1      9, r10
        %1      10, r11
        %1      11, r12
        %1      12, r13
        %1      13, r14
        %1      14, r15
%endmacro

%macro fill 2
        mov     %2, [rel canary_in + GPR(%1)]
%endmacro
%macro look 2
        mov     [rel canary_out + GPR(%1)], %2
%endmacro

%macro save_callers 0
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
%endmacro
%macro restore_callers 0
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
%endmacro

; mov changes no flag, so they can be set first and looked at last.
%macro fill_all 0
        mov     [rel canary_in + GPR(15)], rsp
        push    qword [rel canary_in + FLAGS]
        popfq
%assign n 0
%rep 16
        movdqu  xmm %+ n, [rel canary_in + XMM(n)]
        mov     rax, [rel canary_in + ZONE(n)]
        mov     [rsp - 8 * (n + 1)], rax
%assign n n + 1
%endrep
        each_register fill
%endmacro

%macro look_all 0
        each_register look
        mov     [rel canary_out + GPR(15)], rsp
%assign n 0
%rep 16
        movdqu  [rel canary_out + XMM(n)], xmm %+ n
        mov     rax, [rsp - 8 * (n + 1)]
        mov     [rel canary_out + ZONE(n)], rax
%assign n n + 1
%endrep
        pushfq
        pop     qword [rel canary_out + FLAGS]
        cld
%endmacro

section .text

canary_nops:
        save_callers
        fill_all
%rep 4000
        nop                             ; the time in which timer interrupts come
%endrep
        look_all
        restore_callers
        ret

canary_breakpoint:
        save_callers
        fill_all
        int3
        look_all
        restore_callers
        ret

section .note.GNU-stack noalloc noexec nowrite progbits
