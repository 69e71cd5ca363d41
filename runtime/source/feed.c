// Rows of a commit are read as those of any file, with the column that says what each is, and kept
// as bytes. Then the images of updates are paired by the contract's key. What has no partner is
// what it would be without the other: the row before is deleted, the row after inserted; so an
// update that changes the key is both.
#include "source/feed.h"

#include "scalar/scalar.h"

typedef enum Image { IMAGE_INSERT, IMAGE_BEFORE, IMAGE_AFTER, IMAGE_DELETE, IMAGE_COUNT } Image;
static const char *const image_names[IMAGE_COUNT] = {
    "insert", "update_preimage", "update_postimage", "delete"};

typedef struct FeedRow {
    const char *bytes; // in the form
    const char *key;
    size_t key_length;
    int64_t position; // among the commit's rows
    Image image;
    bool is_paired;
    const char *before; // bytes of the row as it was, or NULL
} FeedRow;

struct Feed {
    const Source *source;
    Sys *sys;
    SourceOptions options; // of the reader; rejections come by way of this
    Arena memory;
    FlowSource desc; // the source's columns that are read, then the image
    uint32_t column_count;
    ParquetTable table; // with the image, too
    const RowForm *form;
    RowWriter writer;
    int32_t *slots;
    Batch *batch;

    // of the commit
    Arena commit;
    uint32_t file;
    const ChangeEntry *entry;
    int64_t row_base; // of the file at hand
    VEC(FeedRow) rows;
    VEC(uint32_t) order; // in which they are given
    uint32_t next;
    int64_t records;
    Buffer key;
};

// --- making -------------------------------------------------------------------------------------
static const FlowTypeDesc image_type = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowColumnDesc image_column = {
    .name = DELTA_CHANGE_COLUMN, .type = &image_type, .is_used = 1};

static void columns_make(Feed *feed) {
    const FlowSource *source = feed->source->desc;
    uint32_t count = 0;
    while (count < (uint32_t)source->columns_count &&
           source->columns[count].meta == FLOW_META_NONE) {
        count++;
    }
    FlowColumnDesc *columns = arena_array(&feed->memory, FlowColumnDesc, count + 1);
    FlowWire *wires = arena_array(&feed->memory, FlowWire, count + 1);
    FlowText *name = arena_new(&feed->memory, FlowText);
    name->text = DELTA_CHANGE_COLUMN;
    for (uint32_t i = 0; i < count; i++) {
        columns[i] = source->columns[i];
        columns[i].is_used = 1; // the key is compared, whoever wants it
        wires[i] = i < source->wires_count ? source->wires[i] : (FlowWire){0};
    }
    columns[count] = image_column;
    wires[count] = (FlowWire){.names = name, .names_count = 1};
    feed->column_count = count;
    feed->desc = *source;
    feed->desc.columns = columns;
    feed->desc.columns_count = count + 1;
    feed->desc.wires = wires;
    feed->desc.wires_count = source->wires_count > 0 ? count + 1 : 0;
    feed->desc.tests_count = 0; // a row that nobody wants may be the partner of one
    feed->desc.capture = FLOW_NO_INDEX;
    if (source->on_unknown == FLOW_UNKNOWN_CAPTURE) {
        feed->desc.capture = source->capture;
    }
}

static void table_make(Feed *feed) {
    const ParquetTable *table = &feed->source->snapshot.columns;
    FlowColumnDesc *columns = arena_array(&feed->memory, FlowColumnDesc, table->column_count + 1);
    int32_t *fixed = arena_array(&feed->memory, int32_t, table->column_count + 1);
    memcpy(columns, table->columns, table->column_count * sizeof(*columns));
    memcpy(fixed, table->fixed, table->column_count * sizeof(*fixed));
    columns[table->column_count] = image_column;
    fixed[table->column_count] = -1;
    feed->table =
        (ParquetTable){.columns = columns, .column_count = table->column_count + 1, .fixed = fixed};
}

static void feed_reject(void *user, const FormatReject *reject) {
    Feed *feed = user;
    FormatReject own = *reject;
    own.position += feed->row_base;
    feed->options.reject(feed->options.user, &own);
}

// Rows of the batch are shown under the names that the table has for the columns.
static const FlowColumnDesc *columns_named(Feed *feed) {
    uint32_t count = feed->column_count + 1;
    FlowColumnDesc *columns = arena_array(&feed->memory, FlowColumnDesc, count);
    for (uint32_t i = 0; i < count; i++) {
        columns[i] = feed->desc.columns[i];
        if (feed->desc.wires_count > 0 && feed->desc.wires[i].names_count > 0) {
            columns[i].name = feed->desc.wires[i].names[0].text;
        }
    }
    return columns;
}

