// Goal: rows come back from Avro files as they were written, whatever of the file is damaged beside
// them; and what a file claims costs no more than what it holds. Method: values made from a number,
// written and read, whole, part by part, cut off at each byte; and files made by hand.
#include "format/avro/avro.h"

#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static Outcome buffer_write(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

static Outcome buffer_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Buffer *file = user;
    assert_true(offset >= 0 && (size_t)offset + length <= file->length);
    memcpy(bytes, file->data + offset, length);
    return OUTCOME_OK;
}

// --- types -------------------------------------------------------------------------------------
static const FlowText colours[] = {{"red"}, {"green"}};
static const FlowText moods[] = {{"so so"}, {"good"}};
#define TYPE(name, k) static const FlowTypeDesc name##_type = {.kind = FLOW_##k, .is_nullable = 1}
TYPE(flag, BOOL);
TYPE(small, INT8);
TYPE(single, FLOAT32);
TYPE(real, FLOAT64);
TYPE(text, STRING);
TYPE(raw, BYTES);
TYPE(day, DATE);
TYPE(at, TIMESTAMP);
TYPE(took, DURATION);
#undef TYPE
static const FlowTypeDesc id_type = {.kind = FLOW_INT64};
static const FlowTypeDesc key_type = {.kind = FLOW_STRING};
static const FlowTypeDesc day_key_type = {.kind = FLOW_DATE};
static const FlowTypeDesc money_type = {.kind = FLOW_DECIMAL, .precision = 12, .scale = 2};
static const FlowTypeDesc wide_type = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 38, .scale = 10};
static const FlowTypeDesc colour_type = {
    .kind = FLOW_ENUM, .is_nullable = 1, .enum_values = colours, .enum_values_count = 2};
static const FlowTypeDesc mood_type = {
    .kind = FLOW_ENUM, .enum_values = moods, .enum_values_count = 2};
#define CHILD(text, of) {.name = (text), .type = &(of), .is_used = 1}
#define NESTED(name, k, parts)                                                                     \
    static const FlowTypeDesc name = {.kind = FLOW_##k,                                            \
                                      .is_nullable = 1,                                            \
                                      .children = (parts),                                         \
                                      .children_count = COUNT_OF(parts)}
static const FlowColumnDesc texts_parts[] = {CHILD("element", text_type)};
NESTED(texts_type, LIST, texts_parts);
static const FlowColumnDesc map_parts[] = {CHILD("key", key_type), CHILD("value", texts_type)};
NESTED(map_type, MAP, map_parts);
static const FlowColumnDesc days_parts[] = {CHILD("key", day_key_type), CHILD("value", map_type)};
NESTED(days_type, MAP, days_parts);
static const FlowColumnDesc struct_parts[] = {
    CHILD("c", colour_type), CHILD("days", days_type), CHILD("w", wide_type)};
NESTED(struct_type, STRUCT, struct_parts);
static const FlowColumnDesc list_parts[] = {CHILD("element", struct_type)};
NESTED(list_type, LIST, list_parts);

static const FlowColumnDesc columns[] = {
    CHILD("id", id_type),
    CHILD("flag", flag_type),
    CHILD("small", small_type),
    CHILD("single", single_type),
    CHILD("real", real_type),
    CHILD("text", text_type),
    CHILD("raw", raw_type),
    CHILD("day", day_type),
    CHILD("at", at_type),
    CHILD("took", took_type),
    CHILD("money", money_type),
    CHILD("wide", wide_type),
    CHILD("colour", colour_type),
    CHILD("mood", mood_type),
    CHILD("map", map_type),
    CHILD("list", list_type),
};
enum { COLUMN_COUNT = COUNT_OF(columns) };
static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// --- values ------------------------------------------------------------------------------------
static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
    return x ^ (x >> 29);
}

static FlowValue value_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed);

