// Files in a directory. They are written below `.flow-stage`, on the file system of their final
// place, and moved there at COMMIT. The move consumes the staged name, so a second committer,
// however late, finds nothing to move; and it never replaces, so a file that somebody has read
// stays what it was. An index of what the epoch brought is moved last.
#include "format/avro/avro.h"
#include "sink/internal.h"

enum { FLUSH_BYTES = 1024 * 1024 };

typedef struct StagedFile {
    const char *name; // the final one, without its directory
    int64_t rows;
    int64_t bytes;
    uint32_t crc;
} StagedFile;

typedef VEC(StagedFile) StagedFiles;

struct FilesStage {
    Arena arena;
    FlowFormat format;
    const char *stem; // of the final names: part-<slot>-<operator>-<writer>
    const char *stage_directory;
    const char *index_directory;
    StagedFiles files; // the last one is open while `file` is not NULL
    SysFile *file;
    ParquetWriter *parquet;
    AvroWriter *avro;
    Buffer text;
    Buffer lines; // of JSON: the batch's, before they are elements
    StagedFile index;
    bool has_directory;
    bool is_prepared;
};

// --- names ---------------------------------------------------------------------------------------

static const char *suffix_of(FlowFormat format) {
    switch (format) {
    case FLOW_FORMAT_CSV:
        return "csv";
    case FLOW_FORMAT_PARQUET:
        return "parquet";
    case FLOW_FORMAT_BY_SUFFIX:
    case FLOW_FORMAT_NDJSON:
    case FLOW_FORMAT_DEBEZIUM: // sinks write neither
    case FLOW_FORMAT_DELTA:
        break;
    case FLOW_FORMAT_JSON:
        return "json";
    case FLOW_FORMAT_AVRO:
        return "avro";
    }
    return "ndjson";
}

// Several flows may write into one directory; the operator tells their files apart.
static uint32_t operator_hash(const Sink *sink) {
    const char *id = sink->desc->operator_id == NULL ? "" : sink->desc->operator_id;
    return (uint32_t)hash64(id, strlen(id));
}

FilesStage *files_stage_new(Sink *sink) {
    const SinkOptions *options = &sink->options;
    FilesStage *stage = memory_alloc(sizeof(FilesStage));
    *stage = (FilesStage){.format = (FlowFormat)sink->desc->format};
    Arena *arena = &stage->arena;
    stage->stem = arena_format(arena,
                               "part-%020lld-%08x-%s",
                               (long long)options->slot,
                               operator_hash(sink),
                               options->writer_id);
    stage->stage_directory =
        arena_format(arena, "%s/.flow-stage/%s", options->path, options->writer_id);
    stage->index_directory = arena_format(arena, "%s/_flow", options->path);
    return stage;
}

static const char *path_of(Arena *arena, const char *directory, const char *name) {
    return arena_format(arena, "%s/%s", directory, name);
}

// --- writing -------------------------------------------------------------------------------------

static StagedFile *file_current(FilesStage *stage) {
    return &stage->files.items[stage->files.count - 1];
}

static Outcome bytes_write(void *user, const void *bytes, size_t length) {
    Sink *sink = user;
    StagedFile *staged = file_current(sink->files);
    TRY(sys_append(sink->sys, sink->files->file, bytes, length));
    staged->bytes += (int64_t)length;
    staged->crc = crc32c(staged->crc, bytes, length);
    return OUTCOME_OK;
}

static Outcome text_flush(Sink *sink) {
    Buffer *text = &sink->files->text;
    TRY(bytes_write(sink, text->data, text->length));
    buffer_clear(text);
    return OUTCOME_OK;
}

static Outcome directory_ensure(Sink *sink) {
    FilesStage *stage = sink->files;
    if (stage->has_directory) {
        return OUTCOME_OK;
    }
    TRY(sys_make_directories(sink->sys, stage->stage_directory));
    TRY(sys_make_directories(sink->sys, stage->index_directory));
    stage->has_directory = true;
    return OUTCOME_OK;
}

// Files have marks of their own, which no random number makes: by what tells the files of a run
// apart.
static AvroWriter *avro_begin(Sink *sink) {
    FilesStage *stage = sink->files;
    const FlowSink *desc = sink->desc;
    const char *salt = arena_format(&stage->arena,
                                    "%lld %08x %u",
                                    (long long)sink->options.slot,
                                    operator_hash(sink),
                                    stage->files.count);
    return avro_writer_new(desc->columns, (uint32_t)desc->columns_count, salt, bytes_write, sink);
}

static CsvStyle csv_style(const FlowSink *desc) {
    return (CsvStyle){.delimiter = (char)desc->csv_delimiter,
                      .null_text = desc->csv_null == NULL ? "" : desc->csv_null};
}

