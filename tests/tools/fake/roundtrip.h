// SPDX-License-Identifier: MIT
#pragma once

#include "sample.h"
#include "tests/host/test.h"

static const cap_t server = {9};

// Before each test: no message is altered, deferred calls are answered well.
int roundtrip_start(void **state);

#define CHECK(NAME) cmocka_unit_test_setup(NAME, roundtrip_start)

int run_values(void);
int run_refusals(void);
