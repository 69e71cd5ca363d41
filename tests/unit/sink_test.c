// Goal: nothing of an epoch is seen before it is committed, all of it afterwards, once, wherever a
// run dies. Method: sinks on a disk in memory that can crash; what a reader sees is the names below
// the target that are not hidden.
#include "sink/sink.h"

#include "sys/sys_memory.h"
#include "text_fixture.h"

#include "format/parquet/parquet.h"

static const int32_t slots[] = {0, 1};

static FlowSink sink_desc(FlowSinkKind kind, FlowFormat format) {
    return (FlowSink){
        .name = "out",
        .kind = (int32_t)kind,
        .format = (int32_t)format,
        .csv_delimiter = ',',
        .csv_header = 1,
        .columns = fixture_pair_columns,
        .columns_count = COUNT_OF(fixture_pair_columns),
        .operator_id = "flow.out",
    };
}

static const SinkOptions options_of_slot_7 = {.path = "out/dir", .writer_id = "7-3", .slot = 7};

// Rows (1, "a"), (2, "b"), … of which only the odd ones are selected.
static Batch *rows_new(uint32_t count) {
    Batch *batch = batch_new(fixture_pair_columns, COUNT_OF(fixture_pair_columns));
    int32_t *selection = batch->abi.selection;
    for (uint32_t row = 0; row < count; row++) {
        static const char *const names[] = {"a", "b", "c", "d"};
        batch_set(batch, 0, row, (FlowValue){.i64 = row + 1});
        batch_set(batch, 1, row, (FlowValue){.view = view_text(names[row % 4])});
        if (row % 2 == 0) {
            selection[batch->abi.selected_count++] = (int32_t)row;
        }
    }
    batch->abi.row_count = (int32_t)count;
    return batch;
}

static Outcome rows_append(Sink *sink, uint32_t count) {
    Batch *batch = rows_new(count);
    Outcome outcome = sink_append(sink, &batch->abi, slots);
    batch_free(batch);
    return outcome;
}

static Sink *sink_new(Sys *sys, const FlowSink *desc, const SinkOptions *options) {
    Sink *sink;
    assert_int_equal(sink_open(sys, desc, options, &sink), OUTCOME_OK);
    return sink;
}

// --- what a reader sees --------------------------------------------------------------------------

static void visible_add(Buffer *out, Sys *sys, const char *directory, bool with_content) {
    Arena arena = {0};
    SysEntry *entries;
    uint32_t count;
    assert_int_equal(sys_list(sys, &arena, directory, &entries, &count), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        char *bytes = NULL;
        size_t length = 0;
        if (entries[i].name[0] == '.' || entries[i].name[0] == '_') {
            continue;
        }
        const char *path = arena_format(&arena, "%s/%s", directory, entries[i].name);
        assert_int_equal(sys_read_all(sys, &arena, path, 1 << 20, &bytes, &length), OUTCOME_OK);
        buffer_format(out, "%s:\n%s", entries[i].name, with_content ? bytes : "");
    }
    arena_free(&arena);
}

static void visible_check(Sys *sys, const char *want) {
    Buffer got = {0};
    visible_add(&got, sys, "out/dir", true);
    fixture_compare("out/dir", "files", &got, want);
    buffer_free(&got);
}

static void printed_check(Sys *sys, const char *want) {
    const Buffer *printed = sys_memory_stream(sys, 1);
    assert_int_equal(printed->length, strlen(want));
    assert_memory_equal(printed->data, want, printed->length);
}

// --- standard output -----------------------------------------------------------------------------

static void lines_are_printed_at_commit(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_STDOUT, FLOW_FORMAT_BY_SUFFIX);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 3), OUTCOME_OK);
    assert_int_equal(rows_append(sink, 1), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    printed_check(sys, "");
    assert_int_equal(sink_commit(sink), OUTCOME_OK);
    printed_check(
        sys, "{\"id\":1,\"name\":\"a\"}\n{\"id\":3,\"name\":\"c\"}\n{\"id\":1,\"name\":\"a\"}\n");
    sink_close(sink);
    sys_memory_free(sys);
}

static void lines_of_an_undecided_epoch_are_never_printed(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_STDOUT, FLOW_FORMAT_BY_SUFFIX);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 3), OUTCOME_OK);
    sink_abort(sink);
    sink_close(sink);
    printed_check(sys, "");
    sys_memory_free(sys);
}

