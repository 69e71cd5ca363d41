// Goal: what is written as Parquet is read back as it was, and no file, however broken, does more
// harm than to be refused. Method: tables of every type and shape through writer and reader; the
// packings against values of every width; valid files with flipped and missing bytes.
#include "format/parquet/parquet.h"

#include "scalar/scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>

// --- files in memory ---------------------------------------------------------------------------
static Outcome buffer_write(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

static Outcome buffer_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Buffer *file = user;
    assert_true(offset >= 0 && (size_t)offset <= file->length);
    assert_true(length <= file->length - (size_t)offset);
    memcpy(bytes, file->data + offset, length);
    return OUTCOME_OK;
}

static Outcome full_disk(void *user, const void *bytes, size_t length) {
    (void)bytes;
    size_t *room = user;
    if (length > *room) {
        return OUTCOME_ENVIRONMENT;
    }
    *room -= length;
    return OUTCOME_OK;
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 29)) * 0xD6E8FEB86659FD93u;
    return x ^ (x >> 32);
}

// --- tables of one column ----------------------------------------------------------------------
typedef FlowValue (*ValueFn)(Arena *arena, uint64_t row);

typedef struct Table {
    const char *name;
    FlowTypeDesc type;
    ValueFn value;
} Table;

#define ALL_DIGITS ((i128)decimal_power10(38) - 1)

static FlowValue random_bits(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = (int64_t)mix(row)};
}

static FlowValue few(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = (int64_t)(mix(row) % 3)};
}

static FlowValue rising(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = (int64_t)(row * 1000 + mix(row) % 1000)};
}

static FlowValue extremes(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = row % 2 == 0 ? INT64_MIN : INT64_MAX};
}

static FlowValue wide_decimal(Arena *arena, uint64_t row) {
    (void)arena;
    i128 values[] = {
        ALL_DIGITS, -ALL_DIGITS, 0, -1, (i128)(mix(row) >> 2) * (i128)(mix(row + 1) >> 2)};
    return (FlowValue){.i128 = values[row % COUNT_OF(values)]};
}

static FlowValue digits_9(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i128 = row % 3 == 0   ? 999999999
                               : row % 3 == 1 ? -999999999
                                              : (i128)(mix(row) % 1000)};
}

static FlowValue digits_18(Arena *arena, uint64_t row) {
    (void)arena;
    i128 all = decimal_power10(18) - 1;
    return (FlowValue){.i128 = row % 2 == 0 ? all : -all};
}

static FlowValue floats(Arena *arena, uint64_t row) {
    (void)arena;
    const double values[] = {
        0.0, -0.0, 1.5, (double)INFINITY, -(double)INFINITY, 0x1p-149, (double)(int32_t)mix(row)};
    return (FlowValue){.f64 = (double)(float)values[row % COUNT_OF(values)]};
}

static FlowValue not_numbers(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.f64 = row % 5 == 0 ? (double)NAN : (double)row / 3};
}

static FlowValue texts(Arena *arena, uint64_t row) {
    static const char *const values[] = {"",
                                         "a",
                                         "exactly12byt",
                                         "thirteen byte",
                                         "Z\xC3\xBCrich",
                                         "quite a long one, longer than a view"};
    (void)arena;
    return (FlowValue){.view = view_text(values[mix(row) % COUNT_OF(values)])};
}

static FlowValue different_texts(Arena *arena, uint64_t row) {
    return (FlowValue){
        .view = view_text(arena_format(
            arena, "%llx-%llu", (unsigned long long)mix(row), (unsigned long long)row))};
}

// A dictionary that fills up after some pages.
static FlowValue ever_more_texts(Arena *arena, uint64_t row) {
    uint64_t number = row < 20000 ? row % 100 : row;
    return (FlowValue){.view =
                           view_text(arena_format(arena, "%0100llu", (unsigned long long)number))};
}

static FlowValue wide_text(Arena *arena, uint64_t row) {
    size_t length = row % 100 == 7 ? 3 * 1024 * 1024 : row % 1000;
    char *bytes = arena_alloc(arena, length + 1);
    memset(bytes, (int)('a' + row % 26), length);
    return (FlowValue){.view = view_of(bytes, length)};
}

static FlowValue ever_more_numbers(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = (int64_t)mix(row < 40000 ? row % 50 : row)};
}

static FlowValue runs(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = (int64_t)(mix(row / 100) % 7)};
}

