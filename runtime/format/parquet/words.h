// words: the numbers of parquet.thrift that Flow knows, and how a Flow type is stored.
//
// Private to parquet.
#ifndef FLOW_PARQUET_WORDS_H
#define FLOW_PARQUET_WORDS_H

#include "format/parquet/parquet.h"

#define PARQUET_MAGIC "PAR1"
#define PARQUET_LEVEL_MAX 64 // groups and lists around a leaf

typedef enum ParquetType {
    PARQUET_TYPE_NONE = -1, // a group
    PARQUET_TYPE_BOOLEAN = 0,
    PARQUET_TYPE_INT32 = 1,
    PARQUET_TYPE_INT64 = 2,
    PARQUET_TYPE_INT96 = 3,
    PARQUET_TYPE_FLOAT = 4,
    PARQUET_TYPE_DOUBLE = 5,
    PARQUET_TYPE_BYTE_ARRAY = 6,
    PARQUET_TYPE_FIXED = 7,
} ParquetType;

typedef enum ParquetEncoding {
    PARQUET_ENCODING_PLAIN = 0,
    PARQUET_ENCODING_PLAIN_DICTIONARY = 2,
    PARQUET_ENCODING_RLE = 3,
    PARQUET_ENCODING_BIT_PACKED = 4,
    PARQUET_ENCODING_DELTA_BINARY_PACKED = 5,
    PARQUET_ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6,
    PARQUET_ENCODING_DELTA_BYTE_ARRAY = 7,
    PARQUET_ENCODING_RLE_DICTIONARY = 8,
    PARQUET_ENCODING_BYTE_STREAM_SPLIT = 9,
} ParquetEncoding;

typedef enum ParquetCodec {
    PARQUET_CODEC_UNCOMPRESSED = 0,
    PARQUET_CODEC_SNAPPY = 1,
    PARQUET_CODEC_GZIP = 2,
    PARQUET_CODEC_BROTLI = 4,
    PARQUET_CODEC_LZ4_HADOOP = 5,
    PARQUET_CODEC_ZSTD = 6,
    PARQUET_CODEC_LZ4_RAW = 7,
} ParquetCodec;

typedef enum ParquetPageType {
    PARQUET_PAGE_DATA = 0,
    PARQUET_PAGE_INDEX = 1,
    PARQUET_PAGE_DICTIONARY = 2,
    PARQUET_PAGE_DATA_V2 = 3,
} ParquetPageType;

typedef enum ParquetRepetition {
    PARQUET_REQUIRED = 0,
    PARQUET_OPTIONAL = 1,
    PARQUET_REPEATED = 2,
} ParquetRepetition;

typedef enum ParquetConverted {
    PARQUET_CONVERTED_NONE = -1,
    PARQUET_CONVERTED_UTF8 = 0,
    PARQUET_CONVERTED_MAP = 1,
    PARQUET_CONVERTED_MAP_KEY_VALUE = 2,
    PARQUET_CONVERTED_LIST = 3,
    PARQUET_CONVERTED_ENUM = 4,
    PARQUET_CONVERTED_DECIMAL = 5,
    PARQUET_CONVERTED_DATE = 6,
    PARQUET_CONVERTED_TIME_MILLIS = 7,
    PARQUET_CONVERTED_TIME_MICROS = 8,
    PARQUET_CONVERTED_TIMESTAMP_MILLIS = 9,
    PARQUET_CONVERTED_TIMESTAMP_MICROS = 10,
    PARQUET_CONVERTED_UINT_8 = 11,
    PARQUET_CONVERTED_UINT_16 = 12,
    PARQUET_CONVERTED_UINT_32 = 13,
    PARQUET_CONVERTED_UINT_64 = 14,
    PARQUET_CONVERTED_INT_8 = 15,
    PARQUET_CONVERTED_INT_16 = 16,
    PARQUET_CONVERTED_INT_32 = 17,
    PARQUET_CONVERTED_INT_64 = 18,
    PARQUET_CONVERTED_JSON = 19,
    PARQUET_CONVERTED_BSON = 20,
    PARQUET_CONVERTED_INTERVAL = 21,
} ParquetConverted;

// Field ids of the union LogicalType.
typedef enum ParquetLogical {
    PARQUET_LOGICAL_NONE = 0,
    PARQUET_LOGICAL_STRING = 1,
    PARQUET_LOGICAL_MAP = 2,
    PARQUET_LOGICAL_LIST = 3,
    PARQUET_LOGICAL_ENUM = 4,
    PARQUET_LOGICAL_DECIMAL = 5,
    PARQUET_LOGICAL_DATE = 6,
    PARQUET_LOGICAL_TIME = 7,
    PARQUET_LOGICAL_TIMESTAMP = 8,
    PARQUET_LOGICAL_INTEGER = 10,
    PARQUET_LOGICAL_NULL = 11,
    PARQUET_LOGICAL_JSON = 12,
    PARQUET_LOGICAL_BSON = 13,
    PARQUET_LOGICAL_UUID = 14,
    PARQUET_LOGICAL_FLOAT16 = 15,
} ParquetLogical;

// Field ids of the union TimeUnit.
typedef enum ParquetUnit {
    PARQUET_UNIT_NONE = 0,
    PARQUET_UNIT_MILLIS = 1,
    PARQUET_UNIT_MICROS = 2,
    PARQUET_UNIT_NANOS = 3,
} ParquetUnit;

// One SchemaElement, in memory.
typedef struct ParquetElement {
    const char *name;
    ParquetType type;
    int32_t type_length; // of FIXED
    ParquetRepetition repetition;
    ParquetConverted converted;
    ParquetLogical logical;
    ParquetUnit unit; // of TIMESTAMP
    int32_t precision;
    int32_t scale;
    int32_t bit_width; // of INTEGER
    bool is_signed;    // of INTEGER
    int32_t child_count;
} ParquetElement;

// How Flow stores a type (store.md 4.3); the name and the repetition are the caller's to fill in.
ParquetElement parquet_element_of(const FlowTypeDesc *type);

// Bytes of a value in PLAIN; 0: BYTE_ARRAY, or BOOLEAN, which has an eighth.
uint32_t parquet_plain_width(ParquetType type, int32_t type_length);

static inline uint32_t parquet_bit_width(uint64_t max) {
    return max == 0 ? 0 : 64 - (uint32_t)__builtin_clzll(max);
}

#endif
