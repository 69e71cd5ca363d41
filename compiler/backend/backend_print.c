// The printed forms of what goes through here: `explain --ir` and `explain --asm`.
#include "backend/backend_internal.h"

#include <llvm-c/DebugInfo.h>

static void optimised_print(struct LLVMOpaqueModule *module, Target *target) {
    backend_target_open(target, module);
    backend_module_finish(module, target);
    backend_target_close(target);
}

void backend_print_ir(struct LLVMOpaqueModule *module,
                      const BackendOptions *options,
                      bool optimised,
                      Buffer *out) {
    Arena arena = {0};
    if (optimised) {
        Target target = backend_target(&arena, options);
        optimised_print(module, &target);
    }
    char *text = LLVMPrintModuleToString(module);
    buffer_text(out, text);
    LLVMDisposeMessage(text);
    arena_free(&arena);
}

// Without line tables, which would be most of the text.
void backend_print_asm(struct LLVMOpaqueModule *module,
                       const BackendOptions *options,
                       Buffer *out) {
    Arena arena = {0};
    Target target = backend_target(&arena, options);
    LLVMStripModuleDebugInfo(module);
    backend_target_open(&target, module);
    backend_module_finish(module, &target);
    char *message = NULL;
    LLVMMemoryBufferRef text = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(
            target.machine, module, LLVMAssemblyFile, &message, &text)) {
        flow_bug(__FILE__, __LINE__, message);
    }
    buffer_append(out, LLVMGetBufferStart(text), LLVMGetBufferSize(text));
    LLVMDisposeMemoryBuffer(text);
    backend_target_close(&target);
    arena_free(&arena);
}
