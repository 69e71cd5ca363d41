// `flowc explain`: what the passes made of a program, what a code means, which functions there are.
#include "driver/driver_internal.h"

// --- lists ------------------------------------------------------------------------------------
typedef struct Function {
    const char *name;
    const char *arguments;
    const char *result;
    const char *help;
} Function;

typedef struct Example {
    const char *function;
    const char *text;
} Example;

static const Function functions[] = {
#define BUILTIN(name, arguments, result, help) {#name, arguments, result, help},
#include "abi/builtin.def"
#undef BUILTIN
#define FORM(name, arguments, result, help, example) {name, arguments, result, help},
#include "driver/form.def"
#undef FORM
};

static const Example examples[] = {
#define EXAMPLE(function, text) {function, text},
#include "driver/example.h"
#undef EXAMPLE
#define FORM(name, arguments, result, help, example) {name, example},
#include "driver/form.def"
#undef FORM
};

static void json_member(Buffer *out, const char *before, const char *name, const char *text) {
    buffer_format(out, "%s\"%s\":", before, name);
    buffer_json_string(out, text, strlen(text));
}

static void function_json(Buffer *out, const Function *function) {
    json_member(out, "{", "name", function->name);
    json_member(out, ",", "arguments", function->arguments);
    json_member(out, ",", "result", function->result);
    json_member(out, ",", "text", function->help);
    buffer_text(out, ",\"examples\":[");
    const char *separator = "";
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        if (str_equal(examples[i].function, function->name) && *examples[i].text != '\0') {
            buffer_text(out, separator);
            buffer_json_string(out, examples[i].text, strlen(examples[i].text));
            separator = ",";
        }
    }
    buffer_text(out, "]}\n");
}

static void function_text(Buffer *out, const Function *function) {
    buffer_format(out,
                  "%s(%s) -> %s\n    %s\n",
                  function->name,
                  function->arguments,
                  function->result,
                  function->help);
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        if (str_equal(examples[i].function, function->name) && *examples[i].text != '\0') {
            buffer_format(out, "    %s\n", examples[i].text);
        }
    }
}

static void functions_print(Buffer *out, bool is_json) {
    for (size_t i = 0; i < COUNT_OF(functions); i++) {
        (is_json ? function_json : function_text)(out, &functions[i]);
    }
}

static void status_json(Buffer *out) {
    for (Unsupported i = 0; i < UNSUPPORTED_COUNT; i++) {
        buffer_text(out, "{\"feature\":");
        buffer_json_string(out, unsupported_what(i), strlen(unsupported_what(i)));
        buffer_text(out, ",\"section\":");
        buffer_json_string(out, unsupported_where(i), strlen(unsupported_where(i)));
        buffer_text(out, "}\n");
    }
}

static void status_text(Buffer *out) {
    buffer_text(out, "not supported yet:\n");
    for (Unsupported i = 0; i < UNSUPPORTED_COUNT; i++) {
        buffer_format(out, "  %s (%s)\n", unsupported_what(i), unsupported_where(i));
    }
}

static bool list_explain(const Options *options, const char *word, Buffer *out) {
    DiagCode code;
    if (str_equal(word, "functions")) {
        functions_print(out, option_is(options, OPTION_FORMAT, "json"));
        return true;
    }
    if (str_equal(word, "status")) {
        (option_is(options, OPTION_FORMAT, "json") ? status_json : status_text)(out);
        return true;
    }
    if (diag_code_find(word, &code)) {
        buffer_format(out,
                      "%s: %s\n\n%s\n",
                      diag_code_name(code),
                      diag_code_title(code),
                      diag_code_why(code));
        return true;
    }
    return std_explain(options, word, out);
}

// --- programs -----------------------------------------------------------------------------------
static PassId last_pass(const Options *options) {
    PassId pass = PASS_share;
    if (options->values[OPTION_DUMP_AFTER] != NULL) {
        pass_find(options->values[OPTION_DUMP_AFTER], &pass);
    } else if (options->values[OPTION_TYPES] != NULL) {
        pass = PASS_build;
    } else if (options->values[OPTION_IR] != NULL || options->values[OPTION_ASM] != NULL) {
        pass = PASS_gen;
    }
    return pass;
}

