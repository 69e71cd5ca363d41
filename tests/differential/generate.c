// Contracts, rows and steps of random programs.
#include "generate_internal.h"

uint32_t pick(Gen *g, uint32_t count) {
    g->state ^= g->state << 13;
    g->state ^= g->state >> 7;
    g->state ^= g->state << 17;
    return (uint32_t)((g->state >> 16) % count);
}

bool chance(Gen *g, uint32_t percent) {
    return pick(g, 100) < percent;
}

// --- types
// ----------------------------------------------------------------------------------------
Sort sort_random(Gen *g) {
    static const Sort sorts[] = {
        {FLOW_INT64, 0, 0},
        {FLOW_STRING, 0, 0},
        {FLOW_BOOL, 0, 0},
        {FLOW_DECIMAL, 9, 2},
        {FLOW_TIMESTAMP, 0, 0},
        {FLOW_DATE, 0, 0},
        {FLOW_INT32, 0, 0},
        {FLOW_DECIMAL, 38, 6},
        {FLOW_FLOAT64, 0, 0},
        {FLOW_DURATION, 0, 0},
        {FLOW_INT8, 0, 0},
        {FLOW_INT16, 0, 0},
        {FLOW_FLOAT32, 0, 0},
    };
    return sorts[pick(g, g->has_sql ? 6 : COUNT_OF(sorts))];
}

bool sort_equal(Sort a, Sort b) {
    return a.kind == b.kind && a.precision == b.precision && a.scale == b.scale;
}

