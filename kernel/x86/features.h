// SPDX-License-Identifier: MIT
// What this processor can do, switched on where it has it.
#pragma once

void features_init(void);
