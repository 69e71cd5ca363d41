// round: to so many digits after the point (0 if not said), halves away from zero, judged by the
// number's decimal digits: round(0.285e0, 2) is 0.29. Negative digits round integers and floats to
// tens, hundreds and so on.
//
// example: round(2.5) == 3
// example: round(-2.5) == -3
// example: round(1.2345, 2) == 1.23
// example: round(0.285e0, 2) == 0.29e0
// example: round(-25e-1) == -3e0
// example: round(1250, -2) == 1300
// example: round(1e300, 5) == 1e300
#include "scalar/fn/fn.h"
#include "scalar/number.h"

#include <math.h>

// The shortest digits of the float, cut behind the wanted place and rounded by the next one.
static double float_rounded(double value, bool is_single, int64_t places) {
    FloatDigits digits;
    if (!isfinite(value) || value == 0) {
        return value;
    }
    float_digits(fabs(value), is_single, &digits);
    int64_t kept = digits.point + places; // digits before the cut
    if (kept >= digits.count) {
        return value;
    }
    if (kept < 0) {
        return copysign(0.0, value);
    }
    bool is_up = digits.digits[kept] >= '5';
    for (int64_t i = kept - 1; is_up && i >= 0; i--) {
        is_up = digits.digits[i] == '9';
        digits.digits[i] = is_up ? '0' : (char)(digits.digits[i] + 1);
    }
    char text[SCALAR_TEXT_MAX];
    int length =
        snprintf(text, sizeof(text), "%d.%.*se%d", is_up, (int)kept, digits.digits, digits.point);
    double rounded = 0;
    ParseResult parsed = parse_float64(text, (size_t)length, &rounded);
    ASSERT(parsed == PARSE_OK);
    return copysign(is_single ? (double)(float)rounded : rounded, value);
}

// Tens, hundreds and so on of an integer.
static int32_t
integer_rounded(const FlowTypeDesc *type, int64_t value, int64_t places, FlowValue *result) {
    enum { DIGITS_MAX = 18 };
    result->i64 = places < -DIGITS_MAX - 1 ? 0 : value;
    if (places >= 0 || places < -DIGITS_MAX - 1) {
        return FLOW_VALUE_OK;
    }
    i128 unit = decimal_power10((int32_t)-places);
    i128 half = value < 0 ? -unit / 2 : unit / 2;
    i128 rounded = ((i128)value + half) / unit * unit;
    i128 limit = (i128)1 << (flow_kind_width((FlowKind)type->kind, 0) * 8 - 1);
    result->i64 = (int64_t)rounded;
    return rounded >= -limit && rounded < limit ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}

BUILTIN_FUNCTION(round) {
    const FlowTypeDesc *type = &info->arguments[0];
    enum { PLACES_MAX = 400 }; // beyond every float's digits
    int64_t places = info->arguments_count > 1 ? args[1].i64 : 0;
    places = places > PLACES_MAX ? PLACES_MAX : places < -PLACES_MAX ? -PLACES_MAX : places;
    if (number_is_float(type)) {
        result->f64 = float_rounded(args[0].f64, type->kind == FLOW_FLOAT32, places);
        return isfinite(result->f64) || !isfinite(args[0].f64) ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
    }
    if (type->kind != FLOW_DECIMAL) {
        return integer_rounded(type, args[0].i64, places, result);
    }
    const FlowTypeDesc *to = info->result;
    bool fits = decimal_rescale(args[0].i128, type->scale, to->precision, to->scale, &result->i128);
    return fits ? FLOW_VALUE_OK : FLOW_VALUE_ERROR;
}
