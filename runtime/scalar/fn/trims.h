// What trim, ltrim and rtrim have in common.
#ifndef FLOW_SCALAR_FN_TRIMS_H
#define FLOW_SCALAR_FN_TRIMS_H

#include "scalar/fn/fn.h"

typedef enum TrimEnds { TRIM_BEGIN = 1, TRIM_END = 2, TRIM_BOTH = 3 } TrimEnds;

// The first argument without blanks (U+0020), or without the code points of the second one, at
// these ends.
FlowView text_trimmed(const FlowValue *args, const FlowKernelInfo *info, TrimEnds ends);

#endif
