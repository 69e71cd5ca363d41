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
        StateShown *shown = shown_of(s, all, runs[i].operator_id);
        shown->bytes += runs[i].bytes;
        shown->runs++;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        TRY(keys_find(s, &all->items[i]));
    }
    return OUTCOME_OK;
}

// --- printing ------------------------------------------------------------------------------------

static void time_print(Buffer *out, int64_t us, bool is_json) {
    static const FlowTypeDesc type = {.kind = FLOW_TIMESTAMP};
    FlowValue time = {.i64 = us};
    (is_json ? value_json : value_text)(out, &type, &time);
}

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
    buffer_text(out, "\nlast epochs\n");
    for (uint32_t i = 0; i < s->look.epoch_count; i++) {
        const CheckpointEpoch *epoch = &s->look.epochs[i];
        buffer_format(out, "%8lld  ", (long long)epoch->slot);
        time_print(out, epoch->clock_us, false);
        buffer_text(out,
                    is_committed(s, i) ? "  committed\n" : "  decided, the next run commits it\n");
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
    buffer_text(out, "],\"epochs\":[");
    for (uint32_t i = 0; i < s->look.epoch_count; i++) {
        const CheckpointEpoch *epoch = &s->look.epochs[i];
        buffer_format(
            out, "%s{\"epoch\":%lld,\"clock\":", i == 0 ? "" : ",", (long long)epoch->slot);
        time_print(out, epoch->clock_us, true);
        buffer_format(out,
                      ",\"committed\":%s,\"ledger\":%s}",
                      is_committed(s, i) ? "true" : "false",
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

// --- the command ---------------------------------------------------------------------------------

static int look_and(StateLook *s, int (*action)(StateLook *s)) {
    Outcome outcome = checkpoint_look(s->options->sys, &s->arena, s->directory, &s->look);
    return outcome == OUTCOME_OK ? action(s) : environment_failed(s->options, outcome);
}

int command_state(const Options *options) {
    static const struct {
        const char *name;
        int (*run)(StateLook *s);
    } actions[] = {{"show", show}};
    if (options->files.count != 2) {
        return usage_error(options, "flowc state takes show, and a DIR");
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
        options, "flowc state has no `%s` yet; it has show", options->files.items[0]);
}
