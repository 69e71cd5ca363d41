// Parts of JSON texts: a strict scanner (RFC 8259) that walks to what a path names. The decoder of
// records (format/json) is made for many records of one shape; this is for one text at a time.
#include "scalar/fn/json_part.h"

typedef struct Scanner {
    const char *at;
    const char *end;
    uint32_t depth;
} Scanner;

static void blanks_skip(Scanner *s) {
    while (s->at < s->end &&
           (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r')) {
        s->at++;
    }
}

static bool is_next(const Scanner *s, char c) {
    return s->at < s->end && *s->at == c;
}

static bool take(Scanner *s, char c) {
    bool is_there = is_next(s, c);
    s->at += is_there;
    return is_there;
}

static bool is_digit(const Scanner *s) {
    return s->at < s->end && *s->at >= '0' && *s->at <= '9';
}

static bool digits_skip(Scanner *s) {
    const char *begin = s->at;
    while (is_digit(s)) {
        s->at++;
    }
    return s->at > begin;
}

static bool number_skip(Scanner *s) {
    take(s, '-');
    if (!take(s, '0') && !digits_skip(s)) {
        return false;
    }
    if (take(s, '.') && !digits_skip(s)) {
        return false;
    }
    if (is_next(s, 'e') || is_next(s, 'E')) {
        s->at++;
        if (!take(s, '+')) {
            take(s, '-');
        }
        return digits_skip(s);
    }
    return true;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | ' ');
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool escape_skip(Scanner *s) {
    enum { DIGITS = 4 };
    if (s->at == s->end) {
        return false;
    }
    char c = *s->at++;
    if (c != 'u') {
        return memchr("\"\\/bfnrt", c, 8) != NULL;
    }
    for (int i = 0; i < DIGITS; i++) {
        if (s->at == s->end || hex_value(*s->at++) < 0) {
            return false;
        }
    }
    return true;
}

static bool string_skip(Scanner *s) {
    if (!take(s, '"')) {
        return false;
    }
    while (s->at < s->end && *s->at != '"') {
        uint8_t c = (uint8_t)*s->at++;
        if (c < ' ' || (c == '\\' && !escape_skip(s))) {
            return false;
        }
    }
    return take(s, '"');
}

static bool word_skip(Scanner *s, const char *word) {
    size_t length = strlen(word);
    bool is_there = (size_t)(s->end - s->at) >= length && memcmp(s->at, word, length) == 0;
    s->at += is_there ? length : 0;
    return is_there;
}

static bool value_skip(Scanner *s);

static bool items_skip(Scanner *s, char close, bool is_object) {
    if (++s->depth > JSON_DEPTH_MAX) {
        return false;
    }
    s->at++;
    blanks_skip(s);
    if (take(s, close)) {
        s->depth--;
        return true;
    }
    do {
        blanks_skip(s);
        if (is_object) {
            if (!string_skip(s)) {
                return false;
            }
            blanks_skip(s);
            if (!take(s, ':')) {
                return false;
            }
        }
        if (!value_skip(s)) {
            return false;
        }
    } while (take(s, ','));
    s->depth--;
    return take(s, close);
}

// With the blanks around it.
static bool value_skip(Scanner *s) {
    bool is_fine = false;
    blanks_skip(s);
    if (s->at == s->end) {
        return false;
    }
    switch (*s->at) {
    case '{':
        is_fine = items_skip(s, '}', true);
        break;
    case '[':
        is_fine = items_skip(s, ']', false);
        break;
    case '"':
        is_fine = string_skip(s);
        break;
    case 't':
        is_fine = word_skip(s, "true");
        break;
    case 'f':
        is_fine = word_skip(s, "false");
        break;
    case 'n':
        is_fine = word_skip(s, "null");
        break;
    default:
        is_fine = number_skip(s);
        break;
    }
    blanks_skip(s);
    return is_fine;
}

static JsonPart trimmed(const char *begin, const char *end) {
    while (begin < end && memchr(" \t\n\r", *begin, 4) != NULL) {
        begin++;
    }
    while (end > begin && memchr(" \t\n\r", end[-1], 4) != NULL) {
        end--;
    }
    return (JsonPart){begin, end};
}

// --- paths
// -----------------------------------------------------------------------------------------
typedef struct Step {
    const char *name; // NULL: a place
    size_t length;
    int64_t place;
} Step;

static bool place_read(const char **at, const char *end, Step *step) {
    enum { DIGITS_MAX = 9 };
    const char *begin = *at;
    while (*at < end && **at >= '0' && **at <= '9' && *at - begin < DIGITS_MAX) {
        step->place = step->place * 10 + (*(*at)++ - '0');
    }
    return *at > begin && *at < end && *(*at)++ == ']';
}

static bool quoted_read(const char **at, const char *end, Step *step) {
    char quote = *(*at)++;
    step->name = *at;
    const char *close = memchr(*at, quote, (size_t)(end - *at));
    if (close == NULL || close + 1 == end || close[1] != ']') {
        return false;
    }
    step->length = (size_t)(close - step->name);
    *at = close + 2;
    return true;
}

static bool step_read(const char **at, const char *end, bool is_first, Step *step) {
    *step = (Step){0};
    if (**at == '[') {
        (*at)++;
        bool is_quoted = *at < end && (**at == '\'' || **at == '"');
        return is_quoted ? quoted_read(at, end, step) : place_read(at, end, step);
    }
    if (**at == '.') {
        (*at)++;
    } else if (!is_first) {
        return false;
    }
    step->name = *at;
    while (*at < end && **at != '.' && **at != '[') {
        (*at)++;
    }
    step->length = (size_t)(*at - step->name);
    return step->length > 0;
}

bool json_path_is_valid(const char *path, size_t length) {
    const char *end = path + length;
    const char *at = path + (length > 0 && *path == '$');
    bool is_first = at == path;
    while (at < end) {
        Step step;
        if (!step_read(&at, end, is_first, &step)) {
            return false;
        }
        is_first = false;
    }
    return length > 0;
}

// --- walking
// ---------------------------------------------------------------------------------------
static bool name_is(const JsonPart *string, const Step *step) {
    Buffer name = {0};
    json_unescape(&name, string);
    bool is_it = name.length == step->length &&
                 (name.length == 0 || memcmp(name.data, step->name, name.length) == 0);
    buffer_free(&name);
    return is_it;
}

// The text is known to be JSON. Of equal names the last one counts.
static bool member_find(JsonPart *part, const Step *step) {
    Scanner s = {.at = part->begin + 1, .end = part->end};
    bool is_found = false;
    blanks_skip(&s);
    while (is_next(&s, '"')) {
        JsonPart name = {s.at, NULL};
        string_skip(&s);
        name.end = s.at;
        blanks_skip(&s);
        take(&s, ':');
        const char *begin = s.at;
        value_skip(&s);
        if (name_is(&name, step)) {
            *part = trimmed(begin, s.at);
            is_found = true;
        }
        take(&s, ',');
        blanks_skip(&s);
    }
    return is_found;
}

static bool element_find(JsonPart *part, int64_t place) {
    Scanner s = {.at = part->begin + 1, .end = part->end};
    blanks_skip(&s);
    for (int64_t i = 0; !is_next(&s, ']'); i++) {
        const char *begin = s.at;
        value_skip(&s);
        if (i == place) {
            *part = trimmed(begin, s.at);
            return true;
        }
        take(&s, ',');
    }
    return false;
}

static bool step_take(JsonPart *part, const Step *step) {
    if (step->name != NULL) {
        return *part->begin == '{' && member_find(part, step);
    }
    return *part->begin == '[' && element_find(part, step->place);
}

int32_t json_find(FlowView json, FlowView path, JsonPart *part) {
    static _Thread_local char short_json[FLOW_VIEW_INLINE_MAX]; // outlives the call
    const char *begin = flow_view_data(&json);
    if (json.length <= FLOW_VIEW_INLINE_MAX) {
        memcpy(short_json, begin, json.length);
        begin = short_json;
    }
    Scanner s = {.at = begin, .end = begin + json.length};
    const char *path_at = flow_view_data(&path);
    const char *path_end = path_at + path.length;
    if (!value_skip(&s) || s.at != s.end || !json_path_is_valid(path_at, path.length)) {
        return FLOW_VALUE_ERROR;
    }
    *part = trimmed(begin, s.end);
    bool is_first = *path_at != '$';
    path_at += !is_first;
    while (path_at < path_end) {
        Step step;
        step_read(&path_at, path_end, is_first, &step);
        is_first = false;
        if (!step_take(part, &step)) {
            return FLOW_VALUE_NULL;
        }
    }
    return *part->begin == 'n' ? FLOW_VALUE_NULL : FLOW_VALUE_OK;
}

// --- texts
// -----------------------------------------------------------------------------------------
void json_compact(Buffer *out, const JsonPart *part) {
    bool is_inside = false;
    for (const char *at = part->begin; at < part->end; at++) {
        bool is_blank = !is_inside && memchr(" \t\n\r", *at, 4) != NULL;
        if (!is_blank) {
            buffer_char(out, *at);
        }
        if (is_inside && *at == '\\') {
            buffer_char(out, *++at);
        } else if (*at == '"') {
            is_inside = !is_inside;
        }
    }
}

static uint32_t unit_read(const char *digits) {
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        unit = unit << 4 | (uint32_t)hex_value(digits[i]);
    }
    return unit;
}

