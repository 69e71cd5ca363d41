// tree_match: where the fields of a tree that is wanted lie in the schema of a file.
//
// Private to parquet. Lists and maps are found in every form that writers gave them (store.md 4.4),
// because their inner names were settled late and not by everybody.
#ifndef FLOW_PARQUET_TREE_MATCH_H
#define FLOW_PARQUET_TREE_MATCH_H

#include "format/parquet/file.h"
#include "format/parquet/tree.h"

typedef struct ParquetMatch {
    const ParquetSchemaNode *leaf; // whose levels tell about the node; NULL: the file lacks it
    bool is_leaf;                  // and whose values are the node's
    uint8_t present_level;         // the definition level from which on the node is there
    uint8_t item_level;            // likewise an item of the list or map
} ParquetMatch;

// A list or map in the file: where its items begin.
typedef struct ParquetItems {
    const ParquetSchemaNode *repeated;
    const ParquetSchemaNode *element; // of a list; it may be `repeated` itself
    uint8_t present_level;            // the definition level from which on the list is there
} ParquetItems;

// False: it is none. `is_item`: its own repetition is that of a list around it.
bool parquet_list_find(const ParquetSchemaNode *found, bool is_item, ParquetItems *items);
bool parquet_map_find(const ParquetSchemaNode *found, bool is_item, ParquetItems *items);
// Any leaf below tells whether a group is there; one that does not repeat tells it quicker.
const ParquetSchemaNode *parquet_schema_witness(const ParquetSchemaNode *group);

// One match for each node of the tree.
NODISCARD Outcome parquet_tree_match(ParquetFile *file,
                                     const ParquetTree *tree,
                                     ParquetMatch *matches);

#endif
