// The program that dies in these tests, and what a reader sees of its outputs.
#include "shop.h"

#include "scalar/scalar.h"
#include "state/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { FILE_BYTES_MAX = 1 << 20 };

// --- the programs: one source, an append, a merge, files, a DLQ; the second has totals by kind too

enum {
    SINKS_OF_ROWS = 3,
    SINK_TOTALS = 3,
    FLOWS_OF_ROWS = 3,
    FLOW_TOTALS = 3,
    FLOW_TOTALS_GROUP = 4
};

static const FlowTypeDesc type_id = {.kind = FLOW_INT64};
static const FlowTypeDesc type_id_null = {.kind = FLOW_INT64, .is_nullable = 1};
static const FlowTypeDesc type_name = {.kind = FLOW_STRING};
static const FlowColumnDesc columns[] = {
    {.name = "id", .type = &type_id, .is_used = 1},
    {.name = "kind", .type = &type_name, .is_used = 1},
};

// The order of a merge is a further column of what is emitted.
static const FlowColumnDesc merge_columns[] = {
    {.name = "id", .type = &type_id, .is_used = 1},
    {.name = "kind", .type = &type_name, .is_used = 1},
    {.name = "order", .type = &type_id, .is_used = 1},
};

static const FlowColumnDesc total_columns[] = {
    {.name = "kind", .type = &type_name, .is_used = 1},
    {.name = "rows", .type = &type_id, .is_used = 1},
    {.name = "ids", .type = &type_id_null, .is_used = 1},
    {.name = "order", .type = &type_id, .is_used = 1},
};

static const FlowSetting path_totals = {.text = "lake/totals", .param = -1};
static const FlowSetting path_in = {.text = "in/*.ndjson", .param = -1};
static const FlowSetting path_appended = {.text = "lake/appended", .param = -1};
static const FlowSetting path_merged = {.text = "lake/merged", .param = -1};
static const FlowSetting path_out = {.text = "out", .param = -1};
static const FlowSetting path_dlq = {.text = "lake/dlq", .param = -1};

static const FlowSource source = {
    .name = "orders",
    .path = &path_in,
    .format = FLOW_FORMAT_NDJSON,
    .csv_null = "",
    .event_time = FLOW_NO_INDEX,
    .columns = columns,
    .columns_count = 2,
};

static const int32_t column_id[] = {0};
static const int32_t column_kind[] = {1};
static const FlowTable tables[] = {
    {.name = "appended",
     .path = &path_appended,
     .columns = columns,
     .columns_count = 2,
     .partition = column_kind,
     .partition_count = 1,
     .event_time = FLOW_NO_INDEX},
    {.name = "merged",
     .path = &path_merged,
     .columns = columns,
     .columns_count = 2,
     .key = column_id,
     .key_count = 1,
     .event_time = FLOW_NO_INDEX},
    {.name = "totals",
     .path = &path_totals,
     .columns = total_columns,
     .columns_count = 3,
     .key = column_id, // the first
     .key_count = 1,
     .event_time = FLOW_NO_INDEX},
};

static const FlowSink sinks[] = {
    {.name = "appended",
     .kind = FLOW_SINK_TABLE_APPEND,
     .table = 0,
     .flow = 0,
     .columns = columns,
     .columns_count = 2,
     .operator_id = "first/append"},
    {.name = "merged",
     .kind = FLOW_SINK_TABLE_MERGE,
     .table = 1,
     .flow = 1,
     .order_count = 1,
     .columns = merge_columns,
     .columns_count = 3,
     .operator_id = "second/merge"},
    {.name = "files",
     .kind = FLOW_SINK_FILES,
     .table = FLOW_NO_INDEX,
     .path = &path_out,
     .format = FLOW_FORMAT_NDJSON,
     .flow = 2,
     .columns = columns,
     .columns_count = 2,
     .operator_id = "third/files"},
    {.name = "totals",
     .kind = FLOW_SINK_TABLE_MERGE,
     .table = 2,
     .flow = FLOW_TOTALS_GROUP,
     .order_count = 1,
     .columns = total_columns,
     .columns_count = 4,
     .operator_id = "totals/merge"},
};

static const FlowFlow flows[] = {
    {.name = "first"},
    {.name = "second"},
    {.name = "third"},
    {.name = "totals"},
    {.name = "totals/group"},
};

static const FlowAgg aggs[] = {
    {.kind = FLOW_AGG_COUNT, .offset = 0, .result = &type_id, .site = FLOW_NO_INDEX},
    {.kind = FLOW_AGG_SUM, .offset = 16, .input = &type_id, .result = &type_id_null},
};
static const FlowGroup group = {
    .operator_id = "totals/group/kind",
    .flow = FLOW_TOTALS_GROUP,
    .watermark = FLOW_NO_INDEX,
    .emit = FLOW_EMIT_CHANGE,
    .window_end = FLOW_NO_INDEX,
    .slot_bytes = 48,
    .keys = total_columns,
    .keys_count = 1,
    .aggs = aggs,
    .aggs_count = 2,
};
static const FlowSite sites[] = {
    {.reject_class = FLOW_REJECT_EXPRESSION, .flow = FLOW_TOTALS_GROUP, .expression = "sum(id)"}};

