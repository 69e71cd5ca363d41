// Tests of a program: what `given` and `expect` name, and rows of the types of their columns.
#include "check/check_internal.h"
#include "dlq/dlq.h"

static const char dlq_name[] = "dlq";

// The step that is being checked, and the columns that a row may name.
typedef struct TestStep {
    const AstTestStep *ast;
    CheckedTestStep *out;
    const GraphColumn *columns;
    uint32_t column_count;
    bool is_given;
} TestStep;

// --- what a step is about -----------------------------------------------------------------------
static void dlq_target(Checker *c, TestStep *s) {
    uint32_t count = 0;
    const FlowColumnDesc *descs = dlq_columns(&count);
    GraphColumn *columns = arena_array(c->arena, GraphColumn, count);
    for (uint32_t i = 0; i < count; i++) {
        const FlowTypeDesc *type = descs[i].type;
        columns[i] =
            (GraphColumn){.name = descs[i].name,
                          .type = type_new(c->arena, (FlowKind)type->kind, type->is_nullable != 0)};
    }
    s->out->target = CHECKED_DLQ;
    s->columns = columns;
    s->column_count = count;
}

static void source_target(Checker *c, TestStep *s, uint32_t index) {
    const GraphSource *source = &c->out->sources.items[index].declaration;
    s->out->target = CHECKED_SOURCE;
    s->columns = source->columns;
    s->column_count = source->column_count;
}

static void table_target(Checker *c, TestStep *s, uint32_t index) {
    const GraphTable *table = &c->out->tables.items[index];
    s->out->target = CHECKED_TABLE;
    s->columns = table->columns;
    s->column_count = table->column_count;
}

// The terminal that writes the sink says what its rows are.
static bool sink_target(Checker *c, TestStep *s, const char *name) {
    for (uint32_t i = 0; i < c->out->sinks.count; i++) {
        const GraphSink *sink = &c->out->sinks.items[i];
        if (sink->table < 0 && str_equal(sink->name, name)) {
            s->out->target = CHECKED_SINK;
            s->out->index = i;
            s->columns = sink->columns;
            s->column_count = sink->column_count;
            return true;
        }
    }
    return false;
}

static void target_report(Checker *c, const TestStep *s) {
    const AstDest *dest = &s->ast->dest;
    Diag *diag = diag_add(c->diags,
                          DIAG_E290,
                          dest->span,
                          s->is_given ? "a test gives rows to sources and tables of the program; "
                                        "`%s` is none of them"
                                      : "a test expects rows of tables and sinks that the program "
                                        "writes, and of `dlq`; `%s` is none of them",
                          dest->text);
    VEC(const char *) names = {0};
    for (uint32_t i = 0; s->is_given && i < c->program->sources.count; i++) {
        *vec_push(c->arena, &names) = c->program->sources.items[i].name;
    }
    for (uint32_t i = 0; i < c->program->tables.count; i++) {
        *vec_push(c->arena, &names) = c->program->tables.items[i].name;
    }
    diag_suggest(c->diags, diag, dest->text, names.items, names.count);
}

static bool target_find(Checker *c, TestStep *s) {
    const AstDest *dest = &s->ast->dest;
    ProgramRef ref =
        s->is_given ? program_input(c->program, dest) : program_output(c->program, dest);
    s->out->name = dest->text;
    s->out->index = ref.index;
    if (!dest->is_path && !s->is_given && str_equal(dest->text, dlq_name) &&
        ref.kind == PROGRAM_NOTHING) {
        dlq_target(c, s);
    } else if (ref.kind == PROGRAM_SOURCE && s->is_given) {
        source_target(c, s, ref.index);
    } else if (ref.kind == PROGRAM_TABLE) {
        table_target(c, s, ref.index);
    } else if (ref.kind != PROGRAM_SINK || s->is_given || !sink_target(c, s, dest->text)) {
        // Of a flow with mistakes it is not known what it writes.
        bool may_follow = ref.kind == PROGRAM_SINK && diag_has_errors(c->diags);
        if (!may_follow) {
            target_report(c, s);
        }
        return false;
    }
    return true;
}

// --- cells ---------------------------------------------------------------------------------------
static const GraphColumn *column_find(const TestStep *s, const char *name) {
    for (uint32_t i = 0; i < s->column_count; i++) {
        if (str_equal(s->columns[i].name, name)) {
            return &s->columns[i];
        }
    }
    return NULL;
}

