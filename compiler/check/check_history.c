// What the store makes by itself in a table: the columns of a history and the surrogate key. They
// stand behind the program's columns, and no terminal gives them.
#include "check/check_internal.h"

enum { MADE_COLUMNS_MAX = 4 };

// --- settings ------------------------------------------------------------------------------------
static bool is_kind(const AstSetting *kind) {
    bool is_named = setting_is(kind, "track") || setting_is(kind, "overwrite");
    return is_named && kind->item_count == 2 && kind->items[1].kind == AST_ITEM_LIST &&
           kind->items[1].setting_count > 0;
}

// `history scd2`, `history scd2 { track (a, b) }`, `history scd2 { overwrite (c) }`.
static bool scd2_is_whole(const AstSetting *setting) {
    if (setting->item_count == 2) {
        return true;
    }
    const AstItem *block = &setting->items[2];
    return setting->item_count == 3 && block->kind == AST_ITEM_BLOCK && block->setting_count == 1 &&
           is_kind(&block->settings[0]);
}

void history_setting_check(Checker *c,
                           const AstSetting *setting,
                           TableInfo *info,
                           GraphTable *table) {
    const char *word = setting->item_count >= 2 ? ast_item_word(setting, 1) : NULL;
    if (word != NULL && str_equal(word, "scd1") && setting->item_count == 2) {
        return;
    }
    bool is_scd2 = word != NULL && str_equal(word, "scd2");
    if (is_scd2 && scd2_is_whole(setting)) {
        table->history = FLOW_HISTORY_SCD2;
        info->history = setting;
    } else if (is_scd2 || (word != NULL && str_equal(word, "scd1"))) {
        setting_report(
            c, setting, "`scd1`, `scd2`, `scd2 { track (a, b) }` or `scd2 { overwrite (a, b) }`");
    } else {
        diag_unsupported(c->diags, setting->span, UNSUPPORTED_TABLE_HISTORY);
        info->lacks_columns = true;
    }
}

void surrogate_setting_check(Checker *c, const AstSetting *setting, GraphTable *table) {
    const char *word = setting->item_count == 2 ? ast_item_word(setting, 1) : NULL;
    if (word == NULL) {
        setting_report(c, setting, "the name of the column that it adds");
        return;
    }
    table->surrogate_key = word;
}

// --- columns -------------------------------------------------------------------------------------
static uint32_t made_columns(Checker *c, const GraphTable *table, GraphColumn *made) {
    uint32_t count = 0;
    if (table->surrogate_key != NULL) {
        made[count++] = (GraphColumn){.name = table->surrogate_key,
                                      .type = type_new(c->arena, FLOW_STRING, false)};
    }
    if (table->history == FLOW_HISTORY_SCD2) {
        const Type *time = type_new(c->arena, FLOW_TIMESTAMP, false);
        made[count++] = (GraphColumn){.name = "valid_from", .type = time};
        made[count++] =
            (GraphColumn){.name = "valid_to", .type = type_with_null(c->arena, time, true)};
        made[count++] = (GraphColumn){.name = "is_current", .type = bool_type(c, false)};
    }
    return count;
}

