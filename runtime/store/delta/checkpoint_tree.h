// The columns of a checkpoint (store.md 2.10), once for its reader and its writer.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_CHECKPOINT_TREE_H
#define FLOW_STORE_DELTA_CHECKPOINT_TREE_H

#include "format/parquet/parquet.h"

// NODE(id, path): the nodes that are read or written, by their paths in the tree.
typedef enum DeltaNodeId {
#define NODE(id, path) DELTA_NODE_##id,
#include "store/delta/checkpoint_node.def"
#undef NODE
    DELTA_NODE_COUNT,
} DeltaNodeId;

typedef struct DeltaTree {
    const ParquetNode *fields;
    uint32_t field_count;
    int32_t nodes[DELTA_NODE_COUNT];
} DeltaTree;

DeltaTree delta_checkpoint_tree(bool is_written); // the reader also looks for what we never write

#endif
