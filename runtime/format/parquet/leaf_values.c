// The values of a page: decoded to physical values, converted to the column's type.
//
// A dictionary's entries are converted already and only copied. Encodings of texts that build on
// the value before, and split bytes, are rewritten as PLAIN once, when their page begins: they are
// rare, and three decoders less are worth a copy.
#include "format/parquet/leaf.h"

enum { REWRITTEN_BYTES_MAX = 256 * 1024 * 1024 };

// --- dictionary --------------------------------------------------------------------------------
#define PICK(name, type)                                                                           \
    static void name(const void *dictionary, const uint32_t *numbers, uint32_t count, void *out) { \
        const type *entries = dictionary;                                                          \
        type *target = out;                                                                        \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            target[i] = entries[numbers[i]];                                                       \
        }                                                                                          \
    }
PICK(pick_8, uint8_t)
PICK(pick_16, uint16_t)
PICK(pick_32, uint32_t)
PICK(pick_64, uint64_t)
PICK(pick_128, i128)
#undef PICK

// Numbers and counts are below 2^31 where they are sound, so a sign says which are not.
static bool are_below(const uint32_t *numbers, uint32_t count, uint32_t bound) {
    uint32_t outside = 0;
    for (uint32_t i = 0; i < count; i++) {
        outside |= numbers[i] | (bound - 1 - numbers[i]);
    }
    return outside >> 31 == 0;
}

static const char *numbers_read(ParquetLeaf *leaf, uint32_t count, void *out) {
    uint32_t *numbers = leaf->scratch->numbers;
    if (!parquet_rle_read(&leaf->numbers, numbers, count)) {
        return "wrong dictionary indexes";
    }
    if (!are_below(numbers, count, leaf->dictionary_count)) {
        return "a dictionary index behind the dictionary's end";
    }
    uint32_t width = leaf->conversion.width;
    (width == 1   ? pick_8
     : width == 2 ? pick_16
     : width == 4 ? pick_32
     : width == 8 ? pick_64
                  : pick_128)(leaf->dictionary, numbers, count, out);
    if (leaf->dictionary_faults != NULL) {
        pick_8(leaf->dictionary_faults, numbers, count, leaf->scratch->faults);
        leaf->has_faults = true;
    }
    return NULL;
}

// --- converting --------------------------------------------------------------------------------
static const char *
values_convert(ParquetLeaf *leaf, const void *physical, uint32_t count, void *out) {
    uint8_t *faults = leaf->is_tolerant ? leaf->scratch->faults : NULL;
    ParquetFault fault = parquet_convert(&leaf->conversion, physical, count, out, faults);
    if (fault == PARQUET_FAULT_NONE) {
        return NULL;
    }
    leaf->has_faults = true;
    return leaf->is_tolerant ? NULL : parquet_fault_text(fault);
}

// --- plain -------------------------------------------------------------------------------------
static const char too_short[] = "a page is shorter than its values";

static const char *texts_read(ParquetLeaf *leaf, uint32_t count, ParquetSlice *out) {
    const uint8_t *next = leaf->values;
    for (uint32_t i = 0; i < count; i++) {
        size_t left = (size_t)(leaf->values_end - next);
        if (left < 4 || parquet_load32(next) > left - 4) {
            return too_short;
        }
        out[i] = (ParquetSlice){next + 4, parquet_load32(next)};
        next += 4 + (size_t)out[i].length;
    }
    leaf->values = next;
    return NULL;
}

static const char *bits_read(ParquetLeaf *leaf, uint32_t count, uint8_t *out) {
    uint64_t bits = (uint64_t)(leaf->values_end - leaf->values) * 8;
    if (leaf->bool_bit > bits || count > bits - leaf->bool_bit) {
        return too_short;
    }
    for (uint32_t i = 0; i < count; i++, leaf->bool_bit++) {
        out[i] = leaf->values[leaf->bool_bit >> 3] >> (leaf->bool_bit & 7) & 1;
    }
    return NULL;
}

static const char *slices_read(ParquetLeaf *leaf, uint32_t count, ParquetSlice *out) {
    uint32_t width = (uint32_t)leaf->node->element.type_length;
    if ((size_t)(leaf->values_end - leaf->values) / width < count) {
        return too_short;
    }
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (ParquetSlice){leaf->values, width};
        leaf->values += width;
    }
    return NULL;
}

