; SPDX-License-Identifier: MIT
; Into the kernel and out of it. Every entry saves the current thread's registers in its struct thread, works on the one
; kernel stack with interrupts off, and leaves through thread_resume with whatever thread is current then.

%include "build/gen/offsets.inc"
%include "kernel/x86/registers.inc"

bits 64
section .text
extern current, kernel_stack_top, idle
extern operations, endpoint_signal, extras_loaded, thread_load_extras, trap_from_user, trap_from_kernel, irq_while_idle

; To the address space of thread rdi (SDM vol. 3, "Invalidation of TLBs": the write drops all translations but global ones).
%macro switch_space 0
    mov rcx, [rdi + THREAD_CR3]
    mov rdx, cr3
    cmp rcx, rdx
    je %%same
    mov cr3, rcx
%%same:
%endmacro

; The registers of a system call, rip, rsp and rbp excepted, into thread r11. It leaves by sysret.
%macro save_syscall 0
    save r11, rax,RAX, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40, rbx,RBX
    mov dword [r11 + THREAD_STATE], IS_READY ; and not full
    mov qword [r11 + THREAD_R13], 0
%endmacro

; From the fast path: bits rcx for the thread that waits at endpoint r14.
global notify_waiter
notify_waiter:
    save_syscall
    mov qword [r11 + THREAD_RAX], 0         ; OK
    mov qword [r11 + THREAD_RDI], 0
    mov rdi, r14
    mov rsi, rcx
    mov rsp, kernel_stack_top
    xor ebp, ebp
    call endpoint_signal
    jmp thread_resume

; The entry with the fast path switched off.
global syscall_entry_c
syscall_entry_c:
    mov r11, [rel current]
    save r11, rcx,RIP, rsp,RSP, rbp,RBP

; A system call that the fast path does not take (kernel/x86/fastpath.asm): on to C.
; in: r11 = struct thread * (current), with rip, rsp and rbp saved; the other registers as the user left them, but for
; rcx and, in a call, r13 to r15. rsp is no stack until it points into the kernel: nothing may fault or push before.
global syscall_slow
syscall_slow:
    save_syscall
    shr edi, 5                              ; the slot's number
    mov [r11 + THREAD_RDI], rdi
    mov rsp, kernel_stack_top
    xor ebp, ebp                            ; the end of every backtrace
    mov rbx, r11
    movzx r12d, al
    shl r12d, 4
    add r12, operations                     ; struct operation
    mov rdx, [r12 + OPERATION_RUN]
    test rdx, rdx
    jz unknown_operation
    cmp rax, 0xff
    jbe .run
    test byte [r12 + OPERATION_FLAGS], OPERATION_HAS_TAG
    jz unknown_operation
.run:
    mov rdi, r11
    call rdx                                ; keeps rbx and r12, as every C function
    test eax, eax
    jnz .failed
    test byte [r12 + OPERATION_FLAGS], OPERATION_SETS_REGISTERS
    jnz thread_resume
.failed:
    mov eax, eax                            ; an error has 32 bits
    mov [rbx + THREAD_RAX], rax
    mov qword [rbx + THREAD_RDI], 0

; To ring 3 with whatever thread is current, or to sleep. Does not return.
thread_resume:
    mov rdi, [rel current]
    mov eax, [rdi + THREAD_FLAGS]
    or eax, [rel extras_loaded]
    and eax, THREAD_EXTRAS
    jnz .extras
.go:
    test word [rdi + THREAD_FULL], -1
    jnz .full
    switch_space
    ; It made a syscall: registers that are neither words nor results are cleared.
    xor r14d, r14d
    xor r15d, r15d
    mov r11d, RFLAGS_IF | RFLAGS_FIXED
    load rdi, rax,RAX, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40, rbx,RBX, r13,R13
    load rdi, rcx,RIP, rbp,RBP, rsp,RSP, rdi,RDI
    o64 sysret
