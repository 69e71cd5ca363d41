// Two walks over a pipeline, in the order of evaluation: the first finds the occurrences whose
// value is already there, and those that must keep theirs; the second writes the operations anew.
//
// Slots are written once and a selection only loses rows, so what was computed for a row is there
// in all that follows. A value that is to be kept is computed in front of the operation that has
// its first occurrence, and before it, in their order, what is evaluated earlier and can fail.
#include "share/share_internal.h"

typedef struct Occurrence {
    bool is_kept;     // a later one takes its value
    uint32_t definer; // whose value it takes, or SHARE_NONE
    uint32_t slot;    // of a kept one, once it is computed
} Occurrence;

typedef struct Walk {
    SharePipe *pipe;
    VEC(Occurrence) occurrences; // in the order in which both walks meet them
    VEC(uint32_t) defined;       // numbers that have a definer, to be forgotten behind a branch
    uint32_t next;               // occurrence of the second walk
    uint32_t *aliases;           // slot that stands for a slot
} Walk;

uint32_t share_slot(SharePipe *pipe, const Expr *value, ShareOps *ops) {
    Arena *arena = pipe->plan->arena;
    uint32_t slot = pipe->slots.count;
    const char *name = arena_format(arena, "shared%u", slot);
    *vec_push(arena, &pipe->slots) = (PlanSlot){.name = name, .type = value->type, .is_used = true};
    *vec_push(arena, ops) = (PlanOp){
        .kind = PLAN_COMPUTE, .span = value->span, .flow = UINT32_MAX, .expr = value, .slot = slot};
    return slot;
}

// --- first walk -------------------------------------------------------------------------------
static void expr_find(Walk *walk, const Expr *expr, bool is_needed) {
    Arena *arena = walk->pipe->plan->arena;
    uint32_t number = share_number(&walk->pipe->numbers, expr);
    ShareValue value = walk->pipe->numbers.values.items[number];
    bool is_candidate = value.is_work && value.depth == 0;
    uint32_t index = walk->occurrences.count;
    if (is_candidate) {
        *vec_push(arena, &walk->occurrences) = (Occurrence){.definer = value.definer};
        if (value.definer != SHARE_NONE) {
            walk->occurrences.items[value.definer].is_kept = true;
            return;
        }
    }
    share_enter(&walk->pipe->numbers, expr);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        expr_find(walk, expr->arguments[i], is_needed && share_is_needed(expr, i));
    }
    share_leave(&walk->pipe->numbers, expr);
    if (is_candidate && is_needed) {
        walk->pipe->numbers.values.items[number].definer = index;
        *vec_push(arena, &walk->defined) = number;
    }
}

static void ops_find(Walk *walk, PlanOps ops) {
    uint32_t outer = walk->defined.count;
    for (uint32_t i = 0; i < ops.count; i++) {
        if (ops.items[i].expr != NULL) {
            expr_find(walk, ops.items[i].expr, true);
        }
        for (uint32_t b = 0; b < ops.items[i].branch_count; b++) {
            ops_find(walk, ops.items[i].branches[b]);
        }
    }
    while (walk->defined.count > outer) {
        uint32_t number = walk->defined.items[--walk->defined.count];
        walk->pipe->numbers.values.items[number].definer = SHARE_NONE;
    }
}

// --- second walk: expressions -----------------------------------------------------------------
// The operators around the one at hand, from the outside in: their first arguments are written.
typedef struct Around {
    struct Around *inner;
    const Expr **arguments;
    uint32_t count;
} Around;

typedef struct Rewriting {
    Walk *walk;
    const PlanOp *op;
    ShareOps *ops; // its place is at their end
    Around *outermost;
    Around **innermost; // where the next one goes
} Rewriting;

static void site_copy(Plan *plan, const Expr *from, const Expr *to) {
    int32_t site = plan_site_of(plan, from);
    if (site >= 0) {
        *vec_push(plan->arena, &plan->expr_sites) = (PlanExprSite){to, (uint32_t)site};
    }
}

// A slot may have a `?` that the reader's place does not need, never the other way round.
static const Expr *slot_read(const Rewriting *r, uint32_t slot, const Expr *instead_of) {
    const SharePipe *pipe = r->walk->pipe;
    const Type *type = instead_of->type;
    if (!pipe->slots.items[slot].type->is_nullable) {
        type = type_with_null(pipe->plan->arena, type, false);
    }
    const Expr *column = expr_column(pipe->plan->arena, slot, type);
    return expr_located(pipe->plan->arena, column, instead_of->span, instead_of->text);
}

// What would have failed before the value at hand still does.
static void earlier_compute(const Rewriting *r) {
    for (Around *around = r->outermost; around != NULL; around = around->inner) {
        for (uint32_t i = 0; i < around->count; i++) {
            const Expr *argument = around->arguments[i];
            if (argument->op != EXPR_LAMBDA && expr_can_fail(argument)) {
                uint32_t slot = share_slot(r->walk->pipe, argument, r->ops);
                around->arguments[i] = slot_read(r, slot, argument);
            }
        }
    }
}

static const Expr *expr_rewrite(Rewriting *r, const Expr *expr);

