// One JSON document whose records are the elements of an array: at the top, or at a path of keys.
// The text comes in pieces; each element is copied as a line of its own, so that it is read as
// NDJSON is. What stands before the array, and behind it, has to fit into one record's room.
#include "format/json/json.h"

typedef enum Phase {
    PHASE_BEFORE,   // the array is not found yet
    PHASE_FIRST,    // an element, or the array's end
    PHASE_ELEMENT,  // an element
    PHASE_NEXT,     // a comma, or the array's end
    PHASE_SKIPPING, // inside of an element that is too long
    PHASE_BEHIND,   // the array is closed
    PHASE_OVER,     // nothing more is read
} Phase;

// Where in a value a walk from byte to byte stands.
typedef struct Walk {
    int64_t depth;
    bool is_text;
    bool is_escaped;
    bool is_scalar;
} Walk;

struct JsonDocument {
    TextDecoder *decoder;
    const char *path; // "a.b", or ""
    uint32_t level_count;
    Phase phase;
    Walk walk; // of SKIPPING
};

JsonDocument *json_document_new(TextDecoder *decoder) {
    JsonDocument *document = arena_new(&decoder->memory, JsonDocument);
    document->decoder = decoder;
    document->path = decoder->source->records == NULL ? "" : decoder->source->records;
    document->level_count = *document->path != '\0';
    for (const char *p = document->path; *p != '\0'; p++) {
        document->level_count += *p == '.';
    }
    return document;
}

void json_document_begin(JsonDocument *document) {
    document->phase = PHASE_BEFORE;
}

static const char *blank_skip(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
        p++;
    }
    return p;
}

// The rest of the document is one malformed record.
static const char *
document_reject(JsonDocument *document, const char *p, const char *end, TextReject reject) {
    text_reject(document->decoder,
                p,
                (size_t)(end - p),
                &(TextError){.reject = reject, .found = "an array"});
    document->phase = PHASE_OVER;
    return end;
}

// --- a walk over a value -------------------------------------------------------------------------

