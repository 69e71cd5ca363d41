// Aggregates: the accumulators whose form is a plain sum, count or extreme are updated in place
// (the forms: runtime/state/state.h); the runtime knows all of them and does the rest.
#include "gen/gen_internal.h"

enum { COUNT_OFFSET = 16, ACCUMULATOR_ALIGNMENT = 8 };

typedef struct Update {
    const PlanAgg *agg;
    const Type *type; // of the argument, or NULL
    GenValue argument;
    const Type *second_type; // of the second argument, or NULL
    GenValue second;
    LLVMValueRef place; // the accumulator
} Update;

static LLVMValueRef count_place(Gen *g, const Update *u) {
    return gen_at(g, g->t.i8, u->place, gen_i64(g, COUNT_OFFSET));
}

static LLVMValueRef one_if(Gen *g, LLVMValueRef condition) {
    return condition == NULL ? gen_i64(g, 1) : LLVMBuildZExt(g->b, condition, g->t.i64, "");
}

static bool is_exact_number(const Type *type) {
    return type_is_integer(type) || type->kind == FLOW_DURATION ||
           (type->kind == FLOW_DECIMAL && !gen_is_wide(type));
}

static bool is_plain_sum(const Update *u) {
    bool is_average = u->agg->kind == FLOW_AGG_AVG;
    return is_exact_number(u->type) && (!is_average || u->type->kind == FLOW_DECIMAL);
}

// Kinds whose order is that of the integer they are stored as. Floats are left to the runtime,
// which decides between -0.0 and 0.0; enums order by their text.
static bool has_integer_order(const Type *type) {
    return type_is_integer(type) || type->kind == FLOW_BOOL || type->kind == FLOW_DATE ||
           type->kind == FLOW_TIMESTAMP || type->kind == FLOW_DURATION ||
           type->kind == FLOW_DECIMAL;
}

// In 128 bits: whether the sum fits its type is judged at the end, whatever the order of rows.
static void sum_update(Gen *g, const Update *u) {
    LLVMValueRef wide = LLVMBuildSExt(g->b, u->argument.value, g->t.i128, "");
    if (u->argument.valid != NULL) {
        LLVMValueRef zero = gen_i128(g, 0);
        wide = LLVMBuildSelect(g->b, u->argument.valid, wide, zero, "");
    }
    gen_add_to(g, g->t.i128, u->place, wide);
    gen_add_to(g, g->t.i64, count_place(g, u), one_if(g, u->argument.valid));
}

static void extreme_update(Gen *g, const Update *u) {
    LLVMTypeRef form = u->type->kind == FLOW_DECIMAL ? g->t.i128 : g->t.i64;
    LLVMValueRef value =
        LLVMBuildIntCast2(g->b, u->argument.value, form, u->type->kind != FLOW_BOOL, "");
    LLVMValueRef kept = gen_load(g, form, u->place, ACCUMULATOR_ALIGNMENT, "");
    LLVMValueRef has = gen_load(g, g->t.i64, count_place(g, u), ACCUMULATOR_ALIGNMENT, "");
    LLVMIntPredicate order = u->agg->kind == FLOW_AGG_MIN ? LLVMIntSLT : LLVMIntSGT;
    LLVMValueRef is_first = LLVMBuildICmp(g->b, LLVMIntEQ, has, gen_i64(g, 0), "");
    LLVMValueRef is_better = LLVMBuildICmp(g->b, order, value, kept, "");
    LLVMValueRef either = LLVMBuildOr(g->b, is_first, is_better, "");
    LLVMValueRef takes = gen_and(g, either, u->argument.valid);
    LLVMValueRef next = LLVMBuildSelect(g->b, takes, value, kept, "");
    gen_store(g, next, u->place, ACCUMULATOR_ALIGNMENT);
    LLVMValueRef has_now = LLVMBuildOr(g->b, has, one_if(g, u->argument.valid), "");
    gen_store(g, has_now, count_place(g, u), ACCUMULATOR_ALIGNMENT);
}

