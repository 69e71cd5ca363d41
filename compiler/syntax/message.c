// The sentences for what the grammar could not read: what was seen, what was expected, what to try.
#include "syntax/grammar.h"
#include "syntax/parse.h"

enum { EXPECTED_MAX = 4 }; // longer lists help nobody

static bool is_expected(const Mistake *mistake, int token) {
    return mistake->is_expected[grammar_symbol_of(token)];
}

static bool is_found(const Mistake *mistake, int token) {
    return mistake->found == grammar_symbol_of(token);
}

static const char *found_text(const Parser *parser, const Mistake *mistake) {
    if (is_found(mistake, TOK_SEP)) {
        return "the end of the line";
    }
    if (is_found(mistake, TOK_END_OF_FILE)) {
        return "the end of the file";
    }
    const char *text = source_text(parser->arena, &parser->diags->sources, mistake->span);
    return arena_format(parser->arena, "`%s`", text);
}

// "'{'" and "\"where\"" in backquotes, "a name" as it is.
static const char *symbol_text(const Parser *parser, int symbol) {
    const char *name = grammar_symbol_name(symbol);
    size_t length = strlen(name);
    if (length > 2 && (name[0] == '\'' || name[0] == '"')) {
        return arena_format(parser->arena, "`%.*s`", (int)length - 2, name + 1);
    }
    bool is_word = strchr(name, ' ') == NULL;
    return is_word ? arena_format(parser->arena, "`%s`", name) : name;
}

static const int keyword_tokens[] = {
#define KEYWORD(token, text, is_reserved) TOK_##token,
#include "syntax/keyword.def"
#undef KEYWORD
};

static bool is_keyword_symbol(int symbol) {
    for (size_t i = 0; i < COUNT_OF(keyword_tokens); i++) {
        if (grammar_symbol_of(keyword_tokens[i]) == symbol) {
            return true;
        }
    }
    return false;
}

bool message_is_word(int token) {
    return token == TOK_NAME || is_keyword_symbol(grammar_symbol_of(token));
}

static bool is_operator(int symbol) {
    static const int tokens[] = {TOK_EQ,  TOK_NE,       '<',         TOK_LE,   '>',
                                 TOK_GE,  TOK_COALESCE, '+',         '-',      '*',
                                 '/',     '%',          '.',         '[',      TOK_IS,
                                 TOK_IN,  TOK_NOT,      TOK_BETWEEN, TOK_LIKE, TOK_MATCHES,
                                 TOK_AND, TOK_OR,       TOK_WHERE,   '(',      '?'};
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        if (grammar_symbol_of(tokens[i]) == symbol) {
            return true;
        }
    }
    return false;
}

typedef struct Wanted {
    const char *texts[EXPECTED_MAX];
    uint32_t count;
} Wanted;

static void wanted_add(Wanted *wanted, const char *text) {
    if (wanted->count < EXPECTED_MAX) {
        wanted->texts[wanted->count] = text;
    }
    wanted->count++;
}

// Symbols that need no mention of their own beside a class that was mentioned.
static bool is_covered(const Mistake *mistake, int symbol, bool is_name, bool is_after_value) {
    bool is_on = symbol == grammar_symbol_of(TOK_ON); // not a name, but a setting's value
    bool is_word = symbol == grammar_symbol_of(TOK_NAME) || (is_keyword_symbol(symbol) && !is_on);
    bool is_end = symbol == grammar_symbol_of('}') && is_expected(mistake, TOK_SEP);
    return (is_name && is_word) || (is_after_value && is_operator(symbol)) || is_end;
}

// What could stand here: whole classes first (an expression, a name, an operator), then single
// tokens.
static Wanted wanted_make(const Parser *parser, const Mistake *mistake) {
    Wanted wanted = {0};
    bool is_expression = is_expected(mistake, TOK_CAST); // only an operand begins so
    bool is_name = is_expected(mistake, TOK_NAME);
    bool is_after_value = is_expected(mistake, '+') && is_expected(mistake, '*');
    if (is_expression) {
        wanted_add(&wanted, "an expression");
    } else if (is_name) {
        wanted_add(&wanted, "a name");
    }
    for (int symbol = 0; symbol < mistake->symbol_count && !is_expression; symbol++) {
        if (mistake->is_expected[symbol] && !is_covered(mistake, symbol, is_name, is_after_value)) {
            wanted_add(&wanted, symbol_text(parser, symbol));
        }
    }
    if (wanted.count == 0 && is_after_value) {
        wanted_add(&wanted, "an operator");
    }
    return wanted;
}

