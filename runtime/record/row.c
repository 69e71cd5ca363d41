// Rows as bytes: what joins, sorts and files of spilled state keep of a row of a batch.
//
// Both ways go column by column, so that what depends on the type is decided once for many rows.
#include "record/row.h"

static RowFieldKind kind_of(const FlowTypeDesc *type) {
    switch ((FlowKind)type->kind) {
    case FLOW_STRING:
    case FLOW_BYTES:
        return ROW_FIELD_VIEW;
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return ROW_FIELD_NESTED;
    default:
        return ROW_FIELD_FIXED;
    }
}

RowForm *row_form_new(Arena *arena, const FlowColumnDesc *columns, uint32_t count) {
    RowForm *form = arena_new(arena, RowForm);
    uint32_t null_count = 0;
    form->fields = arena_array(arena, RowField, count);
    form->count = count;
    for (uint32_t i = 0; i < count; i++) {
        const FlowTypeDesc *type = columns[i].type;
        form->fields[i] =
            (RowField){.type = type,
                       .kind = kind_of(type),
                       .width = flow_kind_width((FlowKind)type->kind, type->precision),
                       .null_bit = type->is_nullable ? null_count++ : ROW_NO_NULL};
    }
    form->null_bytes = (null_count + 7) / 8;
    form->fixed_bytes = form->null_bytes;
    form->is_fixed = true;
    for (uint32_t i = 0; i < count; i++) {
        form->fields[i].offset = form->fixed_bytes;
        form->fixed_bytes += form->fields[i].width;
        form->is_fixed = form->is_fixed && form->fields[i].kind == ROW_FIELD_FIXED;
    }
    return form;
}

void row_writer_init(RowWriter *writer, const RowForm *form) {
    *writer = (RowWriter){.form = form};
    writer->starts = memory_alloc((FLOW_BATCH_ROWS_MAX + 1) * sizeof(*writer->starts));
}

void row_writer_free(RowWriter *writer) {
    buffer_free(&writer->bytes);
    buffer_free(&writer->nested);
    memory_free(writer->starts);
    *writer = (RowWriter){0};
}

// --- writing ------------------------------------------------------------------------------------

static const FlowColumn *column_of(const RowPick *pick, uint32_t field) {
    return &((const FlowColumn *)pick->batch->columns)[pick->slots[field]];
}

static bool is_there(const FlowColumn *column, int32_t row) {
    return column->validity == NULL || ((const uint8_t *)column->validity)[row] != 0;
}

// Lengths go into starts[i + 1] first. The bytes of nested values are made here, each behind its
// length, and copied later.
static void view_measure(const RowPick *pick, const FlowColumn *column, size_t *lengths) {
    const FlowView *views = column->values;
    for (uint32_t i = 0; i < pick->count; i++) {
        int32_t row = pick->rows[i];
        bool is_long = is_there(column, row) && views[row].length > FLOW_VIEW_INLINE_MAX;
        lengths[i] += is_long ? views[row].length : 0;
    }
}

static void nested_measure(RowWriter *writer,
                           const RowPick *pick,
                           const RowField *field,
                           const FlowColumn *column,
                           size_t *lengths) {
    const FlowNested *const *values = column->values;
    for (uint32_t i = 0; i < pick->count; i++) {
        int32_t row = pick->rows[i];
        if (!is_there(column, row)) {
            continue;
        }
        uint64_t before = writer->nested.length;
        uint64_t length = 0;
        buffer_append(&writer->nested, &length, sizeof(length));
        row_nested_write(&writer->nested, field->type, values[row]);
        length = writer->nested.length - before - sizeof(length);
        memcpy(writer->nested.data + before, &length, sizeof(length));
        lengths[i] += length;
    }
}

