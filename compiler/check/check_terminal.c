// Terminals: what goes into each column of a table or sink, keys and order of a merge.
#include "check/check_internal.h"

typedef enum Report {
    REPORT_TYPE,
    REPORT_NULL,
    REPORT_MISSING,
    REPORT_SURPLUS,
    REPORT_COUNT
} Report;

typedef struct Writing {
    Checker *c;
    const AstStep *step;
    const Stream *stream;
    FlowSinkKind kind;
    int32_t table; // or -1
    VEC(GraphColumn) columns;
    VEC(const Expr *) values;
    GraphSink sink;
    bool is_whole;
    Diag *reports[REPORT_COUNT]; // one for each kind of misfit; further columns are notes of it
} Writing;

static const Expr *placed(const Writing *w, const Expr *expr, const char *text) {
    return expr_located(w->c->arena, expr, w->step->dest.span, text);
}

static void value_add(Writing *w, const char *name, const Type *type, const Expr *value) {
    *vec_push(w->c->arena, &w->columns) = (GraphColumn){.name = name, .type = type};
    *vec_push(w->c->arena, &w->values) = value;
}

// --- which columns of the stream are written -----------------------------------------------------
static bool is_excepted(const AstStep *step, const char *name) {
    for (uint32_t i = 0; i < step->names.count; i++) {
        if (str_equal(step->names.items[i].text, name)) {
            return true;
        }
    }
    return false;
}

static bool is_written(const Writing *w, uint32_t column) {
    const Column *own = &w->stream->columns.items[column];
    return !own->is_hidden && !is_excepted(w->step, own->name);
}

static int32_t written_find(const Writing *w, const char *name) {
    int32_t index = stream_find(w->stream, name);
    return index >= 0 && is_written(w, (uint32_t)index) ? index : -1;
}

static void except_check(Writing *w) {
    Scope scope = {.stream = w->stream};
    for (uint32_t i = 0; i < w->step->names.count; i++) {
        if (stream_find(w->stream, w->step->names.items[i].text) < 0) {
            unknown_column_report(w->c, &scope, w->step->names.items[i]);
        }
    }
}

static GraphColumn *written_columns(Writing *w, uint32_t *count) {
    GraphColumn *columns = arena_array(w->c->arena, GraphColumn, w->stream->columns.count + 1);
    *count = 0;
    for (uint32_t i = 0; i < w->stream->columns.count; i++) {
        const Column *own = &w->stream->columns.items[i];
        if (!is_written(w, i)) {
            continue;
        }
        if (own->type == NULL) {
            w->is_whole = false;
        } else {
            columns[(*count)++] = (GraphColumn){.name = own->name, .type = own->type};
        }
    }
    return columns;
}

// --- the table's columns
// ------------------------------------------------------------------------------ NULL: there was
// one of the kind already, and this text became a note of it.
static Diag *misfit_report(Writing *w, Report report, const char *text) {
    static const DiagCode codes[REPORT_COUNT] = {DIAG_E105, DIAG_P604, DIAG_E204, DIAG_E204};
    w->is_whole = false;
    if (w->reports[report] != NULL) {
        diag_note(w->c->diags, w->reports[report], "%s", text);
        return NULL;
    }
    Span span = report == REPORT_SURPLUS ? w->step->span : w->step->dest.span;
    w->reports[report] = diag_add(w->c->diags, codes[report], span, "%s", text);
    return w->reports[report];
}

static void type_report(Writing *w, const GraphColumn *column, const Type *type) {
    Checker *c = w->c;
    const char *wanted = type_show(c, type_with_null(c->arena, column->type, false));
    const char *text = arena_format(c->arena,
                                    "the column `%s` of `%s` is %s, the flow gives %s",
                                    column->name,
                                    w->sink.name,
                                    type_show(c, column->type),
                                    type_show(c, type));
    Diag *diag = misfit_report(w, REPORT_TYPE, text);
    if (diag != NULL && c->out->tables.items[w->table].is_evolving) {
        diag_note(c->diags,
                  diag,
                  "`schema evolve` adds columns; it can't change the type of one, for which Delta "
                  "tables need the feature typeWidening");
    }
    if (diag != NULL) {
        diag_help(c->diags,
                  diag,
                  "write `derive %s = cast(%s as %s)` before it",
                  column->name,
                  column->name,
                  wanted);
    }
}