static void content_begin(Sink *sink) {
    FilesStage *stage = sink->files;
    const FlowSink *desc = sink->desc;
    uint32_t count = (uint32_t)desc->columns_count;
    if (stage->format == FLOW_FORMAT_CSV && desc->csv_header != 0) {
        CsvStyle style = csv_style(desc);
        csv_write_header(&style, desc->columns, count, &stage->text);
    } else if (stage->format == FLOW_FORMAT_PARQUET) {
        ParquetWriterOptions options = {.tasks = sink->options.tasks};
        stage->parquet = parquet_writer_new(desc->columns, count, &options, bytes_write, sink);
    } else if (stage->format == FLOW_FORMAT_AVRO) {
        stage->avro = avro_begin(sink);
    }
}

static Outcome file_begin(Sink *sink) {
    FilesStage *stage = sink->files;
    Arena *arena = &stage->arena;
    TRY(directory_ensure(sink));
    const char *name = arena_format(
        arena, "%s-%05u.%s", stage->stem, stage->files.count, suffix_of(stage->format));
    const char *path = path_of(arena, stage->stage_directory, name);
    TRY(sys_open(sink->sys, path, SYS_CREATE_NEW, &stage->file));
    *vec_push(arena, &stage->files) = (StagedFile){.name = name};
    content_begin(sink);
    return OUTCOME_OK;
}

static Outcome content_end(Sink *sink) {
    FilesStage *stage = sink->files;
    if (stage->format == FLOW_FORMAT_JSON) {
        buffer_text(&stage->text, "]\n");
    }
    if (stage->avro != NULL) {
        TRY(avro_writer_finish(stage->avro));
        avro_writer_free(stage->avro);
        stage->avro = NULL;
        return OUTCOME_OK;
    }
    if (stage->parquet == NULL) {
        return text_flush(sink);
    }
    TRY(parquet_writer_finish(stage->parquet));
    parquet_writer_free(stage->parquet);
    stage->parquet = NULL;
    return OUTCOME_OK;
}

static Outcome file_end(Sink *sink) {
    FilesStage *stage = sink->files;
    if (stage->file == NULL) {
        return OUTCOME_OK;
    }
    TRY(content_end(sink));
    TRY(sys_sync(sink->sys, stage->file));
    SysFile *file = stage->file;
    stage->file = NULL;
    return sys_close(sink->sys, file);
}

// Rows as elements of one array, a line each: behind a bracket or a comma. A line has no other line
// end than its own.
static void elements_write(Sink *sink, const Batch *rows, const int32_t *slots) {
    FilesStage *stage = sink->files;
    const FlowSink *desc = sink->desc;
    bool is_first = file_current(stage)->bytes == 0 && stage->text.length == 0;
    buffer_clear(&stage->lines);
    ndjson_write(rows, desc->columns, slots, (uint32_t)desc->columns_count, &stage->lines);
    const char *line = stage->lines.data;
    const char *end = line + stage->lines.length;
    while (line < end) {
        const char *next = (const char *)memchr(line, '\n', (size_t)(end - line)) + 1;
        buffer_char(&stage->text, is_first ? '[' : ',');
        buffer_append(&stage->text, line, (size_t)(next - line));
        is_first = false;
        line = next;
    }
}

static Outcome rows_write(Sink *sink, const FlowBatch *batch, const int32_t *slots) {
    FilesStage *stage = sink->files;
    const Batch *rows = (const Batch *)batch;
    const FlowColumnDesc *columns = sink->desc->columns;
    uint32_t count = (uint32_t)sink->desc->columns_count;
    if (stage->parquet != NULL) {
        return parquet_writer_append(stage->parquet, batch, slots);
    }
    if (stage->avro != NULL) {
        return avro_writer_append(stage->avro, batch, slots);
    }
    if (stage->format == FLOW_FORMAT_CSV) {
        CsvStyle style = csv_style(sink->desc);
        csv_write(&style, rows, columns, slots, count, &stage->text);
    } else if (stage->format == FLOW_FORMAT_JSON) {
        elements_write(sink, rows, slots);
    } else {
        ndjson_write(rows, columns, slots, count, &stage->text);
    }
    return stage->text.length >= FLUSH_BYTES ? text_flush(sink) : OUTCOME_OK;
}

Outcome files_append(Sink *sink, const FlowBatch *batch, const int32_t *slots) {
    FilesStage *stage = sink->files;
    if (stage->file != NULL && file_current(stage)->bytes >= DATA_FILE_BYTES_TARGET) {
        TRY(file_end(sink));
    }
    if (stage->file == NULL) {
        TRY(file_begin(sink));
    }
    file_current(stage)->rows += batch->selected_count;
    return rows_write(sink, batch, slots);
}

