// Dictionaries of values that are being written.
//
// Hashes decide nothing that anybody sees (indexes go by first occurrence), so a short
// multiplicative hash is enough.
#include "format/parquet/dictionary.h"

enum { TABLE_MIN = 1024 };

// The width must be a constant in the inner loops, which the compiler does not see by itself.
#define SPECIALISED static inline __attribute__((always_inline))

static const uint64_t SEED_LOW = 0x9E3779B97F4A7C15u;
static const uint64_t SEED_HIGH = 0xD6E8FEB86659FD93u;

static inline uint32_t hash_pair(uint64_t low, uint64_t high) {
    u128 product = (u128)(low ^ SEED_LOW) * (high ^ SEED_HIGH);
    uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);
    return (uint32_t)(folded ^ folded >> 32);
}

static void table_grow(ParquetDictionary *dictionary) {
    uint32_t size = dictionary->table_size == 0 ? TABLE_MIN : dictionary->table_size * 2;
    uint64_t *table = memory_alloc(size * sizeof *table);
    memset(table, 0, size * sizeof *table);
    for (uint32_t i = 0; i < dictionary->table_size; i++) {
        uint64_t entry = dictionary->table[i];
        uint32_t at = (uint32_t)(entry >> 32) & (size - 1);
        while (entry != 0 && table[at] != 0) {
            at = (at + 1) & (size - 1);
        }
        if (entry != 0) {
            table[at] = entry;
        }
    }
    memory_free(dictionary->table);
    dictionary->table = table;
    dictionary->table_size = size;
}

static inline void room_for_one(ParquetDictionary *dictionary) {
    if (dictionary->count * 2 >= dictionary->table_size) {
        table_grow(dictionary);
    }
}

// --- fixed width -------------------------------------------------------------------------------
SPECIALISED uint32_t fixed_hash(const char *value, uint32_t width) {
    uint64_t low = 0;
    uint64_t high = 0;
    memcpy(&low, value, width < 8 ? width : 8);
    if (width == 16) {
        memcpy(&high, value + 8, 8);
    }
    return hash_pair(low, high);
}

SPECIALISED uint32_t fixed_add(
    ParquetDictionary *dictionary, const char *value, uint32_t width, uint32_t hash, uint32_t at) {
    buffer_append(&dictionary->keys, value, width);
    dictionary->count++;
    dictionary->table[at] = (uint64_t)hash << 32 | dictionary->count;
    return dictionary->count - 1;
}

SPECIALISED uint32_t fixed_index(ParquetDictionary *dictionary, const char *value, uint32_t width) {
    room_for_one(dictionary);
    uint32_t hash = fixed_hash(value, width);
    uint32_t mask = dictionary->table_size - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t entry = dictionary->table[at];
        if (entry == 0) {
            return fixed_add(dictionary, value, width, hash, at);
        }
        uint32_t index = (uint32_t)entry - 1;
        if ((uint32_t)(entry >> 32) == hash &&
            memcmp(dictionary->keys.data + (size_t)index * width, value, width) == 0) {
            return index;
        }
    }
}

SPECIALISED bool fixed_encode(ParquetDictionary *dictionary,
                              const char *values,
                              size_t count,
                              uint32_t width,
                              size_t bytes_max,
                              uint32_t *indexes) {
    size_t fitting = bytes_max / width;
    uint32_t count_max =
        fitting < PARQUET_DICTIONARY_COUNT_MAX ? (uint32_t)fitting : PARQUET_DICTIONARY_COUNT_MAX;
    for (size_t i = 0; i < count; i++) {
        const char *value = values + i * width;
        bool is_repeated = i > 0 && memcmp(value, value - width, width) == 0;
        indexes[i] = is_repeated ? indexes[i - 1] : fixed_index(dictionary, value, width);
        if (dictionary->count > count_max) {
            return false;
        }
    }
    return true;
}

bool parquet_dictionary_encode(ParquetDictionary *dictionary,
                               const void *values,
                               size_t count,
                               uint32_t width,
                               size_t bytes_max,
                               uint32_t *indexes) {
    uint32_t count_before = dictionary->count;
    // Constant widths, so that three loops are made with plain loads and compares.
    bool fits = width == 4   ? fixed_encode(dictionary, values, count, 4, bytes_max, indexes)
                : width == 8 ? fixed_encode(dictionary, values, count, 8, bytes_max, indexes)
                             : fixed_encode(dictionary, values, count, 16, bytes_max, indexes);
    if (!fits) {
        dictionary->count = count_before; // the caller encodes no more with it
        dictionary->keys.length = (size_t)count_before * width;
    }
    return fits;
}

