// `flowc fmt`: prints a program back, token by token, with one layout: entries on lines of their
// own, two blanks for each open bracket, one blank between words. What the user decides stays:
// blank lines (at most one), line breaks within an entry, blocks on one line, comments where they
// are.
#include "syntax/grammar.h"
#include "syntax/parse.h"

enum { INDENT = 2, COMMENT_GAP = 2 };

typedef struct Open { // a bracket that is open in the output
    bool is_flat;     // a { } on one line
    bool is_rows;     // the [ ] of a test's rows
    uint32_t indent;  // of the line that it stands on
} Open;

typedef struct OutputLine {
    uint32_t start;
    uint32_t indent;
    uint32_t comment; // where the comment behind the code begins; 0: none
} OutputLine;

typedef struct Printer {
    Arena *arena;
    const char *bytes;
    const Pieces *pieces;
    const bool *is_flat; // [piece]: of a `{`
    Buffer text;
    VEC(OutputLine) lines;
    Open open[NESTING_MAX + 1];
    uint32_t depth;
    const Piece *last;        // printed so far
    const Piece *last_token;  // the same, without comments
    bool is_last_entry_start; // that token began its entry
    bool is_block_behind;     // … or closed a block of several lines
} Printer;

// --- what the source looks like
// -------------------------------------------------------------------
static bool is_touching(const Piece *a, const Piece *b) {
    return a->span.end_offset == b->span.start_offset;
}

static void blank_lines_find(Pieces *pieces) {
    for (uint32_t i = 1; i < pieces->count; i++) {
        Piece *piece = &pieces->items[i];
        piece->has_blank_line = piece->span.start_line > piece[-1].span.end_line + 1;
    }
}

static bool is_opener(int kind) {
    return kind == '(' || kind == '[' || kind == '{';
}

static bool is_closer(int kind) {
    return kind == ')' || kind == ']' || kind == '}';
}

static bool is_reserved(const Printer *p, const Piece *piece) {
    uint32_t length = piece->span.end_offset - piece->span.start_offset;
    return syntax_is_reserved(arena_copy(p->arena, p->bytes + piece->span.start_offset, length));
}

// --- which blocks stay on one line
// ------------------------------------------------------------------
static bool is_flat_block(const Pieces *pieces, uint32_t open, uint32_t close) {
    const Piece *opener = &pieces->items[open];
    bool has_lines = opener->span.start_line != pieces->items[close].span.end_line;
    if (has_lines || opener->opened == FRAME_STEPS || opener->opened == FRAME_TEST ||
        opener->opened == FRAME_ROUTES) {
        return close == open + 1;
    }
    for (uint32_t i = open + 2; i < close && opener->opened == FRAME_CLAUSES; i++) {
        if (pieces->items[i].is_entry && pieces->items[i].frame == FRAME_CLAUSES) {
            return false;
        }
    }
    return true;
}

// Whether each `{` opens a block that stays on its line. A block around a block with lines has
// lines itself, which follows from their places.
static bool *flat_blocks(Arena *arena, const Pieces *pieces) {
    bool *flat = arena_array(arena, bool, pieces->count + 1);
    uint32_t *stack = arena_array(arena, uint32_t, pieces->count + 1);
    uint32_t depth = 0;
    for (uint32_t i = 0; i < pieces->count; i++) {
        int kind = pieces->items[i].kind;
        if (is_opener(kind)) {
            stack[depth++] = i;
        } else if (is_closer(kind)) {
            uint32_t open = stack[--depth];
            flat[open] = kind == '}' && is_flat_block(pieces, open, i);
            bool breaks = kind == '}' && !flat[open];
            for (uint32_t outer = 0; breaks && outer < depth; outer++) {
                flat[stack[outer]] = false;
            }
        }
    }
    return flat;
}

static Piece *token_after(const Pieces *pieces, uint32_t index) {
    for (uint32_t i = index + 1; i < pieces->count; i++) {
        if (pieces->items[i].kind != PIECE_COMMENT) {
            return &pieces->items[i];
        }
    }
    return NULL;
}

