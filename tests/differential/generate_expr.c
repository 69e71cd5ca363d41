// Random expressions of a wanted type. Each production writes Flow and SQL side by side.
#include "generate_internal.h"

void both(Gen *g, const char *text) {
    buffer_text(g->flow, text);
    buffer_text(g->sql, text);
}

void each(Gen *g, const char *flow, const char *sql) {
    buffer_text(g->flow, flow);
    buffer_text(g->sql, sql);
}

// --- literals
// ---------------------------------------------------------------------------------------
static const char *int_literal(Gen *g, Sort sort) {
    static const char *const small[] = {"0", "1", "2", "3", "7", "10"};
    static const char *const wide[] = {"0",
                                       "1",
                                       "2",
                                       "100",
                                       "127",
                                       "-128",
                                       "32767",
                                       "2147483647",
                                       "9223372036854775807",
                                       "-9223372036854775807"};
    uint32_t fitting = sort.kind == FLOW_INT8    ? 6
                       : sort.kind == FLOW_INT16 ? 7
                       : sort.kind == FLOW_INT32 ? 8
                                                 : 10;
    return g->has_sql ? small[pick(g, COUNT_OF(small))] : wide[pick(g, fitting)];
}

static void int_constant(Gen *g, Sort sort) {
    char type[32];
    char sql_type[32];
    const char *digits = int_literal(g, sort);
    buffer_format(g->flow, "cast(%s as %s)", digits, sort_text(sort, type));
    buffer_format(g->sql, "CAST(%s AS %s)", digits, sort_sql(sort, sql_type));
}

static void constant(Gen *g, Sort sort) {
    static const char *const texts[] = {
        "", "a", "ab", "abc", "Zebra", "ünï", "a longer text than twelve"};
    static const char *const dates[] = {"1970-01-01", "2026-02-28", "1999-12-31"};
    static const char *const times[] = {
        "1970-01-01T00:00:00Z", "2026-02-28T23:59:59.5Z", "1969-07-20T20:17:40Z"};
    static const char *const decimals[] = {"0.00", "1.50", "99.99", "0.01"};
    static const char *const floats[] = {"0e0", "1e0", "5e-1", "1e3"};
    char type[32];
    const char *text;
    switch (sort.kind) {
    case FLOW_BOOL:
        both(g, chance(g, 50) ? "true" : "false");
        break;
    case FLOW_STRING:
        text = texts[pick(g, COUNT_OF(texts))];
        buffer_format(g->flow, "\"%s\"", text);
        buffer_format(g->sql, "'%s'", text);
        break;
    case FLOW_DATE:
        text = dates[pick(g, COUNT_OF(dates))];
        buffer_format(g->flow, "date \"%s\"", text);
        buffer_format(g->sql, "DATE '%s'", text);
        break;
    case FLOW_TIMESTAMP:
        text = times[pick(g, COUNT_OF(times))];
        buffer_format(g->flow, "timestamp \"%s\"", text);
        buffer_format(g->sql, "TIMESTAMPTZ '%s'", text);
        break;
    case FLOW_DURATION:
        each(g, "90 minutes", "INTERVAL 90 minute");
        break;
    case FLOW_DECIMAL:
        text = decimals[pick(g, COUNT_OF(decimals))];
        buffer_format(g->flow, "cast(%s as %s)", text, sort_text(sort, type));
        buffer_format(g->sql, "CAST(%s AS %s)", text, sort_sql(sort, type));
        break;
    case FLOW_FLOAT64:
    case FLOW_FLOAT32:
        text = floats[pick(g, COUNT_OF(floats))];
        buffer_format(g->flow, "cast(%s as %s)", text, sort_text(sort, type));
        buffer_format(g->sql, "CAST(%s AS %s)", text, sort_sql(sort, type));
        break;
    default:
        int_constant(g, sort);
        break;
    }
}

static bool column_of(Gen *g, Sort sort) {
    uint32_t start = pick(g, g->column_count + 1);
    for (uint32_t i = 0; i < g->column_count; i++) {
        const Column *column = &g->columns[(start + i) % g->column_count];
        if (sort_equal(column->sort, sort)) {
            both(g, column->name);
            return true;
        }
    }
    return false;
}

