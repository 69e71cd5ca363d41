// Goal: what was written to a table is what is read from it, by one writer or by several, and a
// table that does not fit is refused with a reason. Method: tables in a disk of memory, written and
// read as text; the other writer acts between our open and our commit.
#include "delta_help.h"

#define T0 ((int64_t)1700000000 * 1000000)

typedef struct Job {
    DeltaMode mode;
    const char *columns;
    const char *partition;
    const char *rows;
    const char *app;
    int64_t txn;
    const char *writer; // NULL: "w"
    bool is_append_only;
    bool is_evolving;
} Job;

typedef struct Open {
    HelpColumns columns;
    HelpTable table;
    DeltaWrite *write;
} Open;

static Outcome job_open(Sys *sys, const Job *job, Open *open) {
    help_columns(&open->columns, job->columns);
    help_table(&open->table, &open->columns, NULL, job->partition);
    open->table.table.is_append_only = job->is_append_only;
    open->table.table.is_evolving = job->is_evolving;
    DeltaWriteOptions options = {
        .mode = job->mode,
        .table = &open->table.table,
        .path = "t",
        .writer_id = job->writer == NULL ? "w" : job->writer,
        .txn_app_id = job->app,
        .txn_version = job->txn,
        .clock_us = T0,
        .columns = open->columns.descs,
        .column_count = open->columns.count,
    };
    open->write = NULL;
    return delta_write_open(sys, &options, &open->write);
}

static Outcome job_prepare(const Job *job, Open *open) {
    TRY(help_append(open->write, &open->columns, job->rows));
    return delta_write_prepare(open->write);
}

static void job_close(Open *open) {
    delta_write_free(open->write);
    arena_free(&open->columns.arena);
}

static Outcome job_run(Sys *sys, const Job *job, int64_t *version) {
    Open open;
    Outcome outcome = job_open(sys, job, &open);
    if (outcome == OUTCOME_OK) {
        outcome = job_prepare(job, &open);
    }
    if (outcome == OUTCOME_OK) {
        outcome = delta_write_commit(open.write, version);
    }
    job_close(&open);
    return outcome;
}

static void run(Sys *sys, const Job *job) {
    int64_t version;
    if (job_run(sys, job, &version) != OUTCOME_OK) {
        fail_msg("%s", sys->failure.text);
    }
}

static const char pairs[] = "id int64, name string?";

// --- writing and reading ------------------------------------------------------------------------
static void appends_add_up(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    help_expect(sys, "t", DELTA_LATEST, "none");
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n2|-\n"});
    run(sys, &(Job){.columns = pairs, .rows = "3|a string beyond twelve bytes\n"});
    help_expect(sys, "t", DELTA_LATEST, "1|a\n2|-\n3|a string beyond twelve bytes\n");
    help_expect(sys, "t", 0, "1|a\n2|-\n");
    sys_memory_free(sys);
}

static void overwrite_replaces(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n2|b\n"});
    run(sys, &(Job){.mode = DELTA_OVERWRITE, .columns = pairs, .rows = "9|z\n"});
    help_expect(sys, "t", DELTA_LATEST, "9|z\n");
    help_expect(sys, "t", 0, "1|a\n2|b\n");
    run(sys, &(Job){.mode = DELTA_OVERWRITE, .columns = pairs, .rows = ""});
    help_expect(sys, "t", DELTA_LATEST, "");
    sys_memory_free(sys);
}

static const struct {
    const char *type;
    const char *values; // a row each; as a partition, too
} type_cases[] = {
    {"bool?", "-\nfalse\ntrue\n"},
    {"int8?", "-\n-128\n127\n"},
    {"int16?", "-\n-32768\n32767\n"},
    {"int32?", "-\n-2147483648\n2147483647\n"},
    {"int64?", "-\n-9223372036854775808\n9223372036854775807\n"},
    {"float32?", "-\n-0.5\n16777216.0\nInfinity\nNaN\n"},
    {"float64?", "-\n-0.1\n1e-300\nInfinity\nNaN\n"},
    {"decimal(9,2)?", "-\n-9999999.99\n0.01\n"},
    {"decimal(18,0)?", "-\n-999999999999999999\n999999999999999999\n"},
    {"decimal(38,10)?", "-\n-1234567890123456789012345678.0123456789\n0.0000000001\n"},
    {"string?", "%\n+\n-\na b\na/b\né=1\nx\n"},
    {"date?", "-\n0001-01-01\n1969-12-31\n9999-12-31\n"},
    {"timestamp?",
     "-\n1582-10-04T00:00:00Z\n1969-12-31T23:59:59.999999Z\n2024-02-29T12:00:00.100Z\n"},
    {"duration?", "-\n-1\n86400000000\n"},
    {"enum(open;paid;a very long value indeed)?", "-\na very long value indeed\nopen\n"},
};

