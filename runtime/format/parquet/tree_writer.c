// Trees, written a row at a time: what was set becomes values, what was not becomes levels.
#include "format/parquet/output.h"
#include "format/parquet/tree.h"

#include "scalar/scalar.h"

// What the current row says of a node.
typedef struct RowNode {
    bool is_present;
    uint32_t item_count; // of a list or map
} RowNode;

typedef struct RowValue {
    uint32_t item;
    FlowValue value;
} RowValue;

typedef VEC(RowValue) RowValues;

struct ParquetTreeWriter {
    ParquetOutput output;
    ParquetTree tree;
    RowNode *row;
    RowValues *values; // by leaf
    Arena row_arena;
};

// --- schema ------------------------------------------------------------------------------------
typedef struct SchemaWalk {
    ParquetTreeWriter *writer;
    uint32_t element;
    uint32_t column;
    const char *path[2 * PARQUET_LEVEL_MAX];
    uint32_t depth;
} SchemaWalk;

static ParquetElement
group_element(const char *name, ParquetRepetition repetition, uint32_t child_count) {
    return (ParquetElement){
        .name = name,
        .type = PARQUET_TYPE_NONE,
        .repetition = repetition,
        .converted = PARQUET_CONVERTED_NONE,
        .child_count = (int32_t)child_count,
    };
}

static void element_add(SchemaWalk *walk, ParquetElement element) {
    walk->writer->output.elements[++walk->element] = element;
}

static void leaf_add(SchemaWalk *walk, const ParquetNode *node, bool is_required) {
    ParquetOutput *output = &walk->writer->output;
    ParquetColumn *column = &output->columns[walk->column++];
    parquet_column_init(column, node->type, &output->scratch);
    column->element.name = node->name;
    column->element.repetition = is_required ? PARQUET_REQUIRED : PARQUET_OPTIONAL;
    column->path = arena_array(&output->arena, const char *, walk->depth);
    memcpy(column->path, walk->path, walk->depth * sizeof *walk->path);
    column->path_count = walk->depth;
    element_add(walk, column->element);
}

static void node_add(SchemaWalk *walk, const ParquetNode *node, bool is_required);

static void children_add(SchemaWalk *walk, const ParquetNode *node) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        node_add(walk, &node->children[i], node->kind == PARQUET_MAP && i == 0);
    }
}

static void list_add(SchemaWalk *walk, const ParquetNode *node) {
    bool is_map = node->kind == PARQUET_MAP;
    ParquetElement outer = group_element(node->name, PARQUET_OPTIONAL, 1);
    outer.converted = is_map ? PARQUET_CONVERTED_MAP : PARQUET_CONVERTED_LIST;
    outer.logical = is_map ? PARQUET_LOGICAL_MAP : PARQUET_LOGICAL_LIST;
    const char *inner_name = is_map ? "key_value" : "list";
    element_add(walk, outer);
    element_add(walk, group_element(inner_name, PARQUET_REPEATED, node->child_count));
    walk->path[walk->depth++] = inner_name;
    children_add(walk, node);
    walk->depth--;
}

static void node_add(SchemaWalk *walk, const ParquetNode *node, bool is_required) {
    walk->path[walk->depth++] = node->name;
    switch (node->kind) {
    case PARQUET_LEAF:
        leaf_add(walk, node, is_required);
        break;
    case PARQUET_GROUP:
        element_add(walk, group_element(node->name, PARQUET_OPTIONAL, node->child_count));
        children_add(walk, node);
        break;
    case PARQUET_LIST:
    case PARQUET_MAP:
        list_add(walk, node);
        break;
    }
    walk->depth--;
}

static uint32_t element_count(const ParquetTree *tree) {
    uint32_t count = tree->node_count;
    for (uint32_t i = 0; i < tree->node_count; i++) {
        ParquetNodeKind kind = tree->nodes[i].node->kind;
        count += kind == PARQUET_LIST || kind == PARQUET_MAP;
    }
    return count;
}

static void columns_level(ParquetTreeWriter *writer) {
    for (uint32_t i = 0; i < writer->tree.node_count; i++) {
        const ParquetTreeNode *node = &writer->tree.nodes[i];
        if (node->leaf >= 0) {
            writer->output.columns[node->leaf].definition_max = node->definition;
            writer->output.columns[node->leaf].repetition_max = node->list >= 0;
        }
    }
}

ParquetTreeWriter *parquet_tree_writer_new(const ParquetNode *fields,
                                           uint32_t field_count,
                                           const ParquetWriterOptions *options,
                                           ParquetWriteFn write,
                                           void *user) {
    ParquetTreeWriter *writer = memory_alloc(sizeof *writer);
    *writer = (ParquetTreeWriter){0};
    ParquetOutput *output = &writer->output;
    parquet_output_init(output, options, write, user);
    writer->tree = parquet_tree_of(&output->arena, fields, field_count);
    writer->row = arena_array(&output->arena, RowNode, writer->tree.node_count);
    writer->values = arena_array(&output->arena, RowValues, writer->tree.leaf_count);
    parquet_output_schema(
        output, element_count(&writer->tree), writer->tree.leaf_count, field_count);
    SchemaWalk walk = {.writer = writer};
    for (uint32_t i = 0; i < field_count; i++) {
        node_add(&walk, &fields[i], false);
    }
    columns_level(writer);
    return writer;
}

