// Contracts and `columns` blocks: columns, keys, event time, checks.
#include "check/check_internal.h"

typedef struct Reading {
    Checker *c;
    Contract *contract;
    const AstColumns *ast;
    bool is_table; // a table's own `columns`: what only reading needs is a mistake
} Reading;

// --- modifiers -----------------------------------------------------------------------------------
static void key_add(Reading *r, uint32_t column, Span span) {
    Contract *contract = r->contract;
    for (uint32_t i = 0; i < contract->key.count; i++) {
        if (contract->key.items[i] == column) {
            return;
        }
    }
    const Column *named = &contract->stream.columns.items[column];
    if (named->type != NULL && named->type->is_nullable) {
        Diag *diag = diag_add(r->c->diags,
                              DIAG_P604,
                              span,
                              "`%s` is part of the key, so it cannot be null",
                              named->name);
        diag_help(r->c->diags, diag, "drop the `?` of its type %s", type_show(r->c, named->type));
    }
    *vec_push(r->c->arena, &contract->key) = column;
}

static void event_time_set(Reading *r, uint32_t column, const AstMod *mod) {
    Stream *stream = &r->contract->stream;
    const Type *type = stream->columns.items[column].type;
    if (stream->event_time >= 0) {
        diag_add(r->c->diags,
                 DIAG_E214,
                 mod->span,
                 "`%s` is the event time already",
                 stream->columns.items[stream->event_time].name);
        return;
    }
    if (type != NULL && (type->kind != FLOW_TIMESTAMP || type->is_nullable)) {
        diag_add(r->c->diags,
                 DIAG_E215,
                 mod->span,
                 "the event time is a timestamp without `?`, not %s",
                 type_show(r->c, type));
        return;
    }
    stream->event_time = (int32_t)column;
}

static bool mod_unsupported(AstModKind kind, Unsupported *feature) {
    switch (kind) {
    case AST_MOD_PII:
        *feature = UNSUPPORTED_CONTRACT_PII;
        return true;
    case AST_MOD_DEFAULT: // check_column.c
    case AST_MOD_PATTERN:
    case AST_MOD_FROM:
    case AST_MOD_FORMAT:
    case AST_MOD_WAS: // documentation
    case AST_MOD_UNIQUE:
    case AST_MOD_KEY:
    case AST_MOD_EVENT_TIME:
    case AST_MOD_CHECK:
    case AST_MOD_UNIT:
    case AST_MOD_DEPRECATED:
        break;
    }
    return false;
}

static void unique_add(
    Reading *r, const uint32_t *columns, uint32_t count, const AstLiteral *within, Span span) {
    *vec_push(r->c->arena, &r->contract->uniques) = (ContractUnique){
        .columns = columns,
        .column_count = count,
        .within_us = within == NULL ? -1 : within->value,
        .span = span,
    };
}

static bool is_for_reading(AstModKind kind) {
    return kind == AST_MOD_FROM || kind == AST_MOD_FORMAT || kind == AST_MOD_DEFAULT;
}

static void mod_check(Reading *r, uint32_t column, const AstMod *mod) {
    Unsupported feature = UNSUPPORTED_CONTRACT_PII;
    if (r->is_table && is_for_reading(mod->kind)) {
        diag_add(r->c->diags,
                 DIAG_E200,
                 mod->span,
                 "this says how a column is read; in the columns of a table it has no meaning");
    } else if (mod_unsupported(mod->kind, &feature)) {
        diag_unsupported(r->c->diags, mod->span, feature);
    } else if (mod->kind == AST_MOD_UNIQUE) {
        uint32_t *columns = arena_array(r->c->arena, uint32_t, 1);
        columns[0] = column;
        unique_add(r, columns, 1, mod->duration, mod->span);
    } else if (mod->kind == AST_MOD_KEY) {
        key_add(r, column, mod->span);
    } else if (mod->kind == AST_MOD_EVENT_TIME) {
        event_time_set(r, column, mod);
    }
}

static void column_check(Reading *r, const AstColumn *column) {
    Checker *c = r->c;
    Stream *stream = &r->contract->stream;
    if (stream_find(stream, column->name.text) >= 0) {
        diag_add(c->diags,
                 DIAG_E203,
                 column->name.span,
                 "the column `%s` is there already",
                 column->name.text);
        return;
    }
    const Type *type = column->type == NULL ? NULL : type_check(c, column->type);
    uint32_t index = stream_add(c, stream, column->name.text, type);
    *vec_push(c->arena, &r->contract->columns) = (ContractColumn){.ast = column};
    if (column->computed != NULL && r->is_table) {
        diag_add(c->diags,
                 DIAG_E200,
                 column->computed->span,
                 "this says how a column is made when it is read; in the columns of a table it has "
                 "no meaning");
    }
    for (uint32_t i = 0; i < column->mod_count; i++) {
        mod_check(r, index, &column->mods[i]);
    }
}

// --- rules ---------------------------------------------------------------------------------------
static void names_check(Reading *r, const AstRule *rule) {
    Scope scope = {.stream = &r->contract->stream};
    for (uint32_t i = 0; i < rule->names.count; i++) {
        if (stream_find(scope.stream, rule->names.items[i].text) < 0) {
            unknown_column_report(r->c, &scope, rule->names.items[i]);
        }
    }
}

static void unique_rule_check(Reading *r, const AstRule *rule) {
    Scope scope = {.stream = &r->contract->stream};
    uint32_t *columns = arena_array(r->c->arena, uint32_t, rule->names.count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < rule->names.count; i++) {
        int32_t column = stream_find(scope.stream, rule->names.items[i].text);
        if (column < 0) {
            unknown_column_report(r->c, &scope, rule->names.items[i]);
        } else {
            columns[count++] = (uint32_t)column;
        }
    }
    if (count == rule->names.count) {
        unique_add(r, columns, count, rule->duration, rule->span);
    }
}

