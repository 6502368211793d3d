// SPDX-License-Identifier: MIT
#include "servers/bridge/hands.h"

struct hand hands[HAND_PLACES];

struct hand *hand_of(uint64_t id)
{
    for (struct hand *hand = hands; hand < hands + HAND_PLACES; hand++)
        if (id != 0 && hand->id == id) return hand;
    return NULL;
}

struct hand *hand_waiting(void)
{
    for (struct hand *hand = hands; hand < hands + HANDS; hand++)
        if (hand->state == HAND_WAITING) return hand;
    return NULL;
}

struct hand *hand_calling(uint32_t sequence)
{
    for (struct hand *hand = hands; hand < hands + HANDS; hand++)
        if (hand->state == HAND_CALLING && hand->sequence == sequence) return hand;
    return NULL;
}
