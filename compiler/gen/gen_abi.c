// The ABI lists as LLVM types and declarations. They are expanded from the files that the runtime
// is compiled from, and LLVM's offsets are compared with the C compiler's before anything is
// generated, so a field that moves can not be missed.
#include "gen/gen_internal.h"

#include <llvm-c/Target.h>

// --- structs ----------------------------------------------------------------------------------
#define STRUCT(name) static const GenField name##_fields[] = {
#define FIELD(owner, type, field) {GEN_FIELD_##type, 0, offsetof(owner, field)},
#define FIELD_REF(owner, field, target) {GEN_FIELD_REF, GEN_##target, offsetof(owner, field)},
#define FIELD_ARRAY(owner, field, target)                                                          \
    {GEN_FIELD_ARRAY, GEN_##target, offsetof(owner, field)},                                       \
        {GEN_FIELD_I64, 0, offsetof(owner, field##_count)},
#define FIELD_INTS(owner, field)                                                                   \
    {GEN_FIELD_INTS, 0, offsetof(owner, field)}, {GEN_FIELD_I64, 0, offsetof(owner, field##_count)},
#define END_STRUCT(name)                                                                           \
    }                                                                                              \
    ;
#include "abi/struct.def"
#undef STRUCT
#undef FIELD
#undef FIELD_REF
#undef FIELD_ARRAY
#undef FIELD_INTS
#undef END_STRUCT

const GenStructInfo gen_structs[GEN_STRUCT_COUNT] = {
#define STRUCT(name) {#name, name##_fields, COUNT_OF(name##_fields), sizeof(name)},
#define FIELD(owner, type, field)
#define FIELD_REF(owner, field, target)
#define FIELD_ARRAY(owner, field, target)
#define FIELD_INTS(owner, field)
#define END_STRUCT(name)
#include "abi/struct.def"
#undef STRUCT
#undef FIELD
#undef FIELD_REF
#undef FIELD_ARRAY
#undef FIELD_INTS
#undef END_STRUCT
};

static LLVMTypeRef field_type(const Gen *g, GenFieldType type) {
    switch (type) {
    case GEN_FIELD_I32:
        return g->t.i32;
    case GEN_FIELD_I64:
        return g->t.i64;
    case GEN_FIELD_STR:
    case GEN_FIELD_PTR:
    case GEN_FIELD_FN:
    case GEN_FIELD_REF:
    case GEN_FIELD_ARRAY:
    case GEN_FIELD_INTS:
        return g->t.ptr;
    }
    return NULL;
}

static LLVMTypeRef struct_type(Gen *g, const GenStructInfo *info) {
    LLVMTypeRef *types = arena_array(&g->arena, LLVMTypeRef, info->field_count);
    for (uint32_t i = 0; i < info->field_count; i++) {
        types[i] = field_type(g, info->fields[i].type);
    }
    LLVMTypeRef type = LLVMStructCreateNamed(g->context, info->name);
    LLVMStructSetBody(type, types, info->field_count, 0);
    return type;
}

static void struct_check(LLVMTargetDataRef layout, const GenStructInfo *info, LLVMTypeRef type) {
    for (uint32_t i = 0; i < info->field_count; i++) {
        ASSERT(LLVMOffsetOfElement(layout, type, i) == info->fields[i].offset);
    }
    ASSERT(LLVMABISizeOfType(layout, type) == info->size_bytes);
}

static void simple_types(Gen *g) {
    LLVMContextRef context = g->context;
    g->t = (GenTypes){.none = LLVMVoidTypeInContext(context),
                      .i1 = LLVMInt1TypeInContext(context),
                      .i8 = LLVMInt8TypeInContext(context),
                      .i16 = LLVMInt16TypeInContext(context),
                      .i32 = LLVMInt32TypeInContext(context),
                      .i64 = LLVMInt64TypeInContext(context),
                      .i128 = LLVMInt128TypeInContext(context),
                      .f32 = LLVMFloatTypeInContext(context),
                      .f64 = LLVMDoubleTypeInContext(context),
                      .ptr = LLVMPointerTypeInContext(context, 0)};
    LLVMTypeRef words[] = {g->t.i64, g->t.i64};
    g->t.view = LLVMStructTypeInContext(context, words, 2, 0);
    g->t.value = LLVMStructTypeInContext(context, &g->t.i128, 1, 0);
}

void gen_abi_types(Gen *g) {
    LLVMTargetDataRef layout = LLVMGetModuleDataLayout(g->module);
    simple_types(g);
    for (uint32_t i = 0; i < GEN_STRUCT_COUNT; i++) {
        g->structs[i] = struct_type(g, &gen_structs[i]);
        struct_check(layout, &gen_structs[i], g->structs[i]);
    }
    ASSERT(LLVMABISizeOfType(layout, g->t.view) == sizeof(FlowView));
    ASSERT(LLVMABISizeOfType(layout, g->t.value) == sizeof(FlowValue));
    ASSERT(LLVMABIAlignmentOfType(layout, g->t.value) == _Alignof(FlowValue));
}

LLVMValueRef gen_field(Gen *g, GenStruct of, LLVMValueRef pointer, uint32_t field) {
    return LLVMBuildStructGEP2(g->b, g->structs[of], pointer, field, "");
}

LLVMValueRef
gen_field_load(Gen *g, GenStruct of, LLVMValueRef pointer, uint32_t field, const char *name) {
    LLVMTypeRef type = field_type(g, gen_structs[of].fields[field].type);
    return LLVMBuildLoad2(g->b, type, gen_field(g, of, pointer, field), name);
}

// --- functions --------------------------------------------------------------------------------
typedef enum AbiType { END, VOID, I1, I32, I64, PTR } AbiType;

enum { ARGUMENTS_MAX = 6 };
typedef struct AbiFunction {
    const char *name;
    AbiType result;
    AbiType arguments[ARGUMENTS_MAX + 1]; // END after the last
} AbiFunction;

static const AbiFunction functions[GEN_FUNCTION_COUNT] = {
#define FN(name, result, ...) {#name, result, {__VA_ARGS__}},
#include "abi/function.def"
#undef FN
};

static LLVMTypeRef abi_type(const Gen *g, AbiType type) {
    const LLVMTypeRef types[] = {
        [VOID] = g->t.none, [I1] = g->t.i1, [I32] = g->t.i32, [I64] = g->t.i64, [PTR] = g->t.ptr};
    ASSERT(type != END);
    return types[type];
}

static bool is_rare(GenFunctionId id) {
    return id == GEN_flow_rt_reject || id == GEN_flow_rt_check_failed || id == GEN_flow_rt_key_grow;
}

static LLVMValueRef declaration(Gen *g, GenFunctionId id, LLVMTypeRef type) {
    LLVMValueRef function = LLVMGetNamedFunction(g->module, functions[id].name);
    if (function == NULL) {
        function = LLVMAddFunction(g->module, functions[id].name, type);
        gen_function_attribute(g, function, (uint32_t)LLVMAttributeFunctionIndex, "nounwind");
        if (functions[id].result == I1) {
            gen_function_attribute(g, function, LLVMAttributeReturnIndex, "zeroext");
        }
        if (is_rare(id)) {
            gen_function_attribute(g, function, (uint32_t)LLVMAttributeFunctionIndex, "cold");
        }
    }
    return function;
}

LLVMValueRef gen_call(Gen *g, GenFunctionId id, LLVMValueRef *arguments, const char *name) {
    LLVMTypeRef types[ARGUMENTS_MAX];
    uint32_t count = 0;
    for (; functions[id].arguments[count] != END; count++) {
        types[count] = abi_type(g, functions[id].arguments[count]);
    }
    LLVMTypeRef type = LLVMFunctionType(abi_type(g, functions[id].result), types, count, 0);
    LLVMValueRef function = declaration(g, id, type);
    return LLVMBuildCall2(g->b, type, function, arguments, count, name);
}
