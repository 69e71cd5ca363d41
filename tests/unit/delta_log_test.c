// Goal: the bytes of a log are those that other engines expect: paths, partition values,
// statistics, checksums, commit lines. Method: vectors of the protocol and of store.md.
#include "delta_help.h"

#include "store/delta/action.h"
#include "store/delta/checkpoint.h"
#include "store/delta/path.h"
#include "store/delta/schema.h"
#include "store/delta/value.h"

// --- JSON ---------------------------------------------------------------------------------------
static const struct {
    const char *text;
    const char *member; // of "a", as a string; NULL: no JSON
} json_cases[] = {
    {"{\"a\":\"b\"}", "b"},
    {" { \"a\" : \"\\u00e9\\n\\\"\" } ", "é\n\""},
    {"{\"a\":\"\\ud83d\\ude00\"}", "😀"},
    {"{\"a\":\"x\",\"a\":\"y\"}", "y"},
    {"{\"a\":\"\\ud83d\"}", NULL},
    {"{\"a\":\"x\"", NULL},
    {"{\"a\":\"x\"} x", NULL},
    {"{\"a\":\"\\x\"}", NULL},
    {"{\"a\":nul}", NULL},
    {"{\"a\" \"x\"}", NULL},
    {"", NULL},
};

static void json_is_read(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(json_cases); i++) {
        Arena arena = {0};
        const char *text = json_cases[i].text;
        const DeltaJson *json = delta_json_parse(&arena, text, strlen(text));
        assert_int_equal(json != NULL, json_cases[i].member != NULL);
        if (json != NULL) {
            assert_string_equal(delta_json_string(json, "a"), json_cases[i].member);
        }
        arena_free(&arena);
    }
}

static void json_depth_is_bounded(void **state) {
    (void)state;
    Arena arena = {0};
    char deep[2 * JSON_DEPTH_MAX + 4];
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_null(delta_json_parse(&arena, deep, 2 * JSON_DEPTH_MAX + 2));
    assert_non_null(delta_json_parse(&arena, deep + 1, 2 * JSON_DEPTH_MAX));
    arena_free(&arena);
}

// --- paths --------------------------------------------------------------------------------------
static const struct {
    const char *uri;
    const char *path; // NULL: refused
} path_cases[] = {
    {"a%20b/c", "a b/c"},
    {"a+b", "a+b"},
    {"x%253Ay", "x%3Ay"},
    {"%C3%A9", "é"},
    {"/data/x", "/data/x"},
    {"file:/data/x", "/data/x"},
    {"file:///data/x", "/data/x"},
    {"a/../b", "a/../b"},
    {"../b", NULL},
    {"a/../../b", NULL},
    {"a%00b", NULL},
    {"a%2", NULL},
    {"a%zz", NULL},
    {"", NULL},
};

static void paths_are_decoded_once(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(path_cases); i++) {
        Arena arena = {0};
        const char *path = delta_path_decode(&arena, path_cases[i].uri);
        if (path_cases[i].path == NULL) {
            assert_null(path);
        } else {
            assert_string_equal(path, path_cases[i].path);
        }
        arena_free(&arena);
    }
}

static void paths_are_encoded_once(void **state) {
    (void)state;
    Buffer out = {0};
    delta_path_encode(&out, "d=x%3Ay/é +.parquet");
    assert_string_equal(buffer_cstring(&out), "d=x%253Ay/%C3%A9%20%2B.parquet");
    buffer_free(&out);
}

static const struct {
    const char *value; // of the column d; NULL: null
    const char *directory;
} directory_cases[] = {
    {"2024-01-02", "d=2024-01-02"},
    {"a_B.9-", "d=a_B.9-"},
    {"a b", NULL},
    {"a/b", NULL},
    {"é", NULL},
    {NULL, NULL},
    {"1234567890123456789012345678901234567890123456789012345678901234",
     "d=12345678901234567890123456"
     "78901234567890123456789012"
     "345678901234"},
    {"12345678901234567890123456789012345678901234567890123456789012345", NULL},
};

// What is not plain gets an opaque directory of two hex digits.
static void directories_are_plain(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(directory_cases); i++) {
        const char *value = directory_cases[i].value;
        DeltaPair pair = {"d", value, value == NULL ? 0 : strlen(value)};
        DeltaMap map = {.items = &pair, .count = 1};
        Buffer out = {0};
        delta_partition_directory(&out, &map);
        if (directory_cases[i].directory != NULL) {
            assert_string_equal(buffer_cstring(&out), directory_cases[i].directory);
        } else {
            assert_int_equal(out.length, 2);
        }
        buffer_free(&out);
    }
}

