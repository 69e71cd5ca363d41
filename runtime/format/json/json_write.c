// Rows as NDJSON lines.
#include "format/format.h"
#include "scalar/scalar.h"

// The part of a line that does not depend on the row: `{"a":`, `,"b":`.
static void key_write(Buffer *out, const FlowColumnDesc *column, bool is_first) {
    buffer_char(out, is_first ? '{' : ',');
    buffer_json_string(out, column->name, strlen(column->name));
    buffer_char(out, ':');
}

static void
value_write(Buffer *out, const FlowColumn *vector, const FlowTypeDesc *type, int32_t row) {
    if (vector->validity != NULL && ((const uint8_t *)vector->validity)[row] == 0) {
        buffer_append(out, "null", 4);
        return;
    }
    FlowValue value = value_load(type, vector->values, (size_t)row);
    value_json(out, type, &value);
}

void ndjson_write(const Batch *batch,
                  const FlowColumnDesc *columns,
                  const int32_t *slots,
                  uint32_t count,
                  Buffer *out) {
    const int32_t *selection = batch->abi.selection;
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        for (uint32_t c = 0; c < count; c++) {
            const FlowColumn *vector = batch_column(batch, (uint32_t)slots[c]);
            key_write(out, &columns[c], c == 0);
            value_write(out, vector, columns[c].type, selection[i]);
        }
        buffer_append(out, count == 0 ? "{}\n" : "}\n", count == 0 ? 3 : 2);
    }
}
