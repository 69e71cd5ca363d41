// Both files, the old and the next, are streamed in key order, so memory is that of the epoch's
// changes and not that of what a table remembers.
#include "store/delta/tombstone.h"

#include "scalar/scalar.h"
#include "store/delta/stage_file.h"

#include <inttypes.h>

enum { NUMBER_BITS = 53 };
#define UNUSED_KEPT_MS ((int64_t)24 * 60 * 60 * 1000)

static const FlowTypeDesc key_type = {.kind = FLOW_BYTES, .is_nullable = 1};
static const FlowTypeDesc flag_type = {.kind = FLOW_BOOL, .is_nullable = 1};
static const FlowTypeDesc time_type = {.kind = FLOW_TIMESTAMP, .is_nullable = 1};

typedef struct Tombstones {
    DeltaWrite *write;
    Arena arena;
    FlowColumnDesc *columns;
    int32_t *slots;
    uint32_t column_count;
    Failure failure;
    // The old file.
    SysFile *file;
    const char *path;
    ParquetReader *reader;
    Batch *batch;
    // The next file.
    DeltaStageFile *next;
    Batch *rows;
    DeltaCell *cells;
} Tombstones;

// --- both files ---------------------------------------------------------------------------------
static FlowColumnDesc column_of(const char *name, const FlowTypeDesc *type) {
    return (FlowColumnDesc){.name = name, .type = type, .is_used = 1};
}

FlowColumnDesc *
delta_tombstone_columns(const DeltaWrite *write, Arena *arena, uint32_t *column_count) {
    const DeltaChanges *changes = write->changes;
    bool has_rows = changes->has_valid_from;
    uint32_t row_count = has_rows ? write->table_count - write->made_count : 0;
    uint32_t row_first = delta_tombstone_column(write, DELTA_TOMBSTONE_ROW);
    uint32_t time = delta_tombstone_column(write, DELTA_TOMBSTONE_VALID_FROM);
    FlowColumnDesc *columns = arena_array(arena, FlowColumnDesc, row_first + row_count);
    *column_count = has_rows ? row_first + row_count : time;
    columns[DELTA_TOMBSTONE_KEY] = column_of("key", &key_type);
    for (uint32_t i = 0; i < write->order_count; i++) {
        columns[DELTA_TOMBSTONE_ORDER + i] =
            column_of(arena_format(arena, "order_%u", i + 1),
                      changes->columns[changes->order_first + i].type);
    }
    columns[delta_tombstone_column(write, DELTA_TOMBSTONE_DELETE)] =
        column_of("is_delete", &flag_type);
    columns[delta_tombstone_column(write, DELTA_TOMBSTONE_AT)] = column_of("at", &time_type);
    columns[delta_tombstone_column(write, DELTA_TOMBSTONE_TRUNCATE)] =
        column_of("is_truncate", &flag_type);
    columns[time] = column_of(DELTA_VALID_FROM, &time_type);
    for (uint32_t i = 0; i < row_count; i++) {
        columns[row_first + i] = column_of(arena_format(arena, "row.%s", changes->columns[i].name),
                                           changes->columns[i].type);
    }
    return columns;
}

static const char *file_path(Tombstones *tombstones, int64_t number) {
    return arena_format(&tombstones->arena,
                        "%s/_flow/tombstones-%" PRId64 ".parquet",
                        tombstones->write->path,
                        number);
}

static void tombstones_begin(Tombstones *tombstones, DeltaWrite *write) {
    *tombstones = (Tombstones){.write = write};
    Arena *arena = &tombstones->arena;
    tombstones->columns = delta_tombstone_columns(write, arena, &tombstones->column_count);
    tombstones->slots = arena_array(arena, int32_t, tombstones->column_count);
    tombstones->cells = arena_array(arena, DeltaCell, tombstones->column_count);
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        tombstones->slots[i] = (int32_t)i;
    }
}

static void reader_end(Tombstones *tombstones) {
    if (tombstones->reader != NULL) {
        parquet_reader_free(tombstones->reader);
        tombstones->reader = NULL;
    }
    if (tombstones->file != NULL) {
        Outcome closed = sys_close(tombstones->write->sys, tombstones->file); // was only read
        (void)closed;
        tombstones->file = NULL;
    }
}

static void tombstones_end(Tombstones *tombstones) {
    reader_end(tombstones);
    if (tombstones->next != NULL) {
        delta_stage_file_discard(tombstones->next);
    }
    batch_free(tombstones->batch);
    batch_free(tombstones->rows);
    arena_free(&tombstones->arena);
}

