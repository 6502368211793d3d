// SPDX-License-Identifier: MIT
// sources: common/utf8.c
// Any bytes decode, one character or one invalid byte at a time, and what decodes encodes to the same bytes.
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"

static void require(int claim)
{
    if (!claim) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool valid = true;
    for (size_t at = 0; at < size;) {
        uint32_t code;
        char again[4];
        size_t taken = utf8_decode((const char *)data + at, size - at, &code);
        require(taken >= 1 && taken <= size - at);
        if (code == UTF8_INVALID)
            require(taken == 1);
        else
            require(utf8_encode(again, code) == taken && memcmp(again, data + at, taken) == 0);
        valid &= code != UTF8_INVALID;
        at += taken;
    }
    require(utf8_is_valid((const char *)data, size) == valid);
    return 0;
}
