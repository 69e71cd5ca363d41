// `flowc fmt`: programs in the one layout, in place, as a filter, or only compared.
#include "driver/driver_internal.h"

enum { READ_BYTES = 1 << 16 };

typedef struct Text {
    const char *name;
    const char *bytes;
    size_t length;
} Text;

static Outcome stdin_read(Sys *sys, Buffer *bytes) {
    size_t got = 1;
    while (got > 0 && bytes->length <= SOURCE_TEXT_BYTES_MAX) {
        buffer_reserve(bytes, READ_BYTES);
        TRY(sys_read_stream(sys, bytes->data + bytes->length, READ_BYTES, &got));
        bytes->length += got;
    }
    return OUTCOME_OK;
}

// Reads what the user has written and prints its mistakes; `out` is empty if there are some.
static int text_format(const Options *options, const Text *text, Buffer *out) {
    Arena arena = {0};
    DiagList diags;
    diag_init(&diags, &arena);
    bool is_sound = syntax_format(&arena, &diags, text->name, text->bytes, text->length, out);
    Buffer messages = {0};
    diag_render_text(&diags, &messages, options_want_color(options));
    print(options, 2, &messages);
    buffer_free(&messages);
    arena_free(&arena);
    return is_sound ? EXIT_DONE : EXIT_FINDINGS;
}

// The new text gets the old name only when it is there as a whole.
static Outcome text_replace(Sys *sys, const char *file, const Buffer *text) {
    Arena arena = {0};
    char uuid[37];
    sys_uuid(sys, uuid);
    const char *staged = arena_format(&arena, "%s.%s.tmp", file, uuid);
    Outcome outcome = sys_write_new(sys, staged, text->data, text->length);
    outcome = outcome == OUTCOME_OK ? sys_rename(sys, staged, file) : outcome;
    arena_free(&arena);
    return outcome;
}

static void difference_print(const Options *options, const char *file, bool is_formatted) {
    Buffer line = {0};
    if (option_is(options, OPTION_FORMAT, "json")) {
        buffer_text(&line, "{\"file\":");
        buffer_json_string(&line, file, strlen(file));
        buffer_format(&line, ",\"is_formatted\":%s}\n", is_formatted ? "true" : "false");
    } else if (!is_formatted) {
        buffer_format(&line, "%s\n", file);
    }
    print(options, 1, &line);
    buffer_free(&line);
}

static int file_finish(const Options *options, Sys *sys, const Text *text, const Buffer *out) {
    bool is_formatted = out->length == text->length &&
                        (out->length == 0 || memcmp(out->data, text->bytes, out->length) == 0);
    if (options->values[OPTION_CHECK] != NULL) {
        difference_print(options, text->name, is_formatted);
        return is_formatted ? EXIT_DONE : EXIT_FINDINGS;
    }
    if (!is_formatted && text_replace(sys, text->name, out) != OUTCOME_OK) {
        usage_error(options, "%s", sys->failure.text);
        return (int)OUTCOME_ENVIRONMENT;
    }
    return EXIT_DONE;
}

static int file_format(const Options *options, const char *file) {
    Arena arena = {0};
    Buffer out = {0};
    char *bytes = NULL;
    Text text = {.name = file};
    Sys *here = sys_posix_new(NULL); // A program's path is the shell's, not below --root.
    int status = EXIT_USAGE;
    if (sys_read_all(here, &arena, file, SOURCE_TEXT_BYTES_MAX, &bytes, &text.length) !=
        OUTCOME_OK) {
        usage_error(options, "%s", here->failure.text);
    } else {
        text.bytes = bytes;
        status = text_format(options, &text, &out);
        status = status == EXIT_DONE ? file_finish(options, here, &text, &out) : status;
    }
    sys_posix_free(here);
    buffer_free(&out);
    arena_free(&arena);
    return status;
}

static int stdin_format(const Options *options) {
    Buffer bytes = {0};
    Buffer out = {0};
    Outcome outcome = stdin_read(options->sys, &bytes);
    int status = outcome == OUTCOME_OK ? EXIT_DONE : environment_failed(options, outcome);
    if (status == EXIT_DONE) {
        Text text = {.name = "-", .bytes = buffer_cstring(&bytes), .length = bytes.length};
        status = text_format(options, &text, &out);
    }
    print(options, 1, &out);
    buffer_free(&bytes);
    buffer_free(&out);
    return status;
}

int command_fmt(const Options *options) {
    if (options->files.count == 0) {
        return usage_error(options, "flowc fmt takes at least one FILE, or - for a filter");
    }
    int worst = EXIT_DONE;
    for (uint32_t i = 0; i < options->files.count; i++) {
        const char *file = options->files.items[i];
        int status = str_equal(file, "-") ? stdin_format(options) : file_format(options, file);
        worst = status > worst ? status : worst;
    }
    return worst;
}
