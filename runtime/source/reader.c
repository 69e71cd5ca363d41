// Pieces into batches: what one thread decodes with. A reader keeps its decoders from piece to
// piece: they learn what records look like.
#include "source/feed.h"
#include "source/generated.h"
#include "source/internal.h"
#include "source/table_file.h"

enum { FORMATS_MAX = 8 };

struct SourceReader {
    const Source *source;
    Sys *sys;
    SourceOptions options;
    TextDecoder *decoders[FORMATS_MAX]; // by format, made when first needed
    TextDecoder *decoder;               // of the piece; NULL: there is none, or it is done
    const SourcePiece *piece;
    size_t at;             // in the piece, or in what of the file is read
    Stream *stream;        // of a piece that is a whole file
    SourcePiece window;    // what of it is read
    TableFile *table;      // kept for further pieces of the same file
    bool is_in_table;      // the piece is one of its parts
    Feed *feed;            // of a source that reads changes; made when first needed
    bool is_in_feed;       // the piece is what a commit changed
    Generated *generated;  // of a `generate` source; the window holds its text
    AgainReader again;     // of records that are sent again
    int32_t position_slot; // where a batch has meta.position, or -1
    int64_t records;
    int64_t filtered;
    int64_t unknown;
};

// The slot of meta.position, for whose positions are not those of a text.
static int32_t position_slot(const FlowSource *desc) {
    for (int64_t i = 0; i < desc->columns_count; i++) {
        if (desc->columns[i].meta == FLOW_META_POSITION && desc->columns[i].is_used) {
            return (int32_t)i;
        }
    }
    return FLOW_NO_INDEX;
}

SourceReader *source_reader_new(const Source *source, Sys *sys, FormatRejectFn reject, void *user) {
    SourceReader *reader = memory_alloc(sizeof(SourceReader));
    *reader = (SourceReader){.source = source,
                             .sys = sys,
                             .options = source->options,
                             .position_slot = position_slot(source->desc)};
    reader->options.reject = reject;
    reader->options.user = user;
    return reader;
}

void source_reader_free(SourceReader *reader) {
    if (reader == NULL) {
        return;
    }
    for (size_t i = 0; i < COUNT_OF(reader->decoders); i++) {
        text_decoder_free(reader->decoders[i]);
    }
    source_piece_free(&reader->window);
    // Nothing was written: an error loses nothing.
    (void)!stream_close(reader->stream);
    (void)!table_file_close(reader->table);
    generated_free(reader->generated);
    feed_free(reader->feed);
    memory_free(reader);
}

// What is made up and can't be read is drawn again, as what breaks a check is.
static void generated_reject(void *user, const FormatReject *reject) {
    SourceReader *reader = user;
    int64_t row = generated_row(reader->generated, reject->position);
    generated_again(reader->generated, row, reject->message, NULL);
}

static TextDecoder *decoder_for(SourceReader *reader, FlowFormat format) {
    ASSERT(format < FORMATS_MAX);
    TextDecoder **decoder = &reader->decoders[format];
    if (*decoder == NULL) {
        bool is_generated = reader->source->desc->generate != NULL;
        *decoder = text_decoder_new(reader->source->desc,
                                    format,
                                    is_generated ? generated_reject : reader->options.reject,
                                    is_generated ? reader : reader->options.user);
    }
    return *decoder;
}

// --- whole files ---------------------------------------------------------------------------------

static Outcome whole_begin(SourceReader *reader) {
    const SourceEntry *file = &reader->source->files.items[reader->piece->file];
    // Pieces are used again: what the one before has left in them is not this file's.
    reader->window = (SourcePiece){.bytes = reader->window.bytes,
                                   .capacity = reader->window.capacity,
                                   .file = reader->piece->file,
                                   .format = reader->piece->format};
    return stream_open(reader->sys, file->path, file->size_bytes, &reader->stream);
}

