// Decoders of Snappy and LZ4 blocks: literals and copies from what was already unpacked.
//
// Both are written to stay inside the output whatever the input says: a length is compared with the
// room that is left before a byte moves. Short pieces are moved as 16 bytes, into the slack if need
// be.
#include "format/parquet/codec.h"
#include "format/parquet/packing.h"

enum { PIECE = 16 };

typedef struct Block {
    const uint8_t *next;
    const uint8_t *end;
    uint8_t *out_start;
    uint8_t *out;
    uint8_t *out_end;
} Block;

static bool literal_copy(Block *block, size_t length) {
    if (length > (size_t)(block->end - block->next) ||
        length > (size_t)(block->out_end - block->out)) {
        return false;
    }
    if (length <= PIECE) {
        memcpy(block->out, block->next, PIECE);
    } else {
        memcpy(block->out, block->next, length);
    }
    block->next += length;
    block->out += length;
    return true;
}

// Pieces of 16 bytes may run past `length`, not past the slack.
static void far_copy(uint8_t *out, size_t distance, size_t length) {
    for (size_t at = 0; at < length; at += PIECE) {
        memcpy(out + at, out + at - distance, PIECE);
    }
}

static bool match_copy(Block *block, size_t distance, size_t length) {
    if (distance == 0 || distance > (size_t)(block->out - block->out_start) ||
        length > (size_t)(block->out_end - block->out)) {
        return false;
    }
    if (distance >= PIECE) {
        far_copy(block->out, distance, length);
    } else {
        for (size_t i = 0; i < length; i++) {
            block->out[i] = *(block->out + i - distance); // they overlap: the output repeats itself
        }
    }
    block->out += length;
    return true;
}

static bool take_little(Block *block, size_t bytes, size_t *value) {
    if ((size_t)(block->end - block->next) < bytes) {
        return false;
    }
    *value = 0;
    for (size_t i = 0; i < bytes; i++) {
        *value |= (size_t)block->next[i] << (8 * i);
    }
    block->next += bytes;
    return true;
}

// --- snappy ------------------------------------------------------------------------------------
static bool snappy_literal(Block *block, uint8_t tag) {
    size_t length = tag >> 2;
    if (length >= 60 && !take_little(block, length - 59, &length)) {
        return false;
    }
    return literal_copy(block, length + 1);
}

static bool snappy_copy(Block *block, uint8_t tag) {
    size_t kind = tag & 3;
    size_t distance = 0;
    if (!take_little(block, kind == 3 ? 4 : kind, &distance)) {
        return false;
    }
    if (kind == 1) {
        return match_copy(block, distance | (size_t)(tag >> 5) << 8, (tag >> 2 & 7) + 4u);
    }
    return match_copy(block, distance, (tag >> 2) + 1u);
}

bool parquet_snappy_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    Block block = {in, in + in_length, out, out, out + out_length};
    uint32_t length = 0;
    if (!parquet_varint32(&block.next, block.end, &length) || length != out_length) {
        return false;
    }
    while (block.next < block.end) {
        uint8_t tag = *block.next++;
        if (!((tag & 3) == 0 ? snappy_literal(&block, tag) : snappy_copy(&block, tag))) {
            return false;
        }
    }
    return block.out == block.out_end;
}

// --- LZ4 ---------------------------------------------------------------------------------------
// A length of 15 goes on in further bytes, as long as they are 255.
static bool lz4_length(Block *block, size_t *length) {
    if (*length < 15) {
        return true;
    }
    uint8_t byte = 255;
    while (byte == 255) {
        if (block->next == block->end) {
            return false;
        }
        byte = *block->next++;
        *length += byte;
    }
    return true;
}

bool parquet_lz4_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    Block block = {in, in + in_length, out, out, out + out_length};
    while (block.next < block.end) {
        uint8_t token = *block.next++;
        size_t literal = token >> 4;
        if (!lz4_length(&block, &literal) || !literal_copy(&block, literal)) {
            return false;
        }
        if (block.next == block.end) {
            break; // the last sequence has no match
        }
        size_t distance = 0;
        size_t match = token & 15;
        if (!take_little(&block, 2, &distance) || !lz4_length(&block, &match) ||
            !match_copy(&block, distance, match + 4)) {
            return false;
        }
    }
    return block.out == block.out_end;
}
