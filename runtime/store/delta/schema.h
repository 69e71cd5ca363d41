// A table's schema: the schemaString as Flow columns, and new ones.
//
// Internal to store. Columns live in the arena; unknown field metadata stays in the schemaString.
#ifndef FLOW_STORE_DELTA_SCHEMA_H
#define FLOW_STORE_DELTA_SCHEMA_H

#include "store/delta/action.h"

#define DELTA_SEQUENCE_NAME "_sequence"
// The columns of a history.
#define DELTA_VALID_FROM "valid_from"
#define DELTA_VALID_TO "valid_to"
#define DELTA_IS_CURRENT "is_current"

typedef struct DeltaColumn {
    FlowColumnDesc desc;
    bool is_partition;
    bool is_required; // the log says nullable:false
    bool has_rule;    // an invariant, a generation rule, an identity: we cannot write this table
    bool has_default; // may not be left out by a writer
} DeltaColumn;

typedef struct DeltaSchema {
    VEC(DeltaColumn) columns; // all that users see
    // `_sequence` of a merged table: one type (a plain column), or several (a struct), or none.
    FlowColumnDesc *sequence; // named `_sequence`, or by the struct's fields
    uint32_t sequence_count;
    bool sequence_is_struct;
} DeltaSchema;

// NULL, or why it cannot be read ("column x has type array, which …").
const char *delta_schema_parse(Arena *arena, const DeltaMetadata *metadata, DeltaSchema *schema);
int32_t delta_schema_find(const DeltaSchema *schema,
                          const char *name); // FLOW_NO_INDEX: no such column

// The schemaString of a new table; partition columns are nullable in the log whatever their type.
typedef struct DeltaSchemaNew {
    const FlowColumnDesc *columns;
    uint32_t column_count;
    const DeltaNames *partition;
    const FlowColumnDesc *sequence; // order columns of a merged table
    uint32_t sequence_count;
} DeltaSchemaNew;
const char *delta_schema_new(Arena *arena, const DeltaSchemaNew *wanted);
// An existing schemaString with `_sequence` behind its fields.
const char *delta_schema_with_sequence(Arena *arena,
                                       const char *schema,
                                       const FlowColumnDesc *sequence,
                                       uint32_t count);
// With columns behind its fields; rows that are there are null in them.
const char *delta_schema_with_columns(Arena *arena,
                                      const char *schema,
                                      const FlowColumnDesc *columns,
                                      uint32_t count);
// NULL, or why such columns cannot be added.
const char *delta_schema_check_added(Arena *arena,
                                     const DeltaSchema *schema,
                                     const FlowColumnDesc *columns,
                                     uint32_t count);
// NULL, or why a table cannot have such columns.
const char *delta_schema_check_new(Arena *arena, const DeltaSchemaNew *wanted);

bool delta_type_is_same(const FlowTypeDesc *a, const FlowTypeDesc *b);    // as Delta stores them
bool delta_type_admits(const FlowTypeDesc *to, const FlowTypeDesc *from); // nulls, part by part
const char *delta_type_text(Arena *arena, const FlowTypeDesc *type);      // as LANGUAGE 2 writes it

#endif
