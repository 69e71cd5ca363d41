// The usual forms of values, read in place. Each function takes the value at p if it is written the
// way almost everybody writes it, and says NULL to anything else, be it valid or not. None checks
// what follows the value: the next edge has to match there.
#include "format/json/json.h"

// --- integers ------------------------------------------------------------------------------------

// JSON knows no leading zeros.
static inline bool has_leading_zero(const char *p, uint64_t count) {
    return *p == '0' && count > 1;
}

// 1.0 and 1e2 are integers too.
static inline bool has_more(char c) {
    return c == '.' || (c | 0x20) == 'e';
}

static const char *integer_read(const TextColumn *column, const char *p, int64_t *value) {
    bool is_negative = *p == '-';
    p += is_negative;
    Digits digits = digits_read(p);
    if (digits.count - 1 > 17 || has_leading_zero(p, digits.count)) {
        return NULL;
    }
    p += digits.count;
    *value = is_negative ? -digits.value : digits.value;
    return *value < column->min || *value > column->max || has_more(*p) ? NULL : p;
}

static const char *integer_parse(TextColumn *column, const char *p, char *slot) {
    FlowValue value;
    p = integer_read(column, p, &value.i64);
    if (p != NULL) {
        value_store(column->type, slot, 0, value);
    }
    return p;
}

// What is unusual goes on elsewhere, so that the usual needs no stack.
static const char *int64_parse(TextColumn *column, const char *p, char *slot) {
    Digits digits = digits15_read(p);
    if (UNLIKELY(digits.count - 1 > 14 || has_leading_zero(p, digits.count) ||
                 has_more(p[digits.count]))) {
        return integer_parse(column, p, slot);
    }
    *(int64_t *)slot = digits.value;
    return p + digits.count;
}

// Up to seven digits fit in any case.
static const char *int32_parse(TextColumn *column, const char *p, char *slot) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    uint32_t count = digits_count(digits);
    if (UNLIKELY(count - 1 > 6 || has_leading_zero(p, count) || has_more(p[count]))) {
        return integer_parse(column, p, slot);
    }
    *(int32_t *)slot = (int32_t)digits_value(digits, count);
    return p + count;
}

static const char *unit_parse(TextColumn *column, const char *p, char *slot) {
    int64_t units;
    int64_t us;
    p = integer_read(column, p, &units);
    if (p == NULL || __builtin_mul_overflow(units, column->unit_us, &us)) {
        return NULL;
    }
    *(int64_t *)slot = us;
    return p;
}

// --- decimals and floats -------------------------------------------------------------------------

// The digits of a number without exponent, and how many stand behind the point: at most 18 in all.
typedef struct Plain {
    int64_t digits;
    uint32_t count;
    uint32_t fraction_count;
    bool is_negative;
} Plain;

static const char *plain_read(const char *p, Plain *plain) {
    plain->is_negative = *p == '-';
    p += plain->is_negative;
    Digits whole = digits_read(p);
    if (UNLIKELY(whole.count - 1 > 17 || has_leading_zero(p, whole.count))) {
        return NULL;
    }
    p += whole.count;
    *plain = (Plain){whole.value, (uint32_t)whole.count, 0, plain->is_negative};
    if (*p == '.') {
        uint64_t digits = load_u64(p + 1) ^ SWAR_ZEROS;
        uint32_t count = digits_count(digits);
        plain->fraction_count = count;
        plain->count += count;
        if (count == 0 || count == 8 || plain->count > 18) {
            return NULL;
        }
        plain->digits = whole.value * swar_power10[count] + (int64_t)digits_value(digits, count);
        p += 1 + count;
    }
    return (*p | 0x20) == 'e' ? NULL : p;
}

// The unscaled value of a number at p with no more digits behind the point than the scale has.
static inline const char *unscaled_read(const TextColumn *column, const char *p, int64_t *value) {
    Plain plain;
    p = plain_read(p, &plain);
    if (UNLIKELY(p == NULL)) {
        return NULL;
    }
    uint32_t scale = (uint32_t)column->type->scale;
    uint32_t missing = scale - plain.fraction_count;
    if (UNLIKELY(plain.fraction_count > scale || plain.count + missing > 18)) {
        return NULL;
    }
    int64_t unscaled = plain.digits * swar_power10[missing];
    *value = plain.is_negative ? -unscaled : unscaled;
    return *value < column->min || *value > column->max ? NULL : p;
}

// A decimal may stand in quotes.
static inline const char *decimal_read(const TextColumn *column, const char *p, int64_t *value) {
    if (*p != '"') {
        return unscaled_read(column, p, value);
    }
    p = unscaled_read(column, p + 1, value);
    return p != NULL && *p == '"' ? p + 1 : NULL;
}

static const char *decimal_parse(TextColumn *column, const char *p, char *slot) {
    int64_t value;
    p = decimal_read(column, p, &value);
    if (p != NULL && column->type->precision <= 18) {
        *(int64_t *)slot = value;
    } else if (p != NULL) {
        *(i128 *)slot = value;
    }
    return p;
}

