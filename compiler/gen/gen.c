// A run of the generator: the module, its functions and constants.
#include "gen/gen_internal.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/Target.h>

// What LLVM and clang use on x86-64 Linux; written out, so that making IR needs no target machine.
// backend compares it with the one it compiles for.
static const char triple[] = "x86_64-pc-linux-gnu";
static const char data_layout[] =
    "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";

static void module_new(Gen *g) {
    g->context = LLVMContextCreate();
    g->module = LLVMModuleCreateWithNameInContext(g->layout->program->name, g->context);
    g->b = LLVMCreateBuilderInContext(g->context);
    LLVMSetTarget(g->module, triple);
    LLVMSetDataLayout(g->module, data_layout);
    const char *file = g->plan->graph->file;
    LLVMSetSourceFileName(g->module, file, strlen(file));
}

static void pipelines_declare(Gen *g) {
    LLVMTypeRef parameters[] = {g->t.ptr, g->t.ptr};
    LLVMTypeRef type = LLVMFunctionType(g->t.i32, parameters, COUNT_OF(parameters), 0);
    uint32_t count = g->plan->pipelines.count;
    g->pipelines = arena_array(&g->arena, LLVMValueRef, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const char *name =
            arena_format(&g->arena, "flow.pipeline.%s", g->plan->pipelines.items[i].name);
        g->pipelines[i] = LLVMAddFunction(g->module, name, type);
    }
}

// Before passes see it: the verifier reports what would crash the optimiser.
static void module_verify(LLVMModuleRef module) {
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        flow_bug(__FILE__, __LINE__, message);
    }
    LLVMDisposeMessage(message);
}

struct LLVMOpaqueModule *gen_run(const Layout *layout, GenLevels levels) {
    Gen g = {.layout = layout, .plan = layout->plan};
    module_new(&g);
    gen_abi_types(&g);
    gen_debug_begin(&g);
    pipelines_declare(&g);
    gen_program(&g);
    gen_pipelines(&g, levels);
    gen_debug_end(&g);
    LLVMDisposeBuilder(g.b);
    module_verify(g.module);
    arena_free(&g.arena);
    return g.module;
}

void gen_free(struct LLVMOpaqueModule *module) {
    LLVMContextRef context = LLVMGetModuleContext(module);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
}
