// SPDX-License-Identifier: MIT
#include "common/exception_text.h"

#include "abi/fault.h"

#define TEXT_AT(VECTOR, NAME, TEXT) [VECTOR] = TEXT,
static const char *const texts[32] = {EXCEPTIONS(TEXT_AT)};

const char *exception_text(uint64_t vector)
{
    return vector < 32 && texts[vector] ? texts[vector] : "UNKNOWN EXCEPTION";
}
