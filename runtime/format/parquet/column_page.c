// Pages of a column that is being written: staged values become encoded, perhaps compressed bytes.
//
// The first page of a chunk with values tries a dictionary, DELTA_BINARY_PACKED for integers, and
// PLAIN, really encodes them and keeps the smallest; the chunk goes on with that. The codec belongs
// to the chunk, not to the page: it is settled by what zstd makes of the first page.
#include "format/parquet/column.h"

#include "format/parquet/packing.h"
#include "format/parquet/thrift.h"

#define ZSTD_STATIC_LINKING_ONLY // for the literals of wide steps
#include <zlib.h>
#include <zstd.h>

enum { TREE_PAGE_POSITIONS_MAX = 4 * PARQUET_PAGE_ROWS_MAX, STEP_SAMPLE_BYTES = 96 * 1024 };

// The widest first, which hardly searches; each may cost so much of what is stored, in percent of
// what it is without.
static const struct {
    int step;
    size_t percent_max;
} steps[] = {{8192, 106}, {64, 106}, {3, 102}};

// --- values ------------------------------------------------------------------------------------
static void bools_write(const ParquetColumn *column, Buffer *out) {
    const uint8_t *values = (const uint8_t *)column->staged.data;
    size_t bytes = (column->value_count + 7u) / 8;
    buffer_reserve(out, bytes);
    uint8_t *bits = (uint8_t *)out->data + out->length;
    memset(bits, 0, bytes);
    for (uint32_t i = 0; i < column->value_count; i++) {
        bits[i >> 3] |= (uint8_t)((values[i] != 0) << (i & 7));
    }
    out->length += bytes;
}

// Big-endian numbers of so many bytes, most significant first: each is written with zeros behind
// it, which the next one covers.
static void wide_write(const i128 *values, size_t count, size_t bytes, Buffer *out) {
    size_t spare = sizeof *values - bytes;
    buffer_reserve(out, count * bytes + spare);
    for (size_t i = 0; i < count; i++) {
        u128 value = (u128)values[i] << (8 * spare);
        uint64_t words[] = {__builtin_bswap64((uint64_t)(value >> 64)),
                            __builtin_bswap64((uint64_t)value)};
        memcpy(out->data + out->length, words, sizeof words);
        out->length += bytes;
    }
}

// Values in PLAIN form: as they are staged, but for wide decimals.
static void fixed_write(const ParquetColumn *column, const Buffer *values, Buffer *out) {
    if (column->stage != PARQUET_STAGE_128) {
        buffer_append(out, values->data, values->length);
        return;
    }
    const i128 *wide = (const i128 *)values->data;
    wide_write(wide, values->length / sizeof *wide, (size_t)column->element.type_length, out);
}

static void indexes_write(const ParquetColumn *column, const uint32_t *indexes, Buffer *out) {
    uint32_t count = column->dictionary.count;
    uint32_t width = count > 2 ? parquet_bit_width(count - 1) : 1;
    buffer_char(out, (char)width);
    parquet_rle_write(out, indexes, column->value_count, width);
}

static bool is_integer(const ParquetColumn *column) {
    return column->order == PARQUET_ORDER_INT && column->stage != PARQUET_STAGE_BOOL;
}

static void delta_write(const ParquetColumn *column, Buffer *out) {
    if (column->stage == PARQUET_STAGE_32) {
        parquet_delta_write32(out, (const int32_t *)column->staged.data, column->value_count);
    } else {
        parquet_delta_write64(out, (const int64_t *)column->staged.data, column->value_count);
    }
}

static ParquetEncoding plain_or_delta_write(const ParquetColumn *column, Buffer *out) {
    size_t start = out->length;
    if (column->mode == PARQUET_MODE_DELTA) {
        delta_write(column, out);
        if (out->length - start < column->staged.length) {
            return PARQUET_ENCODING_DELTA_BINARY_PACKED;
        }
        out->length = start;
    }
    fixed_write(column, &column->staged, out);
    return PARQUET_ENCODING_PLAIN;
}

static uint32_t *scratch_indexes(ParquetScratch *scratch, size_t count) {
    scratch->indexes.length = 0;
    buffer_reserve(&scratch->indexes, count * sizeof(uint32_t));
    return (uint32_t *)scratch->indexes.data;
}

