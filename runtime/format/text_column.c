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

static void names_new(TextDecoder *decoder) {
    uint32_t size = table_size(decoder->column_count);
    TextNames *names = &decoder->names;
    names->mask = size - 1;
    names->slots = arena_array(&decoder->memory, int32_t, size);
    memset(names->slots, 0xFF, size * sizeof(int32_t));
    for (uint32_t i = 0; i < decoder->column_count; i++) {
        const char *name = decoder->columns[i].desc->name;
        uint32_t slot = (uint32_t)hash64(name, strlen(name)) & names->mask;
        while (names->slots[slot] >= 0) {
            slot = (slot + 1) & names->mask;
        }
        names->slots[slot] = (int32_t)i;
    }
}

TextColumn *text_column_find(const TextDecoder *decoder, const char *name, size_t length) {
    const TextNames *names = &decoder->names;
    uint32_t slot = (uint32_t)hash64(name, length) & names->mask;
    for (; names->slots[slot] >= 0; slot = (slot + 1) & names->mask) {
        TextColumn *column = &decoder->columns[names->slots[slot]];
        const char *wanted = column->desc->name;
        if (strlen(wanted) == length && memcmp(wanted, name, length) == 0) {
            return column;
        }
    }
    return NULL;
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

static int64_t unit_us(const FlowSource *source) {
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

static void column_new(TextDecoder *decoder, uint32_t index) {
    TextColumn *column = &decoder->columns[index];
    column->desc = &decoder->source->columns[index];
    column->type = column->desc->type;
    column->index = index;
    column->decoder = decoder;
    column->unit_us = unit_us(decoder->source);
    range_set(column);
    if (column->type->kind == FLOW_ENUM) {
        enums_new(column, &decoder->memory);
    }
    if (column->type->is_nullable) {
        decoder->nullable[decoder->nullable_count++] = column;
    } else {
        decoder->required_count++;
    }
}

void text_columns_new(TextDecoder *decoder) {
    const FlowSource *source = decoder->source;
    ASSERT(source->columns_count <= COLUMNS_MAX);
    while (decoder->column_count < (uint32_t)source->columns_count &&
           source->columns[decoder->column_count].meta == FLOW_META_NONE) {
        decoder->column_count++;
    }
    decoder->columns = arena_array(&decoder->memory, TextColumn, decoder->column_count);
    decoder->nullable = arena_array(&decoder->memory, TextColumn *, decoder->column_count);
    for (uint32_t i = 0; i < decoder->column_count; i++) {
        column_new(decoder, i);
    }
    names_new(decoder);
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
