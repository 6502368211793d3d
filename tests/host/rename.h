// SPDX-License-Identifier: MIT
// What defines functions that libc has too (make/tests.mk: HOST_RENAME) is built for the host with this in front: the
// tests compare the two.
#pragma once

#define memcpy annulet_memcpy
#define memmove annulet_memmove
#define memset annulet_memset
#define memcmp annulet_memcmp
#define strlen annulet_strlen
#define strnlen annulet_strnlen
#define strcmp annulet_strcmp
#define strncmp annulet_strncmp
#define strchr annulet_strchr
#define strrchr annulet_strrchr
