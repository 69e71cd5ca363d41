// Line after line, predicted: the places of a record are nodes, the bytes between two values edges.
// A row that looks like one before it is read by comparing its keys as constants and parsing its
// values in place; nothing is tokenised and no line end is searched for.
//
// A chunk is decoded up to its last line end, and every loop here stops at a line end, so there is
// no other bound to watch.
#include "format/json/json.h"

// Every so many rows it is asked whether prediction pays; if not, so many are read without it.
enum { LOOK_ROWS = 256, LEARNED_MAX = 64, FREE_ROWS = 16384 };

static JsonRows *rows_memory(TextDecoder *decoder) {
    JsonRows *rows = arena_new(&decoder->memory, JsonRows);
    rows->decoder = decoder;
    rows->columns = arena_array(&decoder->memory, JsonNode, decoder->column_count);
    rows->unknowns = arena_array(&decoder->memory, JsonNode, JSON_UNKNOWN_MAX);
    rows->tokens = arena_array(&decoder->memory, JsonToken, decoder->wire_count + 1);
    return rows;
}

JsonRows *json_rows_new(TextDecoder *decoder) {
    JsonRows *rows = rows_memory(decoder);
    rows->until_look = LOOK_ROWS;
    json_node_clear(rows, &rows->begin);
    for (uint32_t i = 0; i < decoder->column_count; i++) {
        TextColumn *column = &decoder->columns[i];
        json_node_clear(rows, &rows->columns[i]);
        rows->columns[i].column = column;
        rows->columns[i].is_required = !column->type->is_nullable && !column->has_default;
        rows->columns[i].parse = json_parse_for(column);
    }
    json_keys_new(rows);
    return rows;
}

// --- steps ---------------------------------------------------------------------------------------

// Most edges are short enough for one comparison.
static inline bool edge_is_at(const JsonEdge *edge, const char *p) {
    uint32_t differs = ~equal16(p, edge->bytes) & edge->need & 0xFFFF;
    if (UNLIKELY(edge->length > 16)) {
        differs |= ~equal16(p + 16, edge->bytes + 16) & edge->need >> 16;
    }
    return differs == 0;
}

// Every so many misses the expectation changes: a file may go on differently than it began.
static const JsonEdge *edge_missed(JsonNode *node, uint32_t index) {
    if (++node->miss_count % 16 != 0) {
        return &node->edges[index];
    }
    JsonEdge first = node->edges[0];
    node->edges[0] = node->edges[index];
    node->edges[index] = first;
    return &node->edges[0];
}

// Five bytes are what the shortest key has, with its quotes, comma and colon.
static uint32_t hint_slot(const char *p) {
    return (uint32_t)((load_u64(p) << 24) * 0x9E3779B97F4A7C15u >> 60);
}

// For keys in any order: what stood where the next bytes were the same is tried first.
static const JsonEdge *edge_search(JsonRows *rows, JsonNode *node, const char *p) {
    uint8_t *hint = &node->hints[hint_slot(p)];
    if (*hint < node->edge_count && edge_is_at(&node->edges[*hint], p)) {
        return edge_missed(node, *hint);
    }
    for (uint32_t i = 0; i < node->edge_count; i++) {
        if (edge_is_at(&node->edges[i], p)) {
            *hint = (uint8_t)i;
            return edge_missed(node, i);
        }
    }
    rows->learned++;
    return json_edge_learn(rows, node, p);
}

static inline const JsonEdge *edge_find(JsonRows *rows, JsonNode *node, const char *p) {
    const JsonEdge *first = &node->edges[0];
    return LIKELY(edge_is_at(first, p)) ? first : edge_search(rows, node, p);
}

// A value in an unusual form.
static const char *value_slow(const JsonRows *rows, TextColumn *column, const char *p, char *slot) {
    JsonScan scan = {.start = p, .end = rows->stop};
    JsonToken token;
    TextError error;
    p = json_scan_value(&scan, p, &token);
    if (p == NULL || json_value(column, &token, slot, &error) != REJECT_NONE) {
        return NULL;
    }
    return p;
}

