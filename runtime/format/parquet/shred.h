// shred: nested values that are written: schema, leaves, and a row cut into levels and values.
//
// Private to parquet. Everything is OPTIONAL but the key of a map and fields of structs that are
// never null; lists and maps have the standard three levels (store.md 4.4).
#ifndef FLOW_PARQUET_SHRED_H
#define FLOW_PARQUET_SHRED_H

#include "format/parquet/output.h"

// A field of the table, or a part of one.
typedef struct ParquetShred {
    const FlowTypeDesc *type;
    uint8_t definition; // the level at which it is there
    uint8_t repetition; // of lists and maps: the level of a further item
    uint32_t column;    // its first leaf among the output's columns
    uint32_t column_count;
    struct ParquetShred *children;
    uint32_t child_count;
} ParquetShred;

static inline bool parquet_is_nested(const FlowTypeDesc *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}

// How many elements and leaves the schema of these fields has.
void parquet_shred_count(const FlowColumnDesc *fields,
                         int64_t field_count,
                         uint32_t *element_count,
                         uint32_t *column_count);
// Adds the fields to the output's schema, in order; one shred for each.
void parquet_shred_schema(ParquetOutput *output,
                          const FlowColumnDesc *fields,
                          uint32_t field_count,
                          ParquetShred *shreds);
// One row of a nested field; `value` NULL: null.
void parquet_shred_row(ParquetOutput *output, const ParquetShred *shred, const FlowValue *value);

#endif
