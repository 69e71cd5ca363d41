// Nested columns: the wanted type matched with the file's schema, and rows put together by levels.
#include "format/parquet/nested.h"

#include "format/entries.h"
#include "format/parquet/tree_match.h"
#include "scalar/scalar.h"

// A node of the wanted type. All leaves below it have cursors of successive numbers; the first of
// them tells whether the node is there.
typedef struct NestedNode {
    const FlowTypeDesc *type;
    bool is_missing; // in the file
    uint8_t present_level;
    uint8_t item_level; // of lists and maps: from which definition level on there is an item
    uint8_t repetition; // of lists and maps: the level of a further item
    uint32_t cursor;
    uint32_t cursor_count;
    struct NestedNode *children;
    uint32_t child_count;
    bool has_witness; // a cursor of its own, because no child has one
} NestedNode;

struct ParquetNested {
    ParquetNestedOptions options;
    Arena arena;
    NestedNode root;
    VEC(ParquetCursor *) cursors;
    // of the row that is being read
    Arena *values;
    ParquetFault fault;
    uint32_t items_left;
};

// --- matching ------------------------------------------------------------------------------------
static bool
cursor_add(ParquetNested *nested, const ParquetSchemaNode *leaf, const FlowTypeDesc *type) {
    ParquetCursor *cursor = memory_alloc(sizeof *cursor);
    memset(cursor, 0, sizeof *cursor);
    *vec_push(&nested->arena, &nested->cursors) = cursor;
    cursor->type = type;
    cursor->leaf = (ParquetLeaf){
        .file = nested->options.file,
        .scratch = nested->options.scratch,
        .node = leaf,
        .is_tolerant = nested->options.faults != NULL,
    };
    return parquet_leaf_open(&cursor->leaf, type, 0);
}

static bool
node_match(ParquetNested *nested, NestedNode *node, const ParquetSchemaNode *found, bool is_item);

static void children_make(ParquetNested *nested, NestedNode *node) {
    node->child_count = (uint32_t)node->type->children_count;
    node->children = arena_array(&nested->arena, NestedNode, node->child_count);
    for (uint32_t i = 0; i < node->child_count; i++) {
        node->children[i].type = node->type->children[i].type;
        node->children[i].is_missing = true;
    }
}

static bool struct_match(ParquetNested *nested, NestedNode *node, const ParquetSchemaNode *found) {
    if (found->leaf >= 0) {
        return false;
    }
    node->present_level = found->definition;
    children_make(nested, node);
    for (uint32_t i = 0; i < node->child_count; i++) {
        const ParquetSchemaNode *child = parquet_schema_child(found, node->type->children[i].name);
        if (child != NULL && !node_match(nested, &node->children[i], child, false)) {
            return false;
        }
    }
    if (nested->cursors.count > node->cursor) {
        return true;
    }
    const ParquetSchemaNode *leaf = parquet_schema_witness(found);
    node->has_witness = true;
    return leaf != NULL && cursor_add(nested, leaf, NULL);
}

static bool
items_match(ParquetNested *nested, NestedNode *node, const ParquetSchemaNode *found, bool is_item) {
    ParquetItems items;
    bool is_map = node->type->kind == FLOW_MAP;
    if (found->leaf >= 0 && is_item) {
        return false;
    }
    if (!(is_map ? parquet_map_find : parquet_list_find)(found, is_item, &items)) {
        return false;
    }
    node->present_level = items.present_level;
    node->item_level = items.repeated->definition;
    node->repetition = items.repeated->repetition;
    children_make(nested, node);
    if (!is_map) {
        return node_match(
            nested, &node->children[0], items.element, items.element == items.repeated);
    }
    const ParquetSchemaNode *value = parquet_schema_child_at(items.repeated, 1);
    return node_match(
               nested, &node->children[0], parquet_schema_child_at(items.repeated, 0), false) &&
           (value == NULL || node_match(nested, &node->children[1], value, false));
}

static bool
node_match(ParquetNested *nested, NestedNode *node, const ParquetSchemaNode *found, bool is_item) {
    node->is_missing = false;
    node->cursor = nested->cursors.count;
    bool fits = false;
    bool is_repeated = found->element.repetition == PARQUET_REPEATED && !is_item;
    switch ((FlowKind)node->type->kind) {
    case FLOW_LIST:
    case FLOW_MAP:
        fits = items_match(nested, node, found, is_item);
        break;
    case FLOW_STRUCT:
        fits = !is_repeated && struct_match(nested, node, found);
        break;
    default:
        node->present_level = found->definition;
        fits = !is_repeated && cursor_add(nested, found, node->type);
        break;
    }
    node->cursor_count = nested->cursors.count - node->cursor;
    return fits;
}

