// `dlq_limit`: a run whose input went bad is stopped before it fills the DLQ.
//
// Judged is what pieces of input have given, in their order: how many records each had, and how
// many of them were rejected. Pieces are cut by what the files hold, so the same input stops at the
// same place, whatever the threads do. The last records are those of the fewest last pieces that
// have enough of them.
#include "engine/run.h"

enum { SAMPLES_MAX = 5 };

typedef struct LimitPiece {
    int64_t records;
    int64_t rejected;
    int64_t *codes; // of each code so far, how many; NULL: none
    uint32_t code_count;
} LimitPiece;

typedef struct LimitCode {
    const char *code;
    int64_t count; // in the last pieces
} LimitCode;

// Of one source.
struct RunLimit {
    VEC(LimitPiece) pieces;
    uint32_t first; // of the last pieces
    int64_t records;
    int64_t rejected;
    VEC(LimitCode) codes;
    LimitPiece next;                  // at hand
    const char *samples[SAMPLES_MAX]; // the newest, in a ring
    uint32_t sample_count;            // ever
};

static bool is_limited(const Run *run) {
    return run->program->dlq_limit_records > 0 && run->replay == NULL && run->feed.is_counted &&
           run->feed.pipeline->input_kind == FLOW_INPUT_SOURCE;
}

static RunLimit *limit_of(Run *run) {
    if (run->limits == NULL) {
        run->limits = arena_array(&run->arena, RunLimit, (size_t)run->program->sources_count);
    }
    return &run->limits[run->feed.pipeline->input];
}

// --- what is rejected ----------------------------------------------------------------------------

static uint32_t code_find(Run *run, RunLimit *limit, const char *code) {
    for (uint32_t i = 0; i < limit->codes.count; i++) {
        if (strcmp(limit->codes.items[i].code, code) == 0) {
            return i;
        }
    }
    *vec_push(&run->arena, &limit->codes) = (LimitCode){arena_string(&run->arena, code), 0};
    return limit->codes.count - 1;
}

static void code_count(Run *run, LimitPiece *piece, uint32_t code, uint32_t known) {
    if (code >= piece->code_count) {
        int64_t *grown = arena_array(&run->arena, int64_t, known);
        if (piece->code_count > 0) {
            memcpy(grown, piece->codes, piece->code_count * sizeof(*grown));
        }
        piece->codes = grown;
        piece->code_count = known;
    }
    piece->codes[code]++;
}

// Without a value of the data: it may be one that nobody should see.
static void sample_take(Run *run, RunLimit *limit, const DlqRecord *record) {
    bool has_text = record->expression != NULL && record->expression[0] != '\0';
    limit->samples[limit->sample_count++ % SAMPLES_MAX] =
        arena_format(&run->arena,
                     "%s at %lld: %s %s%s%s",
                     record->partition,
                     (long long)record->position,
                     record->code,
                     record->message,
                     has_text ? ": " : "",
                     has_text ? record->expression : "");
}

void limit_reject(Run *run, const DlqRecord *record) {
    bool is_record = record->source != NULL && record->partition != NULL && record->ordinal == 0 &&
                     record->reject_class != FLOW_REJECT_LATE;
    if (!is_record || !is_limited(run)) {
        return;
    }
    RunLimit *limit = limit_of(run);
    uint32_t code = code_find(run, limit, record->code);
    limit->next.rejected++;
    code_count(run, &limit->next, code, limit->codes.count);
    sample_take(run, limit, record);
}

// --- judging -------------------------------------------------------------------------------------

static void piece_add(RunLimit *limit, const LimitPiece *piece, int sign) {
    limit->records += sign * piece->records;
    limit->rejected += sign * piece->rejected;
    for (uint32_t i = 0; i < piece->code_count; i++) {
        limit->codes.items[i].count += sign * piece->codes[i];
    }
}

static bool is_exceeded(const Run *run, const RunLimit *limit) {
    return (i128)limit->rejected * FLOW_RATIO_WHOLE >
           (i128)run->program->dlq_limit * limit->records;
}

static void limit_describe(const Run *run, const RunLimit *limit, const char *source, Buffer *out) {
    const char *between = " (";
    buffer_format(out,
                  "dlq_limit: %lld of the last %lld records of %s were rejected, more than %g "
                  "percent",
                  (long long)limit->rejected,
                  (long long)limit->records,
                  source,
                  (double)run->program->dlq_limit / (FLOW_RATIO_WHOLE / 100));
    for (uint32_t i = 0; i < limit->codes.count; i++) {
        const LimitCode *code = &limit->codes.items[i];
        if (code->count > 0) {
            buffer_format(out, "%s%s %lld", between, code->code, (long long)code->count);
            between = ", ";
        }
    }
    buffer_text(out, "); nothing of the epoch is committed");
    uint32_t count = limit->sample_count < SAMPLES_MAX ? limit->sample_count : SAMPLES_MAX;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (limit->sample_count - count + i) % SAMPLES_MAX;
        buffer_format(out, "\n  %s", limit->samples[at]);
    }
}

static Outcome limit_stop(Run *run, const RunLimit *limit, const char *source) {
    Buffer text = {0};
    limit_describe(run, limit, source, &text);
    Outcome outcome = sys_fail(run->sys, OUTCOME_STOPPED, "%s", buffer_cstring(&text));
    buffer_free(&text);
    return outcome;
}

Outcome limit_piece_end(Run *run, int64_t records) {
    if (!is_limited(run)) {
        return OUTCOME_OK;
    }
    RunLimit *limit = limit_of(run);
    int64_t wanted = run->program->dlq_limit_records;
    limit->next.records = records;
    *vec_push(&run->arena, &limit->pieces) = limit->next;
    piece_add(limit, &limit->next, 1);
    limit->next = (LimitPiece){0};
    while (limit->records - limit->pieces.items[limit->first].records >= wanted) {
        piece_add(limit, &limit->pieces.items[limit->first++], -1);
    }
    if (limit->records < wanted || !is_exceeded(run, limit)) {
        return OUTCOME_OK;
    }
    return limit_stop(run, limit, run->program->sources[run->feed.pipeline->input].name);
}

// Of fewer records than it asks for, all that there are count, once no more can come.
Outcome limit_end(Run *run) {
    for (int64_t i = 0; run->limits != NULL && i < run->program->sources_count; i++) {
        if (is_exceeded(run, &run->limits[i])) {
            return limit_stop(run, &run->limits[i], run->program->sources[i].name);
        }
    }
    return OUTCOME_OK;
}
