// expr: typed expressions, from check to gen: every node has its type, operands already widened.
//
// Includes support, abi, types, and runtime/scalar for the text of constants. Nodes live in the
// arena they were made in and are never changed after they were shared; a rewrite makes new ones.
#ifndef FLOW_EXPR_H
#define FLOW_EXPR_H

#include "support/support.h"
#include "types/types.h"

typedef enum ExprOp {
#define EXPR_OP(name, text, arguments) EXPR_##name,
#include "expr/expr_op.def"
#undef EXPR_OP
    EXPR_OP_COUNT,
} ExprOp;

typedef enum Builtin {
#define BUILTIN(name, ...) BUILTIN_##name,
#include "abi/builtin.def"
#undef BUILTIN
    BUILTIN_COUNT,
} Builtin;

typedef struct Expr Expr;
struct Expr {
    ExprOp op;
    const Type *type;         // of the result, nullability included
    Span span;                // where the user wrote it
    const char *text;         // as the user wrote it, for the DLQ and messages
    bool is_null;             // CONST: null
    bool is_widening;         // CAST: can not fail
    FlowValue constant;       // CONST (strings point into the arena)
    uint32_t index;           // COLUMN, PARAM, FIELD, LAMBDA, ARGUMENT
    uint32_t parameter_count; // LAMBDA
    Builtin builtin;          // CALL
    uint32_t argument_count;
    const Expr *const *arguments;
};

// New nodes have no span and an empty text: expr_located gives them.
Expr *expr_new(Arena *arena,
               ExprOp op,
               const Type *type,
               const Expr *const *arguments,
               uint32_t argument_count);
Expr *expr_column(Arena *arena, uint32_t index, const Type *type);
Expr *expr_constant(Arena *arena, const Type *type, FlowValue value);
Expr *expr_null(Arena *arena, const Type *type);
Expr *expr_bool(Arena *arena, bool value);
const Expr *expr_located(Arena *arena, const Expr *expr, Span span, const char *text); // a copy

bool expr_can_fail(const Expr *expr); // this node or any below it can reject a row
bool expr_node_can_fail(const Expr *expr);
bool expr_is_constant(const Expr *expr); // no column, param, argument or now below
bool expr_uses_column(const Expr *expr, uint32_t index);
void expr_columns(const Expr *expr, bool *used); // marks used[index]
bool expr_equal(const Expr *a, const Expr *b);   // the same operators on the same operands
uint32_t expr_depth(const Expr *expr);
uint32_t expr_size(const Expr *expr, uint32_t limit); // nodes, counted up to `limit`
// A copy whose COLUMN nodes are replaced by replacements[index].
const Expr *expr_substitute(Arena *arena, const Expr *expr, const Expr *const *replacements);
// Prefix form with column names, for dumps: (and (== status "paid") (> amount 0.00)).
void expr_dump(Buffer *out, const Expr *expr, const char *const *column_names);
void value_dump(Buffer *out, const Type *type, FlowValue value); // a constant as a Flow literal
// What runtime/scalar knows of a type; its parts live in the arena.
FlowTypeDesc type_desc(Arena *arena, const Type *type);

const char *expr_op_text(ExprOp op);  // "=="
int32_t expr_op_arguments(ExprOp op); // -1: any number

const char *builtin_name(Builtin builtin);
const char *builtin_signature(Builtin builtin);
const char *builtin_result(Builtin builtin);
const char *builtin_help(Builtin builtin);

#endif
