// Aggregates: each becomes a column of its group, the expression around it is computed behind.
#include "check/check_internal.h"

const char *aggregate_name(FlowAggKind kind) {
    static const char *const names[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
    };
    _Static_assert(COUNT_OF(names) == FLOW_AGG_COUNT_KINDS, "one name for each aggregate");
    return names[kind];
}

static bool kind_find(const char *name, uint32_t argument_count, FlowAggKind *kind) {
    for (FlowAggKind k = 0; k < FLOW_AGG_COUNT_KINDS; k++) {
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
    return kind_find(name, 0, &kind);
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

static const Type *sum_type(Checker *c, const Type *type) {
    if (type->kind == FLOW_DECIMAL) {
        return type_decimal(c->arena, capped(type->precision + 10), type->scale, false);
    }
    if (type_is_float(type)) {
        return type_new(c->arena, FLOW_FLOAT64, false);
    }
    if (type->kind == FLOW_DURATION) {
        return type_new(c->arena, FLOW_DURATION, false);
    }
    return type_is_integer(type) ? type_new(c->arena, FLOW_INT64, false) : NULL;
}

static const Type *average_type(Checker *c, const Type *type) {
    if (type->kind == FLOW_DECIMAL) {
        return type_decimal(c->arena, capped(type->precision + 4), capped(type->scale + 4), false);
    }
    if (type->kind == FLOW_DURATION) {
        return type_new(c->arena, FLOW_DURATION, false);
    }
    return type_is_number(type) ? type_new(c->arena, FLOW_FLOAT64, false) : NULL;
}

// Maps have no order and no equality.
static bool is_comparable(const Type *type) {
    for (uint32_t i = 0; i < type->child_count; i++) {
        if (!is_comparable(type->children[i].type)) {
            return false;
        }
    }
    return type->kind != FLOW_MAP;
}

// LANGUAGE 11 "Aggregates".
const Type *aggregate_type(Checker *c, FlowAggKind kind, const Type *type) {
    const Type *present = type_with_null(c->arena, type, false);
    switch (kind) {
    case FLOW_AGG_COUNT:
    case FLOW_AGG_COUNT_VALUES:
    case FLOW_AGG_ROW_NUMBER:
        return type_new(c->arena, FLOW_INT64, false);
    case FLOW_AGG_COUNT_DISTINCT:
    case FLOW_AGG_APPROX_COUNT_DISTINCT:
        return is_comparable(type) ? type_new(c->arena, FLOW_INT64, false) : NULL;
    case FLOW_AGG_COUNT_IF:
        return type->kind == FLOW_BOOL ? type_new(c->arena, FLOW_INT64, false) : NULL;
    case FLOW_AGG_BOOL_AND:
    case FLOW_AGG_BOOL_OR:
        return type->kind == FLOW_BOOL ? present : NULL;
    case FLOW_AGG_SUM:
        return sum_type(c, type);
    case FLOW_AGG_AVG:
        return average_type(c, type);
    case FLOW_AGG_STDDEV:
    case FLOW_AGG_VARIANCE:
    case FLOW_AGG_MEDIAN:
    case FLOW_AGG_PERCENTILE:
    case FLOW_AGG_APPROX_PERCENTILE:
        return type_is_number(type) ? type_new(c->arena, FLOW_FLOAT64, false) : NULL;
    case FLOW_AGG_MIN:
    case FLOW_AGG_MAX:
        return is_comparable(type) ? present : NULL;
    case FLOW_AGG_FIRST:
    case FLOW_AGG_LAST:
    case FLOW_AGG_ARG_MIN:
    case FLOW_AGG_ARG_MAX:
    case FLOW_AGG_LAG:
        return present;
    case FLOW_AGG_COLLECT_LIST:
        return type_list(c->arena, present, false);
    case FLOW_AGG_COLLECT_SET:
        return is_comparable(type) ? type_list(c->arena, present, false) : NULL;
    case FLOW_AGG_STRING_AGG:
        return type->kind == FLOW_STRING ? present : NULL;
    case FLOW_AGG_COUNT_KINDS:
        break;
    }
    return NULL;
}

// Over no value at all these are 0 or an empty list; the others are null.
static bool is_never_null(FlowAggKind kind) {
    return kind == FLOW_AGG_COUNT || kind == FLOW_AGG_COUNT_VALUES ||
           kind == FLOW_AGG_COUNT_DISTINCT || kind == FLOW_AGG_COUNT_IF ||
           kind == FLOW_AGG_APPROX_COUNT_DISTINCT || kind == FLOW_AGG_ROW_NUMBER ||
           kind == FLOW_AGG_COLLECT_LIST || kind == FLOW_AGG_COLLECT_SET;
}

// Null even over one value.
static bool needs_more(FlowAggKind kind) {
    return kind == FLOW_AGG_STDDEV || kind == FLOW_AGG_VARIANCE || kind == FLOW_AGG_LAG;
}

// A group has a row; whether it has a value depends on the arguments and the condition.
static bool may_be_empty(const Scope *scope, const GraphAgg *agg) {
    return !scope->aggregation->has_keys || agg->condition != NULL ||
           agg->argument->type->is_nullable ||
           (agg->second != NULL && agg->second->type->is_nullable);
}

static const Type *argument_report(Checker *c, const AstExpr *call, uint32_t i, const Type *type) {
    diag_add(c->diags,
             DIAG_E033,
             call->operands[i]->span,
             "`%s` does not take %s",
             call->name.text,
             type_show(c, type));
    return NULL;
}

static const Type *
result_type(Checker *c, const Scope *scope, const AstExpr *call, const GraphAgg *agg) {
    if (agg->argument == NULL) {
        return type_new(c->arena, FLOW_INT64, false);
    }
    const Type *type = aggregate_type(c, agg->kind, agg->argument->type);
    if (type == NULL) {
        return argument_report(c, call, 0, agg->argument->type);
    }
    bool is_nullable =
        !is_never_null(agg->kind) && (may_be_empty(scope, agg) || needs_more(agg->kind));
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
    static const char *const counts[] = {"no argument", "one argument", "two arguments"};
    uint32_t wanted = flow_agg_arguments(kind);
    if (call->operand_count != wanted) {
        diag_add(c->diags,
                 DIAG_E033,
                 call->span,
                 "`%s` takes %s, not %u",
                 call->name.text,
                 counts[wanted],
                 call->operand_count);
    }
    return call->operand_count == wanted;
}

static const Expr *second_report(Checker *c, const AstExpr *call, const char *what) {
    diag_add(
        c->diags, DIAG_E033, call->operands[1]->span, "`%s` takes %s here", call->name.text, what);
    return NULL;
}

// The part of a percentile and the separator of texts are the same for all rows.
static const Expr *
second_check(Checker *c, const AstExpr *call, FlowAggKind kind, const Expr *value) {
    const AstExpr *ast = call->operands[1];
    if (kind == FLOW_AGG_PERCENTILE || kind == FLOW_AGG_APPROX_PERCENTILE) {
        const Expr *part = literal_is_number(ast)
                               ? literal_as(c, ast, type_new(c->arena, FLOW_FLOAT64, false))
                               : NULL;
        bool is_part = part != NULL && part->constant.f64 >= 0 && part->constant.f64 <= 1;
        return is_part ? part : second_report(c, call, "a number from 0 to 1");
    }
    if (kind == FLOW_AGG_STRING_AGG) {
        return literal_is_text(ast) ? value : second_report(c, call, "a text");
    }
    if (!is_comparable(value->type)) {
        argument_report(c, call, 1, value->type);
        return NULL;
    }
    return value;
}

// The operands see the group's input, not its results.
static Scope input_scope(const Scope *scope) {
    Scope inner = *scope;
    inner.stream = scope->aggregation->input;
    inner.assigns = NULL;
    inner.lambda = NULL;
    scope->aggregation->is_inside = true;
    return inner;
}

// An enum is a text where texts are joined.
static const Expr *
argument_read(Checker *c, const Scope *inner, const AstExpr *call, FlowAggKind kind) {
    const Expr *value = expr_check(c, inner, call->operands[0]);
    if (value == NULL || kind != FLOW_AGG_STRING_AGG || value->type->kind != FLOW_ENUM) {
        return value;
    }
    return widen(c, value, type_new(c->arena, FLOW_STRING, true));
}

static bool operands_check(
    Checker *c, const Scope *scope, const AstExpr *call, const AstExpr *condition, GraphAgg *agg) {
    Scope inner = input_scope(scope);
    bool is_whole = true;
    if (call->operand_count > 0) {
        agg->argument = argument_read(c, &inner, call, agg->kind);
        is_whole = agg->argument != NULL;
    }
    if (call->operand_count > 1) {
        agg->second = expr_check(c, &inner, call->operands[1]);
        is_whole &= agg->second != NULL;
    }
    if (condition != NULL) {
        agg->condition = condition_check(c, &inner, condition, "`where`");
        is_whole &= agg->condition != NULL;
    }
    scope->aggregation->is_inside = false;
    return is_whole;
}

static bool arguments_have_types(Checker *c, const AstExpr *call, const GraphAgg *agg) {
    const Expr *arguments[] = {agg->argument, agg->second};
    for (uint32_t i = 0; i < COUNT_OF(arguments); i++) {
        if (arguments[i] != NULL && arguments[i]->type->kind == FLOW_NULL) {
            diag_add(c->diags,
                     DIAG_E110,
                     call->operands[i]->span,
                     "nothing says which type this null has");
            return false;
        }
    }
    return true;
}

static bool is_of_running(FlowAggKind kind) {
    return kind == FLOW_AGG_LAG || kind == FLOW_AGG_ROW_NUMBER;
}

static bool running_check(Checker *c, const Scope *scope, const AstExpr *call, FlowAggKind kind) {
    if (!is_of_running(kind) || scope->aggregation->is_running) {
        return true;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E031,
                          call->span,
                          "`%s` stands only in the block of a running",
                          call->name.text);
    diag_help(c->diags, diag, "a group has no order of rows; `running by … { … }` has");
    return false;
}

static bool aggregate_read(
    Checker *c, const Scope *scope, const AstExpr *call, const AstExpr *condition, GraphAgg *agg) {
    if (!running_check(c, scope, call, agg->kind) || !argument_count_check(c, call, agg->kind) ||
        !operands_check(c, scope, call, condition, agg) || !arguments_have_types(c, call, agg)) {
        return false;
    }
    if (agg->second != NULL) {
        agg->second = second_check(c, call, agg->kind, agg->second);
        if (agg->second == NULL) {
            return false;
        }
    }
    agg->type = result_type(c, scope, call, agg);
    return agg->type != NULL;
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
    bool is_known = kind_find(call->name.text, call->operand_count, &agg.kind);
    ASSERT(is_known);
    if (!aggregate_read(c, scope, call, has_where ? ast->operands[1] : NULL, &agg)) {
        return NULL;
    }
    Aggregation *aggregation = scope->aggregation;
    uint32_t index = aggregation->key_count + aggregation->aggs.count;
    *vec_push(c->arena, &aggregation->aggs) = agg;
    return made(c, expr_column(c->arena, index, agg.type), ast);
}

// --- what a block's entries make of them ---------------------------------------------------------
int32_t entry_of(const Values *entries, uint32_t column) {
    for (uint32_t i = 0; i < entries->count; i++) {
        const Expr *value = entries->items[i];
        if (value != NULL && value->op == EXPR_COLUMN && value->index == column) {
            return (int32_t)i;
        }
    }
    return -1;
}

const GraphColumn *results_placed(
    Checker *c, const GraphColumn *columns, uint32_t count, uint32_t first, const Values *entries) {
    GraphColumn *placed = arena_array(c->arena, GraphColumn, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        placed[i] = columns[i];
        if (i >= first) {
            int32_t entry = entry_of(entries, i);
            placed[i].raw_place = entry < 0 ? 0 : first + (uint32_t)entry + 1;
        }
    }
    return placed;
}
