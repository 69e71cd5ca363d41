// Flow's types and Delta's words for them. Tables of other writers may hold types that Flow has no
// column for yet; such a table is refused by name of the column, never read in part.
#include "store/delta/schema.h"

#include <ctype.h>

typedef struct TypeWord {
    const char *word;
    FlowKind kind;
} TypeWord;

static const TypeWord type_words[] = {
    {"boolean", FLOW_BOOL},
    {"byte", FLOW_INT8},
    {"short", FLOW_INT16},
    {"integer", FLOW_INT32},
    {"long", FLOW_INT64},
    {"float", FLOW_FLOAT32},
    {"double", FLOW_FLOAT64},
    {"string", FLOW_STRING},
    {"binary", FLOW_BYTES},
    {"date", FLOW_DATE},
    {"timestamp", FLOW_TIMESTAMP},
};

#define META_TYPE "flow.type"         // "duration" over a long
#define META_ROLE "flow.role"         // "sequence": the order values of a merged table
#define META_REQUIRED "flow.not_null" // of partition columns, which the log calls nullable

// --- reading ------------------------------------------------------------------------------------
// `decimal`, `decimal(10,2)`, `decimal(10, 2)`.
static bool decimal_parse(const char *word, FlowTypeDesc *type) {
    unsigned precision = 10;
    unsigned scale = 0;
    int length = 0;
    if (strncmp(word, "decimal", 7) != 0) {
        return false;
    }
    word += 7;
    if (*word != '\0' && (sscanf(word, " (%2u ,%2u )%n", &precision, &scale, &length) != 2 ||
                          length == 0 || word[length] != '\0')) {
        return false;
    }
    type->kind = FLOW_DECIMAL;
    type->precision = (int32_t)precision;
    type->scale = (int32_t)scale;
    return precision >= 1 && precision <= 38 && scale <= precision;
}

static bool scalar_parse(const char *word, FlowTypeDesc *type) {
    for (size_t i = 0; i < COUNT_OF(type_words); i++) {
        if (strcmp(type_words[i].word, word) == 0) {
            type->kind = (int32_t)type_words[i].kind;
            return true;
        }
    }
    return decimal_parse(word, type);
}

static const char *unsupported(Arena *arena, const char *name, const DeltaJson *type) {
    if (type != NULL && type->kind == DELTA_JSON_OBJECT) {
        const char *word = delta_json_string(type, "type");
        return arena_format(arena,
                            "column %s is of type %s, which is not supported yet",
                            name,
                            word == NULL ? "unknown" : word);
    }
    return arena_format(arena,
                        "column %s is of type %s, which is not supported yet",
                        name,
                        type != NULL && type->kind == DELTA_JSON_STRING ? type->text : "unknown");
}

static const FlowTypeDesc *
part_parse(Arena *arena, const DeltaJson *json, bool is_nullable, uint32_t depth);

static FlowColumnDesc child_of(const char *name, const FlowTypeDesc *type) {
    return (FlowColumnDesc){.name = name, .type = type, .is_used = 1};
}

static bool list_parse(Arena *arena, const DeltaJson *json, FlowTypeDesc *type, uint32_t depth) {
    FlowColumnDesc *children = arena_array(arena, FlowColumnDesc, 1);
    children[0] = child_of("element",
                           part_parse(arena,
                                      delta_json_member(json, "elementType"),
                                      delta_json_truth(json, "containsNull", true),
                                      depth));
    *type = (FlowTypeDesc){.kind = FLOW_LIST, .children = children, .children_count = 1};
    return children[0].type != NULL;
}

