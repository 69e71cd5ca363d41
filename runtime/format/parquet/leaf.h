// leaf: a leaf column that is being read: chunk by chunk, page by page, as levels and dense values.
//
// Private to parquet. A leaf owns its window of the file, the page it is in and pages it has left
// whose bytes texts may still point to; parquet_leaf_release frees those. Failures are
// OUTCOME_REFUSED and name the column.
#ifndef FLOW_PARQUET_LEAF_H
#define FLOW_PARQUET_LEAF_H

#include "format/parquet/codec.h"
#include "format/parquet/convert.h"
#include "format/parquet/file.h"
#include "format/parquet/packing.h"

#define PARQUET_READ_MAX FLOW_BATCH_ROWS_MAX // positions read at a time

typedef struct ParquetPageHeader {
    int32_t type;
    int32_t raw_bytes;
    int32_t stored_bytes;
    bool has_crc;
    uint32_t crc;
    int32_t position_count;
    int32_t encoding;
    int32_t definition_encoding;
    int32_t repetition_encoding;
    int32_t definition_bytes; // V2
    int32_t repetition_bytes;
    bool is_packed; // V2
} ParquetPageHeader;

// Working space that the leaves of a reader share.
typedef struct ParquetLeafScratch {
    ParquetUnpacker unpacker;
    uint32_t numbers[PARQUET_READ_MAX];
    uint64_t wide[PARQUET_READ_MAX];
    ParquetSlice physical[PARQUET_READ_MAX]; // the widest form: any fits in
    uint8_t faults[PARQUET_READ_MAX];        // ParquetFault, of the values read last
} ParquetLeafScratch;

typedef struct ParquetLeaf {
    ParquetFile *file;
    ParquetLeafScratch *scratch;
    const ParquetSchemaNode *node;
    bool has_values;  // false: only levels are wanted
    bool is_tolerant; // a value that does not fit is a fault of its row, not of the file
    bool has_faults;  // among the values read last: scratch->faults
    ParquetConversion conversion;
    // the chunk
    const ParquetChunkMeta *chunk;
    int64_t offset; // in the file, of the next page
    int64_t end;
    int64_t positions_left; // in pages not yet begun
    Buffer window;          // bytes of the file from window_offset on
    int64_t window_offset;
    uint8_t *dictionary; // values of the column's type
    uint32_t dictionary_count;
    uint8_t *dictionary_faults; // by entry; NULL: all fit
    uint8_t *dictionary_page;
    // the page
    uint8_t *page;
    size_t page_capacity;
    uint8_t *spare; // memory of a page that was left, for the next one
    size_t spare_capacity;
    uint8_t *rewritten; // its values as PLAIN, if they had an encoding that is rewritten
    uint32_t page_left; // positions
    ParquetRle definitions;
    ParquetRle repetitions;
    ParquetEncoding
        encoding; // PLAIN, RLE_DICTIONARY, DELTA_BINARY_PACKED or RLE; others became PLAIN
    const uint8_t *values;
    const uint8_t *values_end;
    uint32_t bool_bit;  // of PLAIN booleans
    ParquetRle numbers; // dictionary indexes, RLE booleans
    ParquetDelta delta;
    // pages left behind
    VEC(uint8_t *) retired;
    Arena retired_arena;
} ParquetLeaf;

// Completes a leaf of which file, scratch, node and is_tolerant are set. `type` NULL: only the
// levels are wanted. False: the file's column cannot become the type. `unit_us`: of timestamps that
// are plain numbers; 0: they cannot.
bool parquet_leaf_open(ParquetLeaf *leaf, const FlowTypeDesc *type, int64_t unit_us);
NODISCARD Outcome parquet_leaf_chunk(ParquetLeaf *leaf, const ParquetGroupMeta *group);
// At the beginning of a chunk: whether all its values come from a dictionary whose entries fit, so
// that none of them can be wrong. The chunk cannot be read then; begin it again.
bool parquet_leaf_is_sound(ParquetLeaf *leaf);

// What was read: `count` positions, `value_count` of them values. A definition level each, if the
// node can be missing at all, and a repetition level, if it can repeat.
typedef struct ParquetRead {
    uint32_t count;
    uint32_t value_count;
    uint8_t *definitions; // may be NULL if the highest level is 0
    uint8_t *repetitions; // likewise
} ParquetRead;

// Up to `count` positions of one page (at least one); call parquet_leaf_values for their values
// next.
NODISCARD Outcome parquet_leaf_levels(ParquetLeaf *leaf, uint32_t count, ParquetRead *read);
NODISCARD Outcome parquet_leaf_values(ParquetLeaf *leaf, uint32_t count, void *out);
const char *parquet_type_text(const FlowTypeDesc *type);
bool parquet_leaf_is_done(const ParquetLeaf *leaf); // with the chunk
void parquet_leaf_release(ParquetLeaf *leaf);
void parquet_leaf_close(ParquetLeaf *leaf);

// --- private to the leaves ---------------------------------------------------------------------
Outcome parquet_leaf_corrupt(ParquetLeaf *leaf, const char *what);
NODISCARD Outcome parquet_leaf_page(ParquetLeaf *leaf); // the next data page
// Rewrites the values of a page, which stand behind its levels, as PLAIN, in leaf->rewritten.
const char *
parquet_values_rewrite(ParquetLeaf *leaf, int32_t encoding, const uint8_t *values, size_t length);
void parquet_leaf_retire(ParquetLeaf *leaf, uint8_t *page);
void parquet_leaf_page_leave(ParquetLeaf *leaf);

#endif
