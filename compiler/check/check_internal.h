// What the files of check share: the checker, streams and scopes.
//
// Poison: an expression, type or stream that could not be understood is NULL (is_unknown for a
// stream) and was reported; whatever is made of it is poison too, silently.
#ifndef FLOW_CHECK_INTERNAL_H
#define FLOW_CHECK_INTERNAL_H

#include "check/check.h"
#include "scalar/scalar.h"

typedef struct Column {
    const char *name;
    const Type *type; // NULL: poison
    bool is_hidden;   // carried along, not visible by name
    FlowMetaKind meta;
    bool is_key;            // of a changelog's source: part of the key whose changes these are
    const char *owner;      // of a joined row: visible as `owner.name` only
    const AstExpr *literal; // it is this literal: it takes the type of the column that it ends in
} Column;

// The rows at one point of a flow.
typedef struct Stream {
    VEC(Column) columns;
    int32_t event_time;   // column index, or -1
    int32_t window_start; // column indexes of the window, or -1
    int32_t window_end;
    const char *window_name; // of `as name`, or NULL
    bool is_end_event_time;  // the event time is `event_time` (a window's end) minus 1 µs
    // Of sessions no group has gathered yet: their gap, and where the step stands. Until then the
    // window's columns are hidden and say what a record alone would be: from its time to a gap
    // later.
    int64_t session_gap_us; // 0: there are none
    Span session_span;
    GraphMode mode;
    bool is_bounded;
    bool is_unknown;       // not all columns are known: an unknown name is no mistake
    bool has_meta;         // of a file source, no group since
    bool has_lost_meta;    // at a right or full join
    bool is_group;         // results of a group: they have an order of their own
    bool is_changing;      // … and in a stream later ones replace those of earlier epochs
    int64_t update_us;     // the window's rows may be late by so much more
    bool may_leave_out;    // of envelopes: texts may stand for values that did not change
    const char *source;    // meta.source; NULL: the hidden column "(meta.source)"
    const char *alias;     // of `from x as a`
    VEC(AstName) left_out; // columns that a step above dropped
} Stream;

// What a contract says of a column beyond its name and type. Documentation (doc, unit, pii, was,
// deprecated) stays in the tree.
typedef struct ContractColumn {
    const AstColumn *ast;
    const Expr *computed; // over the contract's columns, or NULL: it is read
    uint32_t layer;       // of a computed one: 1 + the greatest of those that it reads; else 0
    GraphWire wire;
} ContractColumn;

// `unique (a, b) within d`: of rows that are equal there, only the first stays.
typedef struct ContractUnique {
    const uint32_t *columns;
    uint32_t column_count;
    int64_t within_us; // -1: ever
    Span span;
} ContractUnique;

// A contract or `columns` block.
typedef struct Contract {
    const char *name; // NULL: written in place
    const char *version;
    const AstColumns *ast;
    Stream stream; // its columns
    VEC(ContractColumn) columns;
    uint32_t layer_count; // of computed columns
    VEC(uint32_t) key;
    VEC(CheckedCheck) checks;
    VEC(ContractUnique) uniques;
    bool is_broken;
} Contract;

typedef struct Writer { // a terminal on a table
    FlowSinkKind kind;
    Span span;
    uint32_t sink; // in Checked.sinks
} Writer;

// A table while it is checked.
typedef struct TableInfo {
    const Contract *contract; // or NULL
    bool has_columns;         // GraphTable.columns are known
    bool is_unknown;          // could not be found out, and was reported
    bool lacks_columns;       // those that a history adds which is not built yet
    bool is_written;
    bool exists;
    bool may_exist; // its path is a param, or there is nothing to look with
    const GraphColumn *existing;
    const bool *existing_partition;
    uint32_t existing_count;
    const char *obstacles[FLOW_SINK_TABLE_OVERWRITE + 1]; // [kind]: why it takes no such write
    bool is_end_event_time;                               // as in Stream
    const AstSetting *key; // the settings, resolved when the columns are known
    const AstSetting *partition;
    const AstSetting *history; // SCD2
    VEC(Writer) writers;
} TableInfo;

