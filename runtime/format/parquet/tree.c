// Numbering the nodes of a schema tree and finding them by path.
#include "format/parquet/tree.h"

#include "format/parquet/words.h"

static uint32_t node_count(const ParquetNode *nodes, uint32_t count) {
    uint32_t total = count;
    for (uint32_t i = 0; i < count; i++) {
        total += node_count(nodes[i].children, nodes[i].child_count);
    }
    return total;
}

static bool is_list(const ParquetNode *node) {
    return node->kind == PARQUET_LIST || node->kind == PARQUET_MAP;
}

// The repeated group between a list and its items counts as a level, too; a map's key is required.
static uint8_t definition_of(const ParquetTree *tree, const ParquetTreeNode *made) {
    if (made->parent < 0) {
        return 1;
    }
    const ParquetTreeNode *parent = &tree->nodes[made->parent];
    bool is_key = parent->node->kind == PARQUET_MAP && made->node == parent->node->children;
    return (uint8_t)(parent->definition + (is_list(parent->node) ? 1 : 0) + (is_key ? 0 : 1));
}

static void nodes_add(ParquetTree *tree, const ParquetNode *nodes, uint32_t count, int32_t parent) {
    for (uint32_t i = 0; i < count; i++) {
        int32_t number = (int32_t)tree->node_count++;
        ParquetTreeNode *made = &tree->nodes[number];
        *made = (ParquetTreeNode){.node = &nodes[i], .parent = parent, .list = -1, .leaf = -1};
        if (parent >= 0 && is_list(tree->nodes[parent].node)) {
            ASSERT(nodes[i].kind == PARQUET_LEAF && tree->nodes[parent].list < 0);
            made->list = parent;
        }
        made->definition = definition_of(tree, made);
        ASSERT(made->definition <= PARQUET_LEVEL_MAX);
        if (nodes[i].kind == PARQUET_LEAF) {
            made->leaf = (int32_t)tree->leaf_count++;
        }
        nodes_add(tree, nodes[i].children, nodes[i].child_count, number);
    }
}

ParquetTree parquet_tree_of(Arena *arena, const ParquetNode *fields, uint32_t field_count) {
    ParquetTree tree = {0};
    tree.nodes = arena_array(arena, ParquetTreeNode, node_count(fields, field_count));
    nodes_add(&tree, fields, field_count, -1);
    return tree;
}

// --- paths -------------------------------------------------------------------------------------
static bool names_match(const ParquetNode *node, const char *path, size_t length) {
    return strlen(node->name) == length && memcmp(node->name, path, length) == 0;
}

int32_t parquet_node_find(const ParquetNode *fields, uint32_t field_count, const char *path) {
    const char *dot = strchr(path, '.');
    size_t length = dot == NULL ? strlen(path) : (size_t)(dot - path);
    uint32_t number = 0;
    for (uint32_t i = 0; i < field_count; i++) {
        const ParquetNode *node = &fields[i];
        if (names_match(node, path, length)) {
            int32_t below =
                dot == NULL ? -1 : parquet_node_find(node->children, node->child_count, dot + 1);
            bool is_found = dot == NULL || below >= 0;
            return is_found ? (int32_t)number + (dot == NULL ? 0 : 1 + below) : -1;
        }
        number += 1 + node_count(node->children, node->child_count);
    }
    return -1;
}
