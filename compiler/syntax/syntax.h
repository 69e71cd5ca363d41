// syntax: bytes to tokens to tree (flex, bison); prints the tree back. Owns the Ast.
//
// Includes support. The Arena given to syntax_parse owns every node. The tree says what was
// written, nothing more: names are not looked up, literals are checked for form only. Every node
// has its Span; source_text() cuts its text out. Lists are arrays; absent parts are NULL, zero or
// count 0.
//
// Mistakes: a declaration, column, rule, setting, step or assignment that could not be read is left
// in place as …_ERROR where it has a kind, and `is_broken` of what holds it is set, so that later
// rooms can keep silent about what may follow from it (an unknown column of a broken contract).
#ifndef FLOW_SYNTAX_H
#define FLOW_SYNTAX_H

#include "support/support.h"

typedef struct AstExpr AstExpr;
typedef struct AstType AstType;
typedef struct AstSetting AstSetting;

typedef struct AstName {
    const char *text; // without backquotes
    Span span;
} AstName;

typedef struct AstNames {
    const AstName *items;
    uint32_t count;
    Span span;
} AstNames;

typedef AstNames AstPath; // a.b.c

// --- literals
// ---------------------------------------------------------------------------------------
typedef enum AstLiteralKind {
    AST_NULL,
    AST_BOOL,
    AST_INTEGER,
    AST_DECIMAL,
    AST_FLOAT,
    AST_STRING,
    AST_DATE,
    AST_TIMESTAMP,
    AST_DURATION,
    AST_SIZE,
    AST_PERCENT,
} AstLiteralKind;

typedef struct AstLiteral {
    AstLiteralKind kind;
    Span span;
    // STRING: the value, escapes resolved. INTEGER, DECIMAL, FLOAT, PERCENT: the number as written,
    // underscores removed, a minus kept (`default -1`). Others: NULL.
    const char *text;
    uint32_t length;
    // BOOL 0 or 1; DATE days; TIMESTAMP and DURATION microseconds; SIZE bytes; INTEGER if it fits
    // int64.
    int64_t value;
    int32_t months;       // DURATION of months, quarters or years (windows only): then value is 0
    bool is_out_of_range; // INTEGER: does not fit int64; TIMESTAMP: was no such, and reported
} AstLiteral;

// --- types
// ------------------------------------------------------------------------------------------
typedef enum AstTypeArgKind {
    AST_TYPE_ARG_TYPE,
    AST_TYPE_ARG_INTEGER,
    AST_TYPE_ARG_STRING,
    AST_TYPE_ARG_FIELD
} AstTypeArgKind;

typedef struct AstTypeArg {
    AstTypeArgKind kind;
    Span span;
    AstName name;        // FIELD
    const AstType *type; // TYPE, FIELD
    AstLiteral literal;  // INTEGER, STRING
} AstTypeArg;

struct AstType {
    AstName name; // "int64", "decimal", "enum", "Status"
    const AstTypeArg *args;
    uint32_t arg_count;
    bool is_nullable;
    Span span;
};

// --- expressions
// ------------------------------------------------------------------------------------
typedef enum AstOp {
    AST_OP_NONE,
    AST_OP_OR,
    AST_OP_AND,
    AST_OP_EQ,
    AST_OP_NE,
    AST_OP_LT,
    AST_OP_LE,
    AST_OP_GT,
    AST_OP_GE,
    AST_OP_COALESCE,
    AST_OP_ADD,
    AST_OP_SUB,
    AST_OP_MUL,
    AST_OP_DIV,
    AST_OP_MOD,
} AstOp;