// A sink as it is declared; what is written into it is another matter.
typedef struct SinkInfo {
    GraphSink sink;
    bool is_whole; // it says where its rows go
} SinkInfo;

typedef struct FnInfo { // a function that the program declares
    const AstDecl *decl;
    const Type **types; // of its parameters; NULL among them: poison
    const Type *result;
    const Expr *body; // its columns are the parameters
    bool is_checked;  // or being checked
    bool is_whole;
} FnInfo;

typedef enum KeptKind {
    KEPT_NOT_YET,   // not built so far
    KEPT_OVERWRITE, // each epoch would replace the one before
    KEPT_UNBOUNDED, // a group whose keys nobody forgets, without `state unbounded`
    KEPT_APPEND,    // results of such a group change, so they can't be appended
} KeptKind;

// What is only for `trigger once`.
typedef struct KeptState {
    Span span;
    const char *what; // goes on behind "it"
    KeptKind kind;
    uint32_t flow;
} KeptState;

typedef struct Checker {
    Arena *arena;
    const Program *program;
    const CheckOptions *options;
    DiagList *diags;
    Sys *sys;
    Checked *out;
    bool uses_position;      // some expression of the program reads meta.position …
    bool uses_file;          // … or meta.file, …
    bool uses_timestamp;     // … meta.timestamp, …
    bool uses_before;        // … or meta.before
    bool is_stream;          // the trigger is another than `once`: rows may be late, …
    bool uses_watermark;     // … and some step asks
    bool has_times;          // some step goes by event time
    bool late_is_dropped;    // where nothing else is said
    const AstStep *next;     // the step behind the one that is being checked, or NULL
    int64_t random_count;    // calls of random() so far: each gives other numbers
    Contract **contracts;    // of program->contracts
    SinkInfo *sinks;         // of program->sinks
    Stream **source_streams; // rows of program->sources, hidden columns included
    TableInfo *tables;
    Stream **flow_streams;      // results of program->flows, made in order
    const AstDecl **type_stack; // named types that are being resolved
    uint32_t type_depth;
    uint32_t type_nesting;   // lists, maps and structs around the type that is being checked
    uint32_t argument_count; // parameters of lambdas so far
    FnInfo *fns;             // of program->fns
    uint32_t *fn_stack;      // those that are being checked
    uint32_t fn_depth;
    uint32_t flow;       // the flow that is being checked
    bool is_test_cell;   // a value of a test's row is being checked
    VEC(KeptState) kept; // what lives longer than an epoch
} Checker;

// The aggregates of a group block while it is checked.
typedef struct Aggregation {
    const Stream *input;
    uint32_t key_count;
    bool has_keys;   // each group has a row
    bool is_running; // of `running`, not of a group
    VEC(GraphAgg) aggs;
    bool is_inside; // of an aggregate: another one can't stand there
    bool is_expect; // about all records: there are no keys to add
} Aggregation;

typedef VEC(const Expr *) Values;

// The parameters of a lambda, inside its body.
typedef struct LambdaScope {
    const struct LambdaScope *outer;
    const AstNames *names;
    const Type *const *types;
    uint32_t first; // number of the first parameter
} LambdaScope;

// Where an expression stands.
typedef struct Scope {
    const Stream *stream;
    const LambdaScope *lambda;  // the innermost lambda around it, or NULL
    const AstDecl *fn;          // of a function's body, whose parameters are the columns
    Aggregation *aggregation;   // of a group block, else NULL
    const AstAssigns *assigns;  // names that are defined further below …
    uint32_t assign;            // … from this one on
    const AstColumns *contract; // of a contract's check
} Scope;

// --- check_type.c --------------------------------------------------------------------------------
const Type *type_check(Checker *c, const AstType *type); // NULL: reported
const char *type_show(Checker *c, const Type *type);

