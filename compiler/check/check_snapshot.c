// Delta tables as sources: their settings, and whether a table that exists has the contract's
// columns.
//
// The columns are the contract's; the table must be able to give them. Null is asked of each row:
// one that a contract does not admit is a rejection.
#include "check/check_internal.h"
#include "store/store.h"

// --- settings ------------------------------------------------------------------------------------
// `read changes [from version N]`.
static void read_set(SourceReading *r, const AstSetting *setting) {
    static const char *const words[] = {"read", "changes", "from", "version"};
    SettingPlace place = {.form = FLOW_SETTING_NUMBER,
                          .kind = AST_INTEGER,
                          .owner = FLOW_OWNER_SOURCE,
                          .index = r->c->out->sources.count, // it is added when it was read
                          .offset = offsetof(FlowSource, changes_from),
                          .most = INT64_MAX,
                          .takes = "`changes` or `changes from version N`"};
    uint32_t count = setting->item_count;
    bool is_good = count == 2 || count == 5;
    for (uint32_t i = 0; i < count && i < COUNT_OF(words); i++) {
        const char *word = ast_item_word(setting, i);
        is_good &= word != NULL && str_equal(word, words[i]);
    }
    if (!is_good) {
        setting_report(r->c, setting, place.takes);
        return;
    }
    r->read = setting;
    r->source.reads_changes = true;
    if (count == 5) {
        AstItem items[2] = {setting->items[0], setting->items[4]};
        AstSetting number = *setting;
        number.items = items;
        number.item_count = 2;
        setting_number(r->c, &number, &place, &r->source.changes_from);
    }
}

// The table's log says what its changes are.
static void read_check(SourceReading *r, const AstSetting *delta) {
    const AstSetting *changes = program_setting(&r->decl->settings, "changes");
    if (delta == NULL) {
        diag_add(r->c->diags,
                 DIAG_E249,
                 r->read->span,
                 "`read changes` is about the log of a Delta table, and `%s` reads none",
                 r->source.name);
        r->source.reads_changes = false;
    } else if (changes != NULL) {
        diag_add(r->c->diags,
                 DIAG_E254,
                 changes->items[0].span,
                 "the log of the table says what its changes are: `read changes` needs no "
                 "`changes { … }`");
        r->source.reads_changes = false;
    }
}

void snapshot_set(SourceReading *r, const AstSetting *setting) {
    if (setting_is(setting, "read")) {
        read_set(r, setting);
    } else if (setting_path(r->c, setting, &r->source.path)) {
        bool is_literal = r->source.path.param < 0;
        if (is_literal) {
            r->source.path.text = program_path(r->c->arena, r->source.path.text);
        }
        r->delta = setting;
    }
}

void snapshot_settings_check(SourceReading *r) {
    static const char *const of_files[] = {"files", "format", "timestamp_unit"};
    const AstSetting *delta = program_setting(&r->decl->settings, "delta");
    if (r->read != NULL) {
        read_check(r, delta);
    }
    if (delta == NULL) {
        return;
    }
    for (uint32_t i = 0; i < COUNT_OF(of_files); i++) {
        const AstSetting *other = program_setting(&r->decl->settings, of_files[i]);
        if (other != NULL) {
            Diag *diag = diag_add(r->c->diags,
                                  DIAG_E249,
                                  other->items[0].span,
                                  "`%s` is about files, and `%s` reads a table",
                                  of_files[i],
                                  r->source.name);
            diag_note_at(r->c->diags, diag, delta->span, "the table is here");
        }
    }
    r->source.format = FLOW_FORMAT_DELTA;
}

// --- columns -------------------------------------------------------------------------------------
static int32_t column_find(const SourceReading *r, const DeltaTable *table, uint32_t column) {
    const GraphWire *wire = r->source.wires == NULL ? NULL : &r->source.wires[column];
    int32_t found = -1;
    if (wire == NULL) {
        return delta_column_find(table, r->source.columns[column].name);
    }
    for (uint32_t i = 0; i < wire->name_count && found < 0; i++) {
        found = delta_column_find(table, wire->names[i]);
    }
    return found;
}

// What the table lacks must be able to be nothing. NULL: the column can be read.
static const char *column_misfit(const SourceReading *r, DeltaTable *table, uint32_t column) {
    Checker *c = r->c;
    const GraphColumn *wanted = &r->source.columns[column];
    const GraphWire *wire = r->source.wires == NULL ? NULL : &r->source.wires[column];
    if (wanted->type->kind == FLOW_NULL || (wire != NULL && wire->name_count == 0)) {
        return NULL; // not understood, or not read
    }
    int32_t found = column_find(r, table, column);
    bool has_default = wire != NULL && wire->default_text != NULL;
    if (found < 0) {
        bool may_lack = wanted->type->is_nullable || has_default;
        return may_lack ? NULL : arena_format(c->arena, "it has no column %s", wanted->name);
    }
    FlowTypeDesc desc = type_desc(c->arena, wanted->type);
    const char *misfit = delta_column_misfit(table, (uint32_t)found, &desc);
    return misfit == NULL ? NULL : arena_string(c->arena, misfit);
}

// The first misfit is the message, the others are its notes: they have one place.
static void columns_check(SourceReading *r, DeltaTable *table) {
    Diag *diag = NULL;
    for (uint32_t i = 0; i < r->source.column_count; i++) {
        const char *misfit = column_misfit(r, table, i);
        if (misfit == NULL) {
            continue;
        }
        if (diag == NULL) {
            diag = diag_add(r->c->diags,
                            DIAG_E250,
                            r->delta->span,
                            "the table \"%s\" does not give what `%s` reads: %s",
                            r->source.path.text,
                            r->source.name,
                            misfit);
        } else {
            diag_note(r->c->diags, diag, "and %s", misfit);
        }
    }
}

void snapshot_columns_check(SourceReading *r) {
    Checker *c = r->c;
    DeltaTable *table = NULL;
    if (r->delta == NULL || r->contract == NULL || c->sys == NULL || r->source.path.param >= 0) {
        return;
    }
    if (delta_open(c->sys, r->source.path.text, DELTA_LATEST, &table) != OUTCOME_OK) {
        diag_add(c->diags,
                 DIAG_E220,
                 r->delta->span,
                 "the table at \"%s\" can't be read: %s",
                 r->source.path.text,
                 c->sys->failure.text);
        sys_forgive(c->sys);
        return;
    }
    if (table != NULL) {
        columns_check(r, table);
        delta_close(table);
    }
}
