// resolve: names to declarations: who reads and writes what, and in which order flows are computed.
//
// Includes support, syntax, types. The Arena given to resolve_program owns the Program, which
// borrows the Ast. Reported here: names declared twice or not at all, declarations of a wrong kind,
// cycles, and the declarations that are not supported yet (imports); tests are left alone.
// Names of columns, types and functions are the checker's. A reference that could not be resolved
// is PROGRAM_NOTHING and already reported (or may follow from a declaration that could not be
// read): later rooms stay silent about it.
#ifndef FLOW_RESOLVE_H
#define FLOW_RESOLVE_H

#include "support/support.h"
#include "syntax/syntax.h"

typedef enum ProgramKind {
    PROGRAM_NOTHING,
    PROGRAM_SOURCE, // index in sources
    PROGRAM_TABLE,  // index in tables
    PROGRAM_SINK,   // index in sinks
    PROGRAM_FLOW,   // index in flows
} ProgramKind;

typedef struct ProgramRef {
    ProgramKind kind;
    uint32_t index;
} ProgramRef;

typedef struct ProgramSource {
    const char *name;
    const AstDecl *decl;
    const AstDecl *contract; // the contract after the colon; NULL: none written, or not found
} ProgramSource;

// Declared, or used by its path alone (decl NULL; `name` is then the path). One path is one table.
typedef struct ProgramTable {
    const char *name;
    const AstDecl *decl;
    const AstDecl *contract;
    const char *path;     // normalised; NULL: a param, or missing (reported by check)
    Span span;            // the declaration's name, or the first use of the path
    const AstStep *as_of; // the `from` that reads an earlier version: a table of its own; or NULL
    uint32_t newest;      // of it: the table whose past it is
} ProgramTable;

typedef struct ProgramSink {
    const char *name;
    const AstDecl *decl; // NULL: the predeclared sink `stdout`
} ProgramSink;

typedef struct ProgramFlow {
    const char *name;
    const AstDecl *decl;
    bool is_read;             // by another flow
    const ProgramRef *inputs; // what from, join and union of the flow read, in the order written
    uint32_t input_count;
    const ProgramRef *outputs; // what its terminals and `late into` write
    uint32_t output_count;
} ProgramFlow;

typedef struct Program {
    const Ast *ast;
    const char *name;        // of the pipeline, or the file's name without folder and `.flow`
    const AstDecl *pipeline; // or NULL
    VEC(const AstDecl *) contracts;
    VEC(ProgramSource) sources;
    VEC(ProgramTable) tables; // declared ones first, in the order written
    VEC(ProgramSink) sinks;   // `stdout` stands here only if it is used
    VEC(const AstDecl *) params;
    VEC(const AstDecl *) types;
    VEC(const AstDecl *) fns;
    VEC(ProgramFlow) flows; // each after the flows whose results it reads, also through tables
    bool is_replay;         // flows take only records that are sent to them again
} Program;

// Never NULL; mistakes go to `diags`.
Program *resolve_program(Arena *arena, const Ast *ast, DiagList *diags);

// What the `dest` of a step that reads, or of one that writes, stands for: kinds may share a name.
ProgramRef program_input(const Program *program, const AstDest *dest);
ProgramRef program_from(const Program *program, const AstStep *step); // of a FROM, `as of` included
ProgramRef program_output(const Program *program, const AstDest *dest);
const AstDecl *program_contract(const Program *program, const char *name); // or NULL
const AstDecl *program_param(const Program *program, const char *name);
const AstDecl *program_type(const Program *program, const char *name);
const AstDecl *program_fn(const Program *program, const char *name);
// The first setting of that name, or NULL.
const AstSetting *program_setting(const AstSettings *settings, const char *name);
// "a//b/./c/" → "a/b/c": one spelling for one path. Leading "..", URLs and absolute paths stay.
const char *program_path(Arena *arena, const char *path);
void program_dump(const Program *program, Buffer *out);

#endif