static void rows_measure(RowWriter *writer, const RowPick *pick) {
    const RowForm *form = writer->form;
    size_t *starts = writer->starts;
    starts[0] = 0;
    for (uint32_t i = 0; i < pick->count; i++) {
        starts[i + 1] = form->fixed_bytes;
    }
    for (uint32_t f = 0; !form->is_fixed && f < form->count; f++) {
        const RowField *field = &form->fields[f];
        if (field->kind == ROW_FIELD_VIEW) {
            view_measure(pick, column_of(pick, f), starts + 1);
        } else if (field->kind == ROW_FIELD_NESTED) {
            nested_measure(writer, pick, field, column_of(pick, f), starts + 1);
        }
    }
    for (uint32_t i = 0; i < pick->count; i++) {
        starts[i + 1] += starts[i];
    }
}

static void
nulls_write(RowWriter *writer, const RowPick *pick, const RowField *field, const FlowColumn *from) {
    size_t byte = field->null_bit / 8;
    uint8_t bit = (uint8_t)(1u << field->null_bit % 8);
    for (uint32_t i = 0; i < pick->count; i++) {
        if (is_there(from, pick->rows[i])) {
            writer->bytes.data[writer->starts[i] + byte] |= (char)bit;
        }
    }
}

#define FIXED_WRITE(bytes)                                                                         \
    for (uint32_t i = 0; i < pick->count; i++) {                                                   \
        int32_t row = pick->rows[i];                                                               \
        if (is_there(from, row)) {                                                                 \
            memcpy(base + starts[i], values + (size_t)row * (bytes), bytes);                       \
        }                                                                                          \
    }

static void
fixed_write(RowWriter *writer, const RowPick *pick, const RowField *field, const FlowColumn *from) {
    char *base = writer->bytes.data + field->offset;
    const size_t *starts = writer->starts;
    const char *values = from->values;
    switch (field->width) {
    case 1:
        FIXED_WRITE(1)
        break;
    case 2:
        FIXED_WRITE(2)
        break;
    case 4:
        FIXED_WRITE(4)
        break;
    case 8:
        FIXED_WRITE(8)
        break;
    default:
        FIXED_WRITE(16)
        break;
    }
}

// `ends[i]` is where the row's next variable bytes go.
static void view_write(RowWriter *writer,
                       const RowPick *pick,
                       const RowField *field,
                       const FlowColumn *from,
                       size_t *ends) {
    const FlowView *views = from->values;
    for (uint32_t i = 0; i < pick->count; i++) {
        int32_t row = pick->rows[i];
        if (!is_there(from, row)) {
            continue;
        }
        char *begin = writer->bytes.data + writer->starts[i];
        FlowView view = views[row];
        if (view.length > FLOW_VIEW_INLINE_MAX) {
            memcpy(begin + ends[i], view.data, view.length);
            view.data = (const char *)(uintptr_t)ends[i];
            ends[i] += view.length;
        }
        memcpy(begin + field->offset, &view, sizeof(view));
    }
}

static size_t nested_copy(RowWriter *writer, char *to, size_t *at) {
    uint64_t length = 0;
    memcpy(&length, writer->nested.data + *at, sizeof(length));
    memcpy(to, writer->nested.data + *at + sizeof(length), length);
    *at += sizeof(length) + length;
    return length;
}

static void
nested_write(RowWriter *writer, const RowPick *pick, uint32_t index, size_t *at, size_t *ends) {
    const RowField *field = &writer->form->fields[index];
    const FlowColumn *from = column_of(pick, index);
    for (uint32_t i = 0; i < pick->count; i++) {
        if (!is_there(from, pick->rows[i])) {
            continue;
        }
        char *begin = writer->bytes.data + writer->starts[i];
        uint64_t offset = ends[i];
        ends[i] += nested_copy(writer, begin + offset, at);
        memcpy(begin + field->offset, &offset, sizeof(offset));
    }
}

static void fields_write(RowWriter *writer, const RowPick *pick) {
    size_t ends[FLOW_BATCH_ROWS_MAX];
    size_t nested_at = 0;
    for (uint32_t i = 0; i < pick->count; i++) {
        ends[i] = writer->form->fixed_bytes;
    }
    for (uint32_t f = 0; f < writer->form->count; f++) {
        const RowField *field = &writer->form->fields[f];
        const FlowColumn *from = column_of(pick, f);
        if (field->null_bit != ROW_NO_NULL) {
            nulls_write(writer, pick, field, from);
        }
        if (field->kind == ROW_FIELD_FIXED) {
            fixed_write(writer, pick, field, from);
        } else if (field->kind == ROW_FIELD_VIEW) {
            view_write(writer, pick, field, from, ends);
        } else {
            nested_write(writer, pick, f, &nested_at, ends);
        }
    }
}

