// Rows come a batch at a time and column by column, so keeping one costs a copy of its values and
// no memory of its own.
#include "store/delta/rows.h"

#include "scalar/scalar.h"

static FlowTypeDesc *stored_type(Arena *arena, const FlowTypeDesc *type) {
    FlowTypeDesc *stored = arena_new(arena, FlowTypeDesc);
    *stored = *type;
    if (type->kind == FLOW_ENUM) {
        *stored = (FlowTypeDesc){.kind = FLOW_STRING, .is_nullable = type->is_nullable};
    }
    FlowColumnDesc *children = arena_array(arena, FlowColumnDesc, (size_t)type->children_count);
    for (int64_t i = 0; i < type->children_count; i++) {
        children[i] = type->children[i];
        children[i].name =
            type->children[i].name == NULL ? NULL : arena_string(arena, type->children[i].name);
        children[i].type = stored_type(arena, type->children[i].type);
    }
    stored->children = children;
    return stored;
}

FlowColumnDesc *
delta_stored_columns(Arena *arena, const FlowColumnDesc *columns, uint32_t column_count) {
    FlowColumnDesc *stored = arena_array(arena, FlowColumnDesc, column_count);
    for (uint32_t i = 0; i < column_count; i++) {
        FlowTypeDesc *type = stored_type(arena, columns[i].type);
        type->is_nullable = 1;
        stored[i] = (FlowColumnDesc){
            .name = arena_string(arena, columns[i].name),
            .type = type,
            .is_used = 1,
        };
    }
    return stored;
}

void delta_rows_begin(DeltaRows *rows, const FlowColumnDesc *columns, uint32_t column_count) {
    *rows = (DeltaRows){.columns = columns, .column_count = column_count};
}

void delta_rows_end(DeltaRows *rows) {
    for (uint32_t i = 0; i < rows->batches.count; i++) {
        batch_free(rows->batches.items[i]);
    }
    arena_free(&rows->arena);
    *rows = (DeltaRows){0};
}

// --- values -------------------------------------------------------------------------------------
static const FlowNested *
nested_copy(Arena *arena, const FlowTypeDesc *type, const FlowNested *from) {
    uint32_t part_count = type->kind == FLOW_MAP ? 2 : type->kind == FLOW_LIST ? 1 : 0;
    size_t item_count = (size_t)from->count * (part_count == 2 ? 2 : 1);
    FlowNested *copy = arena_new(arena, FlowNested);
    FlowValue *items = arena_array(arena, FlowValue, item_count + 1);
    for (size_t i = 0; i < item_count; i++) {
        const FlowColumnDesc *part = &type->children[part_count == 0 ? i : i % part_count];
        bool has_value = from->validity == NULL || from->validity[i] != 0;
        items[i] = has_value ? delta_value_copy(arena, part->type, from->items[i]) : (FlowValue){0};
    }
    *copy = (FlowNested){.count = from->count, .items = items};
    if (from->validity != NULL) {
        copy->validity =
            (const uint8_t *)arena_copy(arena, (const char *)from->validity, item_count);
    }
    return copy;
}

FlowValue delta_value_copy(Arena *arena, const FlowTypeDesc *type, FlowValue value) {
    switch ((FlowKind)type->kind) {
    case FLOW_ENUM:
        return (FlowValue){.view = view_text(enum_text(type, value.i64))};
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        value.nested = nested_copy(arena, type, value.nested);
        return value;
    default:
        return value_copy(arena, type, value);
    }
}

bool delta_cell_equal(const FlowTypeDesc *type, const DeltaCell *a, const DeltaCell *b) {
    if (a->is_null || b->is_null) {
        return a->is_null == b->is_null;
    }
    return value_compare(type, &a->value, type, &b->value) == 0;
}

int delta_cells_compare(const FlowColumnDesc *columns,
                        const DeltaCell *a,
                        const DeltaCell *b,
                        uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].is_null || b[i].is_null) {
            if (a[i].is_null != b[i].is_null) {
                return a[i].is_null ? -1 : 1;
            }
            continue;
        }
        int order = value_compare(columns[i].type, &a[i].value, columns[i].type, &b[i].value);
        if (order != 0) {
            return order;
        }
    }
    return 0;
}

DeltaCell delta_batch_cell(const Batch *batch, uint32_t column, uint32_t row) {
    DeltaCell cell = {.is_null = batch_is_null(batch, column, row)};
    if (!cell.is_null) {
        cell.value = batch_value(batch, column, row);
    }
    return cell;
}

void delta_cell_put(Batch *batch, uint32_t column, uint32_t row, const DeltaCell *cell) {
    if (cell->is_null) {
        batch_set_null(batch, column, row);
    } else {
        batch_set(batch, column, row, cell->value);
    }
}

