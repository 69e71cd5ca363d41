// `expect`: the rows that a test wants against those that are there, as sets that count, and the
// difference in words: what is missing, what nobody asked for, and what differs under one key.
#include "trial/trial_internal.h"

#include "dlq/dlq.h"

enum { DIFFERENCES_SHOWN_MAX = 10 };

typedef struct Expect {
    Trial *trial;
    const CheckedTestStep *step;
    const FlowColumnDesc *columns; // those that the test writes
    const FlowColumnDesc *roots;   // those that are read for them
    uint32_t column_count;
    TrialRows wanted, found;
    bool *wanted_met; // [row]
    bool *found_met;
    bool *is_key; // [column]: part of the table's key
    bool has_key;
    uint32_t shown;
} Expect;

// --- columns ------------------------------------------------------------------------------------
static const FlowColumnDesc *
target_columns(const Trial *trial, const CheckedTestStep *step, int64_t *count) {
    const FlowProgram *program = trial->program;
    uint32_t dlq_count = 0;
    switch (step->target) {
    case CHECKED_TABLE:
        *count = program->tables[step->index].columns_count;
        return program->tables[step->index].columns;
    case CHECKED_SINK:
        *count = program->sinks[step->index].columns_count;
        return program->sinks[step->index].columns;
    default: {
        const FlowColumnDesc *columns = dlq_columns(&dlq_count);
        *count = dlq_count;
        return columns;
    }
    }
}

static const FlowTypeDesc *part_type(const FlowTypeDesc *type, const CheckedPart *part) {
    for (uint32_t i = 0; i < part->depth; i++) {
        type = type->children[part->fields[i]].type;
    }
    return type;
}

// Each column is read once, however many of its fields are compared.
static uint32_t root_find(Expect *e, FlowColumnDesc *roots, const FlowColumnDesc *root) {
    uint32_t i = 0;
    while (i < e->found.read_count && strcmp(roots[i].name, root->name) != 0) {
        i++;
    }
    if (i == e->found.read_count) {
        roots[i] = *root;
        roots[i].is_used = 1;
        e->found.read_count++;
    }
    return i;
}

// A step without rows compares all columns: `is empty` shows what is there.
static void columns_choose(Expect *e) {
    int64_t count = 0;
    const FlowColumnDesc *all = target_columns(e->trial, e->step, &count);
    bool takes_all = e->step->column_count == 0;
    e->column_count = takes_all ? (uint32_t)count : e->step->column_count;
    FlowColumnDesc *columns = arena_array(e->trial->arena, FlowColumnDesc, e->column_count + 1);
    TrialPart *parts = arena_array(e->trial->arena, TrialPart, e->column_count + 1);
    FlowColumnDesc *roots = arena_array(e->trial->arena, FlowColumnDesc, e->column_count + 1);
    for (uint32_t i = 0; i < e->column_count; i++) {
        CheckedPart part = takes_all ? (CheckedPart){.root = all[i].name} : e->step->parts[i];
        const FlowColumnDesc *root = trial_column(all, count, part.root);
        columns[i] = (FlowColumnDesc){.name = takes_all ? root->name : e->step->columns[i].name,
                                      .type = part_type(root->type, &part),
                                      .is_used = 1};
        parts[i] = (TrialPart){.read = root_find(e, roots, root), .part = part};
    }
    e->columns = columns;
    e->found.columns = columns;
    e->found.parts = parts;
    e->roots = roots;
    e->is_key = arena_array(e->trial->arena, bool, e->column_count + 1);
}

// A key helps if the test writes all of it, and more.
static void key_find(Expect *e) {
    if (e->step->target != CHECKED_TABLE) {
        return;
    }
    const FlowTable *table = &e->trial->program->tables[e->step->index];
    uint32_t found = 0;
    for (int64_t k = 0; k < table->key_count; k++) {
        const char *name = table->columns[table->key[k]].name;
        for (uint32_t i = 0; i < e->column_count; i++) {
            bool is_it = strcmp(e->columns[i].name, name) == 0;
            e->is_key[i] |= is_it;
            found += is_it;
        }
    }
    e->has_key = found > 0 && found == table->key_count && found < e->column_count;
}

// --- rows
// ---------------------------------------------------------------------------------------------
static const char *const *row_of(const TrialRows *rows, uint32_t row) {
    return &rows->cells.items[(size_t)row * rows->column_count];
}

static void wanted_make(Expect *e) {
    e->wanted.column_count = e->column_count;
    for (uint32_t r = 0; r < e->step->row_count; r++) {
        for (uint32_t i = 0; i < e->column_count; i++) {
            const Expr *cell = e->step->rows[r].cells[i];
            FlowValue value = {0};
            bool is_null = cell == NULL || !trial_cell(e->trial, cell, &value);
            *vec_push(e->trial->arena, &e->wanted.cells) =
                trial_text(e->trial, e->columns[i].type, is_null, &value);
        }
        e->wanted.count++;
    }
}

static int row_compare(const TrialRows *a, uint32_t a_row, const TrialRows *b, uint32_t b_row) {
    const char *const *left = row_of(a, a_row);
    const char *const *right = row_of(b, b_row);
    int order = 0;
    for (uint32_t i = 0; i < a->column_count && order == 0; i++) {
        order = strcmp(left[i], right[i]);
    }
    return order;
}

static int index_compare(const void *a, const void *b, void *rows) {
    return row_compare(rows, *(const uint32_t *)a, rows, *(const uint32_t *)b);
}

