// Goal: rows that go from one pipeline to another arrive as the language says: every pair of a
// join, every element of a list, in order, and the ledger balances. Method: hand-made programs over
// random orders and names on the in-memory disk; what they print is compared with nested loops.
#include "engine/engine.h"
#include "scalar/scalar.h"
#include "sys/sys_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { ORDERS = 9000, NAMES = 300, KEYS = 120, ROUNDS = 3 };

// --- the data -----------------------------------------------------------------------------------

typedef struct Order {
    int64_t id;
    int64_t key; // negative: null
} Order;

typedef struct Name {
    int64_t key; // negative: null
    int64_t rank;
    char name[40];
} Name;

static Order orders[ORDERS];
static Name names[NAMES];
static int name_count;
static int order_count;

static uint64_t seed;

static uint64_t random_next(void) {
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return seed >> 33;
}

static void data_make(bool is_unique) {
    name_count = is_unique ? KEYS / 2 : NAMES;
    order_count = is_unique ? ORDERS : ORDERS / 3;
    for (int i = 0; i < name_count; i++) {
        names[i].key = is_unique ? i * 2 : (int64_t)(random_next() % KEYS) - 3;
        names[i].rank = (int64_t)(random_next() % 10);
        const char *format = random_next() % 2 == 0 ? "n%d" : "a name that is rather long %d";
        snprintf(names[i].name, sizeof(names[i].name), format, i);
    }
    for (int i = 0; i < order_count; i++) {
        orders[i] = (Order){i, (int64_t)(random_next() % (KEYS + 10)) - 5};
    }
}

static void key_put(Buffer *out, int64_t key) {
    if (key < 0) {
        buffer_text(out, "null");
    } else {
        buffer_format(out, "%lld", (long long)key);
    }
}

// Several files: workers share them.
static void file_cut(Sys *sys, const char *folder, int row, Buffer *text) {
    char path[40];
    snprintf(path, sizeof(path), "%s/%05d.ndjson", folder, row);
    sys_memory_put(sys, path, text->data, text->length);
    buffer_clear(text);
}

static Sys *world(void) {
    Sys *sys = sys_memory_new(3);
    Buffer text = {0};
    for (int i = 0; i < name_count; i++) {
        buffer_text(&text, "{\"key\":");
        key_put(&text, names[i].key);
        buffer_format(
            &text, ",\"rank\":%lld,\"name\":\"%s\"}\n", (long long)names[i].rank, names[i].name);
        if (i % 41 == 40) {
            file_cut(sys, "names", i, &text);
        }
    }
    file_cut(sys, "names", name_count, &text);
    for (int i = 0; i < order_count; i++) {
        buffer_format(&text, "{\"id\":%lld,\"key\":", (long long)orders[i].id);
        key_put(&text, orders[i].key);
        buffer_text(&text, "}\n");
        if (i % 613 == 612) {
            file_cut(sys, "orders", i, &text);
        }
    }
    file_cut(sys, "orders", order_count, &text);
    buffer_free(&text);
    return sys;
}

// --- the program --------------------------------------------------------------------------------

enum { PIPE_NAMES, PIPE_ORDERS, PIPE_TARGET, PIPE_RESIDUAL, PIPE_COUNT };
enum { SITE_RANK };

static const FlowTypeDesc type_int = {.kind = FLOW_INT64};
static const FlowTypeDesc type_int_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_text = {.kind = FLOW_STRING};
static const FlowTypeDesc type_text_null = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowColumnDesc elements[] = {{.name = "element", .type = &type_int_null}};
static const FlowTypeDesc type_list = {
    .kind = FLOW_LIST, .is_nullable = 1, .children = elements, .children_count = 1};

