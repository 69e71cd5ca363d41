// Records as JSON, as the file has them: for the DLQ, and for what the contract lacks.
#include "format/avro/resolve.h"

// A value that no type of ours holds: a time beyond the calendar, a decimal of more than 38 digits.
static void bare_show(AvroReading *reading, const AvroType *type, Buffer *out) {
    static const FlowTypeDesc bytes_type = {.kind = FLOW_BYTES};
    AvroCursor *cursor = &reading->cursor;
    if (type->kind == AVRO_INT || type->kind == AVRO_LONG) {
        buffer_format(out, "%lld", (long long)avro_long(cursor));
        return;
    }
    int64_t length = type->kind == AVRO_FIXED ? type->size : avro_long(cursor);
    const char *bytes = (const char *)avro_take(cursor, length);
    size_t shown = bytes == NULL ? 0 : (size_t)length;
    value_json(out, &bytes_type, &(FlowValue){.view = view_of(bytes == NULL ? "" : bytes, shown)});
}

static void value_show(AvroReading *reading, const AvroType *type, uint32_t depth, Buffer *out) {
    AvroCursor begin = reading->cursor;
    FormatItem item;
    reading->fault = REJECT_NONE;
    avro_value(reading, type->shown, depth, &item);
    if (!item.is_valid) {
        buffer_text(out, "null");
        return;
    }
    if (reading->fault != REJECT_NONE && !reading->cursor.is_damaged) {
        reading->cursor = begin;
        bare_show(reading, type, out);
        return;
    }
    const FlowView *view = &item.value.view;
    bool is_text = type->kind == AVRO_STRING;
    if (is_text && utf8_is_valid(flow_view_data(view), view->length)) {
        buffer_json_string(out, flow_view_data(view), view->length);
    } else {
        value_json(out, type->shown->to, &item.value);
    }
}

static void record_show(AvroReading *reading, const AvroType *type, uint32_t depth, Buffer *out) {
    for (uint32_t i = 0; i < type->part_count && !reading->cursor.is_damaged; i++) {
        const char *name = type->parts[i].name;
        buffer_text(out, i == 0 ? "" : ",");
        buffer_json_string(out, name, strlen(name));
        buffer_char(out, ':');
        avro_show(reading, type->parts[i].type, depth, out);
    }
}

static void key_show(AvroReading *reading, Buffer *out) {
    static const FlowTypeDesc bytes_type = {.kind = FLOW_BYTES};
    int64_t length = avro_long(&reading->cursor);
    const char *key = (const char *)avro_take(&reading->cursor, length);
    size_t shown = key == NULL ? 0 : (size_t)length;
    if (key == NULL || utf8_is_valid(key, shown)) {
        buffer_json_string(out, key == NULL ? "" : key, shown);
    } else {
        value_json(out, &bytes_type, &(FlowValue){.view = view_of(key, shown)});
    }
    buffer_char(out, ':');
}

// No more items without bytes than a row may have: a byte could say any number of them.
static void items_show(AvroReading *reading, const AvroType *type, uint32_t depth, Buffer *out) {
    const AvroType *item = type->parts[0].type;
    bool is_map = type->kind == AVRO_MAP;
    bool are_empty = item->is_empty && !is_map;
    const char *between = "";
    int64_t bytes;
    int64_t count = avro_items(&reading->cursor, are_empty, &bytes);
    while (count > 0) {
        for (int64_t i = 0; i < count && !reading->cursor.is_damaged; i++) {
            if (are_empty && reading->items_left == 0) {
                break;
            }
            reading->items_left -= are_empty;
            buffer_text(out, between);
            between = ",";
            if (is_map) {
                key_show(reading, out);
            }
            avro_show(reading, item, depth, out);
        }
        count = avro_items(&reading->cursor, are_empty, &bytes);
    }
}

void avro_show(AvroReading *reading, const AvroType *type, uint32_t depth, Buffer *out) {
    if (type->kind < AVRO_RECORD) {
        value_show(reading, type, depth, out);
        return;
    }
    if (depth == AVRO_DEPTH_MAX) {
        avro_damage(&reading->cursor);
        return;
    }
    if (type->kind == AVRO_UNION) {
        uint32_t branch = avro_choice(&reading->cursor, type->part_count);
        avro_show(reading, type->parts[branch].type, depth + 1, out);
        return;
    }
    bool is_array = type->kind == AVRO_ARRAY;
    buffer_char(out, is_array ? '[' : '{');
    if (type->kind == AVRO_RECORD) {
        record_show(reading, type, depth + 1, out);
    } else {
        items_show(reading, type, depth + 1, out);
    }
    buffer_char(out, is_array ? ']' : '}');
}