static void type_is_kept(const char *type, const char *values, bool is_partition) {
    char columns[128];
    Buffer rows = {0};
    Buffer found = {0};
    Sys *sys = sys_memory_new(1);
    snprintf(columns, sizeof(columns), "x %s, n int32", type);
    for (const char *at = values; *at != '\0'; at++) {
        size_t length = strcspn(at, "\n");
        buffer_append(&rows, at, length);
        buffer_text(&rows, "|7\n");
        at += length;
    }
    Job job = {.columns = columns, .rows = buffer_cstring(&rows)};
    job.partition = is_partition ? " x " : NULL;
    run(sys, &job);
    help_read(sys, "t", DELTA_LATEST, &found);
    help_sort(&rows);
    assert_string_equal(buffer_cstring(&found), buffer_cstring(&rows));
    buffer_free(&rows);
    buffer_free(&found);
    sys_memory_free(sys);
}

static void every_type_is_kept(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(type_cases); i++) {
        type_is_kept(type_cases[i].type, type_cases[i].values, false);
        type_is_kept(type_cases[i].type, type_cases[i].values, true);
    }
}

static void partition_rows_are_routed(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer rows = {0};
    for (int i = 0; i < 1000; i++) {
        buffer_format(&rows, "%d|p%d\n", i, i % 200); // more partitions than open files
    }
    Job job = {
        .columns = "id int64, part string", .partition = " part ", .rows = buffer_cstring(&rows)};
    run(sys, &job);
    run(sys, &job);
    Buffer twice = {0};
    buffer_append(&twice, rows.data, rows.length);
    buffer_append(&twice, rows.data, rows.length);
    help_sort(&twice);
    help_expect(sys, "t", DELTA_LATEST, buffer_cstring(&twice));
    buffer_free(&twice);
    buffer_free(&rows);
    sys_memory_free(sys);
}

// Delta cannot tell these partitions from null; what would be read back as another row is refused.
static void partitions_that_would_be_null(void **state) {
    static const char *const rows[] = {"|1\n", "a|1\n__HIVE_DEFAULT_PARTITION__|2\n"};
    (void)state;
    for (uint32_t i = 0; i < COUNT_OF(rows); i++) {
        Sys *sys = sys_memory_new(1);
        int64_t version;
        Job job = {.columns = "p string?, n int32", .partition = " p ", .rows = rows[i]};
        assert_int_equal(job_run(sys, &job, &version), OUTCOME_REFUSED);
        assert_string_equal(sys->failure.text,
                            "t: its partition column p takes no empty string and no "
                            "\"__HIVE_DEFAULT_PARTITION__\"");
        help_expect(sys, "t", DELTA_LATEST, "none");
        sys_memory_free(sys);
    }
}

static void partitions_of_null_and_near_it(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    run(sys,
        &(Job){.columns = "p string?, n int32",
               .partition = " p ",
               .rows = "-|1\n |2\n__HIVE_DEFAULT_PARTITION|3\n"});
    help_expect(sys, "t", DELTA_LATEST, " |2\n-|1\n__HIVE_DEFAULT_PARTITION|3\n");
    sys_memory_free(sys);
}

static void a_write_is_read_before_it_is_seen(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job first = {.columns = pairs, .rows = "1|a\n"};
    Job second = {.columns = pairs, .rows = "2|b\n"};
    Open open;
    DeltaScan *scan;
    Buffer out = {0};
    run(sys, &first);
    assert_int_equal(job_open(sys, &second, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&second, &open), OUTCOME_OK);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n");
    assert_int_equal(delta_write_scan(open.write, open.columns.descs, 2, &scan), OUTCOME_OK);
    assert_int_equal(help_scan(scan, open.columns.descs, 2, &out), OUTCOME_OK);
    delta_scan_close(scan);
    help_sort(&out);
    assert_string_equal(buffer_cstring(&out), "1|a\n2|b\n");
    delta_write_abort(open.write);
    job_close(&open);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n");
    buffer_free(&out);
    sys_memory_free(sys);
}

static void aborted_writes_leave_no_file(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job job = {.columns = pairs, .rows = "1|a\n"};
    Open open;
    Buffer dump = {0};
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    delta_write_abort(open.write);
    job_close(&open);
    sys_memory_dump(sys, &dump);
    assert_int_equal(dump.length, 0);
    buffer_free(&dump);
    sys_memory_free(sys);
}