Feed *feed_new(const Source *source, Sys *sys, const SourceOptions *options) {
    Feed *feed = memory_alloc(sizeof(Feed));
    *feed = (Feed){.source = source, .sys = sys, .options = *options};
    columns_make(feed);
    table_make(feed);
    uint32_t count = feed->column_count + 1;
    feed->form = row_form_new(&feed->memory, feed->desc.columns, count);
    row_writer_init(&feed->writer, feed->form);
    feed->slots = arena_array(&feed->memory, int32_t, count);
    for (uint32_t i = 0; i < count; i++) {
        feed->slots[i] = (int32_t)i;
    }
    feed->batch = batch_new(columns_named(feed), count);
    return feed;
}

void feed_free(Feed *feed) {
    if (feed == NULL) {
        return;
    }
    row_writer_free(&feed->writer);
    batch_free(feed->batch);
    buffer_free(&feed->key);
    arena_free(&feed->commit);
    arena_free(&feed->memory);
    memory_free(feed);
}

// --- reading ------------------------------------------------------------------------------------
// False: the file says of its row what no feed does.
static bool image_of(const Feed *feed, const DeltaChangeFile *change, uint32_t row, Image *image) {
    if (change->kind == DELTA_CHANGE_DELETES) {
        *image = IMAGE_DELETE;
        return true;
    }
    if (batch_is_null(feed->batch, feed->column_count, row)) {
        return false;
    }
    FlowValue said = batch_value(feed->batch, feed->column_count, row);
    for (uint32_t i = 0; i < IMAGE_COUNT; i++) {
        FlowView name = view_text(image_names[i]);
        if (view_compare(&name, &said.view) == 0) {
            *image = (Image)i;
            return true;
        }
    }
    return false;
}

static void key_make(Feed *feed, uint32_t row) {
    buffer_clear(&feed->key);
    for (int64_t i = 0; i < feed->desc.key_count; i++) {
        uint32_t column = (uint32_t)feed->desc.key[i];
        (void)column_key_append(
            feed->desc.columns[column].type, batch_column(feed->batch, column), row, &feed->key);
    }
}

static Outcome rows_keep(Feed *feed, const DeltaChangeFile *change) {
    const Batch *batch = feed->batch;
    if (batch->abi.row_count == 0) {
        return OUTCOME_OK;
    }
    const int64_t *offsets = batch->abi.offsets;
    const int32_t *selection = batch->abi.selection;
    RowPick pick = {.batch = &batch->abi,
                    .slots = feed->slots,
                    .rows = selection,
                    .count = (uint32_t)batch->abi.selected_count};
    row_writer_write(&feed->writer, &pick);
    const char *bytes =
        arena_copy(&feed->commit, feed->writer.bytes.data, feed->writer.bytes.length);
    for (uint32_t i = 0; i < pick.count; i++) {
        uint32_t row = (uint32_t)selection[i];
        FeedRow kept = {.bytes = bytes + feed->writer.starts[i],
                        .position = offsets[row] + feed->row_base};
        if (!image_of(feed, change, row, &kept.image)) {
            return sys_fail(
                feed->sys,
                OUTCOME_REFUSED,
                "source %s: %s is no file of a change data feed: a row has no " DELTA_CHANGE_COLUMN
                " that is known",
                feed->source->desc->name,
                change->path);
        }
        key_make(feed, row);
        kept.key = arena_copy(&feed->commit, feed->key.data, feed->key.length);
        kept.key_length = feed->key.length;
        *vec_push(&feed->commit, &feed->rows) = kept;
    }
    return OUTCOME_OK;
}

static Outcome parts_read(Feed *feed, const DeltaChangeFile *change, TableFile *table) {
    uint32_t parts = table_file_parts(table);
    for (uint32_t part = 0; part < parts; part++) {
        int64_t first = feed->records;
        table_file_begin(table, part);
        do {
            TRY(table_file_next(table, feed->batch));
            TRY(rows_keep(feed, change));
        } while (feed->batch->abi.row_count > 0);
        feed->records = first + table_file_records(table);
    }
    return OUTCOME_OK;
}

static Outcome file_read(Feed *feed, const DeltaChangeFile *change) {
    SysStat stat;
    TRY(sys_stat(feed->sys, change->path, &stat));
    if (!stat.exists) {
        return sys_fail(feed->sys,
                        OUTCOME_REFUSED,
                        "source %s: the changes of version %lld of the table %s can't be read: its "
                        "file %s is gone, perhaps by a vacuum",
                        feed->source->desc->name,
                        (long long)change->version,
                        feed->source->options.glob,
                        change->path);
    }
    SourceOptions options = feed->options;
    options.reject = feed_reject;
    options.user = feed;
    TableFileOptions file = {.sys = feed->sys,
                             .source = &feed->desc,
                             .options = &options,
                             .format = FLOW_FORMAT_PARQUET,
                             .path = change->path,
                             .size_bytes = stat.size_bytes,
                             .index = (int32_t)feed->file,
                             .table = &feed->table,
                             .fixed = change->values};
    TableFile *table = NULL;
    TRY(table_file_open(&file, &table));
    feed->row_base = feed->records;
    Outcome outcome = parts_read(feed, change, table);
    Outcome closed = table_file_close(table);
    return outcome != OUTCOME_OK ? outcome : closed;
}

