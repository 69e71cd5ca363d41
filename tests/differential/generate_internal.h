// What the two halves of the generator share: kinds, the random state, output in two languages.
#ifndef FLOW_GENERATE_INTERNAL_H
#define FLOW_GENERATE_INTERNAL_H

#include "generate.h"

typedef struct Sort { // a type of the generator: kind, and digits of a decimal
    FlowKind kind;
    int precision;
    int scale;
} Sort;

#define COLUMNS_MAX 24

typedef struct Column {
    char name[16];
    Sort sort;
    bool is_nullable;
} Column;

typedef struct NestedColumn { // a list of the sort, or a struct of two of them
    char name[16];
    bool is_list;
    Sort sort;
    bool is_nullable;
    bool has_nulls; // in its elements or fields
} NestedColumn;

#define NESTED_COLUMNS_MAX 2

typedef struct Written { // an expression that may be written again
    Sort sort;
    int depth;
    Buffer flow;
    Buffer sql;
} Written;

#define WRITTEN_MAX 12

typedef struct Gen {
    uint64_t state;
    bool has_sql;
    Buffer *flow; // the expression under construction, in both languages
    Buffer *sql;
    Column columns[COLUMNS_MAX]; // in scope
    uint32_t column_count;
    NestedColumn nested[NESTED_COLUMNS_MAX];
    uint32_t nested_count;
    Written written[WRITTEN_MAX];
    uint32_t written_count; // in all; the last ones are there
    uint32_t lambda_count;  // around the expression under construction
    bool has_ties;          // several rows may have one id
    bool has_others;        // the second source is read
    bool has_side;          // rows go to lake/side, too
} Gen;

typedef struct Steps {
    Buffer flow;
    Buffer sql; // a chain of common table expressions, each reading the one before
    uint32_t sql_count;
    Buffer flows; // that this one reads
} Steps;

uint32_t pick(Gen *g, uint32_t count); // 0 .. count-1
bool chance(Gen *g, uint32_t percent);
Sort sort_random(Gen *g);
bool sort_equal(Sort a, Sort b);
const char *sort_text(Sort sort, char text[32]);
const char *sort_sql(Sort sort, char text[32]);
const char *value_random(Gen *g, Sort sort); // as JSON
void nested_columns_make(Gen *g);
void nested_columns_declare(const Gen *g, Buffer *program);
void nested_columns_declare_sql(const Gen *g, Buffer *sql);
void nested_row(Gen *g, Buffer *row);
// Writes an expression of this sort to g->flow and g->sql.
void expression(Gen *g, Sort sort, int depth);
void nested_expression(Gen *g, Sort sort, int depth); // by way of a list, struct or lambda
// What was written before reads columns that are not there any more.
void written_forget(Gen *g);
// generate_step.c, generate_state.c: a step at the end of the flow
void sql_step(Steps *steps, const char *select, const char *rest);
void column_add(Gen *g, const char *name, Sort sort);
void where_step(Gen *g, Steps *steps);
void row_step(Gen *g, Steps *steps, uint32_t number); // one of those that go row by row
void union_step(Gen *g, Steps *steps);
void state_steps(Gen *g, Steps *steps); // none, one or several of those that keep rows
void terminal_step(Gen *g, Steps *steps);
void both(Gen *g, const char *text);
void each(Gen *g, const char *flow, const char *sql);

#endif