// As a run does that is killed before it decides.
static void stage_and_die(Sys *sys, const Job *job) {
    Open open;
    assert_int_equal(job_open(sys, job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(job, &open), OUTCOME_OK);
    job_close(&open);
}

static void the_next_run_unlinks_what_a_killed_one_staged(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job before = {.columns = pairs, .partition = " name ", .rows = "1|a\n", .writer = "2-1-abcd"};
    Job killed = {.columns = pairs, .partition = " name ", .rows = "2|b\n", .writer = "3-1-abcd"};
    Job other = {.columns = pairs, .partition = " name ", .rows = "3|c\n", .writer = "3-1-beef"};
    Buffer dump = {0};
    run(sys, &before);
    stage_and_die(sys, &killed);
    stage_and_die(sys, &other);
    delta_staged_remove(sys, "t", "3-2-abcd");
    delta_staged_remove(sys, "nowhere", "3-2-abcd");
    sys_memory_dump(sys, &dump);
    assert_null(strstr(buffer_cstring(&dump), "part-3-1-abcd-"));
    assert_non_null(strstr(buffer_cstring(&dump), "part-3-1-beef-")); // another checkpoint's
    help_expect(sys, "t", DELTA_LATEST, "1|a\n");
    buffer_free(&dump);
    sys_memory_free(sys);
}

static void empty_writes_make_a_table_once(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job job = {.columns = pairs, .rows = ""};
    int64_t version;
    assert_int_equal(job_run(sys, &job, &version), OUTCOME_OK);
    assert_int_equal(version, 0);
    assert_int_equal(job_run(sys, &job, &version), OUTCOME_OK);
    assert_int_equal(version, 0);
    help_expect(sys, "t", DELTA_LATEST, "");
    sys_memory_free(sys);
}

// --- tables that do not fit ---------------------------------------------------------------------
static const struct {
    const char *columns;
    const char *partition;
    DeltaMode mode;
    const char *why;
} refusals[] = {
    {"id int64, nam string?", " id ", DELTA_APPEND, "no column nam (string?)"},
    {"id int32, name string?",
     " id ",
     DELTA_APPEND,
     "column id is of type int64 and cannot take int32"},
    {"id int64?, name string?", " id ", DELTA_APPEND, "column id is never null"},
    {"name string?", "", DELTA_APPEND, "column id is never null, but nothing writes it"},
    {"id int64, name string?", " name ", DELTA_APPEND, "partitioned by (id), not by (name)"},
    {"id int64, name string?", " id ", DELTA_OVERWRITE, "append-only"},
};

static void misfits_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        Sys *sys = sys_memory_new(1);
        run(sys,
            &(Job){.columns = pairs, .partition = " id ", .rows = "1|a\n", .is_append_only = true});
        Job job = {
            .mode = refusals[i].mode,
            .columns = refusals[i].columns,
            .partition = refusals[i].partition,
            .rows = "",
        };
        int64_t version;
        assert_int_equal(job_run(sys, &job, &version), OUTCOME_REFUSED);
        assert_non_null(strstr(sys->failure.text, refusals[i].why));
        sys_memory_free(sys);
    }
}

static void missing_nullable_columns_are_null(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    run(sys, &(Job){.columns = "id int64", .rows = "2\n"});
    help_expect(sys, "t", DELTA_LATEST, "1|a\n2|-\n");
    sys_memory_free(sys);
}

static int64_t file_count(Sys *sys) {
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    int64_t count = delta_file_count(table);
    delta_close(table);
    return count;
}

static void evolving_tables_get_columns(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    Job job = {.columns = "id int64, more int32, name string?", .rows = "2|7|b\n"};
    job.is_evolving = true;
    run(sys, &job);
    run(sys, &job);
    help_expect(sys, "t", DELTA_LATEST, "1|a|-\n2|b|7\n2|b|7\n");
    help_expect(sys, "t", 0, "1|a\n");
    assert_int_equal(file_count(sys), 3); // nothing was written again
    run(sys, &(Job){.columns = pairs, .rows = "3|c\n"});
    help_expect(sys, "t", DELTA_LATEST, "1|a|-\n2|b|7\n2|b|7\n3|c|-\n");
    sys_memory_free(sys);
}

// Another writer adds the same column, or one that differs, between our open and our commit.
static void columns_that_come_between(const char *others, Outcome wanted) {
    Sys *sys = sys_memory_new(1);
    Open open;
    int64_t version;
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    Job job = {.columns = "id int64, name string?, more int32?", .rows = "2|b|7\n"};
    job.is_evolving = true;
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    run(sys, &(Job){.columns = others, .rows = "3|c|1\n", .is_evolving = true});
    assert_int_equal(delta_write_commit(open.write, &version), wanted);
    job_close(&open);
    if (wanted == OUTCOME_OK) {
        help_expect(sys, "t", DELTA_LATEST, "1|a|-\n2|b|7\n3|c|1\n");
    }
    sys_memory_free(sys);
}

static void columns_of_others_count(void **state) {
    (void)state;
    columns_that_come_between("id int64, name string?, more int32?", OUTCOME_OK);
    columns_that_come_between("id int64, name string?, more string?", OUTCOME_REFUSED);
    columns_that_come_between("id int64, name string?, More int32?", OUTCOME_REFUSED);
}

