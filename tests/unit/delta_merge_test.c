// Goal: after any sequence of merges a table holds, of each key, the newest change by order,
// whatever came in which run; deletes stay deleted; what changes nothing writes nothing. Method:
// runs as tables of text, and random runs against a model that knows all changes at once.
#include "delta_help.h"

#define T0 ((int64_t)1700000000 * 1000000)
#define DAY ((int64_t)86400 * 1000000)

enum { RUNS_MAX = 8 };

// Columns behind the orders: `at` of a history (all but the key is tracked), and the flags.
enum { MARK_DELETE = 1, MARK_TRUNCATE = 2, MARK_HISTORY = 4 };

typedef struct MergeCase {
    const char *name;
    const char *columns; // the table's
    const char *key;
    const char *partition;
    const char *orders;         // order columns
    unsigned marks;             // true: deletes; MARK_…
    const char *runs[RUNS_MAX]; // changes, each run a merge
    const char *rows;
    int64_t version; // of the table at the end
} MergeCase;

static const MergeCase cases[] = {
    {"rows are put in, replaced and taken out",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     true,
     {"1|a|1|false\n2|b|1|false\n", "2|c|2|false\n1|-|2|true\n3|d|2|false\n"},
     "2|c\n3|d\n",
     1},
    {"of one run the newest counts, of equals the later",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"1|b|2\n1|a|1\n2|x|5\n2|y|5\n"},
     "1|b\n2|y\n",
     0},
    {"an older change in a later run does not count",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"1|new|9\n2|k|1\n", "1|old|5\n", "1|same|9\n"},
     "1|same\n2|k\n",
     1},
    {"null is the oldest order",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64?",
     false,
     {"1|a|1\n2|b|-\n", "1|x|-\n2|y|-\n"},
     "1|a\n2|y\n",
     1},
    {"what changes nothing writes nothing",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     true,
     {"1|a|1|false\n2|-|1|false\n3|c|9|true\n", "1|a|1|false\n2|-|1|false\n3|c|9|true\n"},
     "1|a\n2|-\n",
     0},
    {"a deleted row does not come back by an older change",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     true,
     {"1|a|1|false\n", "1|-|5|true\n", "1|old|4|false\n", "1|back|6|false\n"},
     "1|back\n",
     2},
    {"a delete of a row not yet there is remembered",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     true,
     {"7|-|5|true\n", "7|late|4|false\n8|x|1|false\n"},
     "8|x\n",
     1},
    {"an older delete does not delete",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     true,
     {"1|a|5|false\n", "1|-|4|true\n"},
     "1|a\n",
     0},
    {"the order of a change that wrote nothing counts",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"1|a|1\n", "1|a|9\n", "1|between|5\n", "1|after|10\n"},
     "1|after\n",
     2},
    {"keys that begin alike are told apart, file by file",
     "id string, name string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"customer-0002|b|1\ncustomer-00|a|1\n",
      "customer-0009|i|1\ncustomer-|-|1\n",
      "customer-0002|B|2\ncustomer-0009|I|2\ncustomer-00|A|2\ncustomer-|x|2\ncustomer-0003|c|2\n"},
     "customer-0002|B\ncustomer-0003|c\ncustomer-0009|I\ncustomer-00|A\ncustomer-|x\n",
     2},
    {"values of every width are compared and replaced",
     "id int32, a bool?, b int8?, c int16?, d date?, e decimal(9,2)?, f decimal(38,2)?, g "
     "float64?, "
     "h float32?, i string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"1|true|1|1|2026-01-01|1.00|1.00|1.5|1.5|a|1\n2|-|-|-|-|-|-|-|-|-|1\n"
      "3|true|1|1|2026-01-01|1.00|1.00|NaN|0.0|a string beyond twelve|1\n",
      "1|true|1|1|2026-01-01|1.00|1.00|1.5|1.5|a|1\n2|-|-|-|-|-|-|-|-|-|1\n"
      "3|true|1|1|2026-01-01|1.00|1.00|NaN|-0.0|a string beyond twelve|1\n",
      "1|false|2|2|2026-01-02|2.00|2.00|2.5|2.5|a string beyond twelve|3\n"
      "2|-|-|-|-|-|2.00|-|-|-|3\n"
      "3|true|1|1|2026-01-01|1.00|1.00|NaN|0.0|a string beyond eleven|3\n"},
     "1|false|2|2|2026-01-02|2.00|2.00|2.5|2.5|a string beyond twelve\n2|-|-|-|-|-|2.00|-|-|-\n"
     "3|true|1|1|2026-01-01|1.00|1.00|NaN|0.0|a string beyond eleven\n",
     1},
    {"several order values are compared in turn",
     "id int64, name string?",
     " id ",
     NULL,
     "at timestamp, seq string?",
     true,
     {"1|a|2024-01-01T00:00:00Z|m|false\n2|b|2024-01-02T00:00:00Z|m|false\n",
      "1|b|2024-01-01T00:00:00Z|n|false\n2|c|2024-01-01T00:00:00Z|z|false\n",
      "1|x|2024-01-01T00:00:00Z|-|false\n2|-|2024-01-02T00:00:00Z|m|true\n",
      "2|no|2024-01-02T00:00:00Z|l|false\n3|new|2024-01-02T00:00:00Z|a string beyond twelve "
      "bytes|false\n",
      "3|newer|2024-01-02T00:00:00Z|a string beyond twelve bytez|false\n"},
     "1|b\n3|newer\n",
     4},
    {.name = "a truncate takes what is older, whichever comes first",
     .columns = "id int64, name string?",
     .key = " id ",
     .orders = "seq int64",
     .marks = MARK_TRUNCATE,
     .runs = {"1|a|1|false\n2|b|7|false\n0|-|5|true\n",
              "3|late|4|false\n4|new|6|false\n",
              "9|-|3|true\n"},
     .rows = "2|b\n4|new\n",
     .version = 1},
    {.name = "of equals what comes after a truncate stays",
     .columns = "id int64, name string?",
     .key = " id ",
     .orders = "seq int64",
     .marks = MARK_TRUNCATE,
     .runs = {"1|a|5|false\n0|-|5|true\n2|b|5|false\n", "3|c|5|false\n"},
     .rows = "2|b\n3|c\n",
     .version = 1},
    {.name = "a row outlasts a truncate by a newer change that wrote nothing",
     .columns = "id int64, name string?",
     .key = " id ",
     .orders = "seq int64",
     .marks = MARK_TRUNCATE,
     .runs = {"1|a|1|false\n2|b|1|false\n", "1|a|9|false\n", "0|-|5|true\n"},
     .rows = "1|a\n",
     .version = 2},
    {.name = "a change between two equal ones splits their row",
     .columns = "id int64, name string?",
     .key = " id ",
     .orders = "seq int64",
     .marks = MARK_DELETE | MARK_HISTORY,
     .runs = {"1|a|1|2024-01-01T00:00:01Z|false\n1|a|9|2024-01-01T00:00:09Z|false\n",
              "1|b|5|2024-01-01T00:00:05Z|false\n1|-|11|2024-01-01T00:00:11Z|true\n",
              "1|b|5|2024-01-01T00:00:05Z|false\n"},
     .rows = "1|a|2024-01-01T00:00:01Z|2024-01-01T00:00:05Z|false\n"
             "1|a|2024-01-01T00:00:09Z|2024-01-01T00:00:11Z|false\n"
             "1|b|2024-01-01T00:00:05Z|2024-01-01T00:00:09Z|false\n",
     .version = 1},
    {"keys of several columns",
     "a string, b date, n decimal(10,2)?",
     " a b ",
     NULL,
     "seq int32",
     true,
     {"x|2024-01-01|1|1|false\nx|2024-01-02|2|1|false\ny|2024-01-01|3|1|false\n",
      "x|2024-01-02|-|2|true\ny|2024-01-01|9.99|2|false\n"},
     "x|2024-01-01|1.00\ny|2024-01-01|9.99\n",
     1},
    {"rows move between partitions",
     "id int64, p string?, n int32",
     " id ",
     " p ",
     "seq int64",
     true,
     {"1|a|1|1|false\n2|a|2|1|false\n3|b|3|1|false\n4|-|4|1|false\n",
      "1|b|1|2|false\n2|a|20|2|false\n4|c|4|2|false\n3|-|3|2|true\n"},
     "1|b|1\n2|a|20\n4|c|4\n",
     1},
    {"the partition is the key",
     "p string, n int32?",
     " p ",
     " p ",
     "seq int64",
     true,
     {"a|1|1|false\nb|2|1|false\n",
      "a|10|2|false\nb|20|2|false\n",
      "b|-|3|true\n",
      "b|2|1|false\n"},
     "a|10\n",
     2},
    {"enums and floats are keys, too",
     "k enum(red;green), f float64, v int64",
     " k f ",
     NULL,
     "seq int64",
     false,
     {"red|0.5|1|1\ngreen|NaN|2|1\nred|-0.0|3|1\n", "green|NaN|20|2\nred|0.0|30|2\n"},
     "green|NaN|20\nred|0.0|30\nred|0.5|1\n",
     1},
    {"without an order the later run wins",
     "id int64, name string?",
     " id ",
     NULL,
     "",
     true,
     {"1|a|false\n2|b|false\n", "1|-|true\n2|c|false\n", "1|again|false\n"},
     "1|again\n2|c\n",
     2},
    {"no change, no version but the first",
     "id int64, name string?",
     " id ",
     NULL,
     "seq int64",
     false,
     {"", "", "1|a|1\n"},
     "1|a\n",
     1},
};