// The usual amount: up to seven digits, a point and as many as the scale has.
static const char *decimal64_parse(TextColumn *column, const char *p, char *slot) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    uint32_t count = digits_count(digits);
    uint32_t scale = (uint32_t)column->type->scale;
    if (UNLIKELY(count - 1 > 6 || has_leading_zero(p, count) || p[count] != '.')) {
        return decimal_parse(column, p, slot);
    }
    const char *end = p + count + 1;
    uint64_t fraction = load_u64(end) ^ SWAR_ZEROS;
    bool is_usual = digits_count(fraction) == scale && scale < 8 && (end[scale] | 0x20) != 'e';
    int64_t value = (int64_t)digits_value(digits, count) * swar_power10[scale & 7] +
                    (int64_t)digits_value(fraction, scale & 7);
    if (UNLIKELY(!is_usual || value > column->max)) {
        return decimal_parse(column, p, slot);
    }
    *(int64_t *)slot = value;
    return end + scale;
}

// Up to 15 digits and powers of ten up to 22 are exact doubles, and one division rounds once.
static const char *float64_parse(TextColumn *column, const char *p, char *slot) {
    (void)column;
    Plain plain;
    p = plain_read(p, &plain);
    if (p == NULL || plain.count > 15) {
        return NULL;
    }
    double value = (double)plain.digits / (double)swar_power10[plain.fraction_count];
    *(double *)slot = plain.is_negative ? -value : value;
    return p;
}

// As above; 7 digits and 10^10 are exact in a float.
static const char *float32_parse(TextColumn *column, const char *p, char *slot) {
    (void)column;
    Plain plain;
    p = plain_read(p, &plain);
    if (p == NULL || plain.count > 7) {
        return NULL;
    }
    float value = (float)plain.digits / (float)swar_power10[plain.fraction_count];
    *(float *)slot = plain.is_negative ? -value : value;
    return p;
}

// --- texts ---------------------------------------------------------------------------------------

// The closing quote of a string without escapes whose first byte is at p; NULL if it is not that.
ALWAYS_INLINE const char *plain_end(const char *p) {
    const char *begin = p;
    uint32_t has_high = 0;
    uint32_t high;
    uint32_t stops;
    // A line end stops it, and the chunk that is decoded ends with one.
    for (; (stops = string_stops16(p, &high)) == 0; p += 16) {
        has_high |= high;
    }
    uint32_t before = (uint32_t)__builtin_ctz(stops);
    has_high |= high & ((1u << before) - 1);
    p += before;
    bool is_valid = LIKELY(has_high == 0) || utf8_is_valid(begin, (size_t)(p - begin));
    return LIKELY(*p == '"' && is_valid) ? p : NULL;
}

static const char *string_parse(TextColumn *column, const char *p, char *slot) {
    (void)column;
    const char *end = LIKELY(*p == '"') ? plain_end(p + 1) : NULL;
    if (UNLIKELY(end == NULL)) {
        return NULL;
    }
    view_store(slot, p + 1, (uint32_t)(end - p - 1));
    return end + 1;
}

// A text that text_value reads.
static const char *text_parse(TextColumn *column, const char *p, char *slot) {
    const char *end = *p == '"' ? plain_end(p + 1) : NULL;
    bool is_read =
        end != NULL && text_value(column, p + 1, (size_t)(end - p - 1), slot) == REJECT_NONE;
    return is_read ? end + 1 : NULL;
}

// A text of up to 15 bytes, taken by its bytes: one that needs an escape does not look like itself.
static const char *enum_parse(TextColumn *column, const char *p, char *slot) {
    uint32_t quotes = find16(p + 1, '"');
    uint32_t length = (uint32_t)__builtin_ctz(quotes | 1u << 16);
    if (UNLIKELY(*p != '"' || length > 15)) {
        return NULL;
    }
    const TextEnumEntry *entry = text_enum_find_short(column, p + 1, length);
    if (UNLIKELY(entry->code < 0 || entry->has_specials)) {
        return NULL;
    }
    *(uint16_t *)slot = (uint16_t)entry->code;
    return p + length + 2;
}

static const char *bool_parse(TextColumn *column, const char *p, char *slot) {
    (void)column;
    bool is_true = memcmp(p, "true", 4) == 0;
    if (!is_true && memcmp(p, "false", 5) != 0) {
        return NULL;
    }
    *(bool *)slot = is_true;
    return p + (is_true ? 4 : 5);
}

// --- times ---------------------------------------------------------------------------------------

static const char *timestamp_parse(TextColumn *column, const char *p, char *slot) {
    if (UNLIKELY(*p != '"')) {
        return NULL;
    }
    p = text_timestamp(column, p + 1, (int64_t *)slot);
    return p != NULL && *p == '"' ? p + 1 : NULL;
}

static const char *date_parse(TextColumn *column, const char *p, char *slot) {
    if (*p != '"' || p[11] != '"') {
        return NULL;
    }
    bool is_same = (equal16(p + 1, column->day_text) & 0x3FF) == 0x3FF;
    if (!is_same && !text_day(column, p + 1)) {
        return NULL;
    }
    *(int32_t *)slot = (int32_t)column->day;
    return p + 12;
}

// Only json_value knows them.
static const char *nested_parse(TextColumn *column, const char *p, char *slot) {
    (void)column, (void)p, (void)slot;
    return NULL;
}

JsonParseFn json_parse_for(const TextColumn *column) {
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
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return nested_parse;
    case FLOW_BYTES:
    case FLOW_NULL: // never the type of a column
    case FLOW_KIND_COUNT:
        break;
    }
    return text_parse;
}
