// What a program makes of the state that a checkpoint keeps: each operator is found again by its
// id, which a renamed flow has under its earlier name too. What nobody would go on with is not left
// lying there: a later program that has the step again would go on with totals that lack what came
// in between.
#include "engine/run.h"

#define GROUP_STATE "group/"
#define BAND_STATE "band/"
#define SOURCE_STATE "source/"

typedef struct Judge {
    Run *run;
    Arena *arena;
    EngineStateLines *lines;
} Judge;

// --- ids -----------------------------------------------------------------------------------------

static bool begins(const char *id, const char *prefix) {
    return strncmp(id, prefix, strlen(prefix)) == 0;
}

// Without the form.
static size_t name_length(const char *id) {
    const char *form = strrchr(id, '#');
    return form == NULL ? strlen(id) : (size_t)(form - id);
}

static bool is_same_name(const char *a, const char *b) {
    return name_length(a) == name_length(b) && strncmp(a, b, name_length(a)) == 0;
}

static bool is_same_form(const char *a, const char *b) {
    const char *form_a = strrchr(a, '#');
    const char *form_b = strrchr(b, '#');
    return form_a != NULL && form_b != NULL && strcmp(form_a, form_b) == 0;
}

const char *state_id_before(const Run *run, Arena *arena, const char *id) {
    const FlowProgram *program = run->program;
    const char *slash = strchr(id, '/');
    for (int64_t i = 0; slash != NULL && i < program->renames_count; i++) {
        const FlowRename *rename = &program->renames[i];
        size_t length = strlen(rename->name);
        if (strncmp(slash + 1, rename->name, length) == 0 && slash[1 + length] == '/') {
            return arena_format(
                arena, "%.*s%s%s", (int)(slash + 1 - id), id, rename->was, slash + 1 + length);
        }
    }
    return NULL;
}

// --- lines ---------------------------------------------------------------------------------------

static EngineStateLine *line_named(const Judge *judge, const char *id) {
    for (uint32_t i = 0; i < judge->lines->count; i++) {
        EngineStateLine *line = &judge->lines->items[i];
        if (line->kept != NULL && is_same_name(line->kept, id)) {
            return line;
        }
    }
    return NULL;
}

static EngineStateLine *line_add(const Judge *judge, const char *id) {
    EngineStateLine *line = vec_push(judge->arena, judge->lines);
    *line = (EngineStateLine){.id = arena_copy(judge->arena, id, name_length(id))};
    return line;
}

static bool is_listed(const Judge *judge, const char *kept) {
    bool is_found = false;
    for (uint32_t i = 0; i < judge->lines->count; i++) {
        is_found |= strcmp(judge->lines->items[i].kept, kept) == 0;
    }
    return is_found;
}

// Of which nobody is known so far.
static void kept_list(const Judge *judge) {
    uint32_t count = 0;
    const CheckpointRun *kept = state_runs_list(judge->run->state, &count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_operator = strchr(kept[i].operator_id, '/') != NULL; // else the run's own notes
        if (is_operator && !is_listed(judge, kept[i].operator_id)) {
            EngineStateLine *line = line_add(judge, kept[i].operator_id);
            line->kept = arena_string(judge->arena, kept[i].operator_id);
        }
    }
}

// --- groups --------------------------------------------------------------------------------------

// A state of which only the hash of its form is known is the program's or nobody's.
static void form_judge(const Judge *judge, EngineStateLine *line, const FlowGroup *group) {
    Run *run = judge->run;
    StateMove move = {.kept = line->kept, .own = line->own, .group = group};
    const char *name = arena_copy(judge->arena, line->kept, name_length(line->kept));
    bool is_matched = forms_match(run, name, group, &move.match);
    line->verdict = ENGINE_KEEP;
    bool is_same = is_same_form(line->kept, line->own) && (!is_matched || move.match.is_same);
    // What is kept of a session has another form (group_session.c).
    bool may_move =
        is_matched && !move.match.is_same && !move.match.is_exchange && group->session_gap_us == 0;
    if (!is_same && !may_move) {
        line->verdict = ENGINE_DROP;
        line->note = "what is kept has other keys or aggregates than this program";
    } else if (!is_same) {
        line->verdict = ENGINE_MIGRATE;
        line->note =
            move.match.note == NULL ? "its aggregates stand in another order" : move.match.note;
        *vec_push(judge->arena, &run->moves) = move;
    }
}

