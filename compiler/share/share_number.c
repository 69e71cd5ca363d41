// Numbers of expressions: two have the same number if they are the same operators on the same
// slots and constants, so that they have the same value in every row in which both have one.
//
// How they were written, where, and whether a test has proved that they are not null makes no
// difference. Parameters of lambdas count by how far out and in which place they are declared.
#include "share/share_internal.h"

// --- table ------------------------------------------------------------------------------------
static ShareEntry *entry_place(ShareEntry *entries, uint32_t room, const ShareEntry *wanted) {
    uint32_t at = (uint32_t)wanted->hash & (room - 1);
    while (entries[at].key != NULL &&
           (entries[at].hash != wanted->hash || entries[at].length != wanted->length ||
            memcmp(entries[at].key, wanted->key, wanted->length) != 0)) {
        at = (at + 1) & (room - 1);
    }
    return &entries[at];
}

static void table_grow(ShareNumbers *numbers) {
    enum { ROOM_MIN = 64 };
    uint32_t room = numbers->entry_room == 0 ? ROOM_MIN : numbers->entry_room * 2;
    ShareEntry *entries = arena_array(numbers->arena, ShareEntry, room);
    for (uint32_t i = 0; i < numbers->entry_room; i++) {
        if (numbers->entries[i].key != NULL) {
            *entry_place(entries, room, &numbers->entries[i]) = numbers->entries[i];
        }
    }
    numbers->entries = entries;
    numbers->entry_room = room;
}

// The entry of the key; a new one has no key yet.
static ShareEntry *entry_find(ShareNumbers *numbers, const void *key, size_t length) {
    if ((numbers->entry_count + 1) * 2 > numbers->entry_room) {
        table_grow(numbers);
    }
    ShareEntry wanted = {.key = key, .length = length, .hash = hash64(key, length)};
    return entry_place(numbers->entries, numbers->entry_room, &wanted);
}

static void entry_fill(ShareNumbers *numbers, const void *key, size_t length, uint32_t number) {
    ShareEntry *entry = entry_find(numbers, key, length);
    if (entry->key == NULL) {
        numbers->entry_count++;
        *entry = (ShareEntry){.key = arena_copy(numbers->arena, key, length),
                              .length = length,
                              .hash = hash64(key, length),
                              .number = number};
    }
}

// --- keys -------------------------------------------------------------------------------------
static void word(Buffer *key, uint64_t value) {
    buffer_append(key, &value, sizeof(value));
}

static void text(Buffer *key, const char *bytes, size_t length) {
    word(key, length);
    buffer_append(key, bytes, length);
}

static void type_key(Buffer *key, const Type *type) {
    word(key, type->kind);
    word(key, (uint64_t)type->precision << 32 | (uint32_t)type->scale);
    word(key, (uint64_t)type->enum_count << 32 | type->child_count);
    for (uint32_t i = 0; i < type->enum_count; i++) {
        text(key, type->enum_values[i], strlen(type->enum_values[i]));
    }
    for (uint32_t i = 0; i < type->child_count; i++) {
        text(key, type->children[i].name, strlen(type->children[i].name));
        word(key, type->children[i].type->is_nullable);
        type_key(key, type->children[i].type);
    }
}

static void constant_key(Buffer *key, const Expr *expr) {
    word(key, expr->is_null);
    if (expr->is_null) {
        return;
    }
    if (expr->type->kind == FLOW_STRING || expr->type->kind == FLOW_BYTES) {
        text(key, flow_view_data(&expr->constant.view), expr->constant.view.length);
    } else if (expr->type->kind == FLOW_DECIMAL) {
        buffer_append(key, &expr->constant.i128, sizeof(expr->constant.i128));
    } else { // of floats: the bits; of nested values: which one
        buffer_append(key, &expr->constant.i64, sizeof(expr->constant.i64));
    }
}

static bool declares(const Expr *lambda, uint32_t argument) {
    return lambda->index <= argument && argument < lambda->index + lambda->parameter_count;
}

// Which lambda declares the parameter, counted from the inside, and its place there.
static uint32_t argument_key(const ShareNumbers *numbers, Buffer *key, uint32_t argument) {
    uint32_t innermost = numbers->lambdas.count - 1;
    uint32_t distance = 0;
    while (!declares(numbers->lambdas.items[innermost - distance], argument)) {
        distance++;
        ASSERT(distance <= innermost);
    }
    word(key, distance);
    word(key, argument - numbers->lambdas.items[innermost - distance]->index);
    return distance + 1;
}

