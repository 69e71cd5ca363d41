// The program's constants: walks the FlowProgram in memory by the field tables of the ABI and
// writes down what it finds. Each array becomes a private global; only flow_program has a name to
// the outside.
#include "gen/gen_internal.h"

static LLVMValueRef private_global(Gen *g, LLVMTypeRef type, LLVMValueRef value, const char *name) {
    LLVMValueRef global = LLVMAddGlobal(g->module, type, name);
    LLVMSetInitializer(global, value);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetGlobalConstant(global, 1);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    return global;
}

static LLVMValueRef bytes_global(Gen *g, const char *bytes, size_t length, bool is_terminated) {
    LLVMValueRef value =
        LLVMConstStringInContext2(g->context, bytes, length, is_terminated ? 0 : 1);
    return private_global(g, LLVMTypeOf(value), value, "text");
}

static LLVMValueRef
array_global(Gen *g, LLVMTypeRef type, LLVMValueRef *values, uint32_t count, const char *name) {
    LLVMValueRef value = LLVMConstArray2(type, values, count);
    return private_global(g, LLVMArrayType2(type, count), value, name);
}

LLVMValueRef gen_table(Gen *g, LLVMTypeRef type, LLVMValueRef *values, uint32_t count) {
    return array_global(g, type, values, count, "table");
}

LLVMValueRef gen_ints(Gen *g, const int32_t *values, uint32_t count) {
    if (count == 0) {
        return LLVMConstNull(g->t.ptr);
    }
    LLVMValueRef *ints = arena_array(&g->arena, LLVMValueRef, count);
    for (uint32_t i = 0; i < count; i++) {
        ints[i] = gen_i32(g, values[i]);
    }
    return array_global(g, g->t.i32, ints, count, "ints");
}

// --- structs by their field tables ------------------------------------------------------------
static const char *pointer_read(const char *place) {
    const char *pointer;
    memcpy(&pointer, place, sizeof(pointer));
    return pointer;
}

static int64_t i64_read(const char *place) {
    int64_t value;
    memcpy(&value, place, sizeof(value));
    return value;
}

static int32_t i32_read(const char *place) {
    int32_t value;
    memcpy(&value, place, sizeof(value));
    return value;
}

static LLVMValueRef text_pointer(Gen *g, const char *text) {
    return text == NULL ? LLVMConstNull(g->t.ptr) : bytes_global(g, text, strlen(text), true);
}

// The only FN field is FlowPipeline.run; the place in the program's array says which one it is.
static LLVMValueRef function_pointer(const Gen *g, const char *owner) {
    const char *first = (const char *)g->layout->program->pipelines;
    size_t index = (size_t)(owner - first) / sizeof(FlowPipeline);
    ASSERT(index < g->plan->pipelines.count);
    return g->pipelines[index];
}

static LLVMValueRef field_constant(Gen *g, const GenField *field, const char *owner) {
    const char *place = owner + field->offset;
    switch (field->type) {
    case GEN_FIELD_I32:
        return gen_i32(g, i32_read(place));
    case GEN_FIELD_I64:
        return gen_i64(g, i64_read(place));
    case GEN_FIELD_STR:
        return text_pointer(g, pointer_read(place));
    case GEN_FIELD_FN:
        return function_pointer(g, owner);
    case GEN_FIELD_REF:
        return gen_constant(g, field->target, pointer_read(place), 1);
    case GEN_FIELD_ARRAY:
        return gen_constant(
            g, field->target, pointer_read(place), (uint32_t)i64_read(place + sizeof(void *)));
    case GEN_FIELD_INTS:
        return gen_ints(g,
                        (const int32_t *)(const void *)pointer_read(place),
                        (uint32_t)i64_read(place + sizeof(void *)));
    case GEN_FIELD_PTR:
        break; // run-time data is never part of a program
    }
    ASSERT(field->type != GEN_FIELD_PTR);
    return NULL;
}

static LLVMValueRef struct_constant(Gen *g, GenStruct of, const char *data) {
    const GenStructInfo *info = &gen_structs[of];
    LLVMValueRef *fields = arena_array(&g->arena, LLVMValueRef, info->field_count);
    for (uint32_t i = 0; i < info->field_count; i++) {
        fields[i] = field_constant(g, &info->fields[i], data);
    }
    return LLVMConstNamedStruct(g->structs[of], fields, info->field_count);
}

