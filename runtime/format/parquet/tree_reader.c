// Trees, read a row at a time: a cursor on each leaf that is wanted, moved together.
//
// The levels of one leaf tell whether the groups and lists above it are there.
#include "format/parquet/cursor.h"
#include "format/parquet/tree_match.h"

typedef struct Cursor {
    ParquetCursor ahead;
    Buffer row_definitions; // of the row: a byte for each position
    Buffer row_values;      // a FlowValue for each position; undefined where there is none
} Cursor;

struct ParquetTreeReader {
    ParquetFile file;
    ParquetLeafScratch scratch;
    ParquetTree tree;
    ParquetMatch *matches;
    int32_t *cursor_of; // by node: the cursor whose levels tell about it, or -1
    Cursor *cursors;
    uint32_t cursor_count;
    uint32_t next_group;
    int64_t group_left;
    bool has_row;
};

// --- opening -----------------------------------------------------------------------------------
static Outcome cursor_add(ParquetTreeReader *reader,
                          const ParquetSchemaNode *leaf,
                          const FlowTypeDesc *type,
                          int32_t *cursor) {
    *cursor = (int32_t)reader->cursor_count;
    Cursor *made = &reader->cursors[reader->cursor_count++];
    made->ahead.type = type;
    made->ahead.leaf =
        (ParquetLeaf){.file = &reader->file, .scratch = &reader->scratch, .node = leaf};
    if (parquet_leaf_open(&made->ahead.leaf, type, 0)) {
        return OUTCOME_OK;
    }
    return parquet_refuse(&reader->file,
                          "the Parquet file's column `%.100s` is of another type than %s",
                          leaf->element.name,
                          type == NULL ? "expected" : parquet_type_text(type));
}

static int32_t cursor_find(const ParquetTreeReader *reader, const ParquetSchemaNode *leaf) {
    for (uint32_t i = 0; i < reader->cursor_count; i++) {
        if (reader->cursors[i].ahead.leaf.node == leaf) {
            return (int32_t)i;
        }
    }
    return -1;
}

// First the leaves with values; then groups, most of which find a cursor below them.
static Outcome cursors_open(ParquetTreeReader *reader) {
    for (uint32_t i = 0; i < reader->tree.node_count; i++) {
        reader->cursor_of[i] = -1;
        if (reader->matches[i].is_leaf) {
            const FlowTypeDesc *type = reader->tree.nodes[i].node->type;
            TRY(cursor_add(reader, reader->matches[i].leaf, type, &reader->cursor_of[i]));
        }
    }
    for (uint32_t i = 0; i < reader->tree.node_count; i++) {
        const ParquetSchemaNode *leaf = reader->matches[i].leaf;
        if (reader->matches[i].is_leaf || leaf == NULL) {
            continue;
        }
        reader->cursor_of[i] = cursor_find(reader, leaf);
        if (reader->cursor_of[i] < 0) {
            TRY(cursor_add(reader, leaf, NULL, &reader->cursor_of[i]));
        }
    }
    return OUTCOME_OK;
}

static Outcome
reader_open(ParquetTreeReader *reader, const ParquetNode *fields, uint32_t field_count) {
    Arena *arena = &reader->file.arena;
    reader->tree = parquet_tree_of(arena, fields, field_count);
    reader->matches = arena_array(arena, ParquetMatch, reader->tree.node_count);
    reader->cursor_of = arena_array(arena, int32_t, reader->tree.node_count);
    reader->cursors = arena_array(arena, Cursor, reader->tree.node_count);
    TRY(parquet_file_open(&reader->file));
    TRY(parquet_tree_match(&reader->file, &reader->tree, reader->matches));
    return cursors_open(reader);
}

Outcome parquet_tree_reader_open(FormatReadFn read,
                                 void *user,
                                 int64_t file_bytes,
                                 const ParquetNode *fields,
                                 uint32_t field_count,
                                 Failure *failure,
                                 ParquetTreeReader **reader) {
    ParquetTreeReader *made = memory_alloc(sizeof *made);
    memset(made, 0, sizeof *made);
    made->file = (ParquetFile){.read = read, .user = user, .bytes = file_bytes, .failure = failure};
    Outcome outcome = reader_open(made, fields, field_count);
    if (outcome != OUTCOME_OK) {
        parquet_tree_reader_free(made);
        made = NULL;
    }
    *reader = made;
    return outcome;
}

