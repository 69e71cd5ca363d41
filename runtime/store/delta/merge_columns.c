// Changes against the rows that they meet, a column at a time. Changes lie in memory in the order
// of their coming and are met in that of the table, so nearly every look at one waits for memory;
// in a loop over one column these waits overlap, in one over the cells of a row they add up.
#include "store/delta/merge.h"

#include "scalar/scalar.h"

// Where the values of a column of the changes lie.
struct DeltaChangeColumn {
    const FlowTypeDesc *type;
    const void **values; // by batch of the changes
    const uint8_t **validity;
    bool has_nulls;
    uint32_t width_bytes;
};

static const FlowColumn *change_vector(const DeltaMerge *merge, uint32_t column, uint32_t batch) {
    const DeltaRows *rows = &merge->changes->rows;
    return batch_column(rows->batches.items[batch], (uint32_t)merge->cells[column]);
}

static void change_column_make(DeltaMerge *merge, uint32_t column) {
    const DeltaRows *rows = &merge->changes->rows;
    DeltaChangeColumn *made = &merge->changed[column];
    const FlowTypeDesc *type = rows->columns[merge->cells[column]].type;
    made->type = type;
    made->width_bytes = flow_kind_width((FlowKind)type->kind, type->precision);
    made->values = arena_array(&merge->arena, const void *, rows->batches.count + 1);
    made->validity = arena_array(&merge->arena, const uint8_t *, rows->batches.count + 1);
    for (uint32_t i = 0; i < rows->batches.count; i++) {
        const FlowColumn *vector = change_vector(merge, column, i);
        size_t count = (size_t)rows->batches.items[i]->abi.row_count;
        made->values[i] = vector->values;
        made->validity[i] = vector->validity;
        made->has_nulls = made->has_nulls || memchr(vector->validity, 0, count) != NULL;
    }
}

void delta_merge_changed_make(DeltaMerge *merge) {
    merge->changed = arena_array(&merge->arena, DeltaChangeColumn, merge->column_count);
    for (uint32_t i = 0; i < merge->column_count; i++) {
        change_column_make(merge, i);
    }
}

static inline bool change_has(const DeltaChangeColumn *column, uint32_t change) {
    return !column->has_nulls ||
           column->validity[change / FLOW_BATCH_ROWS_MAX][change % FLOW_BATCH_ROWS_MAX] != 0;
}

static inline const char *
change_at(const DeltaChangeColumn *column, uint32_t change, uint32_t width_bytes) {
    const char *values = column->values[change / FLOW_BATCH_ROWS_MAX];
    return values + (size_t)(change % FLOW_BATCH_ROWS_MAX) * width_bytes;
}

static inline bool row_has(const FlowColumn *vector, uint32_t row) {
    const uint8_t *validity = vector->validity;
    return validity == NULL || validity[row] != 0;
}

// --- comparing ----------------------------------------------------------------------------------
static bool is_equal_by_bytes(const FlowTypeDesc *type) {
    return value_is_whole(type) || type->kind == FLOW_DECIMAL;
}

// The compiler knows the width of each call, and the comparison becomes one of a register.
static inline __attribute__((always_inline)) void bytes_compare(const DeltaChangeColumn *column,
                                                                const FlowColumn *vector,
                                                                DeltaPairs *pairs,
                                                                uint32_t width_bytes,
                                                                uint8_t mark) {
    const char *values = vector->values;
    for (uint32_t i = 0; i < pairs->count; i++) {
        bool is_there = row_has(vector, pairs->rows[i]);
        bool is_wanted = change_has(column, pairs->changes[i]);
        const char *is = values + (size_t)pairs->rows[i] * width_bytes;
        const char *wanted = change_at(column, pairs->changes[i], width_bytes);
        bool differs = is_there != is_wanted || (is_there && memcmp(is, wanted, width_bytes) != 0);
        pairs->marks[i] |= differs ? mark : 0;
    }
}

