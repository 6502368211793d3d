// SPDX-License-Identifier: MIT
// CRC-32 as in Ethernet, gzip and zlib (reflected polynomial 0xedb88320).
#pragma once

#include <stddef.h>
#include <stdint.h>

// Start with crc = 0; give the result of one piece to the next.
uint32_t crc32(uint32_t crc, const void *data, size_t length);
