// Order values as a struct and back. The struct is null where all of them are.
#include "store/delta/sequence.h"

#include "scalar/scalar.h"
#include "store/delta/schema.h"

enum { ROWS = FLOW_BATCH_ROWS_MAX + FLOW_BATCH_ROWS_SLACK };

static const FlowColumnDesc *
fields_copy(Arena *arena, const FlowColumnDesc *fields, uint32_t count) {
    FlowColumnDesc *copy = arena_array(arena, FlowColumnDesc, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
        *type = *fields[i].type;
        type->is_nullable = 1;
        copy[i] = (FlowColumnDesc){.name = fields[i].name, .type = type, .is_used = 1};
    }
    return copy;
}

DeltaSequence *delta_sequence_new(Arena *arena, const FlowColumnDesc *fields, uint32_t count) {
    DeltaSequence *sequence = arena_new(arena, DeltaSequence);
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    *sequence = (DeltaSequence){.fields = fields_copy(arena, fields, count), .count = count};
    *type = (FlowTypeDesc){.kind = FLOW_STRUCT,
                           .is_nullable = 1,
                           .children = sequence->fields,
                           .children_count = count};
    sequence->desc = (FlowColumnDesc){.name = DELTA_SEQUENCE_NAME, .type = type, .is_used = 1};
    sequence->column.values = arena_array(arena, const FlowNested *, ROWS);
    sequence->column.validity = arena_array(arena, uint8_t, ROWS);
    return sequence;
}

void delta_sequence_free(DeltaSequence *sequence) {
    if (sequence != NULL) {
        arena_free(&sequence->rows);
    }
}

// --- packing ------------------------------------------------------------------------------------
static const FlowNested *
row_pack(DeltaSequence *sequence, const FlowBatch *batch, const int32_t *slots, size_t row) {
    const FlowColumn *columns = batch->columns;
    FlowValue *items = arena_array(&sequence->rows, FlowValue, sequence->count);
    uint8_t *validity = arena_array(&sequence->rows, uint8_t, sequence->count);
    bool has_any = false;
    for (uint32_t i = 0; i < sequence->count; i++) {
        const FlowColumn *column = &columns[slots[i]];
        const uint8_t *valid = column->validity;
        if (valid == NULL || valid[row] != 0) {
            items[i] = value_load(sequence->fields[i].type, column->values, row);
            validity[i] = 1;
            has_any = true;
        }
    }
    if (!has_any) {
        return NULL;
    }
    FlowNested *nested = arena_new(&sequence->rows, FlowNested);
    *nested = (FlowNested){.count = sequence->count, .items = items, .validity = validity};
    return nested;
}

void delta_sequence_pack(DeltaSequence *sequence, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *selection = batch->selection;
    const FlowNested **values = sequence->column.values;
    uint8_t *validity = sequence->column.validity;
    arena_reset(&sequence->rows);
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        values[row] = row_pack(sequence, batch, slots, (size_t)row);
        validity[row] = values[row] != NULL;
    }
}

// --- unpacking ----------------------------------------------------------------------------------
static bool
row_unpack(const DeltaSequence *sequence, Batch *batch, const int32_t *slots, uint32_t row) {
    const FlowNested *const *values = sequence->column.values;
    const uint8_t *validity = sequence->column.validity;
    const FlowNested *nested = validity[row] == 0 ? NULL : values[row];
    for (uint32_t i = 0; i < sequence->count; i++) {
        uint32_t slot = (uint32_t)slots[i];
        bool has_value = nested != NULL && (nested->validity == NULL || nested->validity[i] != 0);
        if (has_value) {
            batch_set(batch, slot, row, nested->items[i]);
        } else if (batch_column(batch, slot)->validity != NULL) {
            batch_set_null(batch, slot, row);
        } else {
            return false;
        }
    }
    return true;
}

bool delta_sequence_unpack(const DeltaSequence *sequence, Batch *batch, const int32_t *slots) {
    for (uint32_t row = 0; row < (uint32_t)batch->abi.row_count; row++) {
        if (!row_unpack(sequence, batch, slots, row)) {
            return false;
        }
    }
    return true;
}
