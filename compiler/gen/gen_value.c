// Values in registers and their forms in memory: columns (densely, bools and validity a byte each),
// FlowValues (16 bytes, whatever the type) and constants.
#include "gen/gen_internal.h"

enum { VIEW_BYTES = 16, VALUE_ALIGNMENT = 16 };

bool gen_is_view(const Type *type) {
    return type->kind == FLOW_STRING || type->kind == FLOW_BYTES;
}

bool gen_is_wide(const Type *type) {
    return type->kind == FLOW_DECIMAL && type->precision > 18;
}

LLVMTypeRef gen_type(const Gen *g, const Type *type) {
    switch (type->kind) {
    case FLOW_BOOL:
    case FLOW_NULL:
        return g->t.i1;
    case FLOW_INT8:
        return g->t.i8;
    case FLOW_INT16:
    case FLOW_ENUM:
        return g->t.i16;
    case FLOW_INT32:
    case FLOW_DATE:
        return g->t.i32;
    case FLOW_INT64:
    case FLOW_TIMESTAMP:
    case FLOW_DURATION:
        return g->t.i64;
    case FLOW_FLOAT32:
        return g->t.f32;
    case FLOW_FLOAT64:
        return g->t.f64;
    case FLOW_DECIMAL:
        return gen_is_wide(type) ? g->t.i128 : g->t.i64;
    case FLOW_STRING:
    case FLOW_BYTES:
    case FLOW_LIST:
    case FLOW_MAP:
    case FLOW_STRUCT:
        return g->t.ptr;
    case FLOW_KIND_COUNT:
        break;
    }
    ASSERT(type->kind < FLOW_KIND_COUNT);
    return NULL;
}

static LLVMValueRef empty_view(Gen *g) {
    if (g->empty_view == NULL) {
        g->empty_view = gen_view(g, (FlowView){0});
    }
    return g->empty_view;
}

// --- constants --------------------------------------------------------------------------------
GenValue gen_null(Gen *g, const Type *type) {
    LLVMValueRef value = gen_is_view(type) ? empty_view(g) : LLVMConstNull(gen_type(g, type));
    return (GenValue){value, gen_i1(g, false)};
}

GenValue gen_constant_value(Gen *g, const Type *type, FlowValue value) {
    if (gen_is_view(type)) {
        return (GenValue){gen_view(g, value.view), NULL};
    }
    if (type_is_nested(type)) {
        return (GenValue){gen_nested_constant(g, type, value.nested), NULL};
    }
    LLVMTypeRef form = gen_type(g, type);
    if (type_is_float(type)) {
        return (GenValue){LLVMConstReal(form, value.f64), NULL};
    }
    if (type->kind != FLOW_DECIMAL) {
        return (GenValue){LLVMConstInt(form, (uint64_t)value.i64, 1), NULL};
    }
    LLVMValueRef wide = gen_i128(g, value.i128);
    return (GenValue){gen_is_wide(type) ? wide : gen_int(form, (int64_t)value.i128), NULL};
}

// --- columns ----------------------------------------------------------------------------------
static LLVMTypeRef column_type(const Gen *g, const Type *type) {
    if (gen_is_view(type)) {
        return g->t.view;
    }
    return type->kind == FLOW_BOOL ? g->t.i8 : gen_type(g, type);
}

void gen_columns_forget(Gen *g) {
    g->loop = (GenLoop){.before = LLVMGetInsertBlock(g->b)};
    g->loop.columns = arena_array(&g->arena, GenColumn, g->pipeline->slot_count + 1);
    g->loop.computed = arena_array(&g->arena, GenValue, g->pipeline->slot_count + 1);
}

