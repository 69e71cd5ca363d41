// Plans, batches and the writing runtime.
#include "fixture.h"

#include "oracle.h"
#include "state/state.h"

int fixture_stop_at_emit;

enum { FIXTURE_SINKS = 5 };

static const char *const enum_values[] = {"paid", "a rather long value", "open", "cancelled"};

static const struct {
    FlowKind kind;
    int32_t precision;
    int32_t scale;
} kinds[T_COUNT] = {
    [T_BOOL] = {FLOW_BOOL, 0, 0},
    [T_INT8] = {FLOW_INT8, 0, 0},
    [T_INT16] = {FLOW_INT16, 0, 0},
    [T_INT32] = {FLOW_INT32, 0, 0},
    [T_INT64] = {FLOW_INT64, 0, 0},
    [T_FLOAT32] = {FLOW_FLOAT32, 0, 0},
    [T_FLOAT64] = {FLOW_FLOAT64, 0, 0},
    [T_DECIMAL4] = {FLOW_DECIMAL, 4, 2},
    [T_DECIMAL9] = {FLOW_DECIMAL, 9, 0},
    [T_DECIMAL18] = {FLOW_DECIMAL, 18, 4},
    [T_DECIMAL38] = {FLOW_DECIMAL, 38, 10},
    [T_STRING] = {FLOW_STRING, 0, 0},
    [T_BYTES] = {FLOW_BYTES, 0, 0},
    [T_DATE] = {FLOW_DATE, 0, 0},
    [T_TIMESTAMP] = {FLOW_TIMESTAMP, 0, 0},
    [T_DURATION] = {FLOW_DURATION, 0, 0},
    [T_ENUM] = {FLOW_ENUM, 0, 0},
};

// --- plans ------------------------------------------------------------------------------------
static const Type *type_make(Fixture *f, FixtureType type, bool is_nullable) {
    if (kinds[type].kind == FLOW_DECIMAL) {
        return type_decimal(&f->arena, kinds[type].precision, kinds[type].scale, is_nullable);
    }
    if (kinds[type].kind == FLOW_ENUM) {
        return type_enum(&f->arena, enum_values, COUNT_OF(enum_values), is_nullable);
    }
    return type_new(&f->arena, kinds[type].kind, is_nullable);
}

void fixture_init(Fixture *f) {
    *f = (Fixture){0};
    f->graph = graph_new(&f->arena);
    f->graph->file = "fixture.flow";
    f->graph->settings.name = "fixture";
    *vec_push(&f->arena, &f->graph->sources) =
        (GraphSource){.name = "rows", .path = {"rows.ndjson", -1}, .event_time = -1};
    for (uint32_t i = 0; i < FIXTURE_SINKS; i++) {
        *vec_push(&f->arena, &f->graph->sinks) =
            (GraphSink){.name = "sink", .kind = FLOW_SINK_DISCARD, .table = -1};
    }
    f->plan.arena = &f->arena;
    f->plan.graph = f->graph;
    *vec_push(&f->arena, &f->plan.flows) = "flow";
    for (uint32_t t = 0; t < T_COUNT; t++) {
        f->types[t] = type_make(f, t, false);
        f->nullable[t] = type_make(f, t, true);
        bool is_optional = true;
        do {
            *vec_push(&f->arena, &f->graph->params) =
                (GraphParam){.name = "p", .type = is_optional ? f->nullable[t] : f->types[t]};
            is_optional = !is_optional;
        } while (!is_optional);
    }
}

void fixture_free(Fixture *f) {
    arena_free(&f->arena);
}

uint32_t fixture_slot(FixtureType type, uint32_t column) {
    return (uint32_t)type * COLUMNS_OF_TYPE + column;
}

const Type *fixture_type(Fixture *f, const Type *type, bool is_nullable) {
    return type_with_null(&f->arena, type, is_nullable);
}

