// 256-bit magnitudes: what decimal multiplication and division need between their operands, which
// have at most 127 bits, and their rounded result.
#include "scalar/number.h"

enum { LIMBS = 4, HALVES = 8 };

U256 u256_of(u128 value) {
    return (U256){{(uint64_t)value, (uint64_t)(value >> 64), 0, 0}};
}

u128 u256_low(const U256 *value) {
    return (u128)value->limbs[1] << 64 | value->limbs[0];
}

bool u256_fits_u128(const U256 *value) {
    return (value->limbs[2] | value->limbs[3]) == 0;
}

bool u256_is_zero(const U256 *value) {
    return (value->limbs[0] | value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
}

int u256_compare(const U256 *a, const U256 *b) {
    for (int i = LIMBS - 1; i >= 0; i--) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
        }
    }
    return 0;
}

U256 u256_add(U256 a, U256 b) {
    u128 carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)a.limbs[i] + b.limbs[i];
        a.limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

U256 u256_subtract(U256 a, U256 b) {
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        u128 part = (u128)a.limbs[i] - b.limbs[i] - borrow;
        a.limbs[i] = (uint64_t)part;
        borrow = (uint64_t)(part >> 64) & 1;
    }
    return a;
}

// value * factor in five limbs; the fifth is returned.
static uint64_t multiply_limb(U256 *value, uint64_t factor) {
    u128 carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)value->limbs[i] * factor;
        value->limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return (uint64_t)carry;
}

bool u256_multiply_small(U256 *value, u128 factor) {
    U256 high = *value;
    uint64_t over = multiply_limb(value, (uint64_t)factor);
    uint64_t high_factor = (uint64_t)(factor >> 64);
    if (high_factor == 0) {
        return over == 0;
    }
    over |= multiply_limb(&high, high_factor) | high.limbs[3];
    U256 shifted = {{0, high.limbs[0], high.limbs[1], high.limbs[2]}};
    *value = u256_add(*value, shifted);
    return over == 0 && u256_compare(value, &shifted) >= 0;
}

U256 u256_multiply(u128 a, u128 b) {
    U256 product = u256_of(a);
    bool fits = u256_multiply_small(&product, b);
    ASSERT(fits);
    return product;
}

static int halves_split(const U256 *value, uint32_t halves[HALVES]) {
    int count = 0;
    for (int i = 0; i < HALVES; i++) {
        halves[i] = (uint32_t)(value->limbs[i / 2] >> (i % 2 * 32));
        count = halves[i] != 0 ? i + 1 : count;
    }
    return count;
}

static U256 halves_join(const uint32_t halves[HALVES]) {
    U256 value = {{0}};
    for (int i = 0; i < HALVES; i++) {
        value.limbs[i / 2] |= (uint64_t)halves[i] << (i % 2 * 32);
    }
    return value;
}

static U256 divide_short(const uint32_t *a, int count, uint32_t divisor, U256 *remainder) {
    uint32_t quotient[HALVES] = {0};
    uint64_t rest = 0;
    for (int i = count - 1; i >= 0; i--) {
        rest = rest << 32 | a[i];
        quotient[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    *remainder = u256_of(rest);
    return halves_join(quotient);
}

static void shift_left(const uint32_t *from, int count, int bits, uint32_t *to) {
    uint32_t carry = 0;
    for (int i = 0; i < count; i++) {
        to[i] = from[i] << bits | carry;
        carry = bits == 0 ? 0 : from[i] >> (32 - bits);
    }
    to[count] = carry;
}

// rest[at ..] -= digit * divisor; true if it went below zero.
static bool subtract_multiple(uint32_t *rest, const uint32_t *divisor, int count, uint64_t digit) {
    uint64_t carry = 0;
    int64_t borrow = 0;
    for (int i = 0; i < count; i++) {
        carry += digit * divisor[i];
        int64_t part = (int64_t)rest[i] - (int64_t)(uint32_t)carry + borrow;
        rest[i] = (uint32_t)part;
        borrow = part >> 32;
        carry >>= 32;
    }
    int64_t part = (int64_t)rest[count] - (int64_t)carry + borrow;
    rest[count] = (uint32_t)part;
    return part < 0;
}

static void add_back(uint32_t *rest, const uint32_t *divisor, int count) {
    uint64_t carry = 0;
    for (int i = 0; i < count; i++) {
        carry += (uint64_t)rest[i] + divisor[i];
        rest[i] = (uint32_t)carry;
        carry >>= 32;
    }
    rest[count] += (uint32_t)carry;
}

// One digit of Knuth's algorithm D: the estimate from two leading halves is at most 2 too large.
static uint32_t quotient_digit(uint32_t *rest, const uint32_t *divisor, int count) {
    uint64_t leading = (uint64_t)rest[count] << 32 | rest[count - 1];
    uint64_t digit = leading / divisor[count - 1];
    uint64_t left = leading % divisor[count - 1];
    while (digit > UINT32_MAX || digit * divisor[count - 2] > (left << 32 | rest[count - 2])) {
        digit--;
        left += divisor[count - 1];
        if (left > UINT32_MAX) {
            break;
        }
    }
    if (subtract_multiple(rest, divisor, count, digit)) {
        digit--;
        add_back(rest, divisor, count);
    }
    return (uint32_t)digit;
}

static U256
divide_long(const uint32_t *a, int a_count, const uint32_t *b, int b_count, U256 *remainder) {
    int bits = __builtin_clz(b[b_count - 1]);
    uint32_t divisor[HALVES + 1];
    uint32_t rest[HALVES + 1];
    shift_left(b, b_count, bits, divisor);
    shift_left(a, a_count, bits, rest);
    uint32_t quotient[HALVES] = {0};
    for (int i = a_count - b_count; i >= 0; i--) {
        quotient[i] = quotient_digit(rest + i, divisor, b_count);
    }
    uint32_t unshifted[HALVES] = {0};
    for (int i = 0; i < b_count; i++) {
        uint64_t pair = (uint64_t)rest[i + 1] << 32 | rest[i];
        unshifted[i] = (uint32_t)(pair >> bits);
    }
    *remainder = halves_join(unshifted);
    return halves_join(quotient);
}

void u256_divide(const U256 *a, const U256 *b, U256 *quotient, U256 *remainder) {
    ASSERT(!u256_is_zero(b));
    if (u256_compare(a, b) < 0) {
        *remainder = *a;
        *quotient = u256_of(0);
        return;
    }
    if (u256_fits_u128(a)) {
        u128 dividend = u256_low(a);
        u128 divisor = u256_low(b);
        *quotient = u256_of(dividend / divisor);
        *remainder = u256_of(dividend % divisor);
        return;
    }
    uint32_t a_halves[HALVES];
    uint32_t b_halves[HALVES];
    int a_count = halves_split(a, a_halves);
    int b_count = halves_split(b, b_halves);
    *quotient = b_count == 1 ? divide_short(a_halves, a_count, b_halves[0], remainder)
                             : divide_long(a_halves, a_count, b_halves, b_count, remainder);
}
