// Goal: a run puts every record somewhere, says where, and leaves nothing of a run that did not
// end. Method: one hand-made program (orders, a contract check, a filter, a group, two tables,
// stdout) on the in-memory disk; each test changes its input or its options and looks at what a
// user would see.
#include "engine/engine.h"
#include "scalar/scalar.h"
#include "state/state.h"
#include "store/store.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FLOW_BIG, FLOW_TOTAL, FLOW_TOTAL_GROUP, FLOW_COUNT };
enum { SITE_NEGATIVE, SITE_TWICE, SITE_SUM, SITE_COUNT };
enum { SINK_BIG, SINK_TOTALS, SINK_STDOUT, SINK_COUNT };

// --- the program

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};

static const FlowColumnDesc order_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "city", .type = &type_text, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
};
static const FlowColumnDesc order_slots[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "city", .type = &type_text, .is_used = 1},
    {.name = "amount", .type = &type_int, .is_used = 1},
    {.name = "twice", .type = &type_int, .is_used = 1},
};
static const FlowColumnDesc total_columns[] = {
    {.name = "city", .type = &type_text, .is_used = 1},
    {.name = "orders", .type = &type_int, .is_used = 1},
    {.name = "amount", .type = &type_int_null, .is_used = 1},
};

static const FlowSetting path_in = {.text = "in/*.ndjson", .param = -1};
static const FlowSetting path_big = {.text = "lake/big", .param = -1};
static const FlowSetting path_totals = {.text = "lake/totals", .param = -1};
static const FlowSetting path_chosen = {.param = 0};

static FlowSource source = {
    .name = "orders",
    .contract = "Order",
    .contract_version = "1.0.0",
    .path = &path_in,
    .format = FLOW_FORMAT_NDJSON,
    .csv_null = "",
    .event_time = FLOW_NO_INDEX,
    .columns = order_columns,
    .columns_count = 3,
};

static FlowTable tables[] = {
    {.name = "big",
     .path = &path_big,
     .columns = order_slots,
     .columns_count = 4,
     .event_time = FLOW_NO_INDEX},
    {.name = "totals",
     .path = &path_totals,
     .columns = total_columns,
     .columns_count = 3,
     .event_time = FLOW_NO_INDEX},
};

static const FlowSink sinks[SINK_COUNT] = {
    {.name = "big",
     .kind = FLOW_SINK_TABLE_APPEND,
     .table = 0,
     .flow = FLOW_BIG,
     .columns = order_slots,
     .columns_count = 4,
     .operator_id = "big/append"},
    {.name = "totals",
     .kind = FLOW_SINK_TABLE_OVERWRITE,
     .table = 1,
     .flow = FLOW_TOTAL_GROUP,
     .columns = total_columns,
     .columns_count = 3,
     .operator_id = "total/overwrite"},
    {.name = "stdout",
     .kind = FLOW_SINK_STDOUT,
     .table = FLOW_NO_INDEX,
     .flow = FLOW_TOTAL_GROUP,
     .columns = total_columns,
     .columns_count = 3,
     .operator_id = "total/stdout"},
};

static const FlowFlow flows[FLOW_COUNT] = {{"big"}, {"total"}, {"total/group"}};

static const FlowSite sites[SITE_COUNT] = {
    {.reject_class = FLOW_REJECT_CONTRACT,
     .flow = FLOW_NO_INDEX,
     .code = "C001",
     .message = "the check is not true",
     .expression = "amount >= 0",
     .location = "shop.flow:3:5"},
    {.reject_class = FLOW_REJECT_EXPRESSION,
     .flow = FLOW_BIG,
     .code = "X001",
     .message = "the number overflows",
     .expression = "amount * 2",
     .location = "shop.flow:9:5"},
    {.reject_class = FLOW_REJECT_EXPRESSION,
     .flow = FLOW_TOTAL_GROUP,
     .code = "X001",
     .message = "the sum overflows",
     .expression = "sum(amount)",
     .location = "shop.flow:14:5"},
};

static const FlowAgg aggs[] = {
    {.kind = FLOW_AGG_COUNT, .offset = 0, .result = &type_int, .site = FLOW_NO_INDEX},
    {.kind = FLOW_AGG_SUM,
     .offset = 16,
     .input = &type_int,
     .result = &type_int_null,
     .site = SITE_SUM},
};
static const FlowGroup group = {
    .operator_id = "total/group/city",
    .flow = FLOW_TOTAL_GROUP,
    .watermark = FLOW_NO_INDEX,
    .emit = FLOW_EMIT_CHANGE,
    .window_end = FLOW_NO_INDEX,
    .slot_bytes = 48,
    .keys = total_columns,
    .keys_count = 1,
    .aggs = aggs,
    .aggs_count = 2,
};