// A comma that ends an entry stays on a line with more entries, and goes where each has its line,
// unless it begins a line with a comment: without it that would document the next entry.
static bool is_dropped(const Pieces *pieces, uint32_t index, bool is_flat) {
    const Piece *piece = &pieces->items[index];
    const Piece *next = piece->is_separator ? token_after(pieces, index) : NULL;
    if (next == NULL || (is_flat && next->kind != '}')) {
        return false;
    }
    return !piece->is_line_start || piece[1].kind != PIECE_COMMENT || piece[1].is_line_start;
}

static void commas_drop(Arena *arena, Pieces *pieces, bool *is_flat) {
    bool *stack = arena_array(arena, bool, pieces->count + 1);
    uint32_t depth = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < pieces->count; i++) {
        Piece *piece = &pieces->items[i];
        if (is_dropped(pieces, i, stack[depth])) {
            Piece *next = token_after(pieces, i);
            next->is_entry |= next->kind != '}';
            // A comment above a comma that has a line for itself documents nothing.
            bool is_alone =
                piece->is_line_start && piece[1].is_line_start && piece[-1].kind == PIECE_COMMENT;
            piece[1].has_blank_line |= piece->has_blank_line || is_alone;
            continue;
        }
        if (is_opener(piece->kind)) {
            stack[++depth] = is_flat[i];
        } else if (is_closer(piece->kind)) {
            depth--;
        }
        is_flat[kept] = is_flat[i];
        pieces->items[kept++] = *piece;
    }
    pieces->count = kept;
}

// --- blanks
// -----------------------------------------------------------------------------------------
static bool is_word(int kind) {
    return kind == TOK_NAME || kind == TOK_CAST || kind == TOK_TRY_CAST || message_is_word(kind);
}

static bool is_value_end(int kind) {
    return kind == TOK_STRING || kind == TOK_INTEGER || kind == TOK_DECIMAL || kind == TOK_FLOAT ||
           kind == TOK_DURATION || kind == TOK_SIZE || kind == TOK_PERCENT || kind == ')' ||
           kind == ']' || kind == '}' || kind == TOK_NULL || kind == TOK_TRUE ||
           kind == TOK_FALSE || kind == TOK_END;
}

// A minus that belongs to what follows: behind an operator, a bracket or a reserved word. Behind
// another word (`default -1`, but `total - 1`) the user's blanks say which it is.
static bool is_sign(const Printer *p, const Piece *before, const Piece *minus, const Piece *after) {
    if (before == NULL || minus->is_entry) {
        return true;
    }
    if (is_value_end(before->kind)) {
        return false;
    }
    if (is_word(before->kind) && !is_reserved(p, before)) {
        return !is_touching(before, minus) && is_touching(minus, after);
    }
    return true;
}

static bool is_tight_before(int kind) {
    return kind == ',' || kind == ')' || kind == ']' || kind == '.' || kind == '?' || kind == ':';
}

// Calls, types and indexes touch their bracket; lists behind a keyword do not. Only the user knows
// which it is where a word may be either.
static bool is_bracket_apart(const Printer *p, const Piece *a, const Piece *bracket) {
    bool is_in_entry = bracket->frame != FRAME_ROUND && bracket->frame != FRAME_SQUARE;
    if (is_in_entry && (p->is_last_entry_start || bracket->frame == FRAME_TEST)) {
        return true;
    }
    if (a->kind == TOK_CAST || a->kind == TOK_TRY_CAST) {
        return false;
    }
    bool is_open_to_both = is_value_end(a->kind) || (is_word(a->kind) && !is_reserved(p, a));
    return !is_open_to_both || !is_touching(a, bracket);
}

