// Tables: settings, keys, where their columns come from, and what exists already.
//
// The columns are those of the contract, else those of the table that exists, else those of the
// first flow that writes it.
#include "check/check_internal.h"
#include "store/store.h"

#include <strings.h>

static const char *const table_settings[] = {"at",
                                             "key",
                                             "partition",
                                             "append_only",
                                             "history",
                                             "schema",
                                             "tombstones",
                                             "layer",
                                             "surrogate_key",
                                             "cluster",
                                             "change_feed",
                                             "retention",
                                             "properties",
                                             "maintain",
                                             "refresh"};
enum { TABLE_BUILT = 9 };

// --- the table that exists -----------------------------------------------------------------------
static const char *obstacle_keep(Checker *c, DeltaTable *table, DeltaMode mode) {
    const char *why = delta_write_obstacle(table, mode);
    return why == NULL ? NULL : arena_string(c->arena, why);
}

static void existing_keep(Checker *c, TableInfo *info, DeltaTable *table) {
    stored_keep(c, info, table);
    info->obstacles[FLOW_SINK_TABLE_APPEND] = obstacle_keep(c, table, DELTA_APPEND);
    info->obstacles[FLOW_SINK_TABLE_MERGE] = obstacle_keep(c, table, DELTA_MERGE);
    info->obstacles[FLOW_SINK_TABLE_OVERWRITE] = obstacle_keep(c, table, DELTA_OVERWRITE);
}

static void existing_open(Checker *c, uint32_t index, const char *path) {
    TableInfo *info = &c->tables[index];
    const ProgramTable *named = &c->program->tables.items[index];
    if (c->sys == NULL || path == NULL) {
        info->may_exist = true;
        return;
    }
    DeltaTable *table = NULL;
    if (delta_open(c->sys, path, DELTA_LATEST, &table) != OUTCOME_OK) {
        diag_add(c->diags,
                 DIAG_E220,
                 named->span,
                 "the table at \"%s\" can't be read: %s",
                 path,
                 c->sys->failure.text);
        sys_forgive(c->sys);
        info->is_unknown = true;
        return;
    }
    if (table != NULL) {
        existing_keep(c, info, table);
        delta_close(table);
    }
}

// The first misfit is the message, the others are its notes: they have one place.
static void misfit_report(Checker *c, const GraphTable *table, Diag **diag, const char *text) {
    if (*diag == NULL) {
        *diag = diag_add(
            c->diags, DIAG_E205, table->span, "the table `%s` exists, and %s", table->name, text);
    } else {
        diag_note(c->diags, *diag, "and %s", text);
    }
}

// NULL: the column can be added.
static const char *
new_column_misfit(Checker *c, const GraphTable *table, const GraphColumn *column) {
    if (!table->is_evolving) {
        return arena_format(
            c->arena, "it has no column `%s` (a new one needs `schema evolve`)", column->name);
    }
    return column->type->is_nullable
               ? NULL
               : arena_format(c->arena,
                              "its rows have no `%s`: the type of a new column needs a `?`",
                              column->name);
}

static void existing_column_check(Checker *c,
                                  const TableInfo *info,
                                  const GraphTable *table,
                                  const GraphColumn *column,
                                  Diag **diag) {
    const GraphColumn *stored =
        graph_column_named(info->existing, info->existing_count, column->name);
    const char *text = NULL;
    if (stored == NULL) {
        text = new_column_misfit(c, table, column);
    } else if (!is_stored_as(column->type, stored->type)) {
        text = arena_format(c->arena,
                            "its column `%s` is %s, not %s",
                            column->name,
                            type_show(c, stored->type),
                            type_show(c, column->type));
    } else if (column->type->is_nullable && !stored->type->is_nullable) {
        text = arena_format(c->arena, "its column `%s` admits no null", column->name);
    }
    if (text != NULL) {
        misfit_report(c, table, diag, text);
    }
}

// --- columns -------------------------------------------------------------------------------------
static void columns_append(Checker *c, GraphTable *table, GraphColumn column) {
    GraphColumn *columns = arena_array(c->arena, GraphColumn, table->column_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++) {
        columns[i] = table->columns[i];
    }
    column.meta = FLOW_META_NONE;
    columns[table->column_count++] = column;
    table->columns = columns;
}

