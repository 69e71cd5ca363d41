// The log has its own text forms: Java's floats, UTC timestamps with all digits, no empty strings.
#include "store/delta/value.h"

#include "scalar/scalar.h"

#include <inttypes.h>
#include <math.h>

enum { US_PER_SECOND = 1000000, SECONDS_PER_DAY = 86400, OPAQUE_DIRECTORIES = 256 };
#define US_PER_DAY ((int64_t)SECONDS_PER_DAY * US_PER_SECOND)

// Flow's shortest digits in Java's clothes: 1 is 1.0, 1e+20 is 1.0E20.
static void float_text(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    size_t start = out->length;
    value_text(out, type, value);
    Buffer java = {0};
    bool has_point = false;
    for (size_t i = start; i < out->length; i++) {
        char c = out->data[i];
        has_point = has_point || c == '.';
        if (c == 'e' || c == 'E') {
            buffer_text(&java, has_point ? "E" : ".0E");
            has_point = true;
        } else if (c != '+') {
            buffer_char(&java, c);
        }
    }
    bool is_digit_last = java.data[java.length - 1] <= '9';
    buffer_text(&java, has_point || !is_digit_last ? "" : ".0");
    out->length = start;
    buffer_append(out, java.data, java.length);
    buffer_free(&java);
}

static void day_text(Buffer *out, int64_t days) {
    int64_t year;
    uint32_t month;
    uint32_t day;
    civil_from_days(days, &year, &month, &day);
    buffer_format(out, "%04" PRId64 "-%02u-%02u", year, month, day);
}

static void timestamp_text(Buffer *out, int64_t us) {
    int64_t days = us / US_PER_DAY - (us % US_PER_DAY < 0);
    int64_t rest = us - days * US_PER_DAY;
    int64_t seconds = rest / US_PER_SECOND;
    day_text(out, days);
    buffer_format(out,
                  "T%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%06" PRId64 "Z",
                  seconds / 3600,
                  seconds / 60 % 60,
                  seconds % 60,
                  rest % US_PER_SECOND);
}

bool delta_partition_text(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    size_t start = out->length;
    switch ((FlowKind)type->kind) {
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        float_text(out, type, value);
        break;
    case FLOW_TIMESTAMP:
        timestamp_text(out, value->i64);
        break;
    default:
        value_text(out, type, value);
    }
    size_t length = out->length - start;
    return length > 0 && (length != strlen(DELTA_HIVE_NULL) ||
                          memcmp(out->data + start, DELTA_HIVE_NULL, length) != 0);
}

// --- reading ------------------------------------------------------------------------------------
typedef struct TextReader {
    const char *at;
    const char *end;
} TextReader;

