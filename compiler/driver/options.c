// Command lines: one table of options, one of commands; help and completion are made from the same.
#include "driver/driver_internal.h"

typedef struct OptionRow {
    const char *name;
    const char *value;
    const char *commands;
    const char *help;
} OptionRow;

static const OptionRow option_rows[] = {
#define OPTION(id, name, value, commands, help) {name, value, commands, help},
#include "driver/option.def"
#undef OPTION
};
_Static_assert(COUNT_OF(option_rows) == OPTION_COUNT, "option.def");

typedef struct CommandRow {
    const char *name;
    const char *usage;
    const char *help;
    const char *more;
} CommandRow;

static const CommandRow command_rows[] = {
#define COMMAND(name, usage, help, more) {#name, usage, help, more},
#include "driver/command.def"
#undef COMMAND
};
_Static_assert(COUNT_OF(command_rows) == COMMAND_COUNT, "command.def");

// What LANGUAGE 10 has besides: said to be missing, not unknown.
static const char *const commands_to_come[] = {
    "lint", "erase", "lineage", "emit", "contract", "lsp"};

const char *command_name(CommandId command) {
    return command_rows[command].name;
}

const char *option_name(OptionId option) {
    return option_rows[option].name;
}

static bool word_in(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; *at != '\0';) {
        size_t part = strcspn(at, " ");
        if (part == length && memcmp(at, word, length) == 0) {
            return true;
        }
        at += part + (at[part] == ' ');
    }
    return false;
}

static bool belongs(OptionId option, CommandId command) {
    return word_in(option_rows[option].commands, command_rows[command].name);
}

// --- help -------------------------------------------------------------------------------------
static void help_all(Buffer *out) {
    buffer_text(out,
                "usage: flowc COMMAND …\n\nflowc compiles and runs data pipelines written in "
                "Flow.\n\ncommands:\n");
    for (size_t i = 0; i < COUNT_OF(command_rows); i++) {
        buffer_format(out, "  %-12s%s\n", command_rows[i].name, command_rows[i].help);
    }
    buffer_text(
        out,
        "\n  flowc help COMMAND    what a command takes\n  flowc --version       the version\n");
    buffer_text(out,
                "\nexit status: 0 done, 1 the program has mistakes, 2 wrong usage, 3 a bug, 4 the "
                "environment\n");
    buffer_text(
        out,
        "failed, 5 the checkpoint is held by another run, 6 refused, 7 the data stopped the run\n");
}

static void passes_print(Buffer *out) {
    buffer_text(out, "\npasses:\n");
    for (PassId pass = 0; pass < PASS_COUNT; pass++) {
        buffer_format(out, "  %-30s%s\n", pass_name(pass), pass_text(pass));
    }
}

void option_print_help(CommandId command, Buffer *out) {
    const CommandRow *row = &command_rows[command];
    buffer_format(out, "usage: flowc %s %s\n\n%s\n\n", row->name, row->usage, row->help);
    buffer_format(out, "%s\noptions:\n", row->more);
    for (OptionId i = 0; i < OPTION_COUNT; i++) {
        if (belongs(i, command)) {
            char left[64];
            snprintf(left,
                     sizeof(left),
                     "%s %s",
                     option_rows[i].name,
                     option_rows[i].value == NULL ? "" : option_rows[i].value);
            buffer_format(out, "  %-30s%s\n", left, option_rows[i].help);
        }
    }
    if (command == COMMAND_explain) {
        passes_print(out);
    }
}

// --- parsing ----------------------------------------------------------------------------------
int usage_error(const Options *options, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    Buffer out = {0};
    buffer_format(&out, "flowc: %s\n", text);
    print(options, 2, &out);
    buffer_free(&out);
    return EXIT_USAGE;
}

int not_yet(const Options *options, const char *what) {
    return usage_error(options, "%s is not supported yet", what);
}

static bool is_to_come(const char *word) {
    for (size_t i = 0; i < COUNT_OF(commands_to_come); i++) {
        if (str_equal(commands_to_come[i], word)) {
            return true;
        }
    }
    return false;
}

static bool command_find(Options *options, const char *word) {
    const char *names[COMMAND_COUNT];
    for (CommandId i = 0; i < COMMAND_COUNT; i++) {
        names[i] = command_rows[i].name;
        if (str_equal(word, names[i])) {
            options->command = i;
            return true;
        }
    }
    if (is_to_come(word)) {
        not_yet(options, arena_format(&options->arena, "flowc %s", word));
        return false;
    }
    const char *meant = str_suggest(word, names, COMMAND_COUNT);
    usage_error(options,
                meant == NULL ? "there is no command `%s`; `flowc help` lists them"
                              : "there is no command `%s`; did you mean `%s`?",
                word,
                meant);
    return false;
}

