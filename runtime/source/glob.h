// Globs: which files a source reads. Inside of source only.
#ifndef FLOW_SOURCE_GLOB_H
#define FLOW_SOURCE_GLOB_H

#include "source/source.h"

bool glob_has_wildcard(const char *glob);
// `*`, `?`, `[a-z]`, `[!a]`, and `\` before what is meant as itself; none of them crosses a '/'.
bool glob_match(const char *pattern, const char *name);
// All files that the glob names, sorted by the bytes of their paths; `**` stands for any number of
// directories. What a wildcard finds leaves out hidden and temporary names.
NODISCARD Outcome glob_expand(Sys *sys, Arena *arena, const char *glob, SourceListing *listing);

#endif
