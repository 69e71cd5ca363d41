// Manifests to bytes. The order of the fields is fixed, so that equal manifests are equal bytes.
#include "checkpoint/manifest.h"

#include "checkpoint/manifest_form.h"

static void integer_append(Buffer *out, uint64_t value, size_t size_bytes) {
    for (size_t i = 0; i < size_bytes; i++) {
        buffer_char(out, (char)(value >> (8 * i)));
    }
}

static void field_begin(Buffer *out, ManifestTag tag, size_t length) {
    ASSERT(length <= MANIFEST_BYTES_MAX);
    integer_append(out, tag, 2);
    integer_append(out, 0, 2);
    integer_append(out, length, 4);
}

static void field_integer(Buffer *out, ManifestTag tag, int64_t value) {
    field_begin(out, tag, 8);
    integer_append(out, (uint64_t)value, 8);
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
    integer_append(out, (uint64_t)ref.slot, 8);
    integer_append(out, ref.hash.low, 8);
    integer_append(out, ref.hash.high, 8);
}

// Lengths of the sink's id and of the kind, these two, then the bytes.
static void field_outbox(Buffer *out, const CheckpointOutbox *outbox) {
    size_t sink_length = strlen(outbox->sink);
    size_t kind_length = strlen(outbox->kind);
    field_begin(out, TAG_OUTBOX, 8 + sink_length + kind_length + outbox->length);
    integer_append(out, sink_length, 4);
    integer_append(out, kind_length, 4);
    buffer_append(out, outbox->sink, sink_length);
    buffer_append(out, outbox->kind, kind_length);
    buffer_append(out, outbox->bytes, outbox->length);
}

static void epoch_encode(Buffer *out, const CheckpointEpoch *epoch) {
    field_integer(out, TAG_CLOCK, epoch->clock_us);
    field_text(out, TAG_PLAN, epoch->plan_hash);
    field_bytes(out, TAG_POSITIONS, epoch->positions, epoch->positions_length);
    for (uint32_t i = 0; i < epoch->outbox_count; i++) {
        field_outbox(out, &epoch->outboxes[i]);
    }
    field_text(out, TAG_LEDGER, epoch->ledger_json);
}

static void body_encode(Buffer *out, const Manifest *manifest) {
    field_integer(out, TAG_TYPE, manifest->type);
    field_ref(out, TAG_PREVIOUS, manifest->previous);
    field_ref(out, TAG_LAST_EPOCH, manifest->last_epoch);
    if (manifest->type == MANIFEST_EPOCH) {
        epoch_encode(out, &manifest->epoch);
    }
}

static void header_encode(Buffer *out,
                          const Manifest *manifest,
                          const uint8_t uuid[UUID_BYTES],
                          size_t body_length) {
    buffer_append(out, MANIFEST_MAGIC, 8);
    integer_append(out, MANIFEST_MAJOR, 2);
    integer_append(out, MANIFEST_MINOR, 2);
    integer_append(out, 0, 4); // flags: not compressed
    buffer_append(out, uuid, UUID_BYTES);
    integer_append(out, (uint64_t)manifest->slot, 8);
    integer_append(out, (uint64_t)manifest->incarnation, 8);
    integer_append(out, body_length, 8);
    integer_append(out, 0, 4);
    integer_append(out, crc32c(0, out->data, HEADER_CRC_AT), 4);
}

static void footer_encode(Buffer *out, const char *body, size_t body_length) {
    Buffer footer = {0};
    Hash128 hash = hash128(body, body_length);
    integer_append(&footer, hash.low, 8);
    integer_append(&footer, hash.high, 8);
    integer_append(&footer, body_length, 8);
    integer_append(&footer, crc32c(0, footer.data, FOOTER_CRC_AT), 4);
    buffer_append(&footer, MANIFEST_END, 4);
    buffer_append(out, footer.data, footer.length);
    buffer_free(&footer);
}

void manifest_encode(const Manifest *manifest, const uint8_t uuid[UUID_BYTES], Buffer *out) {
    ASSERT(manifest->slot > 0 && manifest->incarnation > 0);
    Buffer body = {0};
    body_encode(&body, manifest);
    buffer_clear(out);
    header_encode(out, manifest, uuid, body.length);
    buffer_append(out, body.data, body.length);
    footer_encode(out, body.data, body.length);
    buffer_free(&body);
}
