// Merging into a history: of every key that changes come for, all rows of the table and all that is
// remembered are gathered, its versions are made anew, and what differs from the table is written.
// Memory is that of the changes and of the whole histories of their keys. A change that deletes all
// keys makes every key with something newer one of these.
#include "store/delta/timeline.h"

#include "store/delta/merge_skip.h"
#include "store/delta/tombstone.h"

#include "scalar/scalar.h"

// --- making -------------------------------------------------------------------------------------
static int32_t row_column(const DeltaMerge *merge, uint32_t given) {
    for (uint32_t i = 0; i < merge->table_count; i++) {
        if (merge->cells[i] == (int32_t)given) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

static bool is_named(const DeltaNames *names, const char *name) {
    return delta_names_have(names, name);
}

static void columns_find(DeltaTimeline *timeline) {
    const DeltaMerge *merge = timeline->merge;
    const DeltaWrite *write = merge->write;
    timeline->given_count = write->table_count - write->made_count;
    timeline->row_columns = arena_array(&timeline->arena, int32_t, write->table_count);
    timeline->is_tracked = arena_array(&timeline->arena, bool, write->table_count);
    for (uint32_t i = 0; i < write->table_count; i++) {
        timeline->row_columns[i] = row_column(merge, i);
        timeline->is_tracked[i] = is_named(&write->tracked, write->columns[i].name);
    }
    // The made columns stand in this order: write.c makes them.
    uint32_t first = write->table_count - 3;
    timeline->surrogate =
        write->surrogate_key == NULL ? FLOW_NO_INDEX : timeline->row_columns[timeline->given_count];
    timeline->valid_from = timeline->row_columns[first];
    timeline->valid_to = timeline->row_columns[first + 1];
    timeline->is_current = timeline->row_columns[first + 2];
}

static void timeline_begin(DeltaTimeline *timeline, DeltaMerge *merge) {
    uint32_t memory_count;
    *timeline = (DeltaTimeline){.merge = merge};
    columns_find(timeline);
    FlowColumnDesc *rows =
        delta_stored_columns(&timeline->arena, merge->columns, merge->column_count);
    delta_rows_begin(&timeline->rows, rows, merge->column_count);
    FlowColumnDesc *memory = delta_tombstone_columns(merge->write, &timeline->arena, &memory_count);
    delta_rows_begin(&timeline->memory, memory, memory_count);
}

static void timeline_end(DeltaTimeline *timeline) {
    delta_rows_end(&timeline->rows);
    delta_rows_end(&timeline->memory);
    arena_free(&timeline->arena);
}

// --- keys that are looked at --------------------------------------------------------------------
static void key_register(DeltaChanges *changes, const char *bytes, size_t length) {
    bool is_new;
    delta_keyset_add(&changes->set, &changes->arena, bytes, length, &is_new);
    if (is_new) {
        *vec_push(&changes->arena, &changes->items) = (DeltaChange){.row = DELTA_ROW_NONE};
    }
}

static bool is_memory_truncated(const DeltaWrite *write, const Batch *batch, uint32_t row) {
    Arena arena = {0};
    DeltaCell *order = arena_array(&arena, DeltaCell, write->order_count + 1);
    for (uint32_t i = 0; i < write->order_count; i++) {
        order[i] = delta_batch_cell(batch, DELTA_TOMBSTONE_ORDER + i, row);
    }
    int compared = delta_changes_order_compare(write->changes, write->changes->truncate, order);
    arena_free(&arena);
    return compared >= 0;
}

static void memory_register(void *user, const Batch *batch, uint32_t row) {
    DeltaWrite *write = user;
    FlowView key = batch_value(batch, DELTA_TOMBSTONE_KEY, row).view;
    bool is_truncate = delta_tombstone_flag(write, batch, DELTA_TOMBSTONE_TRUNCATE, row);
    if (!is_truncate && !is_memory_truncated(write, batch, row)) {
        key_register(write->changes, flow_view_data(&key), key.length);
    }
}

static Outcome rows_register(DeltaMergeReader *reader) {
    const DeltaMerge *merge = reader->merge;
    do {
        TRY(delta_merge_reader_next(reader));
        for (uint32_t row = 0; row < (uint32_t)reader->batch->abi.row_count; row++) {
            if (!delta_merge_is_truncated(merge, reader->batch, row)) {
                const Buffer *key = delta_merge_row_key(reader, row);
                key_register(merge->changes, key->data, key->length);
            }
        }
    } while (reader->batch->abi.row_count > 0);
    return OUTCOME_OK;
}

// Of a table whose keys are all deleted, those that something newer is known of.
static Outcome keys_register(DeltaMerge *merge) {
    if (merge->changes->truncate == DELTA_ROW_NONE) {
        return OUTCOME_OK;
    }
    TRY(delta_tombstones_read(merge->write, memory_register, merge->write));
    DeltaMergeReader reader;
    Outcome outcome = OUTCOME_OK;
    delta_merge_reader_begin(&reader, merge, merge->write->sys);
    for (uint32_t i = 0; i < merge->file_count && outcome == OUTCOME_OK; i++) {
        delta_merge_reader_open(&reader, i, DELTA_MERGE_KEYS);
        outcome = rows_register(&reader);
        delta_merge_reader_close(&reader);
    }
    delta_merge_reader_end(&reader);
    delta_merge_keys_changed(merge);
    return outcome;
}

static uint32_t *heads_new(DeltaTimeline *timeline) {
    uint32_t *heads = arena_array(&timeline->arena, uint32_t, timeline->key_count + 1);
    memset(heads, 0xFF, (timeline->key_count + 1) * sizeof(*heads)); // DELTA_ROW_NONE
    return heads;
}

// --- what is known of them ----------------------------------------------------------------------
static void memory_take(void *user, const Batch *batch, uint32_t row) {
    DeltaTimeline *timeline = user;
    DeltaWrite *write = timeline->merge->write;
    if (delta_tombstone_flag(write, batch, DELTA_TOMBSTONE_TRUNCATE, row)) {
        delta_tombstone_truncate_keep(write, batch, row);
        return;
    }
    FlowView key = batch_value(batch, DELTA_TOMBSTONE_KEY, row).view;
    uint32_t number = delta_keyset_find(&write->changes->set, flow_view_data(&key), key.length);
    if (number == DELTA_KEY_NONE) {
        return;
    }
    Arena arena = {0};
    DeltaCell *cells = arena_array(&arena, DeltaCell, timeline->memory.column_count);
    for (uint32_t i = 0; i < timeline->memory.column_count; i++) {
        cells[i] = delta_batch_cell(batch, i, row);
    }
    *vec_push(&timeline->arena, &timeline->memory_before) = timeline->memory_last[number];
    timeline->memory_last[number] = timeline->memory.count;
    delta_rows_add(&timeline->memory, cells);
    arena_free(&arena);
}

typedef VEC(uint32_t) Positions;

static void
row_take(DeltaTimeline *timeline, DeltaMergeReader *reader, uint32_t file, uint32_t row) {
    const DeltaMerge *merge = timeline->merge;
    uint32_t number = reader->found[row];
    int32_t selection = (int32_t)row;
    int32_t *slots = arena_array(&reader->batch->arena, int32_t, merge->column_count);
    for (uint32_t i = 0; i < merge->column_count; i++) {
        slots[i] = (int32_t)i;
    }
    const int64_t *offsets = reader->batch->abi.offsets;
    *vec_push(&timeline->arena, &timeline->standings) = (DeltaStanding){
        .file = file,
        .position = (uint32_t)offsets[row],
        .before = timeline->row_last[number],
    };
    timeline->row_last[number] = timeline->rows.count;
    delta_rows_take(&timeline->rows, merge->columns, &reader->batch->abi, slots, &selection, 1);
}

static Outcome
rows_gather(DeltaTimeline *timeline, DeltaMergeReader *reader, uint32_t file, Positions *removed) {
    DeltaMerge *merge = timeline->merge;
    bool has_truncate = merge->changes->truncate != DELTA_ROW_NONE;
    do {
        TRY(delta_merge_reader_next(reader));
        const int64_t *offsets = reader->batch->abi.offsets;
        for (uint32_t row = 0; row < (uint32_t)reader->batch->abi.row_count; row++) {
            if (reader->found[row] != DELTA_KEY_NONE) {
                row_take(timeline, reader, file, row);
            } else if (has_truncate) { // nothing newer is known of its key
                *vec_push(&merge->arena, removed) = (uint32_t)offsets[row];
                merge->write->metrics.rows_deleted++;
            }
        }
    } while (reader->batch->abi.row_count > 0);
    return OUTCOME_OK;
}

static Outcome files_gather(DeltaTimeline *timeline, Positions *removed) {
    const DeltaMerge *merge = timeline->merge;
    DeltaMergeReader reader;
    Outcome outcome = OUTCOME_OK;
    delta_merge_reader_begin(&reader, merge, merge->write->sys);
    for (uint32_t i = 0; i < merge->file_count && outcome == OUTCOME_OK; i++) {
        if (delta_merge_may_match(merge, i)) {
            delta_merge_reader_open(&reader, i, DELTA_MERGE_ALL);
            outcome = rows_gather(timeline, &reader, i, &removed[i]);
            delta_merge_reader_close(&reader);
        }
    }
    delta_merge_reader_end(&reader);
    return outcome;
}

// --- what differs -------------------------------------------------------------------------------
typedef struct Memories { // of all keys, as rows of the next file
    DeltaTimeline *timeline;
    DeltaRows rows;
    uint32_t *first; // by key
    uint32_t *count;
    bool has_any;
} Memories;

static void memory_cells(DeltaTimeline *timeline, const DeltaEvent *event, DeltaCell *cells) {
    const DeltaWrite *write = timeline->merge->write;
    if (event->kind == DELTA_EVENT_MEMORY) {
        for (uint32_t i = 0; i < timeline->memory.column_count; i++) {
            cells[i] = delta_rows_cell(&timeline->memory, event->row, i);
        }
        return;
    }
    cells[DELTA_TOMBSTONE_KEY] = (DeltaCell){.is_null = true};
    for (uint32_t i = 0; i < write->order_count; i++) {
        cells[DELTA_TOMBSTONE_ORDER + i] = delta_event_order(timeline, event, i);
    }
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_DELETE)] =
        (DeltaCell){.value.i64 = event->is_delete};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_AT)] =
        (DeltaCell){.value.i64 = write->clock_us};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_TRUNCATE)] = (DeltaCell){.is_null = true};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_VALID_FROM)] =
        (DeltaCell){.value.i64 = event->valid_from};
    for (uint32_t i = 0; i < timeline->given_count; i++) {
        cells[delta_tombstone_column(write, DELTA_TOMBSTONE_ROW) + i] =
            event->is_delete ? (DeltaCell){.is_null = true} : delta_event_cell(timeline, event, i);
    }
}

