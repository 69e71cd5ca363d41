// `flowc run` and `flowc build`: the same object, loaded in process or linked.
#include "driver/command_replay.h"

static void backend_options_set(const Options *options, Compile *compile) {
    const char *level = options->values[OPTION_OPT];
    if (level != NULL) {
        compile->options.backend.optimise = level[0] - '0';
    }
    bool may_cache = options->command == COMMAND_run && options->values[OPTION_NO_CACHE] == NULL;
    if (may_cache) {
        const char *given = options->values[OPTION_CACHE];
        compile->options.backend.cache =
            given != NULL ? given : backend_cache_directory(options->sys, &compile->arena);
    }
}

// What the run is compiled for: in a stream rows may be late.
static void trigger_set(const Options *options, Compile *compile) {
    EngineTrigger trigger;
    const char *text = options->values[OPTION_TRIGGER];
    if (text != NULL && engine_trigger(text, &trigger)) {
        compile->options.check =
            (CheckOptions){true, (FlowTriggerKind)trigger.kind, trigger.every_us};
    }
}

EngineSummary summary_of(const Options *options) {
    if (options->values[OPTION_SUMMARY] == NULL) {
        return ENGINE_SUMMARY_NONE;
    }
    return option_is(options, OPTION_SUMMARY, "json") ? ENGINE_SUMMARY_JSON : ENGINE_SUMMARY_TEXT;
}

uint32_t parallelism_of(const Options *options) {
    const char *text = options->values[OPTION_PARALLELISM];
    return text == NULL ? 0 : engine_parallelism(text);
}

static int object_run(const Options *options, const Compile *compile) {
    EngineTrigger trigger;
    const char *text = options->values[OPTION_TRIGGER];
    bool is_json = option_is(options, OPTION_LOG, "json");
    bool has_trigger = text != NULL && engine_trigger(text, &trigger);
    BackendCode *code = backend_load(&compile->object, backend_runtime_symbols());
    EngineOptions engine = {.params = options->params.items,
                            .param_count = options->params.count,
                            .checkpoint = options->values[OPTION_CHECKPOINT],
                            .drops = options->drops.items,
                            .drop_count = options->drops.count,
                            .trigger = has_trigger ? &trigger : NULL,
                            .parallelism = parallelism_of(options),
                            .summary = summary_of(options),
                            .metrics = options->values[OPTION_METRICS],
                            .log = is_json ? ENGINE_LOG_JSON : ENGINE_LOG_TEXT,
                            .show_progress = !is_json && sys_is_terminal(options->sys, 2)};
    int status = engine_run(options->sys, backend_program(code), &engine);
    backend_unload(code);
    return status;
}

static int trigger_check(const Options *options) {
    const char *text = options->values[OPTION_TRIGGER];
    EngineTrigger trigger;
    if (text == NULL || engine_trigger(text, &trigger)) {
        return EXIT_DONE;
    }
    return usage_error(options,
                       "--trigger %s: once, available_now, continuous, files_arrive or \"every 10 "
                       "seconds\" is wanted",
                       text);
}

// What LANGUAGE has and this version does not: refused, never passed over.
static int run_options_check(const Options *options) {
    if (trigger_check(options) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    if (options->values[OPTION_PARALLELISM] != NULL && parallelism_of(options) == 0) {
        return usage_error(options,
                           "--parallelism %s: a number from 1 to 64 is wanted",
                           options->values[OPTION_PARALLELISM]);
    }
    const char *metrics = options->values[OPTION_METRICS];
    if (metrics != NULL && !sys_is_address(metrics)) {
        return usage_error(
            options, "--metrics %s: an address such as 127.0.0.1:9090 is wanted", metrics);
    }
    return EXIT_DONE;
}

bool compile_is_refused(const Compile *compile) {
    const DiagList *diags = &compile->diags;
    for (uint32_t i = 0; i < diags->items.count; i++) {
        const Diag *diag = diags->items.items[i];
        if (diag->severity == DIAG_ERROR && diag->code != DIAG_E220) {
            return false;
        }
    }
    return diags->error_count > 0;
}

int command_run(const Options *options) {
    if (options->files.count != 1) {
        return usage_error(options, "flowc run takes one FILE");
    }
    if (run_options_check(options) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    Compile compile;
    int status = EXIT_DONE;
    compile_init(&compile, options->sys, options->files.items[0], "", 0);
    compile.options.backend.optimise = BACKEND_OPTIMISE_QUICKLY;
    backend_options_set(options, &compile);
    trigger_set(options, &compile);
    if (program_compile(options, options->files.items[0], PASS_emit, &compile, &status)) {
        status = object_run(options, &compile);
    } else if (compile_is_refused(&compile)) {
        status = OUTCOME_REFUSED;
    }
    compile_free(&compile);
    return status;
}

static int object_link(const Options *options, const Compile *compile) {
    BackendLink link = {.output = options->values[OPTION_OUTPUT],
                        .linker = options->values[OPTION_CC],
                        .strip = options->values[OPTION_STRIP] != NULL};
    Sys *here = sys_posix_new(NULL); // the executable's path is the shell's, not below --root
    Outcome outcome = backend_link(here, &compile->object, &link);
    int status = EXIT_DONE;
    if (outcome != OUTCOME_OK) {
        Buffer out = {0};
        buffer_format(&out, "flowc: %s\n", here->failure.text);
        print(options, 2, &out);
        buffer_free(&out);
        status = (int)outcome;
    }
    sys_posix_free(here);
    return status;
}

int command_build(const Options *options) {
    if (options->files.count != 1 || options->values[OPTION_OUTPUT] == NULL) {
        return usage_error(options, "flowc build takes one FILE and -o EXE");
    }
    Compile compile;
    int status = EXIT_DONE;
    if (trigger_check(options) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    compile_init(&compile, options->sys, options->files.items[0], "", 0);
    backend_options_set(options, &compile);
    trigger_set(options, &compile);
    compile.options.levels = GEN_ALL_LEVELS;
    compile.options.backend.cpu = "x86-64-v2";
    if (program_compile(options, options->files.items[0], PASS_emit, &compile, &status)) {
        status = object_link(options, &compile);
    }
    compile_free(&compile);
    return status;
}
