// SPDX-License-Identifier: MIT
// Errors in words: const char *error_text(err_t).
#pragma once

#include "common/error_text.h"
