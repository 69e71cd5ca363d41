// Headers and footers, to bytes and back.
#include "checkpoint/frame.h"

#define FRAME_END "END1"

enum {
    MAJOR = 1,
    MINOR = 0,
    MAJOR_AT = 8,
    UUID_AT = 16,
    SLOT_AT = 32,
    INCARNATION_AT = 40,
    BODY_LENGTH_AT = 48,
    HEADER_CRC_AT = 60,
    FOOTER_LENGTH_AT = 16,
    FOOTER_CRC_AT = 24,
    FOOTER_END_AT = 28,
};

bool frame_damaged(FrameDamage *damage, size_t offset, const char *format, ...) {
    damage->code = "E702";
    damage->offset = offset;
    va_list args;
    va_start(args, format);
    vsnprintf(damage->text, sizeof(damage->text), format, args);
    va_end(args);
    return false;
}

void frame_integer_append(Buffer *out, uint64_t value, size_t size_bytes) {
    for (size_t i = 0; i < size_bytes; i++) {
        buffer_char(out, (char)(value >> (8 * i)));
    }
}

uint64_t frame_integer_at(const char *bytes, size_t size_bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < size_bytes; i++) {
        value |= (uint64_t)(uint8_t)bytes[i] << (8 * i);
    }
    return value;
}

// --- to bytes -----------------------------------------------------------------------------------

void frame_header_append(Buffer *out, const FrameHeader *header, const uint8_t uuid[UUID_BYTES]) {
    size_t begin = out->length;
    buffer_append(out, header->magic, FRAME_MAGIC_BYTES);
    frame_integer_append(out, MAJOR, 2);
    frame_integer_append(out, MINOR, 2);
    frame_integer_append(out, 0, 4); // flags: not compressed
    buffer_append(out, uuid, UUID_BYTES);
    frame_integer_append(out, (uint64_t)header->slot, 8);
    frame_integer_append(out, (uint64_t)header->incarnation, 8);
    frame_integer_append(out, header->body_length, 8);
    frame_integer_append(out, 0, 4);
    frame_integer_append(out, crc32c(0, out->data + begin, HEADER_CRC_AT), 4);
}

void frame_footer_append(Buffer *out, const FrameFooter *footer) {
    size_t begin = out->length;
    frame_integer_append(out, footer->hash.low, 8);
    frame_integer_append(out, footer->hash.high, 8);
    frame_integer_append(out, footer->body_length, 8);
    frame_integer_append(out, crc32c(0, out->data + begin, FOOTER_CRC_AT), 4);
    buffer_append(out, FRAME_END, 4);
}

// --- from bytes ---------------------------------------------------------------------------------

static bool crc_holds(const char *bytes, size_t crc_at, size_t offset, FrameDamage *damage) {
    uint32_t found = crc32c(0, bytes, crc_at);
    uint32_t expected = (uint32_t)frame_integer_at(bytes + crc_at, 4);
    return found == expected || frame_damaged(damage,
                                              offset + crc_at,
                                              "the crc32c of the %s should be %08x and is %08x",
                                              crc_at == HEADER_CRC_AT ? "header" : "footer",
                                              expected,
                                              found);
}

bool frame_header_read(const char *bytes,
                       const uint8_t uuid[UUID_BYTES],
                       FrameHeader *header,
                       FrameDamage *damage) {
    if (memcmp(bytes, header->magic, FRAME_MAGIC_BYTES) != 0) {
        return frame_damaged(damage, 0, "it does not begin with %s", header->magic);
    }
    if (!crc_holds(bytes, HEADER_CRC_AT, 0, damage)) {
        return false;
    }
    uint32_t major = (uint32_t)frame_integer_at(bytes + MAJOR_AT, 2);
    if (major != MAJOR) {
        frame_damaged(damage, MAJOR_AT, "its version %u is unknown", major);
        damage->code = "E701";
        return false;
    }
    if (memcmp(bytes + UUID_AT, uuid, UUID_BYTES) != 0) {
        return frame_damaged(damage, UUID_AT, "it belongs to another pipeline");
    }
    header->slot = (int64_t)frame_integer_at(bytes + SLOT_AT, 8);
    header->incarnation = (int64_t)frame_integer_at(bytes + INCARNATION_AT, 8);
    header->body_length = frame_integer_at(bytes + BODY_LENGTH_AT, 8);
    return true;
}

bool frame_footer_read(const char *bytes, size_t offset, FrameFooter *footer, FrameDamage *damage) {
    if (memcmp(bytes + FOOTER_END_AT, FRAME_END, 4) != 0) {
        return frame_damaged(damage, offset + FOOTER_END_AT, "it does not end with %s", FRAME_END);
    }
    if (!crc_holds(bytes, FOOTER_CRC_AT, offset, damage)) {
        return false;
    }
    footer->hash = (Hash128){frame_integer_at(bytes, 8), frame_integer_at(bytes + 8, 8)};
    footer->body_length = frame_integer_at(bytes + FOOTER_LENGTH_AT, 8);
    return true;
}