// A column that only the existing table has is kept: rows that are written give null.
static void contract_columns_set(Checker *c, uint32_t index) {
    TableInfo *info = &c->tables[index];
    GraphTable *table = &c->out->tables.items[index];
    const Stream *stream = &info->contract->stream;
    Diag *misfit = NULL;
    for (uint32_t i = 0; i < stream->columns.count; i++) {
        const Column *column = &stream->columns.items[i];
        if (column->type == NULL) {
            info->is_unknown = true;
            return;
        }
        GraphColumn own = {.name = column->name, .type = column->type};
        columns_append(c, table, own);
        if (info->exists) {
            existing_column_check(c, info, table, &own, &misfit);
        }
    }
    for (uint32_t i = 0; i < info->existing_count; i++) {
        if (stream_find(stream, info->existing[i].name) < 0) {
            columns_append(c, table, info->existing[i]);
        }
    }
    table->event_time = stream->event_time;
    info->has_columns = true;
}

// The rows that are there have no value for it.
static GraphColumn column_added(Checker *c, GraphColumn column) {
    column.type = type_with_null(c->arena, column.type, true);
    return column;
}

static bool is_repeated(const uint32_t *found, uint32_t count, uint32_t column) {
    for (uint32_t i = 0; i < count; i++) {
        if (found[i] == column) {
            return true;
        }
    }
    return false;
}

static bool names_resolve(Checker *c,
                          const AstSetting *setting,
                          const GraphTable *table,
                          const uint32_t **indexes,
                          uint32_t *count) {
    const AstItem *list = &setting->items[1];
    uint32_t *found = arena_array(c->arena, uint32_t, list->setting_count + 1);
    bool is_whole = true;
    for (uint32_t i = 0; i < list->setting_count; i++) {
        const AstSetting *item = &list->settings[i];
        const char *name = ast_setting_name(item);
        const GraphColumn *column =
            name == NULL ? NULL : graph_column_named(table->columns, table->column_count, name);
        if (column != NULL) {
            found[i] = (uint32_t)(column - table->columns);
            if (is_repeated(found, i, found[i])) {
                diag_add(c->diags, DIAG_E203, item->span, "`%s` stands here twice", name);
                is_whole = false;
            }
            continue;
        }
        Stream stream = {0};
        for (uint32_t n = 0; n < table->column_count; n++) {
            stream_add(c, &stream, table->columns[n].name, table->columns[n].type);
        }
        AstName missing = {name == NULL ? "" : name, item->span};
        unknown_column_report(c, &(Scope){.stream = &stream}, missing);
        is_whole = false;
    }
    *indexes = found;
    *count = is_whole ? list->setting_count : 0;
    return is_whole;
}

static bool is_name_list(Checker *c, const AstSetting *setting) {
    bool is_list = setting->item_count == 2 && setting->items[1].kind == AST_ITEM_LIST &&
                   setting->items[1].setting_count > 0;
    if (!is_list) {
        setting_report(c, setting, "columns in parentheses: `(a, b)`");
    }
    return is_list;
}

static void partition_check(Checker *c, const TableInfo *info, const GraphTable *table) {
    for (uint32_t p = 0; info->exists && info->partition != NULL && p < table->partition_count;
         p++) {
        const char *name = table->columns[table->partition[p]].name;
        if (graph_column_named(info->existing, info->existing_count, name) == NULL) {
            diag_add(c->diags,
                     DIAG_E205,
                     info->partition->span,
                     "the table `%s` exists, and it is not partitioned by `%s`",
                     table->name,
                     name);
        }
    }
    for (uint32_t i = 0; info->exists && i < info->existing_count; i++) {
        bool is_wanted = false;
        for (uint32_t p = 0; p < table->partition_count; p++) {
            const char *name = table->columns[table->partition[p]].name;
            is_wanted |= str_equal(name, info->existing[i].name);
        }
        // Without a `partition` setting the table keeps the partitions that it has.
        if (info->partition != NULL && is_wanted != info->existing_partition[i]) {
            diag_add(c->diags,
                     DIAG_E205,
                     info->partition->span,
                     "the table `%s` exists, and it is %spartitioned by `%s`",
                     table->name,
                     is_wanted ? "not " : "",
                     info->existing[i].name);
        }
    }
}

