// Lists, maps, structs and lambdas. A lambda is called back by the runtime's own function, so it
// carries the row and what was known around it.
#include "oracle_expr.h"

#include "scalar/scalar.h"

// A lambda as functions get it, with what its body needs.
typedef struct OracleLambda {
    FlowLambda abi; // first: the functions know this
    OracleRow *row;
    const Expr *expr;
    const OracleFrame *outer;
} OracleLambda;

static Arena *arena_of(const OracleRow *row) {
    return ((const ScalarRuntime *)row->ctx->runtime)->arena;
}

OracleStatus oracle_nested(OracleRow *row, const Expr *expr, FlowValue *value) {
    FlowValue *items = NULL;
    uint8_t *validity = NULL;
    int64_t count = expr->argument_count;
    const FlowNested *nested = nested_new(arena_of(row), count, count, &items, &validity);
    for (uint32_t i = 0; i < expr->argument_count; i++) {
        OracleStatus status = oracle_eval(row, expr->arguments[i], &items[i]);
        if (status == ORACLE_FAILED) {
            return status;
        }
        validity[i] = status == ORACLE_VALUE;
    }
    *value = (FlowValue){.nested = nested};
    return ORACLE_VALUE;
}

static OracleStatus item(const FlowNested *nested, int64_t index, FlowValue *value) {
    if (index < 0 || index >= nested->count || !nested_has(nested, index)) {
        return ORACLE_NULL;
    }
    *value = nested->items[index];
    return ORACLE_VALUE;
}

OracleStatus oracle_field(OracleRow *row, const Expr *expr, FlowValue *value) {
    OracleStatus status = oracle_eval(row, expr->arguments[0], value);
    return status == ORACLE_VALUE ? item(value->nested, expr->index, value) : status;
}

static OracleStatus
entry(OracleRow *row, const Expr *expr, const FlowValue *parts, FlowValue *value) {
    const Type *map_type = expr->arguments[0]->type;
    FlowTypeDesc key = type_desc(arena_of(row), map_type->children[0].type);
    FlowTypeDesc wanted = type_desc(arena_of(row), expr->arguments[1]->type);
    const FlowNested *map = parts[0].nested;
    OracleStatus found = ORACLE_NULL;
    for (int64_t i = 0; i < map->count; i++) { // the last of equal keys counts
        if (value_compare(&key, &map->items[2 * i], &wanted, &parts[1]) == 0) {
            found = nested_has(map, 2 * i + 1) ? ORACLE_VALUE : ORACLE_NULL;
            *value = map->items[2 * i + 1];
        }
    }
    return found;
}

OracleStatus oracle_index(OracleRow *row, const Expr *expr, FlowValue *value) {
    FlowValue parts[2] = {0};
    OracleStatus status[2];
    for (int i = 0; i < 2; i++) {
        status[i] = oracle_eval(row, expr->arguments[i], &parts[i]);
        if (status[i] == ORACLE_FAILED) {
            return ORACLE_FAILED;
        }
    }
    if (status[0] == ORACLE_NULL || status[1] == ORACLE_NULL) {
        return ORACLE_NULL;
    }
    return expr->arguments[0]->type->kind == FLOW_MAP ? entry(row, expr, parts, value)
                                                      : item(parts[0].nested, parts[1].i64, value);
}

// --- lambdas
// --------------------------------------------------------------------------------------
static int32_t lambda_run(FlowContext *ctx,
                          const FlowLambda *lambda,
                          const FlowValue *arguments,
                          const uint8_t *validity,
                          FlowValue *result) {
    const OracleLambda *own = (const OracleLambda *)lambda;
    OracleFrame frame = {own->outer, own->expr, arguments, validity};
    OracleRow row = *own->row;
    row.frame = &frame;
    OracleStatus status = oracle_eval(&row, own->expr->arguments[0], result);
    if (status == ORACLE_FAILED) {
        ctx->failed_site = row.failed_site;
        return FLOW_VALUE_ERROR;
    }
    return status == ORACLE_NULL ? FLOW_VALUE_NULL : FLOW_VALUE_OK;
}

FlowValue oracle_lambda(OracleRow *row, const Expr *expr) {
    OracleLambda *lambda = arena_new(arena_of(row), OracleLambda);
    *lambda = (OracleLambda){{.run = lambda_run}, row, expr, row->frame};
    return (FlowValue){.lambda = &lambda->abi};
}

OracleStatus oracle_argument(const OracleRow *row, const Expr *expr, FlowValue *value) {
    const OracleFrame *frame = row->frame;
    while (expr->index < frame->lambda->index ||
           expr->index >= frame->lambda->index + frame->lambda->parameter_count) {
        frame = frame->outer;
        ASSERT(frame != NULL);
    }
    uint32_t place = expr->index - frame->lambda->index;
    *value = frame->arguments[place];
    return frame->validity[place] ? ORACLE_VALUE : ORACLE_NULL;
}
