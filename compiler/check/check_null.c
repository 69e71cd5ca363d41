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

static bool is_place(const Expr *expr) {
    while (expr->op == EXPR_FIELD) {
        expr = expr->arguments[0];
    }
    return expr->op == EXPR_COLUMN || expr->op == EXPR_ARGUMENT;
}

static bool is_same_place(const Expr *a, const Expr *b) {
    bool is_same = a->op == b->op && a->index == b->index;
    return is_same && (a->op != EXPR_FIELD || is_same_place(a->arguments[0], b->arguments[0]));
}

// A field that is there is so in a struct that is there.
static bool is_in_place(const Expr *inner, const Expr *place) {
    while (inner->op == EXPR_FIELD && !is_same_place(inner, place)) {
        inner = inner->arguments[0];
    }
    return is_same_place(inner, place);
}

// Whether the fact says that the place, a column or a field of it, holds a value.
static bool fact_proves(const Expr *condition, bool is_not_false, const Expr *place) {
    if (condition->op == EXPR_NOT) {
        return fact_proves(condition->arguments[0], !is_not_false, place);
    }
    if (condition->op == EXPR_IS_NULL) {
        const Expr *tested = condition->arguments[0];
        return !is_not_false && is_place(tested) && is_in_place(tested, place);
    }
    // `a and b` is not false: neither is. `a or b` is not true: neither is.
    bool has_both = condition->op == (is_not_false ? EXPR_AND : EXPR_OR);
    return has_both && (fact_proves(condition->arguments[0], is_not_false, place) ||
                        fact_proves(condition->arguments[1], is_not_false, place));
}

static bool facts_prove(const Fact *facts, const Expr *place) {
    for (const Fact *fact = facts; fact != NULL; fact = fact->next) {
        if (fact_proves(fact->condition, fact->is_not_false, place)) {
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

// A function may give null where none of its arguments is.
static bool call_nullable(const Expr *expr, const Fact *facts) {
    const char *result = builtin_result(expr->builtin);
    return result[strlen(result) - 1] == '?' || any_nullable_under(expr, facts);
}

static bool field_nullable(const Expr *expr, const Fact *facts) {
    const Expr *fields = expr->arguments[0];
    if (is_place(expr) && facts_prove(facts, expr)) {
        return false;
    }
    return fields->type->children[expr->index].type->is_nullable || nullable_under(fields, facts);
}

static bool nullable_under(const Expr *expr, const Fact *facts) {
    if (!expr->type->is_nullable) {
        return false;
    }
    switch (expr->op) {
    case EXPR_CONST:
    case EXPR_PARAM:
    case EXPR_TRY_CAST:
    case EXPR_INDEX:
    case EXPR_LAMBDA:
        return true;
    case EXPR_COLUMN:
    case EXPR_ARGUMENT:
        return !facts_prove(facts, expr);
    case EXPR_FIELD:
        return field_nullable(expr, facts);
    case EXPR_CALL:
        return call_nullable(expr, facts);
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

static const Type *
narrowed(const Expr *condition, const Expr *place, const Type *type, Arena *arena) {
    bool is_proven = type->is_nullable && fact_proves(condition, true, place);
    const Type *result = is_proven ? type_with_null(arena, type, false) : type;
    if (type->kind != FLOW_STRUCT) {
        return result;
    }
    TypeField *fields = arena_array(arena, TypeField, type->child_count);
    bool is_changed = false;
    for (uint32_t i = 0; i < type->child_count; i++) {
        const TypeField *field = &type->children[i];
        Expr *part = expr_new(arena, EXPR_FIELD, field->type, &place, 1);
        part->index = i;
        fields[i] = (TypeField){field->name, narrowed(condition, part, field->type, arena)};
        is_changed |= fields[i].type != field->type;
    }
    return is_changed ? type_struct(arena, fields, type->child_count, result->is_nullable) : result;
}

void narrow(const Expr *condition, Stream *stream, Arena *arena) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        Column *column = &stream->columns.items[i];
        if (column->type != NULL) {
            const Expr *place = expr_column(arena, i, column->type);
            column->type = narrowed(condition, place, column->type, arena);
        }
    }
}
