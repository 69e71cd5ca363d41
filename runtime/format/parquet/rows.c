// Rows of a source: what the reader finds unfit is rejected, and the others move together.
#include "format/parquet/raw.h"
#include "format/parquet/skip.h"
#include "format/row_meta.h"
#include "format/text.h"

struct ParquetRows {
    ParquetRowsOptions options;
    Arena arena;
    Failure *failure;
    FlowColumnDesc *columns; // of the contract
    int32_t *slots;
    uint32_t column_count;
    RowMeta meta;
    ParquetReader *reader;
    ParquetRaw *raw;  // made when it is first needed
    ParquetRaw *rest; // what the contract lacks, if that matters and there is any
    ParquetRowFaults faults;
    bool has_footer;
    bool is_broken; // what is left of the group cannot be read
    bool is_at_end; // of the group
    int64_t records;
    int64_t filtered;
    Buffer text;        // of a rejected row
    const Batch *batch; // that was filled last
};

// --- opening -------------------------------------------------------------------------------------
static void columns_take(ParquetRows *rows) {
    const FlowSource *source = rows->options.input.source;
    rows->columns = arena_array(&rows->arena, FlowColumnDesc, (size_t)source->columns_count + 1);
    rows->slots = arena_array(&rows->arena, int32_t, (size_t)source->columns_count + 1);
    for (int64_t i = 0; i < source->columns_count; i++) {
        if (source->columns[i].meta == FLOW_META_NONE) {
            rows->slots[rows->column_count] = (int32_t)i;
            rows->columns[rows->column_count++] = source->columns[i];
        }
    }
}

// A damaged file is no failure of the run: what can be read of it is.
static Outcome damage_take(ParquetRows *rows, Outcome outcome) {
    bool is_damage = outcome == OUTCOME_REFUSED && rows->reader->file.is_corrupt &&
                     rows->options.table == NULL && rows->failure->outcome == OUTCOME_REFUSED;
    if (!is_damage) {
        return outcome;
    }
    *rows->failure = (Failure){0};
    rows->is_broken = true;
    return OUTCOME_OK;
}

// Columns that the contract lacks, where the source does not ignore them.
static void rest_open(ParquetRows *rows) {
    if (!rows->has_footer || rows->options.input.source->on_unknown == FLOW_UNKNOWN_IGNORE) {
        return;
    }
    rows->rest = parquet_raw_new(rows->reader, true);
    if (parquet_raw_columns(rows->rest) == 0) {
        parquet_raw_free(rows->rest);
        rows->rest = NULL;
    }
}

static bool rejects_rest(const ParquetRows *rows) {
    return rows->rest != NULL && rows->options.input.source->on_unknown == FLOW_UNKNOWN_REJECT;
}

Outcome
parquet_rows_open(const ParquetRowsOptions *options, Failure *failure, ParquetRows **opened) {
    ParquetRows *rows = memory_alloc(sizeof *rows);
    memset(rows, 0, sizeof *rows);
    rows->options = *options;
    rows->failure = failure;
    rows->meta = (RowMeta){options->input.source,
                           view_text(options->input.path),
                           options->input.now_us,
                           options->input.change};
    columns_take(rows);
    ParquetReaderOptions reader = {
        .read = options->input.read,
        .user = options->input.user,
        .file_bytes = options->input.file_bytes,
        .columns = rows->columns,
        .column_count = rows->column_count,
        .wires = options->input.source->wires_count > 0 ? options->input.source->wires : NULL,
        .unit_us = format_unit_us(options->input.source),
        .faults = &rows->faults,
        .table = options->table,
        .fixed = options->fixed,
    };
    Outcome outcome = damage_take(rows, parquet_reader_begin(&reader, failure, &rows->reader));
    if (outcome != OUTCOME_OK) {
        parquet_rows_free(rows);
        rows = NULL;
    } else {
        rows->has_footer = !rows->is_broken;
        rest_open(rows);
    }
    *opened = rows;
    return outcome;
}

void parquet_rows_free(ParquetRows *rows) {
    if (rows == NULL) {
        return;
    }
    parquet_raw_free(rows->raw);
    parquet_raw_free(rows->rest);
    parquet_reader_free(rows->reader);
    buffer_free(&rows->text);
    arena_free(&rows->arena);
    memory_free(rows);
}

uint32_t parquet_rows_groups(const ParquetRows *rows) {
    return rows->has_footer ? rows->reader->file.groups.count : 0;
}

