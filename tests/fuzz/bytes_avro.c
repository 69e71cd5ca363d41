// Avro files that someone else wrote, or damaged: read as a source, with what the contract lacks.
// Every value is printed, and each batch's last row shown.
#include "bytes.h"

#include "format/avro/avro.h"

const char *const fuzz_words[] = {"Obj\x01",
                                  "avro.codec",
                                  "deflate",
                                  "snappy",
                                  "zstandard",
                                  "\"null\"",
                                  "\"type\":\"record\"",
                                  "\"type\":\"array\",\"items\":",
                                  "\"logicalType\":\"decimal\"",
                                  "\"int\"",
                                  "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
                                  "\xff\xff\xff\xff\x0f",
                                  NULL};

// --- what is wanted ------------------------------------------------------------------------------
#define TYPE(name, k) static const FlowTypeDesc name##_type = {.kind = FLOW_##k, .is_nullable = 1}
TYPE(flag, BOOL);
TYPE(small, INT8);
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
static const FlowText words[] = {{"word"}, {"other"}};
static const FlowTypeDesc kind_type = {
    .kind = FLOW_ENUM, .is_nullable = 1, .enum_values = words, .enum_values_count = 2};

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
    COLUMN("large", large_type),
    COLUMN("single", single_type),
    COLUMN("real", real_type),
    COLUMN("text", text_type),
    COLUMN("raw", raw_type),
    COLUMN("day", day_type),
    COLUMN("at", at_type),
    COLUMN("money", money_type),
    COLUMN("wide", wide_type),
    COLUMN("kind", kind_type),
    COLUMN("list", list_type),
    COLUMN("map", map_type),
    COLUMN("struct", struct_type),
    COLUMN("more", text_type),
};
enum { COLUMN_COUNT = COUNT_OF(columns), BATCHES_MAX = 64 };
static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const FlowSource source = {.name = "s",
                                  .contract = "C",
                                  .contract_version = "1",
                                  .format = FLOW_FORMAT_AVRO,
                                  .csv_null = "",
                                  .event_time = FLOW_NO_INDEX,
                                  .on_unknown = FLOW_UNKNOWN_CAPTURE,
                                  .capture = COLUMN_COUNT - 1,
                                  .operation = FLOW_NO_INDEX,
                                  .columns = columns,
                                  .columns_count = COLUMN_COUNT};

// --- reading -------------------------------------------------------------------------------------
typedef struct Input {
    const uint8_t *bytes;
    size_t length;
} Input;

static Outcome input_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Input *input = user;
    ASSERT(offset >= 0 && (size_t)offset <= input->length &&
           length <= input->length - (size_t)offset);
    memcpy(bytes, input->bytes + offset, length);
    return OUTCOME_OK;
}

static void row_rejected(void *user, const FormatReject *reject) {
    *(int64_t *)user += reject->position >= 0;
}

static void batch_print(AvroRows *rows, const Batch *batch) {
    Buffer line = {0};
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        buffer_clear(&line);
        batch_row_json(batch, (uint32_t)row, slots, COLUMN_COUNT, &line);
    }
    buffer_clear(&line);
    avro_rows_raw(rows, ((const int64_t *)batch->abi.offsets)[batch->abi.row_count - 1], &line);
    buffer_free(&line);
}

static void part_read(AvroRows *rows, Batch *batch) {
    for (int i = 0; i < BATCHES_MAX; i++) {
        Outcome outcome = avro_rows_next(rows, batch);
        ASSERT(outcome == OUTCOME_OK);
        if (batch->abi.row_count == 0) {
            break;
        }
        batch_print(rows, batch);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input = {data, size};
    int64_t rejected = 0;
    FormatFile options = {.read = input_read,
                          .user = &input,
                          .file_bytes = (int64_t)input.length,
                          .source = &source,
                          .path = "f.avro",
                          .reject = row_rejected,
                          .reject_user = &rejected};
    Failure failure = {0};
    AvroRows *rows = NULL;
    if (avro_rows_open(&options, &failure, &rows) != OUTCOME_OK) {
        ASSERT(failure.text[0] != '\0');
        return 0;
    }
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    for (uint32_t part = 0; part < avro_rows_parts(rows) && part < BATCHES_MAX; part++) {
        avro_rows_begin(rows, part);
        part_read(rows, batch);
    }
    batch_free(batch);
    avro_rows_free(rows);
    return 0;
}
