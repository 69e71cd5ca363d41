// The rewrites in their order, each with its name and its off switch; the graph is verified after
// each.
#include "rewrite/rewrite_internal.h"

typedef struct Rewrite {
    const char *name;
    void (*run)(Graph *graph, Arena *arena);
} Rewrite;

static const Rewrite rewrites[] = {
#define LATER(name, text)
#define REWRITE(name, text) {#name, rewrite_##name##_graph},
#include "rewrite/rewrite.def"
#undef REWRITE
#undef LATER
};

static const char *const later_names[] = {
#define REWRITE(name, text)
#define LATER(name, text) #name,
#include "rewrite/rewrite.def"
#undef LATER
#undef REWRITE
};

static const char *const all_names[] = {
#define REWRITE(name, text) #name,
#define LATER(name, text) #name,
#include "rewrite/rewrite.def"
#undef LATER
#undef REWRITE
};

const char *rewrite_name(uint32_t index) {
    return index < COUNT_OF(all_names) ? all_names[index] : NULL;
}

static bool is_off(const char *off, const char *name) {
    size_t length = strlen(name);
    for (const char *at = off; at != NULL && *at != '\0';) {
        size_t part = strcspn(at, ",");
        if (part == length && memcmp(at, name, length) == 0) {
            return true;
        }
        at += part + (at[part] == ',');
    }
    return false;
}

bool rewrite_is_off(const char *off, RewriteLater later) {
    return is_off(off, later_names[later]);
}

static uint32_t moved(uint32_t id, uint32_t index, uint32_t input) {
    return id == index ? input : id - (id > index);
}

void node_remove(Graph *graph, uint32_t index) {
    uint32_t input = graph->nodes.items[index].input.index;
    for (uint32_t i = index + 1; i < graph->nodes.count; i++) {
        GraphNode *node = &graph->nodes.items[i];
        if (graph_has_input(node->op)) {
            node->input.index = moved(node->input.index, index, input);
        }
        if (graph_has_right(node->op)) {
            node->right.index = moved(node->right.index, index, input);
        }
        graph->nodes.items[i - 1] = *node;
    }
    graph->nodes.count--;
}

void node_insert(Graph *graph, Arena *arena, uint32_t index, GraphNode node) {
    *vec_push(arena, &graph->nodes) = (GraphNode){0};
    for (uint32_t i = graph->nodes.count - 1; i > index; i--) {
        GraphNode moving = graph->nodes.items[i - 1];
        if (graph_has_input(moving.op)) {
            moving.input.index += moving.input.index >= index;
        }
        if (graph_has_right(moving.op)) {
            moving.right.index += moving.right.index >= index;
        }
        graph->nodes.items[i] = moving;
    }
    graph->nodes.items[index] = node;
}

const Expr *conjunction(Arena *arena, const Expr *left, const Expr *right) {
    if (left == NULL) {
        return right;
    }
    const Expr *pair[2] = {left, right};
    bool is_nullable = left->type->is_nullable || right->type->is_nullable;
    const Expr *whole = expr_new(arena, EXPR_AND, type_new(arena, FLOW_BOOL, is_nullable), pair, 2);
    return expr_located(arena, whole, right->span, right->text);
}

void rewrite_run(Graph *graph, Arena *arena, const char *off) {
    for (size_t i = 0; i < COUNT_OF(rewrites); i++) {
        if (!is_off(off, rewrites[i].name)) {
            rewrites[i].run(graph, arena);
            graph_verify(graph);
        }
    }
}
