// Steps that go row by row: filters, columns, checks, joins, lists taken apart, unions, routes.
#include "generate_internal.h"

void sql_step(Steps *steps, const char *select, const char *rest) {
    buffer_format(&steps->sql,
                  ", s%u AS (SELECT %s FROM s%u%s)",
                  steps->sql_count + 1,
                  select,
                  steps->sql_count,
                  rest);
    steps->sql_count++;
}

// Later steps may read it; whether it can be null is the checker's business.
void column_add(Gen *g, const char *name, Sort sort) {
    Column *column = &g->columns[g->column_count];
    if (g->column_count + 1 < COLUMNS_MAX) {
        snprintf(column->name, sizeof(column->name), "%s", name);
        column->sort = sort;
        column->is_nullable = true;
        g->column_count++;
    }
}

// --- conditions and columns -------------------------------------------------------------------
void where_step(Gen *g, Steps *steps) {
    Buffer flow = {0};
    Buffer sql = {0};
    g->flow = &flow;
    g->sql = &sql;
    buffer_text(&sql, " WHERE ");
    expression(g, (Sort){FLOW_BOOL, 0, 0}, 3);
    buffer_format(&steps->flow, "  where %s\n", buffer_cstring(&flow));
    sql_step(steps, "*", buffer_cstring(&sql));
    buffer_free(&flow);
    buffer_free(&sql);
}

static void derive_step(Gen *g, Steps *steps, uint32_t number) {
    Buffer flow = {0};
    Buffer sql = {0};
    char name[16];
    snprintf(name, sizeof(name), "d%u", number);
    Sort sort = sort_random(g);
    g->flow = &flow;
    g->sql = &sql;
    buffer_text(&sql, "*, ");
    expression(g, sort, 3);
    buffer_format(&sql, " AS %s", name);
    buffer_format(&steps->flow, "  derive %s = %s\n", name, buffer_cstring(&flow));
    sql_step(steps, buffer_cstring(&sql), "");
    column_add(g, name, sort);
    buffer_free(&flow);
    buffer_free(&sql);
}

static void expect_step(Gen *g, Steps *steps) {
    static const char *const reactions[] = {"reject", "drop", "warn"};
    Buffer flow = {0};
    Buffer sql = {0};
    g->flow = &flow;
    g->sql = &sql;
    expression(g, (Sort){FLOW_BOOL, 0, 0}, 2);
    if (chance(g, 20)) { // about all records
        buffer_format(&steps->flow, "  expect count_if(%s) > 2 else warn\n", buffer_cstring(&flow));
    } else {
        buffer_format(&steps->flow,
                      "  expect %s else %s\n",
                      buffer_cstring(&flow),
                      reactions[pick(g, COUNT_OF(reactions))]);
    }
    buffer_free(&flow);
    buffer_free(&sql);
}

static void sample_step(Gen *g, Steps *steps) {
    const Column *column = &g->columns[pick(g, g->column_count)];
    if (chance(g, 50)) {
        buffer_format(&steps->flow, "  sample 0.7 by %s\n", column->name);
    } else {
        buffer_text(&steps->flow, "  sample 60 percent\n");
    }
}

// --- joins ------------------------------------------------------------------------------------
// The source is looked up while it is read: a semi or anti join with some of its own rows.
static void self_join_step(Gen *g, Steps *steps) {
    uint32_t bound = pick(g, 60);
    bool is_semi = chance(g, 50);
    buffer_format(&steps->flow,
                  "  %s join rows as other on id == other.id and other.id > %u\n",
                  is_semi ? "semi" : "anti",
                  bound);
    char rest[128];
    snprintf(rest,
             sizeof(rest),
             " WHERE id %s (SELECT id FROM s0 WHERE id > %u)",
             is_semi ? "IN" : "NOT IN",
             bound);
    sql_step(steps, "*", rest);
}

// The rest of `on`, behind the equality: about their rows, about pairs, or none.
typedef struct Pair {
    const char *flow, *sql;
} Pair;

static Pair pair_condition(Gen *g) {
    static const Pair rests[] = {
        {"", ""},
        {" and o.n > 1", " AND o.n > 1"},
        {" and o.n * 3 < id", " AND o.n * 3 < s.id"},
        {" and (o.n * 4 > id or o.kind is not null)",
         " AND (o.n * 4 > s.id OR o.kind IS NOT NULL)"},
    };
    return rests[pick(g, COUNT_OF(rests))];
}

