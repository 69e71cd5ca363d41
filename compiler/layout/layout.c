// Plan to FlowProgram: every list of the plan becomes an array of the structs that struct.def
// describes.
#include "layout/layout.h"

#include "graph/graph.h"

typedef struct Maker {
    Arena *arena;
    const Plan *plan;
    const Graph *graph;
    FlowProgram *program;
} Maker;

static const FlowTypeDesc *type_make(const Maker *m, const Type *type) {
    if (type == NULL) {
        return NULL;
    }
    FlowTypeDesc *desc = arena_new(m->arena, FlowTypeDesc);
    *desc = type_desc(m->arena, type);
    return desc;
}

static const FlowSetting *setting_make(const Maker *m, GraphSetting setting) {
    FlowSetting *made = arena_new(m->arena, FlowSetting);
    *made = (FlowSetting){.text = setting.text, .param = setting.param};
    return made;
}

static const FlowColumnDesc *
columns_make(const Maker *m, const GraphColumn *columns, uint32_t count) {
    FlowColumnDesc *descs = arena_array(m->arena, FlowColumnDesc, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        descs[i] = (FlowColumnDesc){.name = columns[i].name,
                                    .type = type_make(m, columns[i].type),
                                    .is_used = 1,
                                    .meta = (int32_t)columns[i].meta};
    }
    return descs;
}

static const FlowColumnDesc *slots_make(const Maker *m, const PlanSlot *slots, uint32_t count) {
    FlowColumnDesc *descs = arena_array(m->arena, FlowColumnDesc, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        descs[i] = (FlowColumnDesc){.name = slots[i].name,
                                    .type = type_make(m, slots[i].type),
                                    .is_used = slots[i].is_used,
                                    .meta = (int32_t)slots[i].meta};
    }
    return descs;
}

static const int32_t *ints_make(const Maker *m, const uint32_t *values, uint32_t count) {
    int32_t *ints = arena_array(m->arena, int32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        ints[i] = (int32_t)values[i];
    }
    return ints;
}

// --- sources ----------------------------------------------------------------------------------
static const FlowScanTest *tests_make(const Maker *m, const PlanScanTest *tests, uint32_t count) {
    FlowScanTest *made = arena_array(m->arena, FlowScanTest, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        made[i] = (FlowScanTest){.column = (int32_t)tests[i].column,
                                 .op = (int32_t)tests[i].op,
                                 .value = tests[i].value,
                                 .text = tests[i].text};
    }
    return made;
}

static const FlowText *texts_make(const Maker *m, const char *const *texts, uint32_t count) {
    FlowText *made = arena_array(m->arena, FlowText, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        made[i] = (FlowText){.text = texts[i]};
    }
    return made;
}

static const FlowWire *wires_make(const Maker *m, const GraphSource *source) {
    FlowWire *made = arena_array(m->arena, FlowWire, source->column_count + 1);
    for (uint32_t i = 0; source->wires != NULL && i < source->column_count; i++) {
        const GraphWire *wire = &source->wires[i];
        made[i] = (FlowWire){.names = texts_make(m, wire->names, wire->name_count),
                             .names_count = wire->name_count,
                             .default_text = wire->default_text,
                             .format = wire->format,
                             .zone = wire->zone,
                             .excused = (int32_t)wire->excused};
    }
    return made;
}

static FlowRecipe recipe_make(const Maker *m, const GraphRecipe *recipe) {
    return (FlowRecipe){.is_present = recipe->is_present,
                        .is_judged = recipe->is_judged,
                        .length_min = recipe->length_min,
                        .length_max = recipe->length_max,
                        .low = recipe->low,
                        .high = recipe->high,
                        .pattern = recipe->pattern,
                        .texts = texts_make(m, recipe->texts.items, recipe->texts.count),
                        .texts_count = recipe->texts.count};
}