static void null_report(Writing *w, const char *name, const char *why) {
    Checker *c = w->c;
    const char *text =
        arena_format(c->arena, "the column `%s` may be null here, but %s", name, why);
    Diag *diag = misfit_report(w, REPORT_NULL, text);
    if (diag != NULL) {
        diag_help(c->diags,
                  diag,
                  "write `where %s is not null`, or give a value in place of null with `??`",
                  name);
    }
}

static void missing_report(Writing *w, const GraphColumn *column) {
    Checker *c = w->c;
    const char *text = arena_format(
        c->arena, "the flow has no column `%s`, which `%s` needs", column->name, w->sink.name);
    Diag *diag = misfit_report(w, REPORT_MISSING, text);
    uint32_t count = 0;
    const char **names = stream_names(c, w->stream, &count);
    const char *close = str_suggest(column->name, names, count);
    if (diag != NULL && close != NULL && !str_equal(close, column->name)) {
        diag_help(
            c->diags, diag, "is `%s` meant? write `rename %s = %s`", close, column->name, close);
    }
}

static void missing_add(Writing *w, const GraphColumn *column) {
    if (w->stream->is_unknown) {
        w->is_whole = false;
        return;
    }
    const GraphTable *table = &w->c->out->tables.items[w->table];
    if (is_excepted(w->step, column->name) && table_is_tracked(table, column->name)) {
        w->is_whole = false; // reported with the clauses
        return;
    }
    bool is_null = column->type->is_nullable && w->kind != FLOW_SINK_TABLE_MERGE;
    if (!is_null) {
        missing_report(w, column);
        return;
    }
    const Expr *nothing = placed(w, expr_null(w->c->arena, column->type), "null");
    value_add(w, column->name, column->type, nothing);
}

static void column_add(Writing *w, const GraphColumn *column) {
    Checker *c = w->c;
    int32_t index = written_find(w, column->name);
    if (index < 0) {
        missing_add(w, column);
        return;
    }
    const Type *type = w->stream->columns.items[index].type;
    if (type == NULL) {
        w->is_whole = false;
        return;
    }
    const AstExpr *literal = w->stream->columns.items[index].literal;
    const Expr *adapted = literal == NULL ? NULL : literal_as(c, literal, column->type);
    if (adapted != NULL) {
        value_add(w, column->name, column->type, adapted);
        return;
    }
    if (!type_widens_to(type, type_with_null(c->arena, column->type, true))) {
        type_report(w, column, type);
        return;
    }
    if (type->is_nullable && !column->type->is_nullable) {
        null_report(w, column->name, "the table admits none there");
        return;
    }
    const Expr *value = placed(w, expr_column(c->arena, (uint32_t)index, type), column->name);
    value_add(w, column->name, column->type, widen(c, value, column->type));
}

