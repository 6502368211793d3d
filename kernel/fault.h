// SPDX-License-Identifier: MIT
// Faults as messages: a thread that stops is as though it had called its fault endpoint. Page faults go to its pager;
// everything else, and what the pager does not resolve, to its debugger if it has one, and then to its supervisor.
#pragma once

#include "abi/types.h"

struct thread;

// The current thread stops with that cause (abi/fault.h).
void fault_raise(struct thread *t, uint64_t cause, uint64_t code, uint64_t address);

// Writes the fault's body for a receiver; returns the tag of the message.
uint64_t fault_deliver(struct thread *from, struct thread *to);

// The handler answered, in its registers and message page. true: the thread goes on, and the caller sees to that. false: the
// next handler was asked, or the thread has ended.
must_use bool fault_replied(struct thread *t, const struct thread *handler);

// The handler is gone: the next one will be asked, in an interrupt of its own. A handler that ends may itself have been
// somebody's fault, and so on: a chain of any length.
void fault_orphan(struct thread *t);

// Asks the next handler of the first who waits for that. true: there are more.
bool fault_next_orphan(void);
