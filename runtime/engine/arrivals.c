// Files that come in from epoch to epoch: each is read once, by its path. What was read is state,
// decided with the epoch that read it; what was listed stays pending until some epoch has taken it,
// so that a run to a fixed end knows the end.
#include "engine/run.h"

#define SOURCE_STATE "source/"

enum { SEEN_VALUE_BYTES = 16 };

static uint32_t source_count(const Run *run) {
    return run->arrivals == NULL ? 0 : (uint32_t)run->program->sources_count;
}

// --- what was read ------------------------------------------------------------------------------

static SeenFile *seen_push(RunArrivals *arrivals) {
    if (arrivals->seen_count == arrivals->seen_capacity) {
        arrivals->seen_capacity = arrivals->seen_capacity * 2 + 64;
        arrivals->seen = memory_resize(arrivals->seen, arrivals->seen_capacity * sizeof(SeenFile));
    }
    return &arrivals->seen[arrivals->seen_count++];
}

static Outcome seen_read(Run *run, RunArrivals *arrivals, StateReader *reader) {
    StateEntry entry;
    bool has_entry = true;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry) {
        if (entry.value_length < SEEN_VALUE_BYTES) {
            return sys_fail(run->sys, OUTCOME_REFUSED, "E702 the state of a source is damaged");
        }
        *seen_push(arrivals) = (SeenFile){
            .path = arena_copy(&arrivals->arena, entry.key, entry.key_length),
            .size_bytes = le64_read(entry.value),
            .modified_ms = le64_read(entry.value + 8),
        };
        TRY(state_runs_next(reader, &entry, &has_entry));
    }
    return OUTCOME_OK;
}

static Outcome seen_restore(Run *run) {
    for (uint32_t i = 0; i < source_count(run); i++) {
        StateReader *reader = NULL;
        run->arrivals[i].operator_id =
            arena_format(&run->arena, SOURCE_STATE "%s", run->program->sources[i].name);
        TRY(state_runs_read(run->state, run->arrivals[i].operator_id, &reader));
        Outcome outcome = seen_read(run, &run->arrivals[i], reader);
        state_runs_read_end(reader);
        TRY(outcome);
    }
    return OUTCOME_OK;
}

void arrivals_free(Run *run) {
    for (uint32_t i = 0; i < source_count(run); i++) {
        memory_free(run->arrivals[i].seen);
        arena_free(&run->arrivals[i].arena);
        arena_free(&run->arrivals[i].listing_arena);
    }
}

// --- what is new --------------------------------------------------------------------------------

// `at` goes along.
static SeenFile *seen_find(const RunArrivals *arrivals, uint32_t *at, const SourceEntry *file) {
    while (*at < arrivals->seen_count && strcmp(arrivals->seen[*at].path, file->path) < 0) {
        (*at)++;
    }
    bool is_seen = *at < arrivals->seen_count && strcmp(arrivals->seen[*at].path, file->path) == 0;
    return is_seen ? &arrivals->seen[*at] : NULL;
}

// Said once in a run: the file is not read again.
static void change_tell(Run *run, const char *source, SeenFile *seen, const SourceEntry *file) {
    if (seen->is_told ||
        (seen->size_bytes == file->size_bytes && seen->modified_ms == file->modified_ms)) {
        return;
    }
    Buffer line = {0};
    seen->is_told = true;
    buffer_format(&line,
                  "flow: source %s: %s has changed since it was read; it is not read again\n",
                  source,
                  seen->path);
    Buffer members = {0};
    buffer_text(&members, ",\"source\":");
    buffer_json_string(&members, source, strlen(source));
    buffer_text(&members, ",\"file\":");
    buffer_json_string(&members, seen->path, strlen(seen->path));
    run_log(run,
            &(LogEntry){.level = LOG_WARNING,
                        .event = "file_changed",
                        .text = buffer_cstring(&line),
                        .members = buffer_cstring(&members)});
    buffer_free(&members);
    buffer_free(&line);
}

