// SPDX-License-Identifier: MIT
// Hands an error on to the caller. Only where there is nothing to undo.
#pragma once

#define TRY(CALL) \
    do { \
        err_t try_error = (CALL); \
        if (try_error) return try_error; \
    } while (0)
