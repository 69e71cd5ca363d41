// Rejected records are sent through the program as it is now. It is one epoch of its pipeline: the
// sources give the records in place of files, and the rows of the DLQ are replaced by what became
// of them in the same decision that commits the tables. So each record is in the tables once or
// still waits in the DLQ, whatever is killed.
#include "engine/run.h"

static const char of_several[] = "made of several records";
static const char without_raw[] = "without the bytes of the record";
static const char cut_raw[] = "longer than the bytes that are kept of a record";
static const char unknown_source[] = "of a source that the program does not have";
static const char unknown_flow[] = "of a flow that the program does not have";
static const char headless[] = "of a CSV file whose header is gone with it";

// --- where ---------------------------------------------------------------------------------------

// Beside the DLQ, for each program of its own.
const char *replay_checkpoint(Run *run) {
    char name[33];
    hash128_hex(hash128(run->program->name, strlen(run->program->name)), name);
    return run_is_batch(run)
               ? arena_format(&run->arena, "%s/_replay/%s", run->options->replay->dlq, name)
               : NULL;
}

Outcome replay_check(Run *run) {
    DlqReader *reader;
    TRY(dlq_reader_open(run->sys, run->options->replay->dlq, false, &reader));
    dlq_reader_close(reader);
    return OUTCOME_OK;
}

void replay_free(Run *run) {
    dlq_replay_free(run->replay);
    run->replay = NULL;
}

// --- which rows ----------------------------------------------------------------------------------

static const EngineReplaySource *source_find(const EngineReplay *replay, const DlqRow *row) {
    for (uint32_t i = 0; i < replay->source_count; i++) {
        if (dlq_cell_is(&row->cells[DLQ_SOURCE], replay->sources[i].name)) {
            return &replay->sources[i];
        }
    }
    return NULL;
}

static const EngineReplayFlow *flow_find(const EngineReplay *replay, const DlqRow *row) {
    for (uint32_t i = 0; i < replay->flow_count; i++) {
        if (dlq_cell_is(&row->cells[DLQ_FLOW], replay->flows[i].name)) {
            return &replay->flows[i];
        }
    }
    return NULL;
}

// Why the row stays as it is; NULL: it is sent, as `sent` says.
static const char *row_judge(const EngineReplay *replay, const DlqRow *row, DlqSent *sent) {
    if (row->cells[DLQ_SOURCE].is_null || row->cells[DLQ_PARTITION].is_null ||
        dlq_replay_position(row) < 0) {
        return of_several;
    }
    const EngineReplaySource *source = source_find(replay, row);
    if (source == NULL) {
        return unknown_source;
    }
    if (row->cells[DLQ_RAW].is_null) {
        return without_raw;
    }
    if (row->cells[DLQ_RAW].value.view.length >= RAW_BYTES_MAX) {
        return cut_raw;
    }
    *sent = (DlqSent){.row = *row, .up = ",", .flows = source->flows};
    if (row->cells[DLQ_FLOW].is_null) {
        return source->obstacle;
    }
    const EngineReplayFlow *flow = flow_find(replay, row);
    if (flow == NULL) {
        return unknown_flow;
    }
    sent->up = flow->up;
    sent->flows = flow->flows;
    return flow->obstacle;
}

static void left_count(EngineReplay *replay, const char *reason) {
    for (uint32_t i = 0; i < replay->left.count; i++) {
        if (strcmp(replay->left.items[i].reason, reason) == 0) {
            replay->left.items[i].count++;
            return;
        }
    }
    *vec_push(&replay->arena, &replay->left) =
        (EngineReplayLeft){arena_string(&replay->arena, reason), 1};
}

static const FlowSource *source_of(const Run *run, const DlqRow *row, uint32_t *index) {
    for (uint32_t i = 0; i < (uint32_t)run->program->sources_count; i++) {
        if (dlq_cell_is(&row->cells[DLQ_SOURCE], run->program->sources[i].name)) {
            *index = i;
            return &run->program->sources[i];
        }
    }
    return NULL;
}

// The file that was looked at last: rows of one file stand together mostly.
typedef struct Header {
    Arena arena;
    const char *path; // NULL: none yet
    uint32_t source;
    const char *why;
} Header;