static const Expr *placed(Fixture *f, const Expr *expr) {
    static uint32_t line = 1;
    line = line % 1000 + 1;
    Span span = {.start_line = line, .start_column = 3, .end_line = line, .end_column = 9};
    return expr_located(&f->arena, expr, span, "expr");
}

const Expr *fixture_column(Fixture *f, FixtureType type, uint32_t column) {
    const Type *of = column >= NULLABLE ? f->nullable[type] : f->types[type];
    return placed(f, expr_column(&f->arena, fixture_slot(type, column), of));
}

const Expr *fixture_constant(Fixture *f, FixtureType type, const char *text) {
    FlowTypeDesc desc = type_desc(&f->arena, f->types[type]);
    FlowValue value = {0};
    const char *copy = arena_string(&f->arena, text);
    ASSERT(value_parse(&f->arena, &desc, copy, strlen(copy), &value) == PARSE_OK);
    return placed(f, expr_constant(&f->arena, f->types[type], value));
}

const Expr *fixture_expr(
    Fixture *f, ExprOp op, const Type *type, const Expr *const *arguments, uint32_t count) {
    const Expr **copy = arena_array(&f->arena, const Expr *, count + 1);
    memcpy(copy, arguments, sizeof(*copy) * count);
    return placed(f, expr_new(&f->arena, op, type, copy, count));
}

static void sites_add(Fixture *f, const Expr *expr) {
    if (expr_node_can_fail(expr) && plan_site_of(&f->plan, expr) < 0) {
        vec_push(&f->arena, &f->plan.expr_sites)->expr = expr;
        f->plan.expr_sites.items[f->plan.expr_sites.count - 1].site = f->plan.sites.count;
        *vec_push(&f->arena, &f->plan.sites) =
            (PlanSite){FLOW_REJECT_EXPRESSION, 0, "X001", "fails", "expr", expr->span};
    }
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        sites_add(f, expr->arguments[i]);
    }
}

static void ops_sites_add(Fixture *f, PlanOps ops) {
    for (uint32_t i = 0; i < ops.count; i++) {
        if (ops.items[i].expr != NULL) {
            sites_add(f, ops.items[i].expr);
        }
        for (uint32_t b = 0; b < ops.items[i].branch_count; b++) {
            ops_sites_add(f, ops.items[i].branches[b]);
        }
    }
}

static PlanSlot slot_make(Fixture *f, uint32_t slot) {
    uint32_t type = slot / COLUMNS_OF_TYPE;
    bool is_nullable = slot % COLUMNS_OF_TYPE >= NULLABLE;
    return (PlanSlot){.name = arena_format(&f->arena, "c%u", slot),
                      .type = is_nullable ? f->nullable[type] : f->types[type],
                      .is_used = true};
}

void fixture_pipeline(Fixture *f,
                      const PlanOp *ops,
                      uint32_t count,
                      const Type *const *computed,
                      uint32_t computed_count) {
    uint32_t slot_count = INPUT_SLOTS + computed_count;
    PlanSlot *slots = arena_array(&f->arena, PlanSlot, slot_count);
    for (uint32_t i = 0; i < INPUT_SLOTS; i++) {
        slots[i] = slot_make(f, i);
    }
    for (uint32_t i = 0; i < computed_count; i++) {
        slots[INPUT_SLOTS + i] = (PlanSlot){
            .name = arena_format(&f->arena, "computed%u", i), .type = computed[i], .is_used = true};
    }
    PlanOp *copy = arena_array(&f->arena, PlanOp, count);
    memcpy(copy, ops, sizeof(*copy) * count);
    PlanPipeline pipeline = {.name = arena_format(&f->arena, "p%u", f->plan.pipelines.count),
                             .input_kind = FLOW_INPUT_SOURCE,
                             .input_slots = INPUT_SLOTS,
                             .slots = slots,
                             .slot_count = slot_count,
                             .ops = {copy, count},
                             .span = {.start_line = 1, .start_column = 1}};
    ops_sites_add(f, pipeline.ops);
    *vec_push(&f->arena, &f->plan.pipelines) = pipeline;
}

