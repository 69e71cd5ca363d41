// `unique` in the contract of a table: a step before the terminal that keeps the rows and passes on
// those that are the first with their values, among themselves and beside what the table holds.
//
// A merge by columns that are all among the unique ones proves it: a key has one row.
#include "check/check_internal.h"

static bool has_column(const uint32_t *columns, uint32_t count, uint32_t column) {
    for (uint32_t i = 0; i < count; i++) {
        if (columns[i] == column) {
            return true;
        }
    }
    return false;
}

static bool is_proved(const GraphTable *table, FlowSinkKind kind, const ContractUnique *unique) {
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (!has_column(unique->columns, unique->column_count, table->key[i])) {
            return false;
        }
    }
    return kind == FLOW_SINK_TABLE_MERGE && table->key_count > 0;
}

// A change that deletes holds no values: null is nobody's equal.
static const Expr *held_value(Checker *c, const UniqueWriting *w, const Expr *value) {
    for (uint32_t i = 0; i < w->gone_count; i++) {
        const Type *type = type_with_null(c->arena, value->type, true);
        const Expr *arguments[] = {w->gone[i], expr_null(c->arena, type), widen(c, value, type)};
        value = expr_located(c->arena,
                             expr_new(c->arena, EXPR_IF, type, arguments, COUNT_OF(arguments)),
                             value->span,
                             value->text);
    }
    return value;
}

static const Expr *const *keys_make(Checker *c, const UniqueWriting *w, const ContractUnique *u) {
    const Expr **keys = arena_array(c->arena, const Expr *, u->column_count + 1);
    for (uint32_t i = 0; i < u->column_count; i++) {
        keys[i] = held_value(c, w, w->values[u->columns[i]]);
    }
    return keys;
}

static const Expr *const *owner_make(Checker *c, const UniqueWriting *w, const GraphTable *table) {
    const Expr **owner = arena_array(c->arena, const Expr *, table->key_count + 1);
    for (uint32_t i = 0; i < table->key_count; i++) {
        owner[i] = w->values[table->key[i]];
    }
    return owner;
}

// The table's columns that stand for the step's keys, its orders and its event time.
static const int32_t *stored_make(Checker *c,
                                  const GraphTable *table,
                                  const ContractUnique *unique,
                                  const GraphNode *node) {
    int32_t *stored = arena_array(c->arena, int32_t, unique->column_count + node->order_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < unique->column_count; i++) {
        stored[count++] = (int32_t)unique->columns[i];
    }
    for (uint32_t i = 0; i < node->order_count; i++) {
        stored[count++] = (int32_t)table->key[i];
    }
    stored[count] = node->event_time < 0 ? -1 : table->event_time;
    return stored;
}

// The stream's column that goes into the event time of the table; -1: there is none.
static int32_t event_time_of(const UniqueWriting *w, const GraphTable *table) {
    const Expr *value = table->event_time < 0 ? NULL : w->values[table->event_time];
    return value != NULL && value->op == EXPR_COLUMN ? (int32_t)value->index : -1;
}

static void unique_add(Checker *c, const UniqueWriting *w, const ContractUnique *unique) {
    const GraphTable *table = &c->out->tables.items[w->table];
    bool is_merge = w->kind == FLOW_SINK_TABLE_MERGE;
    int32_t event_time = unique->within_us < 0 ? -1 : event_time_of(w, table);
    if (is_merge && unique->within_us >= 0) {
        diag_unsupported(c->diags, unique->span, UNSUPPORTED_UNIQUE_MERGE);
        return;
    }
    if (unique->within_us >= 0 && event_time < 0) {
        diag_add(c->diags,
                 DIAG_E045,
                 unique->span,
                 "`within` needs an event time among the columns of the table");
        return;
    }
    CheckedStep *step = step_add(c, GRAPH_DEDUP, w->step, "unique", w->stream);
    step->keys = table->name;
    step->node.event_time = event_time;
    step->node.values = keys_make(c, w, unique);
    step->node.value_count = unique->column_count;
    step->node.orders = is_merge ? owner_make(c, w, table) : NULL;
    step->node.order_count = is_merge ? table->key_count : 0;
    step->node.within_us = unique->within_us;
    step->node.is_unique = true;
    step->node.span = unique->span;
    step->node.check_name = source_text(c->arena, &c->diags->sources, unique->span);
    if (w->kind != FLOW_SINK_TABLE_OVERWRITE || w->is_part) {
        step->node.declaration = c->out->sinks.count; // the terminal's, which follows
        step->node.stored = stored_make(c, table, unique, &step->node);
    }
}

void table_uniques_add(Checker *c, const UniqueWriting *w) {
    const Contract *contract = c->tables[w->table].contract;
    const GraphTable *table = &c->out->tables.items[w->table];
    for (uint32_t i = 0; contract != NULL && i < contract->uniques.count; i++) {
        if (!is_proved(table, w->kind, &contract->uniques.items[i])) {
            unique_add(c, w, &contract->uniques.items[i]);
        }
    }
}

// Each terminal would know of its own rows alone.
void unique_writers_check(Checker *c, uint32_t index) {
    const TableInfo *info = &c->tables[index];
    const GraphTable *table = &c->out->tables.items[index];
    bool is_one = info->contract == NULL || info->writers.count < 2;
    for (uint32_t i = 0; !is_one && i < info->contract->uniques.count; i++) {
        const ContractUnique *unique = &info->contract->uniques.items[i];
        for (uint32_t k = 0; k < info->writers.count; k++) {
            if (!is_proved(table, info->writers.items[k].kind, unique)) {
                diag_unsupported(c->diags, unique->span, UNSUPPORTED_UNIQUE_WRITERS);
                break;
            }
        }
    }
}
