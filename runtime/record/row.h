// The form of rows as bytes: what row.c and row_nested.c share.
#ifndef FLOW_RECORD_ROW_H
#define FLOW_RECORD_ROW_H

#include "record/record.h"

typedef enum RowFieldKind { ROW_FIELD_FIXED, ROW_FIELD_VIEW, ROW_FIELD_NESTED } RowFieldKind;

#define ROW_NO_NULL UINT32_MAX

// A view of more than 12 bytes and a nested value have their place in the row, counted from its
// begin, where the pointer was.
typedef struct RowField {
    const FlowTypeDesc *type;
    RowFieldKind kind;
    uint32_t width;
    uint32_t offset;
    uint32_t null_bit; // set: there is a value
} RowField;

struct RowForm {
    RowField *fields;
    uint32_t count;
    uint32_t null_bytes;
    uint32_t fixed_bytes;
    bool is_fixed; // all rows have the same length
};

void row_nested_write(Buffer *out, const FlowTypeDesc *type, const FlowNested *value);
const FlowNested *row_nested_read(Arena *arena, const FlowTypeDesc *type, const char **at);

#endif