static FlowValue nested_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed) {
    FlowValue *items;
    uint8_t *validity;
    bool is_struct = type->kind == FLOW_STRUCT;
    int64_t count = is_struct ? type->children_count : (int64_t)(seed >> 8) % 3;
    int64_t item_count = type->kind == FLOW_MAP ? 2 * count : count;
    const FlowNested *nested = nested_new(arena, count, item_count, &items, &validity);
    for (int64_t i = 0; i < item_count; i++) {
        const FlowTypeDesc *item = nested_item_type(type, i);
        uint64_t next = mix(seed + (uint64_t)i + 1);
        validity[i] = !item->is_nullable || next % 3 > 0;
        items[i] = value_make(arena, item, next);
        if (type->kind == FLOW_MAP && i % 2 == 0) { // keys differ
            items[i] = item->kind == FLOW_DATE
                           ? (FlowValue){.i64 = i}
                           : (FlowValue){.view = view_text(i == 0 ? "a" : "the second key")};
        }
    }
    return (FlowValue){.nested = nested};
}

static FlowValue value_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
    case FLOW_ENUM:
        return (FlowValue){.i64 = (int64_t)(seed % 2)};
    case FLOW_INT8:
        return (FlowValue){.i64 = (int8_t)seed};
    case FLOW_DATE:
        return (FlowValue){.i64 = (int32_t)seed % 1000000};
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        return (FlowValue){.f64 = (double)(int64_t)(seed % 100000) / 8};
    case FLOW_DECIMAL:
        return (FlowValue){.i128 = type->precision > 18 ? (i128)(int64_t)seed * 1000000007
                                                        : (i128)((int64_t)seed % 1000000000000)};
    case FLOW_STRING:
    case FLOW_BYTES:
        return (FlowValue){.view = view_text(arena_format(
                               arena, "%.*s ü", (int)(seed % 24), "abcdefghijklmnopqrstuvwxyz"))};
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return nested_make(arena, type, seed);
    default:
        return (FlowValue){.i64 = (int64_t)seed % 100000000000000000};
    }
}

static void batch_make(Batch *batch, int64_t first_id, uint32_t count) {
    batch_clear(batch);
    for (uint32_t row = 0; row < count; row++) {
        for (uint32_t i = 0; i < COLUMN_COUNT; i++) {
            uint64_t seed = mix((uint64_t)first_id + row + ((uint64_t)i << 40));
            if (i == 0) {
                batch_set(batch, i, row, (FlowValue){.i64 = first_id + row});
            } else if (columns[i].type->is_nullable && seed % 5 == 0) {
                batch_set_null(batch, i, row);
            } else {
                batch_set(batch, i, row, value_make(&batch->arena, columns[i].type, seed));
            }
        }
    }
    batch->abi.row_count = (int32_t)count;
    batch_select_all(batch);
}

static void rows_print(const Batch *batch, Buffer *out) {
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        batch_row_json(batch, (uint32_t)row, slots, COLUMN_COUNT, out);
        buffer_char(out, '\n');
    }
}

// A file of rows 0 .. count-1, and what they look like.
static void file_make(uint32_t count, Buffer *file, Buffer *text) {
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    AvroWriter *writer = avro_writer_new(columns, COLUMN_COUNT, "salt", buffer_write, file);
    for (uint32_t at = 0; at < count; at += FLOW_BATCH_ROWS_MAX) {
        uint32_t left = count - at;
        batch_make(batch, at, left < FLOW_BATCH_ROWS_MAX ? left : FLOW_BATCH_ROWS_MAX);
        assert_int_equal(avro_writer_append(writer, &batch->abi, slots), OUTCOME_OK);
        rows_print(batch, text);
    }
    assert_int_equal(avro_writer_finish(writer), OUTCOME_OK);
    avro_writer_free(writer);
    batch_free(batch);
}