static void leaf(Gen *g, Sort sort) {
    if (!(chance(g, 75) && column_of(g, sort))) {
        constant(g, sort);
    }
}

// --- productions by type
// ----------------------------------------------------------------------------
static void binary(Gen *g, Sort sort, const char *op, int depth) {
    both(g, "(");
    expression(g, sort, depth);
    both(g, op);
    expression(g, sort, depth);
    both(g, ")");
}

// Functions that give an int64, as both languages call them.
static void int_call(Gen *g) {
    static const struct {
        const char *flow, *sql, *rest, *sql_rest;
        FlowKind kind;
    } calls[] = {
        {"position(\"a\", ", "position('a' IN ", ")", ")", FLOW_STRING},
        {"length(", "length(", ")", ")", FLOW_STRING},
        {"unix_seconds(", "CAST(floor(epoch(", ")", ")) AS BIGINT)", FLOW_TIMESTAMP},
        {"date_diff(\"day\", date \"2000-01-01\", ",
         "date_diff('day', DATE '2000-01-01', ",
         ")",
         ")",
         FLOW_DATE},
    };
    uint32_t which = pick(g, COUNT_OF(calls));
    each(g, calls[which].flow, calls[which].sql);
    leaf(g, (Sort){calls[which].kind, 0, 0});
    each(g, calls[which].rest, calls[which].sql_rest);
}

static void int_expression(Gen *g, Sort sort, int depth) {
    if (sort.kind == FLOW_INT64 && chance(g, 20)) {
        int_call(g);
        return;
    }
    static const char *const ops[] = {" + ", " - ", " * ", " % "};
    char type[32];
    if (g->has_sql) { // two small factors or terms, never more, so that nothing overflows
        binary(g, sort, ops[pick(g, 2)], depth);
        return;
    }
    switch (pick(g, 4)) {
    case 0:
        each(g, "div(", "(");
        expression(g, sort, depth);
        both(g, ", ");
        expression(g, sort, depth);
        both(g, ")");
        break;
    case 1:
        both(g, "(-");
        leaf(g, sort);
        both(g, ")");
        break;
    case 2:
        both(g, chance(g, 50) ? "cast(" : "try_cast(");
        expression(g, chance(g, 50) ? (Sort){FLOW_INT64, 0, 0} : (Sort){FLOW_STRING, 0, 0}, depth);
        buffer_format(g->flow, " as %s)", sort_text(sort, type));
        break;
    default:
        binary(g, sort, ops[pick(g, 4)], depth);
        break;
    }
}

static void float_expression(Gen *g, Sort sort, int depth) {
    static const char *const ops[] = {" + ", " - ", " * ", " / "};
    if (g->has_sql) {
        leaf(g, sort);
        return;
    }
    if (sort.kind == FLOW_FLOAT64 && chance(g, 25)) {
        both(g, "(");
        expression(g, (Sort){FLOW_INT64, 0, 0}, depth);
        both(g, " / ");
        expression(g, (Sort){FLOW_INT64, 0, 0}, depth);
        both(g, ")");
        return;
    }
    binary(g, sort, ops[pick(g, COUNT_OF(ops))], depth);
}

static void decimal_expression(Gen *g, Sort sort, int depth) {
    static const char *const ops[] = {" + ", " - ", " * ", " / ", " % "};
    char type[32];
    if (g->has_sql) {
        leaf(g, sort);
        return;
    }
    both(g, "cast(");
    binary(g,
           chance(g, 60) ? sort : (Sort){FLOW_INT32, 0, 0},
           ops[pick(g, sort.precision > 18 ? 3 : COUNT_OF(ops))],
           depth);
    buffer_format(g->flow, " as %s)", sort_text(sort, type));
}

