// From records to the rows that flows see: which columns are read, then the steps that stand before
// every flow of the source: computed columns, layer by layer, and checks, the gravest first.
#include "check/check_internal.h"

// The columns at one point between the record and the flows.
typedef struct Stage {
    VEC(GraphColumn) columns;
    VEC(uint32_t) origins;    // columns of the contract; those of meta stand behind them
    VEC(const Expr *) values; // of the last one, over the columns before
    int32_t event_time;
} Stage;

static const uint32_t META = UINT32_MAX;

// --- meta ----------------------------------------------------------------------------------------
// The hidden columns that the program's use of `meta` needs.
static void
meta_type_add(Checker *c, Stream *stream, const char *name, FlowMetaKind meta, const Type *type) {
    uint32_t index = stream_add(c, stream, name, type);
    stream->columns.items[index].is_hidden = true;
    stream->columns.items[index].meta = meta;
}

static void
meta_add(Checker *c, Stream *stream, const char *name, FlowMetaKind meta, FlowKind kind) {
    meta_type_add(c, stream, name, meta, type_new(c->arena, kind, false));
}

// The row as it was: the columns that are read, each of which a database may have left out.
static const Type *before_type(SourceReading *r) {
    Arena *arena = r->c->arena;
    uint32_t count = r->contract->columns.count;
    TypeField *fields = arena_array(arena, TypeField, count + 1);
    uint32_t field_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const Column *column = &r->contract->stream.columns.items[i];
        if (column->type != NULL && r->contract->columns.items[i].layer == 0) {
            const Type *type = type_with_null(arena, column->type, true);
            fields[field_count++] = (TypeField){.name = column->name, .type = type};
        }
    }
    return type_struct(arena, fields, field_count, true);
}

static void metas_add(SourceReading *r) {
    Checker *c = r->c;
    Stream *stream = r->stream;
    if (c->uses_file) {
        meta_add(c, stream, "meta.file", FLOW_META_FILE, FLOW_STRING);
    }
    if (c->uses_position) {
        meta_add(c, stream, "meta.position", FLOW_META_POSITION, FLOW_INT64);
    }
    if (c->uses_timestamp) {
        const Type *type = type_new(c->arena, FLOW_TIMESTAMP, true);
        meta_type_add(c, stream, "meta.timestamp", FLOW_META_TIMESTAMP, type);
    }
    if (c->uses_watermark && stream->event_time >= 0) {
        meta_add(c, stream, "meta.watermark", FLOW_META_WATERMARK, FLOW_TIMESTAMP);
    }
    if (c->program->is_replay) {
        meta_add(c, stream, "meta.replay", FLOW_META_REPLAY, FLOW_STRING);
    }
    if (c->uses_before && r->contract != NULL) {
        meta_type_add(c, stream, "meta.before", FLOW_META_BEFORE, before_type(r));
    }
}

