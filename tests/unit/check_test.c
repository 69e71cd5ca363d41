// links: compiler
// Goal: the types and nullability of expressions, as LANGUAGE 2, 8 and 11 say. Method: tables of
// expressions over one contract, each with its typed form, or with the code of what is wrong.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/check.h"

#define HEAD                                                                                       \
    "contract C {\n"                                                                               \
    "  i8: int8\n i16: int16\n i32: int32\n i64: int64\n f32: float32\n f64: float64\n"            \
    "  d: decimal(12, 2)\n wide: decimal(38, 10)\n s: string\n raw: bytes\n b: bool\n"             \
    "  e: enum(\"a\", \"b\")\n other: enum(\"b\", \"c\")\n day: date\n ts: timestamp event_time\n" \
    "  dur: duration\n ni: int32?\n nd: decimal(12, 2)?\n ns: string?\n nb: bool?\n"               \
    "  ne: enum(\"a\", \"b\")?\n nts: timestamp?\n"                                                \
    "  st: struct(a: int64?, b: struct(c: string?)?)?\n li: list(int64)?\n}\n"                     \
    "source x: C { files \"x.ndjson\" }\n"                                                         \
    "param p: int32 = 5\nparam q: string? = null\n"

typedef struct Case {
    const char *text;
    const char *result; // "(typed form): type", or a code
} Case;

typedef struct Made {
    Arena arena;
    DiagList diags;
    const Checked *checked;
} Made;

static void program_make(Made *m, const char *text) {
    memset(m, 0, sizeof(*m));
    diag_init(&m->diags, &m->arena);
    Ast *ast = syntax_parse(&m->arena, &m->diags, "t.flow", text, strlen(text));
    Program *program = resolve_program(&m->arena, ast, &m->diags);
    m->checked = check_program(&m->arena, program, &(CheckOptions){0}, NULL, &m->diags);
}

static const char *codes_of(Made *m) {
    const char *codes = "";
    for (uint32_t i = 0; i < m->diags.items.count; i++) {
        const char *code = diag_code_name(m->diags.items.items[i]->code);
        codes = arena_format(&m->arena, "%s%s%s", codes, *codes == '\0' ? "" : " ", code);
    }
    return codes;
}

static const GraphNode *step_last_but(const Made *m, uint32_t back) {
    const CheckedFlow *flow = &m->checked->flows.items[m->checked->flows.count - 1];
    return &flow->steps.items[flow->steps.count - 1 - back].node;
}

