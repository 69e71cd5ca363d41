// tree: the nodes of a tree file's schema, numbered in preorder.
//
// Private to parquet; shared by the writer and the reader of trees, so that numbers agree.
#ifndef FLOW_PARQUET_TREE_H
#define FLOW_PARQUET_TREE_H

#include "format/parquet/parquet.h"

typedef struct ParquetTreeNode {
    const ParquetNode *node;
    int32_t parent; // -1: a top-level field
    int32_t list;   // the list or map that it is an item of, or -1
    int32_t leaf;   // number among the leaves, or -1
    // As everything optional gives them: the level at which it exists.
    uint8_t definition;
} ParquetTreeNode;

typedef struct ParquetTree {
    ParquetTreeNode *nodes;
    uint32_t node_count;
    uint32_t leaf_count;
} ParquetTree;

ParquetTree parquet_tree_of(Arena *arena, const ParquetNode *fields, uint32_t field_count);

#endif
