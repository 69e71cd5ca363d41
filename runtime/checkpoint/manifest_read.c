// Bytes to manifests. A linked manifest was fsynced before it was linked, so whatever is wrong with
// one is corruption, not the trace of a crash: it is told exactly, and nothing is guessed.
#include "checkpoint/manifest.h"
#include "checkpoint/manifest_form.h"

typedef struct Reader {
    Arena *arena;
    const char *bytes;
    size_t length;
    ManifestDamage *damage;
} Reader;

typedef VEC(CheckpointOutbox) Outboxes;

// The fields that must be there; a manifest without one is damaged.
typedef struct Found {
    bool type;
    bool previous;
    bool last_epoch;
    bool clock;
    Outboxes outboxes;
} Found;

static bool damaged(const Reader *reader, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);

static bool damaged(const Reader *reader, size_t offset, const char *format, ...) {
    reader->damage->code = "E702";
    reader->damage->offset = offset;
    va_list args;
    va_start(args, format);
    vsnprintf(reader->damage->text, sizeof(reader->damage->text), format, args);
    va_end(args);
    return false;
}

static uint64_t integer_at(const char *bytes, size_t size_bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        value |= (uint64_t)(uint8_t)bytes[i] << (8 * i);
    }
    return value;
}

// --- the frame ----------------------------------------------------------------------------------

static bool crc_holds(const Reader *reader, size_t from, size_t crc_at, const char *what) {
    uint32_t found = crc32c(0, reader->bytes + from, crc_at - from);
    uint32_t expected = (uint32_t)integer_at(reader->bytes + crc_at, 4);
    if (found == expected) {
        return true;
    }
    return damaged(
        reader, crc_at, "the crc32c of the %s should be %08x and is %08x", what, expected, found);
}

static bool header_check(const Reader *reader, const uint8_t uuid[UUID_BYTES]) {
    if (reader->length < HEADER_BYTES + FOOTER_BYTES) {
        return damaged(reader, reader->length, "the file ends within its header or footer");
    }
    if (memcmp(reader->bytes, MANIFEST_MAGIC, 8) != 0) {
        return damaged(reader, 0, "it does not begin with %s", MANIFEST_MAGIC);
    }
    if (!crc_holds(reader, 0, HEADER_CRC_AT, "header")) {
        return false;
    }
    uint64_t major = integer_at(reader->bytes + HEADER_MAJOR_AT, 2);
    if (major != MANIFEST_MAJOR) {
        damaged(reader, HEADER_MAJOR_AT, "its version %u is unknown", (uint32_t)major);
        reader->damage->code = "E701";
        return false;
    }
    if (memcmp(reader->bytes + HEADER_UUID_AT, uuid, UUID_BYTES) != 0) {
        return damaged(reader, HEADER_UUID_AT, "it belongs to another pipeline");
    }
    return true;
}

static bool footer_check(const Reader *reader) {
    size_t body_length = reader->length - HEADER_BYTES - FOOTER_BYTES;
    size_t footer_at = HEADER_BYTES + body_length;
    if (integer_at(reader->bytes + HEADER_BODY_LENGTH_AT, 8) != body_length) {
        return damaged(reader, HEADER_BODY_LENGTH_AT, "its length is not that of the file");
    }
    if (memcmp(reader->bytes + footer_at + FOOTER_END_AT, MANIFEST_END, 4) != 0) {
        return damaged(reader, footer_at + FOOTER_END_AT, "it does not end with %s", MANIFEST_END);
    }
    if (!crc_holds(reader, footer_at, footer_at + FOOTER_CRC_AT, "footer")) {
        return false;
    }
    if (integer_at(reader->bytes + footer_at + FOOTER_LENGTH_AT, 8) != body_length) {
        return damaged(reader, footer_at + FOOTER_LENGTH_AT, "its two lengths differ");
    }
    Hash128 hash = hash128(reader->bytes + HEADER_BYTES, body_length);
    bool is_same = hash.low == integer_at(reader->bytes + footer_at, 8) &&
                   hash.high == integer_at(reader->bytes + footer_at + 8, 8);
    return is_same || damaged(reader, footer_at, "the hash of the body is another");
}

// --- fields -------------------------------------------------------------------------------------

static ManifestRef ref_at(const char *value) {
    return (ManifestRef){
        .slot = (int64_t)integer_at(value, 8),
        .hash = {integer_at(value + 8, 8), integer_at(value + 16, 8)},
    };
}

static bool length_is(const Reader *reader, const char *value, size_t length, size_t wanted) {
    return length == wanted || damaged(reader,
                                       (size_t)(value - reader->bytes),
                                       "a field has %zu bytes and not %zu",
                                       length,
                                       wanted);
}

