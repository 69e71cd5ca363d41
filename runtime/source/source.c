// Which files a source has, and in which format each is. What they hold is cut in cut.c and decoded
// in reader.c.
#include "source/generated.h"
#include "source/internal.h"

// --- formats -------------------------------------------------------------------------------------

static bool suffix_is(const char *path, size_t length, const char *suffix) {
    size_t suffix_length = strlen(suffix);
    return length > suffix_length &&
           memcmp(path + length - suffix_length, suffix, suffix_length) == 0;
}

static size_t suffix_strip(const char *path, size_t length, const char *suffix) {
    return suffix_is(path, length, suffix) ? length - strlen(suffix) : length;
}

FlowFormat source_format_by_suffix(const char *path) {
    static const struct {
        const char *suffix;
        FlowFormat format;
    } suffixes[] = {
        {".ndjson", FLOW_FORMAT_NDJSON},
        {".jsonl", FLOW_FORMAT_NDJSON},
        {".json", FLOW_FORMAT_NDJSON},
        {".csv", FLOW_FORMAT_CSV},
        {".parquet", FLOW_FORMAT_PARQUET},
        {".avro", FLOW_FORMAT_AVRO},
    };
    static const char *const compressions[] = {".gz", ".zst", ".zstd"};
    size_t length = strlen(path);
    for (size_t i = 0; i < COUNT_OF(compressions); i++) {
        length = suffix_strip(path, length, compressions[i]);
    }
    for (size_t i = 0; i < COUNT_OF(suffixes); i++) {
        if (suffix_is(path, length, suffixes[i].suffix)) {
            return suffixes[i].format;
        }
    }
    return FLOW_FORMAT_BY_SUFFIX;
}

static Outcome format_choose(const Source *source, uint32_t file, FlowFormat *format) {
    const char *path = source->files.items[file].path;
    *format = (FlowFormat)source->desc->format;
    if (*format == FLOW_FORMAT_BY_SUFFIX) {
        *format = source_format_by_suffix(path);
    }
    if (*format == FLOW_FORMAT_BY_SUFFIX) {
        return sys_fail(source->sys,
                        OUTCOME_REFUSED,
                        "source %s: the name of %s does not say its format; say `format ndjson`, "
                        "`format csv`, `format parquet` or `format avro`",
                        source->desc->name,
                        path);
    }
    return OUTCOME_OK;
}

// --- opening -------------------------------------------------------------------------------------

static Outcome files_check(Source *source) {
    const char *glob = source->options.glob;
    if (source->options.files == NULL && source->files.count == 0 && !glob_has_wildcard(glob)) {
        return sys_fail(source->sys,
                        OUTCOME_REFUSED,
                        "source %s: there is no file %s",
                        source->desc->name,
                        glob);
    }
    source->formats = arena_array(&source->memory, FlowFormat, source->files.count);
    for (uint32_t i = 0; i < source->files.count; i++) {
        TRY(format_choose(source, i, &source->formats[i]));
        source->bytes_total += source->files.items[i].size_bytes;
    }
    return OUTCOME_OK;
}

Outcome source_list(Sys *sys, Arena *arena, const char *glob, SourceListing *listing) {
    return glob_expand(sys, arena, glob, listing);
}

// What is made up has one name and no bytes.
static Outcome generated_list(Source *source) {
    Generated *generated = NULL;
    TRY(generated_new(source->sys, source->desc, &generated)); // can it be done?
    generated_free(generated);
    source->files.items = arena_new(&source->memory, SourceEntry);
    source->files.items[0].path = arena_string(&source->memory, "generate");
    source->files.count = 1;
    source->formats = arena_new(&source->memory, FlowFormat);
    source->formats[0] = FLOW_FORMAT_NDJSON;
    source->cut =
        (SourceCut){.file_next = 1, .is_first = true, .part_count = generated_pieces(source->desc)};
    return OUTCOME_OK;
}

