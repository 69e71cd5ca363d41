// links: compiler
// Goal: the grammar of LANGUAGE's appendix is read as it stands, no more and no less. Method:
// tables of programs with the codes of what is wrong with them (none: they are right).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "syntax/syntax.h"

typedef struct Case {
    const char *text;
    const char *codes; // in the order of the text, separated by blanks
} Case;

static const char *codes_of(Arena *arena, const DiagList *diags) {
    const char *codes = "";
    for (uint32_t i = 0; i < diags->items.count; i++) {
        const char *code = diag_code_name(diags->items.items[i]->code);
        codes = arena_format(arena, "%s%s%s", codes, *codes ? " " : "", code);
    }
    return codes;
}

static void case_check(const Case *c, const char *before, const char *behind) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    const char *text = arena_format(&arena, "%s%s%s", before, c->text, behind);
    syntax_parse(&arena, &diags, "t.flow", text, strlen(text));
    const char *codes = codes_of(&arena, &diags);
    if (!str_equal(codes, c->codes)) {
        fail_msg("%s\nwanted <%s>, got <%s>", text, c->codes, codes);
    }
    arena_free(&arena);
}

#define CASES(cases, before, behind)                                                               \
    for (size_t i = 0; i < COUNT_OF(cases); i++) {                                                 \
        case_check(&(cases)[i], before, behind);                                                   \
    }

static const Case declarations[] = {
    {"", ""},
    {"\n\n-- nothing\n", ""},
    {"import \"other.flow\"", ""},
    {"import std.money", ""},
    {"import contract.money", ""},
    {"import contract \"o.yaml\" as Order", ""},
    {"contract C { }", ""},
    {"contract C version \"2.1.0\" { a: int64 }", ""},
    {"contract C { a: int64, b: int64, }", ""},
    {"contract C { a: int64; b: int64; }", ""},
    {"source s: C { files \"x\" }", ""},
    {"source s { columns { a: int64 }\n files \"x\", lateness 5 minutes }", ""},
    {"table t { at \"x\"; key (a, b,) }", ""},
    {"sink s { stdout }", ""},
    {"sink s { columns }", "E001"},
    {"pipeline { trigger once }", ""},
    {"pipeline nightly { trigger once }", ""},
    {"param a: string", ""},
    {"param a: string = \"DE\"", ""},
    {"type Status = enum(\"open\", \"paid\")", ""},
    {"fn f() -> int64 = 1", ""},
    {"fn f(a: int64, b: decimal(4, 3),) -> int64 = a + b", ""},
    {"flow f { }", ""},
    {"flow f was g { from s }", ""},
    {"test \"t\" { restart }", ""},
    {"flow f { from s }; flow g { from s }", ""},
    {"flow f { from s } flow g { from s }", "E001"},
    {"contract C { a: int64 b: int64 }", "E001"},
    {"contract { }", "E001"},
    {"contrcat C { }", "E002"},
    {"banana", "E002"},
    {"pipeline { } pipeline", "E001"},
    {"table t { at \"x\"", "E003"},
    {"table t { at \"x\" } }", "E064"},
    {"table t\n{\n at \"x\"\n}", "E014"},
    {"source s { columns { a: int64 }\n columns { b: int64 } }", "E074"},
    {"import", "E001"},
    {"param a", "E001"},
    {"table t { key ) }", "E064"},
};

static void declarations_are_read(void **state) {
    (void)state;
    CASES(declarations, "", "\n")
}

