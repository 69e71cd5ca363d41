// Bytes to manifests. A linked manifest was fsynced before it was linked, so whatever is wrong with
// one is corruption, not the trace of a crash: it is told exactly, and nothing is guessed.
#include "checkpoint/manifest.h"
#include "checkpoint/manifest_form.h"

typedef struct Reader {
    Arena *arena;
    const char *bytes;
    size_t length;
    FrameDamage *damage;
} Reader;

typedef VEC(CheckpointOutbox) Outboxes;
typedef VEC(CheckpointRun) Runs;

// The fields that must be there; a manifest without one is damaged.
typedef struct Found {
    bool type;
    bool previous;
    bool last_epoch;
    bool clock;
    Outboxes outboxes;
    Runs runs;
} Found;

// --- the frame ----------------------------------------------------------------------------------

static bool frame_check(const Reader *reader, const uint8_t uuid[UUID_BYTES], FrameHeader *header) {
    if (reader->length < FRAME_HEADER_BYTES + FRAME_FOOTER_BYTES) {
        return frame_damaged(
            reader->damage, reader->length, "the file ends within its header or footer");
    }
    size_t body_length = reader->length - FRAME_HEADER_BYTES - FRAME_FOOTER_BYTES;
    size_t footer_at = FRAME_HEADER_BYTES + body_length;
    FrameFooter footer = {0};
    if (!frame_header_read(reader->bytes, uuid, header, reader->damage) ||
        !frame_footer_read(reader->bytes + footer_at, footer_at, &footer, reader->damage)) {
        return false;
    }
    if (header->body_length != body_length || footer.body_length != body_length) {
        return frame_damaged(reader->damage, footer_at, "its length is not that of the file");
    }
    Hash128 hash = hash128(reader->bytes + FRAME_HEADER_BYTES, body_length);
    bool is_same = hash.low == footer.hash.low && hash.high == footer.hash.high;
    return is_same || frame_damaged(reader->damage, footer_at, "the hash of the body is another");
}

// --- fields -------------------------------------------------------------------------------------

static ManifestRef ref_at(const char *value) {
    return (ManifestRef){
        .slot = (int64_t)frame_integer_at(value, 8),
        .hash = {frame_integer_at(value + 8, 8), frame_integer_at(value + 16, 8)},
    };
}

static bool length_is(const Reader *reader, const char *value, size_t length, size_t wanted) {
    return length == wanted || frame_damaged(reader->damage,
                                             (size_t)(value - reader->bytes),
                                             "a field has %zu bytes and not %zu",
                                             length,
                                             wanted);
}

static bool outbox_read(const Reader *reader, const char *value, size_t length, Outboxes *out) {
    size_t offset = (size_t)(value - reader->bytes);
    if (length < 8) {
        return frame_damaged(reader->damage, offset, "an outbox is cut off");
    }
    uint64_t sink_length = frame_integer_at(value, 4);
    uint64_t kind_length = frame_integer_at(value + 4, 4);
    if (sink_length + kind_length > length - 8) {
        return frame_damaged(reader->damage, offset, "an outbox is cut off");
    }
    if (out->count >= MANIFEST_OUTBOXES_MAX) {
        return frame_damaged(
            reader->damage, offset, "more than %d outboxes", MANIFEST_OUTBOXES_MAX);
    }
    *vec_push(reader->arena, out) = (CheckpointOutbox){
        .sink = arena_copy(reader->arena, value + 8, sink_length),
        .kind = arena_copy(reader->arena, value + 8 + sink_length, kind_length),
        .bytes = value + 8 + sink_length + kind_length,
        .length = length - 8 - sink_length - kind_length,
    };
    return true;
}