// A row group of which no row is wanted: what in it can be rejected is read, if there is anything.
static void group_leave_out(ParquetRows *rows, const ParquetGroupMeta *group) {
    ParquetReader *reader = rows->reader;
    bool can_fault = rejects_rest(rows);
    const FlowSource *source = rows->options.input.source;
    FormatTests tests = {.tests = source->tests,
                         .test_count = source->tests_count,
                         .guards = source->guards,
                         .guard_count = source->guards_count};
    reader->is_left_out = parquet_group_is_left_out(reader, &tests, group);
    for (uint32_t i = 0; i < reader->column_count && !can_fault; i++) {
        can_fault = parquet_reader_can_fault(reader, &reader->columns[i], group);
    }
    if (reader->is_left_out && !can_fault) {
        rows->records = group->rows;
        rows->filtered = group->rows;
        rows->is_at_end = true;
    }
}

void parquet_rows_begin(ParquetRows *rows, uint32_t group) {
    rows->is_broken = !rows->has_footer;
    rows->is_at_end = rows->has_footer && group >= parquet_rows_groups(rows);
    rows->records = 0;
    rows->filtered = 0;
    if (rows->has_footer) {
        parquet_reader_only(rows->reader, group, group + 1);
    }
    if (rows->has_footer && !rows->is_at_end) {
        group_leave_out(rows, &rows->reader->file.groups.items[group]);
    }
}

// --- rejecting -----------------------------------------------------------------------------------
void parquet_rows_raw(ParquetRows *rows, int64_t position, Buffer *out) {
    if (rows->raw == NULL) {
        rows->raw = parquet_raw_new(rows->reader, false);
    }
    parquet_raw_row(rows->raw, position, out);
}

static TextError error_of(ParquetFault fault) {
    switch (fault) {
    case PARQUET_FAULT_ENUM:
        return (TextError){.reject = REJECT_ENUM};
    case PARQUET_FAULT_UTF8:
        return (TextError){.reject = REJECT_TEXT_UTF8};
    case PARQUET_FAULT_CALENDAR:
        return (TextError){.reject = REJECT_CALENDAR};
    case PARQUET_FAULT_NULL:
        return (TextError){.reject = REJECT_NULL};
    case PARQUET_FAULT_MISSING:
        return (TextError){.reject = REJECT_MISSING};
    case PARQUET_FAULT_KIND:
        return (TextError){.reject = REJECT_KIND, .found = "another type in the file"};
    case PARQUET_FAULT_SIZE:
        return (TextError){.reject = REJECT_ITEMS, .want = NESTED_ITEMS_MAX};
    case PARQUET_FAULT_UNKNOWN:
        return (TextError){.reject = REJECT_COLUMNS};
    case PARQUET_FAULT_RANGE:
    case PARQUET_FAULT_NONE:
        break;
    }
    return (TextError){.reject = REJECT_RANGE, .found = "the value"};
}

static void error_report(ParquetRows *rows, TextError error, int64_t position) {
    text_reject_tell(&rows->options.input, &error, position, &rows->text);
}

static void row_reject(ParquetRows *rows, uint32_t row, int64_t position) {
    const FlowColumnDesc *desc = &rows->columns[rows->faults.columns[row]];
    TextColumn column = {.desc = desc, .type = desc->type, .path = desc->name};
    ParquetFault fault = (ParquetFault)rows->faults.kinds[row];
    bool is_part = rows->reader->columns[rows->faults.columns[row]].form == READER_NESTED &&
                   (fault == PARQUET_FAULT_NULL || fault == PARQUET_FAULT_MISSING);
    TextError error = is_part ? (TextError){.reject = REJECT_PART_NULL} : error_of(fault);
    error.column = fault == PARQUET_FAULT_UNKNOWN ? NULL : &column;
    buffer_clear(&rows->text);
    parquet_rows_raw(rows, position, &rows->text);
    error_report(rows, error, position);
}

// --- moving --------------------------------------------------------------------------------------
#define MOVE(name, type)                                                                           \
    static void name(void *values, const int32_t *kept, int32_t count) {                           \
        type *rows = values;                                                                       \
        for (int32_t i = 0; i < count; i++) {                                                      \
            rows[i] = rows[kept[i]];                                                               \
        }                                                                                          \
    }
MOVE(move_8, uint8_t)
MOVE(move_16, uint16_t)
MOVE(move_32, uint32_t)
MOVE(move_64, uint64_t)
MOVE(move_128, i128)
#undef MOVE

static void column_move(const FlowColumn *column,
                        const FlowTypeDesc *type,
                        const int32_t *kept,
                        int32_t count) {
    uint32_t width = flow_kind_width((FlowKind)type->kind, type->precision);
    (width == 1   ? move_8
     : width == 2 ? move_16
     : width == 4 ? move_32
     : width == 8 ? move_64
                  : move_128)(column->values, kept, count);
    if (column->validity != NULL) {
        move_8(column->validity, kept, count);
    }
}

