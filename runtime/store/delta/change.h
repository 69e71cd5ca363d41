// The changes of a merge. Without a history of each key the newest, by order, then by arrival; with
// one all of them.
//
// Internal to store. Rows keep the order of their coming: of equal order values the greater number
// wins.
#ifndef FLOW_STORE_DELTA_CHANGE_H
#define FLOW_STORE_DELTA_CHANGE_H

#include "store/delta/keyset.h"
#include "store/delta/rows.h"
#include "store/delta/table.h"

#define DELTA_ROW_NONE UINT32_MAX

typedef struct DeltaChange {
    uint32_t row; // in rows
    bool is_delete;
    // What merging into the base at hand has found out:
    bool is_stale;   // something newer is remembered, or all keys were deleted after it
    bool is_known;   // just this is remembered
    bool is_found;   // the table has a row of this key
    bool is_doubled; // … and another one
    bool is_older;   // … of which one is newer than the change
    bool is_insert;  // goes in as a new row
    bool is_kept;    // changed nothing, but its order is news
} DeltaChange;

typedef struct DeltaChanges {
    Arena arena;
    FlowColumnDesc *columns; // stored types: table, order, valid_from, then the flags
    uint32_t column_count;   // without the flags
    uint32_t order_first;    // column of the first order value
    uint32_t order_count;
    bool has_valid_from;
    bool has_delete;
    bool has_truncate;
    int32_t *keys; // columns of the key
    uint32_t key_count;
    const FlowColumnDesc *given; // types of the rows that come, enums not yet strings
    DeltaKeySet set;
    VEC(DeltaChange) items; // by the key's number; with a history: its last to come
    DeltaRows rows;
    VEC(uint32_t) before; // by row, with a history: the key's row that came before it
    VEC(bool) deletes;    // by row, with a history
    uint32_t truncate;    // row of the newest change that deletes all keys; or DELTA_ROW_NONE
    Buffer key;
} DeltaChanges;

typedef struct DeltaChangesOptions {
    const FlowColumnDesc *columns; // borrowed; the flags last
    uint32_t column_count;         // with them
    uint32_t order_count;
    bool has_valid_from; // behind the order values: keeps all changes
    bool has_delete;
    bool has_truncate;
    const DeltaNames *key;
} DeltaChangesOptions;

DeltaChanges *delta_changes_new(const DeltaChangesOptions *options);
void delta_changes_free(DeltaChanges *changes);
// A slot of -1: null, or false.
void delta_changes_take(DeltaChanges *changes, const FlowBatch *batch, const int32_t *slots);
DeltaCell delta_changes_cell(const DeltaChanges *changes, uint32_t row, uint32_t column);
// The order values of a row into `cells`.
void delta_changes_order(const DeltaChanges *changes, uint32_t row, DeltaCell *cells);
int delta_changes_order_compare(const DeltaChanges *changes, uint32_t row, const DeltaCell *cells);
// Numbers of the keys in the order of their bytes, in the arena.
uint32_t *delta_changes_sorted(const DeltaChanges *changes, Arena *arena);
void delta_changes_reset(DeltaChanges *changes); // forgets what merging has found out
// All changes as a Parquet file, and back (for the outbox).
void delta_changes_write(const DeltaChanges *changes, Buffer *out);
NODISCARD Outcome delta_changes_read(DeltaChanges *changes,
                                     const char *bytes,
                                     size_t length,
                                     Failure *failure);

#endif