static const Expr *cell_check(Checker *c, const AstExpr *ast, const GraphColumn *column) {
    const char *what = arena_format(c->arena, "the column `%s`", column->name);
    return test_value(c, ast, column->type, what);
}

// --- columns of rows -----------------------------------------------------------------------------
// Of `expect` a column may be a field: `p.a`. Rows that are given are rows: there all that begins
// with `p` makes its struct.
typedef struct TestColumn {
    GraphColumn column;
    AstPath path;
    CheckedPart part;
} TestColumn;

typedef VEC(TestColumn) TestColumns;

static const char *path_text(Checker *c, const AstPath *path) {
    const char *text = path->items[0].text;
    for (uint32_t i = 1; i < path->count; i++) {
        text = arena_format(c->arena, "%s.%s", text, path->items[i].text);
    }
    return text;
}

static bool path_equal(const AstPath *a, const AstPath *b) {
    bool are_equal = a->count == b->count;
    for (uint32_t i = 0; are_equal && i < a->count; i++) {
        are_equal = str_equal(a->items[i].text, b->items[i].text);
    }
    return are_equal;
}

// Whether it names what a record says of itself; a column may be called `meta`, too.
static bool is_meta(const TestStep *s, const AstPath *path) {
    return path->count == 2 && str_equal(path->items[0].text, "meta") &&
           column_find(s, "meta") == NULL;
}

static bool is_meta_named(const TestStep *s, const AstPath *path, const char *name) {
    return is_meta(s, path) && str_equal(path->items[1].text, name);
}

// The column that a path of a row stands in: of a given row its first name.
static AstPath column_path(const TestStep *s, const AstPath *path) {
    bool is_first = s->is_given && path->count > 1 && !is_meta(s, path);
    return (AstPath){.items = path->items,
                     .count = is_first ? 1 : path->count,
                     .span = is_first ? path->items[0].span : path->span};
}

