// Pages that are read: found through a window of the file, checked, unpacked, taken apart.
#include "format/parquet/leaf.h"

#include "format/parquet/thrift.h"

#include <zlib.h>

enum {
    WINDOW_BYTES = 256 * 1024,
    HEADER_BYTES = 1024,
    HEADER_BYTES_MAX = 16 * 1024 * 1024,
    RATIO_MAX = 2000, // raw to stored, of pages above RATIO_FREE_BYTES
    RATIO_FREE_BYTES = 16 * 1024 * 1024,
};

// --- the window --------------------------------------------------------------------------------
// What the window has of the chunk from leaf->offset on comes to its beginning: a page that reaches
// beyond it is not read twice.
static void window_shift(ParquetLeaf *leaf) {
    Buffer *window = &leaf->window;
    int64_t behind = leaf->offset - leaf->window_offset;
    bool has_some = behind >= 0 && behind < (int64_t)window->length;
    size_t kept = has_some ? window->length - (size_t)behind : 0;
    if (kept > 0) {
        memmove(window->data, window->data + behind, kept);
    }
    window->length = kept;
    leaf->window_offset = leaf->offset;
}

// At least `bytes` bytes of the chunk from leaf->offset on; the caller knows that the chunk has
// them.
static Outcome window_fill(ParquetLeaf *leaf, size_t bytes, const uint8_t **start) {
    Buffer *window = &leaf->window;
    int64_t window_end = leaf->window_offset + (int64_t)window->length;
    if (leaf->offset < leaf->window_offset || leaf->offset + (int64_t)bytes > window_end ||
        window->length == 0) {
        size_t left = (size_t)(leaf->end - leaf->offset);
        size_t wanted = bytes > WINDOW_BYTES ? bytes : WINDOW_BYTES;
        size_t length = wanted < left ? wanted : left;
        window_shift(leaf);
        size_t missing = length - window->length;
        buffer_reserve(window, missing + PARQUET_SLACK);
        TRY(leaf->file->read(leaf->file->user,
                             leaf->offset + (int64_t)window->length,
                             window->data + window->length,
                             missing));
        memset(window->data + length, 0, PARQUET_SLACK);
        window->length = length;
    }
    *start = (const uint8_t *)window->data + (leaf->offset - leaf->window_offset);
    return OUTCOME_OK;
}

// --- headers -----------------------------------------------------------------------------------
static void v1_read(ThriftReader *reader, ThriftField outer, ParquetPageHeader *header) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 1) {
            header->position_count = thrift_get_i32(reader, field);
        } else if (field.id == 2) {
            header->encoding = thrift_get_i32(reader, field);
        } else if (field.id == 3) {
            header->definition_encoding = thrift_get_i32(reader, field);
        } else if (field.id == 4) {
            header->repetition_encoding = thrift_get_i32(reader, field);
        } else {
            thrift_skip(reader, field);
        }
    }
}

static void
dictionary_header_read(ThriftReader *reader, ThriftField outer, ParquetPageHeader *header) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 1) {
            header->position_count = thrift_get_i32(reader, field);
        } else {
            thrift_skip(reader, field); // the entries are PLAIN, by either of its names
        }
    }
}

static void v2_read(ThriftReader *reader, ThriftField outer, ParquetPageHeader *header) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 1) {
            header->position_count = thrift_get_i32(reader, field);
        } else if (field.id == 4) {
            header->encoding = thrift_get_i32(reader, field);
        } else if (field.id == 5) {
            header->definition_bytes = thrift_get_i32(reader, field);
        } else if (field.id == 6) {
            header->repetition_bytes = thrift_get_i32(reader, field);
        } else if (field.id == 7) {
            header->is_packed = thrift_get_bool(reader, field);
        } else {
            thrift_skip(reader, field);
        }
    }
}

