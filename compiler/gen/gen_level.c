// Code for several levels of processors in one object: each pipeline's function picks its variant
// by what the machine has, once for a batch. The features are those that libgcc collects before
// main
// (`__cpu_model`), the same as behind __builtin_cpu_supports.
#include "gen/gen_internal.h"

// Bit numbers in the first word of features; part of libgcc's ABI.
enum {
    CPU_AVX2 = 10,
    CPU_FMA = 14,
    CPU_AVX512F = 15,
    CPU_BMI = 16,
    CPU_BMI2 = 17,
    CPU_AVX512VL = 20,
    CPU_AVX512BW = 21,
    CPU_AVX512DQ = 22,
    CPU_AVX512CD = 23,
};
#define BIT(number) (UINT32_C(1) << (number))
#define V3_FEATURES (BIT(CPU_AVX2) | BIT(CPU_FMA) | BIT(CPU_BMI) | BIT(CPU_BMI2))
#define V4_FEATURES                                                                                \
    (V3_FEATURES | BIT(CPU_AVX512F) | BIT(CPU_AVX512VL) | BIT(CPU_AVX512BW) | BIT(CPU_AVX512DQ) |  \
     BIT(CPU_AVX512CD))

typedef struct Level {
    const char *cpu;
    const char *suffix;
    uint32_t features;
} Level;

// From the least to the greatest.
static const Level levels_known[] = {
    {"x86-64-v2", ".v2", 0},
    {"x86-64-v3", ".v3", V3_FEATURES},
    {"x86-64-v4", ".v4", V4_FEATURES},
};

static LLVMValueRef features_load(Gen *g) {
    enum { FEATURES_WORD = 3 }; // after vendor, type and subtype
    LLVMTypeRef type = LLVMArrayType2(g->t.i32, FEATURES_WORD + 1);
    LLVMValueRef model = LLVMGetNamedGlobal(g->module, "__cpu_model");
    if (model == NULL) {
        model = LLVMAddGlobal(g->module, type, "__cpu_model");
        LLVMSetVisibility(model, LLVMHiddenVisibility); // it is linked into the executable
    }
    return LLVMBuildLoad2(
        g->b, g->t.i32, gen_at(g, g->t.i32, model, gen_i64(g, FEATURES_WORD)), "features");
}

static LLVMValueRef variant_choose(Gen *g, const LLVMValueRef *variants) {
    LLVMValueRef features = features_load(g);
    LLVMValueRef chosen = variants[0];
    for (size_t i = 1; i < COUNT_OF(levels_known); i++) {
        LLVMValueRef wanted = gen_i32(g, (int64_t)levels_known[i].features);
        LLVMValueRef common = LLVMBuildAnd(g->b, features, wanted, "");
        LLVMValueRef has_all = LLVMBuildICmp(g->b, LLVMIntEQ, common, wanted, levels_known[i].cpu);
        chosen = LLVMBuildSelect(g->b, has_all, variants[i], chosen, "");
    }
    return chosen;
}

static void dispatcher_emit(Gen *g, uint32_t index, const LLVMValueRef *variants) {
    LLVMValueRef function = g->pipelines[index];
    gen_function_begin(g, function, g->plan->pipelines.items[index].span);
    LLVMValueRef arguments[] = {LLVMGetParam(function, 0), LLVMGetParam(function, 1)};
    LLVMTypeRef type = LLVMGlobalGetValueType(function);
    LLVMValueRef chosen = variant_choose(g, variants);
    LLVMBuildRet(g->b, LLVMBuildCall2(g->b, type, chosen, arguments, COUNT_OF(arguments), ""));
    gen_function_end(g);
}

static LLVMValueRef variant_new(Gen *g, uint32_t index, const Level *level) {
    const char *name = g->plan->pipelines.items[index].name;
    LLVMTypeRef type = LLVMGlobalGetValueType(g->pipelines[index]);
    LLVMValueRef variant = LLVMAddFunction(
        g->module, arena_format(&g->arena, "flow.pipeline.%s%s", name, level->suffix), type);
    LLVMSetLinkage(variant, LLVMInternalLinkage);
    return variant;
}

static void variants_emit(Gen *g, uint32_t index) {
    LLVMValueRef variants[COUNT_OF(levels_known)];
    for (size_t i = 0; i < COUNT_OF(levels_known); i++) {
        variants[i] = variant_new(g, index, &levels_known[i]);
        g->cpu = levels_known[i].cpu;
        gen_pipeline(g, index, variants[i]);
    }
    g->cpu = NULL;
    dispatcher_emit(g, index, variants);
}

void gen_pipelines(Gen *g, GenLevels levels) {
    for (uint32_t i = 0; i < g->plan->pipelines.count; i++) {
        if (levels == GEN_ALL_LEVELS) {
            variants_emit(g, i);
        } else {
            gen_pipeline(g, i, g->pipelines[i]);
        }
    }
}