static bool is_table_column(const GraphTable *table, const char *name) {
    for (uint32_t i = 0; i < table->column_count - table->made_count; i++) {
        if (str_equal(table->columns[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void surplus_check(Writing *w, const GraphTable *table) {
    Checker *c = w->c;
    for (uint32_t i = 0; i < w->stream->columns.count; i++) {
        const char *name = w->stream->columns.items[i].name;
        if (!is_written(w, i) || is_table_column(table, name)) {
            continue;
        }
        const char *text =
            arena_format(c->arena, "the table `%s` has no column `%s`", table->name, name);
        Diag *diag = misfit_report(w, REPORT_SURPLUS, text);
        if (diag != NULL) {
            diag_help(c->diags, diag, "leave it out with `except %s` or a `select` before", name);
            if (w->c->tables[w->table].contract == NULL && !table->is_evolving) {
                diag_note(c->diags, diag, "`schema evolve` would add it to the table");
            }
        }
    }
}

// A table that has its columns from this flow has its event time, too.
static void event_time_give(Writing *w) {
    GraphTable *table = &w->c->out->tables.items[w->table];
    if (w->stream->event_time < 0 || !is_written(w, (uint32_t)w->stream->event_time)) {
        return;
    }
    const char *name = w->stream->columns.items[w->stream->event_time].name;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const Type *type = table->columns[i].type;
        bool is_time = type->kind == FLOW_TIMESTAMP && !type->is_nullable;
        if (is_time && str_equal(table->columns[i].name, name)) {
            table->event_time = (int32_t)i;
            w->c->tables[w->table].is_end_event_time = w->stream->is_end_event_time;
        }
    }
}

static void table_columns_add(Writing *w) {
    Checker *c = w->c;
    uint32_t count = 0;
    GraphColumn *columns = written_columns(w, &count);
    const TableInfo *info = &c->tables[w->table];
    if (!info->has_columns && (w->stream->is_unknown || !w->is_whole)) {
        c->tables[w->table].is_unknown = true;
    }
    bool is_first = !info->has_columns;
    table_columns_take(c, (uint32_t)w->table, columns, count);
    if (is_first) {
        event_time_give(w);
    }
    if (!info->has_columns || info->is_unknown) {
        w->is_whole = false;
        return;
    }
    GraphTable *table = &c->out->tables.items[w->table];
    for (uint32_t i = 0; i < table->column_count - table->made_count; i++) {
        column_add(w, &table->columns[i]);
    }
    surplus_check(w, table);
}

// --- merge ---------------------------------------------------------------------------------------
static const AstClause *clause_find(const AstStep *step, AstClauseKind kind) {
    for (uint32_t i = 0; i < step->clause_count; i++) {
        if (step->clauses[i].kind == kind) {
            return &step->clauses[i];
        }
    }
    return NULL;
}

// `delete when meta.operation == "delete"`, and likewise `truncate when`, is what a changelog
// means.
static const AstClause *clause_or_default(Writing *w, AstClauseKind kind) {
    const AstClause *clause = clause_find(w->step, kind);
    bool is_needed = clause == NULL && w->stream->mode == GRAPH_CHANGELOG;
    return is_needed ? changes_clause(w->c, w->step, kind) : clause;
}

static void clauses_check(Writing *w) {
    for (uint32_t i = 0; i < w->step->clause_count; i++) {
        const AstClause *clause = &w->step->clauses[i];
        if (clause_find(w->step, clause->kind) != clause) {
            diag_add(w->c->diags, DIAG_E202, clause->span, "this clause is given twice");
        }
    }
}

static void excepted_key_report(Writing *w, const char *name) {
    diag_add(w->c->diags,
             DIAG_E054,
             w->step->names.span,
             "`except` takes no key, and `%s` is part of it",
             name);
    w->is_whole = false;
}

static void clause_key_set(Writing *w, GraphTable *table, const AstClause *clause) {
    if (table->key_count > 0 && w->c->tables[w->table].writers.count == 0) {
        diag_add(w->c->diags,
                 DIAG_E202,
                 clause->span,
                 "the table `%s` has its key where it is declared",
                 table->name);
        return;
    }
    uint32_t *key = arena_array(w->c->arena, uint32_t, clause->names.count + 1);
    for (uint32_t i = 0; i < clause->names.count; i++) {
        AstName name = clause->names.items[i];
        uint32_t column = 0;
        while (column < table->column_count && !str_equal(table->columns[column].name, name.text)) {
            column++;
        }
        if (column == table->column_count && is_excepted(w->step, name.text)) {
            excepted_key_report(w, name.text);
            return;
        }
        if (column == table->column_count) {
            unknown_column_report(w->c, &(Scope){.stream = w->stream}, name);
            w->is_whole = false;
            return;
        }
        for (uint32_t k = 0; k < i; k++) {
            if (key[k] == column) {
                diag_add(w->c->diags, DIAG_E203, name.span, "`%s` stands here twice", name.text);
                return;
            }
        }
        key[i] = column;
    }
    table->key = key;
    table->key_count = clause->names.count;
}

static void key_column_check(Writing *w, const GraphColumn *column) {
    if (is_excepted(w->step, column->name)) {
        excepted_key_report(w, column->name);
        return;
    }
    int32_t index = written_find(w, column->name);
    const Type *type = index < 0 ? NULL : w->stream->columns.items[index].type;
    if (type != NULL && type->is_nullable && column->type->is_nullable) {
        null_report(w, column->name, "it is part of the key");
    }
}

static void key_check(Writing *w) {
    Checker *c = w->c;
    GraphTable *table = &c->out->tables.items[w->table];
    const AstClause *clause = clause_find(w->step, AST_CLAUSE_KEY);
    const TableInfo *info = &c->tables[w->table];
    if (!info->has_columns || info->is_unknown) {
        return;
    }
    if (clause != NULL) {
        clause_key_set(w, table, clause);
    }
    bool is_reported = info->key != NULL || w->step->is_broken;
    if (table->key_count == 0 && clause == NULL && !is_reported) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E054,
                              w->step->dest.span,
                              "`%s` has no key, so nothing says which row a change replaces",
                              table->name);
        diag_help(c->diags,
                  diag,
                  w->step->dest.is_path ? "add it here: `merge into … { key (a, b) }`"
                                        : "add `key (a, b)` to the table");
        w->is_whole = false;
    }
    for (uint32_t i = 0; i < table->key_count; i++) {
        key_column_check(w, &table->columns[table->key[i]]);
    }
}

// --- order ---------------------------------------------------------------------------------------
static const char *order_name(Writing *w, const AstExpr *ast) {
    bool has_own = ast != NULL && (ast->kind == AST_EXPR_NAME || ast->kind == AST_EXPR_FIELD);
    return has_own ? ast->name.text
                   : arena_format(w->c->arena, "order_%u", w->sink.order_count + 1);
}

static void order_add(Writing *w, const char *name, const Expr *value) {
    value_add(w, name, value->type, value);
    w->sink.order_count++;
}

static bool is_position(const AstExpr *ast) {
    bool is_meta = ast->kind == AST_EXPR_FIELD && ast->operands[0]->kind == AST_EXPR_NAME &&
                   str_equal(ast->operands[0]->name.text, "meta");
    return is_meta && str_equal(ast->name.text, "position");
}

// Positions compare in the source's order: of files their order, then the position; files of a
// later epoch come after all that were read before, whatever their names.
static void file_order_add(Writing *w) {
    for (uint32_t i = 0; i < w->stream->columns.count; i++) {
        const Column *column = &w->stream->columns.items[i];
        if (column->meta == FLOW_META_FILE) {
            const Type *number = type_new(w->c->arena, FLOW_INT64, false);
            const Expr *epoch = expr_new(w->c->arena, EXPR_EPOCH, number, NULL, 0);
            const Expr *file = expr_column(w->c->arena, i, column->type);
            order_add(w, "epoch", placed(w, epoch, "meta.position"));
            order_add(w, "file", placed(w, file, "meta.file"));
        }
    }
}

static void order_clause_add(Writing *w, const AstClause *clause) {
    Scope scope = {.stream = w->stream};
    for (uint32_t i = 0; i < clause->exprs.count; i++) {
        const AstExpr *ast = clause->exprs.items[i];
        const Expr *value = expr_check(w->c, &scope, ast);
        if (!has_known_type(w->c, ast, value)) {
            w->is_whole = false;
            continue;
        }
        if (is_position(ast)) {
            file_order_add(w);
        }
        order_add(w, order_name(w, ast), value);
    }
}

// A changelog says itself what orders it.
static bool sequence_add(Writing *w) {
    uint32_t before = w->sink.order_count;
    for (uint32_t i = 0; i < w->stream->columns.count; i++) {
        const Column *column = &w->stream->columns.items[i];
        if (column->meta == FLOW_META_SEQUENCE) {
            const Expr *value = expr_column(w->c->arena, i, column->type);
            order_add(w, order_name(w, NULL), placed(w, value, "meta.sequence"));
        }
    }
    return w->sink.order_count > before;
}

static void order_default_add(Writing *w) {
    const Stream *stream = w->stream;
    Checker *c = w->c;
    if (sequence_add(w)) {
        return;
    }
    int32_t column = stream->is_group ? stream->window_end : stream->event_time;
    if (column >= 0) {
        const Column *own = &stream->columns.items[column];
        const Expr *value = expr_column(c->arena, (uint32_t)column, own->type);
        order_add(w, own->is_hidden ? "event_time" : own->name, placed(w, value, own->name));
        return;
    }
    if (stream->is_group) { // results of one epoch are newer than those of the epochs before
        const Type *type = type_new(c->arena, FLOW_TIMESTAMP, false);
        order_add(w, "epoch", placed(w, expr_new(c->arena, EXPR_NOW, type, NULL, 0), "now()"));
        return;
    }
    if (!stream->is_unknown && !w->step->is_broken) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E208,
                              w->step->span,
                              "nothing says which of two changes of a row is newer");
        diag_help(c->diags, diag, "write `merge into %s { order by … }`", w->step->dest.text);
    }
    w->is_whole = false;
}