static void header_field_read(ThriftReader *reader, ThriftField field, ParquetPageHeader *header) {
    switch (field.id) {
    case 1:
        header->type = thrift_get_i32(reader, field);
        return;
    case 2:
        header->raw_bytes = thrift_get_i32(reader, field);
        return;
    case 3:
        header->stored_bytes = thrift_get_i32(reader, field);
        return;
    case 4:
        header->crc = (uint32_t)thrift_get_i32(reader, field);
        header->has_crc = true;
        return;
    case 5:
        v1_read(reader, field, header);
        return;
    case 7:
        dictionary_header_read(reader, field, header);
        return;
    case 8:
        v2_read(reader, field, header);
        return;
    default:
        thrift_skip(reader, field);
    }
}

static ThriftReader header_parse(const uint8_t *bytes, size_t length, ParquetPageHeader *header) {
    *header = (ParquetPageHeader){
        .type = -1,
        .raw_bytes = -1,
        .stored_bytes = -1,
        .position_count = -1,
        .encoding = -1,
        .is_packed = true,
    };
    ThriftReader reader = thrift_reader(bytes, length);
    thrift_enter(&reader);
    ThriftField field;
    while (thrift_field(&reader, &field)) {
        header_field_read(&reader, field, header);
    }
    return reader;
}

static bool header_is_sound(const ParquetLeaf *leaf, const ParquetPageHeader *header) {
    int64_t raw = header->raw_bytes;
    int64_t stored = header->stored_bytes;
    bool is_page = header->type == PARQUET_PAGE_DATA || header->type == PARQUET_PAGE_DATA_V2 ||
                   header->type == PARQUET_PAGE_DICTIONARY;
    return raw >= 0 && stored >= 0 && stored <= leaf->end - leaf->offset &&
           raw <= PARQUET_PAGE_BYTES_MAX &&
           (raw <= RATIO_FREE_BYTES || raw <= stored * RATIO_MAX) &&
           (!is_page || header->position_count >= 0);
}

// Headers are short, but statistics in them may be long: try with more until the chunk ends.
static Outcome header_read(ParquetLeaf *leaf, ParquetPageHeader *header) {
    for (size_t tried = HEADER_BYTES;; tried *= 8) {
        size_t left = (size_t)(leaf->end - leaf->offset);
        size_t length = tried < left ? tried : left;
        const uint8_t *bytes = NULL;
        if (left == 0) {
            return parquet_leaf_corrupt(leaf, "it has fewer values than its row group has rows");
        }
        TRY(window_fill(leaf, length, &bytes));
        ThriftReader reader = header_parse(bytes, length, header);
        if (!reader.is_bad) {
            leaf->offset += reader.next - bytes;
            break;
        }
        if (!reader.is_short || length == left || tried >= HEADER_BYTES_MAX) {
            return parquet_leaf_corrupt(leaf, "wrong page header");
        }
    }
    return header_is_sound(leaf, header) ? OUTCOME_OK
                                         : parquet_leaf_corrupt(leaf, "wrong page header");
}

// --- bodies ------------------------------------------------------------------------------------
static const char *body_unpack(ParquetLeaf *leaf,
                               const ParquetPageHeader *header,
                               const uint8_t *stored,
                               uint8_t *page) {
    size_t levels = 0;
    bool is_packed = true;
    if (header->type == PARQUET_PAGE_DATA_V2) {
        int64_t level_bytes = (int64_t)header->definition_bytes + header->repetition_bytes;
        if (header->definition_bytes < 0 || header->repetition_bytes < 0 ||
            level_bytes > header->stored_bytes || level_bytes > header->raw_bytes) {
            return "wrong page header";
        }
        levels = (size_t)level_bytes;
        is_packed = header->is_packed;
    }
    memcpy(page, stored, levels); // V2 leaves levels uncompressed
    size_t raw = (size_t)header->raw_bytes - levels;
    size_t packed = (size_t)header->stored_bytes - levels;
    ParquetCodec codec = is_packed ? (ParquetCodec)leaf->chunk->codec : PARQUET_CODEC_UNCOMPRESSED;
    bool is_unpacked =
        raw == 0 ||
        parquet_unpack(
            &leaf->scratch->unpacker, codec, stored + levels, packed, page + levels, raw);
    return is_unpacked ? NULL : "a page cannot be decompressed";
}

