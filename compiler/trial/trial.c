// A test from its first step to its last. What is given before an `expect`, `advance`, `close` or
// `restart` is one epoch: the program runs when one of these comes.
#include "trial/trial_internal.h"

#include "rewrite/rewrite.h"

static const int64_t clock_start_us = INT64_C(1767225600) * 1000000; // 2026-01-01T00:00:00Z

// --- failures -----------------------------------------------------------------------------------
void trial_fail(Trial *trial, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char text[FAILURE_TEXT_MAX];
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    buffer_text(&trial->report, text);
    buffer_char(&trial->report, '\n');
    trial->is_failed = true;
}

void trial_fail_world(Trial *trial, const char *what) {
    trial_fail(trial, "%s: %s", what, trial->world->failure.text);
}

// --- shared by the files
// --------------------------------------------------------------------------
const FlowColumnDesc *trial_column(const FlowColumnDesc *columns, int64_t count, const char *name) {
    for (int64_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            return &columns[i];
        }
    }
    return NULL;
}

const char *trial_setting(const Trial *trial, const FlowSetting *setting) {
    if (setting == NULL) {
        return NULL;
    }
    if (setting->param < 0) {
        return setting->text;
    }
    // A test has no environment: a path from there is called as its variable.
    const FlowParam *param = &trial->program->params[setting->param];
    return param->environment != NULL ? param->environment : param->default_text;
}

static const FlowNested *nested_of(Trial *trial, const Expr *cell) {
    FlowValue *items = arena_array(trial->arena, FlowValue, cell->argument_count + 1);
    uint8_t *validity = arena_array(trial->arena, uint8_t, cell->argument_count + 1);
    for (uint32_t i = 0; i < cell->argument_count; i++) {
        validity[i] = trial_cell(trial, cell->arguments[i], &items[i]);
    }
    FlowNested *nested = arena_new(trial->arena, FlowNested);
    *nested = (FlowNested){.count = cell->argument_count, .items = items, .validity = validity};
    return nested;
}

bool trial_cell(Trial *trial, const Expr *cell, FlowValue *value) {
    const Expr *folded = rewrite_fold(trial->arena, cell);
    if (folded->op == EXPR_CONST) {
        *value = folded->constant;
        return !folded->is_null;
    }
    if (folded->op == EXPR_STRUCT || folded->op == EXPR_LIST) {
        value->nested = nested_of(trial, folded);
        return true;
    }
    trial_fail(trial, "`%s` is no constant", cell->text);
    return false;
}

// --- runs
// ---------------------------------------------------------------------------------------------
static bool has_state(const FlowProgram *program) {
    return program->groups_count + program->sorts_count + program->lookups_count +
               program->bands_count >
           0;
}

static bool has_windows(const FlowProgram *program) {
    for (int64_t i = 0; i < program->groups_count; i++) {
        if (program->groups[i].window_end != FLOW_NO_INDEX ||
            program->groups[i].session_gap_us > 0) {
            return true;
        }
    }
    return program->sorts_count + program->bands_count > 0;
}

static bool may_run(Trial *trial, const CheckedTest *test) {
    if (trial->is_stream) {
        return true;
    }
    if (!test->is_once && has_windows(trial->program)) {
        trial_fail(
            trial,
            "not supported yet: this program cannot be a stream, so it is tested with `trigger "
            "once` only");
        return false;
    }
    if (trial->run_count > 0 && (test->is_once || has_state(trial->program))) {
        trial_fail(trial,
                   "not supported yet: a program that keeps state is tested with one epoch; give "
                   "all rows before the first `expect`");
        return false;
    }
    return true;
}

static void world_report(Trial *trial, int status) {
    const Buffer *said = sys_memory_stream(trial->world, 2);
    trial_fail(trial, "the run ended with status %d", status);
    buffer_append(&trial->report, said->data, said->length);
}

// The files of the epoch are there again, and a run begins that finds nothing new in them.
static int run_again(Trial *trial) {
    const TrialEpoch epoch = {.is_stream = true};
    trial_inputs_write(trial);
    return trial->is_failed ? 0 : trial->on->run(trial->on->user, trial->world, &epoch);
}

static void epoch_run(Trial *trial, const CheckedTest *test, bool is_closing) {
    const TrialEpoch epoch = {.is_stream = trial->is_stream, .is_closing = is_closing};
    bool is_due = trial->has_new_rows || trial->run_count == 0 || (is_closing && trial->is_stream);
    if (!is_due || trial->is_failed || !may_run(trial, test)) {
        return;
    }
    trial_inputs_write(trial);
    if (trial->is_failed) {
        return;
    }
    int status = trial->on->run(trial->on->user, trial->world, &epoch);
    if (status == 0 && trial->on->is_twice && trial->is_stream && !is_closing) {
        status = run_again(trial);
    }
    trial->run_count++;
    trial->has_new_rows = false;
    trial_inputs_clear(trial);
    if (status != 0) {
        world_report(trial, status);
    }
}

// --- steps
// --------------------------------------------------------------------------------------------
static void step_run(Trial *trial, const CheckedTest *test, const CheckedTestStep *step) {
    trial->span = step->span;
    switch (step->kind) {
    case AST_TEST_GIVEN:
    case AST_TEST_GIVEN_FILE:
    case AST_TEST_GIVEN_RANDOM:
        trial_given(trial, step);
        return;
    case AST_TEST_ADVANCE:
        epoch_run(trial, test, false);
        sys_memory_advance(trial->world, step->amount_us);
        return;
    case AST_TEST_CLOSE:
        epoch_run(trial, test, true);
        return;
    case AST_TEST_RESTART: // Every epoch of a test is a run of its own, which starts with recovery.
        epoch_run(trial, test, false);
        return;
    case AST_TEST_EXPECT:
    case AST_TEST_CONTAINS:
    case AST_TEST_EMPTY:
        epoch_run(trial, test, false);
        if (!trial->is_failed) {
            trial_expect(trial, step);
        }
        return;
    case AST_TEST_TRIGGER:
    case AST_TEST_ERROR:
        return;
    }
}

static void trial_close(Trial *trial) {
    for (int64_t i = 0; i < trial->program->sources_count; i++) {
        buffer_free(&trial->inputs[i].bytes);
    }
    sys_memory_free(trial->world);
    buffer_free(&trial->report);
}

TrialResult trial_run(Arena *arena, const TrialProgram *program, const CheckedTest *test) {
    Trial trial = {.arena = arena, .on = program, .test = test, .program = program->program};
    trial.is_stream = program->is_stream && !test->is_once;
    trial.inputs = arena_array(arena, TrialInput, (size_t)program->program->sources_count + 1);
    trial.world = sys_memory_new(0);
    sys_memory_hold_clock(trial.world, clock_start_us);
    for (uint32_t i = 0; i < test->step_count && !trial.is_failed; i++) {
        step_run(&trial, test, &test->steps[i]);
    }
    TrialResult result = {.is_passed = !trial.is_failed,
                          .span = trial.span,
                          .report = arena_string(arena, buffer_cstring(&trial.report))};
    trial_close(&trial);
    return result;
}