void fixture_compute(Fixture *f, const Expr *expr) {
    static const int32_t emitted[] = {INPUT_SLOTS};
    PlanOp ops[] = {
        {.kind = PLAN_COUNT_IN},
        {.kind = PLAN_COMPUTE, .expr = expr, .slot = INPUT_SLOTS, .span = expr->span},
        {.kind = PLAN_EMIT, .slots = emitted, .slot_count = 1},
    };
    fixture_pipeline(f, ops, COUNT_OF(ops), &expr->type, 1);
}

void fixture_finish(Fixture *f) {
    plan_verify(&f->plan);
    f->layout = layout_run(&f->arena, &f->plan);
    oracle_install(&f->layout);
}

// --- batches ----------------------------------------------------------------------------------
// The texts that columns are filled with; edges first.
static const char *const pools[T_COUNT][8] = {
    [T_BOOL] = {"true", "false"},
    [T_INT8] = {"-128", "127", "0", "-1", "1", "5", "-7", "100"},
    [T_INT16] = {"-32768", "32767", "0", "-1", "1", "77", "-300", "1000"},
    [T_INT32] = {"-2147483648", "2147483647", "0", "-1", "1", "60000", "-7", "3"},
    [T_INT64] =
        {"-9223372036854775808", "9223372036854775807", "0", "-1", "1", "123456789012", "-7", "3"},
    [T_FLOAT32] = {"NaN", "-0.0", "0.0", "Infinity", "-Infinity", "1.5", "-2.25", "1e30"},
    [T_FLOAT64] = {"NaN", "-0.0", "0.0", "Infinity", "-Infinity", "1.5", "-2.25", "1e300"},
    [T_DECIMAL4] = {"-99.99", "99.99", "0.00", "-0.01", "0.01", "1.50", "-2.50", "10.00"},
    [T_DECIMAL9] = {"-999999999", "999999999", "0", "-1", "1", "50", "-7", "1000"},
    [T_DECIMAL18] = {"-99999999999999.9999",
                     "99999999999999.9999",
                     "0.0000",
                     "-0.0001",
                     "1.5000",
                     "99.9900",
                     "-7.2500",
                     "3.0000"},
    [T_DECIMAL38] = {"-9999999999999999999999999999.9999999999",
                     "9999999999999999999999999999.9999999999",
                     "0.0000000000",
                     "-0.0000000001",
                     "1.5000000000",
                     "99.9900000000",
                     "12345678901234567890.5000000000",
                     "3.0000000000"},
    [T_STRING] = {"",
                  "a",
                  "paid",
                  "paid in full",
                  "paid in full, twice",
                  "paid in full, thrice",
                  "12",
                  "2026-01-31"},
    [T_BYTES] = {"",
                 "AA==",
                 "YQ==",
                 "YWJjZGVmZ2hpamtsbW5vcHFyc3R1",
                 "YWJjZGVmZ2hpamtsbW5vcHFyc3R2",
                 "/w=="},
    [T_DATE] = {"1970-01-01", "0001-01-01", "9999-12-31", "2026-01-31", "1969-12-31", "2024-02-29"},
    [T_TIMESTAMP] = {"1970-01-01T00:00:00Z",
                     "2026-01-31T12:00:30.5Z",
                     "1969-12-31T23:59:59.999999Z",
                     "0001-01-01T00:00:00Z",
                     "9999-12-31T23:59:59.999999Z",
                     "2026-01-31T12:01:00Z"},
    [T_DURATION] =
        {"0", "-1", "60000000", "9223372036854775807", "-9223372036854775808", "86400000000"},
    [T_ENUM] = {"paid", "a rather long value", "open", "cancelled"},
};

static uint32_t pool_size(FixtureType type) {
    uint32_t size = 0;
    while (size < COUNT_OF(pools[type]) && pools[type][size] != NULL) {
        size++;
    }
    return size;
}