static const Case columns[] = {
    {"a: int64", ""},
    {"a: int64?", ""},
    {"`odd name`: int64", ""},
    {"key: string key\n check: int64\n unique: bool", ""},
    {"a: decimal(12, 2) = b * 2 key event_time unique", ""},
    {"a: string unique within 30 days", ""},
    {"a: string check a == \"x\" else drop default \"y\"", ""},
    {"a: int64 default -1 check if a > 0 then true else false else warn", ""},
    {"a: list(int64) default []", ""},
    {"a: map(string, struct(x: int64, y: list(string)?)?)", ""},
    {"a: enum(\"x\", \"y\",)", ""},
    {"a: string pattern r\"\\d+\" unit \"EUR\" pii", ""},
    {"a: string pii email was \"b\" deprecated", ""},
    {"a: string pii key", ""},
    {"a: string from \"b\" deprecated \"later\"", ""},
    {"a: date from (\"b\", \"c\") format \"yyyy\" in \"UTC\"", ""},
    {"key (a, b)\n subject (a)", ""},
    {"check a > 0 else fail", ""},
    {"unique a\n unique (a, b) within 1 hour", ""},
    {"owner \"crm\"\n consumer \"billing\" uses (a, b)", ""},
    {"freshness 15 minutes else warn\n completeness a.b 95 percent", ""},
    {"volume at least 5 per hour\n volume at least 5 per 2 hours else fail", ""},
    {"volume at least 5 per fortnight", "E048"},
    {"evolution none\n evolution backward transitive\n evolution full", ""},
    {"a int64", "E001"},
    {"a: ", "E001"},
    {"a: int64 keyy", "E001"},
    {"a: int64\n b int64\n c: 5\n d: int64 else", "E001 E001 E001"},
    {"a: int64,\n end: int64", "E011"},
    {"not: int64", "E011"},
    {"a: decimal(12, 2\nb: int64", "E003"},
    {"a: enum('x', \"y\")", "E006"},
    {"a: int64 default b", "E001"},
};

static void columns_and_rules_are_read(void **state) {
    (void)state;
    CASES(columns, "contract C {\n", "\n}\n")
}

static const Case settings[] = {
    {"files \"x\"", ""},
    {"format csv { delimiter \",\", header true, null \"\" }", ""},
    {"changes {\n operation op\n insert (\"I\")\n sequence (a, b)\n}", ""},
    {"rate_limit 5 per second\n read changes from version 3", ""},
    {"append_only on\n max 5 percent of 1_000 64 MiB 1.5 null", ""},
    {"a.b c", ""},
    {"history scd2 { track (a, b) }", ""},
    {"hmac { secret secret(\"NAME\") }", ""},
    {"x -1", "E001"},
    {"at = \"x\"", "E001"},
    {"at \"x", "E008"},
    {"lateness 5m", "E048"},
    {"lateness 1 month", "E048"},
};

static void settings_are_read(void **state) {
    (void)state;
    CASES(settings, "source s {\n", "\n}\n")
}

static const Case steps[] = {
    {"from changes", ""},
    {"from changes of t as c", ""},
    {"from t as of", ""},
    {"from t as of version 3", ""},
    {"from t as of timestamp \"2026-01-31T12:00:00Z\" as old", ""},
    {"from \"lake/raw\" as r", ""},
    {"derive a = 1, b = 2\n derive { c = 3\n d = 4, e = 5, }", ""},
    {"select a, b.c, d = 1\n select { a, b = 2\n c }", ""},
    {"drop a, b\n rename x = a, y = b", ""},
    {"unnest items.list as item keep empty", ""},
    {"union other", ""},
    {"join t on a == t.a\n left join t as r on a == r.a refresh 5 minutes", ""},
    {"left join t as r on a == r.a as of ts", ""},
    {"full join t as r on a == r.a within -5 minutes .. 10 minutes keep first", ""},
    {"semi join t on a == b within 1 hour keep last\n anti join t on a == b", ""},
    {"dedup by a, k = b + 1 within 1 day keep last\n dedup by * within 1 day", ""},
    {"window tumbling 1 month in \"Europe/Berlin\" as m", ""},
    {"window hopping 1 hour every 5 minutes offset -1 minute", ""},
    {"window session gap 30 minutes\n window cumulative 1 day every 1 hour", ""},
    {"window hopping 1 month every 1 day", "E048"},
    {"late into t\n late drop\n late dlq\n late update 1 day into t", ""},
    {"group { n = count() }\n group by a, b = c { n = count() where a > 1 }", ""},
    {"emit on close\n emit on change\n emit every 10 seconds", ""},
    {"state 5 days\n state unbounded", ""},
    {"running by a order by ts, n { x = lag(v) }\n running { x = row_number() }", ""},
    {"top 10 by x asc per a, b as place\n top 1 by x desc\n top 3 by y", ""},
    {"expect a > 0 else warn\n expect name: count() > 0 else fail", ""},
    {"sample 5 percent\n sample 0.01 by id", ""},
    {"append into t except a, b\n append into \"lake/x\"", ""},
    {"overwrite t except a where day == date \"2026-01-31\"", ""},
    {"merge into t except a {\n order by ts, meta.position\n delete when a == 1\n}", ""},
    {"merge into \"lake/t\" { key (a) }\n merge into t { truncate when a }", ""},
    {"route {\n when a > 1 then append into x\n when b then merge into y {\n key (a)\n }\n else "
     "drop\n}",
     ""},
    {"route { when a then drop when b then append into x }", ""},
    {"where a\n  and b\n  or c", ""},
    {"where a and\n b", ""},
    {"where (a\n and b\n )", ""},
    {"where a -- why\n and b", ""},
    {"select a,\n b", ""},
    {"where a; where b", ""},
    {"where", "E001"},
    {"where a b", "E001"},
    {"where a = 1", "E004"},
    {"wher a", "E002"},
    {"having a", "E002"},
    {"5 + 6", "E002"},
    {"where a && b || !c", "E005 E005 E005"},
    {"where a <> b", "E005"},
    {"select a, b from t", "E012"},
    {"window tumbling 10", "E048"},
    {"window tumbling 1.5 hours", "E048"},
    {"group by a\n{ n = count() }", "E014"},
    {"where (a\nwhere b\nwher c", "E003 E002"},
    {"derive a = , b = 1\n drop\n union 5", "E001 E001 E001"},
    {"group by a { x y\n y = count(\n z = 1 }", "E001 E004"},
    {"merge into t {\n order bye x\n delet when y\n}", "E001 E002"},
    {"append t", "E001"},
    {"top many by x", "E001"},
    {"from t as of timestamp \"2026-01-31T12:00:00\"", "E029"},
};