static const FlowColumnDesc name_columns[] = {
    {.name = "key", .type = &type_int_null, .is_used = 1},
    {.name = "rank", .type = &type_int, .is_used = 1},
    {.name = "name", .type = &type_text, .is_used = 1},
};
static const FlowColumnDesc order_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "key", .type = &type_int_null, .is_used = 1},
    {.name = "list", .type = &type_list, .is_used = 1},
};
static const FlowColumnDesc pair_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "rank", .type = &type_int_null, .is_used = 1},
    {.name = "name", .type = &type_text_null, .is_used = 1},
};
static const FlowColumnDesc out_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "name", .type = &type_text_null, .is_used = 1},
};
static const FlowColumnDesc element_columns[] = {
    {.name = "id", .type = &type_int, .is_used = 1},
    {.name = "item", .type = &type_int_null, .is_used = 1},
};

static const FlowSetting path_names = {.text = "names/*.ndjson", .param = -1};
static const FlowSetting path_orders = {.text = "orders/*.ndjson", .param = -1};

static const FlowSource sources[] = {
    {.name = "names",
     .path = &path_names,
     .format = FLOW_FORMAT_NDJSON,
     .csv_null = "",
     .event_time = FLOW_NO_INDEX,
     .test_flow = FLOW_NO_INDEX,
     .columns = name_columns,
     .columns_count = 3},
    {.name = "orders",
     .path = &path_orders,
     .format = FLOW_FORMAT_NDJSON,
     .csv_null = "",
     .event_time = FLOW_NO_INDEX,
     .test_flow = FLOW_NO_INDEX,
     .columns = order_columns,
     .columns_count = 2},
};

static FlowSink sink = {.name = "stdout",
                        .kind = FLOW_SINK_STDOUT,
                        .table = FLOW_NO_INDEX,
                        .columns = out_columns,
                        .columns_count = 2,
                        .operator_id = "joined/stdout"};
static const FlowFlow flows[] = {{"joined"}};
static const FlowSite sites[] = {{.reject_class = FLOW_REJECT_EXPRESSION,
                                  .code = "X001",
                                  .message = "fails",
                                  .expression = "rank",
                                  .location = "a.flow:1:1"}};
static FlowLookup lookup = {.name = "names",
                            .keys = name_columns,
                            .keys_count = 1,
                            .columns = name_columns + 1,
                            .columns_count = 2};
static FlowJoin join = {.operator_id = "joined/join", .target = PIPE_TARGET};
static FlowExpand expand = {.target = PIPE_TARGET};

static int64_t *counter(FlowContext *ctx, FlowCounter which) {
    return (int64_t *)ctx->counters + which;
}

static void *values(FlowBatch *batch, int32_t slot) {
    return ((FlowColumn *)batch->columns)[slot].values;
}

