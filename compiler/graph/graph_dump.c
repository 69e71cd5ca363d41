// The graph as text: `explain --dump-after build` and `--types`, stable from run to run.
#include "graph/graph.h"

typedef struct Dump {
    const Graph *graph;
    Buffer *out;
    Arena scratch;
} Dump;

static const char *const mode_texts[] = {"append", "upsert", "changelog"};
static const char *const reaction_texts[] = {"warn", "drop", "reject", "fail"};
static const char *const format_texts[] = {
    "by suffix", "ndjson", "csv", "parquet", "json", "debezium", "delta"};
static const char *const meta_texts[] = {
    "", "position", "file", "ingested_at", "operation", "sequence", "timestamp", "before"};
static const char *const sink_texts[] = {
    "append into", "merge into", "overwrite", "stdout", "files", "discard"};

static const char *agg_text(FlowAggKind kind) {
    static const char *const texts[] = {
#define AGG(name, text, ...) text,
#include "abi/agg.def"
#undef AGG
    };
    _Static_assert(COUNT_OF(texts) == FLOW_AGG_COUNT_KINDS, "one text for each aggregate");
    return texts[kind];
}

static const char *type_show(Dump *d, const Type *type) {
    Type plain = *type;
    plain.name = NULL;
    return type_text(&d->scratch, &plain);
}

// --- declarations --------------------------------------------------------------------------------
static void columns_dump(Dump *d, const GraphColumn *columns, uint32_t count, const char *indent) {
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(d->out, "%s%s: %s", indent, columns[i].name, type_show(d, columns[i].type));
        if (columns[i].meta != FLOW_META_NONE) {
            buffer_format(d->out, " (meta.%s)", meta_texts[columns[i].meta]);
        }
        buffer_char(d->out, '\n');
    }
}

static void setting_dump(Dump *d, GraphSetting setting) {
    if (setting.param >= 0) {
        buffer_format(d->out, "param %s", d->graph->params.items[setting.param].name);
        return;
    }
    buffer_json_string(d->out, setting.text, strlen(setting.text));
}

static void indexes_dump(Dump *d,
                         const char *what,
                         const GraphColumn *columns,
                         const uint32_t *indexes,
                         uint32_t count) {
    if (count == 0) {
        return;
    }
    buffer_format(d->out, " %s (", what);
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(d->out, "%s%s", i == 0 ? "" : ", ", columns[indexes[i]].name);
    }
    buffer_char(d->out, ')');
}

static void generate_dump(Dump *d, const GraphGenerate *generate) {
    buffer_format(
        d->out, "generate %lld seed %lld", (long long)generate->rows, (long long)generate->seed);
}

static void source_dump(Dump *d, const GraphSource *source) {
    buffer_format(d->out, "source %s: ", source->name);
    if (source->generate != NULL) {
        generate_dump(d, source->generate);
    } else {
        setting_dump(d, source->path);
        buffer_format(d->out, " %s", format_texts[source->format]);
    }
    if (source->reads_changes) {
        buffer_format(d->out, " changes from %lld", (long long)source->changes_from);
    }
    if (source->event_time >= 0) {
        buffer_format(d->out, " event_time %s", source->columns[source->event_time].name);
    }
    buffer_char(d->out, '\n');
    columns_dump(d, source->columns, source->column_count, "  ");
}

static void table_dump(Dump *d, const GraphTable *table) {
    buffer_format(d->out, "table %s: ", table->name);
    setting_dump(d, table->path);
    indexes_dump(d, "key", table->columns, table->key, table->key_count);
    indexes_dump(d, "partition", table->columns, table->partition, table->partition_count);
    buffer_text(d->out, table->is_evolving ? " evolve" : "");
    buffer_text(d->out, table->is_append_only ? " append_only\n" : "\n");
    columns_dump(d, table->columns, table->column_count, "  ");
}

