// Commits: the lines, the put-if-absent, and what is done when somebody else was quicker.
//
// An append keeps its files whatever came between; an overwrite removes what it finds; a merge and
// an overwrite of a part are computed again, because what they read has changed. So a decided write
// is never refused for having lost a race, only for a table that no longer takes its columns.
#include "store/delta/checkpoint.h"
#include "store/delta/path.h"
#include "store/delta/tombstone.h"
#include "store/delta/write.h"

#include <inttypes.h>

enum { CHECKPOINT_INTERVAL_DEFAULT = 10, US_PER_MS = 1000, TEMP_ATTEMPTS_MAX = 100 };

// --- lines --------------------------------------------------------------------------------------
static int64_t clock_ms(const DeltaWrite *write) {
    return write->clock_us / US_PER_MS;
}

static int64_t bytes_added(const DeltaWrite *write) {
    int64_t bytes = 0;
    for (uint32_t i = 0; i < write->adds.count; i++) {
        bytes += write->adds.items[i].file.size_bytes;
    }
    return bytes;
}

// Structured parameters are JSON inside a string: readers expect a map of strings.
static void names_parameter(Buffer *out, const char *name, const DeltaNames *names) {
    Buffer text = {0};
    delta_names_write(&text, names);
    buffer_format(out, "\"%s\":", name);
    buffer_json_string(out, text.data, text.length);
    buffer_free(&text);
}

static void parameters_write(Buffer *out, const DeltaWrite *write) {
    buffer_text(out, ",\"operationParameters\":{");
    if (write->mode == DELTA_MERGE) {
        names_parameter(out, "key", &write->key);
    } else {
        buffer_format(
            out, "\"mode\":\"%s\",", write->mode == DELTA_APPEND ? "Append" : "Overwrite");
        names_parameter(out, "partitionBy", delta_write_partition(write));
    }
    if (write->condition_text != NULL) {
        buffer_text(out, ",\"predicate\":");
        delta_json_text(out, write->condition_text);
    }
    buffer_char(out, '}');
}

static void merge_metrics_write(Buffer *out, const DeltaWrite *write) {
    const DeltaMetrics *metrics = &write->metrics;
    buffer_format(out,
                  "\"numSourceRows\":\"%" PRId64 "\",\"numTargetRowsInserted\":\"%" PRId64
                  "\",\"numTargetRowsUpdated\":\"%" PRId64 "\",\"numTargetRowsDeleted\":\"%" PRId64
                  "\"",
                  metrics->rows_given,
                  metrics->rows_inserted,
                  metrics->rows_updated,
                  metrics->rows_deleted);
    buffer_format(out,
                  ",\"numTargetFilesAdded\":\"%u\",\"numTargetFilesRemoved\":\"%u\"",
                  write->adds.count,
                  write->removes.count);
}

static void metrics_write(Buffer *out, const DeltaWrite *write) {
    buffer_text(out, ",\"operationMetrics\":{");
    if (write->mode == DELTA_MERGE) {
        merge_metrics_write(out, write);
    } else {
        buffer_format(out,
                      "\"numFiles\":\"%u\",\"numOutputRows\":\"%" PRId64
                      "\",\"numOutputBytes\":\"%" PRId64 "\"",
                      write->adds.count,
                      write->metrics.rows_given,
                      bytes_added(write));
    }
    if (delta_write_replaces_all(write)) {
        buffer_format(out, ",\"numRemovedFiles\":\"%u\"", write->base->files.count);
    } else if (write->is_partial) {
        buffer_format(out,
                      ",\"numRemovedFiles\":\"%u\",\"numDeletedRows\":\"%" PRId64 "\"",
                      write->removes.count,
                      write->metrics.rows_deleted);
    }
    buffer_char(out, '}');
}

static const char *operation(const DeltaWrite *write) {
    if (write->base == NULL && write->adds.count == 0) {
        return "CREATE TABLE";
    }
    return write->mode == DELTA_MERGE ? "MERGE" : "WRITE";
}

