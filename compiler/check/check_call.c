// Calls: built-in functions by the signatures of builtin.def, and those that are operators.
#include "check/check_internal.h"

// Functions of LANGUAGE 8 that are neither operators here nor in builtin.def yet.
static const char *const later_functions[] = {
    "sign",
    "round",
    "floor",
    "ceil",
    "sqrt",
    "power",
    "exp",
    "ln",
    "log10",
    "ltrim",
    "rtrim",
    "replace",
    "split",
    "concat",
    "position",
    "lpad",
    "rpad",
    "reverse",
    "repeat",
    "regexp_extract",
    "regexp_replace",
    "to_hex",
    "from_hex",
    "base64",
    "unbase64",
    "initcap",
    "translate",
    "levenshtein",
    "date_trunc",
    "extract",
    "minute",
    "second",
    "day_of_week",
    "week",
    "date_add",
    "date_diff",
    "format_time",
    "parse_time",
    "to_timezone",
    "unix_seconds",
    "unix_ms",
    "from_unix_seconds",
    "from_unix_ms",
    "last_day",
    "age",
    "size",
    "filter",
    "any",
    "all",
    "reduce",
    "sort",
    "distinct",
    "flatten",
    "slice",
    "element_at",
    "keys",
    "values",
    "list_sum",
    "list_min",
    "list_max",
    "list_avg",
    "json_get",
    "json_text",
    "to_json",
    "parse_json",
    "xxhash64",
    "md5",
    "sha256",
    "hmac_sha256",
    "uuid5",
    "redact",
    "mask_email",
    "mask_last",
    "tokenize",
    "parse_url",
    "haversine",
    "random",
};

typedef struct Call {
    const AstExpr *ast;
    const AstExpr *const *asts;
    const Expr **values; // NULL among them: poison
    uint32_t count;
    bool is_whole;
} Call;

static Call arguments_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    Call call = {
        .ast = ast,
        .asts = ast->operands,
        .values = arena_array(c->arena, const Expr *, ast->operand_count + 1),
        .count = ast->operand_count,
        .is_whole = true,
    };
    for (uint32_t i = 0; i < call.count; i++) {
        call.values[i] = expr_check(c, scope, ast->operands[i]);
        call.is_whole &= call.values[i] != NULL;
    }
    return call;
}

// --- built-in functions --------------------------------------------------------------------------
typedef struct Parameter {
    char text[32];
    bool is_optional;
    bool is_repeated;
} Parameter;

// Reads the next word of a signature; false at its end.
static bool parameter_next(const char **at, Parameter *parameter) {
    size_t length = strcspn(*at, " ");
    if (length == 0) {
        return false;
    }
    char last = (*at)[length - 1];
    parameter->is_optional = last == '?';
    parameter->is_repeated = last == '*';
    size_t word = length - (parameter->is_optional || parameter->is_repeated);
    ASSERT(word < sizeof(parameter->text));
    memcpy(parameter->text, *at, word);
    parameter->text[word] = '\0';
    *at += length;
    *at += **at == ' ';
    return true;
}

static bool is_class(const char *word, const Type *type) {
    if (str_equal(word, "any")) {
        return true;
    }
    if (str_equal(word, "number")) {
        return type_is_number(type);
    }
    return str_equal(word, "decimal") && type->kind == FLOW_DECIMAL;
}

static const Type *named_kind(Checker *c, const char *word) {
    for (FlowKind kind = 0; kind < FLOW_NULL; kind++) {
        if (str_equal(type_kind_text(kind), word)) {
            return type_new(c->arena, kind, true);
        }
    }
    ASSERT(false); // builtin.def names a type that is none
    return NULL;
}

// The argument as the parameter wants it; NULL if it is of another type.
static const Expr *
argument_fit(Checker *c, const AstExpr *ast, const Expr *value, const char *word) {
    if (is_class(word, value->type)) {
        return value;
    }
    if (str_equal(word, "any") || str_equal(word, "number") || str_equal(word, "decimal")) {
        return NULL;
    }
    const Type *type = named_kind(c, word);
    const Expr *adapted = literal_as(c, ast, type);
    if (adapted != NULL) {
        return adapted;
    }
    if (type_widens_to(value->type, type)) {
        return widen(c, value, type);
    }
    if (type->kind == FLOW_TIMESTAMP && value->type->kind == FLOW_DATE) {
        const Type *to = type_with_null(c->arena, type, value->type->is_nullable);
        Expr *cast = expr_new(c->arena, EXPR_CAST, to, &value, 1);
        return expr_located(c->arena, cast, value->span, value->text);
    }
    return NULL;
}