static const FlowText enum_texts[] = {{"low"}, {"high"}, {"a text that is longer than a view"}};
#define SIMPLE(k) {.kind = FLOW_##k, .is_nullable = 1}
#define DECIMAL(p, s) {.kind = FLOW_DECIMAL, .is_nullable = 1, .precision = (p), .scale = (s)}
static const Table tables[] = {
    {"bool", SIMPLE(BOOL), few},
    {"int8", SIMPLE(INT8), random_bits},
    {"int16", SIMPLE(INT16), random_bits},
    {"int32", SIMPLE(INT32), random_bits},
    {"int32 extremes", SIMPLE(INT32), extremes},
    {"int64", SIMPLE(INT64), random_bits},
    {"int64 of few", SIMPLE(INT64), few},
    {"int64 rising", SIMPLE(INT64), rising},
    {"int64 extremes", SIMPLE(INT64), extremes},
    {"int64 in runs", SIMPLE(INT64), runs},
    {"int64 ever more", SIMPLE(INT64), ever_more_numbers},
    {"float32", SIMPLE(FLOAT32), floats},
    {"float64", SIMPLE(FLOAT64), floats},
    {"float64 with NaN", SIMPLE(FLOAT64), not_numbers},
    {"decimal(9,2)", DECIMAL(9, 2), digits_9},
    {"decimal(18,18)", DECIMAL(18, 18), digits_18},
    {"decimal(19,0)", DECIMAL(19, 0), digits_18},
    {"decimal(28,4)", DECIMAL(28, 4), digits_18},
    {"decimal(38,10)", DECIMAL(38, 10), wide_decimal},
    {"string", SIMPLE(STRING), texts},
    {"string, all different", SIMPLE(STRING), different_texts},
    {"string, ever more", SIMPLE(STRING), ever_more_texts},
    {"bytes", SIMPLE(BYTES), texts},
    {"date", SIMPLE(DATE), random_bits},
    {"timestamp", SIMPLE(TIMESTAMP), rising},
    {"duration", SIMPLE(DURATION), extremes},
    {"enum",
     {.kind = FLOW_ENUM, .is_nullable = 1, .enum_values = enum_texts, .enum_values_count = 3},
     few},
};

typedef enum Nulls { NULLS_NONE, NULLS_SOME, NULLS_ALL, NULLS_FIRST } Nulls;

typedef struct Shape {
    uint64_t row_count;
    int64_t group_rows; // 0: the default
    Nulls nulls;
} Shape;

static bool is_null_at(Nulls nulls, uint64_t row) {
    return nulls == NULLS_ALL || (nulls == NULLS_SOME && mix(row) % 4 == 0) ||
           (nulls == NULLS_FIRST && row < 25000);
}

static void batch_fill(Batch *batch, const Table *table, const Shape *shape, uint64_t from) {
    batch_clear(batch);
    uint32_t count = 0;
    for (uint64_t row = from; row < shape->row_count && count < FLOW_BATCH_ROWS_MAX;
         row++, count++) {
        if (is_null_at(shape->nulls, row)) {
            batch_set_null(batch, 0, count);
        } else {
            batch_set(batch, 0, count, table->value(&batch->arena, row));
        }
    }
    batch->abi.row_count = (int32_t)count;
    batch_select_all(batch);
}

static const int32_t slot_0[] = {0};

static ParquetWriter *
table_write(const FlowColumnDesc *column, const Table *table, const Shape *shape, Buffer *file) {
    ParquetWriterOptions options = {.row_group_rows_max = shape->group_rows};
    ParquetWriter *writer = parquet_writer_new(column, 1, &options, buffer_write, file);
    Batch *batch = batch_new(column, 1);
    for (uint64_t row = 0; row < shape->row_count; row += FLOW_BATCH_ROWS_MAX) {
        batch_fill(batch, table, shape, row);
        assert_int_equal(parquet_writer_append(writer, &batch->abi, slot_0), OUTCOME_OK);
    }
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    assert_int_equal(parquet_writer_rows(writer), shape->row_count);
    assert_int_equal(parquet_writer_bytes(writer), file->length);
    batch_free(batch);
    return writer;
}

// Bit by bit: NaN is NaN, and zero keeps its sign.
static bool values_equal(const FlowTypeDesc *type, const FlowValue *a, const FlowValue *b) {
    if (type->kind == FLOW_STRING || type->kind == FLOW_BYTES) {
        return view_compare(&a->view, &b->view) == 0;
    }
    return type->kind == FLOW_DECIMAL ? a->i128 == b->i128 : a->i64 == b->i64;
}

static void rows_compare(const Batch *found, const Batch *wanted, const char *name) {
    assert_int_equal(found->abi.row_count <= wanted->abi.row_count, 1);
    for (uint32_t row = 0; row < (uint32_t)found->abi.row_count; row++) {
        if (batch_is_null(found, 0, row) != batch_is_null(wanted, 0, row)) {
            fail_msg("%s: row %u is null on one side only", name, row);
        }
        FlowValue a = batch_value(found, 0, row);
        FlowValue b = batch_value(wanted, 0, row);
        if (!batch_is_null(found, 0, row) && !values_equal(wanted->descs[0].type, &a, &b)) {
            fail_msg("%s: row %u is another value", name, row);
        }
    }
}

