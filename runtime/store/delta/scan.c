// Scans: data files one after the other, with the partition's values put back into rows that do not
// hold them, and the fields of a struct `_sequence` taken apart.
#include "store/delta/scan.h"

#include "scalar/scalar.h"
#include "store/delta/path.h"
#include "store/delta/sequence.h"
#include "store/delta/skip.h"
#include "store/delta/value.h"

typedef struct PartitionColumn {
    uint32_t column; // of the wanted ones
    bool is_null;
    FlowValue value; // of the current file
} PartitionColumn;

struct DeltaScan {
    Arena arena;
    DeltaScanOptions options;
    uint32_t file_index;
    uint32_t file_end; // behind the last file that is read
    SysFile *file;     // the current one, or NULL
    ParquetReader *reader;
    Failure failure;
    FlowColumnDesc *stored; // wanted columns that the files hold
    int32_t *stored_columns;
    int32_t *stored_slots;
    uint32_t stored_count;
    // Of several order values, which are a struct in the files:
    DeltaSequence *sequence; // or NULL
    FlowColumnDesc *read;    // the stored columns, then the struct
    FlowColumn *wide;        // a batch's columns, then the struct's
    uint32_t wide_count;
    int32_t *sequence_slots;
    PartitionColumn *partitions;
    uint32_t partition_count;
    int32_t group; // the only row group that is read, or -1: all
    bool is_piece; // who has cut it has asked already whether the file is wanted
    bool is_at_end;
    FlowScanTest *stored_tests; // on the stored columns, …
    FormatTests group_tests;    // … which leave out row groups
    DeltaFileFilter file_filter;
    int64_t left_out; // rows
    // of who cuts:
    uint32_t cut_file;
    uint32_t cut_group;
    uint32_t cut_groups; // of the file; 0: it is one piece
    // of a merge: the row groups that are read; group_end 0: all
    uint32_t group_first;
    uint32_t group_end;
};

// --- opening ------------------------------------------------------------------------------------
static const FlowTypeDesc *type_copy(Arena *arena, const FlowTypeDesc *from) {
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    *type = *from;
    FlowText *values = arena_array(arena, FlowText, (size_t)from->enum_values_count);
    for (int64_t i = 0; i < from->enum_values_count; i++) {
        values[i].text = arena_string(arena, from->enum_values[i].text);
    }
    type->enum_values = from->enum_values_count > 0 ? values : NULL;
    type->children = delta_columns_copy(arena, from->children, (uint32_t)from->children_count);
    return type;
}

FlowColumnDesc *delta_columns_copy(Arena *arena, const FlowColumnDesc *columns, uint32_t count) {
    FlowColumnDesc *copy = arena_array(arena, FlowColumnDesc, count);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = columns[i];
        copy[i].name = columns[i].name == NULL ? NULL : arena_string(arena, columns[i].name);
        copy[i].type = type_copy(arena, columns[i].type);
    }
    return copy;
}

// The tests on columns that the files hold.
static void tests_take(DeltaScan *scan) {
    const DeltaScanOptions *options = &scan->options;
    scan->stored_tests = arena_array(&scan->arena, FlowScanTest, options->test_count + 1);
    scan->group_tests = (FormatTests){.tests = scan->stored_tests};
    for (uint32_t t = 0; t < options->test_count; t++) {
        for (uint32_t i = 0; i < scan->stored_count; i++) {
            if (scan->stored_columns[i] == options->tests[t].column) {
                FlowScanTest test = options->tests[t];
                test.column = (int32_t)i;
                scan->stored_tests[scan->group_tests.test_count++] = test;
            }
        }
    }
    scan->file_filter = (DeltaFileFilter){
        .tests = {.tests = options->tests, .test_count = options->test_count},
        .columns = options->columns,
        .column_count = options->column_count,
    };
}

static void sequence_make(DeltaScan *scan) {
    Arena *arena = &scan->arena;
    uint32_t count = scan->options.sequence_count;
    scan->stored_count -= count; // they come last
    scan->sequence = delta_sequence_new(arena, scan->stored + scan->stored_count, count);
    scan->sequence_slots = arena_array(arena, int32_t, count);
    scan->read = arena_array(arena, FlowColumnDesc, scan->stored_count + 1);
    memcpy(scan->read, scan->stored, scan->stored_count * sizeof(*scan->read));
    scan->read[scan->stored_count] = scan->sequence->desc;
}

