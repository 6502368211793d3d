// SPDX-License-Identifier: MIT
// Reading the manifest (abi/manifest.h). It comes as a module, so it is input like any other: every rule that is
// written in abi/manifest.h is checked before its first field is used.
#pragma once

#include "abi/errors.h"
#include "abi/manifest.h"

// Checks size bytes at data, which may be more than the manifest has (a module ends with its page). OK: *manifest points
// into data, every text in it is closed, every count within its array, every call goes up in priority to a server or
// init. ERR_BROKEN: it is no manifest, is cut, altered or breaks a rule; *manifest is not written.
must_use err_t manifest_open(const void *data, size_t size, const struct manifest **manifest);

// Bytes of an entry's arguments, their NULs included.
size_t manifest_arguments_length(const struct manifest_entry *entry);

// The entry's place, or -1.
int manifest_find(const struct manifest *manifest, const char *name);
