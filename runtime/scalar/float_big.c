// Whole numbers of a few thousand bits, for the floats that 128 bits cannot decide.
#include "scalar/float_big.h"

#include <float.h>
#include <math.h>

// 800 significant digits decide every rounding (a double's exact value has at most 767); with the
// powers of ten and two of both ends that makes less than 4400 bits.
enum { WORDS = 160, DIGITS_MAX = 800 };

typedef struct Big {
    uint32_t words[WORDS];
    uint32_t count;
} Big;

static void big_set(Big *big, uint64_t value) {
    big->words[0] = (uint32_t)value;
    big->words[1] = (uint32_t)(value >> 32);
    big->count = big->words[1] != 0 ? 2 : big->words[0] != 0;
}

static void big_multiply_add(Big *big, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (uint32_t i = 0; i < big->count; i++) {
        carry += (uint64_t)big->words[i] * factor;
        big->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        ASSERT(big->count < WORDS);
        big->words[big->count++] = (uint32_t)carry;
    }
}

static void big_multiply_power10(Big *big, int32_t exponent) {
    for (; exponent >= 9; exponent -= 9) {
        big_multiply_add(big, 1000000000, 0);
    }
    for (; exponent > 0; exponent--) {
        big_multiply_add(big, 10, 0);
    }
}

static void big_shift_left(Big *big, uint32_t bits) {
    uint32_t words = bits / 32;
    uint32_t rest = bits % 32;
    if (big->count == 0) {
        return;
    }
    ASSERT(big->count + words + 1 <= WORDS);
    uint32_t top = rest == 0 ? 0 : big->words[big->count - 1] >> (32 - rest);
    for (uint32_t i = big->count; i > 0; i--) {
        uint32_t below = i >= 2 && rest != 0 ? big->words[i - 2] >> (32 - rest) : 0;
        big->words[i - 1 + words] = big->words[i - 1] << rest | below;
    }
    memset(big->words, 0, words * sizeof(uint32_t));
    big->count += words;
    if (top != 0) {
        big->words[big->count++] = top;
    }
}

static void big_halve(Big *big) {
    for (uint32_t i = 0; i < big->count; i++) {
        uint32_t above = i + 1 < big->count ? big->words[i + 1] << 31 : 0;
        big->words[i] = big->words[i] >> 1 | above;
    }
    while (big->count > 0 && big->words[big->count - 1] == 0) {
        big->count--;
    }
}

static int big_compare(const Big *a, const Big *b) {
    if (a->count != b->count) {
        return a->count < b->count ? -1 : 1;
    }
    for (uint32_t i = a->count; i > 0; i--) {
        if (a->words[i - 1] != b->words[i - 1]) {
            return a->words[i - 1] < b->words[i - 1] ? -1 : 1;
        }
    }
    return 0;
}

static void big_add(Big *a, const Big *b) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < b->count || carry != 0 || i < a->count; i++) {
        ASSERT(i < WORDS);
        carry += (i < a->count ? a->words[i] : 0) + (uint64_t)(i < b->count ? b->words[i] : 0);
        a->words[i] = (uint32_t)carry;
        a->count = i >= a->count ? i + 1 : a->count;
        carry >>= 32;
    }
}

static void big_subtract(Big *a, const Big *b) {
    int64_t borrow = 0;
    for (uint32_t i = 0; i < a->count; i++) {
        int64_t part = (int64_t)a->words[i] - (i < b->count ? b->words[i] : 0) + borrow;
        a->words[i] = (uint32_t)part;
        borrow = part >> 32;
    }
    while (a->count > 0 && a->words[a->count - 1] == 0) {
        a->count--;
    }
}

static int32_t big_bits(const Big *big) {
    return big->count == 0 ? 0
                           : (int32_t)(big->count * 32) - __builtin_clz(big->words[big->count - 1]);
}

// --- reading ------------------------------------------------------------------------------------

// The significant digits, at most DIGITS_MAX of them: a 1 stands for a rest that is not zero.
static void big_digits(Big *big, const NumberText *number, int64_t *exponent) {
    size_t total = number->whole_count + number->fraction_count;
    int32_t taken = 0;
    bool has_rest = false;
    *exponent = (int64_t)number->exponent - (int64_t)number->fraction_count;
    big_set(big, 0);
    for (size_t i = 0; i < total; i++) {
        char c =
            i < number->whole_count ? number->whole[i] : number->fraction[i - number->whole_count];
        if (taken == DIGITS_MAX) {
            has_rest |= c != '0';
            *exponent += 1;
        } else if (taken > 0 || c != '0') {
            big_multiply_add(big, 10, (uint32_t)(c - '0'));
            taken++;
        }
    }
    if (has_rest) {
        big_multiply_add(big, 10, 1);
        *exponent -= 1;
    }
}

// dividend / divisor, whose bits are brought so close that the quotient has 64 or 65 bits.
static double big_divide(Big *dividend, Big *divisor, bool is_single) {
    int32_t shift = 64 - (big_bits(dividend) - big_bits(divisor));
    big_shift_left(shift > 0 ? dividend : divisor, (uint32_t)(shift > 0 ? shift : -shift));
    big_shift_left(divisor, 65);
    u128 quotient = 0;
    for (int i = 0; i <= 65; i++) {
        quotient <<= 1;
        if (big_compare(dividend, divisor) >= 0) {
            big_subtract(dividend, divisor);
            quotient |= 1;
        }
        big_halve(divisor);
    }
    return float_round(quotient, -shift, dividend->count > 0, is_single);
}

