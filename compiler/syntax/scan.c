// What the lexer's actions do: places of tokens, keywords, comments, and tokens of other languages
// that are reported and read as what was meant.
#include "syntax/grammar.h"
#include "syntax/parse.h"

typedef struct Keyword {
    const char *text;
    int token;
    bool is_reserved;
} Keyword;

static const Keyword keywords[] = {
#define KEYWORD(token, text, is_reserved) {text, TOK_##token, is_reserved},
#include "syntax/keyword.def"
#undef KEYWORD
};

static int keyword_compare(const void *word, const void *keyword) {
    return strcmp(word, ((const Keyword *)keyword)->text);
}

static const Keyword *keyword_find(const char *word) {
    return bsearch(word, keywords, COUNT_OF(keywords), sizeof(*keywords), keyword_compare);
}

bool syntax_is_reserved(const char *word) {
    const Keyword *keyword = keyword_find(word);
    return keyword != NULL && keyword->is_reserved;
}

// Sets parser->span to the token and moves on; called again with less if a token is given back in
// part.
void scan_place(Parser *parser, const char *text, uint32_t length) {
    if (parser->is_token_open) {
        parser->line = parser->span.start_line;
        parser->column = parser->span.start_column;
        parser->offset = parser->span.start_offset;
    }
    parser->is_token_open = true;
    Span *span = &parser->span;
    *span = (Span){.file = parser->file,
                   .start_line = parser->line,
                   .start_column = parser->column,
                   .start_offset = parser->offset};
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] == '\n') {
            parser->line++;
            parser->column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            parser->column++;
        }
    }
    parser->offset += length;
    span->end_line = parser->line;
    span->end_column = parser->column;
    span->end_offset = parser->offset;
}

void scan_token(Parser *parser, int kind, SyntaxValue value) {
    parser->is_token_open = false;
    if (kind == SCAN_NEWLINE) {
        parser->is_line_start = true;
        return;
    }
    if (kind == SCAN_NOTHING) {
        return;
    }
    Token token = {kind, value, parser->span, parser->is_line_start};
    if (kind == TOK_END_OF_FILE) {
        scan_place(parser, "", 0);
        token.span = parser->span;
    }
    lines_token(parser, &token);
    parser->is_line_start = false;
}

// Only comments on lines of their own can be documentation.
void scan_comment(Parser *parser, const char *text, uint32_t length) {
    if (parser->pieces != NULL) {
        *vec_push(parser->arena, parser->pieces) = (Piece){
            .kind = PIECE_COMMENT, .span = parser->span, .is_line_start = parser->is_line_start};
    }
    if (!parser->is_line_start) {
        return;
    }
    while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == ' ')) {
        length--;
    }
    uint32_t skipped = length > 2 && text[2] == ' ' ? 3 : 2;
    Comment *comment = vec_push(parser->arena, &parser->comments);
    comment->line = parser->span.start_line;
    comment->text =
        length < skipped ? "" : arena_copy(parser->arena, text + skipped, length - skipped);
}

int scan_word(Parser *parser, const char *text, uint32_t length, SyntaxValue *value) {
    value->name = (AstName){arena_copy(parser->arena, text, length), parser->span};
    const Keyword *keyword = keyword_find(value->name.text);
    return keyword != NULL ? keyword->token : TOK_NAME;
}

int scan_quoted(Parser *parser, const char *text, uint32_t length, SyntaxValue *value) {
    value->name = (AstName){arena_copy(parser->arena, text, length), parser->span};
    return TOK_NAME;
}

int scan_unclosed_name(Parser *parser, const char *text, uint32_t length, SyntaxValue *value) {
    bool is_empty = length == 1;
    scan_report(parser,
                DIAG_E008,
                is_empty ? "a quoted name needs a letter at least"
                         : "this quoted name is not closed on its line");
    return scan_quoted(parser, text, length, value);
}

uint32_t scan_number_length(const char *text) {
    return (uint32_t)strspn(text, "0123456789_.");
}

Diag *scan_report(Parser *parser, DiagCode code, const char *text) {
    parser->is_scan_suspect = true;
    return diag_add(parser->diags, code, parser->span, "%s", text);
}

