// SPDX-License-Identifier: MIT
#include "libsys/keep.h"

// Before each copy.
struct copy {
    uint64_t magic; // 0: being written; stored last
    uint32_t version;
    uint32_t length;
    uint64_t sequence; // the higher is the newer
    uint64_t sum;
    uint64_t words[];
};

static struct copy *copy_at(const struct keep *keep, uint64_t sequence)
{
    return (struct copy *)(keep->region + sequence % 2 * keep->copy_size);
}

// Not against forgers, nobody else can write here, but against stray stores: word by word, because it is computed at
// each commit. The multiplier is FNV-1a's for 64 bits; the rotation brings high bits down, which it alone never does.
static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x100000001b3;
    return sum << 32 | sum >> 32;
}

static uint64_t sum_of(const struct copy *copy)
{
    uint64_t sum = mix(mix(0xcbf29ce484222325, (uint64_t)copy->version << 32 | copy->length), copy->sequence);
    const size_t count = (copy->length + 7u) / 8;
    size_t i = 0;
    for (; i + 2 <= count; i += 2)
        sum = mix(mix(sum, copy->words[i]), copy->words[i + 1]);
    if (i < count) sum = mix(sum, copy->words[i]);
    return sum;
}

static const char *fault_of(const struct keep *keep, const struct copy *copy)
{
    if (copy->magic != keep->format.magic) return "magic";
    if (copy->version != keep->format.version) return "version";
    if (copy->length > keep->format.most) return "length";
    if (copy != copy_at(keep, copy->sequence) || copy->sum != sum_of(copy)) return "checksum";
    return NULL;
}

// A copy that is there and wrong makes the whole region suspect: an older one beside it is not believed either.
static const struct copy *newest(const struct keep *keep, const char **lost)
{
    const struct copy *found = NULL;
    *lost = NULL;
    for (uint64_t i = 0; i < 2; i++) {
        const struct copy *copy = copy_at(keep, i);
        if (copy->magic == 0) continue;
        *lost = fault_of(keep, copy);
        if (*lost) return NULL;
        if (!found || copy->sequence > found->sequence) found = copy;
    }
    return found;
}

const void *keep_open(struct keep *keep, struct keep_format format, void *region, uint64_t size, size_t *length,
                      const char **lost)
{
    *keep = (struct keep){.format = format, .region = region, .copy_size = size / 16 * 8};
    *lost = NULL;
    if (keep->copy_size < sizeof(struct copy) + format.most + 7) keep->region = NULL; // 7: whole words
    if (!keep->region) return NULL;
    const struct copy *copy = newest(keep, lost);
    if (!copy) {
        copy_at(keep, 0)->magic = copy_at(keep, 1)->magic = 0;
        return NULL;
    }
    keep->sequence = copy->sequence;
    *length = copy->length;
    return copy->words;
}

void *keep_begin(struct keep *keep)
{
    if (!keep->region) return NULL;
    struct copy *copy = copy_at(keep, keep->sequence + 1);
    // The process may end behind any instruction; what the compiler must not do is to move the stores.
    __atomic_store_n(&copy->magic, 0, __ATOMIC_SEQ_CST);
    return copy->words;
}

void keep_commit(struct keep *keep, size_t length)
{
    if (!keep->region) return;
    struct copy *copy = copy_at(keep, ++keep->sequence);
    uint8_t *bytes = (uint8_t *)copy->words;
    for (size_t i = length; i % 8 != 0; i++)
        bytes[i] = 0;
    copy->version = keep->format.version;
    copy->length = (uint32_t)length;
    copy->sequence = keep->sequence;
    copy->sum = sum_of(copy);
    __atomic_store_n(&copy->magic, keep->format.magic, __ATOMIC_RELEASE);
}