static ParquetReader *reader_open(Buffer *file, const FlowColumnDesc *columns, uint32_t count) {
    static Failure failure;
    failure = (Failure){0};
    ParquetReader *reader = NULL;
    if (parquet_reader_open(
            buffer_read, file, (int64_t)file->length, columns, count, &failure, &reader) !=
        OUTCOME_OK) {
        fail_msg("%s", failure.text);
    }
    return reader;
}

static void
table_compare(const FlowColumnDesc *column, const Table *table, const Shape *shape, Buffer *file) {
    ParquetReader *reader = reader_open(file, column, 1);
    assert_int_equal(parquet_reader_rows(reader), shape->row_count);
    Batch *found = batch_new(column, 1);
    Batch *wanted = batch_new(column, 1);
    uint64_t row = 0;
    do {
        batch_clear(found);
        assert_int_equal(parquet_reader_next(reader, found, slot_0), OUTCOME_OK);
        batch_fill(wanted, table, shape, row);
        rows_compare(found, wanted, table->name);
        row += (uint64_t)found->abi.row_count;
    } while (found->abi.row_count > 0);
    assert_int_equal(row, shape->row_count);
    batch_free(found);
    batch_free(wanted);
    parquet_reader_free(reader);
}

static void round_trip(const Table *table, const Shape *shape) {
    FlowColumnDesc column = {.name = "c", .type = &table->type, .is_used = 1};
    Buffer file = {0};
    parquet_writer_free(table_write(&column, table, shape, &file));
    table_compare(&column, table, shape, &file);
    buffer_free(&file);
}

static void every_type_comes_back(void **state) {
    (void)state;
    static const Shape shapes[] = {
        {0, 0, NULLS_NONE},
        {1, 0, NULLS_NONE},
        {1, 0, NULLS_ALL},
        {4097, 0, NULLS_SOME},
        {3000, 1000, NULLS_SOME},
        {3000, 999, NULLS_NONE},
        {100, 7, NULLS_ALL},
        {61000, 0, NULLS_NONE},
        {61000, 0, NULLS_FIRST},
    };
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        for (size_t k = 0; k < COUNT_OF(shapes); k++) {
            round_trip(&tables[i], &shapes[k]);
        }
    }
}

static void wide_texts_come_back(void **state) {
    (void)state;
    static const Table table = {"wide", SIMPLE(STRING), wide_text};
    round_trip(&table, &(Shape){1200, 500, NULLS_SOME});
}

static void every_decimal_keeps_its_extremes(void **state) {
    (void)state;
    for (int32_t precision = 1; precision <= 38; precision++) {
        FlowTypeDesc type = DECIMAL(precision, precision / 2);
        FlowColumnDesc column = {.name = "d", .type = &type};
        Batch *batch = batch_new(&column, 1);
        i128 extreme = decimal_power10(precision) - 1;
        batch_set(batch, 0, 0, (FlowValue){.i128 = extreme});
        batch_set(batch, 0, 1, (FlowValue){.i128 = -extreme});
        batch->abi.row_count = 2;
        batch_select_all(batch);
        Buffer file = {0};
        ParquetWriter *writer = parquet_writer_new(&column, 1, NULL, buffer_write, &file);
        assert_int_equal(parquet_writer_append(writer, &batch->abi, slot_0), OUTCOME_OK);
        assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
        const ParquetColumnStats *stats = parquet_writer_stats(writer, 0);
        assert_true(stats->has_bounds && stats->min.i128 == -extreme && stats->max.i128 == extreme);
        ParquetReader *reader = reader_open(&file, &column, 1);
        Batch *found = batch_new(&column, 1);
        assert_int_equal(parquet_reader_next(reader, found, slot_0), OUTCOME_OK);
        assert_int_equal(found->abi.row_count, 2);
        rows_compare(found, batch, "decimal");
        parquet_reader_free(reader);
        parquet_writer_free(writer);
        batch_free(found);
        batch_free(batch);
        buffer_free(&file);
    }
}

static void only_selected_rows_are_written(void **state) {
    (void)state;
    static const Table table = {"rows", SIMPLE(INT64), rising};
    FlowColumnDesc column = {.name = "c", .type = &table.type};
    Batch *batch = batch_new(&column, 1);
    batch_fill(batch, &table, &(Shape){1000, 0, NULLS_NONE}, 0);
    static const int32_t kept[] = {3, 4, 500, 999};
    memcpy(batch->abi.selection, kept, sizeof kept);
    batch->abi.selected_count = COUNT_OF(kept);
    Buffer file = {0};
    ParquetWriter *writer = parquet_writer_new(&column, 1, NULL, buffer_write, &file);
    assert_int_equal(parquet_writer_append(writer, &batch->abi, slot_0), OUTCOME_OK);
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    parquet_writer_free(writer);
    ParquetReader *reader = reader_open(&file, &column, 1);
    Batch *found = batch_new(&column, 1);
    assert_int_equal(parquet_reader_next(reader, found, slot_0), OUTCOME_OK);
    assert_int_equal(found->abi.row_count, COUNT_OF(kept));
    for (uint32_t i = 0; i < COUNT_OF(kept); i++) {
        assert_true(batch_value(found, 0, i).i64 == batch_value(batch, 0, (uint32_t)kept[i]).i64);
    }
    parquet_reader_free(reader);
    batch_free(found);
    batch_free(batch);
    buffer_free(&file);
}

