// The operations of a pipeline, one row at a time.
#include "oracle.h"

#include "oracle_expr.h"

#include "graph/graph.h"
#include "scalar/scalar.h"

static const Layout *installed;

typedef struct Walk {
    const PlanPipeline *pipeline;
    FlowContext *ctx;
    FlowBatch *batch;
} Walk;

static int64_t *counter(const Walk *w, uint32_t ledger, FlowCounter which) {
    return (int64_t *)w->ctx->counters + (size_t)ledger * FLOW_COUNTER_COUNT + which;
}

static OracleRow row_of(const Walk *w, int32_t row) {
    return (OracleRow){.plan = installed->plan,
                       .program = installed->program,
                       .pipeline = w->pipeline,
                       .ctx = w->ctx,
                       .batch = w->batch,
                       .row = row};
}

static void
slot_write(const Walk *w, uint32_t slot, int32_t row, OracleStatus status, FlowValue value) {
    FlowColumn *vector = &((FlowColumn *)w->batch->columns)[slot];
    const Type *type = w->pipeline->slots[slot].type;
    if (type->is_nullable) {
        ((uint8_t *)vector->validity)[row] = status == ORACLE_VALUE;
    }
    if (status == ORACLE_VALUE) {
        FlowText texts[1];
        FlowTypeDesc desc = {.kind = (int32_t)type->kind,
                             .is_nullable = type->is_nullable,
                             .precision = type->precision,
                             .scale = type->scale,
                             .enum_values = texts};
        value_store(&desc, vector->values, (size_t)row, value);
    }
}

// What an operation does with one row: keep it in the selection, or not; STOP ends the run.
typedef enum Verdict { KEEP, LEAVE, STOP } Verdict;

static Verdict compute(const Walk *w, const PlanOp *op, int32_t row) {
    OracleRow at = row_of(w, row);
    FlowValue value = {0};
    OracleStatus status = oracle_eval(&at, op->expr, &value);
    if (status == ORACLE_FAILED) {
        flow_rt_reject(w->ctx, w->batch, row, at.failed_site);
        return LEAVE;
    }
    slot_write(w, op->slot, row, status, value);
    return KEEP;
}

static Verdict condition(const Walk *w, const PlanOp *op, int32_t row) {
    OracleRow at = row_of(w, row);
    FlowValue value = {0};
    OracleStatus status = oracle_eval(&at, op->expr, &value);
    if (status == ORACLE_FAILED) {
        flow_rt_reject(w->ctx, w->batch, row, at.failed_site);
        return LEAVE;
    }
    if (status == ORACLE_VALUE && value.i64 != 0) {
        return KEEP;
    }
    if (op->kind == PLAN_KEEP) {
        return LEAVE;
    }
    if (op->kind == PLAN_FILTER) {
        ++*counter(w, op->flow, FLOW_COUNTER_FILTERED);
        return LEAVE;
    }
    if (flow_rt_check_failed(w->ctx, w->batch, row, (int32_t)op->site, op->reaction) !=
        FLOW_RUN_OK) {
        return STOP;
    }
    return op->reaction == FLOW_REACTION_WARN ? KEEP : LEAVE;
}

static bool
slot_read(const Walk *w, int32_t slot, int32_t row, FlowValue *value, FlowTypeDesc *desc) {
    const Type *type = w->pipeline->slots[slot].type;
    const FlowColumn *vector = &((const FlowColumn *)w->batch->columns)[slot];
    *desc = type_desc(((const ScalarRuntime *)w->ctx->runtime)->arena, type);
    if (type->is_nullable && ((const uint8_t *)vector->validity)[row] == 0) {
        return false;
    }
    *value = value_load(desc, vector->values, (size_t)row);
    return true;
}

