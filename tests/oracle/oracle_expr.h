// The value of an expression for one row.
#ifndef FLOW_ORACLE_EXPR_H
#define FLOW_ORACLE_EXPR_H

#include "oracle.h"

typedef struct OracleRow {
    const Plan *plan;
    const FlowProgram *program;
    const PlanPipeline *pipeline;
    FlowContext *ctx;
    FlowBatch *batch;
    int32_t row;
    int32_t failed_site; // of the node that failed
} OracleRow;

typedef enum OracleStatus { ORACLE_VALUE, ORACLE_NULL, ORACLE_FAILED } OracleStatus;

OracleStatus oracle_eval(OracleRow *row, const Expr *expr, FlowValue *value);

#endif
