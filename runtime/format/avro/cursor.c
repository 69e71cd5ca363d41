// Moving through the bytes of records.
#include "format/avro/cursor.h"

int64_t avro_long_slow(AvroCursor *cursor) {
    uint64_t bits = 0;
    for (uint32_t shift = 0; shift < 64 && cursor->next < cursor->end; shift += 7) {
        uint64_t byte = *cursor->next++;
        bits |= (byte & 0x7F) << shift;
        if (byte < 0x80) {
            if (shift == 63 && byte > 1) {
                break;
            }
            return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
        }
    }
    avro_damage(cursor);
    return 0;
}

int64_t avro_items(AvroCursor *cursor, bool are_empty, int64_t *bytes) {
    int64_t count = avro_long(cursor);
    *bytes = -1;
    if (count < 0) {
        *bytes = avro_long(cursor);
        count = count == INT64_MIN ? INT64_MAX : -count;
        if (*bytes < 0 || (uint64_t)*bytes > avro_left(cursor)) {
            avro_damage(cursor);
        }
    }
    if (!are_empty && (uint64_t)count > avro_left(cursor)) {
        avro_damage(cursor);
    }
    return cursor->is_damaged ? 0 : count;
}

uint32_t avro_choice(AvroCursor *cursor, uint32_t count) {
    int64_t choice = avro_long(cursor);
    if (choice < 0 || choice >= (int64_t)count) {
        avro_damage(cursor);
        return 0;
    }
    return (uint32_t)choice;
}

// --- passing over --------------------------------------------------------------------------------
static void items_skip(AvroCursor *cursor, const AvroType *type, uint32_t depth) {
    bool is_map = type->kind == AVRO_MAP;
    const AvroType *item = type->parts[0].type;
    bool are_empty = item->is_empty && !is_map;
    int64_t bytes;
    for (int64_t count = avro_items(cursor, are_empty, &bytes); count > 0;
         count = avro_items(cursor, are_empty, &bytes)) {
        if (bytes >= 0 || are_empty) {
            (void)avro_take(cursor, bytes < 0 ? 0 : bytes);
            continue;
        }
        for (int64_t i = 0; i < count && !cursor->is_damaged; i++) {
            if (is_map) {
                (void)avro_take(cursor, avro_long(cursor));
            }
            avro_skip(cursor, item, depth);
        }
    }
}

static void parts_skip(AvroCursor *cursor, const AvroType *type, uint32_t depth) {
    if (depth == AVRO_DEPTH_MAX) {
        avro_damage(cursor);
        return;
    }
    if (type->kind == AVRO_UNION) {
        avro_skip(cursor, type->parts[avro_choice(cursor, type->part_count)].type, depth + 1);
        return;
    }
    if (type->kind != AVRO_RECORD) {
        items_skip(cursor, type, depth + 1);
        return;
    }
    for (uint32_t i = 0; i < type->part_count && !cursor->is_damaged; i++) {
        avro_skip(cursor, type->parts[i].type, depth + 1);
    }
}

void avro_skip(AvroCursor *cursor, const AvroType *type, uint32_t depth) {
    switch (type->kind) {
    case AVRO_NULL:
        return;
    case AVRO_BOOLEAN:
        (void)avro_take(cursor, 1);
        return;
    case AVRO_INT:
    case AVRO_LONG:
        (void)avro_long(cursor);
        return;
    case AVRO_ENUM:
        (void)avro_choice(cursor, type->symbol_count);
        return;
    case AVRO_FLOAT:
        (void)avro_take(cursor, 4);
        return;
    case AVRO_DOUBLE:
        (void)avro_take(cursor, 8);
        return;
    case AVRO_BYTES:
    case AVRO_STRING:
        (void)avro_take(cursor, avro_long(cursor));
        return;
    case AVRO_FIXED:
        (void)avro_take(cursor, type->size);
        return;
    case AVRO_RECORD:
    case AVRO_ARRAY:
    case AVRO_MAP:
    case AVRO_UNION:
        parts_skip(cursor, type, depth);
        return;
    }
}