// The line of what the program's operator goes on with, which is there now. NULL: of nothing.
static EngineStateLine *line_claim(const Judge *judge, const char *own) {
    const char *before = state_id_before(judge->run, judge->arena, own);
    EngineStateLine *line = line_named(judge, own);
    if (line == NULL && before != NULL) {
        line = line_named(judge, before);
        if (line != NULL) {
            line->note = arena_format(judge->arena, "it was %s", line->id);
            line->id = arena_copy(judge->arena, own, name_length(own));
        }
    }
    EngineStateLine *claimed = line == NULL ? line_add(judge, own) : line;
    claimed->own = own;
    return line;
}

static void group_judge(const Judge *judge, const FlowGroup *group) {
    EngineStateLine *line = line_claim(judge, kept_group_id(judge->arena, group));
    if (line != NULL) {
        form_judge(judge, line, group);
    }
}

// --- joins of streams ----------------------------------------------------------------------------

static void band_judge(const Judge *judge, const FlowBand *band) {
    for (int side = 0; side < 2; side++) {
        EngineStateLine *line = line_claim(judge, kept_band_id(judge->arena, band, side));
        if (line == NULL) {
            continue;
        }
        line->verdict = ENGINE_KEEP;
        if (!is_same_form(line->kept, line->own)) {
            line->verdict = ENGINE_DROP;
            line->note = "what is kept has other columns or bounds than this program";
        }
    }
}

// --- what nobody has -----------------------------------------------------------------------------

// Of the same form, and without state: very likely the same step by another name.
static const EngineStateLine *heir_find(const Judge *judge, const char *kept) {
    for (uint32_t i = 0; i < judge->lines->count; i++) {
        const EngineStateLine *line = &judge->lines->items[i];
        if (line->verdict == ENGINE_NEW && line->own != NULL && is_same_form(line->own, kept)) {
            return line;
        }
    }
    return NULL;
}

static void orphan_judge(const Judge *judge, EngineStateLine *line) {
    const EngineStateLine *heir = heir_find(judge, line->kept);
    line->verdict = ENGINE_DROP;
    line->note =
        heir == NULL
            ? "the program has no such step any more"
            : arena_format(judge->arena,
                           "the program has no such step any more; if %s is the same one, `flow "
                           "NEW was OLD` says so",
                           heir->id);
}

// --- sources -------------------------------------------------------------------------------------

static bool has_source(const Run *run, const char *name) {
    bool has_it = false;
    for (int64_t i = 0; i < run->program->sources_count; i++) {
        has_it |= strcmp(run->program->sources[i].name, name) == 0;
    }
    return has_it;
}

// A source that comes back goes on where it was, so nothing is wrong with what it has read.
static void source_judge(const Judge *judge, EngineStateLine *line) {
    line->verdict = ENGINE_KEEP;
    if (!has_source(judge->run, line->kept + strlen(SOURCE_STATE))) {
        line->note = "the program has no such source; if it comes back it goes on";
    }
}

// --- all -----------------------------------------------------------------------------------------

static int line_order(const void *a, const void *b) {
    return strcmp(((const EngineStateLine *)a)->id, ((const EngineStateLine *)b)->id);
}

void state_judge(Run *run, EngineStateLines *lines) {
    Judge judge = {run, &run->arena, lines};
    kept_list(&judge);
    uint32_t kept_count = lines->count;
    for (uint32_t i = 0; i < (uint32_t)run->program->groups_count; i++) {
        if (kept_groups_wanted(run, i)) {
            group_judge(&judge, &run->program->groups[i]);
        }
    }
    for (int64_t i = 0; i < run->program->bands_count; i++) {
        band_judge(&judge, &run->program->bands[i]);
    }
    for (uint32_t i = 0; i < kept_count; i++) {
        EngineStateLine *line = &lines->items[i];
        bool is_steps = begins(line->kept, GROUP_STATE) || begins(line->kept, BAND_STATE);
        if (begins(line->kept, SOURCE_STATE)) {
            source_judge(&judge, line);
        } else if (line->own == NULL && is_steps) {
            orphan_judge(&judge, line);
        } else if (line->own == NULL) {
            line->verdict = ENGINE_KEEP;
        }
    }
    if (lines->count > 1) {
        qsort(lines->items, lines->count, sizeof(EngineStateLine), line_order);
    }
}

// --- obeying -------------------------------------------------------------------------------------

static void note_add(Run *run, const char *what, const char *from, const char *to) {
    Buffer *notes = &run->state_notes;
    buffer_format(notes, "%s{\"%s\":", notes->length == 0 ? "" : ",", what);
    buffer_json_string(notes, from, strlen(from));
    if (to != NULL) {
        buffer_text(notes, ",\"to\":");
        buffer_json_string(notes, to, strlen(to));
    }
    buffer_char(notes, '}');
}

