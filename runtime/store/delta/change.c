// Changes are kept in columns as they come; a merge finds them by key and compares them one by one.
// They are as many as an epoch has, not as the table.
#include "store/delta/change.h"

#include "scalar/scalar.h"

// --- making -------------------------------------------------------------------------------------
static int32_t column_find(const DeltaChanges *changes, const char *name) {
    for (uint32_t i = 0; i < changes->order_first; i++) {
        if (strcmp(changes->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

static uint32_t flag_count(const DeltaChanges *changes) {
    return (changes->has_delete ? 1u : 0u) + (changes->has_truncate ? 1u : 0u);
}

static uint32_t truncate_column(const DeltaChanges *changes) {
    return changes->column_count + (changes->has_delete ? 1u : 0u);
}

// Names of their own for what is no column of the table: the program's may be a column's, too.
static void extras_name(DeltaChanges *changes) {
    for (uint32_t i = 0; i < changes->order_count; i++) {
        changes->columns[changes->order_first + i].name =
            arena_format(&changes->arena, DELTA_SEQUENCE_NAME "._%u", i + 1);
    }
    if (changes->has_valid_from) {
        changes->columns[changes->column_count - 1].name = DELTA_SEQUENCE_NAME ".valid_from";
    }
    if (changes->has_delete) {
        changes->columns[changes->column_count].name = DELTA_SEQUENCE_NAME ".delete";
    }
    if (changes->has_truncate) {
        changes->columns[truncate_column(changes)].name = DELTA_SEQUENCE_NAME ".truncate";
    }
}

DeltaChanges *delta_changes_new(const DeltaChangesOptions *options) {
    DeltaChanges *changes = memory_alloc(sizeof(*changes));
    *changes = (DeltaChanges){
        .order_count = options->order_count,
        .has_valid_from = options->has_valid_from,
        .has_delete = options->has_delete,
        .has_truncate = options->has_truncate,
        .key_count = options->key->count,
        .given = options->columns,
        .truncate = DELTA_ROW_NONE,
    };
    changes->column_count = options->column_count - flag_count(changes);
    changes->order_first =
        changes->column_count - options->order_count - (options->has_valid_from ? 1 : 0);
    changes->columns =
        delta_stored_columns(&changes->arena, options->columns, options->column_count);
    extras_name(changes);
    changes->keys = arena_array(&changes->arena, int32_t, changes->key_count);
    for (uint32_t i = 0; i < changes->key_count; i++) {
        changes->keys[i] = column_find(changes, options->key->items[i]);
        ASSERT(changes->keys[i] != FLOW_NO_INDEX);
    }
    delta_rows_begin(&changes->rows, changes->columns, changes->column_count);
    return changes;
}

void delta_changes_free(DeltaChanges *changes) {
    if (changes == NULL) {
        return;
    }
    delta_keyset_free(&changes->set);
    delta_rows_end(&changes->rows);
    buffer_free(&changes->key);
    arena_free(&changes->arena);
    memory_free(changes);
}

// --- values -------------------------------------------------------------------------------------
DeltaCell delta_changes_cell(const DeltaChanges *changes, uint32_t row, uint32_t column) {
    return delta_rows_cell(&changes->rows, row, column);
}

void delta_changes_order(const DeltaChanges *changes, uint32_t row, DeltaCell *cells) {
    for (uint32_t i = 0; i < changes->order_count; i++) {
        cells[i] = delta_changes_cell(changes, row, changes->order_first + i);
    }
}

int delta_changes_order_compare(const DeltaChanges *changes, uint32_t row, const DeltaCell *cells) {
    for (uint32_t i = 0; i < changes->order_count; i++) {
        uint32_t column = changes->order_first + i;
        DeltaCell cell = delta_changes_cell(changes, row, column);
        int order = delta_cells_compare(&changes->columns[column], &cell, &cells[i], 1);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

// Of equal order values the later arrival, which has the greater number, wins.
static bool is_newer(const DeltaChanges *changes, uint32_t row, uint32_t than) {
    for (uint32_t i = 0; i < changes->order_count; i++) {
        uint32_t column = changes->order_first + i;
        DeltaCell cell = delta_changes_cell(changes, row, column);
        DeltaCell other = delta_changes_cell(changes, than, column);
        int order = delta_cells_compare(&changes->columns[column], &cell, &other, 1);
        if (order != 0) {
            return order > 0;
        }
    }
    return true;
}

// --- taking rows --------------------------------------------------------------------------------
static void key_make(DeltaChanges *changes, uint32_t row) {
    buffer_clear(&changes->key);
    for (uint32_t i = 0; i < changes->key_count; i++) {
        uint32_t column = (uint32_t)changes->keys[i];
        DeltaCell cell = delta_changes_cell(changes, row, column);
        key_append(&changes->key, changes->columns[column].type, cell.is_null, &cell.value);
    }
}

static bool flag_of(const FlowBatch *batch, int32_t slot, int32_t row) {
    if (slot < 0) {
        return false;
    }
    const FlowColumn *vector = &((const FlowColumn *)batch->columns)[slot];
    const uint8_t *validity = vector->validity;
    bool has_value = validity == NULL || validity[row] != 0;
    return has_value && ((const uint8_t *)vector->values)[row] != 0;
}

static void row_take(DeltaChanges *changes, uint32_t row, bool is_delete) {
    bool is_new;
    key_make(changes, row);
    uint32_t number = delta_keyset_add(
        &changes->set, &changes->arena, changes->key.data, changes->key.length, &is_new);
    if (is_new) {
        *vec_push(&changes->arena, &changes->items) = (DeltaChange){.row = DELTA_ROW_NONE};
    }
    DeltaChange *change = &changes->items.items[number];
    if (changes->has_valid_from) {
        changes->before.items[row] = change->row;
        changes->deletes.items[row] = is_delete;
    }
    if (is_new || changes->has_valid_from || is_newer(changes, row, change->row)) {
        *change = (DeltaChange){.row = row, .is_delete = is_delete};
    }
}

static void truncate_take(DeltaChanges *changes, uint32_t row) {
    if (changes->truncate == DELTA_ROW_NONE || is_newer(changes, row, changes->truncate)) {
        changes->truncate = row;
    }
}

void delta_changes_take(DeltaChanges *changes, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *selection = batch->selection;
    uint32_t first = changes->rows.count;
    uint32_t count = (uint32_t)batch->selected_count;
    int32_t is_delete = changes->has_delete ? slots[changes->column_count] : FLOW_NO_INDEX;
    int32_t is_truncate = changes->has_truncate ? slots[truncate_column(changes)] : FLOW_NO_INDEX;
    delta_rows_take(&changes->rows, changes->given, batch, slots, selection, count);
    for (uint32_t i = 0; changes->has_valid_from && i < count; i++) {
        *vec_push(&changes->arena, &changes->before) = DELTA_ROW_NONE;
        *vec_push(&changes->arena, &changes->deletes) = false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (flag_of(batch, is_truncate, selection[i])) {
            truncate_take(changes, first + i);
        } else {
            row_take(changes, first + i, flag_of(batch, is_delete, selection[i]));
        }
    }
}

// --- all of them --------------------------------------------------------------------------------
// Most keys differ in the eight bytes behind the first one's mark.
typedef struct SortKey {
    uint64_t prefix;
    uint32_t number;
} SortKey;

static uint64_t key_prefix(const DeltaKey *key) {
    uint64_t prefix = 0;
    size_t length = key->length - 1 < sizeof(prefix) ? key->length - 1 : sizeof(prefix);
    memcpy(&prefix, key->bytes + 1, length);
    return __builtin_bswap64(prefix);
}

static int key_compare(const void *a, const void *b, void *user) {
    const SortKey *left_sort = a;
    const SortKey *right_sort = b;
    if (left_sort->prefix != right_sort->prefix) {
        return left_sort->prefix < right_sort->prefix ? -1 : 1;
    }
    const DeltaKeySet *set = user;
    const DeltaKey *left = &set->keys[left_sort->number];
    const DeltaKey *right = &set->keys[right_sort->number];
    uint32_t length = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->bytes, right->bytes, length);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

// By prefix, a byte at a time from the last; equal prefixes keep their order.
static SortKey *keys_sort(SortKey *keys, SortKey *spare, uint32_t count) {
    for (uint32_t shift = 0; shift < 64; shift += 8) {
        uint32_t starts[257] = {0};
        for (uint32_t i = 0; i < count; i++) {
            starts[(keys[i].prefix >> shift & 0xFF) + 1]++;
        }
        if (count > 0 && starts[(keys[0].prefix >> shift & 0xFF) + 1] == count) {
            continue; // a byte that all have
        }
        for (uint32_t i = 0; i < 256; i++) {
            starts[i + 1] += starts[i];
        }
        for (uint32_t i = 0; i < count; i++) {
            spare[starts[keys[i].prefix >> shift & 0xFF]++] = keys[i];
        }
        SortKey *sorted = spare;
        spare = keys;
        keys = sorted;
    }
    return keys;
}

// Keys with one prefix, by all of their bytes.
static void runs_sort(SortKey *keys, uint32_t count, const DeltaKeySet *set) {
    DeltaKeySet copy = *set;
    for (uint32_t start = 0; start < count;) {
        uint32_t end = start + 1;
        while (end < count && keys[end].prefix == keys[start].prefix) {
            end++;
        }
        if (end - start > 1) {
            qsort_r(keys + start, end - start, sizeof(*keys), key_compare, &copy);
        }
        start = end;
    }
}

uint32_t *delta_changes_sorted(const DeltaChanges *changes, Arena *arena) {
    uint32_t count = changes->items.count;
    uint32_t *sorted = arena_array(arena, uint32_t, count + 1);
    SortKey *keys = memory_alloc((2 * (size_t)count + 1) * sizeof(*keys));
    for (uint32_t i = 0; i < count; i++) {
        bool is_null = changes->set.keys[i].bytes[0] == 0; // the least, whatever is behind it
        keys[i] = (SortKey){is_null ? 0 : key_prefix(&changes->set.keys[i]), i};
    }
    SortKey *by_prefix = keys_sort(keys, keys + count, count);
    runs_sort(by_prefix, count, &changes->set);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = by_prefix[i].number;
    }
    memory_free(keys);
    return sorted;
}

void delta_changes_reset(DeltaChanges *changes) {
    for (uint32_t i = 0; i < changes->items.count; i++) {
        DeltaChange *change = &changes->items.items[i];
        *change = (DeltaChange){.row = change->row, .is_delete = change->is_delete};
    }
}

// --- as a file ----------------------------------------------------------------------------------
static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

// Which rows say anything: the truncate, and of each key its changes.
static bool *rows_live(const DeltaChanges *changes, Arena *arena) {
    bool *live = arena_array(arena, bool, changes->rows.count + 1);
    if (changes->truncate != DELTA_ROW_NONE) {
        live[changes->truncate] = true;
    }
    for (uint32_t i = 0; i < changes->items.count; i++) {
        uint32_t row = changes->items.items[i].row;
        while (row != DELTA_ROW_NONE) {
            live[row] = true;
            row = changes->has_valid_from ? changes->before.items[row] : DELTA_ROW_NONE;
        }
    }
    return live;
}

static bool *rows_deleting(const DeltaChanges *changes, Arena *arena) {
    bool *deleting = arena_array(arena, bool, changes->rows.count + 1);
    for (uint32_t i = 0; i < changes->items.count; i++) {
        const DeltaChange *change = &changes->items.items[i];
        if (change->row != DELTA_ROW_NONE) {
            deleting[change->row] = change->is_delete;
        }
    }
    for (uint32_t row = 0; changes->has_valid_from && row < changes->rows.count; row++) {
        deleting[row] = changes->deletes.items[row];
    }
    return deleting;
}

static void row_fill(const DeltaChanges *changes, uint32_t row, bool is_delete, Batch *batch) {
    uint32_t to = (uint32_t)batch->abi.row_count++;
    for (uint32_t i = 0; i < changes->column_count; i++) {
        DeltaCell cell = delta_changes_cell(changes, row, i);
        delta_cell_put(batch, i, to, &cell);
    }
    if (changes->has_delete) {
        batch_set(batch, changes->column_count, to, (FlowValue){.i64 = is_delete});
    }
    if (changes->has_truncate) {
        FlowValue is_truncate = {.i64 = row == changes->truncate};
        batch_set(batch, truncate_column(changes), to, is_truncate);
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
    uint32_t count = changes->column_count + flag_count(changes);
    int32_t *slots = identity_slots(&arena, count);
    const bool *live = rows_live(changes, &arena);
    const bool *deleting = rows_deleting(changes, &arena);
    Batch *batch = batch_new(changes->columns, count);
    ParquetWriter *writer = parquet_writer_new(changes->columns, count, NULL, bytes_write, out);
    for (uint32_t row = 0; row < changes->rows.count; row++) {
        if (!live[row]) {
            continue;
        }
        row_fill(changes, row, deleting[row], batch);
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
    uint32_t count = changes->column_count + flag_count(changes);
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
