// A record, carefully: the whole of it is checked to be one well-formed object before any value is
// looked at, so a record that is both malformed and wrong is malformed. Of equal keys the last
// counts, and those before it need only be well-formed.
#include "format/json/json.h"

typedef struct Line {
    TextDecoder *decoder;
    JsonScan scan;
    JsonToken *tokens; // by wire: the last value of its key
    int64_t unknown_count;
    const char *unknown; // the first field that the contract lacks
    uint32_t excuse;     // FLOW_EXCUSED_*: what a change of this kind may lack
} Line;

// --- the object ----------------------------------------------------------------------------------

static const char *line_fail(Line *line, const char *p, const char *wanted) {
    if (p >= line->scan.end) {
        return json_scan_fail(&line->scan, REJECT_TRUNCATED, p, "an object");
    }
    TextReject reject = *p == '\0' ? REJECT_NUL : REJECT_SYNTAX;
    return json_scan_fail(&line->scan, reject, p, wanted);
}

// A field that the contract lacks; of captured ones the text as it stands.
static void unknown_take(Line *line, const JsonToken *key, const JsonToken *value) {
    Buffer *captured = &line->decoder->captured;
    line->unknown = line->unknown_count++ == 0 ? key->begin - 1 : line->unknown;
    if (line->decoder->capture == NULL) {
        return;
    }
    const char *value_begin = value->begin - (value->kind == JSON_STRING);
    const char *value_end = value->end + (value->kind == JSON_STRING);
    buffer_text(captured, captured->length == 0 ? "{\"" : ",\"");
    buffer_append(captured, key->begin, (size_t)(key->end - key->begin));
    buffer_text(captured, "\":");
    buffer_append(captured, value_begin, (size_t)(value_end - value_begin));
}

