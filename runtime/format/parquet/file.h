// file: what the footer of a Parquet file says, checked and in memory.
//
// Private to parquet. Everything lies in the arena of the ParquetFile; nothing is believed: counts
// are bounded by the bytes that would hold them, offsets by the file.
#ifndef FLOW_PARQUET_FILE_H
#define FLOW_PARQUET_FILE_H

#include "format/parquet/words.h"

#define PARQUET_SCHEMA_NODES_MAX 100000

typedef struct ParquetSchemaNode {
    ParquetElement element;
    uint32_t size; // nodes of the subtree, itself among them: the next sibling is `size` further
    int32_t leaf;  // number among the leaves, or -1
    uint8_t definition; // highest levels from the root to here
    uint8_t repetition;
} ParquetSchemaNode;

typedef struct ParquetChunkMeta {
    bool is_elsewhere; // in another file
    int32_t type;
    int32_t codec;
    int64_t position_count; // values and nulls
    int64_t stored_bytes;
    int64_t data_offset;
    int64_t dictionary_offset; // 0: none
    int64_t null_count;        // -1: not said
    const uint8_t *min;        // as statistics have them; NULL: not said
    const uint8_t *max;
    uint32_t min_length;
    uint32_t max_length;
} ParquetChunkMeta;

typedef struct ParquetGroupMeta {
    int64_t rows;
    ParquetChunkMeta *chunks; // by leaf
    uint32_t chunk_count;
} ParquetGroupMeta;

typedef struct ParquetFile {
    FormatReadFn read;
    void *user;
    int64_t bytes;
    Failure *failure;
    Arena arena;
    ParquetSchemaNode *nodes; // preorder; the root first
    uint32_t node_count;
    uint32_t leaf_count;
    VEC(ParquetGroupMeta) groups;
    int64_t rows;
    bool is_corrupt; // what was refused is damaged, rather than not supported
    bool is_julian;  // old dates are in the hybrid calendar of old Sparks
} ParquetFile;

// `read`, `user`, `bytes` and `failure` are set.
NODISCARD Outcome parquet_file_open(ParquetFile *file);
void parquet_file_close(ParquetFile *file);
// OUTCOME_REFUSED with the sentence in the failure.
Outcome parquet_refuse(ParquetFile *file, const char *format, ...) PRINTF_LIKE(2, 3);

// The child of this name; NULL: there is none.
const ParquetSchemaNode *parquet_schema_child(const ParquetSchemaNode *node, const char *name);
const ParquetSchemaNode *parquet_schema_child_at(const ParquetSchemaNode *node, int32_t index);

#endif
