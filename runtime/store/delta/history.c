// What the log says of a table's past: its commits, and which of them a moment falls into.
//
// A commit's time is its file's, made strictly increasing from the earliest commit on, because
// files can be copied and clocks be turned back; with in-commit timestamps it is what the commit
// says.
#include "store/delta/history.h"
#include "store/delta/replay.h"

#include <inttypes.h>

static const DeltaJson *commit_info(const DeltaActions *actions) {
    for (uint32_t i = 0; i < actions->count; i++) {
        if (actions->items[i].kind == DELTA_ACTION_INFO) {
            return actions->items[i].info;
        }
    }
    return NULL;
}

Outcome
delta_commit_times_of_files(Sys *sys, Arena *arena, const char *path, DeltaCommitTimes *times) {
    TRY(delta_listing_read(sys, arena, path, &times->listing));
    uint32_t count = times->listing.commits.count;
    times->ms = arena_array(arena, int64_t, count);
    for (uint32_t i = 0; i < count; i++) {
        int64_t modified_ms = times->listing.commits.items[i].modified_ms;
        bool is_later = i == 0 || modified_ms > times->ms[i - 1];
        times->ms[i] = is_later ? modified_ms : times->ms[i - 1] + 1;
    }
    return OUTCOME_OK;
}

static Outcome no_table(Sys *sys, const char *path) {
    return sys_fail(sys, OUTCOME_REFUSED, "%s is no Delta table", path);
}

// In-commit timestamps replace file times from the version on that enabled them.
static Outcome
commit_times_apply(Sys *sys, Arena *arena, const char *path, DeltaCommitTimes *times) {
    DeltaTable *table;
    TRY(delta_open(sys, path, DELTA_LATEST, &table));
    bool is_on = table != NULL &&
                 delta_names_have(&table->protocol.writer_features, "inCommitTimestamp") &&
                 delta_table_setting_truth(table, "delta.enableInCommitTimestamps");
    times->since =
        is_on ? delta_table_setting_integer(table, "delta.inCommitTimestampEnablementVersion", 0)
              : INT64_MAX;
    times->since_ms = is_on ? delta_table_setting_integer(
                                  table, "delta.inCommitTimestampEnablementTimestamp", INT64_MIN)
                            : INT64_MAX;
    delta_close(table);
    for (uint32_t i = 0; is_on && i < times->listing.commits.count; i++) {
        int64_t version = times->listing.commits.items[i].version;
        DeltaActions actions = {0};
        if (version >= times->since) {
            TRY(delta_commit_read(sys, arena, path, version, &actions));
            delta_json_integer(commit_info(&actions), "inCommitTimestamp", &times->ms[i]);
        }
    }
    return OUTCOME_OK;
}

Outcome delta_commit_times(Sys *sys, Arena *arena, const char *path, DeltaCommitTimes *times) {
    TRY(delta_commit_times_of_files(sys, arena, path, times));
    return times->listing.commits.count == 0 ? OUTCOME_OK
                                             : commit_times_apply(sys, arena, path, times);
}

// Times of files and timestamps of commits are two clocks: the moment is looked up by one of them.
static int64_t version_in(const DeltaCommitTimes *times, int64_t timestamp_ms) {
    bool is_own = timestamp_ms >= times->since_ms;
    int64_t version = -1;
    for (uint32_t i = 0; i < times->listing.commits.count; i++) {
        int64_t other = times->listing.commits.items[i].version;
        if ((other >= times->since) == is_own && times->ms[i] <= timestamp_ms) {
            version = other;
        }
    }
    return version;
}

static Outcome
version_find(Sys *sys, Arena *arena, const char *path, int64_t timestamp_ms, int64_t *version) {
    DeltaCommitTimes times;
    TRY(delta_commit_times(sys, arena, path, &times));
    if (times.listing.commits.count == 0) {
        return no_table(sys, path);
    }
    *version = version_in(&times, timestamp_ms);
    if (*version < 0) {
        return sys_fail(sys,
                        OUTCOME_REFUSED,
                        "table %s is not as old as that: the first commit that its log keeps is "
                        "version %" PRId64,
                        path,
                        times.listing.commits.items[0].version);
    }
    return OUTCOME_OK;
}

// Commits have milliseconds, so one is from before the moment if it is from before its millisecond
// or from within.
Outcome delta_version_at(Sys *sys, const char *path, int64_t timestamp_us, int64_t *version) {
    Arena arena = {0};
    int64_t timestamp_ms = timestamp_us / 1000 - (timestamp_us % 1000 < 0);
    *version = -1;
    Outcome outcome = version_find(sys, &arena, path, timestamp_ms, version);
    arena_free(&arena);
    return outcome;
}

// --- history ------------------------------------------------------------------------------------
static const char *source_of(Arena *arena, const DeltaJson *info, const char *name) {
    const DeltaJson *value = delta_json_member(info, name);
    return value == NULL ? arena_string(arena, "{}")
                         : arena_copy(arena, value->source, value->source_length);
}

static const char *string_of(Arena *arena, const DeltaJson *info, const char *name) {
    const char *text = delta_json_string(info, name);
    return arena_string(arena, text == NULL ? "" : text);
}

static Outcome entry_read(Sys *sys, Arena *arena, const char *path, DeltaHistory *entry) {
    Arena scratch = {0};
    DeltaActions actions = {0};
    Outcome outcome = delta_commit_read(sys, &scratch, path, entry->version, &actions);
    const DeltaJson *info = commit_info(&actions);
    entry->operation = string_of(arena, info, "operation");
    entry->engine = string_of(arena, info, "engineInfo");
    entry->parameters_json = source_of(arena, info, "operationParameters");
    entry->metrics_json = source_of(arena, info, "operationMetrics");
    delta_json_integer(info, "inCommitTimestamp", &entry->timestamp_ms);
    arena_free(&scratch);
    return outcome;
}

Outcome
delta_history(Sys *sys, Arena *arena, const char *path, DeltaHistory **entries, uint32_t *count) {
    DeltaCommitTimes times;
    *entries = NULL;
    *count = 0;
    TRY(delta_commit_times_of_files(sys, arena, path, &times));
    uint32_t commit_count = times.listing.commits.count;
    if (commit_count == 0) {
        return no_table(sys, path);
    }
    DeltaHistory *history = arena_array(arena, DeltaHistory, commit_count);
    for (uint32_t i = 0; i < commit_count; i++) {
        uint32_t at = commit_count - 1 - i;
        history[i].version = times.listing.commits.items[at].version;
        history[i].timestamp_ms = times.ms[at];
        TRY(entry_read(sys, arena, path, &history[i]));
    }
    *entries = history;
    *count = commit_count;
    return OUTCOME_OK;
}
