// The door of the text formats: one decoder for a source's files, which hands chunks to the decoder
// of its format and keeps what concerns bytes rather than records: a byte order mark, records that
// are too long, the columns that are not in the record.
#include "format/text.h"

static TextTest *tests_new(TextDecoder *decoder, const FlowScanTest *tests, uint32_t count) {
    TextTest *made = arena_array(&decoder->memory, TextTest, count);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(tests[i].column >= 0 && (uint32_t)tests[i].column < decoder->column_count);
        const TextColumn *column = &decoder->columns[tests[i].column];
        made[i] = text_test(column, (FlowTestOp)tests[i].op, tests[i].value);
    }
    return made;
}

TextDecoder *
text_decoder_new(const FlowSource *source, FlowFormat format, FormatRejectFn reject, void *user) {
    ASSERT(format != FLOW_FORMAT_BY_SUFFIX && format != FLOW_FORMAT_PARQUET &&
           format != FLOW_FORMAT_AVRO);
    Arena memory = {0};
    TextDecoder *decoder = arena_new(&memory, TextDecoder);
    *decoder = (TextDecoder){
        .source = source,
        .format = format,
        .reject = reject,
        .user = user,
        .memory = memory,
    };
    text_columns_new(decoder);
    decoder->test_count = (uint32_t)source->tests_count;
    decoder->tests = tests_new(decoder, source->tests, decoder->test_count);
    decoder->guard_count = (uint32_t)source->guards_count;
    decoder->guards = tests_new(decoder, source->guards, decoder->guard_count);
    if (format == FLOW_FORMAT_CSV) {
        decoder->csv = csv_rows_new(decoder);
    } else {
        decoder->json = json_rows_new(decoder);
        decoder->document = format == FLOW_FORMAT_JSON ? json_document_new(decoder) : NULL;
    }
    return decoder;
}

void text_decoder_free(TextDecoder *decoder) {
    if (decoder != NULL) {
        if (decoder->csv != NULL) {
            csv_rows_free(decoder->csv);
        }
        buffer_free(&decoder->captured);
        buffer_free(&decoder->nested);
        Arena memory = decoder->memory; // The decoder itself lies in it.
        arena_free(&memory);
    }
}

void text_decoder_begin(TextDecoder *decoder, int32_t file, const char *path, int64_t now_us) {
    decoder->file = file;
    decoder->path = view_text(path);
    decoder->now_us = now_us;
    decoder->is_at_start = true;
    decoder->is_skipping = false;
    decoder->records = 0;
    decoder->header = NULL;
    decoder->unknown = 0;
    if (decoder->csv != NULL) {
        csv_rows_begin(decoder);
    }
    if (decoder->document != NULL) {
        json_document_begin(decoder->document);
    }
}

void text_decoder_resume(TextDecoder *decoder,
                         int32_t file,
                         const char *path,
                         int64_t now_us,
                         const char *header,
                         size_t header_length) {
    text_decoder_begin(decoder, file, path, now_us);
    decoder->is_at_start = false;
    decoder->header = header;
    decoder->header_length = header_length;
}

void text_decoder_replay(TextDecoder *decoder, FlowView flows) {
    decoder->replay = flows;
}

void text_decoder_careful(TextDecoder *decoder, bool is_careful) {
    decoder->is_careful = is_careful;
}

void text_decoder_unpredicted(TextDecoder *decoder) {
    if (decoder->json != NULL) {
        json_rows_unpredicted(decoder->json);
    }
}

// --- what stands between records -----------------------------------------------------------------

// Behind the byte order mark that a file may begin with. Returns NULL while that can't be told yet.
static const char *start_skip(TextDecoder *decoder, const char *p, const char *end, bool is_last) {
    static const char mark[] = "\xEF\xBB\xBF";
    if (!decoder->is_at_start) {
        return p;
    }
    size_t length = (size_t)(end - p);
    if (length < 3 && !is_last && memcmp(p, mark, length) == 0) {
        return NULL;
    }
    decoder->is_at_start = false;
    return length >= 3 && memcmp(p, mark, 3) == 0 ? p + 3 : p;
}

// Behind the line of which a record was too long.
static const char *skipping_skip(TextDecoder *decoder, const char *p, const char *end) {
    if (!decoder->is_skipping) {
        return p;
    }
    const char *line_end = memchr(p, '\n', (size_t)(end - p));
    if (line_end == NULL) {
        return end;
    }
    decoder->is_skipping = false;
    return line_end + 1;
}

