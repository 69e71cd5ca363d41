// Inside the room: what lexer, line filter, grammar and node builders share.
//
// Bytes become tokens (scan.l), the filter decides which line ends count and where to go on after a
// mistake (lines.c), the grammar takes tokens one by one (grammar.y) and calls the builders
// (node.c, step.c, decl.c). All of them work on one Parser, which lives for one file.
#ifndef FLOW_SYNTAX_PARSE_H
#define FLOW_SYNTAX_PARSE_H

#include "syntax/syntax.h"

// A growing array of any node, passed by value through the grammar's stack.
typedef struct List {
    void *items;
    uint32_t count;
    uint32_t capacity;
    bool is_broken; // an entry could not be read
} List;

typedef struct Optional { // a duration that may be missing or negative
    const AstLiteral *literal;
    bool is_negative;
} Optional;

typedef struct Bounds {
    Optional from, to;
} Bounds;

typedef union SyntaxValue {
    AstName name;
    List list;
    AstDest dest;
    Optional optional;
    Bounds bounds;
    const AstLiteral *literal;
    const AstType *type;
    const AstExpr *expr;
    AstStep *step;
    AstTestStep *test_step;
    AstDecl *decl;
    AstMod *mod;
    AstRule *rule;
    AstColumn column;
    AstTypeArg type_arg;
    AstItem item;
    AstAssign assign;
    AstClause clause;
    AstRow row;
    int number;
    bool flag;
} SyntaxValue;

typedef struct Token {
    int kind;
    SyntaxValue value;
    Span span;
    bool is_line_start; // first of its line
} Token;

// What an open bracket is, and with `{` how its entries end.
typedef enum FrameKind {
    FRAME_TOP,     // the file: declarations
    FRAME_STEPS,   // { } of a flow; here and in the next three only line ends end an entry
    FRAME_TEST,    // { } of a test
    FRAME_CLAUSES, // { } of a merge
    FRAME_ROUTES,  // { } of a route
    FRAME_ENTRIES, // any other { }: commas end entries too
    FRAME_ROUND,
    FRAME_SQUARE,
} FrameKind;

typedef struct Frame {
    FrameKind kind;
    Span opener;
    int statement;         // kind of the first token of the entry being read; 0: none yet
    uint32_t first_column; // where the first entry begins; 0: none yet
    // ROUTES
    bool is_merging;  // `merge into` was read: the next { } has its clauses
    uint64_t choices; // the open `if` (0) and `case` (1) of a condition, the innermost last
    uint32_t choice_count;
} Frame;

typedef struct Comment {
    uint32_t line;
    const char *text;
} Comment;

// A token or comment as the formatter sees it.
typedef struct Piece {
    int kind; // of the token; PIECE_COMMENT
    Span span;
    bool is_line_start;  // first of its line
    bool is_entry;       // begins an entry: a line end or `;` that counts stands before it
    bool is_separator;   // a comma that ends an entry
    bool has_blank_line; // before it; the formatter finds that out
    FrameKind frame;     // what it stands in
    FrameKind opened;    // of a bracket: what it opens
} Piece;
enum { PIECE_COMMENT = -3 };
typedef VEC(Piece) Pieces;

enum { NESTING_MAX = EXPRESSION_DEPTH_MAX };

typedef struct Parser {
    Arena *arena;
    DiagList *diags;
    const char *bytes;
    uint32_t length;
    // the lexer
    uint32_t file, line, column, offset;
    bool is_line_start;   // nothing but blanks before the token on its line
    bool is_token_open;   // scan_place was called for the token already
    bool is_scan_suspect; // a mistake in or before the token that is being read
    Span span;            // of that token
    VEC(Comment) comments;
    Pieces *pieces; // where the formatter wants them; NULL: nobody does
    // the line filter
    void *state; // bison's
    Frame frames[NESTING_MAX + 1];
    uint32_t depth; // frames[depth] is the innermost
    int last;       // kind of the last token; 0: none yet
    Span last_span;
    bool is_separated; // a `;` or line end waits to be pushed
    Span separator;    // where it is
    bool is_holding;   // a token waits for the next one to show what it is
    Token held;
    bool is_skipping;    // a mistake was reported: the rest of its entry is passed over
    uint32_t skip_depth; // the frame of that entry
    bool is_suspect;     // the entry has a bad token: its syntax mistakes may follow from that
    bool is_margin;      // the token being pushed shows that a bracket was forgotten
    bool is_first;       // the token being pushed is the first of its line
    bool has_error;      // the last push met a mistake
    bool is_stopped;     // a limit: nothing more is read
    bool is_guessing;    // the program has mistakes: its layout is asked what was meant
    bool is_unbalanced;  // a bracket was not closed, or not opened
    // results
    List decls; // of AstDecl
    uint32_t expr_count;
    bool is_broken;
} Parser;

