// Manifests to bytes. The order of the fields is fixed, so that equal manifests are equal bytes.
#include "checkpoint/manifest.h"

#include "checkpoint/manifest_form.h"

static void field_begin(Buffer *out, ManifestTag tag, size_t length) {
    ASSERT(length <= MANIFEST_BYTES_MAX);
    frame_integer_append(out, tag, 2);
    frame_integer_append(out, 0, 2);
    frame_integer_append(out, length, 4);
}

static void field_integer(Buffer *out, ManifestTag tag, int64_t value) {
    field_begin(out, tag, 8);
    frame_integer_append(out, (uint64_t)value, 8);
}

static void field_bytes(Buffer *out, ManifestTag tag, const char *bytes, size_t length) {
    field_begin(out, tag, length);
    buffer_append(out, bytes, length);
}

static void field_text(Buffer *out, ManifestTag tag, const char *text) {
    field_bytes(out, tag, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

static void field_ref(Buffer *out, ManifestTag tag, ManifestRef ref) {
    field_begin(out, tag, 24);
    frame_integer_append(out, (uint64_t)ref.slot, 8);
    frame_integer_append(out, ref.hash.low, 8);
    frame_integer_append(out, ref.hash.high, 8);
}

// Lengths of the sink's id and of the kind, these two, then the bytes.
static void field_outbox(Buffer *out, const CheckpointOutbox *outbox) {
    size_t sink_length = strlen(outbox->sink);
    size_t kind_length = strlen(outbox->kind);
    field_begin(out, TAG_OUTBOX, 8 + sink_length + kind_length + outbox->length);
    frame_integer_append(out, sink_length, 4);
    frame_integer_append(out, kind_length, 4);
    buffer_append(out, outbox->sink, sink_length);
    buffer_append(out, outbox->kind, kind_length);
    buffer_append(out, outbox->bytes, outbox->length);
}

// Bytes, entries and hash; the length of the operator's id, the id, then the file's name.
static void field_run(Buffer *out, const CheckpointRun *run) {
    size_t id_length = strlen(run->operator_id);
    field_begin(out, TAG_RUN, RUN_FIXED_BYTES + id_length + strlen(run->name));
    frame_integer_append(out, (uint64_t)run->bytes, 8);
    frame_integer_append(out, (uint64_t)run->entries, 8);
    frame_integer_append(out, run->hash.low, 8);
    frame_integer_append(out, run->hash.high, 8);
    frame_integer_append(out, id_length, 4);
    buffer_text(out, run->operator_id);
    buffer_text(out, run->name);
}

static void epoch_encode(Buffer *out, const CheckpointEpoch *epoch) {
    field_integer(out, TAG_CLOCK, epoch->clock_us);
    field_text(out, TAG_PLAN, epoch->plan_hash);
    field_bytes(out, TAG_POSITIONS, epoch->positions, epoch->positions_length);
    for (uint32_t i = 0; i < epoch->outbox_count; i++) {
        field_outbox(out, &epoch->outboxes[i]);
    }
    field_text(out, TAG_LEDGER, epoch->ledger_json);
    for (uint32_t i = 0; i < epoch->run_count; i++) {
        field_run(out, &epoch->runs[i]);
    }
    if (epoch->notes != NULL) {
        field_text(out, TAG_NOTES, epoch->notes);
    }
}

static void body_encode(Buffer *out, const Manifest *manifest) {
    field_integer(out, TAG_TYPE, manifest->type);
    field_ref(out, TAG_PREVIOUS, manifest->previous);
    field_ref(out, TAG_LAST_EPOCH, manifest->last_epoch);
    if (manifest->type == MANIFEST_EPOCH) {
        epoch_encode(out, &manifest->epoch);
    }
}

void manifest_encode(const Manifest *manifest, const uint8_t uuid[UUID_BYTES], Buffer *out) {
    ASSERT(manifest->slot > 0 && manifest->incarnation > 0);
    Buffer body = {0};
    body_encode(&body, manifest);
    buffer_clear(out);
    FrameHeader header = {
        .magic = MANIFEST_MAGIC,
        .slot = manifest->slot,
        .incarnation = manifest->incarnation,
        .body_length = body.length,
    };
    FrameFooter footer = {hash128(body.data, body.length), body.length};
    frame_header_append(out, &header, uuid);
    buffer_append(out, body.data, body.length);
    frame_footer_append(out, &footer);
    buffer_free(&body);
}
