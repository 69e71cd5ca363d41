// Merge, scd1, copy-on-write. A file is read up to three times: its keys, to see whether a change
// meets it; its rows, to see whether anything would differ; and once more to be written again. Only
// the first is done for most files, and not even that where statistics exclude the keys.
#include "store/delta/merge_skip.h"
#include "store/delta/scan.h"
#include "store/delta/tombstone.h"
#include "store/delta/write.h"

#include "scalar/scalar.h"

typedef struct Merge {
    DeltaWrite *write;
    DeltaChanges *changes;
    Arena arena;
    FlowColumnDesc *columns; // of a row: the table's, then the order values
    uint32_t column_count;
    uint32_t table_count;
    int32_t *cells;    // where a change has the column
    int32_t *keys;     // the key's columns
    bool *is_routed;   // is it a partition column?
    bool has_sequence; // do the base's files know the order values?
    Batch *batch;
    Buffer key;
    uint32_t *sorted;
} Merge;

// --- making -------------------------------------------------------------------------------------
static int32_t given_find(const DeltaWrite *write, const char *name) {
    for (uint32_t i = 0; i < write->table_count; i++) {
        if (strcmp(write->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

// Nullable, whatever the table says, so that reading never refuses what merging does not touch; but
// a string partition that is never null, where null in the log means the empty string.
static const FlowTypeDesc *row_type(Merge *merge, uint32_t column) {
    const FlowTypeDesc *type = merge->write->schema.columns.items[column].desc.type;
    const FlowTypeDesc *given = merge->write->columns[merge->cells[column]].type;
    FlowTypeDesc *copy = arena_new(&merge->write->arena, FlowTypeDesc);
    *copy = *type;
    bool is_empty_null = merge->is_routed[column] && type->kind == FLOW_STRING;
    copy->is_nullable = !is_empty_null || given->is_nullable;
    return copy;
}

static void table_columns_make(Merge *merge) {
    DeltaWrite *write = merge->write;
    for (uint32_t i = 0; i < merge->table_count; i++) {
        const DeltaColumn *column = &write->schema.columns.items[i];
        merge->cells[i] = given_find(write, column->desc.name);
        ASSERT(merge->cells[i] != FLOW_NO_INDEX);
        merge->is_routed[i] = column->is_partition;
        merge->columns[i] =
            (FlowColumnDesc){.name = column->desc.name, .type = row_type(merge, i), .is_used = 1};
    }
}

static void order_columns_make(Merge *merge) {
    DeltaWrite *write = merge->write;
    const DeltaChanges *changes = merge->changes;
    uint32_t first = changes->column_count - changes->order_count;
    for (uint32_t i = 0; i < write->order_count; i++) {
        FlowTypeDesc *type = arena_new(&write->arena, FlowTypeDesc);
        *type = *changes->columns[first + i].type;
        merge->cells[merge->table_count + i] = (int32_t)(first + i);
        merge->columns[merge->table_count + i] = (FlowColumnDesc){
            .name = write->order_count == 1 ? DELTA_SEQUENCE_NAME
                                            : arena_format(&write->arena, "_%u", i + 1),
            .type = type,
            .is_used = 1,
        };
    }
}

static void keys_make(Merge *merge) {
    const DeltaWrite *write = merge->write;
    for (uint32_t i = 0; i < write->key.count; i++) {
        merge->keys[i] = delta_schema_find(&write->schema, write->key.items[i]);
        ASSERT(merge->keys[i] != FLOW_NO_INDEX);
    }
}

// The columns outlive the merge: the stage and the write's scans refer to them.
static void merge_begin(Merge *merge, DeltaWrite *write) {
    *merge = (Merge){.write = write, .changes = write->changes};
    merge->table_count = write->schema.columns.count;
    merge->column_count = merge->table_count + write->order_count;
    merge->has_sequence = write->base != NULL && write->base->schema.sequence_count > 0;
    merge->columns = arena_array(&write->arena, FlowColumnDesc, merge->column_count);
    merge->cells = arena_array(&merge->arena, int32_t, merge->column_count);
    merge->is_routed = arena_array(&merge->arena, bool, merge->column_count);
    merge->keys = arena_array(&merge->arena, int32_t, write->key.count);
    table_columns_make(merge);
    order_columns_make(merge);
    keys_make(merge);
    merge->batch = batch_new(merge->columns, merge->column_count);
    merge->sorted = delta_changes_sorted(write->changes, &merge->arena);
}

static void merge_end(Merge *merge) {
    batch_free(merge->batch);
    buffer_free(&merge->key);
    arena_free(&merge->arena);
}

// --- rows of a file -----------------------------------------------------------------------------
typedef struct MergeScan {
    DeltaScan *scan;
    int32_t *slots;
} MergeScan;

// The file's key columns or all of the table's, and the order values where files have them.
static void file_scan(Merge *merge, const DeltaLive *file, bool is_whole, MergeScan *scan) {
    const DeltaWrite *write = merge->write;
    uint32_t plain_count = is_whole ? merge->table_count : write->key.count;
    uint32_t order_count = merge->has_sequence ? write->order_count : 0;
    uint32_t count = plain_count + order_count;
    FlowColumnDesc *columns = arena_array(&merge->arena, FlowColumnDesc, count);
    scan->slots = arena_array(&merge->arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        scan->slots[i] = i >= plain_count ? (int32_t)(merge->table_count + i - plain_count)
                         : is_whole       ? (int32_t)i
                                          : merge->keys[i];
        columns[i] = merge->columns[scan->slots[i]];
    }
    DeltaScanOptions options = {
        .sys = write->sys,
        .table_path = write->path,
        .files = file,
        .file_count = 1,
        .partition = delta_write_partition(write),
        .columns = columns,
        .column_count = count,
        .sequence_count = order_count > 1 ? order_count : 0,
    };
    scan->scan = delta_scan_new(&options);
}

static void order_clear(Merge *merge) {
    for (uint32_t i = 0; i < merge->write->order_count && !merge->has_sequence; i++) {
        for (uint32_t row = 0; row < (uint32_t)merge->batch->abi.row_count; row++) {
            batch_set_null(merge->batch, merge->table_count + i, row);
        }
    }
}

static Outcome scan_next(Merge *merge, const MergeScan *scan, bool *has_rows) {
    TRY(delta_scan_next(scan->scan, merge->batch, scan->slots));
    *has_rows = merge->batch->abi.row_count > 0;
    order_clear(merge);
    return OUTCOME_OK;
}

static DeltaCell row_cell(const Merge *merge, uint32_t column, uint32_t row) {
    DeltaCell cell = {.is_null = batch_is_null(merge->batch, column, row)};
    if (!cell.is_null) {
        cell.value = batch_value(merge->batch, column, row);
    }
    return cell;
}

static DeltaChange *row_change(Merge *merge, uint32_t row) {
    buffer_clear(&merge->key);
    for (uint32_t i = 0; i < merge->write->key.count; i++) {
        uint32_t column = (uint32_t)merge->keys[i];
        DeltaCell cell = row_cell(merge, column, row);
        key_append(&merge->key, merge->columns[column].type, cell.is_null, &cell.value);
    }
    uint32_t number = delta_keyset_find(&merge->changes->set, merge->key.data, merge->key.length);
    return number == DELTA_KEY_NONE ? NULL : &merge->changes->items.items[number];
}

// The change's order against the row's; of equals the change, which came later, wins.
static int change_order(const Merge *merge, const DeltaChange *change, uint32_t row) {
    const DeltaCell *order = delta_change_order(merge->changes, change);
    for (uint32_t i = 0; i < merge->write->order_count; i++) {
        uint32_t column = merge->table_count + i;
        DeltaCell cell = row_cell(merge, column, row);
        int compared = delta_order_compare(&merge->columns[column], &order[i], &cell, 1);
        if (compared != 0) {
            return compared;
        }
    }
    return 0;
}

static bool
column_differs(const Merge *merge, uint32_t column, const DeltaChange *change, uint32_t row) {
    DeltaCell is = row_cell(merge, column, row);
    const DeltaCell *wanted = &change->cells[merge->cells[column]];
    if (is.is_null || wanted->is_null) {
        return is.is_null != wanted->is_null;
    }
    const FlowTypeDesc *type = merge->columns[column].type;
    return value_compare(type, &is.value, type, &wanted->value) != 0;
}

static bool moves(const Merge *merge, const DeltaChange *change, uint32_t row) {
    for (uint32_t i = 0; i < merge->table_count; i++) {
        if (merge->is_routed[i] && column_differs(merge, i, change, row)) {
            return true;
        }
    }
    return false;
}

static bool differs(const Merge *merge, const DeltaChange *change, uint32_t row) {
    for (uint32_t i = 0; i < merge->table_count; i++) {
        if (column_differs(merge, i, change, row)) {
            return true;
        }
    }
    return false;
}

// The change that is to be made in this row, or NULL. What would change nothing is remembered.
// Others may have given a key several rows; its next change leaves one.
static DeltaChange *row_effect(Merge *merge, uint32_t row) {
    DeltaChange *change = row_change(merge, row);
    if (change == NULL || change->is_stale || change->is_older) {
        return NULL;
    }
    int order = change_order(merge, change, row);
    if (change->is_delete || change->is_doubled || differs(merge, change, row)) {
        return change;
    }
    change->is_kept = change->is_kept || order > 0;
    return NULL;
}

// --- first: whose keys are met ------------------------------------------------------------------
static void row_match(Merge *merge, uint32_t row, bool *is_met) {
    DeltaChange *change = row_change(merge, row);
    if (change == NULL) {
        return;
    }
    change->is_doubled = change->is_found;
    change->is_found = true;
    if (change->is_stale) {
        return;
    }
    bool is_older = change_order(merge, change, row) < 0;
    change->is_older = change->is_older || is_older;
    *is_met = *is_met || !is_older;
}

static Outcome rows_match(Merge *merge, const MergeScan *scan, bool *is_met) {
    bool has_rows = true;
    while (has_rows) {
        TRY(scan_next(merge, scan, &has_rows));
        for (uint32_t row = 0; row < (uint32_t)merge->batch->abi.row_count; row++) {
            row_match(merge, row, is_met);
        }
    }
    return OUTCOME_OK;
}

// --- second: whether anything differs -----------------------------------------------------------
static Outcome rows_compare(Merge *merge, const MergeScan *scan, bool *is_changed) {
    bool has_rows = true;
    while (has_rows) {
        TRY(scan_next(merge, scan, &has_rows));
        for (uint32_t row = 0; row < (uint32_t)merge->batch->abi.row_count; row++) {
            if (row_effect(merge, row) != NULL) {
                *is_changed = true;
                return OUTCOME_OK;
            }
        }
    }
    return OUTCOME_OK;
}

// --- third: the rows that stay, in their order --------------------------------------------------
static void change_put(Merge *merge, const DeltaChange *change, uint32_t row) {
    for (uint32_t i = 0; i < merge->column_count; i++) {
        const DeltaCell *cell = &change->cells[merge->cells[i]];
        if (cell->is_null) {
            batch_set_null(merge->batch, i, row);
        } else {
            batch_set(merge->batch, i, row, cell->value);
        }
    }
}

// False: the row does not stay in this file.
static bool row_rewrite(Merge *merge, uint32_t row) {
    DeltaMetrics *metrics = &merge->write->metrics;
    DeltaChange *change = row_effect(merge, row);
    if (change == NULL) {
        return true;
    }
    if (change->is_delete) {
        metrics->rows_deleted++;
        return false;
    }
    metrics->rows_updated++;
    if (change->is_doubled || moves(merge, change, row)) {
        change->is_insert = true;
        return false;
    }
    change_put(merge, change, row);
    return true;
}

static Outcome batch_stage(Merge *merge) {
    int32_t *slots = arena_array(&merge->batch->arena, int32_t, merge->column_count);
    for (uint32_t i = 0; i < merge->column_count; i++) {
        slots[i] = (int32_t)i;
    }
    return delta_stage_append(merge->write->stage, &merge->batch->abi, slots);
}

static Outcome rows_rewrite(Merge *merge, const MergeScan *scan, bool *is_changed) {
    bool has_rows = true;
    (void)is_changed;
    while (has_rows) {
        TRY(scan_next(merge, scan, &has_rows));
        FlowBatch *batch = &merge->batch->abi;
        int32_t *selection = batch->selection;
        batch->selected_count = 0;
        for (int32_t row = 0; row < batch->row_count; row++) {
            if (row_rewrite(merge, (uint32_t)row)) {
                selection[batch->selected_count++] = row;
            }
        }
        TRY(batch_stage(merge));
    }
    return OUTCOME_OK;
}

// --- new rows -----------------------------------------------------------------------------------
static bool is_insert(const DeltaChange *change) {
    return !change->is_delete && !change->is_stale && (!change->is_found || change->is_insert);
}

static Outcome inserts_flush(Merge *merge) {
    batch_select_all(merge->batch);
    TRY(batch_stage(merge));
    batch_clear(merge->batch);
    return OUTCOME_OK;
}

static Outcome inserts_write(Merge *merge) {
    batch_clear(merge->batch);
    for (uint32_t i = 0; i < merge->changes->items.count; i++) {
        const DeltaChange *change = &merge->changes->items.items[merge->sorted[i]];
        if (!is_insert(change)) {
            continue;
        }
        merge->write->metrics.rows_inserted += !change->is_insert;
        change_put(merge, change, (uint32_t)merge->batch->abi.row_count++);
        if (merge->batch->abi.row_count == FLOW_BATCH_ROWS_MAX) {
            TRY(inserts_flush(merge));
        }
    }
    return inserts_flush(merge);
}

// --- the whole ----------------------------------------------------------------------------------
typedef Outcome (*FilePass)(Merge *merge, const MergeScan *scan, bool *answer);

static Outcome
file_pass(Merge *merge, const DeltaLive *file, bool is_whole, FilePass pass, bool *answer) {
    MergeScan scan;
    file_scan(merge, file, is_whole, &scan);
    Outcome outcome = pass(merge, &scan, answer);
    delta_scan_close(scan.scan);
    return outcome;
}

static Outcome file_rewrite(Merge *merge, const DeltaLive *file) {
    bool is_changed = false;
    TRY(file_pass(merge, file, true, rows_compare, &is_changed));
    if (!is_changed) {
        return OUTCOME_OK;
    }
    *vec_push(&merge->write->arena, &merge->write->removes) = file->path;
    return file_pass(merge, file, true, rows_rewrite, &is_changed);
}

// All keys are matched before any row is written: a key may stand in several files.
static Outcome files_match(Merge *merge, bool *met) {
    const DeltaWrite *write = merge->write;
    DeltaSkip skip = {
        .changes = merge->changes,
        .sorted = merge->sorted,
        .columns = merge->columns,
        .keys = merge->keys,
        .is_routed = merge->is_routed,
    };
    for (uint32_t i = 0; i < write->base->files.count; i++) {
        const DeltaLive *file = &write->base->files.items[i];
        if (delta_skip_may_match(&skip, &file->file)) {
            TRY(file_pass(merge, file, false, rows_match, &met[i]));
        }
    }
    return OUTCOME_OK;
}

static Outcome base_merge(Merge *merge) {
    const DeltaWrite *write = merge->write;
    if (write->base == NULL) {
        return OUTCOME_OK;
    }
    bool *met = arena_array(&merge->arena, bool, write->base->files.count);
    TRY(files_match(merge, met));
    for (uint32_t i = 0; i < write->base->files.count; i++) {
        if (met[i]) {
            TRY(file_rewrite(merge, &write->base->files.items[i]));
        }
    }
    return OUTCOME_OK;
}

static Outcome merge_run(Merge *merge) {
    DeltaWrite *write = merge->write;
    TRY(delta_tombstones_apply(write));
    TRY(base_merge(merge));
    TRY(inserts_write(merge));
    TRY(delta_stage_finish(write->stage));
    delta_write_take_files(write);
    return delta_tombstones_write(write, merge->sorted);
}

// What was staged for another base is given up; its names are not used again.
static void stage_renew(Merge *merge) {
    DeltaWrite *write = merge->write;
    if (write->stage != NULL) {
        write->file_number = delta_stage_file_number(write->stage);
        delta_stage_discard(write->stage);
        delta_stage_free(write->stage);
    }
    delta_tombstones_discard(write);
    write->stage = delta_write_stage_new(write,
                                         merge->columns,
                                         merge->column_count,
                                         write->order_count > 1 ? write->order_count : 0);
    write->removes.count = 0;
    write->adds.count = 0;
    write->metrics = (DeltaMetrics){.rows_given = write->metrics.rows_given};
}

Outcome delta_merge_compute(DeltaWrite *write) {
    Merge merge;
    merge_begin(&merge, write);
    delta_changes_reset(write->changes);
    stage_renew(&merge);
    Outcome outcome = merge_run(&merge);
    merge_end(&merge);
    return outcome;
}