static bool is_made(const GraphColumn *made, uint32_t count, const char *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (str_equal(made[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool is_existing(const TableInfo *info, const char *name) {
    for (uint32_t i = 0; i < info->existing_count; i++) {
        if (str_equal(info->existing[i].name, name)) {
            return true;
        }
    }
    return false;
}

static void doubled_report(Checker *c, const GraphTable *table, const char *name) {
    diag_add(c->diags,
             DIAG_E203,
             table->span,
             "the table `%s` has a column `%s` besides the one that its %s adds",
             table->name,
             name,
             table->surrogate_key != NULL && str_equal(name, table->surrogate_key)
                 ? "`surrogate_key`"
                 : "`history`");
}

static void missing_report(Checker *c, const GraphTable *table, const char *name) {
    diag_add(
        c->diags,
        DIAG_E205,
        table->span,
        "the table `%s` exists, and it has no column `%s`, which the rows that are there would "
        "lack",
        table->name,
        name);
}

void table_made_columns_set(Checker *c, TableInfo *info, GraphTable *table) {
    GraphColumn made[MADE_COLUMNS_MAX];
    uint32_t made_count = made_columns(c, table, made);
    if (made_count == 0) {
        return;
    }
    GraphColumn *columns = arena_array(c->arena, GraphColumn, table->column_count + made_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->column_count; i++) {
        const char *name = table->columns[i].name;
        if (!is_made(made, made_count, name)) {
            columns[count++] = table->columns[i];
        } else if (!info->exists) {
            doubled_report(c, table, name);
            info->is_unknown = true;
        }
    }
    for (uint32_t i = 0; i < made_count; i++) {
        columns[count++] = made[i];
        if (info->exists && !is_existing(info, made[i].name)) {
            missing_report(c, table, made[i].name);
        }
    }
    table->columns = columns;
    table->column_count = count;
    table->made_count = made_count;
}

// --- what is tracked -----------------------------------------------------------------------------
static bool is_key(const GraphTable *table, uint32_t column) {
    for (uint32_t i = 0; i < table->key_count; i++) {
        if (table->key[i] == column) {
            return true;
        }
    }
    return false;
}

static bool is_listed(const AstItem *list, const char *name) {
    for (uint32_t i = 0; i < list->setting_count; i++) {
        const char *own = ast_setting_name(&list->settings[i]);
        if (own != NULL && str_equal(own, name)) {
            return true;
        }
    }
    return false;
}

static int32_t given_find(const GraphTable *table, const char *name) {
    uint32_t given_count = table->column_count - table->made_count;
    for (uint32_t i = 0; name != NULL && i < given_count; i++) {
        if (str_equal(table->columns[i].name, name)) {
            return (int32_t)i;
        }
    }
    return -1;
}

static void listed_check(Checker *c, const GraphTable *table, const AstItem *list) {
    for (uint32_t i = 0; i < list->setting_count; i++) {
        const char *name = ast_setting_name(&list->settings[i]);
        int32_t column = given_find(table, name);
        if (column < 0) {
            AstName missing = {name == NULL ? "" : name, list->settings[i].span};
            Stream stream = {0};
            for (uint32_t n = 0; n < table->column_count - table->made_count; n++) {
                stream_add(c, &stream, table->columns[n].name, table->columns[n].type);
            }
            unknown_column_report(c, &(Scope){.stream = &stream}, missing);
        } else if (is_key(table, (uint32_t)column)) {
            diag_add(c->diags,
                     DIAG_E201,
                     list->settings[i].span,
                     "`%s` is part of the key: no change of a row can change it",
                     name);
        }
    }
}

void table_tracked_set(Checker *c, const TableInfo *info, GraphTable *table) {
    if (table->history != FLOW_HISTORY_SCD2) {
        return;
    }
    const AstSetting *kind =
        info->history->item_count == 3 ? &info->history->items[2].settings[0] : NULL;
    bool is_track = kind != NULL && setting_is(kind, "track");
    uint32_t given_count = table->column_count - table->made_count;
    uint32_t *tracked = arena_array(c->arena, uint32_t, given_count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < given_count; i++) {
        bool is_tracked =
            kind == NULL || is_listed(&kind->items[1], table->columns[i].name) == is_track;
        if (is_tracked && !is_key(table, i)) {
            tracked[count++] = i;
        }
    }
    if (kind != NULL) {
        listed_check(c, table, &kind->items[1]);
    }
    table->tracked = tracked;
    table->tracked_count = count;
}

bool table_is_tracked(const GraphTable *table, const char *name) {
    for (uint32_t i = 0; i < table->tracked_count; i++) {
        if (str_equal(table->columns[table->tracked[i]].name, name)) {
            return true;
        }
    }
    return false;
}

// --- when a version begins -----------------------------------------------------------------------
static const Expr *located(Checker *c, const AstStep *step, Expr *expr) {
    return expr_located(c->arena, expr, step->dest.span, "valid_from");
}

static const Expr *event_time_value(Checker *c, const AstStep *step, const Stream *stream) {
    uint32_t column = (uint32_t)stream->event_time;
    const Type *type = stream->columns.items[column].type;
    const Expr *time = located(c, step, expr_column(c->arena, column, type));
    if (!stream->is_end_event_time) {
        return time;
    }
    const Type *duration = type_new(c->arena, FLOW_DURATION, false);
    Expr *microsecond = expr_constant(c->arena, duration, (FlowValue){.i64 = 1});
    const Expr *pair[2] = {time, located(c, step, microsecond)};
    const Type *timestamp = type_new(c->arena, FLOW_TIMESTAMP, false);
    return located(c, step, expr_new(c->arena, EXPR_TIME_SUB, timestamp, pair, 2));
}

const Expr *valid_from_value(Checker *c,
                             const AstStep *step,
                             const Stream *stream,
                             const Expr *const *orders,
                             uint32_t order_count) {
    if (stream->event_time >= 0) {
        return event_time_value(c, step, stream);
    }
    for (uint32_t i = 0; i < order_count; i++) {
        if (orders[i]->type->kind == FLOW_TIMESTAMP) {
            return orders[i];
        }
    }
    return NULL;
}