static bool is_scalar_end(char c) {
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static const char *text_walk(Walk *walk, const char *p, const char *end) {
    for (; p < end; p++) {
        if (walk->is_escaped) {
            walk->is_escaped = false;
        } else if (*p == '\\') {
            walk->is_escaped = true;
        } else if (*p == '"') {
            walk->is_text = false;
            return p + 1;
        }
    }
    return end;
}

// Behind the value that begins at p, or goes on there; NULL if it goes on behind the end.
static const char *value_walk(Walk *walk, const char *p, const char *end) {
    while (p < end) {
        if (walk->is_text) {
            p = text_walk(walk, p, end);
        } else if (*p == '"') {
            walk->is_text = true;
            p++;
            continue;
        } else if (*p == '{' || *p == '[') {
            walk->depth++;
            p++;
        } else if (walk->depth > 0) {
            walk->depth -= *p == '}' || *p == ']';
            p++;
        } else if (is_scalar_end(*p)) {
            return p;
        } else {
            walk->is_scalar = true;
            p++;
        }
        if (walk->depth == 0 && !walk->is_text && !walk->is_scalar) {
            return p;
        }
    }
    return NULL;
}

// --- before the array ----------------------------------------------------------------------------

// The value's end, line ends being blanks; NULL: it is not well-formed, or not complete.
static const char *value_check(const char *p, const char *end) {
    Walk walk = {0};
    const char *after = value_walk(&walk, p, end);
    if (after == NULL) {
        return NULL;
    }
    char *line = memory_alloc((size_t)(after - p) + FORMAT_SLACK_BYTES);
    json_line_copy(line, p, (size_t)(after - p));
    JsonScan scan = {.start = line, .end = line + (after - p)};
    JsonToken token;
    bool is_good = json_scan_value(&scan, line, &token) == scan.end;
    memory_free(line);
    return is_good ? after : NULL;
}

// `"key":` at p; behind the colon.
static const char *key_check(const char *p, const char *end, const char **key, size_t *length) {
    p = blank_skip(p, end);
    const char *after = p < end && *p == '"' ? value_check(p, end) : NULL;
    if (after == NULL) {
        return NULL;
    }
    *key = p + 1;
    *length = (size_t)(after - p) - 2;
    p = blank_skip(after, end);
    return p < end && *p == ':' ? blank_skip(p + 1, end) : NULL;
}

// In the object at p, behind its bracket: the value of the key.
static const char *
member_find(const char *p, const char *end, const char *wanted, size_t wanted_length) {
    while (p != NULL) {
        const char *key = NULL;
        size_t length = 0;
        p = key_check(p, end, &key, &length);
        if (p == NULL || (length == wanted_length && memcmp(key, wanted, length) == 0)) {
            return p;
        }
        p = value_check(p, end);
        p = p == NULL ? NULL : blank_skip(p, end);
        p = p != NULL && p < end && *p == ',' ? p + 1 : NULL;
    }
    return NULL;
}

// Behind the opening bracket of the array; NULL if it is not there, or not yet.
static const char *array_find(const JsonDocument *document, const char *p, const char *end) {
    p = blank_skip(p, end);
    for (const char *name = document->path; *name != '\0';) {
        size_t length = strcspn(name, ".");
        if (p >= end || *p != '{') {
            return NULL;
        }
        p = member_find(p + 1, end, name, length);
        if (p == NULL) {
            return NULL;
        }
        name += length + (name[length] == '.');
    }
    return p < end && *p == '[' ? p + 1 : NULL;
}

static const char *
before_read(JsonDocument *document, const char *p, const char *end, bool is_last) {
    const char *array = array_find(document, p, end);
    if (array != NULL) {
        document->phase = PHASE_FIRST;
        return array;
    }
    bool is_hopeless = is_last || end - p > RECORD_BYTES_MAX;
    if (is_last && blank_skip(p, end) == end) {
        document->phase = PHASE_OVER; // an empty file has no records
        return end;
    }
    return is_hopeless ? document_reject(document, p, end, REJECT_RECORDS) : p;
}

// --- behind the array ----------------------------------------------------------------------------

// Behind the object that the array is in, p being behind one of its values.
static const char *object_close(const char *p, const char *end) {
    p = blank_skip(p, end);
    while (p != NULL && p < end && *p == ',') {
        const char *key = NULL;
        size_t length = 0;
        p = key_check(p + 1, end, &key, &length);
        p = p == NULL ? NULL : value_check(p, end);
        p = p == NULL ? NULL : blank_skip(p, end);
    }
    return p != NULL && p < end && *p == '}' ? p + 1 : NULL;
}

static const char *
behind_read(JsonDocument *document, const char *p, const char *end, bool is_last) {
    if (!is_last && end - p <= RECORD_BYTES_MAX) {
        return p;
    }
    const char *at = p;
    for (uint32_t i = 0; at != NULL && i < document->level_count; i++) {
        at = object_close(at, end);
    }
    if (at == NULL || blank_skip(at, end) != end) {
        return document_reject(document, p, end, REJECT_TAIL);
    }
    document->phase = PHASE_OVER;
    return end;
}

// --- elements ------------------------------------------------------------------------------------

void json_line_copy(char *line, const char *p, size_t length) {
    memcpy(line, p, length);
    memset(line + length, 0, FORMAT_SLACK_BYTES);
    line[length] = '\n';
    if (memchr(line, '\n', length) == NULL) {
        return;
    }
    Walk walk = {0};
    for (size_t i = 0; i < length; i++) {
        bool was_text = walk.is_text;
        if (was_text) {
            (void)text_walk(&walk, line + i, line + i + 1);
        } else {
            walk.is_text = line[i] == '"';
            line[i] = line[i] == '\n' ? ' ' : line[i];
        }
    }
}

static void element_decode(const JsonDocument *document, const char *p, const char *end) {
    TextDecoder *decoder = document->decoder;
    size_t length = (size_t)(end - p);
    char *line = arena_alloc(&decoder->batch->arena, length + FORMAT_SLACK_BYTES);
    json_line_copy(line, p, length);
    const char *bytes = decoder->bytes;
    int64_t position = decoder->position;
    int32_t row = decoder->row;
    decoder->raw_shift = p - line;
    decoder->position += p - bytes;
    decoder->bytes = line;
    decoder->raws[row] = NULL;
    json_record(decoder, line, length);
    if (decoder->raws[row] != NULL) {
        decoder->raws[row] = p;
    }
    decoder->raw_shift = 0;
    decoder->position = position;
    decoder->bytes = bytes;
}

static const char *
element_read(JsonDocument *document, const char *p, const char *end, bool is_last) {
    Walk walk = {0};
    const char *after = value_walk(&walk, p, end);
    if (after == NULL && is_last) {
        return document_reject(document, p, end, REJECT_TRUNCATED);
    }
    if (after == NULL && end - p > RECORD_BYTES_MAX) {
        TextError error = {.reject = REJECT_OVERSIZED, .want = RECORD_BYTES_MAX};
        text_reject(document->decoder, p, (size_t)(end - p), &error);
        document->phase = PHASE_SKIPPING;
        document->walk = walk;
        return end;
    }
    if (after == NULL) {
        return p;
    }
    if (after == p) {
        return document_reject(document, p, end, REJECT_TAIL);
    }
    element_decode(document, p, after);
    document->phase = PHASE_NEXT;
    return after;
}

static const char *next_read(JsonDocument *document, const char *p, const char *end) {
    if (*p == ',' && document->phase == PHASE_NEXT) {
        document->phase = PHASE_ELEMENT;
        return p + 1;
    }
    if (*p == ']' && document->phase != PHASE_ELEMENT) {
        document->phase = PHASE_BEHIND;
        return p + 1;
    }
    return document_reject(document, p, end, REJECT_TAIL);
}

static const char *skipping_read(JsonDocument *document, const char *p, const char *end) {
    const char *after = value_walk(&document->walk, p, end);
    document->phase = after == NULL ? PHASE_SKIPPING : PHASE_NEXT;
    return after == NULL ? end : after;
}

// A step within the array; returns p if the text has to go on first.
static const char *
array_read(JsonDocument *document, const char *p, const char *end, bool is_last) {
    if (document->phase == PHASE_SKIPPING) {
        p = skipping_read(document, p, end);
    }
    p = blank_skip(p, end);
    if (p == end) {
        return is_last ? document_reject(document, p, end, REJECT_TRUNCATED) : p;
    }
    bool is_mark = document->phase == PHASE_NEXT || *p == ']';
    return is_mark ? next_read(document, p, end) : element_read(document, p, end, is_last);
}

static const char *
document_step(JsonDocument *document, const char *p, const char *end, bool is_last) {
    switch (document->phase) {
    case PHASE_BEFORE:
        return before_read(document, p, end, is_last);
    case PHASE_FIRST:
    case PHASE_ELEMENT:
    case PHASE_NEXT:
    case PHASE_SKIPPING:
        return array_read(document, p, end, is_last);
    case PHASE_BEHIND:
        return behind_read(document, p, end, is_last);
    case PHASE_OVER:
        break;
    }
    return end;
}

const char *json_document(TextDecoder *decoder, const char *p, const char *end, bool is_last) {
    JsonDocument *document = decoder->document;
    while (decoder->row < FLOW_BATCH_ROWS_MAX) {
        Phase phase = document->phase;
        const char *after = document_step(document, p, end, is_last);
        bool is_stuck = after == p && document->phase == phase;
        p = after;
        if (is_stuck || document->phase == PHASE_OVER) {
            break;
        }
    }
    return document->phase == PHASE_OVER ? end : p;
}
