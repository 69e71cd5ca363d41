// Lists, maps and structs: a value is a pointer to a FlowNested, made in the batch's arena or a
// constant of the object. The pointer under a null is never followed.
#include "gen/gen_internal.h"

enum { HEADER_BYTES = 32, VALUE_BYTES = 16, VALUE_ALIGNMENT = 16, POINTER_ALIGNMENT = 8 };
_Static_assert(sizeof(FlowNested) <= HEADER_BYTES, "the items stand behind it, aligned");

// --- making -----------------------------------------------------------------------------------
static void part_store(Gen *g, LLVMValueRef nested, size_t offset, LLVMValueRef value) {
    LLVMValueRef place = gen_at(g, g->t.i8, nested, gen_i64(g, (int64_t)offset));
    gen_store(g, value, place, POINTER_ALIGNMENT);
}

static bool has_nullable(const GenValue *items, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].valid != NULL) {
            return true;
        }
    }
    return false;
}

static void items_store(Gen *g, const Expr *expr, const GenValue *values, LLVMValueRef items) {
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        LLVMValueRef place = gen_at(g, g->t.value, items, gen_i64(g, i));
        gen_value_pack(g, expr->arguments[i]->type, values[i].value, place);
    }
}

static void validity_store(Gen *g, const GenValue *values, uint32_t count, LLVMValueRef validity) {
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef valid = values[i].valid == NULL ? gen_i1(g, true) : values[i].valid;
        LLVMValueRef byte = LLVMBuildZExt(g->b, valid, g->t.i8, "");
        gen_store(g, byte, gen_at(g, g->t.i8, validity, gen_i64(g, i)), 1);
    }
}

// One piece of memory: header, items, then a validity byte each if one of them may be null.
GenValue gen_nested_make(Gen *g, const Expr *expr, const GenValue *arguments) {
    uint32_t count = expr->argument_count;
    bool has_validity = has_nullable(arguments, count);
    int64_t items_end = HEADER_BYTES + (int64_t)count * VALUE_BYTES;
    LLVMValueRef room[] = {g->fn.ctx, gen_i64(g, items_end + (has_validity ? count : 0))};
    LLVMValueRef nested = gen_call(g, GEN_flow_rt_bytes_new, room, "nested");
    LLVMValueRef items = gen_at(g, g->t.i8, nested, gen_i64(g, HEADER_BYTES));
    LLVMValueRef validity = LLVMConstNull(g->t.ptr);
    items_store(g, expr, arguments, items);
    if (has_validity) {
        validity = gen_at(g, g->t.i8, nested, gen_i64(g, items_end));
        validity_store(g, arguments, count, validity);
    }
    part_store(g, nested, offsetof(FlowNested, count), gen_i64(g, count));
    part_store(g, nested, offsetof(FlowNested, items), items);
    part_store(g, nested, offsetof(FlowNested, validity), validity);
    return (GenValue){nested, NULL};
}

// --- reading ----------------------------------------------------------------------------------
static LLVMValueRef part_load(Gen *g, LLVMValueRef nested, size_t offset, LLVMTypeRef type) {
    LLVMValueRef place = gen_at(g, g->t.i8, nested, gen_i64(g, (int64_t)offset));
    return gen_load(g, type, place, POINTER_ALIGNMENT, "");
}

// Without validity bytes every item is there: then a byte of the stack says so.
static LLVMValueRef item_valid(Gen *g, LLVMValueRef nested, LLVMValueRef index) {
    LLVMValueRef bytes = part_load(g, nested, offsetof(FlowNested, validity), g->t.ptr);
    LLVMValueRef always = gen_alloca(g, g->t.i8, "always");
    LLVMBuildStore(g->b, gen_int(g->t.i8, 1), always);
    LLVMValueRef place = LLVMBuildSelect(
        g->b, LLVMBuildIsNull(g->b, bytes, ""), always, gen_at(g, g->t.i8, bytes, index), "");
    LLVMValueRef byte = LLVMBuildLoad2(g->b, g->t.i8, place, "");
    return LLVMBuildICmp(g->b, LLVMIntNE, byte, gen_int(g->t.i8, 0), "");
}

GenValue gen_value_read(Gen *g, const Type *type, LLVMValueRef place, LLVMValueRef valid) {
    GenValue read = {gen_value_unpack(g, type, place), valid};
    if (valid != NULL && gen_is_view(type)) { // what lies under a null may not be a view
        LLVMValueRef empty = gen_null(g, type).value;
        read.value = LLVMBuildSelect(g->b, valid, read.value, empty, "");
    }
    return read;
}

static GenValue item_load(Gen *g, const Type *type, LLVMValueRef nested, LLVMValueRef index) {
    LLVMValueRef items = part_load(g, nested, offsetof(FlowNested, items), g->t.ptr);
    LLVMValueRef valid = type->is_nullable ? item_valid(g, nested, index) : NULL;
    return gen_value_read(g, type, gen_at(g, g->t.value, items, index), valid);
}

typedef struct Item {
    const Type *type;
    LLVMValueRef nested;
    LLVMValueRef index;
} Item;

// The item if the condition holds, else null.
static GenValue item_if(Gen *g, const Item *item, LLVMValueRef condition) {
    LLVMBasicBlockRef null_at = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef there = gen_block(g, "item.there");
    LLVMBasicBlockRef done = gen_block(g, "item.done");
    LLVMBuildCondBr(g->b, condition, there, done);
    LLVMPositionBuilderAtEnd(g->b, there);
    GenValue loaded = item_load(g, item->type, item->nested, item->index);
    LLVMBasicBlockRef loaded_at = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_merge(g, gen_null(g, item->type), null_at, loaded, loaded_at);
}

GenValue gen_struct_field(Gen *g, const Expr *expr, const GenValue *arguments) {
    const Type *type = expr->arguments[0]->type->children[expr->index].type;
    Item item = {type, arguments[0].value, gen_i64(g, expr->index)};
    return arguments[0].valid == NULL ? item_load(g, type, item.nested, item.index)
                                      : item_if(g, &item, arguments[0].valid);
}

static LLVMValueRef empty_nested(Gen *g) {
    static const FlowNested empty = {0};
    Type type = {.kind = FLOW_LIST};
    return gen_nested_constant(g, &type, &empty);
}

GenValue gen_index(Gen *g, const Expr *expr, const GenValue *arguments) {
    const Type *type = expr->arguments[0]->type;
    if (type->kind == FLOW_MAP) {
        return gen_kernel(g, "map_get", expr, arguments);
    }
    LLVMValueRef list = arguments[0].value;
    LLVMValueRef valid = gen_valid_both(g, arguments);
    if (arguments[0].valid != NULL) {
        list = LLVMBuildSelect(g->b, arguments[0].valid, list, empty_nested(g), "");
    }
    LLVMValueRef count = part_load(g, list, offsetof(FlowNested, count), g->t.i64);
    LLVMValueRef is_inside =
        LLVMBuildICmp(g->b, LLVMIntULT, arguments[1].value, count, "is_inside");
    Item item = {type->children[0].type, list, arguments[1].value};
    return item_if(g, &item, gen_and(g, is_inside, valid));
}
