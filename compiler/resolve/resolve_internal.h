// Inside the room: what the steps of resolving share.
#ifndef FLOW_RESOLVE_INTERNAL_H
#define FLOW_RESOLVE_INTERNAL_H

#include "resolve/resolve.h"

typedef struct Resolver {
    Arena *arena;
    DiagList *diags;
    Program *program;
    bool has_imports; // names may come from files that are not read yet
} Resolver;

// The first declaration of that name among kinds (a mask, 1 << AST_DECL_…), or NULL.
const AstDecl *resolve_decl(const Ast *ast, uint32_t kinds, const char *name);
void resolve_suggest(Resolver *resolver, Diag *diag, uint32_t kinds, const char *name);
void resolve_tables(Resolver *resolver); // normalised paths; two declarations of one path
void resolve_flows(Resolver *resolver);  // inputs and outputs
void resolve_order(Resolver *resolver);  // dependencies, cycles

#endif
