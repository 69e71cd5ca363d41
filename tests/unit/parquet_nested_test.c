// Goal: nested columns come back as they were written, whoever encodes them; what statistics prove
// is left out unread, and the counts do not show it. Method: values made from a number, written and
// read; the same file with one and with three workers; a source over row groups of known ranges.
#include "format/parquet/parquet.h"

#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static Outcome buffer_write(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

typedef struct Disk {
    Buffer file;
    size_t bytes_read;
} Disk;

static Outcome disk_read(void *user, int64_t offset, void *bytes, size_t length) {
    Disk *disk = user;
    assert_true(offset >= 0 && (size_t)offset + length <= disk->file.length);
    memcpy(bytes, disk->file.data + offset, length);
    disk->bytes_read += length;
    return OUTCOME_OK;
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
    return x ^ (x >> 29);
}

// --- types -------------------------------------------------------------------------------------
static const FlowText colours[] = {{"red"}, {"green"}, {"blue"}};
static const FlowTypeDesc int64_type = {.kind = FLOW_INT64};
static const FlowTypeDesc text_type = {.kind = FLOW_STRING};
static const FlowTypeDesc text_or_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc wide_or_null = {
    .kind = FLOW_DECIMAL, .is_nullable = 1, .precision = 38, .scale = 3};
static const FlowTypeDesc colour_type = {
    .kind = FLOW_ENUM, .enum_values = colours, .enum_values_count = COUNT_OF(colours)};
static const FlowTypeDesc single_or_null = {.kind = FLOW_FLOAT32, .is_nullable = 1};

#define CHILD(text, of) {.name = (text), .type = &(of), .is_used = 1}
static const FlowColumnDesc texts_children[] = {CHILD("element", text_or_null)};
static const FlowTypeDesc texts_type = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = texts_children, .children_count = 1};
static const FlowColumnDesc lists_children[] = {CHILD("element", texts_type)};
static const FlowTypeDesc lists_type = {
    .kind = FLOW_LIST, .children = lists_children, .children_count = 1};
static const FlowColumnDesc map_children[] = {CHILD("key", text_type),
                                              CHILD("value", wide_or_null)};
static const FlowTypeDesc map_type = {
    .kind = FLOW_MAP, .is_nullable = 1, .children = map_children, .children_count = 2};
static const FlowColumnDesc inner_children[] = {CHILD("c", colour_type), CHILD("m", map_type)};
static const FlowTypeDesc inner_type = {
    .kind = FLOW_STRUCT, .is_nullable = 1, .children = inner_children, .children_count = 2};
static const FlowColumnDesc structs_children[] = {CHILD("element", inner_type)};
static const FlowTypeDesc structs_type = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = structs_children, .children_count = 1};
static const FlowColumnDesc struct_children[] = {
    CHILD("n", int64_type), CHILD("f", single_or_null), CHILD("l", structs_type)};
static const FlowTypeDesc struct_type = {
    .kind = FLOW_STRUCT, .is_nullable = 1, .children = struct_children, .children_count = 3};

static const FlowColumnDesc columns[] = {
    CHILD("id", int64_type),
    CHILD("texts", texts_type),
    CHILD("lists", lists_type),
    CHILD("map", map_type),
    CHILD("struct", struct_type),
    CHILD("word", text_or_null),
};
static const int32_t slots[] = {0, 1, 2, 3, 4, 5};

// --- values from numbers -------------------------------------------------------------------------
static FlowValue value_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed);

static const FlowNested *nested_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed) {
    bool is_struct = type->kind == FLOW_STRUCT;
    int64_t count = is_struct ? type->children_count : (int64_t)(mix(seed) % 4);
    int64_t per_item = type->kind == FLOW_MAP ? 2 : 1;
    FlowNested *made = arena_new(arena, FlowNested);
    FlowValue *items = arena_array(arena, FlowValue, (size_t)(count * per_item) + 1);
    uint8_t *validity = arena_array(arena, uint8_t, (size_t)(count * per_item) + 1);
    for (int64_t i = 0; i < count * per_item; i++) {
        const FlowTypeDesc *child = type->children[is_struct ? i : i % type->children_count].type;
        uint64_t own = mix(seed * 31 + (uint64_t)i);
        validity[i] = !child->is_nullable || own % 5 != 0;
        items[i] =
            value_make(arena, child, type->kind == FLOW_MAP && i % 2 == 0 ? (uint64_t)i : own);
    }
    *made = (FlowNested){.count = count, .items = items, .validity = validity};
    return made;
}

