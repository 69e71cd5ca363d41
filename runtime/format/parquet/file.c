// Opening a file: its last bytes, the footer's struct, the schema as a tree, the offsets checked.
#include "format/parquet/file.h"

#include "format/parquet/thrift.h"

enum { TAIL_BYTES = 64 * 1024, FRAME_BYTES = 8 };

Outcome parquet_refuse(ParquetFile *file, const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return failure_set(file->failure, OUTCOME_REFUSED, "%s", text);
}

static Outcome corrupt(ParquetFile *file, const char *what) {
    file->is_corrupt = true;
    return parquet_refuse(file, "the Parquet file is corrupt: %s", what);
}

// --- elements ----------------------------------------------------------------------------------
static void unit_read(ThriftReader *reader, ThriftField field, ParquetElement *element) {
    if (!thrift_get_struct(reader, field)) {
        return;
    }
    ThriftField unit;
    while (thrift_field(reader, &unit)) {
        element->unit = unit.id >= 1 && unit.id <= 3 ? (ParquetUnit)unit.id : PARQUET_UNIT_NONE;
        thrift_skip(reader, unit);
    }
}

static void logical_fields_read(ThriftReader *reader, ParquetElement *element) {
    ThriftField field;
    while (thrift_field(reader, &field)) {
        bool is_time = element->logical == PARQUET_LOGICAL_TIMESTAMP;
        bool is_integer = element->logical == PARQUET_LOGICAL_INTEGER;
        bool is_decimal = element->logical == PARQUET_LOGICAL_DECIMAL;
        if (is_time && field.id == 2) {
            unit_read(reader, field, element);
        } else if (is_integer && field.id == 1) {
            element->bit_width = thrift_get_i32(reader, field);
        } else if (is_integer && field.id == 2) {
            element->is_signed = thrift_get_bool(reader, field);
        } else if (is_decimal && field.id == 1) {
            element->scale = thrift_get_i32(reader, field);
        } else if (is_decimal && field.id == 2) {
            element->precision = thrift_get_i32(reader, field);
        } else {
            thrift_skip(reader, field);
        }
    }
}

static void logical_read(ThriftReader *reader, ThriftField outer, ParquetElement *element) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField kind;
    while (thrift_field(reader, &kind)) {
        element->logical =
            kind.id >= 1 && kind.id <= 15 ? (ParquetLogical)kind.id : PARQUET_LOGICAL_NONE;
        if (thrift_get_struct(reader, kind)) {
            logical_fields_read(reader, element);
        }
    }
}

static void element_field_read(ParquetFile *file,
                               ThriftReader *reader,
                               ThriftField field,
                               ParquetElement *element) {
    uint32_t length = 0;
    switch (field.id) {
    case 1:
        element->type = (ParquetType)thrift_get_i32(reader, field);
        return;
    case 2:
        element->type_length = thrift_get_i32(reader, field);
        return;
    case 3:
        element->repetition = (ParquetRepetition)thrift_get_i32(reader, field);
        return;
    case 4: {
        const char *name = thrift_get_binary(reader, field, &length);
        element->name = arena_copy(&file->arena, name, length);
        return;
    }
    case 5:
        element->child_count = thrift_get_i32(reader, field);
        return;
    case 6:
        element->converted = (ParquetConverted)thrift_get_i32(reader, field);
        return;
    case 7:
        element->scale = thrift_get_i32(reader, field);
        return;
    case 8:
        element->precision = thrift_get_i32(reader, field);
        return;
    case 10:
        logical_read(reader, field, element);
        return;
    default:
        thrift_skip(reader, field);
    }
}

static bool element_is_sound(const ParquetElement *element) {
    bool has_type = element->type >= PARQUET_TYPE_BOOLEAN && element->type <= PARQUET_TYPE_FIXED;
    return element->name != NULL && element->repetition >= PARQUET_REQUIRED &&
           element->repetition <= PARQUET_REPEATED && element->child_count >= 0 &&
           (has_type || element->type == PARQUET_TYPE_NONE) && element->type_length >= 0 &&
           element->scale >= 0 && element->precision >= 0 &&
           (element->type != PARQUET_TYPE_FIXED || element->type_length > 0);
}