// --- a run --------------------------------------------------------------------------------------
typedef struct Run {
    HelpColumns table_columns;
    HelpColumns columns;
    HelpTable table;
    DeltaWriteOptions options;
    DeltaWrite *write;
    int32_t tracked[HELP_COLUMNS_MAX];
} Run;

static uint32_t column_count(const char *columns) {
    uint32_t count = *columns == '\0' ? 0 : 1;
    for (; *columns != '\0'; columns++) {
        count += *columns == ',';
    }
    return count;
}

static void history_set(Run *run, const MergeCase *c) {
    FlowTable *table = &run->table.table;
    if ((c->marks & MARK_HISTORY) == 0) {
        return;
    }
    table->history = FLOW_HISTORY_SCD2;
    table->tracked = run->tracked;
    for (uint32_t i = 0; i < run->table_columns.count; i++) {
        if ((int32_t)i != table->key[0]) {
            run->tracked[table->tracked_count++] = (int32_t)i;
        }
    }
}

static void run_begin(Run *run, const MergeCase *c, int64_t clock_us) {
    Buffer columns = {0};
    *run = (Run){0};
    buffer_text(&columns, c->columns);
    buffer_format(&columns, "%s%s", *c->orders == '\0' ? "" : ", ", c->orders);
    buffer_text(&columns, (c->marks & MARK_HISTORY) != 0 ? ", at timestamp" : "");
    buffer_text(&columns, (c->marks & MARK_DELETE) != 0 ? ", is_delete bool" : "");
    buffer_text(&columns, (c->marks & MARK_TRUNCATE) != 0 ? ", is_truncate bool" : "");
    help_columns(&run->table_columns, c->columns);
    help_columns(&run->columns, buffer_cstring(&columns));
    // As the compiler does: what a delete does not need may be null.
    help_table(&run->table, &run->table_columns, c->key, c->partition);
    history_set(run, c);
    run->options = (DeltaWriteOptions){
        .mode = DELTA_MERGE,
        .table = &run->table.table,
        .path = "t",
        .writer_id = "w",
        .clock_us = clock_us,
        .order_count = column_count(c->orders),
        .has_delete = (c->marks & MARK_DELETE) != 0,
        .has_truncate = (c->marks & MARK_TRUNCATE) != 0,
        .columns = run->columns.descs,
        .column_count = run->columns.count,
    };
    buffer_free(&columns);
}