static int32_t run_names(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 2};
    return flow_rt_build(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static int32_t run_orders(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {1, 0};
    *counter(ctx, FLOW_COUNTER_IN) += batch->selected_count;
    return flow_rt_join(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static int32_t run_target(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 2};
    return flow_rt_emit(ctx, 0, batch, (void *)(uintptr_t)slots);
}

// Pairs match below rank 6; at rank 9 the condition fails.
static int32_t run_residual(FlowContext *ctx, FlowBatch *batch) {
    const int64_t *ranks = values(batch, 1);
    int32_t *selection = batch->selection;
    int32_t count = 0;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        if (ranks[row] == 9) {
            flow_rt_reject(ctx, batch, row, SITE_RANK);
        } else if (ranks[row] < 6) {
            selection[count++] = row;
        }
    }
    batch->selected_count = count;
    return FLOW_RUN_OK;
}

static FlowPipeline pipelines[PIPE_COUNT] = {
    {.name = "names",
     .input_kind = FLOW_INPUT_SOURCE,
     .input = 0,
     .input_slots = 3,
     .slots = name_columns,
     .slots_count = 3,
     .run = run_names},
    {.name = "orders",
     .input_kind = FLOW_INPUT_SOURCE,
     .input = 1,
     .input_slots = 2,
     .slots = order_columns,
     .slots_count = 3,
     .run = run_orders},
    {.name = "target",
     .input_kind = FLOW_INPUT_CALLED,
     .input = FLOW_NO_INDEX,
     .input_slots = 3,
     .slots = pair_columns,
     .slots_count = 3,
     .run = run_target},
    {.name = "residual",
     .input_kind = FLOW_INPUT_CALLED,
     .input = FLOW_NO_INDEX,
     .input_slots = 3,
     .slots = pair_columns,
     .slots_count = 3,
     .run = run_residual},
};

static FlowProgram program = {
    .abi_version = FLOW_ABI_VERSION,
    .name = "joined",
    .file = "a.flow",
    .plan_hash = "0123456789abcdef0123456789abcdef",
    .parallelism = 1,
    .sources = sources,
    .sources_count = 2,
    .sinks = &sink,
    .sinks_count = 1,
    .lookups = &lookup,
    .lookups_count = 1,
    .joins = &join,
    .joins_count = 1,
    .expands = &expand,
    .expands_count = 1,
    .flows = flows,
    .flows_count = 1,
    .sites = sites,
    .sites_count = 1,
    .pipelines = pipelines,
    .pipelines_count = PIPE_COUNT,
};

static void run_and_compare(const Buffer *want) {
    static const int64_t memories[] = {0, 4096};
    for (int32_t parallelism = 1; parallelism <= 5; parallelism += parallelism == 1 ? 1 : 3) {
        for (size_t i = 0; i < COUNT_OF(memories); i++) {
            Sys *sys = world();
            EngineOptions options = {.summary = ENGINE_SUMMARY_NONE};
            program.parallelism = parallelism;
            program.memory_bytes = memories[i];
            int status = engine_run(sys, &program, &options);
            const Buffer *said = sys_memory_stream(sys, 2);
            if (status != 0) {
                fail_msg("status %d: %.*s", status, (int)said->length, said->data);
            }
            const Buffer *got = sys_memory_stream(sys, 1);
            assert_int_equal(got->length, want->length);
            assert_memory_equal(got->data == NULL ? "" : got->data, want->data, want->length);
            sys_memory_free(sys);
        }
    }
}

// --- joins --------------------------------------------------------------------------------------

static void line_put(Buffer *out, const Order *order, const Name *name) {
    buffer_format(out, "{\"id\":%lld", (long long)order->id);
    if (sink.columns_count == 2 && name == NULL) {
        buffer_text(out, ",\"name\":null");
    } else if (sink.columns_count == 2) {
        buffer_format(out, ",\"name\":\"%s\"", name->name);
    }
    buffer_text(out, "}\n");
}

static bool gives_pairs(void) {
    return join.kind == FLOW_JOIN_INNER || join.kind == FLOW_JOIN_LEFT;
}

static void order_expect(Buffer *out, const Order *order) {
    bool is_matched = false;
    bool is_rejected = false;
    for (int i = 0; i < name_count; i++) {
        if (order->key < 0 || names[i].key != order->key) {
            continue;
        }
        bool is_judged = join.residual != FLOW_NO_INDEX;
        is_rejected |= is_judged && names[i].rank == 9;
        if (is_judged && names[i].rank >= 6) {
            continue;
        }
        is_matched = true;
        if (gives_pairs()) {
            line_put(out, order, &names[i]);
        }
    }
    bool stands_alone = !is_matched && !is_rejected;
    if (join.kind == FLOW_JOIN_SEMI ? is_matched : join.kind != FLOW_JOIN_INNER && stands_alone) {
        line_put(out, order, NULL);
    }
}

static void join_check(FlowJoinKind kind, bool has_residual) {
    Buffer want = {0};
    join.kind = (int32_t)kind;
    join.residual = has_residual ? PIPE_RESIDUAL : FLOW_NO_INDEX;
    pipelines[PIPE_TARGET].input_slots = gives_pairs() ? 3 : 1;
    sink.columns_count = gives_pairs() ? 2 : 1;
    for (int i = 0; i < order_count; i++) {
        order_expect(&want, &orders[i]);
    }
    run_and_compare(&want);
    buffer_free(&want);
}

static void joins_check(void) {
    static const FlowJoinKind kinds[] = {
        FLOW_JOIN_INNER, FLOW_JOIN_LEFT, FLOW_JOIN_SEMI, FLOW_JOIN_ANTI};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        join_check(kinds[i], false);
        join_check(kinds[i], true);
    }
}

