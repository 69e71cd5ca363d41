// What the files of share have in common: the numbers of expressions, and the pipeline at hand.
#ifndef FLOW_SHARE_INTERNAL_H
#define FLOW_SHARE_INTERNAL_H

#include "share/share.h"

#define SHARE_NONE UINT32_MAX

typedef VEC(PlanOp) ShareOps;

// What is known of all expressions with one number.
typedef struct ShareValue {
    bool can_fail;
    bool is_work;        // more than a look at a column or constant: worth a slot
    uint32_t depth;      // of lambdas that must stand around it; 0: it is a value of the row
    uint32_t definer;    // the occurrence that has its value here, or SHARE_NONE
    uint32_t fork;       // the last BRANCH whose branches were searched for it …
    uint32_t branch;     // … the last of them that has it …
    uint32_t branches;   // … and how many have it
    bool is_before_fork; // it is computed in front of them
} ShareValue;

typedef struct ShareEntry {
    const char *key;
    size_t length;
    uint64_t hash;
    uint32_t number;
} ShareEntry;

// Equal expressions have equal numbers, wherever they stand.
typedef struct ShareNumbers {
    Arena *arena;
    VEC(ShareValue) values;
    ShareEntry *entries;
    uint32_t entry_count;
    uint32_t entry_room; // a power of two
    Buffer key;
    VEC(const Expr *) lambdas; // that stand around the expression at hand
} ShareNumbers;

typedef struct SharePipe {
    Plan *plan;
    VEC(PlanSlot) slots;
    ShareNumbers numbers;
    uint32_t fork_count;
    uint32_t branch_count;
} SharePipe;

// share.c: a new slot for the value, computed at the end of `ops`.
uint32_t share_slot(SharePipe *pipe, const Expr *value, ShareOps *ops);
// share_number.c
uint32_t share_number(ShareNumbers *numbers, const Expr *expr);
// The walk goes into what stands below the expression, or comes back: it may be a lambda.
void share_enter(ShareNumbers *numbers, const Expr *expr);
void share_leave(ShareNumbers *numbers, const Expr *expr);
ShareValue *share_value(SharePipe *pipe, const Expr *expr);
bool share_is_needed(const Expr *expr, uint32_t index); // argument `index` is always evaluated
// share_branch.c: the operations, with what branches have in common in front of them
PlanOps share_branches(SharePipe *pipe, PlanOps ops);

#endif