static int32_t column_index(const TestColumns *columns, const AstPath *path) {
    for (uint32_t i = 0; i < columns->count; i++) {
        if (path_equal(&columns->items[i].path, path)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static AstPath path_of(const AstName *name) {
    return (AstPath){.items = name, .count = 1, .span = name->span};
}

// Of a table with mistakes, or one whose flow has some, not all columns are known.
static bool may_follow(const Checker *c, const TestStep *s) {
    if (s->out->target != CHECKED_TABLE || !diag_has_errors(c->diags)) {
        return false;
    }
    const TableInfo *info = &c->tables[s->out->index];
    return info->is_unknown || info->lacks_columns || !info->has_columns;
}

static void column_name_report(Checker *c, const TestStep *s, const AstPath *path) {
    if (may_follow(c, s)) {
        return;
    }
    const char *name = path_text(c, path);
    Diag *diag =
        diag_add(c->diags, DIAG_E291, path->span, "`%s` has no column `%s`", s->out->name, name);
    VEC(const char *) names = {0};
    for (uint32_t i = 0; i < s->column_count; i++) {
        *vec_push(c->arena, &names) = s->columns[i].name;
    }
    diag_suggest(c->diags, diag, name, names.items, names.count);
}

// `p.a.b`: the type of the field, which may be null if what it stands in may be.
static const Type *part_find(Checker *c, const AstPath *path, const Type *type, CheckedPart *part) {
    uint32_t *fields = arena_array(c->arena, uint32_t, path->count);
    bool is_nullable = false;
    for (uint32_t i = 1; i < path->count && type != NULL; i++) {
        is_nullable |= type->is_nullable;
        int32_t field = type->kind == FLOW_STRUCT ? type_field(type, path->items[i].text) : -1;
        if (type->kind != FLOW_STRUCT) {
            diag_add(c->diags,
                     DIAG_E107,
                     path->items[i].span,
                     "%s has no fields, so `.%s` reads nothing",
                     type_show(c, type),
                     path->items[i].text);
        } else if (field < 0) {
            field_report(c, path->items[i], type);
        }
        fields[i - 1] = (uint32_t)field;
        type = field < 0 ? NULL : type->children[field].type;
    }
    *part = (CheckedPart){path->items[0].text, fields, path->count - 1};
    return type == NULL ? NULL : type_with_null(c->arena, type, type->is_nullable || is_nullable);
}

// --- what a record says of itself ---------------------------------------------------------------
static void sequence_report(Checker *c, const TestStep *s, const CheckedSource *source, Span span) {
    const Stream *stream = c->source_streams[s->out->index];
    Diag *diag =
        diag_add(c->diags,
                 DIAG_E253,
                 span,
                 source->is_changelog ? "the records of `%s` have no sequence of one column"
                                      : "`%s` is no changelog: its records have no sequence",
                 s->out->name);
    if (source->sequence_count > 0) {
        diag_help(c->diags, diag, "give the columns that `sequence` names");
    } else if (source->is_changelog && stream->event_time >= 0) {
        diag_help(c->diags,
                  diag,
                  "give the event time `%s`, which orders them",
                  stream->columns.items[stream->event_time].name);
    }
}

// An envelope has room for it; of other changes it stands in the columns that `changes` names.
// False: the record has no such thing.
static bool meta_column(Checker *c, const TestStep *s, const AstPath *path, GraphColumn *column) {
    if (!s->is_given || s->out->target != CHECKED_SOURCE) {
        return false;
    }
    const CheckedSource *source = &c->out->sources.items[s->out->index];
    bool is_envelope = source_has_envelope(&source->declaration);
    if (is_meta_named(s, path, "operation")) {
        *column =
            (GraphColumn){.name = "meta.operation", .type = type_new(c->arena, FLOW_STRING, false)};
        return true;
    }
    if (!is_meta_named(s, path, "sequence")) {
        return false;
    }
    if (source->sequence_count == 1 && !is_envelope) {
        *column = source->declaration.columns[source->sequence[0]];
        return true;
    }
    *column = (GraphColumn){.name = "meta.sequence",
                            .type = is_envelope ? type_new(c->arena, FLOW_INT64, false) : NULL};
    if (!is_envelope) {
        sequence_report(c, s, source, path->span);
    }
    return true;
}

// --- all columns of a step ----------------------------------------------------------------------
static void column_add(Checker *c, TestStep *s, TestColumns *columns, AstPath path) {
    if (column_index(columns, &path) >= 0) {
        return;
    }
    TestColumn added = {.path = path};
    if (is_meta(s, &path)) {
        if (!meta_column(c, s, &path, &added.column)) {
            column_name_report(c, s, &path);
            return;
        }
    } else {
        const GraphColumn *column = column_find(s, path.items[0].text);
        if (column == NULL) {
            column_name_report(c, s, &path);
            return;
        }
        added.column = *column;
        added.part.root = column->name;
        if (path.count > 1) {
            added.column.name = path_text(c, &path);
            added.column.type = part_find(c, &path, column->type, &added.part);
        }
    }
    *vec_push(c->arena, columns) = added;
}

// All columns that rows of the step write, in the order in which they first occur.
static void columns_collect(Checker *c, TestStep *s, TestColumns *columns) {
    for (uint32_t i = 0; i < s->ast->names.count; i++) {
        column_add(c, s, columns, path_of(&s->ast->names.items[i]));
    }
    for (uint32_t r = 0; r < s->ast->row_count; r++) {
        const AstRow *row = &s->ast->rows[r];
        for (uint32_t i = 0; row->kind == AST_ROW_FIELDS && i < row->exprs.count; i++) {
            column_add(c, s, columns, column_path(s, &row->paths[i]));
        }
    }
}

static void values_row(
    Checker *c, TestStep *s, const TestColumns *columns, const AstRow *ast, const Expr **cells) {
    if (s->ast->names.count == 0) {
        diag_add(c->diags,
                 DIAG_E291,
                 ast->span,
                 "the columns of rows in ( ) stand before the rows: `given t (a, b) [ … ]`");
        return;
    }
    if (ast->exprs.count != s->ast->names.count) {
        diag_add(c->diags,
                 DIAG_E291,
                 ast->span,
                 "%u values for %u columns",
                 ast->exprs.count,
                 s->ast->names.count);
        return;
    }
    for (uint32_t i = 0; i < ast->exprs.count; i++) {
        AstPath path = path_of(&s->ast->names.items[i]);
        int32_t index = column_index(columns, &path);
        if (index >= 0) {
            cells[index] = cell_check(c, ast->exprs.items[i], &columns->items[index].column);
        }
    }
}

// The value of one column of a given row, of all that the row says of it.
static const Expr *
parts_cell(Checker *c, const AstRow *ast, const AstPath *column, const GraphColumn *described) {
    TestPart *parts = arena_array(c->arena, TestPart, ast->exprs.count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < ast->exprs.count; i++) {
        const AstPath *path = &ast->paths[i];
        if (path->count > 1 && str_equal(path->items[0].text, column->items[0].text)) {
            parts[count++] = (TestPart){path->items + 1, path->count - 1, ast->exprs.items[i]};
        }
    }
    const char *what = arena_format(c->arena, "the column `%s`", described->name);
    return test_struct(c, parts, count, described->type, ast->span, what);
}

static void fields_row(Checker *c,
                       const TestStep *s,
                       const TestColumns *columns,
                       const AstRow *ast,
                       const Expr **cells) {
    bool *is_parted = arena_array(c->arena, bool, columns->count + 1);
    for (uint32_t i = 0; i < ast->exprs.count; i++) {
        const AstPath *path = &ast->paths[i];
        AstPath column = column_path(s, path);
        int32_t index = column_index(columns, &column);
        bool is_part = column.count < path->count;
        if (index < 0 || (is_part && is_parted[index])) {
            continue;
        }
        if (cells[index] != NULL || is_parted[index]) {
            diag_add(c->diags, DIAG_E203, path->span, "`%s` is given twice", path_text(c, &column));
        }
        const GraphColumn *described = &columns->items[index].column;
        is_parted[index] |= is_part;
        cells[index] = is_part ? parts_cell(c, ast, &column, described)
                               : cell_check(c, ast->exprs.items[i], described);
    }
}

static void raw_row(Checker *c, const TestStep *s, const AstRow *ast, CheckedRow *row) {
    if (!s->is_given || s->out->target != CHECKED_SOURCE) {
        diag_add(c->diags,
                 DIAG_E291,
                 ast->span,
                 "a text in place of a row is a raw record, which only a source takes");
    }
    row->raw = ast->raw.text;
    row->raw_length = ast->raw.length;
}

// The text that the column of `changes` has for an operation; NULL: reported.
static const Expr *operation_cell(Checker *c,
                                  const CheckedSource *source,
                                  const GraphColumn *column,
                                  const Expr *cell) {
    static const char *const names[] = {"insert", "update", "delete", "truncate", "read"};
    for (uint32_t o = 0; o < COUNT_OF(names); o++) {
        FlowView name = view_text(names[o]);
        bool is_it = cell->op == EXPR_CONST && view_compare(&name, &cell->constant.view) == 0;
        if (!is_it || source->operations[o].count == 0) {
            continue;
        }
        const char *text = source->operations[o].items[0];
        size_t length = strlen(text);
        FlowValue value = {.view = view_of(text, length)};
        if (column->type->kind == FLOW_ENUM) {
            value = (FlowValue){.i64 = type_enum_code(column->type, text, length)};
        }
        return expr_located(
            c->arena, expr_constant(c->arena, column->type, value), cell->span, cell->text);
    }
    diag_add(c->diags,
             DIAG_E291,
             cell->span,
             "`changes` of `%s` lists no text for this operation",
             source->declaration.name);
    return NULL;
}

// Records that say nothing of an operation are all of one.
static void operation_only(Checker *c, const CheckedSource *source, const Expr *cell) {
    const char *only = source->is_changelog ? "update" : "insert";
    FlowView name = view_text(only);
    if (cell == NULL ||
        (cell->op == EXPR_CONST && view_compare(&name, &cell->constant.view) == 0)) {
        return;
    }
    diag_add(c->diags,
             DIAG_E253,
             cell->span,
             source->is_changelog
                 ? "every record of `%s` is an update: its `changes` names no column that says more"
                 : "every record of `%s` is an insert: it has no `changes`",
             source->declaration.name);
}

// `meta.…` of a changelog is the column that says it, if the row does not give that as well.
static void metas_check(Checker *c, TestStep *s, TestColumns *columns, CheckedRow *rows) {
    for (uint32_t i = 0; i < columns->count; i++) {
        TestColumn *own = &columns->items[i];
        if (!is_meta(s, &own->path)) {
            continue;
        }
        const CheckedSource *source = &c->out->sources.items[s->out->index];
        bool is_operation = is_meta_named(s, &own->path, "operation");
        bool is_column = is_operation && source->declaration.operation >= 0;
        if (is_column) {
            own->column = source->declaration.columns[source->declaration.operation];
        }
        AstName named = {own->column.name, own->path.span};
        AstPath path = path_of(&named);
        if (column_index(columns, &path) >= 0) {
            diag_add(c->diags,
                     DIAG_E203,
                     own->path.span,
                     "the column `%s` says it too",
                     own->column.name);
            continue;
        }
        bool is_envelope = source_has_envelope(&source->declaration);
        for (uint32_t r = 0; is_operation && r < s->ast->row_count; r++) {
            const Expr **cell = (const Expr **)&rows[r].cells[i];
            if (is_column && *cell != NULL) {
                *cell = operation_cell(c, source, &own->column, *cell);
            } else if (!is_column && !is_envelope) {
                operation_only(c, source, *cell);
            }
        }
    }
}

static void columns_keep(Checker *c, CheckedTestStep *out, const TestColumns *columns) {
    GraphColumn *kept = arena_array(c->arena, GraphColumn, columns->count + 1);
    CheckedPart *parts = arena_array(c->arena, CheckedPart, columns->count + 1);
    for (uint32_t i = 0; i < columns->count; i++) {
        kept[i] = columns->items[i].column;
        parts[i] = columns->items[i].part;
    }
    out->columns = kept;
    out->parts = parts;
    out->column_count = columns->count;
}

static void rows_check(Checker *c, TestStep *s) {
    TestColumns columns = {0};
    columns_collect(c, s, &columns);
    CheckedRow *rows = arena_array(c->arena, CheckedRow, s->ast->row_count + 1);
    for (uint32_t r = 0; r < s->ast->row_count; r++) {
        const AstRow *ast = &s->ast->rows[r];
        const Expr **cells = arena_array(c->arena, const Expr *, columns.count + 1);
        rows[r] = (CheckedRow){.cells = cells, .span = ast->span};
        switch (ast->kind) {
        case AST_ROW_FIELDS:
            fields_row(c, s, &columns, ast, cells);
            break;
        case AST_ROW_VALUES:
            values_row(c, s, &columns, ast, cells);
            break;
        case AST_ROW_RAW:
            raw_row(c, s, ast, &rows[r]);
            break;
        }
    }
    metas_check(c, s, &columns, rows);
    columns_keep(c, s->out, &columns);
    s->out->rows = rows;
    s->out->row_count = s->ast->row_count;
}

// --- tests ---------------------------------------------------------------------------------------
static void step_check_test(Checker *c, const AstTestStep *ast, CheckedTestStep *out) {
    bool is_given = ast->kind == AST_TEST_GIVEN || ast->kind == AST_TEST_GIVEN_FILE ||
                    ast->kind == AST_TEST_GIVEN_RANDOM;
    TestStep s = {.ast = ast, .out = out, .is_given = is_given};
    *out = (CheckedTestStep){.kind = ast->kind, .span = ast->span};
    if (ast->dest.text != NULL && !target_find(c, &s)) {
        return;
    }
    switch (ast->kind) {
    case AST_TEST_GIVEN:
    case AST_TEST_EXPECT:
    case AST_TEST_CONTAINS:
        rows_check(c, &s);
        break;
    case AST_TEST_GIVEN_FILE:
        out->file = ast->literal.text;
        break;
    case AST_TEST_GIVEN_RANDOM:
        out->columns = s.columns;
        out->column_count = s.column_count;
        given_random_check(c, ast, out);
        break;
    case AST_TEST_ADVANCE:
        out->amount_us = ast->literal.value;
        break;
    case AST_TEST_ERROR:
    case AST_TEST_CLOSE:
    case AST_TEST_RESTART:
    case AST_TEST_TRIGGER:
    case AST_TEST_EMPTY:
        break;
    }
}

static void test_check(Checker *c, const AstDecl *decl) {
    CheckedTestStep *steps = arena_array(c->arena, CheckedTestStep, decl->test_step_count + 1);
    CheckedTest test = {.name = decl->name.text,
                        .span = decl->span,
                        .steps = steps,
                        .step_count = decl->test_step_count};
    for (uint32_t i = 0; i < decl->test_step_count; i++) {
        step_check_test(c, &decl->test_steps[i], &steps[i]);
        test.is_once |= decl->test_steps[i].kind == AST_TEST_TRIGGER;
    }
    *vec_push(c->arena, &c->out->tests) = test;
}

void tests_check(Checker *c) {
    const Ast *ast = c->program->ast;
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        if (ast->decls[i].kind == AST_DECL_TEST && !ast->decls[i].is_broken) {
            test_check(c, &ast->decls[i]);
        }
    }
}
