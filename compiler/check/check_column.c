// What the modifiers of a contract's columns say: names on the wire, defaults, patterns; and the
// expressions of computed columns.
#include "check/check_internal.h"

// --- expressions that nobody wrote ---------------------------------------------------------------
const AstExpr *ast_name(Checker *c, const char *name, Span span) {
    AstExpr *ast = arena_new(c->arena, AstExpr);
    *ast = (AstExpr){
        .kind = AST_EXPR_NAME, .depth = 1, .span = span, .name = {.text = name, .span = span}};
    return ast;
}

const AstExpr *ast_literal(Checker *c, const AstLiteral *literal, Span span) {
    AstExpr *ast = arena_new(c->arena, AstExpr);
    *ast = (AstExpr){.kind = AST_EXPR_LITERAL, .depth = 1, .span = span, .literal = *literal};
    return ast;
}

const AstExpr *ast_node(
    Checker *c, AstExprKind kind, AstOp op, Span span, const AstExpr *left, const AstExpr *right) {
    AstExpr *ast = arena_new(c->arena, AstExpr);
    const AstExpr **operands = arena_array(c->arena, const AstExpr *, 2);
    operands[0] = left;
    operands[1] = right;
    *ast = (AstExpr){
        .kind = kind,
        .op = op,
        .depth = 1 + (right != NULL && right->depth > left->depth ? right->depth : left->depth),
        .span = span,
        .operands = operands,
        .operand_count = right == NULL ? 1 : 2,
    };
    return ast;
}

// --- patterns ------------------------------------------------------------------------------------
// A pattern is about texts: null has none, so a column that may be null stays so.
const AstExpr *pattern_condition(Checker *c, const AstColumn *column, const AstMod *mod) {
    const AstExpr *name = ast_name(c, column->name.text, mod->span);
    const AstExpr *text = ast_literal(c, &mod->texts[0], mod->texts[0].span);
    const AstExpr *matches = ast_node(c, AST_EXPR_MATCHES, AST_OP_NONE, mod->span, name, text);
    if (column->type == NULL || !column->type->is_nullable) {
        return matches;
    }
    const AstExpr *is_null = ast_node(c, AST_EXPR_IS_NULL, AST_OP_NONE, mod->span, name, NULL);
    return ast_node(c, AST_EXPR_BINARY, AST_OP_OR, mod->span, is_null, matches);
}

// --- names on the wire ---------------------------------------------------------------------------
static void wire_names_set(Checker *c, ContractColumn *column, const AstMod *mod) {
    const char **names = arena_array(c->arena, const char *, mod->text_count + 1);
    for (uint32_t i = 0; i < mod->text_count; i++) {
        names[i] = mod->texts[i].text;
    }
    column->wire.names = names;
    column->wire.name_count = mod->text_count;
}

static void wire_own_name_set(Checker *c, ContractColumn *column) {
    const char **names = arena_array(c->arena, const char *, 1);
    names[0] = column->ast->name.text;
    column->wire.names = names;
    column->wire.name_count = 1;
}

static bool has_wire(const ContractColumn *column, const char *name, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(column->wire.names[i], name)) {
            return true;
        }
    }
    return false;
}

// A field goes into one column.
static void wire_report(Checker *c, const Contract *contract, uint32_t index, uint32_t name) {
    const ContractColumn *column = &contract->columns.items[index];
    const char *wire = column->wire.names[name];
    for (uint32_t i = 0; i <= index; i++) {
        const ContractColumn *other = &contract->columns.items[i];
        if (has_wire(other, wire, i == index ? name : other->wire.name_count)) {
            Diag *diag = diag_add(c->diags,
                                  DIAG_E203,
                                  column->ast->span,
                                  "the field `%s` is read into `%s` already",
                                  wire,
                                  other->ast->name.text);
            diag_note_at(c->diags, diag, other->ast->span, "here");
            return;
        }
    }
}

static void wires_check(Checker *c, const Contract *contract) {
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        for (uint32_t n = 0; n < contract->columns.items[i].wire.name_count; n++) {
            wire_report(c, contract, i, n);
        }
    }
}

// --- defaults ------------------------------------------------------------------------------------
static const char *value_as_text(Checker *c, const Expr *value) {

    FlowTypeDesc desc = type_desc(c->arena, value->type);
    Buffer text = {0};
    value_text(&text, &desc, &value->constant);
    const char *kept = arena_string(c->arena, buffer_cstring(&text));
    buffer_free(&text);
    return kept;
}

static void default_report(Checker *c, const AstMod *mod, const Type *type) {
    diag_add(c->diags,
             DIAG_E105,
             mod->span,
             "the default is no value of the column's type %s",
             type_show(c, type));
}

