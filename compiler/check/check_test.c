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

// --- cells
// ----------------------------------------------------------------------------------------
static const GraphColumn *column_find(const TestStep *s, const char *name) {
    for (uint32_t i = 0; i < s->column_count; i++) {
        if (str_equal(s->columns[i].name, name)) {
            return &s->columns[i];
        }
    }
    return NULL;
}

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

static const Expr *value_check(Checker *c, const AstExpr *ast, const GraphColumn *column) {
    const Type *type = column->type;
    Scope scope = {.stream = stream_new(c)};
    const Expr *value = literal_as(c, ast, type);
    if (value == NULL) {
        value = expr_check(c, &scope, ast);
    }
    return assign_to(c, ast, value, type, arena_format(c->arena, "the column `%s`", column->name));
}

static const Expr *cell_check(Checker *c, const AstExpr *ast, const GraphColumn *column) {
    const Type *type = column->type;
    if (type == NULL) {
        return NULL;
    }
    c->is_test_cell = true;
    const Expr *cell = NULL;
    if (literal_is_text(ast) && is_parsed(type)) {
        cell = test_text(c, ast, type);
        if (cell == NULL) {
            const char *kind = type_kind_text(type->kind);
            diag_add(c->diags, DIAG_E292, ast->span, "this text is no %s", kind);
        }
    } else {
        cell = value_check(c, ast, column);
    }
    c->is_test_cell = false;
    return cell;
}

// --- rows
// -----------------------------------------------------------------------------------------
static const char *path_text(Checker *c, const AstPath *path) {
    const char *text = path->items[0].text;
    for (uint32_t i = 1; i < path->count; i++) {
        text = arena_format(c->arena, "%s.%s", text, path->items[i].text);
    }
    return text;
}

typedef VEC(GraphColumn) TestColumns;

static int32_t column_index(const TestColumns *columns, const char *name) {
    for (uint32_t i = 0; i < columns->count; i++) {
        if (str_equal(columns->items[i].name, name)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static const char meta_operation[] = "meta.operation";

// What a row may say of its record besides its columns: an envelope has room for it, and so has the
// column of `changes`.
static const Type *meta_type(Checker *c, const TestStep *s, const char *name) {
    if (!s->is_given || s->out->target != CHECKED_SOURCE) {
        return NULL;
    }
    const GraphSource *source = &c->out->sources.items[s->out->index].declaration;
    bool is_envelope = source->format == FLOW_FORMAT_DEBEZIUM;
    if (str_equal(name, meta_operation) && (is_envelope || source->operation >= 0)) {
        return type_new(c->arena, FLOW_STRING, false);
    }
    return str_equal(name, "meta.sequence") && is_envelope ? type_new(c->arena, FLOW_INT64, false)
                                                           : NULL;
}

// Of a table with mistakes, or one whose flow has some, not all columns are known.
static bool may_follow(const Checker *c, const TestStep *s) {
    if (s->out->target != CHECKED_TABLE || !diag_has_errors(c->diags)) {
        return false;
    }
    const TableInfo *info = &c->tables[s->out->index];
    return info->is_unknown || info->lacks_columns || !info->has_columns;
}

static void column_name_report(Checker *c, const TestStep *s, const char *name, Span span) {
    if (may_follow(c, s)) {
        return;
    }
    Diag *diag = diag_add(c->diags, DIAG_E291, span, "`%s` has no column `%s`", s->out->name, name);
    VEC(const char *) names = {0};
    for (uint32_t i = 0; i < s->column_count; i++) {
        *vec_push(c->arena, &names) = s->columns[i].name;
    }
    diag_suggest(c->diags, diag, name, names.items, names.count);
}

static void
column_add(Checker *c, const TestStep *s, TestColumns *columns, const char *name, Span span) {
    if (column_index(columns, name) >= 0) {
        return;
    }
    const GraphColumn *column = column_find(s, name);
    const Type *meta = meta_type(c, s, name);
    if (column == NULL && meta == NULL) {
        column_name_report(c, s, name, span);
        return;
    }
    *vec_push(c->arena, columns) =
        column != NULL ? *column : (GraphColumn){.name = name, .type = meta};
}

// All columns that rows of the step write, in the order in which they first occur.
static void columns_collect(Checker *c, TestStep *s, TestColumns *columns) {
    for (uint32_t i = 0; i < s->ast->names.count; i++) {
        const AstName *name = &s->ast->names.items[i];
        column_add(c, s, columns, name->text, name->span);
    }
    for (uint32_t r = 0; r < s->ast->row_count; r++) {
        const AstRow *row = &s->ast->rows[r];
        for (uint32_t i = 0; row->kind == AST_ROW_FIELDS && i < row->exprs.count; i++) {
            column_add(c, s, columns, path_text(c, &row->paths[i]), row->paths[i].span);
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
        int32_t index = column_index(columns, s->ast->names.items[i].text);
        if (index >= 0) {
            cells[index] = cell_check(c, ast->exprs.items[i], &columns->items[index]);
        }
    }
}

static void
fields_row(Checker *c, const TestColumns *columns, const AstRow *ast, const Expr **cells) {
    for (uint32_t i = 0; i < ast->exprs.count; i++) {
        const char *name = path_text(c, &ast->paths[i]);
        int32_t index = column_index(columns, name);
        if (index < 0) {
            continue;
        }
        if (cells[index] != NULL) {
            diag_add(c->diags, DIAG_E203, ast->paths[i].span, "`%s` is given twice", name);
        }
        cells[index] = cell_check(c, ast->exprs.items[i], &columns->items[index]);
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

// `meta.operation` of a changelog is the column that says it.
static void operations_check(Checker *c, TestStep *s, TestColumns *columns, CheckedRow *rows) {
    int32_t index = column_index(columns, meta_operation);
    if (index < 0 || c->out->sources.items[s->out->index].declaration.operation < 0) {
        return;
    }
    const CheckedSource *source = &c->out->sources.items[s->out->index];
    const GraphColumn *column = &source->declaration.columns[source->declaration.operation];
    if (column_index(columns, column->name) >= 0) {
        diag_add(c->diags, DIAG_E203, s->ast->span, "`%s` says the operation too", column->name);
        return;
    }
    columns->items[index] = *column;
    for (uint32_t r = 0; r < s->ast->row_count; r++) {
        const Expr **cells = (const Expr **)rows[r].cells;
        if (cells[index] != NULL) {
            cells[index] = operation_cell(c, source, column, cells[index]);
        }
    }
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
            fields_row(c, &columns, ast, cells);
            break;
        case AST_ROW_VALUES:
            values_row(c, s, &columns, ast, cells);
            break;
        case AST_ROW_RAW:
            raw_row(c, s, ast, &rows[r]);
            break;
        }
    }
    operations_check(c, s, &columns, rows);
    s->out->columns = columns.items;
    s->out->column_count = columns.count;
    s->out->rows = rows;
    s->out->row_count = s->ast->row_count;
}

// --- tests
// ----------------------------------------------------------------------------------------
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