// --- check_literal.c
// ------------------------------------------------------------------------------ A literal, or a
// minus before a number.
typedef struct Literal {
    const AstLiteral *ast;
    bool is_negative;
} Literal;
bool literal_of(const AstExpr *ast, Literal *literal);
bool literal_is_number(const AstExpr *ast);
bool literal_is_null(const AstExpr *ast);
bool literal_is_text(const AstExpr *ast);
// The literal as a value of the type; NULL if it is none, without a report.
const Expr *literal_as(Checker *c, const AstExpr *ast, const Type *type);
const Expr *literal_alone(Checker *c, const AstExpr *ast);       // of its own type
const Expr *literal_as_smallest(Checker *c, const AstExpr *ast); // number: the smallest decimal
// A number or a percentage, at least 0. False: it has too many digits, or a minus.
bool literal_fraction(const AstLiteral *literal, i128 *numerator, i128 *denominator);
void enum_value_report(Checker *c, const AstExpr *ast, const Type *type); // not in the list

// --- check_convert.c -----------------------------------------------------------------------------
const Expr *widen(Checker *c, const Expr *expr, const Type *type); // base types must widen
const Type *common_type(Checker *c, const Type *a, const Type *b); // NULL: none
const Type *integer_as_decimal(Checker *c, const Type *type);
// All of one type, literals adapted; NULL and a report of `code` if there is none. A literal NULL
// in `values` is checked here.
const Type *
unify(Checker *c, const AstExpr *const *asts, const Expr **values, uint32_t count, DiagCode code);
// The value for a column of `target`; NULL and a report if it does not fit.
const Expr *
assign_to(Checker *c, const AstExpr *ast, const Expr *value, const Type *target, const char *what);
void cast_help(Checker *c, Diag *diag, const AstExpr *ast, const Type *target);

// --- check_nested.c ------------------------------------------------------------------------------
const Expr *list_check(Checker *c, const Scope *scope, const AstExpr *ast);   // [a, b]
const Expr *struct_check(Checker *c, const Scope *scope, const AstExpr *ast); // { a = 1 }
const Expr *index_check(Checker *c, const Scope *scope, const AstExpr *ast);  // list[0], map[key]
const Expr *field_make(Checker *c, const AstExpr *ast, const Expr *value);    // value.name
// The value for a place of the type: literals and parts of list and struct literals take it, others
// widen to it. It may be null even if the type has no `?`. NULL: does not fit, not reported.
const Expr *fit(Checker *c, const AstExpr *ast, const Expr *value, const Type *type);
// Reports a null or an empty list that nothing has given a type; false also for poison.
bool has_known_type(Checker *c, const AstExpr *ast, const Expr *value);

// --- check_lambda.c ------------------------------------------------------------------------------
// A lambda with these parameters as the argument of a function: an EXPR_LAMBDA whose type is that
// of its body. NULL: reported.
const Expr *lambda_check(Checker *c,
                         const Scope *scope,
                         const AstExpr *ast,
                         const Type *const *parameter_types,
                         uint32_t count);
// The same lambda with a result of the type, if its body fits; NULL: it does not, not reported.
const Expr *lambda_fit(Checker *c, const AstExpr *ast, const Expr *lambda, const Type *result_type);
// A parameter of a lambda around the expression; NULL: none is called so.
const Type *lambda_parameter(const Scope *scope, const char *name, uint32_t *number);
const Expr *
argument_check(Checker *c, const Scope *scope, const AstExpr *ast); // NULL: no parameter

// --- check_fn.c ----------------------------------------------------------------------------------
void fns_declare(Checker *c);
void fns_check(Checker *c);
const Expr *fn_call_check(Checker *c, const Scope *scope, const AstExpr *ast);

// --- check_expr.c --------------------------------------------------------------------------------
const Expr *expr_check(Checker *c, const Scope *scope, const AstExpr *ast); // NULL: poison
// meta.file or meta.position of the record; NULL: there is none, and it was reported.
const Expr *record_place(Checker *c, const Scope *scope, const AstExpr *ast, FlowMetaKind meta);
// A bool; `what` names the place: "where".
const Expr *condition_check(Checker *c, const Scope *scope, const AstExpr *ast, const char *what);
const Expr *made(Checker *c, Expr *expr, const AstExpr *ast); // gives it its place
const Expr *node(Checker *c,
                 const AstExpr *ast,
                 ExprOp op,
                 const Type *type,
                 const Expr *const *arguments,
                 uint32_t count);
