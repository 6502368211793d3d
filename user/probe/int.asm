; SPDX-License-Identifier: MIT
; A stub for each software interrupt: int takes its number as a constant only.
; void probe_int(uint64_t n)
;   in: rdi = 0–255     out: returns when the interrupt did     destroys: rax

global probe_int

section .text

probe_int:
        lea     rax, [rel stubs]
        lea     rax, [rax + rdi * 4]
        jmp     rax

        align   4
stubs:
%assign n 0
%rep 256
        db      0xcd, n                 ; int n, in its long form for 3 as well
        ret
        nop
%assign n n + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
