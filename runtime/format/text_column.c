// The columns of a contract, prepared for decoding: their ranges, the texts of their enums, and
// where their values go in the batch at hand.
#include "format/text.h"

// --- names ---------------------------------------------------------------------------------------

static uint32_t table_size(uint32_t count) {
    uint32_t size = 8;
    while (size < count * 4) {
        size *= 2;
    }
    return size;
}

static void name_add(TextNames *names, const TextWire *wires, uint32_t wire) {
    uint32_t slot = (uint32_t)hash64(wires[wire].name, wires[wire].length) & names->mask;
    while (names->slots[slot] >= 0) {
        slot = (slot + 1) & names->mask;
    }
    names->slots[slot] = (int32_t)wire;
}

static void names_new(TextDecoder *decoder) {
    uint32_t size = table_size(decoder->wire_count);
    TextNames *names = &decoder->names;
    names->mask = size - 1;
    names->slots = arena_array(&decoder->memory, int32_t, size);
    memset(names->slots, 0xFF, size * sizeof(int32_t));
    for (uint32_t i = 0; i < decoder->wire_count; i++) {
        name_add(names, decoder->wires, i);
    }
}

const TextWire *text_wire_find(const TextDecoder *decoder, const char *name, size_t length) {
    const TextNames *names = &decoder->names;
    uint32_t slot = (uint32_t)hash64(name, length) & names->mask;
    for (; names->slots[slot] >= 0; slot = (slot + 1) & names->mask) {
        const TextWire *wire = &decoder->wires[names->slots[slot]];
        if (wire->length == length && memcmp(wire->name, name, length) == 0) {
            return wire;
        }
    }
    return NULL;
}

static void wire_add(TextDecoder *decoder, TextColumn *column, const char *name) {
    decoder->wires[decoder->wire_count++] =
        (TextWire){.name = name, .length = strlen(name), .column = column};
    column->wire_count++;
}

static size_t wires_size(const FlowSource *source, uint32_t column_count) {
    size_t size = column_count;
    for (int64_t i = 0; i < source->wires_count; i++) {
        size += (size_t)source->wires[i].names_count;
    }
    return size;
}

static void column_wires_add(TextDecoder *decoder, TextColumn *column, const FlowWire *wire) {
    column->wire = decoder->wire_count;
    for (int64_t i = 0; wire != NULL && i < wire->names_count; i++) {
        wire_add(decoder, column, wire->names[i].text);
    }
    if (wire == NULL) {
        wire_add(decoder, column, column->desc->name);
    }
}

// --- enums ---------------------------------------------------------------------------------------

enum { ENUM_SHORT_MAX = 15 };

// Byte 15 is the length, or 0xFF with a hash for a long text.
static Text16 enum_key(const char *text, size_t length) {
    if (length > ENUM_SHORT_MAX) {
        return (Text16){hash64(text, length), UINT64_MAX << 56 | length};
    }
    char bytes[16] = {0};
    memcpy(bytes, text, length);
    bytes[15] = (char)length;
    return (Text16){load_u64(bytes), load_u64(bytes + 8)};
}

static bool has_specials(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\' || (unsigned char)*text < 0x20) {
            return true;
        }
    }
    return false;
}

static void enums_new(TextColumn *column, Arena *memory) {
    uint32_t count = (uint32_t)column->type->enum_values_count;
    uint32_t size = table_size(count);
    TextEnums *enums = &column->enums;
    enums->mask = size - 1;
    enums->entries = arena_array(memory, TextEnumEntry, size);
    for (uint32_t i = 0; i < size; i++) {
        enums->entries[i].code = FLOW_NO_INDEX;
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *text = column->type->enum_values[i].text;
        Text16 key = enum_key(text, strlen(text));
        uint32_t slot = text_enum_slot(enums, key);
        while (enums->entries[slot].code >= 0) {
            slot = (slot + 1) & enums->mask;
        }
        enums->entries[slot] = (TextEnumEntry){key, (int32_t)i, has_specials(text)};
    }
}

static bool enum_is(const TextColumn *column, int32_t code, const char *text, size_t length) {
    const char *wanted = column->type->enum_values[code].text;
    return strlen(wanted) == length && memcmp(wanted, text, length) == 0;
}

int32_t text_enum_find(const TextColumn *column, const char *text, size_t length) {
    int32_t code = text_enum_find_key(&column->enums, enum_key(text, length))->code;
    bool is_found = code >= 0 && (length <= ENUM_SHORT_MAX || enum_is(column, code, text, length));
    return is_found ? code : FLOW_NO_INDEX;
}