// A pair of surrogates is one code point; a lone one is no character and becomes U+FFFD.
static const char *point_unescape(Buffer *out, const char *at, const char *end) {
    enum { HIGH = 0xD800, LOW = 0xDC00, BEHIND = 0xE000, REPLACEMENT = 0xFFFD };
    uint32_t point = unit_read(at);
    at += 4;
    bool has_pair = point >= HIGH && point < LOW && end - at >= 6 && at[0] == '\\' && at[1] == 'u';
    if (has_pair) {
        uint32_t low = unit_read(at + 2);
        if (low >= LOW && low < BEHIND) {
            point = 0x10000 + ((point - HIGH) << 10) + (low - LOW);
            at += 6;
        }
    }
    utf8proc_uint8_t bytes[4];
    bool is_lone = point >= HIGH && point < BEHIND;
    utf8proc_int32_t real = is_lone ? REPLACEMENT : (utf8proc_int32_t)point;
    buffer_append(out, bytes, (size_t)utf8proc_encode_char(real, bytes));
    return at;
}

void json_unescape(Buffer *out, const JsonPart *part) {
    static const char escapes[] = "bfnrt";
    static const char meant[] = "\b\f\n\r\t";
    const char *end = part->end - 1;
    for (const char *at = part->begin + 1; at < end;) {
        if (*at != '\\') {
            buffer_char(out, *at++);
        } else if (at[1] == 'u') {
            at = point_unescape(out, at + 2, end);
        } else {
            const char *known = strchr(escapes, at[1]);
            buffer_char(out, known == NULL ? at[1] : meant[known - escapes]);
            at += 2;
        }
    }
}
