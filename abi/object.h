// SPDX-License-Identifier: MIT
// Types of kernel objects and the rights of capabilities.
#pragma once

#include "abi/types.h"

// clang-format off
// T(name, number, what it is). The number is the type byte of a stamp.
#define OBJECT_TYPES(T) \
    T(NONE,       0, "nothing") \
    T(MEMORY,     1, "memory") \
    T(DEVICE,     2, "device memory") \
    T(PROCESS,    3, "process") \
    T(THREAD,     4, "thread") \
    T(ENDPOINT,   5, "endpoint") \
    T(PORTS,      6, "I/O ports") \
    T(IRQ,        7, "interrupt line") \
    T(CLOCK,      8, "clock") \
    T(LOG,        9, "log") \
    T(POWER,     10, "power") \
    T(DYING,     11, "process being destroyed") \
    T(ENDING,    12, "endpoint being destroyed") \
    T(MAKING,    13, "process being made") \
    T(INNER,     16, "frame inside a run") \
    T(POOL,      17, "free frame of a pool") \
    T(PAGE_TABLE,18, "page table") \
    T(CLEARING,  19, "run being cleared")
// clang-format on

#define OBJECT_ENUM(NAME, NUMBER, TEXT) TYPE_##NAME = (NUMBER),
enum object_type { OBJECT_TYPES(OBJECT_ENUM) };

// Rights: the low byte of a capability's stamp.
#define RIGHT_SEND 0x01u    // endpoint: call and send
#define RIGHT_NOTIFY 0x02u  // endpoint: notify, with the badge as the mask of bits that may be set
#define RIGHT_GRANT 0x04u   // the capability may travel in a message
#define RIGHT_MANAGE 0x08u  // create in, destroy, bind, badge
#define RIGHT_READ 0x10u    // memory: map readable; ports: in; log: read
#define RIGHT_WRITE 0x20u   // memory: map writable; ports: out; log: write
#define RIGHT_EXECUTE 0x40u // memory: map executable
#define RIGHT_MAP 0x80u     // process: map into it
#define RIGHTS_ALL 0xffu