static void info_write(Buffer *out, const DeltaWrite *write) {
    char uuid[37];
    sys_uuid(write->sys, uuid);
    buffer_format(out,
                  "{\"commitInfo\":{\"timestamp\":%" PRId64 ",\"operation\":\"%s\"",
                  clock_ms(write),
                  operation(write));
    parameters_write(out, write);
    if (write->base != NULL) {
        buffer_format(out, ",\"readVersion\":%" PRId64, write->base->version);
    }
    buffer_format(out,
                  ",\"isolationLevel\":\"Serializable\",\"isBlindAppend\":%s",
                  write->mode == DELTA_APPEND ? "true" : "false");
    metrics_write(out, write);
    buffer_format(out, ",\"engineInfo\":\"flow/0.1.0\",\"txnId\":\"%s\"}}\n", uuid);
}

static void remove_write(Buffer *out, const DeltaWrite *write, const DeltaLive *live) {
    DeltaFile removed = live->file;
    removed.deleted_ms = clock_ms(write);
    delta_remove_write(out, &removed);
}

// What replaces a table also forgets what was remembered of its keys.
static int64_t tombstones_next(const DeltaWrite *write) {
    bool forgets =
        delta_write_replaces_all(write) && delta_table_txn(write->base, DELTA_TOMBSTONES_APP) > 0;
    return forgets ? DELTA_TOMBSTONES_NONE : write->tombstones_file;
}

static void txns_write(Buffer *out, const DeltaWrite *write) {
    if (write->txn_app_id != NULL) {
        delta_txn_write(out, &(DeltaTxn){write->txn_app_id, write->txn_version, clock_ms(write)});
    }
    int64_t tombstones = tombstones_next(write);
    if (tombstones >= 0) {
        delta_txn_write(out, &(DeltaTxn){DELTA_TOMBSTONES_APP, tombstones, clock_ms(write)});
    }
}

static void removes_write(Buffer *out, const DeltaWrite *write) {
    if (delta_write_replaces_all(write)) {
        for (uint32_t i = 0; i < write->base->files.count; i++) {
            remove_write(out, write, &write->base->files.items[i]);
        }
        return;
    }
    for (uint32_t i = 0; i < write->removes.count; i++) {
        const DeltaLive *live = delta_table_file(write->base, write->removes.items[i]);
        ASSERT(live != NULL);
        remove_write(out, write, live);
    }
}

void delta_commit_lines(const DeltaWrite *write, Buffer *out) {
    info_write(out, write);
    if (write->base == NULL) {
        delta_protocol_write(out, &(DeltaProtocol){.reader = 1, .writer = 2});
    }
    if (write->has_new_metadata) {
        delta_metadata_write(out, &write->metadata);
    }
    txns_write(out, write);
    removes_write(out, write);
    for (uint32_t i = 0; i < write->adds.count; i++) {
        delta_add_write(out, &write->adds.items[i].file);
    }
}

// --- put if absent ------------------------------------------------------------------------------
Outcome delta_log_sync(Sys *sys, const char *table) {
    Arena arena = {0};
    Outcome outcome = sys_sync_directory(sys, arena_format(&arena, "%s/_delta_log", table));
    arena_free(&arena);
    return outcome;
}

static Outcome
temp_link(Sys *sys, const char *temp, const char *name, const Buffer *lines, SysLink *result) {
    TRY(sys_write_new(sys, temp, lines->data, lines->length));
    TRY(sys_link(sys, temp, name, result));
    return OUTCOME_OK;
}

// A temp that somebody has cleaned away before the link is written again.
static Outcome put_attempts(Sys *sys,
                            Arena *arena,
                            const char *table,
                            const char *name,
                            const Buffer *lines,
                            bool *is_won) {
    SysLink result = SYS_LINK_NO_SOURCE;
    const char *temp = NULL;
    for (int i = 0; i < TEMP_ATTEMPTS_MAX && result == SYS_LINK_NO_SOURCE; i++) {
        char uuid[37];
        sys_uuid(sys, uuid);
        temp = arena_format(arena, "%s/_delta_log/.tmp-%s", table, uuid);
        TRY(temp_link(sys, temp, name, lines, &result));
    }
    if (result == SYS_LINK_NO_SOURCE) {
        return sys_fail(sys, OUTCOME_ENVIRONMENT, "%s: somebody removes our temporary files", name);
    }
    *is_won = result == SYS_LINK_DONE;
    if (*is_won) {
        TRY(delta_log_sync(sys, table));
    }
    if (sys_unlink(sys, temp) != OUTCOME_OK) {
        sys_forgive(sys); // a temp that stays harms nobody; the commit's fate is known
    }
    return OUTCOME_OK;
}