DeltaScan *delta_scan_new(const DeltaScanOptions *options) {
    DeltaScan *scan = memory_alloc(sizeof(*scan));
    *scan = (DeltaScan){.options = *options, .file_end = options->file_count, .group = -1};
    Arena *arena = &scan->arena;
    uint32_t count = options->column_count;
    scan->options.columns = delta_columns_copy(arena, options->columns, count);
    scan->options.table_path = arena_string(arena, options->table_path);
    scan->stored = arena_array(arena, FlowColumnDesc, count);
    scan->stored_columns = arena_array(arena, int32_t, count);
    scan->stored_slots = arena_array(arena, int32_t, count);
    scan->partitions = arena_array(arena, PartitionColumn, count);
    for (uint32_t i = 0; i < count; i++) {
        if (delta_names_have(options->partition, options->columns[i].name)) {
            scan->partitions[scan->partition_count++] = (PartitionColumn){.column = i};
            continue;
        }
        scan->stored[scan->stored_count] = scan->options.columns[i];
        scan->stored_columns[scan->stored_count++] = (int32_t)i;
    }
    if (options->sequence_count > 0) {
        sequence_make(scan);
    }
    tests_take(scan);
    return scan;
}

const char *delta_scan_refusal(Arena *arena,
                               const DeltaSchema *schema,
                               const FlowColumnDesc *columns,
                               uint32_t column_count) {
    for (uint32_t i = 0; i < column_count; i++) {
        int32_t found = delta_schema_find(schema, columns[i].name);
        if (found == FLOW_NO_INDEX) {
            return arena_format(arena, "it has no column %s", columns[i].name);
        }
        const FlowTypeDesc *type = schema->columns.items[found].desc.type;
        if (!delta_type_is_same(type, columns[i].type)) {
            return arena_format(arena,
                                "its column %s is of type %s, not %s",
                                columns[i].name,
                                delta_type_text(arena, type),
                                delta_type_text(arena, columns[i].type));
        }
    }
    return NULL;
}

Outcome delta_scan_open(DeltaTable *table,
                        const FlowColumnDesc *columns,
                        uint32_t column_count,
                        DeltaScan **scan) {
    const char *why = delta_scan_refusal(&table->arena, &table->schema, columns, column_count);
    *scan = NULL;
    if (why != NULL) {
        return sys_fail(table->sys, OUTCOME_REFUSED, "table %s: %s", table->path, why);
    }
    DeltaScanOptions options = {
        .sys = table->sys,
        .table_path = table->path,
        .files = table->files.items,
        .file_count = table->files.count,
        .partition = &table->metadata.partition_columns,
        .columns = columns,
        .column_count = column_count,
    };
    *scan = delta_scan_new(&options);
    return OUTCOME_OK;
}

void delta_scan_skip(DeltaScan *scan, const FlowScanTest *tests, uint32_t test_count) {
    scan->options.tests = tests;
    scan->options.test_count = test_count;
    tests_take(scan);
}

// --- a file -------------------------------------------------------------------------------------
static const char *file_path(const DeltaScan *scan) {
    return scan->options.files[scan->file_index].path;
}

static Outcome scan_refuse(DeltaScan *scan, const char *why) {
    return sys_fail(scan->options.sys,
                    OUTCOME_REFUSED,
                    "table %s, file %s: %s",
                    scan->options.table_path,
                    file_path(scan),
                    why);
}

static Outcome file_bytes(void *user, int64_t offset, void *bytes, size_t length) {
    DeltaScan *scan = user;
    size_t got;
    TRY(sys_read(scan->options.sys, scan->file, offset, bytes, length, &got));
    return got == length ? OUTCOME_OK : scan_refuse(scan, "it ends too early");
}

// What the Parquet reader refuses is said in its own Failure, what the Sys refuses already in the
// Sys's.
static Outcome parquet_outcome(DeltaScan *scan, Outcome outcome) {
    if (outcome != OUTCOME_OK && scan->failure.outcome != OUTCOME_OK) {
        return scan_refuse(scan, scan->failure.text);
    }
    return outcome;
}

// A string column that is never null reads null as the empty string, which Delta cannot write.
static Outcome partition_null(DeltaScan *scan, PartitionColumn *partition) {
    const FlowColumnDesc *column = &scan->options.columns[partition->column];
    partition->is_null = true;
    if (column->type->is_nullable) {
        return OUTCOME_OK;
    }
    if (column->type->kind != FLOW_STRING) {
        return scan_refuse(
            scan, arena_format(&scan->arena, "its partition column %s is null", column->name));
    }
    partition->is_null = false;
    partition->value.view = view_text("");
    return OUTCOME_OK;
}

static Outcome partition_begin(DeltaScan *scan, PartitionColumn *partition) {
    const FlowColumnDesc *column = &scan->options.columns[partition->column];
    const DeltaLive *live = &scan->options.files[scan->file_index];
    const DeltaPair *pair = delta_file_partition(&live->file, column->name);
    if (delta_partition_is_null(pair)) {
        return partition_null(scan, partition);
    }
    partition->is_null = false;
    if (!delta_partition_parse(&scan->arena, column->type, pair, &partition->value)) {
        return scan_refuse(
            scan,
            arena_format(
                &scan->arena, "its partition value \"%s\" is no %s", pair->value, column->name));
    }
    return OUTCOME_OK;
}

