// Single values of vectors: rows picked by number, for what fans rows out and copies the columns
// that go along, and key bytes.
#include "record/record.h"

#include "scalar/scalar.h"

#define GATHER(bytes)                                                                              \
    for (uint32_t i = 0; i < count; i++) {                                                         \
        memcpy(to + (size_t)i * (bytes), from + (size_t)rows[i] * (bytes), bytes);                 \
    }

static void
values_gather(const char *from, char *to, const int32_t *rows, uint32_t count, uint32_t width) {
    switch (width) {
    case 1:
        GATHER(1)
        break;
    case 2:
        GATHER(2)
        break;
    case 4:
        GATHER(4)
        break;
    case 8:
        GATHER(8)
        break;
    default:
        GATHER(16)
        break;
    }
}

void column_gather(const FlowTypeDesc *type,
                   const FlowColumn *from,
                   const FlowColumn *to,
                   const int32_t *rows,
                   uint32_t count) {
    values_gather(from->values,
                  to->values,
                  rows,
                  count,
                  flow_kind_width((FlowKind)type->kind, type->precision));
    if (to->validity == NULL) {
        return;
    }
    if (from->validity == NULL) {
        memset(to->validity, 1, count);
    } else {
        values_gather(from->validity, to->validity, rows, count, 1);
    }
}

// Integers, the most frequent keys, don't take the way through a value.
static bool is_whole_number(FlowKind kind) {
    return kind <= FLOW_INT64 || kind == FLOW_DATE || kind == FLOW_TIMESTAMP ||
           kind == FLOW_DURATION;
}

bool column_key_append(const FlowTypeDesc *type,
                       const FlowColumn *column,
                       uint32_t row,
                       Buffer *key) {
    enum { WHOLE_NUMBER_BYTES = 9 };
    bool is_null = column->validity != NULL && ((const uint8_t *)column->validity)[row] == 0;
    FlowValue value = is_null ? (FlowValue){0} : value_load(type, column->values, row);
    if (!is_null && is_whole_number((FlowKind)type->kind)) {
        buffer_reserve(key, WHOLE_NUMBER_BYTES);
        flow_h_key_i64(key->data + key->length, value.i64);
        key->length += WHOLE_NUMBER_BYTES;
    } else {
        key_append(key, type, is_null, &value);
    }
    return !is_null;
}
