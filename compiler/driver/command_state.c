// `flowc state`: what a checkpoint keeps, without a run.
#include "checkpoint/checkpoint.h"
#include "driver/driver_internal.h"
#include "scalar/scalar.h"

typedef struct StateLook { // one checkpoint that is looked at
    const Options *options;
    const char *directory;
    CheckpointLook look;
    StateRuns *state;
    bool is_json;
    Arena arena;
    Buffer out;
} StateLook;

// What an operator keeps; its id is "<kind>/<name>" or "<kind>/<name>#<form>".
typedef struct StateShown {
    const char *id;
    const char *kind;
    const char *name;
    int64_t bytes;
    int64_t runs;
    int64_t keys;
} StateShown;
typedef VEC(StateShown) StatesShown;

// --- gathering -----------------------------------------------------------------------------------

static StateShown *shown_of(StateLook *s, StatesShown *all, const char *id) {
    for (uint32_t i = 0; i < all->count; i++) {
        if (str_equal(all->items[i].id, id)) {
            return &all->items[i];
        }
    }
    const char *slash = strchr(id, '/');
    const char *form = strrchr(id, '#');
    size_t kind_length = slash == NULL ? strlen(id) : (size_t)(slash - id);
    const char *name = slash == NULL ? "" : slash + 1;
    size_t name_length = slash == NULL || form == NULL ? strlen(name) : (size_t)(form - name);
    StateShown *shown = vec_push(&s->arena, all);
    *shown = (StateShown){.id = id,
                          .kind = arena_copy(&s->arena, id, kind_length),
                          .name = arena_copy(&s->arena, name, name_length)};
    return shown;
}

static Outcome keys_count(StateReader *reader, int64_t *keys) {
    StateEntry entry;
    bool has_entry = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        (*keys)++;
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return OUTCOME_OK;
}

// Runs of several epochs have the same key: how many there are only reading them all tells.
static Outcome keys_find(StateLook *s, StateShown *shown) {
    StateReader *reader = NULL;
    TRY(state_runs_read(s->state, shown->id, &reader));
    Outcome outcome = keys_count(reader, &shown->keys);
    state_runs_read_end(reader);
    return outcome;
}

static Outcome shown_find(StateLook *s, StatesShown *all) {
    uint32_t count = 0;
    const CheckpointRun *runs = state_runs_list(s->state, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(runs[i].operator_id, "forms")) {
            continue; // says of what the others are made
        }
        StateShown *shown = shown_of(s, all, runs[i].operator_id);
        shown->bytes += runs[i].bytes;
        shown->runs++;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        TRY(keys_find(s, &all->items[i]));
    }
    return OUTCOME_OK;
}

static void time_print(Buffer *out, int64_t us, bool is_json) {
    static const FlowTypeDesc type = {.kind = FLOW_TIMESTAMP};
    FlowValue time = {.i64 = us};
    (is_json ? value_json : value_text)(out, &type, &time);
}

// --- watermarks ----------------------------------------------------------------------------------

static void shown_time_print(StateLook *s, const EngineTime *time, bool is_first) {
    Buffer *out = &s->out;
    const char *word = time->is_source ? "source" : "step";
    const char *what = time->is_source ? "newest" : "watermark";
    if (!s->is_json) {
        buffer_format(out, "  %s %.*s: %s ", word, (int)time->name_length, time->name, what);
        time_print(out, time->us, false);
        buffer_char(out, '\n');
        return;
    }
    buffer_format(out, "%s{\"%s\":", is_first ? "" : ",", word);
    buffer_json_string(out, time->name, time->name_length);
    buffer_format(out, ",\"%s\":", what);
    time_print(out, time->us, true);
    buffer_char(out, '}');
}

static Outcome times_walk(StateLook *s, StateReader *reader) {
    StateEntry entry;
    EngineTime time;
    bool has_entry = true;
    bool is_first = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        if (engine_time_read(&entry, &time)) {
            shown_time_print(s, &time, is_first);
            is_first = false;
        }
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return OUTCOME_OK;
}

// The state was read as a whole a moment ago: what is missing now was collected since.
static void
walk_print(StateLook *s, const char *id, Outcome (*walk)(StateLook *s, StateReader *reader)) {
    StateReader *reader = NULL;
    Outcome outcome = state_runs_read(s->state, id, &reader);
    outcome = outcome == OUTCOME_OK ? walk(s, reader) : outcome;
    state_runs_read_end(reader);
    if (outcome != OUTCOME_OK) {
        sys_forgive(s->options->sys);
    }
}

static void times_print(StateLook *s) {
    walk_print(s, "watermarks", times_walk);
}

// Aggregates that began to count when their group had begun already.
static void since_print(StateLook *s, const EngineSince *since, bool is_first) {
    Buffer *out = &s->out;
    if (!s->is_json) {
        buffer_format(out,
                      "%s  %s: %s since ",
                      is_first ? "\ncount from a later time\n" : "",
                      since->operator,
                      since->text);
        time_print(out, since->since_us, false);
        buffer_char(out, '\n');
        return;
    }
    buffer_text(out, is_first ? "{\"operator\":" : ",{\"operator\":");
    buffer_json_string(out, since->operator, strlen(since->operator));
    buffer_text(out, ",\"aggregate\":");
    buffer_json_string(out, since->text, strlen(since->text));
    buffer_text(out, ",\"since\":");
    time_print(out, since->since_us, true);
    buffer_char(out, '}');
}

