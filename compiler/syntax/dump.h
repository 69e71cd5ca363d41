// Inside the room: the parts of the printer.
#ifndef FLOW_SYNTAX_DUMP_H
#define FLOW_SYNTAX_DUMP_H

#include "syntax/syntax.h"

// Begins a line; `depth` counts indents of two blanks.
void dump_line(Buffer *out, int depth, const char *word);
void dump_place(Buffer *out, Span span);                     // " @3:5-3:20", and ends the line
void dump_name(Buffer *out, const char *word, AstName name); // " as name", nothing without a name
void dump_names(Buffer *out, const char *word, AstNames names, const char *separator);
void dump_literal(Buffer *out, const AstLiteral *literal);
void dump_type(Buffer *out, const AstType *type);
void dump_dest(Buffer *out, const AstDest *dest);
void dump_reaction(Buffer *out, AstReaction reaction);
void dump_assigns(Buffer *out, int depth, const char *word, const AstAssigns *assigns);
void dump_step(Buffer *out, int depth, const AstStep *step);
void dump_test_step(Buffer *out, int depth, const AstTestStep *step);

#endif
