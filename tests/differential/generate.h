// Random programs with random input, from a seed: the same seed gives the same case everywhere.
//
// Half of the cases (`has_sql`) keep to what SQL says too: no expression in them can fail, and
// `sql` is a question to DuckDB whose answer must be the rows that the program prints. The other
// half goes for the edges: overflow, failing casts, divisions by zero, records that break the
// contract.
#ifndef FLOW_GENERATE_H
#define FLOW_GENERATE_H

#include "base/base.h"

typedef struct Case {
    uint64_t seed;
    bool has_sql;
    Buffer program; // prints to stdout, writes lake/side, rejects into lake/dlq
    Buffer data;    // rows.ndjson
    Buffer others;  // others.ndjson
    Buffer sql;
} Case;

void case_make(uint64_t seed, Case *made);
void case_free(Case *made);

#endif
