// The plan as text: `explain --plan`.
#include "plan/plan.h"

#include "graph/graph.h"

static const char *const input_names[] = {"source", "table", "group", "sort", "band", "call"};
static const char *const reaction_names[] = {"warn", "drop", "reject", "fail"};
static const char *const counter_names[] = {
    "in", "out", "filtered", "dropped", "late", "dlq", "warned", "added", "unknown"};
_Static_assert(COUNT_OF(counter_names) == FLOW_COUNTER_COUNT, "a name for each counter");
static const char *const test_names[] = {"==", "!=", "<", "<=", ">", ">="};
static const char *const agg_names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
};

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

// Keys and arguments; a second argument and the event time only where they are.
static void group_op_dump(const Dumper *d, const PlanOp *op) {
    const PlanGroup *group = &d->plan->groups.items[op->target];
    buffer_format(d->out, " %s (", group->operator_id);
    for (uint32_t i = 0; i < op->slot_count; i++) {
        bool is_time = i + 1 == op->slot_count;
        bool is_second = i >= group->key_count && (i - group->key_count) % 2 == 1;
        if ((is_time || is_second) && op->slots[i] < 0) {
            continue;
        }
        buffer_text(d->out, i == 0 ? "" : is_time ? "; at " : ", ");
        buffer_text(d->out, op->slots[i] < 0 ? "-" : d->names[op->slots[i]]);
    }
    buffer_text(d->out, ")");
}

static void ops_dump(const Dumper *d, PlanOps ops, int indent);

// What stands behind the operation: a pipeline that it calls, or a state.
static const char *target_name(const Plan *plan, const PlanOp *op) {
    switch (op->kind) {
    case PLAN_FORWARD:
    case PLAN_WATERMARK:
        return plan->pipelines.items[op->target].name;
    case PLAN_UNNEST:
        return plan->pipelines.items[plan->expands.items[op->target].target].name;
    case PLAN_BUILD:
        return plan->lookups.items[op->target].name;
    case PLAN_JOIN:
        return plan->joins.items[op->target].operator_id;
    case PLAN_BAND:
        return plan->bands.items[op->target / 2].operator_id;
    default:
        return plan->sorts.items[op->target].operator_id;
    }
}

static void op_details_dump(const Dumper *d, const PlanOp *op) {
    switch (op->kind) {
    case PLAN_COUNT_IN:
    case PLAN_COUNT_OUT:
        buffer_format(d->out, " %s", ledger_name(d->plan, op->flow));
        break;
    case PLAN_COUNT:
        buffer_format(d->out, " %s %s", ledger_name(d->plan, op->flow), counter_names[op->counter]);
        break;
    case PLAN_COMPUTE:
        buffer_format(d->out, " %s = ", d->names[op->slot]);
        expr_dump(d->out, op->expr, d->names);
        break;
    case PLAN_FILTER:
    case PLAN_KEEP:
        buffer_char(d->out, ' ');
        expr_dump(d->out, op->expr, d->names);
        break;
    case PLAN_CHECK:
        buffer_char(d->out, ' ');
        expr_dump(d->out, op->expr, d->names);
        buffer_format(d->out, " else %s", reaction_names[op->reaction]);
        break;
    case PLAN_GROUP:
        group_op_dump(d, op);
        break;
    case PLAN_EMIT:
        buffer_format(d->out, " %s", d->plan->graph->sinks.items[op->target].name);
        slots_dump(d, op);
        break;
    case PLAN_FORWARD:
    case PLAN_WATERMARK:
    case PLAN_UNNEST:
    case PLAN_BUILD:
    case PLAN_JOIN:
    case PLAN_SORT:
    case PLAN_BAND:
        buffer_format(d->out, " %s", target_name(d->plan, op));
        slots_dump(d, op);
        break;
    case PLAN_BRANCH:
    case PLAN_OP_COUNT:
        break;
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
    case FLOW_INPUT_SORT:
        return plan->sorts.items[pipeline->input].operator_id;
    case FLOW_INPUT_BAND:
        return plan->bands.items[pipeline->input].operator_id;
    case FLOW_INPUT_CALLED:
        break;
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
        if (tests[i].text != NULL) {
            buffer_json_string(out, tests[i].text, strlen(tests[i].text));
        } else {
            value_dump(out, slot->type, value);
        }
        buffer_char(out, '\n');
    }
}

static void
pipeline_dump(const Plan *plan, const PlanPipeline *pipeline, Arena *arena, Buffer *out) {
    buffer_format(out,
                  "pipeline %s from %s%s%s\n",
                  pipeline->name,
                  input_names[pipeline->input_kind],
                  pipeline->input_kind == FLOW_INPUT_CALLED ? "" : " ",
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
    if (group->session_gap_us > 0) {
        buffer_format(out, "  session gap %lld us\n", (long long)group->session_gap_us);
    }
    for (uint32_t i = 0; i < group->key_count; i++) {
        buffer_format(
            out, "  key %s: %s\n", group->keys[i].name, type_text(arena, group->keys[i].type));
    }
    for (uint32_t i = 0; i < group->agg_count; i++) {
        const PlanAgg *agg = &group->aggs[i];
        buffer_format(out,
                      "  %s(%s%s%s): %s\n",
                      agg_names[agg->kind],
                      agg->input == NULL ? "" : type_text(arena, agg->input),
                      agg->second == NULL ? "" : ", ",
                      agg->second == NULL ? "" : type_text(arena, agg->second),
                      type_text(arena, agg->result));
    }
}

// --- operators between pipelines --------------------------------------------------------------
static void plan_slots_dump(
    Buffer *out, Arena *arena, const char *what, const PlanSlot *slots, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(out, "  %s %s: %s\n", what, slots[i].name, type_text(arena, slots[i].type));
    }
}

