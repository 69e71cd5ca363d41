// Tables: a file in, batches out, column by column.
#include "format/parquet/skip.h"

#include "scalar/scalar.h"

enum { NESTED_ROWS_FIRST = 64, NESTED_BYTES_WANTED = 4 * 1024 * 1024 };

// --- opening -----------------------------------------------------------------------------------
static Outcome unfit_refuse(ParquetReader *reader, const FlowColumnDesc *desc) {
    return parquet_refuse(&reader->file,
                          "the Parquet file's column `%.100s` is of another type than %s",
                          desc->name,
                          parquet_type_text(desc->type));
}

static bool is_nested(const FlowTypeDesc *type) {
    return type->kind == FLOW_LIST || type->kind == FLOW_MAP || type->kind == FLOW_STRUCT;
}

static bool flat_open(ReaderColumn *column, int64_t unit_us) {
    column->form = READER_FLAT;
    return column->leaf.node->repetition == 0 &&
           parquet_leaf_open(&column->leaf, column->desc->type, unit_us);
}

static bool
nested_open(ParquetReader *reader, ReaderColumn *column, const ParquetSchemaNode *node) {
    ParquetNestedOptions options = {
        .file = &reader->file,
        .scratch = &reader->scratch,
        .type = column->desc->type,
        .column = (uint32_t)(column - reader->columns),
        .faults = reader->faults,
    };
    column->form = READER_NESTED;
    column->nested = parquet_nested_new(&options, node);
    reader->has_nested |= column->nested != NULL;
    return column->nested != NULL;
}

// The column by the first of its names that the file has.
static const ParquetSchemaNode *
node_find(const ParquetReader *reader, const FlowColumnDesc *desc, const FlowWire *wire) {
    if (wire == NULL) {
        return parquet_schema_child(reader->file.nodes, desc->name);
    }
    const ParquetSchemaNode *node = NULL;
    for (int64_t i = 0; node == NULL && i < wire->names_count; i++) {
        node = parquet_schema_child(reader->file.nodes, wire->names[i].text);
    }
    return node;
}

static const FlowNested nothing_nested = {0};

static void default_set(ParquetReader *reader, ReaderColumn *column, const char *text) {
    const FlowTypeDesc *type = column->desc->type;
    column->has_default = true;
    if (is_nested(type)) {
        column->default_value.nested = &nothing_nested; // the only one that can be written
        return;
    }
    ParseResult parsed =
        value_parse(&reader->file.arena, type, text, strlen(text), &column->default_value);
    ASSERT(parsed == PARSE_OK); // the compiler has made it
}

static Outcome column_open(ParquetReader *reader, ReaderColumn *column, int64_t unit_us) {
    column->leaf = (ParquetLeaf){
        .file = &reader->file,
        .scratch = &reader->scratch,
        .node = column->node,
        .is_tolerant = reader->faults != NULL,
    };
    bool fits = is_nested(column->desc->type) ? nested_open(reader, column, column->node)
                                              : flat_open(column, unit_us);
    if (fits) {
        return OUTCOME_OK;
    }
    column->form = READER_UNFIT;
    column->leaf.has_values = false;
    return reader->faults != NULL ? OUTCOME_OK : unfit_refuse(reader, column->desc);
}

// The table's column of this name; -1: none, or there is no table.
int32_t parquet_table_find(const ParquetTable *table, const char *name) {
    for (uint32_t i = 0; table != NULL && i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return (int32_t)i;
        }
    }
    return -1;
}