static const FlowGenerate *generate_make(const Maker *m, const GraphGenerate *generate) {
    FlowRecipe *recipes = arena_array(m->arena, FlowRecipe, generate->recipe_count + 1);
    FlowDistinct *distincts = arena_array(m->arena, FlowDistinct, generate->distinct_count + 1);
    for (uint32_t i = 0; i < generate->recipe_count; i++) {
        recipes[i] = recipe_make(m, &generate->recipes[i]);
    }
    for (uint32_t i = 0; i < generate->distinct_count; i++) {
        const GraphDistinct *distinct = &generate->distincts[i];
        distincts[i] = (FlowDistinct){.columns = ints_make(m, distinct->columns, distinct->count),
                                      .columns_count = distinct->count};
    }
    FlowGenerate *made = arena_new(m->arena, FlowGenerate);
    *made = (FlowGenerate){.rows = generate->rows,
                           .seed = generate->seed,
                           .step_us = generate->step_us,
                           .step_rows = generate->step_rows,
                           .jitter_us = generate->jitter_us,
                           .changes_per_key = generate->changes_per_key,
                           .recipes = recipes,
                           .recipes_count = generate->recipe_count,
                           .distincts = distincts,
                           .distincts_count = generate->distinct_count};
    return made;
}

const FlowGenerate *layout_generate(Arena *arena, const GraphGenerate *generate) {
    return generate_make(&(Maker){.arena = arena}, generate);
}

static FlowSource source_make(const Maker *m, const GraphSource *source) {
    return (FlowSource){
        .name = source->name,
        .contract = source->contract,
        .contract_version = source->contract_version,
        .path = setting_make(m, source->path),
        .format = (int32_t)source->format,
        .timestamp_unit = (int32_t)source->timestamp_unit,
        .csv_delimiter = source->csv.delimiter,
        .csv_header = source->csv.has_header,
        .csv_null = source->csv.null_text == NULL ? "" : source->csv.null_text,
        .event_time = source->event_time,
        .on_unknown = (int32_t)source->on_unknown,
        .settle_us = source->settle_us,
        .lateness_us = source->lateness_us,
        .idle_after_us = source->idle_after_us,
        .capture = source->capture,
        .records = source->records == NULL ? "" : source->records,
        .columns = columns_make(m, source->columns, source->column_count),
        .columns_count = source->column_count,
        .wires = wires_make(m, source),
        .wires_count = source->wires == NULL ? 0 : source->column_count,
        .operation = source->operation,
        .reads_changes = source->reads_changes,
        .changes_from = source->changes_from,
        .key = ints_make(m, source->key, source->key_count),
        .key_count = source->key_count,
        .deletes = texts_make(m, source->deletes.items, source->deletes.count),
        .deletes_count = source->deletes.count,
        .truncates = texts_make(m, source->truncates.items, source->truncates.count),
        .truncates_count = source->truncates.count,
        .generate = source->generate == NULL ? NULL : generate_make(m, source->generate)};
}

// What a pipeline reads of its source: the columns with their use, meta columns, and the tests.
static void source_read(const Maker *m, FlowSource *source, const PlanPipeline *pipeline) {
    source->columns = slots_make(m, pipeline->slots, pipeline->input_slots);
    source->columns_count = pipeline->input_slots;
    // The DLQ tells a rejected row's event time.
    if (source->event_time >= 0 && plan_can_reject(m->plan, pipeline)) {
        ((FlowColumnDesc *)source->columns)[source->event_time].is_used = 1;
    }
    source->tests = tests_make(m, pipeline->tests, pipeline->test_count);
    source->tests_count = pipeline->test_count;
    source->guards = tests_make(m, pipeline->guards, pipeline->guard_count);
    source->guards_count = pipeline->guard_count;
    source->test_flow = (int32_t)pipeline->test_flow;
}

static void sources_make(Maker *m) {
    uint32_t count = m->graph->sources.count;
    FlowSource *sources = arena_array(m->arena, FlowSource, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        sources[i] = source_make(m, &m->graph->sources.items[i]);
    }
    for (uint32_t i = 0; i < m->plan->pipelines.count; i++) {
        const PlanPipeline *pipeline = &m->plan->pipelines.items[i];
        if (pipeline->input_kind == FLOW_INPUT_SOURCE) {
            source_read(m, &sources[pipeline->input], pipeline);
        }
    }
    m->program->sources = sources;
    m->program->sources_count = count;
}