// Carries what is left to the front and reads more behind it.
static Outcome whole_fill(SourceReader *reader) {
    SourcePiece *window = &reader->window;
    size_t left = window->length - reader->at;
    size_t wanted = READ_CHUNK_BYTES;
    size_t got = 0;
    while (wanted < left * 2) {
        wanted *= 2;
    }
    if (left > 0) {
        memmove(window->bytes, window->bytes + reader->at, left);
    }
    window->position += (int64_t)reader->at;
    window->length = left;
    reader->at = 0;
    source_piece_reserve(window, wanted);
    TRY(stream_read(reader->stream, window->bytes + left, wanted - left, &got));
    window->length += got;
    window->is_last = window->length < wanted;
    window->is_broken = window->is_last && stream_is_broken(reader->stream);
    memset(window->bytes + window->length, 0, FORMAT_SLACK_BYTES);
    return OUTCOME_OK;
}

static Outcome whole_end(SourceReader *reader) {
    Stream *stream = reader->stream;
    reader->stream = NULL;
    return stream_close(stream);
}

// --- tables --------------------------------------------------------------------------------------

static Outcome table_begin(SourceReader *reader, const SourcePiece *piece) {
    if (reader->table != NULL && table_file_index(reader->table) != (int32_t)piece->file) {
        TableFile *table = reader->table;
        reader->table = NULL;
        TRY(table_file_close(table));
    }
    if (reader->table == NULL) {
        TableFileOptions options =
            source_table_file(reader->source, reader->sys, &reader->options, piece->file);
        TRY(table_file_open(&options, &reader->table));
    }
    table_file_begin(reader->table, piece->part);
    reader->is_in_table = true;
    return OUTCOME_OK;
}

static Outcome table_next(SourceReader *reader, Batch *batch) {
    TRY(table_file_next(reader->table, batch));
    if (batch->abi.row_count == 0) {
        reader->records += table_file_records(reader->table);
        reader->filtered += table_file_filtered(reader->table);
        reader->is_in_table = false;
    }
    return OUTCOME_OK;
}

bool source_reader_raw(const SourceReader *reader,
                       const FlowBatch *batch,
                       int32_t row,
                       Buffer *out) {
    if (reader->is_in_feed) {
        feed_raw(reader->feed, ((const int64_t *)batch->offsets)[row], out);
        return true;
    }
    if (!reader->is_in_table) {
        return false;
    }
    table_file_raw(reader->table, ((const int64_t *)batch->offsets)[row], out);
    return true;
}

// --- changes -------------------------------------------------------------------------------------
static Outcome changes_begin(SourceReader *reader, const SourcePiece *piece) {
    if (reader->feed == NULL) {
        reader->feed = feed_new(reader->source, reader->sys, &reader->options);
    }
    reader->is_in_feed = true;
    return feed_begin(reader->feed, piece->file);
}

static void changes_next(SourceReader *reader, Batch *batch) {
    feed_next(reader->feed, batch);
    if (batch->abi.row_count == 0) {
        reader->records += feed_records(reader->feed);
        reader->is_in_feed = false;
    }
}

// --- records that are made up --------------------------------------------------------------------

static Outcome made_begin(SourceReader *reader) {
    const FlowSource *desc = reader->source->desc;
    if (reader->generated == NULL) {
        TRY(generated_new(reader->sys, desc, &reader->generated));
    }
    reader->records += generated_begin(reader->generated, reader->piece->part, &reader->window);
    return OUTCOME_OK;
}

// Positions are numbers of rows, not places in a text that nobody has.
static void positions_set(const SourceReader *reader, Batch *batch) {
    int64_t *offsets = batch->abi.offsets;
    int64_t *shown = reader->position_slot == FLOW_NO_INDEX
                         ? NULL
                         : batch_column(batch, (uint32_t)reader->position_slot)->values;
    for (int32_t row = 0; row < batch->abi.row_count; row++) {
        offsets[row] = generated_row(reader->generated, offsets[row]);
        if (shown != NULL) {
            shown[row] = offsets[row];
        }
    }
}

bool source_reader_again(SourceReader *reader,
                         int64_t position,
                         const char *why,
                         const char *where) {
    if (reader->generated == NULL) {
        return false;
    }
    generated_again(reader->generated, position, why, where);
    return true;
}

// --- pieces --------------------------------------------------------------------------------------