// --- PREPARE -------------------------------------------------------------------------------------

static void index_text(const FilesStage *stage, int64_t slot, Buffer *out) {
    buffer_format(out, "{\"slot\":%lld,\"files\":[", (long long)slot);
    for (uint32_t i = 0; i < stage->files.count; i++) {
        const StagedFile *file = &stage->files.items[i];
        buffer_text(out, i == 0 ? "{\"name\":" : ",{\"name\":");
        buffer_json_string(out, file->name, strlen(file->name));
        buffer_format(out,
                      ",\"rows\":%lld,\"bytes\":%lld,\"crc32c\":%u}",
                      (long long)file->rows,
                      (long long)file->bytes,
                      file->crc);
    }
    buffer_text(out, "]}\n");
}

static Outcome index_stage(Sink *sink) {
    FilesStage *stage = sink->files;
    Buffer text = {0};
    index_text(stage, sink->options.slot, &text);
    stage->index = (StagedFile){
        .name = arena_format(&stage->arena, "%s.json", stage->stem),
        .bytes = (int64_t)text.length,
        .crc = crc32c(0, text.data, text.length),
    };
    const char *path = path_of(&stage->arena, stage->stage_directory, stage->index.name);
    Outcome outcome = sys_write_new(sink->sys, path, text.data, text.length);
    buffer_free(&text);
    return outcome;
}

Outcome files_prepare(Sink *sink) {
    FilesStage *stage = sink->files;
    stage->is_prepared = true;
    if (stage->files.count == 0) {
        return OUTCOME_OK;
    }
    TRY(file_end(sink));
    TRY(index_stage(sink));
    return sys_sync_directory(sink->sys, stage->stage_directory);
}

static void outbox_file(Buffer *out, const StagedFile *file) {
    outbox_text(out, file->name, strlen(file->name));
    outbox_number(out, (uint64_t)file->bytes);
    outbox_number(out, file->crc);
}

void files_outbox(const Sink *sink, Buffer *out) {
    const FilesStage *stage = sink->files;
    const char *path = sink->options.path;
    outbox_begin(out, OUTBOX_FILES);
    outbox_text(out, path, strlen(path));
    outbox_text(out, stage->stage_directory, strlen(stage->stage_directory));
    outbox_text(out, stage->index_directory, strlen(stage->index_directory));
    outbox_number(out, stage->files.count);
    for (uint32_t i = 0; i < stage->files.count; i++) {
        outbox_file(out, &stage->files.items[i]);
    }
    if (stage->files.count > 0) {
        outbox_file(out, &stage->index);
    }
}

// --- COMMIT --------------------------------------------------------------------------------------

typedef struct Commit {
    Sys *sys;
    Arena arena;
    const char *path;
    const char *stage_directory;
    const char *index_directory;
    StagedFiles files;
    StagedFile index;
} Commit;

static StagedFile file_read(Commit *commit, OutboxReader *reader) {
    StagedFile file = {.name = outbox_read_string(reader, &commit->arena)};
    file.bytes = (int64_t)outbox_read_number(reader);
    file.crc = (uint32_t)outbox_read_number(reader);
    return file;
}

// All of it is read before anything is moved.
static bool commit_read(Commit *commit, OutboxReader *reader) {
    commit->path = outbox_read_string(reader, &commit->arena);
    commit->stage_directory = outbox_read_string(reader, &commit->arena);
    commit->index_directory = outbox_read_string(reader, &commit->arena);
    uint64_t count = outbox_read_number(reader);
    for (uint64_t i = 0; i < count && !reader->is_corrupt; i++) {
        *vec_push(&commit->arena, &commit->files) = file_read(commit, reader);
    }
    if (count > 0) {
        commit->index = file_read(commit, reader);
    }
    return !reader->is_corrupt && reader->next == reader->end;
}

static Outcome crc_read(Sys *sys, SysFile *file, uint32_t *crc) {
    char *bytes = memory_alloc(FLUSH_BYTES);
    Outcome outcome;
    size_t got = 0;
    int64_t offset = 0;
    do {
        outcome = sys_read(sys, file, offset, bytes, FLUSH_BYTES, &got);
        *crc = crc32c(*crc, bytes, got);
        offset += (int64_t)got;
    } while (outcome == OUTCOME_OK && got > 0);
    memory_free(bytes);
    return outcome;
}

