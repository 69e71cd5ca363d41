// The actions of a Delta log, as structs, as lines of a commit, and back.
//
// Internal to store. Strings belong to the arena that the caller gives.
#ifndef FLOW_STORE_DELTA_ACTION_H
#define FLOW_STORE_DELTA_ACTION_H

#include "store/delta/json.h"

typedef struct DeltaPair {
    const char *name;
    const char *value; // NULL: null
    size_t value_length;
} DeltaPair;

typedef VEC(DeltaPair) DeltaMap;
typedef VEC(const char *) DeltaNames;

typedef struct DeltaProtocol {
    int64_t reader;
    int64_t writer;
    DeltaNames reader_features; // of reader 3
    DeltaNames writer_features; // of writer 7
} DeltaProtocol;

typedef struct DeltaMetadata {
    const char *id;
    const char *name;        // or NULL
    const char *description; // or NULL
    const char *provider;
    DeltaMap options;
    const char *schema; // the schemaString
    DeltaNames partition_columns;
    DeltaMap configuration;
    int64_t created_ms; // -1: not said
} DeltaMetadata;

typedef struct DeltaVector { // a deletion vector's descriptor
    const char *storage;
    const char *path;
    int64_t offset; // -1: none
    int64_t size_bytes;
    int64_t cardinality;
} DeltaVector;

typedef struct DeltaFile { // add and remove
    const char *path;      // as logged: a URI
    DeltaMap partition;
    int64_t size_bytes;  // -1: not said
    int64_t modified_ms; // of an add
    int64_t deleted_ms;  // of a remove; 0: not said
    bool has_data_change;
    const char *stats;         // JSON, or NULL
    const DeltaVector *vector; // or NULL
    int64_t base_row_id;       // -1: none
    int64_t row_commit_version;
} DeltaFile;

typedef struct DeltaTxn {
    const char *app_id;
    int64_t version;
    int64_t updated_ms; // -1: not said
} DeltaTxn;

typedef struct DeltaDomain {
    const char *domain;
    const char *configuration;
    bool is_removed;
} DeltaDomain;

// One line of a commit: what it is, and the one member that is set.
typedef enum DeltaActionKind {
    DELTA_ACTION_OTHER, // unknown, or of no interest: ignored
    DELTA_ACTION_PROTOCOL,
    DELTA_ACTION_METADATA,
    DELTA_ACTION_ADD,
    DELTA_ACTION_REMOVE,
    DELTA_ACTION_TXN,
    DELTA_ACTION_DOMAIN,
    DELTA_ACTION_INFO,
    DELTA_ACTION_CHANGES, // `cdc`: a file of what changed; it is no part of a snapshot
} DeltaActionKind;

typedef struct DeltaAction {
    DeltaActionKind kind;
    union {
        DeltaProtocol protocol;
        DeltaMetadata metadata;
        DeltaFile file;
        DeltaTxn txn;
        DeltaDomain domain;
        const DeltaJson *info;
    };
} DeltaAction;

// False: the line is no action (not JSON, or a required field is missing or of another type).
bool delta_action_parse(Arena *arena, const char *line, size_t length, DeltaAction *action);

void delta_protocol_write(Buffer *out, const DeltaProtocol *protocol);
void delta_metadata_write(Buffer *out, const DeltaMetadata *metadata);
void delta_txn_write(Buffer *out, const DeltaTxn *txn);
void delta_add_write(Buffer *out, const DeltaFile *file);
void delta_remove_write(Buffer *out, const DeltaFile *file);

const char *delta_map_get(const DeltaMap *map, const char *name); // NULL: none, or null
bool delta_names_have(const DeltaNames *names, const char *name);
void delta_json_text(Buffer *out, const char *text); // quoted
void delta_map_write(Buffer *out, const DeltaMap *map);
void delta_names_write(Buffer *out, const DeltaNames *names);
void delta_map_read(Arena *arena, const DeltaJson *object, DeltaMap *map);
void delta_names_read(Arena *arena, const DeltaJson *array, DeltaNames *names);

#endif