// What the test wants of the check `amount >= 0`, and what happens during the first batch.
static int32_t reaction;
static int signal_wanted;
static Sys *slow_machine; // its clock moves two seconds a batch
static int64_t rows_lost; // by a bug: rows that no counter knows of

static int64_t *counter(FlowContext *ctx, int32_t flow, FlowCounter which) {
    return (int64_t *)ctx->counters + flow * FLOW_COUNTER_COUNT + which;
}

static void *column_values(FlowBatch *batch, int32_t slot) {
    return ((FlowColumn *)batch->columns)[slot].values;
}

// check amount >= 0
static int32_t check_amounts(FlowContext *ctx, FlowBatch *batch) {
    const int64_t *amounts = column_values(batch, 2);
    int32_t *selection = batch->selection;
    int32_t kept = 0;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        bool is_true = amounts[row] >= 0;
        if (!is_true && flow_rt_check_failed(ctx, batch, row, SITE_NEGATIVE, reaction) != 0) {
            return FLOW_RUN_STOP;
        }
        if (is_true || reaction == FLOW_REACTION_WARN) {
            selection[kept++] = row;
        }
    }
    batch->selected_count = kept;
    return FLOW_RUN_OK;
}

// flow big { from orders  where amount > 10  derive twice = amount * 2  append into big }
static int32_t run_big(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 2, 3};
    const int64_t *amounts = column_values(batch, 2);
    int64_t *twice = column_values(batch, 3);
    int32_t *selection = batch->selection;
    int32_t kept = 0;
    *counter(ctx, FLOW_BIG, FLOW_COUNTER_IN) += batch->selected_count;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        if (amounts[row] <= 10) {
            *counter(ctx, FLOW_BIG, FLOW_COUNTER_FILTERED) += 1;
        } else if (__builtin_mul_overflow(amounts[row], 2, &twice[row])) {
            flow_rt_reject(ctx, batch, row, SITE_TWICE);
        } else {
            selection[kept++] = row;
        }
    }
    batch->selected_count = kept;
    return flow_rt_emit(ctx, SINK_BIG, batch, (void *)(uintptr_t)slots);
}

// flow total { from orders  group by city { orders = count()  amount = sum(amount) } … }
static void run_total(FlowContext *ctx, FlowBatch *batch) {
    FlowView *cities = column_values(batch, 1);
    const int64_t *amounts = column_values(batch, 2);
    const int32_t *selection = batch->selection;
    *counter(ctx, FLOW_TOTAL, FLOW_COUNTER_IN) += batch->selected_count;
    *counter(ctx, FLOW_TOTAL, FLOW_COUNTER_OUT) += batch->selected_count;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        FlowValue amount = {.i64 = amounts[row]};
        flow_rt_key_grow(ctx, cities[row].length * 2 + 3);
        char *end = flow_h_key_view(ctx->key, &cities[row]);
        FlowGroupTable *table = ((FlowGroupTable **)ctx->groups)[0];
        char *slot = flow_rt_group_find(ctx, table, ctx->key, end - (char *)ctx->key);
        flow_rt_agg_update(ctx, (void *)(uintptr_t)&aggs[0], slot, &amount);
        flow_rt_agg_update(ctx, (void *)(uintptr_t)&aggs[1], slot + 16, &amount);
    }
}

static int32_t run_orders(FlowContext *ctx, FlowBatch *batch) {
    if (signal_wanted != 0) {
        raise(signal_wanted);
    }
    if (slow_machine != NULL) {
        sys_memory_advance(slow_machine, 2000000);
    }
    if (check_amounts(ctx, batch) != FLOW_RUN_OK) {
        return FLOW_RUN_STOP;
    }
    *counter(ctx, FLOW_BIG, FLOW_COUNTER_IN) += rows_lost;
    run_total(ctx, batch);
    return run_big(ctx, batch);
}

static int32_t run_results(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 2};
    *counter(ctx, FLOW_TOTAL_GROUP, FLOW_COUNTER_IN) += batch->selected_count;
    int32_t status = flow_rt_emit(ctx, SINK_STDOUT, batch, (void *)(uintptr_t)slots);
    *counter(ctx, FLOW_TOTAL_GROUP, FLOW_COUNTER_OUT) -= batch->selected_count; // once for both
    return status != FLOW_RUN_OK ? status
                                 : flow_rt_emit(ctx, SINK_TOTALS, batch, (void *)(uintptr_t)slots);
}

