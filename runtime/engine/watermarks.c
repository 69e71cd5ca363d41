// Watermarks: of each source from epoch to epoch, and of each step at the end of an epoch
// (docs/decisions/153).
//
// The watermark of a source is the greatest event time of its records minus its lateness. That of a
// step is the least of the sources that its rows come from; one that is idle holds nothing back. It
// never goes back, whatever comes later: it is kept with the epoch, beside what its sources have
// seen.
#include "engine/run.h"

#define TIME_STATE "watermarks"
#define SOURCE_KEY "source/"
#define STEP_KEY "step/"
#define RUN_KEY "unfinished"

enum { INTEGER_BYTES = 8, SOURCE_VALUE_BYTES = 3 * INTEGER_BYTES };

static bool has_times(const Run *run) {
    return run->program->watermarks_count > 0;
}

static int64_t minus(int64_t a, int64_t b) {
    int64_t difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? INT64_MIN : difference;
}

// --- of sources and steps
// -------------------------------------------------------------------------

// Whether the source holds back the steps behind it.
static bool is_idle(const Run *run, uint32_t source) {
    const SourceTime *time = &run->source_times[source];
    if (!run_is_endless(run)) {
        return !time->is_active;
    }
    return minus(run->now_us, time->record_us) >= run->program->sources[source].idle_after_us;
}

static int64_t source_watermark(const Run *run, uint32_t source) {
    int64_t greatest_us = run->source_times[source].greatest_us;
    return greatest_us == INT64_MIN ? INT64_MIN
                                    : minus(greatest_us, run->program->sources[source].lateness_us);
}

// The least of those that are not idle; if all are, it stays.
static int64_t step_watermark(const Run *run, const FlowWatermark *step, int64_t before_us) {
    int64_t least_us = INT64_MAX;
    bool has_input = false;
    for (int64_t i = 0; i < step->inputs_count; i++) {
        uint32_t source = (uint32_t)step->inputs[i].source;
        if (is_idle(run, source)) {
            continue;
        }
        int64_t own_us = source_watermark(run, source);
        own_us = own_us == INT64_MIN ? own_us : minus(own_us, step->inputs[i].delay_us);
        least_us = own_us < least_us ? own_us : least_us;
        has_input = true;
    }
    return has_input && least_us > before_us ? least_us : before_us;
}

int64_t run_stream_watermark(const Run *run, int32_t watermark) {
    if (watermark == FLOW_NO_INDEX || run_is_batch(run) || run->options->is_closing) {
        return INT64_MAX;
    }
    if (run->replay != NULL) {
        return run->step_watermarks[watermark]; // Records that are sent again move nothing.
    }
    return step_watermark(
        run, &run->program->watermarks[watermark], run->step_watermarks[watermark]);
}

// A source that was idle goes on at the greatest watermark of the steps that it feeds.
static int64_t floor_find(const Run *run, int32_t source) {
    int64_t floor_us = INT64_MIN;
    for (int64_t w = 0; w < run->program->watermarks_count; w++) {
        const FlowWatermark *step = &run->program->watermarks[w];
        int64_t step_us = run->step_watermarks[w];
        for (int64_t i = 0; step_us != INT64_MIN && i < step->inputs_count; i++) {
            int64_t own_us = 0;
            bool is_far = __builtin_add_overflow(step_us, step->inputs[i].delay_us, &own_us);
            own_us = is_far ? INT64_MAX : own_us;
            bool is_higher = step->inputs[i].source == source && own_us > floor_us;
            floor_us = is_higher ? own_us : floor_us;
        }
    }
    return floor_us;
}

// --- an epoch
// -------------------------------------------------------------------------------------

void watermarks_begin(Run *run) {
    for (int64_t i = 0; has_times(run) && i < run->program->sources_count; i++) {
        SourceTime *time = &run->source_times[i];
        time->floor_us = floor_find(run, (int32_t)i);
        if (time->record_us == INT64_MIN) {
            time->record_us = run->now_us; // It has the time of idle_after to begin.
        }
    }
}

