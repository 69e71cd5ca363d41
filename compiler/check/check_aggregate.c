// Aggregates: each becomes a column of its group, the expression around it is computed behind.
#include "check/check_internal.h"

static const char *const later_aggregates[] = {
    "approx_count_distinct",
    "first",
    "last",
    "arg_min",
    "arg_max",
    "stddev",
    "variance",
    "median",
    "percentile",
    "approx_percentile",
    "bool_and",
    "bool_or",
    "collect_list",
    "collect_set",
    "string_agg",
};

const char *aggregate_name(FlowAggKind kind) {
    static const char *const names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
    };
    _Static_assert(COUNT_OF(names) == FLOW_AGG_COUNT_KINDS, "one name for each aggregate");
    return names[kind];
}

static bool is_later(const char *name) {
    for (uint32_t i = 0; i < COUNT_OF(later_aggregates); i++) {
        if (str_equal(later_aggregates[i], name)) {
            return true;
        }
    }
    return false;
}

static bool kind_find(const char *name, uint32_t argument_count, FlowAggKind *kind) {
    for (FlowAggKind k = 0; k <= FLOW_AGG_MAX; k++) {
        if (str_equal(aggregate_name(k), name)) {
            bool counts_values = k == FLOW_AGG_COUNT && argument_count > 0;
            *kind = counts_values ? FLOW_AGG_COUNT_VALUES : k;
            return true;
        }
    }
    return false;
}

bool aggregate_is_name(const char *name) {
    FlowAggKind kind = FLOW_AGG_COUNT;
    return is_later(name) || kind_find(name, 0, &kind);
}

bool aggregate_is_inside(const AstExpr *ast) {
    if (ast->kind == AST_EXPR_CALL && aggregate_is_name(ast->name.text)) {
        return true;
    }
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        if (aggregate_is_inside(ast->operands[i])) {
            return true;
        }
    }
    return false;
}

static int32_t capped(int32_t digits) {
    return digits > TYPE_PRECISION_MAX ? TYPE_PRECISION_MAX : digits;
}

// The result's type over at least one value, LANGUAGE 11 "Aggregates"; NULL: takes no such
// argument.
static const Type *value_type(Checker *c, FlowAggKind kind, const Type *type) {
    switch (kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
    case FLOW_AGG_COUNT_DISTINCT:
        return type_new(c->arena, FLOW_INT64, false);
    case FLOW_AGG_COUNT_IF:
        return type->kind == FLOW_BOOL ? type_new(c->arena, FLOW_INT64, false) : NULL;
    case FLOW_AGG_SUM:
        if (type->kind == FLOW_DECIMAL) {
            return type_decimal(c->arena, capped(type->precision + 10), type->scale, false);
        }
        if (type_is_float(type)) {
            return type_new(c->arena, FLOW_FLOAT64, false);
        }
        return type_is_integer(type) ? type_new(c->arena, FLOW_INT64, false) : NULL;
    case FLOW_AGG_AVG:
        if (type->kind == FLOW_DECIMAL) {
            return type_decimal(
                c->arena, capped(type->precision + 4), capped(type->scale + 4), false);
        }
        return type_is_number(type) ? type_new(c->arena, FLOW_FLOAT64, false) : NULL;
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
        return type_with_null(c->arena, type, false);
    case FLOW_AGG_COUNT_KINDS:
        break;
    default:
        flow_bug(__FILE__, __LINE__, "a kind that is not built yet");
    }
    return NULL;
}

static bool is_count(FlowAggKind kind) {
    return kind == FLOW_AGG_COUNT || kind == FLOW_AGG_COUNT_VALUES ||
           kind == FLOW_AGG_COUNT_DISTINCT || kind == FLOW_AGG_COUNT_IF;
}

// A group has a row; whether it has a value depends on the argument and the condition.
static bool may_be_empty(const Scope *scope, const GraphAgg *agg) {
    return !scope->aggregation->has_keys || agg->condition != NULL ||
           agg->argument->type->is_nullable;
}