static uint32_t memory_count(const DeltaTimeline *timeline, uint32_t key) {
    uint32_t count = 0;
    uint32_t row = timeline->memory_last[key];
    for (; row != DELTA_ROW_NONE; row = timeline->memory_before.items[row]) {
        count++;
    }
    return count;
}

static void memories_take(Memories *memories, uint32_t key, DeltaCell *cells) {
    DeltaTimeline *timeline = memories->timeline;
    memories->first[key] = memories->rows.count;
    memories->count[key] = timeline->remembered.count;
    memories->has_any |= timeline->remembered.count != memory_count(timeline, key);
    for (uint32_t i = 0; i < timeline->remembered.count; i++) {
        DeltaEvent event = delta_event_remembered(
            timeline, key, &timeline->events.items[timeline->remembered.items[i]]);
        memories->has_any |= event.kind != DELTA_EVENT_MEMORY;
        memory_cells(timeline, &event, cells);
        delta_rows_add(&memories->rows, cells);
    }
}

static bool memories_replace(void *user, uint32_t key) {
    (void)user;
    (void)key;
    return true; // every key of the changes was looked at
}

static uint32_t memories_count(void *user, uint32_t key) {
    const Memories *memories = user;
    return memories->count[key];
}

static void memories_cells(void *user, uint32_t key, uint32_t at, DeltaCell *cells) {
    const Memories *memories = user;
    for (uint32_t i = 0; i < memories->rows.column_count; i++) {
        cells[i] = delta_rows_cell(&memories->rows, memories->first[key] + at, i);
    }
}

