// Goal: an overwrite of a part replaces the rows for which its condition is true and leaves the
// files of others alone, whoever else writes the table meanwhile and wherever the process dies.
// Method: tables in a disk of memory; the condition is a plain function, `k >= least`.
#include "delta_help.h"

#define T0 ((int64_t)1700000000 * 1000000)

// --- a condition --------------------------------------------------------------------------------
typedef struct Least {
    int64_t least;
    int32_t calls; // rows that were judged
} Least;

static void *least_new(const void *user, Sys *sys, int64_t clock_us) {
    (void)sys;
    assert_int_equal(clock_us, T0);
    return (void *)(uintptr_t)user;
}

static Outcome least_judge(void *judge, Batch *batch) {
    Least *least = judge;
    int32_t *selection = batch->abi.selection;
    int32_t count = 0;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        bool is_null = batch_is_null(batch, 0, (uint32_t)row);
        selection[count] = row;
        count += !is_null && batch_value(batch, 0, (uint32_t)row).i64 >= least->least;
    }
    least->calls += batch->abi.row_count;
    batch->abi.selected_count = count;
    return OUTCOME_OK;
}

static void least_free(void *judge) {
    (void)judge;
}

static const FlowTypeDesc key_type = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowColumnDesc key_columns[] = {{.name = "k", .type = &key_type, .is_used = 1}};

static DeltaCondition at_least(const Least *least) {
    return (DeltaCondition){
        .text = "k >= least",
        .columns = key_columns,
        .column_count = 1,
        .user = least,
        .judge_new = least_new,
        .judge = least_judge,
        .judge_free = least_free,
    };
}

// --- writes -------------------------------------------------------------------------------------
typedef struct Job {
    const DeltaCondition *condition; // NULL: an append
    const char *partition;
    const char *rows;
    const char *app;
    Tasks *tasks;
} Job;

typedef struct Open {
    HelpColumns columns;
    HelpTable table;
    DeltaWrite *write;
} Open;

static void job_prepare(Sys *sys, const Job *job, Open *open) {
    help_columns(&open->columns, "k int64?, name string?");
    help_table(&open->table, &open->columns, NULL, job->partition);
    DeltaWriteOptions options = {
        .mode = job->condition == NULL ? DELTA_APPEND : DELTA_OVERWRITE,
        .condition = job->condition,
        .table = &open->table.table,
        .path = "t",
        .writer_id = "w",
        .txn_app_id = job->app,
        .clock_us = T0,
        .tasks = job->tasks,
        .columns = open->columns.descs,
        .column_count = open->columns.count,
    };
    assert_int_equal(delta_write_open(sys, &options, &open->write), OUTCOME_OK);
    assert_int_equal(help_append(open->write, &open->columns, job->rows), OUTCOME_OK);
    assert_int_equal(delta_write_prepare(open->write), OUTCOME_OK);
}

static void job_close(Open *open) {
    delta_write_free(open->write);
    arena_free(&open->columns.arena);
}

static void run(Sys *sys, const Job *job) {
    Open open;
    int64_t version;
    job_prepare(sys, job, &open);
    assert_int_equal(delta_write_commit(open.write, &version), OUTCOME_OK);
    job_close(&open);
}

// Three files: below, across and above 10.
static void table_make(Sys *sys, const char *partition) {
    run(sys, &(Job){.rows = "1|a\n-|b\n", .partition = partition});
    run(sys, &(Job){.rows = "9|c\n10|d\n11|e\n", .partition = partition});
    run(sys, &(Job){.rows = "12|f\n13|g\n", .partition = partition});
}

static void files_expect(Sys *sys, int64_t version, int64_t count) {
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", version, &table), OUTCOME_OK);
    assert_int_equal(delta_file_count(table), count);
    delta_close(table);
}

static const char *commit_text(Sys *sys, Arena *arena, int version) {
    char path[64];
    char *bytes = arena_alloc(arena, 65536);
    SysFile *file;
    size_t got;
    snprintf(path, sizeof(path), "t/_delta_log/%020d.json", version);
    assert_int_equal(sys_open(sys, path, SYS_READ, &file), OUTCOME_OK);
    assert_int_equal(sys_read(sys, file, 0, bytes, 65535, &got), OUTCOME_OK);
    assert_int_equal(sys_close(sys, file), OUTCOME_OK);
    bytes[got] = '\0';
    return bytes;
}

static int occurrences(const char *text, const char *of) {
    int count = 0;
    for (const char *at = strstr(text, of); at != NULL; at = strstr(at + 1, of)) {
        count++;
    }
    return count;
}

