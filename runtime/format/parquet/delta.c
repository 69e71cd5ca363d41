// DELTA_BINARY_PACKED: differences in blocks of 128, four miniblocks of 32 in each.
//
// Sorted times and counters shrink to a few bits; what is random costs no more than a bit over its
// range. The decoder never trusts a size: it looks at one miniblock at a time.
#include "format/parquet/packing.h"

enum {
    BLOCK = PARQUET_DELTA_BLOCK,
    MINI_COUNT = PARQUET_DELTA_MINIS,
    MINI = BLOCK / MINI_COUNT,
};

static void put_varint(Buffer *out, uint64_t value) {
    while (value >= 0x80) {
        buffer_char(out, (char)(value | 0x80));
        value >>= 7;
    }
    buffer_char(out, (char)value);
}

static void put_zigzag(Buffer *out, int64_t value) {
    put_varint(out, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

// --- measuring ---------------------------------------------------------------------------------
// Differences become what they are above the least of them, which is given back; `all` has the bits
// of each miniblock. Those from count on, which belong to no value, become 0.
static inline __attribute__((always_inline)) int64_t measure(int64_t *deltas,
                                                             uint32_t count,
                                                             uint64_t *all) {
    int64_t min_delta = deltas[0];
    for (uint32_t i = 1; i < count; i++) {
        min_delta = deltas[i] < min_delta ? deltas[i] : min_delta;
    }
    for (uint32_t i = count; i < BLOCK; i++) {
        deltas[i] = min_delta;
    }
    for (uint32_t mini = 0; mini < MINI_COUNT; mini++) {
        all[mini] = 0;
        for (uint32_t i = mini * MINI; i < (mini + 1) * MINI; i++) {
            uint64_t above = (uint64_t)deltas[i] - (uint64_t)min_delta;
            deltas[i] = (int64_t)above;
            all[mini] |= above;
        }
    }
    return min_delta;
}

static int64_t measure_plain(int64_t *deltas, uint32_t count, uint64_t *all) {
    return measure(deltas, count, all);
}

#if defined(__x86_64__)
// What every machine can do has no comparison of 64 bits.
__attribute__((target("avx2"))) static int64_t
measure_avx2(int64_t *deltas, uint32_t count, uint64_t *all) {
    return measure(deltas, count, all);
}
#endif

uint32_t parquet_delta_ways(ParquetMeasureFn ways[PARQUET_DELTA_WAYS_MAX]) {
    uint32_t count = 0;
    ways[count++] = measure_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        ways[count++] = measure_avx2;
    }
#endif
    return count;
}

static ParquetMeasureFn best_way(void) {
    ParquetMeasureFn ways[PARQUET_DELTA_WAYS_MAX];
    return ways[parquet_delta_ways(ways) - 1];
}

// --- packing -----------------------------------------------------------------------------------
// A miniblock of 32 values is 4 * width bytes. With the width known, each value's place is known.
static inline __attribute__((always_inline)) void
pack(uint8_t *out, const uint64_t *values, uint32_t width) {
    uint64_t word = 0;
    uint32_t filled = 0;
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < MINI; i++) {
        uint64_t value = values[i];
        word |= value << filled;
        filled += width;
        if (filled >= 64) {
            memcpy(out, &word, 8);
            out += 8;
            filled -= 64;
            word = filled == 0 ? 0 : value >> (width - filled);
        }
    }
    memcpy(out, &word, filled / 8); // nothing, or the half of a word that an odd width leaves
}

#define PACK(width)                                                                                \
    case width:                                                                                    \
        pack(out, values, width);                                                                  \
        break;
#define PACK4(width) PACK(width) PACK(width + 1) PACK(width + 2) PACK(width + 3)
#define PACK16(width) PACK4(width) PACK4(width + 4) PACK4(width + 8) PACK4(width + 12)

static uint8_t *mini_pack(uint8_t *out, const uint64_t *values, uint32_t width) {
    switch (width) {
        PACK16(1)
        PACK16(17)
        PACK16(33)
        PACK16(49)
    default: // 0: all are the least
        break;
    }
    return out + (size_t)width * MINI / 8;
}
#undef PACK
#undef PACK4
#undef PACK16

// --- writing -----------------------------------------------------------------------------------
static uint32_t width_of(uint64_t all) {
    return all == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(all);
}

// `deltas` has BLOCK places and is used up.
static void block_write(Buffer *out, int64_t *deltas, uint32_t count, ParquetMeasureFn way) {
    uint64_t all[MINI_COUNT];
    put_zigzag(out, way(deltas, count, all));
    buffer_reserve(out, MINI_COUNT + BLOCK * 8);
    uint8_t *widths = (uint8_t *)out->data + out->length;
    uint8_t *next = widths + MINI_COUNT;
    for (uint32_t mini = 0; mini < MINI_COUNT; mini++) {
        widths[mini] = (uint8_t)width_of(all[mini]);
        next = mini_pack(next, (const uint64_t *)deltas + mini * MINI, widths[mini]);
    }
    out->length += (size_t)(next - widths);
}

static void header_write(Buffer *out, size_t count, int64_t first) {
    put_varint(out, BLOCK);
    put_varint(out, MINI_COUNT);
    put_varint(out, count);
    put_zigzag(out, first);
}

