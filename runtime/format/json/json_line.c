// A line, carefully: the whole of it is checked to be one well-formed object before any value is
// looked at, so a record that is both malformed and wrong is malformed. Of equal keys the last
// counts, and those before it need only be well-formed.
#include "format/json/json.h"

typedef struct Line {
    TextDecoder *decoder;
    JsonScan scan;
    JsonToken *tokens; // by column: the last value of its key
} Line;

// --- the object ----------------------------------------------------------------------------------

static const char *line_fail(Line *line, const char *p, const char *wanted) {
    if (p >= line->scan.end) {
        return json_scan_fail(&line->scan, REJECT_TRUNCATED, p, "an object");
    }
    TextReject reject = *p == '\0' ? REJECT_NUL : REJECT_SYNTAX;
    return json_scan_fail(&line->scan, reject, p, wanted);
}

// The column that the key means, or NULL.
static TextColumn *key_column(Line *line, const JsonToken *key) {
    size_t length;
    const char *name = json_text(&line->decoder->batch->arena, key, &length);
    return text_column_find(line->decoder, name, length);
}

// `"key": value` at p.
static const char *member_scan(Line *line, const char *p) {
    JsonToken key;
    JsonToken value;
    if (p >= line->scan.end || *p != '"') {
        return line_fail(line, p, "a key was expected");
    }
    p = json_scan_string(&line->scan, p + 1, &key);
    if (p == NULL) {
        return NULL;
    }
    p = json_space_skip(p, line->scan.end);
    if (p >= line->scan.end || *p != ':') {
        return line_fail(line, p, "a colon was expected behind a key");
    }
    p = json_space_skip(p + 1, line->scan.end);
    p = json_scan_value(&line->scan, p, &value);
    const TextColumn *column = p == NULL ? NULL : key_column(line, &key);
    if (column != NULL) {
        line->tokens[column->index] = value;
    }
    return p;
}

// Behind the object's closing bracket; p is behind the opening one.
static const char *members_scan(Line *line, const char *p) {
    const char *end = line->scan.end;
    p = json_space_skip(p, end);
    if (p < end && *p == '}') {
        return p + 1;
    }
    for (;;) {
        p = member_scan(line, p);
        if (p == NULL) {
            return NULL;
        }
        p = json_space_skip(p, end);
        if (p < end && *p == '}') {
            return p + 1;
        }
        if (p >= end || *p != ',') {
            return line_fail(line, p, "a comma or a closing bracket was expected");
        }
        p = json_space_skip(p + 1, end);
    }
}

// A value that is no object: well-formed or not, that is what is wrong with it.
static bool other_scan(Line *line, const char *p) {
    JsonToken token;
    if (*p == '\0') {
        json_scan_fail(&line->scan, REJECT_NUL, p, NULL);
    } else if (json_scan_value(&line->scan, p, &token) != NULL) {
        json_scan_fail(&line->scan, REJECT_NOT_OBJECT, p, json_kind_text(token.kind));
    }
    return false;
}

static bool object_scan(Line *line) {
    const char *end = line->scan.end;
    const char *p = json_space_skip(line->scan.start, end);
    if (*p != '{') {
        return other_scan(line, p);
    }
    p = members_scan(line, p + 1);
    if (p == NULL) {
        return false;
    }
    p = json_space_skip(p, end);
    if (p < end) {
        json_scan_fail(&line->scan, *p == '\0' ? REJECT_NUL : REJECT_TRAILING, p, NULL);
    }
    return p == end;
}

// --- the columns ---------------------------------------------------------------------------------

static bool column_decode(Line *line, TextColumn *column) {
    const JsonToken *token = &line->tokens[column->index];
    TextError *error = &line->scan.error;
    bool is_null = token->kind == JSON_NONE || token->kind == JSON_NULL;
    if (is_null && !column->type->is_nullable) {
        *error = (TextError){.column = column};
        error->reject = token->kind == JSON_NONE ? REJECT_MISSING : REJECT_NULL;
        return false;
    }
    int32_t row = line->decoder->row;
    *text_validity(column, row) = !is_null;
    if (is_null) {
        return true;
    }
    *error = (TextError){.column = column};
    error->reject = json_value(column, token, text_slot(column, row), error);
    return error->reject == REJECT_NONE;
}

static bool columns_decode(Line *line) {
    for (uint32_t i = 0; i < line->decoder->column_count; i++) {
        if (!column_decode(line, &line->decoder->columns[i])) {
            return false;
        }
    }
    return true;
}

static bool is_blank(const char *p, const char *end) {
    return json_space_skip(p, end) == end;
}

void json_line(TextDecoder *decoder, const char *p, const char *end) {
    if (end > p && end[-1] == '\r') {
        end--;
    }
    if (is_blank(p, end)) {
        return;
    }
    Line line = {
        .decoder = decoder,
        .scan = {.start = p, .end = end},
        .tokens = decoder->json->tokens,
    };
    size_t length = (size_t)(end - p);
    if (length > RECORD_BYTES_MAX) {
        TextError error = {.reject = REJECT_OVERSIZED, .want = RECORD_BYTES_MAX};
        text_reject(decoder, p, length, &error);
        return;
    }
    memset(line.tokens, 0, decoder->column_count * sizeof(JsonToken));
    if (object_scan(&line) && columns_decode(&line)) {
        text_row_done(decoder, p, length);
    } else {
        text_reject(decoder, p, length, &line.scan.error);
    }
}