static void run_end(Run *run) {
    delta_write_free(run->write);
    arena_free(&run->columns.arena);
    arena_free(&run->table_columns.arena);
}

static void must(Sys *sys, Outcome outcome) {
    if (outcome != OUTCOME_OK) {
        fail_msg("%s", sys->failure.text);
    }
}

static void run_prepare(Sys *sys, Run *run, const char *changes) {
    must(sys, delta_write_open(sys, &run->options, &run->write));
    must(sys, help_append(run->write, &run->columns, changes));
    must(sys, delta_write_prepare(run->write));
}

static int64_t merge_at(Sys *sys, const MergeCase *c, const char *changes, int64_t clock_us) {
    Run run;
    int64_t version;
    run_begin(&run, c, clock_us);
    run_prepare(sys, &run, changes);
    must(sys, delta_write_commit(run.write, &version));
    run_end(&run);
    return version;
}

static void case_holds(const MergeCase *c) {
    Sys *sys = sys_memory_new(3);
    int64_t version = -1;
    for (int i = 0; i < RUNS_MAX && c->runs[i] != NULL; i++) {
        version = merge_at(sys, c, c->runs[i], T0 + i);
    }
    Buffer out = {0};
    help_read(sys, "t", DELTA_LATEST, &out);
    if (strcmp(buffer_cstring(&out), c->rows) != 0 || version != c->version) {
        fail_msg(
            "%s: version %lld and rows\n%s", c->name, (long long)version, buffer_cstring(&out));
    }
    buffer_free(&out);
    sys_memory_free(sys);
}