// New memory costs a fault for each of its pages, as much as unpacking some of them.
static uint8_t *page_memory(ParquetLeaf *leaf, size_t bytes, size_t *capacity) {
    uint8_t *spare = leaf->spare;
    if (spare == NULL || leaf->spare_capacity < bytes) {
        *capacity = bytes;
        return memory_alloc(bytes);
    }
    *capacity = leaf->spare_capacity;
    leaf->spare = NULL;
    return spare;
}

static Outcome
body_read(ParquetLeaf *leaf, const ParquetPageHeader *header, uint8_t **page, size_t *capacity) {
    const uint8_t *stored = NULL;
    TRY(window_fill(leaf, (size_t)header->stored_bytes, &stored));
    leaf->offset += header->stored_bytes;
    if (header->has_crc && (uint32_t)crc32(0, stored, (uInt)header->stored_bytes) != header->crc) {
        return parquet_leaf_corrupt(leaf, "the checksum of a page is wrong");
    }
    uint8_t *made = page_memory(leaf, (size_t)header->raw_bytes + PARQUET_SLACK, capacity);
    memset(made + header->raw_bytes, 0, PARQUET_SLACK);
    const char *wrong = body_unpack(leaf, header, stored, made);
    if (wrong != NULL) {
        memory_free(made);
        return parquet_leaf_corrupt(leaf, wrong);
    }
    *page = made;
    return OUTCOME_OK;
}

// --- dictionaries ------------------------------------------------------------------------------
static uint32_t entry_bytes_min(const ParquetLeaf *leaf) {
    uint32_t width = parquet_plain_width(leaf->node->element.type, leaf->node->element.type_length);
    return width == 0 ? 4 : width;
}

// An entry that does not fit is a fault of the rows that name it, if there are any.
static void dictionary_faults_keep(ParquetLeaf *leaf, uint32_t at, uint32_t count) {
    if (!leaf->has_faults) {
        return;
    }
    if (leaf->dictionary_faults == NULL) {
        leaf->dictionary_faults = memory_alloc(leaf->dictionary_count);
        memset(leaf->dictionary_faults, 0, leaf->dictionary_count);
    }
    memcpy(leaf->dictionary_faults + at, leaf->scratch->faults, count);
}

// The entries are converted once, so that pages only copy values of the column's type.
static Outcome dictionary_decode(ParquetLeaf *leaf, const ParquetPageHeader *header) {
    uint32_t count = (uint32_t)header->position_count;
    if (leaf->node->element.type == PARQUET_TYPE_BOOLEAN ||
        (int64_t)count * entry_bytes_min(leaf) > header->raw_bytes) {
        return parquet_leaf_corrupt(leaf, "its dictionary is shorter than it says");
    }
    leaf->dictionary = memory_alloc((size_t)count * leaf->conversion.width + PARQUET_SLACK);
    leaf->dictionary_count = count;
    leaf->encoding = PARQUET_ENCODING_PLAIN;
    leaf->values = leaf->dictionary_page;
    leaf->values_end = leaf->dictionary_page + header->raw_bytes;
    for (uint32_t at = 0; at < count; at += PARQUET_READ_MAX) {
        uint32_t length = count - at < PARQUET_READ_MAX ? count - at : PARQUET_READ_MAX;
        TRY(parquet_leaf_values(
            leaf, length, leaf->dictionary + (size_t)at * leaf->conversion.width));
        dictionary_faults_keep(leaf, at, length);
    }
    return OUTCOME_OK;
}