static size_t delta_bytes(const ParquetColumn *column) {
    if (!is_integer(column)) {
        return SIZE_MAX;
    }
    Buffer *trial = &column->scratch->trial;
    buffer_clear(trial);
    delta_write(column, trial);
    return trial->length;
}

// Of the first page: with more bytes than this a dictionary is not worth it.
static size_t dictionary_bytes_max(const ParquetColumn *column, size_t delta) {
    size_t plain = column->staged.length;
    return delta < plain - plain / 5 ? delta : plain - plain / 5;
}

// Its keys alone may be too many before all values have been looked at.
static ParquetEncoding first_encode(ParquetColumn *column, Buffer *out) {
    size_t start = out->length;
    size_t delta = delta_bytes(column);
    size_t bytes_max = dictionary_bytes_max(column, delta);
    ParquetDictionary *dictionary = &column->dictionary;
    uint32_t *indexes = scratch_indexes(column->scratch, column->value_count);
    size_t keys_max =
        bytes_max < PARQUET_DICTIONARY_BYTES_MAX ? bytes_max : PARQUET_DICTIONARY_BYTES_MAX;
    if (parquet_dictionary_encode(dictionary,
                                  column->staged.data,
                                  column->value_count,
                                  column->width,
                                  keys_max,
                                  indexes)) {
        indexes_write(column, indexes, out);
        if (out->length - start + dictionary->keys.length <= bytes_max) {
            column->mode = PARQUET_MODE_DICTIONARY;
            return PARQUET_ENCODING_RLE_DICTIONARY;
        }
        out->length = start;
    }
    column->mode = delta < column->staged.length ? PARQUET_MODE_DELTA : PARQUET_MODE_PLAIN;
    return plain_or_delta_write(column, out);
}

static ParquetEncoding fixed_encode(ParquetColumn *column, Buffer *out) {
    if (column->mode == PARQUET_MODE_UNDECIDED) {
        return first_encode(column, out);
    }
    if (column->mode != PARQUET_MODE_DICTIONARY) {
        return plain_or_delta_write(column, out);
    }
    uint32_t *indexes = scratch_indexes(column->scratch, column->value_count);
    if (parquet_dictionary_encode(&column->dictionary,
                                  column->staged.data,
                                  column->value_count,
                                  column->width,
                                  PARQUET_DICTIONARY_BYTES_MAX,
                                  indexes)) {
        indexes_write(column, indexes, out);
        return PARQUET_ENCODING_RLE_DICTIONARY;
    }
    column->mode = is_integer(column) ? PARQUET_MODE_DELTA : PARQUET_MODE_PLAIN;
    return plain_or_delta_write(column, out);
}

// Texts that were staged as numbers of a dictionary which is not worth its bytes.
static void texts_undo(ParquetColumn *column, Buffer *out) {
    const uint32_t *indexes = (const uint32_t *)column->staged.data;
    buffer_reserve(out, (size_t)column->text_bytes);
    for (uint32_t i = 0; i < column->value_count; i++) {
        uint32_t length;
        const char *text = parquet_dictionary_bytes(&column->dictionary, indexes[i], &length);
        buffer_append(out, &length, sizeof length);
        buffer_append(out, text, length);
    }
    parquet_dictionary_clear(&column->dictionary);
    column->mode = PARQUET_MODE_PLAIN;
}

static ParquetEncoding texts_encode(ParquetColumn *column, Buffer *out) {
    if (column->mode == PARQUET_MODE_PLAIN) {
        buffer_append(out, column->text.data, column->text.length);
        return PARQUET_ENCODING_PLAIN;
    }
    size_t start = out->length;
    bool is_enum = column->type->kind == FLOW_ENUM;
    indexes_write(column, (const uint32_t *)column->staged.data, out);
    size_t bytes = out->length - start + column->dictionary.bytes.length;
    if (column->mode == PARQUET_MODE_UNDECIDED && !is_enum &&
        bytes > (size_t)column->text_bytes / 5 * 4) {
        out->length = start;
        texts_undo(column, out);
        return PARQUET_ENCODING_PLAIN;
    }
    bool goes_on = is_enum || !parquet_dictionary_is_full(&column->dictionary);
    column->mode = goes_on ? PARQUET_MODE_DICTIONARY : PARQUET_MODE_PLAIN;
    return PARQUET_ENCODING_RLE_DICTIONARY;
}

