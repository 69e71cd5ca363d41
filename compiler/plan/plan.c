// The plan's invariants and its printed form.
#include "plan/plan.h"

#include "graph/graph.h"

static const char *const op_names[] = {
#define PLAN_OP(name, text) text,
#include "plan/plan_op.def"
#undef PLAN_OP
};
_Static_assert(COUNT_OF(op_names) == PLAN_OP_COUNT, "plan_op.def");

static const char *const input_names[] = {"source", "table", "group"};
static const char *const reaction_names[] = {"warn", "drop", "reject", "fail"};
static const char *const test_names[] = {"==", "!=", "<", "<=", ">", ">="};
static const char *const agg_names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
};

const char *plan_op_name(PlanOpKind kind) {
    return op_names[kind];
}

int32_t plan_site_of(const Plan *plan, const Expr *expr) {
    for (uint32_t i = 0; i < plan->expr_sites.count; i++) {
        if (plan->expr_sites.items[i].expr == expr) {
            return (int32_t)plan->expr_sites.items[i].site;
        }
    }
    return -1;
}

// --- verify -----------------------------------------------------------------------------------
static void expr_verify(const Plan *plan, const PlanPipeline *pipeline, const Expr *expr) {
    if (expr->op == EXPR_COLUMN) {
        ASSERT(expr->index < pipeline->slot_count);
        ASSERT(type_equal_base(expr->type, pipeline->slots[expr->index].type));
    }
    ASSERT(!expr_node_can_fail(expr) || plan_site_of(plan, expr) >= 0);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        expr_verify(plan, pipeline, expr->arguments[i]);
    }
}

static void slots_verify(const PlanPipeline *pipeline, const PlanOp *op) {
    for (uint32_t i = 0; i < op->slot_count; i++) {
        ASSERT(op->slots[i] >= -1 && op->slots[i] < (int32_t)pipeline->slot_count);
    }
}

static void
ops_verify(const Plan *plan, const PlanPipeline *pipeline, PlanOps ops, uint32_t depth) {
    ASSERT(depth < FLOW_BRANCH_DEPTH_MAX);
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        if (op->expr != NULL) {
            expr_verify(plan, pipeline, op->expr);
        }
        if (op->kind == PLAN_COMPUTE) {
            ASSERT(op->slot >= pipeline->input_slots && op->slot < pipeline->slot_count);
        }
        slots_verify(pipeline, op);
        for (uint32_t b = 0; b < op->branch_count; b++) {
            ops_verify(plan, pipeline, op->branches[b], depth + 1);
        }
    }
}

void plan_verify(const Plan *plan) {
    for (uint32_t i = 0; i < plan->pipelines.count; i++) {
        const PlanPipeline *pipeline = &plan->pipelines.items[i];
        ASSERT(pipeline->input_slots <= pipeline->slot_count);
        ops_verify(plan, pipeline, pipeline->ops, 0);
    }
}

// --- dump -------------------------------------------------------------------------------------
typedef struct Dumper {
    const Plan *plan;
    const PlanPipeline *pipeline;
    const char **names; // of the slots
    Buffer *out;
} Dumper;

static const char *ledger_name(const Plan *plan, uint32_t flow) {
    if (flow < plan->flows.count) {
        return plan->flows.items[flow];
    }
    return plan->graph->sources.items[flow - plan->flows.count].name;
}

static void slots_dump(const Dumper *d, const PlanOp *op) {
    buffer_text(d->out, " (");
    for (uint32_t i = 0; i < op->slot_count; i++) {
        buffer_text(d->out, i == 0 ? "" : ", ");
        buffer_text(d->out, op->slots[i] < 0 ? "-" : d->names[op->slots[i]]);
    }
    buffer_text(d->out, ")");
}

static void ops_dump(const Dumper *d, PlanOps ops, int indent);