// Whether a file is there as a whole: it was renamed in, or nobody has changed it for a while. By
// its own time alone that may be known at first sight.
static bool is_whole(Run *run, const RestlessFile *restless, int64_t settle_us) {
    int64_t age_us = sys_wall_us(run->sys) - (restless->file.modified_ms + 1) * 1000;
    int64_t still_us = sys_monotonic_us(run->sys) - restless->since_us;
    return age_us >= settle_us || still_us >= settle_us ||
           sys_has_arrived(run->sys, restless->file.path);
}

// What the listing before had of it; `at` goes along.
static int64_t still_since(const RestlessFiles *before, uint32_t *at, const SourceEntry *file) {
    while (*at < before->count && strcmp(before->items[*at].file.path, file->path) < 0) {
        (*at)++;
    }
    const RestlessFile *known = *at < before->count ? &before->items[*at] : NULL;
    bool is_same = known != NULL && strcmp(known->file.path, file->path) == 0 &&
                   known->file.size_bytes == file->size_bytes &&
                   known->file.modified_ms == file->modified_ms;
    return is_same ? known->since_us : INT64_MAX;
}

// All lists are in the order of paths.
static void new_files_find(Run *run, uint32_t source, RunArrivals *next, const SourceEntries *all) {
    RunArrivals *arrivals = &run->arrivals[source];
    const FlowSource *desc = &run->program->sources[source];
    bool takes_all = run->trigger.kind == FLOW_TRIGGER_AVAILABLE_NOW;
    int64_t now_us = sys_monotonic_us(run->sys);
    uint32_t at_seen = 0;
    uint32_t at_restless = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const SourceEntry *file = &all->items[i];
        SeenFile *seen = seen_find(arrivals, &at_seen, file);
        if (seen != NULL) {
            change_tell(run, desc->name, seen, file);
            continue;
        }
        int64_t since_us = still_since(&arrivals->restless, &at_restless, file);
        RestlessFile restless = {*file, since_us < now_us ? since_us : now_us};
        restless.file.path = arena_string(&next->listing_arena, file->path);
        if (takes_all || is_whole(run, &restless, desc->settle_us)) {
            *vec_push(&next->listing_arena, &next->pending) = restless.file;
        } else {
            *vec_push(&next->listing_arena, &next->restless) = restless;
        }
    }
}

// What is listed before a directory is watched may be out of date when it is.
static Outcome files_list(Run *run, uint32_t source, Arena *arena, SourceEntries *files) {
    const char *glob = setting_text(run, run->program->sources[source].path);
    SourceListing listing = {0};
    bool is_watched_anew = true;
    while (is_watched_anew) {
        is_watched_anew = false;
        TRY(source_list(run->sys, arena, glob, &listing));
        for (uint32_t i = 0; run_is_endless(run) && i < listing.directories.count; i++) {
            is_watched_anew |= sys_watch(run->sys, listing.directories.items[i]);
        }
    }
    *files = listing.files;
    return OUTCOME_OK;
}

// --- is it the same program? ---------------------------------------------------------------------

// Whether a source has read files that the program knows no more.
static bool is_gone(const Run *run, const char *operator_id) {
    bool is_gone = strncmp(operator_id, SOURCE_STATE, strlen(SOURCE_STATE)) == 0;
    for (uint32_t i = 0; i < source_count(run); i++) {
        is_gone &= strcmp(run->arrivals[i].operator_id, operator_id) != 0;
    }
    return is_gone;
}

// Both are in the order of paths. NULL: they have none in common.
static Outcome common_find(StateReader *reader, const SourceEntries *files, const char **path) {
    StateEntry entry;
    bool has_entry = true;
    uint32_t at = 0;
    TRY(state_runs_next(reader, &entry, &has_entry));
    while (has_entry && at < files->count) {
        const char *own = files->items[at].path;
        int order = strncmp(own, entry.key, entry.key_length);
        if (order == 0 && own[entry.key_length] == '\0') {
            *path = own;
            return OUTCOME_OK;
        }
        if (order < 0) {
            at++;
        } else {
            TRY(state_runs_next(reader, &entry, &has_entry));
        }
    }
    return OUTCOME_OK;
}

