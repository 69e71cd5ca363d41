// Numbers as text: taken apart once, then read as an exact decimal or a float.
#include "scalar/number.h"

static bool is_digit(char c) {
    return (uint32_t)(uint8_t)c - '0' <= 9;
}

static const char *digits_skip(const char *at, const char *end) {
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

static bool exponent_parse(const char *at, const char *end, int32_t *exponent) {
    bool is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end || digits_skip(at, end) != end) {
        return false;
    }
    int64_t value = 0;
    for (; at < end; at++) {
        value = value * 10 + (*at - '0');
        value = value > NUMBER_EXPONENT_MAX ? NUMBER_EXPONENT_MAX : value;
    }
    *exponent = (int32_t)(is_negative ? -value : value);
    return true;
}

bool number_split(const char *text, size_t length, NumberText *number) {
    const char *end = text + length;
    const char *at = text;
    *number = (NumberText){.is_negative = at < end && *at == '-'};
    at += at < end && (*at == '-' || *at == '+');
    number->whole = at;
    at = digits_skip(at, end);
    number->whole_count = (size_t)(at - number->whole);
    number->fraction = at;
    if (at < end && *at == '.') {
        number->fraction = ++at;
        at = digits_skip(at, end);
        number->fraction_count = (size_t)(at - number->fraction);
    }
    if (number->whole_count + number->fraction_count == 0) {
        return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        return exponent_parse(at + 1, end, &number->exponent);
    }
    return at == end;
}

// Digits on their way into an integer of at most `precision` digits. `place` is the power of ten
// (of the unscaled value) of the next digit.
typedef struct DigitSink {
    u128 value;
    int64_t place;
    int32_t count;
    int32_t precision;
} DigitSink;

static bool digits_take(DigitSink *sink, const char *digits, size_t count) {
    for (size_t i = 0; i < count; i++, sink->place--) {
        uint32_t digit = (uint32_t)(digits[i] - '0');
        if (sink->place < 0) {
            if (digit != 0) {
                return false;
            }
            continue;
        }
        sink->count += sink->count > 0 || digit != 0;
        if (sink->count > sink->precision) {
            return false;
        }
        sink->value = sink->value * 10 + digit;
    }
    return true;
}

// All digits in 64 bits and no exponent: nearly every number there is.
static bool decimal_short(const NumberText *number, int32_t scale, uint64_t *value) {
    enum { SHORT_DIGITS = 18 };
    if (number->exponent != 0 || number->fraction_count > (size_t)scale ||
        number->whole_count > SHORT_DIGITS || number->whole_count + (size_t)scale > SHORT_DIGITS) {
        return false;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i < number->whole_count; i++) {
        sum = sum * 10 + (uint64_t)(number->whole[i] - '0');
    }
    for (size_t i = 0; i < number->fraction_count; i++) {
        sum = sum * 10 + (uint64_t)(number->fraction[i] - '0');
    }
    *value = sum * (uint64_t)decimal_power10(scale - (int32_t)number->fraction_count);
    return true;
}

ParseResult
number_decimal(const NumberText *number, int32_t precision, int32_t scale, i128 *value) {
    uint64_t sum = 0;
    if (decimal_short(number, scale, &sum)) {
        *value = number->is_negative ? -(i128)sum : (i128)sum;
        return precision >= 19 || sum < (uint64_t)decimal_power10(precision) ? PARSE_OK
                                                                             : PARSE_RANGE;
    }
    DigitSink sink = {.place = (int64_t)number->whole_count - 1 + number->exponent + scale,
                      .precision = precision};
    if (!digits_take(&sink, number->whole, number->whole_count) ||
        !digits_take(&sink, number->fraction, number->fraction_count)) {
        return PARSE_RANGE;
    }
    if (sink.value != 0) {
        int64_t missing = sink.place + 1; // zeros that an exponent stands for
        if (missing > 0 && sink.count + missing > precision) {
            return PARSE_RANGE;
        }
        sink.value *= missing > 0 ? (u128)decimal_power10((int32_t)missing) : 1;
    }
    *value = number->is_negative ? -(i128)sink.value : (i128)sink.value;
    return PARSE_OK;
}

ParseResult
parse_decimal(const char *text, size_t length, int32_t precision, int32_t scale, i128 *unscaled) {
    NumberText number;
    if (!number_split(text, length, &number)) {
        return PARSE_BAD;
    }
    return number_decimal(&number, precision, scale, unscaled);
}

static ParseResult float_word(const char *text, size_t length, double *value) {
    static const struct {
        const char *text;
        double value;
    } words[] = {
        {"NaN", __builtin_nan("")},
        {"Infinity", __builtin_inf()},
        {"-Infinity", -__builtin_inf()},
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (length == strlen(words[i].text) && memcmp(text, words[i].text, length) == 0) {
            *value = words[i].value;
            return PARSE_OK;
        }
    }
    return PARSE_BAD;
}

static ParseResult parse_float(const char *text, size_t length, bool is_single, double *value) {
    NumberText number;
    if (!number_split(text, length, &number)) {
        return float_word(text, length, value);
    }
    return number_float(&number, is_single, value) ? PARSE_OK : PARSE_RANGE;
}

ParseResult parse_float64(const char *text, size_t length, double *value) {
    return parse_float(text, length, false, value);
}

static ParseResult integer_in_range(const FlowTypeDesc *type, i128 wide, FlowValue *value) {
    int32_t bits = (int32_t)flow_kind_width((FlowKind)type->kind, 0) * 8;
    i128 limit = (i128)1 << (bits - 1);
    if (wide < -limit || wide >= limit) {
        return PARSE_RANGE;
    }
    value->i64 = (int64_t)wide;
    return PARSE_OK;
}

ParseResult
value_parse_number(const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value) {
    enum { INT64_DIGITS = 19 };
    i128 wide = 0;
    switch ((FlowKind)type->kind) {
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DURATION: {
        ParseResult result = parse_decimal(text, length, INT64_DIGITS, 0, &wide);
        return result == PARSE_OK ? integer_in_range(type, wide, value) : result;
    }
    case FLOW_FLOAT32:
        return parse_float(text, length, true, &value->f64);
    case FLOW_FLOAT64:
        return parse_float(text, length, false, &value->f64);
    case FLOW_DECIMAL: {
        ParseResult result = parse_decimal(text, length, type->precision, type->scale, &wide);
        value->i128 = wide;
        return result;
    }
    default:
        return PARSE_BAD;
    }
}

i128 integer_of_ratio(i128 numerator, int64_t denominator) {
    i128 half = numerator < 0 ? -(i128)(denominator / 2) : (i128)(denominator / 2);
    return (numerator + half) / denominator;
}
