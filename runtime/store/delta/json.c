// An own tokenizer, because a log holds integers beyond 64 bits and U+0000, which the usual JSON
// libraries turn into doubles or errors; statistics and decimals must keep their digits.
#include "store/delta/json.h"

#include <stdint.h>

typedef struct JsonReader {
    Arena *arena;
    const char *at;
    const char *end;
    int depth;
} JsonReader;

static bool value_read(JsonReader *reader, DeltaJson *value);

static void blanks_skip(JsonReader *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                        *reader->at == '\n' || *reader->at == '\r')) {
        reader->at++;
    }
}

static bool char_take(JsonReader *reader, char c) {
    blanks_skip(reader);
    if (reader->at == reader->end || *reader->at != c) {
        return false;
    }
    reader->at++;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool hex4_read(JsonReader *reader, uint32_t *unit) {
    if (reader->end - reader->at < 4) {
        return false;
    }
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(*reader->at++);
        if (digit < 0) {
            return false;
        }
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

static char *utf8_put(char *out, uint32_t point) {
    if (point < 0x80) {
        *out++ = (char)point;
        return out;
    }
    if (point < 0x800) {
        *out++ = (char)(0xC0 | point >> 6);
    } else if (point < 0x10000) {
        *out++ = (char)(0xE0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
    } else {
        *out++ = (char)(0xF0 | point >> 18);
        *out++ = (char)(0x80 | (point >> 12 & 0x3F));
        *out++ = (char)(0x80 | (point >> 6 & 0x3F));
    }
    *out++ = (char)(0x80 | (point & 0x3F));
    return out;
}

// What follows `\u`. A lone surrogate is no text.
static bool unicode_read(JsonReader *reader, char **out) {
    uint32_t high;
    uint32_t low;
    if (!hex4_read(reader, &high) || (high >= 0xDC00 && high < 0xE000)) {
        return false;
    }
    if (high < 0xD800 || high >= 0xE000) {
        *out = utf8_put(*out, high);
        return true;
    }
    if (reader->end - reader->at < 2 || reader->at[0] != '\\' || reader->at[1] != 'u') {
        return false;
    }
    reader->at += 2;
    if (!hex4_read(reader, &low) || low < 0xDC00 || low >= 0xE000) {
        return false;
    }
    *out = utf8_put(*out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return true;
}

static bool escape_read(JsonReader *reader, char **out) {
    static const char names[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (reader->at == reader->end) {
        return false;
    }
    char name = *reader->at++;
    if (name == 'u') {
        return unicode_read(reader, out);
    }
    const char *found = name == '\0' ? NULL : strchr(names, name);
    if (found == NULL) {
        return false;
    }
    *(*out)++ = meanings[found - names];
    return true;
}

// The string's closing quote, or NULL. Decoding never makes a string longer, so its distance from
// the opening quote bounds what is allocated.
static const char *quote_find(const char *at, const char *end) {
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\') {
            at++;
        }
    }
    return at < end ? at : NULL;
}

static bool string_read(JsonReader *reader, const char **text, size_t *length) {
    if (!char_take(reader, '"')) {
        return false;
    }
    const char *close = quote_find(reader->at, reader->end);
    if (close == NULL) {
        return false;
    }
    char *start = arena_alloc(reader->arena, (size_t)(close - reader->at) + 1);
    char *out = start;
    while (reader->at < close) {
        char c = *reader->at++;
        if (c != '\\') {
            *out++ = c;
        } else if (!escape_read(reader, &out)) {
            return false;
        }
    }
    reader->at = close + 1;
    *out = '\0';
    *text = start;
    *length = (size_t)(out - start);
    return true;
}

static bool is_number_char(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Digits are only delimited here; who needs the number parses it in its own type.
static bool number_read(JsonReader *reader, DeltaJson *value) {
    const char *start = reader->at;
    while (reader->at < reader->end && is_number_char(*reader->at)) {
        reader->at++;
    }
    value->kind = DELTA_JSON_NUMBER;
    value->text = start;
    value->length = (size_t)(reader->at - start);
    return value->length > 0 && *start != '+' && *start != '.';
}

static bool word_read(JsonReader *reader, const char *word) {
    size_t length = strlen(word);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    return true;
}

static bool literal_read(JsonReader *reader, DeltaJson *value) {
    if (word_read(reader, "null")) {
        value->kind = DELTA_JSON_NULL;
        return true;
    }
    value->kind = DELTA_JSON_BOOL;
    value->truth = word_read(reader, "true");
    return value->truth || word_read(reader, "false");
}

static bool member_read(JsonReader *reader, DeltaJson *member, bool has_key) {
    size_t key_length;
    if (has_key && (!string_read(reader, &member->key, &key_length) || !char_take(reader, ':'))) {
        return false;
    }
    return value_read(reader, member);
}

static bool members_read(JsonReader *reader, DeltaJson *value, char close) {
    reader->at++;
    if (char_take(reader, close)) {
        return true;
    }
    DeltaJson **link = &value->first;
    do {
        DeltaJson *member = arena_new(reader->arena, DeltaJson);
        if (!member_read(reader, member, value->kind == DELTA_JSON_OBJECT)) {
            return false;
        }
        *link = member;
        link = &member->next;
        value->count++;
    } while (char_take(reader, ','));
    return char_take(reader, close);
}

static bool nested_read(JsonReader *reader, DeltaJson *value) {
    value->kind = *reader->at == '{' ? DELTA_JSON_OBJECT : DELTA_JSON_ARRAY;
    if (++reader->depth > JSON_DEPTH_MAX) {
        return false;
    }
    bool is_read = members_read(reader, value, value->kind == DELTA_JSON_OBJECT ? '}' : ']');
    reader->depth--;
    return is_read;
}

static bool kind_read(JsonReader *reader, DeltaJson *value) {
    char c = *reader->at;
    if (c == '{' || c == '[') {
        return nested_read(reader, value);
    }
    if (c == '"') {
        value->kind = DELTA_JSON_STRING;
        return string_read(reader, &value->text, &value->length);
    }
    return is_number_char(c) && c != 'e' && c != 'E' ? number_read(reader, value)
                                                     : literal_read(reader, value);
}

static bool value_read(JsonReader *reader, DeltaJson *value) {
    blanks_skip(reader);
    if (reader->at == reader->end) {
        return false;
    }
    value->source = reader->at;
    bool is_read = kind_read(reader, value);
    value->source_length = (size_t)(reader->at - value->source);
    return is_read;
}

const DeltaJson *delta_json_parse(Arena *arena, const char *text, size_t length) {
    JsonReader reader = {.arena = arena, .at = text, .end = text + length};
    DeltaJson *value = arena_new(arena, DeltaJson);
    if (!value_read(&reader, value)) {
        return NULL;
    }
    blanks_skip(&reader);
    return reader.at == reader.end ? value : NULL;
}

const DeltaJson *delta_json_member(const DeltaJson *object, const char *name) {
    const DeltaJson *found = NULL;
    if (object == NULL || object->kind != DELTA_JSON_OBJECT) {
        return NULL;
    }
    for (const DeltaJson *member = object->first; member != NULL; member = member->next) {
        if (strcmp(member->key, name) == 0) {
            found = member->kind == DELTA_JSON_NULL ? NULL : member;
        }
    }
    return found;
}

static const DeltaJson *
member_of_kind(const DeltaJson *object, const char *name, DeltaJsonKind kind) {
    const DeltaJson *member = delta_json_member(object, name);
    return member != NULL && member->kind == kind ? member : NULL;
}

const DeltaJson *delta_json_object(const DeltaJson *object, const char *name) {
    return member_of_kind(object, name, DELTA_JSON_OBJECT);
}

const DeltaJson *delta_json_array(const DeltaJson *object, const char *name) {
    return member_of_kind(object, name, DELTA_JSON_ARRAY);
}

const char *delta_json_string(const DeltaJson *object, const char *name) {
    const DeltaJson *member = member_of_kind(object, name, DELTA_JSON_STRING);
    return member == NULL ? NULL : member->text;
}

bool delta_integer_parse(const char *text, size_t length, int64_t *value) {
    bool is_negative = length > 0 && *text == '-';
    size_t i = is_negative || (length > 0 && *text == '+') ? 1 : 0;
    if (i == length) {
        return false;
    }
    int64_t result = 0;
    for (; i < length; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(result, 10, &result) ||
            __builtin_add_overflow(result, is_negative ? -digit : digit, &result)) {
            return false;
        }
    }
    *value = result;
    return true;
}

bool delta_json_integer(const DeltaJson *object, const char *name, int64_t *value) {
    const DeltaJson *member = member_of_kind(object, name, DELTA_JSON_NUMBER);
    return member != NULL && delta_integer_parse(member->text, member->length, value);
}

bool delta_json_truth(const DeltaJson *object, const char *name, bool otherwise) {
    const DeltaJson *member = member_of_kind(object, name, DELTA_JSON_BOOL);
    return member == NULL ? otherwise : member->truth;
}

bool delta_json_is(const DeltaJson *value, const char *text) {
    return value != NULL && value->kind == DELTA_JSON_STRING && strcmp(value->text, text) == 0;
}
