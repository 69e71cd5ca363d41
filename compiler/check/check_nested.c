// Lists, maps and structs in expressions: literals, fields, elements, and values that take their
// type from the place where they stand.
#include "check/check_internal.h"

// --- literals ------------------------------------------------------------------------------------
// A literal in a literal is no deeper than the text's brackets, but what stands in them may be.
static const Expr *depth_bound(Checker *c, const AstExpr *ast, const Expr *value) {
    if (type_depth(value->type) <= TYPE_DEPTH_MAX) {
        return value;
    }
    diag_add(c->diags,
             DIAG_E120,
             ast->span,
             "lists, maps and structs stand at most %d deep in each other",
             TYPE_DEPTH_MAX);
    return NULL;
}

static const Expr **entries_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr **values = arena_array(c->arena, const Expr *, ast->operand_count + 1);
    bool is_whole = true;
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        values[i] = expr_check(c, scope, ast->operands[i]);
        is_whole &= values[i] != NULL;
    }
    return is_whole ? values : NULL;
}

const Expr *list_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    if (ast->operand_count == 0) { // its elements are of no type yet
        const Type *nothing = type_new(c->arena, FLOW_NULL, false);
        return literal_as(c, ast, type_list(c->arena, nothing, false));
    }
    const Expr **values = entries_check(c, scope, ast);
    if (values == NULL) {
        return NULL;
    }
    const Type *type = unify(c, ast->operands, values, ast->operand_count, DIAG_E035);
    if (type == NULL) {
        return NULL;
    }
    bool is_nullable = any_nullable(values, ast->operand_count);
    const Type *list = type_list(c->arena, type_with_null(c->arena, type, is_nullable), false);
    return depth_bound(c, ast, node(c, ast, EXPR_LIST, list, values, ast->operand_count));
}

static bool names_are_distinct(Checker *c, const AstExpr *ast) {
    bool are_distinct = true;
    for (uint32_t i = 0; i < ast->names.count; i++) {
        const AstName *name = &ast->names.items[i];
        for (uint32_t before = 0; before < i; before++) {
            if (str_equal(ast->names.items[before].text, name->text)) {
                diag_add(c->diags,
                         DIAG_E203,
                         name->span,
                         "the struct has two fields called `%s`",
                         name->text);
                are_distinct = false;
            }
        }
    }
    return are_distinct;
}

const Expr *struct_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr **values = entries_check(c, scope, ast);
    if (ast->operand_count == 0) {
        diag_add(c->diags, DIAG_E121, ast->span, "a struct has at least one field");
        return NULL;
    }
    if (!names_are_distinct(c, ast) || values == NULL) {
        return NULL;
    }
    TypeField *fields = arena_array(c->arena, TypeField, ast->operand_count);
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        fields[i] = (TypeField){ast->names.items[i].text, values[i]->type};
    }
    const Type *type = type_struct(c->arena, fields, ast->operand_count, false);
    return depth_bound(c, ast, node(c, ast, EXPR_STRUCT, type, values, ast->operand_count));
}

// --- literals that take a type -------------------------------------------------------------------
static const Expr *part_fit(Checker *c, const AstExpr *ast, const Expr *value, const Type *type) {
    const Expr *part = fit(c, ast, value, type);
    bool is_lost = part != NULL && part->type->is_nullable && !type->is_nullable;
    return is_lost ? NULL : part;
}

static const Expr *remade(Checker *c, const Expr *literal, const Type *type, const Expr **parts) {
    const Type *own = type_with_null(c->arena, type, false);
    const Expr *fitted = expr_new(c->arena, literal->op, own, parts, literal->argument_count);
    return expr_located(c->arena, fitted, literal->span, literal->text);
}

static const Expr *list_fit(Checker *c, const AstExpr *ast, const Expr *list, const Type *type) {
    const Expr **parts = arena_array(c->arena, const Expr *, list->argument_count);
    for (uint32_t i = 0; i < list->argument_count; i++) {
        parts[i] = part_fit(c, ast->operands[i], list->arguments[i], type->children[0].type);
        if (parts[i] == NULL) {
            return NULL;
        }
    }
    return remade(c, list, type, parts);
}

static const AstExpr *operand_named(const AstExpr *ast, const char *name) {
    for (uint32_t i = 0; i < ast->names.count; i++) {
        if (str_equal(ast->names.items[i].text, name)) {
            return ast->operands[i];
        }
    }
    return NULL;
}

// By name: the fields of a literal may stand in any order. (If it was fitted before, its value has
// not that of the text any more.)
static const Expr *
struct_fit(Checker *c, const AstExpr *ast, const Expr *fields, const Type *type) {
    const Expr **parts = arena_array(c->arena, const Expr *, type->child_count);
    if (fields->argument_count != type->child_count) {
        return NULL;
    }
    for (uint32_t i = 0; i < type->child_count; i++) {
        const TypeField *wanted = &type->children[i];
        int32_t from = type_field(fields->type, wanted->name);
        if (from < 0) {
            return NULL;
        }
        const AstExpr *written = operand_named(ast, wanted->name);
        parts[i] = part_fit(c, written, fields->arguments[from], wanted->type);
        if (parts[i] == NULL) {
            return NULL;
        }
    }
    return remade(c, fields, type, parts);
}