static void an_outbox_adds_columns(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Open open;
    Buffer outbox = {0};
    int64_t version;
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    Job job = {.columns = "id int64, more int32, name string?", .rows = "2|7|b\n"};
    job.is_evolving = true;
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    delta_write_outbox(open.write, &outbox);
    job_close(&open);
    run(sys, &(Job){.columns = pairs, .rows = "3|c\n"});
    assert_int_equal(delta_outbox_commit(sys, outbox.data, outbox.length, NULL, &version),
                     OUTCOME_OK);
    help_expect(sys, "t", DELTA_LATEST, "1|a|-\n2|b|7\n3|c|-\n");
    buffer_free(&outbox);
    sys_memory_free(sys);
}

static const struct {
    const char *columns;
    const char *why;
} bad_names[] = {
    {"a;b int64", "\"a;b\" has a character that Delta does not allow"},
    {"name string, Name string", "name and Name are one to Delta"},
};

static void bad_names_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad_names); i++) {
        Sys *sys = sys_memory_new(1);
        int64_t version;
        Job job = {.columns = bad_names[i].columns, .rows = ""};
        assert_int_equal(job_run(sys, &job, &version), OUTCOME_REFUSED);
        assert_non_null(strstr(sys->failure.text, bad_names[i].why));
        sys_memory_free(sys);
    }
}

static void null_in_a_column_without_null_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    HelpColumns wanted;
    DeltaTable *table;
    DeltaScan *scan;
    Buffer out = {0};
    run(sys, &(Job){.columns = pairs, .rows = "1|-\n"});
    help_columns(&wanted, "name string");
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_scan_open(table, wanted.descs, 1, &scan), OUTCOME_OK);
    assert_int_equal(help_scan(scan, wanted.descs, 1, &out), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "name"));
    delta_scan_close(scan);
    delta_close(table);
    arena_free(&wanted.arena);
    buffer_free(&out);
    sys_memory_free(sys);
}

// --- several writers ----------------------------------------------------------------------------
static void lost_race(DeltaMode ours, DeltaMode theirs, const char *rows) {
    Sys *sys = sys_memory_new(1);
    Job base = {.columns = pairs, .rows = "1|a\n"};
    Job loser = {.mode = ours, .columns = pairs, .rows = "2|ours\n"};
    Job winner = {.mode = theirs, .columns = pairs, .rows = "3|theirs\n"};
    Open open;
    int64_t version;
    run(sys, &base);
    assert_int_equal(job_open(sys, &loser, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&loser, &open), OUTCOME_OK);
    run(sys, &winner);
    assert_int_equal(delta_write_commit(open.write, &version), OUTCOME_OK);
    assert_int_equal(version, 2);
    job_close(&open);
    help_expect(sys, "t", DELTA_LATEST, rows);
    sys_memory_free(sys);
}

static void lost_races_are_run_again(void **state) {
    (void)state;
    lost_race(DELTA_APPEND, DELTA_APPEND, "1|a\n2|ours\n3|theirs\n");
    lost_race(DELTA_APPEND, DELTA_OVERWRITE, "2|ours\n3|theirs\n");
    lost_race(DELTA_OVERWRITE, DELTA_APPEND, "2|ours\n");
}

static void two_make_the_same_table(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job job = {.columns = pairs, .rows = "1|a\n"};
    Open open;
    int64_t version;
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    run(sys, &(Job){.columns = pairs, .rows = "2|b\n"});
    assert_int_equal(delta_write_commit(open.write, &version), OUTCOME_OK);
    assert_int_equal(version, 1);
    job_close(&open);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n2|b\n");
    sys_memory_free(sys);
}

typedef struct Other {
    Sys *sys;
    const Job *job;
} Other;

static void other_acts(void *context) {
    Other *other = context;
    run(other->sys, other->job);
}

// Another process appends just before each operation of our commit in turn.
static void races_at_every_operation(void **state) {
    (void)state;
    Job base = {.columns = pairs, .rows = "1|a\n"};
    Job ours = {.columns = pairs, .rows = "2|ours\n"};
    Job theirs = {.columns = pairs, .rows = "3|theirs\n"};
    for (uint64_t at = 1; at <= 40; at++) {
        Sys *sys = sys_memory_new(1);
        Other other = {sys_memory_process(sys, at), &theirs};
        run(sys, &base);
        sys_memory_hook(sys, at, other_acts, &other);
        run(sys, &ours);
        sys_memory_hook(sys, 0, NULL, NULL);
        Buffer out = {0};
        help_read(sys, "t", DELTA_LATEST, &out);
        assert_non_null(strstr(buffer_cstring(&out), "1|a\n2|ours\n"));
        buffer_free(&out);
        sys_memory_free(other.sys);
        sys_memory_free(sys);
    }
}

