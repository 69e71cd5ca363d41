// Built-in functions: their arguments by the signatures of builtin.def, and what they give.
#include "check/check_internal.h"

enum { VARIABLES = 26 };

// A part of a signature or of a result.
typedef struct Word {
    const char *begin;
    const char *end;
} Word;

typedef struct Call {
    Checker *c;
    const Scope *scope;
    const AstExpr *ast;
    Builtin builtin;
    const Expr **values; // NULL: not looked at yet
    uint32_t count;
    const Type *variables[VARIABLES]; // what T, U, … stand for; NULL: nothing yet
} Call;

// --- words
// -----------------------------------------------------------------------------------------
static bool word_is(Word word, const char *text) {
    size_t length = (size_t)(word.end - word.begin);
    return strlen(text) == length && memcmp(word.begin, text, length) == 0;
}

static const char *word_text(const Call *call, Word word) {
    return arena_copy(call->c->arena, word.begin, (size_t)(word.end - word.begin));
}

// Up to a character that stands outside of parentheses, or to the end.
static Word word_until(const char *at, const char *end, char stop) {
    int depth = 0;
    Word word = {at, at};
    while (word.end < end && (depth > 0 || *word.end != stop)) {
        depth += *word.end == '(' ? 1 : *word.end == ')' ? -1 : 0;
        word.end++;
    }
    return word;
}

static Word word_all(const char *text) {
    return (Word){text, text + strlen(text)};
}

// What stands in the parentheses of `name(…)`; false if the word is of another form.
static bool word_inside(Word word, const char *name, Word *inside) {
    size_t length = strlen(name);
    bool has_form = (size_t)(word.end - word.begin) > length + 1 &&
                    memcmp(word.begin, name, length) == 0 && word.begin[length] == '(' &&
                    word.end[-1] == ')';
    *inside = (Word){word.begin + length + 1, word.end - 1};
    return has_form;
}

static bool word_is_variable(Word word) {
    return word.end - word.begin == 1 && *word.begin >= 'A' && *word.begin <= 'Z';
}

static const Type **variable_of(Call *call, Word word) {
    return &call->variables[*word.begin - 'A'];
}

static bool is_checked_text(Word word) {
    static const char *const names[] = {
        "unit", "field", "zone", "regex", "pattern", "path", "part"};
    for (uint32_t i = 0; i < COUNT_OF(names); i++) {
        if (word_is(word, names[i])) {
            return true;
        }
    }
    return false;
}

static const Type *named_type(const Call *call, Word word) {
    if (is_checked_text(word)) {
        return type_new(call->c->arena, FLOW_STRING, true);
    }
    for (FlowKind kind = 0; kind < FLOW_NULL; kind++) {
        if (word_is(word, type_kind_text(kind))) {
            return type_new(call->c->arena, kind, true);
        }
    }
    flow_bug(__FILE__, __LINE__, "builtin.def names a type that is none");
}

// --- reports
// --------------------------------------------------------------------------------------- "string
// int64?" as "string, int64?".
static const char *signature_text(const Call *call) {
    Buffer text = {0};
    for (const char *at = builtin_signature(call->builtin); *at != '\0'; at++) {
        if (*at == '/') {
            buffer_text(&text, " or ");
        } else if (*at == ' ') {
            buffer_text(&text, ", ");
        } else {
            buffer_char(&text, *at);
        }
    }
    const char *copy = arena_copy(call->c->arena, text.data, text.length);
    buffer_free(&text);
    return copy;
}

static void signature_help(const Call *call, Diag *diag) {
    diag_help(call->c->diags,
              diag,
              "%s(%s): %s",
              builtin_name(call->builtin),
              signature_text(call),
              builtin_help(call->builtin));
}

static bool count_report(const Call *call) {
    Diag *diag = diag_add(call->c->diags,
                          DIAG_E033,
                          call->ast->span,
                          "`%s` does not take %u argument%s",
                          builtin_name(call->builtin),
                          call->count,
                          call->count == 1 ? "" : "s");
    signature_help(call, diag);
    return false;
}

