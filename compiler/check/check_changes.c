// Changelogs: `changes { … }` of a source and Debezium's envelopes. What a record does to the row
// of its key goes with it as meta.operation; the steps between a changelog and its merge know that
// of a delete only the key is sure to be there.
#include "check/check_internal.h"

static const char *const operation_names[] = {"insert", "update", "delete", "truncate", "read"};
enum { OPERATION_COUNT = 5 };

const Type *operation_type(Checker *c) {
    return type_enum(c->arena, operation_names, OPERATION_COUNT, false);
}

// --- the setting ---------------------------------------------------------------------------------
static int32_t column_named(SourceReading *r, const char *name, Span span) {
    int32_t index = r->contract == NULL ? -1 : stream_find(r->stream, name);
    if (index < 0 && r->contract != NULL) {
        unknown_column_report(r->c, &(Scope){.stream = r->stream}, (AstName){name, span});
    }
    return index;
}

static void operation_set(SourceReading *r, const AstSetting *setting) {
    r->changes.has_operation = true;
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    if (word == NULL) {
        setting_report(r->c, setting, "the name of a column");
        return;
    }
    int32_t index = column_named(r, word, setting->items[1].span);
    const Type *type = index < 0 ? NULL : r->stream->columns.items[index].type;
    if (type != NULL && !type_is_text(type)) {
        diag_add(r->c->diags,
                 DIAG_E201,
                 setting->items[1].span,
                 "the operation is a string or an enum, not %s",
                 type_show(r->c, type));
    } else if (index >= 0 && r->contract->columns.items[index].ast->computed != NULL) {
        diag_add(r->c->diags, DIAG_E201, setting->items[1].span, "`%s` is computed", word);
    } else {
        r->changes.operation = index;
    }
}

static const AstLiteral *text_of(const AstSetting *setting, uint32_t index) {
    const AstItem *item = &setting->items[1];
    if (item->kind == AST_ITEM_LIST) {
        item = item->settings[index].item_count == 1 ? &item->settings[index].items[0] : NULL;
    }
    bool is_text =
        item != NULL && item->kind == AST_ITEM_LITERAL && item->literal.kind == AST_STRING;
    return is_text ? &item->literal : NULL;
}

static void texts_set(SourceReading *r, const AstSetting *setting, FlowOperation operation) {
    const AstItem *item = setting->item_count == 2 ? &setting->items[1] : NULL;
    uint32_t count = item == NULL ? 0 : item->kind == AST_ITEM_LIST ? item->setting_count : 1;
    const AstLiteral **texts = arena_array(r->c->arena, const AstLiteral *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = text_of(setting, i);
        count = texts[i] == NULL ? 0 : count;
    }
    if (count == 0) {
        setting_report(r->c, setting, "the texts that say so, such as `(\"I\")`");
        return;
    }
    r->changes.texts[operation] = texts;
    r->changes.text_counts[operation] = count;
}

static void sequence_set(SourceReading *r, const AstSetting *setting) {
    const AstItem *item = setting->item_count == 2 ? &setting->items[1] : NULL;
    bool is_list = item != NULL && item->kind == AST_ITEM_LIST;
    uint32_t count = item == NULL ? 0 : is_list ? item->setting_count : 1;
    for (uint32_t i = 0; i < count; i++) {
        const AstSetting *inner = is_list ? &item->settings[i] : setting;
        const char *word = ast_item_word(inner, is_list ? 0 : 1);
        int32_t index = word == NULL ? -1 : column_named(r, word, inner->span);
        if (index >= 0) {
            *vec_push(r->c->arena, &r->changes.sequence) = (uint32_t)index;
        }
    }
    if (count == 0) {
        setting_report(r->c, setting, "the columns that order changes");
    }
}

