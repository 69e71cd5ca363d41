// Exact sums of floats: a float is a whole number of its least bit, so a wide enough whole number
// holds any sum of them, and the order of the summands cannot show.
//
// Nearly all sums fit a window of 128 bits; one that does not moves to limbs which cover all
// doubles.
#include "state/agg_internal.h"

#include <float.h>
#include <math.h>

enum {
    LEAST_EXPONENT = -1074,
    GUARD_BITS = 128, // below the least bit, so that an average can be rounded
    LIMB_BITS = 32,
    // 128 guard bits, 2098 of the doubles, 64 for 2^63 summands and a sign.
    LIMB_COUNT = (GUARD_BITS + 2098 + 64) / LIMB_BITS + 2,
    WINDOW_MARGIN = 20,   // bits that later summands may lie below the first
    WINDOW_TOP_BITS = 94, // of a summand: leaves room for 2^32 of this size
    CARRY_EVERY = 1 << 29,
};

typedef struct Limbs {
    int64_t items[LIMB_COUNT]; // signed digits of LIMB_BITS bits, carried now and then
    uint32_t pending;          // additions since the last carry
} Limbs;

struct ExactSum {
    i128 window;  // in units of 2^window_exponent
    Limbs *limbs; // NULL: the window holds all
    int32_t window_exponent;
    uint32_t window_count; // summands since the window was last emptied
    bool has_value;
    bool has_nan;
    bool has_plus_infinity;
    bool has_minus_infinity;
};

ExactSum *exact_sum_new(Arena *arena) {
    return arena_new(arena, ExactSum);
}

// Carries leave digits in [0, 2^32) but for the top one, which keeps the sign.
static void limbs_carry(Limbs *limbs) {
    int64_t carry = 0;
    for (uint32_t i = 0; i + 1 < LIMB_COUNT; i++) {
        int64_t digit = limbs->items[i] + carry;
        carry = digit >> LIMB_BITS;
        limbs->items[i] = digit & UINT32_MAX;
    }
    limbs->items[LIMB_COUNT - 1] += carry;
    limbs->pending = 0;
}

static void limbs_add(Limbs *limbs, u128 size, bool is_negative, int32_t exponent) {
    uint32_t place = (uint32_t)(exponent - LEAST_EXPONENT + GUARD_BITS);
    uint32_t index = place / LIMB_BITS;
    uint32_t shift = place % LIMB_BITS;
    u128 high = shift == 0 ? 0 : size >> (128 - shift); // what leaves the top
    u128 low = size << shift;
    for (uint32_t i = index; low != 0 || high != 0; i++) {
        ASSERT(i < LIMB_COUNT);
        int64_t digit = (int64_t)(uint32_t)low;
        limbs->items[i] += is_negative ? -digit : digit;
        low = low >> LIMB_BITS | high << (128 - LIMB_BITS);
        high >>= LIMB_BITS;
    }
    if (++limbs->pending == CARRY_EVERY) {
        limbs_carry(limbs);
    }
}

static u128 size_of(i128 value) {
    return value < 0 ? -(u128)value : (u128)value;
}

static void window_empty(Arena *arena, ExactSum *sum) {
    if (sum->limbs == NULL) {
        sum->limbs = arena_new(arena, Limbs);
    }
    limbs_add(sum->limbs, size_of(sum->window), sum->window < 0, sum->window_exponent);
    sum->window = 0;
    sum->window_count = 0;
}

static void finite_add(Arena *arena, ExactSum *sum, double value) {
    int exponent = 0;
    int64_t mantissa = (int64_t)ldexp(frexp(value, &exponent), DBL_MANT_DIG);
    exponent -= DBL_MANT_DIG;
    if (exponent < LEAST_EXPONENT) { // a subnormal: its low bits are zero
        mantissa >>= LEAST_EXPONENT - exponent;
        exponent = LEAST_EXPONENT;
    }
    if (!sum->has_value) {
        int32_t lowest = exponent - WINDOW_MARGIN;
        sum->window_exponent = lowest < LEAST_EXPONENT ? LEAST_EXPONENT : lowest;
        sum->has_value = true;
    }
    int32_t shift = exponent - sum->window_exponent;
    if (shift < 0 || shift > WINDOW_TOP_BITS - DBL_MANT_DIG) {
        if (sum->limbs == NULL) {
            window_empty(arena, sum);
        }
        limbs_add(sum->limbs, size_of(mantissa), mantissa < 0, exponent);
        return;
    }
    sum->window += (i128)mantissa * ((i128)1 << shift);
    if (++sum->window_count == UINT32_MAX) {
        window_empty(arena, sum);
    }
}

void exact_sum_add(Arena *arena, ExactSum *sum, double value) {
    if (isnan(value)) {
        sum->has_nan = true;
    } else if (isinf(value)) {
        sum->has_plus_infinity |= value > 0;
        sum->has_minus_infinity |= value < 0;
    } else if (value != 0.0) {
        finite_add(arena, sum, value);
    }
}

// --- two sums into one, and a sum as bytes
// --------------------------------------------------------
static void limbs_merge(Limbs *into, const Limbs *from) {
    Limbs more = *from;
    limbs_carry(&more); // Then no digit can overflow, however many additions came before.
    limbs_carry(into);
    for (uint32_t i = 0; i < LIMB_COUNT; i++) {
        into->items[i] += more.items[i];
    }
    into->pending = 1;
}

