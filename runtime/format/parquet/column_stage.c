// Staging: from the rows of a batch to the dense values of a page.
//
// First the row numbers without nulls are computed, without a branch; then the values are gathered
// by them, in loops of one type each. Contiguous rows, the usual case, become copies.
#include "format/parquet/column.h"

#include "scalar/scalar.h"

static uint32_t page_room(const ParquetColumn *column) {
    return PARQUET_PAGE_ROWS_MAX - column->row_count;
}

// --- gathering ---------------------------------------------------------------------------------
#define GATHER(name, from, to)                                                                     \
    static void name(                                                                              \
        void *restrict out, const void *restrict values, const int32_t *rows, uint32_t count) {    \
        const from *source = values;                                                               \
        to *target = out;                                                                          \
        for (uint32_t i = 0; i < count; i++) {                                                     \
            target[i] = (to)source[rows[i]];                                                       \
        }                                                                                          \
    }
GATHER(gather_bool, uint8_t, uint8_t)
GATHER(gather_8, int8_t, int32_t)
GATHER(gather_16, int16_t, int32_t)
GATHER(gather_32, uint32_t, uint32_t)
GATHER(gather_64, uint64_t, uint64_t)
GATHER(gather_64_32, int64_t, int32_t)
GATHER(gather_128, i128, i128)
#undef GATHER

static void gather(const ParquetColumn *column,
                   void *out,
                   const void *values,
                   const int32_t *rows,
                   uint32_t count) {
    uint32_t width = flow_kind_width((FlowKind)column->type->kind, column->type->precision);
    if (width == column->width && count > 0 && (uint32_t)(rows[count - 1] - rows[0]) == count - 1) {
        memcpy(out, (const char *)values + (size_t)rows[0] * width, (size_t)count * width);
        return;
    }
    switch (column->stage) {
    case PARQUET_STAGE_BOOL:
        gather_bool(out, values, rows, count);
        return;
    case PARQUET_STAGE_32:
        (width == 1   ? gather_8
         : width == 2 ? gather_16
         : width == 4 ? gather_32
                      : gather_64_32)(out, values, rows, count);
        return;
    case PARQUET_STAGE_64:
        gather_64(out, values, rows, count);
        return;
    case PARQUET_STAGE_128:
        gather_128(out, values, rows, count);
        return;
    case PARQUET_STAGE_TEXT:
        break;
    }
    flow_bug(__FILE__, __LINE__, "texts are not gathered");
}

static inline char *grow(Buffer *buffer, size_t bytes) {
    if (buffer->capacity - buffer->length <= bytes) { // also of nothing there is an address
        buffer_reserve(buffer, bytes + 1);
    }
    char *start = buffer->data + buffer->length;
    buffer->length += bytes;
    return start;
}

// Their texts are few: the dictionary is asked once for each.
static ParquetEnumEntry enum_add(ParquetColumn *column, uint32_t code) {
    const char *text = column->type->enum_values[code].text;
    FlowView view = view_of(text, strlen(text));
    column->enum_entries[code] = (ParquetEnumEntry){
        .number = parquet_dictionary_text(&column->dictionary, &view) + 1,
        .bytes = view.length + 4,
    };
    return column->enum_entries[code];
}

static inline ParquetEnumEntry enum_entry(ParquetColumn *column, uint32_t code) {
    ASSERT(code < (uint64_t)column->type->enum_values_count);
    ParquetEnumEntry entry = column->enum_entries[code];
    return entry.number != 0 ? entry : enum_add(column, code);
}

static void
enums_stage(ParquetColumn *column, const uint16_t *codes, const int32_t *rows, uint32_t count) {
    uint32_t *out = (uint32_t *)(void *)grow(&column->staged, count * sizeof *out);
    int64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        ParquetEnumEntry entry = enum_entry(column, codes[rows[i]]);
        out[i] = entry.number - 1;
        bytes += entry.bytes;
    }
    column->text_bytes += bytes;
}

static void
values_stage(ParquetColumn *column, const void *values, const int32_t *rows, uint32_t count) {
    if (column->type->kind == FLOW_ENUM) {
        enums_stage(column, values, rows, count);
    } else {
        gather(column, grow(&column->staged, (size_t)count * column->width), values, rows, count);
    }
    column->value_count += count;
}

static void append_without_nulls(ParquetColumn *column,
                                 const FlowColumn *source,
                                 const int32_t *rows,
                                 uint32_t count) {
    memset(grow(&column->definitions, count), 1, count);
    values_stage(column, source->values, rows, count);
}

