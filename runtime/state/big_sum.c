// Sums of whole numbers times powers of two, as wide as they need to be, and the variance that two
// of them give. A window of 128 bits as exact_sum.c has it would not do: squares of floats are too
// far apart.
#include "state/agg_internal.h"

enum {
    DIGIT_BITS = 32,
    MARGIN = 2, // digits to grow by beyond what is needed
    CARRY_EVERY = 1 << 29,
    GUARD_DIGITS = 16, // below the numerator: the divisor has less than 380 bits
    DIGITS_MAX = 512,  // of a numerator: those of a square of a sum of doubles, and the guard
    SUM_DIGITS_MAX = DIGITS_MAX / 2 - GUARD_DIGITS,
};

static void sum_cover(Arena *arena, BigSum *sum, int32_t low, int32_t high) {
    int32_t end = sum->first + sum->count;
    if (sum->digits != NULL && low >= sum->first && high < end) {
        return;
    }
    BigSum grown = *sum;
    if (sum->digits == NULL) {
        grown.first = low;
        end = high + 1 + MARGIN;
    } else {
        grown.first = low < sum->first ? low - MARGIN : sum->first;
        end = high >= end ? high + 1 + MARGIN : end;
    }
    grown.count = end - grown.first;
    ASSERT(grown.count <= SUM_DIGITS_MAX);
    grown.digits = arena_array(arena, int64_t, (size_t)grown.count);
    if (sum->digits != NULL) {
        memcpy(grown.digits + (sum->first - grown.first),
               sum->digits,
               (size_t)sum->count * sizeof(int64_t));
    }
    *sum = grown;
}

// Leaves digits in [0, 2^32) but for the top one, which keeps the sign.
static void digits_carry(int64_t *digits, int32_t count) {
    int64_t carry = 0;
    for (int32_t i = 0; i + 1 < count; i++) {
        int64_t digit = digits[i] + carry;
        carry = digit >> DIGIT_BITS;
        digits[i] = digit & UINT32_MAX;
    }
    digits[count - 1] += carry;
}

static void sum_carry(Arena *arena, BigSum *sum) {
    digits_carry(sum->digits, sum->count);
    int64_t top = sum->digits[sum->count - 1];
    if (top > INT32_MAX || top < INT32_MIN) {
        sum_cover(arena, sum, sum->first, sum->first + sum->count);
        digits_carry(sum->digits, sum->count);
    }
    sum->pending = 0;
}

