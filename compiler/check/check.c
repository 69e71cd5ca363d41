// The order of checking: what flows are made of before the flows, and each flow after those it
// reads.
#include "check/check_internal.h"

// --- which parts of `meta` the program reads -----------------------------------------------------
static void meta_scan(Checker *c, const AstExpr *ast) {
    if (ast == NULL) {
        return;
    }
    if (ast->kind == AST_EXPR_CALL && str_equal(ast->name.text, "random")) {
        c->uses_position = true; // what it depends on
        c->uses_file = true;
    }
    bool is_meta = ast->kind == AST_EXPR_FIELD && ast->operands[0]->kind == AST_EXPR_NAME &&
                   str_equal(ast->operands[0]->name.text, "meta");
    if (is_meta) {
        const char *part = ast->name.text;
        c->uses_position |= str_equal(part, "position");
        c->uses_file |= str_equal(part, "file") || str_equal(part, "partition");
        c->uses_timestamp |= str_equal(part, "timestamp");
        c->uses_before |= str_equal(part, "before");
    }
    for (uint32_t i = 0; i < ast->operand_count; i++) {
        meta_scan(c, ast->operands[i]);
    }
}

static void assigns_scan(Checker *c, const AstAssigns *assigns) {
    for (uint32_t i = 0; i < assigns->count; i++) {
        meta_scan(c, assigns->items[i].expr);
    }
}

static void clauses_scan(Checker *c, const AstStep *step) {
    for (uint32_t i = 0; i < step->clause_count; i++) {
        const AstClause *clause = &step->clauses[i];
        bool had_position = c->uses_position;
        c->uses_position = false;
        for (uint32_t e = 0; e < clause->exprs.count; e++) {
            meta_scan(c, clause->exprs.items[e]);
        }
        // An order by position is one by file first.
        c->uses_file |= c->uses_position && clause->kind == AST_CLAUSE_ORDER;
        c->uses_position |= had_position;
    }
}

static void routes_scan(Checker *c, const AstStep *step) {
    for (uint32_t i = 0; i < step->route_count; i++) {
        meta_scan(c, step->routes[i].condition);
        if (step->routes[i].target != NULL) {
            clauses_scan(c, step->routes[i].target);
        }
    }
}

static void metas_scan(Checker *c) {
    for (uint32_t f = 0; f < c->program->flows.count; f++) {
        const AstDecl *decl = c->program->flows.items[f].decl;
        for (uint32_t i = 0; i < decl->step_count; i++) {
            const AstStep *step = &decl->steps[i];
            meta_scan(c, step->expr);
            assigns_scan(c, &step->assigns);
            assigns_scan(c, &step->keys);
            clauses_scan(c, step);
            routes_scan(c, step);
            bool is_sampled = step->kind == AST_STEP_SAMPLE && step->expr == NULL;
            c->uses_position |= is_sampled; // the record's place decides
            c->uses_file |= is_sampled;
            for (uint32_t e = 0; e < step->order.count; e++) {
                meta_scan(c, step->order.items[e]);
            }
        }
    }
}

// --- declarations --------------------------------------------------------------------------------
static void types_check(Checker *c) {
    for (uint32_t i = 0; i < c->program->types.count; i++) {
        const AstDecl *decl = c->program->types.items[i];
        if (decl->type == NULL) {
            continue;
        }
        c->type_stack[c->type_depth++] = decl;
        type_check(c, decl->type);
        c->type_depth--;
    }
}

static void contracts_check(Checker *c) {
    for (uint32_t i = 0; i < c->program->contracts.count; i++) {
        const AstDecl *decl = c->program->contracts.items[i];
        c->contracts[i] = contract_check(c, decl, &decl->columns, false);
    }
}

static void written_mark(Checker *c) {
    for (uint32_t f = 0; f < c->program->flows.count; f++) {
        const ProgramFlow *flow = &c->program->flows.items[f];
        for (uint32_t i = 0; i < flow->output_count; i++) {
            if (flow->outputs[i].kind == PROGRAM_TABLE) {
                c->tables[flow->outputs[i].index].is_written = true;
            }
        }
    }
}

static void declarations_check(Checker *c) {
    types_check(c);
    fns_declare(c);
    params_check(c);
    fns_check(c);
    contracts_check(c);
    pipeline_check(c);
    watermarks_scan(c);
    for (uint32_t i = 0; i < c->program->sources.count; i++) {
        source_check(c, i);
    }
    written_mark(c);
    for (uint32_t i = 0; i < c->program->tables.count; i++) {
        table_declare(c, i);
    }
    sinks_check(c);
}

Checked *check_program(
    Arena *arena, const Program *program, const CheckOptions *options, Sys *sys, DiagList *diags) {
    Checked *checked = arena_new(arena, Checked);
    Checker c = {
        .arena = arena,
        .program = program,
        .options = options,
        .diags = diags,
        .sys = sys,
        .out = checked,
        .contracts = arena_array(arena, Contract *, program->contracts.count + 1),
        .source_streams = arena_array(arena, Stream *, program->sources.count + 1),
        .sinks = arena_array(arena, SinkInfo, program->sinks.count + 1),
        .tables = arena_array(arena, TableInfo, program->tables.count + 1),
        .flow_streams = arena_array(arena, Stream *, program->flows.count + 1),
        .type_stack = arena_array(arena, const AstDecl *, program->types.count + 1),
    };
    checked->file = program->ast->file < diags->sources.files.count
                        ? diags->sources.files.items[program->ast->file].name
                        : "";
    checked->texts = &diags->sources;
    metas_scan(&c);
    declarations_check(&c);
    for (uint32_t i = 0; i < program->flows.count; i++) {
        flow_check(&c, i);
    }
    for (uint32_t i = 0; i < program->tables.count; i++) {
        table_writers_check(&c, i);
    }
    pipeline_state_check(&c);
    tests_check(&c);
    return checked;
}