static void member_take(Line *line, const JsonToken *key, const JsonToken *value) {
    size_t length;
    const char *name = json_text(&line->decoder->batch->arena, key, &length);
    const TextWire *wire = text_wire_find(line->decoder, name, length);
    if (wire != NULL) {
        line->tokens[wire - line->decoder->wires] = *value;
    } else {
        unknown_take(line, key, value);
    }
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
    if (p != NULL) {
        member_take(line, &key, &value);
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

// Of its names the first that is there, even if it is null.
static const JsonToken *column_token(const Line *line, const TextColumn *column) {
    static const JsonToken nothing = {.kind = JSON_NONE};
    for (uint32_t i = 0; i < column->wire_count; i++) {
        const JsonToken *token = &line->tokens[column->wire + i];
        if (token->kind != JSON_NONE) {
            return token;
        }
    }
    return &nothing;
}

static bool null_decode(Line *line, TextColumn *column, bool is_missing) {
    int32_t row = line->decoder->row;
    bool may_lack = column->type->is_nullable || (column->excused & line->excuse) != 0;
    if (is_missing && (column->has_default || may_lack)) {
        text_column_missing(column, row);
        return true;
    }
    if (may_lack) {
        value_store(column->type, text_slot(column, row), 0, column->missing);
        *text_validity(column, row) = 0;
        return true;
    }
    line->scan.error = (TextError){.column = column};
    line->scan.error.reject = is_missing ? REJECT_MISSING : REJECT_NULL;
    return false;
}

static bool column_decode(Line *line, TextColumn *column) {
    const JsonToken *token = column_token(line, column);
    TextError *error = &line->scan.error;
    if (token->kind == JSON_NONE || token->kind == JSON_NULL) {
        return null_decode(line, column, token->kind == JSON_NONE);
    }
    int32_t row = line->decoder->row;
    *text_validity(column, row) = 1;
    *error = (TextError){.column = column};
    error->reject = json_value(column, token, text_slot(column, row), error);
    return error->reject == REJECT_NONE;
}

static void excuse_find(Line *line) {
    TextDecoder *decoder = line->decoder;
    const JsonToken *token =
        decoder->operation == NULL ? NULL : column_token(line, decoder->operation);
    if (token != NULL && token->kind == JSON_STRING) {
        size_t length;
        const char *text = json_text(&decoder->batch->arena, token, &length);
        line->excuse = text_excuse(decoder, text, length);
    }
}

static bool unknown_settle(Line *line) {
    TextDecoder *decoder = line->decoder;
    if (decoder->on_unknown == FLOW_UNKNOWN_REJECT && line->unknown != NULL) {
        json_scan_fail(&line->scan, REJECT_UNKNOWN, line->unknown, NULL);
        return false;
    }
    if (decoder->capture != NULL && line->unknown != NULL) {
        buffer_char(&decoder->captured, '}');
        text_capture(decoder, decoder->captured.data, decoder->captured.length);
    } else if (decoder->on_unknown == FLOW_UNKNOWN_IGNORE) {
        decoder->unknown += line->unknown_count;
    }
    return true;
}

static bool columns_decode(Line *line) {
    for (uint32_t i = 0; i < line->decoder->column_count; i++) {
        if (!column_decode(line, &line->decoder->columns[i])) {
            return false;
        }
    }
    return unknown_settle(line);
}

// --- records -------------------------------------------------------------------------------------

bool json_whole(JsonScan *scan, JsonToken *object) {
    const char *p = json_space_skip(scan->start, scan->end);
    p = json_scan_value(scan, p, object);
    if (p == NULL) {
        return false;
    }
    p = json_space_skip(p, scan->end);
    if (p < scan->end) {
        json_scan_fail(scan, *p == '\0' ? REJECT_NUL : REJECT_TRAILING, p, NULL);
    } else if (object->kind != JSON_OBJECT) {
        json_scan_fail(scan, REJECT_NOT_OBJECT, p, json_kind_text(object->kind));
    }
    return p == scan->end && object->kind == JSON_OBJECT;
}

static Line line_begin(TextDecoder *decoder, const char *p, size_t length) {
    memset(decoder->json->tokens, 0, decoder->wire_count * sizeof(JsonToken));
    buffer_clear(&decoder->captured);
    return (Line){
        .decoder = decoder,
        .scan = {.start = p, .end = p + length},
        .tokens = decoder->json->tokens,
    };
}

bool json_row_decode(TextDecoder *decoder, const JsonRow *row, JsonScan *scan) {
    Line line = line_begin(decoder, scan->start, (size_t)(scan->end - scan->start));
    if (row->object.kind == JSON_OBJECT) {
        line.scan.end = row->object.end;
        (void)members_scan(&line, row->object.begin + 1); // known to be well-formed
    }
    line.excuse = row->excuse;
    bool is_row = columns_decode(&line);
    scan->error = line.scan.error;
    return is_row;
}

bool json_row_lacks(const TextDecoder *decoder, const TextColumn *column) {
    const Line line = {.tokens = decoder->json->tokens};
    JsonKind kind = column_token(&line, column)->kind;
    return kind == JSON_NONE || kind == JSON_NULL;
}

static void row_read(TextDecoder *decoder, const char *p, size_t length) {
    Line line = line_begin(decoder, p, length);
    if (!object_scan(&line)) {
        text_reject(decoder, p, length, &line.scan.error);
        return;
    }
    excuse_find(&line);
    if (columns_decode(&line)) {
        text_row_done(decoder, p, length);
    } else {
        text_reject(decoder, p, length, &line.scan.error);
    }
}

void json_line(TextDecoder *decoder, const char *p, const char *end) {
    if (end > p && end[-1] == '\r') {
        end--;
    }
    size_t length = (size_t)(end - p);
    if (json_space_skip(p, end) == end) {
        return;
    }
    if (length > RECORD_BYTES_MAX) {
        TextError error = {.reject = REJECT_OVERSIZED, .want = RECORD_BYTES_MAX};
        text_reject(decoder, p, length, &error);
    } else if (decoder->format == FLOW_FORMAT_DEBEZIUM) {
        json_envelope(decoder, p, length);
    } else {
        row_read(decoder, p, length);
    }
}
