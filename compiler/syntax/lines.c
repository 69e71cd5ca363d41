// Between lexer and grammar: which line ends count, and where to go on after a mistake.
//
// A line end is a separator unless the line goes on (LANGUAGE 1). After a mistake the rest of its
// entry (a step, a column, a setting, a declaration) is passed over, brackets in pairs, so that the
// next entry is read as if nothing had happened; that needs to know the brackets, which is why both
// live here.
#include "syntax/grammar.h"
#include "syntax/parse.h"

static const int going_on_after[] = {
    TOK_OR,   TOK_AND, TOK_IS,   TOK_IN,   TOK_BETWEEN,  TOK_LIKE,  TOK_MATCHES, TOK_EQ,  TOK_NE,
    '<',      TOK_LE,  '>',      TOK_GE,   TOK_COALESCE, '+',       '-',         '*',     '/',
    '%',      ',',     '=',      ':',      '.',          TOK_ARROW, TOK_DOTS,    TOK_NOT, TOK_CASE,
    TOK_WHEN, TOK_IF,  TOK_THEN, TOK_ELSE, TOK_AS,       TOK_BY,    TOK_WITHIN,
};

static const int going_on_before[] = {
    TOK_OR,   TOK_AND,  TOK_IS,   TOK_IN,  TOK_BETWEEN,  TOK_LIKE, TOK_MATCHES, TOK_EQ,     TOK_NE,
    '<',      TOK_LE,   '>',      TOK_GE,  TOK_COALESCE, '+',      '-',         '*',        '/',
    '%',      ',',      '=',      '.',     ')',          ']',      TOK_ARROW,   TOK_DOTS,   TOK_NOT,
    TOK_WHEN, TOK_THEN, TOK_ELSE, TOK_END, TOK_ON,       TOK_AS,   TOK_BY,      TOK_WITHIN,
};

static bool is_among(int kind, const int *kinds, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (kinds[i] == kind) {
            return true;
        }
    }
    return false;
}

bool lines_go_on_before(int kind) {
    return is_among(kind, going_on_before, COUNT_OF(going_on_before));
}

static Frame *frame_top(Parser *parser) {
    return &parser->frames[parser->depth];
}

static bool is_bracketed(const Parser *parser) {
    return parser->frames[parser->depth].kind >= FRAME_ROUND;
}

// The innermost frame that has entries: the file or a { }.
static uint32_t entry_depth(const Parser *parser) {
    uint32_t depth = parser->depth;
    while (parser->frames[depth].kind >= FRAME_ROUND) {
        depth--;
    }
    return depth;
}

// --- pushing
// ------------------------------------------------------------------------------------------
static void push(Parser *parser, int kind, const SyntaxValue *value, Span span) {
    parser->has_error = false;
    int status = flow_push_parse(parser->state, kind, value, &span, parser);
    if (status != YYPUSH_MORE && kind != TOK_END_OF_FILE) {
        parser->is_stopped = true;
        parser->is_broken = true;
    }
}

static void entry_skip(Parser *parser) {
    parser->is_skipping = true;
    parser->skip_depth = entry_depth(parser);
}

static void entry_end(Parser *parser) {
    parser->is_skipping = false;
    parser->is_suspect = false;
    grammar_forgive(parser->state);
}

static void separator_push(Parser *parser) {
    parser->is_separated = false;
    parser->is_margin = false;
    parser->is_first = false;
    if (parser->is_skipping && parser->depth > parser->skip_depth) {
        return;
    }
    push(parser, TOK_SEP, &(SyntaxValue){0}, parser->separator);
    entry_end(parser);
    frame_top(parser)->statement = 0;
}

// Puts the grammar into its state after a mistake that was reported here.
static void invalid_push(Parser *parser, Span span) {
    if (!parser->is_skipping) {
        parser->is_suspect = true;
        push(parser, TOK_INVALID, &(SyntaxValue){0}, span);
        entry_skip(parser);
    }
}

static bool is_comma_end(const Parser *parser, int kind) {
    return kind == ',' && parser->frames[parser->depth].kind == FRAME_ENTRIES;
}

// A token at the margin of its block's entries, within ( or [: the bracket was forgotten, if the
// program's brackets do not match. Asked only after a mistake, because a correct program may be
// laid out in any way.
static bool is_at_margin(const Parser *parser, const Token *token) {
    const Frame *frame = &parser->frames[entry_depth(parser)];
    return parser->is_unbalanced && is_bracketed(parser) && token->is_line_start &&
           token->span.start_column <= frame->first_column;
}

