// Floats and their decimal text, exactly: reading rounds to nearest even, writing gives the
// shortest digits that read back as the same float. No locale and no C library decides anything
// here.
//
// Three ways in, fastest first: both operands exact in a double; 64 bits of digits and a power of
// ten that fits 128-bit arithmetic; whole numbers of any size (float_big.c).
#include "scalar/float_big.h"
#include "scalar/number.h"

#include <float.h>
#include <math.h>

enum { EXACT_POWER_MAX = 22, FIVES_MAX = 27, SHORT_DIGITS_MAX = 19 };

static const double powers10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static uint64_t power5(int32_t exponent) {
    uint64_t power = 1;
    for (int32_t i = 0; i < exponent; i++) {
        power *= 5;
    }
    return power;
}

static int32_t bits_of(u128 value) {
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t low = (uint64_t)value;
    return high != 0 ? 128 - __builtin_clzll(high) : low != 0 ? 64 - __builtin_clzll(low) : 0;
}

double float_round(u128 mantissa, int32_t exponent, bool is_sticky, bool is_single) {
    const int32_t precision = is_single ? FLT_MANT_DIG : DBL_MANT_DIG;
    const int32_t lowest = is_single ? -149 : -1074;
    if (mantissa == 0) {
        return 0.0;
    }
    int32_t last = exponent + bits_of(mantissa) - precision; // of the bit that stays last
    last = last < lowest ? lowest : last;
    int32_t shift = last - exponent;
    if (shift <= 0) {
        return ldexp((double)mantissa, exponent);
    }
    if (shift > 128) {
        return 0.0;
    }
    u128 kept = shift == 128 ? 0 : mantissa >> shift;
    u128 rest = shift == 128 ? mantissa : mantissa & (((u128)1 << shift) - 1);
    u128 half = (u128)1 << (shift - 1);
    bool is_up = rest > half || (rest == half && (is_sticky || (kept & 1) != 0));
    return ldexp((double)(kept + is_up), last);
}

// The quotient gets at least 65 bits, more than a float has, and the rest says what lies below.
double float_of_ratio(i128 numerator, int64_t denominator, int32_t exponent, bool is_single) {
    enum { QUOTIENT_BITS = 66, SHIFT_STEP = 63 };
    u128 size = magnitude(numerator);
    if (size == 0) {
        return 0.0;
    }
    int32_t shift = bits_of((u128)denominator) + QUOTIENT_BITS - bits_of(size);
    shift = shift < 0 ? 0 : shift;
    U256 dividend = u256_of(size);
    for (int32_t left = shift; left > 0; left -= SHIFT_STEP) {
        bool fits =
            u256_multiply_small(&dividend, (u128)1 << (left < SHIFT_STEP ? left : SHIFT_STEP));
        ASSERT(fits);
    }
    U256 divisor = u256_of((u128)denominator);
    U256 quotient;
    U256 rest;
    u256_divide(&dividend, &divisor, &quotient, &rest);
    bool has_rest = !u256_is_zero(&rest);
    double result = float_round(u256_low(&quotient), exponent - shift, has_rest, is_single);
    return numerator < 0 ? -result : result;
}

// digits * 10^exponent with |exponent| <= FIVES_MAX, exactly rounded.
static double float_medium(uint64_t digits, int32_t exponent, bool is_single) {
    if (exponent >= 0) {
        return float_round((u128)digits * power5(exponent), exponent, false, is_single);
    }
    // digits / 5^k with 64 or more bits of quotient; the rest says on which side of it we are.
    int32_t shift = __builtin_clzll(digits) + 63;
    u128 dividend = (u128)digits << shift;
    uint64_t divisor = power5(-exponent);
    u128 quotient = dividend / divisor;
    return float_round(quotient, exponent - shift, dividend % divisor != 0, is_single);
}

static double float_of_digits(uint64_t digits, int32_t exponent, bool is_single) {
    if (!is_single && digits <= (UINT64_C(1) << DBL_MANT_DIG)) {
        if (exponent >= 0 && exponent <= EXACT_POWER_MAX) {
            return (double)digits * powers10[exponent];
        }
        if (exponent < 0 && -exponent <= EXACT_POWER_MAX) {
            return (double)digits / powers10[-exponent];
        }
    }
    return float_medium(digits, exponent, is_single);
}

// Up to 19 digits as an integer, leading zeros left out. False if there are more.
static bool digits_short(const NumberText *number, uint64_t *digits) {
    uint64_t value = 0;
    uint32_t count = 0;
    size_t total = number->whole_count + number->fraction_count;
    for (size_t i = 0; i < total; i++) {
        char c =
            i < number->whole_count ? number->whole[i] : number->fraction[i - number->whole_count];
        count += count > 0 || c != '0';
        if (count > SHORT_DIGITS_MAX) {
            return false;
        }
        value = value * 10 + (uint64_t)(c - '0');
    }
    *digits = value;
    return true;
}

