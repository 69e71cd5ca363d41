// `generate N`: what the records of a contract are made of when nobody has written any.
#include "check/check_internal.h"

enum { CHANGES_PER_KEY = 4 };

#define SECOND_US INT64_C(1000000)
#define JITTER_US_MAX (10 * SECOND_US)

// --- settings ------------------------------------------------------------------------------------
static SettingPlace number_place(SourceReading *r, size_t offset, int64_t most) {
    return (SettingPlace){.form = FLOW_SETTING_NUMBER,
                          .kind = AST_INTEGER,
                          .owner = FLOW_OWNER_GENERATE,
                          .index = r->c->out->sources.count, // it is added when it was read
                          .offset = (int64_t)offset,
                          .most = most};
}

static void rows_set(SourceReading *r, const AstSetting *setting) {
    SettingPlace place =
        number_place(r, offsetof(FlowGenerate, rows), (int64_t)GENERATE_MILLIONS_MAX * 1000000);
    place.takes = "how many records there are, up to 10^12: `generate 1000`";
    setting_number(r->c, setting, &place, &r->generate.rows);
}

static void seed_set(SourceReading *r, const AstSetting *setting) {
    SettingPlace place = number_place(r, offsetof(FlowGenerate, seed), INT64_MAX);
    place.least = INT64_MIN;
    place.takes = "a whole number, such as `seed 42`";
    setting_number(r->c, setting, &place, &r->generate.seed);
}

// `per second` or `per 10 seconds`; 0: it is neither.
static int64_t span_us(const AstItem *item) {
    bool is_duration = item->kind == AST_ITEM_LITERAL && item->literal.kind == AST_DURATION;
    if (is_duration) {
        return item->literal.value;
    }
    bool is_word = item->kind == AST_ITEM_PATH && item->path.count == 1;
    return is_word ? syntax_unit_us(item->path.items[0].text) : 0;
}

static void rate_set(SourceReading *r, const AstSetting *setting) {
    SettingPlace place = number_place(r, offsetof(FlowGenerate, step_rows), INT64_MAX);
    const char *per = ast_item_word(setting, 2);
    place.least = 1;
    place.takes = "a number per duration, such as `1000 per second`";
    if (setting->item_count != 4 || per == NULL || !str_equal(per, "per") ||
        span_us(&setting->items[3]) <= 0) {
        setting_report(r->c, setting, place.takes);
        return;
    }
    AstSetting number = *setting; // the duration behind it is no param
    number.item_count = 2;
    setting_number(r->c, &number, &place, &r->generate.step_rows);
    r->generate.step_us = span_us(&setting->items[3]);
}

bool generate_setting(SourceReading *r, const AstSetting *setting) {
    if (setting_is(setting, "generate")) {
        rows_set(r, setting);
    } else if (setting_is(setting, "seed")) {
        seed_set(r, setting);
    } else if (setting_is(setting, "rate")) {
        rate_set(r, setting);
    } else if (setting_is(setting, "format") || setting_is(setting, "files")) {
        diag_add(r->c->diags,
                 DIAG_E242,
                 setting->span,
                 "`%s` has no meaning beside `generate`",
                 ast_setting_name(setting));
    } else {
        return false;
    }
    return true;
}

// --- time ----------------------------------------------------------------------------------------
// Records out of order are never late.
static void jitter_set(const AstDecl *decl, GraphGenerate *generate) {
    const AstSetting *lateness = program_setting(&decl->settings, "lateness");
    const AstLiteral *literal = lateness == NULL ? NULL : setting_literal(lateness, AST_DURATION);
    if (literal != NULL) {
        generate->jitter_us = literal->value < JITTER_US_MAX ? literal->value : JITTER_US_MAX;
    }
}

// --- what is distinct ----------------------------------------------------------------------------
typedef VEC(GraphDistinct) Distincts;

static int32_t place_of(const uint32_t *origins, uint32_t count, uint32_t column) {
    for (uint32_t i = 0; i < count; i++) {
        if (origins[i] == column) {
            return (int32_t)i;
        }
    }
    return -1;
}

