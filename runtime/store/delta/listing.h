// The names in a `_delta_log`, in the order of versions.
//
// Internal to store. Other names (temporary files, checksums, other engines' folders) are passed
// over.
#ifndef FLOW_STORE_DELTA_LISTING_H
#define FLOW_STORE_DELTA_LISTING_H

#include "sys/sys.h"

typedef struct DeltaCommitName {
    int64_t version;
    int64_t modified_ms;
} DeltaCommitName;

typedef struct DeltaCheckpointName {
    int64_t version;
    int64_t parts; // 0: one classic file
    int64_t found; // of the parts
} DeltaCheckpointName;

typedef struct DeltaListing {
    VEC(DeltaCommitName) commits;         // ascending
    VEC(DeltaCheckpointName) checkpoints; // ascending; may be incomplete
    bool has_other_checkpoints;           // of a form that is not read
} DeltaListing;

NODISCARD Outcome delta_listing_read(Sys *sys,
                                     Arena *arena,
                                     const char *table,
                                     DeltaListing *listing);
bool delta_listing_is_empty(const DeltaListing *listing);
int64_t delta_listing_newest(const DeltaListing *listing);

#endif
