// Rows as NDJSON lines. What does not depend on the row, `{"a":` and `,"b":`, is made once for a
// batch.
#include "format/format.h"
#include "scalar/scalar.h"

// The keys one after the other; key i ends at ends[i].
typedef struct Keys {
    Buffer text;
    Buffer ends; // of size_t
} Keys;

static Keys keys_new(const FlowColumnDesc *columns, uint32_t count) {
    Keys keys = {0};
    for (uint32_t i = 0; i < count; i++) {
        buffer_char(&keys.text, i == 0 ? '{' : ',');
        buffer_json_string(&keys.text, columns[i].name, strlen(columns[i].name));
        buffer_char(&keys.text, ':');
        buffer_append(&keys.ends, &keys.text.length, sizeof(size_t));
    }
    return keys;
}

static void keys_free(Keys *keys) {
    buffer_free(&keys->text);
    buffer_free(&keys->ends);
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
    Keys keys = keys_new(columns, count);
    const size_t *ends = (const size_t *)keys.ends.data;
    for (int32_t i = 0; i < batch->abi.selected_count; i++) {
        size_t begin = 0;
        for (uint32_t c = 0; c < count; c++) {
            const FlowColumn *vector = batch_column(batch, (uint32_t)slots[c]);
            buffer_append(out, keys.text.data + begin, ends[c] - begin);
            value_write(out, vector, columns[c].type, selection[i]);
            begin = ends[c];
        }
        buffer_text(out, count == 0 ? "{}\n" : "}\n");
    }
    keys_free(&keys);
}
