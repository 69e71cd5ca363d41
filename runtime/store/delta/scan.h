// Reading a list of data files as one stream of rows.
//
// Internal to store; delta_scan_next and delta_scan_close of the door work on it.
#ifndef FLOW_STORE_DELTA_SCAN_H
#define FLOW_STORE_DELTA_SCAN_H

#include "store/delta/table.h"

typedef struct DeltaScanOptions {
    Sys *sys;
    const char *table_path;
    const DeltaLive *files; // borrowed until the scan is closed
    uint32_t file_count;
    const DeltaNames *partition;   // names of the partition columns
    const FlowColumnDesc *columns; // wanted
    uint32_t column_count;
    uint32_t sequence_count;   // the last columns are the fields of the struct `_sequence`
    const FlowScanTest *tests; // on the wanted columns; valid until the scan is closed
    uint32_t test_count;
} DeltaScanOptions;

DeltaScan *delta_scan_new(const DeltaScanOptions *options);
// Of a scan of one file, before its first rows: how many row groups the file has, if it can be read
// by them (else 1); and only to read some of them.
NODISCARD Outcome delta_scan_groups(DeltaScan *scan, uint32_t *count);
void delta_scan_groups_only(DeltaScan *scan, uint32_t first, uint32_t end);
// NULL, or why the table's schema does not give these columns.
const char *delta_scan_refusal(Arena *arena,
                               const DeltaSchema *schema,
                               const FlowColumnDesc *columns,
                               uint32_t column_count);
FlowColumnDesc *delta_columns_copy(Arena *arena, const FlowColumnDesc *columns, uint32_t count);

#endif
