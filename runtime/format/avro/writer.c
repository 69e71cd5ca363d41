// Files written: a header with the schema, then blocks of whole records. The types are those that
// every reader knows: deflate, unions of null and one other, decimals as bytes.
#include "format/avro/avro.h"
#include "scalar/scalar.h"

#include <zlib.h>

enum { BLOCK_BYTES_WANTED = 256 * 1024, MARK_BYTES = 16, DEFLATE_LEVEL = 1 };

struct AvroWriter {
    const FlowColumnDesc *columns;
    uint32_t column_count;
    AvroWriteFn write;
    void *user;
    uint8_t mark[MARK_BYTES];
    Buffer header; // until it is written
    Buffer rows;   // of the block
    Buffer packed;
    int64_t row_count;
};

// --- schema --------------------------------------------------------------------------------------
static void type_write(Buffer *out, const FlowTypeDesc *type, const char *space, const char *name);

// Enums of Avro list names; others are strings.
static bool has_symbols(const FlowTypeDesc *type) {
    for (int64_t i = 0; i < type->enum_values_count; i++) {
        if (!text_is_name(type->enum_values[i].text)) {
            return false;
        }
    }
    return type->enum_values_count > 0;
}

static bool has_text_keys(const FlowTypeDesc *map) {
    int32_t kind = map->children[0].type->kind;
    return kind == FLOW_STRING || kind == FLOW_ENUM;
}

// Types that have names are called as the column, in the space of what they stand in.
static void
named_begin(Buffer *out, const char *kind, const char *space, const char *name, Buffer *inner) {
    buffer_format(out, "{\"type\":\"%s\",\"name\":\"%s\"", kind, name);
    if (space[0] != '\0') {
        buffer_format(out, ",\"namespace\":\"%s\"", space);
        buffer_format(inner, "%s.", space);
    }
    buffer_text(inner, name);
}

static void fields_write(Buffer *out,
                         const FlowColumnDesc *fields,
                         uint32_t count,
                         const char *space,
                         const char *name) {
    Buffer inner = {0};
    named_begin(out, "record", space, name, &inner);
    buffer_text(out, ",\"fields\":[");
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(out, "%s{\"name\":\"%s\",\"type\":", i == 0 ? "" : ",", fields[i].name);
        type_write(out, fields[i].type, buffer_cstring(&inner), fields[i].name);
        buffer_char(out, '}');
    }
    buffer_text(out, "]}");
    buffer_free(&inner);
}

static void enum_write(Buffer *out, const FlowTypeDesc *type, const char *space, const char *name) {
    if (!has_symbols(type)) {
        buffer_text(out, "\"string\"");
        return;
    }
    Buffer inner = {0};
    named_begin(out, "enum", space, name, &inner);
    buffer_text(out, ",\"symbols\":[");
    for (int64_t i = 0; i < type->enum_values_count; i++) {
        buffer_format(out, "%s\"%s\"", i == 0 ? "" : ",", type->enum_values[i].text);
    }
    buffer_text(out, "]}");
    buffer_free(&inner);
}

static void
items_write(Buffer *out, const FlowTypeDesc *type, const char *space, const char *name) {
    Buffer inner = {0};
    buffer_format(&inner, "%s.%s", space, name);
    if (type->kind == FLOW_LIST) {
        buffer_text(out, "{\"type\":\"array\",\"items\":");
        type_write(out, type->children[0].type, buffer_cstring(&inner), "item");
    } else if (has_text_keys(type)) {
        buffer_text(out, "{\"type\":\"map\",\"values\":");
        type_write(out, type->children[1].type, buffer_cstring(&inner), "value");
    } else {
        const FlowColumnDesc entry[] = {{.name = "key", .type = type->children[0].type},
                                        {.name = "value", .type = type->children[1].type}};
        buffer_text(out, "{\"type\":\"array\",\"items\":");
        fields_write(out, entry, COUNT_OF(entry), buffer_cstring(&inner), "entry");
    }
    buffer_char(out, '}');
    buffer_free(&inner);
}