// --- the old file -------------------------------------------------------------------------------
static Outcome file_bytes(void *user, int64_t offset, void *bytes, size_t length) {
    Tombstones *tombstones = user;
    size_t got;
    TRY(sys_read(tombstones->write->sys, tombstones->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK
                         : failure_set(&tombstones->failure, OUTCOME_REFUSED, "it ends too early");
}

static Outcome parquet_outcome(Tombstones *tombstones, Outcome outcome) {
    if (outcome != OUTCOME_OK && tombstones->failure.outcome != OUTCOME_OK) {
        return sys_fail(tombstones->write->sys,
                        OUTCOME_REFUSED,
                        "%s: %s",
                        tombstones->path,
                        tombstones->failure.text);
    }
    return outcome;
}

static int64_t current_number(const DeltaWrite *write) {
    return write->base == NULL ? DELTA_TOMBSTONES_NONE
                               : delta_table_txn(write->base, DELTA_TOMBSTONES_APP);
}

// *has_file: is anything remembered?
static Outcome reader_begin(Tombstones *tombstones, bool *has_file) {
    const DeltaWrite *write = tombstones->write;
    int64_t number = current_number(write);
    SysStat stat;
    *has_file = number > DELTA_TOMBSTONES_NONE;
    if (!*has_file) {
        return OUTCOME_OK;
    }
    tombstones->path = file_path(tombstones, number);
    TRY(sys_stat(write->sys, tombstones->path, &stat));
    if (!stat.exists) {
        return sys_fail(write->sys,
                        OUTCOME_REFUSED,
                        "%s is missing: without it deleted rows could come back",
                        tombstones->path);
    }
    TRY(sys_open(write->sys, tombstones->path, SYS_READ, &tombstones->file));
    tombstones->batch = batch_new(tombstones->columns, tombstones->column_count);
    return parquet_outcome(tombstones,
                           parquet_reader_open(file_bytes,
                                               tombstones,
                                               stat.size_bytes,
                                               tombstones->columns,
                                               tombstones->column_count,
                                               &tombstones->failure,
                                               &tombstones->reader));
}

static Outcome batch_read(Tombstones *tombstones) {
    batch_clear(tombstones->batch);
    return parquet_outcome(
        tombstones, parquet_reader_next(tombstones->reader, tombstones->batch, tombstones->slots));
}

static bool is_expired(const Tombstones *tombstones, uint32_t row) {
    const DeltaWrite *write = tombstones->write;
    uint32_t column = delta_tombstone_column(write, DELTA_TOMBSTONE_AT);
    int64_t at_us = batch_value(tombstones->batch, column, row).i64;
    int64_t age_us;
    return !__builtin_sub_overflow(write->clock_us, at_us, &age_us) &&
           age_us > write->tombstones_us;
}

static FlowView row_key(const Tombstones *tombstones, uint32_t row) {
    return batch_value(tombstones->batch, DELTA_TOMBSTONE_KEY, row).view;
}

static Outcome rows_read(Tombstones *tombstones, DeltaTombstoneFn take, void *user) {
    bool has_file;
    TRY(reader_begin(tombstones, &has_file));
    while (has_file) {
        TRY(batch_read(tombstones));
        has_file = tombstones->batch->abi.row_count > 0;
        for (uint32_t row = 0; row < (uint32_t)tombstones->batch->abi.row_count; row++) {
            if (!is_expired(tombstones, row)) {
                take(user, tombstones->batch, row);
            }
        }
    }
    return OUTCOME_OK;
}

Outcome delta_tombstones_read(DeltaWrite *write, DeltaTombstoneFn take, void *user) {
    if (write->order_count == 0) {
        return OUTCOME_OK; // without an order nothing is older
    }
    Tombstones tombstones;
    tombstones_begin(&tombstones, write);
    Outcome outcome = rows_read(&tombstones, take, user);
    tombstones_end(&tombstones);
    return outcome;
}

// --- without a history --------------------------------------------------------------------------
bool delta_tombstone_flag(const DeltaWrite *write,
                          const Batch *batch,
                          DeltaTombstonePart part,
                          uint32_t row) {
    DeltaCell cell = delta_batch_cell(batch, delta_tombstone_column(write, part), row);
    return !cell.is_null && cell.value.i64 != 0;
}

static void order_read(DeltaWrite *write, const Batch *batch, uint32_t row, DeltaCell *cells) {
    for (uint32_t i = 0; i < write->order_count; i++) {
        cells[i] = delta_batch_cell(batch, DELTA_TOMBSTONE_ORDER + i, row);
    }
}

void delta_tombstone_truncate_keep(DeltaWrite *write, const Batch *batch, uint32_t row) {
    const DeltaChanges *changes = write->changes;
    DeltaCell *cells = arena_array(&write->arena, DeltaCell, write->order_count);
    order_read(write, batch, row, cells);
    for (uint32_t i = 0; i < write->order_count; i++) {
        const FlowTypeDesc *type = changes->columns[changes->order_first + i].type;
        if (!cells[i].is_null) {
            cells[i].value = delta_value_copy(&write->arena, type, cells[i].value);
        }
    }
    write->truncated = cells;
}

// A row outlasts a delete of all keys by a newer change that wrote nothing.
static void
outlasting_find(DeltaWrite *write, const Batch *batch, uint32_t row, const FlowView *key) {
    const DeltaChanges *changes = write->changes;
    bool is_new;
    if (changes->truncate == DELTA_ROW_NONE ||
        delta_tombstone_flag(write, batch, DELTA_TOMBSTONE_DELETE, row)) {
        return;
    }
    Arena arena = {0};
    DeltaCell *order = arena_array(&arena, DeltaCell, write->order_count + 1);
    order_read(write, batch, row, order);
    if (delta_changes_order_compare(changes, changes->truncate, order) < 0) {
        delta_keyset_add(
            &write->outlasting, &write->arena, flow_view_data(key), key->length, &is_new);
    }
    arena_free(&arena);
}

static void row_apply(void *user, const Batch *batch, uint32_t row) {
    DeltaWrite *write = user;
    DeltaChanges *changes = write->changes;
    if (delta_tombstone_flag(write, batch, DELTA_TOMBSTONE_TRUNCATE, row)) {
        delta_tombstone_truncate_keep(write, batch, row);
        return;
    }
    FlowView key = batch_value(batch, DELTA_TOMBSTONE_KEY, row).view;
    outlasting_find(write, batch, row, &key);
    uint32_t number = delta_keyset_find(&changes->set, flow_view_data(&key), key.length);
    if (number == DELTA_KEY_NONE) {
        return;
    }
    DeltaChange *change = &changes->items.items[number];
    Arena arena = {0};
    DeltaCell *order = arena_array(&arena, DeltaCell, write->order_count + 1);
    order_read(write, batch, row, order);
    int compared = delta_changes_order_compare(changes, change->row, order);
    bool is_delete = delta_tombstone_flag(write, batch, DELTA_TOMBSTONE_DELETE, row);
    change->is_stale = change->is_stale || compared < 0;
    change->is_known = compared == 0 && is_delete == change->is_delete;
    arena_free(&arena);
}

Outcome delta_tombstones_apply(DeltaWrite *write) {
    return delta_tombstones_read(write, row_apply, write);
}

// --- the next file ------------------------------------------------------------------------------
static Outcome rows_flush(Tombstones *tombstones) {
    batch_select_all(tombstones->rows);
    TRY(delta_stage_file_append(tombstones->next, &tombstones->rows->abi, tombstones->slots));
    batch_clear(tombstones->rows);
    return OUTCOME_OK;
}

static Outcome cells_put(Tombstones *tombstones) {
    Batch *rows = tombstones->rows;
    if (rows->abi.row_count == FLOW_BATCH_ROWS_MAX) {
        TRY(rows_flush(tombstones));
    }
    uint32_t row = (uint32_t)rows->abi.row_count++;
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        DeltaCell cell = tombstones->cells[i];
        if (!cell.is_null) {
            cell.value = delta_value_copy(&rows->arena, tombstones->columns[i].type, cell.value);
        }
        delta_cell_put(rows, i, row, &cell);
    }
    return OUTCOME_OK;
}

static Outcome old_put(Tombstones *tombstones, uint32_t row) {
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        tombstones->cells[i] = delta_batch_cell(tombstones->batch, i, row);
    }
    return cells_put(tombstones);
}

