// column: a leaf column that is being written: values are staged, then encoded as pages of a chunk.
//
// Private to parquet. A page is staged in a plain form (4, 8 or 16 bytes a value, or dictionary
// indexes, or text in PLAIN form) with a byte of definition level for each position; the first page
// of a chunk decides about encoding and codec for the chunk. Pages stay in memory until the row
// group ends, because the file wants the chunks one after the other.
#ifndef FLOW_PARQUET_COLUMN_H
#define FLOW_PARQUET_COLUMN_H

#include "format/parquet/dictionary.h"
#include "format/parquet/words.h"

#define PARQUET_PAGE_ROWS_MAX 20000
#define PARQUET_PAGE_RAW_BYTES (1024 * 1024)
#define PARQUET_BOUND_BYTES_MAX 64 // of a text's minimum or maximum in statistics

typedef enum ParquetStage {
    PARQUET_STAGE_BOOL, // a byte a value
    PARQUET_STAGE_32,
    PARQUET_STAGE_64,
    PARQUET_STAGE_128, // decimals of more than 18 digits
    PARQUET_STAGE_TEXT,
} ParquetStage;

typedef enum ParquetMode {
    PARQUET_MODE_UNDECIDED, // staged for a dictionary; the end of the first page decides
    PARQUET_MODE_DICTIONARY,
    PARQUET_MODE_DELTA,
    PARQUET_MODE_PLAIN,
} ParquetMode;

// How bounds compare: as i64, f64, i128 or bytes.
typedef enum ParquetOrder {
    PARQUET_ORDER_INT,
    PARQUET_ORDER_FLOAT,
    PARQUET_ORDER_WIDE,
    PARQUET_ORDER_TEXT
} ParquetOrder;

typedef struct ParquetBounds {
    bool has_values; // false: nothing but nulls, or NaN
    bool has_nan;
    FlowValue min;
    FlowValue max;
} ParquetBounds;

typedef struct ParquetBytes {
    const char *data; // NULL: none
    uint32_t length;
} ParquetBytes;

typedef struct ParquetPage {
    int64_t offset; // of its header: in the chunk, later in the file
    int32_t stored_bytes;
    int64_t first_row;
    int64_t value_count; // without nulls
    int64_t null_count;
    ParquetBounds bounds;
    ParquetBytes min; // as statistics have them; none for pages of nulls
    ParquetBytes max;
} ParquetPage;

// What the footer says of a chunk.
typedef struct ParquetChunk {
    ParquetCodec codec;
    int64_t data_offset;
    int64_t dictionary_offset; // 0: none
    int64_t raw_bytes;
    int64_t stored_bytes;
    int64_t position_count; // values and nulls
    int64_t null_count;
    int64_t text_bytes; // of texts, without their lengths
    bool has_nan;
    bool is_min_exact;
    bool is_max_exact;
    ParquetBytes min;
    ParquetBytes max;
    int32_t page_counts[PARQUET_ENCODING_BYTE_STREAM_SPLIT + 1]; // data pages, by encoding
    ParquetPage *pages;
    uint32_t page_count;
    int32_t boundary_order;
    int64_t column_index_offset; // 0: none
    int32_t column_index_bytes;
    int64_t offset_index_offset;
    int32_t offset_index_bytes;
} ParquetChunk;

// Working space that the columns of a writer share.
typedef struct ParquetScratch {
    void *zstd; // ZSTD_CCtx
    int level;
    Buffer indexes; // uint32_t: numbers in the dictionary, or levels
    Buffer body;    // a page before it is compressed
    Buffer trial;   // another encoding of its values
    Buffer packed;
} ParquetScratch;

// Of a code of an enum, once the dictionary has its text.
typedef struct ParquetEnumEntry {
    uint32_t number; // in the dictionary + 1; 0: it has not
    uint32_t bytes;  // of the text, with its length
} ParquetEnumEntry;