// --- once ---------------------------------------------------------------------------------------
static void a_txn_counts_once(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Job job = {.columns = pairs, .rows = "1|a\n", .app = "flow:p:s", .txn = 5};
    run(sys, &job);
    run(sys, &job);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n");
    job.txn = 6;
    run(sys, &job);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n1|a\n");
    sys_memory_free(sys);
}

static void an_outbox_commits_after_a_crash(DeltaMode mode, const char *rows) {
    Sys *sys = sys_memory_new(1);
    Job job = {
        .mode = mode,
        .columns = "id int64, name string?, p enum(x;y)",
        .partition = " p ",
        .rows = "2|b|x\n3|-|y\n",
        .app = "a",
        .txn = 1,
    };
    Open open;
    Buffer outbox = {0};
    int64_t version;
    run(sys, &(Job){.columns = job.columns, .partition = " p ", .rows = "1|a|x\n"});
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    delta_write_outbox(open.write, &outbox);
    job_close(&open);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(delta_outbox_commit(sys, outbox.data, outbox.length, NULL, &version),
                         OUTCOME_OK);
        assert_int_equal(version, 1);
    }
    help_expect(sys, "t", DELTA_LATEST, rows);
    buffer_free(&outbox);
    sys_memory_free(sys);
}

static void outboxes_commit_after_a_crash(void **state) {
    (void)state;
    an_outbox_commits_after_a_crash(DELTA_APPEND, "1|a|x\n2|b|x\n3|-|y\n");
    an_outbox_commits_after_a_crash(DELTA_OVERWRITE, "2|b|x\n3|-|y\n");
}

static void a_damaged_outbox_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    int64_t version;
    const char *const boxes[] = {"", "{}", "{\"format\":1}\n", "{\"format\":2,\"path\":\"t\"}\n"};
    for (size_t i = 0; i < COUNT_OF(boxes); i++) {
        assert_int_equal(delta_outbox_commit(sys, boxes[i], strlen(boxes[i]), NULL, &version),
                         OUTCOME_REFUSED);
    }
    sys_memory_free(sys);
}

// What was committed before is read as it is, and not staged again.
static void a_done_write_can_be_read(void **state) {
    (void)state;
    const DeltaMode modes[] = {DELTA_APPEND, DELTA_OVERWRITE};
    for (size_t i = 0; i < COUNT_OF(modes); i++) {
        Sys *sys = sys_memory_new(1);
        Job job = {.mode = modes[i], .columns = pairs, .rows = "1|a\n", .app = "a", .txn = 1};
        Open open;
        DeltaScan *scan;
        Buffer out = {0};
        int64_t version;
        run(sys, &job);
        assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
        assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
        assert_int_equal(delta_write_scan(open.write, open.columns.descs, 2, &scan), OUTCOME_OK);
        assert_int_equal(help_scan(scan, open.columns.descs, 2, &out), OUTCOME_OK);
        delta_scan_close(scan);
        assert_string_equal(buffer_cstring(&out), "1|a\n");
        buffer_clear(&out);
        delta_write_outbox(open.write, &out);
        assert_int_equal(delta_outbox_commit(sys, out.data, out.length, NULL, &version),
                         OUTCOME_OK);
        assert_int_equal(version, 0);
        job_close(&open);
        buffer_free(&out);
        sys_memory_free(sys);
    }
}

static void only_partition_columns_can_be_read(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    HelpColumns wanted;
    DeltaTable *table;
    DeltaScan *scan;
    Buffer out = {0};
    run(sys, &(Job){.columns = "p string, n int32", .partition = " p ", .rows = "a|1\nb|2\na|3\n"});
    help_columns(&wanted, "p enum(a;b)");
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_scan_open(table, wanted.descs, 1, &scan), OUTCOME_OK);
    assert_int_equal(help_scan(scan, wanted.descs, 1, &out), OUTCOME_OK);
    assert_string_equal(buffer_cstring(&out), "a\na\nb\n");
    delta_scan_close(scan);
    delta_close(table);
    arena_free(&wanted.arena);
    buffer_free(&out);
    sys_memory_free(sys);
}

// --- the log ------------------------------------------------------------------------------------
static void log_unlink(Sys *sys, int64_t version) {
    char path[64];
    snprintf(path, sizeof(path), "t/_delta_log/%020lld.json", (long long)version);
    assert_int_equal(sys_unlink(sys, path), OUTCOME_OK);
}