// What generated code does for three flows that pass every row on.
static int32_t pipeline_run(struct FlowContext *ctx, struct FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 0};
    int64_t *counters = ctx->counters;
    for (int32_t i = 0; i < SINKS_OF_ROWS; i++) {
        counters[i * FLOW_COUNTER_COUNT + FLOW_COUNTER_IN] += batch->selected_count;
        int32_t status = flow_rt_emit(ctx, i, batch, (void *)(uintptr_t)slots);
        if (status != FLOW_RUN_OK) {
            return status;
        }
    }
    return FLOW_RUN_OK;
}

static void *column_values(FlowBatch *batch, int32_t slot) {
    return ((FlowColumn *)batch->columns)[slot].values;
}

// flow totals { from orders  group by kind { rows = count()  ids = sum(id) }  merge into totals }
static int32_t pipeline_run_with_totals(struct FlowContext *ctx, struct FlowBatch *batch) {
    const int64_t *ids = column_values(batch, 0);
    FlowView *kinds = column_values(batch, 1);
    const int32_t *selection = batch->selection;
    int64_t *line = (int64_t *)ctx->counters + (ptrdiff_t)FLOW_TOTALS * FLOW_COUNTER_COUNT;
    line[FLOW_COUNTER_IN] += batch->selected_count;
    line[FLOW_COUNTER_OUT] += batch->selected_count;
    for (int32_t i = 0; i < batch->selected_count; i++) {
        int32_t row = selection[i];
        FlowValue id = {.i64 = ids[row]};
        flow_rt_key_grow(ctx, kinds[row].length * 2 + 3);
        char *end = flow_h_key_view(ctx->key, &kinds[row]);
        FlowGroupTable *groups = ((FlowGroupTable **)ctx->groups)[0];
        char *slot = flow_rt_group_find(ctx, groups, ctx->key, end - (char *)ctx->key);
        flow_rt_agg_update(ctx, (void *)(uintptr_t)&aggs[0], slot, &id);
        flow_rt_agg_update(ctx, (void *)(uintptr_t)&aggs[1], slot + 16, &id);
    }
    return pipeline_run(ctx, batch);
}

static int32_t pipeline_run_totals(struct FlowContext *ctx, struct FlowBatch *batch) {
    static const int32_t slots[] = {0, 1, 2, 3};
    int64_t *order = column_values(batch, 3);
    int64_t *line = (int64_t *)ctx->counters + (ptrdiff_t)FLOW_TOTALS_GROUP * FLOW_COUNTER_COUNT;
    line[FLOW_COUNTER_IN] += batch->selected_count;
    for (int32_t row = 0; row < batch->row_count; row++) {
        order[row] = ctx->now_us;
    }
    return flow_rt_emit(ctx, SINK_TOTALS, batch, (void *)(uintptr_t)slots);
}

static const FlowPipeline pipelines[] = {{
    .name = "orders",
    .input_kind = FLOW_INPUT_SOURCE,
    .input = 0,
    .input_slots = 2,
    .slots = columns,
    .slots_count = 2,
    .run = pipeline_run,
}};

static const FlowPipeline pipelines_with_totals[] = {
    {.name = "orders",
     .input_kind = FLOW_INPUT_SOURCE,
     .input = 0,
     .input_slots = 2,
     .slots = columns,
     .slots_count = 2,
     .run = pipeline_run_with_totals},
    {.name = "totals",
     .input_kind = FLOW_INPUT_GROUP,
     .input = 0,
     .input_slots = 3,
     .slots = total_columns,
     .slots_count = 4,
     .run = pipeline_run_totals},
};

const FlowProgram shop_program = {
    .abi_version = FLOW_ABI_VERSION,
    .name = "crashes",
    .file = "crashes.flow",
    .plan_hash = "0123456789abcdef0123456789abcdef",
    .dlq = &path_dlq,
    .parallelism = 1,
    .dlq_raw_keep = 1,
    .sources = &source,
    .sources_count = 1,
    .tables = tables,
    .tables_count = 2,
    .sinks = sinks,
    .sinks_count = SINKS_OF_ROWS,
    .flows = flows,
    .flows_count = FLOWS_OF_ROWS,
    .pipelines = pipelines,
    .pipelines_count = COUNT_OF(pipelines),
};

