// SPDX-License-Identifier: MIT
// Names and texts of the errors in abi/errors.h.
#pragma once

#include "abi/errors.h"

const char *error_name(err_t error); // "ERR_NO_CAP"; "ERR_UNKNOWN" for a number that is none
const char *error_text(err_t error); // "no capability in that slot, …"; "unknown error"