// --- ranges --------------------------------------------------------------------------------------

static void range_set(TextColumn *column) {
    switch ((FlowKind)column->type->kind) {
    case FLOW_INT8:
        column->min = INT8_MIN;
        column->max = INT8_MAX;
        break;
    case FLOW_INT16:
        column->min = INT16_MIN;
        column->max = INT16_MAX;
        break;
    case FLOW_INT32:
        column->min = INT32_MIN;
        column->max = INT32_MAX;
        break;
    case FLOW_DECIMAL:
        column->max =
            column->type->precision <= 18 ? swar_power10[column->type->precision] - 1 : INT64_MAX;
        column->min = -column->max;
        break;
    default: // The others have no narrower range than what the fast paths read.
        column->min = INT64_MIN;
        column->max = INT64_MAX;
        break;
    }
}

int64_t format_unit_us(const FlowSource *source) {
    switch ((FlowTimestampUnit)source->timestamp_unit) {
    case FLOW_UNIT_SECONDS:
        return 1000000;
    case FLOW_UNIT_MS:
        return 1000;
    case FLOW_UNIT_US:
        return 1;
    case FLOW_UNIT_NONE:
        break;
    }
    return 0;
}

// --- columns -------------------------------------------------------------------------------------

static void column_prepare(TextDecoder *decoder, TextColumn *column);

static const char *child_path(Arena *memory, const TextColumn *parent, const char *name) {
    bool is_field = parent->type->kind == FLOW_STRUCT;
    return is_field ? arena_format(memory, "%s.%s", parent->path, name)
                    : arena_format(memory, "%s (%s)", parent->path, name);
}

static void children_new(TextDecoder *decoder, TextColumn *column) {
    uint32_t count = (uint32_t)column->type->children_count;
    column->children = arena_array(&decoder->memory, TextColumn, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        TextColumn *child = &column->children[i];
        const FlowColumnDesc *desc = &column->type->children[i];
        child->desc = desc;
        child->type = desc->type;
        child->path = child_path(&decoder->memory, column, desc->name);
        child->wanted = desc->name;
        child->wanted_length = strlen(desc->name);
        child->index = i;
        column_prepare(decoder, child);
    }
}

// What depends on the type alone.
static void column_prepare(TextDecoder *decoder, TextColumn *column) {
    column->decoder = decoder;
    column->unit_us = format_unit_us(decoder->source);
    range_set(column);
    if (column->type->kind == FLOW_ENUM) {
        enums_new(column, &decoder->memory);
    }
    if (column->type->children_count > 0) {
        children_new(decoder, column);
    }
}

// An empty list or map, or a struct of nulls: what stands where a delete has nothing.
static const FlowNested *nothing_of(Arena *memory, const FlowTypeDesc *type) {
    FlowNested *nothing = arena_new(memory, FlowNested);
    if (type->kind == FLOW_STRUCT) {
        size_t count = (size_t)type->children_count;
        *nothing = (FlowNested){.count = type->children_count,
                                .items = arena_array(memory, FlowValue, count),
                                .validity = arena_array(memory, uint8_t, count)};
    }
    return nothing;
}

// Of nested types only the empty list has a literal: what is missing there is empty already.
static void default_set(TextDecoder *decoder, TextColumn *column, const char *text) {
    column->has_default = true;
    if (column->type->children_count > 0) {
        return;
    }
    ParseResult result =
        value_parse(&decoder->memory, column->type, text, strlen(text), &column->missing);
    ASSERT(result == PARSE_OK);
}

// The compiler has checked both.
static void format_set(TextColumn *column, const FlowWire *wire) {
    const char *zone = wire->zone == NULL ? "UTC" : wire->zone;
    bool is_known = zone_find(zone, strlen(zone), &column->zone);
    ASSERT(is_known);
    column->format = wire->format;
    column->format_length = strlen(wire->format);
}

static void column_new(TextDecoder *decoder, uint32_t index) {
    const FlowSource *source = decoder->source;
    TextColumn *column = &decoder->columns[index];
    const FlowWire *wire = source->wires_count == 0 ? NULL : &source->wires[index];
    column->desc = &source->columns[index];
    column->type = column->desc->type;
    column->path = column->desc->name;
    column->index = index;
    column_prepare(decoder, column);
    column_wires_add(decoder, column, wire);
    if (column->type->children_count > 0) {
        column->missing.nested = nothing_of(&decoder->memory, column->type);
    }
    if (wire != NULL && wire->default_text != NULL) {
        default_set(decoder, column, wire->default_text);
    }
    if (wire != NULL && wire->format != NULL) {
        format_set(column, wire);
    }
    column->excused = wire == NULL ? 0 : (uint32_t)wire->excused;
    if (column->has_default) {
        decoder->defaulted[decoder->defaulted_count++] = column;
    } else if (column->type->is_nullable) {
        decoder->nullable[decoder->nullable_count++] = column;
    } else {
        decoder->required_count++;
    }
}