static bool is_apart(const Printer *p, const Piece *a, const Piece *b, bool is_after_sign) {
    if (p->depth > 0 && p->open[p->depth - 1].is_rows && (a->kind == '[' || b->kind == ']')) {
        return b->kind != ']' || a->kind != '[';
    }
    if (a->kind == '-' && b->kind == '-') {
        return true; // together they would begin a comment
    }
    if (is_after_sign || a->kind == '(' || a->kind == '[' || a->kind == '.') {
        return false;
    }
    if (a->kind == '{' || b->kind == '}') {
        return !(a->kind == '{' && b->kind == '}');
    }
    if (b->kind == '(' || b->kind == '[') {
        return is_bracket_apart(p, a, b);
    }
    return !is_tight_before(b->kind);
}

// --- lines
// ------------------------------------------------------------------------------------------
static void line_begin(Printer *p, uint32_t indent, bool is_after_blank) {
    if (p->last != NULL) {
        buffer_text(&p->text, "\n");
    }
    if (is_after_blank) {
        *vec_push(p->arena, &p->lines) = (OutputLine){.start = (uint32_t)p->text.length};
        buffer_text(&p->text, "\n");
    }
    *vec_push(p->arena, &p->lines) =
        (OutputLine){.start = (uint32_t)p->text.length, .indent = indent};
    buffer_format(&p->text, "%*s", (int)indent, "");
}

static const Open *innermost(const Printer *p) {
    return p->depth == 0 ? NULL : &p->open[p->depth - 1];
}

static uint32_t block_indent(const Printer *p) {
    return p->depth == 0 ? 0 : innermost(p)->indent + INDENT;
}

static bool is_in_bracket(const Piece *piece) {
    return piece->frame == FRAME_ROUND || piece->frame == FRAME_SQUARE;
}

// Where a piece that begins a line stands.
static uint32_t indent_of(const Printer *p, const Piece *piece, bool is_entry) {
    if (is_closer(piece->kind)) {
        return innermost(p)->indent;
    }
    bool goes_on = !is_entry && !is_in_bracket(piece);
    return block_indent(p) + (goes_on ? INDENT : 0);
}

static bool is_in_lines(const Printer *p) { // of a block whose entries have lines of their own
    return p->depth == 0 || !innermost(p)->is_flat;
}

static bool is_entry_start(const Printer *p, const Piece *piece) {
    const Piece *last = p->last_token;
    return last == NULL || piece->is_entry || last->is_separator ||
           (last->kind == '{' && piece->kind != '}');
}

// --- pieces
// ----------------------------------------------------------------------------------------- A
// quantity may have been written with several blanks between number and unit.
static void token_print(Printer *p, const Piece *piece) {
    const char *text = p->bytes + piece->span.start_offset;
    uint32_t length = piece->span.end_offset - piece->span.start_offset;
    bool is_quantity =
        piece->kind == TOK_DURATION || piece->kind == TOK_SIZE || piece->kind == TOK_PERCENT;
    if (!is_quantity) {
        buffer_append(&p->text, text, length);
        return;
    }
    bool was_blank = false;
    for (uint32_t i = 0; i < length; i++) {
        bool is_blank = text[i] == ' ' || text[i] == '\t';
        if (!is_blank) {
            buffer_text(&p->text, was_blank ? " " : "");
            buffer_append(&p->text, text + i, 1);
        }
        was_blank = is_blank;
    }
}

static void bracket_track(Printer *p, uint32_t index) {
    const Piece *piece = &p->pieces->items[index];
    if (is_opener(piece->kind)) {
        uint32_t indent = p->lines.items[p->lines.count - 1].indent;
        bool is_rows = piece->kind == '[' && piece->frame == FRAME_TEST;
        p->open[p->depth++] =
            (Open){.is_flat = p->is_flat[index], .is_rows = is_rows, .indent = indent};
    }
}

// A line goes on with an entry that begins so; only a comma before it says that it is one.
static bool is_comma_due(const Printer *p, uint32_t index) {
    const Piece *next = token_after(p->pieces, index);
    return next != NULL && next->is_entry && next->frame == FRAME_ENTRIES && is_in_lines(p) &&
           p->pieces->items[index].kind != '{' && next->kind != '}' &&
           (next->kind == '{' || lines_go_on_before(next->kind));
}

