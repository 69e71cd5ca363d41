// Functions and the places in the .flow file that their instructions come from. Line tables only:
// enough for a debugger, a profiler and a backtrace, and nothing that depends on the build machine.
#include "gen/gen_internal.h"

void gen_debug_begin(Gen *g) {
    static const char producer[] = "flowc";
    const char *file = g->plan->graph->file;
    g->debug = LLVMCreateDIBuilder(g->module);
    g->debug_file = LLVMDIBuilderCreateFile(g->debug, file, strlen(file), ".", 1);
    LLVMDIBuilderCreateCompileUnit(g->debug,
                                   LLVMDWARFSourceLanguageC99,
                                   g->debug_file,
                                   producer,
                                   sizeof(producer) - 1,
                                   1,
                                   "",
                                   0,
                                   0,
                                   "",
                                   0,
                                   LLVMDWARFEmissionLineTablesOnly,
                                   0,
                                   0,
                                   0,
                                   "",
                                   0,
                                   "",
                                   0);
    static const struct {
        const char *name;
        uint32_t value;
    } flags[] = {{"Debug Info Version", 3}, {"Dwarf Version", 4}};
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        LLVMAddModuleFlag(g->module,
                          LLVMModuleFlagBehaviorWarning,
                          flags[i].name,
                          strlen(flags[i].name),
                          LLVMValueAsMetadata(gen_i32(g, flags[i].value)));
    }
}

void gen_debug_end(Gen *g) {
    LLVMDIBuilderFinalize(g->debug);
    LLVMDisposeDIBuilder(g->debug);
}

void gen_debug_at(Gen *g, Span span) {
    LLVMMetadataRef location = LLVMDIBuilderCreateDebugLocation(
        g->context, span.start_line, span.start_column, g->fn.scope, NULL);
    LLVMSetCurrentDebugLocation2(g->b, location);
}

void gen_function_attribute(Gen *g, LLVMValueRef function, uint32_t index, const char *name) {
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    ASSERT(kind != 0);
    LLVMAddAttributeAtIndex(function, index, LLVMCreateEnumAttribute(g->context, kind, 0));
}

static void text_attribute(Gen *g, LLVMValueRef function, const char *name, const char *value) {
    LLVMAttributeRef attribute = LLVMCreateStringAttribute(
        g->context, name, (unsigned)strlen(name), value, (unsigned)strlen(value));
    LLVMAddAttributeAtIndex(function, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

static LLVMMetadataRef subprogram(Gen *g, LLVMValueRef function, Span span) {
    size_t length = 0;
    const char *name = LLVMGetValueName2(function, &length);
    LLVMMetadataRef type =
        LLVMDIBuilderCreateSubroutineType(g->debug, g->debug_file, NULL, 0, LLVMDIFlagZero);
    LLVMMetadataRef scope = LLVMDIBuilderCreateFunction(g->debug,
                                                        g->debug_file,
                                                        name,
                                                        length,
                                                        name,
                                                        length,
                                                        g->debug_file,
                                                        span.start_line,
                                                        type,
                                                        0,
                                                        1,
                                                        span.start_line,
                                                        LLVMDIFlagZero,
                                                        1);
    LLVMSetSubprogram(function, scope);
    return scope;
}

void gen_function_begin(Gen *g, LLVMValueRef function, Span span) {
    gen_function_attribute(g, function, (uint32_t)LLVMAttributeFunctionIndex, "nounwind");
    text_attribute(g, function, "frame-pointer", "all");
    if (g->cpu != NULL) {
        text_attribute(g, function, "target-cpu", g->cpu);
    }
    g->fn = (GenFn){.function = function, .scope = subprogram(g, function, span)};
    g->fn.entry = gen_block(g, "entry");
    LLVMPositionBuilderAtEnd(g->b, gen_block(g, "body"));
    gen_debug_at(g, span);
}

void gen_function_end(Gen *g) {
    LLVMPositionBuilderAtEnd(g->b, g->fn.entry);
    LLVMBuildBr(g->b, LLVMGetNextBasicBlock(g->fn.entry));
}