// --- reading -----------------------------------------------------------------------------------
typedef struct Seen {
    Buffer text;
    uint32_t parts;
    int64_t rows;
    int64_t records;
    int64_t rejected;
    int64_t last_position;
    char code[8]; // of the last rejection
} Seen;

static void row_rejected(void *user, const FormatReject *reject) {
    Seen *seen = user;
    seen->rejected++;
    snprintf(seen->code, sizeof seen->code, "%s", reject->code);
}

static const FlowSource source_of_all = {.name = "s",
                                         .format = FLOW_FORMAT_AVRO,
                                         .csv_null = "",
                                         .event_time = FLOW_NO_INDEX,
                                         .capture = FLOW_NO_INDEX,
                                         .operation = FLOW_NO_INDEX,
                                         .columns = columns,
                                         .columns_count = COLUMN_COUNT};

static void part_read(AvroRows *rows, uint32_t part, Batch *batch, Seen *seen) {
    Buffer raw = {0};
    avro_rows_begin(rows, part);
    do {
        assert_int_equal(avro_rows_next(rows, batch), OUTCOME_OK);
        const int64_t *offsets = batch->abi.offsets;
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            assert_true(offsets[row] > seen->last_position);
            seen->last_position = offsets[row];
        }
        if (batch->abi.row_count > 0) {
            avro_rows_raw(rows, seen->last_position, &raw);
            assert_int_equal(raw.data[raw.length - 1], '}');
        }
        seen->rows += batch->abi.row_count;
        rows_print(batch, &seen->text);
    } while (batch->abi.row_count > 0);
    seen->records += avro_rows_records(rows);
    buffer_free(&raw);
}

static Outcome file_read(const FlowSource *source, Buffer *file, Seen *seen) {
    *seen = (Seen){.last_position = -1};
    Failure failure = {0};
    AvroRows *rows = NULL;
    FormatFile options = {.read = buffer_read,
                          .user = file,
                          .file_bytes = (int64_t)file->length,
                          .source = source,
                          .path = "f.avro",
                          .reject = row_rejected,
                          .reject_user = seen};
    Outcome outcome = avro_rows_open(&options, &failure, &rows);
    if (outcome != OUTCOME_OK) {
        assert_true(failure.text[0] != '\0');
        return outcome;
    }
    Batch *batch = batch_new(columns, COLUMN_COUNT);
    seen->parts = avro_rows_parts(rows);
    for (uint32_t part = 0; part < seen->parts; part++) {
        part_read(rows, part, batch, seen);
    }
    batch_free(batch);
    avro_rows_free(rows);
    return OUTCOME_OK;
}

// --- written and read --------------------------------------------------------------------------
static void rows_come_back(void **state) {
    (void)state;
    static const uint32_t counts[] = {0, 1, 5000, 30000};
    for (uint32_t i = 0; i < COUNT_OF(counts); i++) {
        Buffer file = {0};
        Buffer text = {0};
        Seen seen;
        file_make(counts[i], &file, &text);
        assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_OK);
        assert_int_equal(seen.rows, counts[i]);
        assert_int_equal(seen.rejected, 0);
        assert_int_equal(seen.text.length, text.length);
        assert_true(text.length == 0 || memcmp(seen.text.data, text.data, text.length) == 0);
        assert_true(counts[i] < 30000 || seen.parts > 1); // pieces for several workers
        buffer_free(&seen.text);
        buffer_free(&file);
        buffer_free(&text);
    }
}

// Another salt is another file, the same one the same.
static void marks_are_no_random_numbers(void **state) {
    (void)state;
    Buffer files[3] = {{0}};
    static const char *const salts[] = {"a", "a", "b"};
    for (int i = 0; i < 3; i++) {
        AvroWriter *writer =
            avro_writer_new(columns, COLUMN_COUNT, salts[i], buffer_write, &files[i]);
        assert_int_equal(avro_writer_finish(writer), OUTCOME_OK);
        avro_writer_free(writer);
    }
    assert_int_equal(files[0].length, files[1].length);
    assert_memory_equal(files[0].data, files[1].data, files[0].length);
    assert_memory_not_equal(files[0].data, files[2].data, files[0].length);
    for (int i = 0; i < 3; i++) {
        buffer_free(&files[i]);
    }
}

