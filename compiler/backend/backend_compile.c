// IR to object bytes: links the helpers that are called, runs the passes, emits. The same for a
// run, a build and the cache, so that there is no code that only one of them has seen.
#include "backend/backend_internal.h"

#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/Error.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Transforms/PassBuilder.h>

const char backend_passes_version[] = "2"; // to be raised when the passes below change

#define PASSES(text) "internalize<preserve-gv=flow_program>,globaldce," text

// For runs: what makes up nearly all of the gain (inlining of helpers, registers, loop invariants,
// vectors) in a third of the time of LLVM's O2, which is for executables (docs/decisions).
#define COMBINE "instcombine<no-verify-fixpoint>"
#define PASSES_QUICK                                                                               \
    PASSES("always-inline,cgscc(inline),"                                                          \
           "function(sroa,early-cse<memssa>,simplifycfg," COMBINE ","                              \
           "loop-mssa(loop-rotate,licm),gvn,loop-vectorize," COMBINE ",simplifycfg),"              \
           "globaldce")

static const char *passes(int optimise) {
    static const char *const texts[] = {
        PASSES("default<O0>"),
        PASSES_QUICK,
        PASSES("default<O2>"),
    };
    ASSERT(optimise >= 0 && (size_t)optimise < COUNT_OF(texts));
    return texts[optimise];
}

static void error_is_bug(LLVMErrorRef error) {
    if (error != NULL) {
        flow_bug(__FILE__, __LINE__, LLVMGetErrorMessage(error));
    }
}

static void attribute_remove(LLVMValueRef function, const char *name) {
    LLVMRemoveStringAttributeAtIndex(
        function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, name, (unsigned)strlen(name));
}

// linkonce_odr makes the linker take only what is called. The helpers lose the processor that clang
// has stamped on them, and become code for the one that the module is compiled for.
static void helper_prepare(LLVMValueRef function) {
    LLVMSetLinkage(function, LLVMLinkOnceODRLinkage);
    attribute_remove(function, "target-cpu");
    attribute_remove(function, "target-features");
    attribute_remove(function, "tune-cpu");
}

static void helpers_link(LLVMModuleRef module) {
    LLVMMemoryBufferRef bitcode = LLVMCreateMemoryBufferWithMemoryRange(
        (const char *)backend_helpers, backend_helpers_bytes, "helpers", 0);
    LLVMModuleRef helpers = NULL;
    LLVMBool failed =
        LLVMGetBitcodeModuleInContext2(LLVMGetModuleContext(module), bitcode, &helpers);
    ASSERT(!failed);
    for (LLVMValueRef f = LLVMGetFirstFunction(helpers); f != NULL; f = LLVMGetNextFunction(f)) {
        if (!LLVMIsDeclaration(f)) {
            helper_prepare(f);
        }
    }
    failed = LLVMLinkModules2(module, helpers); // consumes the helpers
    ASSERT(!failed);
}

static void module_verify(LLVMModuleRef module) {
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        flow_bug(__FILE__, __LINE__, message);
    }
    LLVMDisposeMessage(message);
}

void backend_module_finish(LLVMModuleRef module, const Target *target) {
    helpers_link(module);
    module_verify(module);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    error_is_bug(LLVMRunPasses(module, passes(target->optimise), target->machine, options));
    LLVMDisposePassBuilderOptions(options);
}

static void object_emit(LLVMModuleRef module, Target *target, Buffer *object) {
    backend_target_open(target, module);
    backend_module_finish(module, target);
    char *message = NULL;
    LLVMMemoryBufferRef bytes = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(
            target->machine, module, LLVMObjectFile, &message, &bytes)) {
        flow_bug(__FILE__, __LINE__, message);
    }
    buffer_append(object, LLVMGetBufferStart(bytes), LLVMGetBufferSize(bytes));
    LLVMDisposeMemoryBuffer(bytes);
    backend_target_close(target);
}

void backend_compile(struct LLVMOpaqueModule *module,
                     const BackendOptions *options,
                     Buffer *object,
                     BackendStats *stats) {
    Arena arena = {0};
    Target target = backend_target(&arena, options);
    bool is_cached = false;
    if (options->cache == NULL) {
        object_emit(module, &target, object);
    } else {
        CacheKey key = backend_cache_key(module, &target);
        is_cached = backend_cache_read(options->cache, key, object);
        if (!is_cached) {
            object_emit(module, &target, object);
            backend_cache_write(options->cache, key, object);
        }
    }
    if (stats != NULL) {
        *stats = (BackendStats){.is_cached = is_cached};
    }
    arena_free(&arena);
}