static void lines_are_printed_from_the_outbox_after_a_crash(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_STDOUT, FLOW_FORMAT_BY_SUFFIX);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    Buffer outbox = {0};
    assert_int_equal(rows_append(sink, 1), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    sink_outbox(sink, &outbox);
    sink_close(sink);
    assert_int_equal(sink_outbox_commit(sys, outbox.data, outbox.length), OUTCOME_OK);
    printed_check(sys, "{\"id\":1,\"name\":\"a\"}\n");
    buffer_free(&outbox);
    sys_memory_free(sys);
}

enum { MANY_BATCHES = 300 };

static void many_append(Sink *sink) {
    Batch *batch = rows_new(4096);
    for (int i = 0; i < MANY_BATCHES; i++) {
        assert_int_equal(sink_append(sink, &batch->abi, slots), OUTCOME_OK);
    }
    batch_free(batch);
}

static int64_t lines_count(const Buffer *text) {
    int64_t count = 0;
    for (size_t i = 0; i < text->length; i++) {
        count += text->data[i] == '\n';
    }
    return count;
}

// More lines than memory is given to: they wait in a file, which is gone afterwards.
static void many_lines_wait_in_a_file(void **state) {
    (void)state;
    static const char *const directories[] = {NULL, "state/stage"};
    for (size_t i = 0; i < COUNT_OF(directories); i++) {
        Sys *sys = sys_memory_new(1);
        FlowSink desc = sink_desc(FLOW_SINK_STDOUT, FLOW_FORMAT_BY_SUFFIX);
        SinkOptions options = options_of_slot_7;
        options.stage_directory = directories[i];
        Sink *sink = sink_new(sys, &desc, &options);
        many_append(sink);
        assert_int_equal(sink_prepare(sink), OUTCOME_OK);
        printed_check(sys, "");
        assert_int_equal(sink_commit(sink), OUTCOME_OK);
        assert_int_equal(lines_count(sys_memory_stream(sys, 1)), MANY_BATCHES * 4096 / 2);
        sink_close(sink);
        Buffer left = {0};
        sys_memory_dump(sys, &left);
        fixture_compare("left", "files", &left, "");
        buffer_free(&left);
        sys_memory_free(sys);
    }
}

static void many_lines_survive_a_crash_beside_the_checkpoint(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_STDOUT, FLOW_FORMAT_BY_SUFFIX);
    SinkOptions options = options_of_slot_7;
    options.stage_directory = "state/stage";
    Sink *sink = sink_new(sys, &desc, &options);
    Buffer outbox = {0};
    many_append(sink);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    sink_outbox(sink, &outbox);
    Sys *after = sys_memory_crashed_disk(sys, 5, SYS_CRASH_STRICT);
    sink_close(sink);
    assert_int_equal(sink_outbox_commit(after, outbox.data, outbox.length), OUTCOME_OK);
    assert_int_equal(lines_count(sys_memory_stream(after, 1)), MANY_BATCHES * 4096 / 2);
    buffer_free(&outbox);
    sys_memory_free(after);
    sys_memory_free(sys);
}

// --- files ---------------------------------------------------------------------------------------

#define PART "part-00000000000000000007-2df367bb-7-3-00000"

typedef struct FormatCase {
    FlowFormat format;
    const char *want;
} FormatCase;

static const FormatCase formats[] = {
    {FLOW_FORMAT_NDJSON,
     PART
     ".ndjson:\n{\"id\":1,\"name\":\"a\"}\n{\"id\":3,\"name\":\"c\"}\n{\"id\":1,\"name\":\"a\"}\n"},
    {FLOW_FORMAT_BY_SUFFIX,
     PART
     ".ndjson:\n{\"id\":1,\"name\":\"a\"}\n{\"id\":3,\"name\":\"c\"}\n{\"id\":1,\"name\":\"a\"}\n"},
    {FLOW_FORMAT_CSV, PART ".csv:\nid,name\n1,a\n3,c\n1,a\n"},
};

static void files_appear_at_commit(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        Sys *sys = sys_memory_new(1);
        FlowSink desc = sink_desc(FLOW_SINK_FILES, formats[i].format);
        Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
        assert_int_equal(rows_append(sink, 3), OUTCOME_OK);
        assert_int_equal(rows_append(sink, 1), OUTCOME_OK);
        visible_check(sys, "");
        assert_int_equal(sink_prepare(sink), OUTCOME_OK);
        visible_check(sys, "");
        assert_int_equal(sink_commit(sink), OUTCOME_OK);
        visible_check(sys, formats[i].want);
        sink_close(sink);
        visible_check(sys, formats[i].want);
        SysStat stat;
        assert_int_equal(sys_stat(sys, "out/dir/.flow-stage", &stat), OUTCOME_OK);
        assert_false(stat.exists);
        sys_memory_free(sys);
    }
}

