// resolve: how a type of a file becomes a type of Flow, settled once, and values read that way.
//
// Private to avro. A step stands for a pair of types. What loses something is no way: then the step
// is UNFIT and only passes over the value. Steps lie in the arena that they are given.
#ifndef FLOW_AVRO_RESOLVE_H
#define FLOW_AVRO_RESOLVE_H

#include "format/avro/cursor.h"
#include "format/entries.h"
#include "format/text.h"

typedef enum AvroOp {
    AVRO_OP_UNFIT,
    AVRO_OP_NULL,
    AVRO_OP_BOOL,
    AVRO_OP_INTEGER,
    AVRO_OP_INTEGER_DECIMAL, // an integer as a decimal
    AVRO_OP_INTEGER_FLOAT,   // an int as a float64
    AVRO_OP_FLOAT,
    AVRO_OP_DOUBLE,
    AVRO_OP_TEXT, // verified
    AVRO_OP_BYTES,
    AVRO_OP_ENUM,   // of a text
    AVRO_OP_PARSE,  // a map's key, which is a text whatever it is a text of
    AVRO_OP_SYMBOL, // as a text
    AVRO_OP_CODE,   // of a symbol
    AVRO_OP_DECIMAL,
    AVRO_OP_UUID, // of 16 bytes, as a text
    AVRO_OP_STRUCT,
    AVRO_OP_LIST,
    AVRO_OP_MAP,
    AVRO_OP_ENTRIES, // a map as an array of records of key and value
    AVRO_OP_UNION,
} AvroOp;

struct AvroStep {
    AvroOp op;
    const AvroType *from;
    const FlowTypeDesc *to;
    int64_t multiplier; // INTEGER
    int64_t divisor;
    int64_t min;
    int64_t max;
    const AvroStep **parts; // STRUCT: of each field of the file, NULL: passed over; LIST: of items;
                            // MAP, ENTRIES: of keys and of values; UNION: of branches
    int32_t *places;        // STRUCT: the field of each field of the file; CODE: of each symbol
    bool lacks_field;       // STRUCT: one whose type has no `?`
};

typedef struct AvroResolver {
    Arena *arena;
    int64_t unit_us;        // timestamps that are plain numbers count these; 0: they do not fit
    VEC(AvroStep *) shared; // of records, which may stand in several places
} AvroResolver;

const AvroStep *avro_resolve(AvroResolver *resolver, const AvroType *from, const FlowTypeDesc *to);
// Sets AvroType.shown of the types without parts.
void avro_resolve_shown(AvroResolver *resolver, const AvroSchema *schema);

// What values are read with. A value that does not fit is read all the same, and the first fault
// kept.
typedef struct AvroReading {
    AvroCursor cursor;
    Arena *arena; // where nested values and made texts go
    Buffer items; // FormatItems of the values that are being read
    uint32_t items_left;
    TextReject fault;
    const char *found;
} AvroReading;

// One value; texts point into the block. `item` is not valid where there is none.
void avro_value(AvroReading *reading, const AvroStep *step, uint32_t depth, FormatItem *item);
// One value as JSON, as the file has it.
void avro_show(AvroReading *reading, const AvroType *type, uint32_t depth, Buffer *out);

#endif