static void merges_hold_the_newest(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        case_holds(&cases[i]);
    }
}

static const MergeCase plain = {
    .columns = "id int64, name string?",
    .key = " id ",
    .orders = "seq int64",
    .marks = MARK_DELETE,
};
static const MergeCase structured = {
    .columns = "id int64, name string?",
    .key = " id ",
    .orders = "seq int64, minor int32",
    .marks = MARK_DELETE,
};

static void tombstones_expire(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    merge_at(sys, &plain, "1|-|5|true\n2|-|5|true\n", T0);
    merge_at(sys, &plain, "1|young|4|false\n", T0 + 7 * DAY);
    help_expect(sys, "t", DELTA_LATEST, "");
    merge_at(sys, &plain, "2|old|4|false\n", T0 + 7 * DAY + 1);
    help_expect(sys, "t", DELTA_LATEST, "2|old\n");
    sys_memory_free(sys);
}

static void append(Sys *sys, const MergeCase *c, const char *rows) {
    Run run;
    int64_t version;
    run_begin(&run, c, T0);
    run.options.mode = DELTA_APPEND;
    run.options.columns = run.table_columns.descs;
    run.options.column_count = run.table_columns.count;
    must(sys, delta_write_open(sys, &run.options, &run.write));
    must(sys, help_append(run.write, &run.table_columns, rows));
    must(sys, delta_write_prepare(run.write));
    must(sys, delta_write_commit(run.write, &version));
    run_end(&run);
}

// A table that Flow has appended to, or another engine has made, may be merged into.
static void appended_tables_take_merges(void **state) {
    (void)state;
    const MergeCase *kinds[] = {&plain, &structured};
    const char *changes[] = {"1|x|1|false\n3|c|1|false\n", "1|x|1|1|false\n3|c|1|1|false\n"};
    for (int i = 0; i < 2; i++) {
        Sys *sys = sys_memory_new(3);
        append(sys, kinds[i], "1|a\n2|b\n");
        merge_at(sys, kinds[i], changes[i], T0);
        help_expect(sys, "t", DELTA_LATEST, "1|x\n2|b\n3|c\n");
        merge_at(sys, kinds[i], i == 0 ? "1|y|0|false\n" : "1|y|1|0|false\n", T0);
        help_expect(sys, "t", DELTA_LATEST, "1|x\n2|b\n3|c\n");
        sys_memory_free(sys);
    }
}