const FlowProgram shop_totals_program = {
    .abi_version = FLOW_ABI_VERSION,
    .name = "crashes",
    .file = "crashes.flow",
    .plan_hash = "0123456789abcdef0123456789abcdef",
    .dlq = &path_dlq,
    .parallelism = 1,
    .dlq_raw_keep = 1,
    .sources = &source,
    .sources_count = 1,
    .tables = tables,
    .tables_count = COUNT_OF(tables),
    .sinks = sinks,
    .sinks_count = COUNT_OF(sinks),
    .groups = &group,
    .groups_count = 1,
    .sites = sites,
    .sites_count = COUNT_OF(sites),
    .flows = flows,
    .flows_count = COUNT_OF(flows),
    .pipelines = pipelines_with_totals,
    .pipelines_count = COUNT_OF(pipelines_with_totals),
};

// --- what is visible ----------------------------------------------------------------------------

static void scan_rows(DeltaTable *table, int64_t *sum, int64_t *count) {
    DeltaScan *scan = NULL;
    assert_int_equal(delta_scan_open(table, columns, 2, &scan), OUTCOME_OK);
    Batch *batch = batch_new(columns, 2);
    static const int32_t slots[] = {0, 1};
    do {
        batch_clear(batch);
        assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            *sum += batch_value(batch, 0, (uint32_t)row).i64;
        }
        *count += batch->abi.row_count;
    } while (batch->abi.row_count > 0);
    batch_free(batch);
    delta_scan_close(scan);
}

// Every data file is read, so a table that names a missing or torn one fails here.
static int64_t table_rows(Sys *sys, const char *path, int64_t *id_sum) {
    DeltaTable *table = NULL;
    if (delta_open(sys, path, DELTA_LATEST, &table) != OUTCOME_OK) {
        fail_msg("%s cannot be opened: %s", path, sys->failure.text);
    }
    *id_sum = 0;
    if (table == NULL) {
        return 0;
    }
    int64_t count = 0;
    scan_rows(table, id_sum, &count);
    delta_close(table);
    return count;
}

// What the totals say of rows and ids.
static int64_t total_rows(Sys *sys, int64_t *id_sum) {
    static const int32_t slots[] = {0, 1, 2};
    DeltaTable *table = NULL;
    DeltaScan *scan = NULL;
    int64_t count = 0;
    *id_sum = 0;
    assert_int_equal(delta_open(sys, "lake/totals", DELTA_LATEST, &table), OUTCOME_OK);
    if (table == NULL) {
        return 0;
    }
    assert_int_equal(delta_scan_open(table, total_columns, 3, &scan), OUTCOME_OK);
    Batch *batch = batch_new(total_columns, 3);
    do {
        batch_clear(batch);
        assert_int_equal(delta_scan_next(scan, batch, slots), OUTCOME_OK);
        for (int32_t row = 0; row < batch->abi.row_count; row++) {
            count += batch_value(batch, 1, (uint32_t)row).i64;
            *id_sum += batch_value(batch, 2, (uint32_t)row).i64;
        }
    } while (batch->abi.row_count > 0);
    batch_free(batch);
    delta_scan_close(scan);
    delta_close(table);
    return count;
}

static int64_t dlq_rows(Sys *sys) {
    DeltaTable *table = NULL;
    assert_int_equal(delta_open(sys, "lake/dlq", DELTA_LATEST, &table), OUTCOME_OK);
    int64_t count = table == NULL ? 0 : delta_row_count(table);
    delta_close(table);
    return count;
}

static int64_t file_lines(Sys *sys, Arena *arena, const char *path) {
    char *bytes = NULL;
    size_t length = 0;
    int64_t count = 0;
    assert_int_equal(sys_read_all(sys, arena, path, FILE_BYTES_MAX, &bytes, &length), OUTCOME_OK);
    for (size_t i = 0; i < length; i++) {
        count += bytes[i] == '\n';
    }
    return count;
}

// A reader's view: names with a dot or an underscore in front are not data.
static int64_t out_lines(Sys *sys, Arena *arena, const char *path) {
    SysEntry *entries = NULL;
    uint32_t count = 0;
    int64_t lines = 0;
    assert_int_equal(sys_list(sys, arena, path, &entries, &count), OUTCOME_OK);
    for (uint32_t i = 0; i < count; i++) {
        const char *below = arena_format(arena, "%s/%s", path, entries[i].name);
        if (entries[i].name[0] == '.' || entries[i].name[0] == '_') {
            continue;
        }
        lines +=
            entries[i].is_directory ? out_lines(sys, arena, below) : file_lines(sys, arena, below);
    }
    return lines;
}

Visible shop_visible(Sys *sys) {
    Arena arena = {0};
    Visible seen = {0};
    seen.appended = table_rows(sys, "lake/appended", &seen.appended_ids);
    seen.merged = table_rows(sys, "lake/merged", &seen.merged_ids);
    seen.totalled = total_rows(sys, &seen.totalled_ids);
    seen.lines = out_lines(sys, &arena, "out");
    seen.rejected = dlq_rows(sys);
    arena_free(&arena);
    return seen;
}