const Type *bool_type(Checker *c, bool is_nullable);
bool any_nullable(const Expr *const *values, uint32_t count);

// The first of a block's entries that is this column and nothing else, or -1.
int32_t entry_of(const Values *entries, uint32_t column);
// The columns of a node that gives aggregates, from `first` on: those that are an entry have its
// place in `raw`, the others are nobody's business.
const GraphColumn *results_placed(
    Checker *c, const GraphColumn *columns, uint32_t count, uint32_t first, const Values *entries);

// --- check_operator.c ----------------------------------------------------------------------------
const Expr *binary_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *arithmetic(
    Checker *c, const AstExpr *ast, AstOp op, const AstExpr *const *asts, const Expr **values);
const Expr *
integral_division(Checker *c, const AstExpr *ast, const AstExpr *const *asts, const Expr **values);
const Expr *negate_check(Checker *c, const Scope *scope, const AstExpr *ast);
bool comparable(Checker *c, const AstExpr *ast, const AstExpr *const *asts, const Expr **values);

// --- check_branch.c ------------------------------------------------------------------------------
const Expr *if_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *case_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *in_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *between_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *coalesce_make(Checker *c,
                          const AstExpr *ast,
                          const AstExpr *const *asts,
                          const Expr **values,
                          uint32_t count);
const Expr *
if_make(Checker *c, const AstExpr *ast, const Expr *condition, const Expr *yes, const Expr *no);
const Expr *
not_if(Checker *c, const AstExpr *ast, const Expr *value); // `not` before in, like and so on

// --- check_null.c --------------------------------------------------------------------------------
bool null_is_possible(const Expr *expr); // what tests in it prove taken into account
void narrow(const Expr *condition, Stream *stream, Arena *arena); // after a row passed it

// --- check_call.c, check_cast.c, check_aggregate.c -----------------------------------------------
const Expr *call_check(Checker *c, const Scope *scope, const AstExpr *ast);
const Expr *cast_check(Checker *c, const Scope *scope, const AstExpr *ast);
bool aggregate_is_name(const char *name);
const char *aggregate_name(FlowAggKind kind);
// Of the result over at least one value of the type; NULL: takes no such argument.
const Type *aggregate_type(Checker *c, FlowAggKind kind, const Type *type);
const Expr *builtin_check(Checker *c, const Scope *scope, const AstExpr *ast, Builtin builtin);
const Expr *aggregate_check(Checker *c, const Scope *scope, const AstExpr *ast);
bool aggregate_is_inside(const AstExpr *ast); // one stands in the expression

// --- check_late.c --------------------------------------------------------------------------------
void watermarks_scan(Checker *c); // what the program's steps ask
// The `late` behind the step that is being checked, or NULL.
const AstStep *late_step(const Checker *c);
// Whether the row is on time for what ends at `bound`, a timestamp over the stream's columns. NULL:
// the stream has no watermarks.
const Expr *on_time_condition(Checker *c, const AstStep *step, Stream *stream, const Expr *bound);
// Rows whose bound the watermark has reached leave, as `late` says; what a table gets of them is
// `shown`, which has the same columns, some of them hidden.
void late_add(Checker *c, const AstStep *step, Stream *stream, const Expr *bound, Stream *shown);
// The same of rows that come from the other side of a join: no table of ours takes them.
void late_theirs_add(Checker *c, const AstStep *step, Stream *stream, const Expr *bound);

// --- check_stream.c ------------------------------------------------------------------------------
Stream *stream_new(Checker *c);
Stream *stream_copy(Checker *c, const Stream *stream);
Stream *stream_unknown(Checker *c);
int32_t stream_find(const Stream *stream, const char *name); // visible columns; -1: none
uint32_t stream_add(Checker *c, Stream *stream, const char *name, const Type *type);
const char **stream_names(Checker *c, const Stream *stream, uint32_t *count); // visible ones
const GraphColumn *stream_columns(Checker *c, const Stream *stream);
void unknown_column_report(Checker *c, const Scope *scope, AstName name);
// A PROJECT under construction: visible columns first, then what is carried along.
typedef struct Projection {
    const Stream *input;
    Stream *output;
    bool ends_joined; // joined rows are not carried on
    VEC(const Expr *) values;
} Projection;
Projection projection_new(Checker *c, const Stream *input);
void projection_set(Checker *c,
                    Projection *p,
                    const char *name,
                    const Expr *value);                           // adds or replaces
