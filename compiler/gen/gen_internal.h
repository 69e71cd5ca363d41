// What the files of gen share. A Gen lives for one gen_run; its `fn` is the function being written
// and its `loop` the row loop in it. Functions that write instructions begin with gen_ like all of
// the room; they append at the builder's place, and leave it where the code goes on.
#ifndef FLOW_GEN_INTERNAL_H
#define FLOW_GEN_INTERNAL_H

#include "gen/gen.h"

#include "graph/graph.h"

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>

// --- the ABI lists, as LLVM sees them (gen_abi.c) ---------------------------------------------
typedef enum GenStruct {
#define STRUCT(name) GEN_##name,
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
    GEN_STRUCT_COUNT,
} GenStruct;

// GEN_FlowBatch_columns and the like: the index of a field in its struct.
#define STRUCT(name) enum {
#define FIELD(owner, type, field) GEN_##owner##_##field,
#define FIELD_REF(owner, field, target) GEN_##owner##_##field,
#define FIELD_ARRAY(owner, field, target) GEN_##owner##_##field, GEN_##owner##_##field##_count,
#define FIELD_INTS(owner, field) GEN_##owner##_##field, GEN_##owner##_##field##_count,
#define END_STRUCT(name)                                                                           \
    GEN_##name##_FIELD_COUNT                                                                       \
    }                                                                                              \
    ;
#include "abi/struct.def"
#undef STRUCT
#undef FIELD
#undef FIELD_REF
#undef FIELD_ARRAY
#undef FIELD_INTS
#undef END_STRUCT

typedef enum GenFieldType {
    GEN_FIELD_I32,
    GEN_FIELD_I64,
    GEN_FIELD_STR,
    GEN_FIELD_PTR,
    GEN_FIELD_FN,
    GEN_FIELD_REF,
    GEN_FIELD_ARRAY, // the pointer; the count is the I64 that follows
    GEN_FIELD_INTS,  // likewise
} GenFieldType;

typedef struct GenField {
    GenFieldType type;
    GenStruct target; // of REF and ARRAY
    size_t offset;
} GenField;

typedef struct GenStructInfo {
    const char *name;
    const GenField *fields;
    uint32_t field_count;
    size_t size_bytes;
} GenStructInfo;
extern const GenStructInfo gen_structs[GEN_STRUCT_COUNT];

typedef enum GenFunctionId {
#define FN(name, ...) GEN_##name,
#include "abi/function.def"
#undef FN
    GEN_FUNCTION_COUNT,
} GenFunctionId;

// --- the state of a run -----------------------------------------------------------------------
// A value of an expression. Text is a pointer to a FlowView that may always be read; under a false
// `valid` all other values are undefined, but no poison.
typedef struct GenValue {
    LLVMValueRef value;
    LLVMValueRef valid; // i1; NULL: never null
} GenValue;

typedef struct GenTypes {
    LLVMTypeRef none, i1, i8, i16, i32, i64, i128, f32, f64, ptr, view, value;
} GenTypes;

// A column's vectors, as far as the loop at hand has loaded them.
typedef struct GenColumn {
    LLVMValueRef values;
    LLVMValueRef validity;
} GenColumn;

typedef struct GenFn {
    LLVMValueRef function;
    LLVMMetadataRef scope;   // its debug information
    LLVMBasicBlockRef entry; // holds the allocas; gets its branch when the function is finished
    LLVMValueRef ctx;
    LLVMValueRef batch;     // NULL in dense functions
    LLVMValueRef arguments; // room for the arguments of kernels, or NULL
    uint32_t argument_room; // how many
    LLVMBasicBlockRef exit; // of a pipeline: returns `status`
    LLVMValueRef status;
} GenFn;

