// Batches: the memory behind a FlowBatch, made once and used for every batch of a run.
#include "record/record.h"

#include "scalar/scalar.h"

enum { VECTOR_ALIGNMENT = 64, VECTOR_ROWS = FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK };

// Uninitialised on purpose: pages of columns that a run never touches are never made.
static void *vector_new(Arena *arena, size_t width_bytes) {
    char *memory = arena_alloc(arena, VECTOR_ROWS * width_bytes + VECTOR_ALIGNMENT - 1);
    size_t beyond = (uintptr_t)memory % VECTOR_ALIGNMENT;
    return beyond == 0 ? memory : memory + (VECTOR_ALIGNMENT - beyond);
}

static FlowColumn column_new(Arena *arena, const FlowTypeDesc *type) {
    uint32_t width_bytes = flow_kind_width((FlowKind)type->kind, type->precision);
    return (FlowColumn){
        .values = vector_new(arena, width_bytes),
        .validity = type->is_nullable ? vector_new(arena, 1) : NULL,
    };
}

Batch *batch_new(const FlowColumnDesc *columns, uint32_t column_count) {
    Arena memory = {0};
    Batch *batch = arena_new(&memory, Batch);
    FlowColumn *vectors = arena_array(&memory, FlowColumn, column_count);
    for (uint32_t i = 0; i < column_count; i++) {
        vectors[i] = column_new(&memory, columns[i].type);
    }
    batch->abi = (FlowBatch){
        .selection = vector_new(&memory, sizeof(int32_t)),
        .columns = vectors,
        .offsets = vector_new(&memory, sizeof(int64_t)),
        .lengths = vector_new(&memory, sizeof(int32_t)),
        .raws = vector_new(&memory, sizeof(const char *)),
        .source = FLOW_NO_INDEX,
    };
    batch->descs = columns;
    batch->column_count = column_count;
    batch->memory = memory;
    return batch;
}

void batch_free(Batch *batch) {
    if (batch == NULL) {
        return;
    }
    arena_free(&batch->arena);
    Arena memory = batch->memory; // The batch itself lies in it.
    arena_free(&memory);
}

void batch_clear(Batch *batch) {
    batch->abi.row_count = 0;
    batch->abi.selected_count = 0;
    batch->blanks = NULL;
    arena_reset(&batch->arena);
}

void batch_select_all(Batch *batch) {
    int32_t *selection = batch->abi.selection;
    int32_t row_count =
        batch->abi.row_count; // which the selection might change, for all that is known
    for (int32_t row = 0; row < row_count; row++) {
        selection[row] = row;
    }
    batch->abi.selected_count = row_count;
}

bool batch_is_null(const Batch *batch, uint32_t column, uint32_t row) {
    const uint8_t *validity = batch_column(batch, column)->validity;
    return validity != NULL && validity[row] == 0;
}

FlowValue batch_value(const Batch *batch, uint32_t column, uint32_t row) {
    return value_load(batch->descs[column].type, batch_column(batch, column)->values, row);
}

void batch_set(Batch *batch, uint32_t column, uint32_t row, FlowValue value) {
    FlowColumn *vector = batch_column(batch, column);
    value_store(batch->descs[column].type, vector->values, row, value);
    if (vector->validity != NULL) {
        ((uint8_t *)vector->validity)[row] = 1;
    }
}

void batch_set_null(Batch *batch, uint32_t column, uint32_t row) {
    uint8_t *validity = batch_column(batch, column)->validity;
    ASSERT(validity != NULL);
    validity[row] = 0;
}

void batch_set_blank(Batch *batch, uint32_t column, uint32_t row) {
    if (batch_column(batch, column)->validity != NULL) {
        batch_set_null(batch, column, row);
        return;
    }
    if (batch->blanks == NULL) {
        batch->blanks = arena_array(&batch->arena, uint8_t *, batch->column_count);
    }
    if (batch->blanks[column] == NULL) {
        batch->blanks[column] = arena_array(&batch->arena, uint8_t, VECTOR_ROWS);
    }
    batch->blanks[column][row] = 1;
}

static bool is_blank(const Batch *batch, uint32_t column, uint32_t row) {
    const uint8_t *blanks = batch->blanks == NULL ? NULL : batch->blanks[column];
    return blanks != NULL && blanks[row] != 0;
}

static void field_json(const Batch *batch, uint32_t column, uint32_t row, Buffer *out) {
    const FlowColumnDesc *desc = &batch->descs[column];
    buffer_json_string(out, desc->name, strlen(desc->name));
    buffer_char(out, ':');
    if (batch_is_null(batch, column, row) || is_blank(batch, column, row)) {
        buffer_text(out, "null");
        return;
    }
    FlowValue value = batch_value(batch, column, row);
    value_json(out, desc->type, &value);
}

void batch_row_json(
    const Batch *batch, uint32_t row, const int32_t *columns, uint32_t count, Buffer *out) {
    buffer_char(out, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            buffer_char(out, ',');
        }
        field_json(batch, (uint32_t)columns[i], row, out);
    }
    buffer_char(out, '}');
}
