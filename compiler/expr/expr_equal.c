// Whether two expressions say the same: the same operators on the same columns and constants. Where
// they stand in the program and how they were written does not matter.
#include "expr/expr.h"

static bool constants_equal(const Expr *a, const Expr *b) {
    if (a->is_null || b->is_null) {
        return a->is_null && b->is_null;
    }
    switch (a->type->kind) {
    case FLOW_STRING:
    case FLOW_BYTES:
        return a->constant.view.length == b->constant.view.length &&
               memcmp(flow_view_data(&a->constant.view),
                      flow_view_data(&b->constant.view),
                      a->constant.view.length) == 0;
    case FLOW_DECIMAL:
        return a->constant.i128 == b->constant.i128;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return false; // values of their own, not worth a walk
    default:
        return a->constant.i64 == b->constant.i64; // of floats: the same bits
    }
}

static bool nodes_equal(const Expr *a, const Expr *b) {
    if (a->op != b->op || a->argument_count != b->argument_count || !type_equal(a->type, b->type)) {
        return false;
    }
    bool is_same = a->index == b->index && a->is_widening == b->is_widening &&
                   a->parameter_count == b->parameter_count;
    if (a->op == EXPR_CALL && a->builtin != b->builtin) {
        return false;
    }
    return is_same && (a->op != EXPR_CONST || constants_equal(a, b));
}

bool expr_equal(const Expr *a, const Expr *b) {
    if (a == b) {
        return true;
    }
    if (!nodes_equal(a, b)) {
        return false;
    }
    for (uint32_t i = 0; i < a->argument_count; i++) {
        if (!expr_equal(a->arguments[i], b->arguments[i])) {
            return false;
        }
    }
    return true;
}