static void change_setting(SourceReading *r, const AstSetting *setting) {
    static const char *const names[] = {
        "operation", "insert", "update", "delete", "truncate", "sequence"};
    if (setting_is(setting, "operation")) {
        operation_set(r, setting);
        return;
    }
    if (setting_is(setting, "sequence")) {
        sequence_set(r, setting);
        return;
    }
    for (uint32_t i = FLOW_OPERATION_INSERT; i <= FLOW_OPERATION_TRUNCATE; i++) {
        if (setting_is(setting, operation_names[i])) {
            texts_set(r, setting, (FlowOperation)i);
            return;
        }
    }
    setting_unknown(r->c, setting, "changes", names, COUNT_OF(names));
}

void changes_set(SourceReading *r, const AstSetting *setting) {
    if (setting->item_count != 2 || setting->items[1].kind != AST_ITEM_BLOCK) {
        setting_report(
            r->c, setting, "a block, such as `changes { operation op, delete (\"D\") }`");
        return;
    }
    r->changes.setting = setting;
    r->changes.operation = -1;
    for (uint32_t i = 0; i < setting->items[1].setting_count; i++) {
        change_setting(r, &setting->items[1].settings[i]);
    }
    bool has_texts = false;
    for (uint32_t i = 0; i < OPERATION_COUNT; i++) {
        has_texts |= r->changes.text_counts[i] > 0;
    }
    if (has_texts != r->changes.has_operation && r->contract != NULL) {
        diag_add(r->c->diags,
                 DIAG_E201,
                 setting->span,
                 "`operation` names the column, `insert`, `update`, `delete` and `truncate` its "
                 "texts: both are needed");
        r->changes.operation = -1;
    }
    if (r->changes.operation < 0) { // every record is an update, or it was reported
        memset(r->changes.text_counts, 0, sizeof(r->changes.text_counts));
    }
}

// --- what is read --------------------------------------------------------------------------------
bool source_has_envelope(const GraphSource *source) {
    return source->format == FLOW_FORMAT_DEBEZIUM || source->reads_changes;
}

bool source_is_changelog(const SourceReading *r) {
    return r->changes.setting != NULL || source_has_envelope(&r->source);
}

static bool is_sequence(const SourceReading *r, uint32_t column) {
    for (uint32_t i = 0; i < r->changes.sequence.count; i++) {
        if (r->changes.sequence.items[i] == column) {
            return true;
        }
    }
    return false;
}

static bool is_key(const SourceReading *r, uint32_t column) {
    for (uint32_t i = 0; i < r->contract->key.count; i++) {
        if (r->contract->key.items[i] == column) {
            return true;
        }
    }
    return false;
}

// A delete needs only its key, its event time and what `changes` names; an envelope has a time of
// its own. A truncate has no key.
uint32_t changes_excused(const SourceReading *r, uint32_t column) {
    bool is_named = (int32_t)column == r->changes.operation || is_sequence(r, column);
    bool is_time = (int32_t)column == r->stream->event_time;
    bool has_own_time = source_has_envelope(&r->source);
    if (!source_is_changelog(r) || is_named || (is_time && !has_own_time)) {
        return 0;
    }
    return is_key(r, column) ? FLOW_EXCUSED_TRUNCATE : FLOW_EXCUSED_DELETE | FLOW_EXCUSED_TRUNCATE;
}

GraphTexts changes_texts(const SourceReading *r, FlowOperation operation) {
    uint32_t count = r->changes.text_counts[operation];
    const char **texts = arena_array(r->c->arena, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = r->changes.texts[operation][i]->text;
    }
    return (GraphTexts){texts, count};
}