// The value of the column `r` of the step before the terminal, over the columns before it.
static const char *value_of(Made *m) {
    const GraphNode *node = step_last_but(m, 1);
    const GraphNode *before = step_last_but(m, 2);
    const char **names = arena_array(&m->arena, const char *, before->column_count + 1);
    for (uint32_t i = 0; i < before->column_count; i++) {
        names[i] = before->columns[i].name;
    }
    Buffer out = {0};
    for (uint32_t i = 0; i < node->value_count; i++) {
        if (str_equal(node->columns[i].name, "r")) {
            expr_dump(&out, node->values[i], names);
            buffer_format(&out, ": %s", type_text(&m->arena, node->columns[i].type));
        }
    }
    const char *text = arena_copy(&m->arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

static bool case_check(const char *steps, const Case *c) {
    Made m;
    Arena scratch = {0};
    const char *step = arena_format(&scratch, steps, c->text);
    program_make(
        &m,
        arena_format(
            &scratch, "%sflow f {\n  from x\n  %s\n  append into stdout\n}\n", HEAD, step));
    const char *got = diag_has_errors(&m.diags) ? codes_of(&m) : value_of(&m);
    bool is_right = str_equal(got, c->result);
    if (!is_right) {
        print_error("%s\n  wanted %s\n  got    %s\n", c->text, c->result, got);
    }
    arena_free(&m.arena);
    arena_free(&scratch);
    return is_right;
}

static void cases_check(const char *steps, const Case *cases, size_t count) {
    uint32_t wrong_count = 0;
    for (size_t i = 0; i < count; i++) {
        wrong_count += !case_check(steps, &cases[i]);
    }
    assert_int_equal(wrong_count, 0);
}
#define CHECK(steps, cases) cases_check(steps, cases, COUNT_OF(cases))

// --- numbers -------------------------------------------------------------------------------------
static const Case numbers[] = {
    {"1", "1: int64"},
    {"-1", "-1: int64"},
    {"-9223372036854775808", "-9223372036854775808: int64"},
    {"9223372036854775808", "E025"},
    {"12.50", "12.50: decimal(4, 2)"},
    {"0.05", "0.05: decimal(2, 2)"},
    {"-0.05", "-0.05: decimal(2, 2)"},
    {"1e-3", "0.001e0: float64"},
    {"1_000_000", "1000000: int64"},
    {"1e400", "E025"},
    {"f32 + 1e39", "(+ (widen f32 as float64) 1e+39): float64"},
    {"if b then 1e400 else 1", "E025"},
    {"0.123456789012345678901234567890123456789", "E024"},
    {"i8 + 1", "(+ i8 1): int8"},
    {"i8 + 300", "(+ (widen i8 as int64) 300): int64"},
    {"1 + i8", "(+ 1 i8): int8"},
    {"i8 + i32", "(+ (widen i8 as int32) i32): int32"},
    {"i8 * -128", "(* i8 -128): int8"},
    {"i32 / 2", "(/ (widen i32 as float64) (widen 2 as float64)): float64"},
    {"i64 / i64", "(/ (widen i64 as float64) (widen i64 as float64)): float64"},
    {"div(i32, 2)", "(div i32 2): int32"},
    {"mod(i64, i8)", "(% i64 (widen i8 as int64)): int64"},
    {"i64 % 7", "(% i64 7): int64"},
    {"f32 + 1", "(+ f32 1.0e0): float32"},
    {"f32 + 0.5", "(+ f32 0.5e0): float32"},
    {"f32 + f64", "(+ (widen f32 as float64) f64): float64"},
    {"f32 / f32", "(/ (widen f32 as float64) (widen f32 as float64)): float64"},
    {"f32 % 2", "(% (widen f32 as float64) (widen 2.0e0 as float64)): float64"},
    {"i32 + f64", "(+ (widen i32 as float64) f64): float64"},
    {"i32 + f32", "(+ (widen i32 as float64) (widen f32 as float64)): float64"},
    {"i64 + f64", "E026"},
    {"d + f64", "E026"},
    {"d + 1e0", "E026"},
    {"i64 * 1e0", "E026"},
    {"d + 1", "(+ d 1): decimal(13, 2)"},
    {"d + 1000", "(+ d 1000): decimal(13, 2)"},
    {"d * 1.19", "(* d 1.19): decimal(16, 4)"},
    {"d * i32", "(* d (widen i32 as decimal(10, 0))): decimal(23, 2)"},
    {"d + i64", "(+ d (widen i64 as decimal(20, 0))): decimal(23, 2)"},
    {"i32 * 1.5", "(* (widen i32 as decimal(10, 0)) 1.5): decimal(13, 1)"},
    {"d / 3", "(/ d 3): decimal(16, 6)"},
    {"div(d, 3)", "(div d 3): decimal(10, 0)"},
    {"div(f64, 3)", "E026"},
    {"-d", "(- d): decimal(12, 2)"},
    {"-i8", "(- i8): int8"},
    {"-s", "E026"},
    {"1 + 2", "(+ 1 2): int64"},
    {"1 + 2.5", "(+ 1 2.5): decimal(3, 1)"},
    {"1 + 1e0", "(+ 1.0e0 1.0e0): float64"},
    {"abs(i8)", "(abs i8): int8"},
    {"abs(nd)", "(abs nd): decimal(12, 2)?"},
    {"p + i8", "(+ (param 0) (widen i8 as int32)): int32"},
};

// --- comparisons ---------------------------------------------------------------------------------
static const Case comparisons[] = {
    {"d >= 0", "(>= d 0.00): bool"},
    {"d > 0.001", "(> d 0.001): bool"},
    {"d < 99999999999999999999", "(< d 99999999999999999999): bool"},
    {"d == i32", "(== d (widen i32 as decimal(10, 0))): bool"},
    {"i32 > 1.5", "(> (widen i32 as decimal(10, 0)) 1.5): bool"},
    {"f64 > 1.5", "(> f64 1.5e0): bool"},
    {"i64 > f64", "E027"},
    {"d == f64", "E027"},
    {"e == \"a\"", "(== e \"a\"): bool"},
    {"e == \"c\"", "E039"},
    {"\"b\" != e", "(!= \"b\" e): bool"},
    {"e == other", "(== (widen e as string) (widen other as string)): bool"},
    {"e == s", "(== (widen e as string) s): bool"},
    {"s == 1", "E027"},
    {"ts > \"2026-01-01T00:00:00Z\"", "E028"},
    {"ts > timestamp \"2026-01-01T00:00:00Z\"", "(> ts timestamp \"2026-01-01T00:00:00Z\"): bool"},
    {"day == date \"2026-01-31\"", "(== day date \"2026-01-31\"): bool"},
    {"day == ts", "E027"},
    {"dur > 5 minutes", "(> dur 300000000 us): bool"},
    {"ni == null", "E013"},
    {"b == true", "(== b true): bool"},
    {"ni > 3", "(> ni 3): bool?"},
    {"d between 1 and 10.5", "(between d 1.00 10.50): bool"},
    {"i8 between 1 and 300", "(between (widen i8 as int64) 1 300): bool"},
    {"e in (\"a\", \"b\")", "(in e \"a\" \"b\"): bool"},
    {"e in (\"a\", \"x\")", "E039"},
    {"e not in (\"a\", s)", "(not (in (widen e as string) \"a\" s)): bool"},
    {"i8 in (1, 2)", "(in i8 1 2): bool"},
    {"s in (1, 2)", "E027"},
    {"e like \"a%\"", "(like (widen e as string) \"a%\"): bool"},
    {"ns not like \"a%\"", "(not (like ns \"a%\")): bool?"},
    {"s matches r\"\\d+\"", "(matches s \"\\\\d+\"): bool"},
    {"s matches r\"(\"", "E111"},
    {"i32 like \"1\"", "E026"},
    {"s and b", "E100"},
    {"not i32", "E100"},
};

// --- null ----------------------------------------------------------------------------------------
static const Case nulls[] = {
    {"ni + 1", "(+ ni 1): int32?"},
    {"ni is null", "(is null ni): bool"},
    {"ni is not null", "(not (is null ni)): bool"},
    {"ni ?? 0", "(?? ni 0): int32"},
    {"ni ?? i64", "(?? (widen ni as int64?) i64): int64"},
    {"coalesce(ns, ns, \"x\")", "(?? ns (?? ns \"x\")): string"},
    {"coalesce(ns, ns)", "(?? ns ns): string?"},
    {"if_null(nd, 0)", "(?? nd 0.00): decimal(12, 2)"},
    {"nullif(i32, 3)", "(if (== i32 3) null i32): int32?"},
    {"null", "E110"},
    {"cast(null as int32)", "null: int32?"},
    {"if b then null else null", "E110"},
    {"if b then 1 else null", "(if b 1 null): int64?"},
    {"if ni is not null then ni + 1 else 0", "(if (not (is null ni)) (+ ni 1) 0): int32"},
    {"if ni is null then 0 else ni", "(if (is null ni) 0 ni): int32"},
    {"if ni is not null and b then ni else 0", "(if (and (not (is null ni)) b) ni 0): int32"},
    {"if ni is not null or b then ni else 0", "(if (or (not (is null ni)) b) ni 0): int32?"},
    {"if ni is null or nd is null then 0 else ni",
     "(if (or (is null ni) (is null nd)) 0 ni): int32"},
    {"if not (ni is null) then ni else 0", "(if (not (is null ni)) ni 0): int32"},
    {"ni is null or ni > 0", "(or (is null ni) (> ni 0)): bool"},
    {"ni is not null and ni > 0", "(and (not (is null ni)) (> ni 0)): bool"},
    {"b and nb", "(and b nb): bool?"},
    {"case when b then 1 end", "(if b 1 null): int64?"},
    {"case when ni is null then 0 when ni > 3 then ni else ni end",
     "(if (is null ni) 0 (if (> ni 3) ni ni)): int32"},
    {"greatest(i32, i8)", "(if (>= i32 (widen i8 as int32)) i32 (widen i8 as int32)): int32"},
    {"greatest(ni, i32)", "(if (and (not (is null ni)) (>= ni i32)) ni i32): int32"},
    {"least(ni, ni)", "(if (and (not (is null ni)) (or (is null ni) (<= ni ni))) ni ni): int32?"},
    {"length(ns)", "(length ns): int64?"},
    {"q ?? s", "(?? (param 1) s): string"},
};

// --- branches, casts, calls, times ---------------------------------------------------------------
static const Case others[] = {
    {"if b then 1 else 2.5", "(if b 1.0 2.5): decimal(2, 1)"},
    {"if b then i8 else 300", "(if b (widen i8 as int64) 300): int64"},
    {"if b then e else \"a\"", "(if b e \"a\"): enum(\"a\", \"b\")"},
    {"if b then e else \"x\"", "(if b (widen e as string) \"x\"): string"},
    {"if b then 1 else \"x\"", "E035"},
    {"if i32 then 1 else 2", "E100"},
    {"if b then i64 else f64", "E035"},
    {"cast(s as int32)", "(cast s as int32): int32"},
    {"cast(ns as int32)", "(cast ns as int32?): int32?"},
    {"try_cast(s as int32)", "(try_cast s as int32?): int32?"},
    {"try_cast(i8 as int32)", "(widen i8 as int32): int32"},
    {"cast(i32 as int64)", "(widen i32 as int64): int64"},
    {"cast(i64 as float64)", "(cast i64 as float64): float64"},
    {"cast(d as decimal(10, 1))", "(cast d as decimal(10, 1)): decimal(10, 1)"},
    {"cast(1 as decimal(5, 2))", "1.00: decimal(5, 2)"},
    {"cast(300 as int8)", "(cast 300 as int8): int8"},
    {"cast(e as other)", "E010"},
    {"cast(s as enum(\"a\", \"b\"))", "(cast s as enum(\"a\", \"b\")): enum(\"a\", \"b\")"},
    {"cast(\"a\" as enum(\"a\", \"b\"))", "\"a\": enum(\"a\", \"b\")"},
    {"cast(ts as int64)", "E104"},
    {"cast(ts as date)", "(cast ts as date): date"},
    {"cast(dur as int64)", "(cast dur as int64): int64"},
    {"cast(raw as int32)", "E104"},
    {"cast(b as int32)", "(cast b as int32): int32"},
    {"cast(i32 as decimal(40, 2))", "E024"},
    {"cast(i32 as decimal(4, 5))", "E023"},
    {"cast(i32 as list(int32))", "E104"},
    {"[1, ni]", "(list 1 ni): list(int32?)"},
    {"[1, 2.5]", "(list 1.0 2.5): list(decimal(2, 1))"},
    {"[[], [i8, i64]]", "(list [] (list (widen i8 as int64) i64)): list(list(int64))"},
    {"{ a = 1, `b c` = ns }", "(struct a = 1 b c = ns): struct(a: int64, `b c`: string?)"},
    {"{ a = { b = ns } }.a.b", "(field (field (struct a = (struct b = ns)) a) b): string?"},
    {"[i32][0]", "(index (list i32) 0): int32?"},
    {"[i32][i8]", "(index (list i32) (widen i8 as int64)): int32?"},
    {"cast([] as list(int8?))", "[]: list(int8?)"},
    {"cast({ b = 1, a = 2 } as struct(a: int8, b: int16))",
     "(struct a = 2 b = 1): struct(a: int8, b: int16)"},
    {"cast([i32] as list(int8))", "(cast (list i32) as list(int8)): list(int8)"},
    {"cast([i8] as string)", "(cast (list i8) as string): string"},
    {"[i32] == [1]", "(== (list i32) (list 1)): bool"},
    {"[i32] == [i64]", "(== (list (widen i32 as int64)) (list i64)): bool"},
    {"[i32] in ([1], [])", "(in (list (widen i32 as int64)) (list 1) []): bool"},
    {"{ a = 1 } == { b = 1 }", "E027"},
    {"[i32] < [ns]", "E027"},
    {"if b then [] else [i32]", "(if b [] (list i32)): list(int32)"},
    {"if { a = ns }.a is not null then { a = ns }.a else s",
     "(if (not (is null (field (struct a = ns) a))) (field (struct a = ns) a) s): string?"},
    {"map([i32], x -> x + ni)", "(map (list i32) (lambda #0 (+ #0 ni))): list(int32?)"},
    {"map([ns], x -> if x is null then s else x)",
     "(map (list ns) (lambda #0 (if (is null #0) s #0))): list(string)"},
    {"map([[1]], x -> map(x, y -> y + size))", "E015"},
    {"if st.a is not null then st.a else 0",
     "(if (not (is null (field st a))) (field st a) 0): int64"},
    {"if st.b.c is not null then st.b.c else s",
     "(if (not (is null (field (field st b) c))) (field (field st b) c) s): string"},
    {"if li[0] is not null then li[0] else 0",
     "(if (not (is null (index li 0))) (index li 0) 0): int64?"},
    {"map(li, x -> x + 1)", "(map li (lambda #0 (+ #0 1))): list(int64)?"},
    {"st == { b = null, a = 1 }", "(== st (struct a = 1 b = null)): bool?"},
    {"li ?? []", "(?? li []): list(int64)"},
    {"[{ a = 1 }, { a = ni }]",
     "(list (struct a = 1) (struct a = (widen ni as int64?))): list(struct(a: int64?))"},
    {"map([[1]], x -> map(x, y -> [y, x[0]]))",
     "(map (list (list 1)) (lambda #0 (map #0 (lambda #1 (list #1 (index #0 0)))))): "
     "list(list(list(int64?)))"},
    {"s + \"x\"", "(+ s \"x\"): string"},
    {"e + \"-\" + other", "(+ (+ (widen e as string) \"-\") (widen other as string)): string"},
    {"s + 1", "E026"},
    {"raw + raw", "E026"},
    {"ts + 1 hour", "(+ ts 3600000000 us): timestamp"},
    {"1 hour + ts", "(+ ts 3600000000 us): timestamp"},
    {"day + 1 day", "(+ day 86400000000 us): timestamp"},
    {"day - 1 day", "(- (cast day as timestamp) 86400000000 us): timestamp"},
    {"ts - ts", "(- ts ts): duration"},
    {"ts - nts", "(- ts nts): duration?"},
    {"dur + 1 second", "(+ dur 1000000 us): duration"},
    {"ts + ts", "E026"},
    {"day - day", "(- (cast day as timestamp) (cast day as timestamp)): duration"},
    {"dur * 2", "(* dur (widen 2 as duration)): duration"},
    {"ni * dur", "(* dur (widen (widen ni as int64?) as duration?)): duration?"},
    {"dur / dur",
     "(/ (widen (widen dur as int64) as float64) (widen (widen dur as int64) as float64)): "
     "float64"},
    {"2 / dur", "E026"},
    {"dur * 1.5", "E026"},
    {"dur % 2", "E026"},
    {"now()", "(now): timestamp"},
    {"now(1)", "E033"},
    {"random(1)", "E033"},
    {"length(s)", "(length s): int64"},
    {"length(e)", "(length (widen e as string)): int64"},
    {"length(i32)", "E033"},
    {"length()", "E033"},
    {"length(s, s)", "E033"},
    {"substr(s, 2)", "(substr s 2): string"},
    {"substr(s, i8, 3)", "(substr s (widen i8 as int64) 3): string"},
    {"year(day)", "(year day): int32"},
    {"age(day, ts)", "(age (cast day as timestamp) ts): duration"},
    {"lenght(s)", "E034"},
    {"sqrt(f64)", "(sqrt f64): float64"},
    {"count()", "E031"},
    {"i32 where b", "E031"},
    {"meta.file", "meta.file: string"},
    {"meta.partition", "meta.file: string"},
    {"meta.position", "meta.position: int64"},
    {"meta.source", "\"x\": string"},
    {"meta.operation", "\"insert\": string"},
    {"meta.ingested_at", "(now): timestamp"},
    {"meta.sequence", "E900"},
    {"meta.positon", "E015"},
    {"i32x", "E015"},
    {"s.length", "E107"},
    {"x.s", "E107"},
    {"[1, 2]", "(list 1 2): list(int64)"},
    {"s[0]", "E107"},
};

static void numbers_test(void **state) {
    (void)state;
    CHECK("derive r = %s", numbers);
}

static void comparisons_test(void **state) {
    (void)state;
    CHECK("derive r = %s", comparisons);
}

static void nulls_test(void **state) {
    (void)state;
    CHECK("derive r = %s", nulls);
}

static void others_test(void **state) {
    (void)state;
    CHECK("derive r = %s", others);
}

// --- narrowing -----------------------------------------------------------------------------------
static const Case narrowed[] = {
    {"where ni is not null", "(+ ni 1): int32"},
    {"where not (ni is null)", "(+ ni 1): int32"},
    {"where b and ni is not null", "(+ ni 1): int32"},
    {"where b or ni is not null", "(+ ni 1): int32?"},
    {"where not (nd is null or ni is null)", "(+ ni 1): int32"},
    {"where ni > 0", "(+ ni 1): int32?"},
    {"expect ni is not null", "(+ ni 1): int32"},
    {"expect ni is not null else drop", "(+ ni 1): int32"},
    {"expect ni is not null else warn", "(+ ni 1): int32?"},
    {"rename ni = i32, i32 = ni", "(+ ni 1): int32"},
    {"derive ni = 5", "(+ ni 1): int64"},
};

// A field that is there is so in a struct that is there.
static const Case narrowed_fields[] = {
    {"where st is not null", "(list (field st a)): list(int64?)"},
    {"where st.a is not null", "(list (field st a)): list(int64)"},
    {"where st.a > 0", "(list (field st a)): list(int64?)"},
};
static const Case narrowed_structs[] = {
    {"where b", "(field st b): struct(c: string?)?"},
    {"where st.b.c is not null", "(field st b): struct(c: string)"},
    {"where st.a is not null", "(field st b): struct(c: string?)?"},
    {"derive n = if st.b is not null then st.b else { c = s }",
     "(field st b): struct(c: string?)?"},
};

static void narrowing_test(void **state) {
    (void)state;
    CHECK("%s\n  derive r = ni + 1", narrowed);
    CHECK("%s\n  derive r = [st.a]", narrowed_fields);
    CHECK("%s\n  derive r = st.b", narrowed_structs);
}

// --- aggregates ----------------------------------------------------------------------------------
typedef struct AggCase {
    const char *text;
    const char *result; // the type of the column, or a code
} AggCase;

static const AggCase aggregates[] = {
    {"group by e { r = count() }", "int64"},
    {"group by e { r = count(ni) }", "int64"},
    {"group { r = count(ni) where b }", "int64"},
    {"group by e { r = sum(i32) }", "int64"},
    {"group by e { r = sum(ni) }", "int64?"},
    {"group by e { r = sum(i32) where b }", "int64?"},
    {"group { r = sum(i32) }", "int64?"},
    {"window tumbling 1 minute\n  group { r = sum(i32) }", "int64"},
    {"group by e { r = sum(d) }", "decimal(22, 2)"},
    {"group by e { r = sum(wide) }", "decimal(38, 10)"},
    {"group by e { r = avg(d) }", "decimal(16, 6)"},
    {"group by e { r = avg(wide) }", "decimal(38, 14)"},
    {"group by e { r = avg(i32) }", "float64"},
    {"group by e { r = avg(dur) }", "duration"},
    {"group by e { r = sum(f32) }", "float64"},
    {"group by e { r = min(e) }", "enum(\"a\", \"b\")"},
    {"group by e { r = max(ns) }", "string?"},
    {"group by e { r = count_if(b) }", "int64"},
    {"group by e { r = count_if(i32) }", "E033"},
    {"group by e { r = sum(s) }", "E033"},
    {"group by e { r = count_distinct(s) }", "int64"},
    {"group by e { r = sum(i32) / count() }", "float64"},
    {"group by e { r = (sum(i32) where b) ?? 0 }", "int64"},
    {"group by e { r = e + \"x\" }", "string"},
    {"group by e { r = s }", "E030"},
    {"group by e { r = sum(sum(i32)) }", "E032"},
    {"group by e { r = median(i32) }", "float64"},
    {"group by e { r = stddev(i32) }", "float64?"},
    {"group { r = median(i32) }", "float64?"},
    {"group by e { r = percentile(i32, 0.5) }", "float64"},
    {"group by e { r = percentile(i32, 1.5) }", "E033"},
    {"group by e { r = approx_percentile(i32, f64) }", "E033"},
    {"group by e { r = first(s) }", "string"},
    {"group by e { r = arg_max(s, i32) }", "string"},
    {"group by e { r = arg_max(s) }", "E033"},
    {"group by e { r = collect_list(s) where b }", "list(string)"},
    {"group by e { r = collect_set(i32) }", "list(int32)"},
    {"group by e { r = string_agg(s, \", \") }", "string"},
    {"group by e { r = string_agg(s, s) }", "E033"},
    {"group by e { r = string_agg(i32, \", \") }", "E033"},
    {"group by e { r = bool_and(b) }", "bool"},
    {"group by e { r = bool_or(i32) }", "E033"},
    {"group by e { r = approx_count_distinct(s) where b }", "int64"},
    {"group by e { r = sum(5 minutes) }", "duration"},
    {"group by e { r = lag(i32) }", "E031"},
    {"group by e { r = row_number() }", "E031"},
    {"group by e { r = sum(i32) + sum(i32) where b }", "E031"},
    {"group by \"e\" { r = count() }", "E007"},
    {"group by i32 + 1 { r = count() }", "E073"},
    {"group by k = i32 + 1 { r = max(k) }", "E015"},
    {"group by e { r = count(1, 2) }", "E033"},
    {"group by e { r = count(), r = count() }", "E203"},
    {"group by e { e = count(), r = count() }", "E203"},
    {"group by e { r = count() where meta.source == \"x\" }", "int64"},
    {"group by e { r = meta.source }", "E015"},
};

static const char *column_type(Made *m, const char *name) {
    const GraphNode *node = step_last_but(m, 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        if (str_equal(node->columns[i].name, name)) {
            return type_text(&m->arena, node->columns[i].type);
        }
    }
    return "no column";
}

static void aggregates_test(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT_OF(aggregates); i++) {
        const AggCase *c = &aggregates[i];
        Made m;
        Arena scratch = {0};
        program_make(
            &m,
            arena_format(
                &scratch, "%sflow f {\n  from x\n  %s\n  append into stdout\n}\n", HEAD, c->text));
        const char *got = diag_has_errors(&m.diags) ? codes_of(&m) : column_type(&m, "r");
        if (!str_equal(got, c->result)) {
            fail_msg("%s\n  wanted %s\n  got    %s", c->text, c->result, got);
        }
        arena_free(&m.arena);
        arena_free(&scratch);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_test),
        cmocka_unit_test(comparisons_test),
        cmocka_unit_test(nulls_test),
        cmocka_unit_test(others_test),
        cmocka_unit_test(narrowing_test),
        cmocka_unit_test(aggregates_test),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
