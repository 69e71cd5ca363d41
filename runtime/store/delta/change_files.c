// What commits did to a table's rows: their change data feed where they wrote one, else the files
// that they added and removed.
//
// A commit of a table without a feed that removes rows says which files went, but not which rows of
// them are in the files that came. Such a commit is refused.
#include "store/delta/history.h"
#include "store/delta/path.h"
#include "store/delta/replay.h"

#include <inttypes.h>

typedef struct Reading {
    DeltaTable *table;
    Arena *arena; // of the result
    VEC(DeltaChangeFile) changes;
    bool has_feed; // the table has one, from the commit at hand on
    int64_t version;
    int64_t timestamp_us;
} Reading;

const char *delta_commit_path(const DeltaTable *table, Arena *arena, int64_t version) {
    return delta_log_path(arena, table->path, version, ".json");
}

static Outcome refuse(const Reading *r, const char *why) {
    return sys_fail(r->table->sys,
                    OUTCOME_REFUSED,
                    "the changes of table %s: its version %" PRId64 " %s",
                    r->table->path,
                    r->version,
                    why);
}

// --- one file -----------------------------------------------------------------------------------
static Outcome values_take(Reading *r, const DeltaFile *file, DeltaChangeFile *change) {
    uint32_t count = delta_column_count(r->table);
    ParquetFixed *values = arena_array(r->arena, ParquetFixed, (size_t)count + 1);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!delta_is_partition_column(r->table, i)) {
            continue;
        }
        if (file->partition.count == 0) {
            return refuse(r, "removes a file and does not say the values of its partition");
        }
        ParquetFixed *value = &values[taken++];
        TRY(delta_partition_value(r->table, file, i, &value->is_null, &value->value));
    }
    change->values = values;
    return OUTCOME_OK;
}

static Outcome change_add(Reading *r, const DeltaFile *file, DeltaChangeKind kind) {
    const char *decoded = delta_path_decode(r->arena, file->path);
    if (decoded == NULL) {
        return refuse(r, "has a file whose path can't be read");
    }
    if (file->vector != NULL) {
        return refuse(r, "has a deletion vector, which is not supported yet");
    }
    DeltaFile kept = delta_file_copy(&r->table->arena, file); // strings of values lie there
    DeltaChangeFile change = {.kind = kind,
                              .version = r->version,
                              .timestamp_us = r->timestamp_us,
                              .path = delta_path_join(r->arena, r->table->path, decoded),
                              .bytes = file->size_bytes < 0 ? 0 : file->size_bytes};
    TRY(values_take(r, &kept, &change));
    *vec_push(r->arena, &r->changes) = change;
    return OUTCOME_OK;
}

// --- one commit ---------------------------------------------------------------------------------
static bool feed_is_on(const DeltaMap *configuration) {
    const char *text = delta_map_get(configuration, "delta.enableChangeDataFeed");
    return text != NULL && strcmp(text, "true") == 0;
}

static Outcome action_take(Reading *r, const DeltaAction *action, bool is_fed) {
    switch (action->kind) {
    case DELTA_ACTION_CHANGES:
        return change_add(r, &action->file, DELTA_CHANGE_FEED);
    case DELTA_ACTION_ADD:
        return is_fed || !action->file.has_data_change
                   ? OUTCOME_OK
                   : change_add(r, &action->file, DELTA_CHANGE_INSERTS);
    case DELTA_ACTION_REMOVE:
        if (is_fed || !action->file.has_data_change) {
            return OUTCOME_OK;
        }
        return r->has_feed ? change_add(r, &action->file, DELTA_CHANGE_DELETES)
                           : refuse(r,
                                    "removes rows, and the table had no change data feed then "
                                    "(delta.enableChangeDataFeed) that says which");
    default:
        return OUTCOME_OK;
    }
}

// What goes comes first: a row that is written again under its key stays.
static int change_compare(const void *a, const void *b) {
    const DeltaChangeFile *left = a;
    const DeltaChangeFile *right = b;
    bool left_comes = left->kind == DELTA_CHANGE_INSERTS;
    bool right_comes = right->kind == DELTA_CHANGE_INSERTS;
    return left_comes != right_comes ? left_comes - right_comes : strcmp(left->path, right->path);
}

static Outcome commit_take(Reading *r, Arena *scratch) {
    DeltaActions actions = {0};
    uint32_t first = r->changes.count;
    bool is_fed = false;
    TRY(delta_commit_read(r->table->sys, scratch, r->table->path, r->version, &actions));
    for (uint32_t i = 0; i < actions.count; i++) {
        const DeltaAction *action = &actions.items[i];
        is_fed |= action->kind == DELTA_ACTION_CHANGES;
        if (action->kind == DELTA_ACTION_METADATA) {
            r->has_feed = feed_is_on(&action->metadata.configuration);
        }
    }
    for (uint32_t i = 0; i < actions.count; i++) {
        TRY(action_take(r, &actions.items[i], is_fed));
    }
    if (r->changes.count > first) {
        qsort(&r->changes.items[first],
              r->changes.count - first,
              sizeof(DeltaChangeFile),
              change_compare);
    }
    return OUTCOME_OK;
}

// --- all of them --------------------------------------------------------------------------------
static Outcome range_check(const Reading *r, const DeltaCommitTimes *times, int64_t from) {
    int64_t oldest = times->listing.commits.count == 0 ? r->table->version + 1
                                                       : times->listing.commits.items[0].version;
    if (from > r->table->version || from < oldest) {
        return sys_fail(r->table->sys,
                        OUTCOME_REFUSED,
                        "the changes of table %s from version %" PRId64
                        " on are not there: its log has the versions %" PRId64 " to %" PRId64,
                        r->table->path,
                        from,
                        oldest,
                        r->table->version);
    }
    return OUTCOME_OK;
}

// Whether the table had a feed before the first of the commits.
static Outcome feed_before(Reading *r, int64_t from) {
    DeltaTable *before = NULL;
    if (from == 0) {
        return OUTCOME_OK;
    }
    TRY(delta_open(r->table->sys, r->table->path, from - 1, &before));
    r->has_feed = before != NULL && feed_is_on(&before->metadata.configuration);
    delta_close(before);
    return OUTCOME_OK;
}

static Outcome commits_take(Reading *r, Arena *scratch, int64_t from) {
    DeltaCommitTimes times;
    TRY(delta_commit_times(r->table->sys, scratch, r->table->path, &times));
    TRY(range_check(r, &times, from));
    TRY(feed_before(r, from));
    for (uint32_t i = 0; i < times.listing.commits.count; i++) {
        r->version = times.listing.commits.items[i].version;
        r->timestamp_us = times.ms[i] * 1000;
        if (r->version >= from && r->version <= r->table->version) {
            Arena actions = {0};
            Outcome outcome = commit_take(r, &actions);
            arena_free(&actions);
            TRY(outcome);
        }
    }
    return OUTCOME_OK;
}

Outcome delta_change_files(DeltaTable *table,
                           int64_t from,
                           Arena *arena,
                           const DeltaChangeFile **changes,
                           uint32_t *count) {
    Reading r = {.table = table, .arena = arena};
    Arena scratch = {0};
    Outcome outcome = commits_take(&r, &scratch, from < 0 ? 0 : from);
    arena_free(&scratch);
    *changes = r.changes.items;
    *count = r.changes.count;
    return outcome;
}
