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

typedef struct Gen {
    uint64_t state;
    bool has_sql;
    Buffer *flow; // the expression under construction, in both languages
    Buffer *sql;
    Column columns[COLUMNS_MAX]; // in scope
    uint32_t column_count;
    NestedColumn nested[NESTED_COLUMNS_MAX];
    uint32_t nested_count;
} Gen;

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
void both(Gen *g, const char *text);
void each(Gen *g, const char *flow, const char *sql);

#endif
