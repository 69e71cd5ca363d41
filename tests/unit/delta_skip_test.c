// Goal: files and row groups are left out only if no row of them is wanted, their rows are counted,
// and they are not read; a large file falls into pieces that are together the whole. Method: random
// tables against random tests, with and without; a file of ten row groups.
#include "delta_help.h"
#include "store/delta/skip.h"

static const char columns_text[] =
    "k int32, d date?, t timestamp?, m decimal(12,2)?, n int64?, part int16?, e enum(a;b;c)?, "
    "f float64?, g float32, s string?";
enum { COLUMNS = 10, ROWS_PER_FILE = 5, FILES = 12, TESTS = 400 };

static uint64_t random_state;

static uint32_t random_below(uint32_t bound) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % bound;
}

// NaN is above all, and in no bound.
static void floats_write(Buffer *rows, int32_t near) {
    static const char *const odd[] = {"NaN", "-0", "0", "Infinity"};
    uint32_t kind = random_below(10);
    if (kind < COUNT_OF(odd)) {
        buffer_format(rows, "%s|", odd[kind]);
    } else {
        buffer_format(rows, "%d.%u|", near - 5, random_below(10));
    }
    buffer_format(rows, "%d.%u|", near - 5, random_below(10));
}

// Long ones are cut in statistics, some of them before a character that is above what is put there.
static void text_write(Buffer *rows, int32_t near) {
    static const char *const ends[] = {
        "", "a", "b", "\x7F", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"};
    uint32_t length = random_below(3) == 0 ? 31 + random_below(3) : random_below(4);
    buffer_char(rows, (char)('a' + near));
    for (uint32_t i = 0; i < length; i++) {
        buffer_char(rows, 'm');
    }
    buffer_text(rows, ends[random_below(COUNT_OF(ends))]);
    buffer_text(rows, ends[random_below(COUNT_OF(ends))]);
}

// Values of a file lie near each other, so that ranges tell files apart.
static void row_write(Buffer *rows, int32_t near) {
    static const char *const letters[] = {"a", "b", "c"};
    int32_t k = near * 10 + (int32_t)random_below(12) - 40;
    bool is_null = random_below(6) == 0;
    buffer_format(rows, "%d|", k);
    if (is_null || near == 3) {
        buffer_text(rows, "-|-|-|-|");
    } else {
        buffer_format(rows, "19%02d-01-%02u|", 65 + near, 1 + random_below(20));
        // With digits that statistics in milliseconds do not have, before and after 1970.
        buffer_format(rows, "19%02d-12-31T23:59:59.%06uZ|", 65 + near, random_below(1000000));
        buffer_format(rows, "%d.%02u|%d|", near - 4, random_below(100), near * 1000);
    }
    bool has_part = near % 4 != 0;
    buffer_format(rows, has_part ? "%d|" : "-|", near % 4);
    buffer_format(rows, "%s|", letters[near % 3]);
    floats_write(rows, near);
    if (random_below(8) == 0) {
        buffer_text(rows, "-\n");
    } else {
        text_write(rows, near);
        buffer_char(rows, '\n');
    }
}

static void file_write(Sys *sys, int32_t near) {
    HelpColumns columns;
    HelpTable table;
    DeltaWrite *write;
    Buffer rows = {0};
    int64_t version;
    help_columns(&columns, columns_text);
    help_table(&table, &columns, NULL, " part e ");
    for (uint32_t i = 0; i < ROWS_PER_FILE; i++) {
        row_write(&rows, near);
    }
    DeltaWriteOptions options = {.mode = DELTA_APPEND,
                                 .table = &table.table,
                                 .path = "t",
                                 .writer_id = "w",
                                 .columns = columns.descs,
                                 .column_count = columns.count};
    assert_int_equal(delta_write_open(sys, &options, &write), OUTCOME_OK);
    assert_int_equal(help_append(write, &columns, buffer_cstring(&rows)), OUTCOME_OK);
    assert_int_equal(delta_write_prepare(write), OUTCOME_OK);
    assert_int_equal(delta_write_commit(write, &version), OUTCOME_OK);
    delta_write_free(write);
    buffer_free(&rows);
    arena_free(&columns.arena);
}

// They are few, and kept until the end.
static const char *text_make(int32_t near) {
    static char texts[4][80];
    static uint32_t next;
    Buffer text = {0};
    char *made = texts[next++ % COUNT_OF(texts)];
    text_write(&text, near);
    snprintf(made, sizeof(texts[0]), "%s", buffer_cstring(&text));
    buffer_free(&text);
    return made;
}

static FlowScanTest test_make(void) {
    double number = 0;
    int32_t column = (int32_t)random_below(COLUMNS);
    int32_t near = (int32_t)random_below(FILES + 2) - 1;
    FlowScanTest test = {.column = column, .op = (int32_t)random_below(6)};
    switch (column) {
    case 0:
        test.value = near * 10 + (int32_t)random_below(12) - 40;
        break;
    case 1:
        test.value = (near - 5) * 365 + (int32_t)random_below(20);
        break;
    case 2: // about the end of a year
        test.value = days_from_civil(1966 + near, 1, 1) * INT64_C(86400000000) -
                     (int64_t)random_below(1100000);
        break;
    case 3:
        test.value = (near - 4) * 100 + (int32_t)random_below(100);
        break;
    case 4:
        test.value = near * 1000;
        break;
    case 5:
        test.value = (int32_t)random_below(5);
        break;
    case 6:
        test.value = (int32_t)random_below(3);
        test.op = random_below(2) == 0 ? FLOW_TEST_EQ : FLOW_TEST_NE;
        break;
    case 9:
        test.text = text_make(near);
        break;
    default:
        number = random_below(9) == 0 ? 0 : near - 5 + (double)random_below(10) / 10;
        number = column == 8 ? (double)(float)number : number;
        memcpy(&test.value, &number, sizeof(number));
        break;
    }
    return test;
}

static bool is_met(const Batch *batch, uint32_t row, const FlowScanTest *test) {
    uint32_t column = (uint32_t)test->column;
    if (batch_is_null(batch, column, row)) {
        return false;
    }
    FlowValue value = batch_value(batch, column, row);
    const FlowTypeDesc *type = batch->descs[column].type;
    if (type->kind == FLOW_STRING || type->kind == FLOW_FLOAT32 || type->kind == FLOW_FLOAT64) {
        FlowValue wanted = {0};
        memcpy(&wanted.f64, &test->value, sizeof(wanted.f64));
        if (test->text != NULL) {
            wanted.view = view_text(test->text);
        }
        int64_t order = value_compare(type, &value, type, &wanted);
        return format_test_holds((FlowTestOp)test->op, 0, (FormatRange){order, order});
    }
    bool is_decimal = type->kind == FLOW_DECIMAL;
    int64_t number = is_decimal ? (int64_t)value.i128 : value.i64;
    return format_test_holds((FlowTestOp)test->op, test->value, (FormatRange){number, number});
}

typedef struct Found {
    Buffer rows; // that meet all tests
    int64_t read;
    int64_t left_out;
    Outcome outcome;
} Found;

static Found table_scan(
    Sys *sys, const HelpColumns *columns, const FlowScanTest *tests, uint32_t count, bool skips) {
    Found found = {0};
    DeltaTable *table;
    DeltaScan *scan;
    int32_t slots[HELP_COLUMNS_MAX];
    Batch *batch = batch_new(columns->descs, columns->count);
    help_slots(slots);
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_scan_open(table, columns->descs, columns->count, &scan), OUTCOME_OK);
    if (skips) {
        delta_scan_skip(scan, tests, count);
    }
    do {
        found.outcome = delta_scan_next(scan, batch, slots);
        found.read += batch->abi.row_count;
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            bool is_wanted = true;
            for (uint32_t i = 0; i < count; i++) {
                is_wanted &= is_met(batch, row, &tests[i]);
            }
            if (is_wanted) {
                buffer_format(
                    &found.rows, "%lld: ", (long long)((int64_t *)batch->abi.offsets)[row]);
                help_row_text(batch, row, &found.rows);
            }
        }
    } while (batch->abi.row_count > 0 && found.outcome == OUTCOME_OK);
    found.left_out = delta_scan_left_out(scan);
    delta_scan_close(scan);
    delta_close(table);
    batch_free(batch);
    return found;
}