// --- tests --------------------------------------------------------------------------------------
static void only_met_files_are_touched(void **state) {
    (void)state;
    Tasks *tasks = tasks_new(2);
    for (int i = 0; i < 2; i++) {
        Sys *sys = sys_memory_new(1);
        Arena arena = {0};
        Least least = {.least = 10};
        DeltaCondition condition = at_least(&least);
        table_make(sys, NULL);
        run(sys,
            &(Job){.condition = &condition, .rows = "20|new\n", .tasks = i == 0 ? NULL : tasks});
        help_expect(sys, "t", DELTA_LATEST, "-|b\n1|a\n20|new\n9|c\n");
        const char *commit = commit_text(sys, &arena, 3);
        assert_int_equal(occurrences(commit, "{\"remove\":"), 2);
        assert_int_equal(occurrences(commit, "{\"add\":"), 2);
        assert_int_equal(occurrences(commit, "\"predicate\":\"k >= least\""), 1);
        assert_int_equal(occurrences(commit, "\"numDeletedRows\":\"4\""), 1);
        files_expect(sys, DELTA_LATEST, 3);
        arena_free(&arena);
        sys_memory_free(sys);
    }
    tasks_free(tasks);
}

static void partitions_are_judged_unread(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Least least = {.least = 12};
    DeltaCondition condition = at_least(&least);
    table_make(sys, " k ");
    run(sys, &(Job){.condition = &condition, .rows = "12|n\n", .partition = " k "});
    assert_int_equal(least.calls, 7); // one for each file, one file for each value
    help_expect(sys, "t", DELTA_LATEST, "-|b\n10|d\n11|e\n12|n\n1|a\n9|c\n");
    sys_memory_free(sys);
}

static void files_without_such_rows_are_not_read(void **state) {
    (void)state;
    static const FlowScanTest tests[] = {{.column = 0, .op = FLOW_TEST_GE, .value = 12}};
    Sys *sys = sys_memory_new(1);
    Least least = {.least = 12};
    DeltaCondition condition = at_least(&least);
    table_make(sys, NULL);
    condition.tests = tests;
    condition.test_count = COUNT_OF(tests);
    run(sys, &(Job){.condition = &condition, .rows = "12|n\n"});
    assert_int_equal(least.calls, 2);
    help_expect(sys, "t", DELTA_LATEST, "-|b\n10|d\n11|e\n12|n\n1|a\n9|c\n");
    sys_memory_free(sys);
}

static void nothing_met_and_nothing_new_is_no_commit(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Least least = {.least = 100};
    DeltaCondition condition = at_least(&least);
    table_make(sys, NULL);
    run(sys, &(Job){.condition = &condition, .rows = ""});
    files_expect(sys, DELTA_LATEST, 3);
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_version(table), 2);
    delta_close(table);
    sys_memory_free(sys);
}

static void rows_that_come_between_are_judged(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Open open;
    int64_t version;
    Least least = {.least = 10};
    DeltaCondition condition = at_least(&least);
    table_make(sys, NULL);
    job_prepare(sys, &(Job){.condition = &condition, .rows = "20|new\n"}, &open);
    run(sys, &(Job){.rows = "5|mine\n50|mine\n"});
    assert_int_equal(delta_write_commit(open.write, &version), OUTCOME_OK);
    assert_int_equal(version, 4);
    job_close(&open);
    help_expect(sys, "t", DELTA_LATEST, "-|b\n1|a\n20|new\n5|mine\n9|c\n");
    sys_memory_free(sys);
}

// `is_late`: another writer was quicker than the process that finishes what a dead one decided.
static void outbox_commit(bool is_late, const char *rows) {
    Sys *sys = sys_memory_new(1);
    Buffer outbox = {0};
    Open open;
    int64_t version;
    Least least = {.least = 10};
    DeltaCondition condition = at_least(&least);
    table_make(sys, NULL);
    job_prepare(sys, &(Job){.condition = &condition, .rows = "20|new\n", .app = "a"}, &open);
    delta_write_outbox(open.write, &outbox);
    job_close(&open);
    if (is_late) {
        run(sys, &(Job){.rows = "5|mine\n50|mine\n"});
        assert_int_equal(delta_outbox_commit(sys, outbox.data, outbox.length, NULL, &version),
                         OUTCOME_REFUSED); // nobody can judge 50
        sys_forgive(sys);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(delta_outbox_commit(sys, outbox.data, outbox.length, &condition, &version),
                         OUTCOME_OK);
        help_expect(sys, "t", DELTA_LATEST, rows);
    }
    buffer_free(&outbox);
    sys_memory_free(sys);
}

static void outboxes_commit_after_a_crash(void **state) {
    (void)state;
    outbox_commit(false, "-|b\n1|a\n20|new\n9|c\n");
    outbox_commit(true, "-|b\n1|a\n20|new\n5|mine\n9|c\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_met_files_are_touched),
        cmocka_unit_test(partitions_are_judged_unread),
        cmocka_unit_test(files_without_such_rows_are_not_read),
        cmocka_unit_test(nothing_met_and_nothing_new_is_no_commit),
        cmocka_unit_test(rows_that_come_between_are_judged),
        cmocka_unit_test(outboxes_commit_after_a_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
