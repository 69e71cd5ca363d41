// Both files, the old and the next, are streamed in key order, so memory is that of the epoch's
// changes and not that of what a table remembers.
#include "store/delta/tombstone.h"

#include "scalar/scalar.h"
#include "store/delta/stage_file.h"

#include <inttypes.h>

// Columns: the key's canonical bytes, the order values, is it a delete, when it was remembered.
enum { COLUMN_KEY, COLUMN_ORDER, NUMBER_BITS = 53 };
#define UNUSED_KEPT_MS ((int64_t)24 * 60 * 60 * 1000)

static const FlowTypeDesc key_type = {.kind = FLOW_BYTES, .is_nullable = 1};
static const FlowTypeDesc delete_type = {.kind = FLOW_BOOL, .is_nullable = 1};
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
} Tombstones;

// --- both files ---------------------------------------------------------------------------------
static void columns_make(Tombstones *tombstones) {
    const DeltaChanges *changes = tombstones->write->changes;
    Arena *arena = &tombstones->arena;
    uint32_t order_count = changes->order_count;
    const FlowColumnDesc *order = changes->columns + changes->column_count - order_count;
    tombstones->column_count = order_count + 3;
    tombstones->columns = arena_array(arena, FlowColumnDesc, tombstones->column_count);
    tombstones->slots = arena_array(arena, int32_t, tombstones->column_count);
    FlowColumnDesc *columns = tombstones->columns;
    columns[COLUMN_KEY] = (FlowColumnDesc){.name = "key", .type = &key_type, .is_used = 1};
    for (uint32_t i = 0; i < order_count; i++) {
        columns[COLUMN_ORDER + i] = (FlowColumnDesc){
            .name = arena_format(arena, "order_%u", i + 1), .type = order[i].type, .is_used = 1};
    }
    columns[COLUMN_ORDER + order_count] =
        (FlowColumnDesc){.name = "is_delete", .type = &delete_type, .is_used = 1};
    columns[COLUMN_ORDER + order_count + 1] =
        (FlowColumnDesc){.name = "at", .type = &time_type, .is_used = 1};
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        tombstones->slots[i] = (int32_t)i;
    }
}

static const char *file_path(Tombstones *tombstones, int64_t number) {
    return arena_format(&tombstones->arena,
                        "%s/_flow/tombstones-%" PRId64 ".parquet",
                        tombstones->write->path,
                        number);
}

