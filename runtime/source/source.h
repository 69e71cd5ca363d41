// source: where records come from. A source lists its files once (the end is fixed at the start),
// then gives batches in canonical order: file name, then position.
//
// Includes abi, base, sys, scalar, record, format, store, dlq. The Source owns its chunks: strings
// of a batch point into them until the next source_next. Compression (gzip, zstd; concatenated
// members too) is recognised by content, not by suffix; where compressed data breaks off, the
// records before it are taken and the rest of the file is one malformed record.
#ifndef FLOW_SOURCE_H
#define FLOW_SOURCE_H

#include "format/format.h"
#include "sys/sys.h"

typedef struct Source Source;

typedef struct SourceOptions {
    const char *glob; // resolved setting, relative to the Sys's root
    int64_t now_us;
    FormatRejectFn reject;
    void *user;
} SourceOptions;

// Lists the files. A glob without a wildcard that matches nothing is OUTCOME_REFUSED.
NODISCARD Outcome source_open(Sys *sys,
                              const FlowSource *desc,
                              const SourceOptions *options,
                              Source **source);
// The next batch, at most FLOW_BATCH_ROWS_MAX rows of one file, all selected; `batch` was made for
// the pipeline that reads the source: its first columns are the source's. row_count 0: the end.
NODISCARD Outcome source_next(Source *source, Batch *batch);
uint32_t source_file_count(const Source *source);
const char *source_file_path(const Source *source, uint32_t file); // below the root
int64_t source_bytes_read(const Source *source);                   // compressed bytes
int64_t source_bytes_total(const Source *source);
int64_t source_records(const Source *source);  // ledger: in of the source
int64_t source_filtered(const Source *source); // rows that FlowSource.tests left out
void source_close(Source *source);

#endif