static bool argument_report(const Call *call, uint32_t index) {
    Diag *diag = diag_add(call->c->diags,
                          DIAG_E033,
                          call->ast->operands[index]->span,
                          "`%s` does not take %s here",
                          builtin_name(call->builtin),
                          type_show(call->c, call->values[index]->type));
    signature_help(call, diag);
    return false;
}

// --- arguments
// ------------------------------------------------------------------------------------- Whether a
// type is what the word says; variables take the type that they meet first.
static bool type_matches(Call *call, Word word, const Type *type) {
    Word inside;
    if (word_is_variable(word)) {
        const Type **variable = variable_of(call, word);
        if (*variable == NULL) {
            *variable = type;
        }
        return type_equal(*variable, type);
    }
    if (word_inside(word, "list", &inside)) {
        return type->kind == FLOW_LIST && type_matches(call, inside, type->children[0].type);
    }
    if (word_inside(word, "map", &inside)) {
        Word key = word_until(inside.begin, inside.end, ',');
        return type->kind == FLOW_MAP && type_matches(call, key, type->children[0].type) &&
               type_matches(call, (Word){key.end + 1, inside.end}, type->children[1].type);
    }
    return type_equal_base(type, named_type(call, word));
}

static bool is_time(const Type *type) {
    return type->kind == FLOW_TIMESTAMP || type->kind == FLOW_DATE;
}

static const Expr *date_as_timestamp(const Call *call, const Expr *value) {
    const Type *to = type_new(call->c->arena, FLOW_TIMESTAMP, value->type->is_nullable);
    Expr *cast = expr_new(call->c->arena, EXPR_CAST, to, &value, 1);
    return expr_located(call->c->arena, cast, value->span, value->text);
}

// The argument as the word wants it; NULL if it is of another type.
static const Expr *value_fit(Call *call, const AstExpr *ast, const Expr *value, Word word) {
    const Type *type = value->type;
    bool is_null = type->kind == FLOW_NULL;
    if (word_is(word, "any")) {
        return value;
    }
    if (word_is(word, "number") || word_is(word, "time")) {
        bool is_fine = word_is(word, "time") ? is_time(type) : type_is_number(type);
        return is_fine ? value : NULL;
    }
    if (word_is_variable(word) && *variable_of(call, word) == NULL) {
        *variable_of(call, word) = type_with_null(call->c->arena, type, false);
        return is_null ? NULL : value;
    }
    if (word_is_variable(word)) {
        return fit(call->c, ast, value, *variable_of(call, word));
    }
    if (word.end[-1] == ')') {
        return type_matches(call, word, type) ? value : NULL;
    }
    const Type *wanted = named_type(call, word);
    if (wanted->kind == FLOW_TIMESTAMP && type->kind == FLOW_DATE) {
        return date_as_timestamp(call, value);
    }
    return fit(call->c, ast, value, wanted);
}

static bool text_check(const Call *call, uint32_t index, Word word) {
    const Expr *value = call->values[index];
    if (!is_checked_text(word) || value->op != EXPR_CONST || value->is_null) {
        return true;
    }
    FlowView text = value->constant.view;
    const char *name = word_text(call, word);
    if (argument_text_is_valid(name, flow_view_data(&text), text.length)) {
        return true;
    }
    Diag *diag = diag_add(call->c->diags,
                          DIAG_E033,
                          call->ast->operands[index]->span,
                          "this is no %s that `%s` knows",
                          word_is(word, "regex") ? "regular expression" : name,
                          builtin_name(call->builtin));
    signature_help(call, diag);
    return false;
}

static bool value_check(Call *call, uint32_t index, Word words) {
    const AstExpr *ast = call->ast->operands[index];
    const Expr *value = expr_check(call->c, call->scope, ast);
    if (value == NULL || (value->type->kind != FLOW_NULL && !has_known_type(call->c, ast, value))) {
        return false;
    }
    call->values[index] = value;
    for (const char *at = words.begin; at < words.end;) {
        Word word = word_until(at, words.end, '/');
        const Expr *fitted = value_fit(call, ast, value, word);
        if (fitted != NULL) {
            call->values[index] = fitted;
            return text_check(call, index, word);
        }
        at = word.end + 1;
    }
    return argument_report(call, index);
}

