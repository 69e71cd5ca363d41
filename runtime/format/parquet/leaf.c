// Leaves: opened, moved from chunk to chunk, read in pieces that lie in one page.
#include "format/parquet/leaf.h"

Outcome parquet_leaf_corrupt(ParquetLeaf *leaf, const char *what) {
    leaf->file->is_corrupt = true;
    return parquet_refuse(leaf->file,
                          "the Parquet file's column `%.100s` cannot be read: %s",
                          leaf->node->element.name,
                          what);
}

const char *parquet_type_text(const FlowTypeDesc *type) {
    static const char *const texts[] = {
#define TYPE(name, text, width) text,
#include "abi/type.def"
#undef TYPE
    };
    return texts[type->kind];
}

bool parquet_leaf_open(ParquetLeaf *leaf, const FlowTypeDesc *type, int64_t unit_us) {
    leaf->has_values = type != NULL;
    return leaf->node->leaf >= 0 &&
           (type == NULL ||
            parquet_conversion_of(
                &leaf->node->element, type, leaf->file->is_julian, &leaf->conversion) ||
            parquet_conversion_of_number(&leaf->node->element, type, unit_us, &leaf->conversion));
}

// --- bytes that texts may point to -------------------------------------------------------------
static bool has_texts(const ParquetLeaf *leaf) {
    return leaf->has_values && (leaf->conversion.kind == PARQUET_CONVERT_TEXT ||
                                leaf->conversion.kind == PARQUET_CONVERT_BYTES);
}

void parquet_leaf_retire(ParquetLeaf *leaf, uint8_t *page) {
    if (page != NULL && has_texts(leaf)) {
        *vec_push(&leaf->retired_arena, &leaf->retired) = page;
    } else {
        memory_free(page);
    }
}

// Texts of a dictionary point into its page, not into those of the numbers.
void parquet_leaf_page_leave(ParquetLeaf *leaf) {
    bool has_own_texts = has_texts(leaf) && leaf->encoding != PARQUET_ENCODING_RLE_DICTIONARY;
    if (leaf->page == NULL || has_own_texts) {
        parquet_leaf_retire(leaf, leaf->page);
    } else {
        memory_free(leaf->spare);
        leaf->spare = leaf->page;
        leaf->spare_capacity = leaf->page_capacity;
    }
    leaf->page = NULL;
}

void parquet_leaf_release(ParquetLeaf *leaf) {
    if (leaf->retired.count == 0) {
        return;
    }
    for (uint32_t i = 0; i < leaf->retired.count; i++) {
        memory_free(leaf->retired.items[i]);
    }
    leaf->retired.items = NULL;
    leaf->retired.count = 0;
    leaf->retired.capacity = 0;
    arena_reset(&leaf->retired_arena);
}

static void chunk_leave(ParquetLeaf *leaf) {
    parquet_leaf_page_leave(leaf);
    parquet_leaf_retire(leaf, leaf->rewritten);
    parquet_leaf_retire(leaf, leaf->dictionary_page);
    memory_free(leaf->dictionary);
    memory_free(leaf->dictionary_faults);
    leaf->rewritten = NULL;
    leaf->dictionary_page = NULL;
    leaf->dictionary = NULL;
    leaf->dictionary_faults = NULL;
    leaf->dictionary_count = 0;
    leaf->page_left = 0;
    buffer_clear(&leaf->window);
}

void parquet_leaf_close(ParquetLeaf *leaf) {
    chunk_leave(leaf);
    memory_free(leaf->spare);
    parquet_leaf_release(leaf);
    arena_free(&leaf->retired_arena);
    buffer_free(&leaf->window);
}

// --- chunks ------------------------------------------------------------------------------------
Outcome parquet_leaf_chunk(ParquetLeaf *leaf, const ParquetGroupMeta *group) {
    const ParquetChunkMeta *chunk = &group->chunks[leaf->node->leaf];
    chunk_leave(leaf);
    if (chunk->type != (int32_t)leaf->node->element.type) {
        return parquet_leaf_corrupt(leaf, "a chunk is of another type than the schema says");
    }
    if (!parquet_codec_is_known(chunk->codec)) {
        return parquet_refuse(
            leaf->file,
            "the Parquet file's column `%.100s` is compressed with %s, which is not supported",
            leaf->node->element.name,
            parquet_codec_name(chunk->codec));
    }
    if (leaf->node->repetition == 0 ? chunk->position_count != group->rows
                                    : chunk->position_count < group->rows) {
        return parquet_leaf_corrupt(
            leaf, "a chunk has another number of values than its row group has rows");
    }
    bool has_dictionary =
        chunk->dictionary_offset > 0 && chunk->dictionary_offset < chunk->data_offset;
    leaf->chunk = chunk;
    leaf->offset = has_dictionary ? chunk->dictionary_offset : chunk->data_offset;
    leaf->end = leaf->offset + chunk->stored_bytes;
    leaf->positions_left = chunk->position_count;
    return OUTCOME_OK;
}

bool parquet_leaf_is_done(const ParquetLeaf *leaf) {
    return leaf->page_left == 0 && leaf->positions_left == 0;
}

// --- levels ------------------------------------------------------------------------------------
// The number of levels that are `max`, or -1 if one is above it or they end.
static int64_t
levels_read(ParquetLeaf *leaf, ParquetRle *rle, uint8_t max, uint32_t count, uint8_t *out) {
    uint32_t at = parquet_rle_take_run(rle, max, count);
    memset(out, max, at);
    int64_t max_count = at;
    uint32_t *wide = leaf->scratch->numbers;
    if (!parquet_rle_read(rle, wide, count - at)) {
        return -1;
    }
    bool is_above = false;
    for (uint32_t i = 0; i < count - at; i++) {
        out[at + i] = (uint8_t)wide[i];
        max_count += wide[i] == max;
        is_above |= wide[i] > max;
    }
    return is_above ? -1 : max_count;
}

Outcome parquet_leaf_levels(ParquetLeaf *leaf, uint32_t count, ParquetRead *read) {
    if (leaf->page_left == 0) {
        TRY(parquet_leaf_page(leaf));
    }
    uint32_t taken = count < leaf->page_left ? count : leaf->page_left;
    taken = taken < PARQUET_READ_MAX ? taken : PARQUET_READ_MAX;
    read->count = taken;
    read->value_count = taken;
    if (leaf->node->repetition > 0 &&
        levels_read(leaf, &leaf->repetitions, leaf->node->repetition, taken, read->repetitions) <
            0) {
        return parquet_leaf_corrupt(leaf, "wrong repetition levels");
    }
    if (leaf->node->definition > 0) {
        int64_t value_count =
            levels_read(leaf, &leaf->definitions, leaf->node->definition, taken, read->definitions);
        if (value_count < 0) {
            return parquet_leaf_corrupt(leaf, "wrong definition levels");
        }
        read->value_count = (uint32_t)value_count;
    }
    leaf->page_left -= taken;
    return OUTCOME_OK;
}