static uint32_t rows_without_nulls(int32_t *kept,
                                   uint8_t *definitions,
                                   const uint8_t *validity,
                                   const int32_t *rows,
                                   uint32_t count) {
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t is_value = validity[rows[i]] != 0;
        definitions[i] = is_value;
        kept[kept_count] = rows[i];
        kept_count += is_value;
    }
    return kept_count;
}

static void append_with_nulls(ParquetColumn *column,
                              const FlowColumn *source,
                              const int32_t *rows,
                              uint32_t count) {
    int32_t kept[FLOW_BATCH_ROWS_MAX];
    for (uint32_t at = 0; at < count; at += FLOW_BATCH_ROWS_MAX) {
        uint32_t length = count - at < FLOW_BATCH_ROWS_MAX ? count - at : FLOW_BATCH_ROWS_MAX;
        uint8_t *definitions = (uint8_t *)grow(&column->definitions, length);
        uint32_t kept_count =
            rows_without_nulls(kept, definitions, source->validity, rows + at, length);
        values_stage(column, source->values, kept, kept_count);
    }
}

// A page that is full is ended here, or with those of the other columns when no row follows.
static inline void page_cut(ParquetColumn *column, bool has_more) {
    if (parquet_column_must_cut(column) && (has_more || !column->waits_when_full)) {
        parquet_column_page_end(column);
    }
}

bool parquet_column_is_full(const ParquetColumn *column) {
    return parquet_column_must_cut(column);
}

static void
append_fixed(ParquetColumn *column, const FlowColumn *source, const int32_t *rows, uint32_t count) {
    while (count > 0) {
        uint32_t taken = count < page_room(column) ? count : page_room(column);
        if (source->validity == NULL) {
            append_without_nulls(column, source, rows, taken);
        } else {
            append_with_nulls(column, source, rows, taken);
        }
        column->row_count += taken;
        rows += taken;
        count -= taken;
        page_cut(column, count > 0);
    }
}

// --- texts -------------------------------------------------------------------------------------
static inline void staged_index(ParquetColumn *column, uint32_t index) {
    memcpy(grow(&column->staged, sizeof index), &index, sizeof index);
    column->value_count++;
}

static inline void indexed_text_put(ParquetColumn *column, const FlowView *text, uint32_t hash) {
    column->text_bytes += (int64_t)text->length + 4;
    staged_index(column, parquet_dictionary_hashed(&column->dictionary, text, hash));
}

static inline void plain_text_put(ParquetColumn *column, const FlowView *text) {
    column->text_bytes += (int64_t)text->length + 4;
    char *out = grow(&column->text, (size_t)text->length + 4);
    memcpy(out, &text->length, 4);
    memcpy(out + 4, flow_view_data(text), text->length);
    column->value_count++;
}

static void text_put(ParquetColumn *column, const FlowView *text) {
    if (column->mode == PARQUET_MODE_PLAIN) {
        plain_text_put(column, text);
    } else {
        indexed_text_put(column, text, parquet_dictionary_hash(text));
    }
}

// Where among these rows there are values: found without a branch, as nulls are not foreseen.
static uint32_t places_find(uint32_t *places,
                            uint8_t *definitions,
                            const uint8_t *validity,
                            const int32_t *rows,
                            uint32_t count) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t is_value = validity == NULL || validity[rows[i]] != 0;
        definitions[i] = is_value;
        places[found] = i;
        found += is_value;
    }
    return found;
}

// Another thread may have made the texts, and where they stand in the dictionary nobody foresees:
// all of it is fetched ahead.
enum { TEXTS_AHEAD = 32, HASHES_AHEAD = 16, KEYS_AHEAD = 8 };

typedef struct Texts {
    const FlowView *views;
    const int32_t *rows;
    const uint32_t *places; // among `rows`
    uint32_t count;
} Texts;

static inline const FlowView *text_at(const Texts *texts, uint32_t index) {
    return &texts->views[texts->rows[texts->places[index]]];
}

static inline void text_fetch(const Texts *texts, uint32_t index) {
    if (index < texts->count) {
        __builtin_prefetch(text_at(texts, index));
    }
}

// The first of them, until the page is full: how many.
static uint32_t plain_texts_put(ParquetColumn *column, const Texts *texts) {
    for (uint32_t i = 0; i < texts->count; i++) {
        text_fetch(texts, i + TEXTS_AHEAD);
        plain_text_put(column, text_at(texts, i));
        if (parquet_column_texts_are_full(column)) {
            return i + 1;
        }
    }
    return texts->count;
}