ParquetNested *parquet_nested_new(const ParquetNestedOptions *options,
                                  const ParquetSchemaNode *node) {
    ParquetNested *nested = memory_alloc(sizeof *nested);
    *nested = (ParquetNested){.options = *options, .root = {.type = options->type}};
    if (!node_match(nested, &nested->root, node, false)) {
        parquet_nested_free(nested);
        return NULL;
    }
    return nested;
}

void parquet_nested_free(ParquetNested *nested) {
    if (nested == NULL) {
        return;
    }
    for (uint32_t i = 0; i < nested->cursors.count; i++) {
        parquet_leaf_close(&nested->cursors.items[i]->leaf);
        memory_free(nested->cursors.items[i]);
    }
    arena_free(&nested->arena);
    memory_free(nested);
}

Outcome parquet_nested_chunk(ParquetNested *nested, const ParquetGroupMeta *group) {
    for (uint32_t i = 0; i < nested->cursors.count; i++) {
        TRY(parquet_cursor_chunk(nested->cursors.items[i], group));
    }
    return OUTCOME_OK;
}

void parquet_nested_abandon(ParquetNested *nested) {
    for (uint32_t i = 0; i < nested->cursors.count; i++) {
        nested->cursors.items[i]->at = nested->cursors.items[i]->count;
    }
}

void parquet_nested_release(ParquetNested *nested) {
    for (uint32_t i = 0; i < nested->cursors.count; i++) {
        parquet_leaf_release(&nested->cursors.items[i]->leaf);
    }
}

// --- positions -----------------------------------------------------------------------------------
static Outcome levels_refuse(ParquetCursor *cursor) {
    return parquet_leaf_corrupt(&cursor->leaf, "its levels are not those of rows");
}

// All cursors of a node stand at a position.
static Outcome cursors_fill(ParquetNested *nested, const NestedNode *node) {
    for (uint32_t i = node->cursor; i < node->cursor + node->cursor_count; i++) {
        ParquetCursor *cursor = nested->cursors.items[i];
        TRY(parquet_cursor_fill(cursor));
        if (parquet_cursor_is_done(cursor)) {
            return levels_refuse(cursor);
        }
    }
    return OUTCOME_OK;
}

// A node that is null or empty has one position in each of its leaves.
static Outcome node_skip(ParquetNested *nested, const NestedNode *node) {
    TRY(cursors_fill(nested, node));
    for (uint32_t i = node->cursor; i < node->cursor + node->cursor_count; i++) {
        ParquetCursor *cursor = nested->cursors.items[i];
        if (parquet_cursor_definition(cursor) == cursor->leaf.node->definition &&
            cursor->type != NULL) {
            return levels_refuse(cursor); // a value in what is not there
        }
        cursor->at++;
    }
    return OUTCOME_OK;
}

// The positions of a struct of which no field is wanted.
static Outcome witness_skip(ParquetCursor *cursor, uint8_t repetition) {
    do {
        cursor->at++;
        TRY(parquet_cursor_fill(cursor));
    } while (!parquet_cursor_is_done(cursor) && parquet_cursor_repetition(cursor) > repetition);
    return OUTCOME_OK;
}

// Whether another item of the list or map follows; all leaves must agree.
static Outcome item_follows(ParquetNested *nested, const NestedNode *node, bool *follows) {
    for (uint32_t i = node->cursor; i < node->cursor + node->cursor_count; i++) {
        ParquetCursor *cursor = nested->cursors.items[i];
        TRY(parquet_cursor_fill(cursor));
        uint8_t level = parquet_cursor_is_done(cursor) ? 0 : parquet_cursor_repetition(cursor);
        bool is_same = i == node->cursor || *follows == (level == node->repetition);
        if (level > node->repetition || !is_same) {
            return levels_refuse(cursor);
        }
        *follows = level == node->repetition;
    }
    return OUTCOME_OK;
}

// --- values --------------------------------------------------------------------------------------
static Outcome node_read(ParquetNested *nested, const NestedNode *node, FormatItem *item);

static void fault_set(ParquetNested *nested, ParquetFault fault) {
    nested->fault = nested->fault == PARQUET_FAULT_NONE ? fault : nested->fault;
}

typedef struct Items {
    VEC(FormatItem) list;
} Items;

static Outcome struct_read(ParquetNested *nested, const NestedNode *node, FormatItem *item) {
    FormatItem *fields = arena_array(nested->values, FormatItem, node->child_count + 1);
    if (node->has_witness) {
        ParquetCursor *cursor = nested->cursors.items[node->cursor];
        TRY(witness_skip(cursor, parquet_cursor_repetition(cursor)));
    }
    for (uint32_t i = 0; i < node->child_count; i++) {
        TRY(node_read(nested, &node->children[i], &fields[i]));
    }
    item->is_valid = true;
    item->value.nested = items_nested(nested->values, fields, node->child_count, node->child_count);
    return OUTCOME_OK;
}

