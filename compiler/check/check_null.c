// Where null can be: tests like `x is not null` are taken into account on their way down.
//
// Inside an expression a column keeps its `?`, only the type of the whole loses it: generated code
// may look at a branch's operands before it knows which branch is taken. After a filter the column
// itself has no `?` any more.
#include "check/check_internal.h"

// What is known of a condition where an expression is evaluated.
typedef struct Fact {
    const struct Fact *next;
    const Expr *condition;
    bool is_not_false; // else: is not true
} Fact;

// Whether the fact says that the column holds a value.
static bool fact_proves(const Expr *condition, bool is_not_false, uint32_t column) {
    if (condition->op == EXPR_NOT) {
        return fact_proves(condition->arguments[0], !is_not_false, column);
    }
    if (condition->op == EXPR_IS_NULL) {
        const Expr *tested = condition->arguments[0];
        return !is_not_false && tested->op == EXPR_COLUMN && tested->index == column;
    }
    // `a and b` is not false: neither is. `a or b` is not true: neither is.
    bool has_both = condition->op == (is_not_false ? EXPR_AND : EXPR_OR);
    return has_both && (fact_proves(condition->arguments[0], is_not_false, column) ||
                        fact_proves(condition->arguments[1], is_not_false, column));
}

static bool facts_prove(const Fact *facts, uint32_t column) {
    for (const Fact *fact = facts; fact != NULL; fact = fact->next) {
        if (fact_proves(fact->condition, fact->is_not_false, column)) {
            return true;
        }
    }
    return false;
}

static bool nullable_under(const Expr *expr, const Fact *facts);

static bool if_nullable(const Expr *expr, const Fact *facts) {
    Fact yes = {facts, expr->arguments[0], true};
    Fact no = {facts, expr->arguments[0], false};
    return nullable_under(expr->arguments[1], &yes) || nullable_under(expr->arguments[2], &no);
}

// The right side is evaluated only if the left one leaves it open.
static bool logic_nullable(const Expr *expr, const Fact *facts) {
    Fact open = {facts, expr->arguments[0], expr->op == EXPR_AND};
    return nullable_under(expr->arguments[0], facts) || nullable_under(expr->arguments[1], &open);
}

static bool any_nullable_under(const Expr *expr, const Fact *facts) {
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        if (nullable_under(expr->arguments[i], facts)) {
            return true;
        }
    }
    return false;
}

static bool nullable_under(const Expr *expr, const Fact *facts) {
    if (!expr->type->is_nullable) {
        return false;
    }
    switch (expr->op) {
    case EXPR_CONST:
    case EXPR_PARAM:
    case EXPR_TRY_CAST:
        return true;
    case EXPR_COLUMN:
        return !facts_prove(facts, expr->index);
    case EXPR_IF:
        return if_nullable(expr, facts);
    case EXPR_AND:
    case EXPR_OR:
        return logic_nullable(expr, facts);
    case EXPR_COALESCE:
        return nullable_under(expr->arguments[0], facts) &&
               nullable_under(expr->arguments[1], facts);
    default:
        return any_nullable_under(expr, facts); // operators give null on null
    }
}

bool null_is_possible(const Expr *expr) {
    return nullable_under(expr, NULL);
}

void narrow(const Expr *condition, Stream *stream, Arena *arena) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        Column *column = &stream->columns.items[i];
        if (column->type != NULL && fact_proves(condition, true, i)) {
            column->type = type_with_null(arena, column->type, false);
        }
    }
}