static Outcome files_open(Source *source) {
    if (source->options.files == NULL) {
        SourceListing listing = {0};
        TRY(source_list(source->sys, &source->memory, source->options.glob, &listing));
        source->files = listing.files;
    } else {
        source->files = *source->options.files;
    }
    return files_check(source);
}

static Outcome input_open(Source *source) {
    if (source->options.again != NULL) {
        again_open(source);
        return OUTCOME_OK;
    }
    if (source->desc->generate != NULL) {
        return generated_list(source);
    }
    return source->desc->format == FLOW_FORMAT_DELTA ? snapshot_open(source) : files_open(source);
}

Outcome
source_open(Sys *sys, const FlowSource *desc, const SourceOptions *options, Source **source) {
    Arena memory = {0};
    Source *opened = arena_new(&memory, Source);
    *opened = (Source){.sys = sys, .desc = desc, .options = *options, .memory = memory};
    *source = NULL;
    Outcome outcome = input_open(opened);
    if (outcome != OUTCOME_OK) {
        source_close(opened);
        return outcome;
    }
    *source = opened;
    return OUTCOME_OK;
}

void source_close(Source *source) {
    if (source == NULL) {
        return;
    }
    source_reader_free(source->reader);
    source_piece_free(&source->piece);
    // Nothing was written: an error of this close loses nothing.
    (void)!stream_close(source->cut.stream);
    buffer_free(&source->cut.carry);
    delta_close(source->snapshot.table);
    Arena memory = source->memory; // The source itself lies in it.
    arena_free(&memory);
}

// --- for who reads alone -------------------------------------------------------------------------

Outcome source_next(Source *source, Batch *batch) {
    if (source->reader == NULL) {
        source->reader =
            source_reader_new(source, source->sys, source->options.reject, source->options.user);
    }
    bool has_piece = true;
    TRY(source_reader_next(source->reader, batch));
    while (batch->abi.row_count == 0 && has_piece) {
        TRY(source_cut(source, &source->piece, &has_piece));
        if (has_piece) {
            TRY(source_reader_begin(source->reader, &source->piece));
            TRY(source_reader_next(source->reader, batch));
        }
    }
    return OUTCOME_OK;
}

bool source_raw(const Source *source, const FlowBatch *batch, int32_t row, Buffer *out) {
    return source->reader != NULL && source_reader_raw(source->reader, batch, row, out);
}

TableFileOptions
source_table_file(const Source *source, Sys *sys, const SourceOptions *options, uint32_t file) {
    const Snapshot *snapshot = &source->snapshot;
    bool is_table = snapshot->table != NULL;
    return (TableFileOptions){
        .sys = sys,
        .source = source->desc,
        .options = options,
        .format = source->formats[file],
        .path = source->files.items[file].path,
        .size_bytes = source->files.items[file].size_bytes,
        .index = (int32_t)file,
        .table = is_table ? &snapshot->columns : NULL,
        .fixed = is_table ? snapshot->fixed[file] : NULL,
        .change = snapshot->entries == NULL ? NULL : &snapshot->entries[file].change,
    };
}

// --- counts --------------------------------------------------------------------------------------

uint32_t source_file_count(const Source *source) {
    return source->files.count;
}

uint32_t source_files_begun(const Source *source) {
    return source->cut.file_next;
}

const char *source_file_path(const Source *source, uint32_t file) {
    ASSERT(file < source->files.count);
    return source->files.items[file].path;
}

int64_t source_bytes_read(const Source *source) {
    return source->bytes_read +
           (source->cut.stream == NULL ? 0 : stream_bytes_read(source->cut.stream));
}

int64_t source_bytes_total(const Source *source) {
    return source->bytes_total;
}

int64_t source_left_out(const Source *source) {
    return source->snapshot.left_out;
}

int64_t source_records(const Source *source) {
    int64_t read = source->reader == NULL ? 0 : source_reader_records(source->reader);
    return read + source->snapshot.left_out;
}

int64_t source_filtered(const Source *source) {
    int64_t filtered = source->reader == NULL ? 0 : source_reader_filtered(source->reader);
    return filtered + source->snapshot.left_out;
}
