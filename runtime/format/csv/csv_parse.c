// The usual forms of fields, whose length is known. False to anything unusual, be it valid or not.
#include "format/csv/csv.h"

// --- integers ------------------------------------------------------------------------------------

static bool integer_read(const TextColumn *column, const char *p, uint32_t length, int64_t *value) {
    bool is_negative = *p == '-';
    p += is_negative;
    length -= is_negative;
    if (length - 1 > 17 || (*p == '0' && length > 1)) {
        return false;
    }
    Digits digits = digits_exact(p, length);
    *value = is_negative ? -digits.value : digits.value;
    return (digits.count == length) & (*value >= column->min) & (*value <= column->max);
}

static bool integer_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    FlowValue value;
    bool is_read = integer_read(column, p, length, &value.i64);
    if (is_read) {
        value_store(column->type, slot, 0, value);
    }
    return is_read;
}

// What is unusual goes on elsewhere, so that the usual needs no stack.
static bool int64_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    Digits digits = digits15_read(p);
    if (UNLIKELY(digits.count != length || length - 1 > 14 || (*p == '0' && length > 1))) {
        return integer_parse(column, p, length, slot);
    }
    *(int64_t *)slot = digits.value;
    return true;
}

// Up to seven digits fit in any case.
static bool int32_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    bool is_short = length - 1 < 7 && digits_count(digits) >= length;
    if (UNLIKELY(!is_short || (*p == '0' && length > 1))) {
        return integer_parse(column, p, length, slot);
    }
    *(int32_t *)slot = (int32_t)digits_value(digits, length);
    return true;
}

static bool unit_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    int64_t units;
    return integer_read(column, p, length, &units) &&
           !__builtin_mul_overflow(units, column->unit_us, (int64_t *)slot);
}

// --- decimals and floats -------------------------------------------------------------------------

// Digits with at most one point among them, 18 at most.
typedef struct Plain {
    int64_t digits;
    uint32_t count;
    uint32_t fraction_count;
    bool is_negative;
} Plain;

static inline bool plain_read(const char *p, uint32_t length, Plain *plain) {
    plain->is_negative = *p == '-';
    p += plain->is_negative;
    length -= plain->is_negative;
    uint32_t points = find16(p, '.') | find16(p + 16, '.') << 16;
    uint32_t whole = points == 0 ? 32 : (uint32_t)__builtin_ctz(points);
    bool has_point = whole < length;
    whole = has_point ? whole : length;
    uint32_t fraction = has_point ? length - whole - 1 : 0;
    plain->count = whole + fraction;
    plain->fraction_count = fraction;
    bool is_usual = whole - 1 < 18 && plain->count <= 18 && fraction < 8 &&
                    has_point == (fraction > 0) && !(*p == '0' && whole > 1);
    if (!is_usual) {
        return false;
    }
    Digits integer = digits_exact(p, whole);
    plain->digits = integer.value;
    if (fraction == 0 || integer.count == 0) {
        return integer.count != 0;
    }
    uint64_t digits = load_u64(p + whole + 1) ^ SWAR_ZEROS;
    plain->digits =
        plain->digits * swar_power10[fraction] + (int64_t)digits_value(digits, fraction);
    return digits_count(digits) >= fraction;
}

static bool decimal_read(const TextColumn *column, const char *p, uint32_t length, int64_t *value) {
    Plain plain;
    if (!plain_read(p, length, &plain)) {
        return false;
    }
    uint32_t scale = (uint32_t)column->type->scale;
    uint32_t missing = scale - plain.fraction_count;
    if (plain.fraction_count > scale || plain.count + missing > 18) {
        return false;
    }
    int64_t unscaled = plain.digits * swar_power10[missing];
    *value = plain.is_negative ? -unscaled : unscaled;
    return *value >= column->min && *value <= column->max;
}

static bool decimal_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    int64_t value;
    bool is_read = decimal_read(column, p, length, &value);
    if (is_read && column->type->precision <= 18) {
        *(int64_t *)slot = value;
    } else if (is_read) {
        *(i128 *)slot = value;
    }
    return is_read;
}

