// Typed steps to nodes: gives each its input, its id and its place.
//
// A named stream and a source are one node each, whatever the number of their readers: they are
// computed once (LANGUAGE 4).
#include "build/build.h"

typedef struct Build {
    Arena *arena;
    const Checked *checked;
    Graph *graph;
    GraphId *sources; // outputs; GRAPH_NONE: not read yet
    GraphId *tables;
    GraphId *flows;
} Build;

// Ids depend on the flow, the kind, the keys and the place among equal steps (LANGUAGE 11 "State").
static const char *operator_id(Build *b, const char *owner, const char *word, const char *keys) {
    bool has_keys = keys != NULL && keys[0] != '\0';
    const char *stem = has_keys ? arena_format(b->arena, "%s/%s(%s)/", owner, word, keys)
                                : arena_format(b->arena, "%s/%s/", owner, word);
    size_t length = strlen(stem);
    uint32_t place = 0;
    for (uint32_t i = 0; i < b->graph->nodes.count; i++) {
        const char *other = b->graph->nodes.items[i].operator_id;
        bool is_equal = strncmp(other, stem, length) == 0 && strchr(other + length, '/') == NULL;
        place += is_equal;
    }
    return arena_format(b->arena, "%s%u", stem, place);
}

static GraphNode input_node(GraphOp op, uint32_t declaration, Span span) {
    return (GraphNode){
        .op = op,
        .input = GRAPH_NONE,
        .right = GRAPH_NONE,
        .span = span,
        .flow = UINT32_MAX,
        .event_time = -1,
        .is_bounded = true,
        .declaration = declaration,
        .window_end = -1,
    };
}

// --- inputs --------------------------------------------------------------------------------------
static GraphId source_steps_add(Build *b, const CheckedSource *source, GraphId input) {
    for (uint32_t i = 0; i < source->steps.count; i++) {
        const CheckedStep *step = &source->steps.items[i];
        GraphNode node = step->node;
        node.input = input;
        node.operator_id = operator_id(b, source->declaration.name, step->word, step->keys);
        input = graph_add(b->graph, node);
    }
    return input;
}

static GraphId source_input(Build *b, uint32_t index) {
    const CheckedSource *source = &b->checked->sources.items[index];
    if (b->sources[index].index != GRAPH_NONE.index) {
        return b->sources[index];
    }
    GraphNode node = input_node(GRAPH_SOURCE, index, source->declaration.span);
    node.columns = source->columns;
    node.column_count = source->column_count;
    node.event_time = source->declaration.event_time;
    node.operator_id = operator_id(b, source->declaration.name, "source", NULL);
    b->sources[index] = source_steps_add(b, source, graph_add(b->graph, node));
    return b->sources[index];
}

static GraphId table_input(Build *b, uint32_t index) {
    const GraphTable *table = &b->checked->tables.items[index];
    if (b->tables[index].index != GRAPH_NONE.index) {
        return b->tables[index];
    }
    GraphNode node = input_node(GRAPH_TABLE, index, table->span);
    node.columns = table->columns;
    node.column_count = table->column_count;
    node.event_time = table->event_time;
    node.operator_id = operator_id(b, table->name, "table", NULL);
    b->tables[index] = graph_add(b->graph, node);
    return b->tables[index];
}

static GraphId input_of(Build *b, ProgramRef ref) {
    switch (ref.kind) {
    case PROGRAM_SOURCE:
        return source_input(b, ref.index);
    case PROGRAM_TABLE:
        return table_input(b, ref.index);
    case PROGRAM_FLOW:
        return b->flows[ref.index];
    case PROGRAM_SINK:
    case PROGRAM_NOTHING:
        break;
    }
    ASSERT(false); // check has refused it
    return GRAPH_NONE;
}

// --- flows ---------------------------------------------------------------------------------------
static void flow_add(Build *b, uint32_t index) {
    const CheckedFlow *flow = &b->checked->flows.items[index];
    GraphId last = GRAPH_NONE;
    for (uint32_t i = 0; i < flow->steps.count; i++) {
        const CheckedStep *step = &flow->steps.items[i];
        GraphNode node = step->node;
        node.input = node.op == GRAPH_FLOW ? input_of(b, step->input) : last;
        node.operator_id = operator_id(b, flow->name, step->word, step->keys);
        if (node.op == GRAPH_SINK) {
            b->graph->sinks.items[node.declaration].operator_id = node.operator_id;
        }
        last = graph_add(b->graph, node);
    }
    b->flows[index] = last;
}

static GraphId *none(Build *b, uint32_t count) {
    GraphId *ids = arena_array(b->arena, GraphId, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = GRAPH_NONE;
    }
    return ids;
}

static void declarations_add(Build *b) {
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
    Build b = {.arena = arena, .checked = checked, .graph = graph_new(arena)};
    b.sources = none(&b, checked->sources.count);
    b.tables = none(&b, checked->tables.count);
    b.flows = none(&b, checked->flows.count);
    declarations_add(&b);
    for (uint32_t i = 0; i < checked->flows.count; i++) {
        flow_add(&b, i);
    }
    return b.graph;
}
