// Tables that exist: what their columns are in Flow, and earlier versions of them.
//
// A version of the past has the columns that it had then. Where a contract describes the table,
// what it says of a column holds for its past, too.
#include "check/check_internal.h"
#include "store/store.h"

// --- columns -------------------------------------------------------------------------------------
const Type *stored_type(Checker *c, const FlowTypeDesc *desc) {
    bool is_nullable = desc->is_nullable != 0;
    TypeField *fields = arena_array(c->arena, TypeField, (size_t)desc->children_count + 1);
    for (int64_t i = 0; i < desc->children_count; i++) {
        fields[i] = (TypeField){.name = arena_string(c->arena, desc->children[i].name),
                                .type = stored_type(c, desc->children[i].type)};
    }
    if (desc->kind == FLOW_LIST) {
        return type_list(c->arena, fields[0].type, is_nullable);
    }
    if (desc->kind == FLOW_MAP) {
        return type_map(c->arena, fields[0].type, fields[1].type, is_nullable);
    }
    if (desc->kind == FLOW_STRUCT) {
        return type_struct(c->arena, fields, (uint32_t)desc->children_count, is_nullable);
    }
    if (desc->kind == FLOW_DECIMAL) {
        return type_decimal(c->arena, desc->precision, desc->scale, is_nullable);
    }
    return type_new(c->arena, (FlowKind)desc->kind, is_nullable);
}

void stored_keep(Checker *c, TableInfo *info, const DeltaTable *table) {
    uint32_t count = delta_column_count(table);
    const FlowColumnDesc *descs = delta_columns(table);
    GraphColumn *columns = arena_array(c->arena, GraphColumn, count + 1);
    bool *is_partition = arena_array(c->arena, bool, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        columns[i].name = arena_string(c->arena, descs[i].name);
        columns[i].type = stored_type(c, descs[i].type);
        is_partition[i] = delta_is_partition_column(table, i);
    }
    info->exists = true;
    info->existing = columns;
    info->existing_partition = is_partition;
    info->existing_count = count;
}

const GraphColumn *
graph_column_named(const GraphColumn *columns, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(columns[i].name, name)) {
            return &columns[i];
        }
    }
    return NULL;
}

bool is_stored_as(const Type *type, const Type *stored) {
    if (type->child_count > 0) {
        bool is_same = type->kind == stored->kind && type->child_count == stored->child_count;
        for (uint32_t i = 0; i < type->child_count && is_same; i++) {
            is_same = str_equal(type->children[i].name, stored->children[i].name) &&
                      is_stored_as(type->children[i].type, stored->children[i].type);
        }
        return is_same;
    }
    if (type->kind == FLOW_ENUM) {
        return stored->kind == FLOW_STRING;
    }
    return type_equal_base(type, stored) ||
           (type->kind == FLOW_DURATION && stored->kind == FLOW_INT64);
}

GraphColumn stored_as_declared(Checker *c, GraphColumn stored, const GraphColumn *declared) {
    if (declared != NULL && is_stored_as(declared->type, stored.type)) {
        stored.type = type_with_null(c->arena, declared->type, stored.type->is_nullable);
    }
    return stored;
}

// --- earlier versions ----------------------------------------------------------------------------
static const char *past_text(Checker *c, const AstStep *step) {
    const AstLiteral *at = &step->from_at;
    if (step->from == AST_FROM_VERSION) {
        return arena_format(c->arena, "version %s", at->text);
    }
    static const FlowTypeDesc time = {.kind = FLOW_TIMESTAMP};
    FlowValue value = {.i64 = at->value};
    Buffer text = {0};
    value_text(&text, &time, &value);
    const char *shown = arena_format(c->arena, "timestamp %s", buffer_cstring(&text));
    buffer_free(&text);
    return shown;
}

// The columns of the version; what the table's contract says of one goes before what is stored.
static void past_columns_set(Checker *c, uint32_t index, const GraphTable *newest) {
    TableInfo *info = &c->tables[index];
    GraphTable *table = &c->out->tables.items[index];
    bool has_contract = c->tables[c->program->tables.items[index].newest].contract != NULL;
    GraphColumn *columns = arena_array(c->arena, GraphColumn, info->existing_count + 1);
    for (uint32_t i = 0; i < info->existing_count; i++) {
        const GraphColumn *stored = &info->existing[i];
        const GraphColumn *declared =
            has_contract ? graph_column_named(newest->columns, newest->column_count, stored->name)
                         : NULL;
        bool is_it = declared != NULL && is_stored_as(declared->type, stored->type);
        columns[i] = is_it ? *declared : *stored;
        if (is_it && newest->event_time == (int32_t)(declared - newest->columns)) {
            table->event_time = (int32_t)i;
        }
    }
    table->columns = columns;
    table->column_count = info->existing_count;
    info->has_columns = true;
}

static Outcome past_open(Checker *c, const AstStep *step, const char *path, DeltaTable **table) {
    int64_t version = step->from_at.value;
    *table = NULL;
    if (step->from_at.is_out_of_range) {
        return sys_fail(c->sys,
                        OUTCOME_REFUSED,
                        "table %s has no version %s: there are no such numbers",
                        path,
                        step->from_at.text);
    }
    if (step->from == AST_FROM_TIMESTAMP) {
        DeltaTable *newest = NULL;
        TRY(delta_open(c->sys, path, DELTA_LATEST, &newest));
        bool exists = newest != NULL;
        delta_close(newest);
        if (!exists) {
            return OUTCOME_OK;
        }
        TRY(delta_version_at(c->sys, path, step->from_at.value, &version));
    }
    return delta_open(c->sys, path, version, table);
}

static void past_read(Checker *c, uint32_t index, const AstStep *step, const char *path) {
    TableInfo *info = &c->tables[index];
    DeltaTable *table = NULL;
    if (past_open(c, step, path, &table) != OUTCOME_OK) {
        diag_add(c->diags, DIAG_E248, step->from_at.span, "%s", c->sys->failure.text);
        sys_forgive(c->sys);
        info->is_unknown = true;
    } else if (table != NULL) {
        stored_keep(c, info, table);
        delta_close(table);
    }
}

void table_past_declare(Checker *c, uint32_t index) {
    const ProgramTable *named = &c->program->tables.items[index];
    const AstStep *step = named->as_of;
    TableInfo *info = &c->tables[index];
    const TableInfo *newest_info = &c->tables[named->newest];
    GraphTable newest = c->out->tables.items[named->newest];
    bool is_version = step->from == AST_FROM_VERSION;
    *vec_push(c->arena, &c->out->tables) = (GraphTable){
        .name = arena_format(c->arena, "%s as of %s", newest.name, past_text(c, step)),
        .path = newest.path,
        .event_time = -1,
        .as_of = is_version ? FLOW_AS_OF_VERSION : FLOW_AS_OF_TIMESTAMP,
        .as_of_value = step->from_at.value,
        .span = step->span,
    };
    info->is_unknown = newest_info->is_unknown || (!is_version && step->from_at.is_out_of_range);
    info->may_exist = c->sys == NULL || named->path == NULL;
    if (!info->may_exist && !info->is_unknown) {
        past_read(c, index, step, named->path);
    }
    if (info->exists) {
        past_columns_set(c, index, &newest);
    } else if (info->may_exist && newest_info->contract != NULL && newest_info->has_columns) {
        GraphTable *table = &c->out->tables.items[index];
        table->columns = newest.columns;
        table->column_count = newest.column_count;
        table->event_time = newest.event_time;
        info->has_columns = true;
    }
}