// The usual amount: at most eight bytes, all digits of the scale. The digits are moved to the top
// of a word and the point is squeezed out, so that one conversion gives the unscaled value.
static bool decimal64_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    uint32_t scale = (uint32_t)column->type->scale;
    bool is_usual = length <= 8 && scale - 1 < 6 && length > scale + 1;
    if (UNLIKELY(!is_usual || p[length - 1 - scale] != '.' || *p == '0')) {
        return decimal_parse(column, p, length, slot);
    }
    uint64_t digits = (load_u64(p) ^ SWAR_ZEROS) << (64 - 8 * length);
    uint64_t fraction = UINT64_MAX << (64 - 8 * scale);
    digits = (digits & fraction) | (digits & ~(fraction | fraction >> 8)) << 8;
    int64_t value = (int64_t)digits8_value(digits);
    if (UNLIKELY(digits_count(digits) != 8 || value > column->max)) {
        return decimal_parse(column, p, length, slot);
    }
    *(int64_t *)slot = value;
    return true;
}

// Up to 15 digits and powers of ten up to 22 are exact doubles, and one division rounds once.
static bool float64_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    (void)column;
    Plain plain;
    if (!plain_read(p, length, &plain) || plain.count > 15) {
        return false;
    }
    double value = (double)plain.digits / (double)swar_power10[plain.fraction_count];
    *(double *)slot = plain.is_negative ? -value : value;
    return true;
}

// As above; 7 digits and 10^10 are exact in a float.
static bool float32_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    (void)column;
    Plain plain;
    if (!plain_read(p, length, &plain) || plain.count > 7) {
        return false;
    }
    float value = (float)plain.digits / (float)swar_power10[plain.fraction_count];
    *(float *)slot = plain.is_negative ? -value : value;
    return true;
}

// --- texts and times -----------------------------------------------------------------------------

// The row's bytes are known to be valid UTF-8.
static bool string_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    (void)column;
    view_store(slot, p, length);
    return true;
}

static bool enum_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    int32_t code = length <= 15 ? text_enum_find_short(column, p, length)->code : FLOW_NO_INDEX;
    if (code < 0) {
        return false;
    }
    *(uint16_t *)slot = (uint16_t)code;
    return true;
}

static bool bool_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    (void)column;
    bool is_true = length == 4 && memcmp(p, "true", 4) == 0;
    if (!is_true && !(length == 5 && memcmp(p, "false", 5) == 0)) {
        return false;
    }
    *(bool *)slot = is_true;
    return true;
}

static bool timestamp_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    return length >= 20 && text_timestamp(column, p, (int64_t *)slot) == p + length;
}

static bool date_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    bool is_same = (equal16(p, column->day_text) & 0x3FF) == 0x3FF;
    if (length != 10 || (!is_same && !text_day(column, p))) {
        return false;
    }
    *(int32_t *)slot = (int32_t)column->day;
    return true;
}

// Whatever text_value reads.
static bool text_parse(TextColumn *column, const char *p, uint32_t length, char *slot) {
    return text_value(column, p, length, slot) == REJECT_NONE;
}

CsvParseFn csv_parse_for(const TextColumn *column) {
    const FlowTypeDesc *type = column->type;
    if (column->format != NULL) {
        return text_parse;
    }
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        return bool_parse;
    case FLOW_INT8:
    case FLOW_INT16:
        return integer_parse;
    case FLOW_INT32:
        return int32_parse;
    case FLOW_INT64:
    case FLOW_DURATION:
        return int64_parse;
    case FLOW_FLOAT32:
        return float32_parse;
    case FLOW_FLOAT64:
        return float64_parse;
    case FLOW_DECIMAL:
        return type->precision <= 18 ? decimal64_parse : decimal_parse;
    case FLOW_STRING:
        return string_parse;
    case FLOW_DATE:
        return date_parse;
    case FLOW_TIMESTAMP:
        return column->unit_us != 0 ? unit_parse : timestamp_parse;
    case FLOW_ENUM:
        return enum_parse;
    case FLOW_BYTES:
    case FLOW_LIST: // JSON in a field
    case FLOW_MAP:
    case FLOW_STRUCT:
    case FLOW_NULL: // never the type of a column
    case FLOW_KIND_COUNT:
        break;
    }
    return text_parse;
}
