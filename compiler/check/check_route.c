// Route: one number a row says which branch it takes; each branch is a terminal of its own.
#include "check/check_internal.h"

typedef VEC(const Expr *) Conditions;

static const Type *number_type(Checker *c) {
    return type_new(c->arena, FLOW_INT32, false);
}

static const Expr *number(Checker *c, const AstStep *step, uint32_t value) {
    const Expr *constant = expr_constant(c->arena, number_type(c), (FlowValue){.i64 = value});
    return expr_located(c->arena, constant, step->span, "route");
}

// if c0 then 0 else if c1 then 1 … else the number of branches
static const Expr *arm_number(Checker *c, const AstStep *step, const Conditions *conditions) {
    const Expr *value = number(c, step, conditions->count);
    for (uint32_t i = conditions->count; i-- > 0;) {
        const Expr *parts[3] = {conditions->items[i], number(c, step, i), value};
        const Expr *choice = expr_new(c->arena, EXPR_IF, number_type(c), parts, 3);
        value = expr_located(c->arena, choice, step->span, "route");
    }
    return value;
}

static CheckedStep *
arm_add(Checker *c, const AstStep *step, uint32_t arm, int32_t counter, const Stream *stream) {
    CheckedStep *added = step_add(c, GRAPH_ARM, step, "branch", stream);
    added->node.arm = arm;
    added->node.arm_counter = counter;
    return added;
}

static bool is_discard(const AstRoute *route) {
    return route->target == NULL || route->target->kind == AST_STEP_DISCARD;
}

static void
target_add(Checker *c, const AstStep *step, const AstRoute *route, uint32_t arm, Stream *stream) {
    bool is_dropped = is_discard(route);
    CheckedStep *added = arm_add(c, step, arm, is_dropped ? FLOW_COUNTER_DROPPED : -1, stream);
    if (!is_dropped) {
        terminal_check(c, route->target, stream);
    } else if (route->condition != NULL) {
        added->node.span = route->condition->span;
    } else if (route->target != NULL) {
        added->node.span = route->target->span;
    }
}

static Conditions conditions_check(Checker *c, const AstStep *step, const Stream *stream) {
    Conditions conditions = {0};
    Scope scope = {.stream = stream};
    for (uint32_t i = 0; i < step->route_count; i++) {
        const AstRoute *route = &step->routes[i];
        if (route->condition != NULL) {
            *vec_push(c->arena, &conditions) =
                condition_check(c, &scope, route->condition, "`when`");
        }
    }
    return conditions;
}

static bool are_whole(const Conditions *conditions) {
    for (uint32_t i = 0; i < conditions->count; i++) {
        if (conditions->items[i] == NULL) {
            return false;
        }
    }
    return true;
}

void route_check(Checker *c, const AstStep *step, Stream *stream) {
    Conditions conditions = conditions_check(c, step, stream);
    bool is_whole = are_whole(&conditions) && !stream->is_unknown;
    if (is_whole) {
        const Expr **values = arena_array(c->arena, const Expr *, 1);
        values[0] = arm_number(c, step, &conditions);
        CheckedStep *added = step_add(c, GRAPH_ROUTE, step, "route", stream);
        added->node.values = values;
        added->node.value_count = 1;
    }
    uint32_t arm = 0;
    bool has_else = false;
    for (uint32_t i = 0; i < step->route_count; i++) {
        const AstRoute *route = &step->routes[i];
        Stream *taken = stream_copy(c, stream);
        if (route->condition == NULL) {
            has_else = true;
        } else if (conditions.items[arm] != NULL) {
            narrow(conditions.items[arm], taken, c->arena);
        }
        target_add(c, step, route, route->condition == NULL ? conditions.count : arm++, taken);
    }
    if (!has_else) {
        arm_add(c, step, conditions.count, FLOW_COUNTER_FILTERED, stream);
    }
}