// Short texts are padded with zeros, so equal ones have equal bytes.
static bool text_differs(const FlowView *a, const FlowView *b) {
    if (a->length != b->length) {
        return true;
    }
    return a->length <= FLOW_VIEW_INLINE_MAX ? memcmp(a, b, sizeof(*a)) != 0
                                             : memcmp(a->data, b->data, a->length) != 0;
}

static void texts_compare(const DeltaChangeColumn *column,
                          const FlowColumn *vector,
                          DeltaPairs *pairs,
                          uint8_t mark) {
    const FlowView *values = vector->values;
    for (uint32_t i = 0; i < pairs->count; i++) {
        bool is_there = row_has(vector, pairs->rows[i]);
        bool is_wanted = change_has(column, pairs->changes[i]);
        const void *wanted = change_at(column, pairs->changes[i], sizeof(FlowView));
        bool differs =
            is_there != is_wanted || (is_there && text_differs(&values[pairs->rows[i]], wanted));
        pairs->marks[i] |= differs ? mark : 0;
    }
}

static void cells_compare(
    const DeltaMerge *merge, uint32_t column, const Batch *batch, DeltaPairs *pairs, uint8_t mark) {
    for (uint32_t i = 0; i < pairs->count; i++) {
        DeltaCell is = delta_batch_cell(batch, column, pairs->rows[i]);
        DeltaCell wanted =
            delta_changes_cell(merge->changes, pairs->changes[i], (uint32_t)merge->cells[column]);
        bool differs = !delta_cell_equal(merge->columns[column].type, &is, &wanted);
        pairs->marks[i] |= differs ? mark : 0;
    }
}

void delta_pairs_compare(
    const DeltaMerge *merge, uint32_t column, const Batch *batch, DeltaPairs *pairs, uint8_t mark) {
    const DeltaChangeColumn *changed = &merge->changed[column];
    const FlowColumn *vector = batch_column(batch, column);
    int32_t kind = changed->type->kind;
    if (kind == FLOW_STRING || kind == FLOW_BYTES) {
        texts_compare(changed, vector, pairs, mark);
        return;
    }
    if (!is_equal_by_bytes(changed->type)) {
        cells_compare(merge, column, batch, pairs, mark);
        return;
    }
    switch (changed->width_bytes) {
    case 1:
        bytes_compare(changed, vector, pairs, 1, mark);
        break;
    case 2:
        bytes_compare(changed, vector, pairs, 2, mark);
        break;
    case 4:
        bytes_compare(changed, vector, pairs, 4, mark);
        break;
    case 8:
        bytes_compare(changed, vector, pairs, 8, mark);
        break;
    default:
        bytes_compare(changed, vector, pairs, 16, mark);
    }
}

// --- taking over --------------------------------------------------------------------------------
static inline __attribute__((always_inline)) void values_put(const DeltaChangeColumn *column,
                                                             const FlowColumn *vector,
                                                             const DeltaPairs *pairs,
                                                             uint32_t width_bytes) {
    char *values = vector->values;
    uint8_t *validity = vector->validity;
    for (uint32_t i = 0; i < pairs->count; i++) {
        uint32_t row = pairs->rows[i];
        const char *from = change_at(column, pairs->changes[i], width_bytes);
        memcpy(values + (size_t)row * width_bytes, from, width_bytes);
        if (validity != NULL) {
            validity[row] = change_has(column, pairs->changes[i]);
        }
    }
}

void delta_pairs_put(const DeltaMerge *merge, const DeltaPairs *pairs, Batch *batch) {
    for (uint32_t i = 0; i < merge->column_count; i++) {
        const DeltaChangeColumn *changed = &merge->changed[i];
        const FlowColumn *vector = batch_column(batch, i);
        switch (changed->width_bytes) {
        case 1:
            values_put(changed, vector, pairs, 1);
            break;
        case 2:
            values_put(changed, vector, pairs, 2);
            break;
        case 4:
            values_put(changed, vector, pairs, 4);
            break;
        case 8:
            values_put(changed, vector, pairs, 8);
            break;
        default:
            values_put(changed, vector, pairs, 16);
        }
    }
}