// A value that all rows of the file have, as the wanted type: it was asked before whether the
// types go together, so only an enum lacks values.
static void
fixed_set(ReaderColumn *column, const FlowColumnDesc *stored, const ParquetFixed *fixed) {
    const FlowTypeDesc *type = column->desc->type;
    column->absent_fault = fixed->is_null ? PARQUET_FAULT_NULL : PARQUET_FAULT_ENUM;
    column->has_default = !fixed->is_null;
    column->default_value = fixed->value;
    if (fixed->is_null) {
        return;
    }
    if (type->kind == FLOW_ENUM) {
        const FlowView *text = &fixed->value.view;
        column->default_value.i64 = enum_code(type, flow_view_data(text), text->length);
        column->has_default = column->default_value.i64 >= 0;
    } else if (type->kind == FLOW_DECIMAL) {
        bool is_decimal = stored->type->kind == FLOW_DECIMAL;
        i128 unscaled = is_decimal ? fixed->value.i128 : (i128)fixed->value.i64;
        int32_t scale = is_decimal ? stored->type->scale : 0;
        column->default_value.i128 = unscaled * decimal_power10(type->scale - scale);
    }
}

// A column of the table: the log has its value, or the file may be older than the column.
static bool table_column_find(ParquetReader *reader, ReaderColumn *column, const char *name) {
    int32_t found = parquet_table_find(reader->table, name);
    if (found < 0) {
        return false;
    }
    int32_t fixed = reader->table->fixed[found];
    column->of_table = found;
    column->absent_fault = PARQUET_FAULT_NULL;
    if (fixed >= 0) {
        fixed_set(column, &reader->table->columns[found], &reader->fixed[fixed]);
    } else {
        column->node = parquet_schema_child(reader->file.nodes, name);
    }
    return true;
}

bool parquet_reader_looks_for(const ParquetReader *reader, uint32_t table_column) {
    for (uint32_t i = 0; i < reader->column_count; i++) {
        if (reader->columns[i].of_table == (int32_t)table_column) {
            return true;
        }
    }
    return false;
}

static bool is_of_table(ParquetReader *reader, ReaderColumn *column, const FlowWire *wire) {
    if (wire == NULL) {
        return table_column_find(reader, column, column->desc->name);
    }
    bool is_found = false;
    for (int64_t i = 0; i < wire->names_count && !is_found; i++) {
        is_found = table_column_find(reader, column, wire->names[i].text);
    }
    return is_found;
}

static void column_find(ParquetReader *reader, ReaderColumn *column, const FlowWire *wire) {
    column->of_table = -1;
    column->absent_fault = PARQUET_FAULT_MISSING;
    column->form = READER_MISSING;
    if (is_of_table(reader, column, wire)) {
        return;
    }
    column->node = node_find(reader, column->desc, wire);
    column->form = wire != NULL && wire->names_count == 0 ? READER_UNREAD : READER_MISSING;
    if (column->node == NULL && wire != NULL && wire->default_text != NULL) {
        default_set(reader, column, wire->default_text);
    }
}

static Outcome columns_open(ParquetReader *reader, const ParquetReaderOptions *options) {
    TRY(parquet_file_open(&reader->file));
    reader->group_end = reader->file.groups.count;
    for (uint32_t i = 0; i < reader->column_count; i++) {
        ReaderColumn *column = &reader->columns[i];
        column->desc = &options->columns[i];
        column_find(reader, column, options->wires == NULL ? NULL : &options->wires[i]);
        if (column->node != NULL) {
            TRY(column_open(reader, column, options->unit_us));
        }
    }
    return OUTCOME_OK;
}

// A reader whose file is damaged is given all the same, so that the caller can ask about it.
Outcome parquet_reader_begin(const ParquetReaderOptions *options,
                             Failure *failure,
                             ParquetReader **reader) {
    ParquetReader *made = memory_alloc(sizeof *made);
    memset(made, 0, sizeof *made);
    made->file = (ParquetFile){.read = options->read,
                               .user = options->user,
                               .bytes = options->file_bytes,
                               .failure = failure};
    made->columns = memory_alloc((options->column_count + 1) * sizeof *made->columns);
    memset(made->columns, 0, options->column_count * sizeof *made->columns);
    made->column_count = options->column_count;
    made->faults = options->faults;
    made->table = options->table;
    made->fixed = options->fixed;
    made->rows_next = NESTED_ROWS_FIRST;
    *reader = made;
    return columns_open(made, options);
}

