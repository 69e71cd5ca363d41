// Inside of the NDJSON decoder. Three ways of reading, each the judge of the one before it:
//   predicted  json_rows.c     the key that followed last time, compared whole, and a typed parse
//   stepwise   json_learn.c    any key, any white space, any form of a value: learns what it sees
//   careful    json_line.c     the whole line, strictly; it alone says that a record is bad, and
//   why
// The first two give up with NULL, whatever the cause.
#ifndef FLOW_FORMAT_JSON_H
#define FLOW_FORMAT_JSON_H

#include "format/text.h"

// --- tokens (json_scan.c) ------------------------------------------------------------------------

typedef enum JsonKind {
    JSON_NONE,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_NUMBER,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
} JsonKind;

// A value in the text; of a string without its quotes.
typedef struct JsonToken {
    JsonKind kind;
    bool has_escapes;
    const char *begin;
    const char *end;
} JsonToken;

typedef struct JsonScan {
    const char *start; // of the record: positions in messages count from here
    const char *end;   // of the record
    TextError error;
} JsonScan;

const char *json_kind_text(JsonKind kind); // "an object"
// White space inside of a line: a line end is none.
const char *json_space_skip(const char *p, const char *end);
// The well-formed value at p, whole; returns its end, or NULL and why in scan->error.
const char *json_scan_value(JsonScan *scan, const char *p, JsonToken *token);
// The string whose first byte behind the quote is p.
const char *json_scan_string(JsonScan *scan, const char *p, JsonToken *token);
const char *json_scan_fail(JsonScan *scan, TextReject reject, const char *p, const char *found);
// The text of a string token: the token's own bytes, or in the arena if it has escapes.
const char *json_text(Arena *arena, const JsonToken *token, size_t *length);

// --- values (json_value.c) -----------------------------------------------------------------------

// A token as the column's value; says in *error what is wrong (not which column).
TextReject json_value(TextColumn *column, const JsonToken *token, char *slot, TextError *error);

// Reads the value at p in its usual form; returns its end, or NULL: ask json_value.
typedef const char *(*JsonParseFn)(TextColumn *column, const char *p, char *slot);
JsonParseFn json_parse_for(const TextColumn *column); // json_parse.c

// A list, map or struct (json_nested.c).
TextReject json_nested(TextColumn *column, const JsonToken *token, char *slot, TextError *error);

// The values of some keys of an object that is known to be well-formed; of equal ones the last.
void json_members(TextDecoder *decoder,
                  const JsonToken *object,
                  const char *const *names,
                  uint32_t count,
                  JsonToken *values);
// The same from a whole text that is JSON, as CSV holds it.
TextReject json_nested_text(TextColumn *column, const char *text, size_t length, char *slot);

// --- what follows what (json_learn.c) ------------------------------------------------------------

enum { JSON_EDGE_BYTES_MAX = 32, JSON_EDGES_MAX = 16, JSON_UNKNOWN_MAX = 64 };

struct JsonNode;

// The bytes between two values (`,"amount":`), before the first and behind the last.
typedef struct JsonEdge {
    char bytes[JSON_EDGE_BYTES_MAX];
    uint32_t need; // bit i: byte i must be the same
    uint32_t length;
    uint32_t line_end_length; // of an edge to the end
    struct JsonNode *node;    // what stands behind it
} JsonEdge;

// A place in a record: before it, a column's value, an unknown field's value, behind it.
typedef struct JsonNode {
    JsonParseFn parse;
    TextColumn *column; // NULL: an unknown field
    uint64_t row_stamp; // the row that had it last
    uint32_t is_required;
    uint32_t edge_count;
    uint32_t edge_victim; // which edge goes when there is no room
    const char *unknown_name;
    size_t unknown_length;
    uint32_t miss_count; // how often it was another edge than the first
    uint8_t hints[16];   // by the next bytes: which edge it was when they looked like that
    JsonEdge edges[JSON_EDGES_MAX];
} JsonNode;

// A short name of a field, found by its bytes.
typedef struct JsonKey {
    Text16 key; // the last byte is the length
    JsonNode *node;
} JsonKey;

struct JsonRows {
    TextDecoder *decoder;
    JsonKey *keys; // a table with free places; their node is NULL
    uint32_t key_mask;
    JsonNode nobody;    // a field that is not looked up again
    uint32_t learned;   // edges since the last look at them
    int32_t free_count; // rows that are still read without prediction
    int32_t until_look; // rows until the next look
    JsonNode begin;
    JsonNode end;
    JsonNode nowhere;
    JsonNode *columns; // by column index
    JsonNode *unknowns;
    uint32_t unknown_count;
    JsonEdge unlearned; // an edge too long to be kept
    JsonToken *tokens;  // of the careful decoder, by wire
    uint64_t row_stamp;
    const char *stop; // behind the last line end of the chunk
};

// A node without edges: its first one is a line end, which leads to a place that takes no line
// ends, so that the predicted step has nothing else to look at.
void json_node_clear(JsonRows *rows, JsonNode *node);
// Reads what stands at p after `node`'s value and remembers it; NULL if it is not simple.
const JsonEdge *json_edge_learn(JsonRows *rows, JsonNode *node, const char *p);

// --- keys in any order (json_free.c) -------------------------------------------------------------
void json_keys_new(JsonRows *rows);
// The row at p, whatever the order of its keys; NULL: it is not simple.
const char *json_row_free(JsonRows *rows, const char *p);
// Reads what stands at p as the node's value, or passes over it; NULL: ask the careful way.
const char *json_node_value(const JsonRows *rows, const JsonNode *node, const char *p, int32_t row);

// --- records (json_line.c) -----------------------------------------------------------------------

// An object that is a row, found in a record.
typedef struct JsonRow {
    JsonToken object; // JSON_NONE: it has no fields
    FlowOperation operation;
    uint32_t excuse; // FLOW_EXCUSED_*
} JsonRow;

// The scan's text as one well-formed object; false and scan->error if it is none.
bool json_whole(JsonScan *scan, JsonToken *object);
// The row's columns into the batch; false and scan->error.
bool json_row_decode(TextDecoder *decoder, const JsonRow *row, JsonScan *scan);
// The row that was just decoded has no value for the column.
bool json_row_lacks(const TextDecoder *decoder, const TextColumn *column);
void json_envelope(TextDecoder *decoder, const char *p, size_t length); // json_envelope.c

// A whole record, its line end behind it (json_rows.c).
void json_record(TextDecoder *decoder, const char *p, size_t length);
// A copy of the value on one line, with a line end and slack behind it (json_document.c).
void json_line_copy(char *line, const char *p, size_t length);

// Decodes the record in [p, end), its line end left out.
void json_line(TextDecoder *decoder, const char *p, const char *end);

#endif