static void existing_partition_take(Checker *c, const TableInfo *info, GraphTable *table) {
    uint32_t *indexes = arena_array(c->arena, uint32_t, info->existing_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < info->existing_count; i++) {
        const GraphColumn *column =
            graph_column_named(table->columns, table->column_count, info->existing[i].name);
        if (info->existing_partition[i] && column != NULL) {
            indexes[count++] = (uint32_t)(column - table->columns);
        }
    }
    table->partition = indexes;
    table->partition_count = count;
}

static void name_report(Checker *c, const GraphTable *table, Diag **diag, const char *text) {
    if (*diag == NULL) {
        *diag = diag_add(c->diags, DIAG_E219, table->span, "%s", text);
    } else {
        diag_note(c->diags, *diag, "%s", text);
    }
}

// Delta's names: other engines do not tell cases apart, and Parquet's readers stumble over some
// characters.
static void column_name_check(Checker *c, const GraphTable *table, uint32_t index, Diag **diag) {
    const char *name = table->columns[index].name;
    if (name[0] == '\0' || name[strcspn(name, " ,;{}()\n\t=")] != '\0') {
        const char *text = arena_format(
            c->arena,
            "the table `%s` can't have a column `%s`: blanks and , ; { } ( ) = have no "
            "place in names of Delta columns",
            table->name,
            name);
        name_report(c, table, diag, text);
    }
    for (uint32_t i = 0; i < index; i++) {
        if (strcasecmp(table->columns[i].name, name) == 0) {
            const char *text = arena_format(c->arena,
                                            "the columns `%s` and `%s` of the table `%s` differ in "
                                            "case only, which other engines do not see",
                                            table->columns[i].name,
                                            name,
                                            table->name);
            name_report(c, table, diag, text);
        }
    }
}

// Keys and partitions are names until the columns are known.
static void roles_resolve(Checker *c, uint32_t index) {
    TableInfo *info = &c->tables[index];
    GraphTable *table = &c->out->tables.items[index];
    Diag *misnamed = NULL;
    table_made_columns_set(c, info, table);
    for (uint32_t i = 0; (!info->exists || table->is_evolving) && i < table->column_count; i++) {
        column_name_check(c, table, i, &misnamed);
    }
    if (info->key != NULL) {
        names_resolve(c, info->key, table, &table->key, &table->key_count);
    } else if (info->contract != NULL) {
        table->key = info->contract->key.items;
        table->key_count = info->contract->key.count;
    }
    if (info->partition != NULL) {
        names_resolve(c, info->partition, table, &table->partition, &table->partition_count);
    } else if (info->exists) {
        existing_partition_take(c, info, table);
    }
    if (table->partition_count > 0 && table->partition_count == table->column_count) {
        diag_add(c->diags,
                 DIAG_E201,
                 table->span,
                 "the table `%s` needs a column besides those it is partitioned by",
                 table->name);
    }
    if (table->surrogate_key != NULL && table->key_count == 0) {
        diag_add(c->diags,
                 DIAG_E054,
                 table->span,
                 "the table `%s` has no key, of which `surrogate_key` is a hash",
                 table->name);
    }
    table_tracked_set(c, info, table);
    partition_check(c, info, table);
}

void table_columns_take(Checker *c, uint32_t index, const GraphColumn *columns, uint32_t count) {
    TableInfo *info = &c->tables[index];
    GraphTable *table = &c->out->tables.items[index];
    if (info->has_columns || info->is_unknown) {
        return;
    }
    for (uint32_t i = 0; info->exists && i < info->existing_count; i++) {
        const GraphColumn *written = graph_column_named(columns, count, info->existing[i].name);
        columns_append(c, table, stored_as_declared(c, info->existing[i], written));
    }
    for (uint32_t i = 0; !info->exists && i < count; i++) {
        columns_append(c, table, columns[i]);
    }
    for (uint32_t i = 0; info->exists && table->is_evolving && i < count; i++) {
        if (graph_column_named(info->existing, info->existing_count, columns[i].name) == NULL) {
            columns_append(c, table, column_added(c, columns[i]));
        }
    }
    info->has_columns = true;
    roles_resolve(c, index);
}

