// Rows that a table holds already, for the `unique` of its contract: what comes must not repeat
// them.
//
// They are those of the version that the write began with. An overwrite of a part asks its
// condition which of them stay; of a history only the current versions count.
#include "engine/run.h"

typedef struct Stored {
    Worker *worker;
    DeltaWrite *write;
    SortState *state;
    const FlowSort *desc;
    const FlowTable *table;
    const DeltaCondition *condition; // rows for which it is true go; or NULL
    void *judge;
    FlowColumnDesc *columns; // the condition's, then what `stored` says, then is_current; or orders
    uint32_t column_count;
    uint32_t order_count; // of the last columns: the order values of merges, if the table has any
    uint32_t scanned;     // columns that are read
    int32_t current;      // its slot, or -1
    int32_t *slots;       // of the state's columns
    int32_t *places;      // of the scan's columns: 0, 1, 2, …
} Stored;

static int32_t column_add(Stored *s, const FlowColumnDesc *column) {
    FlowTypeDesc *type = arena_new(&s->worker->arena, FlowTypeDesc);
    *type = *column->type;
    type->is_nullable = 1; // Any writer may have written null.
    s->places[s->column_count] = (int32_t)s->column_count;
    s->columns[s->column_count] =
        (FlowColumnDesc){.name = column->name, .type = type, .is_used = 1};
    return (int32_t)s->column_count++;
}

// Versions that are closed don't hold their values any more.
static void current_add(Stored *s) {
    s->current = FLOW_NO_INDEX;
    if (s->table->history == FLOW_HISTORY_SCD2) {
        s->current = column_add(s, &s->table->columns[s->table->columns_count - 1]);
    }
}

// Which of its rows is newer than a change.
static void orders_add(Stored *s) {
    uint32_t stored = delta_write_order_count(s->write);
    for (int32_t i = 0; i < s->desc->order_count; i++) {
        int32_t column = s->desc->key_count + i;
        s->slots[column] = column_add(s, &s->desc->columns[column]);
    }
    s->scanned = s->column_count;
    if (stored == 0) {
        s->scanned -= (uint32_t)s->desc->order_count;
    } else {
        s->order_count = stored;
    }
}

static void fill_columns_make(Stored *s) {
    Arena *arena = &s->worker->arena;
    size_t count = (size_t)(s->desc->stored_count + s->desc->order_count);
    s->columns = arena_array(arena, FlowColumnDesc, count + 1);
    s->places = arena_array(arena, int32_t, count + 1);
    s->slots = arena_array(arena, int32_t, (size_t)s->desc->columns_count + 1);
    memset(s->slots, 0xFF, (size_t)s->desc->columns_count * sizeof(*s->slots)); // FLOW_NO_INDEX
    for (int32_t i = 0; i < s->desc->stored_count; i++) {
        bool is_key = i < s->desc->key_count;
        s->slots[is_key ? i : i + s->desc->order_count] =
            column_add(s, &s->table->columns[s->desc->stored[i]]);
    }
    s->current = FLOW_NO_INDEX;
    orders_add(s);
}

static void unique_columns_make(Stored *s) {
    Arena *arena = &s->worker->arena;
    uint32_t judged = s->condition == NULL ? 0 : s->condition->column_count;
    int64_t values = s->desc->stored_count - 1;
    s->columns = arena_array(arena, FlowColumnDesc, judged + (size_t)s->desc->stored_count + 1);
    s->places = arena_array(arena, int32_t, judged + (size_t)s->desc->stored_count + 1);
    s->slots = arena_array(arena, int32_t, (size_t)s->desc->columns_count + 1);
    for (uint32_t i = 0; i < judged; i++) {
        column_add(s, &s->condition->columns[i]);
    }
    for (int64_t i = 0; i < values; i++) {
        s->slots[i] = column_add(s, &s->table->columns[s->desc->stored[i]]);
    }
    if (s->desc->stored[values] != FLOW_NO_INDEX) {
        s->slots[s->desc->event_time] = column_add(s, &s->table->columns[s->desc->stored[values]]);
    }
    current_add(s);
    s->scanned = s->column_count;
}