// False: there is none, or it was reported.
static bool flag_add(Writing *w, AstClauseKind kind, const char *name, const char *what) {
    Checker *c = w->c;
    Scope scope = {.stream = w->stream};
    const AstClause *clause = clause_or_default(w, kind);
    if (clause == NULL) {
        return false;
    }
    const Expr *condition =
        clause->exprs.count == 0 ? NULL : condition_check(c, &scope, clause->exprs.items[0], what);
    if (condition == NULL) {
        w->is_whole = false;
        return false;
    }
    if (condition->type->is_nullable) { // null is not true
        const Expr *pair[2] = {condition, expr_bool(c->arena, false)};
        condition = expr_located(c->arena,
                                 expr_new(c->arena, EXPR_COALESCE, bool_type(c, false), pair, 2),
                                 condition->span,
                                 condition->text);
    }
    value_add(w, name, condition->type, condition);
    return true;
}

static void valid_from_add(Writing *w) {
    Checker *c = w->c;
    const GraphTable *table = &c->out->tables.items[w->table];
    if (table->history != FLOW_HISTORY_SCD2 || w->stream->is_unknown || !w->is_whole) {
        return;
    }
    const Expr *const *orders = w->values.items + (w->values.count - w->sink.order_count);
    const Expr *time = valid_from_value(c, w->step, w->stream, orders, w->sink.order_count);
    if (time == NULL) {
        diag_add(c->diags,
                 DIAG_E208,
                 w->step->span,
                 "nothing says from when on a version is valid: the flow has no event time, and "
                 "`order by` no timestamp");
        w->is_whole = false;
    } else if (time->type == NULL) { // of a column whose type nobody knows: said there
        w->is_whole = false;
    } else if (time->type->is_nullable) {
        null_report(w, "valid_from", "each version has a time from which on it is valid");
    } else {
        value_add(w, "valid_from", time->type, time);
    }
}