static bool char_is(TextReader *reader, char c) {
    if (reader->at == reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

// Up to `digits_max` digits, at least one.
static bool digits_read(TextReader *reader, int digits_max, int64_t *value) {
    const char *start = reader->at;
    *value = 0;
    while (reader->at < reader->end && reader->at - start < digits_max && *reader->at >= '0' &&
           *reader->at <= '9') {
        *value = *value * 10 + (*reader->at++ - '0');
    }
    return reader->at > start;
}

// A minus was there; a plus says nothing.
static bool sign_read(TextReader *reader) {
    bool is_negative = char_is(reader, '-');
    if (!is_negative) {
        char_is(reader, '+');
    }
    return is_negative;
}

// Other writers pad less than we do: 2024-1-2 is a date.
static bool date_read(TextReader *reader, int64_t *days) {
    int64_t year;
    int64_t month;
    int64_t day;
    bool is_negative = sign_read(reader);
    bool is_read = digits_read(reader, 6, &year) && char_is(reader, '-') &&
                   digits_read(reader, 2, &month) && char_is(reader, '-') &&
                   digits_read(reader, 2, &day);
    if (!is_read || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    *days = days_from_civil(is_negative ? -year : year, (uint32_t)month, (uint32_t)day);
    return true;
}

static bool fraction_read(TextReader *reader, int64_t *us) {
    int64_t scale = US_PER_SECOND / 10;
    *us = 0;
    if (!char_is(reader, '.')) {
        return true;
    }
    const char *start = reader->at;
    for (; reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9'; scale /= 10) {
        *us += (*reader->at++ - '0') * scale;
    }
    return reader->at > start;
}

static bool clock_read(TextReader *reader, int64_t *us) {
    int64_t hours;
    int64_t minutes;
    int64_t seconds = 0;
    int64_t fraction;
    bool is_read = digits_read(reader, 2, &hours) && char_is(reader, ':') &&
                   digits_read(reader, 2, &minutes) &&
                   (!char_is(reader, ':') || digits_read(reader, 2, &seconds)) &&
                   fraction_read(reader, &fraction);
    if (!is_read) {
        return false;
    }
    *us = ((hours * 60 + minutes) * 60 + seconds) * US_PER_SECOND + fraction;
    return hours < 24 && minutes < 60 && seconds < 60;
}

// `Z`, nothing (UTC), or an offset, which old dates of some zones give to the second.
static bool offset_read(TextReader *reader, int64_t *us) {
    int64_t hours;
    int64_t minutes = 0;
    int64_t seconds = 0;
    *us = 0;
    if (reader->at == reader->end || char_is(reader, 'Z')) {
        return true;
    }
    bool is_west = char_is(reader, '-');
    if (!is_west && !char_is(reader, '+')) {
        return false;
    }
    bool is_read = digits_read(reader, 2, &hours) &&
                   (!char_is(reader, ':') || digits_read(reader, 2, &minutes)) &&
                   (!char_is(reader, ':') || digits_read(reader, 2, &seconds));
    if (!is_read) {
        return false;
    }
    *us = ((hours * 60 + minutes) * 60 + seconds) * US_PER_SECOND * (is_west ? -1 : 1);
    return true;
}

static bool timestamp_read(TextReader *reader, int64_t *us) {
    int64_t days;
    int64_t clock = 0;
    int64_t offset = 0;
    if (!date_read(reader, &days)) {
        return false;
    }
    if ((char_is(reader, 'T') || char_is(reader, ' ')) &&
        !(clock_read(reader, &clock) && offset_read(reader, &offset))) {
        return false;
    }
    return !__builtin_mul_overflow(days, US_PER_DAY, us) &&
           !__builtin_add_overflow(*us, clock - offset, us);
}

static bool bool_parse(const char *text, size_t length, FlowValue *value) {
    value->i64 = length == 4 && strncasecmp(text, "true", length) == 0;
    return value->i64 == 1 || (length == 5 && strncasecmp(text, "false", length) == 0);
}

static bool moment_parse(const FlowTypeDesc *type, TextReader reader, FlowValue *value) {
    bool is_read = type->kind == FLOW_DATE ? date_read(&reader, &value->i64)
                                           : timestamp_read(&reader, &value->i64);
    return is_read && reader.at == reader.end;
}

static bool duration_parse(TextReader reader, FlowValue *value) {
    return delta_integer_parse(reader.at, (size_t)(reader.end - reader.at), &value->i64);
}

// Other writers say "inf", too.
static bool
float_parse(Arena *arena, const FlowTypeDesc *type, TextReader reader, FlowValue *value) {
    bool is_negative = reader.at < reader.end && *reader.at == '-';
    const char *at = reader.at + is_negative;
    size_t length = (size_t)(reader.end - at);
    if (length == 3 && memcmp(at, "inf", 3) == 0) {
        value->f64 = is_negative ? -INFINITY : INFINITY;
        return true;
    }
    return value_parse(arena, type, reader.at, (size_t)(reader.end - reader.at), value) == PARSE_OK;
}

bool delta_partition_parse(Arena *arena,
                           const FlowTypeDesc *type,
                           const DeltaPair *pair,
                           FlowValue *value) {
    TextReader reader = {pair->value, pair->value + pair->value_length};
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        return bool_parse(pair->value, pair->value_length, value);
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
        return moment_parse(type, reader, value);
    case FLOW_DURATION:
        return duration_parse(reader, value);
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return float_parse(arena, type, reader, value);
    case FLOW_BYTES:
        value->view = view_of(pair->value, pair->value_length);
        return true;
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
    case FLOW_INT64:
    case FLOW_DECIMAL:
        return value_parse_number(type, pair->value, pair->value_length, value) == PARSE_OK;
    default:
        return value_parse(arena, type, pair->value, pair->value_length, value) == PARSE_OK;
    }
}

// --- directories --------------------------------------------------------------------------------
enum { DIRECTORY_NAME_MAX = 64 };

static bool is_plain(const char *text, size_t length) {
    if (text == NULL || length == 0 || length > DIRECTORY_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        bool is_plain_char = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        if (!is_plain_char) {
            return false;
        }
    }
    return true;
}

static bool is_plain_partition(const DeltaMap *partition) {
    for (uint32_t i = 0; i < partition->count; i++) {
        const DeltaPair *pair = &partition->items[i];
        if (!is_plain(pair->name, strlen(pair->name)) ||
            !is_plain(pair->value, pair->value_length)) {
            return false;
        }
    }
    return true;
}

void delta_partition_directory(Buffer *out, const DeltaMap *partition) {
    if (partition->count == 0) {
        return;
    }
    if (!is_plain_partition(partition)) {
        Buffer text = {0};
        delta_map_write(&text, partition);
        buffer_format(out, "%02x", (unsigned)(hash64(text.data, text.length) % OPAQUE_DIRECTORIES));
        buffer_free(&text);
        return;
    }
    for (uint32_t i = 0; i < partition->count; i++) {
        const DeltaPair *pair = &partition->items[i];
        buffer_format(out, "%s%s=%s", i == 0 ? "" : "/", pair->name, pair->value);
    }
}