static void what_is_left_out_is_not_wanted(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    HelpColumns columns;
    int64_t left_out = 0;
    random_state = 7;
    help_columns(&columns, columns_text);
    for (int32_t near = 0; near < FILES; near++) {
        file_write(sys, near);
    }
    for (uint32_t i = 0; i < TESTS; i++) {
        FlowScanTest tests[2] = {test_make(), test_make()};
        uint32_t count = 1 + random_below(2);
        Found all = table_scan(sys, &columns, tests, count, false);
        Found some = table_scan(sys, &columns, tests, count, true);
        assert_string_equal(buffer_cstring(&all.rows), buffer_cstring(&some.rows));
        assert_int_equal(all.read, FILES * ROWS_PER_FILE);
        assert_int_equal(some.read + some.left_out, all.read);
        left_out += some.left_out;
        buffer_free(&all.rows);
        buffer_free(&some.rows);
    }
    assert_true(left_out > TESTS * FILES * ROWS_PER_FILE / 4); // else this tests nothing
    arena_free(&columns.arena);
    sys_memory_free(sys);
}

// Who reads such a file notices.
static void files_ruin(Sys *sys) {
    Arena arena = {0};
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    for (uint32_t i = 0; i < (uint32_t)delta_file_count(table); i++) {
        sys_memory_put(sys, delta_file_path(table, &arena, i), "ruined", 6);
    }
    delta_close(table);
    arena_free(&arena);
}

