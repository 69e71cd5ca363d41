// Staged data files: rows routed to partitions, written, fsynced, in no version of the table yet.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_STAGE_H
#define FLOW_STORE_DELTA_STAGE_H

#include "store/delta/table.h"

typedef struct DeltaStage DeltaStage;

typedef struct DeltaStageOptions {
    Sys *sys;
    const char *table_path;
    const char *writer_id;
    const FlowColumnDesc *columns; // of the rows; borrowed
    uint32_t column_count;
    uint32_t sequence_count;     // the last columns are the fields of the struct `_sequence`
    const DeltaNames *partition; // borrowed
    int64_t clock_us;
    int64_t stats_columns; // how many of the stored columns get statistics; -1: all
    int64_t file_bytes_target;
    uint32_t file_number; // of the first file
    int64_t bin;          // a number before that of each file; -1: none
    Tasks *tasks;         // encode columns side by side; or NULL
    bool has_table;       // the table's directory is there, durably
} DeltaStageOptions;

DeltaStage *delta_stage_new(const DeltaStageOptions *options);
NODISCARD Outcome delta_stage_append(DeltaStage *stage,
                                     const FlowBatch *batch,
                                     const int32_t *slots);
// Closes what is open and fsyncs files and directories.
NODISCARD Outcome delta_stage_finish(DeltaStage *stage);
uint32_t delta_stage_file_count(const DeltaStage *stage);    // finished ones
const DeltaLive *delta_stage_files(const DeltaStage *stage); // in the order of their numbers
uint32_t delta_stage_file_number(const DeltaStage *stage);   // of the next file
void delta_stage_sys_set(DeltaStage *stage, Sys *sys);       // another thread goes on
void delta_stage_discard(DeltaStage *stage); // unlinks all it has written, best effort
void delta_stage_free(DeltaStage *stage);

#endif
