// Strict JSON, token by token. Nothing is built: a token is a piece of the text, known to be
// well-formed. Nesting is kept in an array, so that depth costs no stack.
#include "format/json/json.h"

const char *json_kind_text(JsonKind kind) {
    static const char *const texts[] = {
        [JSON_NONE] = "nothing",
        [JSON_OBJECT] = "an object",
        [JSON_ARRAY] = "an array",
        [JSON_STRING] = "a string",
        [JSON_NUMBER] = "a number",
        [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",
        [JSON_NULL] = "null",
    };
    return texts[kind];
}

const char *json_scan_fail(JsonScan *scan, TextReject reject, const char *p, const char *found) {
    scan->error = (TextError){.reject = reject, .at = p - scan->start, .found = found};
    return NULL;
}

const char *json_space_skip(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) {
        p++;
    }
    return p;
}

// An unexpected byte: what it is says more than that it is wrong.
static const char *
unexpected(JsonScan *scan, const char *p, const char *inside, const char *wanted) {
    if (p >= scan->end) {
        return json_scan_fail(scan, REJECT_TRUNCATED, p, inside);
    }
    if (*p == '\0') {
        return json_scan_fail(scan, REJECT_NUL, p, NULL);
    }
    return json_scan_fail(scan, REJECT_SYNTAX, p, wanted);
}

// --- strings -------------------------------------------------------------------------------------

