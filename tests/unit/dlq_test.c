// Goal: a rejected record becomes one row of a Delta table with exactly the columns of LANGUAGE 7.
// Method: records of every shape, read back as text.
#include "delta_help.h"

#include "dlq/dlq.h"

#define T0 ((int64_t)1700000000 * 1000000)

static const DlqOptions options = {
    .path = "dlq",
    .pipeline = "p",
    .writer_id = "w",
    .epoch = 7,
    .clock_us = T0,
    .raw_keep = true,
};

static const DlqRecord whole = {
    .flow = "f",
    .source = "orders",
    .partition = "a.ndjson",
    .position = 17,
    .reject_class = FLOW_REJECT_CONTRACT,
    .code = "R001",
    .message = "amount >= 0 is not true",
    .expression = "amount >= 0",
    .location = "x.flow:3:7",
    .raw = "{}",
    .raw_length = 2,
    .contract = "Order",
    .contract_version = "2.1.0",
    .has_event_time = true,
    .event_time_us = T0,
};

static void commit(Sys *sys, Dlq *dlq) {
    int64_t version;
    assert_int_equal(dlq_finish(dlq), OUTCOME_OK);
    DeltaWrite *write = dlq_write(dlq);
    assert_non_null(write);
    assert_int_equal(delta_write_prepare(write), OUTCOME_OK);
    assert_int_equal(delta_write_commit(write, &version), OUTCOME_OK);
    (void)sys;
}

static void records_become_rows(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Dlq *dlq = dlq_new(sys, &options);
    DlqRecord bare = {.position = -1,
                      .ordinal = 2,
                      .reject_class = FLOW_REJECT_EXPRESSION,
                      .code = "X",
                      .message = "m"};
    DlqRecord odd = {
        .position = 0, .code = "Y", .message = "bad byte \xff", .partition = "\xc3\x28"};
    assert_int_equal(dlq_add(dlq, &whole), OUTCOME_OK);
    assert_int_equal(dlq_add(dlq, &bare), OUTCOME_OK);
    assert_int_equal(dlq_add(dlq, &odd), OUTCOME_OK);
    assert_int_equal(dlq_count(dlq), 3);
    commit(sys, dlq);
    dlq_free(dlq);
    Buffer want = {0};
    char id[33];
    dlq_record_id(&whole, id);
    buffer_format(
        &want, "%s|p|f|orders|a.ndjson|17|contract|R001|amount >= 0 is not true|amount >= 0|", id);
    buffer_text(&want,
                "x.flow:3:7|e30=|Order|2.1.0|2023-11-14T22:13:20Z|2023-11-14T22:13:20Z|7|1|-\n");
    dlq_record_id(&bare, id);
    buffer_format(
        &want, "%s|p|-|-|-|-|expression|X|m|-|-|-|-|-|-|2023-11-14T22:13:20Z|7|1|-\n", id);
    dlq_record_id(&odd, id);
    buffer_format(
        &want, "%s|p|-|-|?(|0|malformed|Y|bad byte ?|-|-|-|-|-|-|2023-11-14T22:13:20Z|7|1|-\n", id);
    help_sort(&want);
    help_expect(sys, "dlq", DELTA_LATEST, buffer_cstring(&want));
    buffer_free(&want);
    sys_memory_free(sys);
}

static void columns_are_those_of_the_language(void **state) {
    (void)state;
    static const char *const names[] = {
        "record_id string",
        "pipeline string",
        "flow string?",
        "source string?",
        "partition string?",
        "position string?",
        "class string",
        "code string",
        "message string",
        "expression string?",
        "location string?",
        "raw bytes?",
        "contract string?",
        "contract_version string?",
        "event_time timestamp?",
        "rejected_at timestamp",
        "epoch int64",
        "attempts int32",
        "replayed_at timestamp?",
    };
    Sys *sys = sys_memory_new(1);
    Dlq *dlq = dlq_new(sys, &options);
    DeltaTable *table;
    assert_int_equal(dlq_add(dlq, &whole), OUTCOME_OK);
    commit(sys, dlq);
    dlq_free(dlq);
    assert_int_equal(delta_open(sys, "dlq", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_column_count(table), COUNT_OF(names));
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        HelpColumns column;
        const FlowColumnDesc *found = &delta_columns(table)[i];
        help_columns(&column, names[i]);
        assert_string_equal(found->name, column.descs[0].name);
        assert_int_equal(found->type->kind, column.descs[0].type->kind);
        assert_int_equal(found->type->is_nullable, column.descs[0].type->is_nullable);
        arena_free(&column.arena);
    }
    delta_close(table);
    sys_memory_free(sys);
}