static Outcome file_size(DeltaScan *scan, const char *path, int64_t *size_bytes) {
    SysStat stat;
    TRY(sys_stat(scan->options.sys, path, &stat));
    if (!stat.exists) {
        return scan_refuse(scan, "it is missing");
    }
    *size_bytes = stat.size_bytes;
    return OUTCOME_OK;
}

static Outcome reader_open(DeltaScan *scan, int64_t size_bytes) {
    bool has_struct = scan->sequence != NULL;
    return parquet_reader_open(file_bytes,
                               scan,
                               size_bytes,
                               has_struct ? scan->read : scan->stored,
                               scan->stored_count + (has_struct ? 1 : 0),
                               &scan->failure,
                               &scan->reader);
}

static Outcome file_open(DeltaScan *scan) {
    int64_t size_bytes = 0;
    const char *path = delta_path_join(&scan->arena, scan->options.table_path, file_path(scan));
    TRY(file_size(scan, path, &size_bytes));
    for (uint32_t i = 0; i < scan->partition_count; i++) {
        TRY(partition_begin(scan, &scan->partitions[i]));
    }
    TRY(sys_open(scan->options.sys, path, SYS_READ, &scan->file));
    TRY(parquet_outcome(scan, reader_open(scan, size_bytes)));
    if (scan->group_tests.test_count > 0) {
        parquet_reader_skip(scan->reader, &scan->group_tests);
    }
    if (scan->group_end > 0) {
        parquet_reader_only(scan->reader, scan->group_first, scan->group_end);
    }
    return OUTCOME_OK;
}

Outcome delta_scan_groups(DeltaScan *scan, uint32_t *count) {
    TRY(file_open(scan));
    *count = parquet_reader_groups(scan->reader);
    return OUTCOME_OK;
}

void delta_scan_groups_only(DeltaScan *scan, uint32_t first, uint32_t end) {
    scan->group_first = first;
    scan->group_end = end;
}

static Outcome file_close(DeltaScan *scan) {
    SysFile *file = scan->file;
    if (scan->reader != NULL) {
        parquet_reader_free(scan->reader);
    }
    scan->reader = NULL;
    scan->file = NULL;
    return file == NULL ? OUTCOME_OK : sys_close(scan->options.sys, file);
}

// --- rows ---------------------------------------------------------------------------------------
// The batch has no column for the struct: while it is filled it gets one more.
static Outcome packed_next(DeltaScan *scan, Batch *batch) {
    void *own = batch->abi.columns;
    uint32_t count = batch->column_count;
    if (count >= scan->wide_count) {
        scan->wide_count = count + 1;
        scan->wide = arena_array(&scan->arena, FlowColumn, scan->wide_count);
    }
    memcpy(scan->wide, own, count * sizeof(*scan->wide));
    scan->wide[count] = scan->sequence->column;
    scan->stored_slots[scan->stored_count] = (int32_t)count;
    batch->abi.columns = scan->wide;
    Outcome outcome = parquet_reader_next(scan->reader, batch, scan->stored_slots);
    batch->abi.columns = own;
    TRY(outcome);
    return delta_sequence_unpack(scan->sequence, batch, scan->sequence_slots)
               ? OUTCOME_OK
               : scan_refuse(scan, "its column _sequence is null");
}

static Outcome rows_next(DeltaScan *scan, Batch *batch, const int32_t *slots) {
    for (uint32_t i = 0; i < scan->stored_count; i++) {
        scan->stored_slots[i] = slots[scan->stored_columns[i]];
    }
    if (scan->sequence == NULL) {
        return parquet_reader_next(scan->reader, batch, scan->stored_slots);
    }
    for (uint32_t i = 0; i < scan->sequence->count; i++) {
        scan->sequence_slots[i] = slots[scan->stored_columns[scan->stored_count + i]];
    }
    return packed_next(scan, batch);
}

static void partition_fill(const DeltaScan *scan, Batch *batch, const int32_t *slots) {
    for (uint32_t i = 0; i < scan->partition_count; i++) {
        const PartitionColumn *partition = &scan->partitions[i];
        uint32_t slot = (uint32_t)slots[partition->column];
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            if (partition->is_null) {
                batch_set_null(batch, slot, row);
            } else {
                batch_set(batch, slot, row, partition->value);
            }
        }
    }
}

// Row groups that are passed over keep their numbers.
static void positions_fill(DeltaScan *scan, Batch *batch) {
    int64_t *offsets = batch->abi.offsets;
    int64_t first = parquet_reader_row(scan->reader) - batch->abi.row_count;
    scan->left_out += parquet_reader_take_skipped(scan->reader);
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        offsets[row] = first + row;
    }
    batch->abi.file = (int32_t)scan->file_index;
}

