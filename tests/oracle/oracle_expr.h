// The value of an expression for one row.
#ifndef FLOW_ORACLE_EXPR_H
#define FLOW_ORACLE_EXPR_H

#include "oracle.h"

// The arguments of a lambda that is being called.
typedef struct OracleFrame {
    const struct OracleFrame *outer;
    const Expr *lambda;
    const FlowValue *arguments;
    const uint8_t *validity;
} OracleFrame;

typedef struct OracleRow {
    const Plan *plan;
    const FlowProgram *program;
    const PlanPipeline *pipeline;
    FlowContext *ctx;
    FlowBatch *batch;
    int32_t row;
    const OracleFrame *frame; // of the innermost lambda, or NULL
    int32_t failed_site;      // of the node that failed
} OracleRow;

typedef enum OracleStatus { ORACLE_VALUE, ORACLE_NULL, ORACLE_FAILED } OracleStatus;

OracleStatus oracle_eval(OracleRow *row, const Expr *expr, FlowValue *value);

// oracle_nested.c
OracleStatus oracle_nested(OracleRow *row, const Expr *expr, FlowValue *value); // STRUCT, LIST
OracleStatus oracle_field(OracleRow *row, const Expr *expr, FlowValue *value);
OracleStatus oracle_index(OracleRow *row, const Expr *expr, FlowValue *value);
OracleStatus oracle_argument(const OracleRow *row, const Expr *expr, FlowValue *value);
FlowValue oracle_lambda(OracleRow *row, const Expr *expr); // for a function's argument

#endif