void watermarks_source_end(Run *run, uint32_t source, int64_t greatest_us, bool has_records) {
    if (!has_times(run)) {
        return;
    }
    SourceTime *time = &run->source_times[source];
    time->greatest_us = greatest_us > time->greatest_us ? greatest_us : time->greatest_us;
    time->record_us = has_records ? run->now_us : time->record_us;
}

void watermarks_commit(Run *run) {
    for (int64_t i = 0; i < run->program->watermarks_count; i++) {
        run->step_watermarks[i] = run_stream_watermark(run, (int32_t)i);
    }
}

// Sources that have something new when the run begins hold back until it ends, in whichever of its
// epochs they are read.
void watermarks_activate(Run *run, uint32_t source) {
    if (has_times(run)) {
        run->source_times[source].is_active = true;
    }
}

// --- what is kept
// ---------------------------------------------------------------------------------

static const char *source_key(const Run *run, int64_t source, Arena *arena) {
    return arena_format(arena, SOURCE_KEY "%s", run->program->sources[source].name);
}

static const char *step_key(const Run *run, int64_t watermark, Arena *arena) {
    return arena_format(arena, STEP_KEY "%s", run->program->watermarks[watermark].operator_id);
}

static void source_restore(Run *run, int64_t source, const char *value) {
    SourceTime *time = &run->source_times[source];
    time->greatest_us = le64_read(value);
    time->record_us = le64_read(value + INTEGER_BYTES);
    time->is_active = le64_read(value + 2 * INTEGER_BYTES) != 0;
}

static bool is_key(const StateEntry *entry, const char *key) {
    return entry->key_length == strlen(key) && memcmp(entry->key, key, entry->key_length) == 0;
}

// What stands for sources and steps that the program has no more is passed over.
static bool entry_restore(Run *run, const StateEntry *entry, Arena *scratch, bool *is_unfinished) {
    for (int64_t i = 0; i < run->program->sources_count; i++) {
        if (is_key(entry, source_key(run, i, scratch))) {
            if (entry->value_length < SOURCE_VALUE_BYTES) {
                return false;
            }
            source_restore(run, i, entry->value);
        }
    }
    for (int64_t i = 0; i < run->program->watermarks_count; i++) {
        const char *own = step_key(run, i, scratch);
        const char *before = state_id_before(run, scratch, own);
        if (is_key(entry, own) || (before != NULL && is_key(entry, before))) {
            if (entry->value_length < INTEGER_BYTES) {
                return false;
            }
            int64_t kept_us = le64_read(entry->value);
            bool is_later =
                kept_us > run->step_watermarks[i]; // a name before this one stays behind
            run->step_watermarks[i] = is_later ? kept_us : run->step_watermarks[i];
        }
    }
    *is_unfinished |= is_key(entry, RUN_KEY);
    return true;
}

static Outcome entries_restore(Run *run, StateReader *reader, bool *is_unfinished) {
    Arena scratch = {0};
    StateEntry entry;
    bool has_entry = true;
    Outcome outcome = state_runs_next(reader, &entry, &has_entry);
    while (outcome == OUTCOME_OK && has_entry) {
        if (!entry_restore(run, &entry, &scratch, is_unfinished)) {
            outcome =
                sys_fail(run->sys, OUTCOME_REFUSED, "E702 the state of watermarks is damaged");
            break;
        }
        outcome = state_runs_next(reader, &entry, &has_entry);
    }
    arena_free(&scratch);
    return outcome;
}

Outcome watermarks_restore(Run *run) {
    StateReader *reader = NULL;
    bool is_unfinished = false;
    if (!has_times(run) || run_is_batch(run)) {
        return OUTCOME_OK;
    }
    TRY(state_runs_read(run->state, TIME_STATE, &reader));
    Outcome outcome = entries_restore(run, reader, &is_unfinished);
    state_runs_read_end(reader);
    for (int64_t i = 0; !is_unfinished && i < run->program->sources_count; i++) {
        run->source_times[i].is_active = false;
    }
    return outcome;
}

