// Changes are kept as cells, a row each, because a merge looks them up by key and compares them one
// by one; they are as many as an epoch has, not as the table.
#include "store/delta/change.h"

#include "scalar/scalar.h"
#include "store/delta/scan.h"

// --- making -------------------------------------------------------------------------------------
// become strings, and everything nullable: a delete needs no more than its key.
static FlowColumnDesc *stored_columns(Arena *arena, const FlowColumnDesc *columns, uint32_t count) {
    FlowColumnDesc *stored = arena_array(arena, FlowColumnDesc, count);
    for (uint32_t i = 0; i < count; i++) {
        FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
        *type = *columns[i].type;
        type->is_nullable = 1;
        if (type->kind == FLOW_ENUM) {
            *type = (FlowTypeDesc){.kind = FLOW_STRING, .is_nullable = 1};
        }
        stored[i] = (FlowColumnDesc){
            .name = arena_string(arena, columns[i].name),
            .type = type,
            .is_used = 1,
        };
    }
    return stored;
}

static int32_t column_find(const DeltaChanges *changes, const char *name) {
    for (uint32_t i = 0; i < changes->column_count - changes->order_count; i++) {
        if (strcmp(changes->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

// Names of their own for what is no column of the table: the program's may be a column's, too.
static void extras_name(DeltaChanges *changes) {
    uint32_t first = changes->column_count - changes->order_count;
    for (uint32_t i = 0; i < changes->order_count; i++) {
        changes->columns[first + i].name =
            arena_format(&changes->arena, DELTA_SEQUENCE_NAME "._%u", i + 1);
    }
    if (changes->has_delete) {
        changes->columns[changes->column_count].name = DELTA_SEQUENCE_NAME ".delete";
    }
}

DeltaChanges *delta_changes_new(const DeltaChangesOptions *options) {
    DeltaChanges *changes = memory_alloc(sizeof(*changes));
    *changes = (DeltaChanges){
        .column_count = options->column_count - (options->has_delete ? 1 : 0),
        .order_count = options->order_count,
        .has_delete = options->has_delete,
        .key_count = options->key->count,
        .given = options->columns,
    };
    changes->columns = stored_columns(&changes->arena, options->columns, options->column_count);
    extras_name(changes);
    changes->keys = arena_array(&changes->arena, int32_t, changes->key_count);
    for (uint32_t i = 0; i < changes->key_count; i++) {
        changes->keys[i] = column_find(changes, options->key->items[i]);
        ASSERT(changes->keys[i] != FLOW_NO_INDEX);
    }
    return changes;
}

void delta_changes_free(DeltaChanges *changes) {
    if (changes == NULL) {
        return;
    }
    delta_keyset_free(&changes->set);
    buffer_free(&changes->key);
    arena_free(&changes->arena);
    memory_free(changes);
}

// --- order --------------------------------------------------------------------------------------
int delta_order_compare(const FlowColumnDesc *columns,
                        const DeltaCell *a,
                        const DeltaCell *b,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].is_null || b[i].is_null) {
            if (a[i].is_null != b[i].is_null) {
                return a[i].is_null ? -1 : 1;
            }
            continue;
        }
        int order = value_compare(columns[i].type, &a[i].value, columns[i].type, &b[i].value);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

const DeltaCell *delta_change_order(const DeltaChanges *changes, const DeltaChange *change) {
    return change->cells + (changes->column_count - changes->order_count);
}

// --- taking rows --------------------------------------------------------------------------------
typedef struct ChangeRow {
    const FlowBatch *batch;
    const int32_t *slots;
    size_t row;
} ChangeRow;

static const FlowColumn *row_vector(const ChangeRow *row, uint32_t column) {
    return &((const FlowColumn *)row->batch->columns)[row->slots[column]];
}

static DeltaCell cell_load(const DeltaChanges *changes, const ChangeRow *row, uint32_t column) {
    const FlowColumn *vector = row_vector(row, column);
    const uint8_t *validity = vector->validity;
    const FlowTypeDesc *type = changes->given[column].type;
    if (validity != NULL && validity[row->row] == 0) {
        return (DeltaCell){.is_null = true};
    }
    FlowValue value = value_load(type, vector->values, row->row);
    if (type->kind == FLOW_ENUM) {
        value.view = view_text(type->enum_values[value.i64].text);
    }
    return (DeltaCell){.value = value};
}

static void cell_keep(DeltaChanges *changes, uint32_t column, DeltaCell *cell) {
    int32_t kind = changes->columns[column].type->kind;
    FlowView *view = &cell->value.view;
    bool is_text = kind == FLOW_STRING || kind == FLOW_BYTES;
    if (!cell->is_null && is_text && view->length > FLOW_VIEW_INLINE_MAX) {
        view->data = arena_copy(&changes->arena, view->data, view->length);
    }
}

static void key_make(DeltaChanges *changes, const ChangeRow *row) {
    buffer_clear(&changes->key);
    for (uint32_t i = 0; i < changes->key_count; i++) {
        uint32_t column = (uint32_t)changes->keys[i];
        DeltaCell cell = cell_load(changes, row, column);
        key_append(&changes->key, changes->columns[column].type, cell.is_null, &cell.value);
    }
}

static bool is_delete(const DeltaChanges *changes, const ChangeRow *row) {
    if (!changes->has_delete) {
        return false;
    }
    const FlowColumn *vector = row_vector(row, changes->column_count);
    const uint8_t *validity = vector->validity;
    bool has_value = validity == NULL || validity[row->row] != 0;
    return has_value && ((const uint8_t *)vector->values)[row->row] != 0;
}

// Of equal order values the later arrival wins.
static bool is_newer(const DeltaChanges *changes, const ChangeRow *row, const DeltaChange *change) {
    uint32_t first = changes->column_count - changes->order_count;
    const DeltaCell *kept = delta_change_order(changes, change);
    for (uint32_t i = 0; i < changes->order_count; i++) {
        DeltaCell cell = cell_load(changes, row, first + i);
        int order = delta_order_compare(&changes->columns[first + i], &cell, &kept[i], 1);
        if (order != 0) {
            return order > 0;
        }
    }
    return true;
}

static void row_store(DeltaChanges *changes, const ChangeRow *row, DeltaChange *change) {
    for (uint32_t i = 0; i < changes->column_count; i++) {
        change->cells[i] = cell_load(changes, row, i);
        cell_keep(changes, i, &change->cells[i]);
    }
    change->is_delete = is_delete(changes, row);
}

static void row_take(DeltaChanges *changes, const ChangeRow *row) {
    bool is_new;
    key_make(changes, row);
    uint32_t number = delta_keyset_add(
        &changes->set, &changes->arena, changes->key.data, changes->key.length, &is_new);
    if (is_new) {
        *vec_push(&changes->arena, &changes->items) = (DeltaChange){
            .cells = arena_array(&changes->arena, DeltaCell, changes->column_count),
        };
    }
    DeltaChange *change = &changes->items.items[number];
    if (is_new || is_newer(changes, row, change)) {
        row_store(changes, row, change);
    }
}

void delta_changes_take(DeltaChanges *changes, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *selection = batch->selection;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        ChangeRow row = {.batch = batch, .slots = slots, .row = (size_t)selection[i]};
        row_take(changes, &row);
    }
}

// --- all of them --------------------------------------------------------------------------------
static int key_compare(const void *a, const void *b, void *user) {
    const DeltaKeySet *set = user;
    const DeltaKey *left = &set->keys[*(const uint32_t *)a];
    const DeltaKey *right = &set->keys[*(const uint32_t *)b];
    uint32_t length = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->bytes, right->bytes, length);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

uint32_t *delta_changes_sorted(const DeltaChanges *changes, Arena *arena) {
    uint32_t *sorted = arena_array(arena, uint32_t, changes->items.count);
    for (uint32_t i = 0; i < changes->items.count; i++) {
        sorted[i] = i;
    }
    if (changes->items.count > 1) {
        DeltaKeySet set = changes->set;
        qsort_r(sorted, changes->items.count, sizeof(*sorted), key_compare, &set);
    }
    return sorted;
}

void delta_changes_reset(DeltaChanges *changes) {
    for (uint32_t i = 0; i < changes->items.count; i++) {
        DeltaChange *change = &changes->items.items[i];
        *change = (DeltaChange){.cells = change->cells, .is_delete = change->is_delete};
    }
}

// --- as a file ----------------------------------------------------------------------------------
static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

static void change_fill(const DeltaChanges *changes, const DeltaChange *change, Batch *batch) {
    uint32_t row = (uint32_t)batch->abi.row_count++;
    for (uint32_t i = 0; i < changes->column_count; i++) {
        if (change->cells[i].is_null) {
            batch_set_null(batch, i, row);
        } else {
            batch_set(batch, i, row, change->cells[i].value);
        }
    }
    if (changes->has_delete) {
        batch_set(batch, changes->column_count, row, (FlowValue){.i64 = change->is_delete});
    }
}

static int32_t *identity_slots(Arena *arena, uint32_t count) {
    int32_t *slots = arena_array(arena, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = (int32_t)i;
    }
    return slots;
}

static void batch_flush(ParquetWriter *writer, Batch *batch, const int32_t *slots) {
    batch_select_all(batch);
    Outcome outcome = parquet_writer_append(writer, &batch->abi, slots);
    ASSERT(outcome == OUTCOME_OK); // the sink is memory
    batch_clear(batch);
}

// Memory takes everything, so nothing here can fail.
void delta_changes_write(const DeltaChanges *changes, Buffer *out) {
    Arena arena = {0};
    uint32_t count = changes->column_count + (changes->has_delete ? 1 : 0);
    int32_t *slots = identity_slots(&arena, count);
    Batch *batch = batch_new(changes->columns, count);
    ParquetWriter *writer = parquet_writer_new(changes->columns, count, NULL, bytes_write, out);
    for (uint32_t i = 0; i < changes->items.count; i++) {
        change_fill(changes, &changes->items.items[i], batch);
        if (batch->abi.row_count == FLOW_BATCH_ROWS_MAX) {
            batch_flush(writer, batch, slots);
        }
    }
    if (batch->abi.row_count > 0) {
        batch_flush(writer, batch, slots);
    }
    Outcome outcome = parquet_writer_finish(writer);
    ASSERT(outcome == OUTCOME_OK);
    parquet_writer_free(writer);
    batch_free(batch);
    arena_free(&arena);
}

typedef struct Bytes {
    const char *bytes;
    size_t length;
} Bytes;

static Outcome bytes_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Bytes *from = user;
    if (offset < 0 || (size_t)offset > from->length || from->length - (size_t)offset < length) {
        return OUTCOME_REFUSED;
    }
    memcpy(bytes, from->bytes + offset, length);
    return OUTCOME_OK;
}

static Outcome
rows_read(DeltaChanges *changes, ParquetReader *reader, Batch *batch, const int32_t *slots) {
    for (;;) {
        batch_clear(batch);
        TRY(parquet_reader_next(reader, batch, slots));
        if (batch->abi.row_count == 0) {
            return OUTCOME_OK;
        }
        batch_select_all(batch);
        delta_changes_take(changes, &batch->abi, slots);
    }
}

Outcome
delta_changes_read(DeltaChanges *changes, const char *bytes, size_t length, Failure *failure) {
    Bytes from = {bytes, length};
    ParquetReader *reader = NULL;
    uint32_t count = changes->column_count + (changes->has_delete ? 1 : 0);
    changes->given = changes->columns;
    TRY(parquet_reader_open(
        bytes_read, &from, (int64_t)length, changes->columns, count, failure, &reader));
    Arena arena = {0};
    Batch *batch = batch_new(changes->columns, count);
    Outcome outcome = rows_read(changes, reader, batch, identity_slots(&arena, count));
    batch_free(batch);
    arena_free(&arena);
    parquet_reader_free(reader);
    return outcome;
}