// "string int64?" as "string, int64?"; `same` and `widest` as they are meant.
static const char *signature_text(Checker *c, const char *words) {
    Buffer text = {0};
    for (const char *at = words; *at != '\0'; at++) {
        if (*at == ' ') {
            buffer_text(&text, ", ");
        } else {
            buffer_char(&text, *at);
        }
    }
    const char *copy = arena_copy(c->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

static const char *result_text(const char *word) {
    if (str_equal(word, "same")) {
        return "that type";
    }
    return str_equal(word, "widest") ? "the widest of their types" : word;
}

static void signature_help(Checker *c, Diag *diag, Builtin builtin) {
    diag_help(c->diags,
              diag,
              "%s(%s) gives %s: %s",
              builtin_name(builtin),
              signature_text(c, builtin_signature(builtin)),
              result_text(builtin_result(builtin)),
              builtin_help(builtin));
}

static bool count_report(Checker *c, const Call *call, Builtin builtin) {
    Diag *diag = diag_add(c->diags,
                          DIAG_E033,
                          call->ast->span,
                          "`%s` does not take %u argument%s",
                          builtin_name(builtin),
                          call->count,
                          call->count == 1 ? "" : "s");
    signature_help(c, diag, builtin);
    return false;
}

static bool argument_report(Checker *c, const Call *call, uint32_t index, Builtin builtin) {
    Diag *diag = diag_add(c->diags,
                          DIAG_E033,
                          call->asts[index]->span,
                          "`%s` does not take %s here",
                          builtin_name(builtin),
                          type_show(c, call->values[index]->type));
    signature_help(c, diag, builtin);
    return false;
}

static bool arguments_fit(Checker *c, Call *call, Builtin builtin) {
    const char *at = builtin_signature(builtin);
    Parameter parameter = {0};
    uint32_t index = 0;
    while (parameter_next(&at, &parameter)) {
        do {
            if (index == call->count) {
                return parameter.is_optional || parameter.is_repeated ||
                       count_report(c, call, builtin);
            }
            const Expr *fit =
                argument_fit(c, call->asts[index], call->values[index], parameter.text);
            if (fit == NULL) {
                return argument_report(c, call, index, builtin);
            }
            call->values[index++] = fit;
        } while (parameter.is_repeated);
    }
    return index == call->count || count_report(c, call, builtin);
}

static const Type *result_type(Checker *c, const Call *call, Builtin builtin) {
    const char *word = builtin_result(builtin);
    bool is_nullable = any_nullable(call->values, call->count);
    if (str_equal(word, "same")) {
        return type_with_null(c->arena, call->values[0]->type, is_nullable);
    }
    if (str_equal(word, "widest")) {
        const Type *type = call->values[0]->type;
        for (uint32_t i = 1; type != NULL && i < call->count; i++) {
            type = common_type(c, type, call->values[i]->type);
        }
        return type == NULL ? NULL : type_with_null(c->arena, type, is_nullable);
    }
    return type_with_null(c->arena, named_kind(c, word), is_nullable);
}

static const Expr *builtin_check(Checker *c, Call *call, Builtin builtin) {
    if (!call->is_whole || !arguments_fit(c, call, builtin)) {
        return NULL;
    }
    const Type *type = result_type(c, call, builtin);
    Expr *made_call = expr_new(c->arena, EXPR_CALL, type, call->values, call->count);
    made_call->builtin = builtin;
    return made(c, made_call, call->ast);
}

// map(list, x -> e): a list of what the lambda gives.
static const Expr *map_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    if (ast->operand_count != 2) {
        diag_add(c->diags, DIAG_E033, ast->span, "`map` takes a list and a lambda");
        return NULL;
    }
    const Expr *values[2] = {expr_check(c, scope, ast->operands[0]), NULL};
    if (values[0] == NULL) {
        return NULL;
    }
    if (values[0]->type->kind != FLOW_LIST) {
        diag_add(c->diags,
                 DIAG_E033,
                 ast->operands[0]->span,
                 "`map` takes a list, this is %s",
                 type_show(c, values[0]->type));
        return NULL;
    }
    const Type *parameters[] = {values[0]->type->children[0].type};
    values[1] = lambda_check(c, scope, ast->operands[1], parameters, 1);
    if (values[1] == NULL) {
        return NULL;
    }
    const Type *type = type_list(c->arena, values[1]->type, values[0]->type->is_nullable);
    Expr *call = expr_new(c->arena, EXPR_CALL, type, values, 2);
    call->builtin = BUILTIN_map;
    return made(c, call, ast);
}

// --- operators that look like functions ----------------------------------------------------------
static bool count_check(Checker *c, const Call *call, uint32_t least, uint32_t most) {
    if (call->count >= least && call->count <= most) {
        return true;
    }
    const char *more = most > least ? " or more" : "";
    diag_add(c->diags,
             DIAG_E033,
             call->ast->span,
             "`%s` takes %u argument%s%s, not %u",
             call->ast->name.text,
             least,
             least == 1 ? "" : "s",
             more,
             call->count);
    return false;
}

static const Expr *coalesce_check(Checker *c, Call *call) {
    return count_check(c, call, 1, UINT32_MAX)
               ? coalesce_make(c, call->ast, call->asts, call->values, call->count)
               : NULL;
}

static const Expr *if_null_check(Checker *c, Call *call) {
    return count_check(c, call, 2, 2)
               ? coalesce_make(c, call->ast, call->asts, call->values, call->count)
               : NULL;
}

static const Expr *nullif_check(Checker *c, Call *call) {
    if (!count_check(c, call, 2, 2) || !call->is_whole) {
        return NULL;
    }
    const Expr *whole = call->values[0];
    if (!comparable(c, call->ast, call->asts, call->values)) {
        return NULL;
    }
    const Type *type = bool_type(c, any_nullable(call->values, 2));
    const Expr *is_equal = node(c, call->ast, EXPR_EQ, type, call->values, 2);
    const Expr *nothing = made(c, expr_null(c->arena, whole->type), call->ast);
    return if_make(c, call->ast, is_equal, nothing, whole);
}

static const Expr *div_check(Checker *c, Call *call) {
    bool is_fine = count_check(c, call, 2, 2) && call->is_whole;
    return is_fine ? integral_division(c, call->ast, call->asts, call->values) : NULL;
}

static const Expr *mod_check(Checker *c, Call *call) {
    bool is_fine = count_check(c, call, 2, 2) && call->is_whole;
    return is_fine ? arithmetic(c, call->ast, AST_OP_MOD, call->asts, call->values) : NULL;
}

static const Expr *now_check(Checker *c, Call *call) {
    return count_check(c, call, 0, 0)
               ? node(c, call->ast, EXPR_NOW, type_new(c->arena, FLOW_TIMESTAMP, false), NULL, 0)
               : NULL;
}

static const Expr *
pair_make(Checker *c, const Call *call, ExprOp op, const Expr *a, const Expr *b) {
    const Expr *pair[2] = {a, b};
    return node(c, call->ast, op, bool_type(c, any_nullable(pair, 2)), pair, 2);
}

static const Expr *null_test(Checker *c, const Call *call, const Expr *value) {
    return node(c, call->ast, EXPR_IS_NULL, bool_type(c, false), &value, 1);
}

// Whether value `index` beats all behind it, nulls passed over.
static const Expr *beats_rest(Checker *c, const Call *call, uint32_t index, ExprOp op) {
    const Expr *value = call->values[index];
    const Expr *beats = NULL;
    if (value->type->is_nullable) {
        const Expr *is_null = null_test(c, call, value);
        beats = node(c, call->ast, EXPR_NOT, bool_type(c, false), &is_null, 1);
    }
    for (uint32_t i = index + 1; i < call->count; i++) {
        const Expr *wins = pair_make(c, call, op, value, call->values[i]);
        if (call->values[i]->type->is_nullable) {
            wins = pair_make(c, call, EXPR_OR, null_test(c, call, call->values[i]), wins);
        }
        beats = beats == NULL ? wins : pair_make(c, call, EXPR_AND, beats, wins);
    }
    return beats;
}

// The first value that beats all behind it; as in Spark null loses against everything. Every
// argument is evaluated on the way, whichever wins.
static const Expr *extreme_check(Checker *c, Call *call, ExprOp op) {
    enum { ARGUMENTS_MAX = 64 }; // the expression grows with their square
    if (!count_check(c, call, 2, ARGUMENTS_MAX)) {
        return NULL;
    }
    const Type *type = unify(c, call->asts, call->values, call->count, DIAG_E033);
    if (type == NULL || type->kind == FLOW_NULL) {
        return NULL;
    }
    bool is_nullable = true;
    for (uint32_t i = 0; i < call->count; i++) {
        is_nullable &= call->values[i]->type->is_nullable;
    }
    const Type *own = type_with_null(c->arena, type, is_nullable);
    const Expr *result = call->values[call->count - 1];
    for (uint32_t i = call->count - 1; i-- > 0;) {
        const Expr *choice[3] = {beats_rest(c, call, i, op), call->values[i], result};
        result = node(c, call->ast, EXPR_IF, own, choice, 3);
    }
    return result;
}

static const Expr *greatest_check(Checker *c, Call *call) {
    return extreme_check(c, call, EXPR_GE);
}

static const Expr *least_check(Checker *c, Call *call) {
    return extreme_check(c, call, EXPR_LE);
}

typedef struct OperatorRow {
    const char *name;
    const Expr *(*check)(Checker *c, Call *call);
} OperatorRow;

static const OperatorRow operators[] = {
    {"coalesce", coalesce_check},
    {"if_null", if_null_check},
    {"nullif", nullif_check},
    {"div", div_check},
    {"mod", mod_check},
    {"now", now_check},
    {"greatest", greatest_check},
    {"least", least_check},
};

// --- all -----------------------------------------------------------------------------------------
static void unknown_function_report(Checker *c, const AstExpr *ast) {
    VEC(const char *) names = {0};
    for (Builtin builtin = 0; builtin < BUILTIN_COUNT; builtin++) {
        *vec_push(c->arena, &names) = builtin_name(builtin);
    }
    for (uint32_t i = 0; i < COUNT_OF(operators); i++) {
        *vec_push(c->arena, &names) = operators[i].name;
    }
    for (FlowAggKind kind = 0; kind < FLOW_AGG_COUNT_KINDS; kind++) {
        *vec_push(c->arena, &names) = aggregate_name(kind);
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E034, ast->name.span, "no function is called `%s`", ast->name.text);
    diag_suggest(c->diags, diag, ast->name.text, names.items, names.count);
}

static bool is_later(const char *name) {
    for (uint32_t i = 0; i < COUNT_OF(later_functions); i++) {
        if (str_equal(later_functions[i], name)) {
            return true;
        }
    }
    return false;
}

// Arguments that stand twice in the result double with every nesting: a bound keeps it small.
static const Expr *size_bound(Checker *c, const AstExpr *ast, const Expr *result) {
    enum { NODES_MAX = 20000 };
    if (result == NULL || expr_size(result, NODES_MAX) < NODES_MAX) {
        return result;
    }
    diag_add(c->diags, DIAG_E063, ast->span, "this expression is too large");
    return NULL;
}

const Expr *call_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const char *name = ast->name.text;
    if (aggregate_is_name(name)) {
        return aggregate_check(c, scope, ast);
    }
    if (program_fn(c->program, name) != NULL) {
        return fn_call_check(c, scope, ast);
    }
    for (uint32_t i = 0; i < COUNT_OF(operators); i++) {
        if (str_equal(operators[i].name, name)) {
            Call call = arguments_check(c, scope, ast);
            return size_bound(c, ast, operators[i].check(c, &call));
        }
    }
    if (str_equal(name, "map")) {
        return map_check(c, scope, ast);
    }
    for (Builtin builtin = 0; builtin < BUILTIN_COUNT; builtin++) {
        if (str_equal(builtin_name(builtin), name)) {
            Call call = arguments_check(c, scope, ast);
            return builtin_check(c, &call, builtin);
        }
    }
    if (is_later(name)) {
        diag_unsupported(c->diags, ast->name.span, UNSUPPORTED_FUNCTION);
        return NULL;
    }
    unknown_function_report(c, ast);
    return NULL;
}