static void cells_clear(Tombstones *tombstones) {
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        tombstones->cells[i] = (DeltaCell){.is_null = true};
    }
}

static Outcome truncate_put(Tombstones *tombstones) {
    DeltaWrite *write = tombstones->write;
    DeltaCell *cells = tombstones->cells;
    cells_clear(tombstones);
    delta_changes_order(write->changes, write->changes->truncate, &cells[DELTA_TOMBSTONE_ORDER]);
    cells[DELTA_TOMBSTONE_KEY] = (DeltaCell){.value.view = view_text("")};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_DELETE)] = (DeltaCell){.value.i64 = 1};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_TRUNCATE)] = (DeltaCell){.value.i64 = 1};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_AT)] =
        (DeltaCell){.value.i64 = write->clock_us};
    return cells_put(tombstones);
}

static Outcome
news_put(Tombstones *tombstones, const DeltaNews *news, uint32_t number, uint32_t count) {
    const DeltaKey *key = &tombstones->write->changes->set.keys[number];
    for (uint32_t i = 0; i < count; i++) {
        cells_clear(tombstones);
        news->cells(news->user, number, i, tombstones->cells);
        tombstones->cells[DELTA_TOMBSTONE_KEY] =
            (DeltaCell){.value.view = view_of(key->bytes, key->length)};
        TRY(cells_put(tombstones));
    }
    return OUTCOME_OK;
}

