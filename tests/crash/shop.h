// A program with every kind of durable output, for tests in which it dies: one source, a table that
// is appended to, one that is merged into, files, a DLQ.
#ifndef FLOW_CRASH_SHOP_H
#define FLOW_CRASH_SHOP_H

#include "checkpoint/checkpoint.h"
#include "engine/engine.h"
#include "store/store.h"
#include "sys/sys_memory.h"

// They read in/*.ndjson: {"id": 1, "kind": "odd"}
extern const FlowProgram shop_program;
extern const FlowProgram shop_totals_program; // with rows and ids summed up by kind, too

// Rows of each output; ids are summed up, so that one lost and another doubled does not pass.
typedef struct Visible {
    int64_t appended;
    int64_t appended_ids;
    int64_t merged;
    int64_t merged_ids;
    int64_t totalled; // rows, as the totals say
    int64_t totalled_ids;
    int64_t lines;
    int64_t rejected;
} Visible;

Visible shop_visible(Sys *sys);

#endif
