// What the files of trial share: a test while it runs, and rows as texts.
#ifndef FLOW_TRIAL_INTERNAL_H
#define FLOW_TRIAL_INTERNAL_H

#include "record/record.h"
#include "scalar/scalar.h"
#include "sys/sys_memory.h"
#include "trial/trial.h"

// Where a row stands in the file that it was written to.
typedef struct TrialStart {
    const char *path;
    int64_t offset;
} TrialStart;

// The rows of one source since the last run. Positions are row numbers to a test, but byte offsets
// to a run: `starts` translates.
typedef struct TrialInput {
    Buffer bytes;
    VEC(TrialStart) starts;
    uint32_t first_start; // of this epoch
    size_t header_length; // of CSV: each file begins with it
    bool is_copied;       // some of the bytes are of a file, whose records nobody has counted
    bool was_cut;         // in an epoch before this one
    bool is_given;        // in this epoch
    bool is_document;     // its rows are elements of a JSON document, which is not closed yet
} TrialInput;

typedef struct Trial {
    Arena *arena;
    const TrialProgram *on;
    const CheckedTest *test;
    const FlowProgram *program;
    Sys *world;
    TrialInput *inputs; // one for each source
    bool has_new_rows;  // given since the last run
    uint32_t run_count;
    bool is_stream; // each run goes on where the one before ended
    Span span;      // of the step at hand
    Buffer report;
    bool is_failed;
} Trial;

// A failed step: what the report says; the first line tells what was asked.
void trial_fail(Trial *trial, const char *format, ...) PRINTF_LIKE(2, 3);
// What the world's last call that failed said.
void trial_fail_world(Trial *trial, const char *what);

const FlowColumnDesc *
trial_column(const FlowColumnDesc *columns, int64_t count, const char *name); // NULL: none
// The setting's text: a literal, or the param's default.
const char *trial_setting(const Trial *trial, const FlowSetting *setting);
// A constant cell. False: it is null. Fails the trial if it can't be known before a run.
bool trial_cell(Trial *trial, const Expr *cell, FlowValue *value);

// --- trial_given.c: rows into sources and tables
// --------------------------------------------------
void trial_given(Trial *trial, const CheckedTestStep *step);
void trial_inputs_write(Trial *trial); // before a run: every source has its file, every table that
                                       // is only read is there
void trial_inputs_clear(Trial *trial); // after it

// A path that the glob matches: `*` becomes the name.
const char *trial_glob_path(Arena *arena, const char *glob, const char *name);

// --- trial_shuffle.c: the same rows, delivered otherwise -----------------------------------------
// What the source got in this epoch, in several files; false: it must be one.
bool trial_files_put(Trial *trial, uint32_t source, const char *path);

// --- trial_random.c: rows that are made up -------------------------------------------------------
// The step with its random rows written out; false: it failed.
bool trial_random(Trial *trial, const CheckedTestStep *step, CheckedTestStep *given);

// --- trial_rows.c: what a run has left
// ---------------------------------------------------------------- Rows as JSON texts of their
// cells: cells[row * column_count + column].
typedef struct TrialPart {
    uint32_t read; // which of the columns that are read
    CheckedPart part;
} TrialPart;
typedef struct TrialRows {
    VEC(const char *) cells;
    uint32_t column_count;
    uint32_t count;
    const FlowColumnDesc *columns; // of rows that are read: what each cell is …
    const TrialPart *parts;        // … and where it stands
    uint32_t read_count;
} TrialRows;
bool trial_rows_read(Trial *trial,
                     const CheckedTestStep *step,
                     const FlowColumnDesc *columns, // read_count of them
                     TrialRows *rows);
const char *
trial_text(Trial *trial, const FlowTypeDesc *type, bool is_null, const FlowValue *value);

// --- trial_expect.c: rows against rows
// -----------------------------------------------------------------
void trial_expect(Trial *trial, const CheckedTestStep *step);

#endif
