// Exact decimal arithmetic: everything is computed without loss in 256 bits and rounded once, half
// away from zero, to the result's scale.
#include "scalar/number.h"

enum { POWER_MAX = 38 };

// A sign and a magnitude: half up rounds both signs alike.
typedef struct Wide {
    U256 size;
    bool is_negative;
} Wide;

i128 decimal_power10(int32_t exponent) {
    static const uint64_t small[] = {1,
                                     10,
                                     100,
                                     1000,
                                     10000,
                                     100000,
                                     1000000,
                                     10000000,
                                     100000000,
                                     1000000000,
                                     10000000000,
                                     100000000000,
                                     1000000000000,
                                     10000000000000,
                                     100000000000000,
                                     1000000000000000,
                                     10000000000000000,
                                     100000000000000000,
                                     1000000000000000000,
                                     10000000000000000000u};
    ASSERT(exponent >= 0 && exponent <= POWER_MAX);
    return exponent <= 19 ? (i128)small[exponent] : (i128)small[19] * (i128)small[exponent - 19];
}

static Wide wide_of(i128 value) {
    return (Wide){u256_of(magnitude(value)), value < 0};
}

// value * 10^exponent; false if 256 bits are too few.
static bool scale_up(U256 *value, int32_t exponent) {
    while (exponent > 0) {
        int32_t step = exponent > POWER_MAX ? POWER_MAX : exponent;
        if (!u256_multiply_small(value, (u128)decimal_power10(step))) {
            return false;
        }
        exponent -= step;
    }
    return true;
}

// In 64 bits where they suffice: that is most money, and several times as fast.
static u128 divide_rounded_narrow(u128 a, u128 b) {
    if (a <= UINT64_MAX && b <= UINT64_MAX) {
        uint64_t quotient = (uint64_t)a / (uint64_t)b;
        uint64_t rest = (uint64_t)a % (uint64_t)b;
        return (u128)quotient + (rest >= (uint64_t)b - rest);
    }
    u128 rest = a % b;
    return a / b + (rest >= b - rest);
}

// a / b, half up.
static U256 divide_rounded(const U256 *a, const U256 *b) {
    if (u256_fits_u128(a) && u256_fits_u128(b)) {
        return u256_of(divide_rounded_narrow(u256_low(a), u256_low(b)));
    }
    U256 quotient;
    U256 rest;
    u256_divide(a, b, &quotient, &rest);
    U256 gap = u256_subtract(*b, rest);
    return u256_compare(&rest, &gap) >= 0 ? u256_add(quotient, u256_of(1)) : quotient;
}

static U256 scale_down(const U256 *value, int32_t exponent) {
    U256 result = *value;
    if (exponent > 2 * POWER_MAX) {
        return u256_of(0); // No magnitude here reaches half of 10^77.
    }
    U256 divisor = u256_of(1);
    bool fits = scale_up(&divisor, exponent);
    ASSERT(fits);
    return divide_rounded(&result, &divisor);
}

static bool wide_finish(const Wide *value, int32_t precision, i128 *result) {
    if (!u256_fits_u128(&value->size)) {
        return false;
    }
    u128 size = u256_low(&value->size);
    if (size >= (u128)decimal_power10(precision)) {
        return false;
    }
    *result = value->is_negative ? -(i128)size : (i128)size;
    return true;
}

static bool wide_rescale(Wide value, int32_t from, int32_t precision, int32_t scale, i128 *result) {
    if (scale < from) {
        value.size = scale_down(&value.size, from - scale);
    } else if (!scale_up(&value.size, scale - from)) {
        return false;
    }
    return wide_finish(&value, precision, result);
}

bool decimal_rescale(
    i128 value, int32_t from_scale, int32_t precision, int32_t scale, i128 *result) {
    return wide_rescale(wide_of(value), from_scale, precision, scale, result);
}

static Wide wide_at_scale(i128 value, int32_t from, int32_t scale) {
    Wide wide = wide_of(value);
    bool fits = scale_up(&wide.size, scale - from);
    ASSERT(fits); // 38 digits and up to 38 more are less than 2^253.
    return wide;
}