static FlowValue value_make(Arena *arena, const FlowTypeDesc *type, uint64_t seed) {
    switch ((FlowKind)type->kind) {
    case FLOW_STRING: {
        char *text =
            arena_format(arena, "text %llu of some length", (unsigned long long)(seed % 50));
        return (FlowValue){.view = view_of(text, strlen(text) - seed % 20)};
    }
    case FLOW_ENUM:
        return (FlowValue){.i64 = (int64_t)(seed % COUNT_OF(colours))};
    case FLOW_FLOAT32:
        return (FlowValue){.f64 = (double)(seed % 1000) / 8};
    case FLOW_DECIMAL:
        return (FlowValue){.i128 = (i128)seed * (i128)(seed % 7) - 5};
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return (FlowValue){.nested = nested_make(arena, type, seed)};
    default:
        return (FlowValue){.i64 = (int64_t)seed};
    }
}

static void row_make(Batch *batch, int32_t row, int64_t id) {
    for (uint32_t column = 0; column < COUNT_OF(columns); column++) {
        uint64_t seed = mix((uint64_t)id * 7 + column);
        const FlowTypeDesc *type = columns[column].type;
        if (column == 0) {
            batch_set(batch, 0, (uint32_t)row, (FlowValue){.i64 = id});
        } else if (type->is_nullable && seed % 6 == 0) {
            batch_set_null(batch, column, (uint32_t)row);
        } else {
            batch_set(batch, column, (uint32_t)row, value_make(&batch->arena, type, seed));
        }
    }
}

static void rows_make(Batch *batch, int64_t first, int32_t count) {
    batch_clear(batch);
    for (int32_t row = 0; row < count; row++) {
        row_make(batch, row, first + row);
    }
    batch->abi.row_count = count;
    batch_select_all(batch);
}

static void file_write(Buffer *file, int64_t rows, int64_t group_rows, Tasks *tasks) {
    ParquetWriterOptions options = {.row_group_rows_max = group_rows, .tasks = tasks};
    ParquetWriter *writer =
        parquet_writer_new(columns, COUNT_OF(columns), &options, buffer_write, file);
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    for (int64_t row = 0; row < rows; row += 1000) {
        rows_make(batch, row, (int32_t)(rows - row < 1000 ? rows - row : 1000));
        assert_int_equal(parquet_writer_append(writer, &batch->abi, slots), OUTCOME_OK);
    }
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    assert_true(parquet_writer_stats(writer, 1)->null_count > 0);
    assert_false(parquet_writer_stats(writer, 1)->has_bounds);
    assert_true(parquet_writer_stats(writer, 0)->has_bounds);
    parquet_writer_free(writer);
    batch_free(batch);
}

// --- tests -------------------------------------------------------------------------------------
static void row_compare(const Batch *got, uint32_t at, const Batch *want, uint32_t row) {
    Buffer a = {0};
    Buffer b = {0};
    batch_row_json(got, at, slots, COUNT_OF(slots), &a);
    batch_row_json(want, row, slots, COUNT_OF(slots), &b);
    assert_string_equal(buffer_cstring(&a), buffer_cstring(&b));
    buffer_free(&a);
    buffer_free(&b);
}

static void nested_columns_come_back(void **state) {
    (void)state;
    enum { ROWS = 3000 };
    Disk disk = {0};
    file_write(&disk.file, ROWS, 1300, NULL);
    Failure failure = {0};
    ParquetReader *reader = NULL;
    assert_int_equal(parquet_reader_open(disk_read,
                                         &disk,
                                         (int64_t)disk.file.length,
                                         columns,
                                         COUNT_OF(columns),
                                         &failure,
                                         &reader),
                     OUTCOME_OK);
    Batch *got = batch_new(columns, COUNT_OF(columns));
    Batch *want = batch_new(columns, COUNT_OF(columns));
    int64_t row = 0;
    do {
        batch_clear(got);
        assert_int_equal(parquet_reader_next(reader, got, slots), OUTCOME_OK);
        rows_make(want, row, got->abi.row_count);
        for (int32_t i = 0; i < got->abi.row_count; i++) {
            row_compare(got, (uint32_t)i, want, (uint32_t)i);
        }
        row += got->abi.row_count;
    } while (got->abi.row_count > 0);
    assert_int_equal(row, ROWS);
    batch_free(got);
    batch_free(want);
    parquet_reader_free(reader);
    buffer_free(&disk.file);
}

