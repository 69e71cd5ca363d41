// Steps of flows and tests.
#include "syntax/parse.h"

AstStep *step_make(Parser *parser, AstStepKind kind, Span span, Span keyword) {
    AstStep *step = arena_new(parser->arena, AstStep);
    step->kind = kind;
    step->span = span;
    step->keyword = keyword;
    return step;
}

AstStep *
step_window(AstStep *step, AstWindowKind kind, const AstLiteral *length, const AstLiteral *every) {
    step->window = kind;
    step->amount = length;
    step->amount_to = every;
    return step;
}

bool step_is_broken(const AstStep *step) {
    return step->kind == AST_STEP_ERROR || step->assigns.is_broken || step->is_broken;
}

AstTestStep *test_step_make(Parser *parser, AstTestStepKind kind, Span span) {
    AstTestStep *step = arena_new(parser->arena, AstTestStep);
    step->kind = kind;
    step->span = span;
    return step;
}

AstTestStep *test_rows(AstTestStep *step, AstDest dest, AstNames names, List rows) {
    step->dest = dest;
    step->names = names;
    step->rows = rows.items;
    step->row_count = rows.count;
    return step;
}

AstRow row_fields_make(Parser *parser, List fields, Span span) {
    List paths = {0};
    List exprs = {0};
    const RowField *items = fields.items;
    for (uint32_t i = 0; i < fields.count; i++) {
        paths = LIST_ADD(parser, paths, items[i].path);
        exprs = LIST_ADD(parser, exprs, items[i].expr);
    }
    return (AstRow){
        .kind = AST_ROW_FIELDS, .span = span, .paths = paths.items, .exprs = exprs_make(exprs)};
}
