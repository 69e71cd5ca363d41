// packing: integers in few bits: the run-length/bit-packed hybrid and DELTA_BINARY_PACKED.
//
// Private to parquet. Encoders append to a Buffer. Decoders read from bytes after which
// PARQUET_SLACK further bytes can be read (their content does not matter); they return false when
// the bytes cannot be what they should be.
#ifndef FLOW_PARQUET_PACKING_H
#define FLOW_PARQUET_PACKING_H

#include "base/base.h"

#define PARQUET_SLACK 64

static inline uint64_t parquet_load64(const void *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word); // this project runs on little-endian machines only
    return word;
}

static inline uint32_t parquet_load32(const void *bytes) {
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

// A varint of at most 32 bits; false if it is longer or the bytes end.
bool parquet_varint32(const uint8_t **next, const uint8_t *end, uint32_t *value);

// --- run-length/bit-packed hybrid --------------------------------------------------------------
// Dictionary indexes and levels: values below 2^width, width at most 32.
void parquet_rle_write(Buffer *out, const uint32_t *values, size_t count, uint32_t width);
void parquet_rle_write_run(Buffer *out, uint32_t value, size_t count, uint32_t width);

typedef struct ParquetRle {
    const uint8_t *next;
    const uint8_t *end;
    uint32_t width;
    uint32_t run_value;
    uint64_t run_left;
    uint64_t packed_left;
    const uint8_t *packed;
    uint64_t packed_bit;
    bool is_msb; // the retired BIT_PACKED encoding of levels
} ParquetRle;

ParquetRle parquet_rle(const uint8_t *bytes, size_t length, uint32_t width);
ParquetRle parquet_rle_msb(const uint8_t *bytes, size_t length, uint32_t width, uint64_t count);
bool parquet_rle_read(ParquetRle *rle, uint32_t *values, uint32_t count);
// How many of the next values surely equal `value`: takes up to `count` of them, as one run.
uint32_t parquet_rle_take_run(ParquetRle *rle, uint32_t value, uint32_t count);

// --- DELTA_BINARY_PACKED -----------------------------------------------------------------------
void parquet_delta_write32(Buffer *out, const int32_t *values, size_t count);
void parquet_delta_write64(Buffer *out, const int64_t *values, size_t count);
// How the differences of a block are measured: the ways of this machine, the best one last.
enum { PARQUET_DELTA_WAYS_MAX = 2, PARQUET_DELTA_BLOCK = 128, PARQUET_DELTA_MINIS = 4 };
typedef int64_t (*ParquetMeasureFn)(int64_t *deltas, uint32_t count, uint64_t *all);
uint32_t parquet_delta_ways(ParquetMeasureFn ways[PARQUET_DELTA_WAYS_MAX]);

typedef struct ParquetDelta {
    const uint8_t *next; // after the last value was read: the first byte behind
    const uint8_t *end;
    uint64_t left; // values not yet read
    uint64_t last;
    bool is_first;
    uint64_t min_delta;
    uint32_t mini_values; // values in a miniblock
    uint32_t mini_count;  // miniblocks in a block
    uint32_t mini_next;   // index of the next miniblock in this block
    const uint8_t *widths;
    uint32_t mini_left;
    uint32_t width;
    const uint8_t *packed;
    uint64_t packed_bit;
} ParquetDelta;

bool parquet_delta_begin(ParquetDelta *delta, const uint8_t *bytes, size_t length);
// Wrapping 64-bit arithmetic; INT32 columns take the low halves.
bool parquet_delta_read(ParquetDelta *delta, uint64_t *values, uint32_t count);
bool parquet_delta_skip(ParquetDelta *delta); // to the end

#endif
