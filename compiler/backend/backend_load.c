// Object bytes to running code by JITLink, which maps memory writable, fills it and only then makes
// it executable. The object sees the symbols that it is given and nothing else of the process, so a
// call that is missing from the ABI lists fails here too, not only when an executable is linked.
#include "backend/backend_internal.h"

#include <llvm-c/LLJIT.h>

struct BackendCode {
    LLVMOrcLLJITRef jit;
    const FlowProgram *program;
    Buffer errors; // what the session reported
};

static void error_collect(BackendCode *code, LLVMErrorRef error) {
    char *message = LLVMGetErrorMessage(error);
    buffer_text(&code->errors, message);
    buffer_char(&code->errors, '\n');
    LLVMDisposeErrorMessage(message);
}

static void on_session_error(void *context, LLVMErrorRef error) {
    error_collect(context, error);
}

// Loading our own object fails only if it was made wrongly.
static void must(BackendCode *code, LLVMErrorRef error) {
    if (error != NULL) {
        error_collect(code, error);
        flow_bug(__FILE__, __LINE__, buffer_cstring(&code->errors));
    }
}

static void symbols_define(BackendCode *code, LLVMOrcJITDylibRef library, BackendSymbols symbols) {
    Arena arena = {0};
    LLVMOrcCSymbolMapPair *pairs = arena_array(&arena, LLVMOrcCSymbolMapPair, symbols.count + 1);
    for (uint32_t i = 0; i < symbols.count; i++) {
        pairs[i].Name = LLVMOrcLLJITMangleAndIntern(code->jit, symbols.items[i].name);
        pairs[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)symbols.items[i].address;
        pairs[i].Sym.Flags.GenericFlags =
            (uint8_t)(LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable);
    }
    must(code, LLVMOrcJITDylibDefine(library, LLVMOrcAbsoluteSymbols(pairs, symbols.count)));
    arena_free(&arena);
}

typedef struct Found {
    LLVMErrorRef error;
    uint64_t address;
} Found;

static void
on_found(LLVMErrorRef error, LLVMOrcCSymbolMapPairs pairs, size_t count, void *context) {
    Found *found = context;
    found->error = error;
    found->address = error == NULL && count > 0 ? pairs[0].Sym.Address : 0;
}

static uint64_t symbol_find(BackendCode *code, LLVMOrcJITDylibRef library, const char *name) {
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(code->jit);
    LLVMOrcCJITDylibSearchOrderElement order = {library, LLVMOrcJITDylibLookupFlagsMatchAllSymbols};
    LLVMOrcCLookupSetElement wanted = {LLVMOrcLLJITMangleAndIntern(code->jit, name),
                                       LLVMOrcSymbolLookupFlagsRequiredSymbol};
    Found found = {0};
    LLVMOrcExecutionSessionLookup(
        session, LLVMOrcLookupKindStatic, &order, 1, &wanted, 1, on_found, &found);
    must(code, found.error);
    return found.address;
}

BackendCode *backend_load(const Buffer *object, BackendSymbols symbols) {
    backend_target_for_loading();
    BackendCode *code = memory_alloc(sizeof(*code));
    *code = (BackendCode){0};
    must(code, LLVMOrcCreateLLJIT(&code->jit, NULL));
    LLVMOrcExecutionSessionRef session = LLVMOrcLLJITGetExecutionSession(code->jit);
    LLVMOrcExecutionSessionSetErrorReporter(session, on_session_error, code);
    LLVMOrcJITDylibRef library = LLVMOrcExecutionSessionCreateBareJITDylib(session, "flow");
    symbols_define(code, library, symbols);
    LLVMMemoryBufferRef bytes =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(object->data, object->length, "flow");
    must(code, LLVMOrcLLJITAddObjectFile(code->jit, library, bytes)); // consumes the bytes
    code->program = (const FlowProgram *)(uintptr_t)symbol_find(code, library, "flow_program");
    return code;
}

const FlowProgram *backend_program(const BackendCode *code) {
    return code->program;
}

void backend_unload(BackendCode *code) {
    must(code, LLVMOrcDisposeLLJIT(code->jit));
    buffer_free(&code->errors);
    memory_free(code);
}
