// The run-length/bit-packed hybrid: dictionary indexes and levels.
//
// The writer cuts a run where at least RUN_MIN equal values begin at a group boundary; shorter
// repetitions cost less when packed.
#include "format/parquet/packing.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { RUN_MIN = 16, GROUP = 8 };

bool parquet_varint32(const uint8_t **next, const uint8_t *end, uint32_t *value) {
    uint64_t result = 0;
    for (uint32_t shift = 0; shift < 35 && *next < end; shift += 7) {
        uint8_t byte = *(*next)++;
        result |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = (uint32_t)result;
            return result <= UINT32_MAX;
        }
    }
    return false;
}

static void put_varint(Buffer *out, uint64_t value) {
    while (value >= 0x80) {
        buffer_char(out, (char)(value | 0x80));
        value >>= 7;
    }
    buffer_char(out, (char)value);
}

// --- writing -----------------------------------------------------------------------------------
void parquet_rle_write_run(Buffer *out, uint32_t value, size_t count, uint32_t width) {
    put_varint(out, (uint64_t)count << 1);
    for (uint32_t shift = 0; shift < width; shift += 8) {
        buffer_char(out, (char)(value >> shift));
    }
}

static size_t run_length(const uint32_t *values, size_t count) {
    size_t length = 1;
    while (length < count && values[length] == values[0]) {
        length++;
    }
    return length;
}

// Eight values of at most 32 bits are `width` bytes.
static uint8_t *group_pack(uint8_t *out, const uint32_t *values, uint32_t width) {
    uint64_t word = 0;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < GROUP; i++) {
        word |= (uint64_t)values[i] << filled;
        filled += width;
        if (filled >= 32) {
            memcpy(out, &word, 4);
            out += 4;
            word >>= 32;
            filled -= 32;
        }
    }
    memcpy(out, &word, 4);
    return out + filled / 8;
}

static void packed_write(Buffer *out, const uint32_t *values, size_t count, uint32_t width) {
    size_t group_count = (count + GROUP - 1) / GROUP;
    put_varint(out, (uint64_t)group_count << 1 | 1);
    buffer_reserve(out, group_count * width + PARQUET_SLACK);
    uint8_t *start = (uint8_t *)out->data + out->length;
    uint8_t *next = start;
    size_t whole = count / GROUP * GROUP;
    for (size_t i = 0; i < whole; i += GROUP) {
        next = group_pack(next, values + i, width);
    }
    if (whole < count) {
        uint32_t last[GROUP] = {0};
        memcpy(last, values + whole, (count - whole) * sizeof *values);
        next = group_pack(next, last, width);
    }
    out->length += (size_t)(next - start);
}

// Where the packed values that begin here end: a whole number of groups later, or at the end.
static size_t packed_length(const uint32_t *values, size_t count) {
    size_t at = GROUP;
    while (at < count &&
           run_length(values + at, count - at < RUN_MIN ? count - at : RUN_MIN) < RUN_MIN) {
        at += GROUP;
    }
    return at < count ? at : count;
}

void parquet_rle_write(Buffer *out, const uint32_t *values, size_t count, uint32_t width) {
    for (size_t at = 0; at < count;) {
        size_t length = run_length(values + at, count - at);
        if (length >= RUN_MIN || length == count - at) {
            parquet_rle_write_run(out, values[at], length, width);
        } else {
            length = packed_length(values + at, count - at);
            packed_write(out, values + at, length, width);
        }
        at += length;
    }
}

// --- reading -----------------------------------------------------------------------------------
ParquetRle parquet_rle(const uint8_t *bytes, size_t length, uint32_t width) {
    return (ParquetRle){.next = bytes, .end = bytes + length, .width = width};
}

ParquetRle parquet_rle_msb(const uint8_t *bytes, size_t length, uint32_t width, uint64_t count) {
    ParquetRle rle = parquet_rle(bytes, length, width);
    rle.is_msb = true;
    rle.packed = bytes;
    rle.packed_left = (uint64_t)length * 8 / width < count ? (uint64_t)length * 8 / width : count;
    rle.next = rle.end;
    return rle;
}

static bool run_begin(ParquetRle *rle, uint32_t length) {
    uint32_t value_bytes = (rle->width + 7) / 8;
    if ((size_t)(rle->end - rle->next) < value_bytes) {
        return false;
    }
    rle->run_value = 0;
    memcpy(&rle->run_value, rle->next, value_bytes);
    rle->next += value_bytes;
    rle->run_left = length;
    return rle->width == 32 || rle->run_value >> rle->width == 0;
}