static Outcome file_next(DeltaScan *scan, Batch *batch, const int32_t *slots) {
    TRY(parquet_outcome(scan, rows_next(scan, batch, slots)));
    partition_fill(scan, batch, slots);
    positions_fill(scan, batch);
    batch_select_all(batch);
    return OUTCOME_OK;
}

static bool file_is_left_out(DeltaScan *scan, uint32_t file) {
    int64_t rows = 0;
    const DeltaScanOptions *options = &scan->options;
    bool is_out = delta_file_is_left_out(
        &scan->file_filter, options->partition, &options->files[file].file, &rows);
    scan->left_out += is_out ? rows : 0;
    return is_out;
}

static Outcome file_begin(DeltaScan *scan) {
    TRY(file_open(scan));
    if (scan->group >= 0) {
        parquet_reader_only(scan->reader, (uint32_t)scan->group, (uint32_t)scan->group + 1);
    }
    return OUTCOME_OK;
}

// A file of which one row group was read stays open: the next piece is often another one of it.
static Outcome file_end(DeltaScan *scan) {
    if (scan->group >= 0) {
        scan->is_at_end = true;
        return OUTCOME_OK;
    }
    scan->file_index++;
    return file_close(scan);
}

Outcome delta_scan_next(DeltaScan *scan, Batch *batch, const int32_t *slots) {
    batch_clear(batch);
    while (scan->file_index < scan->file_end && !scan->is_at_end) {
        if (scan->file == NULL && !scan->is_piece && file_is_left_out(scan, scan->file_index)) {
            scan->file_index++;
            continue;
        }
        if (scan->file == NULL) {
            TRY(file_begin(scan));
        }
        TRY(file_next(scan, batch, slots));
        if (batch->abi.row_count > 0) {
            return OUTCOME_OK;
        }
        TRY(file_end(scan));
    }
    return OUTCOME_OK;
}

// --- pieces -------------------------------------------------------------------------------------
DeltaScan *delta_scan_share(const DeltaScan *scan, Sys *sys) {
    DeltaScanOptions options = scan->options;
    options.sys = sys;
    return delta_scan_new(&options);
}

// How many row groups a file has is in the file; that is worth a look if there may be several.
static Outcome groups_count(DeltaScan *scan, uint32_t file) {
    scan->cut_group = 0;
    scan->cut_groups = 0;
    if (scan->options.files[file].file.size_bytes < SPLIT_FILE_BYTES_MIN) {
        return OUTCOME_OK;
    }
    scan->file_index = file;
    TRY(file_open(scan));
    uint32_t groups = parquet_reader_groups(scan->reader);
    scan->cut_groups = groups > 1 ? groups : 0;
    return file_close(scan);
}

Outcome delta_scan_cut(DeltaScan *scan, DeltaPiece *piece, bool *has_piece) {
    int64_t left_out = scan->left_out;
    while (scan->cut_group == 0 && scan->cut_file < scan->options.file_count &&
           file_is_left_out(scan, scan->cut_file)) {
        scan->cut_file++;
    }
    *has_piece = scan->cut_file < scan->options.file_count;
    if (!*has_piece) {
        return OUTCOME_OK;
    }
    if (scan->cut_group == 0) {
        TRY(groups_count(scan, scan->cut_file));
    }
    bool is_whole = scan->cut_groups == 0;
    *piece = (DeltaPiece){
        .file = scan->cut_file,
        .group = is_whole ? -1 : (int32_t)scan->cut_group,
        .left_out_before = scan->left_out - left_out,
    };
    scan->cut_group++;
    if (scan->cut_group >= scan->cut_groups) {
        scan->cut_group = 0;
        scan->cut_file++;
    }
    return OUTCOME_OK;
}

Outcome delta_scan_only(DeltaScan *scan, const DeltaPiece *piece) {
    ASSERT(piece->file < scan->options.file_count);
    bool is_same = scan->file != NULL && scan->file_index == piece->file && piece->group >= 0;
    if (scan->file != NULL && !is_same) {
        TRY(file_close(scan));
    }
    scan->file_index = piece->file;
    scan->file_end = piece->file + 1;
    scan->group = piece->group;
    scan->is_piece = true;
    scan->is_at_end = false;
    if (is_same) {
        parquet_reader_only(scan->reader, (uint32_t)piece->group, (uint32_t)piece->group + 1);
    }
    return OUTCOME_OK;
}

int64_t delta_scan_left_out(const DeltaScan *scan) {
    return scan->left_out;
}

void delta_scan_close(DeltaScan *scan) {
    if (scan == NULL) {
        return;
    }
    Outcome closed = file_close(scan); // nothing was written: an error here loses nothing
    (void)closed;
    arena_free(&scan->arena);
    memory_free(scan);
}
