// Contracts and rows of random programs, and how their parts come together.
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

static const char *const days[] = {"2026-01-01", "1969-12-31"};

// Event times lie near each other, so that windows hold several rows, in any order.
static void time_make(Gen *g, Buffer *out) {
    uint32_t second = pick(g, 3600);
    buffer_format(out,
                  ",\"ts\":\"%sT23:%02u:%02uZ\"",
                  days[pick(g, COUNT_OF(days))],
                  second / 60,
                  chance(g, 50) ? 0 : second % 60);
}

static void row_make(Gen *g, Buffer *out, uint32_t number) {
    buffer_format(out, "{\"id\":%u", number);
    for (uint32_t i = 1; i < g->column_count; i++) {
        const Column *column = &g->columns[i];
        if (strcmp(column->name, "ts") == 0) {
            time_make(g, out);
            continue;
        }
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
    column_add(g, "ts", (Sort){FLOW_TIMESTAMP, 0, 0});
    g->columns[g->column_count - 1].is_nullable = false;
    nested_columns_make(g);
}

// --- the case
// ---------------------------------------------------------------------------------------
static void contract_make(const Gen *g, Buffer *program) {
    char type[32];
    buffer_text(program, "source rows {\n  columns {\n");
    for (uint32_t i = 0; i < g->column_count; i++) {
        buffer_format(program,
                      "    %s: %s%s%s\n",
                      g->columns[i].name,
                      sort_text(g->columns[i].sort, type),
                      g->columns[i].is_nullable ? "?" : "",
                      strcmp(g->columns[i].name, "ts") == 0 ? " event_time" : "");
    }
    nested_columns_declare(g, program);
    buffer_text(program, "  }\n  files \"rows.ndjson\"\n}\n\n");
}

// What joins look up: some ids have several rows, some none.
static void others_make(Gen *g, Buffer *data) {
    uint32_t count = pick(g, 40);
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(data, "{\"id\":%u", pick(g, 50));
        if (chance(g, 80)) {
            buffer_format(data, ",\"kind\":\"%c\"", (char)('a' + pick(g, 3)));
        }
        buffer_format(data,
                      ",\"n\":%u,\"seen\":\"%sT23:%02u:00Z\"}\n",
                      pick(g, 9),
                      days[pick(g, COUNT_OF(days))],
                      pick(g, 60));
    }
}

static void others_declare(Buffer *program) {
    buffer_text(program,
                "source others {\n  columns {\n    id: int64\n    kind: string?\n    n: int64\n"
                "    seen: timestamp event_time\n  }\n  files \"others.ndjson\"\n}\n\n");
}

static void sql_begin(const Gen *g, Steps *steps) {
    char type[32];
    buffer_text(&steps->sql,
                "WITH others AS (SELECT * FROM read_json('others.ndjson', format = "
                "'newline_delimited', columns = {id: 'BIGINT', kind: 'VARCHAR', n: 'BIGINT', "
                "seen: 'TIMESTAMPTZ'})), "
                "s0 AS (SELECT * FROM read_json('rows.ndjson', format = 'newline_delimited', "
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

// The first steps become a stream that another flow reads, too.
static void side_flow_make(Gen *g, Steps *steps) {
    Gen side = *g; // its columns are its own
    Steps side_steps = {0};
    buffer_format(&steps->flows, "flow stem {\n  from rows\n%s}\n\n", buffer_cstring(&steps->flow));
    buffer_clear(&steps->flow);
    row_step(&side, &side_steps, 7);
    row_step(&side, &side_steps, 8);
    buffer_format(&steps->flows,
                  "flow side {\n  from stem\n%s  append into \"lake/side\"\n}\n\n",
                  buffer_cstring(&side_steps.flow));
    g->state = side.state;
    memcpy(g->written, side.written, sizeof(g->written));
    g->written_count = side.written_count;
    g->has_others |= side.has_others;
    g->has_side = true;
    written_forget(g); // it may read the side's columns
    buffer_free(&side_steps.flow);
    buffer_free(&side_steps.sql);
    buffer_free(&side_steps.flows);
}

static void steps_make(Gen *g, Steps *steps) {
    if (chance(g, 20)) {
        union_step(g, steps);
    }
    uint32_t count = 1 + pick(g, 4);
    uint32_t stem = chance(g, 20) ? pick(g, count) : count;
    for (uint32_t i = 0; i < count; i++) {
        row_step(g, steps, i);
        if (i == stem) {
            side_flow_make(g, steps);
        }
    }
    state_steps(g, steps);
    if (g->has_sql) { // the judge compares single values
        nested_columns_drop(g, steps);
    }
    terminal_step(g, steps);
}

static void program_finish(const Gen *g, Case *made, Steps *steps) {
    if (g->has_others) {
        others_declare(&made->program);
    }
    bool has_stem = g->has_side && strstr(buffer_cstring(&steps->flows), "flow stem") != NULL;
    buffer_format(&made->program,
                  "%sflow result {\n  from %s\n%s}\n\npipeline random {\n  dlq "
                  "\"lake/dlq\"\n}\n",
                  buffer_cstring(&steps->flows),
                  has_stem ? "stem" : "rows",
                  buffer_cstring(&steps->flow));
    buffer_format(&steps->sql, " SELECT * FROM s%u\n", steps->sql_count);
    buffer_text(&made->sql, buffer_cstring(&steps->sql));
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
    others_make(&g, &made->others);
    contract_make(&g, &made->program);
    Steps steps = {0};
    sql_begin(&g, &steps);
    steps_make(&g, &steps);
    program_finish(&g, made, &steps);
    written_forget(&g);
    buffer_free(&steps.flow);
    buffer_free(&steps.sql);
    buffer_free(&steps.flows);
}

void case_free(Case *made) {
    buffer_free(&made->program);
    buffer_free(&made->data);
    buffer_free(&made->others);
    buffer_free(&made->sql);
}