// Some writers leave the padding of the last group out.
static void packed_begin(ParquetRle *rle, uint32_t group_count) {
    size_t bytes = (size_t)group_count * rle->width;
    size_t bytes_left = (size_t)(rle->end - rle->next);
    rle->packed = rle->next;
    rle->packed_bit = 0;
    rle->packed_left = (uint64_t)group_count * GROUP;
    if (bytes > bytes_left) {
        bytes = bytes_left;
        rle->packed_left = (uint64_t)bytes * 8 / rle->width;
    }
    rle->next += bytes;
}

static bool next_run(ParquetRle *rle) {
    uint32_t header = 0;
    if (!parquet_varint32(&rle->next, rle->end, &header)) {
        return false;
    }
    if ((header & 1) == 0) {
        return run_begin(rle, header >> 1);
    }
    packed_begin(rle, header >> 1);
    return true;
}

#if defined(__x86_64__)
// Of at most eight bits, eight values at a time: they begin and end with a byte.
__attribute__((target("avx2,bmi2"))) static uint32_t
unpack_eights(const uint8_t *packed, uint32_t *values, uint32_t count, uint32_t width) {
    uint64_t mask = UINT64_C(0x0101010101010101) * ((1u << width) - 1);
    uint32_t done = 0;
    for (; done + GROUP <= count; done += GROUP, packed += width) {
        uint64_t bytes = _pdep_u64(parquet_load64(packed), mask);
        __m256i wide = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bytes));
        _mm256_storeu_si256((__m256i *)(void *)(values + done), wide);
    }
    return done;
}

static bool has_eights(uint32_t width) {
    return width <= 8 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#else
static uint32_t
unpack_eights(const uint8_t *packed, uint32_t *values, uint32_t count, uint32_t width) {
    (void)packed, (void)values, (void)count, (void)width;
    return 0;
}

static bool has_eights(uint32_t width) {
    (void)width;
    return false;
}
#endif

static uint32_t unpack_one(const uint8_t *packed, uint64_t bit, uint64_t mask) {
    return (uint32_t)(parquet_load64(packed + (bit >> 3)) >> (bit & 7) & mask);
}

static void unpack_lsb(ParquetRle *rle, uint32_t *values, uint32_t count) {
    const uint8_t *packed = rle->packed;
    uint64_t bit = rle->packed_bit;
    uint32_t width = rle->width;
    uint64_t mask = ((uint64_t)1 << width) - 1;
    uint32_t i = 0;
    if (has_eights(width)) {
        for (; i < count && (bit & 7) != 0; i++, bit += width) {
            values[i] = unpack_one(packed, bit, mask);
        }
        uint32_t done = unpack_eights(packed + (bit >> 3), values + i, count - i, width);
        i += done;
        bit += (uint64_t)done * width;
    }
    for (; i < count; i++, bit += width) {
        values[i] = unpack_one(packed, bit, mask);
    }
    rle->packed_bit = bit;
}

static void unpack_msb(ParquetRle *rle, uint32_t *values, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t value = 0;
        for (uint32_t k = 0; k < rle->width; k++, rle->packed_bit++) {
            uint8_t byte = rle->packed[rle->packed_bit >> 3];
            value = value << 1 | (byte >> (7 - (rle->packed_bit & 7)) & 1);
        }
        values[i] = value;
    }
}

static uint32_t take_run(ParquetRle *rle, uint32_t *values, uint32_t count) {
    uint32_t taken = rle->run_left < count ? (uint32_t)rle->run_left : count;
    for (uint32_t i = 0; i < taken; i++) {
        values[i] = rle->run_value;
    }
    rle->run_left -= taken;
    return taken;
}

static uint32_t take_packed(ParquetRle *rle, uint32_t *values, uint32_t count) {
    uint32_t taken = rle->packed_left < count ? (uint32_t)rle->packed_left : count;
    if (rle->is_msb) {
        unpack_msb(rle, values, taken);
    } else {
        unpack_lsb(rle, values, taken);
    }
    rle->packed_left -= taken;
    return taken;
}

bool parquet_rle_read(ParquetRle *rle, uint32_t *values, uint32_t count) {
    if (rle->width == 0) {
        memset(values, 0, count * sizeof *values);
        return true;
    }
    while (count > 0) {
        uint32_t taken = rle->run_left > 0      ? take_run(rle, values, count)
                         : rle->packed_left > 0 ? take_packed(rle, values, count)
                                                : 0;
        if (taken == 0 && !next_run(rle)) {
            return false;
        }
        values += taken;
        count -= taken;
    }
    return true;
}

uint32_t parquet_rle_take_run(ParquetRle *rle, uint32_t value, uint32_t count) {
    if (rle->run_left == 0 && rle->packed_left == 0 && rle->next < rle->end && !next_run(rle)) {
        return 0; // parquet_rle_read meets the same bytes and says so
    }
    if (rle->run_left == 0 || rle->run_value != value) {
        return 0;
    }
    uint32_t taken = rle->run_left < count ? (uint32_t)rle->run_left : count;
    rle->run_left -= taken;
    return taken;
}
