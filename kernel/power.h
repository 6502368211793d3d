// SPDX-License-Identifier: MIT
// Switching the machine off or restarting it: sys_power.
#pragma once

#include "kernel/frame.h"

extern struct frame power_frame;
