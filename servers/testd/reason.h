// SPDX-License-Identifier: MIT
// Why a case has failed, in words.
#pragma once

#include "interfaces/init.h"
#include "interfaces/testd.h"

#define REASON_MAX (TESTD_FAILED_TEXT_MAX + 1)

// What a case has said of its end (EXPECT_FAULT and its like).
struct expected_end {
    bool is_set, has_code, has_address;
    uint32_t cause;
    uint64_t code, address;
    char place[TESTD_EXPECT_PLACE_MAX + 1];
};

// Of an end that nobody expected.
void reason_of_end(const struct init_wait_reply *how, bool is_done, char *text);

// true: it is another end than the expected one, and *text says so.
bool reason_of_unexpected(const struct expected_end *expected, const struct init_wait_reply *how, char *text);
