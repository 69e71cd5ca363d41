// Rows whose keys come in any order and with blanks anywhere: key after key is looked up by its
// bytes. What is not simple, be it valid or not, is left to the careful way.
#include "format/json/json.h"

enum { KEY_SHORT_MAX = 15 };

// --- keys ----------------------------------------------------------------------------------------

static inline uint32_t key_slot(const JsonRows *rows, Text16 key) {
    uint64_t mixed = (key.low ^ (key.high * 0x9E3779B97F4A7C15u)) * 0xD6E8FEB86659FD93u;
    return (uint32_t)(mixed >> 32) & rows->key_mask;
}

static inline Text16 key_load(const char *p, uint32_t length) {
    Text16 key = text16_load(p, length);
    key.high |= (uint64_t)length << 56;
    return key;
}

static bool is_plain(const TextWire *wire) {
    return wire->length <= KEY_SHORT_MAX && strpbrk(wire->name, "\"\\") == NULL;
}

static void key_add(JsonRows *rows, const TextWire *wire) {
    char bytes[32] = {0};
    memcpy(bytes, wire->name, wire->length);
    Text16 key = key_load(bytes, (uint32_t)wire->length);
    uint32_t slot = key_slot(rows, key);
    while (rows->keys[slot].node != NULL) {
        slot = (slot + 1) & rows->key_mask;
    }
    rows->keys[slot] = (JsonKey){key, &rows->columns[wire->column->index]};
}

void json_keys_new(JsonRows *rows) {
    TextDecoder *decoder = rows->decoder;
    uint32_t size = 16;
    while (size < decoder->wire_count * 4) {
        size *= 2;
    }
    rows->keys = arena_array(&decoder->memory, JsonKey, size);
    rows->key_mask = size - 1;
    for (uint32_t i = 0; i < decoder->wire_count; i++) {
        if (is_plain(&decoder->wires[i])) {
            key_add(rows, &decoder->wires[i]);
        }
    }
}

static inline const JsonKey *key_find(const JsonRows *rows, Text16 key) {
    uint32_t slot = key_slot(rows, key);
    const JsonKey *found = &rows->keys[slot];
    while (found->node != NULL && (found->key.low != key.low || found->key.high != key.high)) {
        slot = (slot + 1) & rows->key_mask;
        found = &rows->keys[slot];
    }
    return found;
}

// A key that is long or not in the contract; *node NULL: it has escapes or is no text.
static const char *key_slow(JsonRows *rows, const char *p, JsonNode **node) {
    JsonScan scan = {.start = p, .end = rows->stop};
    JsonToken key;
    p = json_scan_string(&scan, p, &key);
    *node = NULL;
    if (p != NULL && !key.has_escapes) {
        const TextWire *wire =
            text_wire_find(rows->decoder, key.begin, (size_t)(key.end - key.begin));
        *node = wire == NULL ? &rows->nobody : &rows->columns[wire->column->index];
    }
    return p;
}

// The key whose first byte behind the quote is p; returns what is behind its closing quote.
static inline const char *name_read(JsonRows *rows, const char *p, JsonNode **node) {
    uint32_t quotes = find16(p, '"');
    uint32_t length = (uint32_t)__builtin_ctz(quotes | 1u << 16);
    if (LIKELY(length <= KEY_SHORT_MAX)) {
        *node = key_find(rows, key_load(p, length))->node;
        if (LIKELY(*node != NULL)) {
            return p + length + 1;
        }
    }
    return key_slow(rows, p, node);
}

// --- rows ----------------------------------------------------------------------------------------

static inline const char *blank_skip(const char *p) {
    while (UNLIKELY(*p == ' ' || *p == '\t' || *p == '\r')) {
        p++;
    }
    return p;
}

// A member whose opening quote is at p: behind its value, or NULL.
static inline const char *
member_read(JsonRows *rows, const char *p, uint32_t *required_count, int64_t *unknown_count) {
    JsonNode *node;
    if (*p != '"') {
        return NULL;
    }
    p = name_read(rows, p + 1, &node);
    if (UNLIKELY(node == NULL || node->row_stamp == rows->row_stamp)) {
        return NULL; // not simple, or a second value of the key
    }
    p = blank_skip(p);
    if (*p != ':') {
        return NULL;
    }
    if (node == &rows->nobody) {
        (*unknown_count)++;
    } else {
        node->row_stamp = rows->row_stamp;
        *required_count += node->is_required;
    }
    return json_node_value(rows, node, blank_skip(p + 1), rows->decoder->row);
}

// Every loop stops at a line end, as in json_rows.c.
const char *json_row_free(JsonRows *rows, const char *p) {
    const char *begin = p;
    uint32_t required_count = 0;
    int64_t unknown_count = 0;
    rows->row_stamp++;
    text_row_begin(rows->decoder);
    p = blank_skip(p);
    if (*p != '{') {
        return NULL;
    }
    do {
        p = member_read(rows, blank_skip(p + 1), &required_count, &unknown_count);
        p = p == NULL ? NULL : blank_skip(p);
    } while (p != NULL && *p == ',');
    if (p == NULL || *p != '}') {
        return NULL;
    }
    const char *end = blank_skip(p + 1);
    size_t length = (size_t)(end - begin) - (end[-1] == '\r');
    if (*end != '\n' || required_count != rows->decoder->required_count ||
        length > RECORD_BYTES_MAX) {
        return NULL;
    }
    rows->decoder->unknown += unknown_count;
    text_row_done(rows->decoder, begin, length);
    return end + 1;
}