static void checkpoints_stand_for_the_log(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer rows = {0};
    for (int i = 10; i < 23; i++) {
        Buffer row = {0};
        buffer_format(&row, "%d|%s\n", i, i % 2 == 0 ? "even" : "-");
        buffer_append(&rows, row.data, row.length);
        Job job = {
            .columns = pairs,
            .partition = " name ",
            .rows = buffer_cstring(&row),
            .app = "a",
            .txn = i,
        };
        run(sys, &job);
        run(sys, &job); // counts once, also when only the checkpoint knows
        buffer_free(&row);
    }
    for (int64_t version = 0; version <= 10; version++) {
        log_unlink(sys, version);
    }
    help_expect(sys, "t", DELTA_LATEST, buffer_cstring(&rows));
    run(sys, &(Job){.columns = pairs, .rows = "", .app = "a", .txn = 12});
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_version(table), 12);
    assert_int_equal(delta_row_count(table), 13);
    assert_int_equal(delta_file_count(table), 13);
    assert_true(delta_is_partition_column(table, 1));
    delta_close(table);
    buffer_free(&rows);
    sys_memory_free(sys);
}

static void a_broken_checkpoint_is_passed_over(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Buffer rows = {0};
    for (int i = 10; i < 22; i++) {
        char row[16];
        snprintf(row, sizeof(row), "%d|a\n", i);
        buffer_text(&rows, row);
        run(sys, &(Job){.columns = pairs, .rows = row});
    }
    sys_memory_put(
        sys, "t/_delta_log/00000000000000000010.checkpoint.parquet", "PAR1 half a file", 16);
    help_expect(sys, "t", DELTA_LATEST, buffer_cstring(&rows));
    log_unlink(sys, 0);
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "checkpoint cannot be read"));
    buffer_free(&rows);
    sys_memory_free(sys);
}

static void a_gap_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    DeltaTable *table;
    for (int i = 0; i < 4; i++) {
        run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    }
    log_unlink(sys, 2);
    assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "commit 2 is missing"));
    sys_memory_free(sys);
}

static const struct {
    const char *commit;
    const char *why;
} foreign[] = {
    {"{\"protocol\":{\"minReaderVersion\":4,\"minWriterVersion\":7}}\n", "reader of version 4"},
    {"{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":["
     "\"zOrderly\"],"
     "\"writerFeatures\":[\"zOrderly\"]}}\n",
     "table feature zOrderly"},
    {"{\"add\":{\"path\":\"x\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,"
     "\"dataChange\":"
     "true,\"deletionVector\":{\"storageType\":\"u\",\"pathOrInlineDv\":\"x\",\"sizeInBytes\":1,"
     "\"cardinality\":1}}}\n",
     "deletion vector"},
    {"{\"add\":{\"path\":\"%zz\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1}}\n",
     "bad path"},
    {"{\"add\":{\"path\":\"../x\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1}}\n",
     "bad path"},
    {"{\"metaData\":{\"id\":\"i\",\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{"
     "\\\"name\\\":\\\"l\\\",\\\"type\\\":{\\\"type\\\":\\\"array\\\"}}]}\"}}\n",
     "column l is of type array, which is not supported yet"},
    {"{\"add\":\n", "no action"},
};

static void what_is_not_understood_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        Sys *sys = sys_memory_new(1);
        DeltaTable *table;
        run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
        sys_memory_put(sys,
                       "t/_delta_log/00000000000000000001.json",
                       foreign[i].commit,
                       strlen(foreign[i].commit));
        assert_int_equal(delta_open(sys, "t", DELTA_LATEST, &table), OUTCOME_REFUSED);
        assert_non_null(strstr(sys->failure.text, foreign[i].why));
        sys_memory_free(sys);
    }
}

static void unknown_actions_are_passed_over(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    static const char commit[] =
        "{\"commitInfo\":{\"operation\":7}}\n\n{\"news\":{\"a\":[1e999]}}\r\n"
        "{\"cdc\":{\"path\":\"x\"}}";
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    sys_memory_put(sys, "t/_delta_log/00000000000000000001.json", commit, strlen(commit));
    sys_memory_put(sys, "t/_delta_log/00000000000000000002.json.tmp", "x", 1);
    help_expect(sys, "t", DELTA_LATEST, "1|a\n");
    sys_memory_free(sys);
}

static void history_tells_the_commits(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Arena arena = {0};
    DeltaHistory *entries;
    uint32_t count;
    int64_t version;
    run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
    sys_memory_advance(sys, 1000000);
    run(sys, &(Job){.mode = DELTA_OVERWRITE, .columns = pairs, .rows = "1|a\n2|b\n"});
    assert_int_equal(delta_history(sys, &arena, "t", &entries, &count), OUTCOME_OK);
    assert_int_equal(count, 2);
    assert_int_equal(entries[0].version, 1);
    assert_string_equal(entries[0].operation, "WRITE");
    assert_string_equal(entries[0].parameters_json,
                        "{\"mode\":\"Overwrite\",\"partitionBy\":\"[]\"}");
    assert_non_null(strstr(entries[0].metrics_json, "\"numOutputRows\":\"2\""));
    assert_string_equal(entries[0].engine, "flow/0.1.0");
    assert_int_equal(delta_version_at(sys, "t", entries[0].timestamp_ms * 1000 - 1, &version),
                     OUTCOME_OK);
    assert_int_equal(version, 0);
    assert_int_equal(delta_version_at(sys, "t", entries[0].timestamp_ms * 1000, &version),
                     OUTCOME_OK);
    assert_int_equal(version, 1);
    assert_int_equal(delta_version_at(sys, "t", 1, &version), OUTCOME_REFUSED);
    arena_free(&arena);
    sys_memory_free(sys);
}

