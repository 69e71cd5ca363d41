// cursor: the bytes of a block, read one value after the other, never past their end.
//
// Private to avro. Whoever meets bytes that cannot be says so in `is_damaged` and goes on with
// zeros; the next record is not read then.
#ifndef FLOW_AVRO_CURSOR_H
#define FLOW_AVRO_CURSOR_H

#include "format/avro/schema.h"

typedef struct AvroCursor {
    const uint8_t *next;
    const uint8_t *end;
    bool is_damaged;
} AvroCursor;

static inline size_t avro_left(const AvroCursor *cursor) {
    return (size_t)(cursor->end - cursor->next);
}

static inline void avro_damage(AvroCursor *cursor) {
    cursor->is_damaged = true;
    cursor->next = cursor->end;
}

int64_t avro_long_slow(AvroCursor *cursor);

// Zigzag in groups of seven bits, the lowest first.
static inline int64_t avro_long(AvroCursor *cursor) {
    if (cursor->next < cursor->end && *cursor->next < 0x80) {
        uint8_t byte = *cursor->next++;
        return (int64_t)(byte >> 1) ^ -(int64_t)(byte & 1);
    }
    return avro_long_slow(cursor);
}

// `length` bytes; NULL if there are fewer.
static inline const uint8_t *avro_take(AvroCursor *cursor, int64_t length) {
    if (length < 0 || (uint64_t)length > avro_left(cursor)) {
        avro_damage(cursor);
        return NULL;
    }
    const uint8_t *bytes = cursor->next;
    cursor->next += length;
    return bytes;
}

// A block of an array or map: how many items follow, 0 at the end. `bytes` is how many bytes they
// take, or -1 if that is not said. Items that take bytes cannot be more than there are bytes.
int64_t avro_items(AvroCursor *cursor, bool are_empty, int64_t *bytes);
// Which branch of a union, or symbol of an enum; 0 if it is none of `count`.
uint32_t avro_choice(AvroCursor *cursor, uint32_t count);
// Passes over a value; `depth` is how many types it stands in.
void avro_skip(AvroCursor *cursor, const AvroType *type, uint32_t depth);

#endif