// Of a CSV file the header has to be there.
static Outcome header_judge(Run *run, Header *last, const DlqRow *row, const char **why) {
    uint32_t index = 0;
    SourceHeader header = {0};
    bool is_needed = false;
    const FlowSource *source = source_of(run, row, &index);
    ASSERT(source != NULL);
    if (last->path != NULL && last->source == index &&
        dlq_cell_is(&row->cells[DLQ_PARTITION], last->path)) {
        *why = last->why;
        return OUTCOME_OK;
    }
    arena_reset(&last->arena);
    last->path = dlq_cell_text(&last->arena, &row->cells[DLQ_PARTITION]);
    last->source = index;
    TRY(source_again_header(run->sys, &last->arena, source, last->path, &is_needed, &header));
    last->why = is_needed && header.length == 0 ? headless : NULL;
    *why = last->why;
    return OUTCOME_OK;
}

static Outcome row_take(Run *run, const DlqSelect *select, Header *last, const DlqRow *row) {
    DlqSent sent = {0};
    EngineReplay *replay = run->options->replay;
    dlq_replay_know(run->replay, row);
    if (!dlq_row_meets(row, select)) {
        return OUTCOME_OK;
    }
    const char *why = row_judge(replay, row, &sent);
    if (why == NULL) {
        TRY(header_judge(run, last, row, &why));
    }
    if (why == NULL) {
        dlq_replay_send(run->replay, &sent);
    } else {
        left_count(replay, why);
    }
    return OUTCOME_OK;
}

static Outcome rows_take(Run *run) {
    const EngineReplay *replay = run->options->replay;
    DlqSelect select = {.pipeline = run->program->name,
                        .reject_class = replay->reject_class,
                        .record_id = replay->record_id,
                        .replayed = DLQ_NOT_REPLAYED};
    DlqReader *reader;
    DlqRow row;
    Header last = {0};
    bool has_row = true;
    TRY(dlq_reader_open(run->sys, replay->dlq, true, &reader));
    Outcome outcome = dlq_reader_next(reader, &row, &has_row);
    while (outcome == OUTCOME_OK && has_row) {
        outcome = row_take(run, &select, &last, &row);
        outcome = outcome == OUTCOME_OK ? dlq_reader_next(reader, &row, &has_row) : outcome;
    }
    dlq_reader_close(reader);
    arena_free(&last.arena);
    dlq_replay_order(run->replay);
    return outcome;
}

// --- from rows to records ------------------------------------------------------------------------

static bool is_same(const DlqRow *a, const DlqRow *b, DlqColumn column) {
    return view_compare(&a->cells[column].value.view, &b->cells[column].value.view) == 0;
}

static const char *bytes_keep(Arena *arena, const DlqCell *raw) {
    size_t length = raw->value.view.length;
    char *bytes = arena_zeroed(arena, length + FORMAT_SLACK_BYTES, 1);
    memcpy(bytes, flow_view_data(&raw->value.view), length);
    return bytes;
}

// ",a,b," and ",b,c,": for whom a record is that several flows have rejected.
static const char *flows_unite(Arena *arena, const char *a, const char *b) {
    return strcmp(a, b) == 0 ? a : arena_format(arena, "%s%s", a, b + 1);
}

static Outcome file_begin(Run *run, uint32_t source, const DlqRow *row, SourceAgainFile *file) {
    bool is_needed = false;
    file->path = dlq_cell_text(&run->arena, &row->cells[DLQ_PARTITION]);
    return source_again_header(run->sys,
                               &run->arena,
                               &run->program->sources[source],
                               file->path,
                               &is_needed,
                               &file->header);
}

// The rows from `first` on that are of one record; returns the one behind the last.
static uint32_t record_make(Run *run, uint32_t first, SourceAgain *record) {
    const DlqSent *sent = dlq_replay_at(run->replay, first);
    const DlqCell *raw = &sent->row.cells[DLQ_RAW];
    *record = (SourceAgain){.position = dlq_replay_position(&sent->row),
                            .bytes = bytes_keep(&run->arena, raw),
                            .length = raw->value.view.length,
                            .flows = sent->flows};
    uint32_t next = first + 1;
    for (; next < dlq_replay_count(run->replay); next++) {
        const DlqSent *other = dlq_replay_at(run->replay, next);
        if (!is_same(&sent->row, &other->row, DLQ_SOURCE) ||
            !is_same(&sent->row, &other->row, DLQ_PARTITION) ||
            dlq_replay_position(&other->row) != record->position) {
            break;
        }
        record->flows = flows_unite(&run->arena, record->flows, other->flows);
    }
    return next;
}

