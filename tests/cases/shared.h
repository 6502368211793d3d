// SPDX-License-Identifier: MIT
// For cases that are written once and run in two places: inside the system, and on this machine under AddressSanitizer
// and UBSan (tests/host/test_shared.c). Such a file includes this instead of case.h, and uses TEST, CHECK, CHECK_EQ and
// CHECK_TEXT only.
#pragma once

#if __STDC_HOSTED__

#include "tests/host/test.h"

#define CHECK(CONDITION) assert_true(CONDITION)
#define CHECK_EQ(SAW, WANTED) assert_int_equal((uint64_t)(SAW), (uint64_t)(WANTED))
#define CHECK_TEXT(SAW, WANTED) assert_string_equal(SAW, WANTED)

#else

#include "common/mem.h"
#include "common/string.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

#endif