// Differences wrap at the width of the type, so that a reader needs no wider packing than that.
void parquet_delta_write32(Buffer *out, const int32_t *values, size_t count) {
    header_write(out, count, count > 0 ? values[0] : 0);
    int64_t deltas[BLOCK];
    ParquetMeasureFn way = best_way();
    for (size_t at = 1; at < count; at += BLOCK) {
        uint32_t length = count - at < BLOCK ? (uint32_t)(count - at) : BLOCK;
        for (uint32_t i = 0; i < length; i++) {
            deltas[i] = (int32_t)((uint32_t)values[at + i] - (uint32_t)values[at + i - 1]);
        }
        block_write(out, deltas, length, way);
    }
}

void parquet_delta_write64(Buffer *out, const int64_t *values, size_t count) {
    header_write(out, count, count > 0 ? values[0] : 0);
    int64_t deltas[BLOCK];
    ParquetMeasureFn way = best_way();
    for (size_t at = 1; at < count; at += BLOCK) {
        uint32_t length = count - at < BLOCK ? (uint32_t)(count - at) : BLOCK;
        for (uint32_t i = 0; i < length; i++) {
            deltas[i] = (int64_t)((uint64_t)values[at + i] - (uint64_t)values[at + i - 1]);
        }
        block_write(out, deltas, length, way);
    }
}

// --- reading -----------------------------------------------------------------------------------
static bool get_varint(ParquetDelta *delta, uint64_t *value) {
    *value = 0;
    for (uint32_t shift = 0; shift < 64 && delta->next < delta->end; shift += 7) {
        uint8_t byte = *delta->next++;
        *value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static bool get_zigzag(ParquetDelta *delta, uint64_t *value) {
    if (!get_varint(delta, value)) {
        return false;
    }
    *value = (*value >> 1) ^ (0 - (*value & 1));
    return true;
}

bool parquet_delta_begin(ParquetDelta *delta, const uint8_t *bytes, size_t length) {
    *delta = (ParquetDelta){.next = bytes, .end = bytes + length, .is_first = true};
    uint64_t block = 0;
    uint64_t mini_count = 0;
    if (!get_varint(delta, &block) || !get_varint(delta, &mini_count) ||
        !get_varint(delta, &delta->left) || !get_zigzag(delta, &delta->last)) {
        return false;
    }
    if (block == 0 || block > 1 << 20 || block % 128 != 0 || mini_count == 0 ||
        mini_count > block / 32 || block / mini_count % 32 != 0 || block % mini_count != 0) {
        return false;
    }
    delta->mini_values = (uint32_t)(block / mini_count);
    delta->mini_count = (uint32_t)mini_count;
    delta->mini_next = delta->mini_count;
    return delta->left <= INT64_MAX;
}

static bool block_begin(ParquetDelta *delta) {
    if (!get_zigzag(delta, &delta->min_delta) ||
        (size_t)(delta->end - delta->next) < delta->mini_count) {
        return false;
    }
    delta->widths = delta->next;
    delta->next += delta->mini_count;
    delta->mini_next = 0;
    return true;
}

// The values that follow must be there; of padding behind the last one there may be less than due.
static bool mini_begin(ParquetDelta *delta) {
    if (delta->mini_next == delta->mini_count && !block_begin(delta)) {
        return false;
    }
    delta->width = delta->widths[delta->mini_next++];
    size_t bytes = (size_t)delta->mini_values / 8 * delta->width;
    size_t bytes_left = (size_t)(delta->end - delta->next);
    uint64_t wanted = delta->left < delta->mini_values ? delta->left : delta->mini_values;
    if (delta->width > 64 || (wanted * delta->width + 7) / 8 > bytes_left) {
        return false;
    }
    delta->packed = delta->next;
    delta->packed_bit = 0;
    delta->mini_left = delta->mini_values;
    delta->next += bytes < bytes_left ? bytes : bytes_left;
    return true;
}

static uint64_t packed_at(const uint8_t *packed, uint64_t bit, uint32_t width) {
    const uint8_t *bytes = packed + (bit >> 3);
    uint32_t shift = bit & 7;
    uint64_t value = parquet_load64(bytes) >> shift;
    if (shift + width > 64) {
        value |= (uint64_t)bytes[8] << (64 - shift);
    }
    return width == 64 ? value : value & (((uint64_t)1 << width) - 1);
}

static void mini_read(ParquetDelta *delta, uint64_t *values, uint32_t count) {
    uint64_t last = delta->last;
    for (uint32_t i = 0; i < count; i++) {
        last += delta->min_delta + packed_at(delta->packed, delta->packed_bit, delta->width);
        delta->packed_bit += delta->width;
        values[i] = last;
    }
    delta->last = last;
    delta->mini_left -= count;
    delta->left -= count;
}

bool parquet_delta_read(ParquetDelta *delta, uint64_t *values, uint32_t count) {
    if (count > delta->left) {
        return false;
    }
    if (delta->is_first && count > 0) {
        delta->is_first = false;
        delta->left--;
        *values++ = delta->last;
        count--;
    }
    while (count > 0) {
        if (delta->mini_left == 0 && !mini_begin(delta)) {
            return false;
        }
        uint32_t taken = delta->mini_left < count ? delta->mini_left : count;
        mini_read(delta, values, taken);
        values += taken;
        count -= taken;
    }
    return true;
}

bool parquet_delta_skip(ParquetDelta *delta) {
    uint64_t unused[256];
    while (delta->left > 0) {
        uint32_t count = delta->left < COUNT_OF(unused) ? (uint32_t)delta->left : COUNT_OF(unused);
        if (!parquet_delta_read(delta, unused, count)) {
            return false;
        }
    }
    return true;
}
