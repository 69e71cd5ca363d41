// The rows of a source as several files in place of one: who reads them, and in which pieces, is
// another matter then, and must not be seen in any result.
//
// A program that shows the file or the position of a record, and a test that asks the DLQ for them,
// would see it rightly: such sources stay as they are.
#include "trial/trial_internal.h"

enum { FILES = 4 }; // in each epoch; those of a batch replace those of the one before

// --- which sources
// --------------------------------------------------------------------------------
static bool shows_place(const FlowSource *source) {
    for (int64_t i = 0; i < source->columns_count; i++) {
        int32_t meta = source->columns[i].meta;
        bool is_place = meta == FLOW_META_FILE || meta == FLOW_META_POSITION;
        if (is_place && source->columns[i].is_used != 0) {
            return true;
        }
    }
    return false;
}

static bool asks_for_place(const CheckedTest *test) {
    for (uint32_t i = 0; i < test->step_count; i++) {
        const CheckedTestStep *step = &test->steps[i];
        for (uint32_t c = 0; step->target == CHECKED_DLQ && c < step->column_count; c++) {
            const char *name = step->columns[c].name;
            if (strcmp(name, "partition") == 0 || strcmp(name, "record_id") == 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_text(const FlowSource *source, const char *path) {
    FlowFormat format = (FlowFormat)source->format;
    const char *suffix = strrchr(path, '.');
    bool is_unknown = format == FLOW_FORMAT_BY_SUFFIX && suffix != NULL &&
                      strcmp(suffix, ".ndjson") != 0 && strcmp(suffix, ".csv") != 0;
    return !is_unknown && (format == FLOW_FORMAT_BY_SUFFIX || format == FLOW_FORMAT_NDJSON ||
                           format == FLOW_FORMAT_CSV || format == FLOW_FORMAT_DEBEZIUM);
}

// --- cuts
// ------------------------------------------------------------------------------------------ Where
// the file begins, as the number of a row; the same for the same number of the shuffle.
static uint32_t cut_of(const Trial *trial, uint32_t source, uint32_t file, uint32_t rows) {
    uint64_t seed[4] = {trial->on->shuffle, trial->run_count, source, file};
    return (uint32_t)(hash64(seed, sizeof(seed)) % ((uint64_t)rows + 1));
}

static int index_compare(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void bytes_put(Trial *trial, const char *path, const Buffer *bytes) {
    sys_memory_put(trial->world, path, bytes->length > 0 ? bytes->data : "", bytes->length);
}

static const char *part_path(Trial *trial, uint32_t source, uint32_t part) {
    const char *glob = trial_setting(trial, trial->on->given->sources[source].path);
    uint32_t epoch = trial->is_stream ? trial->run_count : 0;
    return trial_glob_path(
        trial->arena, glob, arena_format(trial->arena, "given%06u-%u", epoch, part));
}

// Rows from `first` to `end` of those of the epoch.
static void
part_put(Trial *trial, TrialInput *input, const char *path, uint32_t first, uint32_t end) {
    uint32_t rows = input->starts.count - input->first_start;
    TrialStart *starts = rows == 0 ? NULL : &input->starts.items[input->first_start];
    size_t from = first < rows ? (size_t)starts[first].offset : input->bytes.length;
    size_t to = end < rows ? (size_t)starts[end].offset : input->bytes.length;
    Buffer bytes = {0};
    if (rows > 0) {
        buffer_append(&bytes, input->bytes.data, input->header_length);
    }
    int64_t shift = (int64_t)bytes.length - (int64_t)from;
    if (to > from) {
        buffer_append(&bytes, input->bytes.data + from, to - from);
    }
    for (uint32_t i = first; i < end; i++) {
        starts[i] = (TrialStart){.path = path, .offset = starts[i].offset + shift};
    }
    bytes_put(trial, path, &bytes);
    buffer_free(&bytes);
}

static bool can_cut(Trial *trial, uint32_t source) {
    const FlowSource *desc = &trial->program->sources[source];
    const char *path = part_path(trial, source, 0);
    return trial->on->shuffle > 0 && strcmp(path, part_path(trial, source, 1)) != 0 &&
           is_text(desc, path) && !shows_place(desc) && !asks_for_place(trial->test);
}

bool trial_files_put(Trial *trial, uint32_t source, const char *path) {
    static const Buffer nothing = {0};
    TrialInput *input = &trial->inputs[source];
    uint32_t rows = input->starts.count - input->first_start;
    bool is_cut = !input->is_copied && can_cut(trial, source);
    if (is_cut) {
        uint32_t cuts[FILES + 1] = {0};
        for (uint32_t i = 1; i < FILES; i++) {
            cuts[i] = cut_of(trial, source, i, rows);
        }
        cuts[FILES] = rows;
        qsort(cuts, FILES + 1, sizeof(*cuts), index_compare);
        for (uint32_t i = 0; i < FILES; i++) {
            part_put(trial, input, part_path(trial, source, i), cuts[i], cuts[i + 1]);
        }
    }
    if (is_cut && !trial->is_stream) {
        bytes_put(trial, path, &nothing);
    }
    for (uint32_t i = 0; !is_cut && input->was_cut && !trial->is_stream && i < FILES; i++) {
        bytes_put(trial, part_path(trial, source, i), &nothing);
    }
    input->was_cut |= is_cut;
    return is_cut;
}