static Outcome dictionary_read(ParquetLeaf *leaf, const ParquetPageHeader *header) {
    if (leaf->dictionary_page != NULL) {
        return parquet_leaf_corrupt(leaf, "a chunk has two dictionaries");
    }
    size_t capacity = 0;
    TRY(body_read(leaf, header, &leaf->dictionary_page, &capacity));
    return leaf->has_values ? dictionary_decode(leaf, header) : OUTCOME_OK;
}

// --- data pages --------------------------------------------------------------------------------
// Levels of a V1 page: after their length, or in the retired encoding as many bits as there must
// be.
static bool v1_levels(ParquetRle *rle,
                      int32_t encoding,
                      uint8_t max,
                      uint32_t count,
                      const uint8_t **next,
                      const uint8_t *end) {
    if (max == 0) {
        return true;
    }
    uint32_t width = parquet_bit_width(max);
    size_t left = (size_t)(end - *next);
    if (encoding == PARQUET_ENCODING_BIT_PACKED) {
        size_t bytes = ((size_t)count * width + 7) / 8;
        *rle = parquet_rle_msb(*next, bytes < left ? bytes : left, width, count);
        *next += bytes < left ? bytes : left;
        return bytes <= left;
    }
    if (left < 4 || parquet_load32(*next) > left - 4) {
        return false;
    }
    uint32_t length = parquet_load32(*next);
    *rle = parquet_rle(*next + 4, length, width);
    *next += 4 + (size_t)length;
    return true;
}

static bool levels_begin(ParquetLeaf *leaf,
                         const ParquetPageHeader *header,
                         const uint8_t **next,
                         const uint8_t *end) {
    uint8_t definition = leaf->node->definition;
    uint8_t repetition = leaf->node->repetition;
    uint32_t count = (uint32_t)header->position_count;
    if (header->type == PARQUET_PAGE_DATA) {
        return v1_levels(
                   &leaf->repetitions, header->repetition_encoding, repetition, count, next, end) &&
               v1_levels(
                   &leaf->definitions, header->definition_encoding, definition, count, next, end);
    }
    leaf->repetitions =
        parquet_rle(*next, (size_t)header->repetition_bytes, parquet_bit_width(repetition));
    *next += header->repetition_bytes;
    leaf->definitions =
        parquet_rle(*next, (size_t)header->definition_bytes, parquet_bit_width(definition));
    *next += header->definition_bytes;
    return true;
}

static const char *indexes_begin(ParquetLeaf *leaf, const uint8_t *values, size_t length) {
    if (leaf->dictionary == NULL) {
        return "a page needs a dictionary, but there is none";
    }
    if (length == 0) { // a page of nulls
        leaf->numbers = parquet_rle(values, 0, 1);
        return NULL;
    }
    if (values[0] > 32) {
        return "wrong dictionary indexes";
    }
    leaf->numbers = parquet_rle(values + 1, length - 1, values[0]);
    return NULL;
}

static const char *bools_begin(ParquetLeaf *leaf, const uint8_t *values, size_t length) {
    if (leaf->node->element.type != PARQUET_TYPE_BOOLEAN || length < 4 ||
        parquet_load32(values) > length - 4) {
        return "wrong run-length encoded values";
    }
    leaf->numbers = parquet_rle(values + 4, parquet_load32(values), 1);
    return NULL;
}

static const char *
values_begin(ParquetLeaf *leaf, int32_t encoding, const uint8_t *values, size_t length) {
    leaf->encoding = (ParquetEncoding)encoding;
    leaf->values = values;
    leaf->values_end = values + length;
    leaf->bool_bit = 0;
    switch (encoding) {
    case PARQUET_ENCODING_PLAIN:
        return NULL;
    case PARQUET_ENCODING_PLAIN_DICTIONARY:
    case PARQUET_ENCODING_RLE_DICTIONARY:
        leaf->encoding = PARQUET_ENCODING_RLE_DICTIONARY;
        return indexes_begin(leaf, values, length);
    case PARQUET_ENCODING_RLE:
        return bools_begin(leaf, values, length);
    case PARQUET_ENCODING_DELTA_BINARY_PACKED: {
        ParquetType type = leaf->node->element.type;
        bool is_integer = type == PARQUET_TYPE_INT32 || type == PARQUET_TYPE_INT64;
        bool is_sound =
            length == 0 || (is_integer && parquet_delta_begin(&leaf->delta, values, length));
        return is_sound ? NULL : "wrong delta-encoded values";
    }
    case PARQUET_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
    case PARQUET_ENCODING_DELTA_BYTE_ARRAY:
    case PARQUET_ENCODING_BYTE_STREAM_SPLIT:
        return parquet_values_rewrite(leaf, encoding, values, length);
    default:
        return "an encoding that is not supported";
    }
}