static void exists_join_step(Gen *g, Steps *steps) {
    bool is_semi = chance(g, 50);
    Pair rest = pair_condition(g);
    char sql[160];
    buffer_format(&steps->flow,
                  "  %s join others as o on id == o.id%s\n",
                  is_semi ? "semi" : "anti",
                  rest.flow);
    snprintf(sql,
             sizeof(sql),
             " s WHERE %s (SELECT 1 FROM others o WHERE s.id = o.id%s)",
             is_semi ? "EXISTS" : "NOT EXISTS",
             rest.sql);
    sql_step(steps, "*", sql);
}

static void pair_join_step(Gen *g, Steps *steps, uint32_t number) {
    bool is_left = chance(g, 50);
    Pair rest = pair_condition(g);
    char sql[160];
    char select[80];
    char name[16];
    buffer_format(&steps->flow,
                  "  %sjoin others as o on id == o.id%s\n  derive j%u = o.kind, m%u = o.n\n",
                  is_left ? "left " : "",
                  rest.flow,
                  number,
                  number);
    snprintf(select, sizeof(select), "s.*, o.kind AS j%u, o.n AS m%u", number, number);
    snprintf(sql,
             sizeof(sql),
             " s %s JOIN others o ON s.id = o.id%s",
             is_left ? "LEFT" : "INNER",
             rest.sql);
    sql_step(steps, select, sql);
    snprintf(name, sizeof(name), "j%u", number);
    column_add(g, name, (Sort){FLOW_STRING, 0, 0});
    snprintf(name, sizeof(name), "m%u", number);
    column_add(g, name, (Sort){FLOW_INT64, 0, 0});
    g->has_ties = true;
}

// Rows that are near to each other in event time.
static void near_join_step(Gen *g, Steps *steps, uint32_t number) {
    static const char *const flow_kinds[] = {"", "left ", "semi ", "anti "};
    static const char *const exists[] = {"EXISTS", "NOT EXISTS"};
    uint32_t kind = pick(g, COUNT_OF(flow_kinds));
    int from = (int)pick(g, 40) - 30;
    int to = from + (int)pick(g, 60);
    Pair rest = pair_condition(g);
    char on[200];
    char select[80] = "*";
    char sql[320];
    char name[16];
    buffer_format(&steps->flow,
                  "  %sjoin others as o on id == o.id%s within %d minutes .. %d minutes\n",
                  flow_kinds[kind],
                  rest.flow,
                  from,
                  to);
    snprintf(on,
             sizeof(on),
             "s.id = o.id%s AND o.seen - s.ts BETWEEN to_minutes(%d) AND to_minutes(%d)",
             rest.sql,
             from,
             to);
    if (kind > 1) {
        snprintf(sql,
                 sizeof(sql),
                 " s WHERE %s (SELECT 1 FROM others o WHERE %s)",
                 exists[kind - 2],
                 on);
    } else {
        buffer_format(&steps->flow, "  derive w%u = o.n\n", number);
        snprintf(select, sizeof(select), "s.*, o.n AS w%u", number);
        snprintf(sql, sizeof(sql), " s %s JOIN others o ON %s", kind == 1 ? "LEFT" : "", on);
        g->has_ties = true;
    }
    sql_step(steps, select, sql);
    if (kind < 2) {
        snprintf(name, sizeof(name), "w%u", number);
        column_add(g, name, (Sort){FLOW_INT64, 0, 0});
    }
}

static void join_step(Gen *g, Steps *steps, uint32_t number) {
    uint32_t which = pick(g, 6);
    if (which == 0) {
        self_join_step(g, steps);
        return;
    }
    g->has_others = true;
    if (which > 3) {
        near_join_step(g, steps, number);
    } else if (which == 1) {
        exists_join_step(g, steps);
    } else {
        pair_join_step(g, steps, number);
    }
}