static void single_write(Buffer *out, const FlowTypeDesc *type) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        buffer_text(out, "\"boolean\"");
        return;
    case FLOW_INT8:
    case FLOW_INT16:
    case FLOW_INT32:
        buffer_text(out, "\"int\"");
        return;
    case FLOW_INT64:
        buffer_text(out, "\"long\"");
        return;
    case FLOW_FLOAT32:
        buffer_text(out, "\"float\"");
        return;
    case FLOW_FLOAT64:
        buffer_text(out, "\"double\"");
        return;
    case FLOW_STRING:
        buffer_text(out, "\"string\"");
        return;
    case FLOW_BYTES:
        buffer_text(out, "\"bytes\"");
        return;
    case FLOW_DATE:
        buffer_text(out, "{\"type\":\"int\",\"logicalType\":\"date\"}");
        return;
    case FLOW_TIMESTAMP:
        buffer_text(out, "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}");
        return;
    case FLOW_DURATION:
        buffer_text(out, "{\"type\":\"long\",\"flow.type\":\"duration\"}");
        return;
    case FLOW_DECIMAL:
        buffer_text(out, "{\"type\":\"bytes\",\"logicalType\":\"decimal\"");
        buffer_format(out, ",\"precision\":%d,\"scale\":%d}", type->precision, type->scale);
        return;
    default:
        flow_bug(__FILE__, __LINE__, "no column has this type");
    }
}

static void type_write(Buffer *out, const FlowTypeDesc *type, const char *space, const char *name) {
    buffer_text(out, type->is_nullable ? "[\"null\"," : "");
    switch ((FlowKind)type->kind) {
    case FLOW_ENUM:
        enum_write(out, type, space, name);
        break;
    case FLOW_LIST:
    case FLOW_MAP:
        items_write(out, type, space, name);
        break;
    case FLOW_STRUCT:
        fields_write(out, type->children, (uint32_t)type->children_count, space, name);
        break;
    default:
        single_write(out, type);
        break;
    }
    buffer_text(out, type->is_nullable ? "]" : "");
}

// --- values --------------------------------------------------------------------------------------
static void long_write(Buffer *out, int64_t value) {
    uint64_t bits = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    while (bits >= 0x80) {
        buffer_char(out, (char)(bits | 0x80));
        bits >>= 7;
    }
    buffer_char(out, (char)bits);
}

static void bytes_write(Buffer *out, const char *bytes, size_t length) {
    long_write(out, (int64_t)length);
    buffer_append(out, bytes, length);
}

// Two's complement, the highest byte first, as short as can be.
static void decimal_write(Buffer *out, i128 value) {
    uint32_t length = 1;
    while (length < 16 && value >> (8 * length - 1) != 0 && value >> (8 * length - 1) != -1) {
        length++;
    }
    long_write(out, length);
    for (uint32_t i = length; i > 0; i--) {
        buffer_char(out, (char)(uint8_t)(value >> (8 * (i - 1))));
    }
}

static void value_write(Buffer *out, const FlowTypeDesc *type, const FlowValue *value);

static void
item_write(Buffer *out, const FlowTypeDesc *type, bool is_valid, const FlowValue *value) {
    if (type->is_nullable) {
        long_write(out, is_valid ? 1 : 0); // the branch of the union
    }
    if (is_valid) {
        value_write(out, type, value);
    }
}

static void struct_write(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested) {
    for (int64_t i = 0; i < type->children_count; i++) {
        item_write(out, type->children[i].type, nested_has(nested, i), &nested->items[i]);
    }
}

static void text_write(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    if (type->kind == FLOW_ENUM) {
        const char *text = enum_text(type, value->i64);
        bytes_write(out, text, strlen(text));
    } else {
        bytes_write(out, flow_view_data(&value->view), value->view.length);
    }
}

static void nested_write(Buffer *out, const FlowTypeDesc *type, const FlowNested *nested) {
    bool is_map = type->kind == FLOW_MAP && has_text_keys(type);
    int64_t item_count = nested_item_count(type, nested);
    if (nested->count > 0) {
        long_write(out, nested->count);
    }
    for (int64_t i = 0; i < item_count; i++) {
        if (is_map && i % 2 == 0) { // a key is always there, and no union
            text_write(out, type->children[0].type, &nested->items[i]);
        } else {
            item_write(out, nested_item_type(type, i), nested_has(nested, i), &nested->items[i]);
        }
    }
    long_write(out, 0);
}

static void float_write(Buffer *out, const FlowTypeDesc *type, double value) {
    if (type->kind == FLOW_FLOAT64) {
        buffer_append(out, &value, sizeof value);
    } else {
        float narrow = (float)value;
        buffer_append(out, &narrow, sizeof narrow);
    }
}

static void value_write(Buffer *out, const FlowTypeDesc *type, const FlowValue *value) {
    switch ((FlowKind)type->kind) {
    case FLOW_BOOL:
        buffer_char(out, (char)(value->i64 != 0));
        return;
    case FLOW_FLOAT32:
    case FLOW_FLOAT64:
        float_write(out, type, value->f64);
        return;
    case FLOW_DECIMAL:
        decimal_write(out, value->i128);
        return;
    case FLOW_STRING:
    case FLOW_BYTES:
        text_write(out, type, value);
        return;
    case FLOW_ENUM:
        if (has_symbols(type)) {
            long_write(out, value->i64);
        } else {
            text_write(out, type, value);
        }
        return;
    case FLOW_LIST:
    case FLOW_MAP:
        nested_write(out, type, value->nested);
        return;
    case FLOW_STRUCT:
        struct_write(out, type, value->nested);
        return;
    default:
        long_write(out, value->i64);
        return;
    }
}