static void tombstones_begin(Tombstones *tombstones, DeltaWrite *write) {
    *tombstones = (Tombstones){.write = write};
    columns_make(tombstones);
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

// *has_file: is anything remembered?
static Outcome reader_begin(Tombstones *tombstones, bool *has_file) {
    const DeltaWrite *write = tombstones->write;
    int64_t number = write->base == NULL ? DELTA_TOMBSTONES_NONE
                                         : delta_table_txn(write->base, DELTA_TOMBSTONES_APP);
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
    int64_t at_us = batch_value(tombstones->batch, tombstones->column_count - 1, row).i64;
    int64_t age_us;
    return !__builtin_sub_overflow(write->clock_us, at_us, &age_us) &&
           age_us > write->tombstones_us;
}

static FlowView row_key(const Tombstones *tombstones, uint32_t row) {
    return batch_value(tombstones->batch, COLUMN_KEY, row).view;
}

// The remembered order against the change's.
static int row_order(const Tombstones *tombstones, uint32_t row, const DeltaChange *change) {
    const DeltaChanges *changes = tombstones->write->changes;
    const DeltaCell *order = delta_change_order(changes, change);
    for (uint32_t i = 0; i < changes->order_count; i++) {
        uint32_t column = COLUMN_ORDER + i;
        DeltaCell cell = {.is_null = batch_is_null(tombstones->batch, column, row)};
        if (!cell.is_null) {
            cell.value = batch_value(tombstones->batch, column, row);
        }
        int compared = delta_order_compare(&tombstones->columns[column], &cell, &order[i], 1);
        if (compared != 0) {
            return compared;
        }
    }
    return 0;
}

static void row_apply(Tombstones *tombstones, uint32_t row) {
    DeltaChanges *changes = tombstones->write->changes;
    FlowView key = row_key(tombstones, row);
    uint32_t number = delta_keyset_find(&changes->set, flow_view_data(&key), key.length);
    if (number == DELTA_KEY_NONE || is_expired(tombstones, row)) {
        return;
    }
    DeltaChange *change = &changes->items.items[number];
    uint32_t delete_column = tombstones->column_count - 2;
    bool is_delete = batch_value(tombstones->batch, delete_column, row).i64 != 0;
    int order = row_order(tombstones, row, change);
    change->is_stale = order > 0;
    change->is_known = order == 0 && is_delete == change->is_delete;
}

static Outcome rows_apply(Tombstones *tombstones) {
    bool has_file;
    TRY(reader_begin(tombstones, &has_file));
    while (has_file) {
        TRY(batch_read(tombstones));
        has_file = tombstones->batch->abi.row_count > 0;
        for (uint32_t row = 0; row < (uint32_t)tombstones->batch->abi.row_count; row++) {
            row_apply(tombstones, row);
        }
    }
    return OUTCOME_OK;
}

Outcome delta_tombstones_apply(DeltaWrite *write) {
    if (write->order_count == 0) {
        return OUTCOME_OK; // without an order nothing is older
    }
    Tombstones tombstones;
    tombstones_begin(&tombstones, write);
    Outcome outcome = rows_apply(&tombstones);
    tombstones_end(&tombstones);
    return outcome;
}

// --- the next file ------------------------------------------------------------------------------
static bool is_news(const DeltaChange *change) {
    return !change->is_stale && !change->is_known &&
           ((change->is_delete && !change->is_older) || change->is_kept);
}

static bool has_news(const DeltaChanges *changes) {
    for (uint32_t i = 0; i < changes->items.count; i++) {
        if (is_news(&changes->items.items[i])) {
            return true;
        }
    }
    return false;
}

static Outcome rows_flush(Tombstones *tombstones) {
    batch_select_all(tombstones->rows);
    TRY(delta_stage_file_append(tombstones->next, &tombstones->rows->abi, tombstones->slots));
    batch_clear(tombstones->rows);
    return OUTCOME_OK;
}

static Outcome row_put(Tombstones *tombstones, const DeltaCell *cells) {
    Batch *rows = tombstones->rows;
    if (rows->abi.row_count == FLOW_BATCH_ROWS_MAX) {
        TRY(rows_flush(tombstones));
    }
    uint32_t row = (uint32_t)rows->abi.row_count++;
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        if (cells[i].is_null) {
            batch_set_null(rows, i, row);
            continue;
        }
        FlowValue value = cells[i].value;
        int32_t kind = tombstones->columns[i].type->kind;
        bool is_text = kind == FLOW_STRING || kind == FLOW_BYTES;
        if (is_text && value.view.length > FLOW_VIEW_INLINE_MAX) {
            value.view.data = arena_copy(&rows->arena, value.view.data, value.view.length);
        }
        batch_set(rows, i, row, value);
    }
    return OUTCOME_OK;
}

static Outcome old_put(Tombstones *tombstones, uint32_t row, DeltaCell *cells) {
    for (uint32_t i = 0; i < tombstones->column_count; i++) {
        cells[i].is_null = batch_is_null(tombstones->batch, i, row);
        if (!cells[i].is_null) {
            cells[i].value = batch_value(tombstones->batch, i, row);
        }
    }
    return row_put(tombstones, cells);
}