static const Type *
result_type(Checker *c, const Scope *scope, const AstExpr *call, const GraphAgg *agg) {
    if (agg->argument == NULL) {
        return type_new(c->arena, FLOW_INT64, false);
    }
    const Type *type = value_type(c, agg->kind, agg->argument->type);
    if (type == NULL) {
        diag_add(c->diags,
                 DIAG_E033,
                 call->operands[0]->span,
                 "`%s` does not take %s",
                 call->name.text,
                 type_show(c, agg->argument->type));
        return NULL;
    }
    bool is_nullable = !is_count(agg->kind) && may_be_empty(scope, agg);
    return type_with_null(c->arena, type, is_nullable);
}

static bool place_check(Checker *c, const Scope *scope, const AstExpr *call) {
    const Aggregation *aggregation = scope->aggregation;
    if (aggregation == NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E031,
                              call->span,
                              "the aggregate `%s` stands only in the block of a group",
                              call->name.text);
        diag_help(c->diags, diag, "compute it in `group by … { … }`; later steps see its result");
        return false;
    }
    if (aggregation->is_inside) {
        diag_add(c->diags, DIAG_E032, call->span, "an aggregate cannot hold another");
        return false;
    }
    return true;
}

static bool argument_count_check(Checker *c, const AstExpr *call, FlowAggKind kind) {
    bool is_fine = kind == FLOW_AGG_COUNT ? call->operand_count == 0 : call->operand_count == 1;
    if (!is_fine) {
        diag_add(c->diags,
                 DIAG_E033,
                 call->span,
                 "`%s` takes one argument, not %u",
                 call->name.text,
                 call->operand_count);
    }
    return is_fine;
}

// The operands see the group's input, not its results.
static Scope input_scope(const Scope *scope) {
    Scope inner = *scope;
    inner.stream = scope->aggregation->input;
    inner.assigns = NULL;
    scope->aggregation->is_inside = true;
    return inner;
}

static bool operands_check(
    Checker *c, const Scope *scope, const AstExpr *call, const AstExpr *condition, GraphAgg *agg) {
    Scope inner = input_scope(scope);
    bool is_whole = true;
    if (call->operand_count > 0) {
        agg->argument = expr_check(c, &inner, call->operands[0]);
        is_whole = agg->argument != NULL;
    }
    if (condition != NULL) {
        agg->condition = condition_check(c, &inner, condition, "`where`");
        is_whole &= agg->condition != NULL;
    }
    scope->aggregation->is_inside = false;
    return is_whole;
}

static bool argument_has_type(Checker *c, const AstExpr *call, const GraphAgg *agg) {
    if (agg->argument == NULL || agg->argument->type->kind != FLOW_NULL) {
        return true;
    }
    diag_add(c->diags, DIAG_E110, call->operands[0]->span, "nothing says which type this null has");
    return false;
}

// `ast` is the call, or its `where` around it.
const Expr *aggregate_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    bool has_where = ast->kind == AST_EXPR_WHERE;
    const AstExpr *call = has_where ? ast->operands[0] : ast;
    if (call->kind != AST_EXPR_CALL || !aggregate_is_name(call->name.text)) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E031,
                              ast->span,
                              "`where` belongs to one aggregate, not to an expression");
        diag_help(c->diags, diag, "put the aggregate and its `where` in parentheses");
        return NULL;
    }
    if (!place_check(c, scope, call)) {
        return NULL;
    }
    GraphAgg agg = {.span = ast->span};
    agg.text = source_text(c->arena, &c->diags->sources, ast->span);
    if (!kind_find(call->name.text, call->operand_count, &agg.kind)) {
        diag_unsupported(c->diags, call->name.span, UNSUPPORTED_AGGREGATE);
        return NULL;
    }
    if (!argument_count_check(c, call, agg.kind) ||
        !operands_check(c, scope, call, has_where ? ast->operands[1] : NULL, &agg) ||
        !argument_has_type(c, call, &agg)) {
        return NULL;
    }
    agg.type = result_type(c, scope, call, &agg);
    if (agg.type == NULL) {
        return NULL;
    }
    Aggregation *aggregation = scope->aggregation;
    uint32_t index = aggregation->key_count + aggregation->aggs.count;
    *vec_push(c->arena, &aggregation->aggs) = agg;
    return made(c, expr_column(c->arena, index, agg.type), ast);
}