static void steps_are_read(void **state) {
    (void)state;
    CASES(steps, "flow f {\n from s\n", "\n}\n")
}

static const Case expressions[] = {
    {"if a then b else if c then d else e", ""},
    {"case when a then 1 when b then 2 else 3 end", ""},
    {"case\n when a then 1\n when b then 2\n end", ""},
    {"a is null and b is not null", ""},
    {"a between 1 and 2 and b not between 3 and 4", ""},
    {"a in (1, 2,) and b not in (3) and c like \"x%\" and d not like \"y\"", ""},
    {"a matches r\"\\d+\" or b not matches r\"x\"", ""},
    {"not not a", ""},
    {"a ?? b ?? 1", ""},
    {"- - 1 + 2 * 3 % 4 / 5 - 6", ""},
    {"a.b.c[0][\"k\"].d", ""},
    {"f() + f(1,) + f(a, x -> x + 1, (a, b) -> a)", ""},
    {"cast(a as decimal(12, 2)?) + try_cast(b as int64)", ""},
    {"[1, 2, 3,] == []", ""},
    {"{ a = 1, b = { c = 2 } }", ""},
    {"date \"2026-01-31\" < timestamp \"2026-01-31T12:00:00.123456789+01:00\"", ""},
    {"date + timestamp + count + key + source", ""},
    {"1_000_000 + 12.50 + 1e-3 + 1.5E10 + 9223372036854775808", ""},
    {"\"\\n\\t\\r\\\"\\\\\\u{1F600}\" + r\"\\d\" + \"日本\"", ""},
    {"5 minutes + 1 us + 2 weeks", ""},
    {"64 MiB", ""},
    {"sum(a) where b", ""},
    {"(sum(a) where b) / (count() where c)", ""},
    {"null == true", ""},
    {"`and` + `odd name`", ""},
    {"", "E001"},
    {"a +", "E001"},
    {"a == b == c", "E001"},
    {"if a then b", "E001"},
    {"case when a then b", "E001"},
    {"case end", "E001"},
    {"f(a", "E003"},
    {"f(a,,b)", "E001"},
    {"a in ()", "E001"},
    {"a in 1", "E001"},
    {"end", "E001"},
    {"1__0", "E061"},
    {"3x", "E061"},
    {"10min", "E048"},
    {"99999999999999999999 days", "E061"},
    {"9223372036854775807 weeks", "E061"},
    {"date \"2026-02-29\"", "E061"},
    {"date \"2024-02-29\"", ""},
    {"date \"0000-01-01\"", "E061"},
    {"timestamp \"2026-01-31T24:00:00Z\"", "E061"},
    {"timestamp \"2026-01-31\"", "E061"},
    {"\"\\q\"", "E061"},
    {"\"\\u{110000}\"", "E061"},
    {"\"\\u{d800}\"", "E061"},
    {"\"abc", "E008"},
    {"`abc", "E008"},
    {"\xe2\x80\x9cpaid\xe2\x80\x9d", "E009 E009"},
    {"a \xe2\x89\xa0 b", "E009"},
    {"a # b", "E009"},
    {"'x' == \"x\"", "E006"},
    {"x -> 1", "E001"},
};