// A mistake right behind a block: the grammar has gone back into the block, to the nearest place
// where it can go on, and is led out of it again.
static void block_leave_again(Parser *parser) {
    if (parser->last == '}') {
        push(parser, '}', &(SyntaxValue){0}, parser->last_span);
    }
}

// A `when` or `else` that can't stand here: the grammar has taken it for the route's next branch,
// and is told that it is part of the mistake.
static void branch_leave_again(Parser *parser, const Token *token) {
    bool is_in_route = parser->frames[entry_depth(parser)].kind == FRAME_ROUTES;
    if (is_in_route && parser->last != '}' &&
        (token->kind == TOK_WHEN || token->kind == TOK_ELSE)) {
        push(parser, TOK_INVALID, &(SyntaxValue){0}, token->span);
    }
}

// The next branch of a route, which no separator shows: asked after a mistake.
static bool is_next_branch(const Parser *parser, const Token *token) {
    const Frame *frame = &parser->frames[parser->depth];
    return frame->kind == FRAME_ROUTES && token->is_line_start &&
           token->span.start_column <= frame->first_column &&
           (token->kind == TOK_WHEN || token->kind == TOK_ELSE);
}

static void token_push(Parser *parser, const Token *token) {
    bool is_end = is_comma_end(parser, token->kind);
    bool is_branch = is_next_branch(parser, token);
    if (parser->is_skipping && parser->depth == parser->skip_depth && is_branch) {
        entry_end(parser);
    }
    if (parser->is_skipping && !(is_end && parser->depth == parser->skip_depth)) {
        return;
    }
    parser->is_margin = is_at_margin(parser, token);
    parser->is_first = token->is_line_start;
    push(parser, token->kind, &token->value, token->span);
    if (is_end) {
        entry_end(parser);
        frame_top(parser)->statement = 0;
    } else if (parser->has_error && is_branch) {
        entry_end(parser); // the grammar has given up the branch before, and begun this one
    } else if (parser->has_error) {
        block_leave_again(parser);
        branch_leave_again(parser, token);
        entry_skip(parser);
    }
}

// --- brackets
// -----------------------------------------------------------------------------------------
static FrameKind brace_kind(const Frame *outer) {
    switch (outer->kind) {
    case FRAME_TOP:
        if (outer->statement == TOK_FLOW) {
            return FRAME_STEPS;
        }
        return outer->statement == TOK_TEST ? FRAME_TEST : FRAME_ENTRIES;
    case FRAME_STEPS:
        if (outer->statement == TOK_ROUTE) {
            return FRAME_ROUTES;
        }
        return outer->statement == TOK_MERGE ? FRAME_CLAUSES : FRAME_ENTRIES;
    case FRAME_ROUTES:
        return outer->is_merging ? FRAME_CLAUSES : FRAME_ENTRIES;
    default:
        return FRAME_ENTRIES;
    }
}

static void frame_open(Parser *parser, const Token *token) {
    FrameKind kind = token->kind == '('   ? FRAME_ROUND
                     : token->kind == '[' ? FRAME_SQUARE
                                          : brace_kind(frame_top(parser));
    if (parser->depth == NESTING_MAX) {
        diag_add(parser->diags,
                 DIAG_E063,
                 token->span,
                 "brackets nested more than %d deep",
                 NESTING_MAX);
        parser->is_stopped = true;
        parser->is_broken = true;
        return;
    }
    frame_top(parser)->is_merging = false;
    parser->depth++;
    *frame_top(parser) = (Frame){.kind = kind, .opener = token->span};
}

// Leaves ( and [ that a { } frame's end or a new declaration shows to be unclosed.
static void brackets_leave(Parser *parser, const Span *where) {
    parser->is_unbalanced |= is_bracketed(parser);
    while (is_bracketed(parser)) {
        if (!parser->is_skipping) {
            message_unclosed(parser, frame_top(parser), where);
        }
        invalid_push(parser, frame_top(parser)->opener);
        parser->depth--;
    }
}

static bool frame_closes(FrameKind kind, int closer) {
    if (closer == ')') {
        return kind == FRAME_ROUND;
    }
    return closer == ']' ? kind == FRAME_SQUARE : kind != FRAME_TOP && kind < FRAME_ROUND;
}