static Outcome sinces_walk(StateLook *s, StateReader *reader) {
    StateEntry entry;
    EngineSince since;
    bool has_entry = true;
    bool is_first = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        for (uint32_t i = 0; engine_since_read(&s->arena, &entry, i, &since); i++) {
            since_print(s, &since, is_first);
            is_first = false;
        }
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return OUTCOME_OK;
}

static void sinces_print(StateLook *s) {
    walk_print(s, "forms", sinces_walk);
}

static bool has_times(const StatesShown *all) {
    bool has_them = false;
    for (uint32_t i = 0; i < all->count; i++) {
        has_them |= str_equal(all->items[i].id, "watermarks");
    }
    return has_them;
}

// --- printing ------------------------------------------------------------------------------------

static void json_member(Buffer *out, const char *name, const char *text) {
    buffer_format(out, "\"%s\":", name);
    buffer_json_string(out, text, strlen(text));
}

static bool is_committed(const StateLook *s, uint32_t epoch) {
    return epoch > 0 || s->look.is_last_committed; // The next one waits for it.
}

static void show_text(StateLook *s, const StatesShown *all) {
    Buffer *out = &s->out;
    int width = 8;
    for (uint32_t i = 0; i < all->count; i++) {
        const StateShown *shown = &all->items[i];
        int length = (int)(strlen(shown->kind) + strlen(shown->name)) + 1;
        width = length > width ? length : width;
    }
    buffer_format(
        out, "%s\n  pipeline  %s\n  uuid      %s\n", s->directory, s->look.program, s->look.uuid);
    buffer_text(out, "  made      ");
    time_print(out, s->look.created_us, false);
    buffer_format(out, "\n\n%-*s %12s %12s %6s\n", width, "operator", "keys", "bytes", "runs");
    for (uint32_t i = 0; i < all->count; i++) {
        const StateShown *shown = &all->items[i];
        const char *slash = *shown->name == '\0' ? "" : "/";
        const char *id = arena_format(&s->arena, "%s%s%s", shown->kind, slash, shown->name);
        buffer_format(out,
                      "%-*s %12lld %12lld %6lld\n",
                      width,
                      id,
                      (long long)shown->keys,
                      (long long)shown->bytes,
                      (long long)shown->runs);
    }
    sinces_print(s);
    if (has_times(all)) {
        buffer_text(out, "\nevent times\n");
        times_print(s);
    }
    buffer_text(out, "\nlast epochs\n");
    for (uint32_t i = 0; i < s->look.epoch_count; i++) {
        const CheckpointEpoch *epoch = &s->look.epochs[i];
        buffer_format(out, "%8lld  ", (long long)epoch->slot);
        time_print(out, epoch->clock_us, false);
        buffer_text(out, is_committed(s, i) ? "  committed" : "  decided, the next run commits it");
        bool has_notes = epoch->notes != NULL;
        buffer_format(out, "%s%s\n", has_notes ? "  " : "", has_notes ? epoch->notes : "");
    }
}

static void show_json(StateLook *s, const StatesShown *all) {
    Buffer *out = &s->out;
    buffer_char(out, '{');
    json_member(out, "directory", s->directory);
    buffer_char(out, ',');
    json_member(out, "pipeline", s->look.program);
    buffer_char(out, ',');
    json_member(out, "uuid", s->look.uuid);
    buffer_text(out, ",\"created\":");
    time_print(out, s->look.created_us, true);
    buffer_text(out, ",\"operators\":[");
    for (uint32_t i = 0; i < all->count; i++) {
        const StateShown *shown = &all->items[i];
        buffer_text(out, i == 0 ? "{" : ",{");
        json_member(out, "kind", shown->kind);
        buffer_char(out, ',');
        json_member(out, "name", shown->name);
        buffer_format(out,
                      ",\"keys\":%lld,\"bytes\":%lld,\"runs\":%lld}",
                      (long long)shown->keys,
                      (long long)shown->bytes,
                      (long long)shown->runs);
    }
    buffer_text(out, "],\"since\":[");
    sinces_print(s);
    buffer_text(out, "],\"event_times\":[");
    times_print(s);
    buffer_text(out, "],\"epochs\":[");
    for (uint32_t i = 0; i < s->look.epoch_count; i++) {
        const CheckpointEpoch *epoch = &s->look.epochs[i];
        buffer_format(
            out, "%s{\"epoch\":%lld,\"clock\":", i == 0 ? "" : ",", (long long)epoch->slot);
        time_print(out, epoch->clock_us, true);
        buffer_format(out,
                      ",\"committed\":%s,\"changes\":[%s],\"ledger\":%s}",
                      is_committed(s, i) ? "true" : "false",
                      epoch->notes == NULL ? "" : epoch->notes,
                      epoch->ledger_json[0] == '\0' ? "null" : epoch->ledger_json);
    }
    buffer_text(out, "]}\n");
}