// What the lexer returns besides tokens.
enum { SCAN_NOTHING = -1, SCAN_NEWLINE = -2 };

// scan.l
void scan_tokens(Parser *parser); // calls lines_token for each token

// scan.c
void scan_place(Parser *parser, const char *text, uint32_t length);
void scan_token(Parser *parser, int kind, SyntaxValue value);
void scan_comment(Parser *parser, const char *text, uint32_t length);
int scan_word(Parser *parser, const char *text, uint32_t length, SyntaxValue *value);
int scan_quoted(Parser *parser, const char *text, uint32_t length, SyntaxValue *value);
int scan_unclosed_name(Parser *parser, const char *text, uint32_t length, SyntaxValue *value);
uint32_t scan_number_length(const char *text);
int scan_quantity(Parser *parser, const char *text, uint32_t length, SyntaxValue *value);
int scan_glued(Parser *parser, const char *text, uint32_t length, SyntaxValue *value);
int scan_foreign(Parser *parser, const char *text, uint32_t length);
void scan_character(Parser *parser, const char *text, uint32_t length);
// A mistake in the token that is being read.
Diag *scan_report(Parser *parser, DiagCode code, const char *text);

// parse.c: reads the text; `pieces` may be NULL.
Ast *parse_text(
    Parser *parser, DiagList *diags, const char *file_name, const char *bytes, size_t length);

// lines.c
void lines_token(Parser *parser, const Token *token);
bool lines_go_on_before(int kind); // the line before goes on if its next one begins with this

// literal.c: the values of tokens, checked; mistakes are reported at parser->span.
const AstLiteral *
literal_number(Parser *parser, const char *text, uint32_t length, AstLiteralKind kind);
bool literal_is_unit(const char *quantity, uint32_t length); // "10 minutes": is the word a unit?
const AstLiteral *literal_quantity(Parser *parser, const char *text, uint32_t length);
const char *literal_unit_meant(const char *word); // m, min, h …, or NULL
const AstLiteral *literal_word(Parser *parser, AstLiteralKind kind, bool value, Span span);
const AstLiteral *literal_negated(Parser *parser, const AstLiteral *literal, Span span);
const AstLiteral *literal_unit(Parser *parser, AstName unit); // one of it: `per hour`
// Reports a duration of months, which only windows take.
const AstLiteral *literal_fixed(Parser *parser, const AstLiteral *literal);

// literal_text.c
const AstLiteral *literal_string(Parser *parser, const char *text, uint32_t length);
const AstLiteral *literal_raw_string(Parser *parser, const char *text, uint32_t length);
const AstLiteral *literal_unclosed(Parser *parser, const char *text, uint32_t length);
const AstLiteral *literal_single_quoted(Parser *parser, const char *text, uint32_t length);

// literal_time.c
const AstLiteral *literal_date(Parser *parser, const AstLiteral *text, Span span);
const AstLiteral *literal_timestamp(Parser *parser, const AstLiteral *text, Span span);

// message.c
// What the grammar met and what could have stood there, by bison's symbol numbers.
typedef struct Mistake {
    Span span;
    int found;
    const bool *is_expected;
    int symbol_count;
} Mistake;
void message_syntax(Parser *parser, const Mistake *mistake);
void message_unclosed(Parser *parser, const Frame *frame, const Span *where); // NULL: at the end
bool message_is_word(int token);                                              // a name or keyword
void message_unopened(Parser *parser, const Token *token);