static LLVMValueRef agg_constant(Gen *g, const PlanOp *op, uint32_t index) {
    const FlowGroup *group = &g->layout->program->groups[op->target];
    LLVMValueRef all = gen_constant(g, GEN_FlowAgg, group->aggs, (uint32_t)group->aggs_count);
    return gen_at(g, g->structs[GEN_FlowAgg], all, gen_i64(g, index));
}

static LLVMValueRef arguments_pack(Gen *g, const Update *u) {
    LLVMTypeRef pair = LLVMArrayType2(g->t.value, 2);
    LLVMValueRef values = gen_alloca(g, u->second_type == NULL ? g->t.value : pair, "agg.values");
    if (u->type != NULL) {
        gen_value_pack(g, u->type, u->argument.value, values);
    }
    if (u->second_type != NULL) {
        LLVMValueRef place = gen_at(g, g->t.value, values, gen_i64(g, 1));
        gen_value_pack(g, u->second_type, u->second.value, place);
    }
    return values;
}

// A row counts if all its arguments are there.
static void runtime_update(Gen *g, const Update *u, LLVMValueRef agg) {
    LLVMBasicBlockRef done = NULL;
    LLVMValueRef is_there = gen_and(g, u->argument.valid, u->second.valid);
    if (is_there != NULL) {
        LLVMBasicBlockRef there = gen_block(g, "agg.there");
        done = gen_block(g, "agg.done");
        LLVMBuildCondBr(g->b, is_there, there, done);
        LLVMPositionBuilderAtEnd(g->b, there);
    }
    LLVMValueRef values = arguments_pack(g, u);
    if (flow_agg_is_ordered(u->agg->kind)) {
        LLVMValueRef arguments[] = {g->fn.ctx, agg, u->place, values, g->fn.batch, g->loop.row32};
        gen_call(g, GEN_flow_rt_agg_update_at, arguments, "");
    } else {
        LLVMValueRef arguments[] = {g->fn.ctx, agg, u->place, values};
        gen_call(g, GEN_flow_rt_agg_update, arguments, "");
    }
    if (done != NULL) {
        gen_goto(g, done);
    }
}

static void argument_update(Gen *g, const PlanOp *op, uint32_t index, const Update *u) {
    switch (u->agg->kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
        gen_add_to(g, g->t.i64, u->place, one_if(g, u->argument.valid));
        return;
    case FLOW_AGG_COUNT_IF:
        gen_add_to(g, g->t.i64, u->place, one_if(g, gen_is_true(g, u->argument)));
        return;
    case FLOW_AGG_SUM:
    case FLOW_AGG_AVG:
        if (is_plain_sum(u)) {
            sum_update(g, u);
            return;
        }
        break;
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
        if (has_integer_order(u->type)) {
            extreme_update(g, u);
            return;
        }
        break;
    default: // The runtime knows all of them.
        break;
    }
    runtime_update(g, u, agg_constant(g, op, index));
}

void gen_agg_update(Gen *g, const PlanOp *op, uint32_t index, LLVMValueRef accumulators) {
    const PlanGroup *group = &g->plan->groups.items[op->target];
    const FlowAgg *agg = &g->layout->program->groups[op->target].aggs[index];
    const int32_t *slots = &op->slots[group->key_count + index * 2];
    Update u = {.agg = &group->aggs[index]};
    u.place = gen_at(g, g->t.i8, accumulators, gen_i64(g, agg->offset));
    if (slots[0] >= 0) {
        u.type = g->pipeline->slots[slots[0]].type;
        u.argument = gen_slot_load(g, (uint32_t)slots[0]);
    }
    if (slots[1] >= 0) {
        u.second_type = g->pipeline->slots[slots[1]].type;
        u.second = gen_slot_load(g, (uint32_t)slots[1]);
    }
    argument_update(g, op, index, &u);
}
