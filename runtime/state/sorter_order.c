// The order of a part's rows in memory: first by the numbers that the first bytes of their keys
// are, digit by digit, without a look at the rows; then, where these are equal, by the keys.
//
// Rows often come in the order of what stands behind (time, position), so those of equal numbers
// are mostly in order already; they lie anywhere in memory, and are fetched a few ahead.
#include "state/sorter_internal.h"

enum { DIGIT_BITS = 11, DIGITS = 6, DIGIT_VALUES = 1 << DIGIT_BITS, RADIX_MIN = 512, AHEAD = 8 };

static bool is_key_before(const SorterPart *part, const SorterEntry *a, const SorterEntry *b) {
    SorterRow left = sorter_row_of(part, a);
    SorterRow right = sorter_row_of(part, b);
    return sorter_keys_compare(left.key, left.key_length, right.key, right.key_length) < 0;
}

static bool is_before(const SorterPart *part, const SorterEntry *a, const SorterEntry *b) {
    return a->rank != b->rank ? a->rank < b->rank : is_key_before(part, a, b);
}

// --- by key --------------------------------------------------------------------------------------

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static void
merge(const SorterPart *part, const SorterEntry *from, SorterEntry *to, const uint64_t at[3]) {
    uint64_t left = at[0];
    uint64_t right = at[1];
    for (uint64_t i = at[0]; i < at[2]; i++) {
        bool is_right =
            left == at[1] || (right < at[2] && is_before(part, &from[right], &from[left]));
        to[i] = from[is_right ? right++ : left++];
    }
}

// Merging from small to large keeps equal keys in the order in which they came. `other` has as much
// room; the result is in `entries`.
static void
merge_sort(const SorterPart *part, SorterEntry *entries, SorterEntry *other, uint64_t count) {
    SorterEntry *from = entries;
    SorterEntry *to = other;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t i = 0; i < count; i += 2 * width) {
            uint64_t at[3] = {i, least(i + width, count), least(i + 2 * width, count)};
            merge(part, from, to, at);
        }
        SorterEntry *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != entries) {
        memcpy(entries, from, count * sizeof(SorterEntry));
    }
}

static bool is_sorted(const SorterPart *part, const SorterEntry *entries, uint64_t count) {
    for (uint64_t i = 1; i < count; i++) {
        if (is_before(part, &entries[i], &entries[i - 1])) {
            return false;
        }
    }
    return true;
}

// --- by rank -------------------------------------------------------------------------------------

static uint32_t digit_of(uint64_t rank, uint32_t digit) {
    return (uint32_t)(rank >> digit * DIGIT_BITS) & (DIGIT_VALUES - 1);
}

static void digits_count(const SorterPart *part, uint64_t (*counts)[DIGIT_VALUES]) {
    for (uint64_t i = 0; i < part->count; i++) {
        for (uint32_t digit = 0; digit < DIGITS; digit++) {
            counts[digit][digit_of(part->entries[i].rank, digit)]++;
        }
    }
}

static void digit_sort(
    const SorterEntry *from, SorterEntry *to, uint64_t count, uint64_t *counts, uint32_t digit) {
    uint64_t place = 0;
    for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
        uint64_t here = counts[value];
        counts[value] = place;
        place += here;
    }
    for (uint64_t i = 0; i < count; i++) {
        to[counts[digit_of(from[i].rank, digit)]++] = from[i];
    }
}

// The least digit first; those that all ranks share need no pass.
static void ranks_sort(SorterPart *part, SorterEntry **other) {
    uint64_t(*counts)[DIGIT_VALUES] = memory_alloc(DIGITS * sizeof(*counts));
    memset(counts, 0, DIGITS * sizeof(*counts));
    digits_count(part, counts);
    for (uint32_t digit = 0; digit < DIGITS; digit++) {
        if (counts[digit][digit_of(part->entries[0].rank, digit)] < part->count) {
            digit_sort(part->entries, *other, part->count, counts[digit], digit);
            SorterEntry *sorted = *other;
            *other = part->entries;
            part->entries = sorted;
        }
    }
    memory_free(counts);
}

// What is behind the bits of the key that its rank has: the last bit of the ninth byte, and on.
static uint64_t second_rank(const SorterPart *part, const SorterEntry *entry) {
    enum { BEGIN = 8, BYTES = 9, KNOWN_BITS = 7 };
    SorterRow row = sorter_row_of(part, entry);
    uint8_t bytes[BYTES] = {0};
    uint64_t first = 0;
    if (row.key_length > BEGIN) {
        size_t length = row.key_length - BEGIN;
        memcpy(bytes, row.key + BEGIN, length < BYTES ? length : BYTES);
    }
    memcpy(&first, bytes, sizeof(first));
    return __builtin_bswap64(first) << KNOWN_BITS | bytes[BYTES - 1] >> 1;
}

// Entries of one rank: for as long as they are sorted their rank is the second one, so that most of
// the rows are looked at once.
static void
equals_sort(SorterPart *part, SorterEntry *entries, SorterEntry *other, uint64_t count) {
    uint64_t rank = entries[0].rank;
    for (uint64_t i = 0; i < count; i++) {
        if (i + AHEAD < count) {
            __builtin_prefetch(part->bytes.data + entries[i + AHEAD].offset);
        }
        entries[i].rank = second_rank(part, &entries[i]);
    }
    if (!is_sorted(part, entries, count)) {
        merge_sort(part, entries, other, count);
    }
    for (uint64_t i = 0; i < count; i++) {
        entries[i].rank = rank;
    }
}

static void equal_ranks_sort(SorterPart *part, SorterEntry *other) {
    for (uint64_t begin = 0, end = 0; begin < part->count; begin = end) {
        end = begin + 1;
        while (end < part->count && part->entries[end].rank == part->entries[begin].rank) {
            end++;
        }
        if (end - begin > 1) {
            equals_sort(part, part->entries + begin, other, end - begin);
        }
    }
}

void sorter_part_sort(SorterPart *part) {
    if (!part->has_entries || part->is_sorted || is_sorted(part, part->entries, part->count)) {
        part->is_sorted = true;
        return;
    }
    SorterEntry *other = memory_alloc(part->count * sizeof(SorterEntry));
    if (part->count < RADIX_MIN) {
        merge_sort(part, part->entries, other, part->count);
    } else {
        uint64_t count = part->count;
        ranks_sort(part, &other);
        part->capacity = count;
        equal_ranks_sort(part, other);
    }
    memory_free(other);
    part->is_sorted = true;
}