// --- tables and sinks ---------------------------------------------------------------------------
static void tables_make(Maker *m) {
    uint32_t count = m->graph->tables.count;
    FlowTable *tables = arena_array(m->arena, FlowTable, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const GraphTable *table = &m->graph->tables.items[i];
        tables[i] = (FlowTable){.name = table->name,
                                .path = setting_make(m, table->path),
                                .columns = columns_make(m, table->columns, table->column_count),
                                .columns_count = table->column_count,
                                .key = ints_make(m, table->key, table->key_count),
                                .key_count = table->key_count,
                                .partition = ints_make(m, table->partition, table->partition_count),
                                .partition_count = table->partition_count,
                                .tracked = ints_make(m, table->tracked, table->tracked_count),
                                .tracked_count = table->tracked_count,
                                .surrogate_key = table->surrogate_key,
                                .history = (int32_t)table->history,
                                .made_count = (int32_t)table->made_count,
                                .event_time = table->event_time,
                                .is_append_only = table->is_append_only,
                                .tombstones_us = table->tombstones_us,
                                .as_of = (int32_t)table->as_of,
                                .as_of_value = table->as_of_value,
                                .is_evolving = table->is_evolving};
    }
    m->program->tables = tables;
    m->program->tables_count = count;
}

static void sinks_make(Maker *m) {
    uint32_t count = m->graph->sinks.count;
    FlowSink *sinks = arena_array(m->arena, FlowSink, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const GraphSink *sink = &m->graph->sinks.items[i];
        sinks[i] =
            (FlowSink){.name = sink->name,
                       .kind = (int32_t)sink->kind,
                       .table = sink->table,
                       .path = setting_make(m, sink->path),
                       .format = (int32_t)sink->format,
                       .csv_delimiter = sink->csv.delimiter,
                       .csv_header = sink->csv.has_header,
                       .csv_null = sink->csv.null_text == NULL ? "" : sink->csv.null_text,
                       .flow = (int32_t)sink->flow,
                       .order_count = (int32_t)sink->order_count,
                       .has_delete = sink->has_delete,
                       .has_truncate = sink->has_truncate,
                       .condition = -1,
                       .is_late = sink->is_late,
                       .condition_text = sink->condition == NULL ? NULL : sink->condition->text,
                       .columns = columns_make(m, sink->columns, sink->column_count),
                       .columns_count = sink->column_count,
                       .operator_id = sink->operator_id};
    }
    for (uint32_t i = 0; i < m->plan->conditions.count; i++) {
        const PlanCondition *condition = &m->plan->conditions.items[i];
        sinks[condition->sink].condition = (int32_t)condition->pipeline;
    }
    m->program->sinks = sinks;
    m->program->sinks_count = count;
}

// Rows that reach a sink after a group stand in the ledger of the group's results.
static void sink_ledgers_set(FlowSink *sinks, PlanOps ops) {
    for (uint32_t i = 0; i < ops.count; i++) {
        const PlanOp *op = &ops.items[i];
        if (op->kind == PLAN_EMIT) {
            sinks[op->target].flow = (int32_t)op->flow;
        }
        for (uint32_t b = 0; b < op->branch_count; b++) {
            sink_ledgers_set(sinks, op->branches[b]);
        }
    }
}

// --- groups -----------------------------------------------------------------------------------
static uint32_t agg_bytes(const PlanAgg *agg) {
    bool has_input = agg->input != NULL;
    return flow_agg_bytes(
        agg->kind, has_input ? agg->input->kind : FLOW_NULL, has_input ? agg->input->precision : 0);
}

// The accumulators of a slot, one behind the other; the bytes of all of them go to `slot_bytes`.
static const FlowAgg *
aggs_make(const Maker *m, const PlanAgg *aggs, uint32_t count, int32_t *slot_bytes) {
    FlowAgg *made = arena_array(m->arena, FlowAgg, count + 1);
    uint32_t end = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t offset = flow_agg_offset(aggs[i].kind, end);
        made[i] = (FlowAgg){.kind = (int32_t)aggs[i].kind,
                            .offset = (int32_t)offset,
                            .input = type_make(m, aggs[i].input),
                            .second = type_make(m, aggs[i].second),
                            .result = type_make(m, aggs[i].result),
                            .site = (int32_t)aggs[i].site};
        end = offset + agg_bytes(&aggs[i]);
    }
    *slot_bytes = (int32_t)end;
    return made;
}