static void element_read(ParquetFile *file, ThriftReader *reader, ParquetElement *element) {
    *element = (ParquetElement){
        .type = PARQUET_TYPE_NONE,
        .repetition = PARQUET_REQUIRED,
        .converted = PARQUET_CONVERTED_NONE,
        .is_signed = true,
    };
    thrift_enter(reader);
    ThriftField field;
    while (thrift_field(reader, &field)) {
        element_field_read(file, reader, field, element);
    }
    if (!element_is_sound(element)) {
        reader->is_bad = true;
        reader->next = reader->end;
    }
}

// An element has at least a name: four bytes.
static void schema_read(ParquetFile *file, ThriftReader *reader, ThriftField field) {
    uint32_t count = thrift_get_list(reader, field, THRIFT_STRUCT);
    if (count > PARQUET_SCHEMA_NODES_MAX) {
        reader->is_bad = true;
        return;
    }
    file->nodes = arena_array(&file->arena, ParquetSchemaNode, count);
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        element_read(file, reader, &file->nodes[i].element);
    }
    file->node_count = reader->is_bad ? 0 : count;
}

// --- row groups --------------------------------------------------------------------------------
// The old fields 1 and 2 are not read: nobody knows by which order they were found.
static void statistics_read(ParquetFile *file,
                            ThriftReader *reader,
                            ThriftField outer,
                            ParquetChunkMeta *chunk) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField field;
    while (thrift_field(reader, &field)) {
        bool is_max = field.id == 5;
        if (field.id == 3) {
            chunk->null_count = thrift_get_i64(reader, field);
        } else if (is_max || field.id == 6) {
            uint32_t length = 0;
            const char *bytes = thrift_get_binary(reader, field, &length);
            const uint8_t *copy = (const uint8_t *)arena_copy(&file->arena, bytes, length);
            *(is_max ? &chunk->max : &chunk->min) = copy;
            *(is_max ? &chunk->max_length : &chunk->min_length) = length;
        } else {
            thrift_skip(reader, field);
        }
    }
}

static void
meta_read(ParquetFile *file, ThriftReader *reader, ThriftField outer, ParquetChunkMeta *chunk) {
    if (!thrift_get_struct(reader, outer)) {
        return;
    }
    ThriftField field;
    while (thrift_field(reader, &field)) {
        switch (field.id) {
        case 1:
            chunk->type = thrift_get_i32(reader, field);
            break;
        case 4:
            chunk->codec = thrift_get_i32(reader, field);
            break;
        case 5:
            chunk->position_count = thrift_get_i64(reader, field);
            break;
        case 7:
            chunk->stored_bytes = thrift_get_i64(reader, field);
            break;
        case 9:
            chunk->data_offset = thrift_get_i64(reader, field);
            break;
        case 11:
            chunk->dictionary_offset = thrift_get_i64(reader, field);
            break;
        case 12:
            statistics_read(file, reader, field, chunk);
            break;
        default:
            thrift_skip(reader, field);
        }
    }
}

static void chunk_read(ParquetFile *file, ThriftReader *reader, ParquetChunkMeta *chunk) {
    *chunk = (ParquetChunkMeta){
        .type = PARQUET_TYPE_NONE, .codec = -1, .position_count = -1, .null_count = -1};
    thrift_enter(reader);
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 3) {
            meta_read(file, reader, field, chunk);
        } else {
            chunk->is_elsewhere |= field.id == 1;
            thrift_skip(reader, field);
        }
    }
}

typedef VEC(ParquetChunkMeta) ChunkMetas;

// Grown as they are read, so that a false count costs nothing.
static void
chunks_read(ParquetFile *file, ThriftReader *reader, ThriftField field, ParquetGroupMeta *group) {
    uint32_t count = thrift_get_list(reader, field, THRIFT_STRUCT);
    ChunkMetas chunks = {0};
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        chunk_read(file, reader, vec_push(&file->arena, &chunks));
    }
    group->chunks = chunks.items;
    group->chunk_count = chunks.count;
}

static void group_read(ParquetFile *file, ThriftReader *reader, ParquetGroupMeta *group) {
    *group = (ParquetGroupMeta){.rows = -1};
    thrift_enter(reader);
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 1) {
            chunks_read(file, reader, field, group);
        } else if (field.id == 3) {
            group->rows = thrift_get_i64(reader, field);
        } else {
            thrift_skip(reader, field);
        }
    }
}

