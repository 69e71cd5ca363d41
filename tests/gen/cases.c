// Expressions, collected until a program is full, then run by both.
#include "cases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const FixtureInput inputs[] = {
    {0, SELECT_ALL, 1},
    {1, SELECT_ALL, 2},
    {15, SELECT_ALL, 3},
    {16, SELECT_SOME, 4},
    {17, SELECT_ALL, 5},
    {130, SELECT_ALL, 6},
    {131, SELECT_SOME, 7},
    {40, SELECT_NONE, 8},
};

BackendCode *code_load(Fixture *f, const BackendOptions *how) {
    Buffer object = {0};
    struct LLVMOpaqueModule *module = gen_run(&f->layout, GEN_ONE_LEVEL);
    backend_compile(module, how, &object, NULL);
    gen_free(module);
    BackendCode *code = backend_load(&object, fixture_symbols());
    buffer_free(&object);
    return code;
}

void pipeline_compare(Fixture *f, const FlowProgram *made, uint32_t index, FixtureInput input) {
    Buffer want = {0};
    Buffer got = {0};
    fixture_run(f, f->layout.program->pipelines[index].run, index, input, &want);
    fixture_run(f, made->pipelines[index].run, index, input, &got);
    if (strcmp(buffer_cstring(&want), buffer_cstring(&got)) != 0) {
        Buffer plan = {0};
        plan_dump(&f->plan, &plan);
        print_error("pipeline %u, %d rows, selection %d\nwant:\n%sgot:\n%s%s",
                    index,
                    input.row_count,
                    input.selection,
                    buffer_cstring(&want),
                    buffer_cstring(&got),
                    buffer_cstring(&plan));
        fail();
    }
    buffer_free(&want);
    buffer_free(&got);
}

void fixture_compare(Fixture *f, const BackendOptions *how) {
    fixture_finish(f);
    BackendCode *code = code_load(f, how);
    for (uint32_t i = 0; i < f->plan.pipelines.count; i++) {
        for (size_t k = 0; k < COUNT_OF(inputs); k++) {
            pipeline_compare(f, backend_program(code), i, inputs[k]);
        }
    }
    backend_unload(code);
}

// --- expressions, collected until a program is full -------------------------------------------
// Most of the time would go to the optimiser: every fourth program is enough for it.
void cases_flush(Cases *cases) {
    static uint32_t program;
    if (cases->is_open) {
        BackendOptions how = {.cpu = "host", .optimise = program++ % 4 == 0};
        fixture_compare(&cases->fixture, &how);
        fixture_free(&cases->fixture);
    }
    cases->is_open = false;
}

Fixture *cases_fixture(Cases *cases) {
    if (cases->is_open && cases->fixture.plan.pipelines.count >= FIXTURE_PIPELINES_MAX - 2) {
        cases_flush(cases);
    }
    if (!cases->is_open) {
        fixture_init(&cases->fixture);
        cases->is_open = true;
    }
    return &cases->fixture;
}

void filter_add(Fixture *f, const Expr *expr) {
    static const int32_t emitted[] = {0};
    PlanOp ops[] = {
        {.kind = PLAN_FILTER, .expr = expr, .span = expr->span},
        {.kind = PLAN_EMIT, .slots = emitted, .slot_count = 1},
        {.kind = PLAN_COUNT_OUT},
    };
    fixture_pipeline(f, ops, COUNT_OF(ops), NULL, 0);
}

void case_add(Fixture *f, const Expr *expr) {
    fixture_compute(f, expr);
    if (expr->type->kind == FLOW_BOOL) {
        filter_add(f, expr);
    }
}