// --- columns -----------------------------------------------------------------------------------
static void missing_columns_are_null(void **state) {
    (void)state;
    static const Table table = {"c", SIMPLE(INT64), few};
    FlowColumnDesc column = {.name = "c", .type = &table.type};
    FlowColumnDesc other = {.name = "other", .type = &table.type};
    Buffer file = {0};
    parquet_writer_free(table_write(&column, &table, &(Shape){10, 0, NULLS_NONE}, &file));
    ParquetReader *reader = reader_open(&file, &other, 1);
    Batch *found = batch_new(&other, 1);
    assert_int_equal(parquet_reader_next(reader, found, slot_0), OUTCOME_OK);
    assert_int_equal(found->abi.row_count, 10);
    assert_true(batch_is_null(found, 0, 0) && batch_is_null(found, 0, 9));
    parquet_reader_free(reader);
    batch_free(found);
    buffer_free(&file);
}

typedef struct Refusal {
    Table table;
    Shape shape;
    FlowTypeDesc wanted;
    const char *sentence; // part of it
} Refusal;

static void refusal_check(const Refusal *refusal) {
    FlowColumnDesc column = {.name = "c", .type = &refusal->table.type};
    FlowColumnDesc wanted = {.name = "c", .type = &refusal->wanted};
    Buffer file = {0};
    parquet_writer_free(table_write(&column, &refusal->table, &refusal->shape, &file));
    Failure failure = {0};
    ParquetReader *reader = NULL;
    Outcome outcome = parquet_reader_open(
        buffer_read, &file, (int64_t)file.length, &wanted, 1, &failure, &reader);
    if (outcome == OUTCOME_OK) {
        Batch *batch = batch_new(&wanted, 1);
        outcome = parquet_reader_next(reader, batch, slot_0);
        batch_free(batch);
    }
    assert_int_equal(outcome, OUTCOME_REFUSED);
    if (strstr(failure.text, refusal->sentence) == NULL) {
        fail_msg("%s: %s", refusal->sentence, failure.text);
    }
    parquet_reader_free(reader);
    buffer_free(&file);
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    static const Refusal refusals[] = {
        {{"", SIMPLE(INT64), random_bits}, {9, 0, NULLS_NONE}, SIMPLE(INT8), "outside the range"},
        {{"", SIMPLE(INT64), few}, {9, 0, NULLS_NONE}, SIMPLE(STRING), "another type than string"},
        {{"", SIMPLE(STRING), texts}, {9, 0, NULLS_NONE}, SIMPLE(INT64), "another type than int64"},
        {{"", SIMPLE(INT64), few}, {9, 0, NULLS_SOME}, {.kind = FLOW_INT64}, "allows none"},
        {{"", DECIMAL(38, 10), wide_decimal},
         {9, 0, NULLS_NONE},
         DECIMAL(18, 10),
         "outside the range"},
        {{"", DECIMAL(9, 2), digits_9},
         {9, 0, NULLS_NONE},
         DECIMAL(9, 1),
         "another type than decimal"},
        {{"", SIMPLE(STRING), texts},
         {9, 0, NULLS_NONE},
         {.kind = FLOW_ENUM, .is_nullable = 1, .enum_values = enum_texts, .enum_values_count = 3},
         "none of the enum"},
    };
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        refusal_check(&refusals[i]);
    }
}

static void strings_must_be_utf8(void **state) {
    (void)state;
    FlowTypeDesc bytes = SIMPLE(BYTES);
    FlowTypeDesc string = SIMPLE(STRING);
    FlowColumnDesc column = {.name = "c", .type = &bytes};
    FlowColumnDesc wanted = {.name = "c", .type = &string};
    Batch *batch = batch_new(&column, 1);
    batch_set(batch, 0, 0, (FlowValue){.view = view_text("\xC3(")});
    batch->abi.row_count = 1;
    batch_select_all(batch);
    Buffer file = {0};
    ParquetWriter *writer = parquet_writer_new(&column, 1, NULL, buffer_write, &file);
    assert_int_equal(parquet_writer_append(writer, &batch->abi, slot_0), OUTCOME_OK);
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    parquet_writer_free(writer);
    Failure failure = {0};
    ParquetReader *reader = NULL;
    assert_int_equal(parquet_reader_open(
                         buffer_read, &file, (int64_t)file.length, &wanted, 1, &failure, &reader),
                     OUTCOME_OK);
    assert_int_equal(parquet_reader_next(reader, batch, slot_0), OUTCOME_REFUSED);
    assert_non_null(strstr(failure.text, "not valid UTF-8"));
    parquet_reader_free(reader);
    batch_free(batch);
    buffer_free(&file);
}