static void the_bytes_do_not_depend_on_the_workers(void **state) {
    (void)state;
    enum { ROWS = 45000 };
    Buffer alone = {0};
    Buffer together = {0};
    Tasks *tasks = tasks_new(3);
    file_write(&alone, ROWS, 25000, NULL);
    file_write(&together, ROWS, 25000, tasks);
    tasks_free(tasks);
    assert_int_equal(alone.length, together.length);
    assert_memory_equal(alone.data, together.data, alone.length);
    buffer_free(&alone);
    buffer_free(&together);
}

// --- sources -----------------------------------------------------------------------------------
static void reject_none(void *user, const FormatReject *reject) {
    (void)user;
    fail_msg("%s", reject->message);
}

typedef struct Taken {
    int64_t rows;
    int64_t records;
    int64_t filtered;
    size_t bytes_read;
} Taken;

static Taken source_take(Disk *disk, const FlowSource *source) {
    Taken taken = {0};
    Failure failure = {0};
    ParquetRows *rows = NULL;
    ParquetRowsOptions options = {
        .input.read = disk_read,
        .input.user = disk,
        .input.file_bytes = (int64_t)disk->file.length,
        .input.source = source,
        .input.path = "a.parquet",
        .input.reject = reject_none,
    };
    disk->bytes_read = 0;
    assert_int_equal(parquet_rows_open(&options, &failure, &rows), OUTCOME_OK);
    Batch *batch = batch_new(source->columns, (uint32_t)source->columns_count);
    for (uint32_t group = 0; group < parquet_rows_groups(rows); group++) {
        parquet_rows_begin(rows, group);
        do {
            assert_int_equal(parquet_rows_next(rows, batch), OUTCOME_OK);
            taken.rows += batch->abi.row_count;
        } while (batch->abi.row_count > 0);
        taken.records += parquet_rows_records(rows);
        taken.filtered += parquet_rows_filtered(rows);
    }
    assert_int_equal(taken.records, taken.rows + taken.filtered);
    batch_free(batch);
    parquet_rows_free(rows);
    taken.bytes_read = disk->bytes_read;
    return taken;
}

// Row groups of 1000 rows, ids 0 .. 9999.
static void row_groups_that_nobody_wants_are_left_out(void **state) {
    (void)state;
    static const struct {
        FlowScanTest test;
        int64_t rows;
    } cases[] = {
        {{.op = FLOW_TEST_GE, .value = 9500}, 1000},
        {{.op = FLOW_TEST_GT, .value = 999}, 9000},
        {{.op = FLOW_TEST_EQ, .value = 4500}, 1000},
        {{.op = FLOW_TEST_EQ, .value = -1}, 0},
        {{.op = FLOW_TEST_LT, .value = 1000}, 1000},
        {{.op = FLOW_TEST_LE, .value = 1000}, 2000},
        {{.op = FLOW_TEST_NE, .value = 4500}, 10000},
    };
    Disk disk = {0};
    file_write(&disk.file, 10000, 1000, NULL);
    FlowSource source = {.name = "s", .columns = columns, .columns_count = 1};
    size_t all = source_take(&disk, &source).bytes_read;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        source.tests = &cases[i].test;
        source.tests_count = 1;
        Taken taken = source_take(&disk, &source);
        assert_int_equal(taken.records, 10000);
        assert_int_equal(taken.rows, cases[i].rows);
        assert_true(cases[i].rows == 10000 || taken.bytes_read < all);
    }
    buffer_free(&disk.file);
}

