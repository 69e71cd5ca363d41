// Casts: each source kind has a function that knows where its values can go.
//
// What LANGUAGE leaves open is as in Spark SQL: bool is 1 or 0 as a number and a number is true
// unless it is 0; bytes are the UTF-8 of a string; a float becomes a decimal by its shortest
// digits.
#include "scalar/nested.h"
#include "scalar/number.h"
#include "scalar/scalar.h"

#include <float.h>
#include <math.h>

static int32_t ok_or_error(bool is_ok) {
    return is_ok ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

static int32_t integer_store(const FlowTypeDesc *to, i128 value, FlowValue *result) {
    uint32_t bits = flow_kind_width((FlowKind)to->kind, 0) * 8;
    i128 limit = (i128)1 << (bits - 1);
    result->i64 = (int64_t)value;
    return ok_or_error(value >= -limit && value < limit);
}

static int32_t
text_to(Arena *arena, const char *text, size_t length, const FlowTypeDesc *to, FlowValue *result) {
    if (to->kind == FLOW_STRING || to->kind == FLOW_BYTES) {
        result->view = view_of(text, length);
        return ok_or_error(to->kind == FLOW_BYTES || utf8_is_valid(text, length));
    }
    return ok_or_error(value_parse(arena, to, text, length, result) == PARSE_OK);
}

static int32_t to_text(Arena *arena,
                       const FlowTypeDesc *from,
                       const FlowValue *value,
                       const FlowTypeDesc *to,
                       FlowValue *result) {
    char text[SCALAR_TEXT_MAX];
    size_t length = scalar_text(text, from, value);
    if (to->kind == FLOW_ENUM) {
        result->i64 = enum_code(to, text, length);
        return ok_or_error(result->i64 >= 0);
    }
    const char *kept = length > FLOW_VIEW_INLINE_MAX ? arena_copy(arena, text, length) : text;
    result->view = view_of(kept, length);
    return FLOW_VALUE_OK;
}

static int32_t from_integer(const FlowValue *value, const FlowTypeDesc *to, FlowValue *result) {
    i128 wide = 0;
    switch ((FlowKind)to->kind) {
    case FLOW_BOOL:
        result->i64 = value->i64 != 0;
        return FLOW_VALUE_OK;
    case FLOW_FLOAT32:
        result->f64 = (double)(float)value->i64;
        return FLOW_VALUE_OK;
    case FLOW_FLOAT64:
        result->f64 = (double)value->i64;
        return FLOW_VALUE_OK;
    case FLOW_DECIMAL:
        if (!decimal_rescale(value->i64, 0, to->precision, to->scale, &wide)) {
            return FLOW_VALUE_ERROR;
        }
        result->i128 = wide;
        return FLOW_VALUE_OK;
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DURATION:
        return integer_store(to, value->i64, result);
    default:
        return FLOW_VALUE_ERROR;
    }
}

static int32_t
float_to_decimal(double value, bool is_single, const FlowTypeDesc *to, i128 *result) {
    enum { DIGITS_MAX = 38 };
    if (!isfinite(value)) {
        return FLOW_VALUE_ERROR;
    }
    if (value == 0.0) {
        *result = 0;
        return FLOW_VALUE_OK;
    }
    FloatDigits digits;
    i128 unscaled = 0;
    float_digits(fabs(value), is_single, &digits);
    for (int32_t i = 0; i < digits.count; i++) {
        unscaled = unscaled * 10 + (digits.digits[i] - '0');
    }
    int32_t scale = digits.count - digits.point; // may be negative
    if (scale < -DIGITS_MAX) {
        return FLOW_VALUE_ERROR;
    }
    if (value < 0) {
        unscaled = -unscaled;
    }
    return ok_or_error(decimal_rescale(unscaled, scale, to->precision, to->scale, result));
}

static int32_t float_to_integer(double value, const FlowTypeDesc *to, FlowValue *result) {
    const double limit = 9223372036854775808.0;
    double whole = trunc(value);
    if (!(whole >= -limit && whole < limit)) {
        return FLOW_VALUE_ERROR;
    }
    return integer_store(to, (int64_t)whole, result);
}

static int32_t from_float(const FlowTypeDesc *from,
                          const FlowValue *value,
                          const FlowTypeDesc *to,
                          FlowValue *result) {
    i128 wide = 0;
    int32_t status = FLOW_VALUE_OK;
    switch ((FlowKind)to->kind) {
    case FLOW_BOOL:
        result->i64 = value->f64 != 0.0;
        return FLOW_VALUE_OK;
    case FLOW_FLOAT32:
        result->f64 = (double)(float)value->f64;
        return ok_or_error(!isfinite(value->f64) || isfinite(result->f64));
    case FLOW_FLOAT64:
        result->f64 = value->f64;
        return FLOW_VALUE_OK;
    case FLOW_DECIMAL:
        status = float_to_decimal(value->f64, from->kind == FLOW_FLOAT32, to, &wide);
        result->i128 = wide;
        return status;
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
        return float_to_integer(value->f64, to, result);
    default:
        return FLOW_VALUE_ERROR;
    }
}

static int32_t from_decimal(const FlowTypeDesc *from,
                            const FlowValue *value,
                            const FlowTypeDesc *to,
                            FlowValue *result) {
    i128 wide = value->i128;
    switch ((FlowKind)to->kind) {
    case FLOW_BOOL:
        result->i64 = wide != 0;
        return FLOW_VALUE_OK;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        result->f64 = float_of_decimal(wide, from->scale, to->kind == FLOW_FLOAT32);
        return FLOW_VALUE_OK;
    case FLOW_DECIMAL: {
        bool fits = decimal_rescale(wide, from->scale, to->precision, to->scale, &wide);
        result->i128 = wide;
        return ok_or_error(fits);
    }
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
        return integer_store(to, wide / decimal_power10(from->scale), result);
    default:
        return FLOW_VALUE_ERROR;
    }
}

static int32_t from_date(const FlowValue *value, const FlowTypeDesc *to, FlowValue *result) {
    if (to->kind == FLOW_DATE) {
        result->i64 = value->i64;
        return FLOW_VALUE_OK;
    }
    if (to->kind != FLOW_TIMESTAMP) {
        return FLOW_VALUE_ERROR;
    }
    int64_t us = 0;
    bool is_over = __builtin_mul_overflow(value->i64, DAY_US, &us);
    result->i64 = us;
    return ok_or_error(!is_over);
}

static int32_t from_timestamp(const FlowValue *value, const FlowTypeDesc *to, FlowValue *result) {
    if (to->kind == FLOW_TIMESTAMP) {
        result->i64 = value->i64;
        return FLOW_VALUE_OK;
    }
    result->i64 = timestamp_days(value->i64); // 2^63 µs are fewer days than an int32 counts
    return ok_or_error(to->kind == FLOW_DATE);
}

static int32_t from_nested(Arena *arena,
                           const FlowTypeDesc *from,
                           const FlowValue *value,
                           const FlowTypeDesc *to,
                           FlowValue *result) {
    if (to->kind == from->kind) {
        return nested_cast(arena, from, value->nested, to, result);
    }
    if (to->kind != FLOW_STRING) {
        return FLOW_VALUE_ERROR;
    }
    Buffer json = {0};
    value_json(&json, from, value);
    result->view = view_of(arena_copy(arena, json.data, json.length), json.length);
    buffer_free(&json);
    return FLOW_VALUE_OK;
}

int32_t value_cast(Arena *arena,
                   const FlowTypeDesc *from,
                   const FlowValue *value,
                   const FlowTypeDesc *to,
                   FlowValue *result) {
    switch ((FlowKind)from->kind) {
    case FLOW_STRING:
    case FLOW_BYTES: {
        bool is_allowed =
            from->kind == FLOW_STRING || to->kind == FLOW_STRING || to->kind == FLOW_BYTES;
        if (!is_allowed) {
            return FLOW_VALUE_ERROR;
        }
        FlowView view = value->view;
        int32_t status = text_to(arena, flow_view_data(&view), view.length, to, result);
        return status;
    }
    case FLOW_ENUM: {
        const char *text = enum_text(from, value->i64);
        return text_to(arena, text, strlen(text), to, result);
    }
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return from_nested(arena, from, value, to, result);
    default:
        break;
    }
    FlowValue source = *value; // `result` may be the same place
    if (to->kind == FLOW_STRING || to->kind == FLOW_ENUM) {
        return to_text(arena, from, &source, to, result);
    }
    switch ((FlowKind)from->kind) {
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return from_float(from, &source, to, result);
    case FLOW_DECIMAL:
        return from_decimal(from, &source, to, result);
    case FLOW_DATE:
        return from_date(&source, to, result);
    case FLOW_TIMESTAMP:
        return from_timestamp(&source, to, result);
    default:
        return from_integer(&source, to, result);
    }
}