static bool map_parse(Arena *arena, const DeltaJson *json, FlowTypeDesc *type, uint32_t depth) {
    FlowColumnDesc *children = arena_array(arena, FlowColumnDesc, 2);
    const DeltaJson *key = delta_json_member(json, "keyType");
    const DeltaJson *value = delta_json_member(json, "valueType");
    bool has_null = delta_json_truth(json, "valueContainsNull", true);
    children[0] = child_of("key", part_parse(arena, key, false, depth));
    children[1] = child_of("value", part_parse(arena, value, has_null, depth));
    *type = (FlowTypeDesc){.kind = FLOW_MAP, .children = children, .children_count = 2};
    return children[0].type != NULL && children[1].type != NULL;
}

static void duration_find(const DeltaJson *field, FlowTypeDesc *type) {
    const DeltaJson *metadata = delta_json_object(field, "metadata");
    bool is_duration = delta_json_is(delta_json_member(metadata, META_TYPE), "duration");
    if (type->kind == FLOW_INT64 && is_duration) {
        type->kind = FLOW_DURATION;
    }
}

static bool struct_parse(Arena *arena, const DeltaJson *json, FlowTypeDesc *type, uint32_t depth) {
    const DeltaJson *fields = delta_json_array(json, "fields");
    uint32_t count = fields == NULL ? 0 : fields->count;
    FlowColumnDesc *children = arena_array(arena, FlowColumnDesc, count);
    uint32_t i = 0;
    for (const DeltaJson *field = fields == NULL ? NULL : fields->first; field != NULL;
         field = field->next, i++) {
        const char *name = delta_json_string(field, "name");
        bool is_nullable = delta_json_truth(field, "nullable", true);
        const DeltaJson *part = delta_json_member(field, "type");
        const FlowTypeDesc *parsed = part_parse(arena, part, is_nullable, depth);
        if (name == NULL || parsed == NULL) {
            return false;
        }
        FlowTypeDesc *own = arena_new(arena, FlowTypeDesc);
        *own = *parsed;
        duration_find(field, own);
        children[i] = child_of(name, own);
    }
    *type = (FlowTypeDesc){.kind = FLOW_STRUCT, .children = children, .children_count = count};
    return count > 0;
}

static bool nested_parse(Arena *arena, const DeltaJson *json, FlowTypeDesc *type, uint32_t depth) {
    const DeltaJson *word = delta_json_member(json, "type");
    if (depth == TYPE_DEPTH_MAX) {
        return false;
    }
    if (delta_json_is(word, "array")) {
        return list_parse(arena, json, type, depth + 1);
    }
    if (delta_json_is(word, "map")) {
        return map_parse(arena, json, type, depth + 1);
    }
    return delta_json_is(word, "struct") && struct_parse(arena, json, type, depth + 1);
}

static bool type_parse(Arena *arena, const DeltaJson *json, FlowTypeDesc *type, uint32_t depth) {
    if (json == NULL) {
        return false;
    }
    return json->kind == DELTA_JSON_STRING ? scalar_parse(json->text, type)
                                           : nested_parse(arena, json, type, depth);
}

// NULL: not a type that Flow has a column for.
static const FlowTypeDesc *
part_parse(Arena *arena, const DeltaJson *json, bool is_nullable, uint32_t depth) {
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    if (!type_parse(arena, json, type, depth)) {
        return NULL;
    }
    type->is_nullable = is_nullable;
    return type;
}

static const char *
desc_parse(Arena *arena, const DeltaJson *field, const char *name, FlowColumnDesc *desc) {
    const DeltaJson *metadata = delta_json_object(field, "metadata");
    const DeltaJson *word = delta_json_member(field, "type");
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    if (!type_parse(arena, word, type, 0)) {
        return unsupported(arena, name, word);
    }
    duration_find(field, type);
    type->is_nullable = delta_json_truth(field, "nullable", true) &&
                        !delta_json_truth(metadata, META_REQUIRED, false);
    *desc = (FlowColumnDesc){.name = name, .type = type, .is_used = 1};
    return NULL;
}

