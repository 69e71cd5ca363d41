// Rows as NDJSON lines: which columns a row has, which of them are null, and which differ from all
// other rows'.
#include "generate/internal.h"

enum {
    NULL_ONE_OF = 8,    // a column that may be null is one of so many times
    DEFAULT_ONE_OF = 8, // likewise, left out where there is a default
};

#define SECOND_US INT64_C(1000000)
#define CENTURY_US (INT64_C(36525) * 86400 * SECOND_US)

typedef struct Field {
    uint32_t column; // of the source
    Make make;
    const FlowWire *wire; // NULL: called like the column
    bool is_nullable;
    bool is_judged;
    uint64_t stride; // > 0: its values count the rows: (row / stride) % make.count
} Field;

struct Generator {
    Arena memory;
    Arena scratch; // of a row
    const FlowSource *source;
    const FlowGenerate *generate;
    Clock clock;
    Field *fields;
    uint32_t field_count;
    uint64_t number_count; // of what is told apart: rows, or keys of a changelog
};

// --- the clock -----------------------------------------------------------------------------------
static int64_t clock_span(const Clock *clock, int64_t rows) {
    return clock_time(clock, rows > 0 ? rows - 1 : 0) - clock->start_us + clock->jitter_us;
}

// Times end where the checks of the event time want them to, if need be closer together.
static void clock_end_at(Clock *clock, int64_t rows, int64_t high_us, bool has_low) {
    if (clock->start_us + clock_span(clock, rows) <= high_us) {
        return;
    }
    if (!has_low && clock->start_us > high_us) {
        clock->start_us = high_us - clock_span(clock, rows);
        return;
    }
    int64_t span_us = high_us - clock->start_us;
    if (span_us < 2 * clock->jitter_us) {
        clock->jitter_us = 0;
    }
    clock->step_us = span_us > 0 ? span_us - clock->jitter_us : 0;
    clock->step_rows = rows > 1 ? rows - 1 : 1;
}

// A second from one record to the next; less if that would leave the century.
static void step_set(Clock *clock, int64_t rows) {
    bool is_long = rows > CENTURY_US / SECOND_US;
    clock->step_rows = is_long ? rows : 1;
    clock->step_us = is_long ? CENTURY_US : SECOND_US;
}

static void clock_set(Generator *g) {
    const FlowGenerate *generate = g->generate;
    g->clock = (Clock){.start_us = GENERATE_START_US,
                       .step_us = generate->step_us,
                       .step_rows = generate->step_rows,
                       .jitter_us = generate->jitter_us};
    if (generate->step_rows == 0) {
        step_set(&g->clock, generate->rows);
    }
    int32_t column = g->source->event_time;
    if (column < 0 || column >= generate->recipes_count) {
        return;
    }
    const FlowRecipe *recipe = &generate->recipes[column];
    const FlowTypeDesc *type = g->source->columns[column].type;
    FlowValue bound = {0};
    bool has_low = make_bound(&g->memory, type, recipe->low, &bound);
    if (has_low && bound.i64 > g->clock.start_us) {
        g->clock.start_us = bound.i64;
    }
    if (make_bound(&g->memory, type, recipe->high, &bound)) {
        clock_end_at(&g->clock, generate->rows, bound.i64, has_low);
    }
}

// --- fields --------------------------------------------------------------------------------------
static const FlowRecipe *recipe_of(const Generator *g, uint32_t column) {
    return column < g->generate->recipes_count ? &g->generate->recipes[column] : NULL;
}

// As many values as rows, if the clock goes on by a microsecond at least.
static Make clock_make(const Generator *g, uint32_t column) {
    int64_t rows = g->generate->rows;
    return (Make){.kind = MAKE_CLOCK,
                  .type = g->source->columns[column].type,
                  .name = g->source->columns[column].name,
                  .count = clock_span(&g->clock, rows) - g->clock.jitter_us >= rows - 1
                               ? GENERATE_COUNT_MAX
                               : 0};
}

static Make column_make(Generator *g, uint32_t column, bool is_distinct) {
    if ((int32_t)column == g->source->event_time) {
        return clock_make(g, column);
    }
    return make_new(&g->memory, &g->source->columns[column], recipe_of(g, column), is_distinct);
}

static void fields_set(Generator *g) {
    const FlowSource *source = g->source;
    g->fields = arena_array(&g->memory, Field, (size_t)source->columns_count + 1);
    for (uint32_t i = 0; i < source->columns_count; i++) {
        const FlowWire *wire = i < source->wires_count ? &source->wires[i] : NULL;
        bool is_read =
            source->columns[i].meta == FLOW_META_NONE && (wire == NULL || wire->names_count > 0);
        if (!is_read) {
            continue;
        }
        const FlowRecipe *recipe = recipe_of(g, i);
        bool is_present = recipe != NULL && recipe->is_present != 0;
        bool is_judged = recipe != NULL && recipe->is_judged != 0;
        g->fields[g->field_count++] =
            (Field){.column = i,
                    .make = column_make(g, i, false),
                    .wire = wire,
                    .is_judged = is_judged,
                    .is_nullable = source->columns[i].type->is_nullable && !is_present};
    }
}