static FlowGroup group_make(const Maker *m, const PlanGroup *group) {
    FlowGroup made = {.operator_id = group->operator_id,
                      .flow = (int32_t)group->flow,
                      .window_end = group->window_end,
                      .session_gap_us = group->session_gap_us,
                      .session_reach = group->session_reach,
                      .is_total = group->key_count == 0,
                      .watermark = group->watermark,
                      .emit = (int32_t)group->emit,
                      .every_us = group->every_us,
                      .update_us = group->update_us,
                      .keys = slots_make(m, group->keys, group->key_count),
                      .keys_count = group->key_count,
                      .aggs_count = group->agg_count};
    made.aggs = aggs_make(m, group->aggs, group->agg_count, &made.slot_bytes);
    return made;
}

static void watermarks_make(Maker *m) {
    uint32_t count = m->plan->watermarks.count;
    FlowWatermark *watermarks = arena_array(m->arena, FlowWatermark, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const PlanWatermark *watermark = &m->plan->watermarks.items[i];
        watermarks[i] = (FlowWatermark){.operator_id = watermark->operator_id,
                                        .inputs = watermark->inputs,
                                        .inputs_count = watermark->input_count};
    }
    m->program->watermarks = watermarks;
    m->program->watermarks_count = count;
}

static void groups_make(Maker *m) {
    FlowGroup *groups = arena_array(m->arena, FlowGroup, m->plan->groups.count + 1);
    for (uint32_t i = 0; i < m->plan->groups.count; i++) {
        groups[i] = group_make(m, &m->plan->groups.items[i]);
    }
    m->program->groups = groups;
    m->program->groups_count = m->plan->groups.count;
}

// --- operators between pipelines --------------------------------------------------------------
static void expands_make(Maker *m) {
    uint32_t count = m->plan->expands.count;
    FlowExpand *expands = arena_array(m->arena, FlowExpand, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const PlanExpand *expand = &m->plan->expands.items[i];
        expands[i] = (FlowExpand){.flow = (int32_t)expand->flow,
                                  .target = (int32_t)expand->target,
                                  .keep_empty = expand->keep_empty};
    }
    m->program->expands = expands;
    m->program->expands_count = count;
}

static void lookups_make(Maker *m) {
    uint32_t count = m->plan->lookups.count;
    FlowLookup *lookups = arena_array(m->arena, FlowLookup, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const PlanLookup *lookup = &m->plan->lookups.items[i];
        lookups[i] = (FlowLookup){.name = lookup->name,
                                  .keys = slots_make(m, lookup->keys, lookup->key_count),
                                  .keys_count = lookup->key_count,
                                  .columns = slots_make(m, lookup->columns, lookup->column_count),
                                  .columns_count = lookup->column_count};
    }
    m->program->lookups = lookups;
    m->program->lookups_count = count;
}

static void joins_make(Maker *m) {
    uint32_t count = m->plan->joins.count;
    FlowJoin *joins = arena_array(m->arena, FlowJoin, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const PlanJoin *join = &m->plan->joins.items[i];
        joins[i] = (FlowJoin){.operator_id = join->operator_id,
                              .kind = (int32_t)join->kind,
                              .lookup = (int32_t)join->lookup,
                              .flow = (int32_t)join->flow,
                              .target = (int32_t)join->target,
                              .residual = join->residual};
    }
    m->program->joins = joins;
    m->program->joins_count = count;
}

static FlowSort sort_make(const Maker *m, const PlanSort *sort) {
    FlowSort made = {.operator_id = sort->operator_id,
                     .kind = (int32_t)sort->kind,
                     .flow = (int32_t)sort->flow,
                     .key_count = (int32_t)sort->key_count,
                     .order_count = (int32_t)sort->order_count,
                     .is_descending = sort->is_descending,
                     .has_place = sort->has_place,
                     .keep_last = sort->keep_last,
                     .window_end = sort->window_end,
                     .watermark = sort->watermark,
                     .event_time = sort->event_time,
                     .site = sort->site,
                     .limit = sort->limit,
                     .within_us = sort->within_us,
                     .columns = slots_make(m, sort->columns, sort->column_count),
                     .columns_count = sort->column_count,
                     .aggs_count = sort->agg_count,
                     .agg_columns = sort->agg_columns,
                     .agg_columns_count = 2 * (int64_t)sort->agg_count,
                     .sink = (int32_t)sort->sink,
                     .stored = sort->stored,
                     .stored_count = sort->stored_count,
                     .fill_count = (int32_t)sort->fill_count,
                     .has_gone = sort->has_gone};
    made.aggs = aggs_make(m, sort->aggs, sort->agg_count, &made.slot_bytes);
    return made;
}

