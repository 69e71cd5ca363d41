// When the commits of a table were made.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_HISTORY_H
#define FLOW_STORE_DELTA_HISTORY_H

#include "store/delta/listing.h"

typedef struct DeltaCommitTimes {
    DeltaListing listing;
    int64_t *ms;      // of each commit of the listing
    int64_t since;    // the first version with a timestamp of its own, …
    int64_t since_ms; // … which was given at this time; earlier times are those of files
} DeltaCommitTimes;

// Of the commits that the log still has; none: no table is there.
NODISCARD Outcome delta_commit_times(Sys *sys,
                                     Arena *arena,
                                     const char *path,
                                     DeltaCommitTimes *times);
// As the files say, whatever the commits do.
NODISCARD Outcome delta_commit_times_of_files(Sys *sys,
                                              Arena *arena,
                                              const char *path,
                                              DeltaCommitTimes *times);

#endif