static Outcome news_put(Tombstones *tombstones, uint32_t number, DeltaCell *cells) {
    const DeltaChanges *changes = tombstones->write->changes;
    const DeltaChange *change = &changes->items.items[number];
    const DeltaKey *key = &changes->set.keys[number];
    uint32_t order_count = changes->order_count;
    cells[COLUMN_KEY] = (DeltaCell){.value.view = view_of(key->bytes, key->length)};
    memcpy(&cells[COLUMN_ORDER], delta_change_order(changes, change), order_count * sizeof(*cells));
    cells[COLUMN_ORDER + order_count] = (DeltaCell){.value.i64 = change->is_delete};
    cells[COLUMN_ORDER + order_count + 1] = (DeltaCell){.value.i64 = tombstones->write->clock_us};
    return row_put(tombstones, cells);
}

// The news in key order, merged into the old rows as these come.
typedef struct News {
    const uint32_t *sorted;
    uint32_t at;
    DeltaCell *cells;
} News;

static int key_compare(const DeltaKey *key, const FlowView *old) {
    uint32_t length = key->length < old->length ? key->length : old->length;
    int order = memcmp(key->bytes, flow_view_data(old), length);
    return order != 0 ? order : (key->length > old->length) - (key->length < old->length);
}

// Puts the news whose keys come before `old` (NULL: all). True if one has just this key.
static Outcome
news_before(Tombstones *tombstones, News *news, const FlowView *old, bool *replaces) {
    const DeltaChanges *changes = tombstones->write->changes;
    *replaces = false;
    for (; news->at < changes->items.count; news->at++) {
        uint32_t number = news->sorted[news->at];
        int order = old == NULL ? -1 : key_compare(&changes->set.keys[number], old);
        if (order > 0) {
            return OUTCOME_OK;
        }
        if (!is_news(&changes->items.items[number])) {
            continue;
        }
        TRY(news_put(tombstones, number, news->cells));
        *replaces = order == 0;
    }
    return OUTCOME_OK;
}

static Outcome old_merge(Tombstones *tombstones, News *news) {
    for (uint32_t row = 0; row < (uint32_t)tombstones->batch->abi.row_count; row++) {
        bool replaces;
        FlowView key = row_key(tombstones, row);
        TRY(news_before(tombstones, news, &key, &replaces));
        if (!replaces && !is_expired(tombstones, row)) {
            TRY(old_put(tombstones, row, news->cells));
        }
    }
    return OUTCOME_OK;
}

static Outcome files_merge(Tombstones *tombstones, const uint32_t *sorted) {
    News news = {
        .sorted = sorted,
        .cells = arena_array(&tombstones->arena, DeltaCell, tombstones->column_count),
    };
    bool has_rows;
    bool replaces;
    TRY(reader_begin(tombstones, &has_rows));
    while (has_rows) {
        TRY(batch_read(tombstones));
        has_rows = tombstones->batch->abi.row_count > 0;
        TRY(old_merge(tombstones, &news));
    }
    TRY(news_before(tombstones, &news, NULL, &replaces));
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

static Outcome next_write(Tombstones *tombstones, const uint32_t *sorted, int64_t number) {
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
    TRY(files_merge(tombstones, sorted));
    Buffer stats = {0};
    int64_t size_bytes;
    DeltaStageFile *next = tombstones->next;
    tombstones->next = NULL;
    Outcome outcome = delta_stage_file_finish(next, &stats, &size_bytes);
    buffer_free(&stats);
    TRY(outcome);
    return sys_sync_directory(write->sys, directory);
}

Outcome delta_tombstones_write(DeltaWrite *write, const uint32_t *sorted) {
    write->tombstones_file = -1;
    if (write->order_count == 0 || !has_news(write->changes)) {
        return OUTCOME_OK;
    }
    Tombstones tombstones;
    tombstones_begin(&tombstones, write);
    int64_t number = number_new(write->sys);
    int64_t current = write->base == NULL ? -1 : delta_table_txn(write->base, DELTA_TOMBSTONES_APP);
    Outcome outcome = next_write(&tombstones, sorted, number);
    if (outcome == OUTCOME_OK) {
        write->tombstones_file = number;
        unused_remove(&tombstones, current);
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