.full:
    cmp rdi, idle
    je idle_loop
    switch_space
    ; It was interrupted: everything comes back exactly (SDM vol. 2, "IRET").
    mov rsp, kernel_stack_top
    push USER_DATA
    push qword [rdi + THREAD_RSP]
    push qword [rdi + THREAD_RFLAGS]
    push USER_CODE
    push qword [rdi + THREAD_RIP]
    load rdi, rax,RAX, rbx,RBX, rcx,RCX, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40
    load rdi, r11,R11, r13,R13, r14,R14, r15,R15, rbp,RBP, rdi,RDI
    iretq

.extras:
    mov rsp, kernel_stack_top
    call thread_load_extras
    mov rdi, [rel current]
    jmp .go

unknown_operation:
    mov eax, ERR_BAD_SYSCALL
    jmp syscall_slow.failed

; Nothing is ready: halt until an interrupt. sti takes effect after the next instruction (SDM vol. 2, "STI"), so an
; interrupt cannot slip in between and leave us halted. The interrupt abandons this frame.
global idle_loop, idle_halt
idle_loop:
    mov rsp, kernel_stack_top
    xor ebp, ebp
    sti
    hlt
idle_halt:
    jmp idle_loop

; For kernel_main: leave the boot path for good.
global thread_start_first
thread_start_first equ thread_resume

; --- exceptions and interrupts
; One stub a vector brings all frames to one shape: vector and error code below what the processor pushed. Vectors 8,
; 10–14, 17, 21, 29 and 30 come with an error code (SDM vol. 3, "Error Code"); the others get a zero.

%assign v 0
%rep 256
trap_%+v:
%if !(v = 8 || (v >= 10 && v <= 14) || v = 17 || v = 21 || v = 29 || v = 30)
    push 0
%endif
    push v
    jmp trap_common
%assign v v + 1
%endrep

; Of what trap_common finds on the stack.
TRAP_VECTOR equ 0
TRAP_RIP    equ 16
TRAP_CS     equ 24

trap_common:
    test byte [rsp + TRAP_CS], 3
    jz trap_kernel
    push 2                                  ; AC, DF, NT and TF are the user's: none of them in ring 0. No clac, so no
    popfq                                   ; question whether the processor has it
    push rax
    mov rax, [rel current]
    save rax, rbx,RBX, rcx,RCX, rdi,RDI, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40
    save rax, r11,R11, r13,R13, r14,R14, r15,R15, rbp,RBP
    pop qword [rax + THREAD_RAX]
    pop rsi                                 ; vector
    pop rdx                                 ; error code
    pop qword [rax + THREAD_RIP]
    add rsp, 8
    pop qword [rax + THREAD_RFLAGS]
    pop qword [rax + THREAD_RSP]
    mov dword [rax + THREAD_STATE], IS_READY | 1 << 16  ; full
    mov rdi, rax
    mov rsp, kernel_stack_top
    xor ebp, ebp
    call trap_from_user
    jmp thread_resume

; From ring 0: an interrupt in the idle loop, an NMI or debug exception anywhere, or a bug.
trap_kernel:
    push rax
    mov rax, [rsp + 8 + TRAP_RIP]           ; behind hlt, or on it: an NMI there has ended the cover of sti
    sub rax, idle_loop
    cmp rax, idle_halt - idle_loop
    ja .not_idle
    cmp dword [rsp + 8 + TRAP_VECTOR], FIRST_IRQ_VECTOR
    jb .not_idle
    mov edi, [rsp + 8 + TRAP_VECTOR]
    mov rsp, kernel_stack_top
    xor ebp, ebp
    call irq_while_idle
    jmp thread_resume
.not_idle:
    each push, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
    cld
    mov rdi, rsp                            ; struct trap_frame
    mov rbx, rsp
    and rsp, -16
    call trap_from_kernel
    mov rsp, rbx
    each pop, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
    add rsp, 16
    iretq

section .rodata
align 8
global trap_stubs
trap_stubs:
%assign v 0
%rep 256
    dq trap_%+v
%assign v v + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
