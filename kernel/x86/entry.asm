; SPDX-License-Identifier: MIT
; Into the kernel and out of it. Every entry saves the current thread's registers in its struct thread, works on the one
; kernel stack with interrupts off, and leaves through thread_resume with whatever thread is current then.

%include "build/gen/offsets.inc"
%include "kernel/x86/registers.inc"

bits 64
section .text
extern current, kernel_stack_top, idle
extern operations, endpoint_signal, extras_loaded, thread_load_extras
extern trap_from_user, trap_from_kernel, irq_handle, irq_while_idle

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
    mov rbx, r11                            ; stays, as in every C function
    mov rdi, r11
    cmp rax, SYSCALL_COUNT
    jae .tagged
.run:
    call [operations + rax * 8]
    cmp eax, REGISTERS_ARE_SET
    je thread_resume
.result:
    mov eax, eax                            ; an error has 32 bits
    mov [rbx + THREAD_RAX], rax
    mov qword [rbx + THREAD_RDI], 0

; To ring 3 with whatever thread is current, or to sleep. Does not return. A thread without extras that is not full, and so
; almost every one, needs one test.
thread_resume:
    mov rdi, [rel current]
    mov eax, [rdi + THREAD_EXTRAS]          ; and full
    or eax, [rel extras_loaded]
    jnz .special
.sysret:
    switch_space
    ; It made a syscall: registers that are neither words nor results are cleared.
    xor r14d, r14d
    xor r15d, r15d
    mov r11d, RFLAGS_IF | RFLAGS_FIXED
    load rdi, rax,RAX, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40, rbx,RBX, r13,R13
    load rdi, rcx,RIP, rbp,RBP, rsp,RSP, rdi,RDI
    o64 sysret
.special:
    test ax, ax
    jnz .extras
.iret:
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
    cmp rdi, idle                           ; the processor keeps the extras of whoever ran before
    je idle_loop
    mov rsp, kernel_stack_top
    call thread_load_extras
    mov rdi, [rel current]
    cmp word [rdi + THREAD_FULL], 0
    je .sysret
    jmp .iret

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

; The tag says more than the operation, which few understand; or there is no such operation.
syscall_slow.tagged:
    movzx eax, al
    mov rcx, TAGGED_OPERATIONS
    cmp eax, SYSCALL_COUNT
    jae .unknown
    bt rcx, rax
    jc syscall_slow.run
.unknown:
    mov eax, ERR_BAD_SYSCALL
    jmp syscall_slow.result

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
%if v >= FIRST_IRQ_VECTOR && v <= LAST_IRQ_VECTOR
    jmp irq_common
%else
    jmp trap_common
%endif
%assign v v + 1
%endrep

; Of what the two common ways find on the stack.
TRAP_VECTOR equ 0
TRAP_RIP    equ 16
TRAP_CS     equ 24

; From ring 3: all registers into the current thread, rax, and on to the kernel's stack. %1 = vector, %2 = error code
%macro enter_from_user 2
    test byte [rsp + TRAP_CS], 3
    jz trap_kernel
    push 2                                  ; AC, DF, NT and TF are the user's: none of them in ring 0. No clac, so no
    popfq                                   ; question whether the processor has it
    push rax
    mov rax, [rel current]
    save rax, rbx,RBX, rcx,RCX, rdi,RDI, rsi,WORDS, rdx,WORDS+8, r8,WORDS+16, r9,WORDS+24, r10,WORDS+32, r12,WORDS+40
    save rax, r11,R11, r13,R13, r14,R14, r15,R15, rbp,RBP
    pop qword [rax + THREAD_RAX]
    pop %1
    pop %2
    pop qword [rax + THREAD_RIP]
    add rsp, 8
    pop qword [rax + THREAD_RFLAGS]
    pop qword [rax + THREAD_RSP]
    mov dword [rax + THREAD_STATE], IS_READY | IS_FULL
    mov rsp, kernel_stack_top
    xor ebp, ebp
%endmacro

irq_common:
    enter_from_user rdi, rsi
    call irq_handle
    jmp thread_resume

trap_common:
    enter_from_user rsi, rdx
    mov rdi, rax
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