static const char *sink_promise(FlowSinkKind kind) {
    switch (kind) {
    case FLOW_SINK_TABLE_APPEND:
    case FLOW_SINK_TABLE_MERGE:
    case FLOW_SINK_TABLE_OVERWRITE:
        return "exactly once: one commit for each epoch";
    case FLOW_SINK_STDOUT:
        return "at least once: printed when the epoch is decided";
    case FLOW_SINK_FILES:
        return "exactly once: files appear when the epoch is decided";
    case FLOW_SINK_DISCARD:
        return "nothing is kept";
    }
    return "";
}

static void promises_print(const Graph *graph, Buffer *out) {
    for (uint32_t i = 0; i < graph->sinks.count; i++) {
        const GraphSink *sink = &graph->sinks.items[i];
        const char *flow = graph->flows.items[sink->flow];
        buffer_format(out, "%s to %s: %s\n", flow, sink->name, sink_promise(sink->kind));
    }
}

// Without an option: what runs, and what can be relied on.
static bool is_plain(const Options *options) {
    static const OptionId asking[] = {
        OPTION_TYPES, OPTION_PLAN, OPTION_IR, OPTION_ASM, OPTION_DUMP_AFTER};
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        if (options->values[asking[i]] != NULL) {
            return false;
        }
    }
    return true;
}

static void
product_print(const Options *options, const Compile *compile, PassId pass, Buffer *out) {
    if (options->values[OPTION_TYPES] != NULL) {
        graph_dump_types(compile->graph, out);
    } else if (options->values[OPTION_ASM] != NULL) {
        backend_print_asm(compile->module, &compile->options.backend, out);
    } else {
        compile_dump(compile, pass, out);
    }
    if (is_plain(options)) {
        promises_print(compile->graph, out);
    }
}

static int program_explain(const Options *options, const char *file) {
    Compile compile;
    int status = EXIT_DONE;
    PassId pass = last_pass(options);
    compile_init(&compile, options->sys, file, "", 0);
    const char *cpu = options->values[OPTION_CPU];
    compile.options.backend.cpu = cpu != NULL ? cpu : "x86-64-v3";
    if (options->values[OPTION_OPT] != NULL) {
        compile.options.backend.optimise = options->values[OPTION_OPT][0] - '0';
    }
    bool is_sound = program_compile(options, file, pass, &compile, &status);
    // What a pass made can be looked at even if a later reader would refuse it.
    if (is_sound || pass <= PASS_resolve) {
        Buffer out = {0};
        product_print(options, &compile, pass, &out);
        print(options, 1, &out);
        buffer_free(&out);
    }
    compile_free(&compile);
    return status;
}

// A letter and three digits, as E015.
static bool is_code(const char *word) {
    return strlen(word) == 4 && word[0] >= 'A' && word[0] <= 'Z' &&
           strspn(word + 1, "0123456789") == 3;
}

int command_explain(const Options *options) {
    PassId pass;
    DiagCode code;
    if (options->files.count != 1) {
        return usage_error(options,
                           "flowc explain takes a FILE, a CODE, `functions`, `std` or `status`");
    }
    if (options->values[OPTION_STATE] != NULL) {
        return not_yet(options, "explain --state");
    }
    const char *dump_after = options->values[OPTION_DUMP_AFTER];
    if (dump_after != NULL && !pass_find(dump_after, &pass)) {
        return usage_error(options,
                           "there is no pass `%s`; they are parse resolve check build rewrite "
                           "lower layout gen emit",
                           dump_after);
    }
    if (is_code(options->files.items[0]) && !diag_code_find(options->files.items[0], &code)) {
        return usage_error(options, "no diagnostic has the code %s", options->files.items[0]);
    }
    Buffer out = {0};
    bool is_list = list_explain(options, options->files.items[0], &out);
    if (!is_list && strncmp(options->files.items[0], "std.", 4) == 0) {
        return usage_error(
            options, "the standard library has no module %s", options->files.items[0]);
    }
    print(options, 1, &out);
    buffer_free(&out);
    return is_list ? EXIT_DONE : program_explain(options, options->files.items[0]);
}