typedef struct NewRows {
    Batch *batch;
    DeltaStage *stage;
} NewRows;

static Outcome new_flush(const DeltaMerge *merge, NewRows *rows) {
    batch_select_all(rows->batch);
    TRY(delta_merge_stage_batch(merge, rows->stage, rows->batch));
    batch_clear(rows->batch);
    return OUTCOME_OK;
}

static Outcome versions_write(DeltaTimeline *timeline, uint32_t key, NewRows *rows) {
    DeltaMerge *merge = timeline->merge;
    for (uint32_t i = 0; i < timeline->versions.count; i++) {
        const DeltaVersion *version = &timeline->versions.items[i];
        if (version->row >= 0) {
            continue;
        }
        uint32_t row = (uint32_t)rows->batch->abi.row_count++;
        for (uint32_t column = 0; column < merge->column_count; column++) {
            DeltaCell cell = delta_version_cell(timeline, version, key, column);
            if (!cell.is_null) {
                const FlowTypeDesc *type = merge->columns[column].type;
                cell.value = delta_value_copy(&rows->batch->arena, type, cell.value);
            }
            delta_cell_put(rows->batch, column, row, &cell);
        }
        merge->write->metrics.rows_inserted++;
        if (rows->batch->abi.row_count == FLOW_BATCH_ROWS_MAX) {
            TRY(new_flush(merge, rows));
        }
    }
    return OUTCOME_OK;
}

static void removed_take(DeltaTimeline *timeline, uint32_t key, Positions *removed) {
    DeltaMerge *merge = timeline->merge;
    uint32_t row = timeline->row_last[key];
    for (; row != DELTA_ROW_NONE; row = timeline->standings.items[row].before) {
        const DeltaStanding *standing = &timeline->standings.items[row];
        if (!standing->stays) {
            *vec_push(&merge->arena, &removed[standing->file]) = standing->position;
            merge->write->metrics.rows_deleted++;
        }
    }
}