static Wide wide_add(const Wide *a, const Wide *b) {
    if (a->is_negative == b->is_negative) {
        return (Wide){u256_add(a->size, b->size), a->is_negative};
    }
    bool a_is_larger = u256_compare(&a->size, &b->size) >= 0;
    const Wide *larger = a_is_larger ? a : b;
    const Wide *smaller = a_is_larger ? b : a;
    return (Wide){u256_subtract(larger->size, smaller->size), larger->is_negative};
}

bool decimal_add(i128 a,
                 int32_t a_scale,
                 i128 b,
                 int32_t b_scale,
                 int32_t precision,
                 int32_t scale,
                 i128 *result) {
    if (a_scale == b_scale && a_scale == scale) {
        i128 sum;
        if (__builtin_add_overflow(a, b, &sum)) {
            return false;
        }
        *result = sum;
        return magnitude(sum) < (u128)decimal_power10(precision);
    }
    int32_t common = a_scale > b_scale ? a_scale : b_scale;
    Wide left = wide_at_scale(a, a_scale, common);
    Wide right = wide_at_scale(b, b_scale, common);
    return wide_rescale(wide_add(&left, &right), common, precision, scale, result);
}

bool decimal_multiply(i128 a,
                      int32_t a_scale,
                      i128 b,
                      int32_t b_scale,
                      int32_t precision,
                      int32_t scale,
                      i128 *result) {
    Wide product = {u256_multiply(magnitude(a), magnitude(b)), (a < 0) != (b < 0)};
    return wide_rescale(product, a_scale + b_scale, precision, scale, result);
}

// The quotient's scale decides on which side the powers of ten go. A dividend that outgrows 256
// bits has a quotient of more than 38 digits; a divisor that does makes it less than a half.
bool decimal_divide(i128 a,
                    int32_t a_scale,
                    i128 b,
                    int32_t b_scale,
                    int32_t precision,
                    int32_t scale,
                    i128 *result) {
    if (b == 0) {
        return false;
    }
    if (a == 0) {
        *result = 0;
        return true;
    }
    U256 dividend = u256_of(magnitude(a));
    U256 divisor = u256_of(magnitude(b));
    int32_t exponent = b_scale - a_scale + scale;
    if (exponent >= 0 && !scale_up(&dividend, exponent)) {
        return false;
    }
    if (exponent < 0 && !scale_up(&divisor, -exponent)) {
        *result = 0;
        return true;
    }
    Wide quotient = {divide_rounded(&dividend, &divisor), (a < 0) != (b < 0)};
    return wide_finish(&quotient, precision, result);
}

// Quotient truncated toward zero and remainder with the dividend's sign, at the larger scale.
static bool
divide_truncated(i128 a, int32_t a_scale, i128 b, int32_t b_scale, Wide *quotient, Wide *rest) {
    if (b == 0) {
        return false;
    }
    int32_t common = a_scale > b_scale ? a_scale : b_scale;
    Wide left = wide_at_scale(a, a_scale, common);
    Wide right = wide_at_scale(b, b_scale, common);
    u256_divide(&left.size, &right.size, &quotient->size, &rest->size);
    quotient->is_negative = left.is_negative != right.is_negative;
    rest->is_negative = left.is_negative;
    return true;
}

bool decimal_modulo(i128 a,
                    int32_t a_scale,
                    i128 b,
                    int32_t b_scale,
                    int32_t precision,
                    int32_t scale,
                    i128 *result) {
    Wide quotient;
    Wide rest;
    int32_t common = a_scale > b_scale ? a_scale : b_scale;
    return divide_truncated(a, a_scale, b, b_scale, &quotient, &rest) &&
           wide_rescale(rest, common, precision, scale, result);
}

bool decimal_divide_whole(i128 a,
                          int32_t a_scale,
                          i128 b,
                          int32_t b_scale,
                          int32_t precision,
                          int32_t scale,
                          i128 *result) {
    Wide quotient;
    Wide rest;
    return divide_truncated(a, a_scale, b, b_scale, &quotient, &rest) &&
           wide_rescale(quotient, 0, precision, scale, result);
}

