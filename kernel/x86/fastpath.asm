; SPDX-License-Identifier: MIT
; The IPC fast path: call and reply_recv to a partner that waits, without capabilities; bits for an endpoint at which nobody
; waits; and the empty operation. Everything else falls to the C path, whose outcome for the same message is the same
; (kernel/ipc.c is the specification).
;
; Nothing is tested that can be folded into a value that is compared anyway: a thread that must not be switched to in this
; way has a limit of 0, one that must not send so has a table limit and an endpoint stamp of 0 (thread_choose_path).
; The message words rsi rdx r8 r9 r10 r12 are not touched. rsp is the user's all the way: nothing here may fault or push.
; docs/performance.md goes through it line by line.

%include "build/gen/offsets.inc"
%include "kernel/x86/registers.inc"

bits 64
section .text
extern current, ready_bitmap, nobody, pending, syscall_slow, notify_waiter, fpu_owner, fpu_features, extras_loaded

; The capability rdi is in the table (limit: field %1), and its object is alive, an endpoint, and may be sent to; who waits
; there may be switched to (limit: field %2). r13 = endpoint, r14 = receiver; %3, %4: where to go otherwise.
%macro take_call 4
    and edi, -32                            ; a slot's offset, or a badge would be taken for a pointer
    cmp rdi, [r11 + %1]
    jae %3
    mov rcx, [r11 + THREAD_TABLE]
    mov r13, [rcx + rdi + CAPABILITY_OBJECT]
    mov r14, [rcx + rdi + CAPABILITY_SEND_STAMP]
    cmp r14, [r13 + FRAME_STAMP]
    jne syscall_slow
    shl r13, 7                              ; descriptor to endpoint
    mov r14, [r13 + ENDPOINT_WAITER]        ; whoever stands in for nobody has a limit of 0
    mov r15, [rel ready_bitmap]
    cmp r15, [r14 + %2]                     ; somebody above it is ready
    ja %4
    ; --- nothing below can fail ---
    mov qword [r13 + ENDPOINT_WAITER], nobody
    mov dword [r11 + THREAD_STATE], IS_CALLING ; and not full
    mov [r11 + THREAD_SERVER], r14
    mov [r14 + THREAD_CLIENT], r11
    mov [rel current], r14
    mov rdi, [rcx + rdi + CAPABILITY_BADGE]
    mov rbx, [r11 + THREAD_TOKEN]
%endmacro

; The endpoint of the last recv (stamp: field %1) is alive, and nothing waits there; the caller that the token names waits
; for this thread, and may be switched to (limit: field %2). r13 = endpoint, r14 = caller; %3, %4: where to go otherwise.
%macro take_reply 4
    mov r13, [r11 + THREAD_ENDPOINT]
    mov r14, [r11 + %1]
    cmp r14, [r13 + FRAME_STAMP]
    jne %3
    shl r13, 7
    cmp qword [r13 + ENDPOINT_WAITER], nobody
    jne syscall_slow
    mov r14, [r11 + THREAD_CLIENT]
    cmp rbx, [r14 + THREAD_TOKEN]
    jne syscall_slow
    mov r15, [rel ready_bitmap]
    cmp r15, [r14 + %2]
    ja %4
    ; --- nothing below can fail ---
    mov [r13 + ENDPOINT_WAITER], r11
    mov dword [r11 + THREAD_STATE], IS_RECEIVING ; and not full
    mov qword [r11 + THREAD_CLIENT], nobody
    add dword [r14 + THREAD_TOKEN + 4], 1   ; its token is used up
    mov [rel current], r14
    xor edi, edi
    xor ebx, ebx
%endmacro

; The FPU's registers become r14's, or out of its reach. Uses r13, r15 and rcx.
%macro switch_fpu 0
    test byte [r14 + THREAD_EXTRAS], THREAD_FPU
    jz %%no_user
    clts
    mov dword [rel extras_loaded], THREAD_FPU
    mov rcx, [rel fpu_owner]
    cmp rcx, r14
    je %%done
    mov [rel fpu_owner], r14
    mov r13, rax                            ; the mask of XSAVE is in edx:eax (SDM vol. 1, "Managing State")
    mov r15, rdx
    mov eax, [rel fpu_features]
    xor edx, edx
    test rcx, rcx
    jz %%restore
    xsave64 [rcx + THREAD_FPU_STATE]
%%restore:
    xrstor64 [r14 + THREAD_FPU_STATE]
    mov rax, r13
    mov rdx, r15
    jmp %%done
%%no_user:
    mov dword [rel extras_loaded], 0
    mov rcx, cr0
    or ecx, CR0_TS
    mov cr0, rcx
%%done:
%endmacro

; The body goes from r11's message page into r14's: both are resident, and neither is reached through an address of ring 3's.
; Of the last word only what was sent travels and is overwritten. rdi stays; the FPU's registers change hands where one of
; the two uses them. Uses r13, r15, rcx.
%macro pass_body 0
    mov r13, rsi
    mov r15, rdi
    mov rsi, [r11 + THREAD_PAGE]
    mov rdi, [r14 + THREAD_PAGE]
    add rsi, MESSAGE_BODY
    add rdi, MESSAGE_BODY
    mov ecx, eax
    shr ecx, LENGTH_AT + 3
    rep movsq
    mov ecx, eax
    shr ecx, LENGTH_AT
    and ecx, 7
    rep movsb
    mov rsi, r13
    mov rdi, r15
    mov ecx, [r14 + THREAD_EXTRAS]          ; only THREAD_FPU lets a thread come here; and it is not full
    or ecx, [rel extras_loaded]
    jz %%same_fpu
    switch_fpu