// --- what is distinct ----------------------------------------------------------------------------
static Field *field_of(Generator *g, int32_t column) {
    for (uint32_t i = 0; i < g->field_count; i++) {
        if ((int32_t)g->fields[i].column == column) {
            return &g->fields[i];
        }
    }
    return NULL;
}

static void field_count_rows(Generator *g, Field *field, const Make *make, uint64_t stride) {
    field->make = *make;
    field->stride = stride;
    field->is_nullable = false;
    if (make->kind == MAKE_CLOCK) {
        g->clock.jitter_us = 0;
    }
}

static bool is_alone(const Generator *g, const Field *field) {
    return field->stride == 1 && field->make.count >= g->number_count;
}

// One column that tells all rows apart; the event time rather than another.
static bool one_counts(Generator *g, const FlowDistinct *distinct) {
    Field *best = NULL;
    Make best_make = {0};
    for (int64_t i = 0; i < distinct->columns_count; i++) {
        Field *field = field_of(g, distinct->columns[i]);
        if (field == NULL || (field->stride > 0 && !is_alone(g, field))) {
            continue;
        }
        Make make = column_make(g, field->column, true);
        bool is_clock = make.kind == MAKE_CLOCK && g->generate->changes_per_key == 1;
        bool is_enough = make.count >= g->number_count && (is_clock || make.kind != MAKE_CLOCK);
        if (is_alone(g, field)) {
            return true;
        }
        if (is_enough && (best == NULL || is_clock)) {
            best = field;
            best_make = make;
        }
    }
    if (best != NULL) {
        field_count_rows(g, best, &best_make, 1);
    }
    return best != NULL;
}

// Columns with few values each: they count the rows together, as digits do.
static bool all_count(Generator *g, const FlowDistinct *distinct) {
    uint64_t stride = 1;
    for (int64_t i = 0; i < distinct->columns_count && stride < g->number_count; i++) {
        Field *field = field_of(g, distinct->columns[i]);
        if (field == NULL || field->stride > 0) {
            continue;
        }
        Make make = column_make(g, field->column, true);
        if (make.kind == MAKE_CLOCK || make.count == 0) {
            continue;
        }
        field_count_rows(g, field, &make, stride);
        u128 next = (u128)stride * make.count;
        stride = next > GENERATE_COUNT_MAX ? GENERATE_COUNT_MAX : (uint64_t)next;
    }
    return stride >= g->number_count;
}

static Outcome distinct_fail(const Generator *g, const FlowDistinct *distinct, Failure *failure) {
    Buffer names = {0};
    for (int64_t i = 0; i < distinct->columns_count; i++) {
        buffer_text(&names, i > 0 ? ", " : "");
        buffer_text(&names, g->source->columns[distinct->columns[i]].name);
    }
    Outcome outcome = failure_set(failure,
                                  OUTCOME_REFUSED,
                                  "%llu records can't all differ in (%s), which has not so many "
                                  "values",
                                  (unsigned long long)g->number_count,
                                  buffer_cstring(&names));
    buffer_free(&names);
    return outcome;
}

static Outcome distinct_set(Generator *g, Failure *failure) {
    const FlowGenerate *generate = g->generate;
    for (int32_t pass = 0; pass < 2; pass++) { // what stands alone first: it may do for others
        for (int64_t i = 0; i < generate->distincts_count; i++) {
            const FlowDistinct *distinct = &generate->distincts[i];
            bool is_single = distinct->columns_count == 1;
            if (is_single == (pass == 0) && !one_counts(g, distinct) && !all_count(g, distinct)) {
                return distinct_fail(g, distinct, failure);
            }
        }
    }
    return OUTCOME_OK;
}

Outcome generator_new(const FlowSource *source, Failure *failure, Generator **generator) {
    Generator *g = memory_alloc(sizeof(Generator));
    uint64_t rows = (uint64_t)source->generate->rows;
    uint64_t per_key = (uint64_t)source->generate->changes_per_key;
    *g = (Generator){.source = source,
                     .generate = source->generate,
                     .number_count = (rows + per_key - 1) / per_key};
    clock_set(g);
    fields_set(g);
    *generator = g;
    Outcome outcome = distinct_set(g, failure);
    if (outcome != OUTCOME_OK) {
        generator_free(g);
        *generator = NULL;
    }
    return outcome;
}

void generator_free(Generator *generator) {
    if (generator != NULL) {
        arena_free(&generator->memory);
        arena_free(&generator->scratch);
        memory_free(generator);
    }
}

