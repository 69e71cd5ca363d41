// The constants of a manifest's form, for the two files that write and read it.
#ifndef FLOW_MANIFEST_FORM_H
#define FLOW_MANIFEST_FORM_H

#define MANIFEST_MAGIC "FLOWMAN1"

enum {
    FIELD_HEADER_BYTES = 8,
    RUN_FIXED_BYTES = 36,  // of a run's field, in front of its texts
    TAG_CRITICAL = 0x8000, // who does not know such a field must not act on the manifest
};

// In the order in which they are written.
typedef enum ManifestTag {
    TAG_TYPE = TAG_CRITICAL | 1,
    TAG_PREVIOUS = TAG_CRITICAL | 2,
    TAG_LAST_EPOCH = TAG_CRITICAL | 3,
    TAG_CLOCK = TAG_CRITICAL | 4,
    TAG_PLAN = 5,
    TAG_POSITIONS = TAG_CRITICAL | 6,
    TAG_OUTBOX = TAG_CRITICAL | 7,
    TAG_LEDGER = 8,
    TAG_RUN = TAG_CRITICAL | 9,
    TAG_NOTES = 10, // only if there are any
} ManifestTag;

#endif
