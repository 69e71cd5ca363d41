// Goal: a moment finds the version that was the table's newest then, whatever happened to the files
// of the log. Method: logs of commits without rows, with file times and timestamps of their own.
#include "delta_help.h"

enum { MS = 1000 };

typedef struct Commit {
    int64_t file_ms; // when its file was last changed
    int64_t own_ms;  // inCommitTimestamp; 0: none
} Commit;

#define METADATA(configuration)                                                                    \
    "{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"            \
    "\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\","     \
    "\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}]}\","                    \
    "\"partitionColumns\":[],\"configuration\":{" configuration "}}}\n"

static void commit_put(Sys *sys, int64_t version, Commit commit, const char *more) {
    Arena arena = {0};
    const char *own =
        commit.own_ms == 0
            ? ""
            : arena_format(&arena, ",\"inCommitTimestamp\":%lld", (long long)commit.own_ms);
    const char *text =
        arena_format(&arena, "{\"commitInfo\":{\"operation\":\"WRITE\"%s}}\n%s", own, more);
    sys_memory_hold_clock(sys, commit.file_ms * MS);
    sys_memory_put(sys,
                   arena_format(&arena, "t/_delta_log/%020lld.json", (long long)version),
                   text,
                   strlen(text));
    arena_free(&arena);
}

static int64_t version_at(Sys *sys, int64_t us) {
    int64_t version = -2;
    Outcome outcome = delta_version_at(sys, "t", us, &version);
    if (outcome == OUTCOME_OK) {
        return version;
    }
    assert_int_equal(outcome, OUTCOME_REFUSED);
    sys_forgive(sys);
    return -1;
}

static void file_times_increase(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    const char *first =
        "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n" METADATA("");
    commit_put(sys, 0, (Commit){1000, 0}, first);
    commit_put(sys, 1, (Commit){900, 0}, ""); // a clock was turned back: 1001
    commit_put(sys, 2, (Commit){900, 0}, ""); // 1002
    commit_put(sys, 3, (Commit){5000, 0}, "");
    assert_int_equal(version_at(sys, 999 * MS + 999), -1);
    assert_int_equal(version_at(sys, 1000 * MS), 0);
    assert_int_equal(version_at(sys, 1001 * MS), 1);
    assert_int_equal(version_at(sys, 1002 * MS), 2);
    assert_int_equal(version_at(sys, 4999 * MS + 999), 2);
    assert_int_equal(version_at(sys, 5000 * MS), 3);
    assert_int_equal(version_at(sys, INT64_MAX), 3);
    assert_int_equal(version_at(sys, INT64_MIN), -1);
    sys_memory_free(sys);
}

// From version 2 on commits say their times themselves; the log was copied at 9000.
static void times_of_commits_replace_those_of_files(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    const char *first = "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":7,"
                        "\"writerFeatures\":[\"inCommitTimestamp\"]}}\n" METADATA("");
    const char *enabled = METADATA("\"delta.enableInCommitTimestamps\":\"true\","
                                   "\"delta.inCommitTimestampEnablementVersion\":\"2\","
                                   "\"delta.inCommitTimestampEnablementTimestamp\":\"3000\"");
    commit_put(sys, 0, (Commit){1000, 0}, first);
    commit_put(sys, 1, (Commit){9000, 0}, "");
    commit_put(sys, 2, (Commit){9000, 3000}, enabled);
    commit_put(sys, 3, (Commit){9000, 4000}, "");
    assert_int_equal(version_at(sys, 999 * MS), -1);
    assert_int_equal(version_at(sys, 2999 * MS), 0);
    assert_int_equal(version_at(sys, 3000 * MS), 2);
    assert_int_equal(version_at(sys, 3999 * MS), 2);
    assert_int_equal(version_at(sys, 4000 * MS), 3);
    assert_int_equal(version_at(sys, 10000 * MS), 3);
    sys_memory_free(sys);
}

static void no_table_has_no_version(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    assert_int_equal(version_at(sys, 1000 * MS), -1);
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_times_increase),
        cmocka_unit_test(times_of_commits_replace_those_of_files),
        cmocka_unit_test(no_table_has_no_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