// The final name is taken: by the same bytes, or by a stranger's.
static Outcome taken_check(Commit *commit, const StagedFile *file, const char *final_path) {
    SysStat stat;
    SysFile *found;
    uint32_t crc = 0;
    TRY(sys_stat(commit->sys, final_path, &stat));
    TRY(sys_open(commit->sys, final_path, SYS_READ, &found));
    Outcome outcome = crc_read(commit->sys, found, &crc);
    TRY(sys_close(commit->sys, found));
    TRY(outcome);
    if (stat.size_bytes != file->bytes || crc != file->crc) {
        return sys_fail(commit->sys,
                        OUTCOME_REFUSED,
                        "%s exists and is not the file that was decided",
                        final_path);
    }
    return OUTCOME_OK;
}

static Outcome file_commit(Commit *commit, const StagedFile *file, const char *directory) {
    const char *from = path_of(&commit->arena, commit->stage_directory, file->name);
    const char *to = path_of(&commit->arena, directory, file->name);
    SysLink result;
    TRY(sys_rename_new(commit->sys, from, to, &result));
    if (result == SYS_LINK_EXISTS) {
        TRY(taken_check(commit, file, to));
        return sys_unlink(commit->sys, from);
    }
    return OUTCOME_OK; // No source: it was moved before, and perhaps somebody has taken it away.
}

// The stage of this writer, and the place of all stages if it was the last. Others may use it
// meanwhile: then it stays.
static void stage_remove(Sys *sys, const char *path, const char *stage_directory) {
    Arena arena = {0};
    bool was_clean = sys->failure.outcome == OUTCOME_OK;
    Outcome outcome = sys_unlink(sys, stage_directory);
    if (outcome == OUTCOME_OK) {
        outcome = sys_unlink(sys, path_of(&arena, path, ".flow-stage"));
    }
    if (outcome != OUTCOME_OK && was_clean) {
        sys_forgive(sys);
    }
    arena_free(&arena);
}

static Outcome stage_sync(const Commit *commit) {
    SysStat stat;
    TRY(sys_stat(commit->sys, commit->stage_directory, &stat));
    return stat.exists ? sys_sync_directory(commit->sys, commit->stage_directory) : OUTCOME_OK;
}

// Target and stage are fsynced also when nothing had to be moved: whoever moved it may have died
// before.
static Outcome commit_run(Commit *commit) {
    for (uint32_t i = 0; i < commit->files.count; i++) {
        TRY(file_commit(commit, &commit->files.items[i], commit->path));
    }
    TRY(sys_sync_directory(commit->sys, commit->path));
    TRY(file_commit(commit, &commit->index, commit->index_directory));
    TRY(sys_sync_directory(commit->sys, commit->index_directory));
    TRY(stage_sync(commit));
    stage_remove(commit->sys, commit->path, commit->stage_directory);
    return OUTCOME_OK;
}

Outcome files_outbox_commit(Sys *sys, OutboxReader *reader) {
    Commit commit = {.sys = sys};
    Outcome outcome = OUTCOME_OK;
    if (!commit_read(&commit, reader)) {
        outcome = sys_fail(sys, OUTCOME_REFUSED, "the outbox of a files sink is corrupt");
    } else if (commit.files.count > 0) {
        outcome = commit_run(&commit);
    }
    arena_free(&commit.arena);
    return outcome;
}

// --- the end -------------------------------------------------------------------------------------

static void writer_drop(Sink *sink) {
    FilesStage *stage = sink->files;
    parquet_writer_free(stage->parquet);
    stage->parquet = NULL;
    avro_writer_free(stage->avro);
    stage->avro = NULL;
    if (stage->file != NULL) {
        (void)!sys_close(sink->sys, stage->file);
        stage->file = NULL;
    }
}

void files_abort(Sink *sink) {
    FilesStage *stage = sink->files;
    writer_drop(sink);
    for (uint32_t i = 0; i < stage->files.count; i++) {
        const char *name = stage->files.items[i].name;
        (void)!sys_unlink(sink->sys, path_of(&stage->arena, stage->stage_directory, name));
    }
    if (stage->index.name != NULL) {
        const char *name = stage->index.name;
        (void)!sys_unlink(sink->sys, path_of(&stage->arena, stage->stage_directory, name));
    }
    if (stage->has_directory) {
        stage_remove(sink->sys, sink->options.path, stage->stage_directory);
    }
    stage->files.count = 0;
}

void files_close(Sink *sink) {
    FilesStage *stage = sink->files;
    if (!stage->is_prepared) {
        files_abort(sink);
    }
    writer_drop(sink);
    buffer_free(&stage->text);
    buffer_free(&stage->lines);
    arena_free(&stage->arena);
    memory_free(stage);
}
