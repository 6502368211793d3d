// SPDX-License-Identifier: MIT
#include "common/exception_text.h"

#include "abi/fault.h"

const char *exception_name(uint64_t vector)
{
#define EXCEPTION_NAME(VECTOR, NAME, TEXT) \
    case VECTOR: \
        return NAME;
    switch (vector) {
        EXCEPTIONS(EXCEPTION_NAME)
    }
#undef EXCEPTION_NAME
    return "??";
}

const char *exception_text(uint64_t vector)
{
#define EXCEPTION_TEXT(VECTOR, NAME, TEXT) \
    case VECTOR: \
        return TEXT;
    switch (vector) {
        EXCEPTIONS(EXCEPTION_TEXT)
    }
#undef EXCEPTION_TEXT
    return "UNKNOWN EXCEPTION";
}