static inline const char *
value_read(const JsonRows *rows, const JsonNode *node, const char *p, int32_t row) {
    TextColumn *column = node->column;
    if (!node->is_required) {
        if (load_u32(p) == 0x6C6C756E) { // null: it is null already, or has a default
            return LIKELY(!column->has_default) ? p + 4 : NULL;
        }
        *text_validity(column, row) = 1;
    }
    char *slot = text_slot(column, row);
    const char *after = node->parse(column, p, slot);
    return LIKELY(after != NULL) ? after : value_slow(rows, column, p, slot);
}

static const char *unknown_read(const JsonRows *rows, const char *p) {
    if (UNLIKELY(rows->decoder->on_unknown != FLOW_UNKNOWN_IGNORE)) {
        return NULL;
    }
    JsonScan scan = {.start = p, .end = rows->stop};
    JsonToken token;
    return json_scan_value(&scan, p, &token);
}

const char *
json_node_value(const JsonRows *rows, const JsonNode *node, const char *p, int32_t row) {
    return node->column == NULL ? unknown_read(rows, p) : value_read(rows, node, p, row);
}

// --- rows ----------------------------------------------------------------------------------------

// The row at p: behind its line end, or NULL.
static const char *row_predicted(JsonRows *rows, const char *p) {
    const char *begin = p;
    JsonNode *node = &rows->begin;
    uint64_t row_stamp = ++rows->row_stamp;
    uint32_t required_count = 0;
    int64_t unknown_count = 0;
    int32_t row = rows->decoder->row;
    text_row_begin(rows->decoder);
    for (;;) {
        const JsonEdge *edge = edge_find(rows, node, p);
        if (UNLIKELY(edge == NULL)) {
            return NULL;
        }
        p += edge->length;
        node = edge->node;
        if (node->column != NULL) {
            if (UNLIKELY(node->row_stamp == row_stamp)) {
                return NULL; // A second value of the key.
            }
            node->row_stamp = row_stamp;
            required_count += node->is_required;
            p = value_read(rows, node, p, row);
        } else if (node == &rows->end) {
            size_t length = (size_t)(p - begin) - edge->line_end_length;
            if (required_count != rows->decoder->required_count || length > RECORD_BYTES_MAX) {
                return NULL;
            }
            rows->decoder->unknown += unknown_count;
            text_row_done(rows->decoder, begin, length);
            return p;
        } else {
            unknown_count++;
            p = unknown_read(rows, p);
        }
        if (UNLIKELY(p == NULL)) {
            return NULL;
        }
    }
}

// Where keys come in any order, prediction learns more than it knows.
static void prediction_judge(JsonRows *rows) {
    rows->free_count = rows->learned > LEARNED_MAX ? FREE_ROWS : 0;
    rows->learned = 0;
    rows->until_look = LOOK_ROWS;
}

void json_rows_unpredicted(JsonRows *rows) {
    rows->free_count = INT32_MAX;
}

static inline const char *row_next(JsonRows *rows, const char *p) {
    if (rows->free_count > 0) {
        rows->free_count--;
        return json_row_free(rows, p);
    }
    if (UNLIKELY(--rows->until_look == 0)) {
        prediction_judge(rows);
    }
    return row_predicted(rows, p);
}

static const char *row_careful(TextDecoder *decoder, const char *p, const char *stop) {
    const char *line_end = memchr(p, '\n', (size_t)(stop - p));
    json_line(decoder, p, line_end);
    return line_end + 1;
}

void json_record(TextDecoder *decoder, const char *p, size_t length) {
    JsonRows *rows = decoder->json;
    rows->stop = p + length + 1;
    if (decoder->is_careful || row_next(rows, p) == NULL) {
        json_line(decoder, p, p + length);
    }
}

const char *json_rows(TextDecoder *decoder, const char *p, const char *end, bool is_last) {
    JsonRows *rows = decoder->json;
    const char *last = memrchr(p, '\n', (size_t)(end - p));
    const char *stop = last == NULL ? p : last + 1;
    bool is_careful = decoder->is_careful || decoder->format == FLOW_FORMAT_DEBEZIUM;
    rows->stop = stop;
    while (p < stop && decoder->row < FLOW_BATCH_ROWS_MAX) {
        const char *after = is_careful ? NULL : row_next(rows, p);
        p = after != NULL ? after : row_careful(decoder, p, stop);
    }
    if (p == stop && is_last && p < end && decoder->row < FLOW_BATCH_ROWS_MAX) {
        json_line(decoder, p, end);
        p = end;
    }
    return p;
}