// What is left is the beginning of a record; if it is too long already, the record is rejected now,
// so that nobody has to hold it. Its line is skipped: a record of CSV may have line ends in an open
// quote, and then it was the quote that did not belong there.
static const char *rest_judge(TextDecoder *decoder, const char *p, const char *end) {
    if (decoder->document != NULL || end - p <= RECORD_BYTES_MAX ||
        decoder->row == FLOW_BATCH_ROWS_MAX) {
        return p;
    }
    text_reject(decoder,
                p,
                (size_t)(end - p),
                &(TextError){.reject = REJECT_OVERSIZED, .want = RECORD_BYTES_MAX});
    decoder->is_skipping = true;
    return skipping_skip(decoder, p, end);
}

// --- columns that are not in the record ----------------------------------------------------------

static void meta_fill(const TextDecoder *decoder, uint32_t index, int32_t first_row) {
    const FlowColumn *column = batch_column(decoder->batch, index);
    for (int32_t row = first_row; row < decoder->row; row++) {
        switch ((FlowMetaKind)decoder->source->columns[index].meta) {
        case FLOW_META_POSITION:
            ((int64_t *)column->values)[row] = decoder->offsets[row];
            break;
        case FLOW_META_FILE:
            ((FlowView *)column->values)[row] = decoder->path;
            break;
        case FLOW_META_REPLAY:
            ((FlowView *)column->values)[row] = decoder->replay;
            break;
        case FLOW_META_INGESTED_AT:
            ((int64_t *)column->values)[row] = decoder->now_us;
            break;
        case FLOW_META_OPERATION:
        case FLOW_META_SEQUENCE:
            return;               // the envelope has said it
        case FLOW_META_WATERMARK: // known when the checks have passed it
            return;
        case FLOW_META_TIMESTAMP:
        case FLOW_META_BEFORE:
            if (decoder->format != FLOW_FORMAT_DEBEZIUM) {
                batch_set_null(decoder->batch, index, (uint32_t)row);
            }
            continue;
        case FLOW_META_NONE:
            ASSERT(false);
        }
        if (column->validity != NULL) {
            ((uint8_t *)column->validity)[row] = 1;
        }
    }
}

static void run_end(TextDecoder *decoder, int32_t first_row) {
    const FlowSource *source = decoder->source;
    for (uint32_t i = decoder->column_count; i < (uint32_t)source->columns_count; i++) {
        if (source->columns[i].is_used) {
            meta_fill(decoder, i, first_row);
        }
    }
    decoder->batch->abi.row_count = decoder->row;
    decoder->batch = NULL;
}

// --- the run -------------------------------------------------------------------------------------

static void run_begin(TextDecoder *decoder, const char *bytes, int64_t position, Batch *batch) {
    decoder->bytes = bytes;
    decoder->position = position;
    decoder->batch = batch;
    batch->abi.file = decoder->file; // known before the first rejection
    decoder->row = batch->abi.row_count;
    decoder->offsets = batch->abi.offsets;
    decoder->lengths = batch->abi.lengths;
    decoder->raws = (const char **)batch->abi.raws;
    text_columns_bind(decoder, batch);
    if (decoder->header != NULL) {
        csv_rows_resume(decoder, decoder->header, decoder->header_length);
        decoder->header = NULL;
    }
}

static const char *
records_decode(TextDecoder *decoder, const char *p, const char *end, bool is_last) {
    if (p == NULL || (p == end && (decoder->document == NULL || !is_last))) {
        return p;
    }
    if (decoder->format == FLOW_FORMAT_CSV) {
        return csv_rows(decoder, p, end, is_last);
    }
    if (decoder->document != NULL) {
        return json_document(decoder, p, end, is_last);
    }
    return json_rows(decoder, p, end, is_last);
}

size_t text_decoder_run(TextDecoder *decoder,
                        const char *bytes,
                        size_t length,
                        int64_t position,
                        bool is_last,
                        Batch *batch) {
    ASSERT(length <= INT32_MAX);
    run_begin(decoder, bytes, position, batch);
    int32_t first_row = decoder->row;
    const char *end = bytes + length;
    const char *p = start_skip(decoder, bytes, end, is_last);
    if (p != NULL) {
        p = skipping_skip(decoder, p, end);
        p = records_decode(decoder, p, end, is_last);
        p = rest_judge(decoder, p, end);
    }
    run_end(decoder, first_row);
    return p == NULL ? 0 : (size_t)(p - bytes);
}

void text_decoder_break(TextDecoder *decoder, const char *bytes, size_t length, int64_t position) {
    decoder->bytes = bytes;
    decoder->position = position;
    text_reject(decoder, bytes, length, &(TextError){.reject = REJECT_COMPRESSED});
}

int64_t text_decoder_filtered(TextDecoder *decoder) {
    int64_t filtered = decoder->filtered;
    decoder->filtered = 0;
    return filtered;
}

int64_t text_decoder_unknown(const TextDecoder *decoder) {
    return decoder->unknown;
}

int64_t text_decoder_records(const TextDecoder *decoder) {
    return decoder->records;
}