// Computed columns are not made up: the others of the list have to do.
static void distinct_add(Checker *c,
                         Distincts *distincts,
                         const uint32_t *columns,
                         uint32_t count,
                         const uint32_t *origins,
                         uint32_t origin_count) {
    uint32_t *places = arena_array(c->arena, uint32_t, count + 1);
    GraphDistinct distinct = {.columns = places};
    for (uint32_t i = 0; i < count; i++) {
        int32_t place = place_of(origins, origin_count, columns[i]);
        if (place >= 0) {
            places[distinct.count++] = (uint32_t)place;
        }
    }
    if (distinct.count > 0) {
        *vec_push(c->arena, distincts) = distinct;
    }
}

GraphGenerate generate_of_contract(Checker *c,
                                   const Contract *contract,
                                   const uint32_t *origins,
                                   uint32_t count) {
    Distincts distincts = {0};
    const GraphRecipe *derived = recipes_derive(c, contract);
    GraphRecipe *recipes = arena_array(c->arena, GraphRecipe, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        bool is_known = origins[i] < contract->columns.count;
        recipes[i] = is_known ? derived[origins[i]] : (GraphRecipe){.length_max = -1};
    }
    distinct_add(c, &distincts, contract->key.items, contract->key.count, origins, count);
    for (uint32_t i = 0; i < contract->uniques.count; i++) {
        const ContractUnique *unique = &contract->uniques.items[i];
        distinct_add(c, &distincts, unique->columns, unique->column_count, origins, count);
    }
    return (GraphGenerate){.seed = GENERATE_SEED_DEFAULT,
                           .changes_per_key = 1,
                           .recipes = recipes,
                           .recipe_count = count,
                           .distincts = distincts.items,
                           .distinct_count = distincts.count};
}

// --- checks --------------------------------------------------------------------------------------
// Each column of the contract over those that are made up; computed ones layer by layer.
static const Expr *const *
places_of(Checker *c, const Contract *contract, const uint32_t *origins, uint32_t count) {
    const Expr **places = arena_array(c->arena, const Expr *, contract->columns.count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const Column *column = origins[i] < contract->columns.count
                                   ? &contract->stream.columns.items[origins[i]]
                                   : NULL;
        if (column != NULL && column->type != NULL) {
            places[origins[i]] = expr_column(c->arena, i, column->type);
        }
    }
    for (uint32_t layer = 1; layer <= contract->layer_count; layer++) {
        for (uint32_t i = 0; i < contract->columns.count; i++) {
            const ContractColumn *column = &contract->columns.items[i];
            if (column->layer == layer && places[i] == NULL && column->computed != NULL) {
                places[i] = expr_substitute(c->arena, column->computed, places);
            }
        }
    }
    return places;
}

const Expr *const *
generate_checks(Checker *c, const Contract *contract, const uint32_t *origins, uint32_t count) {
    const Expr *const *places = places_of(c, contract, origins, count);
    const Expr **checks = arena_array(c->arena, const Expr *, contract->checks.count + 1);
    for (uint32_t i = 0; i < contract->checks.count; i++) {
        checks[i] = expr_substitute(c->arena, contract->checks.items[i].condition, places);
    }
    return checks;
}

// --- tests ---------------------------------------------------------------------------------------
static void random_of_source(Checker *c, uint32_t index, CheckedTestStep *step) {
    const CheckedSource *source = &c->out->sources.items[index];
    step->random = source->random;
    step->random_checks = source->random_checks;
    step->random_check_count = source->random_check_count;
    step->event_time = source->declaration.event_time;
}

static uint32_t origin_of(const Contract *contract, const char *name) {
    int32_t column = contract == NULL ? -1 : stream_find(&contract->stream, name);
    return column < 0 ? UINT32_MAX : (uint32_t)column;
}

