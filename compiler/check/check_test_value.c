// Values in the rows of tests. They are written for a type that is known, so each part of a list or
// a struct is judged as the value of its own place, and what may be null may be left out.
#include "check/check_internal.h"

// Texts are parsed into dates and timestamps, and are the bytes of `bytes`; also inside of lists
// and structs.
static bool is_parsed(const Type *type) {
    return type->kind == FLOW_DATE || type->kind == FLOW_TIMESTAMP || type->kind == FLOW_BYTES;
}

const Expr *test_text(Checker *c, const AstExpr *ast, const Type *type) {
    if (!c->is_test_cell || !literal_is_text(ast) || !is_parsed(type)) {
        return NULL;
    }
    const AstLiteral *literal = &ast->literal;
    FlowTypeDesc desc = {.kind = (int32_t)type->kind};
    FlowValue value = {0};
    if (type->kind == FLOW_BYTES) {
        value.view = view_of(literal->text, literal->length);
    } else if (value_parse(c->arena, &desc, literal->text, literal->length, &value) != PARSE_OK) {
        return NULL;
    }
    return made(c, expr_constant(c->arena, type, value), ast);
}

static const Expr *plain_value(Checker *c, const AstExpr *ast, const Type *type, const char *what) {
    if (literal_is_text(ast) && is_parsed(type)) {
        const Expr *parsed = test_text(c, ast, type);
        if (parsed == NULL) {
            const char *kind = type_kind_text(type->kind);
            diag_add(c->diags, DIAG_E292, ast->span, "this text is no %s", kind);
        }
        return parsed;
    }
    Scope scope = {.stream = stream_new(c)};
    const Expr *value = literal_as(c, ast, type);
    if (value == NULL) {
        value = expr_check(c, &scope, ast);
    }
    return assign_to(c, ast, value, type, what);
}

static const Expr *part_check(Checker *c, const AstExpr *ast, const Type *type, const char *what);

static const Expr *list_value(Checker *c, const AstExpr *ast, const Type *type, const char *what) {
    const Expr **items = arena_array(c->arena, const Expr *, ast->operand_count + 1);
    const char *item = arena_format(c->arena, "an element of %s", what);
    bool is_whole = true;
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        items[i] = part_check(c, ast->operands[i], type->children[0].type, item);
        is_whole &= items[i] != NULL;
    }
    const Type *own = type_with_null(c->arena, type, false);
    return is_whole ? made(c, expr_new(c->arena, EXPR_LIST, own, items, ast->operand_count), ast)
                    : NULL;
}

static const Expr *part_check(Checker *c, const AstExpr *ast, const Type *type, const char *what) {
    if (ast->kind == AST_EXPR_LIST && type->kind == FLOW_LIST && ast->operand_count > 0) {
        return list_value(c, ast, type, what);
    }
    if (ast->kind != AST_EXPR_STRUCT || type->kind != FLOW_STRUCT) {
        return plain_value(c, ast, type, what);
    }
    TestPart *parts = arena_array(c->arena, TestPart, ast->operand_count + 1);
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        parts[i] = (TestPart){.names = &ast->names.items[i], .count = 1, .value = ast->operands[i]};
    }
    return test_struct(c, parts, ast->operand_count, type, ast->span, what);
}

const Expr *test_value(Checker *c, const AstExpr *ast, const Type *type, const char *what) {
    if (type == NULL) {
        return NULL;
    }
    c->is_test_cell = true;
    const Expr *value = part_check(c, ast, type, what);
    c->is_test_cell = false;
    return value;
}

// --- structs -------------------------------------------------------------------------------------
static bool names_known(Checker *c, const TestPart *parts, uint32_t count, const Type *type) {
    bool are_known = true;
    for (uint32_t i = 0; i < count; i++) {
        bool is_known = type_field(type, parts[i].names[0].text) >= 0;
        if (!is_known) {
            field_report(c, parts[i].names[0], type);
        }
        are_known &= is_known;
    }
    return are_known;
}

// The value of one field: of the parts that begin with it, one alone, or several of a struct.
static const Expr *field_value(
    Checker *c, const TestPart *parts, uint32_t count, const TypeField *field, const char *what) {
    const TestPart *whole = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (whole != NULL || (parts[i].count == 1 && i > 0)) {
            diag_add(c->diags,
                     DIAG_E203,
                     parts[i].names[0].span,
                     "`%s` is given twice",
                     parts[i].names[0].text);
            return NULL;
        }
        whole = parts[i].count == 1 ? &parts[i] : NULL;
    }
    if (whole != NULL) {
        return part_check(c, whole->value, field->type, what);
    }
    TestPart *inner = arena_array(c->arena, TestPart, count);
    for (uint32_t i = 0; i < count; i++) {
        inner[i] = (TestPart){parts[i].names + 1, parts[i].count - 1, parts[i].value};
    }
    Span span = span_join(parts[0].names[0].span, parts[0].value->span);
    return test_struct(c, inner, count, field->type, span, what);
}

static const Expr *
field_of(Checker *c, const TestPart *parts, uint32_t count, const TypeField *field, Span span) {
    TestPart *own = arena_array(c->arena, TestPart, count + 1);
    uint32_t own_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(parts[i].names[0].text, field->name)) {
            own[own_count++] = parts[i];
        }
    }
    if (own_count > 0) {
        const char *what = arena_format(c->arena, "the field `%s`", field->name);
        return field_value(c, own, own_count, field, what);
    }
    if (!field->type->is_nullable) {
        diag_add(c->diags,
                 DIAG_E291,
                 span,
                 "the field `%s` is %s: only what may be null may be left out",
                 field->name,
                 type_show(c, field->type));
        return NULL;
    }
    return expr_null(c->arena, field->type);
}

const Expr *test_struct(Checker *c,
                        const TestPart *parts,
                        uint32_t count,
                        const Type *type,
                        Span span,
                        const char *what) {
    if (type == NULL || type->kind != FLOW_STRUCT) {
        if (type != NULL) {
            diag_add(c->diags,
                     DIAG_E107,
                     parts[0].names[0].span,
                     "%s is %s, which has no fields",
                     what,
                     type_show(c, type));
        }
        return NULL;
    }
    if (!names_known(c, parts, count, type)) {
        return NULL;
    }
    bool was_cell = c->is_test_cell;
    c->is_test_cell = true;
    const Expr **values = arena_array(c->arena, const Expr *, type->child_count);
    bool is_whole = true;
    for (uint32_t i = 0; i < type->child_count; i++) {
        values[i] = field_of(c, parts, count, &type->children[i], span);
        is_whole &= values[i] != NULL;
    }
    c->is_test_cell = was_cell;
    const Type *own = type_with_null(c->arena, type, false);
    const Expr *made = expr_new(c->arena, EXPR_STRUCT, own, values, type->child_count);
    const char *text = source_text(c->arena, &c->diags->sources, span);
    return is_whole ? expr_located(c->arena, made, span, text) : NULL;
}