// --- lambdas
// ---------------------------------------------------------------------------------------
static bool
lambda_report(const Call *call, uint32_t index, const Expr *lambda, const Type *wanted) {
    diag_add(call->c->diags,
             DIAG_E033,
             call->ast->operands[index]->span,
             "the lambda gives %s, `%s` needs %s",
             type_show(call->c, lambda->type),
             builtin_name(call->builtin),
             type_show(call->c, wanted));
    return false;
}

static const Expr *lambda_read(Call *call, uint32_t index, Word parameters) {
    const Type *types[VARIABLES];
    uint32_t count = 0;
    for (const char *at = parameters.begin; at < parameters.end; at += 2) {
        types[count++] = *variable_of(call, (Word){at, at + 1});
    }
    return lambda_check(call->c, call->scope, call->ast->operands[index], types, count);
}

// "(U,T)->U": the parameters' types are known; the result's becomes known, or must fit.
static bool lambda_argument(Call *call, uint32_t index, Word word) {
    Word inside;
    Word head = {word.begin, memchr(word.begin, ')', (size_t)(word.end - word.begin))};
    head.end++;
    word_inside(head, "", &inside);
    Word result = {head.end + 2, word.end};
    const AstExpr *ast = call->ast->operands[index];
    const Expr *lambda = lambda_read(call, index, inside);
    if (lambda == NULL || !has_known_type(call->c, ast->operands[0], lambda->arguments[0])) {
        return false;
    }
    bool is_variable = word_is_variable(result);
    if (is_variable && *variable_of(call, result) == NULL) {
        *variable_of(call, result) = lambda->type;
        call->values[index] = lambda;
        return true;
    }
    const Type *wanted =
        is_variable ? *variable_of(call, result) : type_new(call->c->arena, FLOW_BOOL, true);
    if (is_variable && lambda->type->is_nullable && !wanted->is_nullable) {
        wanted = type_with_null(call->c->arena, wanted, true); // Then what it gets may be null too.
        *variable_of(call, result) = wanted;
        lambda = lambda_read(call, index, inside);
    }
    const Expr *fitted = lambda == NULL ? NULL : lambda_fit(call->c, ast, lambda, wanted);
    call->values[index] = fitted;
    return fitted != NULL || (lambda != NULL && lambda_report(call, index, lambda, wanted));
}

static bool argument_check_one(Call *call, uint32_t index, Word word) {
    bool is_lambda = *word.begin == '(';
    return is_lambda ? lambda_argument(call, index, word) : value_check(call, index, word);
}

static bool arguments_check(Call *call) {
    Word all = word_all(builtin_signature(call->builtin));
    uint32_t index = 0;
    for (const char *at = all.begin; at < all.end;) {
        Word word = word_until(at, all.end, ' ');
        at = word.end + 1;
        char last = word.end[-1];
        bool is_lambda = *word.begin == '(';
        bool is_optional = last == '?' && !is_lambda;
        bool is_repeated = last == '*';
        word.end -= last == '?' || is_repeated;
        if (index == call->count) {
            return is_optional || count_report(call);
        }
        do {
            if (!argument_check_one(call, index, word)) {
                return false;
            }
            index++;
        } while (is_repeated && index < call->count);
    }
    return index == call->count || count_report(call);
}

// --- what single functions ask for
// ----------------------------------------------------------------- The place of a list's element,
// or a key of the map.
static bool element_key_check(Call *call) {
    Checker *c = call->c;
    const Type *container = call->values[0]->type;
    const Type *wanted = container->kind == FLOW_LIST ? type_new(c->arena, FLOW_INT64, true)
                                                      : container->children[0].type;
    const Expr *key = fit(c, call->ast->operands[1], call->values[1], wanted);
    if (key == NULL) {
        return argument_report(call, 1);
    }
    call->values[1] = key;
    return true;
}

static bool is_unordered(const Type *type) {
    return type_has(type, FLOW_MAP);
}