static int key_compare(const DeltaKey *key, const FlowView *old) {
    uint32_t length = key->length < old->length ? key->length : old->length;
    int order = memcmp(key->bytes, flow_view_data(old), length);
    return order != 0 ? order : (key->length > old->length) - (key->length < old->length);
}

// Is the change that deletes all keys newer than what is remembered of such?
static bool is_truncate_news(const DeltaWrite *write) {
    const DeltaChanges *changes = write->changes;
    return changes->truncate != DELTA_ROW_NONE &&
           (write->truncated == NULL ||
            delta_changes_order_compare(changes, changes->truncate, write->truncated) > 0);
}

// The news in key order, merged into the old rows as these come.
typedef struct NewsCursor {
    const DeltaNews *news;
    const uint32_t *sorted;
    uint32_t at;
    bool replaces; // the key that was put last: what was remembered of it goes
} NewsCursor;

// Puts the news whose keys come up to `old` (NULL: all). True: the old row goes.
static Outcome
news_before(Tombstones *tombstones, NewsCursor *cursor, const FlowView *old, bool *goes) {
    const DeltaChanges *changes = tombstones->write->changes;
    int order = -1;
    *goes = false;
    while (cursor->at < changes->items.count && order < 0) {
        uint32_t number = cursor->sorted[cursor->at];
        order = old == NULL ? -1 : key_compare(&changes->set.keys[number], old);
        if (order > 0) {
            break;
        }
        if (order == 0) { // further old rows may be of this key: it is put with the next one
            *goes = cursor->news->replaces(cursor->news->user, number);
            break;
        }
        uint32_t count = cursor->news->count(cursor->news->user, number);
        TRY(news_put(tombstones, cursor->news, number, count));
        cursor->at++;
    }
    return OUTCOME_OK;
}

static Outcome old_merge(Tombstones *tombstones, NewsCursor *cursor) {
    const DeltaWrite *write = tombstones->write;
    bool is_newer = is_truncate_news(write);
    for (uint32_t row = 0; row < (uint32_t)tombstones->batch->abi.row_count; row++) {
        bool goes;
        FlowView key = row_key(tombstones, row);
        if (key.length == 0) {
            goes = is_newer;
        } else {
            TRY(news_before(tombstones, cursor, &key, &goes));
        }
        if (!goes && !is_expired(tombstones, row)) {
            TRY(old_put(tombstones, row));
        }
    }
    return OUTCOME_OK;
}

static Outcome files_merge(Tombstones *tombstones, NewsCursor *cursor) {
    bool has_rows;
    bool goes;
    if (is_truncate_news(tombstones->write)) {
        TRY(truncate_put(tombstones));
    }
    TRY(reader_begin(tombstones, &has_rows));
    while (has_rows) {
        TRY(batch_read(tombstones));
        has_rows = tombstones->batch->abi.row_count > 0;
        TRY(old_merge(tombstones, cursor));
    }
    TRY(news_before(tombstones, cursor, NULL, &goes));
    return rows_flush(tombstones);
}

// Files that no version has referred to for a day; who still reads one has lost the race long
// since.
static void unused_remove(Tombstones *tombstones, int64_t current) {
    DeltaWrite *write = tombstones->write;
    SysEntry *entries;
    uint32_t count;
    const char *directory = arena_format(&tombstones->arena, "%s/_flow", write->path);
    const char *keep = arena_format(&tombstones->arena, "tombstones-%" PRId64 ".parquet", current);
    int64_t before_ms = sys_wall_us(write->sys) / 1000 - UNUSED_KEPT_MS;
    Outcome outcome = sys_list(write->sys, &tombstones->arena, directory, &entries, &count);
    for (uint32_t i = 0; outcome == OUTCOME_OK && i < count; i++) {
        bool is_ours = strncmp(entries[i].name, "tombstones-", 11) == 0;
        if (is_ours && entries[i].modified_ms < before_ms && strcmp(entries[i].name, keep) != 0) {
            outcome = sys_unlink(
                write->sys, arena_format(&tombstones->arena, "%s/%s", directory, entries[i].name));
        }
    }
    if (outcome != OUTCOME_OK) {
        sys_forgive(write->sys); // garbage stays garbage
    }
}