static void op_details_dump(const Dumper *d, const PlanOp *op) {
    switch (op->kind) {
    case PLAN_COUNT_IN:
    case PLAN_COUNT_OUT:
        buffer_format(d->out, " %s", ledger_name(d->plan, op->flow));
        break;
    case PLAN_COMPUTE:
        buffer_format(d->out, " %s = ", d->names[op->slot]);
        expr_dump(d->out, op->expr, d->names);
        break;
    case PLAN_FILTER:
        buffer_char(d->out, ' ');
        expr_dump(d->out, op->expr, d->names);
        break;
    case PLAN_CHECK:
        buffer_char(d->out, ' ');
        expr_dump(d->out, op->expr, d->names);
        buffer_format(d->out, " else %s", reaction_names[op->reaction]);
        break;
    case PLAN_GROUP:
        buffer_format(d->out, " %s", d->plan->groups.items[op->target].operator_id);
        slots_dump(d, op);
        break;
    case PLAN_EMIT:
        buffer_format(d->out, " %s", d->plan->graph->sinks.items[op->target].name);
        slots_dump(d, op);
        break;
    case PLAN_BRANCH:
    case PLAN_OP_COUNT:
        break;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
}

static void ops_dump(const Dumper *d, PlanOps ops, int indent) {
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        buffer_format(d->out, "%*s%s", indent, "", plan_op_name(op->kind));
        op_details_dump(d, op);
        buffer_char(d->out, '\n');
        for (uint32_t b = 0; b < op->branch_count; b++) {
            buffer_format(d->out, "%*s-\n", indent + 2, "");
            ops_dump(d, op->branches[b], indent + 4);
        }
    }
}

static const char *input_name(const Plan *plan, const PlanPipeline *pipeline) {
    switch (pipeline->input_kind) {
    case FLOW_INPUT_SOURCE:
        return plan->graph->sources.items[pipeline->input].name;
    case FLOW_INPUT_TABLE:
        return plan->graph->tables.items[pipeline->input].name;
    case FLOW_INPUT_GROUP:
        return plan->groups.items[pipeline->input].operator_id;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
    return "";
}

static void tests_dump(Buffer *out,
                       const char *what,
                       const PlanPipeline *pipeline,
                       const PlanScanTest *tests,
                       uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const PlanSlot *slot = &pipeline->slots[tests[i].column];
        FlowValue value = {.i64 = tests[i].value};
        if (slot->type->kind == FLOW_DECIMAL) {
            value = (FlowValue){.i128 = tests[i].value};
        }
        buffer_format(out, "  %s %s %s ", what, slot->name, test_names[tests[i].op]);
        value_dump(out, slot->type, value);
        buffer_char(out, '\n');
    }
}

static void
pipeline_dump(const Plan *plan, const PlanPipeline *pipeline, Arena *arena, Buffer *out) {
    buffer_format(out,
                  "pipeline %s from %s %s\n",
                  pipeline->name,
                  input_names[pipeline->input_kind],
                  input_name(plan, pipeline));
    const char **names = arena_array(arena, const char *, pipeline->slot_count + 1);
    for (uint32_t i = 0; i < pipeline->slot_count; i++) {
        const PlanSlot *slot = &pipeline->slots[i];
        names[i] = slot->name;
        if (i < pipeline->input_slots) {
            buffer_format(out,
                          "  %s %s: %s\n",
                          slot->is_used ? "read" : "skip",
                          slot->name,
                          type_text(arena, slot->type));
        }
    }
    tests_dump(out, "guard", pipeline, pipeline->guards, pipeline->guard_count);
    tests_dump(out, "test", pipeline, pipeline->tests, pipeline->test_count);
    Dumper dumper = {plan, pipeline, names, out};
    ops_dump(&dumper, pipeline->ops, 2);
}

static void group_dump(const PlanGroup *group, Arena *arena, Buffer *out) {
    buffer_format(out, "group %s\n", group->operator_id);
    for (uint32_t i = 0; i < group->key_count; i++) {
        buffer_format(
            out, "  key %s: %s\n", group->keys[i].name, type_text(arena, group->keys[i].type));
    }
    for (uint32_t i = 0; i < group->agg_count; i++) {
        const PlanAgg *agg = &group->aggs[i];
        buffer_format(out,
                      "  %s(%s): %s\n",
                      agg_names[agg->kind],
                      agg->input == NULL ? "" : type_text(arena, agg->input),
                      type_text(arena, agg->result));
    }
}

void plan_dump(const Plan *plan, Buffer *out) {
    Arena arena = {0};
    for (uint32_t i = 0; i < plan->groups.count; i++) {
        group_dump(&plan->groups.items[i], &arena, out);
    }
    for (uint32_t i = 0; i < plan->pipelines.count; i++) {
        pipeline_dump(plan, &plan->pipelines.items[i], &arena, out);
    }
    arena_free(&arena);
}
