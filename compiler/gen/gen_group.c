// `group by`: finds the accumulators of each row's group, then takes each row into them. Two loops,
// because the runtime finds those of many rows together.
//
// Making canonical key bytes and hashing them costs more than the rest of the row, and most rows
// belong to a group that was met just before. So a small cache stands in front, indexed by the raw
// bits of the key columns: equal bits mean the same group (not the other way round; a miss only
// costs the long way). It lives for one batch, in which neither strings nor accumulators move.
#include "gen/gen_internal.h"

enum {
    CACHE_BITS = 6,
    CACHE_ENTRIES = 1 << CACHE_BITS,
    KEY_WORDS_MAX = 16, // with more, every row goes the long way
    FLAGS_PER_WORD = 64,
};

typedef struct GroupEmitter {
    const PlanOp *op;
    const PlanGroup *group;
    GenValue *keys;
    const Type **types; // of the key slots
    LLVMValueRef words[KEY_WORDS_MAX];
    uint32_t word_count;
    LLVMTypeRef entry_type;
    LLVMValueRef cache;
} GroupEmitter;

// --- raw bits of the key ----------------------------------------------------------------------
static uint32_t words_needed(const GroupEmitter *e) {
    uint32_t count = 0;
    bool has_null = false;
    for (uint32_t i = 0; i < e->group->key_count; i++) {
        count += gen_is_view(e->types[i]) || gen_is_wide(e->types[i]) ? 2 : 1;
        has_null |= e->types[i]->is_nullable;
    }
    return count + (has_null ? (e->group->key_count + FLAGS_PER_WORD - 1) / FLAGS_PER_WORD : 0);
}

static void word_add(Gen *g, GroupEmitter *e, LLVMValueRef word, LLVMValueRef valid) {
    if (valid != NULL) {
        word = LLVMBuildSelect(g->b, valid, word, gen_i64(g, 0), "");
    }
    e->words[e->word_count++] = word;
}

static LLVMValueRef view_word(Gen *g, LLVMValueRef view, int64_t index) {
    LLVMValueRef place = gen_at(g, g->t.i64, view, gen_i64(g, index));
    return LLVMBuildLoad2(g->b, g->t.i64, place, "");
}

static LLVMValueRef as_word(Gen *g, const Type *type, LLVMValueRef value) {
    if (type->kind == FLOW_FLOAT64) {
        return LLVMBuildBitCast(g->b, value, g->t.i64, "");
    }
    if (type_is_nested(type)) {
        return LLVMBuildPtrToInt(g->b, value, g->t.i64, ""); // one value has one place in a batch
    }
    if (type->kind == FLOW_FLOAT32) {
        value = LLVMBuildBitCast(g->b, value, g->t.i32, "");
    }
    return LLVMBuildZExtOrBitCast(g->b, value, g->t.i64, "");
}

static void key_words_add(Gen *g, GroupEmitter *e, uint32_t index) {
    const Type *type = e->types[index];
    GenValue key = e->keys[index];
    if (gen_is_view(type)) {
        word_add(g, e, view_word(g, key.value, 0), NULL); // the empty view under a null
        word_add(g, e, view_word(g, key.value, 1), NULL);
    } else if (gen_is_wide(type)) {
        LLVMValueRef high = LLVMBuildLShr(g->b, key.value, gen_int(g->t.i128, FLAGS_PER_WORD), "");
        word_add(g, e, LLVMBuildTrunc(g->b, key.value, g->t.i64, ""), key.valid);
        word_add(g, e, LLVMBuildTrunc(g->b, high, g->t.i64, ""), key.valid);
    } else {
        word_add(g, e, as_word(g, type, key.value), key.valid);
    }
}

// One bit for each key that is null.
static void flags_add(Gen *g, GroupEmitter *e) {
    for (uint32_t first = 0; first < e->group->key_count; first += FLAGS_PER_WORD) {
        LLVMValueRef flags = NULL;
        for (uint32_t i = first; i < e->group->key_count && i < first + FLAGS_PER_WORD; i++) {
            if (e->keys[i].valid == NULL) {
                continue;
            }
            LLVMValueRef bit = LLVMBuildZExt(g->b, e->keys[i].valid, g->t.i64, "");
            bit = LLVMBuildShl(g->b, bit, gen_i64(g, i - first), "");
            flags = flags == NULL ? bit : LLVMBuildOr(g->b, flags, bit, "");
        }
        if (flags != NULL) {
            word_add(g, e, flags, NULL);
        }
    }
}

