// schema: what the records of an Avro file look like, as the file says it itself.
//
// Private to avro. Types that are named may stand in themselves, so a schema is no tree: who walks
// along with a record's bytes counts the depth.
#ifndef FLOW_AVRO_SCHEMA_H
#define FLOW_AVRO_SCHEMA_H

#include "base/base.h"

typedef enum AvroKind {
    AVRO_NULL,
    AVRO_BOOLEAN,
    AVRO_INT,
    AVRO_LONG,
    AVRO_FLOAT,
    AVRO_DOUBLE,
    AVRO_BYTES,
    AVRO_STRING,
    AVRO_FIXED,
    AVRO_ENUM,
    AVRO_RECORD,
    AVRO_ARRAY,
    AVRO_MAP,
    AVRO_UNION,
} AvroKind;

typedef enum AvroLogical {
    AVRO_PLAIN,
    AVRO_DATE,
    AVRO_TIME, // of day: Flow has no such type
    AVRO_TIMESTAMP,
    AVRO_DECIMAL,
    AVRO_UUID,
} AvroLogical;

typedef struct AvroType AvroType;
typedef struct AvroStep AvroStep;

// A field of a record, a branch of a union, the items of an array, the values of a map.
typedef struct AvroPart {
    const char *name; // of fields, else NULL
    const AvroType *type;
} AvroPart;

struct AvroType {
    AvroKind kind;
    AvroLogical logical;
    int64_t multiplier; // TIMESTAMP: to microseconds
    int64_t divisor;
    int32_t scale;    // DECIMAL
    int64_t size;     // FIXED: bytes
    const char *name; // of FIXED, ENUM, RECORD: with its namespace
    AvroPart *parts;
    uint32_t part_count;
    const char **symbols; // ENUM
    uint32_t symbol_count;
    bool is_empty;         // a value takes no bytes at all
    const AvroStep *shown; // how it is read to be shown: of types without parts; set by resolve.c
};

typedef struct AvroSchema {
    const AvroType *root;
    AvroType **types; // all of them
    uint32_t type_count;
} AvroSchema;

typedef enum AvroSchemaResult {
    AVRO_SCHEMA_OK,
    AVRO_SCHEMA_BAD,   // it is no schema
    AVRO_SCHEMA_LARGE, // more than AVRO_TYPES_MAX
} AvroSchemaResult;

// Everything lies in the arena.
AvroSchemaResult
avro_schema_read(Arena *arena, const char *text, size_t length, AvroSchema *schema);

#endif