static void sink_dump(Dump *d, const GraphSink *sink) {
    buffer_format(d->out, "sink %s: %s", sink->name, sink_texts[sink->kind]);
    if (sink->table >= 0) {
        buffer_format(d->out, " %s", d->graph->tables.items[sink->table].name);
    }
    if (sink->kind == FLOW_SINK_FILES) {
        buffer_char(d->out, ' ');
        setting_dump(d, sink->path);
        buffer_format(d->out, " %s", format_texts[sink->format]);
    }
    if (sink->order_count > 0) {
        buffer_format(d->out, " order %u", sink->order_count);
    }
    if (sink->condition != NULL) {
        buffer_format(d->out, " where %s", sink->condition->text);
    }
    buffer_format(d->out, "%s [%s]\n", sink->has_delete ? " delete" : "", sink->operator_id);
    columns_dump(d, sink->columns, sink->column_count, "  ");
}

static void param_dump(Dump *d, const GraphParam *param) {
    buffer_format(d->out, "param %s: %s", param->name, type_show(d, param->type));
    if (param->default_text != NULL) {
        buffer_text(d->out, " = ");
        buffer_json_string(d->out, param->default_text, strlen(param->default_text));
    }
    buffer_char(d->out, '\n');
}

static void settings_dump(Dump *d, const GraphSettings *settings) {
    buffer_format(d->out, "pipeline %s", settings->name);
    if (settings->has_dlq) {
        buffer_text(d->out, " dlq ");
        setting_dump(d, settings->dlq);
    }
    if (settings->has_checkpoint) {
        buffer_text(d->out, " checkpoint ");
        setting_dump(d, settings->checkpoint);
    }
    if (settings->has_metrics) {
        buffer_text(d->out, " metrics ");
        setting_dump(d, settings->metrics);
    }
    if (settings->parallelism > 0) {
        buffer_format(d->out, " parallelism %d", settings->parallelism);
    }
    if (settings->memory_bytes > 0) {
        buffer_format(d->out, " memory %lld B", (long long)settings->memory_bytes);
    }
    buffer_text(d->out, settings->dlq_raw_keep ? "\n" : " dlq_raw drop\n");
    for (uint32_t i = 0; i < settings->renames.count; i++) {
        const GraphRename *rename = &settings->renames.items[i];
        buffer_format(d->out, "flow %s was %s\n", rename->name, rename->was);
    }
}

// --- nodes ---------------------------------------------------------------------------------------
static const char **names_of(Dump *d, const GraphNode *node) {
    const char **names = arena_array(&d->scratch, const char *, node->column_count + 1);
    for (uint32_t i = 0; i < node->column_count; i++) {
        names[i] = node->columns[i].name;
    }
    return names;
}

static void named_dump(Dump *d, const char *name, const Expr *expr, const char *const *names) {
    buffer_format(d->out, "  %s = ", name);
    expr_dump(d->out, expr, names);
    buffer_format(d->out, ": %s\n", type_show(d, expr->type));
}

static void agg_dump(Dump *d, const GraphAgg *agg, const char *const *names) {
    buffer_format(d->out, "  %s = (%s", agg->name, agg_text(agg->kind));
    if (agg->argument != NULL) {
        buffer_char(d->out, ' ');
        expr_dump(d->out, agg->argument, names);
    }
    if (agg->second != NULL) {
        buffer_char(d->out, ' ');
        expr_dump(d->out, agg->second, names);
    }
    if (agg->condition != NULL) {
        buffer_text(d->out, " where ");
        expr_dump(d->out, agg->condition, names);
    }
    buffer_format(d->out, "): %s\n", type_show(d, agg->type));
}

static void values_dump(Dump *d, const GraphNode *node, const char *const *names) {
    const GraphColumn *columns = node->columns;
    if (node->op == GRAPH_SINK) {
        columns = d->graph->sinks.items[node->declaration].columns;
    }
    for (uint32_t i = 0; i < node->value_count; i++) {
        named_dump(d, columns[i].name, node->values[i], names);
    }
}

static const char *declaration_name(const Graph *graph, const GraphNode *node) {
    switch (node->op) {
    case GRAPH_SOURCE:
        return graph->sources.items[node->declaration].name;
    case GRAPH_TABLE:
        return graph->tables.items[node->declaration].name;
    case GRAPH_SINK:
        return graph->sinks.items[node->declaration].name;
    case GRAPH_FLOW:
        return graph->flows.items[node->flow];
    default:
        break;
    }
    return NULL;
}