static void excepted_tracked_check(Writing *w) {
    const GraphTable *table = &w->c->out->tables.items[w->table];
    for (uint32_t i = 0; i < w->step->names.count; i++) {
        AstName name = w->step->names.items[i];
        if (table_is_tracked(table, name.text)) {
            diag_add(w->c->diags,
                     DIAG_E054,
                     name.span,
                     "`except` takes no tracked column, and `%s` is one",
                     name.text);
            w->is_whole = false;
        }
    }
}

static void sequence_column_check(Writing *w) {
    const GraphTable *table = &w->c->out->tables.items[w->table];
    if (is_table_column(table, "_sequence")) {
        diag_add(
            w->c->diags,
            DIAG_E203,
            w->step->dest.span,
            "the table `%s` has a column `_sequence`, where a merge keeps the order of changes",
            table->name);
        w->is_whole = false;
    }
}

// The flags stand last.
static const Expr *delete_value(const Writing *w) {
    return w->values.items[w->values.count - (w->sink.has_truncate ? 2 : 1)];
}

static void merge_add(Writing *w) {
    clauses_check(w);
    sequence_column_check(w);
    key_check(w);
    excepted_tracked_check(w);
    const AstClause *order = clause_find(w->step, AST_CLAUSE_ORDER);
    if (order != NULL) {
        order_clause_add(w, order);
    } else {
        order_default_add(w);
    }
    valid_from_add(w);
    w->sink.has_delete = flag_add(w, AST_CLAUSE_DELETE, "delete", "`delete when`");
    w->sink.has_truncate = flag_add(w, AST_CLAUSE_TRUNCATE, "truncate", "`truncate when`");
}