// What an envelope says of its row.
static void envelope_add(SourceReading *r) {
    Stream *stream = r->stream;
    uint32_t index = stream_add(r->c, stream, "meta.operation", operation_type(r->c));
    stream->columns.items[index].is_hidden = true;
    stream->columns.items[index].meta = FLOW_META_OPERATION;
    meta_add(r->c, stream, "meta.sequence", FLOW_META_SEQUENCE, FLOW_INT64);
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
    GraphNode made = {.values = values, .value_count = next->columns.count};
    const Expr *needed =
        r->source.format != FLOW_FORMAT_DEBEZIUM
            ? NULL
            : unchanged_needed(r->c, stage->columns.items, stage->columns.count, &made);
    if (needed != NULL) {
        CheckedStep *check = source_step_add(r, GRAPH_CHECK, "unchanged", r->source.span, stage);
        check->node.condition = needed;
        check->node.reaction = FLOW_REACTION_REJECT;
        check->node.is_unchanged = true;
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

// A duration that a param gives stands in the condition as a column, which no name of the program
// can mean, until the param takes its place.
#define GIVEN_DURATION "(max_ahead)"

static const Expr *
param_placed(SourceReading *r, const Stream *stream, const Expr *condition, Span span) {
    Arena *arena = r->c->arena;
    uint32_t last = stream->columns.count - 1;
    const Expr **places = arena_array(arena, const Expr *, last + 1);
    for (uint32_t i = 0; i < last; i++) {
        places[i] = expr_located(arena,
                                 expr_column(arena, i, stream->columns.items[i].type),
                                 span,
                                 stream->columns.items[i].name);
    }
    Expr *param = expr_new(arena, EXPR_PARAM, stream->columns.items[last].type, NULL, 0);
    param->index = (uint32_t)r->max_ahead_param;
    places[last] = expr_located(arena, param, span, "");
    return expr_substitute(arena, condition, places);
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
    Stream *stream = stream_copy(c, r->stream);
    bool is_param = r->max_ahead_param >= 0;
    if (is_param) {
        const GraphParam *param = &c->out->params.items[r->max_ahead_param];
        stream_add(c, stream, GIVEN_DURATION, param->type);
    }
    AstExpr *now = arena_new(c->arena, AstExpr);
    *now = (AstExpr){.kind = AST_EXPR_CALL, .depth = 1, .span = span, .name = {"now", span}};
    const AstExpr *duration = is_param ? ast_name(c, GIVEN_DURATION, span)
                                       : ast_literal(c, &r->max_ahead->items[1].literal, span);
    const AstExpr *sum = ast_node(c, AST_EXPR_BINARY, AST_OP_ADD, span, now, duration);
    const AstExpr *time = ast_name(c, name, span);
    const AstExpr *within = ast_node(c, AST_EXPR_BINARY, AST_OP_LE, span, time, sum);
    Scope scope = {.stream = stream};
    const Expr *condition = expr_check(c, &scope, within);
    if (condition != NULL && is_param) {
        condition = param_placed(r, stream, condition, span);
    }
    if (condition != NULL) {
        check_insert(r, checks, (CheckedCheck){condition, FLOW_REACTION_REJECT, span});
    }
}

static void checks_add(SourceReading *r, const Stage *stage) {
    Checks checks = {0};
    for (uint32_t i = 0; i < r->contract->checks.count; i++) {
        check_insert(r, &checks, r->contract->checks.items[i]);
    }
    for (uint32_t i = 0; i < checks.count; i++) {
        checks.items[i].condition = changes_check(r, checks.items[i].condition);
    }
    if (r->max_ahead != NULL) {
        max_ahead_add(r, &checks);
    }
    for (uint32_t i = 0; i < checks.count; i++) {
        const CheckedCheck *check = &checks.items[i];
        CheckedStep *step = source_step_add(r, GRAPH_CHECK, "check", check->span, stage);
        step->node.condition = check->condition;
        // What is made up meets its contract: a record that does not leaves and is drawn again.
        bool is_kept = check->reaction == FLOW_REACTION_WARN;
        step->node.reaction = is_kept && r->is_generated ? FLOW_REACTION_REJECT : check->reaction;
    }
}

// --- unique --------------------------------------------------------------------------------------
static const Expr *const *unique_keys(SourceReading *r, const ContractUnique *unique) {
    const Expr **keys = arena_array(r->c->arena, const Expr *, unique->column_count + 1);
    for (uint32_t i = 0; i < unique->column_count; i++) {
        const Column *column = &r->stream->columns.items[unique->columns[i]];
        if (column->type == NULL) {
            return NULL;
        }
        keys[i] = expr_located(r->c->arena,
                               expr_column(r->c->arena, unique->columns[i], column->type),
                               unique->span,
                               column->name);
    }
    return keys;
}

// `raw` of a record that came too late is the record as the contract has it.
static const GraphColumn *raw_columns(SourceReading *r, const Stage *stage) {
    uint32_t count = stage->columns.count;
    GraphColumn *columns = arena_array(r->c->arena, GraphColumn, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t origin = stage->origins.items[i];
        columns[i] = stage->columns.items[i];
        columns[i].raw_place = origin == META ? 0 : origin + 1;
    }
    return columns;
}

static void unique_step_add(SourceReading *r, const ContractUnique *unique, const Stage *stage) {
    const Expr *const *keys = unique_keys(r, unique);
    if (source_is_changelog(r)) {
        diag_add(r->c->diags,
                 DIAG_E240,
                 unique->span,
                 "`unique` does not take a changelog: it changes a row many times");
    } else if (unique->within_us >= 0 && stage->event_time < 0) {
        diag_add(r->c->diags, DIAG_E045, unique->span, "`within` needs an event time");
    } else if (keys != NULL) {
        CheckedStep *step = source_step_add(r, GRAPH_DEDUP, "unique", unique->span, stage);
        step->node.columns = raw_columns(r, stage);
        step->node.values = keys;
        step->node.value_count = unique->column_count;
        step->node.within_us = unique->within_us;
        step->node.is_unique = true;
        state_keep(r->c, unique->span, KEPT_NOT_YET, "has a source with `unique`");
        step->node.check_name = source_text(r->c->arena, &r->c->diags->sources, unique->span);
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
        wires[i].excused = changes_excused(r, origin);
        if ((int32_t)origin == capture) {
            wires[i] = (GraphWire){0};
            r->source.capture = (int32_t)i;
        }
        if ((int32_t)origin == r->changes.operation && r->changes.setting != NULL) {
            r->source.operation = (int32_t)i;
            r->source.deletes = changes_texts(r, FLOW_OPERATION_DELETE);
            r->source.truncates = changes_texts(r, FLOW_OPERATION_TRUNCATE);
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

// --- changelogs ----------------------------------------------------------------------------------
static void changelog_check(SourceReading *r) {
    if (!source_is_changelog(r)) {
        return;
    }
    r->stream->mode = GRAPH_CHANGELOG;
    for (uint32_t i = 0; i < r->contract->key.count; i++) {
        r->stream->columns.items[r->contract->key.items[i]].is_key = true;
    }
    if (r->contract->key.count == 0 && !r->contract->is_broken) {
        Diag *diag = diag_add(r->c->diags,
                              DIAG_E241,
                              r->decl->name.span,
                              "the source `%s` is a changelog, and its columns have no key",
                              r->source.name);
        diag_help(
            r->c->diags, diag, "mark the columns that say which row changes: `id: int64 key`");
    }
}

static void listed_add(SourceReading *r, const Stage *stage) {
    const Expr *condition = changes_listed(r);
    if (condition != NULL) {
        Span span = r->changes.setting->span;
        CheckedStep *step = source_step_add(r, GRAPH_CHECK, "check", span, stage);
        step->node.condition = condition;
        step->node.reaction = FLOW_REACTION_REJECT;
    }
}

// A column of the rows that flows see, and its value over the columns before.
static void
final_add(SourceReading *r, Stage *final, Stream *seen, Column column, const Expr *value) {
    uint32_t index = stream_add(r->c, seen, column.name, column.type);
    seen->columns.items[index] = column;
    *vec_push(r->c->arena, &final->columns) =
        (GraphColumn){.name = column.name, .type = column.type, .meta = column.meta};
    *vec_push(r->c->arena, &final->values) = value;
}

static void final_column_add(SourceReading *r, Stage *final, Stream *seen, uint32_t i) {
    Column column = r->stream->columns.items[i];
    if (column.type == NULL || ((int32_t)i == r->changes.operation)) {
        return; // the operation is in meta now
    }
    if (r->stream->event_time == (int32_t)i) {
        final->event_time = (int32_t) final->columns.count;
    }
    final_add(r, final, seen, column, expr_column(r->c->arena, i, column.type));
}

static void final_sequence_add(SourceReading *r, Stage *final, Stream *seen) {
    for (uint32_t i = 0; i < r->changes.sequence.count; i++) {
        uint32_t index = r->changes.sequence.items[i];
        Column column = r->stream->columns.items[index];
        if (column.type == NULL) {
            continue;
        }
        column.name = i == 0 ? "meta.sequence" : arena_format(r->c->arena, "meta.sequence.%u", i);
        column.is_hidden = true;
        column.meta = FLOW_META_SEQUENCE;
        final_add(r, final, seen, column, expr_column(r->c->arena, index, column.type));
    }
}

// The operation's column leaves, meta.operation and meta.sequence come.
static void changes_project(SourceReading *r) {
    Stage final = {.event_time = -1};
    Stream *seen = stream_new(r->c);
    seen->mode = GRAPH_CHANGELOG;
    seen->has_meta = true;
    seen->source = r->stream->source;
    seen->is_unknown = r->stream->is_unknown;
    for (uint32_t i = 0; i < r->stream->columns.count; i++) {
        final_column_add(r, &final, seen, i);
    }
    Column operation = {.name = "meta.operation",
                        .type = operation_type(r->c),
                        .is_hidden = true,
                        .meta = FLOW_META_OPERATION};
    final_add(r, &final, seen, operation, changes_operation(r));
    final_sequence_add(r, &final, seen);
    seen->event_time = final.event_time;
    r->stream = seen;
    CheckedStep *step =
        source_step_add(r, GRAPH_PROJECT, "changes", r->changes.setting->span, &final);
    step->node.values = final.values.items;
    step->node.value_count = final.values.count;
}

// Behind all that may reject a record: what is rejected moves no watermark.
static void watermark_add(SourceReading *r) {
    const Stage nothing = {.event_time = r->stream->event_time};
    CheckedStep *step = source_step_add(r, GRAPH_WATERMARK, "watermark", r->decl->span, &nothing);
    step->node.declaration = r->c->out->sources.count; // it is added when it was read
    step->node.columns = stream_columns(r->c, r->stream);
    step->node.column_count = r->stream->columns.count;
}

// Where the columns of the key stand among those that are read.
static void key_set(SourceReading *r) {
    const Contract *contract = r->contract;
    uint32_t *key = arena_array(r->c->arena, uint32_t, contract->key.count + 1);
    for (uint32_t k = 0; r->source.reads_changes && k < contract->key.count; k++) {
        const Column *column = &contract->stream.columns.items[contract->key.items[k]];
        const GraphColumn *read =
            graph_column_named(r->source.columns, r->source.column_count, column->name);
        if (read == NULL) {
            diag_add(r->c->diags,
                     DIAG_E254,
                     r->read->span,
                     "the key of changes is read from the table, and `%s` is computed",
                     column->name);
            return;
        }
        key[r->source.key_count++] = (uint32_t)(read - r->source.columns);
    }
    r->source.key = key;
}

void source_record_check(SourceReading *r) {
    if (source_has_envelope(&r->source)) {
        envelope_add(r);
    }
    metas_add(r);
    Stage stage = stage_make(r, 0);
    read_set(r, &stage);
    if (r->contract == NULL) {
        return;
    }
    if (r->capture != NULL) {
        capture_set(r);
    }
    key_set(r);
    wires_set(r, &stage);
    r->random = generate_of_source(r, stage.origins.items);
    r->random_checks =
        generate_checks(r->c, r->contract, stage.origins.items, r->source.column_count);
    r->source.generate = r->is_generated ? r->random : NULL;
    for (uint32_t layer = 1; layer <= r->contract->layer_count; layer++) {
        Stage next = stage_make(r, layer);
        layer_add(r, &stage, &next);
        stage = next;
    }
    changelog_check(r);
    listed_add(r, &stage);
    checks_add(r, &stage);
    for (uint32_t i = 0; i < r->contract->uniques.count; i++) {
        unique_step_add(r, &r->contract->uniques.items[i], &stage);
    }
    if (r->changes.setting != NULL) {
        changes_project(r);
    }
    if (stream_meta(r->stream, FLOW_META_WATERMARK) >= 0) {
        watermark_add(r);
    }
}
