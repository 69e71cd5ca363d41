// Values in columns, in order, as text and from text.
#include "scalar/nested.h"
#include "scalar/number.h"
#include "scalar/scalar.h"

#include <math.h>

FlowValue value_load(const FlowTypeDesc *type, const void *values, size_t row) {
    FlowValue value = {0};
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        value.i64 = ((const uint8_t *)values)[row] != 0;
        break;
    case FLOW_FLOAT32:
        value.f64 = (double)((const float *)values)[row];
        break;
    case FLOW_FLOAT64:
        value.f64 = ((const double *)values)[row];
        break;
    case FLOW_DECIMAL:
        value.i128 = type->precision > 18 ? ((const i128 *)values)[row]
                                          : (i128)((const int64_t *)values)[row];
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        value.view = ((const FlowView *)values)[row];
        break;
    case FLOW_ENUM:
        value.i64 = ((const uint16_t *)values)[row];
        break;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        value.nested = ((const FlowNested *const *)values)[row];
        break;
    default:
        value.i64 = integer_load(values, flow_kind_width((FlowKind)type->kind, 0), row);
        break;
    }
    return value;
}

static void integer_store(void *values, size_t row, uint32_t width, int64_t value) {
    switch (width) {
    case 1:
        ((int8_t *)values)[row] = (int8_t)value;
        break;
    case 2:
        ((int16_t *)values)[row] = (int16_t)value;
        break;
    case 4:
        ((int32_t *)values)[row] = (int32_t)value;
        break;
    default:
        ((int64_t *)values)[row] = value;
        break;
    }
}

void value_store(const FlowTypeDesc *type, void *values, size_t row, FlowValue value) {
    switch ((FlowKind)type->kind) {
    case FLOW_FLOAT32:
        ((float *)values)[row] = (float)value.f64;
        break;
    case FLOW_FLOAT64:
        ((double *)values)[row] = value.f64;
        break;
    case FLOW_DECIMAL:
        if (type->precision > 18) {
            ((i128 *)values)[row] = value.i128;
        } else {
            ((int64_t *)values)[row] = (int64_t)value.i128;
        }
        break;
    case FLOW_STRING:
    case FLOW_BYTES:
        ((FlowView *)values)[row] = value.view;
        break;
    case FLOW_ENUM:
        ((uint16_t *)values)[row] = (uint16_t)value.i64;
        break;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        ((const FlowNested **)values)[row] = value.nested;
        break;
    default:
        integer_store(values, row, flow_kind_width((FlowKind)type->kind, 0), value.i64);
        break;
    }
}

const char *enum_text(const FlowTypeDesc *type, int64_t code) {
    ASSERT(code >= 0 && code < type->enum_values_count);
    return type->enum_values[code].text;
}

static int float_compare(double a, double b) {
    if (isnan(a) || isnan(b)) {
        return isnan(a) - isnan(b);
    }
    return (a > b) - (a < b);
}

static int enum_compare(const FlowTypeDesc *a_type,
                        const FlowValue *a,
                        const FlowTypeDesc *b_type,
                        const FlowValue *b) {
    FlowView a_view = view_text(enum_text(a_type, a->i64));
    FlowView b_view = view_text(enum_text(b_type, b->i64));
    return view_compare(&a_view, &b_view);
}

bool value_is_whole(const FlowTypeDesc *type) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
    case FLOW_DURATION:
        return true;
    default:
        return false;
    }
}

int value_compare(const FlowTypeDesc *a_type,
                  const FlowValue *a,
                  const FlowTypeDesc *b_type,
                  const FlowValue *b) {
    switch ((FlowKind)a_type->kind) {
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return float_compare(a->f64, b->f64);
    case FLOW_DECIMAL:
        return decimal_compare(a->i128, a_type->scale, b->i128, b_type->scale);
    case FLOW_STRING:
    case FLOW_BYTES:
        return view_compare(&a->view, &b->view);
    case FLOW_ENUM:
        return enum_compare(a_type, a, b_type, b);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return nested_compare(a_type, a->nested, b_type, b->nested);
    default:
        return (a->i64 > b->i64) - (a->i64 < b->i64);
    }
}

