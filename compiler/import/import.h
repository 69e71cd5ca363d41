// import: a program that is split over files, read into one tree.
//
// Includes support, syntax. The Arena given to import_parse owns the tree. Each file is read once,
// however often it is imported; a cycle is a mistake. `std.NAME` are the modules of stdlib/, which
// are part of the compiler.
#ifndef FLOW_IMPORT_H
#define FLOW_IMPORT_H

#include "syntax/syntax.h"

// Reads a file into the arena, with a NUL behind it. False: it can't be read; `why` says so.
typedef bool (*ImportRead)(
    void *user, Arena *arena, const char *path, char **bytes, size_t *length, const char **why);

typedef struct ImportSource {
    const char *file; // as the user gave it: other files are found from there
    const char *bytes;
    size_t length;
    ImportRead read; // NULL: there are no other files
    void *user;
} ImportSource;

// Never NULL; mistakes go to `diags`. The program's own declarations come first, then those of the
// files that it imports, whose tests are left out.
Ast *import_parse(Arena *arena, DiagList *diags, const ImportSource *source);

// The modules of the standard library, for listings: NULL behind the last one.
const char *import_module_name(uint32_t index);
const char *import_module_text(uint32_t index);

#endif