// Nobody but a merge keeps a key to one row.
static void a_merge_leaves_one_row_of_a_key(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    append(sys, &plain, "1|a\n1|b\n2|a\n3|a\n");
    append(sys, &plain, "1|c\n2|same\n2|same\n3|a\n4|a\n");
    merge_at(sys, &plain, "1|new|1|false\n2|same|1|false\n3|-|1|true\n", T0);
    help_expect(sys, "t", DELTA_LATEST, "1|new\n2|same\n4|a\n");
    merge_at(sys, &plain, "1|old|0|false\n2|newer|2|false\n3|old|0|false\n", T0);
    help_expect(sys, "t", DELTA_LATEST, "1|new\n2|newer\n4|a\n");
    append(sys, &plain, "1|foreign\n");
    merge_at(sys, &plain, "1|old|0|false\n", T0);
    help_expect(sys, "t", DELTA_LATEST, "1|foreign\n1|new\n2|newer\n4|a\n");
    merge_at(sys, &plain, "1|newest|2|false\n", T0);
    help_expect(sys, "t", DELTA_LATEST, "1|newest\n2|newer\n4|a\n");
    sys_memory_free(sys);
}

static void another_order_is_refused(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    Run run;
    merge_at(sys, &plain, "1|a|1|false\n", T0);
    run_begin(&run, &structured, T0);
    assert_int_equal(delta_write_open(sys, &run.options, &run.write), OUTCOME_REFUSED);
    assert_non_null(strstr(sys->failure.text, "order by"));
    run_end(&run);
    sys_memory_free(sys);
}

static const char *first_file(Sys *sys, Arena *arena) {
    SysEntry *entries;
    uint32_t count;
    must(sys, sys_list(sys, arena, "t", &entries, &count));
    for (uint32_t i = 0; i < count; i++) {
        if (!entries[i].is_directory) {
            return arena_format(arena, "t/%s", entries[i].name);
        }
    }
    return NULL;
}

// Statistics exclude the other file, so nobody misses it.
static void only_met_files_are_read(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    Arena arena = {0};
    merge_at(sys, &plain, "1|a|1|false\n2|b|1|false\n", T0);
    must(sys, sys_unlink(sys, first_file(sys, &arena)));
    merge_at(sys, &plain, "11|c|1|false\n12|d|1|false\n", T0);
    merge_at(sys, &plain, "12|e|2|false\n", T0);
    DeltaTable *table;
    must(sys, delta_open(sys, "t", DELTA_LATEST, &table));
    assert_int_equal(delta_file_count(table), 2);
    assert_int_equal(delta_row_count(table), 4);
    delta_close(table);
    arena_free(&arena);
    sys_memory_free(sys);
}

static void staged_merges_can_be_read(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    Run run;
    DeltaScan *scan;
    Buffer out = {0};
    merge_at(sys, &structured, "1|a|1|1|false\n2|b|1|1|false\n", T0);
    run_begin(&run, &structured, T0);
    run_prepare(sys, &run, "2|c|1|2|false\n1|-|2|0|true\n3|d|1|1|false\n");
    must(sys, delta_write_scan(run.write, run.table_columns.descs, 2, &scan));
    must(sys, help_scan(scan, run.table_columns.descs, 2, &out));
    delta_scan_close(scan);
    help_sort(&out);
    assert_string_equal(buffer_cstring(&out), "2|c\n3|d\n");
    help_expect(sys, "t", DELTA_LATEST, "1|a\n2|b\n");
    delta_write_abort(run.write);
    run_end(&run);
    buffer_free(&out);
    sys_memory_free(sys);
}

// --- races and crashes --------------------------------------------------------------------------
static void lost_merges_are_computed_again(void **state) {
    (void)state;
    const char *rows[] = {"1|ours\n2|theirs\n3|new\n", "1|theirs\n2|theirs\n3|new\n"};
    for (int i = 0; i < 2; i++) {
        Sys *sys = sys_memory_new(3);
        Run run;
        int64_t version;
        merge_at(sys, &plain, "1|a|1|false\n2|b|1|false\n", T0);
        run_begin(&run, &plain, T0);
        run_prepare(sys, &run, "1|ours|5|false\n3|new|5|false\n");
        merge_at(sys,
                 &plain,
                 i == 0 ? "1|theirs|4|false\n2|theirs|4|false\n"
                        : "1|theirs|6|false\n2|theirs|4|false\n",
                 T0);
        must(sys, delta_write_commit(run.write, &version));
        assert_int_equal(version, 2);
        run_end(&run);
        help_expect(sys, "t", DELTA_LATEST, rows[i]);
        sys_memory_free(sys);
    }
}