static bool elements_check(Call *call) {
    const Type *element = call->values[0]->type->children[0].type;
    bool is_total = call->builtin == BUILTIN_list_sum || call->builtin == BUILTIN_list_avg;
    bool is_fine = is_total ? type_is_number(element) : !is_unordered(element);
    return is_fine || argument_report(call, 0);
}

// Decimals: the scale is part of the type, so the number of digits must be known.
static bool places_check(Call *call) {
    const Type *type = call->values[0]->type;
    if (type->kind != FLOW_DECIMAL || call->count < 2) {
        return true;
    }
    const Expr *places = call->values[1];
    if (places->op == EXPR_CONST && !places->is_null && places->constant.i64 >= 0 &&
        places->constant.i64 <= type->scale) {
        return true;
    }
    diag_add(call->c->diags,
             DIAG_E033,
             call->ast->operands[1]->span,
             "%s is rounded to a constant number of digits, from 0 to %d",
             type_show(call->c, type),
             type->scale);
    return false;
}

// A part of a date is a day or longer.
static bool date_unit_check(Call *call) {
    static const char *const parts[] = {"hour", "minute", "second", "millisecond", "microsecond"};
    const Expr *unit = call->values[0];
    uint32_t index = call->builtin == BUILTIN_date_add ? 2 : 1;
    if (call->values[index]->type->kind != FLOW_DATE || unit->op != EXPR_CONST || unit->is_null) {
        return true;
    }
    for (uint32_t i = 0; i < COUNT_OF(parts); i++) {
        FlowView text = unit->constant.view;
        if (strlen(parts[i]) == text.length &&
            memcmp(parts[i], flow_view_data(&text), text.length) == 0) {
            diag_add(call->c->diags,
                     DIAG_E033,
                     call->ast->operands[0]->span,
                     "a date has no %ss",
                     parts[i]);
            return false;
        }
    }
    return true;
}

// xxhash64 passes over nulls: a list of one element has the hash of its element, or none.
static bool nullable_wrap(Call *call) {
    Checker *c = call->c;
    for (uint32_t i = 0; i < call->count; i++) {
        const Expr *value = call->values[i];
        if (!has_known_type(c, call->ast->operands[i], value)) {
            return false;
        }
        if (value->type->is_nullable) {
            const Type *list = type_list(c->arena, value->type, false);
            call->values[i] = node(c, call->ast->operands[i], EXPR_LIST, list, &value, 1);
        }
    }
    return true;
}

static bool call_check_own(Call *call) {
    switch (call->builtin) {
    case BUILTIN_element_at:
        return element_key_check(call);
    case BUILTIN_sort:
    case BUILTIN_distinct:
    case BUILTIN_list_min:
    case BUILTIN_list_max:
    case BUILTIN_list_sum:
    case BUILTIN_list_avg:
        return elements_check(call);
    case BUILTIN_round:
        return places_check(call);
    case BUILTIN_date_trunc:
    case BUILTIN_date_add:
        return date_unit_check(call);
    case BUILTIN_xxhash64:
        return nullable_wrap(call);
    case BUILTIN_to_json:
    case BUILTIN_redact:
        return has_known_type(call->c, call->ast->operands[0], call->values[0]);
    default:
        return true;
    }
}

// --- results
// ---------------------------------------------------------------------------------------
static bool some_argument_is_nullable(const Call *call) {
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->values[i]->op != EXPR_LAMBDA && call->values[i]->type->is_nullable) {
            return true;
        }
    }
    return false;
}

static int32_t capped(int32_t digits) {
    return digits > TYPE_PRECISION_MAX ? TYPE_PRECISION_MAX : digits;
}

static const Type *rounded_type(const Call *call) {
    const Type *type = call->values[0]->type;
    if (type->kind != FLOW_DECIMAL) {
        return type;
    }
    int32_t places = call->count > 1 ? (int32_t)call->values[1]->constant.i64 : 0;
    int32_t digits = capped(type->precision - type->scale + 1 + places);
    return type_decimal(call->c->arena, digits, places, false);
}

static const Type *whole_type(const Call *call) {
    const Type *type = call->values[0]->type;
    return type->kind == FLOW_DECIMAL
               ? type_decimal(call->c->arena, capped(type->precision - type->scale + 1), 0, false)
               : type_new(call->c->arena, FLOW_INT64, false);
}