// A row counts if all its arguments are there.
static void
agg_take(const Walk *w, const int32_t *slots, int32_t row, const FlowAgg *agg, void *accumulator) {
    FlowValue values[2] = {0};
    for (int a = 0; a < 2; a++) {
        FlowTypeDesc type;
        if (slots[a] >= 0 && !slot_read(w, slots[a], row, &values[a], &type)) {
            return;
        }
    }
    if (flow_agg_is_ordered((FlowAggKind)agg->kind)) {
        flow_rt_agg_update_at(w->ctx, (void *)agg, accumulator, values, w->batch, row);
    } else {
        flow_rt_agg_update(w->ctx, (void *)agg, accumulator, values);
    }
}

static void row_time_put(const Walk *w, int32_t slot, int32_t row) {
    FlowTypeDesc type;
    FlowValue time = {0};
    if (slot >= 0 && slot_read(w, slot, row, &time, &type)) {
        w->ctx->row_time_us = time.i64;
    }
}

static Verdict group(const Walk *w, const PlanOp *op, int32_t row) {
    const FlowGroup *desc = &installed->program->groups[op->target];
    FlowGroupTable *table = ((FlowGroupTable **)w->ctx->groups)[op->target];
    Buffer key = {0};
    for (int64_t i = 0; i < desc->keys_count; i++) {
        FlowTypeDesc type;
        FlowValue value = {0};
        bool is_null = !slot_read(w, op->slots[i], row, &value, &type);
        key_append(&key, &type, is_null, &value);
    }
    char *accumulators = flow_rt_group_find(w->ctx, table, key.data, (int64_t)key.length);
    buffer_free(&key);
    row_time_put(w, op->slots[op->slot_count - 1], row);
    for (int64_t i = 0; i < desc->aggs_count; i++) {
        const FlowAgg *agg = &desc->aggs[i];
        agg_take(w, &op->slots[desc->keys_count + i * 2], row, agg, accumulators + agg->offset);
    }
    if (op->flow != UINT32_MAX) {
        ++*counter(w, op->flow, FLOW_COUNTER_OUT);
    }
    return KEEP;
}

static int32_t
rows_run(const Walk *w, const PlanOp *op, Verdict (*each)(const Walk *, const PlanOp *, int32_t)) {
    int32_t *selection = w->batch->selection;
    int32_t kept = 0;
    for (int32_t i = 0; i < w->batch->selected_count; i++) {
        int32_t row = selection[i];
        Verdict verdict = each(w, op, row);
        if (verdict == STOP) {
            return FLOW_RUN_STOP;
        }
        if (verdict == KEEP) {
            selection[kept++] = row;
        }
    }
    w->batch->selected_count = kept;
    return FLOW_RUN_OK;
}

static int32_t ops_run(const Walk *w, PlanOps ops);

static int32_t branches_run(const Walk *w, const PlanOp *op) {
    int32_t count = w->batch->selected_count;
    int32_t saved[FLOW_BATCH_ROWS_MAX];
    memcpy(saved, w->batch->selection, sizeof(int32_t) * (size_t)count);
    for (uint32_t b = 0; b < op->branch_count; b++) {
        memcpy(w->batch->selection, saved, sizeof(int32_t) * (size_t)count);
        w->batch->selected_count = count;
        if (ops_run(w, op->branches[b]) != FLOW_RUN_OK) {
            return FLOW_RUN_STOP;
        }
    }
    return FLOW_RUN_OK;
}

// Rows that go into a state or another pipeline: the runtime's own business, here as in gen.
static int32_t handed_over(const Walk *w, const PlanOp *op) {
    int32_t index = (int32_t)op->target;
    switch (op->kind) {
    case PLAN_FORWARD:
        return flow_rt_forward(w->ctx, index, w->batch, (void *)op->slots);
    case PLAN_WATERMARK:
        return flow_rt_watermark(w->ctx, index, w->batch, (void *)op->slots);
    case PLAN_UNNEST:
        return flow_rt_unnest(w->ctx, index, w->batch, (void *)op->slots);
    case PLAN_BUILD:
        return flow_rt_build(w->ctx, index, w->batch, (void *)op->slots);
    case PLAN_JOIN:
        return flow_rt_join(w->ctx, index, w->batch, (void *)op->slots);
    default:
        break;
    }
    if (op->flow != UINT32_MAX) {
        *counter(w, op->flow, FLOW_COUNTER_OUT) += w->batch->selected_count;
    }
    return op->kind == PLAN_BAND ? flow_rt_band(w->ctx, index, w->batch, (void *)op->slots)
                                 : flow_rt_sort(w->ctx, index, w->batch, (void *)op->slots);
}