// The process dies after the decision; another has committed in between, or not.
static void merge_outboxes_commit(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        Sys *sys = sys_memory_new(3);
        const MergeCase *c = i % 2 == 0 ? &plain : &structured;
        Run run;
        Buffer outbox = {0};
        int64_t version;
        merge_at(sys,
                 c,
                 i % 2 == 0 ? "1|a|1|false\n2|b|1|false\n" : "1|a|1|1|false\n2|b|1|1|false\n",
                 T0);
        run_begin(&run, c, T0);
        run.options.txn_app_id = "flow:p:s";
        run.options.txn_version = 1;
        run_prepare(sys,
                    &run,
                    i % 2 == 0 ? "1|-|5|true\n2|c|5|false\n3|d|5|false\n"
                               : "1|-|5|1|true\n2|c|5|1|false\n3|d|5|1|false\n");
        delta_write_outbox(run.write, &outbox);
        run_end(&run);
        if (i >= 2) {
            merge_at(sys,
                     c,
                     i % 2 == 0 ? "2|x|4|false\n9|y|1|false\n" : "2|x|4|9|false\n9|y|1|1|false\n",
                     T0);
        }
        for (int k = 0; k < 2; k++) {
            must(sys, delta_outbox_commit(sys, outbox.data, outbox.length, NULL, &version));
            assert_int_equal(version, i >= 2 ? 2 : 1);
        }
        help_expect(sys, "t", DELTA_LATEST, i >= 2 ? "2|c\n3|d\n9|y\n" : "2|c\n3|d\n");
        merge_at(sys, c, i % 2 == 0 ? "1|late|4|false\n" : "1|late|4|1|false\n", T0);
        help_expect(sys, "t", DELTA_LATEST, i >= 2 ? "2|c\n3|d\n9|y\n" : "2|c\n3|d\n");
        buffer_free(&outbox);
        sys_memory_free(sys);
    }
}

typedef struct Other {
    Sys *sys;
    const char *changes;
} Other;

static void other_merges(void *context) {
    Other *other = context;
    merge_at(other->sys, &plain, other->changes, T0);
}

// Another process merges just before each operation of ours in turn: both are in, in order.
static void merges_race_at_every_operation(void **state) {
    (void)state;
    for (uint64_t at = 1; at <= 60; at++) {
        Sys *sys = sys_memory_new(at);
        Other other = {sys_memory_process(sys, at + 1000),
                       "1|theirs|9|false\n2|-|9|true\n4|d|1|false\n"};
        merge_at(sys, &plain, "1|a|1|false\n2|b|1|false\n3|c|1|false\n", T0);
        sys_memory_hook(sys, at, other_merges, &other);
        merge_at(sys, &plain, "1|ours|5|false\n2|ours|5|false\n3|-|5|true\n", T0);
        Buffer out = {0};
        help_read(sys, "t", DELTA_LATEST, &out);
        bool has_acted = strstr(buffer_cstring(&out), "theirs") != NULL;
        assert_string_equal(buffer_cstring(&out),
                            has_acted ? "1|theirs\n4|d\n" : "1|ours\n2|ours\n");
        assert_true(has_acted || at > 15);
        buffer_free(&out);
        sys_memory_free(other.sys);
        sys_memory_free(sys);
    }
}

static void aborted_merges_leave_no_file(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    Run run;
    Buffer dump = {0};
    run_begin(&run, &plain, T0);
    run_prepare(sys, &run, "1|a|1|false\n2|-|1|true\n");
    delta_write_abort(run.write);
    run_end(&run);
    sys_memory_dump(sys, &dump);
    assert_int_equal(dump.length, 0);
    buffer_free(&dump);
    sys_memory_free(sys);
}

