; SPDX-License-Identifier: MIT
; The IPC fast path: call and reply_recv to a partner that waits, with registers only. Everything else falls to the C
; path, whose outcome for the same message is the same (kernel/ipc.c is the specification).
;
; Nothing is tested that can be folded into a value that is compared anyway: a thread that must not be switched to in this
; way has a limit of 0, one that must not send so has a table limit and an endpoint stamp of 0 (thread_choose_path).
; The message words rsi rdx r8 r9 r10 r12 are not touched. rsp is the user's all the way: nothing here may fault or push.
; docs/performance.md goes through it line by line.

%include "build/gen/offsets.inc"

bits 64
section .text
extern current, ready_bitmap, nobody, syscall_slow

; From the address space of thread %2 to that of thread %1, when they differ (no PCID: SDM vol. 3, "Invalidation").
%macro switch_space 2
    mov rcx, [%1 + THREAD_CR3]
    cmp rcx, [%2 + THREAD_CR3]
    je %%same
    mov cr3, rcx
%%same:
%endmacro

; To ring 3, as thread r14, which waits since a system call of its own. Clears what is neither a word nor a result.
%macro return_to_r14 0
    xor r13d, r13d
    xor r15d, r15d
    mov rbp, [r14 + THREAD_RBP]
    mov rcx, [r14 + THREAD_RIP]             ; canonical: the last page below the hole is never mapped
    mov rsp, [r14 + THREAD_RSP]
    xor r14d, r14d
    mov r11d, RFLAGS_IF | RFLAGS_FIXED
    o64 sysret
%endmacro

; in: as in abi/syscall.h; rcx = return address, r11 = flags (SDM vol. 2, "SYSCALL")
align 64
global syscall_entry
syscall_entry:
    mov r11, [rel current]
    mov [r11 + THREAD_RIP], rcx
    mov [r11 + THREAD_RSP], rsp
    mov [r11 + THREAD_RBP], rbp
    cmp eax, OPERATION_CALL                 ; and neither a body nor capabilities
    jne .not_call

    ; the capability: its slot is in the table, and its object is alive, an endpoint, and may be sent to
    and edi, -32                            ; a slot's offset, or a badge would be taken for a pointer
    cmp rdi, [r11 + THREAD_TABLE_LIMIT]
    jae syscall_slow
    mov rcx, [r11 + THREAD_TABLE]
    mov r13, [rcx + rdi + CAPABILITY_OBJECT]
    mov r14, [rcx + rdi + CAPABILITY_SEND_STAMP]
    cmp r14, [r13 + FRAME_STAMP]
    jne syscall_slow
    shl r13, 7                              ; descriptor to endpoint
    mov r14, [r13 + ENDPOINT_WAITER]        ; whoever stands in for nobody has a limit of 0
    mov r15, [rel ready_bitmap]
    cmp r15, [r14 + THREAD_LIMIT]           ; somebody above it is ready
    ja syscall_slow

    ; --- nothing below can fail ---
    mov qword [r13 + ENDPOINT_WAITER], nobody
    mov dword [r11 + THREAD_STATE], IS_CALLING ; and not full
    mov [r11 + THREAD_SERVER], r14
    mov [r14 + THREAD_CLIENT], r11
    mov [rel current], r14
    mov rdi, [rcx + rdi + CAPABILITY_BADGE]
    mov rbx, [r11 + THREAD_TOKEN]
    switch_space r14, r11
    return_to_r14

.not_call:
    cmp eax, OPERATION_REPLY_RECV
    jne syscall_slow

    ; the endpoint of the last recv is alive, and nothing waits there; the caller named by the token waits for this thread
    mov r13, [r11 + THREAD_ENDPOINT]
    mov r14, [r11 + THREAD_FAST_STAMP]
    cmp r14, [r13 + FRAME_STAMP]
    jne syscall_slow
    shl r13, 7
    cmp qword [r13 + ENDPOINT_WAITER], nobody
    jne syscall_slow
    mov r14, [r11 + THREAD_CLIENT]
    cmp rbx, [r14 + THREAD_TOKEN]
    jne syscall_slow
    mov r15, [rel ready_bitmap]
    cmp r15, [r14 + THREAD_LIMIT]
    ja syscall_slow

    ; --- nothing below can fail ---
    mov [r13 + ENDPOINT_WAITER], r11
    mov dword [r11 + THREAD_STATE], IS_RECEIVING ; and not full
    mov qword [r11 + THREAD_CLIENT], nobody
    add dword [r14 + THREAD_TOKEN + 4], 1   ; its token is used up
    mov [rel current], r14
    xor edi, edi
    xor ebx, ebx
    switch_space r14, r11
    return_to_r14

section .note.GNU-stack noalloc noexec nowrite progbits