static const char *const keep_texts[] = {"", " keep first", " keep last", " keep newest"};
static const char *const join_texts[] = {"inner", "left", "semi", "anti", "right", "full"};

// What the condition of a node is written over.
static const char **condition_names(Dump *d, const GraphNode *node) {
    const GraphNode *input = graph_at(d->graph, node->input);
    if (node->op == GRAPH_EPOCH_CHECK) {
        const char **names = arena_array(&d->scratch, const char *, node->agg_count + 1);
        for (uint32_t i = 0; i < node->agg_count; i++) {
            names[i] = node->aggs[i].name;
        }
        return names;
    }
    if (node->op != GRAPH_JOIN && node->op != GRAPH_BAND) {
        return names_of(d, input);
    }
    const GraphNode *right = graph_at(d->graph, node->right);
    uint32_t count = input->column_count + right->column_count;
    const char **names = arena_array(&d->scratch, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = i < input->column_count ? input->columns[i].name
                                           : right->columns[i - input->column_count].name;
    }
    return names;
}

// What is said of a node beside its expressions.
static void details_dump(Dump *d, const GraphNode *node) {
    switch (node->op) {
    case GRAPH_CHECK:
    case GRAPH_EPOCH_CHECK:
        buffer_format(d->out, " else %s", reaction_texts[node->reaction]);
        break;
    case GRAPH_JOIN:
        buffer_format(d->out, " %s", join_texts[node->join]);
        break;
    case GRAPH_BAND:
        buffer_format(d->out,
                      " %s within %lld .. %lld us%s",
                      join_texts[node->join],
                      (long long)node->low_us,
                      (long long)node->high_us,
                      keep_texts[node->keep]);
        break;
    case GRAPH_UNNEST:
        buffer_text(d->out, node->keep_empty ? " keep empty" : "");
        break;
    case GRAPH_TOP:
        buffer_format(d->out,
                      " %lld %s%s",
                      (long long)node->count,
                      node->is_descending ? "desc" : "asc",
                      node->has_place ? " with its place" : "");
        break;
    case GRAPH_DEDUP:
        buffer_format(d->out,
                      " within %lld us keep %s%s",
                      (long long)node->within_us,
                      node->keep_last ? "last" : "first",
                      node->stored == NULL ? "" : ", what is stored counts");
        break;
    case GRAPH_ARM:
        buffer_format(d->out, " %u", node->arm);
        if (node->arm_counter >= 0) {
            bool is_dropped = node->arm_counter == FLOW_COUNTER_DROPPED;
            buffer_text(d->out, is_dropped ? " dropped" : " filtered");
        }
        break;
    default:
        break;
    }
}

static void keys_dump(Dump *d, const GraphNode *node, const char *const *names) {
    const GraphNode *right =
        node->op == GRAPH_JOIN || node->op == GRAPH_BAND ? graph_at(d->graph, node->right) : NULL;
    for (uint32_t i = 0; i < node->value_count; i++) {
        buffer_text(d->out, "  key ");
        expr_dump(d->out, node->values[i], names);
        if (right != NULL) {
            buffer_text(d->out, " == ");
            expr_dump(d->out, node->right_values[i], names_of(d, right));
        }
        buffer_char(d->out, '\n');
    }
    for (uint32_t i = 0; i < node->order_count; i++) {
        buffer_text(d->out, "  order ");
        expr_dump(d->out, node->orders[i], names);
        buffer_char(d->out, '\n');
    }
    for (uint32_t i = 0; i < node->fill_count; i++) {
        buffer_text(d->out, "  text ");
        expr_dump(d->out, node->fills[i], names);
        buffer_char(d->out, '\n');
    }
}

static bool has_named_values(GraphOp op) {
    return op == GRAPH_PROJECT || op == GRAPH_GROUP || op == GRAPH_SINK;
}