Outcome source_reader_begin(SourceReader *reader, const SourcePiece *piece) {
    reader->piece = piece;
    reader->at = 0;
    if (reader->options.again != NULL) {
        again_begin(&reader->again, reader->options.again, piece->file);
        return OUTCOME_OK;
    }
    if (table_file_is_format(piece->format)) {
        return table_begin(reader, piece);
    }
    if (piece->format == FLOW_FORMAT_DELTA) {
        return changes_begin(reader, piece);
    }
    reader->decoder = decoder_for(reader, piece->format);
    int32_t file = (int32_t)piece->file;
    const char *path = source_file_path(reader->source, piece->file);
    if (piece->is_first) {
        text_decoder_begin(reader->decoder, file, path, reader->options.now_us);
    } else {
        text_decoder_resume(reader->decoder,
                            file,
                            path,
                            reader->options.now_us,
                            piece->header.bytes,
                            piece->header.length);
    }
    if (reader->source->desc->generate != NULL) {
        return made_begin(reader);
    }
    return piece->is_whole ? whole_begin(reader) : OUTCOME_OK;
}

static Outcome piece_end(SourceReader *reader, const SourcePiece *text) {
    if (text->is_broken) {
        text_decoder_break(reader->decoder,
                           text->bytes + reader->at,
                           text->length - reader->at,
                           text->position + (int64_t)reader->at);
    }
    if (reader->generated == NULL) { // else counted at its begin, however often it was drawn
        reader->records += text_decoder_records(reader->decoder);
        reader->unknown += text_decoder_unknown(reader->decoder);
    }
    reader->decoder = NULL;
    return reader->stream == NULL ? OUTCOME_OK : whole_end(reader);
}

// Decodes what is left of the text; false if that took nothing from it.
static bool text_decode(SourceReader *reader, const SourcePiece *text, Batch *batch) {
    size_t used = text_decoder_run(reader->decoder,
                                   text->bytes + reader->at,
                                   text->length - reader->at,
                                   text->position + (int64_t)reader->at,
                                   text->is_last && !text->is_broken,
                                   batch);
    reader->at = text->is_too_long ? text->length : reader->at + used;
    reader->filtered += text_decoder_filtered(reader->decoder);
    return used > 0;
}

static Outcome piece_step(SourceReader *reader, Batch *batch) {
    const SourcePiece *text = reader->piece->is_whole ? &reader->window : reader->piece;
    if (text->bytes != NULL && text_decode(reader, text, batch)) {
        return OUTCOME_OK;
    }
    bool has_text = false;
    if (reader->generated != NULL) {
        TRY(generated_next(reader->generated, &reader->window, &has_text));
        reader->at = 0;
    }
    if (has_text) {
        return OUTCOME_OK;
    }
    bool has_more = reader->piece->is_whole && !text->is_last;
    return has_more ? whole_fill(reader) : piece_end(reader, text);
}

// A batch ends with its text, even if it is not full: its strings lie there.
Outcome source_reader_next(SourceReader *reader, Batch *batch) {
    if (reader->is_in_table) {
        return table_next(reader, batch);
    }
    if (reader->is_in_feed) {
        changes_next(reader, batch);
        return OUTCOME_OK;
    }
    batch_clear(batch);
    if (reader->again.file != NULL) {
        TextDecoder *decoder = decoder_for(reader, reader->piece->format);
        again_next(&reader->again, decoder, reader->options.now_us, batch);
    }
    while (batch->abi.row_count == 0 && reader->decoder != NULL) {
        TRY(piece_step(reader, batch));
    }
    if (reader->generated != NULL) {
        positions_set(reader, batch);
    }
    batch_select_all(batch);
    return OUTCOME_OK;
}

int64_t source_reader_records(const SourceReader *reader) {
    int64_t of_table = reader->is_in_table  ? table_file_records(reader->table)
                       : reader->is_in_feed ? feed_records(reader->feed)
                                            : 0;
    bool is_text = reader->decoder != NULL && reader->generated == NULL;
    int64_t of_text = is_text ? text_decoder_records(reader->decoder) : 0;
    return reader->records + reader->again.records + of_table + of_text;
}

int64_t source_reader_unknown(const SourceReader *reader) {
    return reader->unknown + reader->again.unknown;
}

int64_t source_reader_filtered(const SourceReader *reader) {
    return reader->filtered + reader->again.filtered;
}