static bool begins_line(const Printer *p, const Piece *piece, bool is_entry) {
    if (p->last == NULL || p->last->kind == PIECE_COMMENT || piece->is_line_start) {
        return true;
    }
    if (is_closer(piece->kind) && piece->kind == '}') {
        return is_in_lines(p) && p->last->kind != '{';
    }
    return is_entry && is_in_lines(p);
}

// Between declarations of several lines there is one, too: `is_entry` says that one begins here.
static bool is_blank_line_due(const Printer *p, const Piece *piece, bool is_entry) {
    bool is_behind_block =
        is_entry && p->depth == 0 && p->is_block_behind && p->last == p->last_token;
    return is_behind_block || piece->has_blank_line;
}

static void piece_begin(Printer *p, const Piece *piece, bool is_after_sign) {
    bool is_entry = is_entry_start(p, piece);
    if (begins_line(p, piece, is_entry)) {
        bool may_have_blank = p->last != NULL && p->last->kind != '{' && piece->kind != '}';
        bool is_due = may_have_blank && is_blank_line_due(p, piece, is_entry);
        line_begin(p, indent_of(p, piece, is_entry), is_due);
        return;
    }
    if (is_entry && p->last != NULL && p->last->kind != '{' && !p->last->is_separator) {
        buffer_text(&p->text, ",");
    }
    if (p->last != NULL && is_apart(p, p->last, piece, is_after_sign)) {
        buffer_text(&p->text, " ");
    }
}

// A comment on a line of its own stands where what follows it stands.
static void comment_line(Printer *p, uint32_t index) {
    const Piece *piece = &p->pieces->items[index];
    const Piece *next = token_after(p->pieces, index);
    bool is_at_end = next == NULL || is_closer(next->kind);
    bool is_entry = is_at_end || is_entry_start(p, next);
    uint32_t indent = is_at_end ? block_indent(p) : indent_of(p, next, is_entry);
    bool may_have_blank = p->last != NULL && p->last->kind != '{';
    line_begin(p, indent, may_have_blank && is_blank_line_due(p, piece, is_entry));
}

static void comment_print(Printer *p, uint32_t index) {
    const Piece *piece = &p->pieces->items[index];
    uint32_t end = piece->span.end_offset;
    while (end > piece->span.start_offset && strchr(" \t\r", p->bytes[end - 1]) != NULL) {
        end--;
    }
    if (piece->is_line_start || p->last == NULL) {
        comment_line(p, index);
    } else {
        p->lines.items[p->lines.count - 1].comment = (uint32_t)p->text.length;
    }
    buffer_append(&p->text, p->bytes + piece->span.start_offset, end - piece->span.start_offset);
}

static void pieces_print(Printer *p) {
    bool is_after_sign = false;
    for (uint32_t i = 0; i < p->pieces->count; i++) {
        const Piece *piece = &p->pieces->items[i];
        if (piece->kind == PIECE_COMMENT) {
            comment_print(p, i);
            p->last = piece;
            continue;
        }
        const Piece *before = p->last_token;
        bool is_entry = is_entry_start(p, piece);
        piece_begin(p, piece, is_after_sign);
        p->is_block_behind = piece->kind == '}' && is_in_lines(p);
        if (is_closer(piece->kind)) {
            p->depth--;
        }
        token_print(p, piece);
        bracket_track(p, i);
        buffer_text(&p->text, is_comma_due(p, i) ? "," : "");
        const Piece *next = token_after(p->pieces, i);
        is_after_sign = piece->kind == '-' && next != NULL && is_sign(p, before, piece, next);
        p->last = piece;
        p->last_token = piece;
        p->is_last_entry_start = is_entry;
    }
}