// Functions that give a string, as both languages call them.
static void string_call(Gen *g) {
    static const struct {
        const char *flow, *sql, *rest, *sql_rest;
    } calls[] = {
        {"reverse(", "reverse(", ")", ")"},
        {"replace(", "replace(", ", \"a\", \"--\")", ", 'a', '--')"},
        {"lpad(", "lpad(", ", 5, \"x\")", ", 5, 'x')"},
        {"rpad(", "rpad(", ", 3, \"yz\")", ", 3, 'yz')"},
        {"md5(", "md5(", ")", ")"},
        {"sha256(", "sha256(", ")", ")"},
        {"translate(", "translate(", ", \"ab\", \"x\")", ", 'ab', 'x')"},
        {"regexp_replace(",
         "regexp_replace(",
         ", \"[a-c]\", \"<$0>\")",
         ", '[a-c]', '<\\0>', 'g')"},
        {"repeat(", "repeat(", ", 2)", ", 2)"},
    };
    uint32_t which = pick(g, COUNT_OF(calls));
    each(g, calls[which].flow, calls[which].sql);
    leaf(g, (Sort){FLOW_STRING, 0, 0});
    each(g, calls[which].rest, calls[which].sql_rest);
}

static void string_expression(Gen *g, Sort sort, int depth) {
    uint32_t choice = pick(g, 4);
    if (choice == 3) {
        string_call(g);
        return;
    }
    if (choice == 0) {
        each(g, "cast(", "CAST(");
        expression(g, (Sort){FLOW_INT64, 0, 0}, depth);
        each(g, " as string)", " AS VARCHAR)");
        return;
    }
    if (choice == 1) {
        both(g, chance(g, 50) ? "lower(" : "upper(");
        leaf(g, sort);
        both(g, ")");
        return;
    }
    both(g, "(");
    expression(g, sort, depth);
    each(g, " + ", " || ");
    expression(g, sort, depth);
    both(g, ")");
}

static void time_expression(Gen *g, Sort sort, int depth) {
    if (sort.kind == FLOW_TIMESTAMP) {
        both(g, "(");
        leaf(g, sort);
        both(g, chance(g, 50) ? " + " : " - ");
        if (g->has_sql) {
            constant(g, (Sort){FLOW_DURATION, 0, 0});
        } else {
            expression(g, (Sort){FLOW_DURATION, 0, 0}, depth);
        }
        both(g, ")");
    } else if (sort.kind == FLOW_DURATION && !g->has_sql) {
        binary(g, (Sort){FLOW_TIMESTAMP, 0, 0}, " - ", 0);
    } else {
        leaf(g, sort);
    }
}

// --- conditions
// ---------------------------------------------------------------------------------------
static Sort comparable(Gen *g) {
    Sort sort = sort_random(g);
    return sort.kind == FLOW_DURATION && g->has_sql ? (Sort){FLOW_INT64, 0, 0} : sort;
}

static void comparison(Gen *g, int depth) {
    static const char *const flow_ops[] = {" == ", " != ", " < ", " <= ", " > ", " >= "};
    static const char *const sql_ops[] = {" = ", " <> ", " < ", " <= ", " > ", " >= "};
    Sort sort = comparable(g);
    uint32_t op = pick(g, COUNT_OF(flow_ops));
    both(g, "(");
    expression(g, sort, depth);
    each(g, flow_ops[op], sql_ops[op]);
    expression(g, sort, depth);
    both(g, ")");
}

static void membership(Gen *g, int depth) {
    Sort sort = comparable(g);
    both(g, "(");
    expression(g, sort, depth);
    both(g, chance(g, 50) ? " in (" : " not in (");
    uint32_t count = 1 + pick(g, 3);
    for (uint32_t i = 0; i < count; i++) {
        both(g, i == 0 ? "" : ", ");
        leaf(g, sort);
    }
    both(g, "))");
}

static void range(Gen *g, int depth) {
    Sort sort = comparable(g);
    both(g, "(");
    expression(g, sort, depth);
    both(g, chance(g, 50) ? " between " : " not between ");
    leaf(g, sort);
    both(g, " and ");
    leaf(g, sort);
    both(g, ")");
}

static void text_match(Gen *g) {
    static const char *const patterns[] = {"a%", "%b", "_b%", "", "%", "Z_bra"};
    const char *pattern = patterns[pick(g, COUNT_OF(patterns))];
    both(g, "(");
    leaf(g, (Sort){FLOW_STRING, 0, 0});
    buffer_format(g->flow, " like \"%s\")", pattern);
    buffer_format(g->sql, " LIKE '%s')", pattern);
}