void projection_keep(Checker *c, Projection *p, uint32_t column); // a visible column of the input
void projection_keep_as(Checker *c, Projection *p, uint32_t column, const char *name);
void projection_carry(Checker *c, Projection *p); // at the end: what is hidden
uint32_t projection_hidden(Checker *c, Projection *p, const char *name, const Expr *value);
int32_t joined_find(const Stream *stream, const char *owner, const char *name); // -1: none
bool is_joined(const Stream *stream, const char *owner);
int32_t stream_meta(const Stream *stream, FlowMetaKind meta);           // its column, or -1
void column_free_check(Checker *c, const Stream *stream, AstName name); // there is none so far
Projection projection_whole(Checker *c, const Stream *input);           // all visible columns kept

// --- check_column.c: what the modifiers of columns say
// --------------------------------------------
void contract_columns_check(Checker *c, Contract *contract);
// The check that `pattern` is; NULL if it is not valid, which was reported.
const AstExpr *pattern_condition(Checker *c, const AstColumn *column, const AstMod *mod);
// Expressions that nobody wrote, for what settings and modifiers mean.
const AstExpr *ast_name(Checker *c, const char *name, Span span);
const AstExpr *ast_literal(Checker *c, const AstLiteral *literal, Span span);
const AstExpr *ast_node(
    Checker *c, AstExprKind kind, AstOp op, Span span, const AstExpr *left, const AstExpr *right);

// --- check_record.c: from records to the rows that flows see
// ---------------------------------------
typedef struct SourceChanges { // `changes { … }`
    const AstSetting *setting; // NULL: there is none
    bool has_operation;
    int32_t operation; // column of the contract, or -1
    const AstLiteral *const *texts[FLOW_OPERATION_READ + 1];
    uint32_t text_counts[FLOW_OPERATION_READ + 1];
    VEC(uint32_t) sequence; // columns of the contract
} SourceChanges;

typedef struct SourceReading { // a source while it is checked
    Checker *c;
    const AstDecl *decl;
    const Contract *contract; // NULL: poison
    GraphSource source;
    Stream *stream;          // what flows see
    const AstSetting *delta; // `delta "path"`
    const AstSetting *read;  // `read changes`, or NULL
    const AstSetting *max_ahead;
    int32_t max_ahead_param;   // which gives it, or -1
    const AstSetting *capture; // `on_unknown capture column`
    SourceChanges changes;
    bool is_generated;
    GraphGenerate generate;      // the settings of `generate`
    const GraphGenerate *random; // as in CheckedSource
    const Expr *const *random_checks;
    const GraphColumn *columns; // as in CheckedSource
    uint32_t column_count;
    VEC(CheckedStep) steps;
} SourceReading;
void source_record_check(SourceReading *r);

// --- check_recipe.c, check_generate.c: records that are made up ----------------------------------
GraphRecipe *recipes_derive(Checker *c, const Contract *contract);             // of each column
bool recipe_is_empty(Checker *c, const Type *type, const GraphRecipe *recipe); // no value meets it
bool generate_setting(SourceReading *r, const AstSetting *setting); // false: of every source
// Of the columns that stand at `origins` in the contract.
GraphGenerate
generate_of_contract(Checker *c, const Contract *contract, const uint32_t *origins, uint32_t count);
// The contract's checks over those columns, one for each.
const Expr *const *
generate_checks(Checker *c, const Contract *contract, const uint32_t *origins, uint32_t count);
void given_random_check(Checker *c,
                        const AstTestStep *ast,
                        CheckedTestStep *step); // `given … random`
const GraphGenerate *generate_of_source(SourceReading *r, const uint32_t *origins);

// --- check_snapshot.c: Delta tables as sources
// ---------------------------------------------------
void snapshot_set(SourceReading *r, const AstSetting *setting); // `delta "path"`, `read …`
void snapshot_settings_check(SourceReading *r);                 // when all are known
void snapshot_columns_check(SourceReading *r);                  // against the table that exists