// The batch's selection says which rows stay; in the end all of them are selected again.
static void batch_compact(const ParquetRows *rows, Batch *batch) {
    const int32_t *kept = batch->abi.selection;
    int32_t count = batch->abi.selected_count;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        const FlowColumn *column = batch_column(batch, (uint32_t)rows->slots[i]);
        column_move(column, rows->columns[i].type, kept, count);
    }
    move_64(batch->abi.offsets, kept, count);
    batch->abi.row_count = count;
    batch_select_all(batch);
}

static void faults_reject(ParquetRows *rows, Batch *batch) {
    int32_t *kept = batch->abi.selection;
    const int64_t *offsets = batch->abi.offsets;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        if (rows->faults.kinds[row] == PARQUET_FAULT_NONE) {
            kept[count++] = row;
        } else {
            row_reject(rows, (uint32_t)row, offsets[row]);
        }
    }
    batch->abi.selected_count = count;
    batch_compact(rows, batch);
    rows->faults.has_any = false;
    memset(rows->faults.kinds, 0, sizeof rows->faults.kinds);
}

// --- where rows come from ------------------------------------------------------------------------
// None has bytes of its own; which is said once of a batch.
static void origins_fill(ParquetRows *rows, Batch *batch, int64_t first_row) {
    int64_t *offsets = batch->abi.offsets;
    int32_t row_count =
        batch->abi.row_count; // which the offsets might change, for all that is known
    for (int32_t row = 0; row < row_count; row++) {
        offsets[row] = first_row + row;
    }
    if (rows->batch != batch) {
        rows->batch = batch;
        memset(batch->abi.lengths, 0, FLOW_BATCH_ROWS_MAX * sizeof(int32_t));
        memset(batch->abi.raws, 0, FLOW_BATCH_ROWS_MAX * sizeof(const char *));
    }
}

// --- batches -------------------------------------------------------------------------------------
// The rest of a damaged row group is one record.
static void rest_reject(ParquetRows *rows) {
    buffer_clear(&rows->text);
    buffer_text(&rows->text, "");
    error_report(rows, (TextError){.reject = REJECT_DAMAGED}, rows->reader->row);
    rows->records++;
    rows->is_at_end = true;
}

static void rest_fault(ParquetRows *rows, const Batch *batch) {
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        parquet_row_fault(&rows->faults, (uint32_t)row, PARQUET_FAULT_UNKNOWN, 0);
    }
}

// What the contract lacks of each row, as JSON; null where the file has nothing more.
static void rest_capture(ParquetRows *rows, Batch *batch) {
    const FlowSource *source = rows->options.input.source;
    if (source->on_unknown != FLOW_UNKNOWN_CAPTURE || !source->columns[source->capture].is_used) {
        return;
    }
    uint32_t column = (uint32_t)source->capture;
    const int64_t *offsets = batch->abi.offsets;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        if (rows->rest == NULL) {
            batch_set_null(batch, column, (uint32_t)row);
            continue;
        }
        buffer_clear(&rows->text);
        parquet_raw_row(rows->rest, offsets[row], &rows->text);
        const char *kept = arena_copy(&batch->arena, rows->text.data, rows->text.length);
        batch_set(
            batch, column, (uint32_t)row, (FlowValue){.view = view_of(kept, rows->text.length)});
    }
}

static Outcome batch_read(ParquetRows *rows, Batch *batch) {
    int64_t first_row = rows->reader->row;
    TRY(damage_take(rows, parquet_reader_next(rows->reader, batch, rows->slots)));
    rows->is_at_end = batch->abi.row_count == 0 && !rows->is_broken;
    rows->records += batch->abi.row_count;
    origins_fill(rows, batch, first_row);
    if (rejects_rest(rows)) {
        rest_fault(rows, batch);
    }
    if (rows->faults.has_any) {
        faults_reject(rows, batch);
    }
    if (rows->reader->is_left_out) {
        rows->filtered += batch->abi.row_count;
        batch_clear(batch);
    }
    return OUTCOME_OK;
}

Outcome parquet_rows_next(ParquetRows *rows, Batch *batch) {
    batch->abi.file = rows->options.input.file; // known before the first rejection
    do {
        batch_clear(batch);
        if (rows->is_broken && !rows->is_at_end) {
            rest_reject(rows);
        }
        if (!rows->is_at_end) {
            TRY(batch_read(rows, batch));
        }
    } while (batch->abi.row_count == 0 && !rows->is_at_end);
    rest_capture(rows, batch);
    row_meta_fill(&rows->meta, batch);
    return OUTCOME_OK;
}

int64_t parquet_rows_records(const ParquetRows *rows) {
    return rows->records;
}

int64_t parquet_rows_filtered(const ParquetRows *rows) {
    return rows->filtered;
}