static int32_t hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The four hex digits at p, or -1.
static int32_t unit_read(const char *p, const char *end) {
    if (end - p < 4) {
        return -1;
    }
    int32_t unit = 0;
    for (uint32_t i = 0; i < 4; i++) {
        int32_t digit = hex_value(p[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_low_surrogate(int32_t unit) {
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

static bool is_high_surrogate(int32_t unit) {
    return unit >= 0xD800 && unit <= 0xDBFF;
}

// \uXXXX, p behind the u; a surrogate must come with its other half.
static const char *unicode_scan(JsonScan *scan, const char *p) {
    const char *escape = p - 2;
    int32_t unit = unit_read(p, scan->end);
    if (unit < 0) {
        return json_scan_fail(scan, REJECT_ESCAPE, escape, NULL);
    }
    p += 4;
    if (is_low_surrogate(unit)) {
        return json_scan_fail(scan, REJECT_SURROGATE, escape, NULL);
    }
    if (!is_high_surrogate(unit)) {
        return p;
    }
    bool has_second = scan->end - p >= 6 && p[0] == '\\' && p[1] == 'u' &&
                      is_low_surrogate(unit_read(p + 2, scan->end));
    return has_second ? p + 6 : json_scan_fail(scan, REJECT_SURROGATE, escape, NULL);
}

// What follows a backslash.
static const char *escape_scan(JsonScan *scan, const char *p) {
    if (p >= scan->end) {
        return json_scan_fail(scan, REJECT_TRUNCATED, p, "a string");
    }
    if (*p == 'u') {
        return unicode_scan(scan, p + 1);
    }
    if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
        return json_scan_fail(scan, REJECT_ESCAPE, p - 1, NULL);
    }
    return p + 1;
}

// The first quote, backslash or control character at or after p; notes bytes that are no ASCII.
static const char *stop_find(const char *p, const char *end, bool *has_high) {
    while (p < end) {
        uint32_t high;
        uint32_t stops = string_stops16(p, &high);
        if (stops != 0) {
            uint32_t before = (uint32_t)__builtin_ctz(stops);
            *has_high |= (high & ((1u << before) - 1)) != 0;
            return p + before;
        }
        *has_high |= high != 0;
        p += 16;
    }
    return end;
}

static const char *string_close(JsonScan *scan, const char *p, JsonToken *token, bool has_high) {
    token->end = p;
    if (has_high && !utf8_is_valid(token->begin, (size_t)(p - token->begin))) {
        return json_scan_fail(scan, REJECT_UTF8, token->begin, NULL);
    }
    return p + 1;
}

const char *json_scan_string(JsonScan *scan, const char *p, JsonToken *token) {
    bool has_high = false;
    *token = (JsonToken){.kind = JSON_STRING, .begin = p};
    while (p != NULL) {
        p = stop_find(p, scan->end, &has_high);
        if (p >= scan->end) {
            return json_scan_fail(scan, REJECT_TRUNCATED, p, "a string");
        }
        if (*p == '"') {
            return string_close(scan, p, token, has_high);
        }
        if (*p != '\\') {
            return json_scan_fail(scan, *p == '\0' ? REJECT_NUL : REJECT_CONTROL, p, NULL);
        }
        token->has_escapes = true;
        p = escape_scan(scan, p + 1);
    }
    return NULL;
}

// --- the text of a string ------------------------------------------------------------------------

static char *utf8_write(char *out, uint32_t c) {
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xF0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3F));
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

static char escape_char(char c) {
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

// The escape at p, which was scanned before; p is the byte behind the backslash.
static const char *escape_write(const char *p, const char *end, char **out) {
    if (*p != 'u') {
        *(*out)++ = escape_char(*p);
        return p + 1;
    }
    uint32_t unit = (uint32_t)unit_read(p + 1, end);
    p += 5;
    if (is_high_surrogate((int32_t)unit)) {
        uint32_t second = (uint32_t)unit_read(p + 2, end);
        unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
        p += 6;
    }
    *out = utf8_write(*out, unit);
    return p;
}

const char *json_text(Arena *arena, const JsonToken *token, size_t *length) {
    size_t raw_length = (size_t)(token->end - token->begin);
    if (!token->has_escapes) {
        *length = raw_length;
        return token->begin;
    }
    // No escape is shorter than what it stands for.
    char *text = arena_alloc(arena, raw_length + FORMAT_SLACK_BYTES);
    char *out = text;
    for (const char *p = token->begin; p < token->end;) {
        if (*p == '\\') {
            p = escape_write(p + 1, token->end, &out);
        } else {
            *out++ = *p++;
        }
    }
    *length = (size_t)(out - text);
    return text;
}

// --- numbers and words ---------------------------------------------------------------------------

static const char *digits_skip(const char *p, const char *end) {
    while (p < end && *p >= '0' && *p <= '9') {
        p++;
    }
    return p;
}

static const char *number_fail(JsonScan *scan, const char *p) {
    return unexpected(scan, p, "a number", "a number that JSON does not write so");
}

// At least one digit at p.
static const char *digits_scan(JsonScan *scan, const char *p) {
    const char *after = digits_skip(p, scan->end);
    return after == p ? number_fail(scan, p) : after;
}

static const char *exponent_scan(JsonScan *scan, const char *p) {
    if (p < scan->end && (*p == '+' || *p == '-')) {
        p++;
    }
    return digits_scan(scan, p);
}

static const char *number_scan(JsonScan *scan, const char *p) {
    if (p < scan->end && *p == '-') {
        p++;
    }
    bool has_zero = p < scan->end && *p == '0';
    p = has_zero ? p + 1 : digits_scan(scan, p);
    if (p != NULL && has_zero && digits_skip(p, scan->end) != p) {
        return number_fail(scan, p);
    }
    if (p != NULL && p < scan->end && *p == '.') {
        p = digits_scan(scan, p + 1);
    }
    if (p != NULL && p < scan->end && (*p | 0x20) == 'e') {
        p = exponent_scan(scan, p + 1);
    }
    return p;
}

static const char *word_scan(JsonScan *scan, const char *p, const char *word) {
    size_t length = strlen(word);
    size_t left = (size_t)(scan->end - p);
    if (left < length && memcmp(p, word, left) == 0) {
        return json_scan_fail(scan, REJECT_TRUNCATED, p, word);
    }
    if (left < length || memcmp(p, word, length) != 0) {
        return json_scan_fail(scan, REJECT_SYNTAX, p, "a word that JSON does not know");
    }
    return p + length;
}

static const char *scalar_scan(JsonScan *scan, const char *p, JsonToken *token) {
    token->begin = p;
    switch (*p) {
    case 't':
        token->kind = JSON_TRUE;
        return token->end = word_scan(scan, p, "true");
    case 'f':
        token->kind = JSON_FALSE;
        return token->end = word_scan(scan, p, "false");
    case 'n':
        token->kind = JSON_NULL;
        return token->end = word_scan(scan, p, "null");
    case '"':
        return json_scan_string(scan, p + 1, token);
    default:
        break;
    }
    if (*p != '-' && (*p < '0' || *p > '9')) {
        return unexpected(scan, p, "a value", "a value was expected");
    }
    token->kind = JSON_NUMBER;
    return token->end = number_scan(scan, p);
}

// --- nested values -------------------------------------------------------------------------------

// Which of the open levels are objects, and how many there are.
typedef struct Nest {
    uint32_t depth;
    uint8_t is_object[JSON_DEPTH_MAX + 1];
} Nest;

static bool nest_is_object(const Nest *nest) {
    return nest->is_object[nest->depth] != 0;
}

static const char *nest_text(const Nest *nest) {
    return nest_is_object(nest) ? "an object" : "an array";
}

// Behind the key and the colon of a member, if the level is an object.
static const char *key_scan(JsonScan *scan, const Nest *nest, const char *p) {
    p = json_space_skip(p, scan->end);
    if (!nest_is_object(nest)) {
        return p;
    }
    if (p >= scan->end || *p != '"') {
        return unexpected(scan, p, "an object", "a key was expected");
    }
    JsonToken key;
    p = json_scan_string(scan, p + 1, &key);
    if (p == NULL) {
        return NULL;
    }
    p = json_space_skip(p, scan->end);
    if (p >= scan->end || *p != ':') {
        return unexpected(scan, p, "an object", "a colon was expected behind a key");
    }
    return json_space_skip(p + 1, scan->end);
}

static bool is_close(const Nest *nest, const char *p, const char *end) {
    return p < end && *p == (nest_is_object(nest) ? '}' : ']');
}

// Behind the opening bracket at p: at the first value of the new level, or behind its end.
static const char *level_open(JsonScan *scan, Nest *nest, const char *p, bool *is_value) {
    if (nest->depth == JSON_DEPTH_MAX) {
        scan->error = (TextError){.reject = REJECT_DEPTH, .want = JSON_DEPTH_MAX};
        return NULL;
    }
    nest->depth++;
    nest->is_object[nest->depth] = *p == '{';
    p = json_space_skip(p + 1, scan->end);
    if (is_close(nest, p, scan->end)) {
        nest->depth--;
        *is_value = false;
        return p + 1;
    }
    *is_value = true;
    return key_scan(scan, nest, p);
}

// Behind a value inside of a level: at the next value, or behind the level's end.
static const char *level_next(JsonScan *scan, Nest *nest, const char *p, bool *is_value) {
    p = json_space_skip(p, scan->end);
    if (is_close(nest, p, scan->end)) {
        nest->depth--;
        *is_value = false;
        return p + 1;
    }
    if (p >= scan->end || *p != ',') {
        return unexpected(scan, p, nest_text(nest), "a comma or a closing bracket was expected");
    }
    *is_value = true;
    return key_scan(scan, nest, p + 1);
}

static const char *nested_scan(JsonScan *scan, const char *p) {
    Nest nest = {.depth = 0};
    bool is_value = true;
    do {
        JsonToken inner;
        if (!is_value) {
            p = level_next(scan, &nest, p, &is_value);
        } else if (p < scan->end && (*p == '{' || *p == '[')) {
            p = level_open(scan, &nest, p, &is_value);
        } else if (p < scan->end) {
            p = scalar_scan(scan, p, &inner);
            is_value = false;
        } else {
            p = json_scan_fail(scan, REJECT_TRUNCATED, p, nest_text(&nest));
        }
    } while (p != NULL && nest.depth > 0);
    return p;
}

const char *json_scan_value(JsonScan *scan, const char *p, JsonToken *token) {
    *token = (JsonToken){.begin = p};
    if (p >= scan->end) {
        return json_scan_fail(scan, REJECT_TRUNCATED, p, "an object");
    }
    if (*p != '{' && *p != '[') {
        return scalar_scan(scan, p, token);
    }
    token->kind = *p == '{' ? JSON_OBJECT : JSON_ARRAY;
    return token->end = nested_scan(scan, p);
}