// --- damaged -----------------------------------------------------------------------------------
static bool begins_with(const Buffer *text, const Buffer *begin) {
    return begin->length == 0 ||
           (begin->length <= text->length && memcmp(text->data, begin->data, begin->length) == 0);
}

// Whole blocks are read, and the rest is one record.
static void files_that_break_off(void **state) {
    (void)state;
    Buffer file = {0};
    Buffer text = {0};
    file_make(6000, &file, &text);
    size_t whole = file.length;
    for (size_t length = 0; length < whole; length += 1 + length / 64) {
        Seen seen;
        file.length = length;
        assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_OK);
        assert_true(begins_with(&text, &seen.text));
        assert_true(seen.rejected == 1 || (seen.rejected == 0 && length > 0));
        assert_int_equal(seen.records, seen.rows + seen.rejected);
        buffer_free(&seen.text);
    }
    file.length = whole;
    buffer_free(&file);
    buffer_free(&text);
}

// Of a damaged block nothing behind the damage is read; the next block is, under its own numbers.
static void blocks_that_are_damaged(void **state) {
    (void)state;
    Buffer file = {0};
    Buffer text = {0};
    Seen seen;
    file_make(6000, &file, &text);
    size_t middle = file.length / 2;
    memset(file.data + middle, 0xA5, 100);
    assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_OK);
    assert_int_equal(seen.rejected, 1);
    assert_string_equal(seen.code, "F046");
    assert_true(seen.rows > 0 && seen.rows < 6000);
    assert_int_equal(seen.last_position, 5999);
    buffer_free(&seen.text);
    buffer_free(&file);
    buffer_free(&text);
}

// --- made by hand ------------------------------------------------------------------------------
static void long_put(Buffer *out, int64_t value) {
    uint64_t bits = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    for (; bits >= 0x80; bits >>= 7) {
        buffer_char(out, (char)(bits | 0x80));
    }
    buffer_char(out, (char)bits);
}

// A file of one block with these bytes, which claims this number of records.
static void file_of(Buffer *out,
                    const char *schema,
                    const char *codec,
                    int64_t rows,
                    const char *bytes,
                    size_t length) {
    buffer_clear(out);
    buffer_text(out, "Obj\x01");
    long_put(out, 2);
    long_put(out, 11);
    buffer_text(out, "avro.schema");
    long_put(out, (int64_t)strlen(schema));
    buffer_text(out, schema);
    long_put(out, 10);
    buffer_text(out, "avro.codec");
    long_put(out, (int64_t)strlen(codec));
    buffer_text(out, codec);
    long_put(out, 0);
    buffer_text(out, "0123456789abcdef");
    long_put(out, rows);
    long_put(out, (int64_t)length);
    buffer_append(out, bytes, length);
    buffer_text(out, "0123456789abcdef");
}

static const FlowTypeDesc large_type = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowColumnDesc one_parts[] = {CHILD("element", large_type)};
NESTED(one_type, LIST, one_parts);
static const FlowColumnDesc one_column[] = {CHILD("a", one_type)};
static const FlowSource source_of_one = {.name = "s",
                                         .format = FLOW_FORMAT_AVRO,
                                         .csv_null = "",
                                         .event_time = FLOW_NO_INDEX,
                                         .capture = FLOW_NO_INDEX,
                                         .operation = FLOW_NO_INDEX,
                                         .columns = one_column,
                                         .columns_count = 1};

typedef struct Claim {
    const char *schema;
    int64_t rows;
    const char *bytes;
    size_t length;
    int64_t wanted_rows;
    const char *code; // of the rejection, or NULL
} Claim;

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"R\",\"fields\":[" fields "]}"
#define ITEMS(item) RECORD("{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":" item "}}")
#define BYTES(text) text, sizeof(text) - 1

