// `flowc test`: compiles a program once and runs each of its tests in a world of its own.
#include "driver/driver_internal.h"
#include "trial/trial.h"

typedef struct Tests {
    const Options *options;
    int64_t epoch_count; // of all tests: what is given later is newer
    const Compile *compile;
    const char *file;
    BackendCode *code;
    const FlowProgram *program; // as tests run it
    Buffer report;              // what --format junit prints at the end
    uint32_t run_count;
    uint32_t failed_count;
} Tests;

static int world_run(void *user, Sys *world) {
    Tests *tests = user;
    // Each epoch of a test is a run that finds just what is new.
    const EngineTrigger once = {.kind = FLOW_TRIGGER_ONCE};
    EngineOptions options = {.trigger = &once,
                             .show_progress = false,
                             .has_no_environment = true,
                             .batch_order = ++tests->epoch_count};
    return engine_run(world, tests->program, &options);
}

static const char *folder_of(Arena *arena, const char *file) {
    const char *slash = strrchr(file, '/');
    return slash == NULL ? "" : arena_copy(arena, file, (size_t)(slash + 1 - file));
}

// --- reports ------------------------------------------------------------------------------------
static void text_report(const Tests *tests,
                        const CheckedTest *test,
                        const TrialResult *result,
                        const char *place) {
    Buffer line = {0};
    if (!result->is_passed) {
        buffer_format(&line, "failed: %s\n%s: %s", test->name, place, result->report);
    }
    print(tests->options, 1, &line);
    buffer_free(&line);
}

static void json_report(const Tests *tests,
                        const CheckedTest *test,
                        const TrialResult *result,
                        const char *place) {
    Buffer line = {0};
    buffer_text(&line, "{\"test\":");
    buffer_json_string(&line, test->name, strlen(test->name));
    buffer_format(&line, ",\"passed\":%s", result->is_passed ? "true" : "false");
    if (!result->is_passed) {
        buffer_text(&line, ",\"location\":");
        buffer_json_string(&line, place, strlen(place));
        buffer_text(&line, ",\"report\":");
        buffer_json_string(&line, result->report, strlen(result->report));
    }
    buffer_text(&line, "}\n");
    print(tests->options, 1, &line);
    buffer_free(&line);
}

static void xml_text(Buffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr("<>&\"", *text) != NULL) {
            buffer_format(out, "&#%d;", *text);
        } else if (c >= ' ' || c == '\n' || c == '\t') {
            buffer_char(out, *text);
        } else {
            buffer_char(out, '?'); // XML has no way to write the others
        }
    }
}

static void
junit_report(Tests *tests, const CheckedTest *test, const TrialResult *result, const char *place) {
    Buffer *out = &tests->report;
    buffer_text(out, "    <testcase classname=\"");
    xml_text(out, tests->file);
    buffer_text(out, "\" name=\"");
    xml_text(out, test->name);
    if (result->is_passed) {
        buffer_text(out, "\"/>\n");
        return;
    }
    buffer_text(out, "\">\n      <failure message=\"");
    xml_text(out, place);
    buffer_text(out, "\">");
    xml_text(out, result->report);
    buffer_text(out, "</failure>\n    </testcase>\n");
}

static void result_report(Tests *tests, const CheckedTest *test, const TrialResult *result) {
    Arena arena = {0};
    const char *place = source_location(&arena, &tests->compile->diags.sources, result->span);
    if (option_is(tests->options, OPTION_REPORT, "junit")) {
        junit_report(tests, test, result, place);
    } else if (option_is(tests->options, OPTION_REPORT, "json")) {
        json_report(tests, test, result, place);
    } else {
        text_report(tests, test, result, place);
    }
    arena_free(&arena);
}

// --- the tests of a file
// ----------------------------------------------------------------------------
static bool is_chosen(const Options *options, const CheckedTest *test) {
    const char *filter = options->values[OPTION_FILTER];
    return filter == NULL || strstr(test->name, filter) != NULL;
}

static void tests_run(Tests *tests) {
    const Checked *checked = tests->compile->checked;
    Arena arena = {0};
    tests->program = trial_program(&arena, backend_program(tests->code));
    TrialProgram program = {.program = tests->program,
                            .folder = folder_of(&arena, tests->file),
                            .run = world_run,
                            .user = tests};
    for (uint32_t i = 0; i < checked->tests.count; i++) {
        const CheckedTest *test = &checked->tests.items[i];
        if (!is_chosen(tests->options, test)) {
            continue;
        }
        TrialResult result = trial_run(&arena, &program, test);
        tests->run_count++;
        tests->failed_count += !result.is_passed;
        result_report(tests, test, &result);
    }
    arena_free(&arena);
}

// Which tables there are is not known before a test gives them: none is looked for when the program
// is checked, and what it declares is believed.
static int file_test(Tests *tests, const char *file) {
    Compile compile;
    int status = EXIT_DONE;
    compile_init(&compile, NULL, file, "", 0);
    tests->file = file;
    tests->compile = &compile;
    if (program_compile_in(tests->options, NULL, file, PASS_emit, &compile, &status)) {
        tests->code = backend_load(&compile.object, backend_runtime_symbols());
        tests_run(tests);
        backend_unload(tests->code);
    }
    compile_free(&compile);
    return status;
}

static void junit_print(const Tests *tests) {
    Buffer out = {0};
    buffer_format(&out,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite "
                  "name=\"flow\" tests=\"%u\" failures=\"%u\">\n",
                  tests->run_count,
                  tests->failed_count);
    buffer_append(&out, tests->report.data, tests->report.length);
    buffer_text(&out, "  </testsuite>\n</testsuites>\n");
    print(tests->options, 1, &out);
    buffer_free(&out);
}

static void summary_print_text(const Tests *tests) {
    Buffer out = {0};
    buffer_format(&out,
                  "%u test%s, %u passed, %u failed\n",
                  tests->run_count,
                  tests->run_count == 1 ? "" : "s",
                  tests->run_count - tests->failed_count,
                  tests->failed_count);
    print(tests->options, 1, &out);
    buffer_free(&out);
}

int command_test(const Options *options) {
    if (options->files.count == 0) {
        return usage_error(options, "flowc test takes at least one FILE");
    }
    Tests tests = {.options = options};
    int worst = EXIT_DONE;
    for (uint32_t i = 0; i < options->files.count; i++) {
        int status = file_test(&tests, options->files.items[i]);
        worst = status > worst ? status : worst;
    }
    if (option_is(options, OPTION_REPORT, "junit")) {
        junit_print(&tests);
    } else if (!option_is(options, OPTION_REPORT, "json") &&
               (worst == EXIT_DONE || tests.run_count > 0)) {
        summary_print_text(&tests);
    }
    buffer_free(&tests.report);
    return tests.failed_count > 0 && worst == EXIT_DONE ? EXIT_FINDINGS : worst;
}
