// driver: options, the order of the passes, exit statuses.
//
// Includes every room. A Compile holds the products of the passes of one program and the arena that
// owns them; compile_free releases all. driver_main is the whole of `flowc`.
#ifndef FLOW_DRIVER_H
#define FLOW_DRIVER_H

#include "backend/backend.h"
#include "build/build.h"
#include "check/check.h"
#include "gen/gen.h"
#include "graph/graph.h"
#include "import/import.h"
#include "layout/layout.h"
#include "lower/lower.h"
#include "plan/plan.h"
#include "resolve/resolve.h"
#include "rewrite/rewrite.h"
#include "share/share.h"
#include "support/support.h"
#include "syntax/syntax.h"

typedef enum PassId {
#define PASS(name, product, text) PASS_##name,
#include "driver/pass.def"
#undef PASS
    PASS_COUNT,
} PassId;

typedef struct CompileOptions {
    const char *rewrites_off; // names of rewrites to leave out, or NULL
    CheckOptions check;
    bool is_replay;  // the program takes only records that are sent to it again
    bool has_probes; // the rows that come to each step are counted
    GenLevels levels;
    BackendOptions backend;
} CompileOptions;

typedef struct Compile {
    Arena arena;
    Sys *sys; // opens existing tables; NULL: which there are is not known
    DiagList diags;
    CompileOptions options;
    const char *file; // as the user gave it
    const char *bytes;
    size_t length;
    ImportRead import_read; // reads other files of the program; NULL: there are none
    void *import_user;
    Ast *ast;
    Program *program;
    Checked *checked;
    Graph *graph;
    Plan *plan;
    Layout layout;
    struct LLVMOpaqueModule *module;
    Buffer object;
    BackendStats stats;
} Compile;

// The text is borrowed; `sys` is where the program's tables are.
void compile_init(Compile *compile, Sys *sys, const char *file, const char *bytes, size_t length);
// Runs the passes up to and with `last`. False: the user's mistake; `diags` says what.
bool compile_run(Compile *compile, PassId last);
void compile_dump(const Compile *compile, PassId pass, Buffer *out); // of a pass that has run
void compile_free(Compile *compile);

const char *pass_name(PassId pass);
const char *pass_text(PassId pass);
bool pass_find(const char *name, PassId *pass);

int driver_main(int argc, char **argv);

#endif