Outcome parquet_reader_open(FormatReadFn read,
                            void *user,
                            int64_t file_bytes,
                            const FlowColumnDesc *columns,
                            uint32_t column_count,
                            Failure *failure,
                            ParquetReader **reader) {
    ParquetReaderOptions options = {
        .read = read,
        .user = user,
        .file_bytes = file_bytes,
        .columns = columns,
        .column_count = column_count,
    };
    Outcome outcome = parquet_reader_begin(&options, failure, reader);
    if (outcome != OUTCOME_OK) {
        parquet_reader_free(*reader);
        *reader = NULL;
    }
    return outcome;
}

void parquet_reader_free(ParquetReader *reader) {
    if (reader == NULL) {
        return;
    }
    for (uint32_t i = 0; i < reader->column_count; i++) {
        parquet_leaf_close(&reader->columns[i].leaf);
        parquet_nested_free(reader->columns[i].nested);
    }
    parquet_unpacker_free(&reader->scratch.unpacker);
    parquet_file_close(&reader->file);
    memory_free(reader->columns);
    memory_free(reader);
}

int64_t parquet_reader_rows(const ParquetReader *reader) {
    return reader->file.rows;
}

void parquet_reader_skip(ParquetReader *reader, const FormatTests *tests) {
    reader->tests = tests;
}

int64_t parquet_reader_take_skipped(ParquetReader *reader) {
    int64_t skipped = reader->skipped;
    reader->skipped = 0;
    return skipped;
}

uint32_t parquet_reader_groups(const ParquetReader *reader) {
    return reader->file.groups.count;
}

int64_t parquet_reader_row(const ParquetReader *reader) {
    return reader->row;
}

// --- rows that are none --------------------------------------------------------------------------
// Rows from .. to have no value that the column's type admits.
static Outcome rows_fault(ParquetReader *reader,
                          const ReaderColumn *column,
                          ParquetFault fault,
                          uint32_t from,
                          uint32_t to) {
    if (reader->faults == NULL) {
        return parquet_refuse(
            &reader->file,
            "the Parquet file's column `%.100s` has nulls, but its type allows none",
            column->desc->name);
    }
    for (uint32_t row = from; row < to; row++) {
        parquet_row_fault(reader->faults, row, fault, (uint32_t)(column - reader->columns));
    }
    return OUTCOME_OK;
}

static void default_fill(const ReaderColumn *column, const FlowColumn *target, uint32_t row_count) {
    for (uint32_t row = 0; row < row_count; row++) {
        value_store(column->desc->type, target->values, row, column->default_value);
    }
    if (target->validity != NULL) {
        memset(target->validity, 1, row_count);
    }
}

static Outcome nulls_fill(ParquetReader *reader,
                          const ReaderColumn *column,
                          const FlowColumn *target,
                          uint32_t row_count) {
    if (column->has_default) {
        default_fill(column, target, row_count);
        return OUTCOME_OK;
    }
    if (target->validity == NULL) {
        ParquetFault fault =
            column->form == READER_MISSING ? column->absent_fault : PARQUET_FAULT_KIND;
        return rows_fault(reader, column, fault, 0, row_count);
    }
    memset(target->validity, 0, row_count);
    bool is_no_value = column->absent_fault == PARQUET_FAULT_ENUM;
    return is_no_value ? rows_fault(reader, column, PARQUET_FAULT_ENUM, 0, row_count) : OUTCOME_OK;
}

// What cannot become the type is at least null where it is null.
static Outcome unfit_read(ParquetReader *reader,
                          ReaderColumn *column,
                          const FlowColumn *target,
                          uint32_t *row,
                          uint32_t row_count) {
    bool is_leaf = column->leaf.node->leaf >= 0 && column->leaf.node->repetition == 0;
    if (!is_leaf || target->validity == NULL) {
        *row = row_count;
        return rows_fault(reader, column, PARQUET_FAULT_KIND, 0, row_count);
    }
    uint8_t max = column->leaf.node->definition;
    while (*row < row_count) {
        ParquetRead read = {.count = row_count - *row, .definitions = reader->definitions};
        TRY(parquet_leaf_levels(&column->leaf, read.count, &read));
        for (uint32_t i = 0; i < read.count; i++) {
            bool is_null = max > 0 && reader->definitions[i] != max;
            ((uint8_t *)target->validity)[*row + i] = 0;
            if (!is_null) {
                TRY(rows_fault(reader, column, PARQUET_FAULT_KIND, *row + i, *row + i + 1));
            }
        }
        *row += read.count;
    }
    return OUTCOME_OK;
}