// --- partition values ---------------------------------------------------------------------------
static const struct {
    const char *type;
    const char *value;
    const char *text; // as written
} value_cases[] = {
    {"float64", "1", "1.0"},
    {"float64", "1e300", "1.0E300"},
    {"float64", "-1.5e-300", "-1.5E-300"},
    {"float64", "Infinity", "Infinity"},
    {"float64", "NaN", "NaN"},
    {"float32", "0.1", "0.1"},
    {"decimal(10,2)", "12.5", "12.50"},
    {"timestamp", "2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.100000Z"},
    {"timestamp", "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
    {"date", "2024-01-02", "2024-01-02"},
    {"bool", "true", "true"},
    {"duration", "-5", "-5"},
};

static void partition_values_are_written(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(value_cases); i++) {
        Arena arena = {0};
        Buffer out = {0};
        FlowValue value;
        const char *at = value_cases[i].type;
        const char *text = value_cases[i].value;
        const FlowTypeDesc *type = help_type(&arena, &at);
        assert_int_equal(value_parse(&arena, type, text, strlen(text), &value), PARSE_OK);
        assert_true(delta_partition_text(&out, type, &value));
        assert_string_equal(buffer_cstring(&out), value_cases[i].text);
        buffer_free(&out);
        arena_free(&arena);
    }
}

static const struct {
    const char *type;
    const char *text; // as others write it
    const char *value;
} foreign_values[] = {
    {"date", "2024-1-2", "2024-01-02"},
    {"timestamp", "2024-01-02 03:04:05", "2024-01-02T03:04:05Z"},
    {"timestamp", "2024-01-02 03:04:05.5", "2024-01-02T03:04:05.500Z"},
    {"timestamp", "2024-01-02T03:04:05+01:00", "2024-01-02T02:04:05Z"},
    {"timestamp", "2024-01-02", "2024-01-02T00:00:00Z"},
    {"int32", "-7", "-7"},
    {"decimal(10,2)", "1.25E1", "12.50"},
    {"bool", "TRUE", "true"},
    {"float64", "inf", "Infinity"},
    {"float32", "-inf", "-Infinity"},
    {"date", "2024-13-01", NULL},
    {"int8", "128", NULL},
    {"timestamp", "2024-01-02 25:00:00", NULL},
    {"bool", "yes", NULL},
    {"float64", "-infinite", NULL},
};

static void partition_values_of_others_are_read(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(foreign_values); i++) {
        Arena arena = {0};
        Buffer out = {0};
        FlowValue value;
        const char *at = foreign_values[i].type;
        const FlowTypeDesc *type = help_type(&arena, &at);
        const char *text = foreign_values[i].text;
        DeltaPair pair = {"p", text, strlen(text)};
        bool is_read = delta_partition_parse(&arena, type, &pair, &value);
        assert_int_equal(is_read, foreign_values[i].value != NULL);
        if (is_read) {
            value_text(&out, type, &value);
            assert_string_equal(buffer_cstring(&out), foreign_values[i].value);
        }
        buffer_free(&out);
        arena_free(&arena);
    }
}

// --- statistics ---------------------------------------------------------------------------------
#define A32 "abcdefghijklmnopqrstuvwxyzabcdef"

static const struct {
    const char *type;
    const char *min;
    const char *max;
    const char *json; // minValues and maxValues
} stats_cases[] = {
    {"int64", "-1", "5", "\"minValues\":{\"x\":-1},\"maxValues\":{\"x\":5}"},
    {"decimal(38,2)",
     "-1",
     "123456789012345678901234567890123456.78",
     "\"minValues\":{\"x\":-1.00},\"maxValues\":{\"x\":123456789012345678901234567890123456.78}"},
    {"float64", "0.0", "0.0", "\"minValues\":{\"x\":-0.0},\"maxValues\":{\"x\":0.0}"},
    {"date",
     "1969-12-31",
     "2024-01-02",
     "\"minValues\":{\"x\":\"1969-12-31\"},\"maxValues\":{\"x\":\"2024-01-02\"}"},
    {"timestamp",
     "2024-01-02T03:04:05.123456Z",
     "2024-01-02T03:04:05.123456Z",
     "\"minValues\":{\"x\":\"2024-01-02T03:04:05.123Z\"},\"maxValues\":{\"x\":\"2024-01-02T03:04:"
     "05."
     "124Z\"}"},
    {"timestamp",
     "1969-12-31T23:59:59.999999Z",
     "1969-12-31T23:59:59.999999Z",
     "\"minValues\":{\"x\":\"1969-12-31T23:59:59.999Z\"},\"maxValues\":{\"x\":\"1970-01-01T00:00:"
     "00."
     "000Z\"}"},
    {"string",
     A32 "x",
     A32 "x",
     "\"minValues\":{\"x\":\"" A32 "\"},\"maxValues\":{\"x\":\"" A32 "\x7F\"}"},
    {"string",
     A32 "é",
     A32 "é",
     "\"minValues\":{\"x\":\"" A32 "\"},\"maxValues\":{\"x\":\"" A32 "\xF4\x8F\xBF\xBF\"}"},
    {"string", A32, A32, "\"minValues\":{\"x\":\"" A32 "\"},\"maxValues\":{\"x\":\"" A32 "\"}"},
    {"bool", "false", "true", "\"minValues\":{},\"maxValues\":{}"},
    {"bytes", "AA==", "/w==", "\"minValues\":{},\"maxValues\":{}"},
};

