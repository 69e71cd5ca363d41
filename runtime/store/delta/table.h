// A DeltaTable: one snapshot of a table, whole in memory.
//
// Internal to store. Everything belongs to the table's arena.
#ifndef FLOW_STORE_DELTA_TABLE_H
#define FLOW_STORE_DELTA_TABLE_H

#include "store/delta/action.h"
#include "store/delta/schema.h"
#include "store/store.h"

typedef struct DeltaLive {
    DeltaFile file;
    const char *path; // decoded
} DeltaLive;

struct DeltaTable {
    Sys *sys;
    Arena arena;
    const char *path;
    int64_t version;
    DeltaProtocol protocol;
    DeltaMetadata metadata;
    DeltaSchema schema;
    FlowColumnDesc *columns; // what delta_columns gives
    VEC(DeltaLive) files;    // by decoded path
    VEC(DeltaFile) removed;  // tombstones of files
    VEC(DeltaTxn) txns;
    VEC(DeltaDomain) domains;
    int64_t commits_behind; // the table's newest version minus this one
};

int64_t delta_table_txn(const DeltaTable *table, const char *app_id); // -1: none
// The value of a configuration key, or NULL.
const char *delta_table_setting(const DeltaTable *table, const char *key);
int64_t delta_table_setting_integer(const DeltaTable *table, const char *key, int64_t otherwise);
// An interval: `interval 30 days`, `1 week`, `24 hours`.
int64_t delta_table_setting_ms(const DeltaTable *table, const char *key, int64_t otherwise);
bool delta_table_setting_truth(const DeltaTable *table, const char *key);
const DeltaPair *delta_file_partition(const DeltaFile *file, const char *column); // NULL: none

bool delta_partition_is_null(const DeltaPair *pair); // as some engine writes it
// As delta_file_value, of a file that is not among those of the snapshot; its strings stay.
NODISCARD Outcome delta_partition_value(
    DeltaTable *table, const DeltaFile *file, uint32_t column, bool *is_null, FlowValue *value);

// D13: NULL, or why a table of this protocol cannot be read, or written (by `mode`).
const char *delta_read_refusal(Arena *arena, const DeltaTable *table);
const char *delta_write_refusal(Arena *arena, const DeltaTable *table);

#endif
