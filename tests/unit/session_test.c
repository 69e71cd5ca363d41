// Goal: sessions are the same whether their pieces have room in memory or come from files, whoever
// has gathered them, and in the same order; those of a stream also wherever its epochs end. Method:
// random records of few keys, about a gap apart, through the tables of three workers, against a
// loop over the sorted records, and one that takes them as they come.
#include "state/state.h"

#include "scalar/scalar.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { GAP_US = 10, KEYS = 5, RECORDS = 4000, WORKERS = 3, ROUNDS = 12, LATENESS_US = 4 };

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
    {.kind = FLOW_AGG_MIN, .offset = 64, .input = &type_time, .result = &type_time},
    {.kind = FLOW_AGG_COUNT, .offset = 96, .result = &type_count},
};
static const FlowColumnDesc columns[] = {
    {.name = "piece", .type = &type_time, .is_used = 1},
    {.name = "name", .type = &type_name, .is_used = 1},
    {.name = "start", .type = &type_time, .is_used = 1},
    {.name = "end", .type = &type_time, .is_used = 1},
    {.name = "reach", .type = &type_time, .is_used = 1},
    {.name = "rows", .type = &type_count, .is_used = 1},
};
static const FlowGroup by_name = {.window_end = FLOW_NO_INDEX,
                                  .slot_bytes = 112,
                                  .session_gap_us = GAP_US,
                                  .session_reach = 2,
                                  .keys = keys,
                                  .keys_count = 2,
                                  .aggs = aggs,
                                  .aggs_count = 4};

typedef struct Record {
    int64_t time_us;
    int64_t key;          // 0: null
    int64_t watermark_us; // that it met
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
    bool is_behind = record->watermark_us > record->time_us;
    FlowValue reach = {.i64 = is_behind ? record->watermark_us : record->time_us};
    int64_t into = (record->time_us % GAP_US + GAP_US) % GAP_US;
    FlowValue piece = is_behind ? reach : (FlowValue){.i64 = record->time_us - into + GAP_US - 1};
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
    flow_rt_agg_update(NULL, (void *)(uintptr_t)&aggs[2], (char *)slot + 64, &reach);
    *(int64_t *)(void *)((char *)slot + 96) += 1;
    buffer_free(&key);
}

static void assert_batch(const Batch *batch, const Session *wanted, uint32_t count) {
    assert_true((uint32_t)batch->abi.row_count <= count);
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        assert_int_equal(batch_value(batch, 2, row).i64, wanted[row].start_us);
        assert_int_equal(batch_value(batch, 3, row).i64, wanted[row].end_us);
        assert_int_equal(batch_value(batch, 5, row).i64, wanted[row].rows);
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
        records[i] = (Record){draw(span_us) - span_us / 2, draw(KEYS), INT64_MIN};
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

// --- streams -------------------------------------------------------------------------------------
// What is kept from epoch to epoch: entries by key, and those that the epoch writes.
typedef struct Kept {
    Buffer key;
    Buffer value;
    bool is_gone;
} Kept;

typedef struct Store {
    GroupKeeper keeper;
    Kept entries[RECORDS];
    uint32_t count;
    uint32_t at;
    Kept puts[RECORDS];
    uint32_t put_count;
} Store;

static int kept_compare(const void *left, const void *right) {
    const Kept *a = left;
    const Kept *b = right;
    size_t shorter = a->key.length < b->key.length ? a->key.length : b->key.length;
    int order = memcmp(a->key.data, b->key.data, shorter);
    return order != 0 ? order : (a->key.length > b->key.length) - (a->key.length < b->key.length);
}

static Outcome entry_next(void *user, GroupKeeper *keeper) {
    Store *store = user;
    keeper->has_entry = store->at < store->count;
    if (keeper->has_entry) {
        const Kept *entry = &store->entries[store->at++];
        keeper->key = entry->key.data;
        keeper->key_length = entry->key.length;
        keeper->value = entry->value.data;
    }
    return OUTCOME_OK;
}

static Outcome entry_put(void *user, const Buffer *key, const Buffer *value) {
    Store *store = user;
    Kept *put = &store->puts[store->put_count];
    *put = (Kept){.is_gone = value == NULL};
    buffer_append(&put->key, key->data, key->length);
    buffer_append(&put->value, value == NULL ? "" : value->data, value == NULL ? 0 : value->length);
    assert_true(store->put_count == 0 || kept_compare(put - 1, put) < 0);
    store->put_count++;
    return OUTCOME_OK;
}

static void kept_free(Kept *entry) {
    buffer_free(&entry->key);
    buffer_free(&entry->value);
}

// What was put counts from now on.
static void store_settle(Store *store) {
    for (uint32_t i = 0; i < store->put_count; i++) {
        uint32_t at = 0;
        while (at < store->count && kept_compare(&store->entries[at], &store->puts[i]) != 0) {
            at++;
        }
        assert_true(at < store->count || !store->puts[i].is_gone); // it was there
        if (at < store->count) {
            kept_free(&store->entries[at]);
            store->entries[at] = store->entries[--store->count];
        }
        if (store->puts[i].is_gone) {
            kept_free(&store->puts[i]);
        } else {
            store->entries[store->count++] = store->puts[i];
        }
    }
    store->put_count = 0;
    qsort(store->entries, store->count, sizeof(Kept), kept_compare);
}

typedef struct Results {
    Session sessions[RECORDS];
    uint32_t count;
} Results;

static int64_t key_of(const Batch *batch, uint32_t row) {
    int64_t key = 0;
    FlowValue found = batch_value(batch, 1, row);
    for (int64_t i = 1; !batch_is_null(batch, 1, row) && i < KEYS; i++) {
        FlowValue name = name_of(i);
        key = view_compare(&found.view, &name.view) == 0 ? i : key;
    }
    return key;
}

static void results_read(Sys *sys, GroupSpill *spill, Results *results) {
    static uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    do {
        assert_int_equal(group_spill_next(sys, spill, batch, overflow), OUTCOME_OK);
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            results->sessions[results->count++] =
                (Session){.start_us = batch_value(batch, 2, row).i64,
                          .end_us = batch_value(batch, 3, row).i64,
                          .rows = batch_value(batch, 5, row).i64,
                          .key = key_of(batch, row)};
        }
    } while (batch->abi.row_count > 0);
    batch_free(batch);
}