const char *sort_text(Sort sort, char text[32]) {
    static const char *const names[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    if (sort.kind == FLOW_DECIMAL) {
        snprintf(text, 32, "decimal(%d, %d)", sort.precision, sort.scale);
    } else {
        snprintf(text, 32, "%s", names[sort.kind]);
    }
    return text;
}

const char *sort_sql(Sort sort, char text[32]) {
    switch (sort.kind) {
    case FLOW_INT64:
        return "BIGINT";
    case FLOW_STRING:
        return "VARCHAR";
    case FLOW_BOOL:
        return "BOOLEAN";
    case FLOW_TIMESTAMP:
        return "TIMESTAMPTZ";
    case FLOW_DATE:
        return "DATE";
    case FLOW_FLOAT64:
        return "DOUBLE";
    default:
        return sort_text(sort, text);
    }
}

// --- rows
// -----------------------------------------------------------------------------------------
static const char *const values_safe[FLOW_KIND_COUNT][8] = {
    [FLOW_BOOL] = {"true", "false", "true", "false", "true", "false", "true", "false"},
    [FLOW_INT64] = {"0", "1", "-1", "2", "3", "10", "-7", "5"},
    [FLOW_STRING] = {"\"\"",
                     "\"a\"",
                     "\"ab\"",
                     "\"abc\"",
                     "\"Zebra\"",
                     "\"\u00fcn\u00ef\"",
                     "\"a longer text than twelve\"",
                     "\"b\""},
    [FLOW_DECIMAL] = {"0", "1.5", "-1.5", "99.99", "0.01", "-0.01", "1000", "2.5"},
    [FLOW_TIMESTAMP] = {"\"1970-01-01T00:00:00Z\"",
                        "\"2026-02-28T23:59:59.5Z\"",
                        "\"2026-03-01T00:00:00Z\"",
                        "\"1969-07-20T20:17:40Z\"",
                        "\"2026-02-28T23:00:00+02:00\"",
                        "\"2000-01-01T00:00:00Z\"",
                        "\"2026-02-28T00:00:00.000001Z\"",
                        "\"1999-12-31T23:59:59Z\""},
    [FLOW_DATE] = {"\"1970-01-01\"",
                   "\"2026-02-28\"",
                   "\"1999-12-31\"",
                   "\"2000-02-29\"",
                   "\"1969-12-31\"",
                   "\"2026-01-01\"",
                   "\"1900-03-01\"",
                   "\"2100-01-01\""},
};

static const char *const values_wild[FLOW_KIND_COUNT][8] = {
    [FLOW_BOOL] = {"true", "false", "true", "false", "true", "1", "\"true\"", "false"},
    [FLOW_INT8] = {"0", "1", "-1", "127", "-128", "128", "7.0", "64"},
    [FLOW_INT16] = {"0", "1", "-1", "32767", "-32768", "32768", "300", "2e2"},
    [FLOW_INT32] = {"0", "1", "-1", "2147483647", "-2147483648", "2147483648", "65536", "46341"},
    [FLOW_INT64] = {"0",
                    "1",
                    "-1",
                    "9223372036854775807",
                    "-9223372036854775808",
                    "9223372036854775808",
                    "3037000500",
                    "10"},
    [FLOW_FLOAT32] = {"0", "1.5", "-0.0", "3.4028235e38", "1e-45", "\"NaN\"", "16777217", "0.1"},
    [FLOW_FLOAT64] =
        {"0", "1.5", "-0.0", "1.7976931348623157e308", "5e-324", "\"NaN\"", "\"-Infinity\"", "0.1"},
    [FLOW_DECIMAL] =
        {"0", "1.5", "-1.5", "9999999.99", "\"-9999999.99\"", "0.01", "1.005", "10000000"},
    [FLOW_STRING] = {"\"\"",
                     "\"a\"",
                     "\"12\"",
                     "\"-128\"",
                     "\"Zebra\"",
                     "\"\\ud83d\\ude00 \\\"q\\\"\"",
                     "\"a longer text than twelve\"",
                     "\"\\ud83d\""},
    [FLOW_DATE] = {"\"1970-01-01\"",
                   "\"9999-12-31\"",
                   "\"0001-01-01\"",
                   "\"2000-02-29\"",
                   "\"2001-02-29\"",
                   "\"2026-01-01\"",
                   "\"1900-03-01\"",
                   "7"},
    [FLOW_TIMESTAMP] = {"\"1970-01-01T00:00:00Z\"",
                        "\"9999-12-31T23:59:59.999999Z\"",
                        "\"0001-01-01T00:00:00Z\"",
                        "\"2026-02-28T23:59:60Z\"",
                        "\"2026-02-28T23:00:00+14:00\"",
                        "\"2026-02-28\"",
                        "\"1969-12-31T23:59:59.9999999Z\"",
                        "\"1999-12-31T23:59:59Z\""},
    [FLOW_DURATION] = {"0",
                       "1",
                       "-1",
                       "86400000000",
                       "9223372036854775807",
                       "-9223372036854775808",
                       "3600000000",
                       "1.5"},
};

const char *value_random(Gen *g, Sort sort) {
    const char *const *pool = g->has_sql ? values_safe[sort.kind] : values_wild[sort.kind];
    // Values that break the contract stand at 5 .. 7 of some rows; they are drawn seldom.
    return pool[pick(g, g->has_sql || chance(g, 10) ? 8 : 5)];
}

static void row_make(Gen *g, Buffer *out, uint32_t number) {
    buffer_format(out, "{\"id\":%u", number);
    for (uint32_t i = 1; i < g->column_count; i++) {
        const Column *column = &g->columns[i];
        const char *value = value_random(g, column->sort);
        if (column->is_nullable && chance(g, 20)) {
            value = "null";
        }
        buffer_format(out, ",\"%s\":%s", column->name, value);
    }
    nested_row(g, out);
    buffer_text(out, "}\n");
}

static void columns_make(Gen *g) {
    snprintf(g->columns[0].name, sizeof(g->columns[0].name), "id");
    g->columns[0].sort = (Sort){FLOW_INT64, 0, 0};
    g->column_count = 3 + pick(g, 6);
    for (uint32_t i = 1; i < g->column_count; i++) {
        Column *column = &g->columns[i];
        snprintf(column->name, sizeof(column->name), "c%u", i);
        column->sort = sort_random(g);
        column->is_nullable = chance(g, 50);
    }
    nested_columns_make(g);
}

// --- steps
// ----------------------------------------------------------------------------------------
typedef struct Steps {
    Buffer flow;
    Buffer sql; // a chain of common table expressions, each reading the one before
    uint32_t sql_count;
} Steps;

static void sql_step(Steps *steps, const char *select, const char *rest) {
    buffer_format(&steps->sql,
                  ", s%u AS (SELECT %s FROM s%u%s)",
                  steps->sql_count + 1,
                  select,
                  steps->sql_count,
                  rest);
    steps->sql_count++;
}

static void where_step(Gen *g, Steps *steps) {
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
    Sort sort = sort_random(g);
    g->flow = &flow;
    g->sql = &sql;
    buffer_text(&sql, "*, ");
    expression(g, sort, 3);
    buffer_format(&sql, " AS d%u", number);
    buffer_format(&steps->flow, "  derive d%u = %s\n", number, buffer_cstring(&flow));
    sql_step(steps, buffer_cstring(&sql), "");
    // Later steps may read it; whether it can be null is the checker's business.
    Column *column = &g->columns[g->column_count];
    if (g->column_count + 1 < COLUMNS_MAX) {
        snprintf(column->name, sizeof(column->name), "d%u", number);
        column->sort = sort;
        column->is_nullable = true;
        g->column_count++;
    }
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
    buffer_format(&steps->flow,
                  "  expect %s else %s\n",
                  buffer_cstring(&flow),
                  reactions[pick(g, COUNT_OF(reactions))]);
    buffer_free(&flow);
    buffer_free(&sql);
}

// The rows have an id that no other has, so an order by it has no ties.
static void top_step(Gen *g, Steps *steps) {
    uint32_t count = 1 + pick(g, 20);
    bool is_ascending = chance(g, 50);
    buffer_format(&steps->flow, "  top %u by id %s\n", count, is_ascending ? "asc" : "desc");
    char rest[128];
    snprintf(rest,
             sizeof(rest),
             " QUALIFY row_number() OVER (ORDER BY id %s) <= %u",
             is_ascending ? "ASC" : "DESC",
             count);
    sql_step(steps, "*", rest);
}

// The source is looked up while it is read: a semi or anti join with some of its own rows.
static void join_step(Gen *g, Steps *steps) {
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

// --- groups
// ---------------------------------------------------------------------------------------
static void agg_add(Gen *g, Buffer *flow, Buffer *sql, uint32_t number) {
    static const char *const any[] = {"min(%s)",
                                      "max(%s)",
                                      "count_distinct(%s)",
                                      "count(%s)",
                                      "approx_count_distinct(%s)",
                                      "first(%s)",
                                      "last(%s)",
                                      "arg_max(%s, %s)"};
    static const char *const any_sql[] = {
        "min(%s)",
        "max(%s)",
        "count(DISTINCT %s)",
        "count(%s)",
        "count(DISTINCT %s)",
        "first(%s)",
        "last(%s)",
        "max(%s)"}; // the last three depend on an order that SQL has not
    static const char *const numeric[] = {"sum(%s)", "avg(%s)", "median(%s)", "variance(%s)"};
    const Column *column = &g->columns[pick(g, g->column_count)];
    bool is_numeric = column->sort.kind == FLOW_INT64 || column->sort.kind == FLOW_DECIMAL ||
                      column->sort.kind == FLOW_INT32 || column->sort.kind == FLOW_FLOAT64;
    uint32_t which = pick(g, g->has_sql ? COUNT_OF(any) - 3 : COUNT_OF(any));
    char call[64];
    char sql_call[64];
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wformat-nonliteral"
    if (is_numeric && chance(g, 50)) {
        uint32_t f = g->has_sql ? pick(g, column->sort.kind == FLOW_DECIMAL ? 1 : 2)
                                : pick(g, COUNT_OF(numeric));
        snprintf(call, sizeof(call), numeric[f], column->name);
        snprintf(sql_call, sizeof(sql_call), numeric[f], column->name);
    } else {
        snprintf(call, sizeof(call), any[which], column->name, column->name);
        snprintf(sql_call, sizeof(sql_call), any_sql[which], column->name);
    }
#pragma clang diagnostic pop
    Buffer condition = {0};
    Buffer sql_condition = {0};
    g->flow = &condition;
    g->sql = &sql_condition;
    bool is_conditional = chance(g, 30);
    if (is_conditional) {
        expression(g, (Sort){FLOW_BOOL, 0, 0}, 1);
    }
    buffer_format(flow,
                  "    a%u = %s%s%s\n",
                  number,
                  call,
                  is_conditional ? " where " : "",
                  buffer_cstring(&condition));
    buffer_format(sql,
                  ", %s%s%s%s AS a%u",
                  sql_call,
                  is_conditional ? " FILTER (" : "",
                  buffer_cstring(&sql_condition),
                  is_conditional ? ")" : "",
                  number);
    buffer_free(&condition);
    buffer_free(&sql_condition);
}

static bool can_be_key(const Gen *g, const Column *column) {
    return !g->has_sql || column->sort.kind != FLOW_DURATION;
}

static void group_step(Gen *g, Steps *steps) {
    const Column *key = &g->columns[1 + pick(g, g->column_count - 1)];
    Buffer flow = {0};
    Buffer sql = {0};
    bool has_key = can_be_key(g, key) && chance(g, 85);
    buffer_text(&sql, has_key ? key->name : "");
    buffer_text(&sql, has_key ? ", count(*) AS a0" : "count(*) AS a0");
    uint32_t count = 1 + pick(g, 4);
    for (uint32_t i = 1; i <= count; i++) {
        agg_add(g, &flow, &sql, i);
    }
    buffer_format(&steps->flow,
                  "  group%s%s {\n    a0 = count()\n%s  }\n",
                  has_key ? " by " : "",
                  has_key ? key->name : "",
                  buffer_cstring(&flow));
    sql_step(steps, buffer_cstring(&sql), has_key ? " GROUP BY ALL" : "");
    buffer_free(&flow);
    buffer_free(&sql);
}

// --- the case
// ---------------------------------------------------------------------------------------
static void contract_make(Gen *g, Buffer *program) {
    char type[32];
    buffer_text(program, "source rows {\n  columns {\n");
    for (uint32_t i = 0; i < g->column_count; i++) {
        buffer_format(program,
                      "    %s: %s%s\n",
                      g->columns[i].name,
                      sort_text(g->columns[i].sort, type),
                      g->columns[i].is_nullable ? "?" : "");
    }
    nested_columns_declare(g, program);
    buffer_text(program, "  }\n  files \"rows.ndjson\"\n}\n\n");
}

static void sql_begin(Gen *g, Steps *steps) {
    char type[32];
    buffer_text(&steps->sql,
                "WITH s0 AS (SELECT * FROM read_json('rows.ndjson', format = 'newline_delimited', "
                "columns = {");
    for (uint32_t i = 0; i < g->column_count; i++) {
        const char *sql = g->columns[i].sort.kind == FLOW_DECIMAL
                              ? "DECIMAL(9,2)"
                              : sort_sql(g->columns[i].sort, type);
        buffer_format(&steps->sql, "%s%s: '%s'", i == 0 ? "" : ", ", g->columns[i].name, sql);
    }
    nested_columns_declare_sql(g, &steps->sql);
    buffer_text(&steps->sql, "}))");
}

static void nested_columns_drop(const Gen *g, Steps *steps) {
    for (uint32_t i = 0; i < g->nested_count; i++) {
        char except[64];
        snprintf(except, sizeof(except), "* EXCLUDE (%s)", g->nested[i].name);
        buffer_format(&steps->flow, "  drop %s\n", g->nested[i].name);
        sql_step(steps, except, "");
    }
}

void case_make(uint64_t seed, Case *made) {
    *made = (Case){.seed = seed, .has_sql = seed % 2 == 0};
    Gen g = {.state = (seed + 1) * 0x9e3779b97f4a7c15u, .has_sql = made->has_sql};
    for (int i = 0; i < 8; i++) {
        pick(&g, 2);
    }
    columns_make(&g);
    uint32_t rows = chance(&g, 10) ? 0 : 1 + pick(&g, 60);
    for (uint32_t i = 0; i < rows; i++) {
        row_make(&g, &made->data, i);
    }
    contract_make(&g, &made->program);
    Steps steps = {0};
    sql_begin(&g, &steps);
    uint32_t count = 1 + pick(&g, 4);
    for (uint32_t i = 0; i < count; i++) {
        if (chance(&g, 45)) {
            where_step(&g, &steps);
        } else if (g.has_sql || chance(&g, 80)) {
            derive_step(&g, &steps, i);
        } else {
            expect_step(&g, &steps);
        }
    }
    if (chance(&g, 25)) {
        join_step(&g, &steps);
    }
    if (chance(&g, 25)) {
        top_step(&g, &steps);
    }
    if (chance(&g, 50)) {
        group_step(&g, &steps);
    } else if (g.has_sql) { // the judge compares single values
        nested_columns_drop(&g, &steps);
    }
    buffer_format(&made->program,
                  "flow result {\n  from rows\n%s  append into stdout\n}\n\npipeline random {\n  "
                  "dlq \"lake/dlq\"\n}\n",
                  buffer_cstring(&steps.flow));
    buffer_format(&steps.sql, " SELECT * FROM s%u\n", steps.sql_count);
    buffer_text(&made->sql, buffer_cstring(&steps.sql));
    buffer_free(&steps.flow);
    buffer_free(&steps.sql);
}

void case_free(Case *made) {
    buffer_free(&made->program);
    buffer_free(&made->data);
    buffer_free(&made->sql);
}