// --- statistics --------------------------------------------------------------------------------
typedef struct StatsCase {
    const char *name;
    FlowTypeDesc type;
    ValueFn value;
    Shape shape;
    bool has_bounds;
} StatsCase;

static void stats_check(const StatsCase *c) {
    Table table = {c->name, c->type, c->value};
    FlowColumnDesc column = {.name = "c", .type = &c->type};
    Buffer file = {0};
    ParquetWriter *writer = table_write(&column, &table, &c->shape, &file);
    const ParquetColumnStats *stats = parquet_writer_stats(writer, 0);
    assert_int_equal(stats->has_bounds, c->has_bounds);
    Arena arena = {0};
    int64_t null_count = 0;
    bool is_min_met = false;
    bool is_max_met = false;
    for (uint64_t row = 0; row < c->shape.row_count; row++) {
        null_count += is_null_at(c->shape.nulls, row);
        if (is_null_at(c->shape.nulls, row) || !c->has_bounds) {
            continue;
        }
        FlowValue value = table.value(&arena, row);
        int with_min = value_compare(&c->type, &value, &c->type, &stats->min);
        int with_max = value_compare(&c->type, &value, &c->type, &stats->max);
        assert_true(with_min >= 0 && with_max <= 0);
        is_min_met |= with_min == 0;
        is_max_met |= with_max == 0;
    }
    assert_int_equal(stats->null_count, null_count);
    assert_true(!c->has_bounds || (is_min_met && is_max_met));
    arena_free(&arena);
    parquet_writer_free(writer);
    buffer_free(&file);
}