static bool is_to_be_dropped(const Run *run, const EngineStateLine *line) {
    bool is_named = false;
    for (uint32_t i = 0; line->kept != NULL && i < run->options->drop_count; i++) {
        const char *name = run->options->drops[i];
        is_named |= strlen(name) == name_length(line->kept) && begins(line->kept, name);
    }
    return is_named;
}

static Outcome line_refuse(const Run *run, const EngineStateLine *line) {
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "E730 %s: %.*s: %s: --drop-state '%.*s' forgets it",
                    run->checkpoint_path,
                    (int)name_length(line->kept),
                    line->kept,
                    line->note,
                    (int)name_length(line->kept),
                    line->kept);
}

// Names first: what is dropped may have had a name that another gets.
static Outcome drops_check(const Run *run, const EngineStateLines *lines) {
    for (uint32_t d = 0; d < run->options->drop_count; d++) {
        const char *name = run->options->drops[d];
        bool is_found = false;
        for (uint32_t i = 0; i < lines->count; i++) {
            const char *kept = lines->items[i].kept;
            is_found |= kept != NULL && strlen(name) == name_length(kept) && begins(kept, name);
        }
        if (!is_found) {
            return sys_fail(run->sys,
                            OUTCOME_USAGE,
                            "--drop-state %s: %s keeps nothing of that name",
                            name,
                            run->checkpoint_path);
        }
    }
    return OUTCOME_OK;
}

static Outcome drops_obey(Run *run, const EngineStateLines *lines) {
    TRY(drops_check(run, lines));
    for (uint32_t i = 0; i < lines->count; i++) {
        const EngineStateLine *line = &lines->items[i];
        if (is_to_be_dropped(run, line)) {
            note_add(run, "dropped", line->kept, NULL);
            state_runs_drop(run->state, line->kept);
        } else if (line->verdict == ENGINE_DROP) {
            return line_refuse(run, line);
        }
    }
    return OUTCOME_OK;
}

// A line for people and in the manifest: results are not what they would be in a new run.
static void migration_tell(Run *run, const EngineStateLine *line) {
    Buffer text = {0};
    Buffer members = {0};
    buffer_format(&text, "flow: state %s: %s\n", line->id, line->note);
    buffer_text(&members, ",\"operator\":");
    buffer_json_string(&members, line->id, strlen(line->id));
    run_log(run,
            &(LogEntry){.level = LOG_WARNING,
                        .event = "state_migrated",
                        .text = buffer_cstring(&text),
                        .members = buffer_cstring(&members)});
    note_add(run, "migrated", line->kept, line->own);
    buffer_free(&members);
    buffer_free(&text);
}

static void line_obey(Run *run, const EngineStateLine *line) {
    if (is_to_be_dropped(run, line)) {
        return;
    }
    if (line->verdict == ENGINE_MIGRATE) {
        migration_tell(run, line);
    } else if (line->verdict == ENGINE_KEEP && line->own != NULL &&
               strcmp(line->own, line->kept) != 0) {
        note_add(run, "renamed", line->kept, line->own);
        state_runs_rename(run->state, line->kept, line->own);
    }
}

static bool is_moved(const Run *run, const FlowGroup *group) {
    bool is_found = false;
    for (uint32_t i = 0; i < run->moves.count; i++) {
        is_found |= run->moves.items[i].group == group;
    }
    return is_found;
}

static const char *name_of(Run *run, const char *id) {
    return arena_copy(&run->arena, id, name_length(id));
}

// The forms of all others are what they were, but perhaps under another name.
static void forms_keep(Run *run) {
    for (uint32_t i = 0; i < (uint32_t)run->program->groups_count; i++) {
        const FlowGroup *group = &run->program->groups[i];
        if (!kept_groups_wanted(run, i) || is_moved(run, group)) {
            continue;
        }
        const char *own = kept_group_id(&run->arena, group);
        const char *before = state_id_before(run, &run->arena, own);
        FormMatch match = {0};
        bool is_known = forms_match(run, name_of(run, own), group, &match) ||
                        (before != NULL && forms_match(run, name_of(run, before), group, &match));
        forms_set(run, name_of(run, own), group, is_known && match.is_same ? &match : NULL);
    }
}

static void moves_drop(Run *run, const EngineStateLines *lines) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < run->moves.count; i++) {
        bool is_dropped = false;
        for (uint32_t j = 0; j < lines->count; j++) {
            const EngineStateLine *line = &lines->items[j];
            is_dropped |= line->kept == run->moves.items[i].kept && is_to_be_dropped(run, line);
        }
        run->moves.items[count] = run->moves.items[i];
        count += !is_dropped;
    }
    run->moves.count = count;
}