static void nothing_rejected_makes_no_table(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Dlq *dlq = dlq_new(sys, &options);
    assert_null(dlq_write(dlq));
    dlq_free(dlq);
    help_expect(sys, "dlq", DELTA_LATEST, "none");
    sys_memory_free(sys);
}

static void long_and_unwanted_raw(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    char *raw = memory_alloc(RAW_BYTES_MAX + 1);
    memset(raw, 'x', RAW_BYTES_MAX + 1);
    for (int keep = 0; keep < 2; keep++) {
        DlqOptions kept = options;
        DlqRecord record = whole;
        DeltaTable *table;
        DeltaScan *scan;
        FlowTypeDesc type = {.kind = FLOW_BYTES, .is_nullable = 1};
        FlowColumnDesc column = {.name = "raw", .type = &type};
        int32_t slot = 0;
        kept.path = keep ? "keep" : "drop";
        kept.raw_keep = keep != 0;
        record.raw = raw;
        record.raw_length = RAW_BYTES_MAX + 1;
        Dlq *dlq = dlq_new(sys, &kept);
        assert_int_equal(dlq_add(dlq, &record), OUTCOME_OK);
        commit(sys, dlq);
        dlq_free(dlq);
        Batch *batch = batch_new(&column, 1);
        assert_int_equal(delta_open(sys, kept.path, DELTA_LATEST, &table), OUTCOME_OK);
        assert_int_equal(delta_scan_open(table, &column, 1, &scan), OUTCOME_OK);
        assert_int_equal(delta_scan_next(scan, batch, &slot), OUTCOME_OK);
        assert_int_equal(batch_is_null(batch, 0, 0), !keep);
        assert_int_equal(keep ? batch_value(batch, 0, 0).view.length : RAW_BYTES_MAX,
                         RAW_BYTES_MAX);
        delta_scan_close(scan);
        delta_close(table);
        batch_free(batch);
    }
    memory_free(raw);
    sys_memory_free(sys);
}

static void many_records_in_one_commit(void **state) {
    (void)state;
    Sys *sys = sys_memory_new(1);
    Dlq *dlq = dlq_new(sys, &options);
    DeltaTable *table;
    for (int64_t i = 0; i < 10000; i++) {
        DlqRecord record = whole;
        record.position = i;
        assert_int_equal(dlq_add(dlq, &record), OUTCOME_OK);
    }
    commit(sys, dlq);
    dlq_free(dlq);
    assert_int_equal(delta_open(sys, "dlq", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_row_count(table), 10000);
    delta_close(table);
    sys_memory_free(sys);
}

// These bytes are in tables: they never change.
static const struct {
    DlqRecord record;
    const char *id;
} ids[] = {
    {{.source = "orders", .partition = "a.ndjson", .position = 17},
     "4a807c8b73026ada7331c315fd7df769"},
    {{.source = "orders", .partition = "a.ndjson", .position = 17, .ordinal = 1},
     "857ece09dbd958265738ba141e3584d5"},
    {{.position = -1}, "3eaa14b23b35c2c9cdbaeb7b5845c751"},
    {{.position = 3, .stage = "f/group"}, "feea83916c00a0014cc6fac160d9a036"},
    {{.position = 3, .stage = "f/group", .epoch = 7, .ordinal = 1},
     "783324d34dda229f5f0b72f1136e9da2"},
    {{.source = "orders", .partition = "a.ndjson", .position = 17, .stage = "f/t", .ordinal = 2},
     "e2b59ffedffdd3c9d242648a6a1d1da2"},
};

static void record_ids_never_change(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ids); i++) {
        char id[33];
        dlq_record_id(&ids[i].record, id);
        assert_string_equal(id, ids[i].id);
    }
}

