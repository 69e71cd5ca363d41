// Which records can be sent through a program again. A record goes to the flow that has rejected
// it: through the flows that this one reads from, and on to those that read it. What has accepted
// it must not get it twice, and what sees all records at once must not see a few of them alone;
// where either can't be had, the records stay in the DLQ.
#include "driver/replay_plan.h"

typedef struct PlanFlow {
    const char *name;
    bool *reads;     // [flow], also by way of others, and itself
    uint32_t *paths; // [source]: how many ways lead here from it
    bool spreads;    // a record may become several rows
    bool gathers;    // it sees all records of a batch, or those of another stream
    bool overwrites;
} PlanFlow;

typedef struct PlanSource {
    bool is_looked_up;
    bool is_unique; // it compares all its records
    bool is_made_up;
} PlanSource;

typedef struct Planning {
    Arena *arena;
    const Checked *checked;
    PlanFlow *flows;
    PlanSource *sources;
    uint32_t flow_count;
    uint32_t source_count;
} Planning;

// --- what flows do ------------------------------------------------------------------------------
// A lookup by the whole key of a table finds one row.
static bool finds_one(const Checked *checked, const CheckedStep *join) {
    if (join->node.join == FLOW_JOIN_SEMI || join->node.join == FLOW_JOIN_ANTI) {
        return true;
    }
    if (join->input.kind != PROGRAM_TABLE) {
        return false;
    }
    const GraphTable *table = &checked->tables.items[join->input.index];
    uint32_t found = 0;
    for (uint32_t k = 0; k < table->key_count; k++) {
        bool has_key = false;
        for (uint32_t i = 0; i < join->node.value_count; i++) {
            const Expr *key = join->node.right_values[i];
            has_key |= key->op == EXPR_COLUMN && key->index == table->key[k];
        }
        found += has_key;
    }
    return table->key_count > 0 && found == table->key_count;
}

static void input_take(Planning *p, PlanFlow *flow, ProgramRef input) {
    if (input.kind == PROGRAM_SOURCE) {
        flow->paths[input.index]++;
    } else if (input.kind == PROGRAM_FLOW) {
        const PlanFlow *from = &p->flows[input.index];
        for (uint32_t i = 0; i < p->flow_count; i++) {
            flow->reads[i] |= from->reads[i];
        }
        for (uint32_t i = 0; i < p->source_count; i++) {
            flow->paths[i] += from->paths[i];
        }
    }
}

static void step_take(Planning *p, PlanFlow *flow, const CheckedStep *step) {
    switch (step->node.op) {
    case GRAPH_FLOW:
        input_take(p, flow, step->input);
        break;
    case GRAPH_JOIN:
        if (step->input.kind == PROGRAM_SOURCE) {
            p->sources[step->input.index].is_looked_up = true;
        }
        flow->gathers |= step->input.kind == PROGRAM_FLOW; // whose rows are not sent along
        flow->spreads |= !finds_one(p->checked, step);
        break;
    case GRAPH_BAND:
        flow->gathers = true;
        input_take(p, flow, step->input);
        break;
    case GRAPH_UNNEST:
        flow->spreads = true;
        break;
    case GRAPH_GROUP:
    case GRAPH_TOP:
    case GRAPH_DEDUP:
    case GRAPH_RUNNING:
    case GRAPH_FILL:
        flow->gathers |= p->checked->settings.trigger == FLOW_TRIGGER_ONCE;
        break;
    case GRAPH_SINK:
        flow->overwrites |=
            p->checked->sinks.items[step->node.declaration].kind == FLOW_SINK_TABLE_OVERWRITE;
        break;
    default:
        break;
    }
}

static void flow_take(Planning *p, uint32_t index) {
    const CheckedFlow *checked = &p->checked->flows.items[index];
    PlanFlow *flow = &p->flows[index];
    flow->name = checked->name;
    flow->reads = arena_array(p->arena, bool, p->flow_count + 1);
    flow->paths = arena_array(p->arena, uint32_t, p->source_count + 1);
    flow->reads[index] = true;
    for (uint32_t i = 0; i < checked->steps.count; i++) {
        step_take(p, flow, &checked->steps.items[i]);
    }
}

static void source_take(Planning *p, uint32_t index) {
    const CheckedSource *source = &p->checked->sources.items[index];
    p->sources[index].is_made_up = source->declaration.generate != NULL;
    for (uint32_t i = 0; i < source->steps.count; i++) {
        p->sources[index].is_unique |= source->steps.items[i].node.op == GRAPH_DEDUP;
    }
}

// --- what stands in the way ---------------------------------------------------------------------
static bool is_read(const Planning *p, uint32_t source) {
    for (uint32_t i = 0; i < p->flow_count; i++) {
        if (p->flows[i].paths[source] > 0) {
            return true;
        }
    }
    return false;
}