static void groups_read(ParquetFile *file, ThriftReader *reader, ThriftField field) {
    uint32_t count = thrift_get_list(reader, field, THRIFT_STRUCT);
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        group_read(file, reader, vec_push(&file->arena, &file->groups));
    }
}

// --- keys --------------------------------------------------------------------------------------
static bool text_is(const char *bytes, uint32_t length, const char *text) {
    return strlen(text) == length && memcmp(bytes, text, length) == 0;
}

static void key_value_read(ParquetFile *file, ThriftReader *reader) {
    const char *key = "";
    const char *value = "";
    uint32_t key_length = 0;
    uint32_t value_length = 0;
    thrift_enter(reader);
    ThriftField field;
    while (thrift_field(reader, &field)) {
        if (field.id == 1) {
            key = thrift_get_binary(reader, field, &key_length);
        } else if (field.id == 2) {
            value = thrift_get_binary(reader, field, &value_length);
        } else {
            thrift_skip(reader, field);
        }
    }
    bool is_version = text_is(key, key_length, "org.apache.spark.version");
    file->is_julian |= (is_version && value_length > 1 && value[0] < '3' && value[1] == '.') ||
                       text_is(key, key_length, "org.apache.spark.legacyDateTime") ||
                       text_is(key, key_length, "org.apache.spark.legacyINT96");
}

static void key_values_read(ParquetFile *file, ThriftReader *reader, ThriftField field) {
    uint32_t count = thrift_get_list(reader, field, THRIFT_STRUCT);
    for (uint32_t i = 0; i < count && !reader->is_bad; i++) {
        key_value_read(file, reader);
    }
}

static bool footer_read(ParquetFile *file, const char *bytes, size_t length) {
    ThriftReader reader = thrift_reader(bytes, length);
    thrift_enter(&reader);
    ThriftField field;
    while (thrift_field(&reader, &field)) {
        if (field.id == 2) {
            schema_read(file, &reader, field);
        } else if (field.id == 4) {
            groups_read(file, &reader, field);
        } else if (field.id == 5) {
            key_values_read(file, &reader, field);
        } else {
            thrift_skip(&reader, field);
        }
    }
    return !reader.is_bad && file->node_count > 0;
}

// --- checking ----------------------------------------------------------------------------------
typedef struct SchemaWalk {
    ParquetFile *file;
    uint32_t next;
} SchemaWalk;

static bool levels_add(ParquetSchemaNode *node, const ParquetSchemaNode *parent) {
    ParquetRepetition repetition = node->element.repetition;
    node->definition = (uint8_t)(parent->definition + (repetition != PARQUET_REQUIRED));
    node->repetition = (uint8_t)(parent->repetition + (repetition == PARQUET_REPEATED));
    return node->definition <= PARQUET_LEVEL_MAX;
}

// Reads the node at walk->next and all below it; `parent` is NULL for the root.
static bool subtree_link(SchemaWalk *walk, const ParquetSchemaNode *parent, uint32_t depth) {
    if (walk->next >= walk->file->node_count || depth > PARQUET_LEVEL_MAX) {
        return false;
    }
    uint32_t index = walk->next++;
    ParquetSchemaNode *node = &walk->file->nodes[index];
    if (parent != NULL && !levels_add(node, parent)) {
        return false;
    }
    bool is_leaf = node->element.type != PARQUET_TYPE_NONE;
    node->leaf = is_leaf ? (int32_t)walk->file->leaf_count++ : -1;
    for (int32_t i = 0; i < node->element.child_count && !is_leaf; i++) {
        if (!subtree_link(walk, node, depth + 1)) {
            return false;
        }
    }
    node->size = walk->next - index;
    return true;
}

static bool schema_link(ParquetFile *file) {
    SchemaWalk walk = {.file = file};
    bool is_linked = subtree_link(&walk, NULL, 0) && walk.next == file->node_count;
    return is_linked && file->nodes[0].leaf < 0;
}

static bool chunk_is_sound(const ParquetFile *file, const ParquetChunkMeta *chunk) {
    bool has_dictionary =
        chunk->dictionary_offset > 0 && chunk->dictionary_offset < chunk->data_offset;
    int64_t start = has_dictionary ? chunk->dictionary_offset : chunk->data_offset;
    return chunk->position_count >= 0 && start >= 0 && chunk->stored_bytes >= 0 &&
           start <= file->bytes && chunk->stored_bytes <= file->bytes - start;
}

