// What stands around the body of every binary file of a checkpoint: a 64-byte header and a 32-byte
// footer, little endian.
//
// Private to the room. The form is fixed by docs/decisions/011-manifest-log.md. Reading believes
// nothing: what does not fit is told with its offset.
#ifndef FLOW_CHECKPOINT_FRAME_H
#define FLOW_CHECKPOINT_FRAME_H

#include "base/base.h"

enum { UUID_BYTES = 16, FRAME_HEADER_BYTES = 64, FRAME_FOOTER_BYTES = 32, FRAME_MAGIC_BYTES = 8 };
#define FRAME_OPEN_END                                                                             \
    UINT64_MAX // a header written before its body: only the footer has the length

typedef struct FrameHeader {
    const char *magic; // eight letters
    int64_t slot;
    int64_t incarnation;
    uint64_t body_length;
} FrameHeader;

typedef struct FrameFooter {
    Hash128 hash; // of the body, as its file defines it
    uint64_t body_length;
} FrameFooter;

// What is wrong with bytes that should be such a file.
typedef struct FrameDamage {
    const char *code; // "E701": written by a newer Flow, "E702": corrupt
    size_t offset;
    char text[160];
} FrameDamage;

// It is corrupt. Always false, so that a check can end with it.
bool frame_damaged(FrameDamage *damage, size_t offset, const char *format, ...) PRINTF_LIKE(3, 4);

void frame_header_append(Buffer *out, const FrameHeader *header, const uint8_t uuid[UUID_BYTES]);
void frame_footer_append(Buffer *out, const FrameFooter *footer);
// `bytes` has the header's length; header->magic says what it has to be.
bool frame_header_read(const char *bytes,
                       const uint8_t uuid[UUID_BYTES],
                       FrameHeader *header,
                       FrameDamage *damage);
// `offset` is where in the file the footer begins.
bool frame_footer_read(const char *bytes, size_t offset, FrameFooter *footer, FrameDamage *damage);

void frame_integer_append(Buffer *out, uint64_t value, size_t size_bytes);
uint64_t frame_integer_at(const char *bytes, size_t size_bytes);

#endif