bool table_columns_find(Checker *c, uint32_t index, Span span) {
    TableInfo *info = &c->tables[index];
    const GraphTable *table = &c->out->tables.items[index];
    bool is_there = info->exists || info->may_exist || info->is_written;
    if (!is_there && !info->is_unknown) {
        diag_add(c->diags, DIAG_E218, span, "there is no table at \"%s\"", table->path.text);
        info->is_unknown = true;
    }
    if (info->exists && !info->has_columns && !info->is_written) {
        table_columns_take(c, index, info->existing, info->existing_count);
    }
    if (!info->has_columns && !info->is_unknown && !info->is_written) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E073,
                              span,
                              "nothing says which columns the table `%s` has",
                              table->name);
        diag_help(c->diags, diag, "declare it with a contract or `columns { … }`");
        info->is_unknown = true;
    }
    return info->has_columns && !info->is_unknown;
}

// --- settings ------------------------------------------------------------------------------------
static void schema_check(Checker *c, const AstSetting *setting, GraphTable *table) {
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    table->is_evolving = word != NULL && str_equal(word, "evolve");
    if (word == NULL || (!table->is_evolving && !str_equal(word, "fixed"))) {
        setting_report(c, setting, "`fixed` or `evolve`");
    }
}

static void tombstones_set(Checker *c, const AstSetting *setting, GraphTable *table) {
    const SettingPlace place = {.form = FLOW_SETTING_NUMBER,
                                .kind = AST_DURATION,
                                .owner = FLOW_OWNER_TABLE,
                                .index = (uint32_t)(table - c->out->tables.items),
                                .offset = offsetof(FlowTable, tombstones_us),
                                .most = INT64_MAX,
                                .takes = "a duration, such as `7 days`"};
    setting_number(c, setting, &place, &table->tombstones_us);
}

static void
table_setting(Checker *c, const AstSetting *setting, TableInfo *info, GraphTable *table) {
    if (setting_is(setting, "at")) {
        setting_path(c, setting, &table->path);
    } else if (setting_is(setting, "key")) {
        info->key = is_name_list(c, setting) ? setting : NULL;
    } else if (setting_is(setting, "partition")) {
        info->partition = is_name_list(c, setting) ? setting : NULL;
    } else if (setting_is(setting, "append_only")) {
        if (setting->item_count != 2 || !setting_bool(&setting->items[1], &table->is_append_only)) {
            setting_report(c, setting, "on or off");
        }
    } else if (setting_is(setting, "history")) {
        history_setting_check(c, setting, info, table);
    } else if (setting_is(setting, "surrogate_key")) {
        surrogate_setting_check(c, setting, table);
    } else if (setting_is(setting, "schema")) {
        schema_check(c, setting, table);
    } else if (setting_is(setting, "tombstones")) {
        tombstones_set(c, setting, table);
    } else if (setting_is(setting, "layer")) {
        if (setting_literal(setting, AST_STRING) == NULL) {
            setting_report(c, setting, "a text in quotes");
        }
    } else {
        for (uint32_t i = TABLE_BUILT; i < COUNT_OF(table_settings); i++) {
            if (setting_is(setting, table_settings[i])) {
                diag_unsupported(c->diags, setting->items[0].span, UNSUPPORTED_TABLE_SETTING);
                return;
            }
        }
        setting_unknown(c, setting, "a table", table_settings, COUNT_OF(table_settings));
    }
}