static void expressions_are_read(void **state) {
    (void)state;
    CASES(expressions, "flow f {\n from s\n derive e = ", "\n}\n")
}

static const Case tests[] = {
    {"given s [ ]", ""},
    {"given s [\n { a = 1, meta.operation = \"x\" }\n { a = 2\n b = 3 }, \"raw\" ]", ""},
    {"given s (a, b) [ (1, 2) (3, 4), ]", ""},
    {"given \"path\" from \"file\"\n given s random 5\n given s random 5 seed 7", ""},
    {"advance 5 minutes\n close\n close s\n restart\n trigger once", ""},
    {"expect t [ { a = 1 } ]\n expect t contains (a) [ (1) ]\n expect t is empty", ""},
    {"given s [ { a } ]\n clos\n expect", "E001 E002 E001"},
};

static void tests_are_read(void **state) {
    (void)state;
    CASES(tests, "test \"t\" {\n", "\n}\n")
}

// Every word that is not reserved is a name, everywhere.
static void words_are_names(void **state) {
    (void)state;
    static const char *const words[] = {
#define KEYWORD(token, text, is_reserved) text,
#include "syntax/keyword.def"
#undef KEYWORD
    };
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        const char *w = words[i];
        Arena arena = {0};
        // No setting begins with `columns`, at any depth.
        bool is_columns = str_equal(w, "columns");
        const char *setting = is_columns ? "at" : w;
        const char *key = is_columns ? "`columns`" : w;
        const char *contract = arena_format(
            &arena, "contract %s {\n %s: int64\n a: string check %s > 0 key\n}\n", w, w, w);
        const char *flow =
            arena_format(&arena,
                         "flow %s {\n from %s\n select %s, x = f.%s + %s(1)\n append into %s\n}\n",
                         w,
                         w,
                         w,
                         w,
                         w,
                         w);
        const char *group =
            arena_format(&arena, "flow g {\n from %s\n group by %s { %s = %s }\n}\n", w, w, w, w);
        const char *text = arena_format(
            &arena, "%s%s%stable %s { key (%s)\n %s }\n", contract, flow, group, w, key, setting);
        DiagList diags;
        diag_init(&diags, &arena);
        syntax_parse(&arena, &diags, "t.flow", text, strlen(text));
        bool is_right = diags.items.count == 0;
        if (is_right == syntax_is_reserved(w)) {
            Buffer out = {0};
            diag_render_text(&diags, &out, false);
            fail_msg("%s\n%s", text, buffer_cstring(&out));
        }
        arena_free(&arena);
    }
}

static Ast *parse(Arena *arena, DiagList *diags, const char *text) {
    diag_init(diags, arena);
    return syntax_parse(arena, diags, "t.flow", text, strlen(text));
}

static void places_are_exact(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    Ast *ast = parse(&arena, &diags, "flow f {\n  from s\n  where `日本` ==\n    (a + 1) * 2\n}\n");
    const AstExpr *expr = ast->decls[0].steps[1].expr;
    assert_int_equal(expr->span.start_line, 3);
    assert_int_equal(expr->span.start_column, 9);
    assert_int_equal(expr->span.end_line, 4);
    assert_int_equal(expr->span.end_column, 16);
    assert_string_equal(source_text(&arena, &diags.sources, expr->span), "`日本` == (a + 1) * 2");
    assert_string_equal(source_location(&arena, &diags.sources, expr->operands[1]->span),
                        "t.flow:4:5");
    assert_string_equal(source_text(&arena, &diags.sources, expr->operands[1]->operands[0]->span),
                        "a + 1");
    arena_free(&arena);
}

