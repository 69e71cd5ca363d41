// The machine that code is made for: this one, or a level that many share. In a virtual machine the
// processor's name may promise features that are switched off, so name and features go together.
#include "backend/backend_internal.h"

#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Target.h>

static const char *copied(Arena *arena, char *text) {
    const char *copy = arena_string(arena, text);
    LLVMDisposeMessage(text);
    return copy;
}

Target backend_target(Arena *arena, const BackendOptions *options) {
    bool is_host = options->cpu == NULL || strcmp(options->cpu, "host") == 0;
    return (Target){
        .cpu = is_host ? copied(arena, LLVMGetHostCPUName()) : options->cpu,
        .features = is_host ? copied(arena, LLVMGetHostCPUFeatures()) : "",
        .optimise = options->optimise,
    };
}

// LLVM ends the process on errors of its own; they are bugs of ours.
static void fatal_error(const char *reason) {
    flow_bug(__FILE__, __LINE__, reason);
}

void backend_target_for_loading(void) {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
}

static LLVMCodeGenOptLevel code_level(int optimise) {
    return optimise == 0 ? LLVMCodeGenLevelNone
                         : (optimise == 1 ? LLVMCodeGenLevelLess : LLVMCodeGenLevelDefault);
}

// gen writes the data layout down without asking LLVM; here it has to be the same.
static void layout_check(const Target *target, LLVMModuleRef module) {
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target->machine);
    char *text = LLVMCopyStringRepOfTargetData(layout);
    ASSERT(strcmp(text, LLVMGetDataLayoutStr(module)) == 0);
    LLVMDisposeMessage(text);
    LLVMDisposeTargetData(layout);
}

void backend_target_open(Target *target, LLVMModuleRef module) {
    backend_target_for_loading();
    LLVMInitializeX86AsmPrinter();
    LLVMResetFatalErrorHandler();
    LLVMInstallFatalErrorHandler(fatal_error);
    LLVMTargetRef machine = NULL;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(LLVMGetTarget(module), &machine, &message)) {
        flow_bug(__FILE__, __LINE__, message);
    }
    target->machine = LLVMCreateTargetMachine(machine,
                                              LLVMGetTarget(module),
                                              target->cpu,
                                              target->features,
                                              code_level(target->optimise),
                                              LLVMRelocPIC,
                                              LLVMCodeModelSmall);
    layout_check(target, module);
}

void backend_target_close(Target *target) {
    LLVMDisposeTargetMachine(target->machine);
    target->machine = NULL;
}
