// Values out of the bytes of a record, by the steps that resolve.c has settled.
#include "format/avro/resolve.h"

static void fault_set(AvroReading *reading, TextReject fault, const char *found) {
    if (reading->fault == REJECT_NONE) {
        reading->fault = fault;
        reading->found = found;
    }
}

// --- numbers -------------------------------------------------------------------------------------
static void integer_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    int64_t number = avro_long(&reading->cursor);
    bool fits = !__builtin_mul_overflow(number, step->multiplier, &number);
    int64_t quotient = number / step->divisor;
    quotient -= quotient * step->divisor > number; // toward the past
    if (!fits || quotient < step->min || quotient > step->max) {
        fault_set(reading, REJECT_RANGE, "the value");
        quotient = 0;
    }
    value->i64 = quotient;
}

static void
decimal_store(AvroReading *reading, const AvroStep *step, i128 unscaled, FlowValue *value) {
    const FlowTypeDesc *to = step->to;
    i128 limit = decimal_power10(to->precision);
    bool fits = step->from->scale == to->scale ||
                decimal_rescale(unscaled, step->from->scale, to->precision, to->scale, &unscaled);
    if (!fits || unscaled >= limit || unscaled <= -limit) {
        fault_set(reading, REJECT_RANGE, "the value");
        unscaled = 0;
    }
    value->i128 = unscaled;
}

static void decimal_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    AvroCursor *cursor = &reading->cursor;
    int64_t length = step->from->kind == AVRO_FIXED ? step->from->size : avro_long(cursor);
    const uint8_t *bytes = avro_take(cursor, length);
    i128 unscaled = 0;
    bool fits = bytes != NULL && decimal_of_bytes(bytes, (size_t)length, &unscaled);
    if (!fits) {
        fault_set(reading, REJECT_RANGE, "the value");
    }
    decimal_store(reading, step, unscaled, value);
}

static void int_float_read(AvroReading *reading, FlowValue *value) {
    int64_t number = avro_long(&reading->cursor);
    if (number != (int32_t)number) {
        fault_set(reading, REJECT_RANGE, "the value");
        number = 0;
    }
    value->f64 = (double)number;
}

static void float_read(AvroReading *reading, bool is_wide, FlowValue *value) {
    const uint8_t *bytes = avro_take(&reading->cursor, is_wide ? 8 : 4);
    float narrow = 0;
    value->f64 = 0;
    if (bytes != NULL && is_wide) {
        memcpy(&value->f64, bytes, sizeof value->f64);
    } else if (bytes != NULL) {
        memcpy(&narrow, bytes, sizeof narrow);
        value->f64 = narrow;
    }
}

// --- texts ---------------------------------------------------------------------------------------
static FlowView bytes_read(AvroReading *reading, const AvroType *from) {
    AvroCursor *cursor = &reading->cursor;
    int64_t length = from->kind == AVRO_FIXED ? from->size : avro_long(cursor);
    const uint8_t *bytes = avro_take(cursor, length);
    return bytes == NULL ? view_text("") : view_of((const char *)bytes, (size_t)length);
}

static void text_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    value->view = bytes_read(reading, step->from);
    if (!utf8_is_valid(flow_view_data(&value->view), value->view.length)) {
        fault_set(reading, REJECT_TEXT_UTF8, NULL);
        value->view = view_text("");
    }
}

static void code_set(AvroReading *reading, int64_t code, FlowValue *value) {
    if (code < 0) {
        fault_set(reading, REJECT_ENUM, NULL);
    }
    value->i64 = code < 0 ? 0 : code;
}

static void enum_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    FlowView text = bytes_read(reading, step->from);
    code_set(reading, enum_code(step->to, flow_view_data(&text), text.length), value);
}

static void symbol_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    const AvroType *from = step->from;
    uint32_t symbol = avro_choice(&reading->cursor, from->symbol_count);
    if (step->op == AVRO_OP_SYMBOL) {
        value->view = view_text(from->symbol_count == 0 ? "" : from->symbols[symbol]);
    } else {
        code_set(reading, step->places[symbol], value);
    }
}