// --- flat columns --------------------------------------------------------------------------------
#define SPREAD(name, type)                                                                         \
    static void name(void *values, uint32_t count, uint32_t from, const uint8_t *validity) {       \
        type *rows = values;                                                                       \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            rows[i] = rows[from];                                                                  \
            from += validity[i];                                                                   \
        }                                                                                          \
    }
SPREAD(spread_8, uint8_t)
SPREAD(spread_16, uint16_t)
SPREAD(spread_32, uint32_t)
SPREAD(spread_64, uint64_t)
SPREAD(spread_128, i128)
#undef SPREAD

// The dense values stand at the end of their rows: moved forward, none is overwritten before its
// turn.
static void spread(uint32_t width, char *values, const ParquetRead *read) {
    uint32_t from = read->count - read->value_count;
    (width == 1   ? spread_8
     : width == 2 ? spread_16
     : width == 4 ? spread_32
     : width == 8 ? spread_64
                  : spread_128)(values, read->count, from, read->definitions);
}

// The dense values' faults become those of their rows.
static void faults_spread(ParquetReader *reader,
                          const ReaderColumn *column,
                          uint32_t row,
                          const ParquetRead *read) {
    const uint8_t *fault = reader->scratch.faults;
    for (uint32_t i = 0; i < read->count; i++) {
        if (read->definitions[i] == 0) {
            continue;
        }
        if (*fault != PARQUET_FAULT_NONE) {
            uint32_t index = (uint32_t)(column - reader->columns);
            parquet_row_fault(reader->faults, row + i, (ParquetFault)*fault, index);
        }
        fault++;
    }
}

static Outcome nulls_fault(ParquetReader *reader,
                           const ReaderColumn *column,
                           uint32_t row,
                           const ParquetRead *read) {
    for (uint32_t i = 0; i < read->count; i++) {
        if (read->definitions[i] == 0) {
            TRY(rows_fault(reader, column, PARQUET_FAULT_NULL, row + i, row + i + 1));
        }
    }
    return OUTCOME_OK;
}

// Rows of one page into rows row .. of the column.
static Outcome piece_read(ParquetReader *reader,
                          ReaderColumn *column,
                          const FlowColumn *target,
                          uint32_t row,
                          ParquetRead *read) {
    uint8_t *validity = target->validity == NULL ? NULL : (uint8_t *)target->validity + row;
    uint32_t width = column->leaf.conversion.width;
    read->definitions = validity == NULL ? reader->definitions : validity;
    TRY(parquet_leaf_levels(&column->leaf, read->count, read));
    if (column->leaf.node->definition == 0) {
        memset(read->definitions, 1, read->count);
    }
    uint32_t null_count = read->count - read->value_count;
    if (validity == NULL && null_count > 0) {
        TRY(nulls_fault(reader, column, row, read));
    }
    char *values = (char *)target->values + (size_t)row * width;
    TRY(parquet_leaf_values(&column->leaf, read->value_count, values + (size_t)null_count * width));
    if (null_count > 0) {
        spread(width, values, read);
    }
    if (column->leaf.has_faults) {
        faults_spread(reader, column, row, read);
    }
    return OUTCOME_OK;
}

static Outcome flat_read(ParquetReader *reader,
                         ReaderColumn *column,
                         const FlowColumn *target,
                         uint32_t *row,
                         uint32_t row_count) {
    while (*row < row_count) {
        ParquetRead read = {.count = row_count - *row};
        TRY(piece_read(reader, column, target, *row, &read));
        *row += read.count;
    }
    return OUTCOME_OK;
}

