// One data file that is being written, flat or (with a struct `_sequence`) as a tree.
//
// Internal to store. Freed by finish or discard.
#ifndef FLOW_STORE_DELTA_STAGE_FILE_H
#define FLOW_STORE_DELTA_STAGE_FILE_H

#include "store/delta/value.h"
#include "sys/sys.h"

typedef struct DeltaStageFile DeltaStageFile;

typedef struct DeltaStageFileOptions {
    Sys *sys;
    const char *path;              // as the Sys wants it
    const FlowColumnDesc *columns; // stored ones; borrowed
    uint32_t column_count;
    uint32_t sequence_count;
    uint32_t stats_count; // the first of them get statistics
    Tasks *tasks;         // encode columns side by side; or NULL
} DeltaStageFileOptions;

NODISCARD Outcome delta_stage_file_open(const DeltaStageFileOptions *options,
                                        DeltaStageFile **file);
NODISCARD Outcome delta_stage_file_append(DeltaStageFile *file,
                                          const FlowBatch *batch,
                                          const int32_t *slots);
int64_t delta_stage_file_bytes(const DeltaStageFile *file); // so far
// Ends and fsyncs it; its statistics go to `stats`. The file is freed in any case.
NODISCARD Outcome delta_stage_file_finish(DeltaStageFile *file, Buffer *stats, int64_t *size_bytes);
void delta_stage_file_discard(DeltaStageFile *file); // closes it; the name stays

#endif