// --- check_changes.c -----------------------------------------------------------------------------
const Type *operation_type(Checker *c); // of meta.operation where it is not the same for all rows
void changes_set(SourceReading *r, const AstSetting *setting);
bool source_is_changelog(const SourceReading *r);
uint32_t changes_excused(const SourceReading *r, uint32_t column); // FLOW_EXCUSED_*
GraphTexts changes_texts(const SourceReading *r, FlowOperation operation);
const Expr *changes_listed(SourceReading *r); // what must be true of the operation, or NULL
const Expr *changes_check(SourceReading *r, const Expr *condition);
const Expr *changes_operation(SourceReading *r);
// Of a stream that is a changelog: the row is a delete or truncate; its operation is this one.
const Expr *changes_gone(Checker *c, const Stream *stream);
const Expr *changes_are(Checker *c, const Stream *stream, FlowOperation operation);
const AstClause *changes_clause(Checker *c, const AstStep *step, AstClauseKind kind);
bool changes_step_check(Checker *c, const AstStep *step, const Stream *stream);
Stream *changes_where(Checker *c, const AstStep *step, const Stream *stream, const Expr *condition);
const Expr *changes_expect(Checker *c, const Stream *stream, const Expr *condition);

// --- check_contract.c ----------------------------------------------------------------------------
int32_t reaction_of(AstReaction reaction); // FLOW_REACTION_*
Contract *contract_check(Checker *c, const AstDecl *decl, const AstColumns *columns, bool is_table);

// --- check_setting.c, check_source.c, check_table.c, check_sink.c --------------------------------
// What a setting may be, and where it goes if a param or env("…") gives it: then the value that is
// known here is the param's default.
typedef struct SettingPlace {
    FlowSettingForm form;
    AstLiteralKind kind; // of its literals; BOOL: on and off, too
    FlowOwner owner;
    uint32_t index; // which source or table
    int64_t offset; // of the field in its struct; -1: a batch has no use for it
    int64_t least;
    int64_t most;
    const char *takes; // "a duration, such as `7 days`"
} SettingPlace;
// False: reported, or nothing is known here; `*value` is as it was.
bool setting_number(Checker *c,
                    const AstSetting *setting,
                    const SettingPlace *place,
                    int64_t *value);
bool setting_string(Checker *c,
                    const AstSetting *setting,
                    const SettingPlace *place,
                    const char **text);
// `csv { … }` of a source or a sink, and where its settings go if params give them.
#define CSV_DEFAULTS ((GraphCsv){.delimiter = ',', .has_header = true, .null_text = ""})
typedef struct CsvPlace {
    FlowOwner owner;
    uint32_t index;
    size_t delimiter; // offsets of the fields
    size_t header;
    size_t null_text;
} CsvPlace;
void csv_settings(Checker *c, const AstItem *block, const CsvPlace *place, GraphCsv *csv);
// The param or env("…") that gives a setting which is a duration; -1: none does, or it is wrong.
int32_t setting_duration_param(Checker *c, const AstSetting *setting, bool *is_reported);
bool setting_path(Checker *c, const AstSetting *setting, GraphSetting *path); // literal or param
bool setting_text_or_param(Checker *c,
                           const AstSetting *setting,
                           const char *takes,
                           GraphSetting *path);
const AstLiteral *setting_literal(const AstSetting *setting, AstLiteralKind kind);
void setting_report(Checker *c, const AstSetting *setting, const char *takes);
void setting_unknown(Checker *c,
                     const AstSetting *setting,
                     const char *owner,
                     const char *const *known,
                     uint32_t count);
void settings_repeated(Checker *c, const AstSettings *settings);
// Whether one of the settings is none of `known`, which is reported, and may have been meant as one
// of `wanted`: that these are missing follows from it then.
bool settings_may_mean(const AstSettings *settings,
                       const char *const *known,
                       uint32_t known_count,
                       const char *const *wanted,
                       uint32_t wanted_count);
