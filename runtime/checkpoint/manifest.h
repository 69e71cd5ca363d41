// One entry of the manifest log as bytes: 64-byte header, TLV body, 32-byte footer.
//
// Private to the room. The form is fixed by docs/decisions/011-manifest-log.md. Decoding believes
// nothing: every length is bounded before it is used, and what does not fit is told with its
// offset.
#ifndef FLOW_MANIFEST_H
#define FLOW_MANIFEST_H

#include "checkpoint/checkpoint.h"
#include "checkpoint/frame.h"

typedef enum ManifestType {
    MANIFEST_OPEN = 1,      // a run begins: it takes the slot that any older run wanted
    MANIFEST_EPOCH = 2,     // an epoch is decided
    MANIFEST_COMMITTED = 3, // all sinks have it, durably
} ManifestType;

typedef struct ManifestRef {
    int64_t slot; // 0: none
    Hash128 hash; // of all bytes of that manifest
} ManifestRef;

typedef struct Manifest {
    ManifestType type;
    int64_t slot;
    int64_t incarnation;
    ManifestRef previous;   // the slot before: the chain
    ManifestRef last_epoch; // below this slot; of COMMITTED: the epoch that it is about
    CheckpointEpoch epoch;  // of EPOCH only
} Manifest;

void manifest_encode(const Manifest *manifest, const uint8_t uuid[UUID_BYTES], Buffer *out);
// False: *damage says why. Texts and bytes of the manifest borrow from `bytes` or the arena.
bool manifest_decode(Arena *arena,
                     const char *bytes,
                     size_t length,
                     const uint8_t uuid[UUID_BYTES],
                     Manifest *manifest,
                     FrameDamage *damage);

#endif
