// Paths of files in a log, which are URIs, and on disk, which are not.
//
// Internal to store.
#ifndef FLOW_STORE_DELTA_PATH_H
#define FLOW_STORE_DELTA_PATH_H

#include "base/base.h"

#define DELTA_VERSION_DIGITS 20

// The path as logged: every byte outside `A-Za-z0-9-._~/=` percent-encoded.
void delta_path_encode(Buffer *out, const char *path);
// Decoded once; `file:` is dropped. NULL: a bad escape, a NUL, or it leaves the table by `..`.
const char *delta_path_decode(Arena *arena, const char *uri);
// The decoded path as the Sys wants it: below the table unless absolute.
const char *delta_path_join(Arena *arena, const char *table, const char *decoded);
// `<table>/_delta_log/<version><suffix>`
const char *delta_log_path(Arena *arena, const char *table, int64_t version, const char *suffix);
// Exactly 20 digits at `name` and then `suffix` to the end?
bool delta_log_name(const char *name, const char *suffix, int64_t *version);

#endif