static const char *source_obstacle(const Planning *p, uint32_t index) {
    const PlanSource *source = &p->sources[index];
    const char *name = p->checked->sources.items[index].declaration.name;
    if (source->is_made_up) {
        return arena_format(p->arena, "of the source %s, whose records are made up", name);
    }
    if (source->is_looked_up) {
        return arena_format(p->arena, "of the source %s, which is looked up", name);
    }
    if (source->is_unique) {
        return arena_format(
            p->arena, "of the source %s, whose `unique` compares all records of a run", name);
    }
    return is_read(p, index)
               ? NULL
               : arena_format(p->arena, "of the source %s, which no flow reads", name);
}

// What sees all records at once, or replaces a table by what it is given.
static const char *whole_obstacle(const Planning *p, const PlanFlow *flow) {
    if (flow->gathers) {
        return arena_format(
            p->arena,
            "for the flow %s, which gathers all records of a batch or a stream: the next "
            "run of a batch reads them again",
            flow->name);
    }
    if (flow->overwrites) {
        return arena_format(p->arena,
                            "for the flow %s, which overwrites a table: the next run reads them "
                            "again",
                            flow->name);
    }
    return NULL;
}

static const char *flow_obstacle(const Planning *p, uint32_t index) {
    const PlanFlow *flow = &p->flows[index];
    const char *why = strchr(flow->name, ',') == NULL
                          ? NULL
                          : arena_format(p->arena, "for a flow with a comma in its name");
    for (uint32_t i = 0; i < p->flow_count && why == NULL; i++) {
        bool is_related = flow->reads[i] || p->flows[i].reads[index];
        why = is_related ? whole_obstacle(p, &p->flows[i]) : NULL;
        if (why == NULL && flow->reads[i] && p->flows[i].spreads) {
            why = arena_format(p->arena,
                               "of the flow %s: a record may become several rows there, some of "
                               "which are in tables",
                               flow->name);
        }
    }
    for (uint32_t i = 0; i < p->source_count && why == NULL; i++) {
        if (flow->paths[i] > 1) {
            why = arena_format(
                p->arena, "of the flow %s, which the same record reaches twice", flow->name);
        }
        why = why == NULL && flow->paths[i] > 0 ? source_obstacle(p, i) : why;
    }
    return why;
}

// --- lists --------------------------------------------------------------------------------------
static const char *list_end(Planning *p, Buffer *list) {
    const char *text = arena_string(p->arena, buffer_cstring(list));
    buffer_free(list);
    return text;
}

static EngineReplayFlow flow_plan(Planning *p, uint32_t index) {
    Buffer up = {0};
    Buffer all = {0};
    buffer_char(&up, ',');
    buffer_char(&all, ',');
    for (uint32_t i = 0; i < p->flow_count; i++) {
        bool is_up = p->flows[index].reads[i];
        if (is_up) {
            buffer_format(&up, "%s,", p->flows[i].name);
        }
        if (is_up || p->flows[i].reads[index]) {
            buffer_format(&all, "%s,", p->flows[i].name);
        }
    }
    return (EngineReplayFlow){.name = p->flows[index].name,
                              .up = list_end(p, &up),
                              .flows = list_end(p, &all),
                              .obstacle = flow_obstacle(p, index)};
}

static EngineReplaySource source_plan(Planning *p, uint32_t index) {
    Buffer all = {0};
    const char *why = source_obstacle(p, index);
    buffer_char(&all, ',');
    for (uint32_t i = 0; i < p->flow_count; i++) {
        if (p->flows[i].paths[index] > 0) {
            buffer_format(&all, "%s,", p->flows[i].name);
            why = why == NULL ? whole_obstacle(p, &p->flows[i]) : why;
        }
    }
    return (EngineReplaySource){.name = p->checked->sources.items[index].declaration.name,
                                .flows = list_end(p, &all),
                                .obstacle = why,
                                .is_lookup = p->sources[index].is_looked_up};
}

void replay_plan(const Checked *checked, EngineReplay *replay) {
    Planning p = {.arena = &replay->arena,
                  .checked = checked,
                  .flow_count = checked->flows.count,
                  .source_count = checked->sources.count};
    p.flows = arena_array(p.arena, PlanFlow, p.flow_count + 1);
    p.sources = arena_array(p.arena, PlanSource, p.source_count + 1);
    EngineReplayFlow *flows = arena_array(p.arena, EngineReplayFlow, p.flow_count + 1);
    EngineReplaySource *sources = arena_array(p.arena, EngineReplaySource, p.source_count + 1);
    for (uint32_t i = 0; i < p.source_count; i++) {
        source_take(&p, i);
    }
    for (uint32_t i = 0; i < p.flow_count; i++) { // each after those that it reads
        flow_take(&p, i);
    }
    for (uint32_t i = 0; i < p.flow_count; i++) {
        flows[i] = flow_plan(&p, i);
    }
    for (uint32_t i = 0; i < p.source_count; i++) {
        sources[i] = source_plan(&p, i);
    }
    replay->flows = flows;
    replay->flow_count = p.flow_count;
    replay->sources = sources;
    replay->source_count = p.source_count;
}