static LLVMValueRef cache_index(Gen *g, const GroupEmitter *e) {
    static const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    LLVMValueRef hash = gen_i64(g, 0);
    for (uint32_t i = 0; i < e->word_count; i++) {
        hash = LLVMBuildXor(g->b, hash, e->words[i], "");
        hash = LLVMBuildMul(g->b, hash, gen_i64(g, (int64_t)factor), "");
        LLVMValueRef high = LLVMBuildLShr(g->b, hash, gen_i64(g, 32), "");
        hash = LLVMBuildXor(g->b, hash, high, "");
    }
    return LLVMBuildAnd(g->b, hash, gen_i64(g, CACHE_ENTRIES - 1), "");
}

// --- canonical key bytes ----------------------------------------------------------------------
enum { KEY_FIXED_BYTES = 17, KEY_TEXT_EXTRA_BYTES = 3 };

static LLVMValueRef enum_view(Gen *g, const Type *type, GenValue key) {
    LLVMValueRef code = key.value;
    if (key.valid != NULL) {
        code = LLVMBuildSelect(g->b, key.valid, code, gen_int(g->t.i16, 0), "");
    }
    LLVMValueRef index = LLVMBuildZExt(g->b, code, g->t.i64, "");
    return gen_at(g, g->t.view, gen_enum_texts(g, type), index);
}

static bool is_text_key(const Type *type) {
    return gen_is_view(type) || type->kind == FLOW_ENUM;
}

static LLVMValueRef text_of_key(Gen *g, const Type *type, GenValue key) {
    return type->kind == FLOW_ENUM ? enum_view(g, type, key) : key.value;
}

// Every byte of a text may be a zero that is written as two.
static LLVMValueRef key_bytes_max(Gen *g, const GroupEmitter *e) {
    LLVMValueRef bytes = gen_i64(g, 0);
    for (uint32_t i = 0; i < e->group->key_count; i++) {
        LLVMValueRef more = gen_i64(g, KEY_FIXED_BYTES);
        if (is_text_key(e->types[i])) {
            LLVMValueRef view = text_of_key(g, e->types[i], e->keys[i]);
            LLVMValueRef length = LLVMBuildLoad2(g->b, g->t.i32, view, "");
            LLVMValueRef wide = LLVMBuildZExt(g->b, length, g->t.i64, "");
            LLVMValueRef doubled = LLVMBuildShl(g->b, wide, gen_i64(g, 1), "");
            more = LLVMBuildAdd(g->b, doubled, gen_i64(g, KEY_TEXT_EXTRA_BYTES), "");
        }
        bytes = LLVMBuildAdd(g->b, bytes, more, "");
    }
    return bytes;
}

static void key_reserve(Gen *g, LLVMValueRef needed) {
    LLVMValueRef capacity = GEN_FIELD(g, FlowContext, g->fn.ctx, key_capacity);
    LLVMValueRef is_short = LLVMBuildICmp(g->b, LLVMIntUGT, needed, capacity, "");
    LLVMBasicBlockRef grow = gen_block(g, "key.grow");
    LLVMBasicBlockRef fits = gen_block(g, "key.fits");
    gen_branch_rare(g, is_short, grow, fits);
    LLVMPositionBuilderAtEnd(g->b, grow);
    LLVMValueRef arguments[] = {g->fn.ctx, needed};
    gen_call(g, GEN_flow_rt_key_grow, arguments, "");
    gen_goto(g, fits);
}

static LLVMValueRef in_memory(Gen *g, LLVMTypeRef type, LLVMValueRef value) {
    LLVMValueRef place = gen_alloca(g, type, "key.value");
    LLVMBuildStore(g->b, value, place);
    return place;
}

static LLVMValueRef
key_nested_put(Gen *g, const Type *type, GenValue key, LLVMValueRef to, LLVMValueRef rest) {
    LLVMValueRef place = gen_alloca(g, g->t.value, "key.nested");
    gen_value_pack(g, type, key.value, place);
    LLVMValueRef arguments[] = {g->fn.ctx, to, gen_type_desc(g, type), place, rest};
    return gen_call(g, GEN_flow_rt_key_nested, arguments, "");
}

static LLVMValueRef
key_value_put(Gen *g, const Type *type, GenValue key, LLVMValueRef to, LLVMValueRef rest) {
    LLVMValueRef arguments[] = {to, NULL};
    if (type_is_nested(type)) {
        return key_nested_put(g, type, key, to, rest);
    }
    if (is_text_key(type)) {
        arguments[1] = text_of_key(g, type, key);
        return gen_call(g, GEN_flow_h_key_view, arguments, "");
    }
    if (type->kind == FLOW_DECIMAL) {
        LLVMValueRef wide = LLVMBuildIntCast2(g->b, key.value, g->t.i128, 1, "");
        arguments[1] = in_memory(g, g->t.i128, wide);
        return gen_call(g, GEN_flow_h_key_i128, arguments, "");
    }
    if (type_is_float(type)) {
        arguments[1] = in_memory(g, g->t.f64, LLVMBuildFPCast(g->b, key.value, g->t.f64, ""));
        return gen_call(g, GEN_flow_h_key_f64, arguments, "");
    }
    arguments[1] = LLVMBuildIntCast2(g->b, key.value, g->t.i64, type->kind != FLOW_BOOL, "");
    return gen_call(g, GEN_flow_h_key_i64, arguments, "");
}