// --- crashes ------------------------------------------------------------------------------------
// After a crash at any operation the table holds the acknowledged commits, and one more at most;
// the outbox then finishes what was decided.
static void crash_at(uint64_t operations, SysCrash crash, bool *is_done) {
    Sys *sys = sys_memory_new(7);
    Job job = {.columns = pairs, .partition = " id ", .rows = "2|b\n3|c\n", .app = "a", .txn = 1};
    Open open;
    Buffer outbox = {0};
    int64_t version = 0;
    run(sys, &(Job){.columns = pairs, .partition = " id ", .rows = "1|a\n"});
    assert_int_equal(job_open(sys, &job, &open), OUTCOME_OK);
    assert_int_equal(job_prepare(&job, &open), OUTCOME_OK);
    delta_write_outbox(open.write, &outbox);
    sys_memory_crash_after(sys, operations);
    *is_done = delta_write_commit(open.write, &version) == OUTCOME_OK;
    job_close(&open);
    Sys *after = sys_memory_crashed_disk(sys, operations, crash);
    if (*is_done) {
        help_expect(after, "t", DELTA_LATEST, "1|a\n2|b\n3|c\n");
    }
    assert_int_equal(delta_outbox_commit(after, outbox.data, outbox.length, NULL, &version),
                     OUTCOME_OK);
    help_expect(after, "t", DELTA_LATEST, "1|a\n2|b\n3|c\n");
    help_expect(after, "t", 0, "1|a\n");
    // What was reported as done is durable, whoever did it.
    for (uint64_t seed = 0; seed < 8; seed++) {
        Sys *again = sys_memory_crashed_disk(after, seed, SYS_CRASH_STRICT);
        help_expect(again, "t", DELTA_LATEST, "1|a\n2|b\n3|c\n");
        sys_memory_free(again);
    }
    buffer_free(&outbox);
    sys_memory_free(after);
    sys_memory_free(sys);
}

static void commits_survive_crashes(void **state) {
    (void)state;
    for (SysCrash crash = SYS_CRASH_KILL; crash <= SYS_CRASH_ORDERED; crash++) {
        bool is_done = false;
        for (uint64_t operations = 0; !is_done; operations++) {
            crash_at(operations, crash, &is_done);
        }
    }
}

// The same from the first staged byte to the checkpoint of version 10: the table opens, and holds
// the write whole or not at all.
static void whole_write_crash(Sys *sys, uint64_t operations, SysCrash crash, bool *is_done) {
    Job job = {.columns = pairs, .rows = "2|b\n3|c\n"};
    int64_t version;
    sys_memory_crash_after(sys, operations);
    *is_done = job_run(sys, &job, &version) == OUTCOME_OK && !sys_memory_is_dead(sys);
    Sys *after = sys_memory_crashed_disk(sys, operations, crash);
    Buffer out = {0};
    help_read(after, "t", DELTA_LATEST, &out);
    bool is_whole = strcmp(buffer_cstring(&out), "1|a\n2|b\n3|c\n") == 0;
    assert_true(is_whole || (!*is_done && strcmp(buffer_cstring(&out), "1|a\n") == 0));
    buffer_free(&out);
    sys_memory_free(after);
}

static void whole_writes_survive_crashes(void **state) {
    (void)state;
    for (SysCrash crash = SYS_CRASH_KILL; crash <= SYS_CRASH_ORDERED; crash++) {
        bool is_done = false;
        for (uint64_t operations = 0; !is_done; operations++) {
            Sys *sys = sys_memory_new(7);
            for (int i = 0; i < 9; i++) {
                run(sys, &(Job){.columns = pairs, .rows = "", .app = "a", .txn = i});
            }
            run(sys, &(Job){.columns = pairs, .partition = "", .rows = "1|a\n"});
            whole_write_crash(sys, operations, crash, &is_done);
            sys_memory_free(sys);
        }
    }
}

