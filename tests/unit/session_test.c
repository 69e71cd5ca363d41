// Goal: sessions are the same whether their pieces have room in memory or come from files, whoever
// has gathered them, and in the same order. Method: random records of few keys, about a gap apart,
// through the tables of three workers, against a loop over the sorted records.
#include "state/state.h"

#include "scalar/scalar.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { GAP_US = 10, KEYS = 5, RECORDS = 4000, WORKERS = 3, ROUNDS = 12 };

static const FlowTypeDesc type_time = {.kind = FLOW_TIMESTAMP};
static const FlowTypeDesc type_count = {.kind = FLOW_INT64};
static const FlowTypeDesc type_name = {.kind = FLOW_STRING, .is_nullable = 1};

static const FlowColumnDesc keys[] = {
    {.name = "piece", .type = &type_time, .is_used = 1},
    {.name = "name", .type = &type_name, .is_used = 1},
};
static const FlowAgg aggs[] = {
    {.kind = FLOW_AGG_MIN, .offset = 0, .input = &type_time, .result = &type_time},
    {.kind = FLOW_AGG_MAX, .offset = 32, .input = &type_time, .result = &type_time},
    {.kind = FLOW_AGG_COUNT, .offset = 64, .result = &type_count},
};
static const FlowColumnDesc columns[] = {
    {.name = "piece", .type = &type_time, .is_used = 1},
    {.name = "name", .type = &type_name, .is_used = 1},
    {.name = "start", .type = &type_time, .is_used = 1},
    {.name = "end", .type = &type_time, .is_used = 1},
    {.name = "rows", .type = &type_count, .is_used = 1},
};
static const FlowGroup by_name = {.window_end = FLOW_NO_INDEX,
                                  .slot_bytes = 80,
                                  .session_gap_us = GAP_US,
                                  .keys = keys,
                                  .keys_count = 2,
                                  .aggs = aggs,
                                  .aggs_count = 3};

typedef struct Record {
    int64_t time_us;
    int64_t key; // 0: null
} Record;

typedef struct Session {
    int64_t start_us;
    int64_t end_us;
    int64_t key;
    int64_t rows;
} Session;

static uint64_t drawn;

static int64_t draw(int64_t below) {
    drawn = drawn * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((drawn >> 33) % (uint64_t)below);
}

// --- the loop ------------------------------------------------------------------------------------
static int records_compare(const void *left, const void *right) {
    const Record *a = left;
    const Record *b = right;
    int order = (a->key > b->key) - (a->key < b->key);
    return order != 0 ? order : (a->time_us > b->time_us) - (a->time_us < b->time_us);
}

static int sessions_compare(const void *left, const void *right) {
    const Session *a = left;
    const Session *b = right;
    if (a->end_us != b->end_us) {
        return a->end_us < b->end_us ? -1 : 1;
    }
    if (a->start_us != b->start_us) {
        return a->start_us < b->start_us ? -1 : 1;
    }
    return (a->key > b->key) - (a->key < b->key);
}

static uint32_t sessions_find(Record *records, Session *sessions) {
    uint32_t count = 0;
    qsort(records, RECORDS, sizeof(Record), records_compare);
    for (uint32_t i = 0; i < RECORDS; i++) {
        const Record *record = &records[i];
        Session *last = count == 0 ? NULL : &sessions[count - 1];
        if (last == NULL || last->key != record->key || record->time_us >= last->end_us) {
            last = &sessions[count++];
            *last = (Session){.start_us = record->time_us, .key = record->key};
        }
        last->end_us = record->time_us + GAP_US;
        last->rows++;
    }
    qsort(sessions, count, sizeof(Session), sessions_compare);
    return count;
}

// --- the groups ----------------------------------------------------------------------------------
static FlowValue name_of(int64_t key) {
    static const char *const names[KEYS] = {"", "", "a", "a\x01", "b"};
    return (FlowValue){.view = view_text(names[key])};
}

static void record_add(GroupState *groups, const Record *record) {
    FlowValue time = {.i64 = record->time_us};
    FlowValue end = {.i64 = record->time_us + GAP_US};
    int64_t into = (record->time_us % GAP_US + GAP_US) % GAP_US;
    FlowValue piece = {.i64 = record->time_us - into};
    FlowValue name = name_of(record->key);
    Buffer key = {0};
    key_append(&key, &type_time, false, &piece);
    key_append(&key, &type_name, record->key == 0, &name);
    FlowGroupTable *table = group_state_table(groups);
    void *slot = NULL;
    if (flow_rt_group_place(NULL, table, key.data, (int64_t)key.length, &slot) == NULL) {
        flow_rt_group_settle(NULL, table);
    }
    flow_rt_agg_update(NULL, (void *)(uintptr_t)&aggs[0], slot, &time);
    flow_rt_agg_update(NULL, (void *)(uintptr_t)&aggs[1], (char *)slot + 32, &end);
    *(int64_t *)(void *)((char *)slot + 64) += 1;
    buffer_free(&key);
}

