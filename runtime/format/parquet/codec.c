// Unpacking pages: one switch over the codecs; zstd, gzip and brotli by their libraries, the rest
// by us.
#include "format/parquet/codec.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

typedef struct CodecName {
    int32_t codec;
    const char *name;
    bool is_known;
} CodecName;

static const CodecName codec_names[] = {
    {PARQUET_CODEC_UNCOMPRESSED, "UNCOMPRESSED", true},
    {PARQUET_CODEC_SNAPPY, "SNAPPY", true},
    {PARQUET_CODEC_GZIP, "GZIP", true},
    {3, "LZO", false},
    {PARQUET_CODEC_BROTLI, "BROTLI", true},
    {PARQUET_CODEC_LZ4_HADOOP, "LZ4", true},
    {PARQUET_CODEC_ZSTD, "ZSTD", true},
    {PARQUET_CODEC_LZ4_RAW, "LZ4_RAW", true},
};

bool parquet_codec_is_known(int32_t codec) {
    return codec >= 0 && (size_t)codec < COUNT_OF(codec_names) && codec_names[codec].is_known;
}

const char *parquet_codec_name(int32_t codec) {
    return codec >= 0 && (size_t)codec < COUNT_OF(codec_names) ? codec_names[codec].name
                                                               : "unknown";
}

static bool gzip_member(z_stream *stream) {
    int status = inflate(stream, Z_FINISH);
    if (status != Z_STREAM_END) {
        return false;
    }
    return inflateReset(stream) == Z_OK;
}

// A page may be several gzip members one after the other.
static bool gzip_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    z_stream stream = {
        .next_in = (uint8_t *)(uintptr_t)in, // zlib does not write through it
        .avail_in = (uInt)in_length,
        .next_out = out,
        .avail_out = (uInt)out_length,
    };
    if (inflateInit2(&stream, 15 + 32) != Z_OK) {
        return false;
    }
    bool is_sound = true;
    while (is_sound && stream.avail_in > 0) {
        is_sound = gzip_member(&stream);
    }
    inflateEnd(&stream);
    return is_sound && stream.avail_out == 0;
}

static bool zstd_unpack(ParquetUnpacker *unpacker,
                        const uint8_t *in,
                        size_t in_length,
                        uint8_t *out,
                        size_t out_length) {
    if (unpacker->zstd == NULL) {
        unpacker->zstd = ZSTD_createDCtx();
    }
    size_t length = ZSTD_decompressDCtx(unpacker->zstd, out, out_length, in, in_length);
    return !ZSTD_isError(length) && length == out_length;
}

static bool brotli_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    size_t length = out_length;
    return BrotliDecoderDecompress(in_length, in, &length, out) == BROTLI_DECODER_RESULT_SUCCESS &&
           length == out_length;
}

static uint32_t load32_big(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Hadoop's frames: raw length, packed length, block; again and again.
static bool hadoop_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    while (in_length >= 8) {
        size_t raw = load32_big(in);
        size_t packed = load32_big(in + 4);
        in += 8;
        in_length -= 8;
        if (packed > in_length || raw > out_length || !parquet_lz4_unpack(in, packed, out, raw)) {
            return false;
        }
        in += packed;
        in_length -= packed;
        out += raw;
        out_length -= raw;
    }
    return in_length == 0 && out_length == 0;
}

// The codec's description never said whether there are frames, and writers did both.
static bool lz4_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length) {
    return hadoop_unpack(in, in_length, out, out_length) ||
           parquet_lz4_unpack(in, in_length, out, out_length);
}

bool parquet_unpack(ParquetUnpacker *unpacker,
                    ParquetCodec codec,
                    const uint8_t *in,
                    size_t in_length,
                    uint8_t *out,
                    size_t out_length) {
    switch (codec) {
    case PARQUET_CODEC_UNCOMPRESSED:
        if (in_length != out_length) {
            return false;
        }
        memcpy(out, in, in_length);
        return true;
    case PARQUET_CODEC_SNAPPY:
        return parquet_snappy_unpack(in, in_length, out, out_length);
    case PARQUET_CODEC_GZIP:
        return gzip_unpack(in, in_length, out, out_length);
    case PARQUET_CODEC_BROTLI:
        return brotli_unpack(in, in_length, out, out_length);
    case PARQUET_CODEC_LZ4_HADOOP:
        return lz4_unpack(in, in_length, out, out_length);
    case PARQUET_CODEC_ZSTD:
        return zstd_unpack(unpacker, in, in_length, out, out_length);
    case PARQUET_CODEC_LZ4_RAW:
        return parquet_lz4_unpack(in, in_length, out, out_length);
    }
    return false;
}

void parquet_unpacker_free(ParquetUnpacker *unpacker) {
    ZSTD_freeDCtx(unpacker->zstd);
    unpacker->zstd = NULL;
}