// The pointers are loaded once, before the loop.
GenColumn gen_column(Gen *g, uint32_t slot) {
    GenColumn *column = &g->loop.columns[slot];
    if (column->values == NULL) {
        LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
        LLVMPositionBuilderAtEnd(g->b, g->loop.before);
        LLVMValueRef columns = GEN_FIELD(g, FlowBatch, g->fn.batch, columns);
        LLVMValueRef place = gen_at(g, g->structs[GEN_FlowColumn], columns, gen_i64(g, slot));
        column->values = GEN_FIELD(g, FlowColumn, place, values);
        column->validity = GEN_FIELD(g, FlowColumn, place, validity);
        LLVMPositionBuilderAtEnd(g->b, here);
    }
    return *column;
}

static LLVMValueRef bool_load(Gen *g, LLVMValueRef bytes, const char *name) {
    LLVMValueRef byte = LLVMBuildLoad2(g->b, g->t.i8, gen_at(g, g->t.i8, bytes, g->loop.row), "");
    return LLVMBuildICmp(g->b, LLVMIntNE, byte, gen_int(g->t.i8, 0), name);
}

GenValue gen_slot_load(Gen *g, uint32_t slot) {
    const Type *type = g->pipeline->slots[slot].type;
    const char *name = g->pipeline->slots[slot].name;
    if (g->loop.computed[slot].value != NULL) {
        return g->loop.computed[slot];
    }
    GenColumn column = gen_column(g, slot);
    GenValue loaded = {0};
    if (type->is_nullable) {
        loaded.valid = bool_load(g, column.validity, "is_there");
    }
    if (type->kind == FLOW_BOOL) {
        loaded.value = bool_load(g, column.values, name);
        return loaded;
    }
    LLVMTypeRef form = column_type(g, type);
    loaded.value = gen_at(g, form, column.values, g->loop.row);
    if (!gen_is_view(type)) {
        loaded.value = LLVMBuildLoad2(g->b, form, loaded.value, name);
    } else if (loaded.valid != NULL && g->fn.batch != NULL) {
        // What lies under a null may not even be a view. (Dense functions follow no pointers.)
        loaded.value = LLVMBuildSelect(g->b, loaded.valid, loaded.value, empty_view(g), name);
    }
    return loaded;
}

static void byte_store(Gen *g, LLVMValueRef bit, LLVMValueRef bytes) {
    LLVMValueRef byte = LLVMBuildZExt(g->b, bit, g->t.i8, "");
    LLVMBuildStore(g->b, byte, gen_at(g, g->t.i8, bytes, g->loop.row));
}

void gen_slot_store(Gen *g, uint32_t slot, GenValue value) {
    const Type *type = g->pipeline->slots[slot].type;
    GenColumn column = gen_column(g, slot);
    ASSERT(type->is_nullable || value.valid == NULL);
    g->loop.computed[slot] = value; // stored at the row's top level: it holds for all that follows
    if (type->is_nullable) {
        byte_store(g, value.valid == NULL ? gen_i1(g, true) : value.valid, column.validity);
    }
    if (type->kind == FLOW_BOOL) {
        byte_store(g, value.value, column.values);
        return;
    }
    LLVMValueRef place = gen_at(g, column_type(g, type), column.values, g->loop.row);
    if (gen_is_view(type)) {
        enum { VIEW_ALIGNMENT = 8 };
        LLVMValueRef size = gen_i64(g, VIEW_BYTES);
        LLVMBuildMemCpy(g->b, place, VIEW_ALIGNMENT, value.value, VIEW_ALIGNMENT, size);
    } else {
        LLVMBuildStore(g->b, value.value, place);
    }
}

// --- FlowValues -------------------------------------------------------------------------------
static LLVMValueRef packed(Gen *g, const Type *type, LLVMValueRef value) {
    if (type->kind == FLOW_FLOAT64) {
        return value;
    }
    if (type->kind == FLOW_FLOAT32) {
        return LLVMBuildFPExt(g->b, value, g->t.f64, "");
    }
    if (type->kind == FLOW_BOOL || type->kind == FLOW_NULL || type->kind == FLOW_ENUM) {
        return LLVMBuildZExt(g->b, value, g->t.i64, "");
    }
    if (type_is_nested(type)) {
        return value;
    }
    LLVMTypeRef form = type->kind == FLOW_DECIMAL ? g->t.i128 : g->t.i64;
    return LLVMBuildIntCast2(g->b, value, form, 1, "");
}

