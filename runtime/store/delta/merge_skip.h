// Which files a merge need not read: those whose statistics or partition exclude all changed keys.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_MERGE_SKIP_H
#define FLOW_STORE_DELTA_MERGE_SKIP_H

#include "store/delta/change.h"

typedef struct DeltaSkip {
    const DeltaChanges *changes;
    const uint32_t *sorted;        // the changes in key order
    const FlowColumnDesc *columns; // of the table
    const int32_t *keys;           // among them
    const bool *is_routed;         // by column: a partition column?
} DeltaSkip;

bool delta_skip_may_match(const DeltaSkip *skip, const DeltaFile *file);

#endif