// --- lists ------------------------------------------------------------------------------------
static void unnest_step(Gen *g, Steps *steps, uint32_t number) {
    const NestedColumn *column = &g->nested[pick(g, g->nested_count)];
    if (!column->is_list) {
        where_step(g, steps);
        return;
    }
    char name[16];
    char select[64];
    bool keeps_empty = chance(g, 40);
    snprintf(name, sizeof(name), "u%u", number);
    buffer_format(&steps->flow,
                  "  unnest %s as %s%s\n",
                  column->name,
                  name,
                  keeps_empty ? " keep empty" : "");
    // Empty lists and nulls give no row in SQL either; a list of one null does.
    char list[96];
    snprintf(list,
             sizeof(list),
             "CASE WHEN coalesce(len(%s), 0) = 0 THEN [NULL] ELSE %s END",
             column->name,
             column->name);
    snprintf(select, sizeof(select), "*, unnest(%s) AS %s", column->name, name);
    char kept[160];
    snprintf(kept, sizeof(kept), "*, unnest(%s) AS %s", list, name);
    sql_step(steps, keeps_empty ? kept : select, "");
    column_add(g, name, column->sort);
    g->has_ties = true;
}

void row_step(Gen *g, Steps *steps, uint32_t number) {
    uint32_t turn = pick(g, 100);
    if (turn < 40) {
        where_step(g, steps);
    } else if (turn < 50) {
        join_step(g, steps, number);
    } else if (turn < 58 && g->nested_count > 0) {
        unnest_step(g, steps, number);
    } else if (turn < 68 && !g->has_sql) {
        expect_step(g, steps);
    } else if (turn < 71 && !g->has_sql) {
        sample_step(g, steps);
    } else {
        derive_step(g, steps, number);
    }
}

// --- flows together ---------------------------------------------------------------------------
// Another flow reads the source, too, changes a column of it, and its rows come along.
void union_step(Gen *g, Steps *steps) {
    Buffer condition = {0};
    Buffer value = {0};
    Buffer sql_condition = {0};
    Buffer sql_value = {0};
    const Column *column = &g->columns[1 + pick(g, g->column_count - 1)];
    const char *name = column->name;
    g->flow = &condition;
    g->sql = &sql_condition;
    expression(g, (Sort){FLOW_BOOL, 0, 0}, 2);
    g->flow = &value;
    g->sql = &sql_value;
    expression(g, column->sort, 1);
    bool changes = chance(g, 50) && strcmp(name, "ts") != 0;
    buffer_text(&steps->flows, "flow more_rows {\n  from rows\n");
    if (changes) {
        buffer_format(&steps->flows, "  derive %s = %s\n", name, buffer_cstring(&value));
    }
    buffer_format(&steps->flows, "  where %s\n}\n\n", buffer_cstring(&condition));
    buffer_text(&steps->flow, "  union more_rows\n");
    Buffer all = {0};
    buffer_format(&all,
                  " UNION ALL BY NAME (SELECT * FROM (SELECT * %s%s%s%s%s FROM s%u) WHERE %s)",
                  changes ? "REPLACE (" : "",
                  changes ? buffer_cstring(&sql_value) : "",
                  changes ? " AS " : "",
                  changes ? name : "",
                  changes ? ")" : "",
                  steps->sql_count,
                  buffer_cstring(&sql_condition));
    sql_step(steps, "*", buffer_cstring(&all));
    g->has_ties = true;
    buffer_free(&all);
    buffer_free(&condition);
    buffer_free(&value);
    buffer_free(&sql_condition);
    buffer_free(&sql_value);
}

static void route(Gen *g, Steps *steps) {
    Buffer rest = {0};
    buffer_text(&rest, " WHERE true");
    buffer_text(&steps->flow, "  route {\n");
    uint32_t count = 1 + pick(g, 2);
    for (uint32_t i = 0; i < count; i++) {
        Buffer flow = {0};
        Buffer sql = {0};
        g->flow = &flow;
        g->sql = &sql;
        expression(g, (Sort){FLOW_BOOL, 0, 0}, 2);
        bool is_side = !g->has_side && chance(g, 50);
        g->has_side |= is_side;
        buffer_format(&steps->flow,
                      "    when %s then %s\n",
                      buffer_cstring(&flow),
                      is_side ? "append into \"lake/side\"" : "drop");
        buffer_format(&rest, " AND NOT coalesce(%s, false)", buffer_cstring(&sql));
        buffer_free(&flow);
        buffer_free(&sql);
    }
    buffer_text(&steps->flow, "    else append into stdout\n  }\n");
    sql_step(steps, "*", buffer_cstring(&rest));
    buffer_free(&rest);
}

void terminal_step(Gen *g, Steps *steps) {
    if (chance(g, 15)) {
        route(g, steps);
    } else {
        buffer_text(&steps->flow, "  append into stdout\n");
    }
}