static const Expr *arguments_rewrite(Rewriting *r, const Expr *expr) {
    Arena *arena = r->walk->pipe->plan->arena;
    if (expr->argument_count == 0) {
        return expr;
    }
    Around around = {.arguments = arena_array(arena, const Expr *, expr->argument_count)};
    Around **place = r->innermost;
    *place = &around;
    r->innermost = &around.inner;
    share_enter(&r->walk->pipe->numbers, expr);
    for (; around.count < expr->argument_count; around.count++) {
        around.arguments[around.count] = expr_rewrite(r, expr->arguments[around.count]);
    }
    share_leave(&r->walk->pipe->numbers, expr);
    *place = NULL;
    r->innermost = place;
    if (memcmp(around.arguments, expr->arguments, sizeof(Expr *) * expr->argument_count) == 0) {
        return expr;
    }
    Expr *copy = arena_new(arena, Expr);
    *copy = *expr;
    copy->arguments = around.arguments;
    site_copy(r->walk->pipe->plan, expr, copy);
    return copy;
}

static const Expr *column_rewrite(const Rewriting *r, const Expr *expr) {
    uint32_t slot = r->walk->aliases[expr->index];
    if (slot == expr->index) {
        return expr;
    }
    Expr *copy = arena_new(r->walk->pipe->plan->arena, Expr);
    *copy = *expr;
    copy->index = slot;
    return copy;
}

static const Expr *expr_rewrite(Rewriting *r, const Expr *expr) {
    const ShareValue *value = share_value(r->walk->pipe, expr);
    if (!value->is_work || value->depth > 0) {
        return expr->op == EXPR_COLUMN ? column_rewrite(r, expr) : arguments_rewrite(r, expr);
    }
    uint32_t index = r->walk->next++;
    uint32_t definer = r->walk->occurrences.items[index].definer;
    if (definer != SHARE_NONE) {
        return slot_read(r, r->walk->occurrences.items[definer].slot, expr);
    }
    const Expr *written = arguments_rewrite(r, expr);
    if (!r->walk->occurrences.items[index].is_kept) {
        return written;
    }
    if (r->op->kind == PLAN_COMPUTE && r->op->expr == expr) { // it has a slot
        r->walk->occurrences.items[index].slot = r->op->slot;
        return written;
    }
    earlier_compute(r);
    uint32_t slot = share_slot(r->walk->pipe, written, r->ops);
    r->walk->occurrences.items[index].slot = slot;
    return slot_read(r, slot, written);
}

// --- second walk: operations ------------------------------------------------------------------
static const int32_t *slots_rewrite(const Walk *walk, const PlanOp *op) {
    int32_t *slots = arena_array(walk->pipe->plan->arena, int32_t, op->slot_count + 1);
    for (uint32_t i = 0; i < op->slot_count; i++) {
        slots[i] = op->slots[i] < 0 ? op->slots[i] : (int32_t)walk->aliases[op->slots[i]];
    }
    return slots;
}

// A slot that would only repeat another one is not written: the other one stands for it.
static bool is_alias(Walk *walk, const PlanOp *op) {
    const PlanSlot *slots = walk->pipe->slots.items;
    if (op->kind != PLAN_COMPUTE || op->expr->op != EXPR_COLUMN ||
        !type_equal(slots[op->expr->index].type, slots[op->slot].type)) {
        return false;
    }
    walk->aliases[op->slot] = op->expr->index;
    return true;
}

static PlanOps ops_rewrite(Walk *walk, PlanOps ops);

static void op_rewrite(Walk *walk, PlanOp op, ShareOps *shared) {
    Arena *arena = walk->pipe->plan->arena;
    op.slots = slots_rewrite(walk, &op);
    if (op.expr != NULL) {
        const PlanOp as_it_was = op;
        Rewriting r = {.walk = walk, .op = &as_it_was, .ops = shared};
        r.innermost = &r.outermost;
        op.expr = expr_rewrite(&r, op.expr);
    }
    PlanOps *branches = arena_array(arena, PlanOps, op.branch_count + 1);
    for (uint32_t b = 0; b < op.branch_count; b++) {
        branches[b] = ops_rewrite(walk, op.branches[b]);
    }
    op.branches = branches;
    if (!is_alias(walk, &op)) {
        *vec_push(arena, shared) = op;
    }
}

static PlanOps ops_rewrite(Walk *walk, PlanOps ops) {
    ShareOps shared = {0};
    for (uint32_t i = 0; i < ops.count; i++) {
        op_rewrite(walk, ops.items[i], &shared);
    }
    return (PlanOps){shared.items, shared.count};
}

// --- all --------------------------------------------------------------------------------------
static void pipeline_share(Plan *plan, PlanPipeline *pipeline) {
    SharePipe pipe = {.plan = plan, .numbers = {.arena = plan->arena}};
    for (uint32_t i = 0; i < pipeline->slot_count; i++) {
        *vec_push(plan->arena, &pipe.slots) = pipeline->slots[i];
    }
    PlanOps ops = share_branches(&pipe, pipeline->ops);
    Walk walk = {.pipe = &pipe};
    walk.aliases = arena_array(plan->arena, uint32_t, pipe.slots.count + 1);
    for (uint32_t i = 0; i < pipe.slots.count; i++) {
        walk.aliases[i] = i;
    }
    ops_find(&walk, ops);
    pipeline->ops = ops_rewrite(&walk, ops);
    pipeline->slots = pipe.slots.items;
    pipeline->slot_count = pipe.slots.count;
    buffer_free(&pipe.numbers.key);
}

void share_run(Plan *plan) {
    for (uint32_t i = 0; i < plan->pipelines.count; i++) {
        pipeline_share(plan, &plan->pipelines.items[i]);
    }
}