static const char *sequence_parse(Arena *arena, const DeltaJson *field, DeltaSchema *schema) {
    const DeltaJson *type = delta_json_object(field, "type");
    const DeltaJson *fields = delta_json_array(type, "fields");
    schema->sequence_is_struct = type != NULL;
    schema->sequence_count = type == NULL ? 1 : fields == NULL ? 0 : fields->count;
    schema->sequence = arena_array(arena, FlowColumnDesc, schema->sequence_count);
    if (type == NULL) {
        return desc_parse(arena, field, DELTA_SEQUENCE_NAME, &schema->sequence[0]);
    }
    uint32_t i = 0;
    for (const DeltaJson *part = fields->first; part != NULL; part = part->next, i++) {
        const char *name = delta_json_string(part, "name");
        const char *why = name == NULL ? "the type of _sequence cannot be read"
                                       : desc_parse(arena, part, name, &schema->sequence[i]);
        if (why != NULL) {
            return why;
        }
    }
    return NULL;
}

static const char *
column_parse(Arena *arena, const DeltaJson *field, const char *name, DeltaColumn *column) {
    const DeltaJson *metadata = delta_json_object(field, "metadata");
    if (delta_json_member(metadata, "delta.typeChanges") != NULL) {
        return arena_format(arena, "column %s was widened, which is not supported yet", name);
    }
    column->is_required = !delta_json_truth(field, "nullable", true);
    column->has_rule = delta_json_member(metadata, "delta.invariants") != NULL ||
                       delta_json_member(metadata, "delta.generationExpression") != NULL ||
                       delta_json_member(metadata, "delta.identity.start") != NULL;
    column->has_default = delta_json_member(metadata, "CURRENT_DEFAULT") != NULL;
    return desc_parse(arena, field, name, &column->desc);
}

static const char *field_parse(Arena *arena,
                               const DeltaJson *field,
                               const DeltaNames *partition,
                               DeltaSchema *schema) {
    const char *name = delta_json_string(field, "name");
    const DeltaJson *role = delta_json_member(delta_json_object(field, "metadata"), META_ROLE);
    if (name == NULL) {
        return "its schema has a field without a name";
    }
    if (delta_json_is(role, "sequence")) {
        return sequence_parse(arena, field, schema);
    }
    DeltaColumn column = {.is_partition = delta_names_have(partition, name)};
    const char *why = column_parse(arena, field, name, &column);
    *vec_push(arena, &schema->columns) = column;
    return why;
}

