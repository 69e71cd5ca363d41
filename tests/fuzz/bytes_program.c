// Programs: from bytes to the plan's constants, without generating code. The tree of every program
// that parses is formatted too.
#include "bytes.h"

#include "driver/driver.h"
#include "sys/sys_memory.h"

const char *const fuzz_words[] = {
#define KEYWORD(token, text, is_reserved) " " text " ",
#include "syntax/keyword.def"
#undef KEYWORD
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\n",
    ";",
    "--",
    "->",
    "..",
    "??",
    "\"",
    "`",
    " 10 minutes ",
    " 64 MiB ",
    "r\"",
    "\\u{1F600}",
    "9223372036854775808",
    "1e999",
    "\xef\xbb\xbf",
    "decimal(38, 38)",
    "count()",
    "sum(",
    "list(",
    "map(",
    "struct(",
    "meta.",
    " int64",
    " x -> x ",
    NULL,
};

static void program_compile(Sys *sys, const char *text, size_t size) {
    Compile compile;
    compile_init(&compile, sys, "fuzz.flow", text, size);
    compile_run(&compile, PASS_layout);
    Buffer rendered = {0};
    diag_render_text(&compile.diags, &rendered, false);
    diag_render_json(&compile.diags, &rendered);
    buffer_free(&rendered);
    compile_free(&compile);
}

static void program_format(const char *text, size_t size) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    Buffer formatted = {0};
    syntax_format(&arena, &diags, "fuzz.flow", text, size, &formatted);
    buffer_free(&formatted);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Sys *sys = sys_memory_new(1);
    program_compile(sys, (const char *)data, size);
    program_format((const char *)data, size);
    sys_memory_free(sys);
    return 0;
}
