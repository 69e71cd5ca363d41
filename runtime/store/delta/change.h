// The changes of a merge: of each key the newest, by order, then by arrival.
//
// Internal to store. Values are stored as Delta holds them: enums as strings.
#ifndef FLOW_STORE_DELTA_CHANGE_H
#define FLOW_STORE_DELTA_CHANGE_H

#include "store/delta/keyset.h"
#include "store/delta/table.h"

typedef struct DeltaCell {
    FlowValue value;
    bool is_null;
} DeltaCell;

typedef struct DeltaChange {
    DeltaCell *cells; // the table's columns, then the order values
    bool is_delete;
    // What merging into the base at hand has found out:
    bool is_stale;   // something newer is remembered
    bool is_known;   // just this is remembered
    bool is_found;   // the table has a row of this key
    bool is_doubled; // … and another one
    bool is_older;   // … of which one is newer than the change
    bool is_insert;  // goes in as a new row
    bool is_kept;    // changed nothing, but its order is news
} DeltaChange;

typedef struct DeltaChanges {
    Arena arena;
    FlowColumnDesc *columns; // stored types; table, order, then the delete flag
    uint32_t column_count;   // without the delete flag
    uint32_t order_count;
    bool has_delete;
    int32_t *keys; // columns of the key
    uint32_t key_count;
    const FlowColumnDesc *given; // types of the rows that come, enums not yet strings
    DeltaKeySet set;
    VEC(DeltaChange) items; // by the key's number
    Buffer key;
} DeltaChanges;

typedef struct DeltaChangesOptions {
    const FlowColumnDesc *columns; // borrowed; the delete flag last
    uint32_t column_count;         // with it
    uint32_t order_count;
    bool has_delete;
    const DeltaNames *key;
} DeltaChangesOptions;

DeltaChanges *delta_changes_new(const DeltaChangesOptions *options);
void delta_changes_free(DeltaChanges *changes);
void delta_changes_take(DeltaChanges *changes, const FlowBatch *batch, const int32_t *slots);
// Null is the least; otherwise one order value after the other.
int delta_order_compare(const FlowColumnDesc *columns,
                        const DeltaCell *a,
                        const DeltaCell *b,
                        uint32_t count);
const DeltaCell *delta_change_order(const DeltaChanges *changes, const DeltaChange *change);
// Numbers of the changes in key order, in the arena.
uint32_t *delta_changes_sorted(const DeltaChanges *changes, Arena *arena);
void delta_changes_reset(DeltaChanges *changes); // forgets what merging has found out
// All changes as a Parquet file, and back (for the outbox).
void delta_changes_write(const DeltaChanges *changes, Buffer *out);
NODISCARD Outcome delta_changes_read(DeltaChanges *changes,
                                     const char *bytes,
                                     size_t length,
                                     Failure *failure);

#endif
