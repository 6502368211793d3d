// SPDX-License-Identifier: MIT
#include "common/error_text.h"

const char *error_name(err_t error)
{
#define ERROR_NAME(NAME, NUMBER, TEXT) \
    case NAME: \
        return #NAME;
    switch (error) {
        ERRORS(ERROR_NAME)
    }
#undef ERROR_NAME
    return "ERR_UNKNOWN";
}

const char *error_text(err_t error)
{
#define ERROR_TEXT(NAME, NUMBER, TEXT) \
    case NAME: \
        return TEXT;
    switch (error) {
        ERRORS(ERROR_TEXT)
    }
#undef ERROR_TEXT
    return "unknown error";
}