bool setting_is(const AstSetting *setting, const char *name);
bool setting_bool(const AstItem *item, bool *value); // on, off, true, false
Contract *contract_of(Checker *c, const AstDecl *decl, const AstDecl *contract);
void sinks_check(Checker *c);
void source_check(Checker *c, uint32_t index);
void table_declare(Checker *c, uint32_t index);
bool table_columns_find(Checker *c, uint32_t index, Span span); // for a reader
void table_columns_take(Checker *c, uint32_t index, const GraphColumn *columns, uint32_t count);
void table_writers_check(Checker *c, uint32_t index);
// check_stored.c: tables that exist
struct DeltaTable;
struct FlowTypeDesc;
const Type *stored_type(Checker *c, const FlowTypeDesc *desc);
void stored_keep(Checker *c, TableInfo *info, const struct DeltaTable *table);
const GraphColumn *
graph_column_named(const GraphColumn *columns, uint32_t count, const char *name); // or NULL
bool is_stored_as(const Type *type, const Type *stored);
// A stored column with the type that the program has for it, if that is stored so.
GraphColumn stored_as_declared(Checker *c, GraphColumn stored, const GraphColumn *declared);
void table_past_declare(Checker *c, uint32_t index); // of `from t as of …`
bool source_has_envelope(const GraphSource *source); // its format says what each row is a change of
// check_history.c: what the store makes
void history_setting_check(Checker *c,
                           const AstSetting *setting,
                           TableInfo *info,
                           GraphTable *table);
void surrogate_setting_check(Checker *c, const AstSetting *setting, GraphTable *table);
void table_made_columns_set(Checker *c, TableInfo *info, GraphTable *table);
void table_tracked_set(Checker *c, const TableInfo *info, GraphTable *table);
bool table_is_tracked(const GraphTable *table, const char *name);
const Expr *valid_from_value(Checker *c,
                             const AstStep *step,
                             const Stream *stream,
                             const Expr *const *orders,
                             uint32_t order_count); // NULL: there is no time
// Whether the rows can be told apart in its files; otherwise it is reported.
bool sink_takes_columns(
    Checker *c, const GraphSink *sink, Span span, const GraphColumn *columns, uint32_t count);
// Whether its files can have a column of this name and type; reports at `span` what they can't.
bool sink_takes_name(Checker *c, const GraphSink *sink, Span span, const GraphColumn *column);
// --- check_pipeline.c ----------------------------------------------------------------------------
void pipeline_check(Checker *c);
void renames_check(Checker *c); // check_renames.c
// What the program keeps from epoch to epoch; `what` goes on behind "it".
void state_keep(Checker *c, Span span, KeptKind kind, const char *what);
// `state` behind a step says for how long it keeps what it keeps.
// Rows that replace those of earlier epochs: results of a group without a window.
bool gives_changes(const Stream *stream);
void state_bound(Checker *c, const AstStep *step);
void pipeline_state_check(Checker *c); // when all steps are known

void params_check(Checker *c); // check_param.c

// --- check_flow.c, check_step.c, check_group.c, check_terminal.c ---------------------------------
void flow_check(Checker *c, uint32_t index);
void tests_check(Checker *c); // check_test.c
// A text in a value of a test, as the date, timestamp or bytes that it stands for; else NULL.
const Expr *test_text(Checker *c, const AstExpr *ast, const Type *type);
const Expr *test_value(Checker *c, const AstExpr *ast, const Type *type, const char *what);
// `a.b = value`, of a struct: what stands behind its name.
typedef struct TestPart {
    const AstName *names;
    uint32_t count;
    const AstExpr *value;
} TestPart;
const Expr *test_struct(Checker *c,
                        const TestPart *parts,
                        uint32_t count,
                        const Type *type,
                        Span span,
                        const char *what);
void field_report(Checker *c, AstName name, const Type *type); // the struct has no such field
CheckedStep *
step_add(Checker *c, GraphOp op, const AstStep *step, const char *word, const Stream *after);
Stream *step_check(Checker *c, const AstStep *step, Stream *stream); // row-wise steps
Stream *window_check(Checker *c, const AstStep *step, Stream *stream);
const Expr *window_time(Checker *c, const AstStep *step, const Stream *stream);
const Expr *
window_time_shift(Checker *c, const AstStep *step, ExprOp op, const Expr *time, int64_t us);
// A later window replaces the columns of an earlier one: all others.
Projection window_others_keep(Checker *c, const Stream *stream);

