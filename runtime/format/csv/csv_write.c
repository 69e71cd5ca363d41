// Rows as CSV lines, RFC 4180 with line feeds: a null is nothing, an empty text is a pair of
// quotes.
#include "format/format.h"
#include "scalar/scalar.h"

static bool needs_quotes(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r') {
            return true;
        }
    }
    return length == 0;
}

static void text_write(Buffer *out, const char *text, size_t length) {
    if (!needs_quotes(text, length)) {
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

static void
value_write(Buffer *out, const FlowColumn *vector, const FlowTypeDesc *type, int32_t row) {
    if (vector->validity != NULL && ((const uint8_t *)vector->validity)[row] == 0) {
        return;
    }
    FlowValue value = value_load(type, vector->values, (size_t)row);
    switch ((FlowKind)type->kind) {
    case FLOW_STRING:
        text_write(out, flow_view_data(&value.view), value.view.length);
        return;
    case FLOW_ENUM: {
        const char *text = type->enum_values[value.i64].text;
        text_write(out, text, strlen(text));
        return;
    }
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT: {
        Buffer json = {0};
        value_json(&json, type, &value);
        text_write(out, json.data, json.length);
        buffer_free(&json);
        return;
    }
    default: // No other text holds a comma or a quote.
        value_text(out, type, &value);
        return;
    }
}

void csv_write_header(const FlowColumnDesc *columns, uint32_t count, Buffer *out) {
    for (uint32_t c = 0; c < count; c++) {
        if (c > 0) {
            buffer_char(out, ',');
        }
        text_write(out, columns[c].name, strlen(columns[c].name));
    }
    buffer_char(out, '\n');
}

void csv_write(const Batch *batch,
               const FlowColumnDesc *columns,
               const int32_t *slots,
               uint32_t count,
               Buffer *out) {
    const int32_t *selection = batch->abi.selection;
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        for (uint32_t c = 0; c < count; c++) {
            if (c > 0) {
                buffer_char(out, ',');
            }
            const FlowColumn *vector = batch_column(batch, (uint32_t)slots[c]);
            value_write(out, vector, columns[c].type, selection[i]);
        }
        buffer_char(out, '\n');
    }
}