static LLVMValueRef
key_put(Gen *g, const Type *type, GenValue key, LLVMValueRef to, LLVMValueRef rest) {
    if (key.valid == NULL) {
        return key_value_put(g, type, key, to, rest);
    }
    LLVMBasicBlockRef there = gen_block(g, "key.there");
    LLVMBasicBlockRef null = gen_block(g, "key.null");
    LLVMBasicBlockRef done = gen_block(g, "key.done");
    LLVMBuildCondBr(g->b, key.valid, there, null);
    LLVMPositionBuilderAtEnd(g->b, null);
    LLVMValueRef after_null = gen_call(g, GEN_flow_h_key_null, &to, "");
    LLVMBuildBr(g->b, done);
    LLVMPositionBuilderAtEnd(g->b, there);
    LLVMValueRef after_value = key_value_put(g, type, key, to, rest);
    LLVMBasicBlockRef there_end = LLVMGetInsertBlock(g->b);
    gen_goto(g, done);
    return gen_phi(g, after_null, null, after_value, there_end);
}

static LLVMValueRef group_table(Gen *g, const GroupEmitter *e) {
    LLVMValueRef groups = GEN_FIELD(g, FlowContext, g->fn.ctx, groups);
    LLVMValueRef place = gen_at(g, g->t.ptr, groups, gen_i64(g, e->op->target));
    return LLVMBuildLoad2(g->b, g->t.ptr, place, "group");
}

// The long way: key bytes, hash, table. NULL: later, together with others.
static LLVMValueRef group_find(Gen *g, const GroupEmitter *e, LLVMValueRef place) {
    LLVMValueRef needed = key_bytes_max(g, e);
    key_reserve(g, needed);
    LLVMValueRef end = GEN_FIELD(g, FlowContext, g->fn.ctx, key);
    for (uint32_t i = 0; i < e->group->key_count; i++) {
        end = key_put(g, e->types[i], e->keys[i], end, needed);
    }
    LLVMValueRef key = GEN_FIELD(g, FlowContext, g->fn.ctx, key); // it may have moved
    LLVMValueRef first = LLVMBuildPtrToInt(g->b, key, g->t.i64, "");
    LLVMValueRef last = LLVMBuildPtrToInt(g->b, end, g->t.i64, "");
    LLVMValueRef arguments[] = {
        g->fn.ctx, group_table(g, e), key, LLVMBuildSub(g->b, last, first, "key.length"), place};
    return gen_call(g, GEN_flow_rt_group_place, arguments, "found");
}

// --- the cache --------------------------------------------------------------------------------
static void cache_make(Gen *g, GroupEmitter *e) {
    LLVMTypeRef fields[] = {g->t.ptr, LLVMArrayType2(g->t.i64, words_needed(e))};
    e->entry_type = LLVMStructTypeInContext(g->context, fields, COUNT_OF(fields), 0);
    LLVMTypeRef type = LLVMArrayType2(e->entry_type, CACHE_ENTRIES);
    e->cache = gen_alloca(g, type, "group.cache");
    LLVMBasicBlockRef here = LLVMGetInsertBlock(g->b);
    LLVMPositionBuilderAtEnd(g->b, g->loop.before);
    LLVMValueRef zero = gen_int(g->t.i8, 0);
    LLVMBuildMemSet(g->b, e->cache, zero, LLVMSizeOf(type), _Alignof(void *));
    LLVMPositionBuilderAtEnd(g->b, here);
}

static LLVMValueRef word_place(Gen *g, const GroupEmitter *e, LLVMValueRef entry, uint32_t index) {
    LLVMValueRef words = LLVMBuildStructGEP2(g->b, e->entry_type, entry, 1, "");
    return gen_at(g, g->t.i64, words, gen_i64(g, index));
}

static LLVMValueRef is_hit(Gen *g, const GroupEmitter *e, LLVMValueRef entry, LLVMValueRef slot) {
    LLVMValueRef differs = gen_i64(g, 0);
    for (uint32_t i = 0; i < e->word_count; i++) {
        LLVMValueRef kept = LLVMBuildLoad2(g->b, g->t.i64, word_place(g, e, entry, i), "");
        LLVMValueRef changed = LLVMBuildXor(g->b, kept, e->words[i], "");
        differs = LLVMBuildOr(g->b, differs, changed, "");
    }
    LLVMValueRef is_same = LLVMBuildICmp(g->b, LLVMIntEQ, differs, gen_i64(g, 0), "");
    LLVMValueRef is_there = LLVMBuildIsNotNull(g->b, slot, "");
    return gen_and(g, is_same, is_there);
}