static ParquetEncoding values_encode(ParquetColumn *column, Buffer *out) {
    if (column->value_count == 0) {
        return PARQUET_ENCODING_PLAIN;
    }
    if (column->stage == PARQUET_STAGE_TEXT) {
        return texts_encode(column, out);
    }
    if (column->stage == PARQUET_STAGE_BOOL) {
        bools_write(column, out);
        return PARQUET_ENCODING_PLAIN;
    }
    return fixed_encode(column, out);
}

// --- levels ------------------------------------------------------------------------------------
static bool is_all(const uint8_t *levels, size_t count, uint8_t level) {
    return count == 0 || (levels[0] == level && memcmp(levels, levels + 1, count - 1) == 0);
}

// Levels of V1 pages: their length in front. A column whose highest level is 0 has none.
static void levels_write(ParquetColumn *column, const Buffer *levels, uint8_t max, Buffer *out) {
    if (max == 0) {
        return;
    }
    size_t count = column->definitions.length;
    const uint8_t *bytes = (const uint8_t *)levels->data;
    uint32_t width = parquet_bit_width(max);
    size_t start = out->length;
    buffer_append(out, "\0\0\0\0", 4);
    if (is_all(bytes, count, bytes[0])) {
        parquet_rle_write_run(out, bytes[0], count, width);
    } else {
        uint32_t *wide = scratch_indexes(column->scratch, count);
        for (size_t i = 0; i < count; i++) {
            wide[i] = bytes[i];
        }
        parquet_rle_write(out, wide, count, width);
    }
    uint32_t length = (uint32_t)(out->length - start - 4);
    memcpy(out->data + start, &length, sizeof length);
}

// --- compression -------------------------------------------------------------------------------
// How far the search for repetitions steps on when it finds none: 0 is what the level says.
static size_t pack(ParquetScratch *scratch, int step, const Buffer *raw, Buffer *packed) {
    if (scratch->zstd == NULL) { // many writers, of partitions, may be open and never come here
        scratch->zstd = ZSTD_createCCtx();
        ZSTD_CCtx_setParameter(scratch->zstd, ZSTD_c_compressionLevel, scratch->level);
        ZSTD_CCtx_setParameter(scratch->zstd, ZSTD_c_literalCompressionMode, ZSTD_ps_enable);
    }
    ZSTD_CCtx_setParameter(scratch->zstd, ZSTD_c_targetLength, step);
    size_t bound = ZSTD_compressBound(raw->length);
    buffer_clear(packed);
    buffer_reserve(packed, bound);
    size_t length = ZSTD_compress2(scratch->zstd, packed->data, bound, raw->data, raw->length);
    ASSERT(!ZSTD_isError(length)); // the output has room and the level is valid
    packed->length = length;
    return length;
}

// Where there is little to find, a search that steps wider finds nearly as much in half the time. A
// part of the first page tells.
static int step_choose(ParquetScratch *scratch, const Buffer *body) {
    if (body->length < STEP_SAMPLE_BYTES || scratch->level != 1) {
        return 0;
    }
    Buffer sample = {body->data + body->length / 2 - STEP_SAMPLE_BYTES / 2, STEP_SAMPLE_BYTES, 0};
    size_t best = pack(scratch, 0, &sample, &scratch->packed);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        if (pack(scratch, steps[i].step, &sample, &scratch->packed) * 100 <=
            best * steps[i].percent_max) {
            return steps[i].step;
        }
    }
    return 0;
}

// A dictionary may be most of what there is to save, so it has its say.
static void codec_settle(ParquetColumn *column, const Buffer *body, ParquetEncoding encoding) {
    ParquetScratch *scratch = column->scratch;
    size_t raw = body->length;
    column->step = step_choose(scratch, body);
    size_t packed = pack(scratch, column->step, body, &scratch->packed);
    if (encoding == PARQUET_ENCODING_RLE_DICTIONARY) {
        const ParquetDictionary *dictionary = &column->dictionary;
        const Buffer *entries =
            column->stage == PARQUET_STAGE_TEXT ? &dictionary->bytes : &dictionary->keys;
        raw += entries->length;
        packed += pack(scratch, 0, entries, &scratch->trial);
    }
    bool is_worth_it = packed <= raw - raw / 10 || column->value_count == 0;
    column->codec = is_worth_it ? PARQUET_CODEC_ZSTD : PARQUET_CODEC_UNCOMPRESSED;
    column->has_codec = true;
}

