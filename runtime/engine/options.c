// The command line of an executable: the run options of `flowc run`, without a file to compile.
#include "engine/engine.h"

#include "scalar/scalar.h"

enum { EXIT_USAGE = 2, PARAMS_MAX = 256, DROPS_MAX = 64 };

typedef struct CommandLine {
    int count;
    char **words;
    int at;
    const char *root;
    const char *problem; // NULL: none
    const char *problem_word;
    EngineParam params[PARAMS_MAX];
    const char *drops[DROPS_MAX];
    EngineOptions options;
    EngineTrigger trigger;
    bool wants_help;
    bool wants_version;
} CommandLine;

static const char help[] =
    "  --param NAME=VALUE    gives a param its value\n"
    "  --checkpoint DIR      where the run is recorded, so that the next one can finish it\n"
    "  --drop-state OPERATOR forgets what the checkpoint keeps of it; may be repeated\n"
    "  --log text|json       how what is said on standard error is written\n"
    "  --metrics ADDRESS     where metrics are served: 127.0.0.1:9090, or 9090 at loopback\n"
    "  --parallelism N       how many threads work on the run (default: the cores)\n"
    "  --root DIR            what data paths are relative to (default: the working directory)\n"
    "  --summary [text|json] prints the ledger at the end\n"
    "  --trigger T           once, available_now, continuous, files_arrive, or \"every 10 "
    "seconds\"\n"
    "  --help, --version\n";

static void problem_set(CommandLine *line, const char *problem, const char *word) {
    if (line->problem == NULL) {
        line->problem = problem;
        line->problem_word = word;
    }
}

// "--name" with its value in the next word, or "--name=value".
static bool option_take(CommandLine *line, const char *name, const char **value) {
    const char *word = line->words[line->at];
    size_t length = strlen(name);
    if (strncmp(word, name, length) != 0 || (word[length] != '\0' && word[length] != '=')) {
        return false;
    }
    if (word[length] == '=') {
        *value = word + length + 1;
    } else if (line->at + 1 < line->count) {
        *value = line->words[++line->at];
    } else {
        problem_set(line, "needs a value", name);
        *value = "";
    }
    return true;
}

static void param_add(CommandLine *line, char *text) {
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        problem_set(line, "is not of the form --param NAME=VALUE", text);
        return;
    }
    if (line->options.param_count == PARAMS_MAX) {
        problem_set(line, "is one --param too many", text);
        return;
    }
    *equals = '\0'; // The words of a command line may be changed.
    line->params[line->options.param_count++] = (EngineParam){text, equals + 1};
}

static void drop_add(CommandLine *line, const char *name) {
    if (line->options.drop_count == DROPS_MAX) {
        problem_set(line, "is one --drop-state too many", name);
        return;
    }
    line->drops[line->options.drop_count++] = name;
}

static void summary_set(CommandLine *line, const char *text) {
    bool is_json = strcmp(text, "json") == 0;
    if (!is_json && strcmp(text, "text") != 0) {
        problem_set(line, "is no form of the summary: text or json", text);
    }
    line->options.summary = is_json ? ENGINE_SUMMARY_JSON : ENGINE_SUMMARY_TEXT;
}

// Alone it means text; "text" or "json" may follow.
static bool summary_take(CommandLine *line) {
    const char *word = line->words[line->at];
    if (strncmp(word, "--summary=", 10) == 0) {
        summary_set(line, word + 10);
        return true;
    }
    if (strcmp(word, "--summary") != 0) {
        return false;
    }
    const char *next = line->at + 1 < line->count ? line->words[line->at + 1] : "";
    bool is_form = strcmp(next, "text") == 0 || strcmp(next, "json") == 0;
    line->at += is_form;
    summary_set(line, is_form ? next : "text");
    return true;
}

uint32_t engine_parallelism(const char *text) {
    uint32_t count = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p < '0' || *p > '9' || count > WORKERS_MAX) {
            return 0;
        }
        count = count * 10 + (uint32_t)(*p - '0');
    }
    return count > WORKERS_MAX ? 0 : count;
}

bool engine_trigger(const char *text, EngineTrigger *trigger) {
    static const char *const words[] = {[FLOW_TRIGGER_ONCE] = "once",
                                        [FLOW_TRIGGER_AVAILABLE_NOW] = "available_now",
                                        [FLOW_TRIGGER_EVERY] = "every ",
                                        [FLOW_TRIGGER_CONTINUOUS] = "continuous",
                                        [FLOW_TRIGGER_FILES_ARRIVE] = "files_arrive"};
    *trigger = (EngineTrigger){0};
    for (uint32_t i = 0; i < COUNT_OF(words); i++) {
        size_t length = strlen(words[i]);
        if (i == FLOW_TRIGGER_EVERY && strncmp(text, words[i], length) == 0) {
            trigger->kind = FLOW_TRIGGER_EVERY;
            return parse_duration(text + length, &trigger->every_us) && trigger->every_us > 0;
        }
        if (strcmp(text, words[i]) == 0) {
            trigger->kind = (FlowTriggerKind)i;
            return true;
        }
    }
    return false;
}

