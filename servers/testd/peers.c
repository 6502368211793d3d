// SPDX-License-Identifier: MIT
#include "servers/testd/peers.h"

#include "common/string.h"
#include "libsys/start.h"
#include "servers/testd/processes.h"

#define PEERS 8

static struct peer {
    uint64_t id; // 0: the place is free
    uint64_t word;
    cap_t case_endpoint, endpoint;
    uint64_t start_token, end_token; // of the case's calls; 0: none waits
    bool has_ended;
    struct init_wait_reply how;
} peers[PEERS];

static struct peer *find(uint64_t id)
{
    for (struct peer *peer = peers; peer < peers + PEERS; peer++)
        if (id != 0 && peer->id == id) return peer;
    return NULL;
}

bool peers_have(uint64_t id) { return find(id) != NULL; }

err_t peers_start(struct caller *from, const struct testd_peer *in, const char *program, const char *case_name)
{
    char name[TESTD_PEER_NAME_MAX + 1]; // a copy: the calls to init use the message page
    struct peer *peer = peers;
    copy_text(name, sizeof name, in->name);
    uint64_t word = in->word;
    while (peer < peers + PEERS && peer->id != 0)
        peer++;
    if (peer == peers + PEERS) return ERR_FULL;
    if (from->cap_count != 1 || from->token == 0) return ERR_BAD_MESSAGE;
    uint64_t id;
    err_t err = process_start(program, (const char *[START_WORDS]){"peer", name, case_name}, &id);
    if (err != OK) return err;
    *peer = (struct peer){.id = id,
                          .word = word,
                          .case_endpoint = caller_keep(from, TESTD_PEER_CASE_ENDPOINT),
                          .start_token = from->token};
    return DEFERRED;
}

err_t peers_meet(struct caller *from, struct testd_meet_reply *out)
{
    struct peer *peer = find(from->badge);
    if (peer == NULL || peer->start_token == 0) return ERR_DENIED;
    if (from->cap_count != 1) return ERR_BAD_MESSAGE;
    peer->endpoint = caller_keep(from, TESTD_MEET_PEER_ENDPOINT);
    testd_peer_answer(peer->start_token, OK,
                      &(struct testd_peer_reply){.id = peer->id, .peer_endpoint = peer->endpoint});
    peer->start_token = 0;
    out->word = peer->word;
    out->case_endpoint = peer->case_endpoint;
    return OK;
}

static void tell(struct testd_peer_end_reply *out, const struct peer *peer)
{
    *out = (struct testd_peer_end_reply){peer->how.cause, peer->how.code, peer->how.address};
}

err_t peers_end(struct caller *from, const struct testd_peer_end *in, struct testd_peer_end_reply *out)
{
    struct peer *peer = find(in->id);
    if (peer == NULL) return ERR_DENIED;
    if (in->kill && !peer->has_ended) {
        process_end(peer->id, &peer->how);
        peer->has_ended = true;
    }
    if (peer->has_ended) {
        tell(out, peer);
        return OK;
    }
    peer->end_token = from->token;
    return DEFERRED;
}

void peers_look(void)
{
    for (struct peer *peer = peers; peer < peers + PEERS; peer++) {
        if (peer->id == 0 || peer->has_ended || !process_has_ended(peer->id, &peer->how)) continue;
        struct testd_peer_end_reply how;
        peer->has_ended = true;
        tell(&how, peer);
        if (peer->start_token != 0) testd_peer_answer(peer->start_token, ERR_BROKEN, NULL);
        if (peer->end_token != 0) testd_peer_end_answer(peer->end_token, OK, &how);
        peer->start_token = peer->end_token = 0;
    }
}

void peers_clear(void)
{
    for (struct peer *peer = peers; peer < peers + PEERS; peer++) {
        if (peer->id == 0) continue;
        if (!peer->has_ended) process_end(peer->id, &peer->how);
        cap_discard(peer->case_endpoint);
        cap_discard(peer->endpoint);
        *peer = (struct peer){0};
    }
}