// Only the first version has to make the log.
static Outcome log_make(Sys *sys, Arena *arena, const char *table, int64_t version) {
    return version > 0 ? OUTCOME_OK
                       : sys_make_directories(sys, arena_format(arena, "%s/_delta_log", table));
}

Outcome
delta_commit_put(Sys *sys, const char *table, int64_t version, const Buffer *lines, bool *is_won) {
    Arena arena = {0};
    const char *name = delta_log_path(&arena, table, version, ".json");
    Outcome outcome = log_make(sys, &arena, table, version);
    if (outcome == OUTCOME_OK) {
        outcome = put_attempts(sys, &arena, table, name, lines, is_won);
    }
    arena_free(&arena);
    return outcome;
}

// --- the loop -----------------------------------------------------------------------------------
static int64_t next_version(const DeltaWrite *write) {
    return write->base == NULL ? 0 : write->base->version + 1;
}

static Outcome is_taken(DeltaWrite *write, int64_t version, bool *taken) {
    SysStat stat;
    const char *path = delta_log_path(&write->arena, write->path, version, ".json");
    TRY(sys_stat(write->sys, path, &stat));
    *taken = stat.exists;
    return OUTCOME_OK;
}

// Somebody has committed since the base was read.
static Outcome race_lost(DeltaWrite *write) {
    DeltaTable *table;
    TRY(delta_open(write->sys, write->path, DELTA_LATEST, &table));
    TRY(delta_write_rebase(write, table));
    if (delta_write_is_done(write)) {
        return OUTCOME_OK;
    }
    if (write->is_partial) {
        return delta_overwrite_compute(write);
    }
    return write->mode == DELTA_MERGE ? delta_merge_compute(write) : OUTCOME_OK;
}

// One version: builds on what is durable only, else a power cut could leave a gap in the log.
static Outcome version_try(DeltaWrite *write, int64_t version, bool *is_won) {
    Buffer lines = {0};
    Outcome outcome = write->base == NULL ? OUTCOME_OK : delta_log_sync(write->sys, write->path);
    if (outcome == OUTCOME_OK) {
        delta_commit_lines(write, &lines);
        outcome = delta_commit_put(write->sys, write->path, version, &lines, is_won);
    }
    buffer_free(&lines);
    return outcome;
}

// A checkpoint is a convenience of readers: the commit stands without it.
static void checkpoint_due(DeltaWrite *write, int64_t version) {
    DeltaTable *table = NULL;
    int64_t interval = write->base == NULL
                           ? CHECKPOINT_INTERVAL_DEFAULT
                           : delta_table_setting_integer(write->base,
                                                         "delta.checkpointInterval",
                                                         CHECKPOINT_INTERVAL_DEFAULT);
    if (version == 0 || interval <= 0 || version % interval != 0) {
        return;
    }
    if (delta_open(write->sys, write->path, version, &table) != OUTCOME_OK ||
        delta_checkpoint_write(table, write->clock_us) != OUTCOME_OK) {
        sys_forgive(write->sys);
    }
    delta_close(table);
}

static Outcome done_before(DeltaWrite *write, int64_t *version) {
    write->is_committed = true;
    *version = write->base->version;
    return delta_log_sync(write->sys, write->path);
}

static Outcome won(DeltaWrite *write, int64_t version, int64_t *committed) {
    write->is_committed = true;
    *committed = version;
    checkpoint_due(write, version);
    return OUTCOME_OK;
}

Outcome delta_commit_run(DeltaWrite *write, int64_t *version) {
    for (int attempt = 0; attempt < COMMIT_ATTEMPTS_MAX; attempt++) {
        int64_t next = next_version(write);
        bool taken = false;
        bool is_won = false;
        TRY(is_taken(write, next, &taken));
        if (taken) {
            TRY(race_lost(write));
            continue;
        }
        if (delta_write_is_done(write)) {
            return done_before(write, version);
        }
        if (!delta_write_has_content(write)) {
            *version = write->base->version;
            return OUTCOME_OK;
        }
        TRY(version_try(write, next, &is_won));
        if (is_won) {
            return won(write, next, version);
        }
    }
    return sys_fail(write->sys,
                    OUTCOME_ENVIRONMENT,
                    "table %s: other writers were quicker %d times",
                    write->path,
                    COMMIT_ATTEMPTS_MAX);
}