// Before the contract's checks, which are about the whole row.
static void fill_add(Writing *w) {
    const GraphTable *table = &w->c->out->tables.items[w->table];
    const FillWriting writing = {.step = w->step,
                                 .stream = w->stream,
                                 .table = (uint32_t)w->table,
                                 .order_count = w->sink.order_count,
                                 .gone = w->sink.has_delete ? delete_value(w) : NULL,
                                 .values = w->values.items};
    ASSERT(w->values.count >= table->column_count - table->made_count);
    w->stream = unchanged_fill_add(w->c, &writing);
}

// --- checks of the table's contract
// --------------------------------------------------------------------- They are written over the
// table's columns; here over the values that go into them.
static void contract_checks_add(Writing *w) {
    const Contract *contract = w->c->tables[w->table].contract;
    for (uint32_t i = 0; contract != NULL && i < contract->checks.count; i++) {
        const CheckedCheck *check = &contract->checks.items[i];
        CheckedStep *added = step_add(w->c, GRAPH_CHECK, w->step, "check", w->stream);
        added->node.condition = expr_substitute(w->c->arena, check->condition, w->values.items);
        added->node.reaction = check->reaction;
        added->node.span = check->span;
        added->keys = w->sink.name;
    }
}

// --- overwrite of a part
// --------------------------------------------------------------------------- A row of the table,
// of which any writer may have made any column null.
static Stream *stored_rows(Writing *w) {
    const GraphTable *table = &w->c->out->tables.items[w->table];
    Stream *rows = stream_new(w->c);
    for (uint32_t i = 0; i < table->column_count - table->made_count; i++) {
        const Type *type = type_with_null(w->c->arena, table->columns[i].type, true);
        stream_add(w->c, rows, table->columns[i].name, type);
    }
    return rows;
}

// The same condition says which rows go and which may come.
static void part_add(Writing *w) {
    Checker *c = w->c;
    if (w->step->kind != AST_STEP_OVERWRITE || w->step->expr == NULL) {
        return;
    }
    const TableInfo *info = &c->tables[w->table];
    if (!info->has_columns || info->is_unknown) {
        w->is_whole = false;
        return;
    }
    Scope scope = {.stream = stored_rows(w)};
    const Expr *condition = condition_check(c, &scope, w->step->expr, "`overwrite … where`");
    w->is_whole &= condition != NULL;
    if (!w->is_whole) {
        return;
    }
    w->sink.condition = condition;
    CheckedStep *added = step_add(c, GRAPH_CHECK, w->step, "overwrite where", w->stream);
    added->node.condition = expr_substitute(c->arena, condition, w->values.items);
    added->node.reaction = FLOW_REACTION_REJECT;
    added->node.is_overwrite = true;
    added->keys = w->sink.name;
}

// What is rejected before has taken no value.
static void uniques_add(Writing *w) {
    uint32_t gone_count = w->sink.has_delete + w->sink.has_truncate;
    const UniqueWriting writing = {.step = w->step,
                                   .stream = w->stream,
                                   .kind = w->kind,
                                   .table = (uint32_t)w->table,
                                   .is_part = w->sink.condition != NULL,
                                   .values = w->values.items,
                                   .gone = w->values.items + w->values.count - gone_count,
                                   .gone_count = gone_count};
    table_uniques_add(w->c, &writing);
}

// --- all -----------------------------------------------------------------------------------------
static void sink_finish(Writing *w) {
    Checker *c = w->c;
    w->sink.kind = w->kind;
    w->sink.table = w->table;
    w->sink.columns = w->columns.items;
    w->sink.column_count = w->columns.count;
    w->sink.flow = c->flow;
    w->sink.span = w->step->span;
    uint32_t index = c->out->sinks.count;
    *vec_push(c->arena, &c->out->sinks) = w->sink;
    CheckedStep *added =
        step_add(c, GRAPH_SINK, w->step, syntax_step_word(w->step->kind), w->stream);
    added->keys = w->sink.name;
    added->node.declaration = index;
    added->node.values = w->values.items;
    added->node.value_count = w->values.count;
    if (w->table >= 0) {
        *vec_push(c->arena, &c->tables[w->table].writers) =
            (Writer){.kind = w->kind, .span = w->step->span, .sink = index};
    }
}

