// Step by step through a line that the prediction did not know: what stands between two values is
// read token by token and remembered as an edge, so that the next such line is a matter of
// comparing. Files written by one program have few edges, whatever their order and white space.
#include "format/json/json.h"

// One step: the place before it and where we are.
typedef struct Step {
    JsonRows *rows;
    JsonNode *node;
    const char *begin;
} Step;

// --- edges ---------------------------------------------------------------------------------------

void json_node_clear(JsonRows *rows, JsonNode *node) {
    node->edge_count = 0;
    node->edges[0] = (JsonEdge){.bytes = "\n", .need = 1, .node = &rows->nowhere};
}

static JsonEdge *edge_room(Step *step, size_t length) {
    JsonNode *node = step->node;
    if (length > JSON_EDGE_BYTES_MAX) {
        return &step->rows->unlearned;
    }
    if (node->edge_count < JSON_EDGES_MAX) {
        return &node->edges[node->edge_count++];
    }
    node->edge_victim = (node->edge_victim + 1) % JSON_EDGES_MAX;
    return &node->edges[node->edge_victim];
}

static JsonEdge *edge_new(Step *step, const char *end, JsonNode *target) {
    size_t length = (size_t)(end - step->begin);
    JsonEdge *edge = edge_room(step, length);
    size_t kept = length <= JSON_EDGE_BYTES_MAX ? length : 0;
    memset(edge->bytes, 0, sizeof(edge->bytes));
    memcpy(edge->bytes, step->begin, kept);
    edge->need = kept == JSON_EDGE_BYTES_MAX ? UINT32_MAX : (1u << kept) - 1;
    edge->length = (uint32_t)length;
    edge->line_end_length = 0;
    edge->node = target;
    return edge;
}

// --- unknown fields ------------------------------------------------------------------------------

static JsonNode *unknown_node(JsonRows *rows, const char *name, size_t length) {
    for (uint32_t i = 0; i < rows->unknown_count; i++) {
        JsonNode *node = &rows->unknowns[i];
        if (node->unknown_length == length && memcmp(node->unknown_name, name, length) == 0) {
            return node;
        }
    }
    if (rows->unknown_count == JSON_UNKNOWN_MAX) {
        return &rows->unknowns[JSON_UNKNOWN_MAX - 1]; // Stands for all the others too.
    }
    JsonNode *node = &rows->unknowns[rows->unknown_count++];
    node->unknown_name = arena_copy(&rows->decoder->memory, name, length);
    node->unknown_length = length;
    json_node_clear(rows, node);
    return node;
}

static JsonNode *node_named(JsonRows *rows, const char *name, size_t length) {
    const TextWire *wire = text_wire_find(rows->decoder, name, length);
    return wire != NULL ? &rows->columns[wire->column->index] : unknown_node(rows, name, length);
}

// --- the step ------------------------------------------------------------------------------------

// The key at p: `"name" :` and what stands before the value.
static const JsonEdge *key_step(Step *step, const char *p) {
    const char *stop = step->rows->stop;
    JsonScan scan = {.start = p, .end = stop};
    JsonToken key;
    p = json_scan_string(&scan, p + 1, &key);
    if (p == NULL || key.has_escapes) {
        return NULL;
    }
    p = json_space_skip(p, stop);
    if (*p != ':') {
        return NULL;
    }
    p = json_space_skip(p + 1, stop);
    JsonNode *target = node_named(step->rows, key.begin, (size_t)(key.end - key.begin));
    return edge_new(step, p, target);
}

// The closing bracket at p and its line end.
static const JsonEdge *end_step(Step *step, const char *p) {
    p = json_space_skip(p + 1, step->rows->stop);
    if (*p != '\n') {
        return NULL;
    }
    JsonEdge *edge = edge_new(step, p + 1, &step->rows->end);
    edge->line_end_length = p[-1] == '\r' ? 2 : 1;
    return edge;
}

// All of it lies before the line's end, so nothing here runs out of the chunk.
const JsonEdge *json_edge_learn(JsonRows *rows, JsonNode *node, const char *p) {
    Step step = {.rows = rows, .node = node, .begin = p};
    bool is_begin = node == &rows->begin;
    p = json_space_skip(p, rows->stop);
    if (*p == '}' && !is_begin) {
        return end_step(&step, p);
    }
    if (*p != (is_begin ? '{' : ',')) {
        return NULL;
    }
    p = json_space_skip(p + 1, rows->stop);
    if (*p == '}' && is_begin) {
        return end_step(&step, p);
    }
    return *p == '"' ? key_step(&step, p) : NULL;
}
