// Cutting nested values: every leaf gets a position for each item of the lists around it, and one
// where there is none, with the level down to which there was something.
#include "format/parquet/shred.h"

// --- schema --------------------------------------------------------------------------------------
void parquet_shred_count(const FlowColumnDesc *fields,
                         int64_t field_count,
                         uint32_t *element_count,
                         uint32_t *column_count) {
    for (int64_t i = 0; i < field_count; i++) {
        const FlowTypeDesc *type = fields[i].type;
        bool is_list = type->kind == FLOW_LIST || type->kind == FLOW_MAP;
        *element_count += is_list ? 2 : 1;
        *column_count += !parquet_is_nested(type);
        parquet_shred_count(type->children, type->children_count, element_count, column_count);
    }
}

typedef struct ShredWalk {
    ParquetOutput *output;
    uint32_t element; // the last one that was added
    uint32_t column;  // the next one
    uint8_t definition;
    uint8_t repetition;
    const char *path[3 * PARQUET_LEVEL_MAX];
    uint32_t depth;
} ShredWalk;

static ParquetElement *
group_add(ShredWalk *walk, const char *name, ParquetRepetition repetition, int64_t child_count) {
    ParquetElement *element = &walk->output->elements[++walk->element];
    *element = (ParquetElement){
        .name = name,
        .type = PARQUET_TYPE_NONE,
        .repetition = repetition,
        .converted = PARQUET_CONVERTED_NONE,
        .child_count = (int32_t)child_count,
    };
    return element;
}

static void leaf_add(ShredWalk *walk, const ParquetShred *shred, ParquetRepetition repetition) {
    ParquetOutput *output = walk->output;
    ParquetColumn *column = &output->columns[walk->column++];
    parquet_column_init(column, shred->type, &output->scratch);
    column->element.name = walk->path[walk->depth - 1];
    column->element.repetition = repetition;
    column->definition_max = shred->definition;
    column->repetition_max = walk->repetition;
    column->path = arena_array(&output->arena, const char *, walk->depth);
    memcpy(column->path, walk->path, walk->depth * sizeof *walk->path);
    column->path_count = walk->depth;
    column->waits_when_full = walk->depth == 1 && tasks_workers(output->tasks) > 1;
    output->elements[++walk->element] = column->element;
}

static void
field_add(ShredWalk *walk, const char *name, ParquetShred *shred, ParquetRepetition repetition);

static const char *child_name(const FlowTypeDesc *type, uint32_t index) {
    if (type->kind == FLOW_STRUCT) {
        return type->children[index].name;
    }
    return type->kind == FLOW_LIST ? "element" : index == 0 ? "key" : "value";
}

// A field of a struct that is never null is REQUIRED: where the struct is null, readers would find
// nulls in a field that a Delta table says has none, and some refuse that.
static ParquetRepetition child_repetition(const FlowTypeDesc *type, uint32_t index) {
    bool is_key = type->kind == FLOW_MAP && index == 0;
    bool is_field = type->kind == FLOW_STRUCT && !type->children[index].type->is_nullable;
    return is_key || is_field ? PARQUET_REQUIRED : PARQUET_OPTIONAL;
}

static void children_add(ShredWalk *walk, ParquetShred *shred) {
    const FlowTypeDesc *type = shred->type;
    shred->child_count = (uint32_t)type->children_count;
    shred->children = arena_array(&walk->output->arena, ParquetShred, shred->child_count);
    for (uint32_t i = 0; i < shred->child_count; i++) {
        shred->children[i].type = type->children[i].type;
        field_add(walk, child_name(type, i), &shred->children[i], child_repetition(type, i));
    }
}

static void
items_add(ShredWalk *walk, const char *name, ParquetShred *shred, ParquetRepetition repetition) {
    bool is_map = shred->type->kind == FLOW_MAP;
    const char *inner = is_map ? "key_value" : "list";
    ParquetElement *outer = group_add(walk, name, repetition, 1);
    outer->converted = is_map ? PARQUET_CONVERTED_MAP : PARQUET_CONVERTED_LIST;
    outer->logical = is_map ? PARQUET_LOGICAL_MAP : PARQUET_LOGICAL_LIST;
    group_add(walk, inner, PARQUET_REPEATED, shred->type->children_count);
    walk->path[walk->depth++] = inner;
    walk->definition++;
    shred->repetition = ++walk->repetition;
    children_add(walk, shred);
    walk->repetition--;
    walk->definition--;
    walk->depth--;
}

