// The directory of manifests: one name per slot, put only if absent.
//
// Private to the room. The link of a name is the only moment at which something is decided; all the
// rest is there so that it is decided once, by one run, and durably before anybody acts on it.
#ifndef FLOW_MANIFEST_LOG_H
#define FLOW_MANIFEST_LOG_H

#include "checkpoint/manifest.h"

typedef struct ManifestLog {
    Sys *sys;
    const char *directory; // DIR/log
    uint8_t uuid[UUID_BYTES];
} ManifestLog;

typedef enum ManifestPut {
    MANIFEST_PUT_DONE,
    MANIFEST_PUT_TAKEN, // somebody else has the slot
} ManifestPut;

// The highest slot, 0 if there is none.
NODISCARD Outcome manifest_log_head(ManifestLog *log, int64_t *slot);
NODISCARD Outcome manifest_log_sync(ManifestLog *log);
// Temp, fsync, link. Not durable before manifest_log_sync. A slot that somebody else has: TAKEN.
NODISCARD Outcome manifest_log_put(ManifestLog *log,
                                   const Manifest *manifest,
                                   ManifestRef *ref,
                                   ManifestPut *put);
// REFUSED with file, offset and reason if it is damaged or not there. *ref gets its hash.
NODISCARD Outcome manifest_log_read(
    ManifestLog *log, Arena *arena, int64_t slot, Manifest *manifest, ManifestRef *ref);
// Unlinks the slots below `floor` and all temps.
NODISCARD Outcome manifest_log_collect(ManifestLog *log, int64_t floor);

#endif