// Rows that lie in several files, some of which a purge has to split.
static void rows_are_chosen_and_removed(void **state) {
    (void)state;
    static const struct {
        DlqSelect select;
        int64_t count;
    } cases[] = {
        {{0}, 6},
        {{.reject_class = "contract"}, 2},
        {{.code = "R001", .flow = "f", .source = "orders", .pipeline = "p"}, 2},
        {{.pipeline = "q"}, 0},
        {{.has_since = true, .since_us = T0 + 1}, 3},
        {{.has_since = true, .since_us = T0}, 6},
        {{.has_before = true, .before_us = T0 + 1, .reject_class = "expression"}, 1},
        {{.replayed = DLQ_REPLAYED_ONLY}, 0},
        {{.replayed = DLQ_NOT_REPLAYED, .flow = "g"}, 2},
    };
    Sys *sys = sys_memory_new(1);
    for (int64_t epoch = 0; epoch < 2; epoch++) {
        DlqOptions later = options;
        DlqRecord failed = whole;
        DlqRecord bare = {
            .position = 3, .reject_class = FLOW_REJECT_LATE, .code = "L", .message = "m"};
        later.clock_us = T0 + epoch;
        failed.reject_class = FLOW_REJECT_EXPRESSION;
        failed.flow = "g";
        failed.code = "X001";
        Dlq *dlq = dlq_new(sys, &later);
        assert_int_equal(dlq_add(dlq, &whole), OUTCOME_OK);
        assert_int_equal(dlq_add(dlq, &failed), OUTCOME_OK);
        assert_int_equal(dlq_add(dlq, &bare), OUTCOME_OK);
        commit(sys, dlq);
        dlq_free(dlq);
    }
    DlqPurge purge = {.path = "dlq", .text = "purge", .clock_us = T0, .is_dry = true};
    int64_t count;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        purge.select = cases[i].select;
        assert_int_equal(dlq_purge(sys, &purge, &count), OUTCOME_OK);
        assert_int_equal(count, cases[i].count);
    }
    purge.is_dry = false;
    purge.select = (DlqSelect){.reject_class = "contract"};
    assert_int_equal(dlq_purge(sys, &purge, &count), OUTCOME_OK);
    assert_int_equal(count, 2);
    assert_int_equal(dlq_purge(sys, &purge, &count), OUTCOME_OK);
    assert_int_equal(count, 0);
    DeltaTable *table;
    assert_int_equal(delta_open(sys, "dlq", DELTA_LATEST, &table), OUTCOME_OK);
    assert_int_equal(delta_row_count(table), 4);
    assert_int_equal(delta_version(table), 2); // that of nothing is no commit
    delta_close(table);
    sys_memory_free(sys);
}

// --- rows that are sent again -------------------------------------------------------------------
// source > a > b, c: b and c read what a gives. A row is sent as its flow asks, and what is
// rejected in the replay becomes of it what the expected text says: "flow code attempts" of each
// row, "+" if it was replayed.
typedef struct Sent {
    const char *flow; // NULL: rejected at the source
    uint32_t ordinal;
} Sent;

typedef struct ReplayCase {
    Sent sent[3]; // up to the first with an ordinal of 9
    const char *rejected[3];
    const char *want; // rows in the order of their texts
} ReplayCase;

