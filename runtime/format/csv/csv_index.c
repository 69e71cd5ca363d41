// Where fields end. Sixty-four bytes at a time become bits; the prefix XOR of the quotes' bits says
// what lies within quotes (a doubled quote closes and opens, which comes to the same); what is left
// of the delimiters and line ends is written out as offsets. Field lengths come free with that.
#include "format/csv/csv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// --- bytes to bits -------------------------------------------------------------------------------

static uint64_t join4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return (uint64_t)a | (uint64_t)b << 16 | (uint64_t)c << 32 | (uint64_t)d << 48;
}

static uint64_t find64(const char *p, char c) {
    return join4(find16(p, c), find16(p + 16, c), find16(p + 32, c), find16(p + 48, c));
}

// What every machine can do.
static void
masks_plain(const char *p, uint32_t block_count, char delimiter, CsvMasks *masks, CsvOdd *odd) {
    for (uint32_t block = 0; block < block_count; block++, p += 64) {
        masks[block].stops = find64(p, delimiter) | find64(p, '\n');
        masks[block].quotes = find64(p, '"');
        odd->quote |= masks[block].quotes;
        odd->nul |= find64(p, '\0');
        for (uint32_t i = 0; i < 64; i += 8) {
            odd->high |= load_u64(p + i) & SWAR_HIGHS;
        }
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint64_t find64_avx2(__m256i low, __m256i high, __m256i c) {
    uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, c));
    uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, c));
    return a | (uint64_t)b << 32;
}

__attribute__((target("avx2"))) static void
masks_avx2(const char *p, uint32_t block_count, char delimiter, CsvMasks *masks, CsvOdd *odd) {
    __m256i line = _mm256_set1_epi8('\n');
    __m256i comma = _mm256_set1_epi8(delimiter);
    __m256i quote = _mm256_set1_epi8('"');
    __m256i any = _mm256_setzero_si256();
    __m256i least = _mm256_set1_epi8(-1);
    for (uint32_t block = 0; block < block_count; block++, p += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)p);
        __m256i high = _mm256_loadu_si256((const __m256i *)(p + 32));
        masks[block].stops = find64_avx2(low, high, line) | find64_avx2(low, high, comma);
        masks[block].quotes = find64_avx2(low, high, quote);
        odd->quote |= masks[block].quotes;
        any = _mm256_or_si256(any, _mm256_or_si256(low, high));
        least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
    }
    odd->high |= (uint32_t)_mm256_movemask_epi8(any);
    odd->nul |= (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(least, _mm256_setzero_si256()));
}

__attribute__((target("avx512bw"))) static void
masks_avx512(const char *p, uint32_t block_count, char delimiter, CsvMasks *masks, CsvOdd *odd) {
    __m512i line = _mm512_set1_epi8('\n');
    __m512i comma = _mm512_set1_epi8(delimiter);
    __m512i quote = _mm512_set1_epi8('"');
    for (uint32_t block = 0; block < block_count; block++, p += 64) {
        __m512i bytes = _mm512_loadu_si512(p);
        masks[block].stops =
            _mm512_cmpeq_epi8_mask(bytes, line) | _mm512_cmpeq_epi8_mask(bytes, comma);
        masks[block].quotes = _mm512_cmpeq_epi8_mask(bytes, quote);
        odd->quote |= masks[block].quotes;
        odd->high |= _mm512_movepi8_mask(bytes);
        odd->nul |= _mm512_testn_epi8_mask(bytes, bytes);
    }
}
#endif

uint32_t csv_masks_ways(CsvMasksFn ways[CSV_WAYS_MAX]) {
    uint32_t count = 0;
    ways[count++] = masks_plain;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        ways[count++] = masks_avx2;
    }
    if (__builtin_cpu_supports("avx512bw")) {
        ways[count++] = masks_avx512;
    }
#endif
    return count;
}

// --- bits to offsets -----------------------------------------------------------------------------

// Bit i of the result: an odd number of bits up to i.
static inline uint64_t parity_prefix(uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
}

// Writes eight offsets at a time and counts only those that were there: the array has room for
// more. Few blocks have more than eight, so the loop's end is well predicted.
static inline uint32_t *offsets_write(uint32_t *out, uint64_t bits, uint32_t offset) {
    uint32_t *end = out + __builtin_popcountll(bits);
    do {
        for (uint32_t i = 0; i < CSV_OFFSETS_AT_ONCE; i++) {
            out[i] = offset + (uint32_t)__builtin_ctzll(bits | 1ull << 63);
            bits &= bits - 1;
        }
        out += CSV_OFFSETS_AT_ONCE;
    } while (bits != 0);
    return end;
}

enum { WINDOW_BYTES_MIN = 1024 };

void csv_index_begin(CsvIndex *index, const char *p, const char *end) {
    index->count = 0;
    index->next = 0;
    index->base = p;
    index->indexed = p;
    index->end = end;
    index->window_bytes = WINDOW_BYTES_MIN;
    index->inside = 0;
    index->odd = (CsvOdd){0};
}

// Bits behind the end don't count.
static void tail_cut(CsvIndex *index, uint32_t block_count, size_t length) {
    uint32_t used = (uint32_t)(length % 64);
    if (used > 0) {
        CsvMasks *last = &index->masks[block_count - 1];
        last->stops &= (1ull << used) - 1;
        last->quotes &= (1ull << used) - 1;
    }
}

static void window_index(CsvIndex *index) {
    size_t left = (size_t)(index->end - index->indexed);
    size_t length = left < index->window_bytes ? left : index->window_bytes;
    index->window_bytes = CSV_WINDOW_BYTES;
    uint32_t block_count = (uint32_t)((length + 63) / 64);
    index->masks_fn(index->indexed, block_count, index->delimiter, index->masks, &index->odd);
    tail_cut(index, block_count, length);
    uint32_t offset = (uint32_t)(index->indexed - index->base);
    uint32_t *out = index->stops + index->count;
    for (uint32_t block = 0; block < block_count; block++, offset += 64) {
        uint64_t inside = index->inside;
        if (index->masks[block].quotes != 0) {
            inside ^= parity_prefix(index->masks[block].quotes);
            index->inside = (uint64_t)((int64_t)inside >> 63);
        }
        out = offsets_write(out, index->masks[block].stops & ~inside, offset);
    }
    index->count = (uint32_t)(out - index->stops);
    index->indexed += length;
}

void csv_index_fill(CsvIndex *index, uint32_t count) {
    uint32_t left = index->count - index->next;
    memmove(index->stops, index->stops + index->next, left * sizeof(uint32_t));
    index->count = left;
    index->next = 0;
    if (left == 0) {
        index->odd = (CsvOdd){0};
    }
    while (index->count < count && index->indexed < index->end) {
        window_index(index);
    }
}