static uint32_t indexed_texts_put(ParquetColumn *column, const Texts *texts) {
    uint32_t hashes[HASHES_AHEAD] = {0};
    const ParquetDictionary *dictionary = &column->dictionary;
    uint32_t end = texts->count + HASHES_AHEAD;
    for (uint32_t ahead = 0; ahead < end; ahead++) {
        uint32_t *hash = &hashes[ahead % HASHES_AHEAD];
        text_fetch(texts, ahead + TEXTS_AHEAD - HASHES_AHEAD);
        if (ahead >= HASHES_AHEAD) {
            indexed_text_put(column, text_at(texts, ahead - HASHES_AHEAD), *hash);
            if (parquet_column_texts_are_full(column)) {
                return ahead - HASHES_AHEAD + 1;
            }
        }
        if (ahead < texts->count) {
            *hash = parquet_dictionary_hash(text_at(texts, ahead));
            parquet_dictionary_fetch(dictionary, *hash);
        }
        parquet_dictionary_fetch_key(dictionary, hashes[(ahead + KEYS_AHEAD) % HASHES_AHEAD]);
    }
    return texts->count;
}

// The first of these rows, as many as the page takes: how many that is.
static uint32_t
texts_stage(ParquetColumn *column, const FlowColumn *source, const int32_t *rows, uint32_t count) {
    uint32_t places[FLOW_BATCH_ROWS_MAX];
    uint8_t *definitions = (uint8_t *)grow(&column->definitions, count);
    uint32_t value_count = places_find(places, definitions, source->validity, rows, count);
    Texts texts = {source->values, rows, places, value_count};
    uint32_t put = column->mode == PARQUET_MODE_PLAIN ? plain_texts_put(column, &texts)
                                                      : indexed_texts_put(column, &texts);
    bool is_full = put > 0 && parquet_column_texts_are_full(column);
    uint32_t taken = is_full ? places[put - 1] + 1 : count;
    column->definitions.length -= count - taken;
    return taken;
}

static void
append_texts(ParquetColumn *column, const FlowColumn *source, const int32_t *rows, uint32_t count) {
    while (count > 0) {
        uint32_t most = count < page_room(column) ? count : page_room(column);
        uint32_t taken = texts_stage(
            column, source, rows, most < FLOW_BATCH_ROWS_MAX ? most : FLOW_BATCH_ROWS_MAX);
        column->row_count += taken;
        rows += taken;
        count -= taken;
        page_cut(column, count > 0);
    }
}

void parquet_column_append(ParquetColumn *column,
                           const FlowColumn *source,
                           const int32_t *rows,
                           uint32_t count) {
    if (column->stage == PARQUET_STAGE_TEXT && column->type->kind != FLOW_ENUM) {
        append_texts(column, source, rows, count);
    } else {
        append_fixed(column, source, rows, count);
    }
}

// --- trees -------------------------------------------------------------------------------------
static void put_enum(ParquetColumn *column, uint32_t code) {
    ParquetEnumEntry entry = enum_entry(column, code);
    column->text_bytes += entry.bytes;
    staged_index(column, entry.number - 1);
}

static void put_fixed(ParquetColumn *column, const FlowValue *value) {
    char *out = grow(&column->staged, column->width);
    if (column->type->kind == FLOW_FLOAT32) {
        float narrow = (float)value->f64;
        memcpy(out, &narrow, sizeof narrow);
    } else {
        memcpy(out, value, column->width); // little-endian: the low bytes of i64, f64, i128
    }
    column->value_count++;
}

void parquet_column_put(ParquetColumn *column,
                        uint8_t definition,
                        uint8_t repetition,
                        const FlowValue *value) {
    buffer_char(&column->definitions, (char)definition);
    if (column->repetition_max > 0) {
        buffer_char(&column->repetitions, (char)repetition);
    }
    if (definition < column->definition_max) {
        return;
    }
    if (column->stage != PARQUET_STAGE_TEXT) {
        put_fixed(column, value);
    } else if (column->type->kind == FLOW_ENUM) {
        put_enum(column, (uint32_t)value->i64);
    } else {
        text_put(column, &value->view);
    }
}

void parquet_column_row_end(ParquetColumn *column) {
    column->row_count++;
    if (parquet_column_must_cut(column)) {
        parquet_column_page_end(column);
    }
}
