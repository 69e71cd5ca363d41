// Blocks unpacked: how long they become is not known before, but how long they may become.
#include "format/parquet/codec.h"
#include "format/avro/file.h"
#include "format/parquet/packing.h"

#include <zlib.h>
#include <zstd.h>

enum {
    UNPACKED_BYTES_MIN = 1024,
    GROWTH_EXPECTED = 4,
    SNAPPY_GROWTH_MAX = 32, // a copy of 64 bytes takes 3
    CHECKSUM_BYTES = 4,
};

void avro_block_reserve(AvroBlock *block, size_t capacity) {
    if (block->data == NULL || block->capacity < capacity) {
        block->data = memory_resize(block->data, capacity + PARQUET_SLACK);
        block->capacity = capacity;
    }
}

void avro_block_free(AvroBlock *block) {
    memory_free(block->data);
    *block = (AvroBlock){0};
}

void avro_unpacker_free(AvroUnpacker *unpacker) {
    avro_block_free(&unpacker->packed);
    ZSTD_freeDCtx(unpacker->zstd);
    unpacker->zstd = NULL;
}

// Room for more; false: the block is too large.
static bool block_grow(AvroBlock *block) {
    if (block->length < block->capacity) {
        return true;
    }
    size_t capacity = block->capacity * 2;
    capacity = capacity < UNPACKED_BYTES_MIN ? UNPACKED_BYTES_MIN : capacity;
    avro_block_reserve(block, capacity < AVRO_BLOCK_BYTES_MAX ? capacity : AVRO_BLOCK_BYTES_MAX);
    return block->length < block->capacity;
}

// --- deflate: without a header; writers leave parts of a checksum behind it ----------------------
static bool inflate_all(z_stream *stream, AvroBlock *block) {
    int status = Z_OK;
    while (status == Z_OK) {
        if (!block_grow(block)) {
            return false;
        }
        stream->next_out = block->data + block->length;
        stream->avail_out = (uInt)(block->capacity - block->length);
        status = inflate(stream, Z_NO_FLUSH);
        block->length = block->capacity - stream->avail_out;
    }
    return status == Z_STREAM_END;
}

static bool deflate_unpack(const AvroBlock *packed, AvroBlock *block) {
    z_stream stream = {.next_in = packed->data, .avail_in = (uInt)packed->length};
    if (inflateInit2(&stream, -15) != Z_OK) {
        return false;
    }
    bool is_sound = inflate_all(&stream, block);
    inflateEnd(&stream);
    return is_sound;
}

// --- snappy, then the CRC-32 of what it unpacks to -----------------------------------------------
static bool snappy_length(const AvroBlock *packed, size_t *length) {
    const uint8_t *next = packed->data;
    uint32_t found = 0;
    bool is_sound = parquet_varint32(&next, packed->data + packed->length, &found);
    *length = found;
    return is_sound && found <= AVRO_BLOCK_BYTES_MAX && found / SNAPPY_GROWTH_MAX <= packed->length;
}

static uint32_t load32_big(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool snappy_unpack(const AvroBlock *packed, AvroBlock *block) {
    size_t length;
    if (packed->length < CHECKSUM_BYTES || !snappy_length(packed, &length)) {
        return false;
    }
    size_t stored = packed->length - CHECKSUM_BYTES;
    avro_block_reserve(block, length);
    block->length = length;
    return parquet_snappy_unpack(packed->data, stored, block->data, length) &&
           crc32(0, block->data, (uInt)length) == load32_big(packed->data + stored);
}

// --- zstandard -----------------------------------------------------------------------------------
static bool zstd_unpack(AvroUnpacker *unpacker, AvroBlock *block) {
    if (unpacker->zstd == NULL) {
        unpacker->zstd = ZSTD_createDCtx();
    }
    ZSTD_DCtx_reset(unpacker->zstd, ZSTD_reset_session_only);
    ZSTD_inBuffer in = {unpacker->packed.data, unpacker->packed.length, 0};
    size_t left = 1; // of the frame: 0 at its end
    while (left > 0 || in.pos < in.size) {
        if (!block_grow(block)) {
            return false;
        }
        ZSTD_outBuffer out = {block->data, block->capacity, block->length};
        size_t before = in.pos;
        left = ZSTD_decompressStream(unpacker->zstd, &out, &in);
        bool has_moved = in.pos > before || out.pos > block->length;
        block->length = out.pos;
        if (ZSTD_isError(left) || (left > 0 && !has_moved)) {
            return false;
        }
    }
    return true;
}

bool avro_unpack(AvroUnpacker *unpacker, AvroCodec codec, AvroBlock *block) {
    size_t expected = unpacker->packed.length * GROWTH_EXPECTED;
    avro_block_reserve(block, expected < AVRO_BLOCK_BYTES_MAX ? expected : AVRO_BLOCK_BYTES_MAX);
    block->length = 0;
    switch (codec) {
    case AVRO_CODEC_DEFLATE:
        return deflate_unpack(&unpacker->packed, block);
    case AVRO_CODEC_SNAPPY:
        return snappy_unpack(&unpacker->packed, block);
    case AVRO_CODEC_ZSTD:
        return zstd_unpack(unpacker, block);
    case AVRO_CODEC_NULL:
        break;
    }
    return false;
}
