// Probes: checks that count the rows that come to a step, or that a route drops, and reject none.
#include "build/build_internal.h"

// A step is known by what stands before its block.
static const char *title(Arena *arena, const Graph *graph, Span span) {
    const char *text = source_text(arena, graph->texts, span);
    const char *block = strstr(text, " {");
    return block == NULL ? text : arena_copy(arena, text, (size_t)(block - text));
}

static bool is_probed(GraphOp op) {
    switch (op) {
    case GRAPH_FILTER:
    case GRAPH_PROJECT:
    case GRAPH_CHECK:
    case GRAPH_UNNEST:
    case GRAPH_GROUP:
    case GRAPH_JOIN:
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_ROUTE:
    case GRAPH_SINK:
        return true;
    default:
        return false; // where a flow begins or rows meet; or they are nobody's step
    }
}

static GraphNode
probe_make(Arena *arena, const Graph *graph, GraphId input, const GraphNode *step, Span span) {
    const GraphNode *before = graph_at(graph, input);
    const Type *type = type_new(arena, FLOW_BOOL, false);
    const Expr *never = expr_constant(arena, type, (FlowValue){.i64 = 0});
    return (GraphNode){
        .op = GRAPH_CHECK,
        .input = input,
        .right = GRAPH_NONE,
        .span = span,
        .flow = step->flow,
        .columns = before->columns,
        .column_count = before->column_count,
        .event_time = before->event_time,
        .mode = before->mode,
        .is_bounded = before->is_bounded,
        .window_end = -1,
        .condition = expr_located(arena, never, span, title(arena, graph, span)),
        .reaction = FLOW_REACTION_WARN,
        .is_probe = true,
    };
}

static bool span_equal(Span a, Span b) {
    return a.file == b.file && a.start_offset == b.start_offset && a.end_offset == b.end_offset;
}

bool probe_of_step(Arena *arena,
                   const Graph *graph,
                   GraphId input,
                   const GraphNode *step,
                   Span *last,
                   GraphNode *probe) {
    if (!is_probed(step->op) || span_equal(*last, step->span)) {
        return false;
    }
    *last = step->span;
    *probe = probe_make(arena, graph, input, step, step->span);
    return true;
}

GraphNode probe_of_arm(
    Arena *arena, const Graph *graph, GraphId input, const GraphNode *route, const GraphNode *arm) {
    GraphNode probe = probe_make(arena, graph, input, route, arm->span);
    const Expr *pair[2] = {route->values[0],
                           expr_constant(arena,
                                         type_with_null(arena, route->values[0]->type, false),
                                         (FlowValue){.i64 = arm->arm})};
    const Type *type = type_new(arena, FLOW_BOOL, false);
    const Expr *other = expr_new(arena, EXPR_NE, type, pair, 2);
    probe.condition =
        expr_located(arena, other, arm->span, source_text(arena, graph->texts, arm->span));
    return probe;
}
