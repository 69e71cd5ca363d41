// Flat tables: a file in, batches out, column by column.
#include "format/parquet/leaf.h"

typedef struct ReaderColumn {
    const FlowColumnDesc *desc;
    ParquetLeaf leaf;
    bool is_missing; // the file has no such column: nulls
} ReaderColumn;

struct ParquetReader {
    ParquetFile file;
    ParquetLeafScratch scratch;
    ReaderColumn *columns;
    uint32_t column_count;
    uint32_t next_group;
    int64_t group_left; // rows
    uint8_t definitions[PARQUET_READ_MAX];
};

// --- opening -----------------------------------------------------------------------------------
static Outcome
column_open(ParquetReader *reader, ReaderColumn *column, const FlowColumnDesc *desc) {
    ParquetFile *file = &reader->file;
    column->desc = desc;
    const ParquetSchemaNode *node = parquet_schema_child(file->nodes, desc->name);
    column->is_missing = node == NULL;
    if (node == NULL) {
        return OUTCOME_OK;
    }
    if (node->repetition > 0) {
        return parquet_refuse(
            file,
            "the Parquet file's column `%.100s` is repeated, but it is no list in the table",
            desc->name);
    }
    return parquet_leaf_open(&column->leaf, file, &reader->scratch, node, desc->type);
}

static Outcome columns_open(ParquetReader *reader, const FlowColumnDesc *columns) {
    TRY(parquet_file_open(&reader->file));
    for (uint32_t i = 0; i < reader->column_count; i++) {
        TRY(column_open(reader, &reader->columns[i], &columns[i]));
    }
    return OUTCOME_OK;
}

Outcome parquet_reader_open(ParquetReadFn read,
                            void *user,
                            int64_t file_bytes,
                            const FlowColumnDesc *columns,
                            uint32_t column_count,
                            Failure *failure,
                            ParquetReader **reader) {
    ParquetReader *made = memory_alloc(sizeof *made);
    memset(made, 0, sizeof *made);
    made->file = (ParquetFile){.read = read, .user = user, .bytes = file_bytes, .failure = failure};
    made->columns = memory_alloc(column_count * sizeof *made->columns);
    memset(made->columns, 0, column_count * sizeof *made->columns);
    made->column_count = column_count;
    Outcome outcome = columns_open(made, columns);
    if (outcome != OUTCOME_OK) {
        parquet_reader_free(made);
        made = NULL;
    }
    *reader = made;
    return outcome;
}

void parquet_reader_free(ParquetReader *reader) {
    if (reader == NULL) {
        return;
    }
    for (uint32_t i = 0; i < reader->column_count; i++) {
        parquet_leaf_close(&reader->columns[i].leaf);
    }
    parquet_unpacker_free(&reader->scratch.unpacker);
    parquet_file_close(&reader->file);
    memory_free(reader->columns);
    memory_free(reader);
}

int64_t parquet_reader_rows(const ParquetReader *reader) {
    return reader->file.rows;
}

// --- reading -----------------------------------------------------------------------------------
static Outcome nulls_refuse(ParquetReader *reader, const FlowColumnDesc *desc) {
    return parquet_refuse(&reader->file,
                          "the Parquet file's column `%.100s` has nulls, but its type allows none",
                          desc->name);
}

static Outcome missing_read(ParquetReader *reader,
                            const ReaderColumn *column,
                            uint32_t row_count,
                            const FlowColumn *target) {
    if (target->validity == NULL) {
        return nulls_refuse(reader, column->desc);
    }
    memset(target->validity, 0, row_count);
    return OUTCOME_OK;
}

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
        return nulls_refuse(reader, column->desc);
    }
    char *values = (char *)target->values + (size_t)row * width;
    TRY(parquet_leaf_values(&column->leaf, read->value_count, values + (size_t)null_count * width));
    if (null_count > 0) {
        spread(width, values, read);
    }
    return OUTCOME_OK;
}

static Outcome column_read(ParquetReader *reader,
                           ReaderColumn *column,
                           uint32_t row_count,
                           const FlowColumn *target) {
    if (column->is_missing) {
        return missing_read(reader, column, row_count, target);
    }
    parquet_leaf_release(&column->leaf);
    for (uint32_t row = 0; row < row_count;) {
        ParquetRead read = {.count = row_count - row};
        TRY(piece_read(reader, column, target, row, &read));
        row += read.count;
    }
    return OUTCOME_OK;
}

static Outcome group_begin(ParquetReader *reader) {
    const ParquetGroupMeta *group = &reader->file.groups.items[reader->next_group++];
    reader->group_left = group->rows;
    for (uint32_t i = 0; i < reader->column_count && group->rows > 0; i++) {
        if (!reader->columns[i].is_missing) {
            TRY(parquet_leaf_chunk(&reader->columns[i].leaf, group));
        }
    }
    return OUTCOME_OK;
}

// A batch lies in one row group: its texts then point to pages that no chunk has left yet.
Outcome parquet_reader_next(ParquetReader *reader, Batch *batch, const int32_t *slots) {
    while (reader->group_left == 0 && reader->next_group < reader->file.groups.count) {
        TRY(group_begin(reader));
    }
    uint32_t row_count = reader->group_left < FLOW_BATCH_ROWS_MAX ? (uint32_t)reader->group_left
                                                                  : FLOW_BATCH_ROWS_MAX;
    for (uint32_t i = 0; i < reader->column_count; i++) {
        const FlowColumn *target = batch_column(batch, (uint32_t)slots[i]);
        TRY(column_read(reader, &reader->columns[i], row_count, target));
    }
    reader->group_left -= row_count;
    batch->abi.row_count = (int32_t)row_count;
    batch_select_all(batch);
    return OUTCOME_OK;
}