// --- rows --------------------------------------------------------------------------------------
void parquet_tree_present(ParquetTreeWriter *writer, int32_t node) {
    ASSERT(node >= 0 && (uint32_t)node < writer->tree.node_count);
    for (int32_t at = node; at >= 0 && !writer->row[at].is_present;
         at = writer->tree.nodes[at].parent) {
        writer->row[at].is_present = true;
    }
}

void parquet_tree_item(ParquetTreeWriter *writer, int32_t node) {
    parquet_tree_present(writer, node);
    ASSERT(writer->tree.nodes[node].node->kind >= PARQUET_LIST);
    writer->row[node].item_count++;
}

static bool is_text(const FlowTypeDesc *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

void parquet_tree_set(ParquetTreeWriter *writer, int32_t leaf, const FlowValue *value) {
    parquet_tree_present(writer, leaf);
    const ParquetTreeNode *node = &writer->tree.nodes[leaf];
    ASSERT(node->leaf >= 0);
    uint32_t item_count = node->list < 0 ? 1 : writer->row[node->list].item_count;
    ASSERT(item_count > 0); // parquet_tree_item comes first
    const RowValues *values = &writer->values[node->leaf];
    ASSERT(values->count == 0 || values->items[values->count - 1].item < item_count - 1);
    RowValue kept = {.item = item_count - 1, .value = *value};
    if (is_text(node->node->type) && value->view.length > FLOW_VIEW_INLINE_MAX) {
        kept.value.view.data = arena_copy(&writer->row_arena, value->view.data, value->view.length);
    }
    *vec_push(&writer->row_arena, &writer->values[node->leaf]) = kept;
}

// The level at which a missing thing ends: that of the nearest ancestor that exists.
static uint8_t missing_level(const ParquetTreeWriter *writer, int32_t node) {
    int32_t at = node;
    while (at >= 0 && !writer->row[at].is_present) {
        at = writer->tree.nodes[at].parent;
    }
    return at < 0 ? 0 : writer->tree.nodes[at].definition;
}

static void single_put(ParquetTreeWriter *writer, const ParquetTreeNode *node) {
    ParquetColumn *column = &writer->output.columns[node->leaf];
    const RowValues *values = &writer->values[node->leaf];
    if (values->count > 0) {
        parquet_column_put(column, node->definition, 0, &values->items[values->count - 1].value);
    } else {
        parquet_column_put(column, missing_level(writer, node->parent), 0, NULL);
    }
}

static void items_put(ParquetTreeWriter *writer, const ParquetTreeNode *node) {
    ParquetColumn *column = &writer->output.columns[node->leaf];
    const RowValues *values = &writer->values[node->leaf];
    uint32_t item_count = writer->row[node->list].item_count;
    uint32_t at = 0;
    for (uint32_t item = 0; item < item_count; item++) {
        bool is_value = at < values->count && values->items[at].item == item;
        bool is_key = node->definition == writer->tree.nodes[node->list].definition + 1;
        ASSERT(is_value || !is_key); // a map's key is never null
        uint8_t definition = is_value ? node->definition : (uint8_t)(node->definition - 1);
        parquet_column_put(
            column, definition, item > 0, is_value ? &values->items[at].value : NULL);
        at += is_value;
    }
    if (item_count == 0) {
        parquet_column_put(column, missing_level(writer, node->list), 0, NULL);
    }
}

static void leaf_put(ParquetTreeWriter *writer, const ParquetTreeNode *node) {
    if (node->list < 0) {
        single_put(writer, node);
    } else {
        items_put(writer, node);
    }
    writer->values[node->leaf] = (RowValues){0};
    parquet_column_row_end(&writer->output.columns[node->leaf]);
}

Outcome parquet_tree_row_end(ParquetTreeWriter *writer) {
    for (uint32_t i = 0; i < writer->tree.node_count; i++) {
        if (writer->tree.nodes[i].leaf >= 0) {
            leaf_put(writer, &writer->tree.nodes[i]);
        }
    }
    memset(writer->row, 0, writer->tree.node_count * sizeof *writer->row);
    arena_reset(&writer->row_arena);
    return parquet_output_rows_added(&writer->output, 1);
}

Outcome parquet_tree_writer_finish(ParquetTreeWriter *writer) {
    return parquet_output_finish(&writer->output);
}

int64_t parquet_tree_writer_bytes(const ParquetTreeWriter *writer) {
    return parquet_output_bytes(&writer->output);
}

void parquet_tree_writer_free(ParquetTreeWriter *writer) {
    if (writer == NULL) {
        return;
    }
    arena_free(&writer->row_arena);
    parquet_output_free(&writer->output);
    memory_free(writer);
}