static void statistics_are_written(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(stats_cases); i++) {
        Arena arena = {0};
        Buffer out = {0};
        const char *at = stats_cases[i].type;
        FlowColumnDesc desc = {.name = "x", .type = help_type(&arena, &at)};
        DeltaStatsColumn column = {.desc = &desc, .stats.null_count = 2, .stats.has_bounds = true};
        const char *min = stats_cases[i].min;
        const char *max = stats_cases[i].max;
        assert_int_equal(value_parse(&arena, desc.type, min, strlen(min), &column.stats.min),
                         PARSE_OK);
        assert_int_equal(value_parse(&arena, desc.type, max, strlen(max), &column.stats.max),
                         PARSE_OK);
        delta_stats_write(&out, 9, &column, 1);
        assert_string_equal(buffer_cstring(&out),
                            arena_format(&arena,
                                         "{\"numRecords\":9,%s,\"nullCount\":{\"x\":2}}",
                                         stats_cases[i].json));
        buffer_free(&out);
        arena_free(&arena);
    }
}

static void bounds_of_others_are_widened(void **state) {
    (void)state;
    static const char text[] = "{\"minValues\":{\"t\":\"2024-01-02T03:04:05.123Z\",\"f\":\"NaN\"},"
                               "\"maxValues\":{\"t\":\"2024-01-02T03:04:05.123Z\",\"f\":1e999}}";
    Arena arena = {0};
    const FlowTypeDesc time = {.kind = FLOW_TIMESTAMP};
    const FlowTypeDesc real = {.kind = FLOW_INT64};
    const DeltaJson *stats = delta_json_parse(&arena, text, sizeof(text) - 1);
    DeltaBounds bounds = delta_stats_bounds(&arena, stats, "t", &time);
    assert_true(bounds.has_min && bounds.has_max);
    assert_int_equal(bounds.max.i64 - bounds.min.i64, 999);
    bounds = delta_stats_bounds(&arena, stats, "f", &real);
    assert_false(bounds.has_min || bounds.has_max);
    bounds = delta_stats_bounds(&arena, stats, "missing", &real);
    assert_false(bounds.has_min || bounds.has_max);
    arena_free(&arena);
}

// --- checksums, schemas, lines ------------------------------------------------------------------
static void the_hint_has_its_checksum(void **state) {
    (void)state;
    static const char text[] =
        "{\"k0\":\"'v 0'\",\"checksum\":\"x\",\"k1\":{\"k2\":2,\"k3\":[\"v3\",[1,2],{\"k4\":\"v4\","
        "\"k5\":[\"v5\",\"v6\",\"v7\"]}]}}";
    static const char twice[] = "{\"a\":1,\"a\":1}";
    Arena arena = {0};
    char checksum[33];
    assert_true(
        delta_hint_checksum(&arena, delta_json_parse(&arena, text, sizeof(text) - 1), checksum));
    assert_string_equal(checksum, "6a92d155a59bf2eecbd4b4ec7fd1f875");
    assert_false(
        delta_hint_checksum(&arena, delta_json_parse(&arena, twice, sizeof(twice) - 1), checksum));
    arena_free(&arena);
}