static const char *plain_read(ParquetLeaf *leaf, uint32_t count, void *out) {
    void *physical = leaf->scratch->physical;
    ParquetType type = leaf->node->element.type;
    const char *wrong = NULL;
    if (type == PARQUET_TYPE_BYTE_ARRAY) {
        wrong = texts_read(leaf, count, physical);
    } else if (type == PARQUET_TYPE_FIXED) {
        wrong = slices_read(leaf, count, physical);
    } else if (type == PARQUET_TYPE_BOOLEAN) {
        wrong = bits_read(leaf, count, physical);
    } else {
        size_t bytes = (size_t)count * parquet_plain_width(type, 0);
        if ((size_t)(leaf->values_end - leaf->values) < bytes) {
            return too_short;
        }
        bool is_copy = parquet_is_copy(&leaf->conversion);
        memcpy(is_copy ? out : physical, leaf->values, bytes);
        leaf->values += bytes;
        if (is_copy && parquet_copy_fits(&leaf->conversion, out, count)) {
            return NULL;
        }
        if (is_copy) {
            memcpy(physical, out, bytes);
        }
    }
    return wrong != NULL ? wrong : values_convert(leaf, physical, count, out);
}

// --- packed ------------------------------------------------------------------------------------
static const char *deltas_read(ParquetLeaf *leaf, uint32_t count, void *out) {
    uint64_t *wide = leaf->scratch->wide;
    if (leaf->values == leaf->values_end || !parquet_delta_read(&leaf->delta, wide, count)) {
        return "wrong delta-encoded values";
    }
    if (leaf->node->element.type == PARQUET_TYPE_INT64) {
        return values_convert(leaf, wide, count, out);
    }
    uint32_t *narrow = leaf->scratch->numbers;
    for (uint32_t i = 0; i < count; i++) {
        narrow[i] = (uint32_t)wide[i];
    }
    return values_convert(leaf, narrow, count, out);
}

static const char *bools_read(ParquetLeaf *leaf, uint32_t count, uint8_t *out) {
    uint32_t *numbers = leaf->scratch->numbers;
    if (!parquet_rle_read(&leaf->numbers, numbers, count)) {
        return "wrong run-length encoded values";
    }
    for (uint32_t i = 0; i < count; i++) {
        out[i] = (uint8_t)numbers[i];
    }
    return NULL;
}

Outcome parquet_leaf_values(ParquetLeaf *leaf, uint32_t count, void *out) {
    ASSERT(count <= PARQUET_READ_MAX);
    leaf->has_faults = false;
    if (count == 0 || !leaf->has_values) {
        return OUTCOME_OK;
    }
    const char *wrong = NULL;
    switch (leaf->encoding) {
    case PARQUET_ENCODING_RLE_DICTIONARY:
        wrong = numbers_read(leaf, count, out);
        break;
    case PARQUET_ENCODING_DELTA_BINARY_PACKED:
        wrong = deltas_read(leaf, count, out);
        break;
    case PARQUET_ENCODING_RLE:
        wrong = bools_read(leaf, count, out);
        break;
    default:
        wrong = plain_read(leaf, count, out);
        break;
    }
    return wrong == NULL ? OUTCOME_OK : parquet_leaf_corrupt(leaf, wrong);
}

// --- rewriting as PLAIN ------------------------------------------------------------------------
static const char wrong_delta[] = "wrong delta-encoded strings";

// Byte b of all values stands before byte b + 1 of all values.
static const char *
split_rewrite(ParquetLeaf *leaf, const uint8_t *values, size_t length, Buffer *plain) {
    uint32_t width = parquet_plain_width(leaf->node->element.type, leaf->node->element.type_length);
    if (width == 0 || length % width != 0) {
        return "wrong split values";
    }
    size_t count = length / width;
    buffer_reserve(plain, length);
    for (uint32_t byte = 0; byte < width; byte++) {
        for (size_t i = 0; i < count; i++) {
            plain->data[i * width + byte] = (char)values[byte * count + i];
        }
    }
    plain->length = length;
    return NULL;
}

// A string that is to be written: `prefix` bytes of the one before, then `suffix` of its own.
typedef struct Piece {
    size_t prefix;
    size_t suffix;
} Piece;

typedef struct Rewrite {
    Buffer *plain;
    const uint8_t *data;
    const uint8_t *end;
    uint32_t fixed_length; // 0: BYTE_ARRAY, which has its length in front
    size_t last_length;
} Rewrite;

static bool piece_write(Rewrite *rewrite, Piece piece) {
    Buffer *plain = rewrite->plain;
    if (piece.prefix > rewrite->last_length ||
        piece.suffix > (size_t)(rewrite->end - rewrite->data) ||
        plain->length + piece.prefix + piece.suffix > REWRITTEN_BYTES_MAX) {
        return false;
    }
    uint32_t length = (uint32_t)(piece.prefix + piece.suffix);
    if (rewrite->fixed_length == 0) {
        buffer_append(plain, &length, sizeof length);
    } else if (rewrite->fixed_length != length) {
        return false;
    }
    buffer_reserve(plain, length);
    char *to = plain->data + plain->length;
    size_t back = rewrite->last_length + (rewrite->fixed_length == 0 ? sizeof length : 0);
    if (piece.prefix > 0) {
        memcpy(to, to - back, piece.prefix);
    }
    memcpy(to + piece.prefix, rewrite->data, piece.suffix);
    plain->length += length;
    rewrite->data += piece.suffix;
    rewrite->last_length = length;
    return true;
}