static void sorts_make(Maker *m) {
    FlowSort *sorts = arena_array(m->arena, FlowSort, m->plan->sorts.count + 1);
    for (uint32_t i = 0; i < m->plan->sorts.count; i++) {
        sorts[i] = sort_make(m, &m->plan->sorts.items[i]);
    }
    m->program->sorts = sorts;
    m->program->sorts_count = m->plan->sorts.count;
}

static void bands_make(Maker *m) {
    FlowBand *bands = arena_array(m->arena, FlowBand, m->plan->bands.count + 1);
    for (uint32_t i = 0; i < m->plan->bands.count; i++) {
        const PlanBand *band = &m->plan->bands.items[i];
        const PlanBandSide *ours = &band->sides[0];
        const PlanBandSide *theirs = &band->sides[1];
        bands[i] = (FlowBand){.operator_id = band->operator_id,
                              .kind = (int32_t)band->kind,
                              .keep = (int32_t)band->keep,
                              .flow = (int32_t)band->flow,
                              .residual = band->residual,
                              .key_count = (int32_t)band->key_count,
                              .has_time = band->has_time,
                              .watermark = band->watermark,
                              .ours_wait_us = band->ours_wait_us,
                              .theirs_wait_us = band->theirs_wait_us,
                              .first_wait_us = band->first_wait_us,
                              .low_us = band->low_us,
                              .high_us = band->high_us,
                              .ahead_us = band->ahead_us,
                              .ours = slots_make(m, ours->columns, ours->column_count),
                              .ours_count = ours->column_count,
                              .theirs = slots_make(m, theirs->columns, theirs->column_count),
                              .theirs_count = theirs->column_count};
    }
    m->program->bands = bands;
    m->program->bands_count = m->plan->bands.count;
}

// --- the rest ---------------------------------------------------------------------------------
static const char *site_location(Maker *m, Span span) {
    if (m->graph->texts != NULL) {
        return source_location(m->arena, m->graph->texts, span);
    }
    return arena_format(m->arena, "%s:%u:%u", m->graph->file, span.start_line, span.start_column);
}

static void sites_make(Maker *m) {
    FlowSite *sites = arena_array(m->arena, FlowSite, m->plan->sites.count + 1);
    for (uint32_t i = 0; i < m->plan->sites.count; i++) {
        const PlanSite *site = &m->plan->sites.items[i];
        sites[i] = (FlowSite){.reject_class = (int32_t)site->reject_class,
                              .flow = site->flow,
                              .code = site->code,
                              .message = site->message,
                              .expression = site->expression,
                              .location = site_location(m, site->span)};
    }
    m->program->sites = sites;
    m->program->sites_count = m->plan->sites.count;
}

static void pipelines_make(Maker *m) {
    FlowPipeline *pipelines = arena_array(m->arena, FlowPipeline, m->plan->pipelines.count + 1);
    for (uint32_t i = 0; i < m->plan->pipelines.count; i++) {
        const PlanPipeline *pipeline = &m->plan->pipelines.items[i];
        pipelines[i] = (FlowPipeline){
            .name = pipeline->name,
            .input_kind = (int32_t)pipeline->input_kind,
            .input = (int32_t)pipeline->input,
            .input_slots = pipeline->input_slots,
            .slots = slots_make(m, pipeline->slots, pipeline->slot_count),
            .slots_count = pipeline->slot_count,
            .table_columns = pipeline->table_columns,
            .table_columns_count = pipeline->table_columns == NULL ? 0 : pipeline->input_slots,
            .raw_columns = ints_make(m, pipeline->raw_slots, pipeline->raw_count),
            .raw_columns_count = pipeline->raw_count,
            .test_flow = (int32_t)pipeline->test_flow};
        if (pipeline->input_kind != FLOW_INPUT_SOURCE) { // whose tests are its own
            pipelines[i].tests = tests_make(m, pipeline->tests, pipeline->test_count);
            pipelines[i].tests_count = pipeline->test_count;
        }
        sink_ledgers_set((FlowSink *)m->program->sinks, pipeline->ops);
    }
    m->program->pipelines = pipelines;
    m->program->pipelines_count = m->plan->pipelines.count;
}

