// SPDX-License-Identifier: MIT
// Stands in for libsys/loop.h: each request goes through the loop's dispatcher, and what that leaves to be shown in memory
// through the other one.
#pragma once

#include "libsys/serve.h"

static inline err_t serve_in_memory(err_t (*dispatch)(const struct server *server, struct caller *from,
                                                      struct message *m),
                                    const struct server *server, struct caller *from, struct message *m)
{
    return dispatch(server, from, m);
}

static inline err_t serve_by(cap_t endpoint, const struct server *server,
                             err_t (*dispatch)(const struct server *server, struct caller *from, struct message *m))
{
    struct server loop = *server;
    loop.dispatch = dispatch;
    return serve(endpoint, &loop);
}
