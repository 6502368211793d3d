// SPDX-License-Identifier: MIT
// The supervisor: init's first thread, of the highest priority in ring 3. It learns of every fault and every end, and
// starts what must live again. It calls nobody, so nobody can hold it up: the builder hears of deaths through a ring.
#pragma once

#include "servers/init/backoff.h"
#include "servers/init/heartbeat.h"
#include "servers/init/ring.h"
#include "servers/init/table.h"

enum service_state { // as in the interface's method process
    SERVICE_RUNNING = 1,
    SERVICE_WAITING, // for its restart
    SERVICE_GIVEN_UP,
    SERVICE_BROKEN, // its module is missing or corrupt
    SERVICE_ENDED,  // and is not to be restarted
};

// A standing entry of the manifest. Only the supervisor writes; the builder reads.
struct service {
    enum service_state state;
    _Atomic uint64_t id; // of its present life; 0: none
    uint32_t generation;
    uint32_t restarts;
    uint32_t cause; // of its last death
    struct backoff backoff;
    struct heartbeat heartbeat;
    uint64_t due; // when it is started again; FOREVER: not by the clock
};

extern struct service services[MANIFEST_ENTRIES];

// Places of processes that have ended: from the supervisor to the builder, which is notified.
extern struct ring deaths;
// Numbers of processes that shall end: from the builder to the supervisor, which is notified.
extern struct ring kills;

// Starts a life of an entry whose body lies ready. At boot and at each restart.
must_use err_t service_start(uint32_t entry);

// Never returns.
noreturn void supervise(void);