static void log_set(CommandLine *line, const char *text) {
    bool is_json = strcmp(text, "json") == 0;
    if (!is_json && strcmp(text, "text") != 0) {
        problem_set(line, "is no form of the log: text or json", text);
    }
    line->options.log = is_json ? ENGINE_LOG_JSON : ENGINE_LOG_TEXT;
}

static void parallelism_set(CommandLine *line, const char *text) {
    uint32_t count = engine_parallelism(text);
    if (count == 0) {
        problem_set(line, "is no number of threads", text);
    }
    line->options.parallelism = count;
}

static void word_take(CommandLine *line) {
    const char *value = NULL;
    const char *word = line->words[line->at];
    if (strcmp(word, "--help") == 0) {
        line->wants_help = true;
    } else if (strcmp(word, "--version") == 0) {
        line->wants_version = true;
    } else if (option_take(line, "--param", &value)) {
        param_add(line, (char *)(uintptr_t)value);
    } else if (option_take(line, "--checkpoint", &value)) {
        line->options.checkpoint = value;
    } else if (option_take(line, "--parallelism", &value)) {
        parallelism_set(line, value);
    } else if (option_take(line, "--drop-state", &value)) {
        drop_add(line, value);
    } else if (option_take(line, "--log", &value)) {
        log_set(line, value);
    } else if (option_take(line, "--metrics", &value)) {
        line->options.metrics = value;
        if (!sys_is_address(value)) {
            problem_set(line, "is no address such as 127.0.0.1:9090", value);
        }
    } else if (option_take(line, "--root", &value)) {
        line->root = value;
    } else if (option_take(line, "--trigger", &value)) {
        line->options.trigger = &line->trigger;
        if (!engine_trigger(value, &line->trigger)) {
            problem_set(line, "is no trigger", value);
        }
    } else if (!summary_take(line)) {
        problem_set(line, "is no option", word);
    }
}

static int stream_print(Sys *sys, int stream, const Buffer *text, int status) {
    Outcome outcome = sys_write_stream(sys, stream, text->data, text->length);
    return outcome == OUTCOME_OK ? status : (int)outcome;
}

static int help_print(Sys *sys, const FlowProgram *program) {
    Buffer text = {0};
    buffer_format(&text, "%s: a Flow program\n\n%s", program->name, help);
    int status = stream_print(sys, 1, &text, 0);
    buffer_free(&text);
    return status;
}

static int version_print(Sys *sys, const FlowProgram *program) {
    Buffer text = {0};
    buffer_format(&text, "%s %s (Flow 0.1.0)\n", program->name, program->plan_hash);
    int status = stream_print(sys, 1, &text, 0);
    buffer_free(&text);
    return status;
}

static int problem_print(Sys *sys, const FlowProgram *program, const CommandLine *line) {
    Buffer text = {0};
    buffer_format(&text,
                  "%s: %s %s; --help lists the options\n",
                  program->name,
                  line->problem_word,
                  line->problem);
    int status = stream_print(sys, 2, &text, EXIT_USAGE);
    buffer_free(&text);
    return status;
}

static int line_run(Sys *sys, const FlowProgram *program, CommandLine *line) {
    if (line->wants_help) {
        return help_print(sys, program);
    }
    if (line->wants_version) {
        return version_print(sys, program);
    }
    if (line->problem != NULL) {
        return problem_print(sys, program, line);
    }
    line->options.params = line->params;
    line->options.drops = line->drops;
    line->options.show_progress = line->options.log == ENGINE_LOG_TEXT && sys_is_terminal(sys, 2);
    return engine_run(sys, program, &line->options);
}

int engine_main(int argc, char **argv, const FlowProgram *program) {
    CommandLine line = {.count = argc, .words = argv};
    for (line.at = 1; line.at < line.count; line.at++) {
        word_take(&line);
    }
    Sys *sys = sys_posix_new(line.root);
    if (sys->failure.outcome != OUTCOME_OK) {
        problem_set(&line, sys->failure.text, "--root");
    }
    int status = line_run(sys, program, &line);
    sys_posix_free(sys);
    return status;
}
