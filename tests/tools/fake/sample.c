// SPDX-License-Identifier: MIT
// The server of interfaces/sample: gives back what it gets.
#include "sample.h"

#include <string.h>

static err_t scalars(struct caller *from, const struct sample_scalars *in, struct sample_scalars_reply *out)
{
    (void)from;
    *out = (struct sample_scalars_reply){in->a, in->b, in->c, in->d, in->e, in->f};
    return OK;
}

static err_t spilled(struct caller *from, const struct sample_spilled *in, struct sample_spilled_reply *out)
{
    (void)from;
    *out = (struct sample_spilled_reply){
        .text = in->text, .a = in->a, .b = in->b, .c = in->c, .d = in->d, .e = in->e, .f = in->f, .g = in->g};
    return OK;
}

static err_t text(struct caller *from, const struct sample_text *in, struct sample_text_reply *out)
{
    (void)from;
    if (strlen(in->text) != in->text_length) return ERR_BROKEN;
    out->text = in->text;
    return OK;
}

static err_t bytes(struct caller *from, const struct sample_bytes *in, struct sample_bytes_reply *out)
{
    (void)from;
    for (uint32_t i = 0; i < in->data_length; i++)
        out->sum += in->data[i];
    out->data = in->data;
    out->data_length = in->data_length;
    return OK;
}

static err_t unicode(struct caller *from, const struct sample_unicode *in, struct sample_unicode_reply *out)
{
    (void)from;
    for (uint32_t i = 0; i < in->text_length; i++)
        out->characters += (in->text[i] & 0xc0) != 0x80;
    return OK;
}

static err_t structs(struct caller *from, const struct sample_structs *in, struct sample_structs_reply *out)
{
    (void)from;
    memset(out, 0xa5, sizeof *out); // gaps and all
    out->point = in->point;
    out->gappy.flag = in->gappy.flag;
    out->gappy.wide = in->gappy.wide;
    out->gappy.small = in->gappy.small;
    return OK;
}

// Several lists must not point into the request's body: each is copied.
static err_t lists(struct caller *from, const struct sample_lists *in, struct sample_lists_reply *out)
{
    static struct sample_lists_reply kept;
    static uint8_t some_bytes[SAMPLE_LISTS_BYTES_MAX];
    static uint32_t numbers[SAMPLE_LISTS_NUMBERS_MAX];
    static bool flags[SAMPLE_LISTS_FLAGS_MAX];
    static struct sample_gappy gaps[SAMPLE_LISTS_GAPS_MAX];
    static struct sample_point points[SAMPLE_LISTS_POINTS_MAX];
    (void)from;
    memcpy(some_bytes, in->bytes, in->bytes_count);
    memcpy(numbers, in->numbers, in->numbers_count * sizeof *numbers);
    memcpy(flags, in->flags, in->flags_count * sizeof *flags);
    memcpy(gaps, in->gaps, in->gaps_count * sizeof *gaps);
    memcpy(points, in->points, in->points_count * sizeof *points);
    for (uint32_t i = 0; i < in->gaps_count; i++)
        memset(gaps[i].padding0, 0xa5, sizeof gaps[i].padding0);
    kept = (struct sample_lists_reply){points,  in->points_count,  some_bytes, in->bytes_count, gaps, in->gaps_count,
                                       numbers, in->numbers_count, flags,      in->flags_count};
    *out = kept;
    return OK;
}

static err_t pair(struct caller *from, const struct sample_pair *in, struct sample_pair_reply *out)
{
    (void)from;
    out->left = in->right;
    out->right = in->left;
    return OK;
}

static err_t caps(struct caller *from, const struct sample_caps *in, struct sample_caps_reply *out)
{
    (void)in;
    for (uint32_t i = 0; i < 2; i++)
        out->arrived += from->cap_count > i && from->caps[i].slot != 0;
    out->back = caller_keep(from, SAMPLE_CAPS_SECOND);
    return OK;
}

static err_t nothing(struct caller *from) { return from->badge == FAKE_BADGE ? OK : ERR_BROKEN; }

static struct {
    uint64_t token;
    char text[SAMPLE_DEFERRED_TEXT_MAX + 1];
} kept;

static err_t deferred(struct caller *from, const struct sample_deferred *in, struct sample_deferred_reply *out)
{
    (void)out;
    kept.token = from->token;
    strcpy(kept.text, in->text);
    return DEFERRED;
}

void sample_answer_later(void)
{
    sample_deferred_answer(kept.token, OK, &(struct sample_deferred_reply){.text = kept.text});
}

void sample_refuse_later(void) { sample_deferred_answer(kept.token, ERR_BUSY, NULL); }

static err_t failing(struct caller *from, const struct sample_failing *in, struct sample_failing_reply *out)
{
    (void)from;
    out->text = "five!";
    return (err_t)in->error;
}

const struct sample_server sample_server = {
    .scalars = scalars,
    .spilled = spilled,
    .text = text,
    .bytes = bytes,
    .unicode = unicode,
    .structs = structs,
    .lists = lists,
    .pair = pair,
    .caps = caps,
    .nothing = nothing,
    .deferred = deferred,
    .failing = failing,
};
