// generate: records that nobody wrote, for sources that have no data yet and for tests.
//
// Includes abi, base, scalar. A Generator writes NDJSON lines for the decoder of a source; a line
// is a function of (seed, row, attempt) alone, so that pieces can be made in any order and by any
// thread. What a contract's checks say of a column comes as FlowRecipe; what they say beyond that
// is for the caller to judge, who asks for the same row with another attempt. One thread uses one
// Generator; whoever made it frees it.
#ifndef FLOW_GENERATE_H
#define FLOW_GENERATE_H

#include "base/base.h"

typedef struct Generator Generator;

// `source` has a FlowSource.generate and stays valid. OUTCOME_REFUSED: so many records can't differ
// in what has to be distinct.
NODISCARD Outcome generator_new(const FlowSource *source, Failure *failure, Generator **generator);
void generator_free(Generator *generator);
// Appends the line of a row, with its line end. Columns that have to be distinct differ between all
// rows, whatever their attempts.
void generator_record(Generator *generator, int64_t row, int64_t attempt, Buffer *out);
// The value of one column of that row, which lives in the arena; false: null. Where a line would
// leave a column out for its default, there is a value.
bool generator_value(Generator *generator,
                     Arena *arena,
                     uint32_t column,
                     int64_t row,
                     int64_t attempt,
                     FlowValue *value);
// A value as the source's records have it: in the column's `format`, if it has one. `wire` may be
// NULL.
void generate_json(const FlowWire *wire, const FlowTypeDesc *type, FlowValue value, Buffer *out);
void generate_text(const FlowWire *wire, const FlowTypeDesc *type, FlowValue value, Buffer *out);

#endif
