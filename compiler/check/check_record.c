// From records to the rows that flows see: which columns are read, then the steps that stand before
// every flow of the source: computed columns, layer by layer, and checks, the gravest first.
#include "check/check_internal.h"

// The columns at one point between the record and the flows.
typedef struct Stage {
    VEC(GraphColumn) columns;
    VEC(uint32_t) origins; // columns of the contract; those of meta stand behind them
    int32_t event_time;
} Stage;

static const uint32_t META = UINT32_MAX;

// --- meta ----------------------------------------------------------------------------------------
// The hidden columns that the program's use of `meta` needs.
static void
meta_add(Checker *c, Stream *stream, const char *name, FlowMetaKind meta, FlowKind kind) {
    uint32_t index = stream_add(c, stream, name, type_new(c->arena, kind, false));
    stream->columns.items[index].is_hidden = true;
    stream->columns.items[index].meta = meta;
}

static void metas_add(Checker *c, Stream *stream) {
    if (c->uses_file) {
        meta_add(c, stream, "meta.file", FLOW_META_FILE, FLOW_STRING);
    }
    if (c->uses_position) {
        meta_add(c, stream, "meta.position", FLOW_META_POSITION, FLOW_INT64);
    }
}

// --- stages --------------------------------------------------------------------------------------
static void stage_add(SourceReading *r, Stage *stage, uint32_t column, uint32_t origin) {
    const Column *from = &r->stream->columns.items[column];
    const Type *type = from->type != NULL ? from->type : type_new(r->c->arena, FLOW_NULL, true);
    if (r->stream->event_time == (int32_t)column) {
        stage->event_time = (int32_t)stage->columns.count;
    }
    *vec_push(r->c->arena, &stage->columns) =
        (GraphColumn){.name = from->name, .type = type, .meta = from->meta};
    *vec_push(r->c->arena, &stage->origins) = origin;
}

// What is there after so many layers of computed columns.
static Stage stage_make(SourceReading *r, uint32_t layer) {
    Stage stage = {.event_time = -1};
    const Contract *contract = r->contract;
    for (uint32_t i = 0; contract != NULL && i < contract->columns.count; i++) {
        if (contract->columns.items[i].layer <= layer) {
            stage_add(r, &stage, i, i);
        }
    }
    for (uint32_t i = 0; i < r->stream->columns.count; i++) {
        if (r->stream->columns.items[i].meta != FLOW_META_NONE) {
            stage_add(r, &stage, i, META);
        }
    }
    return stage;
}

// Where a column of the next stage stands in this one; -1: it is computed there.
static int32_t stage_find(const Stage *stage, const Stage *next, uint32_t column) {
    uint32_t origin = next->origins.items[column];
    for (uint32_t i = 0; i < stage->columns.count; i++) {
        bool is_same = origin == META
                           ? stage->columns.items[i].meta == next->columns.items[column].meta
                           : stage->origins.items[i] == origin;
        if (is_same) {
            return (int32_t)i;
        }
    }
    return -1;
}

static CheckedStep *
source_step_add(SourceReading *r, GraphOp op, const char *word, Span span, const Stage *stage) {
    CheckedStep *step = vec_push(r->c->arena, &r->steps);
    *step = (CheckedStep){
        .word = word,
        .node = {.op = op,
                 .input = GRAPH_NONE,
                 .span = span,
                 .flow = UINT32_MAX,
                 .columns = stage->columns.items,
                 .column_count = stage->columns.count,
                 .event_time = stage->event_time,
                 .is_bounded = true,
                 .window_end = -1},
    };
    return step;
}

// --- computed columns ----------------------------------------------------------------------------
// The contract's expressions are over all of its columns; here over those that are there.
static const Expr *const *places_of(SourceReading *r, const Stage *stage) {
    Arena *arena = r->c->arena;
    uint32_t count = r->contract->columns.count;
    const Expr **places = arena_array(arena, const Expr *, count + 1);
    for (uint32_t i = 0; i < stage->columns.count; i++) {
        uint32_t origin = stage->origins.items[i];
        if (origin != META) {
            places[origin] = expr_located(arena,
                                          expr_column(arena, i, stage->columns.items[i].type),
                                          r->contract->columns.items[origin].ast->name.span,
                                          stage->columns.items[i].name);
        }
    }
    return places;
}

static void layer_add(SourceReading *r, const Stage *stage, const Stage *next) {
    Arena *arena = r->c->arena;
    const Expr *const *places = places_of(r, stage);
    const Expr **values = arena_array(arena, const Expr *, next->columns.count + 1);
    for (uint32_t i = 0; i < next->columns.count; i++) {
        int32_t at = stage_find(stage, next, i);
        uint32_t origin = next->origins.items[i];
        values[i] =
            at >= 0 ? expr_column(arena, (uint32_t)at, next->columns.items[i].type)
                    : expr_substitute(arena, r->contract->columns.items[origin].computed, places);
    }
    CheckedStep *step = source_step_add(r, GRAPH_PROJECT, "computed", r->source.span, next);
    step->node.values = values;
    step->node.value_count = next->columns.count;
}

// --- checks --------------------------------------------------------------------------------------
typedef VEC(CheckedCheck) Checks;

