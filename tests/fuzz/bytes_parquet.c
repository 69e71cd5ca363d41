// Parquet files that someone else wrote, or damaged: read as a table, as a source and as a tree.
// Every value is printed, so that what a page promised is really read.
#include "bytes.h"

#include "format/parquet/parquet.h"

const char *const fuzz_words[] = {"PAR1",
                                  "\x15",
                                  "\x19\x2c",
                                  "\xff\xff\xff\xff\x0f",
                                  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
                                  "id",
                                  "text",
                                  "list",
                                  "element",
                                  "key_value",
                                  NULL};

// --- what is wanted
// ---------------------------------------------------------------------------------
#define TYPE(name, k) static const FlowTypeDesc name##_type = {.kind = FLOW_##k, .is_nullable = 1}
TYPE(flag, BOOL);
TYPE(small, INT8);
TYPE(integer, INT32);
TYPE(large, INT64);
TYPE(single, FLOAT32);
TYPE(real, FLOAT64);
TYPE(text, STRING);
TYPE(raw, BYTES);
TYPE(day, DATE);
TYPE(at, TIMESTAMP);
static const FlowTypeDesc money_type = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 12, .scale = 2};
static const FlowTypeDesc wide_type = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 38, .scale = 10};
static const FlowTypeDesc id_type = {.kind = FLOW_INT64};

#define COLUMN(text, of) {.name = (text), .type = &(of), .is_used = 1}
static const FlowColumnDesc element[] = {COLUMN("element", large_type)};
static const FlowTypeDesc list_type = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = element, .children_count = 1};
static const FlowColumnDesc entry[] = {COLUMN("key", text_type), COLUMN("value", list_type)};
static const FlowTypeDesc map_type = {
    .kind = FLOW_MAP, .is_nullable = 1, .children = entry, .children_count = 2};
static const FlowColumnDesc fields[] = {COLUMN("a", text_type), COLUMN("b", map_type)};
static const FlowTypeDesc struct_type = {
    .kind = FLOW_STRUCT, .is_nullable = 1, .children = fields, .children_count = 2};

static const FlowColumnDesc columns[] = {
    COLUMN("id", id_type),
    COLUMN("flag", flag_type),
    COLUMN("small", small_type),
    COLUMN("integer", integer_type),
    COLUMN("large", large_type),
    COLUMN("single", single_type),
    COLUMN("real", real_type),
    COLUMN("text", text_type),
    COLUMN("raw", raw_type),
    COLUMN("day", day_type),
    COLUMN("at", at_type),
    COLUMN("money", money_type),
    COLUMN("wide", wide_type),
    COLUMN("list", list_type),
    COLUMN("map", map_type),
    COLUMN("struct", struct_type),
};
enum { COLUMN_COUNT = COUNT_OF(columns), BATCHES_MAX = 64 };
static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// --- reading
// -----------------------------------------------------------------------------------------
typedef struct Input {
    const uint8_t *bytes;
    size_t length;
} Input;

static Outcome input_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Input *input = user;
    if (offset < 0 || (size_t)offset > input->length || length > input->length - (size_t)offset) {
        return OUTCOME_ENVIRONMENT;
    }
    memcpy(bytes, input->bytes + offset, length);
    return OUTCOME_OK;
}

static void batch_print(const Batch *batch) {
    Buffer line = {0};
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        buffer_clear(&line);
        batch_row_json(batch, (uint32_t)row, slots, COLUMN_COUNT, &line);
    }
    buffer_free(&line);
}

static void table_read(Input *input, Batch *batch) {
    Failure failure = {0};
    ParquetReader *reader = NULL;
    if (parquet_reader_open(
            input_read, input, (int64_t)input->length, columns, COLUMN_COUNT, &failure, &reader) !=
        OUTCOME_OK) {
        ASSERT(failure.text[0] != '\0');
        return;
    }
    for (int i = 0; i < BATCHES_MAX; i++) {
        batch_clear(batch);
        if (parquet_reader_next(reader, batch, slots) != OUTCOME_OK || batch->abi.row_count == 0) {
            break;
        }
        batch_print(batch);
    }
    parquet_reader_free(reader);
}

