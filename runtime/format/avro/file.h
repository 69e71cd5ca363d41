// file: the container: a header, then blocks of records, each followed by the file's mark.
//
// Private to avro. A file is cut into parts of some blocks, which can be read apart from each
// other: to know how many records stand before each, all blocks' headers are read when it is
// opened. What cannot be read to the end of the file is a part of its own.
#ifndef FLOW_AVRO_FILE_H
#define FLOW_AVRO_FILE_H

#include "format/avro/avro.h"
#include "format/avro/schema.h"

#define AVRO_MARK_BYTES 16

typedef enum AvroCodec {
    AVRO_CODEC_NULL,
    AVRO_CODEC_DEFLATE,
    AVRO_CODEC_SNAPPY,
    AVRO_CODEC_ZSTD
} AvroCodec;

typedef struct AvroPiece {
    int64_t offset; // of its first block's header
    int64_t end;
    int64_t first_row;
    bool is_rest; // nothing of it can be read
} AvroPiece;

typedef struct AvroFile {
    FormatReadFn read;
    void *user;
    int64_t bytes;
    Failure *failure;
    Arena arena;
    AvroSchema schema;
    AvroCodec codec;
    uint8_t mark[AVRO_MARK_BYTES];
    VEC(AvroPiece) pieces;
} AvroFile;

// The bytes of a block's records. Used again for one block after the other, then freed.
typedef struct AvroBlock {
    uint8_t *data;
    size_t capacity;
    size_t length;
    int64_t rows;
    int64_t end; // where the next block begins
    bool is_damaged;
} AvroBlock;

typedef struct AvroUnpacker {
    AvroBlock packed;
    void *zstd; // ZSTD_DCtx, made when the first block needs it
} AvroUnpacker;

// OUTCOME_REFUSED, with a sentence in the failure: the file uses what is not supported. A file
// whose header cannot be read has one piece, the rest.
NODISCARD Outcome avro_file_open(AvroFile *file);
void avro_file_close(AvroFile *file);
// The block that begins here, which the opening has found to be whole; its content may be damaged.
NODISCARD Outcome avro_file_block(const AvroFile *file,
                                  int64_t offset,
                                  AvroUnpacker *unpacker,
                                  AvroBlock *block);
void avro_unpacker_free(AvroUnpacker *unpacker);
// Into a block; false: the bytes are not what the codec writes.
bool avro_unpack(AvroUnpacker *unpacker, AvroCodec codec, AvroBlock *block);
void avro_block_reserve(AvroBlock *block, size_t capacity);
void avro_block_free(AvroBlock *block);

#endif