static FlowScanTest float_test(FlowTestOp op, double number) {
    FlowScanTest test = {.column = 8, .op = (int32_t)op};
    memcpy(&test.value, &number, sizeof(number));
    return test;
}

static void nothing_wanted_is_nothing_read(void **state) {
    (void)state;
    const FlowScanTest unmet[] = {
        {.column = 0, .op = FLOW_TEST_GT, .value = 1000000},
        float_test(FLOW_TEST_LT, -5),
        float_test(FLOW_TEST_EQ, 100),
        {.column = 9, .op = FLOW_TEST_GT, .text = "z"},
        {.column = 9, .op = FLOW_TEST_EQ, .text = "a"},
        {.column = 9, .op = FLOW_TEST_LE, .text = "am"},
    };
    const FlowScanTest above = float_test(FLOW_TEST_GT, 100); // a NaN would be
    HelpColumns columns;
    help_columns(&columns, columns_text);
    for (size_t i = 0; i < COUNT_OF(unmet); i++) {
        Sys *sys = sys_memory_new(1);
        file_write(sys, 1);
        file_write(sys, 2);
        files_ruin(sys);
        Found found = table_scan(sys, &columns, &unmet[i], 1, true);
        assert_int_equal(found.outcome, OUTCOME_OK);
        assert_int_equal(found.read, 0);
        assert_int_equal(found.left_out, 2 * ROWS_PER_FILE);
        buffer_free(&found.rows);
        found = table_scan(sys, &columns, i % 2 == 0 ? &unmet[i] : &above, 1, i % 2 == 1);
        assert_int_equal(found.outcome, OUTCOME_REFUSED);
        buffer_free(&found.rows);
        sys_memory_free(sys);
    }
    arena_free(&columns.arena);
}

// --- a large file -------------------------------------------------------------------------------
enum { LARGE_ROWS = 200000, GROUP_ROWS = 20000 };
static const char large_text[] = "k int64?, x int64?, s string?, f float64?";