// message_word.c: a word that begins nothing. True: `token` is now what was meant.
bool message_word(Parser *parser, FrameKind frame, Token *token);
bool message_begins(FrameKind frame, int kind);

// node.c
List list_add(Parser *parser, List list, const void *item, size_t item_bytes);
List list_join(Parser *parser, List list, List more, size_t item_bytes);
#define LIST_ADD(parser, list, item) list_add((parser), (list), &(item), sizeof(item))
AstNames names_make(List list, Span span);
const AstType *type_make(Parser *parser, AstName name, List args, bool is_nullable, Span span);
AstAssigns assigns_make(List list, Span span);
AstExprs exprs_make(List list);
AstExprs exprs_one(Parser *parser, const AstExpr *expr);
AstDest dest_named(AstName name);
AstDest dest_path(const AstLiteral *path);
AstSetting setting_make(List items, Span span);
AstSettings settings_make(List list, Span span);
AstItem item_group(AstItemKind kind, List settings, Span span);

// node_expr.c
const AstExpr *expr_with(Parser *parser,
                         AstExprKind kind,
                         Span span,
                         const AstExpr *a,
                         const AstExpr *b,
                         const AstExpr *c);
const AstExpr *expr_binary(Parser *parser, AstOp op, Span span, const AstExpr *a, const AstExpr *b);
const AstExpr *expr_negated(const AstExpr *expr);
const AstExpr *expr_in(Parser *parser, const AstExpr *value, List list, Span span);
const AstExpr *expr_name(Parser *parser, AstName name);
const AstExpr *expr_field(Parser *parser, const AstExpr *of, AstName name, Span span);
const AstExpr *expr_path(Parser *parser, List path, Span span);
const AstExpr *expr_literal(Parser *parser, const AstLiteral *literal);
const AstExpr *expr_call(Parser *parser, AstName name, List args, Span span);
const AstExpr *
expr_cast(Parser *parser, AstExprKind kind, const AstExpr *of, const AstType *type, Span span);
const AstExpr *expr_lambda(Parser *parser, List names, const AstExpr *body, Span span);
const AstExpr *expr_list(Parser *parser, List items, Span span);
const AstExpr *expr_case(Parser *parser, List whens, const AstExpr *otherwise, Span span);
const AstExpr *expr_struct(Parser *parser, List assigns, Span span);

// node_decl.c
// A line of a contract's block: a column or a rule.
typedef struct Line {
    bool is_column;
    AstColumn column;
    AstRule rule;
} Line;

// A line of a source's or table's block: a setting, or `columns`.
typedef struct Entry {
    bool is_columns;
    AstSetting setting;
    List lines;
    Span span;
} Entry;

AstDecl *decl_make(Parser *parser, AstDeclKind kind, AstName name, Span span);
AstDecl *decl_broken(Parser *parser, AstDeclKind kind, AstName name, Span span);
AstDecl *decl_lines(AstDecl *decl, List lines, Parser *parser, Span span);
AstDecl *decl_entries(AstDecl *decl, List entries, Parser *parser, Span span);
AstColumn column_make(Parser *parser,
                      AstName name,
                      const AstType *type,
                      const AstExpr *computed,
                      List mods,
                      Span span);
AstMod *mod_make(Parser *parser, AstModKind kind, Span span);
AstMod *mod_text(Parser *parser, AstModKind kind, Span span, const AstLiteral *text);
AstMod *mod_texts(Parser *parser, AstModKind kind, Span span, List texts);
AstRule *rule_make(Parser *parser, AstRuleKind kind, Span span);

// node_step.c
typedef struct RowField {
    AstPath path;
    const AstExpr *expr;
} RowField;

AstStep *step_make(Parser *parser, AstStepKind kind, Span span, Span keyword);
AstStep *
step_window(AstStep *step, AstWindowKind kind, const AstLiteral *length, const AstLiteral *every);
bool step_is_broken(const AstStep *step);
AstTestStep *test_step_make(Parser *parser, AstTestStepKind kind, Span span);
AstTestStep *test_rows(AstTestStep *step, AstDest dest, AstNames names, List rows);
AstRow row_fields_make(Parser *parser, List fields, Span span);

#endif
