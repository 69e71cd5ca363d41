// `flowc explain`: what the passes made of a program, what a code means, which functions there are.
#include "driver/driver_internal.h"

// --- lists ------------------------------------------------------------------------------------
static void functions_json(Buffer *out) {
    for (Builtin i = 0; i < BUILTIN_COUNT; i++) {
        buffer_format(out,
                      "{\"name\":\"%s\",\"arguments\":\"%s\",\"result\":\"%s\",\"text\":",
                      builtin_name(i),
                      builtin_signature(i),
                      builtin_result(i));
        buffer_json_string(out, builtin_help(i), strlen(builtin_help(i)));
        buffer_text(out, "}\n");
    }
}

static void functions_text(Buffer *out) {
    for (Builtin i = 0; i < BUILTIN_COUNT; i++) {
        char left[96];
        snprintf(left, sizeof(left), "%s(%s)", builtin_name(i), builtin_signature(i));
        buffer_format(out, "%-36s %-8s %s\n", left, builtin_result(i), builtin_help(i));
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
        if (option_is(options, OPTION_FORMAT, "json")) {
            functions_json(out);
        } else {
            functions_text(out);
        }
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
    return false;
}

// --- programs -----------------------------------------------------------------------------------
static PassId last_pass(const Options *options) {
    PassId pass = PASS_lower;
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
        return usage_error(options, "flowc explain takes a FILE, a CODE, `functions` or `status`");
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
    print(options, 1, &out);
    buffer_free(&out);
    return is_list ? EXIT_DONE : program_explain(options, options->files.items[0]);
}