static bool run_read(const Reader *reader, const char *value, size_t length, Runs *runs) {
    size_t offset = (size_t)(value - reader->bytes);
    uint64_t id_length = length < RUN_FIXED_BYTES ? 0 : frame_integer_at(value + 32, 4);
    if (length < RUN_FIXED_BYTES || id_length > length - RUN_FIXED_BYTES) {
        return frame_damaged(reader->damage, offset, "a run of state is cut off");
    }
    if (runs->count >= MANIFEST_RUNS_MAX) {
        return frame_damaged(
            reader->damage, offset, "more than %d runs of state", MANIFEST_RUNS_MAX);
    }
    const char *texts = value + RUN_FIXED_BYTES;
    *vec_push(reader->arena, runs) = (CheckpointRun){
        .bytes = (int64_t)frame_integer_at(value, 8),
        .entries = (int64_t)frame_integer_at(value + 8, 8),
        .hash = {frame_integer_at(value + 16, 8), frame_integer_at(value + 24, 8)},
        .operator_id = arena_copy(reader->arena, texts, id_length),
        .name = arena_copy(reader->arena, texts + id_length, length - RUN_FIXED_BYTES - id_length),
    };
    return true;
}

static bool type_read(const Reader *reader, const char *value, size_t length, Manifest *manifest) {
    if (!length_is(reader, value, length, 8)) {
        return false;
    }
    uint64_t type = frame_integer_at(value, 8);
    manifest->type = (ManifestType)type;
    return (type >= MANIFEST_OPEN && type <= MANIFEST_COMMITTED) ||
           frame_damaged(
               reader->damage, (size_t)(value - reader->bytes), "an unknown kind of manifest");
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
    manifest->epoch.clock_us = (int64_t)frame_integer_at(value, 8);
    return true;
}

static bool unknown_read(const Reader *reader, uint64_t tag, const char *value) {
    if ((tag & TAG_CRITICAL) == 0) {
        return true;
    }
    frame_damaged(
        reader->damage, (size_t)(value - reader->bytes), "its field %u is unknown", (uint32_t)tag);
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
    case TAG_NOTES:
        epoch->notes = arena_copy(reader->arena, value, length);
        return true;
    case TAG_RUN:
        return run_read(reader, value, length, &found->runs);
    default:
        return unknown_read(reader, tag, value);
    }
}

static bool body_read(const Reader *reader, Manifest *manifest, Found *found) {
    size_t end = reader->length - FRAME_FOOTER_BYTES;
    for (size_t at = FRAME_HEADER_BYTES; at < end;) {
        if (end - at < FIELD_HEADER_BYTES) {
            return frame_damaged(reader->damage, at, "a field is cut off");
        }
        uint64_t tag = frame_integer_at(reader->bytes + at, 2);
        uint64_t length = frame_integer_at(reader->bytes + at + 4, 4);
        at += FIELD_HEADER_BYTES;
        if (length > end - at) {
            return frame_damaged(reader->damage, at, "a field is longer than the rest of the body");
        }
        if (!field_read(reader, tag, reader->bytes + at, length, manifest, found)) {
            return false;
        }
        at += length;
    }
    bool is_complete = found->type && found->previous && found->last_epoch &&
                       (manifest->type != MANIFEST_EPOCH || found->clock);
    return is_complete || frame_damaged(reader->damage, end, "a field is missing");
}

bool manifest_decode(Arena *arena,
                     const char *bytes,
                     size_t length,
                     const uint8_t uuid[UUID_BYTES],
                     Manifest *manifest,
                     FrameDamage *damage) {
    Reader reader = {arena, bytes, length, damage};
    FrameHeader header = {.magic = MANIFEST_MAGIC};
    *manifest = (Manifest){.epoch = {.plan_hash = "", .ledger_json = "", .positions = ""}};
    Found found = {0};
    if (!frame_check(&reader, uuid, &header) || !body_read(&reader, manifest, &found)) {
        return false;
    }
    manifest->slot = header.slot;
    manifest->incarnation = header.incarnation;
    manifest->epoch.slot = manifest->slot;
    manifest->epoch.outboxes = found.outboxes.items;
    manifest->epoch.outbox_count = found.outboxes.count;
    manifest->epoch.runs = found.runs.items;
    manifest->epoch.run_count = found.runs.count;
    return true;
}