static Outcome page_begin(ParquetLeaf *leaf, const ParquetPageHeader *header) {
    if (header->position_count > leaf->positions_left) {
        return parquet_leaf_corrupt(leaf, "its pages have more values than the chunk");
    }
    parquet_leaf_page_leave(leaf);
    parquet_leaf_retire(leaf, leaf->rewritten);
    leaf->rewritten = NULL;
    TRY(body_read(leaf, header, &leaf->page, &leaf->page_capacity));
    const uint8_t *next = leaf->page;
    const uint8_t *end = leaf->page + header->raw_bytes;
    if (!levels_begin(leaf, header, &next, end)) {
        return parquet_leaf_corrupt(leaf, "wrong levels");
    }
    leaf->positions_left -= header->position_count;
    leaf->page_left = (uint32_t)header->position_count;
    if (!leaf->has_values) {
        return OUTCOME_OK;
    }
    const char *wrong = values_begin(leaf, header->encoding, next, (size_t)(end - next));
    return wrong == NULL ? OUTCOME_OK : parquet_leaf_corrupt(leaf, wrong);
}

// Pages without values are legal and passed over, as are kinds of pages that nobody knows.
Outcome parquet_leaf_page(ParquetLeaf *leaf) {
    while (leaf->page_left == 0) {
        ParquetPageHeader header;
        TRY(header_read(leaf, &header));
        if (header.type == PARQUET_PAGE_DICTIONARY) {
            TRY(dictionary_read(leaf, &header));
        } else if (header.type == PARQUET_PAGE_DATA || header.type == PARQUET_PAGE_DATA_V2) {
            TRY(page_begin(leaf, &header));
        } else {
            leaf->offset += header.stored_bytes;
        }
    }
    return OUTCOME_OK;
}

// --- chunks whose values need no look ------------------------------------------------------------
static bool is_numbers_page(const ParquetPageHeader *header) {
    return header->encoding == PARQUET_ENCODING_PLAIN_DICTIONARY ||
           header->encoding == PARQUET_ENCODING_RLE_DICTIONARY;
}

// False: a page has values of its own, or what it has is not known.
static bool page_pass_over(ParquetLeaf *leaf) {
    ParquetPageHeader header;
    if (header_read(leaf, &header) != OUTCOME_OK) {
        return false;
    }
    if (header.type == PARQUET_PAGE_DICTIONARY) {
        return dictionary_read(leaf, &header) == OUTCOME_OK && leaf->dictionary_faults == NULL;
    }
    leaf->offset += header.stored_bytes;
    if (header.type == PARQUET_PAGE_DATA || header.type == PARQUET_PAGE_DATA_V2) {
        leaf->positions_left -= header.position_count;
        return is_numbers_page(&header) && leaf->positions_left >= 0;
    }
    return true;
}

// What is wrong with a page is said by whoever reads it.
bool parquet_leaf_is_sound(ParquetLeaf *leaf) {
    Failure failure = *leaf->file->failure;
    bool was_corrupt = leaf->file->is_corrupt;
    bool is_sound = true;
    while (is_sound && leaf->positions_left > 0) {
        is_sound = page_pass_over(leaf);
    }
    *leaf->file->failure = failure;
    leaf->file->is_corrupt = was_corrupt;
    return is_sound;
}
