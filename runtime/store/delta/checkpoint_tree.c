// The tree as Spark writes it: everything optional, so that nobody's reader stumbles over REQUIRED.
#include "store/delta/checkpoint_tree.h"

static const FlowTypeDesc string_type = {.kind = FLOW_STRING, .is_nullable = 1};
static const FlowTypeDesc long_type = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc int_type = {.kind = FLOW_INT32, .is_nullable = 1};
static const FlowTypeDesc bool_type = {.kind = FLOW_BOOL, .is_nullable = 1};

#define STRING(text) {.name = (text), .kind = PARQUET_LEAF, .type = &string_type}
#define LONG(text) {.name = (text), .kind = PARQUET_LEAF, .type = &long_type}
#define INT(text) {.name = (text), .kind = PARQUET_LEAF, .type = &int_type}
#define BOOL(text) {.name = (text), .kind = PARQUET_LEAF, .type = &bool_type}
#define NESTED(text, what, nodes)                                                                  \
    {.name = (text), .kind = (what), .children = (nodes), .child_count = COUNT_OF(nodes)}
#define GROUP(text, nodes) NESTED(text, PARQUET_GROUP, nodes)
#define MAP(text) NESTED(text, PARQUET_MAP, map_nodes)
#define LIST(text) NESTED(text, PARQUET_LIST, list_nodes)

static const ParquetNode map_nodes[] = {STRING("key"), STRING("value")};
static const ParquetNode list_nodes[] = {STRING("element")};
static const ParquetNode txn_nodes[] = {STRING("appId"), LONG("version"), LONG("lastUpdated")};
static const ParquetNode vector_nodes[] = {
    STRING("storageType"),
    STRING("pathOrInlineDv"),
    INT("offset"),
    INT("sizeInBytes"),
    LONG("cardinality"),
};
static const ParquetNode add_nodes[] = {
    STRING("path"),
    MAP("partitionValues"),
    LONG("size"),
    LONG("modificationTime"),
    BOOL("dataChange"),
    MAP("tags"),
    GROUP("deletionVector", vector_nodes),
    STRING("stats"),
};
static const ParquetNode remove_nodes[] = {
    STRING("path"),
    LONG("deletionTimestamp"),
    BOOL("dataChange"),
    BOOL("extendedFileMetadata"),
    MAP("partitionValues"),
    LONG("size"),
    GROUP("deletionVector", vector_nodes),
};
static const ParquetNode format_nodes[] = {STRING("provider"), MAP("options")};
static const ParquetNode metadata_nodes[] = {
    STRING("id"),
    STRING("name"),
    STRING("description"),
    GROUP("format", format_nodes),
    STRING("schemaString"),
    LIST("partitionColumns"),
    MAP("configuration"),
    LONG("createdTime"),
};
static const ParquetNode protocol_nodes[] = {
    INT("minReaderVersion"),
    INT("minWriterVersion"),
    LIST("readerFeatures"),
    LIST("writerFeatures"),
};
static const ParquetNode domain_nodes[] = {
    STRING("domain"),
    STRING("configuration"),
    BOOL("removed"),
};
static const ParquetNode sidecar_nodes[] = {STRING("path")};

static const ParquetNode fields[] = {
    GROUP("txn", txn_nodes),
    GROUP("add", add_nodes),
    GROUP("remove", remove_nodes),
    GROUP("metaData", metadata_nodes),
    GROUP("protocol", protocol_nodes),
    GROUP("domainMetadata", domain_nodes),
    GROUP("sidecar", sidecar_nodes), // last: only read
};

DeltaTree delta_checkpoint_tree(bool is_written) {
    static const char *const paths[] = {
#define NODE(id, path) path,
#include "store/delta/checkpoint_node.def"
#undef NODE
    };
    DeltaTree tree = {.fields = fields, .field_count = COUNT_OF(fields) - (is_written ? 1 : 0)};
    for (uint32_t i = 0; i < COUNT_OF(paths); i++) {
        tree.nodes[i] = parquet_node_find(tree.fields, tree.field_count, paths[i]);
        ASSERT(tree.nodes[i] >= 0 || (is_written && i == DELTA_NODE_SIDECAR));
    }
    return tree;
}