static const char *wanted_text(const Parser *parser, const Wanted *wanted) {
    if (wanted->count == 0 || wanted->count > EXPECTED_MAX) {
        return NULL;
    }
    const char *text = wanted->texts[0];
    for (uint32_t i = 1; i < wanted->count; i++) {
        const char *joint = i + 1 == wanted->count ? " or " : ", ";
        text = arena_format(parser->arena, "%s%s%s", text, joint, wanted->texts[i]);
    }
    return text;
}

// The mistakes that have a better message than "expected this, found that"; true: reported.
static bool is_assignment(Parser *parser, const Mistake *mistake) {
    if (!is_found(mistake, '=') || !is_expected(mistake, TOK_EQ)) {
        return false;
    }
    Diag *diag =
        diag_add(parser->diags, DIAG_E004, mistake->span, "`=` names a result; equality is `==`");
    diag_help(parser->diags, diag, "write `==`");
    diag_fix(parser->diags, diag, mistake->span, "==");
    return true;
}

static bool reserved_report(Parser *parser, const Mistake *mistake, const char *found) {
    Diag *diag = diag_add(parser->diags, DIAG_E011, mistake->span, "%s is a reserved word", found);
    diag_help(parser->diags, diag, "in backquotes it is a name: %s", found);
    diag_fix(parser->diags, diag, mistake->span, found);
    return true;
}

static bool is_reserved_name(Parser *parser, const Mistake *mistake, const char *found) {
    const char *word =
        arena_copy(parser->arena, found + 1, strlen(found) > 2 ? strlen(found) - 2 : 0);
    bool is_branch = parser->is_first && parser->frames[parser->depth].kind == FRAME_ROUTES;
    if (!is_expected(mistake, TOK_NAME) || !syntax_is_reserved(word) ||
        is_expected(mistake, TOK_INTEGER) || is_branch) {
        return false;
    }
    return reserved_report(parser, mistake, found);
}

static bool is_source_last(Parser *parser, const Mistake *mistake) {
    const Frame *frame = &parser->frames[parser->depth];
    if (!is_found(mistake, TOK_FROM) || frame->kind != FRAME_STEPS ||
        !is_expected(mistake, TOK_SEP)) {
        return false;
    }
    Diag *diag = diag_add(parser->diags, DIAG_E012, mistake->span, "a flow starts with its source");
    diag_help(parser->diags, diag, "first `from`, then the other steps, each on its line");
    return true;
}

static bool is_unit_missing(Parser *parser, const Mistake *mistake, const char *found) {
    bool is_number = is_found(mistake, TOK_INTEGER) || is_found(mistake, TOK_DECIMAL);
    if (!is_number || !is_expected(mistake, TOK_DURATION) || is_expected(mistake, TOK_INTEGER)) {
        return false;
    }
    Diag *diag = diag_add(parser->diags, DIAG_E048, mistake->span, "a duration needs a unit");
    int length = (int)strlen(found) - 2;
    diag_help(parser->diags, diag, "for example `%.*s minutes`", length, found + 1);
    return true;
}

static bool is_bracket_open(Parser *parser) {
    if (!parser->is_margin) {
        return false;
    }
    message_unclosed(parser, &parser->frames[parser->depth], NULL);
    return true;
}

