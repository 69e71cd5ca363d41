// gen: plan and layout to LLVM IR: one function for each pipeline, and the program's constants.
//
// Includes support, types, expr, graph, plan, layout, abi. Owns the making of IR; who called
// gen_run frees the module with gen_free. The IR holds no host address and does not depend on the
// machine it is made on: the same plan gives the same module, byte for byte. It names the runtime's
// functions (abi/function.def, kernel.def, builtin.def) and calls helpers (flow_h_*) that backend
// links in.
#ifndef FLOW_GEN_H
#define FLOW_GEN_H

#include "layout/layout.h"

// An LLVM module (what LLVMModuleRef points to), so that this door needs no header of LLVM.
struct LLVMOpaqueModule;

// Which code the pipelines are compiled to.
typedef enum GenLevels {
    GEN_ONE_LEVEL,  // for the one CPU that backend is told: loading in process, --ir, --asm
    GEN_ALL_LEVELS, // for x86-64-v2, -v3 and -v4, chosen when the executable starts
} GenLevels;

// The module defines `flow_program` (a FlowProgram) and `flow.pipeline.<name>` for each pipeline.
struct LLVMOpaqueModule *gen_run(const Layout *layout, GenLevels levels);
void gen_free(struct LLVMOpaqueModule *module);

#endif