static void flows_make(Maker *m) {
    FlowFlow *flows = arena_array(m->arena, FlowFlow, m->plan->flows.count + 1);
    for (uint32_t i = 0; i < m->plan->flows.count; i++) {
        flows[i].name = m->plan->flows.items[i];
    }
    m->program->flows = flows;
    m->program->flows_count = m->plan->flows.count;
}

static void params_make(Maker *m) {
    FlowParam *params = arena_array(m->arena, FlowParam, m->graph->params.count + 1);
    for (uint32_t i = 0; i < m->graph->params.count; i++) {
        const GraphParam *param = &m->graph->params.items[i];
        params[i] = (FlowParam){.name = param->name,
                                .type = type_make(m, param->type),
                                .default_text = param->default_text,
                                .environment = param->environment};
    }
    m->program->params = params;
    m->program->params_count = m->graph->params.count;
    m->program->bindings = m->graph->bindings.items;
    m->program->bindings_count = m->graph->bindings.count;
}

static void renames_make(Maker *m, const GraphSettings *settings) {
    FlowRename *renames = arena_array(m->arena, FlowRename, settings->renames.count + 1);
    for (uint32_t i = 0; i < settings->renames.count; i++) {
        const GraphRename *rename = &settings->renames.items[i];
        renames[i] = (FlowRename){.name = rename->name, .was = rename->was};
    }
    m->program->renames = renames;
    m->program->renames_count = settings->renames.count;
}

static void settings_make(Maker *m) {
    const GraphSettings *settings = &m->graph->settings;
    m->program->name = settings->name;
    m->program->dlq = settings->has_dlq ? setting_make(m, settings->dlq) : NULL;
    m->program->checkpoint =
        settings->has_checkpoint ? setting_make(m, settings->checkpoint) : NULL;
    m->program->metrics = settings->has_metrics ? setting_make(m, settings->metrics) : NULL;
    m->program->parallelism = settings->parallelism;
    m->program->trigger = (int32_t)settings->trigger;
    m->program->has_epoch_check = settings->has_epoch_check;
    m->program->every_us = settings->every_us;
    m->program->checkpoint_interval_us = settings->checkpoint_interval_us;
    m->program->stop_after_idle_us = settings->stop_after_idle_us;
    m->program->keeps = settings->keeps;
    renames_make(m, settings);
    m->program->memory_bytes = settings->memory_bytes;
    m->program->dlq_raw_keep = settings->dlq_raw_keep;
    m->program->retry_times = settings->retry_times;
    m->program->retry_backoff_us = settings->retry_backoff_us;
    m->program->retry_max_us = settings->retry_max_us;
    m->program->retry_jitter = settings->retry_jitter;
    m->program->dlq_limit = settings->dlq_limit;
    m->program->dlq_limit_records = settings->dlq_limit_records;
}

// The printed plan and layout say everything that the program does; their hash names it.
static const char *plan_hash(const Maker *m, const Layout *layout) {
    Buffer text = {0};
    plan_dump(m->plan, &text);
    layout_dump(layout, &text);
    char hex[33];
    hash128_hex(hash128(text.data, text.length), hex);
    buffer_free(&text);
    return arena_string(m->arena, hex);
}

Layout layout_run(Arena *arena, const Plan *plan) {
    Maker m = {arena, plan, plan->graph, arena_new(arena, FlowProgram)};
    m.program->abi_version = FLOW_ABI_VERSION;
    m.program->file = plan->graph->file;
    settings_make(&m);
    params_make(&m);
    sources_make(&m);
    tables_make(&m);
    sinks_make(&m);
    watermarks_make(&m);
    groups_make(&m);
    expands_make(&m);
    lookups_make(&m);
    joins_make(&m);
    sorts_make(&m);
    bands_make(&m);
    flows_make(&m);
    sites_make(&m);
    pipelines_make(&m);
    Layout layout = {m.program, plan};
    m.program->plan_hash = plan_hash(&m, &layout);
    return layout;
}
