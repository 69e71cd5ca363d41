// Delta tables as sources: their settings, and whether a table that exists has the contract's
// columns.
//
// The columns are the contract's; the table must be able to give them. Null is asked of each row:
// one that a contract does not admit is a rejection.
#include "check/check_internal.h"
#include "store/store.h"

// --- settings ------------------------------------------------------------------------------------
static void read_set(SourceReading *r, const AstSetting *setting) {
    const char *word = ast_item_word(setting, 1);
    if (word == NULL || !str_equal(word, "changes")) {
        setting_report(r->c, setting, "changes, of a Delta table");
        return;
    }
    diag_unsupported(r->c->diags, setting->span, UNSUPPORTED_SOURCE_DELTA_CHANGES);
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
