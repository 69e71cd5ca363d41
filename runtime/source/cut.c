// Files into pieces that are decoded apart from each other: of text, some hundred thousand bytes
// that begin and end with a record. Where a piece ends depends on the files alone, so that results
// don't depend on who decodes it. One thread at a time cuts; what a piece holds is its own.
#include "source/internal.h"
#include "source/table_file.h"

enum { MARK_BYTES = 3 }; // a byte order mark, which may stand before the first record

void source_piece_reserve(SourcePiece *piece, size_t capacity) {
    if (piece->capacity < capacity) {
        piece->bytes = memory_resize(piece->bytes, capacity + FORMAT_SLACK_BYTES);
        piece->capacity = capacity;
    }
}

bool source_piece_is_text(const SourcePiece *piece) {
    return !piece->is_whole && !table_file_is_format(piece->format);
}

void source_piece_free(SourcePiece *piece) {
    memory_free(piece->bytes);
    *piece = (SourcePiece){0};
}

// --- tables --------------------------------------------------------------------------------------

// How many parts the file has is in the file; who reads one opens it for itself.
static Outcome parts_count(Source *source) {
    SourceCut *cut = &source->cut;
    TableFile *table = NULL;
    TRY(snapshot_file_find(source, cut->file));
    TableFileOptions options = source_table_file(source, source->sys, &source->options, cut->file);
    TRY(table_file_open(&options, &table));
    cut->part_count = table_file_parts(table);
    return table_file_close(table);
}

static void table_piece(Source *source, SourcePiece *piece) {
    SourceCut *cut = &source->cut;
    piece->part = cut->part++;
    piece->is_last = cut->part == cut->part_count;
    piece->is_broken = false;
    if (piece->is_last) {
        source->bytes_read += source->files.items[cut->file].size_bytes;
    }
}

// --- files ---------------------------------------------------------------------------------------

static Outcome file_open(Source *source) {
    SourceCut *cut = &source->cut;
    const SourceEntry *file = &source->files.items[cut->file_next];
    cut->file = cut->file_next++;
    cut->position = 0;
    cut->carry.length = 0;
    cut->is_first = true;
    cut->is_end = false;
    cut->is_skipping = false;
    cut->header = (SourceHeader){0};
    cut->part = 0;
    cut->part_count = 0;
    if (source->options.again != NULL) {
        return OUTCOME_OK; // All of it is in memory.
    }
    if (table_file_is_format(source->formats[cut->file])) {
        return parts_count(source);
    }
    if (!text_is_cut(source->formats[cut->file])) {
        return OUTCOME_OK; // Its reader opens it.
    }
    return stream_open(source->sys, file->path, file->size_bytes, &cut->stream);
}

static Outcome file_close(Source *source) {
    Stream *stream = source->cut.stream;
    source->cut.stream = NULL;
    source->bytes_read += stream_bytes_read(stream);
    return stream_close(stream);
}

// --- bytes ---------------------------------------------------------------------------------------

// Reads until the piece holds `wanted` bytes, or all there are.
static Outcome piece_read(Source *source, SourcePiece *piece, size_t wanted) {
    size_t got = 0;
    source_piece_reserve(piece, wanted);
    TRY(stream_read(
        source->cut.stream, piece->bytes + piece->length, wanted - piece->length, &got));
    piece->length += got;
    source->cut.is_end = piece->length < wanted;
    // Decoders look beyond the end in whole vectors.
    memset(piece->bytes + piece->length, 0, FORMAT_SLACK_BYTES);
    return OUTCOME_OK;
}

// What the piece before has left over; it is more than usual only if a record is.
static void carry_take(SourceCut *cut, SourcePiece *piece) {
    source_piece_reserve(piece, cut->carry.length);
    if (cut->carry.length > 0) {
        memcpy(piece->bytes, cut->carry.data, cut->carry.length);
    }
    piece->length = cut->carry.length;
    buffer_clear(&cut->carry);
}

// The piece ends here; the rest is for the next one.
static void piece_end_at(SourceCut *cut, SourcePiece *piece, size_t length) {
    buffer_append(&cut->carry, piece->bytes + length, piece->length - length);
    piece->length = length;
    cut->position += (int64_t)length;
    memset(piece->bytes + length, 0, FORMAT_SLACK_BYTES);
}

// --- records that are too long -------------------------------------------------------------------

// Behind the first line end of what such a record begins with: what is behind it is read anew, for
// in CSV it may have been the quote that did not belong there.
static void long_record_cut(SourceCut *cut, SourcePiece *piece) {
    const char *line_end = memchr(piece->bytes, '\n', piece->length);
    size_t skipped = line_end == NULL ? piece->length : (size_t)(line_end + 1 - piece->bytes);
    buffer_append(&cut->carry, piece->bytes + skipped, piece->length - skipped);
    cut->position += (int64_t)skipped;
    cut->is_skipping = line_end == NULL;
    piece->is_too_long = true;
}