static bool is_glance(ExprOp op) {
    return op == EXPR_COLUMN || op == EXPR_CONST || op == EXPR_PARAM || op == EXPR_NOW ||
           op == EXPR_EPOCH || op == EXPR_ARGUMENT || op == EXPR_LAMBDA;
}

// What costs no more than reading the slot that would hold it.
static bool is_light(const Expr *expr) {
    return expr->op == EXPR_IS_NULL || expr->op == EXPR_NOT || expr->op == EXPR_FIELD ||
           (expr->op == EXPR_CAST && expr->is_widening);
}

static void head_key(Buffer *key, const Expr *expr) {
    word(key, expr->op);
    word(key, expr->is_widening);
    type_key(key, expr->type);
    if (expr->op == EXPR_CONST) {
        constant_key(key, expr);
    } else if (expr->op == EXPR_CALL) {
        word(key, expr->builtin);
    } else if (expr->op == EXPR_LAMBDA) {
        word(key, expr->parameter_count);
    } else if (expr->op != EXPR_ARGUMENT) {
        word(key, expr->index);
    }
}

// --- lambdas ----------------------------------------------------------------------------------
void share_enter(ShareNumbers *numbers, const Expr *expr) {
    if (expr->op == EXPR_LAMBDA) {
        *vec_push(numbers->arena, &numbers->lambdas) = expr;
    }
}

void share_leave(ShareNumbers *numbers, const Expr *expr) {
    numbers->lambdas.count -= expr->op == EXPR_LAMBDA;
}

// --- numbers ----------------------------------------------------------------------------------
static uint32_t *arguments_number(ShareNumbers *numbers, const Expr *expr, ShareValue *value) {
    uint32_t *arguments = arena_array(numbers->arena, uint32_t, expr->argument_count + 1);
    share_enter(numbers, expr);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        arguments[i] = share_number(numbers, expr->arguments[i]);
        const ShareValue *argument = &numbers->values.items[arguments[i]];
        value->can_fail |= argument->can_fail;
        value->is_work |= argument->is_work;
        value->depth = argument->depth > value->depth ? argument->depth : value->depth;
    }
    share_leave(numbers, expr);
    value->depth -= expr->op == EXPR_LAMBDA && value->depth > 0;
    return arguments;
}

static uint32_t number_new(ShareNumbers *numbers, const Expr *expr) {
    ShareValue value = {.can_fail = expr_node_can_fail(expr),
                        .is_work = !is_glance(expr->op) && !is_light(expr),
                        .definer = SHARE_NONE};
    const uint32_t *arguments = arguments_number(numbers, expr, &value);
    Buffer *key = &numbers->key;
    buffer_clear(key);
    head_key(key, expr);
    if (expr->op == EXPR_ARGUMENT) {
        value.depth = argument_key(numbers, key, expr->index);
    }
    buffer_append(key, arguments, sizeof(uint32_t) * expr->argument_count);
    value.is_work &= !is_glance(expr->op) && expr->type->kind != FLOW_NULL;
    const ShareEntry *entry = entry_find(numbers, key->data, key->length);
    if (entry->key != NULL) {
        return entry->number;
    }
    entry_fill(numbers, key->data, key->length, numbers->values.count);
    *vec_push(numbers->arena, &numbers->values) = value;
    return numbers->values.count - 1;
}

// A node that has no parameter of a lambda around it has one number wherever it stands, so that
// one may be kept under its address.
uint32_t share_number(ShareNumbers *numbers, const Expr *expr) {
    const ShareEntry *known = entry_find(numbers, &expr, sizeof(const Expr *));
    if (known->key != NULL) {
        return known->number;
    }
    uint32_t number = number_new(numbers, expr);
    if (numbers->values.items[number].depth == 0) {
        entry_fill(numbers, &expr, sizeof(const Expr *), number);
    }
    return number;
}

ShareValue *share_value(SharePipe *pipe, const Expr *expr) {
    uint32_t number = share_number(&pipe->numbers, expr);
    return &pipe->numbers.values.items[number];
}

bool share_is_needed(const Expr *expr, uint32_t index) {
    switch (expr->op) {
    case EXPR_AND:
    case EXPR_OR:
    case EXPR_COALESCE:
    case EXPR_IF:
        return index == 0;
    default:
        return expr->op != EXPR_LAMBDA;
    }
}