size_t scalar_text(char *out, const FlowTypeDesc *type, const FlowValue *value) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        memcpy(out, value->i64 != 0 ? "true" : "false", 5);
        return value->i64 != 0 ? 4 : 5;
    case FLOW_FLOAT32:
        return float_text(out, value->f64, true);
    case FLOW_FLOAT64:
        return float_text(out, value->f64, false);
    case FLOW_DECIMAL:
        return decimal_text(out, value->i128, type->scale);
    case FLOW_DATE:
        return date_text(out, value->i64);
    case FLOW_TIMESTAMP:
        return timestamp_text(out, value->i64);
    case FLOW_NULL:
        memcpy(out, "null", 4);
        return 4;
    default:
        return integer_text(out, value->i64);
    }
}

void value_text(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    char text[SCALAR_TEXT_MAX];
    switch ((FlowKind)type->kind) {
    case FLOW_STRING:
        buffer_append(out, flow_view_data(&value->view), value->view.length);
        break;
    case FLOW_BYTES:
        base64_append(out, flow_view_data(&value->view), value->view.length);
        break;
    case FLOW_ENUM:
        buffer_text(out, enum_text(type, value->i64));
        break;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        nested_json(out, type, value->nested);
        break;
    default:
        buffer_append(out, text, scalar_text(text, type, value));
        break;
    }
}

static bool is_json_quoted(const FlowTypeDesc *type, const FlowValue *value) {
    switch ((FlowKind)type->kind) {
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return !isfinite(value->f64);
    case FLOW_BYTES:
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
        return true;
    default:
        return false;
    }
}

void value_json(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    if (type->kind == FLOW_STRING) {
        buffer_json_string(out, flow_view_data(&value->view), value->view.length);
    } else if (type->kind == FLOW_ENUM) {
        const char *text = enum_text(type, value->i64);
        buffer_json_string(out, text, strlen(text));
    } else if (is_json_quoted(type, value)) {
        buffer_char(out, '"'); // Nothing in these texts needs an escape.
        value_text(out, type, value);
        buffer_char(out, '"');
    } else {
        value_text(out, type, value);
    }
}

static ParseResult parse_bool(const char *text, size_t length, FlowValue *value) {
    bool is_true = length == 4 && memcmp(text, "true", 4) == 0;
    bool is_false = length == 5 && memcmp(text, "false", 5) == 0;
    value->i64 = is_true;
    return is_true || is_false ? PARSE_OK : PARSE_BAD;
}

int64_t enum_code(const FlowTypeDesc *type, const char *text, size_t length) {
    for (int64_t code = 0; code < type->enum_values_count; code++) {
        const char *listed = type->enum_values[code].text;
        if (strncmp(listed, text, length) == 0 && listed[length] == '\0') {
            return memchr(text, '\0', length) == NULL ? code : -1;
        }
    }
    return -1;
}

static ParseResult
parse_enum(const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value) {
    value->i64 = enum_code(type, text, length);
    return value->i64 >= 0 ? PARSE_OK : PARSE_RANGE;
}

static ParseResult parse_bytes(Arena *arena, const char *text, size_t length, FlowValue *value) {
    size_t count = 0;
    char *bytes = arena_alloc(arena, base64_decoded_bytes_max(length));
    if (!base64_decode(text, length, bytes, &count)) {
        return PARSE_BAD;
    }
    value->view = view_of(bytes, count);
    return PARSE_OK;
}

static ParseResult parse_string(const char *text, size_t length, FlowValue *value) {
    if (!utf8_is_valid(text, length)) {
        return PARSE_BAD;
    }
    value->view = view_of(text, length);
    return PARSE_OK;
}

// Whole numbers as text have no point and no exponent; JSON's own numbers may.
static ParseResult
parse_whole(const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' || text[i] == 'e' || text[i] == 'E') {
            return PARSE_BAD;
        }
    }
    return value_parse_number(type, text, length, value);
}

ParseResult value_parse(
    Arena *arena, const FlowTypeDesc *type, const char *text, size_t length, FlowValue *value) {
    int32_t days = 0;
    ParseResult result;
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        return parse_bool(text, length, value);
    case FLOW_STRING:
        return parse_string(text, length, value);
    case FLOW_BYTES:
        return parse_bytes(arena, text, length, value);
    case FLOW_ENUM:
        return parse_enum(type, text, length, value);
    case FLOW_DATE:
        result = parse_date(text, length, &days);
        value->i64 = days;
        return result;
    case FLOW_TIMESTAMP:
        return parse_timestamp(text, length, &value->i64);
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
    case FLOW_DECIMAL:
        return value_parse_number(type, text, length, value);
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return PARSE_BAD; // only formats read them
    default:
        return parse_whole(type, text, length, value);
    }
}
