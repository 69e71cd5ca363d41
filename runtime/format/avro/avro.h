// avro: Avro object container files, written and read.
//
// Part of format; includes record and scalar. The writer appends to a sink function, the reader
// reads through a pread-like function; neither knows files. Whoever made a writer or reader frees
// it. Descriptions (columns, the source, the Failure) are borrowed and must outlive it. Source: the
// Avro specification; ../../../docs/decisions.
#ifndef FLOW_AVRO_H
#define FLOW_AVRO_H

#include "format/format.h"

// --- sources -----------------------------------------------------------------------------------
// A file of a source, a part at a time. Records that do not fit the contract are rejected one by
// one; so is, as one malformed record, what a damaged block has behind its last readable record,
// and what a file has behind its last whole block.
typedef struct AvroRows AvroRows;

// OUTCOME_REFUSED, with a sentence in `failure`: the file uses what is not supported.
NODISCARD Outcome avro_rows_open(const FormatFile *input, Failure *failure, AvroRows **rows);
uint32_t avro_rows_parts(const AvroRows *rows); // 0: it has no records
void avro_rows_begin(AvroRows *rows, uint32_t part);
// The next rows that fit, all selected: a batch as text_decoder_run makes them, but its raws are
// NULL. row_count 0: the part's end. Bytes of strings stay until the next call.
NODISCARD Outcome avro_rows_next(AvroRows *rows, Batch *batch);
int64_t avro_rows_records(const AvroRows *rows); // of the part, of any outcome
// A row of the last batch, by its position, as a JSON object of all that the file has of it.
void avro_rows_raw(AvroRows *rows, int64_t position, Buffer *out);
void avro_rows_free(AvroRows *rows);

// --- files -------------------------------------------------------------------------------------
typedef Outcome (*AvroWriteFn)(void *user, const void *bytes, size_t length);
typedef struct AvroWriter AvroWriter;

// Columns and fields of structs are called by text_is_name.
// `salt` makes the mark between the blocks of this file, with its columns: files that have the same
// may not be laid one behind the other.
AvroWriter *avro_writer_new(const FlowColumnDesc *columns,
                            uint32_t column_count,
                            const char *salt,
                            AvroWriteFn write,
                            void *user);
// Appends the selected rows; `slots[i]` is the batch column that holds column i.
NODISCARD Outcome avro_writer_append(AvroWriter *writer,
                                     const FlowBatch *batch,
                                     const int32_t *slots);
NODISCARD Outcome avro_writer_finish(AvroWriter *writer); // the last block
void avro_writer_free(AvroWriter *writer);

#endif
