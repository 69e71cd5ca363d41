// Lookup joins: rows meet those that have the same key.
//
// Where a row has at most one match, its columns are not copied: the looked-up columns are filled
// in beside them, at the rows' own numbers. Otherwise pairs are made, a batch at a time. A residual
// pipeline then says which pairs match. A left join puts an empty pair behind those of each row,
// which stands for the row if none of them matched.
#include "engine/run.h"

#define NO_ROW UINT32_MAX

typedef struct Joining {
    Worker *worker;
    const FlowJoin *join;
    const Lookup *lookup;
    const FlowBatch *from;
    const int32_t *along; // slots
    uint32_t along_count;
    int64_t results;                       // rows that go on, and pairs that are rejected
    uint32_t count;                        // of pairs
    int32_t pairs[FLOW_BATCH_ROWS_MAX];    // place in the selection
    uint32_t numbers[FLOW_BATCH_ROWS_MAX]; // of looked-up rows, or NO_ROW
    int32_t rows[FLOW_BATCH_ROWS_MAX];
    const char *bytes[FLOW_BATCH_ROWS_MAX];
    LookupMatch matches[FLOW_BATCH_ROWS_MAX]; // of the selected rows
    uint8_t rejected[FLOW_BATCH_ROWS_MAX];    // pairs
    uint8_t is_kept[FLOW_BATCH_ROWS_MAX];     // selected rows with a pair that matches, …
    uint8_t is_rejected[FLOW_BATCH_ROWS_MAX]; // … with one that was rejected, …
    uint8_t has_result[FLOW_BATCH_ROWS_MAX];  // … that go on or are in the DLQ
} Joining;

static bool gives_pairs(const Joining *j) {
    return j->join->kind == FLOW_JOIN_INNER || j->join->kind == FLOW_JOIN_LEFT;
}

static bool has_residual(const Joining *j) {
    return j->join->residual != FLOW_NO_INDEX;
}

static void ledger_settle(const Joining *j) {
    int64_t *line = worker_line(j->worker, j->join->flow, 0);
    int64_t with_result = 0;
    for (int32_t i = 0; i < j->from->selected_count; i++) {
        with_result += j->has_result[i];
    }
    line[FLOW_COUNTER_ADDED] += j->results - with_result;
    line[FLOW_COUNTER_FILTERED] += j->from->selected_count - with_result;
}

// Looked-up columns behind those that go along; where no number is, they are null.
static Outcome columns_read(Joining *j, Batch *to, const int32_t *places, uint32_t count) {
    uint32_t found = 0;
    uint32_t numbers[FLOW_BATCH_ROWS_MAX];
    for (uint32_t i = 0; i < count; i++) {
        if (j->numbers[i] != NO_ROW) {
            numbers[found++] = j->numbers[i];
        }
    }
    TRY(lookup_rows(j->worker->sys, j->lookup, numbers, found, &to->arena, j->bytes));
    for (uint32_t i = count; i > 0; i--) { // from behind, in place
        j->bytes[i - 1] = j->numbers[i - 1] == NO_ROW ? NULL : j->bytes[--found];
    }
    RowSpread spread = {.rows = j->bytes, .places = places, .count = count};
    row_form_read(lookup_form(j->lookup), &spread, batch_column(to, j->along_count), &to->arena);
    return OUTCOME_OK;
}

static int32_t stop(Worker *worker, Outcome outcome) {
    worker_stop(worker, outcome);
    return FLOW_RUN_STOP;
}

// --- at most one match ---------------------------------------------------------------------------

// The rows for the target, each at most once: a view of those at hand, of which some are selected.
static Batch *view_begin(const Joining *j) {
    uint32_t target = (uint32_t)j->join->target;
    return nested_view(j->worker, target, j->from, j->along, j->along_count);
}

static void view_count(Joining *j, Batch *to, int32_t count) {
    to->abi.selected_count = count;
    j->results += count;
    ledger_settle(j);
}

static int32_t view_end(const Joining *j, Batch *to) {
    return to->abi.selected_count == 0
               ? FLOW_RUN_OK
               : worker_call(j->worker, (uint32_t)j->join->target, &to->abi);
}