// An overwrite begins a table anew: what was deleted before may come back.
static void an_overwrite_forgets(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(3);
    Run run;
    int64_t version;
    merge_at(sys, &plain, "1|-|5|true\n", T0);
    run_begin(&run, &plain, T0);
    run.options.mode = DELTA_OVERWRITE;
    run.options.columns = run.table_columns.descs;
    run.options.column_count = run.table_columns.count;
    must(sys, delta_write_open(sys, &run.options, &run.write));
    must(sys, help_append(run.write, &run.table_columns, "2|b\n"));
    must(sys, delta_write_prepare(run.write));
    must(sys, delta_write_commit(run.write, &version));
    run_end(&run);
    merge_at(sys, &plain, "1|early|4|false\n", T0);
    help_expect(sys, "t", DELTA_LATEST, "1|early\n2|b\n");
    sys_memory_free(sys);
}

// --- a model ------------------------------------------------------------------------------------
enum { MODEL_KEYS = 12, MODEL_RUNS = 12, MODEL_CHANGES = 10 };

// --- large files --------------------------------------------------------------------------------
enum { LARGE_ROWS = 1100000 }; // more than a row group holds

static void large_append(Sys *sys, const MergeCase *c) {
    Run run;
    int64_t version;
    int32_t slots[HELP_COLUMNS_MAX];
    run_begin(&run, c, T0);
    run.options.mode = DELTA_APPEND;
    run.options.column_count = 2;
    must(sys, delta_write_open(sys, &run.options, &run.write));
    Batch *batch = batch_new(run.columns.descs, 2);
    help_slots(slots);
    for (int64_t id = 0; id < LARGE_ROWS;) {
        batch_clear(batch);
        for (uint32_t row = 0; row < FLOW_BATCH_ROWS_MAX && id < LARGE_ROWS; row++, id++) {
            batch_set(batch, 0, row, (FlowValue){.i64 = id});
            batch_set(batch, 1, row, (FlowValue){.i64 = id * 2654435761 % 1000});
            batch->abi.row_count = (int32_t)row + 1;
        }
        batch_select_all(batch);
        must(sys, delta_write_append(run.write, &batch->abi, slots));
    }
    batch_free(batch);
    must(sys, delta_write_prepare(run.write));
    must(sys, delta_write_commit(run.write, &version));
    run_end(&run);
}

// Small files are wanted from now on: so large ones are cut.
static void target_set(Sys *sys) {
    static const char line[] =
        "{\"metaData\":{\"id\":\"5e1a2f0c-0000-4000-8000-000000000001\",\"format\":{\"provider\":"
        "\"parquet\",\"options\":{}},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\","
        "\\\"fields\\\":"
        "[{\\\"name\\\":\\\"id\\\",\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,"
        "\\\"metadata\\\":{}},"
        "{\\\"name\\\":\\\"n\\\",\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{"
        "}}]}\","
        "\"partitionColumns\":[],\"configuration\":{\"delta.targetFileSize\":\"65536\"}}}\n";
    must(sys, sys_write_new(sys, "t/_delta_log/00000000000000000001.json", line, sizeof(line) - 1));
}

typedef struct Sums {
    int64_t rows;
    int64_t ids;
    int64_t numbers;
    int64_t files;
} Sums;

static Sums table_sums(Sys *sys) {
    DeltaTable *table;
    DeltaScan *scan;
    int32_t slots[HELP_COLUMNS_MAX];
    Sums sums = {0};
    help_slots(slots);
    must(sys, delta_open(sys, "t", DELTA_LATEST, &table));
    must(sys, delta_scan_open(table, delta_columns(table), 2, &scan));
    Batch *batch = batch_new(delta_columns(table), 2);
    do {
        must(sys, delta_scan_next(scan, batch, slots));
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            sums.rows++;
            sums.ids += batch_value(batch, 0, row).i64;
            sums.numbers += batch_value(batch, 1, row).i64;
        }
    } while (batch->abi.row_count > 0);
    sums.files = delta_file_count(table);
    batch_free(batch);
    delta_scan_close(scan);
    delta_close(table);
    return sums;
}