static FlowSinkKind table_kind(AstStepKind kind) {
    if (kind == AST_STEP_MERGE) {
        return FLOW_SINK_TABLE_MERGE;
    }
    return kind == AST_STEP_APPEND ? FLOW_SINK_TABLE_APPEND : FLOW_SINK_TABLE_OVERWRITE;
}

static void obstacle_report(Writing *w, const GraphTable *table, const char *obstacle) {
    diag_add(w->c->diags,
             DIAG_E220,
             w->step->span,
             "the table `%s` exists, and %s",
             table->name,
             obstacle);
    w->is_whole = false;
}

static void table_write(Writing *w, uint32_t index) {
    const GraphTable *table = &w->c->out->tables.items[index];
    w->table = (int32_t)index;
    w->kind = table_kind(w->step->kind);
    w->sink.name = table->name;
    w->sink.path = table->path;
    if (table->is_append_only && w->kind != FLOW_SINK_TABLE_APPEND) {
        diag_add(w->c->diags,
                 DIAG_E053,
                 w->step->span,
                 "the table `%s` is only appended to (`append_only on`)",
                 table->name);
        w->is_whole = false;
    }
    const char *obstacle = w->c->tables[index].obstacles[w->kind];
    if (obstacle != NULL) {
        obstacle_report(w, table, obstacle);
    }
    table_columns_add(w);
    if (table->history == FLOW_HISTORY_SCD2 && w->kind != FLOW_SINK_TABLE_MERGE) {
        diag_add(w->c->diags,
                 DIAG_E053,
                 w->step->span,
                 "the table `%s` keeps a history, which only `merge into` can write",
                 table->name);
        w->is_whole = false;
    }
    if (w->kind == FLOW_SINK_TABLE_MERGE) {
        merge_add(w);
    }
    if (w->is_whole && w->kind == FLOW_SINK_TABLE_MERGE) {
        fill_add(w);
    }
    if (w->is_whole) {
        contract_checks_add(w);
    }
    part_add(w);
    if (w->is_whole) {
        uniques_add(w);
    }
}

static void sink_write(Writing *w, uint32_t index) {
    w->sink = w->c->sinks[index].sink;
    if (!w->c->sinks[index].is_whole) {
        w->is_whole = false;
        return;
    }
    w->kind = w->sink.kind;
    w->is_whole &= w->step->kind == AST_STEP_APPEND; // resolve has reported others
    uint32_t count = 0;
    GraphColumn *columns = written_columns(w, &count);
    w->is_whole &= sink_takes_columns(w->c, &w->sink, w->step->span, columns, count);
    for (uint32_t i = 0; i < count; i++) {
        w->is_whole &= sink_takes_name(w->c, &w->sink, w->step->span, &columns[i]);
        int32_t column = stream_find(w->stream, columns[i].name);
        const Expr *value = expr_column(w->c->arena, (uint32_t)column, columns[i].type);
        value_add(w, columns[i].name, columns[i].type, placed(w, value, columns[i].name));
    }
}

void terminal_check(Checker *c, const AstStep *step, Stream *stream) {
    ProgramRef target = program_output(c->program, &step->dest);
    Writing w = {.c = c, .step = step, .stream = stream, .table = -1, .is_whole = true};
    w.sink.table = -1;
    w.sink.declared = -1;
    w.is_whole = !stream->is_unknown;
    if (step->kind == AST_STEP_OVERWRITE) {
        state_keep(c, step->span, KEPT_OVERWRITE, "overwrites a table");
    } else if (step->kind == AST_STEP_APPEND && gives_changes(stream)) {
        state_keep(c, step->span, KEPT_APPEND, "appends the results of a `group`");
    }
    except_check(&w);
    if (target.kind == PROGRAM_TABLE) {
        table_write(&w, target.index);
    } else if (target.kind == PROGRAM_SINK) {
        sink_write(&w, target.index);
    } else {
        return; // no such table or sink, which resolve has reported
    }
    if (w.is_whole) {
        sink_finish(&w);
    }
}