static void statistics_are_of_the_whole_file(void **state) {
    (void)state;
    static const StatsCase cases[] = {
        {"no rows", SIMPLE(INT64), few, {0, 0, NULLS_NONE}, false},
        {"nulls", SIMPLE(INT64), few, {10, 3, NULLS_ALL}, false},
        {"groups", SIMPLE(INT64), rising, {3000, 700, NULLS_SOME}, true},
        {"decimals", DECIMAL(9, 2), digits_9, {3000, 700, NULLS_SOME}, true},
        {"texts", SIMPLE(STRING), texts, {3000, 700, NULLS_SOME}, true},
        {"different texts", SIMPLE(STRING), different_texts, {3000, 700, NULLS_SOME}, true},
        {"enum",
         {.kind = FLOW_ENUM, .is_nullable = 1, .enum_values = enum_texts, .enum_values_count = 3},
         few,
         {300, 70, NULLS_SOME},
         true},
        {"bool", SIMPLE(BOOL), few, {100, 0, NULLS_NONE}, false},
        {"bytes", SIMPLE(BYTES), texts, {100, 0, NULLS_NONE}, false},
        {"infinity", SIMPLE(FLOAT64), floats, {100, 0, NULLS_NONE}, false},
        {"NaN", SIMPLE(FLOAT64), not_numbers, {100, 30, NULLS_NONE}, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        stats_check(&cases[i]);
    }
}

static FlowValue far_past(Arena *arena, uint64_t row) {
    (void)arena;
    return (FlowValue){.i64 = -200000 + (int64_t)row};
}

// Spark refuses dates before the Gregorian calendar unless the file says who wrote it.
static void ancient_dates_are_marked_for_spark(void **state) {
    (void)state;
    static const Table old = {"old", SIMPLE(DATE), far_past};
    static const Table recent = {"recent", SIMPLE(DATE), few};
    static const char key[] = "org.apache.spark.version";
    FlowColumnDesc column = {.name = "c", .type = &old.type};
    Buffer old_file = {0};
    Buffer recent_file = {0};
    parquet_writer_free(table_write(&column, &old, &(Shape){9, 0, NULLS_NONE}, &old_file));
    parquet_writer_free(table_write(&column, &recent, &(Shape){9, 0, NULLS_NONE}, &recent_file));
    assert_non_null(memmem(old_file.data, old_file.length, key, sizeof key - 1));
    assert_null(memmem(recent_file.data, recent_file.length, key, sizeof key - 1));
    table_compare(&column, &old, &(Shape){9, 0, NULLS_NONE}, &old_file);
    // The same dates from a Spark of old are in another calendar: refused, not shifted.
    char *version = memmem(old_file.data, old_file.length, "3.5.0", 5);
    assert_non_null(version);
    version[0] = '2';
    ParquetReader *reader = reader_open(&old_file, &column, 1);
    Batch *batch = batch_new(&column, 1);
    assert_int_equal(parquet_reader_next(reader, batch, slot_0), OUTCOME_REFUSED);
    batch_free(batch);
    parquet_reader_free(reader);
    buffer_free(&old_file);
    buffer_free(&recent_file);
}

static void a_full_disk_is_the_environments_failure(void **state) {
    (void)state;
    static const Table table = {"c", SIMPLE(INT64), random_bits};
    FlowColumnDesc column = {.name = "c", .type = &table.type};
    Batch *batch = batch_new(&column, 1);
    batch_fill(batch, &table, &(Shape){1000, 0, NULLS_NONE}, 0);
    for (size_t room = 0; room < 8000; room += 500) {
        size_t left = room;
        ParquetWriter *writer = parquet_writer_new(&column, 1, NULL, full_disk, &left);
        assert_int_equal(parquet_writer_append(writer, &batch->abi, slot_0), OUTCOME_OK);
        assert_int_equal(parquet_writer_finish(writer), OUTCOME_ENVIRONMENT);
        parquet_writer_free(writer);
    }
    batch_free(batch);
}

// --- trees -------------------------------------------------------------------------------------
static const FlowTypeDesc text_type = SIMPLE(STRING);
static const FlowTypeDesc long_type = SIMPLE(INT64);
#define LEAF(n, t) {.name = (n), .kind = PARQUET_LEAF, .type = &(t)}
static const ParquetNode entry[] = {LEAF("key", text_type), LEAF("value", text_type)};
static const ParquetNode element[] = {LEAF("element", text_type)};
static const ParquetNode inner_fields[] = {LEAF("offset", long_type)};
static const ParquetNode add_fields[] = {
    LEAF("path", text_type),
    {.name = "values", .kind = PARQUET_MAP, .children = entry, .child_count = 2},
    {.name = "inner", .kind = PARQUET_GROUP, .children = inner_fields, .child_count = 1},
};
static const ParquetNode tree_fields[] = {
    {.name = "add", .kind = PARQUET_GROUP, .children = add_fields, .child_count = 3},
    {.name = "names", .kind = PARQUET_LIST, .children = element, .child_count = 1},
};
enum { ADD, PATH, VALUES, KEY, VALUE, INNER, OFFSET, NAMES, ELEMENT };

static void nodes_are_found_by_path(void **state) {
    (void)state;
    static const struct {
        const char *path;
        int32_t node;
    } cases[] = {{"add", ADD},
                 {"add.path", PATH},
                 {"add.values.value", VALUE},
                 {"add.inner.offset", OFFSET},
                 {"names.element", ELEMENT},
                 {"name", -1},
                 {"add.pat", -1},
                 {"add.path.x", -1},
                 {"", -1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(parquet_node_find(tree_fields, COUNT_OF(tree_fields), cases[i].path),
                         cases[i].node);
    }
}

// Rows of eight kinds: nothing; empty things; values; nulls in maps and lists.
static void tree_row_write(ParquetTreeWriter *writer, uint64_t row) {
    FlowValue text = {.view = view_text("a text that is longer than a view")};
    FlowValue number = {.i64 = (int64_t)row};
    if ((row & 1) != 0) {
        parquet_tree_set(writer, PATH, &text);
        parquet_tree_present(writer, VALUES);
    }
    if ((row & 2) != 0) {
        for (uint64_t i = 0; i < 1 + row % 5; i++) {
            parquet_tree_item(writer, VALUES);
            parquet_tree_set(writer, KEY, &text);
            if (i % 2 == 0) {
                parquet_tree_set(writer, VALUE, &text);
            }
        }
        parquet_tree_set(writer, OFFSET, &number);
    }
    for (uint64_t i = 0; i < ((row & 4) != 0 ? row % 3 : 0); i++) {
        parquet_tree_item(writer, NAMES);
        if (i != 1) {
            parquet_tree_set(writer, ELEMENT, &text);
        }
    }
}

static void tree_row_check(const ParquetTreeReader *reader, uint64_t row) {
    FlowValue value;
    assert_int_equal(parquet_tree_is_present(reader, ADD), (row & 3) != 0);
    assert_int_equal(parquet_tree_is_present(reader, PATH), (row & 1) != 0);
    assert_int_equal(parquet_tree_is_present(reader, VALUES), (row & 3) != 0);
    assert_int_equal(parquet_tree_is_present(reader, INNER), (row & 2) != 0);
    int32_t entry_count = (row & 2) != 0 ? (int32_t)(1 + row % 5) : 0;
    assert_int_equal(parquet_tree_item_count(reader, VALUES), entry_count);
    for (int32_t i = 0; i < entry_count; i++) {
        assert_true(parquet_tree_get(reader, KEY, i, &value));
        assert_int_equal(value.view.length, 33);
        assert_int_equal(parquet_tree_get(reader, VALUE, i, &value), i % 2 == 0);
    }
    assert_int_equal(parquet_tree_get(reader, OFFSET, 0, &value), (row & 2) != 0);
    assert_true((row & 2) == 0 || value.i64 == (int64_t)row);
    int32_t name_count = (row & 4) != 0 ? (int32_t)(row % 3) : 0;
    assert_int_equal(parquet_tree_item_count(reader, NAMES), name_count);
    assert_int_equal(parquet_tree_is_present(reader, NAMES), name_count > 0);
    assert_true(name_count < 2 || !parquet_tree_get(reader, ELEMENT, 1, &value));
}

static void tree_write(uint64_t row_count, int64_t group_rows, Buffer *file) {
    ParquetWriterOptions options = {.row_group_rows_max = group_rows};
    ParquetTreeWriter *writer =
        parquet_tree_writer_new(tree_fields, COUNT_OF(tree_fields), &options, buffer_write, file);
    for (uint64_t row = 0; row < row_count; row++) {
        tree_row_write(writer, row);
        assert_int_equal(parquet_tree_row_end(writer), OUTCOME_OK);
    }
    assert_int_equal(parquet_tree_writer_finish(writer), OUTCOME_OK);
    assert_int_equal(parquet_tree_writer_bytes(writer), file->length);
    parquet_tree_writer_free(writer);
}

static void trees_come_back(void **state) {
    (void)state;
    static const uint64_t row_counts[] = {0, 1, 8, 1000, 50000};
    for (size_t i = 0; i < COUNT_OF(row_counts); i++) {
        Buffer file = {0};
        tree_write(row_counts[i], i == 3 ? 99 : 0, &file);
        Failure failure = {0};
        ParquetTreeReader *reader = NULL;
        assert_int_equal(parquet_tree_reader_open(buffer_read,
                                                  &file,
                                                  (int64_t)file.length,
                                                  tree_fields,
                                                  COUNT_OF(tree_fields),
                                                  &failure,
                                                  &reader),
                         OUTCOME_OK);
        assert_int_equal(parquet_tree_reader_rows(reader), row_counts[i]);
        bool has_row = false;
        for (uint64_t row = 0; row < row_counts[i]; row++) {
            assert_int_equal(parquet_tree_reader_next(reader, &has_row), OUTCOME_OK);
            assert_true(has_row);
            tree_row_check(reader, row);
        }
        assert_int_equal(parquet_tree_reader_next(reader, &has_row), OUTCOME_OK);
        assert_false(has_row);
        parquet_tree_reader_free(reader);
        buffer_free(&file);
    }
}

// A group of which the file has none of the wanted fields is there all the same.
static void a_group_without_wanted_fields_is_seen(void **state) {
    (void)state;
    static const ParquetNode wanted_fields[] = {LEAF("absent", text_type)};
    static const ParquetNode wanted[] = {
        {.name = "add", .kind = PARQUET_GROUP, .children = wanted_fields, .child_count = 1},
        LEAF("nothing", long_type),
    };
    Buffer file = {0};
    tree_write(8, 0, &file);
    Failure failure = {0};
    ParquetTreeReader *reader = NULL;
    assert_int_equal(
        parquet_tree_reader_open(
            buffer_read, &file, (int64_t)file.length, wanted, COUNT_OF(wanted), &failure, &reader),
        OUTCOME_OK);
    bool has_row = false;
    for (uint64_t row = 0; row < 8; row++) {
        FlowValue value;
        assert_int_equal(parquet_tree_reader_next(reader, &has_row), OUTCOME_OK);
        assert_int_equal(parquet_tree_is_present(reader, 0), (row & 3) != 0);
        assert_false(parquet_tree_is_present(reader, 1));
        assert_false(parquet_tree_get(reader, 1, 0, &value));
        assert_false(parquet_tree_get(reader, 2, 0, &value));
    }
    parquet_tree_reader_free(reader);
    buffer_free(&file);
}

// --- broken files ------------------------------------------------------------------------------
enum { BROKEN_COLUMNS = 5, BROKEN_BATCHES_MAX = 50 };

static const FlowTypeDesc broken_types[BROKEN_COLUMNS] = {
    SIMPLE(INT64), SIMPLE(STRING), DECIMAL(30, 3), SIMPLE(BOOL), SIMPLE(TIMESTAMP)};
static const ValueFn broken_values[BROKEN_COLUMNS] = {few, different_texts, digits_18, few, rising};

static void broken_columns(FlowColumnDesc *columns, int32_t *slots) {
    static const char *const names[BROKEN_COLUMNS] = {"a", "b", "c", "d", "e"};
    for (int32_t i = 0; i < BROKEN_COLUMNS; i++) {
        columns[i] = (FlowColumnDesc){.name = names[i], .type = &broken_types[i]};
        slots[i] = i;
    }
}

static void sound_file(Buffer *file) {
    FlowColumnDesc columns[BROKEN_COLUMNS];
    int32_t slots[BROKEN_COLUMNS];
    broken_columns(columns, slots);
    Batch *batch = batch_new(columns, BROKEN_COLUMNS);
    for (uint32_t row = 0; row < 60; row++) {
        for (uint32_t i = 0; i < BROKEN_COLUMNS; i++) {
            if (mix(row + i) % 5 == 0) {
                batch_set_null(batch, i, row);
            } else {
                batch_set(batch, i, row, broken_values[i](&batch->arena, row));
            }
        }
    }
    batch->abi.row_count = 60;
    batch_select_all(batch);
    ParquetWriterOptions options = {.row_group_rows_max = 40};
    ParquetWriter *writer =
        parquet_writer_new(columns, BROKEN_COLUMNS, &options, buffer_write, file);
    assert_int_equal(parquet_writer_append(writer, &batch->abi, slots), OUTCOME_OK);
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    parquet_writer_free(writer);
    batch_free(batch);
}

// Any outcome will do, except that a refusal has its sentence; the sanitizers watch the rest.
static Outcome flat_attempt(Buffer *file, size_t length) {
    FlowColumnDesc columns[BROKEN_COLUMNS];
    int32_t slots[BROKEN_COLUMNS];
    broken_columns(columns, slots);
    Failure failure = {0};
    ParquetReader *reader = NULL;
    Outcome outcome = parquet_reader_open(
        buffer_read, file, (int64_t)length, columns, BROKEN_COLUMNS, &failure, &reader);
    Batch *batch = batch_new(columns, BROKEN_COLUMNS);
    for (int i = 0; outcome == OUTCOME_OK && i < BROKEN_BATCHES_MAX; i++) {
        batch_clear(batch);
        outcome = parquet_reader_next(reader, batch, slots);
    }
    assert_true(outcome == OUTCOME_OK || (outcome == OUTCOME_REFUSED && failure.text[0] != '\0'));
    batch_free(batch);
    parquet_reader_free(reader);
    return outcome;
}

static Outcome tree_attempt(Buffer *file, size_t length) {
    Failure failure = {0};
    ParquetTreeReader *reader = NULL;
    Outcome outcome = parquet_tree_reader_open(
        buffer_read, file, (int64_t)length, tree_fields, COUNT_OF(tree_fields), &failure, &reader);
    bool has_row = true;
    for (int i = 0; outcome == OUTCOME_OK && has_row && i < 1000; i++) {
        outcome = parquet_tree_reader_next(reader, &has_row);
    }
    assert_true(outcome == OUTCOME_OK || (outcome == OUTCOME_REFUSED && failure.text[0] != '\0'));
    parquet_tree_reader_free(reader);
    return outcome;
}

typedef Outcome (*AttemptFn)(Buffer *file, size_t length);

static void file_break(Buffer *file, AttemptFn attempt) {
    assert_int_equal(attempt(file, file->length), OUTCOME_OK);
    int refused_count = 0;
    for (size_t at = 0; at < file->length; at++) {
        char kept = file->data[at];
        file->data[at] = (char)(kept ^ (1 << (at % 8)));
        refused_count += attempt(file, file->length) == OUTCOME_REFUSED;
        file->data[at] = (char)(kept ^ 0xFF);
        refused_count += attempt(file, file->length) == OUTCOME_REFUSED;
        file->data[at] = kept;
    }
    assert_true(refused_count > (int)file->length / 2); // checksums see every change of a page
    for (size_t length = 0; length < file->length; length++) {
        assert_int_equal(attempt(file, length), OUTCOME_REFUSED);
    }
}

static void broken_tables_are_refused(void **state) {
    (void)state;
    Buffer file = {0};
    sound_file(&file);
    file_break(&file, flat_attempt);
    buffer_free(&file);
}

static void broken_trees_are_refused(void **state) {
    (void)state;
    Buffer file = {0};
    tree_write(24, 0, &file);
    file_break(&file, tree_attempt);
    buffer_free(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_comes_back),
        cmocka_unit_test(wide_texts_come_back),
        cmocka_unit_test(every_decimal_keeps_its_extremes),
        cmocka_unit_test(only_selected_rows_are_written),
        cmocka_unit_test(missing_columns_are_null),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(strings_must_be_utf8),
        cmocka_unit_test(statistics_are_of_the_whole_file),
        cmocka_unit_test(ancient_dates_are_marked_for_spark),
        cmocka_unit_test(a_full_disk_is_the_environments_failure),
        cmocka_unit_test(nodes_are_found_by_path),
        cmocka_unit_test(trees_come_back),
        cmocka_unit_test(a_group_without_wanted_fields_is_seen),
        cmocka_unit_test(broken_tables_are_refused),
        cmocka_unit_test(broken_trees_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