static void key_rule_check(Reading *r, const AstRule *rule) {
    Scope scope = {.stream = &r->contract->stream};
    for (uint32_t i = 0; i < rule->names.count; i++) {
        AstName name = rule->names.items[i];
        int32_t column = stream_find(scope.stream, name.text);
        if (column < 0) {
            unknown_column_report(r->c, &scope, name);
        } else {
            key_add(r, (uint32_t)column, name.span);
        }
    }
}

static void rule_check(Reading *r, const AstRule *rule) {
    switch (rule->kind) {
    case AST_RULE_KEY:
        key_rule_check(r, rule);
        break;
    case AST_RULE_CHECK: // follow when all columns are known
    case AST_RULE_OWNER: // documentation
    case AST_RULE_EVOLUTION:
        break;
    case AST_RULE_SUBJECT: // likewise, of columns
    case AST_RULE_CONSUMER:
        names_check(r, rule);
        break;
    case AST_RULE_UNIQUE:
        unique_rule_check(r, rule);
        break;
    case AST_RULE_FRESHNESS:
    case AST_RULE_COMPLETENESS:
    case AST_RULE_VOLUME:
        diag_unsupported(r->c->diags, rule->span, UNSUPPORTED_CONTRACT_FRESHNESS);
        break;
    }
}

// --- checks --------------------------------------------------------------------------------------
int32_t reaction_of(AstReaction reaction) {
    switch (reaction) {
    case AST_REACTION_WARN:
        return FLOW_REACTION_WARN;
    case AST_REACTION_DROP:
        return FLOW_REACTION_DROP;
    case AST_REACTION_FAIL:
        return FLOW_REACTION_FAIL;
    case AST_REACTION_NONE:
    case AST_REACTION_REJECT:
        break;
    }
    return FLOW_REACTION_REJECT;
}

static void null_warn(Reading *r, const Expr *condition) {
    if (!condition->type->is_nullable) {
        return;
    }
    Diag *diag = diag_add(r->c->diags,
                          DIAG_E216,
                          condition->span,
                          "a check must be true: where this gives null the record breaks it");
    diag_help(r->c->diags, diag, "write `… is null or …` if null is fine");
}

static void check_add(Reading *r, const AstExpr *ast, AstReaction reaction, Span span) {
    Scope scope = {.stream = &r->contract->stream, .contract = r->ast};
    const Expr *condition = condition_check(r->c, &scope, ast, "`check`");
    if (condition == NULL) {
        return;
    }
    null_warn(r, condition);
    *vec_push(r->c->arena, &r->contract->checks) =
        (CheckedCheck){.condition = condition, .reaction = reaction_of(reaction), .span = span};
}

static void checks_collect(Reading *r) {
    for (uint32_t i = 0; i < r->ast->column_count; i++) {
        const AstColumn *column = &r->ast->columns[i];
        for (uint32_t m = 0; m < column->mod_count; m++) {
            const AstMod *mod = &column->mods[m];
            if (mod->kind == AST_MOD_CHECK && mod->expr != NULL) {
                check_add(r, mod->expr, mod->reaction, mod->span);
            } else if (mod->kind == AST_MOD_PATTERN) {
                const AstExpr *condition = pattern_condition(r->c, column, mod);
                check_add(r, condition, AST_REACTION_REJECT, mod->span);
            }
        }
    }
    for (uint32_t i = 0; i < r->ast->rule_count; i++) {
        const AstRule *rule = &r->ast->rules[i];
        if (rule->kind == AST_RULE_CHECK && rule->expr != NULL) {
            check_add(r, rule->expr, rule->reaction, rule->span);
        }
    }
}

// Of broken checks the gravest counts, then the first: the chain of checks stands in that order.
static void checks_sort(Contract *contract) {
    for (uint32_t i = 1; i < contract->checks.count; i++) {
        CheckedCheck check = contract->checks.items[i];
        uint32_t at = i;
        while (at > 0 && contract->checks.items[at - 1].reaction < check.reaction) {
            contract->checks.items[at] = contract->checks.items[at - 1];
            at--;
        }
        contract->checks.items[at] = check;
    }
}

Contract *
contract_check(Checker *c, const AstDecl *decl, const AstColumns *columns, bool is_table) {
    Contract *contract = arena_new(c->arena, Contract);
    contract->stream = *stream_new(c);
    contract->is_broken = columns->is_broken || decl->is_broken;
    contract->stream.is_unknown = contract->is_broken;
    if (decl->kind == AST_DECL_CONTRACT) {
        contract->name = decl->name.text;
        contract->version = decl->text.kind == AST_STRING ? decl->text.text : NULL;
    }
    contract->ast = columns;
    Reading r = {c, contract, columns, is_table};
    for (uint32_t i = 0; i < columns->column_count; i++) {
        column_check(&r, &columns->columns[i]);
    }
    for (uint32_t i = 0; i < columns->rule_count; i++) {
        rule_check(&r, &columns->rules[i]);
    }
    if (!is_table) {
        contract_columns_check(c, contract);
    }
    checks_collect(&r);
    checks_sort(contract);
    if (contract->stream.columns.count > COLUMNS_MAX) {
        diag_add(c->diags, DIAG_E063, decl->span, "more than %d columns", COLUMNS_MAX);
    }
    if (columns->column_count == 0 && !contract->is_broken) {
        diag_add(c->diags, DIAG_E073, decl->name.span, "`%s` has no columns", decl->name.text);
    }
    return contract;
}