static void schemas_are_written(void **state) {
    (void)state;
    HelpColumns columns;
    Arena arena = {0};
    DeltaNames partition = {0};
    *vec_push(&arena, &partition) = "d";
    help_columns(&columns, "a int32, d date, w duration?, s enum(x;y), seq timestamp");
    DeltaSchemaNew wanted = {
        .columns = columns.descs,
        .column_count = 4,
        .partition = &partition,
        .sequence = columns.descs + 4,
        .sequence_count = 1,
    };
    const char *schema = delta_schema_new(&arena, &wanted);
    assert_string_equal(schema,
                        "{\"type\":\"struct\",\"fields\":["
                        "{\"name\":\"a\",\"type\":\"integer\",\"nullable\":false,\"metadata\":{}},"
                        "{\"name\":\"d\",\"type\":\"date\",\"nullable\":true,\"metadata\":{\"flow."
                        "not_null\":true}},"
                        "{\"name\":\"w\",\"type\":\"long\",\"nullable\":true,\"metadata\":{\"flow."
                        "type\":\"duration\"}},"
                        "{\"name\":\"s\",\"type\":\"string\",\"nullable\":false,\"metadata\":{}},"
                        "{\"name\":\"_sequence\",\"type\":\"timestamp\",\"nullable\":true,"
                        "\"metadata\":{\"flow.role\":"
                        "\"sequence\"}}]}");
    DeltaMetadata metadata = {.schema = schema, .partition_columns = partition};
    DeltaSchema parsed;
    assert_null(delta_schema_parse(&arena, &metadata, &parsed));
    assert_int_equal(parsed.columns.count, 4);
    assert_int_equal(parsed.sequence_count, 1);
    assert_int_equal(parsed.columns.items[1].desc.type->is_nullable, 0);
    assert_int_equal(parsed.columns.items[2].desc.type->kind, FLOW_DURATION);
    arena_free(&arena);
    arena_free(&columns.arena);
}

static const char *const lines[] = {
    "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n",
    "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":["
    "\"deletionVectors\"],\"writerFeatures\":[\"deletionVectors\",\"appendOnly\"]}}\n",
    "{\"metaData\":{\"id\":\"i\",\"name\":\"t\",\"format\":{\"provider\":\"parquet\",\"options\":{}"
    "},"
    "\"schemaString\":\"{}\",\"partitionColumns\":[\"d\"],\"configuration\":{\"delta.appendOnly\":"
    "\"true\"},\"createdTime\":1700000000000}}\n",
    "{\"add\":{\"path\":\"a%20b\",\"partitionValues\":{\"d\":\"x\\u0000y\",\"e\":null},\"size\":"
    "8123,"
    "\"modificationTime\":17,\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":3}\"}}\n",
    "{\"remove\":{\"path\":\"a\",\"deletionTimestamp\":9,\"dataChange\":true,"
    "\"extendedFileMetadata\":"
    "true,\"partitionValues\":{},\"size\":8,\"deletionVector\":{\"storageType\":\"u\","
    "\"pathOrInlineDv\":\"p\",\"offset\":1,\"sizeInBytes\":40,\"cardinality\":6}}}\n",
    "{\"txn\":{\"appId\":\"flow:p:s\",\"version\":17,\"lastUpdated\":1700000009000}}\n",
};

static void action_write(Buffer *out, const DeltaAction *action) {
    switch (action->kind) {
    case DELTA_ACTION_PROTOCOL:
        delta_protocol_write(out, &action->protocol);
        return;
    case DELTA_ACTION_METADATA:
        delta_metadata_write(out, &action->metadata);
        return;
    case DELTA_ACTION_ADD:
        delta_add_write(out, &action->file);
        return;
    case DELTA_ACTION_REMOVE:
        delta_remove_write(out, &action->file);
        return;
    case DELTA_ACTION_TXN:
        delta_txn_write(out, &action->txn);
        return;
    default:
        fail();
    }
}

static void lines_are_kept(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        Arena arena = {0};
        Buffer out = {0};
        DeltaAction action;
        assert_true(delta_action_parse(&arena, lines[i], strlen(lines[i]), &action));
        action_write(&out, &action);
        assert_string_equal(buffer_cstring(&out), lines[i]);
        buffer_free(&out);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read),
        cmocka_unit_test(json_depth_is_bounded),
        cmocka_unit_test(paths_are_decoded_once),
        cmocka_unit_test(paths_are_encoded_once),
        cmocka_unit_test(directories_are_plain),
        cmocka_unit_test(partition_values_are_written),
        cmocka_unit_test(partition_values_of_others_are_read),
        cmocka_unit_test(statistics_are_written),
        cmocka_unit_test(bounds_of_others_are_widened),
        cmocka_unit_test(the_hint_has_its_checksum),
        cmocka_unit_test(schemas_are_written),
        cmocka_unit_test(lines_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
