// Words that begin an entry: the set is small and known, so a misspelt one is named and read as
// meant.
#include "syntax/grammar.h"
#include "syntax/parse.h"

typedef struct Starter {
    FrameKind frame;
    int token;
    const char *text;
} Starter;

static const Starter starters[] = {
    {FRAME_TOP, TOK_IMPORT, "import"},
    {FRAME_TOP, TOK_CONTRACT, "contract"},
    {FRAME_TOP, TOK_SOURCE, "source"},
    {FRAME_TOP, TOK_TABLE, "table"},
    {FRAME_TOP, TOK_SINK, "sink"},
    {FRAME_TOP, TOK_PIPELINE, "pipeline"},
    {FRAME_TOP, TOK_PARAM, "param"},
    {FRAME_TOP, TOK_TYPE, "type"},
    {FRAME_TOP, TOK_FN, "fn"},
    {FRAME_TOP, TOK_FLOW, "flow"},
    {FRAME_TOP, TOK_TEST, "test"},
    {FRAME_STEPS, TOK_FROM, "from"},
    {FRAME_STEPS, TOK_WHERE, "where"},
    {FRAME_STEPS, TOK_DERIVE, "derive"},
    {FRAME_STEPS, TOK_SELECT, "select"},
    {FRAME_STEPS, TOK_DROP, "drop"},
    {FRAME_STEPS, TOK_RENAME, "rename"},
    {FRAME_STEPS, TOK_UNNEST, "unnest"},
    {FRAME_STEPS, TOK_UNION, "union"},
    {FRAME_STEPS, TOK_JOIN, "join"},
    {FRAME_STEPS, TOK_LEFT, "left"},
    {FRAME_STEPS, TOK_RIGHT, "right"},
    {FRAME_STEPS, TOK_FULL, "full"},
    {FRAME_STEPS, TOK_SEMI, "semi"},
    {FRAME_STEPS, TOK_ANTI, "anti"},
    {FRAME_STEPS, TOK_DEDUP, "dedup"},
    {FRAME_STEPS, TOK_WINDOW, "window"},
    {FRAME_STEPS, TOK_LATE, "late"},
    {FRAME_STEPS, TOK_GROUP, "group"},
    {FRAME_STEPS, TOK_EMIT, "emit"},
    {FRAME_STEPS, TOK_STATE, "state"},
    {FRAME_STEPS, TOK_RUNNING, "running"},
    {FRAME_STEPS, TOK_TOP, "top"},
    {FRAME_STEPS, TOK_EXPECT, "expect"},
    {FRAME_STEPS, TOK_SAMPLE, "sample"},
    {FRAME_STEPS, TOK_APPEND, "append"},
    {FRAME_STEPS, TOK_OVERWRITE, "overwrite"},
    {FRAME_STEPS, TOK_MERGE, "merge"},
    {FRAME_STEPS, TOK_ROUTE, "route"},
    {FRAME_TEST, TOK_GIVEN, "given"},
    {FRAME_TEST, TOK_ADVANCE, "advance"},
    {FRAME_TEST, TOK_CLOSE, "close"},
    {FRAME_TEST, TOK_RESTART, "restart"},
    {FRAME_TEST, TOK_TRIGGER, "trigger"},
    {FRAME_TEST, TOK_EXPECT, "expect"},
    {FRAME_CLAUSES, TOK_KEY, "key"},
    {FRAME_CLAUSES, TOK_ORDER, "order"},
    {FRAME_CLAUSES, TOK_DELETE, "delete"},
    {FRAME_CLAUSES, TOK_TRUNCATE, "truncate"},
};

typedef struct Elsewhere {
    const char *word; // of other languages
    const char *help;
} Elsewhere;

static const Elsewhere elsewheres[] = {
    {"having", "a condition on groups is a `where` behind the `group`"},
    {"limit", "`top N by e` keeps the first N"},
    {"order", "rows of a table have no order; `top N by e` keeps the first N"},
    {"insert", "`append into t` adds rows to a table"},
    {"with", "`derive name = e` adds a column"},
    {"filter", "`where condition` keeps rows"},
    {"map", "`derive name = e` adds a column, `select` keeps some"},
    {"let", "`derive name = e` adds a column"},
    {"aggregate", "`group by a { x = sum(b) }` aggregates"},
    {"view", "a `flow` without a terminal is a named stream"},
};

bool message_begins(FrameKind frame, int kind) {
    for (size_t i = 0; i < COUNT_OF(starters); i++) {
        if (starters[i].frame == frame && starters[i].token == kind) {
            return true;
        }
    }
    return false;
}

static const Starter *starter_meant(FrameKind frame, const char *word) {
    const char *texts[COUNT_OF(starters)];
    const Starter *rows[COUNT_OF(starters)];
    uint32_t count = 0;
    for (size_t i = 0; i < COUNT_OF(starters); i++) {
        if (starters[i].frame == frame) {
            rows[count] = &starters[i];
            texts[count++] = starters[i].text;
        }
    }
    const char *meant = str_suggest(word, texts, count);
    for (uint32_t i = 0; i < count && meant != NULL; i++) {
        if (texts[i] == meant) {
            return rows[i];
        }
    }
    return NULL;
}

static const char *frame_noun(FrameKind frame) {
    switch (frame) {
    case FRAME_TOP:
        return "declaration";
    case FRAME_STEPS:
        return "step";
    case FRAME_TEST:
        return "step of a test";
    default:
        return "clause of a merge";
    }
}

static void elsewhere_help(Parser *parser, Diag *diag, const char *word) {
    for (size_t i = 0; i < COUNT_OF(elsewheres); i++) {
        if (str_equal(elsewheres[i].word, word)) {
            diag_help(parser->diags, diag, "%s", elsewheres[i].help);
        }
    }
}

bool message_word(Parser *parser, FrameKind frame, Token *token) {
    bool is_known_set =
        frame == FRAME_TOP || frame == FRAME_STEPS || frame == FRAME_TEST || frame == FRAME_CLAUSES;
    if (!is_known_set || message_begins(frame, token->kind)) {
        return true;
    }
    if (parser->is_suspect) { // what is wrong with the token was said
        return false;
    }
    const char *word = source_text(parser->arena, &parser->diags->sources, token->span);
    Diag *diag = diag_add(
        parser->diags, DIAG_E002, token->span, "`%s` begins no %s", word, frame_noun(frame));
    const Starter *meant = starter_meant(frame, word);
    if (meant == NULL) {
        elsewhere_help(parser, diag, word);
        return false;
    }
    diag_help(parser->diags, diag, "did you mean `%s`?", meant->text);
    diag_fix(parser->diags, diag, token->span, meant->text);
    token->kind = meant->token;
    return true;
}