// --- conditions ----------------------------------------------------------------------------------
// `operation in (…)` with the texts of the operations from .. to.
static const Expr *operation_in(SourceReading *r, FlowOperation from, FlowOperation to) {
    Checker *c = r->c;
    Span span = r->changes.setting->span;
    VEC(const AstExpr *) operands = {0};
    const char *name = r->stream->columns.items[r->changes.operation].name;
    *vec_push(c->arena, &operands) = ast_name(c, name, span);
    for (uint32_t o = from; o <= to; o++) {
        for (uint32_t i = 0; i < r->changes.text_counts[o]; i++) {
            const AstLiteral *text = r->changes.texts[o][i];
            *vec_push(c->arena, &operands) = ast_literal(c, text, text->span);
        }
    }
    if (operands.count == 1) {
        return NULL;
    }
    AstExpr *in = arena_new(c->arena, AstExpr);
    *in = (AstExpr){.kind = AST_EXPR_IN,
                    .depth = 2,
                    .span = span,
                    .operands = operands.items,
                    .operand_count = operands.count};
    return expr_check(c, &(Scope){.stream = r->stream}, in);
}

const Expr *changes_listed(SourceReading *r) {
    bool has_operation = r->changes.setting != NULL && r->changes.operation >= 0;
    return has_operation ? operation_in(r, FLOW_OPERATION_INSERT, FLOW_OPERATION_TRUNCATE) : NULL;
}

static const Expr *or_make(Checker *c, const Expr *left, const Expr *right) {
    const Expr *pair[2] = {left, right};
    Expr *either = expr_new(c->arena, EXPR_OR, bool_type(c, any_nullable(pair, 2)), pair, 2);
    return expr_located(c->arena, either, right->span, right->text);
}

// The contract's check does not hold for what a delete lacks.
const Expr *changes_check(SourceReading *r, const Expr *condition) {
    const Expr *gone = NULL;
    if (r->changes.setting != NULL && r->changes.operation >= 0) {
        gone = operation_in(r, FLOW_OPERATION_DELETE, FLOW_OPERATION_TRUNCATE);
    } else if (source_has_envelope(&r->source)) {
        gone = changes_gone(r->c, r->stream);
    }
    bool may_leave_out = r->source.format == FLOW_FORMAT_DEBEZIUM;
    condition = may_leave_out ? unchanged_excused(r->c, r->stream, condition) : condition;
    return gone == NULL ? condition : or_make(r->c, gone, condition);
}

// --- meta ----------------------------------------------------------------------------------------
static const Expr *operation_constant(Checker *c, FlowOperation operation) {
    return expr_constant(c->arena, operation_type(c), (FlowValue){.i64 = operation});
}

const Expr *changes_operation(SourceReading *r) {
    Checker *c = r->c;
    const Expr *value = NULL;
    for (uint32_t o = FLOW_OPERATION_INSERT; o <= FLOW_OPERATION_TRUNCATE; o++) {
        const Expr *constant = operation_constant(c, (FlowOperation)o);
        const Expr *condition = r->changes.text_counts[o] == 0
                                    ? NULL
                                    : operation_in(r, (FlowOperation)o, (FlowOperation)o);
        if (condition != NULL && value == NULL) {
            value = constant; // it is listed: what no other operation is is this one
        } else if (condition != NULL) {
            const Expr *arguments[3] = {condition, constant, value};
            value = expr_new(c->arena, EXPR_IF, operation_type(c), arguments, 3);
        }
    }
    return value != NULL ? value : operation_constant(c, FLOW_OPERATION_UPDATE);
}

static int32_t meta_find(const Stream *stream, FlowMetaKind meta) {
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        if (stream->columns.items[i].meta == meta) {
            return (int32_t)i;
        }
    }
    return -1;
}

// Whether the row's operation is one of two.
static const Expr *
operation_is(Checker *c, const Stream *stream, FlowOperation a, FlowOperation b) {
    int32_t index = meta_find(stream, FLOW_META_OPERATION);
    if (index < 0) {
        return NULL;
    }
    const Expr *arguments[3] = {expr_column(c->arena, (uint32_t)index, operation_type(c)),
                                operation_constant(c, a),
                                operation_constant(c, b)};
    const Expr *is = expr_new(c->arena, EXPR_IN, bool_type(c, false), arguments, 3);
    return expr_located(c->arena, is, (Span){0}, "meta.operation");
}

