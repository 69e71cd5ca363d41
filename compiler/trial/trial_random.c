// Random rows of a test: made up as `generate` does, judged by the contract's checks as constants,
// then given like rows that somebody wrote.
#include "trial/trial_internal.h"

#include "generate/generate.h"
#include "layout/layout.h"
#include "rewrite/rewrite.h"

typedef struct Random {
    Trial *trial;
    const CheckedTestStep *step;
    FlowSource source; // a source of the step's columns
    Generator *generator;
    Arena scratch; // of the checks of a row
    const Expr *broken;
} Random;

static void source_set(Random *random) {
    const CheckedTestStep *step = random->step;
    Arena *arena = random->trial->arena;
    FlowColumnDesc *columns = arena_array(arena, FlowColumnDesc, step->column_count + 1);
    for (uint32_t i = 0; i < step->column_count; i++) {
        FlowTypeDesc *type = arena_new(arena, FlowTypeDesc);
        *type = type_desc(arena, step->columns[i].type);
        columns[i] = (FlowColumnDesc){.name = step->columns[i].name, .type = type, .is_used = 1};
    }
    random->source = (FlowSource){.name = step->name,
                                  .event_time = step->event_time,
                                  .operation = FLOW_NO_INDEX,
                                  .columns = columns,
                                  .columns_count = step->column_count,
                                  .generate = layout_generate(arena, step->random)};
}

static const Expr *const *cells_of(Random *random, Arena *arena, int64_t row, int64_t attempt) {
    const CheckedTestStep *step = random->step;
    const Expr **cells = arena_array(arena, const Expr *, step->column_count + 1);
    for (uint32_t i = 0; i < step->column_count; i++) {
        FlowValue value = {0};
        const Type *type = step->columns[i].type;
        bool is_there = generator_value(random->generator, arena, i, row, attempt, &value);
        cells[i] = is_there ? expr_constant(arena, type, value)
                            : expr_null(arena, type_with_null(arena, type, true));
    }
    return cells;
}

// A check that is no constant even now (it asks for the time, or calls a function) is left to the
// run, which rejects what breaks it.
static bool meets_checks(Random *random, const Expr *const *cells) {
    const CheckedTestStep *step = random->step;
    for (uint32_t i = 0; i < step->random_check_count; i++) {
        const Expr *check = expr_substitute(&random->scratch, step->random_checks[i], cells);
        const Expr *result = rewrite_fold(&random->scratch, check);
        bool is_false = result->op == EXPR_CONST && (result->is_null || result->constant.i64 == 0);
        if (is_false) {
            random->broken = step->random_checks[i];
            return false;
        }
    }
    return true;
}

static bool row_draw(Random *random, int64_t row, CheckedRow *out) {
    for (int64_t attempt = 0; attempt < GENERATE_DRAWS_MAX; attempt++) {
        arena_reset(&random->scratch);
        if (meets_checks(random, cells_of(random, &random->scratch, row, attempt))) {
            // Drawn once more, into memory that stays.
            *out = (CheckedRow){.cells = cells_of(random, random->trial->arena, row, attempt),
                                .span = random->step->span};
            return true;
        }
    }
    trial_fail(random->trial,
               "%s: no row that was made up in %d draws meets the contract: %s",
               random->step->name,
               GENERATE_DRAWS_MAX,
               random->broken->text);
    return false;
}

static bool rows_draw(Random *random, CheckedTestStep *given) {
    uint32_t count = (uint32_t)random->step->random->rows;
    CheckedRow *rows = arena_array(random->trial->arena, CheckedRow, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (!row_draw(random, i, &rows[i])) {
            return false;
        }
    }
    given->kind = AST_TEST_GIVEN;
    given->rows = rows;
    given->row_count = count;
    return true;
}

bool trial_random(Trial *trial, const CheckedTestStep *step, CheckedTestStep *given) {
    Random random = {.trial = trial, .step = step};
    Failure failure = {0};
    *given = *step;
    source_set(&random);
    if (generator_new(&random.source, &failure, &random.generator) != OUTCOME_OK) {
        trial_fail(trial, "%s: %s", step->name, failure.text);
        return false;
    }
    bool is_done = rows_draw(&random, given);
    generator_free(random.generator);
    arena_free(&random.scratch);
    return is_done;
}
