// Rejected records that are sent through a program again: each decoded for itself, as if it stood
// at its old place in its old file. What the bytes are was the producer's choice, so one that
// breaks off or goes on in another line must not take the next one with it.
#include "source/internal.h"

#include "scalar/scalar.h"

// What a DLQ keeps of a record that is no text is a JSON object; of a document it is an element.
static FlowFormat again_format(const FlowSource *desc, const char *path) {
    FlowFormat format = (FlowFormat)desc->format;
    if (format == FLOW_FORMAT_BY_SUFFIX) {
        format = source_format_by_suffix(path);
    }
    bool is_as_it_was = format == FLOW_FORMAT_CSV || format == FLOW_FORMAT_DEBEZIUM;
    return is_as_it_was ? format : FLOW_FORMAT_NDJSON;
}

void again_open(Source *source) {
    const SourceAgainFiles *files = source->options.again;
    source->files.items = arena_array(&source->memory, SourceEntry, files->count + 1);
    source->files.count = files->count;
    source->formats = arena_array(&source->memory, FlowFormat, files->count + 1);
    for (uint32_t i = 0; i < files->count; i++) {
        source->files.items[i].path = files->items[i].path;
        source->formats[i] = again_format(source->desc, files->items[i].path);
    }
}

// --- headers -------------------------------------------------------------------------------------

static Outcome
header_read(Stream *stream, Arena *arena, const FlowSource *desc, SourceHeader *header) {
    char *bytes = arena_zeroed(arena, READ_CHUNK_BYTES + FORMAT_SLACK_BYTES, 1);
    size_t got = 0;
    size_t begin = 0;
    TRY(stream_read(stream, bytes, READ_CHUNK_BYTES, &got));
    size_t length = text_header(desc, FLOW_FORMAT_CSV, bytes, got, &begin);
    if (length > 0) {
        char *copy = arena_zeroed(arena, length + FORMAT_SLACK_BYTES, 1);
        memcpy(copy, bytes + begin, length);
        *header = (SourceHeader){copy, length};
    }
    return OUTCOME_OK;
}

Outcome source_again_header(Sys *sys,
                            Arena *arena,
                            const FlowSource *desc,
                            const char *path,
                            bool *needs,
                            SourceHeader *header) {
    SysStat stat;
    Stream *stream = NULL;
    Arena scratch = {0};
    *header = (SourceHeader){0};
    *needs = again_format(desc, path) == FLOW_FORMAT_CSV && desc->csv_header != 0;
    if (!*needs) {
        return OUTCOME_OK;
    }
    TRY(sys_stat(sys, path, &stat));
    if (!stat.exists) {
        return OUTCOME_OK;
    }
    TRY(stream_open(sys, path, stat.size_bytes, &stream));
    Outcome outcome = header_read(stream, &scratch, desc, header);
    if (header->length > 0) {
        char *bytes = arena_zeroed(arena, header->length + FORMAT_SLACK_BYTES, 1);
        memcpy(bytes, header->bytes, header->length);
        header->bytes = bytes;
    }
    arena_free(&scratch);
    Outcome closed = stream_close(stream);
    return outcome == OUTCOME_OK ? closed : outcome;
}

// --- records -------------------------------------------------------------------------------------

void again_begin(AgainReader *reader, const SourceAgainFiles *files, uint32_t index) {
    ASSERT(index < files->count);
    reader->file = &files->items[index];
    reader->index = (int32_t)index;
    reader->record = 0;
    reader->at = 0;
}

// True: nothing is left of the record.
static bool record_decode(AgainReader *reader,
                          const SourceAgain *record,
                          TextDecoder *decoder,
                          int64_t now_us,
                          Batch *batch) {
    const SourceAgainFile *file = reader->file;
    text_decoder_resume(
        decoder, reader->index, file->path, now_us, file->header.bytes, file->header.length);
    text_decoder_replay(decoder, view_text(record->flows));
    size_t used = text_decoder_run(decoder,
                                   record->bytes + reader->at,
                                   record->length - reader->at,
                                   record->position + (int64_t)reader->at,
                                   true,
                                   batch);
    reader->records += text_decoder_records(decoder);
    reader->filtered += text_decoder_filtered(decoder);
    reader->unknown += text_decoder_unknown(decoder);
    reader->at += used;
    return used == 0 || reader->at == record->length;
}

void again_next(AgainReader *reader, TextDecoder *decoder, int64_t now_us, Batch *batch) {
    const SourceAgainFile *file = reader->file;
    while (reader->record < file->count && batch->abi.row_count < FLOW_BATCH_ROWS_MAX) {
        if (record_decode(reader, &file->records[reader->record], decoder, now_us, batch)) {
            reader->record++;
            reader->at = 0;
        }
    }
    if (reader->record == file->count) {
        reader->file = NULL;
    }
}