static void an_index_says_what_the_epoch_brought(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_NDJSON);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 1), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    assert_int_equal(sink_commit(sink), OUTCOME_OK);
    sink_close(sink);
    Arena arena = {0};
    SysEntry *entries;
    uint32_t count;
    assert_int_equal(sys_list(sys, &arena, "out/dir/_flow", &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 1);
    char *bytes;
    size_t length;
    const char *path = arena_format(&arena, "out/dir/_flow/%s", entries[0].name);
    assert_int_equal(sys_read_all(sys, &arena, path, 1 << 20, &bytes, &length), OUTCOME_OK);
    assert_non_null(strstr(
        bytes, "{\"slot\":7,\"files\":[{\"name\":\"" PART ".ndjson\",\"rows\":1,\"bytes\":20,"));
    arena_free(&arena);
    sys_memory_free(sys);
}

static Outcome parquet_read(void *user, int64_t offset, void *bytes, size_t length) {
    const Buffer *file = user;
    assert_true((size_t)offset + length <= file->length);
    memcpy(bytes, file->data + offset, length);
    return OUTCOME_OK;
}

static void parquet_files_are_whole(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_PARQUET);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 5), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    assert_int_equal(sink_commit(sink), OUTCOME_OK);
    sink_close(sink);
    Arena arena = {0};
    Buffer file = {0};
    assert_int_equal(
        sys_read_all(sys, &arena, "out/dir/" PART ".parquet", 1 << 20, &file.data, &file.length),
        OUTCOME_OK);
    Failure failure = {0};
    ParquetReader *reader;
    assert_int_equal(
        parquet_reader_open(
            parquet_read, &file, (int64_t)file.length, fixture_pair_columns, 2, &failure, &reader),
        OUTCOME_OK);
    assert_int_equal(parquet_reader_rows(reader), 3);
    parquet_reader_free(reader);
    arena_free(&arena);
    sys_memory_free(sys);
}

static void without_rows_there_are_no_files(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_CSV);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 0), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    assert_int_equal(sink_commit(sink), OUTCOME_OK);
    sink_close(sink);
    Buffer left = {0};
    sys_memory_dump(sys, &left);
    fixture_compare("left", "files", &left, "");
    buffer_free(&left);
    sys_memory_free(sys);
}

static void an_abort_leaves_nothing(void **state) {
    (void)state;
    for (int prepared = 0; prepared < 2; prepared++) {
        Sys *sys = sys_memory_new(1);
        FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_PARQUET);
        Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
        assert_int_equal(rows_append(sink, 3), OUTCOME_OK);
        if (prepared != 0) {
            assert_int_equal(sink_prepare(sink), OUTCOME_OK);
        }
        sink_abort(sink);
        sink_close(sink);
        assert_int_equal(sys->failure.outcome, OUTCOME_OK);
        Buffer left = {0};
        sys_memory_dump(sys, &left);
        fixture_compare("left", "files", &left, "");
        buffer_free(&left);
        sys_memory_free(sys);
    }
}

// --- committing again ----------------------------------------------------------------------------

#define ONE_ROW PART ".ndjson:\n{\"id\":1,\"name\":\"a\"}\n"

static void outbox_make(Sys *sys, Buffer *outbox) {
    FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_NDJSON);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 1), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    sink_outbox(sink, outbox);
    sink_close(sink);
}

static void a_commit_again_changes_nothing(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer outbox = {0};
    outbox_make(sys, &outbox);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sink_outbox_commit(sys, outbox.data, outbox.length), OUTCOME_OK);
        visible_check(sys, ONE_ROW);
    }
    assert_int_equal(sys_unlink(sys, "out/dir/" PART ".ndjson"), OUTCOME_OK);
    assert_int_equal(sink_outbox_commit(sys, outbox.data, outbox.length), OUTCOME_OK);
    visible_check(sys, ""); // A reader took the file away: it does not come back.
    buffer_free(&outbox);
    sys_memory_free(sys);
}

static void a_name_that_is_taken_by_others_is_refused(void **state) {
    (void)state;
    static const char *const found[] = {
        "{\"id\":1,\"name\":\"a\"}\n", "{\"id\":1,\"name\":\"x\"}\n", ""};
    for (size_t i = 0; i < COUNT_OF(found); i++) {
        Sys *sys = sys_memory_new(1);
        Buffer outbox = {0};
        outbox_make(sys, &outbox);
        sys_memory_put(sys, "out/dir/" PART ".ndjson", found[i], strlen(found[i]));
        Outcome outcome = sink_outbox_commit(sys, outbox.data, outbox.length);
        assert_int_equal(outcome, i == 0 ? OUTCOME_OK : OUTCOME_REFUSED);
        buffer_free(&outbox);
        sys_memory_free(sys);
    }
}