// A guard that the statistics cannot prove keeps all rows: its check has to see them.
static void guards_must_hold_for_all_rows(void **state) {
    (void)state;
    static const FlowScanTest test = {.op = FLOW_TEST_GE, .value = 9500};
    static const FlowScanTest proven = {.op = FLOW_TEST_GE, .value = 0};
    static const FlowScanTest open = {.op = FLOW_TEST_NE, .value = 500};
    Disk disk = {0};
    file_write(&disk.file, 10000, 1000, NULL);
    FlowSource source = {
        .name = "s",
        .columns = columns,
        .columns_count = 1,
        .tests = &test,
        .tests_count = 1,
        .guards = &proven,
        .guards_count = 1,
    };
    assert_int_equal(source_take(&disk, &source).rows, 1000);
    source.guards = &open; // not of the first row group
    assert_int_equal(source_take(&disk, &source).rows, 2000);
    buffer_free(&disk.file);
}

// Texts of a row group that is left out are looked at all the same: one may be no UTF-8.
static void what_can_be_rejected_is_read(void **state) {
    (void)state;
    static const FlowScanTest test = {.op = FLOW_TEST_LT, .value = 0};
    Disk disk = {0};
    file_write(&disk.file, 4000, 1000, NULL);
    FlowSource source = {.name = "s",
                         .columns = columns,
                         .columns_count = COUNT_OF(columns),
                         .tests = &test,
                         .tests_count = 1};
    Taken taken = source_take(&disk, &source);
    assert_int_equal(taken.rows, 0);
    assert_int_equal(taken.filtered, 4000);
    buffer_free(&disk.file);
}

// --- damage ------------------------------------------------------------------------------------
typedef struct Rejects {
    int64_t count;
} Rejects;

static void reject_count(void *user, const FormatReject *reject) {
    (void)reject;
    ((Rejects *)user)->count++;
}

static void damaged_read(Disk *disk, const FlowSource *source) {
    Failure failure = {0};
    Rejects rejects = {0};
    ParquetRows *rows = NULL;
    ParquetRowsOptions options = {
        .input.read = disk_read,
        .input.user = disk,
        .input.file_bytes = (int64_t)disk->file.length,
        .input.source = source,
        .input.path = "a.parquet",
        .input.reject = reject_count,
        .input.reject_user = &rejects,
    };
    Outcome outcome = parquet_rows_open(&options, &failure, &rows);
    if (outcome != OUTCOME_OK) {
        assert_int_equal(outcome, OUTCOME_REFUSED);
        return;
    }
    Batch *batch = batch_new(source->columns, (uint32_t)source->columns_count);
    for (uint32_t group = 0; group < parquet_rows_groups(rows); group++) {
        int64_t taken = 0;
        rejects.count = 0;
        parquet_rows_begin(rows, group);
        do {
            outcome = parquet_rows_next(rows, batch);
            taken += outcome == OUTCOME_OK ? batch->abi.row_count : 0;
        } while (outcome == OUTCOME_OK && batch->abi.row_count > 0);
        assert_true(outcome != OUTCOME_OK || parquet_rows_records(rows) == taken + rejects.count);
    }
    batch_free(batch);
    parquet_rows_free(rows);
}

// A byte is another one, or a part is missing: rows, rejections or a refusal, and nothing worse.
static void damage_is_survived(void **state) {
    (void)state;
    enum { DAMAGES = 300 };
    Disk whole = {0};
    Disk damaged = {0};
    file_write(&whole.file, 60, 25, NULL);
    FlowSource source = {.name = "s", .columns = columns, .columns_count = COUNT_OF(columns)};
    for (uint64_t i = 0; i < DAMAGES; i++) {
        buffer_clear(&damaged.file);
        buffer_append(&damaged.file, whole.file.data, whole.file.length);
        size_t at = mix(i) % whole.file.length;
        damaged.file.data[at] =
            (char)((uint8_t)damaged.file.data[at] ^ (uint8_t)(1 + mix(i + 1000) % 255));
        damaged_read(&damaged, &source);
    }
    buffer_free(&whole.file);
    buffer_free(&damaged.file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_columns_come_back),
        cmocka_unit_test(the_bytes_do_not_depend_on_the_workers),
        cmocka_unit_test(row_groups_that_nobody_wants_are_left_out),
        cmocka_unit_test(guards_must_hold_for_all_rows),
        cmocka_unit_test(what_can_be_rejected_is_read),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