// --- pairs --------------------------------------------------------------------------------------
static int row_compare(const void *a, const void *b, void *rows) {
    const FeedRow *left = &((const FeedRow *)rows)[*(const uint32_t *)a];
    const FeedRow *right = &((const FeedRow *)rows)[*(const uint32_t *)b];
    size_t length = left->key_length < right->key_length ? left->key_length : right->key_length;
    int order = length == 0 ? 0 : memcmp(left->key, right->key, length);
    if (order == 0) {
        order = (left->key_length > right->key_length) - (left->key_length < right->key_length);
    }
    return order != 0 ? order
                      : (left->position > right->position) - (left->position < right->position);
}

static bool key_is_same(const FeedRow *a, const FeedRow *b) {
    return a->key_length == b->key_length && memcmp(a->key, b->key, a->key_length) == 0;
}

// Of rows of one key the first before belongs to the first after, and so on.
static void run_pair(Feed *feed, const uint32_t *sorted, uint32_t count) {
    uint32_t after = 0;
    for (uint32_t before = 0; before < count; before++) {
        FeedRow *old = &feed->rows.items[sorted[before]];
        if (old->image != IMAGE_BEFORE) {
            continue;
        }
        while (after < count && feed->rows.items[sorted[after]].image != IMAGE_AFTER) {
            after++;
        }
        if (after == count) {
            return;
        }
        FeedRow *now = &feed->rows.items[sorted[after++]];
        now->before = old->bytes;
        now->is_paired = true;
        old->is_paired = true;
        feed->records--; // two images are one record
    }
}

static void rows_pair(Feed *feed) {
    uint32_t count = feed->rows.count;
    uint32_t *sorted = arena_array(&feed->commit, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = i;
    }
    if (count > 1) {
        qsort_r(sorted, count, sizeof(*sorted), row_compare, feed->rows.items);
    }
    for (uint32_t first = 0; first < count;) {
        uint32_t end = first + 1;
        while (end < count &&
               key_is_same(&feed->rows.items[sorted[first]], &feed->rows.items[sorted[end]])) {
            end++;
        }
        run_pair(feed, sorted + first, end - first);
        first = end;
    }
}

static FlowOperation operation_of(const FeedRow *row) {
    switch (row->image) {
    case IMAGE_BEFORE:
    case IMAGE_DELETE:
        return FLOW_OPERATION_DELETE;
    case IMAGE_AFTER:
        return row->is_paired ? FLOW_OPERATION_UPDATE : FLOW_OPERATION_INSERT;
    case IMAGE_INSERT:
    case IMAGE_COUNT:
        break;
    }
    return FLOW_OPERATION_INSERT;
}

// What goes comes first: a key that is deleted and written again by one commit is there. Positions
// say so too, and leave room for those of rows that were rejected.
static void rows_order(Feed *feed, int64_t row_count) {
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < feed->rows.count; i++) {
            FeedRow *row = &feed->rows.items[i];
            bool is_given = row->image != IMAGE_BEFORE || !row->is_paired;
            bool is_delete = operation_of(row) == FLOW_OPERATION_DELETE;
            if (is_given && is_delete == (pass == 0)) {
                row->position += is_delete ? 0 : row_count;
                *vec_push(&feed->commit, &feed->order) = i;
            }
        }
    }
}

Outcome feed_begin(Feed *feed, uint32_t file) {
    arena_reset(&feed->commit);
    memset(&feed->rows, 0, sizeof(feed->rows));
    memset(&feed->order, 0, sizeof(feed->order));
    feed->file = file;
    feed->entry = &feed->source->snapshot.entries[file];
    feed->next = 0;
    feed->records = 0;
    for (uint32_t i = 0; i < feed->entry->count; i++) {
        TRY(file_read(feed, &feed->entry->first[i]));
    }
    int64_t row_count = feed->records;
    rows_pair(feed);
    rows_order(feed, row_count);
    return OUTCOME_OK;
}

// --- giving -------------------------------------------------------------------------------------
// A row of the form into the rows 0 … of a batch; a batch of the program lacks the last column.
static void rows_spread(Feed *feed, const RowSpread *spread, Batch *batch, Arena *arena) {
    FlowColumn *columns = arena_array(arena, FlowColumn, (size_t)feed->column_count + 1);
    for (uint32_t i = 0; i < feed->column_count; i++) {
        columns[i] = *batch_column(batch, i);
    }
    columns[feed->column_count] = *batch_column(feed->batch, feed->column_count);
    row_form_read(feed->form, spread, columns, arena);
}

