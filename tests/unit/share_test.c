// links: compiler
// Goal: a shared expression is computed once. Method: calls of its function in the code that is
// made of a program, before the optimiser has seen it, with the rewrite and without.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "driver/driver.h"
#include "sys/sys_memory.h"

#define HEAD                                                                                       \
    "source rows { columns {\n id: int64\n a: int64\n name: string\n tags: list(int64)\n }\n"      \
    " files \"rows.ndjson\" }\nflow f {\n from rows\n"
#define TAIL " append into stdout\n}\n"

static uint32_t calls_in(const char *text, const char *callee) {
    uint32_t count = 0;
    for (const char *at = strstr(text, callee); at != NULL; at = strstr(at + 1, callee)) {
        const char *line = at;
        while (line > text && line[-1] != '\n') {
            line--;
        }
        count += memmem(line, (size_t)(at - line), " call ", 6) != NULL;
    }
    return count;
}

static uint32_t calls(const char *steps, const char *callee, const char *off) {
    Sys *sys = sys_memory_new(1);
    Buffer program = {0};
    Buffer ir = {0};
    buffer_format(&program, "%s%s%s", HEAD, steps, TAIL);
    Compile compile;
    compile_init(&compile, sys, "t.flow", program.data, program.length);
    compile.options.rewrites_off = off;
    assert_true(compile_run(&compile, PASS_gen));
    compile_dump(&compile, PASS_gen, &ir);
    uint32_t count = calls_in(buffer_cstring(&ir), callee);
    buffer_free(&ir);
    buffer_free(&program);
    compile_free(&compile);
    sys_memory_free(sys);
    return count;
}

typedef struct Case {
    const char *steps;
    const char *callee;
    uint32_t shared;
    uint32_t plain;
} Case;

static void test_calls(void **state) {
    (void)state;
    static const Case cases[] = {
        // across steps, and within one
        {" where upper(name) != \"X\"\n derive u = upper(name) + upper(name)\n", "fn_upper(", 1, 3},
        // keys, aggregates and their conditions
        {" group by u = upper(name) {\n n = max(length(upper(name)))\n"
         " m = count() where upper(name) == \"A\"\n }\n",
         "fn_upper(",
         1,
         3},
        // the larger expression takes the smaller along
        {" derive x = length(upper(name)) + 1, y = length(upper(name)) + 2\n", "fn_upper(", 1, 2},
        // a lambda's body uses what is there; what only it computes stays in it
        {" derive u = upper(name), n = map(tags, t -> t + length(upper(name)))\n",
         "fn_upper(",
         1,
         2},
        {" derive n = map(tags, t -> t + length(upper(name)))\n where length(upper(name)) > 1\n",
         "fn_upper(",
         2,
         2},
        // only one of two ways is gone
        {" derive n = if a > 1 then upper(name) else lower(name) + upper(name)\n",
         "fn_upper(",
         2,
         2},
        // numbers that depend on the place in the program
        {" derive r = random(), s = random()\n", "fn_random(", 2, 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(calls(cases[i].steps, cases[i].callee, NULL), cases[i].shared);
        assert_int_equal(calls(cases[i].steps, cases[i].callee, "share"), cases[i].plain);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