static int32_t op_run(const Walk *w, const PlanOp *op) {
    switch (op->kind) {
    case PLAN_COUNT_IN:
        *counter(w, op->flow, FLOW_COUNTER_IN) += w->batch->selected_count;
        return FLOW_RUN_OK;
    case PLAN_COUNT_OUT:
        *counter(w, op->flow, FLOW_COUNTER_OUT) += w->batch->selected_count;
        return FLOW_RUN_OK;
    case PLAN_COMPUTE:
        return rows_run(w, op, compute);
    case PLAN_FILTER:
    case PLAN_KEEP:
    case PLAN_CHECK:
        return rows_run(w, op, condition);
    case PLAN_COUNT:
        *counter(w, op->flow, op->counter) += w->batch->selected_count;
        w->batch->selected_count = 0;
        return FLOW_RUN_OK;
    case PLAN_FORWARD:
    case PLAN_WATERMARK:
    case PLAN_UNNEST:
    case PLAN_BUILD:
    case PLAN_JOIN:
    case PLAN_SORT:
    case PLAN_BAND:
        return handed_over(w, op);
    case PLAN_GROUP:
        return rows_run(w, op, group);
    case PLAN_EMIT:
        return flow_rt_emit(w->ctx, (int32_t)op->target, w->batch, (void *)op->slots);
    case PLAN_BRANCH:
        return branches_run(w, op);
    case PLAN_OP_COUNT:
        break;
    }
    return FLOW_RUN_STOP;
}

static int32_t ops_run(const Walk *w, PlanOps ops) {
    for (uint32_t i = 0; i < ops.count; i++) {
        if (op_run(w, &ops.items[i]) != FLOW_RUN_OK) {
            return FLOW_RUN_STOP;
        }
    }
    return FLOW_RUN_OK;
}

static int32_t pipeline_run(uint32_t index, FlowContext *ctx, FlowBatch *batch) {
    Walk walk = {&installed->plan->pipelines.items[index], ctx, batch};
    return ops_run(&walk, walk.pipeline->ops);
}

// The ABI's pipeline functions have no closure, so each index has a function of its own.
#define RUN(n)                                                                                     \
    static int32_t run_##n(FlowContext *ctx, FlowBatch *batch) {                                   \
        return pipeline_run(n, ctx, batch);                                                        \
    }
#define EIGHT(X, a, b, c, d, e, f, g, h) X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h)
#define RUNS(X)                                                                                    \
    EIGHT(X, 0, 1, 2, 3, 4, 5, 6, 7)                                                               \
    EIGHT(X, 8, 9, 10, 11, 12, 13, 14, 15)                                                         \
    EIGHT(X, 16, 17, 18, 19, 20, 21, 22, 23)                                                       \
    EIGHT(X, 24, 25, 26, 27, 28, 29, 30, 31)
RUNS(RUN)

void oracle_install(const Layout *layout) {
#define ENTRY(n) run_##n,
    static const FlowPipelineFn functions[ORACLE_PIPELINES_MAX] = {RUNS(ENTRY)};
    ASSERT(layout->program->pipelines_count <= ORACLE_PIPELINES_MAX);
    installed = layout;
    for (int64_t i = 0; i < layout->program->pipelines_count; i++) {
        ((FlowPipeline *)layout->program->pipelines)[i].run = functions[i];
    }
}
