// The order of compilation: pass.def and one loop.
#include "driver/driver.h"

typedef struct Pass {
    const char *name;
    const char *text;
    void (*run)(Compile *compile);
    void (*dump)(const Compile *compile, Buffer *out);
} Pass;

// --- run --------------------------------------------------------------------------------------
static void run_parse(Compile *c) {
    ImportSource source = {.file = c->file,
                           .bytes = c->bytes,
                           .length = c->length,
                           .read = c->import_read,
                           .user = c->import_user};
    c->ast = import_parse(&c->arena, &c->diags, &source);
}

static void run_resolve(Compile *c) {
    c->program = resolve_program(&c->arena, c->ast, &c->diags);
    c->program->is_replay = c->options.is_replay;
}

static void run_check(Compile *c) {
    c->checked = check_program(&c->arena, c->program, &c->options.check, c->sys, &c->diags);
}

static void run_build(Compile *c) {
    c->graph = build_run(&c->arena, c->checked, c->options.has_probes);
}

static void run_rewrite(Compile *c) {
    rewrite_run(c->graph, &c->arena, c->options.rewrites_off);
}

static void run_lower(Compile *c) {
    const char *off = c->options.rewrites_off;
    LowerOptions options = {.prunes = !rewrite_is_off(off, LATER_prune),
                            .fuses = !rewrite_is_off(off, LATER_fuse),
                            .skips = !rewrite_is_off(off, LATER_skip)};
    c->plan = lower_run(&c->arena, c->graph, options);
    plan_verify(c->plan);
}

static void run_share(Compile *c) {
    if (!rewrite_is_off(c->options.rewrites_off, LATER_share)) {
        share_run(c->plan);
        plan_verify(c->plan);
    }
}

static void run_layout(Compile *c) {
    c->layout = layout_run(&c->arena, c->plan);
}

static void run_gen(Compile *c) {
    c->module = gen_run(&c->layout, c->options.levels);
}

static void run_emit(Compile *c) {
    backend_compile(c->module, &c->options.backend, &c->object, &c->stats);
}

// --- dump -------------------------------------------------------------------------------------
static void dump_parse(const Compile *c, Buffer *out) {
    syntax_dump(c->ast, out);
}

static void dump_resolve(const Compile *c, Buffer *out) {
    program_dump(c->program, out);
}

static void dump_check(const Compile *c, Buffer *out) {
    check_dump(c->checked, out);
}

static void dump_build(const Compile *c, Buffer *out) {
    graph_dump(c->graph, out);
}

static void dump_rewrite(const Compile *c, Buffer *out) {
    graph_dump(c->graph, out);
}

static void dump_lower(const Compile *c, Buffer *out) {
    plan_dump(c->plan, out);
}

static void dump_share(const Compile *c, Buffer *out) {
    plan_dump(c->plan, out);
}

static void dump_layout(const Compile *c, Buffer *out) {
    layout_dump(&c->layout, out);
}

static void dump_gen(const Compile *c, Buffer *out) {
    backend_print_ir(c->module, &c->options.backend, false, out);
}

static void dump_emit(const Compile *c, Buffer *out) {
    buffer_format(out, "object of %zu bytes\n", c->object.length);
}

static const Pass passes[] = {
#define PASS(name, product, text) {#name, text, run_##name, dump_##name},
#include "driver/pass.def"
#undef PASS
};
_Static_assert(COUNT_OF(passes) == PASS_COUNT, "pass.def");

void compile_init(Compile *compile, Sys *sys, const char *file, const char *bytes, size_t length) {
    *compile = (Compile){.sys = sys, .file = file, .bytes = bytes, .length = length};
    compile->options.backend.optimise = 2;
    diag_init(&compile->diags, &compile->arena);
}

// Mistakes stop the way after check, where all of them have been found: what the parser could not
// read does not hide what the checker has to say about the rest.
bool compile_run(Compile *compile, PassId last) {
    for (PassId pass = 0; pass <= last; pass++) {
        if (pass > PASS_check && diag_has_errors(&compile->diags)) {
            return false;
        }
        passes[pass].run(compile);
    }
    return !diag_has_errors(&compile->diags);
}

void compile_dump(const Compile *compile, PassId pass, Buffer *out) {
    passes[pass].dump(compile, out);
}

void compile_free(Compile *compile) {
    if (compile->module != NULL) {
        gen_free(compile->module);
    }
    buffer_free(&compile->object);
    arena_free(&compile->arena);
}

const char *pass_name(PassId pass) {
    return passes[pass].name;
}

const char *pass_text(PassId pass) {
    return passes[pass].text;
}

bool pass_find(const char *name, PassId *pass) {
    for (PassId i = 0; i < PASS_COUNT; i++) {
        if (str_equal(passes[i].name, name)) {
            *pass = i;
            return true;
        }
    }
    return false;
}
