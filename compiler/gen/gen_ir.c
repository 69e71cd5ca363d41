// Instructions in short: what LLVM-C spells out in several calls and every emitter needs.
#include "gen/gen_internal.h"

LLVMValueRef gen_int(LLVMTypeRef type, int64_t value) {
    if (LLVMGetIntTypeWidth(type) > 64) {
        uint64_t words[] = {(uint64_t)value, value < 0 ? UINT64_MAX : 0};
        return LLVMConstIntOfArbitraryPrecision(type, 2, words);
    }
    return LLVMConstInt(type, (uint64_t)value, 1);
}

LLVMValueRef gen_i1(const Gen *g, bool value) {
    return LLVMConstInt(g->t.i1, value, 0);
}

LLVMValueRef gen_i32(const Gen *g, int64_t value) {
    return gen_int(g->t.i32, value);
}

LLVMValueRef gen_i64(const Gen *g, int64_t value) {
    return gen_int(g->t.i64, value);
}

LLVMValueRef gen_i128(const Gen *g, i128 value) {
    uint64_t words[] = {(uint64_t)value, (uint64_t)((u128)value >> 64)};
    return LLVMConstIntOfArbitraryPrecision(g->t.i128, 2, words);
}

// --- blocks -----------------------------------------------------------------------------------
LLVMBasicBlockRef gen_block(Gen *g, const char *name) {
    return LLVMAppendBasicBlockInContext(g->context, g->fn.function, name);
}

void gen_goto(Gen *g, LLVMBasicBlockRef block) {
    LLVMBuildBr(g->b, block);
    LLVMPositionBuilderAtEnd(g->b, block);
}

void gen_branch_rare(Gen *g,
                     LLVMValueRef condition,
                     LLVMBasicBlockRef rare,
                     LLVMBasicBlockRef usual) {
    static const char what[] = "branch_weights";
    LLVMMetadataRef weights[] = {LLVMMDStringInContext2(g->context, what, sizeof(what) - 1),
                                 LLVMValueAsMetadata(gen_i32(g, 1)),
                                 LLVMValueAsMetadata(gen_i32(g, 100000))};
    LLVMMetadataRef node = LLVMMDNodeInContext2(g->context, weights, COUNT_OF(weights));
    LLVMValueRef branch = LLVMBuildCondBr(g->b, condition, rare, usual);
    LLVMSetMetadata(branch,
                    LLVMGetMDKindIDInContext(g->context, "prof", 4),
                    LLVMMetadataAsValue(g->context, node));
}

LLVMValueRef gen_phi(
    Gen *g, LLVMValueRef a, LLVMBasicBlockRef from_a, LLVMValueRef b, LLVMBasicBlockRef from_b) {
    LLVMValueRef phi = LLVMBuildPhi(g->b, LLVMTypeOf(a), "");
    LLVMAddIncoming(phi, &a, &from_a, 1);
    LLVMAddIncoming(phi, &b, &from_b, 1);
    return phi;
}

// --- memory -----------------------------------------------------------------------------------
// In the entry block, so that a loop does not grow the stack and SROA takes it into registers.
LLVMValueRef gen_alloca(Gen *g, LLVMTypeRef type, const char *name) {
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    LLVMPositionBuilderAtEnd(g->b, g->fn.entry);
    LLVMValueRef memory = LLVMBuildAlloca(g->b, type, name);
    LLVMPositionBuilderAtEnd(g->b, here);
    return memory;
}

LLVMValueRef gen_at(Gen *g, LLVMTypeRef type, LLVMValueRef pointer, LLVMValueRef index) {
    return LLVMBuildInBoundsGEP2(g->b, type, pointer, &index, 1, "");
}

LLVMValueRef
gen_load(Gen *g, LLVMTypeRef type, LLVMValueRef pointer, uint32_t alignment, const char *name) {
    LLVMValueRef load = LLVMBuildLoad2(g->b, type, pointer, name);
    LLVMSetAlignment(load, alignment);
    return load;
}

void gen_store(Gen *g, LLVMValueRef value, LLVMValueRef pointer, uint32_t alignment) {
    LLVMSetAlignment(LLVMBuildStore(g->b, value, pointer), alignment);
}

void gen_add_to(Gen *g, LLVMTypeRef type, LLVMValueRef pointer, LLVMValueRef amount) {
    enum { ACCUMULATOR_ALIGNMENT = 8 };
    LLVMValueRef before = gen_load(g, type, pointer, ACCUMULATOR_ALIGNMENT, "");
    gen_store(g, LLVMBuildAdd(g->b, before, amount, ""), pointer, ACCUMULATOR_ALIGNMENT);
}

// --- operators --------------------------------------------------------------------------------
LLVMValueRef gen_intrinsic(
    Gen *g, const char *name, LLVMTypeRef overload, LLVMValueRef *arguments, uint32_t count) {
    unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
    ASSERT(id != 0);
    LLVMValueRef function = LLVMGetIntrinsicDeclaration(g->module, id, &overload, 1);
    LLVMTypeRef type = LLVMIntrinsicGetType(g->context, id, &overload, 1);
    return LLVMBuildCall2(g->b, type, function, arguments, count, "");
}

LLVMValueRef gen_and(Gen *g, LLVMValueRef a, LLVMValueRef b) {
    if (a == NULL || b == NULL) {
        return a == NULL ? b : a;
    }
    return LLVMBuildAnd(g->b, a, b, "");
}

LLVMValueRef gen_not(Gen *g, LLVMValueRef a) {
    return LLVMBuildNot(g->b, a, "");
}