// --- the file ------------------------------------------------------------------------------------
static void entry_write(Buffer *out, const char *key, const char *value, size_t length) {
    bytes_write(out, key, strlen(key));
    bytes_write(out, value, length);
}

static void header_make(AvroWriter *writer, const char *salt) {
    Buffer schema = {0};
    fields_write(&schema, writer->columns, writer->column_count, "", "row");
    buffer_text(&writer->header, "Obj\x01");
    long_write(&writer->header, 2);
    entry_write(&writer->header, "avro.codec", "deflate", 7);
    entry_write(&writer->header, "avro.schema", schema.data, schema.length);
    long_write(&writer->header, 0);
    buffer_text(&schema, salt);
    Hash128 hash = hash128(schema.data, schema.length);
    memcpy(writer->mark, &hash, MARK_BYTES);
    buffer_append(&writer->header, writer->mark, MARK_BYTES);
    buffer_free(&schema);
}

AvroWriter *avro_writer_new(const FlowColumnDesc *columns,
                            uint32_t column_count,
                            const char *salt,
                            AvroWriteFn write,
                            void *user) {
    AvroWriter *writer = memory_alloc(sizeof *writer);
    *writer = (AvroWriter){
        .columns = columns, .column_count = column_count, .write = write, .user = user};
    header_make(writer, salt);
    return writer;
}

void avro_writer_free(AvroWriter *writer) {
    if (writer == NULL) {
        return;
    }
    buffer_free(&writer->header);
    buffer_free(&writer->rows);
    buffer_free(&writer->packed);
    memory_free(writer);
}

static void block_pack(AvroWriter *writer) {
    z_stream stream = {.next_in = (uint8_t *)writer->rows.data,
                       .avail_in = (uInt)writer->rows.length};
    int status = deflateInit2(&stream, DEFLATE_LEVEL, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    ASSERT(status == Z_OK);
    size_t room = deflateBound(&stream, writer->rows.length);
    buffer_clear(&writer->packed);
    buffer_reserve(&writer->packed, room);
    stream.next_out = (uint8_t *)writer->packed.data;
    stream.avail_out = (uInt)room;
    status = deflate(&stream, Z_FINISH);
    ASSERT(status == Z_STREAM_END);
    writer->packed.length = room - stream.avail_out;
    deflateEnd(&stream);
}

static Outcome header_flush(AvroWriter *writer) {
    TRY(writer->write(writer->user, writer->header.data, writer->header.length));
    buffer_clear(&writer->header);
    return OUTCOME_OK;
}

static Outcome block_end(AvroWriter *writer) {
    TRY(header_flush(writer));
    block_pack(writer);
    long_write(&writer->header, writer->row_count);
    long_write(&writer->header, (int64_t)writer->packed.length);
    buffer_append(&writer->header, writer->packed.data, writer->packed.length);
    buffer_append(&writer->header, writer->mark, MARK_BYTES);
    buffer_clear(&writer->rows);
    writer->row_count = 0;
    return header_flush(writer);
}

static void
row_write(AvroWriter *writer, const FlowBatch *batch, const int32_t *slots, size_t row) {
    for (uint32_t i = 0; i < writer->column_count; i++) {
        const FlowTypeDesc *type = writer->columns[i].type;
        const FlowColumn *column = (const FlowColumn *)batch->columns + slots[i];
        bool is_valid = column->validity == NULL || ((const uint8_t *)column->validity)[row] != 0;
        FlowValue value = {0};
        if (is_valid) {
            value = value_load(type, column->values, row);
        }
        item_write(&writer->rows, type, is_valid, &value);
    }
    writer->row_count++;
}

Outcome avro_writer_append(AvroWriter *writer, const FlowBatch *batch, const int32_t *slots) {
    const int32_t *rows = batch->selection;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        row_write(writer, batch, slots, (size_t)rows[i]);
        if (writer->rows.length >= BLOCK_BYTES_WANTED) {
            TRY(block_end(writer));
        }
    }
    return OUTCOME_OK;
}

Outcome avro_writer_finish(AvroWriter *writer) {
    return writer->row_count > 0 ? block_end(writer) : header_flush(writer);
}
