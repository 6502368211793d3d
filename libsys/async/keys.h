// SPDX-License-Identifier: MIT
// The keyboard as a stream of events, for one task of the process at a time. The process must hold "kbd". Events go to
// whoever asks kbd first: of several processes that listen, the one of the highest priority.
#pragma once

#include "interfaces/kbd.h"
#include "libsys/async/executor.h"

#define KEYS_BIT BIT(62) // the notification bit that kbd sets; in a server, whose endpoint has one mask, it sets all

// True: the next event (*error OK), or there will be none: ERR_BUSY (another task has the stream), ERR_BROKEN (no
// keyboard), ERR_NO_CAP. False: the task will be woken when a key comes. A kbd that dies is waited for.
bool keys_next(struct task *t, struct kbd_event *event, err_t *error);

// Gives the stream back: the `ended` of a task kind that calls keys_next. Another task's stream stays as it is.
void keys_close(struct task *t);
