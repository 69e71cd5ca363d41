// format: bytes to batches and back; knows nothing of files or tables.
//
// Includes abi, base, scalar, record. Text formats (NDJSON, CSV) decode chunk by chunk: the caller
// owns the chunk, which must stay until the batch that points into it has been cleared, and must
// have FORMAT_SLACK_BYTES readable bytes after its end. A record that cannot be decoded is handed
// to the reject function with its class and the decoding goes on.
#ifndef FLOW_FORMAT_H
#define FLOW_FORMAT_H

#include "record/record.h"

#define FORMAT_SLACK_BYTES 64

// A record that is no row: where it stands and why. `column` is NULL where no column is to blame.
typedef struct FormatReject {
    FlowRejectClass reject_class; // MALFORMED or SCHEMA
    const char *code;             // stable, from format/reject.def
    const char *message;          // a sentence that names the column; without values of the data
    const char *column;
    int64_t position; // byte offset of the record in the decompressed text
    const char *raw;
    size_t raw_length;
} FormatReject;
typedef void (*FormatRejectFn)(void *user, const FormatReject *reject);

// A file of rows that stand in blocks: how it is read and what is said of it.
typedef Outcome (*FormatReadFn)(void *user,
                                int64_t offset,
                                void *bytes,
                                size_t length); // all or fail
// What all rows of a file are changes of: what `meta` says of them.
typedef struct FormatChange {
    FlowOperation operation;
    int64_t sequence;
    int64_t timestamp_us;
} FormatChange;
typedef struct FormatFile {
    FormatReadFn read;
    void *user;
    int64_t file_bytes;
    const FlowSource *source; // stays valid, as does `path`
    int32_t file;             // its index in the source's order
    const char *path;         // what meta.file says
    int64_t now_us;
    FormatRejectFn reject;
    void *reject_user;
    const FormatChange *change; // NULL: its rows are no changes
} FormatFile;

typedef struct TextDecoder TextDecoder;

// `source` stays valid as long as the decoder. One decoder decodes one file at a time.
TextDecoder *
text_decoder_new(const FlowSource *source, FlowFormat format, FormatRejectFn reject, void *user);
void text_decoder_free(TextDecoder *decoder);
// Microseconds that one of a timestamp's number stands for; 0: times are texts.
int64_t format_unit_us(const FlowSource *source);
// Begins a file. `file` is its index in the source's order, `path` what meta.file says.
void text_decoder_begin(TextDecoder *decoder, int32_t file, const char *path, int64_t now_us);
// Goes on behind the file's first piece. `header` is what text_header found, with slack behind it;
// NULL: no header was seen yet.
void text_decoder_resume(TextDecoder *decoder,
                         int32_t file,
                         const char *path,
                         int64_t now_us,
                         const char *header,
                         size_t header_length);
// The records that follow are sent again, for these flows (FLOW_META_REPLAY).
void text_decoder_replay(TextDecoder *decoder, FlowView flows);
// Appends rows of bytes[0 .. length) to the batch until it is full or no complete record is left;
// `position` is the file offset of bytes[0]. Returns the bytes consumed (whole records only, except
// that with `is_last` everything is consumed, the last line needing no line end). Sets the file,
// offsets, lengths and raws of the batch. More than RECORD_BYTES_MAX bytes without a whole record
// are rejected as one and consumed, and the decoding goes on behind the next line end; so nobody
// has to hold more than that.
size_t text_decoder_run(TextDecoder *decoder,
                        const char *bytes,
                        size_t length,
                        int64_t position,
                        bool is_last,
                        Batch *batch);
// The bytes left of a file that cannot be decompressed any further: one malformed record.
void text_decoder_break(TextDecoder *decoder, const char *bytes, size_t length, int64_t position);
// For tests: every record goes to the careful decoder, which has to agree with the fast paths.
void text_decoder_careful(TextDecoder *decoder, bool is_careful);
// For tests: NDJSON is read as if its keys came in any order.
void text_decoder_unpredicted(TextDecoder *decoder);
// Rows left out since the last call, because FlowSource.guards all hold and one of FlowSource.tests
// does not.
int64_t text_decoder_filtered(TextDecoder *decoder);
// Fields since text_decoder_begin that the contract lacks and that were passed over, of rows.
int64_t text_decoder_unknown(const TextDecoder *decoder);
// Records seen since text_decoder_begin, of any outcome (blank lines and the CSV header are none).
int64_t text_decoder_records(const TextDecoder *decoder);

// --- what statistics prove -----------------------------------------------------------------------
// The least and the greatest of some values, as FlowScanTest has them.
typedef struct FormatRange {
    int64_t min;
    int64_t max;
} FormatRange;
// Whether `x op value` is true of every x in the range; whether of none.
bool format_test_holds(FlowTestOp op, int64_t value, FormatRange range);
bool format_test_fails(FlowTestOp op, int64_t value, FormatRange range);
// The same of floats and texts, for which a bound may be missing. NaN may hide behind any bounds
// and is above all; a greatest text may have been cut short, unless the bounds are exact.
typedef struct FormatFloatRange {
    bool has_min;
    bool has_max;
    double min;
    double max;
} FormatFloatRange;
typedef struct FormatTextRange {
    bool has_min;
    bool has_max;
    bool is_exact;
    FlowView min;
    FlowView max;
} FormatTextRange;
bool format_float_test_fails(const FlowScanTest *test, const FormatFloatRange *range);
bool format_text_test_fails(const FlowScanTest *test, const FormatTextRange *range);
// Rows may be left out if one of the tests is not met by any of them and all guards by each.
typedef struct FormatTests {
    const FlowScanTest *tests;
    int64_t test_count;
    const FlowScanTest *guards;
    int64_t guard_count;
} FormatTests;

// --- cutting -------------------------------------------------------------------------------------
// Where files may be cut, so that each piece begins with a record. Formats that cannot be cut are
// decoded from the begin of the file to its end.
bool text_is_cut(FlowFormat format);
// How many bytes the whole records at the begin take up; 0: not even one is whole.
size_t text_cut(const FlowSource *source,
                FlowFormat format,
                bool is_first, // of the file's pieces
                const char *bytes,
                size_t length);
// The header of a file that begins with these bytes: its length, 0 if there is none.
size_t text_header(
    const FlowSource *source, FlowFormat format, const char *bytes, size_t length, size_t *begin);

// How CSV is written. No null text has a delimiter, a quote or a line end.
typedef struct CsvStyle {
    char delimiter;
    const char *null_text;
} CsvStyle;

// Rows to text: one NDJSON line per selected row, or CSV lines; the columns in `slots` order.
void ndjson_write(const Batch *batch,
                  const FlowColumnDesc *columns,
                  const int32_t *slots,
                  uint32_t count,
                  Buffer *out);
void csv_write_header(const CsvStyle *style,
                      const FlowColumnDesc *columns,
                      uint32_t count,
                      Buffer *out);
void csv_write(const CsvStyle *style,
               const Batch *batch,
               const FlowColumnDesc *columns,
               const int32_t *slots,
               uint32_t count,
               Buffer *out);

#endif
