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

static bool change_value(const FormatChange *change, FlowMetaKind kind, FlowValue *value) {
    if (change == NULL || kind == FLOW_META_BEFORE) {
        return false;
    }
    value->i64 = kind == FLOW_META_OPERATION  ? (int64_t)change->operation
                 : kind == FLOW_META_SEQUENCE ? change->sequence
                                              : change->timestamp_us;
    return true;
}

// A row that is no change is an insert: the rest of what envelopes say is nothing.
static void meta_same(const RowMeta *meta, const Batch *batch, uint32_t column, FlowMetaKind kind) {
    FlowValue value = {0};
    bool is_there = change_value(meta->change, kind, &value);
    const FlowColumn *vector = batch_column(batch, column);
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        value_store(batch->descs[column].type, vector->values, (size_t)row, value);
    }
    if (vector->validity != NULL) {
        memset(vector->validity, is_there, (size_t)batch->abi.row_count);
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
            meta_same(meta, batch, (uint32_t)i, kind);
        }
    }
}