void gen_value_pack(Gen *g, const Type *type, LLVMValueRef value, LLVMValueRef pointer) {
    if (gen_is_view(type)) {
        enum { VIEW_ALIGNMENT = 8 };
        LLVMValueRef size = gen_i64(g, VIEW_BYTES);
        LLVMBuildMemCpy(g->b, pointer, VALUE_ALIGNMENT, value, VIEW_ALIGNMENT, size);
        return;
    }
    value = packed(g, type, value);
    LLVMSetAlignment(LLVMBuildStore(g->b, value, pointer), VALUE_ALIGNMENT);
}

LLVMValueRef gen_value_unpack(Gen *g, const Type *type, LLVMValueRef pointer) {
    if (gen_is_view(type)) {
        return pointer;
    }
    LLVMTypeRef form = gen_type(g, type);
    if (type->kind == FLOW_FLOAT64 || type_is_nested(type)) {
        return gen_load(g, form, pointer, VALUE_ALIGNMENT, "");
    }
    if (type->kind == FLOW_FLOAT32) {
        LLVMValueRef wide = gen_load(g, g->t.f64, pointer, VALUE_ALIGNMENT, "");
        return LLVMBuildFPTrunc(g->b, wide, form, "");
    }
    LLVMTypeRef stored = type->kind == FLOW_DECIMAL ? g->t.i128 : g->t.i64;
    LLVMValueRef wide = gen_load(g, stored, pointer, VALUE_ALIGNMENT, "");
    return stored == form ? wide : LLVMBuildTrunc(g->b, wide, form, "");
}

GenValue gen_param_load(Gen *g, uint32_t index, const Type *type) {
    LLVMValueRef params = GEN_FIELD(g, FlowContext, g->fn.ctx, params);
    LLVMValueRef place = gen_at(g, g->t.value, params, gen_i64(g, index));
    GenValue loaded = {gen_value_unpack(g, type, place), NULL};
    if (type->is_nullable) {
        LLVMValueRef nulls = GEN_FIELD(g, FlowContext, g->fn.ctx, param_nulls);
        LLVMValueRef flag = gen_at(g, g->t.i8, nulls, gen_i64(g, index));
        LLVMValueRef is_null = LLVMBuildLoad2(g->b, g->t.i8, flag, "");
        loaded.valid = LLVMBuildICmp(g->b, LLVMIntEQ, is_null, gen_int(g->t.i8, 0), "");
        if (gen_is_view(type)) {
            loaded.value = LLVMBuildSelect(g->b, loaded.valid, loaded.value, empty_view(g), "");
        }
    }
    return loaded;
}

// --- either of two ----------------------------------------------------------------------------
static LLVMValueRef valid_or_true(const Gen *g, GenValue value) {
    return value.valid == NULL ? gen_i1(g, true) : value.valid;
}

GenValue
gen_merge(Gen *g, GenValue a, LLVMBasicBlockRef from_a, GenValue b, LLVMBasicBlockRef from_b) {
    GenValue merged = {gen_phi(g, a.value, from_a, b.value, from_b), NULL};
    if (a.valid != NULL || b.valid != NULL) {
        merged.valid = gen_phi(g, valid_or_true(g, a), from_a, valid_or_true(g, b), from_b);
    }
    return merged;
}

GenValue gen_select(Gen *g, LLVMValueRef condition, GenValue a, GenValue b) {
    GenValue selected = {LLVMBuildSelect(g->b, condition, a.value, b.value, ""), NULL};
    if (a.valid != NULL || b.valid != NULL) {
        selected.valid =
            LLVMBuildSelect(g->b, condition, valid_or_true(g, a), valid_or_true(g, b), "");
    }
    return selected;
}

LLVMValueRef gen_is_true(Gen *g, GenValue value) {
    return gen_and(g, value.value, value.valid);
}