// Windows that are near each other become one: limbs are large, and merging is done per group.
static bool windows_merge(ExactSum *into, const ExactSum *from) {
    enum { SIZE_BITS = 120, SHIFT_MAX = 64 };
    int32_t lower = into->window_exponent < from->window_exponent ? into->window_exponent
                                                                  : from->window_exponent;
    int32_t into_shift = into->window_exponent - lower;
    int32_t from_shift = from->window_exponent - lower;
    bool fits = into->limbs == NULL && from->limbs == NULL && into_shift <= SHIFT_MAX &&
                from_shift <= SHIFT_MAX && size_of(into->window) >> (SIZE_BITS - into_shift) == 0 &&
                size_of(from->window) >> (SIZE_BITS - from_shift) == 0;
    if (fits) {
        into->window =
            into->window * ((i128)1 << into_shift) + from->window * ((i128)1 << from_shift);
        into->window_exponent = lower;
    }
    return fits;
}

void exact_sum_merge(Arena *arena, ExactSum *into, const ExactSum *from) {
    into->has_nan |= from->has_nan;
    into->has_plus_infinity |= from->has_plus_infinity;
    into->has_minus_infinity |= from->has_minus_infinity;
    if (!from->has_value) {
        return;
    }
    if (!into->has_value) {
        into->has_value = true;
        into->window_exponent = from->window_exponent;
    }
    if (windows_merge(into, from)) {
        return;
    }
    window_empty(arena, into);
    limbs_add(into->limbs, size_of(from->window), from->window < 0, from->window_exponent);
    if (from->limbs != NULL) {
        limbs_merge(into->limbs, from->limbs);
    }
}

void exact_sum_save(const ExactSum *sum, Buffer *out) {
    ExactSum copy = *sum;
    copy.limbs = NULL;
    buffer_append(out, &copy, sizeof(copy));
    buffer_char(out, sum->limbs != NULL);
    if (sum->limbs != NULL) {
        buffer_append(out, sum->limbs, sizeof(*sum->limbs));
    }
}

ExactSum *exact_sum_load(Arena *arena, const char **at) {
    ExactSum *sum = exact_sum_new(arena);
    bytes_read(at, sum, sizeof(*sum));
    if (*(*at)++ != 0) {
        sum->limbs = arena_new(arena, Limbs);
        bytes_read(at, sum->limbs, sizeof(*sum->limbs));
    }
    return sum;
}

// Digits of the absolute value, all in [0, 2^32).
static bool limbs_absolute(Limbs *limbs) {
    limbs_carry(limbs);
    bool is_negative = limbs->items[LIMB_COUNT - 1] < 0;
    if (is_negative) {
        for (uint32_t i = 0; i < LIMB_COUNT; i++) {
            limbs->items[i] = -limbs->items[i];
        }
        limbs_carry(limbs);
    }
    return is_negative;
}

// Divides by the count; what is left over is below the guard bits.
static bool limbs_divide(Limbs *limbs, int64_t count) {
    u128 rest = 0;
    for (uint32_t i = LIMB_COUNT; i > 0; i--) {
        rest = rest << LIMB_BITS | (uint64_t)limbs->items[i - 1];
        limbs->items[i - 1] = (int64_t)(uint64_t)(rest / (uint64_t)count);
        rest %= (uint64_t)count;
    }
    return rest != 0;
}

static double limbs_round(const Limbs *limbs, bool is_sticky, bool is_single) {
    uint32_t top = LIMB_COUNT;
    while (top > 0 && limbs->items[top - 1] == 0) {
        top--;
    }
    u128 mantissa = 0;
    uint32_t low = top < 4 ? 0 : top - 4;
    for (uint32_t i = top; i > low; i--) {
        mantissa = mantissa << LIMB_BITS | (uint64_t)limbs->items[i - 1];
    }
    for (uint32_t i = 0; i < low; i++) {
        is_sticky |= limbs->items[i] != 0;
    }
    int32_t exponent = (int32_t)(low * LIMB_BITS) - GUARD_BITS + LEAST_EXPONENT;
    return float_round(mantissa, exponent, is_sticky, is_single);
}

bool exact_sum_result(const ExactSum *sum, int64_t count, bool is_single, double *result) {
    if (sum->has_nan || (sum->has_plus_infinity && sum->has_minus_infinity)) {
        *result = __builtin_nan("");
        return true;
    }
    if (sum->has_plus_infinity || sum->has_minus_infinity) {
        *result = sum->has_plus_infinity ? __builtin_inf() : -__builtin_inf();
        return true;
    }
    if (sum->limbs == NULL) {
        *result = float_of_ratio(sum->window, count, sum->window_exponent, is_single);
        return isfinite(*result);
    }
    Limbs limbs = *sum->limbs;
    limbs_add(&limbs, size_of(sum->window), sum->window < 0, sum->window_exponent);
    bool is_negative = limbs_absolute(&limbs);
    bool has_rest = limbs_divide(&limbs, count);
    double size = limbs_round(&limbs, has_rest, is_single);
    *result = is_negative ? -size : size;
    return isfinite(size);
}