static Outcome bytes_take(void *user, const void *bytes, size_t length) {
    buffer_append(user, bytes, length);
    return OUTCOME_OK;
}

// Ten row groups; the log says nothing of them. The pages of the first ones may be ruined.
static void large_put(Sys *sys, const HelpColumns *columns, bool is_ruined) {
    Buffer file = {0};
    Buffer log = {0};
    random_state = 1;
    int32_t slots[HELP_COLUMNS_MAX];
    ParquetWriterOptions options = {.row_group_rows_max = GROUP_ROWS};
    ParquetWriter *writer =
        parquet_writer_new(columns->descs, columns->count, &options, bytes_take, &file);
    Batch *batch = batch_new(columns->descs, columns->count);
    help_slots(slots);
    for (int64_t first = 0; first < LARGE_ROWS; first += FLOW_BATCH_ROWS_MAX) {
        int64_t left = LARGE_ROWS - first;
        batch_clear(batch);
        batch->abi.row_count = (int32_t)(left < FLOW_BATCH_ROWS_MAX ? left : FLOW_BATCH_ROWS_MAX);
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            uint64_t noise = ((uint64_t)random_below(1u << 31) << 32) | random_below(1u << 31);
            batch_set(batch, 0, row, (FlowValue){.i64 = first + row});
            batch_set(batch, 1, row, (FlowValue){.i64 = (int64_t)noise});
            char *text = arena_format(&batch->arena, "row number %06lld", (long long)first + row);
            batch_set(batch, 2, row, (FlowValue){.view = view_text(text)});
            batch_set(batch, 3, row, (FlowValue){.f64 = (double)(first + row)});
        }
        batch_select_all(batch);
        assert_int_equal(parquet_writer_append(writer, &batch->abi, slots), OUTCOME_OK);
    }
    assert_int_equal(parquet_writer_finish(writer), OUTCOME_OK);
    assert_true(file.length > SPLIT_FILE_BYTES_MIN);
    if (is_ruined) {
        memset(file.data + 4, 0, file.length / 2);
    }
    sys_memory_put(sys, "t/large.parquet", file.data, file.length);
    buffer_format(
        &log,
        "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
        "{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"
        "\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":["
        "{\\\"name\\\":\\\"k\\\",\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,"
        "\\\"metadata\\\":{}},{\\\"name\\\":\\\"x\\\",\\\"type\\\":\\\"long\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},{\\\"name\\\":\\\"s\\\",\\\"type\\\":"
        "\\\"string\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}},{\\\"name\\\":\\\"f\\\",\\\"type\\\":"
        "\\\"double\\\","
        "\\\"nullable\\\":true,\\\"metadata\\\":{}}]}\",\"partitionColumns\":[],"
        "\"configuration\":{}}}\n"
        "{\"add\":{\"path\":\"large.parquet\",\"partitionValues\":{},\"size\":%zu,"
        "\"modificationTime\":0,\"dataChange\":true}}\n",
        file.length);
    sys_memory_put(sys, "t/_delta_log/00000000000000000000.json", log.data, log.length);
    parquet_writer_free(writer);
    batch_free(batch);
    buffer_free(&file);
    buffer_free(&log);
}

static void a_large_file_falls_into_its_row_groups(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    HelpColumns columns;
    DeltaTable *table;
    DeltaScan *cutter;
    DeltaPiece piece;
    bool has_piece = true;
    int32_t slots[HELP_COLUMNS_MAX];
    int64_t next = 0;
    uint32_t pieces = 0;
    help_columns(&columns, large_text);
    help_slots(slots);
    large_put(sys, &columns, false);
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_scan_open(table, columns.descs, columns.count, &cutter), OUTCOME_OK);
    DeltaScan *scan = delta_scan_share(cutter, sys);
    Batch *batch = batch_new(columns.descs, columns.count);
    while (has_piece) {
        assert_int_equal(delta_scan_cut(cutter, &piece, &has_piece), OUTCOME_OK);
        if (!has_piece) {
            break;
        }
        assert_int_equal(piece.group, (int32_t)pieces++);
        assert_int_equal(delta_scan_only(scan, &piece), OUTCOME_OK);
        assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        while (batch->abi.row_count > 0) {
            assert_int_equal(batch_value(batch, 0, 0).i64, next);
            assert_int_equal(((int64_t *)batch->abi.offsets)[0], next);
            next += batch->abi.row_count;
            assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        }
        assert_int_equal(next, (int64_t)pieces * GROUP_ROWS);
    }
    assert_int_equal(pieces, LARGE_ROWS / GROUP_ROWS);
    batch_free(batch);
    delta_scan_close(scan);
    delta_scan_close(cutter);
    delta_close(table);
    arena_free(&columns.arena);
    sys_memory_free(sys);
}

