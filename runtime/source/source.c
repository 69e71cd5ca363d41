// Files into batches. One chunk of text at a time is in memory; the beginning of a record that the
// chunk cut off is carried to the front of the next one. A chunk only grows for a record that does
// not fit, and the decoder lets none be longer than RECORD_BYTES_MAX, so memory does not depend on
// the input. All reading happens in chunk_fill: what reads ahead one day stands behind that call.
#include "source/source.h"

#include "source/glob.h"
#include "source/stream.h"

// The text of the open file: what is decoded next is bytes[begin .. end).
typedef struct Chunk {
    char *bytes;
    size_t capacity; // without the slack behind it
    size_t begin;
    size_t end;
    int64_t position; // of bytes[begin] in the file's text
    bool is_last;     // nothing comes behind bytes[end]
} Chunk;

struct Source {
    Sys *sys;
    const FlowSource *desc;
    SourceOptions options;
    Arena memory;
    GlobFiles files;
    FlowFormat *formats; // by file
    uint32_t file_next;
    Stream *stream; // of file_next - 1, or NULL
    Chunk chunk;
    TextDecoder *decoders[FLOW_FORMAT_PARQUET + 1]; // by format, made when first needed
    TextDecoder *decoder;                           // of the open file
    int64_t bytes_read;                             // of the files before
    int64_t bytes_total;
    int64_t records;
    int64_t filtered;
};

// --- formats -------------------------------------------------------------------------------------

static bool suffix_is(const char *path, size_t length, const char *suffix) {
    size_t suffix_length = strlen(suffix);
    return length > suffix_length &&
           memcmp(path + length - suffix_length, suffix, suffix_length) == 0;
}

static size_t suffix_strip(const char *path, size_t length, const char *suffix) {
    return suffix_is(path, length, suffix) ? length - strlen(suffix) : length;
}

static FlowFormat format_by_suffix(const char *path) {
    static const struct {
        const char *suffix;
        FlowFormat format;
    } suffixes[] = {
        {".ndjson", FLOW_FORMAT_NDJSON},
        {".jsonl", FLOW_FORMAT_NDJSON},
        {".json", FLOW_FORMAT_NDJSON},
        {".csv", FLOW_FORMAT_CSV},
        {".parquet", FLOW_FORMAT_PARQUET},
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
        *format = format_by_suffix(path);
    }
    if (*format == FLOW_FORMAT_BY_SUFFIX) {
        return sys_fail(source->sys,
                        OUTCOME_REFUSED,
                        "source %s: the name of %s does not say its format; say `format ndjson` or "
                        "`format csv`",
                        source->desc->name,
                        path);
    }
    if (*format == FLOW_FORMAT_PARQUET) {
        return sys_fail(source->sys,
                        OUTCOME_REFUSED,
                        "source %s: %s: Parquet files as a source are not supported yet",
                        source->desc->name,
                        path);
    }
    return OUTCOME_OK;
}

// --- opening -------------------------------------------------------------------------------------

