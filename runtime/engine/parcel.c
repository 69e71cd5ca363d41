// Parcels: rows are gathered column by column into batches that are used again for later pieces;
// what their strings and nested values point to is copied, as it belongs to the piece's text.
#include "engine/run.h"

// --- rows ----------------------------------------------------------------------------------------

// Values of a dictionary share their bytes, so most of them need no copy of their own.
enum { TEXTS_KNOWN = 64 };
typedef struct KnownText {
    const char *from;
    const char *copy;
    uint32_t length;
} KnownText;

static const char *text_copy(KnownText *known, const FlowView *view, Arena *arena) {
    uint64_t hash = (uint64_t)(uintptr_t)view->data * 0x9E3779B97F4A7C15;
    KnownText *text = &known[hash >> 58];
    if (text->from != view->data || text->length != view->length) {
        *text = (KnownText){
            .from = view->data,
            .copy = arena_copy(arena, view->data, view->length),
            .length = view->length,
        };
    }
    return text->copy;
}

// Where there are long texts: found without a branch, as neither nulls nor lengths are foreseen.
static uint32_t long_texts_find(const FlowColumn *column, uint32_t count, uint32_t *places) {
    const uint8_t *validity = column->validity;
    const FlowView *views = column->values;
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        places[found] = i;
        found += (validity == NULL || validity[i] != 0) & (views[i].length > FLOW_VIEW_INLINE_MAX);
    }
    return found;
}

static void texts_copy(const FlowColumn *to, uint32_t count, Arena *arena) {
    KnownText known[TEXTS_KNOWN] = {0};
    uint32_t places[FLOW_BATCH_ROWS_MAX];
    FlowView *views = to->values;
    uint32_t found = long_texts_find(to, count, places);
    for (uint32_t i = 0; i < found; i++) {
        FlowView *view = &views[places[i]];
        view->data = text_copy(known, view, arena);
    }
}

static void
nested_copy(const FlowColumn *to, const FlowTypeDesc *type, uint32_t count, Arena *arena) {
    const uint8_t *validity = to->validity;
    for (uint32_t i = 0; i < count; i++) {
        if (validity == NULL || validity[i] != 0) {
            FlowValue value = value_load(type, to->values, i);
            value_store(type, to->values, i, value_copy(arena, type, value));
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

// Selections ascend, so the ends tell whether all rows between them are in it.
static bool is_whole(const int32_t *rows, uint32_t count) {
    return (uint32_t)(rows[count - 1] - rows[0]) == count - 1;
}

static void column_add(const FlowTypeDesc *type,
                       const FlowColumn *from,
                       const FlowColumn *to,
                       const int32_t *rows,
                       uint32_t count) {
    if (!is_whole(rows, count)) {
        column_gather(type, from, to, rows, count);
        return;
    }
    FlowColumn first = column_from(from, type, (uint32_t)rows[0]);
    size_t width_bytes = flow_kind_width((FlowKind)type->kind, type->precision);
    memcpy(to->values, first.values, count * width_bytes);
    if (to->validity != NULL && first.validity != NULL) {
        memcpy(to->validity, first.validity, count);
    } else if (to->validity != NULL) {
        memset(to->validity, 1, count);
    }
}

// Rows first .. first + count of the selection, behind those of the parcel's batch.
static void
rows_add(Batch *to, const FlowBatch *batch, const int32_t *slots, int32_t first, int32_t count) {
    const FlowColumn *columns = batch->columns;
    const int32_t *rows = (const int32_t *)batch->selection + first;
    for (uint32_t i = 0; i < to->column_count; i++) {
        const FlowTypeDesc *type = to->descs[i].type;
        FlowColumn column = column_from(batch_column(to, i), type, (uint32_t)to->abi.row_count);
        column_add(type, &columns[slots[i]], &column, rows, (uint32_t)count);
        if (type->kind == FLOW_STRING || type->kind == FLOW_BYTES) {
            texts_copy(&column, (uint32_t)count, &to->arena);
        } else if (type->children_count > 0) {
            nested_copy(&column, type, (uint32_t)count, &to->arena);
        }
    }
    to->abi.row_count += count;
}

static Batch *spare_take(Run *run, uint32_t sink) {
    ParcelBatches *batches = &run->pieces.spare.batches;
    Batch *batch = NULL;
    tasks_enter(run->tasks);
    for (uint32_t i = batches->count; batch == NULL && i > 0; i--) {
        if (batches->items[i - 1].sink == sink) {
            batch = batches->items[i - 1].batch;
            batches->items[i - 1] = batches->items[--batches->count];
        }
    }
    tasks_leave(run->tasks);
    return batch;
}

// The batch that the sink's next rows go into.
static Batch *rows_open(Parcel *parcel, Run *run, uint32_t sink) {
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
    Batch *batch = spare_take(run, sink);
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
    Parcel *parcel, Run *run, uint32_t sink, const FlowBatch *batch, const int32_t *slots) {
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

// Of each site no more are shown than of one parcel.
void parcel_warnings_join(Parcel *parcel, const Run *run, const Parcel *from) {
    for (uint32_t i = 0; i < from->warnings.count; i++) {
        const ParcelWarning *warning = &from->warnings.items[i];
        bool is_wanted = parcel_wants_warning(parcel, warning->site);
        parcel_warn(parcel, run, warning->site, is_wanted ? warning->line : NULL);
        parcel->warned[warning->site]--;
    }
    for (int64_t i = 0; from->warned != NULL && i < run->program->sites_count; i++) {
        if (from->warned[i] > 0) {
            parcel_warn(parcel, run, (int32_t)i, NULL);
            parcel->warned[i] += from->warned[i] - 1;
        }
    }
}

// --- afterwards ----------------------------------------------------------------------------------

void parcel_give_back(Run *run, ParcelRows *rows) {
    ParcelSpare *spare = &run->pieces.spare;
    batch_clear(rows->batch);
    tasks_enter(run->tasks);
    *vec_push(&spare->arena, &spare->batches) = *rows;
    tasks_leave(run->tasks);
    rows->batch = NULL;
}

void parcel_clear(Parcel *parcel, Run *run) {
    for (uint32_t i = 0; i < parcel->rows.count; i++) {
        if (parcel->rows.items[i].batch != NULL) {
            parcel_give_back(run, &parcel->rows.items[i]);
        }
    }
    arena_free(&parcel->arena);
    *parcel = (Parcel){0};
}

void parcel_spare_free(ParcelSpare *spare) {
    for (uint32_t i = 0; i < spare->batches.count; i++) {
        batch_free(spare->batches.items[i].batch);
    }
    arena_free(&spare->arena);
    spare->batches = (ParcelBatches){0}; // The next epoch begins without any.
}