static void literals_have_their_values(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    Ast *ast =
        parse(&arena,
              &diags,
              "flow f {\n from s\n derive a = 90 minutes, b = date \"1969-12-31\","
              " c = timestamp \"1970-01-01T01:00:00.5+01:00\", d = 1_0.5_0, e = \"a\\u{0}b\","
              " f = 9223372036854775808, g = 2 KiB\n}\n");
    const AstAssign *assigns = ast->decls[0].steps[1].assigns.items;
    assert_int_equal(assigns[0].expr->literal.value, 5400000000);
    assert_int_equal(assigns[1].expr->literal.value, -1);
    assert_int_equal(assigns[2].expr->literal.value, 500000);
    assert_string_equal(assigns[3].expr->literal.text, "10.50");
    assert_int_equal(assigns[4].expr->literal.length, 3);
    assert_memory_equal(assigns[4].expr->literal.text, "a\0b", 3);
    assert_true(assigns[5].expr->literal.is_out_of_range);
    assert_int_equal(assigns[6].expr->literal.value, 2048);
    arena_free(&arena);
}

static void comments_above_are_documentation(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    Ast *ast = parse(&arena,
                     &diags,
                     "-- not this\n\n-- An order.\n-- Of a customer.\ncontract C {\n"
                     "  -- Its number.\n  a: int64 -- not this\n  b: int64\n}\n");
    assert_string_equal(ast->decls[0].doc, "An order.\nOf a customer.");
    assert_string_equal(ast->decls[0].columns.columns[0].doc, "Its number.");
    assert_null(ast->decls[0].columns.columns[1].doc);
    arena_free(&arena);
}

static void bytes_that_are_no_text(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t length;
        uint32_t column;
    } cases[] = {{"a\xff", 2, 2},
                 {"\xed\xa0\x80", 3, 1},
                 {"\xc0\x80", 2, 1},
                 {"ab\0c", 4, 3},
                 {"\xe2\x82", 2, 1}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Arena arena = {0};
        DiagList diags;
        diag_init(&diags, &arena);
        Ast *ast = syntax_parse(&arena, &diags, "t.flow", cases[i].bytes, cases[i].length);
        assert_string_equal(codes_of(&arena, &diags), "E062");
        assert_int_equal(diags.items.items[0]->span.start_column, cases[i].column);
        assert_true(ast->is_broken);
        arena_free(&arena);
    }
}

static void line_ends_of_other_systems(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    Ast *ast = parse(&arena,
                     &diags,
                     "\xef\xbb\xbf"
                     "flow f {\r\n  from s\r\n  where a\r\n}\r\n");
    assert_int_equal(diags.items.count, 0);
    assert_int_equal(ast->decls[0].step_count, 2);
    assert_int_equal(ast->decls[0].steps[1].span.start_line, 3);
    arena_free(&arena);
}

static const char *repeated(Arena *arena, const char *part, size_t count) {
    char *text = arena_alloc(arena, strlen(part) * count + 1);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + i * strlen(part), part, strlen(part));
    }
    text[strlen(part) * count] = '\0';
    return text;
}

static void depth_is_limited(void **state) {
    (void)state;
    static const char *const parts[] = {"(",
                                        "[",
                                        "{ a = ",
                                        "f(",
                                        "- ",
                                        "not ",
                                        "1 + ",
                                        "1 ?? ",
                                        "if a then b else ",
                                        "a and ",
                                        "cast("};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        Arena arena = {0};
        DiagList diags;
        const char *text = arena_format(
            &arena, "flow f {\n from s\n where %s1\n}\n", repeated(&arena, parts[i], 20000));
        Ast *ast = parse(&arena, &diags, text);
        assert_true(diags.items.count >= 1);
        assert_int_equal(diags.items.items[0]->code, DIAG_E063);
        assert_true(ast->is_broken);
        arena_free(&arena);
    }
}

