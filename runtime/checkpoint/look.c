// Looking at a checkpoint from outside. Another process may decide epochs and collect old ones
// meanwhile: whoever finds something gone looks again, as long as the log grows.
#include "checkpoint/format_file.h"
#include "checkpoint/manifest_log.h"

enum { LOOK_ATTEMPTS_MAX = 10 };

// From a manifest down to the epochs that are kept. Below the oldest there may be none any more.
static Outcome epochs_read(ManifestLog *log, Arena *arena, ManifestRef at, CheckpointLook *look) {
    CheckpointEpoch *epochs = arena_array(arena, CheckpointEpoch, CHECKPOINT_RETAIN);
    look->epochs = epochs;
    for (look->epoch_count = 0; look->epoch_count < CHECKPOINT_RETAIN && at.slot > 0;) {
        Manifest manifest = {0};
        ManifestRef found = {0};
        TRY(manifest_log_read(log, arena, at.slot, &manifest, &found));
        epochs[look->epoch_count++] = manifest.epoch;
        at = manifest.last_epoch;
    }
    return OUTCOME_OK;
}

static bool is_mark_of(const Manifest *manifest, ManifestRef epoch) {
    return manifest->type == MANIFEST_COMMITTED && manifest->last_epoch.slot == epoch.slot;
}

// Between the head and the last epoch are marks and the openings of runs.
static Outcome committed_find(ManifestLog *log, Arena *arena, int64_t head, CheckpointLook *look) {
    ManifestRef epoch = {.slot = look->epoch_count == 0 ? head : look->epochs[0].slot};
    look->is_last_committed = false;
    for (int64_t slot = head; slot > epoch.slot; slot--) {
        Manifest manifest = {0};
        ManifestRef found = {0};
        TRY(manifest_log_read(log, arena, slot, &manifest, &found));
        look->is_last_committed |= is_mark_of(&manifest, epoch);
    }
    return OUTCOME_OK;
}

static Outcome log_read(ManifestLog *log, Arena *arena, int64_t head, CheckpointLook *look) {
    Manifest manifest = {0};
    ManifestRef found = {0};
    look->epoch_count = 0;
    if (head == 0) {
        return OUTCOME_OK;
    }
    TRY(manifest_log_read(log, arena, head, &manifest, &found));
    ManifestRef last = manifest.type == MANIFEST_EPOCH ? found : manifest.last_epoch;
    TRY(epochs_read(log, arena, last, look));
    return committed_find(log, arena, head, look);
}

static Outcome log_look(ManifestLog *log, Arena *arena, CheckpointLook *look) {
    int64_t head = 0;
    TRY(manifest_log_head(log, &head));
    Outcome outcome = log_read(log, arena, head, look);
    for (int attempt = 1; outcome == OUTCOME_REFUSED && attempt < LOOK_ATTEMPTS_MAX; attempt++) {
        Failure failure = log->sys->failure;
        int64_t before = head;
        sys_forgive(log->sys);
        TRY(manifest_log_head(log, &head));
        if (head == before) {
            log->sys->failure = failure;
            return outcome;
        }
        outcome = log_read(log, arena, head, look);
    }
    return outcome;
}

Outcome checkpoint_look(Sys *sys, Arena *arena, const char *directory, CheckpointLook *look) {
    CheckpointFormat *format = arena_new(arena, CheckpointFormat);
    *look = (CheckpointLook){.directory = arena_string(arena, directory)};
    TRY(format_file_look(sys, arena, directory, format, &look->program));
    ManifestLog *log = arena_new(arena, ManifestLog);
    *log = (ManifestLog){.sys = sys, .directory = arena_format(arena, "%s/log", directory)};
    format_uuid_bytes(format->uuid, log->uuid);
    look->uuid = format->uuid;
    look->uuid_bytes = log->uuid;
    look->created_us = format->created_us;
    return log_look(log, arena, look);
}
