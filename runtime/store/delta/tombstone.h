// What a merged table remembers of keys beyond its rows: deletes, changes that wrote nothing, with
// a history also those that share a row, and the newest change that deleted all keys; with their
// order values, so that an older change that comes later has its place.
//
// Internal to store. They lie in `_flow/tombstones-<number>.parquet`, sorted by key; the number of
// the current file is the version of the txn DELTA_TOMBSTONES_APP, so checkpoints keep it, too.
#ifndef FLOW_STORE_DELTA_TOMBSTONE_H
#define FLOW_STORE_DELTA_TOMBSTONE_H

#include "store/delta/write.h"

#define DELTA_TOMBSTONES_APP "flow:tombstones"
#define DELTA_TOMBSTONES_NONE 0 // as a number: there is no file

// The file's columns: the key's canonical bytes, order values, is it a delete, when it was
// remembered, is it a delete of all keys (then the key is empty); with a history valid_from and the
// program's columns.
enum { DELTA_TOMBSTONE_KEY, DELTA_TOMBSTONE_ORDER };
typedef enum DeltaTombstonePart {
    DELTA_TOMBSTONE_DELETE,
    DELTA_TOMBSTONE_AT,
    DELTA_TOMBSTONE_TRUNCATE,
    DELTA_TOMBSTONE_VALID_FROM,
    DELTA_TOMBSTONE_ROW // the first of the program's columns
} DeltaTombstonePart;
static inline uint32_t delta_tombstone_column(const DeltaWrite *write, DeltaTombstonePart part) {
    return DELTA_TOMBSTONE_ORDER + write->order_count + part;
}
FlowColumnDesc *
delta_tombstone_columns(const DeltaWrite *write, Arena *arena, uint32_t *column_count);

// Calls `take` for every row that has not expired, in key order.
typedef void (*DeltaTombstoneFn)(void *user, const Batch *batch, uint32_t row);
NODISCARD Outcome delta_tombstones_read(DeltaWrite *write, DeltaTombstoneFn take, void *user);
bool delta_tombstone_flag(const DeltaWrite *write,
                          const Batch *batch,
                          DeltaTombstonePart part,
                          uint32_t row);
// The row is the remembered delete of all keys: write->truncated.
void delta_tombstone_truncate_keep(DeltaWrite *write, const Batch *batch, uint32_t row);
// Without a history: marks the changes that something newer is remembered of as stale, and finds
// write->truncated.
NODISCARD Outcome delta_tombstones_apply(DeltaWrite *write);

// What is to be remembered now, by the number of its key in the changes.
typedef struct DeltaNews {
    void *user;
    bool (*replaces)(void *user, uint32_t key); // what was remembered of the key goes
    uint32_t (*count)(void *user, uint32_t key);
    void (*cells)(void *user, uint32_t key, uint32_t at, DeltaCell *cells); // column by column
    bool has_any;
} DeltaNews;
// Writes the next file, if there are news or all keys were deleted; sets write->tombstones_file.
// `sorted` are the changes in key order.
NODISCARD Outcome delta_tombstones_replace(DeltaWrite *write,
                                           const uint32_t *sorted,
                                           const DeltaNews *news);
// The same without a history, from what merging has found out.
NODISCARD Outcome delta_tombstones_write(DeltaWrite *write, const uint32_t *sorted);
// Unlinks what was written for a commit that will not come, best effort.
void delta_tombstones_discard(DeltaWrite *write);

#endif