// A reserved word goes on with the line above, so as a name at a line's start it needs its
// backquotes too.
static bool is_reserved_start(Parser *parser, const Mistake *mistake, const char *found) {
    static const int words[] = {TOK_END,
                                TOK_ON,
                                TOK_AS,
                                TOK_BY,
                                TOK_WITHIN,
                                TOK_THEN,
                                TOK_WHEN,
                                TOK_NOT,
                                TOK_IN,
                                TOK_IS,
                                TOK_LIKE,
                                TOK_MATCHES,
                                TOK_BETWEEN,
                                TOK_AND,
                                TOK_OR,
                                TOK_ELSE};
    FrameKind kind = parser->frames[parser->depth].kind;
    for (size_t i = 0; i < COUNT_OF(words) && parser->is_first && kind == FRAME_ENTRIES; i++) {
        if (is_found(mistake, words[i])) {
            return reserved_report(parser, mistake, found);
        }
    }
    return false;
}

// A setting that would begin with `columns`.
static void columns_help(Parser *parser, const Mistake *mistake, Diag *diag) {
    if (is_found(mistake, TOK_COLUMNS) && is_expected(mistake, TOK_NAME)) {
        diag_help(parser->diags, diag, "in backquotes it is a name: `columns`");
        diag_fix(parser->diags, diag, mistake->span, "`columns`");
    }
}

// A word that resembles one of those that could stand here.
static void word_suggest(Parser *parser, const Mistake *mistake, Diag *diag) {
    static const char *const words[] = {
#define KEYWORD(token, text, is_reserved) text,
#include "syntax/keyword.def"
#undef KEYWORD
    };
    const char *candidates[COUNT_OF(words)];
    uint32_t count = 0;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (is_expected(mistake, keyword_tokens[i])) {
            candidates[count++] = words[i];
        }
    }
    if (is_found(mistake, TOK_NAME)) {
        const char *word = source_text(parser->arena, &parser->diags->sources, mistake->span);
        diag_suggest(parser->diags, diag, word, candidates, count);
    }
}

// `amount int64`: the likeliest mistake of all.
static void colon_help(Parser *parser, const Mistake *mistake, Diag *diag) {
    const SourceList *sources = &parser->diags->sources;
    Span before = parser->last_span;
    bool is_column = is_expected(mistake, ':') && !is_expected(mistake, TOK_SEP) &&
                     is_found(mistake, TOK_NAME) && before.end_line == mistake->span.start_line &&
                     parser->frames[parser->depth].kind == FRAME_ENTRIES;
    if (is_column) {
        const char *name = source_text(parser->arena, sources, before);
        const char *type = source_text(parser->arena, sources, mistake->span);
        diag_help(
            parser->diags, diag, "a column is its name, `:` and its type: `%s: %s`", name, type);
        before.start_line = before.end_line;
        before.start_column = before.end_column;
        before.start_offset = before.end_offset;
        diag_fix(parser->diags, diag, before, ":");
    }
}

void message_syntax(Parser *parser, const Mistake *mistake) {
    parser->has_error = true;
    const char *found = found_text(parser, mistake);
    if (parser->is_suspect || is_found(mistake, TOK_INVALID) || is_assignment(parser, mistake) ||
        is_reserved_name(parser, mistake, found) || is_source_last(parser, mistake) ||
        is_unit_missing(parser, mistake, found) || is_reserved_start(parser, mistake, found) ||
        is_bracket_open(parser)) {
        return;
    }
    Wanted wanted = wanted_make(parser, mistake);
    const char *expected = wanted_text(parser, &wanted);
    Diag *diag;
    if (expected == NULL) {
        diag = diag_add(parser->diags, DIAG_E001, mistake->span, "%s can't stand here", found);
    } else {
        diag = diag_add(
            parser->diags, DIAG_E001, mistake->span, "expected %s, found %s", expected, found);
    }
    word_suggest(parser, mistake, diag);
    columns_help(parser, mistake, diag);
    colon_help(parser, mistake, diag);
}

void message_unclosed(Parser *parser, const Frame *frame, const Span *where) {
    const char *bracket = source_text(parser->arena, &parser->diags->sources, frame->opener);
    Diag *diag =
        diag_add(parser->diags, DIAG_E003, frame->opener, "this `%s` is never closed", bracket);
    if (where != NULL) {
        diag_note_at(parser->diags, diag, *where, "it must end before this");
    }
}

void message_unopened(Parser *parser, const Token *token) {
    diag_add(parser->diags, DIAG_E064, token->span, "this `%c` closes nothing", token->kind);
}
