// SPDX-License-Identifier: MIT
// I/O ports as objects: a range, directions, and where a byte can do harm the values that may be written.
#pragma once

#include "abi/errors.h"
#include "kernel/frame.h"

extern struct frame ports_root; // every port that may be granted at all
