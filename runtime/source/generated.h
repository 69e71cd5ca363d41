// Records of a `generate` source: the text of a piece, made where it is decoded, and the records
// that are drawn again because they broke a check. Inside of source only.
//
// A position is a row's number. A row that is drawn again comes behind the others of its piece.
#ifndef FLOW_SOURCE_GENERATED_H
#define FLOW_SOURCE_GENERATED_H

#include "source/internal.h"

typedef struct Generated Generated;

uint32_t generated_pieces(const FlowSource *desc);
NODISCARD Outcome generated_new(Sys *sys, const FlowSource *desc, Generated **generated);
void generated_free(Generated *generated);
int64_t generated_begin(Generated *generated, uint32_t part, SourcePiece *text); // its rows
// The next text of the piece: what has to be drawn again. *has_text false: nothing has.
NODISCARD Outcome generated_next(Generated *generated, SourcePiece *text, bool *has_text);
int64_t generated_row(const Generated *generated, int64_t offset); // of a record in the text
// `why` and `where` stay valid until the next text.
void generated_again(Generated *generated, int64_t row, const char *why, const char *where);

#endif