// The loop over rows at hand.
typedef struct GenLoop {
    LLVMBasicBlockRef
        before; // loads that hold for the whole loop go here; unfinished until the end
    LLVMBasicBlockRef head, next, done;
    LLVMBasicBlockRef reject; // rejects the row and goes on with the next; made when first needed
    LLVMValueRef index;       // i64: place in the selection (or the row, in a dense loop)
    LLVMValueRef limit;
    LLVMValueRef row32, row;      // the row's number
    LLVMValueRef selection, kept; // the rows, and how many of them stay
    LLVMValueRef site;            // where the place of a failure is kept on the way to `reject`
    GenValue *computed;           // by slot: what this row has stored there already
    GenColumn *columns;           // by slot
} GenLoop;

// The lambda whose body is being written, and what it takes from around it.
typedef struct GenLambda {
    const Expr *expr;
    VEC(const Expr *) captures; // COLUMN and ARGUMENT nodes
} GenLambda;

typedef struct GenConstant { // what was made before from the same place in memory
    const void *address;
    LLVMValueRef global;
} GenConstant;

typedef struct Gen {
    Arena arena;
    const Layout *layout;
    const Plan *plan;
    const PlanPipeline *pipeline;
    LLVMContextRef context;
    LLVMModuleRef module;
    LLVMBuilderRef b;
    LLVMDIBuilderRef debug;
    LLVMMetadataRef debug_file;
    GenTypes t;
    LLVMTypeRef structs[GEN_STRUCT_COUNT];
    LLVMValueRef *pipelines; // the functions that the program names
    VEC(GenConstant) constants;
    LLVMValueRef empty_view;
    const char *cpu; // "target-cpu" of the functions being made, or NULL
    GenFn fn;
    GenLoop loop;
    const GenLambda *lambda; // NULL: the code of a pipeline itself
} Gen;

