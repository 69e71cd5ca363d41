// What the two kinds of joins share: lookups and joins of two streams.
#ifndef FLOW_CHECK_JOIN_H
#define FLOW_CHECK_JOIN_H

#include "check/check_internal.h"

typedef struct Joining {
    Checker *c;
    const AstStep *step;
    const Stream *ours;
    const Stream *right;
    AstName alias;
    Stream *pair; // ours, then the right's
    VEC(const Expr *) keys;
    VEC(const Expr *) right_keys;
    const Expr *rest;
    bool
        key_only; // only columns of the right's key make a key, other equalities are part of `rest`
} Joining;

// The name of the joined rows; false: reported.
bool join_alias_find(Joining *j);
// Ours, then the right's, hidden. A side that may be missing has nullable columns.
Stream *join_pair_make(Joining *j, bool may_lack_ours, bool may_lack_right);
bool join_on_check(Joining *j);                   // false: poison, or no equality
void join_rest_add(Joining *j, const Expr *expr); // one more condition
// The node of the step.
CheckedStep *join_add(Joining *j, GraphOp op, ProgramRef input, FlowJoinKind kind, Stream *after);

// check_join_stream.c
bool join_time_report(Joining *j, const Stream *side, Span span); // whether it has none
Stream *stream_join_check(Joining *j, ProgramRef input);
// Their rows enter the flow; then its last step is theirs.
void join_theirs_add(Joining *j, ProgramRef input, Stream *right);
// check_join_as_of.c
Stream *as_of_join_check(Joining *j, ProgramRef input, Stream *stream);

#endif
