// What a contract's checks prove of single columns, for who makes values up: bounds, lists,
// lengths, patterns. A check of which nothing is proved here is judged record by record instead, so
// leaving one out costs time but is never wrong.
#include "check/check_internal.h"

#include <math.h>

typedef struct Recipes {
    Checker *c;
    const Stream *columns; // of the contract
    GraphRecipe *items;
} Recipes;

// --- operands ------------------------------------------------------------------------------------
// The column that an operand is, widened or not; -1: it is something else.
static int32_t column_of(const Expr *expr) {
    while (expr->op == EXPR_CAST && expr->is_widening) {
        expr = expr->arguments[0];
    }
    return expr->op == EXPR_COLUMN ? (int32_t)expr->index : -1;
}

static bool is_value(const Expr *expr) {
    return expr->op == EXPR_CONST && !expr->is_null;
}

static const char *text_of(Arena *arena, const FlowTypeDesc *desc, const FlowValue *value) {
    Buffer text = {0};
    value_text(&text, desc, value);
    const char *copy = arena_copy(arena, text.data == NULL ? "" : text.data, text.length);
    buffer_free(&text);
    return copy;
}

static bool parse(Arena *arena, const FlowTypeDesc *desc, const char *text, FlowValue *value) {
    return value_parse(arena, desc, text, strlen(text), value) == PARSE_OK;
}

// The constant as a value of the column; false: the column has none like that.
static bool value_of(Recipes *r, int32_t column, const Expr *constant, FlowValue *value) {
    const Type *type = r->columns->columns.items[column].type;
    if (!is_value(constant) || type == NULL || type_is_nested(type)) {
        return false;
    }
    FlowTypeDesc from = type_desc(r->c->arena, constant->type);
    FlowTypeDesc to = type_desc(r->c->arena, type);
    return parse(r->c->arena, &to, text_of(r->c->arena, &from, &constant->constant), value);
}

// --- bounds --------------------------------------------------------------------------------------
static bool is_bounded(const Type *type) {
    return type_is_number(type) || type->kind == FLOW_DATE || type->kind == FLOW_TIMESTAMP ||
           type->kind == FLOW_DURATION;
}

// The next value in that direction; false: there is none.
static bool step(const Type *type, int64_t direction, FlowValue *value) {
    bool is_whole = false;
    if (type->kind == FLOW_FLOAT64) {
        value->f64 = nextafter(value->f64, (double)direction * INFINITY);
    } else if (type->kind == FLOW_FLOAT32) {
        value->f64 = (double)nextafterf((float)value->f64, (float)direction * INFINITY);
    } else if (type->kind == FLOW_DECIMAL) {
        value->i128 += direction;
    } else {
        is_whole = __builtin_add_overflow(value->i64, direction, &value->i64);
    }
    return !is_whole;
}

// Keeps the narrower of two bounds.
static void
bound_set(Recipes *r, int32_t column, const char **bound, int64_t direction, FlowValue value) {
    Arena *arena = r->c->arena;
    FlowTypeDesc desc = type_desc(arena, r->columns->columns.items[column].type);
    FlowValue old = {0};
    bool has_old = *bound != NULL && parse(arena, &desc, *bound, &old);
    if (!has_old || value_compare(&desc, &value, &desc, &old) * direction > 0) {
        *bound = text_of(arena, &desc, &value);
    }
}

static void length_set(GraphRecipe *recipe, ExprOp op, int64_t length) {
    bool is_least = op == EXPR_GE || op == EXPR_GT || op == EXPR_EQ;
    bool is_most = op == EXPR_LE || op == EXPR_LT || op == EXPR_EQ;
    int64_t least = op == EXPR_GT ? length + 1 : length;
    int64_t most = op == EXPR_LT ? length - 1 : length;
    if (is_least && least > recipe->length_min) {
        recipe->length_min = least;
    }
    if (is_most && most >= 0 && (recipe->length_max < 0 || most < recipe->length_max)) {
        recipe->length_max = most;
    }
}

// --- comparisons ---------------------------------------------------------------------------------
static GraphRecipe *recipe_of(Recipes *r, int32_t column, bool may_be_null) {
    GraphRecipe *recipe = &r->items[column];
    recipe->is_present |= !may_be_null;
    return recipe;
}

// The column whose length an operand is, or -1.
static int32_t length_of(const Expr *expr) {
    bool is_call = expr->op == EXPR_CALL && expr->builtin == BUILTIN_length;
    return is_call ? column_of(expr->arguments[0]) : -1;
}