// 53 bits: some readers of logs take a version for a double.
static int64_t number_new(Sys *sys) {
    uint64_t number;
    sys_random(sys, &number, sizeof(number));
    return (int64_t)(number >> (64 - NUMBER_BITS)) | 1;
}

static Outcome next_write(Tombstones *tombstones, NewsCursor *cursor, int64_t number) {
    DeltaWrite *write = tombstones->write;
    const char *directory = arena_format(&tombstones->arena, "%s/_flow", write->path);
    TRY(sys_make_directories(write->sys, directory));
    DeltaStageFileOptions options = {
        .sys = write->sys,
        .path = file_path(tombstones, number),
        .columns = tombstones->columns,
        .column_count = tombstones->column_count,
    };
    tombstones->rows = batch_new(tombstones->columns, tombstones->column_count);
    batch_clear(tombstones->rows);
    TRY(delta_stage_file_open(&options, &tombstones->next));
    TRY(files_merge(tombstones, cursor));
    Buffer stats = {0};
    int64_t size_bytes;
    DeltaStageFile *next = tombstones->next;
    tombstones->next = NULL;
    Outcome outcome = delta_stage_file_finish(next, &stats, &size_bytes);
    buffer_free(&stats);
    TRY(outcome);
    return sys_sync_directory(write->sys, directory);
}

Outcome delta_tombstones_replace(DeltaWrite *write, const uint32_t *sorted, const DeltaNews *news) {
    write->tombstones_file = -1;
    if (write->order_count == 0 || (!news->has_any && !is_truncate_news(write))) {
        return OUTCOME_OK;
    }
    Tombstones tombstones;
    NewsCursor cursor = {.news = news, .sorted = sorted};
    tombstones_begin(&tombstones, write);
    int64_t number = number_new(write->sys);
    Outcome outcome = next_write(&tombstones, &cursor, number);
    if (outcome == OUTCOME_OK) {
        write->tombstones_file = number;
        unused_remove(&tombstones, current_number(write));
    }
    tombstones_end(&tombstones);
    return outcome;
}

void delta_tombstones_discard(DeltaWrite *write) {
    if (write->tombstones_file <= DELTA_TOMBSTONES_NONE) {
        return;
    }
    Tombstones tombstones = {.write = write};
    if (sys_unlink(write->sys, file_path(&tombstones, write->tombstones_file)) != OUTCOME_OK) {
        sys_forgive(write->sys);
    }
    write->tombstones_file = -1;
    arena_free(&tombstones.arena);
}

// --- news without a history ---------------------------------------------------------------------
static bool change_replaces(void *user, uint32_t key) {
    const DeltaWrite *write = user;
    const DeltaChange *change = &write->changes->items.items[key];
    return !change->is_stale && !change->is_known &&
           ((change->is_delete && !change->is_older) || change->is_kept);
}

static uint32_t change_count(void *user, uint32_t key) {
    return change_replaces(user, key) ? 1 : 0;
}

static void change_cells(void *user, uint32_t key, uint32_t at, DeltaCell *cells) {
    const DeltaWrite *write = user;
    const DeltaChange *change = &write->changes->items.items[key];
    (void)at;
    delta_changes_order(write->changes, change->row, &cells[DELTA_TOMBSTONE_ORDER]);
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_DELETE)] =
        (DeltaCell){.value.i64 = change->is_delete};
    cells[delta_tombstone_column(write, DELTA_TOMBSTONE_AT)] =
        (DeltaCell){.value.i64 = write->clock_us};
}

Outcome delta_tombstones_write(DeltaWrite *write, const uint32_t *sorted) {
    DeltaNews news = {
        .user = write,
        .replaces = change_replaces,
        .count = change_count,
        .cells = change_cells,
    };
    for (uint32_t i = 0; i < write->changes->items.count && !news.has_any; i++) {
        news.has_any = change_replaces(write, i);
    }
    return delta_tombstones_replace(write, sorted, &news);
}
