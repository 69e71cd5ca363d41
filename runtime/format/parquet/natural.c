// Types of Flow for the elements of a file's schema.
#include "format/parquet/natural.h"

#include "format/parquet/tree_match.h"

enum { NATURAL_DEPTH_MAX = 32 };

static FlowTypeDesc *type_new(Arena *arena, FlowKind kind) {
    FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
    type->kind = (int32_t)kind;
    type->is_nullable = 1;
    return type;
}

static FlowTypeDesc *decimal_new(Arena *arena, int32_t precision, int32_t scale) {
    FlowTypeDesc *type = type_new(arena, FLOW_DECIMAL);
    type->precision = precision;
    type->scale = scale;
    return type;
}

static bool is_decimal(const ParquetElement *element) {
    bool is = element->logical == PARQUET_LOGICAL_DECIMAL ||
              element->converted == PARQUET_CONVERTED_DECIMAL;
    return is && element->precision >= 1 && element->precision <= 38 &&
           element->scale <= element->precision;
}

// An INT64 without a sign needs a decimal to be shown.
static FlowTypeDesc *integer_type(Arena *arena, const ParquetElement *element) {
    bool is_wide = element->type == PARQUET_TYPE_INT64;
    bool is_unsigned = (element->logical == PARQUET_LOGICAL_INTEGER && !element->is_signed) ||
                       (element->logical == PARQUET_LOGICAL_NONE &&
                        element->converted == PARQUET_CONVERTED_UINT_64);
    if (element->logical == PARQUET_LOGICAL_DATE || element->converted == PARQUET_CONVERTED_DATE) {
        return type_new(arena, FLOW_DATE);
    }
    if (element->logical == PARQUET_LOGICAL_TIMESTAMP ||
        element->converted == PARQUET_CONVERTED_TIMESTAMP_MILLIS ||
        element->converted == PARQUET_CONVERTED_TIMESTAMP_MICROS) {
        return type_new(arena, FLOW_TIMESTAMP);
    }
    return is_wide && is_unsigned ? decimal_new(arena, 20, 0) : type_new(arena, FLOW_INT64);
}

static FlowTypeDesc *natural_type(Arena *arena, const ParquetElement *element) {
    if (is_decimal(element)) {
        return decimal_new(arena, element->precision, element->scale);
    }
    switch (element->type) {
    case PARQUET_TYPE_BOOLEAN:
        return type_new(arena, FLOW_BOOL);
    case PARQUET_TYPE_INT32:
    case PARQUET_TYPE_INT64:
        return integer_type(arena, element);
    case PARQUET_TYPE_INT96:
        return type_new(arena, FLOW_TIMESTAMP);
    case PARQUET_TYPE_FLOAT:
    case PARQUET_TYPE_DOUBLE:
        return type_new(arena, FLOW_FLOAT64);
    case PARQUET_TYPE_BYTE_ARRAY:
    case PARQUET_TYPE_FIXED:
        return type_new(arena, FLOW_BYTES);
    case PARQUET_TYPE_NONE:
        break;
    }
    return NULL;
}

static bool is_text(const ParquetElement *element) {
    return element->type == PARQUET_TYPE_BYTE_ARRAY && !is_decimal(element) &&
           element->converted != PARQUET_CONVERTED_BSON;
}

// --- lists, maps, structs ------------------------------------------------------------------------
static FlowTypeDesc *
node_type(Arena *arena, const ParquetSchemaNode *node, bool is_item, uint32_t depth);

typedef VEC(FlowColumnDesc) Children;

static bool child_add(
    Arena *arena, Children *children, const ParquetSchemaNode *node, bool is_item, uint32_t depth) {
    FlowTypeDesc *type = node_type(arena, node, is_item, depth);
    if (type != NULL) {
        *vec_push(arena, children) =
            (FlowColumnDesc){.name = node->element.name, .type = type, .is_used = 1};
    }
    return type != NULL;
}

static FlowTypeDesc *nested_new(Arena *arena, FlowKind kind, const Children *children) {
    FlowTypeDesc *type = type_new(arena, kind);
    type->children = children->items;
    type->children_count = children->count;
    return type;
}

static FlowTypeDesc *struct_type(Arena *arena, const ParquetSchemaNode *node, uint32_t depth) {
    Children children = {0};
    for (int32_t i = 0; i < node->element.child_count; i++) {
        child_add(arena, &children, parquet_schema_child_at(node, i), false, depth);
    }
    return nested_new(arena, FLOW_STRUCT, &children);
}

static FlowTypeDesc *
items_type(Arena *arena, const ParquetItems *items, bool is_map, uint32_t depth) {
    Children children = {0};
    if (!is_map) {
        bool fits =
            child_add(arena, &children, items->element, items->element == items->repeated, depth);
        return fits ? nested_new(arena, FLOW_LIST, &children) : NULL;
    }
    const ParquetSchemaNode *value = parquet_schema_child_at(items->repeated, 1);
    bool fits =
        value != NULL &&
        child_add(arena, &children, parquet_schema_child_at(items->repeated, 0), false, depth) &&
        child_add(arena, &children, value, false, depth);
    return fits ? nested_new(arena, FLOW_MAP, &children) : NULL;
}

static FlowTypeDesc *
node_type(Arena *arena, const ParquetSchemaNode *node, bool is_item, uint32_t depth) {
    const ParquetElement *element = &node->element;
    ParquetItems items;
    bool is_bare = element->repetition == PARQUET_REPEATED && !is_item;
    bool is_map = element->logical == PARQUET_LOGICAL_MAP ||
                  element->converted == PARQUET_CONVERTED_MAP ||
                  element->converted == PARQUET_CONVERTED_MAP_KEY_VALUE;
    bool is_list = element->logical == PARQUET_LOGICAL_LIST ||
                   element->converted == PARQUET_CONVERTED_LIST || is_bare;
    if (depth == 0) {
        return NULL;
    }
    if (is_map && !is_bare && parquet_map_find(node, is_item, &items)) {
        return items_type(arena, &items, true, depth - 1);
    }
    if (is_list && parquet_list_find(node, is_item, &items)) {
        return items_type(arena, &items, false, depth - 1);
    }
    if (node->leaf < 0) {
        return struct_type(arena, node, depth - 1);
    }
    return is_text(element) ? type_new(arena, FLOW_STRING) : natural_type(arena, element);
}

ParquetNatural parquet_natural_of(Arena *arena, const ParquetFile *file) {
    int32_t field_count = file->nodes[0].element.child_count;
    ParquetNatural natural = {
        .columns = arena_array(arena, FlowColumnDesc, (size_t)field_count + 1),
        .are_texts = arena_array(arena, bool, (size_t)field_count + 1),
    };
    const ParquetSchemaNode *node = file->nodes + 1;
    for (int32_t i = 0; i < field_count; i++, node += node->size) {
        bool is_flat = node->leaf >= 0 && node->repetition == 0;
        const FlowTypeDesc *type = is_flat ? natural_type(arena, &node->element)
                                           : node_type(arena, node, false, NATURAL_DEPTH_MAX);
        if (type == NULL || natural.count == COLUMNS_MAX) {
            continue;
        }
        natural.are_texts[natural.count] = is_flat && is_text(&node->element);
        natural.columns[natural.count++] =
            (FlowColumnDesc){.name = node->element.name, .type = type, .is_used = 1};
    }
    return natural;
}