// `default null` is what a column with ? has anyway.
static void default_set(Checker *c, ContractColumn *column, const AstMod *mod, const Type *type) {
    if (type == NULL) {
        return;
    }
    if (mod->is_empty_list) {
        column->wire.default_text = "";
        if (type->kind != FLOW_LIST) {
            default_report(c, mod, type);
        }
        return;
    }
    const AstExpr *ast = ast_literal(c, &mod->literal, mod->literal.span);
    const Expr *value = literal_as(c, ast, type);
    bool is_null = literal_is_null(ast);
    if (is_null ? !type->is_nullable : value == NULL) {
        default_report(c, mod, type);
    } else if (!is_null) {
        column->wire.default_text = value_as_text(c, value);
    }
}

// --- formats -------------------------------------------------------------------------------------
static void format_set(Checker *c, ContractColumn *column, const AstMod *mod, const Type *type) {
    if (type != NULL && type->kind != FLOW_DATE && type->kind != FLOW_TIMESTAMP) {
        diag_add(c->diags,
                 DIAG_E201,
                 mod->span,
                 "`format` says how a date or timestamp is written, `%s` is %s",
                 column->ast->name.text,
                 type_show(c, type));
        return;
    }
    const AstLiteral *pattern = &mod->texts[0];
    const AstLiteral *zone = mod->text_count > 1 ? &mod->texts[1] : NULL;
    Zone found;
    if (!time_pattern_is_valid(pattern->text, pattern->length)) {
        diag_add(c->diags, DIAG_E201, pattern->span, "this is no pattern of a date or timestamp");
    } else if (zone != NULL && !zone_find(zone->text, zone->length, &found)) {
        diag_add(c->diags, DIAG_E201, zone->span, "no time zone is called `%s`", zone->text);
    }
    column->wire.format = pattern->text;
    column->wire.zone = zone == NULL ? NULL : zone->text;
}

// --- columns -------------------------------------------------------------------------------------
static void unread_report(Checker *c, const ContractColumn *column, const AstMod *mod) {
    diag_add(c->diags,
             DIAG_E200,
             mod->span,
             "this says how a column is read, `%s` is computed",
             column->ast->name.text);
}

static void mod_read(Checker *c, ContractColumn *column, const AstMod *mod, const Type *type) {
    bool is_for_reading =
        mod->kind == AST_MOD_FROM || mod->kind == AST_MOD_DEFAULT || mod->kind == AST_MOD_FORMAT;
    if (is_for_reading && column->ast->computed != NULL) {
        unread_report(c, column, mod);
    } else if (mod->kind == AST_MOD_FROM) {
        wire_names_set(c, column, mod);
    } else if (mod->kind == AST_MOD_DEFAULT) {
        default_set(c, column, mod, type);
    } else if (mod->kind == AST_MOD_FORMAT) {
        format_set(c, column, mod, type);
    }
}

static bool reads_later(const Contract *contract, const Expr *expr, uint32_t index, uint32_t *at) {
    for (uint32_t i = index; i < contract->columns.count; i++) {
        if (contract->columns.items[i].ast->computed != NULL && expr_uses_column(expr, i)) {
            *at = i;
            return true;
        }
    }
    return false;
}

static uint32_t layer_of(const Contract *contract, const Expr *expr) {
    uint32_t layer = 1;
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        const ContractColumn *column = &contract->columns.items[i];
        if (column->layer >= layer && expr_uses_column(expr, i)) {
            layer = column->layer + 1;
        }
    }
    return layer;
}

// Computed from what is read and from those computed above it.
static void computed_check(Checker *c, Contract *contract, uint32_t index) {
    ContractColumn *column = &contract->columns.items[index];
    const AstExpr *ast = column->ast->computed;
    Scope scope = {.stream = &contract->stream, .contract = contract->ast};
    const Type *type = contract->stream.columns.items[index].type;
    const char *what = arena_format(c->arena, "the column `%s`", column->ast->name.text);
    const Expr *value = assign_to(c, ast, expr_check(c, &scope, ast), type, what);
    uint32_t later = 0;
    if (value == NULL) {
        return;
    }
    if (reads_later(contract, value, index, &later)) {
        diag_add(c->diags,
                 DIAG_E018,
                 ast->span,
                 later == index ? "`%s` is computed from itself" : "`%s` is computed further below",
                 contract->columns.items[later].ast->name.text);
        return;
    }
    column->computed = value;
    column->layer = layer_of(contract, value);
    contract->layer_count =
        column->layer > contract->layer_count ? column->layer : contract->layer_count;
}

void contract_columns_check(Checker *c, Contract *contract) {
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        ContractColumn *column = &contract->columns.items[i];
        if (column->ast->computed == NULL) {
            wire_own_name_set(c, column);
        }
        for (uint32_t m = 0; m < column->ast->mod_count; m++) {
            mod_read(c, column, &column->ast->mods[m], contract->stream.columns.items[i].type);
        }
    }
    wires_check(c, contract);
    for (uint32_t i = 0; i < contract->columns.count; i++) {
        if (contract->columns.items[i].ast->computed != NULL) {
            computed_check(c, contract, i);
        }
    }
}