static void
field_add(ShredWalk *walk, const char *name, ParquetShred *shred, ParquetRepetition repetition) {
    ASSERT(walk->depth + 2 < COUNT_OF(walk->path)); // types are not nested that deep
    uint8_t level = repetition == PARQUET_OPTIONAL;
    walk->path[walk->depth++] = name;
    walk->definition = (uint8_t)(walk->definition + level);
    shred->definition = walk->definition;
    shred->column = walk->column;
    switch ((FlowKind)shred->type->kind) {
    case FLOW_LIST:
    case FLOW_MAP:
        items_add(walk, name, shred, repetition);
        break;
    case FLOW_STRUCT:
        group_add(walk, name, repetition, shred->type->children_count);
        children_add(walk, shred);
        break;
    default:
        leaf_add(walk, shred, repetition);
        break;
    }
    shred->column_count = walk->column - shred->column;
    walk->definition = (uint8_t)(walk->definition - level);
    walk->depth--;
}

void parquet_shred_schema(ParquetOutput *output,
                          const FlowColumnDesc *fields,
                          uint32_t field_count,
                          ParquetShred *shreds) {
    ShredWalk walk = {.output = output};
    for (uint32_t i = 0; i < field_count; i++) {
        shreds[i].type = fields[i].type;
        field_add(&walk, fields[i].name, &shreds[i], PARQUET_OPTIONAL);
    }
}

// --- rows ----------------------------------------------------------------------------------------
// Where a value stands: how far there is something around it, and at which level it repeats.
typedef struct ShredPlace {
    uint8_t definition;
    uint8_t repetition;
} ShredPlace;

static void nothing_put(ParquetOutput *output, const ParquetShred *shred, ShredPlace place) {
    for (uint32_t i = 0; i < shred->column_count; i++) {
        parquet_column_put(
            &output->columns[shred->column + i], place.definition, place.repetition, NULL);
    }
}

static void value_put(ParquetOutput *output,
                      const ParquetShred *shred,
                      const FlowValue *value,
                      ShredPlace place);

// Number `index` of the items, which is a child of the node.
static void item_put(ParquetOutput *output,
                     const ParquetShred *child,
                     const FlowNested *nested,
                     int64_t index,
                     ShredPlace place) {
    bool is_there = nested->validity == NULL || nested->validity[index] != 0;
    value_put(output, child, is_there ? &nested->items[index] : NULL, place);
}

static void items_put(ParquetOutput *output,
                      const ParquetShred *shred,
                      const FlowNested *nested,
                      ShredPlace place) {
    place.definition = shred->definition;
    if (nested->count == 0) {
        nothing_put(output, shred, place);
        return;
    }
    place.definition++;
    for (int64_t item = 0; item < nested->count; item++) {
        for (uint32_t i = 0; i < shred->child_count; i++) {
            item_put(output, &shred->children[i], nested, item * shred->child_count + i, place);
        }
        place.repetition = shred->repetition;
    }
}

static void value_put(ParquetOutput *output,
                      const ParquetShred *shred,
                      const FlowValue *value,
                      ShredPlace place) {
    if (value == NULL) {
        nothing_put(output, shred, place);
        return;
    }
    switch ((FlowKind)shred->type->kind) {
    case FLOW_LIST:
    case FLOW_MAP:
        items_put(output, shred, value->nested, place);
        return;
    case FLOW_STRUCT:
        place.definition = shred->definition;
        for (uint32_t i = 0; i < shred->child_count; i++) {
            item_put(output, &shred->children[i], value->nested, i, place);
        }
        return;
    default:
        parquet_column_put(
            &output->columns[shred->column], shred->definition, place.repetition, value);
        return;
    }
}

void parquet_shred_row(ParquetOutput *output, const ParquetShred *shred, const FlowValue *value) {
    value_put(output, shred, value, (ShredPlace){0});
    for (uint32_t i = 0; i < shred->column_count; i++) {
        parquet_column_row_end(&output->columns[shred->column + i]);
    }
}