// check_session.c
Stream *session_check(Checker *c, const AstStep *step, const Stream *stream);
// A name that will be that of a bound when the sessions are gathered; false: nothing is reported.
bool session_name_is(const Stream *stream, const char *name);
bool session_name_report(Checker *c, const Stream *stream, AstName name);
// Reports sessions that no group has gathered; what they lack is no mistake of its own then.
Stream *session_group_check(Checker *c, const AstStep *step, const Stream *stream);
// Of the group: its first key, then its first aggregates, which are columns of the output too; how
// many they are.
const Expr *session_piece(Checker *c, const AstStep *step, const Stream *stream);
typedef struct SessionBounds {
    Checker *c;
    const AstStep *step;
    Aggregation *to;
    Stream *output; // it has the keys
} SessionBounds;
uint32_t session_bounds_add(const SessionBounds *bounds);
void session_bounds_keep(Checker *c, Projection *p); // the visible ones, as the first columns
const GraphColumn *session_columns_placed(Checker *c,
                                          const GraphColumn *columns,
                                          const Stream *output,
                                          uint32_t first);
Stream *group_check(Checker *c, const AstStep *step, Stream *stream);
void terminal_check(Checker *c, const AstStep *step, Stream *stream);
// check_unchanged.c: texts that a source of envelopes leaves out as unchanged.
const Expr *unchanged_excused(Checker *c, const Stream *stream, const Expr *condition);
// The check that needs before a projection of a source's columns; NULL: it needs nothing.
const Expr *
unchanged_needed(Checker *c, const GraphColumn *columns, uint32_t count, const GraphNode *node);
void unchanged_steps_check(Checker *c, uint32_t first); // of the steps that a step has become
// What a merge keeps: a FILL before it. Gives the table's values anew; the stream has more columns.
typedef struct FillWriting {
    const AstStep *step;
    const Stream *stream;
    uint32_t table;
    uint32_t order_count;
    const Expr *gone;    // or NULL
    const Expr **values; // of the table's columns, then the order values
} FillWriting;
const Stream *unchanged_fill_add(Checker *c, const FillWriting *writing);
// check_unique.c: the `unique` of a table's contract, before what writes it.
typedef struct UniqueWriting {
    const AstStep *step;
    const Stream *stream;
    FlowSinkKind kind;
    uint32_t table;
    bool is_part;              // an overwrite with a condition
    const Expr *const *values; // of the table's columns
    const Expr *const *gone;   // of a merge: the row is deleted, all rows are
    uint32_t gone_count;
} UniqueWriting;
void table_uniques_add(Checker *c, const UniqueWriting *writing);
void unique_writers_check(Checker *c, uint32_t table);
Stream *input_stream(Checker *c, const AstStep *step, ProgramRef input); // of from, join, union
// Behind a `from`, if rejected records are sent through the program again.
void replay_filter_add(Checker *c, const AstStep *step, const Stream *stream, ProgramRef input);
void event_time_missing_report(Checker *c, const AstStep *step, const Stream *stream);

// --- check_join.c, check_union.c, check_unnest.c, check_sort.c, check_route.c, check_epoch.c -----
Stream *join_check(Checker *c, const AstStep *step, Stream *stream);
Stream *union_check(Checker *c, const AstStep *step, Stream *stream);
Stream *unnest_check(Checker *c, const AstStep *step, Stream *stream);
Stream *sample_check(Checker *c, const AstStep *step, Stream *stream);
Stream *top_check(Checker *c, const AstStep *step, Stream *stream);
Stream *dedup_check(Checker *c, const AstStep *step, Stream *stream);
Stream *running_step_check(Checker *c, const AstStep *step, Stream *stream);
void route_check(Checker *c, const AstStep *step, Stream *stream);
Stream *epoch_check(Checker *c, const AstStep *step, Stream *stream); // `expect` with aggregates
void projection_add(Checker *c, const AstStep *step, const char *word, const Projection *p);

#endif