static void left_out_check(const HelpColumns *columns, const FlowScanTest *test, int64_t read) {
    Sys *sys = sys_memory_new(1);
    large_put(sys, columns, false);
    Found all = table_scan(sys, columns, test, 1, false);
    large_put(sys, columns, true);
    Found some = table_scan(sys, columns, test, 1, true);
    assert_int_equal(some.outcome, OUTCOME_OK);
    assert_string_equal(buffer_cstring(&all.rows), buffer_cstring(&some.rows));
    assert_int_equal(some.left_out, LARGE_ROWS - read);
    assert_int_equal(some.read, read);
    buffer_free(&all.rows);
    buffer_free(&some.rows);
    sys_memory_free(sys);
}

static void row_groups_are_left_out(void **state) {
    (void)state;
    HelpColumns columns;
    double last = LARGE_ROWS - 1;
    FlowScanTest number = {.column = 0, .op = FLOW_TEST_GE, .value = LARGE_ROWS - GROUP_ROWS - 1};
    FlowScanTest text = {.column = 2, .op = FLOW_TEST_GT, .text = "row number 160000"};
    FlowScanTest exact = {.column = 3, .op = FLOW_TEST_EQ};
    memcpy(&exact.value, &last, sizeof(last));
    help_columns(&columns, large_text);
    left_out_check(&columns, &number, 2 * GROUP_ROWS);
    left_out_check(&columns, &text, 2 * GROUP_ROWS);
    left_out_check(&columns, &exact, GROUP_ROWS);
    arena_free(&columns.arena);
}

// The pair that began with the 32nd unit became a question mark, then came the mark of the cut.
static void a_pair_that_was_cut_in_two_proves_nothing(void **state) {
    (void)state;
    Arena arena = {0};
    FlowTypeDesc type = {.kind = FLOW_STRING, .is_nullable = 1};
    FlowColumnDesc column = {.name = "s", .type = &type};
    DeltaNames partition = {0};
    static const char front[] = "abcdefghijklmnopqrstuvwxyzabcde";
    const char *stats =
        arena_format(&arena, "{\"numRecords\":1,\"maxValues\":{\"s\":\"%s?\xEF\xBF\xBD\"}}", front);
    DeltaFile file = {.path = "a", .stats = stats};
    static const char *const ends[] = {"\xF0\x9F\x98\x80", "f"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        int64_t rows = 0;
        FlowScanTest test = {.op = FLOW_TEST_EQ};
        test.text = arena_format(&arena, "%s%s", front, ends[i]);
        DeltaFileFilter filter = {
            .tests = {.tests = &test, .test_count = 1}, .columns = &column, .column_count = 1};
        assert_false(delta_file_is_left_out(&filter, &partition, &file, &rows));
        test.text = "abd"; // surely above
        assert_true(delta_file_is_left_out(&filter, &partition, &file, &rows));
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_not_wanted),
        cmocka_unit_test(nothing_wanted_is_nothing_read),
        cmocka_unit_test(a_large_file_falls_into_its_row_groups),
        cmocka_unit_test(row_groups_are_left_out),
        cmocka_unit_test(a_pair_that_was_cut_in_two_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