static void bool_expression(Gen *g, int depth) {
    Sort sort = {FLOW_BOOL, 0, 0};
    switch (pick(g, 8)) {
    case 0:
        binary(g, sort, chance(g, 50) ? " and " : " or ", depth);
        break;
    case 1:
        both(g, "(not ");
        expression(g, sort, depth);
        both(g, ")");
        break;
    case 2:
        both(g, "(");
        expression(g, comparable(g), depth);
        both(g, chance(g, 50) ? " is null)" : " is not null)");
        break;
    case 3:
        membership(g, depth);
        break;
    case 4:
        range(g, depth);
        break;
    case 5:
        text_match(g);
        break;
    default:
        comparison(g, depth);
        break;
    }
}

// --- any type
// ---------------------------------------------------------------------------------------
static void conditional(Gen *g, Sort sort, int depth) {
    each(g, "(if ", "(CASE WHEN ");
    expression(g, (Sort){FLOW_BOOL, 0, 0}, depth);
    both(g, " then ");
    expression(g, sort, depth);
    both(g, " else ");
    expression(g, sort, depth);
    each(g, ")", " END)");
}

static void coalesce(Gen *g, Sort sort, int depth) {
    each(g, "(", "coalesce(");
    expression(g, sort, depth);
    each(g, " ?? ", ", ");
    expression(g, sort, depth);
    both(g, ")");
}

static void expression_new(Gen *g, Sort sort, int depth) {
    depth--;
    if (chance(g, 12)) {
        conditional(g, sort, depth);
        return;
    }
    if (chance(g, 8)) {
        coalesce(g, sort, depth);
        return;
    }
    if (chance(g, 8)) {
        nested_expression(g, sort, depth);
        return;
    }
    switch (sort.kind) {
    case FLOW_BOOL:
        bool_expression(g, depth);
        break;
    case FLOW_STRING:
        string_expression(g, sort, depth);
        break;
    case FLOW_DECIMAL:
        decimal_expression(g, sort, depth);
        break;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        float_expression(g, sort, depth);
        break;
    case FLOW_DATE:
    case FLOW_TIMESTAMP:
    case FLOW_DURATION:
        time_expression(g, sort, depth);
        break;
    default:
        int_expression(g, sort, depth);
        break;
    }
}

// --- again
// ----------------------------------------------------------------------------------------
void written_forget(Gen *g) {
    for (uint32_t i = 0; i < WRITTEN_MAX; i++) {
        buffer_free(&g->written[i].flow);
        buffer_free(&g->written[i].sql);
    }
    g->written_count = 0;
}

// No deeper one than wanted, so that expressions do not grow from copy to copy.
static bool write_again(Gen *g, Sort sort, int depth) {
    uint32_t count = g->written_count < WRITTEN_MAX ? g->written_count : WRITTEN_MAX;
    for (uint32_t i = 0; i < count; i++) {
        Written *written = &g->written[(g->written_count - 1 - i) % WRITTEN_MAX];
        if (sort_equal(written->sort, sort) && written->depth <= depth && chance(g, 60)) {
            each(g, buffer_cstring(&written->flow), buffer_cstring(&written->sql));
            return true;
        }
    }
    return false;
}

static void written_keep(Gen *g, Sort sort, int depth, size_t flow_start, size_t sql_start) {
    Written *written = &g->written[g->written_count++ % WRITTEN_MAX];
    written->sort = sort;
    written->depth = depth;
    buffer_clear(&written->flow);
    buffer_clear(&written->sql);
    buffer_append(&written->flow, g->flow->data + flow_start, g->flow->length - flow_start);
    buffer_append(&written->sql, g->sql->data + sql_start, g->sql->length - sql_start);
}

void expression(Gen *g, Sort sort, int depth) {
    if (depth <= 0 || chance(g, 15)) {
        leaf(g, sort);
        return;
    }
    if (chance(g, 25) && write_again(g, sort, depth)) {
        return;
    }
    size_t flow_start = g->flow->length;
    size_t sql_start = g->sql->length;
    expression_new(g, sort, depth);
    if (g->lambda_count == 0) { // else it may read a parameter
        written_keep(g, sort, depth, flow_start, sql_start);
    }
}