static void goers_leave(FlowBatch *batch) {
    bool goes[FLOW_BATCH_ROWS_MAX] = {0};
    int32_t *selection = batch->selection;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        goes[selection[i]] = true;
    }
    batch->selected_count = 0;
    for (int32_t row = 0; row < batch->row_count; row++) {
        selection[batch->selected_count] = row;
        batch->selected_count += !goes[row];
    }
}

static void closed_leave(const Stored *s, Batch *batch) {
    int32_t *selection = batch->abi.selection;
    int32_t count = 0;
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        uint32_t row = (uint32_t)selection[i];
        bool is_current = !batch_is_null(batch, (uint32_t)s->current, row) &&
                          batch_value(batch, (uint32_t)s->current, row).i64 != 0;
        selection[count] = (int32_t)row;
        count += is_current;
    }
    batch->abi.selected_count = count;
}

// A table that was never merged into: its rows are older than every change.
static void orders_lack(const Stored *s, Batch *batch) {
    for (uint32_t column = s->scanned; column < s->column_count; column++) {
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            batch_set_null(batch, column, row);
        }
    }
}

static Outcome rows_take(const Stored *s, Batch *batch) {
    orders_lack(s, batch);
    if (s->condition != NULL) {
        TRY(s->condition->judge(s->judge, batch));
        goers_leave(&batch->abi);
    }
    if (s->current != FLOW_NO_INDEX) {
        closed_leave(s, batch);
    }
    StateRows rows = {.batch = &batch->abi, .slots = s->slots, .part = 0};
    return sort_state_add_stored(s->worker->sys, s->state, &rows);
}

static Outcome scan_take(const Stored *s, DeltaScan *scan) {
    Outcome outcome = OUTCOME_OK;
    Batch *batch = batch_new(s->columns, s->column_count);
    do {
        outcome = delta_scan_next(scan, batch, s->places);
        if (outcome == OUTCOME_OK && batch->abi.row_count > 0) {
            outcome = rows_take(s, batch);
        }
    } while (outcome == OUTCOME_OK && batch->abi.row_count > 0 &&
             !run_is_interrupted(s->worker->run));
    batch_free(batch);
    return outcome;
}

static Outcome stored_read(Stored *s, const FlowSink *sink) {
    Run *run = s->worker->run;
    bool is_fill = s->desc->kind == FLOW_SORT_FILL;
    DeltaScan *scan;
    if (is_fill) {
        fill_columns_make(s);
    } else {
        s->condition = overwrite_condition(run, sink);
        unique_columns_make(s);
    }
    TRY(delta_write_stored(s->write, s->columns, s->scanned, s->order_count, &scan));
    if (scan == NULL) {
        return OUTCOME_OK;
    }
    if (s->condition != NULL) {
        s->judge = s->condition->judge_new(s->condition->user, s->worker->sys, run->now_us);
    }
    Outcome outcome = scan_take(s, scan);
    if (s->condition != NULL) {
        s->condition->judge_free(s->judge);
    }
    delta_scan_close(scan);
    return outcome;
}

Outcome stored_add(Worker *worker, uint32_t sort) {
    Run *run = worker->run;
    const FlowSort *desc = &run->program->sorts[sort];
    if (desc->stored_count == 0 || !sort_state_asks_stored(run->sorts[sort])) {
        return OUTCOME_OK;
    }
    const FlowSink *sink = &run->program->sinks[desc->sink];
    Stored s = {.worker = worker,
                .write = run->tables[sink->table].write,
                .state = run->sorts[sort],
                .desc = desc,
                .table = &run->program->tables[sink->table]};
    return stored_read(&s, sink);
}