static void declaration_check(Checker *c, const AstDecl *decl, TableInfo *info, GraphTable *table) {
    settings_repeated(c, &decl->settings);
    for (uint32_t i = 0; i < decl->settings.count; i++) {
        table_setting(c, &decl->settings.items[i], info, table);
    }
    bool has_path = program_setting(&decl->settings, "at") != NULL;
    static const char *const at[] = {"at"};
    bool is_misspelt = settings_may_mean(
        &decl->settings, table_settings, COUNT_OF(table_settings), at, COUNT_OF(at));
    if (!has_path && !is_misspelt && !decl->settings.is_broken && !decl->is_broken) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E073,
                              decl->name.span,
                              "the table `%s` does not say where it is",
                              decl->name.text);
        diag_help(c->diags, diag, "add `at \"lake/%s\"`", decl->name.text);
    }
    info->is_unknown |= !has_path || decl->is_broken;
}

void table_declare(Checker *c, uint32_t index) {
    const ProgramTable *named = &c->program->tables.items[index];
    TableInfo *info = &c->tables[index];
    if (named->as_of != NULL) {
        table_past_declare(c, index);
        return;
    }
    *vec_push(c->arena, &c->out->tables) = (GraphTable){
        .name = named->name,
        .path = {.text = named->path == NULL ? "" : named->path, .param = -1},
        .event_time = -1,
        .tombstones_us = INT64_C(7) * 24 * 3600 * 1000000,
        .span = named->span,
    };
    GraphTable *table = &c->out->tables.items[index];
    const AstDecl *decl = named->decl;
    if (decl != NULL) {
        declaration_check(c, decl, info, table);
        info->contract = contract_of(c, decl, named->contract);
        info->is_unknown |= decl->contract.text != NULL && named->contract == NULL;
        info->is_unknown |= info->contract != NULL && info->contract->is_broken;
    }
    if (table->path.param < 0 && named->path != NULL) {
        table->path.text = named->path; // normalised
    }
    existing_open(c, index, named->path);
    if (info->contract != NULL && !info->is_unknown) {
        contract_columns_set(c, index);
    }
    if (info->has_columns) {
        roles_resolve(c, index);
    }
}

// --- several writers -----------------------------------------------------------------------------
static void writers_report(Checker *c, const Writer *first, const Writer *other, const char *name) {
    Diag *diag = diag_add(c->diags,
                          DIAG_E053,
                          other->span,
                          "the table `%s` has another writer, which this contradicts",
                          name);
    diag_note_at(c->diags, diag, first->span, "the other writer");
}

static bool is_same_order(const GraphSink *a, const GraphSink *b, uint32_t first) {
    if (a->order_count != b->order_count) {
        return false;
    }
    for (uint32_t i = first; i < first + a->order_count; i++) {
        if (!type_equal_base(a->columns[i].type, b->columns[i].type)) {
            return false;
        }
    }
    return true;
}

// Changes whose orders are of different types can't be compared.
static void orders_check(Checker *c, uint32_t index, const Writer *first, const Writer *other) {
    const GraphTable *table = &c->out->tables.items[index];
    bool are_merges = first->kind == FLOW_SINK_TABLE_MERGE && other->kind == FLOW_SINK_TABLE_MERGE;
    if (are_merges && !is_same_order(&c->out->sinks.items[first->sink],
                                     &c->out->sinks.items[other->sink],
                                     table->column_count - table->made_count)) {
        Diag *diag = diag_add(c->diags,
                              DIAG_E053,
                              other->span,
                              "the table `%s` has another writer, which orders changes by values "
                              "of other types",
                              table->name);
        diag_note_at(c->diags, diag, first->span, "the other writer");
    }
}

void table_writers_check(Checker *c, uint32_t index) {
    const TableInfo *info = &c->tables[index];
    unique_writers_check(c, index);
    for (uint32_t i = 1; i < info->writers.count; i++) {
        const Writer *first = &info->writers.items[0];
        const Writer *other = &info->writers.items[i];
        bool has_overwrite =
            first->kind == FLOW_SINK_TABLE_OVERWRITE || other->kind == FLOW_SINK_TABLE_OVERWRITE;
        if (has_overwrite) {
            writers_report(c, first, other, c->out->tables.items[index].name);
        }
        for (uint32_t k = 0; !has_overwrite && k < i; k++) {
            orders_check(c, index, &info->writers.items[k], other);
        }
    }
}