static bool option_find(const Options *options, const char *name, OptionId *option) {
    const char *names[OPTION_COUNT];
    uint32_t count = 0;
    for (OptionId i = 0; i < OPTION_COUNT; i++) {
        if (!belongs(i, options->command)) {
            continue;
        }
        names[count++] = option_rows[i].name;
        if (str_equal(name, option_rows[i].name)) {
            *option = i;
            return true;
        }
    }
    const char *meant = str_suggest(name, names, count);
    const char *command = command_rows[options->command].name;
    if (meant != NULL) {
        usage_error(options, "flowc %s has no option %s; did you mean %s?", command, name, meant);
    } else {
        usage_error(options,
                    "flowc %s has no option %s; `flowc help %s` lists them",
                    command,
                    name,
                    command);
    }
    return false;
}

static bool param_add(Options *options, const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        usage_error(options, "--param takes NAME=VALUE, not `%s`", text);
        return false;
    }
    char *name = arena_copy(&options->arena, text, (size_t)(equals - text));
    *vec_push(&options->arena, &options->params) = (EngineParam){name, equals + 1};
    return true;
}

static bool is_choice(const char *allowed) {
    return strchr(allowed, '|') != NULL;
}

// Whether `value` is one of the words of "a|b" or "[a|b]".
static bool is_chosen(const char *allowed, const char *value) {
    for (const char *at = allowed + (*allowed == '['); *at != '\0' && *at != ']';) {
        size_t part = strcspn(at, "|]");
        if (strlen(value) == part && memcmp(at, value, part) == 0) {
            return true;
        }
        at += part + (at[part] == '|');
    }
    return false;
}

// Values that are one of a few words are checked here, by the row that the help prints.
static bool value_check(const Options *options, OptionId option, const char *value) {
    const char *allowed = option_rows[option].value;
    if (is_choice(allowed) && !is_chosen(allowed, value)) {
        usage_error(options, "%s is %s, not `%s`", option_rows[option].name, allowed, value);
        return false;
    }
    return true;
}

static bool is_rewrite(const char *name) {
    uint32_t i = 0;
    while (rewrite_name(i) != NULL && !str_equal(rewrite_name(i), name)) {
        i++;
    }
    return rewrite_name(i) != NULL;
}

// A name that is none would leave out nothing, and nobody would notice.
static bool rewrites_check(Options *options, const char *names) {
    for (const char *at = names; *at != '\0';) {
        size_t length = strcspn(at, ",");
        const char *name = arena_copy(&options->arena, at, length);
        if (!is_rewrite(name)) {
            const char *known = "";
            for (uint32_t i = 0; rewrite_name(i) != NULL; i++) {
                known = arena_format(
                    &options->arena, "%s%s%s", known, i == 0 ? "" : ", ", rewrite_name(i));
            }
            usage_error(options, "--without: there is no rewrite `%s`, there are %s", name, known);
            return false;
        }
        at += length + (at[length] == ',');
    }
    return true;
}

static bool option_take(Options *options, const char *name, const char *next, int *index) {
    char bare[64];
    size_t length = strcspn(name, "=");
    bool has_equals = name[length] == '=';
    snprintf(bare, sizeof(bare), "%.*s", (int)length, name);
    OptionId option;
    if (!option_find(options, bare, &option)) {
        return false;
    }
    if (option_rows[option].value == NULL) {
        options->values[option] = "";
        return true;
    }
    const char *value = has_equals ? name + length + 1 : next;
    const char *allowed = option_rows[option].value;
    bool may_lack = allowed[0] == '[' && !has_equals;
    if (may_lack && (next == NULL || !is_chosen(allowed, next))) {
        options->values[option] = "text";
        return true;
    }
    if (value == NULL) {
        usage_error(options, "%s takes a value: %s", bare, allowed);
        return false;
    }
    *index += has_equals ? 0 : 1;
    options->values[option] = value;
    if (option == OPTION_DROP_STATE) {
        *vec_push(&options->arena, &options->drops) = value;
    }
    if (option == OPTION_WITHOUT) {
        return rewrites_check(options, value);
    }
    return option == OPTION_PARAM ? param_add(options, value) : value_check(options, option, value);
}

static bool words_parse(Options *options, int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            *vec_push(&options->arena, &options->files) = argv[i];
        } else if (!option_take(options, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &i)) {
            return false;
        }
    }
    return true;
}

// `flowc`, `flowc help [COMMAND]`, `flowc --version`: answered here; the status is then 0 (or 2).
static bool answered(Options *options, int argc, char **argv) {
    Buffer out = {0};
    const char *word = argc > 1 ? argv[1] : "--help";
    bool is_help = str_equal(word, "help") || str_equal(word, "--help") || str_equal(word, "-h");
    if (is_help && argc > 2) {
        if (command_find(options, argv[2])) {
            option_print_help(options->command, &out);
        }
    } else if (is_help) {
        help_all(&out);
    } else if (str_equal(word, "--version")) {
        buffer_text(&out, "flowc " FLOW_VERSION "\n");
    }
    bool has_answer = out.length > 0;
    print(options, 1, &out);
    buffer_free(&out);
    return has_answer;
}