void wide_sum_add(WideSum *sum, i128 value) {
    uint64_t sign = value < 0 ? UINT64_MAX : 0;
    U256 addend = {{(uint64_t)value, (uint64_t)((u128)value >> 64), sign, sign}};
    U256 total;
    memcpy(&total, sum, sizeof(total));
    total = u256_add(total, addend);
    memcpy(sum, &total, sizeof(total));
}

void wide_sum_merge(WideSum *sum, const WideSum *more) {
    U256 total;
    U256 addend;
    memcpy(&total, sum, sizeof(total));
    memcpy(&addend, more, sizeof(addend));
    total = u256_add(total, addend);
    memcpy(sum, &total, sizeof(total));
}

static Wide wide_of_sum(const WideSum *sum) {
    U256 size;
    memcpy(&size, sum, sizeof(size));
    bool is_negative = sum->limbs[3] >> 63 != 0;
    return (Wide){is_negative ? u256_subtract(u256_of(0), size) : size, is_negative};
}

bool wide_sum_decimal(const WideSum *sum, int32_t precision, i128 *result) {
    Wide wide = wide_of_sum(sum);
    return wide_finish(&wide, precision, result);
}

bool wide_sum_average(const WideSum *sum,
                      int64_t count,
                      int32_t sum_scale,
                      int32_t precision,
                      int32_t scale,
                      i128 *result) {
    Wide wide = wide_of_sum(sum);
    U256 divisor = u256_of((u128)count);
    bool fits = scale >= sum_scale ? scale_up(&wide.size, scale - sum_scale)
                                   : scale_up(&divisor, sum_scale - scale);
    if (!fits) {
        return false;
    }
    wide.size = divide_rounded(&wide.size, &divisor);
    return wide_finish(&wide, precision, result);
}

int decimal_compare(i128 a, int32_t a_scale, i128 b, int32_t b_scale) {
    if (a_scale == b_scale) {
        return (a > b) - (a < b);
    }
    if ((a < 0) != (b < 0)) {
        return a < 0 ? -1 : 1;
    }
    int32_t common = a_scale > b_scale ? a_scale : b_scale;
    Wide left = wide_at_scale(a, a_scale, common);
    Wide right = wide_at_scale(b, b_scale, common);
    int order = u256_compare(&left.size, &right.size);
    return a < 0 ? -order : order;
}

static size_t digits_of(u128 value, char digits[40]) {
    size_t count = 0;
    while (value > UINT64_MAX) {
        digits[count++] = (char)('0' + (int)(value % 10));
        value /= 10;
    }
    for (uint64_t rest = (uint64_t)value; rest > 0; rest /= 10) {
        digits[count++] = (char)('0' + rest % 10);
    }
    return count;
}

size_t decimal_text(char *out, i128 value, int32_t scale) {
    char digits[40]; // from the last one on
    size_t count = digits_of(magnitude(value), digits);
    while (count <= (size_t)scale) {
        digits[count++] = '0';
    }
    char *at = out;
    if (value < 0) {
        *at++ = '-';
    }
    for (size_t i = count; i > 0; i--) {
        if (i == (size_t)scale) {
            *at++ = '.';
        }
        *at++ = digits[i - 1];
    }
    return (size_t)(at - out);
}

size_t integer_text(char *out, int64_t value) {
    return decimal_text(out, value, 0);
}

bool decimal_of_bytes(const uint8_t *bytes, size_t length, i128 *value) {
    if (length == 0) {
        return false;
    }
    uint8_t sign = bytes[0] >= 0x80 ? 0xFF : 0;
    u128 bits = sign == 0 ? 0 : ~(u128)0;
    size_t surplus = length > 16 ? length - 16 : 0;
    for (size_t i = 0; i < length; i++) {
        if (i < surplus && bytes[i] != sign) {
            return false;
        }
        bits = bits << 8 | bytes[i];
    }
    *value = (i128)bits;
    return (*value < 0) == (sign != 0);
}
