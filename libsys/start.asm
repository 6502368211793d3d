; SPDX-License-Identifier: MIT
; Where threads enter ring 3. Both routines end the chain of frame pointers with a zero, so that a backtrace stops here.

default rel
bits 64

extern start_main, tls_reserved

section .text.start progbits alloc exec nowrite align=16

; The first instruction of every program.
; in: rsp = top of the stack      out: does not return
global _start
_start:
    xor     ebp, ebp
    mov     eax, tls_reserved       ; thread-local variables lie above the first frame (boot/user.ld); 0: there are none
    sub     rsp, rax
    and     rsp, -16                ; the ABI's alignment at a call, whoever started us
    call    start_main
    ud2

section .text progbits alloc exec nowrite align=16

; The first instruction of a further thread (libsys/thread.c).
; in: [rsp] = function, [rsp + 8] = its argument, rsp a multiple of 16      out: does not return
global thread_begin
thread_begin:
    xor     ebp, ebp
    pop     rax
    pop     rdi
    call    rax
    ud2                             ; the function does not return

section .note.GNU-stack noalloc noexec nowrite progbits
