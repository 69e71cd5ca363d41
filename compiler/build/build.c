// Steps to nodes. A source, table or named stream is one node, whoever reads it, so it is computed
// once.
//
// An operator id is made of flow, kind, keys and place among equal steps (LANGUAGE 11 "State"):
// steps put in or taken out elsewhere do not change it.
#include "build/build.h"

typedef struct Builder {
    Arena *arena;
    const Checked *checked;
    Graph *graph;
    GraphId *sources; // the last node of each source, after its checks; GRAPH_NONE: not read yet
    GraphId *tables;
    GraphId *flows; // the last node of each flow
} Builder;

static GraphId *ids_new(Arena *arena, uint32_t count) {
    GraphId *ids = arena_array(arena, GraphId, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = GRAPH_NONE;
    }
    return ids;
}

// --- what is read -----------------------------------------------------------------------------
static GraphId checks_add(Builder *b, GraphId input, const CheckedSource *source) {
    for (uint32_t i = 0; i < source->check_count; i++) {
        const CheckedCheck *check = &source->checks[i];
        GraphNode node = *graph_at(b->graph, input);
        node.op = GRAPH_CHECK;
        node.input = input;
        node.span = check->span;
        node.operator_id = arena_format(b->arena, "%s/check/%u", source->declaration.name, i);
        node.condition = check->condition;
        node.reaction = check->reaction;
        input = graph_add(b->graph, node);
    }
    return input;
}

static GraphId source_read(Builder *b, uint32_t index) {
    const CheckedSource *source = &b->checked->sources.items[index];
    if (b->sources[index].index == GRAPH_NONE.index) {
        GraphNode node = {.op = GRAPH_SOURCE,
                          .input = GRAPH_NONE,
                          .span = source->declaration.span,
                          .operator_id = source->declaration.name,
                          .flow = UINT32_MAX,
                          .columns = source->columns,
                          .column_count = source->column_count,
                          .event_time = source->declaration.event_time,
                          .mode = GRAPH_APPEND,
                          .is_bounded = true,
                          .declaration = index,
                          .window_end = -1};
        b->sources[index] = checks_add(b, graph_add(b->graph, node), source);
    }
    return b->sources[index];
}

static GraphId table_read(Builder *b, uint32_t index) {
    const GraphTable *table = &b->checked->tables.items[index];
    if (b->tables[index].index == GRAPH_NONE.index) {
        b->tables[index] = graph_add(b->graph,
                                     (GraphNode){.op = GRAPH_TABLE,
                                                 .input = GRAPH_NONE,
                                                 .span = table->span,
                                                 .operator_id = table->name,
                                                 .flow = UINT32_MAX,
                                                 .columns = table->columns,
                                                 .column_count = table->column_count,
                                                 .event_time = table->event_time,
                                                 .mode = GRAPH_APPEND,
                                                 .is_bounded = true,
                                                 .declaration = index,
                                                 .window_end = -1});
    }
    return b->tables[index];
}

static GraphId input_read(Builder *b, ProgramRef input) {
    switch (input.kind) {
    case PROGRAM_SOURCE:
        return source_read(b, input.index);
    case PROGRAM_TABLE:
        return table_read(b, input.index);
    case PROGRAM_FLOW:
        return b->flows[input.index];
    case PROGRAM_SINK:
    case PROGRAM_NOTHING:
        break;
    }
    flow_bug(__FILE__, __LINE__, "a flow reads nothing");
}

// --- steps ------------------------------------------------------------------------------------
static bool is_equal_step(const CheckedStep *a, const CheckedStep *b) {
    const char *a_keys = a->keys == NULL ? "" : a->keys;
    const char *b_keys = b->keys == NULL ? "" : b->keys;
    return strcmp(a->word, b->word) == 0 && strcmp(a_keys, b_keys) == 0;
}

static const char *operator_id(Builder *b, const CheckedFlow *flow, uint32_t step) {
    const CheckedStep *self = &flow->steps.items[step];
    uint32_t place = 0;
    for (uint32_t i = 0; i < step; i++) {
        place += is_equal_step(&flow->steps.items[i], self);
    }
    if (self->keys == NULL) {
        return arena_format(b->arena, "%s/%s/%u", flow->name, self->word, place);
    }
    return arena_format(b->arena, "%s/%s(%s)/%u", flow->name, self->word, self->keys, place);
}

static void flow_build(Builder *b, uint32_t index) {
    const CheckedFlow *flow = &b->checked->flows.items[index];
    GraphId last = GRAPH_NONE;
    for (uint32_t i = 0; i < flow->steps.count; i++) {
        const CheckedStep *step = &flow->steps.items[i];
        GraphNode node = step->node;
        node.input = node.op == GRAPH_FLOW ? input_read(b, step->input) : last;
        node.flow = index;
        node.operator_id = operator_id(b, flow, i);
        last = graph_add(b->graph, node);
        if (node.op == GRAPH_SINK) {
            b->graph->sinks.items[node.declaration].operator_id = node.operator_id;
            b->graph->sinks.items[node.declaration].flow = index;
        }
    }
    b->flows[index] = last;
}

// --- declarations -------------------------------------------------------------------------------
static void declarations_copy(Builder *b) {
    const Checked *checked = b->checked;
    Graph *graph = b->graph;
    graph->file = checked->file;
    graph->settings = checked->settings;
    for (uint32_t i = 0; i < checked->params.count; i++) {
        *vec_push(b->arena, &graph->params) = checked->params.items[i];
    }
    for (uint32_t i = 0; i < checked->sources.count; i++) {
        *vec_push(b->arena, &graph->sources) = checked->sources.items[i].declaration;
    }
    for (uint32_t i = 0; i < checked->tables.count; i++) {
        *vec_push(b->arena, &graph->tables) = checked->tables.items[i];
    }
    for (uint32_t i = 0; i < checked->sinks.count; i++) {
        *vec_push(b->arena, &graph->sinks) = checked->sinks.items[i];
    }
    for (uint32_t i = 0; i < checked->flows.count; i++) {
        *vec_push(b->arena, &graph->flows) = checked->flows.items[i].name;
    }
}

Graph *build_run(Arena *arena, const Checked *checked) {
    Builder b = {.arena = arena,
                 .checked = checked,
                 .graph = graph_new(arena),
                 .sources = ids_new(arena, checked->sources.count),
                 .tables = ids_new(arena, checked->tables.count),
                 .flows = ids_new(arena, checked->flows.count)};
    declarations_copy(&b);
    for (uint32_t i = 0; i < checked->flows.count; i++) {
        flow_build(&b, i);
    }
    graph_verify(b.graph);
    return b.graph;
}
