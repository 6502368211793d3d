// SPDX-License-Identifier: MIT
// Names of the processor's exceptions, from the list in abi/fault.h.
#pragma once

#include <stdint.h>

const char *exception_name(uint64_t vector); // "PF"; "??" for a vector without a name
const char *exception_text(uint64_t vector); // "PAGE FAULT"; "UNKNOWN EXCEPTION"
