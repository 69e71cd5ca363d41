// Rows of a vector picked by number: what fans rows out copies the columns that go along.
#include "record/record.h"

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