static void assert_batch(const Batch *batch, const Session *wanted, uint32_t count) {
    assert_true((uint32_t)batch->abi.row_count <= count);
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        assert_int_equal(batch_value(batch, 2, row).i64, wanted[row].start_us);
        assert_int_equal(batch_value(batch, 3, row).i64, wanted[row].end_us);
        assert_int_equal(batch_value(batch, 4, row).i64, wanted[row].rows);
        bool is_null = batch_is_null(batch, 1, row);
        assert_int_equal(is_null, wanted[row].key == 0);
        FlowValue name = name_of(wanted[row].key);
        FlowValue found = batch_value(batch, 1, row);
        assert_true(is_null || view_compare(&found.view, &name.view) == 0);
    }
}

static void assert_in_memory(GroupState **states, const Session *wanted, uint32_t count) {
    static uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    uint64_t cursor = 0;
    uint32_t seen = 0;
    group_states_merge(states, WORKERS, NULL);
    while (group_state_next(states[0], &cursor, batch, overflow)) {
        assert_batch(batch, wanted + seen, count - seen);
        seen += (uint32_t)batch->abi.row_count;
        batch_clear(batch);
    }
    assert_int_equal(seen, count);
    batch_free(batch);
}

static void assert_spilled(Sys *sys, GroupSpill *spill, const Session *wanted, uint32_t count) {
    static uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    uint32_t seen = 0;
    assert_int_equal(group_spill_finish(sys, spill), OUTCOME_OK);
    do {
        assert_int_equal(group_spill_next(sys, spill, batch, overflow), OUTCOME_OK);
        assert_batch(batch, wanted + seen, count - seen);
        seen += (uint32_t)batch->abi.row_count;
    } while (batch->abi.row_count > 0);
    assert_int_equal(seen, count);
    batch_free(batch);
}

// A worker's table leaves for the files now and then, so that a piece is in several of them.
static void worker_add(Sys *sys, GroupSpill *spill, GroupState *state, uint32_t worker) {
    if (spill != NULL && draw(500) == 0) {
        assert_int_equal(group_spill_add(sys, spill, worker, state), OUTCOME_OK);
    }
}

static void round_check(int64_t span_us, bool is_spilled) {
    static Record records[RECORDS];
    static Session wanted[RECORDS];
    Sys *sys = sys_memory_new(1);
    StateOptions options = {
        .part_count = WORKERS, .memory_bytes = is_spilled ? 20000 : 0, .directory = "tmp"};
    GroupSpill *spill = is_spilled ? group_spill_new(&by_name, &options) : NULL;
    GroupState *states[WORKERS];
    for (uint32_t i = 0; i < WORKERS; i++) {
        states[i] = group_state_new(&by_name);
    }
    for (uint32_t i = 0; i < RECORDS; i++) {
        uint32_t worker = (uint32_t)draw(WORKERS);
        records[i] = (Record){draw(span_us) - span_us / 2, draw(KEYS)};
        record_add(states[worker], &records[i]);
        worker_add(sys, spill, states[worker], worker);
    }
    uint32_t count = sessions_find(records, wanted);
    if (is_spilled) {
        for (uint32_t i = 0; i < WORKERS; i++) {
            assert_int_equal(group_spill_add(sys, spill, i, states[i]), OUTCOME_OK);
        }
        assert_spilled(sys, spill, wanted, count);
    } else {
        assert_in_memory(states, wanted, count);
    }
    group_spill_free(sys, spill);
    for (uint32_t i = 0; i < WORKERS; i++) {
        group_state_free(states[i]);
    }
    sys_memory_free(sys);
}

// From one session a key to one a record.
static void all_spans_check(bool is_spilled) {
    int64_t span_us = 1000;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        drawn = i;
        round_check(span_us, is_spilled);
        span_us *= 2;
    }
}

static void sessions_in_memory_are_those_of_a_loop(void **state) {
    (void)state;
    all_spans_check(false);
}

static void sessions_from_files_are_those_of_a_loop(void **state) {
    (void)state;
    all_spans_check(true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_in_memory_are_those_of_a_loop),
        cmocka_unit_test(sessions_from_files_are_those_of_a_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