const Expr *changes_gone(Checker *c, const Stream *stream) {
    return operation_is(c, stream, FLOW_OPERATION_DELETE, FLOW_OPERATION_TRUNCATE);
}

const Expr *changes_are(Checker *c, const Stream *stream, FlowOperation operation) {
    return operation_is(c, stream, operation, operation);
}

// The clause of a merge that a changelog needs not be told.
const AstClause *changes_clause(Checker *c, const AstStep *step, AstClauseKind kind) {
    FlowOperation operation =
        kind == AST_CLAUSE_DELETE ? FLOW_OPERATION_DELETE : FLOW_OPERATION_TRUNCATE;
    const char *text = operation_names[operation];
    AstLiteral literal = {
        .kind = AST_STRING, .span = step->span, .text = text, .length = (uint32_t)strlen(text)};
    AstExpr *part = arena_new(c->arena, AstExpr);
    const AstExpr **meta = arena_array(c->arena, const AstExpr *, 1);
    meta[0] = ast_name(c, "meta", step->span);
    *part = (AstExpr){.kind = AST_EXPR_FIELD,
                      .depth = 2,
                      .span = step->span,
                      .name = {"operation", step->span},
                      .operands = meta,
                      .operand_count = 1};
    const AstExpr **condition = arena_array(c->arena, const AstExpr *, 1);
    const AstExpr *value = ast_literal(c, &literal, step->span);
    condition[0] = ast_node(c, AST_EXPR_BINARY, AST_OP_EQ, step->span, part, value);
    AstClause *clause = arena_new(c->arena, AstClause);
    *clause = (AstClause){.kind = kind, .span = step->span, .exprs = {condition, 1}};
    return clause;
}

// --- steps ---------------------------------------------------------------------------------------
static bool is_row_wise(AstStepKind kind) {
    switch (kind) {
    case AST_STEP_ERROR:
    case AST_STEP_WHERE:
    case AST_STEP_DERIVE:
    case AST_STEP_SELECT:
    case AST_STEP_DROP:
    case AST_STEP_RENAME:
    case AST_STEP_EXPECT:
    case AST_STEP_MERGE:
        return true;
    default:
        return false;
    }
}

bool changes_step_check(Checker *c, const AstStep *step, const Stream *stream) {
    if (stream->mode != GRAPH_CHANGELOG || is_row_wise(step->kind)) {
        return true;
    }
    Diag *diag = diag_add(c->diags,
                          DIAG_E240,
                          step->keyword,
                          "`%s` does not take a changelog",
                          syntax_step_word(step->kind));
    diag_help(c->diags, diag, "merge it into a table, and read that");
    return false;
}

// A row that `where` does not let pass is a delete of its key: the table may have it.
Stream *
changes_where(Checker *c, const AstStep *step, const Stream *stream, const Expr *condition) {
    Projection p = projection_new(c, stream);
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        if (!stream->columns.items[i].is_hidden) {
            projection_keep(c, &p, i);
        }
    }
    projection_carry(c, &p);
    uint32_t index = (uint32_t)meta_find(stream, FLOW_META_OPERATION);
    const Expr *operation = expr_column(c->arena, index, operation_type(c));
    const Expr *passes = or_make(c, changes_gone(c, stream), condition);
    const Expr *arguments[3] = {passes, operation, operation_constant(c, FLOW_OPERATION_DELETE)};
    const Expr *value = expr_new(c->arena, EXPR_IF, operation_type(c), arguments, 3);
    p.values.items[meta_find(p.output, FLOW_META_OPERATION)] =
        expr_located(c->arena, value, condition->span, condition->text);
    projection_add(c, step, "where", &p);
    return p.output;
}

const Expr *changes_expect(Checker *c, const Stream *stream, const Expr *condition) {
    return stream->mode == GRAPH_CHANGELOG ? or_make(c, changes_gone(c, stream), condition)
                                           : condition;
}
