// What a merged table remembers of keys beyond its rows: deletes, and changes that wrote nothing,
// with their order values, so that an older change that comes later does not count.
//
// Internal to store. They lie in `_flow/tombstones-<number>.parquet`, sorted by key; the number of
// the current file is the version of the txn DELTA_TOMBSTONES_APP, so checkpoints keep it, too.
#ifndef FLOW_STORE_DELTA_TOMBSTONE_H
#define FLOW_STORE_DELTA_TOMBSTONE_H

#include "store/delta/write.h"

#define DELTA_TOMBSTONES_APP "flow:tombstones"
#define DELTA_TOMBSTONES_NONE 0 // as a number: there is no file

// Marks the changes that something newer is remembered of as stale.
NODISCARD Outcome delta_tombstones_apply(DeltaWrite *write);
// Writes the next file, if merging has found anything to remember; sets write->tombstones_file.
// `sorted` are the changes in key order.
NODISCARD Outcome delta_tombstones_write(DeltaWrite *write, const uint32_t *sorted);
// Unlinks what was written for a commit that will not come, best effort.
void delta_tombstones_discard(DeltaWrite *write);

#endif
