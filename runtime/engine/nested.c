// Batches for pipelines that others call: the same rows seen through other columns, or rows that
// became several, with word of where they come from.
#include "engine/run.h"

// A column that can be null in the pipeline called, but never is here.
static FlowColumn column_view(const FlowColumn *from, const FlowColumn *own, int32_t row_count) {
    FlowColumn view = *from;
    if (own->validity != NULL && view.validity == NULL) {
        memset(own->validity, 1, (size_t)row_count);
        view.validity = own->validity;
    }
    return view;
}

Batch *nested_view(Worker *worker,
                   uint32_t pipeline,
                   const FlowBatch *from,
                   const int32_t *slots,
                   uint32_t count) {
    Batch *to = worker_batch(worker, pipeline);
    FlowBatch *abi = &to->abi;
    const FlowColumn *columns = from->columns;
    for (uint32_t i = 0; i < count; i++) {
        FlowColumn *own = batch_column(to, i);
        *own = column_view(&columns[slots[i]], own, from->row_count);
    }
    memcpy(abi->selection, from->selection, (size_t)from->selected_count * sizeof(int32_t));
    abi->row_count = from->row_count;
    abi->selected_count = from->selected_count;
    abi->offsets = from->offsets;
    abi->lengths = from->lengths;
    abi->raws = from->raws;
    abi->origins = from->origins;
    abi->ordinals = from->ordinals;
    abi->source = from->source;
    abi->file = from->file;
    return to;
}

// Which of the rows that the record of the outermost pipeline became: they come one after the
// other, if not all at once. A number that has no next one is given again; such rows keep the order
// in which they came.
static int32_t ordinal_next(WorkerScratch *scratch, int64_t batch_number, int32_t origin) {
    bool is_same = scratch->batch_number == batch_number && scratch->origin == origin;
    scratch->batch_number = batch_number;
    scratch->origin = origin;
    scratch->ordinal = is_same ? scratch->ordinal + (scratch->ordinal < INT32_MAX) : 0;
    return scratch->ordinal;
}

static void
places_fill(Worker *worker, WorkerScratch *scratch, FlowBatch *to, const NestedPick *pick) {
    const int32_t *origins = pick->from->origins;
    const int64_t *from_offsets = pick->from->offsets;
    int64_t *offsets = to->offsets;
    for (uint32_t i = 0; i < pick->row_count; i++) {
        int32_t row = pick->rows[i];
        int32_t origin = origins == NULL ? row : origins[row];
        offsets[i] = from_offsets[row];
        scratch->origins[i] = origin;
        scratch->ordinals[i] = ordinal_next(scratch, worker->batch_number, origin);
    }
    to->origins = scratch->origins;
    to->ordinals = scratch->ordinals;
}

void nested_fill(Worker *worker, uint32_t pipeline, Batch *to, const NestedPick *pick) {
    const FlowColumn *columns = pick->from->columns;
    for (uint32_t i = 0; i < pick->slot_count; i++) {
        column_gather(to->descs[i].type,
                      &columns[pick->slots[i]],
                      batch_column(to, i),
                      pick->rows,
                      pick->row_count);
    }
    to->abi.row_count = (int32_t)pick->row_count;
    places_fill(worker, &worker->scratch[pipeline], &to->abi, pick);
    to->abi.raws = NULL; // They are found through the origins.
    to->abi.source = pick->from->source;
    to->abi.file = pick->from->file;
    batch_select_all(to);
}