static const Buffer *stored_body(ParquetColumn *column, int step, const Buffer *body) {
    if (column->codec == PARQUET_CODEC_UNCOMPRESSED) {
        return body;
    }
    pack(column->scratch, step, body, &column->scratch->packed);
    return &column->scratch->packed;
}

// The first page of a chunk settles how the others are stored.
static const Buffer *
stored_page(ParquetColumn *column, const Buffer *body, ParquetEncoding encoding) {
    if (column->has_codec) {
        return stored_body(column, column->step, body);
    }
    codec_settle(column, body, encoding);
    return column->codec == PARQUET_CODEC_UNCOMPRESSED ? body : &column->scratch->packed;
}

// --- headers -----------------------------------------------------------------------------------
static void
header_begin(ThriftWriter *header, ParquetPageType type, size_t raw_bytes, const Buffer *stored) {
    ASSERT(raw_bytes <= INT32_MAX && stored->length <= INT32_MAX);
    uint32_t crc = (uint32_t)crc32(0, (const Bytef *)stored->data, (uInt)stored->length);
    thrift_begin(header);
    thrift_put_i32(header, 1, (int32_t)type);
    thrift_put_i32(header, 2, (int32_t)raw_bytes);
    thrift_put_i32(header, 3, (int32_t)stored->length);
    thrift_put_i32(header, 4, (int32_t)crc);
}

static void data_header_write(const ParquetColumn *column,
                              ParquetEncoding encoding,
                              size_t raw_bytes,
                              const Buffer *stored,
                              Buffer *out) {
    ThriftWriter header = {.out = out};
    header_begin(&header, PARQUET_PAGE_DATA, raw_bytes, stored);
    thrift_begin_field(&header, 5);
    thrift_put_i32(&header, 1, (int32_t)column->definitions.length);
    thrift_put_i32(&header, 2, (int32_t)encoding);
    thrift_put_i32(&header, 3, PARQUET_ENCODING_RLE);
    thrift_put_i32(&header, 4, PARQUET_ENCODING_RLE);
    thrift_end(&header);
    thrift_end(&header);
}

static void dictionary_header_write(const ParquetColumn *column,
                                    size_t raw_bytes,
                                    const Buffer *stored,
                                    Buffer *out) {
    ThriftWriter header = {.out = out};
    header_begin(&header, PARQUET_PAGE_DICTIONARY, raw_bytes, stored);
    thrift_begin_field(&header, 7);
    thrift_put_i32(&header, 1, (int32_t)column->dictionary.count);
    thrift_put_i32(&header, 2, PARQUET_ENCODING_PLAIN);
    thrift_end(&header);
    thrift_end(&header);
}

// --- pages -------------------------------------------------------------------------------------
bool parquet_column_must_cut(const ParquetColumn *column) {
    if (column->row_count >= PARQUET_PAGE_ROWS_MAX ||
        column->definitions.length >= TREE_PAGE_POSITIONS_MAX) {
        return true;
    }
    bool is_bound_by_rows = column->stage != PARQUET_STAGE_TEXT || column->type->kind == FLOW_ENUM;
    return !is_bound_by_rows && parquet_column_texts_are_full(column);
}

void parquet_column_page_begin(ParquetColumn *column) {
    column->row_count = 0;
    column->value_count = 0;
    column->text_bytes = 0;
    buffer_clear(&column->definitions);
    buffer_clear(&column->repetitions);
    buffer_clear(&column->staged);
    buffer_clear(&column->text);
}