static uint32_t *rows_sorted(Trial *trial, TrialRows *rows) {
    uint32_t *order = arena_array(trial->arena, uint32_t, rows->count + 1);
    for (uint32_t i = 0; i < rows->count; i++) {
        order[i] = i;
    }
    if (rows->count > 1) {
        qsort_r(order, rows->count, sizeof(*order), index_compare, rows);
    }
    return order;
}

static void rows_match(Expect *e) {
    uint32_t *wanted = rows_sorted(e->trial, &e->wanted);
    uint32_t *found = rows_sorted(e->trial, &e->found);
    e->wanted_met = arena_array(e->trial->arena, bool, e->wanted.count + 1);
    e->found_met = arena_array(e->trial->arena, bool, e->found.count + 1);
    uint32_t w = 0;
    uint32_t f = 0;
    while (w < e->wanted.count && f < e->found.count) {
        int order = row_compare(&e->wanted, wanted[w], &e->found, found[f]);
        if (order == 0) {
            e->wanted_met[wanted[w]] = true;
            e->found_met[found[f]] = true;
        }
        w += order <= 0;
        f += order >= 0;
    }
}

// --- the report
// -----------------------------------------------------------------------------------------
static void row_print(Expect *e, const char *word, const TrialRows *rows, uint32_t row) {
    Buffer *out = &e->trial->report;
    const char *const *cells = row_of(rows, row);
    if (e->shown++ >= DIFFERENCES_SHOWN_MAX) {
        return;
    }
    buffer_format(out, "  %-10s{ ", word);
    for (uint32_t i = 0; i < e->column_count; i++) {
        buffer_format(out, "%s%s = %s", i > 0 ? ", " : "", e->columns[i].name, cells[i]);
    }
    buffer_text(out, " }\n");
}

static bool has_same_key(const Expect *e, uint32_t wanted, uint32_t found) {
    const char *const *left = row_of(&e->wanted, wanted);
    const char *const *right = row_of(&e->found, found);
    for (uint32_t i = 0; i < e->column_count; i++) {
        if (e->is_key[i] && strcmp(left[i], right[i]) != 0) {
            return false;
        }
    }
    return true;
}

static void difference_print(Expect *e, uint32_t wanted, uint32_t found) {
    Buffer *out = &e->trial->report;
    const char *const *left = row_of(&e->wanted, wanted);
    const char *const *right = row_of(&e->found, found);
    if (e->shown++ >= DIFFERENCES_SHOWN_MAX) {
        return;
    }
    buffer_text(out, "  different {");
    for (uint32_t i = 0; i < e->column_count; i++) {
        if (e->is_key[i]) {
            buffer_format(out, " %s = %s", e->columns[i].name, left[i]);
        }
    }
    buffer_text(out, " }:");
    const char *separator = " ";
    for (uint32_t i = 0; i < e->column_count; i++) {
        if (strcmp(left[i], right[i]) != 0) {
            buffer_format(
                out, "%s%s is %s, not %s", separator, e->columns[i].name, right[i], left[i]);
            separator = ", ";
        }
    }
    buffer_char(out, '\n');
}

// Pairs of one key are said as what differs in them.
static uint32_t differences_print(Expect *e) {
    uint32_t count = 0;
    for (uint32_t w = 0; e->has_key && w < e->wanted.count; w++) {
        for (uint32_t f = 0; !e->wanted_met[w] && f < e->found.count; f++) {
            if (!e->found_met[f] && has_same_key(e, w, f)) {
                difference_print(e, w, f);
                e->wanted_met[w] = true;
                e->found_met[f] = true;
                count++;
            }
        }
    }
    return count;
}

static uint32_t
unmet_print(Expect *e, const char *word, const TrialRows *rows, const bool *is_met) {
    uint32_t count = 0;
    for (uint32_t row = 0; row < rows->count; row++) {
        if (!is_met[row]) {
            row_print(e, word, rows, row);
            count++;
        }
    }
    return count;
}

static uint32_t unmet(const bool *is_met, uint32_t count) {
    uint32_t result = 0;
    for (uint32_t i = 0; i < count; i++) {
        result += !is_met[i];
    }
    return result;
}

static void report(Expect *e, bool may_have_more) {
    uint32_t missing = unmet(e->wanted_met, e->wanted.count);
    uint32_t extra = may_have_more ? 0 : unmet(e->found_met, e->found.count);
    if (missing + extra == 0) {
        return;
    }
    trial_fail(e->trial,
               "%s has %u row%s, %u wanted:",
               e->step->name,
               e->found.count,
               e->found.count == 1 ? "" : "s",
               e->wanted.count);
    uint32_t count = differences_print(e);
    count += unmet_print(e, "missing", &e->wanted, e->wanted_met);
    if (!may_have_more) {
        count += unmet_print(e, "extra", &e->found, e->found_met);
    }
    if (count > DIFFERENCES_SHOWN_MAX) {
        buffer_format(&e->trial->report, "  and %u more\n", count - DIFFERENCES_SHOWN_MAX);
    }
}

void trial_expect(Trial *trial, const CheckedTestStep *step) {
    Expect e = {.trial = trial, .step = step};
    columns_choose(&e);
    key_find(&e);
    e.found.column_count = e.column_count;
    wanted_make(&e);
    if (trial->is_failed || !trial_rows_read(trial, step, e.roots, &e.found)) {
        return;
    }
    rows_match(&e);
    report(&e, step->kind == AST_TEST_CONTAINS);
}