double float_big_parse(const NumberText *number, bool is_single) {
    enum { DECIMAL_EXPONENT_MAX = 310, DECIMAL_EXPONENT_MIN = -345 };
    int64_t exponent = 0;
    Big dividend;
    Big divisor;
    big_digits(&dividend, number, &exponent);
    if (dividend.count == 0) {
        return 0.0;
    }
    // value lies in [10^(digits - 1 + exponent), 10^(digits + exponent)).
    int64_t digits = (int64_t)(big_bits(&dividend) - 1) * 30103 / 100000 + 1;
    if (digits + exponent > DECIMAL_EXPONENT_MAX + 1) {
        return (double)INFINITY;
    }
    if (digits + exponent < DECIMAL_EXPONENT_MIN) {
        return 0.0;
    }
    big_set(&divisor, 1);
    big_multiply_power10(&dividend, exponent > 0 ? (int32_t)exponent : 0);
    big_multiply_power10(&divisor, exponent < 0 ? (int32_t)-exponent : 0);
    return big_divide(&dividend, &divisor, is_single);
}

// --- writing ------------------------------------------------------------------------------------

// value = rest / scale * 10^point; half the gaps to the neighbours are above / scale, below /
// scale.
typedef struct Shortest {
    Big rest;
    Big scale;
    Big above;
    Big below;
    bool is_even; // then the middle of a gap reads back as this float
} Shortest;

static void shortest_begin(Shortest *work, double value, bool is_single) {
    const int32_t precision = is_single ? FLT_MANT_DIG : DBL_MANT_DIG;
    const int32_t lowest = is_single ? -149 : -1074;
    int exponent = 0;
    double fraction = frexp(value, &exponent);
    int32_t last = exponent - precision < lowest ? lowest : exponent - precision;
    uint64_t mantissa = (uint64_t)ldexp(fraction, exponent - last);
    bool is_boundary = mantissa == UINT64_C(1) << (precision - 1) && last > lowest;
    uint32_t extra = is_boundary ? 2 : 1; // the gap below a power of two is half as wide
    big_set(&work->rest, mantissa);
    big_set(&work->scale, 1);
    big_set(&work->above, is_boundary ? 2 : 1);
    big_set(&work->below, 1);
    big_shift_left(&work->rest, extra + (uint32_t)(last > 0 ? last : 0));
    big_shift_left(&work->scale, extra + (uint32_t)(last < 0 ? -last : 0));
    big_shift_left(&work->above, (uint32_t)(last > 0 ? last : 0));
    big_shift_left(&work->below, (uint32_t)(last > 0 ? last : 0));
    work->is_even = (mantissa & 1) == 0;
}

static bool is_above_gap(const Shortest *work) {
    Big sum = work->rest;
    big_add(&sum, &work->above);
    int order = big_compare(&sum, &work->scale);
    return order > 0 || (order == 0 && work->is_even);
}

static bool is_below_gap(const Shortest *work) {
    int order = big_compare(&work->rest, &work->below);
    return order < 0 || (order == 0 && work->is_even);
}

static void shortest_step(Shortest *work) {
    big_multiply_add(&work->rest, 10, 0);
    big_multiply_add(&work->above, 10, 0);
    big_multiply_add(&work->below, 10, 0);
}

// Brings the value into [0.1, 1), measured to the middle of the gap above it.
static int32_t shortest_scale(Shortest *work, double value) {
    int32_t point = (int32_t)ceil(log10(value) - 1e-10);
    if (point > 0) {
        big_multiply_power10(&work->scale, point);
    } else {
        big_multiply_power10(&work->rest, -point);
        big_multiply_power10(&work->above, -point);
        big_multiply_power10(&work->below, -point);
    }
    if (is_above_gap(work)) {
        big_multiply_add(&work->scale, 10, 0);
        return point + 1;
    }
    return point;
}

static uint32_t next_digit(Shortest *work) {
    uint32_t digit = 0;
    shortest_step(work);
    while (big_compare(&work->rest, &work->scale) >= 0) {
        big_subtract(&work->rest, &work->scale);
        digit++;
    }
    return digit;
}

void float_big_digits(double value, bool is_single, FloatDigits *digits) {
    Shortest work;
    shortest_begin(&work, value, is_single);
    digits->point = shortest_scale(&work, value);
    digits->count = 0;
    for (;;) {
        uint32_t digit = next_digit(&work);
        bool is_low = is_below_gap(&work);
        bool is_high = is_above_gap(&work);
        ASSERT(digits->count < (int32_t)sizeof(digits->digits));
        if (!is_low && !is_high) {
            digits->digits[digits->count++] = (char)('0' + digit);
            continue;
        }
        Big twice = work.rest;
        big_shift_left(&twice, 1);
        int half = big_compare(&twice, &work.scale); // of two that are equally near, the even one
        bool is_nearer_up = half > 0 || (half == 0 && digit % 2 == 1);
        bool is_up = is_high && (!is_low || is_nearer_up);
        digits->digits[digits->count++] = (char)('0' + digit + is_up);
        return;
    }
}