static void brace_close(Parser *parser, const Token *token) {
    ASSERT(parser->depth > 0 && !is_bracketed(parser));
    if (parser->is_skipping && parser->depth > parser->skip_depth) {
        parser->depth--;
        return;
    }
    parser->depth--;
    push(parser, '}', &token->value, token->span);
    entry_end(parser);
}

static void frame_close(Parser *parser, const Token *token) {
    if (token->kind == '}') {
        brackets_leave(parser, &token->span);
    }
    bool has_opener = frame_closes(frame_top(parser)->kind, token->kind);
    if (!has_opener) {
        parser->is_unbalanced = true;
        if (!parser->is_skipping) {
            message_unopened(parser, token);
        }
    } else if (token->kind == '}') {
        brace_close(parser, token);
    } else {
        parser->depth--;
        token_push(parser, token);
    }
}

// --- line ends
// ----------------------------------------------------------------------------------------
static void line_end(Parser *parser, const Token *token, bool is_entry) {
    if (!token->is_line_start || parser->last == 0 || is_bracketed(parser) ||
        lines_go_on_before(token->kind)) {
        return;
    }
    if (!is_entry && is_among(parser->last, going_on_after, COUNT_OF(going_on_after))) {
        return;
    }
    parser->is_separated = true;
    Span *separator = &parser->separator;
    *separator = parser->last_span;
    separator->start_line = separator->end_line;
    separator->start_column = separator->end_column;
    separator->start_offset = separator->end_offset;
}

static bool is_separator_needed(const Parser *parser, int kind) {
    return parser->is_separated && parser->last != 0 && parser->last != '{' && kind != '}' &&
           kind != TOK_END_OF_FILE;
}

// A `{` on a line of its own: said once, then read as if it stood where it should.
static bool is_lonely_brace(Parser *parser, const Token *token) {
    if (token->kind != '{' || !parser->is_separated || !token->is_line_start ||
        parser->is_skipping || parser->last == '{') {
        return false;
    }
    Diag *diag = diag_add(
        parser->diags, DIAG_E014, token->span, "a `{` stands on the line of what it belongs to");
    diag_help(parser->diags, diag, "put it at the end of the line above");
    return true;
}

// --- entries
// ------------------------------------------------------------------------------------------ A
// declaration at the margin within a block whose lines are indented: the block was never closed.
static bool is_block_unclosed(const Parser *parser, const Token *token) {
    const Frame *frame = &parser->frames[entry_depth(parser)];
    return parser->is_guessing && parser->is_unbalanced && token->is_line_start &&
           token->span.start_column == 1 && frame->kind != FRAME_TOP && frame->first_column > 1 &&
           message_begins(FRAME_TOP, token->kind);
}

static void blocks_close(Parser *parser, const Token *token, const Span *where) {
    parser->is_unbalanced |= parser->depth > 0;
    while (parser->depth > 0) {
        brackets_leave(parser, where);
        if (parser->depth == 0) {
            return;
        }
        Frame frame = *frame_top(parser);
        if (!parser->is_skipping && parser->depth == 1) {
            message_unclosed(parser, &frame, where);
        }
        brace_close(parser, &(Token){.kind = '}', .span = token->span});
    }
}

static void entry_begin(Parser *parser, Token *token) {
    Frame *frame = frame_top(parser);
    if (frame->statement != 0 || frame->kind >= FRAME_ROUND) {
        return;
    }
    if (frame->first_column == 0) {
        frame->first_column = token->span.start_column;
    }
    if (!parser->is_skipping && !message_word(parser, frame->kind, token)) {
        invalid_push(parser, token->span);
    }
    frame->statement = token->kind;
}

// The grammar has refused a token that begins the next entry: read it again as that.
static void entry_restart(Parser *parser, Token *token) {
    parser->depth = entry_depth(parser);
    parser->separator = token->span;
    separator_push(parser);
    entry_begin(parser, token);
    token_push(parser, token);
}

static void token_take(Parser *parser, Token *token) {
    entry_begin(parser, token);
    token_push(parser, token);
    if (parser->is_margin && parser->is_skipping) {
        entry_restart(parser, token);
    }
}

// --- branches of a route
// ----------------------------------------------------------------------------------------
enum { CHOICES_MAX = 64 }; // deeper ones cost no more than a line break in the layout