static Outcome item_read(ParquetNested *nested, const NestedNode *node, Items *items) {
    for (uint32_t i = 0; i < node->child_count; i++) {
        FormatItem item = {0};
        TRY(node_read(nested, &node->children[i], &item));
        if (nested->items_left == 0) {
            fault_set(nested, PARQUET_FAULT_SIZE);
            continue; // its positions are read, and forgotten
        }
        nested->items_left--;
        *vec_push(nested->values, &items->list) = item;
    }
    return OUTCOME_OK;
}

static Outcome items_read(ParquetNested *nested, const NestedNode *node, FormatItem *item) {
    Items items = {0};
    if (parquet_cursor_definition(nested->cursors.items[node->cursor]) < node->item_level) {
        TRY(node_skip(nested, node));
    } else {
        bool follows = false;
        do {
            TRY(item_read(nested, node, &items));
            TRY(item_follows(nested, node, &follows));
        } while (follows);
    }
    bool is_map = node->type->kind == FLOW_MAP;
    uint32_t count = items.list.count / node->child_count;
    if (is_map && count > 1) {
        count = entries_unify(nested->values, node->children[0].type, items.list.items, count);
    }
    item->is_valid = true;
    item->value.nested =
        items_nested(nested->values, items.list.items, count * node->child_count, count);
    return OUTCOME_OK;
}

static Outcome present_read(ParquetNested *nested, const NestedNode *node, FormatItem *item) {
    ParquetCursor *cursor = nested->cursors.items[node->cursor];
    switch ((FlowKind)node->type->kind) {
    case FLOW_STRUCT:
        return struct_read(nested, node, item);
    case FLOW_LIST:
    case FLOW_MAP:
        return items_read(nested, node, item);
    default: {
        ParquetFault fault = PARQUET_FAULT_NONE;
        item->is_valid = parquet_cursor_take(cursor, &item->value, &fault);
        fault_set(nested, fault);
        return OUTCOME_OK;
    }
    }
}

static Outcome node_read(ParquetNested *nested, const NestedNode *node, FormatItem *item) {
    if (!node->is_missing) {
        TRY(cursors_fill(nested, node));
        const ParquetCursor *cursor = nested->cursors.items[node->cursor];
        if (parquet_cursor_definition(cursor) >= node->present_level) {
            TRY(present_read(nested, node, item));
        } else {
            TRY(node_skip(nested, node));
        }
    }
    if (!item->is_valid && !node->type->is_nullable) {
        fault_set(nested, node->is_missing ? PARQUET_FAULT_MISSING : PARQUET_FAULT_NULL);
    }
    return OUTCOME_OK;
}

// --- rows ----------------------------------------------------------------------------------------
static Outcome row_begins(ParquetNested *nested) {
    TRY(cursors_fill(nested, &nested->root));
    for (uint32_t i = 0; i < nested->cursors.count; i++) {
        if (parquet_cursor_repetition(nested->cursors.items[i]) != 0) {
            return levels_refuse(nested->cursors.items[i]);
        }
    }
    return OUTCOME_OK;
}

static Outcome row_read(ParquetNested *nested, const FlowColumn *target, uint32_t row) {
    FormatItem item = {0};
    nested->fault = PARQUET_FAULT_NONE;
    nested->items_left = NESTED_ITEMS_MAX;
    TRY(row_begins(nested));
    TRY(node_read(nested, &nested->root, &item));
    ((const FlowNested **)target->values)[row] = item.value.nested;
    if (target->validity != NULL) {
        ((uint8_t *)target->validity)[row] = item.is_valid;
    }
    if (nested->fault == PARQUET_FAULT_NONE) {
        return OUTCOME_OK;
    }
    if (nested->options.faults == NULL) {
        return parquet_refuse(nested->options.file,
                              "the Parquet file's nested column cannot be read: %s",
                              parquet_fault_text(nested->fault));
    }
    parquet_row_fault(nested->options.faults, row, nested->fault, nested->options.column);
    return OUTCOME_OK;
}

Outcome parquet_nested_read(ParquetNested *nested,
                            const FlowColumn *target,
                            uint32_t *row,
                            uint32_t row_count,
                            Arena *arena) {
    nested->values = arena;
    for (; *row < row_count; (*row)++) {
        TRY(row_read(nested, target, *row));
    }
    return OUTCOME_OK;
}