static Outcome
keys_run(DeltaTimeline *timeline, Memories *memories, Positions *removed, NewRows *rows) {
    const DeltaMerge *merge = timeline->merge;
    DeltaCell *cells = arena_array(&timeline->arena, DeltaCell, timeline->memory.column_count);
    for (uint32_t i = 0; i < timeline->key_count; i++) {
        uint32_t key = merge->sorted[i];
        delta_timeline_key(timeline, key);
        memories_take(memories, key, cells);
        removed_take(timeline, key, removed);
        TRY(versions_write(timeline, key, rows));
    }
    return new_flush(merge, rows);
}

// --- the rows that stay -------------------------------------------------------------------------
static int position_compare(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static Outcome rows_keep(DeltaMergeReader *reader, const Positions *removed) {
    const DeltaMerge *merge = reader->merge;
    uint32_t at = 0;
    do {
        TRY(delta_merge_reader_next(reader));
        FlowBatch *batch = &reader->batch->abi;
        const int64_t *offsets = batch->offsets;
        int32_t *selection = batch->selection;
        batch->selected_count = 0;
        for (int32_t row = 0; row < batch->row_count; row++) {
            if (at < removed->count && removed->items[at] == (uint32_t)offsets[row]) {
                at++;
            } else {
                selection[batch->selected_count++] = row;
            }
        }
        TRY(delta_merge_stage_batch(merge, merge->write->stage, reader->batch));
    } while (reader->batch->abi.row_count > 0);
    return OUTCOME_OK;
}

static Outcome files_rewrite(DeltaMerge *merge, Positions *removed) {
    DeltaMergeReader reader;
    Outcome outcome = OUTCOME_OK;
    delta_merge_reader_begin(&reader, merge, merge->write->sys);
    for (uint32_t i = 0; i < merge->file_count && outcome == OUTCOME_OK; i++) {
        if (removed[i].count == 0) {
            continue;
        }
        qsort(removed[i].items, removed[i].count, sizeof(uint32_t), position_compare);
        delta_merge_reader_open(&reader, i, DELTA_MERGE_ALL);
        outcome = rows_keep(&reader, &removed[i]);
        delta_merge_reader_close(&reader);
        delta_merge_remove(merge, i);
    }
    delta_merge_reader_end(&reader);
    return outcome;
}

// --- the whole ----------------------------------------------------------------------------------
static Outcome timeline_gather(DeltaTimeline *timeline, Positions *removed) {
    DeltaMerge *merge = timeline->merge;
    timeline->key_count = merge->changes->items.count;
    timeline->row_last = heads_new(timeline);
    timeline->memory_last = heads_new(timeline);
    TRY(delta_tombstones_read(merge->write, memory_take, timeline));
    return files_gather(timeline, removed);
}

static Outcome timeline_write(DeltaTimeline *timeline, Memories *memories, Positions *removed) {
    DeltaMerge *merge = timeline->merge;
    merge->write->stage = delta_merge_stage_new(merge, -1);
    NewRows rows = {
        .batch = batch_new(merge->columns, merge->column_count),
        .stage = merge->write->stage,
    };
    batch_clear(rows.batch);
    Outcome outcome = keys_run(timeline, memories, removed, &rows);
    batch_free(rows.batch);
    TRY(outcome);
    TRY(files_rewrite(merge, removed));
    TRY(delta_stage_finish(merge->write->stage));
    delta_write_take_files(merge->write);
    delta_merge_files_take(merge);
    DeltaNews news = {
        .user = memories,
        .replaces = memories_replace,
        .count = memories_count,
        .cells = memories_cells,
        .has_any = memories->has_any,
    };
    return delta_tombstones_replace(merge->write, merge->sorted, &news);
}

Outcome delta_timeline_merge(DeltaMerge *merge) {
    DeltaTimeline timeline;
    Positions *removed = arena_array(&merge->arena, Positions, merge->file_count + 1);
    TRY(keys_register(merge));
    timeline_begin(&timeline, merge);
    Memories memories = {.timeline = &timeline};
    delta_rows_begin(&memories.rows, timeline.memory.columns, timeline.memory.column_count);
    Outcome outcome = timeline_gather(&timeline, removed);
    memories.first = arena_array(&timeline.arena, uint32_t, timeline.key_count + 1);
    memories.count = arena_array(&timeline.arena, uint32_t, timeline.key_count + 1);
    if (outcome == OUTCOME_OK) {
        outcome = timeline_write(&timeline, &memories, removed);
    }
    delta_rows_end(&memories.rows);
    timeline_end(&timeline);
    return outcome;
}
