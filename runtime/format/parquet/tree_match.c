// Matching a wanted tree with a file's schema, by name, and by form below lists and maps.
#include "format/parquet/tree_match.h"

typedef struct MatchWalk {
    ParquetFile *file;
    const ParquetTree *tree;
    ParquetMatch *matches;
    uint32_t next; // node of the tree
} MatchWalk;

static Outcome shape_refuse(MatchWalk *walk, const ParquetNode *node) {
    return parquet_refuse(walk->file,
                          "the Parquet file's field `%.100s` has another shape than expected",
                          node->name);
}

// A node that the file lacks, with all below it.
static void subtree_skip(MatchWalk *walk, const ParquetNode *node) {
    walk->matches[walk->next++] = (ParquetMatch){0};
    for (uint32_t i = 0; i < node->child_count; i++) {
        subtree_skip(walk, &node->children[i]);
    }
}

static Outcome node_match(MatchWalk *walk, const ParquetNode *node, const ParquetSchemaNode *found);

static Outcome leaf_match(MatchWalk *walk,
                          const ParquetNode *node,
                          const ParquetSchemaNode *found,
                          uint8_t repetition) {
    if (found->leaf < 0 || found->repetition != repetition) {
        return shape_refuse(walk, node);
    }
    walk->matches[walk->next++] = (ParquetMatch){
        .leaf = found,
        .is_leaf = true,
        .present_level = found->definition,
    };
    return OUTCOME_OK;
}

const ParquetSchemaNode *parquet_schema_witness(const ParquetSchemaNode *group) {
    const ParquetSchemaNode *any = NULL;
    for (uint32_t i = 0; i < group->size; i++) {
        if (group[i].leaf >= 0 && group[i].repetition == group->repetition) {
            return &group[i];
        }
        any = any == NULL && group[i].leaf >= 0 ? &group[i] : any;
    }
    return any;
}

static Outcome
group_match(MatchWalk *walk, const ParquetNode *node, const ParquetSchemaNode *found) {
    if (found->leaf >= 0 || found->repetition > 0) {
        return shape_refuse(walk, node);
    }
    ParquetMatch *match = &walk->matches[walk->next++];
    *match = (ParquetMatch){.present_level = found->definition};
    for (uint32_t i = 0; i < node->child_count; i++) {
        uint32_t child = walk->next;
        TRY(node_match(
            walk, &node->children[i], parquet_schema_child(found, node->children[i].name)));
        match->leaf = match->leaf == NULL ? walk->matches[child].leaf : match->leaf;
    }
    match->leaf = match->leaf == NULL ? parquet_schema_witness(found) : match->leaf;
    return OUTCOME_OK;
}

static bool is_repeated(const ParquetSchemaNode *node) {
    return node != NULL && node->element.repetition == PARQUET_REPEATED;
}

static bool is_tuple_name(const char *name, const char *list_name) {
    size_t length = strlen(list_name);
    return strcmp(name, "array") == 0 ||
           (strncmp(name, list_name, length) == 0 && strcmp(name + length, "_tuple") == 0);
}

// The repeated field is the element itself in the old two-level forms, else its only child is.
static const ParquetSchemaNode *list_element(const ParquetSchemaNode *list,
                                             const ParquetSchemaNode *repeated) {
    bool is_element = repeated->leaf >= 0 || repeated->element.child_count != 1 ||
                      is_repeated(parquet_schema_child_at(repeated, 0)) ||
                      is_tuple_name(repeated->element.name, list->element.name);
    return is_element ? repeated : parquet_schema_child_at(repeated, 0);
}

// Without an annotation around it, a repeated field is a list that cannot be null.
bool parquet_list_find(const ParquetSchemaNode *found, bool is_item, ParquetItems *items) {
    bool is_bare = is_repeated(found) && !is_item;
    const ParquetSchemaNode *repeated = is_bare ? found : parquet_schema_child_at(found, 0);
    if (!is_repeated(repeated)) {
        return false;
    }
    *items = (ParquetItems){
        .repeated = repeated,
        .element = is_bare ? found : list_element(found, repeated),
        .present_level = (uint8_t)(is_bare ? found->definition - 1 : found->definition),
    };
    return items->element != NULL;
}

bool parquet_map_find(const ParquetSchemaNode *found, bool is_item, ParquetItems *items) {
    const ParquetSchemaNode *repeated = parquet_schema_child_at(found, 0);
    if ((is_repeated(found) && !is_item) || !is_repeated(repeated) || repeated->leaf >= 0 ||
        parquet_schema_child_at(repeated, 0) == NULL) {
        return false;
    }
    *items = (ParquetItems){.repeated = repeated, .present_level = found->definition};
    return true;
}

static Outcome
list_match(MatchWalk *walk, const ParquetNode *node, const ParquetSchemaNode *found) {
    ParquetItems items;
    if (!parquet_list_find(found, false, &items)) {
        return shape_refuse(walk, node);
    }
    ParquetMatch *match = &walk->matches[walk->next++];
    TRY(leaf_match(walk, node->children, items.element, 1));
    *match = (ParquetMatch){
        .leaf = items.element,
        .present_level = items.present_level,
        .item_level = items.repeated->definition,
    };
    return OUTCOME_OK;
}

// Key and value by position; the value may be missing.
static Outcome map_match(MatchWalk *walk, const ParquetNode *node, const ParquetSchemaNode *found) {
    ParquetItems items;
    if (!parquet_map_find(found, false, &items)) {
        return shape_refuse(walk, node);
    }
    const ParquetSchemaNode *key = parquet_schema_child_at(items.repeated, 0);
    const ParquetSchemaNode *value = parquet_schema_child_at(items.repeated, 1);
    walk->matches[walk->next++] = (ParquetMatch){
        .leaf = key,
        .present_level = items.present_level,
        .item_level = items.repeated->definition,
    };
    TRY(leaf_match(walk, &node->children[0], key, 1));
    if (value == NULL) {
        subtree_skip(walk, &node->children[1]);
        return OUTCOME_OK;
    }
    return leaf_match(walk, &node->children[1], value, 1);
}

static Outcome
node_match(MatchWalk *walk, const ParquetNode *node, const ParquetSchemaNode *found) {
    if (found == NULL) {
        subtree_skip(walk, node);
        return OUTCOME_OK;
    }
    switch (node->kind) {
    case PARQUET_LEAF:
        return leaf_match(walk, node, found, 0);
    case PARQUET_GROUP:
        return group_match(walk, node, found);
    case PARQUET_LIST:
        return list_match(walk, node, found);
    case PARQUET_MAP:
        return map_match(walk, node, found);
    }
    return shape_refuse(walk, node);
}

Outcome parquet_tree_match(ParquetFile *file, const ParquetTree *tree, ParquetMatch *matches) {
    MatchWalk walk = {.file = file, .tree = tree, .matches = matches};
    while (walk.next < tree->node_count) {
        const ParquetNode *field = tree->nodes[walk.next].node; // the walk takes whole fields
        TRY(node_match(&walk, field, parquet_schema_child(file->nodes, field->name)));
    }
    return OUTCOME_OK;
}
