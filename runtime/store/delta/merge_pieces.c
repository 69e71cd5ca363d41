// Files as pieces of work: a large one is cut by its row groups, so that a table of one file takes
// all threads, too. Where the cuts are depends on the file alone, and so does what is written.
#include "store/delta/merge.h"

// A piece that is written again becomes a file of its own, which is then no longer cut: a quarter
// of what a file should have is small enough for merges and not too small for readers.
enum { PIECES_OF_A_FILE = 4 };

static int64_t piece_bytes(const DeltaMerge *merge) {
    const DeltaTable *base = merge->write->base;
    int64_t target =
        base == NULL
            ? DATA_FILE_BYTES_TARGET
            : delta_table_setting_integer(base, "delta.targetFileSize", DATA_FILE_BYTES_TARGET);
    return target < PIECES_OF_A_FILE ? 1 : target / PIECES_OF_A_FILE;
}

static DeltaMergePiece *piece_add(DeltaMerge *merge, uint32_t file) {
    DeltaMergePiece *piece = vec_push(&merge->arena, &merge->pieces);
    *piece = (DeltaMergePiece){.file = file};
    return piece;
}

static Outcome groups_count(DeltaMerge *merge, uint32_t file, uint32_t *count) {
    DeltaMergeReader reader;
    delta_merge_reader_begin(&reader, merge, merge->write->sys);
    delta_merge_reader_open(&reader, file, DELTA_MERGE_KEYS);
    Outcome outcome = delta_scan_groups(reader.scan, count);
    delta_merge_reader_end(&reader);
    return outcome;
}

static Outcome file_cut(DeltaMerge *merge, uint32_t file) {
    uint32_t group_count = 1;
    int64_t wanted = merge->files[file].file.size_bytes / piece_bytes(merge);
    if (wanted > 1) {
        TRY(groups_count(merge, file, &group_count));
    }
    if (wanted <= 1 || group_count <= 1) {
        piece_add(merge, file);
        return OUTCOME_OK;
    }
    uint32_t count = wanted < group_count ? (uint32_t)wanted : group_count;
    for (uint32_t i = 0; i < count; i++) {
        DeltaMergePiece *piece = piece_add(merge, file);
        piece->group_first = (uint32_t)((uint64_t)group_count * i / count);
        piece->group_end = (uint32_t)((uint64_t)group_count * (i + 1) / count);
    }
    return OUTCOME_OK;
}

Outcome delta_merge_pieces_cut(DeltaMerge *merge) {
    for (uint32_t i = 0; i < merge->file_count; i++) {
        TRY(file_cut(merge, i));
    }
    return OUTCOME_OK;
}
