// What keyed state of every kind is told when it is made.
#ifndef FLOW_STATE_OPTIONS_H
#define FLOW_STATE_OPTIONS_H

#include "record/record.h"
#include "sys/sys.h"

typedef struct StateOptions {
    uint32_t part_count;   // who adds rows at the same time: a part for each worker
    uint64_t memory_bytes; // what it may keep in memory; 0: no bound
    const char *directory; // where the rest goes
} StateOptions;

// Rows that a worker adds to its part.
typedef struct StateRows {
    const FlowBatch *batch; // the selected ones
    const int32_t *slots;
    uint32_t part;
    int32_t pipeline; // of the batch's root: tells rows without a source apart
} StateRows;

#endif