enum { PIECES = 256 };

// `prefixes` NULL: DELTA_LENGTH_BYTE_ARRAY, where nothing is shared.
static bool pieces_write(Rewrite *rewrite, ParquetDelta *prefixes, ParquetDelta *suffixes) {
    uint64_t prefix[PIECES] = {0};
    uint64_t suffix[PIECES];
    while (suffixes->left > 0) {
        uint32_t count = suffixes->left < PIECES ? (uint32_t)suffixes->left : PIECES;
        if (!parquet_delta_read(suffixes, suffix, count) ||
            (prefixes != NULL && !parquet_delta_read(prefixes, prefix, count))) {
            return false;
        }
        for (uint32_t i = 0; i < count; i++) {
            if (!piece_write(rewrite, (Piece){prefix[i], suffix[i]})) {
                return false;
            }
        }
    }
    return true;
}

// Where the deltas at `start` end; their number is at most that of the page's positions.
static const uint8_t *
deltas_begin(ParquetDelta *deltas, const uint8_t *start, const uint8_t *end, uint32_t count_max) {
    if (!parquet_delta_begin(deltas, start, (size_t)(end - start)) || deltas->left > count_max) {
        return NULL;
    }
    ParquetDelta scan = *deltas;
    return parquet_delta_skip(&scan) ? scan.next : NULL;
}

static const char *lengths_rewrite(
    ParquetLeaf *leaf, const uint8_t *values, size_t length, uint32_t count_max, Buffer *plain) {
    ParquetDelta lengths;
    Rewrite rewrite = {.plain = plain, .end = values + length};
    rewrite.data = deltas_begin(&lengths, values, rewrite.end, count_max);
    bool is_text = leaf->node->element.type == PARQUET_TYPE_BYTE_ARRAY;
    bool is_sound = is_text && rewrite.data != NULL && pieces_write(&rewrite, NULL, &lengths);
    return is_sound ? NULL : wrong_delta;
}

static const char *prefixes_rewrite(
    ParquetLeaf *leaf, const uint8_t *values, size_t length, uint32_t count_max, Buffer *plain) {
    bool is_fixed = leaf->node->element.type == PARQUET_TYPE_FIXED;
    if (!is_fixed && leaf->node->element.type != PARQUET_TYPE_BYTE_ARRAY) {
        return wrong_delta;
    }
    ParquetDelta prefixes;
    ParquetDelta suffixes;
    Rewrite rewrite = {
        .plain = plain,
        .end = values + length,
        .fixed_length = is_fixed ? (uint32_t)leaf->node->element.type_length : 0,
    };
    const uint8_t *behind = deltas_begin(&prefixes, values, rewrite.end, count_max);
    rewrite.data = behind == NULL ? NULL : deltas_begin(&suffixes, behind, rewrite.end, count_max);
    bool is_sound = rewrite.data != NULL && prefixes.left == suffixes.left &&
                    pieces_write(&rewrite, &prefixes, &suffixes);
    return is_sound ? NULL : wrong_delta;
}

const char *
parquet_values_rewrite(ParquetLeaf *leaf, int32_t encoding, const uint8_t *values, size_t length) {
    Buffer plain = {0};
    const char *wrong = NULL;
    if (length == 0) {
        wrong = NULL; // a page of nulls
    } else if (encoding == PARQUET_ENCODING_BYTE_STREAM_SPLIT) {
        wrong = split_rewrite(leaf, values, length, &plain);
    } else if (encoding == PARQUET_ENCODING_DELTA_LENGTH_BYTE_ARRAY) {
        wrong = lengths_rewrite(leaf, values, length, leaf->page_left, &plain);
    } else {
        wrong = prefixes_rewrite(leaf, values, length, leaf->page_left, &plain);
    }
    size_t plain_length = plain.length;
    buffer_reserve(&plain, PARQUET_SLACK);
    memset(plain.data + plain_length, 0, PARQUET_SLACK);
    leaf->rewritten = (uint8_t *)plain.data;
    leaf->values = leaf->rewritten;
    leaf->values_end = leaf->rewritten + plain_length;
    leaf->encoding = PARQUET_ENCODING_PLAIN;
    return wrong;
}
