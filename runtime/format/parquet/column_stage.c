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

static void append_without_nulls(ParquetColumn *column,
                                 const FlowColumn *source,
                                 const int32_t *rows,
                                 uint32_t count) {
    memset(grow(&column->definitions, count), 1, count);
    gather(
        column, grow(&column->staged, (size_t)count * column->width), source->values, rows, count);
    column->value_count += count;
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
        char *out = grow(&column->staged, (size_t)kept_count * column->width);
        gather(column, out, source->values, kept, kept_count);
        column->value_count += kept_count;
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

void parquet_column_text_put(ParquetColumn *column, const FlowView *text) {
    column->text_bytes += (int64_t)text->length + 4;
    if (column->mode != PARQUET_MODE_PLAIN) {
        staged_index(column, parquet_dictionary_text(&column->dictionary, text));
        return;
    }
    char *out = grow(&column->text, (size_t)text->length + 4);
    memcpy(out, &text->length, 4);
    memcpy(out + 4, flow_view_data(text), text->length);
    column->value_count++;
}

void parquet_column_enum_put(ParquetColumn *column, uint32_t code) {
    ASSERT(code < (uint64_t)column->type->enum_values_count);
    uint32_t *known = &column->enum_indexes[code];
    if (*known == 0) {
        const char *text = column->type->enum_values[code].text;
        FlowView view = view_of(text, strlen(text));
        *known = parquet_dictionary_text(&column->dictionary, &view) + 1;
    }
    uint32_t index = *known - 1;
    column->text_bytes +=
        (int64_t)((const FlowView *)column->dictionary.keys.data)[index].length + 4;
    staged_index(column, index);
}

// A row at a time, because any row may be the one after which the page is full.
static void
append_texts(ParquetColumn *column, const FlowColumn *source, const int32_t *rows, uint32_t count) {
    const uint8_t *validity = source->validity;
    bool is_enum = column->type->kind == FLOW_ENUM;
    for (uint32_t i = 0; i < count; i++) {
        size_t row = (size_t)rows[i];
        bool is_value = validity == NULL || validity[row] != 0;
        *grow(&column->definitions, 1) = (char)is_value;
        if (is_value && is_enum) {
            parquet_column_enum_put(column, ((const uint16_t *)source->values)[row]);
        } else if (is_value) {
            parquet_column_text_put(column, (const FlowView *)source->values + row);
        }
        column->row_count++;
        page_cut(column, i + 1 < count);
    }
}

void parquet_column_append(ParquetColumn *column,
                           const FlowColumn *source,
                           const int32_t *rows,
                           uint32_t count) {
    if (column->stage == PARQUET_STAGE_TEXT) {
        append_texts(column, source, rows, count);
    } else {
        append_fixed(column, source, rows, count);
    }
}

// --- trees -------------------------------------------------------------------------------------
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
        parquet_column_enum_put(column, (uint32_t)value->i64);
    } else {
        parquet_column_text_put(column, &value->view);
    }
}

void parquet_column_row_end(ParquetColumn *column) {
    column->row_count++;
    if (parquet_column_must_cut(column)) {
        parquet_column_page_end(column);
    }
}