static const Type *element_type(const Call *call) {
    const Type *container = call->values[0]->type;
    return container->kind == FLOW_LIST
               ? container->children[0].type
               : type_with_null(call->c->arena, container->children[1].type, true);
}

static const Type *flat_type(const Call *call) {
    const Type *inner = call->values[0]->type->children[0].type;
    return type_with_null(call->c->arena, inner, inner->is_nullable);
}

static const Type *total_type(const Call *call, FlowAggKind kind) {
    const Type *element = call->values[0]->type->children[0].type;
    return type_with_null(call->c->arena, aggregate_type(call->c, kind, element), true);
}

static const Type *word_type(Call *call, Word word) {
    Word inside;
    bool is_nullable = word.end[-1] == '?';
    word.end -= is_nullable;
    const Type *type = NULL;
    if (word_is_variable(word)) {
        type = *variable_of(call, word);
        is_nullable |= type->is_nullable;
    } else if (word_inside(word, "list", &inside)) {
        const Type *element = word_type(call, inside);
        type = type_list(call->c->arena, element, false);
    } else {
        type = named_type(call, word);
    }
    return type_with_null(call->c->arena, type, is_nullable);
}

// Without the nulls of the arguments.
static const Type *own_type(Call *call) {
    Checker *c = call->c;
    Word word = word_all(builtin_result(call->builtin));
    if (word_is(word, "same") || word_is(word, "second") || word_is(word, "third")) {
        uint32_t index = word_is(word, "same") ? 0 : word_is(word, "second") ? 1 : 2;
        return type_with_null(c->arena, call->values[index]->type, false);
    }
    if (word_is(word, "rounded")) {
        return type_with_null(c->arena, rounded_type(call), false);
    }
    if (word_is(word, "whole")) {
        return whole_type(call);
    }
    if (word_is(word, "element?")) {
        return element_type(call);
    }
    if (word_is(word, "flat?")) {
        return flat_type(call);
    }
    if (word_is(word, "sum?") || word_is(word, "average?")) {
        return total_type(call, word_is(word, "sum?") ? FLOW_AGG_SUM : FLOW_AGG_AVG);
    }
    if (word_is(word, "logic?")) {
        return type_new(c->arena, FLOW_BOOL, call->values[1]->type->is_nullable);
    }
    return word_type(call, word);
}

// random(): a function of the record's place and of which call in the program it is.
static const Expr *random_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Type *number = type_new(c->arena, FLOW_INT64, false);
    const Expr **places = arena_array(c->arena, const Expr *, 3);
    places[0] = record_place(c, scope, ast, FLOW_META_FILE);
    places[1] = places[0] == NULL ? NULL : record_place(c, scope, ast, FLOW_META_POSITION);
    if (places[1] == NULL) {
        return NULL;
    }
    FlowValue which = {.i64 = c->random_count++};
    places[2] = made(c, expr_constant(c->arena, number, which), ast);
    Expr *call = expr_new(c->arena, EXPR_CALL, type_new(c->arena, FLOW_FLOAT64, false), places, 3);
    call->builtin = BUILTIN_random;
    return made(c, call, ast);
}

const Expr *builtin_check(Checker *c, const Scope *scope, const AstExpr *ast, Builtin builtin) {
    if (builtin == BUILTIN_random && ast->operand_count == 0) {
        return random_check(c, scope, ast);
    }
    Call call = {.c = c, .scope = scope, .ast = ast, .builtin = builtin};
    call.values = arena_array(c->arena, const Expr *, ast->operand_count + 1);
    call.count = ast->operand_count;
    if (!arguments_check(&call) || !call_check_own(&call)) {
        return NULL;
    }
    const Type *type = own_type(&call);
    bool is_nullable = type->is_nullable || some_argument_is_nullable(&call);
    Expr *made_call = expr_new(
        c->arena, EXPR_CALL, type_with_null(c->arena, type, is_nullable), call.values, call.count);
    made_call->builtin = builtin;
    return made(c, made_call, ast);
}