// Rows go on with their own columns.
static int32_t rows_pass(Joining *j) {
    Batch *to = view_begin(j);
    const int32_t *from = j->from->selection;
    int32_t *selection = to->abi.selection;
    int32_t count = 0;
    for (int32_t i = 0; i < j->from->selected_count; i++) {
        bool is_wanted = j->join->kind == FLOW_JOIN_SEMI ? j->is_kept[i] != 0
                                                         : (j->is_kept[i] | j->is_rejected[i]) == 0;
        selection[count] = from[i];
        count += is_wanted;
        j->has_result[i] |= is_wanted;
    }
    view_count(j, to, count);
    return view_end(j, to);
}

static int32_t matches_judge(Joining *j) {
    for (int32_t i = 0; i < j->from->selected_count; i++) {
        j->is_kept[i] = j->matches[i].count != 0;
    }
    return rows_pass(j);
}

static int32_t single_join(Joining *j) {
    Batch *to = view_begin(j);
    const int32_t *from = j->from->selection;
    int32_t *selection = to->abi.selection;
    uint32_t count = 0;
    for (int32_t i = 0; i < j->from->selected_count; i++) {
        bool has_match = j->matches[i].count != 0;
        bool is_wanted = has_match || j->join->kind == FLOW_JOIN_LEFT;
        selection[count] = from[i];
        j->numbers[count] = has_match ? j->matches[i].first : NO_ROW;
        count += is_wanted;
        j->has_result[i] = is_wanted;
    }
    view_count(j, to, (int32_t)count);
    Outcome outcome = columns_read(j, to, selection, count);
    if (outcome != OUTCOME_OK) {
        return stop(j->worker, outcome);
    }
    return view_end(j, to);
}

// --- pairs ---------------------------------------------------------------------------------------

static Outcome pairs_fill(Joining *j, uint32_t pipeline, Batch *to) {
    const int32_t *selection = j->from->selection;
    for (uint32_t i = 0; i < j->count; i++) {
        j->rows[i] = selection[j->pairs[i]];
    }
    NestedPick pick = {.from = j->from,
                       .slots = j->along,
                       .slot_count = j->along_count,
                       .rows = j->rows,
                       .row_count = j->count};
    nested_fill(j->worker, pipeline, to, &pick);
    return columns_read(j, to, NULL, j->count);
}

static void empty_pairs_leave(const Joining *j, FlowBatch *batch) {
    int32_t *selection = batch->selection;
    int32_t count = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        selection[count] = (int32_t)i;
        count += j->numbers[i] != NO_ROW;
    }
    batch->selected_count = count;
}

static void judgement_take(Joining *j, const FlowBatch *judged) {
    const int32_t *selection = judged->selection;
    for (int32_t i = 0; i < judged->selected_count; i++) {
        j->is_kept[j->pairs[selection[i]]] = 1;
    }
    for (uint32_t i = 0; i < j->count; i++) {
        j->is_rejected[j->pairs[i]] |= j->rejected[i];
        j->has_result[j->pairs[i]] |= j->rejected[i];
        j->results += j->rejected[i];
    }
}

// What the residual pipeline leaves selected are the pairs that match.
static int32_t pairs_judge(Joining *j, Batch *pairs) {
    WorkerPairs outer = j->worker->pairs;
    empty_pairs_leave(j, &pairs->abi);
    memset(j->rejected, 0, j->count);
    j->worker->pairs = (WorkerPairs){.batch = &pairs->abi, .rejected = j->rejected};
    int32_t status = worker_call(j->worker, (uint32_t)j->join->residual, &pairs->abi);
    j->worker->pairs = outer;
    judgement_take(j, &pairs->abi);
    return status;
}

// Pairs that match, and the empty ones of rows that have none.
static void pairs_select(Joining *j, const FlowBatch *judged, FlowBatch *to) {
    const int32_t *matching = judged->selection;
    int32_t *selection = to->selection;
    int32_t at = 0;
    int32_t count = 0;
    for (uint32_t i = 0; i < j->count; i++) {
        int32_t of = j->pairs[i];
        bool is_match = at < judged->selected_count && matching[at] == (int32_t)i;
        bool stands_alone = j->numbers[i] == NO_ROW && (j->is_kept[of] | j->is_rejected[of]) == 0;
        at += is_match;
        selection[count] = (int32_t)i;
        count += is_match || stands_alone;
    }
    to->selected_count = count;
}

static int32_t pairs_pass(Joining *j, Batch *to) {
    const int32_t *selection = to->abi.selection;
    for (int32_t i = 0; i < to->abi.selected_count; i++) {
        j->has_result[j->pairs[selection[i]]] = 1;
    }
    j->results += to->abi.selected_count;
    return to->abi.selected_count == 0
               ? FLOW_RUN_OK
               : worker_call(j->worker, (uint32_t)j->join->target, &to->abi);
}