static void parse_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    FlowView text = bytes_read(reading, step->from);
    ParseResult parsed =
        desc_is_nested(step->to)
            ? PARSE_BAD
            : value_parse(reading->arena, step->to, flow_view_data(&text), text.length, value);
    if (parsed != PARSE_OK) {
        fault_set(reading, parsed == PARSE_BAD ? REJECT_FORM : REJECT_RANGE, "a key");
        *value = (FlowValue){0};
    }
}

// As uuids are written: 8-4-4-4-12 hex digits.
static void uuid_read(AvroReading *reading, const AvroStep *step, FlowValue *value) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = avro_take(&reading->cursor, step->from->size);
    char text[36];
    uint32_t length = 0;
    for (uint32_t i = 0; bytes != NULL && i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            text[length++] = '-';
        }
        text[length++] = digits[bytes[i] >> 4];
        text[length++] = digits[bytes[i] & 15];
    }
    value->view = view_of(arena_copy(reading->arena, text, length), length);
}

// --- nested values -------------------------------------------------------------------------------
// Items are laid on a stack until their number is known.
static void item_push(AvroReading *reading, const FormatItem *item) {
    buffer_append(&reading->items, item, sizeof *item);
}

static FormatItem *items_from(const AvroReading *reading, size_t begin) {
    return (FormatItem *)(void *)(reading->items.data + begin);
}

// Copies them, since the stack may move; and takes them off.
static FormatItem *items_pop(AvroReading *reading, size_t begin, uint32_t *count) {
    size_t bytes = reading->items.length - begin;
    *count = (uint32_t)(bytes / sizeof(FormatItem));
    FormatItem *items = arena_alloc(reading->arena, bytes + sizeof(FormatItem));
    if (bytes > 0) {
        memcpy(items, items_from(reading, begin), bytes);
    }
    reading->items.length = begin;
    return items;
}

static bool item_has_room(AvroReading *reading) {
    if (reading->items_left == 0) {
        fault_set(reading, REJECT_ITEMS, NULL);
        return false;
    }
    reading->items_left--;
    return true;
}

static void struct_read(AvroReading *reading, const AvroStep *step, uint32_t depth, FlowValue *to) {
    uint32_t count = (uint32_t)step->to->children_count;
    FormatItem *fields = arena_array(reading->arena, FormatItem, (size_t)count + 1);
    if (step->lacks_field) {
        fault_set(reading, REJECT_PART_NULL, NULL);
    }
    for (uint32_t i = 0; i < step->from->part_count && !reading->cursor.is_damaged; i++) {
        if (step->parts[i] == NULL) {
            avro_skip(&reading->cursor, step->from->parts[i].type, depth);
        } else {
            avro_value(reading, step->parts[i], depth, &fields[step->places[i]]);
        }
    }
    to->nested = items_nested(reading->arena, fields, count, count);
}

static void part_read(AvroReading *reading, const AvroStep *step, uint32_t depth) {
    FormatItem item;
    avro_value(reading, step, depth, &item);
    item_push(reading, &item);
}

// What is too much is passed over.
static void item_read(AvroReading *reading, const AvroStep *step, uint32_t depth) {
    AvroCursor *cursor = &reading->cursor;
    if (item_has_room(reading)) {
        part_read(reading, step->parts[0], depth);
        if (step->op != AVRO_OP_LIST) {
            part_read(reading, step->parts[1], depth);
        }
        return;
    }
    if (step->op == AVRO_OP_MAP) {
        (void)avro_take(cursor, avro_long(cursor));
    }
    avro_skip(cursor, step->from->parts[0].type, depth);
}