#define END {NULL, 9}
#define AT_SOURCE "(source)"
static const ReplayCase replay_cases[] = {
    {{{NULL, 0}, END}, {NULL}, "- OLD 2 +\n"},
    {{{NULL, 0}, END}, {AT_SOURCE}, "- NEW 2\n"},
    {{{NULL, 0}, END}, {"a"}, "a NEW 2\n"},
    {{{NULL, 0}, END}, {"b", "c"}, "b NEW 2\nc NEW 1\n"}, // taken over, and a row of its own
    {{{"a", 0}, END}, {"a"}, "a NEW 2\n"},
    {{{"a", 0}, END}, {"c"}, "c NEW 2\n"},
    {{{"a", 0}, END}, {AT_SOURCE}, "a NEW 2\n"}, // b and c may have it one day only by way of a
    {{{"b", 0}, END}, {"a"}, "b NEW 2\n"},       // else c would get it twice
    {{{"b", 0}, {"c", 1}, END}, {"a"}, "b NEW 2\nc NEW 2\n"},
    {{{"b", 0}, {"c", 1}, END}, {"c"}, "b OLD 2 +\nc NEW 2\n"},
    {{{"b", 0}, {"c", 1}, END}, {AT_SOURCE}, "b NEW 2\nc NEW 2\n"},
    {{{"b", 0}, END}, {"c"}, "b OLD 2 +\nc NEW 1\n"},
};

static DlqRecord record_of(const char *flow, uint32_t ordinal, const char *code) {
    DlqRecord record = whole;
    record.flow = flow != NULL && strcmp(flow, AT_SOURCE) == 0 ? NULL : flow;
    record.ordinal = ordinal;
    record.code = code;
    return record;
}

static DlqSent sent_of(const DlqRow *row) {
    bool is_b = dlq_cell_is(&row->cells[DLQ_FLOW], "b");
    bool is_a = dlq_cell_is(&row->cells[DLQ_FLOW], "a");
    if (row->cells[DLQ_FLOW].is_null) {
        return (DlqSent){*row, ",", ",a,b,c,"};
    }
    return is_a ? (DlqSent){*row, ",a,", ",a,b,c,"}
                : (DlqSent){*row, is_b ? ",a,b," : ",a,c,", is_b ? ",a,b," : ",a,c,"};
}

static DlqReplay *replay_of(Sys *sys) {
    DlqReplay *replay = dlq_replay_new();
    DlqReader *reader;
    DlqRow row;
    bool has_row = true;
    assert_int_equal(dlq_reader_open(sys, "dlq", true, &reader), OUTCOME_OK);
    assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    while (has_row) {
        DlqSent sent = sent_of(&row);
        dlq_replay_know(replay, &row);
        if (row.cells[DLQ_REPLAYED_AT].is_null) {
            dlq_replay_send(replay, &sent);
        }
        assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    }
    dlq_reader_close(reader);
    dlq_replay_order(replay);
    return replay;
}

static void rows_describe(Sys *sys, Buffer *out) {
    DlqReader *reader;
    DlqRow row;
    Hash128 seen[4] = {{0}};
    uint32_t count = 0;
    bool has_row = true;
    Arena arena = {0};
    assert_int_equal(dlq_reader_open(sys, "dlq", true, &reader), OUTCOME_OK);
    assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    while (has_row) {
        const char *flow = dlq_cell_text(&arena, &row.cells[DLQ_FLOW]);
        const char *id = dlq_cell_text(&arena, &row.cells[DLQ_RECORD_ID]);
        seen[count] = hash128(id, strlen(id));
        for (uint32_t i = 0; i < count; i++) {
            assert_true(seen[i].low != seen[count].low); // no two rows share an id
        }
        count++;
        buffer_format(out,
                      "%s %s %lld%s\n",
                      flow == NULL ? "-" : flow,
                      dlq_cell_text(&arena, &row.cells[DLQ_CODE]),
                      (long long)row.cells[DLQ_ATTEMPTS].value.i64,
                      row.cells[DLQ_REPLAYED_AT].is_null ? "" : " +");
        assert_true(dlq_cell_is(&row.cells[DLQ_RAW], "{}")); // as it was
        assert_int_equal(dlq_reader_next(reader, &row, &has_row), OUTCOME_OK);
    }
    dlq_reader_close(reader);
    arena_free(&arena);
    help_sort(out);
}

static void add(Dlq *dlq, const char *flow, uint32_t ordinal, const char *code) {
    DlqRecord record = record_of(flow, ordinal, code);
    assert_int_equal(dlq_add(dlq, &record), OUTCOME_OK);
}