const Expr *fit(Checker *c, const AstExpr *ast, const Expr *value, const Type *type) {
    const Expr *fitted = literal_as(c, ast, type);
    if (fitted == NULL) {
        fitted = test_text(c, ast, type);
    }
    if (fitted != NULL) {
        return fitted;
    }
    if (ast->kind == AST_EXPR_LIST && value->op == EXPR_LIST && type->kind == FLOW_LIST) {
        fitted = list_fit(c, ast, value, type);
    } else if (ast->kind == AST_EXPR_STRUCT && value->op == EXPR_STRUCT &&
               type->kind == FLOW_STRUCT) {
        fitted = struct_fit(c, ast, value, type);
    }
    if (fitted != NULL) {
        return fitted;
    }
    bool widens = type_widens_to(value->type, type_with_null(c->arena, type, true));
    return widens ? widen(c, value, type) : NULL;
}

bool has_known_type(Checker *c, const AstExpr *ast, const Expr *value) {
    if (value == NULL || !type_has(value->type, FLOW_NULL)) {
        return value != NULL;
    }
    if (value->type->kind == FLOW_NULL) {
        Diag *diag =
            diag_add(c->diags, DIAG_E110, ast->span, "nothing says which type this null has");
        diag_help(c->diags, diag, "write `cast(null as T)` with the type that is meant");
        return false;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E110,
                          ast->span,
                          "nothing says which type a part of this %s has",
                          type_kind_text(value->type->kind));
    diag_help(c->diags, diag, "write `cast(… as T)` with the type that is meant");
    return false;
}

// --- parts ---------------------------------------------------------------------------------------
void field_report(Checker *c, AstName name, const Type *type) {
    const char **names = arena_array(c->arena, const char *, type->child_count + 1);
    Buffer listed = {0};
    for (uint32_t i = 0; i < type->child_count; i++) {
        names[i] = type->children[i].name;
        buffer_format(&listed, "%s`%s`", i == 0 ? "" : ", ", names[i]);
    }
    Diag *diag =
        diag_add(c->diags, DIAG_E122, name.span, "the struct has no field `%s`", name.text);
    if (!diag_suggest(c->diags, diag, name.text, names, type->child_count)) {
        diag_note(c->diags, diag, "its fields are %s", buffer_cstring(&listed));
    }
    buffer_free(&listed);
}

const Expr *field_make(Checker *c, const AstExpr *ast, const Expr *value) {
    if (value == NULL) {
        return NULL;
    }
    if (value->type->kind != FLOW_STRUCT) {
        diag_add(c->diags,
                 DIAG_E107,
                 ast->span,
                 "%s has no fields, so `.%s` reads nothing",
                 type_show(c, value->type),
                 ast->name.text);
        return NULL;
    }
    int32_t index = type_field(value->type, ast->name.text);
    if (index < 0) {
        field_report(c, ast->name, value->type);
        return NULL;
    }
    const Type *field = value->type->children[index].type;
    bool is_nullable = field->is_nullable || value->type->is_nullable;
    const Type *type = type_with_null(c->arena, field, is_nullable);
    Expr *read = expr_new(c->arena, EXPR_FIELD, type, &value, 1);
    read->index = (uint32_t)index;
    return made(c, read, ast);
}

static const Expr *place_in_list(Checker *c, const AstExpr *ast, const Expr *index) {
    const Expr *place = fit(c, ast, index, type_new(c->arena, FLOW_INT64, true));
    if (place == NULL) {
        diag_add(c->diags,
                 DIAG_E107,
                 ast->span,
                 "a place in a list is an integer, counted from 0, this is %s",
                 type_show(c, index->type));
    }
    return place;
}

static const Expr *key_in_map(Checker *c, const AstExpr *ast, const Expr *index, const Type *map) {
    const Type *type = map->children[0].type;
    const Expr *key = fit(c, ast, index, type);
    if (key == NULL && literal_is_text(ast) && type->kind == FLOW_ENUM) {
        enum_value_report(c, ast, type);
    } else if (key == NULL) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E107,
                              ast->span,
                              "the keys of this map are %s, this is %s",
                              type_show(c, type),
                              type_show(c, index->type));
        cast_help(c, diag, ast, type);
    }
    return key;
}

const Expr *index_check(Checker *c, const Scope *scope, const AstExpr *ast) {
    const Expr *parts[2] = {expr_check(c, scope, ast->operands[0]),
                            expr_check(c, scope, ast->operands[1])};
    if (parts[0] == NULL || parts[1] == NULL) {
        return NULL;
    }
    const Type *type = parts[0]->type;
    if (type->kind == FLOW_LIST) {
        parts[1] = place_in_list(c, ast->operands[1], parts[1]);
    } else if (type->kind == FLOW_MAP) {
        parts[1] = key_in_map(c, ast->operands[1], parts[1], type);
    } else {
        diag_add(c->diags,
                 DIAG_E107,
                 ast->span,
                 "%s has no elements, so `[ ]` reads nothing",
                 type_show(c, type));
        return NULL;
    }
    if (parts[1] == NULL) {
        return NULL;
    }
    const Type *element = type->children[type->child_count - 1].type;
    return node(c, ast, EXPR_INDEX, type_with_null(c->arena, element, true), parts, 2);
}
