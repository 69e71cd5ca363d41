// links: compiler
// Goal: a mistake is shown where it is, in a way that can be read, and what was meant is found.
// Method: tables of names; whole messages about small texts, compared to the letter.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "resolve/resolve.h"
#include "support/support.h"

static void names_that_were_meant(void **state) {
    (void)state;
    static const char *const columns[] = {
        "amount", "customer_id", "Status", "ts", "order_date", "länge", "event_time"};
    static const struct {
        const char *written;
        const char *meant;
    } cases[] = {
        {"amuont", "amount"},
        {"amout", "amount"},
        {"amountt", "amount"},
        {"AMOUNT", "amount"},
        {"status", "Status"},
        {"custmer_id", "customer_id"},
        {"costomerid", "customer_id"},
        {"date_order", "order_date"},
        {"evnt_tiem", "event_time"},
        {"tz", NULL},
        {"price", NULL},
        {"", NULL},
        {"am", NULL},
        {"TS", "ts"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *meant = str_suggest(cases[i].written, columns, COUNT_OF(columns));
        if (cases[i].meant == NULL) {
            assert_null(meant);
        } else {
            assert_non_null(meant);
            assert_string_equal(meant, cases[i].meant);
        }
    }
}

static void very_long_names_are_compared_too(void **state) {
    (void)state;
    char name[5000];
    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const char *names[] = {name};
    assert_string_equal(str_suggest(name, names, 1), name);
    assert_null(str_suggest("aaaa", names, 1));
}

static Span place(uint32_t line, uint32_t column, uint32_t offset, uint32_t length) {
    return (Span){0, line, column, line, column + length, offset, offset + length};
}

static const char *shown(Arena *arena, const DiagList *diags) {
    Buffer out = {0};
    diag_render_text(diags, &out, false);
    const char *text = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

static void message_is(const char *text, Span span, const char *wanted) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    source_add(&arena, &diags.sources, "a.flow", text, strlen(text));
    diag_add(&diags, DIAG_E001, span, "here");
    assert_string_equal(shown(&arena, &diags), wanted);
    arena_free(&arena);
}

static void places_are_marked(void **state) {
    (void)state;
    message_is("one two\n",
               place(1, 5, 4, 3),
               "error[E001]: here\n --> a.flow:1:5\n  |\n1 | one two\n  |     ^^^\n\n1 error\n");
    message_is("one\n", // at the end of the line
               place(1, 4, 3, 0),
               "error[E001]: here\n --> a.flow:1:4\n  |\n1 | one\n  |    ^\n\n1 error\n");
    message_is("\tx\r\n", // tabs are four columns wide, line ends of other systems are not shown
               place(1, 2, 1, 1),
               "error[E001]: here\n --> a.flow:1:2\n  |\n1 |     x\n  |     ^\n\n1 error\n");
    message_is("日本 x", // code points are columns
               place(1, 4, 7, 1),
               "error[E001]: here\n --> a.flow:1:4\n  |\n1 | 日本 x\n  |    ^\n\n1 error\n");
    message_is(
        "a\xe2\x80\xae"
        "b\x1b[2J\n", // nothing can disguise itself
        place(1, 1, 0, 1),
        "error[E001]: here\n --> a.flow:1:1\n  |\n1 | a\\u{202e}b\\u{1b}[2J\n  | ^\n\n1 error\n");
}

static void long_lines_are_cut(void **state) {
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    text[500] = '!';
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    source_add(&arena, &diags.sources, "a.flow", text, strlen(text));
    diag_add(&diags, DIAG_E001, place(1, 501, 500, 1), "here");
    const char *message = shown(&arena, &diags);
    const char *line = strstr(message, "1 | …");
    assert_non_null(line);
    const char *carets = strchr(line, '\n') + 1;
    // `…` is one column but three bytes.
    assert_int_equal(strchr(line, '!') - line - 2, strchr(carets, '^') - carets);
    arena_free(&arena);
}

static void notes_stand_below(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    source_add(&arena, &diags.sources, "a.flow", "one\ntwo\n", 8);
    source_add(&arena, &diags.sources, "b.flow", "three\n", 6);
    Diag *diag = diag_add(&diags, DIAG_E022, place(2, 1, 4, 3), "twice");
    Span other = place(1, 1, 0, 5);
    other.file = 1;
    diag_label(&diags, diag, "again");
    diag_note_at(&diags, diag, other, "first");
    diag_note(&diags, diag, "a word");
    diag_help(&diags, diag, "rename %s", "it");
    assert_string_equal(shown(&arena, &diags),
                        "error[E022]: twice\n --> a.flow:2:1\n  |\n2 | two\n  | ^^^ again\n"
                        "::: b.flow:1:1\n1 | three\n  | ----- first\n"
                        "  = note: a word\n  = help: rename it\n\n1 error\n");
    arena_free(&arena);
}

// In the order of the text, each mistake once, warnings only where nothing else is wrong.
static void messages_are_in_order(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    source_add(&arena, &diags.sources, "a.flow", "one two\n", 8);
    diag_add(&diags, DIAG_E015, place(1, 5, 4, 3), "second");
    diag_add(&diags, DIAG_E019, place(1, 1, 0, 3), "first");
    diag_add(&diags, DIAG_E015, place(1, 5, 4, 3), "second again");
    diag_add(&diags, DIAG_E217, place(1, 1, 0, 3), "a warning");
    const char *text = shown(&arena, &diags);
    assert_true(strstr(text, "first") < strstr(text, "second"));
    assert_null(strstr(text, "again"));
    assert_non_null(strstr(text, "2 errors, 1 warning\n"));
    diags.has_no_warnings = true;
    diag_add(&diags, DIAG_E217, place(1, 5, 4, 3), "one more");
    assert_int_equal(diags.warning_count, 1);
    arena_free(&arena);
}

static void many_messages_are_counted(void **state) {
    (void)state;
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    char text[3000];
    memset(text, 'x', sizeof(text));
    source_add(&arena, &diags.sources, "a.flow", text, sizeof(text));
    for (uint32_t i = 0; i < sizeof(text); i++) {
        diag_add(&diags, DIAG_E001, place(1, i + 1, i, 1), "here");
    }
    assert_non_null(strstr(shown(&arena, &diags), "… and 2900 more\n3000 errors\n"));
    arena_free(&arena);
}

static void paths_have_one_spelling(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"lake/t", "lake/t"},
        {"./lake//t/", "lake/t"},
        {"/lake/./t", "/lake/t"},
        {"../t", "../t"},
        {"", "."},
        {"/", "/"},
        {"s3://b//t/", "s3://b//t/"},
        {"a/../t", "a/../t"},
    };
    Arena arena = {0};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(program_path(&arena, cases[i][0]), cases[i][1]);
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest all[] = {
        cmocka_unit_test(names_that_were_meant),
        cmocka_unit_test(very_long_names_are_compared_too),
        cmocka_unit_test(places_are_marked),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(notes_stand_below),
        cmocka_unit_test(messages_are_in_order),
        cmocka_unit_test(many_messages_are_counted),
        cmocka_unit_test(paths_have_one_spelling),
    };
    return cmocka_run_group_tests_name("support", all, NULL, NULL);
}