// Of broken checks the gravest counts, then the first.
static void check_insert(SourceReading *r, Checks *checks, CheckedCheck check) {
    *vec_push(r->c->arena, checks) = check;
    uint32_t at = checks->count - 1;
    while (at > 0 && checks->items[at - 1].reaction < check.reaction) {
        checks->items[at] = checks->items[at - 1];
        at--;
    }
    checks->items[at] = check;
}

// The event time is at most so far ahead of now().
static void max_ahead_add(SourceReading *r, Checks *checks) {
    Checker *c = r->c;
    Span span = r->max_ahead->span;
    if (r->stream->event_time < 0) {
        diag_add(c->diags, DIAG_E201, span, "`max_ahead` needs an event time");
        return;
    }
    const char *name = r->stream->columns.items[r->stream->event_time].name;
    AstExpr *now = arena_new(c->arena, AstExpr);
    *now = (AstExpr){.kind = AST_EXPR_CALL, .depth = 1, .span = span, .name = {"now", span}};
    const AstExpr *duration = ast_literal(c, &r->max_ahead->items[1].literal, span);
    const AstExpr *sum = ast_node(c, AST_EXPR_BINARY, AST_OP_ADD, span, now, duration);
    const AstExpr *time = ast_name(c, name, span);
    const AstExpr *within = ast_node(c, AST_EXPR_BINARY, AST_OP_LE, span, time, sum);
    Scope scope = {.stream = r->stream};
    const Expr *condition = expr_check(c, &scope, within);
    if (condition != NULL) {
        check_insert(r, checks, (CheckedCheck){condition, FLOW_REACTION_REJECT, span});
    }
}

static void checks_add(SourceReading *r, const Stage *stage) {
    Checks checks = {0};
    for (uint32_t i = 0; i < r->contract->checks.count; i++) {
        check_insert(r, &checks, r->contract->checks.items[i]);
    }
    if (r->max_ahead != NULL) {
        max_ahead_add(r, &checks);
    }
    for (uint32_t i = 0; i < checks.count; i++) {
        const CheckedCheck *check = &checks.items[i];
        CheckedStep *step = source_step_add(r, GRAPH_CHECK, "check", check->span, stage);
        step->node.condition = check->condition;
        step->node.reaction = check->reaction;
    }
}

// --- what is read --------------------------------------------------------------------------------
// The column for unknown fields is not read itself: a field of its name is unknown too.
static void capture_set(SourceReading *r) {
    Checker *c = r->c;
    const AstItem *item = &r->capture->items[2];
    AstName name = {ast_item_word(r->capture, 2), item->span};
    int32_t index = stream_find(r->stream, name.text);
    if (index < 0) {
        unknown_column_report(c, &(Scope){.stream = r->stream}, name);
        return;
    }
    const Type *type = r->stream->columns.items[index].type;
    if (type != NULL && (type->kind != FLOW_STRING || !type->is_nullable)) {
        diag_add(c->diags,
                 DIAG_E201,
                 name.span,
                 "unknown fields go into a column of type string?, not %s",
                 type_show(c, type));
    } else if (r->contract->columns.items[index].ast->computed != NULL) {
        diag_add(c->diags, DIAG_E201, name.span, "`%s` is computed", name.text);
    } else {
        r->source.capture = index;
    }
}

static bool is_plain(const GraphWire *wire, const char *name) {
    return wire->name_count == 1 && str_equal(wire->names[0], name) && wire->default_text == NULL &&
           wire->format == NULL && wire->excused == 0;
}

static void wires_set(SourceReading *r, const Stage *stage) {
    GraphWire *wires = arena_array(r->c->arena, GraphWire, stage->columns.count + 1);
    bool are_plain = true;
    int32_t capture = r->source.capture;
    for (uint32_t i = 0; i < r->source.column_count; i++) {
        uint32_t origin = stage->origins.items[i];
        wires[i] = r->contract->columns.items[origin].wire;
        if ((int32_t)origin == capture) {
            wires[i] = (GraphWire){0};
            r->source.capture = (int32_t)i;
        }
        are_plain &= is_plain(&wires[i], stage->columns.items[i].name);
    }
    r->source.wires = are_plain ? NULL : wires;
}

static void read_set(SourceReading *r, const Stage *stage) {
    r->columns = stage->columns.items;
    r->column_count = stage->columns.count;
    r->source.columns = stage->columns.items;
    r->source.event_time = stage->event_time;
    while (r->source.column_count < stage->columns.count &&
           stage->origins.items[r->source.column_count] != META) {
        r->source.column_count++;
    }
}

void source_record_check(SourceReading *r) {
    metas_add(r->c, r->stream);
    Stage stage = stage_make(r, 0);
    read_set(r, &stage);
    if (r->contract == NULL) {
        return;
    }
    if (r->capture != NULL) {
        capture_set(r);
    }
    wires_set(r, &stage);
    for (uint32_t layer = 1; layer <= r->contract->layer_count; layer++) {
        Stage next = stage_make(r, layer);
        layer_add(r, &stage, &next);
        stage = next;
    }
    checks_add(r, &stage);
}