static void what_becomes_of_rows_that_are_sent(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(replay_cases); i++) {
        const ReplayCase *given = &replay_cases[i];
        Sys *sys = sys_memory_new(1);
        Dlq *dlq = dlq_new(sys, &options);
        Buffer rows = {0};
        for (size_t s = 0; s < COUNT_OF(given->sent) && given->sent[s].ordinal != 9; s++) {
            add(dlq, given->sent[s].flow, given->sent[s].ordinal, "OLD");
        }
        commit(sys, dlq);
        dlq_free(dlq);
        DlqReplay *replay = replay_of(sys);
        DlqOptions later = options;
        later.epoch++;
        later.replay = replay;
        dlq = dlq_new(sys, &later);
        for (uint32_t r = 0; r < COUNT_OF(given->rejected) && given->rejected[r] != NULL; r++) {
            add(dlq, given->rejected[r], r, "NEW");
        }
        commit(sys, dlq);
        dlq_free(dlq);
        dlq_replay_free(replay);
        rows_describe(sys, &rows);
        assert_string_equal(buffer_cstring(&rows), given->want);
        buffer_free(&rows);
        sys_memory_free(sys);
    }
}

// What a manifest has is enough: also when rows came, or rows that were sent have gone, in between.
static void marks_are_finished_from_their_outbox(void **state) {
    (void)state;
    for (int between = 0; between < 3; between++) {
        Sys *sys = sys_memory_new(1);
        Dlq *dlq = dlq_new(sys, &options);
        Buffer outbox = {0};
        Buffer rows = {0};
        int64_t version;
        add(dlq, "b", 0, "OLD");
        add(dlq, "c", 1, "OLD");
        commit(sys, dlq);
        dlq_free(dlq);
        DlqReplay *replay = replay_of(sys);
        DlqOptions later = options;
        later.epoch++;
        later.replay = replay;
        dlq = dlq_new(sys, &later);
        add(dlq, "c", 0, "NEW");
        assert_int_equal(dlq_finish(dlq), OUTCOME_OK);
        assert_int_equal(delta_write_prepare(dlq_write(dlq)), OUTCOME_OK);
        dlq_outbox(dlq, &outbox);
        assert_string_equal(dlq_outbox_kind(dlq), DLQ_REPLAY_KIND);
        dlq_free(dlq);
        dlq_replay_free(replay);
        if (between > 0) {
            DlqOptions other = options;
            other.writer_id = "other";
            dlq = dlq_new(sys, &other);
            add(dlq, "a", 7, "OTHER");
            commit(sys, dlq);
            dlq_free(dlq);
        }
        if (between > 1) {
            DlqPurge purge = {.path = "dlq", .text = "purge", .select = {.flow = "a"}};
            int64_t count;
            assert_int_equal(dlq_purge(sys, &purge, &count), OUTCOME_OK);
        }
        assert_int_equal(dlq_replay_commit(sys, outbox.data, outbox.length, &version), OUTCOME_OK);
        rows_describe(sys, &rows);
        assert_string_equal(buffer_cstring(&rows),
                            between == 1 ? "a OTHER 1\nb OLD 2 +\nc NEW 2\n"
                                         : "b OLD 2 +\nc NEW 2\n");
        for (size_t length = 0; length < 40; length++) {
            assert_int_equal(dlq_replay_commit(sys, outbox.data, length, &version),
                             OUTCOME_REFUSED);
        }
        buffer_free(&rows);
        buffer_free(&outbox);
        sys_memory_free(sys);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_rows),
        cmocka_unit_test(columns_are_those_of_the_language),
        cmocka_unit_test(nothing_rejected_makes_no_table),
        cmocka_unit_test(long_and_unwanted_raw),
        cmocka_unit_test(many_records_in_one_commit),
        cmocka_unit_test(record_ids_never_change),
        cmocka_unit_test(rows_are_chosen_and_removed),
        cmocka_unit_test(what_becomes_of_rows_that_are_sent),
        cmocka_unit_test(marks_are_finished_from_their_outbox),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