int32_t delta_schema_find(const DeltaSchema *schema, const char *name) {
    for (uint32_t i = 0; i < schema->columns.count; i++) {
        if (strcmp(schema->columns.items[i].desc.name, name) == 0) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

static const char *
partition_check(Arena *arena, const DeltaNames *partition, const DeltaSchema *schema) {
    for (uint32_t i = 0; i < partition->count; i++) {
        if (delta_schema_find(schema, partition->items[i]) == FLOW_NO_INDEX) {
            return arena_format(
                arena, "its schema lacks the partition column %s", partition->items[i]);
        }
    }
    return NULL;
}

const char *delta_schema_parse(Arena *arena, const DeltaMetadata *metadata, DeltaSchema *schema) {
    const DeltaJson *root = delta_json_parse(arena, metadata->schema, strlen(metadata->schema));
    const DeltaJson *fields = delta_json_array(root, "fields");
    *schema = (DeltaSchema){0};
    if (fields == NULL) {
        return "its schema is not a Delta schema";
    }
    if (fields->count > COLUMNS_MAX) {
        return "it has more than 4096 columns";
    }
    for (const DeltaJson *field = fields->first; field != NULL; field = field->next) {
        const char *why = field_parse(arena, field, &metadata->partition_columns, schema);
        if (why != NULL) {
            return why;
        }
    }
    return partition_check(arena, &metadata->partition_columns, schema);
}

// --- types --------------------------------------------------------------------------------------
bool delta_type_is_same(const FlowTypeDesc *a, const FlowTypeDesc *b) {
    int32_t a_kind = a->kind == FLOW_ENUM ? FLOW_STRING : a->kind;
    int32_t b_kind = b->kind == FLOW_ENUM ? FLOW_STRING : b->kind;
    a_kind = a_kind == FLOW_DURATION ? FLOW_INT64 : a_kind;
    b_kind = b_kind == FLOW_DURATION ? FLOW_INT64 : b_kind;
    bool is_same =
        a_kind == b_kind && a->children_count == b->children_count &&
        (a_kind != FLOW_DECIMAL || (a->precision == b->precision && a->scale == b->scale));
    for (int64_t i = 0; i < a->children_count && is_same; i++) {
        bool is_named =
            a_kind != FLOW_STRUCT || strcmp(a->children[i].name, b->children[i].name) == 0;
        is_same = is_named && delta_type_is_same(a->children[i].type, b->children[i].type);
    }
    return is_same;
}

// Null may be in a part of `from` only where the same part of `to` may have it.
bool delta_type_admits(const FlowTypeDesc *to, const FlowTypeDesc *from) {
    bool admits = to->is_nullable || !from->is_nullable;
    for (int64_t i = 0; i < from->children_count && i < to->children_count && admits; i++) {
        admits = delta_type_admits(to->children[i].type, from->children[i].type);
    }
    return admits;
}

static const char *
nested_text(Arena *arena, const FlowTypeDesc *type, const char *word, const char *mark) {
    const char *text = arena_format(arena, "%s(", word);
    for (int64_t i = 0; i < type->children_count; i++) {
        const FlowColumnDesc *child = &type->children[i];
        bool is_field = type->kind == FLOW_STRUCT;
        text = arena_format(arena,
                            "%s%s%s%s%s",
                            text,
                            i == 0 ? "" : ", ",
                            is_field ? child->name : "",
                            is_field ? ": " : "",
                            delta_type_text(arena, child->type));
    }
    return arena_format(arena, "%s)%s", text, mark);
}

const char *delta_type_text(Arena *arena, const FlowTypeDesc *type) {
    static const char *const texts[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    const char *mark = type->is_nullable ? "?" : "";
    if (type->children_count > 0) {
        return nested_text(arena, type, texts[type->kind], mark);
    }
    if (type->kind == FLOW_DECIMAL) {
        return arena_format(arena, "decimal(%d, %d)%s", type->precision, type->scale, mark);
    }
    return arena_format(arena, "%s%s", texts[type->kind], mark);
}

// --- writing ------------------------------------------------------------------------------------
static void type_write(Buffer *out, const FlowTypeDesc *type);
static void fields_write(Buffer *out, const FlowTypeDesc *type);

static void nested_write(Buffer *out, const FlowTypeDesc *type) {
    const FlowColumnDesc *children = type->children;
    if (type->kind == FLOW_LIST) {
        buffer_text(out, "{\"type\":\"array\",\"elementType\":");
        type_write(out, children[0].type);
        buffer_format(
            out, ",\"containsNull\":%s}", children[0].type->is_nullable ? "true" : "false");
        return;
    }
    if (type->kind == FLOW_STRUCT) {
        fields_write(out, type);
        return;
    }
    buffer_text(out, "{\"type\":\"map\",\"keyType\":");
    type_write(out, children[0].type);
    buffer_text(out, ",\"valueType\":");
    type_write(out, children[1].type);
    buffer_format(
        out, ",\"valueContainsNull\":%s}", children[1].type->is_nullable ? "true" : "false");
}

static void type_write(Buffer *out, const FlowTypeDesc *type) {
    FlowKind kind = (FlowKind)type->kind;
    if (type->children_count > 0) {
        nested_write(out, type);
        return;
    }
    kind = kind == FLOW_ENUM ? FLOW_STRING : kind == FLOW_DURATION ? FLOW_INT64 : kind;
    if (kind == FLOW_DECIMAL) {
        buffer_format(out, "\"decimal(%d,%d)\"", type->precision, type->scale);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(type_words); i++) {
        if (type_words[i].kind == kind) {
            delta_json_text(out, type_words[i].word);
            return;
        }
    }
    bool has_word = false;
    ASSERT(has_word);
}

typedef struct FieldStyle {
    bool is_nullable;
    bool is_required_partition;
    const char *role;
} FieldStyle;

static void field_metadata_write(Buffer *out, const FlowTypeDesc *type, const FieldStyle *style) {
    const char *comma = "";
    buffer_text(out, ",\"metadata\":{");
    if (type != NULL && type->kind == FLOW_DURATION) {
        buffer_text(out, "\"" META_TYPE "\":\"duration\"");
        comma = ",";
    }
    if (style->is_required_partition) {
        buffer_format(out, "%s\"" META_REQUIRED "\":true", comma);
        comma = ",";
    }
    if (style->role != NULL) {
        buffer_format(out, "%s\"" META_ROLE "\":\"%s\"", comma, style->role);
    }
    buffer_text(out, "}}");
}

static void field_write(Buffer *out, const char *name, const FlowTypeDesc *type, FieldStyle style) {
    buffer_text(out, "{\"name\":");
    delta_json_text(out, name);
    buffer_text(out, ",\"type\":");
    type_write(out, type);
    buffer_format(out, ",\"nullable\":%s", style.is_nullable ? "true" : "false");
    field_metadata_write(out, type, &style);
}

static void fields_write(Buffer *out, const FlowTypeDesc *type) {
    buffer_text(out, "{\"type\":\"struct\",\"fields\":[");
    for (int64_t i = 0; i < type->children_count; i++) {
        const FlowColumnDesc *child = &type->children[i];
        buffer_text(out, i == 0 ? "" : ",");
        FieldStyle style = {.is_nullable = child->type->is_nullable};
        field_write(out, child->name, child->type, style);
    }
    buffer_text(out, "]}");
}

static void sequence_write(Buffer *out, const FlowColumnDesc *sequence, uint32_t count) {
    FieldStyle style = {.is_nullable = true, .role = "sequence"};
    if (count == 1) {
        field_write(out, DELTA_SEQUENCE_NAME, sequence[0].type, style);
        return;
    }
    buffer_text(out, "{\"name\":\"" DELTA_SEQUENCE_NAME "\",\"type\":");
    buffer_text(out, "{\"type\":\"struct\",\"fields\":[");
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "_%u", i + 1);
        buffer_text(out, i == 0 ? "" : ",");
        field_write(out, name, sequence[i].type, (FieldStyle){.is_nullable = true});
    }
    buffer_text(out, "]},\"nullable\":true");
    field_metadata_write(out, NULL, &style);
}

const char *delta_schema_new(Arena *arena, const DeltaSchemaNew *wanted) {
    Buffer out = {0};
    buffer_text(&out, "{\"type\":\"struct\",\"fields\":[");
    for (uint32_t i = 0; i < wanted->column_count; i++) {
        const FlowColumnDesc *column = &wanted->columns[i];
        bool is_required = !column->type->is_nullable;
        bool is_partition = delta_names_have(wanted->partition, column->name);
        FieldStyle style = {
            .is_nullable = !is_required || is_partition,
            .is_required_partition = is_required && is_partition,
        };
        buffer_text(&out, i == 0 ? "" : ",");
        field_write(&out, column->name, column->type, style);
    }
    if (wanted->sequence_count > 0) {
        buffer_char(&out, ',');
        sequence_write(&out, wanted->sequence, wanted->sequence_count);
    }
    buffer_text(&out, "]}");
    const char *text = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

// The schema with further fields behind its own.
static const char *fields_append(Arena *arena, const char *schema, const Buffer *fields_text) {
    const DeltaJson *root = delta_json_parse(arena, schema, strlen(schema));
    const DeltaJson *fields = delta_json_array(root, "fields");
    ASSERT(fields != NULL);
    Buffer out = {0};
    const char *close = fields->source + fields->source_length - 1;
    buffer_append(&out, schema, (size_t)(close - schema));
    buffer_text(&out, fields->count == 0 ? "" : ",");
    buffer_append(&out, fields_text->data, fields_text->length);
    buffer_text(&out, close);
    const char *text = arena_copy(arena, out.data, out.length);
    buffer_free(&out);
    return text;
}

const char *delta_schema_with_sequence(Arena *arena,
                                       const char *schema,
                                       const FlowColumnDesc *sequence,
                                       uint32_t count) {
    Buffer fields = {0};
    sequence_write(&fields, sequence, count);
    const char *text = fields_append(arena, schema, &fields);
    buffer_free(&fields);
    return text;
}

const char *delta_schema_with_columns(Arena *arena,
                                      const char *schema,
                                      const FlowColumnDesc *columns,
                                      uint32_t count) {
    Buffer fields = {0};
    for (uint32_t i = 0; i < count; i++) {
        buffer_text(&fields, i == 0 ? "" : ",");
        field_write(&fields, columns[i].name, columns[i].type, (FieldStyle){.is_nullable = true});
    }
    const char *text = fields_append(arena, schema, &fields);
    buffer_free(&fields);
    return text;
}

// --- checks of new tables -----------------------------------------------------------------------
static const char *name_check(Arena *arena, const FlowColumnDesc *columns, uint32_t at) {
    const char *name = columns[at].name;
    if (*name == '\0' || strpbrk(name, " ,;{}()\n\t=") != NULL) {
        return arena_format(
            arena, "the column name \"%s\" has a character that Delta does not allow", name);
    }
    for (uint32_t i = 0; i < at; i++) {
        if (strcasecmp(columns[i].name, name) == 0) {
            return arena_format(
                arena, "the column names %s and %s are one to Delta", columns[i].name, name);
        }
    }
    return NULL;
}

const char *delta_schema_check_added(Arena *arena,
                                     const DeltaSchema *schema,
                                     const FlowColumnDesc *columns,
                                     uint32_t count) {
    uint32_t known_count = schema->columns.count;
    FlowColumnDesc *all = arena_array(arena, FlowColumnDesc, known_count + count);
    const char *why = NULL;
    for (uint32_t i = 0; i < known_count; i++) {
        all[i] = schema->columns.items[i].desc;
    }
    for (uint32_t i = 0; i < count && why == NULL; i++) {
        all[known_count + i] = columns[i];
        why = strcasecmp(columns[i].name, DELTA_SEQUENCE_NAME) == 0
                  ? "a merged table has a column _sequence of its own"
                  : name_check(arena, all, known_count + i);
    }
    return why;
}

static const char *partition_kinds_check(Arena *arena, const DeltaSchemaNew *wanted) {
    for (uint32_t i = 0; i < wanted->column_count; i++) {
        const FlowColumnDesc *column = &wanted->columns[i];
        bool is_unfit = column->type->kind == FLOW_BYTES || column->type->children_count > 0;
        if (delta_names_have(wanted->partition, column->name) && is_unfit) {
            return arena_format(arena,
                                "column %s is of type %s and cannot be a partition",
                                column->name,
                                delta_type_text(arena, column->type));
        }
    }
    return NULL;
}

const char *delta_schema_check_new(Arena *arena, const DeltaSchemaNew *wanted) {
    if (wanted->partition->count >= wanted->column_count) {
        return "at least one column must not be a partition";
    }
    for (uint32_t i = 0; i < wanted->column_count; i++) {
        if (wanted->sequence_count > 0 &&
            strcasecmp(wanted->columns[i].name, DELTA_SEQUENCE_NAME) == 0) {
            return "a merged table has a column _sequence of its own";
        }
        const char *why = name_check(arena, wanted->columns, i);
        if (why != NULL) {
            return why;
        }
    }
    return partition_kinds_check(arena, wanted);
}