static void row_rejected(void *user, const FormatReject *reject) {
    *(int64_t *)user += reject->position >= 0;
}

// Whether there were rows.
static bool group_read(ParquetRows *rows, Batch *batch) {
    bool has_rows = false;
    for (int i = 0; i < BATCHES_MAX; i++) {
        batch_clear(batch);
        if (parquet_rows_next(rows, batch) != OUTCOME_OK || batch->abi.row_count == 0) {
            break;
        }
        has_rows = true;
        batch_print(batch);
    }
    return has_rows;
}

static void source_read(Input *input, Batch *batch) {
    static const FlowSource source = {.name = "s",
                                      .contract = "C",
                                      .contract_version = "1",
                                      .format = FLOW_FORMAT_PARQUET,
                                      .csv_null = "",
                                      .event_time = FLOW_NO_INDEX,
                                      .capture = FLOW_NO_INDEX,
                                      .operation = FLOW_NO_INDEX,
                                      .columns = columns,
                                      .columns_count = COLUMN_COUNT};
    int64_t rejected = 0;
    ParquetRowsOptions options = {.input.read = input_read,
                                  .input.user = input,
                                  .input.file_bytes = (int64_t)input->length,
                                  .input.source = &source,
                                  .input.path = "f.parquet",
                                  .input.reject = row_rejected,
                                  .input.reject_user = &rejected};
    Failure failure = {0};
    ParquetRows *rows = NULL;
    if (parquet_rows_open(&options, &failure, &rows) != OUTCOME_OK) {
        return;
    }
    bool has_rows = false;
    for (uint32_t group = 0; group < parquet_rows_groups(rows) && group < BATCHES_MAX; group++) {
        parquet_rows_begin(rows, group);
        has_rows |= group_read(rows, batch);
    }
    if (has_rows) {
        Buffer raw = {0};
        parquet_rows_raw(rows, 0, &raw);
        buffer_free(&raw);
    }
    parquet_rows_free(rows);
}

static void tree_read(Input *input) {
    static const ParquetNode list_children[] = {
        {.name = "element", .kind = PARQUET_LEAF, .type = &large_type}};
    static const ParquetNode struct_children[] = {
        {.name = "a", .kind = PARQUET_LEAF, .type = &text_type}};
    static const ParquetNode nodes[] = {
        {.name = "text", .kind = PARQUET_LEAF, .type = &text_type},
        {.name = "list", .kind = PARQUET_LIST, .children = list_children, .child_count = 1},
        {.name = "struct", .kind = PARQUET_GROUP, .children = struct_children, .child_count = 1},
    };
    Failure failure = {0};
    ParquetTreeReader *reader = NULL;
    if (parquet_tree_reader_open(
            input_read, input, (int64_t)input->length, nodes, COUNT_OF(nodes), &failure, &reader) !=
        OUTCOME_OK) {
        return;
    }
    bool has_row = true;
    for (int row = 0; row < 10000 && has_row; row++) {
        FlowValue value;
        if (parquet_tree_reader_next(reader, &has_row) != OUTCOME_OK || !has_row) {
            break;
        }
        parquet_tree_get(reader, 0, 0, &value);
        for (int32_t item = 0; item < parquet_tree_item_count(reader, 1); item++) {
            parquet_tree_get(reader, 2, item, &value);
        }
        parquet_tree_get(reader, 4, 0, &value);
    }
    parquet_tree_reader_free(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input = {data, size};
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    table_read(&input, batch);
    batch_clear(batch);
    source_read(&input, batch);
    batch_free(batch);
    tree_read(&input);
    return 0;
}
