// Lists, structs and lambdas that are built and taken apart inside an expression: what comes out is
// a single value again, so that every production can use them.
#include "generate_internal.h"

enum { ELEMENTS_MAX = 3 };

// --- columns ----------------------------------------------------------------------------------
void nested_columns_make(Gen *g) {
    g->nested_count = pick(g, NESTED_COLUMNS_MAX + 1);
    for (uint32_t i = 0; i < g->nested_count; i++) {
        NestedColumn *column = &g->nested[i];
        snprintf(column->name, sizeof(column->name), "n%u", i);
        column->is_list = chance(g, 60);
        column->sort = sort_random(g);
        column->is_nullable = chance(g, 50);
        column->has_nulls = chance(g, 50);
    }
}

void nested_columns_declare(const Gen *g, Buffer *program) {
    char type[32];
    for (uint32_t i = 0; i < g->nested_count; i++) {
        const NestedColumn *column = &g->nested[i];
        const char *item = sort_text(column->sort, type);
        const char *null = column->has_nulls ? "?" : "";
        buffer_format(program, "    %s: ", column->name);
        if (column->is_list) {
            buffer_format(program, "list(%s%s)", item, null);
        } else {
            buffer_format(program, "struct(a: %s%s, b: %s%s)", item, null, item, null);
        }
        buffer_text(program, column->is_nullable ? "?\n" : "\n");
    }
}

void nested_columns_declare_sql(const Gen *g, Buffer *sql) {
    char type[32];
    for (uint32_t i = 0; i < g->nested_count; i++) {
        const NestedColumn *column = &g->nested[i];
        bool is_decimal = column->sort.kind == FLOW_DECIMAL;
        const char *item = is_decimal ? "DECIMAL(9,2)" : sort_sql(column->sort, type);
        if (column->is_list) {
            buffer_format(sql, ", %s: '%s[]'", column->name, item);
        } else {
            buffer_format(sql, ", %s: 'STRUCT(a %s, b %s)'", column->name, item, item);
        }
    }
}

static void item_value(Gen *g, const NestedColumn *column, Buffer *row) {
    bool is_null = column->has_nulls && chance(g, 20);
    buffer_text(row, is_null ? "null" : value_random(g, column->sort));
}

void nested_row(Gen *g, Buffer *row) {
    for (uint32_t i = 0; i < g->nested_count; i++) {
        const NestedColumn *column = &g->nested[i];
        buffer_format(row, ",\"%s\":", column->name);
        uint32_t count = column->is_list ? pick(g, ELEMENTS_MAX + 1) : 2;
        if (column->is_nullable && chance(g, 20)) {
            buffer_text(row, "null");
            continue;
        }
        buffer_char(row, column->is_list ? '[' : '{');
        for (uint32_t item = 0; item < count; item++) {
            buffer_text(row, item == 0 ? "" : ",");
            buffer_text(row, column->is_list ? "" : item == 0 ? "\"a\":" : "\"b\":");
            item_value(g, column, row);
        }
        buffer_char(row, column->is_list ? ']' : '}');
    }
}

// --- in both languages ------------------------------------------------------------------------
static const NestedColumn *column_with(Gen *g, Sort sort, bool is_list) {
    for (uint32_t i = 0; i < g->nested_count; i++) {
        const NestedColumn *column = &g->nested[i];
        if (column->is_list == is_list && sort_equal(column->sort, sort) && chance(g, 70)) {
            return column;
        }
    }
    return NULL;
}

static void list_of(Gen *g, Sort sort, int depth) {
    const NestedColumn *column = column_with(g, sort, true);
    if (column != NULL) {
        both(g, column->name);
        return;
    }
    uint32_t count = 1 + pick(g, ELEMENTS_MAX);
    both(g, "[");
    for (uint32_t i = 0; i < count; i++) {
        both(g, i == 0 ? "" : ", ");
        expression(g, sort, depth);
    }
    both(g, "]");
}

// One place lies behind every list. SQL counts from 1.
static void place(Gen *g) {
    uint32_t index = pick(g, ELEMENTS_MAX + 1);
    buffer_format(g->flow, "[%u]", index);
    buffer_format(g->sql, "[%u]", index + 1);
}

static void element(Gen *g, Sort sort, int depth) {
    both(g, "(");
    list_of(g, sort, depth);
    both(g, ")");
    place(g);
}

static void field(Gen *g, Sort sort, int depth) {
    const NestedColumn *column = column_with(g, sort, false);
    if (column != NULL) {
        both(g, column->name);
        both(g, chance(g, 50) ? ".a" : ".b");
        return;
    }
    Sort other = sort_random(g);
    bool is_first = chance(g, 50);
    each(g, "({ a = ", "({'a': ");
    expression(g, is_first ? sort : other, depth);
    each(g, ", b = ", ", 'b': ");
    expression(g, is_first ? other : sort, depth);
    both(g, is_first ? "}).a" : "}).b");
}

// The parameter is one more column of the body.
static void lambda_body(Gen *g, Sort from, Sort to, int depth) {
    Column *parameter = &g->columns[g->column_count];
    char name[sizeof(parameter->name)];
    snprintf(name, sizeof(name), "x%u", g->column_count);
    memcpy(parameter->name, name, sizeof(name));
    parameter->sort = from;
    buffer_format(g->flow, "%s -> ", name);
    buffer_format(g->sql, "lambda %s: ", name);
    g->column_count++;
    g->lambda_count++;
    expression(g, to, depth);
    g->lambda_count--;
    g->column_count--;
}

static void mapped(Gen *g, Sort sort, int depth) {
    Sort from = sort_random(g);
    each(g, "map(", "list_transform(");
    list_of(g, from, depth);
    both(g, ", ");
    lambda_body(g, from, sort, depth);
    both(g, ")");
    place(g);
}

// --- in Flow alone ----------------------------------------------------------------------------
static void list_comparison(Gen *g, int depth) {
    static const char *const ops[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
    Sort sort = sort_random(g);
    both(g, "(");
    list_of(g, sort, depth);
    both(g, ops[pick(g, COUNT_OF(ops))]);
    list_of(g, sort, depth);
    both(g, ")");
}

static void struct_membership(Gen *g, int depth) {
    Sort sort = sort_random(g);
    uint32_t count = 2 + pick(g, 2);
    for (uint32_t i = 0; i < count; i++) {
        both(g, i == 0 ? "(" : i == 1 ? " in (" : ", ");
        both(g, "{ a = ");
        expression(g, sort, depth);
        both(g, " }");
    }
    both(g, "))");
}

static void json_text(Gen *g, int depth) {
    both(g, "cast(");
    if (chance(g, 50)) {
        list_of(g, sort_random(g), depth);
    } else {
        both(g, "{ a = ");
        list_of(g, sort_random(g), depth);
        both(g, ", b = { c = ");
        expression(g, sort_random(g), depth);
        both(g, " } }");
    }
    both(g, " as string)");
}

void nested_expression(Gen *g, Sort sort, int depth) {
    bool has_room = g->column_count + 2 < COLUMNS_MAX;
    if (!g->has_sql && sort.kind == FLOW_BOOL && chance(g, 50)) {
        if (chance(g, 50)) {
            list_comparison(g, depth);
        } else {
            struct_membership(g, depth);
        }
    } else if (!g->has_sql && sort.kind == FLOW_STRING && chance(g, 30)) {
        json_text(g, depth);
    } else if (has_room && chance(g, 40)) {
        mapped(g, sort, depth);
    } else if (chance(g, 50)) {
        field(g, sort, depth);
    } else {
        element(g, sort, depth);
    }
}