static Outcome claim_read(const Claim *claim, Seen *seen) {
    Buffer file = {0};
    *seen = (Seen){.last_position = -1};
    file_of(&file, claim->schema, "null", claim->rows, claim->bytes, claim->length);
    Failure failure = {0};
    AvroRows *rows = NULL;
    FormatFile options = {.read = buffer_read,
                          .user = &file,
                          .file_bytes = (int64_t)file.length,
                          .source = &source_of_one,
                          .path = "f.avro",
                          .reject = row_rejected,
                          .reject_user = seen};
    Outcome outcome = avro_rows_open(&options, &failure, &rows);
    if (outcome == OUTCOME_OK) {
        Batch *batch = batch_new(one_column, 1);
        avro_rows_begin(rows, 0);
        do {
            assert_int_equal(avro_rows_next(rows, batch), OUTCOME_OK);
            seen->rows += batch->abi.row_count;
        } while (batch->abi.row_count > 0);
        batch_free(batch);
    }
    avro_rows_free(rows);
    buffer_free(&file);
    return outcome;
}

static void claims_cost_what_they_hold(void **state) {
    (void)state;
    static const Claim claims[] = {
        {ITEMS("\"long\""), 2, BYTES("\x04\x02\x04\x00\x00"), 2, NULL},
        // as long as it says in bytes, too
        {ITEMS("\"int\""), 1, BYTES("\x03\x04\x02\x04\x00"), 1, NULL},
        // 2^62 items that take no bytes, wanted and not wanted
        {ITEMS("\"null\""), 1, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00"), 0, "F043"},
        {RECORD("{\"name\":\"b\",\"type\":{\"type\":\"array\",\"items\":\"null\"}}"),
         1,
         BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00"),
         1,
         NULL},
        // more items than bytes; a length beyond the block; a branch that there is not
        {ITEMS("\"long\""), 1, BYTES("\x80\x80\x80\x80\x80\x01\x00"), 0, "F046"},
        {RECORD("{\"name\":\"b\",\"type\":\"string\"}"), 1, BYTES("\xfe\x01gone"), 0, "F046"},
        {RECORD("{\"name\":\"b\",\"type\":[\"null\",\"int\"]}"), 1, BYTES("\x04\x02"), 0, "F046"},
        // a number of eleven bytes; bytes behind the last record
        {RECORD("{\"name\":\"b\",\"type\":\"long\"}"),
         1,
         BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
         0,
         "F046"},
        {RECORD("{\"name\":\"b\",\"type\":\"long\"}"), 2, BYTES("\x02\x04\x06"), 1, "F046"},
        // records of no bytes: some, and too many
        {RECORD(""), 1000, "", 0, 1000, NULL},
        {RECORD(""), 100000000, "", 0, 0, "F046"},
        // a record that is in itself, and never ends; one that does
        {RECORD("{\"name\":\"b\",\"type\":\"R\"}"), 1, "", 0, 0, "F046"},
        {RECORD("{\"name\":\"b\",\"type\":[\"null\",\"R\"]}"), 1, BYTES("\x02\x02\x00"), 1, NULL},
        // no schema
        {"{\"type\":\"record\",\"name\":\"R\"}", 1, BYTES("\x02"), 0, "F047"},
        {RECORD("{\"name\":\"b\",\"type\":\"S\"}"), 1, BYTES("\x02"), 0, "F047"},
        {"[1", 1, BYTES("\x02"), 0, "F047"},
    };
    for (uint32_t i = 0; i < COUNT_OF(claims); i++) {
        Seen seen;
        assert_int_equal(claim_read(&claims[i], &seen), OUTCOME_OK);
        if (seen.rows != claims[i].wanted_rows) {
            fail_msg("claim %u: %lld rows", i, (long long)seen.rows);
        }
        assert_int_equal(seen.rejected, claims[i].code != NULL);
        assert_string_equal(seen.code, claims[i].code == NULL ? "" : claims[i].code);
    }
}

// The first block of a file, of which nothing can be unpacked.
static void blocks_that_hold_nothing(void **state) {
    (void)state;
    static const char *const codecs[] = {"deflate", "snappy", "zstandard"};
    for (uint32_t i = 0; i < COUNT_OF(codecs); i++) {
        Seen seen;
        Buffer file = {0};
        file_of(&file, RECORD("{\"name\":\"id\",\"type\":\"long\"}"), codecs[i], 3, "", 0);
        assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_OK);
        assert_int_equal(seen.rows, 0);
        assert_int_equal(seen.rejected, 1);
        assert_string_equal(seen.code, "F046");
        buffer_free(&file);
        buffer_free(&seen.text);
    }
}

