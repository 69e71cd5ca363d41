// What `meta` says of rows that are numbered in their file. Inside of format only.
#ifndef FLOW_FORMAT_ROW_META_H
#define FLOW_FORMAT_ROW_META_H

#include "format/format.h"

typedef struct RowMeta {
    const FlowSource *source;
    FlowView path;
    int64_t now_us;
    const FormatChange *change; // or NULL
} RowMeta;

// Into the batch's columns of meta, by its offsets.
void row_meta_fill(const RowMeta *meta, Batch *batch);

#endif