static uint32_t mixed(uint32_t value) {
    value ^= value >> 16;
    value *= 0x7FEB352Du;
    value ^= value >> 15;
    value *= 0x846CA68Bu;
    return value ^ value >> 16;
}

// Parsed once; the bytes of long texts are never given back.
static FlowValue pool_value(const FlowTypeDesc *type, FixtureType of, uint32_t index) {
    static Arena arena;
    static FlowValue values[T_COUNT][COUNT_OF(pools[0])];
    static bool is_known[T_COUNT][COUNT_OF(pools[0])];
    if (!is_known[of][index]) {
        const char *text = pools[of][index];
        ASSERT(value_parse(&arena, type, text, strlen(text), &values[of][index]) == PARSE_OK);
        is_known[of][index] = true;
    }
    return values[of][index];
}

static void cell_fill(Batch *batch, uint32_t slot, uint32_t row, uint32_t seed) {
    const FlowTypeDesc *type = batch->descs[slot].type;
    FixtureType of = (FixtureType)(slot / COLUMNS_OF_TYPE);
    uint32_t random = mixed(seed * 7919 + slot * 65537 + row);
    if (type->is_nullable && random % 3 == 0) {
        FlowColumn *column = batch_column(batch, slot);
        size_t width = flow_kind_width((FlowKind)type->kind, type->precision);
        memset((char *)column->values + row * width, 0xA5, width); // must not be looked at
        batch_set_null(batch, slot, row);
        return;
    }
    batch_set(batch, slot, row, pool_value(type, of, (random >> 8) % pool_size(of)));
}

// Columns that the operations read.
static void ops_columns(PlanOps ops, bool *is_used) {
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        if (op->expr != NULL) {
            expr_columns(op->expr, is_used);
        }
        for (uint32_t k = 0; k < op->slot_count; k++) {
            if (op->slots[k] >= 0) {
                is_used[op->slots[k]] = true;
            }
        }
        for (uint32_t b = 0; b < op->branch_count; b++) {
            ops_columns(op->branches[b], is_used);
        }
    }
}

static void selection_fill(Batch *batch, FixtureInput input) {
    int32_t *selection = batch->abi.selection;
    batch->abi.row_count = input.row_count;
    batch->abi.selected_count = 0;
    for (int32_t row = 0; row < input.row_count; row++) {
        ((int64_t *)batch->abi.offsets)[row] = row; // ordered aggregates ask for it
        bool is_selected =
            input.selection == SELECT_ALL || (input.selection == SELECT_SOME && row % 3 != 1);
        if (is_selected) {
            selection[batch->abi.selected_count++] = row;
        }
    }
}

static Batch *batch_make(Fixture *f, uint32_t pipeline, FixtureInput input) {
    const FlowPipeline *of = &f->layout.program->pipelines[pipeline];
    Batch *batch = batch_new(of->slots, (uint32_t)of->slots_count);
    bool is_used[INPUT_SLOTS + FIXTURE_PIPELINES_MAX] = {0};
    ops_columns(f->plan.pipelines.items[pipeline].ops, is_used);
    for (uint32_t slot = 0; slot < INPUT_SLOTS; slot++) {
        for (int32_t row = 0; is_used[slot] && row < input.row_count; row++) {
            cell_fill(batch, slot, (uint32_t)row, input.seed);
        }
    }
    for (int32_t row = 0; row < input.row_count; row++) {
        ((int64_t *)batch->abi.offsets)[row] = row; // the rows' places, for ordered aggregates
    }
    selection_fill(batch, input);
    return batch;
}

// --- the writing runtime ----------------------------------------------------------------------
// Loops may be fused, so rows meet rejections and checks in either order: they are kept by row.
enum { EVENTS_OF_ROW_MAX = 8, GROUPS_MAX = 8 };

typedef struct Event {
    int32_t site;
    int32_t reaction; // -1: rejected by an expression
} Event;

