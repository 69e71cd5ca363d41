// What the files of generate share: random numbers, texts of a pattern, and makers of values.
#ifndef FLOW_GENERATE_INTERNAL_H
#define FLOW_GENERATE_INTERNAL_H

#include "generate/generate.h"
#include "scalar/scalar.h"

#define GENERATE_COUNT_MAX (UINT64_C(1) << 62) // of values that are told apart

// --- draw.c: numbers that follow from a seed -----------------------------------------------------
typedef struct Draw {
    uint64_t state;
} Draw;
Draw draw_new(int64_t seed, int64_t row, uint64_t column, int64_t attempt);
uint64_t draw_below(Draw *draw, uint64_t count); // 0 .. count-1; count > 0
static inline bool draw_is_one_of(Draw *draw, uint64_t count) {
    return draw_below(draw, count) == 0;
}

// --- pattern.c: texts that a simple regular expression matches -----------------------------------
typedef struct Pattern Pattern;
const Pattern *pattern_parse(Arena *arena, const char *text); // NULL: not a simple one
uint64_t pattern_count(const Pattern *pattern);               // of its texts, at most COUNT_MAX
void pattern_draw(const Pattern *pattern, Draw *draw, Buffer *out);
void pattern_nth(const Pattern *pattern, uint64_t index, Buffer *out); // index < count

// --- make.c: values of a column ------------------------------------------------------------------
typedef enum MakeKind {
    MAKE_VALUES,  // one of a list
    MAKE_NUMBER,  // whole numbers, and what is counted like them: days, µs, codes, units of a scale
    MAKE_FLOAT,   // between two bounds
    MAKE_PATTERN, // texts of a pattern
    MAKE_NAME,    // texts that begin with the column's name
    MAKE_BYTES,
    MAKE_CLOCK, // the time of the row
    MAKE_NEAR,  // a time not far from it
    MAKE_NESTED,
} MakeKind;

typedef struct Make {
    MakeKind kind;
    const FlowTypeDesc *type;
    const char *name;
    uint64_t count; // of values that can be told apart; 0: unknown
    i128 low;       // NUMBER
    double float_low;
    double float_high;
    const FlowValue *values; // VALUES
    const Pattern *pattern;
} Make;

// The time of a row: start + row * step_us / step_rows, then at most jitter_us later.
typedef struct Clock {
    int64_t start_us;
    int64_t step_us;
    int64_t step_rows;
    int64_t jitter_us;
} Clock;
int64_t clock_time(const Clock *clock, int64_t row);

typedef struct MakePlace { // where a value is made
    Arena *arena;
    const Clock *clock;
    int64_t row;
} MakePlace;

#define GENERATE_START_US (INT64_C(1767225600) * 1000000) // 2026-01-01T00:00:00Z

// `is_distinct`: of as many values as there are, for make_nth.
Make make_new(Arena *arena,
              const FlowColumnDesc *column,
              const FlowRecipe *recipe,
              bool is_distinct);
FlowValue make_draw(const Make *make, const MakePlace *place, Draw *draw);
FlowValue make_nth(const Make *make, const MakePlace *place, uint64_t index); // index < count
// A bound of a recipe, as a value of the type; false: there is none.
bool make_bound(Arena *arena, const FlowTypeDesc *type, const char *text, FlowValue *value);

#endif
