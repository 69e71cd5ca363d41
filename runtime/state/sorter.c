// The sorter's parts: what is added to them, and what becomes of it when there is no room.
//
// A part's rows lie one behind the other in a buffer; what is sorted are their places, each with
// the first bytes of the key as a number, so that most comparisons touch nothing else.
#include "state/sorter_internal.h"

enum { ENTRIES_MIN = 256, SHRINK_BYTES_MIN = 4 * 1024 * 1024, RUNS_MAX = 64 };

Sorter *sorter_new(const SorterOptions *options) {
    Sorter *sorter = memory_alloc(sizeof(Sorter));
    *sorter = (Sorter){.options = *options};
    uint64_t bound = options->memory_bytes == 0 ? UINT64_MAX : options->memory_bytes;
    sorter->part_bytes_max = bound / options->part_count;
    sorter->options.directory = arena_string(&sorter->arena, options->directory);
    sorter->parts = arena_array(&sorter->arena, SorterPart, options->part_count);
    for (uint32_t i = 0; i < options->part_count; i++) {
        sorter->parts[i].shrink_at = options->limit < 0 || sorter->part_bytes_max < SHRINK_BYTES_MIN
                                         ? sorter->part_bytes_max
                                         : SHRINK_BYTES_MIN;
    }
    return sorter;
}

void sorter_free(Sys *sys, Sorter *sorter) {
    if (sorter == NULL) {
        return;
    }
    sorter_merge_free(&sorter->merge);
    for (uint32_t i = 0; i < sorter->options.part_count; i++) {
        SorterPart *part = &sorter->parts[i];
        spill_file_free(sys, part->file);
        buffer_free(&part->bytes);
        memory_free(part->entries);
        memory_free(part->cutoffs);
        memory_free(part->runs);
    }
    arena_free(&sorter->arena);
    memory_free(sorter);
}

int64_t sorter_dropped(const Sorter *sorter) {
    int64_t dropped = 0;
    for (uint32_t i = 0; i < sorter->options.part_count; i++) {
        dropped += sorter->parts[i].dropped;
    }
    return dropped;
}

int64_t sorter_part_dropped(const Sorter *sorter, uint32_t part) {
    return sorter->parts[part].dropped;
}

uint64_t sorter_count(const Sorter *sorter) {
    uint64_t count = 0;
    for (uint32_t i = 0; i < sorter->options.part_count; i++) {
        count += sorter->parts[i].added;
    }
    return count;
}

static uint64_t part_bytes(const SorterPart *part) {
    return part->bytes.length + (part->has_entries ? part->count * sizeof(SorterEntry) : 0);
}

uint64_t sorter_bytes(const Sorter *sorter) {
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < sorter->options.part_count; i++) {
        bytes += part_bytes(&sorter->parts[i]);
    }
    return bytes;
}

// --- rows and their order -----------------------------------------------------------------------

// The first byte is a tag with one bit of meaning; with the eight behind it, most keys are told
// apart.
uint64_t sorter_rank(const char *key, size_t length) {
    char first[9] = {0};
    uint64_t rank = 0;
    memcpy(first, key, length < sizeof(first) ? length : sizeof(first));
    memcpy(&rank, first + 1, sizeof(rank));
    return (uint64_t)first[0] << 63 | __builtin_bswap64(rank) >> 1;
}