static LLVMValueRef constant_known(const Gen *g, const void *data) {
    for (uint32_t i = 0; i < g->constants.count; i++) {
        if (g->constants.items[i].address == data) {
            return g->constants.items[i].global;
        }
    }
    return NULL;
}

LLVMValueRef gen_constant(Gen *g, GenStruct of, const void *data, uint32_t count) {
    if (data == NULL || count == 0) {
        return LLVMConstNull(g->t.ptr);
    }
    LLVMValueRef global = constant_known(g, data);
    if (global != NULL) {
        return global;
    }
    LLVMValueRef *items = arena_array(&g->arena, LLVMValueRef, count);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = struct_constant(g, of, (const char *)data + i * gen_structs[of].size_bytes);
    }
    global = array_global(g, g->structs[of], items, count, gen_structs[of].name);
    *vec_push(&g->arena, &g->constants) = (GenConstant){data, global};
    return global;
}

void gen_program(Gen *g) {
    LLVMValueRef value = struct_constant(g, GEN_FlowProgram, (const char *)g->layout->program);
    LLVMValueRef global = LLVMAddGlobal(g->module, g->structs[GEN_FlowProgram], "flow_program");
    LLVMSetInitializer(global, value);
    LLVMSetGlobalConstant(global, 1);
}

// --- texts ------------------------------------------------------------------------------------
static uint64_t word_of(const char *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

LLVMValueRef gen_view_constant(Gen *g, FlowView view) {
    LLVMValueRef words[2];
    words[0] = LLVMConstInt(g->t.i64, word_of((const char *)&view), 0);
    if (view.length <= FLOW_VIEW_INLINE_MAX) {
        words[1] = LLVMConstInt(g->t.i64, word_of(view.rest), 0);
    } else {
        LLVMValueRef bytes = bytes_global(g, view.data, view.length, false);
        words[1] = LLVMConstPtrToInt(bytes, g->t.i64);
    }
    return LLVMConstStructInContext(g->context, words, 2, 0);
}

LLVMValueRef gen_view(Gen *g, FlowView view) {
    return private_global(g, g->t.view, gen_view_constant(g, view), "view");
}

// --- lists, maps and structs --------------------------------------------------------------------
static LLVMValueRef pointer_value(Gen *g, LLVMValueRef pointer) {
    LLVMValueRef words[] = {LLVMConstPtrToInt(pointer, g->t.i64), gen_i64(g, 0)};
    return LLVMConstStructInContext(g->context, words, COUNT_OF(words), 0);
}

// A FlowValue's 16 bytes; what a kind does not use is zero.
static LLVMValueRef item_constant(Gen *g, const Type *type, const FlowValue *value) {
    if (type->kind == FLOW_STRING || type->kind == FLOW_BYTES) {
        return gen_view_constant(g, value->view);
    }
    if (type_is_nested(type)) {
        return pointer_value(g, gen_nested_constant(g, type, value->nested));
    }
    uint64_t low = type_is_float(type) ? word_of((const char *)&value->f64) : (uint64_t)value->i64;
    uint64_t high = type->kind == FLOW_DECIMAL ? (uint64_t)((u128)value->i128 >> 64) : 0;
    LLVMValueRef words[] = {gen_i64(g, (int64_t)low), gen_i64(g, (int64_t)high)};
    return LLVMConstStructInContext(g->context, words, COUNT_OF(words), 0);
}

static const Type *item_type(const Type *type, int64_t item) {
    return type->children[type->kind == FLOW_STRUCT ? item
                          : type->kind == FLOW_MAP  ? item % 2
                                                    : 0]
        .type;
}

static LLVMValueRef
items_global(Gen *g, const Type *type, const FlowNested *nested, int64_t count) {
    enum { VALUE_ALIGNMENT = 16 };
    static const FlowValue nothing = {0};
    LLVMValueRef *items = arena_array(&g->arena, LLVMValueRef, (size_t)count + 1);
    for (int64_t i = 0; i < count; i++) {
        bool has = nested->validity == NULL || nested->validity[i] != 0;
        Type number = {.kind = FLOW_INT64};
        items[i] = item_constant(
            g, has ? item_type(type, i) : &number, has ? &nested->items[i] : &nothing);
    }
    LLVMValueRef global = array_global(g, g->t.view, items, (uint32_t)count, "items");
    LLVMSetAlignment(global, VALUE_ALIGNMENT);
    return global;
}

LLVMValueRef gen_nested_constant(Gen *g, const Type *type, const FlowNested *nested) {
    int64_t count = nested->count * (type->kind == FLOW_MAP ? 2 : 1);
    LLVMValueRef validity = LLVMConstNull(g->t.ptr);
    if (nested->validity != NULL) {
        validity = bytes_global(g, (const char *)nested->validity, (size_t)count, false);
    }
    LLVMValueRef parts[] = {
        gen_i64(g, nested->count), items_global(g, type, nested, count), validity};
    LLVMValueRef value = LLVMConstStructInContext(g->context, parts, COUNT_OF(parts), 0);
    return private_global(g, LLVMTypeOf(value), value, "nested");
}

static FlowView view_of_text(const char *text) {
    size_t length = strlen(text);
    FlowView view = {.length = (uint32_t)length};
    if (length <= FLOW_VIEW_INLINE_MAX) {
        memcpy((char *)&view + offsetof(FlowView, prefix), text, length);
    } else {
        memcpy(view.prefix, text, sizeof(view.prefix));
        view.data = text;
    }
    return view;
}

LLVMValueRef gen_enum_texts(Gen *g, const Type *type) {
    LLVMValueRef global = constant_known(g, type->enum_values);
    if (global != NULL) {
        return global;
    }
    LLVMValueRef *views = arena_array(&g->arena, LLVMValueRef, type->enum_count);
    for (uint32_t i = 0; i < type->enum_count; i++) {
        views[i] = gen_view_constant(g, view_of_text(type->enum_values[i]));
    }
    global = array_global(g, g->t.view, views, type->enum_count, "enum.texts");
    *vec_push(&g->arena, &g->constants) = (GenConstant){type->enum_values, global};
    return global;
}

typedef struct Ranked {
    const char *text;
    uint32_t code;
} Ranked;

static int text_order(const void *a, const void *b) {
    return strcmp(((const Ranked *)a)->text, ((const Ranked *)b)->text);
}

LLVMValueRef gen_enum_ranks(Gen *g, const Type *type) {
    Ranked *sorted = arena_array(&g->arena, Ranked, type->enum_count);
    for (uint32_t i = 0; i < type->enum_count; i++) {
        sorted[i] = (Ranked){type->enum_values[i], i};
    }
    qsort(sorted, type->enum_count, sizeof(*sorted), text_order);
    LLVMValueRef *ranks = arena_array(&g->arena, LLVMValueRef, type->enum_count);
    for (uint32_t i = 0; i < type->enum_count; i++) {
        ranks[sorted[i].code] = gen_int(g->t.i16, i);
    }
    return array_global(g, g->t.i16, ranks, type->enum_count, "enum.ranks");
}

// --- what kernels know of their types ---------------------------------------------------------
static const FlowTypeDesc *desc_of(Gen *g, const Type *type) {
    FlowTypeDesc *desc = arena_new(&g->arena, FlowTypeDesc);
    *desc = type_desc(&g->arena, type);
    return desc;
}

LLVMValueRef gen_type_desc(Gen *g, const Type *type) {
    return gen_constant(g, GEN_FlowTypeDesc, desc_of(g, type), 1);
}

LLVMValueRef gen_kernel_info(Gen *g, const Expr *expr, int32_t site) {
    FlowKernelInfo *info = arena_new(&g->arena, FlowKernelInfo);
    FlowTypeDesc *arguments = arena_array(&g->arena, FlowTypeDesc, expr->argument_count + 1);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        arguments[i] = *desc_of(g, expr->arguments[i]->type);
    }
    *info = (FlowKernelInfo){.site = site,
                             .result = desc_of(g, expr->type),
                             .arguments = arguments,
                             .arguments_count = expr->argument_count};
    return gen_constant(g, GEN_FlowKernelInfo, info, 1);
}