// --- gen_abi.c --------------------------------------------------------------------------------
void gen_abi_types(Gen *g); // also asserts that LLVM's offsets are C's
LLVMValueRef gen_call(Gen *g, GenFunctionId id, LLVMValueRef *arguments, const char *name);
LLVMValueRef gen_field(Gen *g, GenStruct of, LLVMValueRef pointer, uint32_t field); // its address
LLVMValueRef
gen_field_load(Gen *g, GenStruct of, LLVMValueRef pointer, uint32_t field, const char *name);
#define GEN_FIELD(g, owner, pointer, field)                                                        \
    gen_field_load((g), GEN_##owner, (pointer), GEN_##owner##_##field, #field)
#define GEN_FIELD_AT(g, owner, pointer, field)                                                     \
    gen_field((g), GEN_##owner, (pointer), GEN_##owner##_##field)

// --- gen_ir.c: instructions in short ----------------------------------------------------------
LLVMValueRef gen_i1(const Gen *g, bool value);
LLVMValueRef gen_i32(const Gen *g, int64_t value);
LLVMValueRef gen_i64(const Gen *g, int64_t value);
LLVMValueRef gen_i128(const Gen *g, i128 value);
LLVMValueRef gen_int(LLVMTypeRef type, int64_t value);
LLVMBasicBlockRef gen_block(Gen *g, const char *name);
void gen_goto(Gen *g, LLVMBasicBlockRef block); // branches and goes on there
// Branches; `then` is marked as rarely taken.
void gen_branch_rare(Gen *g,
                     LLVMValueRef condition,
                     LLVMBasicBlockRef rare,
                     LLVMBasicBlockRef usual);
LLVMValueRef gen_alloca(Gen *g, LLVMTypeRef type, const char *name);
LLVMValueRef gen_at(Gen *g, LLVMTypeRef type, LLVMValueRef pointer, LLVMValueRef index);
LLVMValueRef
gen_load(Gen *g, LLVMTypeRef type, LLVMValueRef pointer, uint32_t alignment, const char *name);
void gen_store(Gen *g, LLVMValueRef value, LLVMValueRef pointer, uint32_t alignment);
void gen_add_to(Gen *g,
                LLVMTypeRef type,
                LLVMValueRef pointer,
                LLVMValueRef amount); // += in memory
LLVMValueRef gen_intrinsic(
    Gen *g, const char *name, LLVMTypeRef overload, LLVMValueRef *arguments, uint32_t count);
LLVMValueRef
gen_phi(Gen *g, LLVMValueRef a, LLVMBasicBlockRef from_a, LLVMValueRef b, LLVMBasicBlockRef from_b);
LLVMValueRef gen_and(Gen *g, LLVMValueRef a, LLVMValueRef b); // NULL counts as true
LLVMValueRef gen_not(Gen *g, LLVMValueRef a);

// --- gen_function.c: functions and where their code comes from --------------------------------
void gen_debug_begin(Gen *g);
void gen_debug_end(Gen *g);
void gen_debug_at(Gen *g, Span span);
// Begins `fn`; the builder stands in its first block.
void gen_function_begin(Gen *g, LLVMValueRef function, Span span);
void gen_function_end(Gen *g); // after the last block's terminator
void gen_function_attribute(Gen *g, LLVMValueRef function, uint32_t index, const char *name);

// --- gen_data.c: constants --------------------------------------------------------------------
void gen_program(Gen *g); // defines flow_program
LLVMValueRef gen_constant(Gen *g, GenStruct of, const void *data, uint32_t count); // its address
LLVMValueRef gen_ints(Gen *g, const int32_t *values, uint32_t count);
LLVMValueRef gen_table(Gen *g, LLVMTypeRef type, LLVMValueRef *values, uint32_t count);
LLVMValueRef gen_view(Gen *g, FlowView view); // its address
LLVMValueRef gen_view_constant(Gen *g, FlowView view);
LLVMValueRef gen_nested_constant(Gen *g, const Type *type, const FlowNested *nested); // its address
LLVMValueRef gen_enum_texts(Gen *g, const Type *type); // FlowView[enum_count]
LLVMValueRef gen_enum_ranks(Gen *g, const Type *type); // uint16[enum_count]: places by text
LLVMValueRef gen_type_desc(Gen *g, const Type *type);  // address of its FlowTypeDesc
LLVMValueRef gen_kernel_info(Gen *g, const Expr *expr, int32_t site);

// --- gen_value.c: values in registers, columns and FlowValues ---------------------------------
LLVMTypeRef gen_type(const Gen *g, const Type *type);
bool gen_is_view(const Type *type);
bool gen_is_wide(const Type *type); // a decimal of more than 18 digits
GenValue gen_null(Gen *g, const Type *type);
GenValue gen_constant_value(Gen *g, const Type *type, FlowValue value);
void gen_columns_forget(Gen *g); // a new loop; what it loads once stands at the builder's place
GenColumn gen_column(Gen *g, uint32_t slot); // its vectors, loaded before the loop
GenValue gen_slot_load(Gen *g, uint32_t slot);
void gen_slot_store(Gen *g, uint32_t slot, GenValue value);
GenValue gen_param_load(Gen *g, uint32_t index, const Type *type);
void gen_value_pack(Gen *g,
                    const Type *type,
                    LLVMValueRef value,
                    LLVMValueRef pointer); // to a FlowValue
LLVMValueRef gen_value_unpack(Gen *g, const Type *type, LLVMValueRef pointer);
// A FlowValue that may be null (`valid`), whose bytes then mean nothing.
GenValue gen_value_read(Gen *g, const Type *type, LLVMValueRef pointer, LLVMValueRef valid);
GenValue
gen_merge(Gen *g, GenValue a, LLVMBasicBlockRef from_a, GenValue b, LLVMBasicBlockRef from_b);
GenValue gen_select(Gen *g, LLVMValueRef condition, GenValue a, GenValue b);
// The bool is true: neither false nor null.
LLVMValueRef gen_is_true(Gen *g, GenValue value);

// --- expressions ------------------------------------------------------------------------------
GenValue gen_expr(Gen *g, const Expr *expr);
// The same; a literal null, which has no type of its own, takes that of the place where it stands.
GenValue gen_expr_as(Gen *g, const Expr *expr, const Type *type);
GenValue gen_all_of(Gen *g, GenValue a, GenValue b); // three-valued and
// Rejects the row at the expression's site if the condition holds.
void gen_fail_if(Gen *g, const Expr *expr, LLVMValueRef condition);
// The same for a call whose lambdas may have failed, which then have said where.
void gen_call_fail_if(Gen *g, const Expr *call, LLVMValueRef condition);
// One operator, its arguments evaluated (null gives null).
typedef GenValue GenStrict(Gen *g, const Expr *expr, const GenValue *arguments);
GenStrict gen_negate, gen_add, gen_subtract, gen_multiply, gen_divide, gen_divide_int, gen_modulo;
GenStrict gen_decimal_add, gen_decimal_subtract, gen_decimal_multiply, gen_decimal_divide,
    gen_decimal_modulo, gen_decimal_divide_int;
GenStrict gen_time_add, gen_time_subtract, gen_time_difference, gen_date_add, gen_window_start;
GenStrict gen_compare, gen_in, gen_between;
GenStrict gen_cast, gen_try_cast;
GenStrict gen_concat, gen_like, gen_matches, gen_sample, gen_window, gen_builtin;
GenStrict gen_nested_make, gen_struct_field, gen_index; // gen_nested.c
// gen_lambda.c: a FlowLambda on the stack; what COLUMN and ARGUMENT mean in a body.
GenValue gen_lambda(Gen *g, const Expr *expr);
GenValue gen_lambda_value(Gen *g, const Expr *expr);

// `in` with a list that is searched, not compared one by one.
bool gen_in_is_search(const Expr *expr);
GenValue gen_in_search(Gen *g, const Expr *expr, GenValue wanted);
LLVMValueRef gen_valid_both(Gen *g, const GenValue *arguments);
// i1: a `op` b, for values that are there.
LLVMValueRef
gen_compare_values(Gen *g, ExprOp op, const Type *types[2], const LLVMValueRef values[2]);
LLVMValueRef gen_decimal_rescaled(Gen *g, LLVMValueRef value, LLVMTypeRef to, int32_t digits);
bool gen_decimal_is_inline(const Expr *expr); // add, subtract, multiply without a kernel
bool gen_cast_is_inline(const Type *from, const Type *to);
// Calls flow_rt_<name>(ctx, arguments, result, info); a failure rejects the row.
GenValue gen_kernel(Gen *g, const char *name, const Expr *expr, const GenValue *arguments);
// The same, but a failure is null.
GenValue gen_kernel_try(Gen *g, const char *name, const Expr *expr, const GenValue *arguments);

// --- gen_dense.c: loops over all rows of a batch, in functions of their own, for vectors ------
bool gen_dense_can(const Expr *expr);
// The first of `count` operations and those after it that can share its loop; returns how many.
uint32_t gen_dense_compute(Gen *g, const PlanOp *ops, uint32_t count);
void gen_dense_filter(Gen *g, const PlanOp *op);

// --- gen_rows.c: loops over the selection -----------------------------------------------------
void gen_loop_begin(Gen *g);
void gen_loop_end(Gen *g);
void gen_rows(Gen *g, const PlanOp *ops, uint32_t count); // COMPUTE, FILTER, CHECK in one loop

// --- gen_group.c, gen_agg.c -------------------------------------------------------------------
void gen_group(Gen *g, const PlanOp *op);
// Takes the row's value into the accumulator of aggregate `index` of the group; slot -1: no
// argument.
void gen_agg_update(Gen *g, const PlanOp *op, uint32_t index, LLVMValueRef accumulators);

// --- gen_pipeline.c ---------------------------------------------------------------------------
LLVMValueRef gen_selected_count(Gen *g); // i64
void gen_counter_add(Gen *g, uint32_t flow, FlowCounter counter, LLVMValueRef amount);
void gen_return_if(Gen *g, LLVMValueRef status); // leaves the pipeline unless the status is 0
void gen_pipeline(Gen *g, uint32_t index, LLVMValueRef function); // writes the function

// --- gen_level.c ------------------------------------------------------------------------------
void gen_pipelines(Gen *g, GenLevels levels);

#endif