typedef struct World {
    ScalarRuntime scalar; // first: kernels look for it
    Buffer *log;
    const FlowPipeline *pipeline;
    Event events[FLOW_BATCH_ROWS_MAX][EVENTS_OF_ROW_MAX];
    int32_t event_count[FLOW_BATCH_ROWS_MAX];
    int emit_count;
    int slot_count; // of the sink
} World;

static void event_add(void *ctx, int32_t row, Event event) {
    World *world = ((FlowContext *)ctx)->runtime;
    ASSERT(world->event_count[row] < EVENTS_OF_ROW_MAX);
    world->events[row][world->event_count[row]++] = event;
}

void flow_rt_reject(void *ctx, void *batch, int32_t row, int32_t site) {
    ASSERT(row >= 0 && row < ((FlowBatch *)batch)->row_count && site >= 0);
    event_add(ctx, row, (Event){site, -1});
}

int32_t flow_rt_check_failed(void *ctx, void *batch, int32_t row, int32_t site, int32_t reaction) {
    ASSERT(row >= 0 && row < ((FlowBatch *)batch)->row_count);
    event_add(ctx, row, (Event){site, reaction});
    return reaction == FLOW_REACTION_FAIL ? FLOW_RUN_STOP : FLOW_RUN_OK;
}

static void cell_log(World *world, const Batch *batch, uint32_t slot, uint32_t row) {
    if (batch_is_null(batch, slot, row)) {
        buffer_text(world->log, " null");
        return;
    }
    FlowValue value = batch_value(batch, slot, row);
    buffer_char(world->log, ' ');
    value_text(world->log, batch->descs[slot].type, &value);
}

int32_t flow_rt_emit(void *ctx, int32_t sink, void *rows, void *slots) {
    World *world = ((FlowContext *)ctx)->runtime;
    Batch *batch = rows;
    const int32_t *list = slots;
    buffer_format(world->log, "emit %d\n", sink);
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        uint32_t row = (uint32_t)((const int32_t *)batch->abi.selection)[i];
        buffer_format(world->log, "%u:", row);
        cell_log(world, batch, (uint32_t)list[0], row);
        buffer_char(world->log, '\n');
    }
    world->emit_count++;
    return world->emit_count == fixture_stop_at_emit ? FLOW_RUN_STOP : FLOW_RUN_OK;
}

