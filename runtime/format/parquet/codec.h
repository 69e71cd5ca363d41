// codec: pages packed and unpacked.
//
// Private to parquet. The output of an unpacking is known beforehand and must be met exactly; it
// has PARQUET_SLACK bytes behind it that may be written, the input PARQUET_SLACK bytes that may be
// read.
#ifndef FLOW_PARQUET_CODEC_H
#define FLOW_PARQUET_CODEC_H

#include "format/parquet/words.h"

typedef struct ParquetUnpacker {
    void *zstd; // ZSTD_DCtx, made when the first page needs it
} ParquetUnpacker;

bool parquet_codec_is_known(int32_t codec);
const char *parquet_codec_name(int32_t codec);
bool parquet_unpack(ParquetUnpacker *unpacker,
                    ParquetCodec codec,
                    const uint8_t *in,
                    size_t in_length,
                    uint8_t *out,
                    size_t out_length);
void parquet_unpacker_free(ParquetUnpacker *unpacker);

bool parquet_snappy_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length);
bool parquet_lz4_unpack(const uint8_t *in, size_t in_length, uint8_t *out, size_t out_length);

#endif