static void large_files_are_cut(void **state) {
    (void)state;
    MergeCase c = {.columns = "id int64?, n int64?", .key = " id ", .orders = "seq int64"};
    Sys *sys = sys_memory_new(1);
    large_append(sys, &c);
    target_set(sys);
    Sums before = table_sums(sys);
    assert_int_equal(before.rows, LARGE_ROWS);
    assert_int_equal(before.files, 1);
    // The same values again: what was written of the parts goes, and nothing is committed.
    assert_int_equal(merge_at(sys, &c, "3|283|1\n1099999|239|1\n", T0), 2); // _sequence is new
    assert_int_equal(table_sums(sys).files, 1);
    // Of one part a row changes, one is new: the other part is written as it is.
    assert_int_equal(merge_at(sys, &c, "1099999|1000|2\n1100000|5|2\n", T0 + 1), 3);
    Sums after = table_sums(sys);
    assert_int_equal(after.rows, LARGE_ROWS + 1);
    assert_int_equal(after.ids, before.ids + LARGE_ROWS);
    assert_int_equal(after.numbers, before.numbers + 761 + 5);
    assert_true(after.files >= 3);
    sys_memory_free(sys);
}

typedef struct ModelKey {
    bool is_there;
    bool is_known; // has an order
    int name;
    int order;
} ModelKey;

static uint32_t random_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void model_change(ModelKey *key, int name, int order, bool is_delete) {
    if (key->is_known && order < key->order) {
        return;
    }
    *key = (ModelKey){.is_there = !is_delete, .is_known = true, .name = name, .order = order};
}

static void model_rows(const ModelKey *keys, Buffer *out) {
    buffer_clear(out);
    for (int i = 0; i < MODEL_KEYS; i++) {
        if (keys[i].is_there) {
            buffer_format(out, "%d|n%d|%s\n", i, keys[i].name, i % 2 == 0 ? "even" : "odd");
        }
    }
    help_sort(out);
}

static void random_merges_hold(uint32_t seed) {
    static const MergeCase c = {
        .columns = "id int64, name string?, p string",
        .key = " id ",
        .partition = " p ",
        .orders = "seq int64",
        .marks = MARK_DELETE,
    };
    Sys *sys = sys_memory_new(seed);
    ModelKey keys[MODEL_KEYS] = {0};
    uint32_t random = seed;
    Buffer want = {0};
    for (int i = 0; i < MODEL_RUNS; i++) {
        Buffer changes = {0};
        for (int k = 0; k < MODEL_CHANGES; k++) {
            int key = (int)(random_next(&random) % MODEL_KEYS);
            int name = (int)(random_next(&random) % 3);
            int order = (int)(random_next(&random) % 40);
            bool is_delete = random_next(&random) % 4 == 0;
            buffer_format(&changes,
                          "%d|n%d|%s|%d|%s\n",
                          key,
                          name,
                          key % 2 == 0 ? "even" : "odd",
                          order,
                          is_delete ? "true" : "false");
            model_change(&keys[key], name, order, is_delete);
        }
        merge_at(sys, &c, buffer_cstring(&changes), T0 + i);
        model_rows(keys, &want);
        help_expect(sys, "t", DELTA_LATEST, buffer_cstring(&want));
        buffer_free(&changes);
    }
    buffer_free(&want);
    sys_memory_free(sys);
}

static void random_merges(void **state) {
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        random_merges_hold(seed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_hold_the_newest),
        cmocka_unit_test(tombstones_expire),
        cmocka_unit_test(appended_tables_take_merges),
        cmocka_unit_test(a_merge_leaves_one_row_of_a_key),
        cmocka_unit_test(another_order_is_refused),
        cmocka_unit_test(only_met_files_are_read),
        cmocka_unit_test(staged_merges_can_be_read),
        cmocka_unit_test(lost_merges_are_computed_again),
        cmocka_unit_test(merge_outboxes_commit),
        cmocka_unit_test(merges_race_at_every_operation),
        cmocka_unit_test(aborted_merges_leave_no_file),
        cmocka_unit_test(an_overwrite_forgets),
        cmocka_unit_test(large_files_are_cut),
        cmocka_unit_test(random_merges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