static int32_t pairs_judge_and_pass(Joining *j, Batch *to) {
    int32_t identity[COLUMNS_MAX];
    uint32_t residual = (uint32_t)j->join->residual;
    uint32_t count = (uint32_t)j->worker->run->program->pipelines[residual].input_slots;
    ASSERT(count <= COLUMNS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        identity[i] = (int32_t)i;
    }
    Batch *judged = nested_view(j->worker, residual, &to->abi, identity, count);
    int32_t status = pairs_judge(j, judged);
    if (status != FLOW_RUN_OK) {
        return status;
    }
    pairs_select(j, &judged->abi, &to->abi);
    return pairs_pass(j, to);
}

static int32_t pairs_flush(Joining *j) {
    if (j->count == 0) {
        return FLOW_RUN_OK;
    }
    uint32_t pipeline = (uint32_t)(gives_pairs(j) ? j->join->target : j->join->residual);
    Batch *to = worker_batch(j->worker, pipeline);
    Outcome outcome = pairs_fill(j, pipeline, to);
    if (outcome != OUTCOME_OK) {
        return stop(j->worker, outcome);
    }
    int32_t status = !gives_pairs(j)   ? pairs_judge(j, to)
                     : has_residual(j) ? pairs_judge_and_pass(j, to)
                                       : pairs_pass(j, to);
    j->count = 0;
    return status;
}

static int32_t pair_add(Joining *j, int32_t of, uint32_t number) {
    j->pairs[j->count] = of;
    j->numbers[j->count++] = number;
    return j->count < FLOW_BATCH_ROWS_MAX ? FLOW_RUN_OK : pairs_flush(j);
}

static int32_t row_join(Joining *j, int32_t of) {
    LookupMatch match = j->matches[of];
    int32_t status = FLOW_RUN_OK;
    for (uint32_t i = 0; i < match.count && status == FLOW_RUN_OK; i++) {
        status = pair_add(j, of, match.first + i);
    }
    bool needs_empty = j->join->kind == FLOW_JOIN_LEFT && (match.count == 0 || has_residual(j));
    return needs_empty && status == FLOW_RUN_OK ? pair_add(j, of, NO_ROW) : status;
}

static int32_t pairs_join(Joining *j) {
    int32_t status = FLOW_RUN_OK;
    for (int32_t i = 0; i < j->from->selected_count && status == FLOW_RUN_OK; i++) {
        status = row_join(j, i);
    }
    if (status == FLOW_RUN_OK) {
        status = pairs_flush(j);
    }
    if (status != FLOW_RUN_OK || !gives_pairs(j)) {
        return status != FLOW_RUN_OK ? status : rows_pass(j);
    }
    ledger_settle(j);
    return FLOW_RUN_OK;
}

// --- a batch -------------------------------------------------------------------------------------

static int32_t batch_join(Joining *j) {
    if (!has_residual(j) && !gives_pairs(j)) {
        return matches_judge(j);
    }
    return !has_residual(j) && lookup_is_unique(j->lookup) ? single_join(j) : pairs_join(j);
}

int32_t flow_rt_join(void *ctx, int32_t index, void *batch, void *slots) {
    Worker *worker = worker_of(ctx);
    const FlowProgram *program = worker->run->program;
    const FlowJoin *join = &program->joins[index];
    const FlowLookup *desc = &program->lookups[join->lookup];
    const FlowBatch *from = batch;
    if (from->selected_count == 0) {
        return FLOW_RUN_OK;
    }
    size_t selected = (size_t)from->selected_count;
    Joining *j = memory_alloc(sizeof(Joining));
    j->worker = worker;
    j->join = join;
    j->lookup = worker->run->lookups[join->lookup];
    j->from = from;
    j->along = (const int32_t *)slots + desc->keys_count;
    j->along_count = (uint32_t)program->pipelines[join->target].input_slots -
                     (gives_pairs(j) ? (uint32_t)desc->columns_count : 0);
    j->results = 0;
    j->count = 0;
    memset(j->is_kept, 0, selected);
    memset(j->is_rejected, 0, selected);
    memset(j->has_result, 0, selected);
    LookupKeys keys = {.batch = from,
                       .slot_descs = ((const Batch *)batch)->descs,
                       .slots = slots,
                       .key = &worker->key};
    lookup_find(j->lookup, &keys, j->matches);
    int32_t status = batch_join(j);
    memory_free(j);
    return status;
}
