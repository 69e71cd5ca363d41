// Rows of files that are tables themselves: their number, their file, and no change of anything.
#include "format/row_meta.h"

#include "scalar/scalar.h"

static void
meta_value(const RowMeta *meta, const Batch *batch, FlowColumn *column, FlowMetaKind kind) {
    const int64_t *offsets = batch->abi.offsets;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        if (kind == FLOW_META_FILE) {
            ((FlowView *)column->values)[row] = meta->path;
        } else {
            ((int64_t *)column->values)[row] =
                kind == FLOW_META_POSITION ? offsets[row] : meta->now_us;
        }
    }
    if (column->validity != NULL) {
        memset(column->validity, 1, (size_t)batch->abi.row_count);
    }
}

// A row of a table is an insert of no change: the rest of what envelopes say is nothing.
static void meta_nothing(const Batch *batch, uint32_t column) {
    const FlowColumn *vector = batch_column(batch, column);
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        value_store(batch->descs[column].type, vector->values, (size_t)row, (FlowValue){0});
    }
    if (vector->validity != NULL) {
        memset(vector->validity, 0, (size_t)batch->abi.row_count);
    }
}

void row_meta_fill(const RowMeta *meta, Batch *batch) {
    const FlowSource *source = meta->source;
    for (int64_t i = 0; i < source->columns_count; i++) {
        FlowMetaKind kind = (FlowMetaKind)source->columns[i].meta;
        if (kind == FLOW_META_NONE || !source->columns[i].is_used) {
            continue;
        }
        if (kind == FLOW_META_POSITION || kind == FLOW_META_FILE || kind == FLOW_META_INGESTED_AT) {
            meta_value(meta, batch, batch_column(batch, (uint32_t)i), kind);
        } else {
            meta_nothing(batch, (uint32_t)i);
        }
    }
}
