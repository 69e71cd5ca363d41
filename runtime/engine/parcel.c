// Parcels: rows are gathered column by column into batches that are used again for later pieces;
// what their strings and nested values point to is copied, as it belongs to the piece's text.
#include "engine/run.h"

// --- rows ----------------------------------------------------------------------------------------

static void selected_copy(FlowColumn *to, const FlowTypeDesc *type, uint32_t count, Arena *arena) {
    bool is_text = type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
    bool is_nested = type->children_count > 0;
    const uint8_t *validity = to->validity;
    for (uint32_t i = 0; (is_text || is_nested) && i < count; i++) {
        if (validity != NULL && validity[i] == 0) {
            continue;
        }
        if (is_nested) {
            value_store(
                type, to->values, i, value_copy(arena, type, value_load(type, to->values, i)));
            continue;
        }
        FlowView *view = (FlowView *)to->values + i;
        if (view->length > FLOW_VIEW_INLINE_MAX) {
            view->data = arena_copy(arena, view->data, view->length);
        }
    }
}

static FlowColumn column_from(const FlowColumn *column, const FlowTypeDesc *type, uint32_t row) {
    size_t width_bytes = flow_kind_width((FlowKind)type->kind, type->precision);
    return (FlowColumn){
        .values = (char *)column->values + row * width_bytes,
        .validity = column->validity == NULL ? NULL : (uint8_t *)column->validity + row,
    };
}

// Rows first .. first + count of the selection, behind those of the parcel's batch.
static void
rows_add(Batch *to, const FlowBatch *batch, const int32_t *slots, int32_t first, int32_t count) {
    const FlowColumn *columns = batch->columns;
    const int32_t *rows = (const int32_t *)batch->selection + first;
    for (uint32_t i = 0; i < to->column_count; i++) {
        const FlowTypeDesc *type = to->descs[i].type;
        FlowColumn column = column_from(batch_column(to, i), type, (uint32_t)to->abi.row_count);
        column_gather(type, &columns[slots[i]], &column, rows, (uint32_t)count);
        selected_copy(&column, type, (uint32_t)count, &to->arena);
    }
    to->abi.row_count += count;
}

// The batch that the sink's next rows go into.
static Batch *rows_open(Parcel *parcel, const Run *run, uint32_t sink) {
    for (uint32_t i = parcel->rows.count; i > 0; i--) {
        const ParcelRows *rows = &parcel->rows.items[i - 1];
        if (rows->sink == sink) {
            if (rows->batch->abi.row_count < FLOW_BATCH_ROWS_MAX) {
                return rows->batch;
            }
            break;
        }
    }
    const FlowSink *desc = &run->program->sinks[sink];
    Batch *batch = NULL;
    for (uint32_t i = 0; batch == NULL && i < parcel->spare.count; i++) {
        if (parcel->spare.items[i].sink == sink) {
            batch = parcel->spare.items[i].batch;
            parcel->spare.items[i] = parcel->spare.items[--parcel->spare.count];
        }
    }
    batch = batch != NULL ? batch : batch_new(desc->columns, (uint32_t)desc->columns_count);
    *vec_push(&parcel->arena, &parcel->rows) = (ParcelRows){sink, batch};
    return batch;
}

static size_t row_bytes(const FlowSink *sink) {
    size_t bytes = 0;
    for (int64_t i = 0; i < sink->columns_count; i++) {
        const FlowTypeDesc *type = sink->columns[i].type;
        bytes += flow_kind_width((FlowKind)type->kind, type->precision) + 1;
    }
    return bytes;
}

void parcel_emit(
    Parcel *parcel, const Run *run, uint32_t sink, const FlowBatch *batch, const int32_t *slots) {
    int32_t done = 0;
    while (done < batch->selected_count) {
        Batch *to = rows_open(parcel, run, sink);
        int32_t room = FLOW_BATCH_ROWS_MAX - to->abi.row_count;
        int32_t count = batch->selected_count - done < room ? batch->selected_count - done : room;
        size_t before = to->arena.total_bytes;
        rows_add(to, batch, slots, done, count);
        parcel->bytes += (size_t)count * row_bytes(&run->program->sinks[sink]);
        parcel->bytes += to->arena.total_bytes - before;
        done += count;
    }
}

// --- rejects and warnings ------------------------------------------------------------------------

// Names and messages of the program live as long as the run; what a record brought does not.
void parcel_reject(Parcel *parcel, const DlqRecord *record) {
    DlqRecord *kept = vec_push(&parcel->arena, &parcel->rejects);
    *kept = *record;
    kept->message = arena_string(&parcel->arena, record->message);
    if (record->raw != NULL) {
        kept->raw_length = record->raw_length < RAW_BYTES_MAX ? record->raw_length : RAW_BYTES_MAX;
        kept->raw = arena_copy(&parcel->arena, record->raw, kept->raw_length);
    }
    parcel->bytes += sizeof(*kept) + kept->raw_length;
}

bool parcel_wants_warning(const Parcel *parcel, int32_t site) {
    return parcel->warned == NULL || parcel->warned[site] < WARNINGS_SHOWN_MAX;
}

void parcel_warn(Parcel *parcel, const Run *run, int32_t site, const char *line) {
    if (parcel->warned == NULL) {
        parcel->warned = arena_array(&parcel->arena, int64_t, (size_t)run->program->sites_count);
    }
    parcel->warned[site]++;
    if (line != NULL) {
        *vec_push(&parcel->arena, &parcel->warnings) =
            (ParcelWarning){site, arena_string(&parcel->arena, line)};
    }
}

// --- afterwards ----------------------------------------------------------------------------------

void parcel_clear(Parcel *parcel) {
    Arena kept = {0};
    ParcelBatches spare = {0};
    for (uint32_t i = 0; i < parcel->rows.count; i++) {
        batch_clear(parcel->rows.items[i].batch);
        *vec_push(&kept, &spare) = parcel->rows.items[i];
    }
    for (uint32_t i = 0; i < parcel->spare.count; i++) {
        *vec_push(&kept, &spare) = parcel->spare.items[i];
    }
    arena_free(&parcel->arena);
    *parcel = (Parcel){.arena = kept, .spare = spare};
}

void parcel_free(Parcel *parcel) {
    parcel_clear(parcel);
    for (uint32_t i = 0; i < parcel->spare.count; i++) {
        batch_free(parcel->spare.items[i].batch);
    }
    arena_free(&parcel->arena);
    *parcel = (Parcel){0};
}
