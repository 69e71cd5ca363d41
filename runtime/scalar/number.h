// What the files of this room share: numbers as text, 256-bit integers, texts of fixed size.
#ifndef FLOW_SCALAR_NUMBER_H
#define FLOW_SCALAR_NUMBER_H

#include "scalar/scalar.h"

#define SECOND_US INT64_C(1000000)
#define DAY_SECONDS INT64_C(86400)
#define DAY_US (DAY_SECONDS * SECOND_US)

// A number's text taken apart: sign, digits before and after the point, exponent.
typedef struct NumberText {
    const char *whole;
    const char *fraction;
    size_t whole_count;
    size_t fraction_count;
    int32_t exponent; // cut to ± NUMBER_EXPONENT_MAX
    bool is_negative;
} NumberText;

enum { NUMBER_EXPONENT_MAX = 1000000000, SCALAR_TEXT_MAX = 64 };

// [+-] digits [. digits] [e [+-] digits], at least one digit, the whole text.
bool number_split(const char *text, size_t length, NumberText *number);
ParseResult number_decimal(const NumberText *number, int32_t precision, int32_t scale, i128 *value);

// Correctly rounded to 53 bits, or to 24 and widened; false if it is past the greatest.
bool number_float(const NumberText *number, bool is_single, double *value);
// The nearest float to value / 10^scale.
double float_of_decimal(i128 value, int32_t scale, bool is_single);

// The shortest digits that read back as the same float: value = 0.d1d2d3… * 10^point.
typedef struct FloatDigits {
    char digits[24];
    int32_t count;
    int32_t point;
} FloatDigits;
void float_digits(double value, bool is_single, FloatDigits *digits); // finite, > 0

// Texts into `out` (SCALAR_TEXT_MAX bytes), the length returned; no NUL.
size_t float_text(char *out, double value, bool is_single);
size_t decimal_text(char *out, i128 value, int32_t scale);
size_t integer_text(char *out, int64_t value);
size_t date_text(char *out, int64_t days);
size_t timestamp_text(char *out, int64_t us);
// Of every kind but STRING, BYTES and ENUM.
size_t scalar_text(char *out, const FlowTypeDesc *type, const FlowValue *value);
int64_t timestamp_days(int64_t us);

void base64_append(Buffer *out, const char *bytes, size_t length);
size_t base64_decoded_bytes_max(size_t length);
bool base64_decode(const char *text, size_t length, char *bytes, size_t *count);

// --- 256-bit magnitudes, little endian ----------------------------------------------------------
typedef struct U256 {
    uint64_t limbs[4];
} U256;

U256 u256_of(u128 value);
U256 u256_multiply(u128 a, u128 b);
bool u256_multiply_small(U256 *value, u128 factor); // false on overflow
U256 u256_add(U256 a, U256 b);
U256 u256_subtract(U256 a, U256 b); // a >= b
int u256_compare(const U256 *a, const U256 *b);
bool u256_is_zero(const U256 *value);
bool u256_fits_u128(const U256 *value);
u128 u256_low(const U256 *value);
void u256_divide(const U256 *a, const U256 *b, U256 *quotient, U256 *remainder); // b != 0

static inline u128 magnitude(i128 value) {
    return value < 0 ? -(u128)value : (u128)value;
}

#endif