// The rest of the line of a record that was too long; none of it is a record.
static Outcome line_skip(Source *source, SourcePiece *piece) {
    SourceCut *cut = &source->cut;
    while (cut->is_skipping) {
        piece->length = 0;
        TRY(piece_read(source, piece, READ_CHUNK_BYTES));
        const char *line_end = memchr(piece->bytes, '\n', piece->length);
        size_t skipped = line_end == NULL ? piece->length : (size_t)(line_end + 1 - piece->bytes);
        buffer_append(&cut->carry, piece->bytes + skipped, piece->length - skipped);
        cut->position += (int64_t)skipped;
        cut->is_skipping = line_end == NULL && !cut->is_end;
    }
    return OUTCOME_OK;
}

// --- pieces --------------------------------------------------------------------------------------

static void header_find(Source *source, SourcePiece *piece) {
    SourceCut *cut = &source->cut;
    size_t begin = 0;
    if (cut->header.bytes != NULL || piece->is_too_long) {
        return;
    }
    size_t length = text_header(source->desc, piece->format, piece->bytes, piece->length, &begin);
    if (length > 0) {
        char *bytes = arena_zeroed(&source->memory, length + FORMAT_SLACK_BYTES, 1);
        memcpy(bytes, piece->bytes + begin, length);
        cut->header = (SourceHeader){bytes, length};
    }
}

static size_t whole_records(const Source *source, const SourcePiece *piece) {
    return source->cut.is_end
               ? piece->length
               : text_cut(
                     source->desc, piece->format, piece->is_first, piece->bytes, piece->length);
}

// Reads until the piece holds a whole record or one that is too long: then *length is 0.
static Outcome records_read(Source *source, SourcePiece *piece, size_t *length) {
    SourceCut *cut = &source->cut;
    size_t wanted = READ_CHUNK_BYTES;
    *length = piece->length > wanted / 2 || cut->is_end ? whole_records(source, piece) : 0;
    while (*length == 0 && !cut->is_end && piece->length <= RECORD_BYTES_MAX + MARK_BYTES) {
        while (wanted < piece->length * 2) {
            wanted *= 2;
        }
        TRY(piece_read(source, piece, wanted));
        *length = whole_records(source, piece);
    }
    return OUTCOME_OK;
}

static Outcome text_piece(Source *source, SourcePiece *piece) {
    SourceCut *cut = &source->cut;
    size_t length = 0;
    TRY(line_skip(source, piece));
    carry_take(cut, piece);
    piece->position = cut->position;
    piece->header = cut->header;
    TRY(records_read(source, piece, &length));
    if (length == 0 && !cut->is_end) {
        long_record_cut(cut, piece);
        return OUTCOME_OK;
    }
    header_find(source, piece);
    piece_end_at(cut, piece, length);
    return OUTCOME_OK;
}

static Outcome file_piece(Source *source, SourcePiece *piece) {
    SourceCut *cut = &source->cut;
    piece->file = cut->file;
    piece->format = source->formats[cut->file];
    piece->is_first = cut->is_first;
    piece->is_too_long = false;
    piece->length = 0;
    cut->is_first = false;
    bool is_generated = source->desc->generate != NULL;
    piece->is_whole = is_generated || (cut->stream == NULL && cut->part_count == 0);
    if (cut->part_count > 0) {
        table_piece(source, piece);
        return OUTCOME_OK;
    }
    if (piece->is_whole) {
        source->bytes_read += source->files.items[cut->file].size_bytes;
        return OUTCOME_OK;
    }
    TRY(text_piece(source, piece));
    piece->is_last = cut->is_end && cut->carry.length == 0;
    piece->is_broken = piece->is_last && stream_is_broken(cut->stream);
    return piece->is_last ? file_close(source) : OUTCOME_OK;
}

Outcome source_cut(Source *source, SourcePiece *piece, bool *has_piece) {
    SourceCut *cut = &source->cut;
    bool is_inside = cut->stream != NULL || cut->part < cut->part_count;
    if (!is_inside) {
        snapshot_skip(source);
    }
    bool has_file = cut->file_next < source->files.count;
    *has_piece = is_inside || (has_file && !(cut->is_stopped && cut->file_next > 0));
    if (!*has_piece) {
        return OUTCOME_OK;
    }
    if (!is_inside) {
        TRY(file_open(source));
    }
    return file_piece(source, piece);
}

void source_stop(Source *source) {
    source->cut.is_stopped = true;
}