static const char *const join_kinds[] = {"inner", "left", "semi", "anti", "right", "full"};

static void joins_dump(const Plan *plan, Arena *arena, Buffer *out) {
    for (uint32_t i = 0; i < plan->lookups.count; i++) {
        const PlanLookup *lookup = &plan->lookups.items[i];
        buffer_format(out, "lookup %s\n", lookup->name);
        plan_slots_dump(out, arena, "key", lookup->keys, lookup->key_count);
        plan_slots_dump(out, arena, "column", lookup->columns, lookup->column_count);
    }
    for (uint32_t i = 0; i < plan->joins.count; i++) {
        const PlanJoin *join = &plan->joins.items[i];
        buffer_format(out,
                      "join %s %s in %s to %s",
                      join->operator_id,
                      join_kinds[join->kind],
                      plan->lookups.items[join->lookup].name,
                      plan->pipelines.items[join->target].name);
        if (join->residual >= 0) {
            buffer_format(out, " if %s", plan->pipelines.items[join->residual].name);
        }
        buffer_char(out, '\n');
    }
}

static void band_dump(const Plan *plan, const PlanBand *band, Arena *arena, Buffer *out) {
    static const char *const keeps[] = {"", " first", " last", " newest"};
    static const char *const sides[] = {"ours", "theirs"};
    buffer_format(out,
                  "band %s %s within %lld .. %lld us%s",
                  band->operator_id,
                  join_kinds[band->kind],
                  (long long)band->low_us,
                  (long long)band->high_us,
                  keeps[band->keep]);
    if (band->residual >= 0) {
        buffer_format(out, " if %s", plan->pipelines.items[band->residual].name);
    }
    buffer_char(out, '\n');
    for (int side = 0; side < 2; side++) {
        const PlanBandSide *of = &band->sides[side];
        uint32_t first = band->key_count + 1;
        buffer_format(out, "  %s\n", sides[side]);
        plan_slots_dump(out, arena, "  key", of->columns, band->key_count);
        plan_slots_dump(out, arena, "  at", of->columns + band->key_count, 1);
        plan_slots_dump(out, arena, "  along", of->columns + first, of->column_count - first);
    }
}

static void sort_dump(const Plan *plan, const PlanSort *sort, Arena *arena, Buffer *out) {
    static const char *const kinds[] = {"top", "dedup", "running", "unique", "fill"};
    buffer_format(out, "sort %s %s", sort->operator_id, kinds[sort->kind]);
    if (sort->kind == FLOW_SORT_TOP) {
        buffer_format(
            out, " %lld %s", (long long)sort->limit, sort->is_descending ? "desc" : "asc");
    } else if (sort->kind != FLOW_SORT_RUNNING && sort->kind != FLOW_SORT_FILL) {
        buffer_format(out, " within %lld us", (long long)sort->within_us);
    }
    if (sort->stored != NULL) {
        buffer_format(out, " and in %s", plan->graph->sinks.items[sort->sink].name);
    }
    buffer_text(out, sort->has_place ? " place\n" : sort->keep_last ? " last\n" : "\n");
    uint32_t values = sort->key_count + sort->order_count;
    plan_slots_dump(out, arena, "key", sort->columns, sort->key_count);
    plan_slots_dump(out, arena, "order", sort->columns + sort->key_count, sort->order_count);
    plan_slots_dump(out, arena, "text", sort->columns + values, sort->fill_count);
    values += sort->fill_count + sort->has_gone;
    plan_slots_dump(out, arena, "along", sort->columns + values, sort->column_count - values);
    for (uint32_t i = 0; i < sort->agg_count; i++) {
        buffer_format(out,
                      "  %s: %s\n",
                      agg_names[sort->aggs[i].kind],
                      type_text(arena, sort->aggs[i].result));
    }
}

void plan_dump(const Plan *plan, Buffer *out) {
    Arena arena = {0};
    for (uint32_t i = 0; i < plan->groups.count; i++) {
        group_dump(&plan->groups.items[i], &arena, out);
    }
    for (uint32_t i = 0; i < plan->sorts.count; i++) {
        sort_dump(plan, &plan->sorts.items[i], &arena, out);
    }
    for (uint32_t i = 0; i < plan->bands.count; i++) {
        band_dump(plan, &plan->bands.items[i], &arena, out);
    }
    joins_dump(plan, &arena, out);
    for (uint32_t i = 0; i < plan->conditions.count; i++) {
        const PlanCondition *condition = &plan->conditions.items[i];
        buffer_format(out,
                      "overwrite %s if %s\n",
                      plan->graph->sinks.items[condition->sink].name,
                      plan->pipelines.items[condition->pipeline].name);
    }
    for (uint32_t i = 0; i < plan->pipelines.count; i++) {
        pipeline_dump(plan, &plan->pipelines.items[i], &arena, out);
    }
    arena_free(&arena);
}
