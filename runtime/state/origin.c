// Origins as bytes: big-endian, signs turned.
#include "state/origin.h"

RowOrigin row_origin(const StateRows *rows, int32_t row) {
    const FlowBatch *batch = rows->batch;
    const int32_t *ordinals = batch->ordinals;
    return (RowOrigin){
        .source = batch->source,
        .file = batch->file,
        .position = ((const int64_t *)batch->offsets)[row],
        .ordinal = ordinals == NULL ? 0 : ordinals[row],
        .pipeline = rows->pipeline,
    };
}

static void word_append(Buffer *key, int32_t value) {
    uint32_t bits = __builtin_bswap32((uint32_t)value ^ UINT32_C(1) << 31);
    buffer_append(key, &bits, sizeof(bits));
}

static int32_t word_read(const char *bytes) {
    uint32_t bits;
    memcpy(&bits, bytes, sizeof(bits));
    return (int32_t)(__builtin_bswap32(bits) ^ UINT32_C(1) << 31);
}

void time_append(Buffer *key, int64_t time_us) {
    uint64_t bits = __builtin_bswap64((uint64_t)time_us ^ UINT64_C(1) << 63);
    buffer_append(key, &bits, sizeof(bits));
}

int64_t time_read(const char *bytes) {
    uint64_t bits;
    memcpy(&bits, bytes, sizeof(bits));
    return (int64_t)(__builtin_bswap64(bits) ^ UINT64_C(1) << 63);
}

void origin_append(Buffer *key, const RowOrigin *origin) {
    word_append(key, origin->source);
    word_append(key, origin->file);
    time_append(key, origin->position);
    word_append(key, origin->ordinal);
    word_append(key, origin->pipeline);
}

RowOrigin origin_read(const char *bytes) {
    return (RowOrigin){.source = word_read(bytes),
                       .file = word_read(bytes + 4),
                       .position = time_read(bytes + 8),
                       .ordinal = word_read(bytes + 16),
                       .pipeline = word_read(bytes + 20)};
}