// The row as it was: a struct of the columns that are read, in their order.
static void before_set(Feed *feed, Batch *batch, uint32_t column, const char *const *rows) {
    uint32_t count = (uint32_t)batch->abi.row_count;
    uint32_t fields = (uint32_t)batch->descs[column].type->children_count;
    RowSpread spread = {.rows = rows, .count = count};
    batch_clear(feed->batch);
    rows_spread(feed, &spread, feed->batch, &batch->arena);
    for (uint32_t row = 0; row < count; row++) {
        if (rows[row] == NULL) {
            batch_set_null(batch, column, row);
            continue;
        }
        FlowValue *items = arena_array(&batch->arena, FlowValue, fields + 1);
        uint8_t *validity = arena_array(&batch->arena, uint8_t, fields + 1);
        for (uint32_t i = 0; i < fields; i++) {
            validity[i] = !batch_is_null(feed->batch, i, row);
            items[i] = validity[i] != 0 ? batch_value(feed->batch, i, row) : (FlowValue){0};
        }
        FlowNested *nested = arena_new(&batch->arena, FlowNested);
        *nested = (FlowNested){.count = (int32_t)fields, .items = items, .validity = validity};
        batch_set(batch, column, row, (FlowValue){.nested = nested});
    }
}

static FlowValue meta_value(const Feed *feed, FlowMetaKind kind, const FeedRow *row) {
    switch (kind) {
    case FLOW_META_FILE:
        return (FlowValue){.view = view_text(feed->source->files.items[feed->file].path)};
    case FLOW_META_POSITION:
        return (FlowValue){.i64 = row->position};
    case FLOW_META_OPERATION:
        return (FlowValue){.i64 = (int64_t)operation_of(row)};
    case FLOW_META_SEQUENCE:
        return (FlowValue){.i64 = feed->entry->change.sequence};
    case FLOW_META_TIMESTAMP:
        return (FlowValue){.i64 = feed->entry->change.timestamp_us};
    default:
        return (FlowValue){.i64 = feed->options.now_us};
    }
}

static void metas_set(Feed *feed, Batch *batch, const char *const *befores) {
    const FlowSource *source = feed->source->desc;
    for (uint32_t c = feed->column_count; c < (uint32_t)source->columns_count; c++) {
        FlowMetaKind kind = (FlowMetaKind)source->columns[c].meta;
        if (!source->columns[c].is_used) {
            continue;
        }
        if (kind == FLOW_META_BEFORE) {
            before_set(feed, batch, c, befores);
            continue;
        }
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            const FeedRow *from = &feed->rows.items[feed->order.items[feed->next + (uint32_t)row]];
            batch_set(batch, c, (uint32_t)row, meta_value(feed, kind, from));
        }
    }
}

void feed_next(Feed *feed, Batch *batch) {
    batch_clear(batch);
    uint32_t left = feed->order.count - feed->next;
    uint32_t count = left < FLOW_BATCH_ROWS_MAX ? left : FLOW_BATCH_ROWS_MAX;
    const char **rows = arena_array(&batch->arena, const char *, count + 1);
    const char **befores = arena_array(&batch->arena, const char *, count + 1);
    int64_t *offsets = batch->abi.offsets;
    for (uint32_t i = 0; i < count; i++) {
        const FeedRow *row = &feed->rows.items[feed->order.items[feed->next + i]];
        bool is_delete = operation_of(row) == FLOW_OPERATION_DELETE;
        rows[i] = row->bytes;
        befores[i] = is_delete ? row->bytes : row->before;
        offsets[i] = row->position;
    }
    memset(batch->abi.lengths, 0, count * sizeof(int32_t));
    memset(batch->abi.raws, 0, count * sizeof(const char *));
    batch->abi.file = (int32_t)feed->file;
    batch->abi.row_count = (int32_t)count;
    RowSpread spread = {.rows = rows, .count = count};
    rows_spread(feed, &spread, batch, &batch->arena);
    metas_set(feed, batch, befores);
    batch_select_all(batch);
    feed->next += count;
}

int64_t feed_records(const Feed *feed) {
    return feed->records;
}

void feed_raw(Feed *feed, int64_t position, Buffer *out) {
    for (uint32_t i = 0; i < feed->rows.count; i++) {
        const FeedRow *row = &feed->rows.items[i];
        if (row->position == position) {
            RowSpread spread = {.rows = &row->bytes, .count = 1};
            batch_clear(feed->batch);
            rows_spread(feed, &spread, feed->batch, &feed->batch->arena);
            batch_row_json(feed->batch, 0, feed->slots, feed->column_count, out);
            return;
        }
    }
}
