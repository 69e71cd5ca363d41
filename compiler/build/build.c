// Typed steps to nodes: gives each its input, its id and its place.
//
// A named stream and a source are one node each, whatever the number of their readers: they are
// computed once (LANGUAGE 4).
#include "build/build_internal.h"

typedef struct Build {
    Arena *arena;
    const Checked *checked;
    Graph *graph;
    GraphId *sources; // outputs; GRAPH_NONE: not read yet
    GraphId *tables;
    GraphId *lookups; // of tables: a scan of their own, which comes before the rows that probe it
    GraphId *flows;
    Waits *waits;
    bool has_probes;
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

static GraphId node_add(Build *b, GraphNode node) {
    waits_node_added(b->waits, b->graph, &node);
    return graph_add(b->graph, node);
}

static GraphId probe_add(Build *b, const char *owner, GraphNode probe) {
    probe.operator_id = operator_id(b, owner, "probe", NULL);
    return node_add(b, probe);
}

// What comes before a step counts the rows that come to it.
static GraphId
probed(Build *b, const char *owner, GraphId input, const GraphNode *step, Span *last) {
    GraphNode probe;
    bool is_probed = b->has_probes && probe_of_step(b->arena, b->graph, input, step, last, &probe);
    return is_probed ? probe_add(b, owner, probe) : input;
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
    const char *owner = source->declaration.name;
    Span last = {0};
    for (uint32_t i = 0; i < source->steps.count; i++) {
        const CheckedStep *step = &source->steps.items[i];
        GraphNode node = step->node;
        node.input = probed(b, owner, input, &node, &last);
        node.operator_id = operator_id(b, owner, step->word, step->keys);
        input = node_add(b, node);
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
    b->sources[index] = source_steps_add(b, source, node_add(b, node));
    return b->sources[index];
}

static GraphId table_input(Build *b, GraphId *made, uint32_t index) {
    const GraphTable *table = &b->checked->tables.items[index];
    if (made[index].index != GRAPH_NONE.index) {
        return made[index];
    }
    GraphNode node = input_node(GRAPH_TABLE, index, table->span);
    node.columns = table->columns;
    node.column_count = table->column_count;
    node.event_time = table->event_time;
    node.operator_id = operator_id(b, table->name, "table", NULL);
    made[index] = node_add(b, node);
    return made[index];
}

static GraphId input_of(Build *b, ProgramRef ref) {
    switch (ref.kind) {
    case PROGRAM_SOURCE:
        return source_input(b, ref.index);
    case PROGRAM_TABLE:
        return table_input(b, b->tables, ref.index);
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
typedef struct Chain {
    GraphId last;
    GraphId left;  // what a UNION or BAND waits with, while its right side is made
    GraphId route; // whose branches follow
} Chain;

static GraphId lookup_of(Build *b, ProgramRef ref) {
    return ref.kind == PROGRAM_TABLE ? table_input(b, b->lookups, ref.index) : input_of(b, ref);
}

// Our side of a join, kept until what it looks up is there, if that is filled by the same rows.
static GraphId waited(Build *b, const GraphNode *join) {
    if (!waits_needed(b->waits, join->input, join->right)) {
        return join->input;
    }
    const GraphNode *ours = graph_at(b->graph, join->input);
    const char *owner = b->graph->flows.items[join->flow];
    GraphNode wait = {.op = GRAPH_WAIT,
                      .input = join->input,
                      .right = GRAPH_NONE,
                      .span = join->span,
                      .operator_id = operator_id(b, owner, "wait", NULL),
                      .flow = join->flow,
                      .columns = ours->columns,
                      .column_count = ours->column_count,
                      .event_time = ours->event_time,
                      .mode = ours->mode,
                      .is_bounded = ours->is_bounded,
                      .window_end = -1};
    GraphId kept = node_add(b, wait);
    bool is_needed = waits_needed(b->waits, kept, join->right);
    ASSERT(!is_needed); // what is kept comes after all that feeds it
    return kept;
}

// A `from` behind the first one begins the right side of a union or of a join of two streams, which
// the UNION or BAND then ends.
static void inputs_set(Build *b, const CheckedStep *step, Chain *chain, GraphNode *node) {
    node->input = chain->last;
    switch (node->op) {
    case GRAPH_FLOW:
        chain->left = chain->last;
        node->input = input_of(b, step->input);
        break;
    case GRAPH_UNION:
    case GRAPH_BAND:
        node->input = chain->left;
        node->right = chain->last;
        break;
    case GRAPH_JOIN:
        node->right = lookup_of(b, step->input);
        node->input = waited(b, node);
        break;
    case GRAPH_ARM:
        node->input = chain->route;
        break;
    default:
        break;
    }
}

// Of arms whose rows end there: nothing follows that could count them.
static void arms_probe(Build *b, const CheckedFlow *flow, uint32_t index, Chain *chain) {
    const GraphNode *route = &flow->steps.items[index].node;
    for (uint32_t i = index + 1; b->has_probes && i < flow->steps.count; i++) {
        const GraphNode *arm = &flow->steps.items[i].node;
        if (arm->op == GRAPH_ROUTE) {
            return;
        }
        if (arm->op == GRAPH_ARM && arm->arm_counter == FLOW_COUNTER_DROPPED) {
            GraphNode probe = probe_of_arm(b->arena, b->graph, chain->last, route, arm);
            chain->last = probe_add(b, flow->name, probe);
        }
    }
}

static void flow_add(Build *b, uint32_t index) {
    const CheckedFlow *flow = &b->checked->flows.items[index];
    Chain chain = {GRAPH_NONE, GRAPH_NONE, GRAPH_NONE};
    Span last = {0};
    for (uint32_t i = 0; i < flow->steps.count; i++) {
        const CheckedStep *step = &flow->steps.items[i];
        GraphNode node = step->node;
        if (i > 0) {
            chain.last = probed(b, flow->name, chain.last, &node, &last);
        }
        if (node.op == GRAPH_ROUTE) {
            arms_probe(b, flow, i, &chain);
        }
        inputs_set(b, step, &chain, &node);
        node.operator_id = operator_id(b, flow->name, step->word, step->keys);
        if (node.op == GRAPH_SINK) {
            b->graph->sinks.items[node.declaration].operator_id = node.operator_id;
        }
        chain.last = node_add(b, node);
        chain.route = node.op == GRAPH_ROUTE ? chain.last : chain.route;
    }
    b->flows[index] = chain.last;
}

static GraphId *none(Build *b, uint32_t count) {
    GraphId *ids = arena_array(b->arena, GraphId, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = GRAPH_NONE;
    }
    return ids;
}

// A sink is one for each terminal that names it.
static void binding_add(Build *b, const FlowBinding *binding) {
    if (binding->owner != FLOW_OWNER_SINK) {
        *vec_push(b->arena, &b->graph->bindings) = *binding;
        return;
    }
    for (uint32_t i = 0; i < b->checked->sinks.count; i++) {
        if (b->checked->sinks.items[i].declared == binding->index) {
            FlowBinding *own = vec_push(b->arena, &b->graph->bindings);
            *own = *binding;
            own->index = (int32_t)i;
        }
    }
}

static void declarations_add(Build *b) {
    const Checked *checked = b->checked;
    Graph *graph = b->graph;
    graph->file = checked->file;
    graph->texts = checked->texts;
    graph->settings = checked->settings;
    for (uint32_t i = 0; i < checked->params.count; i++) {
        *vec_push(b->arena, &graph->params) = checked->params.items[i];
    }
    for (uint32_t i = 0; i < checked->bindings.count; i++) {
        binding_add(b, &checked->bindings.items[i]);
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

// Steps that keep rows, and a wait for each join.
static uint32_t states_of(const Checked *checked) {
    uint32_t count = 0;
    for (uint32_t s = 0; s < checked->sources.count; s++) {
        count += checked->sources.items[s].steps.count; // `unique` of a contract keeps rows
    }
    for (uint32_t f = 0; f < checked->flows.count; f++) {
        const CheckedFlow *flow = &checked->flows.items[f];
        for (uint32_t i = 0; i < flow->steps.count; i++) {
            GraphOp op = flow->steps.items[i].node.op;
            count += op == GRAPH_JOIN || waits_is_state(op);
        }
    }
    return count;
}

Graph *build_run(Arena *arena, const Checked *checked, bool has_probes) {
    Build b = {
        .arena = arena, .checked = checked, .graph = graph_new(arena), .has_probes = has_probes};
    b.sources = none(&b, checked->sources.count);
    b.tables = none(&b, checked->tables.count);
    b.lookups = none(&b, checked->tables.count);
    b.waits = waits_new(arena, checked->sources.count, states_of(checked), checked->tables.count);
    b.flows = none(&b, checked->flows.count);
    declarations_add(&b);
    for (uint32_t i = 0; i < checked->flows.count; i++) {
        flow_add(&b, i);
    }
    return b.graph;
}