typedef enum AstExprKind {
    AST_EXPR_LITERAL,  // literal
    AST_EXPR_NAME,     // name
    AST_EXPR_FIELD,    // operands[0] . name
    AST_EXPR_INDEX,    // operands[0] [ operands[1] ]
    AST_EXPR_CALL,     // name ( operands )
    AST_EXPR_LAMBDA,   // names -> operands[0]; only as an operand of CALL
    AST_EXPR_NEGATE,   // - operands[0]
    AST_EXPR_NOT,      // not operands[0]
    AST_EXPR_BINARY,   // operands[0] op operands[1]
    AST_EXPR_IS_NULL,  // operands[0] is [not] null
    AST_EXPR_BETWEEN,  // operands[0] [not] between operands[1] and operands[2]
    AST_EXPR_IN,       // operands[0] [not] in (operands[1], …)
    AST_EXPR_LIKE,     // operands[0] [not] like operands[1]
    AST_EXPR_MATCHES,  // operands[0] [not] matches operands[1]
    AST_EXPR_IF,       // if operands[0] then operands[1] else operands[2]
    AST_EXPR_CASE,     // when operands[0] then operands[1] … [else the last: operand_count is odd]
    AST_EXPR_WHERE,    // operands[0] where operands[1] (an aggregate's condition)
    AST_EXPR_CAST,     // cast(operands[0] as type)
    AST_EXPR_TRY_CAST, // try_cast(operands[0] as type)
    AST_EXPR_LIST,     // [operands]
    AST_EXPR_STRUCT,   // { names[i] = operands[i] }
} AstExprKind;

struct AstExpr {
    AstExprKind kind;
    AstOp op;        // BINARY
    bool is_negated; // IS_NULL, BETWEEN, IN, LIKE, MATCHES: with `not`
    uint32_t id;     // dense, for side tables: below Ast.expr_count
    uint32_t depth;  // 1 for a leaf; at most EXPRESSION_DEPTH_MAX
    Span span;       // parentheses around it are not part of it
    AstName name;    // NAME, FIELD, CALL
    AstLiteral literal;
    AstNames names;
    const AstType *type;
    const AstExpr *const *operands;
    uint32_t operand_count;
};

// name = expr, in derive, select, group, running, keys. In keys and select items `name.text` may be
// NULL (no name written); a select item's expression is then a NAME or a chain of FIELDs.
typedef struct AstAssign {
    AstName name;
    const AstExpr *expr;
    Span span;
} AstAssign;

typedef struct AstAssigns {
    const AstAssign *items;
    uint32_t count;
    bool is_broken;
    Span span;
} AstAssigns;

typedef struct AstExprs {
    const AstExpr *const *items;
    uint32_t count;
} AstExprs;

typedef enum AstReaction {
    AST_REACTION_NONE, // not written
    AST_REACTION_REJECT,
    AST_REACTION_DROP,
    AST_REACTION_WARN,
    AST_REACTION_FAIL,
} AstReaction;

// A name, or a path in quotes.
typedef struct AstDest {
    bool is_path;
    const char *text;
    Span span;
} AstDest;

// --- columns and rules of contracts
// -----------------------------------------------------------------
typedef enum AstModKind {
    AST_MOD_KEY,
    AST_MOD_EVENT_TIME,
    AST_MOD_UNIQUE,     // [duration]
    AST_MOD_CHECK,      // expr, reaction
    AST_MOD_DEFAULT,    // literal (LIST_EMPTY: is_empty_list)
    AST_MOD_PATTERN,    // texts[0]
    AST_MOD_UNIT,       // texts[0]
    AST_MOD_PII,        // [name]
    AST_MOD_FROM,       // texts
    AST_MOD_FORMAT,     // texts[0] [in texts[1]]
    AST_MOD_WAS,        // texts[0]
    AST_MOD_DEPRECATED, // [texts[0]]
} AstModKind;

typedef struct AstMod {
    AstModKind kind;
    Span span;
    const AstExpr *expr;
    AstReaction reaction;
    AstLiteral literal;
    bool is_empty_list;
    const AstLiteral *duration; // UNIQUE within, or NULL
    AstName name;               // PII's class, or text NULL
    const AstLiteral *texts;
    uint32_t text_count;
} AstMod;

typedef struct AstColumn {
    AstName name;
    const AstType *type;
    const AstExpr *computed; // after `=`, or NULL
    const AstMod *mods;
    uint32_t mod_count;
    const char *doc; // or NULL
    Span span;
} AstColumn;

