// Schemas: JSON into types, names into what they stand for.
#include "format/avro/schema.h"

#include <jansson.h>

enum { DECIMAL_DIGITS_MAX = 38, UUID_BYTES = 16 };

typedef struct Reader {
    Arena *arena;
    VEC(AvroType *) types;
    VEC(AvroType *) named;
    bool is_large;
} Reader;

// Where in the schema: what a name without dots belongs to, and how deep it stands.
typedef struct Place {
    const char *space; // "": none
    uint32_t depth;
} Place;

static const char *const kind_names[] = {"null",
                                         "boolean",
                                         "int",
                                         "long",
                                         "float",
                                         "double",
                                         "bytes",
                                         "string",
                                         "fixed",
                                         "enum",
                                         "record",
                                         "array",
                                         "map"};

static AvroType *type_read(Reader *reader, const json_t *json, Place place);

static AvroType *type_new(Reader *reader, AvroKind kind) {
    if (reader->types.count == AVRO_TYPES_MAX) {
        reader->is_large = true;
        return NULL;
    }
    AvroType *type = arena_new(reader->arena, AvroType);
    type->kind = kind;
    type->multiplier = 1;
    type->divisor = 1;
    type->is_empty = kind == AVRO_NULL;
    *vec_push(reader->arena, &reader->types) = type;
    return type;
}

static bool kind_find(const char *name, AvroKind *kind) {
    for (uint32_t i = 0; i < COUNT_OF(kind_names); i++) {
        if (strcmp(kind_names[i], name) == 0) {
            *kind = (AvroKind)i;
            return true;
        }
    }
    if (strcmp(name, "error") == 0) { // a record, of protocols
        *kind = AVRO_RECORD;
        return true;
    }
    return false;
}

// --- names ---------------------------------------------------------------------------------------
static const char *text_of(const json_t *json, const char *key) {
    return json_string_value(json_object_get(json, key));
}

static const char *name_full(Reader *reader, const char *name, const char *space) {
    bool is_full = strchr(name, '.') != NULL || space[0] == '\0';
    return is_full ? arena_string(reader->arena, name)
                   : arena_format(reader->arena, "%s.%s", space, name);
}

static const char *space_of(Reader *reader, const char *full) {
    const char *dot = strrchr(full, '.');
    return dot == NULL ? "" : arena_copy(reader->arena, full, (size_t)(dot - full));
}

// The latest of the name: writers that give a name twice mean the nearest one.
static AvroType *named_find(Reader *reader, const char *name, const char *space) {
    const char *full = name_full(reader, name, space);
    for (uint32_t i = reader->named.count; i > 0; i--) {
        if (strcmp(reader->named.items[i - 1]->name, full) == 0) {
            return reader->named.items[i - 1];
        }
    }
    return NULL;
}

// Before its parts are read, since they may name it.
static AvroType *named_new(Reader *reader, AvroKind kind, const json_t *json, Place *place) {
    const char *name = text_of(json, "name");
    const char *space = text_of(json, "namespace");
    AvroType *type = name == NULL ? NULL : type_new(reader, kind);
    if (type == NULL) {
        return NULL;
    }
    type->name = name_full(reader, name, space == NULL ? place->space : space);
    place->space = space_of(reader, type->name);
    *vec_push(reader->arena, &reader->named) = type;
    return type;
}

static AvroType *name_read(Reader *reader, const char *name, Place place) {
    AvroKind kind;
    if (kind_find(name, &kind)) {
        return kind < AVRO_FIXED ? type_new(reader, kind) : NULL;
    }
    return named_find(reader, name, place.space);
}