// A full disk at any operation is an error that leaves the table as it was, or no error at all.
static void a_full_disk_is_no_half_write(void **state) {
    (void)state;
    bool is_over = false;
    for (uint64_t at = 1; !is_over; at++) {
        Sys *sys = sys_memory_new(7);
        Job job = {.columns = pairs, .rows = "2|b\n"};
        int64_t version;
        run(sys, &(Job){.columns = pairs, .rows = "1|a\n"});
        uint64_t before = sys_memory_operations(sys);
        sys_memory_fail_at(sys, at, SYS_FAULT_SPACE);
        Outcome outcome = job_run(sys, &job, &version);
        is_over = sys_memory_operations(sys) - before < at;
        assert_true(outcome == OUTCOME_OK || outcome == OUTCOME_ENVIRONMENT);
        Sys *after = sys_memory_process(sys, 1);
        Buffer out = {0};
        help_read(after, "t", DELTA_LATEST, &out);
        bool is_whole = strcmp(buffer_cstring(&out), "1|a\n2|b\n") == 0;
        assert_true(is_whole ||
                    (outcome != OUTCOME_OK && strcmp(buffer_cstring(&out), "1|a\n") == 0));
        buffer_free(&out);
        sys_memory_free(after);
        sys_memory_free(sys);
    }
}

// --- damage -------------------------------------------------------------------------------------
static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void bytes_damage(char *bytes, size_t length, uint32_t *random) {
    static const char hostile[] = "\"\\{}[]:,0-9.eE\n\x00\xff";
    uint32_t count = 1 + random_next(random) % 4;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = random_next(random) % (uint32_t)length;
        bytes[at] = hostile[random_next(random) % (sizeof(hostile) - 1)];
    }
}

// Damaged bytes of a log end in a refusal or in a table, never in anything else.
static void damaged_file_is_survived(const char *path, uint32_t rounds) {
    Sys *sys = sys_memory_new(1);
    Arena arena = {0};
    char *bytes;
    size_t length;
    uint32_t random = 5;
    for (int i = 0; i < 12; i++) {
        run(sys,
            &(Job){.columns = "id int64, p string?", .partition = " p ", .rows = "1|a\n2|-\n"});
    }
    for (int64_t version = 0; version < 10; version++) {
        log_unlink(sys, version);
    }
    assert_int_equal(sys_read_all(sys, &arena, path, 1 << 20, &bytes, &length), OUTCOME_OK);
    for (uint32_t i = 0; i < rounds; i++) {
        Sys *reader = sys_memory_process(sys, i);
        DeltaTable *table;
        char *damaged = arena_copy(&arena, bytes, length);
        bytes_damage(damaged, length, &random);
        sys_memory_put(sys, path, damaged, length);
        Outcome outcome = delta_open(reader, "t", DELTA_LATEST, &table);
        assert_true(outcome == OUTCOME_OK || outcome == OUTCOME_REFUSED);
        delta_close(table);
        sys_memory_free(reader);
    }
    arena_free(&arena);
    sys_memory_free(sys);
}

static void damaged_logs_are_survived(void **state) {
    (void)state;
    damaged_file_is_survived("t/_delta_log/00000000000000000011.json", 2000);
    damaged_file_is_survived("t/_delta_log/00000000000000000010.checkpoint.parquet", 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_add_up),
        cmocka_unit_test(overwrite_replaces),
        cmocka_unit_test(every_type_is_kept),
        cmocka_unit_test(partition_rows_are_routed),
        cmocka_unit_test(partitions_that_would_be_null),
        cmocka_unit_test(partitions_of_null_and_near_it),
        cmocka_unit_test(a_write_is_read_before_it_is_seen),
        cmocka_unit_test(aborted_writes_leave_no_file),
        cmocka_unit_test(the_next_run_unlinks_what_a_killed_one_staged),
        cmocka_unit_test(empty_writes_make_a_table_once),
        cmocka_unit_test(misfits_are_refused),
        cmocka_unit_test(missing_nullable_columns_are_null),
        cmocka_unit_test(evolving_tables_get_columns),
        cmocka_unit_test(columns_of_others_count),
        cmocka_unit_test(an_outbox_adds_columns),
        cmocka_unit_test(bad_names_are_refused),
        cmocka_unit_test(null_in_a_column_without_null_is_refused),
        cmocka_unit_test(lost_races_are_run_again),
        cmocka_unit_test(two_make_the_same_table),
        cmocka_unit_test(races_at_every_operation),
        cmocka_unit_test(a_txn_counts_once),
        cmocka_unit_test(outboxes_commit_after_a_crash),
        cmocka_unit_test(a_damaged_outbox_is_refused),
        cmocka_unit_test(a_done_write_can_be_read),
        cmocka_unit_test(only_partition_columns_can_be_read),
        cmocka_unit_test(checkpoints_stand_for_the_log),
        cmocka_unit_test(a_broken_checkpoint_is_passed_over),
        cmocka_unit_test(a_gap_is_refused),
        cmocka_unit_test(what_is_not_understood_is_refused),
        cmocka_unit_test(unknown_actions_are_passed_over),
        cmocka_unit_test(history_tells_the_commits),
        cmocka_unit_test(commits_survive_crashes),
        cmocka_unit_test(whole_writes_survive_crashes),
        cmocka_unit_test(a_full_disk_is_no_half_write),
        cmocka_unit_test(damaged_logs_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
