// Steps that keep rows or groups until all have been read: top, dedup, running, group, windows.
#include "generate_internal.h"

// FIXED: there before the rows are; SESSION: made by them.
typedef enum WindowKind { NONE, FIXED, SESSION } WindowKind;

static bool can_be_key(const Gen *g, const Column *column) {
    return !g->has_sql || column->sort.kind != FLOW_DURATION;
}

// --- rows in an order -------------------------------------------------------------------------
// Without unions and joins the rows have an id that no other has, so an order by it has no ties.
static void top_step(Gen *g, Steps *steps) {
    const Column *key = &g->columns[1 + pick(g, g->column_count - 1)];
    uint32_t count = 1 + pick(g, 20);
    bool is_ascending = chance(g, 50);
    bool has_key = can_be_key(g, key) && chance(g, 40);
    bool has_place = chance(g, 30);
    buffer_format(&steps->flow,
                  "  top %u by id %s%s%s%s\n",
                  count,
                  is_ascending ? "asc" : "desc",
                  has_key ? " per " : "",
                  has_key ? key->name : "",
                  has_place ? " as place" : "");
    char window[96];
    snprintf(window,
             sizeof(window),
             "row_number() OVER (%s%s ORDER BY id %s)",
             has_key ? "PARTITION BY " : "",
             has_key ? key->name : "",
             is_ascending ? "ASC" : "DESC");
    char select[128];
    char rest[128];
    snprintf(select,
             sizeof(select),
             "*%s%s%s",
             has_place ? ", " : "",
             has_place ? window : "",
             has_place ? " AS place" : "");
    snprintf(rest, sizeof(rest), " QUALIFY %s <= %u", window, count);
    sql_step(steps, select, rest);
    if (has_place) {
        column_add(g, "place", (Sort){FLOW_INT64, 0, 0});
    }
}

static void running_step(Gen *g, Steps *steps) {
    const Column *key = &g->columns[1 + pick(g, g->column_count - 1)];
    const Column *value = &g->columns[pick(g, g->column_count)];
    Sort sort = value->sort;
    bool has_key = can_be_key(g, key) && chance(g, 70);
    buffer_format(&steps->flow,
                  "  running%s%s order by id {\n    r0 = count(%s)\n    r1 = lag(%s)\n"
                  "    r2 = row_number()\n  }\n",
                  has_key ? " by " : "",
                  has_key ? key->name : "",
                  value->name,
                  value->name);
    char order[64];
    char select[320];
    snprintf(order,
             sizeof(order),
             "%s%s ORDER BY id",
             has_key ? "PARTITION BY " : "",
             has_key ? key->name : "");
    snprintf(select,
             sizeof(select),
             "*, count(%s) OVER (%s ROWS UNBOUNDED PRECEDING) AS r0, lag(%s) OVER (%s) AS r1, "
             "row_number() OVER (%s) AS r2",
             value->name,
             order,
             value->name,
             order,
             order);
    sql_step(steps, select, "");
    column_add(g, "r0", (Sort){FLOW_INT64, 0, 0});
    column_add(g, "r1", sort);
    column_add(g, "r2", (Sort){FLOW_INT64, 0, 0});
}

static void dedup_step(Gen *g, Steps *steps) {
    const Column *key = &g->columns[1 + pick(g, g->column_count - 1)];
    buffer_format(&steps->flow,
                  "  dedup by %s within 20 minutes%s\n",
                  key->name,
                  chance(g, 50) ? " keep last" : "");
}

// --- groups -----------------------------------------------------------------------------------
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

// The start of the ten or five minutes that hold a row's time: `%` truncates, windows do not.
static void window_start_step(Steps *steps, int64_t length_us, const char *back) {
    char select[320];
    snprintf(select,
             sizeof(select),
             "*, %s AS back, epoch_us(ts) %% %lld AS into_it",
             back,
             (long long)length_us);
    sql_step(steps, select, "");
    snprintf(
        select,
        sizeof(select),
        "* EXCLUDE (back, into_it), make_timestamptz(epoch_us(ts) - back - into_it - CASE WHEN "
        "into_it < 0 THEN %lld ELSE 0 END) AS window_start",
        (long long)length_us);
    sql_step(steps, select, "");
}

