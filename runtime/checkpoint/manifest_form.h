// The constants of a manifest's form, for the two files that write and read it.
#ifndef FLOW_MANIFEST_FORM_H
#define FLOW_MANIFEST_FORM_H

#define MANIFEST_MAGIC "FLOWMAN1"
#define MANIFEST_END "END1"

enum {
    MANIFEST_MAJOR = 1,
    MANIFEST_MINOR = 0,
    HEADER_BYTES = 64,
    HEADER_MAJOR_AT = 8,
    HEADER_UUID_AT = 16,
    HEADER_SLOT_AT = 32,
    HEADER_INCARNATION_AT = 40,
    HEADER_BODY_LENGTH_AT = 48,
    HEADER_CRC_AT = 60,
    FOOTER_BYTES = 32,
    FOOTER_LENGTH_AT = 16,
    FOOTER_CRC_AT = 24,
    FOOTER_END_AT = 28,
    FIELD_HEADER_BYTES = 8,
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
} ManifestTag;

#endif