// --- types with parts ----------------------------------------------------------------------------
static AvroType *record_read(Reader *reader, const json_t *json, Place place) {
    const json_t *fields = json_object_get(json, "fields");
    AvroType *type = named_new(reader, AVRO_RECORD, json, &place);
    if (type == NULL || !json_is_array(fields)) {
        return NULL;
    }
    bool is_empty = true;
    type->part_count = (uint32_t)json_array_size(fields);
    type->parts = arena_array(reader->arena, AvroPart, (size_t)type->part_count + 1);
    for (uint32_t i = 0; i < type->part_count; i++) {
        const json_t *field = json_array_get(fields, i);
        const char *name = text_of(field, "name");
        const AvroType *part = type_read(reader, json_object_get(field, "type"), place);
        if (name == NULL || part == NULL) {
            return NULL;
        }
        type->parts[i] = (AvroPart){arena_string(reader->arena, name), part};
        is_empty = is_empty && part->is_empty;
    }
    type->is_empty = is_empty;
    return type;
}

static AvroType *
items_read(Reader *reader, AvroKind kind, const json_t *json, const char *key, Place place) {
    AvroType *type = type_new(reader, kind);
    const AvroType *item = type_read(reader, json_object_get(json, key), place);
    if (type == NULL || item == NULL) {
        return NULL;
    }
    type->part_count = 1;
    type->parts = arena_new(reader->arena, AvroPart);
    type->parts[0].type = item;
    return type;
}

static AvroType *union_read(Reader *reader, const json_t *json, Place place) {
    AvroType *type = type_new(reader, AVRO_UNION);
    size_t count = json_array_size(json);
    if (type == NULL || count == 0) {
        return NULL;
    }
    type->part_count = (uint32_t)count;
    type->parts = arena_array(reader->arena, AvroPart, count);
    for (uint32_t i = 0; i < type->part_count; i++) {
        const AvroType *branch = type_read(reader, json_array_get(json, i), place);
        if (branch == NULL || branch->kind == AVRO_UNION) {
            return NULL;
        }
        type->parts[i].type = branch;
    }
    return type;
}

static AvroType *enum_read(Reader *reader, const json_t *json, Place place) {
    const json_t *symbols = json_object_get(json, "symbols");
    AvroType *type = named_new(reader, AVRO_ENUM, json, &place);
    if (type == NULL || !json_is_array(symbols)) {
        return NULL;
    }
    type->symbol_count = (uint32_t)json_array_size(symbols);
    type->symbols = arena_array(reader->arena, const char *, (size_t)type->symbol_count + 1);
    for (uint32_t i = 0; i < type->symbol_count; i++) {
        const char *symbol = json_string_value(json_array_get(symbols, i));
        if (symbol == NULL) {
            return NULL;
        }
        type->symbols[i] = arena_string(reader->arena, symbol);
    }
    return type;
}

static AvroType *fixed_read(Reader *reader, const json_t *json, Place place) {
    const json_t *size = json_object_get(json, "size");
    AvroType *type = named_new(reader, AVRO_FIXED, json, &place);
    if (type == NULL || !json_is_integer(size) || json_integer_value(size) < 0) {
        return NULL;
    }
    type->size = json_integer_value(size);
    type->is_empty = type->size == 0;
    return type;
}

// --- logical types -------------------------------------------------------------------------------
// One that does not go with its type counts as not said, as the format has it.
static void decimal_set(AvroType *type, const json_t *json) {
    int64_t precision = json_integer_value(json_object_get(json, "precision"));
    int64_t scale = json_integer_value(json_object_get(json, "scale"));
    bool fits = (type->kind == AVRO_BYTES || type->kind == AVRO_FIXED) && precision > 0 &&
                scale >= 0 && scale <= precision && scale <= DECIMAL_DIGITS_MAX;
    if (fits) {
        type->logical = AVRO_DECIMAL;
        type->scale = (int32_t)scale;
    }
}