DeltaCell delta_rows_cell(const DeltaRows *rows, uint32_t row, uint32_t column) {
    ASSERT(row < rows->count);
    return delta_batch_cell(
        rows->batches.items[row / FLOW_BATCH_ROWS_MAX], column, row % FLOW_BATCH_ROWS_MAX);
}

// --- taking -------------------------------------------------------------------------------------
typedef struct Gather {
    const FlowTypeDesc *given;
    const FlowColumn *from; // NULL: null throughout
    const int32_t *selection;
    uint32_t count;
    FlowColumn *to;
    uint32_t start; // row of `to`
} Gather;

static void validity_gather(const Gather *gather) {
    const uint8_t *from = gather->from == NULL ? NULL : gather->from->validity;
    uint8_t *to = (uint8_t *)gather->to->validity + gather->start;
    if (from == NULL) {
        memset(to, gather->from != NULL, gather->count);
        return;
    }
    for (uint32_t i = 0; i < gather->count; i++) {
        to[i] = from[gather->selection[i]];
    }
}

#define GATHER_FIXED(type)                                                                         \
    do {                                                                                           \
        const type *from = gather->from->values;                                                   \
        type *to = (type *)gather->to->values + gather->start;                                     \
        for (uint32_t i = 0; i < gather->count; i++) {                                             \
            to[i] = from[gather->selection[i]];                                                    \
        }                                                                                          \
    } while (0)

static void fixed_gather(const Gather *gather) {
    switch (flow_kind_width((FlowKind)gather->given->kind, gather->given->precision)) {
    case 1:
        GATHER_FIXED(uint8_t);
        break;
    case 2:
        GATHER_FIXED(uint16_t);
        break;
    case 4:
        GATHER_FIXED(uint32_t);
        break;
    case 8:
        GATHER_FIXED(uint64_t);
        break;
    default:
        GATHER_FIXED(u128);
    }
}

static void owned_gather(const Gather *gather, Arena *arena, const FlowTypeDesc *stored) {
    for (uint32_t i = 0; i < gather->count; i++) {
        if (((uint8_t *)gather->to->validity)[gather->start + i] == 0) {
            continue;
        }
        FlowValue value =
            value_load(gather->given, gather->from->values, (size_t)gather->selection[i]);
        value = delta_value_copy(arena, gather->given, value);
        value_store(stored, gather->to->values, gather->start + i, value);
    }
}

static bool is_owned_kind(int32_t kind) {
    return kind == FLOW_STRING || kind == FLOW_BYTES || kind == FLOW_ENUM || kind == FLOW_LIST ||
           kind == FLOW_MAP || kind == FLOW_STRUCT;
}

// The batch that has room for a row.
static Batch *batch_open(DeltaRows *rows) {
    if (rows->count % FLOW_BATCH_ROWS_MAX == 0) {
        *vec_push(&rows->arena, &rows->batches) = batch_new(rows->columns, rows->column_count);
    }
    return rows->batches.items[rows->batches.count - 1];
}

void delta_rows_take(DeltaRows *rows,
                     const FlowColumnDesc *given,
                     const FlowBatch *batch,
                     const int32_t *slots,
                     const int32_t *selection,
                     uint32_t count) {
    const FlowColumn *vectors = batch->columns;
    while (count > 0) {
        Batch *to = batch_open(rows);
        uint32_t start = rows->count % FLOW_BATCH_ROWS_MAX;
        uint32_t room = FLOW_BATCH_ROWS_MAX - start;
        uint32_t taken = count < room ? count : room;
        for (uint32_t i = 0; i < rows->column_count; i++) {
            Gather gather = {
                .given = given[i].type,
                .from = slots[i] < 0 ? NULL : &vectors[slots[i]],
                .selection = selection,
                .count = taken,
                .to = batch_column(to, i),
                .start = start,
            };
            validity_gather(&gather);
            if (gather.from != NULL && is_owned_kind(gather.given->kind)) {
                owned_gather(&gather, &rows->arena, rows->columns[i].type);
            } else if (gather.from != NULL) {
                fixed_gather(&gather);
            }
        }
        to->abi.row_count = (int32_t)(start + taken);
        rows->count += taken;
        selection += taken;
        count -= taken;
    }
}

void delta_rows_add(DeltaRows *rows, const DeltaCell *cells) {
    Batch *to = batch_open(rows);
    uint32_t row = rows->count++ % FLOW_BATCH_ROWS_MAX;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        DeltaCell cell = cells[i];
        if (!cell.is_null) {
            cell.value = delta_value_copy(&rows->arena, rows->columns[i].type, cell.value);
        }
        delta_cell_put(to, i, row, &cell);
    }
    to->abi.row_count = (int32_t)row + 1;
}