// --- row groups ----------------------------------------------------------------------------------
static bool has_nulls(const ReaderColumn *column, const ParquetChunkMeta *chunk) {
    return column->leaf.node->definition > 0 && chunk->null_count != 0;
}

// Texts are always looked at: nothing but their bytes says that they are valid. Unless the file is
// part of a table: then a row group that nobody wants is not read for their sake.
static bool values_can_fault(const ParquetReader *reader,
                             const ReaderColumn *column,
                             const ParquetGroupMeta *group) {
    const ParquetConversion *conversion = &column->leaf.conversion;
    FormatRange range;
    if (conversion->kind == PARQUET_CONVERT_TEXT && reader->table != NULL && reader->is_left_out) {
        return false;
    }
    return !parquet_chunk_range(column, group, &range) &&
           conversion->kind != PARQUET_CONVERT_COPY && conversion->kind != PARQUET_CONVERT_FLOAT &&
           conversion->kind != PARQUET_CONVERT_HALF && conversion->kind != PARQUET_CONVERT_BYTES;
}

bool parquet_reader_can_fault(const ParquetReader *reader,
                              const ReaderColumn *column,
                              const ParquetGroupMeta *group) {
    bool is_nullable = column->desc->type->is_nullable != 0;
    switch (column->form) {
    case READER_MISSING:
        return !column->has_default && (!is_nullable || column->absent_fault == PARQUET_FAULT_ENUM);
    case READER_UNREAD:
        return false;
    case READER_FLAT:
        return (!is_nullable && has_nulls(column, &group->chunks[column->leaf.node->leaf])) ||
               values_can_fault(reader, column, group);
    case READER_UNFIT:
    case READER_NESTED:
        break;
    }
    return true;
}

// Nobody wants the column; it is passed over if nothing in the chunk can be wrong.
static Outcome unwanted_chunk(ReaderColumn *column, const ParquetGroupMeta *group) {
    bool is_nullable = column->desc->type->is_nullable != 0;
    bool may_be_null = !is_nullable && has_nulls(column, &group->chunks[column->leaf.node->leaf]);
    TRY(parquet_leaf_chunk(&column->leaf, group));
    column->is_passed_over = !may_be_null && parquet_leaf_is_sound(&column->leaf);
    return column->is_passed_over ? OUTCOME_OK : parquet_leaf_chunk(&column->leaf, group);
}

static Outcome
column_chunk(ParquetReader *reader, ReaderColumn *column, const ParquetGroupMeta *group) {
    bool is_wanted = reader->faults == NULL || (column->desc->is_used && !reader->is_left_out);
    column->is_passed_over = !is_wanted && !parquet_reader_can_fault(reader, column, group);
    if (column->is_passed_over || column->node == NULL) {
        return OUTCOME_OK;
    }
    if (column->form == READER_NESTED) {
        return parquet_nested_chunk(column->nested, group);
    }
    if (!is_wanted && column->form == READER_FLAT) {
        return unwanted_chunk(column, group);
    }
    bool is_leaf = column->leaf.node->leaf >= 0;
    return is_leaf ? parquet_leaf_chunk(&column->leaf, group) : OUTCOME_OK;
}

static Outcome group_begin(ParquetReader *reader) {
    const ParquetGroupMeta *group = &reader->file.groups.items[reader->next_group++];
    if (reader->tests != NULL && parquet_group_is_left_out(reader, reader->tests, group)) {
        reader->row += group->rows;
        reader->skipped += group->rows;
        return OUTCOME_OK;
    }
    for (uint32_t i = 0; i < reader->column_count && group->rows > 0; i++) {
        TRY(column_chunk(reader, &reader->columns[i], group));
    }
    reader->group_left = group->rows;
    return OUTCOME_OK;
}

static void group_abandon(ParquetReader *reader) {
    reader->row += reader->group_left;
    reader->group_left = 0;
    for (uint32_t i = 0; i < reader->column_count; i++) {
        if (reader->columns[i].nested != NULL) {
            parquet_nested_abandon(reader->columns[i].nested);
        }
    }
}