static void chains_below_the_limit_are_read(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    parse(
        &arena,
        &diags,
        arena_format(&arena, "flow f {\n from s\n where %s1\n}\n", repeated(&arena, "1 + ", 200)));
    assert_int_equal(diags.items.count, 0);
    arena_free(&arena);
}

// A mistake in a declaration leaves its name, so that nothing follows from it.
static void broken_declarations_keep_their_names(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    Ast *ast = parse(&arena,
                     &diags,
                     "source s :: C { files \"x\" }\ncontract C {\n a int64\n b: int64\n}\n"
                     "flow f {\n from s\n where a ==\n}\n");
    assert_int_equal(ast->decl_count, 3);
    assert_string_equal(ast->decls[0].name.text, "s");
    assert_true(ast->decls[1].is_broken);
    assert_int_equal(ast->decls[1].columns.column_count, 1);
    assert_true(ast->decls[2].is_broken);
    assert_int_equal(ast->decls[2].steps[1].kind, AST_STEP_ERROR);
    assert_false(ast->is_broken);
    arena_free(&arena);
}

static const char whole[] =
    "-- A comment.\ncontract C {\n a: enum(\"x\", \"y\") check a in (\"x\") else warn\n key "
    "(a)\n}\n"
    "source s: C {\n files \"x\", lateness 5 minutes\n changes { insert (\"I\") }\n}\n"
    "flow f {\n from s\n derive { b = case when `a` == 'x' then [1, 2][0] else 3 end }\n"
    " group by a { n = count() where b > 5 minutes }\n route {\n when n > 1 then merge into t {\n"
    " order by n\n }\n else drop\n }\n}\ntest \"t\" { given s [ { a = \"x\" } ] }\n";

static void survive(const char *text, size_t length) {
    Arena arena = {0};
    DiagList diags;
    Buffer out = {0};
    diag_init(&diags, &arena);
    Ast *ast = syntax_parse(&arena, &diags, "t.flow", text, length);
    syntax_dump(ast, &out);
    diag_render_text(&diags, &out, true);
    diag_render_json(&diags, &out);
    assert_true(diag_has_errors(&diags) || !ast->is_broken);
    buffer_free(&out);
    arena_free(&arena);
}

// Cut off anywhere, a program gives messages, never a crash, and the messages can be printed.
static void every_prefix_is_survived(void **state) {
    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        survive(whole, length);
    }
}

static uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

// Pieces of a program moved, doubled, lost, and bytes changed: the same.
static void shuffled_programs_are_survived(void **state) {
    (void)state;
    static const char bytes[] = "{}()[],:;=.\n\" `'?<>-+*/!&a1\\\xe2";
    for (uint64_t round = 1; round <= 2000; round++) {
        uint64_t seed = round * UINT64_C(0x9e3779b97f4a7c15);
        char text[2 * sizeof(whole)];
        size_t length = sizeof(whole) - 1;
        memcpy(text, whole, length);
        for (uint64_t changes = random_next(&seed) % 4 + 1; changes > 0; changes--) {
            size_t from = random_next(&seed) % length;
            size_t to = random_next(&seed) % length;
            size_t count = random_next(&seed) % 24;
            count = count < length - from ? count : length - from;
            count = count < length - to ? count : length - to;
            memmove(text + to, text + from, count);
            text[random_next(&seed) % length] = bytes[random_next(&seed) % (sizeof(bytes) - 1)];
        }
        survive(text, length);
    }
}

int main(void) {
    const struct CMUnitTest all[] = {
        cmocka_unit_test(declarations_are_read),
        cmocka_unit_test(columns_and_rules_are_read),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(steps_are_read),
        cmocka_unit_test(expressions_are_read),
        cmocka_unit_test(tests_are_read),
        cmocka_unit_test(words_are_names),
        cmocka_unit_test(places_are_exact),
        cmocka_unit_test(literals_have_their_values),
        cmocka_unit_test(comments_above_are_documentation),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(line_ends_of_other_systems),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(chains_below_the_limit_are_read),
        cmocka_unit_test(broken_declarations_keep_their_names),
        cmocka_unit_test(every_prefix_is_survived),
        cmocka_unit_test(shuffled_programs_are_survived),
    };
    return cmocka_run_group_tests_name("syntax", all, NULL, NULL);
}
