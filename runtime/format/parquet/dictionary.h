// dictionary: the distinct values of a column chunk that is being written, and their numbers.
//
// Private to parquet. Keys are values of 4, 8 or 16 bytes, or texts. Open addressing with a 32-bit
// hash beside each index, so that a probe seldom leaves the table's cache line.
#ifndef FLOW_PARQUET_DICTIONARY_H
#define FLOW_PARQUET_DICTIONARY_H

#include "base/base.h"

#define PARQUET_DICTIONARY_BYTES_MAX (1024u * 1024u)
#define PARQUET_DICTIONARY_COUNT_MAX (1u << 17)

typedef struct ParquetDictionary {
    uint64_t *table; // hash << 32 | index + 1; 0: free
    uint32_t table_size;
    uint32_t count;
    Buffer keys;  // fixed: the values; texts: FlowViews whose `data` is an offset into `bytes`
    Buffer bytes; // texts: each with its u32 length before it, as PLAIN has it
} ParquetDictionary;

// Numbers of the values, width 4, 8 or 16; false when the keys became more than `bytes_max` bytes:
// then it holds what it held before.
bool parquet_dictionary_encode(ParquetDictionary *dictionary,
                               const void *values,
                               size_t count,
                               uint32_t width,
                               size_t bytes_max,
                               uint32_t *indexes);
uint32_t parquet_dictionary_text(ParquetDictionary *dictionary, const FlowView *text);
// The same in three steps, for who knows the next texts: the hash of one of them, which is said
// again with it; what it needs first is fetched; what it needs then is fetched.
uint32_t parquet_dictionary_hash(const FlowView *text);
void parquet_dictionary_fetch(const ParquetDictionary *dictionary, uint32_t hash);
void parquet_dictionary_fetch_key(const ParquetDictionary *dictionary, uint32_t hash);
uint32_t
parquet_dictionary_hashed(ParquetDictionary *dictionary, const FlowView *text, uint32_t hash);
void parquet_dictionary_clear(ParquetDictionary *dictionary);
void parquet_dictionary_free(ParquetDictionary *dictionary);

static inline bool parquet_dictionary_is_full(const ParquetDictionary *dictionary) { // texts
    return dictionary->bytes.length > PARQUET_DICTIONARY_BYTES_MAX ||
           dictionary->count > PARQUET_DICTIONARY_COUNT_MAX;
}

// The bytes of a text, until the next one is added.
static inline const char *
parquet_dictionary_bytes(const ParquetDictionary *dictionary, uint32_t index, uint32_t *length) {
    const FlowView *key = (const FlowView *)dictionary->keys.data + index;
    *length = key->length;
    return key->length <= FLOW_VIEW_INLINE_MAX ? key->prefix
                                               : dictionary->bytes.data + (uintptr_t)key->data;
}

#endif