// flow again { from big  … }: reads what this run has written into `big`.
static int32_t run_again(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {1, 0, 2};
    *counter(ctx, FLOW_TOTAL_GROUP, FLOW_COUNTER_IN) += batch->selected_count;
    flow_rt_reject(ctx, batch, 0, SITE_SUM);
    batch->selected_count -= 1;
    memmove(batch->selection,
            (int32_t *)batch->selection + 1,
            (size_t)batch->selected_count * sizeof(int32_t));
    return flow_rt_emit(ctx, SINK_STDOUT, batch, (void *)(uintptr_t)slots);
}

static const int32_t columns_again[] = {3, 1, 0};

static const FlowPipeline pipelines[] = {
    {.name = "orders",
     .input_kind = FLOW_INPUT_SOURCE,
     .input_slots = 3,
     .slots = order_slots,
     .slots_count = 4,
     .run = run_orders},
    {.name = "totals",
     .input_kind = FLOW_INPUT_GROUP,
     .input_slots = 3,
     .slots = total_columns,
     .slots_count = 3,
     .run = run_results},
    {.name = "again",
     .input_kind = FLOW_INPUT_TABLE,
     .input_slots = 3,
     .slots = order_columns,
     .slots_count = 3,
     .table_columns = columns_again,
     .table_columns_count = 3,
     .run = run_again},
};

static const FlowParam params[] = {
    {.name = "place", .type = &type_text, .default_text = "in/*.ndjson"},
    {.name = "least", .type = &type_int, .default_text = "0"},
};

static FlowProgram program = {
    .abi_version = FLOW_ABI_VERSION,
    .name = "shop",
    .file = "shop.flow",
    .plan_hash = "0123456789abcdef0123456789abcdef",
    .dlq_raw_keep = 1,
    .params = params,
    .params_count = 2,
    .sources = &source,
    .sources_count = 1,
    .tables = tables,
    .tables_count = 2,
    .sinks = sinks,
    .sinks_count = SINK_COUNT,
    .groups = &group,
    .groups_count = 1,
    .flows = flows,
    .flows_count = FLOW_COUNT,
    .sites = sites,
    .sites_count = SITE_COUNT,
    .pipelines = pipelines,
    .pipelines_count = 2,
};

// --- a run and what is seen of it

static Sys *world(const char *orders) {
    Sys *sys = sys_memory_new(7);
    reaction = FLOW_REACTION_REJECT;
    sys_memory_put(sys, "in/1.ndjson", orders, strlen(orders));
    return sys;
}

static int run_by(Sys *sys, uint32_t workers) {
    EngineOptions options = {.summary = ENGINE_SUMMARY_JSON, .parallelism = workers};
    return engine_run(sys, &program, &options);
}

static int run(Sys *sys, const char *checkpoint) {
    EngineOptions options = {.checkpoint = checkpoint, .summary = ENGINE_SUMMARY_JSON};
    return engine_run(sys, &program, &options);
}

static const char *stream(Sys *sys, int which) {
    static char text[8192];
    const Buffer *bytes = sys_memory_stream(sys, which);
    assert_true(bytes->length < sizeof(text));
    memcpy(text, bytes->data == NULL ? "" : bytes->data, bytes->length);
    text[bytes->length] = '\0';
    return text;
}

static void assert_says(Sys *sys, const char *part) {
    if (strstr(stream(sys, 2), part) == NULL) {
        fail_msg("standard error lacks: %s\nit says: %s", part, stream(sys, 2));
    }
}

// The rows of a table as JSON lines, these columns; "" if there is no table.
static const char *rows(Sys *sys, const char *path, const FlowColumnDesc *columns, uint32_t count) {
    static Buffer out;
    static const int32_t slots[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    DeltaTable *table = NULL;
    DeltaScan *scan = NULL;
    buffer_clear(&out);
    assert_int_equal(delta_open(sys, path, DELTA_LATEST, &table), OUTCOME_OK);
    if (table == NULL) {
        return "";
    }
    assert_int_equal(delta_scan_open(table, columns, count, &scan), OUTCOME_OK);
    Batch *batch = batch_new(columns, count);
    do {
        batch_clear(batch);
        assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            batch_row_json(batch, (uint32_t)row, slots, count, &out);
            buffer_char(&out, '\n');
        }
    } while (batch->abi.row_count > 0);
    batch_free(batch);
    delta_scan_close(scan);
    delta_close(table);
    return buffer_cstring(&out);
}