// Whether the token begins a branch: a `when` or `else` that no `case` or `if` of a condition owns.
static bool branch_track(Frame *frame, int kind) {
    if (frame->kind != FRAME_ROUTES) {
        return false;
    }
    bool is_case = (frame->choices & 1) != 0;
    if ((kind == TOK_IF || kind == TOK_CASE) && frame->choice_count < CHOICES_MAX) {
        frame->choices = frame->choices << 1 | (kind == TOK_CASE);
        frame->choice_count++;
    } else if (frame->choice_count == 0) {
        return kind == TOK_WHEN || kind == TOK_ELSE;
    } else if ((kind == TOK_END && is_case) || (kind == TOK_ELSE && !is_case)) {
        frame->choices >>= 1;
        frame->choice_count--;
    }
    return false;
}

// --- pieces for the formatter
// ---------------------------------------------------------------------
static void piece_add(Parser *parser, const Token *token, bool is_entry) {
    if (parser->pieces != NULL && token->kind != TOK_END_OF_FILE) {
        *vec_push(parser->arena, parser->pieces) =
            (Piece){.kind = token->kind,
                    .span = token->span,
                    .is_line_start = token->is_line_start,
                    .is_entry = is_entry,
                    .is_separator = is_comma_end(parser, token->kind),
                    .frame = frame_top(parser)->kind};
    }
}

static void piece_opened(Parser *parser) {
    if (parser->pieces != NULL) {
        parser->pieces->items[parser->pieces->count - 1].opened = frame_top(parser)->kind;
    }
}

static void token_handle(Parser *parser, Token token, bool is_entry) {
    if (parser->is_skipping && is_at_margin(parser, &token)) {
        parser->depth = entry_depth(parser);
    }
    if (token.kind == ';') {
        parser->is_separated = true;
        parser->separator = token.span;
        return;
    }
    line_end(parser, &token, is_entry);
    if (token.kind == TOK_END_OF_FILE) {
        blocks_close(parser, &token, NULL);
    } else if (is_block_unclosed(parser, &token)) {
        blocks_close(parser, &token, &token.span);
        parser->is_separated = true;
        parser->separator = token.span;
    } else if (is_lonely_brace(parser, &token)) {
        parser->is_separated = false;
    }
    bool is_after_separator = is_separator_needed(parser, token.kind);
    bool is_branch = branch_track(frame_top(parser), token.kind);
    piece_add(parser, &token, is_after_separator || is_branch);
    if (is_after_separator) {
        separator_push(parser);
    }
    parser->is_separated = false;
    parser->is_suspect |= parser->is_scan_suspect;
    parser->is_scan_suspect = false;
    if (token.kind == TOK_END_OF_FILE) {
        push(parser, TOK_END_OF_FILE, &token.value, token.span);
        return;
    }
    bool is_closer = token.kind == '}' || token.kind == ')' || token.kind == ']';
    if (is_closer) {
        frame_close(parser, &token);
    } else {
        token_take(parser, &token);
    }
    if (token.kind == '{' || token.kind == '(' || token.kind == '[') {
        frame_open(parser, &token);
        piece_opened(parser);
    }
    // No condition has two names in a row: this is the branch's target.
    frame_top(parser)->is_merging |= token.kind == TOK_INTO && parser->last == TOK_MERGE;
    parser->last = token.kind;
    parser->last_span = token.span;
}

// `derive x = a >` with a step on the next line: the word that begins it is read as an operand,
// unless another word follows, which no operand bears. Then the line above has ended too early. Not
// further in than the entries before it: there a word goes on with what stands above.
static bool is_held(const Parser *parser, const Token *token) {
    const Frame *frame = &parser->frames[parser->depth];
    return parser->is_guessing && token->is_line_start && !is_bracketed(parser) &&
           token->span.start_column <= frame->first_column &&
           is_among(parser->last, going_on_after, COUNT_OF(going_on_after)) &&
           message_begins(frame->kind, token->kind);
}

static bool is_operand(int kind) {
    static const int behind_names[] = {
        TOK_WHERE, TOK_ASC, TOK_DESC, TOK_PER, TOK_ORDER, TOK_KEEP, TOK_REFRESH, TOK_EXCEPT};
    return kind == TOK_STRING || kind == TOK_INTEGER ||
           (message_is_word(kind) && !lines_go_on_before(kind) &&
            !is_among(kind, behind_names, COUNT_OF(behind_names)));
}

void lines_token(Parser *parser, const Token *token) {
    if (parser->is_holding) {
        parser->is_holding = false;
        token_handle(parser, parser->held, !token->is_line_start && is_operand(token->kind));
    }
    if (is_held(parser, token)) {
        parser->is_holding = true;
        parser->held = *token;
        return;
    }
    token_handle(parser, *token, false);
}
