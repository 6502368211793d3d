// SPDX-License-Identifier: MIT
// A server that dies at its start, each time: what the supervisor must not be busy with for ever.
#include "libsys/panic.h"
#include "libsys/start.h"

int main(void) { panic("life %u was short", start_page()->generation); }