static void a_corrupt_outbox_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer outbox = {0};
    outbox_make(sys, &outbox);
    for (size_t length = 0; length < outbox.length; length++) {
        assert_int_equal(sink_outbox_commit(sys, outbox.data, length), OUTCOME_REFUSED);
        sys_forgive(sys);
    }
    buffer_free(&outbox);
    sys_memory_free(sys);
}

// --- crashes -------------------------------------------------------------------------------------

typedef struct CrashRun {
    Sys *sys;
    Buffer outbox;
    bool is_decided;
} CrashRun;

// As an engine runs it; a decision is what would follow PREPARE.
static void crash_run(CrashRun *run) {
    FlowSink desc = sink_desc(FLOW_SINK_FILES, FLOW_FORMAT_NDJSON);
    Sink *sink = sink_new(run->sys, &desc, &options_of_slot_7);
    if (rows_append(sink, 1) == OUTCOME_OK && sink_prepare(sink) == OUTCOME_OK) {
        sink_outbox(sink, &run->outbox);
        run->is_decided = true;
        (void)!sink_commit(sink);
    }
    sink_close(sink);
}

static void crash_check(Sys *sys, const CrashRun *run, uint64_t seed, SysCrash crash) {
    Sys *after = sys_memory_crashed_disk(sys, seed, crash);
    if (run->is_decided) {
        assert_int_equal(sink_outbox_commit(after, run->outbox.data, run->outbox.length),
                         OUTCOME_OK);
        visible_check(after, ONE_ROW);
    } else {
        visible_check(after, "");
    }
    sys_memory_free(after);
}

static void wherever_a_run_dies_the_epoch_is_there_or_not(void **state) {
    (void)state;
    enum { OPERATIONS_MAX = 60, SEEDS = 12 };
    int decided_count = 0;
    for (uint64_t at = 0; at < OPERATIONS_MAX; at++) {
        CrashRun run = {.sys = sys_memory_new(1)};
        sys_memory_crash_after(run.sys, at);
        crash_run(&run);
        decided_count += run.is_decided;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            crash_check(run.sys, &run, seed, (SysCrash)(seed % 3));
        }
        buffer_free(&run.outbox);
        sys_memory_free(run.sys);
    }
    assert_true(decided_count > 3 && decided_count < OPERATIONS_MAX - 3);
}

static void every_failing_operation_is_reported(void **state) {
    (void)state;
    for (uint64_t at = 1; at < 12; at++) {
        Sys *sys = sys_memory_new(1);
        sys_memory_fail_at(sys, at, SYS_FAULT_SPACE);
        CrashRun run = {.sys = sys};
        crash_run(&run);
        assert_true(run.is_decided || sys->failure.outcome == OUTCOME_ENVIRONMENT);
        if (!run.is_decided) {
            visible_check(sys, "");
        }
        buffer_free(&run.outbox);
        sys_memory_free(sys);
    }
}

// --- discard -------------------------------------------------------------------------------------

static void discard_does_nothing(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    FlowSink desc = sink_desc(FLOW_SINK_DISCARD, FLOW_FORMAT_BY_SUFFIX);
    Sink *sink = sink_new(sys, &desc, &options_of_slot_7);
    assert_int_equal(rows_append(sink, 3), OUTCOME_OK);
    assert_int_equal(sink_prepare(sink), OUTCOME_OK);
    assert_int_equal(sink_commit(sink), OUTCOME_OK);
    sink_close(sink);
    assert_int_equal(sys_memory_operations(sys), 0);
    printed_check(sys, "");
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_printed_at_commit),
        cmocka_unit_test(lines_of_an_undecided_epoch_are_never_printed),
        cmocka_unit_test(lines_are_printed_from_the_outbox_after_a_crash),
        cmocka_unit_test(many_lines_wait_in_a_file),
        cmocka_unit_test(many_lines_survive_a_crash_beside_the_checkpoint),
        cmocka_unit_test(files_appear_at_commit),
        cmocka_unit_test(an_index_says_what_the_epoch_brought),
        cmocka_unit_test(parquet_files_are_whole),
        cmocka_unit_test(without_rows_there_are_no_files),
        cmocka_unit_test(an_abort_leaves_nothing),
        cmocka_unit_test(a_commit_again_changes_nothing),
        cmocka_unit_test(a_name_that_is_taken_by_others_is_refused),
        cmocka_unit_test(a_corrupt_outbox_is_refused),
        cmocka_unit_test(wherever_a_run_dies_the_epoch_is_there_or_not),
        cmocka_unit_test(every_failing_operation_is_reported),
        cmocka_unit_test(discard_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