static void page_record(ParquetColumn *column, const ParquetBounds *bounds, size_t offset) {
    int64_t null_count = (int64_t)column->definitions.length - column->value_count;
    *vec_push(&column->chunk_arena, &column->pages) = (ParquetPage){
        .offset = (int64_t)offset,
        .stored_bytes = (int32_t)(column->pages_bytes.length - offset),
        .first_row = column->chunk_rows,
        .value_count = column->value_count,
        .null_count = null_count,
        .bounds = *bounds,
    };
    column->chunk_rows += column->row_count;
    column->chunk.position_count += (int64_t)column->definitions.length;
    column->chunk.null_count += null_count;
    column->chunk.text_bytes += column->text_bytes - 4 * (int64_t)column->value_count;
}

void parquet_column_page_end(ParquetColumn *column) {
    if (column->row_count == 0) {
        return;
    }
    ParquetBounds bounds = parquet_page_bounds(column);
    Buffer *body = &column->scratch->body;
    buffer_clear(body);
    levels_write(column, &column->repetitions, column->repetition_max, body);
    levels_write(column, &column->definitions, column->definition_max, body);
    ParquetEncoding encoding = values_encode(column, body);
    const Buffer *stored = stored_page(column, body, encoding);
    size_t offset = column->pages_bytes.length;
    data_header_write(column, encoding, body->length, stored, &column->pages_bytes);
    size_t header_bytes = column->pages_bytes.length - offset;
    buffer_append(&column->pages_bytes, stored->data, stored->length);
    column->chunk.raw_bytes += (int64_t)(header_bytes + body->length);
    column->chunk.page_counts[encoding]++;
    page_record(column, &bounds, offset);
    parquet_column_page_begin(column);
}

// --- chunks ------------------------------------------------------------------------------------
static void dictionary_page_write(ParquetColumn *column, Buffer *out) {
    Buffer *body = &column->scratch->body;
    buffer_clear(body);
    if (column->stage == PARQUET_STAGE_TEXT) {
        buffer_append(body, column->dictionary.bytes.data, column->dictionary.bytes.length);
    } else {
        fixed_write(column, &column->dictionary.keys, body);
    }
    const Buffer *stored = stored_body(column, 0, body);
    dictionary_header_write(column, body->length, stored, out);
    column->chunk.raw_bytes += (int64_t)(out->length + body->length);
    buffer_append(out, stored->data, stored->length);
}

static void page_bounds_keep(const ParquetColumn *column, ParquetPage *page, Arena *keep) {
    bool is_exact = true;
    if (page->bounds.has_values && !page->bounds.has_nan) {
        page->min = parquet_bound_bytes(column, &page->bounds.min, false, &is_exact, keep);
        page->max = parquet_bound_bytes(column, &page->bounds.max, true, &is_exact, keep);
    }
}

static void chunk_bounds_keep(ParquetColumn *column, Arena *keep) {
    ParquetChunk *chunk = &column->chunk;
    ParquetBounds bounds = {0};
    for (uint32_t i = 0; i < column->pages.count; i++) {
        page_bounds_keep(column, &column->pages.items[i], keep);
        parquet_bounds_merge(column->order, &bounds, &column->pages.items[i].bounds);
    }
    chunk->has_nan = bounds.has_nan;
    chunk->boundary_order =
        parquet_boundary_order(column->order, column->pages.items, column->pages.count);
    if (bounds.has_values && !bounds.has_nan) {
        chunk->min = parquet_bound_bytes(column, &bounds.min, false, &chunk->is_min_exact, keep);
        chunk->max = parquet_bound_bytes(column, &bounds.max, true, &chunk->is_max_exact, keep);
    }
    parquet_column_bounds_add(column, &bounds);
}

void parquet_column_chunk_end(ParquetColumn *column, Buffer *dictionary_page, Arena *keep) {
    parquet_column_page_end(column);
    buffer_clear(dictionary_page);
    ParquetChunk *chunk = &column->chunk;
    if (chunk->page_counts[PARQUET_ENCODING_RLE_DICTIONARY] > 0) {
        dictionary_page_write(column, dictionary_page);
    }
    chunk_bounds_keep(column, keep);
    chunk->codec = column->codec;
    chunk->stored_bytes = (int64_t)(dictionary_page->length + column->pages_bytes.length);
    chunk->page_count = column->pages.count;
    chunk->pages = arena_array(keep, ParquetPage, column->pages.count);
    memcpy(chunk->pages, column->pages.items, column->pages.count * sizeof(ParquetPage));
    column->null_count += chunk->null_count;
}