static Outcome state_read(StateLook *s, StatesShown *all) {
    state_runs_free(s->state);
    *all = (StatesShown){0};
    TRY(state_runs_look(s->options->sys, &s->look, &s->state));
    return shown_find(s, all);
}

// What is not there any more may have been collected by a run that is three epochs ahead.
static Outcome state_read_settled(StateLook *s, StatesShown *all) {
    Sys *sys = s->options->sys;
    Outcome outcome = state_read(s, all);
    while (outcome == OUTCOME_REFUSED && s->look.epoch_count > 0) {
        Failure failure = sys->failure;
        int64_t newest = s->look.epochs[0].slot;
        sys_forgive(sys);
        TRY(checkpoint_look(sys, &s->arena, s->directory, &s->look));
        if (s->look.epochs[0].slot == newest) {
            sys->failure = failure;
            return outcome;
        }
        outcome = state_read(s, all);
    }
    return outcome;
}

static int show(StateLook *s) {
    StatesShown all = {0};
    Outcome outcome = state_read_settled(s, &all);
    if (outcome != OUTCOME_OK) {
        return environment_failed(s->options, outcome);
    }
    (s->is_json ? show_json : show_text)(s, &all);
    return EXIT_DONE;
}

// --- check ---------------------------------------------------------------------------------------

static const char *const verdict_words[] = {[ENGINE_NEW] = "new",
                                            [ENGINE_KEEP] = "keep",
                                            [ENGINE_MIGRATE] = "migrate",
                                            [ENGINE_DROP] = "drop",
                                            [ENGINE_REFUSE] = "refuse"};

// The gravest.
static int verdict_status(int status, EngineVerdict verdict) {
    int own = verdict == ENGINE_REFUSE ? (int)OUTCOME_REFUSED
              : verdict == ENGINE_DROP ? (int)EXIT_FINDINGS
                                       : (int)EXIT_DONE;
    return own > status ? own : status;
}

static void line_print(StateLook *s, const EngineStateLine *line) {
    const char *word = verdict_words[line->verdict];
    if (!s->is_json) {
        buffer_format(&s->out, "%-8s %s", word, line->id);
        buffer_format(&s->out, line->note == NULL ? "\n" : ": %s\n", line->note);
        return;
    }
    buffer_char(&s->out, '{');
    json_member(&s->out, "operator", line->id);
    buffer_char(&s->out, ',');
    json_member(&s->out, "verdict", word);
    buffer_text(&s->out, ",\"note\":");
    if (line->note == NULL) {
        buffer_text(&s->out, "null");
    } else {
        buffer_json_string(&s->out, line->note, strlen(line->note));
    }
    buffer_text(&s->out, "}\n");
}

static int program_judge(StateLook *s, const FlowProgram *program) {
    const EngineStateLine *lines = NULL;
    uint32_t count = 0;
    int status = EXIT_DONE;
    const EngineOptions options = {.checkpoint = s->directory,
                                   .params = s->options->params.items,
                                   .param_count = s->options->params.count};
    Outcome outcome =
        engine_state_check(s->options->sys, &s->arena, program, &options, &lines, &count);
    if (outcome != OUTCOME_OK) {
        return environment_failed(s->options, outcome);
    }
    for (uint32_t i = 0; i < count; i++) {
        line_print(s, &lines[i]);
        status = verdict_status(status, lines[i].verdict);
    }
    return status;
}

static int check(StateLook *s) {
    const char *file = s->options->values[OPTION_PROGRAM];
    if (file == NULL) {
        return usage_error(s->options, "flowc state check takes a DIR and --program FILE");
    }
    Compile compile;
    int status = EXIT_DONE;
    compile_init(&compile, s->options->sys, file, "", 0);
    if (program_compile(s->options, file, PASS_layout, &compile, &status)) {
        status = program_judge(s, compile.layout.program);
    }
    compile_free(&compile);
    return status;
}

// --- the command ---------------------------------------------------------------------------------

static int look_and(StateLook *s, int (*action)(StateLook *s)) {
    Outcome outcome = checkpoint_look(s->options->sys, &s->arena, s->directory, &s->look);
    return outcome == OUTCOME_OK ? action(s) : environment_failed(s->options, outcome);
}

int command_state(const Options *options) {
    static const struct {
        const char *name;
        int (*run)(StateLook *s);
    } actions[] = {{"show", show}, {"check", check}};
    if (options->files.count != 2) {
        return usage_error(options, "flowc state takes show or check, and a DIR");
    }
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        if (str_equal(actions[i].name, options->files.items[0])) {
            StateLook s = {.options = options,
                           .directory = options->files.items[1],
                           .is_json = option_is(options, OPTION_FORMAT, "json")};
            int status = look_and(&s, actions[i].run);
            print(options, 1, &s.out);
            state_runs_free(s.state);
            buffer_free(&s.out);
            arena_free(&s.arena);
            return status;
        }
    }
    return usage_error(
        options, "flowc state has no `%s` yet; it has show and check", options->files.items[0]);
}