void row_writer_write(RowWriter *writer, const RowPick *pick) {
    ASSERT(pick->count <= FLOW_BATCH_ROWS_MAX);
    buffer_clear(&writer->bytes);
    buffer_clear(&writer->nested);
    rows_measure(writer, pick);
    size_t length = writer->starts[pick->count];
    buffer_reserve(&writer->bytes, length + 1); // rows without columns have no bytes, but a place
    memset(writer->bytes.data, 0, length);      // What is null has the same bytes everywhere.
    writer->bytes.length = length;
    fields_write(writer, pick);
}

// --- reading ------------------------------------------------------------------------------------

static size_t place_of(const RowSpread *spread, uint32_t i) {
    return spread->places == NULL ? i : (size_t)spread->places[i];
}

static bool has_value(const RowField *field, const char *row) {
    if (row == NULL) {
        return false;
    }
    return field->null_bit == ROW_NO_NULL ||
           ((uint8_t)row[field->null_bit / 8] >> field->null_bit % 8 & 1) != 0;
}

static void nulls_read(const RowField *field, const RowSpread *spread, uint8_t *validity) {
    for (uint32_t i = 0; i < spread->count; i++) {
        validity[place_of(spread, i)] = has_value(field, spread->rows[i]);
    }
}

#define FIXED_READ(bytes)                                                                          \
    for (uint32_t i = 0; i < spread->count; i++) {                                                 \
        if (spread->rows[i] != NULL) {                                                             \
            memcpy(                                                                                \
                values + place_of(spread, i) * (bytes), spread->rows[i] + field->offset, bytes);   \
        }                                                                                          \
    }

static void fixed_read(const RowField *field, const RowSpread *spread, char *values) {
    switch (field->width) {
    case 1:
        FIXED_READ(1)
        break;
    case 2:
        FIXED_READ(2)
        break;
    case 4:
        FIXED_READ(4)
        break;
    case 8:
        FIXED_READ(8)
        break;
    default:
        FIXED_READ(16)
        break;
    }
}

static void view_read(const RowField *field, const RowSpread *spread, FlowView *views) {
    for (uint32_t i = 0; i < spread->count; i++) {
        const char *row = spread->rows[i];
        if (row == NULL) {
            continue;
        }
        FlowView view;
        memcpy(&view, row + field->offset, sizeof(view));
        if (view.length > FLOW_VIEW_INLINE_MAX) {
            view.data = row + (uintptr_t)view.data;
        }
        views[place_of(spread, i)] = view;
    }
}

static void nested_read(const RowField *field,
                        const RowSpread *spread,
                        const FlowNested **values,
                        Arena *arena) {
    for (uint32_t i = 0; i < spread->count; i++) {
        const char *row = spread->rows[i];
        if (!has_value(field, row)) {
            continue;
        }
        uint64_t offset = 0;
        memcpy(&offset, row + field->offset, sizeof(offset));
        const char *at = row + offset;
        values[place_of(spread, i)] = row_nested_read(arena, field->type, &at);
    }
}

void row_form_read(const RowForm *form,
                   const RowSpread *spread,
                   FlowColumn *columns,
                   Arena *arena) {
    for (uint32_t f = 0; f < form->count; f++) {
        const RowField *field = &form->fields[f];
        if (columns[f].validity != NULL) {
            nulls_read(field, spread, columns[f].validity);
        }
        if (field->kind == ROW_FIELD_FIXED) {
            fixed_read(field, spread, columns[f].values);
        } else if (field->kind == ROW_FIELD_VIEW) {
            view_read(field, spread, columns[f].values);
        } else {
            nested_read(field, spread, columns[f].values, arena);
        }
    }
}
