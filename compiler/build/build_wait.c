// Where a join must wait: the rows that probe a lookup may come from the root that fills it, or
// from one that is itself filled later. They are then kept until every lookup is there.
//
// A root is a source, or a step that keeps rows. Its rows are read once, from the first to the
// last, and feed all that reads them on the way. So if the pipeline of root `a` probes what root
// `b` fills, `b` must be read first; where that would go in a circle, a WAIT stands before the
// join.
#include "build/build_internal.h"

Waits *waits_new(Arena *arena, uint32_t source_count, uint32_t state_count, uint32_t table_count) {
    Waits *waits = arena_new(arena, Waits);
    uint32_t root_count = source_count + state_count;
    waits->arena = arena;
    waits->root_count = root_count;
    waits->next_state = source_count;
    waits->needs = arena_array(arena, bool, root_count *root_count + 1);
    waits->tables = arena_array(arena, bool *, table_count + 1);
    for (uint32_t i = 0; i < table_count; i++) {
        waits->tables[i] = arena_array(arena, bool, root_count + 1);
    }
    return waits;
}

static void set_add(const Waits *w, bool *to, const bool *from) {
    for (uint32_t i = 0; i < w->root_count; i++) {
        to[i] |= from[i];
    }
}

bool waits_is_state(GraphOp op) {
    return op == GRAPH_GROUP || op == GRAPH_TOP || op == GRAPH_DEDUP || op == GRAPH_RUNNING ||
           op == GRAPH_FILL || op == GRAPH_WAIT || op == GRAPH_BAND;
}

static void input_add(Waits *w, WaitSets *sets, const GraphNode *node, GraphId input) {
    const WaitSets *from = &w->nodes.items[input.index];
    set_add(w, sets->upstream, from->upstream);
    if (!waits_is_state(node->op)) {
        set_add(w, sets->roots, from->roots);
    }
}

// A step that keeps rows is a root of its own, and comes after those that feed it.
static void state_add(Waits *w, WaitSets *sets, const GraphNode *node) {
    ASSERT(w->next_state < w->root_count);
    uint32_t state = w->next_state++;
    bool *needs = &w->needs[(size_t)state * w->root_count];
    set_add(w, needs, w->nodes.items[node->input.index].roots);
    if (node->op == GRAPH_BAND) {
        set_add(w, needs, w->nodes.items[node->right.index].roots);
    }
    sets->roots[state] = true;
    sets->upstream[state] = true;
}

void waits_node_added(Waits *w, const Graph *graph, const GraphNode *node) {
    WaitSets *sets = vec_push(w->arena, &w->nodes);
    sets->roots = arena_array(w->arena, bool, w->root_count + 1);
    sets->upstream = arena_array(w->arena, bool, w->root_count + 1);
    if (node->op == GRAPH_SOURCE) {
        sets->roots[node->declaration] = true;
        sets->upstream[node->declaration] = true;
    }
    if (node->op == GRAPH_TABLE) {
        set_add(w, sets->upstream, w->tables[node->declaration]);
    }
    if (graph_has_input(node->op)) {
        input_add(w, sets, node, node->input);
    }
    if (node->op == GRAPH_UNION || node->op == GRAPH_BAND) {
        input_add(w, sets, node, node->right);
    }
    if (waits_is_state(node->op)) {
        state_add(w, sets, node);
    }
    if (node->op == GRAPH_SINK && graph->sinks.items[node->declaration].table >= 0) {
        int32_t table = graph->sinks.items[node->declaration].table;
        set_add(w, w->tables[table], sets->upstream);
    }
}

static bool reaches(const Waits *w, uint32_t from, uint32_t to, bool *seen) {
    if (from == to) {
        return true;
    }
    seen[from] = true;
    for (uint32_t i = 0; i < w->root_count; i++) {
        if (w->needs[from * w->root_count + i] && !seen[i] && reaches(w, i, to, seen)) {
            return true;
        }
    }
    return false;
}

bool waits_needed(Waits *w, GraphId ours, GraphId right) {
    const bool *roots = w->nodes.items[ours.index].roots;
    const bool *filled = w->nodes.items[right.index].upstream;
    for (uint32_t a = 0; a < w->root_count; a++) {
        for (uint32_t b = 0; roots[a] && b < w->root_count; b++) {
            bool *seen = arena_array(w->arena, bool, w->root_count + 1);
            if (filled[b] && reaches(w, b, a, seen)) {
                return true;
            }
        }
    }
    for (uint32_t a = 0; a < w->root_count; a++) {
        for (uint32_t b = 0; roots[a] && b < w->root_count; b++) {
            w->needs[a * w->root_count + b] |= filled[b];
        }
    }
    return false;
}