Outcome state_fit(Run *run) {
    EngineStateLines lines = {0};
    TRY(forms_read(run));
    state_judge(run, &lines);
    TRY(drops_obey(run, &lines));
    for (uint32_t i = 0; i < lines.count; i++) {
        line_obey(run, &lines.items[i]);
    }
    moves_drop(run, &lines);
    forms_keep(run);
    return OUTCOME_OK;
}

// --- moving --------------------------------------------------------------------------------------

static Outcome entries_move(StateReader *reader, const StateMove *move, StateWriter *writer) {
    StateEntry entry;
    Buffer adapted = {0};
    bool has_entry = true;
    Outcome outcome = state_runs_next(reader, &entry, &has_entry);
    while (outcome == OUTCOME_OK && has_entry) {
        group_kept_adapt(&move->match.adaption, entry.value, &adapted);
        StateEntry moved = {entry.key, entry.key_length, adapted.data, adapted.length};
        outcome = state_runs_put(writer, &moved);
        outcome = outcome == OUTCOME_OK ? state_runs_next(reader, &entry, &has_entry) : outcome;
    }
    buffer_free(&adapted);
    return outcome;
}

// The whole state as one run, whose entries are newer than all.
static Outcome group_move(Run *run, const StateMove *move) {
    StateReader *reader = NULL;
    StateWriter *writer = NULL;
    TRY(state_runs_read(run->state, move->kept, &reader));
    Outcome outcome = state_runs_write(run->state, move->own, run->slot, &writer);
    if (outcome == OUTCOME_OK) {
        outcome = entries_move(reader, move, writer);
        if (outcome == OUTCOME_OK) {
            outcome = state_runs_write_end(writer);
        } else {
            state_runs_write_abort(writer);
        }
    }
    state_runs_read_end(reader);
    if (outcome == OUTCOME_OK && strcmp(move->kept, move->own) != 0) {
        state_runs_drop(run->state, move->kept);
    }
    return outcome;
}

Outcome state_move(Run *run) {
    for (uint32_t i = 0; i < run->moves.count; i++) {
        const StateMove *move = &run->moves.items[i];
        TRY(group_move(run, move));
        forms_set(run, name_of(run, move->own), move->group, &move->match);
    }
    run->moves.count = 0;
    return OUTCOME_OK;
}

// --- without a run -------------------------------------------------------------------------------

// What only the files themselves tell: whether a source would read again what another has read.
static Outcome arrivals_judge(Run *run, EngineStateLines *lines) {
    Outcome outcome = arrivals_restore(run);
    arrivals_free(run);
    if (outcome != OUTCOME_REFUSED || strncmp(run->sys->failure.text, "E730 ", 5) != 0) {
        return outcome;
    }
    *vec_push(&run->arena, lines) =
        (EngineStateLine){.id = "source",
                          .verdict = ENGINE_REFUSE,
                          .note = arena_string(&run->arena, run->sys->failure.text)};
    sys_forgive(run->sys);
    return OUTCOME_OK;
}

static Outcome look_judge(Run *run, EngineStateLines *lines) {
    CheckpointLook look = {0};
    TRY(params_resolve(run));
    TRY(checkpoint_look(run->sys, &run->arena, run->options->checkpoint, &look));
    run->checkpoint_path = look.directory;
    if (strcmp(look.program, run->program->name) != 0) {
        return sys_fail(run->sys,
                        OUTCOME_REFUSED,
                        "%s: the checkpoint belongs to the program `%s`, not to `%s`",
                        look.directory,
                        look.program,
                        run->program->name);
    }
    TRY(state_runs_look(run->sys, &look, &run->state));
    TRY(forms_read(run));
    state_judge(run, lines);
    return arrivals_judge(run, lines);
}

Outcome engine_state_check(Sys *sys,
                           Arena *arena,
                           const FlowProgram *program,
                           const EngineOptions *options,
                           const EngineStateLine **lines,
                           uint32_t *count) {
    Run run = {.sys = sys, .program = program, .options = options, .arena = *arena};
    run.trigger.kind = FLOW_TRIGGER_AVAILABLE_NOW; // what only a batch can do keeps nothing
    EngineStateLines found = {0};
    Outcome outcome = look_judge(&run, &found);
    state_runs_free(run.state);
    *arena = run.arena;
    *lines = found.items;
    *count = found.count;
    return outcome;
}