// One file's records; returns the first row of the next one.
static Outcome file_make(Run *run, uint32_t source, uint32_t *first, SourceAgainFile *file) {
    VEC(SourceAgain) records = {0};
    const DlqRow *row = &dlq_replay_at(run->replay, *first)->row;
    TRY(file_begin(run, source, row, file));
    while (*first < dlq_replay_count(run->replay)) {
        const DlqRow *next = &dlq_replay_at(run->replay, *first)->row;
        if (!is_same(row, next, DLQ_SOURCE) || !is_same(row, next, DLQ_PARTITION)) {
            break;
        }
        *first = record_make(run, *first, vec_push(&run->arena, &records));
    }
    file->records = records.items;
    file->count = records.count;
    return OUTCOME_OK;
}

static Outcome files_make(Run *run) {
    typedef VEC(SourceAgainFile) Files;
    uint32_t count = (uint32_t)run->program->sources_count;
    Files *files = arena_array(&run->arena, Files, count);
    SourceAgainFiles *all = arena_array(&run->arena, SourceAgainFiles, count);
    uint32_t next = 0;
    while (next < dlq_replay_count(run->replay)) {
        uint32_t source = 0;
        SourceAgainFile file = {0};
        const FlowSource *found = source_of(run, &dlq_replay_at(run->replay, next)->row, &source);
        ASSERT(found != NULL);
        TRY(file_make(run, source, &next, &file));
        *vec_push(&run->arena, &files[source]) = file;
    }
    for (uint32_t i = 0; i < count; i++) {
        all[i] = (SourceAgainFiles){files[i].items, files[i].count};
    }
    run->again = all;
    return OUTCOME_OK;
}

// --- what the epoch asks -------------------------------------------------------------------------

static bool is_lookup(const Run *run, const char *source) {
    const EngineReplay *replay = run->options->replay;
    for (uint32_t i = 0; i < replay->source_count; i++) {
        if (strcmp(replay->sources[i].name, source) == 0) {
            return replay->sources[i].is_lookup;
        }
    }
    return false;
}

const SourceAgainFiles *replay_files(const Run *run, uint32_t source) {
    bool is_read = run->again == NULL || is_lookup(run, run->program->sources[source].name);
    return is_read ? NULL : &run->again[source];
}

// A total of no rows is a row, and an `expect` about all records of an epoch is not about these.
bool replay_skips(const Run *run, const FlowPipeline *pipeline) {
    return run->replay != NULL && pipeline->input_kind == FLOW_INPUT_GROUP &&
           run->program->groups[pipeline->input].is_total != 0 &&
           !kept_groups_wanted(run, (uint32_t)pipeline->input);
}

// What is looked up is read whole, and has been rejected by the run before.
bool replay_knows(const Run *run, const DlqRecord *record) {
    return run->replay != NULL && record->flow == NULL && record->source != NULL &&
           is_lookup(run, record->source);
}

// --- the epoch -----------------------------------------------------------------------------------

static int epoch(Run *run) {
    epoch_make(run);
    run->epoch_started_us = sys_monotonic_us(run->sys);
    int status = epoch_run(run);
    epoch_free(run);
    if (status == 0 && state_runs_collect(run->state) != OUTCOME_OK) {
        sys_forgive(run->sys); // Garbage waits for the next collection.
    }
    return status;
}

int replay_run(Run *run) {
    EngineReplay *replay = run->options->replay;
    run->replay = dlq_replay_new();
    Outcome outcome = rows_take(run);
    outcome = outcome == OUTCOME_OK ? files_make(run) : outcome;
    if (outcome == OUTCOME_OK && !run_is_batch(run)) {
        outcome = state_fit(run);
        outcome = outcome == OUTCOME_OK ? kept_sorts_check(run) : outcome;
        outcome = outcome == OUTCOME_OK ? watermarks_restore(run) : outcome;
    }
    uint32_t count = dlq_replay_count(run->replay);
    if (outcome != OUTCOME_OK || count == 0) {
        return (int)outcome;
    }
    int status = epoch(run);
    if (status == 0) {
        replay->rejected = dlq_replay_rejected(run->replay);
        replay->replayed = (int64_t)count - replay->rejected;
        summary_print(run);
    }
    return status;
}
