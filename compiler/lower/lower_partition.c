// Texts that Delta's log cannot tell from null where it partitions: a row that holds one is
// rejected before its sink sees it, for it would be read back as another row.
#include "lower/lower_internal.h"
#include "scalar/scalar.h"

static const char *const unstorable[] = {"", "__HIVE_DEFAULT_PARTITION__"};

static bool may_be_unstorable(const Type *type) {
    for (uint32_t i = 0; type->kind == FLOW_ENUM && i < type->enum_count; i++) {
        for (uint32_t t = 0; t < COUNT_OF(unstorable); t++) {
            if (strcmp(type->enum_values[i], unstorable[t]) == 0) {
                return true;
            }
        }
    }
    return type->kind == FLOW_STRING;
}

static const Expr *as_string(Arena *arena, const Expr *value) {
    if (value->type->kind == FLOW_STRING) {
        return value;
    }
    const Type *type = type_new(arena, FLOW_STRING, value->type->is_nullable);
    Expr *cast = expr_new(arena, EXPR_CAST, type, &value, 1);
    cast->is_widening = true;
    return cast;
}

static const Expr *is_one_of(Arena *arena, const Expr *value) {
    const Expr *arguments[COUNT_OF(unstorable) + 1] = {value};
    const Type *type = type_new(arena, FLOW_STRING, false);
    for (uint32_t i = 0; i < COUNT_OF(unstorable); i++) {
        FlowValue text = {.view = view_text(unstorable[i])};
        arguments[i + 1] = expr_constant(arena, type, text);
    }
    const Type *result = type_new(arena, FLOW_BOOL, value->type->is_nullable);
    return expr_new(arena, EXPR_IN, result, arguments, COUNT_OF(arguments));
}

static const Expr *either(Arena *arena, const Expr *left, const Expr *right) {
    const Expr *pair[2] = {left, right};
    const Type *type =
        type_new(arena, FLOW_BOOL, left->type->is_nullable || right->type->is_nullable);
    return expr_new(arena, EXPR_OR, type, pair, 2);
}

const Expr *partition_condition(Lower *lower, const Expr *value, const Expr *is_delete) {
    Arena *arena = lower->arena;
    if (!may_be_unstorable(value->type)) {
        return NULL;
    }
    const Expr *bad = is_one_of(arena, as_string(arena, value));
    const Expr *condition = expr_new(arena, EXPR_NOT, bad->type, &bad, 1);
    if (value->type->is_nullable) {
        const Type *type = type_new(arena, FLOW_BOOL, false);
        condition = either(arena, expr_new(arena, EXPR_IS_NULL, type, &value, 1), condition);
    }
    return is_delete == NULL ? condition : either(arena, is_delete, condition);
}