// --- comments behind code, in columns
// ------------------------------------------------------------------
static uint32_t line_width(const Printer *p, const OutputLine *line) {
    uint32_t width = 0;
    for (uint32_t i = line->start; i < line->comment; i++) {
        width += ((unsigned char)p->text.data[i] & 0xc0) != 0x80;
    }
    return width;
}

static void line_copy(const Printer *p, uint32_t index, uint32_t width, Buffer *out) {
    const OutputLine *line = &p->lines.items[index];
    bool is_last = index + 1 == p->lines.count;
    uint32_t end = is_last ? (uint32_t)p->text.length : p->lines.items[index + 1].start;
    if (line->comment == 0) {
        buffer_append(out, p->text.data + line->start, end - line->start);
        return;
    }
    buffer_append(out, p->text.data + line->start, line->comment - line->start);
    buffer_format(out, "%*s", (int)(width - line_width(p, line) + COMMENT_GAP), "");
    buffer_append(out, p->text.data + line->comment, end - line->comment);
}

static void lines_copy(const Printer *p, Buffer *out) {
    for (uint32_t i = 0; i < p->lines.count;) {
        uint32_t end = i;
        uint32_t width = 0;
        while (end < p->lines.count && p->lines.items[end].comment != 0) {
            uint32_t one = line_width(p, &p->lines.items[end]);
            width = one > width ? one : width;
            end++;
        }
        end = end == i ? i + 1 : end;
        for (; i < end; i++) {
            line_copy(p, i, width, out);
        }
    }
    if (p->lines.count > 0) {
        buffer_text(out, "\n");
    }
}

// --- the door
// -------------------------------------------------------------------------------------------
static int piece_order(const void *a, const void *b) {
    uint32_t left = ((const Piece *)a)->span.start_offset;
    uint32_t right = ((const Piece *)b)->span.start_offset;
    return (left > right) - (left < right);
}

// A tree's text without the places at the ends of its lines.
static void places_cut(Buffer *text) {
    size_t kept = 0;
    size_t place = 0; // where a place may begin; 0: none on this line
    for (size_t i = 0; i < text->length; i++) {
        char c = text->data[i];
        if (c == '@') {
            place = kept;
        } else if (c == '\n' && place > 0) {
            kept = place;
            place = 0;
        } else if (strchr("0123456789:-", c) == NULL) {
            place = 0;
        }
        text->data[kept++] = c;
    }
    text->length = kept;
}

// Whether both texts are the same program.
static bool is_same_program(const Ast *ast, const char *file_name, const Buffer *text) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    Buffer before = {0};
    Buffer after = {0};
    syntax_dump(ast, &before);
    syntax_dump(syntax_parse(&arena, &diags, file_name, text->data, text->length), &after);
    places_cut(&before);
    places_cut(&after);
    bool is_same = before.length == after.length && !diag_has_errors(&diags) &&
                   (before.length == 0 || memcmp(before.data, after.data, before.length) == 0);
    buffer_free(&before);
    buffer_free(&after);
    arena_free(&arena);
    return is_same;
}

bool syntax_format(Arena *arena,
                   DiagList *diags,
                   const char *file_name,
                   const char *bytes,
                   size_t length,
                   Buffer *out) {
    Pieces pieces = {0};
    Parser *parser = arena_new(arena, Parser);
    parser->arena = arena;
    parser->pieces = &pieces;
    Ast *ast = parse_text(parser, diags, file_name, bytes, length);
    if (diag_has_errors(diags)) {
        return false;
    }
    if (pieces.count == 0) {
        return true;
    }
    qsort(pieces.items, pieces.count, sizeof(Piece), piece_order);
    blank_lines_find(&pieces);
    bool *is_flat = flat_blocks(arena, &pieces);
    commas_drop(arena, &pieces, is_flat);
    Printer printer = {
        .arena = arena, .bytes = parser->bytes, .pieces = &pieces, .is_flat = is_flat};
    pieces_print(&printer);
    lines_copy(&printer, out);
    buffer_free(&printer.text);
    ASSERT(is_same_program(ast, file_name, out));
    return true;
}