typedef enum AstRuleKind {
    AST_RULE_KEY,          // names
    AST_RULE_SUBJECT,      // names
    AST_RULE_CHECK,        // expr, reaction
    AST_RULE_UNIQUE,       // names, [duration]
    AST_RULE_OWNER,        // text
    AST_RULE_FRESHNESS,    // duration, reaction
    AST_RULE_COMPLETENESS, // names (a path), literal (percent), reaction
    AST_RULE_VOLUME,       // literal (integer), duration, reaction
    AST_RULE_CONSUMER,     // text, names
    AST_RULE_EVOLUTION,    // text: none backward forward full; is_transitive
} AstRuleKind;

typedef struct AstRule {
    AstRuleKind kind;
    Span span;
    AstNames names;
    const AstExpr *expr;
    AstReaction reaction;
    AstLiteral literal;
    const AstLiteral *duration;
    const char *text;
    bool is_transitive;
} AstRule;

typedef struct AstColumns {
    const AstColumn *columns;
    uint32_t column_count;
    const AstRule *rules;
    uint32_t rule_count;
    bool is_broken; // a line could not be read
    Span span;
} AstColumns;

// --- settings: a generic tree of words, literals, lists and blocks
// ------------------------------------
typedef enum AstItemKind {
    AST_ITEM_PATH,
    AST_ITEM_LITERAL,
    AST_ITEM_ON,
    AST_ITEM_LIST,
    AST_ITEM_BLOCK
} AstItemKind;

typedef struct AstItem {
    AstItemKind kind;
    Span span;
    AstPath path;               // PATH: one or more names
    AstLiteral literal;         // LITERAL: number, duration, size, percent, string, null, bool
    const AstSetting *settings; // LIST ( ), BLOCK { }
    uint32_t setting_count;
} AstItem;

struct AstSetting {
    const AstItem *items; // at least one; the first is usually the setting's name
    uint32_t item_count;
    Span span;
};

typedef struct AstSettings {
    const AstSetting *items;
    uint32_t count;
    bool is_broken;
    Span span;
} AstSettings;

// The single word that a setting begins with, or NULL.
int64_t syntax_unit_us(const char *word); // of one second, minute …; 0: no unit of fixed length
const char *ast_setting_name(const AstSetting *setting);
// Item `index` if it is a single word, else NULL.
const char *ast_item_word(const AstSetting *setting, uint32_t index);

// --- steps
// ------------------------------------------------------------------------------------------
typedef enum AstStepKind {
    AST_STEP_ERROR, // could not be read: nothing is known about the rows after it
    AST_STEP_FROM,
    AST_STEP_WHERE,
    AST_STEP_DERIVE,
    AST_STEP_SELECT,
    AST_STEP_DROP,
    AST_STEP_RENAME,
    AST_STEP_UNNEST,
    AST_STEP_UNION,
    AST_STEP_JOIN,
    AST_STEP_DEDUP,
    AST_STEP_WINDOW,
    AST_STEP_LATE,
    AST_STEP_GROUP,
    AST_STEP_EMIT,
    AST_STEP_STATE,
    AST_STEP_RUNNING,
    AST_STEP_TOP,
    AST_STEP_EXPECT,
    AST_STEP_SAMPLE,
    AST_STEP_ROUTE,
    AST_STEP_APPEND,
    AST_STEP_OVERWRITE,
    AST_STEP_MERGE,
    AST_STEP_DISCARD, // `drop` as a route's target
} AstStepKind;

typedef enum AstFromKind {
    AST_FROM_PLAIN,
    AST_FROM_CHANGES,
    AST_FROM_VERSION,
    AST_FROM_TIMESTAMP
} AstFromKind;
typedef enum AstJoinKind {
    AST_JOIN_INNER,
    AST_JOIN_LEFT,
    AST_JOIN_RIGHT,
    AST_JOIN_FULL,
    AST_JOIN_SEMI,
    AST_JOIN_ANTI
} AstJoinKind;
typedef enum AstWindowKind {
    AST_WINDOW_TUMBLING,
    AST_WINDOW_HOPPING,
    AST_WINDOW_CUMULATIVE,
    AST_WINDOW_SESSION
} AstWindowKind;
typedef enum AstLateKind {
    AST_LATE_INTO,
    AST_LATE_DROP,
    AST_LATE_DLQ,
    AST_LATE_UPDATE
} AstLateKind;
typedef enum AstEmitKind { AST_EMIT_CLOSE, AST_EMIT_CHANGE, AST_EMIT_EVERY } AstEmitKind;
typedef enum AstKeep { AST_KEEP_NONE, AST_KEEP_FIRST, AST_KEEP_LAST, AST_KEEP_EMPTY } AstKeep;
typedef enum AstClauseKind {
    AST_CLAUSE_KEY,
    AST_CLAUSE_ORDER,
    AST_CLAUSE_DELETE,
    AST_CLAUSE_TRUNCATE
} AstClauseKind;

