// `flowc`: which command, and what all of them share: reading programs, printing findings,
// statuses.
#include "driver/driver_internal.h"

void print(const Options *options, int stream, const Buffer *text) {
    if (text->length > 0 &&
        sys_write_stream(options->sys, stream, text->data, text->length) != OUTCOME_OK) {
        return; // a closed pipe: nobody is left to be told
    }
}

int environment_failed(const Options *options, Outcome outcome) {
    Buffer out = {0};
    buffer_format(&out, "flowc: %s\n", options->sys->failure.text);
    print(options, 2, &out);
    buffer_free(&out);
    return (int)outcome;
}

// The path of an imported file is, as that of the program, the shell's.
static bool import_read(
    void *user, Arena *arena, const char *path, char **bytes, size_t *length, const char **why) {
    (void)user;
    Sys *here = sys_posix_new(NULL);
    bool is_read =
        sys_read_all(here, arena, path, SOURCE_TEXT_BYTES_MAX, bytes, length) == OUTCOME_OK;
    if (!is_read) {
        *why = arena_string(arena, here->failure.text);
    }
    sys_posix_free(here);
    return is_read;
}

// A program's path is the shell's, not below --root.
static bool program_read(
    const Options *options, Compile *compile, const char *file, char **bytes, size_t *length) {
    Sys *here = sys_posix_new(NULL);
    bool is_read =
        sys_read_all(here, &compile->arena, file, SOURCE_TEXT_BYTES_MAX, bytes, length) ==
        OUTCOME_OK;
    if (!is_read) {
        usage_error(options, "%s", here->failure.text);
    }
    sys_posix_free(here);
    return is_read;
}

static void diagnostics_print(const Options *options, const Compile *compile) {
    Buffer out = {0};
    // Only `check` says that there is nothing.
    bool is_wanted =
        option_is(options, OPTION_FORMAT, "json") || option_is(options, OPTION_LOG, "json");
    bool is_json =
        is_wanted && (options->command == COMMAND_check || compile->diags.items.count > 0);
    if (is_json) {
        diag_render_json(&compile->diags, &out);
    } else {
        diag_render_text(&compile->diags, &out, options_want_color(options));
    }
    print(options, is_json && options->command == COMMAND_check ? 1 : 2, &out);
    buffer_free(&out);
}

bool program_compile(
    const Options *options, const char *file, PassId last, Compile *compile, int *status) {
    return program_compile_in(options, options->sys, file, last, compile, status);
}

bool program_compile_in(const Options *options,
                        Sys *sys,
                        const char *file,
                        PassId last,
                        Compile *compile,
                        int *status) {
    char *bytes = NULL;
    size_t length = 0;
    compile->sys = sys;
    if (!program_read(options, compile, file, &bytes, &length)) {
        *status = EXIT_USAGE;
        return false;
    }
    compile->file = file;
    compile->bytes = bytes;
    compile->length = length;
    compile->import_read = import_read;
    compile->options.rewrites_off = options->values[OPTION_WITHOUT];
    bool is_sound = compile_run(compile, last);
    diagnostics_print(options, compile);
    *status = is_sound ? EXIT_DONE : EXIT_FINDINGS;
    return is_sound;
}

int command_check(const Options *options) {
    if (options->files.count == 0) {
        return usage_error(options, "flowc check takes at least one FILE");
    }
    int worst = EXIT_DONE;
    for (uint32_t i = 0; i < options->files.count; i++) {
        Compile compile;
        int status = EXIT_DONE;
        compile_init(&compile, options->sys, options->files.items[i], "", 0);
        program_compile(options, options->files.items[i], PASS_layout, &compile, &status);
        compile_free(&compile);
        worst = status > worst ? status : worst;
    }
    return worst;
}

static int command_call(const Options *options) {
    static int (*const commands[])(const Options *) = {
#define COMMAND(name, ...) command_##name,
#include "driver/command.def"
#undef COMMAND
    };
    if (options->values[OPTION_HELP] != NULL) {
        Buffer out = {0};
        option_print_help(options->command, &out);
        print(options, 1, &out);
        buffer_free(&out);
        return EXIT_DONE;
    }
    return commands[options->command](options);
}

int driver_main(int argc, char **argv) {
    Options options = {0};
    int status = EXIT_USAGE;
    if (options_parse(&options, argc, argv)) {
        status = options.command == COMMAND_COUNT || (argc > 1 && str_equal(argv[1], "help"))
                     ? EXIT_DONE
                     : command_call(&options);
    }
    sys_posix_free(options.sys);
    arena_free(&options.arena);
    return status;
}
