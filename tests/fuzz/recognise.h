// The judge's own reader of the grammar: says of a list of tokens whether it is a program, and if
// not, at which token it stops being the start of one. Earley's method, for any grammar, so that it
// shares neither the tables nor the mistakes of the parser.
//
// Owns nothing: grammar and results live in the arenas that are given.
#ifndef FLOW_FUZZ_RECOGNISE_H
#define FLOW_FUZZ_RECOGNISE_H

#include "base/base.h"

typedef struct Grammar Grammar;

// Reads the table that grammar.py writes; a wrong one is a bug.
const Grammar *grammar_read(Arena *arena, FILE *file);
// The count of tokens if they are a program; else the index of the first that no program has there
// (the count, too, where only the end comes too early: see `is_program`).
uint32_t recognise(
    const Grammar *grammar, Arena *arena, const uint16_t *kinds, uint32_t count, bool *is_program);

#endif
