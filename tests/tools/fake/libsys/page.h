// SPDX-License-Identifier: MIT
// Stands in for libsys/page.h: client and server are one program here, each side with a page of its own.
#pragma once

#include "abi/message.h"

struct message_page *message_page(void);
