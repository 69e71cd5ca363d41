// The merge of sorted runs: a heap of cursors.
#include "state/sorter_internal.h"

enum { AHEAD = 16, LINE_BYTES = 64 };

static SorterCursor *cursor_add(SorterMerge *merge) {
    merge->cursors = memory_resize(merge->cursors, (merge->count + 1) * sizeof(SorterCursor));
    SorterCursor *cursor = &merge->cursors[merge->count++];
    *cursor = (SorterCursor){0};
    return cursor;
}

void sorter_merge_add_runs(SorterMerge *merge, const SorterPart *part) {
    for (uint32_t i = 0; i < part->run_count; i++) {
        cursor_add(merge)->reader = (SpillReader){
            .file = part->file, .next = part->runs[i].begin, .end = part->runs[i].end};
    }
}

void sorter_merge_add_memory(SorterMerge *merge, const SorterPart *part) {
    if (part->count > 0) {
        cursor_add(merge)->part = part;
    }
}

void sorter_merge_free(SorterMerge *merge) {
    for (uint32_t i = 0; i < merge->count; i++) {
        spill_reader_free(&merge->cursors[i].reader);
    }
    memory_free(merge->cursors);
    memory_free(merge->heap);
    *merge = (SorterMerge){0};
}

// --- one sequence -------------------------------------------------------------------------------

static void memory_next(SorterCursor *cursor) {
    const SorterPart *part = cursor->part;
    if (part->has_entries) {
        const SorterEntry *entry = &part->entries[cursor->next++];
        if (cursor->next + AHEAD < part->count) { // the rows lie anywhere
            const char *record = part->bytes.data + entry[AHEAD].offset;
            __builtin_prefetch(record);
            __builtin_prefetch(record + LINE_BYTES);
        }
        cursor->row = sorter_row_at(part->bytes.data + entry->offset);
        cursor->rank = entry->rank;
        return;
    }
    cursor->row = sorter_row_at(part->bytes.data + cursor->offset);
    cursor->rank = sorter_rank(cursor->row.key, cursor->row.key_length);
    cursor->offset += sorter_record_length(&cursor->row);
    cursor->next++;
}

// The header first, to know how much to ask for; then all of it, so that it lies together.
static Outcome file_next(Sys *sys, SorterCursor *cursor) {
    const char *bytes = NULL;
    SorterHeader header;
    TRY(spill_reader_next(sys, &cursor->reader, sizeof(header), &bytes));
    memcpy(&header, bytes, sizeof(header));
    cursor->reader.at -= sizeof(header);
    TRY(spill_reader_next(
        sys, &cursor->reader, sizeof(header) + header.key_length + header.payload_length, &bytes));
    cursor->row = sorter_row_at(bytes);
    cursor->row.is_kept = false;
    cursor->row.file = cursor->reader.file;
    cursor->row.payload_at = spill_reader_place(&cursor->reader) - (int64_t)header.payload_length;
    cursor->rank = sorter_rank(cursor->row.key, cursor->row.key_length);
    return OUTCOME_OK;
}

static Outcome cursor_next(Sys *sys, SorterCursor *cursor, bool *has_row) {
    if (cursor->part == NULL) {
        *has_row = !spill_reader_is_done(&cursor->reader);
        return *has_row ? file_next(sys, cursor) : OUTCOME_OK;
    }
    *has_row = cursor->next < cursor->part->count;
    if (*has_row) {
        memory_next(cursor);
    }
    return OUTCOME_OK;
}

// --- the heap -----------------------------------------------------------------------------------

static bool is_before(const SorterMerge *merge, uint32_t a, uint32_t b) {
    const SorterCursor *left = &merge->cursors[a];
    const SorterCursor *right = &merge->cursors[b];
    if (left->rank != right->rank) {
        return left->rank < right->rank;
    }
    int order = sorter_keys_compare(
        left->row.key, left->row.key_length, right->row.key, right->row.key_length);
    return order != 0 ? order < 0 : a < b;
}

static void heap_sink(SorterMerge *merge, uint32_t at) {
    uint32_t *heap = merge->heap;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= merge->heap_count) {
            return;
        }
        bool has_other = child + 1 < merge->heap_count;
        child += has_other && is_before(merge, heap[child + 1], heap[child]);
        if (!is_before(merge, heap[child], heap[at])) {
            return;
        }
        uint32_t moved = heap[at];
        heap[at] = heap[child];
        heap[child] = moved;
        at = child;
    }
}

static Outcome heap_begin(Sys *sys, SorterMerge *merge) {
    merge->is_begun = true;
    merge->heap = memory_alloc(merge->count * sizeof(*merge->heap));
    for (uint32_t i = 0; i < merge->count; i++) {
        bool has_row = false;
        TRY(cursor_next(sys, &merge->cursors[i], &has_row));
        if (has_row) {
            merge->heap[merge->heap_count++] = i;
        }
    }
    for (uint32_t i = merge->heap_count / 2; i > 0; i--) {
        heap_sink(merge, i - 1);
    }
    return OUTCOME_OK;
}

static Outcome heap_advance(Sys *sys, SorterMerge *merge) {
    bool has_row = false;
    TRY(cursor_next(sys, &merge->cursors[merge->heap[0]], &has_row));
    if (!has_row) {
        merge->heap[0] = merge->heap[--merge->heap_count];
    }
    heap_sink(merge, 0);
    return OUTCOME_OK;
}

Outcome sorter_merge_next(Sys *sys, SorterMerge *merge, SorterRow *row, bool *has_row) {
    if (!merge->is_begun) {
        TRY(heap_begin(sys, merge));
    } else if (merge->heap_count > 0) {
        TRY(heap_advance(sys, merge));
    }
    *has_row = merge->heap_count > 0;
    if (*has_row) {
        *row = merge->cursors[merge->heap[0]].row;
    }
    return OUTCOME_OK;
}
