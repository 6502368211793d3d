// SPDX-License-Identifier: MIT
// memory owns the machine's frames: it serves page faults, grows heaps, lends runs to init and counts everything.
// Nothing here ever pages: init has mapped all of it, and memory has no pager.
#include "abi/fault.h"
#include "interfaces/memory.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "servers/memory/clients.h"
#include "servers/memory/store.h"

static bool is_init(const struct caller *from)
{
    return from->badge == 0; // init made the endpoint; everybody else's capability has a badge
}

static never_inline err_t fault_of_newcomer(struct caller *from, struct message *m)
{
    struct client *client = client_adopt(from->badge);
    return client ? client_fault(client, m->words) : ERR_NOT_FOUND;
}

// The path whose length is measured as first_touch: what is not a first touch leaves it early.
static err_t fault(struct caller *from, struct message *m)
{
    if (m->words[FAULT_CAUSE] != 14 || m->words[FAULT_CODE] & (PF_PRESENT | PF_RESERVED | PF_FETCH)) return ERR_DENIED;
    struct client *client = client_known(from->badge);
    return client ? client_fault(client, m->words) : fault_of_newcomer(from, m);
}

static err_t span(struct caller *from, const struct memory_span *in, struct memory_span_reply *out)
{
    struct client *client = client_find(from->badge);
    return client ? client_span(client, in->pages, &out->address) : ERR_NOT_FOUND;
}

static err_t release(struct caller *from, const struct memory_release *in)
{
    struct client *client = client_find(from->badge);
    return client ? client_release(client, in->address, in->pages) : ERR_NOT_FOUND;
}

static err_t block_alloc(struct caller *from, const struct memory_block_alloc *in, struct memory_block_alloc_reply *out)
{
    struct client *client = client_find(from->badge);
    return client ? client_block_alloc(client, in->size, &out->address) : ERR_NOT_FOUND;
}

static err_t block_free(struct caller *from, const struct memory_block_free *in)
{
    struct client *client = client_find(from->badge);
    return client ? client_block_free(client, in->address) : ERR_NOT_FOUND;
}

static err_t stack(struct caller *from, const struct memory_stack *in)
{
    struct client *client = client_find(from->badge);
    return client ? client_stack(client, in->thread, in->pages) : ERR_NOT_FOUND;
}

static err_t release_stack(struct caller *from, const struct memory_release_stack *in)
{
    struct client *client = client_find(from->badge);
    return client ? client_release_stack(client, in->thread) : ERR_NOT_FOUND;
}

static err_t figures(struct caller *from, struct memory_figures_reply *out)
{
    (void)from;
    const struct store_figures *store = store_figures();
    out->total = store->total;
    out->free = store_free();
    out->books = store->books;
    out->lent = store->lent;
    out->clients = clients_pages();
    out->faults = clients_faults();
    return OK;
}

static err_t client(struct caller *from, const struct memory_client *in, struct memory_client_reply *out)
{
    (void)from;
    const struct client *asked = client_find(in->id);
    if (!asked) return ERR_NOT_FOUND;
    out->pages = asked->pages;
    out->reserved = asked->reserved;
    out->quota = asked->quota;
    out->blocks = asked->block_count;
    return OK;
}

static err_t detach(struct caller *from, const struct memory_detach *in)
{
    if (!is_init(from)) return ERR_DENIED;
    client_detach(in->id);
    return OK;
}

static err_t take_run(struct caller *from, const struct memory_take_run *in, struct memory_take_run_reply *out)
{
    if (!is_init(from)) return ERR_DENIED;
    if (in->pages > store_free() - clients_promised()) return ERR_NO_MEMORY;
    return store_lend(in->pages, &out->run);
}

static err_t give_run(struct caller *from)
{
    if (!is_init(from)) return ERR_DENIED;
    cap_t run = caller_keep(from, 0);
    err_t err = store_accept(run);
    if (err != OK && run.slot) cap_discard(run);
    return err;
}

int main(void)
{
    const struct client_page *page = region_named("clients", NULL);
    cap_t self = cap_named("process");
    if (!page || !self.slot) panic("init gave no client page or no process");
    clients_start(page, self);
    store_start(page, self);
    return memory_serve(cap_named("self"), &(struct memory_server){
                                               .span = span,
                                               .release = release,
                                               .block_alloc = block_alloc,
                                               .block_free = block_free,
                                               .stack = stack,
                                               .release_stack = release_stack,
                                               .figures = figures,
                                               .client = client,
                                               .detach = detach,
                                               .take_run = take_run,
                                               .give_run = give_run,
                                               .fault = fault,
                                           });
}