static void cumulative_step(Gen *g, Steps *steps) {
    bool is_named = !g->has_sql && chance(g, 30);
    buffer_format(&steps->flow,
                  "  window cumulative 10 minutes every 2 minutes%s\n",
                  is_named ? " as window_start" : "");
    window_start_step(steps, 600000000, "0");
    sql_step(steps, "*, unnest([2, 4, 6, 8, 10]) AS part", "");
    sql_step(steps,
             "* EXCLUDE (part), window_start + to_minutes(part) AS window_end",
             " WHERE ts < window_start + to_minutes(part)");
    g->has_ties = true;
}

// Windows of ten minutes: one behind the other, one every five, or ends every two.
static void window_step(Gen *g, Steps *steps) {
    if (chance(g, 35)) {
        cumulative_step(g, steps);
        return;
    }
    bool is_hopping = chance(g, 60);
    buffer_text(&steps->flow,
                is_hopping ? "  window hopping 10 minutes every 5 minutes\n"
                           : "  window tumbling 10 minutes\n");
    window_start_step(
        steps, is_hopping ? 300000000 : 600000000, is_hopping ? "unnest([0, 300000000])" : "0");
    sql_step(steps, "*, window_start + INTERVAL 10 minute AS window_end", "");
    g->has_ties |= is_hopping;
}

static void group_columns_set(Gen *g, const Column *key) {
    Column kept = {0};
    if (key != NULL) {
        kept = *key;
    }
    g->column_count = 0;
    g->nested_count = 0;
    column_add(g, "a0", (Sort){FLOW_INT64, 0, 0});
    if (key != NULL) {
        column_add(g, kept.name, kept.sort);
    }
    written_forget(g);
}

// The rows of a session get its number, which all rows of one time share.
static void session_sql(Steps *steps, const char *key) {
    char over[64];
    char select[256];
    snprintf(over,
             sizeof(over),
             "%s%s ORDER BY ts",
             key == NULL ? "" : "PARTITION BY ",
             key == NULL ? "" : key);
    snprintf(
        select,
        sizeof(select),
        "*, CASE WHEN ts - lag(ts) OVER (%s) < INTERVAL 3 MINUTE THEN 0 ELSE 1 END AS is_first",
        over);
    sql_step(steps, select, "");
    snprintf(select, sizeof(select), "*, sum(is_first) OVER (%s) AS session", over);
    sql_step(steps, select, "");
}

static void group_step(Gen *g, Steps *steps, WindowKind window) {
    const Column *key = &g->columns[1 + pick(g, g->column_count - 1)];
    Buffer flow = {0};
    Buffer sql = {0};
    bool has_key = can_be_key(g, key) && chance(g, 85);
    if (window == SESSION) {
        buffer_text(&steps->flow, "  window session gap 3 minutes\n");
        session_sql(steps, has_key ? key->name : NULL);
    }
    buffer_text(&sql,
                window == SESSION
                    ? "min(ts) AS window_start, max(ts) + INTERVAL 3 MINUTE AS window_end, "
                : window == FIXED ? "window_start, window_end, "
                                  : "");
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
    char by[64];
    snprintf(
        by, sizeof(by), " GROUP BY session%s%s", has_key ? ", " : "", has_key ? key->name : "");
    bool has_groups = has_key || window == FIXED;
    const char *rest = window == SESSION ? by : has_groups ? " GROUP BY ALL" : "";
    sql_step(steps, buffer_cstring(&sql), rest);
    buffer_free(&flow);
    buffer_free(&sql);
    group_columns_set(g, has_key ? key : NULL);
    if (chance(g, 30)) {
        where_step(g, steps);
    }
}

// --- all --------------------------------------------------------------------------------------
void state_steps(Gen *g, Steps *steps) {
    bool is_sure = !g->has_sql || !g->has_ties; // of which rows come first
    if (is_sure && chance(g, 20)) {
        top_step(g, steps);
    }
    if (is_sure && chance(g, 15)) {
        running_step(g, steps);
    }
    if (!g->has_sql && chance(g, 8)) {
        dedup_step(g, steps);
    }
    if (chance(g, 15)) {
        where_step(g, steps);
    }
    WindowKind window = chance(g, 15) ? FIXED : chance(g, 10) ? SESSION : NONE;
    if (window == FIXED) {
        window_step(g, steps);
        if (chance(g, 40)) {
            where_step(g, steps);
        }
    }
    if (window == SESSION || chance(g, 45)) {
        group_step(g, steps, window);
    }
}