// The row before a change is a struct of the columns, whose parts are called as in records.
static void before_new(TextDecoder *decoder, uint32_t index) {
    const FlowSource *source = decoder->source;
    TextColumn *column = arena_new(&decoder->memory, TextColumn);
    column->desc = &source->columns[index];
    column->type = column->desc->type;
    column->path = column->desc->name;
    column->index = index;
    column_prepare(decoder, column);
    for (int64_t i = 0; i < column->type->children_count; i++) {
        TextColumn *child = &column->children[i];
        for (uint32_t c = 0; c < decoder->column_count; c++) {
            const TextColumn *own = &decoder->columns[c];
            if (strcmp(own->desc->name, child->desc->name) == 0 && own->wire_count > 0) {
                child->wanted = decoder->wires[own->wire].name;
                child->wanted_length = decoder->wires[own->wire].length;
                child->format = own->format;
                child->format_length = own->format_length;
                child->zone = own->zone;
            }
        }
    }
    decoder->before = column;
}

static void roles_set(TextDecoder *decoder) {
    const FlowSource *source = decoder->source;
    decoder->on_unknown = (FlowUnknown)source->on_unknown;
    if (decoder->on_unknown == FLOW_UNKNOWN_CAPTURE) {
        decoder->capture = &decoder->columns[source->capture];
    }
    if (source->deletes_count + source->truncates_count > 0) {
        decoder->operation = &decoder->columns[source->operation];
    }
}

void text_columns_new(TextDecoder *decoder) {
    const FlowSource *source = decoder->source;
    Arena *memory = &decoder->memory;
    ASSERT(source->columns_count <= COLUMNS_MAX);
    while (decoder->column_count < (uint32_t)source->columns_count &&
           source->columns[decoder->column_count].meta == FLOW_META_NONE) {
        decoder->column_count++;
    }
    uint32_t count = decoder->column_count;
    decoder->columns = arena_array(memory, TextColumn, count);
    decoder->nullable = arena_array(memory, TextColumn *, count);
    decoder->defaulted = arena_array(memory, TextColumn *, count);
    decoder->wires = arena_array(memory, TextWire, wires_size(source, count));
    for (uint32_t i = 0; i < count; i++) {
        column_new(decoder, i);
    }
    for (uint32_t i = count; i < (uint32_t)source->columns_count; i++) {
        if (source->columns[i].meta == FLOW_META_BEFORE && source->columns[i].is_used) {
            before_new(decoder, i);
        }
    }
    roles_set(decoder);
    names_new(decoder);
}

void text_column_missing(const TextColumn *column, int32_t row) {
    value_store(column->type, text_slot(column, row), 0, column->missing);
    *text_validity(column, row) = column->has_default;
}

static bool is_listed(const FlowText *texts, int64_t count, const char *text, size_t length) {
    for (int64_t i = 0; i < count; i++) {
        if (strlen(texts[i].text) == length && memcmp(texts[i].text, text, length) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t text_excuse(const TextDecoder *decoder, const char *operation, size_t length) {
    const FlowSource *source = decoder->source;
    if (is_listed(source->deletes, source->deletes_count, operation, length)) {
        return FLOW_EXCUSED_DELETE;
    }
    bool is_truncate = is_listed(source->truncates, source->truncates_count, operation, length);
    return is_truncate ? FLOW_EXCUSED_TRUNCATE : 0;
}

void text_columns_bind(TextDecoder *decoder, Batch *batch) {
    for (uint32_t i = 0; i < decoder->column_count; i++) {
        TextColumn *column = &decoder->columns[i];
        const FlowColumn *vector = batch_column(batch, i);
        bool is_kept = column->desc->is_used != 0;
        column->values = is_kept ? vector->values : (char *)&column->unused;
        column->stride =
            is_kept ? flow_kind_width((FlowKind)column->type->kind, column->type->precision) : 0;
        bool has_validity = is_kept && column->type->is_nullable;
        column->validity = has_validity ? vector->validity : &column->unused_validity;
        column->validity_stride = has_validity ? 1 : 0;
    }
}