static const char *rejected(Sys *sys, const char *path) {
    static const FlowTypeDesc text = {.kind = FLOW_STRING};
    static const FlowTypeDesc text_null = {.kind = FLOW_STRING, .is_nullable = 1};
    static const FlowColumnDesc columns[] = {
        {.name = "flow", .type = &text_null, .is_used = 1},
        {.name = "partition", .type = &text_null, .is_used = 1},
        {.name = "position", .type = &text_null, .is_used = 1},
        {.name = "class", .type = &text, .is_used = 1},
        {.name = "code", .type = &text, .is_used = 1},
        {.name = "expression", .type = &text_null, .is_used = 1},
        {.name = "contract", .type = &text_null, .is_used = 1},
    };
    return rows(sys, path, columns, COUNT_OF(columns));
}

static const char ten[] = "{\"id\":1,\"city\":\"Ulm\",\"amount\":10}\n";
static const char thirty[] = "{\"id\":2,\"city\":\"Aachen\",\"amount\":30}\n";
static const char minus[] = "{\"id\":3,\"city\":\"Ulm\",\"amount\":-1}\n";
static const char greatest[] = "{\"id\":4,\"city\":\"Ulm\",\"amount\":9223372036854775807}\n";
static const char broken[] = "{\"id\":5,\n";
static const char lacking[] = "{\"id\":6,\"amount\":1}\n";

#define LEDGER_LINE(in, out, filtered, dropped, dlq)                                               \
    "\"in\":" #in ",\"out\":" #out ",\"filtered\":" #filtered ",\"dropped\":" #dropped             \
    ",\"late\":0,\"dlq\":" #dlq "}"

static const char *text_of(const char *first, const char *second, const char *third) {
    static char text[512];
    snprintf(text, sizeof(text), "%s%s%s", first, second, third);
    return text;
}

static void rows_go_where_the_program_says(void **state) {
    (void)state;
    Sys *sys = world(text_of(ten, thirty, ten));
    assert_int_equal(run(sys, NULL), 0);
    assert_string_equal(rows(sys, "lake/big", order_slots, 4),
                        "{\"id\":2,\"city\":\"Aachen\",\"amount\":30,\"twice\":60}\n");
    const char *totals = "{\"city\":\"Aachen\",\"orders\":1,\"amount\":30}\n"
                         "{\"city\":\"Ulm\",\"orders\":2,\"amount\":20}\n";
    assert_string_equal(rows(sys, "lake/totals", total_columns, 3), totals);
    assert_string_equal(stream(sys, 1), totals);
    assert_says(sys, "{\"flows\":[{\"flow\":\"big\"," LEDGER_LINE(3, 1, 2, 0, 0));
    assert_says(sys, "{\"flow\":\"total\"," LEDGER_LINE(3, 3, 0, 0, 0));
    assert_says(sys, "{\"flow\":\"total/group\"," LEDGER_LINE(2, 2, 0, 0, 0));
    assert_says(sys, "\"sources\":[{\"source\":\"orders\"," LEDGER_LINE(3, 3, 0, 0, 0) "]");
    assert_says(sys, ",\"epochs\":1,\"bytes_in\":");
    assert_string_equal(rejected(sys, "shop.dlq"), "");
    sys_memory_free(sys);
}

static void a_bad_record_goes_to_the_dlq(void **state) {
    (void)state;
    static const struct {
        const char *record;
        const char *row;
        const char *line; // of the ledger: whose rejection it is
    } cases[] = {
        {broken, "\"class\":\"malformed\"", "\"orders\"," LEDGER_LINE(3, 2, 0, 0, 1)},
        {lacking, "\"class\":\"schema\"", "\"orders\"," LEDGER_LINE(3, 2, 0, 0, 1)},
        {minus,
         "{\"flow\":null,\"partition\":\"in/1.ndjson\",\"position\":\"34\",\"class\":\"contract\","
         "\"code\":\"C001\",\"expression\":\"amount >= 0\",\"contract\":\"Order\"}\n",
         "\"orders\"," LEDGER_LINE(3, 2, 0, 0, 1)},
        {greatest,
         "{\"flow\":\"big\",\"partition\":\"in/1.ndjson\",\"position\":\"34\",\"class\":"
         "\"expression\",\"code\":\"X001\",\"expression\":\"amount * 2\",\"contract\":\"Order\"}",
         "\"big\"," LEDGER_LINE(3, 1, 1, 0, 1)},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Sys *sys = world(text_of(ten, cases[i].record, thirty));
        assert_int_equal(run(sys, NULL), 0);
        const char *found = rejected(sys, "shop.dlq");
        if (strstr(found, cases[i].row) == NULL) {
            fail_msg("the DLQ lacks %s\nit has: %s", cases[i].row, found);
        }
        assert_says(sys, cases[i].line);
        sys_memory_free(sys);
    }
}