static bool outbox_read(const Reader *reader, const char *value, size_t length, Outboxes *out) {
    size_t offset = (size_t)(value - reader->bytes);
    if (length < 8) {
        return damaged(reader, offset, "an outbox is cut off");
    }
    uint64_t sink_length = integer_at(value, 4);
    uint64_t kind_length = integer_at(value + 4, 4);
    if (sink_length + kind_length > length - 8) {
        return damaged(reader, offset, "an outbox is cut off");
    }
    if (out->count >= MANIFEST_OUTBOXES_MAX) {
        return damaged(reader, offset, "more than %d outboxes", MANIFEST_OUTBOXES_MAX);
    }
    *vec_push(reader->arena, out) = (CheckpointOutbox){
        .sink = arena_copy(reader->arena, value + 8, sink_length),
        .kind = arena_copy(reader->arena, value + 8 + sink_length, kind_length),
        .bytes = value + 8 + sink_length + kind_length,
        .length = length - 8 - sink_length - kind_length,
    };
    return true;
}

static bool type_read(const Reader *reader, const char *value, size_t length, Manifest *manifest) {
    if (!length_is(reader, value, length, 8)) {
        return false;
    }
    uint64_t type = integer_at(value, 8);
    manifest->type = (ManifestType)type;
    return (type >= MANIFEST_OPEN && type <= MANIFEST_COMMITTED) ||
           damaged(reader, (size_t)(value - reader->bytes), "an unknown kind of manifest");
}

static bool ref_read(const Reader *reader, const char *value, size_t length, ManifestRef *ref) {
    if (!length_is(reader, value, length, 24)) {
        return false;
    }
    *ref = ref_at(value);
    return true;
}

static bool clock_read(const Reader *reader, const char *value, size_t length, Manifest *manifest) {
    if (!length_is(reader, value, length, 8)) {
        return false;
    }
    manifest->epoch.clock_us = (int64_t)integer_at(value, 8);
    return true;
}

static bool unknown_read(const Reader *reader, uint64_t tag, const char *value) {
    if ((tag & TAG_CRITICAL) == 0) {
        return true;
    }
    damaged(reader, (size_t)(value - reader->bytes), "its field %u is unknown", (uint32_t)tag);
    reader->damage->code = "E701";
    return false;
}

static bool field_read(const Reader *reader,
                       uint64_t tag,
                       const char *value,
                       size_t length,
                       Manifest *manifest,
                       Found *found) {
    CheckpointEpoch *epoch = &manifest->epoch;
    switch (tag) {
    case TAG_TYPE:
        found->type = true;
        return type_read(reader, value, length, manifest);
    case TAG_PREVIOUS:
        found->previous = true;
        return ref_read(reader, value, length, &manifest->previous);
    case TAG_LAST_EPOCH:
        found->last_epoch = true;
        return ref_read(reader, value, length, &manifest->last_epoch);
    case TAG_CLOCK:
        found->clock = true;
        return clock_read(reader, value, length, manifest);
    case TAG_PLAN:
        epoch->plan_hash = arena_copy(reader->arena, value, length);
        return true;
    case TAG_POSITIONS:
        epoch->positions = value;
        epoch->positions_length = length;
        return true;
    case TAG_OUTBOX:
        return outbox_read(reader, value, length, &found->outboxes);
    case TAG_LEDGER:
        epoch->ledger_json = arena_copy(reader->arena, value, length);
        return true;
    default:
        return unknown_read(reader, tag, value);
    }
}

static bool body_read(const Reader *reader, Manifest *manifest, Found *found) {
    size_t end = reader->length - FOOTER_BYTES;
    for (size_t at = HEADER_BYTES; at < end;) {
        if (end - at < FIELD_HEADER_BYTES) {
            return damaged(reader, at, "a field is cut off");
        }
        uint64_t tag = integer_at(reader->bytes + at, 2);
        uint64_t length = integer_at(reader->bytes + at + 4, 4);
        at += FIELD_HEADER_BYTES;
        if (length > end - at) {
            return damaged(reader, at, "a field is longer than the rest of the body");
        }
        if (!field_read(reader, tag, reader->bytes + at, length, manifest, found)) {
            return false;
        }
        at += length;
    }
    bool is_complete = found->type && found->previous && found->last_epoch &&
                       (manifest->type != MANIFEST_EPOCH || found->clock);
    return is_complete || damaged(reader, end, "a field is missing");
}

bool manifest_decode(Arena *arena,
                     const char *bytes,
                     size_t length,
                     const uint8_t uuid[UUID_BYTES],
                     Manifest *manifest,
                     ManifestDamage *damage) {
    Reader reader = {arena, bytes, length, damage};
    *manifest = (Manifest){.epoch = {.plan_hash = "", .ledger_json = "", .positions = ""}};
    Found found = {0};
    if (!header_check(&reader, uuid) || !footer_check(&reader) ||
        !body_read(&reader, manifest, &found)) {
        return false;
    }
    manifest->slot = (int64_t)integer_at(bytes + HEADER_SLOT_AT, 8);
    manifest->incarnation = (int64_t)integer_at(bytes + HEADER_INCARNATION_AT, 8);
    manifest->epoch.slot = manifest->slot;
    manifest->epoch.outboxes = found.outboxes.items;
    manifest->epoch.outbox_count = found.outboxes.count;
    return true;
}
