// `in` with a long list of constants: a sorted table and a binary search, because a chain of
// comparisons would make both the compiler and the row slow.
#include "gen/gen_internal.h"

enum { CHAIN_MAX = 16 }; // a shorter list is a chain of comparisons, without a branch

static bool is_table_kind(const Type *type) {
    return type_is_integer(type) || gen_is_view(type) || type->kind == FLOW_DATE ||
           type->kind == FLOW_TIMESTAMP || type->kind == FLOW_DURATION || type->kind == FLOW_ENUM ||
           (type->kind == FLOW_DECIMAL && !gen_is_wide(type));
}

bool gen_in_is_search(const Expr *expr) {
    const Type *type = expr->arguments[0]->type;
    bool is_long = expr->argument_count > CHAIN_MAX + 1;
    if (!is_long || !is_table_kind(type) || expr->arguments[1]->is_null) {
        return false; // (a table needs an item)
    }
    for (uint32_t i = 1; i < expr->argument_count; i++) {
        const Expr *item = expr->arguments[i];
        bool is_known =
            item->op == EXPR_CONST && (item->is_null || type_equal_base(item->type, type));
        if (!is_known) {
            return false;
        }
    }
    return true;
}

// --- the table --------------------------------------------------------------------------------
typedef struct Item {
    int64_t number;
    FlowView view;
} Item;

static int number_order(const void *a, const void *b) {
    int64_t left = ((const Item *)a)->number;
    int64_t right = ((const Item *)b)->number;
    return (left > right) - (left < right);
}

static int view_order(const void *a, const void *b) {
    const FlowView *left = &((const Item *)a)->view;
    const FlowView *right = &((const Item *)b)->view;
    uint32_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(flow_view_data(left), flow_view_data(right), shorter);
    return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static Item item_of(const Type *type, FlowValue value) {
    if (gen_is_view(type)) {
        return (Item){.view = value.view};
    }
    return (Item){.number = type->kind == FLOW_DECIMAL ? (int64_t)value.i128 : value.i64};
}

typedef struct Table {
    LLVMValueRef global;
    LLVMTypeRef form;
    uint32_t count;
    bool has_null;
} Table;

// The greatest item stands there twice, so that the place after the last can be read.
static Table table_make(Gen *g, const Expr *expr) {
    const Type *type = expr->arguments[0]->type;
    bool is_view = gen_is_view(type);
    Table table = {.form = is_view ? g->t.view : gen_type(g, type)};
    Item *items = arena_array(&g->arena, Item, expr->argument_count);
    for (uint32_t i = 1; i < expr->argument_count; i++) {
        if (expr->arguments[i]->is_null) {
            table.has_null = true;
        } else {
            items[table.count++] = item_of(type, expr->arguments[i]->constant);
        }
    }
    qsort(items, table.count, sizeof(*items), is_view ? view_order : number_order);
    LLVMValueRef *values = arena_array(&g->arena, LLVMValueRef, table.count + 1);
    for (uint32_t i = 0; i <= table.count && table.count > 0; i++) {
        const Item *item = &items[i < table.count ? i : i - 1];
        values[i] = is_view ? gen_view_constant(g, item->view) : gen_int(table.form, item->number);
    }
    table.global = gen_table(g, table.form, values, table.count + 1);
    return table;
}

// --- the search -------------------------------------------------------------------------------
static LLVMValueRef item_load(Gen *g, const Table *table, const Type *type, LLVMValueRef index) {
    LLVMValueRef place = gen_at(g, table->form, table->global, index);
    return gen_is_view(type) ? place : LLVMBuildLoad2(g->b, table->form, place, "");
}

static LLVMValueRef compare_item(Gen *g,
                                 ExprOp op,
                                 const Table *table,
                                 const Type *type,
                                 LLVMValueRef index,
                                 LLVMValueRef wanted) {
    const LLVMValueRef values[] = {item_load(g, table, type, index), wanted};
    if (gen_is_view(type)) {
        const Type *types[] = {type, type};
        return gen_compare_values(g, op, types, values);
    }
    // By number, also enums, whose codes order otherwise than their texts.
    LLVMIntPredicate predicate = op == EXPR_EQ ? LLVMIntEQ : LLVMIntSLT;
    return LLVMBuildICmp(g->b, predicate, values[0], values[1], "");
}

// The number of items that are less than the value, by halves.
static LLVMValueRef search_emit(Gen *g, const Table *table, const Type *type, LLVMValueRef wanted) {
    LLVMBasicBlockRef before = LLVMGetInsertBlock(g->b);
    LLVMBasicBlockRef head = gen_block(g, "in.head");
    LLVMBasicBlockRef body = gen_block(g, "in.half");
    LLVMBasicBlockRef done = gen_block(g, "in.done");
    gen_goto(g, head);
    LLVMValueRef low = LLVMBuildPhi(g->b, g->t.i64, "low");
    LLVMValueRef high = LLVMBuildPhi(g->b, g->t.i64, "high");
    LLVMValueRef goes_on = LLVMBuildICmp(g->b, LLVMIntULT, low, high, "");
    LLVMBuildCondBr(g->b, goes_on, body, done);
    LLVMPositionBuilderAtEnd(g->b, body);
    LLVMValueRef sum = LLVMBuildAdd(g->b, low, high, "");
    LLVMValueRef middle = LLVMBuildLShr(g->b, sum, gen_i64(g, 1), "middle");
    LLVMValueRef is_less = compare_item(g, EXPR_LT, table, type, middle, wanted);
    LLVMValueRef above = LLVMBuildAdd(g->b, middle, gen_i64(g, 1), "");
    LLVMValueRef next_low = LLVMBuildSelect(g->b, is_less, above, low, "");
    LLVMValueRef next_high = LLVMBuildSelect(g->b, is_less, high, middle, "");
    LLVMBasicBlockRef end = LLVMGetInsertBlock(g->b);
    LLVMBuildBr(g->b, head);
    LLVMValueRef lows[] = {gen_i64(g, 0), next_low};
    LLVMValueRef highs[] = {gen_i64(g, table->count), next_high};
    LLVMBasicBlockRef from[] = {before, end};
    LLVMAddIncoming(low, lows, from, COUNT_OF(from));
    LLVMAddIncoming(high, highs, from, COUNT_OF(from));
    LLVMPositionBuilderAtEnd(g->b, done);
    return low;
}

GenValue gen_in_search(Gen *g, const Expr *expr, GenValue wanted) {
    const Type *type = expr->arguments[0]->type;
    Table table = table_make(g, expr);
    LLVMValueRef place = search_emit(g, &table, type, wanted.value);
    LLVMValueRef is_equal = compare_item(g, EXPR_EQ, &table, type, place, wanted.value);
    GenValue result = {gen_and(g, is_equal, wanted.valid), NULL};
    if (table.has_null) { // what is not found may be the null
        result.valid = result.value;
    } else if (wanted.valid != NULL) {
        result.valid = wanted.valid;
    }
    return result;
}