static void entry_fill(Gen *g, const GroupEmitter *e, LLVMValueRef entry, LLVMValueRef slot) {
    LLVMBuildStore(g->b, slot, entry);
    for (uint32_t i = 0; i < e->word_count; i++) {
        LLVMBuildStore(g->b, e->words[i], word_place(g, e, entry, i));
    }
}

static void accumulators_cached(Gen *g, GroupEmitter *e, LLVMValueRef place) {
    for (uint32_t i = 0; i < e->group->key_count; i++) {
        key_words_add(g, e, i);
    }
    flags_add(g, e);
    LLVMValueRef entry = gen_at(g, e->entry_type, e->cache, cache_index(g, e));
    LLVMValueRef kept = LLVMBuildLoad2(g->b, g->t.ptr, entry, "");
    LLVMBasicBlockRef hit = gen_block(g, "group.hit");
    LLVMBasicBlockRef miss = gen_block(g, "group.find");
    LLVMBasicBlockRef found = gen_block(g, "group.found");
    LLVMBuildCondBr(g->b, is_hit(g, e, entry, kept), hit, miss);
    LLVMPositionBuilderAtEnd(g->b, hit);
    LLVMBuildStore(g->b, kept, place);
    LLVMBuildBr(g->b, found);
    LLVMPositionBuilderAtEnd(g->b, miss);
    entry_fill(g, e, entry, group_find(g, e, place)); // NULL hits nothing
    gen_goto(g, found);
}

static void keys_load(Gen *g, GroupEmitter *e) {
    e->keys = arena_array(&g->arena, GenValue, e->group->key_count + 1);
    e->types = arena_array(&g->arena, const Type *, e->group->key_count + 1);
    for (uint32_t i = 0; i < e->group->key_count; i++) {
        uint32_t slot = (uint32_t)e->op->slots[i];
        e->types[i] = g->pipeline->slots[slot].type;
        e->keys[i] = gen_slot_load(g, slot);
    }
}

// One group: its accumulators are those of every row.
static LLVMValueRef total_find(Gen *g, const GroupEmitter *e) {
    LLVMValueRef arguments[] = {
        g->fn.ctx, group_table(g, e), GEN_FIELD(g, FlowContext, g->fn.ctx, key), gen_i64(g, 0)};
    return gen_call(g, GEN_flow_rt_group_find, arguments, "total");
}

// The accumulators of each row, by its place in the selection; returns where they stand.
static LLVMValueRef places_find(Gen *g, GroupEmitter *e) {
    LLVMValueRef table = group_table(g, e);
    LLVMValueRef places = GEN_FIELD(g, FlowGroupTable, table, places);
    gen_loop_begin(g);
    keys_load(g, e);
    LLVMValueRef place = gen_at(g, g->t.ptr, places, g->loop.index);
    if (words_needed(e) > KEY_WORDS_MAX) {
        group_find(g, e, place);
    } else {
        cache_make(g, e);
        accumulators_cached(g, e, place);
    }
    gen_loop_end(g);
    LLVMValueRef arguments[] = {g->fn.ctx, table};
    gen_call(g, GEN_flow_rt_group_settle, arguments, "");
    return places;
}

// Where the ordered aggregates find the row's event time.
static void row_time_put(Gen *g, const PlanOp *op) {
    int32_t slot = op->slots[op->slot_count - 1];
    if (slot >= 0) {
        GenValue time = gen_slot_load(g, (uint32_t)slot);
        LLVMValueRef place = GEN_FIELD_AT(g, FlowContext, g->fn.ctx, row_time_us);
        LLVMBuildStore(g->b, time.value, place);
    }
}

void gen_group(Gen *g, const PlanOp *op) {
    GroupEmitter e = {.op = op, .group = &g->plan->groups.items[op->target]};
    gen_debug_at(g, op->span);
    bool is_total = e.group->key_count == 0;
    LLVMValueRef found = is_total ? total_find(g, &e) : places_find(g, &e);
    gen_loop_begin(g);
    LLVMValueRef place = is_total ? NULL : gen_at(g, g->t.ptr, found, g->loop.index);
    LLVMValueRef accumulators =
        is_total ? found : LLVMBuildLoad2(g->b, g->t.ptr, place, "accumulators");
    row_time_put(g, op);
    for (uint32_t i = 0; i < e.group->agg_count; i++) {
        gen_agg_update(g, op, i, accumulators);
    }
    gen_loop_end(g);
    if (op->flow != UINT32_MAX) {
        gen_counter_add(g, op->flow, FLOW_COUNTER_OUT, gen_selected_count(g));
    }
}