typedef struct AstClause {
    AstClauseKind kind;
    Span span;
    AstNames names; // KEY
    AstExprs exprs; // ORDER; DELETE and TRUNCATE: one
} AstClause;

typedef struct AstStep AstStep;

typedef struct AstRoute { // when condition then target; condition NULL: else
    const AstExpr *condition;
    const AstStep *target;
    Span span;
} AstRoute;

// One struct for all kinds: what a kind does not list below is zero.
struct AstStep {
    AstStepKind kind;
    Span span;
    Span keyword; // the first word
    // FROM, JOIN, UNION (a name), LATE (INTO, UPDATE), APPEND, OVERWRITE, MERGE; text NULL: none
    AstDest dest;
    AstName alias; // FROM as, JOIN as, UNNEST as, WINDOW as, TOP as; text NULL: none
    AstFromKind from;
    AstLiteral from_at; // FROM: version (INTEGER) or timestamp (STRING, checked, value in µs)
    // WHERE, EXPECT, JOIN on, OVERWRITE where, TOP by, SAMPLE by
    const AstExpr *expr;
    AstName name;         // EXPECT's name; text NULL: none
    AstReaction reaction; // EXPECT
    // DERIVE, SELECT, RENAME (expr is a NAME), GROUP and RUNNING results
    AstAssigns assigns;
    bool has_keys;       // GROUP, RUNNING: `by` is written
    AstAssigns keys;     // GROUP, RUNNING and DEDUP by, TOP per
    bool is_all_columns; // DEDUP by *
    AstExprs order;      // RUNNING order by
    AstNames names;      // DROP; UNNEST: the path; except of APPEND, OVERWRITE, MERGE
    AstJoinKind join;
    const AstLiteral *refresh; // JOIN
    const AstExpr *as_of;      // JOIN
    AstWindowKind window;
    AstLateKind late;
    AstEmitKind emit;
    AstKeep keep; // JOIN, DEDUP: first or last; UNNEST: empty
    // WINDOW: length or gap; DEDUP within; LATE update; EMIT every; STATE (NULL: unbounded);
    // SAMPLE: percent or decimal; JOIN within: the lower bound, or the one written
    const AstLiteral *amount;
    const AstLiteral *amount_to; // WINDOW every; JOIN within: the upper bound
    bool amount_is_negative;     // JOIN
    bool amount_to_is_negative;  // JOIN
    const AstLiteral *offset;    // WINDOW
    bool offset_is_negative;
    const AstLiteral *zone;   // WINDOW in
    AstLiteral count;         // TOP
    bool is_ascending;        // TOP: asc is written
    const AstClause *clauses; // MERGE
    uint32_t clause_count;
    const AstRoute *routes; // ROUTE
    uint32_t route_count;
    bool is_broken; // a line of its block could not be read
};

// --- tests
// ------------------------------------------------------------------------------------------
typedef enum AstTestStepKind {
    AST_TEST_ERROR,
    AST_TEST_GIVEN,        // dest rows
    AST_TEST_GIVEN_FILE,   // dest from text
    AST_TEST_GIVEN_RANDOM, // dest random count [seed]
    AST_TEST_ADVANCE,      // duration
    AST_TEST_CLOSE,        // [name]
    AST_TEST_RESTART,
    AST_TEST_TRIGGER,  // once
    AST_TEST_EXPECT,   // dest rows
    AST_TEST_CONTAINS, // dest contains rows
    AST_TEST_EMPTY,    // dest is empty
} AstTestStepKind;

