// Prints the steps of flows and tests.
#include "syntax/dump.h"

const char *syntax_step_word(AstStepKind kind) {
    static const char *const words[] = {
        "error",  "from",   "where",  "derive", "select",    "drop",  "rename", "unnest",  "union",
        "join",   "dedup",  "window", "late",   "group",     "emit",  "state",  "running", "top",
        "expect", "sample", "route",  "append", "overwrite", "merge", "drop"};
    return words[kind];
}

void dump_assigns(Buffer *out, int depth, const char *word, const AstAssigns *assigns) {
    for (uint32_t i = 0; i < assigns->count; i++) {
        const AstAssign *assign = &assigns->items[i];
        dump_line(out, depth, word);
        if (assign->name.text != NULL) {
            buffer_format(out, "%s = ", assign->name.text);
        }
        syntax_expr_dump(assign->expr, out);
        dump_place(out, assign->span);
    }
}

static void
dump_amount(Buffer *out, const char *word, const AstLiteral *literal, bool is_negative) {
    if (literal != NULL) {
        buffer_format(out, " %s%s", word, is_negative ? "-" : "");
        dump_literal(out, literal);
    }
}

static void dump_expr(Buffer *out, const char *word, const AstExpr *expr) {
    if (expr != NULL) {
        buffer_format(out, " %s", word);
        syntax_expr_dump(expr, out);
    }
}

// The words that choose a variant of the step.
static void dump_variant(Buffer *out, const AstStep *step) {
    static const char *const froms[] = {"", " changes", " version", " timestamp"};
    static const char *const joins[] = {"", " left", " right", " full", " semi", " anti"};
    static const char *const windows[] = {" tumbling", " hopping", " cumulative", " session"};
    static const char *const lates[] = {" into", " drop", " dlq", " update"};
    static const char *const emits[] = {" close", " change", " every"};
    switch (step->kind) {
    case AST_STEP_FROM:
        buffer_text(out, froms[step->from]);
        return;
    case AST_STEP_JOIN:
        buffer_text(out, joins[step->join]);
        return;
    case AST_STEP_WINDOW:
        buffer_text(out, windows[step->window]);
        return;
    case AST_STEP_LATE:
        buffer_text(out, lates[step->late]);
        return;
    case AST_STEP_EMIT:
        buffer_text(out, emits[step->emit]);
        return;
    default:
        return;
    }
}

static void dump_head(Buffer *out, const AstStep *step) {
    static const char *const keeps[] = {"", " keep first", " keep last", " keep empty"};
    dump_variant(out, step);
    dump_dest(out, &step->dest);
    if (step->from == AST_FROM_VERSION || step->from == AST_FROM_TIMESTAMP) {
        dump_amount(out, "", &step->from_at, false);
    }
    dump_names(out, " ", step->names, step->kind == AST_STEP_UNNEST ? "." : ", ");
    dump_name(out, "", step->name);
    if (step->kind == AST_STEP_TOP) {
        dump_amount(out, "", &step->count, false);
    }
    dump_expr(out, "", step->expr);
    dump_amount(out, "", step->amount, step->amount_is_negative);
    dump_amount(out, "to ", step->amount_to, step->amount_to_is_negative);
    dump_amount(out, "offset ", step->offset, step->offset_is_negative);
    dump_amount(out, "zone ", step->zone, false);
    dump_amount(out, "refresh ", step->refresh, false);
    dump_expr(out, "as-of ", step->as_of);
    buffer_text(out, step->is_all_columns ? " *" : "");
    buffer_text(out, step->is_ascending ? " asc" : "");
    buffer_text(out, keeps[step->keep]);
    dump_reaction(out, step->reaction);
    dump_name(out, "as", step->alias);
}

static void dump_clause(Buffer *out, int depth, const AstClause *clause) {
    static const char *const words[] = {"key", "order", "delete", "truncate"};
    dump_line(out, depth, words[clause->kind]);
    dump_names(out, " ", clause->names, ", ");
    for (uint32_t i = 0; i < clause->exprs.count; i++) {
        dump_expr(out, "", clause->exprs.items[i]);
    }
    dump_place(out, clause->span);
}

static void dump_route(Buffer *out, int depth, const AstRoute *route) {
    dump_line(out, depth, route->condition != NULL ? "when" : "else");
    dump_expr(out, "", route->condition);
    dump_place(out, route->span);
    dump_step(out, depth + 1, route->target);
}

void dump_step(Buffer *out, int depth, const AstStep *step) {
    dump_line(out, depth, syntax_step_word(step->kind));
    dump_head(out, step);
    dump_place(out, step->span);
    dump_assigns(out, depth + 1, "by ", &step->keys);
    for (uint32_t i = 0; i < step->order.count; i++) {
        dump_line(out, depth + 1, "order");
        dump_expr(out, "", step->order.items[i]);
        dump_place(out, step->order.items[i]->span);
    }
    dump_assigns(out, depth + 1, "", &step->assigns);
    for (uint32_t i = 0; i < step->clause_count; i++) {
        dump_clause(out, depth + 1, &step->clauses[i]);
    }
    for (uint32_t i = 0; i < step->route_count; i++) {
        dump_route(out, depth + 1, &step->routes[i]);
    }
}

static void dump_row(Buffer *out, int depth, const AstRow *row) {
    dump_line(out, depth, "row");
    if (row->kind == AST_ROW_RAW) {
        buffer_char(out, ' ');
        dump_literal(out, &row->raw);
    }
    for (uint32_t i = 0; i < row->exprs.count; i++) {
        if (row->kind == AST_ROW_FIELDS) {
            dump_names(out, " ", row->paths[i], ".");
            buffer_text(out, " =");
        }
        dump_expr(out, "", row->exprs.items[i]);
    }
    dump_place(out, row->span);
}

void dump_test_step(Buffer *out, int depth, const AstTestStep *step) {
    static const char *const words[] = {"error",
                                        "given",
                                        "given-file",
                                        "given-random",
                                        "advance",
                                        "close",
                                        "restart",
                                        "trigger once",
                                        "expect",
                                        "expect-contains",
                                        "expect-empty"};
    dump_line(out, depth, words[step->kind]);
    dump_dest(out, &step->dest);
    dump_name(out, "", step->name);
    dump_names(out, " ", step->names, ", ");
    if (step->kind == AST_TEST_GIVEN_FILE || step->kind == AST_TEST_GIVEN_RANDOM ||
        step->kind == AST_TEST_ADVANCE) {
        dump_amount(out, "", &step->literal, false);
    }
    if (step->has_seed) {
        dump_amount(out, "seed ", &step->seed, false);
    }
    dump_place(out, step->span);
    for (uint32_t i = 0; i < step->row_count; i++) {
        dump_row(out, depth + 1, &step->rows[i]);
    }
}