typedef struct ParquetColumn {
    const FlowTypeDesc *type;
    ParquetElement element;
    ParquetStage stage;
    ParquetOrder order;
    uint32_t width; // bytes of a staged value: 1, 4, 8, 16
    uint8_t definition_max;
    uint8_t repetition_max;
    const char **path; // names in the schema
    uint32_t path_count;
    ParquetScratch *scratch;
    // the page being staged
    uint32_t row_count;
    uint32_t value_count; // without nulls
    Buffer definitions;   // a byte each
    Buffer repetitions;   // likewise; empty if there can be none
    Buffer staged;        // values; of texts, numbers in the dictionary
    Buffer text;          // texts in PLAIN form, when there is no dictionary
    bool waits_when_full; // a page that is full at the end of an append is ended by the output
    int64_t text_bytes;   // of the page's texts, with their lengths
    ParquetEnumEntry *enum_entries; // by code
    // the chunk
    ParquetMode mode;
    bool has_codec;
    ParquetCodec codec;
    int step; // of the search for repetitions
    ParquetDictionary dictionary;
    Buffer marks;       // uint32_t by dictionary number: the page that used it last
    Buffer pages_bytes; // headers and bodies of the data pages
    VEC(ParquetPage) pages;
    Arena chunk_arena; // the pages and their bounds
    ParquetChunk chunk;
    int64_t chunk_rows;
    // the whole file
    int64_t null_count;
    ParquetBounds bounds;
    Buffer min_text; // bytes of `bounds`
    Buffer max_text;
    ParquetColumnStats stats;
} ParquetColumn;

void parquet_column_init(ParquetColumn *column, const FlowTypeDesc *type, ParquetScratch *scratch);
void parquet_column_free(ParquetColumn *column);
// Flat: the values of these rows, in this order.
void parquet_column_append(ParquetColumn *column,
                           const FlowColumn *source,
                           const int32_t *rows,
                           uint32_t count);
// Trees: one position; a value if the definition level is the highest. Rows end where they are said
// to.
void parquet_column_put(ParquetColumn *column,
                        uint8_t definition,
                        uint8_t repetition,
                        const FlowValue *value);
void parquet_column_row_end(ParquetColumn *column);
// The last page, then column->chunk and, if it has one, the dictionary's page in `dictionary_page`.
// The bytes of `min` and `max` and the list of pages go into `keep`.
void parquet_column_chunk_end(ParquetColumn *column, Buffer *dictionary_page, Arena *keep);
void parquet_column_chunk_begin(ParquetColumn *column);
const ParquetColumnStats *parquet_column_stats(ParquetColumn *column); // of the chunks that ended
int64_t
parquet_column_buffered(const ParquetColumn *column); // bytes that wait for the row group's end

bool parquet_column_is_full(const ParquetColumn *column); // its page waits to be ended

// --- private to the columns --------------------------------------------------------------------
void parquet_column_page_end(ParquetColumn *column);
void parquet_column_page_begin(ParquetColumn *column);
bool parquet_column_must_cut(const ParquetColumn *column);
static inline bool parquet_column_texts_are_full(const ParquetColumn *column) {
    return column->mode == PARQUET_MODE_PLAIN ? column->text.length >= PARQUET_PAGE_RAW_BYTES
                                              : parquet_dictionary_is_full(&column->dictionary);
}
ParquetBounds parquet_page_bounds(ParquetColumn *column);
void parquet_bounds_merge(ParquetOrder order, ParquetBounds *bounds, const ParquetBounds *more);
int32_t parquet_boundary_order(ParquetOrder order, const ParquetPage *pages, uint32_t page_count);
// The bytes of a bound as statistics have them; `is_exact` tells whether they were shortened.
ParquetBytes parquet_bound_bytes(
    const ParquetColumn *column, const FlowValue *value, bool is_max, bool *is_exact, Arena *arena);
void parquet_column_bounds_add(ParquetColumn *column, const ParquetBounds *chunk); // to the file's

#endif