// A source by another name would read again what it has read: every record twice.
static Outcome
name_check(Run *run, const FlowSource *source, const SourceEntries *files, const char *gone) {
    StateReader *reader = NULL;
    const char *path = NULL;
    TRY(state_runs_read(run->state, gone, &reader));
    Outcome outcome = common_find(reader, files, &path);
    state_runs_read_end(reader);
    if (outcome != OUTCOME_OK || path == NULL) {
        return outcome;
    }
    return sys_fail(run->sys,
                    OUTCOME_REFUSED,
                    "E730 %s: the source `%s`, which the program has no more, has read %s; `%s` "
                    "would read it again: give it its name back, or a new checkpoint and new "
                    "tables",
                    run->checkpoint_path,
                    gone + strlen(SOURCE_STATE),
                    path,
                    source->name);
}

static Outcome new_source_check(Run *run, uint32_t source) {
    Arena arena = {0};
    SourceEntries files = {0};
    uint32_t count = 0;
    const CheckpointRun *kept = state_runs_list(run->state, &count);
    Outcome outcome = files_list(run, source, &arena, &files);
    for (uint32_t i = 0; outcome == OUTCOME_OK && i < count; i++) {
        if (is_gone(run, kept[i].operator_id)) {
            outcome = name_check(run, &run->program->sources[source], &files, kept[i].operator_id);
        }
    }
    arena_free(&arena);
    return outcome;
}

static bool has_gone(const Run *run) {
    uint32_t count = 0;
    const CheckpointRun *kept = state_runs_list(run->state, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (is_gone(run, kept[i].operator_id)) {
            return true;
        }
    }
    return false;
}

Outcome arrivals_restore(Run *run) {
    run->arrivals = arena_array(&run->arena, RunArrivals, (size_t)run->program->sources_count);
    TRY(seen_restore(run));
    for (uint32_t i = 0; has_gone(run) && i < source_count(run); i++) {
        if (run->arrivals[i].seen_count == 0) {
            TRY(new_source_check(run, i));
        }
    }
    return OUTCOME_OK;
}

// --- listing again -------------------------------------------------------------------------------

// Of all that was listed only what is new is kept.
static Outcome source_list_again(Run *run, uint32_t source) {
    RunArrivals *arrivals = &run->arrivals[source];
    RunArrivals next = {0};
    Arena all_arena = {0};
    SourceEntries all = {0};
    Outcome outcome = files_list(run, source, &all_arena, &all);
    if (outcome == OUTCOME_OK) {
        new_files_find(run, source, &next, &all);
        arena_free(&arrivals->listing_arena);
        arrivals->listing_arena = next.listing_arena;
        arrivals->pending = next.pending;
        arrivals->restless = next.restless;
    }
    arena_free(&all_arena);
    return outcome;
}

static Outcome sources_list_again(Run *run) {
    for (uint32_t i = 0; i < source_count(run); i++) {
        TRY(source_list_again(run, i));
    }
    sys_arrivals_end(run->sys);
    return OUTCOME_OK;
}

Outcome arrivals_list(Run *run, bool *has_files) {
    if (!arrivals_are_pending(run)) {
        TRY(sources_list_again(run));
    }
    for (uint32_t i = 0; i < source_count(run); i++) {
        run->arrivals[i].epoch = run->arrivals[i].pending;
        run->arrivals[i].is_fixed = false;
        if (run->arrivals[i].pending.count > 0) {
            watermarks_activate(run, i);
        }
    }
    *has_files = arrivals_are_pending(run);
    return OUTCOME_OK;
}

bool arrivals_are_pending(const Run *run) {
    bool are_pending = false;
    for (uint32_t i = 0; i < source_count(run); i++) {
        are_pending |= run->arrivals[i].pending.count > 0;
    }
    return are_pending;
}

