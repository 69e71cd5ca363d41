// Rows shown: a second reader, whose columns are the file's own.
#include "format/parquet/raw.h"

#include "scalar/scalar.h"

struct ParquetRaw {
    Arena arena;
    ParquetReaderOptions options;
    ParquetNatural natural;
    int32_t *slots;
    ParquetRowFaults faults;
    Failure failure;
    ParquetReader *reader; // NULL: nothing can be read
    const ParquetTable *table;
    const ParquetFixed *fixed;
    bool *is_shown; // of the table's columns that the file does not hold
    uint32_t shown_count;
    Batch *batch;
    int64_t first_row; // of the batch
};

static void raw_begin(ParquetRaw *raw) {
    parquet_reader_free(raw->reader);
    raw->failure = (Failure){0};
    if (parquet_reader_begin(&raw->options, &raw->failure, &raw->reader) != OUTCOME_OK) {
        parquet_reader_free(raw->reader);
        raw->reader = NULL;
    }
    batch_clear(raw->batch);
    raw->first_row = 0;
}

static bool is_looked_for(const ParquetReader *reader, const char *name) {
    for (uint32_t i = 0; i < reader->column_count; i++) {
        const ParquetSchemaNode *node = reader->columns[i].node;
        if (node != NULL && strcmp(node->element.name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void columns_keep(ParquetNatural *natural, const bool *is_kept) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < natural->count; i++) {
        if (is_kept[i]) {
            natural->are_texts[kept] = natural->are_texts[i];
            natural->columns[kept++] = natural->columns[i];
        }
    }
    natural->count = kept;
}

// Of a file that is part of a table, what the table has.
static bool is_of_table(const ParquetTable *table, const char *name) {
    int32_t column = parquet_table_find(table, name);
    return table == NULL || (column >= 0 && table->fixed[column] < 0);
}

static void natural_choose(ParquetRaw *raw, const ParquetReader *reader, bool is_rest) {
    ParquetNatural *natural = &raw->natural;
    bool *is_kept = arena_array(&raw->arena, bool, natural->count + 1);
    for (uint32_t i = 0; i < natural->count; i++) {
        const char *name = natural->columns[i].name;
        is_kept[i] = is_of_table(reader->table, name) && !(is_rest && is_looked_for(reader, name));
    }
    columns_keep(natural, is_kept);
}

// What the table has of all rows of the file.
static void fixed_choose(ParquetRaw *raw, const ParquetReader *reader, bool is_rest) {
    const ParquetTable *table = reader->table;
    raw->table = table;
    raw->fixed = reader->fixed;
    raw->is_shown = arena_array(&raw->arena, bool, table == NULL ? 1 : table->column_count + 1);
    for (uint32_t i = 0; table != NULL && i < table->column_count; i++) {
        bool is_wanted = !is_rest || !parquet_reader_looks_for(reader, i);
        raw->is_shown[i] = table->fixed[i] >= 0 && is_wanted;
        raw->shown_count += raw->is_shown[i];
    }
}

uint32_t parquet_raw_columns(const ParquetRaw *raw) {
    return raw->natural.count + raw->shown_count;
}

ParquetRaw *parquet_raw_new(const ParquetReader *reader, bool is_rest) {
    const ParquetFile *file = &reader->file;
    ParquetRaw *raw = memory_alloc(sizeof *raw);
    memset(raw, 0, sizeof *raw);
    raw->natural = parquet_natural_of(&raw->arena, file);
    natural_choose(raw, reader, is_rest);
    fixed_choose(raw, reader, is_rest);
    raw->slots = arena_array(&raw->arena, int32_t, raw->natural.count + 1);
    for (uint32_t i = 0; i < raw->natural.count; i++) {
        raw->natural.columns[i].name = arena_string(&raw->arena, raw->natural.columns[i].name);
        raw->slots[i] = (int32_t)i;
    }
    raw->options = (ParquetReaderOptions){
        .read = file->read,
        .user = file->user,
        .file_bytes = file->bytes,
        .columns = raw->natural.columns,
        .column_count = raw->natural.count,
        .faults = &raw->faults,
    };
    raw->batch = batch_new(raw->natural.columns, raw->natural.count);
    raw_begin(raw);
    return raw;
}

void parquet_raw_free(ParquetRaw *raw) {
    if (raw == NULL) {
        return;
    }
    parquet_reader_free(raw->reader);
    batch_free(raw->batch);
    arena_free(&raw->arena);
    memory_free(raw);
}

// --- finding the row -----------------------------------------------------------------------------
static int64_t behind(const ParquetRaw *raw) {
    return raw->first_row + raw->batch->abi.row_count;
}

static bool row_find(ParquetRaw *raw, int64_t row) {
    if (row < raw->first_row) {
        raw_begin(raw);
    }
    while (raw->reader != NULL && row >= behind(raw)) {
        parquet_reader_seek(raw->reader, row);
        raw->first_row = raw->reader->row;
        batch_clear(raw->batch);
        raw->faults.has_any = false;
        memset(raw->faults.kinds, 0, sizeof raw->faults.kinds);
        Outcome outcome = parquet_reader_next(raw->reader, raw->batch, raw->slots);
        if (outcome != OUTCOME_OK || raw->batch->abi.row_count == 0) {
            break;
        }
    }
    return row >= raw->first_row && row < behind(raw);
}

// --- JSON ----------------------------------------------------------------------------------------
static void value_write(const ParquetRaw *raw, uint32_t column, uint32_t row, Buffer *out) {
    const FlowTypeDesc *type = raw->natural.columns[column].type;
    if (batch_is_null(raw->batch, column, row)) {
        buffer_text(out, "null");
        return;
    }
    FlowValue value = batch_value(raw->batch, column, row);
    const char *bytes = flow_view_data(&value.view);
    if (raw->natural.are_texts[column] && utf8_is_valid(bytes, value.view.length)) {
        buffer_json_string(out, bytes, value.view.length);
    } else {
        value_json(out, type, &value);
    }
}

static void name_write(const char *name, bool *is_first, Buffer *out) {
    buffer_text(out, *is_first ? "" : ",");
    buffer_json_string(out, name, strlen(name));
    buffer_char(out, ':');
    *is_first = false;
}

static void fixed_write(const ParquetRaw *raw, bool *is_first, Buffer *out) {
    for (uint32_t i = 0; raw->shown_count > 0 && i < raw->table->column_count; i++) {
        if (!raw->is_shown[i]) {
            continue;
        }
        const ParquetFixed *fixed = &raw->fixed[raw->table->fixed[i]];
        name_write(raw->table->columns[i].name, is_first, out);
        if (fixed->is_null) {
            buffer_text(out, "null");
        } else {
            value_json(out, raw->table->columns[i].type, &fixed->value);
        }
    }
}

void parquet_raw_row(ParquetRaw *raw, int64_t row, Buffer *out) {
    bool is_found = row_find(raw, row);
    bool is_first = true;
    buffer_char(out, '{');
    for (uint32_t i = 0; is_found && i < raw->natural.count; i++) {
        name_write(raw->natural.columns[i].name, &is_first, out);
        value_write(raw, i, (uint32_t)(row - raw->first_row), out);
    }
    fixed_write(raw, &is_first, out);
    buffer_char(out, '}');
}
