// The grammar of LANGUAGE's appendix, LALR(1) without conflicts: bison is told to fail on any.
//
// SEP is a line end that counts; the line filter (lines.c) makes it, and after a mistake it skips to the
// end of the entry, so that every `error` below is followed by a separator or the closing bracket.
%require "3.8"
%define api.pure full
%define api.push-pull push
%define api.prefix {flow_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%define api.value.type {SyntaxValue}
%define parse.lac full
// After a mistake a state that reduced without looking would drop the entries that were read before it.
%define lr.default-reduction accepting
%define parse.error custom
%locations
%parse-param {Parser *parser}
%expect 0

%code requires {
#include "syntax/parse.h"
}

%code provides {
// Names and numbers of symbols for messages: "a name", "'{'", "\"where\"".
const char *grammar_symbol_name(int symbol);
int grammar_symbol_of(int token);
// After a mistake bison stays silent for three tokens; the line filter knows better when it is over.
void grammar_forgive(void *state);
}

%code {
#define YYMALLOC memory_alloc
#define YYFREE memory_free
#define YYLLOC_DEFAULT(current, rhs, n)                                                            \
    (current) = (n) ? grammar_span(&YYRHSLOC(rhs, 1), (n)) : grammar_empty_span(YYRHSLOC(rhs, 0))

// Parts that are absent have an empty span behind what stands before them: they begin nothing.
static Span grammar_span(const Span *parts, int count) {
    int first = 0;
    while (first + 1 < count && parts[first].start_offset == parts[first].end_offset) {
        first++;
    }
    return span_join(parts[first], parts[count - 1]);
}

static Span grammar_empty_span(Span before) {
    before.start_line = before.end_line;
    before.start_column = before.end_column;
    before.start_offset = before.end_offset;
    return before;
}

static void flow_error(const Span *span, Parser *parser, const char *text);

#define NO_NAME ((AstName){0})
#define ADD(list, item) LIST_ADD(parser, list, item)
#define ONE(item) LIST_ADD(parser, ((List){0}), item)
#define BROKEN ((List){.is_broken = true})
#define WITH(kind, span, ...) expr_with(parser, AST_EXPR_##kind, span, __VA_ARGS__)
#define STEP(kind, span, keyword) step_make(parser, AST_STEP_##kind, span, keyword)
#define TEST_STEP(kind, span) test_step_make(parser, AST_TEST_##kind, span)
#define WINDOW(kind, span, ...) step_window(STEP(WINDOW, span, span), AST_WINDOW_##kind, __VA_ARGS__)
}

%token <name> ADVANCE "advance" AND "and" ANTI "anti" APPEND "append" AS "as" ASC "asc" AT "at"
%token <name> BACKWARD "backward" BETWEEN "between" BY "by" CASE "case" CAST "cast"
%token <name> CHANGE "change" CHANGES "changes" CHECK "check" CLOSE "close" COLUMNS "columns"
%token <name> COMPLETENESS "completeness" CONSUMER "consumer" CONTAINS "contains"
%token <name> CONTRACT "contract" CUMULATIVE "cumulative" DATE "date" DEDUP "dedup"
%token <name> DEFAULT "default" DELETE "delete" DEPRECATED "deprecated" DERIVE "derive"
%token <name> DESC "desc" DLQ "dlq" DROP "drop" ELSE "else" EMIT "emit" EMPTY "empty" END "end"
%token <name> EVENT_TIME "event_time" EVERY "every" EVOLUTION "evolution" EXCEPT "except"
%token <name> EXPECT "expect" FAIL "fail" FALSE "false" FIRST "first" FLOW "flow" FN "fn"
%token <name> FORMAT "format" FORWARD "forward" FRESHNESS "freshness" FROM "from" FULL "full"
%token <name> GAP "gap" GIVEN "given" GROUP "group" HOPPING "hopping" IF "if" IMPORT "import"
%token <name> IN "in" INTO "into" IS "is" JOIN "join" KEEP "keep" KEY "key" LAST "last"
%token <name> LATE "late" LEAST "least" LEFT "left" LIKE "like" MATCHES "matches" MERGE "merge"
%token <name> NONE "none" NOT "not" NULL "null" OF "of" OFFSET "offset" ON "on" OR "or"
%token <name> ORDER "order" OVERWRITE "overwrite" OWNER "owner" PARAM "param" PATTERN "pattern"
%token <name> PER "per" PII "pii" PIPELINE "pipeline" RANDOM "random" REFRESH "refresh"
%token <name> REJECT "reject" RENAME "rename" RESTART "restart" RIGHT "right" ROUTE "route"
%token <name> RUNNING "running" SAMPLE "sample" SEED "seed" SELECT "select" SEMI "semi"
%token <name> SESSION "session" SINK "sink" SOURCE "source" STATE "state" SUBJECT "subject"
%token <name> TABLE "table" TEST "test" THEN "then" TIMESTAMP "timestamp" TOP "top"
%token <name> TRANSITIVE "transitive" TRIGGER "trigger" TRUE "true" TRUNCATE "truncate"
%token <name> TRY_CAST "try_cast" TUMBLING "tumbling" TYPE "type" UNBOUNDED "unbounded"
%token <name> UNION "union" UNIQUE "unique" UNIT "unit" UNNEST "unnest" UPDATE "update"
%token <name> USES "uses" VERSION "version" VOLUME "volume" WARN "warn" WAS "was" WHEN "when"
%token <name> WHERE "where" WINDOW "window" WITHIN "within" ONCE "once"
%token <name> NAME "a name"
%token <literal> STRING "a text"
%token <literal> INTEGER "a whole number" DECIMAL "a decimal" FLOAT "a float"
%token <literal> DURATION "a duration" SIZE "a size" PERCENT "a percentage"
%token SEP "the end of the line" INVALID "a mistake" END_OF_FILE 0 "the end of the file"
%token EQ "==" NE "!=" LE "<=" GE ">=" COALESCE "??" ARROW "->" DOTS ".."

%type <decl> decl broken import
%type <name> name name_plain class name_setting mod_word other_word as_name was_name as_contract
%type <name> evolution
%type <literal> contract_version duration duration_within per_duration number literal word_literal
%type <literal> constant zone ratio
%type <list> decls fn_args fn_arg_list path path_setting names name_comma name_list
%type <list> columns_block lines line_list line mods texts type_args type_arg_list
%type <list> settings setting_lines setting_list setting_line setting setting_comma setting_commas
%type <list> entries entry_lines entry_list entry
%type <list> steps step_list running_by order_by per except clauses clause_list clause_line
%type <list> routes route_list route_branch keys assign_list rename_list block block_lines
%type <list> block_list block_line select_list select_lines select_block select_line
%type <list> test_steps test_step_list rows row_list row_lines row_field_list row_field
%type <list> exprs expr_comma whens args arg_list
%type <column> column
%type <type_arg> type_arg
%type <item> item item_other item_first
%type <assign> key assign rename select_item
%type <clause> clause
%type <row> row
%type <mod> mod
%type <rule> rule
%type <type> type
%type <step> step_line step from join_tail window_kind late terminal target
%type <test_step> test_line test_step
%type <dest> dest
%type <optional> bound offset
%type <bounds> bounds
%type <number> reaction else_reaction keep keep_empty join_kind compare
%type <flag> transitive sort_order
%type <expr> expr or_expr and_expr not_expr cmp_expr alt_expr sum_expr prod_expr unary_expr
%type <expr> postfix primary arg sample_by

%%

program
  : %empty { parser->decls = (List){0}; }
  | decls { parser->decls = $1; }
  ;
decls
  : decl { $$ = ONE(*$1); }
  | decls SEP decl { $$ = ADD($1, *$3); }
  ;

// --- declarations ---
decl
  : import
  | CONTRACT name contract_version columns_block
    { $$ = decl_lines(decl_make(parser, AST_DECL_CONTRACT, $2, @$), $4, parser, @4);
      $$->text = $3 ? *$3 : (AstLiteral){0}; }
  | SOURCE name as_contract entries
    { $$ = decl_entries(decl_make(parser, AST_DECL_SOURCE, $2, @$), $4, parser, @4);
      $$->contract = $3; }
  | TABLE name as_contract entries
    { $$ = decl_entries(decl_make(parser, AST_DECL_TABLE, $2, @$), $4, parser, @4);
      $$->contract = $3; }
  | SINK name settings
    { $$ = decl_make(parser, AST_DECL_SINK, $2, @$); $$->settings = settings_make($3, @3); }
  | PIPELINE settings
    { $$ = decl_make(parser, AST_DECL_PIPELINE, NO_NAME, @$);
      $$->settings = settings_make($2, @2); }
  | PIPELINE name settings
    { $$ = decl_make(parser, AST_DECL_PIPELINE, $2, @$);
      $$->settings = settings_make($3, @3); }
  | PARAM name ':' type
    { $$ = decl_make(parser, AST_DECL_PARAM, $2, @$); $$->type = $4; }
  | PARAM name ':' type '=' expr
    { $$ = decl_make(parser, AST_DECL_PARAM, $2, @$); $$->type = $4; $$->expr = $6; }
  | TYPE name '=' type
    { $$ = decl_make(parser, AST_DECL_TYPE, $2, @$); $$->type = $4; }
  | FN name '(' fn_args ')' ARROW type '=' expr
    { $$ = decl_make(parser, AST_DECL_FN, $2, @$); $$->type = $7; $$->expr = $9;
      $$->args = $4.items; $$->arg_count = $4.count; }
  | FLOW name was_name '{' steps '}'
    { $$ = decl_make(parser, AST_DECL_FLOW, $2, @$); $$->was = $3;
      $$->steps = $5.items; $$->step_count = $5.count; $$->is_broken = $5.is_broken; }
  | TEST STRING '{' test_steps '}'
    { $$ = decl_make(parser, AST_DECL_TEST, (AstName){$2->text, @2}, @$);
      $$->test_steps = $4.items; $$->test_step_count = $4.count; $$->is_broken = $4.is_broken; }
  | broken
  ;
// The name of what could not be read is kept where it was reached: other places may use it.
broken
  : CONTRACT name error { $$ = decl_broken(parser, AST_DECL_CONTRACT, $2, @$); }
  | SOURCE name error { $$ = decl_broken(parser, AST_DECL_SOURCE, $2, @$); }
  | TABLE name error { $$ = decl_broken(parser, AST_DECL_TABLE, $2, @$); }
  | SINK name error { $$ = decl_broken(parser, AST_DECL_SINK, $2, @$); }
  | PARAM name error { $$ = decl_broken(parser, AST_DECL_PARAM, $2, @$); }
  | TYPE name error { $$ = decl_broken(parser, AST_DECL_TYPE, $2, @$); }
  | FN name error { $$ = decl_broken(parser, AST_DECL_FN, $2, @$); }
  | FLOW name error { $$ = decl_broken(parser, AST_DECL_FLOW, $2, @$); }
  | error { $$ = decl_broken(parser, AST_DECL_ERROR, NO_NAME, @$); parser->is_broken = true; }
  ;
import
  : IMPORT STRING
    { $$ = decl_make(parser, AST_DECL_IMPORT, NO_NAME, @$); $$->text = *$2; }
  | IMPORT path
    { $$ = decl_make(parser, AST_DECL_IMPORT, NO_NAME, @$); $$->import = AST_IMPORT_STD;
      $$->path = names_make($2, @2); }
  | IMPORT CONTRACT STRING AS name
    { $$ = decl_make(parser, AST_DECL_IMPORT, $5, @$); $$->import = AST_IMPORT_CONTRACT;
      $$->text = *$3; }
  ;
contract_version
  : %empty { $$ = NULL; }
  | VERSION STRING { $$ = $2; }
  ;
as_contract
  : %empty { $$ = NO_NAME; }
  | ':' name { $$ = $2; }
  ;
was_name
  : %empty { $$ = NO_NAME; }
  | WAS name { $$ = $2; }
  ;
fn_args
  : %empty { $$ = (List){0}; }
  | fn_arg_list
  | fn_arg_list ','
  ;
fn_arg_list
  : name ':' type { AstFnArg arg = {$1, $3}; $$ = ONE(arg); }
  | fn_arg_list ',' name ':' type { AstFnArg arg = {$3, $5}; $$ = ADD($1, arg); }
  ;

// --- names ---
name : name_plain | mod_word | COLUMNS ;
name_plain : NAME | other_word ;
class : name_plain | COLUMNS ;
name_setting : name_plain | mod_word ;
as_name
  : %empty { $$ = NO_NAME; }
  | AS name { $$ = $2; }
  ;
path
  : name { $$ = ONE($1); }
  | path '.' name { $$ = ADD($1, $3); }
  ;
path_setting
  : name_setting { $$ = ONE($1); }
  | path_setting '.' name { $$ = ADD($1, $3); }
  ;
names : '(' name_comma ')' { $$ = $2; } ;
name_comma : name_list | name_list ',' ;
name_list
  : name { $$ = ONE($1); }
  | name_list ',' name { $$ = ADD($1, $3); }
  ;
dest
  : name { $$ = dest_named($1); }
  | STRING { $$ = dest_path($1); }
  ;

// --- columns and rules ---
columns_block : '{' lines '}' { $$ = $2; } ;
lines
  : %empty { $$ = (List){0}; }
  | line_list
  | line_list ','
  ;
line_list
  : line
  | line_list separator line { $$ = list_join(parser, $1, $3, sizeof(Line)); }
  ;
separator : SEP | ',' ;
line
  : column { Line line = {.is_column = true, .column = $1}; $$ = ONE(line); }
  | rule { Line line = {.rule = *$1}; $$ = ONE(line); }
  | error { $$ = BROKEN; }
  ;
column
  : name ':' type mods { $$ = column_make(parser, $1, $3, NULL, $4, @$); }
  | name ':' type '=' expr mods { $$ = column_make(parser, $1, $3, $5, $6, @$); }
  ;
mods
  : %empty { $$ = (List){0}; }
  | mods mod { $$ = ADD($1, *$2); }
  ;
mod
  : KEY { $$ = mod_make(parser, AST_MOD_KEY, @$); }
  | EVENT_TIME { $$ = mod_make(parser, AST_MOD_EVENT_TIME, @$); }
  | UNIQUE duration_within { $$ = mod_make(parser, AST_MOD_UNIQUE, @$); $$->duration = $2; }
  | CHECK expr else_reaction
    { $$ = mod_make(parser, AST_MOD_CHECK, @$); $$->expr = $2; $$->reaction = $3; }
  | DEFAULT constant { $$ = mod_make(parser, AST_MOD_DEFAULT, @$); $$->literal = *$2; }
  | DEFAULT '[' ']' { $$ = mod_make(parser, AST_MOD_DEFAULT, @$); $$->is_empty_list = true; }
  | PATTERN STRING { $$ = mod_text(parser, AST_MOD_PATTERN, @$, $2); }
  | UNIT STRING { $$ = mod_text(parser, AST_MOD_UNIT, @$, $2); }
  | PII { $$ = mod_make(parser, AST_MOD_PII, @$); }
  | PII class { $$ = mod_make(parser, AST_MOD_PII, @$); $$->name = $2; }
  | FROM STRING { $$ = mod_text(parser, AST_MOD_FROM, @$, $2); }
  | FROM '(' texts ')' { $$ = mod_texts(parser, AST_MOD_FROM, @$, $3); }
  | FROM '(' texts ',' ')' { $$ = mod_texts(parser, AST_MOD_FROM, @$, $3); }
  | FORMAT STRING { $$ = mod_text(parser, AST_MOD_FORMAT, @$, $2); }
  | FORMAT STRING IN STRING
    { List both = ONE(*$2); $$ = mod_texts(parser, AST_MOD_FORMAT, @$, ADD(both, *$4)); }
  | WAS STRING { $$ = mod_text(parser, AST_MOD_WAS, @$, $2); }
  | DEPRECATED { $$ = mod_make(parser, AST_MOD_DEPRECATED, @$); }
  | DEPRECATED STRING { $$ = mod_text(parser, AST_MOD_DEPRECATED, @$, $2); }
  ;
texts
  : STRING { $$ = ONE(*$1); }
  | texts ',' STRING { $$ = ADD($1, *$3); }
  ;
duration_within
  : %empty { $$ = NULL; }
  | WITHIN duration { $$ = $2; }
  ;
else_reaction
  : %empty { $$ = AST_REACTION_NONE; }
  | ELSE reaction { $$ = $2; }
  ;
reaction
  : REJECT { $$ = AST_REACTION_REJECT; }
  | DROP { $$ = AST_REACTION_DROP; }
  | WARN { $$ = AST_REACTION_WARN; }
  | FAIL { $$ = AST_REACTION_FAIL; }
  ;
rule
  : KEY names { $$ = rule_make(parser, AST_RULE_KEY, @$); $$->names = names_make($2, @2); }
  | SUBJECT names
    { $$ = rule_make(parser, AST_RULE_SUBJECT, @$); $$->names = names_make($2, @2); }
  | CHECK expr else_reaction
    { $$ = rule_make(parser, AST_RULE_CHECK, @$); $$->expr = $2; $$->reaction = $3; }
  | UNIQUE name duration_within
    { $$ = rule_make(parser, AST_RULE_UNIQUE, @$); $$->names = names_make(ONE($2), @2);
      $$->duration = $3; }
  | UNIQUE names duration_within
    { $$ = rule_make(parser, AST_RULE_UNIQUE, @$); $$->names = names_make($2, @2);
      $$->duration = $3; }
  | OWNER STRING { $$ = rule_make(parser, AST_RULE_OWNER, @$); $$->text = $2->text; }
  | FRESHNESS duration else_reaction
    { $$ = rule_make(parser, AST_RULE_FRESHNESS, @$); $$->duration = $2; $$->reaction = $3; }
  | COMPLETENESS path PERCENT else_reaction
    { $$ = rule_make(parser, AST_RULE_COMPLETENESS, @$); $$->names = names_make($2, @2);
      $$->literal = *$3; $$->reaction = $4; }
  | VOLUME AT LEAST INTEGER PER per_duration else_reaction
    { $$ = rule_make(parser, AST_RULE_VOLUME, @$); $$->literal = *$4; $$->duration = $6;
      $$->reaction = $7; }
  | CONSUMER STRING USES names
    { $$ = rule_make(parser, AST_RULE_CONSUMER, @$); $$->text = $2->text;
      $$->names = names_make($4, @4); }
  | EVOLUTION evolution transitive
    { $$ = rule_make(parser, AST_RULE_EVOLUTION, @$); $$->text = $2.text;
      $$->is_transitive = $3; }
  | EVOLUTION NONE { $$ = rule_make(parser, AST_RULE_EVOLUTION, @$); $$->text = $2.text; }
  ;
per_duration : duration | name { $$ = literal_unit(parser, $1); } ;
evolution : BACKWARD | FORWARD | FULL ;
transitive
  : %empty { $$ = false; }
  | TRANSITIVE { $$ = true; }
  ;

// --- types ---
type
  : name { $$ = type_make(parser, $1, (List){0}, false, @$); }
  | name '?' { $$ = type_make(parser, $1, (List){0}, true, @$); }
  | name '(' type_args ')' { $$ = type_make(parser, $1, $3, false, @$); }
  | name '(' type_args ')' '?' { $$ = type_make(parser, $1, $3, true, @$); }
  ;
type_args : type_arg_list | type_arg_list ',' ;
type_arg_list
  : type_arg { $$ = ONE($1); }
  | type_arg_list ',' type_arg { $$ = ADD($1, $3); }
  ;
type_arg
  : type { $$ = (AstTypeArg){.kind = AST_TYPE_ARG_TYPE, .span = @$, .type = $1}; }
  | INTEGER { $$ = (AstTypeArg){.kind = AST_TYPE_ARG_INTEGER, .span = @$, .literal = *$1}; }
  | STRING { $$ = (AstTypeArg){.kind = AST_TYPE_ARG_STRING, .span = @$, .literal = *$1}; }
  | name ':' type
    { $$ = (AstTypeArg){.kind = AST_TYPE_ARG_FIELD, .span = @$, .name = $1, .type = $3}; }
  ;

// --- literals ---
number : INTEGER | DECIMAL | FLOAT | duration | SIZE | PERCENT ;
duration : DURATION { $$ = literal_fixed(parser, $1); } ;
literal
  : number
  | STRING
  | DATE STRING { $$ = literal_date(parser, $2, @$); }
  | TIMESTAMP STRING { $$ = literal_timestamp(parser, $2, @$); }
  | word_literal
  ;
word_literal
  : NULL { $$ = literal_word(parser, AST_NULL, false, @$); }
  | TRUE { $$ = literal_word(parser, AST_BOOL, true, @$); }
  | FALSE { $$ = literal_word(parser, AST_BOOL, false, @$); }
  ;
constant
  : literal
  | '-' number { $$ = literal_negated(parser, $2, @$); }
  ;

// --- settings ---
settings : '{' setting_lines '}' { $$ = $2; } ;
setting_lines
  : %empty { $$ = (List){0}; }
  | setting_list
  | setting_list ','
  ;
setting_list
  : setting_line
  | setting_list separator setting_line
    { $$ = list_join(parser, $1, $3, sizeof(AstSetting)); }
  ;
setting_line
  : setting { AstSetting made = setting_make($1, @1); $$ = ONE(made); }
  | error { $$ = BROKEN; }
  ;
setting
  : item_first { $$ = ONE($1); }
  | setting item { $$ = ADD($1, $2); }
  ;
// No setting begins with `columns`: in a source or table that is the block of its columns.
item_first
  : path_setting
    { $$ = (AstItem){.kind = AST_ITEM_PATH, .span = @$, .path = names_make($1, @1)}; }
  | item_other
  ;
item
  : path { $$ = (AstItem){.kind = AST_ITEM_PATH, .span = @$, .path = names_make($1, @1)}; }
  | item_other
  ;
item_other
  : number { $$ = (AstItem){.kind = AST_ITEM_LITERAL, .span = @$, .literal = *$1}; }
  | STRING { $$ = (AstItem){.kind = AST_ITEM_LITERAL, .span = @$, .literal = *$1}; }
  | word_literal { $$ = (AstItem){.kind = AST_ITEM_LITERAL, .span = @$, .literal = *$1}; }
  | ON { $$ = (AstItem){.kind = AST_ITEM_ON, .span = @$}; }
  | '(' setting_comma ')' { $$ = item_group(AST_ITEM_LIST, $2, @$); }
  | settings { $$ = item_group(AST_ITEM_BLOCK, $1, @$); }
  ;
setting_comma : setting_commas | setting_commas ',' ;
setting_commas
  : setting { AstSetting made = setting_make($1, @1); $$ = ONE(made); }
  | setting_commas ',' setting { AstSetting made = setting_make($3, @3); $$ = ADD($1, made); }
  ;
entries : '{' entry_lines '}' { $$ = $2; } ;
entry_lines
  : %empty { $$ = (List){0}; }
  | entry_list
  | entry_list ','
  ;
entry_list
  : entry
  | entry_list separator entry { $$ = list_join(parser, $1, $3, sizeof(Entry)); }
  ;
entry
  : setting
    { Entry made = {.setting = setting_make($1, @1), .span = @$}; $$ = ONE(made); }
  | COLUMNS columns_block
    { Entry made = {.is_columns = true, .lines = $2, .span = @$}; $$ = ONE(made); }
  | error { $$ = BROKEN; }
  ;
// --- steps ---
steps
  : %empty { $$ = (List){0}; }
  | step_list
  ;
step_list
  : step_line { $$ = ONE(*$1); $$.is_broken = step_is_broken($1); }
  | step_list SEP step_line
    { $$ = ADD($1, *$3); $$.is_broken |= step_is_broken($3); }
  ;
step_line
  : step
  | error { $$ = STEP(ERROR, @$, @$); }
  ;
step
  : from
  | WHERE expr { $$ = STEP(WHERE, @$, @1); $$->expr = $2; }
  | DERIVE assign_list { $$ = STEP(DERIVE, @$, @1); $$->assigns = assigns_make($2, @2); }
  | DERIVE block { $$ = STEP(DERIVE, @$, @1); $$->assigns = assigns_make($2, @2); }
  | SELECT select_list { $$ = STEP(SELECT, @$, @1); $$->assigns = assigns_make($2, @2); }
  | SELECT '{' select_lines '}'
    { $$ = STEP(SELECT, @$, @1); $$->assigns = assigns_make($3, span_join(@2, @4)); }
  | DROP name_list { $$ = STEP(DROP, @$, @1); $$->names = names_make($2, @2); }
  | RENAME rename_list { $$ = STEP(RENAME, @$, @1); $$->assigns = assigns_make($2, @2); }
  | UNNEST path AS name keep_empty
    { $$ = STEP(UNNEST, @$, @1); $$->names = names_make($2, @2); $$->alias = $4; $$->keep = $5; }
  | UNION name { $$ = STEP(UNION, @$, @1); $$->dest = dest_named($2); }
  | join_kind JOIN dest as_name ON expr join_tail
    { $$ = $7; $$->span = @$; $$->keyword = @2; $$->join = $1; $$->dest = $3; $$->alias = $4;
      $$->expr = $6; }
  | DEDUP BY keys WITHIN duration keep
    { $$ = STEP(DEDUP, @$, @1); $$->has_keys = true; $$->keys = assigns_make($3, @3);
      $$->amount = $5; $$->keep = $6; }
  | DEDUP BY '*' WITHIN duration keep
    { $$ = STEP(DEDUP, @$, @1); $$->is_all_columns = true; $$->amount = $5; $$->keep = $6; }
  | WINDOW window_kind offset zone as_name
    { $$ = $2; $$->span = @$; $$->keyword = @1; $$->offset = $3.literal;
      $$->offset_is_negative = $3.is_negative; $$->zone = $4; $$->alias = $5; }
  | late
  | GROUP block { $$ = STEP(GROUP, @$, @1); $$->assigns = assigns_make($2, @2); }
  | GROUP BY keys block
    { $$ = STEP(GROUP, @$, @1); $$->has_keys = true; $$->keys = assigns_make($3, @3);
      $$->assigns = assigns_make($4, @4); }
  | EMIT ON CLOSE { $$ = STEP(EMIT, @$, @1); $$->emit = AST_EMIT_CLOSE; }
  | EMIT ON CHANGE { $$ = STEP(EMIT, @$, @1); $$->emit = AST_EMIT_CHANGE; }
  | EMIT EVERY duration
    { $$ = STEP(EMIT, @$, @1); $$->emit = AST_EMIT_EVERY; $$->amount = $3; }
  | STATE duration { $$ = STEP(STATE, @$, @1); $$->amount = $2; }
  | STATE UNBOUNDED { $$ = STEP(STATE, @$, @1); }
  | RUNNING running_by order_by block
    { $$ = STEP(RUNNING, @$, @1); $$->has_keys = $2.count > 0; $$->keys = assigns_make($2, @2);
      $$->order = exprs_make($3); $$->assigns = assigns_make($4, @4); }
  | TOP INTEGER BY expr sort_order per as_name
    { $$ = STEP(TOP, @$, @1); $$->count = *$2; $$->expr = $4; $$->is_ascending = $5;
      $$->has_keys = $6.count > 0; $$->keys = assigns_make($6, @6); $$->alias = $7; }
  | EXPECT expr else_reaction
    { $$ = STEP(EXPECT, @$, @1); $$->expr = $2; $$->reaction = $3; }
  | EXPECT name ':' expr else_reaction
    { $$ = STEP(EXPECT, @$, @1); $$->name = $2; $$->expr = $4; $$->reaction = $5; }
  | SAMPLE ratio sample_by { $$ = STEP(SAMPLE, @$, @1); $$->amount = $2; $$->expr = $3; }
  | terminal
  | ROUTE '{' routes '}'
    { $$ = STEP(ROUTE, @$, @1); $$->routes = $3.items; $$->route_count = $3.count;
      $$->is_broken = $3.is_broken; }
  ;
from
  : FROM dest { $$ = STEP(FROM, @$, @1); $$->dest = $2; }
  | FROM dest AS name { $$ = STEP(FROM, @$, @1); $$->dest = $2; $$->alias = $4; }
  | FROM dest AS OF VERSION INTEGER as_name
    { $$ = STEP(FROM, @$, @1); $$->dest = $2; $$->from = AST_FROM_VERSION; $$->from_at = *$6;
      $$->alias = $7; }
  | FROM dest AS OF TIMESTAMP STRING as_name
    { $$ = STEP(FROM, @$, @1); $$->dest = $2; $$->from = AST_FROM_TIMESTAMP;
      $$->from_at = *literal_timestamp(parser, $6, @6); $$->alias = $7; }
  | FROM CHANGES OF dest as_name
    { $$ = STEP(FROM, @$, @1); $$->dest = $4; $$->from = AST_FROM_CHANGES; $$->alias = $5; }
  ;
keep_empty
  : %empty { $$ = AST_KEEP_NONE; }
  | KEEP EMPTY { $$ = AST_KEEP_EMPTY; }
  ;
join_kind
  : %empty { $$ = AST_JOIN_INNER; }
  | LEFT { $$ = AST_JOIN_LEFT; }
  | RIGHT { $$ = AST_JOIN_RIGHT; }
  | FULL { $$ = AST_JOIN_FULL; }
  | SEMI { $$ = AST_JOIN_SEMI; }
  | ANTI { $$ = AST_JOIN_ANTI; }
  ;
join_tail
  : %empty { $$ = STEP(JOIN, @$, @$); }
  | REFRESH duration { $$ = STEP(JOIN, @$, @$); $$->refresh = $2; }
  | AS OF expr { $$ = STEP(JOIN, @$, @$); $$->as_of = $3; }
  | WITHIN bounds keep
    { $$ = STEP(JOIN, @$, @$); $$->amount = $2.from.literal;
      $$->amount_is_negative = $2.from.is_negative; $$->amount_to = $2.to.literal;
      $$->amount_to_is_negative = $2.to.is_negative; $$->keep = $3; }
  ;
bounds
  : bound { $$ = (Bounds){$1, {0}}; }
  | bound DOTS bound { $$ = (Bounds){$1, $3}; }
  ;
bound
  : duration { $$ = (Optional){$1, false}; }
  | '-' duration { $$ = (Optional){$2, true}; }
  ;
keep
  : %empty { $$ = AST_KEEP_NONE; }
  | KEEP FIRST { $$ = AST_KEEP_FIRST; }
  | KEEP LAST { $$ = AST_KEEP_LAST; }
  ;
window_kind
  : TUMBLING DURATION { $$ = WINDOW(TUMBLING, @$, $2, NULL); }
  | HOPPING duration EVERY duration { $$ = WINDOW(HOPPING, @$, $2, $4); }
  | CUMULATIVE DURATION EVERY duration { $$ = WINDOW(CUMULATIVE, @$, $2, $4); }
  | SESSION GAP duration { $$ = WINDOW(SESSION, @$, $3, NULL); }
  ;
offset
  : %empty { $$ = (Optional){0}; }
  | OFFSET bound { $$ = $2; }
  ;
zone
  : %empty { $$ = NULL; }
  | IN STRING { $$ = $2; }
  ;
late
  : LATE INTO dest { $$ = STEP(LATE, @$, @1); $$->late = AST_LATE_INTO; $$->dest = $3; }
  | LATE DROP { $$ = STEP(LATE, @$, @1); $$->late = AST_LATE_DROP; }
  | LATE DLQ { $$ = STEP(LATE, @$, @1); $$->late = AST_LATE_DLQ; }
  | LATE UPDATE duration
    { $$ = STEP(LATE, @$, @1); $$->late = AST_LATE_UPDATE; $$->amount = $3; }
  | LATE UPDATE duration INTO dest
    { $$ = STEP(LATE, @$, @1); $$->late = AST_LATE_UPDATE; $$->amount = $3; $$->dest = $5; }
  ;
running_by
  : %empty { $$ = (List){0}; }
  | BY keys { $$ = $2; }
  ;
order_by
  : %empty { $$ = (List){0}; }
  | ORDER BY exprs { $$ = $3; }
  ;
sort_order
  : %empty { $$ = false; }
  | ASC { $$ = true; }
  | DESC { $$ = false; }
  ;
per
  : %empty { $$ = (List){0}; }
  | PER keys { $$ = $2; }
  ;
ratio : PERCENT | DECIMAL ;
sample_by
  : %empty { $$ = NULL; }
  | BY expr { $$ = $2; }
  ;
terminal
  : APPEND INTO dest except
    { $$ = STEP(APPEND, @$, @1); $$->dest = $3; $$->names = names_make($4, @4); }
  | OVERWRITE dest except
    { $$ = STEP(OVERWRITE, @$, @1); $$->dest = $2; $$->names = names_make($3, @3); }
  | OVERWRITE dest except WHERE expr
    { $$ = STEP(OVERWRITE, @$, @1); $$->dest = $2; $$->names = names_make($3, @3);
      $$->expr = $5; }
  | MERGE INTO dest except
    { $$ = STEP(MERGE, @$, @1); $$->dest = $3; $$->names = names_make($4, @4); }
  | MERGE INTO dest except '{' clauses '}'
    { $$ = STEP(MERGE, @$, @1); $$->dest = $3; $$->names = names_make($4, @4);
      $$->clauses = $6.items; $$->clause_count = $6.count; $$->is_broken = $6.is_broken; }
  ;
except
  : %empty { $$ = (List){0}; }
  | EXCEPT name_list { $$ = $2; }
  ;
clauses
  : %empty { $$ = (List){0}; }
  | clause_list
  ;
clause_list
  : clause_line
  | clause_list SEP clause_line { $$ = list_join(parser, $1, $3, sizeof(AstClause)); }
  ;
clause_line
  : clause { $$ = ONE($1); }
  | error { $$ = BROKEN; }
  ;
clause
  : KEY names { $$ = (AstClause){AST_CLAUSE_KEY, @$, names_make($2, @2), {0}}; }
  | ORDER BY exprs { $$ = (AstClause){AST_CLAUSE_ORDER, @$, {0}, exprs_make($3)}; }
  | DELETE WHEN expr { $$ = (AstClause){AST_CLAUSE_DELETE, @$, {0}, exprs_one(parser, $3)}; }
  | TRUNCATE WHEN expr { $$ = (AstClause){AST_CLAUSE_TRUNCATE, @$, {0}, exprs_one(parser, $3)}; }
  ;
routes
  : route_list
  | route_list ELSE target { AstRoute made = {NULL, $3, @$}; $$ = ADD($1, made); }
  | route_list SEP ELSE target { AstRoute made = {NULL, $4, @$}; $$ = ADD($1, made); }
  ;
route_list
  : route_branch
  | route_list route_branch { $$ = list_join(parser, $1, $2, sizeof(AstRoute)); }
  | route_list SEP route_branch { $$ = list_join(parser, $1, $3, sizeof(AstRoute)); }
  ;
route_branch
  : WHEN expr THEN target { AstRoute made = {$2, $4, @$}; $$ = ONE(made); }
  | error { $$ = BROKEN; }
  ;
target
  : terminal
  | DROP { $$ = STEP(DISCARD, @$, @1); }
  ;
keys
  : key { $$ = ONE($1); }
  | keys ',' key { $$ = ADD($1, $3); }
  ;
key
  : expr { $$ = (AstAssign){.expr = $1, .span = @$}; }
  | assign
  ;
assign : name '=' expr { $$ = (AstAssign){$1, $3, @$}; } ;
assign_list
  : assign { $$ = ONE($1); }
  | assign_list ',' assign { $$ = ADD($1, $3); }
  ;
rename_list
  : rename { $$ = ONE($1); }
  | rename_list ',' rename { $$ = ADD($1, $3); }
  ;
rename : name '=' name { $$ = (AstAssign){$1, expr_name(parser, $3), @$}; } ;
block : '{' block_lines '}' { $$ = $2; } ;
block_lines
  : %empty { $$ = (List){0}; }
  | block_list
  | block_list ','
  ;
block_list
  : block_line
  | block_list separator block_line { $$ = list_join(parser, $1, $3, sizeof(AstAssign)); }
  ;
block_line
  : assign { $$ = ONE($1); }
  | error { $$ = BROKEN; }
  ;
select_list
  : select_item { $$ = ONE($1); }
  | select_list ',' select_item { $$ = ADD($1, $3); }
  ;
select_lines
  : %empty { $$ = (List){0}; }
  | select_block
  | select_block ','
  ;
select_block
  : select_line
  | select_block separator select_line { $$ = list_join(parser, $1, $3, sizeof(AstAssign)); }
  ;
select_line
  : select_item { $$ = ONE($1); }
  | error { $$ = BROKEN; }
  ;
select_item
  : path { $$ = (AstAssign){.expr = expr_path(parser, $1, @1), .span = @$}; }
  | assign
  ;

// --- tests ---
test_steps
  : %empty { $$ = (List){0}; }
  | test_step_list
  ;
test_step_list
  : test_line { $$ = ONE(*$1); $$.is_broken = $1->kind == AST_TEST_ERROR; }
  | test_step_list SEP test_line
    { $$ = ADD($1, *$3); $$.is_broken |= $3->kind == AST_TEST_ERROR; }
  ;
test_line
  : test_step
  | error { $$ = TEST_STEP(ERROR, @$); }
  ;
test_step
  : GIVEN dest rows { $$ = test_rows(TEST_STEP(GIVEN, @$), $2, (AstNames){0}, $3); }
  | GIVEN dest names rows
    { $$ = test_rows(TEST_STEP(GIVEN, @$), $2, names_make($3, @3), $4); }
  | GIVEN dest FROM STRING
    { $$ = TEST_STEP(GIVEN_FILE, @$); $$->dest = $2; $$->literal = *$4; }
  | GIVEN dest RANDOM INTEGER
    { $$ = TEST_STEP(GIVEN_RANDOM, @$); $$->dest = $2; $$->literal = *$4; }
  | GIVEN dest RANDOM INTEGER SEED INTEGER
    { $$ = TEST_STEP(GIVEN_RANDOM, @$); $$->dest = $2; $$->literal = *$4; $$->seed = *$6;
      $$->has_seed = true; }
  | ADVANCE duration { $$ = TEST_STEP(ADVANCE, @$); $$->literal = *$2; }
  | CLOSE { $$ = TEST_STEP(CLOSE, @$); }
  | CLOSE name { $$ = TEST_STEP(CLOSE, @$); $$->name = $2; }
  | RESTART { $$ = TEST_STEP(RESTART, @$); }
  | TRIGGER ONCE { $$ = TEST_STEP(TRIGGER, @$); }
  | EXPECT dest rows { $$ = test_rows(TEST_STEP(EXPECT, @$), $2, (AstNames){0}, $3); }
  | EXPECT dest names rows
    { $$ = test_rows(TEST_STEP(EXPECT, @$), $2, names_make($3, @3), $4); }
  | EXPECT dest CONTAINS rows
    { $$ = test_rows(TEST_STEP(CONTAINS, @$), $2, (AstNames){0}, $4); }
  | EXPECT dest CONTAINS names rows
    { $$ = test_rows(TEST_STEP(CONTAINS, @$), $2, names_make($4, @4), $5); }
  | EXPECT dest IS EMPTY { $$ = TEST_STEP(EMPTY, @$); $$->dest = $2; }
  ;
rows
  : '[' ']' { $$ = (List){0}; }
  | '[' row_list ']' { $$ = $2; }
  | '[' row_list ',' ']' { $$ = $2; }
  ;
row_list
  : row { $$ = ONE($1); }
  | row_list row { $$ = ADD($1, $2); }
  | row_list ',' row { $$ = ADD($1, $3); }
  ;
row
  : '{' row_lines '}' { $$ = row_fields_make(parser, $2, @$); }
  | '(' exprs ')' { $$ = (AstRow){.kind = AST_ROW_VALUES, .span = @$, .exprs = exprs_make($2)}; }
  | '(' exprs ',' ')'
    { $$ = (AstRow){.kind = AST_ROW_VALUES, .span = @$, .exprs = exprs_make($2)}; }
  | STRING { $$ = (AstRow){.kind = AST_ROW_RAW, .span = @$, .raw = *$1}; }
  ;
row_lines
  : %empty { $$ = (List){0}; }
  | row_field_list
  | row_field_list ','
  ;
row_field_list
  : row_field
  | row_field_list separator row_field { $$ = list_join(parser, $1, $3, sizeof(RowField)); }
  ;
row_field
  : path '=' expr { RowField made = {names_make($1, @1), $3}; $$ = ONE(made); }
  | error { $$ = BROKEN; }
  ;

// --- expressions ---
exprs
  : expr { $$ = ONE($1); }
  | exprs ',' expr { $$ = ADD($1, $3); }
  ;
expr
  : IF expr THEN expr ELSE expr { $$ = WITH(IF, @$, $2, $4, $6); }
  | or_expr
  | or_expr WHERE or_expr { $$ = WITH(WHERE, @$, $1, $3, NULL); }
  ;
or_expr
  : and_expr
  | or_expr OR and_expr { $$ = expr_binary(parser, AST_OP_OR, @$, $1, $3); }
  ;
and_expr
  : not_expr
  | and_expr AND not_expr { $$ = expr_binary(parser, AST_OP_AND, @$, $1, $3); }
  ;
not_expr
  : cmp_expr
  | NOT not_expr { $$ = WITH(NOT, @$, $2, NULL, NULL); }
  ;
cmp_expr
  : alt_expr
  | alt_expr compare alt_expr { $$ = expr_binary(parser, (AstOp)$2, @$, $1, $3); }
  | alt_expr IS NULL { $$ = WITH(IS_NULL, @$, $1, NULL, NULL); }
  | alt_expr IS NOT NULL { $$ = expr_negated(WITH(IS_NULL, @$, $1, NULL, NULL)); }
  | alt_expr BETWEEN alt_expr AND alt_expr { $$ = WITH(BETWEEN, @$, $1, $3, $5); }
  | alt_expr NOT BETWEEN alt_expr AND alt_expr
    { $$ = expr_negated(WITH(BETWEEN, @$, $1, $4, $6)); }
  | alt_expr IN '(' expr_comma ')' { $$ = expr_in(parser, $1, $4, @$); }
  | alt_expr NOT IN '(' expr_comma ')' { $$ = expr_negated(expr_in(parser, $1, $5, @$)); }
  | alt_expr LIKE alt_expr { $$ = WITH(LIKE, @$, $1, $3, NULL); }
  | alt_expr NOT LIKE alt_expr { $$ = expr_negated(WITH(LIKE, @$, $1, $4, NULL)); }
  | alt_expr MATCHES alt_expr { $$ = WITH(MATCHES, @$, $1, $3, NULL); }
  | alt_expr NOT MATCHES alt_expr { $$ = expr_negated(WITH(MATCHES, @$, $1, $4, NULL)); }
  ;
compare
  : EQ { $$ = AST_OP_EQ; }
  | NE { $$ = AST_OP_NE; }
  | '<' { $$ = AST_OP_LT; }
  | LE { $$ = AST_OP_LE; }
  | '>' { $$ = AST_OP_GT; }
  | GE { $$ = AST_OP_GE; }
  ;
alt_expr
  : sum_expr
  | sum_expr COALESCE alt_expr { $$ = expr_binary(parser, AST_OP_COALESCE, @$, $1, $3); }
  ;
sum_expr
  : prod_expr
  | sum_expr '+' prod_expr { $$ = expr_binary(parser, AST_OP_ADD, @$, $1, $3); }
  | sum_expr '-' prod_expr { $$ = expr_binary(parser, AST_OP_SUB, @$, $1, $3); }
  ;
prod_expr
  : unary_expr
  | prod_expr '*' unary_expr { $$ = expr_binary(parser, AST_OP_MUL, @$, $1, $3); }
  | prod_expr '/' unary_expr { $$ = expr_binary(parser, AST_OP_DIV, @$, $1, $3); }
  | prod_expr '%' unary_expr { $$ = expr_binary(parser, AST_OP_MOD, @$, $1, $3); }
  ;
unary_expr
  : postfix
  | '-' unary_expr { $$ = WITH(NEGATE, @$, $2, NULL, NULL); }
  ;
postfix
  : primary
  | postfix '.' name { $$ = expr_field(parser, $1, $3, @$); }
  | postfix '[' expr ']' { $$ = WITH(INDEX, @$, $1, $3, NULL); }
  ;
primary
  : name { $$ = expr_name(parser, $1); }
  | name '(' args ')' { $$ = expr_call(parser, $1, $3, @$); }
  | literal { $$ = expr_literal(parser, $1); }
  | '(' expr ')' { $$ = $2; }
  | '[' ']' { $$ = expr_list(parser, (List){0}, @$); }
  | '[' expr_comma ']' { $$ = expr_list(parser, $2, @$); }
  | block { $$ = expr_struct(parser, $1, @$); }
  | CAST '(' expr AS type ')' { $$ = expr_cast(parser, AST_EXPR_CAST, $3, $5, @$); }
  | TRY_CAST '(' expr AS type ')' { $$ = expr_cast(parser, AST_EXPR_TRY_CAST, $3, $5, @$); }
  | CASE whens END { $$ = expr_case(parser, $2, NULL, @$); }
  | CASE whens ELSE expr END { $$ = expr_case(parser, $2, $4, @$); }
  ;
expr_comma : exprs | exprs ',' ;
whens
  : WHEN expr THEN expr { List pair = ONE($2); $$ = ADD(pair, $4); }
  | whens WHEN expr THEN expr { List more = ADD($1, $3); $$ = ADD(more, $5); }
  ;
args
  : %empty { $$ = (List){0}; }
  | arg_list
  | arg_list ','
  ;
arg_list
  : arg { $$ = ONE($1); }
  | arg_list ',' arg { $$ = ADD($1, $3); }
  ;
arg
  : expr
  | name ARROW expr { $$ = expr_lambda(parser, ONE($1), $3, @$); }
  | '(' name ',' name_comma ')' ARROW expr
    { $$ = expr_lambda(parser, list_join(parser, ONE($2), $4, sizeof(AstName)), $7, @$); }
  ;

// Words with a meaning elsewhere, which are names here. `pii` may be followed by a name that begins no
// mod, a setting begins with one that is not `columns`; therefore three sets.
mod_word
  : KEY | EVENT_TIME | UNIQUE | CHECK | DEFAULT | PATTERN | UNIT | PII | FROM | FORMAT | WAS
  | DEPRECATED
  ;
other_word
  : ADVANCE | ANTI | APPEND | ASC | AT | BACKWARD | CHANGE | CHANGES | CLOSE | COMPLETENESS
  | CONSUMER | CONTAINS | CONTRACT | CUMULATIVE | DATE | DEDUP | DELETE | DERIVE | DESC | DLQ
  | DROP | EMIT | EMPTY | EVERY | EVOLUTION | EXCEPT | EXPECT | FAIL | FIRST | FLOW | FN
  | FORWARD | FRESHNESS | FULL | GAP | GIVEN | GROUP | HOPPING | IMPORT | INTO | JOIN | KEEP
  | LAST | LATE | LEAST | LEFT | MERGE | NONE | OF | OFFSET | ORDER | OVERWRITE | OWNER | PARAM
  | PER | PIPELINE | RANDOM | REFRESH | REJECT | RENAME | RESTART | RIGHT | ROUTE | RUNNING
  | SAMPLE | SEED | SELECT | SEMI | SESSION | SINK | SOURCE | STATE | SUBJECT | TABLE | TEST
  | TIMESTAMP | TOP | TRANSITIVE | TRIGGER | TRUNCATE | TUMBLING | TYPE | UNBOUNDED | UNION
  | UNNEST | UPDATE | USES | VERSION | VOLUME | WARN | WHERE | WINDOW | ONCE
  ;

%%

static void flow_error(const Span *span, Parser *parser, const char *text) {
    (void)text; // only memory exhaustion comes this way; mistakes go through the function below
    diag_add(parser->diags, DIAG_E063, *span, "this is nested too deeply");
    parser->is_stopped = true;
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *parser) {
    yysymbol_kind_t expected[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, expected, YYNTOKENS);
    bool is_expected[YYNTOKENS] = {0};
    for (int i = 0; i < count; i++) {
        is_expected[expected[i]] = true;
    }
    Mistake mistake = {.span = *yypcontext_location(context), .found = yypcontext_token(context)};
    mistake.is_expected = is_expected;
    mistake.symbol_count = YYNTOKENS;
    message_syntax(parser, &mistake);
    return 0;
}

void grammar_forgive(void *state) {
    ((flow_pstate *)state)->yyerrstatus = 0;
}

const char *grammar_symbol_name(int symbol) {
    return yysymbol_name((yysymbol_kind_t)symbol);
}

int grammar_symbol_of(int token) {
    return YYTRANSLATE(token);
}