%%same_fpu:
%endmacro

; To ring 3, as thread r14, which waits since a system call of its own; the address space changes where it differs (no PCID:
; SDM vol. 3, "Invalidation of TLBs"). Clears what is neither a word nor a result.
%macro return_to_r14 0
    mov rcx, [r14 + THREAD_CR3]
    cmp rcx, [r11 + THREAD_CR3]
    je %%same
    mov cr3, rcx
%%same:
    xor r13d, r13d
    xor r15d, r15d
    load r14, rbp,RBP, rcx,RIP, rsp,RSP     ; rip is canonical: the last page below the hole is never mapped
    xor r14d, r14d
    mov r11d, RFLAGS_IF | RFLAGS_FIXED
    o64 sysret
%endmacro

; in: as in abi/syscall.h; rcx = return address, r11 = flags (SDM vol. 2, "SYSCALL")
align 64
global syscall_entry
syscall_entry:
    mov r11, [rel current]
    save r11, rcx,RIP, rsp,RSP, rbp,RBP
    cmp eax, OPERATION_CALL                 ; and neither a body nor capabilities
    jne .not_call
    take_call THREAD_TABLE_LIMIT, THREAD_LIMIT, .fpu_call, .fpu_call
    return_to_r14
.not_call:
    cmp eax, OPERATION_REPLY_RECV
    jne .not_ipc
    take_reply THREAD_FAST_STAMP, THREAD_LIMIT, .fpu_reply, .fpu_reply
    return_to_r14

    ; one side or both use the FPU: the same, and its state changes hands
.fpu_call:
    take_call THREAD_FPU_TABLE_LIMIT, THREAD_FPU_LIMIT, syscall_slow, syscall_slow
    switch_fpu
    return_to_r14
.fpu_reply:
    take_reply THREAD_FPU_STAMP, THREAD_FPU_LIMIT, syscall_slow, syscall_slow
    switch_fpu
    return_to_r14

.not_ipc:
    jb .low
    cmp rax, SYSCALL_COUNT
    jb syscall_slow

    ; a message with a body, and without capabilities: the same once more, with limits that allow for users of the FPU
.body:
    test eax, (1 << LENGTH_AT) - 4          ; capabilities, or an operation above 3
    jnz syscall_slow
    cmp eax, (MESSAGE_MAX + 1) << LENGTH_AT
    jae syscall_slow
    cmp qword [r11 + THREAD_PAGE], 0
    je syscall_slow
    cmp al, OPERATION_CALL
    jne .body_not_call
    take_call THREAD_FPU_TABLE_LIMIT, THREAD_BODY_LIMIT, syscall_slow, syscall_slow
    pass_body
    return_to_r14
.body_not_call:
    cmp al, OPERATION_REPLY_RECV
    jne syscall_slow
    take_reply THREAD_FPU_STAMP, THREAD_BODY_LIMIT, syscall_slow, syscall_slow
    pass_body
    return_to_r14

.low:                                       ; 0 or 1, and perhaps a method
    cmp rax, OPERATION_NOTIFY
    jb .empty
    ja syscall_slow
    mov r13d, edi
    and r13d, -32
    cmp r13, [r11 + THREAD_TABLE_LIMIT]
    jae syscall_slow
    add r13, [r11 + THREAD_TABLE]
    mov rcx, [r13 + CAPABILITY_STAMP]
    test cl, RIGHT_NOTIFY                   ; the rights are in the low byte
    jz syscall_slow
    xor cl, cl
    mov r14, [r13 + CAPABILITY_OBJECT]
    cmp rcx, [r14 + FRAME_STAMP]
    jne syscall_slow
    shl r14, 7
    mov rcx, [r13 + CAPABILITY_BADGE]       ; the mask of the bits that it may set; 0: all
    cmp rcx, 1
    sbb r15, r15
    or rcx, r15
    and rcx, rsi
    jz syscall_slow
    cmp qword [r14 + ENDPOINT_WAITER], pending
    je .set
    cmp qword [r14 + ENDPOINT_WAITER], nobody
    jne notify_waiter
    mov qword [r14 + ENDPOINT_WAITER], pending
.set:
    or [r14 + ENDPOINT_BITS], rcx
    mov rcx, [r11 + THREAD_RIP]
    xor eax, eax                            ; OK, which is what the empty operation has in rax already
.empty:
    cmp qword [r11 + THREAD_TABLE_LIMIT], 0 ; a thread with anything special leaves by the C path
    je syscall_slow
    xor edi, edi
    xor r13d, r13d
    xor r14d, r14d
    xor r15d, r15d
    mov r11d, RFLAGS_IF | RFLAGS_FIXED
    o64 sysret

section .note.GNU-stack noalloc noexec nowrite progbits