// As writers make them that flush behind each record; the second one of three is rejected.
static void blocks_of_a_record_each(void **state) {
    (void)state;
    enum { RECORDS = 3000 };
    static const FlowColumnDesc wanted[] = {CHILD("id", small_type)};
    FlowSource source = source_of_all;
    Buffer file = {0};
    Seen seen = {.last_position = -1};
    Failure failure = {0};
    AvroRows *rows = NULL;
    file_of(&file, RECORD("{\"name\":\"id\",\"type\":\"long\"}"), "null", 1, "\x00", 1);
    for (int64_t i = 1; i < RECORDS; i++) {
        Buffer record = {0};
        long_put(&record, i % 3 == 1 ? 1000 : i % 100);
        long_put(&file, 1);
        long_put(&file, (int64_t)record.length);
        buffer_append(&file, record.data, record.length);
        buffer_text(&file, "0123456789abcdef");
        buffer_free(&record);
    }
    source.columns = wanted;
    source.columns_count = 1;
    FormatFile options = {.read = buffer_read,
                          .user = &file,
                          .file_bytes = (int64_t)file.length,
                          .source = &source,
                          .path = "f.avro",
                          .reject = row_rejected,
                          .reject_user = &seen};
    assert_int_equal(avro_rows_open(&options, &failure, &rows), OUTCOME_OK);
    Batch *batch = batch_new(wanted, 1);
    avro_rows_begin(rows, 0);
    do {
        assert_int_equal(avro_rows_next(rows, batch), OUTCOME_OK);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            int64_t position = ((const int64_t *)batch->abi.offsets)[row];
            assert_true(position > seen.last_position && position % 3 != 1);
            assert_int_equal(batch_value(batch, 0, (uint32_t)row).i64, position % 100);
            seen.last_position = position;
        }
        seen.rows += batch->abi.row_count;
    } while (batch->abi.row_count > 0);
    assert_int_equal(seen.rows, RECORDS / 3 * 2);
    assert_int_equal(seen.rejected, RECORDS / 3);
    assert_int_equal(avro_rows_records(rows), RECORDS);
    batch_free(batch);
    avro_rows_free(rows);
    buffer_free(&file);
}

static void files_that_are_refused(void **state) {
    (void)state;
    Seen seen;
    Buffer file = {0};
    file_of(&file, RECORD(""), "bzip2", 1, "", 0);
    assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_REFUSED);
    file_of(&file, "\"string\"", "null", 1, "", 0);
    assert_int_equal(file_read(&source_of_all, &file, &seen), OUTCOME_REFUSED);
    buffer_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(marks_are_no_random_numbers),
        cmocka_unit_test(files_that_break_off),
        cmocka_unit_test(blocks_that_are_damaged),
        cmocka_unit_test(claims_cost_what_they_hold),
        cmocka_unit_test(blocks_that_hold_nothing),
        cmocka_unit_test(blocks_of_a_record_each),
        cmocka_unit_test(files_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
