// SPDX-License-Identifier: MIT
#pragma once

// Two tasks of one process hold the same buffer; the second one to let go frees it.
void share_between_tasks(void);
