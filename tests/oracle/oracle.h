// oracle: the reference interpreter of the plan: row by row, value by value, in plain C.
//
// It stands beside the code generator on purpose: both are handed the same plan, run under the same
// engine, and must give the same bytes. It is slow and short; nothing here is shared with gen.
#ifndef FLOW_ORACLE_H
#define FLOW_ORACLE_H

#include "layout/layout.h"

#define ORACLE_PIPELINES_MAX 32

// Sets `run` of every pipeline of layout->program to the interpreter. One program at a time: the
// functions find their plan through a static, which the next call replaces.
void oracle_install(const Layout *layout);

#endif
