// SPDX-License-Identifier: MIT
// Every error of the system, once. Kernel errors arrive in the low half of the tag, which only the kernel writes; a
// server's errors arrive in the high half, so no server can forge one of the kernel's. Numbers start at 64 because the
// low half also carries the kind of a message (abi/message.h), and kinds are below.
#pragma once

// clang-format off
#define ERRORS(E) \
    E(OK,                0, "no error") \
    /* capabilities */ \
    E(ERR_NO_CAP,       64, "no capability in that slot, or its object is gone") \
    E(ERR_WRONG_TYPE,   65, "the capability names another type of object") \
    E(ERR_NO_RIGHT,     66, "the capability does not carry that right") \
    E(ERR_SLOT_USED,    67, "the target slot already holds a capability") \
    E(ERR_BAD_SLOT,     68, "no such slot in the capability table") \
    E(ERR_BADGED,       69, "a badge is set only once") \
    /* arguments */ \
    E(ERR_BAD_SYSCALL,  70, "no such operation") \
    E(ERR_BAD_ADDRESS,  71, "the address is outside the user half, unaligned or wraps around") \
    E(ERR_BAD_LENGTH,   72, "the length is zero, too large or does not fit") \
    E(ERR_BAD_ARGUMENT, 73, "an argument has no meaning here") \
    E(ERR_BAD_MESSAGE,  74, "the message is malformed: tag, length, text or capability count") \
    /* memory */ \
    E(ERR_MAPPED,       75, "the memory is mapped or pinned") \
    E(ERR_NOT_MAPPED,   76, "nothing is mapped there") \
    E(ERR_POOL_EMPTY,   77, "the process's pool has no frame left for this") \
    E(ERR_WX,           78, "memory is never writable and executable, in no two mappings either") \
    E(ERR_DEVICE,       79, "device memory cannot be used for that") \
    E(ERR_NOT_NEIGHBOUR,80, "the two runs do not touch") \
    /* progress */ \
    E(ERR_AGAIN,        81, "part of the work is done; call again for the rest") \
    E(ERR_TIMEOUT,      82, "the deadline passed") \
    E(ERR_BUSY,         83, "in use") \
    E(ERR_BAD_STATE,    84, "the object is not in a state that allows this") \
    /* IPC */ \
    E(ERR_SERVER_DIED,  85, "the server died before it answered") \
    E(ERR_GONE,         86, "the endpoint was destroyed while the caller waited") \
    E(ERR_NOT_RECEIVER, 87, "the endpoint names another receiving process") \
    E(ERR_NO_CALLER,    88, "the token names no waiting caller") \
    E(ERR_NO_SLOT,      89, "the receiver registered no free slot for a capability") \
    E(ERR_NO_PAGE,      90, "the thread has no message page") \
    E(ERR_SELF,         91, "a process cannot call itself on its own endpoint") \
    /* ports and interrupts */ \
    E(ERR_PORT,         92, "the port, its width or direction is outside the capability") \
    E(ERR_PORT_VALUE,   93, "that value may not be written to that port") \
    /* servers */ \
    E(ERR_NO_METHOD,   128, "the server has no such method") \
    E(ERR_NOT_FOUND,   129, "nothing has that name or number") \
    E(ERR_QUOTA,       130, "the quota is used up") \
    E(ERR_NO_MEMORY,   131, "no memory is left") \
    E(ERR_TOO_LONG,    132, "the text or the list is longer than allowed") \
    E(ERR_RANGE,       133, "a number is outside its range") \
    E(ERR_FULL,        134, "the queue or table is full") \
    E(ERR_EMPTY,       135, "nothing is there yet") \
    E(ERR_DENIED,      136, "the caller may not do that") \
    E(ERR_EXISTS,      137, "it exists already") \
    E(ERR_BROKEN,      138, "the device or image is broken") \
    E(ERR_UTF8,        139, "the text is not valid UTF-8")
// clang-format on

#define ERROR_ENUM(NAME, NUMBER, TEXT) NAME = (NUMBER),
typedef enum err { ERRORS(ERROR_ENUM) } err_t;