static int32_t floor_divide(int32_t value, int32_t by) {
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

static void digit_add(BigSum *sum, int32_t place, uint32_t digit, bool minus) {
    if (digit != 0) {
        sum->digits[place - sum->first] += minus ? -(int64_t)digit : (int64_t)digit;
    }
}

void big_sum_add(
    Arena *arena, BigSum *sum, const uint64_t *size, uint32_t count, int32_t exponent, bool minus) {
    while (count > 0 && size[count - 1] == 0) {
        count--;
    }
    if (count == 0) {
        return;
    }
    int32_t place = floor_divide(exponent, DIGIT_BITS);
    int32_t shift = exponent - place * DIGIT_BITS;
    sum_cover(arena, sum, place, place + (int32_t)count * 2);
    for (uint32_t i = 0; i < count; i++) {
        u128 shifted = (u128)size[i] << shift;
        for (int32_t d = 0; d < 3; d++) {
            uint32_t digit = (uint32_t)(shifted >> (d * DIGIT_BITS));
            digit_add(sum, place + (int32_t)i * 2 + d, digit, minus);
        }
    }
    sum->pending += 2; // neighbouring words share a digit
    if (sum->pending >= CARRY_EVERY) {
        sum_carry(arena, sum);
    }
}

void big_sum_merge(Arena *arena, BigSum *into, const BigSum *from) {
    if (from->digits == NULL) {
        return;
    }
    sum_cover(arena, into, from->first, from->first + from->count - 1);
    sum_carry(arena, into); // Then no digit can overflow, however many additions came before.
    for (int32_t i = 0; i < from->count; i++) {
        into->digits[from->first + i - into->first] += from->digits[i];
    }
    sum_carry(arena, into);
}

void big_sum_save(const BigSum *sum, Buffer *out) {
    buffer_append(out, sum, sizeof(*sum));
    buffer_append(out, sum->digits, (size_t)sum->count * sizeof(int64_t));
}

void big_sum_load(Arena *arena, BigSum *sum, const char **at) {
    bytes_read(at, sum, sizeof(*sum));
    sum->digits = sum->count == 0 ? NULL : arena_array(arena, int64_t, (size_t)sum->count);
    bytes_read(at, sum->digits, (size_t)sum->count * sizeof(int64_t));
}

// --- the variance
// ----------------------------------------------------------------------------------
typedef struct Natural {
    uint32_t digits[DIGITS_MAX];
    int32_t first; // in digits
    int32_t count;
} Natural;

static void natural_absolute(const BigSum *sum, Natural *result) {
    int64_t digits[SUM_DIGITS_MAX + 2] = {0};
    *result = (Natural){.first = sum->first, .count = sum->count == 0 ? 0 : sum->count + 2};
    if (sum->count == 0) {
        return;
    }
    memcpy(digits, sum->digits, (size_t)sum->count * sizeof(int64_t));
    digits_carry(digits, result->count);
    if (digits[result->count - 1] < 0) {
        for (int32_t i = 0; i < result->count; i++) {
            digits[i] = -digits[i];
        }
        digits_carry(digits, result->count);
    }
    for (int32_t i = 0; i < result->count; i++) {
        result->digits[i] = (uint32_t)digits[i];
    }
}

static void natural_multiply(const Natural *a, const Natural *b, Natural *result) {
    *result = (Natural){.first = a->first + b->first, .count = a->count + b->count};
    ASSERT(result->count + GUARD_DIGITS <= DIGITS_MAX);
    for (int32_t i = 0; i < a->count; i++) {
        uint64_t carry = 0;
        for (int32_t j = 0; j < b->count; j++) {
            carry += (uint64_t)a->digits[i] * b->digits[j] + result->digits[i + j];
            result->digits[i + j] = (uint32_t)carry;
            carry >>= DIGIT_BITS;
        }
        result->digits[i + b->count] = (uint32_t)carry;
    }
}

static uint32_t digit_at(const Natural *number, int32_t place) {
    int32_t index = place - number->first;
    return index >= 0 && index < number->count ? number->digits[index] : 0;
}

// a - b, with guard digits below; b is not greater than a.
static void natural_subtract(const Natural *a, const Natural *b, Natural *result) {
    int32_t first = a->first < b->first ? a->first : b->first;
    int32_t a_end = a->first + a->count;
    int32_t b_end = b->first + b->count;
    first -= GUARD_DIGITS;
    *result = (Natural){.first = first, .count = (a_end > b_end ? a_end : b_end) - first};
    ASSERT(result->count <= DIGITS_MAX);
    int64_t borrow = 0;
    for (int32_t i = 0; i < result->count; i++) {
        borrow += (int64_t)digit_at(a, first + i) - (int64_t)digit_at(b, first + i);
        result->digits[i] = (uint32_t)borrow;
        borrow >>= DIGIT_BITS;
    }
    ASSERT(borrow == 0);
}

static bool natural_divide(Natural *number, uint64_t divisor) {
    u128 rest = 0;
    for (int32_t i = number->count; i > 0; i--) {
        rest = rest << DIGIT_BITS | number->digits[i - 1];
        number->digits[i - 1] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    return rest != 0;
}

static double natural_round(const Natural *number, bool is_sticky) {
    int32_t top = number->count;
    while (top > 0 && number->digits[top - 1] == 0) {
        top--;
    }
    int32_t low = top < 4 ? 0 : top - 4;
    u128 mantissa = 0;
    for (int32_t i = top; i > low; i--) {
        mantissa = mantissa << DIGIT_BITS | number->digits[i - 1];
    }
    for (int32_t i = 0; i < low; i++) {
        is_sticky |= number->digits[i] != 0;
    }
    return float_round(mantissa, (number->first + low) * DIGIT_BITS, is_sticky, false);
}

double big_sum_variance(const BigSum *sum, const BigSum *squares, int64_t n, int32_t digits) {
    enum { POWER_DIGITS = 18 };
    Natural a;
    Natural b;
    Natural difference;
    Natural count = {.digits = {(uint32_t)n, (uint32_t)((uint64_t)n >> DIGIT_BITS)}, .count = 2};
    natural_absolute(sum, &a);
    natural_multiply(&a, &a, &b);
    natural_absolute(squares, &difference);
    natural_multiply(&difference, &count, &a);
    natural_subtract(&a, &b, &difference);
    bool is_sticky = natural_divide(&difference, (uint64_t)n);
    is_sticky |= natural_divide(&difference, (uint64_t)n - 1);
    for (; digits > 0; digits -= POWER_DIGITS) {
        int32_t some = digits < POWER_DIGITS ? digits : POWER_DIGITS;
        is_sticky |= natural_divide(&difference, (uint64_t)decimal_power10(some));
    }
    return natural_round(&difference, is_sticky);
}