static void items_read(AvroReading *reading, const AvroStep *step, uint32_t depth) {
    bool are_empty = step->op != AVRO_OP_MAP && step->from->parts[0].type->is_empty;
    int64_t bytes;
    int64_t count = avro_items(&reading->cursor, are_empty, &bytes);
    while (count > 0) {
        for (int64_t i = 0; i < count && !reading->cursor.is_damaged; i++) {
            if (are_empty && reading->items_left == 0) {
                fault_set(reading, REJECT_ITEMS, NULL); // a byte could say any number of them
                break;
            }
            item_read(reading, step, depth);
        }
        count = avro_items(&reading->cursor, are_empty, &bytes);
    }
}

static void nested_read(AvroReading *reading, const AvroStep *step, uint32_t depth, FlowValue *to) {
    size_t begin = reading->items.length;
    uint32_t item_count;
    items_read(reading, step, depth);
    FormatItem *items = items_pop(reading, begin, &item_count);
    uint32_t count = item_count;
    if (step->op != AVRO_OP_LIST) {
        count = entries_unify(reading->arena, step->to->children[0].type, items, item_count / 2);
        item_count = count * 2;
    }
    to->nested = items_nested(reading->arena, items, item_count, count);
}

// --- all -----------------------------------------------------------------------------------------
static void parts_read(AvroReading *reading, const AvroStep *step, uint32_t depth, FlowValue *to) {
    if (depth == AVRO_DEPTH_MAX) {
        avro_damage(&reading->cursor);
        to->nested = items_nested(reading->arena, NULL, 0, 0);
    } else if (step->op == AVRO_OP_STRUCT) {
        struct_read(reading, step, depth + 1, to);
    } else {
        nested_read(reading, step, depth + 1, to);
    }
}

static void
present_read(AvroReading *reading, const AvroStep *step, uint32_t depth, FlowValue *to) {
    switch (step->op) {
    case AVRO_OP_BOOL: {
        const uint8_t *byte = avro_take(&reading->cursor, 1);
        to->i64 = byte != NULL && *byte != 0;
        return;
    }
    case AVRO_OP_INTEGER:
        integer_read(reading, step, to);
        return;
    case AVRO_OP_INTEGER_DECIMAL:
        decimal_store(reading, step, avro_long(&reading->cursor), to);
        return;
    case AVRO_OP_INTEGER_FLOAT:
        int_float_read(reading, to);
        return;
    case AVRO_OP_FLOAT:
    case AVRO_OP_DOUBLE:
        float_read(reading, step->op == AVRO_OP_DOUBLE, to);
        return;
    case AVRO_OP_TEXT:
        text_read(reading, step, to);
        return;
    case AVRO_OP_BYTES:
        to->view = bytes_read(reading, step->from);
        return;
    case AVRO_OP_ENUM:
        enum_read(reading, step, to);
        return;
    case AVRO_OP_PARSE:
        parse_read(reading, step, to);
        return;
    case AVRO_OP_SYMBOL:
    case AVRO_OP_CODE:
        symbol_read(reading, step, to);
        return;
    case AVRO_OP_DECIMAL:
        decimal_read(reading, step, to);
        return;
    case AVRO_OP_UUID:
        uuid_read(reading, step, to);
        return;
    default:
        parts_read(reading, step, depth, to);
        return;
    }
}

void avro_value(AvroReading *reading, const AvroStep *step, uint32_t depth, FormatItem *item) {
    const AvroStep *chosen = step;
    *item = (FormatItem){0};
    if (step->op == AVRO_OP_UNION) {
        chosen = step->parts[avro_choice(&reading->cursor, step->from->part_count)];
    }
    if (chosen->op == AVRO_OP_UNFIT) {
        avro_skip(&reading->cursor, chosen->from, depth);
        fault_set(reading, REJECT_KIND, "another type in the file");
        return;
    }
    item->is_valid = chosen->op != AVRO_OP_NULL;
    if (item->is_valid) {
        present_read(reading, chosen, depth, &item->value);
    } else if (!step->to->is_nullable) {
        fault_set(reading, depth == 0 ? REJECT_NULL : REJECT_PART_NULL, NULL);
    }
}