static Outcome group_check(ParquetFile *file, const ParquetGroupMeta *group) {
    if (group->chunk_count != file->leaf_count || group->rows < 0 ||
        group->rows > INT64_MAX / 2 - file->rows) {
        return corrupt(file, "a row group without its columns or rows");
    }
    for (uint32_t i = 0; i < group->chunk_count; i++) {
        if (group->chunks[i].is_elsewhere) {
            return parquet_refuse(
                file, "the Parquet file keeps columns in other files, which is not supported");
        }
        if (!chunk_is_sound(file, &group->chunks[i])) {
            return corrupt(file, "a column chunk outside the file");
        }
    }
    file->rows += group->rows;
    return OUTCOME_OK;
}

static Outcome footer_check(ParquetFile *file, const char *bytes, size_t length) {
    if (!footer_read(file, bytes, length)) {
        return corrupt(file, "its footer cannot be read");
    }
    if (!schema_link(file)) {
        return corrupt(file, "its schema is no tree");
    }
    for (uint32_t i = 0; i < file->groups.count; i++) {
        TRY(group_check(file, &file->groups.items[i]));
    }
    return OUTCOME_OK;
}

// --- the last bytes ----------------------------------------------------------------------------
static Outcome magic_check(ParquetFile *file, const char *end) {
    if (memcmp(end, "PARE", 4) == 0) {
        return parquet_refuse(file, "the Parquet file is encrypted, which is not supported");
    }
    if (memcmp(end, PARQUET_MAGIC, 4) != 0) {
        file->is_corrupt = true;
        return parquet_refuse(file, "not a Parquet file: it does not end in PAR1");
    }
    return OUTCOME_OK;
}

// The footer is where it is expected, at the end of `tail`, or a second read fetches it.
static Outcome tail_check(ParquetFile *file, Buffer *tail) {
    const char *frame = tail->data + tail->length - FRAME_BYTES;
    TRY(magic_check(file, frame + 4));
    uint32_t length;
    memcpy(&length, frame, sizeof length);
    if (length > PARQUET_FOOTER_BYTES_MAX || length > file->bytes - FRAME_BYTES) {
        return corrupt(file, "its footer is longer than the file or the limit");
    }
    if (length + FRAME_BYTES <= tail->length) {
        return footer_check(file, frame - length, length);
    }
    buffer_clear(tail);
    buffer_reserve(tail, length);
    TRY(file->read(file->user, file->bytes - FRAME_BYTES - length, tail->data, length));
    return footer_check(file, tail->data, length);
}

Outcome parquet_file_open(ParquetFile *file) {
    if (file->bytes < 12) {
        file->is_corrupt = true;
        return parquet_refuse(
            file, "not a Parquet file: it has only %lld bytes", (long long)file->bytes);
    }
    Buffer tail = {0};
    size_t length = file->bytes < TAIL_BYTES ? (size_t)file->bytes : TAIL_BYTES;
    buffer_reserve(&tail, length);
    tail.length = length;
    Outcome outcome = file->read(file->user, file->bytes - (int64_t)length, tail.data, length);
    if (outcome == OUTCOME_OK) {
        outcome = tail_check(file, &tail);
    }
    buffer_free(&tail);
    return outcome;
}

void parquet_file_close(ParquetFile *file) {
    arena_free(&file->arena);
}

// --- looking around ----------------------------------------------------------------------------
const ParquetSchemaNode *parquet_schema_child_at(const ParquetSchemaNode *node, int32_t index) {
    if (node->leaf >= 0 || index >= node->element.child_count) {
        return NULL;
    }
    const ParquetSchemaNode *child = node + 1;
    for (int32_t i = 0; i < index; i++) {
        child += child->size;
    }
    return child;
}

const ParquetSchemaNode *parquet_schema_child(const ParquetSchemaNode *node, const char *name) {
    int32_t count = node->leaf >= 0 ? 0 : node->element.child_count;
    const ParquetSchemaNode *child = node + 1;
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(child->element.name, name) == 0) {
            return child;
        }
        child += child->size;
    }
    return NULL;
}