// --- records -------------------------------------------------------------------------------------
// Of a changelog several rows have one number: they change one row.
static uint64_t number_of(const Generator *g, int64_t row) {
    if (g->generate->changes_per_key == 1) {
        return (uint64_t)row;
    }
    Draw draw = draw_new(g->generate->seed, row, UINT64_MAX, 0);
    return draw_below(&draw, g->number_count);
}

typedef struct RowDraw { // one draw of one row
    Arena *arena;
    int64_t row;
    int64_t attempt;
} RowDraw;

static FlowValue
field_value(const Generator *g, const Field *field, const RowDraw *at, Draw *draw) {
    MakePlace place = {.arena = at->arena, .clock = &g->clock, .row = at->row};
    if (field->stride == 0) {
        return make_draw(&field->make, &place, draw);
    }
    uint64_t number = number_of(g, at->row);
    uint64_t again = field->is_judged ? (uint64_t)at->attempt : 0;
    if (field->stride == 1 && (again + 1) * g->number_count <= field->make.count) {
        // Where there are more values than rows, another one; shifted, so that it is not always the
        // same one modulo the number of rows.
        number = again * g->number_count + (number + again) % g->number_count;
    }
    return make_nth(&field->make, &place, number / field->stride % field->make.count);
}

static bool is_null(const Field *field, Draw *draw) {
    return field->is_nullable && draw_is_one_of(draw, NULL_ONE_OF);
}

bool generator_value(
    Generator *g, Arena *arena, uint32_t column, int64_t row, int64_t attempt, FlowValue *value) {
    RowDraw at = {.arena = arena, .row = row, .attempt = attempt};
    Draw draw = draw_new(g->generate->seed, row, column, attempt);
    const Field *field = field_of(g, (int32_t)column);
    if (field == NULL || is_null(field, &draw)) {
        return false;
    }
    *value = field_value(g, field, &at, &draw);
    return true;
}

// A date or time as its column's `format` says.
static void
formatted(const FlowWire *wire, const FlowTypeDesc *type, FlowValue value, Buffer *out) {
    LocalTime time = {.days = value.i64, .zone = view_text("UTC")};
    Zone zone = {0};
    const char *name = wire->zone == NULL ? "UTC" : wire->zone;
    if (type->kind == FLOW_TIMESTAMP) {
        bool is_whole =
            zone_find(name, strlen(name), &zone) && local_time_of(value.i64, &zone, &time);
        ASSERT(is_whole); // check has found the zone, and the clock stays within its years
        time.zone = view_text(name);
    }
    time_format(out, wire->format, strlen(wire->format), &time);
}

static bool has_format(const FlowWire *wire) {
    return wire != NULL && wire->format != NULL;
}

void generate_text(const FlowWire *wire, const FlowTypeDesc *type, FlowValue value, Buffer *out) {
    if (has_format(wire)) {
        formatted(wire, type, value, out);
    } else {
        value_text(out, type, &value);
    }
}

void generate_json(const FlowWire *wire, const FlowTypeDesc *type, FlowValue value, Buffer *out) {
    if (!has_format(wire)) {
        value_json(out, type, &value);
        return;
    }
    Buffer text = {0};
    formatted(wire, type, value, &text);
    buffer_json_string(out, text.data == NULL ? "" : text.data, text.length);
    buffer_free(&text);
}

static const char *name_of(const Generator *g, const Field *field, Draw *draw) {
    if (field->wire == NULL) {
        return g->source->columns[field->column].name;
    }
    return field->wire->names[draw_below(draw, (uint64_t)field->wire->names_count)].text;
}

static bool is_left_out(const Field *field, Draw *draw) {
    return field->wire != NULL && field->wire->default_text != NULL && field->stride == 0 &&
           draw_is_one_of(draw, DEFAULT_ONE_OF);
}

void generator_record(Generator *g, int64_t row, int64_t attempt, Buffer *out) {
    RowDraw at = {.arena = &g->scratch, .row = row, .attempt = attempt};
    bool is_first = true;
    arena_reset(&g->scratch);
    buffer_char(out, '{');
    for (uint32_t i = 0; i < g->field_count; i++) {
        const Field *field = &g->fields[i];
        Draw draw = draw_new(g->generate->seed, row, field->column, attempt);
        if (is_left_out(field, &draw)) {
            continue;
        }
        const char *name = name_of(g, field, &draw);
        buffer_text(out, is_first ? "" : ",");
        buffer_json_string(out, name, strlen(name));
        buffer_char(out, ':');
        if (is_null(field, &draw)) {
            buffer_text(out, "null");
        } else {
            generate_json(field->wire, field->make.type, field_value(g, field, &at, &draw), out);
        }
        is_first = false;
    }
    buffer_text(out, "}\n");
}