static void each_flow_rejects_for_itself(void **state) {
    (void)state;
    Sys *sys = world(greatest);
    assert_int_equal(run(sys, NULL), 0);
    assert_says(sys, "\"big\"," LEDGER_LINE(1, 0, 0, 0, 1));
    assert_says(sys, "\"total\"," LEDGER_LINE(1, 1, 0, 0, 0));
    assert_string_equal(stream(sys, 1),
                        "{\"city\":\"Ulm\",\"orders\":1,\"amount\":9223372036854775807}\n");
    sys_memory_free(sys);
}

static void a_sum_that_overflows_rejects_its_group(void **state) {
    (void)state;
    Sys *sys = world(text_of(greatest, ten, thirty));
    assert_int_equal(run(sys, NULL), 0);
    assert_string_equal(stream(sys, 1), "{\"city\":\"Aachen\",\"orders\":1,\"amount\":30}\n");
    assert_says(sys, "\"total/group\"," LEDGER_LINE(2, 1, 0, 0, 1));
    const char *found = rejected(sys, "shop.dlq");
    assert_non_null(strstr(found, "{\"flow\":\"total\",\"partition\":null,"));
    assert_non_null(strstr(found, "\"expression\":\"sum(amount)\""));
    sys_memory_free(sys);
}

static void a_check_reacts_as_it_says(void **state) {
    (void)state;
    static const struct {
        int32_t reaction;
        int status;
        const char *says;
    } cases[] = {
        {FLOW_REACTION_WARN, 0, "\"orders\"," LEDGER_LINE(3, 3, 0, 0, 0)},
        {FLOW_REACTION_WARN,
         0,
         "flow: warning: shop.flow:3:5: the check is not true: amount >= 0 (in/1.ndjson at 34)\n"},
        {FLOW_REACTION_DROP, 0, "\"orders\"," LEDGER_LINE(3, 2, 0, 1, 0)},
        {FLOW_REACTION_REJECT, 0, "\"orders\"," LEDGER_LINE(3, 2, 0, 0, 1)},
        {FLOW_REACTION_FAIL,
         7,
         "flow: shop.flow:3:5: the check is not true: amount >= 0: the data stops the run "
         "(in/1.ndjson at 34)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Sys *sys = world(text_of(ten, minus, thirty));
        reaction = cases[i].reaction;
        assert_int_equal(run(sys, NULL), cases[i].status);
        assert_says(sys, cases[i].says);
        sys_memory_free(sys);
    }
}

static void nothing_of_a_stopped_run_is_left(void **state) {
    (void)state;
    Sys *sys = world(text_of(ten, thirty, minus));
    reaction = FLOW_REACTION_FAIL;
    Buffer before = {0};
    Buffer after = {0};
    sys_memory_dump(sys, &before);
    assert_int_equal(run(sys, NULL), 7);
    sys_memory_dump(sys, &after);
    assert_string_equal(buffer_cstring(&after), buffer_cstring(&before));
    assert_string_equal(stream(sys, 1), "");
    buffer_free(&before);
    buffer_free(&after);
    sys_memory_free(sys);
}

static void a_signal_ends_the_run_with_nothing_visible(void **state) {
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        Sys *sys = world(text_of(ten, thirty, broken));
        signal_wanted = signals[i];
        assert_int_equal(run(sys, NULL), 128 + signals[i]);
        signal_wanted = 0;
        assert_string_equal(rows(sys, "lake/big", order_slots, 4), "");
        assert_string_equal(rejected(sys, "shop.dlq"), "");
        assert_string_equal(stream(sys, 1), "");
        sys_memory_free(sys);
    }
}

static void the_dlq_has_a_default_place(void **state) {
    (void)state;
    Sys *sys = world(broken);
    assert_int_equal(run(sys, "state"), 0);
    assert_non_null(strstr(rejected(sys, "state/dlq"), "malformed"));
    sys_memory_free(sys);
}

// With the checkpoint of a run that was killed before it decided.
static void what_a_killed_run_has_staged_is_unlinked(void **state) {
    (void)state;
    Sys *sys = world(thirty);
    Buffer dump = {0};
    assert_int_equal(run(sys, "state"), 0);
    sys_memory_put(sys, "state/stage/lines", "{}\n", 3);
    assert_int_equal(run(sys, "state"), 0);
    sys_memory_dump(sys, &dump);
    assert_null(strstr(buffer_cstring(&dump), "state/stage/lines"));
    assert_null(strstr(stream(sys, 1), "{}"));
    buffer_free(&dump);
    sys_memory_free(sys);
}

