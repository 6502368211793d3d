// SPDX-License-Identifier: MIT
// The two 8259A interrupt controllers (Intel 8259A data sheet), remapped to vectors 32–47.
#pragma once

#include "abi/types.h"

#define PIC_VECTOR 32
#define PIC_LINES 16
#define PIC_CASCADE 2

void pic_init(void); // all lines masked
void pic_unmask(uint32_t line);
void pic_end(uint32_t line);          // end of interrupt
void pic_mask_and_end(uint32_t line); // the same, and no more of it until pic_unmask
bool pic_is_spurious(uint32_t line);  // lines 7 and 15: an interrupt that went away; sends what the PIC needs then
