// Goal: what a sort takes, passes on and rejects shows where a user looks: in the output, the
// ledger and the DLQ. Method: hand-made programs over a few records on the in-memory disk.
#include "engine/engine.h"
#include "scalar/scalar.h"
#include "store/store.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FLOW_ROWS, FLOW_STAGE, FLOW_COUNT };

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};

static const FlowColumnDesc row_columns[] = {
    {.name = "key", .type = &type_text_null, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
};
// Of the sort: the key, the order, then both again.
static const FlowColumnDesc sort_columns[] = {
    {.name = "key", .type = &type_text_null, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
    {.name = "key", .type = &type_text_null, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
};
static const FlowColumnDesc out_columns[] = {
    {.name = "key", .type = &type_text_null, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
    {.name = "added", .type = &type_int_null, .is_used = 1},
};

static const FlowSetting path = {.text = "in/*.ndjson", .param = -1};
static const FlowSource source = {.name = "rows",
                                  .contract = "Row",
                                  .contract_version = "1.0.0",
                                  .path = &path,
                                  .format = FLOW_FORMAT_NDJSON,
                                  .csv_null = "",
                                  .event_time = FLOW_NO_INDEX,
                                  .test_flow = FLOW_NO_INDEX,
                                  .columns = row_columns,
                                  .columns_count = 2};
static FlowSink sink = {.name = "stdout",
                        .kind = FLOW_SINK_STDOUT,
                        .table = FLOW_NO_INDEX,
                        .flow = FLOW_STAGE,
                        .columns = out_columns,
                        .operator_id = "rows/stdout"};
static const FlowFlow flows[FLOW_COUNT] = {{"best"}, {"best/top"}};
static FlowSite site = {.reject_class = FLOW_REJECT_EXPRESSION,
                        .flow = FLOW_STAGE,
                        .code = "X001",
                        .message = "the sum overflows",
                        .expression = "sum(amount)",
                        .location = "a.flow:4:5"};
static FlowSort sort;

static int64_t *counter(FlowContext *ctx, int32_t flow, FlowCounter which) {
    return (int64_t *)ctx->counters + flow * FLOW_COUNTER_COUNT + which;
}

static int32_t run_rows(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t ordered[] = {0, 1, 0, 1};
    static const int32_t plain[] = {0, 0, 1};
    bool has_flow = sort.kind != FLOW_SORT_UNIQUE;
    *counter(ctx, FLOW_ROWS, FLOW_COUNTER_IN) += has_flow ? batch->selected_count : 0;
    *counter(ctx, FLOW_ROWS, FLOW_COUNTER_OUT) += has_flow ? batch->selected_count : 0;
    const int32_t *slots = sort.order_count == 1 ? ordered : plain;
    return flow_rt_sort(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static int32_t run_results(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 2};
    if (sort.kind == FLOW_SORT_UNIQUE) {
        *counter(ctx, FLOW_STAGE, FLOW_COUNTER_IN) += batch->selected_count;
    }
    return flow_rt_emit(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static FlowPipeline pipelines[] = {
    {.name = "rows",
     .input_kind = FLOW_INPUT_SOURCE,
     .input_slots = 2,
     .slots = row_columns,
     .slots_count = 2,
     .run = run_rows},
    {.name = "results", .input_kind = FLOW_INPUT_SORT, .slots = out_columns, .run = run_results},
};

static FlowProgram program = {
    .abi_version = FLOW_ABI_VERSION,
    .name = "sorted",
    .file = "a.flow",
    .plan_hash = "0123456789abcdef0123456789abcdef",
    .dlq_raw_keep = 1,
    .sources = &source,
    .sources_count = 1,
    .sinks = &sink,
    .sinks_count = 1,
    .sorts = &sort,
    .sorts_count = 1,
    .flows = flows,
    .flows_count = FLOW_COUNT,
    .sites = &site,
    .sites_count = 1,
    .pipelines = pipelines,
    .pipelines_count = 2,
};

// The state's columns are the key, an order if it has one, and both columns.
static void program_set(FlowSort wanted, int32_t added) {
    bool has_order = wanted.order_count == 1;
    sort = wanted;
    sort.operator_id = "best/top";
    sort.flow = FLOW_STAGE;
    sort.key_count = 1;
    sort.window_end = FLOW_NO_INDEX;
    sort.event_time = FLOW_NO_INDEX;
    static FlowColumnDesc plain[3];
    plain[0] = sort_columns[0];
    plain[1] = sort_columns[2];
    plain[2] = sort_columns[3];
    sort.columns = has_order ? sort_columns : plain;
    sort.columns_count = has_order ? 4 : 3;
    sink.columns_count = 2 + added;
    pipelines[1].input_slots = 2 + added;
    pipelines[1].slots_count = 2 + added;
}

static Sys *world(void) {
    static const char first[] = "{\"key\":\"a\",\"amount\":5}\n{\"key\":\"b\",\"amount\":1}\n"
                                "{\"key\":null,\"amount\":4}\n{\"key\":\"a\",\"amount\":7}\n";
    static const char second[] = "{\"key\":\"a\",\"amount\":6}\n{\"key\":null,\"amount\":8}\n"
                                 "{\"key\":\"b\",\"amount\":9223372036854775807}\n";
    Sys *sys = sys_memory_new(3);
    sys_memory_put(sys, "in/1.ndjson", first, strlen(first));
    sys_memory_put(sys, "in/2.ndjson", second, strlen(second));
    return sys;
}

static void assert_stream(Sys *sys, int which, const char *part) {
    const Buffer *bytes = sys_memory_stream(sys, which);
    static char text[8192];
    assert_true(bytes->length < sizeof(text));
    memcpy(text, bytes->data == NULL ? "" : bytes->data, bytes->length);
    text[bytes->length] = '\0';
    if (strstr(text, part) == NULL) {
        fail_msg("stream %d lacks: %s\nit says: %s", which, part, text);
    }
}

static Sys *run_with(int32_t parallelism, int status) {
    Sys *sys = world();
    EngineOptions options = {.summary = ENGINE_SUMMARY_TEXT};
    program.parallelism = parallelism;
    int got = engine_run(sys, &program, &options);
    if (got != status) {
        assert_stream(sys, 2, "the status is wrong");
    }
    return sys;
}

// With one worker and with five: the same.
static Sys *run(int status) {
    Sys *one = run_with(1, status);
    Sys *five = run_with(5, status);
    const Buffer *want = sys_memory_stream(one, 1);
    const Buffer *got = sys_memory_stream(five, 1);
    assert_int_equal(got->length, want->length);
    assert_memory_equal(got->data, want->data, want->length);
    sys_memory_free(one);
    return five;
}

static const char *rejected(Sys *sys) {
    static Buffer out;
    static const int32_t slots[] = {0, 1, 2, 3, 4};
    static const FlowColumnDesc columns[] = {
        {.name = "flow", .type = &type_text_null, .is_used = 1},
        {.name = "partition", .type = &type_text_null, .is_used = 1},
        {.name = "position", .type = &type_text_null, .is_used = 1},
        {.name = "class", .type = &type_text, .is_used = 1},
        {.name = "contract", .type = &type_text_null, .is_used = 1},
    };
    DeltaTable *table = NULL;
    DeltaScan *scan = NULL;
    buffer_clear(&out);
    assert_int_equal(delta_open(sys, "sorted.dlq", DELTA_LATEST, &table), OUTCOME_OK);
    assert_non_null(table);
    assert_int_equal(delta_scan_open(table, columns, COUNT_OF(columns), &scan), OUTCOME_OK);
    Batch *batch = batch_new(columns, COUNT_OF(columns));
    assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        batch_row_json(batch, (uint32_t)row, slots, COUNT_OF(columns), &out);
        buffer_char(&out, '\n');
    }
    batch_free(batch);
    delta_scan_close(scan);
    delta_close(table);
    return buffer_cstring(&out);
}

static void top_has_a_line_of_its_own(void **state) {
    (void)state;
    program_set((FlowSort){.kind = FLOW_SORT_TOP,
                           .order_count = 1,
                           .is_descending = 1,
                           .has_place = 1,
                           .limit = 2,
                           .site = FLOW_NO_INDEX},
                1);
    Sys *sys = run(0);
    assert_stream(
        sys,
        1,
        "{\"key\":null,\"amount\":8,\"added\":1}\n{\"key\":null,\"amount\":4,\"added\":2}\n"
        "{\"key\":\"a\",\"amount\":7,\"added\":1}\n{\"key\":\"a\",\"amount\":6,\"added\":2}\n"
        "{\"key\":\"b\",\"amount\":9223372036854775807,\"added\":1}\n"
        "{\"key\":\"b\",\"amount\":1,\"added\":2}\n");
    assert_stream(sys, 2, "flow best: in 7, out 7, filtered 0, dropped 0, late 0, dlq 0\n");
    assert_stream(sys, 2, "flow best/top: in 7, out 6, filtered 1, dropped 0, late 0, dlq 0\n");
    sys_memory_free(sys);
}

static void a_running_sum_that_overflows_rejects_its_row(void **state) {
    (void)state;
    static const int32_t arguments[] = {3, -1};
    static const FlowAgg agg = {.kind = FLOW_AGG_SUM, .input = &type_int, .result = &type_int_null};
    program_set((FlowSort){.kind = FLOW_SORT_RUNNING,
                           .order_count = 1,
                           .site = FLOW_NO_INDEX,
                           .slot_bytes = 32,
                           .aggs = &agg,
                           .aggs_count = 1,
                           .agg_columns = arguments,
                           .agg_columns_count = 2},
                1);
    Sys *sys = run(0);
    assert_stream(
        sys,
        1,
        "{\"key\":null,\"amount\":4,\"added\":4}\n{\"key\":null,\"amount\":8,\"added\":12}\n"
        "{\"key\":\"a\",\"amount\":5,\"added\":5}\n{\"key\":\"a\",\"amount\":6,\"added\":11}\n"
        "{\"key\":\"a\",\"amount\":7,\"added\":18}\n{\"key\":\"b\",\"amount\":1,\"added\":1}\n");
    assert_stream(sys, 2, "flow best/top: in 7, out 6, filtered 0, dropped 0, late 0, dlq 1\n");
    assert_non_null(strstr(rejected(sys), "\"class\":\"expression\""));
    sys_memory_free(sys);
}

static void what_is_not_unique_counts_at_the_source(void **state) {
    (void)state;
    site.flow = FLOW_NO_INDEX;
    site.reject_class = FLOW_REJECT_CONTRACT;
    program_set((FlowSort){.kind = FLOW_SORT_UNIQUE, .within_us = -1}, 0);
    Sys *sys = run(0);
    assert_stream(sys,
                  1,
                  "{\"key\":\"a\",\"amount\":5}\n{\"key\":\"b\",\"amount\":1}\n"
                  "{\"key\":null,\"amount\":4}\n{\"key\":null,\"amount\":8}\n");
    assert_stream(sys, 2, "source rows: in 7, out 4, filtered 0, dropped 0, late 0, dlq 3\n");
    const char *found = rejected(sys);
    assert_non_null(strstr(found,
                           "{\"flow\":null,\"partition\":\"in/1.ndjson\",\"position\":\"70\","
                           "\"class\":\"contract\""));
    assert_non_null(strstr(found, "\"partition\":\"in/2.ndjson\",\"position\":\"0\""));
    assert_non_null(strstr(found, "\"contract\":\"Row\""));
    sys_memory_free(sys);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(top_has_a_line_of_its_own),
        cmocka_unit_test(a_running_sum_that_overflows_rejects_its_row),
        cmocka_unit_test(what_is_not_unique_counts_at_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