bool number_float(const NumberText *number, bool is_single, double *value) {
    uint64_t digits = 0;
    int64_t exponent = (int64_t)number->exponent - (int64_t)number->fraction_count;
    bool is_short = digits_short(number, &digits);
    double size = 0.0;
    if (!is_short || (digits != 0 && (exponent < -FIVES_MAX || exponent > FIVES_MAX))) {
        size = float_big_parse(number, is_single);
    } else if (digits != 0) {
        size = float_of_digits(digits, (int32_t)exponent, is_single);
    }
    if (size > (is_single ? (double)FLT_MAX : DBL_MAX)) {
        return false;
    }
    *value = number->is_negative ? -size : size;
    return true;
}

double float_of_decimal(i128 value, int32_t scale, bool is_single) {
    u128 size = magnitude(value);
    double result = 0.0;
    if (size <= UINT64_MAX && scale <= FIVES_MAX) {
        result = size == 0 ? 0.0 : float_of_digits((uint64_t)size, -scale, is_single);
    } else {
        char text[SCALAR_TEXT_MAX];
        size_t length = decimal_text(text, (i128)size, scale);
        NumberText number;
        bool is_number =
            number_split(text, length, &number) && number_float(&number, is_single, &result);
        ASSERT(is_number); // 38 digits fit either float.
    }
    return value < 0 ? -result : result;
}

// Few digits: a decimal of at most 15 digits (6 of a float32) is the only one of its length near
// its float, so the first number of places that gives the value back exactly is the shortest.
static bool digits_few(double value, bool is_single, FloatDigits *digits) {
    const uint64_t limit = is_single ? 1000000 : UINT64_C(1000000000000000);
    enum { PLACES_MAX = 8 };
    for (int32_t places = 0; places <= PLACES_MAX; places++) {
        double scaled = value * powers10[places];
        if (!(scaled < (double)limit)) {
            return false;
        }
        uint64_t whole = (uint64_t)(scaled + 0.5);
        double back = (double)whole / powers10[places];
        if (whole > 0 && (is_single ? (double)(float)back : back) == value) {
            digits->count = (int32_t)integer_text(digits->digits, (int64_t)whole);
            digits->point = digits->count - places;
            return true;
        }
    }
    return false;
}

void float_digits(double value, bool is_single, FloatDigits *digits) {
    if (!digits_few(value, is_single, digits)) {
        float_big_digits(value, is_single, digits);
    }
    while (digits->count > 1 && digits->digits[digits->count - 1] == '0') {
        digits->count--;
    }
}

static char *zeros_put(char *out, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        *out++ = '0';
    }
    return out;
}

static char *digits_put(char *out, const FloatDigits *digits, int32_t from, int32_t to) {
    for (int32_t i = from; i < to; i++) {
        *out++ = i < digits->count ? digits->digits[i] : '0';
    }
    return out;
}

static char *plain_put(char *out, const FloatDigits *digits) {
    if (digits->point <= 0) {
        *out++ = '0';
        *out++ = '.';
        out = zeros_put(out, -digits->point);
        return digits_put(out, digits, 0, digits->count);
    }
    out = digits_put(out, digits, 0, digits->point);
    *out++ = '.';
    int32_t end = digits->count > digits->point ? digits->count : digits->point + 1;
    return digits_put(out, digits, digits->point, end);
}

static char *scientific_put(char *out, const FloatDigits *digits) {
    int32_t exponent = digits->point - 1;
    *out++ = digits->digits[0];
    if (digits->count > 1) {
        *out++ = '.';
        out = digits_put(out, digits, 1, digits->count);
    }
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    uint32_t size = (uint32_t)(exponent < 0 ? -exponent : exponent);
    if (size >= 100) {
        *out++ = (char)('0' + size / 100);
    }
    *out++ = (char)('0' + size / 10 % 10);
    *out++ = (char)('0' + size % 10);
    return out;
}

static size_t word_put(char *out, const char *word) {
    size_t length = strlen(word);
    memcpy(out, word, length);
    return length;
}

size_t float_text(char *out, double value, bool is_single) {
    enum { PLAIN_POINT_MIN = -3, PLAIN_POINT_MAX = 16 }; // 0.0001 … 9999999999999998.0
    if (isnan(value)) {
        return word_put(out, "NaN");
    }
    if (isinf(value)) {
        return word_put(out, value < 0 ? "-Infinity" : "Infinity");
    }
    char *at = out;
    if (signbit(value)) {
        *at++ = '-';
        value = -value;
    }
    if (value == 0.0) {
        return (size_t)(at - out) + word_put(at, "0.0");
    }
    FloatDigits digits;
    float_digits(value, is_single, &digits);
    bool is_plain = digits.point >= PLAIN_POINT_MIN && digits.point <= PLAIN_POINT_MAX;
    at = is_plain ? plain_put(at, &digits) : scientific_put(at, &digits);
    return (size_t)(at - out);
}