// No plan here has a second pipeline to hand rows to.
#define HANDED_OVER(name)                                                                          \
    int32_t name(void *ctx, int32_t index, void *batch, void *slots) {                             \
        (void)ctx, (void)index, (void)batch, (void)slots;                                          \
        flow_bug(__FILE__, __LINE__, #name);                                                       \
    }
HANDED_OVER(flow_rt_forward)
HANDED_OVER(flow_rt_watermark)
HANDED_OVER(flow_rt_unnest)
HANDED_OVER(flow_rt_build)
HANDED_OVER(flow_rt_join)
HANDED_OVER(flow_rt_sort)
HANDED_OVER(flow_rt_band)

static void events_log(World *world) {
    for (int32_t row = 0; row < FLOW_BATCH_ROWS_MAX; row++) {
        for (int32_t i = 0; i < world->event_count[row]; i++) {
            const Event *event = &world->events[row][i];
            buffer_format(
                world->log, "row %d site %d reaction %d\n", row, event->site, event->reaction);
        }
    }
}

// --- a run ------------------------------------------------------------------------------------
typedef struct Room {
    FlowContext ctx;
    FlowValue params[T_COUNT * 2];
    uint8_t param_nulls[T_COUNT * 2];
    int64_t counters[4 * FLOW_COUNTER_COUNT];
    void *groups[GROUPS_MAX];
    GroupState *states[GROUPS_MAX];
    int32_t spare[4][FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK];
    int32_t *spares[4];
    uint8_t mask[FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK];
    World world;
} Room;

// Of each type one param that may be null (and is, for every other type) and one that may not.
static void params_fill(Fixture *f, Room *room) {
    for (uint32_t i = 0; i < T_COUNT * 2; i++) {
        FlowTypeDesc desc = type_desc(&f->arena, f->types[i / 2]);
        const char *text = pools[i / 2][1];
        ASSERT(value_parse(&f->arena, &desc, text, strlen(text), &room->params[i]) == PARSE_OK);
        room->param_nulls[i] = i % 4 == 0;
        if (room->param_nulls[i]) {
            memset(&room->params[i], 0xA5, sizeof(room->params[i]));
        }
    }
}

static Room *room_new(Fixture *f, Arena *arena, Buffer *log, const FlowPipeline *pipeline) {
    Room *room = memory_alloc(sizeof(*room));
    memset(room, 0, sizeof(*room));
    room->world = (World){.scalar = {arena}, .log = log, .pipeline = pipeline};
    params_fill(f, room);
    for (uint32_t i = 0; i < COUNT_OF(room->spares); i++) {
        room->spares[i] = room->spare[i];
    }
    for (uint32_t i = 0; i < f->plan.groups.count; i++) {
        room->states[i] = group_state_new(&f->layout.program->groups[i]);
        room->groups[i] = group_state_table(room->states[i]);
    }
    room->ctx = (FlowContext){.failed_site = FLOW_NO_INDEX,
                              .runtime = &room->world,
                              .params = room->params,
                              .param_nulls = room->param_nulls,
                              .counters = room->counters,
                              .groups = room->groups,
                              .branch_selections = room->spares,
                              .mask = room->mask,
                              .now_us = 1767225600000000,
                              .epoch_order = 1767225600000007};
    return room;
}

static void group_log(World *world, const FlowGroup *group, GroupState *state) {
    uint32_t count = (uint32_t)(group->keys_count + group->aggs_count);
    FlowColumnDesc *columns = arena_array(world->scalar.arena, FlowColumnDesc, count);
    memcpy(columns, group->keys, sizeof(*columns) * (size_t)group->keys_count);
    for (int64_t i = 0; i < group->aggs_count; i++) {
        columns[group->keys_count + i] =
            (FlowColumnDesc){.name = "agg", .type = group->aggs[i].result};
    }
    Batch *batch = batch_new(columns, count);
    uint16_t overflow[FLOW_BATCH_ROWS_MAX];
    uint64_t cursor = 0;
    while (group_state_next(state, &cursor, batch, overflow)) {
        for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
            buffer_format(world->log, "group %d:", overflow[row]);
            for (uint32_t slot = 0; slot < count; slot++) {
                cell_log(world, batch, slot, row);
            }
            buffer_char(world->log, '\n');
        }
        batch_clear(batch);
    }
    batch_free(batch);
}

static void ledger_log(Room *room) {
    for (uint32_t i = 0; i < FLOW_COUNTER_COUNT; i++) {
        buffer_format(room->world.log, "counter %u: %lld\n", i, (long long)room->counters[i]);
    }
}

void fixture_run(
    Fixture *f, FlowPipelineFn run, uint32_t pipeline, FixtureInput input, Buffer *log) {
    Arena arena = {0};
    const FlowPipeline *of = &f->layout.program->pipelines[pipeline];
    Batch *batch = batch_make(f, pipeline, input);
    Room *room = room_new(f, &arena, log, of);
    void *selection = batch->abi.selection;
    buffer_format(log, "returns %d\n", run(&room->ctx, &batch->abi));
    ASSERT(batch->abi.selection == selection);
    events_log(&room->world);
    ledger_log(room);
    for (uint32_t i = 0; i < f->plan.groups.count; i++) {
        group_log(&room->world, &f->layout.program->groups[i], room->states[i]);
        group_state_free(room->states[i]);
    }
    memory_free(room->ctx.key);
    memory_free(room);
    batch_free(batch);
    arena_free(&arena);
}

BackendSymbols fixture_symbols(void) {
    return backend_runtime_symbols(); // the linker has taken the functions above
}
