// SPDX-License-Identifier: MIT
#pragma once

#include "interfaces/sample.h"
#include "ipc.h"

extern const struct sample_server sample_server;

// For fake_later: answer the kept caller, with its text or with an error.
void sample_answer_later(void);
void sample_refuse_later(void);