void watermarks_make(Run *run) {
    size_t sources = (size_t)run->program->sources_count;
    size_t steps = (size_t)run->program->watermarks_count;
    run->source_times = arena_array(&run->arena, SourceTime, sources);
    run->step_watermarks = arena_array(&run->arena, int64_t, steps);
    for (size_t i = 0; i < sources; i++) {
        run->source_times[i] = (SourceTime){INT64_MIN, INT64_MIN, INT64_MIN, false};
    }
    for (size_t i = 0; i < steps; i++) {
        run->step_watermarks[i] = INT64_MIN;
    }
}

typedef struct TimeEntry {
    const char *key;
    int64_t index;
} TimeEntry;

static int by_key(const void *a, const void *b) {
    return strcmp(((const TimeEntry *)a)->key, ((const TimeEntry *)b)->key);
}

static Outcome source_put(const Run *run, StateWriter *writer, const TimeEntry *entry) {
    const SourceTime *time = &run->source_times[entry->index];
    char value[SOURCE_VALUE_BYTES];
    le64_write(value, time->greatest_us);
    le64_write(value + INTEGER_BYTES, time->record_us);
    le64_write(value + 2 * INTEGER_BYTES, time->is_active);
    StateEntry put = {entry->key, strlen(entry->key), value, sizeof(value)};
    return state_runs_put(writer, &put);
}

static Outcome step_put(const Run *run, StateWriter *writer, const TimeEntry *entry) {
    char value[INTEGER_BYTES];
    le64_write(value, run_stream_watermark(run, (int32_t)entry->index));
    StateEntry put = {entry->key, strlen(entry->key), value, sizeof(value)};
    return state_runs_put(writer, &put);
}

// Of sources, or of steps.
typedef struct TimeKind {
    const char *(*key)(const Run *run, int64_t index, Arena *arena);
    Outcome (*put)(const Run *run, StateWriter *writer, const TimeEntry *entry);
    int64_t count;
} TimeKind;

static Outcome times_put(Run *run, StateWriter *writer, const TimeKind *kind) {
    size_t count = (size_t)kind->count;
    TimeEntry *entries = arena_array(&run->epoch_arena, TimeEntry, count);
    for (size_t i = 0; i < count; i++) {
        entries[i] = (TimeEntry){kind->key(run, (int64_t)i, &run->epoch_arena), (int64_t)i};
    }
    qsort(entries, count, sizeof(*entries), by_key);
    for (size_t i = 0; i < count; i++) {
        TRY(kind->put(run, writer, &entries[i]));
    }
    return OUTCOME_OK;
}

// In the order of the keys: source/…, step/…, unfinished.
static Outcome times_write(Run *run, StateWriter *writer) {
    const StateEntry more = {RUN_KEY, strlen(RUN_KEY), "", 0};
    const StateEntry end = {RUN_KEY, strlen(RUN_KEY), NULL, 0};
    bool is_unfinished = !run_is_endless(run) && arrivals_have_more(run);
    TRY(times_put(run, writer, &(TimeKind){source_key, source_put, run->program->sources_count}));
    TRY(times_put(run, writer, &(TimeKind){step_key, step_put, run->program->watermarks_count}));
    return state_runs_put(writer, is_unfinished ? &more : &end);
}

Outcome watermarks_prepare(Run *run) {
    StateWriter *writer = NULL;
    if (!has_times(run) || run_is_batch(run) || run->replay != NULL) {
        return OUTCOME_OK;
    }
    TRY(state_runs_write(run->state, TIME_STATE, run->slot, &writer));
    Outcome outcome = times_write(run, writer);
    if (outcome != OUTCOME_OK) {
        state_runs_write_abort(writer);
        return outcome;
    }
    return state_runs_write_end(writer);
}

bool engine_time_read(const StateEntry *entry, EngineTime *time) {
    static const char *const prefixes[] = {STEP_KEY, SOURCE_KEY};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t length = strlen(prefixes[i]);
        if (entry->key_length > length && memcmp(entry->key, prefixes[i], length) == 0 &&
            entry->value_length >= INTEGER_BYTES) {
            *time = (EngineTime){.is_source = i == 1,
                                 .name = entry->key + length,
                                 .name_length = entry->key_length - length,
                                 .us = le64_read(entry->value)};
            return time->us != INT64_MIN && time->us != INT64_MAX;
        }
    }
    return false;
}