static void texts_set(Recipes *r, GraphRecipe *recipe, const char *const *texts, uint32_t count) {
    const char **both = arena_array(r->c->arena, const char *, count + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_in = recipe->texts.count == 0;
        for (uint32_t j = 0; j < recipe->texts.count; j++) {
            is_in |= str_equal(recipe->texts.items[j], texts[i]);
        }
        if (is_in) {
            both[kept++] = texts[i];
        }
    }
    if (kept > 0) { // else no value meets both: what is drawn says so
        recipe->texts = (GraphTexts){both, kept};
    }
}

static void value_set(Recipes *r, int32_t column, FlowValue value, GraphRecipe *recipe) {
    FlowTypeDesc desc = type_desc(r->c->arena, r->columns->columns.items[column].type);
    const char *text = text_of(r->c->arena, &desc, &value);
    texts_set(r, recipe, &text, 1);
}

static bool
comparison_take(Recipes *r, ExprOp op, const Expr *left, const Expr *right, bool may_be_null) {
    int32_t column = column_of(left);
    int32_t measured = length_of(left);
    FlowValue value = {0};
    if (measured >= 0 && is_value(right) && type_is_integer(right->type)) {
        length_set(recipe_of(r, measured, may_be_null), op, right->constant.i64);
        return true;
    }
    if (column < 0 || !value_of(r, column, right, &value)) {
        return false;
    }
    const Type *type = r->columns->columns.items[column].type;
    GraphRecipe *recipe = recipe_of(r, column, may_be_null);
    bool is_low = op == EXPR_GE || op == EXPR_GT;
    int64_t direction = is_low ? 1 : -1;
    bool is_strict = op == EXPR_GT || op == EXPR_LT;
    if (op == EXPR_EQ) {
        value_set(r, column, value, recipe);
        return true;
    }
    if (is_bounded(type) && (!is_strict || step(type, direction, &value))) {
        bound_set(r, column, is_low ? &recipe->low : &recipe->high, direction, value);
        return true;
    }
    return false;
}

static ExprOp mirrored(ExprOp op) {
    switch (op) {
    case EXPR_LT:
        return EXPR_GT;
    case EXPR_LE:
        return EXPR_GE;
    case EXPR_GT:
        return EXPR_LT;
    case EXPR_GE:
        return EXPR_LE;
    default:
        return op;
    }
}

static bool list_take(Recipes *r, const Expr *in, bool may_be_null) {
    int32_t column = column_of(in->arguments[0]);
    const char **texts = arena_array(r->c->arena, const char *, in->argument_count);
    uint32_t count = 0;
    for (uint32_t i = 1; column >= 0 && i < in->argument_count; i++) {
        FlowValue value = {0};
        if (!value_of(r, column, in->arguments[i], &value)) {
            continue;
        }
        FlowTypeDesc desc = type_desc(r->c->arena, r->columns->columns.items[column].type);
        texts[count++] = text_of(r->c->arena, &desc, &value);
    }
    if (count > 0) {
        texts_set(r, recipe_of(r, column, may_be_null), texts, count);
    }
    return count > 0;
}

// --- texts ---------------------------------------------------------------------------------------
static const char *view_string(Arena *arena, const FlowValue *value) {
    return arena_copy(arena, flow_view_data(&value->view), value->view.length);
}

static void character_append(Buffer *out, char c) {
    if (c == '%') {
        buffer_text(out, "[a-z]{0,6}");
    } else if (c == '_') {
        buffer_text(out, "[a-z]");
    } else {
        buffer_text(out, strchr(".^$*+?()[]{}|\\", c) != NULL ? "\\" : "");
        buffer_char(out, c);
    }
}

static const char *pattern_of_like(Arena *arena, const char *like) {
    Buffer out = {0};
    for (const char *at = like; *at != '\0'; at++) {
        bool is_escaped = *at == '\\' && at[1] != '\0';
        at += is_escaped;
        if (is_escaped && (*at == '%' || *at == '_')) {
            buffer_char(&out, *at);
        } else {
            character_append(&out, *at);
        }
    }
    const char *pattern = arena_copy(arena, out.data == NULL ? "" : out.data, out.length);
    buffer_free(&out);
    return pattern;
}

static bool pattern_take(Recipes *r, const Expr *expr, bool may_be_null) {
    int32_t column = column_of(expr->arguments[0]);
    const Expr *pattern = expr->arguments[1];
    if (column < 0 || !is_value(pattern)) {
        return false;
    }
    GraphRecipe *recipe = recipe_of(r, column, may_be_null);
    const char *text = view_string(r->c->arena, &pattern->constant);
    bool is_first = recipe->pattern == NULL;
    if (is_first) {
        recipe->pattern = expr->op == EXPR_LIKE ? pattern_of_like(r->c->arena, text) : text;
    }
    return is_first;
}