static void a_table_is_read_as_this_run_wrote_it(void **state) {
    (void)state;
    Sys *sys = world(text_of(thirty, ten, thirty));
    program.pipelines_count = 3;
    int status = run(sys, NULL);
    program.pipelines_count = 2;
    assert_int_equal(status, 0);
    assert_non_null(strstr(stream(sys, 1), "{\"city\":\"Aachen\",\"orders\":60,\"amount\":2}\n"));
    assert_string_equal(rejected(sys, "shop.dlq"),
                        "{\"flow\":\"total\",\"partition\":null,\"position\":\"0\",\"class\":"
                        "\"expression\",\"code\":\"X001\",\"expression\":\"sum(amount)\","
                        "\"contract\":null}\n");
    sys_memory_free(sys);
}

static void a_missing_table_is_refused(void **state) {
    (void)state;
    Sys *sys = world(ten);
    FlowPipeline only_again = pipelines[2];
    only_again.input = 1; // `totals`, but nobody writes it now
    only_again.table_columns = (const int32_t[]){1, 0, 2};
    FlowProgram reader = program;
    FlowSink none = sinks[SINK_STDOUT];
    reader.pipelines = &only_again;
    reader.pipelines_count = 1;
    reader.sinks = &none;
    reader.sinks_count = 1;
    EngineOptions options = {0};
    assert_int_equal(engine_run(sys, &reader, &options), 6);
    assert_says(sys, "flow: lake/totals: there is no table");
    sys_memory_free(sys);
}

static void a_program_of_another_release_is_refused(void **state) {
    (void)state;
    Sys *sys = world(ten);
    program.abi_version++;
    int status = run(sys, NULL);
    program.abi_version--;
    assert_int_equal(status, 6);
    assert_says(sys, "flow: shop was compiled for another release of Flow: compile it again");
    sys_memory_free(sys);
}

static void a_ledger_that_does_not_balance_is_a_bug(void **state) {
    (void)state;
    Sys *sys = world(text_of(ten, thirty, ""));
    rows_lost = 1;
    int status = run(sys, NULL);
    rows_lost = 0;
    assert_int_equal(status, 3);
    assert_says(sys, "flow: bug: the ledger does not balance\nflow big: in 3, out 1, filtered 1");
    assert_string_equal(rows(sys, "lake/big", order_slots, 4), "");
    assert_string_equal(stream(sys, 1), "");
    sys_memory_free(sys);
}

static void progress_is_shown_and_erased(void **state) {
    (void)state;
    Sys *sys = world(text_of(ten, thirty, broken));
    EngineOptions options = {.show_progress = true, .summary = ENGINE_SUMMARY_TEXT};
    slow_machine = sys;
    int status = engine_run(sys, &program, &options);
    slow_machine = NULL;
    assert_int_equal(status, 0);
    assert_says(sys, "\x1b[?7lshop: 2 rows, 1 rows/s, 80 B, 1 in the DLQ\n  orders ");
    assert_says(sys, "\n  state 0 B, nothing committed yet\n\x1b[?7h");
    assert_says(sys,
                "\x1b[6F\x1b[Jsource orders: in 3, out 2, filtered 0, dropped 0, late 0, dlq 1\n");
    assert_says(sys, "1 epoch, 80 bytes in, 2.00");
    sys_memory_free(sys);
}

static int run_with(Sys *sys, const EngineParam *param) {
    EngineOptions options = {.params = param, .param_count = 1};
    return engine_run(sys, &program, &options);
}

