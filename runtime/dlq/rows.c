// Reads the rows of a DLQ, whoever has written them.
#include "dlq/internal.h"

#include "scalar/scalar.h"

struct DlqReader {
    DeltaTable *table;
    DeltaScan *scan;
    Batch *batch;
    DlqPick pick;
    int32_t row; // the next one of the batch
};

// --- one row ------------------------------------------------------------------------------------
DlqPick dlq_pick(bool has_raw) {
    DlqPick pick = {0};
    uint32_t count;
    const FlowColumnDesc *columns = dlq_columns(&count);
    for (DlqColumn i = 0; i < DLQ_COLUMN_COUNT; i++) {
        if (i == DLQ_RAW && !has_raw) {
            continue;
        }
        pick.columns[pick.count] = i;
        pick.descs[pick.count] = columns[i];
        pick.slots[pick.count] = (int32_t)pick.count;
        pick.count++;
    }
    return pick;
}

void dlq_row_of(const Batch *batch, const DlqPick *pick, uint32_t row, DlqRow *out) {
    for (uint32_t i = 0; i < DLQ_COLUMN_COUNT; i++) {
        out->cells[i] = (DlqCell){.is_null = true};
    }
    for (uint32_t i = 0; i < pick->count; i++) {
        if (!batch_is_null(batch, i, row)) {
            out->cells[pick->columns[i]] =
                (DlqCell){.is_null = false, .value = batch_value(batch, i, row)};
        }
    }
}

static bool is_text(DlqColumn column) {
    uint32_t count;
    int32_t kind = dlq_columns(&count)[column].type->kind;
    return kind == FLOW_STRING || kind == FLOW_BYTES;
}

DlqRow dlq_row_copy(Arena *arena, const DlqRow *row) {
    DlqRow copy = *row;
    for (DlqColumn i = 0; i < DLQ_COLUMN_COUNT; i++) {
        if (!row->cells[i].is_null && is_text(i)) {
            const FlowView *view = &row->cells[i].value.view;
            const char *bytes = arena_copy(arena, flow_view_data(view), view->length);
            copy.cells[i].value.view = view_of(bytes, view->length);
        }
    }
    return copy;
}

bool dlq_cell_is(const DlqCell *cell, const char *text) {
    if (cell->is_null) {
        return false;
    }
    size_t length = strlen(text);
    return cell->value.view.length == length &&
           memcmp(flow_view_data(&cell->value.view), text, length) == 0;
}

const char *dlq_cell_text(Arena *arena, const DlqCell *cell) {
    const FlowView *view = &cell->value.view;
    return cell->is_null ? NULL : arena_copy(arena, flow_view_data(view), view->length);
}

bool dlq_row_meets(const DlqRow *row, const DlqSelect *select) {
    const struct {
        DlqColumn column;
        const char *wanted;
    } texts[] = {
        {DLQ_RECORD_ID, select->record_id},
        {DLQ_CLASS, select->reject_class},
        {DLQ_CODE, select->code},
        {DLQ_FLOW, select->flow},
        {DLQ_SOURCE, select->source},
        {DLQ_PIPELINE, select->pipeline},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i].wanted != NULL &&
            !dlq_cell_is(&row->cells[texts[i].column], texts[i].wanted)) {
            return false;
        }
    }
    int64_t rejected_us = row->cells[DLQ_REJECTED_AT].value.i64;
    if ((select->has_since && rejected_us < select->since_us) ||
        (select->has_before && rejected_us >= select->before_us)) {
        return false;
    }
    bool is_replayed = !row->cells[DLQ_REPLAYED_AT].is_null;
    return select->replayed == DLQ_REPLAYED_OR_NOT ||
           is_replayed == (select->replayed == DLQ_REPLAYED_ONLY);
}

// --- all of them --------------------------------------------------------------------------------
static Outcome columns_check(Sys *sys, const char *path, const DeltaTable *table) {
    uint32_t count;
    const FlowColumnDesc *columns = dlq_columns(&count);
    for (uint32_t i = 0; i < count; i++) {
        if (delta_column_find(table, columns[i].name) < 0) {
            return sys_fail(
                sys, OUTCOME_REFUSED, "%s is no DLQ: it has no column `%s`", path, columns[i].name);
        }
    }
    return OUTCOME_OK;
}

static Outcome reader_begin(Sys *sys, const char *path, DlqReader *reader) {
    TRY(delta_open(sys, path, DELTA_LATEST, &reader->table));
    if (reader->table == NULL) {
        return sys_fail(sys, OUTCOME_REFUSED, "there is no DLQ at %s", path);
    }
    TRY(columns_check(sys, path, reader->table));
    return delta_scan_open(reader->table, reader->pick.descs, reader->pick.count, &reader->scan);
}

Outcome dlq_reader_open(Sys *sys, const char *path, bool has_raw, DlqReader **reader) {
    *reader = memory_alloc(sizeof(**reader));
    **reader = (DlqReader){.pick = dlq_pick(has_raw)};
    Outcome outcome = reader_begin(sys, path, *reader);
    if (outcome != OUTCOME_OK) {
        dlq_reader_close(*reader);
        *reader = NULL;
        return outcome;
    }
    (*reader)->batch = batch_new((*reader)->pick.descs, (*reader)->pick.count);
    return OUTCOME_OK;
}

Outcome dlq_reader_next(DlqReader *reader, DlqRow *row, bool *has_row) {
    if (reader->row == reader->batch->abi.row_count) {
        reader->row = 0;
        batch_clear(reader->batch);
        TRY(delta_scan_next(reader->scan, reader->batch, reader->pick.slots));
    }
    *has_row = reader->row < reader->batch->abi.row_count;
    if (*has_row) {
        dlq_row_of(reader->batch, &reader->pick, (uint32_t)reader->row++, row);
    }
    return OUTCOME_OK;
}

void dlq_reader_close(DlqReader *reader) {
    if (reader == NULL) {
        return;
    }
    delta_scan_close(reader->scan);
    delta_close(reader->table);
    batch_free(reader->batch);
    memory_free(reader);
}
