// Changes of a Delta table as the files of a source: of each commit first what it changed and took
// away, as one file (which is called as the commit), then each file of rows that came.
#include "source/internal.h"

static void entry_add(Source *source, const DeltaChangeFile *first, uint32_t count) {
    Snapshot *snapshot = &source->snapshot;
    uint32_t index = source->files.count;
    bool is_plain = first->kind == DELTA_CHANGE_INSERTS;
    SourceEntry *entry = vec_push(&source->memory, &source->files);
    *entry = (SourceEntry){.path = first->path};
    if (!is_plain) {
        entry->path = delta_commit_path(snapshot->table, &source->memory, first->version);
    }
    for (uint32_t i = 0; i < count; i++) {
        entry->size_bytes += first[i].bytes;
    }
    source->bytes_total += entry->size_bytes;
    source->formats[index] = is_plain ? FLOW_FORMAT_PARQUET : FLOW_FORMAT_DELTA;
    snapshot->fixed[index] = first->values;
    snapshot->entries[index] = (ChangeEntry){.first = first,
                                             .count = count,
                                             .change = {.operation = FLOW_OPERATION_INSERT,
                                                        .sequence = first->version,
                                                        .timestamp_us = first->timestamp_us}};
}

Outcome changes_take(Source *source) {
    Snapshot *snapshot = &source->snapshot;
    const DeltaChangeFile *changes = NULL;
    uint32_t count = 0;
    TRY(delta_change_files(
        snapshot->table, source->desc->changes_from, &source->memory, &changes, &count));
    source->formats = arena_array(&source->memory, FlowFormat, count + 1);
    snapshot->fixed = arena_array(&source->memory, const ParquetFixed *, count + 1);
    snapshot->entries = arena_array(&source->memory, ChangeEntry, count + 1);
    for (uint32_t i = 0; i < count;) {
        uint32_t size = 1;
        while (changes[i].kind != DELTA_CHANGE_INSERTS && i + size < count &&
               changes[i + size].version == changes[i].version &&
               changes[i + size].kind != DELTA_CHANGE_INSERTS) {
            size++;
        }
        entry_add(source, &changes[i], size);
        i += size;
    }
    return OUTCOME_OK;
}