typedef enum AstRowKind { AST_ROW_FIELDS, AST_ROW_VALUES, AST_ROW_RAW } AstRowKind;

typedef struct AstRow {
    AstRowKind kind;
    Span span;
    const AstPath *paths; // FIELDS: paths[i] = exprs.items[i]
    AstExprs exprs;       // FIELDS, VALUES
    AstLiteral raw;       // RAW
} AstRow;

typedef struct AstTestStep {
    AstTestStepKind kind;
    Span span;
    AstDest dest;
    AstNames names; // the columns, written first; count 0: none
    const AstRow *rows;
    uint32_t row_count;
    AstLiteral literal; // file, count of random, duration
    AstLiteral seed;    // kind INTEGER if written
    bool has_seed;
    AstName name; // CLOSE
} AstTestStep;

// --- declarations
// -----------------------------------------------------------------------------------
typedef enum AstDeclKind {
    AST_DECL_ERROR, // could not be read; `name` if it was reached
    AST_DECL_IMPORT,
    AST_DECL_CONTRACT,
    AST_DECL_SOURCE,
    AST_DECL_TABLE,
    AST_DECL_SINK,
    AST_DECL_PIPELINE,
    AST_DECL_PARAM,
    AST_DECL_TYPE,
    AST_DECL_FN,
    AST_DECL_FLOW,
    AST_DECL_TEST,
} AstDeclKind;

typedef enum AstImportKind { AST_IMPORT_FILE, AST_IMPORT_STD, AST_IMPORT_CONTRACT } AstImportKind;

typedef struct AstFnArg {
    AstName name;
    const AstType *type;
} AstFnArg;

typedef struct AstDecl {
    AstDeclKind kind;
    Span span;
    AstName name;    // TEST: its text; PIPELINE: text NULL if not written; IMPORT contract: as
    const char *doc; // or NULL
    bool is_broken;  // something inside could not be read
    AstImportKind import;
    AstLiteral text;      // IMPORT: the file; CONTRACT: version (kind STRING if written)
    AstPath path;         // IMPORT std.money
    AstName contract;     // SOURCE, TABLE: after the colon; text NULL: none
    AstColumns columns;   // CONTRACT; SOURCE, TABLE: their `columns` block
    bool has_columns;     // SOURCE, TABLE: a `columns` block is there
    AstSettings settings; // SOURCE, TABLE, SINK, PIPELINE
    const AstType *type;  // PARAM, TYPE, FN (result)
    const AstExpr *expr;  // PARAM (or NULL), FN
    const AstFnArg *args; // FN
    uint32_t arg_count;
    AstName was;          // FLOW; text NULL: none
    const AstStep *steps; // FLOW
    uint32_t step_count;
    const AstTestStep *test_steps; // TEST
    uint32_t test_step_count;
} AstDecl;

typedef struct Ast {
    uint32_t file; // in the DiagList's sources
    const AstDecl *decls;
    uint32_t decl_count;
    uint32_t expr_count;
    bool is_broken; // a declaration could not be read, not even its name
} Ast;

// Reads a program; mistakes go to `diags`. Never NULL.
Ast *syntax_parse(
    Arena *arena, DiagList *diags, const char *file_name, const char *bytes, size_t length);
// The program with the layout of every formatted program: comments, blank lines (one at most) and
// the line breaks of what goes on over several lines stay. False: mistakes went to `diags`, and
// nothing to `out`.
bool syntax_format(Arena *arena,
                   DiagList *diags,
                   const char *file_name,
                   const char *bytes,
                   size_t length,
                   Buffer *out);
void syntax_dump(const Ast *ast, Buffer *out);
void syntax_expr_dump(const AstExpr *expr, Buffer *out); // one line, prefix form
const char *syntax_op_text(AstOp op);                    // "=="
const char *syntax_step_word(AstStepKind kind);          // "where"
const char *syntax_decl_word(AstDeclKind kind);          // "source"
bool syntax_is_reserved(const char *word);

#endif
