// SPDX-License-Identifier: MIT
// The processor's exceptions in words, from the list in abi/fault.h.
#pragma once

#include <stdint.h>

const char *exception_text(uint64_t vector); // "PAGE FAULT"; "UNKNOWN EXCEPTION"