void parquet_tree_reader_free(ParquetTreeReader *reader) {
    if (reader == NULL) {
        return;
    }
    for (uint32_t i = 0; i < reader->cursor_count; i++) {
        parquet_leaf_close(&reader->cursors[i].ahead.leaf);
        buffer_free(&reader->cursors[i].row_definitions);
        buffer_free(&reader->cursors[i].row_values);
    }
    parquet_unpacker_free(&reader->scratch.unpacker);
    parquet_file_close(&reader->file);
    memory_free(reader);
}

int64_t parquet_tree_reader_rows(const ParquetTreeReader *reader) {
    return reader->file.rows;
}

// --- rows --------------------------------------------------------------------------------------
static void position_take(Cursor *cursor) {
    uint8_t definition = parquet_cursor_definition(&cursor->ahead);
    ParquetFault fault = PARQUET_FAULT_NONE;
    FlowValue value = {0};
    parquet_cursor_take(&cursor->ahead, &value, &fault);
    buffer_char(&cursor->row_definitions, (char)definition);
    buffer_append(&cursor->row_values, &value, sizeof value);
}

static bool goes_on(const Cursor *cursor) {
    return !parquet_cursor_is_done(&cursor->ahead) && parquet_cursor_repetition(&cursor->ahead) > 0;
}

static Outcome cursor_row(Cursor *cursor) {
    ParquetLeaf *leaf = &cursor->ahead.leaf;
    parquet_leaf_release(leaf);
    buffer_clear(&cursor->row_definitions);
    buffer_clear(&cursor->row_values);
    TRY(parquet_cursor_fill(&cursor->ahead));
    if (parquet_cursor_is_done(&cursor->ahead) || goes_on(cursor)) {
        return parquet_leaf_corrupt(leaf, "a row does not begin where it should");
    }
    do {
        position_take(cursor);
        if (leaf->node->repetition > 0) {
            TRY(parquet_cursor_fill(&cursor->ahead)); // a row may go on behind what was decoded
        }
    } while (goes_on(cursor));
    return OUTCOME_OK;
}

static Outcome group_begin(ParquetTreeReader *reader) {
    const ParquetGroupMeta *group = &reader->file.groups.items[reader->next_group++];
    for (uint32_t i = 0; i < reader->cursor_count && group->rows > 0; i++) {
        Cursor *cursor = &reader->cursors[i];
        parquet_leaf_release(&cursor->ahead.leaf);
        TRY(parquet_cursor_chunk(&cursor->ahead, group));
    }
    reader->group_left = group->rows;
    return OUTCOME_OK;
}

Outcome parquet_tree_reader_next(ParquetTreeReader *reader, bool *has_row) {
    *has_row = false;
    reader->has_row = false;
    while (reader->group_left == 0 && reader->next_group < reader->file.groups.count) {
        TRY(group_begin(reader));
    }
    if (reader->group_left == 0) {
        return OUTCOME_OK;
    }
    for (uint32_t i = 0; i < reader->cursor_count; i++) {
        TRY(cursor_row(&reader->cursors[i]));
    }
    reader->group_left--;
    reader->has_row = true;
    *has_row = true;
    return OUTCOME_OK;
}

// --- looking at the row ------------------------------------------------------------------------
static const Cursor *cursor_at(const ParquetTreeReader *reader, int32_t node) {
    ASSERT(node >= 0 && (uint32_t)node < reader->tree.node_count);
    int32_t cursor = reader->has_row ? reader->cursor_of[node] : -1;
    return cursor < 0 ? NULL : &reader->cursors[cursor];
}

static uint8_t first_level(const Cursor *cursor) {
    return (uint8_t)cursor->row_definitions.data[0];
}

bool parquet_tree_is_present(const ParquetTreeReader *reader, int32_t node) {
    const Cursor *cursor = cursor_at(reader, node);
    return cursor != NULL && first_level(cursor) >= reader->matches[node].present_level;
}

int32_t parquet_tree_item_count(const ParquetTreeReader *reader, int32_t node) {
    const Cursor *cursor = cursor_at(reader, node);
    bool has_items = cursor != NULL && first_level(cursor) >= reader->matches[node].item_level;
    return has_items ? (int32_t)cursor->row_definitions.length : 0;
}

bool parquet_tree_get(const ParquetTreeReader *reader,
                      int32_t leaf,
                      int32_t item,
                      FlowValue *value) {
    const Cursor *cursor = cursor_at(reader, leaf);
    if (cursor == NULL || item < 0 || (size_t)item >= cursor->row_definitions.length) {
        return false;
    }
    ASSERT(reader->matches[leaf].is_leaf);
    memcpy(value, cursor->row_values.data + (size_t)item * sizeof *value, sizeof *value);
    return (uint8_t)cursor->row_definitions.data[item] == cursor->ahead.leaf.node->definition;
}