void parquet_reader_seek(ParquetReader *reader, int64_t row) {
    if (row < reader->row + reader->group_left) {
        return;
    }
    group_abandon(reader);
    while (reader->next_group < reader->group_end) {
        int64_t rows = reader->file.groups.items[reader->next_group].rows;
        if (row < reader->row + rows) {
            return;
        }
        reader->row += rows;
        reader->next_group++;
    }
}

void parquet_reader_only(ParquetReader *reader, uint32_t first, uint32_t end) {
    uint32_t count = reader->file.groups.count;
    group_abandon(reader);
    reader->row = 0;
    reader->next_group = first < count ? first : count;
    reader->group_end = end < count ? end : count;
    for (uint32_t i = 0; i < reader->next_group; i++) {
        reader->row += reader->file.groups.items[i].rows;
    }
}

// --- batches -------------------------------------------------------------------------------------
// Reads rows *row .. row_count of a column; on failure those before *row are there.
static Outcome column_read(ParquetReader *reader,
                           ReaderColumn *column,
                           Batch *batch,
                           const FlowColumn *target,
                           uint32_t *row,
                           uint32_t row_count) {
    if (column->is_passed_over) {
        return OUTCOME_OK;
    }
    switch (column->form) {
    case READER_UNREAD:
        *row = row_count;
        return OUTCOME_OK;
    case READER_MISSING:
        return nulls_fill(reader, column, target, row_count);
    case READER_UNFIT:
        return unfit_read(reader, column, target, row, row_count);
    case READER_NESTED:
        return parquet_nested_read(column->nested, target, row, row_count, &batch->arena);
    case READER_FLAT:
        break;
    }
    return flat_read(reader, column, target, row, row_count);
}

static void columns_release(ParquetReader *reader) {
    for (uint32_t i = 0; i < reader->column_count; i++) {
        parquet_leaf_release(&reader->columns[i].leaf);
        if (reader->columns[i].nested != NULL) {
            parquet_nested_release(reader->columns[i].nested);
        }
    }
}

// Nested values are of any size: how many rows come at a time follows from those before.
static uint32_t rows_wanted(const ParquetReader *reader) {
    uint32_t most = reader->has_nested ? reader->rows_next : FLOW_BATCH_ROWS_MAX;
    return reader->group_left < most ? (uint32_t)reader->group_left : most;
}

static void rows_adapt(ParquetReader *reader, size_t bytes) {
    uint32_t rows = bytes > NESTED_BYTES_WANTED ? reader->rows_next / 2 : reader->rows_next * 2;
    reader->rows_next = rows < 1 ? 1 : rows > FLOW_BATCH_ROWS_MAX ? FLOW_BATCH_ROWS_MAX : rows;
}

// What a damaged page leaves of a batch are the rows that all columns have.
static Outcome
columns_read(ParquetReader *reader, Batch *batch, const int32_t *slots, uint32_t *row_count) {
    Outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; i < reader->column_count && *row_count > 0; i++) {
        uint32_t row = 0;
        const FlowColumn *target = batch_column(batch, (uint32_t)slots[i]);
        Outcome read = column_read(reader, &reader->columns[i], batch, target, &row, *row_count);
        if (read != OUTCOME_OK) {
            outcome = outcome == OUTCOME_OK ? read : outcome;
            *row_count = row;
        }
    }
    return outcome;
}

// A batch lies in one row group: its texts then point to pages that no chunk has left yet.
Outcome parquet_reader_next(ParquetReader *reader, Batch *batch, const int32_t *slots) {
    columns_release(reader);
    while (reader->group_left == 0 && reader->next_group < reader->group_end) {
        TRY(group_begin(reader));
    }
    uint32_t row_count = rows_wanted(reader);
    size_t bytes_before = batch->arena.total_bytes;
    Outcome outcome = columns_read(reader, batch, slots, &row_count);
    reader->group_left -= row_count;
    reader->row += row_count;
    rows_adapt(reader, batch->arena.total_bytes - bytes_before);
    batch->abi.row_count = (int32_t)row_count;
    batch_select_all(batch);
    return outcome;
}
