// A Parquet or Avro file over a file of the Sys. What the format's room refuses it says in its own
// Failure, what the Sys refuses is said already in the Sys's.
#include "source/table_file.h"

struct TableFile {
    TableFileOptions options;
    SysFile *file;
    ParquetRows *parquet; // or
    AvroRows *avro;
    Failure failure;
};

bool table_file_is_format(FlowFormat format) {
    return format == FLOW_FORMAT_PARQUET || format == FLOW_FORMAT_AVRO;
}

static Outcome bytes_read(void *user, int64_t offset, void *bytes, size_t length) {
    TableFile *file = user;
    size_t got;
    TRY(sys_read(file->options.sys, file->file, offset, bytes, length, &got));
    if (got < length) {
        return sys_fail(file->options.sys,
                        OUTCOME_REFUSED,
                        "source %s: %s became shorter while it was read",
                        file->options.source->name,
                        file->options.path);
    }
    return OUTCOME_OK;
}

static Outcome outcome_say(TableFile *file, Outcome outcome) {
    if (outcome == OUTCOME_OK || file->failure.outcome == OUTCOME_OK) {
        return outcome;
    }
    return sys_fail(file->options.sys,
                    outcome,
                    "source %s: %s: %s",
                    file->options.source->name,
                    file->options.path,
                    file->failure.text);
}

static FormatFile input_of(TableFile *file) {
    const TableFileOptions *options = &file->options;
    return (FormatFile){
        .read = bytes_read,
        .user = file,
        .file_bytes = options->size_bytes,
        .source = options->source,
        .file = options->index,
        .path = options->path,
        .now_us = options->options->now_us,
        .reject = options->options->reject,
        .reject_user = options->options->user,
        .change = options->change,
    };
}

static Outcome parquet_open(TableFile *file) {
    ParquetRowsOptions rows = {
        .input = input_of(file), .table = file->options.table, .fixed = file->options.fixed};
    return parquet_rows_open(&rows, &file->failure, &file->parquet);
}

static Outcome avro_open(TableFile *file) {
    FormatFile input = input_of(file);
    return avro_rows_open(&input, &file->failure, &file->avro);
}

static Outcome rows_open(TableFile *file) {
    const TableFileOptions *options = &file->options;
    bool is_avro = options->format == FLOW_FORMAT_AVRO;
    TRY(sys_open(options->sys, options->path, SYS_READ, &file->file));
    return outcome_say(file, is_avro ? avro_open(file) : parquet_open(file));
}

Outcome table_file_open(const TableFileOptions *options, TableFile **opened) {
    TableFile *file = memory_alloc(sizeof *file);
    *file = (TableFile){.options = *options};
    *opened = file;
    Outcome outcome = rows_open(file);
    if (outcome != OUTCOME_OK) {
        (void)!table_file_close(file); // nothing was written
        *opened = NULL;
    }
    return outcome;
}

uint32_t table_file_parts(const TableFile *file) {
    uint32_t parts =
        file->avro != NULL ? avro_rows_parts(file->avro) : parquet_rows_groups(file->parquet);
    return parts == 0 ? 1 : parts; // an empty or damaged one
}

int32_t table_file_index(const TableFile *file) {
    return file->options.index;
}

void table_file_begin(TableFile *file, uint32_t part) {
    if (file->avro != NULL) {
        avro_rows_begin(file->avro, part);
    } else {
        parquet_rows_begin(file->parquet, part);
    }
}

Outcome table_file_next(TableFile *file, Batch *batch) {
    return outcome_say(file,
                       file->avro != NULL ? avro_rows_next(file->avro, batch)
                                          : parquet_rows_next(file->parquet, batch));
}

int64_t table_file_records(const TableFile *file) {
    return file->avro != NULL ? avro_rows_records(file->avro) : parquet_rows_records(file->parquet);
}

int64_t table_file_filtered(const TableFile *file) {
    return file->avro != NULL ? 0 : parquet_rows_filtered(file->parquet);
}

void table_file_raw(TableFile *file, int64_t position, Buffer *out) {
    if (file->avro != NULL) {
        avro_rows_raw(file->avro, position, out);
    } else {
        parquet_rows_raw(file->parquet, position, out);
    }
}

Outcome table_file_close(TableFile *file) {
    if (file == NULL) {
        return OUTCOME_OK;
    }
    SysFile *handle = file->file;
    Sys *sys = file->options.sys;
    parquet_rows_free(file->parquet);
    avro_rows_free(file->avro);
    memory_free(file);
    return handle == NULL ? OUTCOME_OK : sys_close(sys, handle);
}
