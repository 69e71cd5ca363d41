// `flowc test`: compiles a program once and runs each of its tests in a world of its own.
#include "driver/coverage.h"
#include "driver/driver_internal.h"
#include "trial/trial.h"

typedef struct Tests {
    const Options *options;
    int64_t epoch_count; // of all tests: what is given later is newer
    const Compile *compile;
    const char *file;
    const FlowProgram *program; // as tests run it
    uint32_t shuffles;          // how often a test is run again, delivered otherwise
    uint32_t workers;           // 0: as many as there are cores
    int64_t *site_rows;         // with --coverage: of each site; else NULL
    Buffer report;              // what --format junit prints at the end
    uint32_t run_count;
    uint32_t failed_count;
} Tests;

// Each epoch of a test is a run that finds just what is new.
static int world_run(void *user, Sys *world, const TrialEpoch *epoch) {
    Tests *tests = user;
    const EngineTrigger trigger = {.kind = epoch->is_stream ? FLOW_TRIGGER_AVAILABLE_NOW
                                                            : FLOW_TRIGGER_ONCE};
    bool needs_checkpoint = epoch->is_stream && tests->program->checkpoint == NULL;
    EngineOptions options = {.trigger = &trigger,
                             .checkpoint = needs_checkpoint ? TRIAL_CHECKPOINT : NULL,
                             .is_closing = epoch->is_closing && epoch->is_stream,
                             .show_progress = false,
                             .has_no_environment = true,
                             .parallelism = tests->workers,
                             .site_rows = tests->site_rows,
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

enum { SHUFFLES_MAX = 100000, SHUFFLE_WORKERS = 5 };

static TrialResult
delivery_run(Arena *arena, const TrialProgram *program, const CheckedTest *test, const char *how) {
    TrialResult result = trial_run(arena, program, test);
    if (!result.is_passed) {
        result.report = arena_format(arena, "%s: %s", how, result.report);
    }
    return result;
}

// The test as it is written, then in other deliveries, up to the first that fails.
static TrialResult
deliveries_run(Tests *tests, Arena *arena, TrialProgram *program, const CheckedTest *test) {
    TrialResult result = trial_run(arena, program, test);
    if (result.is_passed && tests->options->values[OPTION_DUPLICATE] != NULL) {
        program->is_twice = true;
        result = delivery_run(arena, program, test, "delivered twice");
        program->is_twice = false;
    }
    for (uint32_t i = 1; i <= tests->shuffles && result.is_passed; i++) {
        tests->workers = 1 + i % SHUFFLE_WORKERS;
        program->shuffle = i;
        const char *how = arena_format(arena, "delivered otherwise (%u)", i);
        result = delivery_run(arena, program, test, how);
    }
    tests->workers = 0;
    program->shuffle = 0;
    return result;
}

// JUnit has no place for it.
static bool wants_coverage(const Tests *tests) {
    return tests->options->values[OPTION_COVERAGE] != NULL &&
           !option_is(tests->options, OPTION_REPORT, "junit");
}

// A test runs the program as a stream unless it says `trigger once`.
typedef struct TestedForm {
    const Compile *compile;
    bool is_stream;
    bool is_for_streams; // tests of which kind it is for
    bool is_for_batches;
    BackendCode *code;
} TestedForm;

static void form_run(Tests *tests, TestedForm *form, Coverage *coverage) {
    const Checked *checked = form->compile->checked;
    Arena arena = {0};
    form->code = backend_load(&form->compile->object, backend_runtime_symbols());
    TrialProgram program = {.given = trial_program(&arena, backend_program(form->code)),
                            .is_stream = form->is_stream,
                            .folder = folder_of(&arena, tests->file),
                            .run = world_run,
                            .user = tests};
    const FlowProgram *run = form->is_stream ? trial_stream(&arena, program.given) : program.given;
    tests->program = run;
    tests->site_rows =
        wants_coverage(tests) ? arena_array(&arena, int64_t, (size_t)run->sites_count + 1) : NULL;
    for (uint32_t i = 0; i < checked->tests.count; i++) {
        const CheckedTest *test = &checked->tests.items[i];
        bool is_meant = test->is_once ? form->is_for_batches : form->is_for_streams;
        if (!is_meant || !is_chosen(tests->options, test)) {
            continue;
        }
        tests->program = test->is_once ? program.given : run;
        program.program = tests->program;
        TrialResult result = deliveries_run(tests, &arena, &program, test);
        tests->run_count++;
        tests->failed_count += !result.is_passed;
        result_report(tests, test, &result);
    }
    if (tests->site_rows != NULL) {
        coverage_add(coverage, tests->program, tests->site_rows);
    }
    arena_free(&arena);
}

static bool has_stream_tests(const Tests *tests, const Checked *checked) {
    for (uint32_t i = 0; i < checked->tests.count; i++) {
        const CheckedTest *test = &checked->tests.items[i];
        if (!test->is_once && is_chosen(tests->options, test)) {
            return true;
        }
    }
    return false;
}

static bool keeps_state(const Plan *plan) {
    return plan->groups.count + plan->sorts.count + plan->bands.count + plan->lookups.count > 0;
}

// A program that says `once` itself, and keeps something from epoch to epoch: as a stream, if it
// can be one. If not, its tests are batches of one epoch.
static bool stream_compile(const Compile *compile, Compile *stream) {
    compile_init(stream, NULL, compile->file, compile->bytes, compile->length);
    stream->options = compile->options;
    stream->options.check = (CheckOptions){true, FLOW_TRIGGER_AVAILABLE_NOW, 0};
    stream->import_read = compile->import_read;
    stream->import_user = compile->import_user;
    return compile_run(stream, PASS_emit);
}

static void forms_run(Tests *tests, TestedForm *forms, uint32_t count) {
    Coverage coverage = {0};
    for (uint32_t i = 0; i < count; i++) {
        form_run(tests, &forms[i], &coverage);
    }
    if (wants_coverage(tests)) {
        Buffer out = {0};
        coverage_print(&coverage, option_is(tests->options, OPTION_REPORT, "json"), &out);
        print(tests->options, 1, &out);
        buffer_free(&out);
    }
    for (uint32_t i = 0; i < count; i++) {
        backend_unload(forms[i].code);
    }
}

static void program_test(Tests *tests, const Compile *compile) {
    bool is_stream = compile->checked->settings.trigger != FLOW_TRIGGER_ONCE;
    bool wants_stream =
        !is_stream && keeps_state(compile->plan) && has_stream_tests(tests, compile->checked);
    Compile stream;
    TestedForm forms[2] = {{.compile = compile, .is_stream = is_stream, .is_for_batches = true},
                           {.compile = &stream, .is_stream = true, .is_for_streams = true}};
    bool has_both = wants_stream && stream_compile(compile, &stream);
    forms[0].is_for_streams = !has_both;
    forms_run(tests, forms, has_both ? 2 : 1);
    if (wants_stream) {
        compile_free(&stream);
    }
}

// Which tables there are is not known before a test gives them: none is looked for when the program
// is checked, and what it declares is believed.
static int file_test(Tests *tests, const char *file) {
    Compile compile;
    int status = EXIT_DONE;
    compile_init(&compile, NULL, file, "", 0);
    compile.options.has_probes = tests->options->values[OPTION_COVERAGE] != NULL;
    tests->file = file;
    tests->compile = &compile;
    if (program_compile_in(tests->options, NULL, file, PASS_emit, &compile, &status)) {
        program_test(tests, &compile);
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
    const char *shuffles = options->values[OPTION_SHUFFLE];
    char *end = NULL;
    long count = shuffles == NULL ? 0 : strtol(shuffles, &end, 10);
    if (shuffles != NULL &&
        (*shuffles == '\0' || *end != '\0' || count < 1 || count > SHUFFLES_MAX)) {
        return usage_error(options, "--shuffle is a number from 1 to %d", SHUFFLES_MAX);
    }
    tests.shuffles = (uint32_t)count;
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