int sorter_keys_compare(const char *a, size_t a_length, const char *b, size_t b_length) {
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

SorterRow sorter_row_at(const char *record) {
    SorterHeader header;
    memcpy(&header, record, sizeof(header));
    const char *key = record + sizeof(header);
    return (SorterRow){.key = key,
                       .key_length = header.key_length,
                       .group_length = header.group_length,
                       .payload = key + header.key_length,
                       .payload_length = header.payload_length,
                       .is_kept = true};
}

size_t sorter_record_length(const SorterRow *row) {
    return sizeof(SorterHeader) + row->key_length + row->payload_length;
}

static void entry_add(SorterPart *part, const SorterRow *row, uint64_t offset) {
    if (part->count == part->capacity) {
        part->capacity = part->capacity == 0 ? ENTRIES_MIN : part->capacity * 2;
        part->entries = memory_resize(part->entries, part->capacity * sizeof(SorterEntry));
    }
    part->entries[part->count++] = (SorterEntry){sorter_rank(row->key, row->key_length), offset};
}

// The rows came in order so far: each lies behind the one before.
static void entries_make(SorterPart *part) {
    uint64_t count = part->count;
    uint64_t offset = 0;
    if (part->has_entries) {
        return;
    }
    part->has_entries = true;
    part->is_sorted = true;
    part->count = 0;
    while (part->count < count) {
        SorterRow row = sorter_row_at(part->bytes.data + offset);
        entry_add(part, &row, offset);
        offset += sorter_record_length(&row);
    }
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

// --- too many rows ------------------------------------------------------------------------------

static bool is_same_group(const SorterRow *a, const SorterRow *b) {
    return a->group_length == b->group_length && memcmp(a->key, b->key, a->group_length) == 0;
}

// The rows one after the other, each with its place in its group, from 1.
typedef struct GroupWalk {
    SorterRow row;
    int64_t place; // 0: none was taken yet
} GroupWalk;

static inline void group_walk(GroupWalk *walk, const SorterPart *part, uint64_t index) {
    SorterRow row = sorter_row_of(part, &part->entries[index]);
    bool goes_on = walk->place > 0 && is_same_group(&row, &walk->row);
    walk->place = goes_on ? walk->place + 1 : 1;
    walk->row = row;
}

static void entries_limit(SorterPart *part, int64_t limit) {
    uint64_t kept = 0;
    GroupWalk walk = {0};
    for (uint64_t i = 0; i < part->count; i++) {
        group_walk(&walk, part, i);
        if (walk.place <= limit) {
            part->entries[kept++] = part->entries[i];
        }
    }
    part->dropped += (int64_t)(part->count - kept);
    part->count = kept;
}

static const char *record_of(const SorterRow *row) {
    return row->key - sizeof(SorterHeader);
}

static uint64_t entries_bytes(const SorterPart *part) {
    uint64_t bytes = part->count * sizeof(SorterEntry);
    for (uint64_t i = 0; i < part->count; i++) {
        SorterRow row = sorter_row_of(part, &part->entries[i]);
        bytes += sorter_record_length(&row);
    }
    return bytes;
}

// What is kept moves together, in order.
static void part_compact(SorterPart *part) {
    Buffer bytes = {0};
    for (uint64_t i = 0; i < part->count; i++) {
        SorterRow row = sorter_row_of(part, &part->entries[i]);
        part->entries[i].offset = bytes.length;
        buffer_append(&bytes, record_of(&row), sorter_record_length(&row));
    }
    buffer_free(&part->bytes);
    part->bytes = bytes;
}

static void run_add(SorterPart *part, int64_t begin) {
    part->runs = memory_resize(part->runs, (part->run_count + 1) * sizeof(SorterRun));
    part->runs[part->run_count++] = (SorterRun){begin, spill_file_length(part->file)};
}

static Outcome entries_spill(Sys *sys, SorterPart *part) {
    int64_t begin = spill_file_length(part->file);
    for (uint64_t i = 0; i < part->count; i++) {
        SorterRow row = sorter_row_of(part, &part->entries[i]);
        TRY(spill_file_append(sys, part->file, record_of(&row), sorter_record_length(&row)));
    }
    run_add(part, begin);
    buffer_free(&part->bytes);
    part->count = 0;
    part->has_entries = false;
    return spill_file_flush(sys, part->file);
}

// Many runs become one, so that no merge has more than so many at hand.
static Outcome runs_join(Sys *sys, SorterPart *part) {
    int64_t begin = spill_file_length(part->file);
    SorterMerge merge = {0};
    SorterRow row = {0};
    bool has_row = false;
    sorter_merge_add_runs(&merge, part);
    Outcome outcome = sorter_merge_next(sys, &merge, &row, &has_row);
    while (outcome == OUTCOME_OK && has_row) {
        outcome = spill_file_append(sys, part->file, record_of(&row), sorter_record_length(&row));
        if (outcome == OUTCOME_OK) {
            outcome = sorter_merge_next(sys, &merge, &row, &has_row);
        }
    }
    sorter_merge_free(&merge);
    TRY(outcome);
    part->run_count = 0;
    run_add(part, begin);
    return spill_file_flush(sys, part->file);
}

static Outcome part_spill(Sys *sys, const Sorter *sorter, SorterPart *part) {
    if (part->file == NULL) {
        TRY(spill_file_new(sys, sorter->options.directory, &part->file));
    }
    TRY(entries_spill(sys, part));
    return part->run_count < RUNS_MAX ? OUTCOME_OK : runs_join(sys, part);
}

// --- rows that never will be among the first of their group
// ---------------------------------------

static SorterCutoff *cutoff_at(const SorterPart *part, uint64_t hash) {
    return &part->cutoffs[hash % SORTER_CUTOFFS];
}

static bool has_cutoffs(const Sorter *sorter) {
    return sorter->options.limit > 0;
}

static void cutoffs_clear(SorterPart *part) {
    if (part->cutoffs != NULL) {
        memset(part->cutoffs, 0, SORTER_CUTOFFS * sizeof(SorterCutoff));
    }
}

static void cutoff_set(SorterPart *part, uint64_t hash, uint64_t offset) {
    if (part->cutoffs == NULL) {
        part->cutoffs = memory_alloc(SORTER_CUTOFFS * sizeof(SorterCutoff));
        cutoffs_clear(part);
    }
    *cutoff_at(part, hash) = (SorterCutoff){hash, offset + 1};
}

bool sorter_cutoff(const Sorter *sorter, uint32_t index, const SorterRow *row, SorterRow *last) {
    const SorterPart *part = &sorter->parts[index];
    if (part->cutoffs == NULL) {
        return false;
    }
    uint64_t hash = hash64(row->key, row->group_length);
    const SorterCutoff *cutoff = cutoff_at(part, hash);
    if (cutoff->place == 0 || cutoff->hash != hash) {
        return false;
    }
    *last = sorter_row_at(part->bytes.data + cutoff->place - 1);
    return is_same_group(row, last);
}

void sorter_count_cut(Sorter *sorter, uint32_t index, int64_t count) {
    sorter->parts[index].added += (uint64_t)count;
    sorter->parts[index].dropped += count;
}

bool sorter_cuts_off(Sorter *sorter, uint32_t index, const SorterRow *row) {
    SorterRow last;
    bool is_cut = sorter_cutoff(sorter, index, row, &last) &&
                  sorter_keys_compare(row->key, row->key_length, last.key, last.key_length) >= 0;
    sorter_count_cut(sorter, index, is_cut);
    return is_cut;
}

// Of the rows that were kept, sorted: the last of each group that has all it may have.
static void cutoffs_find(SorterPart *part, int64_t limit) {
    GroupWalk walk = {0};
    for (uint64_t i = 0; i < part->count; i++) {
        group_walk(&walk, part, i);
        if (walk.place == limit) {
            uint64_t hash = hash64(walk.row.key, walk.row.group_length);
            cutoff_set(part, hash, part->entries[i].offset);
        }
    }
}

static Outcome part_shrink(Sys *sys, const Sorter *sorter, SorterPart *part) {
    entries_make(part);
    sorter_part_sort(part);
    if (sorter->options.limit >= 0) {
        entries_limit(part, sorter->options.limit);
    }
    uint64_t bytes = entries_bytes(part);
    if (bytes > sorter->part_bytes_max / 2) {
        TRY(part_spill(sys, sorter, part));
        bytes = 0;
    } else {
        part_compact(part);
    }
    cutoffs_clear(part);
    if (has_cutoffs(sorter)) {
        cutoffs_find(part, sorter->options.limit);
    }
    uint64_t wanted = bytes * 2 < SHRINK_BYTES_MIN ? SHRINK_BYTES_MIN : bytes * 2;
    part->shrink_at =
        sorter->options.limit < 0 ? sorter->part_bytes_max : least(wanted, sorter->part_bytes_max);
    return OUTCOME_OK;
}

// --- adding -------------------------------------------------------------------------------------

static bool is_behind_last(const SorterPart *part, const SorterRow *row) {
    SorterRow last = sorter_row_at(part->bytes.data + part->last);
    return sorter_keys_compare(last.key, last.key_length, row->key, row->key_length) <= 0;
}

static void record_append(Buffer *bytes, const SorterRow *row) {
    SorterHeader header = {.group_length = (uint32_t)row->group_length,
                           .key_length = (uint32_t)row->key_length,
                           .payload_length = row->payload_length};
    size_t length = sorter_record_length(row);
    buffer_reserve(bytes, length);
    char *to = bytes->data + bytes->length;
    memcpy(to, &header, sizeof(header));
    memcpy(to + sizeof(header), row->key, row->key_length);
    if (row->payload_length > 0) {
        memcpy(to + sizeof(header) + row->key_length, row->payload, row->payload_length);
    }
    bytes->length += length;
}

static void row_append(SorterPart *part, const SorterRow *row) {
    uint64_t offset = part->bytes.length;
    if (!part->has_entries && part->count > 0 && !is_behind_last(part, row)) {
        entries_make(part);
    }
    if (part->has_entries) {
        entry_add(part, row, offset);
        part->is_sorted = false;
    } else {
        part->count++;
    }
    part->last = offset;
    record_append(&part->bytes, row);
}

Outcome sorter_add(Sys *sys, Sorter *sorter, uint32_t index, const SorterRow *row) {
    SorterPart *part = &sorter->parts[index];
    ASSERT(row->key_length <= UINT32_MAX && row->group_length <= row->key_length);
    if (sorter_cuts_off(sorter, index, row)) {
        return OUTCOME_OK;
    }
    part->added++;
    if (sorter->options.limit == 1) { // it is the first, so far
        cutoff_set(part, hash64(row->key, row->group_length), part->bytes.length);
    }
    row_append(part, row);
    return part_bytes(part) < part->shrink_at ? OUTCOME_OK : part_shrink(sys, sorter, part);
}

// --- the end ------------------------------------------------------------------------------------

void sorter_seal(Sorter *sorter, uint32_t part) {
    sorter_part_sort(&sorter->parts[part]);
}

Outcome sorter_finish(Sys *sys, Sorter *sorter) {
    (void)sys;
    for (uint32_t i = 0; i < sorter->options.part_count; i++) {
        SorterPart *part = &sorter->parts[i];
        sorter_part_sort(part);
        sorter_merge_add_runs(&sorter->merge, part);
        sorter_merge_add_memory(&sorter->merge, part);
    }
    return OUTCOME_OK;
}

Outcome sorter_next(Sys *sys, Sorter *sorter, SorterRow *row, bool *has_row) {
    return sorter_merge_next(sys, &sorter->merge, row, has_row);
}
