// Bytes by the word: what the fast paths of the text decoders are made of. Everything here may read
// up to FORMAT_SLACK_BYTES behind the byte that it is asked about, and none of it decides that a
// record is bad: it says "I don't know", and the careful decoder judges.
#ifndef FLOW_FORMAT_SWAR_H
#define FLOW_FORMAT_SWAR_H

#include "base/base.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are compared as bytes in memory");

#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
// For what is written once and compiled for each constant argument.
#define ALWAYS_INLINE static inline __attribute__((always_inline))

#define SWAR_ZEROS 0x3030303030303030u
#define SWAR_HIGHS 0x8080808080808080u

static inline uint64_t load_u64(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

static inline uint32_t load_u32(const char *p) {
    uint32_t word;
    memcpy(&word, p, sizeof(word));
    return word;
}

// --- digits --------------------------------------------------------------------------------------
// They take a word XORed with SWAR_ZEROS, so that digits are 0..9.

// How many digits the word begins with. The addition may carry out of a byte that is no digit, but
// only into bytes behind it.
static inline uint32_t digits_count(uint64_t digits) {
    uint64_t breaks = ((digits + 0x7676767676767676u) | digits) & SWAR_HIGHS;
    return breaks == 0 ? 8 : (uint32_t)__builtin_ctzll(breaks) / 8;
}

// The number that all eight digits make: neighbours are joined three times.
static inline uint64_t digits8_value(uint64_t digits) {
    digits = (digits * 2561) >> 8;
    digits = ((digits & 0x00FF00FF00FF00FFu) * 6553601) >> 16;
    return ((digits & 0x0000FFFF0000FFFFu) * 42949672960001) >> 32;
}

// The number that the first `count` (0..7) digits make; zeros are shifted in before them.
static inline uint64_t digits_value(uint64_t digits, uint32_t count) {
    return digits8_value((digits << 8) << (56 - 8 * count));
}

extern const int64_t swar_power10[19]; // 10^0 .. 10^18

// A number's digits as they stand in the text: how many, and their value if they are at most 18.
// Returned in registers: an out parameter would cost the fast paths a stack frame with a guard.
typedef struct Digits {
    int64_t value;
    uint64_t count; // 19: as many, or more
} Digits;

// What digits_read does when there are eight or more.
Digits digits_read_long(const char *p);

static inline Digits digits_read(const char *p) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    uint32_t count = digits_count(digits);
    if (LIKELY(count < 8)) {
        return (Digits){(int64_t)digits_value(digits, count), count};
    }
    return digits_read_long(p);
}

// The same for up to 15 digits, without a call: a count of 16 says that there are more.
ALWAYS_INLINE Digits digits15_read(const char *p) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    uint32_t count = digits_count(digits);
    if (LIKELY(count < 8)) {
        return (Digits){(int64_t)digits_value(digits, count), count};
    }
    uint64_t more = load_u64(p + 8) ^ SWAR_ZEROS;
    uint32_t more_count = digits_count(more);
    if (more_count == 8) {
        return (Digits){0, 16};
    }
    int64_t high = (int64_t)digits8_value(digits) * swar_power10[more_count];
    return (Digits){high + (int64_t)digits_value(more, more_count), 8 + more_count};
}

// The number of exactly `length` (1..18) digits at p; a count of 0 if one of them is none.
static inline Digits digits_exact(const char *p, uint32_t length) {
    if (LIKELY(length < 8)) {
        uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
        uint64_t count = digits_count(digits) >= length ? length : 0;
        return (Digits){(int64_t)digits_value(digits, length), count};
    }
    Digits read = digits_read_long(p);
    read.count = read.count == length ? length : 0;
    return read;
}

// --- sixteen bytes -------------------------------------------------------------------------------

// Bit i: byte i of the sixteen at `a` and `b` is the same.
static inline uint32_t equal16(const char *a, const char *b) {
#if defined(__SSE2__)
    __m128i same =
        _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a), _mm_loadu_si128((const __m128i *)b));
    return (uint32_t)_mm_movemask_epi8(same);
#else
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= (uint32_t)(a[i] == b[i]) << i;
    }
    return mask;
#endif
}

// Bit i: byte i at p is `c`.
static inline uint32_t find16(const char *p, char c) {
#if defined(__SSE2__)
    __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8(c));
    return (uint32_t)_mm_movemask_epi8(same);
#else
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        mask |= (uint32_t)(p[i] == c) << i;
    }
    return mask;
#endif
}

// Bit i: byte i at p ends the plain run of a JSON string: a quote, a backslash or a control
// character. In *high: it is no ASCII.
static inline uint32_t string_stops16(const char *p, uint32_t *high) {
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)p);
    __m128i quotes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslashes = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
    *high = (uint32_t)_mm_movemask_epi8(bytes);
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quotes, backslashes), controls));
#else
    uint32_t stops = 0;
    *high = 0;
    for (uint32_t i = 0; i < 16; i++) {
        unsigned char c = (unsigned char)p[i];
        stops |= (uint32_t)(c == '"' || c == '\\' || c < 0x20) << i;
        *high |= (uint32_t)(c >= 0x80) << i;
    }
    return stops;
#endif
}

// --- short texts ---------------------------------------------------------------------------------

typedef struct Text16 {
    uint64_t low, high;
} Text16;

extern const uint64_t swar_low_masks[17], swar_high_masks[17];

// The first `length` (0..16) bytes at p, the rest zero.
static inline Text16 text16_load(const char *p, uint32_t length) {
    return (Text16){load_u64(p) & swar_low_masks[length],
                    load_u64(p + 8) & swar_high_masks[length]};
}

// What view_of says, without a branch on the length.
static inline void view_store(char *slot, const char *p, uint32_t length) {
    uint32_t shown = length <= FLOW_VIEW_INLINE_MAX ? length : FLOW_VIEW_INLINE_MAX;
    Text16 text = text16_load(p, shown);
    uint64_t rest = (text.low >> 32) | (text.high << 32);
    uint64_t first = (uint64_t)length | (text.low << 32);
    uint64_t second = length <= FLOW_VIEW_INLINE_MAX ? rest : (uint64_t)(uintptr_t)p;
    memcpy(slot, &first, sizeof(first));
    memcpy(slot + 8, &second, sizeof(second));
}

#endif
