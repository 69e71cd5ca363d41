// Rows as CSV lines, RFC 4180 with line feeds: a null is the null text, and what could be mistaken
// for one stands in quotes, as an empty text does.
#include "format/format.h"
#include "scalar/scalar.h"

// Quoted at the begin of a file, it is no byte order mark.
static bool begins_with_mark(const char *text, size_t length) {
    return length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
}

static bool is_null_text(const CsvStyle *style, const char *text, size_t length) {
    return strlen(style->null_text) == length && memcmp(text, style->null_text, length) == 0;
}

static bool needs_quotes(const CsvStyle *style, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] == style->delimiter || text[i] == '"' || text[i] == '\n' || text[i] == '\r') {
            return true;
        }
    }
    return length == 0 || begins_with_mark(text, length) || is_null_text(style, text, length);
}

static void text_write(const CsvStyle *style, const char *text, size_t length, Buffer *out) {
    if (!needs_quotes(style, text, length)) {
        buffer_append(out, text, length);
        return;
    }
    buffer_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"') {
            buffer_char(out, '"');
        }
        buffer_char(out, text[i]);
    }
    buffer_char(out, '"');
}

// Whether no text of numbers, times and bytes has the delimiter or is the null text.
static bool is_plain(const CsvStyle *style) {
    return *style->null_text == '\0' && strchr(",;\t|", style->delimiter) != NULL;
}

static void
value_write(const CsvStyle *style, const FlowTypeDesc *type, const FlowValue *value, Buffer *out) {
    Buffer text = {0};
    switch ((FlowKind)type->kind) {
    case FLOW_STRING:
        text_write(style, flow_view_data(&value->view), value->view.length, out);
        return;
    case FLOW_ENUM: {
        const char *name = type->enum_values[value->i64].text;
        text_write(style, name, strlen(name), out);
        return;
    }
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        value_json(&text, type, value);
        break;
    default:
        if (is_plain(style)) {
            value_text(out, type, value);
            return;
        }
        value_text(&text, type, value);
        break;
    }
    text_write(style, text.data, text.length, out);
    buffer_free(&text);
}

void csv_write_header(const CsvStyle *style,
                      const FlowColumnDesc *columns,
                      uint32_t count,
                      Buffer *out) {
    for (uint32_t c = 0; c < count; c++) {
        if (c > 0) {
            buffer_char(out, style->delimiter);
        }
        text_write(style, columns[c].name, strlen(columns[c].name), out);
    }
    buffer_char(out, '\n');
}

static void field_write(const CsvStyle *style,
                        const FlowColumn *vector,
                        const FlowTypeDesc *type,
                        int32_t row,
                        Buffer *out) {
    if (vector->validity != NULL && ((const uint8_t *)vector->validity)[row] == 0) {
        buffer_text(out, style->null_text);
        return;
    }
    FlowValue value = value_load(type, vector->values, (size_t)row);
    value_write(style, type, &value, out);
}

void csv_write(const CsvStyle *style,
               const Batch *batch,
               const FlowColumnDesc *columns,
               const int32_t *slots,
               uint32_t count,
               Buffer *out) {
    const int32_t *selection = batch->abi.selection;
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        for (uint32_t c = 0; c < count; c++) {
            if (c > 0) {
                buffer_char(out, style->delimiter);
            }
            const FlowColumn *vector = batch_column(batch, (uint32_t)slots[c]);
            field_write(style, vector, columns[c].type, selection[i], out);
        }
        buffer_char(out, '\n');
    }
}