static const char *root_of(int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        if (str_equal(argv[i], "--root") && i + 1 < argc) {
            return argv[i + 1];
        }
        if (strncmp(argv[i], "--root=", 7) == 0) {
            return argv[i] + 7;
        }
    }
    return NULL;
}

// What could not be opened is no data that is missing: the command says a wrong place.
static bool root_check(const Options *options) {
    bool is_there = options->sys->failure.outcome == OUTCOME_OK;
    if (!is_there) {
        usage_error(options, "--root: %s", options->sys->failure.text);
    }
    return is_there;
}

bool options_parse(Options *options, int argc, char **argv) {
    options->command = COMMAND_COUNT;
    options->sys = sys_posix_new(root_of(argc, argv));
    if (answered(options, argc, argv)) {
        options->values[OPTION_HELP] = "";
        return true;
    }
    if (argc < 2 || str_equal(argv[1], "help") || !command_find(options, argv[1])) {
        return false;
    }
    return words_parse(options, argc, argv) && root_check(options);
}

bool option_is(const Options *options, OptionId option, const char *value) {
    return options->values[option] != NULL && str_equal(options->values[option], value);
}

bool options_want_color(const Options *options) {
    if (options->values[OPTION_COLOR] != NULL && !option_is(options, OPTION_COLOR, "auto")) {
        return option_is(options, OPTION_COLOR, "always");
    }
    const char *no_color = sys_environment(options->sys, "NO_COLOR");
    return (no_color == NULL || no_color[0] == '\0') && sys_is_terminal(options->sys, 2);
}

// --- completion -------------------------------------------------------------------------------
static void words_of_commands(Buffer *out) {
    for (CommandId i = 0; i < COMMAND_COUNT; i++) {
        buffer_format(out, "%s%s", i == 0 ? "" : " ", command_rows[i].name);
    }
}

static void words_of_options(Buffer *out, CommandId command) {
    for (OptionId i = 0; i < OPTION_COUNT; i++) {
        if (belongs(i, command)) {
            buffer_format(out, " %s", option_rows[i].name);
        }
    }
}

static void bash_print(Buffer *out) {
    buffer_text(out,
                "_flowc() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\"\n  if [ \"$COMP_CWORD\" = "
                "1 ]; then\n    COMPREPLY=($(compgen -W \"help ");
    words_of_commands(out);
    buffer_text(out, "\" -- \"$word\"))\n    return\n  fi\n  case \"${COMP_WORDS[1]}\" in\n");
    for (CommandId i = 0; i < COMMAND_COUNT; i++) {
        buffer_format(out, "    %s) COMPREPLY=($(compgen -W \"", command_rows[i].name);
        words_of_options(out, i);
        buffer_text(out, "\" -- \"$word\") $(compgen -f -- \"$word\"));;\n");
    }
    buffer_text(out, "  esac\n}\ncomplete -o filenames -F _flowc flowc\n");
}

static void fish_print(Buffer *out) {
    for (CommandId i = 0; i < COMMAND_COUNT; i++) {
        buffer_format(out,
                      "complete -c flowc -n __fish_use_subcommand -a %s -d '%s'\n",
                      command_rows[i].name,
                      command_rows[i].help);
    }
    for (OptionId i = 0; i < OPTION_COUNT; i++) {
        bool is_long = strncmp(option_rows[i].name, "--", 2) == 0;
        buffer_format(out,
                      "complete -c flowc -n '__fish_seen_subcommand_from %s' %s %s%s -d '%s'\n",
                      option_rows[i].commands,
                      is_long ? "-l" : "-s",
                      option_rows[i].name + (is_long ? 2 : 1),
                      option_rows[i].value == NULL || option_rows[i].value[0] == '[' ? "" : " -r",
                      option_rows[i].help);
    }
}

int command_completion(const Options *options) {
    Buffer out = {0};
    const char *shell = options->files.count == 1 ? options->files.items[0] : "";
    if (str_equal(shell, "zsh")) {
        buffer_text(&out, "autoload -U +X bashcompinit && bashcompinit\n");
    }
    if (str_equal(shell, "bash") || str_equal(shell, "zsh")) {
        bash_print(&out);
    } else if (str_equal(shell, "fish")) {
        fish_print(&out);
    } else {
        return usage_error(options, "flowc completion takes bash, zsh or fish");
    }
    print(options, 1, &out);
    buffer_free(&out);
    return EXIT_DONE;
}
