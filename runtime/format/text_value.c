// Single values, the sure way: what the fast paths don't know ends here, and what is wrong is
// named.
#include "format/json/json.h"

static TextReject parse_reject(ParseResult result) {
    switch (result) {
    case PARSE_OK:
        return REJECT_NONE;
    case PARSE_BAD:
        return REJECT_FORM;
    case PARSE_RANGE:
        break;
    }
    return REJECT_RANGE;
}

static TextReject enum_value(TextColumn *column, const char *text, size_t length, char *slot) {
    int32_t code = text_enum_find(column, text, length);
    if (code < 0) {
        return REJECT_ENUM;
    }
    *(uint16_t *)slot = (uint16_t)code;
    return REJECT_NONE;
}

// By the column's pattern: a timestamp's own offset beats the zone, a date is that of the place.
static TextReject
format_value(const TextColumn *column, const char *text, size_t length, char *slot) {
    LocalTime time = {0};
    if (!time_parse(column->format, column->format_length, text, length, &time)) {
        return REJECT_FORM;
    }
    if (column->type->kind == FLOW_DATE) {
        bool is_date = time.days >= INT32_MIN && time.days <= INT32_MAX;
        *(int32_t *)(void *)slot = is_date ? (int32_t)time.days : 0;
        return is_date ? REJECT_NONE : REJECT_RANGE;
    }
    bool is_instant = local_time_instant(&time, &column->zone, (int64_t *)(void *)slot);
    return is_instant ? REJECT_NONE : REJECT_RANGE;
}

TextReject text_value(TextColumn *column, const char *text, size_t length, char *slot) {
    if (column->format != NULL) {
        return format_value(column, text, length, slot);
    }
    if (column->type->kind == FLOW_ENUM) {
        return enum_value(column, text, length, slot);
    }
    if (column->type->children_count > 0) {
        return json_nested_text(column, text, length, slot);
    }
    FlowValue value;
    Arena *arena = &column->decoder->batch->arena;
    ParseResult result = value_parse(arena, column->type, text, length, &value);
    if (result == PARSE_OK) {
        value_store(column->type, slot, 0, value);
    }
    return parse_reject(result);
}

// An instant written as a number of units: exact, digits beyond µs cut off.
static TextReject
timestamp_number(const TextColumn *column, const char *text, size_t length, char *slot) {
    static const FlowTypeDesc wide = {.kind = FLOW_DECIMAL, .precision = 38, .scale = 18};
    FlowValue value;
    ParseResult result = value_parse_number(&wide, text, length, &value);
    if (result != PARSE_OK) {
        return parse_reject(result);
    }
    i128 one = decimal_power10(wide.scale);
    i128 us = value.i128 / one * column->unit_us + value.i128 % one * column->unit_us / one;
    if (us < INT64_MIN || us > INT64_MAX) {
        return REJECT_RANGE;
    }
    *(int64_t *)slot = (int64_t)us;
    return REJECT_NONE;
}

TextReject text_number(TextColumn *column, const char *text, size_t length, char *slot) {
    if (column->type->kind == FLOW_TIMESTAMP) {
        return timestamp_number(column, text, length, slot);
    }
    FlowValue value;
    ParseResult result = value_parse_number(column->type, text, length, &value);
    if (result == PARSE_OK) {
        value_store(column->type, slot, 0, value);
    }
    return parse_reject(result);
}

// --- timestamps ----------------------------------------------------------------------------------

bool text_day(TextColumn *column, const char *p) {
    int32_t day;
    if (parse_date(p, 10, &day) != PARSE_OK) {
        return false;
    }
    memcpy(column->day_text, p, 10);
    column->day_text[10] = 'T';
    column->day = day;
    return true;
}

enum { DAY_AND_T = 0x7FF };

// Neighbours in time share their day: comparing it is cheaper than reading it.
static inline bool day_read(TextColumn *column, const char *p) {
    if (LIKELY((equal16(p, column->day_text) & DAY_AND_T) == DAY_AND_T)) {
        return true;
    }
    return p[10] == 'T' && text_day(column, p);
}

// "HH:MM:SS" in one word: digits become 0..9 and colons 0 by the XOR, then neighbours are joined.
static inline bool clock_read(const char *p, int64_t *seconds) {
    uint64_t digits = load_u64(p) ^ 0x30303A30303A3030u;
    uint64_t bad =
        (digits & 0xF0F0FFF0F0FFF0F0u) | ((digits + 0x0606060606060606u) & 0xF0F0F0F0F0F0F0F0u);
    uint64_t pairs = digits * 10 + (digits >> 8);
    uint64_t hour = pairs & 0xFF;
    uint64_t minute = (pairs >> 24) & 0xFF;
    uint64_t second = pairs >> 48 & 0xFF;
    *seconds = (int64_t)((hour * 60 + minute) * 60 + second);
    return (bad == 0) & (hour < 24) & (minute < 60) & (second < 60);
}

// Digits of a fraction of a second at p, cut off at µs; NULL if there are none or too many for
// here.
static inline const char *fraction_read(const char *p, int64_t *us) {
    uint64_t digits = load_u64(p) ^ SWAR_ZEROS;
    uint32_t count = digits_count(digits);
    if (count == 0 || count == 8) {
        return NULL;
    }
    if (LIKELY(count == 3)) { // Of its own, so that the value's end is known without counting.
        *us = (int64_t)digits_value(digits, 3) * 1000;
        return p + 3;
    }
    int64_t value = (int64_t)digits_value(digits, count);
    *us = count <= 6 ? value * swar_power10[6 - count] : value / 10;
    return p + count;
}

const char *text_timestamp(TextColumn *column, const char *p, int64_t *us) {
    int64_t seconds;
    int64_t fraction_us = 0;
    if (!day_read(column, p) || !clock_read(p + 11, &seconds)) {
        return NULL;
    }
    p += 19;
    if (*p == '.') {
        p = fraction_read(p + 1, &fraction_us);
        if (p == NULL) {
            return NULL;
        }
    }
    if (*p != 'Z') {
        return NULL;
    }
    *us = (column->day * 86400 + seconds) * 1000000 + fraction_us;
    return p + 1;
}