static void joins_give_every_match(void **state) {
    (void)state;
    for (seed = 1; seed <= ROUNDS; seed++) {
        uint64_t kept = seed;
        data_make(false);
        joins_check();
        seed = kept;
    }
}

static void joins_with_one_match_at_most(void **state) {
    (void)state;
    seed = 11;
    data_make(true);
    joins_check();
}

static void nothing_to_look_up(void **state) {
    (void)state;
    seed = 12;
    data_make(false);
    name_count = 0;
    joins_check();
}

// --- unnest -------------------------------------------------------------------------------------

// Order i has i % 7 elements; none: every other time no list.
static int32_t run_lists(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {2, 0};
    static const FlowValue items[] = {
        {.i64 = 10}, {.i64 = 11}, {.i64 = 0}, {.i64 = 13}, {.i64 = 14}, {.i64 = 15}};
    static const uint8_t is_there[] = {1, 1, 0, 1, 1, 1};
    static FlowNested lists[7];
    const int64_t *ids = values(batch, 0);
    FlowColumn *column = &((FlowColumn *)batch->columns)[2];
    for (int32_t row = 0; row < batch->row_count; row++) {
        int64_t count = ids[row] % 7;
        lists[count] = (FlowNested){.count = count, .items = items, .validity = is_there};
        ((const FlowNested **)column->values)[row] = &lists[count];
        ((uint8_t *)column->validity)[row] = count != 0 || ids[row] % 2 == 0;
    }
    *counter(ctx, FLOW_COUNTER_IN) += batch->selected_count;
    return flow_rt_unnest(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static int32_t run_elements(FlowContext *ctx, FlowBatch *batch) {
    static const int32_t slots[] = {0, 1};
    return flow_rt_emit(ctx, 0, batch, (void *)(uintptr_t)slots);
}

static void unnest_check(bool keep_empty) {
    Buffer want = {0};
    expand.keep_empty = keep_empty;
    for (int i = 0; i < order_count; i++) {
        int count = i % 7;
        if (count == 0 && keep_empty) {
            buffer_format(&want, "{\"id\":%d,\"item\":null}\n", i);
        }
        for (int item = 0; item < count; item++) {
            const char *format =
                item == 2 ? "{\"id\":%d,\"item\":null}\n" : "{\"id\":%d,\"item\":%d}\n";
            buffer_format(&want, format, i, item + 10);
        }
    }
    run_and_compare(&want);
    buffer_free(&want);
}

static void every_element_is_a_row(void **state) {
    (void)state;
    seed = 13;
    data_make(true);
    FlowPipeline kept[PIPE_COUNT];
    memcpy(kept, pipelines, sizeof(kept));
    pipelines[PIPE_ORDERS].run = run_lists;
    pipelines[PIPE_TARGET].input_slots = 2;
    pipelines[PIPE_TARGET].slots = element_columns;
    pipelines[PIPE_TARGET].slots_count = 2;
    pipelines[PIPE_TARGET].run = run_elements;
    sink.columns = element_columns;
    sink.columns_count = 2;
    unnest_check(false);
    unnest_check(true);
    sink.columns = out_columns;
    memcpy(pipelines, kept, sizeof(kept));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_give_every_match),
        cmocka_unit_test(joins_with_one_match_at_most),
        cmocka_unit_test(nothing_to_look_up),
        cmocka_unit_test(every_element_is_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
