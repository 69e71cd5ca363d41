// The typed program as text: `explain --dump-after check`.
#include "check/check_internal.h"

typedef struct Dump {
    const Checked *checked;
    Buffer *out;
    Arena scratch;
} Dump;

static const char *const reaction_texts[] = {"warn", "drop", "reject", "fail"};

static const char *plain_type(Dump *d, const Type *type) {
    Type plain = *type;
    plain.name = NULL; // what it is, not what it is called
    return type_text(&d->scratch, &plain);
}

static const char **names_of(Dump *d, const GraphColumn *columns, uint32_t count) {
    const char **names = arena_array(&d->scratch, const char *, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = columns[i].name;
    }
    return names;
}

static void columns_dump(Dump *d, const GraphColumn *columns, uint32_t count, const char *indent) {
    for (uint32_t i = 0; i < count; i++) {
        buffer_format(
            d->out, "%s%s: %s\n", indent, columns[i].name, plain_type(d, columns[i].type));
    }
}

static void values_dump(Dump *d, const CheckedStep *step, const char *const *names) {
    const GraphNode *node = &step->node;
    const GraphColumn *columns =
        node->op == GRAPH_SINK ? d->checked->sinks.items[node->declaration].columns : node->columns;
    for (uint32_t i = 0; i < node->value_count; i++) {
        buffer_format(d->out, "    %s = ", columns[i].name);
        expr_dump(d->out, node->values[i], names);
        buffer_format(d->out, ": %s\n", plain_type(d, columns[i].type));
    }
}

static void aggs_dump(Dump *d, const GraphNode *node, const char *const *names) {
    for (uint32_t i = 0; i < node->agg_count; i++) {
        const GraphAgg *agg = &node->aggs[i];
        buffer_format(d->out, "    %s = %s(", agg->name, aggregate_name(agg->kind));
        if (agg->argument != NULL) {
            expr_dump(d->out, agg->argument, names);
        }
        if (agg->second != NULL) {
            buffer_text(d->out, ", ");
            expr_dump(d->out, agg->second, names);
        }
        buffer_char(d->out, ')');
        if (agg->condition != NULL) {
            buffer_text(d->out, " where ");
            expr_dump(d->out, agg->condition, names);
        }
        buffer_format(d->out, ": %s\n", plain_type(d, agg->type));
    }
}

static void step_dump(Dump *d, const CheckedStep *step, const GraphNode *before) {
    buffer_format(d->out, "  %s", step->word);
    if (step->keys != NULL && step->keys[0] != '\0') {
        buffer_format(d->out, " %s", step->keys);
    }
    const char **names = before == NULL ? NULL : names_of(d, before->columns, before->column_count);
    if (step->node.condition != NULL) {
        buffer_char(d->out, ' ');
        expr_dump(d->out, step->node.condition, names);
    }
    if (step->node.op == GRAPH_CHECK) {
        buffer_format(d->out, " else %s", reaction_texts[step->node.reaction]);
    }
    buffer_char(d->out, '\n');
    values_dump(d, step, names);
    aggs_dump(d, &step->node, names);
}

static void source_dump(Dump *d, const CheckedSource *source) {
    buffer_format(d->out, "source %s\n", source->declaration.name);
    columns_dump(d, source->columns, source->column_count, "  ");
    const GraphNode origin = {.columns = source->columns, .column_count = source->column_count};
    for (uint32_t i = 0; i < source->steps.count; i++) {
        step_dump(d, &source->steps.items[i], i == 0 ? &origin : &source->steps.items[i - 1].node);
    }
}

static void flow_dump(Dump *d, const CheckedFlow *flow) {
    buffer_format(d->out, "flow %s\n", flow->name);
    for (uint32_t i = 0; i < flow->steps.count; i++) {
        step_dump(d, &flow->steps.items[i], i == 0 ? NULL : &flow->steps.items[i - 1].node);
    }
}

void check_dump(const Checked *checked, Buffer *out) {
    Dump d = {.checked = checked, .out = out};
    for (uint32_t i = 0; i < checked->sources.count; i++) {
        source_dump(&d, &checked->sources.items[i]);
    }
    for (uint32_t i = 0; i < checked->tables.count; i++) {
        const GraphTable *table = &checked->tables.items[i];
        buffer_format(out, "table %s\n", table->name);
        columns_dump(&d, table->columns, table->column_count, "  ");
    }
    for (uint32_t i = 0; i < checked->flows.count; i++) {
        flow_dump(&d, &checked->flows.items[i]);
    }
    arena_free(&d.scratch);
}