// Records of one epoch, whose watermark is then the one given.
static void epoch_run(
    Store *store, const Record *records, uint32_t count, int64_t watermark_us, Results *results) {
    Sys *sys = sys_memory_new(1);
    StateOptions options = {.part_count = WORKERS, .memory_bytes = 20000, .directory = "tmp"};
    GroupSpill *spill = group_spill_new(&by_name, &options);
    for (uint32_t worker = 0; worker < WORKERS; worker++) {
        GroupState *state = group_state_new(&by_name);
        for (uint32_t i = worker; i < count; i += WORKERS) {
            record_add(state, &records[i]);
        }
        assert_int_equal(group_spill_add(sys, spill, worker, state), OUTCOME_OK);
        group_state_free(state);
    }
    assert_int_equal(group_spill_finish(sys, spill), OUTCOME_OK);
    store->at = 0;
    store->keeper = (GroupKeeper){
        .user = store, .next = entry_next, .put = entry_put, .watermark_us = watermark_us};
    assert_int_equal(entry_next(store, &store->keeper), OUTCOME_OK);
    group_spill_keep(spill, &store->keeper);
    results_read(sys, spill, results);
    group_spill_free(sys, spill);
    sys_memory_free(sys);
    store_settle(store);
}

// One record after the other: it joins all sessions near it that its watermark has not passed.
static void record_take(const Record *record, Results *wanted) {
    Session own = {.start_us = record->time_us,
                   .end_us = record->time_us + GAP_US,
                   .key = record->key,
                   .rows = 1};
    for (uint32_t i = 0; i < wanted->count;) {
        const Session *session = &wanted->sessions[i];
        bool is_near = session->key == record->key && record->time_us < session->end_us &&
                       record->time_us + GAP_US > session->start_us;
        if (!is_near || session->end_us <= record->watermark_us) {
            i++;
            continue;
        }
        own.start_us = session->start_us < own.start_us ? session->start_us : own.start_us;
        own.end_us = session->end_us > own.end_us ? session->end_us : own.end_us;
        own.rows += session->rows;
        wanted->sessions[i] = wanted->sessions[--wanted->count];
    }
    wanted->sessions[wanted->count++] = own;
}

static void assert_same(Results *results, Results *wanted) {
    assert_int_equal(results->count, wanted->count);
    qsort(results->sessions, results->count, sizeof(Session), sessions_compare);
    qsort(wanted->sessions, wanted->count, sizeof(Session), sessions_compare);
    for (uint32_t i = 0; i < wanted->count; i++) {
        assert_memory_equal(&results->sessions[i], &wanted->sessions[i], sizeof(Session));
    }
}

// Time goes on by `step_us` a record or less, and records are up to two gaps behind it.
static void stream_check(int64_t step_us, int64_t epoch_records) {
    static Record records[RECORDS];
    static Results results;
    static Results wanted;
    static Store store;
    int64_t now_us = 0;
    int64_t watermark_us = INT64_MIN;
    uint32_t count = 0;
    results.count = wanted.count = 0;
    for (uint32_t i = 0; i < RECORDS / 4; i++) {
        now_us += draw(step_us + 1);
        Record record = {now_us - draw(3) * draw(GAP_US), draw(KEYS), watermark_us};
        if (record.time_us + GAP_US <= watermark_us) {
            continue; // late
        }
        records[count++] = record;
        record_take(&record, &wanted);
        int64_t own_us = record.time_us - LATENESS_US;
        watermark_us = own_us > watermark_us ? own_us : watermark_us;
        if (draw(epoch_records) == 0) {
            epoch_run(&store, records, count, watermark_us, &results);
            count = 0;
        }
    }
    epoch_run(&store, records, count, INT64_MAX, &results);
    assert_int_equal(store.count, 0);
    assert_same(&results, &wanted);
}

static void sessions_of_a_stream_are_those_of_one_record_after_the_other(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 30; i++) {
        drawn = 1000 + i;
        stream_check(1 + i % 6, i % 3 == 0 ? 1 : i % 3 == 1 ? 20 : 400);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_in_memory_are_those_of_a_loop),
        cmocka_unit_test(sessions_from_files_are_those_of_a_loop),
        cmocka_unit_test(sessions_of_a_stream_are_those_of_one_record_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