// A table's key may be its own rather than its contract's.
static void random_of_table(Checker *c, uint32_t index, CheckedTestStep *step) {
    static const Contract none = {0};
    const GraphTable *table = &c->out->tables.items[index];
    const Contract *contract = c->tables[index].contract;
    uint32_t count = table->column_count;
    uint32_t *origins = arena_array(c->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        origins[i] = origin_of(contract, table->columns[i].name);
    }
    GraphGenerate *made = arena_new(c->arena, GraphGenerate);
    *made = generate_of_contract(c, contract == NULL ? &none : contract, origins, count);
    if (table->key_count > 0) {
        GraphDistinct *key = arena_new(c->arena, GraphDistinct);
        *key = (GraphDistinct){.columns = table->key, .count = table->key_count};
        made->distincts = key;
        made->distinct_count = 1;
    }
    step->random = made;
    step->event_time = table->event_time;
    if (contract != NULL) {
        step->random_checks = generate_checks(c, contract, origins, count);
        step->random_check_count = contract->checks.count;
    }
}

void given_random_check(Checker *c, const AstTestStep *ast, CheckedTestStep *step) {
    bool is_table = step->target == CHECKED_TABLE;
    if (is_table && c->out->tables.items[step->index].made_count > 0) {
        diag_add(c->diags,
                 DIAG_E291,
                 ast->span,
                 "a table with a history or a surrogate key is given rows, not random ones");
    } else if (ast->literal.value > TEST_RANDOM_ROWS_MAX) {
        diag_add(
            c->diags, DIAG_E242, ast->span, "a test is given at most %d", TEST_RANDOM_ROWS_MAX);
    } else if (is_table) {
        random_of_table(c, step->index, step);
    } else {
        random_of_source(c, step->index, step);
    }
    if (step->random != NULL) {
        GraphGenerate *made = arena_new(c->arena, GraphGenerate);
        *made = *step->random;
        made->rows = ast->literal.value;
        made->seed = ast->has_seed ? ast->seed.value : GENERATE_SEED_DEFAULT;
        made->step_rows = 0;
        step->random = made;
    }
}

// --- sources -------------------------------------------------------------------------------------
// Changes of rows say which; none of them deletes all rows.
static void operations_set(SourceReading *r, GraphGenerate *made) {
    VEC(const char *) texts = {0};
    static const FlowOperation drawn[] = {
        FLOW_OPERATION_INSERT, FLOW_OPERATION_UPDATE, FLOW_OPERATION_DELETE};
    for (uint32_t i = 0; i < COUNT_OF(drawn); i++) {
        GraphTexts some = changes_texts(r, drawn[i]);
        for (uint32_t j = 0; j < some.count; j++) {
            *vec_push(r->c->arena, &texts) = some.items[j];
        }
    }
    if (r->source.operation >= 0) {
        GraphRecipe *recipe = (GraphRecipe *)&made->recipes[r->source.operation];
        recipe->texts = (GraphTexts){texts.items, texts.count};
        recipe->is_present = true;
    }
}

static void empty_report(SourceReading *r, const GraphGenerate *made, const uint32_t *origins) {
    for (uint32_t i = 0; i < made->recipe_count; i++) {
        const GraphColumn *column = &r->source.columns[i];
        if (recipe_is_empty(r->c, column->type, &made->recipes[i])) {
            diag_add(r->c->diags,
                     DIAG_E243,
                     r->contract->columns.items[origins[i]].ast->name.span,
                     "no value of `%s` meets all of its checks",
                     column->name);
        }
    }
}

const GraphGenerate *generate_of_source(SourceReading *r, const uint32_t *origins) {
    GraphGenerate *made = arena_new(r->c->arena, GraphGenerate);
    *made = generate_of_contract(r->c, r->contract, origins, r->source.column_count);
    if (source_is_changelog(r)) {
        made->changes_per_key = CHANGES_PER_KEY;
        operations_set(r, made);
    }
    if (r->is_generated) {
        made->rows = r->generate.rows;
        made->seed = r->generate.seed;
        made->step_us = r->generate.step_us;
        made->step_rows = r->generate.step_rows;
        empty_report(r, made, origins);
    }
    jitter_set(r->decl, made);
    return made;
}