bool arrivals_have_more(const Run *run) {
    bool have_more = false;
    for (uint32_t i = 0; i < source_count(run); i++) {
        have_more |= run->arrivals[i].pending.count > run->arrivals[i].epoch.count;
    }
    return have_more;
}

int64_t arrivals_settle_us(const Run *run) {
    int64_t least_us = INT64_MAX;
    for (uint32_t i = 0; i < source_count(run); i++) {
        const RestlessFiles *restless = &run->arrivals[i].restless;
        for (uint32_t f = 0; f < restless->count; f++) {
            int64_t still_us = 0;
            int64_t since_us = restless->items[f].since_us;
            bool is_far =
                __builtin_add_overflow(since_us, run->program->sources[i].settle_us, &still_us);
            least_us = !is_far && still_us < least_us ? still_us : least_us;
        }
    }
    return least_us;
}

const SourceEntries *arrivals_of(const Run *run, uint32_t source) {
    return run->arrivals == NULL ? NULL : &run->arrivals[source].epoch;
}

// Whoever reads the source a second time in this epoch reads the same files.
void arrivals_fix(Run *run, uint32_t source, const Source *opened) {
    RunArrivals *arrivals = run->arrivals == NULL ? NULL : &run->arrivals[source];
    if (arrivals != NULL && !arrivals->is_fixed) {
        arrivals->is_fixed = true;
        arrivals->epoch.count = source_files_begun(opened);
    }
}

// --- what the epoch has read --------------------------------------------------------------------

static Outcome files_write(StateWriter *writer, const SourceEntries *files) {
    for (uint32_t i = 0; i < files->count; i++) {
        char value[SEEN_VALUE_BYTES];
        const SourceEntry *file = &files->items[i];
        le64_write(value, file->size_bytes);
        le64_write(value + 8, file->modified_ms);
        StateEntry entry = {file->path, strlen(file->path), value, sizeof(value)};
        TRY(state_runs_put(writer, &entry));
    }
    return OUTCOME_OK;
}

Outcome arrivals_prepare(Run *run) {
    for (uint32_t i = 0; i < source_count(run); i++) {
        RunArrivals *arrivals = &run->arrivals[i];
        StateWriter *writer = NULL;
        // A source that no pipeline reads has read nothing.
        arrivals->epoch.count = arrivals->is_fixed ? arrivals->epoch.count : 0;
        TRY(state_runs_write(run->state, run->arrivals[i].operator_id, run->slot, &writer));
        Outcome outcome = files_write(writer, &arrivals->epoch);
        if (outcome != OUTCOME_OK) {
            state_runs_write_abort(writer);
            return outcome;
        }
        TRY(state_runs_write_end(writer));
    }
    return OUTCOME_OK;
}

// From the back, so that each file moves once.
static void seen_merge(RunArrivals *arrivals) {
    uint32_t old = arrivals->seen_count;
    uint32_t added = arrivals->epoch.count;
    if (added == 0) {
        return;
    }
    for (uint32_t i = 0; i < added; i++) {
        (void)seen_push(arrivals);
    }
    SeenFile *to = arrivals->seen + arrivals->seen_count;
    while (added > 0) {
        const SourceEntry *file = &arrivals->epoch.items[added - 1];
        if (old > 0 && strcmp(arrivals->seen[old - 1].path, file->path) > 0) {
            *--to = arrivals->seen[--old];
            continue;
        }
        *--to = (SeenFile){.path = arena_string(&arrivals->arena, file->path),
                           .size_bytes = file->size_bytes,
                           .modified_ms = file->modified_ms};
        added--;
    }
}

void arrivals_commit(Run *run) {
    for (uint32_t i = 0; i < source_count(run); i++) {
        RunArrivals *arrivals = &run->arrivals[i];
        seen_merge(arrivals);
        if (arrivals->epoch.count > 0) {
            arrivals->pending.items += arrivals->epoch.count;
            arrivals->pending.count -= arrivals->epoch.count;
        }
        arrivals->epoch = (SourceEntries){0};
    }
}