static void a_wrong_param_is_wrong_usage(void **state) {
    (void)state;
    static const struct {
        EngineParam param;
        const char *says;
    } cases[] = {
        {{"lest", "1"}, "flow: --param lest: the program has no such param"},
        {{"least", "one"}, "flow: --param least: \"one\" is no value of its type"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Sys *sys = world(ten);
        assert_int_equal(run_with(sys, &cases[i].param), 2);
        assert_says(sys, cases[i].says);
        sys_memory_free(sys);
    }
}

// The options of an executable; nothing here gets as far as opening a file.
static void an_executable_refuses_wrong_words(void **state) {
    (void)state;
    enum { WORDS_MAX = 4 };
    static const struct {
        const char *words[WORDS_MAX];
        int status;
    } cases[] = {
        {{"--help"}, 0},
        {{"--version"}, 0},
        {{"--bogus"}, 2},
        {{"orders.ndjson"}, 2},
        {{"--param"}, 2},
        {{"--param", "least"}, 2},
        {{"--param", "=1"}, 2},
        {{"--param", "least=one"}, 2},
        {{"--param=lest=1"}, 2},
        {{"--summary=xml"}, 2},
        {{"--trigger", "continuous"}, 2},
        {{"--trigger=once", "--summary", "json", "--bogus"}, 2},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *words[WORDS_MAX + 1] = {arena_string(&arena, "shop")};
        int count = 1;
        while (count <= WORDS_MAX && cases[i].words[count - 1] != NULL) {
            words[count] = arena_string(&arena, cases[i].words[count - 1]);
            count++;
        }
        int status = engine_main(count, words, &program);
        if (status != cases[i].status) {
            fail_msg("case %zu, %s: status %d", i, cases[i].words[0], status);
        }
    }
    arena_free(&arena);
}

static void a_setting_may_be_a_param(void **state) {
    (void)state;
    Sys *sys = world(ten);
    sys_memory_put(sys, "other/x.ndjson", thirty, strlen(thirty));
    source.path = &path_chosen;
    int status = run_with(sys, &(EngineParam){"place", "other/x.ndjson"});
    source.path = &path_in;
    assert_int_equal(status, 0);
    assert_string_equal(stream(sys, 1), "{\"city\":\"Aachen\",\"orders\":1,\"amount\":30}\n");
    sys_memory_free(sys);
}

// Every batch is wide enough to cross the border between two: 4 096 rows each.
static void many_batches_are_one_epoch(void **state) {
    (void)state;
    enum { ROWS = 10000 };
    Buffer text = {0};
    for (int i = 0; i < ROWS; i++) {
        buffer_format(&text, "{\"id\":%d,\"city\":\"c%d\",\"amount\":%d}\n", i, i % 3, i % 20);
    }
    Sys *sys = world("");
    sys_memory_put(sys, "in/2.ndjson", text.data, text.length);
    assert_int_equal(run(sys, NULL), 0);
    assert_says(sys, "\"orders\"," LEDGER_LINE(10000, 10000, 0, 0, 0));
    assert_says(sys, "\"big\"," LEDGER_LINE(10000, 4500, 5500, 0, 0));
    buffer_free(&text);
    sys_memory_free(sys);
}

static void a_run_without_room_says_so_and_leaves_nothing(void **state) {
    (void)state;
    Sys *sys = world(text_of(ten, thirty, ""));
    sys_memory_fail_at(sys, 4, SYS_FAULT_SPACE);
    assert_int_equal(run(sys, NULL), 4);
    assert_says(sys, "flow: ");
    assert_string_equal(rows(sys, "lake/big", order_slots, 4), "");
    assert_string_equal(stream(sys, 1), "");
    sys_memory_free(sys);
}

// --- several workers -----------------------------------------------------------------------------

// Files of several pieces, with records of every kind of trouble in all of them.
static Sys *large_world(int32_t check_reaction) {
    enum { FILES = 3, ROWS = 30000 };
    Sys *sys = world("");
    reaction = check_reaction;
    for (int file = 2; file < 2 + FILES; file++) {
        Buffer text = {0};
        char path[32];
        for (int i = 0; i < ROWS; i++) {
            const char *odd = i % 4999 == 1 ? broken : i % 6007 == 2 ? greatest : "";
            buffer_format(&text,
                          "%s{\"id\":%d,\"city\":\"the city of number %d\",\"amount\":%d}\n",
                          odd,
                          i,
                          i % 301,
                          i % 9001 == 4 ? -1 : i % 20);
        }
        snprintf(path, sizeof(path), "in/%d.ndjson", file);
        sys_memory_put(sys, path, text.data, text.length);
        buffer_free(&text);
    }
    return sys;
}

// All that a run leaves and says, but for how long it took.
static void seen(Sys *sys, int status, Buffer *out) {
    buffer_format(out, "%d\n%s", status, rows(sys, "lake/big", order_slots, 4));
    buffer_text(out, rows(sys, "lake/totals", total_columns, 3));
    buffer_text(out, rejected(sys, "shop.dlq"));
    const Buffer *lines = sys_memory_stream(sys, 1);
    buffer_append(out, lines->data, lines->length);
    const char *said = stream(sys, 2);
    const char *seconds = strstr(said, ",\"seconds\":");
    buffer_append(out, said, seconds == NULL ? strlen(said) : (size_t)(seconds - said));
}

static void the_number_of_workers_does_not_show(void **state) {
    (void)state;
    static const int32_t reactions[] = {
        FLOW_REACTION_REJECT, FLOW_REACTION_WARN, FLOW_REACTION_DROP, FLOW_REACTION_FAIL};
    static const uint32_t workers[] = {1, 2, 5};
    static const int64_t accounts[] = {0, 1 << 30}; // nothing may wait, or all of it
    for (size_t r = 0; r < COUNT_OF(reactions); r++) {
        Buffer alone = {0};
        for (size_t i = 0; i < COUNT_OF(workers) * COUNT_OF(accounts); i++) {
            Sys *sys = large_world(reactions[r]);
            Buffer out = {0};
            program.memory_bytes = accounts[i / COUNT_OF(workers)];
            seen(sys, run_by(sys, workers[i % COUNT_OF(workers)]), i == 0 ? &alone : &out);
            if (i > 0) {
                assert_string_equal(buffer_cstring(&out), buffer_cstring(&alone));
            }
            buffer_free(&out);
            sys_memory_free(sys);
        }
        assert_int_equal(alone.data[0], reactions[r] == FLOW_REACTION_FAIL ? '7' : '0');
        buffer_free(&alone);
    }
    program.memory_bytes = 0;
}

// Each of them twice: what was written to a file meets what came later.
static void groups_beyond_memory_give_the_same(void **state) {
    (void)state;
    enum { CITIES = 20000 };
    Buffer text = {0};
    Buffer want = {0};
    uint64_t operations = 0;
    for (int i = 0; i < 2 * CITIES; i++) {
        int city = i * 7919 % CITIES;
        buffer_format(&text, "{\"id\":%d,\"city\":\"city %d\",\"amount\":%d}\n", i, city, i);
    }
    for (uint32_t i = 0; i < 4; i++) {
        Sys *sys = world("");
        Buffer got = {0};
        sys_memory_put(sys, "in/2.ndjson", text.data, text.length);
        program.memory_bytes = i == 0 ? 0 : MEMORY_BYTES_MIN;
        assert_int_equal(run_by(sys, i == 0 ? 1 : 2 * i - 1), 0);
        const Buffer *lines = sys_memory_stream(sys, 1);
        buffer_append(i == 0 ? &want : &got, lines->data, lines->length);
        if (i > 0) {
            assert_string_equal(buffer_cstring(&got), buffer_cstring(&want));
            assert_true(sys_memory_operations(sys) > operations); // it did write them
        } else {
            operations = sys_memory_operations(sys);
        }
        buffer_free(&got);
        sys_memory_free(sys);
    }
    assert_true(want.length > CITIES);
    program.memory_bytes = 0;
    buffer_free(&want);
    buffer_free(&text);
}

// Every file has rows that stop the run.
static void the_first_failure_in_order_decides(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= 5; workers += 2) {
        Sys *sys = large_world(FLOW_REACTION_FAIL);
        assert_int_equal(run_by(sys, workers), 7);
        assert_says(sys, "the data stops the run (in/2.ndjson at 260)");
        assert_string_equal(rows(sys, "lake/big", order_slots, 4), "");
        sys_memory_free(sys);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_where_the_program_says),
        cmocka_unit_test(a_bad_record_goes_to_the_dlq),
        cmocka_unit_test(each_flow_rejects_for_itself),
        cmocka_unit_test(a_sum_that_overflows_rejects_its_group),
        cmocka_unit_test(a_check_reacts_as_it_says),
        cmocka_unit_test(nothing_of_a_stopped_run_is_left),
        cmocka_unit_test(a_signal_ends_the_run_with_nothing_visible),
        cmocka_unit_test(the_dlq_has_a_default_place),
        cmocka_unit_test(what_a_killed_run_has_staged_is_unlinked),
        cmocka_unit_test(a_table_is_read_as_this_run_wrote_it),
        cmocka_unit_test(a_missing_table_is_refused),
        cmocka_unit_test(a_program_of_another_release_is_refused),
        cmocka_unit_test(a_ledger_that_does_not_balance_is_a_bug),
        cmocka_unit_test(progress_is_shown_and_erased),
        cmocka_unit_test(a_wrong_param_is_wrong_usage),
        cmocka_unit_test(an_executable_refuses_wrong_words),
        cmocka_unit_test(a_setting_may_be_a_param),
        cmocka_unit_test(many_batches_are_one_epoch),
        cmocka_unit_test(a_run_without_room_says_so_and_leaves_nothing),
        cmocka_unit_test(the_number_of_workers_does_not_show),
        cmocka_unit_test(groups_beyond_memory_give_the_same),
        cmocka_unit_test(the_first_failure_in_order_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
