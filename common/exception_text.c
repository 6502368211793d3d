// SPDX-License-Identifier: MIT
#include "common/exception_text.h"

#include "abi/fault.h"

#define NAME_AT(VECTOR, NAME, TEXT) [VECTOR] = NAME,
#define TEXT_AT(VECTOR, NAME, TEXT) [VECTOR] = TEXT,
static const char *const names[32] = {EXCEPTIONS(NAME_AT)};
static const char *const texts[32] = {EXCEPTIONS(TEXT_AT)};

const char *exception_name(uint64_t vector) { return vector < 32 && names[vector] ? names[vector] : "??"; }

const char *exception_text(uint64_t vector)
{
    return vector < 32 && texts[vector] ? texts[vector] : "UNKNOWN EXCEPTION";
}