static void logical_set(AvroType *type, const json_t *json) {
    static const struct {
        const char *name;
        AvroKind kind;
        AvroLogical logical;
        int64_t multiplier, divisor;
    } logicals[] = {
        {"date", AVRO_INT, AVRO_DATE, 1, 1},
        {"time-millis", AVRO_INT, AVRO_TIME, 1, 1},
        {"time-micros", AVRO_LONG, AVRO_TIME, 1, 1},
        {"timestamp-millis", AVRO_LONG, AVRO_TIMESTAMP, 1000, 1},
        {"timestamp-micros", AVRO_LONG, AVRO_TIMESTAMP, 1, 1},
        {"timestamp-nanos", AVRO_LONG, AVRO_TIMESTAMP, 1, 1000},
        {"local-timestamp-millis", AVRO_LONG, AVRO_TIMESTAMP, 1000, 1},
        {"local-timestamp-micros", AVRO_LONG, AVRO_TIMESTAMP, 1, 1},
        {"local-timestamp-nanos", AVRO_LONG, AVRO_TIMESTAMP, 1, 1000},
        {"uuid", AVRO_STRING, AVRO_UUID, 1, 1},
        {"uuid", AVRO_FIXED, AVRO_UUID, 1, 1},
    };
    const char *name = text_of(json, "logicalType");
    if (name != NULL && strcmp(name, "decimal") == 0) {
        decimal_set(type, json);
        return;
    }
    for (uint32_t i = 0; name != NULL && i < COUNT_OF(logicals); i++) {
        bool has_size = type->kind != AVRO_FIXED || type->size == UUID_BYTES;
        if (strcmp(logicals[i].name, name) == 0 && logicals[i].kind == type->kind && has_size) {
            type->logical = logicals[i].logical;
            type->multiplier = logicals[i].multiplier;
            type->divisor = logicals[i].divisor;
        }
    }
}

// --- types ---------------------------------------------------------------------------------------
static AvroType *kind_read(Reader *reader, AvroKind kind, const json_t *json, Place place) {
    switch (kind) {
    case AVRO_RECORD:
        return record_read(reader, json, place);
    case AVRO_ARRAY:
        return items_read(reader, kind, json, "items", place);
    case AVRO_MAP:
        return items_read(reader, kind, json, "values", place);
    case AVRO_ENUM:
        return enum_read(reader, json, place);
    case AVRO_FIXED:
        return fixed_read(reader, json, place);
    default:
        return type_new(reader, kind);
    }
}

// `type` may be a whole schema itself, or a name; what stands beside a name is not said of it.
static AvroType *object_read(Reader *reader, const json_t *json, Place place) {
    const json_t *inner = json_object_get(json, "type");
    const char *name = json_string_value(inner);
    AvroKind kind;
    if (name == NULL) {
        return type_read(reader, inner, place);
    }
    if (!kind_find(name, &kind)) {
        return named_find(reader, name, place.space);
    }
    AvroType *type = kind_read(reader, kind, json, place);
    if (type != NULL) {
        logical_set(type, json);
    }
    return type;
}

static AvroType *type_read(Reader *reader, const json_t *json, Place place) {
    if (place.depth++ == AVRO_DEPTH_MAX || json == NULL) {
        return NULL;
    }
    if (json_is_string(json)) {
        return name_read(reader, json_string_value(json), place);
    }
    if (json_is_array(json)) {
        return union_read(reader, json, place);
    }
    return json_is_object(json) ? object_read(reader, json, place) : NULL;
}

AvroSchemaResult
avro_schema_read(Arena *arena, const char *text, size_t length, AvroSchema *schema) {
    Reader reader = {.arena = arena};
    json_t *json = json_loadb(text, length, JSON_DECODE_ANY, NULL);
    const AvroType *root = type_read(&reader, json, (Place){.space = ""});
    json_decref(json);
    *schema = (AvroSchema){root, reader.types.items, reader.types.count};
    return root != NULL ? AVRO_SCHEMA_OK : reader.is_large ? AVRO_SCHEMA_LARGE : AVRO_SCHEMA_BAD;
}
