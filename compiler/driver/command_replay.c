// `flowc dlq replay`: rejected records go through the program as it is now.
#include "driver/command_replay.h"

#include "driver/rejection.h"
#include "driver/replay_plan.h"

static void result_json(const EngineReplay *replay, Buffer *out) {
    buffer_format(out,
                  "{\"replayed\":%lld,\"rejected\":%lld,\"left\":[",
                  (long long)replay->replayed,
                  (long long)replay->rejected);
    for (uint32_t i = 0; i < replay->left.count; i++) {
        const EngineReplayLeft *left = &replay->left.items[i];
        buffer_format(
            out, "%s{\"records\":%lld,\"reason\":", i == 0 ? "" : ",", (long long)left->count);
        buffer_json_string(out, left->reason, strlen(left->reason));
        buffer_char(out, '}');
    }
    buffer_text(out, "]}\n");
}

static void result_text(const EngineReplay *replay, Buffer *out) {
    buffer_format(out,
                  "replayed %lld, rejected again %lld\n",
                  (long long)replay->replayed,
                  (long long)replay->rejected);
    for (uint32_t i = 0; i < replay->left.count; i++) {
        const EngineReplayLeft *left = &replay->left.items[i];
        buffer_format(
            out, "left %lld that can't be replayed: %s\n", (long long)left->count, left->reason);
    }
}

static int program_replay(const Options *options, const Compile *compile, EngineReplay *replay) {
    Buffer out = {0};
    replay_plan(compile->checked, replay);
    BackendCode *code = backend_load(&compile->object, backend_runtime_symbols());
    EngineOptions engine = {.params = options->params.items,
                            .param_count = options->params.count,
                            .checkpoint = options->values[OPTION_CHECKPOINT],
                            .parallelism = parallelism_of(options),
                            .summary = summary_of(options),
                            .replay = replay};
    int status = engine_run(options->sys, backend_program(code), &engine);
    backend_unload(code);
    if (status == EXIT_DONE) {
        bool is_json = option_is(options, OPTION_FORMAT, "json");
        (is_json ? result_json : result_text)(replay, &out);
        print(options, 1, &out);
    }
    buffer_free(&out);
    return status;
}

static int replay_options_check(const Options *options) {
    const char *reject_class = options->values[OPTION_CLASS];
    if (reject_class != NULL && rejection_advice(reject_class) == NULL) {
        return usage_error(options, "there is no class `%s` of rejections", reject_class);
    }
    if (options->values[OPTION_PARALLELISM] != NULL && parallelism_of(options) == 0) {
        return usage_error(options,
                           "--parallelism %s: a number from 1 to 64 is wanted",
                           options->values[OPTION_PARALLELISM]);
    }
    return EXIT_DONE;
}

int dlq_replay(const Options *options) {
    EngineReplay replay = {.dlq = options->files.items[1],
                           .reject_class = options->values[OPTION_CLASS],
                           .record_id = options->values[OPTION_RECORD]};
    const char *file = options->files.items[2];
    int status = replay_options_check(options);
    if (status != EXIT_DONE) {
        return status;
    }
    Compile compile;
    compile_init(&compile, options->sys, file, "", 0);
    compile.options.backend.optimise = BACKEND_OPTIMISE_QUICKLY;
    compile.options.is_replay = true;
    if (program_compile(options, file, PASS_emit, &compile, &status)) {
        status = program_replay(options, &compile, &replay);
    } else if (compile_is_refused(&compile)) {
        status = OUTCOME_REFUSED;
    }
    compile_free(&compile);
    arena_free(&replay.arena);
    return status;
}
