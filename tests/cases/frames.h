// SPDX-License-Identifier: MIT
// The frames that a case was lent, on their way back.
#pragma once

#include "abi/types.h"

// Where cases map frames of theirs to look at them. What is still mapped from here on is unmapped at the end.
#define CASE_PLACE 0x0000200000000000

// The run has come.
void frames_note(cap_t run);

// Ends a process that the case has made; its runs come back into empty slots.
void frames_end_process(cap_t process);

// At the end of the case: ends the processes that it still holds, joins the pieces of the run and gives it back. Fails
// the case if something is missing.
void frames_return(void);