static Outcome files_check(Source *source) {
    const char *glob = source->options.glob;
    if (source->files.count == 0 && !glob_has_wildcard(glob)) {
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

Outcome
source_open(Sys *sys, const FlowSource *desc, const SourceOptions *options, Source **source) {
    Arena memory = {0};
    Source *opened = arena_new(&memory, Source);
    *opened = (Source){.sys = sys, .desc = desc, .options = *options, .memory = memory};
    *source = NULL;
    Outcome outcome = glob_expand(sys, &opened->memory, options->glob, &opened->files);
    if (outcome == OUTCOME_OK) {
        outcome = files_check(opened);
    }
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
    for (size_t i = 0; i < COUNT_OF(source->decoders); i++) {
        text_decoder_free(source->decoders[i]);
    }
    // Nothing was written: an error of this close loses nothing.
    (void)!stream_close(source->stream);
    memory_free(source->chunk.bytes);
    Arena memory = source->memory; // The source itself lies in it.
    arena_free(&memory);
}

// --- chunks --------------------------------------------------------------------------------------

static void chunk_grow(Chunk *chunk, size_t capacity) {
    chunk->bytes = memory_resize(chunk->bytes, capacity + FORMAT_SLACK_BYTES);
    chunk->capacity = capacity;
}

static void chunk_begin(Chunk *chunk) {
    if (chunk->capacity == 0) {
        chunk_grow(chunk, READ_CHUNK_BYTES);
    }
    chunk->begin = 0;
    chunk->end = 0;
    chunk->position = 0;
    chunk->is_last = false;
}

// Carries what is left to the front and reads more behind it.
static Outcome chunk_fill(Source *source) {
    Chunk *chunk = &source->chunk;
    size_t left = chunk->end - chunk->begin;
    memmove(chunk->bytes, chunk->bytes + chunk->begin, left);
    chunk->begin = 0;
    chunk->end = left;
    if (left > chunk->capacity / 2) {
        chunk_grow(chunk, chunk->capacity * 2);
    }
    // A chunk that has grown for one long record is not filled for the others: they fit the caches.
    size_t wanted = left < READ_CHUNK_BYTES / 2 ? READ_CHUNK_BYTES : chunk->capacity;
    size_t got;
    TRY(stream_read(source->stream, chunk->bytes + left, wanted - left, &got));
    chunk->end += got;
    // Decoders look beyond the end in whole vectors; the rest of the chunk is never touched.
    memset(chunk->bytes + chunk->end, 0, FORMAT_SLACK_BYTES);
    chunk->is_last = got < wanted - left;
    return OUTCOME_OK;
}

// --- files ---------------------------------------------------------------------------------------

static TextDecoder *decoder_for(Source *source, FlowFormat format) {
    TextDecoder **decoder = &source->decoders[format];
    if (*decoder == NULL) {
        *decoder =
            text_decoder_new(source->desc, format, source->options.reject, source->options.user);
    }
    return *decoder;
}

static Outcome file_open(Source *source) {
    uint32_t index = source->file_next++;
    const GlobFile *file = &source->files.items[index];
    TRY(stream_open(source->sys, file->path, file->size_bytes, &source->stream));
    chunk_begin(&source->chunk);
    source->decoder = decoder_for(source, source->formats[index]);
    text_decoder_begin(source->decoder, (int32_t)index, file->path, source->options.now_us);
    return OUTCOME_OK;
}

static Outcome file_close(Source *source) {
    const Chunk *chunk = &source->chunk;
    if (stream_is_broken(source->stream)) {
        text_decoder_break(source->decoder,
                           chunk->bytes + chunk->begin,
                           chunk->end - chunk->begin,
                           chunk->position);
    }
    source->records += text_decoder_records(source->decoder);
    source->bytes_read += stream_bytes_read(source->stream);
    source->decoder = NULL;
    Stream *stream = source->stream;
    source->stream = NULL;
    return stream_close(stream);
}

// Decodes what the chunk holds; false if that took nothing from it.
static bool chunk_decode(Source *source, Batch *batch) {
    Chunk *chunk = &source->chunk;
    bool is_last = chunk->is_last && !stream_is_broken(source->stream);
    size_t used = text_decoder_run(source->decoder,
                                   chunk->bytes + chunk->begin,
                                   chunk->end - chunk->begin,
                                   chunk->position,
                                   is_last,
                                   batch);
    chunk->begin += used;
    chunk->position += (int64_t)used;
    source->filtered += text_decoder_filtered(source->decoder);
    return used > 0;
}

// A step towards the next row: decodes, or reads more, or goes on to the next file.
static Outcome source_step(Source *source, Batch *batch) {
    if (source->stream == NULL) {
        return file_open(source);
    }
    if (chunk_decode(source, batch)) {
        return OUTCOME_OK;
    }
    return source->chunk.is_last ? file_close(source) : chunk_fill(source);
}

static bool is_done(const Source *source) {
    return source->stream == NULL && source->file_next == source->files.count;
}

// A batch ends with its chunk, even if it is not full: its strings lie there.
Outcome source_next(Source *source, Batch *batch) {
    batch_clear(batch);
    while (batch->abi.row_count == 0 && !is_done(source)) {
        TRY(source_step(source, batch));
    }
    batch_select_all(batch);
    return OUTCOME_OK;
}

// --- counts --------------------------------------------------------------------------------------

uint32_t source_file_count(const Source *source) {
    return source->files.count;
}

const char *source_file_path(const Source *source, uint32_t file) {
    ASSERT(file < source->files.count);
    return source->files.items[file].path;
}

int64_t source_bytes_read(const Source *source) {
    return source->bytes_read + (source->stream == NULL ? 0 : stream_bytes_read(source->stream));
}

int64_t source_bytes_total(const Source *source) {
    return source->bytes_total;
}

int64_t source_records(const Source *source) {
    return source->records + (source->decoder == NULL ? 0 : text_decoder_records(source->decoder));
}

int64_t source_filtered(const Source *source) {
    return source->filtered;
}