static void exprs_dump(Dump *d, const GraphNode *node) {
    if (!graph_has_input(node->op)) {
        return;
    }
    const char **names = names_of(d, graph_at(d->graph, node->input));
    if (has_named_values(node->op)) {
        values_dump(d, node, names);
    } else {
        keys_dump(d, node, names);
    }
    for (uint32_t i = 0; i < node->agg_count; i++) {
        agg_dump(d, &node->aggs[i], names);
    }
}

static void node_dump(Dump *d, uint32_t index) {
    const GraphNode *node = &d->graph->nodes.items[index];
    buffer_format(d->out, "%%%u = %s", index, graph_op_name(node->op));
    if (graph_has_input(node->op)) {
        buffer_format(d->out, " %%%u", node->input.index);
    }
    if (graph_has_right(node->op)) {
        buffer_format(d->out, " %%%u", node->right.index);
    }
    const char *name = declaration_name(d->graph, node);
    if (name != NULL) {
        buffer_format(d->out, " %s", name);
    }
    if (node->condition != NULL) {
        buffer_char(d->out, ' ');
        expr_dump(d->out, node->condition, condition_names(d, node));
    }
    details_dump(d, node);
    buffer_format(d->out, " [%s]\n", node->operator_id);
    exprs_dump(d, node);
}

void graph_dump(const Graph *graph, Buffer *out) {
    Dump d = {.graph = graph, .out = out};
    settings_dump(&d, &graph->settings);
    for (uint32_t i = 0; i < graph->params.count; i++) {
        param_dump(&d, &graph->params.items[i]);
    }
    for (uint32_t i = 0; i < graph->sources.count; i++) {
        source_dump(&d, &graph->sources.items[i]);
    }
    for (uint32_t i = 0; i < graph->tables.count; i++) {
        table_dump(&d, &graph->tables.items[i]);
    }
    for (uint32_t i = 0; i < graph->sinks.count; i++) {
        sink_dump(&d, &graph->sinks.items[i]);
    }
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        node_dump(&d, i);
    }
    arena_free(&d.scratch);
}

// --- stream types
// --------------------------------------------------------------------------------- Names in
// parentheses and parts of meta go with the row, but no step can name them as columns.
static bool is_visible(const GraphColumn *column) {
    return column->name[0] != '(' && column->meta == FLOW_META_NONE;
}

static void event_time_dump(Dump *d, const GraphNode *node) {
    if (node->event_time < 0) {
        return;
    }
    const GraphColumn *column = &node->columns[node->event_time];
    if (is_visible(column)) {
        buffer_format(d->out, ", event time %s", column->name);
    } else {
        buffer_text(d->out, ", event time of a column left out above");
    }
    buffer_text(d->out, ", watermark at the end of the input");
}

static void stream_dump(Dump *d, const GraphNode *node) {
    buffer_format(
        d->out, "  %u:%u %s", node->span.start_line, node->span.start_column, node->operator_id);
    buffer_format(d->out, ": %s", mode_texts[node->mode]);
    buffer_text(d->out, node->is_bounded ? ", bounded" : ", unbounded");
    event_time_dump(d, node);
    buffer_char(d->out, '\n');
    for (uint32_t i = 0; i < node->column_count; i++) {
        if (is_visible(&node->columns[i])) {
            columns_dump(d, &node->columns[i], 1, "    ");
        }
    }
}

void graph_dump_types(const Graph *graph, Buffer *out) {
    Dump d = {.graph = graph, .out = out};
    uint32_t flow = UINT32_MAX;
    for (uint32_t i = 0; i < graph->nodes.count; i++) {
        const GraphNode *node = &graph->nodes.items[i];
        bool is_input = node->op == GRAPH_SOURCE || node->op == GRAPH_TABLE;
        if (is_input) {
            buffer_format(out, "%s %s\n", graph_op_name(node->op), declaration_name(graph, node));
        } else if (node->flow != flow && node->flow != UINT32_MAX) {
            buffer_format(out, "flow %s\n", graph->flows.items[node->flow]);
        }
        flow = is_input ? UINT32_MAX : node->flow;
        if (node->op != GRAPH_FLOW && node->op != GRAPH_SINK) {
            stream_dump(&d, node);
        }
    }
    arena_free(&d.scratch);
}