int scan_quantity(Parser *parser, const char *text, uint32_t length, SyntaxValue *value) {
    value->literal = literal_quantity(parser, text, length);
    switch (value->literal->kind) {
    case AST_DURATION:
        return TOK_DURATION;
    case AST_SIZE:
        return TOK_SIZE;
    default:
        return TOK_PERCENT;
    }
}

// 10m, 3x: a number and letters without a blank.
int scan_glued(Parser *parser, const char *text, uint32_t length, SyntaxValue *value) {
    uint32_t digits = scan_number_length(text);
    const char *unit = literal_unit_meant(text + digits);
    const char *word = arena_copy(parser->arena, text, length);
    Diag *diag;
    if (unit == NULL) {
        diag = scan_report(parser, DIAG_E061, "");
        diag->text = arena_format(parser->arena, "`%s` is neither a number nor a name", word);
        value->literal = literal_number(parser, "0", 1, AST_INTEGER);
        return TOK_INTEGER;
    }
    diag = scan_report(parser, DIAG_E048, "");
    diag->text = arena_format(parser->arena, "`%s` is no duration", word);
    diag_help(
        parser->diags, diag, "a number, a blank and a unit: `%.*s %s`", (int)digits, text, unit);
    value->literal = literal_quantity(parser, "1 minute", 8);
    return TOK_DURATION;
}

typedef struct Foreign {
    const char *text;
    const char *meant;
    int token;
} Foreign;

static const Foreign foreigns[] = {
    {"&&", "and", TOK_AND},
    {"||", "or", TOK_OR},
    {"!", "not", TOK_NOT},
    {"<>", "!=", TOK_NE},
    {"===", "==", TOK_EQ},
    {"!==", "!=", TOK_NE},
    {"::", "cast(x as T)", ':'},
};

int scan_foreign(Parser *parser, const char *text, uint32_t length) {
    const Foreign *foreign = foreigns;
    while (strncmp(foreign->text, text, length) != 0 || foreign->text[length] != '\0') {
        foreign++;
        ASSERT(foreign < foreigns + COUNT_OF(foreigns));
    }
    Diag *diag = scan_report(parser, DIAG_E005, "");
    diag->text = arena_format(parser->arena, "`%s` is no operator of Flow", foreign->text);
    diag_help(parser->diags, diag, "write `%s`", foreign->meant);
    if (foreign->token != ':') {
        diag_fix(parser->diags, diag, parser->span, foreign->meant);
    }
    return foreign->token;
}

typedef struct Lookalike {
    const char *bytes;
    const char *number;
    const char *meant;
} Lookalike;

static const Lookalike lookalikes[] = {
    {"\xe2\x80\x9c", "U+201C", "\""},
    {"\xe2\x80\x9d", "U+201D", "\""},
    {"\xe2\x80\x9e", "U+201E", "\""},
    {"\xe2\x80\x98", "U+2018", "\""},
    {"\xe2\x80\x99", "U+2019", "\""},
    {"\xe2\x80\x93", "U+2013", "-"},
    {"\xe2\x80\x94", "U+2014", "-"},
    {"\xe2\x88\x92", "U+2212", "-"},
    {"\xc2\xa0", "U+00A0", " "},
    {"\xe2\x89\xa0", "U+2260", "!="},
    {"\xe2\x89\xa4", "U+2264", "<="},
    {"\xe2\x89\xa5", "U+2265", ">="},
};

void scan_character(Parser *parser, const char *text, uint32_t length) {
    Diag *diag = scan_report(parser, DIAG_E009, "this character can't stand in a program");
    for (size_t i = 0; i < COUNT_OF(lookalikes); i++) {
        const Lookalike *lookalike = &lookalikes[i];
        if (strncmp(lookalike->bytes, text, strlen(lookalike->bytes)) == 0) {
            diag->text = arena_format(parser->arena,
                                      "%s looks like `%s` but is another character",
                                      lookalike->number,
                                      lookalike->meant);
            diag_help(parser->diags, diag, "type `%s` in its place", lookalike->meant);
            return;
        }
    }
    if ((unsigned char)text[0] >= 0x80) {
        diag_help(parser->diags, diag, "names with other letters than a-z stand in backquotes");
    }
    (void)length;
}