// --- texts -------------------------------------------------------------------------------------
static uint64_t long_hash(const char *bytes, uint32_t length) {
    uint64_t hash = SEED_LOW ^ length;
    uint32_t at = 0;
    for (; at + 8 <= length; at += 8) {
        uint64_t word;
        memcpy(&word, bytes + at, 8);
        u128 product = (u128)(hash ^ word) * SEED_HIGH;
        hash = (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    uint64_t rest = 0;
    memcpy(&rest, bytes + at, length - at);
    return hash ^ rest * SEED_LOW;
}

static inline uint32_t text_hash(const FlowView *text) {
    uint64_t words[2];
    memcpy(words, text, sizeof words);
    if (text->length > FLOW_VIEW_INLINE_MAX) {
        words[1] = long_hash(text->data, text->length);
    }
    return hash_pair(words[0], words[1]);
}

static inline bool
text_equals(const ParquetDictionary *dictionary, uint32_t index, const FlowView *text) {
    const FlowView *key = (const FlowView *)dictionary->keys.data + index;
    if (text->length <= FLOW_VIEW_INLINE_MAX) {
        return memcmp(key, text, sizeof *key) == 0;
    }
    return memcmp(key, text, 8) == 0 &&
           memcmp(dictionary->bytes.data + (uintptr_t)key->data, text->data, text->length) == 0;
}

static uint32_t
text_add(ParquetDictionary *dictionary, const FlowView *text, uint32_t hash, uint32_t at) {
    FlowView key = *text;
    buffer_append(&dictionary->bytes, &text->length, sizeof text->length);
    if (text->length > FLOW_VIEW_INLINE_MAX) {
        uintptr_t offset = dictionary->bytes.length;
        key.data = (const char *)offset;
    }
    buffer_append(&dictionary->bytes, flow_view_data(text), text->length);
    buffer_append(&dictionary->keys, &key, sizeof key);
    dictionary->count++;
    dictionary->table[at] = (uint64_t)hash << 32 | dictionary->count;
    return dictionary->count - 1;
}

uint32_t parquet_dictionary_hash(const FlowView *text) {
    return text_hash(text);
}

void parquet_dictionary_fetch(const ParquetDictionary *dictionary, uint32_t hash) {
    if (dictionary->table_size > 0) {
        __builtin_prefetch(&dictionary->table[hash & (dictionary->table_size - 1)]);
    }
}

void parquet_dictionary_fetch_key(const ParquetDictionary *dictionary, uint32_t hash) {
    if (dictionary->table_size > 0) {
        uint32_t number = (uint32_t)dictionary->table[hash & (dictionary->table_size - 1)];
        if (number != 0) {
            __builtin_prefetch((const FlowView *)dictionary->keys.data + number - 1);
        }
    }
}

uint32_t parquet_dictionary_text(ParquetDictionary *dictionary, const FlowView *text) {
    return parquet_dictionary_hashed(dictionary, text, text_hash(text));
}

uint32_t
parquet_dictionary_hashed(ParquetDictionary *dictionary, const FlowView *text, uint32_t hash) {
    room_for_one(dictionary);
    uint32_t mask = dictionary->table_size - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint64_t entry = dictionary->table[at];
        if (entry == 0) {
            return text_add(dictionary, text, hash, at);
        }
        uint32_t index = (uint32_t)entry - 1;
        if ((uint32_t)(entry >> 32) == hash && text_equals(dictionary, index, text)) {
            return index;
        }
    }
}

void parquet_dictionary_clear(ParquetDictionary *dictionary) {
    if (dictionary->table_size > 0) {
        memset(dictionary->table, 0, dictionary->table_size * sizeof *dictionary->table);
    }
    dictionary->count = 0;
    dictionary->keys.length = 0;
    dictionary->bytes.length = 0;
}

void parquet_dictionary_free(ParquetDictionary *dictionary) {
    memory_free(dictionary->table);
    buffer_free(&dictionary->keys);
    buffer_free(&dictionary->bytes);
    *dictionary = (ParquetDictionary){0};
}