// --- conditions ----------------------------------------------------------------------------------
static bool condition_take(Recipes *r, const Expr *expr, bool may_be_null);

// `c is null or …` about c alone.
static bool choice_take(Recipes *r, const Expr *expr) {
    for (uint32_t i = 0; i < 2; i++) {
        const Expr *test = expr->arguments[i];
        const Expr *rest = expr->arguments[1 - i];
        int32_t column = test->op == EXPR_IS_NULL ? column_of(test->arguments[0]) : -1;
        bool is_alone = column >= 0 && expr_uses_column(rest, (uint32_t)column);
        for (uint32_t other = 0; is_alone && other < r->columns->columns.count; other++) {
            is_alone = (int32_t)other == column || !expr_uses_column(rest, other);
        }
        if (is_alone) {
            return condition_take(r, rest, true);
        }
    }
    return false;
}

static bool not_take(Recipes *r, const Expr *test, bool may_be_null) {
    int32_t column = test->op == EXPR_IS_NULL ? column_of(test->arguments[0]) : -1;
    if (column >= 0 && !may_be_null) {
        r->items[column].is_present = true;
    }
    return column >= 0;
}

static bool both_take(Recipes *r, const Expr *left, const Expr *right, bool may_be_null) {
    bool is_whole = condition_take(r, left, may_be_null);
    return condition_take(r, right, may_be_null) && is_whole;
}

static bool between_take(Recipes *r, const Expr *const *arguments, bool may_be_null) {
    bool is_whole = comparison_take(r, EXPR_GE, arguments[0], arguments[1], may_be_null);
    return comparison_take(r, EXPR_LE, arguments[0], arguments[2], may_be_null) && is_whole;
}

static bool condition_take(Recipes *r, const Expr *expr, bool may_be_null) {
    const Expr *const *arguments = expr->arguments;
    switch (expr->op) {
    case EXPR_AND:
        return both_take(r, arguments[0], arguments[1], may_be_null);
    case EXPR_OR:
        return choice_take(r, expr);
    case EXPR_NOT:
        return not_take(r, arguments[0], may_be_null);
    case EXPR_EQ:
    case EXPR_LT:
    case EXPR_LE:
    case EXPR_GT:
    case EXPR_GE:
        return comparison_take(r, expr->op, arguments[0], arguments[1], may_be_null) ||
               comparison_take(r, mirrored(expr->op), arguments[1], arguments[0], may_be_null);
    case EXPR_BETWEEN:
        return between_take(r, arguments, may_be_null);
    case EXPR_IN:
        return list_take(r, expr, may_be_null);
    case EXPR_LIKE:
    case EXPR_MATCHES:
        return pattern_take(r, expr, may_be_null);
    default:
        return false;
    }
}

// What a computed column is made of is judged with it.
static void judged_mark(Recipes *r, const Contract *contract, const Expr *condition) {
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        const Expr *computed = contract->columns.items[i].computed;
        if (!expr_uses_column(condition, i) || r->items[i].is_judged) {
            continue;
        }
        r->items[i].is_judged = true;
        if (computed != NULL) {
            judged_mark(r, contract, computed);
        }
    }
}

// A computed column is as it comes out: whatever a check asks of it is judged.
static bool uses_computed(const Contract *contract, const Expr *condition) {
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        if (contract->columns.items[i].computed != NULL && expr_uses_column(condition, i)) {
            return true;
        }
    }
    return false;
}

GraphRecipe *recipes_derive(Checker *c, const Contract *contract) {
    Recipes r = {
        .c = c,
        .columns = &contract->stream,
        .items = arena_array(c->arena, GraphRecipe, contract->columns.count + 1),
    };
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        r.items[i].length_max = -1;
    }
    for (uint32_t i = 0; i < contract->checks.count; i++) {
        const Expr *condition = contract->checks.items[i].condition;
        if (!condition_take(&r, condition, false) || uses_computed(contract, condition)) {
            judged_mark(&r, contract, condition);
        }
    }
    return r.items;
}

bool recipe_is_empty(Checker *c, const Type *type, const GraphRecipe *recipe) {
    FlowValue low = {0};
    FlowValue high = {0};
    if (type == NULL || (recipe->length_max >= 0 && recipe->length_min > recipe->length_max)) {
        return type != NULL;
    }
    FlowTypeDesc desc = type_desc(c->arena, type);
    return recipe->low != NULL && recipe->high != NULL &&
           parse(c->arena, &desc, recipe->low, &low) &&
           parse(c->arena, &desc, recipe->high, &high) &&
           value_compare(&desc, &low, &desc, &high) > 0;
}
